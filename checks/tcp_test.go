package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// filtered is a target that answers nothing.
func filtered(e *Evidence) {
	for _, m := range e.TCP {
		f := fault("connect", probes.Timeout)
		unconnected(m.Seen.Address.Addr(), f)(e)
	}
}

func tcpCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	icmp := func(kind probes.Kind, typ, code uint8, from netip.Addr) change {
		return unconnected(serverIPv4, byICMP("connect", kind, typ, code, from))
	}
	two := all(addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4))
	return map[string]verdictCase{
		"refused": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Refused))), causes: []string{"tcp.refused fail proven @ 203.0.113.10:21"},
			checks: []string{"tcp fail", "ftp.control skip < tcp.refused", "ftp.passive skip < tcp.refused"},
		},
		"refused, where the system tells no ICMP": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Refused)), func(e *Evidence) { e.Tool.OS = "darwin" }),
			causes:   []string{"tcp.refused fail likely"},
		},
		"refused by a device on the way": {
			evidence: given(byName, icmp(probes.Refused, 3, 3, router)), causes: []string{"tcp.refused-by-middlebox fail proven @ 198.51.100.1"},
		},
		"rejected by the host's firewall, as if nothing listened": {
			evidence: given(byName, icmp(probes.Refused, 3, 3, serverIPv4)), causes: []string{"tcp.rejected-by-host fail proven @ 203.0.113.10"},
		},
		"rejected by the host's firewall": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 13, serverIPv4)), causes: []string{"tcp.rejected-by-host fail proven"},
		},
		"rejected by our own firewall": {
			evidence: given(byName, icmp(probes.Refused, 3, 3, ownIPv4)), causes: []string{"tcp.local-firewall fail proven @ 192.0.2.5"},
		},
		"forbidden by a device on the way": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 13, router)), causes: []string{"route.admin-prohibited fail proven @ 198.51.100.1"},
		},
		"forbidden to the host, by a device on the way": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 10, router)), causes: []string{"route.admin-prohibited fail proven"},
		},
		"a router without a route": {
			evidence: given(byName, icmp(probes.NoRoute, 3, 0, router)), causes: []string{"route.unreachable-remote fail proven @ 198.51.100.1"},
		},
		"the last router finds no host": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 1, router)), causes: []string{"route.unreachable-remote fail proven"},
		},
		"packets that go round in a circle": {
			evidence: given(byName, icmp(probes.Unreachable, 11, 0, router)), causes: []string{"route.loop fail likely @ 198.51.100.1"},
		},
		"an ICMP error that says something else": {
			evidence: given(byName, icmp(probes.Other, 12, 0, router)), causes: []string{"unexplained.tcp fail unknown"},
			checks: []string{"tcp fail < unexplained.tcp", "ftp.control skip < unexplained.tcp"},
		},
		"over IPv6: forbidden by a device on the way": {
			evidence: given("ftp://[2001:db8:2::10]", unconnected(serverIPv6, byICMP("connect", probes.Prohibited, 1, 1, routerIPv6))),
			causes:   []string{"route.admin-prohibited fail proven @ 2001:db8:9::1"},
		},
		"over IPv6: rejected by the host's firewall": {
			evidence: given("ftp://[2001:db8:2::10]", unconnected(serverIPv6, byICMP("connect", probes.Refused, 1, 4, serverIPv6))),
			causes:   []string{"tcp.rejected-by-host fail proven"},
		},
		"silent, while the resolver beyond the gateway answers": {
			evidence: given(byName, filtered), causes: []string{"tcp.filtered fail proven @ 203.0.113.10:21"},
			checks: []string{"tcp fail", "ftp.control skip < tcp.filtered"},
		},
		"silent, and nothing else was heard": {
			evidence: given(byAddress, filtered), causes: []string{"tcp.filtered fail likely"},
		},
		"silent for less time than a SYN takes to be sent again": {
			evidence: given(byName, filtered, func(e *Evidence) { e.TCP[0].Seen.Transport.Retransmits = 0 }), causes: []string{"tcp.filtered fail likely"},
		},
		"silent, while this machine drops what it should send": {
			evidence: given(byName, filtered, func(e *Evidence) { e.TCP[0].Seen.Transport.LocalFailures = 3 }), causes: []string{"tcp.local-firewall fail likely"},
		},
		"silent, and the resolver that answers is reached by another gateway": {
			evidence: given(byName, filtered, func(e *Evidence) { e.Routes[0].Seen.Gateway = addr("192.0.2.254") }), causes: []string{"tcp.filtered fail likely"},
		},
		"refused much sooner than a resolver answers, and no nearer than another port accepts": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Refused)), func(e *Evidence) {
				e.TCP[0].Seen.Took = seconds(0.001)
				for i := range e.DNS.Seen.Direct {
					e.DNS.Seen.Direct[i].Took = seconds(0.2)
				}
			}, traced(toTargetPort, 21, 1, gatewayIPv4.String(), provider.String(), serverIPv4.String()+" refused"),
				traced(toOtherPort, 443, 1, gatewayIPv4.String(), provider.String(), serverIPv4.String()+" connected")),
			causes: []string{"tcp.refused fail proven"},
		},
		"refused much sooner than anything beyond the gateway answers": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Refused)), func(e *Evidence) {
				e.TCP[0].Seen.Took = seconds(0.001)
				for i := range e.DNS.Seen.Direct {
					e.DNS.Seen.Direct[i].Took = seconds(0.2)
				}
			}),
			causes: []string{"tcp.refused fail likely"},
		},
		"the address is an address translator's, with nothing behind it": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 1, serverIPv4), func(e *Evidence) { e.TCP[0].Seen.Took = seconds(3.1) }),
			causes:   []string{"route.unreachable-remote fail proven @ 203.0.113.10"},
		},
		"the address says at once that it is not to be reached": {
			evidence: given(byName, icmp(probes.Unreachable, 3, 1, serverIPv4), func(e *Evidence) { e.TCP[0].Seen.Took = seconds(0.02) }),
			causes:   []string{"route.unreachable-remote fail likely @ 203.0.113.10"},
		},
		"a rule for this port": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.NoRoute))), causes: []string{"route.local-policy fail likely"},
		},
		"silent, and the resolver on our own network answers": {
			evidence: given(byName, onLink(resolver), filtered), causes: []string{"tcp.filtered fail likely"},
		},
		"silent, and alive on our own network": {
			evidence: given(byAddress, onLink(serverIPv4), gateways(hop(serverIPv4, "reachable")), filtered), causes: []string{"tcp.filtered fail proven"},
		},
		"silent, while our own firewall rejects another address": {
			evidence: given(byName, two, onLink(resolver), unconnected(otherIPv4, byICMP("connect", probes.Refused, 3, 3, ownIPv4)), unconnected(serverIPv4, fault("connect", probes.Timeout))),
			causes:   []string{"tcp.filtered fail likely", "tcp.local-firewall fail proven"},
		},
		"one of two addresses is silent": {
			evidence: given(byName, two, unconnected(serverIPv4, fault("connect", probes.Timeout))), causes: []string{"tcp.partial-backends warn proven @ 203.0.113.10"},
			checks: []string{"tcp 203.0.113.10 fail", "tcp 203.0.113.11 pass", "ftp.passive pass"},
		},
		"two addresses, two faults": {
			evidence: given(byName, two, unconnected(serverIPv4, fault("connect", probes.Refused)), unconnected(otherIPv4, byICMP("connect", probes.Unreachable, 3, 13, router))),
			causes:   []string{"route.admin-prohibited fail proven", "tcp.refused fail proven"},
		},
		"two addresses, one fault": {
			evidence: given(byName, two, unconnected(serverIPv4, fault("connect", probes.Refused)), unconnected(otherIPv4, fault("connect", probes.Refused))),
			causes:   []string{"tcp.refused fail proven @ 203.0.113.10:21, 203.0.113.11:21"},
		},
		"refused by a RST that came by the loopback": {
			evidence: given(byName, resetHere(serverIPv4, 3)), causes: []string{"tcp.local-firewall fail likely"}, checks: []string{"tcp fail < tcp.local-firewall"},
		},
		"refused by a RST that came by the loopback, and nothing ever left": {
			evidence: given(byAddress, resetHere(serverIPv4, 9), gateways(hop(gatewayIPv4, "none"))), causes: []string{"tcp.local-firewall fail proven"},
		},
		"refused, while the loopback is busy": {
			evidence: given(byName, resetHere(serverIPv4, 9)), causes: []string{"tcp.refused fail likely"},
		},
		"refused, while the loopback carried too little": {
			evidence: given(byName, resetHere(serverIPv4, 2)), causes: []string{"tcp.refused fail proven"},
		},
		"refused from afar, while the loopback is busy": {
			evidence: given(byName, resetHere(serverIPv4, 3), func(e *Evidence) {
				e.TCP[0].Seen.Took = seconds(0.1)
				for i := range e.TCP[0].Seen.Before {
					e.TCP[0].Seen.Before[i].Took = seconds(0.1)
				}
			}), causes: []string{"tcp.refused fail proven"},
		},
		"refused by this machine, which is the target": {
			evidence: given(byName, resetHere(serverIPv4, 6), routed(serverIPv4, func(r *route.Result) { r.Type = "local" })), causes: []string{"tcp.refused fail proven"},
		},
		"two addresses refused by RSTs that came by the loopback": {
			evidence: given(byName, two, resetHere(serverIPv4, 3), resetHere(otherIPv4, 4)), causes: []string{"tcp.local-firewall fail likely"},
		},
		"an error number without a reason": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Prohibited))), causes: []string{"route.local-policy fail likely"},
		},
		"an error of no known kind": {
			evidence: given(byName, unconnected(serverIPv4, fault("connect", probes.Other))), causes: []string{"unexplained.tcp fail unknown"},
		},
	}
}

