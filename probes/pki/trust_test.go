package pki

import (
	"bytes"
	"crypto"
	"crypto/md5"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// flawsOf are a chain's flaws in short: "reason rule @ culprit".
func flawsOf(trust Trust) (all []string) {
	for _, f := range trust.Flaws {
		words := string(f.Reason)
		if f.Rule != "" {
			words += " " + f.Rule
		}
		all = append(all, words+" @ "+f.Culprit)
	}
	return all
}

// lab is a set of authorities. All roots but the other are trusted.
type lab struct {
	root, other, deadRoot, narrowRoot                                             *identity
	middle, stale, fresh, early, shallow, below, narrow, mail, nested, mute, mind *identity
}

func newLab(t *testing.T) (l lab) {
	expired := func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }
	l.root = issued(t, authority("root"), nil)
	l.other = issued(t, authority("other root"), nil)
	l.deadRoot = issued(t, changed(authority("dead root"), expired), nil)
	l.narrowRoot = issued(t, changed(authority("narrow root"), func(c *x509.Certificate) {
		c.ExcludedDNSDomains = []string{"example.com"}
	}), nil)
	l.middle = issued(t, authority("middle"), l.root)
	l.stale = issued(t, changed(authority("stale"), expired), l.root)
	l.fresh = signed(t, authority("stale"), l.stale, l.root)
	l.early = issued(t, changed(authority("early"), func(c *x509.Certificate) { c.NotBefore = now.AddDate(0, 0, 1) }), l.root)
	l.shallow = issued(t, changed(authority("shallow"), func(c *x509.Certificate) { c.MaxPathLenZero = true }), l.root)
	l.below = issued(t, authority("below"), l.shallow)
	l.narrow = issued(t, changed(authority("narrow"), func(c *x509.Certificate) { c.PermittedDNSDomains = []string{"example.org"} }), l.root)
	l.mail = issued(t, changed(authority("mail"), func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageEmailProtection}
	}), l.root)
	l.nested = issued(t, changed(authority("nested"), func(c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}), l.mail)
	l.mute = issued(t, changed(authority("mute"), func(c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign }), l.root)
	l.mind = issued(t, changed(authority("peculiar"), func(c *x509.Certificate) {
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 2, 3, 4}, Critical: true, Value: []byte{5, 0}}}
	}), l.root)
	return l
}

func (l lab) roots() Roots { return trusting(l.root, l.deadRoot, l.narrowRoot) }

