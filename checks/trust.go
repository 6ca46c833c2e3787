package checks

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes/pki"
)

// trustCauses are the reasons for which no path leads to a root that this machine trusts: one for each thing that is wrong on the path
// which comes nearest.
func trustCauses(chain *pki.Chain, witnesses []witness, settle string) []*Cause {
	trust := chain.Trust
	flaws := trust.Flaws
	if len(flaws) == 0 && trust.Reason != "" {
		flaws = []pki.Flaw{{Reason: trust.Reason, Culprit: trust.Culprit, Message: trust.Message}}
	}
	var causes []*Cause
	for _, f := range flaws {
		switch f.Reason {
		case pki.ExpiredIssuer:
			causes = append(causes, issuerDateCause(chain, f, witnesses, settle))
		case pki.WrongUsage:
			causes = append(causes, usageCause(chain, f))
		case pki.Constraint:
			causes = append(causes, newCause("cert.ca-constraint", f.Culprit, "an issuer was not allowed to sign this certificate", describeFlaw(f)).
				mend("have the certificate issued by a CA whose constraints allow it"))
		case pki.WeakSignature:
			causes = append(causes, newCause("cert.weak", f.Culprit, "a signature in the chain is too weak to count: "+commonName(f.Culprit), describeFlaw(f)).
				as(SeverityFail).mend(strongerKey))
		case pki.UnknownAuthority:
			causes = append(causes, unknownAuthorityCauses(chain)...)
		default:
			cause := newCause(unexplained+".tls.certificate", f.Culprit, "the certificate could not be verified: "+f.Message, describeFlaw(f)).
				mend("ask the CA what this is for; it keeps clients from trusting the certificate")
			cause.Confidence, cause.Settle = Unknown, "what the issuer of "+f.Culprit+" says of it"
			causes = append(causes, cause)
		}
	}
	return causes
}

// usageCause is an extended key usage that leaves out servers: the leaf's own, or an issuer's, which binds all below it.
func usageCause(chain *pki.Chain, f pki.Flaw) *Cause {
	if f.Culprit == chain.Certificates[0].Subject || f.Culprit == "" {
		return newCause("cert.wrong-usage", f.Culprit, "the certificate is not meant for servers", describeFlaw(f)).
			mend("have the certificate issued again with the extended key usage serverAuth")
	}
	return newCause("cert.wrong-usage", f.Culprit, "the CA's certificate does not allow it to sign for servers: "+commonName(f.Culprit), describeFlaw(f)).
		mend("have the certificate issued by a CA whose extended key usage includes serverAuth, or which has none")
}

// describeFlaw is what is wrong with whom.
func describeFlaw(f pki.Flaw) string { return strings.TrimPrefix(f.Culprit+": "+f.Message, ": ") }

// issuerDateCause is an issuer outside its dates, on every path there is.
func issuerDateCause(chain *pki.Chain, f pki.Flaw, witnesses []witness, settle string) *Cause {
	cause := newCause("cert.intermediate-expired", f.Culprit, "a certificate above the leaf is outside its dates: "+commonName(f.Culprit),
		describeFlaw(f), "this machine's clock says "+chain.At.Format(time.RFC3339)).
		mend("replace the chain file on the server, or the root in this machine's store where that is the one: %s is outside its dates", f.Culprit)
	culprit := pki.Certificate{Subject: f.Culprit, NotBefore: f.NotBefore, NotAfter: f.NotAfter}
	i := slices.IndexFunc(chain.Certificates, func(c pki.Certificate) bool {
		return c.Subject == f.Culprit && (chain.At.After(c.NotAfter) || chain.At.Before(c.NotBefore))
	})
	switch {
	case !f.NotAfter.IsZero():
	case i >= 0:
		culprit = chain.Certificates[i]
	default:
		return cause.likely(settle)
	}
	cause.Evidence[0] = fmt.Sprintf("the certificate of %s is valid from %s to %s", culprit.Subject, culprit.NotBefore.Format(time.RFC3339),
		culprit.NotAfter.Format(time.RFC3339))
	verdict, by := weigh(witnesses, chain.At, culprit.NotBefore, culprit.NotAfter)
	switch verdict {
	case contradicted:
		return skewInstead(culprit, chain.At, by, witnesses)
	case undecided:
		return cause.likely(settle)
	}
	cause.Evidence = append(cause.Evidence, says(by)...)
	return cause.restsOn("tls.certificate").restsOnWitnesses(by)
}

