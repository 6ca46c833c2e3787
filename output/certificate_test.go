package output

import (
	"fmt"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
)

// today is when the chains are read.
var today = time.Date(2026, 11, 22, 13, 24, 33, 0, time.UTC)

const fingerprint = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

// leafOf is a server's certificate that is valid for so many days more.
func leafOf(days int) pki.Certificate {
	return pki.Certificate{
		Subject: "CN=www.example.com", Issuer: "CN=R11,O=Let's Encrypt,C=US", Serial: "04d2f8a6b1c3",
		NotBefore: time.Date(2026, 8, 31, 0, 0, 0, 0, time.UTC), NotAfter: today.AddDate(0, 0, days),
		DNSNames: []string{"example.com", "www.example.com"}, SignedBy: 2, Key: "ECDSA P-256", Signature: "SHA256-RSA", SHA256: fingerprint,
		Usages: []string{"digitalSignature"}, Purposes: []string{"serverAuth", "clientAuth"},
	}
}

func intermediate() pki.Certificate {
	return pki.Certificate{
		Subject: "CN=R11,O=Let's Encrypt,C=US", Issuer: "CN=ISRG Root X1,O=Internet Security Research Group,C=US", Serial: "8a7d3e13",
		NotBefore: time.Date(2024, 3, 13, 0, 0, 0, 0, time.UTC), NotAfter: time.Date(2027, 3, 12, 23, 59, 59, 0, time.UTC),
		CA: true, Key: "RSA 2048", Signature: "SHA256-RSA", SHA256: fingerprint, Usages: []string{"digitalSignature", "keyCertSign", "cRLSign"},
	}
}

func chainOf(certificates ...pki.Certificate) *pki.Chain {
	browsers := true
	return &pki.Chain{
		Name: "www.example.com", Certificates: certificates, Sent: len(certificates), At: today,
		Trust: pki.Trust{Roots: "system", Trusted: true, Path: []string{
			"CN=www.example.com", "CN=R11,O=Let's Encrypt,C=US", "CN=ISRG Root X1,O=Internet Security Research Group,C=US",
		}, Public: &browsers},
	}
}

