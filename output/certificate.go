package output

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes/pki"
)

// badCertificate says that a check has a cause that speaks of a certificate, and not for information alone.
func badCertificate(r checks.Result, causes []checks.Cause) bool {
	return slices.ContainsFunc(causes, func(c checks.Cause) bool {
		return strings.HasPrefix(c.ID, "cert.") && c.Severity != checks.SeverityInfo && slices.Contains(r.CausedBy, c.ID)
	})
}

// certificateIndent is where the facts of a certificate begin: below its subject, and so that a fingerprint fits on 80 columns.
const certificateIndent = 5

// fewCertificates is how many certificates of a chain are shown unasked.
const fewCertificates = 4

// chain writes the certificates of a chain as they were sent, and what is known of the whole. Without all, what is above the leaf is shown
// in short.
func (p *page) chain(c *pki.Chain, all bool) {
	if len(c.Certificates) == 0 {
		return
	}
	p.heading("Certificates", fmt.Sprintf("(%d sent, to be valid for %s)", c.Sent, c.Name))
	shown := c.Certificates
	if !all {
		shown = shown[:min(len(shown), fewCertificates)]
	}
	for i, certificate := range shown {
		number := blank(causeIndent) + p.ink(p.bold, fmt.Sprint(i+1))
		p.paragraph(number+blank(certificateIndent-columns(string(number))), certificateIndent, certificate.Subject)
		p.certificate(certificate, c, all || i == 0)
	}
	if more := c.Sent - len(shown); more > 0 {
		p.paragraph(blank(certificateIndent), certificateIndent, fmt.Sprintf("and %d more", more))
	}
	p.trust(c.Trust)
	p.labelled("SCTs", sctTexts(c.SCTs)...)
	if c.Staple != nil {
		p.labelled("staple", ocspText(c.Staple, c.At))
	}
	if c.Sibling != nil {
		p.labelled("HTTPS", siblingText(c.Sibling, c.At))
	}
}

// certificate writes the facts of a certificate, or with less than all those that make a chain.
func (p *page) certificate(c pki.Certificate, chain *pki.Chain, all bool) {
	facts := [][2]string{{"issuer", c.Issuer + inBrackets(signerText(c, chain.Certificates))}, {"valid", validity(c, chain.At)}}
	if all {
		facts = append(facts, [][2]string{
			{"names", namesText(c, chain.Name)},
			{"key", keyText(c)},
			{"use", useText(c)},
			{"serial", c.Serial},
			{"SHA-256", c.SHA256},
		}...)
	}
	for _, fact := range facts {
		if fact[1] != "" {
			p.labelledAt(certificateIndent, fact[0], fact[1])
		}
	}
}

// signerText says which of the certificates sent has made a signature. One may bear the issuer's name and have another key.
func signerText(c pki.Certificate, sent []pki.Certificate) string {
	namesake := slices.IndexFunc(sent, func(by pki.Certificate) bool { return by.Subject == c.Issuer })
	switch {
	case c.SelfSigned:
		return "self-signed"
	case c.SignedBy > 0:
		return fmt.Sprintf("signed by %d", c.SignedBy)
	case namesake >= 0:
		return fmt.Sprintf("%d bears that name, and did not sign", namesake+1)
	}
	return "not sent"
}

// validity is the dates of a certificate, and what is left of them: to the second the one that decides.
func validity(c pki.Certificate, at time.Time) string {
	from, to := c.NotBefore.UTC().Format(time.DateOnly), moment(c.NotAfter)
	switch {
	case at.IsZero():
		return from + " to " + to
	case at.Before(c.NotBefore):
		return moment(c.NotBefore) + " to " + c.NotAfter.UTC().Format(time.DateOnly) + ", not for another " + span(c.NotBefore.Sub(at))
	case at.After(c.NotAfter):
		return from + " to " + to + ", expired " + span(at.Sub(c.NotAfter)) + " ago"
	}
	return from + " to " + to + ", " + span(c.NotAfter.Sub(at)) + " left"
}

