// Package demo starts servers on the loopback address that are healthy or broken in one known way, to show what a diagnosis of
// each says. It needs neither a network nor privileges.
package demo

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// Fault is one thing that can be broken, or nothing.
type Fault struct {
	// Name is what a user calls it: "passive-private-address".
	Name string
	// Story says in one sentence what is broken.
	Story string
	// Causes are the ids that the diagnosis must name, and no others; none where all is well.
	Causes []string

	start func(*Demo) error
}

// Demo is a server that runs.
type Demo struct {
	// Target is where it is reached: "ftp://127.0.0.1:40001/".
	Target string
	// Roots are roots to trust beside the system's; nil for none.
	Roots *x509.CertPool
	// User is the login to use; empty for an anonymous one.
	User string
	// Password is the login's password.
	Password string
	// Flags are what the diagnosis is to be asked for beside, without which the fault does not show.
	Flags Flags

	stop []func() // in the order of the starts
}

// Flags stand for the flags of `rung check` of the same meaning; the zero Flags are their defaults.
type Flags struct {
	// Require names the FTP data modes that must work.
	Require string
	// FullTLS is --no-session-reuse.
	FullTLS bool
	// Transfer is --transfer.
	Transfer bool
	// Hold is --hold.
	Hold time.Duration
	// Timeout is --timeout where the server is slower than the loopback address gives reason to expect; zero where it is not.
	Timeout time.Duration
	// ServerName is --sni.
	ServerName string
	// Certificate is the client's, as of --cert and --key; nil for none.
	Certificate *tls.Certificate
	// CertWarn is --cert-warn.
	CertWarn time.Duration
}

// Start starts the fault's server; the caller closes it. The error has errors.ErrUnsupported in its chain where this system
// cannot show the fault.
func (f Fault) Start() (*Demo, error) {
	d := &Demo{}
	if err := f.start(d); err != nil {
		d.Close()
		return nil, fmt.Errorf("demo of %s: %w", f.Name, err)
	}
	return d, nil
}

// Close stops the server, and what stands before it.
func (d *Demo) Close() {
	for _, stop := range slices.Backward(d.stop) {
		stop()
	}
}

// serveFTP runs an FTP server.
func (d *Demo) serveFTP(scheme string, server *ftptest.Server) error {
	if err := server.Start(); err != nil {
		return err
	}
	d.Target = fmt.Sprintf("%s://%s/", scheme, server.Addr)
	d.stop = append(d.stop, server.Close)
	return nil
}

// serve runs a server of TLS or HTTP, or what answers in its place.
func (d *Demo) serve(scheme string, handle tlstest.Handler) error {
	server, err := tlstest.NewServer(handle)
	if err != nil {
		return err
	}
	d.Target = fmt.Sprintf("%s://%s", scheme, server.Addr)
	d.stop = append(d.stop, server.Close)
	return nil
}

// holdPort has a port at which no connection can be made.
func (d *Demo) holdPort(open func(netip.Addr) (*ftptest.DeadPort, error)) error {
	port, err := open(loopback)
	if err != nil {
		return err
	}
	d.Target = fmt.Sprintf("ftp://%s/", port.Addr)
	d.stop = append(d.stop, port.Close)
	return nil
}

// deadPort is a target at which nothing answers as it should.
func deadPort(open func(netip.Addr) (*ftptest.DeadPort, error)) func(*Demo) error {
	return func(d *Demo) error { return d.holdPort(open) }
}

// plainFTP is an FTP server without TLS.
func plainFTP(faults ftptest.Faults) func(*Demo) error {
	return func(d *Demo) error { return d.serveFTP("ftp", &ftptest.Server{Faults: faults}) }
}

// ftpWithTLS is an FTP server that knows AUTH TLS, reached as ftp:// or ftpes://.
func ftpWithTLS(scheme string, identify identity, faults ftptest.Faults) func(*Demo) error {
	return func(d *Demo) error {
		return d.serveFTP(scheme, &ftptest.Server{TLS: identify(d), Faults: faults})
	}
}

// protectedFTP is an FTP server with a good certificate, reached as ftpes://.
func protectedFTP(faults ftptest.Faults) func(*Demo) error {
	return ftpWithTLS("ftpes", trusted(tlstest.Leaf{}), faults)
}

// loopback is an address that every machine has, and elsewhere a second one where 127.0.0.0/8 is its own as a whole.
var (
	loopback  = netip.AddrFrom4([4]byte{127, 0, 0, 1})
	elsewhere = netip.AddrFrom4([4]byte{127, 0, 0, 2})
)

// overIPv6 is an FTP server without TLS at ::1.
func overIPv6(faults ftptest.Faults) func(*Demo) error {
	addr := netip.IPv6Loopback()
	return needing(addr, func(d *Demo) error {
		return d.serveFTP("ftp", &ftptest.Server{Addr: netip.AddrPortFrom(addr, 0), Faults: faults})
	})
}

// needing starts what needs an address beside 127.0.0.1, which not every machine has.
func needing(addr netip.Addr, start func(*Demo) error) func(*Demo) error {
	return func(d *Demo) error {
		listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(addr, 0)))
		if err != nil {
			return fmt.Errorf("this machine does not have the address %s: %w", addr, errors.ErrUnsupported)
		}
		_ = listener.Close() // it was only to see whether the address is there
		return start(d)
	}
}

// tlsServer is a TLS server that is well but for who it says it is.
func tlsServer(identify identity) func(*Demo) error {
	return func(d *Demo) error { return d.serve("tls", tlstest.Handshake(identify(d))) }
}

// inPlaceOfTLS is what answers where a TLS server should.
func inPlaceOfTLS(handle tlstest.Handler) func(*Demo) error {
	return func(d *Demo) error { return d.serve("tls", handle) }
}

// identity makes a server's certificate and gives the client what it is to trust.
type identity func(*Demo) *tls.Config

// trusted is a certificate from an authority that the client trusts.
func trusted(leaf tlstest.Leaf) identity {
	return func(d *Demo) *tls.Config { return identified(d.trust().Issue(leaf)) }
}

// trust makes a root that the client trusts.
func (d *Demo) trust() *tlstest.CA {
	root := tlstest.NewCA("rung demo root")
	d.Roots = root.Pool()
	return root
}

func identified(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}}
}
