package checks

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// stepDataTLS is the step of a fault in which TLS begins on a data connection.
const stepDataTLS = "data TLS handshake"

// brokeInClear is a server that wrote the reason of its own death into the TLS stream, in clear. What it says of a data connection
// that we gave up first is no reason.
func (b *bench) brokeInClear() *Cause {
	control := seen(b.s.Control)
	if control == nil || !strings.HasPrefix(control.InClear, "500 OOPS") {
		return nil
	}
	if p := seen(b.s.Passive); p != nil && p.EPSV != nil && (b.passiveWorks() || gaveUp(decisiveTransfer(p))) {
		return nil
	}
	return newCause("ftp.server-misconfigured", control.Peer.String(), "the server breaks down: "+firstLine(control.InClear),
		fmt.Sprintf("in clear, where a TLS record should be, came %q", firstLine(control.InClear))).
		mend("mend the server's configuration, as its message says (vsftpd: a writable root inside a chroot, a missing directory)")
}

// resumedLater says that a transfer which had failed went through where the control connection's TLS session was resumed.
func resumedLater(p *ftp.Passive) bool {
	resumed := comparedAs(p, ftp.ResumedTLS)
	if p.EPSV == nil || !resumed.Worked() || resumed.Transfer == nil || !resumed.Transfer.Resumed {
		return false
	}
	t := decisiveTransfer(p)
	return t != nil && (refusedUnresumed(t) || brokenOff(t))
}

// passiveTransfer says why nothing came through a passive data connection that was made.
func (b *bench) passiveTransfer(p *ftp.Passive) *Cause {
	if cause := b.unprotected(p); cause != nil {
		return cause
	}
	a := p.EPSV
	if a.Transfer == nil && p.PASV != nil {
		a = p.PASV
	}
	t := a.Transfer
	if t == nil || t.Fault == nil || t.Fault.Of(probes.Interrupted) || t.Refused() || listingRefused(p) {
		return nil
	}
	made := []string{quoted(a.Command, a.Reply), fmt.Sprintf("the connection to %s was made in %s", a.Used, a.ConnectTook)}
	if cause := b.transferCause(p.Peer.String(), t, made); cause != nil {
		return cause
	}
	resumed := comparedAs(p, ftp.ResumedTLS)
	if resumed == nil {
		resumed = &ftp.PassiveAttempt{}
	}
	if cause := b.reuseCause(p.Peer.String(), t, resumed.Transfer, made); cause != nil {
		return cause
	}
	if cause := strangerToServer(p.Peer.String(), t, made); cause != nil {
		return cause
	}
	if a.EndedUnused() {
		return endedUnused(p, a, made)
	}
	small := comparedAs(p, ftp.SmallSegments)
	switch {
	case p.PASV.Worked():
		return nil
	case stalled(t) && small.Worked():
		return b.listingBlackHole(p, t, made)
	case b.lostOnTheWay(t) != nil:
		return b.lostOnTheWay(t)
	case !stalled(t):
		return nil
	}
	cause := newCause("ftp.passive.stalled", a.Used.String(), "the data connection is made, and the listing does not come through it",
		append(made, quoted("LIST", t.Opening), standstill(t))...).
		likely("the same listing with small segments (MSS 1200): where that works, the path's MTU is to blame").
		mend("look at the server's process for this transfer, and at devices on the way that hold the data connection")
	if small != nil && small.Transfer.Began() {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("with %s the same: it is not the path's MTU", inSmallSegments(p.Peer)))
		cause.likely("the server's log of this transfer, and a capture of it at the server")
	}
	return cause
}

func inSmallSegments(peer netip.Addr) string {
	return fmt.Sprintf("segments of %d bytes at the most", smallMSS(peer))
}

