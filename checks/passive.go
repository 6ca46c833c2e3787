package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

func (b *bench) passiveWorks() bool {
	p := seen(b.s.Passive)
	return p != nil && (p.EPSV.Worked() || p.PASV.Worked() || p.Followed.Worked() || resumedLater(p) || worksAlone(p))
}

func (b *bench) judgePassive() {
	r := b.s.Passive.result("ftp.passive", Application)
	if reason, causes, missing := b.loginMissing(); missing {
		b.skipMode(r, reason, causes)
		return
	}
	p := seen(b.s.Passive)
	if p == nil || p.EPSV == nil {
		b.skipUpper(r, "not tried")
		return
	}
	if last := decisiveAttempt(p); interrupted(last.Fault, last.Transfer) && b.e.Interrupted != "" {
		b.cutShort(r)
		return
	}
	works := b.passiveWorks() || listingRefused(p)
	causes := b.passiveCauses(p)
	for _, cause := range causes {
		cause.restsOn("ftp.passive")
		b.fit(cause, "ftp.passive")
		if decisiveAttempt(p).Used.IsValid() {
			b.deadPorts[decisiveAttempt(p).Used] = append(b.deadPorts[decisiveAttempt(p).Used], cause.ID)
		}
	}
	if works && len(causes) == 0 && savedByPASV(p) {
		causes = append(causes, b.unexplainedEPSV(p))
	}
	if cause := b.seriesCause(p, causes); works && cause != nil {
		cause.restsOn("ftp.passive")
		b.fit(cause, "ftp.passive")
		causes = append(causes, cause)
	}
	b.conclude(r, works, describePassive(p), causes)
	if !works {
		if b.noPassive = b.results[len(b.results)-1].CausedBy; len(b.noPassive) == 0 {
			b.noPassive = []string{unexplained + ".ftp.passive"}
		}
	}
}

// savedByPASV says that EPSV, which clients try first, got as far as a port and did not work, and PASV did.
func savedByPASV(p *ftp.Passive) bool {
	return p.EPSV.Announced.IsValid() && !p.EPSV.Worked() && !p.EPSV.Transfer.Refused() && p.PASV.Worked()
}

// unexplainedEPSV is a failure that PASV makes up for, and that nothing explains.
func (b *bench) unexplainedEPSV(p *ftp.Passive) *Cause {
	what := fmt.Sprintf("EPSV fails (%s) where PASV works", p.EPSV.Outcome())
	cause := newCause(unexplained+".ftp.passive", p.Peer.String(), what, quoted("EPSV", p.EPSV.Reply), what).as(SeverityWarn).restsOn("ftp.passive").
		mend("attach this report to a question to the operator of %s: clients that use EPSV, as most do, will see this failure", hostOf(b.e.Target))
	cause.Layer, cause.Confidence, cause.Settle = Application, Unknown, "the dialogue of the same attempt as the other side logged it"
	return cause
}

func (b *bench) skipMode(r Result, reason string, causes []string) {
	if len(causes) > 0 {
		b.follows(r, Skip, reason, causes)
		return
	}
	if !b.unfinished(r) {
		r.Finished = b.e.Settings.NoLogin
		b.found(r, Skip, reason)
	}
}

// interrupted says that an attempt broke off because the diagnosis ended.
func interrupted(fault *probes.Fault, t *ftp.Transfer) bool {
	return fault.Of(probes.Interrupted) || t != nil && t.Fault.Of(probes.Interrupted)
}

// fit lowers a cause to what the target needs: a mode that is not required is information, and one that is only one of "any"
// a warning at the most while the other works.
func (b *bench) fit(cause *Cause, check string) {
	if need := b.need(check); severityRank(need) < severityRank(cause.Severity) {
		cause.Severity = need
	}
}

// conclude adds a data mode's result: what does not work has failed, whether the target needs it or not; what works with a
// flaw carries the flaw's severity.
func (b *bench) conclude(r Result, works bool, summary string, causes []*Cause) {
	status := Pass
	for _, cause := range causes {
		switch {
		case cause.Severity == SeverityFail:
			status = Fail
		case cause.Severity == SeverityWarn && status == Pass:
			status = Warn
		}
	}
	if !works {
		status = Fail
	}
	if !works && !slices.ContainsFunc(causes, explainsFailure) {
		for _, cause := range causes {
			b.blame(cause) // it is true, and the failure has another reason
		}
		causes = nil
	}
	if status == Fail && len(causes) > 0 {
		summary = slices.MaxFunc(causes, func(x, y *Cause) int { return severityRank(x.Severity) - severityRank(y.Severity) }).Summary
	}
	b.found(r, status, summary, causes...)
}

// explainsFailure says that a data mode may fail for a cause: not knowing EPSV is no reason to, where there is PASV.
func explainsFailure(cause *Cause) bool { return cause.ID != "ftp.passive.epsv-unsupported" }

// decisiveAttempt is the attempt on which passive mode depends: PASV's, where EPSV gave no port.
func decisiveAttempt(p *ftp.Passive) *ftp.PassiveAttempt {
	if !p.EPSV.Used.IsValid() && p.PASV != nil {
		return p.PASV
	}
	return p.EPSV
}

