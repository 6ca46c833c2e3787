package checks

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// skipUpper adds the result of a check of an upper layer that was not made: because of what is broken below it, or for the
// reason given.
func (b *bench) skipUpper(r Result, reason string, causes ...string) {
	if len(causes) == 0 {
		causes = b.noConnection()
	}
	switch {
	case len(causes) > 0:
		b.follows(r, Skip, reason, causes)
	case !b.unfinished(r):
		b.found(r, Skip, reason)
	}
}

// noConnection is why there is no connection to the target: nothing, where there is one.
func (b *bench) noConnection() []string {
	if b.reachedOtherwise() {
		return nil
	}
	causes := slices.Clone(b.noName)
	for _, m := range b.e.TCP {
		causes = append(causes, b.blocked[m.Seen.Address.Addr()]...)
		if seen := m.Seen; seen.Fault != nil && len(b.blocked[seen.Address.Addr()]) == 0 && !seen.Fault.Of(probes.Interrupted) &&
			!b.routeMissing(seen.Address.Addr()) {
			causes = append(causes, unexplained+".tcp")
		}
	}
	return causes
}

func (b *bench) judgeControl() {
	r := b.s.Control.result("ftp.control", Application)
	control := seen(b.s.Control)
	if control == nil {
		b.noLogin = b.noConnection()
		b.skipUpper(r, "no connection to speak FTP on")
		return
	}
	switch fault := control.Fault; {
	case fault.Of(probes.Interrupted):
		b.cutShort(r)
	case control.LoggedIn:
		b.judgeManners(r, control, describeControl(control))
	case b.tlsFailed():
		b.judgeManners(r, control, describeControl(control)) // its own part went well; ftp.tls says what did not
	case fault == nil:
		b.judgeManners(r, control, describeControl(control)+", not logged in (--no-login)")
	case fault.Of(probes.Withheld):
		b.judgeWithheld(r)
	default:
		b.judgeBrokenControl(r, control)
	}
}

// judgeManners judges a dialogue that came to its end: it may have been slow or out of step, or not have lived through a long
// transfer.
func (b *bench) judgeManners(r Result, control *ftp.Control, summary string) {
	var causes []*Cause
	status := Pass
	for _, cause := range []*Cause{slowToGreet(control), outOfStep(control), b.idleDropped(control)} {
		if cause == nil {
			continue
		}
		causes = append(causes, cause.restsOn("ftp.control"))
		summary = cause.Summary
		if status = Warn; cause.Severity == SeverityFail {
			status = Fail
		}
	}
	b.found(r, status, summary, causes...)
}

// slowToGreet is a server that greets late and then answers at once: it looked up its client first.
func slowToGreet(control *ftp.Control) *Cause {
	greeting := control.Greeting
	if greeting == nil || time.Duration(control.GreetingTook) < slowGreeting {
		return nil
	}
	later := cmp.Or(control.UserReply, control.FeatReply)
	evidence := []string{fmt.Sprintf("the greeting came %s after the connection", control.GreetingTook)}
	if later != nil {
		took := later.At - greeting.At
		if took*5 > control.GreetingTook {
			return nil // everything takes long there
		}
		evidence = append(evidence, fmt.Sprintf("the next reply came %s after it", took))
	}
	cause := newCause("ftp.banner-slow", control.Peer.String(), fmt.Sprintf("the server takes %s to greet", control.GreetingTook), evidence...).
		mend("let the server not look up its clients' names and users (vsftpd reverse_lookup_enable=NO, ProFTPD UseReverseDNS off and IdentLookups " +
			"off, Pure-FTPd -H), or mend the resolver that it asks")
	if later == nil {
		cause.likely("whether the replies after it are quick")
	}
	return cause
}

// outOfStep is a server whose replies lag behind its commands.
func outOfStep(control *ftp.Control) *Cause {
	d := control.Desync
	if d == nil {
		return nil
	}
	return newCause("ftp.control.desync", control.Peer.String(), "the server's replies lag behind: it sends one that no command asked for",
		quoted("in answer to "+d.Command, d.Early), quoted("and after it", d.Right)).
		mend("update or correct the server, or the device before it: clients take each reply for the next command's")
}

