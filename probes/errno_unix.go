//go:build unix

package probes

import (
	"errors"
	"runtime"
	"syscall"
)

// kindOfErrno is the one place where a system's error number becomes a Kind.
func kindOfErrno(err error) (Kind, bool) {
	var errno syscall.Errno
	if !errors.As(err, &errno) {
		return "", false
	}
	switch errno {
	case syscall.ECONNREFUSED:
		return Refused, true
	case syscall.ECONNRESET, syscall.EPIPE, syscall.ECONNABORTED:
		return Reset, true
	case syscall.ETIMEDOUT:
		return Timeout, true
	case syscall.ENETUNREACH, syscall.ENETDOWN:
		return NoRoute, true
	case syscall.EHOSTUNREACH, syscall.EHOSTDOWN:
		return Unreachable, true
	case syscall.EACCES, syscall.EPERM:
		return Prohibited, true
	case syscall.EINVAL:
		return invalid(), true
	case syscall.EADDRNOTAVAIL:
		return NoAddress, true
	}
	return Other, true
}

// invalid is EINVAL: Linux says so of a blackhole route, other kernels of a call that makes no sense to them.
func invalid() Kind {
	if runtime.GOOS == "linux" {
		return Blackhole
	}
	return Other
}
