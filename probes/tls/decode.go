package tls

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"slices"

	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
)

// Content types of TLS records (RFC 8446 §5.1, RFC 6520 §3).
const (
	recordChangeCipherSpec = 20
	recordAlert            = 21
	recordHandshake        = 22
	recordApplicationData  = 23
	recordHeartbeat        = 24
)

// Bounds on what the decoder holds.
const (
	recordHeader  = 5
	maxRecord     = 1<<14 + 2048 // the longest encrypted record (RFC 5246 §6.2.3)
	messageHeader = 4
	maxMessage    = 256 << 10 // as crypto/tls has it: the format would allow 16 MB
	maxText       = 4 * probes.MaxText
)

const (
	changeSize   = 1
	alertSize    = 2
	finishedSize = messageHeader + 12 // in all suites before TLS 1.3 (RFC 5246 §7.4.9)
)

// Decode reads what a client and a server said, from the segments in the order in which they crossed the wire. What is encrypted is
// read with the secrets in keyLog (the format of SSLKEYLOGFILE, RFC 9850), as far as they are there and the suite is an AEAD one. A
// direction that is no TLS, or no more, is read up to there.
func Decode(segments []Segment, keyLog []byte) Transcript {
	d := newDecoder(keyLog)
	d.feed(segments...)
	return d.end()
}

// decoder reads segments as they come.
type decoder struct {
	Transcript

	secrets        secrets
	client, server stream
	version, suite uint16 // that the server chose
	clientRandom   [randomLength]byte
	serverRandom   [randomLength]byte
	session        []byte // the client's session ID
	asked          bool   // the server asked for a certificate
	finished       bool   // the client's Finished was seen
	settled        bool   // and whether the server went on then
}

// stream is one direction.
type stream struct {
	from      string
	at        probes.Millis // of the segment that is being read
	begun     bool          // a byte was read, and may be TLS
	text      []byte        // what is no TLS
	raw       []byte        // not yet a whole record
	fragments []byte        // of handshake messages, not yet a whole one
	sealed    bool          // the fragments came encrypted
	broken    bool          // what follows cannot be read
	changed   bool          // a ChangeCipherSpec was seen: before TLS 1.3, what follows is encrypted
	awaited   bool          // and the Finished is still to come
	keys      *keys         // nil where they are not known
}

// record is a whole TLS record.
type record struct {
	header [recordHeader]byte
	body   []byte
}

func (r record) kind() uint8 { return r.header[0] }

func isRecord(kind uint8) bool {
	return recordChangeCipherSpec <= kind && kind <= recordHeartbeat
}

func newDecoder(keyLog []byte) *decoder {
	return &decoder{secrets: parseKeyLog(keyLog), client: stream{from: "client"}, server: stream{from: "server"}}
}

func (d *decoder) feed(segments ...Segment) {
	for _, s := range segments {
		from := &d.client
		if s.FromServer {
			from = &d.server
		}
		from.at = probes.Millis(s.At)
		from.add(s.Bytes)
		for {
			r, ok := from.next()
			if !ok {
				break
			}
			d.record(from, r)
		}
	}
}

// end reads what a last record holds that was cut short: a whole ServerHello may stand at its start, with certificates behind it that
// never arrived.
func (d *decoder) end() Transcript {
	if s := &d.server; len(s.raw) > recordHeader && s.raw[0] == recordHandshake && !d.encrypted(s, recordHandshake) {
		d.handshake(s, s.raw[recordHeader:], false)
	}
	d.Plaintext = probes.Bound(string(d.server.text))
	transcript := d.Transcript
	for _, s := range []*stream{&d.client, &d.server} {
		if len(s.fragments) >= messageHeader && len(transcript.Messages) < MaxMessages {
			transcript.Messages = append(slices.Clip(transcript.Messages), s.unfinished())
		}
	}
	return transcript
}

// unfinished is the handshake message of which the fragments have the header, and not all.
func (s *stream) unfinished() Message {
	return Message{At: s.at, From: s.from, Name: messageName(s.fragments[0]), Size: sizeOf(s.fragments), Encrypted: s.sealed, Cut: true}
}

// sizeOf is how long a handshake message says that it is, its header included.
func sizeOf(message []byte) int {
	return messageHeader + int(binary.BigEndian.Uint32(message)&0xffffff)
}

