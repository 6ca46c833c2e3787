package tlstest_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a server until the test ends.
func start(t *testing.T, handle tlstest.Handler) *tlstest.Server {
	t.Helper()
	server, err := tlstest.NewServer(handle)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

// dial opens a plain connection whose every wait ends.
func dial(t *testing.T, server *tlstest.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func config(certificate tls.Certificate) *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{certificate}}
}

// verifying is the error of a client that verifies, which Go's library gives an exported type for each reason.
func verifying(t *testing.T, server *tlstest.Server, client *tls.Config) error {
	t.Helper()
	return tls.Client(dial(t, server), client).Handshake()
}

func TestHealthyServerIsTrusted(t *testing.T) {
	ca := tlstest.NewCA("test root")
	intermediate := ca.Intermediate("test intermediate")
	for name, certificate := range map[string]tls.Certificate{
		"leaf under the root":                 ca.Issue(tlstest.Leaf{}),
		"leaf under an intermediate":          intermediate.Issue(tlstest.Leaf{}),
		"leaf with intermediate and root":     intermediate.Issue(tlstest.Leaf{Send: tlstest.SendRoot}),
		"leaf alone, its issuer is the root":  ca.Issue(tlstest.Leaf{Send: tlstest.SendLeaf}),
		"leaf with a given address as a name": ca.Issue(tlstest.Leaf{IPs: []netip.Addr{netip.MustParseAddr("127.0.0.1")}}),
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, tlstest.Handshake(config(certificate)))
			assert.NoError(t, verifying(t, server, &tls.Config{RootCAs: ca.Pool(), ServerName: "127.0.0.1"}))
		})
	}
}

func TestIssuerURLIsInTheLeaf(t *testing.T) {
	leaf := tlstest.NewCA("test root").Issue(tlstest.Leaf{IssuerURL: "http://ca.example/root.der"})
	assert.Equal(t, []string{"http://ca.example/root.der"}, leaf.Leaf.IssuingCertificateURL)
}

func TestSentChain(t *testing.T) {
	root := tlstest.NewCA("test root")
	lower := root.Intermediate("upper").Intermediate("lower")
	for name, want := range map[tlstest.Send][]string{
		tlstest.SendLeaf:          {"localhost"},
		tlstest.SendIntermediates: {"localhost", "lower", "upper"},
		tlstest.SendRoot:          {"localhost", "lower", "upper", "test root"},
	} {
		var subjects []string
		for _, der := range lower.Issue(tlstest.Leaf{Send: name}).Certificate {
			certificate, err := x509.ParseCertificate(der)
			require.NoError(t, err)
			subjects = append(subjects, certificate.Subject.CommonName)
		}
		assert.Equal(t, want, subjects)
	}
}

func TestBadCertificates(t *testing.T) {
	ca := tlstest.NewCA("test root")
	invalid := func(reason x509.InvalidReason) func(*testing.T, error) {
		return func(t *testing.T, err error) {
			var invalid x509.CertificateInvalidError
			require.ErrorAs(t, err, &invalid)
			assert.Equal(t, reason, invalid.Reason)
		}
	}
	unknownAuthority := func(t *testing.T, err error) {
		var unknown x509.UnknownAuthorityError
		require.ErrorAs(t, err, &unknown)
	}
	for name, test := range map[string]struct {
		certificate tls.Certificate
		check       func(*testing.T, error)
	}{
		"expired": {ca.Issue(tlstest.Leaf{
			NotBefore: time.Now().AddDate(0, 0, -91), NotAfter: time.Now().AddDate(0, 0, -1)}), invalid(x509.Expired)},
		"not yet valid": {ca.Issue(tlstest.Leaf{
			NotBefore: time.Now().AddDate(0, 0, 1)}), invalid(x509.Expired)},
		"for another name": {ca.Issue(tlstest.Leaf{Names: []string{"other.example"}}), func(t *testing.T, err error) {
			var hostname x509.HostnameError
			require.ErrorAs(t, err, &hostname)
		}},
		"self-signed":               {tlstest.SelfSigned(tlstest.Leaf{}), unknownAuthority},
		"root in no store":          {tlstest.NewCA("other root").Issue(tlstest.Leaf{Send: tlstest.SendRoot}), unknownAuthority},
		"intermediate was left out": {ca.Intermediate("middle").Issue(tlstest.Leaf{Send: tlstest.SendLeaf}), unknownAuthority},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, tlstest.Handshake(config(test.certificate)))
			test.check(t, verifying(t, server, &tls.Config{RootCAs: ca.Pool(), ServerName: "127.0.0.1"}))
		})
	}
}

