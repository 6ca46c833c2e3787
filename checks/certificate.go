package checks

import (
	"fmt"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes/tls"
)

func (b *bench) judgeCertificate() {
	r := b.s.Chain.result("tls.certificate", Application)
	chain := seen(b.s.Chain)
	if chain == nil {
		b.skipUpper(r, "no certificate was seen", b.badTLS...)
		return
	}
	if len(chain.Certificates) == 0 {
		b.found(r, Fail, "the server presented no certificate")
		return
	}
	causes := certificateCauses(chain)
	if len(causes) == 0 && !chain.Trust.Trusted {
		b.found(r, Fail, "the certificate could not be verified: "+chain.Trust.Message)
		return
	}
	if len(causes) == 0 {
		leaf := chain.Certificates[0]
		b.found(r, Pass, fmt.Sprintf("valid for %s until %s (%d days), issued by %s",
			chain.Name, leaf.NotAfter.Format(time.DateOnly), int(leaf.NotAfter.Sub(chain.At).Hours()/24), commonName(leaf.Issuer)))
		return
	}
	var summaries []string
	for _, cause := range causes {
		cause.restsOn("tls.certificate")
		summaries = append(summaries, cause.Summary)
	}
	b.found(r, Fail, strings.Join(summaries, "; "), causes...)
}

// certificateCauses is all that is wrong with a chain: dates, name and trust are judged apart, so that one does not hide
// another.
func certificateCauses(chain *tls.Chain) []*Cause {
	leaf := chain.Certificates[0]
	var causes []*Cause
	if cause := dateCause(leaf, chain.At); cause != nil {
		causes = append(causes, cause)
	}
	if cause := nameCause(leaf, chain.Name); cause != nil {
		causes = append(causes, cause)
	}
	if cause := trustCause(chain); cause != nil {
		causes = append(causes, cause)
	}
	return causes
}

// chainIsGood says that a login may be sent to the peer that presented the chain.
func chainIsGood(chain *tls.Chain) bool {
	return chain != nil && len(chain.Certificates) > 0 && chain.Trust.Trusted && len(certificateCauses(chain)) == 0
}

// dateCause judges the leaf's dates by this machine's clock, which nothing has checked: the certificate may be right, and the
// clock wrong.
func dateCause(leaf tls.Certificate, now time.Time) *Cause {
	ours := "this machine's clock says " + now.Format(time.RFC3339)
	const settle = "a look at this machine's clock (timedatectl): nothing has checked it"
	switch {
	case now.After(leaf.NotAfter):
		return newCause("cert.expired", leaf.Subject, fmt.Sprintf("the certificate expired on %s", leaf.NotAfter.Format(time.DateOnly)),
			"notAfter is "+leaf.NotAfter.Format(time.RFC3339), ours).likely(settle).
			mend("renew the certificate of %s, and reload the service so that it presents the new one", commonName(leaf.Subject))
	case now.Before(leaf.NotBefore):
		return newCause("cert.not-yet-valid", leaf.Subject,
			fmt.Sprintf("the certificate is not valid before %s", leaf.NotBefore.Format(time.DateOnly)),
			"notBefore is "+leaf.NotBefore.Format(time.RFC3339), ours).likely(settle).
			mend("set the clocks right; if they are, wait until then or have the certificate of %s issued again", commonName(leaf.Subject))
	}
	return nil
}

