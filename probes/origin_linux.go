package probes

import (
	"os"

	"golang.org/x/sys/unix"
)

const bindsInterfaces = true

// bindInterface sets SO_BINDTODEVICE (socket(7)), which since Linux 5.7 everybody may as long as the socket is bound to none.
func bindInterface(fd uintptr, _ bool, name string) error {
	return os.NewSyscallError("setsockopt", unix.BindToDevice(int(fd), name))
}
