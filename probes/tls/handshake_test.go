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
	"os"
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

// speaking makes a server that speaks one version alone.
func speaking(version uint16) tlstest.Handler {
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
	assert.Positive(t, seen.Last)
	assert.LessOrEqual(t, seen.Last, seen.Took)
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
		HelloSize:   seen.Messages[0].Size,
		Received:    seen.Received,
		Last:        seen.Last, Acknowledged: seen.Acknowledged,
		Messages: seen.Messages,
	}, seen)
	assert.Greater(t, seen.HelloSize, 1400, "with a key share of X25519MLKEM768")
	assert.Subset(t, names(seen.Messages), words(`> ClientHello > ChangeCipherSpec > [Finished] < ServerHello < ChangeCipherSpec
		< [EncryptedExtensions] < [Certificate] < [CertificateVerify] < [Finished]`))
	assert.Len(t, secured.ConnectionState().PeerCertificates, 1)
}

func TestPresented(t *testing.T) {
	const v12, v13 = tls.VersionTLS12, tls.VersionTLS13
	for name, test := range map[string]struct {
		version uint16
		change  func(*tls.Config)
		kind    probes.Kind // empty where the handshake is completed
	}{
		"TLS 1.2":                             {v12, func(*tls.Config) {}, ""},
		"TLS 1.3":                             {v13, func(*tls.Config) {}, ""},
		"TLS 1.2, a client certificate lacks": {v12, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, probes.Alert},
		"TLS 1.3, a client certificate lacks": {v13, func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, probes.Alert},
		"TLS 1.3, the key is broken": {v13, func(c *tls.Config) {
			c.Certificates[0].PrivateKey = brokenKey{c.Certificates[0].PrivateKey.(crypto.Signer)}
		}, probes.Alert},
	} {
		t.Run(name, func(t *testing.T) {
			config := serverConfig(func(c *tls.Config) {
				c.MinVersion, c.MaxVersion = test.version, test.version
				c.Certificates[0].OCSPStaple, c.Certificates[0].SignedCertificateTimestamps = []byte("staple"), [][]byte{[]byte("SCT")}
				test.change(c)
			})
			var told []tls.ConnectionState
			seen, _ := shake(t, start(t, tlstest.Handshake(config)), Options{
				ServerName: "localhost", Await: true, Presented: func(state tls.ConnectionState) { told = append(told, state) },
			})
			assert.Equal(t, test.kind != "", seen.Fault.Of(probes.Alert), "%v", seen.Fault)
			require.Len(t, told, 1)
			require.Len(t, told[0].PeerCertificates, 1)
			assert.Equal(t, config.Certificates[0].Certificate[0], told[0].PeerCertificates[0].Raw)
			assert.Equal(t, []byte("staple"), told[0].OCSPResponse)
			assert.Equal(t, [][]byte{[]byte("SCT")}, told[0].SignedCertificateTimestamps)
		})
	}
}

func TestNothingIsPresentedBeforeACertificate(t *testing.T) {
	seen, _ := shake(t, start(t, tlstest.Alert(40)), Options{Presented: func(tls.ConnectionState) { t.Error("told") }})
	assert.NotNil(t, seen.Fault)
}

func TestWhatWasAcknowledged(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel does not tell")
	}
	for name, test := range map[string]struct {
		server tlstest.Handler
		last   bool
	}{
		"an alert": {tlstest.Alert(40), true},
		"silence":  {tlstest.Silent(), false},
	} {
		t.Run(name, func(t *testing.T) {
			const before = "AUTH TLS\r\n" // what it had acknowledged before is not counted
			conn, err := probes.Host{}.DialTCP(t.Context(), start(t, func(conn net.Conn) {
				_, _ = io.ReadFull(conn, make([]byte, len(before)))
				test.server(conn)
			}).Addr)
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			_, err = conn.Write([]byte(before))
			require.NoError(t, err)
			require.Eventually(t, func() bool {
				now := probes.TransportOf(conn)
				return now.Unacked == 0 && now.BytesAcked >= uint64(len(before))
			}, patience, time.Millisecond)
			seen, _ := Shake(t.Context(), conn, Options{Wait: 300 * time.Millisecond})
			require.NotNil(t, seen.Fault)
			assert.Equal(t, uint64(seen.HelloSize+recordHeader), seen.Acknowledged)
			assert.Equal(t, test.last, seen.Last > 0)
		})
	}
}

