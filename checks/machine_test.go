package checks

import (
	"context"
	"net/netip"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
)

// alone is what is seen of this machine's own network where all is well, with changes: both families lead out, and a resolver beyond
// the IPv4 gateway answers.
func alone(changes ...change) *Evidence {
	e := given("ftp://" + serverName)
	e = &Evidence{Tool: e.Tool, Vantage: e.Vantage, Settings: e.Settings, Started: e.Started, Duration: e.Duration, Link: e.Link, DNS: e.DNS}
	e.Settings.Require = ""
	e.DNS.Seen = dns.Result{Name: ".", Config: e.DNS.Seen.Config, Direct: []dns.Answer{root(resolver, "NOERROR")}}
	e.Routes = []routeMeasured{routeTo(someIPv4, "default"), routeTo(someIPv6, "default"), routeTo(resolver, "resolver")}
	asked := hop(gatewayIPv6, "reachable")
	asked.Asked = true
	gateways(hop(gatewayIPv4, "reachable"), asked)(e)
	all(changes...)(e)
	return e
}

// root is a server's answer to the question for the root's servers.
func root(from netip.Addr, code string) dns.Answer {
	a := answer(from, "NS", code)
	a.Name = "."
	return a
}

// nobody is a server's answer about a name that nobody has.
func nobody(from netip.Addr, code string) change {
	return func(e *Evidence) {
		e.DNS.Seen.Invented = append(e.DNS.Seen.Invented, called(answer(from, "A", code), "abcdefghijklmnop.qrstuvwxyzabcdef."))
	}
}

// rootless is an answer that did not come.
func rootless(from netip.Addr, kind probes.Kind) dns.Answer {
	a := root(from, "")
	a.Fault, a.Took = fault("query", kind), seconds(10)
	return a
}

// silentRoot is the question for the root, sent so often, without an answer.
func silentRoot(attempts int) dns.Answer {
	a := rootless(resolver, probes.Timeout)
	a.Attempts = attempts
	return a
}

// asksToo is a server that a stub on this machine asks, and its answer.
func asksToo(a dns.Answer) change {
	return func(e *Evidence) {
		config := &e.DNS.Seen.Config
		config.Upstreams = append(config.Upstreams, dns.Upstream{Server: a.Server, From: "/run/systemd/resolve/resolv.conf"})
		e.DNS.Seen.Direct = append(e.DNS.Seen.Direct, a)
		e.Routes = append(e.Routes, routeTo(a.Server.Addr(), "resolver"))
	}
}

// resolvers are this machine's, and what they answer.
func resolvers(answers ...dns.Answer) change {
	return func(e *Evidence) {
		e.Routes = slices.DeleteFunc(e.Routes, func(m routeMeasured) bool { return m.Seen.Purpose == "resolver" })
		e.DNS.Seen.Config.Servers, e.DNS.Seen.Direct = nil, answers
		for _, a := range answers {
			if slices.Contains(e.DNS.Seen.Config.Servers, a.Server) {
				continue
			}
			e.DNS.Seen.Config.Servers = append(e.DNS.Seen.Config.Servers, a.Server)
			m := routeTo(a.Server.Addr(), "resolver")
			if a.Server.Addr().IsLoopback() {
				m.Seen = route.Result{Destination: a.Server.Addr(), Purpose: "resolver", Type: "local", Interface: "lo", Source: addr("127.0.0.1")}
			}
			e.Routes = append(e.Routes, m)
		}
	}
}

// noRoutes takes the routes of a family away, and its gateway.
func noRoutes(family int) change {
	return func(e *Evidence) {
		for i := range e.Routes {
			if to := e.Routes[i].Seen.Destination; familyOf(to) == family && !to.IsLoopback() {
				refusedRoute(to, probes.NoRoute, "")(e)
			}
		}
		e.Gateways = slices.DeleteFunc(e.Gateways, func(m gatewayMeasured) bool { return familyOf(m.Seen.Address) == family })
	}
}

