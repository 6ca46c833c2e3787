package probes

import (
	"encoding/binary"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

// The bytes of these tests are made by the layouts in ws2ipdef.h and mstcpip.h of the Windows SDK and in netinet/tcp.h of FreeBSD; none was
// recorded there.

func sockaddrInet(text string, scope byte) []byte {
	sa := make([]byte, SizeofSockaddrInet)
	if addr := netip.MustParseAddr(text); addr.Is4() {
		sa[0] = windowsINET
		copy(sa[4:], addr.AsSlice())
	} else {
		sa[0], sa[24] = windowsINET6, scope
		copy(sa[8:], addr.AsSlice())
	}
	return sa
}

func TestSockaddrInet(t *testing.T) {
	for name, test := range map[string]struct {
		sa   []byte
		want netip.Addr
	}{
		"IPv4":                           {sockaddrInet("192.0.2.1", 0), netip.MustParseAddr("192.0.2.1")},
		"IPv6":                           {sockaddrInet("2001:db8::1", 7), netip.MustParseAddr("2001:db8::1")},
		"link-local":                     {sockaddrInet("fe80::1", 7), netip.MustParseAddr("fe80::1%7")},
		"IPv4 in the form of IPv6":       {sockaddrInet("::ffff:192.0.2.1", 0), netip.MustParseAddr("192.0.2.1")},
		"no family":                      {make([]byte, SizeofSockaddrInet), netip.Addr{}},
		"cut short":                      {sockaddrInet("192.0.2.1", 0)[:SizeofSockaddrInet-1], netip.Addr{}},
		"nothing":                        {nil, netip.Addr{}},
		"longer than one, as in a table": {append(sockaddrInet("192.0.2.1", 0), 1, 2, 3), netip.MustParseAddr("192.0.2.1")},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, SockaddrInet(test.sa)) })
	}
}

func TestParseICMPErrorInfo(t *testing.T) {
	const icmp, icmp6 = 1, 58
	info := func(from string, protocol, typ, code byte) []byte {
		return append(sockaddrInet(from, 0), protocol, 0, 0, 0, typ, code, 0, 0)
	}
	for name, test := range map[string]struct {
		info []byte
		want *ICMP
	}{
		"forbidden by a router": {info("198.51.100.1", icmp, 3, 13), &ICMP{Type: 3, Code: 13, From: netip.MustParseAddr("198.51.100.1")}},
		"the TTL ran out":       {info("198.51.100.1", icmp, 11, 0), &ICMP{Type: 11, From: netip.MustParseAddr("198.51.100.1")}},
		"over IPv6":             {info("2001:db8::1", icmp6, 1, 4), &ICMP{Type: 1, Code: 4, From: netip.MustParseAddr("2001:db8::1")}},
		"without the padding":   {info("198.51.100.1", icmp, 3, 1)[:34], &ICMP{Type: 3, Code: 1, From: netip.MustParseAddr("198.51.100.1")}},
		"no sender":             {info("0.0.0.0", icmp, 3, 1), nil},
		"no error came":         {nil, nil},
		"no error came, zeroed": {make([]byte, sizeofICMPErrorInfo), nil},
		"cut before the code":   {info("198.51.100.1", icmp, 3, 1)[:33], nil},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, parseICMPErrorInfo(test.info)) })
	}
}

func TestParseTCPInfo(t *testing.T) {
	windows := make([]byte, sizeofTCPInfo)
	binary.LittleEndian.PutUint32(windows[20:], 30_000) // RttUs
	binary.LittleEndian.PutUint32(windows[24:], 20_000) // MinRttUs
	binary.LittleEndian.PutUint32(windows[72:], 2)      // FastRetrans
	binary.LittleEndian.PutUint32(windows[80:], 3)      // TimeoutEpisodes
	windows[84] = 1                                     // SynRetrans
	freeBSD := make([]byte, 256)
	binary.LittleEndian.PutUint32(freeBSD[68:], 30_000) // tcpi_rtt
	binary.LittleEndian.PutUint32(freeBSD[120:], 6)     // tcpi_snd_rexmitpack
	want := Transport{Partial: true, RTT: Millis(30 * time.Millisecond), Retransmits: 6}
	assert.Equal(t, want, parseWindowsTCPInfo(windows))
	assert.Equal(t, want, parseFreeBSDTCPInfo(freeBSD))
	assert.Zero(t, parseWindowsTCPInfo(windows[:sizeofTCPInfo-1]))
	assert.Zero(t, parseFreeBSDTCPInfo(freeBSD[:sizeofFreeBSDTCPInfo-1]))
}

func TestWhatAKernelCounts(t *testing.T) {
	assert.False(t, Transport{}.Counts(), "it tells nothing")
	assert.False(t, Transport{Partial: true, RTT: 1}.Counts(), "it tells a part")
	assert.True(t, Transport{RTT: 1}.Counts())
}

func FuzzSockets(f *testing.F) {
	f.Add(sockaddrInet("192.0.2.1", 0))
	f.Add(make([]byte, 256))
	f.Fuzz(func(t *testing.T, data []byte) {
		if icmp := parseICMPErrorInfo(data); icmp != nil {
			assert.True(t, icmp.From.IsValid())
		}
		parseWindowsTCPInfo(data)
		parseFreeBSDTCPInfo(data)
	})
}
