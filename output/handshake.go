package output

import (
	"slices"
	"strings"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// security writes what is to be seen of TLS: the handshakes and the certificates in which a cause shows, all of them where they are asked
// for, and a survey in any case, since only a flag makes one.
func (p *page) security(report *checks.Report, o HumanOptions) {
	for _, c := range report.Causes {
		if c.Severity != checks.SeverityInfo { // of which the evidence is not shown
			p.said = append(p.said, c.Evidence...)
		}
	}
	var told []string // the causes that show in a handshake above
	for _, r := range report.Checks {
		switch seen := r.Observation.(type) {
		case *tls.Handshake:
			if o.Trace || r.Status == checks.Fail && anew(r, told) || brokenOff(seen, report, o) {
				told = append(told, r.CausedBy...)
				p.narrated(seen, r, report, o)
			} else if o.Verbose {
				p.handshake(seen)
				p.trials(seen.Trials, nil)
			}
		case *pki.Chain:
			if all := o.Verbose || o.Trace; all || badCertificate(r, report.Causes) {
				p.chain(seen, all)
			}
		case *pki.Revocation:
			if o.Verbose || o.Trace || troubled(r) {
				p.revocation(seen, report.Started)
			}
		case *tls.Survey:
			p.survey(seen)
		}
	}
}

// anew says that a check has a cause which was not shown before, or none that is known.
func anew(r checks.Result, shown []string) bool {
	return len(r.CausedBy) == 0 || slices.ContainsFunc(r.CausedBy, func(id string) bool { return !slices.Contains(shown, id) })
}

// brokenOff says that we ended a handshake, where that is asked for or the reason for which nothing is known.
func brokenOff(h *tls.Handshake, report *checks.Report, o HumanOptions) bool {
	return h.Fault.Of(probes.Interrupted) && len(h.Messages) > 0 && (o.Verbose || report.Verdict == checks.VerdictUnknown)
}

// narrated tells a handshake, and below it what came when it was repeated with one thing changed. A report without messages has the facts
// alone, where they are asked for.
func (p *page) narrated(h *tls.Handshake, r checks.Result, report *checks.Report, o HumanOptions) {
	causes := report.Causes
	if o.Verbose || o.Trace {
		causes = nil // what they say is said here too
	}
	switch {
	case len(h.Messages) > 0:
		p.narrate(h, p.alarm(r, report.Causes), o.Trace)
	case o.Verbose || o.Trace:
		p.handshake(h)
	default:
		return
	}
	p.trials(h.Trials, causes)
}

// handshake writes what was offered and agreed on, without what did not come about.
func (p *page) handshake(h *tls.Handshake) {
	answered := h.ServerHello
	if answered == h.Version {
		answered = "" // the version says it
	}
	p.heading("TLS handshake", "with "+h.Address.String())
	p.facts([][2]string{
		{"SNI", h.ServerName},
		{"offered", strings.Join(h.Offered, ", ")},
		{"version", h.Version},
		{"suite", h.Suite},
		{"group", groupText(h.Group)},
		{"ALPN", h.ALPN},
		{"answered", answered},
		{"alert", alertText(h.Alert)},
		{"received", h.Plaintext},
		{"fault", faultText(h.Fault)},
	})
}
