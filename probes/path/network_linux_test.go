package path

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

// node is a machine: a network namespace, and a thread that lives in it.
type node struct {
	thread int
	work   chan func()
}

// newNode makes a machine without cables.
func newNode(t *testing.T) *node {
	t.Helper()
	n := &node{work: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread, and the namespace with it, ends with its goroutine
		n.thread = unix.Gettid()
		ready <- unix.Unshare(unix.CLONE_NEWNET)
		for work := range n.work {
			work()
		}
	}()
	t.Cleanup(func() { close(n.work) })
	require.NoError(t, <-ready)
	return n
}

// do has the machine do something, and returns when it is done.
func (n *node) do(work func()) {
	done := make(chan struct{})
	n.work <- func() { defer close(done); work() }
	<-done
}

// run runs commands on the machine.
func (n *node) run(t *testing.T, commands ...string) {
	t.Helper()
	for _, command := range commands {
		words := strings.Split(command, " ")
		n.do(func() {
			out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput()
			assert.NoError(t, err, "%s: %s", command, out)
		})
	}
	require.False(t, t.Failed())
}

// user does something on the machine as an ordinary user without any right, on a thread of its own.
func (n *node) user(t *testing.T, work func()) {
	failed := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread gives up what it may not have back
		failed <- func() error {
			namespace, err := os.Open("/proc/self/task/" + strconv.Itoa(n.thread) + "/ns/net")
			if err != nil {
				return err
			}
			defer func() { _ = namespace.Close() }()
			if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
				return err
			}
			netlinktest.Unprivileged(t)
			work()
			return nil
		}()
	}()
	assert.NoError(t, <-failed)
}

// host is the machine as one that measures, as an ordinary user.
func (n *node) host(t *testing.T) probes.Host {
	return probes.Host{DialTTL: func(ctx context.Context, to netip.AddrPort, ttl int) (conn net.Conn, err error) {
		n.user(t, func() { conn, err = probes.Host{}.DialHop(ctx, to, ttl) })
		return conn, err
	}}
}

// The test's internet is a chain: us (0), four routers (1 to 4), and the server (5). Cable i leads from machine i, which is ::1 on it,
// to machine i+1, which is ::2.
const server = 5

// addr is the address of a machine on the side that looks to us.
func addr(machine, family int) netip.Addr {
	if family == 4 {
		return netip.AddrFrom4([4]byte{198, 18, byte(machine - 1), 2})
	}
	return netip.MustParseAddr(fmt.Sprintf("2001:db8:%d::2", machine-1))
}

// lost is an address that routers 2 and 3 send to each other.
func lost(family int) netip.Addr {
	return netip.MustParseAddr(map[int]string{4: "203.0.113.7", 6: "2001:db8:bad::7"}[family])
}

// cable is the commands that lay cable i on its machines a and b. They know each other's link-layer addresses, so that nobody has to
// search.
func cable(i, threadOfB int) (a, b []string) {
	const link = "ip link add right address 02:00:00:00:%02d:01 type veth peer name left address 02:00:00:00:%02d:02 netns %d"
	a = []string{fmt.Sprintf(link, i, i, threadOfB), "ip link set right up"}
	b = []string{"ip link set left up"}
	for _, network := range []string{"198.18.%d.", "2001:db8:%d::"} {
		network = fmt.Sprintf(network, i)
		a = append(a, plug(network, "right", 1, 2, i)...)
		b = append(b, plug(network, "left", 2, 1, i)...)
	}
	return a, b
}

// plug is the commands that give an end of a cable its address, and the other end's.
func plug(network, iface string, own, other, cable int) []string {
	bits, option := "/24", ""
	if strings.Contains(network, ":") {
		bits, option = "/64", " nodad"
	}
	return []string{
		fmt.Sprintf("ip address add %s%d%s dev %s%s", network, own, bits, iface, option),
		fmt.Sprintf("ip neigh add %s%d lladdr 02:00:00:00:%02d:0%d dev %s", network, other, cable, other, iface),
	}
}