func TestTrust(t *testing.T) {
	l := newLab(t)
	dated := func(from, to int) *x509.Certificate {
		return changed(leaf(), func(c *x509.Certificate) { c.NotBefore, c.NotAfter = now.AddDate(0, 0, from), now.AddDate(0, 0, to) })
	}
	purpose := func(p x509.ExtKeyUsage) *x509.Certificate {
		return changed(leaf(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{p} })
	}
	noCA := issued(t, leaf(), nil)
	sub := issued(t, changed(authority("no CA"), func(c *x509.Certificate) { c.IsCA, c.KeyUsage = false, 0 }), l.root)
	lost := issued(t, authority("lost"), l.other)
	for name, test := range map[string]struct {
		presented []*x509.Certificate
		path      []string // of a trusted chain
		flaws     []string
		vouched   bool
	}{
		"under the root": {presented: chainOf(issued(t, leaf(), l.root)), path: []string{"CN=leaf", "CN=root"}},
		"under an intermediate": {
			presented: chainOf(issued(t, leaf(), l.middle), l.middle), path: []string{"CN=leaf", "CN=middle", "CN=root"},
		},
		"root sent as well": {
			presented: chainOf(issued(t, leaf(), l.middle), l.middle, l.root), path: []string{"CN=leaf", "CN=middle", "CN=root"},
		},
		"sent in the wrong order": {
			presented: chainOf(issued(t, leaf(), l.middle), l.root, l.other, l.middle), path: []string{"CN=leaf", "CN=middle", "CN=root"},
		},
		"another name": {
			presented: chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.DNSNames = []string{"www.example.org"} }), l.root)),
			path:      []string{"CN=leaf", "CN=root"},
		},
		"expired": {presented: chainOf(issued(t, dated(-9, -1), l.root)), path: []string{"CN=leaf", "CN=root"}},
		"expired years ago": {
			presented: chainOf(issued(t, dated(-9000, -8000), l.middle), l.middle), path: []string{"CN=leaf", "CN=middle", "CN=root"},
		},
		"not yet valid": {presented: chainOf(issued(t, dated(1, 9), l.root)), path: []string{"CN=leaf", "CN=root"}},
		"valid when all else is not": {
			presented: chainOf(issued(t, dated(8000, 9000), l.middle), l.middle), path: []string{"CN=leaf", "CN=middle", "CN=root"},
		},
		"for any use": {presented: chainOf(issued(t, purpose(x509.ExtKeyUsageAny), l.root)), path: []string{"CN=leaf", "CN=root"}},
		"no common name": {
			presented: chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.Subject = pkix.Name{Country: []string{"AT"}} }), l.root)),
			path:      []string{"C=AT", "CN=root"},
		},
		"no subject": {
			presented: chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.Subject = pkix.Name{} }), l.root)),
			path:      []string{"", "CN=root"},
		},
		"expired and a fresh one": {
			presented: chainOf(issued(t, leaf(), l.stale), l.stale, l.fresh), path: []string{"CN=leaf", "CN=stale", "CN=root"},
		},
		"a root sent as leaf": {presented: chainOf(l.root), path: []string{"CN=root"}},

		"expired and untrusted": {
			presented: chainOf(issued(t, dated(-9, -1), l.other)), flaws: []string{"unknown-authority @ CN=leaf"},
		},
		"self-signed": {presented: chainOf(issued(t, leaf(), nil)), flaws: []string{"unknown-authority @ CN=leaf"}},
		"untrusted root sent": {
			presented: chainOf(issued(t, leaf(), l.other), l.other), flaws: []string{"unknown-authority @ CN=other root"},
		},
		"untrusted root not sent": {presented: chainOf(issued(t, leaf(), l.other)), flaws: []string{"unknown-authority @ CN=leaf"}},
		"untrusted, with an intermediate": {
			presented: chainOf(issued(t, leaf(), lost), lost, l.other), flaws: []string{"unknown-authority @ CN=other root"},
		},
		"intermediate not sent": {presented: chainOf(issued(t, leaf(), l.middle)), flaws: []string{"unknown-authority @ CN=leaf"}},
		"the wrong intermediate": {
			presented: chainOf(issued(t, leaf(), l.middle), l.shallow), flaws: []string{"unknown-authority @ CN=leaf"},
		},
		"intermediate expired": {
			presented: chainOf(issued(t, leaf(), l.stale), l.stale), flaws: []string{"expired @ CN=stale"}, vouched: true,
		},
		"leaf and intermediate expired": {
			presented: chainOf(issued(t, dated(-90, -7), l.stale), l.stale), flaws: []string{"expired @ CN=stale"}, vouched: true,
		},
		"intermediate not yet valid": {
			presented: chainOf(issued(t, leaf(), l.early), l.early), flaws: []string{"expired @ CN=early"}, vouched: true,
		},
		"trusted root expired": {
			presented: chainOf(issued(t, leaf(), l.deadRoot)), flaws: []string{"expired @ CN=dead root"}, vouched: true,
		},
		"for clients alone": {
			presented: chainOf(issued(t, purpose(x509.ExtKeyUsageClientAuth), l.root)), flaws: []string{"usage extKeyUsage @ CN=leaf"},
			vouched: true,
		},
		"of an issuer for mail": {
			presented: chainOf(issued(t, leaf(), l.mail), l.mail), flaws: []string{"usage extKeyUsage @ CN=mail"}, vouched: true,
		},
		"of an issuer under one for mail": {
			presented: chainOf(issued(t, leaf(), l.nested), l.nested, l.mail), flaws: []string{"usage extKeyUsage @ CN=mail"}, vouched: true,
		},
		"for clients, of an expired one": {
			presented: chainOf(issued(t, purpose(x509.ExtKeyUsageClientAuth), l.stale), l.stale),
			flaws:     []string{"usage extKeyUsage @ CN=leaf", "expired @ CN=stale"}, vouched: true,
		},
		"for clients, of an unknown one": {
			presented: chainOf(issued(t, purpose(x509.ExtKeyUsageClientAuth), l.other)),
			flaws:     []string{"unknown-authority @ CN=leaf", "usage extKeyUsage @ CN=leaf"},
		},
		"for clients, path just not too long": {
			presented: chainOf(issued(t, purpose(x509.ExtKeyUsageClientAuth), l.shallow), l.shallow),
			flaws:     []string{"usage extKeyUsage @ CN=leaf"}, vouched: true,
		},
		"path too long": {
			presented: chainOf(issued(t, leaf(), l.below), l.below, l.shallow), flaws: []string{"constraint pathLenConstraint @ CN=shallow"},
		},
		"outside the name constraint": {
			presented: chainOf(issued(t, leaf(), l.narrow), l.narrow), flaws: []string{"constraint nameConstraints @ CN=narrow"},
		},
		"excluded by the root": {
			presented: chainOf(issued(t, leaf(), l.narrowRoot), l.narrowRoot), flaws: []string{"constraint nameConstraints @ CN=narrow root"},
		},
		"issuer without keyCertSign": {
			presented: chainOf(issued(t, leaf(), l.mute), l.mute), flaws: []string{"constraint keyUsage @ CN=mute"},
		},
		"issuer is no CA": {
			presented: chainOf(issued(t, leaf(), sub), sub), flaws: []string{"constraint basicConstraints @ CN=no CA"},
		},
		"signed by a self-signed leaf": {
			presented: chainOf(issued(t, changed(leaf(), func(c *x509.Certificate) { c.Subject.CommonName = "under" }), noCA), noCA),
			flaws:     []string{"unknown-authority @ CN=leaf", "constraint basicConstraints @ CN=leaf", "constraint keyUsage @ CN=leaf"},
		},
		"issuer with a peculiar extension": {presented: chainOf(issued(t, leaf(), l.mind), l.mind), flaws: []string{"other @ CN=peculiar"}},
	} {
		t.Run(name, func(t *testing.T) {
			trust := ReadChain(Presented{Certificates: test.presented}, "ftp.example.com", l.roots(), now).Trust
			assert.Equal(t, "system", trust.Roots)
			assert.Equal(t, test.path, trust.Path)
			assert.Equal(t, test.path != nil, trust.Trusted)
			assert.Equal(t, test.vouched || test.path != nil, trust.Vouched)
			assert.Equal(t, test.flaws, flawsOf(trust))
			if len(trust.Flaws) > 0 {
				first := trust.Flaws[0]
				assert.Equal(t, first.Reason, trust.Reason)
				assert.Equal(t, []string{first.Culprit, first.Message}, []string{trust.Culprit, trust.Message})
				assert.NotEmpty(t, trust.Message)
			}
		})
	}
}

