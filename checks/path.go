package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/tcp"
)

// judgePaths tells how far SYNs came. A way that ends early is explained by whatever is blamed for the port at its end.
func (b *bench) judgePaths() {
	if len(b.e.Paths) == 0 && hasPort(b.e.Target) {
		b.needless((*pathMeasured)(nil).result("path", Internet), "not traced: nothing was silent or slow (--trace-path)")
	}
	for i := range b.e.Paths {
		m := &b.e.Paths[i]
		r := m.result("path", Internet)
		causes := b.brokenWay(&m.Seen)
		switch {
		case b.isHasty(&m.Seen):
			b.needless(r, fmt.Sprintf("not told: the wait of %s for a hop was shorter than a round trip on this line", m.Seen.Wait))
		case m.Seen.Fault.Of(probes.Unsupported):
			b.needless(r, "not traced: "+m.Seen.Fault.Message)
		case m.Seen.Fault.Of(probes.Interrupted) && len(m.Seen.Hops) == 0:
			b.needless(r, "not traced: what it was for is known")
		case len(causes) > 0 && m.Seen.Fault == nil && !m.Seen.Connected():
			b.follows(r, Fail, describePath(&m.Seen), causes)
		default:
			b.found(r, Pass, describePath(&m.Seen))
		}
	}
}

// isHasty says that the end of a way is not known, as even what answers soonest by the same gateway takes longer than a hop was waited for.
func (b *bench) isHasty(p *path.Result) bool {
	if p.Reached || rejectedByDevice(p) || len(p.Loop) > 0 || p.Wait == 0 {
		return false
	}
	return b.fastestBeyond(p.To.Addr()) > p.Wait
}

// fastestBeyond is the shortest time in which anything answered that is reached by the same gateway as an address; 0 where nothing did.
func (b *bench) fastestBeyond(to netip.Addr) probes.Millis {
	fastest := fastestAnswer(b.dnsSeen().Direct, func(server netip.Addr) bool { return b.sameWay(server, to) })
	consider := func(seen tcp.Result) {
		took := cmp.Or(seen.Transport.MinRTT, seen.Took)
		if seen.Connected() && b.sameWay(seen.Address.Addr(), to) && (fastest == 0 || took < fastest) {
			fastest = took
		}
	}
	for _, m := range b.e.TCP {
		consider(m.Seen)
	}
	for _, try := range b.anchorTries() {
		consider(try.TCP)
	}
	return fastest
}

// brokenWay are the causes for which nothing comes through on a way; none where that is well, or only there to compare with.
func (b *bench) brokenWay(p *path.Result) []string {
	switch {
	case p.Purpose == toDataPort:
		return b.deadPorts[p.To]
	case p.Purpose == toOtherPort && !p.Reached:
		return b.blocked[p.To.Addr()]
	case p.Purpose != toTargetPort || b.isConnected(p.To):
		return nil
	}
	causes := b.blocked[p.To.Addr()]
	if p.Reached && !slices.Contains(causes, "tcp.refused-by-middlebox") {
		return nil
	}
	return causes
}

// isConnected says that the target accepted a connection there.
func (b *bench) isConnected(to netip.AddrPort) bool {
	return slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Address == to && m.Seen.Connected() })
}

func describePath(p *path.Result) string {
	to := fmt.Sprintf("%s %s", p.Purpose, p.To)
	last := p.LastRouter()
	switch {
	case len(p.Loop) > 0:
		return fmt.Sprintf("SYNs to the %s go round in a circle: %s", to, listed(p.Loop))
	case p.Reached && last.From.IsValid():
		return fmt.Sprintf("SYNs to the %s arrive; the last router before it that answers is %s", to, last.From)
	case p.Reached:
		return fmt.Sprintf("SYNs to the %s arrive", to)
	case rejectedByDevice(p):
		end := p.Hops[len(p.Hops)-1]
		return fmt.Sprintf("SYNs to the %s are turned away by %s (hop %d at the most): %s %d/%d", to, end.From, end.TTL, end.ICMP.Protocol(),
			end.ICMP.Type, end.ICMP.Code)
	case last.From.IsValid() && p.LastTTL > last.TTL && p.Fault == nil:
		return fmt.Sprintf("SYNs to the %s come as far as %s (hop %d); nothing behind it answers", to, last.From, last.TTL)
	case last.From.IsValid():
		return fmt.Sprintf("on the way to the %s, hop %d is %s", to, last.TTL, last.From)
	}
	return fmt.Sprintf("no router answers to SYNs to the %s", to)
}

