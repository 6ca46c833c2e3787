package checks

import (
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
)

// endsIn lets the leaf's time end so soon.
func endsIn(left time.Duration) change {
	return certificate(func(c *pki.Chain) { c.Certificates[0].NotAfter = c.At.Add(left) })
}

// renewed is another service of the host with a certificate that ends later.
func renewed(changes ...func(*pki.Certificate)) change {
	return certificate(func(c *pki.Chain) {
		leaf := c.Certificates[0]
		leaf.SHA256, leaf.NotBefore, leaf.NotAfter = "bb", c.At.Add(-days(10)), c.At.Add(days(80))
		for _, change := range changes {
			change(&leaf)
		}
		c.Sibling = &pki.Sibling{Address: netip.AddrPortFrom(serverIPv4, 443), Leaf: &leaf, Good: true}
	})
}

func moreChainCases() map[string]verdictCase {
	weak := func(why string) change { return certificate(func(c *pki.Chain) { c.Certificates[0].Weakness = why }) }
	unknown := untrusted(pki.UnknownAuthority)
	names := func(all ...string) func(*pki.Chain) {
		return func(c *pki.Chain) { c.Certificates[0].DNSNames, c.Certificates[0].IPAddresses = all, nil }
	}
	return map[string]verdictCase{
		"ends in ten days":           {evidence: given(tlsTarget, endsIn(days(10))), causes: []string{"cert.expiring warn proven"}, checks: []string{"tls.certificate warn"}, says: "in 10 days"},
		"ends in ten days, too soon": {evidence: given(tlsTarget, endsIn(days(10)), func(e *Evidence) { e.Settings.CertFail = probes.Millis(days(15)) }), causes: []string{"cert.expiring fail proven"}},
		"ends just not too soon":     {evidence: given(tlsTarget, endsIn(days(21))), causes: nil},
		"renewed elsewhere":          {evidence: given("ftpes://"+serverName, validFrom(days(-93)), renewed()), causes: []string{"cert.stale-on-service fail proven"}},
		"renewed elsewhere in time":  {evidence: given("ftpes://"+serverName, endsIn(days(3)), renewed()), causes: []string{"cert.stale-on-service warn proven"}},
		"elsewhere for another name": {evidence: given(tlsTarget, validFrom(days(-93)), renewed(func(c *pki.Certificate) { c.DNSNames = []string{"www.example.com"} })), causes: []string{"cert.expired fail likely"}},
		"elsewhere without a name":   {evidence: given(tlsTarget, validFrom(days(-93)), certificate(func(c *pki.Chain) { c.Certificates[0].DNSNames = nil }), renewed()), causes: []string{"cert.expired fail likely", "cert.no-san fail proven"}},
		"elsewhere, and no good":     {evidence: given(tlsTarget, validFrom(days(-93)), renewed(), certificate(func(c *pki.Chain) { c.Sibling.Good = false })), causes: []string{"cert.expired fail likely"}},
		"elsewhere, and older":       {evidence: given(tlsTarget, endsIn(days(3)), renewed(func(c *pki.Certificate) { c.NotBefore = c.NotBefore.Add(-days(50)) })), causes: []string{"cert.expiring warn proven"}},
		"elsewhere the same":         {evidence: given(tlsTarget, endsIn(days(3)), renewed(func(c *pki.Certificate) { c.NotAfter = c.NotAfter.Add(-days(77)) })), causes: []string{"cert.expiring warn proven"}},
		"nothing elsewhere": {evidence: given(tlsTarget, endsIn(days(3)), certificate(func(c *pki.Chain) {
			c.Sibling = &pki.Sibling{Address: netip.AddrPortFrom(serverIPv4, 443), Fault: fault("dial", probes.Refused)}
		})), causes: []string{"cert.expiring warn proven"}},
		"a short key":           {evidence: given(tlsTarget, weak("RSA 1024 is shorter than 2048 bits")), causes: []string{"cert.weak warn proven"}},
		"an address as a name":  {evidence: given("tls://203.0.113.10:853", certificate(names("203.0.113.10"))), causes: []string{"cert.name-mismatch fail proven"}, says: "and not as an address"},
		"no roots at all":       {evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) { c.Trust.NoRoots = true })), causes: []string{"cert.untrusted-root fail proven"}, says: "trusts no CA at all"},
		"an old store of roots": {evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) { c.Trust.PublicRoot = "CN=A Root" })), causes: []string{"cert.untrusted-root fail proven @ CN=A Root"}, says: "which browsers trust"},
		"an old intermediate of the same name": {evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) {
			c.Trust.Namesake, c.Certificates[0].SignedBy = "CN=An Intermediate", 0
		})), causes: []string{"cert.incomplete-chain fail likely"}, says: "another certificate of the name"},
		"leaf and stored root of the future": {
			evidence: given(tlsTarget, validFrom(days(3)), certificate(untrusted(pki.ExpiredIssuer), func(c *pki.Chain) {
				c.Trust.Flaws = []pki.Flaw{{Reason: pki.ExpiredIssuer, Culprit: "CN=A Root", Message: "x", NotBefore: c.At.Add(days(3)), NotAfter: c.At.Add(days(900))}}
			})), causes: []string{"clock.local-skew fail likely"},
		},
		"a CA made anew":      {evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) { c.Trust.Namesake = "CN=A Root" })), causes: []string{"cert.untrusted-root fail likely @ CN=A Root"}},
		"a chain without end": {evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) { c.Sent = 600 })), causes: []string{"cert.untrusted-root fail likely"}, says: "a chain of 600 certificates"},
		"a CA that is not for servers": {
			evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) {
				c.Trust.Flaws = []pki.Flaw{{Reason: pki.WrongUsage, Culprit: "CN=An Intermediate", Message: "x"}}
			})), causes: []string{"cert.wrong-usage fail proven @ CN=An Intermediate"}, says: "the CA's certificate",
		},
		"a critical extension, and expired": {
			evidence: given(tlsTarget, expiredYesterday, certificate(unknown, func(c *pki.Chain) {
				c.Trust.Flaws = []pki.Flaw{{Reason: pki.OtherReason, Culprit: "CN=files.example.com", Message: "x"}}
			})), causes: []string{"cert.expired fail likely", "unexplained.tls.certificate fail unknown"},
		},
		"a root out of the store that is not yet valid, and a slow clock": {
			evidence: given(httpsTarget, dateHeader(days(4)), certificate(unknown, func(c *pki.Chain) {
				c.Trust.Flaws = []pki.Flaw{{Reason: pki.ExpiredIssuer, Culprit: "CN=A Root", Message: "x", NotBefore: c.At.Add(days(3)), NotAfter: c.At.Add(days(900))}}
			})), causes: []string{"clock.local-skew fail likely"},
		},
		"a signature with SHA-1": {evidence: given(tlsTarget, certificate(untrusted(pki.WeakSignature))),
			causes: []string{"cert.weak fail proven @ CN=An Intermediate"}},
		"what it lacks was found": {
			evidence: given(tlsTarget, certificate(sent(1), unknown, func(c *pki.Chain) {
				c.Trust.Completed = &pki.Completion{From: "http://ca.example/i.der", Added: []string{"CN=An Intermediate"}, Rooted: true, Path: []string{"CN=x", "CN=An Intermediate", "CN=A Root"}}
			})), causes: []string{"cert.incomplete-chain fail proven"},
		},
		"what it lacks leads to a private root": {
			evidence: given(tlsTarget, certificate(sent(1), unknown, func(c *pki.Chain) {
				c.Trust.Completed = &pki.Completion{From: "http://ca.example/i.der", Added: []string{"CN=An Intermediate"}, Path: []string{"CN=x", "CN=An Intermediate", "CN=A Root"}}
			})), causes: []string{"cert.incomplete-chain fail proven", "cert.untrusted-root fail proven @ CN=A Root"},
		},
		"two flaws on the path": {
			evidence: given(tlsTarget, certificate(unknown, func(c *pki.Chain) {
				c.Trust.Flaws = []pki.Flaw{{Reason: pki.ExpiredIssuer, Culprit: "CN=An Intermediate", Message: "x"}, {Reason: pki.Constraint, Rule: "nameConstraints", Culprit: "CN=An Intermediate", Message: "y"}}
			})), causes: []string{"cert.intermediate-expired fail likely", "cert.ca-constraint fail proven"},
		},
		"the key may not sign": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) { c.Certificates[0].Usages = []string{"keyEncipherment"} })), causes: []string{"cert.wrong-usage fail proven"}},
		"the key need not sign": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) { c.Certificates[0].Usages = []string{"keyEncipherment"} }), func(e *Evidence) {
			e.Handshake.Seen.Version, e.Handshake.Seen.Suite = "TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256"
		}), causes: nil},
		"not in their order": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) {
			stranger := c.Certificates[1]
			stranger.Subject, stranger.SHA256 = "CN=Somebody Else", "cc"
			c.Certificates = append(c.Certificates[:1:1], stranger, c.Certificates[1])
			c.Certificates[0].SignedBy, c.Certificates[2].SHA256 = 3, "dd"
		})), causes: []string{"cert.chain-disordered info proven"}, checks: []string{"tls.certificate pass"}},
		"revoked, stapled":                    {evidence: given(tlsTarget, stapled("revoked", time.Hour)), causes: []string{"cert.revoked fail proven"}},
		"a promised staple that did not come": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) { c.Certificates[0].MustStaple = true })), causes: []string{"cert.staple-missing warn proven"}},
		"a promised staple that is stale": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) { c.Certificates[0].MustStaple = true }), stapled("good", days(9),
			func(o *pki.OCSP) { o.Fault = fault("OCSP", probes.Other) })), causes: []string{"cert.staple-missing warn proven"}},
		"a promised staple": {evidence: given(tlsTarget, certificate(func(c *pki.Chain) { c.Certificates[0].MustStaple = true }), stapled("good", time.Hour)), causes: nil},
		"another certificate at another address": {evidence: given(tlsTarget, func(e *Evidence) {
			other := goodChain(serverName)
			other.Certificates[0].SHA256 = "bb"
			at := func(address string, chain pki.Chain) Service {
				handshake, measured := *e.Handshake, done(chain)
				handshake.Address, measured.Address = address, address
				return Service{At: address, Handshake: &handshake, Chain: measured}
			}
			e.Service = at("203.0.113.10:853", e.Chain.Seen)
			e.Others = []Service{at("203.0.113.11:853", other)}
		}), causes: []string{"cert.differs-by-address info proven"}, checks: []string{"tls.certificate pass"}},
		"revoked, and not signed":        {evidence: given(tlsTarget, stapled("revoked", time.Hour, func(o *pki.OCSP) { o.Signed = false })), causes: nil},
		"another's staple":               {evidence: given(tlsTarget, stapled("revoked", time.Hour, func(o *pki.OCSP) { o.Matches = false })), causes: nil},
		"an expired issuer, dates known": {evidence: given(httpsTarget, certificate(untrusted(pki.ExpiredIssuer), func(c *pki.Chain) { c.Certificates[1].NotAfter = c.At.Add(-days(2)) })), causes: []string{"cert.intermediate-expired fail proven @ CN=An Intermediate"}},
	}
}

