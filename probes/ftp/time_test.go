package ftp

import (
	"context"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// wait is the longest wait for one network event in fake time.
const wait = 10 * time.Second

// measureFake measures the server of a fake network, and asserts that nothing stays open and nothing runs on.
func measureFake(t *testing.T, n *internet, change func(*Options)) (m measured, took time.Duration) {
	t.Helper()
	w := onFake(n)
	o := withTLS(options(w, wait), Clear)
	o.Start = n.start
	if change != nil {
		change(&o)
	}
	m = measure(t.Context(), o, n.control())
	took = time.Since(n.start)
	assert.Empty(t, w.stillOpen())
	assertJSON(t, m)
	n.running.Wait()
	return m, took
}

func TestHealthyInFakeTime(t *testing.T) {
	for name, network := range map[string]func() *internet{"IPv4": healthy, "IPv6": func() *internet { return healthy().overIPv6() }} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				m, took := measureFake(t, network(), nil)
				passiveWorks(t, m)
				activeWorks(t, m)
				assert.Zero(t, took, "nothing waits for what is there")
			})
		})
	}
}

// silentNetwork is one with silent ports.
func silentNetwork(ports ...string) *internet {
	n := healthy()
	for _, port := range ports {
		n.silent[port] = true
	}
	return n
}

// Both data ports of passive mode are silent: however many there are, one wait is enough.
func TestSilentPassivePorts(t *testing.T) {
	const short, tiny = 3 * time.Second, 600 * time.Millisecond
	both := []string{"EPSV", "PASV"}
	for name, test := range map[string]struct {
		silent  []string
		wait    time.Duration
		refused bool // the server wants no second control connection
		pasvAt  string
		atMost  time.Duration
	}{
		"EPSV's alone":                {[]string{"EPSV"}, wait, false, "1.0s 2 PASV", wait},
		"both":                        {both, wait, false, "1.0s 2 PASV", wait * 6 / 5},
		"both, for a short wait":      {both, short, false, "1.0s 2 PASV", short * 6 / 5},
		"both, for a tiny wait":       {both, tiny, false, "0.2s 2 PASV", tiny * 6 / 5},
		"EPSV's alone, one at a time": {[]string{"EPSV"}, wait, true, "10.0s 1 PASV", wait * 6 / 5},
		"both, one at a time":         {both, wait, true, "10.0s 1 PASV", wait * 7 / 5},
		"both, one at a time, short":  {both, short, true, "3.0s 1 PASV", short * 7 / 5},
		"both, one at a time, tiny":   {both, tiny, true, "0.6s 1 PASV", tiny * 7 / 5},
		"and the control port":        {append(both, "control"), wait, false, "10.0s 1 PASV", wait * 7 / 5},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := silentNetwork(test.silent...)
				p := passiveOf(t, n, test.wait, test.refused)
				assert.LessOrEqual(t, time.Since(n.start), test.atMost)
				assert.Equal(t, probes.Millis(test.wait), p.EPSV.ConnectTook)
				assert.Contains(t, n.log, test.pasvAt)
				if len(test.silent) == 1 {
					assert.True(t, p.PASV.Worked())
					return
				}
				assert.False(t, p.PASV.Worked())
				fails(p.PASV.Fault, "data connection", probes.Timeout)(t)
			})
		})
	}
}

func TestSilentPassivePortOverIPv6(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := silentNetwork("EPSV").overIPv6()
		p := passiveOf(t, n, wait, false)
		assert.LessOrEqual(t, time.Since(n.start), wait*6/5)
		assert.Nil(t, p.PASV, "PASV has no room for an IPv6 address")
	})
}

// passiveOf tries passive mode alone; EPSV's port is silent.
func passiveOf(t *testing.T, n *internet, wait time.Duration, refused bool) Passive {
	t.Helper()
	w := onFake(n)
	o := options(w, wait)
	client := open(t.Context(), o, "passive", n.control())
	p := client.Passive(t.Context(), Aids{Session: func(ctx context.Context, purpose string) *Client {
		if refused {
			return nil
		}
		dialing, cancel := context.WithTimeout(ctx, time.Second) // soon, or not at all
		defer cancel()
		conn, err := o.Host.DialTCP(dialing, n.control())
		if err != nil {
			return nil
		}
		return Open(ctx, o, purpose, conn)
	}})
	fails(p.EPSV.Fault, "data connection", probes.Timeout)(t)
	assert.True(t, p.Alive.Done())
	assert.False(t, p.EPSV.Worked())
	client.Close()
	n.running.Wait()
	assert.Empty(t, w.stillOpen())
	return p
}

// The other control connection may take long to come up: PASV's port is tried all the same.
func TestPASVElsewhereOnASlowServer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := silentNetwork("EPSV")
		n.slow["PASS"] = 9500 * time.Millisecond
		m, _ := measureFake(t, n, func(o *Options) {
			dial := o.Host.Dial
			o.Host.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
				if to.Port() == port(2, "PASV") { // within the doubt
					time.Sleep(900 * time.Millisecond)
				}
				return dial(ctx, to)
			}
		})
		assert.True(t, m.Passive.PASV.Worked())
	})
}

