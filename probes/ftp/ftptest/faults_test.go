package ftptest_test

import (
	"io"
	"net"
	"net/netip"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// faulty is a healthy server but for its faults.
func faulty(t *testing.T, faults ftptest.Faults) *ftptest.Server {
	t.Helper()
	return start(t, &ftptest.Server{TLS: serverTLS(), Faults: faults})
}

func TestGreetings(t *testing.T) {
	for name, test := range map[string]struct {
		faults ftptest.Faults
		check  func(c *client)
	}{
		"none": {ftptest.Faults{NoGreeting: true}, func(c *client) {
			c.nothing()
			c.send("NOOP")
			c.nothing()
		}},
		"late": {ftptest.Faults{GreetingDelay: 100 * time.Millisecond}, func(c *client) {
			c.nothing()
			c.expect(220)
		}},
		"endless": {ftptest.Faults{EndlessGreeting: true}, func(c *client) {
			lines, err := io.ReadAll(io.LimitReader(c.conn, 1<<20))
			require.NoError(c.t, err)
			assert.Equal(c.t, "220-There is more to say.", strings.SplitN(string(lines), "\r\n", 2)[0])
			assert.NotContains(c.t, string(lines), "220 ")
		}},
		"forty lines": {ftptest.Faults{GreetingLines: 40}, func(c *client) {
			assert.Len(c.t, strings.Split(c.expect(220), "\n"), 40)
			c.do(200, "NOOP")
		}},
		"SSH": {ftptest.Faults{Greeting: "SSH-2.0-OpenSSH_9.9\r\n"}, func(c *client) {
			c.line("SSH-2.0-OpenSSH_9.9")
			c.send("USER anonymous")
			c.nothing()
		}},
		"HTTP, closed after it": {ftptest.Faults{Greeting: "HTTP/1.1 400 Bad Request\r\n\r\n", CloseAfter: "greeting"}, func(c *client) {
			assert.Equal(c.t, "HTTP/1.1 400 Bad Request\r\n\r\n", c.rest())
		}},
		"421 and closed": {ftptest.Faults{Greeting: "421 Too many users.\r\n"}, func(c *client) {
			assert.Equal(c.t, "421 Too many users.\r\n", c.rest())
		}},
		"SMTP, which begins with 220 too": {ftptest.Faults{Greeting: "220 mail ESMTP\r\n"}, func(c *client) {
			c.line("220 mail ESMTP")
			c.do(200, "NOOP")
		}},
		"cut in the middle": {ftptest.Faults{Greeting: "220-Wel", CloseAfter: "greeting"}, func(c *client) {
			assert.Equal(c.t, "220-Wel", c.rest())
		}},
		"drips": {ftptest.Faults{Drip: time.Hour}, func(c *client) {
			first := make([]byte, 64)
			n, err := c.conn.Read(first)
			require.NoError(c.t, err)
			assert.Equal(c.t, 1, n, "each byte comes alone")
		}},
	} {
		t.Run(name, func(t *testing.T) { test.check(connect(t, faulty(t, test.faults))) })
	}
}

// line reads one line.
func (c *client) line(want string) {
	c.t.Helper()
	line, err := c.text.ReadLine()
	require.NoError(c.t, err)
	assert.Equal(c.t, want, line)
}

func TestSecondClientIsOneTooMany(t *testing.T) {
	server := faulty(t, ftptest.Faults{MaxClients: 1})
	first := greeted(t, server)
	second := connect(t, server)
	second.expect(421)
	assert.Empty(t, second.rest())
	first.do(221, "QUIT")
	greeted(t, server)
	assert.Equal(t, 3, server.Counts().Connections)
}

func TestLoginFaults(t *testing.T) {
	for name, test := range map[string]struct {
		faults   ftptest.Faults
		dialogue steps
	}{
		"TLS required":      {ftptest.Faults{TLSRequired: true}, steps{{211, "FEAT"}, {530, "USER anonymous"}, {503, "PASS x"}, {234, "AUTH TLS"}}},
		"refused at PASS":   {refuse("PASS", 530), steps{{331, "USER anonymous"}, {530, "PASS x"}, {530, "PWD"}}},
		"AUTH unknown":      {refuse("AUTH", 502), steps{{502, "AUTH TLS"}, {331, "USER anonymous"}}},
		"AUTH mechanism":    {refuse("AUTH", 504), steps{{504, "AUTH TLS"}}},
		"no certificate":    {refuse("AUTH", 431), steps{{431, "AUTH TLS"}}},
		"one reply behind":  {ftptest.Faults{Behind: true}, steps{{331, "USER anonymous"}, {230, "PASS x"}, {200, "PWD"}, {257, "SYST"}, {215, "NOOP"}}},
		"an extra reply":    {extra("USER", 331), steps{{331, "USER anonymous"}, {331, "PASS x"}, {230, "PWD"}, {257, "NOOP"}}},
		"an extra greeting": {ftptest.Faults{Greeting: "220 One.\r\n220 Two.\r\n"}, steps{{220, "USER anonymous"}, {331, "PASS x"}, {230, "PWD"}}},
		"AUTH is masked":    {refuse("AUTH", 500), steps{{211, "FEAT"}, {500, "AUTH TLS"}}},
		"unexpected answer": {ftptest.Faults{Replies: map[string]string{"SYST": "227 oops )(\r\n"}}, steps{{227, "SYST"}}},
	} {
		t.Run(name, func(t *testing.T) {
			c := greeted(t, faulty(t, test.faults))
			for _, step := range test.dialogue {
				c.do(step.code, step.command)
			}
		})
	}
}

// refuse is the fault of a server that answers a command with a code.
func refuse(command string, code int) ftptest.Faults {
	return ftptest.Faults{Replies: map[string]string{command: strconv.Itoa(code) + " No.\r\n"}}
}

// extra is the fault of a server that sends a reply too many after a command.
func extra(command string, code int) ftptest.Faults {
	return ftptest.Faults{ExtraReplies: map[string]string{command: strconv.Itoa(code) + " Once more.\r\n"}}
}

func TestTLSRequiredAcceptsTheLoginOverTLS(t *testing.T) {
	c := secured(t, faulty(t, ftptest.Faults{TLSRequired: true}), clientTLS())
	c.do(257, "PWD")
}

func TestPasswordIsEchoed(t *testing.T) {
	server := faulty(t, ftptest.Faults{EchoPassword: true})
	for user, code := range map[string]int{"anonymous": 230, "bob": 530} {
		c := greeted(t, server)
		c.do(331, "USER "+user)
		assert.Contains(t, c.do(code, "PASS hunter2"), "hunter2")
	}
	assert.Equal(t, ftptest.Counts{Connections: 2, Passwords: 2, Logins: 1}, server.Counts())
}

func TestRawReplies(t *testing.T) {
	t.Run("silence", func(t *testing.T) {
		c := loggedIn(t, faulty(t, ftptest.Faults{Replies: map[string]string{"PWD": ""}}))
		c.send("PWD")
		c.nothing()
		c.do(200, "NOOP")
	})
	t.Run("bytes as they are", func(t *testing.T) {
		c := loggedIn(t, faulty(t, ftptest.Faults{Replies: map[string]string{"PWD": "\x00\x1b[31m\xff\n"}}))
		c.send("PWD")
		c.line("\x00\x1b[31m\xff")
	})
	t.Run("closed after the reply", func(t *testing.T) {
		c := loggedIn(t, faulty(t, ftptest.Faults{CloseAfter: "SYST"}))
		c.do(215, "SYST")
		assert.Empty(t, c.rest())
	})
	t.Run("closed in the middle of the reply", func(t *testing.T) {
		c := loggedIn(t, faulty(t, ftptest.Faults{CloseAfter: "SYST", Replies: map[string]string{"SYST": "215-UN"}}))
		c.send("SYST")
		assert.Equal(t, "215-UN", c.rest())
	})
}

func TestPASVAnnouncesAnotherAddress(t *testing.T) {
	for _, address := range []string{"10.88.1.2", "198.51.100.77", "0.0.0.0"} {
		t.Run(address, func(t *testing.T) {
			c := loggedIn(t, faulty(t, ftptest.Faults{PassiveAddress: netip.MustParseAddr(address)}))
			announced := c.passive("PASV")
			assert.Equal(t, address, announced.Addr().String())
			data := c.dialData(netip.AddrPortFrom(peer(c.conn), announced.Port()))
			c.do(150, "LIST")
			assert.NotEmpty(t, all(t, data), "the port works at the control connection's address")
			c.expect(226)
		})
	}
}

func TestPassiveRefused(t *testing.T) {
	c := loggedIn(t, faulty(t, ftptest.Faults{Replies: map[string]string{"EPSV": "502 No.\r\n", "PASV": "550 No.\r\n"}}))
	c.do(502, "EPSV")
	c.do(550, "PASV")
	c.do(425, "LIST")
}

func TestSilentDataPort(t *testing.T) {
	skipUnlessLinux(t)
	server := faulty(t, ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Silent}})
	c := loggedIn(t, server)
	assertSilent(t, c.passive("EPSV"))
	c.send("LIST")
	c.nothing()
	c.do(200, "NOOP")
	data := c.abortThenPASV()
	c.do(150, "LIST")
	assert.NotEmpty(t, all(t, data), "PASV works")
	c.expect(226)
	assert.Equal(t, 1, server.Counts().DataConnections)
}

