package checks

import (
	"net/netip"
	"slices"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tcp"
)

// FirstConnection is what clients would meet at a target of several addresses, by what was measured at each: one that races them, as
// browsers do, and one that tries them in order.
type FirstConnection struct {
	// Racing is a client that begins the next attempt 250 ms after the last one, or when that failed, the families by turns (RFC 8305
	// §§4-5).
	Racing Arrival `json:"racing"`
	// InOrder is a client that tries one address after the other, in the order of RFC 6724, and waits for each.
	InOrder Arrival `json:"in_order"`
	// Dead are the addresses to which there was no connection.
	Dead []netip.Addr `json:"dead,omitempty"`
}

// Arrival is the address that a client would come to use, and when.
type Arrival struct {
	// Address is the address; invalid where no attempt came through.
	Address netip.AddrPort `json:"address,omitzero"`
	// After is the time from the first SYN to the connection, or to the last failure.
	After probes.Millis `json:"after_ms"`
	// AtLeast says that the time is longer for a client that waits longer than rung did (--timeout).
	AtLeast bool `json:"at_least,omitempty"`
}

// firstConnection is what clients would meet; nil where there are not several addresses that were all tried to an end.
func firstConnection(measured []tcpMeasured) *FirstConnection {
	results := make([]tcp.Result, len(measured))
	first := &FirstConnection{}
	for i, m := range measured {
		results[i] = m.Seen
		if !m.Seen.Connected() {
			if m.Seen.Fault == nil || m.Seen.Fault.Of(probes.Interrupted) {
				return nil
			}
			first.Dead = append(first.Dead, m.Seen.Address.Addr())
		}
	}
	if len(results) < 2 {
		return nil
	}
	first.Racing, first.InOrder = race(byTurns(results)), inOrder(results)
	return first
}

// byTurns puts addresses of one family after one of the other, as far as there are (RFC 8305 §4, with a First Address Family Count of 1).
func byTurns(results []tcp.Result) (sorted []tcp.Result) {
	if len(results) == 0 {
		return nil
	}
	family := familyOf(results[0].Address.Addr())
	rest := slices.Clone(results)
	for len(rest) > 0 {
		next := slices.IndexFunc(rest, func(r tcp.Result) bool { return familyOf(r.Address.Addr()) == family })
		next = max(next, 0) // there are none left of that family
		sorted = append(sorted, rest[next])
		family = otherFamily(familyOf(rest[next].Address.Addr()))
		rest = slices.Delete(rest, next, next+1)
	}
	return sorted
}

func otherFamily(family int) int { return 4 + 6 - family }

// race begins an attempt every headStart, and at once where the one before has failed; the first that comes through wins (RFC 8305 §5).
func race(results []tcp.Result) (won Arrival) {
	var begins, last probes.Millis
	for _, r := range results {
		if won.Address.IsValid() && won.After <= begins {
			break
		}
		ends := begins + r.Took
		if r.Connected() && (!won.Address.IsValid() || ends < won.After) {
			won = Arrival{Address: r.Address, After: ends}
		}
		last = max(last, ends)
		if begins += probes.Millis(headStart); !r.Connected() {
			begins = min(begins, ends)
		}
	}
	if !won.Address.IsValid() {
		return Arrival{After: last, AtLeast: slices.ContainsFunc(results, timedOut)}
	}
	return won
}

// inOrder tries the next when the last has failed.
func inOrder(results []tcp.Result) (won Arrival) {
	for _, r := range results {
		won.After += r.Took
		if r.Connected() {
			won.Address = r.Address
			return won
		}
		won.AtLeast = won.AtLeast || timedOut(r)
	}
	return won
}

func timedOut(r tcp.Result) bool { return r.Fault.Of(probes.Timeout) }

// Hidden says that who races the addresses does not notice what who tries them in order does: a delay of a second or more.
func (f *FirstConnection) Hidden() bool {
	return f != nil && f.Racing.Address.IsValid() && f.InOrder.After >= f.Racing.After+probes.Millis(time.Second)
}
