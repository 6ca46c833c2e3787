//go:build !linux && !darwin && !windows

package probes

import "errors"

// bindsInterfaces says that a socket can be bound to an interface. Where it cannot, the interface's address is what it sends from.
const bindsInterfaces = false

func bindInterface(uintptr, bool, string) error { return errors.ErrUnsupported }
