package probes

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// twoCards is a machine with an address on each of two cards, and one link-local address on both.
func twoCards() addressTable {
	addr := netip.MustParseAddr
	return addressTable{
		{iface: "lo"}, {"lo", addr("127.0.0.1")}, {"lo", addr("::1")},
		{iface: "eth0"}, {"eth0", addr("192.0.2.10")}, {"eth0", addr("2001:db8::10")}, {"eth0", addr("fe80::1%eth0")},
		{iface: "eth1"}, {"eth1", addr("198.51.100.10")}, {"eth1", addr("fe80::1%eth1")}, {"eth1", addr("fe80::2%eth1")},
		{iface: "eth2"},
	}
}

func TestInterfaceByNameOrAddress(t *testing.T) {
	for name, test := range map[string]struct{ text, want, wrong string }{
		"its name":                     {"eth0", "eth0", ""},
		"without any address":          {"eth2", "eth2", ""},
		"its IPv4 address":             {"198.51.100.10", "eth1", ""},
		"its IPv6 address":             {"2001:db8::10", "eth0", ""},
		"an address of both":           {"fe80::1", "", "several interfaces have the address fe80::1: eth0, eth1"},
		"that address with its zone":   {"fe80::1%eth1", "eth1", ""},
		"no such interface":            {"wlan0", "", `there is no interface "wlan0"; there are lo, eth0, eth1, eth2`},
		"somebody else's address":      {"192.0.2.11", "", "no interface has the address 192.0.2.11"},
		"an address in another's zone": {"fe80::2%eth0", "", "no interface has the address"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := twoCards().interfaceNamed(test.text)
			assert.Equal(t, test.want, got)
			if test.wrong != "" {
				assert.ErrorContains(t, err, test.wrong)
			} else {
				assert.NoError(t, err)
			}
		})
	}
}

func TestSourceOfThisMachine(t *testing.T) {
	for name, test := range map[string]struct{ text, iface, want, wrong string }{
		"IPv4":                             {"192.0.2.10", "", "192.0.2.10", ""},
		"IPv4 in IPv6's form":              {"::ffff:192.0.2.10", "", "192.0.2.10", ""},
		"of another interface":             {"192.0.2.10", "eth1", "192.0.2.10", ""},
		"any of the loopback's":            {"127.0.0.9", "", "127.0.0.9", ""},
		"link-local, on one interface":     {"fe80::2", "", "fe80::2%eth1", ""},
		"link-local, on two":               {"fe80::1", "", "", "a zone says which is meant, as in fe80::1%eth0"},
		"link-local, of the one named":     {"fe80::1", "eth1", "fe80::1%eth1", ""},
		"link-local, not of the one named": {"fe80::2", "eth0", "", "not one of eth0, but of eth1"},
		"somebody else's":                  {"192.0.2.11", "", "", "is not an address of this machine; there are 192.0.2.10 (eth0), 2001:db8::10 (eth0)"},
		"a name":                           {"eth0", "", "", "is not an address"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := twoCards().source(test.text, test.iface)
			if test.wrong != "" {
				assert.ErrorContains(t, err, test.wrong)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, netip.MustParseAddr(test.want), got)
		})
	}
}

func TestOriginToward(t *testing.T) {
	from := Origin{Interface: "eth0", Source: netip.MustParseAddr("192.0.2.10")}
	assert.Equal(t, from, from.Toward(netip.MustParseAddr("203.0.113.10")))
	assert.Equal(t, from, from.Toward(netip.MustParseAddr("::ffff:203.0.113.10")))
	assert.Equal(t, Origin{Interface: "eth0"}, from.Toward(netip.MustParseAddr("2001:db8::1")))
	assert.Equal(t, Origin{}, from.Toward(netip.MustParseAddr("127.0.0.53")))
}

func TestOriginTried(t *testing.T) {
	require.NoError(t, Origin{}.Try(t.Context()))
	require.NoError(t, Origin{Source: netip.MustParseAddr("127.0.0.1")}.Try(t.Context()))
	require.Error(t, Origin{Source: netip.MustParseAddr("192.0.2.10")}.Try(t.Context()), "nobody's address")
	if bindsInterfaces {
		assert.Error(t, Origin{Interface: "nosuch"}.Try(t.Context()))
	}
}

func TestHostWants(t *testing.T) {
	v4, v6 := netip.MustParseAddr("192.0.2.10"), netip.MustParseAddr("2001:db8::1")
	for family, want := range map[int][2]bool{0: {true, true}, 4: {true, false}, 6: {false, true}} {
		assert.Equal(t, want, [2]bool{Host{Family: family}.Wants(v4), Host{Family: family}.Wants(v6)}, family)
	}
}