// routes are the commands that make a machine of the chain send what is not on its cables: to the left for the cables there, to the
// right for all else.
func routes(machine int) (commands []string) {
	if machine == server {
		return []string{"ip route add default via 198.18.4.1", "ip route add default via 2001:db8:4::1"}
	}
	commands = []string{
		fmt.Sprintf("ip route add default via 198.18.%d.2", machine), fmt.Sprintf("ip route add default via 2001:db8:%d::2", machine),
	}
	for left := range machine - 1 {
		commands = append(commands,
			fmt.Sprintf("ip route add 198.18.%d.0/24 via 198.18.%d.1", left, machine-1),
			fmt.Sprintf("ip route add 2001:db8:%d::/64 via 2001:db8:%d::1", left, machine-1))
	}
	return commands
}

// faults are the commands by machine that make the internet worth a measurement, in both families and by port: router 2 never says
// that a TTL ran out, router 3 is a firewall, and router 4 does not hear the first SYN to the ports
// 26 and 27.
var faults = map[int][]string{
	2: append(chain("output"), rule("output", "icmp type time-exceeded drop"), rule("output", "icmpv6 type time-exceeded drop")),
	3: append(append(chain("forward"), chain("prerouting")...),
		rule("forward", "tcp dport 22 drop"),
		rule("prerouting", "tcp dport 23 drop"),
		rule("forward", "tcp dport 24 reject with icmpx admin-prohibited"),
		rule("forward", "tcp dport 25 reject with tcp reset"),
		"ip route add 203.0.113.0/24 via 198.18.2.1", "ip route add 2001:db8:bad::/64 via 2001:db8:2::1"),
	4: append(chain("prerouting"),
		"nft add set inet firewall seen { type inet_service . inet_service ; flags dynamic ; size 1000 ; }",
		rule("prerouting", "tcp dport . tcp sport @seen accept"),
		rule("prerouting", "tcp dport { 26, 27 } add @seen { tcp dport . tcp sport } drop")),
	server: append(chain("input"), rule("input", "tcp dport 32 reject with icmpx admin-prohibited")),
}

func chain(hook string) []string {
	return []string{
		"nft add table inet firewall",
		"nft add chain inet firewall " + hook + " { type filter hook " + hook + " priority 0 ; }",
	}
}

func rule(hook, what string) string { return "nft add rule inet firewall " + hook + " " + what }

// patience is more than anything needs in these tests, and wait is enough for a second SYN.
const (
	patience = 20 * time.Second
	wait     = 1500 * time.Millisecond
)

// internet builds the test's internet, and returns its machines.
func internet(t *testing.T) []*node {
	t.Helper()
	netlinktest.Namespace(t) // skips where it cannot be built
	var nodes []*node
	for range server + 1 {
		n := newNode(t)
		n.run(t, "ip link set lo up", "sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0",
			"sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1")
		nodes = append(nodes, n)
	}
	for i := range server {
		a, b := cable(i, nodes[i+1].thread)
		nodes[i].run(t, a...)
		nodes[i+1].run(t, b...)
	}
	for i, n := range nodes {
		n.run(t, routes(i)...)
		n.run(t, faults[i]...)
	}
	awaitCables(t, nodes[0])
	return nodes
}

// awaitCables waits until the server answers: a cable takes a moment until it carries.
func awaitCables(t *testing.T, us *node) {
	t.Helper()
	for _, family := range []int{4, 6} {
		require.Eventually(t, func() bool {
			ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
			defer cancel()
			_, err := us.host(t).DialHop(ctx, netip.AddrPortFrom(addr(server, family), 9), 64)
			return probes.NewFault(ctx, "connect", err).Of(probes.Refused)
		}, patience, time.Millisecond)
	}
}

// step is what a hop of the test's internet is to be: outcome, machine.
type step struct {
	outcome Outcome
	machine int // 0: nobody
}

// sight is a port of the server's, and what is to be seen of the way there: hop by hop from TTL 1.
type sight struct {
	name    string
	port    uint16
	steps   []step
	reached bool
	last    int                 // the greatest TTL tried
	icmp    map[int]probes.ICMP // of the last step, by family
}

var sights = []sight{
	{name: "open", port: 80, steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Exceeded, 4}, {Connected, 5}}, reached: true, last: 5},
	{name: "closed", port: 81, steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Exceeded, 4}, {Refused, 5}}, reached: true, last: 5},
	{name: "dropped by router 3", port: 22, steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}}, last: 8},
	{name: "dropped by router 3 before all else", port: 23, steps: []step{{Exceeded, 1}}, last: 8},
	{
		name: "prohibited by router 3", port: 24, steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Rejected, 3}}, last: 4,
		icmp: prohibited,
	},
	{
		name: "a RST of router 3's in the server's name", port: 25, last: 4,
		steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Refused, server}}, reached: true,
	},
	{
		name: "prohibited by the server itself", port: 32, reached: true, last: 5,
		steps: []step{{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Exceeded, 4}, {Rejected, server}}, icmp: prohibited,
	},
}

