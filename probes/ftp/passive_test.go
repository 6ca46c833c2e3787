package ftp

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// withClient logs in to a server, does something with the client, and asserts that nothing of it stays open. Client and options are
// for further sessions.
func withClient(t *testing.T, w *watched, o Options, to netip.AddrPort, do func(*Client)) {
	t.Helper()
	client := open(t.Context(), o, "passive", to)
	require.NotNil(t, client)
	require.True(t, client.Ready(), client.Control.Fault)
	do(client)
	client.Close()
	assert.Empty(t, w.stillOpen())
}

// onServer does something with a client of a server on this machine.
func onServer(t *testing.T, server *ftptest.Server, protection Protection, do func(*Client, Aids)) {
	t.Helper()
	w := onThisMachine()
	o := withTLS(options(w, patience), protection)
	withClient(t, w, o, start(t, server).Addr, func(c *Client) { do(c, aidsOf(o, server.Addr)) })
}

// onNetwork does something with a client of a server in fake time.
func onNetwork(t *testing.T, n *internet, protection Protection, do func(*Client, Aids)) {
	t.Helper()
	w := onFake(n)
	n.tls = serverTLS()
	o := withTLS(options(w, wait), protection)
	withClient(t, w, o, n.control(), func(c *Client) { do(c, aidsOf(o, n.control())) })
	n.running.Wait()
}

// aidsOf are aids that open further sessions to the same server.
func aidsOf(o Options, to netip.AddrPort) Aids {
	return Aids{Session: func(ctx context.Context, purpose string) *Client { return open(ctx, further(o), purpose, to) }}
}

// dataPorts makes the connections to data ports come out as the outcomes say, one after the other: "silent" and "refused" ones, and
// "late" ones, which come after three seconds. All others are as on the network itself.
func dataPorts(n *internet, outcomes ...string) func(*Options) {
	return func(o *Options) {
		dial := o.Host.Dial
		i := -1
		o.Host.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			if to == n.control() {
				return dial(ctx, to)
			}
			n.mu.Lock()
			i++
			outcome := append(outcomes, make([]string, i+1)...)[i]
			n.mu.Unlock()
			switch outcome {
			case "silent":
				<-ctx.Done()
				return nil, ctx.Err()
			case "refused":
				return nil, syscall.ECONNREFUSED
			case "late":
				time.Sleep(3 * time.Second)
			}
			return dial(ctx, to)
		}
	}
}

// Whoever looks into a silent port is told of it once, at the doubt, and of no other; and is waited for, as long as the port is silent.
func TestSilentPortIsTold(t *testing.T) {
	const looking = 12 * time.Second
	for name, test := range map[string]struct {
		outcomes []string
		refuse   string // a command
		told     map[time.Duration]uint16
		moot     bool
		took     time.Duration
		works    bool
	}{
		"none is silent":                 {nil, "", nil, false, 0, true},
		"EPSV's port refuses":            {[]string{"refused"}, "", nil, false, 0, true},
		"both ports refuse":              {[]string{"refused", "refused"}, "", nil, false, 0, false},
		"EPSV is refused":                {nil, "EPSV", nil, false, 0, true},
		"EPSV's port is silent":          {[]string{"silent"}, "", map[time.Duration]uint16{time.Second: 50002}, false, time.Second + looking, true},
		"both are":                       {[]string{"silent", "silent"}, "", map[time.Duration]uint16{time.Second: 50002}, false, time.Second + looking, false},
		"EPSV's port is late":            {[]string{"late"}, "", map[time.Duration]uint16{time.Second: 50002}, true, 3 * time.Second, true},
		"EPSV is refused, PASV's silent": {[]string{"silent"}, "EPSV", map[time.Duration]uint16{time.Second: 50003}, false, time.Second + looking, false},
		"EPSV is refused, PASV's late":   {[]string{"late"}, "EPSV", map[time.Duration]uint16{time.Second: 50003}, true, 3 * time.Second, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				if test.refuse != "" {
					n.replies[test.refuse] = "500 what?\r\n"
				}
				w := onFake(n)
				o := options(w, wait)
				dataPorts(n, test.outcomes...)(&o)
				var told map[time.Duration]uint16
				moot := false
				withClient(t, w, o, n.control(), func(c *Client) {
					aids := aidsOf(o, n.control())
					aids.Silent = func(ctx context.Context, port netip.AddrPort) {
						if told == nil {
							told = make(map[time.Duration]uint16)
						}
						told[time.Since(n.start)] = port.Port()
						select {
						case <-ctx.Done():
							moot = true
						case <-time.After(looking):
						}
					}
					p := c.Passive(t.Context(), aids)
					assert.Equal(t, test.took, time.Since(n.start))
					assert.Equal(t, test.works, p.EPSV.Worked() || p.PASV.Worked())
				})
				assert.Equal(t, test.told, told)
				assert.Equal(t, test.moot, moot, "moot where the connection came")
				n.running.Wait()
			})
		})
	}
}

