package route

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// The tables of Windows (netioapi.h) are read here, apart from the asking, so that it is tested on every system.

// The sizes of MIB_IPFORWARD_ROW2 and MIB_IPNET_ROW2, in bytes.
const (
	sizeofForwardRow = 104
	sizeofNetRow     = 88
)

var errShortRow = errors.New("a row of the table is cut short")

// takeRow takes over the route that Windows would take, a MIB_IPFORWARD_ROW2, and the address that it would send from.
func (r *Result) takeRow(row []byte, source netip.Addr, nameOf func(index int) (string, error)) (err error) {
	const indexAt, prefixAt, lengthAt, nextHopAt = 8, 12, 40, 44
	if len(row) < sizeofForwardRow {
		return errShortRow
	}
	r.Type = "unicast"
	if r.Interface, err = nameOf(int(binary.LittleEndian.Uint32(row[indexAt:]))); err != nil {
		return err
	}
	if !source.IsUnspecified() {
		r.Source = source.WithZone("")
	}
	if hop := probes.SockaddrInet(row[nextHopAt:]); hop.IsValid() && !hop.IsUnspecified() {
		r.Gateway = hop
	}
	network := netip.PrefixFrom(probes.SockaddrInet(row[prefixAt:]).WithZone(""), int(row[lengthAt])).Masked()
	if !network.IsValid() {
		return fmt.Errorf("%w: a network of %d bits", errShortRow, row[lengthAt])
	}
	r.Network = network
	if r.Destination.IsLoopback() || r.Source == r.Destination.WithZone("") {
		r.Type = "local"
	}
	return nil
}

// neighbourStates are the words of ip-neighbour(8) for the states of Windows (NL_NEIGHBOR_STATE, nldef.h).
var neighbourStates = [...]string{"failed", "incomplete", "probe", "delay", "stale", "reachable", "permanent"}

// takeNeighbour looks for the neighbour among the rows of a MIB_IPNET_TABLE2, by its address and the index of its interface.
func (n *Neighbour) takeNeighbour(rows []byte, index int) {
	const indexAt, addressAt, lengthAt, stateAt, maxLength = 28, 40, 72, 76, 32
	for ; len(rows) >= sizeofNetRow; rows = rows[sizeofNetRow:] {
		number := func(at int) int { return int(binary.LittleEndian.Uint32(rows[at:])) }
		if probes.SockaddrInet(rows).WithZone("") != n.Address.WithZone("") || number(indexAt) != index {
			continue
		}
		if state := number(stateAt); state < len(neighbourStates) {
			n.State = neighbourStates[state]
		}
		if length := number(lengthAt); !n.Failed() && length > 0 && length <= maxLength {
			n.HardwareAddress = net.HardwareAddr(rows[addressAt : addressAt+length]).String()
		}
		return
	}
}
