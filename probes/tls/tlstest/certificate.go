package tlstest

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"net"
	"net/netip"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"
)

// CA is a certification authority made at run time, with a key that never leaves memory.
type CA struct {
	// Certificate is the authority's own certificate.
	Certificate *x509.Certificate
	key         crypto.Signer
	issuer      *CA // nil for a root
}

// Authority is what an authority's certificate is to say. The zero Authority has no name, and is valid for so long that no leaf
// outlives it.
type Authority struct {
	// Name is the common name.
	Name string
	// Key makes the key; nil is P256.
	Key Key
	// IssuerURL is where the issuer's certificate is to be had (caIssuers, RFC 5280 §4.2.2.1).
	IssuerURL string
	// OCSPServer is where the issuer's responder is (RFC 5280 §4.2.2.1).
	OCSPServer string
	// CRL is where the issuer's revocation list is to be had (RFC 5280 §4.2.1.13).
	CRL string
	// NotBefore is the first second of the validity; the zero time is 20 years ago.
	NotBefore time.Time
	// NotAfter is the last second of the validity; the zero time is in 20 years.
	NotAfter time.Time
	// Change alters the certificate before it is signed, for all that no field says: constraints, usages, the signature algorithm. It
	// may be nil.
	Change func(*x509.Certificate)
}

// Leaf is what a server certificate is to say. The zero Leaf is valid now, for localhost, 127.0.0.1 and ::1.
type Leaf struct {
	// Names are the dNSName subject alternative names. Where there are neither Names nor IPs, they are those of the loopback.
	Names []string
	// IPs are the iPAddress subject alternative names.
	IPs []netip.Addr
	// NotBefore is the first second of the validity; the zero time is an hour ago.
	NotBefore time.Time
	// NotAfter is the last second of the validity; the zero time is in 90 days.
	NotAfter time.Time
	// Key makes the key; nil is P256.
	Key Key
	// IssuerURL is where the issuer's certificate is to be had (caIssuers, RFC 5280 §4.2.2.1).
	IssuerURL string
	// OCSPServer is where the issuer's responder is (RFC 5280 §4.2.2.1).
	OCSPServer string
	// CRL is where the issuer's revocation list is to be had (RFC 5280 §4.2.1.13).
	CRL string
	// MustStaple asks for a stapled OCSP response (RFC 7633).
	MustStaple bool
	// Logged are the times of signed certificate timestamps within the certificate (RFC 6962 §3.3), of logs that nobody knows and
	// with a signature that is none.
	Logged []time.Time
	// Change alters the certificate before it is signed, for all that no field says: subject, usages, purposes, the signature
	// algorithm. It may be nil.
	Change func(*x509.Certificate)
	// Send is which certificates of the chain the server presents.
	Send Send
}

// Key makes a private key.
type Key func() crypto.Signer

// P256 makes an ECDSA key on the curve P-256.
func P256() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }

// P224 makes an ECDSA key on the curve P-224, which is too short.
func P224() crypto.Signer { return must(ecdsa.GenerateKey(elliptic.P224(), rand.Reader)) }

// Ed25519 makes an Ed25519 key.
func Ed25519() crypto.Signer {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	return must(key, err)
}

// RSA makes RSA keys of so many bits, at least 1024.
func RSA(bits int) Key {
	return func() crypto.Signer { return must(rsa.GenerateKey(rand.Reader, bits)) }
}

// must is the value, unless there is an error: that is a mistake in the test.
func must[T any](value T, err error) T {
	if err != nil {
		panic("tlstest: " + err.Error())
	}
	return value
}

// Send is which certificates a server presents (RFC 8446 §4.4.2).
type Send int

// The choices.
const (
	SendIntermediates Send = iota // the leaf and every intermediate, as a server should
	SendLeaf                      // the leaf alone: the chain is incomplete where there is an intermediate
	SendRoot                      // the leaf, every intermediate and the root
)

