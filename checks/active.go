package checks

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/link"
)

func (b *bench) activeWorks() bool {
	a := seen(b.s.Active)
	return a != nil && len(a.Attempts) > 0 && a.Attempts[len(a.Attempts)-1].Worked()
}

func (b *bench) judgeActive() {
	r := b.s.Active.result("ftp.active", Application)
	if reason, causes, missing := b.loginMissing(); missing {
		b.skipMode(r, reason, causes)
		return
	}
	a := seen(b.s.Active)
	if a == nil {
		b.skipUpper(r, "not tried: the server wanted no second control connection, and the first was of no further use")
		return
	}
	if len(a.Attempts) == 0 {
		reason := "not tried"
		if a.Fault != nil {
			reason = "no listener could be opened: " + a.Fault.Message
		}
		b.found(r, Skip, reason)
		return
	}
	last := a.Attempts[len(a.Attempts)-1]
	if interrupted(last.Fault, last.Transfer) && b.e.Interrupted != "" {
		b.cutShort(r)
		return
	}
	if last.Transfer.Refused() {
		b.judgeUnlisted(r, last)
		return
	}
	var causes []*Cause
	if cause := b.activeCause(a, last); cause != nil {
		causes = append(causes, cause)
		if !last.Worked() { // a mode that is needed and refused is a failure, though the refusal alone is information
			cause.as(b.need("ftp.active"))
		}
	}
	if cause := refusedCommand(a, last); cause != nil {
		causes = append(causes, cause)
	}
	for _, flaw := range []*Cause{b.otherCertificate(a.Peer, last.Transfer), noCloseNotify(a.Peer, last.Transfer)} {
		if flaw != nil {
			causes = append(causes, flaw)
		}
	}
	for _, cause := range causes {
		cause.restsOn("ftp.active")
		b.fit(cause, "ftp.active")
	}
	b.conclude(r, last.Worked(), describeActive(last), causes)
}

// refusedCommand is a server that refuses one of PORT and EPRT, and serves by the other.
func refusedCommand(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	first := a.Attempts[0]
	if len(a.Attempts) < 2 || first.Command != "PORT" || !first.Fault.Of(probes.Negative) || !last.Reply.Done() {
		return nil
	}
	evidence := []string{
		quoted(fmt.Sprintf("PORT with %s", first.Announced), first.Reply), quoted(fmt.Sprintf("EPRT with %s", last.Announced), last.Reply),
	}
	if _, behind := behindNAT(a); behind || !tampered(first.Reply) { // behind NAT the address was wrong, and EPRT's is not looked at
		return nil
	}
	return newCause("ftp.active.alg-rewrite", a.Peer.String(), "the server refuses our address after PORT and accepts it after EPRT: PORT is rewritten on the way",
		evidence...).as(SeverityWarn).
		likely("the same PORT with the control connection over TLS (ftpes://), and a capture on the server of the PORT that arrives").
		mend("turn off FTP inspection (the FTP helper, ALG) on the firewall or router on the way, or use passive mode")
}

// tampered says that a refusal of PORT speaks of the address or of the command's form, both of which were right.
func tampered(reply *ftp.Reply) bool {
	return reply != nil && (reply.Code == 500 || reply.Code == 501) && ofAddress.MatchString(reply.Text)
}

// ofAddress are the words in which servers refuse an address, and not the command: vsftpd and ProFTPD "Illegal PORT command", Pure-FTPd
// "I won't open a connection to".
var ofAddress = regexp.MustCompile(`(?i)\b(illegal|invalid|bad|address|connection to|foreign|bounce)\b`)

// judgeUnlisted is a listing that the server refused: where it connected to us all the same, the channel works; where it did
// not, nothing is known of it.
func (b *bench) judgeUnlisted(r Result, last ftp.ActiveAttempt) {
	if !last.From.IsValid() {
		r.Finished = b.need("ftp.active") != SeverityFail // what the target needs, and nobody knows, leaves no verdict
		b.found(r, Skip, "not tested: the server refused the listing before it connected")
		return
	}
	b.found(r, Pass, fmt.Sprintf("%s: the server connected from %s; the listing was refused", last.Command, last.From))
}

