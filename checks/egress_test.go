package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// The anchors of these tests: two hosts with nothing in common, over both families.
var (
	firstIPv4, firstIPv6   = addr("198.18.0.80"), addr("2001:db8:80::80")
	secondIPv4, secondIPv6 = addr("198.19.0.80"), addr("3fff:80::80")
)

// anchorAt adds an anchor of that name, which was tried at these addresses, each with its fault; nil for a connection.
func anchorAt(name string, tries map[netip.Addr]*probes.Fault) change {
	return func(e *Evidence) {
		a := Anchor{Name: name}
		for to, f := range tries {
			a.Tries = append(a.Tries, anchorTried(to, f))
			a.Address, a.Connected = netip.AddrPortFrom(to, 443), a.Connected || f == nil
			a.Fault = f
		}
		if a.Connected {
			a.Fault = nil
		}
		m := done(a)
		m.Address = name
		e.Anchors = append(e.Anchors, *m)
	}
}

func anchorTried(to netip.Addr, f *probes.Fault) AnchorTry {
	seen := tcp.Result{Address: netip.AddrPortFrom(to, 443), Took: seconds(10), Fault: f}
	if f == nil {
		seen = connectedTo(seen.Address).Seen
	}
	if f.Of(probes.Timeout) {
		seen.Transport.Retransmits = 4
	}
	return AnchorTry{Route: routeTo(to, "anchor").Seen, TCP: seen}
}

// mute are anchors that do not answer at these addresses.
func mute(name string, all ...netip.Addr) change {
	tries := map[netip.Addr]*probes.Fault{}
	for _, to := range all {
		tries[to] = fault("connect", probes.Timeout)
	}
	return anchorAt(name, tries)
}

// speaking are anchors that answer at these addresses.
func speaking(name string, all ...netip.Addr) change {
	tries := map[netip.Addr]*probes.Fault{}
	for _, to := range all {
		tries[to] = nil
	}
	return anchorAt(name, tries)
}