// Where the dates of an issuer are at fault, the flaw has them: the issuer may be a root, which is not among those sent.
func TestDatesOfTheCulprit(t *testing.T) {
	l := newLab(t)
	for name, test := range map[string]struct {
		presented []*x509.Certificate
		culprit   *identity
	}{
		"a root of this machine":       {chainOf(issued(t, leaf(), l.deadRoot)), l.deadRoot},
		"an intermediate":              {chainOf(issued(t, leaf(), l.stale), l.stale), l.stale},
		"one that is not yet valid":    {chainOf(issued(t, leaf(), l.early), l.early), l.early},
		"none: the issuer is unknown":  {chainOf(issued(t, leaf(), l.other)), nil},
		"none: the issuer has a limit": {chainOf(issued(t, leaf(), l.narrow), l.narrow), nil},
	} {
		t.Run(name, func(t *testing.T) {
			flaws := ReadChain(Presented{Certificates: test.presented}, "", l.roots(), now).Trust.Flaws
			require.Len(t, flaws, 1)
			var from, to time.Time
			if test.culprit != nil {
				from, to = test.culprit.NotBefore, test.culprit.NotAfter
			}
			assert.Equal(t, []time.Time{from, to}, []time.Time{flaws[0].NotBefore, flaws[0].NotAfter})
		})
	}
}

// A self-signed certificate that is no CA is trusted for itself, and not for what it signs.
func TestTrustedLeafUsedAsCA(t *testing.T) {
	anchor := issued(t, leaf(), nil)
	roots := trusting(anchor)
	assert.True(t, ReadChain(Presented{Certificates: chainOf(anchor)}, "", roots, now).Trust.Trusted)
	one := issued(t, changed(leaf(), func(c *x509.Certificate) { c.Subject.CommonName = "under" }), anchor)
	for name, presented := range map[string][]*x509.Certificate{"sent": chainOf(one, anchor), "not sent": chainOf(one)} {
		t.Run(name, func(t *testing.T) {
			trust := ReadChain(Presented{Certificates: presented}, "", roots, now).Trust
			assert.Equal(t, []string{"constraint basicConstraints @ CN=leaf", "constraint keyUsage @ CN=leaf"}, flawsOf(trust))
			assert.Equal(t, "CN=leaf", trust.Culprit)
		})
	}
}

