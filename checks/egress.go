package checks

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// anchorTry is an attempt at an address of an anchor of that name.
type anchorTry struct {
	AnchorTry

	name string
}

// anchorTries are all attempts at the addresses of anchors.
func (b *bench) anchorTries() (tries []anchorTry) {
	for _, m := range b.e.Anchors {
		for _, try := range m.Seen.Tries {
			tries = append(tries, anchorTry{try, m.Seen.Name})
		}
	}
	return tries
}

// refusedLikewise are the anchors beyond the gateway, by the same way as an address, where all that were tried are refused by a RST; none
// where any was met otherwise.
func (b *bench) refusedLikewise(refused netip.Addr) (others []netip.AddrPort) {
	for _, try := range b.anchorTries() {
		addr := try.TCP.Address.Addr()
		if b.isTarget(addr) || !b.sameWay(addr, refused) {
			continue
		}
		if !try.TCP.Fault.Of(probes.Refused) || try.TCP.Fault.ICMP != nil {
			return nil
		}
		others = append(others, try.TCP.Address)
	}
	return others
}

// reachedAnchor is the evidence that the way to an address leads out of our own network: an anchor that is reached by the same gateway
// answered. It is empty where none did.
func (b *bench) reachedAnchor(silent netip.Addr) string {
	for _, try := range b.anchorTries() {
		if addr := try.TCP.Address.Addr(); addr != silent && b.answered(try.TCP) && b.sameWay(addr, silent) {
			return fmt.Sprintf("the anchor %s, which is reached by the same gateway, answered", try.TCP.Address)
		}
	}
	return ""
}

// explained are the causes for which an anchor was not reached.
func (b *bench) explained(a *Anchor) (causes []string) {
	for _, try := range a.Tries {
		causes = append(causes, b.blocked[try.TCP.Address.Addr()]...)
	}
	return causes
}

// cutOff are the causes for which resolvers on our own network, or on this machine, cannot ask anybody either: nothing gets out of
// the network, over any family that was tried.
func (b *bench) cutOff() (causes []string) {
	for _, try := range b.anchorTries() {
		id := b.noEgress[familyOf(try.TCP.Address.Addr())]
		if id == "" && !b.routeMissing(try.TCP.Address.Addr()) {
			return nil
		}
		if id != "" {
			causes = append(causes, id)
		}
	}
	return causes
}

// judgeEgress finds out whether anything gets out of our own network, where anchors tell: for each family by itself.
func (b *bench) judgeEgress() {
	if b.proxyOnly != "" {
		return
	}
	for _, family := range []int{4, 6} {
		w := b.wayOut(family)
		if !b.closed(w) {
			continue
		}
		cause := b.egressCause(w)
		b.noEgress[family] = cause.ID
		b.blame(cause)
		for _, addr := range w.lost {
			b.block(addr, cause.ID)
		}
	}
}

// wayOut is what was seen of the way out of our own network over one family.
type wayOut struct {
	family   int
	lost     []netip.Addr    // whatever beyond our own network did not answer
	anchors  []anchorTry     // those of them that are anchors
	target   []tcp.Result    // those of them that are the target's
	servers  []netip.Addr    // those of them that are resolvers
	answered bool            // something beyond our own network did answer a SYN, or refused it, or a device there spoke of it
	resolver netip.Addr      // a resolver beyond our own network that answered; invalid where none did
	hop      route.Neighbour // the next hop to the anchors
	farthest path.Hop        // the router behind that hop to which SYNs for the target came, the last that told; zero where none did
	local    bool            // something went wrong on this machine, or on its link
}

func (b *bench) wayOut(family int) *wayOut {
	w := &wayOut{family: family}
	of := func(addr netip.Addr) bool { return familyOf(addr) == family }
	for _, m := range b.e.TCP {
		if of(m.Seen.Address.Addr()) && b.tell(w, m.Seen) {
			w.target = append(w.target, m.Seen)
		}
	}
	for _, try := range b.anchorTries() {
		if of(try.TCP.Address.Addr()) && b.tell(w, try.TCP) && !b.isTarget(try.TCP.Address.Addr()) {
			w.anchors = append(w.anchors, try)
		}
	}
	answering := b.answeringResolvers()
	for _, a := range b.dnsSeen().Direct {
		switch server := a.Server.Addr(); {
		case !of(server) || !beyond(b.routeTo(server)):
		case slices.Contains(answering, server):
			w.resolver = server
		case !slices.Contains(w.servers, server):
			w.servers = append(w.servers, server)
			w.lost = append(w.lost, server)
		}
	}
	if len(w.anchors) > 0 {
		w.hop = b.neighbour(w.anchors[0].Route)
		w.farthest = b.farthestHop(w)
	}
	return w
}