func egressCases() map[string]verdictCase {
	const byAddress, byName = "tcp://203.0.113.10:22", "tcp://" + serverName + ":22"
	twoMute := all(mute("www.example.net", firstIPv4), mute("www.example.org", secondIPv4))
	deaf := unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)
	refused := fault("connect", probes.Refused)
	refusing := func(name string, at netip.Addr) change {
		return anchorAt(name, map[netip.Addr]*probes.Fault{at: refused})
	}
	forbidden := func(name string, at netip.Addr) change {
		return anchorAt(name, map[netip.Addr]*probes.Fault{at: byICMP("connect", probes.Unreachable, 3, 13, gatewayIPv4)})
	}
	gateway := func(change func(*route.Neighbour)) change {
		return func(e *Evidence) { change(&e.Gateways[0].Seen) }
	}
	return map[string]verdictCase{
		"everything is silent": {
			evidence: given(byAddress, filtered, twoMute), causes: []string{"path.no-egress fail proven @ 192.0.2.1"},
			checks: []string{"tcp fail < path.no-egress", "anchor fail < path.no-egress", "gateway pass"},
		},
		"everything is silent, the resolvers too": {
			evidence: given(byName, deaf, twoMute), causes: []string{"path.no-egress fail proven"},
			checks: []string{"dns fail < path.no-egress", "tcp skip < path.no-egress"},
		},
		"the resolver on our own network cannot ask anybody": {
			evidence: given(byName, onLink(resolver), unresolved(probes.Other, answersOf(resolver, "SERVFAIL")...), twoMute),
			causes:   []string{"path.no-egress fail proven"}, checks: []string{"dns fail < path.no-egress"},
		},
		"a name that does not exist, and anchors that are silent": {
			evidence: given(byName, onLink(resolver), unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...), twoMute),
			causes:   []string{"dns.nxdomain fail proven"},
		},
		"one anchor":                                     {evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4)), causes: []string{"path.no-egress fail likely"}},
		"two anchors of one owner":                       {evidence: given(byAddress, filtered, mute("a.example.net", firstIPv4), mute("b.example.net", secondIPv4)), causes: []string{"path.no-egress fail likely"}},
		"two anchors in one network":                     {evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4), mute("www.example.org", addr("198.18.9.9"))), causes: []string{"path.no-egress fail likely"}},
		"the resolver answers":                           {evidence: given(byName, filtered, twoMute), causes: []string{"path.no-egress fail likely"}},
		"the resolver answers, and one anchor is silent": {evidence: given(byName, filtered, mute("www.example.net", firstIPv4)), causes: []string{"tcp.filtered fail proven"}},
		"one of two anchors answers": {
			evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4), speaking("www.example.org", secondIPv4)),
			causes:   []string{"tcp.filtered fail proven"}, checks: []string{"anchor pass", "anchor skip"},
		},
		"an anchor refuses": {
			evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4), anchorAt("www.example.org", map[netip.Addr]*probes.Fault{secondIPv4: fault("connect", probes.Refused)})),
			causes:   []string{"tcp.filtered fail proven"},
		},
		"a device beyond speaks of an anchor": {
			evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4),
				anchorAt("www.example.org", map[netip.Addr]*probes.Fault{secondIPv4: byICMP("connect", probes.Unreachable, 3, 13, router)})),
			causes: []string{"tcp.filtered fail likely"},
		},
		"the target is well, and the anchors are not": {evidence: given(byAddress, twoMute), causes: nil, checks: []string{"anchor skip"}},
		"the target refuses, and the anchors are silent": {
			evidence: given(byAddress, unconnected(serverIPv4, fault("connect", probes.Refused)), twoMute), causes: []string{"tcp.refused fail proven"},
		},
		"routers behind the gateway answer to SYNs for the target": {
			evidence: given(byAddress, filtered, twoMute, traced(toTargetPort, 22, 1, gatewayIPv4.String(), farRouter.String(), "*")),
			causes:   []string{"path.no-egress fail likely @ " + farRouter.String()},
		},
		"the anchors are the target itself": {
			evidence: given(byAddress, filtered, mute("www.example.net", serverIPv4), mute("203.0.113.10", serverIPv4)),
			causes:   []string{"tcp.filtered fail likely"},
		},
		"this machine alone, and the gateway forbids whatever is tried": {
			evidence: given(byAddress, forbidden("www.example.net", firstIPv4), forbidden("www.example.org", secondIPv4), func(e *Evidence) { e.Target, e.TCP = nil, nil }),
			causes:   []string{"path.no-egress fail proven @ 192.0.2.1"},
		},
		"the target and all anchors refuse": {
			evidence: given(byAddress, unconnected(serverIPv4, refused), refusing("www.example.net", firstIPv4), refusing("www.example.org", secondIPv4)),
			causes:   []string{"tcp.refused fail likely"},
		},
		"the target and one of two anchors refuse": {
			evidence: given(byAddress, unconnected(serverIPv4, refused), refusing("www.example.net", firstIPv4), speaking("www.example.org", secondIPv4)),
			causes:   []string{"tcp.refused fail proven"},
		},
		"the gateway does not answer": {
			evidence: given(byAddress, filtered, twoMute, gateways(hop(gatewayIPv4, "failed"))), causes: []string{"route.gateway-unreachable fail proven"},
		},
		"the gateway's answer is not confirmed": {
			evidence: given(byAddress, filtered, twoMute, gateway(func(n *route.Neighbour) { n.State = "delay" })), causes: []string{"path.no-egress fail likely"},
		},
		"the neighbour table tells nothing": {
			evidence: given(byAddress, filtered, twoMute, func(e *Evidence) { e.Gateways = nil }), causes: []string{"path.no-egress fail likely"},
		},
		"a link that needs no gateway": {
			evidence: given(byAddress, filtered, twoMute, onTunnel), causes: []string{"path.no-egress fail proven @ eth0"},
		},
		"the SYN was not sent again": {
			evidence: given(byAddress, filtered, twoMute, func(e *Evidence) {
				for _, m := range e.Anchors {
					m.Seen.Tries[0].TCP.Transport.Retransmits = 0
				}
			}), causes: []string{"tcp.filtered fail likely"},
		},
		"this machine drops what it should send": {
			evidence: given(byAddress, filtered, twoMute, func(e *Evidence) { e.TCP[0].Seen.Transport.LocalFailures = 3 }),
			causes:   []string{"tcp.local-firewall fail likely"},
		},
		"this machine alone": {
			evidence: given(byAddress, twoMute, func(e *Evidence) { e.Target, e.TCP = nil, nil }), causes: []string{"path.no-egress fail proven"},
		},
		"no port was to be reached":                 {evidence: given("203.0.113.10", twoMute), causes: []string{"path.no-egress fail proven"}},
		"no port was to be reached, and one anchor": {evidence: given("203.0.113.10", mute("www.example.net", firstIPv4)), causes: nil},
		"a resolver is silent, and an anchor answers": {
			evidence: given(byName, deaf, speaking("192.0.2.80", firstIPv4)), causes: []string{"dns.resolver-timeout fail proven"},
		},
	}
}

