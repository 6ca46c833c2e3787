package checks

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// Nowhere is what came of connections to addresses where no host can be: of the networks that are reserved for documentation (RFC 5737).
type Nowhere struct {
	// Tries are the attempts, each in another of the networks. They end soon after those at the target and the anchors, if not before.
	Tries []tcp.Result `json:"tries"`
}

// testNets are the networks for documentation (RFC 5737 §3), which nobody routes.
var testNets = []netip.Prefix{
	netip.MustParsePrefix("192.0.2.0/24"), netip.MustParsePrefix("198.51.100.0/24"), netip.MustParsePrefix("203.0.113.0/24"),
}

// nowheres is how many addresses are tried: one alone may be used in a laboratory.
const nowheres = 2

// askNowhere connects to where nobody is, for as long as the target and the anchors are being tried, and a moment longer.
func askNowhere(ctx context.Context, c *Climb) {
	if len(c.Options.Anchors) == 0 || c.Options.Family == 6 {
		return
	}
	addresses, _ := c.addresses.wait(ctx)
	targets := c.placesOfNobody(ctx, addresses)
	if len(targets) < nowheres || len(addresses) == 0 {
		return
	}
	trying, cancel := context.WithCancel(ctx)
	defer cancel()
	c.evidence.Nowhere = measure(ctx, c, "", func() Nowhere {
		seen := Nowhere{Tries: make([]tcp.Result, len(targets))}
		var tries sync.WaitGroup
		for i, to := range targets {
			tries.Go(func() {
				result, conn := tcp.Dial(trying, c.Options.Host, netip.AddrPortFrom(to, c.Target.Port), c.Options.Timeout)
				if seen.Tries[i] = result; conn != nil {
					_ = conn.Close()
				}
			})
		}
		c.connected.wait(ctx)
		c.anchored.wait(ctx)
		late := time.AfterFunc(headStart, cancel) // what accepts everything may have been asked here last
		defer late.Stop()
		tries.Wait()
		return seen
	})
}

// placesOfNobody are addresses of the networks for documentation, each of another, that are neither ours nor near the target's nor
// anybody's who was named, as all of them may be in a laboratory.
func (c *Climb) placesOfNobody(ctx context.Context, target []netip.Addr) (places []netip.Addr) {
	for _, network := range testNets {
		if slices.ContainsFunc(target, network.Contains) {
			continue
		}
		octets := network.Addr().As4()
		octets[3] = byte(1 + rand.IntN(254)) //nolint:gosec // G404: any host will do, as long as it is not always the same
		place := netip.AddrFrom4(octets)
		r := route.Lookup(ctx, route.Flow{To: place, Port: c.Target.Port, From: c.Options.Host.From}, "default")
		outwards := r.Gateway.IsValid() && r.Network.IsValid() && r.Network.Bits() == 0 && !network.Contains(r.Source)
		if outwards && !slices.ContainsFunc(c.Options.Anchors, func(a *Target) bool { return a.Addr() == place }) {
			places = append(places, place)
		}
	}
	return places[:min(len(places), nowheres)]
}

// acceptsEverything says that connections to where nobody is were made, each in another network.
func (b *bench) acceptsEverything() bool {
	n := seen(b.e.Nowhere)
	accepted := func(try tcp.Result) bool { return try.Connected() && isTestNet(try.Address.Addr()) }
	return n != nil && len(n.Tries) >= nowheres && !slices.ContainsFunc(n.Tries, not(accepted))
}

// judgeNowhere finds a middlebox that accepts connections in the name of whoever is called: then no connection says that its peer is there.
// It has no name of its own where it is known already what answers in the place of others, and why.
func (b *bench) judgeNowhere() {
	r := b.e.Nowhere.result("nowhere", Transport)
	known := slices.DeleteFunc(slices.Clone(b.causes), func(c *Cause) bool { return c.ID != "path.captive-portal" && c.ID != "tls.intercepted" })
	switch {
	case b.e.Nowhere == nil:
		b.needless(r, "not tried: it takes an anchor (--anchor), and a target over IPv4")
	case !b.acceptsAll:
		b.found(r, Pass, "connections to where nobody is do not come about")
	case len(known) > 0:
		b.follows(r, Warn, "connections to where nobody is are accepted", []string{known[0].ID})
	default:
		var evidence []string
		for _, try := range b.e.Nowhere.Seen.Tries {
			evidence = append(evidence, fmt.Sprintf("SYN to %s, where no host is: connected after %s", try.Address, try.Took))
		}
		cause := newCause("path.transparent-proxy", "", "a device on the way accepts connections in the name of any host, whether it is there or not",
			evidence...).restsOn("nowhere").
			mend("distrust every \"connected\" on this network; have its operator except %s from the proxy (TCP acceleration, transparent proxying)", hostOf(b.e.Target))
		b.found(r, Warn, cause.Summary, cause)
	}
}

func isTestNet(addr netip.Addr) bool {
	return slices.ContainsFunc(testNets, func(p netip.Prefix) bool { return p.Contains(addr) })
}
