package tls

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"math/big"
	"net"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// recordOf is a TLS record.
func recordOf(kind byte, body ...byte) []byte {
	return append([]byte{kind, 3, 3, byte(len(body) >> 8), byte(len(body))}, body...)
}

// messageOf is a handshake message.
func messageOf(kind byte, body ...byte) []byte {
	return append([]byte{kind, byte(len(body) >> 16), byte(len(body) >> 8), byte(len(body))}, body...)
}

// serverHelloOf is a ServerHello with a version in its old place, and extensions unless they are nil.
func serverHelloOf(version uint16, extensions []byte) []byte {
	var b cryptobyte.Builder
	b.AddUint16(version)
	b.AddBytes(bytes.Repeat([]byte{7}, randomLength))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(make([]byte, 32)) })
	b.AddUint16(tls.TLS_AES_128_GCM_SHA256)
	b.AddUint8(0) // no compression
	if extensions != nil {
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(extensions) })
	}
	return messageOf(messageServerHello, b.BytesOrPanic()...)
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
	return recordOf(recordHandshake, join(serverHelloOf(version, nil), []byte{11, 0, 0x30, 0}, make([]byte, 0x3000))...)
}

const long = 4096 // more than is kept of a text

var flights = map[string]struct {
	first     []byte
	hello     string
	alert     *Alert
	plaintext string
}{
	"nothing":                   {},
	"alert handshake_failure":   {first: recordOf(recordAlert, 2, 40), alert: &Alert{2, 40, "handshake_failure"}},
	"alert protocol_version":    {first: recordOf(recordAlert, 2, 70), alert: &Alert{2, 70, "protocol_version"}},
	"alert of a TLS 1.0 server": {first: []byte{21, 3, 1, 0, 2, 2, 70}, alert: &Alert{2, 70, "protocol_version"}},
	"alert without a name":      {first: recordOf(recordAlert, 2, 200), alert: &Alert{2, 200, "alert 200"}},
	"close_notify":              {first: recordOf(recordAlert, 1, 0), alert: &Alert{1, 0, "close_notify"}},
	"warning, then the reason": {
		first: join(recordOf(recordAlert, 1, 112), recordOf(recordAlert, 2, 70)), alert: &Alert{2, 70, "protocol_version"},
	},
	"warning, then a ServerHello": {
		first: join(recordOf(recordAlert, 1, 112), recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...)), hello: "TLS 1.2", alert: &Alert{1, 112, "unrecognized_name"},
	},
	"encrypted alert":                  {first: recordOf(recordAlert, make([]byte, 26)...)},
	"encrypted alert cut to two bytes": {first: recordOf(recordAlert, make([]byte, 26)...)[:7]},
	"alert cut to one byte":            {first: recordOf(recordAlert, 2, 70)[:6]},
	"ServerHello, then an alert": {
		first: join(recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...), recordOf(recordAlert, 2, 80)), hello: "TLS 1.2", alert: &Alert{2, 80, "internal_error"},
	},

	"ServerHello of TLS 1.0": {first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS10, nil)...), hello: "TLS 1.0"},
	"ServerHello of SSL 3":   {first: recordOf(recordHandshake, serverHelloOf(0x0300, nil)...), hello: "SSLv3"},
	"ServerHello of TLS 1.2": {first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, []byte{})...), hello: "TLS 1.2"},
	"ServerHello of TLS 1.3": {
		first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, chose(tls.VersionTLS13))...), hello: "TLS 1.3",
	},
	"ServerHello of a version to be": {first: recordOf(recordHandshake, serverHelloOf(0x0305, nil)...), hello: "0x0305"},
	"HelloRetryRequest":              {first: retry, hello: "TLS 1.3"},
	"with its certificates":          {first: large(tls.VersionTLS11), hello: "TLS 1.1"},
	"with its certificates, cut":     {first: large(tls.VersionTLS11)[:long], hello: "TLS 1.1"},
	"what follows is encrypted":      {first: join(retry, recordOf(recordApplicationData, 1, 2, 3)), hello: "TLS 1.3"},
	"a record without content before": {
		first: join(recordOf(recordHandshake), recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...)), hello: "TLS 1.2",
	},
	"another message": {first: recordOf(recordHandshake, 11, 0, 0, 3, 0, 0, 0)},

	"record header cut":                 {first: retry[:4]},
	"record header alone":               {first: retry[:5]},
	"ServerHello cut in the random":     {first: retry[:20]},
	"ServerHello cut in the session":    {first: retry[:50]},
	"ServerHello cut in the extensions": {first: retry[:90]},
	"message longer than its record":    {first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)[:40]...)},
	"session longer than the message":   {first: recordOf(recordHandshake, tampered(serverHelloOf(tls.VersionTLS12, nil), 38, 255)...)},
	"extensions longer than the message": {
		first: recordOf(recordHandshake, tampered(serverHelloOf(tls.VersionTLS12, []byte{0, 43, 0, 2, 3, 4}), 75, 200)...), hello: "TLS 1.2",
	},
	"extension longer than all of them": {
		first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, []byte{0, 43, 0, 200, 3, 4})...), hello: "TLS 1.2",
	},
	"extension of the version is empty": {
		first: recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, []byte{0, 43, 0, 0})...), hello: "TLS 1.2",
	},
	"record that claims to be 65535 long": {first: []byte{22, 3, 3, 255, 255, 2}},
	"message that claims to be 16 MB long": {
		first: join(recordOf(recordHandshake, 2, 255, 255, 255), recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...)),
	},
	"garbage behind a ServerHello": {
		first: join(recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...), []byte("garbage")), hello: "TLS 1.2",
	},

	"FTP greeting":         {first: []byte("220 (vsFTPd 3.0.5)\r\n"), plaintext: "220 (vsFTPd 3.0.5)\r\n"},
	"HTTP error":           {first: []byte("HTTP/1.1 400 Bad Request\r\n"), plaintext: "HTTP/1.1 400 Bad Request\r\n"},
	"escape and NUL bytes": {first: []byte("\x1b[2J\x00"), plaintext: "\x1b[2J\x00"},
	"text in Latin-1":      {first: []byte("Gr\xfc\xdfe"), plaintext: "Grüße"},
	"much text":            {first: bytes.Repeat([]byte("x"), long), plaintext: strings.Repeat("x", probes.MaxText-3) + "…"},
	"ServerHello of SSL 2": {first: []byte{0x80, 0x0b, 4, 0, 1, 0, 2}, plaintext: "\u0080\x0b\x04\x00\x01\x00\x02"},
	"heartbeat":            {first: recordOf(recordHeartbeat, 1)},
	"no type of record":    {first: recordOf(recordHeartbeat+1, 1), plaintext: "\x19\x03\x03\x00\x01\x01"},
}

