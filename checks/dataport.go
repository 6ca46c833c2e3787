package checks

import (
	"fmt"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/path"
)

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
	if a.Fault == nil || a.Fault.Step != "data connection" || a.ControlLost {
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
	if f, ok := b.refusedOnTheWay(a.Used); ok {
		cause.Where, cause.Evidence = f.where, append(cause.Evidence, f.said)
		cause.Summary = fmt.Sprintf("the connection to the data port %s is refused by a device on the way, in the server's name", to)
		return cause.mend("let the firewall that refuses it (%s) pass connections to the server's passive port range", f.where)
	}
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
	if traced && dies.near() {
		cause.Summary = fmt.Sprintf("nothing answers at the data port %s: what is sent there dies near us, at %s", to, where)
		cause.mend("let the firewall of this network or its provider (%s) pass outgoing connections to the server's passive ports, which lie "+
			"above 1023", where)
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
	return []string{fmt.Sprintf("%d passive ports were tried in all: %s", len(distinct(ports)), listPorts(ports))}
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
	return b.hairpin(p, a, evidence)
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
func (b *bench) hairpin(p *ftp.Passive, a *ftp.PassiveAttempt, evidence []string) *Cause {
	if !b.firstRouterIs(p.Peer) {
		return nil
	}
	if way := b.wayTo(a.Used); way != nil && way.Reached && way.LastTTL > 1 {
		return nil // it is turned back: what refuses it stands behind the router
	}
	evidence = append(evidence, fmt.Sprintf("a SYN with TTL 1 is answered (time exceeded) in the name of %s: our own first router has that address", p.Peer))
	if active := seen(b.s.Active); active != nil && active.Seen.IsValid() {
		evidence = append(evidence, fmt.Sprintf("the server sees us as %s", active.Seen))
	}
	cause := newCause("ftp.passive.hairpin", p.Peer.String(),
		fmt.Sprintf("we are inside the server's own network, and data connections to its public address %s are not turned back to it", p.Peer), evidence...).
		mend("let clients inside use the server's inner address (split DNS), or let the router %s turn data connections back too (NAT hairpinning)", p.Peer)
	if p.Followed.Worked() { // at the server's inner address
		return cause
	}
	return cause.likely("a connection to the same port at the server's inner address: its own firewall may be to blame")
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
