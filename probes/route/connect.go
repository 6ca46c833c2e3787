//go:build !linux && !windows

package route

import (
	"context"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// sourceFor is the address that the system chooses to send from.
func sourceFor(ctx context.Context, destination netip.Addr) (netip.Addr, error) {
	const discard = 9 // any port does
	var dialer net.Dialer
	conn, err := dialer.DialContext(ctx, "udp", netip.AddrPortFrom(destination, discard).String())
	if err != nil {
		return netip.Addr{}, err
	}
	source := probes.AddrPortOf(conn.LocalAddr()).Addr()
	return source, conn.Close()
}
