package demo

import (
	"crypto/tls"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// Faults are all demos: the healthy ones first, then by layer from the bottom up.
func Faults() []Fault {
	return slices.Concat(healthy(), ofTransport(), ofTLS(), ofControl(), ofPassive(), ofActive(), ofProtected())
}

// healthy are demos in which nothing is wrong.
func healthy() []Fault {
	return []Fault{
		{
			Name:  "healthy",
			Story: "An FTP server at which everything works.",
			start: plainFTP(ftptest.Faults{}),
		},
		{
			Name:  "healthy-ftpes",
			Story: "An FTP server at which everything works over explicit TLS.",
			start: ftpWithTLS("ftpes", trusted(tlstest.Leaf{}), ftptest.Faults{}),
		},
		{
			Name:  "healthy-tls",
			Story: "A TLS server with a good certificate.",
			start: tlsServer(trusted(tlstest.Leaf{})),
		},
	}
}

// ofTransport are demos of what keeps a connection from being made, or from being used.
func ofTransport() []Fault {
	return []Fault{
		{
			Name:   "tcp-refused",
			Story:  "Nothing listens on the port.",
			Causes: []string{"tcp.refused"},
			start:  deadPort(ftptest.RefusingPort),
		},
		{
			Name:   "tcp-filtered",
			Story:  "Whatever is sent to the port vanishes, as behind a firewall that drops it.",
			Causes: []string{"tcp.filtered"},
			start:  deadPort(ftptest.SilentPort),
		},
		{
			Name:   "tcp-silent",
			Story:  "The server accepts connections and never says a word.",
			Causes: []string{"tcp.silent"},
			start:  plainFTP(ftptest.Faults{NoGreeting: true}),
		},
	}
}

// ofTLS are demos of handshakes and certificates.
func ofTLS() []Fault {
	return []Fault{
		{
			Name:   "tls-plaintext-peer",
			Story:  "The port speaks plain FTP, and the client wants TLS from the first byte.",
			Causes: []string{"tls.plaintext-peer"},
			start:  func(d *Demo) error { return d.serveTLS(tlstest.Banner("220 FTP server ready.\r\n")) },
		},
		{
			Name:   "tls-no-common-version",
			Story:  "The server knows nothing newer than TLS 1.1.",
			Causes: []string{"tls.no-common-version"},
			start:  tlsServer(old),
		},
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

// old is a good certificate on a server of ten years ago.
func old(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return config
}

func selfSigned(*Demo) *tls.Config { return identified(tlstest.SelfSigned(tlstest.Leaf{})) }

// unknownRoot sends its chain up to the root, so that nothing is missing but the trust.
func unknownRoot(*Demo) *tls.Config {
	return identified(tlstest.NewCA("rung demo root of nobody").Issue(tlstest.Leaf{Send: tlstest.SendRoot}))
}

func incompleteChain(d *Demo) *tls.Config {
	root := tlstest.NewCA("rung demo root")
	d.Roots = root.Pool()
	return identified(root.Intermediate("rung demo intermediate").Issue(tlstest.Leaf{Send: tlstest.SendLeaf}))
}
