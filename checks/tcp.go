package checks

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

type tcpMeasured = Measured[tcp.Result]

// headStart is how long a connection to an address that ranks lower waits for one that ranks higher: the Connection Attempt
// Delay that RFC 8305 §5 recommends.
const headStart = 250 * time.Millisecond

// attempt is a settled attempt at one address: its place in the order, and the connection, if there is one.
type attempt struct {
	rank int
	conn net.Conn
}

// connect tries every address at once, and hands on the connection to the first in the order of RFC 6724 that was made.
func connect(ctx context.Context, c *Climb) {
	defer c.connected.keep(struct{}{})
	defer c.dialed.keep(nil)
	defer c.others.keep(nil)
	defer c.chosen.keep(nil)
	addresses, _ := c.addresses.wait(ctx)
	results := make([]tcpMeasured, len(addresses))
	all := dialing(addresses, c.Target.Port)
	c.dialed.keep(all)
	settled := make(chan attempt, len(addresses))
	var trying sync.WaitGroup
	for rank, d := range all {
		trying.Go(func() {
			var conn net.Conn
			var elsewhere []tcp.Attempt
			settle := probes.OnDoubt(ctx, probes.Doubt(0), c.tryElsewhere(d.to, &elsewhere))
			results[rank] = *measure(ctx, c, d.to.Addr().String(), func() (result tcp.Result) {
				result, conn = c.reach(ctx, d.to)
				return result
			})
			d.settled.keep(results[rank].Seen)
			settled <- attempt{rank, conn}
			moot := !mayBeTheWay(results[rank].Seen)
			settle(moot)
			if !moot {
				results[rank].Seen.Elsewhere = elsewhere
			}
			c.tryAgain(ctx, results[rank].Seen)
		})
	}
	c.choose(len(addresses), settled)
	c.connected.keep(struct{}{})
	trying.Wait()
	c.evidence.TCP = results
}

// choose waits for n attempts and keeps the connection whose address ranks highest, without waiting long for those that rank
// higher and are silent. The others are closed, or kept where all addresses are to be tried.
func (c *Climb) choose(n int, settled <-chan attempt) {
	pending := make([]bool, n)
	for rank := range pending {
		pending[rank] = true
	}
	var best net.Conn
	var others []net.Conn
	bestRank, chosen := n, false
	var grace <-chan time.Time
	for left := n; left > 0; {
		select {
		case a := <-settled:
			left--
			pending[a.rank] = false
			if a.conn != nil && !chosen && a.rank < bestRank {
				best, a.conn, bestRank = a.conn, best, a.rank
			}
			switch {
			case a.conn == nil:
			case c.Options.AllAddresses:
				others = append(others, a.conn)
			default:
				_ = a.conn.Close()
			}
			if best != nil && grace == nil {
				grace = time.After(headStart)
			}
		case <-grace:
			clear(pending)
		}
		if best != nil && !chosen && !slices.Contains(pending[:bestRank], true) {
			chosen = true
			c.chosen.keep(best)
		}
	}
	c.others.keep(others)
}

func (b *bench) judgeTCP() {
	if len(b.e.TCP) == 0 {
		r := (*tcpMeasured)(nil).result("tcp", Transport)
		switch {
		case len(b.noName) > 0:
			b.follows(r, Skip, "no address to connect to", b.noName)
		case !b.unfinished(r):
			b.found(r, Skip, "no address to connect to")
		}
		return
	}
	for i := range b.e.TCP {
		b.judgeConnection(&b.e.TCP[i])
	}
}

