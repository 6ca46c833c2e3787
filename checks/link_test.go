package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
)

// nothingAbove is what is left where there is no connection to the target.
func nothingAbove(e *Evidence) {
	e.Handshake, e.Chain, e.Control, e.Security, e.Passive, e.Active = nil, nil, nil, nil, nil, nil
}

// withoutRoutes is a kernel that knows no way to anywhere: no packet leaves, no name resolves, nothing connects.
func withoutRoutes(e *Evidence) {
	e.Gateways = nil
	for i := range e.Routes {
		r := &e.Routes[i].Seen
		*r = route.Result{Destination: r.Destination, Purpose: r.Purpose, Fault: fault("route", probes.NoRoute)}
	}
	if e.DNS != nil {
		unresolved(probes.Other, unanswered(resolver, probes.NoRoute)...)(e)
	}
	for i := range e.TCP {
		e.TCP[i].Seen.Fault, e.TCP[i].Seen.Local = fault("connect", probes.NoRoute), netip.AddrPort{}
	}
	nothingAbove(e)
}

// unresolved is a name without an address, and what the servers said of it.
func unresolved(system probes.Kind, direct ...dns.Answer) change {
	return func(e *Evidence) {
		addresses()(e)
		nothingAbove(e)
		e.DNS.Seen.System, e.DNS.Seen.Direct = dns.Lookup{Took: seconds(1), Fault: fault("lookup", system)}, direct
	}
}

// unanswered are a server's missing answers to both questions.
func unanswered(server netip.Addr, kind probes.Kind) []dns.Answer {
	var all []dns.Answer
	for _, typ := range []string{"A", "AAAA"} {
		a := answer(server, typ, "")
		a.Fault = fault("query", kind)
		all = append(all, a)
	}
	return all
}

// interfaces are those of this machine, the loopback aside.
func interfaces(all ...link.Interface) change {
	return func(e *Evidence) { e.Link.Seen.Interfaces = append([]link.Interface{loopback}, all...) }
}

func as(i link.Interface, name string, up, carrier bool, addresses ...string) link.Interface {
	i.Name, i.Up, i.Carrier, i.Addresses = name, up, carrier, prefixes(addresses...)
	return i
}

func linkCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	down := as(ethernet, "eth0", false, false, "192.0.2.5/24")
	dark := as(ethernet, "eth1", true, false, "192.0.2.6/24")
	bare := as(ethernet, "eth2", true, true, "fe80::7/64")
	follow := []string{"link fail", "route fail < link.down", "dns fail < link.down", "tcp skip < link.down", "ftp.control skip < link.down", "ftp.active skip < link.down"}
	return map[string]verdictCase{
		"no interface": {
			evidence: given(byName, interfaces(), withoutRoutes), causes: []string{"link.none fail proven"},
		},
		"the interface is down": {
			evidence: given(byName, interfaces(down), withoutRoutes), causes: []string{"link.down fail proven @ eth0"}, checks: follow,
		},
		"the interface is down, and the target an address": {
			evidence: given(byAddress, interfaces(down), withoutRoutes), causes: []string{"link.down fail proven @ eth0"},
			checks: []string{"route fail < link.down", "tcp fail < link.down", "ftp.passive skip < link.down"},
		},
		"the interface is down and lost its addresses": {
			evidence: given(byName, interfaces(as(ethernet, "eth0", false, false)), withoutRoutes), causes: []string{"link.down fail proven @ eth0"},
		},
		"an interface without a carrier": {
			evidence: given(byName, interfaces(dark), withoutRoutes), causes: []string{"link.no-carrier fail proven @ eth1"},
		},
		"two interfaces, none of them of use": {
			evidence: given(byName, interfaces(down, dark), withoutRoutes), causes: []string{"link.down fail proven @ eth0"},
		},
		"the route leads out of an interface without a carrier": {
			evidence: given(byAddress, interfaces(as(ethernet, "eth0", true, false, "192.0.2.5/24")), filtered),
			causes:   []string{"link.no-carrier fail proven @ eth0"}, checks: []string{"tcp fail < link.no-carrier"},
		},
		"a carrier, and no address": {
			evidence: given(byName, interfaces(bare), withoutRoutes), causes: []string{"link.no-address fail proven @ eth2"},
		},
		"another interface than the one that has no address is down": {
			evidence: given(byName, interfaces(down, bare), withoutRoutes), causes: []string{"link.down fail likely @ eth0"},
		},
		"an address that the interface gave itself": {
			evidence: given(byName, interfaces(as(ethernet, "eth2", true, true, "169.254.7.7/16")), withoutRoutes),
			causes:   []string{"link.autoconf-only fail proven @ eth2"},
		},
	}
}

func innocentLinkCases() map[string]verdictCase {
	return map[string]verdictCase{
		"an interface that is not used is down": {
			evidence: given("ftp://"+serverName, interfaces(ethernet, as(ethernet, "eth1", false, false))), causes: nil,
			checks: []string{"link pass"},
		},
		"an address, and no route": {
			evidence: given("ftp://"+serverName, withoutRoutes), causes: []string{"route.none fail proven @ 198.51.100.53"},
			checks: []string{"link pass", "dns fail < route.none", "ftp.passive skip < route.none"},
		},
		"an address of the other family alone": {
			evidence: given("ftp://203.0.113.10", interfaces(as(ethernet, "eth0", true, true, "2001:db8:1::5/64")), withoutRoutes),
			causes:   []string{"route.none fail proven"}, checks: []string{"tcp fail < route.none"},
		},
		"something answered all the same": {
			evidence: given("ftp://203.0.113.10", interfaces(as(ethernet, "eth0", true, false, "192.0.2.5/24"))), causes: nil,
		},
		"this machine itself is the target": {
			evidence: given("tcp://127.0.0.1:22", func(e *Evidence) {
				e.Routes[0].Seen = route.Result{Destination: addr("127.0.0.1"), Purpose: "target", Type: "local", Interface: "lo", Source: addr("127.0.0.1")}
				e.Gateways = nil
				e.TCP[0].Seen.Fault, e.TCP[0].Seen.Local = fault("connect", probes.Refused), netip.AddrPort{}
			}, interfaces(as(ethernet, "eth0", false, false))),
			causes: []string{"tcp.refused fail proven"}, checks: []string{"link pass", "gateway pass"},
		},
		"the interfaces cannot be read": {
			evidence: given("ftp://"+serverName, func(e *Evidence) { e.Link.Seen = link.Result{Fault: fault("interfaces", probes.Unsupported)} }),
			causes:   nil, checks: []string{"link skip"},
		},
	}
}
