package output

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// security writes what is to be seen of TLS: the handshakes and the certificates in which a cause shows, all of them where they are asked
// for, and a survey in any case, since only a flag makes one.
func (p *page) security(report *checks.Report, o HumanOptions) {
	var told []string // the causes that show in a handshake above
	for _, r := range report.Checks {
		switch seen := r.Observation.(type) {
		case *tls.Handshake:
			if o.Trace || r.Status == checks.Fail && anew(r, told) {
				told = append(told, r.CausedBy...)
				p.narrated(seen, r, report, o)
			} else if o.Verbose {
				p.handshake(seen)
				p.trials(seen.Trials, nil)
			}
		case *pki.Chain:
			if all := o.Verbose || o.Trace; all || badCertificate(r, report.Causes) {
				p.chain(seen, all)
			}
		case *pki.Revocation:
			if o.Verbose || o.Trace || troubled(r) {
				p.revocation(seen, report.Started)
			}
		case *tls.Survey:
			p.survey(seen)
		}
	}
}

// anew says that a check has a cause which was not shown before, or none that is known.
func anew(r checks.Result, shown []string) bool {
	return len(r.CausedBy) == 0 || slices.ContainsFunc(r.CausedBy, func(id string) bool { return !slices.Contains(shown, id) })
}

// narrated tells a handshake, and below it what came when it was repeated with one thing changed. A report without messages has the facts
// alone, where they are asked for.
func (p *page) narrated(h *tls.Handshake, r checks.Result, report *checks.Report, o HumanOptions) {
	causes := report.Causes
	if o.Verbose || o.Trace {
		causes = nil // what they say is said here too
	}
	switch {
	case len(h.Messages) > 0:
		p.narrate(h, p.alarm(r, report.Causes), o.Trace)
	case o.Verbose || o.Trace:
		p.handshake(h)
	default:
		return
	}
	p.trials(h.Trials, causes)
}

// handshake writes what was offered and agreed on, without what did not come about.
func (p *page) handshake(h *tls.Handshake) {
	p.heading("TLS handshake", "with "+h.Address.String())
	p.facts([][2]string{
		{"SNI", h.ServerName},
		{"offered", strings.Join(h.Offered, ", ")},
		{"version", h.Version},
		{"suite", h.Suite},
		{"group", h.Group},
		{"ALPN", h.ALPN},
		{"answered", h.ServerHello},
		{"alert", alertText(h.Alert)},
		{"received", h.Plaintext},
		{"fault", faultText(h.Fault)},
	})
}

func alertText(alert *tls.Alert) string {
	if alert == nil {
		return ""
	}
	return fmt.Sprintf("%s (%d)", alert.Name, alert.Description)
}

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
	first := messages[0]
	for i, m := range messages {
		if i > 0 && (m.From != first.From || m.Name != first.Name || alertText(m.Alert) != alertText(first.Alert) || tellsOfItself(m)) {
			return i
		}
	}
	return len(messages)
}

// tellsOfItself says that a message has something to tell that another of its name has not.
func tellsOfItself(m tls.Message) bool {
	return m.Hello != nil || len(m.Subjects) > 0 || len(m.Authorities) > 0 || m.Group != "" || m.Scheme != ""
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
		facts = append(facts, [2]string{"suites", strings.Join(m.Hello.Suites, ", ")}, [2]string{"groups", strings.Join(m.Hello.Groups, ", ")})
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
		return fmt.Sprintf("proves by a signature%s that the certificate's key is %s", inBrackets(m.Scheme), either(client, "ours", "its own"))
	case "ServerKeyExchange":
		return keyExchange(m)
	case "ClientKeyExchange":
		if strings.HasPrefix(n.suite, "TLS_RSA_") {
			return "brings the secret, locked with the key of the server's certificate; now both have it"
		}
		return "brings our key; now both sides can compute the secret"
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
	"CertificateStatus": "what the CA says of the certificate (OCSP), stapled to it",
	"ServerHelloDone":   "the server has said its part, and waits for ours",
	"EndOfEarlyData":    "the end of what was sent before the handshake was complete",
	"Finished":          "proves that all messages so far arrived as they were sent",
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
	return either(len(groups) > 1, "keys for ", "a key for ") + enumerated(groups, len(groups), namesTold)
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
		parts = append(parts, "the key for "+strings.Join(h.KeyShares, ", "))
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
	return "wants a key for " + strings.Join(h.Groups, ", ") + " instead, which costs one more round trip"
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
		words += " for " + m.Group
	}
	if m.Scheme == "" {
		return words
	}
	return words + ", signed with its certificate's (" + m.Scheme + ")"
}

