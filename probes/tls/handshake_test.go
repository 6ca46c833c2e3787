package tls

import (
	"context"
	"crypto"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/netip"
	"runtime"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

const patience = 20 * time.Second

// start runs a server until the test ends.
func start(t *testing.T, handle tlstest.Handler) *tlstest.Server {
	t.Helper()
	server, err := tlstest.NewServer(handle)
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server
}

// shake makes a handshake with a server over a connection of its own.
func shake(t *testing.T, server *tlstest.Server, o Options) (Handshake, *tls.Conn) {
	t.Helper()
	conn, err := probes.Host{}.DialTCP(t.Context(), server.Addr)
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	if o.Wait == 0 {
		o.Wait = patience
	}
	seen, secured := Shake(t.Context(), conn, o)
	assert.Equal(t, server.Addr, seen.Address)
	assert.Equal(t, seen.Fault == nil, secured != nil)
	return seen, secured
}

// serverConfig is that of a server with a certificate for localhost.
func serverConfig(change func(*tls.Config)) *tls.Config {
	config := &tls.Config{Certificates: []tls.Certificate{tlstest.NewCA("test root").Issue(tlstest.Leaf{})}}
	if change != nil {
		change(config)
	}
	return config
}

// only makes a server that speaks one version alone.
func only(version uint16) tlstest.Handler {
	return tlstest.Handshake(serverConfig(func(c *tls.Config) { c.MinVersion, c.MaxVersion = version, version }))
}

// says makes a server that answers a ClientHello with these bytes.
func says(raw []byte) tlstest.Handler {
	return func(conn net.Conn) {
		if _, err := conn.Read(make([]byte, 1)); err == nil {
			_, _ = conn.Write(raw)
		}
	}
}

func TestHealthyHandshake(t *testing.T) {
	asked := make(chan string, 1)
	server := start(t, tlstest.Handshake(serverConfig(func(c *tls.Config) {
		c.NextProtos = []string{"ftp"}
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			asked <- hello.ServerName
			return nil, nil
		}
	})))
	seen, secured := shake(t, server, Options{ServerName: "localhost", ALPN: []string{"http/1.1", "ftp"}})
	require.NotNil(t, secured)
	assert.Equal(t, "localhost", <-asked)
	assert.Positive(t, seen.Took)
	assert.Positive(t, seen.Received)
	assert.Equal(t, Handshake{
		Address:     server.Addr,
		ServerName:  "localhost",
		Offered:     []string{"TLS 1.2", "TLS 1.3"},
		Version:     "TLS 1.3",
		ServerHello: "TLS 1.3",
		Suite:       tls.CipherSuiteName(secured.ConnectionState().CipherSuite),
		Group:       "X25519MLKEM768",
		ALPN:        "ftp",
		Took:        seen.Took,
		Received:    seen.Received,
	}, seen)
	assert.Len(t, secured.ConnectionState().PeerCertificates, 1)
}

func TestAddressIsNotSentAsServerName(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "::1"} {
		asked := make(chan string, 1)
		server := start(t, tlstest.Handshake(serverConfig(func(c *tls.Config) {
			c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
				asked <- hello.ServerName
				return nil, nil
			}
		})))
		seen, _ := shake(t, server, Options{ServerName: address})
		assert.Nil(t, seen.Fault)
		assert.Empty(t, seen.ServerName)
		assert.Empty(t, <-asked)
	}
}