// The roots of other years: a cross-signed certificate that has expired, or whose own root has, does no harm where there is another way.
func TestCrossSigned(t *testing.T) {
	expired := func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }
	oldRoot := issued(t, changed(authority("old root"), expired), nil)
	newRoot := issued(t, authority("new root"), nil)
	crossed := signed(t, changed(authority("new root"), expired), newRoot, oldRoot)
	longCrossed := signed(t, authority("new root"), newRoot, oldRoot)
	middle := issued(t, authority("middle"), newRoot)
	one := issued(t, leaf(), middle)
	for name, test := range map[string]struct {
		sent  []*x509.Certificate
		roots Roots
		path  []string
		flaws []string
	}{
		"both roots trusted": {
			chainOf(one, middle, crossed), trusting(oldRoot, newRoot), []string{"CN=leaf", "CN=middle", "CN=new root"}, nil,
		},
		"new root trusted": {
			chainOf(one, middle, crossed), trusting(newRoot), []string{"CN=leaf", "CN=middle", "CN=new root"}, nil,
		},
		"old root sent too": {
			chainOf(one, middle, crossed, oldRoot), trusting(newRoot), []string{"CN=leaf", "CN=middle", "CN=new root"}, nil,
		},
		"old root trusted alone": {
			chainOf(one, middle, crossed), trusting(oldRoot), nil, []string{"expired @ CN=new root", "expired @ CN=old root"},
		},
		"cross-signed for longer than old": {chainOf(one, middle, longCrossed), trusting(oldRoot), nil, []string{"expired @ CN=old root"}},
		"the better of two bad ways": {
			chainOf(one, middle, crossed, longCrossed), trusting(oldRoot), nil, []string{"expired @ CN=old root"},
		},
		"none trusted": {
			chainOf(one, middle, crossed), trusting(), nil, []string{"unknown-authority @ CN=new root", "expired @ CN=new root"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			trust := ReadChain(Presented{Certificates: test.sent}, "", test.roots, now).Trust
			assert.Equal(t, test.path, trust.Path)
			assert.Equal(t, test.flaws, flawsOf(trust))
		})
	}
}

// rsaIdentity is a key that signs with every hash there is.
func rsaIdentity(t *testing.T, bits int) *identity {
	key, err := rsa.GenerateKey(rand.Reader, bits)
	require.NoError(t, err)
	return &identity{key: key}
}

func algorithm(a x509.SignatureAlgorithm, template *x509.Certificate) *x509.Certificate {
	template.SignatureAlgorithm = a
	return template
}

// withMD5 is the certificate, signed again with MD5, which the library does not do.
func withMD5(t *testing.T, i, by *identity) *identity {
	sha256WithRSA := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x0b}
	md5WithRSA := []byte{0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04}
	der := bytes.ReplaceAll(i.Raw, sha256WithRSA, md5WithRSA)
	unsigned, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	digest := md5.Sum(unsigned.RawTBSCertificate)
	signature, err := rsa.SignPKCS1v15(nil, by.key.(*rsa.PrivateKey), crypto.MD5, digest[:])
	require.NoError(t, err)
	copy(der[len(der)-len(signature):], signature)
	c, err := x509.ParseCertificate(der)
	require.NoError(t, err)
	require.Equal(t, x509.MD5WithRSA, c.SignatureAlgorithm)
	return &identity{c, i.key}
}

func TestWeakSignatures(t *testing.T) {
	key := rsaIdentity(t, 2048)
	root := signed(t, authority("root"), key, nil)
	sha1Root := signed(t, algorithm(x509.SHA1WithRSA, authority("SHA-1 root")), key, nil)
	md5Root := withMD5(t, signed(t, authority("MD5 root"), key, nil), key)
	reborn := issued(t, authority("root"), nil) // the same name, another key
	middle := issued(t, algorithm(x509.SHA1WithRSA, authority("middle")), root)
	expired := changed(authority("stale"), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) })
	staleMiddle := issued(t, algorithm(x509.SHA1WithRSA, expired), root)
	strong := signed(t, authority("middle"), middle, root)
	md5Middle := withMD5(t, issued(t, authority("MD5 middle"), root), root)
	edged := issued(t, algorithm(x509.ECDSAWithSHA1, leaf()), strong)
	for name, test := range map[string]struct {
		sent  []*x509.Certificate
		roots Roots
		flaws []string
	}{
		"SHA-1 leaf": {
			chainOf(issued(t, algorithm(x509.SHA1WithRSA, leaf()), root)), trusting(root), []string{"weak-signature @ CN=leaf"},
		},
		"SHA-1 with ECDSA": {chainOf(edged, strong), trusting(root), []string{"weak-signature @ CN=leaf"}},
		"SHA-1 intermediate": {
			chainOf(issued(t, leaf(), middle), middle), trusting(root), []string{"weak-signature @ CN=middle"},
		},
		"SHA-1 intermediate, root sent": {
			chainOf(issued(t, leaf(), middle), middle, root), trusting(root), []string{"weak-signature @ CN=middle"},
		},
		"SHA-1 intermediate and a better one": {chainOf(issued(t, leaf(), middle), middle, strong), trusting(root), nil},
		"SHA-1 intermediate, expired": {
			chainOf(issued(t, leaf(), staleMiddle), staleMiddle), trusting(root),
			[]string{"weak-signature @ CN=stale", "expired @ CN=stale"},
		},
		"SHA-1 intermediate, unknown root": {
			chainOf(issued(t, leaf(), middle), middle), trusting(), []string{"unknown-authority @ CN=middle"},
		},
		"a root of that name alone": {
			chainOf(issued(t, leaf(), middle), middle), trusting(reborn), []string{"unknown-authority @ CN=middle"},
		},
		"MD5 intermediate": {
			chainOf(issued(t, leaf(), md5Middle), md5Middle), trusting(root), []string{"weak-signature @ CN=MD5 middle"},
		},
		"MD5 intermediate of a namesake": {
			chainOf(issued(t, leaf(), md5Middle), md5Middle), trusting(reborn), []string{"unknown-authority @ CN=MD5 middle"},
		},
		"SHA-1 root":      {chainOf(issued(t, leaf(), sha1Root)), trusting(sha1Root), nil},
		"SHA-1 root sent": {chainOf(issued(t, leaf(), sha1Root), sha1Root), trusting(sha1Root), nil},
		"MD5 root":        {chainOf(issued(t, leaf(), md5Root)), trusting(md5Root), nil},
		"SHA-1 root that nobody trusts": {
			chainOf(issued(t, leaf(), sha1Root), sha1Root), trusting(), []string{"unknown-authority @ CN=SHA-1 root"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			chain := ReadChain(Presented{Certificates: test.sent}, "", test.roots, now)
			assert.Equal(t, test.flaws, flawsOf(chain.Trust))
			assert.Equal(t, test.flaws == nil, chain.Trust.Trusted)
			assert.Equal(t, test.flaws == nil, chain.Trust.Vouched)
		})
	}
}