// abortThenPASV gives up the pending transfer and opens a data connection with PASV.
func (c *client) abortThenPASV() net.Conn {
	c.t.Helper()
	c.do(425, "ABOR")
	c.expect(226)
	return c.dialData(c.passive("PASV"))
}

func TestRefusingDataPort(t *testing.T) {
	c := loggedIn(t, faulty(t, ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Refusing, "PASV": ftptest.Refusing}}))
	for _, command := range []string{"EPSV", "PASV"} {
		_, err := net.Dial("tcp", c.passive(command).String())
		require.ErrorIs(t, err, syscall.ECONNREFUSED)
	}
	c.do(200, "NOOP")
}

func TestDeadPorts(t *testing.T) {
	for _, address := range []netip.Addr{netip.MustParseAddr("127.0.0.1"), netip.IPv6Loopback()} {
		t.Run("silent "+address.String(), func(t *testing.T) {
			skipUnlessLinux(t)
			skipUnlessLocal(t, address)
			port, err := ftptest.SilentPort(address)
			require.NoError(t, err)
			defer port.Close()
			for range 3 {
				assertSilent(t, port.Addr)
			}
		})
		t.Run("refusing "+address.String(), func(t *testing.T) {
			skipUnlessLocal(t, address)
			port, err := ftptest.RefusingPort(address)
			require.NoError(t, err)
			defer port.Close()
			for range 3 {
				_, err = net.Dial("tcp", port.Addr.String())
				require.ErrorIs(t, err, syscall.ECONNREFUSED)
			}
			_, err = net.Listen("tcp", port.Addr.String())
			require.ErrorIs(t, err, syscall.EADDRINUSE, "nobody else gets the port")
		})
	}
}

