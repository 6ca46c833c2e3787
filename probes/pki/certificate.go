package pki

import (
	"crypto/dsa" //nolint:staticcheck // such keys are named, and never used
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/hex"
	"fmt"
	"math/big"
	"net"
	"net/netip"
	"slices"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/rung-cli/rung/probes"
)

// maxNames is the number of alternative names of one kind that a result keeps of a certificate. One that matches the name that
// was asked for is kept in any case, since the verdict rests on it: the certificates of large hosters have hundreds.
const maxNames = 100

// maxEntries is the number of addresses or purposes of one kind that a result keeps of a certificate: healthy ones have one or two.
const maxEntries = 16

func readCertificate(c *x509.Certificate, name string) Certificate {
	return Certificate{
		Subject:       distinguished(c.Subject),
		Issuer:        distinguished(c.Issuer),
		Serial:        serialText(c.SerialNumber),
		NotBefore:     c.NotBefore.UTC(),
		NotAfter:      c.NotAfter.UTC(),
		Size:          len(c.Raw),
		Names:         len(c.DNSNames) + len(c.IPAddresses),
		DNSNames:      dnsNames(c, name),
		IPAddresses:   ipAddresses(c, name),
		CA:            c.BasicConstraintsValid && c.IsCA,
		SelfSigned:    selfSigned(c),
		Key:           keyName(c),
		Signature:     probes.Bound(c.SignatureAlgorithm.String()),
		SHA256:        Fingerprint(c),
		IssuerURLs:    bounded(c.IssuingCertificateURL),
		OCSPServers:   bounded(c.OCSPServer),
		CRLs:          bounded(c.CRLDistributionPoints),
		MustStaple:    mustStaple(c),
		Usages:        usages(c.KeyUsage),
		Purposes:      purposes(c),
		Weakness:      weakness(c),
		WeakSignature: weakAlgorithm(c.SignatureAlgorithm),
	}
}

func dnsNames(c *x509.Certificate, name string) (names []string) {
	for _, san := range few(c.DNSNames, maxNames, func(san string) bool { return Certificate{DNSNames: []string{san}}.Matches(name) }) {
		names = append(names, probes.Bound(san))
	}
	return names
}

func ipAddresses(c *x509.Certificate, name string) (addresses []netip.Addr) {
	for _, ip := range few(c.IPAddresses, maxNames, func(ip net.IP) bool { return ip.Equal(net.ParseIP(name)) }) {
		if addr, ok := netip.AddrFromSlice(ip); ok {
			addresses = append(addresses, addr.Unmap())
		}
	}
	return addresses
}

// few is the first n of all, and the first one beyond that is wanted.
func few[T any](all []T, n int, wanted func(T) bool) []T {
	if len(all) <= n {
		return all
	}
	kept := slices.Clone(all[:n])
	if i := slices.IndexFunc(all[n:], wanted); i >= 0 {
		kept = append(kept, all[n+i])
	}
	return kept
}

func bounded(texts []string) (kept []string) {
	for _, text := range texts[:min(len(texts), maxEntries)] {
		kept = append(kept, probes.Bound(text))
	}
	return kept
}

// distinguished is a distinguished name (RFC 4514), cut off in time: the library's own way of writing names takes a time that grows
// with the square of their length.
func distinguished(name pkix.Name) string {
	const maxAttributes = 40
	if len(name.Names) > maxAttributes {
		var rdns pkix.RDNSequence
		for _, attribute := range name.Names[:maxAttributes] {
			rdns = append(rdns, pkix.RelativeDistinguishedNameSET{attribute})
		}
		name = pkix.Name{}
		name.FillFromRDNSequence(&rdns)
	}
	return probes.Bound(name.String())
}

// serialText is a serial number in hexadecimal, cut off in time. RFC 5280 §4.1.2.2 allows 20 octets.
func serialText(n *big.Int) string {
	const maxBits = probes.MaxText * 4
	if n.BitLen() > 2*maxBits {
		return probes.Bound(hex.EncodeToString(n.Bytes()[:maxBits/4]))
	}
	return probes.Bound(n.Text(16))
}

// selfSigned says that the certificate names itself as its issuer and its own key made the signature (RFC 5280 §3.2). It asks
// for the signature alone: a self-signed leaf is no CA, and signs itself all the same.
func selfSigned(c *x509.Certificate) bool { return linkOf(c, c) != noLink }

