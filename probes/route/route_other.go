//go:build !linux && !windows && !darwin && !freebsd

package route

import (
	"context"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// ask connects a UDP socket, which sends nothing: that tells the source address or the refusal; the gateway and the matching route stay
// unknown.
func (r *Result) ask(ctx context.Context, from probes.Origin) error {
	source, err := from.SourceTo(ctx, netip.AddrPortFrom(r.Destination, discard))
	if err != nil {
		return err
	}
	r.Source = source.WithZone("")
	if r.Source == r.Destination.WithZone("") {
		r.Type = "local"
	}
	r.Interface, err = interfaceOf(source)
	return err
}

// interfaceOf is the name of the interface that has the address; empty where none has.
func interfaceOf(addr netip.Addr) (string, error) {
	if addr.Zone() != "" {
		return addr.Zone(), nil
	}
	all, err := net.Interfaces()
	if err != nil {
		return "", err
	}
	for _, i := range all {
		addrs, err := i.Addrs()
		if err != nil {
			return "", err
		}
		if has(addrs, addr) {
			return i.Name, nil
		}
	}
	return "", nil
}

func has(addrs []net.Addr, addr netip.Addr) bool {
	for _, a := range addrs {
		if network, ok := a.(*net.IPNet); ok && network.IP.Equal(addr.AsSlice()) {
			return true
		}
	}
	return false
}

// NeighbourOf says that this system does not tell its neighbour table to an ordinary user.
func NeighbourOf(_ context.Context, address netip.Addr, iface string) Neighbour {
	fault := &probes.Fault{Step: "neighbour", Kind: probes.Unsupported, Message: "the neighbour table of this system is not read"}
	return Neighbour{Address: address.Unmap(), Interface: iface, State: "none", Fault: fault}
}