// tampered is the message with another byte at a place.
func tampered(message []byte, at int, value byte) []byte {
	message[at] = value
	return message
}

// fromServer is one segment.
func fromServer(raw []byte) []Segment { return []Segment{{FromServer: true, Bytes: raw}} }

// byteByByte has every byte in a segment of its own.
func byteByByte(segments []Segment) (all []Segment) {
	for _, s := range segments {
		for i := range s.Bytes {
			all = append(all, Segment{At: s.At, FromServer: s.FromServer, Bytes: s.Bytes[i : i+1]})
		}
	}
	return all
}

func TestFirstFlight(t *testing.T) {
	for name, test := range flights {
		t.Run(name, func(t *testing.T) {
			said := Decode(fromServer(test.first), nil)
			assert.Equal(t, test.hello, said.ServerHello)
			assert.Equal(t, test.alert, said.Alert)
			assert.Equal(t, test.plaintext, said.Plaintext)
			assert.Equal(t, said, Decode(byteByByte(fromServer(test.first)), nil))
		})
	}
}

// conversation is a handshake that a client and a server of crypto/tls have made, and a byte from the server after it.
type conversation struct {
	segments []Segment
	keyLog   bytes.Buffer
	state    tls.ConnectionState
}

// converse makes a handshake; that it may fail is what some tests are about.
func converse(t *testing.T, client, server *tls.Config) *conversation {
	t.Helper()
	conn, err := net.Dial("tcp", start(t, greeting(server)).Addr.String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	var c conversation
	recorded := &recorder{Conn: conn}
	client = client.Clone()
	client.KeyLogWriter, client.InsecureSkipVerify, client.ServerName = &c.keyLog, true, "localhost"
	secured := tls.Client(recorded, client)
	_, _ = secured.Read(make([]byte, 1))
	c.state, c.segments = secured.ConnectionState(), recorded.segments
	return &c
}

func (c *conversation) decode() Transcript { return Decode(c.segments, c.keyLog.Bytes()) }

// names are the messages in one word each: "> ClientHello" from the client, "< [Finished]" encrypted from the server. Those of the
// client are first: how the directions interleave is a matter of speed, since a server may send tickets before the client is done.
func names(messages []Message) []string {
	var all []string
	for _, m := range messages {
		name := m.Name
		if m.Alert != nil {
			name = m.Alert.Name
		}
		if m.Encrypted {
			name = "[" + name + "]"
		}
		all = append(all, map[string]string{"client": "> ", "server": "< "}[m.From]+name)
	}
	slices.SortStableFunc(all, clientFirst)
	return all
}

func clientFirst(a, b string) int { return int(b[0]) - int(a[0]) }

// words are names as a test writes them.
func words(text string) []string {
	fields := strings.Fields(text)
	var all []string
	for i := 0; i < len(fields); i += 2 {
		all = append(all, fields[i]+" "+fields[i+1])
	}
	slices.SortStableFunc(all, clientFirst)
	return all
}

// exactly makes a client that speaks one version alone, and can resume.
func exactly(version uint16, changes ...func(*tls.Config)) *tls.Config {
	client := &tls.Config{MinVersion: version, MaxVersion: version, ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	for _, change := range changes {
		change(client)
	}
	return client
}

func suite(suite uint16) func(*tls.Config) {
	return func(c *tls.Config) { c.CipherSuites = []uint16{suite} }
}

func groups(groups ...tls.CurveID) func(*tls.Config) {
	return func(c *tls.Config) { c.CurvePreferences = groups }
}

func protocols(names ...string) func(*tls.Config) {
	return func(c *tls.Config) { c.NextProtos = names }
}

// rsaKey makes a server that has an RSA certificate.
func rsaKey(c *tls.Config) { c.Certificates = []tls.Certificate{rsaCertificate()} }

var rsaCertificate = sync.OnceValue(func() tls.Certificate {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "rsa.example"}, DNSNames: []string{"localhost"},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		panic(err)
	}
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}
})

