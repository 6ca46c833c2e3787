package clock

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is more than anything needs in these tests; briefly is enough to find that nothing comes.
const (
	patience = 20 * time.Second
	briefly  = 400 * time.Millisecond
)

// server is a time server on this machine.
type server struct {
	addr     netip.AddrPort
	requests chan []byte // as they came
}

// serve starts a server that sends, in answer to the nth request, what reply returns for it.
func serve(t *testing.T, on string, reply func(n int, request []byte) [][]byte) *server {
	t.Helper()
	conn, err := net.ListenPacket("udp", on)
	require.NoError(t, err)
	s := &server{addr: probes.AddrPortOf(conn.LocalAddr()), requests: make(chan []byte, 100)}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for n := 0; ; n++ {
			buffer := make([]byte, 512)
			size, from, err := conn.ReadFrom(buffer)
			if err != nil {
				return
			}
			s.requests <- buffer[:size]
			for _, packet := range reply(n, buffer[:size]) {
				_, _ = conn.WriteTo(packet, from)
			}
		}
	}()
	t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	return s
}

// stamp is a timestamp (RFC 5905 §6), to the microsecond.
func stamp(t time.Time) uint64 {
	micros := uint64(t.UnixMicro() - epoch*1e6)
	return micros/1e6<<32 | micros%1e6<<32/1e6
}

// answerTo is the answer of a healthy server whose clock is ahead by skew.
func answerTo(request []byte, skew time.Duration) []byte {
	packet := make([]byte, packetSize)
	packet[0] = version<<3 | modeServer
	packet[offsetStratum] = 2
	copy(packet[offsetReferenceID:], []byte{192, 0, 2, 1})
	copy(packet[offsetOrigin:], request[offsetTransmit:packetSize])
	now := stamp(time.Now().Add(skew))
	binary.BigEndian.PutUint64(packet[offsetReceive:], now)
	binary.BigEndian.PutUint64(packet[offsetTransmit:], now)
	return packet
}

// measure measures by that server alone.
func measure(t *testing.T, s *server, wait time.Duration) NTP {
	t.Helper()
	return measureAt(t.Context(), t, s.addr, wait)
}

func measureAt(ctx context.Context, t *testing.T, at netip.AddrPort, wait time.Duration) NTP {
	t.Helper()
	r := Measure(ctx, probes.Host{}, Options{NTP: at.String(), Wait: wait})
	require.Len(t, r.NTP, 1)
	assert.Equal(t, at.String(), r.NTP[0].Server)
	assert.Equal(t, at, r.NTP[0].Address)
	assertJSON(t, r)
	return r.NTP[0]
}

// assertJSON asserts that a result is the same after a way through JSON.
func assertJSON(t *testing.T, r Result) {
	t.Helper()
	written, err := json.Marshal(r)
	require.NoError(t, err)
	var read Result
	require.NoError(t, json.Unmarshal(written, &read))
	again, err := json.Marshal(read)
	require.NoError(t, err)
	assert.JSONEq(t, string(written), string(again))
}

// The clocks are the same, but for the skew: half of the round trip bounds the error.
func TestOffset(t *testing.T) {
	const day = 24 * time.Hour
	for name, test := range map[string]struct {
		on   string
		skew time.Duration
	}{
		"right":                   {"127.0.0.1:0", 0},
		"over IPv6":               {"[::1]:0", 0},
		"ahead":                   {"127.0.0.1:0", time.Hour},
		"behind":                  {"127.0.0.1:0", -400 * day},
		"in the next era":         {"127.0.0.1:0", time.Until(time.Date(2040, 1, 1, 0, 0, 0, 0, time.UTC))},
		"we are ahead by decades": {"127.0.0.1:0", -50 * 365 * day},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, test.on, func(_ int, request []byte) [][]byte { return [][]byte{answerTo(request, test.skew)} })
			n := measure(t, s, patience)
			require.Nil(t, n.Fault)
			assert.True(t, n.Usable)
			assert.Equal(t, uint8(2), n.Stratum)
			const rounding = 2 * time.Microsecond
			assert.LessOrEqual(t, (time.Duration(n.Offset) - test.skew).Abs(), time.Duration(n.RoundTrip)/2+rounding)
			assert.Len(t, s.requests, 1, "asked once")
		})
	}
}

