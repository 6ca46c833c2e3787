package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/route"
)

// Without a target, this machine's own network is what is judged: whether a way leads out for at least one family, whether the next hop
// on it is there, and whether a resolver answers. One family is enough, and so is one resolver: what is broken beside a way that works is
// a warning, and what is not there at all (no IPv6, say) is none.

// judgeMachineRoutes judges the ways out, and then the ways to the resolvers, which as a rule are the same.
func (b *bench) judgeMachineRoutes() {
	for i := range b.e.Routes {
		if m := &b.e.Routes[i]; m.Seen.Purpose == "default" {
			b.judgeWayOut(m)
		}
	}
	for i := range b.e.Routes {
		if m := &b.e.Routes[i]; m.Seen.Purpose != "default" {
			b.judgeWayToResolver(m)
		}
	}
}

// judgeWayOut judges the default route of one family. It is missed only where the other family has none either.
func (b *bench) judgeWayOut(m *routeMeasured) {
	r, seen := m.result("route", Internet), m.Seen
	family := familyOf(seen.Destination)
	switch {
	case b.routeUnknown(r, seen):
	case len(b.blocked[seen.Destination]) == 0 && b.intoTheDark(seen) && !seen.NextHop().IsValid(): // a next hop would show it
		b.judgeDarkWayOut(r, seen)
	case seen.Fault == nil && !withoutSource(seen):
		b.found(r, Pass, describeRoute(seen))
	case len(b.blocked[seen.Destination]) > 0:
		b.follows(r, Fail, "no way out for "+seen.Destination.String()+" and its like", b.blocked[seen.Destination])
	case slices.ContainsFunc(b.e.Routes, isWayOut):
		b.found(r, Pass, fmt.Sprintf("IPv%d has no way out, for %s and its like (%s): the other family has one", family, seen.Destination, noWayOut(seen)))
	case family == 6 && !shut(seen) && shut(b.routeTo(someIPv4)): // what is not there may well be meant so; what is forbidden is in the way
		b.follows(r, Skip, "no way out over IPv6 either", b.blocked[someIPv4])
	default:
		cause := b.wayOutCause(seen)
		if b.isolatedByDesign() {
			cause.as(SeverityWarn)
		}
		b.block(seen.Destination, cause.ID)
		b.found(r, Fail, cause.Summary, cause)
	}
}

// judgeDarkWayOut blames the interface of a default route that needs no gateway, as a VPN's that has ended.
func (b *bench) judgeDarkWayOut(r Result, seen route.Result) {
	i, _ := b.linkNamed(seen.Interface)
	cause := darkRouteCause(i)
	if b.spared(seen.Destination) {
		cause.as(SeverityWarn)
	}
	b.block(seen.Destination, cause.ID)
	b.found(r, Fail, cause.Summary, cause)
}

// isolatedByDesign says that a resolver answers without a way out: a network of its own may be all that is wanted.
func (b *bench) isolatedByDesign() bool {
	family := b.e.Settings.Family
	return slices.ContainsFunc(b.answeringResolvers(), func(server netip.Addr) bool {
		return !server.IsLoopback() && (family == 0 || family == familyOf(server))
	})
}

// shut says that a policy of this machine refuses a destination.
func shut(r route.Result) bool { return r.Fault != nil && !r.Fault.Of(probes.NoRoute) }

// noWayOut is what keeps packets from leaving, in a word or two.
func noWayOut(r route.Result) string {
	if r.Fault == nil {
		return "no address to come from"
	}
	return refusal(r)
}

func (b *bench) wayOutCause(seen route.Result) *Cause {
	if seen.Fault != nil {
		return b.routeCause(seen)
	}
	return newCause("route.none", "", "this machine has no address for its default route",
		fmt.Sprintf("the kernel's default route for IPv%d by %s has no global address to send from", familyOf(seen.Destination), seen.Interface)).
		restsOn("route").likely("why this machine has no such address: its configuration, DHCP, or the router's advertisements").
		mend("give %s a global address, or repair what should (DHCP, router advertisements)", seen.Interface)
}

