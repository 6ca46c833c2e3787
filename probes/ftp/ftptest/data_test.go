package ftptest_test

import (
	"bytes"
	"crypto/tls"
	"encoding/binary"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestPassiveRange(t *testing.T) {
	for name, test := range map[string]struct {
		dead   ftptest.PortFault
		assert func(*testing.T, netip.AddrPort)
	}{
		"every second port is silent":  {ftptest.Silent, assertSilent},
		"every second port is refused": {ftptest.Refusing, assertRefused},
	} {
		t.Run(name, func(t *testing.T) {
			if test.dead == ftptest.Silent {
				skipUnlessLinux(t)
			}
			server := faulty(t, ftptest.Faults{PassiveRange: []ftptest.PortFault{ftptest.Working, test.dead, ftptest.Working, test.dead}})
			c := loggedIn(t, server)
			first := c.passive("PASV")
			c.lists(first)
			for i, command := range []string{"EPSV", "PASV", "EPSV", "PASV", "EPSV"} {
				port := c.passive(command)
				assert.Equal(t, first.Port()+uint16((i+1)%4), port.Port(), "consecutive, and again from the first")
				if i%2 == 0 {
					test.assert(t, port)
				} else {
					c.lists(port)
				}
			}
			assert.Equal(t, 3, server.Counts().DataConnections)
		})
	}
	t.Run("a port in use is left out", func(t *testing.T) {
		server := faulty(t, ftptest.Faults{PassiveRange: make([]ftptest.PortFault, 2)})
		first, second := loggedIn(t, server), loggedIn(t, server)
		taken := first.passive("EPSV")
		free := second.passive("EPSV")
		second.lists(free)
		second.lists(second.passive("EPSV"))
		second.do(425, "LIST")
		first.lists(taken)
	})
	t.Run("no port is left", func(t *testing.T) {
		server := faulty(t, ftptest.Faults{PassiveRange: make([]ftptest.PortFault, 1)})
		loggedIn(t, server).passive("EPSV")
		loggedIn(t, server).do(425, "EPSV")
	})
}

// lists takes a listing over a data connection in clear.
func (c *client) lists(port netip.AddrPort) {
	c.t.Helper()
	data := c.dialData(port)
	c.do(150, "LIST")
	assert.Contains(c.t, all(c.t, data), "README.txt")
	c.expect(226)
}

func assertRefused(t *testing.T, to netip.AddrPort) {
	t.Helper()
	_, err := net.Dial("tcp", to.String())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
}

func TestDeadBackend(t *testing.T) {
	server := faulty(t, ftptest.Faults{DeadBackend: true})
	c := loggedIn(t, server)
	for range 2 {
		port := c.passive("EPSV")
		assertReset(t, port)
		c.lists(port)
	}
	assert.Equal(t, 4, server.Counts().DataConnections)
}

// assertReset asserts that a connection is reset, be it before connect(2) has returned.
func assertReset(t *testing.T, to netip.AddrPort) {
	t.Helper()
	conn, err := net.Dial("tcp", to.String())
	if err == nil {
		defer func() { assert.NoError(t, conn.Close()) }()
		require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
		_, err = conn.Read(make([]byte, 1))
	}
	require.ErrorIs(t, err, syscall.ECONNRESET)
}

var twoAddresses = []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.MustParseAddr("127.0.0.2")}

func TestPassiveAddresses(t *testing.T) {
	skipUnlessLinux(t) // where all of 127.0.0.0/8 is this machine
	control, other := twoAddresses[0], twoAddresses[1]
	for name, on := range map[string][]netip.Addr{"both work": twoAddresses, "only the announced one works": {other}} {
		t.Run(name, func(t *testing.T) {
			c := loggedIn(t, faulty(t, ftptest.Faults{PassiveAddress: other, PassiveOn: on}))
			announced := c.passive("PASV")
			assert.Equal(t, other, announced.Addr())
			c.lists(announced)
			atControl := netip.AddrPortFrom(control, c.passive("PASV").Port())
			if len(on) == 1 {
				assertRefused(t, atControl)
			} else {
				c.lists(atControl)
			}
		})
	}
}