// rejectedByDevice says that a device answers with an ICMP error.
func rejectedByDevice(p *path.Result) bool {
	return len(p.Hops) > 0 && p.Hops[len(p.Hops)-1].Outcome == path.Rejected && p.Hops[len(p.Hops)-1].ICMP != nil
}

// listed are addresses in a sentence.
func listed(addrs []netip.Addr) string {
	texts := make([]string, len(addrs))
	for i, addr := range addrs {
		texts[i] = addr.String()
	}
	if len(texts) < 2 {
		return strings.Join(texts, "")
	}
	return strings.Join(texts[:len(texts)-1], ", ") + " and " + texts[len(texts)-1]
}

// death is where the SYNs to a port end, as far as routers tell: behind the last that answered to them, and before or at the first behind
// it that answered to those on a way to compare with. A filter may take them before their TTL is looked at (on arrival) or after it (on
// the way out), so that either may be it, and so may a router between that says nothing.
type death struct {
	way   *path.Result
	last  netip.Addr // the last router that they are known to have reached; invalid where none told
	ttl   int        // its hop
	other *path.Result
	next  netip.Addr // the first device behind it that the other way's SYNs reached; invalid where none told
	hop   int        // next's
	final bool       // next is the end of the other way
}

// whereItDies compares the way to the port with others. It knows nothing where the routers do not tell.
func (b *bench) whereItDies(port netip.AddrPort) (d death, known bool) {
	way := b.wayTo(port)
	if way == nil || way.Fault != nil || b.isHasty(way) { // a way that was not measured to its end tells no end
		return d, false
	}
	last := way.LastRouter()
	d = death{way: way, last: last.From, ttl: last.TTL}
	for i := range b.e.Paths {
		if other := &b.e.Paths[i].Seen; other != way && !b.isHasty(other) && d.comparable(other) {
			d.compare(other)
		}
	}
	return d, d.last.IsValid() || d.next.IsValid()
}

// comparable says that another way is the same as far as this one is known: to another port of the same host, or by the same router.
func (d *death) comparable(other *path.Result) bool {
	if other.To.Addr() == d.way.To.Addr() {
		return other.To != d.way.To && other.Purpose != toDataPort
	}
	return other.Purpose == toOtherAddress && d.last.IsValid() && slices.ContainsFunc(other.Hops, func(h path.Hop) bool {
		return h.TTL == d.ttl && h.From == d.last && h.Outcome == path.Exceeded
	})
}

// compare takes over what another way tells: the first device behind the last of this one.
func (d *death) compare(other *path.Result) {
	if d.other == nil {
		d.other = other
	}
	for _, hop := range other.Hops {
		if hop.TTL > d.ttl && hop.From.IsValid() && (!d.next.IsValid() || hop.TTL < d.hop) {
			d.other, d.next, d.hop, d.final = other, hop.From, hop.TTL, other.Reached && hop.Outcome != path.Exceeded
		}
	}
}

// wayTo is the trace of a port that ought to answer; nil where there is none.
func (b *bench) wayTo(port netip.AddrPort) *path.Result {
	for i := range b.e.Paths {
		if seen := &b.e.Paths[i].Seen; (seen.Purpose == toDataPort || seen.Purpose == toTargetPort) && seen.To == port {
			return seen
		}
	}
	return nil
}

