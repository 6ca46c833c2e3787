package probes

import (
	"encoding/binary"
	"errors"
	"math"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// reportErrors asks the kernel to keep ICMP errors with their sender in the socket's error queue (IP_RECVERR, ip(7)). A kernel
// that will not leaves us the error number alone.
func reportErrors(network string, raw syscall.RawConn) {
	_ = raw.Control(func(fd uintptr) {
		if strings.HasSuffix(network, "6") {
			_ = unix.SetsockoptInt(int(fd), unix.SOL_IPV6, unix.IPV6_RECVERR, 1)
			return
		}
		_ = unix.SetsockoptInt(int(fd), unix.SOL_IP, unix.IP_RECVERR, 1)
	})
}

// limitHops sets the TTL (IP_TTL, ip(7)) or the hop limit (IPV6_UNICAST_HOPS, ipv6(7)) of what the socket sends.
func limitHops(network string, raw syscall.RawConn, ttl int) (err error) {
	level, option := unix.SOL_IP, unix.IP_TTL
	if strings.HasSuffix(network, "6") {
		level, option = unix.SOL_IPV6, unix.IPV6_UNICAST_HOPS
	}
	closed := raw.Control(func(fd uintptr) {
		err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), level, option, ttl))
	})
	return errors.Join(closed, err)
}

// limitSegments sets the longest segment (TCP_MAXSEG, tcp(7)): that of ours, and that of the peer, to whom the SYN announces it.
func limitSegments(raw syscall.RawConn, mss int) (err error) {
	closed := raw.Control(func(fd uintptr) {
		err = os.NewSyscallError("setsockopt", unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG, mss))
	})
	return errors.Join(closed, err)
}

// duplicate keeps the socket open for as long as the duplicate is.
func duplicate(raw syscall.RawConn) (s socket) {
	_ = raw.Control(func(fd uintptr) {
		twin, err := unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		s = socket{fd: twin, open: err == nil}
	})
	return s
}

func (s socket) close() {
	if s.open {
		_ = unix.Close(s.fd)
	}
}

// icmp takes the first ICMP error from the error queue.
func (s socket) icmp() *ICMP {
	if !s.open {
		return nil
	}
	control := make([]byte, 512)
	for range 8 { // the queue may hold other entries first
		_, n, _, _, err := unix.Recvmsg(s.fd, nil, control, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
		if err != nil {
			return nil
		}
		if icmp := parseErrorQueue(control[:n]); icmp != nil {
			return icmp
		}
	}
	return nil
}

// The layout of struct sock_extended_err (linux/errqueue.h): errno uint32, origin, type, code, pad uint8, info, data uint32,
// followed by the sockaddr of the offender.
const (
	extendedErrSize = 16
	originICMP      = 2
	originICMP6     = 3
	offsetOrigin    = 4
	offsetType      = 5
	offsetCode      = 6
	sockaddrInAddr  = 4 // after family and port
	sockaddrInEnd   = 8
	sockaddrIn6Addr = 8 // after family, port and flow
	sockaddrIn6End  = 24
)

// parseErrorQueue finds the ICMP error in the control messages of an entry of the error queue.
func parseErrorQueue(control []byte) *ICMP {
	messages, err := unix.ParseSocketControlMessage(control)
	if err != nil {
		return nil
	}
	for _, m := range messages {
		isErr := m.Header.Level == unix.SOL_IP && m.Header.Type == unix.IP_RECVERR ||
			m.Header.Level == unix.SOL_IPV6 && m.Header.Type == unix.IPV6_RECVERR
		if !isErr || len(m.Data) < extendedErrSize {
			continue
		}
		origin := m.Data[offsetOrigin]
		if origin != originICMP && origin != originICMP6 {
			continue
		}
		return &ICMP{Type: m.Data[offsetType], Code: m.Data[offsetCode], From: sockaddrAddr(m.Data[extendedErrSize:])}
	}
	return nil
}

// sockaddrAddr is the address in a struct sockaddr_in or sockaddr_in6.
func sockaddrAddr(sa []byte) netip.Addr {
	if len(sa) < 2 {
		return netip.Addr{}
	}
	switch binary.NativeEndian.Uint16(sa) {
	case unix.AF_INET:
		if len(sa) < sockaddrInEnd {
			return netip.Addr{}
		}
		return netip.AddrFrom4([4]byte(sa[sockaddrInAddr:sockaddrInEnd]))
	case unix.AF_INET6:
		if len(sa) < sockaddrIn6End {
			return netip.Addr{}
		}
		return netip.AddrFrom16([16]byte(sa[sockaddrIn6Addr:sockaddrIn6End])).Unmap()
	}
	return netip.Addr{}
}

// retransmitFailures is the kernel's count of segments that it could not send again, in this network namespace; 0 where it does
// not tell.
func retransmitFailures() uint64 {
	text, err := os.ReadFile("/proc/thread-self/net/netstat")
	if err != nil {
		return 0
	}
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] != "TcpExt:" {
			continue
		}
		if names == nil {
			names = fields
			continue
		}
		if i := slices.Index(names, "TCPRetransFail"); i >= 0 && i < len(fields) {
			count, _ := strconv.ParseUint(fields[i], 10, 64)
			return count
		}
	}
	return 0
}

// LoopedBack is the kernel's count of packets that the loopback interface received, in this network namespace; 0 where it does not tell.
func LoopedBack() uint64 {
	text, err := os.ReadFile("/proc/thread-self/net/dev")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(text)) {
		name, counters, _ := strings.Cut(line, ":")
		if fields := strings.Fields(counters); strings.TrimSpace(name) == "lo" && len(fields) > 1 {
			count, _ := strconv.ParseUint(fields[1], 10, 64) // bytes come first
			return count
		}
	}
	return 0
}

// transport reads TCP_INFO (tcp(7)).
func (s socket) transport() Transport {
	if !s.open {
		return Transport{}
	}
	info, err := unix.GetsockoptTCPInfo(s.fd, unix.IPPROTO_TCP, unix.TCP_INFO)
	if err != nil {
		return Transport{}
	}
	return Transport{
		RTT:           Millis(time.Duration(info.Rtt) * time.Microsecond),
		RTTVar:        Millis(time.Duration(info.Rttvar) * time.Microsecond),
		MinRTT:        minRTT(info.Min_rtt),
		SendMSS:       info.Snd_mss,
		PathMTU:       info.Pmtu,
		Retransmits:   info.Total_retrans,
		Unacked:       info.Unacked,
		BytesAcked:    info.Bytes_acked,
		BytesReceived: info.Bytes_received,
		OutOfOrder:    info.Rcv_ooopack,
	}
}

// minRTT is the shortest round-trip time of so many microseconds; zero where there was none yet, for which the kernel says the greatest
// number there is.
func minRTT(us uint32) Millis {
	if us == math.MaxUint32 {
		return 0
	}
	return Millis(time.Duration(us) * time.Microsecond)
}