// A listed certificate that is not in the pool is not trusted.
func TestListIsNoTrust(t *testing.T) {
	root := signed(t, authority("root"), rsaIdentity(t, 2048), nil)
	one := issued(t, algorithm(x509.SHA1WithRSA, leaf()), root)
	roots := trusting(root)
	roots.Pool = x509.NewCertPool()
	assert.Equal(t, []string{"unknown-authority @ CN=leaf"}, flawsOf(ReadChain(Presented{Certificates: chainOf(one)}, "", roots, now).Trust))
}

func TestShortKeyOfAnIssuer(t *testing.T) {
	t.Setenv("GODEBUG", "rsa1024min=0")
	key := rsaIdentity(t, 512)
	root := signed(t, authority("root"), key, nil)
	one := issued(t, leaf(), root)
	t.Setenv("GODEBUG", "")
	chain := ReadChain(Presented{Certificates: chainOf(one, root)}, "", trusting(root), now)
	assert.Equal(t, []string{"weak-signature @ CN=leaf"}, flawsOf(chain.Trust))
	assert.Contains(t, chain.Trust.Message, "RSA 512")
	assert.Equal(t, "RSA 512 is shorter than 2048 bits", chain.Certificates[1].Weakness)
	assert.True(t, chain.Certificates[1].SelfSigned)
}