// alertMeanings say what an alert means (RFC 8446 §6.2, RFC 5246 §7.2.2), of the one who sent it: X is the other side, and X's what is
// its.
var alertMeanings = map[uint8]string{
	0: "ends the connection in good order", 10: "did not expect this message here", 20: "cannot decrypt what came",
	22: "got a record that is too long", 40: "refuses what X offered", 42: "cannot make use of X's certificate",
	43: "does not take certificates of such a kind as X's", 44: "says that X's certificate is revoked",
	45: "says that X's certificate is outside its dates", 46: "does not accept X's certificate, and does not say why",
	47: "finds a value in X's messages that makes no sense", 48: "does not know the CA of X's certificate",
	49: "knows X's certificate, and gives it no access", 50: "cannot read X's message", 51: "cannot verify what X signed",
	70: "does not speak the versions that X offered", 71: "wants better suites than X offered", 80: "has a fault of its own",
	86: "knows a higher version than X offered", 90: "was told to give up", 100: "will not have another handshake",
	109: "misses an extension in X's message", 110: "got an extension that was not asked for",
	113: "cannot use the stapled OCSP response", 115: "does not know the session that X would resume",
	116: "demands a certificate, and got none", 120: "speaks none of the protocols (ALPN) that X offered",
}

// toOurSide and toServerSide put the one to whom an alert went in the place of X.
var (
	toOurSide    = strings.NewReplacer("X's", "our", "X offered", "we offered", "X would", "we would", "X signed", "we signed")
	toServerSide = strings.NewReplacer("X's", "the server's", "the versions that X offered", "the version that the server chose",
		"X offered", "the server chose", "X would", "the server would", "X signed", "the server signed")
)

// alertWords say what an alert means on this connection.
func (n *narration) alertWords(a *tls.Alert, client bool) string {
	const warning, closeNotify, handshakeFailure, unrecognizedName = 1, 0, 40, 112
	if a == nil {
		return unread
	}
	meaning := alertMeanings[a.Description]
	switch {
	case a.Description == unrecognizedName && !client:
		meaning = "does not know the name " + cmp.Or(n.seen.ServerName, "that was asked for")
	case a.Description == handshakeFailure && n.answered && !client:
		meaning = "refuses to go on" // what we offered, it has accepted
	case client:
		meaning = toServerSide.Replace(meaning)
	default:
		meaning = toOurSide.Replace(meaning)
	}
	if a.Level == warning && a.Description != closeNotify {
		meaning = strings.TrimSuffix("only a warning: "+meaning, ": ")
	}
	return meaning
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
	if h.Received > 0 {
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
		words += fmt.Sprintf("; our %d bytes were acknowledged", h.HelloSize)
	default:
		words += "; all that we sent was acknowledged"
	}
	if kernel.OutOfOrder > 0 {
		words += fmt.Sprintf("; %s came out of turn: what stood before was lost", counted(int(kernel.OutOfOrder), "segment"))
	}
	return words
}

// trials writes what came of handshakes with one thing changed, without those that the causes tell.
func (p *page) trials(trials []tls.Trial, causes []checks.Cause) {
	trials = slices.DeleteFunc(slices.Clone(trials), func(t tls.Trial) bool { return toldBy(causes, t) })
	if len(trials) == 0 {
		return
	}
	width := 0
	for _, t := range trials {
		width = max(width, p.columns(changeText(t)))
	}
	if p.width > 0 {
		width = min(width, p.width/2)
	}
	p.paragraph(blank(causeIndent), causeIndent, "once more, each time with one thing changed:")
	for _, t := range trials {
		mark := p.ink(p.green, p.word("✓", "ok"))
		if t.Answer.Version == "" && !t.Answer.Retry {
			mark = p.ink(nil, p.word("✗", "XX"))
		}
		lead := blank(2*causeIndent) + p.cell(nil, p.shorten(changeText(t), width), width) + mark + " "
		p.paragraph(lead, columns(string(lead)), p.shorten(p.answerText(t.Answer), longestStep))
	}
}

