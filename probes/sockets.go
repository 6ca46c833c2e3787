package probes

import (
	"encoding/binary"
	"net/netip"
	"strconv"
	"time"
)

// What other kernels than Linux tell of a socket is read here, apart from the asking, so that it is tested on every system. All of them run
// on little-endian machines.

// The address families of Windows (ws2def.h).
const (
	windowsINET  = 2
	windowsINET6 = 23
)

// SizeofSockaddrInet is the size of a SOCKADDR_INET of Windows, in bytes.
const SizeofSockaddrInet = 28

// SockaddrInet is the address in a SOCKADDR_INET of Windows (ws2ipdef.h), a link-local one with the index of its interface as its zone. It is
// invalid where there is none.
func SockaddrInet(sa []byte) netip.Addr {
	if len(sa) < SizeofSockaddrInet {
		return netip.Addr{}
	}
	switch binary.LittleEndian.Uint16(sa) {
	case windowsINET:
		return netip.AddrFrom4([4]byte(sa[4:]))
	case windowsINET6:
		addr := netip.AddrFrom16([16]byte(sa[8:])).Unmap()
		if scope := binary.LittleEndian.Uint32(sa[24:]); scope != 0 && addr.IsLinkLocalUnicast() {
			return addr.WithZone(strconv.FormatUint(uint64(scope), 10))
		}
		return addr
	}
	return netip.Addr{}
}

// sizeofICMPErrorInfo is the size of an ICMP_ERROR_INFO of Windows with its padding, in bytes; its last member ends two before.
const sizeofICMPErrorInfo = 36

// parseICMPErrorInfo reads an ICMP_ERROR_INFO (ws2ipdef.h): the sender, the protocol, the type and the code. It is nil where there is no
// error.
func parseICMPErrorInfo(info []byte) *ICMP {
	const typeAt, codeAt = 32, 33
	if len(info) <= codeAt {
		return nil
	}
	from := SockaddrInet(info).WithZone("")
	if !from.IsValid() || from.IsUnspecified() {
		return nil
	}
	return &ICMP{Type: info[typeAt], Code: info[codeAt], From: from}
}

// sizeofTCPInfo is the size of a TCP_INFO_v0 of Windows with its padding, in bytes.
const sizeofTCPInfo = 88

// parseWindowsTCPInfo reads a TCP_INFO_v0 (mstcpip.h). What it counts as sent again are SYNs, fast retransmissions and timeouts.
func parseWindowsTCPInfo(info []byte) Transport {
	const rttAt, fastAt, timeoutsAt, synsAt = 20, 72, 80, 84
	if len(info) < sizeofTCPInfo {
		return Transport{}
	}
	return Transport{
		Partial: true,
		RTT:     microseconds(info[rttAt:]),
		Retransmits: binary.LittleEndian.Uint32(info[fastAt:]) + binary.LittleEndian.Uint32(info[timeoutsAt:]) +
			uint32(info[synsAt]),
	}
}

// sizeofFreeBSDTCPInfo is the size of the part of FreeBSD's struct tcp_info that is read, in bytes; later versions have more behind it.
const sizeofFreeBSDTCPInfo = 132

// parseFreeBSDTCPInfo reads a struct tcp_info (netinet/tcp.h of FreeBSD).
func parseFreeBSDTCPInfo(info []byte) Transport {
	const rttAt, retransmitsAt = 68, 120 // tcpi_rtt, tcpi_snd_rexmitpack
	if len(info) < sizeofFreeBSDTCPInfo {
		return Transport{}
	}
	return Transport{Partial: true, RTT: microseconds(info[rttAt:]), Retransmits: binary.LittleEndian.Uint32(info[retransmitsAt:])}
}

func microseconds(value []byte) Millis {
	return Millis(time.Duration(binary.LittleEndian.Uint32(value)) * time.Microsecond)
}
