package ftp

import (
	"context"
	"net"
	"net/netip"
	"runtime"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// sampledAs is a sampling in short: the command of each port, and what came of each try: "EPSV refused refused connected".
func sampledAs(t *testing.T, sampling *Sampling) (all []string) {
	t.Helper()
	require.NotNil(t, sampling)
	for _, sample := range sampling.Samples {
		words := []string{sample.Command}
		for _, try := range sample.Tries {
			if try.Fault == nil {
				words = append(words, "connected")
			} else {
				words = append(words, string(try.Fault.Kind))
			}
		}
		all = append(all, strings.Join(words, " "))
	}
	return all
}

// times is a list repeated.
func times(n int, words ...string) []string { return slices.Repeat(words, n) }

// sampled samples a server in fake time on a session of its own, where the first attempts had come out as given.
func sampled(t *testing.T, n *internet, p *Passive, wanted int, outcomes ...string) {
	t.Helper()
	w := onFake(n)
	o := options(w, wait)
	dataPorts(n, outcomes...)(&o)
	withClient(t, w, o, n.control(), func(c *Client) {
		c.Sample(t.Context(), p, aidsOf(o, n.control()), wanted)
		assert.True(t, c.Ready())
		require.Len(t, c.Dialogues(), 2)
		assert.Equal(t, "samples", c.Dialogues()[1].Purpose)
		for _, command := range lines(c.Dialogues()[1], "client") {
			assert.NotContains(t, []string{"LIST", "NOOP"}, command)
		}
	})
	n.running.Wait()
}

// asked is passive mode after both commands gave a port that refused.
func asked(commands ...string) *Passive {
	p := &Passive{EPSV: &PassiveAttempt{Command: "EPSV"}}
	for _, command := range commands {
		a := &PassiveAttempt{Command: command, Announced: netip.MustParseAddrPort("203.0.113.7:50001"), Used: netip.MustParseAddrPort("203.0.113.7:50001")}
		a.Fault = &probes.Fault{Step: "data connection", Kind: probes.Refused}
		if command == "EPSV" {
			p.EPSV = a
		} else {
			p.PASV = a
		}
	}
	return p
}

func TestSampling(t *testing.T) {
	const silence = 5 * time.Second / 4 // is enough of it: the kernel sends a second SYN after a second
	connected := func(p *Passive) *Passive { p.PASV.Connected, p.PASV.Fault = true, nil; return p }
	for name, test := range map[string]struct {
		p        *Passive
		outcomes []string
		want     []string
		took     time.Duration
	}{
		"all work":            {asked("EPSV", "PASV"), nil, times(4, "EPSV connected", "PASV connected"), 0},
		"EPSV alone":          {asked("EPSV"), nil, times(8, "EPSV connected"), 0},
		"PASV alone":          {asked("PASV"), nil, times(8, "PASV connected"), 0},
		"no command":          {asked(), nil, nil, 0},
		"all refuse":          {asked("EPSV", "PASV"), times(20, "refused"), append([]string{"EPSV refused refused refused", "PASV refused"}, times(3, "EPSV refused", "PASV refused")...), 0},
		"by turns":            {asked("EPSV", "PASV"), times(20, "refused", ""), append([]string{"EPSV refused connected", "PASV refused connected"}, times(3, "EPSV refused", "PASV connected")...), 0},
		"all are silent":      {asked("EPSV", "PASV"), times(20, "silent"), []string{"EPSV timeout", "PASV timeout", "EPSV timeout"}, 4 * time.Second},
		"some are silent":     {asked("EPSV"), []string{"", "silent", "silent", "", "silent", ""}, append([]string{"EPSV connected", "EPSV timeout timeout", "EPSV connected", "EPSV timeout connected"}, times(4, "EPSV connected")...), 3 * silence},
		"silent after others": {connected(asked("EPSV", "PASV")), []string{"silent", "silent", "silent", ""}, append([]string{"EPSV timeout timeout", "PASV timeout connected"}, times(3, "EPSV connected", "PASV connected")...), 3 * silence},
		"silent before any":   {asked("EPSV"), []string{"silent", "", "silent"}, append([]string{"EPSV timeout", "EPSV connected", "EPSV timeout connected"}, times(5, "EPSV connected")...), 2 * silence},
		"silent, no retries":  {connected(asked("EPSV", "PASV")), times(20, "silent"), []string{"EPSV timeout timeout", "PASV timeout"}, 4 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				sampled(t, n, test.p, Samples, test.outcomes...)
				assert.Equal(t, test.want, sampledAs(t, test.p.Sampling))
				assert.Equal(t, Samples, test.p.Sampling.Wanted)
				assert.Nil(t, test.p.Sampling.Fault)
				assert.Equal(t, test.took, time.Since(n.start))
			})
		})
	}
}

