package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
)

// lookUpRoutes asks the kernel for its route to each resolver, where a name must be asked for, to each of the target's
// addresses, to wherever there is no other route where this machine itself is looked at, and to the private address that the server
// announces for its data connections, where that is another one: nothing is sent there.
func lookUpRoutes(ctx context.Context, c *Climb) {
	var routes []route.Result
	lookUp := func(to netip.Addr, purpose string) {
		if slices.ContainsFunc(routes, func(r route.Result) bool { return r.Destination == to && r.Purpose == purpose }) {
			return
		}
		m := measure(ctx, c, to.String(), func() route.Result { return route.Lookup(ctx, c.flow(to, purpose), purpose) })
		c.evidence.Routes = append(c.evidence.Routes, *m)
		routes = append(routes, m.Seen)
	}
	if c.Target == nil {
		c.lookUpWaysOut(lookUp)
	}
	for _, server := range c.config.ServersFor(c.nameAsked()) {
		lookUp(server.Addr(), "resolver")
	}
	if hasName(c.Target) && onlyStubs(c.config.Servers) {
		c.lookUpWaysOut(lookUp)
	}
	addresses, _ := c.addresses.wait(ctx)
	for _, address := range addresses {
		lookUp(address, "target")
	}
	for _, r := range slices.Clone(routes) { // is it the address that is refused, or the whole family?
		if r.Purpose == "target" && r.Fault != nil {
			lookUp(standIn(r.Destination), "default")
		}
	}
	c.routed.keep(slices.Clip(routes))
	if announced, _ := c.announced.wait(ctx); announced.IsValid() {
		lookUp(announced, "announced")
	}
}

func (c *Climb) lookUpWaysOut(lookUp func(to netip.Addr, purpose string)) {
	for _, to := range []netip.Addr{someIPv4, someIPv6} {
		if c.Options.Family == 0 || c.Options.Family == familyOf(to) || c.Target != nil {
			lookUp(to, "default")
		}
	}
}

// flow is what would be sent to an address for that purpose.
func (c *Climb) flow(to netip.Addr, purpose string) route.Flow {
	flow := route.Flow{To: to, From: c.Options.Host.From}
	switch purpose {
	case "target":
		if c.Target != nil {
			flow.Port = c.Target.Port
		}
	case "resolver":
		flow.UDP = true
		if i := slices.IndexFunc(c.config.Servers, func(s netip.AddrPort) bool { return s.Addr() == to }); i >= 0 {
			flow.Port = c.config.Servers[i].Port()
		}
	}
	return flow
}

// nameAsked is the name that the resolvers are asked for; the root where there is none.
func (c *Climb) nameAsked() string {
	if c.Target == nil {
		return "."
	}
	return c.Target.Host
}

// Addresses for documentation (RFC 5737, RFC 3849), of which the kernel is asked which way it would send what has no way of its
// own. Nothing is sent there.
var (
	someIPv4 = netip.MustParseAddr("198.51.100.254")
	someIPv6 = netip.MustParseAddr("2001:db8::1")
)

// onlyStubs says that all resolvers are on this machine (systemd-resolved, dnsmasq), or that there are none, as where DHCP
// failed: where they ask is not known.
func onlyStubs(servers []netip.AddrPort) bool {
	return !slices.ContainsFunc(servers, func(s netip.AddrPort) bool { return !s.Addr().IsLoopback() })
}

// readGateways reads the state of each next hop after the traffic that it was to carry has come through, or has not: only then
// does the kernel know. Where this machine itself is looked at, a next hop that carries nothing else is sent something of its own.
func readGateways(ctx context.Context, c *Climb) {
	routes, _ := c.routed.wait(ctx)
	hops := nextHops(routes)
	near, far := make([]gatewayMeasured, len(hops)), []gatewayMeasured(nil)
	var reading sync.WaitGroup
	for i, r := range hops {
		reading.Go(func() { near[i] = c.readGateway(ctx, r, routes) })
	}
	anchored, _ := c.anchored.wait(ctx) // those may go by yet others
	all := slices.Concat(routes, anchored)
	for _, r := range nextHops(all)[len(hops):] {
		far = append(far, c.readGateway(ctx, r, all))
	}
	reading.Wait()
	c.evidence.Gateways = slices.Concat(near, far)
}

