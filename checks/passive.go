package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/path"
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
	p := seen(b.s.Passive)
	return p != nil && (p.EPSV.Worked() || p.PASV.Worked() || p.Followed.Worked() || resumedLater(p))
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
	b.conclude(r, works, describePassive(p), causes)
	if !works {
		if b.noPassive = b.results[len(b.results)-1].CausedBy; len(b.noPassive) == 0 {
			b.noPassive = []string{unexplained + ".ftp.passive"}
		}
	}
}

// announcedElsewhere is the address in the reply to PASV, where it is not the control connection's peer; else invalid.
func (b *bench) announcedElsewhere() netip.Addr {
	p := seen(b.s.Passive)
	if p == nil || p.PASV == nil || p.PASV.Announced.Addr() == p.Peer {
		return netip.Addr{}
	}
	return p.PASV.Announced.Addr()
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
	add(b.brokeInClear())
	add(repliesCause(p))
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
	add(b.passiveTransfer(p))
	if listingRefused(p) {
		add(b.refusedListing(p))
	}
	causes = append(causes, b.dataFlaws(p)...)
	return causes
}

// repliesCause is what the replies to EPSV and PASV themselves say.
func repliesCause(p *ftp.Passive) *Cause {
	peer := p.Peer.String()
	epsv, pasv := p.EPSV.Fault, (*probes.Fault)(nil)
	if p.PASV != nil {
		pasv = p.PASV.Fault
	}
	unanswered := epsv != nil && epsv.Step == "EPSV" && p.EPSV.Reply == nil && !epsv.Of(probes.Interrupted)
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
	if cause := algRewrites(p, evidence); cause != nil {
		return cause
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
	if !p.EPSV.Worked() && !p.PASV.Worked() && !p.Followed.Worked() {
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

// portCause says why no data connection was made to the port that the server gave, with the control connection alive beside it.
func (b *bench) portCause(p *ftp.Passive) *Cause {
	a := decisiveAttempt(p)
	if a.Fault == nil || a.Fault.Step != "data connection" {
		return nil
	}
	if cause := b.blindOrHairpin(p, a); cause != nil {
		return cause
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
	evidence := append([]string{quoted(a.Command, a.Reply), fmt.Sprintf("SYN to %s: RST after %s", to, a.ConnectTook)}, sampled(p)...)
	cause := newCause("ftp.passive.port-refused", to, fmt.Sprintf("the connection to the data port that the server gave is refused: %s", to),
		evidence...).with(p.Experiments...).
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
	evidence = append(evidence, sampled(p)...)
	dies, traced := b.whereItDies(a.Used)
	where := to
	if traced {
		evidence, where = append(evidence, dies.said()), dies.where(to)
	}
	if p.Alive.Done() {
		evidence = append(evidence, "meanwhile the control connection was alive: NOOP was answered "+fmt.Sprint(p.Alive.Code))
	}
	cause := newCause("ftp.passive.port-filtered", where,
		fmt.Sprintf("nothing answers at the data port %s: it is dropped on the way, or by the host itself", to), evidence...).
		with(p.Experiments...).
		mend("open the server's passive port range in the firewall or cloud security group before it, " +
			"and set that range in the server (vsftpd pasv_min_port, ProFTPD PassivePorts, Pure-FTPd -p)")
	if traced && dies.ours() {
		cause.Summary = fmt.Sprintf("nothing answers at the data port %s: what is sent there dies on our side, at %s", to, where)
		cause.mend("let this network's firewall (%s) pass outgoing connections to the server's passive ports, which lie above 1023", where)
	}
	if !p.Alive.Done() {
		cause.likely("a NOOP on the control connection while the data connection is silent")
	}
	if blind := b.unsettledBlindness(p); blind != "" {
		cause.likely(blind)
	}
	return cause
}

// sampled says what became of the other ports that were tried.
func sampled(p *ftp.Passive) []string {
	ports := portsOf(p)
	if p.Sampling == nil || len(ports) < 2 {
		return nil
	}
	return []string{fmt.Sprintf("%d passive ports were tried in all: %s", len(ports), listPorts(ports))}
}

// unsettledBlindness says what would exclude a firewall that opens data ports as it reads the control connection, and is blind to TLS;
// empty where nothing is left to exclude.
func (b *bench) unsettledBlindness(p *ftp.Passive) string {
	security := seen(b.s.Security)
	switch inClear := comparedAs(p, ftp.InClear); {
	case security == nil || !security.Secured:
		return ""
	case inClear != nil && inClear.Used.IsValid() && !inClear.Fault.Of(probes.Interrupted):
		return ""
	case b.e.Settings.ClearLogin || !b.e.Settings.LoginGiven:
		return "the same in clear (ftp://), which could not be tried: a firewall that opens data ports as it reads the control connection " +
			"is blind to TLS"
	}
	return "the same in clear (--clear-login): a firewall that opens data ports as it reads the control connection is blind to TLS"
}

// comparedAs is the attempt that was made for a comparison; nil where none was.
func comparedAs(p *ftp.Passive, variant ftp.Variant) *ftp.PassiveAttempt {
	for i := range p.Compared {
		if a := &p.Compared[i]; a.Variant == variant {
			return a
		}
	}
	return nil
}

// blindOrHairpin are the two reasons for a dead port that lie neither in the server nor in its range: a firewall that opens the
// ports it reads about, and cannot read TLS; and a client inside the server's own network, which comes to it by its public address.
func (b *bench) blindOrHairpin(p *ftp.Passive, a *ftp.PassiveAttempt) *Cause {
	evidence := append([]string{
		quoted(a.Command, a.Reply), fmt.Sprintf("the connection to %s: %s after %s", a.Used, a.Outcome(), a.ConnectTook),
	}, sampled(p)...)
	if inClear := comparedAs(p, ftp.InClear); inClear != nil && inClear.Connected {
		return blindToTLS(p, a, inClear, evidence)
	}
	return b.hairpin(p, evidence)
}

// blindToTLS is a firewall that opens the ports which it reads about on the control connection, and cannot read TLS.
func blindToTLS(p *ftp.Passive, a, inClear *ftp.PassiveAttempt, evidence []string) *Cause {
	tried, worked := 0, 0
	for _, compared := range p.Compared {
		if compared.Variant != ftp.InClear || !compared.Used.IsValid() {
			continue
		}
		tried++
		if compared.Connected {
			worked++
		}
	}
	cause := newCause("ftp.passive.alg-blind-to-tls", p.Peer.String(),
		"data connections work where the control connection is in clear, and not after AUTH TLS: a firewall opens only the ports it reads about",
		append(evidence, fmt.Sprintf("with the control connection in clear, %d data connections of %d were made; the first: %s",
			worked, tried, quoted(inClear.Command, inClear.Reply)))...).
		with(probes.Experiment{
			Variable: "control connection", A: "after AUTH TLS", OutcomeA: a.Outcome(), B: "in clear", OutcomeB: inClear.Outcome(),
		}).
		mend("open the server's passive port range statically in the firewall that inspects FTP: it cannot read what TLS protects")
	if worked < comparedPorts || len(distinct(portsOf(p))) < enoughPorts {
		cause.likely("more ports of both (--passive-samples 16): a range that is open in parts can look the same")
	}
	return cause
}

// hairpin is a client inside the server's own network that comes to it by its public address: our first router is where that address
// is.
func (b *bench) hairpin(p *ftp.Passive, evidence []string) *Cause {
	if !b.firstRouterIs(p.Peer) {
		return nil
	}
	evidence = append(evidence, fmt.Sprintf("a SYN with TTL 1 is answered (time exceeded) in the name of %s: our own first router has that address", p.Peer))
	if active := seen(b.s.Active); active != nil && active.Seen.IsValid() {
		evidence = append(evidence, fmt.Sprintf("the server sees us as %s", active.Seen))
	}
	return newCause("ftp.passive.hairpin", p.Peer.String(),
		fmt.Sprintf("we are inside the server's own network, and data connections to its public address %s are not turned back to it", p.Peer), evidence...).
		mend("let clients inside use the server's inner address (split DNS), or let the router %s turn data connections back too (NAT hairpinning)", p.Peer)
}

// firstRouterIs says that the first router on the way to an address answers in the name of that address.
func (b *bench) firstRouterIs(addr netip.Addr) bool {
	for _, m := range b.e.Paths {
		for _, hop := range m.Seen.Hops {
			if m.Seen.To.Addr() == addr && hop.TTL == 1 && hop.Outcome == path.Exceeded && hop.From == addr {
				return true
			}
		}
	}
	return false
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
