package checks

import (
	"cmp"
	"context"
	stdtls "crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/checks/demo"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// enough is longer than anything takes here that is not to time out.
const enough = 20 * time.Second

// server is an FTP server that runs until the test ends, or until it is closed.
func server(t *testing.T, s *ftptest.Server) (*ftptest.Server, func()) {
	t.Helper()
	require.NoError(t, s.Start())
	stop := sync.OnceFunc(s.Close)
	t.Cleanup(stop)
	return s, stop
}

// identity is a server's certificate, and the roots of a client that trusts it.
func identity(leaf tlstest.Leaf) (*stdtls.Config, pki.Roots) {
	ca := tlstest.NewCA("a root of this test")
	return &stdtls.Config{Certificates: []stdtls.Certificate{ca.Issue(leaf)}}, pki.Roots{Pool: ca.Pool(), From: "test"}
}

// check diagnoses a target on this machine.
func check(t *testing.T, text string, o Options) *Report {
	t.Helper()
	if o.Timeout == 0 {
		o.Timeout = enough
	}
	report := Diagnose(t.Context(), target(t, text), o)
	assertSound(t, report)
	assertSameAgain(t, report)
	assertProofs(t, report)
	if t.Failed() {
		t.Log(strings.Join(checkLines(report), "\n"))
	}
	return report
}

func TestBudgetOfHealthyServers(t *testing.T) {
	config, roots := identity(tlstest.Leaf{})
	for scheme, s := range map[string]*ftptest.Server{
		"ftp": {}, "ftpes": {TLS: config}, "ftps": {TLS: config, Implicit: true},
	} {
		s, stop := server(t, s)
		report := check(t, scheme+"://"+s.Addr.String(), Options{Roots: roots, Require: "both"})
		assert.Equal(t, VerdictOK, report.Verdict, scheme)
		stop()
		counts := s.Counts()
		assert.Equal(t, 2, counts.Connections, "%s: control connections", scheme)
		assert.Equal(t, 2, counts.Logins, "%s: logins", scheme)
		assert.Equal(t, 2, counts.Passwords, "%s: passwords", scheme)
		assert.LessOrEqual(t, counts.DataConnections, 3, "%s: data connections", scheme)
	}
}

// spending counts what a diagnosis asks of the network.
type spending struct {
	mu            sync.Mutex
	target        netip.AddrPort
	control, data int
}

func (s *spending) host() probes.Host {
	return probes.Host{
		Dial: func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			s.count(to == s.target)
			return probes.Host{}.DialTCP(ctx, to)
		},
		Listen: func(ctx context.Context, on netip.AddrPort) (net.Listener, error) {
			l, err := probes.Host{}.ListenTCP(ctx, on)
			return countedListener{l, s}, err
		},
	}
}

func (s *spending) count(control bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if control {
		s.control++
		return
	}
	s.data++
}

// countedListener counts what comes in.
type countedListener struct {
	net.Listener

	s *spending
}

func (l countedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.s.count(false)
	}
	return conn, err
}

// TestBudgetWhileDiagnosing looks at what a diagnosis asks of every demo.
func TestBudgetWhileDiagnosing(t *testing.T) {
	for _, fault := range demo.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			d, err := fault.Start()
			if errors.Is(err, errors.ErrUnsupported) {
				t.Skip(err)
			}
			require.NoError(t, err)
			defer d.Close()
			spent := spending{target: target(t, d.Target).addrPort()}
			report := check(t, d.Target, Options{
				Timeout: cmp.Or(d.Flags.Timeout, time.Second), User: d.User, Password: d.Password,
				Roots: pki.Roots{Pool: d.Roots, From: "demo"}, Host: spent.host(),
				Require: d.Flags.Require, FullTLS: d.Flags.FullTLS, Transfer: d.Flags.Transfer, Hold: d.Flags.Hold,
				ServerName: d.Flags.ServerName, Certificate: d.Flags.Certificate, CertWarn: d.Flags.CertWarn,
			})
			assert.ElementsMatch(t, fault.Causes, idsOf(report))
			if d.Flags.Transfer || d.Flags.Hold > 0 {
				return // a flag may ask for more
			}
			most := 6
			if !speaksFTP(report.Target) {
				most = 16 // without FTP, each trial is a connection that costs the server a handshake at the most
			}
			assert.LessOrEqual(t, spent.control, most, "control connections")
			assert.LessOrEqual(t, spent.data, 16, "data connections")
			assert.LessOrEqual(t, len(linesOf(report, "PASS")), 4, "logins")
		})
	}
}