// judgeWayToResolver judges the route to one of the resolvers.
func (b *bench) judgeWayToResolver(m *routeMeasured) {
	r, seen := m.result("route", Internet), m.Seen
	to := seen.Destination
	out := b.routeTo(standIn(to))
	if len(b.blocked[to]) == 0 && seen.Fault != nil && out.Fault != nil && out.Fault.Kind == seen.Fault.Kind {
		b.blocked[to] = slices.Clone(b.blocked[out.Destination]) // the same refusal
	}
	switch {
	case b.routeUnknown(r, seen):
	case seen.Fault == nil && b.misled(r, seen):
	case seen.Fault == nil:
		b.found(r, Pass, describeRoute(seen))
	case len(b.blocked[to]) > 0:
		b.follows(r, Fail, "no route to the resolver "+to.String(), b.blocked[to])
	default:
		cause := b.routeCause(seen)
		if seen.Fault.Of(probes.NoRoute) && !b.hasDefaultRoute(familyOf(to)) {
			cause.mend("take %s out of the list of resolvers, or give this machine a route there", to)
		}
		if b.resolverAnswers() {
			cause.as(SeverityWarn)
		}
		b.block(to, cause.ID)
		b.found(r, Fail, cause.Summary, cause)
	}
}

// standIn is the address that stands for whatever of that family has no route of its own.
func standIn(to netip.Addr) netip.Addr {
	if familyOf(to) == 4 {
		return someIPv4
	}
	return someIPv6
}

// isWayOut says that a route is a default route, or what takes its place, and that there is an address to use it from.
func isWayOut(m routeMeasured) bool {
	return m.Seen.Purpose == "default" && m.Seen.Fault == nil && !withoutSource(m.Seen)
}

// leadsOut says that there is a way out, other than these, with somebody at its next hop.
func (b *bench) leadsOut(but ...netip.Addr) bool {
	return slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool {
		return isWayOut(m) && !slices.Contains(but, m.Seen.Destination) && !b.hopFailed(m.Seen) && !b.intoTheDark(m.Seen)
	})
}

// intoTheDark says that a route leaves by an interface that is up and has no carrier.
func (b *bench) intoTheDark(r route.Result) bool {
	i, known := b.linkNamed(r.Interface)
	return r.Fault == nil && known && !i.Loopback && i.Up && !i.Carrier
}

// hopFailed says that nobody is at the next hop of a route.
func (b *bench) hopFailed(r route.Result) bool {
	return b.neighbour(r).Failed()
}

// resolverAnswers says that a resolver beyond this machine answered, be it with an error.
func (b *bench) resolverAnswers() bool {
	return slices.ContainsFunc(b.answeringResolvers(), func(server netip.Addr) bool { return !server.IsLoopback() })
}

// anchorAnswers says that a host which the user named was reached; over one family alone where that is not 0.
func (b *bench) anchorAnswers(family int) bool {
	return slices.ContainsFunc(b.e.Anchors, func(m Measured[Anchor]) bool {
		to := m.Seen.Address.Addr()
		return m.Seen.Connected && !to.IsLoopback() && (family == 0 || familyOf(to) == family)
	})
}

// unheard says that nothing which goes the way to a resolver, or the way out, brought an answer.
func (b *bench) unheard(to netip.Addr) bool {
	if to == standIn(to) && b.anchorAnswers(familyOf(to)) {
		return false
	}
	return !slices.ContainsFunc(b.answeringResolvers(), func(server netip.Addr) bool { return server == to || b.sameWay(server, to) })
}

// spared says that this machine can do without these destinations: another way leads out, another resolver answers, and a resolver
// on this machine, which may have to go any way, finds what it is asked for.
func (b *bench) spared(lost ...netip.Addr) bool {
	waysOut, resolvers := split(lost, func(to netip.Addr) bool { return to == standIn(to) })
	servers := b.dnsSeen().Config.Servers
	return (len(waysOut) == 0 || b.leadsOut(waysOut...)) && (len(resolvers) == 0 || b.resolverAnswers()) &&
		(len(servers) == 0 || !onlyStubs(servers) || slices.ContainsFunc(servers, b.resolvesNames))
}

