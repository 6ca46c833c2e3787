package tcp

import (
	"bufio"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rung-cli/rung/probes"
)

// Ports are this machine's ports for connections that it begins, and what has taken them.
type Ports struct {
	// First is the beginning of the range that the kernel takes ports from (net.ipv4.ip_local_port_range).
	First uint16 `json:"first"`
	// Last is the end of that range.
	Last uint16 `json:"last"`
	// Reserved counts the ports within that the kernel does not take (net.ipv4.ip_local_reserved_ports).
	Reserved int `json:"reserved,omitempty"`
	// Taken counts the ports within that have a connection to the same address and port, of whatever state, or a listener.
	Taken int `json:"taken"`
	// TimeWait counts those whose connection is over and waits for stray segments (RFC 9293 §3.6.1).
	TimeWait int `json:"time_wait,omitempty"`
}

// Exhausted says that every port of the range is reserved or taken.
func (p *Ports) Exhausted() bool {
	return p != nil && p.Last >= p.First && p.Taken+p.Reserved > int(p.Last)-int(p.First)
}

// reservedFile is where Linux tells which ports it does not take (ip(7)).
const reservedFile = "/proc/sys/net/ipv4/ip_local_reserved_ports"

// localPorts is what the kernel tells of the local ports for connections to an address; nil where it does not tell.
func localPorts(to netip.AddrPort) *Ports {
	first, last, ok := probes.LocalPorts()
	if !ok {
		return nil
	}
	p := &Ports{First: first, Last: last}
	reserved, _ := os.ReadFile(reservedFile) // a kernel without the file reserves none
	p.Reserved = countReserved(string(reserved), p.First, p.Last)
	taken := map[uint16]bool{}
	for _, file := range []string{"/proc/thread-self/net/tcp", "/proc/thread-self/net/tcp6"} {
		if table, err := os.Open(file); err == nil {
			p.count(table, to, taken)
			_ = table.Close()
		}
	}
	p.Taken = len(taken)
	return p
}

// countReserved counts the ports from first to last in a list as "8080,9000-9005".
func countReserved(list string, first, last uint16) (n int) {
	for part := range strings.SplitSeq(strings.TrimSpace(list), ",") {
		from, to, isRange := strings.Cut(part, "-")
		if !isRange {
			to = from
		}
		low, err := strconv.ParseUint(from, 10, 16)
		high, err2 := strconv.ParseUint(to, 10, 16)
		if err != nil || err2 != nil {
			continue
		}
		n += max(0, min(int(high), int(last))-max(int(low), int(first))+1)
	}
	return n
}

// The states of a socket in the kernel's table (include/net/tcp_states.h).
const (
	stateTimeWait = 0x06
	stateListen   = 0x0A
)

// maxSockets bounds how many rows of a table are read: several for each port there can be.
const maxSockets = 1 << 18

// count adds the ports that a table of sockets (proc(5)) shows as taken: by a connection to the address, or by a listener.
func (p *Ports) count(table io.Reader, to netip.AddrPort, taken map[uint16]bool) {
	rows := bufio.NewScanner(table)
	for range maxSockets {
		if !rows.Scan() {
			return
		}
		local, remote, state, ok := parseSocket(rows.Text())
		if !ok || local < p.First || local > p.Last || state != stateListen && remote != to || taken[local] {
			continue
		}
		taken[local] = true
		if state == stateTimeWait {
			p.TimeWait++
		}
	}
}

// parseSocket reads a row of a table of sockets: its number, both ends and its state, in hexadecimal.
func parseSocket(row string) (local uint16, remote netip.AddrPort, state uint64, ok bool) {
	const enough = 4
	fields := strings.Fields(row)
	if len(fields) < enough {
		return 0, remote, 0, false
	}
	from, ok1 := parseEnd(fields[1])
	to, ok2 := parseEnd(fields[2])
	state, err := strconv.ParseUint(fields[3], 16, 8)
	return from.Port(), to, state, ok1 && ok2 && err == nil
}

// parseEnd reads an address, in words of four bytes that are each in the machine's order, and a port.
func parseEnd(text string) (end netip.AddrPort, ok bool) {
	address, port, found := strings.Cut(text, ":")
	number, err := strconv.ParseUint(port, 16, 16)
	bytes, err2 := hex.DecodeString(address)
	if !found || err != nil || err2 != nil || len(bytes)%4 != 0 {
		return end, false
	}
	for word := range slices.Chunk(bytes, 4) {
		binary.NativeEndian.PutUint32(word, binary.BigEndian.Uint32(word))
	}
	addr, ok := netip.AddrFromSlice(bytes)
	return netip.AddrPortFrom(addr.Unmap(), uint16(number)), ok
}