func (t *Target) addrPort() netip.AddrPort { return netip.AddrPortFrom(t.Addr(), t.Port) }

// linesOf are the client's lines with a verb, in all dialogues.
func linesOf(r *Report, verb string) (lines []string) {
	control := EvidenceOf(r).Control
	if control == nil {
		return nil
	}
	for _, session := range control.Seen.Sessions {
		for _, line := range session.Lines {
			if line.From == "client" && strings.HasPrefix(line.Text, verb) {
				lines = append(lines, line.Text)
			}
		}
	}
	return lines
}

func TestRejectedLoginIsSentOnce(t *testing.T) {
	config, roots := identity(tlstest.Leaf{})
	for scheme, s := range map[string]*ftptest.Server{
		"ftp": {User: "alice", Password: "right"}, "ftpes": {User: "alice", Password: "right", TLS: config},
		"ftps": {User: "alice", Password: "right", TLS: config, Implicit: true},
	} {
		s, stop := server(t, s)
		report := check(t, scheme+"://"+s.Addr.String(), Options{User: "alice", Password: "wrong", Roots: roots, Require: "both"})
		assert.Equal(t, []string{"ftp.auth-rejected"}, idsOf(report), scheme)
		stop()
		assert.Equal(t, 1, s.Counts().Passwords, scheme)
	}
}

// TestServersThatServeOne are asked one by one.
func TestServersThatServeOne(t *testing.T) {
	config, roots := identity(tlstest.Leaf{})
	for scheme, s := range map[string]*ftptest.Server{"ftp": {}, "ftpes": {TLS: config}} {
		s.Faults.MaxClients = 1
		s, stop := server(t, s)
		report := check(t, scheme+"://"+s.Addr.String(), Options{Roots: roots, Require: "both"})
		assert.Equal(t, VerdictOK, report.Verdict, scheme)
		assert.Subset(t, checkLines(report), []string{"ftp.passive pass", "ftp.active pass"}, scheme)
		stop()
		assert.Equal(t, 1, s.Counts().Logins, scheme)
	}
}

// eavesdropper is an FTP server over TLS that hears what is said to it, and answers everything alike.
type eavesdropper struct {
	*tlstest.Server

	mu    sync.Mutex
	heard []string
}

func eavesdrop(t *testing.T, config *stdtls.Config) *eavesdropper {
	t.Helper()
	e := new(eavesdropper)
	var err error
	e.Server, err = tlstest.NewServer(func(conn net.Conn) {
		secured := stdtls.Server(conn, config)
		if _, err := secured.Write([]byte("220 tell me\r\n")); err != nil {
			return
		}
		buffer := make([]byte, 4096)
		for {
			n, err := secured.Read(buffer)
			if err != nil {
				return
			}
			e.mu.Lock()
			e.heard = append(e.heard, string(buffer[:n]))
			e.mu.Unlock()
			_, _ = secured.Write([]byte("500 no\r\n")) // a client that has gone shows at the next read
		}
	})
	require.NoError(t, err)
	t.Cleanup(e.Close)
	return e
}

// TestNoCredentialForAStranger has peers whose certificate is not good: they hear nothing of a login that the user gave, not even
// the name, unless the user wants it so.
func TestNoCredentialForAStranger(t *testing.T) {
	now := time.Now()
	expired, roots := identity(tlstest.Leaf{NotBefore: now.AddDate(0, 0, -9), NotAfter: now.AddDate(0, 0, -1)})
	other, otherRoots := identity(tlstest.Leaf{Names: []string{"www.example.com"}})
	unknown, _ := identity(tlstest.Leaf{})
	selfSigned := &stdtls.Config{Certificates: []stdtls.Certificate{tlstest.SelfSigned(tlstest.Leaf{})}}
	for name, c := range map[string]struct {
		config *stdtls.Config
		roots  pki.Roots
		cause  string
	}{
		"expired":         {expired, roots, "cert.expired"},
		"another's":       {other, otherRoots, "cert.name-mismatch"},
		"self-signed":     {selfSigned, roots, "cert.self-signed"},
		"from a stranger": {unknown, roots, "cert.incomplete-chain"},
	} {
		alice := Options{User: "alice", Password: secret, Roots: c.roots}

		e := eavesdrop(t, c.config)
		report := check(t, "ftps://"+e.Addr.String(), alice)
		assert.Equal(t, []string{c.cause}, idsOf(report), name)
		e.Close()
		assert.NotContains(t, strings.Join(e.heard, ""), "USER", name)
		assert.NotContains(t, strings.Join(e.heard, ""), "alice", name)

		s, stop := server(t, &ftptest.Server{TLS: c.config, User: "alice", Password: secret})
		report = check(t, "ftpes://"+s.Addr.String(), alice)
		assert.Equal(t, []string{c.cause}, idsOf(report), name)
		assert.Subset(t, checkLines(report), []string{"ftp.control skip < " + c.cause, "ftp.passive skip < " + c.cause}, name)
		assert.Empty(t, linesOf(report, "USER"), name)

		alice.InsecureLogin = true
		report = check(t, "ftpes://"+s.Addr.String(), alice)
		assert.Equal(t, []string{c.cause}, idsOf(report), name)
		assert.Subset(t, checkLines(report), []string{"ftp.control pass", "ftp.passive pass"}, name)

		report = check(t, "ftpes://"+s.Addr.String(), Options{Roots: c.roots})
		assert.Subset(t, checkLines(report), []string{"ftp.control pass", "ftp.passive pass"}, "%s: an anonymous login is no secret", name)
		stop()
		assert.Equal(t, 4, s.Counts().Passwords, "%s: two sessions each of the last two", name)
	}
}