// named is what a way leads to, as a sentence about its port has it.
func named(p *path.Result) string {
	switch p.Purpose {
	case toTargetPort:
		return fmt.Sprintf("port %d", p.To.Port())
	case toOtherPort:
		return fmt.Sprintf("port %d of the same host", p.To.Port())
	case toOtherAddress:
		return p.To.String()
	}
	return "the " + p.Purpose
}

// said is the fact in a sentence.
func (d death) said() string {
	to := named(d.way)
	than := ""
	if d.other != nil {
		than = named(d.other)
	}
	switch {
	case !d.last.IsValid() && d.final:
		return fmt.Sprintf("SYNs with rising TTL: no router answers for %s; those to %s arrive", to, than)
	case !d.last.IsValid():
		return fmt.Sprintf("SYNs with rising TTL: no router answers for %s, and %s (hop %d) does for %s", to, d.next, d.hop, than)
	case !d.next.IsValid() && d.diesAlike():
		return fmt.Sprintf("SYNs with rising TTL: those to %s come as far as %s (hop %d), and those to %s no further", to, d.last, d.ttl, than)
	case !d.next.IsValid():
		return fmt.Sprintf("SYNs with rising TTL: those to %s come as far as %s (hop %d); nothing behind it answers", to, d.last, d.ttl)
	case d.final:
		return fmt.Sprintf("SYNs with rising TTL: those to %s come as far as %s (hop %d), or the answers to them no further; those to %s arrive",
			to, d.last, d.ttl, than)
	}
	return fmt.Sprintf("SYNs with rising TTL: those to %s come as far as %s (hop %d); those to %s pass it and reach %s (hop %d)",
		to, d.last, d.ttl, than, d.next, d.hop)
}

// diesAlike says that another port of the same host is not reached either, and that the last router is the same.
func (d death) diesAlike() bool {
	return d.other != nil && d.other.Purpose == toOtherPort && !d.other.Reached && d.other.Fault == nil && d.other.LastRouter().From == d.last
}

// answer is where it dies in a few words; empty where the routers do not tell.
func (d death) answer() string {
	passes := d.other != nil && d.other.Reached && d.next.IsValid()
	switch {
	case passes && d.last.IsValid() && d.final:
		return fmt.Sprintf("it dies behind %s, the last that answered, or its answer does on the way back; %s gets through", d.last, named(d.other))
	case passes && d.last.IsValid():
		return fmt.Sprintf("it dies behind %s, the last that answered; %s gets through", d.last, named(d.other))
	case passes:
		return fmt.Sprintf("no router answers for it; %s gets through", named(d.other))
	case !d.last.IsValid():
		return ""
	case d.diesAlike():
		return fmt.Sprintf("it dies behind %s, the last that answered, as for %s: the host is down, or all that is sent to it, or by it, is dropped",
			d.last, named(d.other))
	}
	return fmt.Sprintf("it dies behind %s, the last that answered", d.last)
}

// where names the devices between which the SYNs vanish; the port itself where the routers do not tell. SYNs that only the end of the way
// does not answer may as well have arrived: then any device may keep the answer back, on a way that nothing here shows.
func (d death) where(port string) string {
	switch {
	case !d.next.IsValid() && d.last.IsValid() && d.way.Purpose == toTargetPort:
		return "behind " + d.last.String()
	case !d.next.IsValid():
		return port
	case !d.last.IsValid() && d.hop == 1, d.last == d.next:
		return d.next.String()
	case !d.last.IsValid():
		return "before " + d.next.String()
	case d.hop-d.ttl > 1:
		return "between " + d.last.String() + " and " + d.next.String() + d.orBack()
	}
	return d.last.String() + " or " + d.next.String() + d.orBack()
}

// orBack is the way back, where that may be it.
func (d death) orBack() string {
	if d.final {
		return " or the way back"
	}
	return ""
}

// near says that the SYNs vanish at our own router or the one behind it.
func (d death) near() bool { return d.next.IsValid() && !d.final && d.hop <= 2 }