// However many ports are asked for, retries stay few.
func TestManySamples(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := asked("EPSV", "PASV")
		sampled(t, healthy(), p, 100, times(200, "refused")...)
		tries := 0
		for _, sample := range p.Sampling.Samples {
			tries += len(sample.Tries)
		}
		assert.Len(t, p.Sampling.Samples, 100)
		assert.Equal(t, 100+100, tries)
	})
}

// What ends a sampling before its time is in the result, with the ports that had been tried.
func TestSamplingThatEnds(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*internet)
		fault  probes.Kind
		count  int
		took   time.Duration
	}{
		"a command is refused":    {func(n *internet) { n.replies["PASV"] = "421 enough\r\n" }, probes.Negative, 1, 0},
		"a command is silent":     {func(n *internet) { n.replies["PASV"] = "" }, probes.Interrupted, 1, 4 * time.Second},
		"the connection is lost":  {func(n *internet) { n.replies["PASV"] = "cut " }, probes.Closed, 1, 0},
		"a reply without a port":  {func(n *internet) { n.replies["PASV"] = "227 x\r\n" }, probes.Malformed, 1, 0},
		"each reply takes long":   {func(n *internet) { n.slow["EPSV"], n.slow["PASV"] = 3*time.Second, 3*time.Second }, probes.Interrupted, 1, 4 * time.Second},
		"each takes rather long":  {func(n *internet) { n.slow["EPSV"], n.slow["PASV"] = time.Second/4, time.Second/4 }, "", Samples, Samples * time.Second / 4},
		"no session is to be had": {func(n *internet) { n.replies["PASS"] = "530 no\r\n" }, "", -1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				p := asked("EPSV", "PASV")
				w := onFake(n)
				o := options(w, wait)
				client := open(t.Context(), o, "passive", n.control())
				test.change(n)
				client.Sample(t.Context(), p, Aids{Session: func(ctx context.Context, purpose string) *Client {
					if test.count < 0 {
						client.session.gone = true // and the first is of no use
					}
					return open(ctx, o, purpose, n.control())
				}}, Samples)
				assert.Equal(t, test.took, time.Since(n.start))
				client.session.gone = client.session.gone && test.count >= 0
				client.Close()
				assert.Empty(t, w.stillOpen())
				n.running.Wait()
				if test.count < 0 {
					assert.Nil(t, p.Sampling)
					return
				}
				assert.Len(t, p.Sampling.Samples, test.count)
				if test.fault == "" {
					assert.Nil(t, p.Sampling.Fault)
					return
				}
				require.NotNil(t, p.Sampling.Fault)
				assert.Equal(t, test.fault, p.Sampling.Fault.Kind)
			})
		})
	}
}

// Where EPSV's data connection was waited for in vain, no more time than a spare moment is given to the samples on the same session.
func TestSamplingAfterSilence(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		p := asked("EPSV", "PASV")
		p.EPSV.Fault.Kind = probes.Timeout
		sampled(t, n, p, Samples, append(times(3, ""), times(20, "silent")...)...)
		assert.Equal(t, []string{"EPSV connected", "PASV connected", "EPSV connected"}, sampledAs(t, p.Sampling),
			"the one that was cut short says nothing")
		assert.Equal(t, time.Second, time.Since(n.start))
	})
}

// Sampling while EPSV's port is silent takes what time there is, and no more.
func TestSamplingMeanwhile(t *testing.T) {
	for name, test := range map[string]struct {
		outcomes []string
		want     []string
	}{
		"EPSV's alone is silent": {[]string{"silent"}, times(4, "EPSV connected", "PASV connected")},
		"all are silent":         {times(30, "silent"), times(3, "EPSV timeout", "PASV timeout")},
		"two of three are": {[]string{"silent", "", "silent", "silent", "", "silent", "silent", "", "silent", "silent", ""},
			[]string{
				"EPSV timeout timeout", "PASV connected", "EPSV timeout timeout", "PASV connected", "EPSV timeout", "PASV timeout",
				"EPSV connected", "PASV connected",
			}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				w := onFake(n)
				o := options(w, wait)
				dataPorts(n, test.outcomes...)(&o)
				withClient(t, w, o, n.control(), func(c *Client) {
					p := c.Passive(t.Context(), aidsOf(o, n.control()))
					assert.LessOrEqual(t, time.Since(n.start), wait*11/10)
					assert.Equal(t, test.want, sampledAs(t, p.Sampling))
					assert.True(t, p.Alive.Done())
				})
				assert.Equal(t, 2, n.sessions)
				n.running.Wait()
			})
		})
	}
}