func (b *bench) judgeConnection(m *tcpMeasured) {
	r, seen := m.result("tcp", Transport), m.Seen
	addr := seen.Address.Addr()
	switch {
	case seen.Connected():
		b.judgeConnected(r, seen)
	case seen.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	case seen.Fault == nil:
		b.found(r, Skip, "not known: the report does not say what came of it")
	case len(b.blocked[addr]) > 0:
		b.follows(r, Fail, "no connection to "+seen.Address.String(), b.blocked[addr])
	case b.routeMissing(addr):
		b.found(r, Skip, fmt.Sprintf("no route to %s, %s", addr, b.consolation(addr)))
	case addr.IsLoopback() && b.reachedOtherwise(addr):
		b.found(r, Skip, fmt.Sprintf("nothing listens on %s, which another address makes up for", seen.Address))
	case b.withoutIPv6(addr) && b.reachedOtherwise(addr):
		b.found(r, Skip, fmt.Sprintf("no connection to %s, which another address makes up for: this machine has no IPv6 address "+
			"to speak of with it", addr))
	default:
		cause := b.connectCause(seen)
		if cause == nil {
			b.found(r, Fail, fmt.Sprintf("no connection to %s: %s", seen.Address, seen.Fault.Message))
			return
		}
		if dead := b.deadAddressCause(seen, cause); dead != nil {
			cause = dead
		}
		if b.reachedOtherwise(addr) {
			cause.as(SeverityWarn)
		}
		b.block(addr, cause.ID)
		b.found(r, Fail, cause.Summary, cause)
	}
}

// distrust is what is to be said of every connection where a middlebox accepts them all.
func (b *bench) distrust() string {
	if b.acceptsAll {
		return ", or to the device on the way that accepts every connection"
	}
	return ""
}

// connectCause says why a connection was not made: an ICMP error with its sender outranks the error number.
func (b *bench) connectCause(seen tcp.Result) *Cause {
	addr := seen.Address.Addr()
	if answer := b.stoppedHere(seen); answer != nil {
		return b.ruleCause(seen, answer)
	}
	if cause := b.exceededCause(seen); cause != nil {
		return cause
	}
	if cause := b.ownRSTCause(seen); cause != nil {
		return cause
	}
	if addr.Is6() && b.reachedOver(4) && !b.reachedOver(6) && b.beyondOwnSide(addr, seen) {
		return b.brokenIPv6Cause(seen)
	}
	if icmp := seen.Fault.ICMP; icmp != nil {
		if cause := b.icmpCause(addr, icmp); cause != nil {
			cause.Checks = []string{"tcp"}
			cause.Evidence = append(cause.Evidence, describeAttempt(seen))
			return b.ruleForPort(doubtTranslator(cause, seen), seen)
		}
		return nil
	}
	return b.errnoCause(seen)
}

// doubtTranslator lowers what is said of an address translator whose inner host is off: to find that out takes it seconds. An error that
// comes at once may be a rule of the host's own firewall.
func doubtTranslator(cause *Cause, seen tcp.Result) *Cause {
	icmp := seen.Fault.ICMP
	if icmp.From == seen.Address.Addr() && meaningOf(icmp) == netUnreachable && seen.Took < probes.Millis(time.Second) {
		return cause.likely("whether " + icmp.From.String() + " translates addresses: a rule of the host itself may reject with this error, too")
	}
	return cause
}

// soonUnreachable says that an error told at once that there is no way to the host. A router that has asked in vain for its link-layer
// address says so after seconds.
func soonUnreachable(seen tcp.Result) bool {
	icmp := seen.Fault.ICMP
	return icmp != nil && meaningOf(icmp) == netUnreachable && (!asTheKernelSays(icmp) || seen.Took < probes.Millis(time.Second))
}

// ruleForPort is what becomes of a router's word that there is no way to the host, where the trace of another port does not meet it: rules
// of firewalls reject a single port in the same words.
func (b *bench) ruleForPort(cause *Cause, seen tcp.Result) *Cause {
	icmp, way := seen.Fault.ICMP, b.wayTo(seen.Address)
	if !soonUnreachable(seen) || icmp.From == seen.Address.Addr() || b.ownAddress(icmp.From) || way == nil {
		return cause
	}
	for i := range b.e.Paths {
		other := &b.e.Paths[i].Seen
		switch {
		case other.Purpose != toOtherPort || other.To.Addr() != seen.Address.Addr() || other.Fault != nil || meetsSame(other, icmp):
		case other.Reached && rejectedByDevice(way) && other.LastTTL >= way.LastTTL: // no nearer, where a proxy might answer for the host
			return newCause("tcp.refused-by-middlebox", icmp.From.String(),
				fmt.Sprintf("the device %s refuses connections to %s", icmp.From, seen.Address),
				icmp.Error()+", "+b.placeOf(icmp.From, seen.Address.Addr()), describeAttempt(seen),
				fmt.Sprintf("%s does not meet that error, and the host answers: it is no missing route, but a rule", named(other))).
				restsOn("tcp", "path").
				mend("ask the owner of %s to open port %d in its rules", icmp.From, seen.Address.Port())
		default:
			return cause.restsOn("tcp", "path").likely(fmt.Sprintf("the rules of %s: %s did not meet this error, which a rule for port %d may send, too",
				icmp.From, named(other), seen.Address.Port()))
		}
	}
	return cause
}

