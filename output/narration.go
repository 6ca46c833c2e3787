package output

import (
	"cmp"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// narration is a handshake on its way to a page, and what the messages so far have said.
type narration struct {
	page  *page
	seen  *tls.Handshake
	alarm *color.Color // of what went wrong
	trace bool
	times int    // the width of the column of times
	last  string // the time and the direction of the line above

	retried, answered, tls13 bool
	suite                    string
	before                   tls.Message
}

// narrate writes a handshake message by message, and where it stopped; with trace, what the hellos offer in full.
func (p *page) narrate(h *tls.Handshake, alarm *color.Color, trace bool) {
	p.heading("TLS handshake", fmt.Sprintf("with %s  (%s from us, %s from the server)", h.Address, p.arrowOf("client"), p.arrowOf("server")))
	n := narration{page: p, seen: h, alarm: alarm, trace: trace, times: columns(h.Took.String())}
	for _, m := range h.Messages {
		n.times = max(n.times, columns(m.At.String()))
	}
	finished := lastFinished(h)
	for place, message := 0, h.Messages; len(message) > 0; {
		alike := likes(message)
		words := n.words(message[0])
		if place <= finished && finished < place+alike {
			words += "; with that the handshake is complete"
		}
		n.step(message[:alike], words)
		n.before = message[alike-1]
		place, message = place+alike, message[alike:]
	}
	if len(h.Messages) >= tls.MaxMessages {
		p.paragraph(blank(n.indent()), n.indent(), fmt.Sprintf("(no more than the first %d messages are kept)", tls.MaxMessages))
	}
	if words := n.end(); words != "" {
		n.write(h.Took.String(), p.ink(alarm, p.word("✗", "X")), "", words)
	}
}

// arrowOf points the way that a message went.
func (p *page) arrowOf(from string) string {
	if from == "client" {
		return p.word("→", "->")
	}
	return p.word("←", "<-")
}

// lastFinished is the place of the message that completed a handshake, -1 where none did.
func lastFinished(h *tls.Handshake) int {
	if h.Fault != nil {
		return -1
	}
	for i, m := range slices.Backward(h.Messages) {
		if m.Name == "Finished" {
			return i
		}
	}
	return -1
}

// likes counts the messages at the start of a list that say the same as the first: tickets come by twos, and who wants to start over may
// say so without end.
func likes(messages []tls.Message) int {
	first := substance(messages[0])
	for i, m := range messages {
		if !reflect.DeepEqual(substance(m), first) {
			return i
		}
	}
	return len(messages)
}

// substance is a message without that in which those differ that say the same.
func substance(m tls.Message) tls.Message {
	m.At, m.Size, m.Lifetime, m.Encrypted = 0, 0, 0, false
	return m
}

// indent is where the text of a line begins.
func (n *narration) indent() int {
	return causeIndent + n.times + len("  ") + columns(n.page.arrowOf("server")) + len("  ")
}

// step writes a line for messages that say the same, and with trace what stands in them besides.
func (n *narration) step(alike []tls.Message, words string) {
	m, size := alike[0], 0
	for _, one := range alike {
		size += one.Size
	}
	name, rest := m.Name, fmt.Sprintf(", %s: %s", counted(size, "byte"), words)
	if m.Name == "Alert" {
		name, rest = strings.TrimSpace("alert "+alertText(m.Alert)), ": "+words
	}
	if len(alike) > 1 {
		name = fmt.Sprintf("%d %s %s", len(alike), n.page.word("×", "x"), name)
	}
	n.write(m.At.String(), n.page.ink(n.arrowStyle(m), n.page.arrowOf(m.From)), name, strings.TrimSuffix(rest, ": "))
	if !n.trace {
		return
	}
	for _, fact := range beyondWords(m) {
		n.page.labelledAt(n.indent(), fact[0], fact[1])
	}
}

// arrowStyle gives an alert the colour of what went wrong, where something did.
func (n *narration) arrowStyle(m tls.Message) *color.Color {
	if m.Name == "Alert" && n.seen.Fault != nil {
		return n.alarm
	}
	return nil
}

// write writes a line of a narration. The time is left out where it is that of the message above, which went the same way.
func (n *narration) write(at string, arrow ink, name, rest string) {
	p := n.page
	lead := blank(causeIndent+n.times-columns(at)) + p.ink(p.faint, at)
	if now := at + string(arrow); now == n.last {
		lead = blank(causeIndent + n.times)
	} else {
		n.last = now
	}
	lead += blank(2) + arrow
	lead += blank(n.indent() - columns(string(lead)))
	for i, line := range p.wrap(p.shorten(name+rest, longestStep), n.indent(), n.indent()) {
		plain, bold := line, ""
		if begins := escape(name, p.ascii); i == 0 && strings.HasPrefix(line, begins) {
			plain, bold = line[len(begins):], begins
		}
		p.line(lead, p.ink(p.bold, bold), p.ink(nil, plain))
		lead = blank(n.indent())
	}
}

// longestStep is how many columns a message may take in all: what goes beyond is no message that helps.
const longestStep = 400

// beyondWords is what a message lists, where its line has no room for it.
func beyondWords(m tls.Message) (facts [][2]string) {
	if m.Name == "ClientHello" && m.Hello != nil {
		facts = append(facts, [2]string{"suites", strings.Join(m.Hello.Suites, ", ")},
			[2]string{"groups", strings.Join(groupTexts(m.Hello.Groups), ", ")})
	}
	if len(m.Subjects) > namesTold {
		facts = append(facts, [2]string{"subjects", strings.Join(m.Subjects, "; ")})
	}
	if len(m.Authorities) > namesTold {
		facts = append(facts, [2]string{"CAs", strings.Join(m.Authorities, "; ")})
	}
	return slices.DeleteFunc(facts, func(fact [2]string) bool { return fact[1] == "" })
}

const unread = "encrypted, and we have no key to read it"

// words say what a message means, with the values of this connection.
func (n *narration) words(m tls.Message) string {
	client := m.From == "client"
	if m.Cut {
		return "not all of it came, or it is longer than we read"
	}
	switch m.Name {
	case "ClientHello":
		return n.clientHello(m.Hello)
	case "ServerHello":
		return n.serverHello(m.Hello)
	case "HelloRetryRequest":
		return n.retry(m.Hello)
	case "EncryptedExtensions":
		return agreement(m.Hello)
	case "CertificateRequest":
		return requestWords(m)
	case "Certificate":
		return certificateWords(m, client)
	case "CertificateVerify":
		return "signs all that was said so far with " + either(client, "our", "the") + " certificate's key" + inBrackets(m.Scheme)
	case "ServerKeyExchange":
		return keyExchange(m)
	case "ClientKeyExchange":
		if strings.HasPrefix(n.suite, "TLS_RSA_") {
			return "brings the secret, locked with the key of the server's certificate"
		}
		return "brings our key, to compute the secret with"
	case "ChangeCipherSpec":
		return either(n.tls13, "for middleboxes' sake, means nothing", "what follows from this side is encrypted")
	case "NewSessionTicket":
		return "lets us resume this session" + ifAny(span(time.Duration(m.Lifetime)*time.Second), "within ", m.Lifetime > 0)
	case "Encrypted":
		return unread
	case "Alert":
		return n.alertWords(m.Alert, client)
	}
	return plainWords[m.Name]
}

// plainWords are the meanings of messages that say the same in every handshake.
var plainWords = map[string]string{
	"CertificateStatus": "what a CA says of the certificate (OCSP), stapled to it",
	"ServerHelloDone":   "the server has said its part, and waits for ours",
	"EndOfEarlyData":    "the end of what was sent before the handshake was complete",
	"Finished":          "a checksum over all messages so far, under the new keys",
	"KeyUpdate":         "what follows from this side is encrypted with a new key",
	"HelloRequest":      "asks for another handshake (renegotiation)",
}

func (n *narration) clientHello(h *tls.Hello) string {
	if h == nil {
		return ""
	}
	if n.retried {
		return "once more" + ifAny(keys(h.KeyShares), "with ", len(h.KeyShares) > 0)
	}
	var parts []string
	if len(h.Versions) > 0 {
		parts = append(parts, "offers "+versionList(h.Versions))
	}
	parts = append(parts, either(h.ServerName != "", "asks for "+h.ServerName, "names no server (no SNI)"))
	if len(h.ALPN) > 0 {
		parts = append(parts, "proposes "+enumerated(h.ALPN, len(h.ALPN), namesTold)+" (ALPN)")
	}
	if len(h.KeyShares) > 0 {
		parts = append(parts, "brings "+keys(h.KeyShares))
	}
	if h.Resumes {
		parts = append(parts, "would resume an earlier session")
	}
	return strings.Join(parts, ", ")
}

func keys(groups []string) string {
	return either(len(groups) > 1, "keys for ", "a key for ") + enumerated(groupTexts(groups), len(groups), namesTold)
}

// versionList is "TLS 1.3 and 1.2".
func versionList(versions []string) string {
	short := slices.Clone(versions)
	for i := range short {
		if i > 0 && strings.HasPrefix(versions[i-1], "TLS ") {
			short[i] = strings.TrimPrefix(short[i], "TLS ")
		}
	}
	return enumerated(short, len(short), 6)
}

func (n *narration) serverHello(h *tls.Hello) string {
	n.answered = true
	if h == nil {
		return ""
	}
	version := strings.Join(h.Versions, ", ")
	n.tls13, n.suite = version == "TLS 1.3", strings.Join(h.Suites, ", ")
	parts := slices.DeleteFunc([]string{version, n.suite}, func(part string) bool { return part == "" })
	if len(h.KeyShares) > 0 {
		parts = append(parts, "the key for "+strings.Join(groupTexts(h.KeyShares), ", "))
	}
	if len(h.ALPN) > 0 {
		parts = append(parts, strings.Join(h.ALPN, ", ")+" (ALPN)")
	}
	words := "chooses " + enumerated(parts, len(parts), len(parts))
	if h.Resumes {
		words += ", and resumes the session"
	}
	switch {
	case len(n.seen.Offered) > 0 && !slices.Contains(n.seen.Offered, version):
		return words + "; that version we did not offer"
	case n.tls13:
		return words + "; from here on all is encrypted"
	}
	return words
}

func (n *narration) retry(h *tls.Hello) string {
	n.retried, n.tls13 = true, true // there is no such message in earlier versions
	if h == nil || len(h.Groups) == 0 {
		return "wants the ClientHello once more, which costs one more round trip"
	}
	return "wants a key for " + strings.Join(groupTexts(h.Groups), ", ") + " instead, which costs one more round trip"
}

func agreement(h *tls.Hello) string {
	if h == nil || len(h.ALPN) == 0 {
		return "has nothing to add"
	}
	return "agrees to speak " + strings.Join(h.ALPN, ", ") + " (ALPN)"
}

func requestWords(m tls.Message) string {
	const words = "wants a certificate of ours"
	switch {
	case m.Count == 0 && len(m.Authorities) == 0:
		return words + ", from whatever CA"
	case m.Count > 1:
		return fmt.Sprintf("%s, from one of %d CAs: %s", words, m.Count, subjectList(m.Authorities, m.Count))
	}
	return words + ", from the CA " + strings.Join(m.Authorities, ", ")
}

func certificateWords(m tls.Message, client bool) string {
	if len(m.Subjects) == 0 {
		return either(client, "we have none to show", "shows none")
	}
	words := either(client, "shows ours, ", "shows the server's, ") + m.Subjects[0]
	if more := max(m.Count, len(m.Subjects)) - 1; more > 0 {
		words += fmt.Sprintf(", with %d more: %s", more, subjectList(m.Subjects[1:], more))
	}
	return words
}

func keyExchange(m tls.Message) string {
	words := "brings the server's key"
	if m.Group != "" {
		words += " for " + groupText(m.Group)
	}
	if m.Scheme == "" {
		return words
	}
	return words + ", and a signature over it (" + m.Scheme + ")"
}

// end says where a handshake stopped: what was waited for, and what came instead.
func (n *narration) end() string {
	h := n.seen
	switch {
	case h.Fault == nil:
		return ""
	case h.Fault.Of(probes.Interrupted):
		return "we stopped waiting for " + n.awaited()
	case n.before.From == "client" && n.before.Name == "Alert":
		return "we gave up: " + h.Fault.Message
	}
	return "we waited for " + n.awaited() + ": " + n.instead()
}

// awaited is what the server was to send next.
func (n *narration) awaited() string {
	sent := func(m tls.Message) bool {
		return m.From == "client" && slices.Contains([]string{"ClientKeyExchange", "ChangeCipherSpec", "Finished"}, m.Name)
	}
	switch {
	case !n.answered:
		return "a ServerHello"
	case n.tls13 && slices.ContainsFunc(n.seen.Messages, func(m tls.Message) bool { return sent(m) && m.Name == "Finished" }):
		return "what comes after the handshake"
	case !n.tls13 && slices.ContainsFunc(n.seen.Messages, sent):
		return "the server's Finished"
	}
	return "the rest of what the server has to say"
}

// instead is what came in place of what was waited for.
func (n *narration) instead() string {
	h := n.seen
	switch {
	case h.Plaintext != "":
		return "what came is no TLS but the text " + n.page.quoted(h.Plaintext)
	case h.Fault.Of(probes.Timeout):
		return n.silence()
	case h.Fault.Of(probes.Closed):
		return "the server closed the connection (FIN)" + n.partial()
	case h.Fault.Of(probes.Reset):
		return "the connection was reset (RST)" + n.partial()
	case h.Fault.Of(probes.Alert) && n.before.Name == "Alert":
		return "the alert came instead"
	case h.Fault.Of(probes.Alert) && h.Alert != nil:
		return "the alert " + alertText(h.Alert) + " came instead: " + n.alertWords(h.Alert, false)
	}
	return cmp.Or(h.Fault.Message, string(h.Fault.Kind))
}

// partial counts what came where it is no whole message.
func (n *narration) partial() string {
	fromServer := func(m tls.Message) bool { return m.From == "server" }
	if n.seen.Received == 0 || slices.ContainsFunc(n.seen.Messages, fromServer) {
		return ""
	}
	return " after " + counted(n.seen.Received, "byte") + " of an unfinished message"
}

// silence says what the kernel knows of a connection on which nothing more came.
func (n *narration) silence() string {
	h, kernel := n.seen, n.seen.Transport
	words := "nothing came within " + h.Took.String()
	switch {
	case h.Last > h.Took/2:
		words = fmt.Sprintf("%s in %s, the last after %s", counted(h.Received, "byte"), h.Took, h.Last)
	case h.Received > 0:
		words = "nothing more came within " + h.Took.String() + n.partial()
	}
	switch {
	case kernel == probes.Transport{}: // it does not tell
	case kernel.Unacked > 0:
		words += "; " + counted(int(kernel.Unacked), "segment") + " of ours got no acknowledgement"
		if kernel.Retransmits > 0 {
			words += fmt.Sprintf(", sent again %s", counted(int(kernel.Retransmits), "time"))
		}
	case len(h.Messages) == 1 && h.HelloSize > 0:
		words += "; our " + counted(h.HelloSize, "byte") + " were acknowledged"
	default:
		words += "; all that we sent was acknowledged"
	}
	if kernel.OutOfOrder > 0 {
		words += fmt.Sprintf("; %s came out of turn: what stood before was lost", counted(int(kernel.OutOfOrder), "segment"))
	}
	return words
}
