package demo

import (
	"crypto/tls"
	"crypto/x509"
	"slices"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

const day = 24 * time.Hour

// ofCertificate are demos of certificates, and of the clock by which they are judged.
func ofCertificate() []Fault {
	return []Fault{
		{
			Name:   "cert-expired",
			Story:  "The certificate expired three days ago.",
			Causes: []string{"cert.expired"},
			start:  tlsServer(expired),
		},
		{
			Name:   "cert-not-yet-valid",
			Story:  "The certificate is valid from tomorrow on.",
			Causes: []string{"cert.not-yet-valid"},
			start:  tlsServer(notYetValid),
		},
		{
			Name:   "cert-expiring",
			Story:  "The certificate expires in five days, and nothing has renewed it.",
			Causes: []string{"cert.expiring"},
			start: func(d *Demo) error {
				d.Flags.CertWarn = 21 * day
				return tlsServer(trusted(tlstest.Leaf{NotAfter: time.Now().Add(5*day + time.Hour)}))(d)
			},
		},
		{
			Name:   "cert-name-mismatch",
			Story:  "The certificate is for another server.",
			Causes: []string{"cert.name-mismatch"},
			start:  tlsServer(trusted(tlstest.Leaf{Names: []string{"www.example.com"}})),
		},
		{
			Name:   "cert-self-signed",
			Story:  "The server signed its certificate itself.",
			Causes: []string{"cert.self-signed"},
			start:  tlsServer(selfSigned),
		},
		{
			Name:   "cert-untrusted-root",
			Story:  "The certificate is from an authority that this machine does not know.",
			Causes: []string{"cert.untrusted-root"},
			start:  tlsServer(unknownRoot),
		},
		{
			Name:   "cert-incomplete-chain",
			Story:  "The server does not send the intermediate certificate.",
			Causes: []string{"cert.incomplete-chain"},
			start:  tlsServer(incompleteChain),
		},
		{
			Name:   "cert-chain-disordered",
			Story:  "The server sends its intermediate certificates in the wrong order.",
			Causes: []string{"cert.chain-disordered"},
			start:  tlsServer(disordered),
		},
		{
			Name:   "cert-intermediate-expired",
			Story:  "The intermediate certificate expired yesterday; the server's own is valid.",
			Causes: []string{"cert.intermediate-expired"},
			start:  tlsServer(expiredIntermediate),
		},
		{
			Name:   "cert-wrong-usage",
			Story:  "The server has a certificate that was issued for a client.",
			Causes: []string{"cert.wrong-usage"},
			start:  tlsServer(forClients),
		},
		{
			Name:   "cert-ca-constraint",
			Story:  "The certificate is from a company's CA, which may sign the company's own names only.",
			Causes: []string{"cert.ca-constraint"},
			start:  tlsServer(constrained),
		},
		{
			Name:   "cert-weak",
			Story:  "The certificate's key is an RSA key of 1024 bits.",
			Causes: []string{"cert.weak"},
			start:  tlsServer(trusted(tlstest.Leaf{Key: tlstest.RSA(1024)})),
		},
		{
			Name:   "cert-revoked",
			Story:  "The certificate was revoked, as the OCSP response says that the server itself sends along.",
			Causes: []string{"cert.revoked"},
			start:  tlsServer(revoked),
		},
		{
			Name:   "clock-local-skew",
			Story:  "The client's clock is two days slow: a certificate that was issued yesterday seems not yet valid.",
			Causes: []string{"clock.local-skew"},
			start:  tlsServer(ofTomorrow),
		},
	}
}

// expired was valid for 90 days, and is no longer.
func expired(d *Demo) *tls.Config {
	now := time.Now()
	return trusted(tlstest.Leaf{NotBefore: now.AddDate(0, 0, -93), NotAfter: now.AddDate(0, 0, -3)})(d)
}

func notYetValid(d *Demo) *tls.Config {
	return trusted(tlstest.Leaf{NotBefore: time.Now().AddDate(0, 0, 1)})(d)
}

func selfSigned(*Demo) *tls.Config { return identified(tlstest.SelfSigned(tlstest.Leaf{})) }

// unknownRoot sends its chain up to the root, so that nothing is missing but the trust.
func unknownRoot(*Demo) *tls.Config {
	return identified(tlstest.NewCA("rung demo root of nobody").Issue(tlstest.Leaf{Send: tlstest.SendRoot}))
}

func incompleteChain(d *Demo) *tls.Config {
	return identified(d.trust().Intermediate("rung demo intermediate").Issue(tlstest.Leaf{Send: tlstest.SendLeaf}))
}

// disordered sends what is next to the root before what is next to the leaf.
func disordered(d *Demo) *tls.Config {
	upper := d.trust().Intermediate("rung demo upper intermediate")
	config := identified(upper.Intermediate("rung demo lower intermediate").Issue(tlstest.Leaf{}))
	slices.Reverse(config.Certificates[0].Certificate[1:])
	return config
}

func expiredIntermediate(d *Demo) *tls.Config {
	intermediate := tlstest.Authority{Name: "rung demo intermediate", NotAfter: time.Now().Add(-day)}
	return identified(d.trust().Authorize(intermediate).Issue(tlstest.Leaf{}))
}

func forClients(d *Demo) *tls.Config {
	return trusted(tlstest.Leaf{Change: func(leaf *x509.Certificate) {
		leaf.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}})(d)
}

func constrained(d *Demo) *tls.Config {
	company := tlstest.Authority{Name: "rung demo company CA", Change: func(ca *x509.Certificate) {
		ca.PermittedDNSDomainsCritical, ca.PermittedDNSDomains = true, []string{"company.example"}
	}}
	return identified(d.trust().Authorize(company).Issue(tlstest.Leaf{}))
}

func revoked(d *Demo) *tls.Config {
	return stapled(d, tlstest.Leaf{}, tlstest.Status{RevokedAt: time.Now().Add(-day), Reason: ocsp.KeyCompromise})
}

// ofTomorrow is a certificate that begins tomorrow, by a clock that the issuer of its OCSP response does not share: that one's is two
// days ahead of ours.
func ofTomorrow(d *Demo) *tls.Config {
	now := time.Now()
	return stapled(d, tlstest.Leaf{NotBefore: now.Add(day)}, tlstest.Status{ThisUpdate: now.Add(2 * day), NextUpdate: now.Add(9 * day)})
}

// stapled is a certificate that comes with what its issuer says of it.
func stapled(d *Demo, leaf tlstest.Leaf, status tlstest.Status) *tls.Config {
	root := d.trust()
	certificate := root.Issue(leaf)
	certificate.OCSPStaple = root.OCSP(certificate.Leaf, status)
	return identified(certificate)
}
