package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/pki"
)

// clearly adds an anchor that answers in clear.
func clearly(name string, at netip.Addr, status int, location string) change {
	return func(e *Evidence) {
		try := anchorTried(at, nil)
		a := Anchor{Name: name, Address: netip.AddrPortFrom(at, 80), Connected: true, Tries: []AnchorTry{try}}
		a.HTTP = &http.Result{Address: a.Address, Method: "GET", Path: connectivityPath, Host: name, Status: status, Location: location}
		e.Anchors = append(e.Anchors, *done(a))
	}
}

// pageSays is what the target answers in clear.
func pageSays(status int, location string) change {
	return func(e *Evidence) { e.HTTP.Seen.Status, e.HTTP.Seen.Location = status, location }
}

func portalCases() map[string]verdictCase {
	const tlsSite, site, server = "https://" + serverName, "http://" + serverName, "tcp://203.0.113.10:22"
	net := func(to string) change { return clearly("www.example.net", firstIPv4, 302, to) }
	org := func(to string) change { return clearly("www.example.org", secondIPv4, 302, to) }
	const inside, outside = "//portal.hotel.lan", "//login.example.info"
	namedFor := func(name string) change {
		return func(e *Evidence) { e.Chain.Seen.Certificates[0].DNSNames = []string{name} }
	}
	ourGateway := addr("192.168.1.1")
	madeUpAt := func(to netip.Addr) change {
		return func(e *Evidence) {
			for _, name := range []string{"nobodys-name.com.", "nobody-elses-name.com."} {
				e.DNS.Seen.Invented = append(e.DNS.Seen.Invented, dns.Answer{
					Server: netip.AddrPortFrom(resolver, 53), Name: name, Type: "A", Transport: "udp", Code: "NOERROR", Addresses: []netip.Addr{to}, Attempts: 1,
				})
			}
		}
	}
	otherName := namedFor("portal.hotel.lan")
	noTarget := func(e *Evidence) { e.Target, e.TCP = nil, nil }
	ours, far := gatewayIPv4.String(), farRouter.String()
	return map[string]verdictCase{
		"two hosts are sent to one place, and the certificate is another's": {
			evidence: given(tlsSite, net(inside), org(inside), otherName), causes: []string{"path.captive-portal fail proven @ portal.hotel.lan"},
			checks: []string{"tls.certificate fail < path.captive-portal", "anchor fail < path.captive-portal", "tls.handshake pass"},
		},
		"the place is on the Internet, and the certificate is that place's": {
			evidence: given(tlsSite, net(outside), org(outside), namedFor("login.example.info")), causes: []string{"path.captive-portal fail proven"},
		},
		"the place is on the Internet, and the certificate is nobody's": {
			evidence: given(tlsSite, net(outside), org(outside), otherName, certificate(untrusted(pki.UnknownAuthority))), causes: []string{"path.captive-portal fail likely"},
		},
		"the place is on the Internet, and the certificate is a good one for another name": {
			evidence: given(tlsSite, net(outside), org(outside), otherName),
			causes:   []string{"path.captive-portal info likely", "cert.name-mismatch fail proven"}, checks: []string{"tls.certificate fail < cert.name-mismatch"},
		},
		"the place is on the Internet, and the handshake fails": {
			evidence: given(tlsSite, net(outside), org(outside), func(e *Evidence) { e.Handshake.Seen.Fault, e.Chain = fault("handshake", probes.Reset), nil }),
			causes:   []string{"path.captive-portal fail likely"},
		},
		"the handshake fails": {
			evidence: given(tlsSite, net(inside), org(inside), func(e *Evidence) { e.Handshake.Seen.Fault, e.Chain = fault("handshake", probes.Reset), nil }),
			causes:   []string{"path.captive-portal fail proven"}, checks: []string{"tls.handshake fail < path.captive-portal"},
		},
		"the resolver leads every name to the portal": {
			evidence: given(tlsSite, clearly("www.example.net", ourGateway, 302, inside), clearly("www.example.org", ourGateway, 302, inside), otherName, madeUpAt(ourGateway)),
			causes:   []string{"path.captive-portal fail proven"},
		},
		"the resolver leads names elsewhere than to the portal": {
			evidence: given(tlsSite, net(inside), org(inside), otherName, madeUpAt(otherIPv4)),
			causes:   []string{"path.captive-portal fail proven", "dns.hijacked warn proven"},
		},
		"the resolver leads every name elsewhere, and nothing tells of a portal": {
			evidence: given(tlsSite, otherName, madeUpAt(serverIPv4)), causes: []string{"dns.hijacked fail proven"},
			checks: []string{"tls.certificate fail < dns.hijacked"},
		},
		"the resolver leads names that nobody has elsewhere, and the target's certificate is another's": {
			evidence: given(tlsSite, otherName, madeUpAt(otherIPv4)), causes: []string{"dns.hijacked warn proven", "cert.name-mismatch fail proven"},
		},
		"no resolver answers": {
			evidence: given(tlsSite, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...), net(inside), org(inside)),
			causes:   []string{"path.captive-portal fail proven", "dns.resolver-timeout fail likely"},
		},
		"the port is dropped":  {evidence: given(server, filtered, net(inside), org(inside)), causes: []string{"path.captive-portal fail proven"}, checks: []string{"tcp fail < path.captive-portal"}},
		"the port is refused":  {evidence: given(server, unconnected(serverIPv4, fault("connect", probes.Refused)), net(inside), org(inside)), causes: []string{"path.captive-portal fail proven"}},
		"the port is rejected": {evidence: given(server, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, gatewayIPv4)), net(inside), org(inside)), causes: []string{"path.captive-portal fail proven"}},
		"the port is rejected by this machine itself": {
			evidence: given(server, unconnected(serverIPv4, byICMP("connect", probes.Refused, 3, 3, ownIPv4)), net(inside), org(inside)),
			causes:   []string{"path.captive-portal info proven", "tcp.local-firewall fail proven"},
		},
		"the target is let through":             {evidence: given(tlsSite, net(inside), org(inside)), causes: []string{"path.captive-portal info proven"}, verdict: VerdictOK},
		"two hosts lead to one on the Internet": {evidence: given(server, filtered, net(outside), org(outside)), causes: []string{"path.captive-portal fail likely"}},
		"three hosts lead to one on the Internet": {
			evidence: given(server, filtered, net(outside), org(outside), clearly("www.example.com", otherIPv4, 302, outside)), causes: []string{"path.captive-portal fail likely"},
		},
		"two hosts lead to one on the Internet, and the target is lost there, too": {
			evidence: given(server, filtered, net(outside), org(outside), traced(toTargetPort, 22, 1, ours, far, "*")),
			causes:   []string{"path.captive-portal info likely", "tcp.filtered fail proven"},
		},
		"two hosts lead to one on the Internet, and the target is lost behind the next hop": {
			evidence: given(server, filtered, net(outside), org(outside), traced(toTargetPort, 22, 1, ours, "*")), causes: []string{"path.captive-portal fail likely"},
		},
		"this machine's anchors lead to one on the Internet":         {evidence: given(server, noTarget, net(outside), org(outside)), causes: []string{"path.captive-portal warn likely"}},
		"this machine's anchors lead to one that has no place there": {evidence: given(server, noTarget, net(inside), org(inside)), causes: []string{"path.captive-portal fail proven"}},
		"the target and an anchor have one login on the Internet": {
			evidence: given(site, pageSays(302, "http://login.example.info/login"), net(outside)), causes: []string{"path.captive-portal warn likely"},
			checks: []string{"http warn < path.captive-portal"},
		},
		"two hosts of the inside have one login there": {
			evidence: given(tlsSite, clearly("www.example.net", addr("10.1.1.1"), 302, inside), clearly("www.example.org", addr("10.1.1.2"), 302, inside)),
			causes:   []string{"path.captive-portal info likely"},
		},
		"one host is sent to a private address": {evidence: given(server, filtered, net("//192.168.1.1")), causes: []string{"path.captive-portal fail likely @ 192.168.1.1"}},
		"a host at home is sent to another":     {evidence: given(server, filtered, clearly("printer.lan", firstIPv4, 302, "//nas.lan")), causes: []string{"tcp.filtered fail proven"}},
		"one host leads to another":             {evidence: given(server, filtered, net(outside)), causes: []string{"tcp.filtered fail proven"}},
		"two hosts of one owner": {
			evidence: given(tlsSite, clearly("a.example.net", firstIPv4, 302, inside), clearly("b.example.net", secondIPv4, 302, inside), otherName),
			causes:   []string{"path.captive-portal fail likely"},
		},
		"each leads to its own": {evidence: given(site, net("//example.net"), org("//www.example.org"), pageSays(301, "https://"+serverName+"/")), causes: nil},
		"each leads elsewhere":  {evidence: given(site, net("//www.example.info"), org("//www.example.edu")), causes: nil},
		"the target and an anchor are sent to one place": {
			evidence: given(site, pageSays(302, "http://portal.hotel.lan/login"), net(inside)), causes: []string{"path.captive-portal fail proven"},
			checks: []string{"http fail < path.captive-portal"},
		},
		"the target says that a login is needed": {evidence: given(site, pageSays(511, "")), causes: []string{"path.captive-portal fail proven @ 203.0.113.10"}},
		"an anchor says that a login is needed": {
			evidence: given(server, filtered, clearly("www.example.net", firstIPv4, 511, "")), causes: []string{"path.captive-portal fail proven"},
		},
		"anchors that answer as they should": {
			evidence: given(site, clearly("www.example.net", firstIPv4, 204, ""), clearly("www.example.org", secondIPv4, 404, "")), causes: nil,
		},
	}
}
