//go:build !linux && !windows

package probes

import "syscall"

// Systems other than Linux and Windows do not tell a socket which ICMP error it met: the error number alone remains.

func reportErrors(string, syscall.RawConn) {}

// limitHops has no use where nobody tells which device let a packet's TTL run out.
func limitHops(string, syscall.RawConn, int) error {
	return &Fault{Step: "SYN", Kind: Unsupported, Message: "this system does not tell which device let a packet's TTL run out"}
}

// duplicate has nothing to ask of a failed attempt.
func duplicate(syscall.RawConn) socket { return socket{} }

func (s socket) close() {}

func (s socket) icmp() *ICMP { return nil }