// The time that a server takes is no part of the round trip.
func TestRoundTrip(t *testing.T) {
	const held = 200 * time.Millisecond
	s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte {
		packet := answerTo(request, 0)
		time.Sleep(held)
		binary.BigEndian.PutUint64(packet[offsetTransmit:], stamp(time.Now()))
		return [][]byte{packet}
	})
	start := time.Now()
	n := measure(t, s, patience)
	took := time.Since(start)
	require.Nil(t, n.Fault)
	assert.LessOrEqual(t, time.Duration(n.RoundTrip), took-held+time.Millisecond)
}

func TestRequest(t *testing.T) {
	s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte { return [][]byte{answerTo(request, 0)} })
	cookies := map[string]bool{}
	for range 3 {
		require.True(t, measure(t, s, patience).Usable)
		request := <-s.requests
		cookies[string(request[offsetTransmit:])] = true
		want := make([]byte, packetSize-8)
		want[0], want[3] = 0x23, 0x20
		assert.Equal(t, want, request[:offsetTransmit], "it tells nothing of us")
	}
	assert.Len(t, cookies, 3, "nobody can guess the next")
}

func TestAnswersThatAreOfNoUse(t *testing.T) {
	set := func(at int, value ...byte) func([]byte) { return func(p []byte) { copy(p[at:], value) } }
	kiss := func(code string) func([]byte) {
		return func(p []byte) { p[offsetStratum] = 0; copy(p[offsetReferenceID:], code) }
	}
	for name, test := range map[string]struct {
		change  func(packet []byte)
		kind    probes.Kind
		message string
		stratum uint8
	}{
		"not synchronized":       {set(0, leapAlarm<<6|version<<3|modeServer), probes.Negative, "the server is not synchronized (leap indicator 3)", 2},
		"stratum 16":             {set(offsetStratum, 16), probes.Negative, "the server is not synchronized (stratum 16)", 16},
		"stratum 255":            {set(offsetStratum, 255), probes.Negative, "the server is not synchronized (stratum 255)", 255},
		"stratum 0":              {kiss("\x00\x00\x00\x00"), probes.Negative, "the server is not synchronized (stratum 0)", 0},
		"we ask too often":       {kiss("RATE"), probes.Negative, "the server sends the kiss code RATE", 0},
		"it is not for us":       {kiss("DENY"), probes.Negative, "the server sends the kiss code DENY", 0},
		"a kiss of escape codes": {kiss("\x1b[31"), probes.Negative, "the server is not synchronized (stratum 0)", 0},
		"it knows no better":     {set(offsetRootDispersion, 0, 15, 0, 0), "", "", 2},
		"it may be far off":      {set(offsetRootDispersion, 0, 16, 0, 0), probes.Negative, "the server's own clock may be wrong by 16s", 2},
		"it is far away":         {set(offsetRootDelay, 0xff, 0xff, 0xff, 0xff), probes.Negative, "the server's own clock may be wrong by 9h6m8s", 2},
		"no time of arrival":     {set(offsetReceive, 0, 0, 0, 0, 0, 0, 0, 0), probes.Malformed, "the server's times contradict each other", 2},
		"no time of departure":   {set(offsetTransmit, 0, 0, 0, 0, 0, 0, 0, 0), probes.Malformed, "the server's times contradict each other", 2},
		"sent before it came":    {set(offsetReceive, 0xff), probes.Malformed, "the server's times contradict each other", 2},
		"held for a century":     {set(offsetTransmit, 0, 0, 0, 1), probes.Malformed, "the server's times contradict each other", 2},
	} {
		t.Run(name, func(t *testing.T) {
			s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte {
				packet := answerTo(request, time.Hour)
				test.change(packet)
				return [][]byte{packet}
			})
			n := measure(t, s, patience)
			assert.Equal(t, test.stratum, n.Stratum)
			assert.Len(t, s.requests, 1, "what refuses us is not asked again")
			if test.kind == "" {
				assert.True(t, n.Usable)
				return
			}
			assert.Equal(t, &probes.Fault{Step: "answer", Kind: test.kind, Message: test.message}, n.Fault)
			assert.False(t, n.Usable)
			assert.Zero(t, n.Offset)
			assert.Zero(t, n.RoundTrip)
		})
	}
}

