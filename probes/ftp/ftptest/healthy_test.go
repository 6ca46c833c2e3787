package ftptest_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// A client that others wrote, as the judge of whether the healthy server is one.
func TestStockClient(t *testing.T) {
	for name, test := range map[string]struct {
		server  *ftptest.Server
		options []ftp.DialOption
	}{
		"plain, EPSV":        {&ftptest.Server{}, nil},
		"plain, PASV":        {&ftptest.Server{}, []ftp.DialOption{ftp.DialWithDisabledEPSV(true)}},
		"plain, IPv6":        {&ftptest.Server{Addr: onIPv6}, nil},
		"explicit TLS":       {&ftptest.Server{TLS: serverTLS()}, []ftp.DialOption{ftp.DialWithExplicitTLS(clientTLS())}},
		"explicit TLS, PASV": {&ftptest.Server{TLS: serverTLS()}, []ftp.DialOption{ftp.DialWithExplicitTLS(clientTLS()), ftp.DialWithDisabledEPSV(true)}},
		"explicit TLS 1.2":   {&ftptest.Server{TLS: atMost12(serverTLS())}, []ftp.DialOption{ftp.DialWithExplicitTLS(clientTLS())}},
		"implicit TLS":       {&ftptest.Server{TLS: serverTLS(), Implicit: true}, []ftp.DialOption{ftp.DialWithTLS(clientTLS())}},
		"implicit TLS, IPv6": {&ftptest.Server{TLS: serverTLS(), Implicit: true, Addr: onIPv6}, []ftp.DialOption{ftp.DialWithTLS(clientTLS())}},
	} {
		t.Run(name, func(t *testing.T) {
			server := test.server
			server.User, server.Password = "alice", "secret"
			server.Files = map[string]string{"a.txt": "hello\r\n"}
			start(t, server)
			conn, err := ftp.Dial(server.Addr.String(), test.options...)
			require.NoError(t, err)
			require.NoError(t, conn.Login("alice", "secret"))
			useAsStockClient(t, conn)
			require.NoError(t, conn.Quit())
			assert.Equal(t, ftptest.Counts{Connections: 1, Passwords: 1, Logins: 1, DataConnections: 4}, server.Counts())
		})
	}
}

func atMost12(config *tls.Config) *tls.Config {
	config.MaxVersion = tls.VersionTLS12
	return config
}

// useAsStockClient lists, stores and retrieves, over four data connections.
func useAsStockClient(t *testing.T, conn *ftp.ServerConn) {
	t.Helper()
	entries, err := conn.List("/")
	require.NoError(t, err)
	require.Len(t, entries, 1)
	assert.Equal(t, "a.txt", entries[0].Name)
	assert.Equal(t, uint64(7), entries[0].Size)

	require.NoError(t, conn.Stor("b.txt", strings.NewReader("stored")))
	names, err := conn.NameList("/")
	require.NoError(t, err)
	assert.Equal(t, []string{"a.txt", "b.txt"}, names)

	response, err := conn.Retr("/b.txt")
	require.NoError(t, err)
	content, err := io.ReadAll(response)
	require.NoError(t, err)
	require.NoError(t, response.Close())
	assert.Equal(t, "stored", string(content))

	size, err := conn.FileSize("b.txt")
	require.NoError(t, err)
	assert.Equal(t, int64(6), size)
	modified, err := conn.GetTime("b.txt")
	require.NoError(t, err)
	assert.WithinDuration(t, time.Now(), modified, 24*time.Hour)
	require.NoError(t, conn.Delete("b.txt"))
	require.Error(t, conn.Delete("b.txt"))
	directory, err := conn.CurrentDir()
	require.NoError(t, err)
	assert.Equal(t, "/", directory)
}

func TestStockClientIsRejected(t *testing.T) {
	server := start(t, &ftptest.Server{User: "alice", Password: "secret"})
	for _, login := range [][2]string{{"alice", "wrong"}, {"bob", "secret"}, {"bob", ""}} {
		conn, err := ftp.Dial(server.Addr.String())
		require.NoError(t, err)
		require.Error(t, conn.Login(login[0], login[1]))
		require.NoError(t, conn.Quit())
	}
	assert.Equal(t, ftptest.Counts{Connections: 3, Passwords: 3}, server.Counts())
}