// listingRefused says that the server would not list, over a data connection that was made: the channel is judged by that.
func listingRefused(p *ftp.Passive) bool {
	return p.EPSV.Connected && p.EPSV.Transfer.Refused() || p.PASV != nil && p.PASV.Connected && p.PASV.Transfer.Refused()
}

func describePassive(p *ftp.Passive) string {
	for _, a := range []*ftp.PassiveAttempt{p.EPSV, p.PASV} {
		switch {
		case a == nil || !a.Connected:
		case a.Transfer.Refused():
			return fmt.Sprintf("%s: data connection to %s; the listing was refused", a.Command, a.Used)
		case a.Worked() && a.Transfer != nil:
			return fmt.Sprintf("%s: data connection to %s; listing of %s", a.Command, a.Used, sizeOf(a.Transfer))
		}
	}
	if alone := comparedAs(p, ftp.Alone); worksAlone(p) {
		return fmt.Sprintf("%s: data connection to %s, once we had no other connection there: their number is limited", alone.Command, alone.Used)
	}
	if p.EPSV.Fault != nil {
		return "passive mode failed at " + p.EPSV.Fault.Step + ": " + p.EPSV.Fault.Message
	}
	if t := p.EPSV.Transfer; t != nil && t.Fault != nil {
		return "passive mode failed at " + t.Fault.Step + ": " + t.Fault.Message
	}
	return "passive mode does not work"
}

func sizeOf(t *ftp.Transfer) string {
	if t.End == "cut" {
		return fmt.Sprintf("more than %d bytes", t.Bytes)
	}
	return fmt.Sprintf("%d bytes", t.Bytes)
}

// passiveCauses is all that is wrong with passive mode.
func (b *bench) passiveCauses(p *ftp.Passive) []*Cause {
	var causes []*Cause
	add := func(cause *Cause) {
		if cause != nil {
			causes = append(causes, cause)
		}
	}
	add(b.brokeInClear())
	defer func() { b.doubtPorts(p, causes) }()
	add(b.repliesCause(p))
	address := b.addressOfReply(p)
	add(address)
	add(algRepairs(p))
	ranged := b.rangeCause(p)
	add(ranged)
	if ranged == nil && !b.passiveWorks() && !listingRefused(p) {
		foreign := address != nil && (address.ID == "ftp.passive.foreign-address" || address.ID == "ftp.passive.alg-rewrite")
		if !foreign || p.EPSV.Used.IsValid() {
			add(b.portCause(p))
		}
	}
	if ranged == nil || !p.EPSV.EndedUnused() && !p.PASV.EndedUnused() {
		transfer := b.passiveTransfer(p)
		if transfer != nil && p.PASV.Worked() && transfer.ID != "ftp.passive.peer-mismatch" { // that one comes by turns
			transfer.as(SeverityWarn)
		}
		add(transfer)
	}
	if listingRefused(p) {
		add(b.refusedListing(p))
	}
	causes = append(causes, b.dataFlaws(p)...)
	return causes
}

// doubtPorts lowers what is said of ports, where a data connection was made all the same while no other of ours was open, or a stock
// client lists, or it could not even reach the control port: something on the way counts connections then.
func (b *bench) doubtPorts(p *ftp.Passive, causes []*Cause) {
	alone := comparedAs(p, ftp.Alone)
	client := seen(b.s.Client)
	faredOtherwise := client != nil && !client.Fault.Of(probes.Interrupted) &&
		(client.Listed || len(client.Dialed) > 0 && !client.Dialed[0].Connected)
	if !faredOtherwise && (alone == nil || !alone.Connected) {
		return
	}
	ofPorts := []string{"ftp.passive.port-filtered", "ftp.passive.port-refused", "ftp.passive.port-rejected"}
	for _, cause := range causes {
		if slices.Contains(ofPorts, cause.ID) && cause.Confidence == Proven {
			cause.likely("the same a minute later, with nothing else connected: not all of our connections fared the same, as where a firewall limits " +
				"a client's connections or their rate")
		}
	}
}

