package checks

import (
	"fmt"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tcp"
)

// soonAsOwn is a time within which this machine answers itself, be it busy.
const soonAsOwn = probes.Millis(5 * time.Millisecond)

// mayBeOwnRST says that this machine's own firewall may have sent the RSTs that refused a connection: what it answers itself comes by the
// loopback interface, which received at least one packet for every one of the attempts, and each came at once.
func (b *bench) mayBeOwnRST(seen tcp.Result) bool {
	addr := seen.Address.Addr()
	if !turnedAway(seen.Fault) || len(seen.Before) == 0 || addr.IsLoopback() || b.routeTo(addr).Type == "local" || b.ownAddress(addr) {
		return false
	}
	soonest := seen.Took
	for _, attempt := range seen.Before {
		soonest = min(soonest, attempt.Took)
	}
	return seen.Looped >= uint64(len(seen.Before)) && soonest <= soonAsOwn
}

// ownRSTCause blames this machine's own firewall for a refusal: where the loopback interface received one packet for every RST, and at most
// one more for each other address, which are tried for the first time all at once. It is proven where nothing can have left, since the
// kernel knows no link-layer address of the next hop.
func (b *bench) ownRSTCause(seen tcp.Result) *Cause {
	neverLeft := b.neverLeft(seen)
	if !b.mayBeOwnRST(seen) || !neverLeft && seen.Looped > uint64(len(seen.Before)+len(b.e.TCP)-1) {
		return nil
	}
	to := seen.Address.String()
	cause := newCause("tcp.local-firewall", "", "this machine's own firewall refuses the connection to "+to, describeAttempt(seen),
		fmt.Sprintf("this machine's loopback interface, by which it hears its own answers, received %d packet(s) during %d of these attempts",
			seen.Looped, len(seen.Before))).restsOn("tcp").
		mend("allow the connection to %s in this machine's firewall (nft list ruleset)", to)
	if neverLeft {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("nothing left for %s: the kernel has no link-layer address of the next hop %s", to,
			b.routeTo(seen.Address.Addr()).NextHop()))
		return cause.restsOn("tcp", "gateway")
	}
	return cause.likely("the rules of this machine's firewall (nft list ruleset): the counter is of the whole machine" + b.whyNoRules())
}

// neverLeft says that no packet to an address can have left this machine: the kernel has no link-layer address of its next hop.
func (b *bench) neverLeft(seen tcp.Result) bool {
	hop, known := b.neighbourOn(b.routeTo(seen.Address.Addr()))
	return known && hop.HardwareAddress == "" && (hop.State == "none" || hop.Failed())
}
