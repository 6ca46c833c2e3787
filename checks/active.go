package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

func (b *bench) activeWorks() bool {
	a := seen(b.e.Active)
	return a != nil && len(a.Attempts) > 0 && a.Attempts[len(a.Attempts)-1].Worked()
}

func (b *bench) judgeActive() {
	r := b.e.Active.result("ftp.active", Application)
	if reason, causes, missing := b.loginMissing(); missing {
		b.skipMode(r, reason, causes)
		return
	}
	a := seen(b.e.Active)
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
	cause := activeCause(a, last)
	if cause == nil {
		b.conclude(r, last.Worked(), describeActive(last), nil)
		return
	}
	cause.restsOn("ftp.active")
	if last.Worked() {
		b.fit(cause, "ftp.active")
	} else { // a mode that is needed and refused is a failure, though the refusal alone is information
		cause.as(b.need("ftp.active"))
	}
	b.conclude(r, last.Worked(), describeActive(last), []*Cause{cause})
}

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
func activeCause(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
	switch {
	case last.Worked():
		return wrongSource(a, last)
	case last.Fault.Of(probes.Negative) && last.Fault.Step == last.Command:
		return refusedAddress(a)
	case !last.From.IsValid() && last.Reply.Done() && cameToNothing(a, last):
		return unreached(a, last)
	case brokenDown(a.Peer.String(), last.Transfer) != nil:
		return brokenDown(a.Peer.String(), last.Transfer)
	case stalled(last.Transfer):
		return newCause("ftp.active.stalled", last.From.String(), "the server's data connection reached us, and nothing comes through it",
			quoted(last.Command, last.Reply), fmt.Sprintf("the server connected from %s", last.From), quoted("LIST", last.Transfer.Opening),
			"no byte and no end of the data connection came").
			likely("the same listing with small segments (MSS 1200): where that works, the path's MTU is to blame").
			mend("look at the server's process for this transfer, and at devices on the way that hold the data connection")
	}
	return nil
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
	inRefusal := a.SeenIn != nil && !a.SeenIn.Done()
	nat, behind := behindNAT(a)
	switch {
	case behind && (addressCode || inRefusal) && !isPrivate(a.Local):
		return newCause("ftp.active.peer-mismatch", peer,
			"the server refuses our address, since it sees another: something between hides us", append(evidence, nat)...).
			mend("let the proxy or load balancer before the server pass on the client's address (PROXY protocol, transparent mode), " +
				"or use passive mode")
	case behind && (addressCode || inRefusal):
		cause := newCause("ftp.active.private-address", a.Local.String(),
			fmt.Sprintf("active mode fails: we announce the address %s, and the server does not accept it", a.Local), append(evidence, nat)...).
			mend("use passive mode; or announce the public address of the router before us and forward a port on it")
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

// unreached is a PORT that was accepted, and no connection that came of it.
func unreached(a *ftp.Active, last ftp.ActiveAttempt) *Cause {
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
	return newCause("ftp.active.blocked", a.Local.String(), "active mode fails: the server's data connection does not reach us", evidence...).
		likely("the counters of this machine's firewall, and a capture on the server of the SYN to our port: where it leaves, the "+
			"path or our own firewall drops it").
		mend("use passive mode; or allow incoming connections from port 20 of %s in the firewalls of this machine, of the path, "+
			"and of the server (outgoing)", a.Peer)
}

// quotedUnchecked is the reply that tells whether the server looks at the address in a PORT.
func quotedUnchecked(a *ftp.Active) string {
	return quoted("PORT with a private address that is not ours", a.Unchecked)
}
