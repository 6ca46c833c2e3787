package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/dns"
)

// resolution writes how a name is resolved on this machine, and what each server says of it.
func (p *page) resolution(r *dns.Result) {
	p.heading("Name resolution", either(r.Name == ".", "the root", r.Name))
	p.facts([][2]string{
		{"sources", strings.Join(r.Config.Sources, ", ")},
		{"search", strings.Join(r.Config.Search, ", ")},
	})
	if r.Name != "." {
		p.labelled("system", lookupText(r.System))
	}
	if r.Own != nil {
		p.labelled("Go's own", lookupText(*r.Own))
	}
	if r.Getent != nil && r.Own == nil {
		p.labelled("getent", lookupText(*r.Getent))
	}
	var upstreams, answers []string
	for _, upstream := range r.Config.Upstreams {
		upstreams = append(upstreams, upstreamText(upstream))
	}
	for _, answer := range slices.Concat(r.Direct, r.Control, r.Invented) {
		answers = append(answers, answerText(answer))
	}
	p.labelled("behind", upstreams...)
	p.labelled("asked", answers...)
}

func lookupText(l dns.Lookup) string {
	if l.Fault != nil {
		return fmt.Sprintf("%s after %s", faultText(l.Fault), l.Took)
	}
	return fmt.Sprintf("%s after %s", list(l.Addresses), l.Took)
}

func upstreamText(u dns.Upstream) string {
	text := u.Server.Addr().String()
	if u.Interface != "" {
		text += " by " + u.Interface
	}
	if len(u.Domains) > 0 {
		text += " for " + strings.Join(u.Domains, ", ")
	}
	return text + either(u.OverTLS, ", over TLS alone: not asked", "")
}

// answerText is a question, how it was put, and what came of it.
func answerText(a dns.Answer) string {
	outcome := a.Code
	switch {
	case a.Code == "" && a.Fault != nil:
		outcome = string(a.Fault.Kind)
	case len(a.Addresses) > 0:
		outcome += " " + list(a.Addresses)
	case a.Truncated:
		outcome += ", truncated"
	}
	how := strings.ToUpper(a.Transport) + either(a.WithoutEDNS, ", without EDNS", "") + either(a.CheckingDisabled, ", unchecked", "")
	if len(a.Extended) > 0 {
		outcome += " (" + strings.Join(a.Extended, ", ") + ")"
	}
	return fmt.Sprintf("%s for %s %s (%s): %s after %s", a.Server.Addr(), a.Name, a.Type, how, outcome, a.Took)
}

func list[T fmt.Stringer](values []T) string {
	texts := make([]string, 0, len(values))
	for _, v := range values {
		texts = append(texts, v.String())
	}
	return strings.Join(texts, ", ")
}