// TestSecondConnectionMeetsAnother has a balancer in front of two servers, the second one with a bad certificate.
func TestSecondConnectionMeetsAnother(t *testing.T) {
	good, roots := identity(tlstest.Leaf{})
	bad := tlstest.SelfSigned(tlstest.Leaf{})
	first := make(chan string, 1)
	isFirst := func(client net.Addr) bool {
		address := <-first
		first <- address
		return client.String() == address
	}
	balanced := &stdtls.Config{GetCertificate: func(hello *stdtls.ClientHelloInfo) (*stdtls.Certificate, error) {
		if isFirst(hello.Conn.RemoteAddr()) {
			return &good.Certificates[0], nil
		}
		return &bad, nil
	}}
	host := probes.Host{Dial: func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		conn, err := probes.Host{}.DialTCP(ctx, to)
		if err == nil {
			select {
			case first <- conn.LocalAddr().String():
			default: // it is not the first
			}
		}
		return conn, err
	}}
	s, stop := server(t, &ftptest.Server{TLS: balanced, Implicit: true, User: "alice", Password: secret})
	report := check(t, "ftps://"+s.Addr.String(), Options{User: "alice", Password: secret, Roots: roots, Host: host})
	stop()
	assert.Len(t, linesOf(report, "USER"), 1)
	assert.Equal(t, 1, s.Counts().Passwords)
}

func TestRootsOfTheUser(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "") // which would stand in for the system's
	t.Setenv("SSL_CERT_DIR", "")
	ca := tlstest.NewCA("a private root")
	s, err := tlstest.NewServer(tlstest.Handshake(&stdtls.Config{Certificates: []stdtls.Certificate{ca.Issue(tlstest.Leaf{})}}))
	require.NoError(t, err)
	defer s.Close()
	report := check(t, "tls://"+s.Addr.String(), Options{})
	assert.Equal(t, []string{"cert.incomplete-chain"}, idsOf(report), "nobody trusts it")

	report = check(t, "tls://"+s.Addr.String(), Options{Authorities: pemOf(ca.Certificate), AuthoritiesFrom: "root.pem"})
	assert.Equal(t, VerdictOK, report.Verdict)
	assert.Equal(t, "system and root.pem", EvidenceOf(report).Chain.Seen.Trust.Roots)
}

func TestServerName(t *testing.T) {
	config, roots := identity(tlstest.Leaf{Names: []string{"www.example.com"}})
	names := make(chan string, 1)
	config.GetConfigForClient = func(hello *stdtls.ClientHelloInfo) (*stdtls.Config, error) {
		names <- hello.ServerName
		return nil, nil //nolint:nilnil // crypto/tls wants it so: go on with this configuration
	}
	s, err := tlstest.NewServer(tlstest.Handshake(config))
	require.NoError(t, err)
	defer s.Close()
	report := check(t, "tls://"+s.Addr.String(), Options{Roots: roots, ServerName: "www.example.com"})
	assert.Equal(t, VerdictOK, report.Verdict)
	assert.Equal(t, "www.example.com", <-names)
	assert.Equal(t, "www.example.com", EvidenceOf(report).Chain.Seen.Name)
}

func pemOf(c *x509.Certificate) []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
}
