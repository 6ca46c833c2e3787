package checks

import (
	"net/netip"
	"reflect"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tls"
)

// on is the evidence as another system gives it.
func on(os string) change { return func(e *Evidence) { e.Tool.OS = os } }

// withoutNeighbours is a system that does not tell its neighbour table.
func withoutNeighbours(e *Evidence) {
	for i := range e.Gateways {
		n := &e.Gateways[i].Seen
		*n = route.Neighbour{Address: n.Address, Interface: n.Interface, State: "none", Fault: fault("neighbour", probes.Unsupported)}
	}
}

// sourceAlone is a system that tells no more of a route than the address that packets are sent from.
func sourceAlone(e *Evidence) {
	for i := range e.Routes {
		r := &e.Routes[i].Seen
		r.Type, r.Gateway, r.Network = "", netip.Addr{}, netip.Prefix{}
	}
	withoutNeighbours(e)
}

// systemsCases are reports from other systems than Linux.
func systemsCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	// What macOS lists besides the one interface that leads anywhere: up, with a link-local address, and for Apple's own use.
	airdrop := as(ethernet, "awdl0", true, true, "fe80::1/64")
	tunnel := link.Interface{Name: "utun0", Index: 9, PointToPoint: true, Up: true, Carrier: true, MTU: 1380, Addresses: prefixes("fe80::2/64")}
	dark := as(ethernet, "en0", true, false)
	throughTunnel := func(e *Evidence) { // macOS keeps IPv6 default routes by its tunnels even where there is no IPv6
		for i := range e.Routes {
			if r := &e.Routes[i].Seen; r.Destination == serverIPv6 {
				r.Interface, r.Gateway, r.Source = "utun0", addr("fe80::"), addr("fe80::2")
			}
		}
	}
	stale := hop(serverIPv4, "stale")
	return map[string]verdictCase{
		"macOS, all is well": {
			evidence: given(byName, on("darwin"), interfaces(ethernet, airdrop, tunnel, dark), gateways(hop(gatewayIPv4, "stale"))), causes: nil,
			checks: []string{"link pass", "route pass", "gateway pass", "tcp pass"},
		},
		"a system that tells sources alone, all is well": {
			evidence: given(byName, on("openbsd"), sourceAlone), causes: nil, checks: []string{"route pass", "gateway skip", "tcp pass"},
		},
		"Windows, all is well": {
			evidence: given(byName, on("windows"), interfaces(ethernet, as(ethernet, "Local Area Connection* 1", true, false, "169.254.3.4/16"))), causes: nil,
		},
		"no word of the route's source, and silence": {
			evidence: given(byAddress, on("openbsd"), sourceAlone, filtered), causes: []string{"tcp.filtered fail likely"},
		},
		"silent, while a resolver beyond the gateway answers: an ICMP error may have come": {
			evidence: given(byName, on("darwin"), filtered), causes: []string{"tcp.filtered fail likely @ 203.0.113.10:21"},
		},
		"silent, and its neighbour entry is of long ago": {
			evidence: given(byAddress, on("darwin"), onLink(serverIPv4), gateways(stale), filtered), causes: []string{"tcp.filtered fail likely"},
		},
		"host unreachable, behind a gateway": {
			evidence: given(byName, on("darwin"), unconnected(serverIPv4, fault("connect", probes.Unreachable))),
			causes:   []string{"route.unreachable-remote fail likely @ 203.0.113.10"},
		},
		"network unreachable, behind a gateway": {
			evidence: given(byName, on("windows"), unconnected(serverIPv4, fault("connect", probes.NoRoute))), causes: []string{"route.unreachable-remote fail likely"},
		},
		"host unreachable, on our own link": {
			evidence: given(byAddress, on("darwin"), onLink(serverIPv4), withoutNeighbours, unconnected(serverIPv4, fault("connect", probes.Unreachable))),
			causes:   []string{"unexplained.tcp fail unknown"},
		},
		"host unreachable, on our own link, where nobody answers ARP": {
			evidence: given(byAddress, on("darwin"), onLink(serverIPv4), gateways(hop(serverIPv4, "failed")), unconnected(serverIPv4, fault("connect", probes.Unreachable))),
			causes:   []string{"route.unreachable-remote fail likely"}, checks: []string{"gateway fail"},
		},
		"forbidden by the firewall of Windows": {
			evidence: given(byName, on("windows"), unconnected(serverIPv4, fault("connect", probes.Prohibited))), causes: []string{"route.local-policy fail likely"},
		},
		"an ICMP error that Windows tells": {
			evidence: given(byName, on("windows"), unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, router))),
			causes:   []string{"route.admin-prohibited fail proven @ 198.51.100.1"},
		},
		"one of two addresses ends in an error of no known kind": {
			evidence: given(byName, on("windows"), both, unconnected(serverIPv6, fault("connect", probes.Other))), causes: []string{"unexplained.tcp warn unknown"},
			checks: []string{"tcp 203.0.113.10 pass", "ftp.control pass"},
		},
		"macOS without IPv6": {
			evidence: given(byName, on("darwin"), both, throughTunnel, unconnected(serverIPv6, fault("connect", probes.Unreachable))), causes: nil,
			checks: []string{"tcp 2001:db8:2::10 skip", "tcp 203.0.113.10 pass"},
		},
		"the target's IPv6 is refused": {
			evidence: given(byName, on("darwin"), both, unconnected(serverIPv6, fault("connect", probes.Refused))), causes: []string{"ip6.target-broken warn likely"},
		},
		"the resolver's port is closed": {
			evidence: given(byName, on("windows"), unresolved(probes.Other, unanswered(resolver, probes.Refused)...)), causes: []string{"dns.resolver-refused fail likely"},
		},
		"no resolver in a file that macOS does not use": {
			evidence: given(byName, on("darwin"), unresolved(probes.NotFound), func(e *Evidence) {
				e.DNS.Seen.Config = dns.Config{File: "/etc/resolv.conf", Fault: fault("read", probes.Other)}
			}),
			causes: []string{"dns.no-resolver fail likely"},
		},
		"no Wi-Fi, beside interfaces of the system's own": {
			evidence: given(byAddress, on("darwin"), interfaces(dark, airdrop, tunnel), withoutRoutes), causes: []string{"link.no-address fail likely"},
		},
		"a blackhole route": {
			evidence: given(byAddress, on("freebsd"), refusedRoute(serverIPv4, probes.Blackhole, "blackhole")), causes: []string{"route.local-policy fail proven"},
		},
		"a handshake that stalls, where the kernel does not count": {
			evidence: given(tlsTarget, on("darwin"), swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, got(0), kernel(partial(seconds(0.03))))),
			causes:   []string{"tls.handshake-stall fail likely"},
		},
		"a name that is swallowed, where the kernel does not count": {
			evidence: given(tlsTarget, on("windows"), swallowed(probes.Timeout, noAnswer, noAnswer, completedAnswer, completedAnswer, got(0), kernel(partial(seconds(0.03))))),
			causes:   []string{"tls.sni-filtered fail likely"},
		},
	}
}

