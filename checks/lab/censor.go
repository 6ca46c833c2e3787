//go:build linux

package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// A censor reads the ClientHello of every TLS connection that a router forwards to it (RFC 6066 §3 has the name in clear). The
// router hands it what clients send by a TUN device and forwards what comes back; what it does not want, does not come back.

const (
	// longestHello is how much of a ClientHello the censor reads.
	longestHello = 8192
	// neverRead are connections of which the censor remembers nothing, for there are too many: more than any scenario makes.
	neverRead = 4096
)

// TCP's flags (RFC 9293 §3.1).
const (
	flagFIN = 1 << iota
	_
	flagRST
	flagPSH
	flagACK
)

// handshakeFailure is the fatal alert 40 in a record of its own (RFC 8446 §6).
var handshakeFailure = []byte{0x15, 3, 3, 0, 2, 2, 40}

// censorship is a process that ends with the scenario. Its arguments are a namespace, what to do with a connection whose
// ClientHello has one of the names that follow: "drop" what the client sends from then on, "reset" both sides, or send the client an
// "alert" in the server's name.
func censorship(args []string) error {
	if len(args) < 3 {
		return errors.New("needs NAMESPACE drop|reset|alert NAME…")
	}
	answer, known := answers[args[1]]
	if !known {
		return fmt.Errorf("%q is nothing that the censor does", args[1])
	}
	device, err := openTUN(args[0], "censor", 0)
	if err != nil {
		return err
	}
	c := censor{device: device, answer: answer, hellos: map[string][]byte{}, silenced: map[string]bool{}}
	for _, name := range args[2:] {
		c.names = append(c.names, []byte(name))
	}
	return c.watch()
}

type censor struct {
	device   int
	names    [][]byte
	answer   func(segment) [][]byte
	hellos   map[string][]byte // of every connection, as far as they came
	silenced map[string]bool
}

