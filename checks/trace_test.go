package checks

import (
	"context"
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

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
)

// lastWay changes the way that was traced last.
func lastWay(f func(*path.Result)) change {
	return func(e *Evidence) { f(&e.Paths[len(e.Paths)-1].Seen) }
}

// steadily is a way of which every hop was tried three times, and answered each time.
func steadily(way *path.Result) {
	for i := range way.Hops {
		way.Hops[i].Sent, way.Hops[i].Answered = 3, 3
	}
}

// toIPv6 makes a way one to the server's IPv6 address.
func toIPv6(way *path.Result) { way.To = netip.AddrPortFrom(serverIPv6, way.To.Port()) }

func wayCases() map[string]verdictCase {
	const byName, byAddress = "ftp://" + serverName, "ftp://203.0.113.10"
	const proven, likely = "tcp.filtered fail proven @ ", "tcp.filtered fail likely @ "
	ours, next, far := gatewayIPv4.String(), provider.String(), farRouter.String()
	opens, refuses := serverIPv4.String()+" connected", serverIPv4.String()+" refused"
	silent := func(target, cause string, ways ...change) verdictCase {
		return verdictCase{
			evidence: given(target, append([]change{filtered}, ways...)...), causes: []string{cause}, checks: []string{"path fail < tcp.filtered"},
		}
	}
	target := func(hops ...string) change { return traced(toTargetPort, 21, 1, hops...) }
	other := func(hops ...string) change { return traced(toOtherPort, 443, 1, hops...) }
	both := all(addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4))
	toOther := lastWay(func(way *path.Result) { way.To = netip.AddrPortFrom(otherIPv4, 21) })
	icmp := lastWay(func(way *path.Result) {
		hop := &way.Hops[len(way.Hops)-1]
		hop.ICMP = &probes.ICMP{Type: 3, Code: 1, From: hop.From}
	})
	hasty := lastWay(func(way *path.Result) { way.Wait = probes.Millis(time.Millisecond) })
	noRoute := lastWay(func(way *path.Result) {
		way.Hops[len(way.Hops)-1].ICMP = &probes.ICMP{Type: 3, Code: 0, From: farRouter}
	})
	denied := func(cause string, ways ...change) verdictCase {
		fault := byICMP("connect", probes.NoRoute, 3, 0, farRouter)
		return verdictCase{evidence: given(byName, append([]change{unconnected(serverIPv4, fault)}, ways...)...), causes: []string{cause}}
	}
	said := silent(byAddress, proven+far+" or 203.0.113.10 or the way back", target(ours, next, far, "*"), other(ours, next, far, opens))
	said.says = "it dies behind 203.0.113.1, the last that answered, or its answer does on the way back; port 443 of the same host gets through"
	alike := silent(byAddress, likely+"behind "+far, target(ours, next, far, "*"), other(ours, next, far, "*"))
	alike.says = "as for port 443 of the same host: the host is down, or all that is sent to it, or by it, is dropped"
	alone := silent(byAddress, likely+"behind "+far, target(ours, next, far, "*"))
	alone.says = "it dies behind 203.0.113.1, the last that answered"
	return map[string]verdictCase{
		"another port is open":         said,
		"another port is refused":      silent(byAddress, proven+far+" or 203.0.113.10 or the way back", target(ours, next, far, "*"), other(ours, next, far, refuses)),
		"another port dies there, too": alike,
		"nothing to compare with":      alone,
		"no hop was waited for as long as the resolver takes": {
			evidence: given(byName, filtered, target(ours, "*", "*"), hasty), causes: []string{proven + "203.0.113.10:21"}, checks: []string{"path skip"},
		},
		"no way for another port, too": denied("route.unreachable-remote fail proven @ "+far,
			target(ours, next, far, far+" rejected"), noRoute, other(ours, next, far, far+" rejected"), noRoute),
		"no way for this port, the host answers at another": denied("tcp.refused-by-middlebox fail proven @ "+far,
			target(ours, next, far, far+" rejected"), noRoute, other(ours, next, far, refuses)),
		"no way, and something nearer answers in the host's name": denied("route.unreachable-remote fail likely @ "+far,
			target(ours, next, far, far+" rejected"), noRoute, other(ours, opens)),
		"no way, and nothing answers at another port": denied("route.unreachable-remote fail likely @ "+far,
			target(ours, next, far, far+" rejected"), noRoute, other(ours, next, far, "*")),
		"our gateway is dead": {
			evidence: given(byAddress, filtered, gateways(hop(gatewayIPv4, "failed")), target(), other()),
			causes:   []string{"route.gateway-unreachable fail proven"},
			checks:   []string{"path fail < route.gateway-unreachable", "tcp fail < route.gateway-unreachable"},
		},
		"dies alike, the resolver answers": silent(byName, proven+"behind "+far, target(ours, next, far, "*"), other(ours, next, far, "*")),
		"the provider drops it":            silent(byAddress, proven+next+" or "+far, target(ours, next, "*", "*"), other(ours, next, far, opens)),
		"routers that say nothing":         silent(byAddress, proven+"before 203.0.113.10", target("*", "*", "*", "*"), other("*", "*", "*", opens)),
		"our own router answers in the host's name": silent(byAddress, likely+"203.0.113.10",
			target("*", "*", "*"), other(opens)),
		"a device nearer than the last router answers in the host's name": silent(byAddress, likely+"behind "+far,
			target(ours, next, far, "*"), other(ours, next, refuses)),
		"the other port is rejected by a device": silent(byAddress, likely+far+" or 198.51.100.20",
			target(ours, next, far, "*"), other(ours, next, far, "198.51.100.20 rejected")),
		"the trace was cut short": {
			evidence: given(byAddress, filtered, target(ours), lastWay(func(way *path.Result) { way.Fault = fault("SYN", probes.Interrupted) })),
			causes:   []string{likely + "203.0.113.10:21"}, checks: []string{"path pass"},
		},
		"a SYN of the trace was answered": {
			evidence: given(byName, filtered, target(ours, next, far, opens)), causes: []string{likely + "203.0.113.10:21"}, checks: []string{"path pass"},
		},
		"a device answers a SYN of the trace": {
			evidence: given(byAddress, filtered, target(ours, next, far, far+" rejected"), icmp),
			causes:   []string{"route.unreachable-remote fail proven @ " + far}, checks: []string{"path fail < route.unreachable-remote"},
		},
		"this machine answers a SYN of the trace itself": {
			evidence: given(byName, filtered, target(ownIPv4.String()+" rejected"), icmp), causes: []string{proven + "203.0.113.10:21"},
		},
		"slow, and well": {evidence: given(byName, target(ours, next, far, opens)), causes: nil, checks: []string{"path pass"}},
		"slow, and the trace's SYNs were lost": {
			evidence: given(byName, target(ours, next, far, "*")), causes: nil, checks: []string{"path pass"},
		},
		"another address, over the same routers": {
			evidence: given(byName, addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4), unconnected(serverIPv4, fault("connect", probes.Timeout)),
				target(ours, next, "*", "*"), other(ours, next, "*", "*"), traced(toOtherAddress, 21, 1, ours, next, far, opens), toOther),
			causes: []string{"tcp.partial-backends warn proven @ 203.0.113.10"}, checks: []string{"path fail < tcp.partial-backends"},
		},
		"another address, by other routers": {
			evidence: given(byName, addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4), unconnected(serverIPv4, fault("connect", probes.Timeout)),
				target(ours, next, "*", "*"), other(ours, next, "*", "*"), traced(toOtherAddress, 21, 1, ours, far, "*", opens), toOther),
			causes: []string{"tcp.partial-backends warn proven @ 203.0.113.10"},
		},
		"over IPv6 only, and another port answers": {
			evidence: given(byName, both, unconnected(serverIPv6, fault("connect", probes.Timeout)),
				target("2001:db8:9::1", "*"), lastWay(toIPv6), other("2001:db8:9::1", serverIPv6.String()+" refused"), lastWay(toIPv6)),
			causes: []string{"ip6.target-broken warn proven @ 2001:db8:9::1 or 2001:db8:2::10 or the way back"}, checks: []string{"path fail < ip6.target-broken"},
		},
		"routers are not told to an ordinary user": {
			evidence: given(byName, filtered, target(), lastWay(func(way *path.Result) { way.Fault = fault("SYN", probes.Unsupported) })),
			causes:   []string{proven + "203.0.113.10:21"}, checks: []string{"path skip"},
		},
		"prohibited in the middle, and traced": {
			evidence: given(byName, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, provider)), target(ours, next, next+" rejected")),
			causes:   []string{"route.admin-prohibited fail proven @ " + next}, checks: []string{"path fail < route.admin-prohibited"},
		},
	}
}

