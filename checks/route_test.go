package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/route"
)

// refusedRoute is the kernel's refusal to route to an address.
func refusedRoute(to netip.Addr, kind probes.Kind, typ string) change {
	return func(e *Evidence) {
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination == to {
				*r = route.Result{Destination: to, Purpose: r.Purpose, Type: typ, Fault: fault("route", kind)}
			}
		}
		unconnected(to, fault("connect", kind))(e)
	}
}

// unconnected is a connection that was not made. Where none was, there is nothing above.
func unconnected(to netip.Addr, f *probes.Fault) change {
	return func(e *Evidence) {
		reached := false
		for i := range e.TCP {
			if m := &e.TCP[i].Seen; m.Address.Addr() == to {
				m.Fault, m.Local, m.Took = f, netip.AddrPort{}, seconds(10)
				if f.Of(probes.Timeout) {
					m.Transport.Retransmits = 3
				}
			}
			reached = reached || e.TCP[i].Seen.Connected()
		}
		if !reached {
			nothingAbove(e)
		}
	}
}

// gateways are the states of the next hops.
func gateways(all ...route.Neighbour) change {
	return func(e *Evidence) {
		e.Gateways = nil
		for _, n := range all {
			m := done(n)
			m.Address = n.Address.String()
			e.Gateways = append(e.Gateways, *m)
		}
	}
}

// onLink is a destination on our own network: the next hop is the destination itself.
func onLink(to netip.Addr) change {
	return func(e *Evidence) {
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination == to {
				r.Gateway, r.Network = netip.Addr{}, netip.MustParsePrefix("203.0.113.0/24")
			}
		}
	}
}

func routeCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	return map[string]verdictCase{
		"none": {
			evidence: given(byAddress, refusedRoute(serverIPv4, probes.NoRoute, "")), causes: []string{"route.none fail proven @ 203.0.113.10"},
			checks: []string{"route fail", "tcp fail < route.none", "ftp.control skip < route.none"},
		},
		"unreachable": {
			evidence: given(byAddress, refusedRoute(serverIPv4, probes.Unreachable, "unreachable")), causes: []string{"route.local-policy fail proven @ 203.0.113.10"},
		},
		"prohibit": {
			evidence: given(byAddress, refusedRoute(serverIPv4, probes.Prohibited, "prohibit")), causes: []string{"route.local-policy fail proven"},
		},
		"blackhole": {
			evidence: given(byAddress, refusedRoute(serverIPv4, probes.Blackhole, "blackhole")), causes: []string{"route.local-policy fail proven"},
			checks: []string{"tcp fail < route.local-policy"},
		},
		"a policy for one of two addresses": {
			evidence: given(byName, both, refusedRoute(serverIPv6, probes.Prohibited, "prohibit")), causes: []string{"route.local-policy warn proven @ 2001:db8:2::10"},
			checks: []string{"tcp 2001:db8:2::10 fail", "tcp 203.0.113.10 pass", "ftp.passive pass"},
		},
		"no route over IPv6, and IPv4 is well": {
			evidence: given(byName, both, refusedRoute(serverIPv6, probes.NoRoute, "")), causes: nil,
			checks: []string{"route 2001:db8:2::10 skip", "tcp 2001:db8:2::10 skip", "tcp 203.0.113.10 pass"},
		},
		"no route over IPv6, and IPv4 is filtered": {
			evidence: given(byName, both, refusedRoute(serverIPv6, probes.NoRoute, ""), unconnected(serverIPv4, fault("connect", probes.Timeout))),
			causes:   []string{"tcp.filtered fail proven @ 203.0.113.10:21"}, checks: []string{"route 2001:db8:2::10 skip", "ftp.control skip < tcp.filtered"},
		},
		"no route to a second resolver": {
			evidence: given(byName, secondResolver(probes.NoRoute), func(e *Evidence) {
				m := routeTo(secondServer, "resolver")
				m.Seen = route.Result{Destination: secondServer, Purpose: "resolver", Fault: fault("route", probes.NoRoute)}
				e.Routes = append(e.Routes, m)
			}), causes: nil, checks: []string{"route 198.51.100.54 skip"},
		},
		"the kernel does not tell": {
			evidence: given(byAddress, func(e *Evidence) { e.Routes[0].Seen.Fault = fault("route", probes.Unsupported) }), causes: nil,
			checks: []string{"route skip"},
		},
	}
}

func gatewayCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	dead := hop(gatewayIPv4, "failed")
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	return map[string]verdictCase{
		"dead, and the target an address": {
			evidence: given(byAddress, gateways(dead), filtered), causes: []string{"route.gateway-unreachable fail proven @ 192.0.2.1"},
			checks: []string{"gateway fail", "tcp fail < route.gateway-unreachable", "ftp.passive skip < route.gateway-unreachable"},
		},
		"dead, and the name does not resolve": {
			evidence: given(byName, gateways(dead), unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)),
			causes:   []string{"route.gateway-unreachable fail proven"}, checks: []string{"dns fail < route.gateway-unreachable", "tcp skip < route.gateway-unreachable"},
		},
		"asked for and asked for again": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "incomplete")), filtered), causes: []string{"route.gateway-unreachable fail proven"},
		},
		"asked for a moment ago": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "incomplete")), filtered, func(e *Evidence) { e.TCP[0].Seen.Took = seconds(1) }),
			causes:   []string{"route.gateway-unreachable fail likely"},
		},
		"the kernel's own ICMP says the same": {
			evidence: given(byAddress, gateways(dead), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 1, ownIPv4))),
			causes:   []string{"route.gateway-unreachable fail proven @ 192.0.2.1"}, checks: []string{"tcp fail < route.gateway-unreachable"},
		},
		"the kernel's own ICMP alone": {
			evidence: given(byAddress, gateways(), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 1, ownIPv4))),
			causes:   []string{"route.gateway-unreachable fail likely"},
		},
		"an ICMP error of our own, and nobody has asked for the gateway": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "none")), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 1, ownIPv4))),
			causes:   []string{"tcp.local-firewall fail likely"},
		},
		"an ICMP error of our own, and the gateway is there": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "reachable")), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 1, ownIPv4))),
			causes:   []string{"tcp.local-firewall fail proven"}, checks: []string{"gateway pass"},
		},
		"an ICMP error of our own, through a tunnel": {
			evidence: given(byAddress, gateways(hop(gatewayIPv4, "noarp")), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 1, ownIPv4)),
				func(e *Evidence) { e.Link.Seen.Interfaces[1].HardwareAddress = "" }),
			causes: []string{"route.gateway-unreachable fail likely"},
		},
		"an ICMP error of our own, in words that the kernel does not use": {
			evidence: given(byAddress, unconnected(serverIPv4, byICMP("connect", probes.NoRoute, 3, 0, ownIPv4))), causes: []string{"tcp.local-firewall fail proven"},
		},
		"a dead host on our own network": {
			evidence: given(byAddress, onLink(serverIPv4), gateways(hop(serverIPv4, "failed")), filtered),
			causes:   []string{"route.unreachable-remote fail likely @ 203.0.113.10"}, checks: []string{"gateway fail"},
		},
		"dead over IPv6, and IPv4 is well": {
			evidence: given(byName, both, gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "failed")), unconnected(serverIPv6, fault("connect", probes.Timeout))),
			causes:   []string{"route.gateway-unreachable warn proven @ 2001:db8:1::1"}, checks: []string{"ftp.passive pass"},
		},
		"dead, and nothing needed it": {
			evidence: given(byName, gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "failed"))), causes: nil,
			checks: []string{"gateway 2001:db8:1::1 skip"},
		},
		"without link-layer addresses": {
			evidence: given(byName, gateways(hop(gatewayIPv4, "noarp"))), causes: nil, checks: []string{"gateway pass"},
		},
		"the table cannot be read": {
			evidence: given(byName, gateways(route.Neighbour{Address: gatewayIPv4, Interface: "eth0", Fault: fault("neighbour", probes.Unsupported)})),
			causes:   nil, checks: []string{"gateway skip"},
		},
	}
}