func TestWhenTheLastByteCame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		seen, _ := Shake(t.Context(), peerOf(t, func(peer net.Conn) {
			time.Sleep(time.Second)
			_, _ = peer.Write(retry[:10])
			time.Sleep(2 * time.Second)
			_, _ = peer.Write(retry[10:20])
		}), Options{Wait: 10 * time.Second})
		assert.True(t, seen.Fault.Of(probes.Timeout))
		assert.Equal(t, probes.Millis(3*time.Second), seen.Last)
		assert.Zero(t, seen.Acknowledged, "a pipe does not tell")
	})
}

func TestAddressIsNotSentAsServerName(t *testing.T) {
	for _, address := range []string{"127.0.0.1", "::1", "fe80::1%eth0"} {
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

func TestServerNameIsSentWithoutTheDotAtItsEnd(t *testing.T) {
	asked := make(chan string, 2)
	server := start(t, tlstest.Handshake(serverConfig(func(c *tls.Config) {
		c.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			asked <- hello.ServerName
			return nil, nil
		}
	})))
	seen, _ := shake(t, server, Options{ServerName: "localhost."})
	assert.Equal(t, "localhost", seen.ServerName)
	assert.Equal(t, "localhost", <-asked)
	ask(t, server.Addr, Offer{ServerName: "localhost."})
	assert.Equal(t, "localhost", <-asked)
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
			seen, _ := shake(t, start(t, speaking(test.server)), test.options)
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

func TestGroups(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		group   string
		size    int
	}{
		"all":                    {Options{}, "X25519MLKEM768", 1500},
		"the one that is known":  {Options{Group: tls.CurveP256}, "CurveP256", 300},
		"some":                   {Options{Groups: []tls.CurveID{tls.X25519, tls.CurveP256}}, "X25519", 270},
		"some rather than a one": {Options{Groups: []tls.CurveID{tls.X25519}, Group: tls.CurveP256}, "X25519", 270},
	} {
		t.Run(name, func(t *testing.T) {
			seen, _ := shake(t, start(t, speaking(tls.VersionTLS13)), test.options)
			require.Nil(t, seen.Fault)
			assert.Equal(t, test.group, seen.Group)
			assert.InDelta(t, test.size, seen.HelloSize, 50)
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
	endless := join(recordOf(recordHandshake, serverHelloOf(tls.VersionTLS12, nil)...), []byte{22, 3, 3, 0x40, 0, 11, 0xff, 0xff, 0xff})
	for name, test := range map[string]struct {
		server    tlstest.Handler
		kind      probes.Kind
		hello     string
		alert     *Alert
		plaintext string
	}{
		"alert":                {tlstest.Alert(40), probes.Alert, "", fatal(40, "handshake_failure"), ""},
		"alert without a name": {tlstest.Alert(200), probes.Alert, "", fatal(200, "alert 200"), ""},
		"close_notify":         {says(recordOf(recordAlert, 1, 0)), probes.Alert, "", &Alert{1, 0, "close_notify"}, ""},
		"warning, then the reason": {
			says(join(recordOf(recordAlert, 1, 112), recordOf(recordAlert, 2, 40))), probes.Alert, "", fatal(40, "handshake_failure"), "",
		},
		"closed":                    {tlstest.HangUp(), probes.Closed, "", nil, ""},
		"closed in the middle":      {says(retry[:30]), probes.Closed, "", nil, ""},
		"FTP greeting":              {tlstest.Banner("220 FTP server ready.\r\n"), probes.Malformed, "", nil, "220 FTP server ready.\r\n"},
		"text of less than a reply": {says([]byte("5")), probes.Malformed, "", nil, "5"},
		"escape and NUL bytes":      {tlstest.Banner("\x1b[2J\x00\x00\x00"), probes.Malformed, "", nil, "\x1b[2J\x00\x00\x00"},
		"older version than offered": {says(recordOf(recordHandshake, serverHelloOf(tls.VersionTLS10, nil)...)), probes.Other,
			"TLS 1.0", nil, ""},
		"older version, in one record with its certificates": {says(large(tls.VersionTLS11)), probes.Other, "TLS 1.1", nil, ""},
		"message of 16 MB":    {says(join(endless, make([]byte, 1<<20))), probes.Other, "TLS 1.2", nil, ""},
		"record of 65535":     {says(join([]byte{22, 3, 3, 255, 255}, make([]byte, 1<<17))), probes.Other, "", nil, ""},
		"endless CCS records": {says(repeat(recordOf(recordChangeCipherSpec, 1), 10000)), probes.Other, "", nil, ""},
		"endless warnings": {
			says(repeat(recordOf(recordAlert, 1, 112), 10000)), probes.Other, "", &Alert{1, 112, "unrecognized_name"}, "",
		},
		"warning, then a version that was not offered": {
			says(join(recordOf(recordAlert, 1, 112), recordOf(recordHandshake, serverHelloOf(tls.VersionTLS10, nil)...))),
			probes.Other, "TLS 1.0", &Alert{1, 112, "unrecognized_name"}, "",
		},
		"warning, then the end": {
			says(recordOf(recordAlert, 1, 112)), probes.Alert, "", &Alert{1, 112, "unrecognized_name"}, "",
		},
		"heartbeat": {says(recordOf(recordHeartbeat, 1)), probes.Other, "", nil, ""},
		"alert that is encrypted": {tlstest.Handshake(serverConfig(func(c *tls.Config) {
			c.Certificates[0].PrivateKey = brokenKey{c.Certificates[0].PrivateKey.(crypto.Signer)}
		})), probes.Alert, "TLS 1.3", fatal(80, "internal_error"), ""},
		"warning, a ServerHello, and the end": {says(join(recordOf(recordAlert, 1, 112), recordOf(recordHandshake, helloWithSuite()...))),
			probes.Closed, "TLS 1.2", &Alert{1, 112, "unrecognized_name"}, ""},
		"HelloRequests without end": {says(repeat(recordOf(recordHandshake, messageOf(0)...), 10000)), probes.Other, "", nil, ""},
		"certificates of 10 MB": {says(join(recordOf(recordHandshake, join(helloWithSuite(), []byte{11, 0x98, 0x96, 0x80})...),
			repeat(recordOf(recordHandshake, make([]byte, 1<<14)...), 600))), probes.Other, "TLS 1.2", nil, ""},
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

// helloWithSuite is a ServerHello of TLS 1.2 that crypto/tls accepts.
func helloWithSuite() []byte {
	chosen := serverHelloOf(tls.VersionTLS12, []byte{0xff, 1, 0, 1, 0})
	chosen[71], chosen[72] = 0xc0, 0x2f
	return chosen
}

func TestWarningIsNoFailure(t *testing.T) {
	server := start(t, func(conn net.Conn) {
		_, _ = conn.Write(recordOf(recordAlert, 1, 112))
		tlstest.Handshake(serverConfig(func(c *tls.Config) { c.MaxVersion = tls.VersionTLS12 }))(conn)
	})
	seen, _ := shake(t, server, Options{ServerName: "other.example"})
	assert.Nil(t, seen.Fault)
	assert.Equal(t, &Alert{1, 112, "unrecognized_name"}, seen.Alert)
	assert.Equal(t, "TLS 1.2", seen.Version)
}

func TestTransportIsToldOnFailure(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("the kernel does not tell")
	}
	seen, _ := shake(t, start(t, tlstest.Alert(40)), Options{})
	assert.GreaterOrEqual(t, seen.Transport.BytesReceived, uint64(seen.Received))
	assert.Positive(t, seen.Transport.RTT)
	seen, _ = shake(t, start(t, speaking(tls.VersionTLS13)), Options{})
	assert.Zero(t, seen.Transport)
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
		"silence":                    {silent, time.Hour, 10 * time.Second, probes.Timeout, nil},
		"silence that the user ends": {silent, 3 * time.Second, 3 * time.Second, probes.Interrupted, nil},
		"a byte a second":            {drip(retry), time.Hour, 10 * time.Second, probes.Timeout, nil},
		"a warning, and then silence": {
			func(c net.Conn) { _, _ = c.Write(recordOf(recordAlert, 1, 112)) }, time.Hour, 10 * time.Second, probes.Timeout, &Alert{1, 112, "unrecognized_name"},
		},
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

// asks makes a server that asks for a certificate, which sends no tickets unless they are wanted.
func asks(version uint16, auth tls.ClientAuthType, tickets bool, after func(net.Conn, *tls.Conn)) tlstest.Handler {
	config := serverConfig(func(c *tls.Config) {
		c.MaxVersion, c.ClientAuth, c.ClientCAs, c.SessionTicketsDisabled = version, auth, clientCA().Pool(), !tickets
	})
	return func(conn net.Conn) {
		if secured := tls.Server(conn, config); secured.Handshake() == nil {
			after(conn, secured)
		}
	}
}

func readsOn(_ net.Conn, secured *tls.Conn) { _, _ = io.Copy(io.Discard, secured) }

func greets(_ net.Conn, secured *tls.Conn) {
	_, _ = secured.Write([]byte("220 ready"))
	readsOn(nil, secured)
}

func TestClientCertificate(t *testing.T) {
	const v12, v13 = tls.VersionTLS12, tls.VersionTLS13
	stranger := tlstest.SelfSigned(tlstest.Leaf{Names: []string{"stranger.example"}})
	own := clientCertificate()
	asked := func(sent string, answered bool) *ClientCertificate {
		return &ClientCertificate{Authorities: []string{"CN=client CA"}, Named: 1, Sent: sent, Answered: answered}
	}
	for name, test := range map[string]struct {
		server      tlstest.Handler
		certificate *tls.Certificate
		want        *ClientCertificate
		kind        probes.Kind // empty where all is well
		alert       string
	}{
		"not asked for":             {speaking(v13), own, nil, "", ""},
		"TLS 1.2, sent":             {asks(v12, tls.RequireAnyClientCert, true, readsOn), own, asked("CN=me.example", true), "", ""},
		"TLS 1.2, none is accepted": {asks(v12, tls.RequestClientCert, false, readsOn), nil, asked("", true), "", ""},
		"TLS 1.2, missing": {
			asks(v12, tls.RequireAnyClientCert, true, readsOn), nil, asked("", false), probes.Alert, "handshake_failure",
		},
		"TLS 1.2, of a CA that is unknown": {
			asks(v12, tls.RequireAndVerifyClientCert, true, readsOn), &stranger, asked("CN=stranger.example", false), probes.Alert, "unknown_ca",
		},
		"TLS 1.3, sent":             {asks(v13, tls.RequireAnyClientCert, true, readsOn), own, asked("CN=me.example", true), "", ""},
		"TLS 1.3, sent, a greeting": {asks(v13, tls.RequireAnyClientCert, false, greets), own, asked("CN=me.example", true), "", ""},
		"TLS 1.3, none is accepted": {asks(v13, tls.RequestClientCert, true, readsOn), nil, asked("", true), "", ""},
		"TLS 1.3, missing": {
			asks(v13, tls.RequireAnyClientCert, true, readsOn), nil, asked("", false), probes.Alert, "certificate_required",
		},
		"TLS 1.3, of a CA that is unknown": {
			asks(v13, tls.RequireAndVerifyClientCert, true, readsOn), &stranger, asked("CN=stranger.example", false), probes.Alert, "unknown_ca",
		},
		"TLS 1.3, closed": {
			asks(v13, tls.RequestClientCert, false, func(net.Conn, *tls.Conn) {}), nil, asked("", false), probes.Closed, "",
		},
		"TLS 1.3, close_notify": {
			asks(v13, tls.RequestClientCert, false, func(_ net.Conn, c *tls.Conn) { _ = c.CloseWrite() }), nil, asked("", false), probes.Alert, "close_notify",
		},
		"TLS 1.3, reset": {asks(v13, tls.RequestClientCert, false, reset), nil, asked("", false), probes.Reset, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen, _ := shake(t, start(t, test.server), Options{ServerName: "localhost", Certificate: test.certificate, Await: true})
			assert.Equal(t, test.want, seen.ClientCertificate)
			if test.kind == "" {
				assert.Nil(t, seen.Fault)
				return
			}
			require.True(t, seen.Fault.Of(test.kind), "%v", seen.Fault)
			assert.Equal(t, "handshake", seen.Fault.Step)
			assert.Empty(t, seen.Version)
			if test.alert != "" {
				assert.Equal(t, test.alert, seen.Alert.Name)
			}
		})
	}
}

func reset(conn net.Conn, _ *tls.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// What is waited for stays to be read.
func TestAnswerIsReadByTheCaller(t *testing.T) {
	for name, tickets := range map[string]bool{"behind tickets": true, "alone": false} {
		t.Run(name, func(t *testing.T) {
			server := start(t, asks(tls.VersionTLS13, tls.RequestClientCert, tickets, greets))
			sessions := tls.NewLRUClientSessionCache(1)
			seen, secured := shake(t, server, Options{ServerName: "localhost", Sessions: sessions, Await: true})
			require.True(t, seen.ClientCertificate.Answered)
			text := make([]byte, len("220 ready"))
			_, err := io.ReadFull(secured, text)
			require.NoError(t, err)
			assert.Equal(t, "220 ready", string(text))
			_, kept := sessions.Get("localhost")
			assert.Equal(t, tickets, kept)
		})
	}
}

// What is not waited for is heard with the first read.
func TestHear(t *testing.T) {
	const v13 = tls.VersionTLS13
	for name, test := range map[string]struct {
		server   tlstest.Handler
		answered bool
		kind     probes.Kind // empty where all is well
		alert    string
	}{
		"not asked for":  {greeting(serverConfig(nil)), false, "", ""},
		"a greeting":     {asks(v13, tls.RequestClientCert, false, greets), true, "", ""},
		"tickets first":  {asks(v13, tls.RequestClientCert, true, greets), true, "", ""},
		"TLS 1.2":        {asks(tls.VersionTLS12, tls.RequestClientCert, true, greets), true, "", ""},
		"missing":        {asks(v13, tls.RequireAnyClientCert, true, greets), false, probes.Alert, "certificate_required"},
		"closed":         {asks(v13, tls.RequestClientCert, false, func(net.Conn, *tls.Conn) {}), false, probes.Closed, ""},
		"reset":          {asks(v13, tls.RequestClientCert, false, reset), false, probes.Reset, ""},
		"closed, later":  {asks(v13, tls.RequestClientCert, true, func(net.Conn, *tls.Conn) {}), true, "", ""},
		"nothing at all": {asks(v13, tls.RequestClientCert, false, readsOn), false, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen, secured := shake(t, start(t, test.server), Options{ServerName: "localhost"})
			require.NotNil(t, secured)
			wait := patience
			if test.kind == "" && !test.answered {
				wait = 50 * time.Millisecond
			}
			require.NoError(t, secured.SetReadDeadline(time.Now().Add(wait)))
			_, err := secured.Read(make([]byte, 1))
			seen.Hear(secured, probes.NewFault(t.Context(), "greeting", err))
			if seen.ClientCertificate != nil {
				assert.Equal(t, test.answered, seen.ClientCertificate.Answered)
			}
			if test.kind == "" {
				assert.Nil(t, seen.Fault)
				return
			}
			require.True(t, seen.Fault.Of(test.kind), "%v", seen.Fault)
			assert.Equal(t, "handshake", seen.Fault.Step)
			if test.alert != "" {
				assert.Equal(t, test.alert, seen.Alert.Name)
				assert.Contains(t, names(seen.Messages), "< ["+test.alert+"]")
			}
		})
	}
}

// What the client does not read is waited for where it asks for that.
func TestAwait(t *testing.T) {
	const v13 = tls.VersionTLS13
	for name, test := range map[string]struct {
		server   tlstest.Handler
		answered bool
		kind     probes.Kind // empty where all is well
		alert    string
	}{
		"not asked for": {greeting(serverConfig(nil)), false, "", ""},
		"a greeting":    {asks(v13, tls.RequestClientCert, false, greets), true, "", ""},
		"tickets":       {asks(v13, tls.RequestClientCert, true, readsOn), true, "", ""},
		"TLS 1.2":       {asks(tls.VersionTLS12, tls.RequestClientCert, true, greets), true, "", ""},
		"missing":       {asks(v13, tls.RequireAnyClientCert, true, greets), false, probes.Alert, "certificate_required"},
		"closed":        {asks(v13, tls.RequestClientCert, false, func(net.Conn, *tls.Conn) {}), false, probes.Closed, ""},
		"reset":         {asks(v13, tls.RequestClientCert, false, reset), false, probes.Reset, ""},
	} {
		t.Run(name, func(t *testing.T) {
			seen, secured := shake(t, start(t, test.server), Options{ServerName: "localhost"})
			require.NotNil(t, secured)
			before := seen
			seen.Await(t.Context(), secured, patience)
			if seen.ClientCertificate != nil {
				assert.Equal(t, test.answered, seen.ClientCertificate.Answered)
			}
			if test.kind == "" {
				assert.Equal(t, before, seen)
				return
			}
			require.True(t, seen.Fault.Of(test.kind), "%v", seen.Fault)
			assert.Equal(t, "handshake", seen.Fault.Step)
			assert.GreaterOrEqual(t, seen.Took, before.Took)
			if test.alert != "" {
				assert.Equal(t, test.alert, seen.Alert.Name)
				assert.Contains(t, names(seen.Messages), "< ["+test.alert+"]")
				assert.Greater(t, seen.Last, before.Last)
			}
		})
	}
}

func TestAwaitedAnswerStaysToBeRead(t *testing.T) {
	seen, secured := shake(t, start(t, asks(tls.VersionTLS13, tls.RequestClientCert, true, greets)), Options{ServerName: "localhost"})
	seen.Await(t.Context(), secured, patience)
	require.True(t, seen.ClientCertificate.Answered)
	require.NoError(t, secured.SetDeadline(time.Now().Add(patience)))
	text := make([]byte, len("220 ready"))
	_, err := io.ReadFull(secured, text)
	require.NoError(t, err)
	assert.Equal(t, "220 ready", string(text))
}

func TestAwaitWhereThereIsNothingToWaitFor(t *testing.T) {
	silent := asks(tls.VersionTLS13, tls.RequestClientCert, false, readsOn)
	for name, prepare := range map[string]func(*tls.Conn, context.CancelFunc){
		"the connection is closed": func(secured *tls.Conn, _ context.CancelFunc) { _ = secured.Close() },
		"the user has ended it":    func(_ *tls.Conn, cancel context.CancelFunc) { cancel() },
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			seen, secured := shake(t, start(t, silent), Options{ServerName: "localhost"})
			before := seen
			prepare(secured, cancel)
			seen.Await(ctx, secured, time.Hour)
			assert.Equal(t, before, seen)
		})
	}
}

func TestHowLongAnAnswerIsAwaited(t *testing.T) {
	for name, test := range map[string]struct{ cancelAfter, took time.Duration }{
		"as long as wanted":      {time.Hour, 3 * time.Second},
		"until the user ends it": {time.Second, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				seen, secured, _ := piped(ctx, t, Options{})
				require.NotNil(t, secured)
				defer time.AfterFunc(test.cancelAfter, cancel).Stop()
				before := time.Now()
				seen.Await(ctx, secured, 3*time.Second)
				assert.Equal(t, test.took, time.Since(before))
				assert.Nil(t, seen.Fault)
				assert.False(t, seen.ClientCertificate.Answered)
			})
		})
	}
}

