package output

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEscape(t *testing.T) {
	for name, c := range map[string]struct{ text, shown, ascii string }{
		"plain":                    {"220 (vsFTPd 3.0.5)", "220 (vsFTPd 3.0.5)", "220 (vsFTPd 3.0.5)"},
		"letters beyond ASCII":     {"Grüße, 日本", "Grüße, 日本", `Gr\u00fc\u00dfe, \u65e5\u672c`},
		"a colour sequence":        {"\x1b[31mred", `\x1b[31mred`, `\x1b[31mred`},
		"line ends and tab":        {"a\r\nb\tc", `a\r\nb\tc`, `a\r\nb\tc`},
		"DEL and C1":               {"\x7f\u009b2J", `\x7f\u009b2J`, `\x7f\u009b2J`},
		"bidi controls":            {"\u202etxt.exe\u2066", `\u202etxt.exe\u2066`, `\u202etxt.exe\u2066`},
		"no width":                 {"a\u200b\ufeff\u00ad\ufe0fb", `a\u200b\ufeff\u00ad\ufe0fb`, `a\u200b\ufeff\u00ad\ufe0fb`},
		"fillers that are letters": {"\u3164\u115f", `\u3164\u115f`, `\u3164\u115f`},
		"line separators":          {"\u2028\u2029", `\u2028\u2029`, `\u2028\u2029`},
		"spaces that are not ' '":  {"\u00a0\u3000", `\u00a0\u3000`, `\u00a0\u3000`},
		"private and not assigned": {"\ue000\U000e0fff", `\ue000\U000e0fff`, `\ue000\U000e0fff`},
		"bytes that are not UTF-8": {"\xff\xc3", `\xff\xc3`, `\xff\xc3`},
		"quotes and backslashes":   {`"C:\x1b"`, `"C:\x1b"`, `"C:\x1b"`},
		"signs of our own prose":   {"§4.2 → ✓ … × — ≥", "§4.2 → ✓ … × — ≥", "section 4.2 -> ok ... x -- >="},
		"a mark on a letter":       {"e\u0301", "e\u0301", `e\u0301`},
	} {
		assert.Equal(t, c.shown, escape(c.text, false), name)
		assert.Equal(t, c.ascii, escape(c.text, true), name)
		assert.Equal(t, c.shown, escape(c.shown, false), "%s, escaped twice", name)
	}
}

func TestWrap(t *testing.T) {
	for name, c := range map[string]struct {
		text        string
		first, rest int
		lines       []string
	}{
		"fits":                          {"one two", 7, 7, []string{"one two"}},
		"breaks at a space":             {"one two", 6, 6, []string{"one", "two"}},
		"nothing to write":              {"", 6, 6, []string{""}},
		"the first line is shorter":     {"one two three", 3, 9, []string{"one", "two three"}},
		"an address is never split":     {"at [2001:db8:113::10]:50000 now", 24, 24, []string{"at", "[2001:db8:113::10]:50000", "now"}},
		"an address has a line":         {"[2001:db8::10]:50000 now", 6, 20, []string{"", "[2001:db8::10]:50000", "now"}},
		"longer than a whole line":      {"at aaaaaaaaaaaaaaaaaaaaaaaaz now", 10, 12, []string{"at", "aaaaaaaaaaaa", "aaaaaaaaaaaa", "z now"}},
		"longer from the first line on": {"aaaaaaaaaaaaaaaaz", 10, 6, []string{"aaaaaaaaaa", "aaaaaa", "z"}},
		"after a part of the word":      {"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", 20, 20, []string{"TLS_ECDHE_RSA_WITH_", "AES_128_CBC_SHA"}},
		"not within an escape":          {`aaaa\u202ebb\x1b\U000e0041c`, 8, 8, []string{"aaaa", `\u202ebb`, `\x1b`, `\U000e00`, "41c"}},
		"ideographs are not halved":     {"日本日本", 3, 3, []string{"日", "本", "日", "本"}},
		"wider than the page":           {"日本", 1, 1, []string{"日", "本"}},
		"what only looks like a command": {
			"`a " + strings.Repeat("b", 200) + "`", 100, 100,
			[]string{"`a " + strings.Repeat("b", 97), strings.Repeat("b", 100), "bbb`"},
		},
		"inner spaces stay":              {"a  b", 9, 9, []string{"a  b"}},
		"a command in backquotes":        {"run `ip link set eth0 up` now", 12, 12, []string{"run", "`ip link set eth0 up`", "now"}},
		"a backquote without its second": {"run ` now", 5, 5, []string{"run `", "now"}},
		"ideographs take two columns":    {"日本 日本", 8, 8, []string{"日本", "日本"}},
	} {
		assert.Equal(t, c.lines, wrap(c.text, c.first, c.rest), name)
	}
}

func TestColumns(t *testing.T) {
	for text, n := range map[string]int{
		"": 0, "abc": 3, "Grüße": 5, "e\u0301": 1, "日本": 4, "ｱ": 1, "Ａ": 2, "✓ →": 3, "\x1b[31;1mred\x1b[0;22m": 3, "📡": 2, "한": 2,
	} {
		assert.Equal(t, n, columns(text), "%q", text)
	}
}
