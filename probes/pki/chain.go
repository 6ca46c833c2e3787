package pki

import (
	"crypto/x509"
	"time"
)

// Presented is what a peer has shown of itself, and what else is to be considered.
type Presented struct {
	// Certificates are those that the peer sent, the leaf first. What bounds their number is the length of the message: crypto/tls reads
	// 256 KB of it.
	Certificates []*x509.Certificate
	// Staple is the OCSP response that came with them (RFC 6066 §8); nil where none did.
	Staple []byte
	// SCTs are the signed certificate timestamps of the handshake (RFC 6962 §3.3.1).
	SCTs [][]byte
	// Fetched are certificates that were fetched for this chain (see FetchIssuers).
	Fetched []Addition
}

// Addition is a certificate that the peer did not send.
type Addition struct {
	// Certificate is the certificate.
	Certificate *x509.Certificate
	// From says where it came from: a file's name, or an address.
	From string
}

// ReadChain tells what a peer presented: the certificates, and whether a path leads from the leaf to one of the roots. Dates are judged
// at now, but for those of the leaf: an expired leaf does not hide whether it was trusted.
func ReadChain(p Presented, name string, roots Roots, now time.Time) Chain {
	chain := Chain{Name: name, Sent: len(p.Certificates), At: now.UTC(), Trust: Trust{Roots: roots.From, NoRoots: roots.Empty}}
	if len(p.Certificates) == 0 {
		return chain
	}
	b := newBuilder(p.Certificates[0], roots, now)
	kept := p.Certificates[:min(len(p.Certificates), MaxCertificates)]
	for _, c := range kept {
		read := readCertificate(c, name)
		read.SignedBy = b.links.signer(c, kept)
		chain.Certificates = append(chain.Certificates, read)
	}
	found := b.build(p)
	chain.Trust = found.trust(roots)
	b.explain(&chain.Trust, found, p)
	chain.Staple = readStaple(p.Staple, found.path().certificates, now)
	chain.SCTs = timestamps(p, chain.Trust.Vouched)
	return chain
}

// BestPath is the path from the leaf to a trusted root, or where there is none, the one that comes nearest: up to where the issuer is
// not known. It is empty where nothing was presented.
func BestPath(p Presented, roots Roots, now time.Time) []*x509.Certificate {
	if len(p.Certificates) == 0 {
		return nil
	}
	return newBuilder(p.Certificates[0], roots, now).build(p).path().certificates
}

// issuers are the certificates sent after the leaf, each once.
func (p Presented) issuers() (all []*x509.Certificate) {
	seen := map[string]bool{}
	for _, c := range p.Certificates[1:] {
		if !seen[string(c.Raw)] {
			seen[string(c.Raw)] = true
			all = append(all, c)
		}
	}
	return all
}
