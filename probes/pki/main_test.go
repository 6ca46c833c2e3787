package pki

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// now is the time at which all chains are read.
var now = time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)

// identity is a certificate with its key.
type identity struct {
	*x509.Certificate
	key crypto.Signer
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
	der, err := x509.CreateCertificate(rand.Reader, template, parent, of.key.Public(), key)
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
	all := chainOf(identities...)
	return Roots{Pool: pool, From: "system", List: func() []*x509.Certificate { return all }}
}