// chains are those in the golden files.
func chains() map[string]*pki.Chain {
	fine := chainOf(leafOf(90), intermediate())
	fine.Staple = &pki.OCSP{
		Status: "good", Matches: true, Signed: true, Serial: "04d2f8a6b1c3", ThisUpdate: today.Add(-30 * time.Hour),
		NextUpdate: today.Add(100 * time.Hour),
	}
	for i := range 4 {
		fine.SCTs = append(fine.SCTs, pki.SCT{Time: today.AddDate(0, -2, i), Source: "certificate", Signed: true})
	}
	fine.SCTs = append(fine.SCTs, pki.SCT{Time: today, Source: "handshake"})
	incomplete := chainOf(leafOf(90))
	incomplete.Certificates[0].SignedBy, incomplete.Certificates[0].DNSNames = 0, nil
	for i := range 100 {
		incomplete.Certificates[0].DNSNames = append(incomplete.Certificates[0].DNSNames, fmt.Sprintf("www%d.example.com", i))
	}
	incomplete.Certificates[0].DNSNames = append(incomplete.Certificates[0].DNSNames, "www.example.com")
	incomplete.Trust = pki.Trust{
		Roots: "system and /etc/ca.pem", Reason: pki.UnknownAuthority, Message: "x509: certificate signed by unknown authority",
		Culprit: "CN=www.example.com", Completed: &pki.Completion{
			From: "http://r11.i.lencr.org/", Added: []string{"CN=R11,O=Let's Encrypt,C=US"}, Path: fine.Trust.Path,
		},
		Issuers: []pki.Fetch{
			{URL: "http://r11.i.lencr.org/", Took: ms(34.2), Size: 1312, Found: []string{"CN=R11,O=Let's Encrypt,C=US"}},
			{URL: "http://r12.i.lencr.org/", Took: ms(5000), Fault: fault("dial", probes.Timeout, "i/o timeout")},
		},
	}
	weak := chainOf(leafOf(-2))
	weak.Certificates[0] = pki.Certificate{
		Subject: "CN=printer", Issuer: "CN=printer", SelfSigned: true, Serial: "01",
		NotBefore: today.AddDate(-1, 0, 0), NotAfter: today.Add(-time.Hour), Key: "RSA 1024", Signature: "SHA1-RSA", SHA256: fingerprint,
		Weakness: "RSA 1024 is shorter than 2048 bits", WeakSignature: true, MustStaple: true,
	}
	weak.Trust = pki.Trust{Roots: "system", Reason: pki.UnknownAuthority, Culprit: "CN=printer", Message: "no trusted root signed it"}
	weak.Trust.Flaws = []pki.Flaw{
		{Reason: pki.UnknownAuthority, Culprit: "CN=printer", Message: "no trusted root signed it"},
		{Reason: pki.WrongUsage, Rule: "extKeyUsage", Culprit: "CN=printer", Message: "it is for clients alone"},
	}
	fresh := leafOf(90)
	weak.Sibling = &pki.Sibling{Address: port("203.0.113.10:443"), Leaf: &fresh}
	weak.Staple = &pki.OCSP{
		Status: "revoked", RevokedAt: today.AddDate(0, 0, -3), Reason: "keyCompromise", Serial: "7f", ThisUpdate: today.Add(3 * time.Hour),
		Fault: fault("OCSP", probes.Malformed, "signed by nobody"),
	}
	long := chainOf(leafOf(90))
	for range 15 {
		long.Certificates = append(long.Certificates, intermediate())
	}
	long.Sent = 1000
	private := false
	long.Trust.Public = &private
	long.Sibling = &pki.Sibling{Address: port("203.0.113.10:443"), Fault: fault("dial", probes.Refused, "connection refused")}
	anew := chainOf(leafOf(90), intermediate())
	anew.Trust = pki.Trust{
		Roots: "none: no certificate in SSL_CERT_FILE /etc/ca.pem", NoRoots: true, Namesake: "CN=R11,O=Let's Encrypt,C=US",
		PublicRoot: "CN=ISRG Root X1,O=Internet Security Research Group,C=US", Reason: pki.UnknownAuthority, Culprit: "CN=R11",
		Message: "no root that this machine trusts has signed it",
	}
	anew.Certificates[0].Names = 250
	return map[string]*pki.Chain{
		"chain-anew": anew, "chain": fine,
		"chain-incomplete": incomplete, "chain-weak": weak, "chain-long": long, "chain-hostile": hostileChain(),
	}
}

func hostileChain() *pki.Chain {
	c := leafOf(90)
	c.Subject, c.Issuer, c.Serial, c.Key, c.Signature, c.SHA256, c.Weakness = hostile, hostile, hostile, hostile, hostile, hostile, hostile
	c.DNSNames, c.Usages, c.Purposes = []string{hostile, hostile}, []string{hostile}, []string{hostile}
	chain := chainOf(c)
	chain.Name = hostile
	chain.Trust = pki.Trust{Roots: hostile, Message: hostile, Namesake: hostile, PublicRoot: hostile, Completed: &pki.Completion{
		From: hostile, Added: []string{hostile}, Path: []string{hostile},
	}, Issuers: []pki.Fetch{{URL: hostile, Found: []string{hostile}}, {URL: hostile, Fault: fault(hostile, hostile, hostile)}}}
	chain.Trust.Trusted, chain.Trust.Flaws = false, []pki.Flaw{{Reason: hostile, Rule: hostile, Culprit: hostile, Message: hostile}}
	chain.Sibling = &pki.Sibling{Leaf: &c}
	chain.SCTs = []pki.SCT{{Source: hostile}}
	chain.Staple = &pki.OCSP{Status: hostile, Serial: hostile, Reason: hostile, Fault: fault(hostile, hostile, hostile)}
	return chain
}

