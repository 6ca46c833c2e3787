package checks

import (
	"context"
	stdtls "crypto/tls"
	"net"
	"strings"
	"sync"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// shakeHands makes the handshake of a target that speaks TLS from the first byte on, keeps the chain, and asks for a page where the
// target has any.
func (v *visit) shakeHands(ctx context.Context) {
	secured, _ := v.secure(ctx, v.conn, v.tlsOptions())
	var trying sync.WaitGroup
	defer trying.Wait()
	if secured != nil {
		v.lookBack(ctx, &trying)
	}
	if secured != nil && speaksHTTP(v.Target) {
		v.askHTTPS(ctx, secured)
	}
	v.hearTheRest(ctx)
	_ = v.conn.Close() // a server with one place has it for what follows
	v.lookAround(ctx)
}

// secure makes a handshake over the target's own connection, and keeps what was seen of it and of the chain. One that fails, or is slow
// to be answered, is repeated with one thing changed at a time.
func (v *visit) secure(ctx context.Context, conn net.Conn, o tls.Options) (*stdtls.Conn, *probes.Fault) {
	var secured *stdtls.Conn
	var trials []tls.Trial
	var presented *pki.Presented
	first := o
	first.Presented = func(state stdtls.ConnectionState) {
		shown := presentedIn(state)
		presented = &shown
	}
	before := probes.TransportOf(conn).BytesAcked
	settle := probes.OnDoubt(ctx, v.tlsDoubt(), func(ctx context.Context) {
		trials = v.onSilence(ctx, conn, before, o)
	})
	v.service.Handshake = measure(ctx, v.Climb, v.service.At, func() (h tls.Handshake) {
		h, secured = tls.Shake(ctx, conn, first)
		return h
	})
	h := &v.service.Handshake.Seen
	silent := h.Fault.Of(probes.Timeout)
	settle(!silent)
	if h.Fault != nil && !silent && ctx.Err() == nil {
		trials = v.tryTLS(ctx, v.Options.Timeout, v.trialsAfter(h, o)...)
	}
	if h.Fault != nil {
		h.Trials = trials
	}
	if presented != nil && len(presented.Certificates) > 0 {
		v.examine(ctx, presented)
	}
	v.secured = secured
	return secured, h.Fault
}

// hearTheRest takes into the handshake what the server has said of it since. A server of TLS 1.3 that does not take our certificate, or
// wants one, says so when the client believes the handshake to be over (RFC 8446 §6.2): what was asked next fails then, with that fault.
// Where nothing was asked, it is waited for.
func (v *visit) hearTheRest(ctx context.Context, next ...*probes.Fault) {
	switch {
	case v.secured == nil:
	case len(next) > 0:
		v.service.Handshake.Seen.Hear(v.secured, next[0])
	default:
		v.service.Handshake.Seen.Await(ctx, v.secured, min(v.Options.Timeout/2, 3*v.tlsDoubt()))
	}
}

// examine keeps what the chain is worth, and asks whoever else tells it, as far as the user allows that.
func (v *visit) examine(ctx context.Context, presented *pki.Presented) {
	v.service.Chain = measure(ctx, v.Climb, v.service.At, func() pki.Chain { return v.completeChain(ctx, presented) })
	if v.Options.CheckRevocation {
		path := pki.BestPath(*presented, v.roots(), v.evidence.Started)
		v.service.Revocation = measure(ctx, v.Climb, v.service.At, func() pki.Revocation {
			return pki.CheckRevocation(ctx, v.Options.Host, path, v.Options.Timeout)
		})
	}
	v.vetted.keep(struct{}{})
	v.askClock(ctx)
}

// completeChain reads the chain of the target's own connection and, where the user allows it, fetches what is missing in it.
func (v *visit) completeChain(ctx context.Context, presented *pki.Presented) pki.Chain {
	chain := pki.ReadChain(*presented, v.nameToVerify(), v.roots(), v.evidence.Started)
	if !v.Options.FetchIssuers || chain.Trust.Reason != pki.UnknownAuthority || chain.Trust.Completed != nil {
		return chain
	}
	var fetches []pki.Fetch
	presented.Fetched, fetches = pki.FetchIssuers(ctx, v.Options.Host, presented.Certificates, v.Options.Timeout)
	chain = pki.ReadChain(*presented, v.nameToVerify(), v.roots(), v.evidence.Started)
	chain.Trust.Issuers = fetches
	return chain
}

// readChain reads the chain of a further connection.
func (c *Climb) readChain(secured *stdtls.Conn) pki.Chain {
	return pki.ReadChain(presentedBy(secured), c.nameToVerify(), c.roots(), c.evidence.Started)
}

// presentedBy is what the peer showed of itself.
func presentedBy(secured *stdtls.Conn) pki.Presented { return presentedIn(secured.ConnectionState()) }

func presentedIn(state stdtls.ConnectionState) pki.Presented {
	return pki.Presented{
		Certificates: state.PeerCertificates, Staple: state.OCSPResponse, SCTs: state.SignedCertificateTimestamps,
	}
}

func (c *Climb) tlsOptions() tls.Options {
	o := tls.Options{
		ServerName: c.serverName(), Wait: c.Options.Timeout, Certificate: c.Options.Certificate,
		Await: c.Target.Scheme == "tls", // others hear it when they ask for something
	}
	if speaksHTTP(c.Target) {
		o.ALPN = []string{"http/1.1"}
	}
	return o
}

// serverName is what is sent as SNI; it is also the key under which sessions are resumed.
func (c *Climb) serverName() string {
	if c.Options.ServerName != "" {
		return c.Options.ServerName
	}
	return strings.TrimSuffix(c.Target.Host, ".")
}

// nameToVerify is what the certificate is to be valid for: the name asked for, or an address without its zone.
func (c *Climb) nameToVerify() string {
	if addr := c.Target.Addr(); addr.IsValid() && c.Options.ServerName == "" {
		return addr.WithZone("").String()
	}
	return c.serverName()
}
