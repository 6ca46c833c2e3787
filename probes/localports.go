package probes

import (
	"fmt"
	"os"
)

// LocalPorts are the first and the last port that the kernel gives connections of ours (net.ipv4.ip_local_port_range, ip(7)); ok is false
// where it does not tell, as on other systems than Linux.
func LocalPorts() (first, last uint16, ok bool) {
	text, err := os.ReadFile("/proc/sys/net/ipv4/ip_local_port_range")
	if err != nil {
		return 0, 0, false
	}
	_, err = fmt.Sscan(string(text), &first, &last)
	return first, last, err == nil && first <= last
}
