package checks

import (
	"fmt"
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
)

// judgePaths tells how far SYNs came. A way that ends early is explained by whatever is blamed for the port at its end.
func (b *bench) judgePaths() {
	if len(b.e.Paths) == 0 && hasPort(b.e.Target) {
		b.needless((*Measured[path.Result])(nil).result("path", Internet), "not traced: no data port was silent")
	}
	for i := range b.e.Paths {
		m := &b.e.Paths[i]
		r := m.result("path", Internet)
		causes := b.deadPorts[m.Seen.To]
		switch {
		case m.Seen.Fault.Of(probes.Unsupported):
			b.needless(r, "not traced: "+m.Seen.Fault.Message)
		case m.Seen.Fault.Of(probes.Interrupted) && len(m.Seen.Hops) == 0:
			b.needless(r, "not traced: what it was for is known")
		case len(causes) > 0 && m.Seen.Purpose == "data port" && m.Seen.Fault == nil && !m.Seen.Connected():
			b.follows(r, Fail, describePath(&m.Seen), causes)
		default:
			b.found(r, Pass, describePath(&m.Seen))
		}
	}
}

func describePath(p *path.Result) string {
	to := fmt.Sprintf("%s %s", p.Purpose, p.To)
	last := p.LastRouter()
	switch {
	case p.Reached && last.From.IsValid():
		return fmt.Sprintf("SYNs to the %s arrive; the last router before it that answers is %s", to, last.From)
	case p.Reached:
		return fmt.Sprintf("SYNs to the %s arrive", to)
	case last.From.IsValid() && p.LastTTL > last.TTL:
		return fmt.Sprintf("SYNs to the %s come as far as %s (hop %d); nothing behind it answers", to, last.From, last.TTL)
	case last.From.IsValid():
		return fmt.Sprintf("on the way to the %s, hop %d is %s", to, last.TTL, last.From)
	}
	return fmt.Sprintf("no router answers to SYNs to the %s", to)
}

// death is where the SYNs to a port end, as far as routers tell: behind the last that answered to them, and before or at the first behind
// it that answered to the control port's. A filter may take them before their TTL is looked at (on arrival) or after it (on the way
// out), so that either may be it, and so may a router between that says nothing.
type death struct {
	last  netip.Addr // the last router that they are known to have reached; invalid where none told
	ttl   int        // its hop
	next  netip.Addr // the first device behind it that the control port's SYNs reached; invalid where none told
	hop   int        // next's
	final bool       // next is the server
}

// whereItDies compares the way to the port with that to the control port. It knows nothing where the routers do not tell.
func (b *bench) whereItDies(port netip.AddrPort) (d death, known bool) {
	data := b.wayTo(port)
	if data == nil || data.Fault != nil { // a way that was not measured to its end tells no end
		return d, false
	}
	last := data.LastRouter()
	d.last, d.ttl = last.From, last.TTL
	for _, m := range b.e.Paths {
		if m.Seen.Purpose != "control port" || m.Seen.To.Addr() != port.Addr() {
			continue
		}
		for _, hop := range m.Seen.Hops {
			if hop.TTL > d.ttl && hop.From.IsValid() && (!d.next.IsValid() || hop.TTL < d.hop) {
				d.next, d.hop, d.final = hop.From, hop.TTL, hop.Outcome != path.Exceeded
			}
		}
	}
	return d, d.last.IsValid() || d.next.IsValid()
}

// wayTo is the trace of a data port; nil where there is none.
func (b *bench) wayTo(port netip.AddrPort) *path.Result {
	for i := range b.e.Paths {
		if seen := &b.e.Paths[i].Seen; seen.Purpose == "data port" && seen.To == port {
			return seen
		}
	}
	return nil
}

// said is the fact in a sentence.
func (d death) said() string {
	switch {
	case !d.last.IsValid() && d.final:
		return "SYNs with rising TTL: no router answers for the data port; those to the control port arrive"
	case !d.last.IsValid():
		return fmt.Sprintf("SYNs with rising TTL: no router answers for the data port, and %s (hop %d) does for the control port", d.next, d.hop)
	case !d.next.IsValid():
		return fmt.Sprintf("SYNs with rising TTL: those to the data port come as far as %s (hop %d); nothing behind it answers", d.last, d.ttl)
	case d.final:
		return fmt.Sprintf("SYNs with rising TTL: those to the data port come as far as %s (hop %d), or the answers to them no further; those to "+
			"the control port arrive", d.last, d.ttl)
	}
	return fmt.Sprintf("SYNs with rising TTL: those to the data port come as far as %s (hop %d); those to the control port pass it and "+
		"reach %s (hop %d)", d.last, d.ttl, d.next, d.hop)
}

// where names the devices between which the SYNs vanish, or their answers do; the port itself where the routers do not tell.
func (d death) where(port string) string {
	switch {
	case !d.next.IsValid():
		return port
	case !d.last.IsValid() && d.hop == 1, d.last == d.next:
		return d.next.String()
	case !d.last.IsValid():
		return "before " + d.next.String()
	case d.hop-d.ttl > 1:
		return "between " + d.last.String() + " and " + d.next.String()
	}
	return d.last.String() + " or " + d.next.String()
}

// near says that the SYNs vanish at our own router or the one behind it.
func (d death) near() bool { return d.next.IsValid() && !d.final && d.hop <= 2 }
