package checks

import (
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
)

// Target is what the user wants to reach.
type Target struct {
	// URL is the target in its normal form, without a login.
	URL string `json:"url"`
	// Scheme is "ftp", "ftpes", "ftps", "tls", "https", "tcp", or "" for a host alone.
	Scheme string `json:"scheme"`
	// Host is the name or address, without brackets; an internationalised name in its ASCII form (RFC 5890).
	Host string `json:"host"`
	// Port is the TCP port; 0 for a host alone.
	Port uint16 `json:"port"`
	// Path is the path in the URL, where one was given.
	Path string `json:"path,omitempty"`

	user     string
	password string // accepted with a warning, shown nowhere
}

// schemes are the kinds of target and their default ports; 0 where the port must be given.
var schemes = map[string]uint16{"ftp": 21, "ftpes": 21, "ftps": 990, "https": 443, "tls": 0, "tcp": 0}

// schemeOfPort is the scheme of a bare host:port.
var schemeOfPort = map[uint16]string{21: "ftp", 990: "ftps", 443: "https"}

const accepted = "a target is ftp://, ftpes://, ftps://, https://, tls:// or tcp://HOST[:PORT], HOST:PORT, or HOST"

// ParseTarget reads a target as the user wrote it. Its errors name the target, the place in it and what is accepted, and hold
// no password.
func ParseTarget(text string) (*Target, error) {
	fail := func(format string, args ...any) (*Target, error) {
		return nil, fmt.Errorf("target %q: %s; %s", withoutPassword(text), fmt.Sprintf(format, args...), accepted)
	}
	if i := strings.IndexFunc(text, func(r rune) bool { return unicode.IsControl(r) || unicode.IsSpace(r) }); i >= 0 {
		return fail("a blank or control character at position %d", i+1)
	}
	scheme, rest, hasScheme := strings.Cut(text, "://")
	if !hasScheme {
		return parseBare(text, fail)
	}
	scheme = strings.ToLower(scheme)
	defaultPort, known := schemes[scheme]
	if !known {
		return fail("the scheme %q is not known", scheme)
	}
	authority, path, _ := cutAny(rest, "/?#")
	t := &Target{Scheme: scheme, Port: defaultPort}
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := t.setUser(authority[:at]); err != nil {
			return fail("the login before the @ has a bad %%-escape")
		}
		authority = authority[at+1:]
	} else if strings.Contains(path, "@") && strings.Contains(authority, ":") {
		if _, _, err := splitHostPort(authority); err != nil || !allDigits(authority[strings.LastIndexByte(authority, ':')+1:]) {
			return fail("a / ? or # in a login is written as a %%-escape (%%2F %%3F %%23)") // and not echoed: it may be a password
		}
	}
	host, port, err := splitHostPort(authority)
	if err == nil {
		err = t.setHost(host)
	}
	if err == nil && port != "" {
		t.Port, err = parsePort(port)
	}
	if err == nil {
		err = t.setPath(path)
	}
	switch {
	case err != nil:
		return fail("%v", err)
	case t.Port == 0:
		return fail("%s:// needs a port", scheme)
	}
	t.setURL()
	return t, nil
}

// parseBare reads HOST:PORT and HOST.
func parseBare(text string, fail func(string, ...any) (*Target, error)) (*Target, error) {
	t := &Target{}
	if strings.ContainsAny(text, "/@") {
		return fail("no scheme before the login or the path")
	}
	host, port, err := splitHostPort(text)
	if err == nil {
		err = t.setHost(host)
	}
	if err == nil && port != "" {
		t.Port, err = parsePort(port)
		t.Scheme = "tcp"
		if scheme, ok := schemeOfPort[t.Port]; ok {
			t.Scheme = scheme
		}
	}
	if err != nil {
		return fail("%v", err)
	}
	t.setURL()
	return t, nil
}

// splitHostPort cuts HOST[:PORT] apart. An IPv6 address stands in brackets where a port follows it, and may where none does.
func splitHostPort(text string) (host, port string, err error) {
	if inside, ok := strings.CutPrefix(text, "["); ok {
		host, rest, closed := strings.Cut(inside, "]")
		if !closed {
			return "", "", fmt.Errorf("the bracket before %q is not closed", inside)
		}
		if rest == "" {
			return host, "", nil
		}
		port, ok := strings.CutPrefix(rest, ":")
		if !ok || port == "" {
			return "", "", fmt.Errorf("after the bracket stands %q, and not a colon and a port", rest)
		}
		return host, port, nil
	}
	if _, err := netip.ParseAddr(text); err == nil {
		return text, "", nil
	}
	host, port, hasPort := strings.Cut(text, ":")
	if hasPort && port == "" {
		return "", "", fmt.Errorf("no port after the colon")
	}
	return host, port, nil
}