// chainReport is a report of a chain in which a cause shows.
func chainReport(chain *pki.Chain) *checks.Report {
	return &checks.Report{
		Started: today,
		Checks:  []checks.Result{{ID: "tls.certificate", Status: checks.Fail, CausedBy: []string{"cert.expired"}, Observation: chain}},
		Causes:  []checks.Cause{{ID: "cert.expired", Severity: checks.SeverityFail}},
	}
}

func TestChains(t *testing.T) {
	for name, chain := range chains() {
		golden(t, filepath.Join(narrations, name+".golden"), []byte(securityOf(chainReport(chain), HumanOptions{Width: 80})))
		golden(t, filepath.Join(narrations, name+".verbose.golden"), []byte(securityOf(chainReport(chain), HumanOptions{Width: 80, Verbose: true})))
		golden(t, filepath.Join(narrations, name+".ascii.golden"), []byte(securityOf(chainReport(chain), HumanOptions{Width: 60, ASCII: true})))
	}
}

func TestCertificatesAreShownWhereTheyMatter(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*checks.Report)
		o      HumanOptions
		shown  bool
	}{
		"a cause":              {func(*checks.Report) {}, HumanOptions{}, true},
		"only for information": {func(r *checks.Report) { r.Causes[0].Severity = checks.SeverityInfo }, HumanOptions{}, false},
		"of something else": {func(r *checks.Report) {
			r.Checks[0].CausedBy[0], r.Causes[0].ID = "clock.local-skew", "clock.local-skew"
		}, HumanOptions{}, false},
		"not of this certificate": {func(r *checks.Report) { r.Checks[0].CausedBy = nil }, HumanOptions{}, false},
		"asked for":               {func(r *checks.Report) { r.Causes = nil }, HumanOptions{Verbose: true}, true},
		"traced":                  {func(r *checks.Report) { r.Causes = nil }, HumanOptions{Trace: true}, true},
		"there is none":           {func(r *checks.Report) { r.Checks[0].Observation = &pki.Chain{} }, HumanOptions{Trace: true}, false},
	} {
		report := chainReport(chains()["chain"])
		c.change(report)
		assert.Equal(t, c.shown, strings.Contains(securityOf(report, c.o), "Certificates"), name)
	}
}

func TestValidity(t *testing.T) {
	for name, c := range map[string]struct {
		at   time.Time
		says string
	}{
		"weeks are left":       {today, "2026-08-31 to 2026-12-31 13:24:33 UTC, 39 days left"},
		"the last day":         {today.AddDate(0, 0, 38), "2026-08-31 to 2026-12-31 13:24:33 UTC, 24 hours left"},
		"the last minutes":     {today.AddDate(0, 0, 39).Add(-10 * time.Minute), "2026-08-31 to 2026-12-31 13:24:33 UTC, 10 minutes left"},
		"the last second":      {today.AddDate(0, 0, 39), "2026-08-31 to 2026-12-31 13:24:33 UTC, 0 seconds left"},
		"a second later":       {today.AddDate(0, 0, 39).Add(time.Second), "2026-08-31 to 2026-12-31 13:24:33 UTC, expired 1 second ago"},
		"not yet":              {time.Date(2026, 8, 28, 23, 0, 0, 0, time.UTC), "2026-08-31 00:00:00 UTC to 2026-12-31, not for another 2 days"},
		"nobody knows the day": {time.Time{}, "2026-08-31 to 2026-12-31 13:24:33 UTC"},
	} {
		assert.Equal(t, c.says, validity(leafOf(39), c.at), name)
	}
}

func TestWhoSignedACertificate(t *testing.T) {
	unsigned := leafOf(90)
	unsigned.SignedBy = 0
	for name, c := range map[string]struct {
		sent []pki.Certificate
		says string
	}{
		"one that was sent":     {[]pki.Certificate{leafOf(90), intermediate()}, "signed by 2"},
		"one that was not sent": {[]pki.Certificate{unsigned}, "not sent"},
		"a namesake was sent":   {[]pki.Certificate{unsigned, intermediate()}, "2 bears that name, and did not sign"},
		"itself":                {[]pki.Certificate{{Subject: "CN=a", Issuer: "CN=a", SelfSigned: true}}, "self-signed"},
	} {
		assert.Equal(t, c.says, signerText(c.sent[0], c.sent), name)
	}
}

