//go:build !linux

package route

import (
	"context"

	"github.com/rung-cli/rung/probes"
)

// Lookup asks the system how it would send such packets. Nothing is sent.
func Lookup(ctx context.Context, flow Flow, purpose string) Result {
	result := Result{Destination: flow.To.Unmap(), Purpose: purpose}
	if !flow.To.IsValid() {
		result.Fault = &probes.Fault{Step: "route", Kind: probes.Malformed, Message: "no destination address"}
		return result
	}
	if err := result.ask(ctx, flow.From.Toward(result.Destination)); err != nil {
		result.Fault = probes.NewFault(ctx, "route", err)
	}
	return result
}
