package route

import (
	"context"
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
)

// Lookup asks the kernel how it would send a packet of this user to the destination, and which route says so. Nothing is
// sent.
func Lookup(ctx context.Context, destination netip.Addr, purpose string) Result {
	result := Result{Destination: destination.Unmap(), Purpose: purpose}
	if !destination.IsValid() {
		result.Fault = &probes.Fault{Step: "route", Kind: probes.Malformed, Message: "no destination address"}
		return result
	}
	way, match, err := ask(ctx, result.Destination)
	if err == nil {
		err = result.fill(way, match, interfaceName)
	}
	result.Fault = netlink.Fault(ctx, "route", err)
	return result
}

// ask puts both questions: the way of a packet, with the next hop and the source address that were chosen for it; and the
// route that matched, which has the prefix but makes no choice.
func ask(ctx context.Context, destination netip.Addr) (way, match []byte, err error) {
	question, err := question(destination)
	if err != nil {
		return nil, nil, err
	}
	way, err = netlink.Ask(ctx, unix.RTM_GETROUTE, 0, question)
	if err != nil {
		return nil, nil, err
	}
	binary.NativeEndian.PutUint32(question[flagsAt:], unix.RTM_F_FIB_MATCH)
	match, err = netlink.Ask(ctx, unix.RTM_GETROUTE, 0, question)
	return way, match, err
}

// question is a struct rtmsg with the destination, and with the interface that its zone names.
func question(destination netip.Addr) ([]byte, error) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0] = family(destination)
	body[1] = uint8(destination.BitLen())
	body = netlink.AppendAttribute(body, unix.RTA_DST, destination.AsSlice())
	if destination.Zone() == "" {
		return body, nil
	}
	index, err := interfaceIndex(destination.Zone())
	return netlink.AppendAttribute(body, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, uint32(index))), err
}

func family(addr netip.Addr) uint8 {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// fill reads the kernel's two answers. The error is its refusal, or ErrMalformed.
func (r *Result) fill(way, match []byte, nameOf func(index int) (string, error)) error {
	chosen, err := parseRoute(way)
	r.Type = chosen.kind
	if err != nil {
		return err
	}
	r.Source, r.Gateway = chosen.source, chosen.gateway
	if r.Interface, err = nameOf(chosen.index); err != nil {
		return err
	}
	matched, err := parseRoute(match)
	if errors.Is(err, netlink.ErrMalformed) {
		return err
	}
	r.Network = matched.network // the kernel may refuse this one: 0.0.0.0 has a way, but no route
	return nil
}
