package ftp

import (
	"context"
	"net"
	"net/netip"
	"runtime"
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

// caller is a connection that somebody makes to our listener: at a time, from an address; what it brings.
type caller struct {
	at     time.Duration
	from   string
	brings string
}

// expect makes the callers, and nobody else, connect to our listeners.
func (n *internet) expect(t *testing.T, callers ...caller) func(context.Context, netip.AddrPort) (net.Listener, error) {
	return func(ctx context.Context, on netip.AddrPort) (net.Listener, error) {
		l, err := n.listen(ctx, on)
		require.NoError(t, err)
		for _, c := range callers {
			n.running.Go(func() {
				select {
				case <-time.After(c.at):
				case <-l.(*listener).closed:
					return
				}
				ours, theirs := newWire(l.(*listener).on, netip.MustParseAddrPort(c.from))
				select {
				case l.(*listener).conns <- ours:
				case <-l.(*listener).closed:
					return
				}
				_, _ = theirs.Write([]byte(c.brings))
				if c.brings != "" {
					_ = theirs.Close()
				}
			})
		}
		return l, nil
	}
}

// Who connects to our listener: the server, the server from another of its addresses, or anybody else.
func TestWhoConnects(t *testing.T) {
	const server, sibling, stranger = "203.0.113.7:20", "203.0.113.8:20", "192.0.2.66:4242"
	many := func(n int, then ...caller) []caller {
		var all []caller
		for i := range n {
			all = append(all, caller{time.Duration(i) * time.Millisecond, netip.AddrPortFrom(netip.MustParseAddr("192.0.2.66"), uint16(1000+i)).String(), ""})
		}
		return append(all, then...)
	}
	for name, test := range map[string]struct {
		callers []caller
		reply   string // in place of 150
		from    string
		others  int
		works   bool
		took    time.Duration
	}{
		"the server":                        {[]caller{{0, server, "x"}}, "150 ok\r\n226 done\r\n", server, 0, true, 0},
		"a stranger, then the server":       {[]caller{{0, stranger, ""}, {time.Millisecond, server, "x"}}, "150 ok\r\n226 done\r\n", server, 1, true, time.Millisecond},
		"a stranger, the server just late":  {[]caller{{0, stranger, ""}, {999 * time.Millisecond, server, "x"}}, "150 ok\r\n226 done\r\n", server, 1, true, 999 * time.Millisecond},
		"a stranger late, then the server":  {[]caller{{5 * time.Second, stranger, ""}, {5500 * time.Millisecond, server, "x"}}, "150 ok\r\n226 done\r\n", server, 1, true, 5500 * time.Millisecond},
		"the server from another address":   {[]caller{{0, sibling, "x"}}, "150 ok\r\n226 done\r\n", sibling, 0, true, time.Second},
		"a stranger alone":                  {[]caller{{0, stranger, ""}}, "", "", 1, false, wait},
		"a stranger alone, after 150":       {[]caller{{0, stranger, ""}}, "150 ok\r\n", "", 1, false, wait + 2*time.Second},
		"a stranger alone, and 425":         {[]caller{{0, stranger, ""}}, "425 no\r\n", "", 1, false, 0},
		"some strangers":                    {many(8), "150 ok\r\n", "", 8, false, -1},
		"many strangers, then the server":   {many(7, caller{100 * time.Millisecond, server, "x"}), "150 ok\r\n226 done\r\n", server, 7, true, 100 * time.Millisecond},
		"more strangers than one can count": {many(30), "150 ok\r\n", "", maxOthers, false, -1},
		"nobody":                            {nil, "150 ok\r\n", "", 0, false, wait + time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				w.listen = n.expect(t, test.callers...)
				n.replies["LIST"] = test.reply
				o := options(w, wait)
				withClient(t, w, o, n.control(), func(c *Client) {
					a := c.AttemptActive(t.Context(), "PORT", InClear)
					took := time.Since(n.start)
					assert.Equal(t, InClear, a.Variant)
					assert.Len(t, a.Others, test.others)
					assert.NotContains(t, a.Others, netip.MustParseAddrPort(server))
					assert.Equal(t, test.works, a.Worked(), "%v %v", a.Fault, a.Transfer)
					if test.took >= 0 {
						assert.InDelta(t, test.took, took, float64(time.Millisecond)) // in which dropped packets are counted
					}
					if test.from == "" {
						assert.False(t, a.From.IsValid())
						assert.Equal(t, "data connection", a.Fault.Step)
						return
					}
					assert.Equal(t, test.from, a.From.String())
					assert.Nil(t, a.Fault)
				})
				n.running.Wait()
			})
		})
	}
}