func TestCompletion(t *testing.T) {
	root := issued(t, authority("root"), nil)
	middle := issued(t, authority("middle"), root)
	lower := issued(t, authority("lower"), middle)
	stale := signed(t, changed(authority("lower"), func(c *x509.Certificate) { c.NotAfter = now.AddDate(0, 0, -1) }), lower, middle)
	other := issued(t, authority("other root"), nil)
	lost := issued(t, authority("lost"), other)
	one := issued(t, leaf(), lower)
	client := issued(t, changed(leaf(), func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }), lower)
	from := func(source string, identities ...*identity) (all []Addition) {
		for _, i := range identities {
			all = append(all, Addition{Certificate: i.Certificate, From: source})
		}
		return all
	}
	all := []string{"CN=leaf", "CN=lower", "CN=middle", "CN=root"}
	for name, test := range map[string]struct {
		sent           []*x509.Certificate
		extra, fetched []Addition
		want           *Completion
		flaws          []string
		vouched        bool
	}{
		"nothing at hand": {sent: chainOf(one), flaws: []string{"unknown-authority @ CN=leaf"}},
		"from a file": {
			sent: chainOf(one, lower), extra: from("ca.pem", middle), want: &Completion{"ca.pem", []string{"CN=middle"}, true, all},
			flaws: []string{"unknown-authority @ CN=lower"}, vouched: true,
		},
		"fetched": {
			sent: chainOf(one, lower), fetched: from("http://ca.example/", middle),
			want:  &Completion{"http://ca.example/", []string{"CN=middle"}, true, all},
			flaws: []string{"unknown-authority @ CN=lower"}, vouched: true,
		},
		"fetched up to the root": {
			sent: chainOf(one, lower), fetched: from("http://ca.example/", middle, root),
			want:  &Completion{"http://ca.example/", []string{"CN=middle"}, true, all},
			flaws: []string{"unknown-authority @ CN=lower"}, vouched: true,
		},
		"two that were missing": {
			sent: chainOf(one), extra: from("ca.pem", middle, lower), want: &Completion{"ca.pem", []string{"CN=lower", "CN=middle"}, true, all},
			flaws: []string{"unknown-authority @ CN=leaf"}, vouched: true,
		},
		"from both": {
			sent: chainOf(one), extra: from("ca.pem", middle), fetched: from("http://ca.example/", lower),
			want: &Completion{"http://ca.example/", []string{"CN=lower", "CN=middle"}, true, all}, flaws: []string{"unknown-authority @ CN=leaf"},
			vouched: true,
		},
		"the file comes first": {
			sent: chainOf(one, lower), extra: from("ca.pem", middle), fetched: from("http://ca.example/", middle),
			want: &Completion{"ca.pem", []string{"CN=middle"}, true, all}, flaws: []string{"unknown-authority @ CN=lower"}, vouched: true,
		},
		"one too few": {
			sent: chainOf(one), fetched: from("http://ca.example/", lower), flaws: []string{"unknown-authority @ CN=leaf"},
		},
		"a root that is not trusted": {
			sent: chainOf(issued(t, leaf(), lost)), fetched: from("http://ca.example/", lost, other),
			want:  &Completion{"http://ca.example/", []string{"CN=lost"}, false, []string{"CN=leaf", "CN=lost", "CN=other root"}},
			flaws: []string{"unknown-authority @ CN=leaf"},
		},
		"only the root, which is not trusted": {
			sent: chainOf(issued(t, leaf(), lost), lost), fetched: from("http://ca.example/", other),
			want:  &Completion{"http://ca.example/", nil, false, []string{"CN=leaf", "CN=lost", "CN=other root"}},
			flaws: []string{"unknown-authority @ CN=lost"},
		},
		"what was sent already, with a root that is not trusted": {
			sent: chainOf(issued(t, leaf(), lost), lost, other), fetched: from("http://ca.example/", other),
			flaws: []string{"unknown-authority @ CN=other root"},
		},
		"in place of an expired one": {
			sent: chainOf(one, stale, middle), extra: from("ca.pem", lower), want: &Completion{"ca.pem", []string{"CN=lower"}, true, all},
			flaws: []string{"expired @ CN=lower"}, vouched: true,
		},
		"by an expired one": {
			sent: chainOf(one, middle), extra: from("ca.pem", stale), want: &Completion{"ca.pem", []string{"CN=lower"}, true, all},
			flaws: []string{"unknown-authority @ CN=leaf", "expired @ CN=lower"}, vouched: true,
		},
		"something else is wrong as well": {
			sent: chainOf(client, lower), extra: from("ca.pem", middle), want: &Completion{"ca.pem", []string{"CN=middle"}, true, all},
			flaws: []string{"unknown-authority @ CN=lower", "usage extKeyUsage @ CN=leaf"}, vouched: true,
		},
		"not needed": {sent: chainOf(one, lower, middle), extra: from("ca.pem", middle), vouched: true},
		"of no help against another fault": {
			sent: chainOf(client, lower, middle), extra: from("ca.pem", middle), flaws: []string{"usage extKeyUsage @ CN=leaf"}, vouched: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			roots := trusting(root)
			roots.Extra = test.extra
			presented := Presented{Certificates: test.sent, Fetched: test.fetched}
			trust := ReadChain(presented, "", roots, now).Trust
			assert.Equal(t, test.want, trust.Completed)
			assert.Equal(t, test.flaws, flawsOf(trust))
			assert.Equal(t, test.flaws == nil, trust.Trusted)
			assert.Equal(t, test.vouched, trust.Vouched)
			path := BestPath(presented, roots, now)
			if test.want != nil {
				assert.Equal(t, test.want.Path, subjects(path))
			}
			assert.Equal(t, test.vouched, path[len(path)-1].Equal(root.Certificate))
		})
	}
}

func TestBestPathOfNothing(t *testing.T) {
	assert.Empty(t, BestPath(Presented{}, trusting(), now))
}

