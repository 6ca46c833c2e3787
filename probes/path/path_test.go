package path

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"os"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	port4   = netip.MustParseAddrPort("203.0.113.7:50000")
	port6   = netip.MustParseAddrPort("[2001:db8:2::7]:50000")
	router1 = netip.MustParseAddr("198.51.100.1")
	router2 = netip.MustParseAddr("198.51.100.2")
)

// answer is what a TTL meets in the tests' network: after some time a connection, or an error.
type answer struct {
	after time.Duration
	err   error
}

// network is a network in fake time: what it answers by TTL, and silence for the rest.
type network struct {
	answers map[int]answer

	mu    sync.Mutex
	tried []int
	open  int
}

func (n *network) dial(ctx context.Context, _ netip.AddrPort, ttl int) (net.Conn, error) {
	n.mu.Lock()
	n.tried = append(n.tried, ttl)
	n.mu.Unlock()
	a, ok := n.answers[ttl]
	if !ok {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	select {
	case <-time.After(a.after):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	if a.err != nil {
		return nil, a.err
	}
	conn, peer := net.Pipe()
	_ = peer.Close()
	n.count(1)
	return &counted{conn, n}, nil
}

func (n *network) count(change int) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.open += change
}

// counted is a connection whose end is counted.
type counted struct {
	net.Conn
	network *network
}

func (c *counted) Close() error {
	c.network.count(-1)
	return c.Conn.Close()
}

// says is an answer by ICMP, to the SYN that was sent after so many others.
func says(from netip.Addr, kind, code uint8, after time.Duration, retransmits uint32) answer {
	return answer{after, &net.OpError{Op: "dial", Err: &probes.DialError{
		Err:       os.NewSyscallError("connect", syscall.EHOSTUNREACH),
		ICMP:      &probes.ICMP{Type: kind, Code: code, From: from},
		Transport: probes.Transport{Retransmits: retransmits},
	}}}
}

const ms = time.Millisecond

func exceed(from netip.Addr, after time.Duration) answer { return says(from, 11, 0, after, 0) }

func refuse(after time.Duration) answer {
	return answer{after, &probes.DialError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}}
}

func fails(errno syscall.Errno) answer {
	return answer{0, &probes.DialError{Err: os.NewSyscallError("connect", errno)}}
}

// icmp is a hop that answered with an ICMP error.
func icmp(ttl int, outcome Outcome, from netip.Addr, kind, code uint8, after time.Duration) Hop {
	return Hop{
		TTL: ttl, Outcome: outcome, From: from, Took: probes.Millis(after), SYNs: 1, Sent: 1, Answered: 1,
		Best: probes.Millis(after), Worst: probes.Millis(after), ICMP: &probes.ICMP{Type: kind, Code: code, From: from},
	}
}

func hopExceeded(ttl int, from netip.Addr, after time.Duration) Hop {
	return icmp(ttl, Exceeded, from, 11, 0, after)
}

func hopTarget(ttl int, outcome Outcome, after time.Duration) Hop {
	return Hop{
		TTL: ttl, Outcome: outcome, From: port4.Addr(), Took: probes.Millis(after), SYNs: 1, Sent: 1, Answered: 1,
		Best: probes.Millis(after), Worst: probes.Millis(after),
	}
}

func hopSilent(ttl int, after time.Duration) Hop {
	return Hop{TTL: ttl, Outcome: Silent, Took: probes.Millis(after), Sent: 1}
}

