package ftptest_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"net/netip"
	"net/textproto"
	"os"
	"regexp"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// authority signs the certificates of all servers in these tests.
var authority = tlstest.NewCA("test root")

func serverTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{authority.Issue(tlstest.Leaf{})}}
}

// clientTLS verifies, and resumes sessions.
func clientTLS() *tls.Config {
	return &tls.Config{
		RootCAs:            authority.Pool(),
		ServerName:         "localhost",
		ClientSessionCache: tls.NewLRUClientSessionCache(0),
	}
}

// start runs a server until the test ends. The test is skipped where the server's address is not one of this machine.
func start(t *testing.T, server *ftptest.Server) *ftptest.Server {
	t.Helper()
	if server.Addr.IsValid() {
		skipUnlessLocal(t, server.Addr.Addr())
	}
	require.NoError(t, server.Start())
	t.Cleanup(server.Close)
	return server
}

// onIPv6 is a free port of the IPv6 loopback address, for Server.Addr.
var onIPv6 = netip.AddrPortFrom(netip.IPv6Loopback(), 0)

// skipUnlessLocal skips the test where this machine does not have the address, as where IPv6 is switched off.
func skipUnlessLocal(t *testing.T, addr netip.Addr) {
	t.Helper()
	listener, err := net.Listen("tcp", netip.AddrPortFrom(addr, 0).String())
	if err != nil {
		t.Skip("not an address of this machine: ", err)
	}
	require.NoError(t, listener.Close())
}

// client speaks FTP line by line. Its every wait ends.
type client struct {
	t    *testing.T
	conn net.Conn
	text *textproto.Conn
}

const patience = 10 * time.Second

// connect opens a control connection and does not wait for the greeting.
func connect(t *testing.T, server *ftptest.Server) *client {
	t.Helper()
	conn, err := net.Dial("tcp", server.Addr.String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
	return &client{t: t, conn: conn, text: textproto.NewConn(conn)}
}

// greeted opens a control connection and reads the greeting.
func greeted(t *testing.T, server *ftptest.Server) *client {
	t.Helper()
	c := connect(t, server)
	c.expect(220)
	return c
}

// loggedIn opens a control connection and logs in as anonymous.
func loggedIn(t *testing.T, server *ftptest.Server) *client {
	t.Helper()
	c := greeted(t, server)
	c.do(331, "USER anonymous")
	c.do(230, "PASS guest@")
	return c
}

// secured opens a control connection over explicit TLS, logs in and protects the data connections.
func secured(t *testing.T, server *ftptest.Server, config *tls.Config) *client {
	t.Helper()
	c := greeted(t, server)
	c.secure(config)
	return c
}

func (c *client) secure(config *tls.Config) {
	c.t.Helper()
	c.do(234, "AUTH TLS")
	c.startTLS(config)
	c.do(331, "USER anonymous")
	c.do(230, "PASS guest@")
	c.do(200, "PBSZ 0")
	c.do(200, "PROT P")
}

func (c *client) startTLS(config *tls.Config) {
	c.t.Helper()
	conn := tls.Client(c.conn, config)
	require.NoError(c.t, conn.Handshake())
	c.text = textproto.NewConn(conn)
}

func (c *client) send(line string) {
	c.t.Helper()
	require.NoError(c.t, c.text.PrintfLine("%s", line))
}

// expect reads a reply and returns its text.
func (c *client) expect(code int) string {
	c.t.Helper()
	_, text, err := c.text.ReadResponse(code)
	require.NoError(c.t, err)
	return text
}

// do sends a command and expects its reply.
func (c *client) do(code int, command string) string {
	c.t.Helper()
	c.send(command)
	return c.expect(code)
}

// rest is what comes until the server closes.
func (c *client) rest() string {
	c.t.Helper()
	rest, err := io.ReadAll(c.text.R)
	require.NoError(c.t, err)
	return string(rest)
}

// nothing asserts that nothing comes for a short while.
func (c *client) nothing() {
	c.t.Helper()
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
	got, err := c.text.R.ReadByte()
	require.ErrorIs(c.t, err, os.ErrDeadlineExceeded, "got %q", got)
	require.NoError(c.t, c.conn.SetReadDeadline(time.Now().Add(patience)))
}

var (
	extendedPort = regexp.MustCompile(`\(\|\|\|(\d+)\|\)`)
	sixNumbers   = regexp.MustCompile(`\((\d+),(\d+),(\d+),(\d+),(\d+),(\d+)\)`)
)

// passive asks for a data port with "EPSV" or "PASV" and returns what was announced.
func (c *client) passive(command string) netip.AddrPort {
	c.t.Helper()
	if command == "EPSV" {
		found := extendedPort.FindStringSubmatch(c.do(229, command))
		require.NotNil(c.t, found)
		return netip.AddrPortFrom(peer(c.conn), number(c.t, found[1]))
	}
	found := sixNumbers.FindStringSubmatch(c.do(227, command))
	require.NotNil(c.t, found)
	addr, err := netip.ParseAddr(fmt.Sprintf("%s.%s.%s.%s", found[1], found[2], found[3], found[4]))
	require.NoError(c.t, err)
	return netip.AddrPortFrom(addr, number(c.t, found[5])<<8|number(c.t, found[6]))
}

func peer(conn net.Conn) netip.Addr {
	return conn.RemoteAddr().(*net.TCPAddr).AddrPort().Addr().Unmap()
}

func number(t *testing.T, digits string) uint16 {
	t.Helper()
	n, err := strconv.ParseUint(digits, 10, 16)
	require.NoError(t, err)
	return uint16(n)
}

// dialData connects to a data port.
func (c *client) dialData(to netip.AddrPort) net.Conn {
	c.t.Helper()
	conn, err := net.Dial("tcp", to.String())
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(c.t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// active announces a listener with "EPRT" or "PORT", asks for a listing and returns the server's connection.
func (c *client) active(command, transfer string) net.Conn {
	c.t.Helper()
	listener := c.listen()
	c.do(200, announcement(command, listener))
	c.send(transfer)
	conn, err := listener.Accept()
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = conn.Close() })
	require.NoError(c.t, conn.SetDeadline(time.Now().Add(patience)))
	return conn
}

// listen opens a port for an active data connection.
func (c *client) listen() *net.TCPListener {
	c.t.Helper()
	own := c.conn.LocalAddr().(*net.TCPAddr)
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: own.IP})
	require.NoError(c.t, err)
	c.t.Cleanup(func() { _ = listener.Close() })
	require.NoError(c.t, listener.SetDeadline(time.Now().Add(patience)))
	return listener
}

// announcement is the EPRT or PORT command for a listener.
func announcement(command string, listener net.Listener) string {
	at := listener.Addr().(*net.TCPAddr).AddrPort()
	at = netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
	if command == "EPRT" {
		protocol := 1
		if at.Addr().Is6() {
			protocol = 2
		}
		return fmt.Sprintf("EPRT |%d|%s|%d|", protocol, at.Addr(), at.Port())
	}
	h := at.Addr().As4()
	return fmt.Sprintf("PORT %d,%d,%d,%d,%d,%d", h[0], h[1], h[2], h[3], at.Port()>>8, at.Port()&0xff)
}

// all is everything that comes until the other end closes in good order.
func all(t *testing.T, conn net.Conn) string {
	t.Helper()
	text, err := io.ReadAll(conn)
	require.NoError(t, err)
	return string(text)
}