// listingBlackHole is a path that loses the large segments of a listing, which comes in small ones. Where nothing arrived ahead of what is
// missing, or the server got no second chance, its process may have been slow once.
func (b *bench) listingBlackHole(p *ftp.Passive, t *ftp.Transfer, made []string) *Cause {
	cause := newCause("path.pmtu-blackhole-inbound", "", fmt.Sprintf("large packets from %s vanish on the way here", p.Peer),
		append(made, quoted(t.Command, t.Opening), standstill(t), fmt.Sprintf("with %s the listing comes", inSmallSegments(p.Peer)))...).
		with(probes.Experiment{
			Variable: "segments of the data connection", A: "the system's", OutcomeA: "connected, then timeout",
			B: inSmallSegments(p.Peer), OutcomeB: comparedAs(p, ftp.SmallSegments).Outcome(),
		}).mend(letLargePacketsIn)
	if out := t.Transport.OutOfOrder; out > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d segment(s) arrived ahead of what is missing", out))
	}
	switch again := p.PASV != nil && p.PASV.Transfer != t && stalled(p.PASV.Transfer); {
	case t.Transport.OutOfOrder > 0 && again:
	case t.Transport.OutOfOrder > 0 && b.activeStalls():
		cause.restsOn("ftp.active")
	default:
		cause.likely("the same listing several times, with large and with small segments")
	}
	return cause
}

// activeStalls says that a listing in active mode stood still as well.
func (b *bench) activeStalls() bool {
	a := seen(b.s.Active)
	return a != nil && slices.ContainsFunc(a.Attempts, func(a ftp.ActiveAttempt) bool { return stalled(a.Transfer) })
}

// lostOnTheWay is the loss of packets that is known of the way there, for a transfer that waits in vain; nil where none is known.
func (b *bench) lostOnTheWay(t *ftp.Transfer) *Cause {
	if !t.Fault.Of(probes.Timeout) || !b.blamed("path.lossy") {
		return nil
	}
	return newCause("path.lossy", "", "packets are lost on the way, and so many that a transfer does not come to its end",
		fmt.Sprintf("%s: nothing came in time", t.Command)).as(SeverityFail).likely("the same transfer, when nothing is lost any more")
}

// transferCause is what can be told of a transfer alone, in both modes: the server broke down, or TLS did not begin on the data
// connection.
func (b *bench) transferCause(peer string, t *ftp.Transfer, made []string) *Cause {
	if cause := brokenDown(peer, t); cause != nil {
		return cause
	}
	if t.Fault == nil || t.Fault.Step != stepDataTLS {
		return nil
	}
	switch {
	case t.InClear != "" && t.Began():
		return newCause("ftps.data-not-tls", peer, "the server sends data in clear, though it has agreed to protect them",
			append(made, b.agreedToProtect(), fmt.Sprintf("in place of a ServerHello came %q", firstLine(t.InClear)))...).
			mend("send no files to this server until it protects its data connections: mend its TLS configuration, or the device before it")
	case t.Fault.Of(probes.Timeout) && t.Opening.Positive() && t.Transport.BytesAcked > 1 && t.Transport.OutOfOrder == 0 && t.Transport.Unacked == 0 &&
		t.Transport.BytesReceived == 0:
		return newCause("ftps.data-stall", peer, "TLS does not begin on the data connection: the server does not answer the ClientHello",
			append(made, quoted(t.Command, t.Opening), "the ClientHello was acknowledged, and no byte came back")...).
			likely("the same with small segments (MSS 1200): where that works, the path's MTU is to blame; and the server's log of this transfer").
			mend("look at the server's process for this transfer: it is to accept TLS on the data connection once it has sent its 150")
	}
	return nil
}

func (b *bench) agreedToProtect() string {
	if security := seen(b.s.Security); security != nil && security.ProtReply != nil {
		return quoted("PROT P", security.ProtReply)
	}
	return "data connections are protected"
}

// gaveUp says that we gave up a data connection while the server still used it: whatever it says after that follows.
func gaveUp(t *ftp.Transfer) bool {
	return t != nil && t.Opening.Positive() && (t.Fault.Of(probes.Timeout) || t.Fault != nil && t.Fault.Step == stepDataTLS)
}

// brokenDown is a server whose process for the transfer gave up with an error of its own.
func brokenDown(peer string, t *ftp.Transfer) *Cause {
	if t == nil || gaveUp(t) {
		return nil
	}
	for _, reply := range []*ftp.Reply{t.Opening, t.Final} {
		if reply != nil && strings.HasPrefix(reply.Text, "OOPS") {
			return misconfigured(peer, reply, quoted(t.Command, reply))
		}
	}
	return nil
}

// stalled says that the server announced the data and none came, or no more, nor an end.
func stalled(t *ftp.Transfer) bool {
	return t != nil && t.Fault.Of(probes.Timeout) && t.Fault.Step == "data" && t.Opening.Positive()
}

