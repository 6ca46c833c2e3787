// Package tcp measures whether a TCP connection to an address can be made (RFC 9293), and where it cannot, who said no.
package tcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Result is what came of an address: an attempt at a connection, and those that were made beside it.
type Result struct {
	// Address is where the SYN was sent.
	Address netip.AddrPort `json:"address"`
	// Local is our end of the connection; invalid where there was none.
	Local netip.AddrPort `json:"local,omitzero"`
	// Took is the time from the SYN to the connection, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// Transport is what the kernel says of the connection.
	Transport probes.Transport `json:"transport,omitzero"`
	// LearnedMTU is the longest packet that the path carries, in bytes, where the kernel was told of it while the connection was used
	// (RFC 1191 §3, RFC 8201 §3): the path's narrowest link is narrower than what it knew of, and path MTU discovery works.
	LearnedMTU uint32 `json:"learned_mtu,omitempty"`
	// Fault is why there is no connection: step "connect".
	Fault *probes.Fault `json:"fault,omitempty"`
	// Before are attempts at the same address that were refused, one after the other, before this one.
	Before []Attempt `json:"before,omitempty"`
	// Looped is how many packets the loopback interface of this machine received during the attempts but the first, where they were
	// refused: what this machine's own firewall answers comes by it. 0 where that is not known.
	Looped uint64 `json:"looped,omitempty"`
	// Again are further attempts at the same address, which were closed at once: made on doubt, to see whether they all go as this one.
	Again []Attempt `json:"again,omitempty"`
	// Elsewhere are the same attempt by other interfaces that have a route there, where this one failed.
	Elsewhere []Attempt `json:"elsewhere,omitempty"`
	// Ports are the local ports, where there was none to be had.
	Ports *Ports `json:"ports,omitempty"`
}

// Attempt is a further attempt at a connection.
type Attempt struct {
	// Interface is the one that the attempt was bound to, where it was to any.
	Interface string `json:"interface,omitempty"`
	// Source is the address that it came from there.
	Source netip.Addr `json:"source,omitzero"`
	// Gateway is the next hop there; invalid where there is none.
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Network is the prefix of the route by that interface.
	Network netip.Prefix `json:"network,omitzero"`
	// Metric is the metric of that route.
	Metric uint32 `json:"metric,omitempty"`
	// Took is the time from the SYN to the connection, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// Transport is what the kernel says of the attempt.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is why there was no connection: step "connect".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Connected says that the three-way handshake was completed.
func (r Result) Connected() bool { return r.Fault == nil && r.Local.IsValid() }

// Dial tries one connection, waiting for at most wait. The connection is nil where the result has a Fault; otherwise it is
// the caller's to close.
func Dial(ctx context.Context, host probes.Host, to netip.AddrPort, wait time.Duration) (Result, net.Conn) {
	dialing, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	start := time.Now()
	conn, err := host.DialTCP(dialing, to)
	result := Result{Address: to, Took: probes.Since(start), Fault: probes.NewFault(ctx, "connect", err)}
	if err != nil {
		if dialErr, ok := errors.AsType[*probes.DialError](err); ok {
			result.Transport = dialErr.Transport
		}
		if result.Fault.Of(probes.NoAddress) {
			result.Ports = localPorts(to)
		}
		return result, nil
	}
	result.Local = probes.AddrPortOf(conn.LocalAddr())
	result.Transport = probes.TransportOf(conn)
	return result, conn
}

// AttemptOf is a result as one attempt among others.
func AttemptOf(r Result) Attempt {
	return Attempt{Took: r.Took, Transport: r.Transport, Fault: r.Fault}
}

// Try makes further connections to an address, n of them at once, waiting for at most wait, and closes each as soon as it is made.
func Try(ctx context.Context, host probes.Host, to netip.AddrPort, wait time.Duration, n int) []Attempt {
	attempts := make([]Attempt, n)
	var trying sync.WaitGroup
	for i := range attempts {
		trying.Go(func() {
			result, conn := Dial(ctx, host, to, wait)
			if conn != nil {
				_ = conn.Close()
			}
			attempts[i] = AttemptOf(result)
		})
	}
	trying.Wait()
	return attempts
}
