package route

import (
	"encoding/binary"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// The bytes of these tests are made by the layouts in netioapi.h, ws2ipdef.h and nldef.h of the Windows SDK; none was recorded on Windows.

// put writes values into a row of so many bytes, each at its place.
func put(size int, values map[int]any) []byte {
	row := make([]byte, size)
	for at, value := range values {
		switch v := value.(type) {
		case netip.Addr:
			copy(row[at:], sockaddrInet(v))
		case uint32:
			binary.LittleEndian.PutUint32(row[at:], v)
		case []byte:
			copy(row[at:], v)
		}
	}
	return row
}

func sockaddrInet(addr netip.Addr) []byte {
	sa := make([]byte, probes.SizeofSockaddrInet)
	if addr.Is4() {
		sa[0] = 2
		copy(sa[4:], addr.AsSlice())
		return sa
	}
	sa[0] = 23
	copy(sa[8:], addr.AsSlice())
	return sa
}

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

func name(int) (string, error) { return "Ethernet", nil }

func TestTakeRow(t *testing.T) {
	for situation, test := range map[string]struct {
		to, prefix string
		hop, from  string
		want       Result
	}{
		"by the default gateway": {
			"203.0.113.10", "0.0.0.0/0", "192.0.2.1", "192.0.2.5",
			Result{Type: "unicast", Interface: "Ethernet", Source: addr("192.0.2.5"), Gateway: addr("192.0.2.1"), Network: netip.MustParsePrefix("0.0.0.0/0")},
		},
		"on the link": {
			"192.0.2.9", "192.0.2.0/24", "0.0.0.0", "192.0.2.5",
			Result{Type: "unicast", Interface: "Ethernet", Source: addr("192.0.2.5"), Network: netip.MustParsePrefix("192.0.2.0/24")},
		},
		"this machine": {
			"192.0.2.5", "192.0.2.5/32", "0.0.0.0", "192.0.2.5",
			Result{Type: "local", Interface: "Ethernet", Source: addr("192.0.2.5"), Network: netip.MustParsePrefix("192.0.2.5/32")},
		},
		"over IPv6": {
			"2001:db8:2::10", "::/0", "fe80::1", "2001:db8:1::5",
			Result{Type: "unicast", Interface: "Ethernet", Source: addr("2001:db8:1::5"), Gateway: addr("fe80::1"), Network: netip.MustParsePrefix("::/0")},
		},
		"no address to send from": {
			"2001:db8:2::10", "::/0", "fe80::1", "::",
			Result{Type: "unicast", Interface: "Ethernet", Gateway: addr("fe80::1"), Network: netip.MustParsePrefix("::/0")},
		},
	} {
		t.Run(situation, func(t *testing.T) {
			prefix := netip.MustParsePrefix(test.prefix)
			row := put(sizeofForwardRow, map[int]any{8: uint32(7), 12: prefix.Addr(), 40: []byte{byte(prefix.Bits())}, 44: addr(test.hop)})
			got := Result{Destination: addr(test.to)}
			require.NoError(t, got.takeRow(row, addr(test.from), name))
			test.want.Destination = got.Destination
			assert.Equal(t, test.want, got)
		})
	}
}

func TestTakeRowThatIsNone(t *testing.T) {
	var r Result
	require.ErrorIs(t, r.takeRow(make([]byte, sizeofForwardRow-1), netip.Addr{}, name), errShortRow)
	require.ErrorIs(t, r.takeRow(make([]byte, sizeofForwardRow), netip.Addr{}, name), errShortRow)
}

func TestTakeNeighbour(t *testing.T) {
	const ours = 7
	mac := []byte{2, 0, 0, 0, 0, 1}
	row := func(address string, index, state uint32, hardware []byte) []byte {
		return put(sizeofNetRow, map[int]any{0: addr(address), 28: index, 40: hardware, 72: uint32(len(hardware)), 76: state})
	}
	for situation, test := range map[string]struct {
		table [][]byte
		want  Neighbour
	}{
		"reachable":            {[][]byte{row("192.0.2.9", ours, 5, mac), row("192.0.2.1", ours, 5, mac)}, Neighbour{State: "reachable", HardwareAddress: "02:00:00:00:00:01"}},
		"unreachable":          {[][]byte{row("192.0.2.1", ours, 0, mac)}, Neighbour{State: "failed"}},
		"asked for":            {[][]byte{row("192.0.2.1", ours, 1, nil)}, Neighbour{State: "incomplete"}},
		"permanent":            {[][]byte{row("192.0.2.1", ours, 6, mac)}, Neighbour{State: "permanent", HardwareAddress: "02:00:00:00:00:01"}},
		"on another interface": {[][]byte{row("192.0.2.1", 8, 5, mac)}, Neighbour{State: "none"}},
		"of a new state":       {[][]byte{row("192.0.2.1", ours, 9, nil)}, Neighbour{State: "none"}},
		"no entry":             {nil, Neighbour{State: "none"}},
	} {
		t.Run(situation, func(t *testing.T) {
			n := Neighbour{Address: addr("192.0.2.1"), State: "none"}
			var table []byte
			for _, r := range test.table {
				table = append(table, r...)
			}
			n.takeNeighbour(table, ours)
			test.want.Address = n.Address
			assert.Equal(t, test.want, n)
		})
	}
}

func FuzzMIB(f *testing.F) {
	f.Add(put(sizeofForwardRow, map[int]any{12: addr("192.0.2.0"), 40: []byte{24}}), 0)
	f.Add(put(sizeofNetRow, map[int]any{0: addr("192.0.2.1"), 72: ^uint32(0), 76: ^uint32(0)}), 0)
	f.Fuzz(func(t *testing.T, data []byte, index int) {
		r := Result{Destination: addr("192.0.2.1")}
		if r.takeRow(data, netip.IPv4Unspecified(), name) == nil {
			assert.True(t, r.Network.IsValid())
		}
		n := Neighbour{Address: addr("192.0.2.1"), State: "none"}
		n.takeNeighbour(data, index)
		assert.NotEmpty(t, n.State)
	})
}
