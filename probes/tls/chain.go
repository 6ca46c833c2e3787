package tls

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Roots are the certificates that this machine trusts, and where they came from.
type Roots struct {
	// Pool holds them.
	Pool *x509.CertPool
	// From says where they came from: "system".
	From string
}

// ReadChain tells what a peer presented: the certificates, and whether a path leads from the leaf to one of the roots. The
// path is built at now if the leaf is valid then, and otherwise at the nearest time at which it is, so that an expired leaf does
// not hide whether it was trusted.
func ReadChain(presented []*x509.Certificate, name string, roots Roots, now time.Time) Chain {
	chain := Chain{Name: name, Sent: len(presented), At: now.UTC(), Trust: Trust{Roots: roots.From}}
	for _, c := range presented[:min(len(presented), MaxCertificates)] {
		read := readCertificate(c, name)
		read.SignedBy = signer(c, presented[:min(len(presented), MaxCertificates)])
		chain.Certificates = append(chain.Certificates, read)
	}
	if len(presented) > 0 {
		chain.Trust.build(presented[:min(len(presented), MaxCertificates)], roots.Pool, now)
	}
	return chain
}

// signer is the place, from 1, of the certificate that signed c; 0 where it is not among those sent. That the signer may sign is
// not asked here.
func signer(c *x509.Certificate, sent []*x509.Certificate) int {
	return 1 + slices.IndexFunc(sent, func(by *x509.Certificate) bool {
		return !by.Equal(c) && bytes.Equal(c.RawIssuer, by.RawSubject) &&
			by.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
	})
}

func (t *Trust) build(presented []*x509.Certificate, roots *x509.CertPool, now time.Time) {
	leaf := presented[0]
	intermediates := x509.NewCertPool()
	for _, c := range presented[1:] {
		intermediates.AddCert(c)
	}
	paths, err := leaf.Verify(x509.VerifyOptions{Roots: roots, Intermediates: intermediates, CurrentTime: within(leaf, now)})
	if err != nil {
		t.Reason, t.Culprit = reason(err)
		t.Message = probes.Bound(err.Error())
		return
	}
	t.Trusted = true
	for _, c := range paths[0] {
		t.Path = append(t.Path, probes.Bound(c.Subject.String()))
	}
}

// within is now, or the nearest second at which the certificate is valid.
func within(c *x509.Certificate, now time.Time) time.Time {
	switch {
	case now.Before(c.NotBefore):
		return c.NotBefore
	case now.After(c.NotAfter):
		return c.NotAfter
	}
	return now
}

func reason(err error) (why Reason, culprit string) {
	var unknown x509.UnknownAuthorityError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &unknown):
		return UnknownAuthority, subject(unknown.Cert)
	case errors.As(err, &invalid):
		return invalidReason(invalid.Reason), subject(invalid.Cert)
	}
	return OtherReason, ""
}

func invalidReason(r x509.InvalidReason) Reason {
	switch r {
	case x509.Expired:
		return ExpiredIssuer
	case x509.IncompatibleUsage:
		return WrongUsage
	case x509.NotAuthorizedToSign, x509.TooManyIntermediates, x509.CANotAuthorizedForThisName,
		x509.CANotAuthorizedForExtKeyUsage, x509.NameConstraintsWithoutSANs, x509.UnconstrainedName:
		return Constraint
	}
	return OtherReason
}

func subject(c *x509.Certificate) string {
	if c == nil {
		return ""
	}
	return probes.Bound(c.Subject.String())
}

// maxNames is the number of alternative names of one kind that a result keeps of a certificate. One that matches the name that
// was asked for is kept in any case, since the verdict rests on it: the certificates of large hosters have hundreds.
const maxNames = 100

func readCertificate(c *x509.Certificate, name string) Certificate {
	read := Certificate{
		Subject:    probes.Bound(c.Subject.String()),
		Issuer:     probes.Bound(c.Issuer.String()),
		Serial:     probes.Bound(c.SerialNumber.Text(16)),
		NotBefore:  c.NotBefore.UTC(),
		NotAfter:   c.NotAfter.UTC(),
		CA:         c.BasicConstraintsValid && c.IsCA,
		SelfSigned: selfSigned(c),
		Key:        keyName(c.PublicKey),
		Signature:  c.SignatureAlgorithm.String(),
		SHA256:     Fingerprint(c),
	}
	for _, san := range few(c.DNSNames, func(san string) bool { return Certificate{DNSNames: []string{san}}.Matches(name) }) {
		read.DNSNames = append(read.DNSNames, probes.Bound(san))
	}
	for _, url := range c.IssuingCertificateURL[:min(len(c.IssuingCertificateURL), maxNames)] {
		read.IssuerURLs = append(read.IssuerURLs, probes.Bound(url))
	}
	for _, ip := range few(c.IPAddresses, func(ip net.IP) bool { return ip.Equal(net.ParseIP(name)) }) {
		if addr, ok := netip.AddrFromSlice(ip); ok {
			read.IPAddresses = append(read.IPAddresses, addr.Unmap())
		}
	}
	return read
}

// few is the first maxNames of all, and the first one beyond that is wanted.
func few[T any](all []T, wanted func(T) bool) []T {
	if len(all) <= maxNames {
		return all
	}
	kept := slices.Clone(all[:maxNames])
	if i := slices.IndexFunc(all[maxNames:], wanted); i >= 0 {
		kept = append(kept, all[maxNames+i])
	}
	return kept
}

// selfSigned says that the certificate names itself as its issuer and its own key made the signature (RFC 5280 §3.2). It asks
// for the signature alone: a self-signed leaf is no CA, and signs itself all the same.
func selfSigned(c *x509.Certificate) bool {
	return bytes.Equal(c.RawIssuer, c.RawSubject) &&
		c.CheckSignature(c.SignatureAlgorithm, c.RawTBSCertificate, c.Signature) == nil
}

func keyName(key any) string {
	switch k := key.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	}
	return fmt.Sprintf("%T", key)
}

// Matches says that the certificate is valid for the name, a DNS name or an address (RFC 9525 §6).
func (c Certificate) Matches(name string) bool {
	plain := &x509.Certificate{DNSNames: c.DNSNames}
	for _, addr := range c.IPAddresses {
		plain.IPAddresses = append(plain.IPAddresses, net.IP(addr.AsSlice()))
	}
	return plain.VerifyHostname(name) == nil
}

// Fingerprint is the SHA-256 fingerprint of the whole certificate, in hexadecimal.
func Fingerprint(c *x509.Certificate) string {
	sum := sha256.Sum256(c.Raw)
	return hex.EncodeToString(sum[:])
}