// NewCA makes a root.
func NewCA(name string) *CA { return Authority{Name: name}.Root() }

// Intermediate makes an authority that ca has signed.
func (ca *CA) Intermediate(name string) *CA { return ca.Authorize(Authority{Name: name}) }

// Root makes an authority that has signed itself. It panics where a cannot be written as a certificate.
func (a Authority) Root() *CA {
	ca := &CA{key: newKey(a.Key)}
	ca.Certificate = sign(a.template(), ca.key.Public(), nil, ca.key)
	return ca
}

// Authorize makes an authority that ca has signed. It panics as Root does.
func (ca *CA) Authorize(a Authority) *CA {
	below := &CA{key: newKey(a.Key), issuer: ca}
	below.Certificate = sign(a.template(), below.key.Public(), ca.Certificate, ca.key)
	return below
}

// CrossSign makes another certificate for an authority's key, signed by ca: the name in a has to be the authority's own, its Key is of
// no account. What the authority has signed leads to either certificate. It panics as Root does.
func (ca *CA) CrossSign(other *CA, a Authority) *CA {
	again := &CA{key: other.key, issuer: ca}
	again.Certificate = sign(a.template(), again.key.Public(), ca.Certificate, ca.key)
	return again
}

// Key is the authority's private key.
func (ca *CA) Key() crypto.Signer { return ca.key }

// Pool holds the CA's certificate: the trust anchors of a client that trusts it.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	return pool
}

// Issue makes a certificate with a key of its own. It panics where leaf cannot be written as a certificate, as with a name
// that is not ASCII.
func (ca *CA) Issue(leaf Leaf) tls.Certificate {
	key := newKey(leaf.Key)
	certificate := sign(leaf.template(), key.Public(), ca.Certificate, ca.key)
	chain := [][]byte{certificate.Raw}
	if leaf.Send != SendLeaf {
		chain = append(chain, ca.chain(leaf.Send == SendRoot)...)
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key, Leaf: certificate}
}

// SelfSigned makes a certificate that its own key has signed. It panics as Issue does.
func SelfSigned(leaf Leaf) tls.Certificate {
	key := newKey(leaf.Key)
	certificate := sign(leaf.template(), key.Public(), nil, key)
	return tls.Certificate{Certificate: [][]byte{certificate.Raw}, PrivateKey: key, Leaf: certificate}
}

// chain is ca and what is above it, the root only if asked for.
func (ca *CA) chain(withRoot bool) [][]byte {
	var chain [][]byte
	for ; ca != nil; ca = ca.issuer {
		if ca.issuer != nil || withRoot {
			chain = append(chain, ca.Certificate.Raw)
		}
	}
	return chain
}

func (leaf Leaf) template() *x509.Certificate {
	if len(leaf.Names) == 0 && len(leaf.IPs) == 0 {
		leaf.Names = []string{"localhost"}
		leaf.IPs = []netip.Addr{netip.AddrFrom4([4]byte{127, 0, 0, 1}), netip.IPv6Loopback()}
	}
	if leaf.NotBefore.IsZero() {
		leaf.NotBefore = time.Now().Add(-time.Hour)
	}
	if leaf.NotAfter.IsZero() {
		leaf.NotAfter = time.Now().AddDate(0, 0, 90)
	}
	template := &x509.Certificate{
		Subject:     pkix.Name{CommonName: leaf.commonName()},
		DNSNames:    leaf.Names,
		NotBefore:   leaf.NotBefore,
		NotAfter:    leaf.NotAfter,
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	for _, ip := range leaf.IPs {
		template.IPAddresses = append(template.IPAddresses, net.IP(ip.AsSlice()))
	}
	setAddresses(template, leaf.IssuerURL, leaf.OCSPServer, leaf.CRL)
	template.ExtraExtensions = leaf.extensions()
	if leaf.Change != nil {
		leaf.Change(template)
	}
	return template
}

func setAddresses(template *x509.Certificate, issuerURL, ocspServer, crl string) {
	if issuerURL != "" {
		template.IssuingCertificateURL = []string{issuerURL}
	}
	if ocspServer != "" {
		template.OCSPServer = []string{ocspServer}
	}
	if crl != "" {
		template.CRLDistributionPoints = []string{crl}
	}
}

func (leaf Leaf) extensions() (all []pkix.Extension) {
	if leaf.MustStaple {
		statusRequest := []byte{0x30, 0x03, 0x02, 0x01, 0x05} // SEQUENCE { INTEGER 5 }
		all = append(all, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: statusRequest})
	}
	if len(leaf.Logged) > 0 {
		all = append(all, pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: timestampList(leaf.Logged)})
	}
	return all
}

