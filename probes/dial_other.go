//go:build !linux

package probes

import "syscall"

// Systems other than Linux have no error queue that an ordinary user may read: the error number alone remains.

func reportErrors(string, syscall.RawConn) {}

// limitHops has no use where nobody tells which device let a packet's TTL run out.
func limitHops(string, syscall.RawConn, int) error {
	return &Fault{Step: "SYN", Kind: Unsupported, Message: "the error queue of a socket is read on Linux only"}
}

// limitSegments has no use where TCP_MAXSEG is not announced to the peer: the kernels of the BSDs and of macOS take the SYN's MSS from
// the interface, whatever the option says, and refuse one greater than their default before the connection is there.
func limitSegments(syscall.RawConn, int) error {
	return &Fault{Step: "connect", Kind: Unsupported, Message: "a connection with small segments both ways is made on Linux only"}
}

func duplicate(syscall.RawConn) socket { return socket{} }

func (s socket) close() {}

func (s socket) icmp() *ICMP { return nil }

func retransmitFailures() uint64 { return 0 }

func (s socket) transport() Transport { return Transport{} }
