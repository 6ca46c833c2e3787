package dns

import (
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// udpPayload is the size of the UDP answers that we take (RFC 6891 §6.2.3): one that fits every path unfragmented.
const udpPayload = 1232

// The bounds of what is read from one answer.
const (
	maxRecords  = 256 // in each section
	maxAliases  = 16
	maxExtended = 8
)

// question is one question to one server, and how it is put.
type question struct {
	server           netip.AddrPort
	transport        string // "udp" or "tcp"
	name             string // with its final dot
	qtype            dnsmessage.Type
	edns             bool
	checkingDisabled bool
}

// answer is the answer to the question, with nothing in it yet.
func (q question) answer() Answer {
	return Answer{
		Server:           q.server,
		Transport:        q.transport,
		Name:             q.name,
		Type:             strings.TrimPrefix(q.qtype.String(), "Type"),
		CheckingDisabled: q.checkingDisabled,
		WithoutEDNS:      !q.edns,
		Attempts:         1,
	}
}

// next is the question that an answer gives reason to put: over TCP after truncation (RFC 7766 §5), without EDNS to a server
// that does not know it (RFC 6891 §6.2.2), with checking disabled where validation may be what failed (RFC 4035 §3.2.2).
func (q question) next(a Answer) (next question, ok bool) {
	q.transport = a.Transport
	switch {
	case a.Truncated && q.transport == "udp":
		q.transport = "tcp"
	case q.edns && (a.Code == "FORMERR" || a.Code == "NOTIMP"):
		q.edns = false
	case !q.checkingDisabled && a.Code == "SERVFAIL":
		q.checkingDisabled = true
	default:
		return question{}, false
	}
	return q, true
}

// pack makes the message that asks the question, under an ID that nobody can guess (RFC 5452 §9.2).
func (q question) pack() ([]byte, error) {
	name, err := dnsmessage.NewName(q.name)
	if err != nil {
		return nil, err
	}
	message := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: randomID(), RecursionDesired: true, CheckingDisabled: q.checkingDisabled},
		Questions: []dnsmessage.Question{{Name: name, Type: q.qtype, Class: dnsmessage.ClassINET}},
	}
	if q.edns {
		opt := dnsmessage.Resource{Body: &dnsmessage.OPTResource{}}
		if err := opt.Header.SetEDNS0(udpPayload, dnsmessage.RCodeSuccess, false); err != nil {
			return nil, err
		}
		message.Additionals = []dnsmessage.Resource{opt}
	}
	return message.Pack()
}

func randomID() uint16 {
	var id [2]byte
	_, _ = rand.Read(id[:]) // documented never to fail
	return binary.NativeEndian.Uint16(id[:])
}

// isReply says that reply answers query: the ID and the question are the same (RFC 5452 §9.1). A server that could not or
// would not read the question may leave it out.
func isReply(query, reply []byte) bool {
	asked, original, err := questionOf(query)
	if err != nil || original == nil {
		return false
	}
	got, repeated, err := questionOf(reply)
	if err != nil || !got.Response || got.ID != asked.ID {
		return false
	}
	if repeated == nil {
		return got.RCode != dnsmessage.RCodeSuccess && got.RCode != dnsmessage.RCodeNameError
	}
	return repeated.Type == original.Type && repeated.Class == original.Class &&
		strings.EqualFold(repeated.Name.String(), original.Name.String())
}

// questionOf reads a message's header and its question, which is nil where there is none.
func questionOf(message []byte) (dnsmessage.Header, *dnsmessage.Question, error) {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil {
		return header, nil, err
	}
	q, err := p.Question()
	if errors.Is(err, dnsmessage.ErrSectionDone) {
		return header, nil, nil
	}
	return header, &q, err
}

// read takes over what a message says. Where the message breaks off or breaks its rules, the Fault says so and what was read
// before stays. Of a truncated message only the header counts (RFC 2181 §9).
func (a *Answer) read(message []byte) {
	var p dnsmessage.Parser
	header, err := p.Start(message)
	if err != nil {
		a.Fault = malformed(err)
		return
	}
	a.Code, a.Truncated = codeName(header.RCode), header.Truncated
	if a.Truncated {
		return
	}
	if err := a.readSections(&p, header); err != nil {
		a.Fault = malformed(err)
	}
}

func malformed(err error) *probes.Fault {
	return &probes.Fault{Step: "query", Kind: probes.Malformed, Message: probes.Bound(err.Error())}
}

func (a *Answer) readSections(p *dnsmessage.Parser, header dnsmessage.Header) error {
	if err := p.SkipAllQuestions(); err != nil {
		return err
	}
	answers, err := records(p.Answer, p.SkipAllAnswers)
	a.follow(answers)
	a.NoRecursion = len(answers) == 0 && header.RCode == dnsmessage.RCodeSuccess && !header.Authoritative && !header.RecursionAvailable
	if err != nil {
		return err
	}
	authorities, err := records(p.Authority, p.SkipAllAuthorities)
	a.readAuthorities(authorities)
	if err != nil {
		return err
	}
	additionals, err := records(p.Additional, p.SkipAllAdditionals)
	a.readAdditionals(additionals, header.RCode)
	return err
}

var errLength = errors.New("the length of the address is wrong")

