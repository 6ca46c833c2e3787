package pki

import (
	"bytes"
	"crypto/rsa"
	"crypto/x509"
)

// link says how the key of one certificate signed another (RFC 5280 §6.1.3 (a)).
type link int

const (
	noLink   link = iota // it did not
	weakLink             // it did, by a hash or with a key so weak that another may have forged it
	goodLink
)

// linkOf tells whether the key of parent signed child. That parent may sign at all is not asked here.
func linkOf(child, parent *x509.Certificate) link {
	if !bytes.Equal(child.RawIssuer, parent.RawSubject) {
		return noLink
	}
	if parent.CheckSignature(child.SignatureAlgorithm, child.RawTBSCertificate, child.Signature) == nil {
		if weakAlgorithm(child.SignatureAlgorithm) {
			return weakLink
		}
		return goodLink
	}
	if unverifiable(child.SignatureAlgorithm, parent) && keyIDMatches(child, parent) {
		return weakLink
	}
	return noLink
}

// unverifiable says that the library refuses to look at the signature, since it is too weak: names and key ids have to do.
func unverifiable(a x509.SignatureAlgorithm, parent *x509.Certificate) bool {
	const minRSA = 1024 // crypto/rsa
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.DSAWithSHA1, x509.DSAWithSHA256:
		return true
	}
	key, isRSA := parent.PublicKey.(*rsa.PublicKey)
	return isRSA && key.N.BitLen() < minRSA
}

// keyIDMatches says that child names the key of parent (RFC 5280 §4.2.1.1). What signed itself may leave that out.
func keyIDMatches(child, parent *x509.Certificate) bool {
	if len(child.AuthorityKeyId) == 0 {
		return child.Equal(parent)
	}
	return bytes.Equal(child.AuthorityKeyId, parent.SubjectKeyId)
}

// maxChecks bounds the signatures that are looked at for one chain: those that can be sent, all of one name, make a million pairs.
const maxChecks = 1024

// links remembers who signed whom: a signature is looked at once. Once there were too many, those left count as no links.
type links map[[2]*x509.Certificate]link

func (l links) of(child, parent *x509.Certificate) link {
	if !bytes.Equal(child.RawIssuer, parent.RawSubject) {
		return noLink
	}
	key := [2]*x509.Certificate{child, parent}
	known, ok := l[key]
	if !ok && len(l) < maxChecks {
		known = linkOf(child, parent)
		l[key] = known
	}
	return known
}

// signer is the place, from 1, of the certificate that signed c; 0 where it is not among those sent. That the signer may sign is
// not asked here.
func (l links) signer(c *x509.Certificate, sent []*x509.Certificate) int {
	for i, by := range sent {
		if !by.Equal(c) && l.of(c, by) != noLink {
			return i + 1
		}
	}
	return 0
}
