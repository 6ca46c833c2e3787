package checks

import (
	"context"
	stdtls "crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// neutralName is what trials ask for in place of the target's name: no host can have it (RFC 2606 §2), and no filter knows it.
const neutralName = "neutral.invalid"

// smallMSS is the largest segment, in bytes, that any path carries whole: IPv4's smallest reassembly buffer (RFC 1122 §3.3.2), and IPv6's
// smallest MTU (RFC 8200 §5), less the headers.
func smallMSS(to netip.Addr) int {
	if to.Is4() {
		return 500
	}
	return 1200
}

// trial is a handshake to be repeated with one thing changed.
type trial struct {
	tls.Trial

	mss    int                  // the largest segment, in bytes; 0 for the system's
	ofSize func(size int) trial // the same with packets of at most so many bytes; nil where that is of no interest
	// greet says hello over a connection on which TLS may begin.
	greet func(ctx context.Context, conn net.Conn, wait time.Duration) tls.Answer
}

// tlsDoubt is how long a handshake may take before that is worth trials.
func (v *visit) tlsDoubt() time.Duration { return min(probes.Doubt(v.rtt), v.Options.Timeout/3) }

// onSilence makes the trials for a ClientHello that has not been answered for a while. A server that has got it, as its acknowledgement
// says, is given half of the wait: it may just be slow, and further connections could make it slower, or look like an attack. Before is
// what it had acknowledged before.
func (v *visit) onSilence(ctx context.Context, conn net.Conn, before uint64, o tls.Options) []tls.Trial {
	const smallest = 200 // bytes of a ClientHello
	wait := v.Options.Timeout - v.tlsDoubt()
	if t := probes.TransportOf(conn); t.BytesAcked > before+smallest && t.Unacked == 0 && t.Retransmits == 0 && t.OutOfOrder == 0 {
		half := v.Options.Timeout / 2
		select {
		case <-time.After(half - v.tlsDoubt()):
		case <-ctx.Done():
			return nil
		}
		wait = half
	}
	return v.tryTLS(ctx, wait, v.unanswered(o)...)
}

// tryTLS makes the trials, all at once, in so much time. Those for which there was no connection beside the others are made once more,
// one by one.
func (v *visit) tryTLS(ctx context.Context, wait time.Duration, trials ...trial) []tls.Trial {
	end := time.Now().Add(wait)
	results := make([][]tls.Trial, len(trials))
	var trying sync.WaitGroup
	for i, t := range trials {
		trying.Go(func() {
			results[i] = v.tryTwice(ctx, end, t)
			if t.ofSize != nil && results[i][0].Answer.Complete {
				results[i] = append(results[i], v.findSize(ctx, end, t.ofSize)...)
			}
		})
	}
	trying.Wait()
	for i, t := range trials {
		if a := results[i][0].Answer; a.HelloSize == 0 && !a.Fault.Of(probes.Unsupported) && ctx.Err() == nil && time.Until(end) > v.tlsDoubt() {
			results[i] = []tls.Trial{v.try(ctx, end, t)}
		}
	}
	return slices.Concat(results...)
}

// tryTwice makes a trial, and makes it again where it was answered: what is answered by chance alone fails then. Over FTP, where each costs
// the server a control connection, once must do.
func (v *visit) tryTwice(ctx context.Context, end time.Time, t trial) []tls.Trial {
	first := v.try(ctx, end, t)
	if !first.Answer.Answered() || t.Changed == tls.ChangedNothing || v.protection() == ftp.Explicit {
		return []tls.Trial{first}
	}
	second := v.try(ctx, end, t)
	if first.Answer.Complete && second.Answer.Complete {
		return []tls.Trial{first}
	}
	return []tls.Trial{first, second}
}

func (v *visit) try(ctx context.Context, end time.Time, t trial) tls.Trial {
	made := t.Trial
	conn, fault := v.dialForTLS(ctx, v.peer, t.mss, time.Until(end))
	if fault != nil {
		made.Answer = tls.Answer{Fault: fault}
		return made
	}
	defer func() { _ = conn.Close() }()
	made.Answer = t.greet(ctx, conn, max(time.Until(end), time.Millisecond))
	return made
}

// dialForTLS makes a further connection, up to where its TLS begins.
func (v *visit) dialForTLS(ctx context.Context, to netip.AddrPort, mss int, wait time.Duration) (net.Conn, *probes.Fault) {
	dialing, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := v.Options.Host.DialSegments(dialing, to, mss)
	if err != nil {
		return nil, probes.NewFault(ctx, "dial", err)
	}
	if to != v.peer || v.protection() != ftp.Explicit {
		return conn, nil
	}
	if fault := ftp.StartTLS(ctx, ftp.Options{Start: v.start, Wait: wait}, conn); fault != nil {
		_ = conn.Close()
		return nil, fault
	}
	return conn, nil
}

// unanswered are the trials for a ClientHello that nothing answers, or that ends the connection: they tell a filter that dislikes the
// name, a device that dislikes the size, a path that loses large packets, a server that answers nobody, and one that answers now and then
// from one another.
func (v *visit) unanswered(o tls.Options) []trial {
	trials := []trial{v.smaller(o), v.inSmallSegments(o), v.onceMore(o)}
	if tls.SNI(o.ServerName) != "" {
		trials = append(trials, v.withNeutralName(o))
	}
	if v.protection() == ftp.Explicit { // each costs the server a control connection
		return trials
	}
	if tls.SNI(o.ServerName) != "" {
		trials = append(trials, v.withoutName(o))
	}
	return append(trials, v.onceMore(o))
}

// smaller has one small key share in place of two, of which the post-quantum one is large.
func (v *visit) smaller(o tls.Options) trial {
	o.Group, o.Groups = 0, []stdtls.CurveID{stdtls.X25519, stdtls.CurveP256, stdtls.CurveP384, stdtls.CurveP521}
	return v.shaking(tls.ChangedSize, "a small ClientHello", o)
}

func (v *visit) inSmallSegments(o tls.Options) trial {
	t := v.shaking(tls.ChangedMSS, fmt.Sprintf("segments of %d bytes", smallMSS(v.peer.Addr())), o)
	t.mss = smallMSS(v.peer.Addr())
	if v.protection() == ftp.Explicit { // each costs the server a control connection
		return t
	}
	t.ofSize = func(size int) trial {
		sized := v.shaking(tls.ChangedPacket, fmt.Sprintf("packets of at most %d bytes", size), o)
		sized.Packet, sized.mss = size, size-headers(v.peer.Addr())
		return sized
	}
	return t
}

// onceMore changes nothing: a server that answers now and then must not look like a filter.
func (v *visit) onceMore(o tls.Options) trial {
	return v.shaking(tls.ChangedNothing, "the same once more", o)
}

// trialsAfter are the trials that tell the reasons of a failed handshake apart.
func (v *visit) trialsAfter(h *tls.Handshake, o tls.Options) []trial {
	switch {
	case h.Plaintext != "":
		return []trial{v.onceMore(o)}
	case h.ClientCertificate != nil:
		return v.withoutCertificate(h, o)
	case lastWord(h) != nil && lastWord(h).Description != alertCloseNotify:
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
	trials := []trial{v.onceMore(o)}
	if v.protection() != ftp.Explicit {
		trials = append(trials, v.onceMore(o))
	}
	switch said := lastWord(h).Description; {
	case saysOldVersion(h):
		return append(trials, v.offeringRetired(o))
	case said == alertNoApplicationProtocol:
		without := o
		without.ALPN = nil
		return append(trials, v.shaking(tls.ChangedALPN, "no application protocol", without))
	case said == alertUnrecognizedName:
	case said == alertHandshakeFailure, said == alertInsufficientSecurity:
		trials = append(trials, v.offeringEverySuite(o), v.offeringRetired(o), v.offeringEveryScheme(o))
	default:
		return trials
	}
	if v.protection() == ftp.Explicit && len(trials) > 1 { // each costs the server a control connection
		return trials
	}
	trials = append(trials, v.withNeutralName(o))
	if tls.SNI(o.ServerName) != "" {
		trials = append(trials, v.withoutName(o))
	}
	return trials
}

// withoutCertificate repeats a handshake that failed after the server had asked for a certificate of ours: as it was, and without the one
// that we sent.
func (v *visit) withoutCertificate(h *tls.Handshake, o tls.Options) []trial {
	trials := []trial{v.onceMore(o)}
	if h.ClientCertificate.Sent != "" {
		o.Certificate = nil
		trials = append(trials, v.shaking(tls.ChangedCertificate, "no client certificate", o))
	}
	return trials
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

func (v *visit) offeringEveryScheme(o tls.Options) trial {
	return v.offering(tls.ChangedSchemes, "every registered signature scheme", o, tls.EveryScheme())
}

// shaking is a trial with the same client, otherwise instructed.
func (v *visit) shaking(changed tls.Change, with string, o tls.Options) trial {
	t := trial{Trial: tls.Trial{Changed: changed, With: with}}
	if tls.SNI(o.ServerName) != "" {
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
	if tls.SNI(o.ServerName) != "" {
		t.ServerName, offer.ServerName = o.ServerName, o.ServerName
	}
	offer.ALPN = o.ALPN
	t.greet = func(ctx context.Context, conn net.Conn, wait time.Duration) tls.Answer {
		return tls.Ask(ctx, conn, offer, wait)
	}
	return t
}