func TestVersions(t *testing.T) {
	old := Options{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	for name, test := range map[string]struct {
		server  uint16
		options Options
		offered []string
		version string // empty where there is none in common
	}{
		"TLS 1.2":                    {tls.VersionTLS12, Options{}, []string{"TLS 1.2", "TLS 1.3"}, "TLS 1.2"},
		"TLS 1.3":                    {tls.VersionTLS13, Options{}, []string{"TLS 1.2", "TLS 1.3"}, "TLS 1.3"},
		"TLS 1.3, offered 1.2 alone": {tls.VersionTLS13, Options{MaxVersion: tls.VersionTLS12}, []string{"TLS 1.2"}, ""},
		"TLS 1.1":                    {tls.VersionTLS11, Options{}, []string{"TLS 1.2", "TLS 1.3"}, ""},
		"TLS 1.1, offered":           {tls.VersionTLS11, old, []string{"TLS 1.0", "TLS 1.1"}, "TLS 1.1"},
		"TLS 1.0, offered":           {tls.VersionTLS10, old, []string{"TLS 1.0", "TLS 1.1"}, "TLS 1.0"},
	} {
		t.Run(name, func(t *testing.T) {
			seen, _ := shake(t, start(t, only(test.server)), test.options)
			assert.Equal(t, test.offered, seen.Offered)
			assert.Equal(t, test.version, seen.Version)
			assert.Equal(t, test.version, seen.ServerHello)
			if test.version == "" {
				assert.Equal(t, probes.Alert, seen.Fault.Kind)
				assert.Equal(t, &Alert{2, 70, "protocol_version"}, seen.Alert)
			}
		})
	}
}

// brokenKey is a key that cannot sign.
type brokenKey struct{ crypto.Signer }

func (brokenKey) Sign(io.Reader, []byte, crypto.SignerOpts) ([]byte, error) {
	return nil, errors.New("the key is broken")
}

func TestFailedHandshakes(t *testing.T) {
	fatal := func(description uint8, name string) *Alert { return &Alert{2, description, name} }
	endless := join(record(recordHandshake, hello(tls.VersionTLS12, nil)...), []byte{22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff})
	for name, test := range map[string]struct {
		server    tlstest.Handler
		kind      probes.Kind
		hello     string
		alert     *Alert
		plaintext string
	}{
		"alert":                     {tlstest.Alert(40), probes.Alert, "", fatal(40, "handshake_failure"), ""},
		"alert without a name":      {tlstest.Alert(200), probes.Alert, "", fatal(200, "alert 200"), ""},
		"close_notify":              {says(record(recordAlert, 1, 0)), probes.Alert, "", &Alert{1, 0, "close_notify"}, ""},
		"warning, then the reason":  {says(join(record(recordAlert, 1, 112), record(recordAlert, 2, 40))), probes.Alert, "", fatal(40, "handshake_failure"), ""},
		"closed":                    {tlstest.HangUp(), probes.Closed, "", nil, ""},
		"closed in the middle":      {says(retry[:30]), probes.Closed, "", nil, ""},
		"FTP greeting":              {tlstest.Banner("220 FTP server ready.\r\n"), probes.Malformed, "", nil, "220 FTP server ready.\r\n"},
		"text of less than a reply": {says([]byte("5")), probes.Malformed, "", nil, "5"},
		"escape and NUL bytes":      {tlstest.Banner("\x1b[2J\x00\x00\x00"), probes.Malformed, "", nil, "\x1b[2J\x00\x00\x00"},
		"older version than offered": {says(record(recordHandshake, hello(tls.VersionTLS10, nil)...)), probes.Other,
			"TLS 1.0", nil, ""},
		"older version, in one record with its certificates": {says(large(tls.VersionTLS11)), probes.Other, "TLS 1.1", nil, ""},
		"message of 16 MB":    {says(join(endless, make([]byte, 1<<20))), probes.Other, "TLS 1.2", nil, ""},
		"record of 65535":     {says(join([]byte{22, 3, 3, 255, 255}, make([]byte, 1<<17))), probes.Other, "", nil, ""},
		"endless CCS records": {says(repeat(record(recordChangeCipherSpec, 1), 10000)), probes.Other, "", nil, ""},
		"endless warnings":    {says(repeat(record(recordAlert, 1, 112), 10000)), probes.Alert, "", &Alert{1, 112, "unrecognized_name"}, ""},
		"alert that is encrypted": {tlstest.Handshake(serverConfig(func(c *tls.Config) {
			c.Certificates[0].PrivateKey = brokenKey{c.Certificates[0].PrivateKey.(crypto.Signer)}
		})), probes.Alert, "TLS 1.3", nil, ""},
		"client certificate wanted, TLS 1.2": {tlstest.Handshake(serverConfig(func(c *tls.Config) {
			c.ClientAuth, c.MaxVersion = tls.RequireAnyClientCert, tls.VersionTLS12
		})), probes.Alert, "TLS 1.2", fatal(40, "handshake_failure"), ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen, _ := shake(t, start(t, test.server), Options{ServerName: "localhost"})
			require.NotNil(t, seen.Fault)
			assert.Equal(t, "handshake", seen.Fault.Step)
			assert.Equal(t, test.kind, seen.Fault.Kind, seen.Fault.Message)
			assert.Equal(t, test.hello, seen.ServerHello)
			assert.Equal(t, test.alert, seen.Alert)
			assert.Equal(t, test.plaintext, seen.Plaintext)
			assert.Less(t, seen.Received, 1<<17)
			assert.Empty(t, seen.Version)
		})
	}
}

func TestLittleIsKeptOfAFlight(t *testing.T) {
	conn := peerOf(t, func(peer net.Conn) { _, _ = peer.Write(make([]byte, 1<<20)); _ = peer.Close() })
	kept := &recorder{Conn: conn}
	read, err := io.Copy(io.Discard, kept)
	require.NoError(t, err)
	assert.Equal(t, int(read), kept.received)
	assert.Len(t, kept.first, maxFlight)
}

func repeat(record []byte, times int) []byte {
	var all []byte
	for range times {
		all = append(all, record...)
	}
	return all
}

