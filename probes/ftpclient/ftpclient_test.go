package ftpclient

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"net"
	"net/netip"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// patience is a wait that nothing needs in a test in which nothing is silent; briefly is one for a test of silence.
const (
	patience = 20 * time.Second
	briefly  = 300 * time.Millisecond
)

// authority signs the certificates of all servers in these tests.
var authority = tlstest.NewCA("test root")

func serverTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{authority.Issue(tlstest.Leaf{})}}
}

// clientTLS verifies, and resumes sessions.
func clientTLS() *tls.Config {
	roots := x509.NewCertPool()
	roots.AddCert(authority.Certificate)
	return &tls.Config{RootCAs: roots, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(0)}
}

// loopback is where servers listen in these tests.
var loopback = map[string]netip.AddrPort{"IPv4": netip.MustParseAddrPort("127.0.0.1:0"), "IPv6": netip.MustParseAddrPort("[::1]:0")}

// start runs a server until the test ends. The test is skipped where this machine cannot.
func start(t *testing.T, s *ftptest.Server) *ftptest.Server {
	t.Helper()
	if s.Addr.Addr().Is6() {
		listener, err := net.Listen("tcp6", "[::1]:0")
		if err != nil {
			t.Skip("without IPv6: ", err)
		}
		require.NoError(t, listener.Close())
	}
	s.User, s.Password = "bob", "hunter2"
	err := s.Start()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(s.Close)
	return s
}

// options are bob's.
func options(w *watched, to netip.AddrPort, wait time.Duration) Options {
	return Options{Host: w.host(), Start: time.Now(), To: to, Wait: wait, User: "bob", Password: "hunter2", Secret: true}
}

// try tries a server on this machine.
func try(t *testing.T, s *ftptest.Server, wait time.Duration, change func(*Options)) Result {
	t.Helper()
	w := onThisMachine()
	o := options(w, s.Addr, wait)
	if s.TLS != nil {
		o.TLS, o.Implicit = clientTLS(), s.Implicit
	}
	if change != nil {
		change(&o)
	}
	r := tryOn(t.Context(), t, w, o)
	assertJSON(t, r, o.Password)
	return r
}

// tryOn tries, and asserts what holds of every result.
func tryOn(ctx context.Context, t *testing.T, w *watched, o Options) Result {
	t.Helper()
	r := Try(ctx, o)
	assert.Zero(t, w.open, "nothing stays open")
	assert.LessOrEqual(t, w.bytes, maxBytes)
	assert.Equal(t, Library, r.Library)
	assert.Equal(t, r.Listed, r.Fault == nil)
	assert.False(t, r.Listed && !r.LoggedIn)
	return r
}

// assertJSON asserts that a result is the same after a way through JSON, and that the password is not in it.
func assertJSON(t *testing.T, r Result, password string) {
	t.Helper()
	written, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, strings.ToLower(string(written)), strings.ToLower(password))
	var read Result
	require.NoError(t, json.Unmarshal(written, &read))
	again, err := json.Marshal(read)
	require.NoError(t, err)
	assert.JSONEq(t, string(written), string(again))
}

func TestLibraryIsTheOneBuiltIn(t *testing.T) {
	name, _, _ := strings.Cut(Library, " ")
	listed, err := exec.CommandContext(t.Context(), "go", "list", "-m", name).Output()
	require.NoError(t, err)
	assert.Equal(t, Library, strings.TrimSpace(string(listed)))
}

func TestHealthyServer(t *testing.T) {
	for family, addr := range loopback {
		for name, s := range map[string]*ftptest.Server{
			"clear":    {},
			"explicit": {TLS: serverTLS()},
			"implicit": {TLS: serverTLS(), Implicit: true},
			"TLS 1.2":  {TLS: atMost12(serverTLS())},
		} {
			t.Run(family+", "+name, func(t *testing.T) {
				s.Addr = addr
				r := try(t, start(t, s), patience, nil)
				require.Nil(t, r.Fault)
				assert.True(t, r.LoggedIn)
				assert.True(t, r.Listed)
				assert.Equal(t, 2, r.Entries)
				assert.Positive(t, r.Took)
				assert.Equal(t, ftptest.Counts{Connections: 1, Passwords: 1, Logins: 1, DataConnections: 1}, s.Counts())
				require.Len(t, r.Dialed, 2)
				control, data := r.Dialed[0], r.Dialed[1]
				assert.Equal(t, "control", control.Purpose)
				assert.Equal(t, s.Addr, control.To)
				assert.Equal(t, s.Implicit, control.Secured)
				assert.Equal(t, "data", data.Purpose)
				assert.Equal(t, s.Addr.Addr(), data.To.Addr())
				assert.Greater(t, data.At, control.At)
				assert.Equal(t, s.TLS != nil, data.Secured)
				assert.Equal(t, s.TLS != nil, data.Resumed)
				for _, d := range r.Dialed {
					assert.True(t, d.Connected)
					assert.Positive(t, d.ConnectTook)
					assert.Positive(t, d.Bytes)
					assert.Nil(t, d.Fault)
				}
			})
		}
	}
}