// statements are what the issuers say of the chain.
func statements(answers ...pki.RevocationAnswer) change {
	return func(e *Evidence) { e.Revocation = done(pki.Revocation{Answers: answers}) }
}

func revocationCases() map[string]verdictCase {
	answer := func(status string) pki.RevocationAnswer {
		return pki.RevocationAnswer{Subject: "CN=files.example.com", Leaf: true, Method: "OCSP", URL: "http://ocsp.example", Says: &pki.OCSP{Status: status, Signed: true, Matches: true}}
	}
	silent := pki.RevocationAnswer{Subject: "CN=files.example.com", Leaf: true, Method: "OCSP", URL: "http://ocsp.example", Fault: fault("request", probes.Timeout)}
	unsigned := answer("revoked")
	unsigned.Says.Signed = false
	return map[string]verdictCase{
		"good":              {evidence: given(tlsTarget, statements(answer("good"))), causes: nil, checks: []string{"tls.revocation pass"}},
		"revoked":           {evidence: given(tlsTarget, statements(answer("revoked"))), causes: []string{"cert.revoked fail proven @ CN=files.example.com"}, checks: []string{"tls.revocation fail < cert.revoked"}},
		"revoked, says who": {evidence: given(tlsTarget, statements(unsigned)), causes: nil},
		"no answer":         {evidence: given(tlsTarget, statements(silent)), causes: nil, checks: []string{"tls.revocation skip"}},
		"one answer of two": {evidence: given(tlsTarget, statements(silent, answer("good"))), causes: nil, checks: []string{"tls.revocation pass"}},
		"nowhere to ask":    {evidence: given(tlsTarget, statements()), causes: nil, checks: []string{"tls.revocation skip"}},
	}
}