// ways are networks, and what is seen of them within two seconds a hop: at once, and one by one where that differs.
var ways = map[string]struct {
	answers          map[int]answer
	hops             []Hop
	last             int
	reached          bool
	atOnce, oneByOne time.Duration
	lastRouter       int
	triedOne         int
	loop             []netip.Addr
}{
	"open": {
		answers: map[int]answer{
			1: exceed(router1, 10*ms), 2: exceed(router2, 20*ms), 3: {after: 30 * ms}, 4: {after: 30 * ms}, 5: {after: 25 * ms},
		},
		hops: []Hop{hopExceeded(1, router1, 10*ms), hopExceeded(2, router2, 20*ms), hopTarget(3, Connected, 30*ms)},
		last: 3, reached: true, atOnce: 30 * ms, oneByOne: 60 * ms, lastRouter: 2, triedOne: 3,
	},
	"refused by a RST": {
		answers: map[int]answer{1: exceed(router1, 10*ms), 2: refuse(30 * ms), 3: refuse(30 * ms)},
		hops:    []Hop{hopExceeded(1, router1, 10*ms), hopTarget(2, Refused, 30*ms)},
		last:    2, reached: true, atOnce: 30 * ms, oneByOne: 40 * ms, lastRouter: 1, triedOne: 2,
	},
	"dropped behind the second router": {
		answers: map[int]answer{1: exceed(router1, 10*ms), 2: exceed(router2, 20*ms)},
		hops:    []Hop{hopExceeded(1, router1, 10*ms), hopExceeded(2, router2, 20*ms)},
		last:    6, atOnce: 2 * time.Second, oneByOne: 30*ms + 4*2*time.Second, lastRouter: 2, triedOne: 6,
	},
	"a router that is silent": {
		answers: map[int]answer{2: exceed(router2, 20*ms), 3: {after: 30 * ms}},
		hops:    []Hop{hopSilent(1, 2*time.Second), hopExceeded(2, router2, 20*ms), hopTarget(3, Connected, 30*ms)},
		last:    3, reached: true, atOnce: 2 * time.Second, oneByOne: 2*time.Second + 50*ms, lastRouter: 2, triedOne: 3,
	},
	"silence from the start": {
		last: 6, atOnce: 2 * time.Second, oneByOne: 12 * time.Second, triedOne: 6,
	},
	"prohibited by the second router": {
		answers: map[int]answer{1: exceed(router1, 10*ms), 2: says(router2, 3, 13, 20*ms, 0), 3: says(router2, 3, 13, 20*ms, 0)},
		hops:    []Hop{hopExceeded(1, router1, 10*ms), icmp(2, Rejected, router2, 3, 13, 20*ms)},
		last:    2, atOnce: 20 * ms, oneByOne: 30 * ms, lastRouter: 1, triedOne: 2,
	},
	"the target's own ICMP port unreachable": {
		answers: map[int]answer{1: exceed(router1, 10*ms), 2: says(port4.Addr(), 3, 3, 20*ms, 0)},
		hops:    []Hop{hopExceeded(1, router1, 10*ms), icmp(2, Rejected, port4.Addr(), 3, 3, 20*ms)},
		last:    2, reached: true, atOnce: 20 * ms, oneByOne: 30 * ms, lastRouter: 1, triedOne: 2,
	},
	"the target's address translates for a server behind it": {
		answers: map[int]answer{1: exceed(port4.Addr(), 10*ms), 2: exceed(port4.Addr(), 10*ms)},
		hops:    []Hop{hopExceeded(1, port4.Addr(), 10*ms), hopExceeded(2, port4.Addr(), 10*ms)},
		last:    6, atOnce: 2 * time.Second, oneByOne: 20*ms + 8*time.Second, lastRouter: 2, triedOne: 6,
	},
	"a loop": {
		answers: map[int]answer{
			1: exceed(router1, 10*ms), 2: exceed(router2, 20*ms), 3: exceed(router1, 30*ms),
			4: exceed(router2, 40*ms), 5: exceed(router1, 50*ms), 6: exceed(router2, 60*ms),
		},
		hops: []Hop{
			hopExceeded(1, router1, 10*ms), hopExceeded(2, router2, 20*ms), hopExceeded(3, router1, 30*ms),
			hopExceeded(4, router2, 40*ms), hopExceeded(5, router1, 50*ms), hopExceeded(6, router2, 60*ms),
		},
		last: 6, atOnce: 60 * ms, oneByOne: 210 * ms, lastRouter: 6, triedOne: 6, loop: []netip.Addr{router1, router2},
	},
	"the end is seen before the routers on the way": {
		answers: map[int]answer{1: exceed(router1, 90*ms), 2: refuse(80 * ms), 3: refuse(10 * ms), 4: exceed(router2, 200*ms)},
		hops:    []Hop{hopExceeded(1, router1, 90*ms), hopTarget(2, Refused, 80*ms)},
		last:    2, reached: true, atOnce: 90 * ms, oneByOne: 170 * ms, lastRouter: 1, triedOne: 2,
	},
}

func options(n *network) Options {
	return Options{Host: probes.Host{DialTTL: n.dial}, To: port4, Purpose: "data port", Last: 6, Wait: 2 * time.Second}
}