// foreigners are packets that anybody may have sent, who does not know our request.
var foreigners = map[string]func(request []byte) []byte{
	"another origin": func(request []byte) []byte {
		packet := answerTo(request, time.Hour)
		packet[offsetOrigin] ^= 1
		return packet
	},
	"no origin":     func([]byte) []byte { return answerTo(make([]byte, packetSize), time.Hour) },
	"our own words": slices.Clone[[]byte],
	"cut short":     func(request []byte) []byte { return answerTo(request, time.Hour)[:packetSize-1] },
	"empty":         func([]byte) []byte { return nil },
	"no version":    func(request []byte) []byte { return withFirst(answerTo(request, time.Hour), modeServer) },
	"a broadcast":   func(request []byte) []byte { return withFirst(answerTo(request, time.Hour), version<<3|5) },
	"a kiss for somebody else": func([]byte) []byte {
		packet := answerTo(make([]byte, packetSize), 0)
		packet[offsetStratum] = 0
		copy(packet[offsetReferenceID:], "DENY")
		return packet
	},
}

func withFirst(packet []byte, first byte) []byte {
	packet[0] = first
	return packet
}

func TestForeignPackets(t *testing.T) {
	for name, foreigner := range foreigners {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte { return [][]byte{foreigner(request)} })
			n := measure(t, s, briefly)
			assert.True(t, n.Fault.Of(probes.Malformed), "%v", n.Fault)
			assert.Len(t, s.requests, 2)
		})
		t.Run(name+", then the answer", func(t *testing.T) {
			s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte {
				return [][]byte{foreigner(request), append(answerTo(request, 0), "an extension field"...)}
			})
			n := measure(t, s, patience)
			require.Nil(t, n.Fault)
			assert.Less(t, time.Duration(n.Offset).Abs(), time.Hour/2, "the right one's")
		})
	}
}

func TestFloodOfForeignPackets(t *testing.T) {
	s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte {
		return slices.Repeat([][]byte{foreigners["another origin"](request)}, maxForeign)
	})
	n := measure(t, s, patience)
	assert.True(t, n.Fault.Of(probes.Malformed), "%v", n.Fault)
	assert.Len(t, s.requests, 1)
}

func TestSilence(t *testing.T) {
	s := serve(t, "127.0.0.1:0", func(int, []byte) [][]byte { return nil })
	n := measure(t, s, briefly)
	assert.True(t, n.Fault.Of(probes.Timeout), "%v", n.Fault)
	assert.Equal(t, "answer", n.Fault.Step)
	assert.Len(t, s.requests, 2, "one may have been lost")
}

// The first request is lost, or its answer comes only after the second request.
func TestSecondRequest(t *testing.T) {
	const wait = 2 * time.Second // the second is sent after half of it
	for name, answered := range map[string]int{"the second is answered": 1, "the first is, late": 0} {
		t.Run(name, func(t *testing.T) {
			var requests [][]byte
			s := serve(t, "127.0.0.1:0", func(n int, request []byte) [][]byte {
				requests = append(requests, request)
				if n == 0 {
					return nil
				}
				return [][]byte{answerTo(requests[answered], time.Hour)}
			})
			n := measure(t, s, wait)
			require.Nil(t, n.Fault)
			assert.Equal(t, answered == 0, time.Duration(n.RoundTrip) >= wait/2, "it counts from its own request: %v", n.RoundTrip)
			assert.LessOrEqual(t, (time.Duration(n.Offset) - time.Hour).Abs(), time.Duration(n.RoundTrip)/2+2*time.Microsecond)
		})
	}
}

func TestNobodyListens(t *testing.T) {
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	at := probes.AddrPortOf(conn.LocalAddr())
	require.NoError(t, conn.Close())
	n := measureAt(t.Context(), t, at, patience)
	assert.True(t, n.Fault.Of(probes.Refused), "%v", n.Fault)
	assert.Equal(t, "answer", n.Fault.Step)
}

