package checks

import (
	"context"
	stdtls "crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// What trials send in place of what the handshake sent.
const (
	neutralName = "neutral.invalid" // no host can have it (RFC 2606 §2), and no filter knows it
	smallMSS    = 1200              // fits any path that carries IPv6 (RFC 8200 §5)
)

// trial is a handshake to be repeated with one thing changed.
type trial struct {
	tls.Trial

	mss int // the largest segment, in bytes; 0 for the system's
	// greet says hello over a connection on which TLS may begin.
	greet func(ctx context.Context, conn net.Conn, wait time.Duration) tls.Answer
}

// tlsDoubt is how long a handshake may take before that is worth trials.
func (v *visit) tlsDoubt() time.Duration { return min(probes.Doubt(v.rtt), v.Options.Timeout/3) }

// tryTLS makes the trials, all at once.
func (v *visit) tryTLS(ctx context.Context, wait time.Duration, trials ...trial) []tls.Trial {
	results := make([]tls.Trial, len(trials))
	var trying sync.WaitGroup
	for i, t := range trials {
		trying.Go(func() {
			results[i] = t.Trial
			results[i].Answer = v.try(ctx, wait, t)
		})
	}
	trying.Wait()
	return results
}

func (v *visit) try(ctx context.Context, wait time.Duration, t trial) tls.Answer {
	conn, fault := v.dialForTLS(ctx, v.peer, t.mss)
	if fault != nil {
		return tls.Answer{Fault: fault}
	}
	defer func() { _ = conn.Close() }()
	return t.greet(ctx, conn, wait)
}

// dialForTLS makes a further connection, up to where its TLS begins.
func (v *visit) dialForTLS(ctx context.Context, to netip.AddrPort, mss int) (net.Conn, *probes.Fault) {
	dialing, cancel := context.WithTimeout(ctx, v.Options.Timeout)
	defer cancel()
	conn, err := v.Options.Host.DialSegments(dialing, to, mss)
	if err != nil {
		return nil, probes.NewFault(ctx, "dial", err)
	}
	if to != v.peer || v.protection() != ftp.Explicit {
		return conn, nil
	}
	if fault := ftp.StartTLS(ctx, ftp.Options{Start: v.start, Wait: v.Options.Timeout}, conn); fault != nil {
		_ = conn.Close()
		return nil, fault
	}
	return conn, nil
}

// unanswered are the trials for a ClientHello that nothing answers, or that ends the connection: they tell a filter that dislikes the
// name, a device that dislikes the size, a path that loses large packets and a server that answers nobody from one another.
func (v *visit) unanswered(o tls.Options) []trial {
	small := o
	small.Group, small.Groups = 0, []stdtls.CurveID{stdtls.X25519, stdtls.CurveP256, stdtls.CurveP384, stdtls.CurveP521} // one small key share
	trials := []trial{
		v.shaking(tls.ChangedSize, "a small ClientHello", small),
		v.shaking(tls.ChangedMSS, fmt.Sprintf("segments of %d bytes", smallMSS), o),
	}
	trials[1].mss = smallMSS
	if !sendsName(o) {
		return append(trials, v.shaking(tls.ChangedNothing, "the same once more", o))
	}
	return append(trials, v.withoutName(o), v.withNeutralName(o))
}

// trialsAfter are the trials that tell the reasons of a failed handshake apart.
func (v *visit) trialsAfter(h *tls.Handshake, o tls.Options) []trial {
	switch {
	case h.Plaintext != "":
		return nil
	case h.ClientCertificate != nil:
		return v.withoutCertificate(h, o)
	case lastWord(h) != nil:
		return v.afterAlert(h, o)
	case saysOldVersion(h):
		return []trial{v.offeringRetired(o)}
	case h.ServerHello != "" && !h.Fault.Of(probes.Reset) && !h.Fault.Of(probes.Closed):
		return nil // the server's answer came, and it was no good
	}
	return v.unanswered(o)
}

// afterAlert are the trials that tell which part of the offer an alert refuses. Servers use handshake_failure (40) for most.
func (v *visit) afterAlert(h *tls.Handshake, o tls.Options) []trial {
	var trials []trial
	switch {
	case h.Alert.Description == alertCloseNotify:
		return v.unanswered(o)
	case saysOldVersion(h):
		return []trial{v.offeringRetired(o)}
	case h.Alert.Description == alertNoApplicationProtocol:
		without := o
		without.ALPN = nil
		return []trial{v.shaking(tls.ChangedALPN, "no application protocol", without)}
	case h.Alert.Description != alertUnrecognizedName:
		trials = append(trials, v.offeringEverySuite(o), v.offeringRetired(o))
	}
	if !sendsName(o) {
		return append(trials, v.withNeutralName(o))
	}
	return append(trials, v.withoutName(o), v.withNeutralName(o))
}

// withoutCertificate repeats without our certificate a handshake that failed with it.
func (v *visit) withoutCertificate(h *tls.Handshake, o tls.Options) []trial {
	if h.ClientCertificate.Sent == "" {
		return nil
	}
	o.Certificate = nil
	return []trial{v.shaking(tls.ChangedCertificate, "no client certificate", o)}
}

func (v *visit) withoutName(o tls.Options) trial {
	o.ServerName = ""
	return v.shaking(tls.ChangedName, "no server name", o)
}

func (v *visit) withNeutralName(o tls.Options) trial {
	o.ServerName = neutralName
	return v.shaking(tls.ChangedName, "the server name "+neutralName, o)
}

func (v *visit) offeringRetired(o tls.Options) trial {
	return v.offering(tls.ChangedVersions, "SSLv3 to TLS 1.1", o, tls.Retired())
}

func (v *visit) offeringEverySuite(o tls.Options) trial {
	return v.offering(tls.ChangedSuites, "every registered suite and group", o, tls.Everything())
}

// shaking is a trial with the same client, otherwise instructed.
func (v *visit) shaking(changed tls.Change, with string, o tls.Options) trial {
	t := trial{Trial: tls.Trial{Changed: changed, With: with}}
	if sendsName(o) {
		t.ServerName = o.ServerName
	}
	o.Sessions = nil // it is another connection's session, and offering one would be a second change
	t.greet = func(ctx context.Context, conn net.Conn, wait time.Duration) tls.Answer {
		o.Wait, o.Await = wait, true
		h, secured := tls.Shake(ctx, conn, o)
		answer := h.Answer()
		if secured != nil {
			if chain := secured.ConnectionState().PeerCertificates; len(chain) > 0 {
				answer.Leaf = pki.Fingerprint(chain[0])
			}
		}
		return answer
	}
	return t
}

// offering is a trial with a ClientHello that our client cannot make.
func (v *visit) offering(changed tls.Change, with string, o tls.Options, offer tls.Offer) trial {
	t := trial{Trial: tls.Trial{Changed: changed, With: with}}
	if sendsName(o) {
		t.ServerName, offer.ServerName = o.ServerName, o.ServerName
	}
	offer.ALPN = o.ALPN
	t.greet = func(ctx context.Context, conn net.Conn, wait time.Duration) tls.Answer {
		return tls.Ask(ctx, conn, offer, wait)
	}
	return t
}

// sendsName says that a ClientHello carries a server name: an address is none (RFC 6066 §3).
func sendsName(o tls.Options) bool {
	_, err := netip.ParseAddr(o.ServerName)
	return o.ServerName != "" && err != nil
}
