package checks

import (
	"testing"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// failedHandshake is one that was not completed.
func failedHandshake(kind probes.Kind, changes ...func(*tls.Handshake)) change {
	return func(e *Evidence) {
		h := &e.Handshake.Seen
		h.Version, h.Suite, h.Group, h.ServerHello = "", "", "", ""
		h.Fault = fault("handshake", kind)
		for _, c := range changes {
			c(h)
		}
		e.Chain = nil
	}
}

func handshakeCases() map[string]verdictCase {
	const target = "tls://" + serverName + ":853"
	alert := func(number uint8) change {
		return failedHandshake(probes.Alert, func(h *tls.Handshake) { h.Alert = &tls.Alert{Level: 2, Description: number, Name: "x"} })
	}
	chose := func(version string) change {
		return failedHandshake(probes.Other, func(h *tls.Handshake) { h.ServerHello = version })
	}
	return map[string]verdictCase{
		"plain text": {
			evidence: given(target, failedHandshake(probes.Malformed, func(h *tls.Handshake) { h.Plaintext = "220 FTP\r\n" })),
			causes:   []string{"tls.plaintext-peer fail proven @ 203.0.113.10:853"}, checks: []string{"tls.handshake fail", "tls.certificate skip < tls.plaintext-peer"},
		},
		"plain text of a broken FTP server": {
			evidence: given(target, failedHandshake(probes.Malformed, func(h *tls.Handshake) { h.Plaintext = "500 OOPS: x\r\n" })), causes: []string{"ftp.server-misconfigured fail proven"},
		},
		"alert protocol_version":      {evidence: given(target, alert(70)), causes: []string{"tls.no-common-version fail proven"}},
		"a ServerHello with TLS 1.0":  {evidence: given(target, chose("TLS 1.0")), causes: []string{"tls.no-common-version fail proven"}},
		"another alert":               {evidence: given(target, alert(40)), causes: []string{"unexplained.tls.handshake fail unknown"}, checks: []string{"tls.certificate skip < unexplained.tls.handshake"}},
		"a ServerHello, then nothing": {evidence: given(target, chose("TLS 1.3")), causes: []string{"unexplained.tls.handshake fail unknown"}},
		"silence":                     {evidence: given(target, failedHandshake(probes.Timeout)), causes: []string{"unexplained.tls.handshake fail unknown"}},
		"reset":                       {evidence: given(target, failedHandshake(probes.Reset)), causes: []string{"unexplained.tls.handshake fail unknown"}},
		"no connection": {
			evidence: given(target, unconnected(serverIPv4, fault("connect", probes.Refused))), causes: []string{"tcp.refused fail proven"},
			checks: []string{"tls.handshake skip < tcp.refused", "tls.certificate skip < tcp.refused"},
		},
	}
}

// certificate changes the chain that was seen.
func certificate(changes ...func(*pki.Chain)) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(&e.Chain.Seen)
		}
	}
}

func expiredYesterday(e *Evidence) {
	e.Chain.Seen.Certificates[0].NotAfter = e.Chain.Seen.At.AddDate(0, 0, -1)
}

func untrusted(reason pki.Reason) func(*pki.Chain) {
	return func(c *pki.Chain) {
		c.Trust = pki.Trust{Roots: "system", Reason: reason, Culprit: "CN=An Intermediate", Message: "no path: " + string(reason)}
	}
}

// sent keeps the first n certificates of the chain.
func sent(n int) func(*pki.Chain) {
	return func(c *pki.Chain) {
		c.Certificates, c.Sent = c.Certificates[:n:n], n
		c.Certificates[n-1].SignedBy = 0
	}
}

func selfSigned(i int) func(*pki.Chain) {
	return func(c *pki.Chain) {
		c.Certificates[i].SelfSigned, c.Certificates[i].Issuer = true, c.Certificates[i].Subject
	}
}