// standstill says how a transfer stalled.
func standstill(t *ftp.Transfer) string {
	if t.Bytes == 0 {
		return "no byte and no end of the data connection came"
	}
	return fmt.Sprintf("%d bytes came, and then nothing for %s, nor an end", t.Bytes, t.Silence)
}

// unprotected is a server that wants data connections protected where they were to be in clear.
func (b *bench) unprotected(p *ftp.Passive) *Cause {
	peer := p.Peer.String()
	t := decisiveTransfer(p)
	private := comparedAs(p, ftp.PrivateData)
	if t == nil || t.Secured || t.Opening == nil || !wantsProtection(t) || t.Fault == nil || t.Fault.Step != t.Command {
		return nil
	}
	said := []string{quoted(t.Command+", data connection in clear", t.Opening)}
	if private.Worked() && private.Transfer != nil {
		return newCause("ftps.prot-required", peer, peer+" wants data connections protected",
			append(said, quoted(t.Command+", after PBSZ 0 and PROT P", private.Transfer.Last()))...).
			with(probes.Experiment{
				Variable: "data connection", A: "in clear", OutcomeA: probes.Outcome(fmt.Sprint(t.Opening.Code)),
				B: "after PBSZ 0 and PROT P", OutcomeB: private.Outcome(),
			}).
			mend("protect data connections: ftpes:// sends PBSZ 0 and PROT P")
	}
	if private != nil && private.Transfer != nil || t.Opening.Code != 521 && t.Opening.Code != 522 {
		return nil // protection makes no difference, or the code means anything
	}
	return newCause("ftps.prot-required", peer, peer+" wants data connections protected", said...).
		likely("the same transfer after AUTH TLS, PBSZ 0 and PROT P, which could not be tried").
		mend("protect data connections: ftpes:// sends PBSZ 0 and PROT P")
}

// wantsResumption are the words in which servers refuse a data connection whose TLS session is not the control connection's: vsftpd and
// FileZilla Server say so; ProFTPD says EPERM.
var wantsResumption = regexp.MustCompile(`(?i)\b(reus\w*|resum\w*|cached?|operation not permitted)\b`)

// refusedUnresumed says that a transfer was refused on a data connection that did not resume the control connection's session.
func refusedUnresumed(t *ftp.Transfer) bool {
	last := t.Last()
	return t.Secured && !t.Resumed && t.Fault != nil && last != nil && !last.Positive() && !t.Refused() // 450 and 550 are of files
}

// brokenOff says that the server ended the data connection at a full handshake, or right after it.
func brokenOff(t *ftp.Transfer) bool {
	return !t.Resumed && t.Opening.Positive() && (t.Fault.Of(probes.Closed) || t.Fault.Of(probes.Reset)) && t.Bytes == 0 &&
		(t.Fault.Step == stepDataTLS || t.Secured && t.Fault.Step == "data")
}

// reuseCause is a server that wants data connections to resume the control connection's TLS session.
func (b *bench) reuseCause(peer string, t, resumed *ftp.Transfer, made []string) *Cause {
	security := seen(b.s.Security)
	if security == nil || !security.Secured || !refusedUnresumed(t) && (!brokenOff(t) || !resumed.Worked()) {
		return nil
	}
	said := append(slices.Clip(made), quoted(t.Command+", after a full TLS handshake on the data connection", t.Last()))
	if resumed.Worked() && resumed.Resumed {
		cause := newCause("ftps.session-reuse-required", peer,
			peer+" accepts data connections only where they resume the control connection's TLS session",
			append(said, quoted("the same with the session resumed", resumed.Final))...).
			with(probes.Experiment{
				Variable: "TLS session of the data connection", A: "a new one", OutcomeA: outcomeOf(t.Last()),
				B: "the control connection's, resumed", OutcomeB: outcomeOf(resumed.Final),
			}).
			mend("let the client resume the control connection's session on data connections, or relax the server " +
				"(vsftpd require_ssl_reuse=NO, ProFTPD TLSOptions NoSessionReuseRequired)")
		if brokenOff(t) || !slices.Contains([]int{425, 522}, t.Last().Code) && !wantsResumption.MatchString(t.Last().Text) {
			cause.likely("the same two transfers again: the refusal does not speak of sessions")
		}
		if !b.e.Settings.FullTLS { // rung resumed and got through
			cause.as(SeverityInfo)
		}
		return cause
	}
	if last := t.Last(); last == nil || !wantsResumption.MatchString(last.Text) {
		return nil
	}
	if offered := t.Offered || resumed != nil && resumed.Offered; !offered && !b.e.Settings.FullTLS {
		return newCause("ftps.session-reuse-impossible", peer,
			peer+" wants data connections to resume the control connection's TLS session, and gives no ticket to resume it with", append(said,
				"no session ticket came over the control connection")...).
			mend("enable session tickets or TLS 1.3 on the server; clients that resume by session id may work, and rung cannot: it cannot test further")
	}
	return newCause("ftps.session-reuse-required", peer,
		peer+" accepts data connections only where they resume the control connection's TLS session", said...).
		likely("the same with the session resumed, which could not be had").
		mend("let the client resume the control connection's session on data connections, or relax the server " +
			"(vsftpd require_ssl_reuse=NO, ProFTPD TLSOptions NoSessionReuseRequired)")
}

