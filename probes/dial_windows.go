package probes

import (
	"errors"
	"os"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// reportErrors asks for an attempt to end with the first ICMP error, and for that to be kept (Windows 10 version 2004 and later). An older
// system leaves us the error number alone.
func reportErrors(_ string, raw syscall.RawConn) {
	_ = raw.Control(func(fd uintptr) { _ = failOnICMP(fd) })
}

func failOnICMP(fd uintptr) error {
	return windows.SetsockoptInt(windows.Handle(fd), windows.IPPROTO_TCP, windows.TCP_FAIL_CONNECT_ON_ICMP_ERROR, 1)
}

// limitHops sets the TTL (IP_TTL) or the hop limit (IPV6_UNICAST_HOPS) of what the socket sends. It has no use on a system that does not
// tell which device let a packet's TTL run out.
func limitHops(network string, raw syscall.RawConn, ttl int) (err error) {
	level, option := windows.IPPROTO_IP, windows.IP_TTL
	if strings.HasSuffix(network, "6") {
		level, option = windows.IPPROTO_IPV6, windows.IPV6_UNICAST_HOPS
	}
	closed := raw.Control(func(fd uintptr) {
		if failOnICMP(fd) != nil {
			err = &Fault{Step: "SYN", Kind: Unsupported, Message: "Windows before version 2004 does not tell which device let a packet's TTL run out"}
			return
		}
		err = os.NewSyscallError("setsockopt", windows.SetsockoptInt(windows.Handle(fd), level, option, ttl))
	})
	return errors.Join(closed, err)
}

// duplicate keeps the socket open for as long as the duplicate is.
func duplicate(raw syscall.RawConn) (s socket) {
	const fromProtocolInfo = -1 // FROM_PROTOCOL_INFO, winsock2.h
	_ = raw.Control(func(fd uintptr) {
		var info windows.WSAProtocolInfo
		if windows.WSADuplicateSocket(windows.Handle(fd), windows.GetCurrentProcessId(), &info) != nil {
			return
		}
		twin, err := windows.WSASocket(fromProtocolInfo, fromProtocolInfo, fromProtocolInfo, &info, 0,
			windows.WSA_FLAG_OVERLAPPED|windows.WSA_FLAG_NO_HANDLE_INHERIT)
		s = socket{fd: int(twin), open: err == nil}
	})
	return s
}

func (s socket) close() {
	if s.open {
		_ = windows.Closesocket(windows.Handle(s.fd))
	}
}

// icmp is the ICMP error that ended an attempt.
func (s socket) icmp() *ICMP {
	if !s.open {
		return nil
	}
	var info [sizeofICMPErrorInfo]byte
	size := int32(len(info))
	err := windows.Getsockopt(windows.Handle(s.fd), windows.IPPROTO_TCP, windows.TCP_ICMP_ERROR_INFO, &info[0], &size)
	if err != nil {
		return nil
	}
	return parseICMPErrorInfo(info[:size])
}

// transport asks for a TCP_INFO_v0 (SIO_TCP_INFO; Windows 10 version 1703 and later).
func (s socket) transport() Transport {
	if !s.open {
		return Transport{}
	}
	const sioTCPInfo = 0xd8000027 // _WSAIORW(IOC_VENDOR, 39), mstcpip.h
	var info [sizeofTCPInfo]byte
	var version, size uint32
	err := windows.WSAIoctl(windows.Handle(s.fd), sioTCPInfo, (*byte)(unsafe.Pointer(&version)), uint32(unsafe.Sizeof(version)),
		&info[0], uint32(len(info)), &size, nil, 0)
	if err != nil {
		return Transport{}
	}
	return parseWindowsTCPInfo(info[:size])
}
