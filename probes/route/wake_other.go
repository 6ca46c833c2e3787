//go:build !linux

package route

import (
	"context"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// awaitNeighbour gives the neighbour time to answer: this system does not tell when its table changes.
func awaitNeighbour(ctx context.Context, _ netip.Addr, _ string) {
	select {
	case <-ctx.Done():
	case <-time.After(probes.Doubt(0)):
	}
}
