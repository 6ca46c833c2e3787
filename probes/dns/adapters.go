package dns

import (
	"cmp"
	"net/netip"
	"slices"
)

// adapter is what Windows says of one network adapter and its resolvers.
type adapter struct {
	metric   uint32 // the lower, the earlier its resolvers are asked
	servers  []netip.Addr
	suffixes []string
}

// adapterList stands for the file where there is none.
const adapterList = "the list of network adapters"

// placeholders are resolvers that Windows lists for adapters which have no IPv6 resolver of their own
// (draft-ietf-ipngwg-dns-discovery-03, deprecated by RFC 3879 with all site-local addresses); nobody has them.
var placeholders = netip.MustParsePrefix("fec0:0:0:ffff::/64")

// configOf puts the resolvers of all adapters in the order in which Windows asks them. A name of one label alone gets suffixes: that of the
// machine, then those of the adapters.
func configOf(adapters []adapter, domain string) Config {
	config := Config{File: adapterList, Ndots: defaultNdots}
	slices.SortStableFunc(adapters, func(x, y adapter) int { return cmp.Compare(x.metric, y.metric) })
	suffixes := []string{domain}
	for _, a := range adapters {
		for _, server := range a.servers {
			to := netip.AddrPortFrom(server.Unmap(), dnsPort)
			if !placeholders.Contains(server.WithZone("")) && !slices.Contains(config.Servers, to) && len(config.Servers) < maxServers {
				config.Servers = append(config.Servers, to)
			}
		}
		for _, suffix := range a.suffixes {
			if !slices.Contains(suffixes, suffix) {
				suffixes = append(suffixes, suffix)
			}
		}
	}
	config.Search = searchList(suffixes)
	return config
}
