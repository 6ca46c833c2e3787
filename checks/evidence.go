package checks

import (
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/proxy"
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

	Clock    *Measured[clock.Result]
	Firewall *Measured[firewall.Result]
	Link     *Measured[link.Result]
	Routes   []Measured[route.Result]    // one a destination
	Gateways []Measured[route.Neighbour] // one a next hop
	DNS      *Measured[dns.Result]
	Paths    []Measured[path.Result] // one a port that was traced
	TCP      []Measured[tcp.Result]  // one an address, in the order of RFC 6724

	Anchors []Measured[Anchor]      // one a host that the user has named
	Nowhere *Measured[Nowhere]      // where an anchor is named
	Proxy   *Measured[proxy.Result] // where the direct way fails

	Service           // at the address that the upper layers are tried at first
	Others  []Service // at the other addresses, where the user wants all tried
}

// Service is what was measured above TCP at one address.
type Service struct {
	// At is the address by which its results are told from those of others; empty where there is one service only.
	At         string
	Handshake  *Measured[tls.Handshake]
	Chain      *Measured[pki.Chain]
	Revocation *Measured[pki.Revocation]
	Survey     *Measured[tls.Survey]
	HTTP       *Measured[http.Result]
	Control    *Measured[ftp.Control]
	Security   *Measured[ftp.Security]
	Passive    *Measured[ftp.Passive]
	Active     *Measured[ftp.Active]
	Client     *Measured[ftpclient.Result]
}

// services are all services that were tried.
func (e *Evidence) services() []*Service {
	all := []*Service{&e.Service}
	for i := range e.Others {
		all = append(all, &e.Others[i])
	}
	return all
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
	if first := slices.IndexFunc(r.Checks, ofService); first >= 0 {
		e.At = r.Checks[first].Address
	}
	for i := range r.Checks {
		e.add(&r.Checks[i])
	}
	return e
}

// ofService says that a result speaks of a service at an address.
func ofService(r Result) bool {
	return strings.HasPrefix(r.ID, "ftp.") || strings.HasPrefix(r.ID, "tls.") || r.ID == "http"
}

// service is the one at the address by which a result is named; a new one where there is none yet.
func (e *Evidence) service(at string) *Service {
	if at == e.At {
		return &e.Service
	}
	for i := range e.Others {
		if e.Others[i].At == at {
			return &e.Others[i]
		}
	}
	e.Others = append(e.Others, Service{At: at})
	return &e.Others[len(e.Others)-1]
}

func (e *Evidence) add(r *Result) {
	var s *Service
	if ofService(*r) {
		s = e.service(r.Address)
	}
	switch seen := r.Observation.(type) {
	case *clock.Result:
		e.Clock = measuredOf(r, seen)
	case *firewall.Result:
		e.Firewall = measuredOf(r, seen)
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
	case *path.Result:
		e.Paths = append(e.Paths, *measuredOf(r, seen))
	case *Anchor:
		e.Anchors = append(e.Anchors, *measuredOf(r, seen))
	case *Nowhere:
		e.Nowhere = measuredOf(r, seen)
	case *proxy.Result:
		e.Proxy = measuredOf(r, seen)
	case *tls.Handshake:
		s.Handshake = measuredOf(r, seen)
	case *pki.Chain:
		s.Chain = measuredOf(r, seen)
	case *pki.Revocation:
		s.Revocation = measuredOf(r, seen)
	case *tls.Survey:
		s.Survey = measuredOf(r, seen)
	case *http.Result:
		s.HTTP = measuredOf(r, seen)
	case *ftp.Control:
		s.Control = measuredOf(r, seen)
	case *ftp.Security:
		s.Security = measuredOf(r, seen)
	case *ftp.Passive:
		s.Passive = measuredOf(r, seen)
	case *ftp.Active:
		s.Active = measuredOf(r, seen)
	case *ftpclient.Result:
		s.Client = measuredOf(r, seen)
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