var clientCA = sync.OnceValue(func() *tlstest.CA { return tlstest.NewCA("client CA") })

var clientCertificate = sync.OnceValue(func() *tls.Certificate {
	issued := clientCA().Issue(tlstest.Leaf{Names: []string{"me.example"}})
	return &issued
})

func demandsCertificate(c *tls.Config) {
	c.ClientAuth, c.ClientCAs = tls.RequireAnyClientCert, clientCA().Pool()
}

func hasCertificate(c *tls.Config) {
	c.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return clientCertificate(), nil }
}

func unchanged(*tls.Config) {}

func TestMessagesOfHandshakes(t *testing.T) {
	const (
		ecdhe = `> ClientHello < ServerHello < Certificate < ServerKeyExchange < ServerHelloDone
			> ClientKeyExchange > ChangeCipherSpec > [Finished] < NewSessionTicket < ChangeCipherSpec < [Finished]`
		rsa = `> ClientHello < ServerHello < Certificate < ServerHelloDone
			> ClientKeyExchange > ChangeCipherSpec > [Finished] < NewSessionTicket < ChangeCipherSpec < [Finished]`
		server13 = " < ServerHello < ChangeCipherSpec < [EncryptedExtensions] < [Certificate] < [CertificateVerify] < [Finished]"
		client13 = " > ChangeCipherSpec > [Finished] < [NewSessionTicket]"
	)
	for name, test := range map[string]struct {
		client *tls.Config
		server func(*tls.Config)
		want   string
	}{
		"TLS 1.0":           {exactly(tls.VersionTLS10), oldToo, ecdhe},
		"TLS 1.1":           {exactly(tls.VersionTLS11), oldToo, ecdhe},
		"TLS 1.2":           {exactly(tls.VersionTLS12), unchanged, ecdhe},
		"TLS 1.2, AES-256":  {exactly(tls.VersionTLS12, suite(tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384)), unchanged, ecdhe},
		"TLS 1.2, ChaCha20": {exactly(tls.VersionTLS12, suite(tls.TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256)), unchanged, ecdhe},
		"TLS 1.2, CBC":      {exactly(tls.VersionTLS12, suite(tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA)), unchanged, ecdhe},
		"TLS 1.2, RSA key exchange": {exactly(tls.VersionTLS12, suite(tls.TLS_RSA_WITH_AES_128_GCM_SHA256)), func(c *tls.Config) {
			rsaKey(c)
			suite(tls.TLS_RSA_WITH_AES_128_GCM_SHA256)(c)
		}, rsa},
		"TLS 1.2, client certificate": {exactly(tls.VersionTLS12, hasCertificate), demandsCertificate,
			`> ClientHello < ServerHello < Certificate < ServerKeyExchange < CertificateRequest < ServerHelloDone
			> Certificate > ClientKeyExchange > CertificateVerify > ChangeCipherSpec > [Finished]
			< NewSessionTicket < ChangeCipherSpec < [Finished]`},
		"TLS 1.2, client certificate missing": {exactly(tls.VersionTLS12), demandsCertificate,
			`> ClientHello < ServerHello < Certificate < ServerKeyExchange < CertificateRequest < ServerHelloDone
			> Certificate > ClientKeyExchange > ChangeCipherSpec > [Finished] < handshake_failure`},
		"TLS 1.3": {exactly(tls.VersionTLS13), unchanged, "> ClientHello" + server13 + client13},
		"TLS 1.3, HelloRetryRequest": {exactly(tls.VersionTLS13, groups(tls.X25519, tls.CurveP384)), groups(tls.CurveP384),
			`> ClientHello < HelloRetryRequest < ChangeCipherSpec > ChangeCipherSpec > ClientHello < ServerHello
			< [EncryptedExtensions] < [Certificate] < [CertificateVerify] < [Finished] > [Finished] < [NewSessionTicket]`},
		"TLS 1.3, client certificate": {exactly(tls.VersionTLS13, hasCertificate), demandsCertificate,
			`> ClientHello < ServerHello < ChangeCipherSpec < [EncryptedExtensions] < [CertificateRequest] < [Certificate]
			< [CertificateVerify] < [Finished] > ChangeCipherSpec > [Certificate] > [CertificateVerify] > [Finished]
			< [NewSessionTicket]`},
		"TLS 1.3, client certificate missing": {exactly(tls.VersionTLS13), demandsCertificate,
			`> ClientHello < ServerHello < ChangeCipherSpec < [EncryptedExtensions] < [CertificateRequest] < [Certificate]
			< [CertificateVerify] < [Finished] > ChangeCipherSpec > [Certificate] > [Finished] < [certificate_required]`},
		"no version in common": {exactly(tls.VersionTLS12), func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 },
			"> ClientHello < protocol_version"},
		"no protocol in common": {exactly(tls.VersionTLS13, protocols("ftp")), protocols("http/1.1"),
			"> ClientHello < no_application_protocol"},
	} {
		t.Run(name, func(t *testing.T) {
			c := converse(t, test.client, serverConfig(test.server))
			said := c.decode()
			assert.Equal(t, words(test.want), names(said.Messages))
			assert.Equal(t, said, Decode(byteByByte(c.segments), c.keyLog.Bytes()))
			assert.Equal(t, said, Decode(inRecordsOf(7, c.segments), c.keyLog.Bytes()), "handshake messages in fragments")
		})
	}
}

