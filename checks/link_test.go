package checks

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

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

// withState is an interface with one address, and what is true of that.
func withState(i link.Interface, state link.Address, address string) link.Interface {
	state.Prefix = netip.MustParsePrefix(address)
	i.Addresses = append(slices.Clone(i.Addresses), state)
	return i
}

// counting is an interface whose counters rose so far while the probes ran.
func counting(rose link.Counters) link.Interface {
	i := ethernet
	i.Counters, i.Rose = &link.Counters{CRCErrors: 700, ReceiveErrors: 700, Received: 9000, Sent: 9000}, &rose
	return i
}

func addressStateCases() map[string]verdictCase {
	const byIPv6, byName = "ftp://[2001:db8:2::10]", "ftp://" + serverName
	bare := as(ethernet, "eth0", true, true, "fe80::5/64")
	duplicate := withState(bare, link.Address{Duplicate: true}, "2001:db8:1::5/64")
	onlyIPv4 := withState(as(ethernet, "eth0", true, true, "192.0.2.5/24", "fe80::5/64"), link.Address{Duplicate: true}, "2001:db8:1::5/64")
	withoutOwnIPv6 := func(e *Evidence) {
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination.Is6() {
				r.Source = addr("fe80::5")
			}
		}
	}
	return map[string]verdictCase{
		"another host has our only address": {
			evidence: given(byIPv6, interfaces(duplicate), withoutRoutes), causes: []string{"link.duplicate-address fail proven @ eth0"},
			checks: []string{"link fail", "route fail < link.duplicate-address", "tcp fail < link.duplicate-address"},
		},
		"another host has our IPv6 address, and the target is known by it alone": {
			evidence: given(byIPv6, interfaces(onlyIPv4), withoutRoutes), causes: []string{"link.duplicate-address fail proven @ eth0"},
		},
		"another host has our IPv6 address, and IPv4 works": {
			evidence: given(byName, addresses(serverIPv4, serverIPv6), answered(serverIPv4, serverIPv6), unconnected(serverIPv6, fault("connect", probes.Timeout)),
				interfaces(onlyIPv4), withoutOwnIPv6),
			causes: []string{"link.duplicate-address warn proven @ eth0"}, checks: []string{"link warn"},
		},
		"another host has our IPv6 address, and IPv4 has no route": {
			evidence: given(byName, addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4), interfaces(onlyIPv4),
				refusedRoute(serverIPv6, probes.NoRoute, ""), refusedRoute(serverIPv4, probes.NoRoute, "")),
			causes: []string{"link.duplicate-address fail proven @ eth0", "route.local-policy fail likely @ 203.0.113.10"},
			checks: []string{"link fail"},
		},
		"another host has an IPv6 address of ours, and the target none": {
			evidence: given(byName, interfaces(onlyIPv4)), causes: nil, checks: []string{"link pass"},
		},
		"another host has one of our two addresses": {
			evidence: given(byIPv6, interfaces(withState(ethernet, link.Address{Duplicate: true}, "2001:db8:1::6/64"))), causes: nil,
		},
		"an address is still tentative": {
			evidence: given(byIPv6, interfaces(withState(bare, link.Address{Tentative: true}, "2001:db8:1::5/64")), withoutRoutes),
			causes:   []string{"link.no-address fail proven @ eth0"},
		},
		"a deprecated address is all there is": {
			evidence: given(byIPv6, interfaces(withState(bare, link.Address{Deprecated: true}, "2001:db8:1::5/64"))), causes: nil,
		},
		"an interface that waits to be let in": {
			evidence: given(byName, interfaces(dormant(bare)), withoutRoutes), causes: []string{"link.no-address fail proven @ eth0"},
		},
	}
}

// claimed is what came of asking eth0 who has an address.
func claimed(address netip.Addr, by ...string) change {
	return func(e *Evidence) {
		e.Link.Seen.Claims = append(e.Link.Seen.Claims, link.Claim{Interface: "eth0", Address: address, By: by, Took: seconds(1)})
	}
}

func claimCases() map[string]verdictCase {
	const byAddress, stranger, gateway = "ftp://203.0.113.10", "02:00:00:00:00:66", "02:00:00:00:00:01"
	silent := func(changes ...change) *Evidence { return given(byAddress, append([]change{filtered}, changes...)...) }
	return map[string]verdictCase{
		"another host has our address": {
			evidence: silent(claimed(ownIPv4, stranger)), causes: []string{"link.duplicate-address fail proven @ eth0"},
			checks: []string{"tcp fail < link.duplicate-address"},
		},
		"another host has our address, and something gets through": {
			evidence: given(byAddress, claimed(ownIPv4, stranger)), causes: []string{"link.duplicate-address warn proven @ eth0"},
		},
		"nobody else has our address": {evidence: silent(claimed(ownIPv4)), causes: []string{"tcp.filtered fail likely"}},
		"the gateway answers for every address of its network": {
			evidence: silent(claimed(ownIPv4, gateway)), causes: []string{"tcp.filtered fail likely"},
		},
		"something answers for every address there is": {
			evidence: silent(claimed(ownIPv4, stranger), claimed(someIPv4, stranger)), causes: []string{"tcp.filtered fail likely"},
		},
		"two answer for the gateway": {
			evidence: silent(claimed(ownIPv4), claimed(gatewayIPv4, gateway, stranger)),
			causes:   []string{"link.duplicate-address warn likely @ eth0", "tcp.filtered fail likely"},
		},
		"two answer for a gateway that works": {
			evidence: given(byAddress, claimed(gatewayIPv4, gateway, stranger)), causes: nil,
		},
		"nobody may ask": {
			evidence: silent(func(e *Evidence) {
				e.Link.Seen.Claims = []link.Claim{{Interface: "eth0", Address: ownIPv4, Fault: fault("ARP", probes.Prohibited)}}
			}),
			causes: []string{"tcp.filtered fail likely"},
		},
	}
}