// isTarget says that an address is the target's own: of the rest of the world it tells nothing.
func (b *bench) isTarget(addr netip.Addr) bool {
	return slices.Contains(b.targetAddresses(), addr) ||
		slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Address.Addr() == addr })
}

// farthestHop is the last router behind the next hop that SYNs for the target reached.
func (b *bench) farthestHop(w *wayOut) (last path.Hop) {
	for _, m := range b.e.Paths {
		hop := m.Seen.LastRouter()
		if familyOf(m.Seen.To.Addr()) == w.family && hop.TTL > max(last.TTL, 1) && hop.From != w.hop.Address {
			last = hop
		}
	}
	return last
}

// beyond says that a route leads out of our own network: over a gateway, or by default out of an interface that needs none.
func beyond(r route.Result) bool {
	return r.Fault == nil && (r.Gateway.IsValid() || r.Network.IsValid() && r.Network.Bits() == 0)
}

// tell takes one attempt, and says whether nothing beyond our own network is known to have got it.
func (b *bench) tell(w *wayOut, seen tcp.Result) (lost bool) {
	addr, fault := seen.Address.Addr(), seen.Fault
	switch {
	case seen.Connected():
		w.answered = w.answered || beyond(b.routeTo(addr))
	case fault == nil, !beyond(b.routeTo(addr)):
	case b.wentUnheard(seen), (w.family == 6 || b.e.Target == nil) && b.refusedByRouter(seen):
		w.lost = append(w.lost, addr)
		return true
	case b.fromOwnSide(addr, fault), droppedHere(seen):
		w.local = true
	case fault.ICMP != nil, b.answered(seen):
		w.answered = true
	}
	return false
}

// wentUnheard says that SYNs were sent more than once, and nothing came back.
func (b *bench) wentUnheard(seen tcp.Result) bool {
	return seen.Fault.Of(probes.Timeout) && seen.Fault.ICMP == nil && !droppedHere(seen) && !b.sentOnce(seen)
}

// refusedByRouter says that the first router says that it has no way. Without a target, nobody else judges what it says of anchors: then
// it may as well say that it does not let them out.
func (b *bench) refusedByRouter(seen tcp.Result) bool {
	icmp := seen.Fault.ICMP
	return icmp != nil && b.isFirstHop(icmp.From, seen.Address.Addr()) && (meaningOf(icmp) == netUnreachable || b.e.Target == nil)
}

// neighbour is what is known of the next hop of a route, or of the interface that needs none.
func (b *bench) neighbour(r route.Result) route.Neighbour {
	for _, m := range b.e.Gateways {
		if m.Seen.Address == r.NextHop() && m.Seen.Interface == r.Interface {
			return m.Seen
		}
	}
	return route.Neighbour{Address: r.NextHop(), Interface: r.Interface}
}

// closed says that nothing gets out over the family, as far as was seen, and that this matters to the target. That a resolver answers
// does not speak against it where two hosts that have nothing to do with each other are silent: many a firewall lets only DNS through.
func (b *bench) closed(w *wayOut) bool {
	switch {
	case len(w.anchors) == 0, w.answered, w.local, w.hop.Fault != nil, w.hop.Failed():
		return false
	case w.resolver.IsValid() && !w.unrelated():
		return false
	case w.family == 6 && b.withoutIPv6(w.anchors[0].Route.Destination):
		return false
	case b.e.Target == nil, len(w.target) > 0:
		return true
	case len(b.e.TCP) > 0: // the target is of the other family
		return false
	case !hasPort(b.e.Target) && len(b.targetAddresses()) > 0:
		return w.unrelated()
	}
	return len(w.servers) > 0 || hasName(b.e.Target) && len(b.targetAddresses()) == 0 && !slices.ContainsFunc(b.dnsSeen().Direct, isFinal)
}

// unrelated says that two of the silent anchors have nothing to do with each other: neither the name's owner nor the network.
func (w *wayOut) unrelated() bool {
	for i, x := range w.anchors {
		for _, y := range w.anchors[:i] {
			if unrelated(x, y) {
				return true
			}
		}
	}
	return false
}