// idleDropped is a control connection that did not live through a long transfer.
func (b *bench) idleDropped(control *ftp.Control) *Cause {
	hold := control.Hold
	if hold == nil || hold.Fault.Of(probes.Interrupted) || hold.Reply.Done() {
		return nil
	}
	peer := control.Peer.String()
	idle := fmt.Sprintf("the control connection was idle for %s beside an open data connection", hold.Took)
	switch {
	case hold.Reply != nil && hold.Reply.Code == 421:
		cause := newCause("ftp.control.idle-dropped", peer, "the server ends a control connection that is idle during a transfer", idle,
			quoted("then", hold.Reply)).
			mend("raise the server's idle timeout (vsftpd idle_session_timeout, ProFTPD TimeoutIdle, Pure-FTPd -I) beyond the longest transfer")
		if !hold.Uploading {
			cause.likely("a transfer that lasts as long (--transfer --hold): some servers' idle timers stand still during one")
		}
		return cause
	case hold.Fault == nil || hold.Reply != nil || !slices.Contains([]string{"NOOP", "idle", "final reply"}, hold.Fault.Step):
		return nil // it could not be made; or it lived, and said so
	case slices.Contains([]probes.Kind{probes.Timeout, probes.Reset, probes.Refused, probes.Unreachable, probes.Prohibited, probes.NoRoute}, hold.Fault.Kind):
		return newCause("ftp.control.idle-dropped", peer, "the control connection does not live through a transfer during which it is idle", idle,
			"then: "+hold.Fault.Message).
			mend("let the client send keepalives (TCP, or NOOP) on the control connection; routers that translate addresses must keep an idle " +
				"connection for 2 hours and 4 minutes (RFC 5382 REQ-5)")
	}
	return newCause("ftp.control.idle-dropped", peer, "the control connection is ended while it is idle during a transfer", idle,
		"then: "+hold.Fault.Message).
		likely("the server's log of this moment, and a transfer that lasts as long (--transfer --hold): an idle timer of its own may have ended it").
		mend("raise the server's idle timeout (vsftpd idle_session_timeout, ProFTPD TimeoutIdle and TimeoutNoTransfer, Pure-FTPd -I) beyond the " +
			"longest transfer")
}

// tlsFailed says that the dialogue ended where TLS was to begin, or where the server said that it would have none of our certificate.
func (b *bench) tlsFailed() bool {
	if h := seen(b.s.Handshake); h != nil && h.Fault != nil && !h.Fault.Of(probes.Interrupted) {
		return true
	}
	security := seen(b.s.Security)
	return security != nil && !security.Secured && security.Fault != nil
}

// judgeWithheld explains a login that was not sent, by what is wrong with the certificate.
func (b *bench) judgeWithheld(r Result) {
	if chain := seen(b.s.Chain); chain != nil && len(chain.Certificates) > 0 {
		b.noLogin = append(b.noLogin, failing(b.appraise())...)
	}
	summary := "the login was not sent: the certificate is not good (--insecure-login sends it all the same)"
	if len(b.noLogin) == 0 {
		b.found(r, Skip, summary)
		return
	}
	b.follows(r, Skip, summary, b.noLogin)
}

func (b *bench) judgeBrokenControl(r Result, control *ftp.Control) {
	cause := b.controlCause(control)
	if cause == nil {
		b.noLogin = []string{unexplained + ".ftp.control"}
		b.found(r, Fail, "the control connection failed at "+control.Fault.Step+": "+control.Fault.Message)
		return
	}
	cause.restsOn("ftp.control").with(control.Experiments...)
	if cause.Where == "" {
		cause.Where = control.Peer.String()
	}
	b.noLogin = []string{cause.ID}
	status := Fail
	if cause.Severity == SeverityWarn {
		status = Warn
	}
	b.found(r, status, cause.Summary, cause)
}

func describeControl(control *ftp.Control) string {
	var parts []string
	if control.Greeting != nil {
		parts = append(parts, fmt.Sprintf("%d %s", control.Greeting.Code, firstLine(control.Greeting.Text)))
	}
	if control.LoggedIn {
		parts = append(parts, "logged in as "+control.User)
	}
	if hold := control.Hold; hold != nil && hold.Left {
		parts = append(parts, "the file "+hold.File+" may still be on the server")
	}
	if hold := control.Hold; hold != nil && hold.Fault != nil {
		parts = append(parts, "idleness (--hold) not tested: "+hold.Fault.Message)
	}
	if len(parts) == 0 {
		return "connected"
	}
	return strings.Join(parts, "; ")
}