// inspected is a chain of the same private CA at the target and at anchors.
func inspected(trusted bool, names ...string) change {
	return func(e *Evidence) {
		no := false
		by := func(c *pki.Chain) {
			c.Certificates = c.Certificates[:1]
			c.Certificates[0].Issuer, c.Certificates[0].SignedBy, c.Sent = "CN=Inspector", 0, 1
			c.Trust = pki.Trust{Roots: "system", Trusted: true, Path: []string{c.Certificates[0].Subject, "CN=Inspector"}, Public: &no}
			if !trusted {
				c.Trust = pki.Trust{Roots: "system", Reason: pki.UnknownAuthority, Message: "unknown"}
			}
		}
		by(&e.Chain.Seen)
		for _, name := range names {
			chain := goodChain(name)
			by(&chain)
			e.Anchors = append(e.Anchors, *done(Anchor{Name: name, Address: netip.AddrPortFrom(otherIPv4, 443), Connected: true, Chain: &chain}))
		}
	}
}

func anchorCases() map[string]verdictCase {
	return map[string]verdictCase{
		"one CA for all":                {evidence: given(tlsTarget, inspected(true, "www.example.net", "www.example.org")), causes: []string{"tls.intercepted warn proven @ Inspector"}},
		"one CA for the target and one": {evidence: given(tlsTarget, inspected(true, "www.example.net")), causes: []string{"tls.intercepted warn proven"}},
		"an anchor of the same owner":   {evidence: given(tlsTarget, inspected(true, "www.example.com")), causes: nil},
		"one CA that nobody trusts":     {evidence: given(tlsTarget, inspected(false, "www.example.net", "www.example.org")), causes: []string{"tls.intercepted fail proven"}},
		"only the target's": {evidence: given(tlsTarget, inspected(true), func(e *Evidence) {
			chain, yes := goodChain("www.example.net"), true
			chain.Trust.Public = &yes
			e.Anchors = []Measured[Anchor]{*done(Anchor{Name: "www.example.net", Connected: true, Chain: &chain})}
		}), causes: nil, checks: []string{"anchor pass"}},
		"an anchor without TLS": {evidence: given(tlsTarget, inspected(true), func(e *Evidence) { e.Anchors = []Measured[Anchor]{*done(Anchor{Name: "x", Connected: true})} }), causes: nil, checks: []string{"anchor pass"}},
		"an anchor that is not there": {evidence: given(tlsTarget, func(e *Evidence) {
			e.Anchors = []Measured[Anchor]{*done(Anchor{Name: "x", Fault: fault("dial", probes.Timeout)})}
		}), causes: nil, checks: []string{"anchor skip"}},
	}
}