func outcomeOf(reply *ftp.Reply) probes.Outcome {
	if reply == nil {
		return "no reply"
	}
	return probes.Outcome(fmt.Sprintf("%d %s", reply.Code, firstLine(reply.Text)))
}

// wrongPeer are the words in which servers refuse a data connection from another address than the control connection's (RFC 4217
// §15.2.6): vsftpd says "Security: Bad IP connecting", ProFTPD EACCES.
var wrongPeer = regexp.MustCompile(`(?i)\b(security|bad ip|(different|foreign|wrong|unexpected|mismatch\w*) (ip|address|host|peer)|` +
	`address(es)? (mismatch|does not match|do not match)|permission denied)\b`)

// strangerToServer is a data connection that was made and closed again, because the server takes it for somebody else's.
func strangerToServer(peer string, t *ftp.Transfer, made []string) *Cause {
	last := t.Last()
	if last == nil || !slices.Contains([]int{425, 426, 500, 501, 504}, last.Code) || !wrongPeer.MatchString(last.Text) {
		return nil
	}
	return newCause("ftp.passive.peer-mismatch", peer, "the server refuses our data connection, since it seems to come from another address than the control connection",
		append(made, quoted(t.Command, last))...).
		mend("let the address translation before us use one public address for all connections to %s (a NAT pool with paired addresses), "+
			"or relax the server's check (vsftpd pasv_promiscuous, ProFTPD AllowForeignAddress)", peer)
}

// endedUnused is a data connection that somebody accepted and closed again, and of which the server does not speak: it comes to nobody,
// or to a server that takes it for somebody else's and keeps silent about it (Pure-FTPd).
func endedUnused(p *ftp.Passive, a *ftp.PassiveAttempt, made []string) *Cause {
	evidence := append(slices.Clip(made), "it was closed again, without a byte and without a reply to LIST")
	closed, kept := 0, 0
	for _, port := range portsOf(p) {
		if port.open {
			kept++
		} else {
			closed++
		}
	}
	if closed+kept > 0 {
		evidence = append(evidence, fmt.Sprintf("of %d more ports, tried without a transfer, %d were closed again at once", closed+kept, closed))
	}
	if closed > 0 && kept == 0 {
		return newCause("ftp.passive.port-refused", a.Used.String(),
			"something accepts the data connection in the server's place, and closes it again: it does not reach the server", evidence...).
			likely("the log of the proxy or load balancer at "+p.Peer.String()).
			mend("let the proxy or load balancer at %s pass the whole passive range on to the server", p.Peer)
	}
	if kept == 0 {
		return nil
	}
	return newCause("ftp.passive.peer-mismatch", p.Peer.String(),
		"the server closes our data connection without a word: it seems to come from another address than the control connection", evidence...).
		likely("the server's log of this moment, and the addresses of both connections as it sees them").
		mend("let the address translation before us use one public address for all connections to %s (a NAT pool with paired addresses), "+
			"or relax the server's check (vsftpd pasv_promiscuous, ProFTPD AllowForeignAddress)", p.Peer)
}

// dataFlaws are what is wrong with data connections that work.
func (b *bench) dataFlaws(p *ftp.Passive) []*Cause {
	var causes []*Cause
	for _, cause := range []*Cause{
		b.otherCertificate(p.Peer, ownTransfers(p)...), noCloseNotify(p.Peer, transfersOf(p)...), exhausted(p),
	} {
		if cause != nil {
			causes = append(causes, cause)
		}
	}
	return causes
}

