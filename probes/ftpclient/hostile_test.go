package ftpclient

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// wait is the longest wait for one network event in fake time.
const wait = 10 * time.Second

// tryFake tries the server of a fake network in fake time, and asserts that nothing runs on.
func tryFake(t *testing.T, f *fake, change func(*Options), look func(t *testing.T, r Result, w *watched)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := &watched{dial: f.dial}
		o := options(w, server, wait)
		if change != nil {
			change(&o)
		}
		r := tryOn(t.Context(), t, w, o)
		assertJSON(t, r, o.Password)
		look(t, r, w)
		if f.data != nil {
			_ = f.data.Close()
		}
		f.running.Wait()
	})
}

func TestSilence(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*fake)
		step   string
		took   time.Duration
	}{
		"no greeting":               {func(f *fake) { f.greeting = "" }, "connect", wait},
		"an SSH server's greeting":  {func(f *fake) { f.greeting = "SSH-2.0-OpenSSH_9.9\r\n" }, "connect", wait}, // taken for one of many lines
		"half a line of a greeting": {func(f *fake) { f.greeting = "220-Hello.\r\n22" }, "connect", 2 * wait},    // taken for a line
		"after USER":                {silentAfter("USER"), "login", wait},
		"after PASS":                {silentAfter("PASS"), "login", wait},
		"after the login":           {silentAfter("FEAT"), "login", wait},
		"after EPSV":                {func(f *fake) { f.silent, f.replies = true, map[string]string{"EPSV": ""} }, "list", 2 * wait},
		"after EPSV and after PASV": {silentAfter("EPSV", "PASV"), "list", 2 * wait},
		"data port":                 {func(f *fake) { f.silent = true }, "list", wait},
		"after LIST":                {silentAfter("LIST"), "list", wait},
		"no final reply":            {func(f *fake) { f.final = "" }, "list", wait},
		"data connection and after": {func(f *fake) { f.listing, f.final = until(2*wait), "" }, "list", 2 * wait},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			test.change(f)
			tryFake(t, f, nil, func(t *testing.T, r Result, _ *watched) {
				fails(t, r, test.step, probes.Timeout)
				assert.Equal(t, probes.Millis(test.took), r.Took)
				assert.Equal(t, test.step == "list", r.LoggedIn)
			})
		})
	}
}

func silentAfter(commands ...string) func(*fake) {
	return func(f *fake) {
		f.replies = map[string]string{}
		for _, command := range commands {
			f.replies[command] = ""
		}
	}
}

// until is a listing that does not come for a time.
func until(d time.Duration) func(net.Conn) { return func(net.Conn) { time.Sleep(d) } }

// A server that always says something, in time for every single wait, does not keep us for more than the total.
func TestDripsFewerBytesThanItTakes(t *testing.T) {
	f := newFake()
	f.listing = func(data net.Conn) {
		for {
			time.Sleep(wait * 9 / 10)
			if _, err := data.Write([]byte("x")); err != nil {
				return
			}
		}
	}
	tryFake(t, f, nil, func(t *testing.T, r Result, _ *watched) {
		fails(t, r, "list", probes.Timeout)
		assert.Equal(t, probes.Millis(maxWaits*wait), r.Took)
		assert.Equal(t, maxWaits, r.Dialed[1].Bytes)
	})
}

// The target's deadline is none of the network's doing, but a Wait that it cuts short would look like silence.
func TestDeadlineOfTheCaller(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := newFake()
		f.greeting = ""
		w := &watched{dial: f.dial}
		ctx, cancel := context.WithTimeout(t.Context(), wait/2)
		defer cancel()
		r := tryOn(ctx, t, w, options(w, server, wait))
		fails(t, r, "connect", probes.Interrupted)
		assert.Equal(t, probes.Millis(wait/2), r.Took)
		f.running.Wait()
	})
}

// atEvent calls f once, at the n-th thing that happens on the network.
func atEvent(w *watched, n int, f func()) (happened func() int) {
	var mu sync.Mutex
	events := 0
	w.each = func() {
		mu.Lock()
		defer mu.Unlock()
		if events++; events == n {
			f()
		}
	}
	return func() int {
		mu.Lock()
		defer mu.Unlock()
		return events
	}
}

