package demo_test

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/netip"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/checks/demo"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a demo until the test ends. The test is skipped where this system cannot show the fault.
func start(t *testing.T, fault demo.Fault) *demo.Demo {
	t.Helper()
	d, err := fault.Start()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

func address(t *testing.T, d *demo.Demo) string {
	t.Helper()
	target, err := url.Parse(d.Target)
	require.NoError(t, err)
	return target.Host
}

func dial(t *testing.T, d *demo.Demo) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address(t, d))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func TestTable(t *testing.T) {
	faults := demo.Faults()
	assert.GreaterOrEqual(t, len(faults), 18)
	names := make(map[string]bool)
	healthy := true
	for _, fault := range faults {
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, fault.Name)
		assert.False(t, names[fault.Name], "%s appears twice", fault.Name)
		names[fault.Name] = true
		assert.True(t, strings.HasSuffix(fault.Story, "."), "%s: the story is a sentence", fault.Name)
		assert.True(t, healthy || len(fault.Causes) > 0, "%s: healthy ones come first", fault.Name)
		healthy = len(fault.Causes) == 0
	}
}

// What each demo shows to clients other than rung: every fault of the table has its witness here.
func TestEveryFaultIsOnTheWire(t *testing.T) {
	witnesses := map[string]func(*testing.T, *demo.Demo){
		"healthy":       func(t *testing.T, d *demo.Demo) { listing(t, d) },
		"healthy-ftpes": func(t *testing.T, d *demo.Demo) { listing(t, d, ftp.DialWithExplicitTLS(verifying(d))) },
		"healthy-tls":   func(t *testing.T, d *demo.Demo) { require.NoError(t, handshake(t, d)) },

		"tcp-refused": func(t *testing.T, d *demo.Demo) {
			_, err := net.Dial("tcp", address(t, d))
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		},
		"tcp-filtered": func(t *testing.T, d *demo.Demo) { assertSilent(t, address(t, d)) },
		"tcp-silent": func(t *testing.T, d *demo.Demo) {
			conn := dial(t, d)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
			_, err := conn.Read(make([]byte, 1))
			assertTimeout(t, err)
		},

		"not-ftp": says("SSH-2.0-OpenSSH_9.9"),
		"too-many-users": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{421, ""})
		},
		"auth-rejected": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{220, ""}, exchange{331, "USER " + d.User}, exchange{530, "PASS " + d.Password})
		},
		"tls-required": func(t *testing.T, d *demo.Demo) {
			assert.Contains(t, speak(t, d, exchange{220, ""}, exchange{530, "USER anonymous"}, exchange{211, "FEAT"}), "AUTH TLS")
			listing(t, d, ftp.DialWithExplicitTLS(verifying(d)))
		},
		"auth-tls-unsupported": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{220, ""}, exchange{500, "AUTH TLS"})
			listing(t, d)
		},

		"passive-private-address": announces("10.88.1.2"),
		"passive-foreign-address": announces("198.51.100.77"),
		"passive-port-filtered": func(t *testing.T, d *demo.Demo) {
			for _, command := range []string{"EPSV", "PASV"} {
				assertSilent(t, dataPort(t, loggedIn(t, d), command).String())
			}
		},
		"passive-port-refused": func(t *testing.T, d *demo.Demo) {
			for _, command := range []string{"EPSV", "PASV"} {
				_, err := net.Dial("tcp", dataPort(t, loggedIn(t, d), command).String())
				assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			}
		},
		"passive-refused-by-policy": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			ask(t, c, exchange{550, "EPSV"})
			ask(t, c, exchange{550, "PASV"})
		},
		"active-blocked": func(t *testing.T, d *demo.Demo) {
			listing(t, d)
			listener := listen(t)
			c := loggedIn(t, d)
			ask(t, c, exchange{200, portCommand(listener)})
			require.NoError(t, c.PrintfLine("LIST"))
			require.NoError(t, listener.SetDeadline(time.Now().Add(50*time.Millisecond)))
			_, err := listener.Accept()
			assertTimeout(t, err)
		},
		"active-refused-by-policy": func(t *testing.T, d *demo.Demo) {
			listing(t, d)
			c := loggedIn(t, d)
			ask(t, c, exchange{550, portCommand(listen(t))})
			ask(t, c, exchange{550, "EPRT |1|127.0.0.1|10000|"})
		},

		"tls-plaintext-peer": func(t *testing.T, d *demo.Demo) {
			var header tls.RecordHeaderError
			require.ErrorAs(t, handshake(t, d), &header)
			assert.True(t, bytes.HasPrefix(header.RecordHeader[:], []byte("220 ")))
		},
		"tls-no-common-version": func(t *testing.T, d *demo.Demo) {
			require.Error(t, handshake(t, d))
			config := verifying(d)
			config.MinVersion = tls.VersionTLS10
			require.NoError(t, tls.Client(dial(t, d), config).Handshake(), "an old client is served")
		},
		"cert-expired": func(t *testing.T, d *demo.Demo) {
			assertOutOfDate(t, handshake(t, d))
			assert.NoError(t, handshakeAt(t, d, time.Now().AddDate(0, 0, -4)), "all was well four days ago")
		},
		"cert-not-yet-valid": func(t *testing.T, d *demo.Demo) {
			assertOutOfDate(t, handshake(t, d))
			assert.NoError(t, handshakeAt(t, d, time.Now().AddDate(0, 0, 2)), "all will be well in two days")
		},
		"cert-name-mismatch": func(t *testing.T, d *demo.Demo) {
			var hostname x509.HostnameError
			require.ErrorAs(t, handshake(t, d), &hostname)
			config := verifying(d)
			config.ServerName = "www.example.com"
			assert.NoError(t, tls.Client(dial(t, d), config).Handshake(), "all is well under the other name")
		},
		"cert-self-signed": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 1)
			assert.Equal(t, chain[0].RawSubject, chain[0].RawIssuer)
		},
		"cert-untrusted-root": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 2)
			assert.NoError(t, chain[0].CheckSignatureFrom(chain[1]))
			assert.NoError(t, chain[1].CheckSignatureFrom(chain[1]))
		},
		"cert-incomplete-chain": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 1)
			assert.NotEqual(t, chain[0].RawSubject, chain[0].RawIssuer)
		},
		"ftpes-cert-expired": func(t *testing.T, d *demo.Demo) {
			conn := dial(t, d)
			c := textproto.NewConn(conn)
			ask(t, c, exchange{220, ""})
			ask(t, c, exchange{234, "AUTH TLS"})
			assertOutOfDate(t, tls.Client(conn, verifying(d)).Handshake())
		},
	}
	for _, fault := range demo.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			require.Contains(t, witnesses, fault.Name)
			witnesses[fault.Name](t, start(t, fault))
		})
	}
}

