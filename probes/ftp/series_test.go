package ftp

import (
	"context"
	"crypto/tls"
	"maps"
	"net"
	"net/netip"
	"slices"
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

// transfers are the commands of a series, up to the last that was tried.
func transfers(s Series) (commands []string) {
	for _, a := range s.Transfers {
		if a.Transfer != nil {
			commands = append(commands, a.Transfer.Command)
		}
	}
	return commands
}

func TestSeries(t *testing.T) {
	for family, addr := range loopbacks {
		for _, protection := range []Protection{Clear, Explicit, Implicit} {
			t.Run(strings.TrimSpace(family+" "+string(protection)), func(t *testing.T) {
				server := &ftptest.Server{Addr: addr, TLS: serverTLS(), Implicit: protection == Implicit}
				onServer(t, server, protection, func(c *Client, _ Aids) {
					series := c.Series(t.Context())
					assert.Equal(t, []string{"STOR", "RETR", "LIST", "LIST"}, transfers(series))
					for i, a := range series.Transfers {
						assert.True(t, a.Worked(), "%v", a.Transfer)
						assert.Equal(t, []string{"sent", "eof", "eof", "eof"}[i], a.Transfer.End)
						assert.Equal(t, protection != Clear, a.Transfer.Secured)
						assert.Equal(t, protection != Clear, a.Transfer.Resumed)
					}
					assert.Equal(t, series.Transfers[0].Transfer.Bytes, series.Transfers[1].Transfer.Bytes, "the file came back")
					assert.Equal(t, 250, series.Removed.Code)
					assert.False(t, series.Left)
					assert.Equal(t, 213, series.Modified.Reply.Code)
					assert.Nil(t, series.Modified.Fault)
					assert.Zero(t, server.Counts().Files)
					assert.Equal(t, 4, server.Counts().DataConnections)
					assert.True(t, c.Ready())
				})
			})
		}
	}
}

// The upload takes ten seconds, and its data come in the sixth.
func TestModified(t *testing.T) {
	const took, within = 10 * time.Second, 6 * time.Second
	for name, test := range map[string]struct {
		reply string // in place of the server's own
		time  time.Duration
		code  int
		fault probes.Kind
		left  bool
	}{
		"told":               {time: within, code: 213},
		"refused":            {reply: "550 No such file.\r\n", code: 550},
		"unknown":            {reply: "500 What?\r\n", code: 500},
		"not implemented":    {reply: "502 No.\r\n", code: 502},
		"no time":            {reply: "213 yesterday\r\n", code: 213, fault: probes.Malformed},
		"silent":             {reply: "", fault: probes.Timeout, left: true},
		"closed":             {reply: "cut ", fault: probes.Closed, left: true},
		"over":               {reply: "421 Bye.\r\n", code: 421, left: true},
		"not a reply at all": {reply: "2000-01-01\r\n", fault: probes.Malformed, left: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.slow["EPSV"], n.slow["STOR"], n.slow["226"] = within/2, within/2, took-within
				if test.time == 0 {
					n.replies["MDTM"] = test.reply
				}
				onNetwork(t, n, Clear, func(c *Client, _ Aids) {
					series := c.Series(t.Context())
					require.Len(t, series.Transfers, 4)
					m := series.Modified
					require.NotNil(t, m)
					assert.Equal(t, n.start.UTC(), m.Asked)
					assert.Equal(t, took, m.Stored.Sub(m.Asked))
					assert.Equal(t, test.left, series.Left)
					if test.code != 0 {
						assert.Equal(t, test.code, m.Reply.Code)
					} else {
						assert.Nil(t, m.Reply)
					}
					if test.fault != "" {
						fails(m.Fault, "MDTM", test.fault)(t)
					} else {
						assert.Nil(t, m.Fault)
					}
					if test.time != 0 {
						assert.Equal(t, test.time, m.Time.Sub(m.Asked))
					} else {
						assert.Zero(t, m.Time)
					}
				})
			})
		})
	}
}

// The server's clock is wrong, or right.
func TestModifiedBySkewedClock(t *testing.T) {
	for name, skew := range map[string]time.Duration{"right": 0, "ahead": time.Hour + time.Minute, "behind": -400 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			onServer(t, &ftptest.Server{Faults: ftptest.Faults{ClockSkew: skew}}, Clear, func(c *Client, _ Aids) {
				m := c.Series(t.Context()).Modified
				told := m.Time.Add(-skew) // to the second
				assert.False(t, told.Before(m.Asked.Truncate(time.Second)), "%v", m)
				assert.False(t, told.After(m.Stored), "%v", m)
			})
		})
	}
}