func TestConnectionStaysOpenAfterAFailure(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel does not tell")
	}
	conn, err := probes.Host{}.DialTCP(t.Context(), start(t, tlstest.Silent()).Addr)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	seen, _ := Shake(t.Context(), conn, Options{Wait: 50 * time.Millisecond})
	assert.True(t, seen.Fault.Of(probes.Timeout))
	assert.Zero(t, seen.Received)
	assert.Greater(t, probes.TransportOf(conn).BytesAcked, uint64(200), "the ClientHello arrived")
}

// peerOf is a connection to a peer that does what the script says, in fake time, and reads what comes.
func peerOf(t *testing.T, script func(peer net.Conn)) net.Conn {
	t.Helper()
	conn, peer := net.Pipe()
	var running sync.WaitGroup
	running.Go(func() { _, _ = io.Copy(io.Discard, peer) })
	running.Go(func() { script(peer) })
	t.Cleanup(func() {
		_, _ = conn.Close(), peer.Close()
		running.Wait()
	})
	return conn
}

func TestHowLongAHandshakeIsWaitedFor(t *testing.T) {
	silent := func(net.Conn) {}
	for name, test := range map[string]struct {
		server      func(net.Conn)
		cancelAfter time.Duration
		took        time.Duration
		kind        probes.Kind
		alert       *Alert
	}{
		"silence":                        {silent, time.Hour, 10 * time.Second, probes.Timeout, nil},
		"silence that the user ends":     {silent, 3 * time.Second, 3 * time.Second, probes.Interrupted, nil},
		"a byte a second":                {drip(retry), time.Hour, 10 * time.Second, probes.Timeout, nil},
		"a warning, and then silence":    {func(c net.Conn) { _, _ = c.Write(record(recordAlert, 1, 112)) }, time.Hour, 10 * time.Second, probes.Timeout, &Alert{1, 112, "unrecognized_name"}},
		"a byte a second that are ended": {drip(retry), 3 * time.Second, 3 * time.Second, probes.Interrupted, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				defer time.AfterFunc(test.cancelAfter, cancel).Stop()
				seen, _ := Shake(ctx, peerOf(t, test.server), Options{Wait: 10 * time.Second})
				assert.Equal(t, test.kind, seen.Fault.Kind)
				assert.Equal(t, probes.Millis(test.took), seen.Took)
				assert.Equal(t, test.alert, seen.Alert)
			})
		})
	}
}

func drip(raw []byte) func(net.Conn) {
	return func(conn net.Conn) {
		for i := range raw {
			if _, err := conn.Write(raw[i : i+1]); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
}

func TestResumption(t *testing.T) {
	for _, version := range []uint16{tls.VersionTLS12, tls.VersionTLS13} {
		server := start(t, greeting(serverConfig(func(c *tls.Config) { c.MaxVersion = version })))
		o := Options{ServerName: "localhost", Sessions: tls.NewLRUClientSessionCache(1)}
		for _, resumed := range []bool{false, true} {
			seen, secured := shake(t, server, o)
			require.Nil(t, seen.Fault)
			assert.Equal(t, resumed, seen.Resumed)
			_, err := io.ReadFull(secured, make([]byte, 1)) // the ticket of TLS 1.3 comes before it
			require.NoError(t, err)
		}
	}
}

// greeting makes a server that sends a byte over TLS after the handshake.
func greeting(config *tls.Config) tlstest.Handler {
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		_, _ = secured.Write([]byte("2"))
		_, _ = io.Copy(io.Discard, secured)
	}
}

func TestResumptionWithAnExpiredCertificate(t *testing.T) {
	expired := tlstest.Leaf{NotBefore: time.Now().AddDate(-1, 0, 0), NotAfter: time.Now().AddDate(0, -1, 0)}
	certificate := tlstest.NewCA("test root").Issue(expired)
	server := start(t, greeting(&tls.Config{Certificates: []tls.Certificate{certificate}, MaxVersion: tls.VersionTLS12}))
	for now, resumed := range map[time.Time]bool{{}: false, expired.NotAfter.Add(-time.Hour): true} {
		o := Options{ServerName: "localhost", Sessions: tls.NewLRUClientSessionCache(1), Now: now}
		_, _ = shake(t, server, o)
		seen, _ := shake(t, server, o)
		assert.Nil(t, seen.Fault)
		assert.Equal(t, resumed, seen.Resumed, now)
	}
}

func TestHandshakeInJSON(t *testing.T) {
	seen := Handshake{
		Address: netip.MustParseAddrPort("192.0.2.1:990"),
		Alert:   &Alert{2, 70, "protocol_version"},
		Fault:   &probes.Fault{Step: "handshake", Kind: probes.Alert, Message: "remote error"},
	}
	written, err := json.Marshal(seen)
	require.NoError(t, err)
	var read Handshake
	require.NoError(t, json.Unmarshal(written, &read))
	assert.Equal(t, seen, read)
}
