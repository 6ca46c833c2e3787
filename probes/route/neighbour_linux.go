package route

import (
	"context"
	"encoding/binary"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// NeighbourOf reads the kernel's entry of an address on an interface; where no interface is named, the zone of a link-local
// address names it. Nothing is sent.
func NeighbourOf(ctx context.Context, address netip.Addr, iface string) Neighbour {
	if iface == "" {
		iface = address.Zone()
	}
	neighbour := Neighbour{Address: address.Unmap(), Interface: iface, State: "none"}
	neighbour.Fault = netlink.Fault(ctx, "neighbour", neighbour.read(ctx))
	return neighbour
}

func (n *Neighbour) read(ctx context.Context) error {
	index, err := interfaceIndex(n.Interface)
	if err != nil {
		return err
	}
	table, err := neighbours(ctx, n.Address, index)
	if err != nil {
		return err
	}
	return n.find(table, index)
}

// neighbours is the kernel's table for the family of the address, as far as it belongs to the interface. Kernels before 4.4
// do not filter.
func neighbours(ctx context.Context, address netip.Addr, index int) ([]byte, error) {
	body := make([]byte, unix.SizeofNdMsg)
	body[0] = family(address)
	body = netlink.AppendAttribute(body, unix.NDA_IFINDEX, binary.NativeEndian.AppendUint32(nil, uint32(index)))
	return netlink.Ask(ctx, unix.RTM_GETNEIGH, unix.NLM_F_DUMP, body)
}
