package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// elsewhere is what came of the same connection to an address by other interfaces.
func elsewhere(to netip.Addr, attempts ...tcp.Attempt) change {
	return func(e *Evidence) {
		for i := range e.TCP {
			if m := &e.TCP[i].Seen; m.Address.Addr() == to {
				m.Elsewhere = attempts
			}
		}
	}
}

// by is an attempt by an interface with a default route of that metric, and what went wrong.
func by(iface string, metric uint32, f *probes.Fault) tcp.Attempt {
	return tcp.Attempt{
		Interface: iface, Source: netip.MustParseAddr("192.168.2.10"), Gateway: netip.MustParseAddr("192.168.2.1"),
		Network: netip.MustParsePrefix("0.0.0.0/0"), Metric: metric, Took: seconds(0.01), Fault: f,
	}
}

// routed changes the kernel's route to an address.
func routed(to netip.Addr, how func(*route.Result)) change {
	return func(e *Evidence) {
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination == to {
				how(r)
			}
		}
	}
}

func wrongInterfaceCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	const wrong = "route.wrong-interface fail proven @ eth0"
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	works := elsewhere(serverIPv4, by("eth1", 500, nil))
	silent := unconnected(serverIPv4, fault("connect", probes.Timeout))
	return map[string]verdictCase{
		"the preferred way is silent": {
			evidence: given(byAddress, silent, works), causes: []string{wrong}, says: "is reached by eth1, and not by eth0",
			checks: []string{"route fail", "tcp fail < route.wrong-interface", "ftp.control skip < route.wrong-interface"},
		},
		"of two others the second works": {
			evidence: given(byAddress, silent, elsewhere(serverIPv4, by("eth2", 100, fault("connect", probes.Timeout)), by("eth1", 500, nil))), causes: []string{wrong},
		},
		"its gateway is dead": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "failed")), silent, works), causes: []string{wrong},
			checks: []string{"gateway fail < route.wrong-interface"},
		},
		"a router there says no": {
			evidence: given(byAddress, unconnected(serverIPv4, byICMP("connect", probes.NoRoute, 3, 0, gatewayIPv4)), works), causes: []string{wrong},
		},
		"a more specific route by another table": {
			evidence: given(byAddress, silent, works, routed(serverIPv4, func(r *route.Result) {
				r.Table, r.Rule, r.Network = "vpn", &route.Rule{Priority: 50, Text: "from all lookup vpn"}, netip.MustParsePrefix("203.0.113.0/24")
			})), causes: []string{wrong},
		},
		"silent for too short a time": {
			evidence: given(byAddress, silent, works, func(e *Evidence) { e.TCP[0].Seen.Transport.Retransmits = 0 }), causes: []string{"route.wrong-interface fail likely @ eth0"},
		},
		"a resolver answers by the preferred way": {
			evidence: given(byName, silent, works), causes: []string{"route.wrong-interface fail likely @ eth0"},
		},
		"IPv6 alone goes the wrong way": {
			evidence: given(byName, both, unconnected(serverIPv6, fault("connect", probes.Timeout)), elsewhere(serverIPv6, by("eth1", 500, nil))),
			causes:   []string{"route.wrong-interface warn proven @ eth0"}, checks: []string{"tcp 203.0.113.10 pass", "ftp.passive pass"},
		},
		"by another way the target refuses": {
			evidence: given(byAddress, silent, elsewhere(serverIPv4, by("eth1", 500, fault("connect", probes.Refused)))),
			causes:   []string{"route.wrong-interface fail likely @ eth0"},
		},
		"no interface works": {
			evidence: given(byAddress, silent, elsewhere(serverIPv4, by("eth1", 500, fault("connect", probes.Timeout)))), causes: []string{"tcp.filtered fail likely"},
		},
		"the target refuses": {
			evidence: given(byAddress, unconnected(serverIPv4, fault("connect", probes.Refused)), works), causes: []string{"tcp.refused fail proven"},
		},
		"the target's own firewall refuses": {
			evidence: given(byAddress, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, serverIPv4)), works),
			causes:   []string{"tcp.rejected-by-host fail proven"},
		},
		"this machine's own firewall refuses": {
			evidence: given(byAddress, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, ownIPv4)), works),
			causes:   []string{"tcp.local-firewall fail proven"},
		},
		"this machine itself drops it": {
			evidence: given(byAddress, silent, works, func(e *Evidence) { e.TCP[0].Seen.Transport.LocalFailures = 3 }), causes: []string{"tcp.local-firewall fail likely"},
		},
	}
}

// silentResolver is one that is silent, however often it is asked.
func silentResolver(e *Evidence) {
	unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)(e)
	for i := range e.DNS.Seen.Direct {
		e.DNS.Seen.Direct[i].Attempts = 3
	}
}

