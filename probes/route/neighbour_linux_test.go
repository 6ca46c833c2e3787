package route

import (
	"context"
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

const hardware = "02:00:00:00:00:99"

// acquainted is a machine with neighbours on either end of its cable.
func acquainted() []string {
	return machine(
		"ip neigh add 192.0.2.11 lladdr "+hardware+" nud permanent dev eth0",
		"ip neigh add 192.0.2.12 lladdr "+hardware+" nud reachable dev eth0",
		"ip neigh add 192.0.2.13 lladdr "+hardware+" nud stale dev eth0",
		"ip neigh add 192.0.2.14 lladdr "+hardware+" nud noarp dev eth0",
		"ip neigh add 192.0.2.15 nud failed dev eth0",
		"ip neigh add 192.0.2.16 nud incomplete dev eth0",
		"ip neigh add 192.0.2.17 nud none dev eth0",
		"ip -6 neigh add 2001:db8::11 lladdr "+hardware+" nud reachable dev eth0",
		"ip -6 neigh add 2001:db8::15 nud failed dev eth0",
		"ip -6 neigh add fe80::9 lladdr "+hardware+" nud stale dev eth0",
		"ip -6 neigh add fe80::9 nud failed dev eth1",
	)
}

// neighbourhood is what is asked of that machine, and the answers.
var neighbourhood = []struct {
	name, address, iface string
	want                 Neighbour
}{
	{"permanent", "192.0.2.11", "eth0", Neighbour{State: "permanent", HardwareAddress: hardware}},
	{"reachable", "192.0.2.12", "eth0", Neighbour{State: "reachable", HardwareAddress: hardware}},
	{"stale", "192.0.2.13", "eth0", Neighbour{State: "stale", HardwareAddress: hardware}},
	{"noarp", "192.0.2.14", "eth0", Neighbour{State: "noarp", HardwareAddress: hardware}},
	{"failed", "192.0.2.15", "eth0", Neighbour{State: "failed"}},
	{"incomplete", "192.0.2.16", "eth0", Neighbour{State: "incomplete"}},
	{"never asked for", "192.0.2.17", "eth0", Neighbour{State: "none"}},
	{"no entry", "192.0.2.99", "eth0", Neighbour{State: "none"}},
	{"entry of another interface", "192.0.2.11", "eth1", Neighbour{State: "none"}},
	{"reachable IPv6", "2001:db8::11", "eth0", Neighbour{State: "reachable", HardwareAddress: hardware}},
	{"failed IPv6", "2001:db8::15", "eth0", Neighbour{State: "failed"}},
	{"no entry IPv6", "2001:db8::99", "eth0", Neighbour{State: "none"}},
	{"link-local", "fe80::9", "eth0", Neighbour{State: "stale", HardwareAddress: hardware}},
	{"link-local with its zone", "fe80::9%eth0", "eth0", Neighbour{State: "stale", HardwareAddress: hardware}},
	{"link-local of another interface", "fe80::9", "eth1", Neighbour{State: "failed"}},
}

func TestNeighbourOf(t *testing.T) {
	netlinktest.Namespace(t, acquainted()...)
	for family, member := range map[string]string{"IPv4": "192.0.2.1", "IPv6": "2001:db8::1"} {
		for index, name := range map[int]string{11: "eth0", 12: "eth1"} {
			table, err := neighbours(t.Context(), netip.MustParseAddr(member), index)
			require.NoError(t, err)
			netlinktest.Record(t, "neighbours "+family+" "+name, table)
		}
	}
	netlinktest.Unprivileged(t)
	for _, n := range neighbourhood {
		n.want.Address, n.want.Interface = netip.MustParseAddr(n.address), n.iface
		assert.Equal(t, n.want, NeighbourOf(t.Context(), n.want.Address, n.iface), n.name)
	}
	zoned := netip.MustParseAddr("fe80::9%eth1")
	assert.Equal(t, Neighbour{Address: zoned, Interface: "eth1", State: "failed"}, NeighbourOf(t.Context(), zoned, ""))
}

func TestFindRecorded(t *testing.T) {
	index := map[string]int{"eth0": 11, "eth1": 12}
	for _, n := range neighbourhood {
		t.Run(n.name, func(t *testing.T) {
			n.want.Address, n.want.Interface = netip.MustParseAddr(n.address), n.iface
			family := "IPv4"
			if n.want.Address.Is6() {
				family = "IPv6"
			}
			got := Neighbour{Address: n.want.Address, Interface: n.iface, State: "none"}
			require.NoError(t, got.find(netlinktest.Recorded(t, "neighbours "+family+" "+n.iface), index[n.iface]))
			assert.Equal(t, n.want, got)
		})
	}
}

// Kernels before 4.4 dump the entries of all interfaces.
func TestFindInUnfilteredTable(t *testing.T) {
	table := netlinktest.Recorded(t, "neighbours IPv6 eth0")
	table = table[:len(table)-20] // NLMSG_DONE
	table = append(table, netlinktest.Recorded(t, "neighbours IPv6 eth1")...)
	for index, want := range map[int]string{11: "stale", 12: "failed", 13: "none"} {
		got := Neighbour{Address: netip.MustParseAddr("fe80::9"), State: "none"}
		require.NoError(t, got.find(table, index))
		assert.Equal(t, want, got.State)
	}
}

func TestNeighbourThatDoesNotAnswer(t *testing.T) {
	netlinktest.Namespace(t, machine("ip ntable change name arp_cache dev eth0 mcast_probes 1 retrans 50")...)
	gateway := netip.MustParseAddr("192.0.2.1")
	require.Equal(t, "none", NeighbourOf(t.Context(), gateway, "eth0").State)

	var dialer net.Dialer
	_, err := dialer.DialContext(t.Context(), "tcp", netip.AddrPortFrom(gateway, 21).String())
	require.ErrorIs(t, err, unix.EHOSTUNREACH)

	got := NeighbourOf(t.Context(), gateway, "eth0")
	assert.Equal(t, Neighbour{Address: gateway, Interface: "eth0", State: "failed"}, got)
	assert.True(t, got.Failed())
}

func TestNeighbourOnUnknownInterface(t *testing.T) {
	got := NeighbourOf(t.Context(), netip.MustParseAddr("192.0.2.1"), "nosuch")
	assert.Equal(t, "none", got.State)
	assert.True(t, got.Fault.Of(probes.Other), "%v", got.Fault)
}

func TestNeighbourAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	got := NeighbourOf(ctx, netip.MustParseAddr("127.0.0.1"), "lo")
	assert.True(t, got.Fault.Of(probes.Interrupted), "%v", got.Fault)
}