func circleCases() map[string]verdictCase {
	const byAddress = "ftp://203.0.113.10"
	ours, next, far := gatewayIPv4.String(), provider.String(), farRouter.String()
	exceeded := unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 11, 0, provider))
	way := traced(toTargetPort, 21, 1, ours, next, far, next, far, next, far)
	circle := func(routers ...netip.Addr) change { return lastWay(func(way *path.Result) { way.Loop = routers }) }
	both := next + " and " + far
	return map[string]verdictCase{
		"the time to live ran out, and the trace shows a circle": {
			evidence: given(byAddress, exceeded, way, circle(provider, farRouter)), causes: []string{"route.loop fail proven @ " + both},
			checks: []string{"path fail < route.loop", "tcp fail < route.loop"},
		},
		"silence, and the trace shows a circle": {
			evidence: given(byAddress, filtered, way, circle(provider, farRouter)), causes: []string{"route.loop fail proven @ " + both},
		},
		"one of the routers says nothing": {
			evidence: given(byAddress, exceeded, traced(toTargetPort, 21, 1, ours, next, "*", next, "*", next), circle(provider)),
			causes:   []string{"route.loop fail likely @ " + next},
		},
		"the trace shows none, and does not arrive": {
			evidence: given(byAddress, exceeded, traced(toTargetPort, 21, 1, ours, next)), causes: []string{"route.loop fail likely @ " + next},
		},
		"the trace arrives": {
			evidence: given(byAddress, exceeded, traced(toTargetPort, 21, 1, ours, next, far, serverIPv4.String()+" connected")),
			causes:   []string{"route.ttl-too-small fail likely"},
		},
		"another device forbids it": {
			evidence: given(byAddress, unconnected(serverIPv4, byICMP("connect", probes.Unreachable, 3, 13, provider)), way, circle(provider, farRouter)),
			causes:   []string{"route.admin-prohibited fail proven @ " + next},
		},
		"it was a moment only": {evidence: given(byAddress, way, circle(provider, farRouter)), causes: nil, checks: []string{"path pass"}},
	}
}