// What is stored is removed, whatever comes between; or the result says that it may still be there.
func TestSeriesThatBreaks(t *testing.T) {
	for name, test := range map[string]struct {
		faults   ftptest.Faults
		clear    bool
		commands []string
		left     bool // and so it is for the series; another session removes it where the server lets it
		files    int
	}{
		"EPSV is refused":           {faults: answering("EPSV", "500 What?\r\n"), commands: []string{"STOR", "RETR", "LIST", "LIST"}},
		"both are":                  {faults: ftptest.Faults{Replies: map[string]string{"EPSV": "500 No.\r\n", "PASV": "500 No.\r\n"}}},
		"the port refuses":          {faults: ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Refusing}}},
		"STOR is refused":           {faults: answering("STOR", "550 Permission denied.\r\n"), commands: []string{"STOR"}},
		"STOR ends the session":     {faults: answering("STOR", "421 Bye.\r\n"), commands: []string{"STOR"}},
		"STOR fails in the end":     {faults: ftptest.Faults{Final: "451 Disk error.\r\n"}, commands: []string{"STOR"}},
		"RETR is refused":           {faults: answering("RETR", "550 No.\r\n"), commands: []string{"STOR", "RETR"}},
		"LIST is refused":           {faults: answering("LIST", "550 No.\r\n"), commands: []string{"STOR", "RETR", "LIST"}},
		"DELE is refused":           {faults: answering("DELE", "550 Permission denied.\r\n"), commands: []string{"STOR", "RETR", "LIST", "LIST"}, left: true, files: 1},
		"RETR ends the session":     {faults: answering("RETR", "421 Bye.\r\n"), commands: []string{"STOR", "RETR"}, left: true},
		"closed after LIST":         {faults: ftptest.Faults{CloseAfter: "LIST"}, commands: []string{"STOR", "RETR", "LIST"}, left: true},
		"no close_notify":           {faults: ftptest.Faults{NoCloseNotify: true}, commands: []string{"STOR", "RETR", "LIST", "LIST"}},
		"the handshake comes first": {faults: ftptest.Faults{HandshakeFirst: true}, commands: []string{"STOR", "RETR", "LIST", "LIST"}},
		"sessions must be resumed":  {faults: ftptest.Faults{ReuseDemanded: true}, commands: []string{"STOR", "RETR", "LIST", "LIST"}},
		"tickets run out":           {faults: ftptest.Faults{ReuseDemanded: true, TicketUses: 1}, commands: []string{"STOR", "RETR"}},
		"tickets are good for two":  {faults: ftptest.Faults{ReuseDemanded: true, TicketUses: 2}, commands: []string{"STOR", "RETR", "LIST", "LIST"}},
		"PROT P is required":        {clear: true, faults: ftptest.Faults{ProtRequired: "521 PROT P required\r\n"}, commands: []string{"STOR"}},
		"data in clear":             {faults: ftptest.Faults{DataPlain: true}, commands: []string{"STOR"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			protection := Explicit
			if test.clear {
				protection = Clear
			}
			server := &ftptest.Server{TLS: serverTLS(), Faults: test.faults}
			machine, length := onThisMachine(), patience
			if test.faults.DataPlain { // both ends wait for each other
				length = briefly
			}
			o := withTLS(options(machine, length), protection)
			withClient(t, machine, o, start(t, server).Addr, func(c *Client) {
				aids := aidsOf(o, server.Addr)
				series := c.Series(t.Context())
				assert.Equal(t, test.commands, transfers(series))
				assert.Equal(t, test.left, series.Left)
				if !series.Transfers[0].Worked() {
					assert.Nil(t, series.Modified, "nothing was stored")
				} else if series.Removed != nil {
					assert.Equal(t, 213, series.Modified.Reply.Code)
				}
				if series.Left && series.Removed == nil {
					assert.False(t, c.Ready(), "or it could have removed it")
					another := aids.Session(t.Context(), "removal")
					another.Remove(t.Context(), &series)
					another.Close()
				}
				assert.Equal(t, test.files, server.Counts().Files)
			})
		})
	}
}

// A server that has made the file and then says nothing, or ends, has it still.
func TestSeriesWithoutReplyToSTOR(t *testing.T) {
	for name, reply := range map[string]string{"silent": "", "closed": "cut ", "no reply": "what?\r\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.replies["STOR"] = reply
				n.files["made"] = ""
				onNetwork(t, n, Clear, func(c *Client, aids Aids) {
					series := c.Series(t.Context())
					assert.True(t, series.Left, "it may have been made")
					n.keep(series.File, new(""))
					another := aids.Session(t.Context(), "removal")
					another.Remove(t.Context(), &series)
					another.Close()
					assert.False(t, series.Left)
				})
				assert.Equal(t, []string{"made"}, slices.Collect(maps.Keys(n.files)))
			})
		})
	}
}