func TestSelfSignedVerifiesWithItsOwnKey(t *testing.T) {
	leaf := tlstest.SelfSigned(tlstest.Leaf{}).Leaf
	assert.Equal(t, leaf.RawSubject, leaf.RawIssuer)
	assert.NoError(t, leaf.CheckSignature(leaf.SignatureAlgorithm, leaf.RawTBSCertificate, leaf.Signature))
}

func TestOldVersionsOnly(t *testing.T) {
	old := config(tlstest.NewCA("test root").Issue(tlstest.Leaf{}))
	old.MinVersion, old.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	server := start(t, tlstest.Handshake(old))

	t.Run("today's client gets alert 70", func(t *testing.T) {
		conn := dial(t, server)
		recorded := &recorder{Conn: conn}
		require.Error(t, tls.Client(recorded, &tls.Config{InsecureSkipVerify: true}).Handshake())
		require.Len(t, recorded.received, 7)
		assert.Equal(t, []byte{2, 70}, recorded.received[5:])
	})
	t.Run("a client of that time is served", func(t *testing.T) {
		client := tls.Client(dial(t, server), &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10})
		require.NoError(t, client.Handshake())
		assert.Equal(t, uint16(tls.VersionTLS11), client.ConnectionState().Version)
	})
}

// recorder keeps what was received.
type recorder struct {
	net.Conn
	received []byte
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.received = append(r.received, p[:n]...)
	return n, err
}

func TestMisbehaviour(t *testing.T) {
	hello := []byte{22, 3, 1, 0, 2, 'h', 'i'}
	for name, test := range map[string]struct {
		handle tlstest.Handler
		send   []byte
		want   string
	}{
		"banner in plain":              {tlstest.Banner("220 hello\r\n"), nil, "220 hello\r\n"},
		"alert after the ClientHello":  {tlstest.Alert(40), hello, "\x15\x03\x03\x00\x02\x02\x28"},
		"closed after the ClientHello": {tlstest.HangUp(), hello, ""},
		"closed in TLS's own way":      {tlstest.CloseNotify(), hello, "\x15\x03\x03\x00\x02\x01\x00"},
	} {
		t.Run(name, func(t *testing.T) {
			conn := dial(t, start(t, test.handle))
			_, err := conn.Write(test.send)
			require.NoError(t, err)
			got := make([]byte, len(test.want))
			_, err = io.ReadFull(conn, got)
			require.NoError(t, err)
			assert.Equal(t, test.want, string(got))
			require.NoError(t, conn.(*net.TCPConn).CloseWrite())
			rest, err := io.ReadAll(conn)
			require.NoError(t, err, "the connection ends in good order")
			assert.Empty(t, rest)
		})
	}
}

func TestSilentServerKeepsTheConnection(t *testing.T) {
	conn := dial(t, start(t, tlstest.Silent()))
	_, err := conn.Write([]byte("anybody there?\r\n"))
	require.NoError(t, err)
	require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	_, err = conn.Read(make([]byte, 1))
	require.ErrorIs(t, err, os.ErrDeadlineExceeded)
}

func TestCloseBreaksConnectionsOff(t *testing.T) {
	server := start(t, tlstest.Silent())
	conn := dial(t, server)
	server.Close()
	_, err := conn.Read(make([]byte, 1))
	require.Error(t, err)
	assert.NotErrorIs(t, err, os.ErrDeadlineExceeded)
}
