package tls

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"slices"
	"strings"
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
	// Sessions resumes earlier sessions and keeps new ones; nil to resume none and forget them. It is never shared between targets.
	Sessions tls.ClientSessionCache
	// Groups are the key exchange groups offered, with a key share for the first; nil for Group alone.
	Groups []tls.CurveID
	// Group is the key exchange group that the server is known to take; zero where nothing is known, and all usual ones are offered.
	Group tls.CurveID
	// Certificate is sent where the server asks for one, whatever CAs it names; nil for none.
	Certificate *tls.Certificate
	// Now is the time at which sessions are resumed, zero for the present: a session of an expired certificate is resumed only
	// at a time at which that was valid.
	Now time.Time
	// Await waits for what a server of TLS 1.3 that asks for a certificate says once it has seen ours, or that there is none. Without it,
	// that comes with the first read, and Hear takes it into the result.
	Await bool
	// Presented is told, once, what the server presents (certificates, staple, SCTs) as soon as that is known, whatever becomes of the
	// handshake then; nil for nobody. It is not told of a leaf that crypto/tls cannot use.
	Presented func(tls.ConnectionState)
	// Wait is the longest time for the whole handshake.
	Wait time.Duration
}

// Shake makes a TLS handshake over conn, as the client. The certificates are not verified: package pki tells what they are worth. The
// returned connection is nil where the handshake failed; conn stays the caller's to close in any case. A server of TLS 1.3 that asks for
// a certificate says only after the handshake whether it is content (RFC 8446 §6.2): with o.Await, Shake waits for that, as long as
// silence is no reason for doubt.
func Shake(ctx context.Context, conn net.Conn, o Options) (Handshake, *tls.Conn) {
	var keyLog bytes.Buffer
	recorded := &recorder{Conn: conn}
	config := o.config(&keyLog)
	secured := tls.Client(recorded, config)
	result := Handshake{
		Address:    probes.AddrPortOf(conn.RemoteAddr()),
		ServerName: SNI(o.ServerName),
		Offered:    offered(config),
	}
	acknowledged := probes.TransportOf(conn).BytesAcked
	start := time.Now()
	err := o.handshake(ctx, conn, secured)
	result.Took = probes.Since(start)
	if now := probes.TransportOf(conn).BytesAcked; now > acknowledged { // a connection that was closed tells nothing
		result.Acknowledged = now - acknowledged
	}
	said := newDecoder(keyLog.Bytes())
	said.feed(recorded.segments...)
	if err == nil && o.Await && said.leavesOpen() {
		if err = o.awaitAnswer(ctx, recorded, said, start); err != nil {
			result.Took = probes.Since(start)
		}
	}
	result.Received, result.Last = recorded.received, probes.Millis(recorded.last)
	result.tell(said.end())
	recorded.stop(said)
	if err != nil {
		result.Fault = fault(ctx, result, err)
		result.Transport = probes.TransportOf(conn)
		return result, nil
	}
	result.agree(secured.ConnectionState())
	return result, secured
}

// Hear adds to the handshake what the server has said on its connection since: whether it takes our certificate, or that there is none (see
// Options.Await). Where it does not, the handshake has failed after all; next is the fault of what the client tried meanwhile, nil where
// that went well or nothing was tried.
func (h *Handshake) Hear(secured *tls.Conn, next *probes.Fault) {
	recorded, ok := secured.NetConn().(*recorder)
	if !ok || h.ClientCertificate == nil || h.Fault != nil {
		return
	}
	said := recorded.rest
	ended := next.Of(probes.Closed) || next.Of(probes.Reset) || next.Of(probes.Alert)
	if ended && said.leavesOpen() {
		recorded.drain()
	}
	switch {
	case said.settled && said.Answered:
		h.ClientCertificate.Answered = true
	case next != nil && said.settled, ended && said.leavesOpen():
		h.tell(said.end())
		h.Took, h.Last = max(h.Took, probes.Since(recorded.started)), max(h.Last, said.server.at)
		h.Fault = &probes.Fault{Step: "handshake", Kind: next.Kind, Message: next.Message}
		if said.settled {
			h.Fault.Kind = probes.Alert
		}
	}
}

// Await waits, after a Shake without Options.Await, for what the server says to our certificate, or to there being none: no longer than
// wait, and than ctx lasts. What comes stays to be read. It takes the answer into the result as Hear does; silence changes nothing. It does
// nothing where the server did not ask, or has spoken, or where the connection was closed by us. Nobody else may read from the connection
// meanwhile, and whoever uses it next sets its deadlines anew.
func (h *Handshake) Await(ctx context.Context, secured *tls.Conn, wait time.Duration) {
	recorded, ok := secured.NetConn().(*recorder)
	if !ok || h.ClientCertificate == nil || h.Fault != nil || !recorded.rest.leavesOpen() || ctx.Err() != nil {
		return
	}
	err := recorded.await(ctx, recorded.rest, wait)
	h.Hear(secured, probes.NewFault(ctx, "handshake", err))
}

func (o Options) handshake(ctx context.Context, conn net.Conn, secured *tls.Conn) error {
	defer probes.Within(ctx, conn, o.Wait)() // HandshakeContext would close conn, which may have more to tell
	return secured.Handshake()               //nolint:noctx // Within keeps ctx
}

// awaitAnswer waits for what the server says to our Finished. It fails where the server refuses us; a server that stays silent is
// content, as far as can be known. The deadline on the connection is in the end what it was before.
func (o Options) awaitAnswer(ctx context.Context, conn *recorder, said *decoder, start time.Time) error {
	wait, deadline := probes.Doubt(time.Duration(probes.TransportOf(conn).RTT)), time.Time{}
	if o.Wait > 0 {
		deadline = start.Add(o.Wait)
		wait = min(wait, time.Until(deadline))
	}
	if wait <= 0 {
		return nil
	}
	defer func() { _ = conn.SetDeadline(deadline) }() // a connection without deadlines fails at its next read or write
	return conn.await(ctx, said, wait)
}