// controlCause says why the dialogue broke off, by the step at which it did.
func (b *bench) controlCause(control *ftp.Control) *Cause {
	if cause := b.brokeInClear(); cause != nil {
		return cause
	}
	switch control.Fault.Step {
	case "greeting":
		return greetingCause(control)
	case "USER":
		return b.userCause(control)
	case "PASS":
		return b.passCause(control)
	}
	return nil
}

func greetingCause(control *ftp.Control) *Cause {
	peer := control.Peer.String()
	fault := control.Fault
	switch {
	case fault.Of(probes.Timeout) && control.Unparsed == "":
		return silenceOnControl(control)
	case (fault.Of(probes.Closed) || fault.Of(probes.Reset)) && control.Unparsed == "":
		return newCause("tcp.reset-on-accept", peer, fmt.Sprintf("%s accepts the connection and closes it without a word", peer),
			"the connection was made, and ended before the first byte came: "+fault.Message).
			mend("look for an allow-list on the server (tcp-wrappers, deny rules) or, behind a load balancer, for a backend that is down")
	case fault.Of(probes.Malformed):
		return notFTP(control)
	case fault.Of(probes.Negative) && control.Greeting != nil:
		return refusedGreeting(control)
	}
	return nil
}

// slowGreeting is how long a server may take to greet because it looks up its client's name (by DNS, or ident, RFC 1413).
const slowGreeting = 5 * time.Second

// silenceOnControl tells a server that waits for a ClientHello from one that hangs.
func silenceOnControl(control *ftp.Control) *Cause {
	peer := control.Peer.String()
	silence := fmt.Sprintf("the connection was made; no greeting came within %s", control.GreetingTook)
	if control.ImplicitTLS != nil {
		return newCause("ftp.implicit-tls-port", peer, fmt.Sprintf("%s speaks TLS from the first byte", peer), silence,
			fmt.Sprintf("after a TLS handshake on a second connection came %d %s", control.ImplicitTLS.Code, firstLine(control.ImplicitTLS.Text))).
			mend("use ftps://%s for this port", peer)
	}
	if control.Transport.OutOfOrder > 0 || greetsOthers(control) { // something was sent, and its beginning was lost; or it comes and goes
		return nil
	}
	if hello := control.TLSTransport; hello.BytesReceived > 0 {
		return newCause("ftp.not-ftp", peer, peer+" does not speak FTP: it waits for the client to speak first", silence,
			fmt.Sprintf("a ClientHello on a second connection was answered with %d bytes that are not TLS", hello.BytesReceived)).
			likely("the name of the service that is meant to listen on " + peer).
			mend("correct the port or the protocol: an FTP server greets first")
	}
	cause := newCause("tcp.silent", peer, fmt.Sprintf("%s accepts connections and says nothing", peer), silence).
		mend("look at the service behind %s: it hangs, or another kind of service than FTP listens there", peer)
	hello := control.TLSTransport
	acknowledged := control.SilentToTLS && hello.BytesAcked > 1 && hello.Unacked == 0
	if acknowledged {
		cause.Evidence = append(cause.Evidence, "a ClientHello on a second connection was acknowledged, and not answered")
	}
	switch {
	case acknowledged && time.Duration(control.GreetingTook) >= slowGreeting:
		return cause
	case acknowledged:
		return cause.likely("a longer wait (--timeout 10s): a server that looks up its clients' names may take that long to greet")
	}
	return cause.likely("a second connection on which something is sent: whether it is acknowledged, and answered")
}

// greetsOthers says that another connection of ours was greeted as FTP servers greet (RFC 959 §5.4).
func greetsOthers(control *ftp.Control) bool {
	return slices.ContainsFunc(control.Sessions, func(s ftp.Session) bool {
		return slices.ContainsFunc(s.Lines, func(l probes.Line) bool { return l.From == "server" && strings.HasPrefix(l.Text, "220") })
	})
}

// meetsLimit says that the server turned the client away for a limit of connections, or without a reason before the login began.
func meetsLimit(control *ftp.Control) bool {
	fault := control.Fault
	if !fault.Of(probes.Negative) {
		return false
	}
	return fault.Step == "greeting" || fault.Step == "USER" && control.UserReply != nil && tooMany(control.UserReply.Text)
}