// meetsSame says that a way ends at the same ICMP error of the same device.
func meetsSame(p *path.Result, icmp *probes.ICMP) bool {
	if !rejectedByDevice(p) {
		return false
	}
	end := p.Hops[len(p.Hops)-1].ICMP
	return end.From == icmp.From && end.Type == icmp.Type && end.Code == icmp.Code
}

// errnoCause says why a connection was not made where the error number is all there is.
func (b *bench) errnoCause(seen tcp.Result) *Cause {
	if droppedHere(seen) {
		return b.droppedHereCause(seen)
	}
	switch seen.Fault.Kind {
	case probes.Refused:
		return b.refusalCause(seen)
	case probes.Timeout:
		return b.silenceCause(seen)
	case probes.NoAddress:
		return b.portsCause(seen)
	case probes.NoRoute:
		if b.routeTo(seen.Address.Addr()).Interface == "" {
			return unroutedCause(seen)
		}
		return b.deniedCause(seen) // a rule for this port or protocol
	case probes.Unreachable:
		return b.deniedCause(seen)
	case probes.Prohibited, probes.Blackhole:
		return b.policyCause(seen)
	}
	return nil
}

func (b *bench) droppedHereCause(seen tcp.Result) *Cause {
	return newCause("tcp.local-firewall", "", "this machine itself keeps back what is sent to "+seen.Address.String(), describeAttempt(seen),
		fmt.Sprintf("the kernel's counter TCPRetransFail rose by %d meanwhile", seen.Transport.LocalFailures)).
		restsOn("tcp").likely("the rules of this machine's firewall (nft list ruleset): the counter is of the whole machine" + b.whyNoRules()).
		mend("allow the connection in this machine's firewall")
}

// refusalCause is a RST: of the target, as long as nothing shows a device on the way.
func (b *bench) refusalCause(seen tcp.Result) *Cause {
	if cause := b.refusedByDevice(seen); cause != nil {
		return cause
	}
	to := seen.Address.String()
	cause := newCause("tcp.refused", to, to+" refuses the connection", b.nothingElse(describeAttempt(seen), "no ICMP error came with it")...).
		restsOn("tcp").mend("start the service on %s, or correct the port; where it runs, look for a firewall before it that "+
		"answers with a RST", to)
	if others := b.refusedLikewise(seen.Address.Addr()); len(others) > 0 {
		cause.Evidence = append(cause.Evidence, "so does every anchor beyond the gateway: "+joined(others))
		cause.restsOn("tcp", "anchor").likely("who sends the RSTs: a firewall on the way out, as everything that was tried beyond the gateway is refused")
	}
	switch {
	case b.refusedFarAway(seen.Address):
		cause.restsOn("tcp", "path")
	case b.mayBeOwnRST(seen):
		cause.likely("the rules of this machine's own firewall (nft list ruleset): answers of its own come by the loopback interface, " +
			"which carried packets meanwhile" + b.whyNoRules())
	case b.soonerThanAnyone(seen):
		cause.likely("where the RST comes from: it came much sooner than any other answer by the same gateway, " +
			"as a firewall near us would send it")
	}
	return cause
}

func unroutedCause(seen tcp.Result) *Cause {
	to := seen.Address.Addr().String()
	return newCause("route.none", to, "this machine has no route to "+to, describeAttempt(seen)).
		restsOn("tcp").likely("the kernel's own answer for this address (ip route get)").
		mend("add a default route, repair the one that DHCP or the VPN should have set, or start the VPN")
}