// A server that wants no further session is asked on the one that there is.
func TestNoFurtherSession(t *testing.T) {
	none := Aids{Session: func(context.Context, string) *Client { return nil }}
	for name, outcomes := range map[string][]string{
		"EPSV's port is silent": {"silent"},
		"EPSV's port refuses":   {"refused"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				o := options(w, wait)
				dataPorts(n, outcomes...)(&o)
				withClient(t, w, o, n.control(), func(c *Client) {
					p := c.Passive(t.Context(), none)
					assert.True(t, p.PASV.Worked())
					require.NotNil(t, p.Sampling)
					assert.Len(t, p.Sampling.Samples, Samples)
					assert.True(t, c.Ready())
					assert.Len(t, c.Dialogues(), 1)
				})
				assert.Equal(t, 1, n.sessions)
				n.running.Wait()
			})
		})
	}
}

// The address that the server announces is connected to only where the user says so, and beside the control connection's peer.
func TestFollow(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not an address of this machine")
	}
	elsewhere, here := netip.MustParseAddr("127.0.0.2"), netip.MustParseAddr("127.0.0.1")
	for name, test := range map[string]struct {
		follow    bool
		announced netip.Addr
		on        []netip.Addr
		look      func(*testing.T, Passive)
	}{
		"not wanted": {false, elsewhere, []netip.Addr{here, elsewhere}, func(t *testing.T, p Passive) {
			assert.Nil(t, p.Followed)
			assert.Equal(t, probes.NotTried, p.Experiments[0].OutcomeA)
		}},
		"the announced address works, too": {true, elsewhere, []netip.Addr{here, elsewhere}, func(t *testing.T, p Passive) {
			assert.True(t, p.Followed.Worked())
			assert.Equal(t, elsewhere, p.Followed.Used.Addr())
			assert.Equal(t, p.Followed.Announced, p.Followed.Used)
			assert.Equal(t, probes.Outcome("listing"), p.Experiments[0].OutcomeA)
			assert.Equal(t, probes.Outcome("connected"), p.Experiments[0].OutcomeB)
		}},
		"it does not": {true, elsewhere, []netip.Addr{here}, func(t *testing.T, p Passive) {
			fails(p.Followed.Fault, "data connection", probes.Refused)(t)
			assert.True(t, p.PASV.Connected)
			assert.Equal(t, probes.Outcome(probes.Refused), p.Experiments[0].OutcomeA)
		}},
		"it alone does": {true, elsewhere, []netip.Addr{elsewhere}, func(t *testing.T, p Passive) {
			fails(p.EPSV.Fault, "data connection", probes.Refused)(t)
			fails(p.PASV.Fault, "data connection", probes.Refused)(t)
			assert.True(t, p.Followed.Worked())
		}},
		"it is the peer's": {true, netip.Addr{}, nil, func(t *testing.T, p Passive) {
			assert.Nil(t, p.Followed, "there is nothing to follow")
			assert.Empty(t, p.Experiments)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			server := &ftptest.Server{Faults: ftptest.Faults{PassiveAddress: test.announced, PassiveOn: test.on}}
			onServer(t, server, Clear, func(c *Client, aids Aids) {
				aids.Follow = test.follow
				test.look(t, c.Passive(t.Context(), aids))
			})
		})
	}
}

// The word EPSV alone may end a control connection: PASV is asked on another one.
func TestEPSVEndsTheControlConnection(t *testing.T) {
	for name, test := range map[string]struct {
		reply string
		kind  probes.Kind
		took  time.Duration
	}{
		"silent":   {"", probes.Timeout, wait},
		"closed":   {"cut ", probes.Closed, 0},
		"refused":  {"cut 421 bye\r\n", probes.Negative, 0},
		"no reply": {"what?\r\n", probes.Malformed, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.replies["EPSV"] = test.reply
				onNetwork(t, n, Clear, func(c *Client, aids Aids) {
					p := c.Passive(t.Context(), aids)
					assert.Equal(t, test.took, time.Since(n.start))
					fails(p.EPSV.Fault, "EPSV", test.kind)(t)
					assert.True(t, p.PASV.Worked())
					assert.Nil(t, p.Fault)
					assert.Nil(t, p.Sampling, "no data connection failed")
					assert.Equal(t, "PASV", c.Dialogues()[1].Purpose)
				})
			})
		})
	}
}