func TestCurl(t *testing.T) {
	curl, err := exec.LookPath("curl")
	if err != nil {
		t.Skip("curl is not installed: ", err)
	}
	roots := filepath.Join(t.TempDir(), "roots.pem")
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: authority.Certificate.Raw})
	require.NoError(t, os.WriteFile(roots, certificate, 0o600))
	ipv4 := netip.MustParseAddrPort("127.0.0.1:0")
	for name, test := range map[string]struct {
		addr    netip.AddrPort
		options []string
	}{
		"EPSV":           {ipv4, nil},
		"PASV":           {ipv4, []string{"--disable-epsv"}},
		"EPRT":           {ipv4, []string{"--ftp-port", "-"}},
		"PORT":           {ipv4, []string{"--ftp-port", "-", "--disable-eprt"}},
		"EPSV over IPv6": {onIPv6, nil},
		"EPRT over IPv6": {onIPv6, []string{"--ftp-port", "-"}},
		"explicit TLS":   {ipv4, []string{"--ssl-reqd", "--cacert", roots}},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, &ftptest.Server{Addr: test.addr, TLS: serverTLS()})
			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
			defer cancel()
			arguments := append([]string{"--disable", "--noproxy", "*", "--silent", "--show-error", "ftp://" + server.Addr.String() + "/"}, test.options...)
			output, err := exec.CommandContext(ctx, curl, arguments...).CombinedOutput()
			require.NoError(t, err, "%s", output)
			assert.Contains(t, string(output), "README.txt")
			assert.Equal(t, 1, server.Counts().DataConnections)
		})
	}
}

func TestRepliesComeInOrder(t *testing.T) {
	for _, command := range []string{"EPSV", "PASV"} {
		t.Run(command, func(t *testing.T) {
			c := loggedIn(t, start(t, &ftptest.Server{}))
			data := c.dialData(c.passive(command))
			c.nothing()
			c.do(150, "NLST")
			assert.Equal(t, "README.txt\r\nnumbers.csv\r\n", all(t, data))
			c.expect(226)
		})
	}
	for _, command := range []string{"EPRT", "PORT"} {
		t.Run(command, func(t *testing.T) {
			c := loggedIn(t, start(t, &ftptest.Server{}))
			data := c.active(command, "NLST")
			c.expect(150)
			assert.Equal(t, "README.txt\r\nnumbers.csv\r\n", all(t, data))
			c.expect(226)
		})
	}
	t.Run("no data connection agreed on", func(t *testing.T) {
		c := loggedIn(t, start(t, &ftptest.Server{}))
		c.do(425, "LIST")
	})
	t.Run("a data connection serves once", func(t *testing.T) {
		c := loggedIn(t, start(t, &ftptest.Server{}))
		data := c.dialData(c.passive("EPSV"))
		c.do(150, "LIST")
		all(t, data)
		c.expect(226)
		c.do(425, "LIST")
	})
	t.Run("the client never opens the data connection", func(t *testing.T) {
		c := loggedIn(t, start(t, &ftptest.Server{DataWait: time.Millisecond}))
		c.passive("EPSV")
		c.do(425, "LIST")
	})
}

func TestPrivateData(t *testing.T) {
	for version, config := range map[string]*tls.Config{"TLS 1.3": serverTLS(), "TLS 1.2": atMost12(serverTLS())} {
		for _, mode := range []string{"passive", "active"} {
			t.Run(mode+" with "+version, func(t *testing.T) {
				shared := clientTLS()
				c := secured(t, start(t, &ftptest.Server{TLS: config}), shared)
				var data net.Conn
				if mode == "passive" {
					data = c.dialData(c.passive("EPSV"))
					c.send("LIST")
				} else {
					data = c.active("EPRT", "LIST")
				}
				c.expect(150)
				private := tls.Client(data, shared)
				assert.Contains(t, all(t, private), "README.txt")
				assert.True(t, private.ConnectionState().DidResume, "the data connection resumes the control connection's session")
				c.expect(226)
			})
		}
	}
}

func TestClearDataOverASecuredControlConnection(t *testing.T) {
	c := secured(t, start(t, &ftptest.Server{TLS: serverTLS()}), clientTLS())
	c.do(200, "PROT C")
	data := c.dialData(c.passive("EPSV"))
	c.do(150, "LIST")
	assert.Contains(t, all(t, data), "README.txt")
	c.expect(226)
}