// await peeks until it is known whether the server is content, but not for longer than wait. It fails where the server refuses us.
func (r *recorder) await(ctx context.Context, said *decoder, wait time.Duration) error {
	defer probes.Within(ctx, r, wait)()
	for said.leavesOpen() {
		next, err := r.peek()
		if err != nil {
			return unlessSilent(ctx, err)
		}
		said.feed(next)
	}
	if said.settled && !said.Answered {
		return refusal(said.Alert)
	}
	return nil
}

// refusal is the error that crypto/tls would meet at its next read.
func refusal(alert *Alert) error {
	if alert == nil {
		return &net.OpError{Op: remoteError, Err: errors.New("tls: an alert that cannot be read")}
	}
	return &net.OpError{Op: remoteError, Err: tls.AlertError(alert.Description)}
}

// remoteError is how crypto/tls marks an alert from the peer (net.OpError.Op).
const remoteError = "remote error"

// unlessSilent is nil for an error that says that nothing more came, or could be read.
func unlessSilent(ctx context.Context, err error) error {
	switch f := probes.NewFault(ctx, "handshake", err); {
	case f.Kind == probes.Timeout, f.Kind == probes.Interrupted, errors.Is(err, errAhead):
		return nil
	case errors.Is(err, net.ErrClosed), errors.Is(err, io.ErrClosedPipe): // by us
		return nil
	}
	return err
}

// tell fills in what the transcript says.
func (h *Handshake) tell(said Transcript) {
	h.Messages, h.ServerHello, h.Alert, h.Plaintext = said.Messages, said.ServerHello, said.Alert, said.Plaintext
	for _, m := range said.Messages {
		switch {
		case m.Cut: // nothing more is known of it
		case m.From == "client" && m.Name == "ClientHello" && h.HelloSize == 0:
			h.HelloSize = m.Size
		case m.From == "client" && m.Name == "Certificate" && h.ClientCertificate != nil && len(m.Subjects) > 0:
			h.ClientCertificate.Sent = m.Subjects[0]
		case m.From == "server" && m.Name == "CertificateRequest":
			h.ClientCertificate = &ClientCertificate{Authorities: m.Authorities, Named: m.Count, Answered: said.Answered}
		case m.From == "server" && (m.Name == "ServerHello" || m.Name == "HelloRetryRequest"):
			h.Suite, h.Group = first(m.Hello.Suites), first(slices.Concat(m.Hello.KeyShares, m.Hello.Groups))
		case m.From == "server" && m.Name == "ServerKeyExchange":
			h.Group = m.Group
		}
	}
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

// agree fills in what both sides have agreed on.
func (h *Handshake) agree(state tls.ConnectionState) {
	h.Version = tls.VersionName(state.Version)
	h.ServerHello = h.Version
	h.Suite = tls.CipherSuiteName(state.CipherSuite)
	h.ALPN = state.NegotiatedProtocol
	h.Resumed = state.DidResume
	if state.CurveID != 0 {
		h.Group = state.CurveID.String()
	}
}

func (o Options) config(keyLog io.Writer) *tls.Config {
	minVersion := o.MinVersion
	if minVersion == 0 {
		minVersion = tls.VersionTLS12
	}
	config := &tls.Config{
		ServerName:         o.ServerName,
		InsecureSkipVerify: true, //nolint:gosec // package pki reads the chain, so that all its faults are told
		MinVersion:         minVersion,
		MaxVersion:         o.MaxVersion,
		NextProtos:         o.ALPN,
		ClientSessionCache: o.Sessions,
		CurvePreferences:   o.Groups,
		KeyLogWriter:       keyLog,
	}
	if o.Sessions == nil { // who could not resume gets no tickets, and those say that the server is content
		config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	}
	if o.Groups == nil && o.Group != 0 {
		config.CurvePreferences = []tls.CurveID{o.Group}
	}
	if o.Certificate != nil {
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return o.Certificate, nil }
	}
	if o.Presented != nil {
		config.VerifyConnection = func(state tls.ConnectionState) error {
			o.Presented(state)
			return nil
		}
	}
	if !o.Now.IsZero() {
		config.Time = func() time.Time { return o.Now }
	}
	return config
}

// SNI is the name as the ClientHello carries it: nothing for a literal address, whatever its zone, and no dot at the end (RFC 6066 §3).
func SNI(name string) string {
	if _, err := netip.ParseAddr(name); err == nil {
		return ""
	}
	return strings.TrimRight(name, ".")
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
	case seen.endedByAlert(f.Kind):
		f.Kind = probes.Alert
	case seen.Plaintext != "":
		f.Kind = probes.Malformed
	default:
		var op *net.OpError
		if errors.As(err, &op) && op.Op == remoteError { // an alert that could not be decrypted
			f.Kind = probes.Alert
		}
	}
	return f
}

// endedByAlert says that the server's last alert ended the handshake: it is fatal, or a warning with which the server closed the
// connection. A warning that a ServerHello follows is none such: servers send unrecognized_name before they go on (RFC 6066 §3). Nor is
// one that silence follows, or on which crypto/tls gave up.
func (h *Handshake) endedByAlert(how probes.Kind) bool {
	switch {
	case h.Alert == nil || how == probes.Timeout:
		return false
	case h.Alert.Level != warning:
		return true
	case how != probes.Closed && how != probes.Reset:
		return false
	}
	for _, m := range slices.Backward(h.Messages) {
		if m.From == "server" {
			return m.Name == "Alert"
		}
	}
	return true
}
