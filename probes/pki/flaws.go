package pki

import (
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
)

// path is a way from the leaf up, each certificate signed by the next.
type path struct {
	certificates []*x509.Certificate
	// rooted says that this machine trusts the last one.
	rooted bool
	// closed says that the last one signed itself: no issuer can follow.
	closed bool
	flaws  []Flaw
}

// better says that p comes nearer to a good path than q: it reaches a root, with fewer flaws; or it has a self-signed end, or is longer.
func (p path) better(q path) bool {
	if p.rooted != q.rooted {
		return p.rooted
	}
	if p.rooted {
		return len(p.flaws) < len(q.flaws)
	}
	if p.closed != q.closed {
		return p.closed
	}
	return len(p.certificates) > len(q.certificates)
}

func (p path) top() *x509.Certificate { return p.certificates[len(p.certificates)-1] }

// vouched says that all signatures are good and by those who may sign, so that what the leaf says is what a trusted CA said, in
// whatever time and for whatever purpose.
func (p path) vouched() bool {
	return p.rooted && !slices.ContainsFunc(p.flaws, func(f Flaw) bool { return f.Reason != ExpiredIssuer && f.Reason != WrongUsage })
}

// examine finds what is wrong on a path (RFC 5280 §6.1), but for name constraints: what is missing at its end, and what each certificate
// says, from the leaf up.
func (b *builder) examine(p path) []Flaw {
	var flaws []Flaw
	if !p.rooted {
		flaws = append(flaws, flaw(UnknownAuthority, "", p.top(), "no root that this machine trusts has signed it"))
	}
	for i, c := range p.certificates {
		isRoot := p.rooted && i == len(p.certificates)-1
		flaws = append(flaws, usageFlaws(c)...)
		if !isRoot && i+1 < len(p.certificates) && b.links.of(c, p.certificates[i+1]) == weakLink {
			flaws = append(flaws, flaw(WeakSignature, "", c, "it is signed with "+signatureName(c, p.certificates[i+1])))
		}
		if i > 0 {
			flaws = append(flaws, dateFlaws(c, b.now)...)
			flaws = append(flaws, issuerFlaws(c, i, isRoot)...)
		}
	}
	return flaws
}

func flaw(reason Reason, rule string, c *x509.Certificate, message string) Flaw {
	return Flaw{Reason: reason, Rule: rule, Culprit: distinguished(c.Subject), Message: probes.Bound(message)}
}

// signatureName is what is weak about a signature: its algorithm, or else the key that made it.
func signatureName(c, by *x509.Certificate) string {
	if weakAlgorithm(c.SignatureAlgorithm) {
		return c.SignatureAlgorithm.String()
	}
	return "a key of " + keyName(by)
}

func dateFlaws(c *x509.Certificate, now time.Time) []Flaw {
	var message string
	switch {
	case now.After(c.NotAfter):
		message = "it expired at " + c.NotAfter.UTC().Format(time.RFC3339)
	case now.Before(c.NotBefore):
		message = "it is not valid before " + c.NotBefore.UTC().Format(time.RFC3339)
	default:
		return nil
	}
	dated := flaw(ExpiredIssuer, "", c, message)
	dated.NotBefore, dated.NotAfter = c.NotBefore.UTC(), c.NotAfter.UTC()
	return []Flaw{dated}
}

// usageFlaws are for a certificate on the path whose extended key usage leaves out serverAuth: that of an issuer binds those below it.
func usageFlaws(c *x509.Certificate) (flaws []Flaw) {
	if len(c.UnhandledCriticalExtensions) > 0 {
		flaws = append(flaws, flaw(OtherReason, "", c,
			fmt.Sprintf("it has a critical extension that is not known here: %v", c.UnhandledCriticalExtensions[0])))
	}
	limited := len(c.ExtKeyUsage)+len(c.UnknownExtKeyUsage) > 0
	if limited && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageServerAuth) && !slices.Contains(c.ExtKeyUsage, x509.ExtKeyUsageAny) {
		flaws = append(flaws, flaw(WrongUsage, "extKeyUsage", c, fmt.Sprintf("its extended key usage %v lacks serverAuth", purposes(c))))
	}
	return flaws
}

