package link

import (
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

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
			{Name: "lo", Index: 1, Medium: "loopback", Loopback: true, State: "down", MTU: 65536},
		},
	},
	{
		name:     "loopback alone",
		commands: []string{"ip link set lo up"},
		want: []Interface{{
			Name: "lo", Index: 1, Medium: "loopback", Loopback: true, Up: true, Carrier: true, MTU: 65536,
			Addresses: addressesOf("127.0.0.1/8", "::1/128"),
		}},
	},
	{
		name: "both families on a cable",
		commands: cable(
			"ip link set eth1 up", "ip link set eth0 mtu 1400 up",
			"ip address add 192.0.2.2/24 dev eth0", "ip address add 192.0.2.3/24 dev eth0",
			"ip address add 2001:db8::2/64 dev eth0 nodad", "ip address add fe80::2/64 dev eth0 nodad",
		),
		want: []Interface{
			{Name: "lo", Index: 1, Medium: "loopback", Loopback: true, State: "down", MTU: 65536},
			{
				Name: "eth0", Index: 11, Medium: "virtual", Kind: "veth", Up: true, Carrier: true, State: "up", MTU: 1400,
				HardwareAddress: "02:00:00:00:00:01",
				Addresses:       addressesOf("192.0.2.2/24", "192.0.2.3/24", "2001:db8::2/64", "fe80::2/64"),
			},
			{
				Name: "eth1", Index: 12, Medium: "virtual", Kind: "veth", Up: true, Carrier: true, State: "up", MTU: 1500,
				HardwareAddress: "02:00:00:00:00:02",
			},
		},
	},
	{
		name:     "the other end of the cable is down",
		commands: cable("ip link set eth0 up", "ip address add 192.0.2.2/24 dev eth0"),
		want: []Interface{
			{Name: "lo", Index: 1, Medium: "loopback", Loopback: true, State: "down", MTU: 65536},
			{
				Name: "eth0", Index: 11, Medium: "virtual", Kind: "veth", Up: true, State: "lowerlayerdown", MTU: 1500,
				HardwareAddress: "02:00:00:00:00:01", Addresses: addressesOf("192.0.2.2/24"),
			},
			{Name: "eth1", Index: 12, Medium: "virtual", Kind: "veth", State: "down", MTU: 1500, HardwareAddress: "02:00:00:00:00:02"},
		},
	},
	{
		name:     "administratively down",
		commands: cable("ip link set eth1 up", "ip address add 192.0.2.2/24 dev eth0"),
		want: []Interface{
			{Name: "lo", Index: 1, Medium: "loopback", Loopback: true, State: "down", MTU: 65536},
			{
				Name: "eth0", Index: 11, Medium: "virtual", Kind: "veth", State: "down", MTU: 1500, HardwareAddress: "02:00:00:00:00:01",
				Addresses: addressesOf("192.0.2.2/24"),
			},
			{
				Name: "eth1", Index: 12, Medium: "virtual", Kind: "veth", Up: true, State: "lowerlayerdown", MTU: 1500,
				HardwareAddress: "02:00:00:00:00:02",
			},
		},
	},
	{
		name: "a tunnel with a peer",
		commands: []string{
			"ip tuntap add tun0 mode tun", "ip link set tun0 addrgenmode none up",
			"ip address add 192.0.2.1 peer 192.0.2.2 dev tun0", "ip address add 2001:db8::1 peer 2001:db8::2 dev tun0 nodad",
		},
		want: []Interface{
			{Name: "lo", Index: 1, Medium: "loopback", Loopback: true, State: "down", MTU: 65536},
			{
				Name: "tun0", Index: 2, Medium: "tunnel", Kind: "tun", PointToPoint: true, Up: true, State: "down", MTU: 1500,
				Addresses: []Address{
					{Prefix: netip.MustParsePrefix("192.0.2.1/32"), Peer: netip.MustParseAddr("192.0.2.2")},
					{Prefix: netip.MustParsePrefix("2001:db8::1/128"), Peer: netip.MustParseAddr("2001:db8::2")},
				},
			},
		},
	},
	{
		name: "addresses with a lifetime",
		commands: cable(
			"ip link set eth1 up", "ip link set eth0 up", "ip address add 192.0.2.2/24 dev eth0 valid_lft 3600 preferred_lft 1800",
			"ip address add 2001:db8::2/64 dev eth0 nodad valid_lft 3600 preferred_lft 0",
			"ip address add 2001:db8::3/64 dev eth0 nodad valid_lft forever preferred_lft 0",
		),
		want: []Interface{{
			Name: "eth0", Index: 11, Medium: "virtual", Kind: "veth", Up: true, Carrier: true, State: "up", MTU: 1500,
			HardwareAddress: "02:00:00:00:00:01",
			Addresses: []Address{
				{Prefix: netip.MustParsePrefix("192.0.2.2/24"), Dynamic: true, Preferred: minutes(30), Valid: minutes(60)},
				{Prefix: netip.MustParsePrefix("2001:db8::3/64"), Deprecated: true},
				{Prefix: netip.MustParsePrefix("2001:db8::2/64"), Dynamic: true, Deprecated: true, Valid: minutes(60)},
			},
		}},
	},
	{
		name: "a bridge without ports, and a tap",
		commands: []string{
			"ip link add br0 index 21 address 02:00:00:00:00:01 type bridge", "ip link set br0 up",
			"ip tuntap add tap0 mode tap",
		},
		want: []Interface{
			{
				Name: "br0", Index: 21, Medium: "bridge", Kind: "bridge", Up: true, State: "down", MTU: 1500,
				HardwareAddress: "02:00:00:00:00:01",
			},
		},
	},
}