func nameCause(leaf tls.Certificate, name string) *Cause {
	if leaf.Matches(name) {
		return nil
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

// trustCause tells the reasons apart for which no path leads to a root that this machine trusts.
func trustCause(chain *tls.Chain) *Cause {
	trust := chain.Trust
	if trust.Trusted {
		return nil
	}
	leaf := chain.Certificates[0]
	switch trust.Reason {
	case tls.ExpiredIssuer:
		return newCause("cert.intermediate-expired", trust.Culprit,
			"a certificate above the leaf is outside its dates: "+trust.Culprit, trust.Message).
			likely("a look at this machine's clock (timedatectl): nothing has checked it").
			mend("replace the chain file on the server: %s is outside its dates", trust.Culprit)
	case tls.WrongUsage:
		return newCause("cert.wrong-usage", leaf.Subject, "the certificate is not meant for servers", trust.Message).
			mend("have the certificate issued again with the extended key usage serverAuth")
	case tls.Constraint:
		return newCause("cert.ca-constraint", trust.Culprit, "an issuer was not allowed to sign this certificate", trust.Message).
			mend("have the certificate issued by a CA whose constraints allow it")
	case tls.UnknownAuthority:
		return unknownAuthorityCause(chain)
	}
	return nil // unexplained
}

// unknownAuthorityCause says where a chain ends that no trusted root signed: at the leaf's own key, at a root, or with an issuer that
// was not sent.
func unknownAuthorityCause(chain *tls.Chain) *Cause {
	linked := linkedChain(chain.Certificates)
	leaf, last := linked[0], linked[len(linked)-1]
	sent := fmt.Sprintf("%d certificate(s) were sent; the chain from the leaf ends at %s, issued by %s", chain.Sent, last.Subject, last.Issuer)
	searched := "no path to a root in the " + chain.Trust.Roots + " store"
	switch {
	case noCA(linked) != "":
		return newCause("cert.ca-constraint", noCA(linked), "an issuer was not allowed to sign this certificate: it is no CA",
			"the certificate of "+noCA(linked)+" signs another and is no CA (basicConstraints)").
			mend("have the certificate issued by a CA")
	case leaf.SelfSigned:
		return newCause("cert.self-signed", leaf.Subject, "the certificate is signed by its own key",
			"issuer and subject are "+leaf.Subject+", and the signature is the certificate's own", searched).
			mend("replace it by one of a CA that its users trust, or hand it to them as trusted (--ca-file FILE)")
	case last.SelfSigned:
		return newCause("cert.untrusted-root", last.Subject,
			fmt.Sprintf("the certificate comes from a CA that this machine does not trust: %s", commonName(last.Subject)),
			"the chain is complete up to the self-signed root "+last.Subject, searched).
			mend("install the root of the private CA %s on this machine, or name it with --ca-file FILE", commonName(last.Subject))
	case len(linked) > 1:
		return newCause("cert.untrusted-root", last.Issuer,
			fmt.Sprintf("the certificate comes from a CA that this machine does not trust: %s", commonName(last.Issuer)), sent, searched).
			likely("the certificate of "+last.Issuer+": a root that is missing on this machine, or one more intermediate that the "+
				"server does not send").
			mend("install the root of the private CA %s on this machine, or name it with --ca-file FILE", commonName(last.Issuer))
	}
	if len(leaf.IssuerURLs) > 0 {
		sent += "; it is to be had at " + leaf.IssuerURLs[0]
	}
	return newCause("cert.incomplete-chain", leaf.Subject,
		fmt.Sprintf("the server does not send the certificate of its issuer %s", commonName(leaf.Issuer)), sent, searched).
		likely("the certificate of " + leaf.Issuer + ": an intermediate belongs into the server's chain file; a private root, " +
			"into this machine's store").
		mend("let the server send its intermediate certificates after its own (the CA's chain or fullchain file)")
}

// linkedChain is the chain from the leaf up, as far as each one's issuer was sent: what else was sent does not belong to it.
func linkedChain(sent []tls.Certificate) []tls.Certificate {
	linked := sent[:1:1]
	for {
		last := linked[len(linked)-1]
		known := last.SignedBy > 0 && last.SignedBy <= len(sent) // a report from elsewhere may say anything
		if last.SelfSigned || !known || len(linked) == len(sent) {
			return linked
		}
		linked = append(linked, sent[last.SignedBy-1])
	}
}

// noCA is the first issuer in a chain that may not sign others.
func noCA(linked []tls.Certificate) string {
	for _, issuer := range linked[1:] {
		if !issuer.CA {
			return issuer.Subject
		}
	}
	return ""
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
