package pki

import (
	"bytes"
	"cmp"
	"crypto/x509"
	"errors"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
)

// builder builds paths from a leaf to the roots (RFC 5280 §6.1). What the library calls a path is trusted; where it finds none, the
// builder looks for those that come nearest, with all that is wrong with them.
type builder struct {
	leaf  *x509.Certificate
	roots Roots
	now   time.Time
	links links
	ends  map[*x509.Certificate][]chain
}

func newBuilder(leaf *x509.Certificate, roots Roots, now time.Time) *builder {
	if roots.Pool == nil { // the library would take the system's
		roots.Pool = x509.NewCertPool()
	}
	return &builder{leaf: leaf, roots: roots, now: now, links: links{}, ends: map[*x509.Certificate][]chain{}}
}

// best is the best path over the issuers that may be used, and other good ones. The dates of the leaf do not matter: they are a matter
// of their own.
func (b *builder) best(issuers []*x509.Certificate) (best path, good [][]*x509.Certificate) {
	good, err := b.verify(issuers)
	if err == nil {
		return path{certificates: good[0], rooted: true}, good
	}
	for _, p := range b.paths(issuers) {
		p.flaws = b.examine(p)
		if len(best.certificates) == 0 || p.better(best) {
			best = p
		}
	}
	best.flaws = append(best.flaws, nameFlaws(best, b.now)...) // of this path alone, since it takes the signatures of a whole path
	if len(best.flaws) == 0 {
		best.flaws = []Flaw{flaw(OtherReason, "", b.leaf, err.Error())}
	}
	return best, nil
}

// verify is the library's verdict on trust now, the dates of the leaf left out.
func (b *builder) verify(issuers []*x509.Certificate) ([][]*x509.Certificate, error) {
	undated := *b.leaf
	undated.NotBefore, undated.NotAfter = b.now, b.now
	options := x509.VerifyOptions{Roots: b.roots.Pool, Intermediates: poolOf(issuers), CurrentTime: b.now}
	paths, err := undated.Verify(options)
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && invalid.Reason == x509.Expired && invalid.Cert.Equal(b.leaf) {
		// The verifiers of Windows and macOS read the dates in the certificate itself.
		options.CurrentTime = within(b.leaf, b.now)
		paths, err = b.leaf.Verify(options)
		paths = slices.DeleteFunc(paths, func(p []*x509.Certificate) bool {
			return slices.ContainsFunc(p[1:], func(c *x509.Certificate) bool { return len(dateFlaws(c, b.now)) > 0 })
		})
		if err == nil && len(paths) == 0 {
			err = invalid
		}
	}
	for _, p := range paths {
		p[0] = b.leaf
	}
	return paths, err
}

// within is now, or the nearest second at which the certificate is valid.
func within(c *x509.Certificate, now time.Time) time.Time {
	switch {
	case now.Before(c.NotBefore):
		return c.NotBefore
	case now.After(c.NotAfter):
		return c.NotAfter
	}
	return now
}

func poolOf(certificates []*x509.Certificate) *x509.CertPool {
	pool := x509.NewCertPool()
	for _, c := range certificates {
		pool.AddCert(c)
	}
	return pool
}

// maxSteps bounds the certificates that a search for paths looks at: those sent can sign each other in a circle, in every order.
const maxSteps = 256

// paths are all ways from the leaf up, to a root or to where no issuer is known.
func (b *builder) paths(issuers []*x509.Certificate) (all []path) {
	steps := maxSteps
	var climb func(way chain)
	climb = func(way chain) {
		top, ended := way[len(way)-1], true
		for _, end := range b.endsOf(top) {
			all = append(all, path{certificates: slices.Concat(way, end), rooted: true})
			ended = false
		}
		for _, issuer := range issuers {
			if !bytes.Equal(top.RawIssuer, issuer.RawSubject) || steps == 0 || len(way) == MaxCertificates || way.has(issuer) {
				continue
			}
			steps--
			if b.links.of(top, issuer) != noLink {
				climb(append(slices.Clone(way), issuer))
				ended = false
			}
		}
		if ended {
			all = append(all, path{certificates: way, closed: b.links.of(top, top) != noLink})
		}
	}
	climb(chain{b.leaf})
	return all
}