// resolvesNames says that a server knows its way around: one that refuses to tell the root's servers, or never answers such a question,
// may know well that a name does not exist.
func (b *bench) resolvesNames(server netip.AddrPort) bool {
	return slices.ContainsFunc(slices.Concat(b.dnsSeen().Direct, b.dnsSeen().Invented), func(a dns.Answer) bool {
		return a.Server == server && !a.CheckingDisabled && programsGet(b.dnsSeen().Config, a) && !a.NoRecursion &&
			(a.Code == "NOERROR" || a.Code == "NXDOMAIN")
	})
}

// judgeResolvers judges each of the configured resolvers. One that works is enough.
func (b *bench) judgeResolvers() {
	r := b.e.DNS.result("dns", Application)
	result := seen(b.e.DNS)
	if b.unfinished(r) {
		return
	}
	if result == nil {
		b.found(r, Skip, "not measured")
		return
	}
	below := b.belowResolvers()
	if b.leadsOut() && slices.ContainsFunc(result.Config.Servers, b.resolvesNames) { // a resolver on this machine has a way, too
		below = nil
	}
	if len(result.Config.Servers) == 0 {
		below = slices.DeleteFunc(below, func(id string) bool { return !strings.HasPrefix(id, "link.") }) // DHCP would have brought both
	}
	if len(below) == 0 && !slices.ContainsFunc(result.Config.Servers, b.resolvesNames) {
		below = b.cutOff()
	}
	switch {
	case len(below) > 0:
		b.follows(r, Fail, "no resolver can be reached", below)
	case len(result.Config.Servers) == 0:
		cause := noResolverCause(result.Config)
		b.found(r, Fail, cause.Summary, cause)
	default:
		b.judgeEachResolver(r, result)
	}
}

// soundness is what was found of the configured resolvers, one by one.
type soundness struct {
	working, open []string // those that answer as they should, and those that were not waited for
	causes        []*Cause // what is wrong with the others
	below         []string // the causes beneath DNS that keep others from being reached
	strange       []dns.Answer
}

// judgeEachResolver judges what each of the configured resolvers answered.
func (b *bench) judgeEachResolver(r Result, result *dns.Result) {
	var found soundness
	for _, server := range result.Config.Servers {
		b.sound(&found, result, server)
	}
	r.CausedBy = slices.Compact(slices.Sorted(slices.Values(found.below)))
	all, working := len(result.Config.Servers), len(found.working)
	names := strings.Join(found.working, ", ")
	switch {
	case working == all:
		b.found(r, Pass, names+" answers")
	case working > 0 && working+len(found.open) == all:
		b.found(r, Pass, fmt.Sprintf("%s answers; %s was not waited for", names, strings.Join(found.open, ", ")))
	case working > 0:
		b.found(r, Warn, fmt.Sprintf("%s answers, and %d of the %d resolvers does not as it should", names, all-working, all), found.warnings(result)...)
	default:
		b.failResolvers(r, found)
	}
}

// sound adds what was found of one server.
func (b *bench) sound(found *soundness, result *dns.Result, server netip.AddrPort) {
	answers := answersOfServer(result.Direct, server)
	isolated := !slices.ContainsFunc(b.e.Routes, isWayOut)
	switch {
	case b.resolvesNames(server), isolated && isRefused(answers): // a server of an isolated network knows its own names
		found.working = append(found.working, server.Addr().String())
		return
	case len(b.blocked[server.Addr()]) > 0:
		found.below = append(found.below, b.blocked[server.Addr()]...)
		return
	}
	causes := b.serverCauses(result, server)
	found.causes = append(found.causes, causes...)
	switch {
	case len(causes) > 0:
	case notWaitedFor(answers):
		found.open = append(found.open, server.Addr().String())
	default:
		found.strange = append(found.strange, answers...)
	}
}

// warnings are what is wrong with the servers beside one that works.
func (s soundness) warnings(result *dns.Result) []*Cause {
	causes := s.causes
	if len(s.strange) > 0 {
		causes = append(causes, strangeCause(s.strange))
	}
	for _, cause := range causes {
		doubtShortWait(cause, result.Direct)
		cause.as(SeverityWarn)
	}
	return causes
}

