//go:build !linux

package route

import (
	"context"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Lookup asks the system how it would send a packet to the destination, by connecting a UDP socket, which sends nothing. That
// tells the source address or the refusal; the gateway and the matching route stay unknown.
func Lookup(ctx context.Context, destination netip.Addr, purpose string) Result {
	result := Result{Destination: destination.Unmap(), Purpose: purpose}
	if !destination.IsValid() {
		result.Fault = &probes.Fault{Step: "route", Kind: probes.Malformed, Message: "no destination address"}
		return result
	}
	source, err := sourceFor(ctx, result.Destination)
	if err != nil {
		result.Fault = probes.NewFault(ctx, "route", err)
		return result
	}
	result.Source = source.WithZone("")
	if result.Source == result.Destination.WithZone("") {
		result.Type = "local"
	}
	result.Interface, err = interfaceOf(source)
	result.Fault = probes.NewFault(ctx, "interfaces", err)
	return result
}

// sourceFor is the address that the system chooses to send from.
func sourceFor(ctx context.Context, destination netip.Addr) (netip.Addr, error) {
	const discard = 9 // any port does
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", netip.AddrPortFrom(destination, discard).String())
	if err != nil {
		return netip.Addr{}, err
	}
	source := probes.AddrPortOf(conn.LocalAddr()).Addr()
	return source, conn.Close()
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
	fault := &probes.Fault{Step: "neighbour", Kind: probes.Unsupported, Message: "the neighbour table is read on Linux only"}
	return Neighbour{Address: address.Unmap(), Interface: iface, State: "none", Fault: fault}
}