// deniedCause is an error number that says that there is no way where there is a route: a policy's, where the system would have told of an
// ICMP error.
func (b *bench) deniedCause(seen tcp.Result) *Cause {
	if !b.tellsICMP() {
		return b.unreachableCause(seen)
	}
	return b.policyCause(seen)
}

func (b *bench) policyCause(seen tcp.Result) *Cause {
	return newCause("route.local-policy", seen.Address.Addr().String(),
		"this machine's own rules keep packets from "+seen.Address.String(),
		b.nothingElse(describeAttempt(seen), "no ICMP error came from the network")...).
		restsOn("tcp").likely("the kernel's own answer for this address (ip route get)").
		mend("look for unreachable, prohibit and blackhole routes, and for rules of the local firewall that reject " +
			"(ip route, ip rule, nft list ruleset)")
}

// soonerThanAnyone says that a refusal came in less than a tenth of the time of any other answer by the same gateway, where those
// take long enough for that to mean a distance, and not a busy machine.
func (b *bench) soonerThanAnyone(seen tcp.Result) bool {
	return muchSooner(seen, b.dnsSeen().Direct, func(server netip.Addr) bool { return b.sameWay(server, seen.Address.Addr()) })
}

// dnsSeen is what was learned of the name; zero where there is none.
func (b *bench) dnsSeen() dns.Result {
	if b.e.DNS == nil {
		return dns.Result{}
	}
	return b.e.DNS.Seen
}

// silenceCause blames a filter for a SYN that nothing answered: proven where something else beyond the gateway did answer, or
// where the target is on our own link and answers there.
func (b *bench) silenceCause(seen tcp.Result) *Cause {
	to := seen.Address.String()
	if cause := b.laterICMP(seen); cause != nil {
		return cause
	}
	cause := newCause("tcp.filtered", to, fmt.Sprintf("nothing answers at %s: it is dropped on the way, or by the host itself", to),
		b.nothingElse(describeAttempt(seen), "no RST and no ICMP error came back")...).restsOn("tcp").
		mend("open port %d in the firewall before %s (or of the host itself), and make sure that the host is up",
			seen.Address.Port(), seen.Address.Addr())
	if dies := b.tellWhereItDies(cause, seen.Address); dies != "" {
		cause.Summary = fmt.Sprintf("nothing answers at %s: %s", to, dies)
	}
	if way := b.wayTo(seen.Address); way != nil && way.Reached {
		if len(way.Hops) > 0 && way.Hops[len(way.Hops)-1].Outcome == path.Refused {
			return newCause("tcp.refused", to, to+" refuses the connection", describeAttempt(seen), "a SYN of the trace was answered with a RST meanwhile").
				restsOn("tcp", "path").likely("the same again: packets are lost on the way there or back, or the RSTs are limited in number").
				mend("start the service on %s, or correct the port; and look for what loses packets on the way", to)
		}
		return cause.restsOn("tcp", "path").likely("the same again: a SYN that was sent meanwhile was answered")
	}
	if b.sentOnce(seen) {
		return cause.likely("a longer wait (--timeout): no SYN was sent a second time")
	}
	if b.answersMayBeDropped(seen) {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("meanwhile %d packets came in that this machine delivered to nobody", seen.Transport.LocalDrops))
		return cause.likely("the rules of this machine's own firewall (nft list ruleset): it may drop the answers" + b.whyNoRules())
	}
	if anchor := b.anchor(seen.Address.Addr()); anchor != "" {
		cause.Evidence = append(cause.Evidence, anchor)
		return cause
	}
	if b.hostAnswers(seen.Address) {
		return cause
	}
	return cause.likely("a connection to any other host beyond the gateway: where that is silent too, the way out is broken, not this target")
}