func oldToo(c *tls.Config) { c.MinVersion = tls.VersionTLS10 }

// inRecordsOf cuts the handshake records that are in the clear into records of that length (RFC 8446 §5.1).
func inRecordsOf(length int, segments []Segment) (cut []Segment) {
	var encrypted [2]bool
	for _, s := range segments {
		direction := &encrypted[0]
		if s.FromServer {
			direction = &encrypted[1]
		}
		piece := Segment{At: s.At, FromServer: s.FromServer}
		for raw := s.Bytes; len(raw) >= recordHeader; {
			size := recordHeader + int(raw[3])<<8 + int(raw[4])
			*direction = *direction || raw[0] == recordChangeCipherSpec
			if *direction || raw[0] != recordHandshake || len(raw) < size {
				piece.Bytes = append(piece.Bytes, raw...)
				break
			}
			for fragment := range slices.Chunk(raw[recordHeader:size], length) {
				piece.Bytes = append(piece.Bytes, recordOf(recordHandshake, fragment...)...)
			}
			raw = raw[size:]
		}
		cut = append(cut, piece)
	}
	return cut
}

func TestMessagesOfResumption(t *testing.T) {
	for version, want := range map[uint16]string{
		tls.VersionTLS12: "> ClientHello < ServerHello < NewSessionTicket < ChangeCipherSpec < [Finished] > ChangeCipherSpec > [Finished]",
		tls.VersionTLS13: `> ClientHello < ServerHello < ChangeCipherSpec < [EncryptedExtensions] < [Finished]
			> ChangeCipherSpec > [Finished] < [NewSessionTicket]`,
	} {
		client, server := exactly(version), serverConfig(nil)
		first := converse(t, client, server).decode()
		second := converse(t, client, server)
		require.True(t, second.state.DidResume)
		said := second.decode()
		assert.Equal(t, words(want), names(said.Messages))
		assert.Equal(t, []bool{false, false}, resumes(first.Messages))
		assert.Equal(t, []bool{true, true}, resumes(said.Messages))
	}
}

