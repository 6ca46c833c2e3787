//go:build darwin || freebsd

package link

import (
	"encoding/binary"
	"net"
	"unsafe"

	"golang.org/x/sys/unix"
)

// refine says whether the link below is there as the driver sees it (SIOCGIFMEDIA, net/if_media.h): the kernels set IFF_RUNNING where there
// is none, too. What has no medium, such as a tunnel, is left as it is.
func refine(i *Interface, _ net.Interface) {
	const nameSize, statusAt = 16, 24 // of struct ifmediareq (net/if.h), of which macOS has 44 bytes and FreeBSD 48
	var request [48]byte
	if len(i.Name) >= nameSize {
		return
	}
	copy(request[:], i.Name)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return
	}
	defer func() { _ = unix.Close(fd) }() // nothing was sent
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCGIFMEDIA, uintptr(unsafe.Pointer(&request)))
	if errno == 0 {
		i.Carrier = active(binary.LittleEndian.Uint32(request[statusAt:]), i.Carrier)
	}
}