// foreignGreetings are the first words of other protocols on which people try FTP.
var foreignGreetings = []struct{ begins, protocol string }{
	{"SSH-", "SSH (SFTP is a part of SSH, and not FTPS)"},
	{"HTTP/", "HTTP"},
	{"+OK", "POP3"},
	{"* OK", "IMAP"},
	{"RFB ", "VNC"},
	{"\x15\x03", "TLS: it answers plain text with an alert"},
}

func notFTP(control *ftp.Control) *Cause {
	peer := control.Peer.String()
	evidence := fmt.Sprintf("in place of a greeting (220) came %q", control.Unparsed)
	for _, known := range foreignGreetings {
		if strings.HasPrefix(control.Unparsed, known.begins) {
			return newCause("ftp.not-ftp", peer, fmt.Sprintf("%s does not speak FTP: it speaks %s", peer, known.protocol), evidence).
				mend("correct the port or the protocol: %s is not an FTP server", peer)
		}
	}
	return newCause("ftp.not-ftp", peer, peer+" does not speak FTP", evidence).
		likely("the name of the service that is meant to listen on "+peer).
		mend("correct the port or the protocol: what %s sends is not an FTP reply", peer)
}

// Words that servers use where their limits are reached, and with which mail servers name themselves.
var (
	limit    = regexp.MustCompile(`(?i)\b(too many|maximum|limit)\b`)
	limited  = regexp.MustCompile(`(?i)\b(users?|clients?|connect(ions?|ed)|sessions?|logged in)\b`)
	notUsers = regexp.MustCompile(`(?i)\b(attempts?|password|failed|incorrect|bann?(ed)?|memory)\b`)
	mail     = regexp.MustCompile(`\bE?SMTP\b`)
	wantsTLS = regexp.MustCompile(`(?i)\b(TLS|SSL|encrypt\w*|secure|cleartext)\b`)
	masked   = regexp.MustCompile(`^[*X0-9\s.]*(\*{8}|X{8})[*X0-9\s.]*$`) // a word in it is no mask: many greetings wear such ornaments
)

func refusedGreeting(control *ftp.Control) *Cause {
	peer, greeting := control.Peer.String(), control.Greeting
	said := quoted("greeting", greeting)
	switch {
	case tooMany(greeting.Text):
		return tooManyUsers(peer, said)
	case greeting.Code == 421:
		return unavailable(peer, greeting, said)
	case strings.HasPrefix(greeting.Text, "OOPS"):
		return misconfigured(peer, greeting, said)
	}
	return nil
}

// givesUp is a reply by which a server ends it all, whatever was asked: it says so with a code of its own (421), or breaks down.
func givesUp(peer, step string, reply *ftp.Reply) *Cause {
	switch {
	case reply == nil:
		return nil
	case strings.HasPrefix(reply.Text, "OOPS"):
		return misconfigured(peer, reply, quoted(step, reply))
	case reply.Code == 421 && tooMany(reply.Text):
		return tooManyUsers(peer, quoted(step, reply))
	case reply.Code == 421:
		return unavailable(peer, reply, quoted(step, reply))
	}
	return nil
}

func unavailable(peer string, reply *ftp.Reply, said string) *Cause {
	return newCause("ftp.service-unavailable", peer, fmt.Sprintf("%s turns this client away: %s", peer, firstLine(reply.Text)), said).
		mend("ask the operator: the service is shutting down, or bars this client")
}

func misconfigured(peer string, reply *ftp.Reply, said string) *Cause {
	return newCause("ftp.server-misconfigured", peer, "the server breaks down: "+firstLine(reply.Text), said).
		mend("mend the server's configuration, as its message says (vsftpd: a writable root inside a chroot, a missing directory)")
}

// tooMany says that a server's text speaks of a limit of users or connections, and not of one of attempts or of memory.
func tooMany(text string) bool {
	return limit.MatchString(text) && limited.MatchString(text) && !notUsers.MatchString(text)
}

func tooManyUsers(peer, said string) *Cause {
	return newCause("ftp.too-many-users", peer, peer+" has reached its limit of users or connections", said).
		mend("close idle sessions, or raise the server's limit " +
			"(vsftpd max_clients and max_per_ip, ProFTPD MaxClients, Pure-FTPd MaxClientsNumber)")
}