// A server whose passive range is open in parts.
func TestPassiveRange(t *testing.T) {
	const r, w = ftptest.Refusing, ftptest.Working
	server := &ftptest.Server{Faults: ftptest.Faults{PassiveRange: []ftptest.PortFault{r, w, w, r, w}}}
	onServer(t, server, Clear, func(c *Client, aids Aids) {
		p := c.Passive(t.Context(), aids)
		fails(p.EPSV.Fault, "data connection", probes.Refused)(t)
		assert.True(t, p.PASV.Worked())
		assert.Equal(t, []string{"EPSV connected", "PASV refused refused refused", "EPSV connected", "PASV refused"}, sampledAs(t, p.Sampling)[:4])
		assert.Len(t, p.Sampling.Samples, Samples)
		for _, sample := range p.Sampling.Samples {
			place := sample.Announced.Port() - p.EPSV.Announced.Port()
			assert.Equal(t, place != 0 && place != 3, sample.Connected(), "port %d of the range", place)
		}
		assert.Equal(t, 2, server.Counts().Logins)
	})
}

func TestPartlySilentRange(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("only Linux drops SYNs at a full backlog")
	}
	t.Parallel()
	const s, w = ftptest.Silent, ftptest.Working
	server := start(t, &ftptest.Server{Faults: ftptest.Faults{PassiveRange: []ftptest.PortFault{s, w, w, s}}})
	machine := onThisMachine()
	o := options(machine, briefly)
	withClient(t, machine, o, server.Addr, func(c *Client) {
		p := c.Passive(t.Context(), aidsOf(o, server.Addr))
		fails(p.EPSV.Fault, "data connection", probes.Timeout)(t)
		assert.True(t, p.PASV.Worked())
		require.NotNil(t, p.Sampling)
		for _, sample := range p.Sampling.Samples { // as many as the time allows
			place := sample.Announced.Port() - p.EPSV.Announced.Port()
			assert.Equal(t, place == 1 || place == 2, sample.Connected(), "port %d of the range: %v", place, sample.Tries)
		}
		assert.GreaterOrEqual(t, len(p.Sampling.Samples), 2)
	})
}

// Behind a balancer with one dead backend of two, every other connection to the same port is refused: the next port says nothing new, but
// a second try does.
func TestRefusedByTurns(t *testing.T) {
	server := &ftptest.Server{}
	machine := onThisMachine()
	o := options(machine, patience)
	dead, err := ftptest.RefusingPort(netip.MustParseAddr("127.0.0.1"))
	require.NoError(t, err)
	defer dead.Close()
	dial, i := machine.dial, 0
	machine.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		if to != server.Addr {
			if i++; i%2 == 1 {
				to = dead.Addr
			}
		}
		return dial(ctx, to)
	}
	withClient(t, machine, o, start(t, server).Addr, func(c *Client) {
		p := c.Passive(t.Context(), aidsOf(o, server.Addr))
		fails(p.EPSV.Fault, "data connection", probes.Refused)(t)
		assert.True(t, p.PASV.Worked())
		as := sampledAs(t, p.Sampling)
		assert.Equal(t, []string{"EPSV refused connected", "PASV refused connected", "EPSV refused", "PASV connected"}, as[:4])
		assert.LessOrEqual(t, server.Counts().DataConnections, 16)
	})
}

// Whenever a sampling is ended, nothing stays open.
func TestSamplingIsCancelled(t *testing.T) {
	for n, total := 0, 1; n < total; n++ {
		synctest.Test(t, func(t *testing.T) {
			network := healthy()
			w := onFake(network)
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			o := options(w, wait)
			client := open(ctx, o, "passive", network.control())
			happened := atEvent(w, n, cancel)
			p := asked("EPSV", "PASV")
			client.Sample(ctx, p, aidsOf(o, network.control()), Samples)
			assert.Zero(t, time.Since(network.start), "cancelled at event %d", n)
			client.Close()
			assert.Empty(t, w.stillOpen(), "cancelled at event %d", n)
			if n == 0 {
				total = happened()
			}
			network.running.Wait()
		})
	}
}