// resetHere is an address that refused at once, each of four times, while the loopback received so many packets.
func resetHere(to netip.Addr, looped uint64) change {
	return all(unconnected(to, fault("connect", probes.Refused)), func(e *Evidence) {
		for i := range e.TCP {
			if seen := &e.TCP[i].Seen; seen.Address.Addr() == to {
				attempt := tcp.Attempt{Took: seconds(0.0002), Fault: seen.Fault}
				seen.Took, seen.Looped, seen.Before = attempt.Took, looped, []tcp.Attempt{attempt, attempt, attempt}
			}
		}
	})
}

func brokenIPv6Cases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	three := all(addresses(serverIPv6, otherIPv6, serverIPv4), answered(serverIPv6, otherIPv6, serverIPv4))
	silent := unconnected(serverIPv6, fault("connect", probes.Timeout))
	resolverIPv6 := all(func(e *Evidence) {
		e.DNS.Seen.Config.Servers[0] = netip.MustParseAddrPort("[2001:db8:9::53]:53")
		e.DNS.Seen.Direct[0].Server = e.DNS.Seen.Config.Servers[0]
		e.Routes[0] = routeTo(addr("2001:db8:9::53"), "resolver")
	})
	return map[string]verdictCase{
		"refused": {
			evidence: given(byName, both, unconnected(serverIPv6, fault("connect", probes.Refused))), causes: []string{"ip6.target-broken warn proven"},
			checks: []string{"tcp 2001:db8:2::10 fail", "tcp 203.0.113.10 pass", "ftp.control pass"},
		},
		"silent, and nothing else was heard over IPv6": {
			evidence: given(byName, both, silent), causes: []string{"ip6.target-broken warn likely"},
		},
		"silent, while a resolver answers over IPv6": {
			evidence: given(byName, both, resolverIPv6, silent), causes: []string{"ip6.target-broken warn proven"},
		},
		"rejected by a device on the way": {
			evidence: given(byName, both, unconnected(serverIPv6, byICMP("connect", probes.Prohibited, 1, 1, routerIPv6))),
			causes:   []string{"route.admin-prohibited warn proven @ 2001:db8:9::1"},
		},
		"rejected by a device beyond the way to a resolver that answers": {
			evidence: given(byName, both, resolverIPv6, unconnected(serverIPv6, byICMP("connect", probes.Prohibited, 1, 1, routerIPv6))),
			causes:   []string{"ip6.target-broken warn proven @ 2001:db8:9::1"},
		},
		"rejected by the target": {
			evidence: given(byName, both, unconnected(serverIPv6, byICMP("connect", probes.Refused, 1, 4, serverIPv6))), causes: []string{"ip6.target-broken warn proven"},
		},
		"rejected by the first router": {
			evidence: given(byName, both, resolverIPv6, unconnected(serverIPv6, byICMP("connect", probes.Prohibited, 1, 1, gatewayIPv6))),
			causes:   []string{"route.admin-prohibited warn proven @ 2001:db8:1::1"},
		},
		"this machine has no global address of its own": {
			evidence: given(byName, both, unconnected(serverIPv6, fault("connect", probes.Timeout)), func(e *Evidence) { e.Routes[1].Seen.Source = addr("fd00::5") }),
			causes:   nil, checks: []string{"tcp 2001:db8:2::10 skip"},
		},
		"refused by a RST that came by the loopback": {
			evidence: given(byName, both, resetHere(serverIPv6, 3)), causes: []string{"tcp.local-firewall warn likely"},
		},
		"rejected by our own firewall": {
			evidence: given(byName, both, unconnected(serverIPv6, byICMP("connect", probes.Refused, 1, 4, ownIPv6))), causes: []string{"tcp.local-firewall warn proven"},
		},
		"one of two addresses over IPv6": {
			evidence: given(byName, three, silent), causes: []string{"tcp.partial-backends warn proven"},
		},
		"both families are silent": {
			evidence: given(byName, both, filtered), causes: []string{"tcp.filtered fail proven @ 203.0.113.10:21"},
		},
	}
}