func addressesOf(texts ...string) (all []Address) {
	for _, text := range texts {
		all = append(all, Address{Prefix: netip.MustParsePrefix(text)})
	}
	return all
}

func minutes(n int) probes.Millis { return probes.Millis(time.Duration(n) * time.Minute) }

// settled is an interface without what differs from one reading to the next: its counters are there, and no more is known of them.
func settled(t *testing.T, i Interface) Interface {
	t.Helper()
	require.NotNil(t, i.Counters, i.Name)
	i.Counters = nil
	return i
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
				want.Index = got.Index         // other interfaces may have come first
				want.State, got.State = "", "" // the kernel takes its time to tell
				assert.Equal(t, want, settled(t, got))
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
			result := Result{Interfaces: got}
			for _, want := range situation.want {
				i, ok := result.ByName(want.Name)
				require.True(t, ok, want.Name)
				assert.Equal(t, want, settled(t, i))
			}
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
	countersOfOneByte := netlink.AppendAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_STATS64, []byte{1})
	kindThatIsCut := netlink.AppendAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_LINKINFO, []byte{40, 0, 1, 0})
	addressOfFiveBytes := netlink.AppendAttribute(make([]byte, unix.SizeofIfAddrmsg), unix.IFA_ADDRESS, make([]byte, 5))
	prefixOfFortyBits := netlink.AppendAttribute(make([]byte, unix.SizeofIfAddrmsg), unix.IFA_ADDRESS, make([]byte, 4))
	prefixOfFortyBits[prefixLengthAt] = 40
	for name, stream := range map[string][]byte{
		"link without its fixed part":    netlinktest.Message(unix.RTM_NEWLINK, nil),
		"MTU of one byte":                netlinktest.Message(unix.RTM_NEWLINK, mtuOfOneByte),
		"address without its fixed part": netlinktest.Message(unix.RTM_NEWADDR, nil),
		"address that is absent":         netlinktest.Message(unix.RTM_NEWADDR, make([]byte, unix.SizeofIfAddrmsg)),
		"address of five bytes":          netlinktest.Message(unix.RTM_NEWADDR, addressOfFiveBytes),
		"counters of one byte":           netlinktest.Message(unix.RTM_NEWLINK, countersOfOneByte),
		"kind that is cut":               netlinktest.Message(unix.RTM_NEWLINK, kindThatIsCut),
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
			for _, address := range i.Addresses {
				require.True(t, address.Prefix.IsValid())
			}
		}
	})
}

func TestCountAgain(t *testing.T) {
	netlinktest.Namespace(t, "ip link set lo up")
	result := Read(t.Context())
	require.Nil(t, result.Fault)
	conn, err := net.Dial("udp", "127.0.0.1:9")
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Write([]byte("a packet"))
	require.NoError(t, err)

	result.CountAgain(t.Context())

	lo, _ := result.ByName("lo")
	require.NotNil(t, lo.Rose)
	assert.Positive(t, lo.Rose.Sent)
	assert.Equal(t, lo.Rose.Sent, lo.Rose.Received)
	assert.Zero(t, lo.Rose.Damaged()+lo.Rose.Unsent())
}

