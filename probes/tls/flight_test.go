package tls

import (
	"bytes"
	"crypto/tls"
	"encoding/hex"
	"net"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// record is a TLS record.
func record(kind byte, body ...byte) []byte {
	return append([]byte{kind, 3, 3, byte(len(body) >> 8), byte(len(body))}, body...)
}

// hello is a ServerHello with a version in its old place, and extensions unless they are nil.
func hello(version uint16, extensions []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint8(messageServerHello)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddUint16(version)
		b.AddBytes(bytes.Repeat([]byte{7}, serverHelloRandomLength))
		b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 32)) })
		b.AddUint16(tls.TLS_AES_128_GCM_SHA256)
		b.AddUint8(0) // no compression
		if extensions != nil {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(extensions) })
		}
	})
	return b.BytesOrPanic()
}

// chose is the extension in which TLS 1.3 has the version; another extension stands before it.
func chose(version uint16) []byte {
	return []byte{0, 51, 0, 2, 0, 29, 0, extensionVersions, 0, 2, byte(version >> 8), byte(version)}
}

// retry is a HelloRetryRequest of a server that takes P-256 alone (RFC 8446 §4.1.4), and the change of cipher behind it.
var retry = unhex("160303005802000054030" +
	"3cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c" + // the random that says so
	"20e0e1e2e3e4e5e6e7e8e9eaebecedeeeff0f1f2f3f4f5f6f7f8f9fafbfcfdfeff" +
	"130100000c002b00020304003300020017" + "140303000101")

