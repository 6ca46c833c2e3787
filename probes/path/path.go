// Package path measures how far SYNs to a port come: with rising TTL, so that every router on the way tells its address (RFC 792 and
// RFC 4443 §3.3, time exceeded), and the last one that does shows where they die.
//
// Routers answer at most so many packets a second (RFC 1812 §4.3.2.8, RFC 4443 §2.4 (f)), and some none at all: a hop's silence proves
// nothing, only where no hop behind it speaks either has the way ended. Each TTL is a connection of its own, and where routers spread
// connections over several ways, neighbours in the list may be of different ways.
package path

import (
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
	// Purpose is what the port stands for: "data port", "control port".
	Purpose string `json:"purpose"`
	// Hops are in order of TTL, up to the last that told anything.
	Hops []Hop `json:"hops,omitempty"`
	// LastTTL is the greatest TTL that was tried, up to the end of the way. Nothing came for those above the last of the hops.
	LastTTL int `json:"last_ttl"`
	// Reached says that an answer came in the target's name: a SYN-ACK, a RST, or an ICMP error other than time exceeded.
	Reached bool `json:"reached"`
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
	// Purpose is what the port stands for: "data port", "control port".
	Purpose string
	// First and Last are the least and the greatest TTL to try; 0 stands for 1 and MaxTTL.
	First, Last int
	// OneByOne tries one TTL after the other, up to the first that reaches the port: what listens there sees one connection. Without
	// it all are tried at once, and an open port sees many.
	OneByOne bool
	// Wait is the longest wait for one hop. The kernel repeats a SYN after a second: a second try needs more than that.
	Wait time.Duration
}

// Trace sends SYNs with rising TTL. It is over when every TTL up to the end of the way was answered, or its wait has passed, or ctx is
// over. Until then two descriptors a TTL are open; none is afterwards.
func Trace(ctx context.Context, o Options) Result {
	o.To = netip.AddrPortFrom(o.To.Addr().Unmap(), o.To.Port())
	start := time.Now()
	walk := atOnce
	if o.OneByOne {
		walk = oneByOne
	}
	result := Result{To: o.To, Purpose: o.Purpose}
	result.fill(walk(ctx, o, o.ttls()))
	result.Took = probes.Since(start)
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
	walking.Go(func() { others = atOnce(behind, o, ttls[1:]) })
	first := o.attempt(ctx, ttls[0])
	if first.ends() {
		end()
	}
	walking.Wait()
	return append([]attempt{first}, others...)
}

// attempt sends SYNs with one TTL.
func (o Options) attempt(ctx context.Context, ttl int) attempt {
	waiting, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	a := attempt{Hop: Hop{TTL: ttl}}
	start := time.Now()
	conn, err := o.Host.DialHop(waiting, o.To, ttl)
	a.Took = probes.Since(start)
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
