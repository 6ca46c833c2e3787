package checks

import (
	"fmt"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/pki"
)

// bothAddresses is a target with two addresses, at each of which all was tried; the changes are made to what was seen at the second.
func bothAddresses(target string, changes ...change) *Evidence {
	e := given(target, addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4))
	e.At = serverIPv4.String()
	second := given(target, func(e *Evidence) {
		e.TCP[0].Seen.Address = netip.AddrPortFrom(otherIPv4, e.Target.Port)
		e.Control.Seen.Peer = e.TCP[0].Seen.Address
		e.Passive.Seen.Peer, e.Active.Seen.Peer = otherIPv4, otherIPv4
		p := &e.Passive.Seen
		p.EPSV.Announced, p.EPSV.Used = netip.AddrPortFrom(otherIPv4, 50000), netip.AddrPortFrom(otherIPv4, 50000)
		p.PASV.Announced = netip.AddrPortFrom(otherIPv4, 50001)
		e.Active.Seen.Attempts[0].From = netip.AddrPortFrom(otherIPv4, 20)
	}, all(changes...))
	second.At = otherIPv4.String()
	e.Others = []Service{second.Service}
	return e
}

func servicesCases() map[string]verdictCase {
	const byName, target = "ftp://" + serverName, "ftpes://" + serverName
	silent := passiveMode(func(p *ftp.Passive) {
		for _, a := range []*ftp.PassiveAttempt{p.EPSV, p.PASV} {
			noData(a, fault("data connection", probes.Timeout))
			a.Used = netip.AddrPortFrom(otherIPv4, a.Announced.Port())
		}
		p.Alive = reply(200, "ok")
	})
	behindNAT := bothAddresses(byName, activeMode(fromPrivate, unreachedMode))
	all(requires("active"), activeMode(fromPrivate, unreachedMode))(behindNAT)
	anyWillDo := bothAddresses(byName, passiveMode(stalledPassive, func(p *ftp.Passive) { p.EPSV.Transfer.Fault = fault("data", probes.Reset) }), activeMode(fromPrivate, unreachedMode))
	requires("any")(anyWillDo)
	return map[string]verdictCase{
		"two that work":           {evidence: bothAddresses(byName), causes: nil, checks: []string{"ftp.passive 203.0.113.10 pass", "ftp.passive 203.0.113.11 pass", "ftp.control 203.0.113.11 pass"}},
		"two that work, with TLS": {evidence: bothAddresses(target), causes: nil, checks: []string{"ftp.tls 203.0.113.10 pass", "tls.handshake 203.0.113.11 pass"}},
		"the second one is silent": {
			evidence: bothAddresses(byName, silent), causes: []string{"ftp.passive.port-filtered warn proven @ 203.0.113.11:50000"}, verdict: VerdictWarn,
			checks: []string{"ftp.passive 203.0.113.10 pass", "ftp.passive 203.0.113.11 fail", "ftp.passive fail < ftp.passive.port-filtered"},
		},
		"the second one refuses the login": {
			evidence: bothAddresses(byName, asAlice, rejectedAt("PASS", 530, "no")), causes: []string{"ftp.auth-rejected warn proven @ 203.0.113.11:21"},
			checks: []string{"ftp.control 203.0.113.10 pass", "ftp.control 203.0.113.11 warn", "ftp.passive 203.0.113.10 pass", "ftp.passive 203.0.113.11 skip"},
		},
		"the second one has no TLS": {
			evidence: bothAddresses(target, refusedAuth(500, "what?")), causes: []string{"ftp.auth-tls-unsupported warn proven @ 203.0.113.11:21"},
			checks: []string{"ftp.tls 203.0.113.10 pass", "ftp.tls 203.0.113.11 fail", "ftp.passive 203.0.113.10 pass", "ftp.passive 203.0.113.11 skip", "tls.handshake 203.0.113.11 skip"},
		},
		"the second one has another certificate": {
			evidence: bothAddresses(target, func(e *Evidence) { e.Chain = done(otherChain()) }), causes: []string{"cert.differs-by-address info proven"}, checks: []string{"tls.certificate 203.0.113.11 pass"},
		},
		"nothing came of the second one": {
			evidence: func() *Evidence {
				e := bothAddresses(byName)
				e.Others = []Service{{At: otherIPv4.String()}}
				return e
			}(), causes: nil, verdict: VerdictUnknown, checks: []string{"ftp.passive 203.0.113.10 pass", "ftp.passive 203.0.113.11 skip"},
		},
		"one fault of both": {
			evidence: behindNAT, causes: []string{"ftp.active.blocked-by-nat fail likely @ 192.168.1.5"}, checks: []string{"ftp.active 203.0.113.10 fail", "ftp.active 203.0.113.11 fail"},
		},
		"the second one has neither mode, and any would have done": {
			evidence: anyWillDo, verdict: VerdictWarn, causes: []string{"ftp.active.blocked-by-nat warn likely", "unexplained.ftp.passive warn unknown"},
		},
	}
}

