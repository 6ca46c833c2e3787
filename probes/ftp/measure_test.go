package ftp

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// patience is a wait that nothing needs in a test in which nothing is silent; briefly is one for a test of silence.
const (
	patience = 20 * time.Second
	briefly  = time.Second
)

// start runs a server on the loopback until the test ends. The test is skipped where this machine has no such address.
func start(t *testing.T, server *ftptest.Server) *ftptest.Server {
	t.Helper()
	if server.Addr.Addr().Is6() {
		listener, err := net.Listen("tcp6", "[::1]:0")
		if err != nil {
			t.Skip("without IPv6: ", err)
		}
		require.NoError(t, listener.Close())
	}
	server.User, server.Password = "bob", "hunter2"
	require.NoError(t, server.Start())
	t.Cleanup(server.Close)
	return server
}

// measureServer measures a server on this machine, and asserts that nothing stays open.
func measureServer(t *testing.T, server *ftptest.Server, wait time.Duration) measured {
	t.Helper()
	m, w := measureOnThisMachine(t.Context(), server, wait)
	assert.Empty(t, w.stillOpen())
	assertJSON(t, m)
	return m
}

func measureOnThisMachine(ctx context.Context, server *ftptest.Server, wait time.Duration) (measured, *watched) {
	w := onThisMachine()
	protection := Clear
	switch {
	case server.Implicit:
		protection = Implicit
	case server.TLS != nil && !server.Faults.TLSRequired:
		protection = Explicit
	}
	return measure(ctx, withTLS(options(w, wait), protection), server.Addr), w
}

// assertJSON asserts that a result is the same after a way through JSON, and holds no raw control character there.
func assertJSON(t *testing.T, m measured) {
	t.Helper()
	written, err := json.Marshal(m)
	require.NoError(t, err)
	assert.NotContains(t, string(written), "hunter2")
	for _, c := range []string{"\x00", "\x1b", "\r", "\n"} {
		assert.NotContains(t, string(written), c)
	}
	var read measured
	require.NoError(t, json.Unmarshal(written, &read))
	again, err := json.Marshal(read)
	require.NoError(t, err)
	assert.JSONEq(t, string(written), string(again))
}

// loopbacks are where servers listen in these tests.
var loopbacks = map[string]netip.AddrPort{
	"IPv4": netip.MustParseAddrPort("127.0.0.1:0"),
	"IPv6": netip.MustParseAddrPort("[::1]:0"),
}

func TestHealthyServer(t *testing.T) {
	for family, addr := range loopbacks {
		for _, protection := range []Protection{Clear, Explicit, Implicit} {
			t.Run(strings.TrimSpace(family+" "+string(protection)), func(t *testing.T) {
				t.Parallel()
				server := &ftptest.Server{Addr: addr, Implicit: protection == Implicit}
				if protection != Clear {
					server.TLS = serverTLS()
				}
				m := measureServer(t, start(t, server), patience)
				assertHealthyControl(t, server, m)
				assertHealthySecurity(t, protection, m.Security)
				assertHealthyPassive(t, server, m.Passive)
				assertHealthyActive(t, server, m.Active)
				if protection != Clear {
					assert.True(t, m.Passive.EPSV.Transfer.Resumed)
				}
			})
		}
	}
}

func assertHealthyControl(t *testing.T, server *ftptest.Server, m measured) {
	t.Helper()
	assert.Nil(t, m.Control.Fault)
	assert.Equal(t, server.Addr, m.Control.Peer)
	assert.Equal(t, server.Addr.Addr(), m.Control.Local.Addr())
	assert.Equal(t, "FTP server ready.", m.Control.Greeting.Text)
	assert.Positive(t, m.Control.GreetingTook)
	assert.Equal(t, "bob", m.Control.User)
	assert.Equal(t, 331, m.Control.UserReply.Code)
	assert.Equal(t, 230, m.Control.PassReply.Code)
	assert.True(t, m.Control.LoggedIn)
	assert.True(t, m.Control.HasFeature("EPSV"))
	assert.Equal(t, server.TLS != nil, m.Control.HasFeature("AUTH TLS"))
	assert.Empty(t, m.Control.Experiments, "there was no doubt")
	require.Len(t, m.Control.Sessions, 2)
	for i, purpose := range []string{"passive", "active"} {
		assert.Equal(t, purpose, m.Control.Sessions[i].Purpose)
		said := lines(m.Control.Sessions[i], "client")
		assert.Contains(t, said, "PASS ****")
		assert.Equal(t, []string{"QUIT"}, last(1, said))
	}
}

// last is the end of a list.
func last(n int, all []string) []string { return all[max(0, len(all)-n):] }