// resumes is what the hellos of client and server say.
func resumes(messages []Message) (all []bool) {
	for _, m := range messages {
		if m.Name == "ClientHello" || m.Name == "ServerHello" {
			all = append(all, m.Hello.Resumes)
		}
	}
	return all
}

// named is the first message of that name.
func named(t *testing.T, messages []Message, name string) Message {
	t.Helper()
	i := slices.IndexFunc(messages, func(m Message) bool { return m.Name == name })
	require.GreaterOrEqual(t, i, 0, "%s among %v", name, names(messages))
	return messages[i]
}

func TestContentOfTLS13(t *testing.T) {
	c := converse(t, exactly(tls.VersionTLS13, protocols("ftp", "http/1.1"), groups(tls.X25519, tls.CurveP256), hasCertificate),
		serverConfig(func(c *tls.Config) {
			groups(tls.CurveP256)(c)
			protocols("http/1.1")(c)
			demandsCertificate(c)
		}))
	said := c.decode()
	offer := named(t, said.Messages, "ClientHello").Hello
	assert.Equal(t, &Hello{
		Versions: []string{"TLS 1.3"}, ServerName: "localhost", ALPN: []string{"ftp", "http/1.1"}, Suites: offer.Suites,
		Groups: []string{"X25519", "CurveP256"}, KeyShares: []string{"X25519"},
	}, offer)
	chosen := []string{tls.CipherSuiteName(c.state.CipherSuite)}
	assert.Contains(t, offer.Suites, chosen[0])
	retry := named(t, said.Messages, "HelloRetryRequest").Hello
	assert.Equal(t, &Hello{Versions: []string{"TLS 1.3"}, Suites: chosen, Groups: []string{"CurveP256"}}, retry)
	answer := named(t, said.Messages, "ServerHello").Hello
	assert.Equal(t, &Hello{Versions: []string{"TLS 1.3"}, Suites: chosen, KeyShares: []string{"CurveP256"}}, answer)
	assert.Equal(t, &Hello{ALPN: []string{"http/1.1"}}, named(t, said.Messages, "EncryptedExtensions").Hello)

	request := named(t, said.Messages, "CertificateRequest")
	assert.Equal(t, []string{"CN=client CA"}, request.Authorities)
	assert.Equal(t, 1, request.Count)
	assert.Equal(t, "ecdsa_secp256r1_sha256", named(t, said.Messages, "CertificateVerify").Scheme)
	assert.Equal(t, uint32(7*24*3600), named(t, said.Messages, "NewSessionTicket").Lifetime)
	assertCertificates(t, said, c.state)
	assert.Equal(t, "TLS 1.3", said.ServerHello)
	assert.True(t, said.Answered)
	assert.Nil(t, said.Alert)
}

func assertCertificates(t *testing.T, said Transcript, state tls.ConnectionState) {
	t.Helper()
	assert.Equal(t, state.PeerCertificates[0].Raw, said.Leaf)
	subjects := map[string][]string{}
	for _, m := range said.Messages {
		if m.Name == "Certificate" {
			subjects[m.From] = m.Subjects
			assert.Equal(t, len(m.Subjects), m.Count)
		}
	}
	assert.Equal(t, map[string][]string{"server": {"CN=localhost"}, "client": {"CN=me.example"}}, subjects)
}