func forgedCases() map[string]verdictCase {
	const byAddress = "ftp://203.0.113.10"
	const device = "tcp.refused-by-middlebox fail "
	ours, next, far := gatewayIPv4.String(), provider.String(), farRouter.String()
	opens, refuses := serverIPv4.String()+" connected", serverIPv4.String()+" refused"
	refused := unconnected(serverIPv4, fault("connect", probes.Refused))
	ways := func(target, other []string, more ...change) *Evidence {
		return given(byAddress, append([]change{
			refused, traced(toTargetPort, 21, 1, target...), lastWay(steadily), traced(toOtherPort, 443, 1, other...), lastWay(steadily),
		}, more...)...)
	}
	once := func(e *Evidence) {
		hops := e.Paths[0].Seen.Hops
		hops[len(hops)-1].Sent, hops[len(hops)-1].Answered = 1, 1
	}
	mixed := func(e *Evidence) {
		hops := e.Paths[0].Seen.Hops
		hops[len(hops)-1].Others = []netip.Addr{farRouter}
	}
	near := []string{ours, refuses}
	return map[string]verdictCase{
		"far before the server": {
			evidence: ways(near, []string{ours, next, far, opens}), causes: []string{device + "proven @ " + ours + " or " + next},
			checks: []string{"path fail < tcp.refused-by-middlebox", "path pass"},
		},
		"right before the server: it may bear the address": {
			evidence: ways([]string{ours, next, refuses}, []string{ours, next, far, opens}), causes: []string{device + "likely @ " + next + " or " + far},
		},
		"before routers of private addresses: it may bear the address": {
			evidence: ways(near, []string{ours, next, "10.88.1.1", opens}), causes: []string{device + "likely"},
		},
		"seen once only":                 {evidence: ways(near, []string{ours, next, far, opens}, once), causes: []string{device + "likely"}},
		"over ways of different length":  {evidence: ways(near, []string{ours, next, far, opens}, mixed), causes: []string{device + "likely"}},
		"the other port does not arrive": {evidence: ways(near, []string{ours, next, far, "*"}), causes: []string{device + "likely"}},
		"silent, and the trace is refused": {
			evidence: given(byAddress, filtered, traced(toTargetPort, 21, 1, ours, next, refuses)), causes: []string{"tcp.refused fail likely"},
		},
		"a translator bears the address":    {evidence: ways(near, []string{ours, serverIPv4.String(), opens}), causes: []string{"tcp.refused fail proven"}},
		"from where the other port answers": {evidence: ways([]string{ours, next, refuses}, []string{ours, next, opens}), causes: []string{"tcp.refused fail proven"}},
		"nothing to compare with":           {evidence: ways(near, []string{"*", "*"}), causes: []string{"tcp.refused fail proven"}},
	}
}