// lines are what one side said.
func lines(s Session, from string) []string {
	var texts []string
	for _, line := range s.Lines {
		if line.From == from {
			texts = append(texts, line.Text)
		}
	}
	return texts
}

func assertHealthySecurity(t *testing.T, protection Protection, security *Security) {
	t.Helper()
	if protection == Clear {
		assert.Nil(t, security)
		return
	}
	assert.Equal(t, string(protection), security.Mechanism)
	assert.True(t, security.Secured)
	assert.Nil(t, security.Fault)
	assert.Equal(t, 200, security.PbszReply.Code)
	assert.Equal(t, 200, security.ProtReply.Code)
	if protection == Explicit {
		assert.Equal(t, 234, security.AuthReply.Code)
	}
}

func assertHealthyPassive(t *testing.T, server *ftptest.Server, p *Passive) {
	t.Helper()
	assert.Nil(t, p.Fault)
	assert.Nil(t, p.Alive, "there was no doubt")
	assert.Empty(t, p.Experiments)
	assert.True(t, p.EPSV.Worked())
	assert.Equal(t, 229, p.EPSV.Reply.Code)
	assert.Equal(t, server.Addr.Addr(), p.EPSV.Announced.Addr())
	assert.Equal(t, p.EPSV.Announced, p.EPSV.Used)
	assertHealthyTransfer(t, server, p.EPSV.Transfer)
	if server.Addr.Addr().Is6() {
		assert.Nil(t, p.PASV, "PASV has no room for an IPv6 address")
		return
	}
	assert.Equal(t, 227, p.PASV.Reply.Code)
	assert.Equal(t, server.Addr.Addr(), p.PASV.Announced.Addr())
	assert.False(t, p.PASV.Used.IsValid(), "its port could tell nothing new")
	assert.False(t, p.PASV.Connected)
	assert.Equal(t, probes.NotTried, p.PASV.Outcome())
}

func assertHealthyActive(t *testing.T, server *ftptest.Server, a *Active) {
	t.Helper()
	assert.Nil(t, a.Fault)
	require.Len(t, a.Attempts, 1)
	attempt := a.Attempts[0]
	assert.True(t, attempt.Worked())
	assert.Equal(t, map[bool]string{true: "EPRT", false: "PORT"}[server.Addr.Addr().Is6()], attempt.Command)
	assert.Equal(t, 200, attempt.Reply.Code)
	assert.Equal(t, server.Addr.Addr(), attempt.Announced.Addr())
	assert.Equal(t, server.Addr.Addr(), attempt.From.Addr())
	assert.Positive(t, attempt.ConnectTook)
	assertHealthyTransfer(t, server, attempt.Transfer)
}

func assertHealthyTransfer(t *testing.T, server *ftptest.Server, transfer *Transfer) {
	t.Helper()
	assert.True(t, transfer.Worked())
	assert.Equal(t, 150, transfer.Opening.Code)
	assert.Equal(t, 226, transfer.Final.Code)
	assert.Equal(t, "eof", transfer.End)
	assert.Greater(t, transfer.Bytes, int64(100))
	assert.Positive(t, transfer.FirstByteTook)
	assert.Equal(t, server.TLS != nil, transfer.Secured)
}

// the assertions of the tables below are about one thing each.
type look func(t *testing.T, m measured)

func controlFails(step string, kind probes.Kind) look {
	return func(t *testing.T, m measured) {
		require.NotNil(t, m.Control.Fault)
		assert.Equal(t, step, m.Control.Fault.Step)
		assert.Equal(t, kind, m.Control.Fault.Kind, m.Control.Fault.Message)
		assert.False(t, m.Control.LoggedIn)
		assert.Nil(t, m.Passive)
		assert.Nil(t, m.Active)
	}
}

func passiveWorks(t *testing.T, m measured) {
	require.NotNil(t, m.Passive)
	assert.True(t, m.Passive.EPSV.Worked() || m.Passive.PASV.Worked())
}

func activeWorks(t *testing.T, m measured) {
	require.NotNil(t, m.Active)
	require.NotEmpty(t, m.Active.Attempts)
	assert.True(t, m.Active.Attempts[len(m.Active.Attempts)-1].Worked())
}

func fails(fault *probes.Fault, step string, kind probes.Kind) func(*testing.T) {
	return func(t *testing.T) {
		t.Helper()
		require.NotNil(t, fault)
		assert.Equal(t, step, fault.Step, fault.Message)
		assert.Equal(t, kind, fault.Kind, fault.Message)
	}
}

// answering is the fault of a server that answers a command with this.
func answering(verb, reply string) ftptest.Faults {
	return ftptest.Faults{Replies: map[string]string{verb: reply}}
}