// forbidden has a policy refuse the default route of a family.
func forbidden(to netip.Addr) change {
	return all(noRoutes(familyOf(to)), func(e *Evidence) {
		for _, m := range e.Routes {
			if m.Seen.Fault != nil && familyOf(m.Seen.Destination) == familyOf(to) {
				refusedRoute(m.Seen.Destination, probes.Blackhole, "blackhole")(e)
			}
		}
	})
}

// besideUs puts a resolver on our own link.
func besideUs(to netip.Addr) change {
	return func(e *Evidence) {
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination == to {
				r.Gateway, r.Network, r.Fault = netip.Addr{}, netip.MustParsePrefix("192.0.2.0/24"), nil
			}
		}
	}
}

func machineCases() map[string]verdictCase {
	dead4, dead6 := hop(gatewayIPv4, "failed"), hop(gatewayIPv6, "failed")
	dead6.Asked = true
	neighbour, stub := addr("192.0.2.53"), addr("127.0.0.53")
	silent := resolvers(rootless(resolver, probes.Timeout))
	nothing := all(noRoutes(4), noRoutes(6))
	down := interfaces(as(ethernet, "eth0", false, false, "192.0.2.5/24"))
	dark := interfaces(as(ethernet, "eth0", true, false, "192.0.2.5/24", "2001:db8:1::5/64"))
	bare := interfaces(as(ethernet, "eth0", true, true, "fe80::7/64"))
	return map[string]verdictCase{
		"healthy": {
			evidence: alone(), says: "works up to the resolver 198.51.100.53 beyond the gateway 192.0.2.1; nothing beyond was tried: name a host with --anchor",
			checks: []string{"clock skip", "route pass", "gateway 192.0.2.1 pass", "gateway 2001:db8:1::1 pass", "dns pass", "anchor skip"},
		},
		"healthy, IPv4 only":             {evidence: alone(noRoutes(6)), checks: []string{"route 2001:db8::1 pass"}},
		"healthy, IPv6 only":             {evidence: alone(noRoutes(4), resolvers(root(addr("2001:db8:53::53"), "NOERROR")))},
		"healthy, IPv6 for the house":    {evidence: alone(withoutGlobalIPv6), checks: []string{"route 2001:db8::1 pass"}},
		"healthy, a VPN without IPv6":    {evidence: alone(forbidden(someIPv6)), checks: []string{"route 2001:db8::1 pass"}},
		"healthy, a stub":                {evidence: alone(resolvers(root(stub, "NOERROR"))), says: "works up to the gateway 192.0.2.1 and this machine's own resolver 127.0.0.53"},
		"healthy, a resolver beside us":  {evidence: alone(resolvers(root(neighbour, "NOERROR")), besideUs(neighbour)), says: "the gateway 192.0.2.1 and the resolver 192.0.2.53 on its own network"},
		"healthy, no gateway is needed":  {evidence: alone(throughTunnel), checks: []string{"gateway pass"}},
		"healthy, a gateway that is old": {evidence: alone(gateways(hop(gatewayIPv4, "stale"), hop(gatewayIPv6, "delay")))},
		"healthy, a gateway that says so": {
			evidence: alone(gateways(hop(gatewayIPv4, "stale"), route.Neighbour{Address: gatewayIPv6, Interface: "eth0", State: "none", Asked: true, Answered: true})),
			checks:   []string{"gateway 2001:db8:1::1 pass"},
		},
		"healthy, as far as an anchor": {
			evidence: alone(anchored(true)), says: "works up to www.example.net", checks: []string{"anchor pass"},
		},
		"an anchor is silent": {evidence: alone(anchored(false)), says: "no host that was named answers"},

		"no interface":                {evidence: alone(interfaces(), nothing, silent, nothing), causes: []string{"link.none fail proven"}, checks: []string{"dns fail < link.none"}},
		"the interface is down":       {evidence: alone(down, silent, nothing), causes: []string{"link.down fail proven @ eth0"}, checks: []string{"route fail < link.down", "dns fail < link.down"}},
		"the cable is out":            {evidence: alone(dark, silent, gateways(dead4, dead6)), causes: []string{"link.no-carrier fail proven @ eth0"}, checks: []string{"dns fail < link.no-carrier"}},
		"the cable is out, a stub":    {evidence: alone(dark, resolvers(root(stub, "NOERROR")), gateways(dead4, dead6)), causes: []string{"link.no-carrier fail proven @ eth0"}},
		"no address, and no resolver": {evidence: alone(bare, resolvers(), nothing), causes: []string{"link.no-address fail proven @ eth0"}, checks: []string{"dns fail < link.no-address"}},
		"an address of its own making": {
			evidence: alone(interfaces(as(ethernet, "eth0", true, true, "169.254.7.7/16")), silent, nothing), causes: []string{"link.autoconf-only fail proven @ eth0"},
		},

		"a tunnel that has ended": {
			evidence: alone(throughTunnel, func(e *Evidence) {
				e.Link.Seen.Interfaces[2].Carrier = false
				e.Routes[1], e.Routes[2] = routeTo(someIPv6, "default"), routeTo(resolver, "resolver")
				gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "reachable"))(e)
			}), causes: []string{"link.no-carrier warn proven @ tun0"}, checks: []string{"dns pass"},
		},
		"the cable of IPv6 alone is out": {
			evidence: alone(interfaces(ethernet, as(ethernet, "eth1", true, false, "2001:db8:9::5/64")), func(e *Evidence) {
				dead := hop(gatewayIPv6, "none")
				dead.Interface, e.Routes[1].Seen.Interface = "eth1", "eth1"
				gateways(e.Gateways[0].Seen, dead)(e)
			}), causes: []string{"link.no-carrier warn proven @ eth1"}, checks: []string{"gateway 192.0.2.1 pass", "dns pass"},
		},
		"the cable of IPv6 is out, and a policy keeps us from the resolver": {
			evidence: alone(dark, silent, forbidden(someIPv4), gateways(hop(gatewayIPv6, "none"))),
			causes:   []string{"link.no-carrier fail proven @ eth0", "route.local-policy fail proven @ 198.51.100.53"},
			checks:   []string{"route 198.51.100.254 pass"},
		},

		"no default route": {
			evidence: alone(silent, nothing), causes: []string{"route.none fail proven"}, checks: []string{"route 198.51.100.53 fail", "dns fail < route.none"},
		},
		"no default route, and no resolver": {evidence: alone(resolvers(), nothing), causes: []string{"route.none fail proven", "dns.no-resolver fail proven"}},
		"no default route, and a resolver beside us": {
			evidence: alone(resolvers(root(neighbour, "NOERROR")), nothing, besideUs(neighbour)), causes: []string{"route.none warn proven"}, checks: []string{"dns pass"},
		},
		"no default route, and a resolver of a few names beside us": {
			evidence: alone(resolvers(root(neighbour, "REFUSED")), nothing, besideUs(neighbour)), causes: []string{"route.none warn proven"}, checks: []string{"dns pass"},
		},
		"no default route of the family that is wanted": {
			evidence: alone(noRoutes(6), func(e *Evidence) {
				e.Settings.Family = 6
				e.Routes = slices.DeleteFunc(e.Routes, func(m routeMeasured) bool { return m.Seen.Destination == someIPv4 })
			}), causes: []string{"route.none fail proven"},
		},
		"an IPv6 resolver where there is no IPv6": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), rootless(routerIPv6, probes.NoRoute)), noRoutes(6)),
			causes:   []string{"route.none warn proven @ 2001:db8:9::1"}, checks: []string{"dns warn < route.none"},
		},
		"only an IPv6 resolver where there is no IPv6": {
			evidence: alone(resolvers(rootless(routerIPv6, probes.NoRoute)), noRoutes(6)),
			causes:   []string{"route.none fail proven @ 2001:db8:9::1"}, checks: []string{"dns fail < route.none"},
		},
		"a policy for everything": {
			evidence: alone(silent, noRoutes(6), forbidden(someIPv4)), causes: []string{"route.local-policy fail proven"},
			checks: []string{"route 2001:db8::1 skip", "route 198.51.100.53 fail", "dns fail < route.local-policy"},
		},
		"a policy for one resolver of two": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), rootless(secondServer, probes.Prohibited)), refusedRoute(secondServer, probes.Prohibited, "prohibit")),
			causes:   []string{"route.local-policy warn proven @ 198.51.100.54"}, checks: []string{"dns warn < route.local-policy"},
		},
		"IPv6 without an address, and nothing else": {
			evidence: alone(interfaces(as(ethernet, "eth0", true, true, "192.0.2.5/24")), silent, noRoutes(4), withoutGlobalIPv6, func(e *Evidence) {
				e.Settings.Family = 6
				e.Routes = slices.DeleteFunc(e.Routes, func(m routeMeasured) bool { return m.Seen.Destination.Is4() })
			}), causes: []string{"route.none fail likely"},
		},

		"a dead gateway": {
			evidence: alone(silent, noRoutes(6), gateways(dead4)), causes: []string{"route.gateway-unreachable fail proven @ 192.0.2.1"}, checks: []string{"dns fail < route.gateway-unreachable"},
		},
		"a dead gateway, and a stub that remembers": {
			evidence: alone(resolvers(root(stub, "NOERROR")), noRoutes(6), gateways(dead4)), causes: []string{"route.gateway-unreachable fail proven @ 192.0.2.1"},
		},
		"a dead gateway, and a stub that knows nothing any more": {
			evidence: alone(resolvers(root(stub, "SERVFAIL")), gateways(dead4, hop(gatewayIPv6, "reachable"))), causes: []string{"route.gateway-unreachable fail proven @ 192.0.2.1"},
			checks: []string{"dns fail < route.gateway-unreachable"},
		},
		"a dead IPv6 gateway": {
			evidence: alone(gateways(hop(gatewayIPv4, "reachable"), dead6)), causes: []string{"route.gateway-unreachable warn proven @ 2001:db8:1::1"}, checks: []string{"dns pass"},
		},
		"an IPv6 gateway of which little is known": {
			evidence: alone(func(e *Evidence) {
				hop := hop(gatewayIPv6, "incomplete")
				hop.Asked = true
				gateways(e.Gateways[0].Seen, hop)(e) // within a tenth of a second
			}), causes: []string{"route.gateway-unreachable warn likely @ 2001:db8:1::1"},
		},
		"a dead IPv6 gateway, and a stub that needs none": {
			evidence: alone(resolvers(root(stub, "NOERROR")), gateways(hop(gatewayIPv4, "reachable"), dead6)),
			causes:   []string{"route.gateway-unreachable warn proven @ 2001:db8:1::1"}, checks: []string{"dns pass"},
		},
		"two dead gateways": {
			evidence: alone(silent, gateways(dead4, dead6)), causes: []string{"route.gateway-unreachable fail proven @ 192.0.2.1, 2001:db8:1::1"},
		},
		"a failed entry of a gateway by which an anchor was reached": {
			evidence: alone(resolvers(root(stub, "NOERROR")), gateways(dead4, hop(gatewayIPv6, "reachable")), anchored(true)), checks: []string{"gateway 192.0.2.1 skip"},
		},
		"a resolver beside us that is off": {
			evidence: alone(resolvers(rootless(neighbour, probes.Timeout)), besideUs(neighbour), gateways(hop(gatewayIPv4, "reachable"), hop(neighbour, "failed"))),
			causes:   []string{"route.unreachable-remote fail likely @ 192.0.2.53"}, checks: []string{"dns fail < route.unreachable-remote"},
		},

		"no resolver": {evidence: alone(resolvers()), causes: []string{"dns.no-resolver fail proven"}, checks: []string{"dns fail"}},
		"a second resolver that was not waited for": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), rootless(secondServer, probes.Interrupted))), checks: []string{"dns pass"},
		},
		"no stub":           {evidence: alone(resolvers(rootless(stub, probes.Refused))), causes: []string{"dns.no-resolver fail proven @ 127.0.0.53"}},
		"a silent resolver": {evidence: alone(silent), causes: []string{"dns.resolver-timeout fail likely @ 198.51.100.53"}, checks: []string{"gateway 192.0.2.1 pass"}},
		"a silent resolver beside us": {
			evidence: alone(resolvers(rootless(neighbour, probes.Timeout)), besideUs(neighbour), gateways(hop(gatewayIPv4, "reachable"), hop(neighbour, "reachable"))),
			causes:   []string{"dns.resolver-timeout fail proven @ 192.0.2.53"},
		},
		"a second resolver that is silent": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), rootless(secondServer, probes.Timeout))),
			causes:   []string{"dns.resolver-timeout warn proven @ 198.51.100.54"}, checks: []string{"dns warn < dns.resolver-timeout"},
		},
		"a second resolver that is silent, for a short wait": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), rootless(secondServer, probes.Timeout)), func(e *Evidence) {
				e.DNS.Seen.Direct[1].Took = seconds(3)
			}), causes: []string{"dns.resolver-timeout warn likely @ 198.51.100.54"}, says: "has not answered within 3s",
		},
		"a second resolver of another mind": {
			evidence: alone(resolvers(root(resolver, "NOERROR"), root(secondServer, "FORMERR"))),
			causes:   []string{"unexplained.dns warn unknown @ 198.51.100.54"}, checks: []string{"dns warn < unexplained.dns"},
		},
		"two resolvers, each dead in its way": {
			evidence: alone(resolvers(rootless(resolver, probes.Refused), rootless(secondServer, probes.Timeout))),
			causes:   []string{"dns.resolver-refused fail proven @ 198.51.100.53", "dns.resolver-timeout fail likely @ 198.51.100.54"},
		},
		"a resolver that refuses": {evidence: alone(resolvers(root(resolver, "REFUSED"))), causes: []string{"dns.refused fail likely @ 198.51.100.53"}},
		"a resolver that refuses all but addresses": {
			evidence: alone(resolvers(root(resolver, "REFUSED")), nobody(resolver, "NXDOMAIN")), causes: nil, checks: []string{"dns pass"},
		},
		"a resolver that drops all but questions for addresses": {
			evidence: alone(resolvers(rootless(resolver, probes.Timeout)), nobody(resolver, "NXDOMAIN")), causes: nil, checks: []string{"dns pass"},
		},
		"a resolver that refuses everything": {
			evidence: alone(resolvers(root(resolver, "REFUSED")), nobody(resolver, "REFUSED")), causes: []string{"dns.refused fail likely @ 198.51.100.53"},
		},
		"a resolver that fails":      {evidence: alone(resolvers(root(resolver, "SERVFAIL"), withoutChecking("SERVFAIL"))), causes: []string{"dns.servfail fail proven @ 198.51.100.53"}},
		"a resolver that just fails": {evidence: alone(resolvers(root(resolver, "SERVFAIL"))), causes: []string{"dns.servfail fail likely"}},
		"a stub that fails":          {evidence: alone(resolvers(root(stub, "SERVFAIL"))), causes: []string{"dns.servfail fail likely @ 127.0.0.53"}},
		"a resolver that mistrusts":  {evidence: alone(resolvers(root(resolver, "SERVFAIL"), withoutChecking("NOERROR"))), causes: []string{"dns.dnssec-bogus fail proven @ 198.51.100.53"}},
		"a resolver of another mind": {evidence: alone(resolvers(root(resolver, "NOTIMP"))), causes: []string{"unexplained.dns fail unknown"}},
		"our own firewall, and no cable": {
			evidence: alone(interfaces(as(ethernet, "eth0", true, false, "192.0.2.5/24", "2001:db8:1::5/64")), resolvers(rootless(resolver, probes.Prohibited)),
				rules(firewall.Drop)),
			causes: []string{"link.no-carrier fail proven @ eth0"}, checks: []string{"firewall warn", "dns fail < link.no-carrier"},
		},
		"our own firewall": {evidence: alone(resolvers(rootless(resolver, probes.Prohibited))), causes: []string{"tcp.local-firewall fail likely @ 198.51.100.53"}},
		"our own firewall, as root sees it": {
			evidence: alone(resolvers(rootless(resolver, probes.Prohibited)), rules(firewall.Drop)), causes: []string{"tcp.local-firewall fail proven @ inet filter output"},
			checks: []string{"firewall fail", "dns fail < tcp.local-firewall"},
		},
		"our own firewall lets us through": {
			evidence: alone(silent, rules(firewall.Accept)), causes: []string{"dns.resolver-timeout fail likely"}, checks: []string{"firewall pass"},
		},
		"our own firewall, that a user may not see": {
			evidence: alone(func(e *Evidence) { e.Firewall = done(firewall.Result{Fault: fault("rules", probes.Prohibited)}) }), checks: []string{"firewall skip"},
		},
		"a resolver that answers without EDNS alone": {
			evidence: alone(resolvers(silentRoot(3), withoutEDNS(root(resolver, "NOERROR")), withoutEDNS(root(resolver, "NOERROR")))),
			causes:   []string{"dns.edns-dropped warn proven @ 198.51.100.53"}, checks: []string{"dns warn < dns.edns-dropped"},
		},
		"a resolver that answers over TCP alone": {
			evidence: alone(resolvers(silentRoot(3), overTCP(root(resolver, "NOERROR")))),
			causes:   []string{"dns.resolver-timeout fail proven @ 198.51.100.53"}, says: "over TCP it does",
		},
		"a resolver that answers over TCP alone, as is wanted": {
			evidence: alone(resolvers(silentRoot(3), overTCP(root(resolver, "NOERROR"))), func(e *Evidence) { e.DNS.Seen.Config.OverTCP = true }),
		},
		"a stub that asks two, of which one is dead": {
			evidence: alone(resolvers(root(stub, "NOERROR")), asksToo(root(resolver, "NOERROR")), asksToo(rootless(otherIPv4, probes.Timeout))),
			causes:   []string{"dns.resolver-timeout warn proven @ 203.0.113.11"}, checks: []string{"dns warn < dns.resolver-timeout"},
		},
		"a silent stub that asks two, of which one is dead": {
			evidence: alone(resolvers(rootless(stub, probes.Timeout)), asksToo(root(resolver, "NOERROR")), asksToo(rootless(otherIPv4, probes.Timeout))),
			causes:   []string{"dns.resolver-timeout fail proven @ 203.0.113.11"}, checks: []string{"dns fail < dns.resolver-timeout"},
		},
		"a router forbids DNS":        {evidence: alone(resolvers(forbids(rootless(resolver, probes.Unreachable)))), causes: []string{"route.admin-prohibited fail proven @ 198.51.100.1"}},
		"the clock, by a time server": {evidence: alone(timeServer(time.Hour)), causes: []string{"clock.local-skew warn proven"}, checks: []string{"clock warn"}},
		"IPv6's gateway and the resolver": {
			evidence: alone(resolvers(rootless(resolver, probes.Refused)), gateways(hop(gatewayIPv4, "reachable"), dead6)),
			causes:   []string{"route.gateway-unreachable warn proven @ 2001:db8:1::1", "dns.resolver-refused fail proven @ 198.51.100.53"},
		},
		"interrupted": {
			evidence: alone(interruptedBy(Interrupted, func(e *Evidence) { e.DNS = nil })), verdict: VerdictUnknown, checks: []string{"dns skip"},
		},
	}
}