// nextHops are the first of the routes by each next hop.
func nextHops(routes []route.Result) (first []route.Result) {
	for _, r := range routes {
		if r.NextHop().IsValid() && !slices.ContainsFunc(first, func(o route.Result) bool { return sameHop(o, r) }) {
			first = append(first, r)
		}
	}
	return first
}

func sameHop(x, y route.Result) bool { return x.NextHop() == y.NextHop() && x.Interface == y.Interface }

func (c *Climb) readGateway(ctx context.Context, r route.Result, routes []route.Result) gatewayMeasured {
	hop := r.NextHop()
	if idle := !slices.ContainsFunc(routes, func(o route.Result) bool { return o.Purpose != "default" && sameHop(o, r) }); idle && c.Target == nil {
		waiting, cancel := context.WithTimeout(ctx, c.Options.Timeout)
		defer cancel()
		return *measure(ctx, c, hop.String(), func() route.Neighbour { return route.Wake(waiting, c.Options.Host, hop, r.Interface) })
	}
	c.resolved.wait(ctx)
	c.connected.wait(ctx)
	c.anchored.wait(ctx)
	return *measure(ctx, c, hop.String(), func() route.Neighbour { return route.NeighbourOf(ctx, hop, r.Interface) })
}

// anythingAnswered says that at least one resolver or address of the target was heard of over the network. What a resolver on this
// machine knows of the root it may have known for days.
func (b *bench) anythingAnswered() bool {
	if b.e.Target == nil {
		return b.resolverAnswers() || b.anchorAnswers(0)
	}
	return slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Connected() }) ||
		b.resolverAnswers() || slices.ContainsFunc(b.dnsSeen().Direct, isFinal)
}

// everyRouteMissing says that the kernel has no route to any address of the target, or, where the name is not known, to any
// resolver beyond this machine, or to anywhere at all.
func (b *bench) everyRouteMissing() bool {
	routes := b.decisiveRoutes()
	return len(routes) > 0 && !slices.ContainsFunc(routes, func(m routeMeasured) bool {
		return !m.Seen.Fault.Of(probes.NoRoute) && !withoutSource(m.Seen)
	})
}

// withoutSource says that a route is there, and no address of ours from which a global destination could answer us by it.
func withoutSource(r route.Result) bool {
	return r.Fault == nil && r.Type != "local" && !r.Destination.IsLinkLocalUnicast() &&
		(!r.Source.IsValid() || r.Source.IsLinkLocalUnicast() || r.Source.IsLoopback())
}

// decisiveRoutes are the routes to the target, or to the resolvers where there is no address to route to.
func (b *bench) decisiveRoutes() []routeMeasured {
	toTarget := slices.DeleteFunc(slices.Clone(b.e.Routes), func(m routeMeasured) bool { return m.Seen.Purpose != "target" })
	if len(toTarget) > 0 {
		return toTarget
	}
	return slices.DeleteFunc(slices.Clone(b.e.Routes), func(m routeMeasured) bool {
		return m.Seen.Purpose == "announced" || m.Seen.Type == "local"
	})
}

// refusedFamilies are the families of the addresses that the kernel has no route to.
func (b *bench) refusedFamilies() (families []int) {
	for _, m := range b.decisiveRoutes() {
		if family := familyOf(m.Seen.Destination); !slices.Contains(families, family) {
			families = append(families, family)
		}
	}
	return families
}

// blockEverythingBeyond says that a cause keeps packets from every destination that is not this machine. Where this machine itself is
// looked at, what a policy refuses stays refused, whatever is mended below.
func (b *bench) blockEverythingBeyond(id string) {
	for _, m := range b.e.Routes {
		if m.Seen.Type != "local" && (b.e.Target != nil || !shut(m.Seen)) {
			b.block(m.Seen.Destination, id)
		}
	}
}

func (b *bench) block(to netip.Addr, id string) { b.blocked[to] = append(b.blocked[to], id) }

type (
	routeMeasured   = Measured[route.Result]
	gatewayMeasured = Measured[route.Neighbour]
)

func (b *bench) judgeRoutes() {
	if len(b.e.Routes) == 0 {
		r := (*routeMeasured)(nil).result("route", Internet)
		if !b.unfinished(r) {
			b.found(r, Skip, "no address to route to")
		}
		return
	}
	if b.e.Target == nil {
		b.judgeMachineRoutes()
		return
	}
	for i := range b.e.Routes {
		b.judgeRoute(&b.e.Routes[i])
	}
}