func TestContentBeforeTLS13(t *testing.T) {
	for version, scheme := range map[uint16]string{tls.VersionTLS10: "", tls.VersionTLS11: "", tls.VersionTLS12: "ecdsa_secp256r1_sha256"} {
		c := converse(t, exactly(version, protocols("ftp"), groups(tls.CurveP384), hasCertificate), serverConfig(func(c *tls.Config) {
			oldToo(c)
			protocols("ftp")(c)
			demandsCertificate(c)
		}))
		said := c.decode()
		name := tls.VersionName(version)
		assert.Equal(t, []string{name}, named(t, said.Messages, "ClientHello").Hello.Versions)
		assert.Equal(t, &Hello{
			Versions: []string{name}, ALPN: []string{"ftp"}, Suites: []string{tls.CipherSuiteName(c.state.CipherSuite)},
		}, named(t, said.Messages, "ServerHello").Hello)
		exchange := named(t, said.Messages, "ServerKeyExchange")
		assert.Equal(t, "CurveP384", exchange.Group)
		assert.Equal(t, scheme, exchange.Scheme)
		assert.Equal(t, scheme, named(t, said.Messages, "CertificateVerify").Scheme)
		request := named(t, said.Messages, "CertificateRequest")
		assert.Equal(t, []string{"CN=client CA"}, request.Authorities)
		assert.Equal(t, 1, request.Count)
		assertCertificates(t, said, c.state)
		assert.Equal(t, name, said.ServerHello)
		assert.True(t, said.Answered)
	}
}

func TestFiniteFieldKeyExchange(t *testing.T) {
	group := join([]byte{1, 0, 0x80}, make([]byte, 255), []byte{0, 1, 2, 0, 1, 4}) // p of 2048 bits, g, Ys
	for name, test := range map[string]struct {
		suite         uint16
		body          []byte
		group, scheme string
	}{
		"DHE":                     {0x009e, join(group, []byte{4, 1}), "DHE 2048", "rsa_pkcs1_sha256"},
		"DHE without a signature": {0x009e, group, "DHE 2048", ""},
		"DHE cut":                 {0x009e, group[:200], "", ""},
		"anonymous":               {0x00a6, join(group, []byte{4, 1}), "DHE 2048", ""},
		"a curve of its own":      {0xc02f, []byte{1, 0, 23}, "", ""},
		"pre-shared key":          {0x00aa, group, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			chosen := serverHelloOf(tls.VersionTLS12, nil)
			chosen[len(chosen)-3], chosen[len(chosen)-2] = byte(test.suite>>8), byte(test.suite)
			said := Decode(fromServer(recordOf(recordHandshake, join(chosen, messageOf(messageServerKeyExchange, test.body...))...)), nil)
			exchange := named(t, said.Messages, "ServerKeyExchange")
			assert.Equal(t, test.group, exchange.Group)
			assert.Equal(t, test.scheme, exchange.Scheme)
		})
	}
}

func TestWithoutKeys(t *testing.T) {
	for version, want := range map[uint16]string{
		tls.VersionTLS12: `> ClientHello < ServerHello < Certificate < ServerKeyExchange < ServerHelloDone
			> ClientKeyExchange > ChangeCipherSpec > [Finished] < NewSessionTicket < ChangeCipherSpec < [Finished]`,
		tls.VersionTLS13: `> ClientHello < ServerHello < ChangeCipherSpec < [Encrypted] < [Encrypted] < [Encrypted] < [Encrypted]
			> ChangeCipherSpec > [Encrypted] < [Encrypted] < [Encrypted]`,
	} {
		c, other := converse(t, exactly(version), serverConfig(nil)), converse(t, exactly(version), serverConfig(nil))
		for name, keyLog := range map[string][]byte{
			"none":                  nil,
			"of another connection": other.keyLog.Bytes(),
			"of other secrets":      regexp.MustCompile(` [0-9a-f]+\n`).ReplaceAll(c.keyLog.Bytes(), []byte(" "+strings.Repeat("07", 32)+"\n")),
			"with an empty secret":  regexp.MustCompile(` [0-9a-f]+\n`).ReplaceAll(c.keyLog.Bytes(), []byte(" \n")),
			"of nonsense":           []byte("CLIENT_RANDOM " + strings.Repeat("00", 31) + " 00\nx y z\n\n\xff"),
		} {
			said := Decode(c.segments, keyLog)
			assert.Equal(t, words(want), names(said.Messages), "%s, key log %s", tls.VersionName(version), name)
			assert.Equal(t, version == tls.VersionTLS12, said.Answered, "in TLS 1.3 it may be an alert")
		}
	}
}

