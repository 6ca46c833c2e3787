package dns

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestConfigOfAdapters(t *testing.T) {
	server := func(text string) netip.Addr { return netip.MustParseAddr(text) }
	at := func(texts ...string) (all []netip.AddrPort) {
		for _, text := range texts {
			all = append(all, netip.AddrPortFrom(server(text), dnsPort))
		}
		return all
	}
	home := adapter{metric: 25, servers: []netip.Addr{server("192.0.2.1"), server("fe80::1%7")}, suffixes: []string{"home.arpa"}}
	vpn := adapter{metric: 5, servers: []netip.Addr{server("198.51.100.53")}, suffixes: []string{"corp.example", "home.arpa"}}
	unset := adapter{metric: 1, servers: []netip.Addr{server("fec0:0:0:ffff::1%1"), server("fec0:0:0:ffff::2%1")}, suffixes: []string{""}}
	many := adapter{metric: 30, servers: []netip.Addr{server("192.0.2.1"), server("203.0.113.1"), server("203.0.113.2")}}
	for name, test := range map[string]struct {
		adapters []adapter
		domain   string
		servers  []netip.AddrPort
		search   []string
	}{
		"none":                              {nil, "", nil, nil},
		"one":                               {[]adapter{home}, "", at("192.0.2.1", "fe80::1%7"), []string{"home.arpa"}},
		"a VPN comes first":                 {[]adapter{home, vpn}, "example.net", at("198.51.100.53", "192.0.2.1", "fe80::1%7"), []string{"example.net", "corp.example", "home.arpa"}},
		"placeholders are nobody's":         {[]adapter{unset, vpn}, "", at("198.51.100.53"), []string{"corp.example", "home.arpa"}},
		"known already, and more than fits": {[]adapter{home, many}, "", at("192.0.2.1", "fe80::1%7", "203.0.113.1"), []string{"home.arpa"}},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, Config{File: adapterList, Ndots: 1, Servers: test.servers, Search: test.search}, configOf(test.adapters, test.domain))
		})
	}
}