func TestTrace(t *testing.T) {
	for name, test := range ways {
		want := Result{To: port4, Purpose: "data port", Hops: test.hops, LastTTL: test.last, Reached: test.reached, Loop: test.loop}
		want.Wait = probes.Millis(2 * time.Second)
		t.Run(name+", at once", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{answers: test.answers}
				want := want
				want.Took = probes.Millis(test.atOnce)
				result := Trace(t.Context(), options(n))
				assert.Equal(t, want, result)
				assert.Equal(t, test.lastRouter, result.LastRouter().TTL)
				assert.ElementsMatch(t, []int{1, 2, 3, 4, 5, 6}, n.tried)
				assert.Zero(t, n.open)
			})
		})
		t.Run(name+", one by one", func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &network{answers: test.answers}
				want := want
				want.Took = probes.Millis(test.oneByOne)
				o := options(n)
				o.OneByOne = true
				assert.Equal(t, want, Trace(t.Context(), o))
				assert.Equal(t, []int{1, 2, 3, 4, 5, 6}[:test.triedOne], n.tried)
				assert.Zero(t, n.open)
			})
		})
	}
}

func TestOutcomes(t *testing.T) {
	own := netip.MustParseAddr("192.0.2.2")
	router6 := netip.MustParseAddr("2001:db8:1::1")
	for name, test := range map[string]struct {
		to      netip.AddrPort
		answer  answer
		outcome Outcome
		from    netip.Addr
		reached bool
		syns    int
		fault   probes.Kind
	}{
		"time exceeded":                      {port4, says(router1, 11, 0, 0, 0), Exceeded, router1, false, 1, ""},
		"time exceeded, third SYN":           {port4, says(router1, 11, 0, 0, 2), Exceeded, router1, false, 3, ""},
		"time exceeded over IPv6":            {port6, says(router6, 3, 0, 0, 0), Exceeded, router6, false, 1, ""},
		"time exceeded, sender unknown":      {port4, says(netip.Addr{}, 11, 0, 0, 0), Exceeded, netip.Addr{}, false, 1, ""},
		"reassembly time exceeded":           {port4, says(router1, 11, 1, 0, 0), Rejected, router1, false, 1, ""},
		"reassembly time exceeded, IPv6":     {port6, says(router6, 3, 1, 0, 0), Rejected, router6, false, 1, ""},
		"network unreachable":                {port4, says(router1, 3, 0, 0, 0), Rejected, router1, false, 1, ""},
		"packet too big, IPv6":               {port6, says(router6, 2, 0, 0, 0), Rejected, router6, false, 1, ""},
		"the next hop does not answer":       {port4, says(own, 3, 1, 0, 2), Rejected, own, false, 3, ""},
		"the target's own firewall":          {port4, says(port4.Addr(), 3, 13, 0, 0), Rejected, port4.Addr(), true, 1, ""},
		"RST":                                {port4, refuse(0), Refused, port4.Addr(), true, 1, ""},
		"RST over IPv6":                      {port6, refuse(0), Refused, port6.Addr(), true, 1, ""},
		"connection":                         {port4, answer{}, Connected, port4.Addr(), true, 1, ""},
		"kernel tried for as long as it may": {port4, fails(syscall.ETIMEDOUT), "", netip.Addr{}, false, 0, ""},
		"no route":                           {port4, fails(syscall.ENETUNREACH), "", netip.Addr{}, false, 0, probes.NoRoute},
		"our own policy":                     {port4, fails(syscall.EPERM), "", netip.Addr{}, false, 0, probes.Prohibited},
		"no port left":                       {port4, fails(syscall.EADDRNOTAVAIL), "", netip.Addr{}, false, 0, probes.NoAddress},
		"no descriptor left":                 {port4, fails(syscall.EMFILE), "", netip.Addr{}, false, 0, probes.Other},
	} {
		t.Run(name, func(t *testing.T) {
			n := &network{answers: map[int]answer{7: test.answer}}
			result := Trace(t.Context(), Options{Host: probes.Host{DialTTL: n.dial}, To: test.to, First: 7, Last: 7, Wait: time.Minute})
			assert.Equal(t, test.reached, result.Reached)
			if test.fault == "" {
				assert.Nil(t, result.Fault)
			} else {
				require.NotNil(t, result.Fault)
				assert.Equal(t, "SYN", result.Fault.Step)
				assert.Equal(t, test.fault, result.Fault.Kind)
			}
			if test.outcome == "" {
				assert.Empty(t, result.Hops)
				return
			}
			require.Len(t, result.Hops, 1)
			hop := result.Hops[0]
			assert.Equal(t, 7, hop.TTL)
			assert.Equal(t, test.outcome, hop.Outcome)
			assert.Equal(t, test.from, hop.From)
			assert.Equal(t, test.syns, hop.SYNs)
		})
	}
}

