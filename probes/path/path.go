// Package path measures how far SYNs to a port come: with rising TTL, so that every router on the way tells its address (RFC 792 and
// RFC 4443 §3.3, time exceeded), and the last one that does shows where they die.
//
// Routers answer at most so many packets a second (RFC 1812 §4.3.2.8, RFC 4443 §2.4 (f)), and some none at all: a hop's silence proves
// nothing, only where no hop behind it speaks either has the way ended, and a hop that answers fewer tries than those behind it loses
// none: it says less. Each try is a connection of its own, and where routers spread connections over several ways, neighbours in the
// list may be of different ways.
package path

import (
	"cmp"
	"context"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Outcome is what came of the SYNs with one TTL.
type Outcome string

// The outcomes. Connected, Refused and Rejected are the end of the way: what lies behind is never seen.
const (
	Connected   Outcome = "connected"   // a SYN-ACK: the port is open; the connection was closed at once
	Refused     Outcome = "refused"     // a RST, in the target's name, whoever sent it
	Rejected    Outcome = "rejected"    // an ICMP error other than time exceeded (see Hop.ICMP)
	Exceeded    Outcome = "exceeded"    // the TTL ran out, and a router said so
	Silent      Outcome = "silent"      // nothing came within the longest wait for one hop
	Interrupted Outcome = "interrupted" // we stopped before that; says nothing about the network
	Failed      Outcome = "failed"      // our own system could not send a SYN (see Result.Fault)
)

// Hop is what came of the SYNs with one TTL.
type Hop struct {
	// TTL is the time to live that the SYNs had (RFC 791 §3.2), or their hop limit (RFC 8200 §3).
	TTL int `json:"ttl"`
	// Outcome is what came of them: "connected", "refused", "rejected" (by an ICMP error), "exceeded" (the TTL ran out, and a
	// router said so), "silent", "interrupted" (we stopped), "failed" (our own system could not send).
	Outcome Outcome `json:"outcome"`
	// From is the address that answered, for a SYN-ACK or RST the target's, in whose name it came. It is invalid where nothing did.
	From netip.Addr `json:"from,omitzero"`
	// ICMP is the ICMP error that came.
	ICMP *probes.ICMP `json:"icmp,omitempty"`
	// Took is the time from the first SYN to the answer, whichever SYN that answers, or to the end of the wait.
	Took probes.Millis `json:"took_ms"`
	// SYNs is how often the kernel sent the SYN: without an answer, again after a second. It is 0 where none was sent.
	SYNs int `json:"syns,omitempty"`
	// Sent is how many tries were made with this TTL, each a connection of its own. What the other fields say is of the first that was
	// answered, or of the first.
	Sent int `json:"sent,omitempty"`
	// Answered is how many of the tries were.
	Answered int `json:"answered,omitempty"`
	// Best is the shortest round trip of a try; absent where none is known, as where the kernel sent the SYN of each try twice.
	Best probes.Millis `json:"best_ms,omitzero"`
	// Worst is the longest round trip of a try.
	Worst probes.Millis `json:"worst_ms,omitzero"`
	// Others are further addresses that answered for this TTL, as where routers spread connections over several ways.
	Others []netip.Addr `json:"others,omitempty"`
}

// ends says that SYNs with a greater TTL meet nothing else.
func (h Hop) ends() bool {
	return h.Outcome == Connected || h.Outcome == Refused || h.Outcome == Rejected
}

// tells says that an answer came.
func (h Hop) tells() bool { return h.Outcome == Exceeded || h.ends() }

// Result is the way to a port.
type Result struct {
	// To is where the SYNs were sent.
	To netip.AddrPort `json:"to"`
	// Purpose is what the port stands for: "target port"; "other port" of the target's host and "other address" of the target, to compare
	// with; FTP's "data port" and "control port".
	Purpose string `json:"purpose"`
	// Hops are in order of TTL, up to the last that told anything.
	Hops []Hop `json:"hops,omitempty"`
	// LastTTL is the greatest TTL that was tried, up to the end of the way. Nothing came for those above the last of the hops.
	LastTTL int `json:"last_ttl"`
	// Reached says that an answer came in the target's name: a SYN-ACK, a RST, or an ICMP error other than time exceeded.
	Reached bool `json:"reached"`
	// Loop are the routers that answer again and again as the TTL rises, in the order of the way, so far as they tell: the SYNs go round
	// in a circle.
	Loop []netip.Addr `json:"loop,omitempty"`
	// Wait is the longest wait for one hop, in each try: where a round trip takes longer, silence tells nothing.
	Wait probes.Millis `json:"wait_ms,omitzero"`
	// Took is the time from the first SYN to the last answer, or to the end of the wait.
	Took probes.Millis `json:"took_ms"`
	// Fault is why the way is not told in full: step "SYN", kind interrupted where we stopped, unsupported where the system does not
	// tell which device answered, or the reason why our own system could not send.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// LastRouter is the last hop where a router said that the TTL had run out: so far, at least, the SYNs came. It is the zero Hop where
// none did. Its address may be the target's own, where that translates addresses for a server behind it.
func (r Result) LastRouter() (last Hop) {
	for _, hop := range r.Hops {
		if hop.Outcome == Exceeded {
			last = hop
		}
	}
	return last
}

// Connected says that a connection was made.
func (r Result) Connected() bool {
	return slices.ContainsFunc(r.Hops, func(h Hop) bool { return h.Outcome == Connected })
}

// MaxTTL is the greatest TTL that is tried.
const MaxTTL = 30

// Options say which way to measure, and how.
type Options struct {
	// Host is the machine that measures.
	Host probes.Host
	// To is the port.
	To netip.AddrPort
	// Purpose is what the port stands for, in a word or two.
	Purpose string
	// First and Last are the least and the greatest TTL to try; 0 stands for 1 and MaxTTL.
	First, Last int
	// OneByOne tries one TTL after the other, up to the first that reaches the port: what listens there sees one connection. Without
	// it all are tried at once, and an open port sees many.
	OneByOne bool
	// Wait is the longest wait for one hop, in each try. The kernel repeats a SYN after a second: where it is to, that takes more.
	Wait time.Duration
	// Pace is the time between the first SYNs of one TTL and the next where they are not tried one by one; 0 waits for nothing.
	Pace time.Duration
	// Tries is how often each TTL up to the end of the way is tried, one round of all after the other; 0 is once. Further tries end
	// before a port that is open, and shortly behind the last router that answers.
	Tries int
}

// Trace sends SYNs with rising TTL. It is over when every TTL up to the end of the way was answered, or its wait has passed, or ctx is
// over. Until then two descriptors a TTL are open, 60 at the most; none is afterwards.
func Trace(ctx context.Context, o Options) Result {
	o.To = netip.AddrPortFrom(o.To.Addr().Unmap(), o.To.Port())
	start := time.Now()
	walk := atOnce
	if o.OneByOne {
		walk = oneByOne
	}
	attempts := walk(ctx, o, o.ttls())
	result := o.resultOf(attempts)
	for n := 1; n < o.Tries && result.Loop == nil; n++ {
		attempts = again(attempts, atOnce(ctx, o, worthAnother(attempts)))
		result = o.resultOf(attempts)
	}
	result.Took = probes.Since(start)
	return result
}

// resultOf is what attempts tell.
func (o Options) resultOf(attempts []attempt) Result {
	result := Result{To: o.To, Purpose: o.Purpose, Wait: probes.Millis(o.Wait)}
	result.fill(attempts)
	result.Loop = result.circle()
	return result
}

// ttls are the TTLs to try.
func (o Options) ttls() []int {
	last := o.Last
	if last < 1 || last > MaxTTL {
		last = MaxTTL
	}
	var all []int
	for ttl := max(o.First, 1); ttl <= last; ttl++ {
		all = append(all, ttl)
	}
	return all
}

// attempt is a hop, and why it tells nothing of the network where it does not.
type attempt struct {
	Hop
	fault *probes.Fault
}

// oneByOne waits for each hop before it tries the next.
func oneByOne(ctx context.Context, o Options, ttls []int) (attempts []attempt) {
	for _, ttl := range ttls {
		a := o.attempt(ctx, ttl)
		attempts = append(attempts, a)
		if a.ends() || a.fault != nil {
			break
		}
	}
	return attempts
}

// atOnce tries the first TTL, and meanwhile all others: where the first is the end of the way, they are not waited for.
func atOnce(ctx context.Context, o Options, ttls []int) []attempt {
	if len(ttls) == 0 {
		return nil
	}
	behind, end := context.WithCancel(ctx)
	defer end()
	var others []attempt
	var walking sync.WaitGroup
	walking.Go(func() {
		o.pause(behind)
		others = atOnce(behind, o, ttls[1:])
	})
	first := o.attempt(ctx, ttls[0])
	if first.ends() {
		end()
	}
	walking.Wait()
	return append([]attempt{first}, others...)
}

// pause lets the time of one TTL pass, or less where nothing is to come after it.
func (o Options) pause(ctx context.Context) {
	if o.Pace == 0 {
		return
	}
	select {
	case <-time.After(o.Pace):
	case <-ctx.Done():
	}
}

// beyond is how far behind the last router that answered another try is worth its packets: those that are silent there may be no
// more than slow to speak.
const beyond = 4

// worthAnother are the TTLs for another try: none of a port that is open, so that what listens there sees no more of us.
func worthAnother(attempts []attempt) (ttls []int) {
	limit := beyond
	for i, a := range attempts {
		if a.Outcome == Exceeded {
			limit = i + 1 + beyond
		}
	}
	for _, a := range attempts[:min(limit, len(attempts))] {
		if a.Outcome == Connected || a.fault != nil {
			break
		}
		ttls = append(ttls, a.TTL)
		if a.ends() {
			break
		}
	}
	return ttls
}

// again takes over what came of another try.
func again(attempts, tries []attempt) []attempt {
	for _, try := range tries {
		i := slices.IndexFunc(attempts, func(a attempt) bool { return a.TTL == try.TTL })
		attempts[i].add(try)
	}
	return attempts
}

// add takes over another try of the same TTL. One that we broke off, or could not make, says nothing.
func (a *attempt) add(try attempt) {
	if try.fault != nil {
		return
	}
	sent, answered := a.Sent+try.Sent, a.Answered+try.Answered
	switch {
	case a.tells() && try.tells():
		a.note(try.Hop)
	case try.tells():
		*a = try
	}
	a.Sent, a.Answered = sent, answered
}

// note takes over what another answer adds to the first.
func (a *attempt) note(other Hop) {
	if other.From != a.From && !slices.Contains(a.Others, other.From) {
		a.Others = append(a.Others, other.From)
	}
	if other.Best > 0 {
		a.Best, a.Worst = min(cmp.Or(a.Best, other.Best), other.Best), max(a.Worst, other.Worst)
	}
}

// attempt sends SYNs with one TTL.
func (o Options) attempt(ctx context.Context, ttl int) (a attempt) {
	waiting, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	a.TTL = ttl
	start := time.Now()
	conn, err := o.Host.DialHop(waiting, o.To, ttl)
	a.Took = probes.Since(start)
	defer a.count()
	if err == nil {
		a.Outcome, a.From, a.SYNs = Connected, o.To.Addr(), syns(probes.TransportOf(conn))
		_ = conn.Close() // nothing was sent that could be lost
		return a
	}
	if dialErr, ok := errors.AsType[*probes.DialError](err); ok {
		a.SYNs = syns(dialErr.Transport)
	}
	a.fail(probes.NewFault(ctx, "SYN", err), o.To.Addr())
	return a
}

// count makes an attempt the first of its TTL.
func (a *attempt) count() {
	if a.fault != nil {
		return
	}
	a.Sent = 1
	if a.tells() {
		a.Answered = 1
		if a.SYNs == 1 { // of several nobody knows which was answered
			a.Best, a.Worst = a.Took, a.Took
		}
	}
}

// syns is how often the kernel sent the SYN.
func syns(t probes.Transport) int { return 1 + int(t.Retransmits) }

// fail names the outcome of SYNs that no SYN-ACK answered. An ICMP error counts even where the kernel had not acted on it when the
// wait ended: while a call holds the socket, it only notes the error and waits for that which the next SYN meets.
func (a *attempt) fail(fault *probes.Fault, target netip.Addr) {
	switch {
	case fault.ICMP != nil:
		a.ICMP, a.From, a.Outcome = fault.ICMP, fault.ICMP.From, Rejected
		if exceeded(fault.ICMP, target) {
			a.Outcome = Exceeded
		}
	case fault.Of(probes.Refused):
		a.Outcome, a.From = Refused, target
	case fault.Of(probes.Timeout):
		a.Outcome = Silent
	case fault.Of(probes.Interrupted):
		a.Outcome, a.fault = Interrupted, fault
	default:
		a.Outcome, a.SYNs, a.fault = Failed, 0, fault
	}
}

// exceeded says that the TTL ran out on the way to the target (RFC 792, type 11, code 0; RFC 4443 §3.3, type 3, code 0).
func exceeded(icmp *probes.ICMP, target netip.Addr) bool {
	if target.Is4() {
		return icmp.Type == 11 && icmp.Code == 0
	}
	return icmp.Type == 3 && icmp.Code == 0
}

// fill takes over what came of the attempts, up to the end of the way.
func (r *Result) fill(attempts []attempt) {
	if i := slices.IndexFunc(attempts, func(a attempt) bool { return a.ends() }); i >= 0 {
		attempts = attempts[:i+1]
		r.Reached = attempts[i].From.WithZone("") == r.To.Addr().WithZone("")
	}
	told := 0
	for i, a := range attempts {
		r.LastTTL = a.TTL
		if r.Fault == nil {
			r.Fault = a.fault
		}
		if a.tells() {
			told = i + 1
		}
	}
	for _, a := range attempts[:told] {
		r.Hops = append(r.Hops, a.Hop)
	}
}

// rounds is how often a router must answer for a circle: one that answers twice may be on two ways of different length.
const rounds = 3

// circle finds the routers that answer again and again, up to the last that answers at all. A single router that answers for
// neighbouring TTLs is none, nor is the target's own address, which a translator of addresses uses.
func (r Result) circle() []netip.Addr {
	last := r.LastRouter().TTL
	if r.Reached || last == 0 {
		return nil
	}
	way := make([]netip.Addr, 0, last)
	for _, hop := range r.Hops {
		from := netip.Addr{}
		if hop.Outcome == Exceeded && hop.From != r.To.Addr() {
			from = hop.From
		}
		if hop.TTL <= last {
			way = append(way, from)
		}
	}
	for length := 2; length*(rounds-1) < len(way); length++ {
		for first := range len(way) - length*(rounds-1) {
			if routers := turns(way[first:], length); routers != nil {
				return routers
			}
		}
	}
	return nil
}

// turns are the routers of a circle of that length that all of the way goes along, so far as they tell; nil where it is none.
func turns(way []netip.Addr, length int) (routers []netip.Addr) {
	often := 0
	for place := range length {
		var router netip.Addr
		count := 0
		for i := place; i < len(way); i += length {
			switch {
			case !way[i].IsValid():
				continue
			case router.IsValid() && way[i] != router, slices.Contains(routers, way[i]):
				return nil
			}
			router = way[i]
			count++
		}
		if count == 1 {
			return nil
		}
		if count > 1 {
			routers = append(routers, router)
		}
		often = max(often, count)
	}
	if often < rounds {
		return nil
	}
	return routers
}