// An address on a link that is not there.
func TestNoRequest(t *testing.T) {
	n := measureAt(t.Context(), t, netip.MustParseAddrPort("[fe80::1%nowhere]:123"), patience)
	require.NotNil(t, n.Fault)
	assert.Equal(t, "request", n.Fault.Step)
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	s := serve(t, "127.0.0.1:0", func(int, []byte) [][]byte {
		cancel()
		return nil
	})
	n := measureAt(ctx, t, s.addr, time.Hour)
	assert.True(t, n.Fault.Of(probes.Interrupted), "%v", n.Fault)
	assert.Len(t, s.requests, 1)
}

// looking is a host with a resolver of the test's own.
func looking(addrs []netip.Addr, err error) probes.Host {
	return probes.Host{Lookup: func(context.Context, string) ([]netip.Addr, error) { return addrs, err }}
}

func TestNameOfManyAddresses(t *testing.T) {
	s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte { return [][]byte{answerTo(request, 0)} })
	here := s.addr.Addr()
	addrs := []netip.Addr{here, netip.AddrFrom16(here.As16()), here}
	for _, other := range []string{"127.0.0.2", "::1", "127.0.0.3", "127.0.0.4"} {
		addrs = append(addrs, netip.MustParseAddr(other))
	}
	server := fmt.Sprintf("ntp.example:%d", s.addr.Port())
	r := Measure(t.Context(), looking(addrs, nil), Options{NTP: server, Wait: briefly})
	assertJSON(t, r)
	var asked []netip.Addr
	for _, n := range r.NTP {
		assert.Equal(t, server, n.Server)
		assert.Equal(t, s.addr.Port(), n.Address.Port())
		assert.Equal(t, n.Address.Addr() == here, n.Usable, "%v", n)
		asked = append(asked, n.Address.Addr())
	}
	assert.Equal(t, []netip.Addr{here, addrs[3], addrs[4], addrs[5]}, asked, "four, in order, each once")
}

func TestLookupThatFails(t *testing.T) {
	for name, test := range map[string]struct {
		server string
		addrs  []netip.Addr
		err    error
		kind   probes.Kind
	}{
		"no such name":      {"ntp.invalid", nil, &net.DNSError{Err: "no such host", IsNotFound: true}, probes.NotFound},
		"no address":        {"ntp.example", nil, nil, probes.NotFound},
		"the resolver":      {"ntp.example:1123", nil, &net.DNSError{Err: "timed out", IsTimeout: true}, probes.Timeout},
		"something":         {"ntp.example", nil, errors.New("broken"), probes.Other},
		"a port of letters": {"ntp.example:ntp", nil, nil, probes.Malformed},
		"no host":           {":123", nil, nil, probes.Malformed},
	} {
		t.Run(name, func(t *testing.T) {
			r := Measure(t.Context(), looking(test.addrs, test.err), Options{NTP: test.server, Wait: patience})
			require.Len(t, r.NTP, 1)
			assert.Equal(t, test.server, r.NTP[0].Server)
			assert.False(t, r.NTP[0].Address.IsValid())
			assert.Equal(t, "lookup", r.NTP[0].Fault.Step)
			assert.Equal(t, test.kind, r.NTP[0].Fault.Kind, "%v", r.NTP[0].Fault)
			assertJSON(t, r)
		})
	}
}

// A lookup ends with the wait.
func TestLookupThatHangs(t *testing.T) {
	host := probes.Host{Lookup: func(ctx context.Context, _ string) ([]netip.Addr, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}}
	r := Measure(t.Context(), host, Options{NTP: "ntp.example", Wait: time.Millisecond})
	require.Len(t, r.NTP, 1)
	assert.True(t, r.NTP[0].Fault.Of(probes.Timeout), "%v", r.NTP[0].Fault)
}