func TestHearOfNoFault(t *testing.T) {
	for name, test := range map[string]struct {
		auth     tls.ClientAuthType
		answered bool
	}{
		"the server went on": {tls.RequestClientCert, true},
		"the server refused": {tls.RequireAnyClientCert, false},
	} {
		t.Run(name, func(t *testing.T) {
			seen, secured := shake(t, start(t, asks(tls.VersionTLS13, test.auth, false, greets)), Options{ServerName: "localhost"})
			_, err := secured.Read(make([]byte, 1))
			require.Equal(t, test.answered, err == nil)
			seen.Hear(secured, nil)
			assert.Nil(t, seen.Fault)
			assert.Equal(t, test.answered, seen.ClientCertificate.Answered)
		})
	}
}

// A warning before the ServerHello is not what ended the connection after the handshake.
func TestHearOfAnEndAfterAWarning(t *testing.T) {
	seen, secured := shake(t, start(t, func(conn net.Conn) {
		_, _ = conn.Write(recordOf(recordAlert, 1, 112))
		asks(tls.VersionTLS13, tls.RequestClientCert, false, reset)(conn)
	}), Options{ServerName: "localhost"})
	require.NotNil(t, secured)
	seen.Await(t.Context(), secured, patience)
	assert.True(t, seen.Fault.Of(probes.Reset), "%v", seen.Fault)
}

