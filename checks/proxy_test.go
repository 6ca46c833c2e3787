package checks

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/proxy"
	"github.com/rung-cli/rung/probes/route"
)

// tunnelled is a proxy that leads to the target, through which this comes.
func tunnelled(answer string) change {
	return func(e *Evidence) {
		e.Proxy = done(proxy.Result{
			Proxy: "http://192.0.2.9:3128", Address: netip.MustParseAddrPort("192.0.2.9:3128"), To: "the target", Status: 200, Reason: "OK", Answer: answer,
		})
	}
}

// proxyRefuses is a proxy that does not lead to the target.
func proxyRefuses(kind probes.Kind) change {
	return all(tunnelled(""), func(e *Evidence) {
		p := &e.Proxy.Seen
		p.Status, p.Reason, p.Fault = 403, "Forbidden", fault("response", kind)
	})
}

func proxyCases() map[string]verdictCase {
	const byName, byAddress, site = "tcp://" + serverName + ":22", "tcp://203.0.113.10:22", "https://" + serverName
	noTLS := func(e *Evidence) { e.Handshake, e.Chain, e.HTTP = nil, nil, nil }
	noRoute := func(e *Evidence) {
		for i := range e.Routes {
			r := &e.Routes[i].Seen
			*r = route.Result{Destination: r.Destination, Purpose: r.Purpose, Fault: fault("route", probes.NoRoute)}
		}
		unconnected(serverIPv4, fault("connect", probes.NoRoute))(e)
	}
	const pass = "path.proxy-only warn proven @ http://192.0.2.9:3128"
	return map[string]verdictCase{
		"the direct way is silent": {
			evidence: given(site, filtered, noTLS, tunnelled("TLS 1.3")), causes: []string{pass},
			checks: []string{"proxy pass", "tcp fail < path.proxy-only", "tls.handshake skip < path.proxy-only", "dns pass"},
		},
		"the direct way is rejected": {
			evidence: given(byName, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, gatewayIPv4)), tunnelled("")), causes: []string{pass},
		},
		"there is no route": {evidence: given(byAddress, noRoute, tunnelled("")), causes: []string{pass}, checks: []string{"route fail < path.proxy-only", "tcp fail < path.proxy-only"}},
		"the name does not resolve": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...), tunnelled("")), causes: []string{pass},
			checks: []string{"dns fail < path.proxy-only", "tcp skip < path.proxy-only"},
		},
		"nothing gets out directly": {
			evidence: given(byAddress, filtered, mute("www.example.net", firstIPv4), mute("www.example.org", secondIPv4), tunnelled("")), causes: []string{pass},
			checks: []string{"anchor fail < path.proxy-only"},
		},
		"the gateway does not answer":        {evidence: given(byAddress, filtered, gateways(hop(gatewayIPv4, "failed")), tunnelled("")), causes: []string{pass}},
		"the target, or a firewall, refuses": {evidence: given(byAddress, unconnected(serverIPv4, fault("connect", probes.Refused)), tunnelled("")), causes: []string{"path.proxy-only warn likely"}},
		"FTP":                                {evidence: given("ftp://203.0.113.10", filtered, func(e *Evidence) { e.Control, e.Passive, e.Active = nil, nil, nil }, tunnelled("220")), causes: []string{"path.proxy-only fail proven"}},
		"nothing comes through the tunnel": {
			evidence: given(site, filtered, noTLS, tunnelled("")), causes: []string{"tcp.filtered fail proven"}, checks: []string{"proxy skip"},
		},
		"the proxy refuses":      {evidence: given(byName, filtered, proxyRefuses(probes.Negative)), causes: []string{"tcp.filtered fail proven"}, checks: []string{"proxy skip"}},
		"the proxy is silent":    {evidence: given(byName, filtered, proxyRefuses(probes.Timeout)), causes: []string{"tcp.filtered fail proven"}, checks: []string{"proxy skip"}},
		"the direct way works":   {evidence: given(byName, tunnelled("")), causes: nil, checks: []string{"proxy skip"}},
		"one address is reached": {evidence: given(byName, addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4), unconnected(serverIPv4, fault("connect", probes.Timeout)), tunnelled("")), causes: []string{"tcp.partial-backends warn proven"}},
	}
}

// proxied is a network on which a proxy at 127.0.0.9:3128 is all that answers.
func proxied(i *internet) {
	i.services[netip.MustParseAddrPort("127.0.0.9:3128")] = func(conn net.Conn) {
		defer func() { _ = conn.Close() }()
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "HTTP/1.1 200 OK\r\n\r\n220 ready\r\n")
		_, _ = io.Copy(io.Discard, conn)
	}
}

// The proxy is asked while the direct way is silent, and not at all where that works. A real proxy is in the lab.
func TestProxyIsAskedOnDoubt(t *testing.T) {
	t.Setenv("HTTPS_PROXY", "http://127.0.0.9:3128")
	for _, variable := range []string{"https_proxy", "NO_PROXY", "no_proxy"} {
		t.Setenv(variable, "")
		require.NoError(t, os.Unsetenv(variable))
	}
	for name, works := range map[string]bool{"the direct way is silent": false, "the direct way works": true} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newInternet()
				proxied(i)
				to := netip.MustParseAddrPort("192.0.2.7:22")
				if works {
					i.services[to] = func(conn net.Conn) { _ = conn.Close() }
				}
				target, err := ParseTarget("tcp://" + to.String())
				require.NoError(t, err)
				e := Measure(context.WithoutCancel(t.Context()), Ladder, target, Options{Host: i.host(), Proxies: proxy.FromEnvironment()})
				i.serving.Wait()
				assert.Equal(t, !works, e.Proxy != nil)
				assert.Len(t, i.dialed, map[bool]int{true: 1, false: 2}[works])
				if !works {
					assert.Equal(t, 200, e.Proxy.Seen.Status)
					assert.Zero(t, i.open)
				}
			})
		})
	}
}
