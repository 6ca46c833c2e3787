package ftp

import (
	"context"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

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

// cancelledAt measures a server of a fake network, and ends it all at the n-th event.
func cancelledAt(t *testing.T, n int, protection Protection, silent ...string) (events int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := silentNetwork(silent...)
		network.tls, network.implicit = serverTLS(), protection == Implicit
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := onFake(network)
		var at time.Time
		happened := atEvent(w, n, func() { at = time.Now(); cancel() })
		m := measure(ctx, withTLS(options(w, wait), protection), network.control())
		if ctx.Err() != nil {
			assert.Zero(t, time.Since(at), "cancelled at event %d, which was not noticed", n)
			known := []probes.Kind{probes.Interrupted}
			if at.Sub(network.start) >= time.Second { // a silence may have been found out before
				known = append(known, probes.Timeout)
			}
			assert.Subset(t, known, kinds(t, m), "cancelled at event %d", n)
		}
		assert.Empty(t, w.stillOpen(), "cancelled at event %d", n)
		assertJSON(t, m)
		network.running.Wait()
		events = happened()
	})
	return events
}

// Whenever the user loses patience, it all ends at once, nothing stays open, nothing runs on, and nothing is said of the network.
func TestCancelledAtEachEvent(t *testing.T) {
	for name, test := range map[string]struct {
		protection Protection
		silent     []string
	}{
		"healthy":               {Clear, nil},
		"healthy, AUTH TLS":     {Explicit, nil},
		"EPSV's port is silent": {Clear, []string{"EPSV"}},
		"both ports are silent": {Clear, []string{"EPSV", "PASV"}},
	} {
		t.Run(name, func(t *testing.T) {
			total := cancelledAt(t, 0, test.protection, test.silent...)
			require.Greater(t, total, 25)
			for n := 1; n <= total; n++ {
				cancelledAt(t, n, test.protection, test.silent...)
			}
		})
	}
}

func TestCancelledInSilence(t *testing.T) {
	for name, change := range map[string]func(*internet){
		"greeting":        func(n *internet) { n.replies["greeting"] = "" },
		"USER":            func(n *internet) { n.replies["USER"] = "" },
		"AUTH":            func(n *internet) { n.replies["AUTH"] = "" },
		"TLS":             func(n *internet) { n.replies["AUTH"] = "234 go on\r\n" },
		"FEAT":            func(n *internet) { n.replies["FEAT"] = "" },
		"EPSV":            func(n *internet) { n.replies["EPSV"] = "" },
		"EPSV's port":     func(n *internet) { n.silent["EPSV"] = true },
		"both ports":      func(n *internet) { n.silent["EPSV"], n.silent["PASV"] = true, true },
		"NOOP":            func(n *internet) { n.silent["EPSV"], n.replies["NOOP"] = true, "" },
		"PASV elsewhere":  func(n *internet) { n.silent["EPSV"], n.replies["PASV"] = true, "" },
		"LIST":            func(n *internet) { n.replies["150"] = "" },
		"the data":        func(n *internet) { n.listing = "" },
		"the final reply": func(n *internet) { n.replies["226"] = "" },
		"our listener":    func(n *internet) { n.deaf = true },
		"STAT":            func(n *internet) { n.deaf, n.replies["STAT"] = true, "" },
	} {
		t.Run(name, func(t *testing.T) {
			for _, after := range []time.Duration{1, 500 * time.Millisecond, 1500 * time.Millisecond, 9900 * time.Millisecond} {
				synctest.Test(t, func(t *testing.T) {
					n := healthy()
					change(n)
					protection := Clear
					if name == "AUTH" || name == "TLS" {
						protection = Explicit
					}
					w := onFake(n)
					ctx, cancel := context.WithTimeout(t.Context(), after)
					defer cancel()
					m := measure(ctx, withTLS(options(w, wait), protection), n.control())
					assert.LessOrEqual(t, time.Since(n.start), after)
					if m.Passive != nil { // they are not waited for as long, and had been given up before
						m.Passive.PASV, m.Passive.Sampling = nil, nil
					}
					if ctx.Err() != nil {
						assert.NotContains(t, kinds(t, m), probes.Timeout)
						assert.NotContains(t, kinds(t, m), probes.Closed)
					}
					assert.Empty(t, w.stillOpen())
					n.running.Wait()
				})
			}
		})
	}
}

// What the server says after our own end may come of it, and is no evidence.
func TestRefusalAfterTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		n.replies["PASS"] = "530 no\r\n"
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		w := onFake(n)
		w.each = func() {
			n.mu.Lock()
			defer n.mu.Unlock()
			if slices.Contains(n.said, "PASS") {
				cancel()
			}
		}
		m := measure(ctx, options(w, wait), n.control())
		n.running.Wait()
		assert.Equal(t, []probes.Kind{probes.Interrupted}, kinds(t, m))
		assert.Contains(t, lines(m.Control.Sessions[0], "server"), "530 no", "said, but not believed")
	})
}

// The same on this machine's own network.
func TestCancelledAtEachEventOnThisMachine(t *testing.T) {
	for _, protection := range []Protection{Clear, Explicit} {
		server := start(t, &ftptest.Server{TLS: serverTLS()})
		for n, total := 0, 1; n < total; n++ {
			ctx, cancel := context.WithCancel(t.Context())
			w := onThisMachine()
			happened := atEvent(w, n, cancel)
			m := measure(ctx, withTLS(options(w, patience), protection), server.Addr)
			assert.Empty(t, w.stillOpen(), "cancelled at event %d", n)
			assert.Subset(t, []probes.Kind{probes.Interrupted}, kinds(t, m), "cancelled at event %d", n)
			if n == 0 {
				total = happened()
			}
			cancel()
		}
	}
}