// A hostile server makes the decoder keep and do little.
func TestBounds(t *testing.T) {
	names := func(times int) []byte {
		var b cryptobyte.Builder
		b.AddUint8(0) // context
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			for range times {
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte{0x30, 0}) })
			}
		})
		return b.BytesOrPanic()
	}
	chain := func(times int) []byte {
		return join([]byte{0, byte(times * 4 >> 8), byte(times * 4)}, bytes.Repeat([]byte{0, 0, 1, 0x30}, times))
	}
	chosen := serverHelloOf(tls.VersionTLS11, nil)
	t.Run("1000 certificates", func(t *testing.T) {
		said := Decode(fromServer(recordOf(recordHandshake, join(chosen, messageOf(messageCertificate, chain(1000)...))...)), nil)
		certificates := named(t, said.Messages, "Certificate")
		assert.Equal(t, 1000, certificates.Count)
		assert.Equal(t, slices.Repeat([]string{"unreadable"}, maxSubjects), certificates.Subjects)
		assert.Equal(t, []byte{0x30}, said.Leaf)
	})
	t.Run("1000 authorities", func(t *testing.T) {
		said := Decode(fromServer(recordOf(recordHandshake, join(chosen, messageOf(messageCertificateRequest, names(1000)...))...)), nil)
		request := named(t, said.Messages, "CertificateRequest")
		assert.Equal(t, 1000, request.Count)
		assert.Equal(t, make([]string, MaxAuthorities), request.Authorities)
	})
	t.Run("1000 messages", func(t *testing.T) {
		said := Decode(fromServer(bytes.Repeat(recordOf(recordHandshake, messageOf(0)...), 1000)), nil)
		assert.Len(t, said.Messages, MaxMessages)
	})
	t.Run("an alert behind 1000 messages", func(t *testing.T) {
		many := bytes.Repeat(recordOf(recordHandshake, messageOf(0)...), 1000)
		said := Decode(fromServer(join(many, recordOf(recordAlert, 2, 40))), nil)
		assert.Equal(t, &Alert{2, 40, "handshake_failure"}, said.Alert)
	})
	t.Run("10 MB of a certificate", func(t *testing.T) {
		d := newDecoder(nil)
		piece := recordOf(recordHandshake, make([]byte, 1<<14)...)
		d.feed(fromServer(recordOf(recordHandshake, join(chosen, []byte{11, 0x98, 0x96, 0x80})...))...)
		for range 600 {
			d.feed(fromServer(piece)...)
		}
		assert.Empty(t, d.server.raw)
		assert.Empty(t, d.server.fragments)
		said := d.end()
		require.Len(t, said.Messages, 2)
		assert.Equal(t, Message{From: "server", Name: "Certificate", Size: 10_000_004, Cut: true}, said.Messages[1])
	})
	t.Run("names of 64 KB", func(t *testing.T) {
		var b cryptobyte.Builder
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
			b.AddUint8(0)
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(bytes.Repeat([]byte{0xff}, 60000)) })
		})
		assert.LessOrEqual(t, len(readServerName(b.BytesOrPanic())), probes.MaxText)
	})
}