// Whenever the user loses patience, it ends at once, nothing stays open, nothing runs on, and nothing is said of the network.
func TestCancelledAtEachEvent(t *testing.T) {
	cancelledAt := func(n int) (events int) {
		synctest.Test(t, func(t *testing.T) {
			f := newFake()
			w := &watched{dial: f.dial}
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			happened := atEvent(w, n, cancel)
			r := tryOn(ctx, t, w, options(w, server, wait))
			assert.Zero(t, r.Took, "cancelled at event %d, which was not noticed", n)
			if !r.Listed {
				fails(t, r, r.Fault.Step, probes.Interrupted)
			}
			if f.data != nil {
				_ = f.data.Close()
			}
			f.running.Wait()
			events = happened()
		})
		return events
	}
	total := cancelledAt(0)
	require.Greater(t, total, 15)
	for n := 1; n <= total; n++ {
		cancelledAt(n)
	}
}

func TestCancelledAtEachEventOfTLS(t *testing.T) {
	s := start(t, &ftptest.Server{TLS: serverTLS()})
	cancelledAt := func(n int) (events int) {
		w := onThisMachine()
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		happened := atEvent(w, n, cancel)
		o := options(w, s.Addr, patience)
		o.TLS = clientTLS()
		if r := tryOn(ctx, t, w, o); !r.Listed {
			fails(t, r, r.Fault.Step, probes.Interrupted)
		}
		return happened()
	}
	total := cancelledAt(0)
	require.Greater(t, total, 20)
	for n := 1; n <= total; n++ {
		cancelledAt(n)
	}
}

// A silence that the user ends.
func TestCancelledInSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, change := range []func(*fake){
			func(f *fake) { f.greeting = "" }, silentAfter("PASS"), func(f *fake) { f.silent = true }, func(f *fake) { f.final = "" },
		} {
			f := newFake()
			change(f)
			w := &watched{dial: f.dial}
			ctx, cancel := context.WithCancel(t.Context())
			time.AfterFunc(wait/3, cancel)
			r := tryOn(ctx, t, w, options(w, server, wait))
			fails(t, r, r.Fault.Step, probes.Interrupted)
			assert.Equal(t, probes.Millis(wait/3), r.Took)
			f.running.Wait()
		}
	})
}

// Where the server sends the library: it goes to the control connection's address, or nowhere.
func TestWhereTheLibraryIsSent(t *testing.T) {
	for name, test := range map[string]struct {
		pasv   string
		follow bool
		to     string // empty where it is not dialled
		kind   probes.Kind
		asked  string
	}{
		"to itself":                        {"(192,0,2,1,0,22)", false, "192.0.2.1:22", "", ""},
		"to a private address":             {"(10,0,0,1,0,22)", false, "192.0.2.1:22", "", ""},
		"to a private address, followed":   {"(10,0,0,1,0,22)", true, "192.0.2.1:22", "", ""},
		"to this machine, followed":        {"(127,0,0,1,0,22)", true, "192.0.2.1:22", "", ""},
		"to a stranger":                    {"(198,51,100,1,0,22)", false, "192.0.2.1:22", "", ""},
		"to a stranger, followed":          {"(198,51,100,1,0,22)", true, "198.51.100.1:22", "", ""},
		"to any of our addresses":          {"(0,0,0,0,0,22)", false, "192.0.2.1:22", "", ""},
		"to any of our addresses, follows": {"(0,0,0,0,0,22)", true, "", probes.Withheld, ""},
		"to a name":                        {"(www,evil,example,com,0,22)", false, "192.0.2.1:22", "", ""},
		"to a name, followed":              {"(www,evil,example,com,0,22)", true, "", probes.Malformed, "www.evil.example.com:22"},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFake()
			f.replies = map[string]string{"EPSV": "500 No.\r\n", "PASV": "227 " + test.pasv + "\r\n"}
			tryFake(t, f, func(o *Options) { o.FollowPASV = test.follow }, func(t *testing.T, r Result, w *watched) {
				require.Len(t, r.Dialed, 2)
				assert.Equal(t, test.asked, r.Dialed[1].Asked)
				if test.to == "" {
					assert.Equal(t, []netip.AddrPort{server}, w.to)
					assert.Equal(t, test.kind, r.Dialed[1].Fault.Kind)
					fails(t, r, "list", test.kind)
					return
				}
				assert.Equal(t, []netip.AddrPort{server, netip.MustParseAddrPort(test.to)}, w.to)
				assert.True(t, r.Listed)
				assert.Equal(t, 1, r.Entries)
			})
		})
	}
}