// timestampList is a SignedCertificateTimestampList in its OCTET STRING (RFC 6962 §3.3).
func timestampList(times []time.Time) []byte {
	var b cryptobyte.Builder
	b.AddASN1(cryptobyteasn1.OCTET_STRING, func(octets *cryptobyte.Builder) {
		octets.AddUint16LengthPrefixed(func(list *cryptobyte.Builder) {
			for _, t := range times {
				list.AddUint16LengthPrefixed(func(one *cryptobyte.Builder) { one.AddBytes(Timestamp(t)) })
			}
		})
	})
	return b.BytesOrPanic()
}

// Timestamp is a SignedCertificateTimestamp of that time (RFC 6962 §3.2), of a log that nobody knows and with a signature that is none.
// It is for tls.Certificate.SignedCertificateTimestamps.
func Timestamp(t time.Time) []byte {
	const idLength = 32
	var b cryptobyte.Builder
	b.AddUint8(0) // version 1
	b.AddBytes(bytes.Repeat([]byte{0x1d}, idLength))
	b.AddUint64(uint64(t.UnixMilli()))
	b.AddUint16(0)                                          // extensions
	b.AddUint16(uint16(tls.ECDSAWithP256AndSHA256))         // hash and signature algorithm
	b.AddUint16LengthPrefixed(func(*cryptobyte.Builder) {}) // signature
	return b.BytesOrPanic()
}

func (leaf Leaf) commonName() string {
	if len(leaf.Names) > 0 {
		return leaf.Names[0]
	}
	return leaf.IPs[0].String()
}

func (a Authority) template() *x509.Certificate {
	now := time.Now()
	template := &x509.Certificate{
		Subject:               pkix.Name{CommonName: a.Name},
		NotBefore:             now.AddDate(-20, 0, 0),
		NotAfter:              now.AddDate(20, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
	if !a.NotBefore.IsZero() {
		template.NotBefore = a.NotBefore
	}
	if !a.NotAfter.IsZero() {
		template.NotAfter = a.NotAfter
	}
	setAddresses(template, a.IssuerURL, a.OCSPServer, a.CRL)
	if a.Change != nil {
		a.Change(template)
	}
	return template
}

// sign makes a certificate for public; without an issuer it is self-signed. A failure is a mistake in the template, hence a
// panic.
func sign(template *x509.Certificate, public crypto.PublicKey, issuer *x509.Certificate, key crypto.Signer) *x509.Certificate {
	if template.SerialNumber == nil {
		template.SerialNumber = serial()
	}
	if issuer == nil {
		issuer = template
	}
	return must(x509.ParseCertificate(must(x509.CreateCertificate(rand.Reader, template, issuer, public, key))))
}

func newKey(makeKey Key) crypto.Signer {
	if makeKey == nil {
		return P256()
	}
	return makeKey()
}

// serial is a random serial number of 16 octets, positive as RFC 5280 §4.1.2.2 asks.
func serial() *big.Int {
	octets := make([]byte, 16)
	_, _ = rand.Read(octets) // never fails
	octets[0] = octets[0]&0x7f | 0x40
	return new(big.Int).SetBytes(octets)
}
