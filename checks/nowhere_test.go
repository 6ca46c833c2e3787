package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tcp"
)

// callingNobody is what came of connections to addresses where nobody is: nil is a connection.
func callingNobody(faults ...*probes.Fault) change {
	return func(e *Evidence) {
		var n Nowhere
		for i, f := range faults {
			to := netip.AddrPortFrom([]netip.Addr{addr("198.51.100.77"), addr("192.0.2.77")}[i%2], 22)
			try := tcp.Result{Address: to, Took: seconds(0.01), Fault: f}
			if f == nil {
				try = connectedTo(to).Seen
			}
			n.Tries = append(n.Tries, try)
		}
		e.Nowhere = done(n)
	}
}

func nowhereCases() map[string]verdictCase {
	const target = "tcp://203.0.113.10:22"
	silence := fault("connect", probes.Timeout)
	two := all(addresses(serverIPv4, otherIPv4), func(e *Evidence) { e.DNS.Seen.Direct = nil }, answered(serverIPv4, otherIPv4), func(e *Evidence) { e.DNS.Seen.Direct = nil })
	return map[string]verdictCase{
		"everything is accepted": {
			evidence: given(target, callingNobody(nil, nil)), causes: []string{"path.transparent-proxy warn proven"}, checks: []string{"nowhere warn", "tcp pass"},
		},
		"everything is accepted, by what intercepts TLS": {
			evidence: given(tlsTarget, inspected(true, "www.example.net"), callingNobody(nil, nil)), causes: []string{"tls.intercepted warn proven"},
			checks: []string{"nowhere warn < tls.intercepted"},
		},
		"everything is accepted, by a portal": {
			evidence: given("http://"+serverName, pageSays(511, ""), callingNobody(nil, nil)), causes: []string{"path.captive-portal fail proven"},
			checks: []string{"nowhere warn < path.captive-portal"},
		},
		"one is accepted":                  {evidence: given(target, callingNobody(nil, silence)), causes: nil, checks: []string{"nowhere pass"}},
		"one alone was tried":              {evidence: given(target, callingNobody(nil)), causes: nil},
		"nobody answers":                   {evidence: given(target, callingNobody(silence, silence)), causes: nil, checks: []string{"nowhere pass"}},
		"a router says that there is none": {evidence: given(target, callingNobody(byICMP("connect", probes.Unreachable, 3, 1, router), silence)), causes: nil},
		"it was over before":               {evidence: given(target, callingNobody(fault("connect", probes.Interrupted), fault("connect", probes.Interrupted))), causes: nil},
		"somebody, and not nobody, was called": {
			evidence: given(target, callingNobody(nil, nil), func(e *Evidence) {
				e.Nowhere.Seen.Tries[0].Address = netip.AddrPortFrom(otherIPv4.Next().Next(), 22)
				e.Nowhere.Seen.Tries[1].Address = netip.MustParseAddrPort("8.8.8.8:22")
			}),
			causes: nil,
		},
		"everything is accepted but the target: another address that is accepted says nothing": {
			evidence: given("tcp://"+serverName+":22", two, unconnected(serverIPv4, silence), callingNobody(nil, nil)),
			causes:   []string{"path.transparent-proxy warn proven", "tcp.partial-backends warn likely"},
		},
	}
}