func TestControlFaults(t *testing.T) {
	for name, test := range map[string]struct {
		faults ftptest.Faults
		tls    bool
		look   look
	}{
		"greeting of forty lines": {faults: ftptest.Faults{GreetingLines: 40}, look: func(t *testing.T, m measured) {
			assert.Equal(t, 220, m.Control.Greeting.Code)
			assert.Len(t, lines(m.Control.Sessions[0], "server")[:40], 40)
			passiveWorks(t, m)
			activeWorks(t, m)
		}},
		"greeting without end": {faults: ftptest.Faults{EndlessGreeting: true}, look: func(t *testing.T, m measured) {
			controlFails("greeting", probes.TooLong)(t, m)
			assert.Equal(t, "220-There is more to say.", m.Control.Unparsed)
			assert.Len(t, m.Control.Sessions[0].Lines, maxSession)
		}},
		"SSH":                {faults: ftptest.Faults{Greeting: "SSH-2.0-OpenSSH_9.2\r\n"}, look: unparsedGreeting("SSH-2.0-OpenSSH_9.2")},
		"HTTP":               {faults: ftptest.Faults{Greeting: "HTTP/1.1 400 Bad Request\r\n\r\n"}, look: unparsedGreeting("HTTP/1.1 400 Bad Request")},
		"POP3":               {faults: ftptest.Faults{Greeting: "+OK ready\r\n"}, look: unparsedGreeting("+OK ready")},
		"NUL and escape":     {faults: ftptest.Faults{Greeting: "\x00\x1b[2J\r\n"}, look: unparsedGreeting("\x00\x1b[2J")},
		"a TLS alert":        {faults: ftptest.Faults{Greeting: "\x15\x03\x03\x00\x02\x02\x28", CloseAfter: "greeting"}, look: unparsedAs(probes.Closed, "\x15\x03\x03\x00\x02\x02(")},
		"greeting cut":       {faults: ftptest.Faults{Greeting: "220-Wel", CloseAfter: "greeting"}, look: unparsedAs(probes.Closed, "220-Wel")},
		"closed at once":     {faults: ftptest.Faults{Greeting: "220", CloseAfter: "greeting"}, look: unparsedAs(probes.Closed, "220")},
		"too many users":     {faults: ftptest.Faults{Greeting: "421 Too many users.\r\n"}, look: refusedGreeting(421)},
		"530 as a greeting":  {faults: ftptest.Faults{Greeting: "530 Go away.\r\n"}, look: refusedGreeting(530)},
		"greeting in drops":  {faults: ftptest.Faults{Drip: 100 * time.Microsecond}, look: func(t *testing.T, m measured) { passiveWorks(t, m); activeWorks(t, m) }},
		"closed after 220":   {faults: ftptest.Faults{CloseAfter: "greeting"}, look: closedAt("USER")},
		"closed after USER":  {faults: ftptest.Faults{CloseAfter: "USER"}, look: closedAt("PASS")},
		"USER cut":           {faults: ftptest.Faults{CloseAfter: "USER", Replies: map[string]string{"USER": "331 Pass"}}, look: controlFails("USER", probes.Closed)},
		"USER refused":       {faults: answering("USER", "530 No.\r\n"), look: controlFails("USER", probes.Negative)},
		"USER is malformed":  {faults: answering("USER", "hello\r\n"), look: controlFails("USER", probes.Malformed)},
		"USER and it is all": {faults: answering("USER", "230 Come in.\r\n"), look: func(t *testing.T, m measured) { assert.True(t, m.Control.LoggedIn); assert.Nil(t, m.Control.PassReply) }},
		"PASS refused":       {faults: answering("PASS", "530 No.\r\n"), look: controlFails("PASS", probes.Negative)},
		"ACCT wanted":        {faults: answering("PASS", "332 Account?\r\n"), look: controlFails("PASS", probes.Negative)},
		"TLS required": {tls: true, faults: ftptest.Faults{TLSRequired: true}, look: func(t *testing.T, m measured) {
			controlFails("USER", probes.Negative)(t, m)
			assert.True(t, m.Control.HasFeature("AUTH TLS"))
			assert.Equal(t, 234, m.Control.AuthOffered.Code)
			assert.Equal(t, 331, m.Control.UserAfterTLS.Code)
			assert.Equal(t, []probes.Experiment{{
				Variable: "protection of USER bob", A: "in clear", OutcomeA: "530 Please use AUTH TLS before you log in.",
				B: "after AUTH TLS", OutcomeB: "331 Please give the password.",
			}}, m.Control.Experiments)
			assert.Equal(t, []string{"USER bob", "FEAT", "AUTH TLS", "USER bob", "QUIT"}, lines(m.Control.Sessions[0], "client"))
		}},
		"refused with TLS, too": {tls: true, faults: ftptest.Faults{TLSRequired: true, Replies: map[string]string{"USER": "530 No.\r\n"}}, look: func(t *testing.T, m measured) {
			controlFails("USER", probes.Negative)(t, m)
			assert.Equal(t, 530, m.Control.UserAfterTLS.Code)
		}},
		"AUTH refused":      {tls: true, faults: answering("AUTH", "502 What?\r\n"), look: securityFails("AUTH TLS", probes.Negative)},
		"goes on in clear":  {tls: true, faults: answering("AUTH", "234 Go on.\r\n220 And listen to me.\r\n"), look: securityFails("TLS handshake", probes.Malformed)},
		"closed after AUTH": {tls: true, faults: ftptest.Faults{CloseAfter: "AUTH", Replies: map[string]string{"AUTH": "234 Go on.\r\n"}}, look: securityFails("TLS handshake", probes.Closed)},
		"PBSZ refused":      {tls: true, faults: answering("PBSZ", "500 What?\r\n"), look: securityFails("PBSZ", probes.Negative)},
		"PROT refused":      {tls: true, faults: answering("PROT", "536 No.\r\n"), look: securityFails("PROT", probes.Negative)},
		"a reply behind": {faults: ftptest.Faults{Behind: true}, look: func(t *testing.T, m measured) {
			passiveWorks(t, m)
			require.NotNil(t, m.Control.Desync)
			assert.Equal(t, "EPSV", m.Control.Desync.Command)
			assert.Equal(t, 200, m.Control.Desync.Early.Code)
			assert.Equal(t, 229, m.Control.Desync.Right.Code)
		}},
		"a client at a time": {faults: ftptest.Faults{MaxClients: 1}, look: func(t *testing.T, m measured) { passiveWorks(t, m); assert.Nil(t, m.Active) }},
		"password in a reply": {faults: ftptest.Faults{EchoPassword: true}, look: func(t *testing.T, m measured) {
			assert.Equal(t, "Login successful. The password was ****.", m.Control.PassReply.Text)
		}},
		"closed after PASS": {faults: ftptest.Faults{CloseAfter: "PASS"}, look: func(t *testing.T, m measured) {
			assert.Nil(t, m.Passive.EPSV.Reply)
			assert.True(t, m.Passive.Fault.Of(m.Passive.EPSV.Fault.Kind))
		}},
		"FEAT of many words":   {faults: answering("FEAT", "211-Features:\r\n"+strings.Repeat(" X"+strings.Repeat("y", 90)+"\r\n", 20)+" AUTH TLS\r\n211 End\r\n"), look: func(t *testing.T, m measured) { assert.True(t, m.Control.HasFeature("AUTH TLS")) }},
		"FEAT with a password": {faults: answering("FEAT", "211-Features:\r\n hunter2\r\n211 End\r\n"), look: func(t *testing.T, m measured) { assert.Equal(t, []string{"****"}, m.Control.Features) }},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &ftptest.Server{Faults: test.faults}
			if test.tls {
				server.TLS = serverTLS()
			}
			test.look(t, measureServer(t, start(t, server), patience))
		})
	}
}

