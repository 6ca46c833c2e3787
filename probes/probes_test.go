package probes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ended is a context that the user, or the target's deadline, has ended.
func ended(t *testing.T, cause error) context.Context {
	t.Helper()
	if errors.Is(cause, context.DeadlineExceeded) {
		ctx, cancel := context.WithDeadline(t.Context(), time.Unix(1, 0))
		t.Cleanup(cancel)
		return ctx
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

// onSocketCall is an error number as package net returns it.
func onSocketCall(errno syscall.Errno) error {
	return &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", errno)}
}

func TestNewFault(t *testing.T) {
	for name, test := range map[string]struct {
		err       error
		whileOn   Kind // the context goes on
		whenEnded Kind // the context has ended
	}{
		"deadline of the operation":    {os.ErrDeadlineExceeded, Timeout, Interrupted},
		"deadline of a context":        {context.DeadlineExceeded, Timeout, Interrupted},
		"cancelled":                    {context.Canceled, Interrupted, Interrupted},
		"timeout by its method alone":  {&net.DNSError{Err: "i/o timeout", IsTimeout: true}, Timeout, Interrupted},
		"connection closed by us":      {net.ErrClosed, Other, Interrupted},
		"something new":                {errors.New("something new"), Other, Interrupted},
		"end of the stream":            {io.EOF, Closed, Closed},
		"end in the middle":            {fmt.Errorf("reading: %w", io.ErrUnexpectedEOF), Closed, Closed},
		"closed pipe":                  {io.ErrClosedPipe, Closed, Closed},
		"refused":                      {onSocketCall(syscall.ECONNREFUSED), Refused, Refused},
		"reset":                        {onSocketCall(syscall.ECONNRESET), Reset, Reset},
		"timeout of the kernel":        {onSocketCall(syscall.ETIMEDOUT), Timeout, Interrupted},
		"network unreachable":          {onSocketCall(syscall.ENETUNREACH), NoRoute, NoRoute},
		"host unreachable":             {onSocketCall(syscall.EHOSTUNREACH), Unreachable, Unreachable},
		"forbidden":                    {onSocketCall(syscall.EACCES), Prohibited, Prohibited},
		"no local port":                {onSocketCall(syscall.EADDRNOTAVAIL), NoAddress, NoAddress},
		"an error number without name": {onSocketCall(syscall.EMFILE), Other, Interrupted},
	} {
		t.Run(name, func(t *testing.T) {
			fault := NewFault(t.Context(), "connect", test.err)
			assert.Equal(t, &Fault{Step: "connect", Kind: test.whileOn, Message: test.err.Error()}, fault)
			for _, cause := range []error{context.Canceled, context.DeadlineExceeded} {
				fault := NewFault(ended(t, cause), "connect", test.err)
				assert.Equal(t, test.whenEnded, fault.Kind, "ended by: %v", cause)
			}
		})
	}
}

// late is a context whose deadline has passed, and whose timer has not noticed yet.
type late struct{ context.Context }

func (late) Deadline() (time.Time, bool) { return time.Unix(1, 0), true }

func TestNewFaultAtTheDeadline(t *testing.T) {
	assert.True(t, NewFault(late{t.Context()}, "connect", os.ErrDeadlineExceeded).Of(Interrupted))
	assert.True(t, NewFault(late{t.Context()}, "connect", onSocketCall(syscall.ECONNREFUSED)).Of(Refused))
}

func TestNewFaultOfNothing(t *testing.T) {
	assert.Nil(t, NewFault(t.Context(), "connect", nil))
	assert.False(t, NewFault(t.Context(), "connect", nil).Of(Other))
}

func TestNewFaultKeepsWhatIsOneAlready(t *testing.T) {
	fault := &Fault{Step: "greeting", Kind: Malformed, Message: "not a reply"}
	assert.Same(t, fault, NewFault(ended(t, context.Canceled), "connect", fmt.Errorf("around it: %w", fault)))
}

func TestNewFaultBoundsTheMessage(t *testing.T) {
	fault := NewFault(t.Context(), "read", errors.New(strings.Repeat("x", 10*MaxText)))
	assert.Len(t, fault.Message, MaxText)
}

func TestFaultOfDialNamesTheSenderOfTheICMPError(t *testing.T) {
	for from, text := range map[string]string{
		"192.0.2.1":   "connect: connection refused (ICMP 3/3 from 192.0.2.1)",
		"2001:db8::1": "connect: connection refused (ICMPv6 3/3 from 2001:db8::1)",
	} {
		icmp := &ICMP{Type: 3, Code: 3, From: netip.MustParseAddr(from)}
		err := &DialError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED), ICMP: icmp}
		assert.Equal(t, &Fault{Step: "SYN", Kind: Refused, Message: text, ICMP: icmp}, NewFault(t.Context(), "SYN", err))
	}
}

func TestFaultAsError(t *testing.T) {
	assert.Equal(t, "greeting: timeout", (&Fault{Step: "greeting", Kind: Timeout}).Error())
	assert.Equal(t, "greeting: EOF", (&Fault{Step: "greeting", Kind: Closed, Message: "EOF"}).Error())
}

func TestMillisInJSON(t *testing.T) {
	for text, d := range map[string]time.Duration{
		"0":        0,
		"0.001":    time.Microsecond,
		"0.02":     20 * time.Microsecond,
		"120.2":    120200 * time.Microsecond,
		"3000":     3 * time.Second,
		"86400000": 24 * time.Hour,
		"-1.5":     -1500 * time.Microsecond,
	} {
		written, err := json.Marshal(Millis(d))
		require.NoError(t, err)
		assert.Equal(t, text, string(written))
		var read Millis
		require.NoError(t, json.Unmarshal([]byte(text), &read))
		assert.Equal(t, Millis(d), read, text)
	}
}