func TestPlainClientOnAPrivateDataConnection(t *testing.T) {
	c := secured(t, start(t, &ftptest.Server{TLS: serverTLS()}), clientTLS())
	data := c.dialData(c.passive("EPSV"))
	c.do(150, "STOR x")
	_, err := data.Write([]byte("this is not a ClientHello"))
	require.NoError(t, err)
	c.expect(522)
}

// steps is a dialogue: commands and the codes they are answered with.
type steps []struct {
	code    int
	command string
}

func TestDialogues(t *testing.T) {
	for name, dialogue := range map[string]steps{
		"commands before the login":      {{530, "PWD"}, {530, "LIST"}, {530, "EPSV"}, {215, "SYST"}, {200, "NOOP"}, {211, "FEAT"}},
		"PASS without USER":              {{503, "PASS x"}},
		"USER without a name":            {{501, "USER"}},
		"login refused, then accepted":   {{331, "USER bob"}, {530, "PASS x"}, {503, "PASS x"}, {331, "user ftp"}, {230, "pass x"}, {257, "pwd"}},
		"USER ends the login":            {{331, "USER ftp"}, {230, "PASS x"}, {331, "USER bob"}, {530, "PWD"}},
		"unknown command":                {{502, "SITE HELP"}, {502, ""}},
		"no TLS":                         {{500, "AUTH TLS"}, {503, "PBSZ 0"}, {503, "PROT P"}},
		"types":                          {{331, "USER ftp"}, {230, "PASS x"}, {200, "TYPE I"}, {200, "TYPE A"}, {200, "TYPE A N"}, {200, "TYPE L 8"}, {504, "TYPE E"}},
		"files and directories":          {{331, "USER ftp"}, {230, "PASS x"}, {213, "SIZE README.txt"}, {213, "MDTM /README.txt"}, {550, "SIZE x"}, {550, "MDTM x"}, {250, "CWD /"}, {550, "CWD x"}},
		"transfers of what is not there": {{331, "USER ftp"}, {230, "PASS x"}, {229, "EPSV"}, {550, "RETR x"}, {550, "LIST x"}, {553, "STOR x/y"}, {553, "STOR /"}},
		"malformed addresses":            {{331, "USER ftp"}, {230, "PASS x"}, {501, "PORT 1,2,3"}, {501, "PORT 127,0,0,1,4,256"}, {501, "EPRT"}, {501, "EPRT |1|127.0.0.1|"}},
		"foreign addresses":              {{331, "USER ftp"}, {230, "PASS x"}, {500, "PORT 192,0,2,1,39,16"}, {500, "EPRT |1|192.0.2.1|10000|"}, {500, "EPRT |1|127.0.0.1|22|"}},
		"the other address family":       {{331, "USER ftp"}, {230, "PASS x"}, {522, "EPSV 2"}, {522, "EPRT |2|::1|10000|"}, {229, "EPSV 1"}},
		"ABOR without a transfer":        {{331, "USER ftp"}, {230, "PASS x"}, {226, "ABOR"}},
		"ABOR behind Telnet's synch":     {{331, "USER ftp"}, {230, "PASS x"}, {226, "\xff\xf4\xff\xf2ABOR"}},
		"options":                        {{200, "OPTS UTF8 ON"}, {501, "OPTS MLST"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := greeted(t, start(t, &ftptest.Server{}))
			for _, step := range dialogue {
				c.do(step.code, step.command)
			}
			c.do(221, "QUIT")
			assert.Empty(t, c.rest())
		})
	}
}

func TestProtectionLevels(t *testing.T) {
	c := greeted(t, start(t, &ftptest.Server{TLS: serverTLS()}))
	c.do(503, "PBSZ 0")
	c.do(504, "AUTH KERBEROS_V5")
	c.do(331, "USER anonymous")
	c.do(230, "PASS x")
	c.do(234, "AUTH TLS")
	c.startTLS(clientTLS())
	c.do(530, "PWD")
	c.do(503, "AUTH TLS")
	c.do(503, "PROT P")
	c.do(200, "PBSZ 0")
	c.do(536, "PROT S")
	c.do(504, "PROT X")
	c.do(200, "PROT P")
}