// has says that the chain leads through the same key and name already: another certificate for them leads nowhere else.
func (c chain) has(issuer *x509.Certificate) bool {
	return slices.ContainsFunc(c, func(on *x509.Certificate) bool { return sameNameAndKey(on, issuer) })
}

func sameNameAndKey(a, b *x509.Certificate) bool {
	return bytes.Equal(a.RawSubject, b.RawSubject) && bytes.Equal(a.RawSubjectPublicKeyInfo, b.RawSubjectPublicKeyInfo)
}

// endsOf are the ways from a certificate to a trusted one that take no other; an empty one where it is trusted itself.
func (b *builder) endsOf(c *x509.Certificate) []chain {
	known, ok := b.ends[c]
	if !ok {
		known = b.findEnds(c)
		b.ends[c] = known
	}
	return known
}

// findEnds asks the library for the roots above c, for a pool gives none of its certificates back. A root that is out of date is in
// the library's error. One that may not sign, or whose signature is weak, is found among those of which we have a list.
func (b *builder) findEnds(c *x509.Certificate) (ends []chain) {
	paths, err := b.toRoot(c)
	for _, p := range paths {
		ends = append(ends, p[1:])
	}
	if invalid, ok := errors.AsType[x509.CertificateInvalidError](err); ok && !invalid.Cert.Equal(c) {
		ends = append(ends, chain{invalid.Cert})
	}
	if len(ends) > 0 {
		return ends
	}
	for _, root := range b.roots.named(c.RawIssuer) {
		if !root.Equal(c) && b.links.of(c, root) != noLink && b.trusts(root) {
			ends = append(ends, chain{root})
		}
	}
	return ends
}

// toRoot are the paths from a certificate to the roots above it, with nothing in between.
func (b *builder) toRoot(c *x509.Certificate) ([][]*x509.Certificate, error) {
	plain := *c // what it says of itself does not matter here
	plain.Extensions, plain.UnhandledCriticalExtensions = nil, nil
	return plain.Verify(x509.VerifyOptions{
		Roots: b.roots.Pool, Intermediates: x509.NewCertPool(), CurrentTime: within(c, b.now),
		KeyUsages: []x509.ExtKeyUsage{x509.ExtKeyUsageAny},
	})
}

// trusts says that the certificate itself is among the roots.
func (b *builder) trusts(c *x509.Certificate) bool {
	paths, _ := b.toRoot(c)
	return slices.ContainsFunc(paths, func(p []*x509.Certificate) bool { return len(p) == 1 })
}

// outcome is what was found with the certificates that were sent, and with further ones.
type outcome struct {
	sent path
	good [][]*x509.Certificate // the paths that are good, of those sent, or else of the completed ones
	// completed takes certificates that were not sent; without certificates where there is no such path, or no need.
	completed path
	// added are those, the one next to the leaf first.
	added []Addition
}

// build finds the best path as sent, and where that is no good, the best one with certificates from elsewhere: first those that the
// user has, then those that were fetched as well.
func (b *builder) build(p Presented) outcome {
	sent := p.issuers()
	var found outcome
	found.sent, found.good = b.best(sent)
	if len(found.good) > 0 {
		return found
	}
	for _, more := range [][]Addition{b.roots.Extra, slices.Concat(b.roots.Extra, p.Fetched)} {
		if len(more) == 0 || found.completed.rooted {
			continue
		}
		issuers := slices.Clone(sent)
		for _, a := range more {
			issuers = append(issuers, a.Certificate)
		}
		if best, good := b.best(issuers); (best.rooted || best.closed) && best.better(found.path()) {
			found.completed, found.good, found.added = best, good, addedTo(best, p.Certificates, more)
		}
	}
	return found
}

// addedTo are the certificates on a path that were not sent, but added.
func addedTo(p path, sent []*x509.Certificate, more []Addition) (added []Addition) {
	for _, c := range p.certificates {
		i := slices.IndexFunc(more, func(a Addition) bool { return a.Certificate.Equal(c) })
		if i >= 0 && !contains(sent, c) {
			added = append(added, more[i])
		}
	}
	return added
}