// assertSilent asserts that nothing answers a SYN for a short while.
func assertSilent(t *testing.T, to netip.AddrPort) {
	t.Helper()
	_, err := net.DialTimeout("tcp", to.String(), 30*time.Millisecond)
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	assert.True(t, netErr.Timeout(), "%v", err)
}

func skipUnlessLinux(t *testing.T) {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux drops SYNs at a full backlog")
	}
}

func TestTransferFaults(t *testing.T) {
	for name, test := range map[string]struct {
		faults ftptest.Faults
		after  func(c *client, data net.Conn)
	}{
		"stalls after 150": {ftptest.Faults{Stall: true}, func(c *client, data net.Conn) {
			c.expect(150)
			c.do(200, "NOOP")
			require.NoError(c.t, data.Close())
			c.expect(426)
		}},
		"stalls and is aborted": {ftptest.Faults{Stall: true}, func(c *client, data net.Conn) {
			c.expect(150)
			c.do(426, "ABOR")
			c.expect(226)
			assert.Empty(c.t, all(c.t, data))
		}},
		"no final reply": {ftptest.Faults{NoFinal: true}, func(c *client, data net.Conn) {
			c.expect(150)
			assert.NotEmpty(c.t, all(c.t, data))
			c.nothing()
			c.do(200, "NOOP")
		}},
		"refused in the end": {ftptest.Faults{Final: "451 Disk error.\r\n"}, func(c *client, data net.Conn) {
			c.expect(150)
			assert.NotEmpty(c.t, all(c.t, data))
			c.expect(451)
		}},
		"refused 450": {refuse("LIST", 450), func(c *client, _ net.Conn) { c.expect(450) }},
		"refused 550": {refuse("LIST", 550), func(c *client, _ net.Conn) { c.expect(550) }},
	} {
		t.Run(name, func(t *testing.T) {
			c := loggedIn(t, faulty(t, test.faults))
			data := c.dialData(c.passive("EPSV"))
			c.send("LIST")
			test.after(c, data)
		})
	}
}

