package ftp

import (
	"context"
	"net"

	"github.com/rung-cli/rung/probes"
)

// StartTLS takes a new control connection to where its TLS begins: past the greeting and the reply to AUTH TLS (RFC 4217 §4.1). It
// gives why it did not come so far, nil where it did; conn stays the caller's to close.
func StartTLS(ctx context.Context, o Options, conn net.Conn) *probes.Fault {
	s := newSession(o, "AUTH TLS", conn)
	greeting, fault := s.read(ctx, "greeting", o.Wait)
	if fault != nil {
		return fault
	}
	if !greeting.Done() {
		return negative("greeting", greeting)
	}
	if _, fault = s.demand(ctx, "AUTH", "TLS"); fault != nil {
		return fault
	}
	if s.reader.Buffered() > 0 {
		return &probes.Fault{
			Step: "AUTH TLS", Kind: probes.Malformed, Message: "the server went on in clear text after its reply to AUTH TLS",
		}
	}
	return nil
}