// failResolvers says why none of the resolvers works: what one does not explain, the others do not either.
func (b *bench) failResolvers(r Result, found soundness) {
	causes, summary := allSilent(found.causes), "no resolver of this machine answers as it should"
	if len(found.strange) > 0 {
		r.CausedBy, causes = nil, []*Cause{strangeCause(found.strange)}
	}
	if len(causes) == 1 {
		summary = causes[0].Summary
	}
	b.found(r, Fail, summary, causes...)
}

// notWaitedFor says that the wait for a server was too short to mean anything, since another had answered.
func notWaitedFor(answers []dns.Answer) bool {
	return len(answers) > 0 && !slices.ContainsFunc(answers, func(a dns.Answer) bool { return !a.Fault.Of(probes.Interrupted) })
}

func isRefused(answers []dns.Answer) bool { return toldAlike(answers, "REFUSED") }

// toldAlike says that the server answered, and never anything but this code.
func toldAlike(answers []dns.Answer, code string) bool {
	told := slices.DeleteFunc(slices.Clone(answers), func(a dns.Answer) bool { return a.Code == "" || a.CheckingDisabled })
	return len(told) > 0 && !slices.ContainsFunc(told, func(a dns.Answer) bool { return a.Code != code })
}

// rootlessCause is a resolver that fails even for the root: it does not reach the servers that it asks, or does not believe them.
func rootlessCause(server netip.Addr, checked, unchecked []dns.Answer) *Cause {
	where := server.String()
	outcome := probes.Outcome("no answer")
	if lastCode(unchecked) != "" {
		outcome = probes.Outcome(lastCode(unchecked))
	}
	experiment := probes.Experiment{
		Variable: "DNSSEC checking by the resolver", A: "enabled", OutcomeA: "SERVFAIL", B: "disabled (CD=1)", OutcomeB: outcome,
	}
	if outcome == "NOERROR" {
		return newCause("dns.dnssec-bogus", where, fmt.Sprintf("the resolver %s does not believe the root's own signatures", where),
			evidenceOf(checked)...).restsOn("dns").with(experiment).
			mend("set the clock of %s right, or bring its trust anchor for the root up to date", where)
	}
	cause := newCause("dns.servfail", where, fmt.Sprintf("the resolver %s fails, whatever it is asked (SERVFAIL)", where), evidenceOf(checked)...).
		restsOn("dns").with(experiment).
		mend("look at what %s asks in turn, and at its way there", where)
	if outcome != "SERVFAIL" || server.IsLoopback() {
		cause.likely("a look at what it asks in turn (resolvectl status, or its own log), and whether that can be reached")
	}
	return cause
}

func lastCode(answers []dns.Answer) (code string) {
	for _, a := range answers {
		code = cmp.Or(a.Code, code)
	}
	return code
}

// worksUpTo says how far this machine's network was seen to work.
func (b *bench) worksUpTo() string {
	var reached []string
	for _, m := range b.e.Anchors {
		if m.Seen.Connected {
			reached = append(reached, m.Seen.Name)
		}
	}
	if len(reached) > 0 {
		return "works up to " + strings.Join(reached, " and ")
	}
	rest := "nothing beyond was tried: name a host with --anchor"
	if len(b.e.Anchors) > 0 {
		rest = "no host that was named answers"
	}
	return "works up to " + b.farthest() + "; " + rest
}

// farthest is the farthest place that answered.
func (b *bench) farthest() string {
	own := "this machine itself"
	for _, server := range b.dnsSeen().Config.Servers {
		switch gateway := b.routeTo(server.Addr()).Gateway; {
		case !b.resolvesNames(server):
		case gateway.IsValid():
			return fmt.Sprintf("the resolver %s beyond the gateway %s", server.Addr(), gateway)
		case server.Addr().IsLoopback():
			own = "this machine's own resolver " + server.Addr().String()
		default:
			own = fmt.Sprintf("the resolver %s on its own network", server.Addr())
		}
	}
	for _, m := range b.e.Gateways {
		if hop := m.Seen; b.isGateway(hop.Address) && (hop.Answered || hop.HardwareAddress != "" && !hop.Failed()) {
			return fmt.Sprintf("the gateway %s and %s", hop.Address, own)
		}
	}
	return own
}

// isGateway says that a route leads by the address to somewhere else.
func (b *bench) isGateway(hop netip.Addr) bool {
	return slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool { return m.Seen.Gateway == hop })
}
