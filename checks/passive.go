package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// Networks that the Internet does not route (RFC 1918 §3, RFC 6598 §7, RFC 3927, RFC 4193).
var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

func isPrivate(addr netip.Addr) bool {
	return slices.ContainsFunc(privateNetworks, func(p netip.Prefix) bool { return p.Contains(addr.Unmap().WithZone("")) })
}

// isNowhere says that no data connection can lead to the address from another host.
func isNowhere(addr netip.Addr) bool {
	return addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

func (b *bench) passiveWorks() bool {
	p := seen(b.e.Passive)
	return p != nil && (p.EPSV.Worked() || p.PASV.Worked())
}

func (b *bench) judgePassive() {
	r := b.e.Passive.result("ftp.passive", Application)
	if reason, causes, missing := b.loginMissing(); missing {
		b.skipMode(r, reason, causes)
		return
	}
	p := seen(b.e.Passive)
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
	}
	b.conclude(r, works, describePassive(p), causes)
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
	add(repliesCause(p))
	address := b.addressOfReply(p)
	add(address)
	if !b.passiveWorks() && !listingRefused(p) {
		foreign := address != nil && address.ID == "ftp.passive.foreign-address"
		if !foreign || p.EPSV.Used.IsValid() {
			add(b.portCause(p))
		}
		add(transferCause(p))
	}
	if p.PASV.Worked() && p.EPSV.Fault != nil && p.EPSV.Fault.Step == "data connection" {
		add(epsvBlocked(p))
	}
	if listingRefused(p) {
		add(b.refusedListing(p))
	}
	return causes
}