func (b *bench) judgeRoute(m *routeMeasured) {
	r, seen := m.result("route", Internet), m.Seen
	switch {
	case seen.Fault == nil && b.misled(r, seen):
	case seen.Fault == nil:
		b.found(r, Pass, describeRoute(seen))
	case seen.Purpose == "announced":
		b.needless(r, fmt.Sprintf("no route to the announced address %s, to which nothing was sent", seen.Destination))
	case b.routeUnknown(r, seen):
	case len(b.blocked[seen.Destination]) > 0:
		b.follows(r, Fail, "no route to "+seen.Destination.String(), b.blocked[seen.Destination])
	case b.dispensable(seen) && seen.Purpose == "default":
		b.found(r, Skip, fmt.Sprintf("no way out to all else over IPv%d (such as %s: %s)",
			familyOf(seen.Destination), seen.Destination, refusal(seen)))
	case b.dispensable(seen):
		b.found(r, Skip, fmt.Sprintf("no route to %s (%s), %s", seen.Destination, refusal(seen), b.consolation(seen.Destination)))
	default:
		cause := b.routeCause(seen)
		b.block(seen.Destination, cause.ID)
		b.found(r, Fail, cause.Summary, cause)
	}
}

// consolation is what there is in place of a target's address to which no route leads.
func (b *bench) consolation(addr netip.Addr) string {
	if b.reachedOtherwise(addr) {
		return "which another address makes up for"
	}
	return "though there is one to another address"
}

// routeUnknown adds the result of a route that could not be looked up, and says whether that is so.
func (b *bench) routeUnknown(r Result, seen route.Result) bool {
	switch {
	case seen.Fault.Of(probes.Interrupted) && b.e.Interrupted != "":
		b.cutShort(r)
	case seen.Fault.Of(probes.Interrupted), seen.Fault.Of(probes.Unsupported), seen.Fault.Of(probes.Other),
		seen.Fault.Of(probes.Timeout), seen.Fault.Of(probes.Malformed):
		b.found(r, Skip, "the kernel's route could not be read: "+seen.Fault.Message)
	default:
		return false
	}
	return true
}

// misled adds the result of a route by an interface that does not lead to the target or to a resolver, where another does, and says whether that is so.
func (b *bench) misled(r Result, seen route.Result) bool {
	if len(b.blocked[seen.Destination]) > 0 {
		return false
	}
	var cause *Cause
	switch seen.Purpose {
	case "target":
		cause = b.wrongInterface(seen.Destination)
	case "resolver":
		cause = b.wrongInterfaceToResolver(seen.Destination)
	}
	if cause == nil {
		return false
	}
	if b.reachedOtherwise(seen.Destination) {
		cause.as(SeverityWarn)
	}
	b.block(seen.Destination, cause.ID)
	b.found(r, Fail, cause.Summary, cause)
	return true
}

// dispensable says that nothing is lost with this route: a resolver among others that answer; an address of a family that this
// machine does not speak beyond its own networks, next to one of the other family. A policy that refuses the target's address
// is worth a warning even then.
func (b *bench) dispensable(seen route.Result) bool {
	if seen.Purpose != "target" && (b.anythingAnswered() || len(b.targetAddresses()) > 0) {
		return true
	}
	if seen.Fault.Of(probes.NoRoute) && seen.Rule == nil {
		return slices.ContainsFunc(b.decisiveRoutes(), func(m routeMeasured) bool { return !m.Seen.Fault.Of(probes.NoRoute) })
	}
	return b.reachedOtherwise(seen.Destination) && b.familyShut(seen)
}

// hasDefaultRoute says that a default route of the family was seen to be used, for another destination.
func (b *bench) hasDefaultRoute(family int) bool {
	return slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool {
		r := m.Seen
		return r.Fault == nil && familyOf(r.Destination) == family && r.Network.IsValid() && r.Network.Bits() == 0 && !withoutSource(r)
	})
}

// familyShut says that a policy refuses the whole family in the same way, as the kill switch of a VPN without IPv6 does: the
// user wants it so.
func (b *bench) familyShut(seen route.Result) bool {
	return slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool {
		r := m.Seen
		return r.Purpose == "default" && r.Type == seen.Type && r.Fault != nil && familyOf(r.Destination) == familyOf(seen.Destination)
	})
}

// mendRoute is the remedy for a route that is missing.
const mendRoute = "add a default route (ip route add default via GATEWAY), repair the one that DHCP or the VPN should have set, " +
	"or start the VPN"