// toldBy says that an experiment of a cause is the trial.
func toldBy(causes []checks.Cause, t tls.Trial) bool {
	return slices.ContainsFunc(causes, func(c checks.Cause) bool {
		return slices.ContainsFunc(c.Experiments, func(e probes.Experiment) bool {
			return e.Variable == string(t.Changed) && (e.B == t.With || e.B == counted(t.Answer.HelloSize, "byte"))
		})
	})
}

// changeText says what was changed, for people; the size of a ClientHello in numbers.
func changeText(t tls.Trial) string {
	text := cmp.Or(t.With, string(t.Changed))
	if t.Changed == tls.ChangedSize && t.Answer.HelloSize > 0 {
		text += ", " + counted(t.Answer.HelloSize, "byte")
	}
	return text
}

// answerText is what came of a ClientHello.
func (p *page) answerText(a tls.Answer) string {
	var words string
	switch {
	case a.Retry:
		words = "HelloRetryRequest"
	case a.Complete:
		words = "complete"
	case a.Version != "":
		words = "ServerHello"
	case a.Fault != nil && a.Fault.Step != "handshake":
		return "not sent: " + a.Fault.Error()
	default:
		return p.noAnswer(a) + " after " + a.Took.String()
	}
	for _, part := range []string{a.Version, a.Suite, a.Group} {
		if part != "" {
			words += ", " + part
		}
	}
	if a.Leaf != "" {
		words += ", certificate " + a.Leaf[:min(len(a.Leaf), 8)] // enough to compare
	}
	return words + " after " + a.Took.String()
}

func (p *page) noAnswer(a tls.Answer) string {
	switch {
	case a.Alert != nil:
		return "alert " + alertText(a.Alert)
	case a.Plaintext != "":
		return "no TLS but the text " + p.quoted(a.Plaintext)
	case a.Fault == nil:
		return "nothing"
	case a.Fault.Of(probes.Timeout) && a.Received > 0:
		return fmt.Sprintf("no more than %s", counted(a.Received, "byte"))
	case a.Fault.Of(probes.Timeout):
		return "nothing"
	case a.Fault.Of(probes.Closed):
		return "closed (FIN)"
	case a.Fault.Of(probes.Reset):
		return "reset (RST)"
	}
	return cmp.Or(a.Fault.Message, string(a.Fault.Kind))
}

// namesTold is how many names of a list a sentence has room for.
const namesTold = 3

// enumerated are the first things of so many, as a sentence names them: "a, b and c", "a, b, c and 97 more".
func enumerated(things []string, total, most int) string {
	if len(things) > most {
		things = things[:most:most]
	}
	if more := total - len(things); more > 0 {
		things = append(slices.Clone(things), fmt.Sprintf("%d more", more))
	}
	if len(things) < 2 {
		return strings.Join(things, "")
	}
	last := len(things) - 1
	return strings.Join(things[:last], ", ") + " and " + things[last]
}

// subjectList are the first of so many distinguished names, which have commas of their own.
func subjectList(subjects []string, total int) string {
	shown := subjects[:min(len(subjects), namesTold)]
	list := strings.Join(shown, "; ")
	if more := total - len(shown); more > 0 {
		list += fmt.Sprintf("; and %d more", more)
	}
	return list
}

// counted is "1 byte", "2 bytes".
func counted(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

func either(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}

// ifAny is the text behind a blank and words before it, or nothing.
func ifAny(text, before string, there bool) string {
	if !there {
		return ""
	}
	return " " + before + text
}

func inBrackets(text string) string { return ifAny(text+")", "(", text != "") }

// quoted is the first line of a text, and no more of that than it takes to know it.
func (p *page) quoted(text string) string {
	const enough = 60
	line, _, _ := strings.Cut(text, "\n")
	return `"` + p.shorten(strings.TrimRight(line, "\r"), enough) + `"`
}

// span is a length of time that a person counts in days or hours.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return counted(int(d/time.Second), "second")
}
