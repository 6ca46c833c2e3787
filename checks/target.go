package checks

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/net/idna"

	"github.com/rung-cli/rung/probes"
)

// Target is what the user wants to reach.
type Target struct {
	// URL is the target in its normal form, without a login.
	URL string `json:"url"`
	// Scheme is "ftp", "ftpes", "ftps", "tls", "https", "http", "tcp", or "" for a host alone.
	Scheme string `json:"scheme"`
	// Host is the name or address, without brackets; an internationalised name in its ASCII form (RFC 5890).
	Host string `json:"host"`
	// Port is the TCP port; 0 for a host alone.
	Port uint16 `json:"port"`
	// Path is the path in the URL, where one was given.
	Path string `json:"path,omitempty"`

	user     string
	password string // accepted with a warning, shown nowhere
	query    string // what stands behind the ? of a target that speaks HTTP; it may hold secrets, and is shown nowhere
}

// schemes are the kinds of target and their default ports; 0 where the port must be given.
var schemes = map[string]uint16{"ftp": 21, "ftpes": 21, "ftps": 990, "https": 443, "http": 80, "tls": 0, "tcp": 0}

// schemeOfPort is the scheme of a bare host:port.
var schemeOfPort = map[uint16]string{21: "ftp", 990: "ftps", 443: "https", 80: "http"}

// maxTarget is the length of the longest target, in bytes: more than any path that servers accept.
const maxTarget = 4096

const accepted = "a target is ftp://, ftpes://, ftps://, https://, http://, tls:// or tcp://HOST[:PORT], HOST:PORT, or HOST"