// repliesCause is what the replies to EPSV and PASV themselves say.
func repliesCause(p *ftp.Passive) *Cause {
	peer := p.Peer.String()
	epsv, pasv := p.EPSV.Fault, (*probes.Fault)(nil)
	if p.PASV != nil {
		pasv = p.PASV.Fault
	}
	refusedEPSV := epsv.Of(probes.Negative) && epsv.Step == "EPSV" && p.EPSV.Reply != nil
	refusedPASV := pasv.Of(probes.Negative) && pasv.Step == "PASV" && p.PASV.Reply != nil
	switch {
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
		if a == nil || !a.Fault.Of(probes.Malformed) || a.Fault.Step != a.Command || a.Reply == nil {
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

// addressOfReply judges the address in the 227: nobody connects to it, and what clients that follow it will see is plain from
// the address itself. Where EPSV works, clients that use it are well.
func (b *bench) addressOfReply(p *ftp.Passive) *Cause {
	if p.PASV == nil || !p.PASV.Announced.IsValid() || p.PASV.Announced.Addr() == p.Peer {
		return nil
	}
	announced, peer := p.PASV.Announced.Addr(), p.Peer.String()
	evidence := []string{quoted("PASV", p.PASV.Reply), "the control connection goes to " + peer}
	if p.EPSV.Reply != nil && p.EPSV.Fault.Of(probes.Negative) {
		evidence = append(evidence, quoted("EPSV", p.EPSV.Reply))
	}
	var cause *Cause
	switch {
	case p.Peer.Is6():
		cause = newCause("ftp.passive.pasv-on-ipv6", peer, "the server answers PASV over IPv6, with an IPv4 address", evidence...).
			mend("enable EPSV on the server: over IPv6 nothing else serves (RFC 2428)")
	case isNowhere(announced):
		cause = newCause("ftp.passive.unspecified-address", peer,
			fmt.Sprintf("the server announces %s for its data connections, where no host is", announced), evidence...).
			mend("bind the server to a real address, or set the address that it announces " +
				"(vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd -P)")
	case isPrivate(announced) && !isPrivate(p.Peer):
		cause = newCause("ftp.passive.private-address", peer,
			fmt.Sprintf("FTP passive mode fails: the server advertises the private address %s", announced), evidence...).
			mend("set the server's public address %s in its configuration (vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd "+
				"-P), or let clients use EPSV", peer)
		if network := b.ownRouteTo(announced); network != "" {
			cause.Evidence = append(cause.Evidence, fmt.Sprintf("this machine has a route of its own to %s: %s", announced, network))
			cause.likely(fmt.Sprintf("whether the server can be reached at %s from here, as inside its own network or over a VPN", announced))
		}
	default:
		return foreignAddress(p, evidence)
	}
	if p.EPSV.Worked() {
		cause.as(SeverityWarn)
		cause.Summary = fmt.Sprintf("the reply to PASV names the address %s, where nobody can connect; EPSV works", announced)
	}
	return cause.with(p.Experiments...)
}

// ownRouteTo is the network by which this machine knows a way to the address that is more than the default route; empty where
// it knows none.
func (b *bench) ownRouteTo(addr netip.Addr) string {
	for _, m := range b.e.Routes {
		if r := m.Seen; r.Destination == addr && r.Fault == nil && r.Network.IsValid() && r.Network.Bits() > 0 {
			return r.Network.String()
		}
	}
	return ""
}

// foreignAddress is an address that could be right: of another machine of the server's, or of another network that it believes
// itself in. rung does not go there.
func foreignAddress(p *ftp.Passive, evidence []string) *Cause {
	announced, peer := p.PASV.Announced.Addr(), p.Peer.String()
	cause := newCause("ftp.passive.foreign-address", peer,
		fmt.Sprintf("the server advertises the address %s for its data connections, and not its own", announced), evidence...).
		with(p.Experiments...).
		mend("announce the address that clients connect to, %s (vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd -P)", peer)
	if isPrivate(p.Peer) && !isPrivate(announced) && p.EPSV.Worked() { // we are inside, and the address is for those outside
		return cause.as(SeverityInfo).likely("whether the announced address is meant for clients outside of this network").
			mend("nothing needs to be done where %s is the server's public address; clients inside may use EPSV", announced)
	}
	if !p.EPSV.Worked() && !p.PASV.Worked() {
		cause.as(SeverityFail).likely(fmt.Sprintf("a connection to %s: rung does not follow an address that a server hands it", p.PASV.Announced))
	}
	return cause
}

// controlRTT is the time in which the server's address answered the control connection's SYN.
func (b *bench) controlRTT(peer netip.Addr) probes.Millis {
	for _, m := range b.e.TCP {
		if m.Seen.Address.Addr() == peer && m.Seen.Connected() {
			return m.Seen.Took
		}
	}
	return 0
}

// epsvBlocked is a data connection that works after PASV and not after EPSV: something on the way reads the one and not the
// other.
func epsvBlocked(p *ftp.Passive) *Cause {
	return newCause("ftp.passive.epsv-blocked", p.Peer.String(), "data connections work after PASV, and not after EPSV",
		quoted("EPSV", p.EPSV.Reply), fmt.Sprintf("the connection to %s: %s", p.EPSV.Used, p.EPSV.Fault.Kind),
		quoted("PASV", p.PASV.Reply), fmt.Sprintf("the connection to %s: made", p.PASV.Used)).
		with(p.Experiments...).
		likely("the same two commands again: ports of a range that is open in parts fail by turns").
		mend("update the firewall that opens ports by reading PASV alone, " +
			"open the server's passive range statically, or turn EPSV off in the client")
}

// portCause says why no data connection was made to the port that the server gave, with the control connection alive beside it.
func (b *bench) portCause(p *ftp.Passive) *Cause {
	a := decisiveAttempt(p)
	if a.Fault == nil || a.Fault.Step != "data connection" {
		return nil
	}
	switch {
	case a.Fault.ICMP != nil:
		return b.portRefusedByDevice(a, a.Fault.ICMP)
	case a.Fault.Of(probes.Refused):
		return b.portRefused(p, a)
	case a.Fault.Of(probes.Timeout):
		return b.portSilent(p, a)
	}
	return nil
}

// portRefused is a RST from the data port.
func (b *bench) portRefused(p *ftp.Passive, a *ftp.PassiveAttempt) *Cause {
	to := a.Used.String()
	cause := newCause("ftp.passive.port-refused", to, fmt.Sprintf("the connection to the data port that the server gave is refused: %s", to),
		quoted(a.Command, a.Reply), fmt.Sprintf("SYN to %s: RST after %s", to, a.ConnectTook)).with(p.Experiments...).
		mend("publish the server's passive port range (containers), or correct the NAT rule that forwards it to the server")
	if rtt := b.controlRTT(p.Peer); a.ConnectTook*10 < rtt && rtt > probes.Millis(50*time.Millisecond) {
		cause.likely("where the RST comes from: the control connection's answers take much longer, as if a firewall near us sent it")
	}
	return cause
}

// portSilent is a data port from which nothing came back: what was sent there did not leave this machine, or was dropped later.
func (b *bench) portSilent(p *ftp.Passive, a *ftp.PassiveAttempt) *Cause {
	to := a.Used.String()
	evidence := []string{quoted(a.Command, a.Reply), fmt.Sprintf("SYN to %s: nothing came back within %s", to, a.ConnectTook)}
	if a.Transport.LocalFailures > 0 {
		return newCause("tcp.local-firewall", "", "this machine itself drops the data connection to "+to,
			append(evidence, fmt.Sprintf("the kernel's counter TCPRetransFail rose by %d meanwhile", a.Transport.LocalFailures))...).
			likely("the rules of this machine's firewall (nft list ruleset): the counter is of the whole machine").
			mend("allow outgoing connections to the server's passive port range in this machine's firewall")
	}
	cause := newCause("ftp.passive.port-filtered", to,
		fmt.Sprintf("nothing answers at the data port %s: it is dropped on the way, or by the host itself", to), evidence...).
		with(p.Experiments...).
		mend("open the server's passive port range in the firewall or cloud security group before it, " +
			"and set that range in the server (vsftpd pasv_min_port, ProFTPD PassivePorts, Pure-FTPd -p)")
	if !p.Alive.Done() {
		return cause.likely("a NOOP on the control connection while the data connection is silent")
	}
	if security := seen(b.e.Security); security != nil && security.Secured {
		cause.likely("the same in clear (ftp://): a firewall that opens data ports as it reads the control connection is blind to TLS")
	}
	cause.Evidence = append(cause.Evidence, "meanwhile the control connection was alive: NOOP was answered "+fmt.Sprint(p.Alive.Code))
	return cause
}

// resolving is what tells the two apart that say "host unreachable": a router says it when it has asked for the link-layer
// address of a host that is not there, three times and a second each (net.ipv4.neigh.default); a rule that rejects, at once.
const resolving = 2 * time.Second

// portRefusedByDevice names the device that sent the ICMP error for the data port.
func (b *bench) portRefusedByDevice(a *ftp.PassiveAttempt, icmp *probes.ICMP) *Cause {
	to, from := a.Used.String(), icmp.From.String()
	evidence := []string{quoted(a.Command, a.Reply), fmt.Sprintf("SYN to %s: %s after %s", to, icmp.Error(), a.ConnectTook)}
	switch means := meaningOf(icmp); {
	case b.ownAddress(icmp.From):
		return b.icmpCause(a.Used.Addr(), icmp)
	case means == portUnreachable:
		return newCause("ftp.passive.port-refused", from, fmt.Sprintf("%s refuses the data connection to %s", from, to), evidence...).
			mend("open or forward the server's passive port range on %s", from)
	case means == netUnreachable && icmp.From == a.Used.Addr() && time.Duration(a.ConnectTook) > resolving:
		return b.icmpCause(a.Used.Addr(), icmp)
	case means == prohibited || means == netUnreachable:
		return newCause("ftp.passive.port-rejected", from, fmt.Sprintf("%s forbids the data connection to %s", from, to), evidence...).
			mend("open the server's passive port range on %s", from)
	}
	return nil
}

// transferCause says why nothing came through a data connection that was made.
func transferCause(p *ftp.Passive) *Cause {
	a := p.EPSV
	if a.Transfer == nil && p.PASV != nil {
		a = p.PASV
	}
	if cause := brokenDown(p.Peer.String(), a.Transfer); cause != nil {
		return cause
	}
	if !stalled(a.Transfer) {
		return nil
	}
	return newCause("ftp.passive.stalled", a.Used.String(), "the data connection is made, and nothing comes through it",
		quoted(a.Command, a.Reply), fmt.Sprintf("the connection to %s was made in %s", a.Used, a.ConnectTook), quoted("LIST", a.Transfer.Opening),
		"no byte and no end of the data connection came").
		likely("the same listing with small segments (MSS 1200): where that works, the path's MTU is to blame").
		mend("look at the server's process for this transfer, and at devices on the way that hold the data connection")
}

// brokenDown is a server whose process for the transfer gave up with an error of its own.
func brokenDown(peer string, t *ftp.Transfer) *Cause {
	if t == nil {
		return nil
	}
	for _, reply := range []*ftp.Reply{t.Opening, t.Final} {
		if reply != nil && strings.HasPrefix(reply.Text, "OOPS") {
			return misconfigured(peer, reply, quoted("LIST", reply))
		}
	}
	return nil
}

// stalled says that the server announced the data and none came, nor an end.
func stalled(t *ftp.Transfer) bool {
	return t != nil && t.Fault.Of(probes.Timeout) && t.Fault.Step == "data" && t.Bytes == 0 && t.Opening.Positive()
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
	if path := b.e.Target.Path; path != "" {
		return newCause("ftp.path-not-found", peer, fmt.Sprintf("the server does not list %s", path), quoted("LIST "+path, reply)).
			mend("correct the path: the server has no %s, or does not let this user see it", path)
	}
	return newCause("ftp.listing-denied", peer, "the server refuses the listing; the data connection itself works", quoted("LIST", reply)).
		mend("nothing needs to be done where the server is a drop box; else let the user read its directory")
}
