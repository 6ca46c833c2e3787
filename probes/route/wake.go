package route

import (
	"context"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// discard is the port of a service that throws away whatever comes (RFC 863). Where it does not run, a host says so with an ICMP error
// (RFC 1122 §3.2.2.1).
const discard = 9

// Wake sends an empty datagram to a neighbour itself, so that the kernel asks for its link-layer address, and waits until it is known
// whether the neighbour is there, or until ctx ends. A host that has its own way to dial has another network than this machine:
// nothing is sent then.
func Wake(ctx context.Context, host probes.Host, address netip.Addr, iface string) Neighbour {
	if host.Dial != nil {
		return NeighbourOf(ctx, address, iface)
	}
	to := address
	if to.Is6() && to.IsLinkLocalUnicast() && to.Zone() == "" {
		to = to.WithZone(iface)
	}
	conn, err := host.DialUDP(ctx, netip.AddrPortFrom(to, discard))
	if err != nil {
		return NeighbourOf(ctx, address, iface)
	}
	defer func() { _ = conn.Close() }() // nothing more is expected of it
	if _, err := conn.Write(nil); err != nil {
		return NeighbourOf(ctx, address, iface)
	}
	return listen(ctx, conn, address, iface)
}

// listen waits for the neighbour's own answer, or for the kernel to know of it.
func listen(ctx context.Context, conn net.Conn, address netip.Addr, iface string) Neighbour {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	answered := make(chan bool, 1)
	go func() {
		defer stop()
		answered <- replies(ctx, conn, address)
	}()
	awaitNeighbour(ctx, address, iface)
	stop()
	n := NeighbourOf(context.WithoutCancel(ctx), address, iface)
	n.Asked, n.Answered = true, <-answered
	return n
}

// replies says that the neighbour answers, as a rule with an ICMP error of its own. An error of our own kernel, which found nobody, is
// no answer.
func replies(ctx context.Context, conn net.Conn, neighbour netip.Addr) bool {
	defer probes.Within(ctx, conn, 0)()
	_, err := conn.Read(make([]byte, 1))
	fault := probes.NewFault(ctx, "answer", probes.ErrorOf(conn, err))
	switch {
	case fault == nil:
		return true
	case fault.ICMP != nil:
		return fault.ICMP.From.WithZone("") == neighbour.WithZone("")
	}
	return fault.Of(probes.Refused)
}
