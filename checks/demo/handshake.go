package demo

import (
	"crypto/tls"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// hosted is the name of a server that shares its address with others.
const hosted = "files.example.com"

// ofHandshake are demos of TLS handshakes that fail before there is a certificate to judge.
func ofHandshake() []Fault {
	return []Fault{
		{
			Name:   "tls-plaintext-peer",
			Story:  "The port speaks plain FTP, and the client wants TLS from the first byte.",
			Causes: []string{"tls.plaintext-peer"},
			start:  inPlaceOfTLS(tlstest.Banner("220 FTP server ready.\r\n")),
		},
		{
			Name:   "tls-no-common-version",
			Story:  "The server knows nothing newer than TLS 1.1.",
			Causes: []string{"tls.no-common-version"},
			start:  tlsServer(old),
		},
		{
			Name:   "tls-no-common-cipher",
			Story:  "The server insists on a cipher suite that clients no longer offer.",
			Causes: []string{"tls.no-common-cipher"},
			start:  tlsServer(oldSuite),
		},
		{
			Name:   "tls-sni-unknown",
			Story:  "The server does not know the host name that it is asked for, and refuses it.",
			Causes: []string{"tls.sni-unknown"},
			start: forName(func(config *tls.Config) tlstest.Handler {
				return tlstest.StrictName(tlstest.Handshake(config), "www.example.com", "")
			}),
		},
		{
			Name:   "tls-sni-filtered",
			Story:  "A web filter on the way resets handshakes for one host name.",
			Causes: []string{"tls.sni-filtered"},
			start: forName(func(config *tls.Config) tlstest.Handler {
				return tlstest.ResetOn(tlstest.Naming(hosted), tlstest.Handshake(config))
			}),
		},
		{
			Name:   "tls-closed",
			Story:  "The server closes the connection as soon as the handshake begins.",
			Causes: []string{"tls.closed"},
			start:  inPlaceOfTLS(tlstest.HangUp()),
		},
		{
			Name:   "tls-reset",
			Story:  "The connection is reset as soon as the handshake begins.",
			Causes: []string{"tls.reset"},
			start:  inPlaceOfTLS(tlstest.Reset()),
		},
		{
			Name:   "tls-handshake-stall",
			Story:  "The server takes the ClientHello, and never answers.",
			Causes: []string{"tls.handshake-stall"},
			start:  inPlaceOfTLS(tlstest.Silent()),
		},
		{
			Name:   "tls-clienthello-too-large",
			Story:  "A firewall on the way swallows ClientHellos that are too large for it, as those with a post-quantum key are.",
			Causes: []string{"tls.clienthello-too-large"},
			start: func(d *Demo) error {
				return d.serve("tls", tlstest.StallOn(tlstest.LargerThan(1000), tlstest.Handshake(trusted(tlstest.Leaf{})(d))))
			},
		},
		{
			Name:   "tls-client-cert-required",
			Story:  "The server admits clients with a certificate only, and the client has none.",
			Causes: []string{"tls.client-cert-required"},
			start:  tlsServer(mutual),
		},
		{
			Name:   "tls-client-cert-rejected",
			Story:  "The server admits clients with a certificate only, and does not know the CA of the client's.",
			Causes: []string{"tls.client-cert-rejected"},
			start: func(d *Demo) error {
				stranger := tlstest.NewCA("rung demo root of strangers").Issue(tlstest.Leaf{Names: []string{"client.example.com"}})
				d.Flags.Certificate = &stranger
				return tlsServer(mutual)(d)
			},
		},
		{
			Name:   "tls-alpn-refused",
			Story:  "The server behind the port of a web server speaks another protocol only, and says so in the handshake.",
			Causes: []string{"tls.alpn-refused"},
			start: func(d *Demo) error {
				config := trusted(tlstest.Leaf{})(d)
				config.NextProtos = []string{"postgresql"}
				return d.serve("https", tlstest.Handshake(config))
			},
		},
	}
}

// old is a good certificate on a server of ten years ago.
func old(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return config
}

// oldSuite is a good certificate on a server whose one suite has gone out of use, though its version has not.
func oldSuite(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.MaxVersion = tls.VersionTLS12
	config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256}
	return config
}

// forName is a server with a good certificate for the hosted name, which the client asks for.
func forName(handle func(*tls.Config) tlstest.Handler) func(*Demo) error {
	return func(d *Demo) error {
		d.Flags.ServerName = hosted
		return d.serve("tls", handle(trusted(tlstest.Leaf{Names: []string{hosted}})(d)))
	}
}

// mutual is a good certificate on a server that wants to see one of its clients.
func mutual(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, d.Roots
	return config
}
