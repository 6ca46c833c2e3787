package tlstest_test

import (
	"bufio"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/http"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func healthy() *tls.Config { return config(tlstest.NewCA("test root").Issue(tlstest.Leaf{})) }

// shake makes a handshake that does not verify, and gives what came until then.
func shake(t *testing.T, server *tlstest.Server, client *tls.Config) ([]byte, error) {
	t.Helper()
	client = client.Clone()
	client.InsecureSkipVerify = true
	heard := &recorder{Conn: dial(t, server)}
	err := tls.Client(heard, client).Handshake()
	return heard.received, err
}

func TestResetBreaksOff(t *testing.T) {
	_, err := shake(t, start(t, tlstest.Reset()), &tls.Config{})
	assert.ErrorIs(t, err, syscall.ECONNRESET)
}

func TestFilters(t *testing.T) {
	short := &tls.Config{CurvePreferences: []tls.CurveID{tls.X25519}}
	named := func(name string) *tls.Config { return &tls.Config{ServerName: name} }
	reset := func(t *testing.T, err error) { assert.ErrorIs(t, err, syscall.ECONNRESET) }
	alert := func(t *testing.T, err error) {
		var remote *net.OpError
		require.ErrorAs(t, err, &remote)
		assert.Equal(t, "remote error", remote.Op)
	}
	served := func(t *testing.T, err error) { assert.NoError(t, err) }
	noLarge := tlstest.ResetOn(tlstest.LargerThan(1000), tlstest.Handshake(healthy()))
	noA := tlstest.ResetOn(tlstest.Naming("a.example"), tlstest.Handshake(healthy()))
	onlyA := tlstest.StrictName(tlstest.Handshake(healthy()), "a.example")
	aOrNone := tlstest.StrictName(tlstest.Handshake(healthy()), "a.example", "")
	for name, test := range map[string]struct {
		handle tlstest.Handler
		client *tls.Config
		check  func(*testing.T, error)
	}{
		"a large ClientHello is reset":        {noLarge, &tls.Config{}, reset},
		"a small ClientHello passes":          {noLarge, short, served},
		"a name is reset":                     {noA, named("a.example"), reset},
		"another name passes":                 {noA, named("b.example"), served},
		"no name passes":                      {noA, &tls.Config{}, served},
		"a foreign name is refused":           {aOrNone, named("b.example"), alert},
		"a name that is known is served":      {aOrNone, named("a.example"), served},
		"no name is served where it may be":   {aOrNone, &tls.Config{}, served},
		"no name is refused where it may not": {onlyA, &tls.Config{}, alert},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := shake(t, start(t, test.handle), test.client)
			test.check(t, err)
		})
	}
}

func TestStrictNameSendsTheAlert(t *testing.T) {
	got, err := shake(t, start(t, tlstest.StrictName(tlstest.Silent(), "a.example")), &tls.Config{ServerName: "b.example"})
	require.Error(t, err)
	assert.Equal(t, "\x15\x03\x03\x00\x02\x02\x70", string(got))
}

func TestStallOnSwallows(t *testing.T) {
	server := start(t, tlstest.StallOn(tlstest.Naming("a.example"), tlstest.Handshake(healthy())))
	conn := dial(t, server)
	require.NoError(t, conn.SetDeadline(time.Now().Add(50*time.Millisecond)))
	heard := &recorder{Conn: conn}
	var timeout net.Error
	require.ErrorAs(t, tls.Client(heard, &tls.Config{ServerName: "a.example"}).Handshake(), &timeout)
	assert.True(t, timeout.Timeout())
	assert.Empty(t, heard.received)
	_, err := shake(t, server, &tls.Config{ServerName: "b.example"})
	assert.NoError(t, err)
}

// A ClientHello may be spread over records and segments (RFC 8446 §5.1).
func TestFilterOfAHelloInPieces(t *testing.T) {
	server := start(t, tlstest.ResetOn(tlstest.Naming("a.example"), tlstest.Handshake(healthy())))
	conn := &inPieces{Conn: dial(t, server)}
	err := tls.Client(conn, &tls.Config{ServerName: "a.example"}).Handshake()
	require.ErrorIs(t, err, syscall.ECONNRESET)
	assert.Greater(t, conn.records, 10)
}

// inPieces puts the first record that is written into records of 100 bytes.
type inPieces struct {
	net.Conn

	records int
}

func (c *inPieces) Write(p []byte) (int, error) {
	for rest := p[5:]; len(rest) > 0; c.records++ {
		piece := rest[:min(100, len(rest))]
		if _, err := c.Conn.Write(append([]byte{22, 3, 1, 0, byte(len(piece))}, piece...)); err != nil {
			return 0, err
		}
		rest = rest[len(piece):]
	}
	return len(p), nil
}

func TestTrickleComesToItsEnd(t *testing.T) {
	got, err := shake(t, start(t, tlstest.Trickle(healthy(), time.Microsecond)), &tls.Config{})
	require.NoError(t, err)
	assert.Greater(t, len(got), 500)
}