// A circle of authorities that have signed each other, all of them with two certificates, is walked for a while only.
func TestCircle(t *testing.T) {
	const n = 7
	var keys, crossed []*identity
	for i := range n {
		keys = append(keys, issued(t, authority(string(rune('A'+i))), nil))
	}
	for i, of := range keys {
		for j := range 2 {
			crossed = append(crossed, signed(t, authority(string(rune('A'+i))), of, keys[(i+1+j)%n]))
		}
	}
	one := issued(t, leaf(), keys[0])
	b := newBuilder(one.Certificate, trusting(), now)
	paths := b.paths(chainOf(crossed...))
	assert.NotEmpty(t, paths)
	assert.LessOrEqual(t, len(paths), maxSteps)
	assert.LessOrEqual(t, len(b.links), maxSteps+len(paths))
	chain := ReadChain(Presented{Certificates: append(chainOf(one), chainOf(crossed...)...)}, "", trusting(), now)
	assert.Equal(t, UnknownAuthority, chain.Trust.Reason)
	assert.True(t, ReadChain(Presented{Certificates: append(chainOf(one), chainOf(crossed...)...)}, "", trusting(keys[4]), now).Trust.Trusted)
}

// Sixteen certificates of one name and one key lead nowhere, and are looked at once.
func TestNamesakes(t *testing.T) {
	first := issued(t, authority("same"), nil)
	presented := chainOf(issued(t, leaf(), first))
	for len(presented) < MaxCertificates {
		presented = append(presented, signed(t, authority("same"), first, first).Certificate)
	}
	b := newBuilder(presented[0], trusting(), now)
	assert.LessOrEqual(t, len(b.paths(presented[1:])), MaxCertificates)
	assert.Equal(t, UnknownAuthority, ReadChain(Presented{Certificates: presented}, "", trusting(), now).Trust.Reason)
}

// A CA that was made anew under its old name: one side has the old certificate still.
func TestNamesake(t *testing.T) {
	oldRoot, newRoot := issued(t, authority("root"), nil), issued(t, authority("root"), nil)
	oldMiddle, newMiddle := issued(t, authority("middle"), newRoot), issued(t, authority("middle"), newRoot)
	bareRoot := changed(authority("root"), func(c *x509.Certificate) { c.SubjectKeyId = []byte("made by hand") })
	oldBare, newBare := issued(t, bareRoot, nil), issued(t, authority("root"), nil)
	one, under := issued(t, leaf(), newMiddle), issued(t, leaf(), newRoot)
	torn := *under.Certificate
	torn.Signature = append([]byte(nil), torn.Signature...)
	torn.Signature[len(torn.Signature)-1] ^= 1
	fetched := []Addition{{Certificate: newMiddle.Certificate, From: "http://ca.example/"}}
	throughout := append(slices.Clone(fetched), Addition{Certificate: newRoot.Certificate, From: "http://ca.example/"})
	named := func(name string) *x509.Certificate {
		return changed(leaf(), func(c *x509.Certificate) { c.Subject.CommonName = name })
	}
	a := issued(t, named("a"), nil)
	b := issued(t, named("b"), a)
	circle := chainOf(issued(t, leaf(), a), signed(t, named("a"), a, b), b) // of certificates without key ids
	untrusted := trusting(oldRoot)
	untrusted.Pool = x509.NewCertPool()
	for name, test := range map[string]struct {
		sent    []*x509.Certificate
		fetched []Addition
		roots   Roots
		want    string
	}{
		"old root here":                       {chainOf(under), nil, trusting(oldRoot), "CN=root"},
		"old root here, intermediate sent":    {chainOf(one, newMiddle), nil, trusting(oldRoot), "CN=root"},
		"old root here, the new one sent":     {chainOf(one, newMiddle, newRoot), nil, trusting(oldRoot), "CN=root"},
		"old root here, with a key id":        {chainOf(issued(t, leaf(), newBare)), nil, trusting(oldBare), "CN=root"},
		"old intermediate sent":               {chainOf(one, oldMiddle), nil, trusting(newRoot), "CN=middle"},
		"old intermediate sent, new at hand":  {chainOf(one, oldMiddle), fetched, trusting(newRoot), "CN=middle"},
		"old intermediate sent, old root":     {chainOf(one, oldMiddle), nil, trusting(oldRoot), "CN=middle"},
		"both intermediates sent":             {chainOf(one, oldMiddle, newMiddle), nil, trusting(newRoot), ""},
		"new intermediate fetched, old root":  {chainOf(one), fetched, trusting(oldRoot), ""},
		"new chain fetched, old root":         {chainOf(one), throughout, trusting(oldRoot), "CN=root"},
		"two that signed each other":          {circle, nil, trusting(), ""},
		"a self-signed one among its own kin": {chainOf(oldRoot, newRoot), nil, trusting(), ""},
		"old root listed, and not trusted":    {chainOf(under), nil, untrusted, ""},
		"a root of another name":              {chainOf(under), nil, trusting(issued(t, authority("other"), nil)), ""},
		"nothing is known of the issuer":      {chainOf(one), nil, trusting(oldRoot), ""},
		"the issuer's, with a torn signature": {[]*x509.Certificate{&torn}, nil, trusting(newRoot), ""},
		"trusted":                             {chainOf(one, newMiddle), nil, trusting(oldRoot, newRoot), ""},
	} {
		t.Run(name, func(t *testing.T) {
			trust := ReadChain(Presented{Certificates: test.sent, Fetched: test.fetched}, "", test.roots, now).Trust
			assert.Equal(t, test.want, trust.Namesake)
			assert.Empty(t, trust.PublicRoot)
		})
	}
}

