package checks

import (
	"context"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// What a traced way leads to. The data port and the control port are FTP's.
const (
	toTargetPort   = "target port"
	toOtherPort    = "other port"    // of the target's host, to compare with
	toOtherAddress = "other address" // of the target, which accepts connections
	toDataPort     = "data port"
	toControlPort  = "control port"
)

type pathMeasured = Measured[path.Result]

// dialed is an attempt at an address of the target, under way or settled.
type dialed struct {
	to      netip.AddrPort
	settled *promise[tcp.Result]
}

func dialing(addresses []netip.Addr, port uint16) []dialed {
	all := make([]dialed, len(addresses))
	for i, address := range addresses {
		all[i] = dialed{netip.AddrPortFrom(address, port), newPromise[tcp.Result]()}
	}
	return all
}

// question is why a way is worth a trace; a greater one comes first.
type question int

const (
	noQuestion  question = iota
	wanted               // by the user, of a way on which all is well
	whySlow              // a SYN was lost, or the answer took longer than a second
	whoRefuses           // a RST that may be another's than the target's
	whereItIs            // the device that sent an ICMP error
	whereItDies          // nothing came back
)

// tracePaths finds out how far SYNs to the target's port come, where a connection leaves a question: to one address of each family.
// It begins while a connection is still being waited for.
func tracePaths(ctx context.Context, c *Climb) {
	all, _ := c.dialed.wait(ctx)
	ways := make([][]pathMeasured, 2)
	var tracing sync.WaitGroup
	for i, family := range []int{4, 6} {
		ofFamily := slices.DeleteFunc(slices.Clone(all), func(d dialed) bool { return familyOf(d.to.Addr()) != family })
		tracing.Go(func() { ways[i] = c.traceFamily(ctx, ofFamily) })
	}
	tracing.Wait()
	c.keepPaths(slices.Concat(ways...))
}

// keepPaths keeps the ways that were traced, those to the target's own port first.
func (c *Climb) keepPaths(ways []pathMeasured) {
	c.tracing.Lock()
	defer c.tracing.Unlock()
	toTarget := func(m pathMeasured) bool { return m.Seen.Purpose == toTargetPort }
	if slices.ContainsFunc(ways, toTarget) {
		ways = append(ways, c.evidence.Paths...)
	} else {
		ways = append(slices.Clip(c.evidence.Paths), ways...)
	}
	c.evidence.Paths = ways
}

// traceFamily traces the way to the address that leaves the greatest question, if any does.
func (c *Climb) traceFamily(ctx context.Context, all []dialed) []pathMeasured {
	d, why := c.mostQuestionable(ctx, all)
	if why == noQuestion {
		return nil
	}
	o, limit := c.wayTo(d, toTargetPort, tries), traceTime
	if why == whySlow { // nobody asked for a look at a port that works: it is to see one connection of it
		o.OneByOne, limit = true, traceTime/2
	}
	limited, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	var others []pathMeasured
	var comparing sync.WaitGroup
	if why == whereItDies || why == whoRefuses {
		comparing.Go(func() { others = c.traceOthers(limited, d, all, why) })
	}
	if why == whereItIs && saysUnreachable(d) { // first, as devices send so many such errors a second, and this one tells more
		others = c.traceOthers(limited, d, all, why)
	}
	way := c.traceWay(limited, o)
	comparing.Wait()
	return append([]pathMeasured{way}, others...)
}

// saysUnreachable says that an attempt met an error that may be a rule's for this port, as likely as a router's that knows no way: it
// came too soon for one that had asked in vain for the host's link-layer address.
func saysUnreachable(d dialed) bool {
	seen, settled := d.settled.now()
	return settled && soonUnreachable(seen)
}

const (
	tries      = 3
	pace       = 20 * time.Millisecond // 50 packets a second
	gentlePace = 40 * time.Millisecond // where a port may be open: fewer connections reach it before we know
	longPace   = 100 * time.Millisecond
	// leastWait and mostWait bound the wait for a hop where no round trip is known to take longer: less is too little for a long way, and
	// with more the kernel would send the SYN twice, so that nobody knew which was answered.
	leastWait = 600 * time.Millisecond
	mostWait  = 950 * time.Millisecond
)

// wayTo is how the way to an address is traced. Where the connection is still being waited for, the trace is to be over by the end of
// that wait; where it was answered, a few round trips are enough.
func (c *Climb) wayTo(d dialed, purpose string, tries int) path.Options {
	o := path.Options{Host: c.Options.Host, To: d.to, Purpose: purpose, Tries: tries, Pace: pace}
	left := c.Options.Timeout - probes.Doubt(0) - secondSYN - path.MaxTTL*pace
	o.Wait = min(max(left/time.Duration(max(tries, 1)), leastWait), mostWait)
	if rtt, ok := d.roundTrip(); ok {
		o.Pace = min(max(rtt, pace), longPace)
		o.Wait = max(min(3*rtt, mostWait), leastWait, rtt*3/2)
	}
	o.Wait = max(o.Wait, c.resolverRoundTrip()*3/2)
	return o
}

// resolverRoundTrip is the shortest time in which a resolver beyond this machine has answered; 0 where none is known to have yet.
func (c *Climb) resolverRoundTrip() time.Duration {
	if _, ok := c.resolved.now(); !ok || c.evidence.DNS == nil {
		return 0
	}
	return time.Duration(fastestAnswer(c.evidence.DNS.Seen.Direct, beyondThisMachine))
}

// roundTrip is the time in which an address answered; ok is false where it has not, or where a SYN was sent twice and the kernel does
// not tell.
func (d dialed) roundTrip() (rtt time.Duration, ok bool) {
	seen, settled := d.settled.now()
	if settled && seen.Connected() && seen.Transport.MinRTT > 0 {
		return time.Duration(seen.Transport.MinRTT), true
	}
	if !settled || seen.Transport.Retransmits > 0 || seen.Fault != nil && !seen.Fault.Of(probes.Refused) {
		return 0, false
	}
	return time.Duration(seen.Took), true
}

func (c *Climb) traceWay(ctx context.Context, o path.Options) pathMeasured {
	return *measure(ctx, c, o.To.Addr().String(), func() path.Result { return path.Trace(ctx, o) })
}

// traceOthers traces ways to compare with: to another port of the same host, and, where that tells nothing, to another address of the
// target that accepts connections. A way that this system does not tell is none.
func (c *Climb) traceOthers(ctx context.Context, d dialed, all []dialed, why question) (ways []pathMeasured) {
	n := 1
	if why == whoRefuses {
		n = tries
	}
	o := c.wayTo(d, toOtherPort, n)
	o.To, o.Pace = netip.AddrPortFrom(d.to.Addr(), comparedPort(d.to.Port())), max(o.Pace, gentlePace)
	way := c.traceWay(ctx, o)
	if way.Seen.Fault.Of(probes.Unsupported) {
		return nil
	}
	ways = append(ways, way)
	answering := slices.IndexFunc(all, func(other dialed) bool {
		seen, settled := other.settled.now()
		return settled && seen.Connected()
	})
	if !way.Seen.Reached && answering >= 0 {
		ways = append(ways, c.traceWay(ctx, c.wayTo(all[answering], toOtherAddress, 1)))
	}
	return ways
}

// comparedPort is another port, one that firewalls let pass most often.
func comparedPort(port uint16) uint16 {
	if port == portHTTPS {
		return schemes["http"]
	}
	return portHTTPS
}

// mostQuestionable is the attempt that leaves the greatest question, among equals the first. It waits for them no longer than until
// silence is doubtful, and the kernel has sent the SYN a second time: the first may just be lost.
func (c *Climb) mostQuestionable(ctx context.Context, all []dialed) (most dialed, why question) {
	doubtful, cancel := context.WithTimeout(ctx, probes.Doubt(0)+secondSYN)
	defer cancel()
	for _, d := range all {
		seen, settled := d.settled.wait(doubtful)
		q := whereItDies
		if settled {
			q = c.questionOf(ctx, seen)
		}
		if ctx.Err() == nil && q > why {
			most, why = d, q
		}
	}
	return most, why
}

// questionOf is what a settled attempt leaves open.
func (c *Climb) questionOf(ctx context.Context, seen tcp.Result) question {
	least := noQuestion
	if c.Options.TracePath {
		least = wanted
	}
	switch fault := seen.Fault; {
	case fault.Of(probes.Interrupted):
		return noQuestion
	case seen.Connected() && !isLong(seen.Transport) && (seen.Transport.Retransmits > 0 || seen.Took > probes.Millis(probes.Doubt(0))):
		return whySlow
	case fault == nil:
		return least
	case fault.ICMP != nil:
		if c.isDevice(ctx, seen) {
			return whereItIs
		}
	case fault.Of(probes.Timeout) && !droppedHere(seen):
		return whereItDies
	case fault.Of(probes.Refused) && (c.Options.TracePath || c.refusedSoon(ctx, seen)):
		return whoRefuses
	}
	return noQuestion
}

// isDevice says that an ICMP error came neither from the target nor from this machine.
func (c *Climb) isDevice(ctx context.Context, seen tcp.Result) bool {
	routes, _ := c.routed.wait(ctx)
	from := seen.Fault.ICMP.From
	return from != seen.Address.Addr() && !slices.ContainsFunc(routes, func(r route.Result) bool { return r.Source == from })
}

// refusedSoon says that a RST came much sooner than the answers of resolvers beyond this machine.
func (c *Climb) refusedSoon(ctx context.Context, seen tcp.Result) bool {
	if _, ok := c.resolved.wait(ctx); !ok || c.evidence.DNS == nil {
		return false
	}
	return muchSooner(seen, c.evidence.DNS.Seen.Direct, beyondThisMachine)
}

// muchSooner says that a refusal came in less than a tenth of the time of any answer that counts, where those take long enough for
// that to mean a distance, and not a busy machine.
func muchSooner(seen tcp.Result, answers []dns.Answer, counts func(netip.Addr) bool) bool {
	fastest := fastestAnswer(answers, counts)
	return fastest > probes.Millis(50*time.Millisecond) && seen.Took*10 < fastest
}

func beyondThisMachine(server netip.Addr) bool { return !server.IsLoopback() }

// fastestAnswer is the shortest time in which one of the servers that count answered; 0 where none did.
func fastestAnswer(answers []dns.Answer, counts func(netip.Addr) bool) (fastest probes.Millis) {
	for _, answer := range answers {
		if answer.Code != "" && counts(answer.Server.Addr()) && (fastest == 0 || answer.Took < fastest) {
			fastest = answer.Took
		}
	}
	return fastest
}
