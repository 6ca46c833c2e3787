package route

import (
	"cmp"
	"context"
	"encoding/binary"
	"errors"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
)

// Lookup asks the kernel how it would send such packets of this user, which route says so, and by which rule. Nothing is sent.
func Lookup(ctx context.Context, flow Flow, purpose string) Result {
	flow.To = flow.To.Unmap()
	if !flow.To.IsValid() {
		return Result{Purpose: purpose, Fault: &probes.Fault{Step: "route", Kind: probes.Malformed, Message: "no destination address"}}
	}
	flow.From = flow.From.Toward(flow.To)
	result := lookup(ctx, flow, purpose)
	if again, ok := withSource(ctx, flow, result); ok {
		flow = again
		result = lookup(ctx, flow, purpose)
	}
	result.explain(ctx, flow)
	return result
}

// withSource is the flow with the source address that was chosen for it. Rules may look at that: the kernel chooses it by a first
// look at the routes, and by a second with it the way of an IPv4 packet. IPv6 has the second only where the first failed.
func withSource(ctx context.Context, flow Flow, first Result) (again Flow, ok bool) {
	again = flow
	switch {
	case flow.From.Source.IsValid():
		return flow, false
	case flow.To.Is4():
		again.From.Source = first.Source
	case first.Fault.Of(probes.NoRoute):
		again.From.Source, _ = flow.From.SourceTo(ctx, netip.AddrPortFrom(flow.To, discard)) // the refusal stands where there is none
	}
	return again, again.From.Source.IsValid()
}

func lookup(ctx context.Context, flow Flow, purpose string) Result {
	result := Result{Destination: flow.To, Purpose: purpose}
	way, match, err := ask(ctx, flow)
	if err == nil {
		err = result.fill(flow, way, match, interfaceName)
	}
	result.Fault = netlink.Fault(ctx, "route", err)
	return result
}

// ask puts both questions: the way of a packet, with the next hop and the source address that were chosen for it; and the
// route that matched, which has the prefix but makes no choice.
func ask(ctx context.Context, flow Flow) (way, match []byte, err error) {
	question, err := question(flow)
	if err != nil {
		return nil, nil, err
	}
	binary.NativeEndian.PutUint32(question[flagsAt:], unix.RTM_F_LOOKUP_TABLE)
	way, err = netlink.Ask(ctx, unix.RTM_GETROUTE, 0, question)
	if err != nil {
		return nil, nil, err
	}
	binary.NativeEndian.PutUint32(question[flagsAt:], unix.RTM_F_LOOKUP_TABLE|unix.RTM_F_FIB_MATCH)
	match, err = netlink.Ask(ctx, unix.RTM_GETROUTE, 0, question)
	return way, match, err
}

// question is a struct rtmsg with what rules look at. The user is that of this process, where none is named (RTA_UID). Kernels before 4.18
// pass over the protocol and the port.
func question(flow Flow) ([]byte, error) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0] = family(flow.To)
	body[1] = uint8(flow.To.BitLen())
	body = netlink.AppendAttribute(body, unix.RTA_DST, flow.To.AsSlice())
	body = netlink.AppendAttribute(body, unix.RTA_IP_PROTO, []byte{flow.protocol()})
	if flow.Port != 0 {
		body = netlink.AppendAttribute(body, unix.RTA_DPORT, binary.BigEndian.AppendUint16(nil, flow.Port))
	}
	if source := flow.From.Source; source.IsValid() {
		body[2] = uint8(source.BitLen())
		body = netlink.AppendAttribute(body, unix.RTA_SRC, source.AsSlice())
	}
	if flow.outgoing() == "" {
		return body, nil
	}
	index, err := interfaceIndex(flow.outgoing())
	return netlink.AppendAttribute(body, unix.RTA_OIF, binary.NativeEndian.AppendUint32(nil, uint32(index))), err
}

func (f Flow) protocol() uint8 {
	if f.UDP {
		return unix.IPPROTO_UDP
	}
	return unix.IPPROTO_TCP
}

// outgoing is the interface that the packets must leave by: the one asked for, or that of the destination's zone; empty for any.
func (f Flow) outgoing() string { return cmp.Or(f.From.Interface, f.To.Zone()) }

func family(addr netip.Addr) uint8 {
	if addr.Is4() {
		return unix.AF_INET
	}
	return unix.AF_INET6
}

// fill reads the kernel's two answers. The error is its refusal, or ErrMalformed.
func (r *Result) fill(flow Flow, way, match []byte, nameOf func(index int) (string, error)) error {
	chosen, err := parseRoute(way)
	r.Type = chosen.kind
	if err != nil {
		return err
	}
	r.Source, r.Gateway, r.Table = chosen.source, chosen.gateway, tableName(chosen.table)
	if !r.Source.IsValid() {
		r.Source = flow.From.Source.WithZone("") // which the kernel does not repeat
	}
	if r.Interface, err = nameOf(chosen.index); err != nil {
		return err
	}
	matched, refused := parseRoute(match)
	if errors.Is(refused, netlink.ErrMalformed) {
		return refused
	}
	r.Network = matched.network // the kernel may refuse this one: 0.0.0.0 has a way, but no route
	r.Assumed = refused != nil && r.Type == "unicast" && flow.outgoing() != ""
	if r.Network.IsValid() {
		r.Metric, r.Protocol = matched.metric, matched.protocol
	}
	for _, hop := range matched.hops {
		name, err := nameOf(hop.index)
		if err != nil {
			return err
		}
		r.NextHops = append(r.NextHops, NextHop{Gateway: hop.gateway, Interface: name})
	}
	return nil
}