// repliesCause is what the replies to EPSV and PASV themselves say.
func (b *bench) repliesCause(p *ftp.Passive) *Cause {
	if control := seen(b.s.Control); control != nil && control.Desync != nil {
		return nil // they answered something else
	}
	peer := p.Peer.String()
	epsv, pasv := p.EPSV.Fault, (*probes.Fault)(nil)
	if p.PASV != nil {
		pasv = p.PASV.Fault
	}
	if epsv != nil && epsv.Step == "EPSV" && p.EPSV.Reply != nil && strings.HasPrefix(p.EPSV.Reply.Text, "OOPS") {
		return misconfigured(peer, p.EPSV.Reply, quoted("EPSV", p.EPSV.Reply))
	}
	unanswered := epsv != nil && epsv.Step == "EPSV" && !epsv.Of(probes.Interrupted) && (p.EPSV.Reply == nil || p.EPSV.Reply.Code == 421)
	if unanswered && p.PASV != nil && p.PASV.Reply.Positive() {
		return newCause("ftp.passive.epsv-blocked", peer, "the command EPSV ends the control connection, and PASV does not",
			"EPSV: "+epsv.Message, quoted("PASV, on another control connection", p.PASV.Reply)).
			likely("the same two commands by another path: the server itself or a device on the way may not bear EPSV").
			mend("turn EPSV off in the client, and look for a device on the way that inspects FTP and does not know EPSV (RFC 2428)")
	}
	refusedEPSV := epsv.Of(probes.Negative) && epsv.Step == "EPSV" && p.EPSV.Reply != nil
	refusedPASV := pasv.Of(probes.Negative) && pasv.Step == "PASV" && p.PASV.Reply != nil
	switch {
	case refusedEPSV && refusedPASV && p.Peer.Is6() && slices.Contains([]int{425, 501, 522}, p.PASV.Reply.Code):
		return newCause("ftp.passive.pasv-on-ipv6", peer, "the server refuses EPSV, without which there is no passive mode over IPv6",
			quoted("EPSV", p.EPSV.Reply), quoted("PASV", p.PASV.Reply)).
			mend("enable EPSV on the server: over IPv6 nothing else serves (RFC 2428)")
	case refusedEPSV && refusedPASV:
		return refusedPassive(peer, p.EPSV.Reply, p.PASV.Reply)
	case refusedEPSV && p.Peer.Is4() && p.PASV != nil && p.PASV.Used.IsValid():
		return newCause("ftp.passive.epsv-unsupported", peer, "the server does not know EPSV; PASV serves",
			quoted("EPSV", p.EPSV.Reply), quoted("PASV", p.PASV.Reply)).
			mend("nothing needs to be done over IPv4")
	}
	return malformedCause(p)
}

// refusedPassive says why the server gives no passive port. A server that does not know EPSV (500, 501, 502, 504, 522) says it with
// its reply to PASV, which every server knows.
func refusedPassive(peer string, epsv, pasv *ftp.Reply) *Cause {
	evidence := []string{quoted("EPSV", epsv), quoted("PASV", pasv)}
	for _, reply := range []*ftp.Reply{epsv, pasv} {
		if strings.HasPrefix(reply.Text, "OOPS") {
			return misconfigured(peer, reply, strings.Join(evidence, "; "))
		}
	}
	exhausted := newCause("ftp.passive.ports-exhausted", peer, "the server has no passive port to give", evidence...).
		mend("widen the server's passive port range, or lower the number of sessions")
	policy := []int{500, 501, 502, 504, 522, 530, 550}
	switch {
	case epsv.Code == 425, epsv.Code == 450, pasv.Code == 425, pasv.Code == 450:
		return exhausted
	case epsv.Code == 421, pasv.Code == 421:
		return exhausted.likely("the server's log: it closed the control connection, for this or for another reason")
	case slices.Contains(policy, epsv.Code) && slices.Contains(policy, pasv.Code):
		return newCause("ftp.passive.refused-by-policy", peer, "the server refuses passive mode", evidence...).
			mend("enable passive mode on the server (vsftpd pasv_enable=YES), or use active mode")
	}
	return nil
}

// malformedCause is a reply that cannot be read: a failure where the other command does not work either.
func malformedCause(p *ftp.Passive) *Cause {
	for _, a := range []*ftp.PassiveAttempt{p.EPSV, p.PASV} {
		if a == nil || !a.Fault.Of(probes.Malformed) || a.Fault.Step != a.Command || a.Reply == nil || a.Reply.Code != 227 && a.Reply.Code != 229 {
			continue
		}
		cause := newCause("ftp.passive.malformed-reply", p.Peer.String(), fmt.Sprintf("the server's reply to %s cannot be read", a.Command),
			quoted(a.Command, a.Reply), a.Fault.Message).
			mend("update or correct the server: its reply to %s breaks the protocol", a.Command)
		if p.EPSV.Worked() || p.PASV.Worked() {
			cause.as(SeverityWarn)
		}
		return cause
	}
	return nil
}

// refusedListing is a listing that the server refused: by the path that the user gave, or because it does not list at all.
func (b *bench) refusedListing(p *ftp.Passive) *Cause {
	t := p.EPSV.Transfer
	if !t.Refused() {
		t = p.PASV.Transfer
	}
	return b.listingCause(p.Peer.String(), t)
}

func (b *bench) listingCause(peer string, t *ftp.Transfer) *Cause {
	reply := t.Last()
	if directory := b.e.Target.Path; directory != "" {
		return newCause("ftp.path-not-found", peer, fmt.Sprintf("the server does not list %s", directory), quoted("LIST "+directory, reply)).
			mend("correct the path: the server has no %s, or does not let this user see it", directory)
	}
	return newCause("ftp.listing-denied", peer, "the server refuses the listing; the data connection itself works", quoted("LIST", reply)).
		mend("nothing needs to be done where the server is a drop box; else let the user read its directory")
}