// The data connection of an upload breaks, at whatever byte: the file is removed.
func TestUploadThatBreaks(t *testing.T) {
	for name, protection := range map[string]Protection{"in clear": Clear, "over TLS": Explicit} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				dial := w.dial
				w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
					conn, err := dial(ctx, to)
					if to != n.control() && err == nil {
						conn = &unwritable{Conn: conn, after: map[Protection]int{Clear: 0, Explicit: 2}[protection]}
					}
					return conn, err
				}
				n.tls = serverTLS()
				o := withTLS(options(w, wait), protection)
				withClient(t, w, o, n.control(), func(c *Client) {
					series := c.Series(t.Context())
					require.Len(t, series.Transfers, 1)
					assert.Equal(t, "STOR", series.Transfers[0].Transfer.Command)
					fails(series.Transfers[0].Transfer.Fault, "data", probes.Reset)(t)
					assert.Empty(t, series.Transfers[0].Transfer.End)
					assert.True(t, series.Removed.Done())
					assert.False(t, series.Left)
				})
				assert.Empty(t, n.files)
				n.running.Wait()
			})
		})
	}
}

// unwritable is a connection that is reset after so many writes.
type unwritable struct {
	net.Conn
	after int
}

func (u *unwritable) Write(p []byte) (int, error) {
	if u.after--; u.after < 0 {
		return 0, syscall.ECONNRESET
	}
	return u.Conn.Write(p)
}

// An upload over TLS is ended with close_notify, without which the server may take it for cut off (RFC 8446 §6.1).
func TestUploadEndsWithCloseNotify(t *testing.T) {
	for name, version := range map[string]uint16{"TLS 1.2": tls.VersionTLS12, "TLS 1.3": tls.VersionTLS13} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				n.tls = serverTLS()
				n.tls.MaxVersion = version
				withClient(t, w, withTLS(options(w, wait), Explicit), n.control(), func(c *Client) {
					series := c.Series(t.Context())
					assert.Equal(t, []string{"STOR", "RETR", "LIST", "LIST"}, transfers(series))
					assert.True(t, n.notified)
				})
				assert.Empty(t, n.files)
				n.running.Wait()
			})
		})
	}
}

// A server may close with data of ours unread, or we with tickets of its own: over and over, the file arrives whole.
func TestManyUploads(t *testing.T) {
	server := &ftptest.Server{TLS: serverTLS()}
	onServer(t, server, Explicit, func(c *Client, _ Aids) {
		for range 50 {
			series := c.Series(t.Context())
			require.Len(t, series.Transfers, 4)
			assert.Equal(t, series.Transfers[0].Transfer.Bytes, series.Transfers[1].Transfer.Bytes)
			assert.True(t, series.Transfers[3].Worked())
		}
		assert.Zero(t, server.Counts().Files)
	})
}

// Whenever a series is ended, nothing stays open, and what may be left on the server is said.
func TestSeriesIsCancelled(t *testing.T) {
	for n, total := 0, 1; n < total; n++ {
		synctest.Test(t, func(t *testing.T) {
			network := healthy()
			w := onFake(network)
			network.tls = serverTLS()
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			client := open(ctx, withTLS(options(w, wait), Explicit), "transfers", network.control())
			happened := atEvent(w, n, cancel)
			series := client.Series(ctx)
			assert.Zero(t, time.Since(network.start), "cancelled at event %d", n)
			client.Close()
			assert.Empty(t, w.stillOpen(), "cancelled at event %d", n)
			if n == 0 {
				total = happened()
			}
			network.running.Wait()
			if len(network.files) > 0 {
				assert.True(t, series.Left, "cancelled at event %d", n)
			}
		})
	}
}

