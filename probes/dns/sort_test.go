package dns

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
)

func TestRank(t *testing.T) {
	type way struct{ addr, source string }
	tests := []struct {
		name          string
		first, second way
	}{ // the first seven as in RFC 6724 §10.2
		{"matching scope", way{"2001:db8:1::1", "2001:db8:1::2"}, way{"198.51.100.121", "169.254.13.78"}},
		{"matching scope, IPv4", way{"198.51.100.121", "198.51.100.117"}, way{"2001:db8:1::1", "fe80::1"}},
		{"higher precedence", way{"2001:db8:1::1", "2001:db8:1::2"}, way{"10.1.2.3", "10.1.2.4"}},
		{"smaller scope", way{"fe80::1", "fe80::2"}, way{"2001:db8:1::1", "2001:db8:1::2"}},
		{"longest matching prefix", way{"2001:db8:1::1", "2001:db8:1::2"}, way{"2001:db8:3ffe::1", "2001:db8:3f44::2"}},
		{"matching label", way{"2002:c633:6401::1", "2002:c633:6401::2"}, way{"2001:db8:1::1", "2002:c633:6401::2"}},
		{"higher precedence than 6to4", way{"2001:db8:1::1", "2001:db8:1::2"}, way{"2002:c633:6401::1", "2002:c633:6401::2"}},
		{"usable at all", way{"198.51.100.121", "198.51.100.117"}, way{"2001:db8:1::1", ""}},
		{"unique local addresses are for their like", way{"198.51.100.121", "198.51.100.117"}, way{"2001:db8:1::1", "fd00::1"}},
		{"IPv4 before Teredo", way{"198.51.100.121", "198.51.100.117"}, way{"2001:0:1::1", "2001:0:2::1"}},
		{"link-local IPv4 is of smaller scope", way{"169.254.1.1", "169.254.1.2"}, way{"198.51.100.121", "198.51.100.117"}},
	}
	rankOf := func(w way) []int {
		source, _ := netip.ParseAddr(w.source)
		return rank(netip.MustParseAddr(w.addr), source)
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Negative(t, slices.Compare(rankOf(test.first), rankOf(test.second)))
		})
	}
}

func TestRankLeavesTheServersOrder(t *testing.T) {
	near, far := addrs("198.51.100.120")[0], addrs("203.0.113.1")[0]
	source := addrs("198.51.100.121")[0]
	assert.Equal(t, rank(near, source), rank(far, source), "IPv4 of equal worth")
	assert.Equal(t, rank(near, netip.Addr{}), rank(addrs("2001:db8::1")[0], netip.Addr{}), "unusable")
}

func TestPolicyTable(t *testing.T) {
	for addr, label := range map[string]int{
		"::1": 0, "2001:db8::1": 1, "2002::1": 2, "::192.0.2.1": 3, "192.0.2.1": 4, "2001:0:1::1": 5, "fec0::1": 11, "3ffe::1": 12,
		"fd00::1": 13, "fe80::1%eth0": 1,
	} {
		assert.Equal(t, label, policyOf(netip.MustParseAddr(addr)).label, addr)
	}
}

func TestScopes(t *testing.T) {
	for addr, scope := range map[string]int{
		"::1": scopeLink, "127.0.0.1": scopeLink, "169.254.1.1": scopeLink, "fe80::1%eth0": scopeLink, "fec0::1": scopeSite,
		"ff05::1": scopeSite, "ff02::1": scopeLink, "10.0.0.1": scopeGlobal, "2001:db8::1": scopeGlobal, "fd00::1": scopeGlobal,
	} {
		assert.Equal(t, scope, scopeOf(netip.MustParseAddr(addr)), addr)
	}
}

func TestSortPutsTheUnusableLast(t *testing.T) {
	noSuchInterface := "fe80::1%nowhere"
	list := addrs(noSuchInterface, "127.0.0.2", "127.0.0.1")
	Sort(probes.Origin{}, list)
	assert.Equal(t, addrs("127.0.0.2", "127.0.0.1", noSuchInterface), list)
}
