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
	if v.Options.Survey {
		v.service.Survey = measure(ctx, v.Climb, v.service.At, func() tls.Survey {
			return tls.Enumerate(ctx, tls.SurveyOptions{
				Address: v.peer, ServerName: v.serverName(), Wait: v.Options.Timeout,
				Dial: func(ctx context.Context) (net.Conn, *probes.Fault) {
					return v.dialForTLS(ctx, v.peer, 0, v.Options.Timeout)
				},
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
	conn, fault := v.dialForTLS(ctx, to, 0, wait)
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
		sibling.Leaf, sibling.Good = &other.Certificates[0], chainIsGood(&other)
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
		b.unasked(r, b.e.Settings.Survey, "not asked for (--tls-survey)", "there was nobody to ask")
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

// unasked adds the result of a check that only a flag asks for, and that was not made: nobody wanted it, or something below was broken.
func (b *bench) unasked(r Result, wanted bool, unwanted, impossible string) {
	if !wanted {
		b.needless(r, unwanted)
		return
	}
	b.skipUpper(r, impossible, b.badTLS...)
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
	m, chain := b.s.Revocation, seen(b.s.Chain)
	r := m.result("tls.revocation", Application)
	if m == nil {
		b.unasked(r, b.e.Settings.CheckRevocation, "not asked for (--check-revocation)", "there was no certificate to ask about")
		return
	}
	good, silent, unknown := 0, "", ""
	for _, a := range m.Seen.Answers {
		switch {
		case a.Fault.Of(probes.Interrupted):
			b.cutShort(r)
			return
		case a.Fault != nil:
			silent = fmt.Sprintf("%s at %s: %s", a.Method, a.URL, a.Fault.Message)
		case a.Says != nil && a.Says.Status == "good":
			good++
		case a.Says != nil && a.Says.Status == "unknown":
			unknown = fmt.Sprintf("%s at %s does not know the certificate of %s", a.Method, a.URL, commonName(a.Subject))
		}
	}
	var cause *Cause
	if chain != nil {
		cause = revokedCause(chain, &m.Seen)
	}
	switch {
	case cause != nil:
		b.found(r, Fail, cause.Summary, cause.restsOn("tls.revocation"))
	case good > 0 && silent != "":
		b.found(r, Pass, fmt.Sprintf("%d statement(s) say that the certificates stand; not all could be had: %s", good, silent))
	case good > 0:
		b.found(r, Pass, fmt.Sprintf("%d statement(s) say that the certificates stand", good))
	case silent != "":
		b.needless(r, "not known: "+silent)
	case unknown != "":
		b.needless(r, "not known: "+unknown)
	case chain != nil && !chain.Trust.Trusted:
		b.needless(r, "nobody was asked: whose word would count is not known without a path to a trusted root")
	default:
		b.needless(r, "the certificates do not say where to ask")
	}
}