func unparsedGreeting(text string) look { return unparsedAs(probes.Malformed, text) }

func unparsedAs(kind probes.Kind, text string) look {
	return func(t *testing.T, m measured) {
		controlFails("greeting", kind)(t, m)
		assert.Equal(t, text, m.Control.Unparsed)
		assert.Nil(t, m.Control.Greeting)
	}
}

func refusedGreeting(code int) look {
	return func(t *testing.T, m measured) {
		controlFails("greeting", probes.Negative)(t, m)
		assert.Equal(t, code, m.Control.Greeting.Code)
		assert.Empty(t, m.Control.Unparsed)
	}
}

// closedAt is a server that was gone when a command came: the end of the connection may be seen as a reset.
func closedAt(step string) look {
	return func(t *testing.T, m measured) {
		controlFails(step, m.Control.Fault.Kind)(t, m)
		assert.Contains(t, []probes.Kind{probes.Closed, probes.Reset}, m.Control.Fault.Kind)
	}
}

func securityFails(step string, kind probes.Kind) look {
	return func(t *testing.T, m measured) {
		assert.Nil(t, m.Control.Fault)
		fails(m.Security.Fault, step, kind)(t)
		assert.Nil(t, m.Passive, "what is not protected is not tried")
		assert.Nil(t, m.Active)
		if step == "TLS handshake" || step == "AUTH TLS" {
			assert.False(t, m.Security.Secured)
			assert.Empty(t, m.Control.User, "nothing of the login was sent")
			assert.NotContains(t, lines(m.Control.Sessions[0], "client"), "PASS ****")
		}
	}
}