// The kernel notes an ICMP error that comes while a call holds the socket, and acts on the next: the wait may end before that.
func TestErrorThatTheKernelOnlyNoted(t *testing.T) {
	noted := &probes.DialError{Err: os.ErrDeadlineExceeded, ICMP: &probes.ICMP{Type: 11, From: router1}}
	result := Trace(t.Context(), options(&network{answers: map[int]answer{1: {0, noted}, 2: refuse(0)}}))
	require.Len(t, result.Hops, 2)
	assert.Equal(t, Exceeded, result.Hops[0].Outcome)
	assert.Equal(t, router1, result.LastRouter().From)
	assert.Nil(t, result.Fault)
}

func TestFailedHopsAmongOthers(t *testing.T) {
	n := &network{answers: map[int]answer{1: exceed(router1, 0), 2: fails(syscall.EMFILE), 3: exceed(router2, 0), 4: refuse(0)}}
	o := options(n)
	result := Trace(t.Context(), o)
	assert.True(t, result.Fault.Of(probes.Other), "%v", result.Fault)
	assert.True(t, result.Reached)
	require.Len(t, result.Hops, 4)
	assert.Equal(t, Hop{TTL: 2, Outcome: Failed, Took: result.Hops[1].Took}, result.Hops[1])

	o.OneByOne = true
	result = Trace(t.Context(), o)
	assert.True(t, result.Fault.Of(probes.Other), "%v", result.Fault)
	assert.Len(t, result.Hops, 1, "what our own system cannot do, it need not try again")
}

func TestTraceThatIsEnded(t *testing.T) {
	for name, test := range map[string]struct {
		deadline, cancelAfter time.Duration
		took                  time.Duration
		oneByOne              bool
	}{
		"by the user":                        {time.Hour, time.Second, time.Second, false},
		"by the user, one by one":            {time.Hour, time.Second, time.Second, true},
		"by the target's deadline":           {time.Second, time.Hour, time.Second, false},
		"by the target's deadline, at hop 4": {5 * time.Second, time.Hour, 5 * time.Second, true},
		"before it began":                    {0, 0, 0, false},
		"before it began, one by one":        {0, 0, 0, true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				defer time.AfterFunc(test.cancelAfter, cancel).Stop()
				n := &network{answers: map[int]answer{1: exceed(router1, 10*ms)}}
				o := options(n)
				o.OneByOne = test.oneByOne
				result := Trace(ctx, o)
				assert.True(t, result.Fault.Of(probes.Interrupted), "%v", result.Fault)
				assert.Equal(t, probes.Millis(test.took), result.Took)
				assert.False(t, result.Reached)
				if test.took > 0 {
					assert.Equal(t, []Hop{hopExceeded(1, router1, 10*ms)}, result.Hops)
				}
			})
		})
	}
}

func TestTTLs(t *testing.T) {
	for name, test := range map[string]struct {
		first, last int
		least, most int
		count       int
	}{
		"all, if nothing is asked for": {0, 0, 1, 30, 30},
		"some":                         {3, 7, 3, 7, 5},
		"one":                          {4, 4, 4, 4, 1},
		"more than there may be":       {-5, 255, 1, 30, 30},
	} {
		t.Run(name, func(t *testing.T) {
			ttls := Options{First: test.first, Last: test.last}.ttls()
			require.Len(t, ttls, test.count)
			assert.Equal(t, test.least, ttls[0])
			assert.Equal(t, test.most, ttls[len(ttls)-1])
		})
	}
	assert.Empty(t, Options{First: 9, Last: 3}.ttls())
	assert.Empty(t, Trace(t.Context(), Options{To: port4, First: 9, Last: 3}).Hops)
}

func TestMappedAddress(t *testing.T) {
	n := &network{answers: map[int]answer{1: says(port4.Addr(), 3, 3, 0, 0)}}
	o := options(n)
	o.To = netip.AddrPortFrom(netip.AddrFrom16(port4.Addr().As16()), port4.Port())
	result := Trace(t.Context(), o)
	assert.Equal(t, port4, result.To)
	assert.True(t, result.Reached)
}

