package checks

import (
	"fmt"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"unicode"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseTarget(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want Target
	}{
		"ftp":                      {"ftp://files.example.com", Target{URL: "ftp://files.example.com:21/", Scheme: "ftp", Host: "files.example.com", Port: 21}},
		"ftpes":                    {"ftpes://h.example", Target{URL: "ftpes://h.example:21/", Scheme: "ftpes", Host: "h.example", Port: 21}},
		"ftps":                     {"ftps://h.example", Target{URL: "ftps://h.example:990/", Scheme: "ftps", Host: "h.example", Port: 990}},
		"https":                    {"https://h.example", Target{URL: "https://h.example:443/", Scheme: "https", Host: "h.example", Port: 443}},
		"tls":                      {"tls://h.example:853", Target{URL: "tls://h.example:853", Scheme: "tls", Host: "h.example", Port: 853}},
		"tcp":                      {"tcp://h.example:22", Target{URL: "tcp://h.example:22", Scheme: "tcp", Host: "h.example", Port: 22}},
		"scheme in capitals":       {"FTP://h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21}},
		"a port of its own":        {"ftp://h.example:2121/", Target{URL: "ftp://h.example:2121/", Scheme: "ftp", Host: "h.example", Port: 2121}},
		"the highest port":         {"tcp://h.example:65535", Target{URL: "tcp://h.example:65535", Scheme: "tcp", Host: "h.example", Port: 65535}},
		"a path":                   {"ftp://h.example/pub/x", Target{URL: "ftp://h.example:21/pub/x", Scheme: "ftp", Host: "h.example", Port: 21, Path: "/pub/x"}},
		"a path with escapes":      {"ftp://h.example/a%20b%3f", Target{URL: "ftp://h.example:21/a%20b%3F", Scheme: "ftp", Host: "h.example", Port: 21, Path: "/a b?"}},
		"a path with an @":         {"ftp://h.example:21/a@b", Target{URL: "ftp://h.example:21/a@b", Scheme: "ftp", Host: "h.example", Port: 21, Path: "/a@b"}},
		"an absolute path of FTP":  {"ftp://h.example//etc", Target{URL: "ftp://h.example:21//etc", Scheme: "ftp", Host: "h.example", Port: 21, Path: "//etc"}},
		"a ? right after the host": {"ftp://h.example?x", Target{URL: "ftp://h.example:21/%3Fx", Scheme: "ftp", Host: "h.example", Port: 21, Path: "/?x"}},
		"IPv4":                     {"ftp://192.0.2.1", Target{URL: "ftp://192.0.2.1:21/", Scheme: "ftp", Host: "192.0.2.1", Port: 21}},
		"IPv6":                     {"ftp://[2001:DB8::1]", Target{URL: "ftp://[2001:db8::1]:21/", Scheme: "ftp", Host: "2001:db8::1", Port: 21}},
		"IPv6 with a port":         {"tcp://[2001:db8::1]:22", Target{URL: "tcp://[2001:db8::1]:22", Scheme: "tcp", Host: "2001:db8::1", Port: 22}},
		"IPv6 without brackets":    {"ftp://2001:db8::1", Target{URL: "ftp://[2001:db8::1]:21/", Scheme: "ftp", Host: "2001:db8::1", Port: 21}},
		"IPv4 in IPv6":             {"ftp://[::ffff:192.0.2.1]", Target{URL: "ftp://192.0.2.1:21/", Scheme: "ftp", Host: "192.0.2.1", Port: 21}},
		"a zone":                   {"ftp://[fe80::1%eth0]", Target{URL: "ftp://[fe80::1%25eth0]:21/", Scheme: "ftp", Host: "fe80::1%eth0", Port: 21}},
		"a zone as RFC 6874 says":  {"ftp://[fe80::1%25eth0]", Target{URL: "ftp://[fe80::1%25eth0]:21/", Scheme: "ftp", Host: "fe80::1%eth0", Port: 21}},
		"a zone that begins as 25": {"ftp://[fe80::1%2525g]", Target{URL: "ftp://[fe80::1%2525g]:21/", Scheme: "ftp", Host: "fe80::1%25g", Port: 21}},
		"an IDN":                   {"ftp://bücher.example", Target{URL: "ftp://xn--bcher-kva.example:21/", Scheme: "ftp", Host: "xn--bcher-kva.example", Port: 21}},
		"an IDN with its own dot":  {"ftp://例え。テスト", Target{URL: "ftp://xn--r8jz45g.xn--zckzah:21/", Scheme: "ftp", Host: "xn--r8jz45g.xn--zckzah", Port: 21}},
		"capitals in a name":       {"ftp://Files.EXAMPLE.com", Target{URL: "ftp://files.example.com:21/", Scheme: "ftp", Host: "files.example.com", Port: 21}},
		"underscores":              {"ftp://my_host.example", Target{URL: "ftp://my_host.example:21/", Scheme: "ftp", Host: "my_host.example", Port: 21}},
		"a hyphen at the end":      {"ftp://r1-.example", Target{URL: "ftp://r1-.example:21/", Scheme: "ftp", Host: "r1-.example", Port: 21}},
		"a trailing dot":           {"ftp://h.example.", Target{URL: "ftp://h.example.:21/", Scheme: "ftp", Host: "h.example.", Port: 21}},
		"bare name":                {"h.example", Target{URL: "h.example", Host: "h.example"}},
		"bare label":               {"localhost", Target{URL: "localhost", Host: "localhost"}},
		"bare IPv4":                {"192.0.2.1", Target{URL: "192.0.2.1", Host: "192.0.2.1"}},
		"bare IPv6":                {"2001:db8::1", Target{URL: "2001:db8::1", Host: "2001:db8::1"}},
		"bare IPv6 in brackets":    {"[2001:db8::1]", Target{URL: "2001:db8::1", Host: "2001:db8::1"}},
		"bare IPv6 with a zone":    {"fe80::1%eth0", Target{URL: "fe80::1%25eth0", Host: "fe80::1%eth0"}},
		"bare port of FTP":         {"h.example:21", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21}},
		"bare port of FTPS":        {"h.example:990", Target{URL: "ftps://h.example:990/", Scheme: "ftps", Host: "h.example", Port: 990}},
		"bare port of HTTPS":       {"[2001:db8::1]:443", Target{URL: "https://[2001:db8::1]:443/", Scheme: "https", Host: "2001:db8::1", Port: 443}},
		"bare port of its own":     {"192.0.2.1:22", Target{URL: "tcp://192.0.2.1:22", Scheme: "tcp", Host: "192.0.2.1", Port: 22}},
		"a user":                   {"ftp://alice@h.example/", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21, user: "alice"}},
		"a user and a password":    {"ftps://alice:s%65cret@h.example", Target{URL: "ftps://h.example:990/", Scheme: "ftps", Host: "h.example", Port: 990, user: "alice", password: "secret"}},
		"an @ in a password":       {"ftp://alice:p@ss@h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21, user: "alice", password: "p@ss"}},
		"a colon in a password":    {"ftp://a:b:c@h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21, user: "a", password: "b:c"}},
		"a / in a password":        {"ftp://a:b%2Fc@h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21, user: "a", password: "b/c"}},
		"a domain in the user":     {"ftp://alice%40example.com@h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21, user: "alice@example.com"}},
		"an empty login":           {"ftp://@h.example", Target{URL: "ftp://h.example:21/", Scheme: "ftp", Host: "h.example", Port: 21}},
		"the longest name":         {"tcp://" + longName + ":1", Target{URL: "tcp://" + longName + ":1", Scheme: "tcp", Host: longName, Port: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := ParseTarget(c.text)
			require.NoError(t, err)
			assert.Equal(t, &c.want, target)
			assertParsesBack(t, target)
		})
	}
}

// longName is a name of 253 characters, in parts of at most 63: no name is longer.
var longName = strings.Repeat(strings.Repeat("a", 62)+".", 4) + "b"

// assertParsesBack asserts that a target's URL is read as the same target, without its login.
func assertParsesBack(t *testing.T, target *Target) {
	t.Helper()
	again, err := ParseTarget(target.URL)
	require.NoError(t, err)
	plain := *target
	plain.user, plain.password = "", ""
	assert.Equal(t, &plain, again)
}

func TestTargetsThatAreNone(t *testing.T) {
	for name, c := range map[string]struct{ text, says string }{
		"nothing":                         {"", "there is no host"},
		"unknown scheme":                  {"gopher://h.example", `the scheme "gopher" is not known`},
		"empty scheme":                    {"://h.example", `the scheme "" is not known`},
		"scheme without a default port":   {"tls://h.example", "tls:// needs a port"},
		"port too high":                   {"ftp://h.example:70000", `the port "70000" is not a number from 1 to 65535`},
		"port zero":                       {"ftp://h.example:0", `the port "0" is not a number from 1 to 65535`},
		"port with a sign":                {"ftp://h.example:+21", `the port "+21" is not a number`},
		"port that is a word":             {"h.example:ftp", `the port "ftp" is not a number`},
		"bare port too high":              {"h.example:65536", `the port "65536" is not a number`},
		"no port after the colon":         {"ftp://h.example:/", "no port after the colon"},
		"unclosed bracket":                {"ftp://[2001:db8::1", `the bracket before "2001:db8::1" is not closed`},
		"something after the bracket":     {"ftp://[2001:db8::1]21", `after the bracket stands "21"`},
		"no port after the bracket":       {"[2001:db8::1]:", `after the bracket stands ":"`},
		"no host":                         {"ftp:///pub", "there is no host"},
		"no host before the port":         {"ftp://:21", "there is no host"},
		"a dot for a host":                {"ftp://./", "there is no host"},
		"two dots together":               {"ftp://a..b", `the host "a..b" has nothing between two of its dots`},
		"a dot in front":                  {".example", "has nothing between two of its dots"},
		"a part that is too long":         {"ftp://" + strings.Repeat("a", 64) + ".example", "a part of more than 63 characters"},
		"a name that is too long":         {"ftp://" + longName + "c", "longer than 253 characters"},
		"a host that is none":             {"ftp://h!st.example", `the host "h!st.example" is neither a name nor an address`},
		"an escape in the host":           {"ftp://h%2eexample", "is neither a name nor an address"},
		"a zone that is none":             {"fe80::1%]eth0", `the zone "]eth0" is not the name of an interface`},
		"a zone without a name":           {"ftp://[fe80::1%25]", "is neither a name nor an address"},
		"a blank":                         {"ftp://h.example/a b", "a blank or control character at position 18"},
		"a line end":                      {"ftp://h.example\r\nQUIT", "a blank or control character at position 16"},
		"an escape character":             {"ftp://h.example/\x1b[2J", "a blank or control character at position 17"},
		"an escaped line end in a path":   {"ftp://h.example/a%0d%0aDELE%20b", "has a control character at position 3"},
		"a bad escape in a path":          {"ftp://h.example/%zz", `the path "/%zz" has a bad %-escape`},
		"an escaped line end in a user":   {"ftp://al%0d%0aDELE@h.example", "the login before the @ holds a control character"},
		"a bad escape in a user":          {"ftp://al%zz@h.example", "the login before the @ has a bad %-escape"},
		"a login without a scheme":        {"alice@h.example", "no scheme before the login or the path"},
		"a path without a scheme":         {"h.example/pub", "no scheme before the login or the path"},
		"a slash for a colon and two":     {"ftp:/h.example", "no scheme before the login or the path"},
		"a very long one":                 {"ftp://" + strings.Repeat("a.", 1<<20), "it is longer than 4096 bytes"},
		"a long port":                     {"ftp://h.example:" + strings.Repeat("1", 4000), "is not a number from 1 to 65535"},
		"full-width characters for a ://": {"ftp：//h.example", "no scheme before the login or the path"},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := ParseTarget(c.text)
			require.Error(t, err)
			assert.Nil(t, target)
			message := err.Error()
			assert.Contains(t, message, c.says)
			assert.True(t, strings.HasSuffix(message, accepted), "%s: says what is accepted", message)
			assert.True(t, strings.HasPrefix(message, fmt.Sprintf("target %.6q", c.text)[:len(`target "`)]))
			assert.NotContains(t, message, "\n")
			assert.Less(t, len(message), 8<<10)
		})
	}
}

// secret has no letter in common with what else an error or a URL may say, so that no part of it hides there.
const secret = "ZKQ7WJVZXK9QJ"

func TestErrorsHoldNoPassword(t *testing.T) {
	escaped := strings.ToLower(url.QueryEscape(secret))
	for name, text := range map[string]string{
		"unknown scheme":                "gopher://alice:" + secret + "@h.example",
		"bad port":                      "ftp://alice:" + secret + "@h.example:70000",
		"bad host":                      "ftp://alice:" + secret + "@h!st",
		"blank":                         "ftp://alice:" + secret + "@h.example/a b",
		"control character in it":       "ftp://alice:" + secret + "%0a@h.example",
		"bad escape in it":              "ftp://alice:%zz" + secret + "@h.example",
		"escaped":                       "ftp://alice:" + escaped + "@h.example:0",
		"no scheme":                     "alice:" + secret + "@h.example",
		"a slash lost":                  "ftp:/alice:" + secret + "@h.example",
		"the scheme's colon lost":       "ftp//alice:" + secret + "@h.example",
		"a / in it":                     "ftp://alice:" + secret + "/" + secret + "@h.example",
		"a ? in it":                     "ftp://alice:" + secret + "?" + secret + "@h.example",
		"a # in it":                     "ftp://alice:" + secret + "#" + secret + "@h.example",
		"a colon and a / in it":         "ftp://alice:" + secret + ":/" + secret + "@h.example",
		"a // in it":                    "ftp://alice:" + secret + "://" + secret + "@h.example",
		"an @ in it":                    "ftp://alice:" + secret + "@" + secret + "@h!st",
		"a bracket in it":               "ftp://[alice:" + secret + "/" + secret + "@h.example",
		"before the scheme":             "alice:" + secret + "@ftp://h.example",
		"before another scheme":         "alice:" + secret + "@h.example://x",
		"an @ in the path after it":     "ftp://alice:" + secret + "@h.example:0/a@b",
		"alone, without a user or host": "ftp://:" + secret + "@",
	} {
		t.Run(name, func(t *testing.T) {
			_, err := ParseTarget(text)
			require.Error(t, err)
			assert.NotContains(t, strings.ToUpper(err.Error()), secret[:4])
			assert.NotContains(t, strings.ToUpper(err.Error()), secret[4:])
		})
	}
}

func TestAddr(t *testing.T) {
	for text, want := range map[string]netip.Addr{
		"ftp://192.0.2.1":               netip.MustParseAddr("192.0.2.1"),
		"ftp://[::ffff:192.0.2.1]":      netip.MustParseAddr("192.0.2.1"),
		"ftp://[fe80::1%25eth0]":        netip.MustParseAddr("fe80::1%eth0"),
		"ftp://h.example":               {},
		"999.1.1.1":                     {},
		"tcp://[2001:db8::1]:22":        netip.MustParseAddr("2001:db8::1"),
		"ftp://alice:secret@192.0.2.1/": netip.MustParseAddr("192.0.2.1"),
	} {
		target, err := ParseTarget(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, target.Addr(), text)
	}
}

// FuzzTarget puts together a target from its parts, and looks at what comes of it: nothing panics, a password is in no error
// and no URL, and the URL is read as the same target again.
func FuzzTarget(f *testing.F) {
	f.Add("ftp://", "alice", "ZKQ7WJVZXK9QJ", "h.example:2121/pub/a%20b")
	f.Add("ftpes://", "", "", "[fe80::1%25eth0]:21/")
	f.Add("", "", "", "bücher.example:21")
	f.Add("tls://", "al%0d%0aice", "p%zz", "h..example:70000?x#y")
	f.Add("FTP://", "a@b:c", "ZKQ7WJ/VZ://XK9QJ", "[::1")
	f.Add("ftp:/", "[", ":/@", "2001:db8::1")
	f.Fuzz(func(t *testing.T, scheme, user, password, rest string) {
		text := scheme + rest
		if user != "" || password != "" {
			text = scheme + user + ":" + password + "@" + rest
		}
		target, err := ParseTarget(text)
		if err != nil {
			assert.False(t, strings.ContainsFunc(err.Error(), unicode.IsControl), "%q", err)
			assertNoSecret(t, err.Error(), user, password, rest)
			return
		}
		assertParsesBack(t, target)
		if _, known := target.Login(); len(known) >= len(secret) && !strings.Contains(rest+scheme+user, known) {
			assert.NotContains(t, target.URL, known)
		}
	})
}

// assertNoSecret asserts that an error does not hold the password. Where the password itself ends the login (a @ in it may
// belong to a path), or the other parts hold it too, there is nothing to say.
func assertNoSecret(t *testing.T, message, user, password, rest string) {
	t.Helper()
	if len(password) < len(secret) || strings.ContainsAny(password+user+rest, `/?#@:[]\"%`) || strings.ContainsFunc(password, notPrinted) {
		return
	}
	if !strings.Contains(accepted+user+rest, password) {
		assert.NotContains(t, message, password)
	}
}

func notPrinted(r rune) bool { return !unicode.IsPrint(r) }
