package probes

import (
	"net/netip"
	"os"
	"strconv"
	"strings"
)

// CountDropped counts the packets of addr's family that reach this machine's IP layer from now on, and neither one of its sockets
// nor another network: its own firewall drops them, for one. The count is of the whole network namespace, by the counters of
// /proc/net/snmp, netstat and snmp6 (RFC 4293); it errs on the low side, since they are not read all at once, and since what was sent
// to many is left out, whatever became of it.
func CountDropped(addr netip.Addr) (dropped func() uint64) {
	read := undelivered4
	if addr.Is6() {
		read = undelivered6
	}
	before := extreme(read, func(a, b int64) int64 { return max(a, b) })
	return func() uint64 {
		after := extreme(read, func(a, b int64) int64 { return min(a, b) })
		return uint64(max(after-before, 0))
	}
}

// extreme is the greatest or the smallest of a few readings: a packet under way between two counters is in one of them alone.
func extreme(read func() int64, better func(a, b int64) int64) int64 {
	value := read()
	for range 4 {
		value = better(value, read())
	}
	return value
}

// undelivered4 is how many IPv4 packets came in and went nowhere.
func undelivered4() int64 {
	c := counters{}
	c.readPairs("/proc/thread-self/net/snmp")
	c.readPairs("/proc/thread-self/net/netstat")
	// A datagram in fragments comes in several times and is delivered once.
	return c["Ip: InReceives"] - c["Ip: InDelivers"] - c["Ip: ForwDatagrams"] - c["Ip: InHdrErrors"] - c["Ip: InAddrErrors"] -
		c["Ip: InUnknownProtos"] - c["Ip: InDiscards"] - c["Ip: ReasmReqds"] + c["Ip: ReasmOKs"] -
		c["IpExt: InMcastPkts"] - c["IpExt: InBcastPkts"]
}

// undelivered6 is how many IPv6 packets came in and went nowhere.
func undelivered6() int64 {
	c := counters{}
	c.readLines("/proc/thread-self/net/snmp6")
	return c["Ip6InReceives"] - c["Ip6InDelivers"] - c["Ip6OutForwDatagrams"] - c["Ip6InHdrErrors"] - c["Ip6InAddrErrors"] -
		c["Ip6InUnknownProtos"] - c["Ip6InDiscards"] - c["Ip6InNoRoutes"] - c["Ip6InTruncatedPkts"] - c["Ip6ReasmReqds"] +
		c["Ip6ReasmOKs"] - c["Ip6InMcastPkts"]
}

// counters are the kernel's, by name. What cannot be read is not counted.
type counters map[string]int64

// readPairs reads pairs of lines, of names and of numbers, that begin with the same word.
func (c counters) readPairs(file string) {
	text, _ := os.ReadFile(file)
	var names []string
	for line := range strings.Lines(string(text)) {
		fields := strings.Fields(line)
		if len(fields) == 0 {
			continue
		}
		if len(names) == 0 || names[0] != fields[0] {
			names = fields
			continue
		}
		for i := 1; i < min(len(names), len(fields)); i++ {
			c[names[0]+" "+names[i]], _ = strconv.ParseInt(fields[i], 10, 64)
		}
		names = nil
	}
}

// readLines reads lines of a name and a number.
func (c counters) readLines(file string) {
	text, _ := os.ReadFile(file)
	for line := range strings.Lines(string(text)) {
		if fields := strings.Fields(line); len(fields) == 2 {
			c[fields[0]], _ = strconv.ParseInt(fields[1], 10, 64)
		}
	}
}