func TestDataConnectionIsRefusedAtOnce(t *testing.T) {
	const reply = "425 Security: Bad IP connecting."
	server := faulty(t, ftptest.Faults{DataRefusal: reply + "\r\n"})
	c := loggedIn(t, server)
	data := c.dialData(c.passive("EPSV"))
	c.send("LIST")
	c.line(reply)
	assert.Empty(t, all(t, data))
	c.do(200, "NOOP")
	assert.Equal(t, 1, server.Counts().DataConnections)
}

func TestTheServerSeesAnotherAddress(t *testing.T) {
	skipUnlessLinux(t) // where all of 127.0.0.0/8 is this machine
	c := loggedIn(t, faulty(t, ftptest.Faults{SeenAs: netip.MustParseAddr("127.0.0.2")}))
	assert.Contains(t, c.do(211, "STAT"), "Connected to 127.0.0.2\n")
	for _, command := range []string{"PORT 127,0,0,1,39,16", "EPRT |1|127.0.0.1|10000|"} {
		assert.Equal(t, "I won't open a connection to 127.0.0.1 (only to 127.0.0.2)", c.do(500, command))
	}
	c.lists(c.passive("EPSV"))

	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.2:0")))
	require.NoError(t, err)
	defer func() { assert.NoError(t, listener.Close()) }()
	require.NoError(t, listener.SetDeadline(time.Now().Add(patience)))
	c.do(200, announcement("PORT", listener))
	c.send("LIST")
	data, err := listener.Accept()
	require.NoError(t, err)
	c.expect(150)
	assert.NotEmpty(t, all(t, data))
	c.expect(226)
}

func TestProtectionOfDataIsRequired(t *testing.T) {
	server := faulty(t, ftptest.Faults{ProtRequired: "522 Data connections must be encrypted.\r\n"})
	c := loggedIn(t, server)
	c.passive("EPSV")
	c.do(522, "LIST")
	c.do(522, "STOR x")

	protected := secured(t, server, clientTLS())
	protected.do(200, "PROT C")
	protected.passive("EPSV")
	protected.do(522, "RETR README.txt")
	protected.do(200, "PROT P")
	protected.passive("EPSV")
	assert.Zero(t, server.Counts().DataConnections)
	_, listing := protected.listsOverTLS(clientTLS())
	assert.Contains(t, listing, "README.txt")
	protected.expect(226)
}

// listsOverTLS takes a listing over TLS, up to its final reply, and returns the connection, which is closed.
func (c *client) listsOverTLS(config *tls.Config) (*tls.Conn, string) {
	c.t.Helper()
	data := tls.Client(c.dialData(c.passive("EPSV")), config)
	c.do(150, "LIST")
	listing := all(c.t, data)
	return data, listing
}

func TestDataInClearAfterPROTP(t *testing.T) {
	c := secured(t, faulty(t, ftptest.Faults{DataPlain: true}), clientTLS())
	c.lists(c.passive("EPSV"))

	data := tls.Client(c.dialData(c.passive("EPSV")), clientTLS())
	c.do(150, "LIST")
	var notTLS tls.RecordHeaderError
	require.ErrorAs(t, data.Handshake(), &notTLS)
	assert.Equal(t, "-rw-r", string(notTLS.RecordHeader[:]))
	c.expect(226)
}

func TestClientHelloOnDataIsNotAnswered(t *testing.T) {
	c := secured(t, faulty(t, ftptest.Faults{DataTLSSilent: true}), clientTLS())
	tcp := c.dialData(c.passive("EPSV"))
	c.do(150, "LIST")
	require.NoError(t, tcp.SetDeadline(time.Now().Add(50*time.Millisecond)))
	err := tls.Client(tcp, clientTLS()).Handshake()
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	assert.True(t, netErr.Timeout())
	c.do(200, "NOOP")
	require.NoError(t, tcp.Close())
	c.expect(426)
}