func TestEPSVIsLateButComes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m, took := measureFake(t, healthy(), func(o *Options) {
			dial := o.Host.Dial
			o.Host.Dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
				if to.Port() == port(1, "EPSV") {
					time.Sleep(3 * time.Second)
				}
				return dial(ctx, to)
			}
		})
		assert.Equal(t, 3*time.Second, took)
		assert.True(t, m.Passive.EPSV.Worked())
		assert.Positive(t, m.Passive.EPSV.Transfer.Bytes)
		assert.True(t, m.Passive.PASV.Reply.Done())
		assert.False(t, m.Passive.PASV.Used.IsValid(), "what was tried meanwhile is moot")
		assert.Nil(t, m.Passive.Sampling)
		assert.Empty(t, m.Passive.Experiments, "both work in the end")
	})
}

func TestActiveThatNothingReaches(t *testing.T) {
	const short = 3 * time.Second
	for name, test := range map[string]struct {
		change       func(*internet)
		wait, active time.Duration
		took         time.Duration
		kind         probes.Kind
	}{
		"after 150":                  {func(*internet) {}, wait, 0, wait + time.Second, probes.Timeout},
		"after 150, short":           {func(*internet) {}, short, 0, short * 6 / 5, probes.Timeout},
		"after 150, not needed":      {func(*internet) {}, wait, short, short + time.Second, probes.Timeout},
		"without 150":                {func(n *internet) { n.replies["150"] = "" }, wait, 0, wait, probes.Timeout},
		"without 150, not needed":    {func(n *internet) { n.replies["150"] = "" }, wait, short, short, probes.Timeout},
		"425 after three seconds":    {func(n *internet) { n.replies["150"], n.slow["LIST"] = "425 no\r\n", short }, wait, 0, short, probes.Negative},
		"closed after three seconds": {func(n *internet) { n.replies["150"], n.slow["LIST"] = "cut ", short }, wait, 0, short, probes.Closed},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.deaf = true
				test.change(n)
				w := onFake(n)
				o := options(w, test.wait)
				o.ActiveWait = test.active
				aside := open(t.Context(), o, "passive", n.control())
				client := open(t.Context(), o, "active", n.control())
				a := client.Active(t.Context(), func(context.Context) *Client { return aside })
				assert.Equal(t, test.took, time.Since(n.start))
				client.Close()
				aside.Close()
				n.running.Wait()
				assert.Empty(t, w.stillOpen())
				require.Len(t, a.Attempts, 1)
				fails(a.Attempts[0].Fault, "data connection", test.kind)(t)
				assert.False(t, a.Attempts[0].From.IsValid())
				assert.Equal(t, n.ours, a.Seen)
				assert.Contains(t, n.log, "1.0s 1 STAT", "at the doubt, on the other control connection")
			})
		})
	}
}

// A server that speaks TLS from the first byte on waits for ours: it is asked for it at the doubt.
// forGreeting is how long a greeting is waited for: a little longer than for any other event.
const forGreeting = wait + time.Second

func TestImplicitTLSPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		n.tls, n.implicit = serverTLS(), true
		w := onFake(n)
		o := withTLS(options(w, wait), Clear)
		o.Experiment = true
		client := open(t.Context(), o, "passive", n.control())
		assert.Equal(t, forGreeting, time.Since(n.start))
		client.Close()
		n.running.Wait()
		assert.Empty(t, w.stillOpen())
		fails(client.Control.Fault, "greeting", probes.Timeout)(t)
		assert.Equal(t, "ready", client.Control.ImplicitTLS.Text)
		assert.Equal(t, probes.Millis(time.Second), client.Control.ImplicitTLS.At)
		assert.False(t, client.Control.SilentToTLS)
		assert.Equal(t, []probes.Experiment{{
			Variable: "first word", A: "none: wait for the greeting", OutcomeA: "timeout", B: "a TLS ClientHello", OutcomeB: "220 ready",
		}}, client.Control.Experiments)
		assert.Equal(t, "implicit TLS", client.Dialogues()[1].Purpose)
	})
}