func TestResultInJSON(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{answers: map[int]answer{1: exceed(router1, 10*ms), 3: refuse(30 * ms)}}
		result := Trace(t.Context(), options(n))
		written, err := json.Marshal(result)
		require.NoError(t, err)
		assert.JSONEq(t, `{
			"to": "203.0.113.7:50000", "purpose": "data port", "last_ttl": 3, "reached": true, "wait_ms": 2000, "took_ms": 2000, "hops": [
				{"ttl": 1, "outcome": "exceeded", "from": "198.51.100.1", "icmp": {"type": 11, "code": 0, "from": "198.51.100.1"},
				 "took_ms": 10, "syns": 1, "sent": 1, "answered": 1, "best_ms": 10, "worst_ms": 10},
				{"ttl": 2, "outcome": "silent", "took_ms": 2000, "sent": 1},
				{"ttl": 3, "outcome": "refused", "from": "203.0.113.7", "took_ms": 30, "syns": 1, "sent": 1, "answered": 1,
				 "best_ms": 30, "worst_ms": 30}
			]}`, string(written))
		var read Result
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, result, read)
	})
}

// several is a network that meets each try of a TTL differently; the last of them is for all tries after it.
func several(t *testing.T, tries map[int][]answer) (*network, Options) {
	t.Helper()
	n := &network{}
	var mu sync.Mutex
	o := options(n)
	o.Tries = 3
	o.Host.DialTTL = func(ctx context.Context, to netip.AddrPort, ttl int) (net.Conn, error) {
		mu.Lock()
		meets := tries[ttl]
		once := &network{}
		if len(meets) > 0 {
			once.answers = map[int]answer{ttl: meets[0]}
		}
		if len(meets) > 1 {
			tries[ttl] = meets[1:]
		}
		n.tried = append(n.tried, ttl)
		mu.Unlock()
		return once.dial(ctx, to, ttl)
	}
	return n, o
}

func TestSeveralTries(t *testing.T) {
	const never = time.Hour
	router3 := netip.MustParseAddr("198.51.100.3")
	for name, test := range map[string]struct {
		tries map[int][]answer
		hop   Hop // the first
		count map[int]int
	}{
		"answered each time": {
			map[int][]answer{1: {exceed(router1, 10*ms), exceed(router1, 30*ms), exceed(router1, 20*ms)}, 2: {refuse(5 * ms)}},
			Hop{Outcome: Exceeded, From: router1, Took: 10 * probes.Millis(ms), Sent: 3, Answered: 3, Best: 10 * probes.Millis(ms), Worst: 30 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 3},
		},
		"answered late": {
			map[int][]answer{1: {exceed(router1, never), exceed(router1, 30*ms)}, 2: {{after: 5 * ms}}},
			Hop{Outcome: Exceeded, From: router1, Took: 30 * probes.Millis(ms), Sent: 3, Answered: 2, Best: 30 * probes.Millis(ms), Worst: 30 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 1},
		},
		"answered once only": {
			map[int][]answer{1: {exceed(router1, 30*ms), exceed(router1, never)}, 2: {{after: 5 * ms}}},
			Hop{Outcome: Exceeded, From: router1, Took: 30 * probes.Millis(ms), Sent: 3, Answered: 1, Best: 30 * probes.Millis(ms), Worst: 30 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 1},
		},
		"by three routers": {
			map[int][]answer{1: {exceed(router1, 10*ms), exceed(router2, 10*ms), exceed(router3, 10*ms)}, 2: {refuse(5 * ms)}},
			Hop{
				Outcome: Exceeded, From: router1, Took: 10 * probes.Millis(ms), Sent: 3, Answered: 3, Best: 10 * probes.Millis(ms), Worst: 10 * probes.Millis(ms),
				Others: []netip.Addr{router2, router3},
			},
			map[int]int{1: 3, 2: 3},
		},
		"the kernel sent one SYN twice": {
			map[int][]answer{1: {says(router1, 11, 0, 1100*ms, 1), exceed(router1, 20*ms)}, 2: {refuse(5 * ms)}},
			Hop{Outcome: Exceeded, From: router1, Took: 1100 * probes.Millis(ms), Sent: 3, Answered: 3, Best: 20 * probes.Millis(ms), Worst: 20 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 3},
		},
		"silence behind it": {
			map[int][]answer{1: {exceed(router1, 10*ms)}},
			Hop{Outcome: Exceeded, From: router1, Took: 10 * probes.Millis(ms), Sent: 3, Answered: 3, Best: 10 * probes.Millis(ms), Worst: 10 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 3, 5: 3, 6: 1},
		},
		"our own system fails once": {
			map[int][]answer{1: {exceed(router1, 10*ms), fails(syscall.EMFILE), exceed(router1, 10*ms)}, 2: {refuse(5 * ms)}},
			Hop{Outcome: Exceeded, From: router1, Took: 10 * probes.Millis(ms), Sent: 2, Answered: 2, Best: 10 * probes.Millis(ms), Worst: 10 * probes.Millis(ms)},
			map[int]int{1: 3, 2: 3},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n, o := several(t, test.tries)
				result := Trace(t.Context(), o)
				require.NotEmpty(t, result.Hops)
				got := result.Hops[0]
				got.TTL, got.SYNs, got.ICMP = 0, 0, nil
				assert.Equal(t, test.hop, got)
				assert.Nil(t, result.Fault)
				count := map[int]int{}
				for _, ttl := range n.tried {
					count[ttl]++
				}
				for ttl, want := range test.count {
					assert.Equal(t, want, count[ttl], "tries of TTL %d", ttl)
				}
			})
		})
	}
}

