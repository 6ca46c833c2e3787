package output

import (
	"math"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
)

// traceToControlPort is the rest of the way that traceToSilentPort shows: the SYNs pass.
func traceToControlPort() *path.Result {
	return &path.Result{To: port("203.0.113.10:21"), Purpose: "control port", LastTTL: 5, Reached: true, Hops: []path.Hop{
		{TTL: 3, Outcome: path.Silent, Took: ms(1500)},
		{TTL: 4, Outcome: path.Exceeded, From: address("203.0.113.1"), Took: ms(33)},
		{TTL: 5, Outcome: path.Connected, From: address("203.0.113.10"), Took: ms(34.8)},
	}}
}

func TestPaths(t *testing.T) {
	rejected := traceToSilentPort()
	rejected.LastTTL, rejected.Hops[1].Outcome = 2, path.Rejected
	rejected.Hops[1].ICMP = &probes.ICMP{Type: 3, Code: 13, From: address("198.51.100.1")}
	oneMore := traceToSilentPort()
	oneMore.LastTTL = 3
	six := &path.Result{To: port("[2001:db8::1]:50212"), Purpose: "data port", LastTTL: 30, Hops: []path.Hop{
		{TTL: 1, Outcome: path.Exceeded, From: address("2001:db8:1234:5678:9abc:def0:1234:5678"), Took: ms(0.4)},
	}}
	sixControl := &path.Result{To: port("[2001:db8::1]:21"), Purpose: "control port", LastTTL: 2, Hops: []path.Hop{
		{TTL: 2, Outcome: path.Refused, From: address("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff"), Took: ms(12)},
	}}
	several := &path.Result{To: port("203.0.113.10:21"), Purpose: "target port", LastTTL: 30, Hops: []path.Hop{
		{TTL: 1, Outcome: path.Exceeded, From: address("192.168.1.1"), Took: ms(0.4), Sent: 3, Answered: 3, Best: ms(0.4), Worst: ms(0.4)},
		{
			TTL: 2, Outcome: path.Exceeded, From: address("198.51.100.1"), Took: ms(12), Sent: 3, Answered: 2, Best: ms(9), Worst: ms(30),
			Others: []netip.Addr{address("198.51.100.9")},
		},
		{TTL: 3, Outcome: path.Silent, Took: ms(900), Sent: 3},
		{TTL: 4, Outcome: path.Exceeded, From: address("198.51.100.2"), Took: ms(1100), Sent: 1, Answered: 1},
	}}
	circle := &path.Result{To: port("203.0.113.10:21"), Purpose: "target port", LastTTL: 30, Hops: []path.Hop{
		{TTL: 1, Outcome: path.Exceeded, From: address("192.168.1.1"), Took: ms(0.4)},
	}, Loop: []netip.Addr{address("198.51.100.1"), address("198.51.100.2")}}
	for ttl := 2; ttl <= 20; ttl++ {
		circle.Hops = append(circle.Hops, path.Hop{TTL: ttl, Outcome: path.Exceeded, From: circle.Loop[ttl%2], Took: ms(1)})
	}
	forged := &path.Result{To: port("192.0.2.1:1"), LastTTL: math.MaxInt, Hops: []path.Hop{{TTL: math.MaxInt - 1, Outcome: "odd"}, {TTL: -5}}}
	for name, c := range map[string]struct {
		ways  []*path.Result
		lines string
	}{
		"data port and control port": {[]*path.Result{traceToSilentPort(), traceToControlPort()}, `
Path of SYNs to 203.0.113.10, by TTL
       data port 50212            control port 21
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  11 ms
    3  ✗ silent, and so on to 30  silent
    4                             203.0.113.1   33 ms
    5                             203.0.113.10  34 ms  connected
`},
		"rejected by a device": {[]*path.Result{rejected}, `
Path of SYNs to 203.0.113.10, by TTL
       data port 50212
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  11 ms  ICMP 3/13
`},
		"one silent hop more": {[]*path.Result{oneMore}, `
Path of SYNs to 203.0.113.10, by TTL
       data port 50212
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  11 ms
    3  ✗ silent
`},
		"no room for both": {[]*path.Result{six, sixControl}, `
Path of SYNs to 2001:db8::1, by TTL
       data port 50212
    1  2001:db8:1234:5678:9abc:def0:1234:5678  0.4 ms
    2  ✗ silent, and so on to 30
       control port 21
    2  2001:db8:ffff:ffff:ffff:ffff:ffff:ffff  12 ms  refused
`},
		"two servers": {[]*path.Result{oneMore, sixControl}, `
Path of SYNs to 203.0.113.10, by TTL
       data port 50212
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  11 ms
    3  ✗ silent

Path of SYNs to 2001:db8::1, by TTL
       control port 21
    2  2001:db8:ffff:ffff:ffff:ffff:ffff:ffff  12 ms  refused
`},
		"several tries": {[]*path.Result{several}, `
Path of SYNs to 203.0.113.10, by TTL
       target port 21
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  9.0 ms to 30 ms  2 of 3  also 198.51.100.9
    3  silent
    4  198.51.100.2  1.1 s
    5  ✗ silent, and so on to 30
`},
		"a circle": {[]*path.Result{circle}, `
Path of SYNs to 203.0.113.10, by TTL
       target port 21
    1  192.168.1.1   0.4 ms
    2  198.51.100.1  1.0 ms
    3  198.51.100.2  1.0 ms
    4  198.51.100.1  1.0 ms
    5  198.51.100.2  1.0 ms
    6  ✗ the same again, and so on to 30
`},
		"nothing traced": {[]*path.Result{{To: netip.AddrPort{}}}, ""},
	} {
		var observations []any
		for _, way := range c.ways {
			observations = append(observations, way)
		}
		p := newPage(80, false, false)
		p.paths(sceneReport(observations...), false)
		assert.Equal(t, c.lines, p.b.String(), name)
	}
	p := newPage(80, false, false)
	p.paths(sceneReport(forged), true)
	assert.Contains(t, p.b.String(), "odd", "a forged file")
}

func TestPathsOfWhatFailed(t *testing.T) {
	report := sceneReport(traceToSilentPort(), traceToControlPort())
	report.Checks[1].Status = checks.Pass
	shown := func(all bool) string {
		p := newPage(80, false, false)
		p.paths(report, all)
		return p.b.String()
	}
	assert.Contains(t, shown(false), "control port 21", "beside the one that failed")
	report.Checks[0].Status = checks.Pass
	assert.Empty(t, shown(false))
	assert.Contains(t, shown(true), "data port 50212")
}
