package probes

import (
	"net"
	"os"

	"golang.org/x/sys/unix"
)

const bindsInterfaces = true

// bindInterface sets IP_BOUND_IF or IPV6_BOUND_IF (ip(4), ip6(4)).
func bindInterface(fd uintptr, ipv6 bool, name string) error {
	i, err := net.InterfaceByName(name)
	if err != nil {
		return err
	}
	level, option := unix.IPPROTO_IP, unix.IP_BOUND_IF
	if ipv6 {
		level, option = unix.IPPROTO_IPV6, unix.IPV6_BOUND_IF
	}
	return os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), level, option, i.Index))
}
