package checks

import (
	"fmt"
	nethttp "net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tcp"
)

// clearAnswer is what a host is said to answer in clear.
type clearAnswer struct {
	host   string
	check  string // whose observation it is
	seen   *http.Result
	sentTo string // the host that a redirect leads to, where that has nothing to do with the host; else empty
}

// clearAnswers are the answers of anchors, and of a target that speaks HTTP in clear.
func (b *bench) clearAnswers() (all []clearAnswer) {
	add := func(host, check string, seen *http.Result) {
		if seen == nil || seen.Status == 0 {
			return
		}
		a := clearAnswer{host: host, check: check, seen: seen}
		if to := hostOfReference(seen.Location); seen.Status/100 == 3 && to != "" && !akin(host, to) && to != seen.Address.Addr().String() {
			a.sentTo = to
		}
		all = append(all, a)
	}
	for _, m := range b.e.Anchors {
		add(m.Seen.Name, "anchor", m.Seen.HTTP)
	}
	for _, s := range b.e.services() {
		if h := seen(s.HTTP); h != nil && s.Handshake == nil && hasPort(b.e.Target) {
			add(b.e.Target.Host, "http", h)
		}
	}
	return all
}

// akin says that two names are of one owner, as far as they tell: the same, or under one registrable domain.
func akin(x, y string) bool {
	x, y = strings.TrimSuffix(strings.ToLower(x), "."), strings.TrimSuffix(strings.ToLower(y), ".")
	return x == y || strings.HasSuffix(x, "."+y) || strings.HasSuffix(y, "."+x) || registrable(x) != "" && registrable(x) == registrable(y)
}

// judgePortal looks for a captive portal: something between that answers in the place of whoever was asked, until somebody has logged in.
// What the target suffers by it is found where the target is judged.
func (b *bench) judgePortal() {
	b.portal = b.portalCause()
	if b.portal == nil {
		return
	}
	b.blame(b.portal)
	switch { // what the anchors suffer is all there is of this machine alone
	case b.e.Target == nil && b.portalStands():
		b.portal.as(SeverityFail)
	case b.e.Target == nil:
		b.portal.as(SeverityWarn)
	}
	for _, m := range b.e.TCP {
		if addr := m.Seen.Address.Addr(); b.keptOut(m.Seen) && len(b.blocked[addr]) == 0 && !b.gotThrough(addr) {
			b.block(addr, b.portal.ID)
			b.caught(m.Seen.Address.String() + " is not reached")
		}
	}
}

// portalStands says that there is more to the portal than hosts which lead to a third on the Internet, as those of one owner may.
func (b *bench) portalStands() bool {
	return b.portal != nil && (b.portal.Confidence == Proven || isNobodys(b.portal.Where))
}

// gotThrough says that SYNs for an address came to a router on the Internet, behind the next hop: a network that wants a login keeps them
// inside.
func (b *bench) gotThrough(addr netip.Addr) bool {
	return slices.ContainsFunc(b.e.Paths, func(m pathMeasured) bool {
		last := m.Seen.LastRouter()
		return m.Seen.To.Addr() == addr && last.TTL > 1 && last.From.IsValid() && !isPrivate(last.From)
	})
}

// keptOut says that a connection failed for a reason that a portal may be.
func (b *bench) keptOut(seen tcp.Result) bool {
	fault := seen.Fault
	if fault == nil || droppedHere(seen) {
		return false
	}
	if fault.ICMP != nil {
		return !b.ownAddress(fault.ICMP.From)
	}
	return fault.Of(probes.Timeout) || fault.Of(probes.Refused) || fault.Of(probes.Reset)
}

// caught makes a failure of the portal, which the target suffers by, and keeps how.
func (b *bench) caught(how string) {
	b.portal.Evidence = append(b.portal.Evidence, "the target: "+how)
	b.portal.as(SeverityFail)
}

// portalCause names the portal where something tells of it: a status that only a portal sends, or one place that hosts lead to which have
// nothing to do with each other, nor with it. As long as the target does not suffer, it is worth no more than a remark.
func (b *bench) portalCause() *Cause {
	answers := b.clearAnswers()
	for _, a := range answers {
		if a.seen.Status == nethttp.StatusNetworkAuthenticationRequired {
			return portal(a.seen.Address.Addr().String(), []clearAnswer{a})
		}
	}
	if len(b.e.Anchors) == 0 {
		return nil
	}
	for _, a := range answers {
		same := slices.DeleteFunc(slices.Clone(answers), func(o clearAnswer) bool { return a.sentTo == "" || o.sentTo != a.sentTo })
		if len(strangers(same)) > 1 {
			return b.corroborated(portal(a.sentTo, same), same)
		}
	}
	for _, a := range answers {
		if registrable(a.host) != "" && (isNobodys(a.sentTo) || a.sentTo != "" && b.acceptsAll) {
			return portal(a.sentTo, []clearAnswer{a}).
				likely("a further anchor with another owner, asked by plain HTTP (--anchor HOST:80): whether it is sent there, too")
		}
	}
	return nil
}