// tellWhereItDies adds to the cause of a silent port how far its SYNs came, and says it in a few words; it says nothing where the
// routers do not tell.
func (b *bench) tellWhereItDies(cause *Cause, port netip.AddrPort) string {
	d, known := b.whereItDies(port)
	if !known || d.way.Reached {
		return ""
	}
	cause.Checks = append(cause.Checks, "path")
	cause.Evidence = append(cause.Evidence, d.said())
	cause.Where = d.where(port.String())
	return d.answer()
}

// hostAnswers says that another port of the same host does, from behind where the SYNs to this one die, and behind our own router, which
// could answer in the host's name.
func (b *bench) hostAnswers(port netip.AddrPort) bool {
	way := b.wayTo(port)
	if way == nil {
		return false
	}
	near := way.LastRouter().TTL
	if b.routeTo(port.Addr()).Gateway.IsValid() {
		near = max(near, 1)
	}
	return slices.ContainsFunc(b.e.Paths, func(m pathMeasured) bool {
		other := m.Seen
		return other.Purpose == toOtherPort && other.To.Addr() == port.Addr() && other.Reached && other.LastTTL > near
	})
}

// exceededCause is a time to live that ran out before the target, and that the trace explains; nil where it does not.
func (b *bench) exceededCause(seen tcp.Result) *Cause {
	icmp := seen.Fault.ICMP
	if way := b.wayTo(seen.Address); way == nil || icmp != nil && meaningOf(icmp) != timeExceeded {
		return nil
	} else if len(way.Loop) > 0 {
		return loopCause(seen, way)
	} else if icmp != nil && way.Reached {
		return shortLivedCause(seen, way)
	}
	return nil
}

// shortLivedCause is packets of this machine that die on a way on which those of the trace, with a time to live of their own, arrive.
func shortLivedCause(seen tcp.Result, way *path.Result) *Cause {
	to := seen.Address.Addr()
	return newCause("route.ttl-too-small", "", fmt.Sprintf("packets of this machine live too short for the way to %s: their time is over at %s",
		to, seen.Fault.ICMP.From), describeAttempt(seen), fmt.Sprintf("SYNs with a TTL of %d arrive, and meet no router twice", way.LastTTL)).
		restsOn("tcp", "path").likely("this machine's own TTL (sysctl net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit): a circle of routers " +
		"that is gone again looks the same").
		mend("set this machine's TTL to 64 (sysctl net.ipv4.ip_default_ttl, net.ipv6.conf.all.hop_limit), and look for rules that lower it " +
			"(nft list ruleset)")
}

// loopCause is a circle of routers that the trace showed.
func loopCause(seen tcp.Result, way *path.Result) *Cause {
	to, routers := seen.Address.Addr(), listed(way.Loop)
	said := fmt.Sprintf("SYNs with rising TTL: %s again and again, up to hop %d", routers, way.LastRouter().TTL)
	if len(way.Loop) == 1 {
		return newCause("route.loop", routers, fmt.Sprintf("packets to %s go round in a circle at %s", to, routers), said, describeAttempt(seen)).
			restsOn("tcp", "path").likely("the other routers of the circle, which say nothing: ask the operator of "+routers).
			mend("repair the routing between %s and its neighbours", routers)
	}
	return newCause("route.loop", routers, fmt.Sprintf("packets to %s go round in a circle between %s", to, routers), said, describeAttempt(seen)).
		restsOn("tcp", "path").mend("repair the routing between %s: each thinks that another has the network of %s", routers, to)
}

// forger is a RST in the target's name that came from a device before it: it answers SYNs whose TTL is too small to arrive there.
type forger struct {
	where  string
	said   string
	router netip.Addr // that answers other SYNs with this TTL
	far    bool       // the target is known to be further: routers of public addresses stand between
}

