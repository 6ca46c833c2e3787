package dns

import (
	"context"
	"math/bits"
	"net/netip"
	"slices"

	"github.com/rung-cli/rung/probes"
)

// Sort puts addresses into the order in which to try them from an origin (RFC 6724 §6), in place. The source address that the kernel
// would use for each is found without sending anything. Rules 3, 4 and 7 need what no socket tells, and are left out.
func Sort(from probes.Origin, addrs []netip.Addr) {
	const discard = 9 // any port will do
	ranks := make(map[netip.Addr][]int, len(addrs))
	for _, addr := range addrs {
		source, _ := from.SourceTo(context.Background(), netip.AddrPortFrom(addr, discard)) // invalid where there is no way
		ranks[addr] = rank(addr, source)
	}
	slices.SortStableFunc(addrs, func(a, b netip.Addr) int { return slices.Compare(ranks[a], ranks[b]) })
}

// rank is what the rules of RFC 6724 §6 say of a destination, one number each: the smaller comes first.
func rank(addr, source netip.Addr) []int {
	const usable, unusable = 0, 1
	if !source.IsValid() {
		return []int{unusable}
	}
	to, from := policyOf(addr), policyOf(source)
	return []int{
		usable,                                 // rule 1: avoid unusable destinations
		differ(scopeOf(addr), scopeOf(source)), // rule 2: prefer matching scope
		differ(to.label, from.label),           // rule 5: prefer matching label
		-to.precedence,                         // rule 6: prefer higher precedence
		scopeOf(addr),                          // rule 8: prefer smaller scope
		-commonPrefix(addr, source),            // rule 9: use longest matching prefix
	}
}

func differ(a, b int) int {
	if a == b {
		return 0
	}
	return 1
}

// The scopes of addresses (RFC 4291 §2.7). IPv4 has none of its own: RFC 6724 §3.2 says how to see it.
const (
	scopeLink   = 0x2
	scopeSite   = 0x5
	scopeGlobal = 0xe
)

var siteLocal = netip.MustParsePrefix("fec0::/10")

func scopeOf(addr netip.Addr) int {
	switch {
	case addr.Is6() && addr.IsMulticast():
		return int(addr.As16()[1] & 0xf)
	case addr.IsLoopback(), addr.IsLinkLocalUnicast():
		return scopeLink
	case siteLocal.Contains(addr.WithZone("")):
		return scopeSite
	}
	return scopeGlobal
}

// policy is a row of the policy table.
type policy struct {
	prefix     netip.Prefix
	precedence int
	label      int
}

// policies is the default policy table (RFC 6724 §2.1), the longest prefix first.
var policies = []policy{
	{netip.MustParsePrefix("::1/128"), 50, 0},
	{netip.MustParsePrefix("::ffff:0:0/96"), 35, 4},
	{netip.MustParsePrefix("::/96"), 1, 3},
	{netip.MustParsePrefix("2001::/32"), 5, 5},
	{netip.MustParsePrefix("2002::/16"), 30, 2},
	{netip.MustParsePrefix("3ffe::/16"), 1, 12},
	{netip.MustParsePrefix("fec0::/10"), 1, 11},
	{netip.MustParsePrefix("fc00::/7"), 3, 13},
	{netip.MustParsePrefix("::/0"), 40, 1},
}

// policyOf is the row of an address; IPv4 is looked up in its mapped form.
func policyOf(addr netip.Addr) policy {
	mapped := addr.As16()
	row := slices.IndexFunc(policies, func(p policy) bool {
		prefix := p.prefix.Addr().As16()
		return commonBits(prefix[:], mapped[:]) >= p.prefix.Bits()
	})
	return policies[row] // the last row matches all
}

// commonPrefix is the length of the prefix that an IPv6 address has in common with its source, interface identifiers left out.
// Between IPv4 addresses it says nothing about distance, and would undo the servers' rotation of equal addresses.
func commonPrefix(addr, source netip.Addr) int {
	if !addr.Is6() || !source.Is6() {
		return 0
	}
	const subnet = 8 // bytes
	a, b := addr.As16(), source.As16()
	return commonBits(a[:subnet], b[:subnet])
}

// commonBits is the number of leading bits that are equal in a and b, which are of the same length.
func commonBits(a, b []byte) int {
	for i := range a {
		if different := a[i] ^ b[i]; different != 0 {
			return 8*i + bits.LeadingZeros8(different)
		}
	}
	return 8 * len(a)
}
