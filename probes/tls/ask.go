package tls

import (
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"net"
	"time"

	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
)

// Ask sends a ClientHello of our own making over conn and reads what the server first says to it: up to its ServerHello or
// HelloRetryRequest and, before TLS 1.3, to the group of its ServerKeyExchange. The handshake goes no further. It takes no longer than
// wait, and reads no more than a server's first flight. The conn stays the caller's to close.
func Ask(ctx context.Context, conn net.Conn, o Offer, wait time.Duration) Answer {
	message, err := o.message()
	if err != nil {
		return Answer{Fault: probes.NewFault(ctx, "handshake", err)}
	}
	defer probes.Within(ctx, conn, wait)()
	l := &listener{decoder: newDecoder(nil), helloOnly: o.HelloOnly, answer: Answer{HelloSize: len(message)}}
	hello := asRecord(o.complete().Version, message)
	l.feed(Segment{Bytes: hello})
	start := time.Now()
	if _, err = conn.Write(hello); err == nil {
		err = l.read(conn)
	}
	answer := l.heard()
	answer.Took = probes.Since(start)
	answer.Transport = probes.TransportOf(conn)
	answer.Fault = l.fault(ctx, err)
	return answer
}

// asRecord puts a ClientHello into a record. For servers that would trip over a newer one, that claims at most TLS 1.0 (RFC 8446 §5.1).
func asRecord(version uint16, message []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(recordHandshake)
	b.AddUint16(min(version, tls.VersionTLS10))
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(message) })
	return b.BytesOrPanic() // maxHello fits
}

// listener reads the answer to a ClientHello.
type listener struct {
	*decoder

	answer    Answer
	helloOnly bool
	heardOf   int  // messages that were looked at
	done      bool // nothing more is of interest
}

// maxAnswer bounds what is read of an answer, in bytes. A server's first flight with a long chain fits.
const maxAnswer = 128 << 10

// read listens until the server has said what is of interest, or nothing more comes. The error is that of the last read.
func (l *listener) read(conn net.Conn) error {
	piece := make([]byte, 4096)
	for !l.done && l.answer.Received < maxAnswer {
		n, err := conn.Read(piece)
		l.take(piece[:n])
		if err != nil {
			return err
		}
	}
	return nil
}

// take reads a piece of the answer.
func (l *listener) take(piece []byte) {
	l.answer.Received += len(piece)
	l.feed(Segment{FromServer: true, Bytes: piece})
	l.look()
	text := len(l.server.text)
	l.done = l.done || l.server.broken || text >= recordHeader || len(l.Messages) == MaxMessages
}

// look takes from the messages what the answer is to say.
func (l *listener) look() {
	for ; l.heardOf < len(l.Messages); l.heardOf++ {
		if m := l.Messages[l.heardOf]; m.From == l.server.from {
			l.hear(m)
		}
	}
}

func (l *listener) hear(m Message) {
	switch {
	case m.Cut:
		l.done = true
	case m.Alert != nil:
		l.done = l.done || m.Alert.Level != warning || m.Alert.Description == alertCloseNotify
	case m.Name == "ServerHello" || m.Name == "HelloRetryRequest":
		l.serverHello(m)
	case m.Name == "ServerKeyExchange":
		l.answer.Group = m.Group
		l.done = true
	default:
		l.done = l.done || l.answer.Version == "" && m.Name != "HelloRequest" || m.Name == "ServerHelloDone"
	}
}

const (
	warning          = 1 // the level of an alert that ends nothing
	alertCloseNotify = 0
)

func (l *listener) serverHello(m Message) {
	if l.version == 0 || len(m.Hello.Suites) == 0 {
		l.done = true // it cannot be read
		return
	}
	a := &l.answer
	a.Version, a.Suite, a.Retry = l.ServerHello, m.Hello.Suites[0], m.Name == "HelloRetryRequest"
	for _, group := range append(m.Hello.Groups, m.Hello.KeyShares...) {
		a.Group = group
	}
	l.done = l.helloOnly || a.Retry || l.version == tls.VersionTLS13
}

// heard is the answer as far as it came.
func (l *listener) heard() Answer {
	transcript := l.end()
	l.look() // a ServerHello in a record that was cut short
	l.answer.Alert, l.answer.Plaintext = transcript.Alert, transcript.Plaintext
	if leaf := transcript.Leaf; leaf != nil {
		sum := sha256.Sum256(leaf)
		l.answer.Leaf, l.answer.Key = hex.EncodeToString(sum[:]), keyName(leaf)
	}
	return l.answer
}

// fault is why there is no ServerHello. The error is that of the connection, where it had one.
func (l *listener) fault(ctx context.Context, err error) *probes.Fault {
	a := &l.answer
	if a.Version != "" {
		return nil
	}
	f := probes.NewFault(ctx, "handshake", err)
	switch {
	case f.Of(probes.Interrupted):
	case a.Plaintext != "":
		f = &probes.Fault{Step: "handshake", Kind: probes.Malformed, Message: "the answer is not TLS"}
	case a.Alert != nil && a.Alert.Description == alertCloseNotify:
		f = &probes.Fault{Step: "handshake", Kind: probes.Closed, Message: "the peer took its leave (close_notify)"}
	case a.Alert != nil && !f.Of(probes.Timeout) && (f != nil || a.Alert.Level != warning): // a warning that we gave up on ended nothing
		f = &probes.Fault{Step: "handshake", Kind: probes.Alert, Message: "alert " + a.Alert.Name}
	case f == nil && !l.server.broken && a.Received >= maxAnswer:
		f = &probes.Fault{Step: "handshake", Kind: probes.TooLong, Message: "no ServerHello in all that was sent"}
	case f == nil:
		f = &probes.Fault{Step: "handshake", Kind: probes.Malformed, Message: "what was sent in place of a ServerHello is not understood"}
	}
	return f
}