// leavesOpen says that it is not known yet whether a server of TLS 1.3 is content with our certificate, or with having got none, and
// that it can still be learned.
func (d *decoder) leavesOpen() bool {
	return d.version == tls.VersionTLS13 && d.asked && !d.settled && !d.server.broken
}

func (s *stream) add(piece []byte) {
	if s.broken || len(piece) == 0 {
		return
	}
	if !s.begun && (len(s.text) > 0 || !isRecord(piece[0])) {
		s.text = append(s.text, piece[:min(len(piece), maxText-len(s.text))]...)
		return
	}
	s.begun = true
	s.raw = append(s.raw, piece...)
}

// next takes the next record, if it is whole.
func (s *stream) next() (r record, ok bool) {
	if s.broken || len(s.raw) < recordHeader {
		return record{}, false
	}
	length := int(binary.BigEndian.Uint16(s.raw[3:]))
	if !isRecord(s.raw[0]) || length > maxRecord {
		s.fail()
		return record{}, false
	}
	if len(s.raw) < recordHeader+length {
		return record{}, false
	}
	r = record{[recordHeader]byte(s.raw), s.raw[recordHeader : recordHeader+length]}
	s.raw = s.raw[recordHeader+length:]
	return r, true
}

// fail gives a direction up.
func (s *stream) fail() {
	s.broken = true
	s.raw, s.fragments = nil, nil
}

func (d *decoder) record(from *stream, r record) {
	if r.kind() == recordChangeCipherSpec {
		d.changeCipherSpec(from, r)
		return
	}
	kind, body, encrypted := r.kind(), r.body, d.encrypted(from, r.kind())
	if encrypted {
		var ok bool
		if kind, body, ok = from.keys.open(r); !ok {
			d.sealed(from, r)
			return
		}
	}
	switch kind {
	case recordAlert:
		d.alert(from, body, encrypted)
	case recordHandshake:
		d.goesOn(from, true)
		d.handshake(from, body, encrypted)
	case recordApplicationData:
		d.goesOn(from, true)
	}
}

// encrypted says that a record is: in TLS 1.3 its type says so (RFC 8446 §5.2), before that a ChangeCipherSpec before it.
func (d *decoder) encrypted(from *stream, kind uint8) bool {
	if d.version == tls.VersionTLS13 {
		return kind == recordApplicationData
	}
	return from.changed
}

// sealed notes a record that cannot be opened. Before TLS 1.3 its type is in the clear, and the first handshake message after a
// ChangeCipherSpec is the Finished.
func (d *decoder) sealed(from *stream, r record) {
	m := Message{At: from.at, From: from.from, Name: "Encrypted", Size: len(r.body), Encrypted: true}
	switch {
	case d.version == tls.VersionTLS13: // application data as well, perhaps
	case r.kind() == recordAlert:
		m.Name, m.Size = "Alert", alertSize
		d.goesOn(from, false)
	case r.kind() == recordHandshake:
		d.goesOn(from, true)
		if from.awaited {
			m.Name, m.Size = "Finished", finishedSize
			d.finish(from)
		}
	default:
		d.goesOn(from, true)
		return
	}
	d.keep(m)
}

func (d *decoder) keep(m Message) {
	if len(d.Messages) < MaxMessages {
		d.Messages = append(d.Messages, m)
	}
}

// goesOn notes whether the server went on after the client's Finished: what it sends first says so.
func (d *decoder) goesOn(from *stream, goesOn bool) {
	if from == &d.server && d.finished && !d.settled {
		d.Answered, d.settled = goesOn, true
	}
}

// changeCipherSpec takes the keys into use before TLS 1.3. There, it means nothing (RFC 8446 §D.4). In a renegotiation, it comes under
// the old keys.
func (d *decoder) changeCipherSpec(from *stream, r record) {
	m := Message{At: from.at, From: from.from, Name: "ChangeCipherSpec", Size: len(r.body)}
	if d.encrypted(from, r.kind()) {
		m.Size, m.Encrypted = changeSize, true
	}
	d.keep(m)
	if d.version == tls.VersionTLS13 {
		return
	}
	from.changed, from.awaited = true, true
	from.keys = d.keysOfMaster(from == &d.server)
}

