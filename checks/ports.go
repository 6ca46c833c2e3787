package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// port is what became of one passive port that the server gave.
type port struct {
	command  string
	number   uint16
	open     bool // a connection was made, and kept
	refused  int  // tries that were refused
	closed   int  // tries that were accepted, and closed at once
	silent   int  // tries that nothing answered
	rejected int  // tries for which a device sent an ICMP error
}

// byTurns says that the same port failed and then worked. What a device on the way rejects never came to a backend.
func (p port) byTurns() bool { return p.open && p.refused+p.closed+p.silent > 0 }

// tries is how often the port failed.
func (p port) tries() int { return p.refused + p.closed + p.silent + p.rejected }

// portsOf are all passive ports that were tried: the attempts' and the samples'.
func portsOf(p *ftp.Passive) (ports []port) {
	for _, a := range []*ftp.PassiveAttempt{p.EPSV, p.PASV} {
		if a != nil && a.Used.IsValid() && (a.Connected || a.Fault != nil) && !a.Fault.Of(probes.Interrupted) && !a.EndedUnused() && !a.ControlLost {
			ports = append(ports, newPort(a.Command, a.Used, a.Fault))
		}
	}
	if p.Sampling == nil {
		return ports
	}
	for _, sample := range p.Sampling.Samples {
		var faults []*probes.Fault
		for _, try := range sample.Tries {
			if !try.Fault.Of(probes.Interrupted) {
				faults = append(faults, try.Fault)
			}
		}
		if len(faults) > 0 {
			ports = append(ports, newPort(sample.Command, sample.Announced, faults...))
		}
	}
	return ports
}

// comparedPortsOf are the ports that were tried with one thing different, where some of them failed: where all work, that makes the
// difference, and not the port.
func comparedPortsOf(p *ftp.Passive, variant ftp.Variant) (ports []port) {
	for i := range p.Compared {
		if a := &p.Compared[i]; a.Variant == variant && a.Used.IsValid() {
			ports = append(ports, newPort(a.Command, a.Used, a.Fault))
		}
	}
	if !slices.ContainsFunc(ports, func(p port) bool { return !p.open }) {
		return nil
	}
	return ports
}

// alonePorts is the port that was tried while no other connection of ours was open.
func alonePorts(p *ftp.Passive) []port {
	alone := comparedAs(p, ftp.Alone)
	if alone == nil || !alone.Used.IsValid() || alone.Connected { // that it works tells of the others, and not of the range
		return nil
	}
	return []port{newPort(alone.Command, alone.Used, alone.Fault)}
}

// worksAlone says that data connections fail beside other connections of ours, and not where there is none: a firewall on the way
// limits their number, which no client that makes one at a time will see.
func worksAlone(p *ftp.Passive) bool {
	return comparedAs(p, ftp.Alone).Worked() && !portsDiffer(p) && len(inBoth(portsOf(p))) == 0 &&
		!slices.ContainsFunc(portsOf(p), port.byTurns) && len(distinct(portsOf(p))) >= enoughPorts
}

// portsDiffer says that a port failed after another had worked: it is of the ports, then, and not of what else was connected before.
func portsDiffer(p *ftp.Passive) bool {
	if p.Sampling == nil {
		return false
	}
	connected := func(s ftp.Sample) bool { return s.Connected() }
	first := slices.IndexFunc(p.Sampling.Samples, connected)
	return first >= 0 && slices.ContainsFunc(p.Sampling.Samples[first:], func(s ftp.Sample) bool { return len(s.Tries) > 0 && !s.Connected() })
}

func newPort(command string, at netip.AddrPort, faults ...*probes.Fault) port {
	p := port{command: command, number: at.Port()}
	for _, fault := range faults {
		switch {
		case fault == nil:
			p.open = true
		case fault.ICMP != nil:
			p.rejected++
		case fault.Of(probes.Timeout):
			p.silent++
		case fault.Of(probes.Closed), fault.Of(probes.Reset):
			p.closed++
		case !fault.Of(probes.Interrupted):
			p.refused++
		}
	}
	return p
}