func TestAnswerOfAHandshakeThatStoppedAtARetry(t *testing.T) {
	healthy := func(c *tls.Config) { c.CurvePreferences = []tls.CurveID{tls.CurveP521} }
	for name, test := range map[string]struct {
		server tlstest.Handler
		retry  bool
		want   Answer
	}{
		"and the server closed": {func(conn net.Conn) {
			consume(conn)
			_, _ = conn.Write(retry)
		}, true, Answer{Version: "TLS 1.3", Group: "CurveP256"}},
		"and went on": {tlstest.Handshake(serverConfig(healthy)), false, Answer{Version: "TLS 1.3", Group: "CurveP521", Complete: true}},
		"and failed later": {tlstest.Handshake(serverConfig(func(c *tls.Config) {
			healthy(c)
			c.Certificates[0].PrivateKey = brokenKey{c.Certificates[0].PrivateKey.(crypto.Signer)}
		})), false, Answer{Version: "TLS 1.3", Group: "CurveP521"}},
	} {
		t.Run(name, func(t *testing.T) {
			seen, _ := shake(t, start(t, test.server), Options{ServerName: "localhost"})
			answer := seen.Answer()
			assert.Contains(t, names(seen.Messages), "< HelloRetryRequest")
			assert.Equal(t, test.retry, answer.Retry)
			assert.Equal(t, test.want, Answer{Version: answer.Version, Group: answer.Group, Complete: answer.Complete})
			assert.True(t, answer.Answered())
		})
	}
}

