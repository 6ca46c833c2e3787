// Package tcp measures whether a TCP connection to an address can be made (RFC 9293), and where it cannot, who said no.
package tcp

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Result is one attempt at a connection.
type Result struct {
	// Address is where the SYN was sent.
	Address netip.AddrPort `json:"address"`
	// Local is our end of the connection; invalid where there was none.
	Local netip.AddrPort `json:"local,omitzero"`
	// Took is the time from the SYN to the connection, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// Transport is what the kernel says of the connection.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is why there is no connection: step "connect".
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
		return result, nil
	}
	result.Local = probes.AddrPortOf(conn.LocalAddr())
	result.Transport = probes.TransportOf(conn)
	return result, conn
}
