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

// CountAgain does nothing: these systems' counters are not read.
func (*Result) CountAgain(context.Context) {}

// WhoHas asks nothing: these systems are not asked for packet sockets.
func (*Result) WhoHas(_ context.Context, iface string, address netip.Addr) Claim {
	return Claim{Interface: iface, Address: address, Fault: &probes.Fault{Step: "ARP", Kind: probes.Unsupported}}
}

func describe(i net.Interface, addrs []net.Addr) Interface {
	return Interface{
		Name:            i.Name,
		Index:           i.Index,
		Medium:          medium(i.Flags),
		Loopback:        i.Flags&net.FlagLoopback != 0,
		PointToPoint:    i.Flags&net.FlagPointToPoint != 0,
		Up:              i.Flags&net.FlagUp != 0,
		Carrier:         i.Flags&net.FlagRunning != 0,
		MTU:             i.MTU,
		HardwareAddress: i.HardwareAddr.String(),
		Addresses:       addresses(addrs),
	}
}

func addresses(addrs []net.Addr) []Address {
	var found []Address
	for _, a := range addrs {
		network, ok := a.(*net.IPNet)
		if !ok {
			continue
		}
		if addr, ok := netip.AddrFromSlice(network.IP); ok {
			bits, _ := network.Mask.Size()
			found = append(found, Address{Prefix: netip.PrefixFrom(addr.Unmap(), bits)})
		}
	}
	return found
}

// medium is what the flags tell of it.
func medium(flags net.Flags) string {
	if flags&net.FlagLoopback != 0 {
		return "loopback"
	}
	return ""
}