// answersMayBeDropped says that for every SYN a packet came in which this machine dropped, and that no TCP segment of anybody else was
// delivered: its own firewall may keep the answers from us. Machines on the Internet drop what strangers send all the time.
func (b *bench) answersMayBeDropped(seen tcp.Result) bool {
	heard := func(r tcp.Result) bool { return !r.Address.Addr().IsLoopback() && b.answered(r) }
	return seen.Transport.LocalDrops > uint64(seen.Transport.Retransmits) && !b.hostAnswers(seen.Address) &&
		!slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return heard(m.Seen) }) &&
		!slices.ContainsFunc(b.anchorTries(), func(t anchorTry) bool { return heard(t.TCP) })
}

// laterICMP is the device that answered a SYN of the trace with an ICMP error, where nothing answered those of the connection: devices
// send so many a second, and a router that asks in vain for the target's link-layer address says so after seconds. It is nil where none did.
func (b *bench) laterICMP(seen tcp.Result) *Cause {
	way := b.wayTo(seen.Address)
	if way == nil || len(way.Hops) == 0 {
		return nil
	}
	icmp := way.Hops[len(way.Hops)-1].ICMP
	if icmp == nil || meaningOf(icmp) == timeExceeded || b.ownAddress(icmp.From) {
		return nil
	}
	cause := b.icmpCause(seen.Address.Addr(), icmp)
	if cause == nil {
		return nil
	}
	cause.Evidence = append(cause.Evidence, describeAttempt(seen))
	return cause.restsOn("tcp", "path")
}

// brokenIPv6Cause blames the target's IPv6 where its IPv4 works. An answer from beyond our own network proves that our own
// IPv6 is well; silence alone does not.
func (b *bench) brokenIPv6Cause(seen tcp.Result) *Cause {
	to := seen.Address.String()
	cause := newCause("ip6.target-broken", to,
		fmt.Sprintf("the target's IPv6 address %s does not work; its IPv4 address does", seen.Address.Addr()),
		describeAttempt(seen), "the same port answers over IPv4").restsOn("tcp").as(SeverityWarn).
		mend("make the service listen on %s and open its IPv6 firewall, or take the AAAA record away", seen.Address.Addr())
	if icmp := seen.Fault.ICMP; icmp != nil {
		cause.Where = icmp.From.String()
	}
	if seen.Fault.Of(probes.Timeout) {
		b.tellWhereItDies(cause, seen.Address)
	}
	if seen.Fault.Of(probes.Timeout) && b.anchor(seen.Address.Addr()) == "" && !b.hostAnswers(seen.Address) {
		cause.likely("a connection to any other host over IPv6: where that fails too, this machine's own IPv6 is broken")
	}
	return cause
}

func describeAttempt(seen tcp.Result) string {
	fault := seen.Fault
	switch {
	case fault.ICMP != nil:
		return fmt.Sprintf("SYN to %s: %s after %s", seen.Address, fault.ICMP.Error(), seen.Took)
	case fault.Of(probes.Timeout) && seen.Transport.Retransmits > 0:
		return fmt.Sprintf("SYN to %s: nothing came back within %s, and it was sent %d times",
			seen.Address, seen.Took, seen.Transport.Retransmits+1)
	case fault.Of(probes.Timeout):
		return fmt.Sprintf("SYN to %s: nothing came back within %s", seen.Address, seen.Took)
	case fault.Of(probes.Refused) && len(seen.Before) > 0:
		return fmt.Sprintf("SYN to %s: RST after %s, and to each of the %d before", seen.Address, seen.Took, len(seen.Before))
	case fault.Of(probes.Refused):
		return fmt.Sprintf("SYN to %s: RST after %s", seen.Address, seen.Took)
	}
	return fmt.Sprintf("SYN to %s: %s after %s", seen.Address, fault.Message, seen.Took)
}

// meaning is what a destination-unreachable error says (RFC 792, RFC 1122 §3.2.2.1, RFC 1812 §5.2.7.1; RFC 4443 §3.1).
type meaning int

const (
	otherError      meaning = iota
	netUnreachable          // no route, or the host does not answer on its link
	portUnreachable         // nothing listens there, as a device says
	prohibited              // a rule forbids it
	timeExceeded            // the packet went round in a circle (RFC 792, RFC 4443 §3.3)
)