func unhex(text string) []byte {
	raw, err := hex.DecodeString(text)
	if err != nil {
		panic(err)
	}
	return raw
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

// large is a ServerHello of TLS 1.2 in one record with the certificates that follow it, as Windows servers send them.
func large(version uint16) []byte {
	return record(recordHandshake, join(hello(version, nil), []byte{11, 0, 0x30, 0}, make([]byte, 0x3000))...)
}

var flights = map[string]struct {
	first     []byte
	hello     string
	alert     *Alert
	plaintext string
}{
	"nothing":                          {},
	"alert handshake_failure":          {first: record(recordAlert, 2, 40), alert: &Alert{2, 40, "handshake_failure"}},
	"alert protocol_version":           {first: record(recordAlert, 2, 70), alert: &Alert{2, 70, "protocol_version"}},
	"alert of a TLS 1.0 server":        {first: []byte{21, 3, 1, 0, 2, 2, 70}, alert: &Alert{2, 70, "protocol_version"}},
	"alert without a name":             {first: record(recordAlert, 2, 200), alert: &Alert{2, 200, "alert 200"}},
	"close_notify":                     {first: record(recordAlert, 1, 0), alert: &Alert{1, 0, "close_notify"}},
	"warning, then the reason":         {first: join(record(recordAlert, 1, 112), record(recordAlert, 2, 70)), alert: &Alert{2, 70, "protocol_version"}},
	"warning, then a ServerHello":      {first: join(record(recordAlert, 1, 112), record(recordHandshake, hello(tls.VersionTLS12, nil)...)), hello: "TLS 1.2", alert: &Alert{1, 112, "unrecognized_name"}},
	"encrypted alert":                  {first: record(recordAlert, make([]byte, 26)...)},
	"encrypted alert cut to two bytes": {first: record(recordAlert, make([]byte, 26)...)[:7]},
	"alert cut to one byte":            {first: record(recordAlert, 2, 70)[:6]},
	"ServerHello, then an alert":       {first: join(record(recordHandshake, hello(tls.VersionTLS12, nil)...), record(recordAlert, 2, 80)), hello: "TLS 1.2", alert: &Alert{2, 80, "internal_error"}},

	"ServerHello of TLS 1.0":          {first: record(recordHandshake, hello(tls.VersionTLS10, nil)...), hello: "TLS 1.0"},
	"ServerHello of SSL 3":            {first: record(recordHandshake, hello(0x0300, nil)...), hello: "SSLv3"},
	"ServerHello of TLS 1.2":          {first: record(recordHandshake, hello(tls.VersionTLS12, []byte{})...), hello: "TLS 1.2"},
	"ServerHello of TLS 1.3":          {first: record(recordHandshake, hello(tls.VersionTLS12, chose(tls.VersionTLS13))...), hello: "TLS 1.3"},
	"ServerHello of a version to be":  {first: record(recordHandshake, hello(0x0305, nil)...), hello: "0x0305"},
	"HelloRetryRequest":               {first: retry, hello: "TLS 1.3"},
	"with its certificates":           {first: large(tls.VersionTLS11), hello: "TLS 1.1"},
	"with its certificates, cut":      {first: large(tls.VersionTLS11)[:maxFlight], hello: "TLS 1.1"},
	"what follows is encrypted":       {first: join(retry, record(recordApplicationData, 1, 2, 3), record(recordAlert, 2, 40)), hello: "TLS 1.3"},
	"a record without content before": {first: join(record(recordHandshake), record(recordHandshake, hello(tls.VersionTLS12, nil)...)), hello: "TLS 1.2"},
	"another message":                 {first: record(recordHandshake, 11, 0, 0, 3, 0, 0, 0)},

	"record header cut":                   {first: retry[:4]},
	"record header alone":                 {first: retry[:5]},
	"ServerHello cut in the random":       {first: retry[:20]},
	"ServerHello cut in the session":      {first: retry[:50]},
	"ServerHello cut in the extensions":   {first: retry[:90]},
	"message longer than its record":      {first: record(recordHandshake, hello(tls.VersionTLS12, nil)[:40]...)},
	"session longer than the message":     {first: record(recordHandshake, tampered(hello(tls.VersionTLS12, nil), 38, 255)...)},
	"extensions longer than the message":  {first: record(recordHandshake, tampered(hello(tls.VersionTLS12, []byte{0, 43, 0, 2, 3, 4}), 75, 200)...), hello: "TLS 1.2"},
	"extension longer than all of them":   {first: record(recordHandshake, hello(tls.VersionTLS12, []byte{0, 43, 0, 200, 3, 4})...), hello: "TLS 1.2"},
	"extension of the version is empty":   {first: record(recordHandshake, hello(tls.VersionTLS12, []byte{0, 43, 0, 0})...), hello: "TLS 1.2"},
	"record that claims to be 65535 long": {first: []byte{22, 3, 3, 255, 255, 2}},

	"FTP greeting":         {first: []byte("220 (vsFTPd 3.0.5)\r\n"), plaintext: "220 (vsFTPd 3.0.5)\r\n"},
	"HTTP error":           {first: []byte("HTTP/1.1 400 Bad Request\r\n"), plaintext: "HTTP/1.1 400 Bad Request\r\n"},
	"escape and NUL bytes": {first: []byte("\x1b[2J\x00"), plaintext: "\x1b[2J\x00"},
	"text in Latin-1":      {first: []byte("Gr\xfc\xdfe"), plaintext: "Grüße"},
	"much text":            {first: bytes.Repeat([]byte("x"), maxFlight), plaintext: strings.Repeat("x", probes.MaxText-3) + "…"},
	"ServerHello of SSL 2": {first: []byte{0x80, 0x0b, 4, 0, 1, 0, 2}, plaintext: "\u0080\x0b\x04\x00\x01\x00\x02"},
	"heartbeat":            {first: record(24, 1), plaintext: "\x18\x03\x03\x00\x01\x01"},
}

// tampered is the message with another byte at a place.
func tampered(message []byte, at int, value byte) []byte {
	message[at] = value
	return message
}

func TestReadFlight(t *testing.T) {
	for name, test := range flights {
		t.Run(name, func(t *testing.T) {
			hello, alert, plaintext := readFlight(test.first)
			assert.Equal(t, test.hello, hello)
			assert.Equal(t, test.alert, alert)
			assert.Equal(t, test.plaintext, plaintext)
		})
	}
}

// What Go's own server sends is read as what it is.
func TestReadFlightOfServer(t *testing.T) {
	certificate := tlstest.NewCA("test root").Issue(tlstest.Leaf{})
	for version, name := range map[uint16]string{tls.VersionTLS10: "TLS 1.0", tls.VersionTLS12: "TLS 1.2", tls.VersionTLS13: "TLS 1.3"} {
		conn, peer := net.Pipe()
		go func() {
			defer func() { _ = peer.Close() }()
			config := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: version, MaxVersion: version}
			_ = tls.Server(peer, config).Handshake()
		}()
		recorded := &recorder{Conn: conn}
		require.NoError(t, tls.Client(recorded, &tls.Config{InsecureSkipVerify: true, MinVersion: version}).Handshake())
		hello, alert, plaintext := readFlight(recorded.first)
		assert.Equal(t, name, hello)
		assert.Nil(t, alert)
		assert.Empty(t, plaintext)
		require.NoError(t, conn.Close())
	}
}

func FuzzFlight(f *testing.F) {
	for _, flight := range flights {
		f.Add(flight.first)
	}
	f.Fuzz(func(t *testing.T, first []byte) {
		hello, alert, plaintext := readFlight(first)
		require.True(t, utf8.ValidString(plaintext))
		require.LessOrEqual(t, len(plaintext), probes.MaxText)
		if plaintext != "" {
			require.Empty(t, hello)
			require.Nil(t, alert)
		}
		if alert != nil {
			require.NotEmpty(t, alert.Name)
			require.Contains(t, string(first), string([]byte{0, 2, alert.Level, alert.Description}))
		}
	})
}