func TestDataFaults(t *testing.T) {
	port := func(command string, fault ftptest.PortFault) ftptest.Faults {
		return ftptest.Faults{Ports: map[string]ftptest.PortFault{command: fault}}
	}
	for name, test := range map[string]struct {
		server *ftptest.Server
		look   look
	}{
		"EPSV refused": {&ftptest.Server{Faults: answering("EPSV", "500 What?\r\n")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Negative)(t)
			assert.True(t, m.Passive.PASV.Worked())
			assert.Equal(t, []probes.Experiment{
				{Variable: "passive command", A: "EPSV", OutcomeA: "500 What?", B: "PASV", OutcomeB: "listing"},
			}, m.Passive.Experiments)
		}},
		"both refused": {&ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{"EPSV": "500 No.\r\n", "PASV": "550 No.\r\n"}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Negative)(t)
			fails(m.Passive.PASV.Fault, "PASV", probes.Negative)(t)
			activeWorks(t, m)
		}},
		"229 unreadable": {&ftptest.Server{Faults: answering("EPSV", "229 oops )(\r\n")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Malformed)(t)
			assert.False(t, m.Passive.EPSV.Announced.IsValid())
			assert.True(t, m.Passive.PASV.Worked())
		}},
		"227 unreadable": {&ftptest.Server{Faults: answering("PASV", "227 oops )(\r\n")}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Worked())
			fails(m.Passive.PASV.Fault, "PASV", probes.Malformed)(t)
		}},
		"227 in answer to EPSV": {&ftptest.Server{Faults: answering("EPSV", "227 Passive (127,0,0,1,195,80)\r\n")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Malformed)(t)
			assert.False(t, m.Passive.EPSV.Used.IsValid())
		}},
		"EPSV ends it all": {&ftptest.Server{Faults: ftptest.Faults{CloseAfter: "EPSV", Replies: map[string]string{"EPSV": "421 Bye.\r\n"}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Negative)(t)
			assert.True(t, m.Passive.PASV.Worked(), "on a control connection of its own")
		}},
		"EPSV is cut": {&ftptest.Server{Faults: ftptest.Faults{CloseAfter: "EPSV", Replies: map[string]string{"EPSV": "229 Ext"}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Closed)(t)
			assert.Nil(t, m.Passive.Fault)
			assert.True(t, m.Passive.PASV.Worked(), "on a control connection of its own")
			activeWorks(t, m)
		}},
		"EPSV's port refuses": {&ftptest.Server{Faults: port("EPSV", ftptest.Refusing)}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "data connection", probes.Refused)(t)
			assert.True(t, m.Passive.PASV.Worked())
		}},
		"both ports refuse": {&ftptest.Server{Faults: ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Refusing, "PASV": ftptest.Refusing}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "data connection", probes.Refused)(t)
			fails(m.Passive.PASV.Fault, "data connection", probes.Refused)(t)
		}},
		"PASV's port refuses, which nobody asks": {&ftptest.Server{Faults: port("PASV", ftptest.Refusing)}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Worked())
			assert.False(t, m.Passive.PASV.Used.IsValid())
			assert.Nil(t, m.Passive.PASV.Fault)
		}},
		"a private address": {&ftptest.Server{Faults: ftptest.Faults{PassiveAddress: netip.MustParseAddr("10.88.1.2")}}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Worked())
			pasv := m.Passive.PASV
			assert.Equal(t, "10.88.1.2", pasv.Announced.Addr().String())
			assert.Equal(t, netip.AddrPortFrom(m.Passive.Peer, pasv.Announced.Port()), pasv.Used, "an address that a server hands us is not followed")
			assert.True(t, pasv.Connected)
			assert.Nil(t, pasv.Transfer)
			assert.Equal(t, []probes.Experiment{{
				Variable: "data address", A: pasv.Announced.String() + " (as announced)", OutcomeA: probes.NotTried,
				B: pasv.Used.String() + " (control peer)", OutcomeB: "connected",
			}}, m.Passive.Experiments)
		}},
		"LIST refused 450": {&ftptest.Server{Faults: answering("LIST", "450 No.\r\n")}, refusedListing},
		"LIST refused 550": {&ftptest.Server{Faults: answering("LIST", "550 No.\r\n")}, refusedListing},
		"LIST is malformed": {&ftptest.Server{Faults: answering("LIST", "-rw-r--r-- 1 ftp ftp\r\n")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Transfer.Fault, "LIST", probes.Malformed)(t)
			fails(m.Active.Attempts[0].Fault, "data connection", probes.Malformed)(t)
		}},
		"LIST, then closed": {&ftptest.Server{Faults: ftptest.Faults{CloseAfter: "LIST", Replies: map[string]string{"LIST": "150 He"}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Transfer.Fault, "LIST", probes.Closed)(t)
			fails(m.Active.Attempts[0].Fault, "data connection", probes.Closed)(t)
		}},
		"the final reply says no": {&ftptest.Server{Faults: ftptest.Faults{Final: "451 Disk error.\r\n"}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Transfer.Fault, "final reply", probes.Negative)(t)
			assert.Equal(t, "eof", m.Passive.EPSV.Transfer.End)
			assert.Positive(t, m.Passive.EPSV.Transfer.Bytes)
			fails(m.Active.Attempts[0].Transfer.Fault, "final reply", probes.Negative)(t)
		}},
		"the final reply says 550": {&ftptest.Server{Faults: ftptest.Faults{Final: "550 Disk error.\r\n"}}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Transfer.Refused())
		}},
		"an empty directory": {&ftptest.Server{Files: map[string]string{}}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Worked())
			assert.Zero(t, m.Passive.EPSV.Transfer.Bytes)
			assert.Equal(t, "eof", m.Passive.EPSV.Transfer.End)
			activeWorks(t, m)
		}},
		"100,000 entries": {&ftptest.Server{Entries: 100_000}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Worked())
			assert.Equal(t, "cut", m.Passive.EPSV.Transfer.End)
			assert.GreaterOrEqual(t, m.Passive.EPSV.Transfer.Bytes, int64(maxListing))
			assert.Less(t, m.Passive.EPSV.Transfer.Bytes, int64(2*maxListing))
			activeWorks(t, m)
		}},
		"connected from another address": {&ftptest.Server{Faults: ftptest.Faults{ConnectFrom: netip.MustParseAddrPort("127.0.0.2:0")}}, func(t *testing.T, m measured) {
			activeWorks(t, m)
			assert.Equal(t, "127.0.0.2", m.Active.Attempts[0].From.Addr().String())
		}},
		"PORT refused, EPRT accepted": {&ftptest.Server{Faults: answering("PORT", "500 Illegal PORT command.\r\n")}, func(t *testing.T, m measured) {
			activeWorks(t, m)
			require.Len(t, m.Active.Attempts, 2)
			fails(m.Active.Attempts[0].Fault, "PORT", probes.Negative)(t)
			assert.Equal(t, "EPRT", m.Active.Attempts[1].Command)
		}},
		"both refused, with our address": {&ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{
			"PORT": "500 I won't open a connection to 127.0.0.1 (only to 203.0.113.1)\r\n", "EPRT": "500 No.\r\n",
		}}}, func(t *testing.T, m measured) {
			require.Len(t, m.Active.Attempts, 2)
			assert.Equal(t, "203.0.113.1", m.Active.Seen.String())
			assert.Equal(t, 500, m.Active.SeenIn.Code)
		}},
		"both refused, STAT tells": {&ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{
			"PORT": "500 No.\r\n", "EPRT": "500 No.\r\n", "STAT": "211-Status\r\n Connected to 203.0.113.1\r\n211 End\r\n",
		}}}, func(t *testing.T, m measured) {
			assert.Equal(t, "203.0.113.1", m.Active.Seen.String())
			assert.Equal(t, 211, m.Active.SeenIn.Code)
		}},
		"both refused, STAT tells nothing": {&ftptest.Server{Faults: ftptest.Faults{Replies: map[string]string{
			"PORT": "500 No.\r\n", "EPRT": "500 No.\r\n", "STAT": "502 What?\r\n",
		}}}, func(t *testing.T, m measured) {
			assert.False(t, m.Active.Seen.IsValid())
			assert.Nil(t, m.Active.SeenIn)
		}},
		"data connection impossible at once": {&ftptest.Server{DataWait: 10 * time.Millisecond, Faults: ftptest.Faults{NeverConnect: true}}, func(t *testing.T, m measured) {
			fails(m.Active.Attempts[0].Fault, "data connection", probes.Negative)(t)
			assert.Equal(t, 425, m.Active.Attempts[0].Transfer.Opening.Code)
			passiveWorks(t, m)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if test.server.Faults.ConnectFrom.IsValid() && runtime.GOOS != "linux" {
				t.Skip("not an address of this machine")
			}
			test.look(t, measureServer(t, start(t, test.server), patience))
		})
	}
}