// strangers are those of the hosts that answered of which each has nothing to do with the others.
func strangers(answers []clearAnswer) (hosts []string) {
	for _, a := range answers {
		if !slices.ContainsFunc(hosts, func(host string) bool { return akin(host, a.host) }) {
			hosts = append(hosts, a.host)
		}
	}
	return hosts
}

// corroborated leaves a portal proven where the place that hosts lead to cannot be their own, as it has none on the Internet and they do;
// where whoever answers there answers in the target's name, too; or where connections are accepted even in the name of nobody. However
// many hosts lead to one on the Internet, they may all log their visitors in there.
func (b *bench) corroborated(cause *Cause, answers []clearAnswer) *Cause {
	atHome := !slices.ContainsFunc(answers, func(a clearAnswer) bool { return !isPrivate(a.seen.Address.Addr()) })
	switch {
	case b.certifiedFor(cause.Where):
		return cause.restsOn(append(cause.Checks, "tls.certificate")...)
	case b.acceptsAll:
		cause.Evidence = append(cause.Evidence, "connections to where no host is are accepted")
		return cause.restsOn(append(cause.Checks, "nowhere")...)
	case isNobodys(cause.Where) && (!atHome || b.madeUp(answers[0].seen.Address.Addr())):
		return cause
	}
	return cause.likely(fmt.Sprintf("a browser on this machine: whether the login that http://%s/ leads to is this network's, or those hosts' own",
		bracketed(answers[0].host)))
}

// certifiedFor says that the target's certificate is for another host and not for the target.
func (b *bench) certifiedFor(host string) bool {
	return speaksTLS(b.e.Target) && slices.ContainsFunc(b.e.services(), func(s *Service) bool {
		chain := seen(s.Chain)
		return chain != nil && len(chain.Certificates) > 0 && !chain.Certificates[0].Matches(chain.Name) &&
			chain.Certificates[0].Matches(host)
	})
}

// answersInClear says that the portal has answered at one of those addresses.
func (b *bench) answersInClear(addresses []netip.Addr) bool {
	return b.portalStands() && slices.ContainsFunc(b.clearAnswers(), func(a clearAnswer) bool {
		return b.portalAnswered(a.seen) && slices.Contains(addresses, a.seen.Address.Addr())
	})
}

// leadToPortal makes a means of the portal of a resolver that leads names there, and a failure of it where the target's is one of them:
// both end with the login.
func (b *bench) leadToPortal(hijack *Cause, target bool) {
	b.portal.Evidence = append(b.portal.Evidence, hijack.Evidence...)
	b.portal.restsOn(append(b.portal.Checks, "dns")...)
	if target {
		b.caught("its name leads to the portal, too")
	}
}

// madeUp says that a resolver gives the address to names that nobody has.
func (b *bench) madeUp(addr netip.Addr) bool {
	return slices.ContainsFunc(b.dnsSeen().Invented, func(a dns.Answer) bool { return slices.Contains(a.Addresses, addr) })
}

// isNobodys says that a host has no place on the Internet: a private address, or a name that anybody may use at home.
func isNobodys(host string) bool {
	if addr, err := netip.ParseAddr(host); err == nil {
		return isPrivate(addr)
	}
	return host != "" && registrable(host) == ""
}

func portal(where string, answers []clearAnswer) *Cause {
	cause := newCause("path.captive-portal", where, "this network asks for a login first: a captive portal answers in the place of other hosts").
		as(SeverityInfo).
		mend("open http://%s/ in a browser on this machine, and log in to the network", bracketed(answers[0].host))
	var checks []string
	for _, a := range answers {
		line := fmt.Sprintf("%s, asked in clear, answers %s", a.host, statusLine(a.seen))
		if a.sentTo != "" {
			line += ", to " + a.sentTo
		} else {
			line += ", which only a network sends that wants a login"
		}
		cause.Evidence = append(cause.Evidence, line)
		if !slices.Contains(checks, a.check) {
			checks = append(checks, a.check)
		}
	}
	return cause.restsOn(checks...)
}

// portalAnswered says that the answer to the target's own request is the portal's.
func (b *bench) portalAnswered(seen *http.Result) bool {
	return b.portal != nil && (seen.Status == nethttp.StatusNetworkAuthenticationRequired ||
		seen.Status/100 == 3 && hostOfReference(seen.Location) == b.portal.Where)
}

// portalsOwn says that a chain is for another name than the target's while a portal answers in its place. A good chain for another name is
// that of a server, as long as nothing more tells of a portal.
func (b *bench) portalsOwn(chain *pki.Chain) bool {
	return b.portal != nil && (b.portalStands() || !chain.Trust.Trusted) && speaksTLS(b.e.Target) &&
		nameCause(chain.Certificates[0], chain.Name) != nil
}
