package probes

import (
	"errors"

	"golang.org/x/sys/windows"
)

// kindOfErrno is the one place where a system's error number becomes a Kind.
func kindOfErrno(err error) (Kind, bool) {
	var errno windows.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	switch errno {
	case windows.WSAECONNREFUSED:
		return Refused, true
	case windows.WSAECONNRESET, windows.WSAECONNABORTED:
		return Reset, true
	case windows.WSAETIMEDOUT:
		return Timeout, true
	case windows.WSAENETUNREACH, windows.WSAENETDOWN:
		return NoRoute, true
	case windows.WSAEHOSTUNREACH, windows.WSAEHOSTDOWN:
		return Unreachable, true
	case windows.WSAEACCES:
		return Prohibited, true
	case windows.WSAEADDRNOTAVAIL:
		return NoAddress, true
	}
	return Other, true
}
