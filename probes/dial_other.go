//go:build !linux

package probes

import "syscall"

// Systems other than Linux have no error queue that an ordinary user may read: the error number alone remains.

func reportErrors(string, syscall.RawConn) {}

func duplicate(syscall.RawConn) socket { return socket{} }

func (s socket) close() {}

func (s socket) icmp() *ICMP { return nil }

func retransmitFailures() uint64 { return 0 }

func (s socket) transport() Transport { return Transport{} }
