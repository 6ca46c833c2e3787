package probes

import (
	"math"
	"time"

	"golang.org/x/sys/unix"
)

// transport reads struct tcp_connection_info (netinet/tcp.h), whose times are in milliseconds.
func (s socket) transport() Transport {
	if !s.open {
		return Transport{}
	}
	info, err := unix.GetsockoptTCPConnectionInfo(s.fd, unix.IPPROTO_TCP, unix.TCP_CONNECTION_INFO)
	if err != nil {
		return Transport{}
	}
	return Transport{
		Partial:     true,
		RTT:         Millis(time.Duration(info.Srtt) * time.Millisecond),
		Retransmits: uint32(min(info.Txretransmitpackets, math.MaxUint32)),
	}
}
