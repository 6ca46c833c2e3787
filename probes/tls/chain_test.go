package tls

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// now is the time at which all chains are read.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// identity is a certificate with its key.
type identity struct {
	*x509.Certificate
	key *ecdsa.PrivateKey
}

// leaf is what a healthy server certificate says.
func leaf() *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: "leaf"},
		DNSNames:    []string{"ftp.example.com"},
		NotBefore:   now.AddDate(0, -1, 0),
		NotAfter:    now.AddDate(0, 1, 0),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

// authority is what a healthy authority's certificate says.
func authority(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.AddDate(-10, 0, 0),
		NotAfter:              now.AddDate(10, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// changed is the template with something else in it.
func changed(template *x509.Certificate, change func(*x509.Certificate)) *x509.Certificate {
	change(template)
	return template
}

var serials int64

// issued makes a certificate of the template, signed by an issuer, or by itself.
func issued(t testing.TB, template *x509.Certificate, by *identity) *identity {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	return signed(t, template, &identity{key: key}, by)
}

// signed is a certificate for the key of one, signed by another.
func signed(t testing.TB, template *x509.Certificate, of, by *identity) *identity {
	t.Helper()
	if template.SerialNumber == nil {
		serials++
		template.SerialNumber = big.NewInt(serials)
	}
	parent, key := template, of.key
	if by != nil {
		parent, key = by.Certificate, by.key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &of.key.PublicKey, key)
	require.NoError(t, err)
	certificate, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	return &identity{certificate, of.key}
}

// chainOf are the certificates that a server sends.
func chainOf(identities ...*identity) []*x509.Certificate {
	var all []*x509.Certificate
	for _, i := range identities {
		all = append(all, i.Certificate)
	}
	return all
}

// trusting are the roots of a machine that trusts these.
func trusting(identities ...*identity) Roots {
	pool := x509.NewCertPool()
	for _, i := range identities {
		pool.AddCert(i.Certificate)
	}
	return Roots{Pool: pool, From: "system"}
}

func TestReadChain(t *testing.T) {
	root := issued(t, authority("root"), nil)
	other := issued(t, authority("other root"), nil)
	middle := issued(t, authority("middle"), root)
	stale := issued(t, changed(authority("middle"), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }), root)
	fresh := signed(t, authority("middle"), stale, root)
	early := issued(t, changed(authority("early"), func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) }), root)
	deadRoot := issued(t, changed(authority("dead root"), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }), nil)
	shallow := issued(t, changed(authority("shallow"), func(c *x509.Certificate) { c.MaxPathLenZero = true }), root)
	below := issued(t, authority("below"), shallow)
	narrow := issued(t, changed(authority("narrow"), func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} }), root)
	narrowUse := issued(t, changed(authority("mail alone"), func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	}), root)

	trusted := func(path ...string) Trust { return Trust{Roots: "system", Trusted: true, Path: path} }
	not := func(reason Reason, culprit string) Trust {
		return Trust{Roots: "system", Reason: reason, Culprit: culprit}
	}
	for name, test := range map[string]struct {
		presented []*x509.Certificate
		want      Trust
	}{
		"under the root":              {chainOf(issued(t, leaf(), root)), trusted("CN=leaf", "CN=root")},
		"under an intermediate":       {chainOf(issued(t, leaf(), middle), middle), trusted("CN=leaf", "CN=middle", "CN=root")},
		"root sent as well":           {chainOf(issued(t, leaf(), middle), middle, root), trusted("CN=leaf", "CN=middle", "CN=root")},
		"sent in the wrong order":     {chainOf(issued(t, leaf(), middle), root, other, middle), trusted("CN=leaf", "CN=middle", "CN=root")},
		"another name":                {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.DNSNames = []string{"www.example.org"} }), root)), trusted("CN=leaf", "CN=root")},
		"expired":                     {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }), root)), trusted("CN=leaf", "CN=root")},
		"not yet valid":               {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) }), root)), trusted("CN=leaf", "CN=root")},
		"expired and untrusted":       {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }), other)), not(UnknownAuthority, "CN=leaf")},
		"self-signed":                 {chainOf(issued(t, leaf(), nil)), not(UnknownAuthority, "CN=leaf")},
		"untrusted root sent":         {chainOf(issued(t, leaf(), other), other), not(UnknownAuthority, "CN=other root")},
		"untrusted root not sent":     {chainOf(issued(t, leaf(), other)), not(UnknownAuthority, "CN=leaf")},
		"intermediate not sent":       {chainOf(issued(t, leaf(), middle)), not(UnknownAuthority, "CN=leaf")},
		"the wrong intermediate":      {chainOf(issued(t, leaf(), middle), shallow), not(UnknownAuthority, "CN=leaf")},
		"intermediate expired":        {chainOf(issued(t, leaf(), stale), stale), not(ExpiredIssuer, "CN=middle")},
		"expired and a fresh one":     {chainOf(issued(t, leaf(), stale), stale, fresh), trusted("CN=leaf", "CN=middle", "CN=root")},
		"intermediate not yet valid":  {chainOf(issued(t, leaf(), early), early), not(ExpiredIssuer, "CN=early")},
		"trusted root expired":        {chainOf(issued(t, leaf(), deadRoot)), not(ExpiredIssuer, "CN=dead root")},
		"for clients alone":           {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), root)), not(WrongUsage, "CN=leaf")},
		"for any use":                 {chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageAny} }), root)), trusted("CN=leaf", "CN=root")},
		"of an issuer for mail":       {chainOf(issued(t, leaf(), narrowUse), narrowUse), not(WrongUsage, "CN=leaf")},
		"path too long":               {chainOf(issued(t, leaf(), below), below, shallow), not(Constraint, "CN=shallow")},
		"outside the name constraint": {chainOf(issued(t, leaf(), narrow), narrow), not(Constraint, "CN=leaf")},
	} {
		t.Run(name, func(t *testing.T) {
			chain := ReadChain(test.presented, "ftp.example.com", trusting(root, deadRoot), now)
			assert.Equal(t, "ftp.example.com", chain.Name)
			assert.Equal(t, now, chain.At)
			assert.Equal(t, len(test.presented), chain.Sent)
			require.Len(t, chain.Certificates, len(test.presented))
			assert.Equal(t, test.want.Trusted, chain.Trust.Message == "")
			chain.Trust.Message = ""
			assert.Equal(t, test.want, chain.Trust)
		})
	}
}