func TestNamesOfACertificate(t *testing.T) {
	many := make([]string, 99)
	for i := range many {
		many[i] = fmt.Sprintf("www%d.example.com", i)
	}
	addr := netip.MustParseAddr("2001:db8::1")
	for name, c := range map[string]struct {
		certificate pki.Certificate
		wanted      string
		says        string
	}{
		"few":              {pki.Certificate{DNSNames: []string{"a.example", "b.example"}}, "a.example", "a.example and b.example"},
		"the wanted first": {pki.Certificate{DNSNames: []string{"a.example", "*.b.example"}}, "www.b.example", "*.b.example and a.example"},
		"an address": {
			pki.Certificate{DNSNames: many, IPAddresses: []netip.Addr{addr}}, addr.String(),
			"2001:db8::1, www0.example.com, www1.example.com and 97 more",
		},
		"many": {pki.Certificate{DNSNames: many}, "a.example", "www0.example.com, www1.example.com, www2.example.com and 96 more"},
		"more than are kept": {
			pki.Certificate{DNSNames: many, Names: 12345}, "a.example", "www0.example.com, www1.example.com, www2.example.com and 12342 more",
		},
		"none":         {pki.Certificate{}, "a.example", "none"},
		"none of a CA": {pki.Certificate{CA: true}, "a.example", ""},
	} {
		assert.Equal(t, c.says, namesText(c.certificate, c.wanted), name)
	}
}

func TestRevocation(t *testing.T) {
	report := &checks.Report{Started: today, Checks: []checks.Result{{ID: "tls.revocation", Status: checks.Pass, Observation: &pki.Revocation{
		Answers: []pki.RevocationAnswer{
			{Subject: "CN=www.example.com", Leaf: true, Method: "OCSP", URL: "http://r11.o.lencr.org", Took: ms(36.1), Says: &pki.OCSP{
				Status: "good", Matches: true, Signed: true, ThisUpdate: today.AddDate(0, 0, -3), NextUpdate: today.AddDate(0, 0, 4),
			}},
			{Subject: "CN=R11,O=Let's Encrypt,C=US", Method: "CRL", URL: "http://x1.c.lencr.org", Took: ms(5000),
				Fault: fault("dial", probes.Timeout, "i/o timeout")},
			{Subject: hostile, Method: hostile, URL: hostile},
		},
	}}}}
	assert.Empty(t, securityOf(report, HumanOptions{Width: 80}))
	golden(t, filepath.Join(narrations, "revocation.golden"), []byte(securityOf(report, HumanOptions{Width: 80, Verbose: true})))
	report.Checks[0].Status = checks.Warn
	assert.Contains(t, securityOf(report, HumanOptions{Width: 80}), "Revocation")
}

func TestWhereRootsComeFromIsSaidOnce(t *testing.T) {
	report := chainReport(chains()["chain-incomplete"])
	report.Checks = append(report.Checks, report.Checks[0])
	page := securityOf(report, HumanOptions{Width: 80})
	assert.Equal(t, 2, strings.Count(page, "none to a root of this machine"))
	assert.Equal(t, 1, strings.Count(page, "(system and /etc/ca.pem)"))
	report.Causes[0].Evidence = []string{"no path to a root in the system and /etc/ca.pem store"}
	assert.NotContains(t, securityOf(report, HumanOptions{Width: 80}), "(system and /etc/ca.pem)", "a cause tells it")
}

func TestHostileCertificates(t *testing.T) {
	for _, o := range []HumanOptions{{Width: 80}, {Verbose: true}, {Width: 30, Verbose: true}} {
		page := securityOf(chainReport(hostileChain()), o)
		assert.Empty(t, notShown(page))
		assert.NotRegexp(t, "(?m)^✓ tcp", page)
	}
}