// records reads a section's records, of which it keeps the first.
func records(next func() (dnsmessage.Resource, error), skipRest func() error) ([]dnsmessage.Resource, error) {
	var all []dnsmessage.Resource
	for len(all) < maxRecords {
		record, err := next()
		switch {
		case errors.Is(err, dnsmessage.ErrSectionDone):
			return all, nil
		case err != nil:
			return all, err
		case !hasRightLength(record):
			return all, errLength
		}
		all = append(all, record)
	}
	return all, skipRest()
}

// hasRightLength guards against addresses made of the bytes of the next record: the parser trusts the type alone.
func hasRightLength(r dnsmessage.Resource) bool {
	switch r.Body.(type) {
	case *dnsmessage.AResource:
		return r.Header.Length == 4
	case *dnsmessage.AAAAResource:
		return r.Header.Length == 16
	}
	return true
}

// follow goes from the name that was asked for along its aliases to the addresses. A loop of aliases ends where it closes.
func (a *Answer) follow(answers []dnsmessage.Resource) {
	owner := a.Name
	for {
		addrs, alias := recordsOf(owner, answers)
		a.Addresses = append(a.Addresses, addrs...)
		if alias == "" || slices.Contains(a.Aliases, probes.Bound(alias)) || len(a.Aliases) == maxAliases {
			break
		}
		a.Aliases = append(a.Aliases, probes.Bound(alias))
		owner = alias
	}
	a.Addresses = unique(a.Addresses)
}

// recordsOf are the addresses of a name, and what it is an alias for.
func recordsOf(owner string, answers []dnsmessage.Resource) (addrs []netip.Addr, alias string) {
	for _, r := range answers {
		if r.Header.Class != dnsmessage.ClassINET || !strings.EqualFold(r.Header.Name.String(), owner) {
			continue
		}
		switch body := r.Body.(type) {
		case *dnsmessage.AResource:
			addrs = append(addrs, netip.AddrFrom4(body.A))
		case *dnsmessage.AAAAResource:
			addrs = append(addrs, netip.AddrFrom16(body.AAAA).Unmap())
		case *dnsmessage.CNAMEResource:
			alias = body.CNAME.String()
		}
	}
	return addrs, alias
}

// unique keeps the first of equal addresses, in order.
func unique(addrs []netip.Addr) []netip.Addr {
	var once []netip.Addr
	for _, addr := range addrs {
		if !slices.Contains(once, addr) {
			once = append(once, addr)
		}
	}
	return once
}

// readAuthorities finds the zone that says no.
func (a *Answer) readAuthorities(authorities []dnsmessage.Resource) {
	for _, r := range authorities {
		if soa, ok := r.Body.(*dnsmessage.SOAResource); ok && len(a.Addresses) == 0 {
			a.SOA = probes.Bound(r.Header.Name.String() + " " + soa.NS.String())
			return
		}
	}
}

// readAdditionals finds the OPT record: the upper bits of the response code, and the extended errors.
func (a *Answer) readAdditionals(additionals []dnsmessage.Resource, code dnsmessage.RCode) {
	for _, r := range additionals {
		if opt, ok := r.Body.(*dnsmessage.OPTResource); ok {
			a.Code = codeName(r.Header.ExtendedRCode(code))
			a.Extended = extendedErrors(opt.Options)
			return
		}
	}
}

// codes are the names of the response codes (RFC 6895 §2.3).
var codes = map[dnsmessage.RCode]string{
	0: "NOERROR", 1: "FORMERR", 2: "SERVFAIL", 3: "NXDOMAIN", 4: "NOTIMP", 5: "REFUSED", 6: "YXDOMAIN", 7: "YXRRSET",
	8: "NXRRSET", 9: "NOTAUTH", 10: "NOTZONE", 11: "DSOTYPENI", 16: "BADVERS", 23: "BADCOOKIE",
}

func codeName(code dnsmessage.RCode) string {
	if name, ok := codes[code]; ok {
		return name
	}
	return fmt.Sprintf("RCODE%d", uint16(code))
}

// extendedErrorOption is the code of the extended DNS error option (RFC 8914 §2).
const extendedErrorOption = 15

// extendedNames are the extended errors' names by their code (RFC 8914 §4).
var extendedNames = [...]string{
	"Other Error", "Unsupported DNSKEY Algorithm", "Unsupported DS Digest Type", "Stale Answer", "Forged Answer",
	"DNSSEC Indeterminate", "DNSSEC Bogus", "Signature Expired", "Signature Not Yet Valid", "DNSKEY Missing",
	"RRSIGs Missing", "No Zone Key Bit Set", "NSEC Missing", "Cached Error", "Not Ready", "Blocked", "Censored", "Filtered",
	"Prohibited", "Stale NXDomain Answer", "Not Authoritative", "Not Supported", "No Reachable Authority", "Network Error",
	"Invalid Data",
}

func extendedErrors(options []dnsmessage.Option) []string {
	var all []string
	for _, option := range options {
		if option.Code == extendedErrorOption && len(option.Data) >= 2 && len(all) < maxExtended {
			all = append(all, extendedError(option.Data))
		}
	}
	return all
}

// extendedError words the option's data: a code of two bytes, then a text that may end in NUL.
func extendedError(data []byte) string {
	code, text := binary.BigEndian.Uint16(data), strings.TrimRight(string(data[2:]), "\x00")
	words := fmt.Sprint(code)
	if int(code) < len(extendedNames) {
		words += " " + extendedNames[code]
	}
	if text != "" {
		words += ": " + text
	}
	return probes.Bound(words)
}