func meaningOf(icmp *probes.ICMP) meaning {
	v4 := map[[2]uint8]meaning{
		{3, 0}: netUnreachable, {3, 1}: netUnreachable, {3, 5}: netUnreachable, {3, 6}: netUnreachable, {3, 7}: netUnreachable,
		{3, 2}: portUnreachable, {3, 3}: portUnreachable,
		{3, 9}: prohibited, {3, 10}: prohibited, {3, 13}: prohibited,
		{11, 0}: timeExceeded,
	}
	v6 := map[[2]uint8]meaning{
		{1, 0}: netUnreachable, {1, 2}: netUnreachable, {1, 3}: netUnreachable,
		{1, 4}: portUnreachable,
		{1, 1}: prohibited, {1, 5}: prohibited, {1, 6}: prohibited,
		{3, 0}: timeExceeded,
	}
	if icmp.From.Is6() {
		return v6[[2]uint8{icmp.Type, icmp.Code}]
	}
	return v4[[2]uint8{icmp.Type, icmp.Code}]
}

func isPortUnreachable(icmp *probes.ICMP) bool { return meaningOf(icmp) == portUnreachable }

// icmpCause names the device that said no: ourselves, the target, or a device between. It is nil for an error that says
// something else.
func (b *bench) icmpCause(to netip.Addr, icmp *probes.ICMP) *Cause {
	said := icmp.Error()
	from := icmp.From.String()
	means := meaningOf(icmp)
	switch {
	case means == otherError:
		return nil
	case b.ownAddress(icmp.From) && means == netUnreachable && !b.rejectedHere(to, icmp):
		return newCause("route.gateway-unreachable", "", fmt.Sprintf("the next hop to %s does not answer", to),
			said+", which is this machine itself").
			likely("the neighbour entry of the next hop (ip neighbour)").
			mend("check the gateway's address in this machine's configuration, then the cable, the VLAN, or the wireless network's client isolation")
	case b.ownAddress(icmp.From) && means != timeExceeded:
		return b.ownRejectCause(to, icmp)
	case icmp.From == to && (means == portUnreachable || means == prohibited):
		return newCause("tcp.rejected-by-host", from, fmt.Sprintf("the firewall of %s itself refuses the connection", to),
			said+", which is the target itself, or the device that bears its address").
			mend("open the port in the firewall of the host %s; where an address translator bears its address, there too", to)
	case icmp.From == to && means == netUnreachable:
		return newCause("route.unreachable-remote", from, fmt.Sprintf("%s is reached, and what stands behind it is not", to),
			said+": an address translator that bears the target's address").
			mend("switch on the host behind %s, or correct the forwarding to it", to)
	}
	switch means {
	case portUnreachable:
		return newCause("tcp.refused-by-middlebox", from, fmt.Sprintf("the device %s refuses connections to %s", from, to),
			said+", "+b.placeOf(icmp.From, to)).
			mend("ask the owner of %s to open the port in its rules", from)
	case prohibited:
		return newCause("route.admin-prohibited", from, fmt.Sprintf("the device %s forbids traffic to %s", from, to),
			said+", "+b.placeOf(icmp.From, to)).
			mend("ask the owner of %s for the rule that forbids it", from)
	case timeExceeded:
		return newCause("route.loop", from, fmt.Sprintf("packets to %s go round in a circle at %s", to, from), said).
			likely("the routers on the way (traceroute): the same ones again and again").
			mend("repair the routing between %s and its neighbours", from)
	}
	return newCause("route.unreachable-remote", from, fmt.Sprintf("the router %s cannot reach %s", from, to),
		said+", "+b.placeOf(icmp.From, to)).
		mend("report it to the operator of %s: the host %s is down, or its address or a route to it is wrong", from, to)
}

