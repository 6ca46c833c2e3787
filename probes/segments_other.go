//go:build !linux

package probes

import "syscall"

// limitSegments has no use where TCP_MAXSEG is not announced to the peer: the kernels of the BSDs and of macOS take the SYN's MSS from
// the interface, whatever the option says, and refuse one greater than their default before the connection is there. Windows only reads it.
func limitSegments(syscall.RawConn, int) error {
	return &Fault{Step: "connect", Kind: Unsupported, Message: "a connection with small segments both ways is made on Linux only"}
}

func retransmitFailures() uint64 { return 0 }

// LoopedBack is not known here.
func LoopedBack() uint64 { return 0 }
