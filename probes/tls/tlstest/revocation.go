package tlstest

import (
	"crypto"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"time"

	"golang.org/x/crypto/ocsp"
)

// Status is what an authority says of a certificate, in an OCSP response or in a revocation list. The zero Status is that it is good,
// since an hour ago and for another day.
type Status struct {
	// RevokedAt is when the certificate was revoked; the zero time means that it was not.
	RevokedAt time.Time
	// Reason is the CRLReason (RFC 5280 §5.3.1).
	Reason int
	// Unknown says that the responder does not know the certificate; a list cannot say that.
	Unknown bool
	// ThisUpdate is since when this is so; the zero time is an hour ago.
	ThisUpdate time.Time
	// NextUpdate is until when this is so; the zero time is in a day.
	NextUpdate time.Time
	// Responder signs an OCSP response in place of the authority, with its certificate in it (RFC 6960 §4.2.2.2).
	Responder *tls.Certificate
	// Extensions are those of an OCSP response's answer (singleExtensions).
	Extensions []pkix.Extension
	// Change alters a revocation list before it is signed. It may be nil.
	Change func(*x509.RevocationList)
}

func (s Status) times() (thisUpdate, nextUpdate time.Time) {
	thisUpdate, nextUpdate = s.ThisUpdate, s.NextUpdate
	if thisUpdate.IsZero() {
		thisUpdate = time.Now().Add(-time.Hour)
	}
	if nextUpdate.IsZero() {
		nextUpdate = time.Now().AddDate(0, 0, 1)
	}
	return thisUpdate, nextUpdate
}

// OCSP is an OCSP response of ca, in DER (RFC 6960 §4.2). It panics where s cannot be written as one.
func (ca *CA) OCSP(c *x509.Certificate, s Status) []byte {
	template := ocsp.Response{
		Status: ocsp.Good, SerialNumber: c.SerialNumber, RevokedAt: s.RevokedAt, RevocationReason: s.Reason, ExtraExtensions: s.Extensions,
	}
	template.ThisUpdate, template.NextUpdate = s.times()
	switch {
	case s.Unknown:
		template.Status = ocsp.Unknown
	case !s.RevokedAt.IsZero():
		template.Status = ocsp.Revoked
	}
	signer, key := ca.Certificate, ca.key
	if s.Responder != nil {
		signer, key = s.Responder.Leaf, s.Responder.PrivateKey.(crypto.Signer)
		template.Certificate = signer
	}
	return must(ocsp.CreateResponse(ca.Certificate, signer, template, key))
}

// CRL is a revocation list of ca, in DER (RFC 5280 §5.1), with the certificate on it where s says that it is revoked. It panics where s
// cannot be written as one.
func (ca *CA) CRL(c *x509.Certificate, s Status) []byte {
	list := &x509.RevocationList{Number: big.NewInt(1)}
	list.ThisUpdate, list.NextUpdate = s.times()
	if !s.RevokedAt.IsZero() {
		list.RevokedCertificateEntries = []x509.RevocationListEntry{
			{SerialNumber: c.SerialNumber, RevocationTime: s.RevokedAt, ReasonCode: s.Reason},
		}
	}
	if s.Change != nil {
		s.Change(list)
	}
	return must(x509.CreateRevocationList(rand.Reader, list, ca.Certificate, ca.key))
}