func refusedListing(t *testing.T, m measured) {
	for _, a := range []*PassiveAttempt{m.Passive.EPSV, m.Passive.PASV} {
		assert.True(t, a.Connected)
		assert.True(t, a.Transfer.Refused())
		fails(a.Transfer.Fault, "LIST", probes.Negative)(t)
		assert.Zero(t, a.Transfer.Bytes)
	}
	assert.True(t, m.Active.Attempts[0].Transfer.Refused())
}

// What is silent is silent to the end of a wait: all these servers are measured at once.
func TestSilence(t *testing.T) {
	tests := map[string]struct {
		server *ftptest.Server
		look   look
	}{
		"no greeting": {&ftptest.Server{Faults: ftptest.Faults{NoGreeting: true}}, func(t *testing.T, m measured) {
			controlFails("greeting", probes.Timeout)(t, m)
			assert.Empty(t, m.Control.Unparsed)
			assert.True(t, m.Control.SilentToTLS)
			if runtime.GOOS == "linux" {
				assert.Greater(t, m.Control.TLSTransport.BytesAcked, uint64(200), "the ClientHello")
				assert.Positive(t, m.Control.Transport.RTT)
			}
		}},
		"USER": {&ftptest.Server{Faults: answering("USER", "")}, controlFails("USER", probes.Timeout)},
		"AUTH": {&ftptest.Server{TLS: serverTLS(), Faults: answering("AUTH", "")}, securityFails("AUTH TLS", probes.Timeout)},
		"EPSV": {&ftptest.Server{Faults: answering("EPSV", "")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "EPSV", probes.Timeout)(t)
			assert.True(t, m.Passive.PASV.Worked(), "on a control connection of its own")
			activeWorks(t, m)
		}},
		"the control connection at LIST": {&ftptest.Server{Faults: answering("LIST", "")}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Transfer.Fault, "LIST", probes.Timeout)(t)
			fails(m.Active.Attempts[0].Fault, "data connection", probes.Timeout)(t)
		}},
		"the data connection": {&ftptest.Server{Faults: ftptest.Faults{Stall: true}}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Connected)
			fails(m.Passive.EPSV.Transfer.Fault, "data", probes.Timeout)(t)
			assert.Equal(t, 150, m.Passive.EPSV.Transfer.Opening.Code)
			assert.Equal(t, 426, m.Passive.EPSV.Transfer.Final.Code, "after our close")
			fails(m.Active.Attempts[0].Transfer.Fault, "data", probes.Timeout)(t)
		}},
		"the data connection, in TLS": {&ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{Stall: true}}, func(t *testing.T, m measured) {
			assert.True(t, m.Passive.EPSV.Transfer.Secured)
			fails(m.Passive.EPSV.Transfer.Fault, "data", probes.Timeout)(t)
		}},
		"the final reply": {&ftptest.Server{Faults: ftptest.Faults{NoFinal: true}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Transfer.Fault, "final reply", probes.Timeout)(t)
			assert.Equal(t, "eof", m.Passive.EPSV.Transfer.End)
		}},
		"nobody connects to us": {&ftptest.Server{DataWait: time.Minute, Faults: ftptest.Faults{
			NeverConnect: true, Replies: map[string]string{"STAT": "211-Status\r\n Connected to 203.0.113.1\r\n211 End\r\n"},
		}}, func(t *testing.T, m measured) {
			fails(m.Active.Attempts[0].Fault, "data connection", probes.Timeout)(t)
			assert.Equal(t, "203.0.113.1", m.Active.Seen.String(), "asked on the other control connection")
			assert.Equal(t, 500, m.Active.Unchecked.Code)
			assert.Equal(t, []string{"STAT", "PORT 10,255,255,254,195,101", "QUIT"}, last(3, lines(m.Control.Sessions[0], "client")))
		}},
		"EPSV's port": {&ftptest.Server{Faults: ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Silent}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "data connection", probes.Timeout)(t)
			assert.True(t, m.Passive.Alive.Done())
			assert.True(t, m.Passive.PASV.Worked())
			assert.Equal(t, "PASV", m.Control.Sessions[1].Purpose)
			assert.Equal(t, []probes.Experiment{
				{Variable: "passive command", A: "EPSV", OutcomeA: "timeout", B: "PASV", OutcomeB: "listing"},
			}, m.Passive.Experiments)
		}},
		"both ports": {&ftptest.Server{Faults: ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Silent, "PASV": ftptest.Silent}}}, func(t *testing.T, m measured) {
			fails(m.Passive.EPSV.Fault, "data connection", probes.Timeout)(t)
			fails(m.Passive.PASV.Fault, "data connection", probes.Timeout)(t)
			assert.True(t, m.Passive.Alive.Done())
		}},
	}
	type result struct {
		measured
		*watched
	}
	results := make(map[string]*result)
	var measuring sync.WaitGroup
	for name, test := range tests {
		if test.server.Faults.Ports != nil && runtime.GOOS != "linux" {
			continue // only Linux drops SYNs at a full backlog
		}
		start(t, test.server)
		r := &result{}
		results[name] = r
		measuring.Go(func() { r.measured, r.watched = measureOnThisMachine(t.Context(), test.server, briefly) })
	}
	measuring.Wait()
	for name, r := range results {
		t.Run(name, func(t *testing.T) {
			assert.Empty(t, r.stillOpen())
			assertJSON(t, r.measured)
			tests[name].look(t, r.measured)
		})
	}
}

