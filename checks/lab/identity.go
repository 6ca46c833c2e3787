//go:build linux

package main

import (
	"bytes"
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"time"

	"golang.org/x/crypto/cryptobyte"
)

// identity is a certificate and the key that belongs to it.
type identity struct {
	certificate *x509.Certificate
	key         crypto.Signer
}

// change makes a certificate other than an ordinary one.
type change func(*x509.Certificate)

// serverTemplate is a certificate for the lab's names and addresses, issued an hour ago for 90 days.
func serverTemplate(changes ...change) *x509.Certificate {
	return changed(&x509.Certificate{
		Subject:     pkix.Name{CommonName: "files.example.com"},
		DNSNames:    []string{"files.example.com", "files6.example.com", "files46.example.com", "www.example.com"},
		IPAddresses: []net.IP{net.ParseIP("203.0.113.10"), net.ParseIP("2001:db8:2::10")},
		NotBefore:   time.Now().Add(-time.Hour),
		NotAfter:    time.Now().AddDate(0, 0, 90),
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}, changes)
}

// authorityTemplate is an authority that no certificate of the lab outlives.
func authorityTemplate(name string, changes ...change) *x509.Certificate {
	return changed(&x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		NotBefore:             time.Now().AddDate(-20, 0, 0),
		NotAfter:              time.Now().AddDate(20, 0, 0),
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature, // OCSP responses too
		BasicConstraintsValid: true,
		IsCA:                  true,
	}, changes)
}

func changed(template *x509.Certificate, changes []change) *x509.Certificate {
	for _, change := range changes {
		change(template)
	}
	return template
}

// selfSigned makes a certificate that its own key has signed.
func selfSigned(template *x509.Certificate, key crypto.Signer) *identity {
	return (&identity{template, key}).sign(template, key)
}

func root(name string, changes ...change) *identity {
	return selfSigned(authorityTemplate(name, changes...), newKey())
}

// authority makes an authority below another.
func (i *identity) authority(name string, changes ...change) *identity {
	return i.sign(authorityTemplate(name, changes...), newKey())
}

// server makes a server's certificate.
func (i *identity) server(changes ...change) *identity {
	return i.sign(serverTemplate(changes...), newKey())
}

// sign makes a certificate for a key. A failure is a mistake in the template, hence a panic.
func (i *identity) sign(template *x509.Certificate, key crypto.Signer) *identity {
	template.SerialNumber = serial()
	der := must(x509.CreateCertificate(rand.Reader, template, i.certificate, key.Public(), i.key))
	return &identity{must(x509.ParseCertificate(der)), key}
}

// serial is a random serial number of 16 octets, positive as RFC 5280 §4.1.2.2 asks.
func serial() *big.Int {
	octets := make([]byte, 16)
	_, _ = rand.Read(octets) // never fails
	octets[0] = octets[0]&0x7f | 0x40
	return new(big.Int).SetBytes(octets)
}

func newKey() crypto.Signer         { return must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader)) }
func rsaKey(bits int) crypto.Signer { return must(rsa.GenerateKey(rand.Reader, bits)) }

func must[T any](value T, err error) T {
	if err != nil {
		panic("lab: " + err.Error())
	}
	return value
}

// valid sets the first and the last day of the validity, counted from today.
func valid(from, to int) change {
	return func(c *x509.Certificate) {
		c.NotBefore, c.NotAfter = time.Now().AddDate(0, 0, from), time.Now().AddDate(0, 0, to)
	}
}

// named makes it a certificate for those names and for no address.
func named(names ...string) change {
	return func(c *x509.Certificate) { c.Subject.CommonName, c.DNSNames, c.IPAddresses = names[0], names, nil }
}

func withSHA1(c *x509.Certificate)   { c.SignatureAlgorithm = x509.ECDSAWithSHA1 }
func forClients(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth} }

// atPKI names where the issuer's certificate is to be had: a file of the authorities' web server.
func atPKI(file string) change {
	return func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://pki.example.com/" + file} }
}

// atList names where the issuer's revocation list is to be had.
func atList(file string) change {
	return func(c *x509.Certificate) { c.CRLDistributionPoints = []string{"http://pki.example.com/" + file} }
}

func atResponder(c *x509.Certificate) { c.OCSPServer = []string{"http://ocsp.example.com:8080/"} }

// permitted keeps an authority within a domain (name constraints).
func permitted(domain string) change {
	return func(c *x509.Certificate) {
		c.PermittedDNSDomainsCritical, c.PermittedDNSDomains = true, []string{domain}
	}
}

// mustStaple asks for a stapled OCSP response: status_request, of the TLS feature extension (RFC 7633).
func mustStaple(c *x509.Certificate) {
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{
		Id: asn1.ObjectIdentifier{1, 3, 6, 1, 5, 5, 7, 1, 24}, Value: []byte{0x30, 3, 2, 1, 5},
	})
}

// logged embeds the timestamps of two logs that nobody knows (RFC 6962 §3.2, §3.3), so long after now.
func logged(after time.Duration) change {
	var list cryptobyte.Builder
	list.AddUint16LengthPrefixed(func(list *cryptobyte.Builder) {
		for log := range byte(2) {
			list.AddUint16LengthPrefixed(func(sct *cryptobyte.Builder) {
				sct.AddUint8(0) // v1
				sct.AddBytes(bytes.Repeat([]byte{log + 1}, 32))
				sct.AddUint64(uint64(time.Now().Add(after).UnixMilli())) //nolint:gosec // after 1970
				sct.AddUint16(0)                                         // no extensions
				sct.AddUint16(0x0403)                                    // SHA-256, ECDSA
				sct.AddUint16LengthPrefixed(func(signature *cryptobyte.Builder) { signature.AddBytes(make([]byte, 70)) })
			})
		}
	})
	value := must(asn1.Marshal(list.BytesOrPanic()))
	return func(c *x509.Certificate) {
		c.ExtraExtensions = append(c.ExtraExtensions,
			pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2}, Value: value})
	}
}

// write writes the key and the certificate of an identity, and further certificates, in PEM.
func (i *identity) write(file string, chain ...*identity) error {
	text := pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(i.key))})
	return os.WriteFile(file, append(text, inPEM(append([]*identity{i}, chain...)...)...), 0o600)
}

func inPEM(identities ...*identity) []byte {
	var text []byte
	for _, i := range identities {
		text = append(text, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: i.certificate.Raw})...)
	}
	return text
}