func TestGreetingInTime(t *testing.T) {
	silence := func(conn net.Conn) { _, _ = io.Copy(io.Discard, conn) }
	for name, test := range map[string]struct {
		change func(*internet)
		took   time.Duration
		kind   probes.Kind // "" where it came
		look   func(*testing.T, Control)
	}{
		"none": {func(n *internet) { n.script = silence }, forGreeting, probes.Timeout, func(t *testing.T, c Control) {
			assert.True(t, c.SilentToTLS)
			require.Len(t, c.Experiments, 1)
			assert.Equal(t, probes.Outcome("timeout"), c.Experiments[0].OutcomeB)
		}},
		"none, and no second connection": {func(n *internet) { n.script, n.silent["control"] = silence, true }, forGreeting, probes.Timeout, func(t *testing.T, c Control) {
			assert.False(t, c.SilentToTLS)
			assert.Empty(t, c.Experiments)
		}},
		"late": {func(n *internet) { n.slow["greeting"] = 5 * time.Second }, 5 * time.Second, "", func(t *testing.T, c Control) {
			assert.Equal(t, probes.Millis(5*time.Second), c.GreetingTook)
			assert.Empty(t, c.Experiments, "there is no doubt left")
		}},
		"120 first": {func(n *internet) { n.replies["greeting"] = "120 soon\r\n220 now\r\n" }, 0, "", func(t *testing.T, c Control) {
			assert.Equal(t, "now", c.Greeting.Text)
		}},
		"120 alone": {func(n *internet) { n.replies["greeting"] = "120 soon\r\n" }, wait, probes.Timeout, nil},
		"a byte a second": {func(n *internet) { n.script = drip("220 (vsFTPd 3.0.5)\r\n") }, forGreeting, probes.Timeout, func(t *testing.T, c Control) {
			assert.Equal(t, "220 (vsFTPd", c.Unparsed)
		}},
		"lines that each come in time": {func(n *internet) {
			n.script = func(conn net.Conn) {
				for range 3 {
					time.Sleep(wait - time.Second)
					_, _ = io.WriteString(conn, "220-wait\r\n")
				}
			}
		}, 3 * (wait - time.Second), probes.Closed, nil},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				test.change(n)
				w := onFake(n)
				o := withTLS(options(w, wait), Clear)
				o.Experiment = true
				client := open(t.Context(), o, "passive", n.control())
				assert.Equal(t, test.took, time.Since(n.start))
				client.Close()
				n.running.Wait()
				assert.Empty(t, w.stillOpen())
				if test.kind != "" {
					fails(client.Control.Fault, "greeting", test.kind)(t)
				} else {
					assert.True(t, client.Control.LoggedIn)
				}
				if test.look != nil {
					test.look(t, client.Control)
				}
			})
		})
	}
}

func drip(text string) func(net.Conn) {
	return func(conn net.Conn) {
		for i := range text {
			if _, err := io.WriteString(conn, text[i:i+1]); err != nil {
				return
			}
			time.Sleep(time.Second)
		}
	}
}

func TestListings(t *testing.T) {
	const line = "-rw-r--r--   1 ftp ftp 5 Nov 22 13:24 README\r\n"
	for name, test := range map[string]struct {
		change     func(*internet)
		protection Protection
		want       Transfer
		works      bool
	}{
		"slow, but it flows": {func(n *internet) { n.listing, n.trickle = strings.Repeat(line, 60), time.Second }, Clear,
			Transfer{Bytes: int64(10 * len(line)), End: "cut"}, true},
		"one line, and then nothing": {func(n *internet) { n.trickle = time.Minute }, Clear,
			Transfer{Bytes: int64(len(line)), Fault: &probes.Fault{Step: "data", Kind: probes.Timeout}}, false},
		"226 without 150": {func(n *internet) { n.replies["150"] = "226 done\r\n" }, Clear,
			Transfer{Bytes: int64(len(line)), End: "eof"}, true},
		"over TLS": {func(*internet) {}, Explicit,
			Transfer{Bytes: int64(len(line)), End: "eof"}, true},
		"over TLS, cut within a record": {func(n *internet) { n.listing, n.abrupt = line+line, true }, Explicit,
			Transfer{Bytes: int64(len(line)), End: "truncated"}, true},
		"empty, over TLS": {func(n *internet) { n.listing = "" }, Explicit,
			Transfer{End: "eof"}, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.listing, n.tls = line, serverTLS()
				test.change(n)
				m, _ := measureFake(t, n, func(o *Options) { *o = withTLS(*o, test.protection) })
				got := m.Passive.EPSV.Transfer
				assert.Equal(t, test.want.Bytes, got.Bytes)
				assert.Equal(t, test.want.End, got.End)
				assert.Equal(t, test.works, got.Worked())
				if test.want.Fault == nil {
					assert.Nil(t, got.Fault)
					return
				}
				fails(got.Fault, test.want.Fault.Step, test.want.Fault.Kind)(t)
				assert.Equal(t, probes.Millis(wait), got.Silence)
			})
		})
	}
}

// The control connection breaks off while the data connection is being made: that is no listing.
func TestControlLostBeforeTheListing(t *testing.T) {
	for name, reply := range map[string]string{"cut": "cut 211-Fea", "refused and closed": "cut 421 enough\r\n", "malformed": "hello\r\n"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.replies["FEAT"] = reply
				m, _ := measureFake(t, n, nil)
				assert.True(t, m.Passive.EPSV.Connected)
				assert.False(t, m.Passive.EPSV.Worked())
				step := "LIST"
				if name == "cut" { // the fault itself is known
					step = "FEAT"
				}
				fails(m.Passive.EPSV.Transfer.Fault, step, probes.Closed)(t)
				assert.True(t, m.Passive.PASV.Worked(), "on a control connection of its own")
			})
		})
	}
}