func atMost12(config *tls.Config) *tls.Config {
	config.MaxVersion = tls.VersionTLS12
	return config
}

// demandReuse makes a server refuse data connections that do not resume a session: every handshake but the first.
func demandReuse(config *tls.Config) *tls.Config {
	shaken := make(chan struct{}, 1)
	config.VerifyConnection = func(state tls.ConnectionState) error {
		select {
		case shaken <- struct{}{}:
			return nil
		default:
		}
		if !state.DidResume {
			return errors.New("the session is not resumed")
		}
		return nil
	}
	return config
}

func TestReuseDemanded(t *testing.T) {
	for name, limit := range map[string]func(*tls.Config) *tls.Config{
		"TLS 1.2": atMost12, "TLS 1.3": func(c *tls.Config) *tls.Config { return c },
	} {
		t.Run(name+", resumed", func(t *testing.T) {
			r := try(t, start(t, &ftptest.Server{TLS: demandReuse(limit(serverTLS()))}), patience, nil)
			assert.Nil(t, r.Fault)
			assert.True(t, r.Dialed[1].Resumed)
		})
		t.Run(name+", without a cache", func(t *testing.T) {
			r := try(t, start(t, &ftptest.Server{TLS: demandReuse(limit(serverTLS()))}), patience, func(o *Options) {
				o.TLS.ClientSessionCache = nil
			})
			fails(t, r, "list", probes.Alert)
			assert.Equal(t, 522, r.Code)
			assert.True(t, r.LoggedIn)
			assert.False(t, r.Dialed[1].Resumed)
		})
	}
}

func fails(t *testing.T, r Result, step string, kind probes.Kind) {
	t.Helper()
	require.NotNil(t, r.Fault)
	assert.Equal(t, step, r.Fault.Step, r.Fault.Message)
	assert.Equal(t, kind, r.Fault.Kind, r.Fault.Message)
}

func TestCertificateThatIsNotGood(t *testing.T) {
	for _, implicit := range []bool{false, true} {
		s := start(t, &ftptest.Server{TLS: serverTLS(), Implicit: implicit})
		r := try(t, s, patience, func(o *Options) { o.TLS.ServerName = "ftp.example" })
		fails(t, r, map[bool]string{false: "login", true: "connect"}[implicit], probes.Other)
		assert.Zero(t, s.Counts().Passwords)
	}
}

func TestTLSThatIsNotSpoken(t *testing.T) {
	s := start(t, &ftptest.Server{})
	fails(t, try(t, s, patience, func(o *Options) { o.TLS = clientTLS() }), "connect", probes.Negative)
	fails(t, try(t, s, patience, func(o *Options) { o.TLS, o.Implicit = clientTLS(), true }), "connect", probes.Malformed)
	s = start(t, &ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{"AUTH": "234 Go on.\r\n"}}})
	fails(t, try(t, s, patience, func(o *Options) { o.TLS = clientTLS() }), "login", probes.Malformed)
	s = start(t, &ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{Replies: map[string]string{"PROT": "200 Not really.\r\n"}}})
	fails(t, try(t, s, patience, nil), "list", probes.Malformed)
}

// refuse is the fault of a server that answers a command in its own way.
func refuse(command, reply string) map[string]string {
	return map[string]string{command: reply + "\r\n"}
}

func TestPrivateAddressIsRepairedInSilence(t *testing.T) {
	s := start(t, &ftptest.Server{Faults: ftptest.Faults{
		Replies: refuse("EPSV", "500 No."), PassiveAddress: netip.MustParseAddr("192.168.7.7"),
	}})
	for _, follow := range []bool{false, true} { // the library repairs it even where it follows
		r := try(t, s, patience, func(o *Options) { o.FollowPASV = follow })
		assert.True(t, r.Listed)
		assert.Equal(t, s.Addr.Addr(), r.Dialed[1].To.Addr())
	}
}