func TestHandshakeComesBeforeThePreliminaryReply(t *testing.T) {
	c := secured(t, faulty(t, ftptest.Faults{HandshakeFirst: true}), clientTLS())
	data := tls.Client(c.dialData(c.passive("EPSV")), clientTLS())
	c.send("LIST")
	c.nothing()
	require.NoError(t, data.Handshake())
	c.expect(150)
	assert.NotEmpty(t, all(t, data))
	c.expect(226)
}

func TestNoCloseNotify(t *testing.T) {
	for _, without := range []bool{false, true} {
		server := start(t, &ftptest.Server{TLS: atMost12(serverTLS()), Faults: ftptest.Faults{NoCloseNotify: without}})
		c := secured(t, server, clientTLS())
		wire := &recorder{Conn: c.dialData(c.passive("EPSV"))}
		c.do(150, "LIST")
		assert.Contains(t, all(t, tls.Client(wire, clientTLS())), "numbers.csv", "the listing is complete")
		c.expect(226)
		const alert = 21 // the one alert in the clear part of a record header of TLS 1.2 is close_notify here
		assert.Equal(t, !without, lastRecord(t, wire.got.Bytes()) == alert)
	}
}

// recorder keeps what was read.
type recorder struct {
	net.Conn
	got bytes.Buffer
}

func (r *recorder) Read(p []byte) (int, error) {
	n, err := r.Conn.Read(p)
	r.got.Write(p[:n])
	return n, err
}

// lastRecord is the content type of the last of the TLS records (RFC 5246 §6.2.1).
func lastRecord(t *testing.T, records []byte) (contentType byte) {
	t.Helper()
	const header = 5
	for len(records) > 0 {
		require.GreaterOrEqual(t, len(records), header)
		contentType = records[0]
		end := header + int(binary.BigEndian.Uint16(records[3:header]))
		require.GreaterOrEqual(t, len(records), end)
		records = records[end:]
	}
	return contentType
}

func TestAnotherCertificateOnData(t *testing.T) {
	another := &tls.Config{Certificates: []tls.Certificate{authority.Issue(tlstest.Leaf{})}}
	c := secured(t, faulty(t, ftptest.Faults{DataTLS: another}), clientTLS())
	shared := clientTLS()
	for range 2 {
		data, listing := c.listsOverTLS(shared)
		assert.NotEmpty(t, listing)
		assert.Equal(t, another.Certificates[0].Leaf.SerialNumber, data.ConnectionState().PeerCertificates[0].SerialNumber)
		c.expect(226)
	}
}

func TestReuseDemanded(t *testing.T) {
	versions := map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13}
	for name, version := range versions {
		config := serverTLS()
		config.MaxVersion = version
		t.Run("met with "+name, func(t *testing.T) {
			shared := clientTLS()
			c := secured(t, start(t, &ftptest.Server{TLS: config, Faults: ftptest.Faults{ReuseDemanded: true}}), shared)
			for range 4 {
				data, listing := c.listsOverTLS(shared)
				assert.True(t, data.ConnectionState().DidResume)
				assert.NotEmpty(t, listing)
				c.expect(226)
			}
		})
		t.Run("not met with "+name, func(t *testing.T) {
			c := secured(t, start(t, &ftptest.Server{TLS: config, Faults: ftptest.Faults{ReuseDemanded: true}}), clientTLS())
			c.refusesData(clientTLS())
			c.expect(522)
			c.do(200, "NOOP")
		})
	}
	t.Run("another control connection's session is not good enough", func(t *testing.T) {
		server := faulty(t, ftptest.Faults{ReuseDemanded: true})
		shared := clientTLS()
		secured(t, server, shared)
		c := secured(t, server, clientTLS())
		c.refusesData(shared)
		c.expect(522)
	})
	t.Run("the server gives no tickets", func(t *testing.T) {
		config := atMost12(serverTLS())
		config.SessionTicketsDisabled = true
		shared := clientTLS()
		c := secured(t, start(t, &ftptest.Server{TLS: config, Faults: ftptest.Faults{ReuseDemanded: true}}), shared)
		c.refusesData(shared)
		c.expect(522)
	})
}