// tracer is a network in fake time that answers SYNs by their TTL: routers up to the server, which is behind the last.
type tracer struct {
	routers []netip.Addr
	dials   func(ctx context.Context, to netip.AddrPort) (net.Conn, error) // what comes of connections
	arrives func(ctx context.Context, to netip.AddrPort) (net.Conn, error) // what comes of SYNs that live for long enough

	mu   sync.Mutex
	hops map[netip.AddrPort]int // SYNs by where they went
}

func (n *tracer) host() probes.Host {
	return probes.Host{Dial: n.dials, DialTTL: func(ctx context.Context, to netip.AddrPort, ttl int) (net.Conn, error) {
		n.mu.Lock()
		if ctx.Err() == nil {
			n.hops[to]++
		}
		n.mu.Unlock()
		if ttl > len(n.routers) {
			return n.arrives(ctx, to)
		}
		return nil, &probes.DialError{
			Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH), ICMP: &probes.ICMP{Type: 11, From: n.routers[ttl-1]},
		}
	}}
}

func dropping(ctx context.Context, _ netip.AddrPort) (net.Conn, error) { return nil, silence(ctx) }

func refusing(context.Context, netip.AddrPort) (net.Conn, error) {
	return nil, &probes.DialError{Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
}

// accepting accepts after some time.
func accepting(after time.Duration) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		if err := wait(ctx, after); err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		_ = far.Close()
		return &end{Conn: near, local: netip.AddrPortFrom(addr("127.0.0.1"), 40000), remote: to, closed: func() {}}, nil
	}
}

func rejecting(from netip.Addr) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(context.Context, netip.AddrPort) (net.Conn, error) {
		return nil, &probes.DialError{Err: os.NewSyscallError("connect", syscall.EHOSTUNREACH), ICMP: &probes.ICMP{Type: 3, Code: 13, From: from}}
	}
}

// only443 answers in one way there, and in another elsewhere.
func only443(there, elsewhere func(context.Context, netip.AddrPort) (net.Conn, error)) func(context.Context, netip.AddrPort) (net.Conn, error) {
	return func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
		if to.Port() == portHTTPS {
			return there(ctx, to)
		}
		return elsewhere(ctx, to)
	}
}

