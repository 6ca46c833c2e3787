package clock

import (
	"encoding/binary"
	"errors"
	"time"
)

// packetSize is the length of an NTP packet's header (RFC 5905 §7.3), all that a client without authentication sends.
const packetSize = 48

// Places in the header.
const (
	offsetStratum        = 1
	offsetPrecision      = 3
	offsetRootDelay      = 4
	offsetRootDispersion = 8
	offsetReferenceID    = 12
	offsetOrigin         = 24
	offsetReceive        = 32
	offsetTransmit       = 40
)

// What the first byte holds: leap indicator, version, mode.
const (
	version    = 4
	modeClient = 3
	modeServer = 4
	leapAlarm  = 3 // the server's clock is not synchronized
)

// newRequest is a client's packet that tells nothing of its clock: the transmit timestamp is a number of our choice, which the server
// sends back as the origin timestamp. The other fields are the same for every client (draft-ietf-ntp-data-minimization).
func newRequest(cookie uint64) []byte {
	packet := make([]byte, packetSize)
	packet[0] = version<<3 | modeClient
	packet[offsetPrecision] = 32
	binary.BigEndian.PutUint64(packet[offsetTransmit:], cookie)
	return packet
}

// answer is what matters in a server's packet.
type answer struct {
	leap         uint8
	stratum      uint8
	referenceID  [4]byte
	rootDistance time.Duration // how far the clock may be from the reference clock: half the delay, and the dispersion (RFC 5905 §10)
	origin       uint64
	receive      time.Time
	transmit     time.Time
}

var errNoAnswer = errors.New("not a time server's packet")

// parseAnswer reads a server's packet (mode 4). What follows the header is not looked at.
func parseAnswer(packet []byte) (answer, error) {
	if len(packet) < packetSize {
		return answer{}, errNoAnswer
	}
	receive, transmit := binary.BigEndian.Uint64(packet[offsetReceive:]), binary.BigEndian.Uint64(packet[offsetTransmit:])
	if packet[0]&7 != modeServer || packet[0]>>3&7 == 0 {
		return answer{}, errNoAnswer
	}
	return answer{
		leap:         packet[0] >> 6,
		stratum:      packet[offsetStratum],
		referenceID:  [4]byte(packet[offsetReferenceID:]),
		rootDistance: shortTime(packet[offsetRootDelay:])/2 + shortTime(packet[offsetRootDispersion:]),
		origin:       binary.BigEndian.Uint64(packet[offsetOrigin:]),
		receive:      timeOf(receive),
		transmit:     timeOf(transmit),
	}, nil
}

// shortTime is a time in NTP's short format: 16 bits of seconds, 16 of a fraction (RFC 5905 §6).
func shortTime(raw []byte) time.Duration {
	return time.Duration(uint64(binary.BigEndian.Uint32(raw)) * uint64(time.Second) >> 16)
}

// epoch is the NTP era 0's begin, 1900-01-01, in seconds of Unix time.
const epoch = -2208988800

// timeOf is the time of a timestamp: 32 bits of seconds, 32 of a fraction (RFC 5905 §6); zero where it says nothing. Seconds without
// their highest bit are those of era 1, from 2036 to 2104 (RFC 4330 §3): so the time is right however wrong this machine's clock is.
func timeOf(stamp uint64) time.Time {
	if stamp == 0 {
		return time.Time{}
	}
	seconds := int64(stamp >> 32)
	if seconds < 1<<31 {
		seconds += 1 << 32
	}
	nanoseconds := int64(stamp & (1<<32 - 1) * uint64(time.Second) >> 32)
	return time.Unix(epoch+seconds, nanoseconds).UTC()
}