func (c *censor) watch() error {
	buffer := make([]byte, 1<<16)
	for {
		n, err := unix.Read(c.device, buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		for _, packet := range c.judge(buffer[:n]) {
			_, _ = unix.Write(c.device, packet)
		}
	}
}

// judge gives the packets that are sent in the place of one: itself, nothing, or the censor's own.
func (c *censor) judge(packet []byte) [][]byte {
	s, ok := parseSegment(packet)
	if !ok {
		return [][]byte{packet}
	}
	switch connection := s.connection(); {
	case c.silenced[connection]:
		return nil
	case c.objects(connection, s.payload()):
		c.silenced[connection] = true
		return c.answer(s)
	}
	s.unhop()
	return [][]byte{packet}
}

// objects says that a connection's ClientHello has one of the names in it, as far as it came.
func (c *censor) objects(connection string, payload []byte) bool {
	hello, begun := c.hellos[connection]
	if !begun && (!bytes.HasPrefix(payload, []byte{0x16, 3}) || len(c.hellos) >= neverRead) {
		return false
	}
	if len(hello) < longestHello {
		hello = append(hello, payload...)
		c.hellos[connection] = hello
	}
	for _, name := range c.names {
		if bytes.Contains(hello, name) {
			return true
		}
	}
	return false
}

// answers are what the censor does on seeing the segment that has the name.
var answers = map[string]func(segment) [][]byte{
	"drop":  func(segment) [][]byte { return nil },
	"reset": func(s segment) [][]byte { return [][]byte{s.reply(flagRST|flagACK, nil), s.abort()} },
	"alert": func(s segment) [][]byte {
		return [][]byte{s.reply(flagPSH|flagACK|flagFIN, handshakeFailure), s.abort()}
	},
}

// segment is an IP packet with a TCP segment.
type segment struct {
	packet []byte
	// tcp is where the segment begins, addresses and length where the IP header has its addresses, and how long each is.
	tcp, addresses, length int
}

func parseSegment(packet []byte) (segment, bool) {
	if len(packet) == 0 {
		return segment{}, false
	}
	s := segment{packet: packet, tcp: 40, addresses: 8, length: 16}
	protocol := 6
	if packet[0]>>4 == 4 {
		s.tcp, s.addresses, s.length, protocol = int(packet[0]&15)*4, 12, 4, 9
	}
	if len(packet) < s.tcp+20 || packet[protocol] != unix.IPPROTO_TCP || len(packet) < s.tcp+s.header() {
		return segment{}, false
	}
	return s, true
}

// header is the length of the TCP header.
func (s segment) header() int         { return int(s.packet[s.tcp+12]>>4) * 4 }
func (s segment) payload() []byte     { return s.packet[s.tcp+s.header():] }
func (s segment) source() []byte      { return s.packet[s.addresses:][:s.length] }
func (s segment) destination() []byte { return s.packet[s.addresses+s.length:][:s.length] }
func (s segment) connection() string {
	return string(s.source()) + string(s.destination()) + string(s.packet[s.tcp:s.tcp+4])
}

// unhop gives a packet back the hop that its way to the censor cost.
func (s segment) unhop() {
	if s.length == 16 {
		s.packet[7]++
		return
	}
	s.packet[8]++
	s.sumHeader()
}

// reply is a segment to the client in the server's name; it acknowledges this one.
func (s segment) reply(flags byte, payload []byte) []byte {
	theirs := binary.BigEndian.Uint32(s.packet[s.tcp+4:]) + uint32(len(s.payload()))
	ours := binary.BigEndian.Uint32(s.packet[s.tcp+8:])
	r := s.empty(len(payload))
	copy(r.source(), s.destination())
	copy(r.destination(), s.source())
	copy(r.packet[r.tcp:], s.packet[s.tcp+2:s.tcp+4])
	copy(r.packet[r.tcp+2:], s.packet[s.tcp:s.tcp+2])
	copy(r.payload(), payload)
	return r.finish(ours, theirs, flags)
}

// abort is a reset to the server in the client's name.
func (s segment) abort() []byte {
	ours, theirs := binary.BigEndian.Uint32(s.packet[s.tcp+4:]), binary.BigEndian.Uint32(s.packet[s.tcp+8:])
	return s.empty(0).finish(ours, theirs, flagRST|flagACK)
}

// empty is a copy with no options and so much room for a payload.
func (s segment) empty(payload int) segment {
	packet := make([]byte, s.tcp+20+payload)
	copy(packet, s.packet[:s.tcp+20])
	packet[s.tcp+12] = 5 << 4
	return segment{packet: packet, tcp: s.tcp, addresses: s.addresses, length: s.length}
}

// finish writes numbers, flags, lengths and checksums.
func (s segment) finish(sequence, acknowledgment uint32, flags byte) []byte {
	tcp := s.packet[s.tcp:]
	binary.BigEndian.PutUint32(tcp[4:], sequence)
	binary.BigEndian.PutUint32(tcp[8:], acknowledgment)
	tcp[13] = flags
	if s.length == 16 {
		binary.BigEndian.PutUint16(s.packet[4:], uint16(len(tcp)))
		s.packet[7] = 64
	} else {
		binary.BigEndian.PutUint16(s.packet[2:], uint16(len(s.packet)))
		s.packet[8] = 64
		s.sumHeader()
	}
	binary.BigEndian.PutUint16(tcp[16:], 0)
	pseudo := sum(s.source()) + sum(s.destination()) + unix.IPPROTO_TCP + uint32(len(tcp)) // RFC 9293 §3.1
	binary.BigEndian.PutUint16(tcp[16:], fold(pseudo+sum(tcp)))
	return s.packet
}

// sumHeader writes the checksum of an IPv4 header (RFC 791 §3.1).
func (s segment) sumHeader() {
	binary.BigEndian.PutUint16(s.packet[10:], 0)
	binary.BigEndian.PutUint16(s.packet[10:], fold(sum(s.packet[:s.tcp])))
}

// sum adds up 16-bit words (RFC 1071); fold makes a checksum of it.
func sum(b []byte) (total uint32) {
	for ; len(b) > 1; b = b[2:] {
		total += uint32(binary.BigEndian.Uint16(b))
	}
	if len(b) == 1 {
		total += uint32(b[0]) << 8
	}
	return total
}

func fold(total uint32) uint16 {
	for total > 0xffff {
		total = total>>16 + total&0xffff
	}
	return ^uint16(total)
}
