package probes

import (
	"errors"
	"syscall"

	"golang.org/x/sys/windows"
)

// kindOfErrno is the one place where a system's error number becomes a Kind: that of Winsock, that of the system below it, which comes of
// overlapped calls, and the number that Go has made up for a POSIX name.
func kindOfErrno(err error) (Kind, bool) {
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	switch errno {
	case windows.WSAECONNREFUSED, windows.ERROR_CONNECTION_REFUSED, windows.ERROR_PORT_UNREACHABLE, syscall.ECONNREFUSED:
		return Refused, true
	case windows.WSAECONNRESET, windows.WSAECONNABORTED, windows.WSAENETRESET, windows.ERROR_NETNAME_DELETED, windows.ERROR_CONNECTION_ABORTED,
		syscall.ECONNRESET, syscall.ECONNABORTED, syscall.EPIPE:
		return Reset, true
	case windows.WSAETIMEDOUT, windows.ERROR_SEM_TIMEOUT, syscall.ETIMEDOUT:
		return Timeout, true
	case windows.WSAENETUNREACH, windows.WSAENETDOWN, windows.ERROR_NETWORK_UNREACHABLE, syscall.ENETUNREACH, syscall.ENETDOWN:
		return NoRoute, true
	case windows.WSAEHOSTUNREACH, windows.WSAEHOSTDOWN, windows.ERROR_HOST_UNREACHABLE, syscall.EHOSTUNREACH, syscall.EHOSTDOWN:
		return Unreachable, true
	case windows.WSAEACCES, windows.ERROR_ACCESS_DENIED, syscall.EACCES, syscall.EPERM:
		return Prohibited, true
	case windows.WSAEADDRNOTAVAIL, syscall.EADDRNOTAVAIL:
		return NoAddress, true
	}
	return Other, true
}