// unknownAuthorityCauses say where a chain ends that no trusted root signed: at the leaf's own key, at a root, or with an issuer that was
// not sent; and what was found of that elsewhere.
func unknownAuthorityCauses(chain *pki.Chain) []*Cause {
	sent := howFarSent(chain)
	searched := "no path to a root in the " + chain.Trust.Roots + " store"
	if completed := chain.Trust.Completed; completed != nil && len(completed.Path) > 0 {
		return completedCauses(chain, completed, sent, searched)
	}
	linked := linkedChain(chain.Certificates)
	leaf, last := linked[0], linked[len(linked)-1]
	switch trust := chain.Trust; {
	case trust.NoRoots:
		return []*Cause{newCause("cert.untrusted-root", "", "this machine trusts no CA at all: its store of roots is empty", sent,
			"the store ("+trust.Roots+") has no certificate").
			mend("install the system's roots (the package ca-certificates), or point SSL_CERT_FILE or --ca-file at them")}
	case trust.PublicRoot != "":
		return []*Cause{newCause("cert.untrusted-root", trust.PublicRoot,
			fmt.Sprintf("this machine's store of roots lacks %s, which browsers trust", commonName(trust.PublicRoot)), sent, searched).
			mend("update this machine's roots (the package ca-certificates)")}
	case trust.Namesake != "" && slices.ContainsFunc(chain.Certificates, func(c pki.Certificate) bool { return c.Subject == trust.Namesake && !c.SelfSigned }):
		return []*Cause{newCause("cert.incomplete-chain", leaf.Subject,
			fmt.Sprintf("the server sends another certificate of the name %s than the one that signed its own", commonName(trust.Namesake)), sent, searched).
			likely("the certificate of that name which made the signature" + orFetch(chain)).
			mend("replace the chain file on the server by the one that came with its certificate")}
	case trust.Namesake != "":
		return []*Cause{untrustedRoot(trust.Namesake, sent, searched,
			"there is a certificate of the name "+trust.Namesake+", with another key: the CA was made anew").
			likely("the certificate that made the signature: the server's chain file or this machine's store has an older or newer one of that name")}
	case chain.Sent > len(chain.Certificates) && len(linked) == len(chain.Certificates):
		return []*Cause{newCause("cert.untrusted-root", leaf.Subject, fmt.Sprintf("no path to a trusted root in a chain of %d certificates", chain.Sent),
			fmt.Sprintf("%d certificates were sent; the first %d, which are kept, lead from one to the next", chain.Sent, len(chain.Certificates)), searched).
			likely("the end of that chain: it is longer than any that CAs issue").
			mend("let the server send its own certificate and its CA's intermediates, and nothing else")}
	case noCA(linked) != "" && len(chain.Trust.Flaws) == 0:
		return []*Cause{newCause("cert.ca-constraint", noCA(linked), "an issuer was not allowed to sign this certificate: it is no CA",
			"the certificate of "+noCA(linked)+" signs another and is no CA (basicConstraints)").
			mend("have the certificate issued by a CA")}
	case leaf.SelfSigned:
		return []*Cause{newCause("cert.self-signed", leaf.Subject, "the certificate is signed by its own key",
			"issuer and subject are "+leaf.Subject+", and the signature is the certificate's own", searched).
			mend("replace it by one of a CA that its users trust, or hand it to them as trusted (--ca-file FILE)")}
	case last.SelfSigned:
		return []*Cause{untrustedRoot(last.Subject, "the chain is complete up to the self-signed root "+last.Subject, searched)}
	case len(linked) > 1:
		return []*Cause{untrustedRoot(last.Issuer, sent, searched).
			likely("the certificate of " + last.Issuer + ": a root that is missing on this machine, or one more intermediate that the " +
				"server does not send" + orFetch(chain))}
	}
	if len(leaf.IssuerURLs) > 0 {
		sent += "; it is to be had at " + leaf.IssuerURLs[0]
	}
	return []*Cause{newCause("cert.incomplete-chain", leaf.Subject,
		fmt.Sprintf("the server does not send the certificate of its issuer %s", commonName(leaf.Issuer)), sent, searched).
		likely("the certificate of " + leaf.Issuer + ": an intermediate belongs into the server's chain file; a private root, " +
			"into this machine's store" + orFetch(chain)).
		mend("let the server send its intermediate certificates after its own (the CA's chain or fullchain file)")}
}

// howFarSent is how much of its chain the peer sent.
func howFarSent(chain *pki.Chain) string {
	linked := linkedChain(chain.Certificates)
	last := linked[len(linked)-1]
	return fmt.Sprintf("%d certificate(s) were sent; the chain from the leaf ends at %s, issued by %s", chain.Sent, last.Subject, last.Issuer)
}

// orFetch says how the issuer might be had, where nobody has tried.
func orFetch(chain *pki.Chain) string {
	linked := linkedChain(chain.Certificates)
	if len(chain.Trust.Issuers) == 0 && len(linked[len(linked)-1].IssuerURLs) > 0 {
		return " (--fetch-issuers asks for it)"
	}
	return ""
}

func untrustedRoot(subject string, evidence ...string) *Cause {
	return newCause("cert.untrusted-root", subject,
		fmt.Sprintf("the certificate comes from a CA that this machine does not trust: %s", commonName(subject)), evidence...).
		mend("install the root of the private CA %s on this machine, or name it with --ca-file FILE", commonName(subject))
}

// completedCauses are what is wrong with a chain whose missing certificates were found elsewhere: the server does not send what it should,
// and the root that they lead to may be none that this machine trusts.
func completedCauses(chain *pki.Chain, completed *pki.Completion, sent, searched string) (causes []*Cause) {
	root := completed.Path[len(completed.Path)-1]
	if len(completed.Added) > 0 {
		added := strings.Join(completed.Added, "; ")
		causes = append(causes, newCause("cert.incomplete-chain", chain.Certificates[0].Subject,
			fmt.Sprintf("the server does not send the intermediate certificate %s", commonName(completed.Added[0])), sent,
			fmt.Sprintf("with %s, from %s, the path leads to %s", added, completed.From, root)).
			mend("let the server send %s after its own certificate (the CA's chain or fullchain file)", added))
	}
	if !completed.Rooted {
		causes = append(causes, untrustedRoot(root, sent, "with what "+cmp.Or(completed.From, "was fetched")+" has, the chain ends at the self-signed root "+root, searched))
	}
	return causes
}

// linkedChain is the chain from the leaf up, as far as each one's issuer was sent: what else was sent does not belong to it.
func linkedChain(sent []pki.Certificate) []pki.Certificate {
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
func noCA(linked []pki.Certificate) string {
	for _, issuer := range linked[1:] {
		if !issuer.CA {
			return issuer.Subject
		}
	}
	return ""
}
