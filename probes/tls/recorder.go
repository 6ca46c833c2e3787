package tls

import (
	"errors"
	"net"
	"slices"
	"time"
)

// Bounds on what a recorder keeps. A handshake with the largest certificate message that crypto/tls reads (256 KiB) fits.
const (
	maxRecorded = 512 << 10 // bytes in each direction
	maxSegments = 8192      // a peer may send byte by byte
	maxAhead    = 64 << 10  // bytes peeked at and not read
)

// errAhead says that no more can be peeked at.
var errAhead = errors.New("more was sent than is looked at ahead")

// recorder keeps what crosses a connection in both directions, with the times, until it is stopped. While it records, one goroutine at
// a time may use it.
type recorder struct {
	net.Conn

	started  time.Time // when the first byte had crossed
	segments []Segment
	kept     [2]int        // bytes sent and received that are in the segments
	received int           // bytes from the peer
	last     time.Duration // when the last of them came
	ahead    []byte        // peeked at, and not read yet
	stopped  bool
	rest     *decoder // of what the peer says once the recording has stopped, where that still belongs to the handshake; nil where not
}

// Read gives what was peeked at before anything else.
func (r *recorder) Read(p []byte) (int, error) {
	if len(r.ahead) > 0 {
		n := copy(p, r.ahead)
		r.ahead = r.ahead[n:]
		return n, nil
	}
	n, err := r.Conn.Read(p)
	r.keep(true, p[:n])
	if r.stopped && r.rest != nil && r.rest.leavesOpen() {
		r.rest.feed(Segment{At: time.Since(r.started), FromServer: true, Bytes: p[:n]})
	}
	return n, err
}

func (r *recorder) Write(p []byte) (int, error) {
	n, err := r.Conn.Write(p)
	r.keep(false, p[:n])
	return n, err
}

// peek waits for the peer's next bytes, which stay to be read, and returns them.
func (r *recorder) peek() (Segment, error) {
	if len(r.ahead) >= maxAhead {
		return Segment{}, errAhead
	}
	next := make([]byte, 4096)
	n, err := r.Conn.Read(next)
	if n == 0 {
		return Segment{}, err
	}
	r.ahead = append(r.ahead, next[:n]...)
	r.keep(true, next[:n])
	return Segment{At: time.Since(r.started), FromServer: true, Bytes: next[:n]}, nil // an error comes again
}

// keep records a piece, as far as there is room for it.
func (r *recorder) keep(fromServer bool, piece []byte) {
	if r.stopped || len(piece) == 0 {
		return
	}
	if r.started.IsZero() {
		r.started = time.Now()
	}
	direction := 0
	if fromServer {
		direction = 1
		r.received += len(piece)
		r.last = time.Since(r.started)
	}
	piece = piece[:min(len(piece), maxRecorded-r.kept[direction])]
	if len(piece) == 0 || len(r.segments) == maxSegments {
		return
	}
	r.kept[direction] += len(piece)
	r.segments = append(r.segments, Segment{At: time.Since(r.started), FromServer: fromServer, Bytes: slices.Clone(piece)})
}

// stop ends the recording and frees what was kept; rest is told what the peer says after it, as long as it leaves something open. From then
// on reads and writes may come from different goroutines.
func (r *recorder) stop(rest *decoder) {
	r.stopped = true
	r.segments, r.rest = nil, rest
}

// drain reads what had come before the connection ended: a client that writes on into a connection which the server has closed learns of
// the end before it reads the alert.
func (r *recorder) drain() {
	const most, wait = 16, 100 * time.Millisecond
	_ = r.SetReadDeadline(time.Now().Add(wait)) // a connection that has ended fails at its next read in any case
	piece := make([]byte, 4096)
	for range most {
		if _, err := r.Read(piece); err != nil {
			return
		}
	}
}

// NetConn gives the connection below, for what only a socket can tell.
func (r *recorder) NetConn() net.Conn { return r.Conn }