// A port that answers is met by few connections where TTLs are tried at a pace: those behind the end are not tried any more.
func TestPace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &network{answers: map[int]answer{
			1: exceed(router1, 10*ms), 2: exceed(router2, 10*ms), 3: {after: 25 * ms}, 4: {after: 25 * ms}, 5: {after: 25 * ms}, 6: {after: 25 * ms},
		}}
		o := options(n)
		o.Pace = 20 * ms
		result := Trace(t.Context(), o)
		assert.Equal(t, probes.Millis(65*ms), result.Took)
		assert.True(t, result.Reached)
		assert.Equal(t, 3, result.LastTTL)
		connected := 0
		for _, ttl := range n.tried {
			if ttl >= 3 && ttl <= 4 {
				connected++
			}
		}
		assert.Equal(t, 2, connected)
		assert.Zero(t, n.open)
	})
}

func TestLoops(t *testing.T) {
	router3, gateway := netip.MustParseAddr("198.51.100.3"), netip.MustParseAddr("192.0.2.1")
	addrs := map[byte]netip.Addr{'g': gateway, 'a': router1, 'b': router2, 'c': router3, 't': port4.Addr()}
	for name, test := range map[string]struct {
		way  string // a router a letter, "." for silence, "T" for an answer of the target's
		loop string
	}{
		"two routers":                           {"gababa", "ab"},
		"three routers":                         {"gabcabcab", "abc"},
		"two routers, up to their rate":         {"gabababa....", "ab"},
		"the very first":                        {"ababab", "ab"},
		"one of two is silent":                  {"ga.a.a", "a"},
		"one of three is silent":                {"ga.ca.ca.c", "ac"},
		"some answers are missing":              {"gaba.ab.ba", "ab"},
		"the same again once: ways of a length": {"gababT", ""},
		"twice is not enough":                   {"gabab", ""},
		"one router for two TTLs":               {"gaab", ""},
		"one router for all that follow":        {"gaaaaaaaa", ""},
		"one router with gaps":                  {"ga..aaa", ""},
		"a way that ends":                       {"gabc", ""},
		"a circle that the way leaves":          {"gabababc", ""},
		"a translator with the target's name":   {"gtatata", "a"},
		"a translator alone":                    {"gttttt", ""},
		"it arrives":                            {"gabababT", ""},
		"silence":                               {"......", ""},
	} {
		t.Run(name, func(t *testing.T) {
			result := Result{To: port4}
			var want []netip.Addr
			for i := range len(test.loop) {
				want = append(want, addrs[test.loop[i]])
			}
			for i := range len(test.way) {
				hop := hopSilent(i+1, 0)
				if router, ok := addrs[test.way[i]]; ok {
					hop = hopExceeded(i+1, router, 0)
				}
				if test.way[i] == 'T' {
					hop = hopTarget(i+1, Connected, 0)
					result.Reached = true
				}
				result.Hops = append(result.Hops, hop)
			}
			assert.Equal(t, want, result.circle())
		})
	}
}