func TestCommandsInFrontOfTheHandshakeAreNotObeyed(t *testing.T) {
	c := greeted(t, start(t, &ftptest.Server{TLS: serverTLS()}))
	_, err := c.conn.Write([]byte("AUTH TLS\r\nUSER anonymous\r\n"))
	require.NoError(t, err)
	c.expect(421)
	assert.Empty(t, c.rest())
}

func TestFeatures(t *testing.T) {
	plain := greeted(t, start(t, &ftptest.Server{})).do(211, "FEAT")
	assert.Contains(t, plain, "\n EPSV\n")
	assert.NotContains(t, plain, "AUTH")
	withTLS := greeted(t, start(t, &ftptest.Server{TLS: serverTLS()})).do(211, "FEAT")
	assert.Contains(t, withTLS, "\n AUTH TLS\n")
	withoutEPSV := &ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{"EPSV": "502 No.\r\n"}}}
	assert.NotContains(t, greeted(t, start(t, withoutEPSV)).do(211, "FEAT"), "EPSV")
}

func TestStatusTellsTheClientsAddress(t *testing.T) {
	for address, server := range map[string]*ftptest.Server{"127.0.0.1": {}, "::1": {Addr: onIPv6}} {
		t.Run(address, func(t *testing.T) {
			assert.Contains(t, loggedIn(t, start(t, server)).do(211, "STAT"), "Connected to "+address+"\n")
		})
	}
}

func TestPASVIsRefusedOverIPv6(t *testing.T) {
	loggedIn(t, start(t, &ftptest.Server{Addr: onIPv6})).do(425, "PASV")
}

func TestDirectories(t *testing.T) {
	for name, test := range map[string]struct {
		server *ftptest.Server
		lines  int
	}{
		"empty":           {&ftptest.Server{Files: map[string]string{}}, 0},
		"one file":        {&ftptest.Server{Files: map[string]string{"a": ""}}, 1},
		"20,000 entries":  {&ftptest.Server{Files: map[string]string{"a": ""}, Entries: 19_999}, 20_000},
		"entries without": {&ftptest.Server{Files: map[string]string{}, Entries: 3}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			c := loggedIn(t, start(t, test.server))
			data := c.dialData(c.passive("EPSV"))
			c.do(150, "LIST -a")
			assert.Equal(t, test.lines, strings.Count(all(t, data), "\r\n"))
			c.expect(226)
		})
	}
}

func TestListingOfOneFile(t *testing.T) {
	c := loggedIn(t, start(t, &ftptest.Server{Entries: 5}))
	data := c.dialData(c.passive("EPSV"))
	c.do(150, "NLST README.txt")
	assert.Equal(t, "README.txt\r\n", all(t, data))
	c.expect(226)
}

func TestBounds(t *testing.T) {
	t.Run("a command line without end", func(t *testing.T) {
		c := greeted(t, start(t, &ftptest.Server{}))
		_, err := c.conn.Write(make([]byte, 5000))
		require.NoError(t, err)
		c.expect(500)
		assert.Empty(t, c.rest())
	})
	t.Run("a file that is too large", func(t *testing.T) {
		c := loggedIn(t, start(t, &ftptest.Server{}))
		data := c.dialData(c.passive("EPSV"))
		c.do(150, "STOR big")
		_, err := data.Write(make([]byte, 1<<20+1))
		require.NoError(t, err)
		c.expect(452)
		c.do(550, "SIZE big")
	})
	t.Run("a data connection from another address", func(t *testing.T) {
		c := loggedIn(t, start(t, &ftptest.Server{DataWait: patience}))
		to := c.passive("EPSV")
		dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 2)}}
		stranger, err := dialer.Dial("tcp", to.String())
		if err != nil {
			t.Skip("this system has no second loopback address: ", err)
		}
		defer func() { assert.NoError(t, stranger.Close()) }()
		assert.Empty(t, all(t, stranger))
		data := c.dialData(to)
		c.do(150, "LIST")
		assert.NotEmpty(t, all(t, data))
		c.expect(226)
	})
}

func TestImplicitNeedsTLS(t *testing.T) {
	require.Error(t, (&ftptest.Server{Implicit: true}).Start())
}