func TestReadChainOfNothing(t *testing.T) {
	chain := ReadChain(nil, "ftp.example.com", trusting(), now)
	assert.Equal(t, Chain{Name: "ftp.example.com", At: now, Trust: Trust{Roots: "system"}}, chain)
}

func TestCertificateFacts(t *testing.T) {
	root := issued(t, authority("root"), nil)
	template := changed(leaf(), func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "ftp.example.com", Organization: []string{"Example, Inc."}, Country: []string{"AT"}}
		c.SerialNumber = big.NewInt(0x1234abcd)
		c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1), net.ParseIP("2001:db8::1")}
		c.IssuingCertificateURL = []string{"http://ca.example/root.der"}
	})
	one := issued(t, template, root)
	chain := ReadChain(chainOf(one, root), "ftp.example.com", trusting(root), now.In(time.FixedZone("CET", 3600)))
	got := chain.Certificates[0]
	assert.Len(t, got.SHA256, 64)
	got.SHA256 = ""
	assert.Equal(t, Certificate{
		Subject:     `CN=ftp.example.com,O=Example\, Inc.,C=AT`,
		Issuer:      "CN=root",
		Serial:      "1234abcd",
		SignedBy:    2,
		NotBefore:   template.NotBefore,
		NotAfter:    template.NotAfter,
		DNSNames:    []string{"ftp.example.com"},
		IPAddresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
		Key:         "ECDSA P-256",
		Signature:   "ECDSA-SHA256",
		IssuerURLs:  []string{"http://ca.example/root.der"},
	}, got)
	assert.True(t, chain.Certificates[1].CA)
	assert.True(t, chain.Certificates[1].SelfSigned)
	assert.Equal(t, now, chain.At)

	written, err := json.Marshal(chain)
	require.NoError(t, err)
	var read Chain
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, chain, read)
}

