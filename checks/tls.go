package checks

import (
	"context"
	stdtls "crypto/tls"
	"fmt"
	"net"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// shakeHands makes the handshake of a target that speaks TLS from the first byte on, and keeps the chain.
func (v *visit) shakeHands(ctx context.Context) {
	defer func() { _ = v.conn.Close() }()
	_, _ = v.secure(ctx, v.conn, v.tlsOptions())
	if m := v.service.Handshake; saysOldVersion(&m.Seen) {
		m.Seen.Experiments = append(m.Seen.Experiments, v.tryOldVersions(ctx, v.conn.RemoteAddr()))
	}
}

// secure makes a handshake over the target's own connection, and keeps what was seen of it and of the chain.
func (v *visit) secure(ctx context.Context, conn net.Conn, o tls.Options) (*stdtls.Conn, *probes.Fault) {
	var secured *stdtls.Conn
	v.service.Handshake = measure(ctx, v.Climb, v.service.At, func() (h tls.Handshake) {
		h, secured = tls.Shake(ctx, conn, o)
		return h
	})
	if secured != nil {
		v.service.Chain = measure(ctx, v.Climb, v.service.At, func() tls.Chain { return v.readChain(secured) })
	}
	return secured, v.service.Handshake.Seen.Fault
}

func (c *Climb) readChain(secured *stdtls.Conn) tls.Chain {
	return tls.ReadChain(secured.ConnectionState().PeerCertificates, c.nameToVerify(), c.roots(), c.evidence.Started)
}

func (c *Climb) tlsOptions() tls.Options {
	return tls.Options{ServerName: c.serverName(), Wait: c.Options.Timeout}
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

// tryOldVersions repeats the handshake with the versions that RFC 8996 has retired.
func (v *visit) tryOldVersions(ctx context.Context, peer net.Addr) probes.Experiment {
	experiment := probes.Experiment{
		Variable: "versions offered", A: "TLS 1.2 and 1.3", OutcomeA: handshakeOutcome(&v.service.Handshake.Seen),
		B: "TLS 1.0 and 1.1", OutcomeB: "no connection",
	}
	dialing, cancel := context.WithTimeout(ctx, v.Options.Timeout)
	defer cancel()
	conn, err := v.Options.Host.DialTCP(dialing, probes.AddrPortOf(peer))
	if err != nil {
		return experiment
	}
	defer func() { _ = conn.Close() }()
	old := v.tlsOptions()
	old.MinVersion, old.MaxVersion = stdtls.VersionTLS10, stdtls.VersionTLS11
	seen, _ := tls.Shake(ctx, conn, old)
	experiment.OutcomeB = handshakeOutcome(&seen)
	return experiment
}

func handshakeOutcome(h *tls.Handshake) probes.Outcome {
	switch {
	case h.Fault == nil:
		return probes.Outcome(h.Version)
	case h.Alert != nil:
		return probes.Outcome("alert " + h.Alert.Name)
	case h.ServerHello != "":
		return probes.Outcome("ServerHello with " + h.ServerHello)
	}
	return probes.Outcome(h.Fault.Kind)
}

// saysOldVersion says that the server speaks no version that we offered: it sent the alert protocol_version, or chose a
// version below ours (RFC 8446 §6.2, RFC 8996).
func saysOldVersion(h *tls.Handshake) bool {
	const protocolVersion = 70
	if h.Alert != nil {
		return h.Alert.Description == protocolVersion
	}
	switch h.ServerHello {
	case "SSLv3", "TLS 1.0", "TLS 1.1":
		return h.Fault != nil
	}
	return false
}

func (b *bench) judgeHandshake() {
	r := b.s.Handshake.result("tls.handshake", Application)
	h := seen(b.s.Handshake)
	switch {
	case h == nil:
		b.badTLS = b.beforeTLS()
		b.skipUpper(r, "no connection to speak TLS on", b.badTLS...)
	case h.Fault == nil:
		b.found(r, Pass, strings.TrimSuffix(fmt.Sprintf("%s, %s, %s", h.Version, h.Suite, h.Group), ", "))
	case h.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	default:
		cause := b.handshakeCause(h)
		if cause == nil {
			b.found(r, Fail, "the TLS handshake failed: "+h.Fault.Message)
			b.badTLS = []string{unexplained + ".tls.handshake"}
			return
		}
		b.badTLS = []string{cause.ID}
		b.found(r, Fail, cause.Summary, cause)
	}
}

// beforeTLS is why FTP did not come as far as a handshake: nothing, where the target does not speak FTP.
func (b *bench) beforeTLS() []string {
	security := seen(b.s.Security)
	if security == nil || security.Fault == nil || security.Fault.Of(probes.Interrupted) {
		return b.noLogin
	}
	if cause := b.securityCause(security); cause != nil {
		return []string{cause.ID}
	}
	return []string{unexplained + ".ftp.tls"}
}

func (b *bench) handshakeCause(h *tls.Handshake) *Cause {
	where := h.Address.String()
	switch {
	case strings.HasPrefix(h.Plaintext, "500 OOPS"):
		return newCause("ftp.server-misconfigured", where, "the FTP server breaks down where TLS should begin",
			fmt.Sprintf("in place of a ServerHello came the text %q", h.Plaintext)).
			restsOn("tls.handshake").mend("read the server's log: its TLS configuration (certificate, key, permissions) is broken")
	case h.Plaintext != "":
		return newCause("tls.plaintext-peer", where, fmt.Sprintf("%s does not speak TLS", where),
			fmt.Sprintf("in answer to the ClientHello came %q", firstLine(h.Plaintext))).
			restsOn("tls.handshake").mend("use the port on which the service speaks TLS from the first byte, " +
			"or ask for TLS in the protocol's own way (ftpes:// for FTP)")
	case saysOldVersion(h):
		said := "the server answered " + strings.Join(h.Offered, " and ") + " with the alert protocol_version (70)"
		if h.Alert == nil {
			said = "the server chose " + h.ServerHello + ", though " + strings.Join(h.Offered, " and ") + " were offered"
		}
		return newCause("tls.no-common-version", where, fmt.Sprintf("%s speaks none of the TLS versions in use", where), said).
			with(h.Experiments...).restsOn("tls.handshake").mend("enable TLS 1.2 and 1.3 on the server: versions below are retired (RFC 8996)")
	}
	return nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, "\r")
}
