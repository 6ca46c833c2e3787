package link

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

// cable makes a cable between eth0 and eth1, with no addresses that the kernel chose, and then does more.
func cable(more ...string) []string {
	return append([]string{
		"ip link add eth0 index 11 address 02:00:00:00:00:01 type veth peer name eth1 index 12 address 02:00:00:00:00:02",
		"ip link set eth0 addrgenmode none", "ip link set eth1 addrgenmode none",
	}, more...)
}

// situations are each a machine of its own: what makes it, and the interfaces that it then has. Their indices are those of
// the recording.
var situations = []struct {
	name     string
	commands []string
	want     []Interface
}{
	{
		name: "a new machine",
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, MTU: 65536},
		},
	},
	{
		name:     "loopback alone",
		commands: []string{"ip link set lo up"},
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, Up: true, Carrier: true, MTU: 65536, Addresses: prefixes("127.0.0.1/8", "::1/128")},
		},
	},
	{
		name: "both families on a cable",
		commands: cable(
			"ip link set eth1 up", "ip link set eth0 mtu 1400 up",
			"ip address add 192.0.2.2/24 dev eth0", "ip address add 192.0.2.3/24 dev eth0",
			"ip address add 2001:db8::2/64 dev eth0 nodad", "ip address add fe80::2/64 dev eth0 nodad",
		),
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, MTU: 65536},
			{
				Name: "eth0", Index: 11, Up: true, Carrier: true, MTU: 1400, HardwareAddress: "02:00:00:00:00:01",
				Addresses: prefixes("192.0.2.2/24", "192.0.2.3/24", "2001:db8::2/64", "fe80::2/64"),
			},
			{Name: "eth1", Index: 12, Up: true, Carrier: true, MTU: 1500, HardwareAddress: "02:00:00:00:00:02"},
		},
	},
	{
		name:     "the other end of the cable is down",
		commands: cable("ip link set eth0 up", "ip address add 192.0.2.2/24 dev eth0"),
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, MTU: 65536},
			{Name: "eth0", Index: 11, Up: true, MTU: 1500, HardwareAddress: "02:00:00:00:00:01", Addresses: prefixes("192.0.2.2/24")},
			{Name: "eth1", Index: 12, MTU: 1500, HardwareAddress: "02:00:00:00:00:02"},
		},
	},
	{
		name:     "administratively down",
		commands: cable("ip link set eth1 up", "ip address add 192.0.2.2/24 dev eth0"),
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, MTU: 65536},
			{Name: "eth0", Index: 11, MTU: 1500, HardwareAddress: "02:00:00:00:00:01", Addresses: prefixes("192.0.2.2/24")},
			{Name: "eth1", Index: 12, Up: true, MTU: 1500, HardwareAddress: "02:00:00:00:00:02"},
		},
	},
	{
		name: "a tunnel with a peer",
		commands: []string{
			"ip tuntap add tun0 mode tun", "ip link set tun0 addrgenmode none up",
			"ip address add 192.0.2.1 peer 192.0.2.2 dev tun0", "ip address add 2001:db8::1 peer 2001:db8::2 dev tun0",
		},
		want: []Interface{
			{Name: "lo", Index: 1, Loopback: true, MTU: 65536},
			{Name: "tun0", Index: 2, PointToPoint: true, Up: true, MTU: 1500, Addresses: prefixes("192.0.2.1/32", "2001:db8::1/128")},
		},
	},
}

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

func TestRead(t *testing.T) {
	for _, situation := range situations {
		t.Run(situation.name, func(t *testing.T) {
			netlinktest.Namespace(t, situation.commands...)
			links, addresses, err := dump(t.Context())
			require.NoError(t, err)
			netlinktest.Record(t, situation.name+".links", links)
			netlinktest.Record(t, situation.name+".addresses", addresses)
			netlinktest.Unprivileged(t)

			result := Read(t.Context())

			assert.Nil(t, result.Fault)
			for _, want := range situation.want {
				got, ok := result.ByName(want.Name)
				require.True(t, ok, want.Name)
				want.Index = got.Index // other interfaces may have come first
				assert.Equal(t, want, got)
				i, err := net.InterfaceByIndex(got.Index)
				require.NoError(t, err)
				assert.Equal(t, want.Name, i.Name)
			}
		})
	}
}

func TestReadOfThisMachine(t *testing.T) {
	result := Read(t.Context())
	require.Nil(t, result.Fault)
	all, err := net.Interfaces()
	require.NoError(t, err)
	for _, i := range all {
		got, ok := result.ByName(i.Name)
		require.True(t, ok, i.Name)
		assert.Equal(t, i.Index, got.Index)
		assert.Equal(t, i.MTU, got.MTU)
		assert.Equal(t, i.Flags&net.FlagUp != 0, got.Up)
	}
}

func TestReadAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result := Read(ctx)
	assert.True(t, result.Fault.Of(probes.Interrupted), "%v", result.Fault)
	assert.NotNil(t, result.Interfaces, "a list in JSON, not null")
}

func TestParseRecorded(t *testing.T) {
	for _, situation := range situations {
		t.Run(situation.name, func(t *testing.T) {
			links := netlinktest.Recorded(t, situation.name+".links")
			addresses := netlinktest.Recorded(t, situation.name+".addresses")
			got, err := parse(links, addresses)
			require.NoError(t, err)
			assert.Equal(t, situation.want, got)
		})
	}
}

func TestParseCutShort(t *testing.T) {
	links := netlinktest.Recorded(t, "both families on a cable.links")
	addresses := netlinktest.Recorded(t, "both families on a cable.addresses")

	got, err := parse(links[:len(links)-21], addresses) // in the last link: NLMSG_DONE has 20 bytes
	require.ErrorIs(t, err, netlink.ErrMalformed)
	assert.Len(t, got, 2, "what came before is kept")

	got, err = parse(links, addresses[:len(addresses)-21])
	require.ErrorIs(t, err, netlink.ErrMalformed)
	assert.Len(t, got, 3)
}

func TestParseBadMessages(t *testing.T) {
	mtuOfOneByte := netlink.AppendAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_MTU, []byte{1})
	addressOfFiveBytes := netlink.AppendAttribute(make([]byte, unix.SizeofIfAddrmsg), unix.IFA_ADDRESS, make([]byte, 5))
	prefixOfFortyBits := netlink.AppendAttribute(make([]byte, unix.SizeofIfAddrmsg), unix.IFA_ADDRESS, make([]byte, 4))
	prefixOfFortyBits[prefixLengthAt] = 40
	for name, stream := range map[string][]byte{
		"link without its fixed part":    netlinktest.Message(unix.RTM_NEWLINK, nil),
		"MTU of one byte":                netlinktest.Message(unix.RTM_NEWLINK, mtuOfOneByte),
		"address without its fixed part": netlinktest.Message(unix.RTM_NEWADDR, nil),
		"address that is absent":         netlinktest.Message(unix.RTM_NEWADDR, make([]byte, unix.SizeofIfAddrmsg)),
		"address of five bytes":          netlinktest.Message(unix.RTM_NEWADDR, addressOfFiveBytes),
		"IPv4 prefix of forty bits":      netlinktest.Message(unix.RTM_NEWADDR, prefixOfFortyBits),
	} {
		t.Run(name, func(t *testing.T) {
			_, linksErr := parse(stream, nil)
			_, addressesErr := parse(nil, stream)
			err := linksErr
			if err == nil {
				err = addressesErr
			}
			require.ErrorIs(t, err, netlink.ErrMalformed)
			assert.True(t, netlink.Fault(t.Context(), "interfaces", err).Of(probes.Malformed))
		})
	}
}

func TestHardwareAddress(t *testing.T) {
	for name, test := range map[string]struct {
		value []byte
		want  string
	}{
		"Ethernet":                       {[]byte{2, 0, 0, 0, 0, 1}, "02:00:00:00:00:01"},
		"loopback":                       {make([]byte, 6), ""},
		"absent":                         {nil, ""},
		"end of a tunnel over IPv4":      {[]byte{192, 0, 2, 1}, ""},
		"end of a tunnel over IPv6":      {netip.MustParseAddr("2001:db8::1").AsSlice(), ""},
		"longer than any the kernel has": {[]byte("more than thirty-two bytes of address"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, hardwareAddress(test.value))
		})
	}
}

func FuzzLinks(f *testing.F) {
	for _, situation := range situations {
		links := netlinktest.Recorded(f, situation.name+".links")
		f.Add(links, netlinktest.Recorded(f, situation.name+".addresses"))
	}
	f.Fuzz(func(t *testing.T, links, addresses []byte) {
		interfaces, _ := parse(links, addresses)
		require.NotNil(t, interfaces)
		require.LessOrEqual(t, len(interfaces)*unix.SizeofNlMsghdr, len(links))
		for _, i := range interfaces {
			require.LessOrEqual(t, len(i.Name), probes.MaxText)
			for _, prefix := range i.Addresses {
				require.True(t, prefix.IsValid())
			}
		}
	})
}