// resettable is a control connection that can be reset at a word of ours.
type resettable struct {
	net.Conn
	word  string
	reset bool
}

func (r *resettable) Write(p []byte) (int, error) {
	if strings.HasPrefix(string(p), r.word) {
		r.reset = true
		return len(p), nil
	}
	return r.Conn.Write(p)
}

func (r *resettable) Read(p []byte) (int, error) {
	if r.reset {
		return 0, syscall.ECONNRESET
	}
	return r.Conn.Read(p)
}

// A middlebox that does not know EPSV resets the control connection.
func TestEPSVIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		w := onFake(n)
		dial := w.dial
		w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			conn, err := dial(ctx, to)
			return &resettable{Conn: conn, word: "EPSV"}, err
		}
		o := options(w, wait)
		withClient(t, w, o, n.control(), func(c *Client) {
			p := c.Passive(t.Context(), aidsOf(o, n.control()))
			fails(p.EPSV.Fault, "EPSV", probes.Reset)(t)
			assert.True(t, p.PASV.Worked())
			assert.Nil(t, p.Fault)
			assert.False(t, c.Ready())
		})
		assert.Zero(t, time.Since(n.start))
		n.running.Wait()
	})
}

// A server that ends the control connection in place of a listing ends the data connection with it: that says nothing of the ports, and
// none is sampled.
func TestControlLostWithoutSampling(t *testing.T) {
	for name, server := range map[string]*ftptest.Server{
		"at the listing":   {Faults: ftptest.Faults{CloseAfter: "LIST", Replies: map[string]string{"LIST": ""}}},
		"within its reply": {Faults: ftptest.Faults{CloseAfter: "LIST", Replies: map[string]string{"LIST": "150 He"}}},
	} {
		t.Run(name, func(t *testing.T) {
			onServer(t, server, Clear, func(c *Client, aids Aids) {
				p := c.Passive(t.Context(), aids)
				assert.True(t, p.EPSV.Connected)
				assert.False(t, p.EPSV.Worked())
				assert.False(t, p.EPSV.EndedUnused())
				assert.Nil(t, p.Sampling)
				assert.Equal(t, 2, server.Counts().Connections)
			})
		})
	}
	t.Run("before the listing", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			n := healthy()
			n.replies["FEAT"] = "cut "
			onNetwork(t, n, Clear, func(c *Client, aids Aids) {
				p := c.Passive(t.Context(), aids)
				assert.True(t, p.EPSV.Connected)
				assert.True(t, p.PASV.Worked())
				assert.Nil(t, p.Sampling)
			})
		})
	})
}

// What accepts data connections in the server's place and does not reach it ends them unused: so do its other ports.
func TestEndedUnused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		n.replies["LIST"] = "" // the server waits for the data connection
		w := onFake(n)
		dial := w.dial
		w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			if to == n.control() {
				return dial(ctx, to)
			}
			ours, theirs := newWire(netip.AddrPortFrom(n.ours, 40000), to)
			return ours, theirs.Close()
		}
		o := options(w, wait)
		withClient(t, w, o, n.control(), func(c *Client) {
			p := c.Passive(t.Context(), aidsOf(o, n.control()))
			assert.True(t, p.EPSV.EndedUnused())
			assert.True(t, p.PASV.EndedUnused())
			assert.Equal(t, append([]string{"EPSV closed closed closed", "PASV closed"}, times(3, "EPSV closed", "PASV closed")...),
				sampledAs(t, p.Sampling))
		})
		n.running.Wait()
	})
}

func TestAttemptsForComparison(t *testing.T) {
	for _, protection := range []Protection{Clear, Explicit} {
		for _, command := range []string{"EPSV", "PASV"} {
			t.Run(strings.TrimSpace(command+" "+string(protection)), func(t *testing.T) {
				server := &ftptest.Server{TLS: serverTLS()}
				onServer(t, server, protection, func(c *Client, _ Aids) {
					attempt := c.Attempt(t.Context(), command, ResumedTLS)
					assert.True(t, attempt.Worked())
					assert.Equal(t, command, attempt.Command)
					assert.Equal(t, ResumedTLS, attempt.Variant)
					assert.Equal(t, protection != Clear, attempt.OverTLS)
					assert.Equal(t, protection != Clear, attempt.Transfer.Secured)
					established := server.Counts().DataConnections
					asked := c.Ask(t.Context(), command, InClear)
					assert.Equal(t, InClear, asked.Variant)
					assert.Equal(t, server.Addr.Addr(), asked.Announced.Addr())
					assert.False(t, asked.Used.IsValid())
					assert.Nil(t, asked.Transfer)
					assert.Equal(t, probes.NotTried, asked.Outcome())
					assert.Equal(t, established, server.Counts().DataConnections)
				})
			})
		}
	}
}

func TestAttemptThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(*internet)
		outcomes []string
		step     string
		kind     probes.Kind
		took     time.Duration
	}{
		"refused command": {func(n *internet) { n.replies["PASV"] = "500 no\r\n" }, nil, "PASV", probes.Negative, 0},
		"silent command":  {func(n *internet) { n.replies["PASV"] = "" }, nil, "PASV", probes.Timeout, wait},
		"no address":      {func(n *internet) { n.replies["PASV"] = "227 x\r\n" }, nil, "PASV", probes.Malformed, 0},
		"refused port":    {func(*internet) {}, []string{"refused"}, "data connection", probes.Refused, 0},
		"silent port":     {func(*internet) {}, []string{"silent"}, "data connection", probes.Timeout, time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				test.change(n)
				w := onFake(n)
				o := options(w, wait)
				dataPorts(n, test.outcomes...)(&o)
				withClient(t, w, o, n.control(), func(c *Client) {
					attempt := c.Attempt(t.Context(), "PASV", FullTLS)
					fails(attempt.Fault, test.step, test.kind)(t)
					assert.Equal(t, test.took, time.Since(n.start))
					assert.Equal(t, FullTLS, attempt.Variant)
					assert.Nil(t, attempt.Transfer)
				})
				n.running.Wait()
			})
		})
	}
}

// What the server sees of us, counted at the server: see the budget of a healthy measurement, and that of a diagnosis.
func TestBudget(t *testing.T) {
	dead := func(fault ftptest.PortFault) map[string]ftptest.PortFault {
		return map[string]ftptest.PortFault{"EPSV": fault, "PASV": fault}
	}
	const connections, logins, data = 2, 2, 3
	const moreConnections, moreLogins, moreData = 6, 4, 16
	for name, test := range map[string]struct {
		server  *ftptest.Server
		healthy bool
	}{
		"healthy":                    {&ftptest.Server{}, true},
		"healthy, with TLS":          {&ftptest.Server{TLS: serverTLS()}, true},
		"a private address":          {&ftptest.Server{Faults: ftptest.Faults{PassiveAddress: netip.MustParseAddr("10.88.1.2")}}, true},
		"EPSV refused":               {&ftptest.Server{Faults: answering("EPSV", "500 What?\r\n")}, true},
		"ports refuse":               {&ftptest.Server{Faults: ftptest.Faults{Ports: dead(ftptest.Refusing)}}, false},
		"ports refuse by turns":      {&ftptest.Server{Faults: ftptest.Faults{PassiveRange: []ftptest.PortFault{ftptest.Refusing, ""}}}, false},
		"ports refuse, one session":  {&ftptest.Server{Faults: ftptest.Faults{Ports: dead(ftptest.Refusing), MaxClients: 1}}, false},
		"a backend resets":           {&ftptest.Server{DataWait: 100 * time.Millisecond, Faults: ftptest.Faults{DeadBackend: true}}, false},
		"EPSV closes":                {&ftptest.Server{Faults: ftptest.Faults{CloseAfter: "EPSV", Ports: dead(ftptest.Refusing)}}, false},
		"LIST closes":                {&ftptest.Server{Faults: ftptest.Faults{CloseAfter: "LIST"}}, false},
		"sessions must be resumed":   {&ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{ReuseDemanded: true}}, true},
		"TLS is required at control": {&ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{TLSRequired: true}}, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tried := 0
			w := onThisMachine()
			dial := w.dial
			w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
				if to != test.server.Addr {
					w.mu.Lock()
					tried++
					w.mu.Unlock()
				}
				return dial(ctx, to)
			}
			start(t, test.server)
			protection := Clear
			if test.server.TLS != nil && !test.server.Faults.TLSRequired {
				protection = Explicit
			}
			measure(t.Context(), withTLS(options(w, patience), protection), test.server.Addr)
			assert.Empty(t, w.stillOpen())
			counts := test.server.Counts()
			if test.healthy {
				assert.LessOrEqual(t, counts.Connections, connections)
				assert.LessOrEqual(t, counts.Passwords, logins)
				assert.LessOrEqual(t, counts.DataConnections, data)
			}
			assert.LessOrEqual(t, counts.Connections, moreConnections)
			assert.LessOrEqual(t, counts.Passwords, moreLogins)
			assert.LessOrEqual(t, counts.DataConnections, moreData)
			assert.LessOrEqual(t, tried, moreData, "data ports tried")
			assert.Zero(t, counts.Files)
		})
	}
}