// rangeCause tells apart what makes some data connections fail and others not: the server's range is open in parts, its
// connections are spread over several machines, or something reads the reply to one command and not to the other.
func (b *bench) rangeCause(p *ftp.Passive) *Cause {
	if worksAlone(p) {
		return nil
	}
	own := b.traced(portsOf(p), p.Peer)
	ports := slices.Concat(own, comparedPortsOf(p, ftp.InClear), alonePorts(p))
	which := func(is func(port) bool) []port {
		return slices.DeleteFunc(slices.Clone(ports), func(p port) bool { return !is(p) })
	}
	open, shut, turns := which(func(p port) bool { return p.open }), which(func(p port) bool { return !p.open }), which(port.byTurns)
	if lost := which(func(p port) bool { return p.byTurns() && p.refused+p.closed == 0 }); len(lost) == len(turns) && len(turns)+len(shut) < 2 {
		turns = nil // lost SYNs look the same
	}
	if len(open) == 0 || len(shut)+len(turns) == 0 {
		return nil
	}
	evidence := []string{fmt.Sprintf("%d passive ports were tried, each before the next was asked for: %s", len(distinct(ports)), listPorts(ports))}
	switch {
	case len(turns) > 0:
		return wrongBackend(p, turns, len(open)-len(turns), evidence)
	case len(inBoth(own)) > 0:
		return wrongBackend(p, inBoth(own), 0, evidence)
	case slices.ContainsFunc(shut, func(p port) bool { return p.closed > 0 }): // a range cannot accept, and then close
		return wrongBackend(p, nil, 0, evidence)
	case splitByCommand(open, shut, "PASV") && p.PASV != nil && p.EPSV.Fault != nil:
		return epsvBlocked(p, evidence, len(distinct(open)) >= enoughPorts && len(distinct(shut)) >= enoughPorts)
	case splitByCommand(open, shut, "EPSV") && p.EPSV.Worked() && len(distinct(shut)) >= enoughPorts:
		return nil // PASV's connections fail alone: no range does that
	case len(distinct(shut)) == 1 && len(distinct(open)) >= enoughPorts && knownPorts[shut[0].number] != "":
		return specialPort(shut[0], evidence)
	}
	return partlyOpen(p, open, shut, evidence)
}

// traced adds what traces tell of the ports: a SYN of theirs that was answered is a try, too.
func (b *bench) traced(ports []port, peer netip.Addr) []port {
	for i := range ports {
		way := b.wayTo(netip.AddrPortFrom(peer, ports[i].number))
		ports[i].open = ports[i].open || way != nil && way.Connected()
	}
	return ports
}

// enoughPorts is how many ports must work before one that does not is an exception.
const enoughPorts = 3

// knownPorts are ports above 1023 whose protocols firewalls look into (application level gateways), or block.
var knownPorts = map[uint16]string{
	1503: "T.120", 1719: "H.323", 1720: "H.323", 1723: "PPTP", 1863: "MSNP", 2000: "SCCP", 2427: "MGCP", 2727: "MGCP", 3128: "HTTP proxies",
	3389: "RDP", 5060: "SIP", 5061: "SIP", 5190: "OSCAR", 5900: "VNC", 6667: "IRC", 8080: "HTTP", 10000: "IPsec over TCP",
}

// listPorts says of each port what became of it, the like ones together.
func listPorts(ports []port) string {
	var parts []string
	for _, kind := range []struct {
		word string
		is   func(port) bool
	}{
		{"connected", func(p port) bool { return p.open && !p.byTurns() }},
		{"failed, and connected when tried again", port.byTurns},
		{"refused", func(p port) bool { return !p.open && p.refused > 0 }},
		{"rejected", func(p port) bool { return !p.open && p.refused == 0 && p.rejected > 0 }},
		{"accepted, and closed at once", func(p port) bool { return !p.open && p.refused+p.rejected == 0 && p.closed > 0 }},
		{"silent", func(p port) bool { return !p.open && p.refused+p.rejected+p.closed == 0 && p.silent > 0 }},
	} {
		var numbers []string
		for _, number := range distinct(slices.DeleteFunc(slices.Clone(ports), func(p port) bool { return !kind.is(p) })) {
			numbers = append(numbers, fmt.Sprint(number))
		}
		if len(numbers) > 0 {
			parts = append(parts, strings.Join(numbers, ", ")+" "+kind.word)
		}
	}
	return strings.Join(parts, "; ")
}

// distinct are the port numbers in order, each once.
func distinct(ports []port) (numbers []uint16) {
	for _, p := range ports {
		numbers = append(numbers, p.number)
	}
	slices.Sort(numbers)
	return slices.Compact(numbers)
}