func TestSelfSigned(t *testing.T) {
	root := issued(t, authority("root"), nil)
	namesake := issued(t, authority("root"), root)
	for name, test := range map[string]struct {
		certificate *identity
		want        bool
	}{
		"root":                    {root, true},
		"leaf that signed itself": {issued(t, leaf(), nil), true},
		"leaf of a CA":            {issued(t, leaf(), root), false},
		"issuer and subject alike, another's key": {namesake, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, selfSigned(test.certificate.Certificate)) })
	}
}

func TestSignedBy(t *testing.T) {
	root := issued(t, authority("root"), nil)
	middle := issued(t, authority("middle"), root)
	namesake := issued(t, authority("middle"), root) // with a key of its own
	one := issued(t, leaf(), middle)
	for name, test := range map[string]struct {
		sent []*x509.Certificate
		want []int
	}{
		"in order":                 {chainOf(one, middle, root), []int{2, 3, 0}},
		"root twice":               {chainOf(one, middle, root, root), []int{2, 3, 0, 0}},
		"in another order":         {chainOf(one, root, middle), []int{3, 0, 2}},
		"another of the same name": {chainOf(one, namesake, middle), []int{3, 0, 0}},
		"leaf alone":               {chainOf(one), []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, c := range ReadChain(test.sent, "ftp.example.com", trusting(root), now).Certificates {
				got = append(got, c.SignedBy)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestKeyName(t *testing.T) {
	curve, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	require.NoError(t, err)
	edwards, _, err := ed25519.GenerateKey(rand.Reader)
	require.NoError(t, err)
	for want, key := range map[string]any{
		"RSA 1024":    &rsa.PublicKey{N: new(big.Int).Lsh(big.NewInt(1), 1023), E: 65537},
		"ECDSA P-384": &curve.PublicKey,
		"Ed25519":     edwards,
		"string":      "what will be",
	} {
		assert.Equal(t, want, keyName(key))
	}
}

func TestThousandCertificates(t *testing.T) {
	root := issued(t, authority("root"), nil)
	presented := chainOf(issued(t, leaf(), root))
	for len(presented) < 1000 {
		presented = append(presented, root.Certificate)
	}
	chain := ReadChain(presented, "ftp.example.com", trusting(root), now)
	assert.Equal(t, 1000, chain.Sent)
	assert.Len(t, chain.Certificates, MaxCertificates)
	assert.True(t, chain.Trust.Trusted)
}

func TestHugeCertificate(t *testing.T) {
	const huge = 100_000
	name := pkix.Name{CommonName: strings.Repeat("x", huge), Organization: []string{"\x1b[31m" + strings.Repeat("y", huge)}}
	one := issued(t, changed(leaf(), func(c *x509.Certificate) {
		c.Subject = name
		c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), huge)
		c.DNSNames = many("%d."+strings.Repeat("z.", 400)+"example", 1000)
		c.IPAddresses = nil
		for i := range 1000 {
			c.IPAddresses = append(c.IPAddresses, net.IPv4(10, 0, byte(i>>8), byte(i)))
		}
		c.IssuingCertificateURL = many("http://%d.example/"+strings.Repeat("u", 1000), 1000)
	}), nil)
	chain := ReadChain(chainOf(one), "ftp.example.com", trusting(), now)
	written, err := json.Marshal(chain)
	require.NoError(t, err)
	assert.Less(t, len(written), 2*maxNames*probes.MaxText+10*probes.MaxText)
	got := chain.Certificates[0]
	assert.Len(t, got.DNSNames, maxNames)
	assert.Len(t, got.IPAddresses, maxNames)
	assert.Len(t, got.IssuerURLs, maxNames)
	for _, text := range append(append(got.DNSNames, got.IssuerURLs...), got.Subject, got.Issuer, got.Serial, chain.Trust.Culprit, chain.Trust.Message) {
		assert.LessOrEqual(t, len(text), probes.MaxText)
	}
}

func many(format string, n int) []string {
	var all []string
	for i := range n {
		all = append(all, fmt.Sprintf(format, i))
	}
	return all
}

// The name that counts may be the last of hundreds.
func TestNameAmongHundreds(t *testing.T) {
	for name, test := range map[string]struct {
		wanted  string
		matches bool
	}{
		"the first":                  {"0.example.com", true},
		"the last":                   {"ftp.example.org", true},
		"by a wildcard at the end":   {"www.example.net", true},
		"the last address":           {"192.0.2.99", true},
		"none":                       {"ftp.example.net.au", false},
		"no address":                 {"192.0.2.100", false},
		"one that is not kept alone": {"499.example.com", true},
	} {
		t.Run(name, func(t *testing.T) {
			one := issued(t, changed(leaf(), func(c *x509.Certificate) {
				c.DNSNames = append(many("%d.example.com", 500), "ftp.example.org", "*.example.net")
				for i := range 100 {
					c.IPAddresses = append(c.IPAddresses, net.IPv4(10, 0, 0, byte(i)), net.IPv4(192, 0, 2, byte(i)))
				}
			}), nil)
			got := ReadChain(chainOf(one), test.wanted, trusting(), now).Certificates[0]
			assert.Equal(t, test.matches, got.Matches(test.wanted))
			assert.LessOrEqual(t, len(got.DNSNames), maxNames+1)
			assert.LessOrEqual(t, len(got.IPAddresses), maxNames+1)
		})
	}
}

func TestMatches(t *testing.T) {
	certificate := Certificate{
		DNSNames: []string{
			"ftp.example.com", "*.example.org", "Upper.Example.COM", "xn--bcher-kva.example", "192.0.2.77", "under_score.example",
			"f*.example.net", "*", "*.*.example.info", "good.example\x00.evil.example",
		},
		IPAddresses: []netip.Addr{netip.MustParseAddr("192.0.2.1"), netip.MustParseAddr("2001:db8::1")},
	}
	for name, want := range map[string]bool{
		"ftp.example.com":          true,
		"FTP.example.com":          true,
		"ftp.example.com.":         true,
		"upper.example.com":        true,
		"example.com":              false,
		"x.ftp.example.com":        false,
		"ftp.example.com.evil":     false,
		"www.example.org":          true,
		"www.example.org.":         true,
		"WWW.EXAMPLE.ORG":          true,
		"example.org":              false,
		"a.b.example.org":          false,
		".example.org":             false,
		"*.example.org":            true, // the very text; no host has this name
		"xn--bcher-kva.example":    true,
		"XN--BCHER-KVA.example":    true,
		"bücher.example":           false, // a target is asked for by its ASCII form
		"under_score.example":      true,
		"ftp.example.net":          false,
		"localhost":                false,
		"a.b.example.info":         false,
		"good.example":             false,
		"192.0.2.1":                true,
		"::ffff:192.0.2.1":         true,
		"192.0.2.2":                false,
		"192.0.2.77":               false, // an address as a name is none
		"2001:db8::1":              true,
		"2001:db8:0:0:0:0:0:1":     true,
		"[2001:db8::1]":            true,
		"2001:db8::2":              false,
		"":                         false,
		".":                        false,
		"ftp.example.com\x00.evil": false,
	} {
		assert.Equal(t, want, certificate.Matches(name), "%q", name)
	}
}

func TestMatchesWithoutAlternativeName(t *testing.T) {
	one := issued(t, changed(leaf(), func(c *x509.Certificate) {
		c.Subject.CommonName, c.DNSNames = "ftp.example.com", nil
	}), nil)
	got := ReadChain(chainOf(one), "ftp.example.com", trusting(), now).Certificates[0]
	assert.False(t, got.Matches("ftp.example.com"), "the common name does not count")
}
