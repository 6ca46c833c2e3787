package route

import (
	"encoding/binary"
	"encoding/hex"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// Recorded on macOS: a refused message (golang/go issue 70528), and the addresses of routes as the kernel sent them (the tests of
// golang.org/x/net/route). What is put around the latter, and all that is FreeBSD's, is made by the layouts in net/route.h and net/if_dl.h.
const (
	refusedOnMacOS = `84000504 01000000 03080001 15000000 1b010000 f55a0000 03000000 00000000 00000000 00000000 00000000
		00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000 00000000
		00000000 10020000 00000000 00000000 00000000 00020000 14120000 00000000 00000000 00000000 00000000`
	tunnelOnMacOS = `1c1e0000 00000000 fd841b4e 62810000 00000000 00000000 00000000
		1c1e0000 00000000 fe800021 00000000 f22f4bff fe093bff 00000000
		0e1e0000 00000000 ffffffff ffff0000`
	defaultOnMacOS = `1c1e0000 00000000 00000000 00000000 00000000 00000000 00000000
		1c1e0000 00000000 fe800000 00000000 02d04cff fe1015d2 00000000
		021e0000`
	destinationGatewayMask = 0b111
)

func fromHex(t *testing.T, text string) []byte {
	t.Helper()
	data, err := hex.DecodeString(strings.Join(strings.Fields(text), ""))
	require.NoError(t, err)
	return data
}

// inMessage puts a header before addresses.
func (d dialect) inMessage(flags, present uint32, addresses []byte) []byte {
	header := put(d.header, map[int]any{4: []byte{7, 0}, 8: flags, 12: present, 16: uint32(1), 20: uint32(1)})
	header[3] = 4 // RTM_GET
	binary.LittleEndian.PutUint16(header, uint16(d.header+len(addresses)))
	return append(header, addresses...)
}

// sockaddr is an address as the kernel pads it in a message.
func (d dialect) sockaddr(text string) []byte {
	a := addr(text)
	sa := make([]byte, 16)
	sa[1] = familyINET
	at := 4
	if a.Is6() {
		sa, at = make([]byte, 28), 8
		sa[1] = d.inet6
	}
	sa[0] = byte(len(sa))
	copy(sa[at:], a.AsSlice())
	return d.pad(sa)
}

func (d dialect) pad(sa []byte) []byte {
	return append(sa, make([]byte, (d.align-len(sa)%d.align)%d.align)...)
}

// link is a struct sockaddr_dl.
func (d dialect) link(name string, address ...byte) []byte {
	sa := append([]byte{0, familyLink, 7, 0, 6, byte(len(name)), byte(len(address)), 0}, name...)
	sa = append(sa, address...)
	sa[0] = byte(len(sa))
	return d.pad(sa)
}

func TestRefusedRoute(t *testing.T) {
	m, rest, err := darwin.nextMessage(fromHex(t, refusedOnMacOS))
	require.NoError(t, err)
	assert.Empty(t, rest)
	const esrch = 3
	assert.Equal(t, uint32(esrch), m.errno)
	assert.Equal(t, uint8(4), m.typ)
	assert.Equal(t, uint32(0x11b), m.pid)
	assert.Equal(t, uint32(0x5af5), m.seq)
}

func TestTakeAnswer(t *testing.T) {
	const up = 1
	const interfaceAndSource = 1<<placeInterface | 1<<placeSource
	default4 := func(d dialect) []byte {
		return d.inMessage(up|flagGateway|flagStatic, destinationGatewayMask|interfaceAndSource, join(d.sockaddr("0.0.0.0"), d.sockaddr("192.0.2.1"),
			d.pad([]byte{4, 0, 0, 0}), d.link("em0", 2, 0, 0, 0, 0, 5), d.sockaddr("192.0.2.5")))
	}
	network := func(d dialect, flags uint32) []byte {
		return d.inMessage(up|flags, destinationGatewayMask, join(d.sockaddr("203.0.113.0"), d.link("em0"), d.pad([]byte{7, 0, 0, 0, 255, 255, 255})))
	}
	host := func(d dialect, flags uint32) []byte {
		return d.inMessage(up|flagHost|flags, 0b11, join(d.sockaddr("203.0.113.10"), d.link("em0", 2, 0, 0, 0, 0, 1)))
	}
	refusal := func(kind probes.Kind, text string) *probes.Fault {
		return &probes.Fault{Step: "route", Kind: kind, Message: text}
	}
	for situation, test := range map[string]struct {
		d    dialect
		text []byte
		to   string
		want Result
	}{
		"macOS, by the default gateway": {darwin, default4(darwin), "203.0.113.10", Result{
			Type: "unicast", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.5"), Network: netip.MustParsePrefix("0.0.0.0/0"),
		}},
		"FreeBSD, by the default gateway": {freeBSD, default4(freeBSD), "203.0.113.10", Result{
			Type: "unicast", Gateway: addr("192.0.2.1"), Source: addr("192.0.2.5"), Network: netip.MustParsePrefix("0.0.0.0/0"),
		}},
		"macOS, through a tunnel": {darwin, darwin.inMessage(up|flagGateway, destinationGatewayMask, fromHex(t, tunnelOnMacOS)), "fd84:1b4e:6281::1", Result{
			Type: "unicast", Gateway: addr("fe80::f22f:4bff:fe09:3bff%33"), Network: netip.MustParsePrefix("fd84:1b4e:6281::/48"),
		}},
		"macOS, by the default gateway over IPv6": {darwin, darwin.inMessage(up|flagGateway, destinationGatewayMask, fromHex(t, defaultOnMacOS)), "2001:db8::1", Result{
			Type: "unicast", Gateway: addr("fe80::2d0:4cff:fe10:15d2"), Network: netip.MustParsePrefix("::/0"),
		}},
		"on the link":                       {freeBSD, network(freeBSD, 0), "203.0.113.10", Result{Type: "unicast", Network: netip.MustParsePrefix("203.0.113.0/24")}},
		"macOS, a neighbour":                {darwin, host(darwin, flagNeighbour|flagCloned), "203.0.113.10", Result{Type: "unicast"}},
		"macOS, a neighbour that is silent": {darwin, host(darwin, flagNeighbour|flagCloned|flagReject), "203.0.113.10", Result{Type: "unicast"}},
		"macOS, made for this destination":  {darwin, host(darwin, flagCloned), "203.0.113.10", Result{Type: "unicast"}},
		"a route to this host alone":        {freeBSD, host(freeBSD, flagStatic), "203.0.113.10", Result{Type: "unicast", Network: netip.MustParsePrefix("203.0.113.10/32")}},
		"rejected": {freeBSD, network(freeBSD, flagReject), "203.0.113.10", Result{
			Type: "unreachable", Network: netip.MustParsePrefix("203.0.113.0/24"), Fault: refusal(probes.Unreachable, "the route rejects"),
		}},
		"into a black hole": {darwin, network(darwin, flagBlackhole), "203.0.113.10", Result{
			Type: "blackhole", Network: netip.MustParsePrefix("203.0.113.0/24"), Fault: refusal(probes.Blackhole, "the route is a blackhole"),
		}},
	} {
		t.Run(situation, func(t *testing.T) {
			m, rest, err := test.d.nextMessage(test.text)
			require.NoError(t, err)
			assert.Empty(t, rest)
			got := Result{Destination: addr(test.to)}
			require.NoError(t, got.takeAnswer(test.d, m, name))
			test.want.Destination, test.want.Interface = got.Destination, "Ethernet"
			assert.Equal(t, test.want, got)
		})
	}
}

func TestFindNeighbour(t *testing.T) {
	const ours = 7
	entry := func(d dialect, flags uint32, address string, hardware ...byte) []byte {
		return d.inMessage(flagHost|flagNeighbour|flags, 0b11, join(d.sockaddr(address), d.link("em0", hardware...)))
	}
	mac := []byte{2, 0, 0, 0, 0, 1}
	for situation, test := range map[string]struct {
		flags     uint32
		hardware  []byte
		state     string
		hardwares string
	}{
		"known":        {0, mac, "stale", "02:00:00:00:00:01"},
		"set by hand":  {flagStatic, mac, "permanent", "02:00:00:00:00:01"},
		"asked for":    {0, nil, "incomplete", ""},
		"does not say": {flagReject, nil, "failed", ""},
	} {
		for _, d := range []dialect{darwin, freeBSD} {
			t.Run(situation, func(t *testing.T) {
				dump := join(entry(d, 0, "192.0.2.9", 2, 0, 0, 0, 0, 9), entry(d, test.flags, "192.0.2.1", test.hardware...))
				n := Neighbour{Address: addr("192.0.2.1"), State: "none"}
				require.NoError(t, n.findNeighbour(d, dump, ours))
				assert.Equal(t, Neighbour{Address: n.Address, State: test.state, HardwareAddress: test.hardwares}, n)
			})
		}
	}
}

func TestFindNeighbourThatIsNotThere(t *testing.T) {
	dump := darwin.inMessage(flagHost|flagNeighbour, 0b11, join(darwin.sockaddr("192.0.2.1"), darwin.link("em0")))
	n := Neighbour{Address: addr("192.0.2.1"), State: "none"}
	require.NoError(t, n.findNeighbour(darwin, dump, 8), "on another interface")
	assert.Equal(t, "none", n.State)
	require.ErrorIs(t, n.findNeighbour(darwin, dump[:50], 7), errMalformed)
}

func join(parts ...[]byte) (all []byte) {
	for _, part := range parts {
		all = append(all, part...)
	}
	return all
}

func FuzzRouteSocket(f *testing.F) {
	f.Add(darwin.inMessage(1, destinationGatewayMask, darwin.sockaddr("192.0.2.1")), true)
	f.Add(freeBSD.inMessage(flagGateway, 0xff, freeBSD.sockaddr("2001:db8::1")), false)
	f.Fuzz(func(t *testing.T, data []byte, isDarwin bool) {
		d := freeBSD
		if isDarwin {
			d = darwin
		}
		for _, to := range []string{"192.0.2.1", "2001:db8::1"} {
			n := Neighbour{Address: addr(to), State: "none"}
			_ = n.findNeighbour(d, data, 7)
			assert.NotEmpty(t, n.State)
			if m, _, err := d.nextMessage(data); err == nil {
				r := Result{Destination: addr(to)}
				_ = r.takeAnswer(d, m, name)
			}
		}
	})
}