// wrongBackend is a port that works by turns: the connections to it reach several machines, of which one gave the port.
func wrongBackend(p *ftp.Passive, turns []port, atOnce int, evidence []string) *Cause {
	refused := 0
	for _, port := range turns {
		if port.open && port.refused+port.closed > 0 {
			refused++
		}
	}
	if len(turns) > 0 {
		evidence = append(evidence, fmt.Sprintf("%d of them failed and worked when they were tried again, with nothing changed but our own port", len(turns)))
	}
	cause := newCause("ftp.passive.wrong-backend", p.Peer.String(),
		"data connections reach the machine that gave the port only by chance: a load balancer spreads them", evidence...).
		with(p.Experiments...).
		mend("give the load balancer at %s source address affinity over port 21 and the whole passive range", p.Peer)
	switch {
	case len(turns) == 0:
		cause.likely("more tries of each port (--passive-samples 32): none that was closed at once was seen to work")
	case atOnce == 0 && !slices.ContainsFunc(turns, func(p port) bool { return p.closed > 0 }): // what is not there yet accepts nothing
		cause.likely("more ports (--passive-samples 32): none connected at once, as where the server listens later than it says")
	case refused < 2 && len(turns) < enoughPorts:
		cause.likely("more ports, tried more often (--passive-samples 32): a single one may have come late, or packets been lost")
	}
	return cause
}

// splitByCommand says that every port given in reply to that command works, and every one in reply to the other fails.
func splitByCommand(open, shut []port, works string) bool {
	return !slices.ContainsFunc(open, func(p port) bool { return p.command != works }) &&
		!slices.ContainsFunc(shut, func(p port) bool { return p.command == works })
}

// inBoth are the ports that failed once and worked at another time.
func inBoth(ports []port) []port {
	return slices.DeleteFunc(slices.Clone(ports), func(p port) bool {
		return !slices.ContainsFunc(ports, func(q port) bool { return q.number == p.number && q.command == p.command && q.open != p.open })
	})
}

// epsvBlocked is data connections that work after PASV and not after EPSV: something on the way reads the one and not the other.
func epsvBlocked(p *ftp.Passive, evidence []string, proven bool) *Cause {
	cause := newCause("ftp.passive.epsv-blocked", p.Peer.String(), "data connections work after PASV, and not after EPSV",
		append([]string{
			quoted("EPSV", p.EPSV.Reply), fmt.Sprintf("the connection to %s: %s", p.EPSV.Used, p.EPSV.Fault.Kind),
			quoted("PASV", p.PASV.Reply), fmt.Sprintf("the connection to %s: made", p.PASV.Used),
		}, evidence...)...).
		with(p.Experiments...).
		mend("update the firewall that opens ports by reading PASV alone, " +
			"open the server's passive range statically, or turn EPSV off in the client")
	if !proven {
		cause.likely("the same two commands again: ports of a range that is open in parts fail by turns")
	}
	return cause
}

func specialPort(shut port, evidence []string) *Cause {
	return newCause("ftp.passive.special-port-blocked", fmt.Sprintf("port %d", shut.number),
		fmt.Sprintf("of the passive ports tried only %d fails, which firewalls know as a port of %s", shut.number, knownPorts[shut.number]),
		evidence...).
		likely("a look into the firewalls' rules and helpers for port "+fmt.Sprint(shut.number)).
		mend("take port %d out of the server's passive range, or turn off the firewall's helper for %s", shut.number, knownPorts[shut.number])
}

// partlyOpen is a range of which some ports are let through and others not.
func partlyOpen(p *ftp.Passive, open, shut []port, evidence []string) *Cause {
	cause := newCause("ftp.passive.range-partly-open", p.Peer.String(),
		fmt.Sprintf("some of the server's passive ports are open and others are not: %s", listPorts(slices.Concat(open, shut))), evidence...).
		with(p.Experiments...).
		mend("give the server and the firewall before it the same range of passive ports " +
			"(vsftpd pasv_min_port and pasv_max_port, ProFTPD PassivePorts, Pure-FTPd -p)")
	switch {
	case len(distinct(shut)) < 2 || len(distinct(open)) < 2 || !triedAgain(shut):
		cause.likely("more ports of the range, each tried again (--passive-samples 32)")
	case borders(open, shut) > 2:
		cause.likely("the firewall's rules: open and shut ports lie between one another, as where a load balancer chooses by port")
	}
	return cause
}

// triedAgain says that the ports that failed were tried often enough to tell them from those of which a load balancer reaches the machine
// by chance.
func triedAgain(shut []port) bool {
	again := 0
	for _, p := range shut {
		again += p.tries() - 1
	}
	return again >= 2
}

// borders counts how often open and shut ports take turns in the order of their numbers.
func borders(open, shut []port) int {
	all := slices.Concat(open, shut)
	slices.SortFunc(all, func(a, b port) int { return int(a.number) - int(b.number) })
	n := 0
	for i := 1; i < len(all); i++ {
		if all[i].open != all[i-1].open {
			n++
		}
	}
	return n
}
