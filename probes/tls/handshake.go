package tls

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Options say how a handshake is made.
type Options struct {
	// ServerName is sent as SNI, where it is a name: an address is never sent (RFC 6066 §3).
	ServerName string
	// MinVersion and MaxVersion bound the versions offered; zero is TLS 1.2 and TLS 1.3.
	MinVersion, MaxVersion uint16
	// ALPN are the application protocols offered.
	ALPN []string
	// Sessions resumes earlier sessions and keeps new ones; nil for none. It is never shared between targets.
	Sessions tls.ClientSessionCache
	// Group is the key exchange group that the server is known to take, and is offered first; zero where nothing is known.
	Group tls.CurveID
	// Now is the time at which sessions are resumed, zero for the present: a session of an expired certificate is resumed only
	// at a time at which that was valid.
	Now time.Time
	// Wait is the longest time for the whole handshake.
	Wait time.Duration
}

// Shake makes a TLS handshake over conn, as the client. The certificates are not verified: ReadChain tells what they are
// worth. The returned connection is nil where the handshake failed; conn stays the caller's to close in any case.
func Shake(ctx context.Context, conn net.Conn, o Options) (Handshake, *tls.Conn) {
	recorded := &recorder{Conn: conn}
	config := o.config()
	secured := tls.Client(recorded, config)
	result := Handshake{
		Address:    probes.AddrPortOf(conn.RemoteAddr()),
		ServerName: sni(o.ServerName),
		Offered:    offered(config),
	}
	defer probes.Within(ctx, conn, o.Wait)() // HandshakeContext would close conn, which may have more to tell
	start := time.Now()
	err := secured.Handshake() //nolint:noctx // Within keeps ctx
	result.Took = probes.Since(start)
	result.Received = recorded.received
	if err != nil {
		result.ServerHello, result.Alert, result.Plaintext = readFlight(recorded.first)
		result.Fault = fault(ctx, result, err)
		return result, nil
	}
	state := secured.ConnectionState()
	result.Version = tls.VersionName(state.Version)
	result.ServerHello = result.Version
	result.Suite = tls.CipherSuiteName(state.CipherSuite)
	result.ALPN = state.NegotiatedProtocol
	result.Resumed = state.DidResume
	if state.CurveID != 0 {
		result.Group = state.CurveID.String()
	}
	return result, secured
}

func (o Options) config() *tls.Config {
	minVersion := o.MinVersion
	if minVersion == 0 {
		minVersion = tls.VersionTLS12
	}
	config := &tls.Config{
		ServerName:         o.ServerName,
		InsecureSkipVerify: true, //nolint:gosec // the chain is kept and judged by ReadChain's facts, so that all its faults are told
		MinVersion:         minVersion,
		MaxVersion:         o.MaxVersion,
		NextProtos:         o.ALPN,
		ClientSessionCache: o.Sessions,
	}
	if o.Group != 0 {
		config.CurvePreferences = []tls.CurveID{o.Group}
	}
	if !o.Now.IsZero() {
		config.Time = func() time.Time { return o.Now }
	}
	return config
}

// sni is the name as the ClientHello carries it: nothing for a literal address.
func sni(name string) string {
	if net.ParseIP(name) != nil {
		return ""
	}
	return name
}

func offered(config *tls.Config) []string {
	highest := config.MaxVersion
	if highest == 0 {
		highest = tls.VersionTLS13
	}
	var names []string
	for v := config.MinVersion; v <= highest; v++ {
		names = append(names, tls.VersionName(v))
	}
	return names
}

func fault(ctx context.Context, seen Handshake, err error) *probes.Fault {
	f := probes.NewFault(ctx, "handshake", err)
	switch {
	case f.Kind == probes.Interrupted:
	case seen.Alert != nil && f.Kind != probes.Timeout: // a warning that nothing followed is not what ended it
		f.Kind = probes.Alert
	case seen.Plaintext != "":
		f.Kind = probes.Malformed
	default:
		var op *net.OpError
		if errors.As(err, &op) && op.Op == "remote error" { // an alert that came encrypted
			f.Kind = probes.Alert
		}
	}
	return f
}

// recorder keeps the beginning of what the peer sends.
type recorder struct {
	net.Conn

	first    []byte
	received int
}

// maxFlight is how much of the server's first flight is kept: an alert, a ServerHello or a banner stands at its very start.
const maxFlight = 4096

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.received += n
	if room := maxFlight - len(r.first); room > 0 {
		r.first = append(r.first, p[:min(n, room)]...)
	}
	return n, err
}

// NetConn gives the connection below, for what only a socket can tell.
func (r *recorder) NetConn() net.Conn { return r.Conn }