func describeActive(last ftp.ActiveAttempt) string {
	switch {
	case last.Worked():
		return fmt.Sprintf("%s: the server connected from %s; listing of %s", last.Command, last.From, sizeOf(last.Transfer))
	case last.Fault != nil:
		return "active mode failed at " + last.Fault.Step + ": " + last.Fault.Message
	case last.Transfer != nil && last.Transfer.Fault != nil:
		return "active mode failed at " + last.Transfer.Fault.Step + ": " + last.Transfer.Fault.Message
	}
	return "active mode does not work"
}

// activeCause says why active mode does not work: the server refused our address or the mode, nothing reached us, or what did
// brought nothing.
func (b *bench) activeCause(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	refused := last.Fault.Of(probes.Negative) && last.Fault.Step == last.Command
	if cause := whatTLSTells(a, last); cause != nil && !last.Worked() {
		return cause
	}
	switch {
	case last.Worked():
		return wrongSource(a, last)
	case refused:
		return refusedAddress(a)
	case !last.From.IsValid() && last.Reply.Done() && cameToNothing(a, last):
		return b.unreached(a, last)
	}
	return b.connectedInVain(a, last)
}

// connectedInVain says why nothing came through a data connection that the server made, or might have made.
func (b *bench) connectedInVain(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	t := last.Transfer
	if t == nil {
		return nil
	}
	if cause := b.unprotectedActive(t); cause != nil {
		return cause
	}
	made := []string{quoted(last.Command, last.Reply), fmt.Sprintf("the server connected from %s", last.From)}
	if cause := b.transferCause(a.Peer.String(), t, made); cause != nil {
		return cause
	}
	if cause := b.reuseCause(a.Peer.String(), t, b.resumedTransfer(a), made); cause != nil {
		return cause
	}
	if cause := b.lostOnTheWay(t); cause != nil {
		return cause
	}
	if !stalled(t) {
		return nil
	}
	if p := seen(b.s.Passive); p != nil && stalled(decisiveTransfer(p)) && comparedAs(p, ftp.SmallSegments).Worked() {
		return b.listingBlackHole(p, t, made)
	}
	return newCause("ftp.active.stalled", last.From.String(), "the server's data connection reached us, and the listing does not come through it",
		append(made, quoted("LIST", t.Opening), standstill(t))...).
		likely("the same listing with small segments (MSS 1200): where that works, the path's MTU is to blame").
		mend("look at the server's process for this transfer, and at devices on the way that hold the data connection")
}

// cameToNothing says that the server tried to connect, or had the time to: our wait was over, or its reply says that it could not
// open the data connection (425, 426). Any other refusal of the listing came before it tried; but vsftpd breaks down (500 OOPS)
// where it has no route to the private address that it accepted.
func cameToNothing(a *ftp.Active, last ftp.ActiveAttempt) bool {
	t := last.Transfer
	if t == nil || t.Opening == nil || t.Opening.Positive() {
		return last.Fault.Of(probes.Timeout)
	}
	_, behind := behindNAT(a)
	return t.Opening.Code == 425 || t.Opening.Code == 426 ||
		behind && isPrivate(a.Local) && brokenDown("", t) != nil
}

// resumedTransfer is a transfer that resumed the control connection's TLS session, made for comparison: in active mode, or else in
// passive mode, since what a server wants of the one it wants of the other.
func (b *bench) resumedTransfer(a *ftp.Active) *ftp.Transfer {
	for _, compared := range a.Compared {
		if compared.Variant == ftp.ResumedTLS {
			return compared.Transfer
		}
	}
	if p := seen(b.s.Passive); p != nil {
		if resumed := comparedAs(p, ftp.ResumedTLS); resumed != nil {
			return resumed.Transfer
		}
	}
	return nil
}