func (b *bench) routeCause(seen route.Result) *Cause {
	byRule := seen.Rule != nil && refusal(seen) != string(probes.NoRoute)
	if seen.Fault.Of(probes.NoRoute) && !byRule {
		return b.missingRouteCause(seen)
	}
	to, where := seen.Destination.String(), seen.Destination.String()
	if seen.Purpose == "default" { // it is nowhere in particular
		to, where = "all else (such as "+to+")", ""
	}
	cause := newCause("route.local-policy", where, fmt.Sprintf("a local routing policy keeps packets from %s (%s)", to, refusal(seen)),
		fmt.Sprintf("the kernel refuses %s at once: %s", to, refusal(seen)), "no ICMP error came from the network").restsOn("route")
	switch {
	case seen.Rule != nil && seen.Table != "":
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("a route of type %s in table %s, looked up by rule %s", refusal(seen), seen.Table, ruleText(seen)))
		cause.mend("remove the %s route from table %s (ip route show table %[2]s type %[1]s): often a VPN's kill switch", refusal(seen), seen.Table)
	case seen.Rule != nil:
		cause.Evidence = append(cause.Evidence, "by rule "+ruleText(seen))
		cause.mend("remove the rule (ip%s rule del priority %d), or correct what it looks at: often a VPN's kill switch",
			map[bool]string{true: " -6"}[seen.Destination.Is6()], seen.Rule.Priority)
	default:
		cause.mend("remove the %s route or rule on this machine (ip route, ip rule): often a VPN's kill switch", refusal(seen))
	}
	if b.reachedOtherwise(seen.Destination) {
		cause.as(SeverityWarn)
	}
	return cause
}

// missingRouteCause blames what looks like a route that is missing: one is, or a rule says so that the kernel did not name.
func (b *bench) missingRouteCause(seen route.Result) *Cause {
	to := seen.Destination.String()
	if seen.Purpose == "default" {
		return b.unlessUnconfigured(newCause("route.none", "", "this machine has no default route"+b.byInterface(),
			fmt.Sprintf("the kernel has no route to anywhere beyond its own networks (%s)%s", seen.Fault.Message, searched(seen)))).
			restsOn("route").mend(mendRoute)
	}
	if b.hasDefaultRoute(familyOf(seen.Destination)) { // as a rule that says "unreachable" does
		return newCause("route.local-policy", to, "a local routing rule keeps packets from "+to,
			fmt.Sprintf("the kernel refuses %s (%s), and has a default route for what else there is", to, seen.Fault.Message)).restsOn("route").
			likely("the rules of this machine (ip rule): one that says unreachable or throw looks like a missing route").
			mend("remove the rule on this machine that refuses %s (ip rule, ip route show table all): often a VPN's kill switch", to)
	}
	return b.unlessUnconfigured(newCause("route.none", to, "this machine has no route to "+to+b.byInterface(),
		fmt.Sprintf("the kernel has no route to %s (%s)%s", to, seen.Fault.Message, searched(seen)))).restsOn("route").mend(mendRoute)
}

// ruleText is the rule that decided on a route, as ip-rule(8) prints it.
func ruleText(r route.Result) string { return fmt.Sprintf("%d: %s", r.Rule.Priority, r.Rule.Text) }

// searched says which tables were looked up in vain, where the kernel told.
func searched(r route.Result) string {
	if len(r.Searched) == 0 {
		return ""
	}
	return "; looked up in vain: " + strings.Join(r.Searched, ", ")
}

// byInterface names the interface that the user wants to leave by.
func (b *bench) byInterface() string {
	if name := b.e.Settings.Interface; name != "" {
		return " by " + name
	}
	return ""
}

// unlessUnconfigured lowers a missing route where an interface that is up has no carrier or no address, beside one that has both
// (a container bridge, say): the route may be missing because of that one.
func (b *bench) unlessUnconfigured(cause *Cause) *Cause {
	links := seen(b.e.Link)
	if links == nil || b.e.Settings.Interface != "" {
		return cause
	}
	i := slices.IndexFunc(links.Interfaces, func(i link.Interface) bool {
		return i.Up && !i.Loopback && (!i.Carrier || !hasGlobal(i, []int{4, 6}))
	})
	if i < 0 {
		return cause
	}
	return cause.likely(fmt.Sprintf("whether %s is meant to lead there: it has no carrier, or no address", links.Interfaces[i].Name))
}