func TestRose(t *testing.T) {
	one := func(c *Counters) []Interface { return []Interface{{Name: "eth0", Index: 2, Counters: c}} }
	for name, test := range map[string]struct {
		before, after []Interface
		want          *Counters
	}{
		"errors came":              {one(&Counters{CRCErrors: 5, Received: 7}), one(&Counters{CRCErrors: 9, Received: 17}), &Counters{CRCErrors: 4, Received: 10}},
		"a driver began at zero":   {one(&Counters{ReceiveErrors: 9}), one(&Counters{ReceiveErrors: 2}), &Counters{}},
		"the interface is gone":    {one(&Counters{}), nil, nil},
		"nothing was counted then": {one(nil), one(&Counters{Sent: 1}), nil},
	} {
		t.Run(name, func(t *testing.T) {
			result := Result{Interfaces: test.before}
			result.rose(test.after)
			assert.Equal(t, test.want, result.Interfaces[0].Rose)
		})
	}
}

func TestErrorsThatADriverCountsByReasonAlone(t *testing.T) {
	assert.EqualValues(t, 3, Counters{FrameErrors: 2, CRCErrors: 1}.Damaged())
	assert.EqualValues(t, 4, Counters{FrameErrors: 2, CRCErrors: 1, ReceiveErrors: 4}.Damaged())
	assert.EqualValues(t, 2, Counters{CarrierErrors: 2}.Unsent())
}

func TestFlags(t *testing.T) {
	ipv4, ipv6 := netip.MustParsePrefix("192.0.2.1/24"), netip.MustParsePrefix("2001:db8::1/64")
	for name, test := range map[string]struct {
		flags  uint32
		prefix netip.Prefix
		want   Address
	}{
		"configured for good":         {unix.IFA_F_PERMANENT, ipv6, Address{}},
		"still looked for":            {unix.IFA_F_TENTATIVE | unix.IFA_F_PERMANENT, ipv6, Address{Tentative: true}},
		"found elsewhere":             {unix.IFA_F_TENTATIVE | unix.IFA_F_DADFAILED | unix.IFA_F_PERMANENT, ipv6, Address{Duplicate: true}},
		"used while it is looked for": {unix.IFA_F_TENTATIVE | unix.IFA_F_OPTIMISTIC | unix.IFA_F_PERMANENT, ipv6, Address{}},
		"made up for privacy":         {unix.IFA_F_TEMPORARY, ipv6, Address{Temporary: true, Dynamic: true}},
		"a second IPv4 address":       {unix.IFA_F_SECONDARY | unix.IFA_F_PERMANENT, ipv4, Address{}},
	} {
		t.Run(name, func(t *testing.T) {
			got := Address{Prefix: test.prefix}
			got.setFlags(test.flags)
			test.want.Prefix = test.prefix
			assert.Equal(t, test.want, got)
		})
	}
}

func TestMedium(t *testing.T) {
	for name, test := range map[string]struct {
		hardware uint16
		kind     string
		want     string
	}{
		"a cable":                  {unix.ARPHRD_ETHER, "", "ethernet"},
		"WireGuard":                {unix.ARPHRD_NONE, "wireguard", "vpn"},
		"a program's tunnel":       {unix.ARPHRD_NONE, "tun", "tunnel"},
		"a program's Ethernet":     {unix.ARPHRD_ETHER, "tap", "virtual"},
		"a modem":                  {unix.ARPHRD_PPP, "ppp", "ppp"},
		"a modem of an old kernel": {unix.ARPHRD_PPP, "", "ppp"},
		"a network of a switch":    {unix.ARPHRD_ETHER, "vlan", "vlan"},
		"two cables as one":        {unix.ARPHRD_ETHER, "bond", "bond"},
		"IPv6 in IPv4":             {unix.ARPHRD_SIT, "sit", "tunnel"},
		"InfiniBand":               {unix.ARPHRD_INFINIBAND, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, medium(test.hardware, test.kind))
		})
	}
}

