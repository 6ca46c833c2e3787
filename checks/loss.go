package checks

import (
	"cmp"
	"fmt"
	"math"
	"net/netip"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/tcp"
)

const (
	// ordinaryLoss is the chance that a small exchange, a packet there and one back, loses either on a line that loses one packet in a
	// hundred both ways. Nobody is to hear of that.
	ordinaryLoss = 0.02
	// byChance is how seldom as much loss as was seen may be met by chance on such a line, for the line to be called worse. With it, 3 of
	// 13 exchanges are enough (0.20 %), 4 of 24 (0.12 %), and 5 of 40 (0.12 %); never fewer than leastLost. A first SYN that was lost and 12
	// further connections come to that in 7 of 10 cases where one packet in ten is lost each way, and in 19 of 20 where one in five is.
	byChance  = 0.002
	leastLost = 3
	// firstWait is how long the kernel waits before it sends a SYN again (RFC 6298 §2.1). Where a round trip takes about as long, one that
	// was sent again was not lost.
	firstWait = probes.Millis(time.Second)
)

// exchanges are small ones with an address, all of packets that fit through any path: how many came to their end, how many of those had
// to be begun anew since a packet was lost, and how many never came to their end. The last tell of a limit sooner than of loss, which would
// have to take every SYN of several.
type exchanges struct{ made, resent, unanswered int }

// connections are the exchanges that connections to an address begin with. Where no round trip was seen to take less time than the kernel
// waits for one, they tell nothing: a SYN may have been sent again in vain. A single one may have taken long because the SYN-ACK was lost,
// and sent again.
func (b *bench) connections(seen tcp.Result) (x exchanges) {
	far := true
	for _, session := range b.sessions(seen.Address) {
		far = far && !isShort(session.Transport)
	}
	for _, a := range append([]tcp.Attempt{tcp.AttemptOf(seen)}, seen.Again...) {
		far = far && !isShort(a.Transport)
		if a.Fault != nil && !a.Fault.Of(probes.Timeout) {
			continue
		}
		if a.Fault != nil {
			x.unanswered++
			continue
		}
		x.made++
		if a.Transport.Retransmits > 0 {
			x.resent++
		}
	}
	if far {
		return exchanges{}
	}
	return x
}

// isShort says that a round trip was seen to take less time than the kernel waits for one.
func isShort(t probes.Transport) bool { return t.MinRTT > 0 && t.MinRTT < firstWait*9/10 }

// isLong says that even the shortest round trip took about as long as the kernel waits for one: that explains a SYN that was sent again.
func isLong(t probes.Transport) bool { return t.MinRTT > 0 && !isShort(t) }

// commands are the exchanges of the FTP dialogues with an address.
func (b *bench) commands(with netip.AddrPort) (x exchanges) {
	for _, session := range b.sessions(with) {
		x.made += session.Exchanges
		x.resent += session.Resent
	}
	return x
}

// sessions are the FTP dialogues with an address.
func (b *bench) sessions(with netip.AddrPort) (all []ftp.Session) {
	for _, s := range b.e.services() {
		if s.Control != nil && s.Control.Seen.Peer == with {
			all = append(all, s.Control.Seen.Sessions...)
		}
	}
	return all
}

// lossyCause is a way on which small packets are lost, more of them than chance explains on a line that is well; nil for any other.
func (b *bench) lossyCause(seen tcp.Result) *Cause {
	syns, said := b.connections(seen), b.commands(seen.Address)
	made, resent := syns.made+said.made, syns.resent+said.resent
	if resent < leastLost || chance(made, resent, ordinaryLoss) > byChance {
		return nil
	}
	to := seen.Address.String()
	cause := newCause("path.lossy", to, "packets are lost on the way to "+to+" or back, small ones as well").restsOn("tcp").
		mend("look for what loses packets on the way: the radio of a wireless network, the duplex and the cable of an interface, a line that is full " +
			"(ping for a minute, to the gateway first and then beyond it)")
	switch {
	case syns.made == 1 && syns.resent == 1:
		cause.Evidence = append(cause.Evidence, "the SYN of the connection had to be sent again")
	case syns.made > 1:
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("of %d connections, %d began with a SYN that had to be sent again", syns.made, syns.resent))
	}
	if said.made > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("of %d FTP replies, %d came only after a segment had been sent again", said.made, said.resent))
		cause.Checks = append(cause.Checks, "ftp.control")
	}
	if syns.unanswered > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d of the connections were never made", syns.unanswered))
	} else {
		cause.Evidence = append(cause.Evidence, "each of them came to its end when it was sent again: size does not matter")
	}
	if said.resent == 0 || syns.unanswered > 0 {
		return cause.likely("connections one at a time, some seconds apart: what limits new connections, or drops every first SYN to ward off floods, " +
			"takes SYNs, too")
	}
	return cause
}

