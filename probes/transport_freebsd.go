package probes

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// transport reads struct tcp_info (tcp(4)).
func (s socket) transport() Transport {
	if !s.open {
		return Transport{}
	}
	info := make([]byte, 512)
	size := uint32(len(info))
	_, _, errno := unix.Syscall6(unix.SYS_GETSOCKOPT, uintptr(s.fd), unix.IPPROTO_TCP, unix.TCP_INFO,
		uintptr(unsafe.Pointer(&info[0])), uintptr(unsafe.Pointer(&size)), 0)
	if errno != 0 {
		return Transport{}
	}
	return parseFreeBSDTCPInfo(info[:size])
}