// prohibited is what a firewall says by family: communication administratively prohibited (RFC 1812 §5.2.7.1, RFC 4443 §3.1).
var prohibited = map[int]probes.ICMP{4: {Type: 3, Code: 13}, 6: {Type: 1, Code: 1}}

// assert compares a way with what is to be seen of it.
func (s sight) assert(t *testing.T, got Result, family int) {
	t.Helper()
	assertSteps(t, s.steps, got)
	assert.Equal(t, s.reached, got.Reached)
	assert.Equal(t, s.last, got.LastTTL)
	assert.Nil(t, got.Fault)
	if icmp, ok := s.icmp[family]; ok {
		last := got.Hops[len(got.Hops)-1]
		icmp.From = last.From
		assert.Equal(t, &icmp, last.ICMP)
	}
}

// assertSteps compares the hops of a way with what they are to be.
func assertSteps(t *testing.T, want []step, got Result) {
	t.Helper()
	require.Len(t, got.Hops, len(want), "%+v", got)
	family := map[bool]int{true: 4, false: 6}[got.To.Addr().Is4()]
	for i, hop := range got.Hops {
		from := netip.Addr{}
		if want[i].machine > 0 {
			from = addr(want[i].machine, family)
		}
		assert.Equal(t, i+1, hop.TTL)
		assert.Equal(t, want[i].outcome, hop.Outcome, "hop %d", i+1)
		assert.Equal(t, from, hop.From, "hop %d", i+1)
		assert.Equal(t, hop.Outcome == Exceeded || hop.Outcome == Rejected, hop.ICMP != nil, "hop %d", i+1)
		assert.Positive(t, hop.Took)
		assert.Positive(t, hop.SYNs)
	}
}

// traces measures the way to a port over each family at once.
func traces(ctx context.Context, o Options, to func(family int) netip.AddrPort) map[int]Result {
	var over4, over6 Result
	var tracing sync.WaitGroup
	trace := func(family int, result *Result) {
		o := o
		o.To = to(family)
		tracing.Go(func() { *result = Trace(ctx, o) })
	}
	trace(4, &over4)
	trace(6, &over6)
	tracing.Wait()
	return map[int]Result{4: over4, 6: over6}
}

// serverAt is a port of the server's.
func serverAt(port uint16) func(family int) netip.AddrPort {
	return func(family int) netip.AddrPort { return netip.AddrPortFrom(addr(server, family), port) }
}

func TestTraceOverRouters(t *testing.T) {
	nodes := internet(t)
	serve(t, nodes[server])
	o := Options{Host: nodes[0].host(t), Purpose: "data port", Last: 8, Wait: wait}
	all := make([]map[int]Result, len(sights))
	var tracing sync.WaitGroup
	for i, sight := range sights {
		tracing.Go(func() { all[i] = traces(t.Context(), o, serverAt(sight.port)) })
	}
	tracing.Wait()
	for i, sight := range sights {
		for family, got := range all[i] {
			t.Run(fmt.Sprintf("%s, IPv%d", sight.name, family), func(t *testing.T) { sight.assert(t, got, family) })
		}
	}
}

func TestOneByOneConnectsOnce(t *testing.T) {
	nodes := internet(t)
	accepted := serve(t, nodes[server])
	o := Options{Host: nodes[0].host(t), Purpose: "control port", OneByOne: true, Wait: wait}
	for family, got := range traces(t.Context(), o, serverAt(80)) {
		sights[0].assert(t, got, family)
		<-accepted
	}
	assert.Empty(t, accepted, "one connection over each family")
}

// Three tries of each router, and one connection to the port.
func TestTriesOverRouters(t *testing.T) {
	nodes := internet(t)
	accepted := serve(t, nodes[server])
	o := Options{Host: nodes[0].host(t), Purpose: "target port", OneByOne: true, Wait: wait / 3, Tries: 3}
	for family, got := range traces(t.Context(), o, serverAt(80)) {
		sights[0].assert(t, got, family)
		for _, hop := range got.Hops[:4] {
			assert.Equal(t, 3, hop.Sent, "hop %d", hop.TTL)
			if hop.Outcome == Exceeded {
				assert.Equal(t, 3, hop.Answered, "hop %d", hop.TTL)
				assert.LessOrEqual(t, hop.Best, hop.Worst)
			}
		}
		assert.Equal(t, 1, got.Hops[4].Sent)
		<-accepted
	}
	assert.Empty(t, accepted, "one connection over each family")
}