// alert reads an alert; where it has another length it must be encrypted.
func (d *decoder) alert(from *stream, body cryptobyte.String, encrypted bool) {
	d.goesOn(from, false)
	m := Message{At: from.at, From: from.from, Name: "Alert", Size: alertSize, Encrypted: encrypted || len(body) != alertSize}
	var a Alert
	if len(body) == alertSize && body.ReadUint8(&a.Level) && body.ReadUint8(&a.Description) {
		a.Name = alertName(a.Description)
		m.Alert = &a
		if from == &d.server {
			d.Alert = &a
		}
	}
	d.keep(m)
}

// handshake puts messages together that come in fragments, or several in one record (RFC 8446 §5.1).
func (d *decoder) handshake(from *stream, fragment []byte, encrypted bool) {
	from.fragments, from.sealed = append(from.fragments, fragment...), encrypted
	for len(from.fragments) >= messageHeader {
		size := sizeOf(from.fragments)
		if size > maxMessage {
			d.keep(from.unfinished())
			from.fail()
			return
		}
		if len(from.fragments) < size {
			return
		}
		message := from.fragments[:size]
		from.fragments = from.fragments[size:]
		d.message(from, message, encrypted)
	}
}

func (d *decoder) message(from *stream, raw []byte, encrypted bool) {
	m := Message{At: from.at, From: from.from, Name: messageName(raw[0]), Size: len(raw), Encrypted: encrypted}
	body := cryptobyte.String(raw[messageHeader:])
	switch raw[0] {
	case messageClientHello:
		m.Hello = d.clientHello(from, body)
	case messageServerHello:
		m.Hello = d.serverHello(from, &m, body)
	case messageEncryptedExtensions:
		m.Hello = readEncryptedExtensions(body)
	case messageCertificate:
		d.certificate(from, &m, body)
	case messageCertificateRequest:
		d.asked = true
		readCertificateRequest(&m, d.version, body)
	case messageServerKeyExchange:
		readServerKeyExchange(&m, d.version, suiteName(d.suite), body)
	case messageCertificateVerify:
		if d.version >= tls.VersionTLS12 {
			m.Scheme = readScheme(&body)
		}
	case messageNewSessionTicket:
		_ = body.ReadUint32(&m.Lifetime) // zero where it is not there
	case messageFinished:
		d.finish(from)
	case messageKeyUpdate:
		from.keys = from.keys.updated()
	}
	d.keep(m)
}

// clientHello keeps what the server's answer is read with.
func (d *decoder) clientHello(from *stream, body cryptobyte.String) *Hello {
	hello := readClientHello(body)
	if from == &d.client {
		d.clientRandom, d.session = hello.random, hello.session
	}
	return &hello.Hello
}

// serverHello keeps what the server chose; in TLS 1.3, all that follows is encrypted.
func (d *decoder) serverHello(from *stream, m *Message, body cryptobyte.String) *Hello {
	hello := readServerHello(body)
	if hello.retry {
		m.Name = "HelloRetryRequest"
	}
	if from == &d.client || hello.version == 0 {
		return &hello.Hello
	}
	if hello.version < tls.VersionTLS13 && len(d.session) > 0 && bytes.Equal(d.session, hello.session) { // RFC 5246 §7.4.1.3
		hello.Resumes = true
	}
	d.version, d.suite, d.serverRandom = hello.version, hello.suite, hello.random
	d.ServerHello = versionName(d.version)
	if d.version == tls.VersionTLS13 && !hello.retry {
		d.client.keys = d.keysOf("CLIENT_HANDSHAKE_TRAFFIC_SECRET")
		d.server.keys = d.keysOf("SERVER_HANDSHAKE_TRAFFIC_SECRET")
	}
	return &hello.Hello
}

func (d *decoder) certificate(from *stream, m *Message, body cryptobyte.String) {
	leaf := readCertificates(m, d.version, body)
	if from == &d.server && d.Leaf == nil {
		d.Leaf = leaf
	}
}

// finish is what a Finished brings about: in TLS 1.3 other keys for its direction (RFC 8446 §7.1).
func (d *decoder) finish(from *stream) {
	from.awaited = false
	label := "SERVER_TRAFFIC_SECRET_0"
	if from == &d.client {
		d.finished = true
		label = "CLIENT_TRAFFIC_SECRET_0"
	}
	if d.version == tls.VersionTLS13 {
		from.keys = d.keysOf(label)
	}
}
