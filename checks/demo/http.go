package demo

import (
	"net/http"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ofHTTP are demos of what a web server answers.
func ofHTTP() []Fault {
	return []Fault{
		{
			Name:   "http-server-error",
			Story:  "The web server's proxy has no server left that could answer.",
			Causes: []string{"http.server-error"},
			start:  webServer(trusted(tlstest.Leaf{}), http.StatusServiceUnavailable),
		},
		{
			Name:   "http-not-http",
			Story:  "An SSH server listens on the port of a web server.",
			Causes: []string{"http.not-http"},
			start:  func(d *Demo) error { return d.serve("http", tlstest.Banner("SSH-2.0-OpenSSH_9.9\r\n")) },
		},
	}
}

// webServer is an HTTPS server that answers every request with a status.
func webServer(identify identity, status int) func(*Demo) error {
	return func(d *Demo) error { return d.serve("https", tlstest.Secured(identify(d), tlstest.HTTP(status, nil))) }
}
