//go:build !linux

package ftptest

import (
	"errors"
	"fmt"
	"net/netip"
)

// SilentPort is not available here: only Linux drops SYNs at a full backlog.
func SilentPort(addr netip.Addr) (*DeadPort, error) {
	return silentPort(netip.AddrPortFrom(addr, 0))
}

func silentPort(netip.AddrPort) (*DeadPort, error) {
	return nil, fmt.Errorf("a port that drops SYNs is not available on this system: %w", errors.ErrUnsupported)
}