func chainCases() map[string]verdictCase {
	const target = "tls://" + serverName + ":853"
	unknown := untrusted(pki.UnknownAuthority)
	names := func(all ...string) func(*pki.Chain) { return func(c *pki.Chain) { c.Certificates[0].DNSNames = all } }
	return map[string]verdictCase{
		"expired":       {evidence: given(target, expiredYesterday), causes: []string{"cert.expired fail likely"}, checks: []string{"tls.handshake pass", "tls.certificate fail"}},
		"not yet valid": {evidence: given(target, certificate(func(c *pki.Chain) { c.Certificates[0].NotBefore = c.At.Add(time.Second) })), causes: []string{"cert.not-yet-valid fail likely"}},
		"its last second": {
			evidence: given(target, certificate(func(c *pki.Chain) { c.Certificates[0].NotAfter = c.At })), causes: []string{"cert.expiring warn proven"},
		},
		"its first second": {
			evidence: given(target, certificate(func(c *pki.Chain) { c.Certificates[0].NotBefore = c.At })), causes: nil,
		},
		"another name":          {evidence: given(target, certificate(names("www.example.com"))), causes: []string{"cert.name-mismatch fail proven @ CN=files.example.com"}},
		"a wildcard":            {evidence: given(target, certificate(names("*.example.com"))), causes: nil},
		"a wildcard too high":   {evidence: given(target, certificate(names("*.com"))), causes: []string{"cert.name-mismatch fail proven"}},
		"no name":               {evidence: given(target, certificate(names())), causes: []string{"cert.no-san fail proven"}},
		"self-signed":           {evidence: given(target, certificate(sent(1), selfSigned(0), unknown)), causes: []string{"cert.self-signed fail proven"}},
		"a private root":        {evidence: given(target, certificate(selfSigned(1), unknown)), causes: []string{"cert.untrusted-root fail proven @ CN=An Intermediate"}},
		"an unknown root above": {evidence: given(target, certificate(unknown)), causes: []string{"cert.untrusted-root fail likely @ CN=A Root"}},
		"an incomplete chain":   {evidence: given(target, certificate(sent(1), unknown)), causes: []string{"cert.incomplete-chain fail likely"}},
		"a chain of others": {
			evidence: given(target, certificate(unknown, func(c *pki.Chain) { c.Certificates[0].Issuer, c.Certificates[0].SignedBy = "CN=Somebody Else", 0 })),
			causes:   []string{"cert.incomplete-chain fail likely"},
		},
		"an issuer that is no CA":      {evidence: given(target, certificate(unknown, func(c *pki.Chain) { c.Certificates[1].CA = false })), causes: []string{"cert.ca-constraint fail proven"}},
		"an intermediate that expired": {evidence: given(target, certificate(untrusted(pki.ExpiredIssuer))), causes: []string{"cert.intermediate-expired fail likely @ CN=An Intermediate"}},
		"not for servers":              {evidence: given(target, certificate(untrusted(pki.WrongUsage))), causes: []string{"cert.wrong-usage fail proven"}},
		"a constraint of the CA":       {evidence: given(target, certificate(untrusted(pki.Constraint))), causes: []string{"cert.ca-constraint fail proven"}},
		"no path for another reason":   {evidence: given(target, certificate(untrusted(pki.OtherReason))), causes: []string{"unexplained.tls.certificate fail unknown"}},
		"no certificate":               {evidence: given(target, certificate(func(c *pki.Chain) { c.Certificates, c.Sent = nil, 0 })), causes: []string{"unexplained.tls.certificate fail unknown"}},
		"everything at once": {
			evidence: given(target, expiredYesterday, certificate(names("www.example.com"), sent(1), selfSigned(0), unknown)),
			causes:   []string{"cert.expired fail likely", "cert.name-mismatch fail proven", "cert.self-signed fail proven"},
		},
		"expired, and on another path than broken IPv6": {
			evidence: given(target, addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4), unconnected(serverIPv6, fault("connect", probes.Refused)), expiredYesterday),
			causes:   []string{"ip6.target-broken warn proven", "cert.expired fail likely"},
		},
	}
}

func TestOnlyAGoodChainIsGood(t *testing.T) {
	good := goodChain(serverName)
	for name, c := range map[string]struct {
		chain *pki.Chain
		good  bool
	}{
		"good":               {&good, true},
		"none":               {nil, false},
		"empty":              {&pki.Chain{}, false},
		"expired":            {&given("tls://"+serverName+":853", expiredYesterday).Chain.Seen, false},
		"for another":        {&given("tls://www.example.com:853", certificate(func(c *pki.Chain) { c.Name = serverName })).Chain.Seen, false},
		"untrusted":          {&given("tls://"+serverName+":853", certificate(untrusted(pki.UnknownAuthority))).Chain.Seen, false},
		"for unknown reason": {&given("tls://"+serverName+":853", certificate(untrusted(pki.OtherReason))).Chain.Seen, false},
	} {
		if got := chainIsGood(c.chain); got != c.good {
			t.Errorf("%s: %v", name, got)
		}
	}
}