// onTunnel has everything leave by an interface that needs no gateway.
func onTunnel(e *Evidence) {
	tunnel := ethernet
	tunnel.PointToPoint = true
	e.Link.Seen.Interfaces[1] = tunnel
	e.Gateways = nil
	for i := range e.Routes {
		e.Routes[i].Seen.Gateway = netip.Addr{}
	}
	for i := range e.Anchors {
		for j := range e.Anchors[i].Seen.Tries {
			e.Anchors[i].Seen.Tries[j].Route.Gateway = netip.Addr{}
		}
	}
}

func egressIPv6Cases() map[string]verdictCase {
	const target = "tcp://" + serverName + ":22"
	both := all(addresses(serverIPv4, serverIPv6), answered(serverIPv4, serverIPv6), gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "reachable")))
	silent6 := unconnected(serverIPv6, fault("connect", probes.Timeout))
	silent4 := unconnected(serverIPv4, fault("connect", probes.Timeout))
	half := func(name string, to4, to6 netip.Addr, f *probes.Fault) change {
		return anchorAt(name, map[netip.Addr]*probes.Fault{to4: nil, to6: f})
	}
	silence := fault("connect", probes.Timeout)
	noWay := byICMP("connect", probes.NoRoute, 1, 0, gatewayIPv6)
	return map[string]verdictCase{
		"IPv6 does not get out": {
			evidence: given(target, both, silent6, half("www.example.net", firstIPv4, firstIPv6, silence), half("www.example.org", secondIPv4, secondIPv6, silence)),
			causes:   []string{"ip6.egress-broken warn proven @ 2001:db8:1::1"}, checks: []string{"tcp fail < ip6.egress-broken", "tcp pass", "anchor pass"},
		},
		"the router has no way for IPv6": {
			evidence: given(target, both, unconnected(serverIPv6, noWay), half("www.example.net", firstIPv4, firstIPv6, noWay), half("www.example.org", secondIPv4, secondIPv6, noWay)),
			causes:   []string{"ip6.egress-broken warn proven"},
		},
		"IPv6 does not get out, and one anchor tells": {
			evidence: given(target, both, silent6, half("www.example.net", firstIPv4, firstIPv6, silence)), causes: []string{"ip6.egress-broken warn likely"},
		},
		"an anchor answers over IPv6": {
			evidence: given(target, both, silent6, half("www.example.net", firstIPv4, firstIPv6, silence), speaking("www.example.org", secondIPv4, secondIPv6)),
			causes:   []string{"ip6.target-broken warn proven"},
		},
		"the target has IPv4 alone": {
			evidence: given(target, half("www.example.net", firstIPv4, firstIPv6, silence), half("www.example.org", secondIPv4, secondIPv6, silence)), causes: nil,
		},
		"the target has IPv6 alone": {
			evidence: given(target, addresses(serverIPv6), answered(serverIPv6), gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "reachable")), silent6,
				half("www.example.net", firstIPv4, firstIPv6, silence), half("www.example.org", secondIPv4, secondIPv6, silence)),
			causes: []string{"ip6.egress-broken fail proven"},
		},
		"IPv4 does not get out, and IPv6 reaches the target": {
			evidence: given(target, both, func(e *Evidence) { e.DNS.Seen.Direct = nil }, silent4, mute("www.example.net", firstIPv4), mute("www.example.org", secondIPv4)),
			causes:   []string{"path.no-egress warn proven"}, checks: []string{"tcp fail < path.no-egress"},
		},
		"neither gets out": {
			evidence: given(target, both, func(e *Evidence) { e.DNS.Seen.Direct = nil }, silent4, silent6, mute("www.example.net", firstIPv4, firstIPv6), mute("www.example.org", secondIPv4, secondIPv6)),
			causes:   []string{"path.no-egress fail proven @ 192.0.2.1, 2001:db8:1::1"},
		},
		"this machine has no global IPv6": {
			evidence: given(target, both, silent6, half("www.example.net", firstIPv4, firstIPv6, silence), half("www.example.org", secondIPv4, secondIPv6, silence), func(e *Evidence) {
				local := func(r *route.Result) {
					if r.Destination.Is6() {
						r.Source = addr("fd00::5")
					}
				}
				for i := range e.Routes {
					local(&e.Routes[i].Seen)
				}
				for i := range e.Anchors {
					for j := range e.Anchors[i].Seen.Tries {
						local(&e.Anchors[i].Seen.Tries[j].Route)
					}
				}
			}),
			causes: nil,
		},
	}
}