// ownRejectCause is an ICMP error that a rule of this machine's own sends.
func (b *bench) ownRejectCause(to netip.Addr, icmp *probes.ICMP) *Cause {
	cause := newCause("tcp.local-firewall", icmp.From.String(), "this machine's own firewall refuses the connection to "+to.String(),
		icmp.Error()+", which is this machine itself").
		mend("allow the connection in this machine's firewall (nft list ruleset)")
	if !asTheKernelSays(icmp) {
		return cause
	}
	hop, _ := b.neighbourOn(b.routeTo(to))
	switch {
	case hop.HardwareAddress != "":
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("the next hop %s on %s is there (%s): it is not the kernel that misses it",
			hop.Address, hop.Interface, hop.State))
		return cause.restsOn("gateway")
	case hop.State == "none":
		cause.likely("the rules of this machine's firewall (nft list ruleset): the kernel has not asked for the next hop, and would say the same" +
			b.whyNoRules())
	}
	return cause
}

// rejectedHere says that an error of this machine's own, which says that a network or a host is unreachable, is a rule's: its firewall
// rejects in these words, too. The kernel says so only where it has asked in vain for the link-layer address of the next hop.
func (b *bench) rejectedHere(to netip.Addr, icmp *probes.ICMP) bool {
	hop, known := b.neighbourOn(b.routeTo(to))
	return !asTheKernelSays(icmp) || known && !hop.Failed()
}

// asTheKernelSays says that an ICMP error is what the kernel tells its own sockets where a neighbour does not answer: host unreachable
// (RFC 792), or address unreachable (RFC 4861 §7.2.2).
func asTheKernelSays(icmp *probes.ICMP) bool {
	return icmp.From.Is4() && icmp.Type == 3 && icmp.Code == 1 || icmp.From.Is6() && icmp.Type == 1 && icmp.Code == 3
}

// neighbourOn is the next hop of a route, where it is on a link on which neighbours have link-layer addresses, and its state could be read.
func (b *bench) neighbourOn(way route.Result) (hop route.Neighbour, known bool) {
	if i, _ := b.linkNamed(way.Interface); i.HardwareAddress == "" || !way.NextHop().IsValid() { // a tunnel has none
		return hop, false
	}
	for _, m := range b.e.Gateways {
		if m.Seen.Address == way.NextHop() && m.Seen.Interface == way.Interface {
			return m.Seen, m.Seen.Fault == nil
		}
	}
	return hop, false
}

// withoutIPv6 says that this machine has no address of its own from which it could speak with a global IPv6 address: every
// system prefers IPv4 then (RFC 6724 §5), and nobody misses IPv6.
func (b *bench) withoutIPv6(to netip.Addr) bool {
	source := b.routeTo(to).Source
	return to.Is6() && !isPrivate(to) && (!source.IsValid() || isPrivate(source) || source.IsLoopback())
}

// beyondOwnSide says that a fault is the target's or of its surroundings, as far as can be seen: its own answer; an error of a
// device beyond the first router, where something else by that router was reached; or silence.
func (b *bench) beyondOwnSide(to netip.Addr, seen tcp.Result) bool {
	fault := seen.Fault
	if droppedHere(seen) || b.mayBeOwnRST(seen) {
		return false
	}
	if fault.ICMP == nil {
		return fault.Of(probes.Timeout) || fault.Of(probes.Refused) || fault.Of(probes.Reset)
	}
	return fault.ICMP.From == to || !b.fromOwnSide(to, fault) && b.anchor(to) != ""
}

// droppedHere says that the kernel could not send SYNs again while nothing came back: this machine's own rules drop them.
func droppedHere(seen tcp.Result) bool {
	return seen.Fault.Of(probes.Timeout) && seen.Transport.LocalFailures > 0
}

// fromOwnSide says that a fault arose before anything left our own network: on this machine, or at the first router.
func (b *bench) fromOwnSide(to netip.Addr, fault *probes.Fault) bool {
	if fault.ICMP != nil {
		return b.ownAddress(fault.ICMP.From) || b.isFirstHop(fault.ICMP.From, to)
	}
	return !fault.Of(probes.Timeout) && !fault.Of(probes.Refused) && !fault.Of(probes.Reset)
}

func (b *bench) ownAddress(addr netip.Addr) bool {
	if slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool { return m.Seen.Source == addr }) {
		return true
	}
	links := seen(b.e.Link)
	return links != nil && slices.ContainsFunc(links.Interfaces, func(i link.Interface) bool {
		return slices.ContainsFunc(i.Addresses, func(a link.Address) bool { return a.Addr() == addr })
	})
}