// ParseTarget reads a target as the user wrote it. Its errors name the target, the place in it and what is accepted, and hold
// no password.
func ParseTarget(text string) (*Target, error) {
	fail := func(format string, args ...any) (*Target, error) {
		return nil, fmt.Errorf("target %q: %s; %s", probes.Bound(withoutPassword(text)), fmt.Sprintf(format, args...), accepted)
	}
	if len(text) > maxTarget {
		return fail("it is longer than %d bytes", maxTarget)
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
		return fail("the scheme %q is not known", withoutPassword(scheme))
	}
	authority, path := cutBefore(rest, "/?#")
	t := &Target{Scheme: scheme, Port: defaultPort}
	hostPort, err := t.takeLogin(authority, path)
	if err == nil {
		err = t.setHostPort(hostPort)
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
	if err := t.setHostPort(text); err != nil {
		return fail("%v", err)
	}
	if hasPort(t) {
		t.Scheme = cmp.Or(schemeOfPort[t.Port], "tcp")
	}
	t.setURL()
	return t, nil
}

// takeLogin keeps the login in an authority, and gives what follows it. Its errors do not repeat what may be a password.
func (t *Target) takeLogin(authority, path string) (hostPort string, err error) {
	if at := strings.LastIndexByte(authority, '@'); at >= 0 {
		if err := t.setUser(authority[:at]); err != nil {
			return "", fmt.Errorf("the login before the @ %w", err)
		}
		return authority[at+1:], nil
	}
	if strings.Contains(path, "@") && strings.Contains(authority, ":") {
		if _, port, err := splitHostPort(authority); err != nil || !allDigits(port) {
			return "", errors.New("a / ? or # in a login is written as a %-escape (%2F %3F %23)")
		}
	}
	return authority, nil
}

// setHostPort takes HOST[:PORT]; the port stays as it is where none is given.
func (t *Target) setHostPort(text string) error {
	host, port, err := splitHostPort(text)
	if err == nil {
		err = t.setHost(host)
	}
	if err == nil && port != "" {
		t.Port, err = parsePort(port)
	}
	return err
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

// setUser keeps the login. Its errors do not repeat it: it may hold a password.
func (t *Target) setUser(text string) error {
	user, password, _ := strings.Cut(text, ":")
	var userErr, passwordErr error
	t.user, userErr = url.PathUnescape(user)
	t.password, passwordErr = url.PathUnescape(password)
	switch {
	case userErr != nil || passwordErr != nil:
		return errors.New("has a bad %-escape")
	case strings.ContainsFunc(t.user+t.password, unicode.IsControl):
		return errors.New("holds a control character, which no FTP command can carry")
	}
	return nil
}

// unfit says why no host can be meant by an address.
func unfit(addr netip.Addr) error {
	switch {
	case addr.IsUnspecified(), addr.IsMulticast(), addr == netip.AddrFrom4([4]byte{255, 255, 255, 255}):
		return fmt.Errorf("%s is not the address of one host", addr)
	case addr.Is6() && addr.IsLinkLocalUnicast() && addr.Zone() == "":
		return fmt.Errorf("the link-local address %s needs the interface that it is on, as in [%s%%eth0]", addr, addr)
	}
	return nil
}

// setHost takes a literal address, or a name in its ASCII form.
func (t *Target) setHost(host string) error {
	if strings.Contains(host, ":") {
		host = strings.Replace(host, "%25", "%", 1) // RFC 6874: a zone's % is written %25 in a URL
	}
	if addr, err := netip.ParseAddr(host); err == nil {
		if strings.ContainsAny(addr.Zone(), "[]/?#@") {
			return fmt.Errorf("the zone %q is not the name of an interface", addr.Zone())
		}
		t.Host = addr.Unmap().String()
		return unfit(addr.Unmap())
	}
	name, err := idna.Lookup.ToASCII(host)
	if err != nil {
		name = host // some names are none by the letter of RFC 5891 and in use all the same, such as those with an underscore
	}
	t.Host = name
	return checkName(strings.TrimSuffix(name, "."))
}

// checkName refuses what no resolver can be asked for (RFC 1035 §2.3.4).
func checkName(name string) error {
	const letters = "abcdefghijklmnopqrstuvwxyz0123456789-_"
	const maxLabel, maxName = 63, 253
	if name == "" {
		return errors.New("there is no host")
	}
	for label := range strings.SplitSeq(name, ".") {
		switch {
		case label == "":
			return fmt.Errorf("the host %q has nothing between two of its dots", name)
		case strings.Trim(strings.ToLower(label), letters) != "":
			return fmt.Errorf("the host %q is neither a name nor an address", name)
		case len(label) > maxLabel:
			return fmt.Errorf("the host has a part of more than %d characters: %q", maxLabel, label)
		}
	}
	if len(name) > maxName {
		return fmt.Errorf("the host is longer than %d characters: %q", maxName, name)
	}
	return nil
}

// setPath keeps a path that says more than "/". It ends up in a command line, where a line end would begin the next command. What follows
// a ? is a query to HTTP alone.
func (t *Target) setPath(path string) error {
	if speaksHTTP(t) {
		path, _, _ = strings.Cut(path, "#")
		path, t.query, _ = strings.Cut(path, "?")
	}
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
	if !strings.HasPrefix(unescaped, "/") {
		unescaped = "/" + unescaped // a ? or # right after the host: to FTP they mean nothing special
	}
	t.Path = unescaped
	return nil
}

func (t *Target) setURL() {
	host := strings.Replace(t.Host, "%", "%25", 1) // RFC 6874
	if t.Scheme == "" {
		t.URL = host
		return
	}
	path := t.Path
	if path == "" && t.Scheme != "tcp" && t.Scheme != "tls" {
		path = "/"
	}
	t.URL = t.Scheme + "://" + net.JoinHostPort(host, strconv.Itoa(int(t.Port))) + (&url.URL{Path: path}).EscapedPath()
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

// withoutPassword is the text with everything between the first colon of a login and its @ masked, wherever a login may be
// meant: text that is no target has its parts in any order.
func withoutPassword(text string) string {
	begin := 0
	if scheme, _, ok := strings.Cut(text, "://"); ok && !strings.Contains(scheme, "@") {
		begin = len(scheme) + len("://")
	}
	at := strings.LastIndexByte(text, '@')
	colon := begin + strings.IndexByte(text[begin:], ':')
	if colon < begin || colon > at {
		return text
	}
	return text[:colon+1] + "****" + text[at:]
}

func allDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// cutBefore cuts text before the first of the characters.
func cutBefore(text, chars string) (before, after string) {
	if i := strings.IndexAny(text, chars); i >= 0 {
		return text[:i], text[i:]
	}
	return text, ""
}

// What a target needs. Where there is none, this machine's own network is looked at.

func needsResolvers(t *Target) bool { return t == nil || hasName(t) }
func asksFirewall(t *Target) bool   { return t == nil || hasPort(t) }

func hasName(t *Target) bool    { return t != nil && !t.Addr().IsValid() }
func hasPort(t *Target) bool    { return t != nil && t.Port != 0 }
func speaksTLS(t *Target) bool  { return t != nil && (t.Scheme == "tls" || t.Scheme == "https") }
func speaksHTTP(t *Target) bool { return t != nil && (t.Scheme == "https" || t.Scheme == "http") }
func speaksFTPS(t *Target) bool { return t != nil && (t.Scheme == "ftpes" || t.Scheme == "ftps") }
func speaksFTP(t *Target) bool  { return t != nil && t.Scheme == "ftp" || speaksFTPS(t) }

// hostOf is the host of a target, or this machine where there is none.
func hostOf(t *Target) string {
	if t == nil {
		return "this machine"
	}
	return t.Host
}
