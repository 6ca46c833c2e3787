//go:build !linux

package probes

import "net/netip"

// CountDropped counts nothing: this system does not tell an ordinary user what its firewall drops.
func CountDropped(netip.Addr) (dropped func() uint64) { return func() uint64 { return 0 } }
