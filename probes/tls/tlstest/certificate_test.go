package tlstest_test

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/x509"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestKeys(t *testing.T) {
	ca := tlstest.NewCA("test root")
	issue := func(k tlstest.Key) any { return ca.Issue(tlstest.Leaf{Key: k}).Leaf.PublicKey }
	assert.Equal(t, elliptic.P256(), issue(nil).(*ecdsa.PublicKey).Curve)
	assert.Equal(t, elliptic.P224(), issue(tlstest.P224).(*ecdsa.PublicKey).Curve)
	assert.Equal(t, 1024, issue(tlstest.RSA(1024)).(*rsa.PublicKey).N.BitLen())
	assert.IsType(t, ed25519.PublicKey{}, issue(tlstest.Ed25519))
	rsaCA := tlstest.Authority{Name: "RSA root", Key: tlstest.RSA(1024)}.Root()
	assert.Equal(t, x509.SHA256WithRSA, rsaCA.Issue(tlstest.Leaf{}).Leaf.SignatureAlgorithm)
}

func TestAddressesAreInTheCertificate(t *testing.T) {
	const ocspServer, crl, issuer = "http://ocsp.example", "http://ca.example/root.crl", "http://ca.example/root.der"
	ca := tlstest.NewCA("test root")
	for name, c := range map[string]*x509.Certificate{
		"leaf":      ca.Issue(tlstest.Leaf{OCSPServer: ocspServer, CRL: crl, IssuerURL: issuer}).Leaf,
		"authority": ca.Authorize(tlstest.Authority{OCSPServer: ocspServer, CRL: crl, IssuerURL: issuer}).Certificate,
	} {
		assert.Equal(t, []string{ocspServer}, c.OCSPServer, name)
		assert.Equal(t, []string{crl}, c.CRLDistributionPoints, name)
		assert.Equal(t, []string{issuer}, c.IssuingCertificateURL, name)
	}
}

// What an authority has signed verifies with either of its certificates.
func TestCrossSign(t *testing.T) {
	old, young := tlstest.NewCA("old root"), tlstest.NewCA("young root")
	until := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	crossed := old.CrossSign(young, tlstest.Authority{Name: "young root", NotAfter: until})
	assert.Equal(t, until, crossed.Certificate.NotAfter)
	assert.Equal(t, young.Certificate.RawSubjectPublicKeyInfo, crossed.Certificate.RawSubjectPublicKeyInfo)
	leaf := young.Issue(tlstest.Leaf{}).Leaf
	for _, roots := range []*tlstest.CA{old, young} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: roots.Pool(), Intermediates: crossed.Pool()})
		require.NoError(t, err)
	}
}

func TestStatus(t *testing.T) {
	ca := tlstest.NewCA("test root")
	leaf := ca.Issue(tlstest.Leaf{}).Leaf
	at := time.Now().Add(-48 * time.Hour).UTC().Truncate(time.Second)
	for name, test := range map[string]struct {
		status tlstest.Status
		want   int
		listed int
	}{
		"good":    {tlstest.Status{}, ocsp.Good, 0},
		"revoked": {tlstest.Status{RevokedAt: at, Reason: ocsp.Superseded}, ocsp.Revoked, 1},
		"unknown": {tlstest.Status{Unknown: true}, ocsp.Unknown, 0},
	} {
		t.Run(name, func(t *testing.T) {
			response, err := ocsp.ParseResponseForCert(ca.OCSP(leaf, test.status), leaf, ca.Certificate)
			require.NoError(t, err)
			assert.Equal(t, test.want, response.Status)
			list, err := x509.ParseRevocationList(ca.CRL(leaf, test.status))
			require.NoError(t, err)
			require.NoError(t, list.CheckSignatureFrom(ca.Certificate))
			require.Len(t, list.RevokedCertificateEntries, test.listed)
			if test.listed > 0 {
				assert.Equal(t, at, response.RevokedAt)
				assert.Equal(t, ocsp.Superseded, response.RevocationReason)
				assert.Equal(t, leaf.SerialNumber, list.RevokedCertificateEntries[0].SerialNumber)
			}
		})
	}
}
