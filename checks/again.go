package checks

import (
	"context"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/tcp"
)

const (
	// mostRefusals is how often an address may refuse before that is believed: where several servers stand behind it by turns, one of
	// them may be dead.
	mostRefusals = 4
	// afterRefusals is how many further attempts see whether an address that refused, and accepts now, refuses again.
	afterRefusals = 3
	// smallGroups is how many groups of smallGroup connections are made where segments may have been lost, one group after the other: what
	// ails a path for a moment is not to meet all of them. With the first connection there are 13 at the server, of 16 that it may cost.
	smallGroups, smallGroup = 3, 4
)

// reach connects to an address, once more where it refuses: at once, so that a service that starts meanwhile is seldom met.
func (c *Climb) reach(ctx context.Context, to netip.AddrPort) (tcp.Result, net.Conn) {
	result, conn := tcp.Dial(ctx, c.Options.Host, to, c.Options.Timeout)
	if !turnedAway(result.Fault) {
		return result, conn
	}
	if result.Took <= soonAsOwn { // one address at a time, so that what the loopback counts is of this one
		c.refusing.Lock()
		defer c.refusing.Unlock()
	}
	looped := probes.LoopedBack()
	var before []tcp.Attempt
	for turnedAway(result.Fault) && len(before)+1 < mostRefusals {
		before = append(before, tcp.AttemptOf(result))
		result, conn = tcp.Dial(ctx, c.Options.Host, to, c.Options.Timeout)
	}
	result.Before = before
	if turnedAway(result.Fault) {
		result.Looped = probes.LoopedBack() - looped
	}
	return result, conn
}

// turnedAway says that a RST answered the SYN.
func turnedAway(fault *probes.Fault) bool { return fault.Of(probes.Refused) && fault.ICMP == nil }

// furtherTries are the further connections that doubts gave reason for, and what was learned of the paths, by address.
type furtherTries struct {
	mutex    sync.Mutex
	attempts map[netip.AddrPort][]tcp.Attempt
	mtu      map[netip.AddrPort]uint32 // what the kernel was told of the paths meanwhile
}

// begin says whether the caller is the first to try that address again.
func (a *furtherTries) begin(to netip.AddrPort) bool {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	_, begun := a.attempts[to]
	if !begun {
		a.attempts[to] = nil
	}
	return !begun
}

func (a *furtherTries) keep(to netip.AddrPort, attempts []tcp.Attempt) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.attempts[to] = attempts
}

func (a *furtherTries) learn(of netip.AddrPort, mtu uint32) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.mtu[of] = mtu
}

// tellOf adds to results of the addresses what was learned of them since.
func (a *furtherTries) tellOf(results []tcpMeasured) {
	for i := range results {
		seen := &results[i].Seen
		seen.Again = append(seen.Again, a.attempts[seen.Address]...)
		seen.LearnedMTU = a.mtu[seen.Address]
	}
}

// tryAgain connects again where there is reason to: it was refused before, or a packet of ours had to be sent again, its SYN or a question
// to a resolver that did answer then. Over FTP,
// where each connection is dear, the commands of a dialogue are small exchanges enough; over TLS, the handshake comes first.
func (c *Climb) tryAgain(ctx context.Context, result tcp.Result) {
	switch {
	case !result.Connected():
	case len(result.Before) > 0:
		c.seeWhetherItRefuses(ctx, result.Address)
	case speaksFTP(c.Target), speaksTLS(c.Target):
	case result.Transport.Retransmits > 0, c.askedTwice(ctx):
		c.exchangeAgain(ctx, result.Address, result.Transport)
	}
}

// askedTwice says that a resolver answered, beyond this machine, and only when it was asked once more: the question or the answer may have
// been lost where the target's packets come by as well.
func (c *Climb) askedTwice(ctx context.Context) bool {
	if _, ok := c.resolved.wait(ctx); !ok || c.evidence.DNS == nil {
		return false
	}
	return slices.ContainsFunc(c.evidence.DNS.Seen.Direct, func(a dns.Answer) bool {
		return a.Attempts > 1 && a.Code != "" && a.Transport == "udp" && !a.Server.Addr().IsLoopback()
	})
}

// seeWhetherItRefuses connects, once after the other, until it is refused.
func (c *Climb) seeWhetherItRefuses(ctx context.Context, to netip.AddrPort) {
	if !c.again.begin(to) {
		return
	}
	var attempts []tcp.Attempt
	for range afterRefusals {
		attempts = append(attempts, tcp.Try(ctx, c.Options.Host, to, c.Options.Timeout, 1)...)
		if turnedAway(attempts[len(attempts)-1].Fault) {
			break
		}
	}
	c.again.keep(to, attempts)
}

// exchangeAgain makes small exchanges with an address: connections that are closed as soon as they are made. The kernel
// counts which of them it had to begin anew. Where the first connection shows a way so long that the kernel sends every SYN twice, that
// would tell nothing; and where one is never made, there may be a limit that further ones only feed.
func (c *Climb) exchangeAgain(ctx context.Context, to netip.AddrPort, first probes.Transport) {
	if first.MinRTT > 0 && !isShort(first) || !c.again.begin(to) {
		return
	}
	var attempts []tcp.Attempt
	for range smallGroups {
		attempts = append(attempts, tcp.Try(ctx, c.Options.Host, to, c.Options.Timeout, smallGroup)...)
		if slices.ContainsFunc(attempts, func(a tcp.Attempt) bool { return a.Fault != nil }) {
			break
		}
	}
	c.again.keep(to, attempts)
}

// lookBack looks at what a handshake that went well has cost: a segment that was lost, or round trips of times that differ much, give
// reason for further connections. That a large packet did not fit, and the kernel was told so, does not.
func (v *visit) lookBack(ctx context.Context, trying *sync.WaitGroup) {
	now := probes.TransportOf(v.conn)
	switch {
	case now.PathMTU < v.began.PathMTU:
		v.again.learn(v.peer, now.PathMTU)
	case now.Retransmits > 0, now.OutOfOrder > 0, unsteady(now), v.askedTwice(ctx):
		trying.Go(func() { v.exchangeAgain(ctx, v.peer, now) })
	}
}

// unsteady says that round-trip times differ so much that it may be the path, and not how a peer delays its acknowledgements: by half
// a second at the most (RFC 1122 §4.2.3.2), and by 200 ms at the most as systems do it.
func unsteady(t probes.Transport) bool {
	const much = probes.Millis(50 * time.Millisecond)
	return t.RTTVar > much && (t.RTTVar > t.RTT/2 || t.RTT > 2*t.MinRTT)
}
