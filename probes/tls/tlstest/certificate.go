package tlstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"math/big"
	"net"
	"net/netip"
	"time"
)

// CA is a certification authority made at run time, with an ECDSA P-256 key that never leaves memory.
type CA struct {
	// Certificate is the authority's own certificate.
	Certificate *x509.Certificate
	key         *ecdsa.PrivateKey
	issuer      *CA // nil for a root
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
	// IssuerURL is where the issuer's certificate is to be had (caIssuers, RFC 5280 §4.2.2.1).
	IssuerURL string
	// Send is which certificates of the chain the server presents.
	Send Send
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
func NewCA(name string) *CA {
	ca := &CA{key: newKey()}
	ca.Certificate = sign(authority(name), &ca.key.PublicKey, nil, ca.key)
	return ca
}

// Intermediate makes an authority that ca has signed.
func (ca *CA) Intermediate(name string) *CA {
	below := &CA{key: newKey(), issuer: ca}
	below.Certificate = sign(authority(name), &below.key.PublicKey, ca.Certificate, ca.key)
	return below
}

// Pool holds the CA's certificate: the trust anchors of a client that trusts it.
func (ca *CA) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(ca.Certificate)
	return pool
}

// Issue makes a certificate with a key of its own. It panics where leaf cannot be written as a certificate, as with a name
// that is not ASCII.
func (ca *CA) Issue(leaf Leaf) tls.Certificate {
	key := newKey()
	certificate := sign(leaf.template(), &key.PublicKey, ca.Certificate, ca.key)
	chain := [][]byte{certificate.Raw}
	if leaf.Send != SendLeaf {
		chain = append(chain, ca.chain(leaf.Send == SendRoot)...)
	}
	return tls.Certificate{Certificate: chain, PrivateKey: key, Leaf: certificate}
}

// SelfSigned makes a certificate that its own key has signed. It panics as Issue does.
func SelfSigned(leaf Leaf) tls.Certificate {
	key := newKey()
	certificate := sign(leaf.template(), &key.PublicKey, nil, key)
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
	if leaf.IssuerURL != "" {
		template.IssuingCertificateURL = []string{leaf.IssuerURL}
	}
	return template
}

func (leaf Leaf) commonName() string {
	if len(leaf.Names) > 0 {
		return leaf.Names[0]
	}
	return leaf.IPs[0].String()
}

// authority is valid for so long that no leaf outlives it, whatever dates a test gives the leaf.
func authority(name string) *x509.Certificate {
	now := time.Now()
	return &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             now.AddDate(-20, 0, 0),
		NotAfter:              now.AddDate(20, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}
}

// sign makes a certificate for public; without an issuer it is self-signed. A failure is a mistake in the template, hence a
// panic.
func sign(template *x509.Certificate, public *ecdsa.PublicKey, issuer *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	template.SerialNumber = serial()
	if issuer == nil {
		issuer = template
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, public, key)
	if err != nil {
		panic("tlstest: " + err.Error())
	}
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		panic("tlstest: " + err.Error())
	}
	return certificate
}

func newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic("tlstest: " + err.Error())
	}
	return key
}

// serial is a random serial number of 16 octets, positive as RFC 5280 §4.1.2.2 asks.
func serial() *big.Int {
	octets := make([]byte, 16)
	_, _ = rand.Read(octets) // never fails
	octets[0] = octets[0]&0x7f | 0x40
	return new(big.Int).SetBytes(octets)
}
