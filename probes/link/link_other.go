//go:build !linux

package link

import (
	"context"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Read lists all interfaces of this machine, with their state and their addresses.
func Read(ctx context.Context) Result {
	all, err := net.Interfaces()
	result := Result{Interfaces: make([]Interface, 0, len(all)), Fault: probes.NewFault(ctx, "interfaces", err)}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil && result.Fault == nil {
			result.Fault = probes.NewFault(ctx, "addresses of "+i.Name, err)
		}
		described := describe(i, addrs)
		refine(&described, i)
		result.Interfaces = append(result.Interfaces, described)
	}
	return result
}

func describe(i net.Interface, addrs []net.Addr) Interface {
	return Interface{
		Name:            i.Name,
		Index:           i.Index,
		Loopback:        i.Flags&net.FlagLoopback != 0,
		PointToPoint:    i.Flags&net.FlagPointToPoint != 0,
		Up:              i.Flags&net.FlagUp != 0,
		Carrier:         i.Flags&net.FlagRunning != 0,
		MTU:             i.MTU,
		HardwareAddress: i.HardwareAddr.String(),
		Addresses:       prefixes(addrs),
	}
}

func prefixes(addrs []net.Addr) []netip.Prefix {
	var found []netip.Prefix
	for _, a := range addrs {
		network, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if addr, ok := netip.AddrFromSlice(network.IP); ok {
			bits, _ := network.Mask.Size()
			found = append(found, netip.PrefixFrom(addr.Unmap(), bits))
		}
	}
	return found
}