func TestWhatIsTraced(t *testing.T) {
	const timeout = 4 * time.Second
	target := netip.MustParseAddrPort("127.0.0.11:2121")
	web := netip.AddrPortFrom(target.Addr(), portHTTPS)
	dies := only443(refusing, dropping)
	for name, c := range map[string]struct {
		dials, arrives func(context.Context, netip.AddrPort) (net.Conn, error)
		flag           bool
		ways           []string
		most           map[netip.AddrPort]int // SYNs of traces
		within         time.Duration
	}{
		"all is well": {dials: accepting(0), arrives: accepting(0), within: time.Millisecond},
		"all is well, and the flag": {
			dials: accepting(0), arrives: accepting(0), flag: true, ways: []string{toTargetPort}, most: map[netip.AddrPort]int{target: 3*3 + 1},
			within: time.Second,
		},
		"a long way, and the flag": {
			dials: accepting(600 * time.Millisecond), arrives: accepting(600 * time.Millisecond), flag: true, ways: []string{toTargetPort},
			most: map[netip.AddrPort]int{target: 3*3 + 7}, within: 5 * time.Second / 2,
		},
		"a SYN was lost": {
			dials: accepting(1010 * time.Millisecond), arrives: accepting(0), ways: []string{toTargetPort}, most: map[netip.AddrPort]int{target: 3*3 + 1},
			within: 2 * time.Second,
		},
		"silence": {
			dials: dropping, arrives: dropping, ways: []string{toTargetPort, toOtherPort}, most: map[netip.AddrPort]int{target: 30 + 2*7, web: 30},
			within: timeout * 12 / 10,
		},
		"silence, and another port answers": {
			dials: dropping, arrives: dies, ways: []string{toTargetPort, toOtherPort}, most: map[netip.AddrPort]int{target: 30 + 2*7, web: 3 + 1},
			within: timeout * 12 / 10,
		},
		"refused": {dials: refusing, arrives: refusing, within: time.Millisecond},
		"refused, and the flag": {
			dials: refusing, arrives: refusing, flag: true, ways: []string{toTargetPort, toOtherPort}, within: time.Second,
		},
		"forbidden by a device": {dials: rejecting(provider), arrives: rejecting(provider), ways: []string{toTargetPort}, within: time.Second},
		"forbidden by the host": {dials: rejecting(target.Addr()), arrives: rejecting(target.Addr()), within: time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := &tracer{
					routers: []netip.Addr{gatewayIPv4, provider, farRouter}, dials: c.dials, arrives: c.arrives, hops: map[netip.AddrPort]int{},
				}
				parsed, err := ParseTarget("tcp://" + target.String())
				require.NoError(t, err)
				start := time.Now()
				report := Diagnose(t.Context(), parsed, Options{Host: n.host(), Timeout: timeout, TracePath: c.flag})
				assert.LessOrEqual(t, time.Since(start), c.within)
				assertSound(t, report)
				var ways []string
				for _, r := range report.Checks {
					if way, ok := r.Observation.(*path.Result); ok {
						ways = append(ways, way.Purpose)
					}
				}
				assert.Equal(t, c.ways, ways)
				for to, most := range c.most {
					assert.LessOrEqual(t, n.hops[to], most, "SYNs to %s", to)
				}
			})
		})
	}
}

func TestTraceEndsWithTheDiagnosis(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := &tracer{routers: []netip.Addr{gatewayIPv4}, dials: dropping, arrives: dropping, hops: map[netip.AddrPort]int{}}
		parsed, err := ParseTarget("tcp://127.0.0.11:2121")
		require.NoError(t, err)
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		start := time.Now()
		report := Diagnose(ctx, parsed, Options{Host: n.host()})
		assert.Equal(t, 1500*time.Millisecond, time.Since(start))
		assert.Equal(t, VerdictUnknown, report.Verdict)
		assert.Empty(t, report.Causes)
	})
}

func TestComparisonWithAnotherAddress(t *testing.T) {
	ours, next, far := gatewayIPv4.String(), provider.String(), farRouter.String()
	toOther := lastWay(func(way *path.Result) { way.To = netip.AddrPortFrom(otherIPv4, 21) })
	for name, c := range map[string]struct{ by, where string }{
		"over the same routers": {next, next + " or " + far},
		"by other routers":      {far, "behind " + next},
	} {
		t.Run(name, func(t *testing.T) {
			e := given("ftp://"+serverName, traced(toTargetPort, 21, 1, ours, next, "*", "*"), traced(toOtherPort, 443, 1, ours, next, "*", "*"),
				traced(toOtherAddress, 21, 1, ours, c.by, farRouter.String(), otherIPv4.String()+" connected"), toOther)
			d, known := (&bench{e: e}).whereItDies(netip.AddrPortFrom(serverIPv4, 21))
			assert.True(t, known)
			assert.Equal(t, c.where, d.where(""))
		})
	}
}
