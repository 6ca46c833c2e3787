package route

import (
	"context"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

// machine makes a machine with one cable that is plugged in, the addresses 192.0.2.2/24 and 2001:db8::2/64 on it, and then
// does more.
func machine(more ...string) []string {
	return append([]string{
		"ip link add eth0 index 11 address 02:00:00:00:00:01 type veth peer name eth1 index 12 address 02:00:00:00:00:02",
		"ip link set eth0 addrgenmode none", "ip link set eth1 addrgenmode none",
		"ip link set lo up", "ip link set eth1 up", "ip link set eth0 up",
		"ip address add 192.0.2.2/24 broadcast + dev eth0", "ip address add 2001:db8::2/64 dev eth0 nodad",
	}, more...)
}

// behindGateway is such a machine with a default route for each family.
func behindGateway(more ...string) []string {
	return machine(append([]string{"ip route add default via 192.0.2.1", "ip -6 route add default via 2001:db8::1"}, more...)...)
}

// names are the interfaces of the recorded machines.
var names = map[int]string{1: "lo", 2: "tun0", 11: "eth0", 12: "eth1"}

func recordedName(index int) (string, error) {
	name, ok := names[index]
	if !ok {
		return "", fmt.Errorf("no interface %d", index)
	}
	return name, nil
}

const far4, far6 = "198.51.100.7", "2001:db8:1::7"

// bothLinkLocal is a machine with a link-local address on either end of its cable.
func bothLinkLocal() []string {
	return machine("ip address add fe80::2/64 dev eth0 nodad", "ip address add fe80::3/64 dev eth1 nodad")
}

// way is an answer: empty texts are invalid addresses and prefixes.
func way(kind, iface, source, gateway, network string) Result {
	return Result{Type: kind, Interface: iface, Source: address(source), Gateway: address(gateway), Network: networkOf(network)}
}

func networkOf(text string) netip.Prefix {
	network, _ := netip.ParsePrefix(text)
	return network
}

func address(text string) netip.Addr {
	addr, _ := netip.ParseAddr(text)
	return addr
}

// no is a refusal.
func no(kind string, fault probes.Kind) Result {
	return Result{Type: kind, Fault: &probes.Fault{Step: "route", Kind: fault}}
}

// situations are each a machine of its own: what makes it, the destination asked for, and the answer.
var situations = []struct {
	name        string
	commands    []string
	destination string
	want        Result
}{
	{"on the link", behindGateway(), "192.0.2.9", way("unicast", "eth0", "192.0.2.2", "", "192.0.2.0/24")},
	{"on the link IPv6", behindGateway(), "2001:db8::9", way("unicast", "eth0", "2001:db8::2", "", "2001:db8::/64")},
	{"default route", behindGateway(), far4, way("unicast", "eth0", "192.0.2.2", "192.0.2.1", "0.0.0.0/0")},
	{"default route IPv6", behindGateway(), far6, way("unicast", "eth0", "2001:db8::2", "2001:db8::1", "::/0")},
	{
		"route to a network", behindGateway("ip route add 198.51.100.0/24 via 192.0.2.3"), far4,
		way("unicast", "eth0", "192.0.2.2", "192.0.2.3", "198.51.100.0/24"),
	},
	{
		"route to a network IPv6", behindGateway("ip -6 route add 2001:db8:1::/48 via 2001:db8::3"), far6,
		way("unicast", "eth0", "2001:db8::2", "2001:db8::3", "2001:db8:1::/48"),
	},
	{
		"IPv4 over an IPv6 gateway", machine("ip -4 route add default via inet6 2001:db8::1 dev eth0"), far4,
		way("unicast", "eth0", "192.0.2.2", "2001:db8::1", "0.0.0.0/0"),
	},
	{
		"link-local gateway", machine("ip address add fe80::2/64 dev eth0 nodad", "ip -6 route add default via fe80::1 dev eth0"), far6,
		way("unicast", "eth0", "2001:db8::2", "fe80::1", "::/0"),
	},
	{
		"link-local destination in the first zone", bothLinkLocal(), "fe80::9%eth0",
		way("unicast", "eth0", "fe80::2", "", "fe80::/64"),
	},
	{
		"link-local destination in the second zone", bothLinkLocal(), "fe80::9%eth1",
		way("unicast", "eth1", "fe80::3", "", "fe80::/64"),
	},
	{"tunnel", []string{
		"ip tuntap add tun0 mode tun", "ip link set tun0 addrgenmode none up", "ip address add 192.0.2.2 peer 192.0.2.1 dev tun0",
		"ip route add default dev tun0",
	}, far4, way("unicast", "tun0", "192.0.2.2", "", "0.0.0.0/0")},
	{"our own address", machine(), "192.0.2.2", way("local", "lo", "192.0.2.2", "", "192.0.2.2/32")},
	{"our own address IPv6", machine(), "2001:db8::2", way("local", "lo", "2001:db8::2", "", "2001:db8::2/128")},
	{"loopback", machine(), "127.0.0.1", way("local", "lo", "127.0.0.1", "", "127.0.0.1/32")},
	{"loopback IPv6", machine(), "::1", way("local", "lo", "::1", "", "::1/128")},
	{"the unspecified address", machine(), "0.0.0.0", way("local", "lo", "127.0.0.1", "", "")},
	{"broadcast", machine(), "192.0.2.255", way("broadcast", "eth0", "192.0.2.2", "", "192.0.2.255/32")},
	{
		"no address to send from", machine("ip address flush dev eth0", "ip route add default dev eth0"), far4,
		way("unicast", "eth0", "", "", "0.0.0.0/0"),
	},
	{"no carrier", behindGateway("ip link set eth1 down"), far4, way("unicast", "eth0", "192.0.2.2", "192.0.2.1", "0.0.0.0/0")},
	{"no carrier IPv6", behindGateway("ip link set eth1 down"), far6, way("unicast", "eth0", "2001:db8::2", "2001:db8::1", "::/0")},

	{"no route", machine(), far4, no("", probes.NoRoute)},
	{"no route IPv6", machine(), far6, no("", probes.NoRoute)},
	{"interface down", behindGateway("ip link set eth0 down"), far4, no("", probes.NoRoute)},
	{"interface down IPv6", behindGateway("ip link set eth0 down"), far6, no("", probes.NoRoute)},
	{"everything down", []string{}, far4, no("", probes.NoRoute)},
	{"everything down IPv6", []string{}, far6, no("", probes.NoRoute)},
	{"unreachable", behindGateway("ip route add unreachable 198.51.100.0/24"), far4, no("unreachable", probes.Unreachable)},
	{"unreachable IPv6", behindGateway("ip -6 route add unreachable 2001:db8:1::/48"), far6, no("unreachable", probes.Unreachable)},
	{"prohibit", behindGateway("ip route add prohibit 198.51.100.0/24"), far4, no("prohibit", probes.Prohibited)},
	{"prohibit IPv6", behindGateway("ip -6 route add prohibit 2001:db8:1::/48"), far6, no("prohibit", probes.Prohibited)},
	{"blackhole", behindGateway("ip route add blackhole 198.51.100.0/24"), far4, no("blackhole", probes.Blackhole)},
	{"blackhole IPv6", behindGateway("ip -6 route add blackhole 2001:db8:1::/48"), far6, no("blackhole", probes.Blackhole)},
	{"throw", behindGateway("ip route add throw 198.51.100.0/24"), far4, no("", probes.NoRoute)},
	{"throw IPv6", behindGateway("ip -6 route add throw 2001:db8:1::/48"), far6, no("", probes.NoRoute)},
	{"prohibited by rule", behindGateway("ip rule add to 198.51.100.0/24 type prohibit"), far4, no("prohibit", probes.Prohibited)},
	{"prohibited by rule IPv6", behindGateway("ip -6 rule add to 2001:db8:1::/48 type prohibit"), far6, no("prohibit", probes.Prohibited)},
}

// assertResult compares a result with what is wanted, which has no destination, purpose and message.
func assertResult(t *testing.T, want, got Result, destination string) {
	t.Helper()
	want.Destination, want.Purpose = netip.MustParseAddr(destination), "target"
	got.Table, got.Metric, got.Protocol, got.Rule, got.Searched = "", 0, "", nil, nil // see TestPolicy
	if got.Fault != nil {
		assert.NotEmpty(t, got.Fault.Message)
		got.Fault.Message = ""
	}
	assert.Equal(t, want, got)
}

// settle waits until the kernel has taken the machine's addresses into its routes: IPv6 ones by a work queue, a moment after the
// command. Where it never does, the test that follows fails.
func settle(t *testing.T, destination netip.Addr, want Result) {
	for range 500 {
		got := Lookup(t.Context(), Flow{To: destination}, "target")
		if got.Type == want.Type && got.Interface == want.Interface && got.Source == want.Source {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestLookup(t *testing.T) {
	for _, situation := range situations {
		t.Run(situation.name, func(t *testing.T) {
			netlinktest.Namespace(t, situation.commands...)
			destination := netip.MustParseAddr(situation.destination)
			settle(t, destination, situation.want)
			way, match, err := ask(t.Context(), Flow{To: destination})
			require.NoError(t, err)
			netlinktest.Record(t, situation.name+".way", way)
			netlinktest.Record(t, situation.name+".match", match)
			netlinktest.Unprivileged(t)

			assertResult(t, situation.want, Lookup(t.Context(), Flow{To: destination}, "target"), situation.destination)
		})
	}
}

func TestFillRecorded(t *testing.T) {
	for _, situation := range situations {
		t.Run(situation.name, func(t *testing.T) {
			way := netlinktest.Recorded(t, situation.name+".way")
			match := netlinktest.Recorded(t, situation.name+".match")
			got := Result{Destination: netip.MustParseAddr(situation.destination), Purpose: "target"}
			got.Fault = netlink.Fault(t.Context(), "route", got.fill(Flow{}, way, match, recordedName))
			assertResult(t, situation.want, got, situation.destination)
		})
	}
}

// The kernel's answer is what a packet then meets: a datagram's socket is refused for the same reason.
func TestLookupAgreesWithConnect(t *testing.T) {
	for _, situation := range situations {
		if situation.name == "everything down IPv6" {
			continue // without any address, ::1 included, connect fails for that (EADDRNOTAVAIL) before it sees the route
		}
		t.Run(situation.name, func(t *testing.T) {
			netlinktest.Namespace(t, situation.commands...)
			destination := netip.MustParseAddr(situation.destination)
			settle(t, destination, situation.want)
			result := Lookup(t.Context(), Flow{To: destination}, "target")
			var dialer net.Dialer
			conn, err := dialer.DialContext(t.Context(), "udp", netip.AddrPortFrom(destination, 9).String())
			if err != nil {
				require.NotNil(t, result.Fault, "%v", err)
				assert.Equal(t, probes.NewFault(t.Context(), "", err).Kind, result.Fault.Kind)
				return
			}
			defer func() { assert.NoError(t, conn.Close()) }()
			assert.Nil(t, result.Fault)
			source := probes.AddrPortOf(conn.LocalAddr()).Addr().WithZone("")
			assert.Equal(t, situation.want.Source, result.Source)
			assert.True(t, source == result.Source || source.IsUnspecified() && !result.Source.IsValid(), "%s", source)
		})
	}
}

func TestLookupInUnknownZone(t *testing.T) {
	result := Lookup(t.Context(), Flow{To: netip.MustParseAddr("fe80::9%nosuch")}, "target")
	assert.True(t, result.Fault.Of(probes.Other), "%v", result.Fault)
}

func TestLookupOfNothing(t *testing.T) {
	result := Lookup(t.Context(), Flow{}, "target")
	assert.True(t, result.Fault.Of(probes.Malformed), "%v", result.Fault)
}

func TestLookupOfMappedAddress(t *testing.T) {
	netlinktest.Namespace(t, machine()...)
	result := Lookup(t.Context(), Flow{To: netip.MustParseAddr("::ffff:192.0.2.9")}, "target")
	assertResult(t, way("unicast", "eth0", "192.0.2.2", "", "192.0.2.0/24"), result, "192.0.2.9")
}

func TestLookupAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result := Lookup(ctx, Flow{To: netip.MustParseAddr(far4)}, "target")
	assert.True(t, result.Fault.Of(probes.Interrupted), "%v", result.Fault)
}

// attributes is a struct of size bytes with attributes after it.
func attributes(size int, values map[uint16][]byte) []byte {
	body := make([]byte, size)
	for kind, value := range values {
		body = netlink.AppendAttribute(body, kind, value)
	}
	return body
}

// onWire is an error number as the kernel sends it, negative.
func onWire(errno unix.Errno) []byte { return binary.NativeEndian.AppendUint32(nil, -uint32(errno)) }

// refusedInside is what kernels before 4.13 answer for IPv6: a route with the error in it.
func refusedInside(errno unix.Errno) []byte {
	cacheinfo := make([]byte, 32)
	copy(cacheinfo[errorAt:], onWire(errno))
	body := attributes(unix.SizeofRtMsg, map[uint16][]byte{unix.RTA_CACHEINFO: cacheinfo})
	body[0], body[typeAt] = unix.AF_INET6, unix.RTN_UNREACHABLE
	return netlinktest.Message(unix.RTM_NEWROUTE, body)
}

func TestFillRefusalsOfOtherKernels(t *testing.T) {
	for name, test := range map[string]struct {
		answer []byte
		want   Result
	}{
		"old, no route":      {refusedInside(unix.ENETUNREACH), no("", probes.NoRoute)},
		"old, throw":         {refusedInside(unix.EAGAIN), no("", probes.NoRoute)},
		"old, unreachable":   {refusedInside(unix.EHOSTUNREACH), no("unreachable", probes.Unreachable)},
		"old, prohibit":      {refusedInside(unix.EACCES), no("prohibit", probes.Prohibited)},
		"old, blackhole":     {refusedInside(unix.EINVAL), no("blackhole", probes.Blackhole)},
		"built without IPv6": {netlinktest.Message(unix.NLMSG_ERROR, onWire(unix.EOPNOTSUPP)), no("", probes.NoRoute)},
	} {
		t.Run(name, func(t *testing.T) {
			got := Result{Destination: netip.MustParseAddr(far6), Purpose: "target"}
			got.Fault = netlink.Fault(t.Context(), "route", got.fill(Flow{}, test.answer, test.answer, recordedName))
			assertResult(t, test.want, got, far6)
		})
	}
}

// Kernels before 4.13 do not know RTM_F_FIB_MATCH and answer the second question like the first.
func TestFillWithoutMatch(t *testing.T) {
	answer := netlinktest.Recorded(t, "default route.way")
	got := Result{Destination: netip.MustParseAddr(far4), Purpose: "target"}
	require.NoError(t, got.fill(Flow{}, answer, answer, recordedName))
	assertResult(t, way("unicast", "eth0", "192.0.2.2", "192.0.2.1", ""), got, far4)
}

func TestFillBadMessages(t *testing.T) {
	good := netlinktest.Recorded(t, "default route.way")
	for name, values := range map[string]map[uint16][]byte{
		"interface of one byte":      {unix.RTA_OIF: {1}},
		"source of five bytes":       {unix.RTA_PREFSRC: make([]byte, 5)},
		"gateway of five bytes":      {unix.RTA_GATEWAY: make([]byte, 5)},
		"other gateway of one byte":  {unix.RTA_VIA: make([]byte, 1)},
		"other gateway of six bytes": {unix.RTA_VIA: make([]byte, 7)},
		"network of five bytes":      {unix.RTA_DST: make([]byte, 5)},
		"network of forty bits":      {unix.RTA_DST: make([]byte, 4)},
	} {
		t.Run(name, func(t *testing.T) {
			body := attributes(unix.SizeofRtMsg, values)
			body[1] = 40
			bad := netlinktest.Message(unix.RTM_NEWROUTE, body)
			require.ErrorIs(t, new(Result).fill(Flow{}, bad, good, recordedName), netlink.ErrMalformed)
			assert.ErrorIs(t, new(Result).fill(Flow{}, good, bad, recordedName), netlink.ErrMalformed)
		})
	}
	t.Run("no fixed part", func(t *testing.T) {
		bad := netlinktest.Message(unix.RTM_NEWROUTE, nil)
		assert.ErrorIs(t, new(Result).fill(Flow{}, bad, good, recordedName), netlink.ErrMalformed)
	})
	t.Run("nothing", func(t *testing.T) {
		assert.ErrorIs(t, new(Result).fill(Flow{}, nil, nil, recordedName), netlink.ErrMalformed)
	})
	t.Run("interface that is gone", func(t *testing.T) {
		other := netlinktest.Recorded(t, "tunnel.way")
		assert.Error(t, new(Result).fill(Flow{}, other, other, func(int) (string, error) { return "", net.ErrClosed }))
	})
}

func FuzzRoute(f *testing.F) {
	for _, situation := range situations {
		f.Add(netlinktest.Recorded(f, situation.name+".way"), netlinktest.Recorded(f, situation.name+".match"))
	}
	f.Fuzz(func(t *testing.T, way, match []byte) {
		var result Result
		err := result.fill(Flow{}, way, match, func(int) (string, error) { return "eth0", nil })
		if result.Network.IsValid() {
			require.NoError(t, err)
			require.Equal(t, result.Network.Masked(), result.Network)
		}
		if err == nil {
			require.Equal(t, "eth0", result.Interface)
		}
	})
}