// askedBy has the resolver asked by eth1, too.
func askedBy(a dns.Answer) change {
	return func(e *Evidence) {
		way := by("eth1", 500, nil)
		e.DNS.Seen.Elsewhere = []dns.Elsewhere{{
			Interface: way.Interface, Source: way.Source, Gateway: way.Gateway, Network: way.Network, Metric: way.Metric, Answer: a,
		}}
	}
}

func wrongInterfaceToResolverCases() map[string]verdictCase {
	const byName, wrong = "ftp://" + serverName, "route.wrong-interface fail proven @ eth0"
	works := askedBy(root(resolver, "NOERROR"))
	dead := gateways(hop(gatewayIPv4, "failed"))
	return map[string]verdictCase{
		"the resolver is silent by the preferred way": {
			evidence: given(byName, silentResolver, gateways(hop(gatewayIPv4, "noarp")), works), causes: []string{wrong}, says: "is reached by eth1, and not by eth0",
			checks: []string{"route fail", "dns fail < route.wrong-interface", "tcp skip < route.wrong-interface"},
		},
		"the gateway of the preferred way is dead": {
			evidence: given(byName, silentResolver, dead, works), causes: []string{wrong}, checks: []string{"gateway fail < route.wrong-interface"},
		},
		"an error is an answer": {evidence: given(byName, silentResolver, dead, askedBy(root(resolver, "REFUSED"))), causes: []string{wrong}},
		"the gateway of the preferred way is alive": {
			evidence: given(byName, silentResolver, works), causes: []string{"route.wrong-interface fail likely @ eth0"},
		},
		"the question was sent once": {
			evidence: given(byName, silentResolver, dead, works, func(e *Evidence) { e.DNS.Seen.Direct[0].Attempts = 1 }), causes: []string{"route.wrong-interface fail likely @ eth0"},
		},
		"the resolver is silent by both": {
			evidence: given(byName, silentResolver, askedBy(unanswered(resolver, probes.Timeout)[0])), causes: []string{"dns.resolver-timeout fail likely"},
		},
		"this machine itself keeps the questions back": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Prohibited)...), works), causes: []string{"tcp.local-firewall fail likely"},
		},
		"a rule of this machine's stops the questions": {
			evidence: given(byName, silentResolver, works, rules(firewall.Drop)), causes: []string{"tcp.local-firewall fail proven"},
		},
		"a device on the way says no": {
			evidence: given(byName, unresolved(probes.Timeout, byICMPFrom(resolver, probes.Unreachable, 13, router)...), works),
			causes:   []string{"route.admin-prohibited fail proven"},
		},
	}
}

func policyCases() map[string]verdictCase {
	const byAddress = "ftp://203.0.113.10"
	decided := func(kind probes.Kind, typ, table, rule string) change {
		return all(refusedRoute(serverIPv4, kind, typ), routed(serverIPv4, func(r *route.Result) {
			r.Table, r.Rule = table, &route.Rule{Priority: 50, Text: rule}
		}))
	}
	return map[string]verdictCase{
		"a rule by port": {
			evidence: given(byAddress, decided(probes.Prohibited, "prohibit", "", "from all ipproto tcp dport 21 prohibit")),
			causes:   []string{"route.local-policy fail proven"}, checks: []string{"route fail", "tcp fail < route.local-policy"},
		},
		"a rule that says unreachable": {
			evidence: given(byAddress, decided(probes.NoRoute, "unreachable", "", "from all to 203.0.113.0/24 unreachable")),
			causes:   []string{"route.local-policy fail proven"},
		},
		"a route in a table of its own": {
			evidence: given(byAddress, decided(probes.Blackhole, "blackhole", "vpn", "from 192.0.2.10 lookup vpn")), causes: []string{"route.local-policy fail proven"},
		},
		"tables without a route": {
			evidence: given(byAddress, refusedRoute(serverIPv4, probes.NoRoute, ""), routed(serverIPv4, func(r *route.Result) { r.Searched = []string{"vpn", "main"} })),
			causes:   []string{"route.none fail proven"},
		},
		"an interface that no route leads by": {
			evidence: given(byAddress, func(e *Evidence) { e.Settings.Interface = "eth0" }, onLink(serverIPv4),
				routed(serverIPv4, func(r *route.Result) { r.Assumed, r.Network = true, netip.Prefix{} }), gateways(hop(serverIPv4, "failed")), filtered),
			causes: []string{"route.none fail proven @ 203.0.113.10"}, says: "no route to 203.0.113.10 by eth0",
		},
		"an interface that no route leads by, and the target is there": {
			evidence: given(byAddress, func(e *Evidence) { e.Settings.Interface = "eth0" },
				routed(serverIPv4, func(r *route.Result) { r.Assumed, r.Network = true, netip.Prefix{} })), causes: nil,
		},
	}
}