// The same on this machine: a stranger is at our listener before the server.
func TestStrangerFirst(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("not an address of this machine")
	}
	for name, from := range map[string]netip.AddrPort{"the server from its address": {}, "from another": netip.MustParseAddrPort("127.0.0.3:0")} {
		for _, protection := range []Protection{Clear, Explicit} {
			t.Run(strings.TrimSpace(name+" "+string(protection)), func(t *testing.T) {
				t.Parallel()
				w := onThisMachine()
				listen := w.listen
				var strangers []net.Conn
				w.listen = func(ctx context.Context, on netip.AddrPort) (net.Listener, error) {
					l, err := listen(ctx, on)
					require.NoError(t, err)
					dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(netip.MustParseAddrPort("127.0.0.2:0"))}
					conn, err := dialer.DialContext(ctx, "tcp", l.Addr().String())
					require.NoError(t, err)
					strangers = append(strangers, conn)
					return l, nil
				}
				server := start(t, &ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{ConnectFrom: from}})
				withClient(t, w, withTLS(options(w, briefly), protection), server.Addr, func(c *Client) {
					a := c.AttemptActive(t.Context(), "PORT", InClear)
					for _, stranger := range strangers {
						_ = stranger.Close()
					}
					assert.Equal(t, netip.MustParseAddr("127.0.0.2"), a.Others[0].Addr())
					if !from.IsValid() {
						assert.True(t, a.Worked(), "%v %v", a.Fault, a.Transfer)
						assert.Equal(t, server.Addr.Addr(), a.From.Addr())
						assert.Len(t, a.Others, 1)
						return
					}
					assert.False(t, a.Worked(), "the first of two strangers is taken for the server")
					assert.False(t, a.From.IsValid())
					assert.Len(t, a.Others, 2)
				})
			})
		}
	}
}

func TestAttemptActive(t *testing.T) {
	for family, addr := range loopbacks {
		for _, protection := range []Protection{Clear, Explicit} {
			t.Run(strings.TrimSpace(family+" "+string(protection)), func(t *testing.T) {
				server := &ftptest.Server{Addr: addr, TLS: serverTLS()}
				onServer(t, server, protection, func(c *Client, _ Aids) {
					a := c.AttemptActive(t.Context(), "EPRT", OverTLS)
					assert.True(t, a.Worked(), "%v", a.Transfer)
					assert.Equal(t, "EPRT", a.Command)
					assert.Equal(t, OverTLS, a.Variant)
					assert.Equal(t, protection != Clear, a.OverTLS)
					assert.Equal(t, protection != Clear, a.Transfer.Secured)
					assert.Empty(t, a.Others)
				})
			})
		}
	}
}

func TestAttemptActiveThatFails(t *testing.T) {
	onServer(t, &ftptest.Server{Faults: answering("PORT", "500 No.\r\n")}, Clear, func(c *Client, _ Aids) {
		a := c.AttemptActive(t.Context(), "PORT", OverTLS)
		fails(a.Fault, "PORT", probes.Negative)(t)
		assert.Equal(t, OverTLS, a.Variant)
		c.session.o.Host.Listen = func(context.Context, netip.AddrPort) (net.Listener, error) { return nil, syscall.EADDRNOTAVAIL }
		a = c.AttemptActive(t.Context(), "PORT", OverTLS)
		fails(a.Fault, "listen", probes.NoAddress)(t)
		assert.Equal(t, OverTLS, a.Variant)
	})
}