// unprotectedActive is a server that wants data connections protected: what is proven in passive mode holds in active mode.
func (b *bench) unprotectedActive(t *ftp.Transfer) *Cause {
	if t.Secured || t.Opening == nil || !wantsProtection(t) {
		return nil
	}
	p := seen(b.s.Passive)
	if p == nil || p.EPSV == nil || b.unprotected(p) == nil {
		return nil
	}
	cause := b.unprotected(p)
	cause.Evidence = append(cause.Evidence, quoted(t.Command+" in active mode, in clear", t.Opening))
	return cause
}

// whatTLSTells is a device on the way that reads PORT and opens or rewrites what it reads about: it shows where the same is done
// with the control connection in clear, and over TLS.
func whatTLSTells(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	if len(a.Compared) == 0 {
		return nil
	}
	other := a.Compared[0]
	evidence := []string{
		quoted(fmt.Sprintf("%s with %s", last.Command, last.Announced), last.Reply),
		quoted(fmt.Sprintf("%s with %s, %s", other.Command, other.Announced, other.Variant), other.Reply),
	}
	first := ftp.InClear
	if last.OverTLS {
		first = ftp.OverTLS
	}
	experiment := probes.Experiment{Variable: "protection", A: string(first), OutcomeA: last.Outcome(), B: string(other.Variant), OutcomeB: other.Outcome()}
	switch {
	case other.Variant == ftp.InClear && other.Worked() && !last.From.IsValid():
		return newCause("ftp.active.alg-blind-to-tls", a.Local.String(),
			"active mode works where the control connection is in clear, and not after AUTH TLS: the router before us translates only what it can read",
			evidence...).with(experiment).
			mend("use passive mode with TLS; or forward a fixed range of ports on the router before us, and announce its public address " +
				"(--active-address, --active-ports)")
	case other.Variant == ftp.OverTLS && tampered(a.Attempts[0].Reply) && other.Reply.Done():
		return newCause("ftp.active.alg-rewrite", a.Peer.String(),
			"the server refuses our address where the control connection is in clear, and accepts it over TLS: it is rewritten on the way",
			evidence...).with(experiment).
			mend("turn off FTP inspection (the FTP helper, ALG) on the firewall or router on the way, or use passive mode")
	}
	return nil
}

func wrongSource(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	if last.From.Addr() == a.Peer {
		return nil
	}
	from := last.From.Addr().String()
	return newCause("ftp.active.wrong-source", from,
		fmt.Sprintf("the server connects from %s, and not from the address of the control connection", from),
		"the control connection goes to "+a.Peer.String(), "the data connection came from "+last.From.String()).
		mend("let the server send data connections from the address that clients connect to, %s", a.Peer)
}

// behindNAT says that the server sees another address of ours than we have, by its own words or because a private address
// cannot have reached a global one as it is.
func behindNAT(a *ftp.Active) (evidence string, known bool) {
	switch {
	case a.Seen.IsValid() && a.Seen != a.Local.WithZone(""):
		return fmt.Sprintf("our address is %s, and the server sees %s", a.Local, a.Seen), true
	case a.Seen.IsValid():
		return "", false
	case a.Local.Is4() && isPrivate(a.Local) && !isPrivate(a.Peer):
		return fmt.Sprintf("our address %s is private, and the server's %s is not: an address translator stands between", a.Local, a.Peer), true
	}
	return "", false
}

