package output

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// shown reports whether a rune may stand as it is where people read: it has a glyph, and it neither hides nor moves what is
// around it. Not shown are controls (C0, DEL, C1), bidi controls, everything of no width (Unicode's default ignorable
// characters), line and paragraph separators, spaces that only look like one, private use, and what Unicode has not assigned.
func shown(r rune) bool {
	return unicode.IsPrint(r) && !unicode.In(r, unicode.Other_Default_Ignorable_Code_Point, unicode.Variation_Selector)
}

// asciiForms are the signs of our own prose for which ASCII has a usual substitute.
var asciiForms = map[rune]string{
	'§': "section ", '→': "->", '←': "<-", '✓': "ok", '✗': "X", '…': "...", '×': "x", '–': "-", '—': "--", '≥': ">=", '≤': "<=", '≠': "!=",
	'·': "-", '“': `"`, '”': `"`, '‘': "'", '’': "'",
}

// escape writes what must not be shown in Go's notation (\x1b, \u202e), with asciiOnly everything beyond ASCII too, or its usual
// substitute. Escaped text stays as it is when it is escaped again.
func escape(text string, asciiOnly bool) string {
	var b strings.Builder
	for len(text) > 0 {
		r, size := utf8.DecodeRuneInString(text)
		piece := text[:size]
		text = text[size:]
		invalid := r == utf8.RuneError && size == 1
		form, known := asciiForms[r]
		switch {
		case asciiOnly && known:
			piece = form
		case invalid || !shown(r) || asciiOnly && r > unicode.MaxASCII:
			quoted := strconv.QuoteToASCII(piece)
			piece = quoted[1 : len(quoted)-1]
		}
		b.WriteString(piece)
	}
	return b.String()
}

// Escape makes text from anywhere fit to be shown on a terminal, as the reports are: what could move the cursor or hide what is
// around it is written in Go's notation.
func Escape(text string) string { return escape(text, false) }

// wrap breaks text between its words into lines, the first of at most first columns, the others of rest. A word that is longer than a
// whole line is cut; so no address, name or command is split where a line has room for it.
func wrap(text string, first, rest int) []string {
	var lines []string
	line, used, width := "", 0, first
	next := func() {
		lines = append(lines, line)
		line, used, width = "", 0, rest
	}
	for i, word := range words(text) {
		size := columns(word)
		switch {
		case i > 0 && used+1+size > width, i == 0 && size > width && size <= rest:
			next()
		case i > 0:
			line, used = line+" ", used+1
		}
		for size > width && !isCommand(word) {
			head, tail := cutWord(word, width)
			if tail == "" {
				break
			}
			line += head
			next()
			word, size = tail, columns(tail)
		}
		line, used = line+word, used+size
	}
	return append(lines, line)
}

// isCommand says that a word is one in backquotes, to be copied, and not so long that it would be something else.
func isCommand(word string) bool {
	const longest = 200
	return strings.Contains(word, " ") && len(word) <= longest
}

// cutWord parts a word after so many columns: a little earlier where its own parts end there, and before an escape that would pass
// them; after one character at least.
func cutWord(word string, width int) (head, tail string) {
	head, _ = cutColumns(word, width)
	if end := 1 + strings.LastIndexAny(head, "_./,"); end > len(head)*2/3 {
		head = head[:end]
	}
	if begins := strings.LastIndexByte(head, '\\'); begins > 0 && begins+escapeSize(word[begins:]) > len(head) {
		head = head[:begins]
	}
	if head == "" {
		_, size := utf8.DecodeRuneInString(word)
		head = word[:size]
	}
	return head, word[len(head):]
}

// escapeSize is the length of an escape in Go's notation: \n, \x1b, \u202e, \U000e0041.
func escapeSize(text string) int {
	for kind, size := range map[string]int{`\x`: 4, `\u`: 6, `\U`: 10} {
		if strings.HasPrefix(text, kind) {
			return size
		}
	}
	return 2
}

// words parts text at its spaces, but not at those of a `command in backquotes`: it should be fit to be copied.
func words(text string) []string {
	var words []string
	start, quoted := 0, false
	for i := range len(text) {
		switch {
		case text[i] == '`':
			quoted = !quoted && strings.IndexByte(text[i+1:], '`') >= 0
		case text[i] == ' ' && !quoted:
			words = append(words, text[start:i])
			start = i + 1
		}
	}
	return append(words, text[start:])
}

// columns is how many columns of a terminal the text takes. Colour sequences take none.
func columns(text string) int {
	n := 0
	for len(text) > 0 {
		if strings.HasPrefix(text, "\x1b[") {
			_, text, _ = strings.Cut(text, "m")
			continue
		}
		r, size := utf8.DecodeRuneInString(text)
		n += runeColumns(r)
		text = text[size:]
	}
	return n
}

// runeColumns is an approximation of Unicode's East Asian Width (UAX #11) that serves for aligning: marks stand on the
// character before them, ideographs and pictographs take two columns.
func runeColumns(r rune) int {
	const pictographs, fullwidth, halfwidth = 0x1f300, 0xff00, 0xff61
	switch {
	case r <= unicode.MaxLatin1:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case r >= pictographs, r >= fullwidth && r < halfwidth,
		unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul) && r < halfwidth:
		return 2
	}
	return 1
}

// cutColumns parts text after so many columns, or before a character that would pass them.
func cutColumns(text string, width int) (head, tail string) {
	at := 0
	for at < len(text) {
		r, size := utf8.DecodeRuneInString(text[at:])
		if width -= runeColumns(r); width < 0 {
			break
		}
		at += size
	}
	return text[:at], text[at:]
}