func otherChain() pki.Chain {
	chain := goodChain(serverName)
	chain.Certificates[0].SHA256 = "bb"
	return chain
}

// cells are the lines of the matrix: command, control connection, data connection, family and what came of it.
func cells(r *Report) (lines []string) {
	for _, c := range r.DataChannels {
		lines = append(lines, fmt.Sprintf("%s %s/%s IPv%d %s: %s", c.Command, c.Control, c.Protection, c.Family, c.Status, c.Outcome))
	}
	return lines
}

func TestDataChannels(t *testing.T) {
	const byName, target = "ftp://" + serverName, "ftpes://" + serverName
	timeout := fault("data connection", probes.Timeout)
	secure := func(a *ftp.ActiveAttempt) { a.OverTLS = true; shaken(a.Transfer, false) }
	for name, c := range map[string]struct {
		evidence *Evidence
		cells    []string
	}{
		"all is well": {given(byName), []string{
			"EPSV clear/clear IPv4 pass: listing", "PASV clear/clear IPv4 skip: not tried", "PORT clear/clear IPv4 pass: listing",
			"EPRT clear/clear IPv4 skip: not tried: PORT tells enough",
		}},
		"over TLS": {given(target, passiveMode(overTLSData(true)), activeMode(first(secure))), []string{
			"EPSV TLS/TLS, resumed IPv4 pass: listing", "PASV TLS/TLS IPv4 skip: not tried", "PORT TLS/TLS IPv4 pass: listing",
			"EPRT TLS/TLS IPv4 skip: not tried: PORT tells enough",
		}},
		"PROT C": {given(target, passiveMode(func(p *ftp.Passive) { p.EPSV.OverTLS, p.PASV = true, nil }), func(e *Evidence) { e.Security.Seen.Level, e.Active = "C", nil }), []string{
			"EPSV TLS/clear IPv4 pass: listing", "PASV TLS/clear IPv4 skip: not tried: EPSV tells enough",
		}},
		"IPv6": {given("ftp://[2001:db8:2::10]", overIPv6()), []string{
			"EPSV clear/clear IPv6 pass: listing", "PASV clear/clear IPv6 skip: not tried: PASV has no room for an IPv6 address", "EPRT clear/clear IPv6 pass: listing",
			"PORT clear/clear IPv6 skip: not tried: PORT has no room for an IPv6 address",
		}},
		"nothing works": {given(byName, passiveMode(eachPort(timeout)), activeMode(refusedMode(500, "Illegal command"))), []string{
			"EPSV clear/clear IPv4 fail: timeout", "PASV clear/clear IPv4 fail: timeout", "PORT clear/clear IPv4 fail: 500 Illegal command", "EPRT clear/clear IPv4 fail: 500 Illegal command",
		}},
		"a comparison": {given(target, passiveMode(overTLSData(true), func(p *ftp.Passive) { noData(p.EPSV, timeout) }, again(ftp.InClear)), func(e *Evidence) { e.Active = nil }), []string{
			"EPSV TLS/TLS IPv4 fail: timeout", "PASV TLS/TLS IPv4 skip: not tried", "EPSV clear/clear IPv4 pass: listing",
		}},
		"two addresses":     {bothAddresses(byName, func(e *Evidence) { e.Active = nil }), append(cells(Judge(given(byName))), cells(Judge(given(byName)))[:2]...)},
		"there is no login": {given(byName, rejectedAt("PASS", 530, "no")), nil},
	} {
		assert.Equal(t, c.cells, cells(Judge(c.evidence)), name)
	}
}
