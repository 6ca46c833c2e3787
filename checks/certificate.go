package checks

import (
	"cmp"
	stdtls "crypto/tls"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

func (b *bench) judgeCertificate() {
	b.badChain = nil
	r := b.s.Chain.result("tls.certificate", Application)
	chain := seen(b.s.Chain)
	if chain == nil {
		b.skipUpper(r, "the handshake did not come as far as a certificate", b.badTLS...)
		return
	}
	if len(chain.Certificates) == 0 {
		b.found(r, Fail, "the server presented no certificate")
		b.badChain = []string{unexplained + ".tls.certificate"}
		return
	}
	if b.portalsOwn(chain) {
		b.caught("it presents a certificate of " + commonName(chain.Certificates[0].Subject))
		b.badChain = []string{b.portal.ID}
		b.follows(r, Fail, "the certificate is not for "+chain.Name+": it is that of whoever answers in its place", b.badChain)
		return
	}
	if hijack := b.hijacked(chain); hijack != nil {
		b.badChain = []string{hijack.ID}
		b.follows(r, Fail, "the certificate is not for "+chain.Name+": it is that of whoever the resolver leads to", b.badChain)
		return
	}
	causes := b.withInterception(b.appraise())
	b.doubtPeer(causes)
	b.badChain = failing(causes)
	switch {
	case len(b.badChain) == 0 && !chain.Trust.Trusted:
		b.badChain = []string{unexplained + ".tls.certificate"}
		b.found(r, Fail, "the certificate could not be verified: "+chain.Trust.Message, causes...)
	case len(causes) == 0 || worstOf(causes) == SeverityInfo:
		b.found(r, Pass, describeChain(chain), causes...)
	default:
		b.found(r, statusOf(worstOf(causes)), summaries(causes), causes...)
	}
}

// hijacked is the cause that a resolver makes addresses up, made a failure where the target's is one of them and its certificate is another's.
func (b *bench) hijacked(chain *pki.Chain) *Cause {
	i := slices.IndexFunc(b.causes, func(c *Cause) bool { return c.ID == "dns.hijacked" })
	h := seen(b.s.Handshake)
	if i < 0 || h == nil || !b.madeUp(h.Address.Addr()) || chain.Certificates[0].Matches(chain.Name) {
		return nil
	}
	cause := b.causes[i].as(SeverityFail)
	cause.Evidence = append(cause.Evidence, fmt.Sprintf("%s, where it leads, presents a certificate of %s", h.Address.Addr(),
		commonName(chain.Certificates[0].Subject)))
	return cause
}

// doubtPeer lowers what may be the doing of whoever accepts connections in the name of any host.
func (b *bench) doubtPeer(causes []*Cause) {
	others := []string{"cert.name-mismatch", "cert.untrusted-root", "cert.incomplete-chain", "cert.self-signed"}
	for _, cause := range causes {
		if b.acceptsAll && slices.Contains(others, cause.ID) {
			cause.likely("the certificate as another network shows it: what accepts connections in the name of any host may have presented this one")
		}
	}
}

// withInterception puts whoever answers in the target's name in the place of what follows from it: a CA that is not trusted.
func (b *bench) withInterception(causes []*Cause) []*Cause {
	cause := b.interceptedCause()
	if cause == nil {
		return causes
	}
	follows := func(c *Cause) bool { return c.ID == "cert.untrusted-root" || c.ID == "cert.incomplete-chain" }
	if slices.ContainsFunc(causes, follows) {
		causes = slices.DeleteFunc(causes, follows)
		cause.as(SeverityFail)
	}
	return append(causes, cause)
}

func describeChain(chain *pki.Chain) string {
	leaf := chain.Certificates[0]
	return fmt.Sprintf("valid for %s until %s (%s), issued by %s",
		chain.Name, leaf.NotAfter.Format(time.DateOnly), daysLeft(leaf, chain.At), commonName(leaf.Issuer))
}

func daysLeft(leaf pki.Certificate, now time.Time) string {
	if days := int(leaf.NotAfter.Sub(now).Hours() / 24); days != 1 {
		return fmt.Sprintf("%d days", days)
	}
	return "1 day"
}

// failing are the ids of the causes that break something.
func failing(causes []*Cause) (ids []string) {
	for _, c := range causes {
		if c.Severity == SeverityFail {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func worstOf(causes []*Cause) Severity {
	worst := SeverityInfo
	for _, c := range causes {
		if severityRank(c.Severity) > severityRank(worst) {
			worst = c.Severity
		}
	}
	return worst
}

func statusOf(s Severity) Status {
	return map[Severity]Status{SeverityFail: Fail, SeverityWarn: Warn, SeverityInfo: Pass}[s]
}

// summaries is what is wrong with a certificate, in one line.
func summaries(causes []*Cause) string {
	var all []string
	for _, c := range causes {
		if c.Severity != SeverityInfo {
			all = append(all, c.Summary)
		}
	}
	return strings.Join(all, "; ")
}

// appraise is all that is wrong with the chain of the service on the bench.
func (b *bench) appraise() []*Cause {
	chain := seen(b.s.Chain)
	causes := chainCauses(chain, b.e.witnesses(), dateSettle(b.e))
	causes = append(causes, refusals(chain, seen(b.s.Handshake), seen(b.s.Revocation))...)
	if cause := stapleCause(chain, seen(b.s.Handshake)); cause != nil {
		causes = append(causes, cause)
	}
	if cause := b.endsCause(chain); cause != nil {
		causes = append(causes, cause)
	}
	for i, cause := range causes {
		if cause.ID == "cert.expired" || cause.ID == "cert.expiring" {
			causes[i] = staleInstead(cause, chain)
		}
		if len(cause.Checks) == 0 {
			causes[i].restsOn("tls.certificate")
		}
	}
	return causes
}

// chainCauses is all that is wrong with a chain by itself: dates, name, trust and strength are judged apart, so that one does not hide
// another.
func chainCauses(chain *pki.Chain, witnesses []witness, settle string) []*Cause {
	leaf := chain.Certificates[0]
	if cause := allEarly(chain, witnesses, settle); cause != nil {
		return append([]*Cause{cause}, withoutDates(chain, settle)...)
	}
	all := []*Cause{dateCause(leaf, chain.At, witnesses, settle), nameCause(leaf, chain.Name), weakCause(chain), orderCause(chain)}
	var causes []*Cause
	for _, cause := range append(all, trustCauses(chain, witnesses, settle)...) {
		if cause == nil {
			continue
		}
		if i := slices.IndexFunc(causes, func(c *Cause) bool { return c.ID == cause.ID }); i >= 0 {
			causes[i].merge(cause)
			continue
		}
		causes = append(causes, cause)
	}
	return causes
}

// allEarly is a clock that finds not only the leaf not yet valid, but also a root in this machine's own store: somebody put that there when
// it was valid already.
func allEarly(chain *pki.Chain, witnesses []witness, settle string) *Cause {
	leaf := chain.Certificates[0]
	stored := slices.IndexFunc(chain.Trust.Flaws, func(f pki.Flaw) bool {
		sent := slices.ContainsFunc(chain.Certificates, func(c pki.Certificate) bool { return c.Subject == f.Culprit })
		return f.Reason == pki.ExpiredIssuer && !sent && chain.At.Before(f.NotBefore)
	})
	if stored < 0 || !chain.At.Before(leaf.NotBefore) {
		return nil
	}
	if verdict, _ := weigh(witnesses, chain.At, leaf.NotBefore, leaf.NotAfter); verdict != undecided {
		return nil
	}
	root := chain.Trust.Flaws[stored]
	return newCause("clock.local-skew", "", "this machine's clock is slow",
		fmt.Sprintf("the root %s in this machine's own store is valid from %s", commonName(root.Culprit), root.NotBefore.Format(time.RFC3339)),
		"the certificate is valid from "+leaf.NotBefore.Format(time.RFC3339), "this machine's clock says "+chain.At.Format(time.RFC3339)).
		restsOn("tls.certificate").likely(settle).
		mend("synchronise this machine's clock: start its NTP client (systemd-timesyncd, chrony)")
}

// withoutDates is what is wrong with a chain beside its dates.
func withoutDates(chain *pki.Chain, settle string) []*Cause {
	undated := *chain
	undated.Certificates = slices.Clone(chain.Certificates)
	undated.Certificates[0].NotBefore = chain.At
	undated.Trust.Flaws = slices.DeleteFunc(slices.Clone(chain.Trust.Flaws), func(f pki.Flaw) bool { return f.Reason == pki.ExpiredIssuer })
	if undated.Trust.Reason == pki.ExpiredIssuer {
		undated.Trust.Reason = ""
	}
	return chainCauses(&undated, nil, settle)
}

// refusals are what is wrong with a chain in this handshake, and by what its issuers say.
func refusals(chain *pki.Chain, h *tls.Handshake, asked *pki.Revocation) (causes []*Cause) {
	for _, cause := range []*Cause{keyUsageCause(chain, h), revokedCause(chain, asked)} {
		if cause != nil {
			causes = append(causes, cause)
		}
	}
	return causes
}

// chainIsGood says that nothing is wrong with a chain by itself.
func chainIsGood(chain *pki.Chain) bool {
	return chain != nil && len(chain.Certificates) > 0 && chain.Trust.Trusted && len(failing(chainCauses(chain, nil, ""))) == 0 &&
		len(refusals(chain, nil, nil)) == 0
}

// isGood says that a login, a path and a query may be sent over a connection in that state to the peer that presented the chain: nothing is
// wrong with it for which the verdict would fail it, but that its time ends soon. Where the issuers or a time server are to be asked, it
// waits for them; an answer that was broken off is none.
func (v *visit) isGood(state stdtls.ConnectionState, chain *pki.Chain) bool {
	if !chainIsGood(chain) || v.outOfDate(chain) {
		return false
	}
	var asked *pki.Revocation
	if v.Options.CheckRevocation {
		<-v.vetted.made // kept by the first connection in every outcome
		if v.service.Revocation == nil || !v.service.Revocation.Finished {
			return false
		}
		asked = &v.service.Revocation.Seen
	}
	h := &tls.Handshake{Version: stdtls.VersionName(state.Version), Suite: stdtls.CipherSuiteName(state.CipherSuite)}
	return len(refusals(chain, h, asked)) == 0
}

// outOfDate says that the leaf is not valid by the time server that the user has named.
func (c *Climb) outOfDate(chain *pki.Chain) bool {
	if c.Options.NTP == "" {
		return false
	}
	<-c.timed.made // kept in every outcome
	now := chain.At.Add((&Evidence{Clock: c.evidence.Clock}).offset())
	return now.After(chain.Certificates[0].NotAfter) || now.Before(chain.Certificates[0].NotBefore)
}

// onlyDatesAreWrong says that the chain would be good at another time.
func (v *visit) onlyDatesAreWrong(chain *pki.Chain) bool {
	if len(chain.Certificates) == 0 || !chain.Trust.Trusted && !chain.Trust.Vouched ||
		len(refusals(chain, seen(v.service.Handshake), seen(v.service.Revocation))) > 0 {
		return false
	}
	wrong := failing(chainCauses(chain, nil, ""))
	dates := []string{"cert.expired", "cert.not-yet-valid", "cert.intermediate-expired"}
	return len(wrong) > 0 && !slices.ContainsFunc(wrong, func(id string) bool { return !slices.Contains(dates, id) })
}

// dateCause judges the leaf's dates by this machine's clock, and by whoever else tells the time: the certificate may be right, and the
// clock wrong.
func dateCause(leaf pki.Certificate, now time.Time, witnesses []witness, settle string) *Cause {
	expired, early := now.After(leaf.NotAfter), now.Before(leaf.NotBefore)
	if !expired && !early {
		return nil
	}
	verdict, by := weigh(witnesses, now, leaf.NotBefore, leaf.NotAfter)
	if verdict == contradicted {
		return skewInstead(leaf, now, by, witnesses)
	}
	ours := "this machine's clock says " + now.Format(time.RFC3339)
	var cause *Cause
	if expired {
		cause = newCause("cert.expired", leaf.Subject, fmt.Sprintf("the certificate expired on %s", leaf.NotAfter.Format(time.DateOnly)),
			"notAfter is "+leaf.NotAfter.Format(time.RFC3339), ours).
			mend("renew the certificate of %s, and reload the service so that it presents the new one", commonName(leaf.Subject))
	} else {
		cause = newCause("cert.not-yet-valid", leaf.Subject,
			fmt.Sprintf("the certificate is not valid before %s", leaf.NotBefore.Format(time.DateOnly)),
			"notBefore is "+leaf.NotBefore.Format(time.RFC3339), ours).
			mend("set the clocks right; if they are, wait until then or have the certificate of %s issued again", commonName(leaf.Subject))
	}
	if verdict == undecided {
		return cause.likely(settle)
	}
	cause.Evidence = append(cause.Evidence, says(by)...)
	return cause.restsOn("tls.certificate").restsOnWitnesses(by)
}

// skewInstead blames this machine's clock for a date that is right by everyone else's.
func skewInstead(c pki.Certificate, now time.Time, by, all []witness) *Cause {
	low, high := by[0].low, by[0].high
	cause := localSkew(low, high, by)
	cause.Evidence = append(cause.Evidence,
		fmt.Sprintf("this machine's clock says %s; the certificate of %s is valid from %s to %s", now.Format(time.RFC3339), commonName(c.Subject),
			c.NotBefore.Format(time.RFC3339), c.NotAfter.Format(time.RFC3339)))
	cause.restsOn("tls.certificate").restsOnWitnesses(by)
	switch {
	case by[0].standing == theTarget:
		cause.likely("this machine's clock against a time server (--ntp HOST): the target is the only witness")
	case by[0].standing == independent && slices.ContainsFunc(all, func(w witness) bool { return !impossible(w, all) && w.agrees() }):
		cause.likely("another time server (--ntp HOST): others find this machine's clock right")
	}
	return cause
}

// staleInstead blames a service that presents an old certificate where the same host has a newer one of the same names.
func staleInstead(cause *Cause, chain *pki.Chain) *Cause {
	leaf, sibling := chain.Certificates[0], chain.Sibling
	if sibling == nil || sibling.Leaf == nil || !sibling.Good || !sameNames(leaf, *sibling.Leaf) ||
		!sibling.Leaf.NotAfter.After(leaf.NotAfter) || !sibling.Leaf.NotBefore.After(leaf.NotBefore) {
		return cause
	}
	stale := newCause("cert.stale-on-service", leaf.Subject,
		fmt.Sprintf("the service still presents the certificate that ends on %s; the renewed one is on the host already", leaf.NotAfter.Format(time.DateOnly)),
		fmt.Sprintf("presented here: SHA-256 %s, notAfter %s", leaf.SHA256, leaf.NotAfter.Format(time.RFC3339)),
		fmt.Sprintf("presented by %s: SHA-256 %s, notAfter %s, for the same names", sibling.Address, sibling.Leaf.SHA256, sibling.Leaf.NotAfter.Format(time.RFC3339))).
		as(cause.Severity).
		mend("restart or reload the service, and let the renewal do so from now on (certbot's --deploy-hook and its like)")
	stale.Evidence = append(stale.Evidence, cause.Evidence[1:]...)
	return stale
}

func sameNames(a, b pki.Certificate) bool {
	names := func(c pki.Certificate) []string {
		all := slices.Clone(c.DNSNames)
		for _, ip := range c.IPAddresses {
			all = append(all, ip.String())
		}
		slices.Sort(all)
		return slices.Compact(all)
	}
	return len(names(a)) > 0 && slices.Equal(names(a), names(b))
}

// endsCause is a certificate that is valid by this machine's clock and, by a time server that finds that clock wrong, is not; or will not
// be for long.
func (b *bench) endsCause(chain *pki.Chain) *Cause {
	leaf, now := chain.Certificates[0], chain.At.Add(b.e.offset())
	if chain.At.After(leaf.NotAfter) || chain.At.Before(leaf.NotBefore) {
		return nil // that is judged already
	}
	if now.After(leaf.NotAfter) || now.Before(leaf.NotBefore) {
		cause := dateCause(leaf, now, b.e.verifiedWitnesses(), dateSettle(b.e))
		cause.Evidence[1] = "it is " + now.Format(time.RFC3339)
		return cause
	}
	return endsSoonCause(leaf, now, b.e.Settings)
}

// endsSoonCause is a certificate that will not be valid for long.
func endsSoonCause(leaf pki.Certificate, now time.Time, s Settings) *Cause {
	left := leaf.NotAfter.Sub(now)
	warn, fail := time.Duration(s.CertWarn), time.Duration(s.CertFail)
	if left >= max(warn, fail) {
		return nil
	}
	cause := newCause("cert.expiring", leaf.Subject,
		fmt.Sprintf("the certificate expires on %s, in %s", leaf.NotAfter.Format(time.DateOnly), daysLeft(leaf, now)),
		"notAfter is "+leaf.NotAfter.Format(time.RFC3339), "it is "+now.Format(time.RFC3339)).
		mend("renew the certificate of %s; where that is done by itself, find out why it was not, or lower --cert-warn below its lifetime",
			commonName(leaf.Subject))
	if left < fail {
		cause.as(SeverityFail)
	}
	return cause
}

// weakCause is a key of the chain that is too weak.
func weakCause(chain *pki.Chain) *Cause {
	var evidence []string
	where := ""
	for _, c := range linkedChain(chain.Certificates) {
		if c.Weakness != "" {
			evidence = append(evidence, c.Subject+": "+c.Weakness)
			where = cmp.Or(where, c.Subject)
		}
	}
	if len(evidence) == 0 {
		return nil
	}
	return newCause("cert.weak", where, "a key in the chain is weak: "+evidence[0], evidence...).mend(strongerKey)
}

const strongerKey = "have the certificate issued again: ECDSA P-256 or RSA of 2048 bits or more, signed with SHA-256 or better"

// orderCause is a chain whose certificates do not stand in the order in which each signs the one before it (RFC 5246 §7.4.2, RFC 8446
// §4.4.2).
func orderCause(chain *pki.Chain) *Cause {
	for i, c := range linkedChain(chain.Certificates) {
		if i >= len(chain.Certificates) || c.SHA256 == chain.Certificates[i].SHA256 {
			continue
		}
		return newCause("cert.chain-disordered", chain.Certificates[0].Subject, "the certificates of the chain are not sent in their order",
			fmt.Sprintf("in place %d, where %s belongs, stands %s", i+1, c.Subject, chain.Certificates[i].Subject)).
			mend("put the server's certificate first in its file, and after each certificate the one that signed it")
	}
	return nil
}

// keyUsageCause is a leaf whose key may not sign, where the key exchange needs that (RFC 5280 §4.2.1.3, RFC 8446 §4.4.2.2).
func keyUsageCause(chain *pki.Chain, h *tls.Handshake) *Cause {
	leaf := chain.Certificates[0]
	signs := h != nil && (h.Version == "TLS 1.3" || strings.Contains(h.Suite, "DHE_"))
	if !signs || len(leaf.Usages) == 0 || slices.Contains(leaf.Usages, "digitalSignature") {
		return nil
	}
	return newCause("cert.wrong-usage", leaf.Subject, "the certificate's key is not meant for signing, which this key exchange needs",
		"the key usages are "+strings.Join(leaf.Usages, ", "), "the handshake was "+h.Version+", "+h.Suite+", in which the key signs").
		restsOn("tls.certificate", "tls.handshake").mend("have the certificate issued again with the key usage digitalSignature")
}

// stapleCause is a certificate whose owner promises a stapled response (RFC 7633 §4) that did not come with a handshake which asked for it.
func stapleCause(chain *pki.Chain, h *tls.Handshake) *Cause {
	leaf := chain.Certificates[0]
	staple := chain.Staple
	if !leaf.MustStaple || h == nil || h.Resumed || staple != nil && staple.Fault == nil && staple.Signed && staple.Matches {
		return nil
	}
	came := "the handshake asked for a response and brought none"
	if staple != nil {
		came = "the handshake asked for a response, and brought one that is no statement on this certificate now"
	}
	return newCause("cert.staple-missing", leaf.Subject, "the certificate promises a stapled OCSP response, and none that counts came",
		"the certificate has the extension TLS feature with status_request (RFC 7633)", came).
		restsOn("tls.certificate", "tls.handshake").
		mend("let the server staple the OCSP response (nginx ssl_stapling), or have the certificate issued again without the extension")
}

// compareLeaves notes that the addresses of the target present different certificates.
func (b *bench) compareLeaves() {
	var evidence []string
	var leaves []string
	for _, s := range b.e.services() {
		if chain := seen(s.Chain); chain != nil && len(chain.Certificates) > 0 {
			leaf := chain.Certificates[0]
			leaves = append(leaves, leaf.SHA256)
			evidence = append(evidence, fmt.Sprintf("%s: SHA-256 %s, valid until %s", s.At, leaf.SHA256, leaf.NotAfter.Format(time.DateOnly)))
		}
	}
	slices.Sort(leaves)
	if leaves = slices.Compact(leaves); len(leaves) > 1 {
		b.blame(newCause("cert.differs-by-address", b.e.targetName(), fmt.Sprintf("the addresses of the target present %d different certificates", len(leaves)),
			evidence...).restsOn("tls.certificate").
			mend("nothing, where it is meant; otherwise bring the newer certificate to every address"))
	}
}

// revokedCause is a certificate that its issuer has taken back.
func revokedCause(chain *pki.Chain, asked *pki.Revocation) *Cause {
	if staple := chain.Staple; staple != nil && staple.Fault == nil && len(chain.Certificates) > 0 && staple.Status == "revoked" && staple.Signed && staple.Matches {
		return revoked(chain.Certificates[0].Subject, "the response that the server staples to its chain (OCSP)", staple)
	}
	if asked == nil {
		return nil
	}
	for _, a := range asked.Answers {
		if a.Fault == nil && a.Says != nil && a.Says.Status == "revoked" && a.Says.Signed {
			return revoked(a.Subject, a.Method+" from "+a.URL, a.Says).restsOn("tls.revocation")
		}
	}
	return nil
}

func revoked(subject, source string, says *pki.OCSP) *Cause {
	said := fmt.Sprintf("%s says so: revoked on %s", source, says.RevokedAt.Format(time.RFC3339))
	if says.Reason != "" {
		said += ", for " + says.Reason
	}
	return newCause("cert.revoked", subject, fmt.Sprintf("the certificate of %s is revoked", commonName(subject)), said,
		"the statement is of "+says.ThisUpdate.Format(time.RFC3339)+", and its signature was verified").
		mend("have the certificate issued again with a new key, and find out why it was revoked")
}

func nameCause(leaf pki.Certificate, name string) *Cause {
	if leaf.Matches(name) {
		return nil
	}
	if _, err := netip.ParseAddr(name); err == nil && slices.Contains(leaf.DNSNames, name) {
		return newCause("cert.name-mismatch", leaf.Subject, fmt.Sprintf("the certificate has the address %s as a name, and not as an address", name),
			"the address asked for is "+name, "it stands among the dNSName alternative names, where no client looks for an address").
			mend("have the certificate issued again with %s as an alternative name of the kind iPAddress", name)
	}
	names := strings.Join(leaf.DNSNames, ", ")
	if len(leaf.IPAddresses) > 0 {
		names = strings.TrimPrefix(names+", "+joined(leaf.IPAddresses), ", ")
	}
	if names == "" {
		return newCause("cert.no-san", leaf.Subject, "the certificate names no host: it has no subject alternative name",
			"the subject is "+leaf.Subject, "there is no subject alternative name of the kind dNSName or iPAddress").
			mend("have the certificate issued again with %s as a subject alternative name", name)
	}
	return newCause("cert.name-mismatch", leaf.Subject, fmt.Sprintf("the certificate is not for %s", name),
		"the name asked for is "+name, "the certificate is for "+names).
		mend("connect by a name that the certificate has, or have it issued again with %s as a subject alternative name", name)
}

// commonName is the common name in a distinguished name, or all of it.
func commonName(distinguished string) string {
	for part := range strings.SplitSeq(distinguished, ",") {
		if name, ok := strings.CutPrefix(part, "CN="); ok {
			return name
		}
	}
	return distinguished
}