func TestStateName(t *testing.T) {
	for state, want := range map[uint16]string{
		unix.NUD_NONE: "none", unix.NUD_INCOMPLETE: "incomplete", unix.NUD_REACHABLE: "reachable", unix.NUD_STALE: "stale",
		unix.NUD_DELAY: "delay", unix.NUD_PROBE: "probe", unix.NUD_FAILED: "failed", unix.NUD_NOARP: "noarp",
		unix.NUD_PERMANENT: "permanent", 0x100: "none",
	} {
		assert.Equal(t, want, stateName(state))
	}
}

func TestFindBadMessages(t *testing.T) {
	addressOfFiveBytes := attributes(unix.SizeofNdMsg, map[uint16][]byte{unix.NDA_DST: make([]byte, 5)})
	for name, table := range map[string][]byte{
		"no fixed part":         netlinktest.Message(unix.RTM_NEWNEIGH, nil),
		"address of five bytes": netlinktest.Message(unix.RTM_NEWNEIGH, addressOfFiveBytes),
		"cut short":             netlinktest.Recorded(t, "neighbours IPv4 eth0")[:70],
	} {
		t.Run(name, func(t *testing.T) {
			got := Neighbour{Address: netip.MustParseAddr("192.0.2.99"), State: "none"}
			require.ErrorIs(t, got.find(table, 11), netlink.ErrMalformed)
			assert.Equal(t, "none", got.State)
		})
	}
}

func FuzzNeighbours(f *testing.F) {
	for _, name := range []string{"IPv4 eth0", "IPv4 eth1", "IPv6 eth0", "IPv6 eth1"} {
		f.Add(netlinktest.Recorded(f, "neighbours "+name))
	}
	f.Fuzz(func(t *testing.T, table []byte) {
		for _, address := range []string{"192.0.2.11", "fe80::9"} {
			n := Neighbour{Address: netip.MustParseAddr(address), State: "none"}
			_ = n.find(table, 11)
			require.Contains(t, append(states[:], "none"), n.State)
			require.LessOrEqual(t, len(n.HardwareAddress), 3*maxHardwareAddress)
		}
	})
}