func TestForeignAddress(t *testing.T) {
	elsewhere := netip.MustParseAddr("127.0.0.2")
	s := start(t, &ftptest.Server{Faults: ftptest.Faults{Replies: refuse("EPSV", "500 No."), PassiveAddress: elsewhere}})
	assert.True(t, try(t, s, patience, nil).Listed, "the library goes to the control connection's address")
	r := try(t, s, patience, func(o *Options) { o.FollowPASV = true })
	fails(t, r, "list", probes.Refused)
	assert.Equal(t, elsewhere, r.Dialed[1].To.Addr())
	assert.Equal(t, "data connection", r.Dialed[1].Fault.Step)
}

func TestDeadDataPort(t *testing.T) {
	for fault, kind := range map[ftptest.PortFault]probes.Kind{ftptest.Silent: probes.Timeout, ftptest.Refusing: probes.Refused} {
		s := start(t, &ftptest.Server{Faults: ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": fault}}})
		r := try(t, s, briefly, nil)
		fails(t, r, "list", kind)
		assert.True(t, r.LoggedIn)
		require.Len(t, r.Dialed, 2, "PASV is tried only where EPSV itself is refused")
		assert.Equal(t, kind, r.Dialed[1].Fault.Kind)
		assert.False(t, r.Dialed[1].Connected)
	}
}

func TestNothingListens(t *testing.T) {
	port, err := ftptest.RefusingPort(netip.MustParseAddr("127.0.0.1"))
	require.NoError(t, err)
	defer port.Close()
	w := onThisMachine()
	r := tryOn(t.Context(), t, w, options(w, port.Addr, patience))
	fails(t, r, "connect", probes.Refused)
	assert.Equal(t, "connect", r.Dialed[0].Fault.Step)
}

func TestEchoedPassword(t *testing.T) {
	s := start(t, &ftptest.Server{Faults: ftptest.Faults{EchoPassword: true}})
	assert.True(t, try(t, s, patience, nil).Listed)
	r := try(t, s, patience, func(o *Options) { o.Password = "not-hunter3" })
	fails(t, r, "login", probes.Negative)
	assert.Equal(t, 530, r.Code)
	assert.Contains(t, r.Fault.Message, "****")
}

// Each is asked once, and what the library says of it is kept.
func TestRepliesThatTheLibraryStumblesOver(t *testing.T) {
	without := func(replies map[string]string) map[string]string {
		replies["EPSV"] = "500 No.\r\n"
		return replies
	}
	for name, test := range map[string]struct {
		faults ftptest.Faults
		step   string
		kind   probes.Kind
		code   int
	}{
		"421 in place of a greeting": {ftptest.Faults{MaxClients: -1}, "connect", probes.Negative, 421},
		"no FTP server":              {ftptest.Faults{Greeting: "HTTP/1.1 400 Bad Request\r\n"}, "connect", probes.Malformed, 0},
		"120 before the 220":         {ftptest.Faults{Greeting: "120 Soon.\r\n220 Now.\r\n"}, "connect", probes.Other, 120},
		"220 without a text":         {ftptest.Faults{Greeting: "220\r\n"}, "connect", probes.Malformed, 0},
		"greeting without end":       {ftptest.Faults{EndlessGreeting: true}, "connect", probes.TooLong, 0},
		"closed in the greeting":     {ftptest.Faults{Greeting: "220-Wel", CloseAfter: "greeting"}, "connect", probes.Closed, 0},
		"USER refused: no code":      {ftptest.Faults{Replies: refuse("USER", "530 Not you.")}, "login", probes.Other, 0},
		"PASS refused":               {ftptest.Faults{Replies: refuse("PASS", "530 Not you.")}, "login", probes.Negative, 530},
		"202 to PASS":                {ftptest.Faults{Replies: refuse("PASS", "202 Not needed.")}, "login", probes.Other, 202},
		"OPTS UTF8 refused: no code": {ftptest.Faults{Replies: refuse("OPTS", "500 No.")}, "login", probes.Other, 0},
		"TYPE I refused":             {ftptest.Faults{Replies: refuse("TYPE", "504 No.")}, "login", probes.Negative, 504},
		"closed after the login":     {ftptest.Faults{CloseAfter: "PASS"}, "login", probes.Closed, 0},
		"one reply behind":           {ftptest.Faults{Behind: true}, "login", probes.Other, 211},
		"both passive modes refused": {ftptest.Faults{Replies: without(refuse("PASV", "502 No."))}, "list", probes.Negative, 502},
		"227 without parentheses":    {ftptest.Faults{Replies: without(refuse("PASV", "227 127,0,0,1,9,9"))}, "list", probes.Malformed, 0},
		"227 without numbers":        {ftptest.Faults{Replies: without(refuse("PASV", "227 (a,b,c,d,e,f)"))}, "list", probes.Malformed, 0},
		"227 with a port too high":   {ftptest.Faults{Replies: without(refuse("PASV", "227 (1,2,3,4,256,0)"))}, "list", probes.Malformed, 0},
		"229 with a port too high":   {ftptest.Faults{Replies: refuse("EPSV", "229 (|||65536|)")}, "list", probes.Malformed, 0},
		"229 with a port below zero": {ftptest.Faults{Replies: refuse("EPSV", "229 (|||-1|)")}, "list", probes.Malformed, 0},
		"listing refused":            {ftptest.Faults{Replies: refuse("LIST", "550 No.")}, "list", probes.Negative, 550},
		"226 without a 150":          {ftptest.Faults{Replies: refuse("LIST", "226 Empty.")}, "list", probes.Other, 226},
		"426 after the listing":      {ftptest.Faults{Final: "426 Broke.\r\n"}, "list", probes.Negative, 426},
		"250 after the listing":      {ftptest.Faults{Final: "250 Done.\r\n"}, "list", probes.Other, 250},
	} {
		t.Run(name, func(t *testing.T) {
			r := try(t, start(t, &ftptest.Server{Faults: test.faults}), patience, nil)
			fails(t, r, test.step, test.kind)
			assert.Equal(t, test.code, r.Code)
			assert.Equal(t, test.step == "list", r.LoggedIn)
			assert.False(t, r.Panicked)
		})
	}
}

func TestSmallSinsAreForgiven(t *testing.T) {
	for name, replies := range map[string]map[string]string{
		"FEAT unknown":               refuse("FEAT", "500 No."),
		"OPTS UTF8 with a bad word":  refuse("OPTS", "501 No."),
		"229 that cannot be read":    refuse("EPSV", "229 (!!!9!)"),
		"EPSV answered with a 227":   refuse("EPSV", "227 (127,0,0,1,9,9)"),
		"USER alone is enough":       refuse("USER", "230 Welcome."),
		"greeting of several lines":  nil,
		"EPSV forbidden to everyone": refuse("EPSV", "550 Permission denied."),
	} {
		t.Run(name, func(t *testing.T) {
			s := &ftptest.Server{Faults: ftptest.Faults{Replies: replies, GreetingLines: 5}}
			r := try(t, start(t, s), patience, func(o *Options) {
				if replies["USER"] != "" {
					o.User = "nobody"
				}
			})
			if replies["USER"] != "" { // our server wants the password in spite of what it said
				fails(t, r, "login", probes.Negative)
				assert.Zero(t, s.Counts().Passwords)
				return
			}
			assert.Nil(t, r.Fault)
		})
	}
}

func TestPanicOfTheLibrary(t *testing.T) {
	s := start(t, &ftptest.Server{Faults: ftptest.Faults{
		Replies: map[string]string{"EPSV": "500 No.\r\n", "PASV": "227 oops )(\r\n"},
	}})
	r := try(t, s, patience, nil)
	assert.True(t, r.Panicked)
	assert.True(t, r.LoggedIn)
	fails(t, r, "list", probes.Malformed)
	assert.Contains(t, r.Fault.Message, "panic: ")
}

func TestListingLongerThanWeRead(t *testing.T) {
	s := start(t, &ftptest.Server{Entries: 40_000})
	r := try(t, s, patience, nil)
	fails(t, r, "list", probes.TooLong)
	assert.Equal(t, maxBytes, r.Dialed[0].Bytes+r.Dialed[1].Bytes)
	assert.Greater(t, r.Entries, 10_000)
}

func TestListingThatStalls(t *testing.T) {
	r := try(t, start(t, &ftptest.Server{Faults: ftptest.Faults{Stall: true}}), briefly, nil)
	fails(t, r, "list", probes.Timeout)
	assert.True(t, r.Dialed[1].Connected)
	assert.Zero(t, r.Dialed[1].Bytes)
}

func TestPathThatIsNone(t *testing.T) {
	r := try(t, start(t, &ftptest.Server{}), patience, func(o *Options) { o.Path = "/\r\nDELE a" })
	fails(t, r, "list", probes.Other)
	r = try(t, start(t, &ftptest.Server{}), patience, func(o *Options) { o.Path = "/README.txt" })
	assert.Equal(t, 1, r.Entries)
}
