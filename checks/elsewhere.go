package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// maxElsewhere is by how many other interfaces a connection is tried.
const maxElsewhere = 3

// mayBeTheWay says that a connection may have failed for the way that it took: not where the target itself said no, and not where this
// machine's own policy did, which is not ours to get round.
func mayBeTheWay(seen tcp.Result) bool {
	if icmp := seen.Fault.Because(); icmp != nil {
		return icmp.From != seen.Address.Addr()
	}
	return seen.Fault.Of(probes.Timeout)
}

// tryElsewhere tries the same connection by other interfaces that have a route to it, all at once, and keeps what came of it. All is over
// when the connection itself would have had its time. Where the user says what to leave by, nothing else is tried.
func (c *Climb) tryElsewhere(to netip.AddrPort, into *[]tcp.Attempt) func(context.Context) {
	deadline := time.Now().Add(c.Options.Timeout)
	host := c.Options.Host
	return func(ctx context.Context) {
		if host.Dial != nil || host.From != (probes.Origin{}) || ctx.Err() != nil {
			return
		}
		attempts := otherWays(ctx, c.flow(to.Addr(), "target"))
		var trying sync.WaitGroup
		for i := range attempts {
			trying.Go(func() {
				a := &attempts[i]
				host := probes.Host{From: probes.Origin{Interface: a.Interface}}
				made := tcp.Try(ctx, host, to, time.Until(deadline), 1)[0]
				a.Took, a.Transport, a.Fault = made.Took, made.Transport, made.Fault
			})
		}
		trying.Wait()
		*into = attempts
	}
}

// otherWays are the interfaces beside the one that the flow takes by which a route of their own leads to it.
func otherWays(ctx context.Context, flow route.Flow) (ways []tcp.Attempt) {
	chosen := route.Lookup(ctx, flow, "target")
	if chosen.Fault != nil || chosen.Type != "unicast" || flow.To.Zone() != "" {
		return nil
	}
	for _, i := range link.Read(ctx).Interfaces {
		if !i.Up || !i.Carrier || i.Loopback || i.Name == chosen.Interface || !hasGlobal(i, []int{familyOf(flow.To)}) {
			continue
		}
		flow.From.Interface = i.Name
		way := route.Lookup(ctx, flow, "target")
		if way.Fault != nil || way.Type != "unicast" || way.Assumed || withoutSource(way) || len(ways) == maxElsewhere {
			continue
		}
		ways = append(ways, tcp.Attempt{Interface: i.Name, Source: way.Source, Gateway: way.Gateway, Network: way.Network, Metric: way.Metric})
	}
	return ways
}

// askElsewhere asks the resolvers by other interfaces that have a route to them, all at once, and keeps what they answered. All is over when
// they themselves would have had their time. Where the user says what to leave by, nothing else is tried.
func (c *Climb) askElsewhere(into *[]dns.Elsewhere) func(context.Context) {
	deadline := time.Now().Add(c.Options.Timeout)
	host := c.Options.Host
	return func(ctx context.Context) {
		if host.Dial != nil || host.Exchange != nil || host.From != (probes.Origin{}) || ctx.Err() != nil {
			return
		}
		var asked []dns.Elsewhere
		for _, server := range c.config.ServersFor(c.nameAsked()) {
			for _, way := range otherWays(ctx, c.flow(server.Addr(), "resolver")) {
				asked = append(asked, dns.Elsewhere{
					Interface: way.Interface, Source: way.Source, Gateway: way.Gateway, Network: way.Network, Metric: way.Metric,
					Answer: dns.Answer{Server: server},
				})
			}
		}
		asked = asked[:min(len(asked), maxElsewhere*maxElsewhere)]
		var asking sync.WaitGroup
		for i := range asked {
			asking.Go(func() {
				options := dns.Options{Host: probes.Host{From: probes.Origin{Interface: asked[i].Interface}}, Timeout: time.Until(deadline)}
				asked[i].Answer = dns.Ask(ctx, options, asked[i].Answer.Server)
			})
		}
		asking.Wait()
		*into = asked
	}
}

// seemsToLead says that an interface is known by name, and not to be without a carrier: it may be the wrong one only then.
func (b *bench) seemsToLead(name string) bool {
	i, known := b.linkNamed(name)
	return name != "" && (!known || i.Carrier)
}