// refusedAddress tells a server that refuses our address from one that refuses the mode.
func refusedAddress(a *ftp.Active) *Cause {
	peer := a.Peer.String()
	var evidence []string
	addressCode, policyCode := false, true
	for _, attempt := range a.Attempts {
		if attempt.Reply == nil {
			return nil
		}
		evidence = append(evidence, quoted(fmt.Sprintf("%s with %s", attempt.Command, attempt.Announced), attempt.Reply))
		code := attempt.Reply.Code
		addressCode = addressCode || code == 500 || code == 501 || code == 504
		policyCode = policyCode && (addressCode || code == 502 || code == 550)
	}
	if cause := rewrittenAddress(a, evidence); cause != nil {
		return cause
	}
	first := a.Attempts[0]
	_, translated := behindNAT(a)
	if len(a.Attempts) == 1 && first.Command == "EPRT" && slices.Contains([]int{500, 501, 502, 522}, first.Reply.Code) && !translated {
		return newCause("ftp.active.eprt-unsupported", peer, "the server does not know EPRT, without which there is no active mode over IPv6", evidence...).
			mend("use passive mode (EPSV); or update the server: over IPv6 nothing but EPRT serves (RFC 2428)")
	}
	inRefusal := a.SeenIn != nil && !a.SeenIn.Done()
	nat, behind := behindNAT(a)
	switch {
	case behind && (addressCode || inRefusal) && !isPrivate(a.Local):
		return newCause("ftp.active.peer-mismatch", peer,
			"the server refuses our address, since it sees another: something between hides us", append(evidence, nat)...).
			mend("let the proxy or load balancer before the server pass on the client's address (PROXY protocol, transparent mode), " +
				"or use passive mode")
	case behind && (addressCode || inRefusal):
		announced := first.Announced.Addr()
		cause := newCause("ftp.active.private-address", a.Local.String(),
			fmt.Sprintf("active mode fails: we announce the address %s, and the server does not accept it", announced), append(evidence, nat)...).
			mend("use passive mode; or announce the public address of the router before us and forward a port on it")
		if a.Seen.IsValid() {
			cause.mend("use passive mode; or announce %s, which the server sees (--active-address), and forward a port (--active-ports) on the router "+
				"that has it", a.Seen)
		}
		if !a.Seen.IsValid() {
			cause.likely("the client's address as the server sees it: its log, or its reply to STAT")
		}
		return cause
	case !policyCode:
		return nil
	}
	return newCause("ftp.active.refused-by-policy", peer, "the server refuses active mode", evidence...).
		mend("use passive mode; or enable active mode on the server (vsftpd port_enable=YES)")
}

// rewrittenAddress is an address of ours that arrives at the server as another: the server names one that is neither ours nor the one
// that it sees, or refuses ours while it accepts any other private one.
func rewrittenAddress(a *ftp.Active, evidence []string) *Cause {
	rewritten := false
	for _, attempt := range a.Attempts {
		for _, told := range ftp.Addresses(attempt.Reply.Text) {
			if told != attempt.Announced.Addr() && told != a.Seen && told != a.Local.WithZone("") && told != a.Peer && a.Seen.IsValid() {
				rewritten = true
				evidence = append(evidence, fmt.Sprintf("the server read %s: neither what we announced nor what it sees", told))
			}
		}
	}
	if !rewritten && isPrivate(a.Local) && a.Unchecked.Positive() && tampered(a.Attempts[0].Reply) &&
		a.Attempts[0].Announced.Addr() == a.Local.WithZone("") {
		rewritten = true
		evidence = append(evidence, quotedUnchecked(a)+": it accepts private addresses, and so did not get ours")
	}
	if !rewritten {
		return nil
	}
	return newCause("ftp.active.alg-rewrite", "", "the server does not get the address that we announce: it is rewritten on the way, and wrongly",
		evidence...).
		mend("turn off FTP inspection (the FTP helper, ALG) on the router before us, or use passive mode")
}

