package probes

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"golang.org/x/sys/windows"
)

func TestKindsOfWindows(t *testing.T) {
	for errno, want := range map[windows.Errno]Kind{
		windows.WSAECONNREFUSED: Refused, windows.ERROR_CONNECTION_REFUSED: Refused, windows.ERROR_PORT_UNREACHABLE: Refused,
		windows.WSAECONNRESET: Reset, windows.WSAECONNABORTED: Reset, windows.WSAENETRESET: Reset, windows.ERROR_NETNAME_DELETED: Reset,
		windows.ERROR_CONNECTION_ABORTED: Reset, windows.WSAETIMEDOUT: Timeout, windows.ERROR_SEM_TIMEOUT: Timeout,
		windows.WSAENETUNREACH: NoRoute, windows.WSAENETDOWN: NoRoute, windows.ERROR_NETWORK_UNREACHABLE: NoRoute,
		windows.WSAEHOSTUNREACH: Unreachable, windows.WSAEHOSTDOWN: Unreachable, windows.ERROR_HOST_UNREACHABLE: Unreachable,
		windows.WSAEACCES: Prohibited, windows.ERROR_ACCESS_DENIED: Prohibited, windows.WSAEADDRNOTAVAIL: NoAddress,
		syscall.ECONNREFUSED: Refused, syscall.EPIPE: Reset, syscall.ETIMEDOUT: Timeout,
		windows.WSAEINVAL: Other, windows.WSAENOBUFS: Other,
	} {
		t.Run(errno.Error(), func(t *testing.T) {
			err := fmt.Errorf("dial: %w", &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connectex", errno)})
			assert.Equal(t, want, kindOf(err))
		})
	}
	_, ok := kindOfErrno(errors.New("no number"))
	assert.False(t, ok)
}