func TestNoLogin(t *testing.T) {
	for _, protection := range []Protection{Clear, Explicit} {
		server := start(t, &ftptest.Server{TLS: serverTLS()})
		o := withTLS(options(onThisMachine(), patience), protection)
		o.NoLogin = true
		m := measure(t.Context(), o, server.Addr)
		assert.Nil(t, m.Control.Fault)
		assert.False(t, m.Control.LoggedIn)
		assert.True(t, m.Control.HasFeature("EPSV"))
		assert.Nil(t, m.Passive)
		assert.Zero(t, server.Counts().Passwords)
	}
}

func TestWithheldLogin(t *testing.T) {
	withheld := &probes.Fault{Step: "login withheld", Kind: probes.Withheld, Message: "the certificate is bad"}
	for name, test := range map[string]struct {
		change    func(*Options)
		passwords int
		said      []string
	}{
		"before USER": {func(o *Options) { o.BeforeUser = func() *probes.Fault { return withheld } }, 0, []string{"QUIT"}},
		"before PASS": {func(o *Options) { o.BeforePass = func(context.Context) *probes.Fault { return withheld } }, 0, []string{"USER bob", "QUIT"}},
		"nothing is": {func(o *Options) {
			o.BeforeUser = func() *probes.Fault { return nil }
			o.BeforePass = func(context.Context) *probes.Fault { return nil }
		}, 1, []string{"USER bob", "PASS ****", "QUIT"}},
	} {
		t.Run(name, func(t *testing.T) {
			server := start(t, &ftptest.Server{})
			var accepted []bool
			o := options(onThisMachine(), patience)
			o.AfterLogin = func(ok bool) { accepted = append(accepted, ok) }
			test.change(&o)
			client := open(t.Context(), o, "passive", server.Addr)
			client.Close()
			assert.Equal(t, test.passwords, server.Counts().Passwords)
			assert.Equal(t, []bool{test.passwords > 0}, accepted, "told once")
			assert.Equal(t, test.passwords > 0, client.Control.LoggedIn)
			assert.Equal(t, test.said, lines(client.Dialogues()[0], "client"))
			if test.passwords == 0 {
				assert.Same(t, withheld, client.Control.Fault)
			}
		})
	}
}