// serve accepts and closes connections to port 80 of a machine until the test ends. What it accepted is told.
func serve(t *testing.T, on *node) (accepted chan net.Addr) {
	t.Helper()
	accepted = make(chan net.Addr, 100)
	var listener net.Listener
	var err error
	on.do(func() { listener, err = net.Listen("tcp", ":80") })
	require.NoError(t, err)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			accepted <- conn.RemoteAddr()
			_ = conn.Close()
		}
	}()
	t.Cleanup(func() {
		_ = listener.Close()
		<-done
	})
	return accepted
}

func TestTraceOfALoop(t *testing.T) {
	nodes := internet(t)
	o := Options{Host: nodes[0].host(t), Purpose: "data port", Last: 9, Wait: wait}
	for _, got := range traces(t.Context(), o, func(family int) netip.AddrPort { return netip.AddrPortFrom(lost(family), 50000) }) {
		// Router 2 is silent.
		assertSteps(t, []step{
			{Exceeded, 1}, {Silent, 0}, {Exceeded, 3}, {Silent, 0}, {Exceeded, 3}, {Silent, 0}, {Exceeded, 3}, {Silent, 0}, {Exceeded, 3},
		}, got)
		assert.Equal(t, 9, got.LastRouter().TTL)
		assert.Equal(t, []netip.Addr{got.Hops[2].From}, got.Loop)
	}
}

// What is lost once is answered after the kernel has sent it again.
func TestSecondSYN(t *testing.T) {
	nodes := internet(t)
	for port, family := range map[uint16]int{26: 4, 27: 6} {
		got := Trace(t.Context(), Options{
			Host: nodes[0].host(t), To: netip.AddrPortFrom(addr(server, family), port), First: 3, Last: 6, Wait: patience,
		})
		require.Len(t, got.Hops, 3)
		for i, want := range []Hop{
			{TTL: 3, Outcome: Exceeded, From: addr(3, family), SYNs: got.Hops[0].SYNs},
			{TTL: 4, Outcome: Exceeded, From: addr(4, family), SYNs: 2},
			{TTL: 5, Outcome: Refused, From: addr(server, family), SYNs: 2},
		} {
			want.Took, want.ICMP = got.Hops[i].Took, got.Hops[i].ICMP
			want.Sent, want.Answered, want.Best, want.Worst = 1, 1, got.Hops[i].Best, got.Hops[i].Worst
			assert.Equal(t, want, got.Hops[i])
		}
	}
}

func TestTraceInOurOwnNetwork(t *testing.T) {
	nodes := internet(t)
	us := nodes[0]
	us.run(t, "ip route add prohibit 203.0.113.2", "ip route del default")
	for to, kind := range map[string]probes.Kind{"203.0.113.2:80": probes.Prohibited, "203.0.113.3:80": probes.NoRoute} {
		got := Trace(t.Context(), Options{Host: us.host(t), To: netip.MustParseAddrPort(to), Wait: wait})
		assert.True(t, got.Fault.Of(kind), "%v", got.Fault)
		assert.Empty(t, got.Hops)
		assert.False(t, got.Reached)
	}
}

func TestNoDescriptorStaysOpen(t *testing.T) {
	nodes := internet(t)
	serve(t, nodes[server])
	host := nodes[0].host(t)
	for name, test := range map[string]struct {
		port   uint16
		cancel time.Duration
	}{
		"open":                 {80, patience},
		"silent":               {22, patience},
		"silent and cancelled": {22, 50 * time.Millisecond},
	} {
		t.Run(name, func(t *testing.T) {
			before := openDescriptors(t)
			ctx, cancel := context.WithTimeout(t.Context(), test.cancel)
			defer cancel()
			got := Trace(ctx, Options{Host: host, To: netip.AddrPortFrom(addr(server, 4), test.port), Wait: 200 * time.Millisecond})
			assert.Equal(t, test.cancel < patience, got.Fault.Of(probes.Interrupted))
			assert.Equal(t, before, openDescriptors(t))
		})
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	descriptors, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(descriptors)
}