func TestSystemLookup(t *testing.T) {
	s := serve(t, "127.0.0.1:0", func(_ int, request []byte) [][]byte { return [][]byte{answerTo(request, 0)} })
	r := Measure(t.Context(), probes.Host{}, Options{NTP: fmt.Sprintf("localhost:%d", s.addr.Port()), Wait: patience})
	assert.True(t, slices.ContainsFunc(r.NTP, func(n NTP) bool { return n.Usable }), "%v", r.NTP)
}

func TestWithoutATimeServer(t *testing.T) {
	before := time.Now().Round(0)
	r := Measure(t.Context(), looking(nil, errors.New("nobody is to be asked")), Options{Wait: patience})
	assert.Empty(t, r.NTP)
	assert.False(t, r.Now.Before(before))
	assert.False(t, r.Now.After(time.Now()))
	assert.Equal(t, time.UTC, r.Now.Location())
	assertJSON(t, r)
}

func TestSplitServer(t *testing.T) {
	for text, want := range map[string]struct {
		host string
		port uint16
	}{
		"ntp.example":         {"ntp.example", 123},
		"ntp.example:1123":    {"ntp.example", 1123},
		"192.0.2.1":           {"192.0.2.1", 123},
		"192.0.2.1:1":         {"192.0.2.1", 1},
		"2001:db8::1":         {"2001:db8::1", 123},
		"[2001:db8::1]":       {"2001:db8::1", 123},
		"[2001:db8::1]:65535": {"2001:db8::1", 65535},
		"fe80::1%eth0":        {"fe80::1%eth0", 123},
		"[fe80::1%eth0]:123":  {"fe80::1%eth0", 123},
	} {
		host, port, ok := splitServer(text)
		assert.True(t, ok, text)
		assert.Equal(t, want.host, host, text)
		assert.Equal(t, want.port, port, text)
	}
	for _, text := range []string{"", ":", ":123", "h:", "h:0", "h:65536", "h:-1", "h:ntp", "[h]", "[192.0.2.1]", "[2001:db8::1", "2001:db8::1]",
		"[2001:db8::1]x", "[2001:db8::1]:", "h:1:2", "[]", "[]:123"} {
		_, _, ok := splitServer(text)
		assert.False(t, ok, text)
	}
}

func TestTimeOf(t *testing.T) {
	for raw, want := range map[uint64]string{
		0x00000000_00000001: "2036-02-07T06:28:16Z",
		0x00000001_80000000: "2036-02-07T06:28:17.5Z",
		0x7fffffff_00000000: "2104-02-26T09:42:23Z",
		0x80000000_00000000: "1968-01-20T03:14:08Z",
		0xdc80d180_00000000: "2017-03-25T11:22:40Z",
		0xffffffff_ffffffff: "2036-02-07T06:28:15.999999999Z",
	} {
		assert.Equal(t, want, timeOf(raw).Format(time.RFC3339Nano), "%016x", raw)
	}
	assert.Zero(t, timeOf(0))
	at := time.Date(2026, 7, 4, 12, 30, 59, 250_000_000, time.UTC)
	assert.Equal(t, at, timeOf(stamp(at)))
}

func FuzzAnswer(f *testing.F) {
	request := newRequest(0x0123456789abcdef)
	f.Add(answerTo(request, 0))
	f.Add(request)
	for _, foreigner := range foreigners {
		f.Add(foreigner(request))
	}
	first, last := time.Date(1968, 1, 1, 0, 0, 0, 0, time.UTC), time.Date(2105, 1, 1, 0, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, packet []byte) {
		a, err := parseAnswer(packet)
		if err != nil {
			require.Zero(t, a)
			return
		}
		require.GreaterOrEqual(t, len(packet), packetSize)
		require.GreaterOrEqual(t, a.rootDistance, time.Duration(0))
		for _, at := range []time.Time{a.receive, a.transmit} {
			require.True(t, at.IsZero() || at.After(first) && at.Before(last), at)
		}
		n := NTP{}
		n.Fault = n.take(a, time.Now(), time.Second)
		require.Equal(t, n.Fault == nil, n.Usable)
		require.GreaterOrEqual(t, n.RoundTrip, probes.Millis(0))
		require.LessOrEqual(t, time.Duration(n.Offset).Abs(), last.Sub(first))
	})
}