// refusesData offers a data connection over TLS on which nothing comes. The final reply is left to the caller.
func (c *client) refusesData(config *tls.Config) {
	c.t.Helper()
	data := tls.Client(c.dialData(c.passive("EPSV")), config)
	c.do(150, "LIST")
	assertNoData(c.t, data)
}

// assertNoData asserts that the handshake succeeds and that nothing comes behind it. How the connection ends is not the point.
func assertNoData(t *testing.T, data *tls.Conn) {
	t.Helper()
	require.NoError(t, data.Handshake())
	assert.False(t, data.ConnectionState().DidResume)
	listing, _ := io.ReadAll(data)
	assert.Empty(t, listing)
}

func TestRefusalsOfSessions(t *testing.T) {
	t.Run("in other words, and the control connection is closed", func(t *testing.T) {
		c := secured(t, faulty(t, ftptest.Faults{
			ReuseDemanded: true, ReuseRefusal: "450 TLS session of data connection not resumed.\r\n", ReuseRefusalCloses: true,
		}), clientTLS())
		c.refusesData(clientTLS())
		c.expect(450)
		assert.Empty(t, c.rest())
	})
	t.Run("in place of the preliminary reply", func(t *testing.T) {
		c := secured(t, faulty(t, ftptest.Faults{
			ReuseDemanded: true, ReuseRefusal: "425 Operation not permitted\r\n", HandshakeFirst: true,
		}), clientTLS())
		data := tls.Client(c.dialData(c.passive("EPSV")), clientTLS())
		c.send("LIST")
		assertNoData(t, data)
		c.expect(425)
		c.do(200, "NOOP")
	})
}

func TestTicketsRunOut(t *testing.T) {
	server := func() *ftptest.Server { return faulty(t, ftptest.Faults{ReuseDemanded: true, TicketUses: 2}) }
	t.Run("for a client that only uploads", func(t *testing.T) {
		shared := clientTLS()
		c := secured(t, server(), shared)
		c.do(257, "PWD") // a reply brings the first ticket
		for use := range 3 {
			data := tls.Client(c.dialData(c.passive("EPSV")), shared)
			c.do(150, "STOR x")
			require.NoError(t, data.Handshake())
			assert.Equal(t, use < 2, data.ConnectionState().DidResume)
			require.NoError(t, data.Close())
			if use < 2 {
				c.expect(226)
			} else {
				c.expect(522)
			}
		}
	})
	t.Run("not for a client that reads what comes", func(t *testing.T) {
		shared := clientTLS()
		c := secured(t, server(), shared)
		for range 6 {
			_, listing := c.listsOverTLS(shared)
			assert.NotEmpty(t, listing)
			c.expect(226)
		}
	})
	t.Run("not demanded", func(t *testing.T) {
		shared := clientTLS()
		c := secured(t, faulty(t, ftptest.Faults{TicketUses: 1}), shared)
		for use := range 2 {
			data := tls.Client(c.dialData(c.passive("EPSV")), shared)
			c.do(150, "STOR x")
			require.NoError(t, data.Handshake())
			assert.Equal(t, use < 1, data.ConnectionState().DidResume)
			require.NoError(t, data.Close())
			c.expect(226)
		}
	})
}

const oops = "500 OOPS: child died\r\n"

