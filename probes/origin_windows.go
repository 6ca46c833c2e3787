package probes

import (
	"math/bits"
	"net"
	"os"
	"syscall"
)

const bindsInterfaces = true

// unicastIf is IP_UNICAST_IF, and IPV6_UNICAST_IF too (ws2ipdef.h).
const unicastIf = 31

// bindInterface sets IP_UNICAST_IF, which takes the interface's index in network byte order, or IPV6_UNICAST_IF, which takes it in the
// machine's own.
func bindInterface(fd uintptr, ipv6 bool, name string) error {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	level, index := syscall.IPPROTO_IP, int(bits.ReverseBytes32(uint32(i.Index))) // every Windows is little-endian
	if ipv6 {
		level, index = syscall.IPPROTO_IPV6, i.Index
	}
	return os.NewSyscallError("setsockopt", syscall.SetsockoptInt(syscall.Handle(fd), level, unicastIf, index))
}