// piped makes a handshake over a pipe, in fake time, with a server that asks for a certificate and is silent then; it leaves the
// connection open until the test ends.
func piped(ctx context.Context, t *testing.T, o Options) (Handshake, *tls.Conn, net.Conn) {
	t.Helper()
	conn, peer := net.Pipe()
	var running sync.WaitGroup
	running.Go(func() { asks(tls.VersionTLS13, tls.RequestClientCert, false, readsOn)(peer) })
	t.Cleanup(func() {
		_, _ = conn.Close(), peer.Close()
		running.Wait()
	})
	seen, secured := Shake(ctx, conn, o)
	return seen, secured, conn
}

func TestSilenceAfterTheHandshakeIsContent(t *testing.T) {
	for name, test := range map[string]struct{ wait, cancelAfter, silence time.Duration }{
		"as long as there is no doubt": {10 * time.Second, time.Hour, time.Second},
		"without a longest wait":       {0, time.Hour, time.Second},
		"as long as may be waited":     {300 * time.Millisecond, time.Hour, 300 * time.Millisecond},
		"until the user ends it":       {10 * time.Second, 200 * time.Millisecond, 200 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				defer time.AfterFunc(test.cancelAfter, cancel).Stop()
				before := time.Now()
				seen, secured, _ := piped(ctx, t, Options{Wait: test.wait, Await: true})
				assert.Equal(t, test.silence, time.Since(before))
				assert.Nil(t, seen.Fault)
				assert.NotNil(t, secured)
				assert.Zero(t, seen.Took, "the wait is no part of the handshake")
				assert.Equal(t, &ClientCertificate{Authorities: []string{"CN=client CA"}, Named: 1}, seen.ClientCertificate)
			})
		})
	}
}

func TestDeadlineAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		before := time.Now()
		_, secured, _ := piped(t.Context(), t, Options{Wait: 10 * time.Second, Await: true})
		_, err := secured.Read(make([]byte, 1))
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Equal(t, 10*time.Second, time.Since(before), "the deadline is that of the handshake")
	})
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