// chance is how likely at least k of n are what each is with probability p.
func chance(n, k int, p float64) (sum float64) {
	for i := k; i <= n; i++ {
		sum += math.Exp(choose(n, i) + float64(i)*math.Log(p) + float64(n-i)*math.Log1p(-p))
	}
	return sum
}

// choose is the logarithm of the number of ways to choose k of n.
func choose(n, k int) float64 {
	factorial := func(n int) float64 {
		log, _ := math.Lgamma(float64(n) + 1)
		return log
	}
	return factorial(n) - factorial(k) - factorial(n-k)
}

// How much the times of round trips must differ to be worth a word: the slowest is so many times the fastest, and so much more. Less than
// that is how systems delay acknowledgements, or how this machine is busy.
const (
	manyTimes  = 3
	muchLonger = probes.Millis(200 * time.Millisecond)
	fewest     = 8 // exchanges
)

// slowCause is a way whose round trips take times that differ much; nil for any other. One that is long and steady is well.
func (b *bench) slowCause(seen tcp.Result) *Cause {
	evidence, dialogue := unsteadyHandshakes(seen), b.unsteadyDialogue(seen.Address)
	if evidence == "" && dialogue == "" {
		return nil
	}
	to := seen.Address.String()
	cause := newCause("path.slow", to, "round trips to "+to+" take times that differ much", cmp.Or(evidence, dialogue)).restsOn("tcp").
		mend("look for a line that is full and queues (bufferbloat): measure again while nothing else uses it, then give its router a fair queue " +
			"(fq_codel, cake)")
	if evidence == "" {
		cause.likely("the times of a dozen handshakes: an answer that was lost, and sent again by the server, comes late as well")
	}
	return cause
}

// unsteadyHandshakes compares the times of handshakes, in which kernels alone answer.
func unsteadyHandshakes(seen tcp.Result) string {
	var fastest, slowest probes.Millis
	n := 0
	for _, a := range append([]tcp.Attempt{tcp.AttemptOf(seen)}, seen.Again...) {
		if a.Fault != nil || a.Transport.Retransmits > 0 {
			continue
		}
		n++
		if fastest == 0 || a.Took < fastest {
			fastest = a.Took
		}
		slowest = max(slowest, a.Took)
	}
	if n < fewest || slowest < manyTimes*fastest || slowest < fastest+muchLonger {
		return ""
	}
	return fmt.Sprintf("of %d handshakes without loss the fastest took %s, and the slowest %s", n, fastest, slowest)
}

// unsteadyDialogue is what the kernel says of round trips during a dialogue of enough exchanges: a deviation as large as their mean. Where
// a packet is known to have been lost on the way there, it tells nothing: one that the server sent again looks like one that took long.
func (b *bench) unsteadyDialogue(with netip.AddrPort) string {
	if slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Address == with && m.Seen.Transport.Retransmits > 0 }) ||
		slices.ContainsFunc(b.sessions(with), func(s ftp.Session) bool { return s.Resent > 0 }) {
		return ""
	}
	for _, session := range b.sessions(with) {
		t := session.Transport
		if session.Exchanges >= fewest && session.Resent == 0 && t.RTTVar >= t.RTT && t.RTTVar >= muchLonger {
			return fmt.Sprintf("after %d exchanges, the kernel's mean of their round trips was %s, and the mean deviation %s", session.Exchanges,
				t.RTT, t.RTTVar)
		}
	}
	return ""
}
