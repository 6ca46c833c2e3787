package pki

import (
	"crypto/dsa" //nolint:staticcheck // such keys are named
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/json"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

func TestCertificateFacts(t *testing.T) {
	root := issued(t, authority("root"), nil)
	template := changed(leaf(), func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "ftp.example.com", Organization: []string{"Example, Inc."}, Country: []string{"AT"}}
		c.SerialNumber = big.NewInt(0x1234abcd)
		c.IPAddresses = []net.IP{net.IPv4(192, 0, 2, 1), net.ParseIP("2001:db8::1")}
		c.IssuingCertificateURL = []string{"http://ca.example/root.der"}
		c.OCSPServer = []string{"http://ocsp.example", "http://ocsp2.example"}
		c.CRLDistributionPoints = []string{"http://ca.example/root.crl"}
		c.KeyUsage |= x509.KeyUsageKeyEncipherment
		c.ExtKeyUsage = append(c.ExtKeyUsage, x509.ExtKeyUsageClientAuth)
		c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 3, 6, 1, 4, 1, 99999, 1}}
		c.ExtraExtensions = []pkix.Extension{tlsFeatures(0x02, 0x01, 0x11, 0x02, 0x01, 0x05)}
	})
	one := issued(t, template, root)
	chain := ReadChain(Presented{Certificates: chainOf(one, root)}, "ftp.example.com", trusting(root), now.In(time.FixedZone("CET", 3600)))
	got := chain.Certificates[0]
	assert.Len(t, got.SHA256, 64)
	got.SHA256 = ""
	assert.Equal(t, Certificate{
		Size:        len(one.Raw),
		Names:       3,
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
		OCSPServers: []string{"http://ocsp.example", "http://ocsp2.example"},
		CRLs:        []string{"http://ca.example/root.crl"},
		MustStaple:  true,
		Usages:      []string{"digitalSignature", "keyEncipherment"},
		Purposes:    []string{"serverAuth", "clientAuth", "1.3.6.1.4.1.99999.1"},
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

// tlsFeatures is the extension of RFC 7633.
func tlsFeatures(integers ...byte) pkix.Extension {
	return pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: append([]byte{0x30, byte(len(integers))}, integers...)}
}

func TestMustStaple(t *testing.T) {
	for name, test := range map[string]struct {
		extensions []pkix.Extension
		want       bool
	}{
		"no extension":      {nil, false},
		"status_request":    {[]pkix.Extension{tlsFeatures(0x02, 0x01, 0x05)}, true},
		"status_request_v2": {[]pkix.Extension{tlsFeatures(0x02, 0x01, 0x11)}, true},
		"after another":     {[]pkix.Extension{tlsFeatures(0x02, 0x01, 0x17, 0x02, 0x01, 0x05)}, true},
		"another":           {[]pkix.Extension{tlsFeatures(0x02, 0x01, 0x17)}, false},
		"empty":             {[]pkix.Extension{tlsFeatures()}, false},
		"cut short":         {[]pkix.Extension{tlsFeatures(0x02, 0x09, 0x05)}, false},
		"no list":           {[]pkix.Extension{{Id: tlsFeatures().Id, Value: []byte{5, 0}}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, mustStaple(&x509.Certificate{Extensions: test.extensions}))
		})
	}
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

func TestKeys(t *testing.T) {
	curve := func(c elliptic.Curve) *ecdsa.PublicKey {
		key, err := ecdsa.GenerateKey(c, rand.Reader)
		require.NoError(t, err)
		return &key.PublicKey
	}
	long := new(big.Int).Lsh(big.NewInt(1), 2047)
	for name, test := range map[string]struct {
		key            any
		want, weakness string
	}{
		"RSA":                 {&rsa.PublicKey{N: long, E: 65537}, "RSA 2048", ""},
		"RSA too short":       {&rsa.PublicKey{N: new(big.Int).Rsh(long, 1024), E: 65537}, "RSA 1024", "RSA 1024 is shorter than 2048 bits"},
		"RSA, exponent 3":     {&rsa.PublicKey{N: long, E: 3}, "RSA 2048", ""},
		"RSA, exponent 1":     {&rsa.PublicKey{N: long, E: 1}, "RSA 2048", "the RSA exponent 1 makes no usable key"},
		"RSA, even exponent":  {&rsa.PublicKey{N: long, E: 65538}, "RSA 2048", "the RSA exponent 65538 makes no usable key"},
		"DSA":                 {&dsa.PublicKey{Parameters: dsa.Parameters{P: long}}, "DSA 2048", "DSA is retired (FIPS 186-5)"},
		"P-224":               {curve(elliptic.P224()), "ECDSA P-224", "ECDSA P-224 is shorter than 256 bits"},
		"P-256":               {curve(elliptic.P256()), "ECDSA P-256", ""},
		"P-384":               {curve(elliptic.P384()), "ECDSA P-384", ""},
		"Ed25519":             {ed25519.PublicKey{}, "Ed25519", ""},
		"X25519, cannot sign": {&ecdh.PublicKey{}, "X25519", "clients in use do not know the algorithm of the key (X25519)"},
		"what the future holds": {
			nil, "unknown algorithm 1.2.3.4", "clients in use do not know the algorithm of the key (unknown algorithm 1.2.3.4)",
		},
	} {
		t.Run(name, func(t *testing.T) {
			info := []byte{0x30, 0x0a, 0x30, 0x05, 0x06, 0x03, 0x2a, 0x03, 0x04, 0x03, 0x01, 0x00}
			c := &x509.Certificate{PublicKey: test.key, RawSubjectPublicKeyInfo: info}
			assert.Equal(t, test.want, keyName(c))
			assert.Equal(t, test.weakness, weakness(c))
		})
	}
	assert.Equal(t, "unknown algorithm ", keyName(&x509.Certificate{}))
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
		c.OCSPServer, c.CRLDistributionPoints = c.IssuingCertificateURL, c.IssuingCertificateURL
		for i := range 1000 {
			c.UnknownExtKeyUsage = append(c.UnknownExtKeyUsage, asn1.ObjectIdentifier{1, 2, 3, i})
		}
	}), nil)
	chain := ReadChain(Presented{Certificates: chainOf(one)}, "ftp.example.com", trusting(), now)
	written, err := json.Marshal(chain)
	require.NoError(t, err)
	assert.Less(t, len(written), (2*maxNames+4*maxEntries+20)*probes.MaxText)
	got := chain.Certificates[0]
	assert.Len(t, got.DNSNames, maxNames)
	assert.Len(t, got.IPAddresses, maxNames)
	assert.Len(t, got.IssuerURLs, maxEntries)
	texts := slices.Concat(got.DNSNames, got.IssuerURLs, got.OCSPServers, got.CRLs, got.Purposes)
	for _, text := range append(texts, got.Subject, got.Issuer, got.Serial, chain.Trust.Culprit, chain.Trust.Message) {
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
			got := ReadChain(Presented{Certificates: chainOf(one)}, test.wanted, trusting(), now).Certificates[0]
			assert.Equal(t, test.matches, got.Matches(test.wanted))
			assert.Equal(t, 702, got.Names)
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
	got := ReadChain(Presented{Certificates: chainOf(one)}, "ftp.example.com", trusting(), now).Certificates[0]
	assert.False(t, got.Matches("ftp.example.com"), "the common name does not count")
}

// A subject may be of any length, and only its beginning is ever written out.
func TestSubjectOfManyAttributes(t *testing.T) {
	one := issued(t, changed(leaf(), func(c *x509.Certificate) {
		for i := range 20_000 {
			unit := pkix.AttributeTypeAndValue{Type: asn1.ObjectIdentifier{2, 5, 4, 11}, Value: fmt.Sprintf("%d", i)}
			c.Subject.ExtraNames = append(c.Subject.ExtraNames, unit)
		}
	}), nil)
	got := ReadChain(Presented{Certificates: chainOf(one)}, "ftp.example.com", trusting(), now).Certificates[0]
	assert.True(t, strings.HasPrefix(got.Subject, "CN=leaf,OU=0+OU=1"), got.Subject)
	assert.LessOrEqual(t, len(got.Subject), probes.MaxText)
	assert.NotContains(t, got.Subject, "100")
}