func parsePort(text string) (uint16, error) {
	port, err := strconv.ParseUint(text, 10, 16)
	if err != nil || port == 0 {
		return 0, fmt.Errorf("the port %q is not a number from 1 to 65535", text)
	}
	return uint16(port), nil
}

func (t *Target) setUser(text string) error {
	user, password, _ := strings.Cut(text, ":")
	var err error
	if t.user, err = url.PathUnescape(user); err != nil {
		return err
	}
	t.password, err = url.PathUnescape(password)
	return err
}

// setHost takes a literal address, or a name in its ASCII form.
func (t *Target) setHost(host string) error {
	if strings.Contains(host, ":") {
		host = strings.Replace(host, "%25", "%", 1) // RFC 6874: a zone's % is written %25 in a URL
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		t.Host = addr.Unmap().String()
		return nil
	}
	ascii, err := idna.Lookup.ToASCII(strings.TrimSuffix(host, "."))
	if err != nil || ascii == "" || len(ascii) > 253 {
		ascii, err = plainName(host)
	}
	if err != nil {
		return err
	}
	if strings.HasSuffix(host, ".") {
		ascii += "."
	}
	t.Host = ascii
	return nil
}

// plainName accepts the names that are none by the letter of RFC 5891 and in use all the same, such as those with an underscore.
func plainName(host string) (string, error) {
	name := strings.TrimSuffix(host, ".")
	for i, label := range strings.Split(name, ".") {
		if label == "" || len(label) > 63 {
			return "", fmt.Errorf("the host %q has no name or a name of more than 63 characters between its dots (part %d)", host, i+1)
		}
	}
	if bad := strings.Trim(strings.ToLower(name), "abcdefghijklmnopqrstuvwxyz0123456789-_."); bad != "" || len(name) > 253 {
		return "", fmt.Errorf("the host %q is neither a name nor an address", host)
	}
	return name, nil
}

// setPath keeps a path that says more than "/". It ends up in a command line, where a line end would begin the next command.
func (t *Target) setPath(path string) error {
	if path == "" || path == "/" {
		return nil
	}
	unescaped, err := url.PathUnescape(path)
	if err != nil {
		return fmt.Errorf("the path %q has a bad %%-escape", path)
	}
	if i := strings.IndexFunc(unescaped, unicode.IsControl); i >= 0 {
		return fmt.Errorf("the path %q has a control character at position %d", path, i+1)
	}
	t.Path = unescaped
	return nil
}

func (t *Target) setURL() {
	if t.Scheme == "" {
		t.URL = t.Host
		return
	}
	path := t.Path
	if path == "" && t.Scheme != "tcp" && t.Scheme != "tls" {
		path = "/"
	}
	t.URL = t.Scheme + "://" + net.JoinHostPort(t.Host, strconv.Itoa(int(t.Port))) + (&url.URL{Path: path}).EscapedPath()
}

// Login is the user and password in the target as the user wrote it; empty where there is none.
func (t *Target) Login() (user, password string) { return t.user, t.password }

// Addr is the target's address where the host is a literal address; invalid where it is a name.
func (t *Target) Addr() netip.Addr {
	addr, err := netip.ParseAddr(t.Host)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap()
}

// withoutPassword is the text with everything between the first colon of a login and its @ masked.
func withoutPassword(text string) string {
	begin := 0
	if i := strings.Index(text, "://"); i >= 0 {
		begin = i + len("://")
	}
	at := strings.LastIndexByte(text, '@')
	if at < begin {
		return text
	}
	colon := strings.IndexByte(text[begin:at], ':')
	if colon < 0 {
		return text
	}
	return text[:begin+colon+1] + "****" + text[at:]
}

func allDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

func cutAny(text, chars string) (before, after string, found bool) {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return text[:i], text[i:], true
	}
	return text, "", false
}

func hasName(t *Target) bool    { return !t.Addr().IsValid() }
func hasPort(t *Target) bool    { return t.Port != 0 }
func speaksTLS(t *Target) bool  { return t.Scheme == "tls" || t.Scheme == "https" }
func speaksFTPS(t *Target) bool { return t.Scheme == "ftpes" || t.Scheme == "ftps" }
func speaksFTP(t *Target) bool  { return t.Scheme == "ftp" || speaksFTPS(t) }