func TestDevice(t *testing.T) {
	cable := Interface{Name: "eth0", Index: 2, Medium: "ethernet", HardwareAddress: "02:00:00:00:00:01"}
	own := map[string]string{"ifindex": "2", "address": "02:00:00:00:00:01"}
	for name, test := range map[string]struct {
		of    Interface
		files []map[string]string
		want  Interface
	}{
		"half duplex": {
			cable, []map[string]string{own, {"device": "", "duplex": "half", "speed": "100"}},
			Interface{Duplex: "half", Speed: 100, Medium: "ethernet"},
		},
		"a driver that does not know":   {cable, []map[string]string{own, {"device": "", "duplex": "unknown", "speed": "-1"}}, Interface{Medium: "ethernet"}},
		"an Ethernet without a device":  {cable, []map[string]string{own, {"duplex": "full", "speed": "10000"}}, Interface{Medium: "ethernet"}},
		"wireless":                      {cable, []map[string]string{own, {"device": "", "phy80211": ""}}, Interface{Medium: "wifi"}},
		"wireless of an old driver":     {cable, []map[string]string{own, {"device": "", "wireless": ""}}, Interface{Medium: "wifi"}},
		"another machine's of the name": {cable, []map[string]string{{"ifindex": "2", "address": "02:00:00:00:00:09", "wireless": ""}}, Interface{Medium: "ethernet"}},
		"another index":                 {cable, []map[string]string{{"ifindex": "3", "address": "02:00:00:00:00:01", "wireless": ""}}, Interface{Medium: "ethernet"}},
		"no sysfs":                      {cable, nil, Interface{Medium: "ethernet"}},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			require.NoError(t, os.Mkdir(filepath.Join(root, "eth0"), 0o755))
			for _, files := range test.files {
				for file, text := range files {
					require.NoError(t, os.WriteFile(filepath.Join(root, "eth0", file), []byte(text+"\n"), 0o644))
				}
			}
			test.of.device(root)
			test.want.Name, test.want.Index, test.want.HardwareAddress = "eth0", 2, cable.HardwareAddress
			assert.Equal(t, test.want, test.of)
		})
	}
}

func TestWhoHas(t *testing.T) {
	for name, test := range map[string]struct {
		ask     string
		ownOnly bool // the other end of the cable counts as this machine's
		want    []string
	}{
		"another host has it":                    {"192.0.2.2", false, []string{"02:00:00:00:00:02"}},
		"a second interface on the same network": {"192.0.2.2", true, nil},
		"nobody has it":                          {"192.0.2.77", false, nil},
	} {
		t.Run(name, func(t *testing.T) {
			netlinktest.Namespace(t, cable("ip link set eth1 up", "ip link set eth0 up", "ip address add 192.0.2.2/24 dev eth0")...)
			result := Read(t.Context())
			require.Nil(t, result.Fault)
			if !test.ownOnly {
				result.Interfaces = slices.DeleteFunc(result.Interfaces, func(i Interface) bool { return i.Name == "eth1" })
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()

			claim := result.WhoHas(ctx, "eth0", netip.MustParseAddr(test.ask))

			assert.Nil(t, claim.Fault)
			assert.Equal(t, test.want, claim.By)
		})
	}
}

func TestWhoHasWithoutTheRight(t *testing.T) {
	netlinktest.Namespace(t, cable("ip link set eth1 up", "ip link set eth0 up")...)
	netlinktest.Unprivileged(t)
	result := Read(t.Context())
	claim := result.WhoHas(t.Context(), "eth0", netip.MustParseAddr("192.0.2.2"))
	assert.True(t, claim.Fault.Of(probes.Prohibited), "%v", claim.Fault)
}

func TestWhoHasOnATunnel(t *testing.T) {
	result := Result{Interfaces: []Interface{{Name: "tun0", Index: 2}}}
	claim := result.WhoHas(t.Context(), "tun0", netip.MustParseAddr("192.0.2.2"))
	assert.True(t, claim.Fault.Of(probes.Unsupported), "%v", claim.Fault)
}

func FuzzClaimant(f *testing.F) {
	address := netip.MustParseAddr("192.0.2.2")
	f.Add(probe(net.HardwareAddr{2, 0, 0, 0, 0, 1}, address))
	f.Add([]byte("\x00\x01\x08\x00\x06\x04\x00\x02\x02\x00\x00\x00\x00\x02\xc0\x00\x02\x02\x02\x00\x00\x00\x00\x01\xc0\x00\x02\x02"))
	f.Fuzz(func(t *testing.T, packet []byte) {
		if mac := claimant(packet, address); mac != "" {
			require.Equal(t, address.AsSlice(), packet[arpSenderIPAt:arpSenderIPAt+4])
		}
	})
}
