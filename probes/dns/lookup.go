package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// systemAnswer is the system's answer, and the two that it was chosen from where there were two.
type systemAnswer struct {
	Lookup

	own, getent *Lookup
}

// lookUp asks the system's own way and tells of it as events, the last of which counts. This program's own resolver knows the hosts file
// and DNS alone. What other programs get is what getent(1) says; it is asked at once where the system has further sources, and
// otherwise where the former fails or is silent for a doubt.
func lookUp(ctx context.Context, o Options, config Config, name string, events chan<- event) {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	own := async(func() Lookup { return lookup(ctx, o, name) })
	if o.Host.Lookup != nil { // the names of that machine, which has no getent
		events <- event{lookup: &systemAnswer{Lookup: <-own}}
		return
	}
	var answer systemAnswer
	if !config.beyondDNS() {
		select {
		case found := <-own:
			answer.own = &found
		case <-time.After(o.doubt()):
			events <- event{}
		}
		if answer.own.found() {
			events <- event{lookup: &systemAnswer{Lookup: *answer.own}}
			return
		}
	}
	asked := async(func() Lookup { return getent(ctx, o, name) })
	for answer.own == nil || answer.getent == nil {
		select {
		case found := <-own:
			answer.own = &found
		case found := <-asked:
			answer.getent = &found
		}
		if answer.getent.found() {
			early := answer.chosen()
			events <- event{lookup: &early}
		}
		if answer.own.found() || answer.getent.found() {
			time.AfterFunc(o.doubt(), func() { stop(errSilence) })
		}
	}
	answer = answer.chosen()
	events <- event{lookup: &answer}
}

func (l *Lookup) found() bool { return l != nil && len(l.Addresses) > 0 }

// chosen is the answer that programs on this machine get: getent's where it found the name. That it found nothing has more reasons than
// it tells.
func (a systemAnswer) chosen() systemAnswer {
	if a.getent.found() {
		a.Lookup = *a.getent
	} else {
		a.Lookup, a.own = *a.own, nil
	}
	return a
}

// lookup asks this program's own resolver. It keeps the order of the addresses, which is that of RFC 6724 already.
func lookup(ctx context.Context, o Options, name string) Lookup {
	start := time.Now()
	addrs, err := o.Host.Resolve(ctx, name)
	return resultOf(ctx, o, start, addrs, err)
}

// resultOf is what a lookup since start has brought: the addresses that are wanted, or why there are none.
func resultOf(ctx context.Context, o Options, start time.Time, addrs []netip.Addr, err error) Lookup {
	waited := time.Since(start)
	result := Lookup{Took: probes.Millis(waited)}
	for _, addr := range addrs {
		if o.Host.Wants(addr) { // getent tells of both
			result.Addresses = append(result.Addresses, addr.Unmap())
		}
	}
	result.Addresses = unique(result.Addresses)
	switch {
	case err != nil:
		result.Fault = lookupFault(ctx, err, waited >= o.doubt()/2)
	case len(result.Addresses) == 0:
		result.Fault = &probes.Fault{Step: "lookup", Kind: probes.NotFound, Message: "no address of the wanted family"}
	}
	return result
}

// lookupFault tells a name that does not exist from a lookup that did not work.
func lookupFault(ctx context.Context, err error, hadTime bool) *probes.Fault {
	fault := faultOf(ctx, "lookup", err, hadTime)
	var dnsError *net.DNSError
	if errors.As(err, &dnsError) && dnsError.IsNotFound {
		fault.Kind = probes.NotFound
	}
	return fault
}