// quoted is a reply as evidence. There may be none in a report from elsewhere, whatever its fault says.
func quoted(step string, reply *ftp.Reply) string {
	if reply == nil {
		return step + ": no reply"
	}
	return fmt.Sprintf("%s: %d %s", step, reply.Code, firstLine(reply.Text))
}

// userCause says why USER was refused: the place in the dialogue, before the password, tells a demand for TLS from a wrong
// login.
func (b *bench) userCause(control *ftp.Control) *Cause {
	peer, reply := control.Peer.String(), control.UserReply
	if reply == nil || control.Greeting == nil || !control.Fault.Of(probes.Negative) {
		return nil
	}
	said := quoted("USER in clear", reply)
	switch {
	case mail.MatchString(control.Greeting.Text) && (reply.Code == 500 || reply.Code == 502): // no FTP server lacks USER
		return newCause("ftp.not-ftp", peer, peer+" is a mail server", quoted("greeting", control.Greeting), quoted("USER", reply)).
			mend("correct the port: %s speaks SMTP", peer)
	case control.UserAfterTLS.Positive():
		return newCause("ftp.tls-required", peer, peer+" wants TLS before a login", said,
			quoted("the same USER after AUTH TLS", control.UserAfterTLS)).
			mend("use explicit TLS: ftpes://%s", peer)
	case tooMany(reply.Text):
		return tooManyUsers(peer, said)
	case reply.Code == 421 && !wantsTLS.MatchString(reply.Text):
		return unavailable(peer, reply, said)
	case strings.HasPrefix(reply.Text, "OOPS"):
		return misconfigured(peer, reply, said)
	}
	if security := seen(b.s.Security); security != nil && security.Secured {
		return b.rejected(control, []string{quoted("USER over TLS", reply)})
	}
	evidence := []string{said}
	if control.UserAfterTLS != nil {
		evidence = append(evidence, quoted("the same USER after AUTH TLS", control.UserAfterTLS))
	}
	if control.AuthOffered != nil && !control.AuthOffered.Positive() {
		evidence = append(evidence, quoted("AUTH TLS", control.AuthOffered))
	}
	cause := b.rejected(control, evidence)
	switch {
	case control.UserAfterTLS != nil, control.AuthOffered != nil && !control.AuthOffered.Positive():
		return cause
	case wantsTLS.MatchString(reply.Text):
		return newCause("ftp.tls-required", peer, peer+" wants TLS before a login", said).
			likely("the same USER after AUTH TLS, which could not be tried").mend("use explicit TLS: ftpes://%s", peer)
	}
	return cause.likely("the same USER after AUTH TLS, which could not be tried")
}

func (b *bench) passCause(control *ftp.Control) *Cause {
	peer, reply := control.Peer.String(), control.PassReply
	if reply == nil {
		if control.Fault.Of(probes.Closed) || control.Fault.Of(probes.Reset) {
			return newCause("ftp.server-misconfigured", peer, peer+" breaks off right after the password",
				"the connection ended between PASS and its reply: "+control.Fault.Message).
				likely("the server's log of this moment").mend("read the server's log: the process that should have served the login died")
		}
		return nil
	}
	said := quoted("PASS", reply)
	switch {
	case strings.HasPrefix(reply.Text, "OOPS"):
		return misconfigured(peer, reply, said)
	case tooMany(reply.Text):
		return tooManyUsers(peer, said)
	case reply.Code == 421:
		return unavailable(peer, reply, said)
	}
	return b.rejected(control, []string{said})
}

// rejected is a login that the server does not accept. An anonymous one that nobody asked for is worth a warning: what lies
// beyond it was not tested.
func (b *bench) rejected(control *ftp.Control, evidence []string) *Cause {
	peer := control.Peer.String()
	if !b.e.Settings.LoginGiven {
		return newCause("ftp.auth-rejected", peer, peer+" does not accept anonymous logins", evidence...).as(SeverityWarn).
			mend("give a login (--user NAME and RUNG_PASSWORD, or --password-file FILE), so that the data channels can be tested")
	}
	return newCause("ftp.auth-rejected", peer, fmt.Sprintf("%s rejects the login of %s", peer, control.User), evidence...).
		mend("correct user and password; on the server look at the account, its shell (/etc/shells), its home directory and the deny lists")
}