func TestMillisRoundTrips(t *testing.T) {
	for d := time.Microsecond; d < time.Hour; d = (d*7/3 + time.Microsecond).Truncate(time.Microsecond) {
		written, err := json.Marshal(Millis(d))
		require.NoError(t, err)
		var read Millis
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, Millis(d), read, "%s", written)
	}
}

func TestMillisOfWhatIsNoNumber(t *testing.T) {
	var m Millis
	require.Error(t, json.Unmarshal([]byte(`"3s"`), &m))
}

func TestMillisForPeople(t *testing.T) {
	for d, text := range map[time.Duration]string{
		0:                       "0.0 ms",
		412 * time.Microsecond:  "0.4 ms",
		9900 * time.Microsecond: "9.9 ms",
		10 * time.Millisecond:   "10 ms",
		999 * time.Millisecond:  "999 ms",
		time.Second:             "1.0 s",
		61 * time.Second:        "61.0 s",
	} {
		assert.Equal(t, text, Millis(d).String())
	}
}

func TestBound(t *testing.T) {
	full := strings.Repeat("x", MaxText)
	for name, test := range map[string]struct{ text, want string }{
		"empty":                      {"", ""},
		"short":                      {"220 ready", "220 ready"},
		"as long as may be":          {full, full},
		"a byte too long":            {full + "x", full[:MaxText-3] + "…"},
		"control characters stay":    {"a\x00\x1b[31m\x7f\r\n", "a\x00\x1b[31m\x7f\r\n"},
		"UTF-8":                      {"Größe €", "Größe €"},
		"Latin-1":                    {"Gr\xf6\xdfe", "Größe"},
		"Latin-1 that UTF-8 follows": {"\xf6 é", "ö Ã©"},
		"a rune across the cut":      {full[:MaxText-4] + "ééé", full[:MaxText-4] + "…"},
		"all runes of four bytes":    {strings.Repeat("𝄞", MaxText), strings.Repeat("𝄞", 127) + "…"},
		"Latin-1 that grows":         {strings.Repeat("\xf6", MaxText), strings.Repeat("ö", 254) + "…"},
		"Latin-1 beyond the cut":     {full + "\xf6", full[:MaxText-3] + "…"},
		"Latin-1, much too long":     {strings.Repeat("\xf6", 1<<20), strings.Repeat("ö", 254) + "…"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, Bound(test.text)) })
	}
}

func FuzzBound(f *testing.F) {
	f.Add("220 ready", 1)
	f.Add("Gr\xf6\xdfe €", 100)
	f.Fuzz(func(t *testing.T, text string, times int) {
		bounded := Bound(strings.Repeat(text, max(0, min(times, MaxText))))
		require.True(t, utf8.ValidString(bounded), "%q", bounded)
		require.LessOrEqual(t, len(bounded), MaxText)
		if utf8.ValidString(text) && len(text) <= MaxText {
			require.Equal(t, text, Bound(text))
		}
	})
}

func TestDoubt(t *testing.T) {
	for rtt, want := range map[time.Duration]time.Duration{
		0:                      time.Second,
		300 * time.Millisecond: time.Second,
		400 * time.Millisecond: 1200 * time.Millisecond,
	} {
		assert.Equal(t, want, Doubt(rtt))
	}
}

// The experiment of these tests begins after a second and takes another, or ends with its context.
func TestOnDoubt(t *testing.T) {
	for name, test := range map[string]struct {
		settleAfter time.Duration
		moot        bool
		cancelAfter time.Duration
		ran         bool          // the experiment
		interrupted bool          // it ended with its context
		settledAt   time.Duration // settle returned
	}{
		"settled before the doubt: run now":  {settleAfter: 900 * time.Millisecond, ran: true, settledAt: 1900 * time.Millisecond},
		"moot before the doubt":              {settleAfter: 900 * time.Millisecond, moot: true, settledAt: 900 * time.Millisecond},
		"settled while it runs: waited for":  {settleAfter: 1500 * time.Millisecond, ran: true, settledAt: 2 * time.Second},
		"moot while it runs: ended":          {settleAfter: 1500 * time.Millisecond, moot: true, ran: true, interrupted: true, settledAt: 1500 * time.Millisecond},
		"settled after it":                   {settleAfter: 3 * time.Second, ran: true, settledAt: 3 * time.Second},
		"moot after it":                      {settleAfter: 3 * time.Second, moot: true, ran: true, settledAt: 3 * time.Second},
		"the user lost patience meanwhile":   {settleAfter: 1500 * time.Millisecond, cancelAfter: 1400 * time.Millisecond, ran: true, interrupted: true, settledAt: 1500 * time.Millisecond},
		"the user lost patience before that": {settleAfter: 1500 * time.Millisecond, cancelAfter: 500 * time.Millisecond, ran: true, interrupted: true, settledAt: 1500 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if test.cancelAfter > 0 {
					time.AfterFunc(test.cancelAfter, cancel)
				}
				start := time.Now()
				ran, interrupted := false, false
				settle := OnDoubt(ctx, time.Second, func(ctx context.Context) {
					ran = true
					select {
					case <-ctx.Done():
						interrupted = true
					case <-time.After(time.Second):
					}
				})
				time.Sleep(test.settleAfter)
				settle(test.moot)
				assert.Equal(t, test.settledAt, time.Since(start))
				assert.Equal(t, test.ran, ran)
				assert.Equal(t, test.interrupted, interrupted)
			})
		})
	}
}

func TestOnDoubtNeverRunsAfterItWasSettled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		settle := OnDoubt(t.Context(), time.Second, func(context.Context) { t.Error("there was no doubt left") })
		settle(true)
		time.Sleep(time.Minute)
	})
}