// rules are this machine's own, and what they do to questions for the resolver.
func rules(action firewall.Action) change {
	return func(e *Evidence) {
		output := firewall.Chain{Family: "inet", Table: "filter", Name: "output", Type: "filter", Hook: "output", Policy: "drop", Rules: 3}
		e.Firewall = done(firewall.Result{Chains: []firewall.Chain{output}, Answers: []firewall.Answer{{
			Packet: queryTo(netip.AddrPortFrom(resolver, 53), routeTo(resolver, "resolver").Seen), Action: action, Family: "inet", Table: "filter",
			Chain: "output", Text: "policy drop",
		}}})
	}
}

func withoutChecking(code string) dns.Answer {
	a := root(resolver, code)
	a.CheckingDisabled = true
	return a
}

func forbids(a dns.Answer) dns.Answer {
	a.Fault.ICMP = &probes.ICMP{Type: 3, Code: 13, From: router}
	return a
}

// withoutGlobalIPv6 leaves IPv6 a default route, and no address for it.
func withoutGlobalIPv6(e *Evidence) {
	for i := range e.Routes {
		if r := &e.Routes[i].Seen; r.Destination == someIPv6 {
			r.Source = addr("fe80::5")
		}
	}
}

// throughTunnel sends everything into a point-to-point link.
func throughTunnel(e *Evidence) {
	interfaces(ethernet, link.Interface{Name: "tun0", Up: true, Carrier: true, PointToPoint: true, MTU: 1400, Addresses: prefixes("10.8.0.2/32")})(e)
	for i := range e.Routes {
		e.Routes[i].Seen.Interface, e.Routes[i].Seen.Gateway = "tun0", netip.Addr{}
	}
	through := hop(resolver, "none")
	through.Interface = "tun0"
	gateways(through)(e)
}