// ownTransfers are those of the session whose control connection's certificate is known: another may have come to another machine.
func ownTransfers(p *ftp.Passive) (own []*ftp.Transfer) {
	for _, a := range []*ftp.PassiveAttempt{p.EPSV, p.PASV} {
		if a != nil && a.Transfer != nil {
			own = append(own, a.Transfer)
		}
	}
	return own
}

// transfersOf are all transfers of passive mode.
func transfersOf(p *ftp.Passive) []*ftp.Transfer {
	all := ownTransfers(p)
	var others []ftp.PassiveAttempt
	if p.Series != nil {
		others = p.Series.Transfers
	}
	for _, a := range slices.Concat(p.Compared, others) {
		if a.Transfer != nil {
			all = append(all, a.Transfer)
		}
	}
	return all
}

// otherCertificate is a data connection whose certificate is not the control connection's.
func (b *bench) otherCertificate(peer netip.Addr, transfers ...*ftp.Transfer) *Cause {
	chain := seen(b.s.Chain)
	if chain == nil || len(chain.Certificates) == 0 {
		return nil
	}
	for _, t := range transfers {
		if ours := chain.Certificates[0].SHA256; t != nil && t.Leaf != "" && t.Leaf != ours {
			return newCause("ftps.data-cert-mismatch", peer.String(), "the server's certificate on data connections is not the control connection's",
				"control connection: SHA-256 "+ours, "data connection: SHA-256 "+t.Leaf).
				mend("give the server one certificate for both, and reload it wholly after a renewal")
		}
	}
	return nil
}

// noCloseNotify is a server that ends protected data as TCP alone would: nobody can tell their end from a cut.
func noCloseNotify(peer netip.Addr, transfers ...*ftp.Transfer) *Cause {
	for _, t := range transfers {
		if t != nil && t.NoCloseNotify && t.Worked() {
			return newCause("ftps.no-close-notify", peer.String(), "the server ends data over TLS without close_notify: a cut would look the same",
				t.Command+": the data connection ended with a FIN, and without close_notify before it", quoted(t.Command, t.Final)).
				mend("mend the server's TLS shutdown (an update, or its TLS library's), and compare the sizes of files until then")
		}
	}
	return nil
}

// forgotten is a server that resumed sessions on one control connection, and on the next not even for the first data connection: its
// tickets or its memory may not last.
func forgotten(p *ftp.Passive) *Cause {
	if len(p.Series.Transfers) == 0 || p.Series.Transfers[0].Transfer == nil || !p.EPSV.Worked() || p.EPSV.Transfer == nil || !p.EPSV.Transfer.Resumed {
		return nil
	}
	first := p.Series.Transfers[0].Transfer
	if !refusedUnresumed(first) {
		return nil
	}
	return newCause("ftps.ticket-exhausted", p.Peer.String(), "the server's TLS session tickets run out: one data connection resumes, and a later one is refused",
		"EPSV: the data connection resumed the control connection's TLS session",
		fmt.Sprintf("on another control connection the first data connection (%s) could not, and was refused: %s", first.Command, quoted(first.Command, first.Last()))).
		likely("the server's own log: whether it forgets TLS sessions after a while, or keeps too few of them").
		mend("let the server remember TLS sessions for as long as control connections last, or not insist on their resumption")
}

// exhausted is a server whose session tickets run out: the first data connections resume, and a later one does not and is refused.
func exhausted(p *ftp.Passive) *Cause {
	if p.Series == nil {
		return nil
	}
	if cause := forgotten(p); cause != nil {
		return cause
	}
	resumed := 0
	for i := range p.Series.Transfers {
		a := &p.Series.Transfers[i]
		t := a.Transfer
		switch {
		case t == nil:
			return nil
		case a.Worked() && t.Resumed:
			resumed++
		case resumed > 0 && refusedUnresumed(t):
			return newCause("ftps.ticket-exhausted", p.Peer.String(),
				fmt.Sprintf("the server's TLS session tickets run out: of its data connections %d resume, and the next is refused", resumed),
				fmt.Sprintf("data connections 1 to %d of one session resumed the control connection's TLS session", resumed),
				fmt.Sprintf("data connection %d (%s) could not, and was refused: %s", resumed+1, t.Command, quoted(t.Command, t.Last()))).
				mend("let the client read tickets on every data connection, uploads too; or let the server give more of them, or accept one several times")
		default:
			return nil
		}
	}
	return nil
}