func unrelated(x, y anchorTry) bool {
	if x.name == y.name || registrable(x.name) != "" && registrable(x.name) == registrable(y.name) {
		return false
	}
	bits := map[int]int{4: 16, 6: 32}[familyOf(x.TCP.Address.Addr())]
	network, err := x.TCP.Address.Addr().Prefix(bits)
	return err == nil && !network.Contains(y.TCP.Address.Addr())
}

// egressCause names the way out of our own network. That of IPv6 has a name of its own where IPv4 works.
func (b *bench) egressCause(w *wayOut) *Cause {
	gateway := w.hop.Address.String()
	if !w.anchors[0].Route.Gateway.IsValid() {
		gateway = w.hop.Interface
	}
	if w.farthest.From.IsValid() {
		gateway = w.farthest.From.String()
	}
	var cause *Cause
	if w.family == 6 && b.worksOver(4) {
		cause = newCause("ip6.egress-broken", gateway, fmt.Sprintf("this network's IPv6 leads nowhere: behind %s nothing answers, and IPv4 works", gateway)).
			mend("repair the IPv6 uplink of %s, or let it stop announcing a prefix that leads nowhere (router advertisements)", gateway)
	} else {
		cause = newCause("path.no-egress", gateway, fmt.Sprintf("nothing gets out of this network over IPv%d: behind %s nothing answers", w.family, gateway)).
			mend("look at the uplink of %s, then ask its operator whether a firewall closes the way out; where a proxy is meant to be used, use that", gateway)
	}
	b.witness(cause, w)
	b.doubt(cause, w)
	if b.reachedOtherwise(w.lost...) || b.e.Target == nil && b.worksOver(otherFamily(w.family)) { // one family is enough for a machine
		cause.as(SeverityWarn)
	} else {
		cause.as(SeverityFail)
	}
	return cause
}

// worksOver says that the target or an anchor was reached over the family.
func (b *bench) worksOver(family int) bool {
	return b.reachedOver(family) || slices.ContainsFunc(b.anchorTries(), func(t anchorTry) bool {
		return t.TCP.Connected() && familyOf(t.TCP.Address.Addr()) == family
	})
}

// witness adds what was seen of the way out, and the checks that saw it.
func (b *bench) witness(cause *Cause, w *wayOut) {
	checks := []string{"anchor"}
	for _, try := range w.anchors {
		cause.Evidence = append(cause.Evidence, "the anchor "+try.name+": "+describeAttempt(try.TCP))
	}
	for _, seen := range w.target {
		cause.Evidence = append(cause.Evidence, "the target: "+describeAttempt(seen))
	}
	if len(w.target) > 0 {
		checks = append(checks, "tcp")
	}
	if w.farthest.From.IsValid() {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("SYNs to the target come as far as %s (hop %d)", w.farthest.From, w.farthest.TTL))
		checks = append(checks, "path")
	}
	for _, server := range w.servers {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("the resolver %s does not answer", server))
	}
	if len(w.servers) > 0 {
		checks = append(checks, "dns")
	}
	if w.hop.State != "" {
		cause.Evidence = append(cause.Evidence, "the next hop "+describeHop(w.hop))
		checks = append(checks, "gateway")
	}
	if w.resolver.IsValid() {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("the resolver %s answers, though it is beyond the gateway", w.resolver))
	}
	cause.restsOn(checks...)
}

// doubt lowers the confidence where what was seen may have another reason.
func (b *bench) doubt(cause *Cause, w *wayOut) {
	i, _ := b.linkNamed(w.hop.Interface)
	alive := slices.Contains([]string{"reachable", "permanent", "noarp"}, w.hop.State) || i.PointToPoint && !w.anchors[0].Route.Gateway.IsValid()
	switch {
	case !w.unrelated():
		cause.likely("a further anchor that has nothing to do with the first (--anchor): one host alone may be down")
	case !alive:
		cause.likely("the neighbour entry of the next hop (ip neighbour): whether it answers at the link layer is not confirmed")
	case w.farthest.From.IsValid():
		cause.likely("a trace to an anchor (rung check --trace-path HOST:PORT): whether it ends there, too; if not, target and anchors are silent each for itself")
	case w.resolver.IsValid():
		cause.likely("what the firewall lets out: a resolver beyond it answers")
	}
}