// issuerFlaws are those of a certificate that has signed another, below being the number of certificates under it (RFC 5280 §6.1.4).
// A root of version 1 has no extensions, and needs none.
func issuerFlaws(c *x509.Certificate, below int, isRoot bool) (flaws []Flaw) {
	constrained := func(rule, message string) { flaws = append(flaws, flaw(Constraint, rule, c, message)) }
	isCA := c.BasicConstraintsValid && c.IsCA
	if !isCA && (!isRoot || c.Version >= 3 || c.BasicConstraintsValid) {
		constrained("basicConstraints", "it has signed another certificate, and is no CA")
	}
	if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0 {
		constrained("keyUsage", fmt.Sprintf("it has signed another certificate, and its key usage %v lacks keyCertSign", usages(c.KeyUsage)))
	}
	if c.BasicConstraintsValid && c.MaxPathLen >= 0 && below-1 > c.MaxPathLen {
		constrained("pathLenConstraint", fmt.Sprintf("it allows %d intermediate certificates below it, and has %d", c.MaxPathLen, below-1))
	}
	return flaws
}

// nameFlaws are for the issuers on the path whose name constraints some name below them violates (RFC 5280 §4.2.1.10). The library
// judges that, one constraint at a time, on copies of the certificates in which there is nothing else to be found fault with.
func nameFlaws(p path, now time.Time) (flaws []Flaw) {
	for i, c := range p.certificates {
		if i == 0 || !hasNameConstraints(c) {
			continue
		}
		_, err := blameless(p.certificates, i, now).verify(now)
		if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.CANotAuthorizedForThisName {
			flaws = append(flaws, flaw(Constraint, "nameConstraints", c, invalid.Detail))
		}
	}
	return flaws
}

func hasNameConstraints(c *x509.Certificate) bool {
	return len(c.PermittedDNSDomains)+len(c.ExcludedDNSDomains)+len(c.PermittedIPRanges)+len(c.ExcludedIPRanges)+
		len(c.PermittedEmailAddresses)+len(c.ExcludedEmailAddresses)+len(c.PermittedURIDomains)+len(c.ExcludedURIDomains) > 0
}

// chain is certificates from a leaf to a root.
type chain []*x509.Certificate

// blameless is the chain with all removed that verification could object to, but signatures and the name constraints of one.
func blameless(certificates []*x509.Certificate, constraining int, now time.Time) chain {
	var all chain
	for i, c := range certificates {
		plain := *c
		plain.NotBefore, plain.NotAfter = now, now
		plain.UnhandledCriticalExtensions = nil
		plain.RequireExplicitPolicy, plain.RequireExplicitPolicyZero = 0, false
		if i > 0 {
			plain.BasicConstraintsValid, plain.IsCA, plain.MaxPathLen, plain.KeyUsage = true, true, -1, 0
		}
		if i != constraining {
			plain.PermittedDNSDomains, plain.ExcludedDNSDomains = nil, nil
			plain.PermittedIPRanges, plain.ExcludedIPRanges = nil, nil
			plain.PermittedEmailAddresses, plain.ExcludedEmailAddresses = nil, nil
			plain.PermittedURIDomains, plain.ExcludedURIDomains = nil, nil
		}
		all = append(all, &plain)
	}
	return all
}

func (c chain) verify(now time.Time) ([][]*x509.Certificate, error) {
	roots := x509.NewCertPool()
	roots.AddCert(c[len(c)-1])
	return c[0].Verify(x509.VerifyOptions{
		Roots: roots, Intermediates: poolOf(c[1 : len(c)-1]), CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
}