func dormant(i link.Interface) link.Interface {
	i.State = "dormant"
	return i
}

func errorCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	return map[string]verdictCase{
		"packets came in damaged": {
			evidence: given(byName, interfaces(counting(link.Counters{CRCErrors: 4, ReceiveErrors: 4, Received: 60, Sent: 55}))),
			causes:   []string{"link.errors warn proven @ eth0"}, checks: []string{"link warn"},
		},
		"packets came in damaged, and were sent again": {
			evidence: given("tcp://"+serverName+":443", exchanged(12, 6, 0), interfaces(counting(link.Counters{CRCErrors: 7, Received: 60, Sent: 55}))),
			causes:   []string{"link.errors warn proven @ eth0"}, checks: []string{"tcp warn < link.errors"},
		},
		"packets came in damaged, and round trips differ": {
			evidence: given(byName, spoken(15, 0, jittery), interfaces(counting(link.Counters{CRCErrors: 7, Received: 60, Sent: 55}))),
			causes:   []string{"link.errors warn proven @ eth0"},
		},
		"packets could not be sent": {
			evidence: given(byName, interfaces(counting(link.Counters{TransmitErrors: 9, Received: 60, Sent: 55}))),
			causes:   []string{"link.errors warn proven @ eth0"},
		},
		"errors of the past": {
			evidence: given(byName, interfaces(counting(link.Counters{Received: 60, Sent: 55}))), causes: nil, checks: []string{"link pass"},
		},
		"drops alone": {
			evidence: given(byName, interfaces(counting(link.Counters{ReceiveDropped: 50, TransmitDropped: 9, Received: 60, Sent: 55}))), causes: nil,
		},
		"collisions alone": {
			evidence: given(byName, interfaces(counting(link.Counters{Collisions: 50, Received: 60, Sent: 55}))), causes: nil,
		},
		"a stray error": {
			evidence: given(byName, interfaces(counting(link.Counters{CRCErrors: 2, Received: 60, Sent: 55}))), causes: nil,
		},
		"few errors among the packets of a busy machine": {
			evidence: given(byName, interfaces(counting(link.Counters{CRCErrors: 20, Received: 60000, Sent: 55}))), causes: nil,
		},
		"errors of an interface that is not used": {
			evidence: given(byName, func(e *Evidence) {
				idle := counting(link.Counters{CRCErrors: 20, Received: 60})
				idle.Name, idle.Index, idle.Addresses = "eth1", 3, prefixes("198.51.100.77/24")
				e.Link.Seen.Interfaces = append(e.Link.Seen.Interfaces, idle)
			}), causes: nil,
		},
	}
}

func TestDescribeLinks(t *testing.T) {
	half, wifi, wireguard, idle := ethernet, ethernet, ethernet, as(ethernet, "eth1", true, true, "198.51.100.77/24")
	half.Duplex, half.Speed = "half", 100
	wifi.Medium = "wifi"
	wireguard.Medium, wireguard.Kind = "vpn", "wireguard"
	full := ethernet
	full.Duplex, full.Speed, full.Medium = "full", 1000, "ethernet"
	deprecated := withState(as(ethernet, "eth0", true, true), link.Address{Deprecated: true}, "2001:db8:1::5/64")
	for name, test := range map[string]struct {
		interfaces []link.Interface
		want       string
	}{
		"a cable":              {[]link.Interface{full}, "eth0 up, MTU 1500, 192.0.2.5/24, 2001:db8:1::5/64"},
		"half duplex":          {[]link.Interface{half}, "eth0 up, MTU 1500, half duplex 100 Mb/s, 192.0.2.5/24, 2001:db8:1::5/64"},
		"Wi-Fi":                {[]link.Interface{wifi}, "eth0 (Wi-Fi) up, MTU 1500, 192.0.2.5/24, 2001:db8:1::5/64"},
		"VPN":                  {[]link.Interface{wireguard}, "eth0 (VPN, wireguard) up, MTU 1500, 192.0.2.5/24, 2001:db8:1::5/64"},
		"a deprecated address": {[]link.Interface{deprecated}, "eth0 up, MTU 1500, 2001:db8:1::5/64 (deprecated)"},
		"one is used":          {[]link.Interface{full, idle}, "eth0 up, MTU 1500, 192.0.2.5/24, 2001:db8:1::5/64; not used: eth1"},
		"many are not used": {
			[]link.Interface{full, idle, idle, idle, idle, idle},
			"eth0 up, MTU 1500, 192.0.2.5/24, 2001:db8:1::5/64; not used: eth1, eth1, eth1 and 2 more",
		},
	} {
		t.Run(name, func(t *testing.T) {
			report := judge(t, given("ftp://"+serverName, interfaces(test.interfaces...)))
			i := slices.IndexFunc(report.Checks, func(r Result) bool { return r.ID == "link" })
			assert.Equal(t, test.want, report.Checks[i].Summary)
		})
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
