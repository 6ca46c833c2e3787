//go:build !linux && !windows && !darwin && !freebsd

package link

import "net"

// refine has nobody to ask.
func refine(*Interface, net.Interface) {}
