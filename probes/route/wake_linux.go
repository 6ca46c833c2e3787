package route

import (
	"context"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// awaitNeighbour returns as soon as the kernel knows whether the neighbour is there, when it will not tell, or when ctx ends. An entry
// that is stale takes some seconds: the kernel waits for a sign of life before it asks (RFC 4861 §7.3.3, DELAY).
func awaitNeighbour(ctx context.Context, address netip.Addr, iface string) {
	known := func() bool { return NeighbourOf(ctx, address, iface).decided() }
	_ = netlink.Await(ctx, unix.RTMGRP_NEIGH, known) // what is known by then is read once more in any case
}

// decided says that the kernel knows whether the neighbour is there, or that it will not tell. Where there is no entry for a neighbour to
// which something has been sent, none is needed, as in a tunnel.
func (n Neighbour) decided() bool {
	switch n.State {
	case "reachable", "permanent", "noarp", "none", "failed":
		return true
	}
	return n.Fault != nil
}