// However the library comes to ask for another address, it is not dialled.
func TestAddressThatIsNotTheServers(t *testing.T) {
	w := &watched{dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return play("", server), nil }}
	g := &guard{o: options(w, server, wait), user: t.Context(), ctx: t.Context()}
	_, err := g.dial("tcp", server.String())
	require.NoError(t, err)
	for address, kind := range map[string]probes.Kind{
		"192.0.2.2:22": probes.Withheld, "[::1]:22": probes.Withheld, "0.0.0.0:22": probes.Withheld, "localhost:22": probes.Malformed,
	} {
		_, err := g.dial("tcp", address)
		assert.True(t, probes.NewFault(t.Context(), "", err).Of(kind), address)
	}
	_, err = g.dial("tcp", "[::ffff:192.0.2.1]:22")
	require.NoError(t, err)
	assert.Equal(t, []netip.AddrPort{server, netip.MustParseAddrPort("192.0.2.1:22")}, w.to)
	require.Len(t, g.end(), 6)
}

// The library forgets the zone of a link-local address, and asks for what no kernel can connect to.
func TestZoneIsForgotten(t *testing.T) {
	linkLocal := netip.MustParseAddrPort("[fe80::1%eth0]:21")
	f := newFake()
	tryFake(t, f, func(o *Options) { o.To = linkLocal }, func(t *testing.T, r Result, w *watched) {
		assert.Equal(t, []netip.AddrPort{linkLocal, netip.MustParseAddrPort("[fe80::1]:22")}, w.to)
		assert.Nil(t, r.Fault)
	})
}

// Whatever the password looks like and wherever a server repeats it, no result has it, whole or in part.
func TestPasswordRepeatedAnywhere(t *testing.T) {
	for _, password := range []string{"hunter2", `back\slash"quote`, "Grüße", "日本語 password"} {
		for name, test := range map[string]struct{ command, reply string }{
			"refusal":            {"PASS", "530 No: %s.\r\n"},
			"end of a long line": {"PASS", "530 " + strings.Repeat("x", probes.MaxText-12) + "%s.\r\n"},
			"lines":              {"PASS", "530-%s\r\n %s\r\n530 %s\r\n"},
			"no reply":           {"PASS", "%s\r\n"},
			"refused settings":   {"TYPE", "504 %s\r\n"},
			"port":               {"PASV", "227 (1,2,3,4,%s,5)\r\n"},
			"address":            {"PASV", "227 (%s,2,3,4,0,5)\r\n"},
			"listing":            {"LIST", "550 %s\r\n"},
		} {
			for _, echo := range []string{password, latin1(password), strings.ToUpper(password)} {
				f := newFake()
				f.replies = map[string]string{"EPSV": "500 No.\r\n", test.command: strings.ReplaceAll(test.reply, "%s", echo)}
				tryFake(t, f, func(o *Options) { o.Password, o.FollowPASV = password, true }, func(t *testing.T, r Result, _ *watched) {
					told := fmt.Sprintf("%v %+v", r.Fault, r.Dialed)
					assert.Contains(t, told, "***", "%s, %q", name, echo)
					assert.NotContains(t, told, echo[:4], "%s, %q", name, echo)
				})
			}
		}
	}
}

func TestPasswordThatIsNoSecret(t *testing.T) {
	f := newFake()
	f.replies = map[string]string{"PASS": "530 hunter2?\r\n"}
	synctest.Test(t, func(t *testing.T) {
		w := &watched{dial: f.dial}
		o := options(w, server, wait)
		o.Secret = false
		r := Try(t.Context(), o)
		assert.Contains(t, r.Fault.Message, "hunter2?")
		f.running.Wait()
	})
}

func FuzzServer(f *testing.F) {
	const welcome = "220 Hello.\r\n331 Password?\r\n230 Welcome.\r\n211 End\r\n200 OK.\r\n"
	f.Add(welcome+"229 Here (|||22|)\r\n150 Coming.\r\n226 Done.\r\n", line)
	f.Add(welcome+"500 No.\r\n227 oops )(\r\n", "")
	f.Add(welcome+"500 No.\r\n227 (1,2,3,4,5,6)\r\n150 Coming.\r\n226 Done.\r\n", "type=dir;modify=20260101000000; x\r\n")
	f.Fuzz(func(t *testing.T, control, data string) {
		w := &watched{}
		w.dial = func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
			if len(w.to) == 1 {
				return play(control, to), nil
			}
			return play(data, to), nil
		}
		o := options(w, server, time.Minute)
		o.Password = "S3cr3t-of-ours"
		tryOn(t.Context(), t, w, o)
		for _, to := range w.to {
			assert.Equal(t, server.Addr(), to.Addr())
		}
	})
}
