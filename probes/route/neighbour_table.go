//go:build darwin || freebsd || windows

package route

import (
	"context"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// NeighbourOf reads the entry of an address on an interface from the system's neighbour table (NET_RT_FLAGS, sysctl(3); GetIpNetTable2 on
// Windows); where no interface is named, the zone of a link-local address names it. Nothing is sent.
func NeighbourOf(ctx context.Context, address netip.Addr, iface string) Neighbour {
	if iface == "" {
		iface = address.Zone()
	}
	neighbour := Neighbour{Address: address.Unmap(), Interface: iface, State: "none"}
	neighbour.Fault = probes.NewFault(ctx, "neighbour", neighbour.read())
	return neighbour
}