// anchored is a host that the user named, beyond the IPv4 gateway.
func anchored(connected bool) change {
	return func(e *Evidence) {
		a := Anchor{Name: "www.example.net", Address: netip.AddrPortFrom(otherIPv4, 443), Connected: connected}
		if !connected {
			a.Fault = fault("dial", probes.Timeout)
		}
		e.Anchors = []Measured[Anchor]{*done(a)}
	}
}

// TestMachine looks at this machine, over resolvers of a network in memory.
func TestMachine(t *testing.T) {
	for name, c := range map[string]struct {
		servers []string
		family  int
		answers int
		took    time.Duration
	}{
		"a resolver":              {[]string{"127.0.0.53"}, 0, 1, time.Second},
		"a resolver, IPv4 only":   {[]string{"127.0.0.53"}, 4, 1, time.Second},
		"a resolver and two dead": {[]string{"127.0.0.54", "127.0.0.53", "127.0.0.55"}, 0, 1, 10 * time.Second},
		"dead resolvers":          {[]string{"127.0.0.54", "127.0.0.55", "127.0.0.56"}, 0, 0, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			o := Options{ResolvConf: resolvConf(t, c.servers...), Family: c.family}
			synctest.Test(t, func(t *testing.T) {
				i := newInternet()
				i.records[addr("127.0.0.53")] = []netip.Addr{}
				o.Host = i.host()
				start := time.Now()
				report := Diagnose(t.Context(), nil, o)
				assert.LessOrEqual(t, time.Since(start), c.took)
				assertSound(t, report)
				assert.Nil(t, report.Target)
				assert.Empty(t, i.dialed, "nobody but the resolvers is spoken to")
				answers, ways := 0, 0
				for _, r := range report.Checks {
					switch seen := r.Observation.(type) {
					case *dns.Result:
						_, answered := split(seen.Direct, func(a dns.Answer) bool { return a.Code == "" })
						answers += len(answered)
					case *route.Result:
						if seen.Purpose == "default" {
							ways++
							assert.True(t, c.family == 0 || c.family == familyOf(seen.Destination))
						}
					case *route.Neighbour:
						assert.False(t, seen.Asked, "the gateways of this machine are not those of that network")
					}
				}
				assert.Equal(t, c.answers, answers)
				assert.Equal(t, map[int]int{0: 2, 4: 1}[c.family], ways)
			})
		})
	}
}

func TestMachineInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	report := Diagnose(ctx, nil, Options{ResolvConf: resolvConf(t, "127.0.0.53"), Host: newInternet().host()})
	assert.Equal(t, Interrupted, report.Interrupted)
	assert.Equal(t, VerdictUnknown, report.Verdict)
	assertSound(t, report)
}
