package checks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/publicsuffix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
	"github.com/rung-cli/rung/probes/tls"
)

// Anchor is another host, named by the user, that tells what is true of the target from what is true of everything.
type Anchor struct {
	// Name is the host as the user named it.
	Name string `json:"name"`
	// Address is where it was reached first, or tried first where it was not reached.
	Address netip.AddrPort `json:"address"`
	// Connected says that a TCP connection was made.
	Connected bool `json:"connected"`
	// Tries are the attempts at its addresses, all at once: at most two of a family.
	Tries []AnchorTry `json:"tries,omitempty"`
	// Chain is the chain that it presented; nil where it does not speak TLS, or was asked in clear.
	Chain *pki.Chain `json:"chain,omitempty"`
	// HTTP is what it answered to a request in clear, which is made on port 80 alone. Of a redirect to a host, Location has that alone:
	// "//HOST".
	HTTP *http.Result `json:"http,omitempty"`
	// Fault is what went wrong: step "lookup", "connect" or "handshake".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// AnchorTry is an attempt at one of an anchor's addresses.
type AnchorTry struct {
	// Route is the kernel's route to the address.
	Route route.Result `json:"route"`
	// TCP is the attempt at a connection.
	TCP tcp.Result `json:"tcp"`
}

// maxAnchorAddresses is how many addresses of a family are tried of an anchor.
const maxAnchorAddresses = 2

// askAnchors reaches for the anchors, all at once.
func askAnchors(ctx context.Context, c *Climb) {
	results := make([]Measured[Anchor], len(c.Options.Anchors))
	var asking sync.WaitGroup
	for i, anchor := range c.Options.Anchors {
		asking.Go(func() {
			results[i] = *measure(ctx, c, anchor.Host, func() Anchor { return c.askAnchor(ctx, anchor) })
		})
	}
	asking.Wait()
	c.evidence.Anchors = results
	var routes []route.Result
	for _, m := range results {
		for _, try := range m.Seen.Tries {
			routes = append(routes, try.Route)
		}
	}
	c.anchored.keep(routes)
}

func (c *Climb) askAnchor(ctx context.Context, anchor *Target) Anchor {
	result := Anchor{Name: anchor.Host}
	addresses, fault := c.anchorAddresses(ctx, anchor)
	if fault != nil {
		result.Fault = fault
		return result
	}
	result.Tries = make([]AnchorTry, len(addresses))
	conns := make(chan net.Conn, len(addresses))
	var trying sync.WaitGroup
	for i, address := range addresses {
		trying.Go(func() {
			var conn net.Conn
			result.Tries[i], conn = c.tryAnchor(ctx, netip.AddrPortFrom(address, anchor.Port))
			if conn != nil {
				conns <- conn
			}
		})
	}
	go func() {
		trying.Wait()
		close(conns)
	}()
	for conn := range conns {
		if !result.Connected {
			c.hearAnchor(ctx, anchor, conn, &result)
		}
		_ = conn.Close()
	}
	if first := result.Tries[0].TCP; !result.Connected {
		result.Address, result.Fault = first.Address, first.Fault
	}
	return result
}

// anchorAddresses are those that are tried of an anchor; at least one where there is no fault.
func (c *Climb) anchorAddresses(ctx context.Context, anchor *Target) ([]netip.Addr, *probes.Fault) {
	found := []netip.Addr{anchor.Addr()}
	if !anchor.Addr().IsValid() {
		waiting, cancel := context.WithTimeout(ctx, c.Options.Timeout)
		defer cancel()
		var err error
		if found, err = c.Options.Host.Resolve(waiting, anchor.Host); err != nil {
			return nil, probes.NewFault(ctx, "lookup", err)
		}
	}
	var addresses []netip.Addr
	count := map[int]int{}
	for _, address := range found {
		family := familyOf(address)
		count[family]++
		if count[family] <= maxAnchorAddresses && c.Options.Host.Wants(address) {
			addresses = append(addresses, address)
		}
	}
	if len(addresses) == 0 {
		return nil, &probes.Fault{Step: "lookup", Kind: probes.NotFound, Message: "it has no address of a family that is wanted"}
	}
	return addresses, nil
}

func (c *Climb) tryAnchor(ctx context.Context, to netip.AddrPort) (try AnchorTry, conn net.Conn) {
	try.Route = route.Lookup(ctx, route.Flow{To: to.Addr(), Port: to.Port(), From: c.Options.Host.From}, "anchor")
	try.TCP, conn = tcp.Dial(ctx, c.Options.Host, to, c.Options.Timeout)
	return try, conn
}

// connectivityPath is what the hosts are asked for that operators of networks and systems keep for the purpose; others know no such page.
const connectivityPath = "/generate_204"

// hearAnchor learns what answers over a connection: HTTP in clear on the port of HTTP, TLS on any other.
func (c *Climb) hearAnchor(ctx context.Context, anchor *Target, conn net.Conn, result *Anchor) {
	result.Address, result.Connected = probes.AddrPortOf(conn.RemoteAddr()), true
	if anchor.Port == schemes["http"] {
		answer := http.Ask(ctx, conn, http.Options{
			Host: bracketed(anchor.Host), Path: connectivityPath, Agent: "rung/" + c.Options.Version, Wait: c.Options.Timeout,
		})
		if to := hostOfReference(answer.Location); to != "" {
			answer.Location = "//" + bracketed(to)
		}
		result.HTTP = &answer
		return
	}
	h, secured := tls.Shake(ctx, conn, tls.Options{ServerName: anchor.Host, Wait: c.Options.Timeout})
	result.Fault = h.Fault
	if secured != nil {
		chain := pki.ReadChain(presentedBy(secured), anchor.Host, c.roots(), c.evidence.Started)
		result.Chain = &chain
	}
}

// bracketed is a host as it stands in front of a port (RFC 3986 §3.2.2).
func bracketed(host string) string {
	if strings.Contains(host, ":") {
		return "[" + host + "]"
	}
	return host
}

// hostOfReference is the host that a URI reference names, in lower case; empty where it names none.
func hostOfReference(reference string) string {
	u, err := url.Parse(reference)
	if err != nil {
		return ""
	}
	return strings.ToLower(u.Hostname())
}

// ParseAnchor reads HOST or HOST:PORT; the port is that of HTTPS where none is given.
func ParseAnchor(text string) (*Target, error) {
	fail := func(format string, args ...any) (*Target, error) {
		return nil, fmt.Errorf("%q is no HOST or HOST:PORT: %s", probes.Bound(text), fmt.Sprintf(format, args...))
	}
	if strings.ContainsAny(text, "/@") {
		return fail("a scheme, a login or a path has no place in it")
	}
	anchor, err := parseBare(text, fail)
	if err == nil && anchor.Port == 0 {
		anchor.Port = portHTTPS
	}
	return anchor, err
}

// ParseServerName reads the name for SNI, in its ASCII form; or an address, which is verified and never sent.
func ParseServerName(text string) (string, error) {
	var named Target
	if err := named.setHost(text); err != nil {
		return "", err
	}
	return named.Host, nil
}

func (b *bench) judgeAnchors() {
	if len(b.e.Anchors) == 0 {
		b.needless((*Measured[Anchor])(nil).result("anchor", Application), "none was named (--anchor)")
	}
	for i := range b.e.Anchors {
		m := &b.e.Anchors[i]
		r := m.result("anchor", Application)
		switch a := m.Seen; {
		case a.Fault.Of(probes.Interrupted):
			b.cutShort(r)
		case a.HTTP != nil && b.portalAnswered(a.HTTP) && !b.portalStands():
			b.follows(r, Warn, fmt.Sprintf("%s answers: %s", a.Address, describeResponse(a.HTTP)), []string{b.portal.ID})
		case a.HTTP != nil && b.portalAnswered(a.HTTP):
			b.follows(r, Fail, fmt.Sprintf("the portal answers in the place of %s: %s", a.Address, describeResponse(a.HTTP)), []string{b.portal.ID})
		case a.HTTP != nil && a.HTTP.Status != 0:
			b.found(r, Pass, fmt.Sprintf("%s answers: %s", a.Address, describeResponse(a.HTTP)))
		case a.Chain != nil:
			b.found(r, Pass, fmt.Sprintf("%s answers, with a certificate of %s", a.Address, authority(a.Chain)))
		case a.Connected:
			b.found(r, Pass, fmt.Sprintf("%s answers", a.Address)+b.distrust())
		case len(b.explained(&a)) > 0:
			b.follows(r, Fail, a.Name+" does not answer", b.explained(&a))
		case a.Fault == nil:
			b.needless(r, a.Name+": the report does not say what came of it")
		case a.Fault.Step == "lookup":
			b.needless(r, fmt.Sprintf("%s was not asked, as no address of it is known: %s", a.Name, a.Fault.Message))
		default:
			b.needless(r, "nothing to compare with: "+describeSilence(&a))
		}
	}
}

// describeSilence tells why an anchor told nothing.
func describeSilence(a *Anchor) string {
	switch {
	case a.Fault.Step == "lookup":
		return fmt.Sprintf("%s does not resolve (%s)", a.Name, a.Fault.Kind)
	case len(a.Tries) > 0 && a.Tries[0].TCP.Fault != nil:
		return fmt.Sprintf("%s does not answer (%s)", a.Name, describeAttempt(a.Tries[0].TCP))
	}
	return fmt.Sprintf("%s does not answer: %s", a.Name, a.Fault.Message)
}

// authority is who vouches for a chain: the root of its path, or whoever its last certificate names.
func authority(chain *pki.Chain) string {
	if path := chain.Trust.Path; len(path) > 0 {
		return path[len(path)-1]
	}
	if len(chain.Certificates) == 0 {
		return ""
	}
	linked := linkedChain(chain.Certificates)
	return linked[len(linked)-1].Issuer
}

// interceptedCause is a CA that vouches for hosts which have nothing to do with each other, and that no browser trusts: whoever runs it
// stands on the way. That an anchor has another owner than the target is the word of the user who named it, as far as its domain does not
// say otherwise.
func (b *bench) interceptedCause() *Cause {
	chain := seen(b.s.Chain)
	if chain == nil || len(chain.Certificates) == 0 || chain.Certificates[0].SelfSigned || !isPrivateCA(chain) {
		return nil
	}
	ca := authority(chain)
	evidence := []string{fmt.Sprintf("%s vouches for %s, and is not among the CAs that browsers trust", ca, chain.Name)}
	domains := []string{registrable(chain.Name)}
	if domains[0] == "" {
		return nil
	}
	for _, m := range b.e.Anchors {
		other := m.Seen.Chain
		if other == nil || !isPrivateCA(other) || authority(other) != ca {
			continue
		}
		domain := registrable(other.Name)
		if domain == "" || slices.Contains(domains, domain) {
			continue
		}
		domains = append(domains, domain)
		evidence = append(evidence, "it vouches for "+other.Name+" as well")
	}
	if len(domains) < 2 {
		return nil
	}
	return newCause("tls.intercepted", commonName(ca), fmt.Sprintf("TLS is intercepted: %s answers in the name of hosts that are not its own", commonName(ca)),
		evidence...).restsOn("tls.certificate", "anchor").
		mend("have the network's operator exempt %s from inspection, or install %s where it is to be trusted", hostOf(b.e.Target), commonName(ca))
}

// isPrivateCA says that a chain is of a CA that no browser trusts. Of a chain without a path to a root the leaf tells: what public CAs
// sign has embedded timestamps of public logs (RFC 6962 §3.3), or browsers would not take it.
func isPrivateCA(chain *pki.Chain) bool {
	if chain.Trust.Public != nil {
		return !*chain.Trust.Public
	}
	embedded := func(s pki.SCT) bool { return s.Source == "certificate" }
	return !chain.Trust.Trusted && !slices.ContainsFunc(chain.SCTs, embedded)
}

// registrable is the part of a name that has an owner (the public suffix and one label more). It is empty for what anybody may use at
// home: an address, a name of one label or under a suffix that is nobody's (.lan, .internal).
func registrable(name string) string {
	name = strings.TrimSuffix(strings.ToLower(name), ".")
	suffix, delegated := publicsuffix.PublicSuffix(name)
	if _, err := netip.ParseAddr(name); err == nil || !delegated && !strings.Contains(suffix, ".") {
		return ""
	}
	domain, _ := publicsuffix.EffectiveTLDPlusOne(name) // empty for a suffix alone
	return domain
}
