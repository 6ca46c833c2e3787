package tlstest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"time"
)

// Numbers of RFC 8446 §5.1, §4 and §6.
const (
	alertRecord         = 21
	handshakeRecord     = 22
	helloRequestMessage = 0
	serverHelloMessage  = 2
	certificateMessage  = 11
	warning             = 1
	fatal               = 2
	unrecognizedName    = 112
	maxRecord           = 1 << 14
)

// legacyVersion is that of the records and messages that are made here: TLS 1.2.
var legacyVersion = []byte{3, 3}

// Trickle makes a server that speaks TLS as config says, a byte at a time with a pause before each, for which the server's Close
// waits.
func Trickle(config *tls.Config, pause time.Duration) Handler {
	handle := Handshake(config)
	return func(conn net.Conn) { handle(&trickling{Conn: conn, pause: pause}) }
}

type trickling struct {
	net.Conn

	pause time.Duration
}

func (t *trickling) Write(p []byte) (int, error) {
	for i := range p {
		time.Sleep(t.pause)
		if _, err := t.Conn.Write(p[i : i+1]); err != nil {
			return i, err
		}
	}
	return len(p), nil
}

// LyingRecord makes a server that answers the ClientHello with the beginning of a record, whose header promises more than ever
// comes.
func LyingRecord() Handler {
	return func(conn net.Conn) {
		if _, err := readRecord(conn); err != nil {
			return
		}
		whole := record(handshakeRecord, make([]byte, maxRecord))
		if _, err := conn.Write(whole[:100]); err == nil {
			drain(conn)
		}
	}
}

// Oversized makes a server of TLS 1.2 with a Certificate message that claims to have so many bytes, of which so many are sent;
// then it is silent.
func Oversized(claimed, sent int) Handler {
	return func(conn net.Conn) {
		if _, err := readRecord(conn); err != nil {
			return
		}
		flight := slices.Concat(record(handshakeRecord, chosen(tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256)),
			record(handshakeRecord, handshakeHeader(certificateMessage, claimed)))
		_, err := conn.Write(flight)
		part := record(handshakeRecord, make([]byte, maxRecord))
		for ; sent > 0 && err == nil; sent -= maxRecord {
			_, err = conn.Write(part)
		}
		if err == nil {
			drain(conn)
		}
	}
}

// Renegotiate makes a server of TLS 1.2 that asks for a new handshake (HelloRequest, RFC 5246 §7.4.1.1) again and again, as soon
// as the first one is done, and never listens to the answer.
func Renegotiate(identity tls.Certificate) Handler {
	return func(conn net.Conn) {
		var keyLog bytes.Buffer
		flight := &kept{Conn: conn}
		config := &tls.Config{
			Certificates: []tls.Certificate{identity}, MaxVersion: tls.VersionTLS12, KeyLogWriter: &keyLog,
			CipherSuites: []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256},
		}
		if tls.Server(flight, config).Handshake() != nil {
			return
		}
		seal, err := sealing(keyLog.String(), flight.first)
		for sequence := uint64(1); err == nil; sequence++ { // 0 was Finished
			_, err = conn.Write(seal(sequence, handshakeHeader(helloRequestMessage, 0)))
		}
	}
}

// kept is a connection that keeps the first of what is written to it.
type kept struct {
	net.Conn

	first []byte
}

func (k *kept) Write(p []byte) (int, error) {
	if k.first == nil {
		k.first = bytes.Clone(p)
	}
	return k.Conn.Write(p)
}

// sealing encrypts a server's handshake messages under AES-128-GCM with SHA-256, by the master secret in a key log of TLS 1.2 and
// the random of the ServerHello with which the server's first flight begins (RFC 5246 §6.3, RFC 5288 §3).
func sealing(keyLog string, flight []byte) (func(sequence uint64, message []byte) []byte, error) {
	const random, key, salt = 5 + 4 + 2, 16, 4
	var ofClient, master []byte
	if _, err := fmt.Sscanf(keyLog, "CLIENT_RANDOM %x %x", &ofClient, &master); err != nil {
		return nil, err
	}
	secrets := expand(master, slices.Concat([]byte("key expansion"), flight[random:random+32], ofClient), 2*key+2*salt)
	block, err := aes.NewCipher(secrets[key : 2*key])
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	return func(sequence uint64, message []byte) []byte {
		explicit := binary.BigEndian.AppendUint64(nil, sequence)
		nonce := slices.Concat(secrets[2*key+salt:], explicit)
		header := slices.Concat(explicit, record(handshakeRecord, message)[:5])
		return record(handshakeRecord, aead.Seal(explicit, nonce, message, header))
	}, err
}

// expand is P_SHA256 (RFC 5246 §5).
func expand(secret, seed []byte, size int) (stream []byte) {
	mac := func(data ...[]byte) []byte {
		h := hmac.New(sha256.New, secret)
		_, _ = h.Write(slices.Concat(data...)) // never fails
		return h.Sum(nil)
	}
	for a := mac(seed); len(stream) < size; a = mac(a) {
		stream = append(stream, mac(a, seed)...)
	}
	return stream[:size]
}

// chosen is a ServerHello of TLS 1.2 without extensions (RFC 5246 §7.4.1.3).
func chosen(suite uint16) []byte {
	body := slices.Concat(legacyVersion, make([]byte, 32), []byte{0}) // random, no session
	body = append(binary.BigEndian.AppendUint16(body, suite), 0)
	return append(handshakeHeader(serverHelloMessage, len(body)), body...)
}

// handshakeHeader begins a handshake message (RFC 8446 §4).
func handshakeHeader(kind byte, size int) []byte {
	return []byte{kind, byte(size >> 16), byte(size >> 8), byte(size)}
}

// record is a TLS record (RFC 8446 §5.1).
func record(kind byte, content []byte) []byte {
	header := append([]byte{kind}, legacyVersion...)
	return append(binary.BigEndian.AppendUint16(header, uint16(len(content))), content...)
}

func sendAlert(conn net.Conn, level, description byte) {
	_, _ = conn.Write(record(alertRecord, []byte{level, description})) // a client that has gone does not need it
}

// readRecord reads one TLS record, and returns it with its header.
func readRecord(conn net.Conn) ([]byte, error) {
	var header [5]byte
	if _, err := io.ReadFull(conn, header[:]); err != nil {
		return nil, err
	}
	content := make([]byte, binary.BigEndian.Uint16(header[3:]))
	_, err := io.ReadFull(conn, content)
	return append(header[:], content...), err
}

// readHello reads a ClientHello, which may be in several records, and returns these.
func readHello(conn net.Conn) (records []byte, err error) {
	const header = 4
	for message := []byte(nil); len(message) < header || len(message) < header+uint24(message[1:]); {
		next, err := readRecord(conn)
		if err != nil {
			return nil, err
		}
		records, message = append(records, next...), append(message, next[5:]...)
		if len(records) > maxRead {
			return nil, errors.New("the ClientHello is too large")
		}
	}
	return records, nil
}

func uint24(b []byte) int { return int(b[0])<<16 | int(b[1])<<8 | int(b[2]) }
