package checks

import (
	"fmt"
	nethttp "net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
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
	if b.e.Target == nil { // what the anchors suffer is all there is
		b.portal.as(SeverityFail)
	}
	for _, m := range b.e.TCP {
		if addr := m.Seen.Address.Addr(); b.keptOut(m.Seen) && len(b.blocked[addr]) == 0 {
			b.block(addr, b.portal.ID)
			b.caught(m.Seen.Address.String() + " is not reached")
		}
	}
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
			return b.corroborated(portal(a.sentTo, same), len(strangers(same)))
		}
	}
	for _, a := range answers {
		if registrable(a.host) != "" && isNobodys(a.sentTo) {
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

// corroborated leaves a portal proven where the place that hosts lead to cannot be their own: it has none on the Internet, there are too
// many of them, or the target's certificate is another's, too. Two domains of one owner may well lead to a third of the same.
func (b *bench) corroborated(cause *Cause, hosts int) *Cause {
	const many = 3
	for _, s := range b.e.services() {
		if chain := seen(s.Chain); chain != nil && len(chain.Certificates) > 0 && speaksTLS(b.e.Target) &&
			nameCause(chain.Certificates[0], chain.Name) != nil {
			return cause.restsOn(append(cause.Checks, "tls.certificate")...)
		}
	}
	if isNobodys(cause.Where) || hosts >= many {
		return cause
	}
	return cause.likely("a further anchor with another owner, asked by plain HTTP (--anchor HOST:80): two hosts of one owner may be sent to a third")
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

// portalsOwn says that a chain is for another name than the target's while a portal answers in its place.
func (b *bench) portalsOwn(chain *pki.Chain) bool {
	return b.portal != nil && speaksTLS(b.e.Target) && nameCause(chain.Certificates[0], chain.Name) != nil
}