// keyName is the public key's algorithm and size; that of an algorithm which the library does not know is its OID.
func keyName(c *x509.Certificate) string {
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		return fmt.Sprintf("RSA %d", k.N.BitLen())
	case *ecdsa.PublicKey:
		return "ECDSA " + k.Params().Name
	case ed25519.PublicKey:
		return "Ed25519"
	case *dsa.PublicKey:
		return fmt.Sprintf("DSA %d", k.P.BitLen())
	case *ecdh.PublicKey:
		return "X25519"
	}
	return probes.Bound("unknown algorithm " + keyAlgorithm(c.RawSubjectPublicKeyInfo).String())
}

// keyAlgorithm is the OID in a SubjectPublicKeyInfo (RFC 5280 §4.1); nil where it cannot be read.
func keyAlgorithm(info []byte) (algorithm asn1.ObjectIdentifier) {
	input := cryptobyte.String(info)
	var whole, identifier cryptobyte.String
	_ = input.ReadASN1(&whole, cryptobyteasn1.SEQUENCE) && whole.ReadASN1(&identifier, cryptobyteasn1.SEQUENCE) &&
		identifier.ReadASN1ObjectIdentifier(&algorithm)
	return algorithm
}

// weakness says what is weak about a certificate's key. The bounds are those of NIST SP 800-131A and of RFC 9325 §4.5.
func weakness(c *x509.Certificate) string {
	const minRSA, minCurve = 2048, 256
	switch k := c.PublicKey.(type) {
	case *rsa.PublicKey:
		switch bits := k.N.BitLen(); {
		case bits < minRSA:
			return fmt.Sprintf("RSA %d is shorter than %d bits", bits, minRSA)
		case k.E <= 1 || k.E%2 == 0:
			return fmt.Sprintf("the RSA exponent %d makes no usable key", k.E)
		}
	case *ecdsa.PublicKey:
		if bits := k.Params().BitSize; bits < minCurve {
			return fmt.Sprintf("ECDSA %s is shorter than %d bits", k.Params().Name, minCurve)
		}
	case ed25519.PublicKey:
	case *dsa.PublicKey:
		return "DSA is retired (FIPS 186-5)"
	default:
		return "clients in use do not know the algorithm of the key (" + keyName(c) + ")"
	}
	return ""
}

// weakAlgorithm says that a signature algorithm uses a hash for which collisions are found: MD2, MD5 or SHA-1.
func weakAlgorithm(a x509.SignatureAlgorithm) bool {
	switch a {
	case x509.MD2WithRSA, x509.MD5WithRSA, x509.SHA1WithRSA, x509.DSAWithSHA1, x509.ECDSAWithSHA1:
		return true
	}
	return false
}

// mustStaple says that the certificate has the TLS feature status_request (RFC 7633 §4.2.1).
func mustStaple(c *x509.Certificate) bool {
	const statusRequest, statusRequestV2 = 5, 17
	extension := cryptobyte.String(extensionOf(c.Extensions, asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}))
	var features cryptobyte.String
	if !extension.ReadASN1(&features, cryptobyteasn1.SEQUENCE) {
		return false
	}
	for !features.Empty() {
		var feature int
		if !features.ReadASN1Integer(&feature) {
			return false
		}
		if feature == statusRequest || feature == statusRequestV2 {
			return true
		}
	}
	return false
}

// extensionOf is the value of the extension with that OID; nil where there is none.
func extensionOf(extensions []pkix.Extension, id asn1.ObjectIdentifier) []byte {
	for _, extension := range extensions {
		if extension.Id.Equal(id) {
			return extension.Value
		}
	}
	return nil
}

func usages(all x509.KeyUsage) (names []string) {
	for usage := x509.KeyUsageDigitalSignature; usage <= x509.KeyUsageDecipherOnly; usage <<= 1 {
		if all&usage != 0 {
			names = append(names, usage.String())
		}
	}
	return names
}

func purposes(c *x509.Certificate) (names []string) {
	serves := func(purpose x509.ExtKeyUsage) bool {
		return purpose == x509.ExtKeyUsageServerAuth || purpose == x509.ExtKeyUsageAny
	}
	for _, purpose := range few(c.ExtKeyUsage, maxEntries, serves) {
		names = append(names, purpose.String())
	}
	for _, purpose := range c.UnknownExtKeyUsage[:min(len(c.UnknownExtKeyUsage), maxEntries)] {
		names = append(names, probes.Bound(purpose.String()))
	}
	return names
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