func TestPlainReplies(t *testing.T) {
	t.Run("in place of the ServerHello", func(t *testing.T) {
		c := greeted(t, faulty(t, ftptest.Faults{PlainReplies: map[string]string{"ClientHello": oops}}))
		c.do(234, "AUTH TLS")
		c.nothing()
		wire := &recorder{Conn: c.conn}
		var notTLS tls.RecordHeaderError
		require.ErrorAs(t, tls.Client(wire, clientTLS()).Handshake(), &notTLS)
		assert.Empty(t, all(t, c.conn))
		assert.Equal(t, oops, wire.got.String())
	})
	t.Run("in the middle of the dialogue", func(t *testing.T) {
		server := faulty(t, ftptest.Faults{PlainReplies: map[string]string{"PWD": oops}})
		c := greeted(t, server)
		wire := &recorder{Conn: c.conn}
		c.conn = wire
		c.secure(clientTLS())
		before := wire.got.Len()
		c.send("PWD")
		_, err := c.text.ReadLine()
		var notTLS tls.RecordHeaderError
		require.ErrorAs(t, err, &notTLS)
		assert.Empty(t, all(t, c.conn))
		assert.Equal(t, oops, wire.got.String()[before:], "not even an alert follows")
		loggedIn(t, server).do(257, "PWD")
	})
}

func TestExtraReplyFollowsTheFinalOne(t *testing.T) {
	c := loggedIn(t, faulty(t, extra("LIST", 226)))
	c.lists(c.passive("EPSV"))
	assert.Equal(t, "Once more.", c.expect(226))
	c.do(200, "NOOP")
}

func TestIdleClientIsCutOff(t *testing.T) {
	const limit = 300 * time.Millisecond
	t.Run("in silence, while it uploads", func(t *testing.T) {
		t.Parallel() // they wait
		server := faulty(t, ftptest.Faults{IdleCut: limit})
		c := loggedIn(t, server)
		data := c.dialData(c.passive("EPSV"))
		c.do(150, "STOR x")
		time.Sleep(2 * limit)
		_, err := data.Write([]byte("late"))
		require.NoError(t, err)
		require.NoError(t, data.Close())
		require.Eventually(t, func() bool { return server.Counts().Files == 1 }, patience, time.Millisecond, "the transfer goes on")
		c.nothing()
		c.send("NOOP")
		c.nothing()
	})
	t.Run("with a last word, while it hesitates", func(t *testing.T) {
		t.Parallel() // they wait
		c := loggedIn(t, faulty(t, ftptest.Faults{IdleCut: limit, IdleReply: "421 Timeout.\r\n"}))
		c.passive("EPSV")
		c.expect(421)
		assert.Empty(t, c.rest())
	})
	t.Run("with a last word, while a transfer stalls over TLS", func(t *testing.T) {
		t.Parallel() // they wait
		c := secured(t, faulty(t, ftptest.Faults{IdleCut: limit, IdleReply: "421 Timeout.\r\n", Stall: true}), clientTLS())
		data := tls.Client(c.dialData(c.passive("EPSV")), clientTLS())
		c.do(150, "LIST")
		require.NoError(t, data.Handshake())
		c.expect(421)
		assert.Empty(t, c.rest(), "no reply of the transfer's")
	})
	t.Run("not after the transfer", func(t *testing.T) {
		t.Parallel() // they wait
		c := loggedIn(t, faulty(t, ftptest.Faults{IdleCut: limit}))
		c.lists(c.passive("EPSV"))
		time.Sleep(2 * limit)
		c.do(200, "NOOP")
	})
}

func TestFilesLeftOver(t *testing.T) {
	server := start(t, &ftptest.Server{})
	conn, err := ftp.Dial(server.Addr.String())
	require.NoError(t, err)
	require.NoError(t, conn.Login("anonymous", "guest@"))
	require.NoError(t, conn.Stor("mine", strings.NewReader("x")))
	require.NoError(t, conn.Stor("mine", strings.NewReader("y")))
	assert.Equal(t, 1, server.Counts().Files)
	require.NoError(t, conn.Delete("README.txt"))
	assert.Equal(t, 1, server.Counts().Files)
	require.NoError(t, conn.Delete("mine"))
	assert.Zero(t, server.Counts().Files)
	require.NoError(t, conn.Quit())
}

func TestUploadRefused(t *testing.T) {
	server := faulty(t, refuse("STOR", 553))
	c := loggedIn(t, server)
	c.passive("EPSV")
	c.do(553, "STOR x")
	assert.Zero(t, server.Counts().Files)
}
