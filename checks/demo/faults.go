package demo

import (
	"net/http"
	"slices"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// Faults are all demos: the healthy ones first, then by layer from the bottom up.
func Faults() []Fault {
	return slices.Concat(healthy(), ofTransport(), ofHandshake(), ofCertificate(), ofHTTP(), ofControl(), ofPassive(), ofActive(),
		ofProtected())
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
		{
			Name:  "healthy-https",
			Story: "A web server with a good certificate.",
			start: webServer(trusted(tlstest.Leaf{}), http.StatusOK),
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