// partial is what other kernels than Linux tell of a connection.
func partial(rtt probes.Millis) probes.Transport { return probes.Transport{Partial: true, RTT: rtt} }

// TestWhatIsHiddenProvesNothing takes away from every case what Linux alone tells: what is well stays well, and nothing is proven that was
// not proven with all of it.
func TestWhatIsHiddenProvesNothing(t *testing.T) {
	hidings := map[string]func(*probes.Fault){
		"the error number remains": func(*probes.Fault) {},
		"only silence remains":     func(f *probes.Fault) { f.Kind = probes.Timeout },
	}
	for about, table := range tables() {
		for name, c := range table {
			if c.evidence.Tool.OS != "linux" {
				continue
			}
			for hiding, remains := range hidings {
				t.Run(about+"/"+name+"/"+hiding, func(t *testing.T) {
					hidden := clone(t, c.evidence)
					hidden.Tool.OS = "darwin"
					hide(reflect.ValueOf(hidden), remains)
					withoutNeighbours(hidden)
					hidden.Paths = nil
					assertNoMore(t, Judge(c.evidence), Judge(hidden))
				})
			}
		}
	}
}

// assertNoMore holds a verdict on part of the evidence against that on all of it.
func assertNoMore(t *testing.T, whole, part *Report) {
	t.Helper()
	known := map[string]bool{}
	for _, cause := range whole.Causes {
		known[cause.ID] = cause.Confidence == Proven
	}
	for _, cause := range part.Causes {
		assert.True(t, cause.Confidence != Proven || known[cause.ID], "%s is proven by less: %s", cause.ID, cause.Summary)
	}
	switch failed := slices.ContainsFunc(whole.Causes, func(c Cause) bool { return c.Severity == SeverityFail }); {
	case whole.Verdict == VerdictOK:
		assert.Equal(t, VerdictOK, part.Verdict, "%s", part.Summary)
	case !failed:
		assert.NotEqual(t, VerdictFail, part.Verdict, "%s", part.Summary)
	}
}

// hide takes away the ICMP errors of faults, of which something else remains, and what other kernels do not count of a connection.
func hide(v reflect.Value, remains func(*probes.Fault)) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			hide(v.Elem(), remains)
		}
		return
	case reflect.Slice:
		for i := range v.Len() {
			hide(v.Index(i), remains)
		}
		return
	case reflect.Struct:
	default:
		return
	}
	if !v.CanSet() {
		return
	}
	switch seen := v.Addr().Interface().(type) {
	case *probes.Fault:
		if seen.ICMP != nil {
			seen.ICMP = nil
			remains(seen)
		}
	case *probes.Transport:
		*seen = probes.Transport{Partial: true, RTT: max(seen.RTT, seconds(0.001)), Retransmits: seen.Retransmits}
	case *link.Result:
		seen.Claims = nil // nobody is asked for an address
	case *tls.Trial:
		if seen.Changed == tls.ChangedMSS {
			seen.Answer = tls.Answer{Fault: fault("connect", probes.Unsupported)}
		}
	case *tls.Handshake:
		seen.Acknowledged = 0
	case *tls.Answer:
		seen.Acknowledged = 0
	}
	for _, field := range v.Fields() {
		hide(field, remains)
	}
}