func TestAnonymousPasswordIsNoSecret(t *testing.T) {
	server := start(t, &ftptest.Server{Faults: ftptest.Faults{EchoPassword: true}})
	o := options(onThisMachine(), patience)
	o.User, o.Password, o.Secret = "anonymous", "anonymous@", false
	client := open(t.Context(), o, "passive", server.Addr)
	client.Close()
	assert.Contains(t, lines(client.Dialogues()[0], "client"), "PASS anonymous@")
	assert.Equal(t, "Login successful. The password was anonymous@.", client.Control.PassReply.Text)
}

// A password that looks like a part of an address does not change what is read.
func TestPasswordOfDigits(t *testing.T) {
	server := &ftptest.Server{}
	start(t, server)
	for _, password := range []string{"1", "0", "127", ","} {
		o := options(onThisMachine(), patience)
		o.User, o.Password = "anonymous", password
		m := measure(t.Context(), o, server.Addr)
		assert.True(t, m.Passive.EPSV.Worked())
		activeWorks(t, m)
		assert.Equal(t, server.Addr.Addr(), m.Passive.PASV.Announced.Addr())
	}
}

func TestListedPath(t *testing.T) {
	server := start(t, &ftptest.Server{Files: map[string]string{"a": "1", "b": "2"}})
	for path, refused := range map[string]bool{"": false, "a": false, "c": true} {
		o := options(onThisMachine(), patience)
		o.Path = path
		m := measure(t.Context(), o, server.Addr)
		assert.Contains(t, lines(m.Control.Sessions[0], "client"), strings.TrimSpace("LIST "+path))
		assert.Equal(t, refused, m.Passive.EPSV.Transfer.Refused(), strconv.Quote(path))
	}
}

func TestListenerThatCannotBeOpened(t *testing.T) {
	server := start(t, &ftptest.Server{})
	w := onThisMachine()
	w.listen = func(context.Context, netip.AddrPort) (net.Listener, error) {
		return nil, &net.OpError{Op: "listen", Err: net.UnknownNetworkError("no")}
	}
	m := measure(t.Context(), options(w, patience), server.Addr)
	fails(m.Active.Fault, "listen", probes.Other)(t)
	assert.Empty(t, m.Active.Attempts)
	passiveWorks(t, m)
}