// A chain that browsers trust, on machines whose store is old or empty.
func TestPublicRoot(t *testing.T) {
	text, err := os.ReadFile("testdata/public.pem")
	require.NoError(t, err)
	public := parsePEM(text)
	require.Len(t, public, 2)
	one, middle := public[0], public[1]
	roots := publicRoots()[string(middle.RawIssuer)]
	require.NotEmpty(t, roots)
	root := roots[0]
	stranger := issued(t, authority("root"), nil)
	sameName := changed(authority(""), func(c *x509.Certificate) { c.RawSubject = root.RawSubject })
	impostor := issued(t, sameName, nil)
	crossed := *signed(t, sameName, impostor, stranger).Certificate
	// The public root, cross-signed by a CA that nobody knows.
	crossed.RawSubjectPublicKeyInfo, crossed.PublicKey, crossed.PublicKeyAlgorithm = root.RawSubjectPublicKeyInfo, root.PublicKey, x509.RSA
	const want = "CN=GTS Root R1,O=Google Trust Services LLC,C=US"
	fetched := func(all ...*x509.Certificate) (additions []Addition) {
		for _, c := range all {
			additions = append(additions, Addition{Certificate: c, From: "http://ca.example/"})
		}
		return additions
	}
	pool := Roots{Pool: poolOf([]*x509.Certificate{root})}
	for name, test := range map[string]struct {
		sent    []*x509.Certificate
		fetched []Addition
		roots   Roots
		want    string
	}{
		"an empty store":                         {public, nil, trusting(), want},
		"a store with another root":              {public, nil, trusting(stranger), want},
		"the root was sent":                      {append(public, root), nil, trusting(), want},
		"the root alone":                         {[]*x509.Certificate{root}, nil, trusting(), want},
		"the root was fetched":                   {public, fetched(root), trusting(), want},
		"the root, cross-signed":                 {append(public, &crossed), nil, trusting(), want},
		"both were fetched":                      {public[:1], fetched(middle, root), trusting(), want},
		"the intermediate is missing":            {public[:1], nil, trusting(), ""},
		"a good store":                           {public, nil, pool, ""},
		"a good store, the intermediate missing": {public[:1], nil, pool, ""},
		"a good store, the intermediate fetched": {public[:1], fetched(middle), pool, ""},
		"a private CA":                           {chainOf(issued(t, leaf(), stranger), stranger), nil, trusting(), ""},
		"a private CA of that name":              {chainOf(issued(t, leaf(), impostor), impostor), nil, trusting(), ""},
		"a private CA of that name, not sent":    {chainOf(issued(t, leaf(), impostor)), nil, trusting(), ""},
		"a private CA beside":                    {append(chainOf(issued(t, leaf(), stranger)), one, middle), nil, trusting(), ""},
	} {
		t.Run(name, func(t *testing.T) {
			trust := ReadChain(Presented{Certificates: test.sent, Fetched: test.fetched}, "", test.roots, now).Trust
			assert.Equal(t, test.want, trust.PublicRoot)
			if test.want != "" {
				assert.Equal(t, UnknownAuthority, trust.Reason)
			}
		})
	}
}

func TestPublic(t *testing.T) {
	var public *x509.Certificate
	for root := range bundle.Roots() {
		c, err := x509.ParseCertificate(root.Certificate)
		require.NoError(t, err)
		if c.NotBefore.Before(now) && c.NotAfter.After(now) {
			public = c
			break
		}
	}
	require.NotNil(t, public)
	root := issued(t, authority("root"), nil)
	one := issued(t, leaf(), root)
	pool := poolOf([]*x509.Certificate{public, root.Certificate})
	ask := func(asked bool, sent ...*x509.Certificate) *bool {
		return ReadChain(Presented{Certificates: sent}, "", Roots{Pool: pool, AskPublic: asked}, now).Trust.Public
	}
	yes, no := true, false
	assert.Equal(t, &yes, ask(true, public))
	assert.Equal(t, &no, ask(true, one.Certificate))
	assert.Nil(t, ask(true, issued(t, leaf(), nil).Certificate), "no path")
	assert.Nil(t, ask(false, public), "nobody asked")
}