func TestHold(t *testing.T) {
	const idle = time.Minute
	for name, test := range map[string]struct {
		change func(*internet)
		code   int
		fault  string
		kind   probes.Kind
		took   time.Duration
	}{
		"it lives":              {func(*internet) {}, 200, "", "", idle},
		"PASV in EPSV's place":  {func(n *internet) { n.replies["EPSV"] = "500 what?\r\n" }, 200, "", "", idle},
		"it is dead":            {func(n *internet) { n.replies["NOOP"] = "" }, 0, "NOOP", probes.Timeout, idle + wait},
		"it is closed":          {func(n *internet) { n.replies["NOOP"] = "cut " }, 0, "NOOP", probes.Closed, idle},
		"it is over":            {func(n *internet) { n.replies["NOOP"] = "421 idle for too long\r\n" }, 421, "", "", idle},
		"no port":               {func(n *internet) { n.replies["EPSV"], n.replies["PASV"] = "500 no\r\n", "500 no\r\n" }, 0, "PASV", probes.Negative, 0},
		"a silent command":      {func(n *internet) { n.replies["EPSV"] = "" }, 0, "EPSV", probes.Timeout, wait},
		"a silent port":         {func(n *internet) { n.silent["EPSV"] = true }, 0, "data connection", probes.Timeout, wait},
		"a word meanwhile":      {saysUnasked(30*time.Second, "421 idle for too long\r\n"), 421, "", "", 30 * time.Second},
		"its end meanwhile":     {saysUnasked(30*time.Second, "cut "), 0, "idle", probes.Closed, 30 * time.Second},
		"a word just before it": {saysUnasked(idle-time.Nanosecond, "421 idle\r\n"), 421, "", "", idle - time.Nanosecond},
	} {
		for _, protection := range []Protection{Clear, Explicit} {
			t.Run(strings.TrimSpace(name+" "+string(protection)), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					n := healthy()
					test.change(n)
					onNetwork(t, n, protection, func(c *Client, _ Aids) {
						hold := c.Hold(t.Context(), idle, false)
						assert.Equal(t, test.took, time.Since(n.start))
						assert.Equal(t, probes.Millis(idle), hold.For)
						if test.fault != "" {
							fails(hold.Fault, test.fault, test.kind)(t)
							assert.Nil(t, hold.Reply)
							return
						}
						assert.Nil(t, hold.Fault)
						assert.Equal(t, test.code, hold.Reply.Code)
						assert.Equal(t, test.code != 421, c.Ready())
					})
				})
			})
		}
	}
}

// saysUnasked is a server that says something unasked, some time after it was asked for a port.
func saysUnasked(after time.Duration, text string) func(*internet) {
	return func(n *internet) {
		n.unasked = func(s *serving) {
			n.running.Go(func() {
				time.Sleep(after)
				if !s.say(text) {
					_ = s.conn.Close()
				}
			})
		}
	}
}

// A middlebox that resets an idle control connection.
func TestHoldIsReset(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		w := onFake(n)
		dial := w.dial
		w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			conn, err := dial(ctx, to)
			return &resettable{Conn: conn, word: "NOOP"}, err
		}
		withClient(t, w, options(w, wait), n.control(), func(c *Client) {
			hold := c.Hold(t.Context(), time.Minute, false)
			fails(hold.Fault, "NOOP", probes.Reset)(t)
			assert.Equal(t, time.Minute, time.Since(n.start))
		})
		n.running.Wait()
	})
}

// The same with a real server that cuts off an idle client.
func TestHoldAtAServer(t *testing.T) {
	for name, test := range map[string]struct {
		faults ftptest.Faults
		idle   time.Duration
		look   func(*testing.T, Hold)
	}{
		"it lives": {ftptest.Faults{}, 20 * time.Millisecond, func(t *testing.T, h Hold) { assert.Equal(t, 200, h.Reply.Code) }},
		"421": {ftptest.Faults{IdleCut: 20 * time.Millisecond, IdleReply: "421 Timeout.\r\n"}, patience, func(t *testing.T, h Hold) {
			assert.Equal(t, 421, h.Reply.Code)
		}},
		"forgotten": {ftptest.Faults{IdleCut: 20 * time.Millisecond}, 100 * time.Millisecond, func(t *testing.T, h Hold) {
			fails(h.Fault, "NOOP", probes.Timeout)(t)
			assert.Nil(t, h.Reply)
		}},
	} {
		for _, protection := range []Protection{Clear, Explicit} {
			t.Run(strings.TrimSpace(name+" "+string(protection)), func(t *testing.T) {
				t.Parallel()
				server := start(t, &ftptest.Server{TLS: serverTLS(), Faults: test.faults})
				w := onThisMachine()
				withClient(t, w, withTLS(options(w, briefly), protection), server.Addr, func(c *Client) {
					test.look(t, c.Hold(t.Context(), test.idle, false))
				})
			})
		}
	}
}

func TestHoldIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		onNetwork(t, n, Clear, func(c *Client, _ Aids) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Second)
			defer cancel()
			hold := c.Hold(ctx, time.Hour, false)
			assert.Equal(t, time.Second, time.Since(n.start))
			assert.Equal(t, probes.Interrupted, hold.Fault.Kind)
		})
	})
}