// verifying is what a client needs that trusts the demo's roots.
func verifying(d *demo.Demo) *tls.Config {
	return &tls.Config{RootCAs: rootsOf(d), ServerName: "127.0.0.1"}
}

// rootsOf is never nil, which would stand for the roots of this machine.
func rootsOf(d *demo.Demo) *x509.CertPool {
	if d.Roots == nil {
		return x509.NewCertPool()
	}
	return d.Roots
}

func handshake(t *testing.T, d *demo.Demo) error {
	t.Helper()
	return tls.Client(dial(t, d), verifying(d)).Handshake()
}

// handshakeAt is the handshake of a client whose clock shows another time.
func handshakeAt(t *testing.T, d *demo.Demo, at time.Time) error {
	t.Helper()
	config := verifying(d)
	config.Time = func() time.Time { return at }
	return tls.Client(dial(t, d), config).Handshake()
}

// untrusted asserts that no path to a trusted root is found, and returns the chain as sent.
func untrusted(t *testing.T, d *demo.Demo) []*x509.Certificate {
	t.Helper()
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, handshake(t, d), &unknown)
	client := tls.Client(dial(t, d), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, client.Handshake())
	return client.ConnectionState().PeerCertificates
}

func assertOutOfDate(t *testing.T, err error) {
	t.Helper()
	var invalid x509.CertificateInvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, x509.Expired, invalid.Reason)
}

