//go:build linux

package main

import (
	"encoding/binary"
	"errors"
	"net"
	"time"
)

// ntp answers every NTP request (RFC 5905 §7.3) that comes to a UDP address, with the time shifted. Its arguments are the address, the
// shift and, where the server is not synchronized, a third one.
func ntp(args []string) error {
	if len(args) < 2 {
		return errors.New("usage: ADDRESS SHIFT [unsynchronized]")
	}
	shift, err := time.ParseDuration(args[1])
	if err != nil {
		return err
	}
	socket, err := net.ListenPacket("udp", args[0])
	if err != nil {
		return err
	}
	request := make([]byte, 512)
	for {
		n, from, err := socket.ReadFrom(request)
		if err != nil {
			return err
		}
		if n < 48 {
			continue
		}
		if _, err := socket.WriteTo(ntpReply(request, time.Now().Add(shift), len(args) == 2), from); err != nil {
			return err
		}
	}
}

// ntpReply is the reply of a secondary server, or of one that has lost its own time.
func ntpReply(request []byte, now time.Time, synchronized bool) []byte {
	const server = 4
	reply := make([]byte, 48)
	reply[0] = request[0]&0x38 | server // leap indicator 0, the request's version
	reply[1] = 2                        // stratum
	if !synchronized {
		reply[0] |= 3 << 6
		reply[1] = 16
	}
	reply[2], reply[3] = request[2], 0xec // poll; precision, a microsecond
	copy(reply[12:], "LAB\x00")
	copy(reply[24:32], request[40:48]) // originate: the request's transmit timestamp
	for _, field := range [][]byte{reply[16:], reply[32:], reply[40:]} {
		binary.BigEndian.PutUint64(field, ntpTime(now))
	}
	return reply
}

// ntpTime is a time as NTP has it: seconds since 1900 and their fraction, 32 bits each.
func ntpTime(t time.Time) uint64 {
	const from1900 = 2_208_988_800
	fraction := uint64(t.Nanosecond()) << 32 / uint64(time.Second) //nolint:gosec // not negative
	return uint64(t.Unix()+from1900)<<32 | fraction                //nolint:gosec // before 2036
}
