package checks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// lookAround does beside the handshake what the user asks for, and what the certificate's dates give reason for.
func (v *visit) lookAround(ctx context.Context) {
	v.findSibling(ctx)
	if v.Options.Survey && v.service.Handshake != nil {
		v.service.Survey = measure(ctx, v.Climb, v.service.At, func() tls.Survey {
			return tls.Enumerate(ctx, tls.SurveyOptions{
				Address: v.peer, ServerName: v.serverName(), Wait: v.Options.Timeout,
				Dial: func(ctx context.Context) (net.Conn, *probes.Fault) { return v.dialForTLS(ctx, v.peer, 0) },
			})
		})
	}
}

// portHTTPS is where most hosts that have a certificate present it.
const portHTTPS = 443

// findSibling looks at the certificate that the same host presents to browsers, where the one that was seen has expired or soon will:
// it may have been renewed, and the service not been told.
func (v *visit) findSibling(ctx context.Context) {
	chain := seen(v.service.Chain)
	to := netip.AddrPortFrom(v.peer.Addr(), portHTTPS)
	if chain == nil || len(chain.Certificates) == 0 || to == v.peer || !v.endsSoon(chain) {
		return
	}
	sibling := &pki.Sibling{Address: to}
	chain.Sibling = sibling
	wait := min(v.Options.Timeout, probes.Doubt(v.rtt))
	asking, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, fault := v.dialForTLS(asking, to, 0)
	if fault != nil {
		sibling.Fault = fault
		return
	}
	defer func() { _ = conn.Close() }()
	o := v.tlsOptions()
	o.Wait = wait
	h, secured := tls.Shake(ctx, conn, o)
	if sibling.Fault = h.Fault; secured == nil {
		return
	}
	if other := v.readChain(secured); len(other.Certificates) > 0 {
		sibling.Leaf = &other.Certificates[0]
	}
}

// endsSoon says that the leaf's time is over, or nearly so.
func (v *visit) endsSoon(chain *pki.Chain) bool {
	left := chain.Certificates[0].NotAfter.Sub(chain.At)
	return left < max(v.Options.CertWarn, v.Options.CertFail, 0)
}

func (b *bench) judgeSurvey() {
	r := b.s.Survey.result("tls.survey", Application)
	if b.s.Survey == nil {
		b.needless(r, "not asked for (--tls-survey)")
		return
	}
	switch survey := b.s.Survey.Seen; {
	case survey.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	case survey.Fault != nil:
		b.needless(r, "the survey ended early: "+survey.Fault.Message)
	default:
		b.found(r, Pass, describeSurvey(&survey))
	}
}

func describeSurvey(s *tls.Survey) string {
	var versions, groups []string
	suites := map[string]bool{}
	for _, v := range s.Versions {
		if v.Accepted {
			versions = append(versions, v.Version)
		}
		for _, suite := range v.Suites {
			suites[suite] = true
		}
	}
	for _, g := range s.Groups {
		if g.Accepted {
			groups = append(groups, g.Group)
		}
	}
	if len(versions) == 0 {
		return "no version of TLS is accepted"
	}
	return fmt.Sprintf("accepts %s, %d suites and %d groups (%d connections)", strings.Join(versions, ", "), len(suites), len(groups), s.Connections)
}

// judgeRevocation says what the issuers said, or why they could not be asked: a responder that does not answer has not revoked anything.
func (b *bench) judgeRevocation() {
	m := b.s.Revocation
	r := m.result("tls.revocation", Application)
	if m == nil {
		b.needless(r, "not asked for (--check-revocation)")
		return
	}
	good, silent := 0, ""
	for _, a := range m.Seen.Answers {
		switch {
		case a.Fault.Of(probes.Interrupted):
			b.cutShort(r)
			return
		case a.Fault != nil:
			silent = fmt.Sprintf("%s at %s: %s", a.Method, a.URL, a.Fault.Message)
		case a.Says != nil && a.Says.Status == "good":
			good++
		}
	}
	cause := revokedCause(seen(b.s.Chain), &m.Seen)
	switch {
	case cause != nil:
		b.found(r, Fail, cause.Summary, cause.restsOn("tls.revocation"))
	case good > 0 && silent != "":
		b.found(r, Pass, fmt.Sprintf("%d statement(s) say that the certificates stand; not all could be had: %s", good, silent))
	case good > 0:
		b.found(r, Pass, fmt.Sprintf("%d statement(s) say that the certificates stand", good))
	case silent != "":
		b.needless(r, "not known: "+silent)
	default:
		b.needless(r, "the certificates do not say where to ask")
	}
}