// unreached is a PORT that was accepted, and no connection that came of it.
func (b *bench) unreached(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	evidence := []string{quoted(fmt.Sprintf("%s with %s", last.Command, last.Announced), last.Reply)}
	if t := last.Transfer; t != nil && t.Opening != nil {
		evidence = append(evidence, quoted("LIST", t.Opening))
	}
	evidence = append(evidence, fmt.Sprintf("nothing connected to our listener %s within %s", last.Announced, last.ConnectTook))
	nat, behind := behindNAT(a)
	translated := a.Unchecked != nil && !a.Unchecked.Positive() // the server looks at addresses, and accepted the one put in our place
	if behind && isPrivate(a.Local) && !translated {
		cause := newCause("ftp.active.blocked-by-nat", a.Local.String(),
			"active mode fails: the server's data connection does not come through the address translation before us", append(evidence, nat)...).
			mend("use passive mode; or forward a fixed range of ports on the router before us, and announce its public address")
		if a.Unchecked != nil {
			cause.Evidence = append(cause.Evidence, quotedUnchecked(a)+": the server does not look at the address")
		}
		return cause.likely("a capture on the server of the SYN to our port: to our public address, the router has translated PORT, and " +
			"a firewall drops what follows; to our own, it has not")
	}
	if behind {
		evidence = append(evidence, nat)
	}
	if behind && translated {
		evidence = append(evidence, quotedUnchecked(a)+": ours was accepted because something on the way translates it")
	}
	if a.Seen.IsValid() && !behind {
		evidence = append(evidence, fmt.Sprintf("the server sees our own address %s: nothing translates it", a.Seen))
	}
	if cause := b.settledBlock(a, last, evidence); cause != nil && !behind {
		return cause
	}
	return newCause("ftp.active.blocked", a.Local.String(), "active mode fails: the server's data connection does not reach us", evidence...).
		likely("the counters of this machine's firewall, and a capture on the server of the SYN to our port: where it leaves, the "+
			"path or our own firewall drops it").
		mend("use passive mode; or allow incoming connections from port 20 of %s in the firewalls of this machine, of the path, "+
			"and of the server (outgoing)", a.Peer)
}

// settledBlock tells where a connection ended that nothing translates: before the server's network, where others reach our listener;
// on this machine, where packets reach it and no socket.
func (b *bench) settledBlock(a *ftp.Active, last ftp.ActiveAttempt, evidence []string) *Cause {
	switch {
	case slices.ContainsFunc(last.Others, b.offLink) && !last.Transfer.Began():
		return newCause("ftp.active.server-egress-filtered", a.Peer.String(),
			"active mode fails: the server's data connection does not leave its own network, since others reach us",
			append(evidence, fmt.Sprintf("meanwhile %s connected to the same listener", listOf(last.Others)))...).
			mend("allow outgoing connections of the server from port 20 (or the port before its control port) in its firewall, or use passive mode")
	case last.Dropped >= droppedSYNs:
		return newCause("ftp.active.blocked-by-local-firewall", a.Local.String(),
			"active mode fails: the server's data connection reaches this machine, and its own firewall drops it", append(evidence,
				fmt.Sprintf("meanwhile %d packets reached this machine and none of its sockets (Ip InReceives ahead of InDelivers)", last.Dropped))...).
			likely("the rules of this machine's firewall and their counters (nft list ruleset): the count is of the whole machine").
			mend("allow incoming connections from %s to this program in this machine's firewall, or use passive mode", a.Peer)
	}
	return nil
}

// offLink says that an address is not of this machine, nor of a network that it is on.
func (b *bench) offLink(from netip.AddrPort) bool {
	links := seen(b.e.Link)
	if links == nil || from.Addr().IsLoopback() || from.Addr().IsLinkLocalUnicast() {
		return false
	}
	return !slices.ContainsFunc(links.Interfaces, func(i link.Interface) bool {
		return slices.ContainsFunc(i.Addresses, func(a link.Address) bool { return a.Prefix.Contains(from.Addr()) })
	})
}

// droppedSYNs is how many packets must have been dropped to be taken for the server's SYN and its repetitions.
const droppedSYNs = 2

// listOf are addresses as a sentence names them.
func listOf(addrs []netip.AddrPort) string {
	var names []string
	for _, addr := range addrs {
		names = append(names, addr.String())
	}
	return strings.Join(names, ", ")
}

// quotedUnchecked is the reply that tells whether the server looks at the address in a PORT.
func quotedUnchecked(a *ftp.Active) string {
	return quoted("PORT with a private address that is not ours", a.Unchecked)
}