// isFirstHop says that a device is the next hop on the way to an address.
func (b *bench) isFirstHop(device, to netip.Addr) bool {
	hop := b.routeTo(to).NextHop()
	return hop.IsValid() && device.WithZone("") == hop.WithZone("")
}

func (b *bench) routeMissing(to netip.Addr) bool {
	return slices.ContainsFunc(b.e.Routes, func(m routeMeasured) bool {
		return m.Seen.Destination == to && m.Seen.Fault.Of(probes.NoRoute)
	})
}

// reachedOtherwise says that an address of the target other than these accepted a connection.
func (b *bench) reachedOtherwise(but ...netip.Addr) bool {
	return slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool {
		return m.Seen.Connected() && !slices.Contains(but, m.Seen.Address.Addr())
	})
}

// reachedOver says that an address of the family accepted a connection.
func (b *bench) reachedOver(family int) bool {
	return slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool {
		return m.Seen.Connected() && familyOf(m.Seen.Address.Addr()) == family
	})
}

// lost says that a destination mattered and was not reached.
func (b *bench) lost(to netip.Addr) bool {
	for _, m := range b.e.TCP {
		if m.Seen.Address.Addr() == to {
			return !m.Seen.Connected()
		}
	}
	if b.e.Target == nil {
		return b.unheard(to)
	}
	if slices.Contains(b.targetAddresses(), to) {
		return true // nothing was tried that could have come through
	}
	return seen(b.e.DNS) != nil && len(b.targetAddresses()) == 0 && !b.anythingAnswered() &&
		slices.ContainsFunc(b.decisiveRoutes(), func(m routeMeasured) bool { return m.Seen.Destination == to })
}

// anchor is the evidence that our own way out works, for an address that is silent: another address of the target, a resolver or an
// anchor beyond the gateway answered, or the target itself does on our own link.
func (b *bench) anchor(silent netip.Addr) string {
	if b.neighbourAnswers(silent) {
		return fmt.Sprintf("%s itself is on our own network and answers there at the link layer", silent)
	}
	for _, m := range b.e.TCP {
		if addr := m.Seen.Address.Addr(); addr != silent && b.answered(m.Seen) && b.sameWay(addr, silent) {
			return fmt.Sprintf("another address of the target answered: %s", m.Seen.Address)
		}
	}
	for _, server := range b.answeringResolvers() {
		if b.sameWay(server, silent) {
			return fmt.Sprintf("the resolver %s, which is reached by the same gateway, answered", server)
		}
	}
	return b.reachedAnchor(silent)
}

// sameWay says that two addresses are reached by the same gateway on the same interface: an answer from the one speaks for the
// way to the other as far as this machine can see it.
func (b *bench) sameWay(x, y netip.Addr) bool {
	to, from := b.routeTo(x), b.routeTo(y)
	return to.Gateway.IsValid() && familyOf(x) == familyOf(y) && to.Gateway == from.Gateway && to.Interface == from.Interface
}

// routeTo is the kernel's route to an address; zero where none was looked up.
func (b *bench) routeTo(addr netip.Addr) route.Result {
	for _, m := range b.e.Routes {
		if m.Seen.Destination == addr {
			return m.Seen
		}
	}
	for _, try := range b.anchorTries() {
		if try.Route.Destination == addr {
			return try.Route
		}
	}
	return route.Result{}
}

// answered says that an attempt was accepted or refused, and not by our own side of the network nor by what accepts everything.
func (b *bench) answered(seen tcp.Result) bool {
	return seen.Connected() && !b.acceptsAll || seen.Fault.Of(probes.Refused) && !b.fromOwnSide(seen.Address.Addr(), seen.Fault) &&
		!b.mayBeOwnRST(seen)
}

// linkNamed is the interface of a name; ok is false where none was seen.
func (b *bench) linkNamed(name string) (i link.Interface, ok bool) {
	return seen(b.e.Link).ByName(name)
}