// listing logs in and lists with a stock client.
func listing(t *testing.T, d *demo.Demo, options ...ftp.DialOption) {
	t.Helper()
	client, err := ftp.Dial(address(t, d), options...)
	require.NoError(t, err)
	require.NoError(t, client.Login("anonymous", "guest@"))
	entries, err := client.List("/")
	require.NoError(t, err)
	assert.NotEmpty(t, entries)
	require.NoError(t, client.Quit())
}

// exchange is a command, none for the greeting, and the code of its reply.
type exchange struct {
	code    int
	command string
}

// ask sends the command and returns the reply's text.
func ask(t *testing.T, c *textproto.Conn, e exchange) string {
	t.Helper()
	if e.command != "" {
		require.NoError(t, c.PrintfLine("%s", e.command))
	}
	_, text, err := c.ReadResponse(e.code)
	require.NoError(t, err)
	return text
}

// speak is a whole dialogue; it returns the text of the last reply.
func speak(t *testing.T, d *demo.Demo, dialogue ...exchange) string {
	t.Helper()
	c := textproto.NewConn(dial(t, d))
	last := ""
	for _, e := range dialogue {
		last = ask(t, c, e)
	}
	return last
}

func loggedIn(t *testing.T, d *demo.Demo) *textproto.Conn {
	t.Helper()
	c := textproto.NewConn(dial(t, d))
	for _, e := range []exchange{{220, ""}, {331, "USER anonymous"}, {230, "PASS guest@"}} {
		ask(t, c, e)
	}
	return c
}

// says is the witness of a server whose first line is line.
func says(line string) func(*testing.T, *demo.Demo) {
	return func(t *testing.T, d *demo.Demo) {
		got, err := textproto.NewConn(dial(t, d)).ReadLine()
		require.NoError(t, err)
		assert.Equal(t, line, got)
	}
}

// announces is the witness of a server that knows no EPSV and announces a wrong address in PASV, while the port works.
func announces(address string) func(*testing.T, *demo.Demo) {
	return func(t *testing.T, d *demo.Demo) {
		c := loggedIn(t, d)
		ask(t, c, exchange{500, "EPSV"})
		announced := dataPort(t, c, "PASV")
		assert.Equal(t, address, announced.Addr().String())
		data, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), announced.Port()).String())
		require.NoError(t, err)
		assert.NoError(t, data.Close())
	}
}

var numbers = regexp.MustCompile(`\d+`)

// dataPort asks with "EPSV" or "PASV" and returns what was announced.
func dataPort(t *testing.T, c *textproto.Conn, command string) netip.AddrPort {
	t.Helper()
	code := map[string]int{"EPSV": 229, "PASV": 227}[command]
	found := numbers.FindAllString(ask(t, c, exchange{code, command}), -1)
	octets := []string{"127", "0", "0", "1"}
	if command == "PASV" {
		require.Len(t, found, 6)
		octets, found = found[:4], found[4:]
	}
	port := 0
	for _, digits := range found {
		n, err := strconv.Atoi(digits)
		require.NoError(t, err)
		port = port<<8 | n
	}
	return netip.AddrPortFrom(netip.MustParseAddr(strings.Join(octets, ".")), uint16(port))
}

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func portCommand(listener net.Listener) string {
	port := listener.Addr().(*net.TCPAddr).Port
	return "PORT 127,0,0,1," + strconv.Itoa(port>>8) + "," + strconv.Itoa(port&0xff)
}

// assertSilent asserts that nothing answers a SYN for a short while.
func assertSilent(t *testing.T, to string) {
	t.Helper()
	_, err := net.DialTimeout("tcp", to, 50*time.Millisecond)
	assertTimeout(t, err)
}

func assertTimeout(t *testing.T, err error) {
	t.Helper()
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	assert.True(t, netErr.Timeout(), "%v", err)
}