// refusedOnTheWay names the devices of which one refuses a port in the target's name; ok is false where nothing shows that.
func (b *bench) refusedOnTheWay(port netip.AddrPort) (f forger, ok bool) {
	way := b.wayTo(port)
	if way == nil || !way.Reached || len(way.Hops) == 0 || way.Hops[len(way.Hops)-1].Outcome != path.Refused {
		return f, false
	}
	ttl := way.LastTTL
	for i := range b.e.Paths {
		other := &b.e.Paths[i].Seen
		if other == way || other.To.Addr() != port.Addr() {
			continue
		}
		for _, hop := range other.Hops {
			if hop.TTL == ttl && hop.Outcome == path.Exceeded && hop.From != port.Addr() {
				d := death{last: way.LastRouter().From, ttl: way.LastRouter().TTL, next: hop.From, hop: hop.TTL}
				return forger{
					where: d.where(port.String()), router: hop.From, far: farther(other, hop) && steady(way),
					said: fmt.Sprintf("the RST comes to SYNs with TTL %d; those to %s come no further than %s with it", ttl, named(other), hop.From),
				}, true
			}
		}
	}
	return f, false
}

// refusedFarAway says that a RST to a port comes from behind the second router, or from no nearer than another port of the same host
// accepts connections: a firewall near us would be nearer.
func (b *bench) refusedFarAway(port netip.AddrPort) bool {
	way := b.wayTo(port)
	if way == nil || !way.Reached {
		return false
	}
	return way.LastRouter().TTL >= 2 || slices.ContainsFunc(b.e.Paths, func(m pathMeasured) bool {
		other := m.Seen
		return other.Purpose == toOtherPort && other.To.Addr() == port.Addr() && other.Reached && other.LastTTL <= way.LastTTL &&
			len(other.Hops) > 0 && other.Hops[len(other.Hops)-1].Outcome == path.Connected
	})
}

// farther says that a way goes on behind a hop, over a router of a public address, and arrives: what stands there is no translator
// that bears the target's address.
func farther(way *path.Result, behind path.Hop) bool {
	return way.Reached && slices.ContainsFunc(way.Hops, func(h path.Hop) bool {
		return h.TTL > behind.TTL && h.Outcome == path.Exceeded && h.From != behind.From && h.From != way.To.Addr() && !isPrivate(h.From)
	})
}

// steady says that a way ended at the same TTL in each of several tries.
func steady(way *path.Result) bool {
	end := way.Hops[len(way.Hops)-1]
	return end.Sent > 1 && end.Answered == end.Sent && len(end.Others) == 0
}

// refusedByDevice is a RST that a device before the target sent in its name; nil where nothing shows that.
func (b *bench) refusedByDevice(seen tcp.Result) *Cause {
	f, ok := b.refusedOnTheWay(seen.Address)
	if !ok {
		return nil
	}
	to := seen.Address.String()
	cause := newCause("tcp.refused-by-middlebox", f.where, fmt.Sprintf("a device on the way refuses connections to %s in the target's name", to),
		describeAttempt(seen), f.said).restsOn("tcp", "path").
		mend("let the firewall that refuses it (%s) pass connections to %s; where it translates addresses, forward the port", f.where, to)
	if !f.far {
		cause.likely(fmt.Sprintf("whether %s translates addresses and has %s for its own: then it has no forward for port %d",
			f.router, seen.Address.Addr(), seen.Address.Port()))
	}
	return cause
}

// placeOf says where on the way to an address a device stands, as far as is known.
func (b *bench) placeOf(device, to netip.Addr) string {
	if b.isFirstHop(device, to) {
		return "which is the first router on the way"
	}
	for _, m := range b.e.Paths {
		for _, hop := range m.Seen.Hops {
			switch {
			case m.Seen.To.Addr() != to || hop.From != device:
			case m.Seen.Reached && hop.Outcome == path.Exceeded && hop.TTL == m.Seen.LastTTL-1:
				return fmt.Sprintf("which is the last router before the target (hop %d)", hop.TTL)
			case hop.Outcome == path.Exceeded:
				return fmt.Sprintf("which is hop %d on the way", hop.TTL)
			case hop.Outcome == path.Rejected && hop.TTL > 1:
				return fmt.Sprintf("which is hop %d or %d on the way", hop.TTL-1, hop.TTL)
			}
		}
	}
	return "which is not the target"
}
