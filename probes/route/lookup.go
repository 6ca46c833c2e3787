//go:build !linux

package route

import (
	"context"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Lookup asks the system how it would send a packet to the destination. Nothing is sent.
func Lookup(ctx context.Context, destination netip.Addr, purpose string) Result {
	result := Result{Destination: destination.Unmap(), Purpose: purpose}
	if !destination.IsValid() {
		result.Fault = &probes.Fault{Step: "route", Kind: probes.Malformed, Message: "no destination address"}
		return result
	}
	if err := result.ask(ctx); err != nil {
		result.Fault = probes.NewFault(ctx, "route", err)
	}
	return result
}