func TestActiveFaults(t *testing.T) {
	t.Run("accepted, never connected", func(t *testing.T) {
		server := start(t, &ftptest.Server{DataWait: 100 * time.Millisecond, Faults: ftptest.Faults{NeverConnect: true}})
		c := loggedIn(t, server)
		listener := c.listen()
		c.do(200, announcement("PORT", listener))
		c.do(425, "LIST")
		require.NoError(t, listener.SetDeadline(time.Now().Add(50*time.Millisecond)))
		_, err := listener.Accept()
		require.ErrorIs(t, err, os.ErrDeadlineExceeded)
		assert.Zero(t, server.Counts().DataConnections)
	})
	t.Run("connected from a given port", func(t *testing.T) {
		port := freePort(t)
		c := loggedIn(t, faulty(t, ftptest.Faults{ConnectFrom: netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), port)}))
		data := c.active("PORT", "LIST")
		assert.Equal(t, int(port), data.RemoteAddr().(*net.TCPAddr).Port)
		c.expect(150)
	})
	t.Run("connected from another address", func(t *testing.T) {
		skipUnlessLinux(t) // where all of 127.0.0.0/8 is this machine
		c := loggedIn(t, faulty(t, ftptest.Faults{ConnectFrom: netip.MustParseAddrPort("127.0.0.2:0")}))
		data := c.active("EPRT", "LIST")
		assert.Equal(t, "127.0.0.2", peer(data).String())
		c.expect(150)
	})
	t.Run("refused", func(t *testing.T) {
		const reply = "500 I won't open a connection to 10.0.0.1 (only to 203.0.113.1)"
		c := loggedIn(t, faulty(t, ftptest.Faults{Replies: map[string]string{"PORT": reply + "\r\n"}}))
		c.send("PORT 127,0,0,1,39,16")
		c.line(reply)
	})
}

// freePort is a port that was free a moment ago.
func freePort(t *testing.T) uint16 {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	return uint16(listener.Addr().(*net.TCPAddr).Port)
}

// Whatever its clients are doing, a server that is closed has no goroutine left; that of the data port is one of them.
func TestCloseInTheMiddle(t *testing.T) {
	for name, doing := range map[string]struct {
		faults ftptest.Faults
		do     func(c *client)
	}{
		"nothing yet":          {ftptest.Faults{}, func(*client) {}},
		"waiting for greeting": {ftptest.Faults{GreetingDelay: time.Hour}, func(*client) {}},
		"reading drops":        {ftptest.Faults{Drip: time.Hour}, func(*client) {}},
		"reading for ever":     {ftptest.Faults{EndlessGreeting: true}, func(*client) {}},
		"data port announced":  {ftptest.Faults{}, func(c *client) { c.login(); c.passive("EPSV") }},
		"data connected":       {ftptest.Faults{}, func(c *client) { c.login(); c.dialData(c.passive("EPSV")) }},
		"data awaited":         {ftptest.Faults{}, func(c *client) { c.login(); c.passive("EPSV"); c.send("LIST"); c.send("PWD") }},
		"transfer stalled": {ftptest.Faults{Stall: true}, func(c *client) {
			c.login()
			c.dialData(c.passive("EPSV"))
			c.do(150, "LIST")
			c.send("PWD")
		}},
		"cut off": {ftptest.Faults{IdleCut: time.Millisecond}, func(c *client) {
			c.login()
			c.passive("EPSV")
			c.nothing()
		}},
		"in a TLS handshake": {ftptest.Faults{}, func(c *client) { c.expect(220); c.do(234, "AUTH TLS") }},
	} {
		t.Run(name, func(t *testing.T) {
			before := goleak.IgnoreCurrent()
			server := &ftptest.Server{TLS: serverTLS(), Faults: doing.faults}
			require.NoError(t, server.Start())
			doing.do(connect(t, server))
			server.Close()
			goleak.VerifyNone(t, before)
			_, err := net.Dial("tcp", server.Addr.String())
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
		})
	}
}

// login greets and logs in on a connection that has done neither.
func (c *client) login() {
	c.t.Helper()
	c.expect(220)
	c.do(331, "USER anonymous")
	c.do(230, "PASS guest@")
}