func TestLyingRecord(t *testing.T) {
	conn := dial(t, start(t, tlstest.LyingRecord()))
	_, err := conn.Write([]byte{22, 3, 1, 0, 2, 'h', 'i'})
	require.NoError(t, err)
	require.NoError(t, conn.(*net.TCPConn).CloseWrite())
	got, err := io.ReadAll(conn)
	require.NoError(t, err)
	require.Len(t, got, 100)
	assert.Equal(t, []byte{22, 3, 3, 0x40, 0}, got[:5], "a record of 16384 bytes is announced")
}

func TestOversizedCertificateMessage(t *testing.T) {
	got, err := shake(t, start(t, tlstest.Oversized(10<<20, 0)), &tls.Config{})
	require.Error(t, err)
	require.Greater(t, len(got), 5)
	assert.Equal(t, []byte{11, 0xa0, 0, 0}, got[len(got)-4:], "a Certificate message of 10 MiB is announced")

	t.Run("and sent", func(t *testing.T) {
		conn := dial(t, start(t, tlstest.Oversized(10<<20, 10<<20)))
		_, err := conn.Write([]byte{22, 3, 1, 0, 2, 'h', 'i'})
		require.NoError(t, err)
		require.NoError(t, conn.(*net.TCPConn).CloseWrite())
		n, err := io.Copy(io.Discard, conn)
		require.NoError(t, err)
		assert.Greater(t, n, int64(10<<20))
	})
}

func TestLongChain(t *testing.T) {
	identity := tlstest.LongChain(tlstest.NewCA("test root").Issue(tlstest.Leaf{Send: tlstest.SendRoot}), 301)
	client := tls.Client(dial(t, start(t, tlstest.Handshake(config(identity)))), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, client.Handshake())
	assert.Len(t, client.ConnectionState().PeerCertificates, 301)
}

// Go's client answers the first HelloRequest with an alert, and gives up; one that would renegotiate answers with a ClientHello.
func TestRenegotiate(t *testing.T) {
	server := start(t, tlstest.Renegotiate(tlstest.NewCA("test root").Issue(tlstest.Leaf{})))
	conn := &lastWords{Conn: dial(t, server)}
	client := tls.Client(conn, &tls.Config{InsecureSkipVerify: true, Renegotiation: tls.RenegotiateFreelyAsClient})
	require.NoError(t, client.Handshake())
	conn.said = nil
	require.NoError(t, client.SetDeadline(time.Now().Add(time.Second)))
	_, err := client.Read(make([]byte, 1))
	require.Error(t, err)
	require.NotEmpty(t, conn.said)
	assert.Equal(t, byte(22), conn.said[0], "the request was understood: the client begins a handshake")
}

// lastWords keeps what was written.
type lastWords struct {
	net.Conn

	said []byte
}

func (c *lastWords) Write(p []byte) (int, error) {
	c.said = append(c.said, p...)
	return c.Conn.Write(p)
}

func TestHTTP(t *testing.T) {
	date := http.Header{"Date": {"Thu, 01 Jan 2015 00:00:00 GMT"}}
	for name, test := range map[string]struct {
		handle tlstest.Handler
		secure bool
		status int
		header http.Header
	}{
		"in clear":      {tlstest.HTTP(503, nil), false, 503, nil},
		"over TLS":      {tlstest.Secured(healthy(), tlstest.HTTP(200, nil)), true, 200, nil},
		"with headers":  {tlstest.HTTP(301, http.Header{"Location": {"/other"}}), false, 301, http.Header{"Location": {"/other"}}},
		"date of years": {tlstest.HTTP(200, date), false, 200, date},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, start(t, test.handle))
			if test.secure {
				conn = tls.Client(conn, &tls.Config{InsecureSkipVerify: true})
			}
			_, err := io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
			require.NoError(t, err)
			answer, err := http.ReadResponse(bufio.NewReader(conn), nil)
			require.NoError(t, err)
			require.NoError(t, answer.Body.Close())
			assert.Equal(t, test.status, answer.StatusCode)
			assert.NotEmpty(t, answer.Header.Get("Date"))
			for field := range test.header {
				assert.Equal(t, test.header.Get(field), answer.Header.Get(field))
			}
		})
	}
}

func TestClientCertificateIsDemanded(t *testing.T) {
	ca := tlstest.NewCA("test root")
	demanding := config(ca.Issue(tlstest.Leaf{}))
	demanding.ClientAuth, demanding.ClientCAs = tls.RequireAndVerifyClientCert, ca.Pool()
	client := tls.Client(dial(t, start(t, tlstest.Handshake(demanding))), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, client.Handshake(), "TLS 1.3 tells on the first read only")
	_, err := client.Read(make([]byte, 1))
	var remote *net.OpError
	require.ErrorAs(t, err, &remote)
	assert.Equal(t, "remote error", remote.Op)
}

func TestNamesMayHoldEscapeCodes(t *testing.T) {
	const hostile = "\x1b[31mred.example"
	leaf := tlstest.NewCA("\x1b]0;title\x07").Issue(tlstest.Leaf{Names: []string{hostile}})
	read, err := x509.ParseCertificate(leaf.Certificate[0])
	require.NoError(t, err)
	assert.Equal(t, []string{hostile}, read.DNSNames)
	assert.True(t, strings.ContainsRune(read.Issuer.CommonName, '\x07'))
}