func TestMessageThatIsNotAllThere(t *testing.T) {
	chosen := serverHelloOf(tls.VersionTLS12, nil)
	certificate := []byte{messageCertificate, 0, 0x10, 0, 1, 2, 3} // 4096 bytes
	half := &Message{From: "server", Name: "Certificate", Size: 4100, Cut: true}
	for name, test := range map[string]struct {
		server []byte
		want   *Message // nil where all of them are whole
	}{
		"cut in its record":          {join([]byte{recordHandshake, 3, 3, 0x20, 0}, chosen, certificate), half},
		"cut between records":        {recordOf(recordHandshake, join(chosen, certificate)...), half},
		"cut in its header":          {recordOf(recordHandshake, join(chosen, certificate[:3])...), nil},
		"followed by what is no TLS": {join(recordOf(recordHandshake, join(chosen, certificate)...), []byte("500 OOPS")), nil},
		"complete":                   {recordOf(recordHandshake, join(chosen, certificate[:4], make([]byte, 4096))...), nil},
	} {
		t.Run(name, func(t *testing.T) {
			said := Decode(fromServer(test.server), nil)
			last := said.Messages[len(said.Messages)-1]
			if test.want == nil {
				assert.False(t, last.Cut)
				return
			}
			require.Len(t, said.Messages, 2)
			assert.Equal(t, *test.want, last)
		})
	}
	t.Run("by the client", func(t *testing.T) {
		said := Decode([]Segment{{Bytes: recordOf(recordHandshake, messageClientHello, 0, 1, 0)}}, nil)
		assert.Equal(t, []Message{{From: "client", Name: "ClientHello", Size: 260, Cut: true}}, said.Messages)
	})
	t.Run("until the rest comes", func(t *testing.T) {
		d := newDecoder(nil)
		d.feed(fromServer(recordOf(recordHandshake, certificate...))...)
		require.True(t, d.end().Messages[0].Cut)
		d.feed(fromServer(recordOf(recordHandshake, make([]byte, 4100-len(certificate))...))...)
		said := d.end()
		require.Len(t, said.Messages, 1)
		assert.False(t, said.Messages[0].Cut)
	})
	t.Run("and encrypted", func(t *testing.T) {
		d := newDecoder(nil)
		d.handshake(&d.server, certificate, true)
		assert.True(t, d.end().Messages[0].Encrypted)
	})
}

func FuzzDecode(f *testing.F) {
	for _, flight := range flights {
		f.Add([]byte(nil), flight.first, []byte(nil))
	}
	for _, version := range []uint16{tls.VersionTLS10, tls.VersionTLS12, tls.VersionTLS13} {
		client, server := fuzzSeed(version)
		f.Add(client, server, []byte("CLIENT_RANDOM "+strings.Repeat("07", 32)+" "+strings.Repeat("07", 48)))
	}
	f.Fuzz(func(t *testing.T, client, server, keyLog []byte) {
		hello, rest := client[:min(len(client), 300)], client[min(len(client), 300):]
		said := Decode([]Segment{{Bytes: hello}, {FromServer: true, Bytes: server}, {Bytes: rest}}, keyLog)
		require.LessOrEqual(t, len(said.Messages), MaxMessages)
		require.True(t, utf8.ValidString(said.Plaintext))
		require.LessOrEqual(t, len(said.Plaintext), probes.MaxText)
		if said.Plaintext != "" {
			require.Empty(t, said.ServerHello)
			require.Nil(t, said.Alert)
		}
		for _, m := range said.Messages {
			requireBounded(t, m)
		}
	})
}

func requireBounded(t *testing.T, m Message) {
	t.Helper()
	require.NotEmpty(t, m.Name)
	if !m.Cut {
		require.LessOrEqual(t, m.Size, maxMessage)
	}
	require.LessOrEqual(t, len(m.Subjects), maxSubjects)
	require.LessOrEqual(t, len(m.Authorities), MaxAuthorities)
	texts := slices.Concat(m.Subjects, m.Authorities)
	if m.Hello != nil {
		for _, list := range [][]string{m.Hello.Versions, m.Hello.ALPN, m.Hello.Suites, m.Hello.Groups, m.Hello.KeyShares} {
			require.LessOrEqual(t, len(list), maxList)
		}
		texts = append(slices.Concat(texts, m.Hello.ALPN), m.Hello.ServerName)
	}
	for _, text := range texts {
		require.True(t, utf8.ValidString(text))
		require.LessOrEqual(t, len(text), probes.MaxText)
	}
}

// fuzzSeed is what each side of a handshake sends.
func fuzzSeed(version uint16) (client, server []byte) {
	certificate := tlstest.NewCA("test root").Issue(tlstest.Leaf{})
	conn, peer := net.Pipe()
	var running sync.WaitGroup
	running.Go(func() {
		defer func() { _ = peer.Close() }()
		_ = tls.Server(peer, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: version}).Handshake()
	})
	recorded := &recorder{Conn: conn}
	_ = tls.Client(recorded, &tls.Config{InsecureSkipVerify: true, MinVersion: version, MaxVersion: version}).Handshake()
	_ = conn.Close()
	running.Wait()
	for _, s := range recorded.segments {
		if s.FromServer {
			server = append(server, s.Bytes...)
		} else {
			client = append(client, s.Bytes...)
		}
	}
	return client, server
}
