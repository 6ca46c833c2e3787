package checks

import (
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
	"github.com/rung-cli/rung/probes/tls"
)

// Evidence is all that was measured of one target, one typed field a probe: everything that the verdict rests on, and nothing
// that was concluded from it. A field is nil or empty where nothing was measured.
type Evidence struct {
	Tool        Tool
	Target      *Target
	Vantage     Vantage
	Settings    Settings
	Started     time.Time
	Duration    probes.Millis
	Interrupted string

	Link      *Measured[link.Result]
	Routes    []Measured[route.Result]    // one a destination
	Gateways  []Measured[route.Neighbour] // one a next hop
	DNS       *Measured[dns.Result]
	TCP       []Measured[tcp.Result] // one an address, in the order of RFC 6724
	Handshake *Measured[tls.Handshake]
	Chain     *Measured[tls.Chain]
	Control   *Measured[ftp.Control]
	Security  *Measured[ftp.Security]
	Passive   *Measured[ftp.Passive]
	Active    *Measured[ftp.Active]
}

// Measured is one probe's result, and when it was had.
type Measured[T any] struct {
	Seen     T
	Address  string        // the address that it speaks of, where there are several
	Started  probes.Millis // counted from the start of the target
	Duration probes.Millis
	Finished bool // false where the diagnosis ended first
}

// result is the measurement as the report has it, still without a judgement.
func (m *Measured[T]) result(id string, layer Layer) Result {
	r := Result{ID: id, Layer: layer, Status: Skip}
	if m != nil {
		r.Address, r.Started, r.Duration, r.Finished = m.Address, m.Started, m.Duration, m.Finished
		r.Observation = &m.Seen
	}
	return r
}

// EvidenceOf takes the evidence out of a report, so that it can be judged anew.
func EvidenceOf(r *Report) *Evidence {
	e := &Evidence{
		Tool: r.Tool, Target: r.Target, Vantage: r.Vantage, Settings: r.Settings, Started: r.Started, Duration: r.Duration,
		Interrupted: r.Interrupted,
	}
	for i := range r.Checks {
		e.add(&r.Checks[i])
	}
	return e
}

func (e *Evidence) add(r *Result) {
	switch seen := r.Observation.(type) {
	case *link.Result:
		e.Link = measuredOf(r, seen)
	case *route.Result:
		e.Routes = append(e.Routes, *measuredOf(r, seen))
	case *route.Neighbour:
		e.Gateways = append(e.Gateways, *measuredOf(r, seen))
	case *dns.Result:
		e.DNS = measuredOf(r, seen)
	case *tcp.Result:
		e.TCP = append(e.TCP, *measuredOf(r, seen))
	case *tls.Handshake:
		e.Handshake = measuredOf(r, seen)
	case *tls.Chain:
		e.Chain = measuredOf(r, seen)
	case *ftp.Control:
		e.Control = measuredOf(r, seen)
	case *ftp.Security:
		e.Security = measuredOf(r, seen)
	case *ftp.Passive:
		e.Passive = measuredOf(r, seen)
	case *ftp.Active:
		e.Active = measuredOf(r, seen)
	}
}

func measuredOf[T any](r *Result, seen *T) *Measured[T] {
	return &Measured[T]{Seen: *seen, Address: r.Address, Started: r.Started, Duration: r.Duration, Finished: r.Finished}
}

// seen is what was measured, nil where nothing was. It is safe on a nil measurement.
func seen[T any](m *Measured[T]) *T {
	if m == nil {
		return nil
	}
	return &m.Seen
}