// An address of the user's choice is announced with the port of our own listener.
func TestActiveAddress(t *testing.T) {
	forwarded := netip.MustParseAddr("203.0.113.1")
	for name, seenAs := range map[string]netip.Addr{"the server knows it": forwarded, "the server knows another": {}} {
		t.Run(name, func(t *testing.T) {
			w := onThisMachine()
			var on []netip.AddrPort
			listen := w.listen
			w.listen = func(ctx context.Context, at netip.AddrPort) (net.Listener, error) {
				l, err := listen(ctx, at)
				if err == nil {
					on = append(on, probes.AddrPortOf(l.Addr()))
				}
				return l, err
			}
			o := options(w, briefly)
			o.ActiveAddress = forwarded
			server := start(t, &ftptest.Server{DataWait: 50 * time.Millisecond, Faults: ftptest.Faults{SeenAs: seenAs, NeverConnect: true}})
			withClient(t, w, o, server.Addr, func(c *Client) {
				a := c.Active(t.Context(), func(context.Context) *Client { return nil })
				require.Len(t, on, 1)
				assert.True(t, on[0].Addr().IsLoopback())
				for _, attempt := range a.Attempts {
					assert.Equal(t, netip.AddrPortFrom(forwarded, on[0].Port()), attempt.Announced)
				}
				if seenAs.IsValid() {
					assert.Equal(t, 200, a.Attempts[0].Reply.Code)
					fails(a.Attempts[0].Fault, "data connection", probes.Negative)(t)
					return
				}
				require.Len(t, a.Attempts, 2)
				fails(a.Attempts[1].Fault, "EPRT", probes.Negative)(t)
			})
		})
	}
}

// Of the ports that the user allows, the first that is free is taken.
func TestActivePorts(t *testing.T) {
	for name, test := range map[string]struct {
		ports [2]uint16
		taken []uint16
		want  uint16
		tried int
	}{
		"any":                  {[2]uint16{}, nil, 0, 1},
		"one":                  {[2]uint16{50000, 50000}, nil, 50000, 1},
		"the first is taken":   {[2]uint16{50000, 50003}, []uint16{50000}, 50001, 2},
		"some are taken":       {[2]uint16{50000, 50003}, []uint16{50000, 50001, 50002}, 50003, 4},
		"all are taken":        {[2]uint16{50000, 50001}, []uint16{50000, 50001}, 0, 2},
		"one, which is taken":  {[2]uint16{50000, 50000}, []uint16{50000}, 0, 1},
		"the last of all":      {[2]uint16{65534, 65535}, []uint16{65534, 65535}, 0, 2},
		"the last before zero": {[2]uint16{65535, 65535}, nil, 65535, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				var tried []uint16
				w.listen = func(_ context.Context, on netip.AddrPort) (net.Listener, error) {
					tried = append(tried, on.Port())
					if slices.Contains(test.taken, on.Port()) {
						return nil, syscall.EADDRINUSE
					}
					l := &listener{on: on, conns: make(chan net.Conn, 1), closed: make(chan struct{})}
					n.mu.Lock()
					defer n.mu.Unlock()
					n.listeners[on.Port()] = l
					return l, nil
				}
				o := options(w, wait)
				o.ActivePorts = test.ports
				withClient(t, w, o, n.control(), func(c *Client) {
					a := c.Active(t.Context(), func(context.Context) *Client { return nil })
					assert.Len(t, tried, test.tried)
					if slices.Contains(test.taken, tried[len(tried)-1]) {
						assert.Equal(t, "listen", a.Fault.Step)
						assert.Empty(t, a.Attempts)
						return
					}
					assert.Nil(t, a.Fault)
					assert.True(t, a.Attempts[0].Worked())
					assert.Equal(t, test.want, a.Attempts[0].Announced.Port())
				})
				n.running.Wait()
			})
		})
	}
}

// A port that is in use on this machine is passed over.
func TestActivePortInUse(t *testing.T) {
	server := start(t, &ftptest.Server{})
	held, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = held.Close() }()
	first := probes.AddrPortOf(held.Addr()).Port()
	w := onThisMachine()
	o := options(w, patience)
	o.ActivePorts = [2]uint16{first, min(first, 65500) + 30}
	withClient(t, w, o, server.Addr, func(c *Client) {
		for range 3 { // and the same port serves again
			a := c.AttemptActive(t.Context(), "PORT", InClear)
			require.True(t, a.Worked(), "%v", a.Fault)
			assert.Greater(t, a.Announced.Port(), first)
		}
	})
}