// path is the one that says most: one that is good, one that was completed, or the one that comes nearest.
func (o outcome) path() path {
	if len(o.completed.certificates) > 0 {
		return o.completed
	}
	return o.sent
}

// trust is what a result says of an outcome.
func (o outcome) trust(roots Roots) Trust {
	t := Trust{Roots: roots.From, NoRoots: roots.Empty, Trusted: len(o.sent.flaws) == 0, Vouched: o.path().vouched()}
	if t.Trusted {
		t.Path = subjects(o.sent.certificates)
	} else {
		t.blame(o)
	}
	if roots.AskPublic && o.path().rooted {
		public := o.public()
		t.Public = &public
	}
	return t
}

// explain adds what may have become of the issuer that is missing.
func (b *builder) explain(t *Trust, o outcome, p Presented) {
	if o.sent.rooted {
		return
	}
	t.Namesake = cmp.Or(b.namesake(o.sent, p.Certificates), b.namesake(o.path(), p.Certificates))
	if !o.path().rooted {
		t.PublicRoot = b.publicRoot(slices.Concat(p.issuers(), o.completed.certificates))
	}
}

// namesake is the subject of a trusted or a sent certificate that has the name of the path's missing issuer, and another key. Above a
// self-signed end, only a trusted one can be that.
func (b *builder) namesake(p path, sent []*x509.Certificate) string {
	if p.rooted {
		return ""
	}
	top := p.top()
	candidates := slices.DeleteFunc(b.roots.named(top.RawIssuer), func(root *x509.Certificate) bool { return !b.trusts(root) })
	if !p.closed {
		candidates = append(candidates, sent...)
	}
	for _, c := range candidates {
		sameName := bytes.Equal(top.RawIssuer, c.RawSubject) && !top.Equal(c)
		sameKey := len(top.AuthorityKeyId) > 0 && bytes.Equal(top.AuthorityKeyId, c.SubjectKeyId)
		if sameName && !sameKey && b.links.of(top, c) == noLink {
			return distinguished(c.Subject)
		}
	}
	return ""
}

// publicRoot is the subject of the root of Mozilla's set that a path over those issuers leads to.
func (b *builder) publicRoot(issuers []*x509.Certificate) string {
	for _, p := range b.paths(issuers) {
		for _, c := range p.certificates {
			for _, root := range publicRoots()[string(c.RawIssuer)] {
				if b.links.of(c, root) == goodLink {
					return distinguished(root.Subject)
				}
			}
		}
	}
	return ""
}

func (t *Trust) blame(o outcome) {
	t.Flaws = slices.Clone(o.sent.flaws)
	for _, f := range o.completed.flaws {
		if f.Reason != UnknownAuthority && !slices.Contains(t.Flaws, f) {
			t.Flaws = append(t.Flaws, f)
		}
	}
	t.Flaws = t.Flaws[:min(len(t.Flaws), maxFlaws)]
	t.Reason, t.Culprit, t.Message = t.Flaws[0].Reason, t.Flaws[0].Culprit, t.Flaws[0].Message
	if len(o.added) > 0 {
		t.Completed = o.completion()
	}
}

// completion is what a result says of the completed path. Its root is not among what was added: it is this machine's to have.
func (o outcome) completion() *Completion {
	c := Completion{From: probes.Bound(o.added[0].From), Rooted: o.completed.rooted, Path: subjects(o.completed.certificates)}
	for _, a := range o.added {
		if !a.Certificate.Equal(o.completed.top()) {
			c.Added = append(c.Added, distinguished(a.Certificate.Subject))
		}
	}
	return &c
}

// public says that one of the paths ends at a root of those that browsers trust.
func (o outcome) public() bool {
	if len(o.good) == 0 {
		return isPublic(o.path().top())
	}
	return slices.ContainsFunc(o.good, func(p []*x509.Certificate) bool { return isPublic(p[len(p)-1]) })
}

func subjects(certificates []*x509.Certificate) (all []string) {
	for _, c := range certificates {
		all = append(all, distinguished(c.Subject))
	}
	return all
}
