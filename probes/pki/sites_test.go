package pki

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// wrongs are what is wrong with a chain, in the words by which the sites with bad certificates are known.
func wrongs(chain Chain) (all []string) {
	leaf := chain.Certificates[0]
	for _, wrong := range []struct {
		is   bool
		name string
	}{
		{chain.At.After(leaf.NotAfter), "expired"},
		{chain.At.Before(leaf.NotBefore), "not yet valid"},
		{!leaf.Matches(chain.Name), "wrong host"},
		{leaf.Weakness != "", "weak key"},
		{leaf.SelfSigned, "self-signed"},
		{leaf.MustStaple && chain.Staple == nil, "no staple"},
		{chain.Staple != nil && chain.Staple.Fault == nil && chain.Staple.Status == "revoked", "revoked"},
		{chain.Trust.Completed != nil, "incomplete chain"},
	} {
		if wrong.is {
			all = append(all, wrong.name)
		}
	}
	return append(all, flawsOf(chain.Trust)...)
}

// The kinds of certificates of the sites that show bad ones, each with all that is wrong with it, over a root that a user has installed.
func TestSitesWithBadCertificates(t *testing.T) {
	now := time.Now()
	root := tlstest.NewCA("root")
	rsaRoot := tlstest.Authority{Name: "RSA root", Key: tlstest.RSA(2048)}.Root()
	middle := root.Intermediate("middle")
	sha1 := rsaRoot.Authorize(tlstest.Authority{Name: "SHA-1", Change: func(c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA }})
	stale := root.Authorize(tlstest.Authority{Name: "stale", NotAfter: now.AddDate(0, 0, -1)})
	roots := Roots{
		Pool: poolOf(chainOfCAs(root, rsaRoot)), Extra: []Addition{{Certificate: middle.Certificate, From: "ca.pem"}},
		List: func() []*x509.Certificate { return chainOfCAs(root, rsaRoot) },
	}
	const host = "site.example"
	named := func(change func(*tlstest.Leaf)) tlstest.Leaf {
		leaf := tlstest.Leaf{Names: []string{host}}
		if change != nil {
			change(&leaf)
		}
		return leaf
	}
	sans := func(n int) tlstest.Leaf {
		return named(func(leaf *tlstest.Leaf) {
			leaf.Names = append(many("site%d.example", n), leaf.Names...)
		})
	}
	subject := func(name pkix.Name) tlstest.Leaf {
		return named(func(leaf *tlstest.Leaf) { leaf.Change = func(c *x509.Certificate) { c.Subject = name } })
	}
	key := func(k tlstest.Key) tlstest.Leaf { return named(func(leaf *tlstest.Leaf) { leaf.Key = k }) }
	for name, test := range map[string]struct {
		ca   *tlstest.CA
		leaf tlstest.Leaf
		want []string
	}{
		"good, for its root": {middle, named(nil), nil},
		"expired":            {middle, named(func(leaf *tlstest.Leaf) { leaf.NotAfter = now.Add(-time.Minute) }), []string{"expired"}},
		"not yet valid":      {middle, named(func(leaf *tlstest.Leaf) { leaf.NotBefore = now.Add(time.Minute) }), []string{"not yet valid"}},
		"wrong host":         {middle, tlstest.Leaf{Names: []string{"*.site.example"}}, []string{"wrong host"}},
		"no common name":     {middle, subject(pkix.Name{Country: []string{"AT"}}), nil},
		"no subject":         {middle, subject(pkix.Name{}), nil},
		"incomplete chain": {
			middle, named(func(leaf *tlstest.Leaf) { leaf.Send = tlstest.SendLeaf }),
			[]string{"incomplete chain", "unknown-authority @ CN=site.example"},
		},
		"SHA-1 intermediate":   {sha1, named(nil), []string{"weak-signature @ CN=SHA-1"}},
		"expired intermediate": {stale, named(nil), []string{"expired @ CN=stale"}},
		"1024 bits":            {middle, key(tlstest.RSA(1024)), []string{"weak key"}},
		"2048 bits":            {middle, key(tlstest.RSA(2048)), nil},
		"Ed25519":              {middle, key(tlstest.Ed25519), nil},
		"P-224":                {middle, key(tlstest.P224), []string{"weak key"}},
		"1000 names":           {middle, sans(1000), nil},
		"10000 names":          {middle, sans(10000), nil},
		"no staple":            {middle, named(func(leaf *tlstest.Leaf) { leaf.MustStaple = true }), []string{"no staple"}},
		"untrusted root": {
			tlstest.NewCA("untrusted"), named(func(leaf *tlstest.Leaf) { leaf.Send = tlstest.SendRoot }),
			[]string{"unknown-authority @ CN=untrusted"},
		},
		"for clients": {
			middle, named(func(leaf *tlstest.Leaf) {
				leaf.Change = func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }
			}),
			[]string{"usage extKeyUsage @ CN=site.example"},
		},
		"all at once": {
			tlstest.NewCA("untrusted"), tlstest.Leaf{Names: []string{"other.example"}, NotAfter: now.Add(-time.Minute), Key: tlstest.RSA(1024)},
			[]string{"expired", "wrong host", "weak key", "unknown-authority @ CN=other.example"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			chain := ReadChain(presentedBy(test.ca, test.leaf), host, roots, now)
			assert.ElementsMatch(t, test.want, wrongs(chain))
		})
	}

	t.Run("self-signed", func(t *testing.T) {
		self, err := x509.ParseCertificate(tlstest.SelfSigned(named(nil)).Certificate[0])
		require.NoError(t, err)
		chain := ReadChain(Presented{Certificates: []*x509.Certificate{self}}, host, roots, now)
		assert.Equal(t, []string{"self-signed", "unknown-authority @ CN=site.example"}, wrongs(chain))
	})
	t.Run("revoked", func(t *testing.T) {
		p := presentedBy(root, named(nil))
		p.Staple = root.OCSP(p.Certificates[0], tlstest.Status{RevokedAt: now.Add(-time.Hour)})
		assert.Equal(t, []string{"revoked"}, wrongs(ReadChain(p, host, roots, now)))
	})
}
