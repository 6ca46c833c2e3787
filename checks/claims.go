package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/link"
)

// claimedAddress is an IPv4 address of ours that another machine on the link says is its own.
func (b *bench) claimedAddress(links *link.Result) *Cause {
	for _, claim := range links.Claims {
		others := b.claimants(links, claim)
		if len(others) == 0 || !b.ownAddress(claim.Address) {
			continue
		}
		return newCause("link.duplicate-address", claim.Interface,
			fmt.Sprintf("another host on the network of %s has our address %s", claim.Interface, claim.Address),
			fmt.Sprintf("who has %s? was asked on %s (an ARP Probe), and %s answered, which no interface of this machine is",
				claim.Address, claim.Interface, strings.Join(others, " and "))).restsOn("link").
			mend("give this machine or the other one (%s) another address; where both got theirs by DHCP, take static addresses out of its pool",
				strings.Join(others, ", "))
	}
	return nil
}

// claimants are those that answered for an address of ours and have it, then: not the gateway, which may answer for every address
// of its network (local proxy ARP), and not what answers for an address that nobody has.
func (b *bench) claimants(links *link.Result, claim link.Claim) []string {
	return slices.DeleteFunc(slices.Clone(claim.By), func(mac string) bool {
		answersForAll := slices.ContainsFunc(links.Claims, func(o link.Claim) bool {
			return o.Interface == claim.Interface && o.Address == someIPv4 && slices.Contains(o.By, mac)
		})
		return answersForAll || slices.ContainsFunc(b.e.Gateways, func(m gatewayMeasured) bool {
			return m.Seen.Interface == claim.Interface && m.Seen.Address != claim.Address && m.Seen.HardwareAddress == mac
		})
	})
}

// claimedGateway is a gateway whose address several machines claim, where nothing was heard from beyond it. One router with two
// interfaces on the same network answers twice, too.
func (b *bench) claimedGateway(links *link.Result) *Cause {
	if b.anythingAnswered() {
		return nil
	}
	for _, claim := range links.Claims {
		if !b.isGateway(claim.Address) || len(claim.By) < 2 {
			continue
		}
		both := strings.Join(claim.By, " and ")
		return newCause("link.duplicate-address", claim.Interface,
			fmt.Sprintf("several hosts on the network of %s say that they are the gateway %s", claim.Interface, claim.Address),
			fmt.Sprintf("who has %s? was asked on %s (an ARP Probe), and %s answered", claim.Address, claim.Interface, both)).restsOn("link", "route").
			as(SeverityWarn).likely(fmt.Sprintf("whether %s are the same router's: one with two interfaces on the same network answers so, too", both)).
			mend("find out which of %s is the gateway, and give the other another address than %s", both, claim.Address)
	}
	return nil
}