// wrongInterfaceToResolver blames the choice of the interface for a resolver that is silent by it, and answers by another. It is nil where
// none does, and where the silence has another reason.
func (b *bench) wrongInterfaceToResolver(to netip.Addr) *Cause {
	result, chosen := b.dnsSeen(), b.routeTo(to)
	answered := slices.IndexFunc(result.Elsewhere, func(e dns.Elsewhere) bool {
		return e.Answer.Server.Addr() == to && e.Answer.Code != "" && e.Interface != chosen.Interface
	})
	answers := slices.DeleteFunc(slices.Clone(result.Direct), func(a dns.Answer) bool { return a.Server.Addr() != to })
	silent := !slices.ContainsFunc(answers, func(a dns.Answer) bool { return !a.Fault.Of(probes.Timeout) || a.Fault.ICMP != nil })
	if answered < 0 || !silent || len(answers) == 0 || chosen.Fault != nil || !b.seemsToLead(chosen.Interface) ||
		b.stoppedQuery(answers[0].Server) != nil {
		return nil
	}
	e := result.Elsewhere[answered]
	other := tcp.Attempt{Interface: e.Interface, Source: e.Source, Gateway: e.Gateway, Network: e.Network, Metric: e.Metric}
	cause := newCause("route.wrong-interface", chosen.Interface,
		fmt.Sprintf("the resolver %s is reached by %s, and not by %s, which this machine prefers", to, other.Interface, chosen.Interface),
		append(evidenceOf(answers[:1]), "the route that was taken: "+describeWay(chosen),
			fmt.Sprintf("by %s it answers within %s; its route: %s", other.Interface, e.Answer.Took, describeOther(other)))...).
		restsOn("dns", "route").
		with(probes.Experiment{
			Variable: "interface", A: chosen.Interface, OutcomeA: outcomeOfFault(answers[0].Fault), B: other.Interface, OutcomeB: "answered",
		}).
		mend("%s", preferOther(chosen, other, false))
	switch {
	case answers[0].Attempts < 2:
		cause.likely("a longer wait (--timeout): by " + chosen.Interface + " no question was sent a second time")
	case b.e.Tool.OS != "linux":
		cause.likely("the rules of this machine's firewall for " + chosen.Interface + ": this system does not tell what they drop")
	case chosen.Gateway.IsValid() && b.neighbourAnswers(chosen.Gateway):
		cause.likely(fmt.Sprintf("a connection to any other host by %s: the gateway %s there is alive, and the resolver may let only customers of "+
			"the other network ask", chosen.Interface, chosen.Gateway))
	}
	return cause
}

// wrongInterface blames the choice of the interface for a connection that failed by it and was made by another. It is nil where none was.
func (b *bench) wrongInterface(to netip.Addr) *Cause {
	i := slices.IndexFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Address.Addr() == to })
	if i < 0 || !mayBeTheWay(b.e.TCP[i].Seen) || b.refusedHere(b.e.TCP[i].Seen) {
		return nil
	}
	seen, chosen := b.e.TCP[i].Seen, b.routeTo(to)
	worked := slices.IndexFunc(seen.Elsewhere, func(a tcp.Attempt) bool {
		return (a.Fault == nil || turnedAway(a.Fault)) && a.Interface != chosen.Interface
	})
	if worked < 0 || chosen.Fault != nil || !b.seemsToLead(chosen.Interface) {
		return nil
	}
	other := seen.Elsewhere[worked]
	made, outcome := "made", probes.Outcome("connected")
	if other.Fault != nil {
		made, outcome = "refused", outcomeOfFault(other.Fault)
	}
	cause := newCause("route.wrong-interface", chosen.Interface,
		fmt.Sprintf("%s is reached by %s, and not by %s, which this machine prefers", to, other.Interface, chosen.Interface),
		describeAttempt(seen)+", by "+chosen.Interface, "the route that was taken: "+describeWay(chosen),
		fmt.Sprintf("by %s the same connection is %s within %s; its route: %s", other.Interface, made, other.Took, describeOther(other))).
		restsOn("tcp", "route").
		with(probes.Experiment{
			Variable: "interface", A: chosen.Interface, OutcomeA: outcomeOfFault(seen.Fault), B: other.Interface, OutcomeB: outcome,
		}).
		mend("%s", preferOther(chosen, other, b.answersBy(chosen, to)))
	switch {
	case other.Fault != nil:
		cause.likely(fmt.Sprintf("who refuses it by %s: the target, where nothing may listen on port %d besides, or a device on the way", other.Interface,
			seen.Address.Port()))
	case seen.Fault.Of(probes.Timeout) && b.sentOnce(seen):
		cause.likely("a longer wait (--timeout): by " + chosen.Interface + " no SYN was sent a second time")
	case b.e.Tool.OS != "linux":
		cause.likely("the rules of this machine's firewall for " + chosen.Interface + ": this system does not tell what they drop")
	case b.answersBy(chosen, to):
		cause.likely(fmt.Sprintf("what stops it on the way by %s: other hosts answer there, so that the interface is not dead, and a filter there "+
			"or before the target may let only the address %s pass", chosen.Interface, other.Source))
	}
	return cause
}