func refusal(r route.Result) string {
	switch r.Type {
	case "unreachable", "prohibit", "blackhole", "throw":
		return r.Type
	}
	return string(r.Fault.Kind)
}

func describeRoute(r route.Result) string {
	text := r.Destination.String()
	switch r.Purpose {
	case "default":
		text = "all else (such as " + text + ")"
	case "announced":
		text += " (announced by the server, not used)"
	}
	switch {
	case r.Type == "local":
		return text + " is this machine itself"
	case len(r.NextHops) > 1:
		text += " via one of " + describeHops(r.NextHops) + ", now " + r.NextHop().String()
	case r.Gateway.IsValid():
		text += " via " + r.Gateway.String()
	case r.Type == "": // the system tells the source address alone
		text += ", whether by a gateway is not known,"
	default:
		text += " on the link"
	}
	if r.Interface != "" {
		text += " by " + r.Interface
	}
	if r.Source.IsValid() {
		text += " from " + r.Source.String()
	}
	switch {
	case r.Assumed:
		text += ", though no route says so"
	case r.Table != "" && r.Table != "main" && r.Rule != nil:
		text += fmt.Sprintf(", table %s (rule %s)", r.Table, ruleText(r))
	}
	return text
}

func describeHops(hops []route.NextHop) string {
	var texts []string
	for _, hop := range hops {
		text := hop.Interface
		if hop.Gateway.IsValid() {
			text = hop.Gateway.String()
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}

func (b *bench) judgeGateways() {
	if len(b.e.Gateways) == 0 {
		r := (*gatewayMeasured)(nil).result("gateway", Internet)
		routed := func(m routeMeasured) bool { return m.Seen.Fault == nil }
		switch {
		case slices.ContainsFunc(b.e.Routes, routed) &&
			!slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool { return m.Seen.NextHop().IsValid() }):
			r.Finished = true
			b.found(r, Pass, "none is needed")
		case b.unfinished(r):
		default:
			b.needless(r, "there is no next hop to look at")
		}
		return
	}
	for i := range b.e.Gateways {
		b.judgeGateway(&b.e.Gateways[i])
	}
}

func (b *bench) judgeGateway(m *gatewayMeasured) {
	r, hop := m.result("gateway", Internet), m.Seen
	i, known := b.linkNamed(hop.Interface)
	switch {
	case b.e.Target == nil && known && i.Up && !i.Carrier && !hop.Answered: // whatever the table says of better times
		b.judgeDeadHop(r, hop)
	case hop.Fault != nil:
		b.found(r, Skip, "the neighbour table could not be read: "+hop.Fault.Message)
	case hop.Answered && !hop.Failed():
		b.found(r, Pass, fmt.Sprintf("%s on %s answers", hop.Address, hop.Interface))
	case hop.State == "none" && !i.PointToPoint:
		b.needless(r, fmt.Sprintf("not known: nothing has been sent to %s on %s", hop.Address, hop.Interface))
	case !hop.Failed():
		b.found(r, Pass, describeHop(hop))
	default:
		b.judgeDeadHop(r, hop)
	}
}

// describeHop tells of a next hop whose link-layer address is known how the kernel's entry for it stands (RFC 4861 §7.3.2).
func describeHop(hop route.Neighbour) string {
	switch hop.State {
	case "reachable":
		return fmt.Sprintf("%s on %s is reachable", hop.Address, hop.Interface)
	case "none", "noarp":
		return fmt.Sprintf("%s needs no link-layer address on %s", hop.Address, hop.Interface)
	}
	return fmt.Sprintf("%s on %s has a link-layer address, by a neighbour entry in the state %q", hop.Address, hop.Interface, hop.State)
}

// judgeDeadHop blames a next hop that does not answer for its link-layer address, where something that had to go that way was
// lost.
func (b *bench) judgeDeadHop(r Result, hop route.Neighbour) {
	var lost []netip.Addr
	for _, m := range b.e.Routes {
		if m.Seen.NextHop() == hop.Address && m.Seen.Interface == hop.Interface && (b.lost(m.Seen.Destination) || b.holdsUp(m.Seen.Destination)) {
			lost = append(lost, m.Seen.Destination)
		}
	}
	summary := fmt.Sprintf("%s does not answer on %s: its neighbour entry is in the state %q", hop.Address, hop.Interface, hop.State)
	if len(lost) == 0 {
		b.found(r, Skip, summary+"; nothing that mattered was lost with it")
		return
	}
	if explained := b.blocked[lost[0]]; len(explained) > 0 {
		b.follows(r, Fail, summary, explained)
		return
	}
	cause := deadHopCause(hop, slices.Contains(lost, hop.Address), b.longestWait())
	if b.routeTo(hop.Address).Assumed {
		cause = newCause("route.none", hop.Address.String(), fmt.Sprintf("this machine has no route to %s by %s", hop.Address, hop.Interface),
			fmt.Sprintf("no route leads to %s by %s: the kernel takes it for on the link, and nobody answers there", hop.Address, hop.Interface)).
			restsOn("route", "gateway").
			mend("leave by an interface that leads there, or give %s a route (ip route add default via GATEWAY dev %[1]s)", hop.Interface)
	}
	if i, known := b.linkNamed(hop.Interface); known && !i.Carrier {
		cause = darkRouteCause(i).restsOn("link", "gateway")
	}
	if b.reachedOtherwise(lost...) || b.e.Target == nil && b.spared(lost...) || !slices.ContainsFunc(lost, not(b.holdsUp)) {
		cause.as(SeverityWarn)
	}
	for _, destination := range lost {
		b.block(destination, cause.ID)
	}
	b.found(r, Fail, summary, cause)
}

// holdsUp says that an address is that of the first resolver, which every program waits for in vain before it asks another that answers.
func (b *bench) holdsUp(to netip.Addr) bool {
	servers, answering := b.dnsSeen().Config.Servers, b.answeringResolvers()
	return b.e.Target != nil && len(servers) > 1 && servers[0].Addr() == to && !slices.Contains(answering, to) &&
		slices.ContainsFunc(servers, func(s netip.AddrPort) bool { return slices.Contains(answering, s.Addr()) }) &&
		slices.ContainsFunc(b.dnsSeen().Direct, func(a dns.Answer) bool {
			return a.Server == servers[0] && (a.Fault.Of(probes.Timeout) || a.Fault.Of(probes.Unreachable))
		})
}

// askingNeighbour is how long the kernel asks for a link-layer address before it gives up: three times, a second each
// (net.ipv4.neigh.default.mcast_solicit, retrans_time_ms). Traffic that goes on makes it ask anew.
const askingNeighbour = probes.Millis(3 * time.Second)

// longestWait is the longest time that an attempt waited in vain.
func (b *bench) longestWait() (longest probes.Millis) {
	for _, m := range b.e.TCP {
		if m.Seen.Fault != nil {
			longest = max(longest, m.Seen.Took)
		}
	}
	for _, a := range b.dnsSeen().Direct {
		if a.Fault != nil {
			longest = max(longest, a.Took)
		}
	}
	for _, m := range b.e.Gateways {
		if m.Seen.Asked {
			longest = max(longest, m.Duration)
		}
	}
	return longest
}

// deadHopCause names a gateway that is not there, or, where the destination is on our own link, a destination that is not: the
// last hop is then this machine itself (RFC 1812 §5.2.7.1 speaks of the same as a router sees it).
func deadHopCause(hop route.Neighbour, isDestination bool, waited probes.Millis) *Cause {
	protocol := "ARP"
	if hop.Address.Is6() {
		protocol = "neighbour discovery"
	}
	evidence := fmt.Sprintf("nobody answers %s for %s on %s: the kernel's neighbour entry is in the state %q",
		protocol, hop.Address, hop.Interface, hop.State)
	if isDestination {
		return newCause("route.unreachable-remote", hop.Address.String(),
			fmt.Sprintf("%s is on our own network %s and does not answer there", hop.Address, hop.Interface), evidence,
			"the route to it needs no gateway").restsOn("gateway").
			likely(fmt.Sprintf("whether %s belongs to this link at all: a wrong netmask, or a route that lacks its gateway, looks the same",
				hop.Address)).
			mend("switch the host %s on, or correct its address, the netmask of %s, or the route that leads there without a gateway",
				hop.Address, hop.Interface)
	}
	cause := newCause("route.gateway-unreachable", hop.Address.String(),
		fmt.Sprintf("the gateway %s does not answer on %s", hop.Address, hop.Interface), evidence).restsOn("gateway")
	if hop.State == "incomplete" && waited < askingNeighbour {
		cause.likely("a longer wait (--timeout): the kernel is still asking")
	}
	return cause.
		mend("check the gateway's address in this machine's configuration, then the cable, the VLAN, or the wireless network's client isolation")
}