// namesText are the first of the names of a certificate, with the one that was asked for among them, where it is there.
func namesText(c pki.Certificate, wanted string) string {
	names := slices.Clone(c.DNSNames)
	for _, addr := range c.IPAddresses {
		names = append(names, addr.String())
	}
	fits := func(name string) int {
		one := pki.Certificate{DNSNames: []string{name}}
		if one.Matches(wanted) || name == wanted {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(names, func(a, b string) int { return fits(a) - fits(b) })
	if len(names) == 0 && !c.CA {
		return "none"
	}
	return enumerated(names, max(c.Names, len(names)), namesTold)
}

func keyText(c pki.Certificate) string {
	parts := []string{c.Key, "signed by " + c.Signature}
	if c.Weakness != "" {
		parts = append(parts, "weak: "+c.Weakness)
	}
	if c.WeakSignature && !c.SelfSigned { // its own signature is worth nothing anyhow
		parts = append(parts, "the signature is too weak to count")
	}
	return strings.Join(parts, "; ")
}

// useText is what a certificate says that it may be used for.
func useText(c pki.Certificate) string {
	uses := slices.Concat(c.Usages, c.Purposes)
	if c.CA {
		uses = append([]string{"CA"}, uses...)
	}
	if c.MustStaple {
		uses = append(uses, "only with an OCSP response stapled to it")
	}
	return strings.Join(uses, ", ")
}

// trust writes the path to a root, or what is wrong with every path, and what was fetched to find one.
func (p *page) trust(t pki.Trust) {
	arrow := p.word(" → ", " -> ")
	root := "a root of this machine" + inBrackets(p.once(t.Roots))
	if t.NoRoots {
		p.labelled("roots", "this machine's store of roots is empty")
	}
	if t.Trusted {
		p.labelled("path", strings.Join(t.Path, arrow)+", "+root+knownText(t.Public))
	} else {
		p.labelled("path", "none to "+root)
		p.labelled("wrong", wrongTexts(t)...)
	}
	p.facts([][2]string{
		{"namesake", followed(t.Namesake, " has the name of the missing issuer and another key: "+
			"the CA was made anew, and one side has that of before")},
		{"missing", followed(t.PublicRoot, " has signed the top of the chain: browsers trust it, and this machine's store lacks it")},
	})
	if c := t.Completed; c != nil {
		path := strings.Join(c.Path, arrow) + knownText(t.Public)
		added := cmp.Or(strings.Join(c.Added, "; "), "the root") // which no server has to send
		p.labelled("but", fmt.Sprintf("with %s from %s: %s", added, c.From, path))
	}
	for _, fetch := range t.Issuers {
		p.labelled("fetched", fetchText(fetch))
	}
}

// once is the text where the page does not say it elsewhere: where roots come from is the same for every chain, and causes tell it.
func (p *page) once(text string) string {
	if slices.ContainsFunc(p.said, func(said string) bool { return strings.Contains(said, text) }) {
		return ""
	}
	p.said = append(p.said, text)
	return text
}

// knownText says whether browsers trust a root, where that was asked.
func knownText(public *bool) string {
	switch {
	case public == nil:
		return ""
	case *public:
		return ", which browsers trust too"
	}
	return ", which browsers do not know"
}

// wrongTexts are what is wrong with a path, the reason for which it does not count first.
func wrongTexts(t pki.Trust) []string {
	var texts []string
	for _, flaw := range t.Flaws {
		texts = append(texts, flaw.Culprit+": "+cmp.Or(flaw.Message, string(flaw.Reason))+inBrackets(flaw.Rule))
	}
	reason := cmp.Or(t.Message, string(t.Reason))
	if reason == "" || len(t.Flaws) > 0 && t.Flaws[0].Message == t.Message {
		return texts
	}
	if t.Culprit != "" {
		reason = t.Culprit + ": " + reason
	}
	return append([]string{reason}, texts...)
}

// siblingText is what another service of the host presents.
func siblingText(s *pki.Sibling, at time.Time) string {
	if s.Leaf == nil {
		return s.Address.String() + ": " + cmp.Or(faultText(s.Fault), "no certificate")
	}
	return fmt.Sprintf("%s presents %s, %s, serial %s", s.Address, s.Leaf.Subject, validity(*s.Leaf, at), s.Leaf.Serial)
}

func fetchText(f pki.Fetch) string {
	if f.Fault != nil {
		return f.URL + " in vain, " + f.Took.String() + ": " + faultText(f.Fault)
	}
	return fmt.Sprintf("%s, %s in %s: %s", f.URL, counted(f.Size, "byte"), f.Took, enumerated(f.Found, len(f.Found), namesTold))
}

// sctTexts are the times at which logs saw the certificate, by where they were found.
func sctTexts(scts []pki.SCT) (texts []string) {
	var sources []string
	times := map[string][]string{}
	for _, sct := range scts {
		if times[sct.Source] == nil {
			sources = append(sources, sct.Source)
		}
		times[sct.Source] = append(times[sct.Source], moment(sct.Time))
	}
	for _, source := range sources {
		all := times[source]
		text := fmt.Sprintf("%d in the %s: %s", len(all), source, enumerated(all, len(all), namesTold))
		texts = append(texts, strings.TrimSuffix(text, ": "))
	}
	return texts
}

// ocspText is what is said of a certificate, and how old that is.
func ocspText(o *pki.OCSP, at time.Time) string {
	parts := []string{cmp.Or(o.Status, "unreadable")}
	if !o.RevokedAt.IsZero() {
		parts[0] += " since " + moment(o.RevokedAt)
	}
	if o.Reason != "" {
		parts[0] += " (" + o.Reason + ")"
	}
	switch {
	case o.ThisUpdate.IsZero():
	case at.Before(o.ThisUpdate):
		parts = append(parts, "said at "+moment(o.ThisUpdate)+", "+span(o.ThisUpdate.Sub(at))+" from now")
	default:
		parts = append(parts, "said "+span(at.Sub(o.ThisUpdate))+" ago")
	}
	if !o.NextUpdate.IsZero() {
		parts = append(parts, "to be said again by "+moment(o.NextUpdate))
	}
	if !o.Matches && o.Serial != "" {
		parts = append(parts, "of another certificate, "+o.Serial)
	}
	if !o.Signed {
		parts = append(parts, "no signature was verified")
	}
	if o.Fault != nil {
		parts = append(parts, faultText(o.Fault))
	}
	return strings.Join(parts, "; ")
}

// revocation writes what those say who issued the certificates.
func (p *page) revocation(r *pki.Revocation, at time.Time) {
	if len(r.Answers) == 0 {
		return
	}
	p.heading("Revocation", "(as the issuers of the certificates tell)")
	for _, a := range r.Answers {
		says := "nothing"
		switch {
		case a.Says != nil:
			says = ocspText(a.Says, at)
		case a.Fault != nil:
			says = faultText(a.Fault)
		}
		p.labelled(p.shorten(a.Method, len("evidence")), fmt.Sprintf("%s: %s; %s in %s", a.Subject, says, a.URL, a.Took))
	}
}
