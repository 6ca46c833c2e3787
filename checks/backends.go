package checks

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tcp"
)

// judgeConnected tells what there is to be said of a connection that was made.
func (b *bench) judgeConnected(r Result, seen tcp.Result) {
	summary := "connected to " + seen.Address.String() + b.distrust()
	switch lossy, slow := b.lossyCause(seen), b.slowCause(seen); {
	case refusesByTurns(seen):
		cause := b.byTurnsCause(seen)
		b.found(r, Warn, cause.Summary, cause)
	case len(seen.Before) > 0:
		b.found(r, Warn, fmt.Sprintf("%s, which had refused %d connections before: the service was just starting, or one of several servers there is dead",
			summary, len(seen.Before)))
	case lossy != nil && b.blamed("link.errors"): // what is damaged is sent again
		b.follows(r, Warn, summary+"; "+lossy.Summary, []string{"link.errors"})
	case lossy != nil:
		b.found(r, Warn, summary+"; "+lossy.Summary, lossy)
	case slow != nil && !b.blamed("link.errors"): // what is sent again takes its time
		b.found(r, Pass, summary+"; "+slow.Summary, slow)
	default:
		b.found(r, Pass, summary)
	}
}

// refusesByTurns says that an address refused, accepted, and refused again: a service that starts, or ends, does not.
func refusesByTurns(seen tcp.Result) bool {
	return len(seen.Before) > 0 && seen.Connected() && slices.ContainsFunc(seen.Again, func(a tcp.Attempt) bool { return turnedAway(a.Fault) })
}

// byTurnsCause is an address behind which several servers stand, of which some are dead.
func (b *bench) byTurnsCause(seen tcp.Result) *Cause {
	to := seen.Address.String()
	outcomes := []string{}
	for range seen.Before {
		outcomes = append(outcomes, "refused")
	}
	outcomes = append(outcomes, "accepted")
	refused := len(seen.Before)
	for _, a := range seen.Again {
		switch {
		case turnedAway(a.Fault):
			refused++
			outcomes = append(outcomes, "refused")
		case a.Fault == nil:
			outcomes = append(outcomes, "accepted")
		default:
			outcomes = append(outcomes, a.Fault.Message)
		}
	}
	return newCause("tcp.partial-backends", to, fmt.Sprintf("%s refuses %d of %d connections, and accepts the others", to, refused, len(outcomes)),
		"connections to it, one after the other: "+strings.Join(outcomes, ", "), "no ICMP error came with the refusals").restsOn("tcp").
		mend("look at the servers behind %s, one by one: the balancer sends connections to one that is dead; mend it, or take it out", to)
}

// deadAddressCause makes one cause of those for which single addresses of the target do not answer, where others of the same family do. It
// is nil where the fault is another's: of this machine, or of a device on the way that says so.
func (b *bench) deadAddressCause(seen tcp.Result, reason *Cause) *Cause {
	if !isDead(reason) || !b.reachedOver(familyOf(seen.Address.Addr())) {
		return nil
	}
	dead, all := b.deadAddresses(familyOf(seen.Address.Addr()))
	verb := "do"
	if len(dead) == 1 {
		verb = "does"
	}
	cause := newCause("tcp.partial-backends", seen.Address.Addr().String(),
		fmt.Sprintf("%d of %d IPv%d addresses of %s %s not accept connections: %s", len(dead), all, familyOf(seen.Address.Addr()),
			b.e.Target.Host, verb, someOf(dead, manyAddresses)),
		reason.Evidence...).restsOn(reason.Checks...).
		mend("bring back the service at %s, or take the address out of the DNS records of %s", someOf(dead, manyAddresses), b.e.Target.Host)
	cause.Confidence, cause.Settle = reason.Confidence, reason.Settle
	if seen.Fault.Of(probes.Timeout) && b.losesPackets() {
		cause.likely("the same on a line that loses nothing: the SYNs to other addresses had to be sent again, too")
	}
	return cause
}

// isDead says that the reason of a failure is at the address itself, or before its door.
func isDead(reason *Cause) bool {
	return slices.Contains([]string{"tcp.refused", "tcp.filtered", "tcp.rejected-by-host"}, reason.ID)
}

// deadAddresses are the addresses of a family at which nothing accepts, and how many the family has.
func (b *bench) deadAddresses(family int) (dead []string, all int) {
	for _, m := range b.e.TCP {
		addr := m.Seen.Address.Addr()
		if familyOf(addr) != family {
			continue
		}
		all++
		if m.Seen.Fault == nil || b.blockedBelow(addr) {
			continue
		}
		if reason := b.connectCause(m.Seen); reason != nil && isDead(reason) {
			dead = append(dead, addr.String())
		}
	}
	return dead, all
}

// blockedBelow says that something other than the address itself keeps packets from it.
func (b *bench) blockedBelow(addr netip.Addr) bool {
	return slices.ContainsFunc(b.blocked[addr], func(id string) bool { return id != "tcp.partial-backends" })
}

// losesPackets says that a connection that was made needed more than one SYN.
func (b *bench) losesPackets() bool {
	return slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Connected() && m.Seen.Transport.Retransmits > 0 })
}

// portsCause is a machine that has no port of its own left for a connection; nil where EADDRNOTAVAIL has another reason: a source address
// that is not ours, or none for the family.
func (b *bench) portsCause(seen tcp.Result) *Cause {
	ports := seen.Ports
	from := b.e.Settings.Source
	if ports == nil || from.IsValid() && !b.ownAddress(from) {
		return nil
	}
	size := int(ports.Last) - int(ports.First) + 1
	if (ports.Taken+ports.Reserved)*10 < size*9 {
		return nil
	}
	to := seen.Address.String()
	cause := newCause("tcp.ports-exhausted", "", "this machine has no local port left for a connection to "+to, describeAttempt(seen),
		fmt.Sprintf("of the %d local ports from %d to %d, %d are taken for that address", size, ports.First, ports.Last, ports.Taken)).restsOn("tcp").
		mend("find the program that opens so many connections to %s, or does not close them (ss -tanp dst %s), and have it keep and use them again; "+
			"until then widen the range (sysctl net.ipv4.ip_local_port_range)", to, seen.Address.Addr())
	if ports.Reserved > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d are reserved", ports.Reserved))
	}
	if ports.TimeWait > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d of them are of connections that are over and wait for stray segments (TIME-WAIT)", ports.TimeWait))
	}
	if !ports.Exhausted() {
		cause.likely("the sockets of this machine when it happens (ss -tan): not every port was seen to be taken")
	}
	return cause
}