// refusedHere says that this machine's own firewall stopped a connection, whichever way it was to take.
func (b *bench) refusedHere(seen tcp.Result) bool {
	icmp := seen.Fault.Because()
	return droppedHere(seen) || icmp != nil && b.ownAddress(icmp.From) &&
		(meaningOf(icmp) != netUnreachable || b.rejectedHere(seen.Address.Addr(), icmp))
}

// outcomeOfFault is a failure in a word.
func outcomeOfFault(fault *probes.Fault) probes.Outcome {
	if fault.ICMP != nil {
		return probes.Outcome(fault.ICMP.Error())
	}
	return probes.Outcome(fault.Kind)
}

// answersBy says that something else answered that the same way leads to.
func (b *bench) answersBy(way route.Result, but netip.Addr) bool {
	same := func(to netip.Addr) bool {
		r := b.routeTo(to)
		return to != but && r.Fault == nil && r.Interface == way.Interface && r.Gateway == way.Gateway && (r.Gateway.IsValid() || r.Network == way.Network)
	}
	return slices.ContainsFunc(b.answeringResolvers(), same) || slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool {
		return b.answered(m.Seen) && same(m.Seen.Address.Addr())
	})
}

// preferOther says how to have the other interface taken, where the first is dead; where it is not, what to look for.
func preferOther(chosen route.Result, other tcp.Attempt, alive bool) string {
	switch {
	case alive:
		return fmt.Sprintf("look for what drops it on the way by %s (a filter there, or one before the target that knows our other address), or "+
			"send it by %s: ip route add DESTINATION dev %[2]s", chosen.Interface, other.Interface)
	case chosen.Rule != nil && chosen.Table != "main":
		return fmt.Sprintf("remove or correct the rule of the routing policy by which table %s is looked up (%s), or the route there; without it %s is taken",
			chosen.Table, ruleText(chosen), other.Interface)
	case chosen.Network.IsValid() && chosen.Network != other.Network:
		return fmt.Sprintf("remove the route %s by %s, or repair what is behind it (often a VPN that has ended); without it %s is taken",
			networkText(chosen.Network), chosen.Interface, other.Interface)
	}
	return fmt.Sprintf("take %s down, or repair what is behind it (often a VPN that has ended, or a second uplink without a way out), or give its "+
		"route a greater metric than that by %s has, which is %d", chosen.Interface, other.Interface, other.Metric)
}

func networkText(network netip.Prefix) string {
	if network.Bits() == 0 {
		return "default"
	}
	return network.String()
}

// describeWay is a route as ip-route(8) would print it, in short.
func describeWay(r route.Result) string {
	text := "the kernel did not say which"
	if r.Network.IsValid() {
		text = networkText(r.Network)
	}
	if r.Gateway.IsValid() {
		text += " via " + r.Gateway.String()
	}
	text = fmt.Sprintf("%s dev %s metric %d", text, r.Interface, r.Metric)
	if r.Table != "" && r.Table != "main" {
		text += " in table " + r.Table
	}
	return text
}

func describeOther(a tcp.Attempt) string {
	return describeWay(route.Result{Network: a.Network, Gateway: a.Gateway, Interface: a.Interface, Metric: a.Metric})
}
