package ftp

import (
	"errors"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"
)

// replyParser puts the lines of a reply together (RFC 959 §4.2): "ddd-" opens a reply of several lines, which the line "ddd "
// with the same code ends; what stands between may look like anything.
type replyParser struct {
	code  int
	multi bool
	lines []string
}

// add takes one more line. It says whether the reply is complete, and whether it is a reply at all.
func (p *replyParser) add(line string) (done, ok bool) {
	code, rest, separator := splitReplyLine(line)
	switch {
	case !p.multi && code == 0:
		return false, false
	case !p.multi:
		p.code, p.lines = code, []string{rest}
		p.multi = separator == '-'
		return !p.multi, true
	case code == p.code && separator != '-':
		p.lines = append(p.lines, rest)
		return true, true
	case code == p.code:
		p.lines = append(p.lines, rest)
	default:
		p.lines = append(p.lines, line)
	}
	return false, true
}

func (p *replyParser) text() string { return strings.Join(p.lines, "\n") }

// splitReplyLine cuts "ddd text" and "ddd-text" apart; code is 0 where the line is neither. A bare "ddd" passes: some servers
// leave out the space.
func splitReplyLine(line string) (code int, rest string, separator byte) {
	if len(line) < 3 {
		return 0, "", 0
	}
	code, err := strconv.Atoi(line[:3])
	if err != nil || code < 100 || code > 599 {
		return 0, "", 0
	}
	if len(line) == 3 {
		return code, "", ' '
	}
	if line[3] != ' ' && line[3] != '-' {
		return 0, "", 0
	}
	return code, line[4:], line[3]
}

var (
	errNo227 = errors.New("no address and port (h1,h2,h3,h4,p1,p2) in the reply")
	errNo229 = errors.New("no port (|||port|) in the reply")
)

// parse227 finds the address and port in the reply to PASV. The six numbers are looked for wherever they stand, since the
// parentheses are not part of the standard (RFC 1123 §4.1.2.6).
func parse227(text string) (netip.AddrPort, error) {
	for start := range len(text) {
		if !isDigit(text[start]) || start > 0 && (isDigit(text[start-1]) || text[start-1] == ',') {
			continue
		}
		end := start
		for end < len(text) && (isDigit(text[end]) || text[end] == ',') {
			end++
		}
		if announced, ok := sixNumbers(strings.TrimRight(text[start:end], ",")); ok {
			return announced, nil
		}
	}
	return netip.AddrPort{}, errNo227
}

func sixNumbers(text string) (netip.AddrPort, bool) {
	fields := strings.Split(text, ",")
	if len(fields) != 6 {
		return netip.AddrPort{}, false
	}
	var n [6]byte
	for i, field := range fields {
		value, err := strconv.ParseUint(field, 10, 8)
		if err != nil {
			return netip.AddrPort{}, false
		}
		n[i] = byte(value)
	}
	port := uint16(n[4])<<8 | uint16(n[5])
	return netip.AddrPortFrom(netip.AddrFrom4([4]byte(n[:4])), port), port != 0
}

// parse229 finds the port in the reply to EPSV (RFC 2428 §3): a delimiter of the server's choice three times, the port, and
// the delimiter again, in parentheses.
func parse229(text string) (uint16, error) {
	for rest := text; ; {
		open := strings.IndexByte(rest, '(')
		if open < 0 {
			return 0, errNo229
		}
		rest = rest[open+1:]
		inside, _, closed := strings.Cut(rest, ")")
		if !closed || len(inside) < 5 {
			continue
		}
		delimiter := inside[0]
		if delimiter < 33 || delimiter > 126 || inside[1] != delimiter || inside[2] != delimiter || inside[len(inside)-1] != delimiter {
			continue
		}
		port, err := strconv.ParseUint(inside[3:len(inside)-1], 10, 16)
		if err == nil && port != 0 {
			return uint16(port), nil
		}
	}
}

var errNoTimeVal = errors.New("no time (YYYYMMDDHHMMSS) in the reply")

// parseTimeVal reads the reply to MDTM: a time-val, in UTC (RFC 3659 §2.3), of which fractions of a second may be a part.
func parseTimeVal(text string) (time.Time, error) {
	const layout = "20060102150405" // the parser takes a fraction behind it
	at, err := time.Parse(layout, strings.TrimSpace(text))
	if err != nil {
		return time.Time{}, errNoTimeVal
	}
	return at, nil
}

func isDigit(b byte) bool { return b >= '0' && b <= '9' }

// addressTold finds in a server's text the client's address as the server sees it: vsftpd and ProFTPD tell it in their
// STAT ("Connected to", "Connected from"), Pure-FTPd where it refuses a PORT ("only to"). Other lines hold other addresses,
// the server's own among them, and are passed over. The exceptions are addresses that say nothing new.
func addressTold(text string, exceptions ...netip.Addr) netip.Addr {
	for line := range strings.Lines(text) {
		lower := strings.ToLower(line)
		for _, mark := range []string{"connected to ", "connected from ", "only to ", "your address is ", "your ip is "} {
			_, rest, found := strings.Cut(lower, mark)
			if addr := firstAddress(rest); found && addr.IsValid() && !slices.Contains(exceptions, addr) {
				return addr
			}
		}
	}
	return netip.Addr{}
}

// Addresses are the literal IP addresses in a server's text, in order.
func Addresses(text string) (addrs []netip.Addr) {
	for word := range strings.FieldsSeq(text) {
		if addr := firstAddress(word); addr.IsValid() && len(addrs) < maxAddresses {
			addrs = append(addrs, addr)
		}
	}
	return addrs
}

// maxAddresses bounds how many addresses of a text are of interest.
const maxAddresses = 16

// firstAddress is the literal address that text begins with.
func firstAddress(text string) netip.Addr {
	word, _, _ := strings.Cut(strings.TrimLeft(text, "([ "), " ")
	word = strings.TrimRight(word, ").,;]\r\n")
	addr, err := netip.ParseAddr(word)
	if err != nil {
		return netip.Addr{}
	}
	return addr.Unmap().WithZone("") // a zone may hold anything, and means nothing here
}

// positive are the positive replies that a command can have (RFC 959 §5.4; RFC 2228 §5, RFC 2389 §3, RFC 2428 §2 and §3, RFC 3659
// §3.1). Any command can have a negative one. Those are left out in whose replies servers take liberties.
var positive = map[string][]int{
	"USER": {230, 232, 331, 332, 336},
	"PASS": {202, 230, 232, 332},
	"AUTH": {234, 235, 334},
	"FEAT": {211},
	"EPSV": {229},
	"PASV": {227},
	"PORT": {200},
	"EPRT": {200},
	"LIST": {125, 150, 226, 250},
	"STOR": {125, 150, 226, 250},
	"RETR": {125, 150, 226, 250},
	"MDTM": {213},
}

// belongsTo says that the command can have this positive reply, as far as we know it.
func belongsTo(command string, reply *Reply) bool {
	codes, known := positive[command]
	return reply != nil && (!known || slices.Contains(codes, reply.Code) || moves(command) && reply.Code < 200)
}

// moves says that the command moves data: it has a preliminary reply (1yz) before the final one.
func moves(command string) bool { return slices.Contains(positive[command], 150) }
