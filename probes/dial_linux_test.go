package probes

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

// place is a network namespace, and a thread that lives in it.
type place struct {
	thread int
	work   chan func()
}

// newPlace makes a place; the thread does first what it needs to be there.
func newPlace(t *testing.T, first func() error) *place {
	t.Helper()
	p := &place{work: make(chan func())}
	ready := make(chan error)
	go func() {
		runtime.LockOSThread() // for good: the thread, and what it alone holds, ends with its goroutine
		p.thread = unix.Gettid()
		ready <- first()
		for work := range p.work {
			work()
		}
	}()
	t.Cleanup(func() { close(p.work) })
	require.NoError(t, <-ready)
	return p
}

// do has the thread do something, and returns when it is done.
func (p *place) do(work func()) {
	done := make(chan struct{})
	p.work <- func() { defer close(done); work() }
	<-done
}

// run runs commands in the place.
func (p *place) run(t *testing.T, commands ...string) {
	t.Helper()
	for _, command := range commands {
		words := strings.Split(command, " ")
		p.do(func() {
			out, err := exec.CommandContext(t.Context(), words[0], words[1:]...).CombinedOutput()
			assert.NoError(t, err, "%s: %s", command, out)
		})
	}
	require.False(t, t.Failed())
}

// unshared is a place with a network of its own.
func unshared(t *testing.T) *place {
	t.Helper()
	return newPlace(t, func() error { return unix.Unshare(unix.CLONE_NEWNET) })
}

// ordinaryUser is a thread in the network of another place, without any right.
func ordinaryUser(t *testing.T, of *place) *place {
	t.Helper()
	return newPlace(t, func() error {
		namespace, err := os.Open("/proc/self/task/" + strconv.Itoa(of.thread) + "/ns/net")
		if err != nil {
			return err
		}
		defer func() { _ = namespace.Close() }()
		if err := unix.Setns(int(namespace.Fd()), unix.CLONE_NEWNET); err != nil {
			return err
		}
		netlinktest.Unprivileged(t)
		return nil
	})
}

// The test's internet: us at 192.0.2.2 and 2001:db8:1::2, a router, and a server at 198.51.100.7 and 2001:db8:2::7.
const (
	ours4, router4, server4 = "192.0.2.2", "192.0.2.1", "198.51.100.7"
	ours6, router6, server6 = "2001:db8:1::2", "2001:db8:1::1", "2001:db8:2::7"
)

// refusals are nftables rules by port, each of them a way to say no.
var refusals = []string{
	"tcp dport 1 reject with icmpx port-unreachable",
	"tcp dport 2 reject with icmpx admin-prohibited",
	"tcp dport 3 reject with icmpx host-unreachable",
	"tcp dport 4 reject with icmpx no-route",
	"tcp dport 5 reject with tcp reset",
	"tcp dport 6 meta protocol ip reject with icmp type host-prohibited",
	"tcp dport 7 meta protocol ip reject with icmp type net-prohibited",
	"tcp dport 9 drop",
}

// firewall is the commands that hang the refusals into a hook, for ports that begin with the digit.
func firewall(hook, digit string) []string {
	commands := []string{
		"nft add table inet firewall",
		"nft add chain inet firewall " + hook + " { type filter hook " + hook + " priority 0 ; }",
	}
	for _, rule := range refusals {
		commands = append(commands, "nft add rule inet firewall "+hook+" "+strings.Replace(rule, "dport ", "dport "+digit, 1))
	}
	return commands
}

// acquainted is the commands that spare a machine the search for a neighbour: a cable takes a moment until it carries.
func acquainted(iface string, hardware int, addrs ...string) []string {
	var commands []string
	for _, addr := range addrs {
		commands = append(commands, fmt.Sprintf("ip neigh add %s lladdr 02:00:00:00:00:0%d dev %s", addr, hardware, iface))
	}
	return commands
}

// internet builds the test's internet and returns our place in it, as root and as an ordinary user.
func internet(t *testing.T) (us, user *place) {
	t.Helper()
	netlinktest.Namespace(t) // skips where it cannot be built
	us, router, server := unshared(t), unshared(t), unshared(t)
	const cable = "ip link add %s address 02:00:00:00:00:0%d type veth peer name eth0 address 02:00:00:00:00:0%d netns %d"
	router.run(t,
		fmt.Sprintf(cable, "eth0", 1, 2, us.thread), fmt.Sprintf(cable, "eth1", 3, 7, server.thread),
		"ip link set lo up", "ip link set eth0 up", "ip link set eth1 up",
		"ip address add 192.0.2.1/24 dev eth0", "ip address add 2001:db8:1::1/64 dev eth0 nodad",
		"ip address add 198.51.100.1/24 dev eth1", "ip address add 2001:db8:2::1/64 dev eth1 nodad",
		"sysctl -q net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0",
		"ip ntable change name arp_cache dev eth1 mcast_probes 1 retrans 50",
		"ip ntable change name ndisc_cache dev eth1 mcast_probes 1 retrans 50",
	)
	router.run(t, acquainted("eth0", 2, ours4, ours6)...)
	router.run(t, acquainted("eth1", 7, server4, server6)...)
	router.run(t, firewall("forward", "2")...)
	server.run(t,
		"ip link set lo up", "ip link set eth0 up",
		"ip address add 198.51.100.7/24 dev eth0", "ip address add 2001:db8:2::7/64 dev eth0 nodad",
		"ip route add default via 198.51.100.1", "ip -6 route add default via 2001:db8:2::1",
		"sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0",
	)
	server.run(t, acquainted("eth0", 3, "198.51.100.1", "2001:db8:2::1")...)
	server.run(t, firewall("input", "3")...)
	us.run(t,
		"ip link set lo up", "ip link set eth0 up",
		"ip address add 192.0.2.2/24 dev eth0", "ip address add 2001:db8:1::2/64 dev eth0 nodad",
		"ip ntable change name arp_cache dev eth0 mcast_probes 1 retrans 50",
		"ip ntable change name ndisc_cache dev eth0 mcast_probes 1 retrans 50",
		"ip route add 198.51.100.0/24 via 192.0.2.1", "ip -6 route add 2001:db8:2::/64 via 2001:db8:1::1",
		"ip route add 203.0.113.8/29 via 192.0.2.1", "ip -6 route add 2001:db8:3:8::/64 via 2001:db8:1::1",
		"ip route add blackhole 203.0.113.1", "ip -6 route add blackhole 2001:db8:3::1",
		"ip route add prohibit 203.0.113.2", "ip -6 route add prohibit 2001:db8:3::2",
		"ip route add unreachable 203.0.113.3", "ip -6 route add unreachable 2001:db8:3::3",
		"ip route add throw 203.0.113.4", "ip -6 route add throw 2001:db8:3::4",
		"sysctl -q net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0",
	)
	us.run(t, acquainted("eth0", 1, router4, router6)...)
	us.run(t, firewall("output", "1")...)
	user = ordinaryUser(t, us)
	for _, to := range []string{server4 + ":80", "[" + server6 + "]:80"} {
		user.awaitRefusal(t, netip.MustParseAddrPort(to))
	}
	return us, user
}

// awaitRefusal dials until it is refused: a cable takes a moment until it carries, and what is sent before is lost.
func (p *place) awaitRefusal(t *testing.T, to netip.AddrPort) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		var err error
		p.do(func() { _, err = Host{}.DialTCP(ctx, to) })
		cancel()
		if NewFault(t.Context(), "connect", err).Of(Refused) {
			return
		}
		require.True(t, time.Now().Before(end), "%s: %v", to, err)
	}
}

// sentBy is the ICMP error of that type and code from that device.
func sentBy(from string, kind, code uint8) *ICMP {
	return &ICMP{Type: kind, Code: code, From: netip.MustParseAddr(from)}
}

// failures are the ways in which a connection fails on the test's internet: what is dialled, and what is to be seen of it.
var failures = []struct {
	name string
	to   string
	kind Kind
	icmp *ICMP // nil where no ICMP error is the reason
}{
	{"refused by RST", server4 + ":80", Refused, nil},
	{"refused by RST over IPv6", "[" + server6 + "]:80", Refused, nil},
	{"refused by a router's RST", server4 + ":25", Refused, nil},

	{"router: port unreachable", server4 + ":21", Refused, sentBy(router4, 3, 3)},
	{"router: communication administratively prohibited", server4 + ":22", Unreachable, sentBy(router4, 3, 13)},
	{"router: host unreachable", server4 + ":23", Unreachable, sentBy(router4, 3, 1)},
	{"router: network unreachable", server4 + ":24", NoRoute, sentBy(router4, 3, 0)},
	{"router: host administratively prohibited", server4 + ":26", Unreachable, sentBy(router4, 3, 10)},
	{"router: network administratively prohibited", server4 + ":27", NoRoute, sentBy(router4, 3, 9)},
	{"router: port unreachable, IPv6", "[" + server6 + "]:21", Refused, sentBy(router6, 1, 4)},
	{"router: administratively prohibited, IPv6", "[" + server6 + "]:22", Prohibited, sentBy(router6, 1, 1)},
	{"router: address unreachable, IPv6", "[" + server6 + "]:23", Unreachable, sentBy(router6, 1, 3)},
	{"router: no route, IPv6", "[" + server6 + "]:24", NoRoute, sentBy(router6, 1, 0)},
	{"router without a route", "203.0.113.9:80", NoRoute, sentBy(router4, 3, 0)},
	{"router without a route, IPv6", "[2001:db8:3:8::9]:80", NoRoute, sentBy(router6, 1, 0)},
	{"the last router finds no such host", "198.51.100.99:80", Unreachable, sentBy(router4, 3, 1)},
	{"the last router finds no such host, IPv6", "[2001:db8:2::99]:80", Unreachable, sentBy(router6, 1, 3)},

	{"the server's own firewall: port unreachable", server4 + ":31", Refused, sentBy(server4, 3, 3)},
	{"the server's own firewall: prohibited", server4 + ":32", Unreachable, sentBy(server4, 3, 13)},
	{"the server's own firewall: prohibited, IPv6", "[" + server6 + "]:32", Prohibited, sentBy(server6, 1, 1)},

	{"our own firewall: port unreachable", server4 + ":11", Refused, sentBy(ours4, 3, 3)},
	{"our own firewall: prohibited", server4 + ":12", Unreachable, sentBy(ours4, 3, 13)},
	{"our own firewall: port unreachable, IPv6", "[" + server6 + "]:11", Refused, sentBy(ours6, 1, 4)},

	{"no route", "100.64.0.1:80", NoRoute, nil},
	{"no route, IPv6", "[2001:db8:9::1]:80", NoRoute, nil},
	{"blackhole route", "203.0.113.1:80", Blackhole, nil},
	{"blackhole route, IPv6", "[2001:db8:3::1]:80", Blackhole, nil},
	{"prohibit route", "203.0.113.2:80", Prohibited, nil},
	{"prohibit route, IPv6", "[2001:db8:3::2]:80", Prohibited, nil},
	{"unreachable route", "203.0.113.3:80", Unreachable, nil},
	{"unreachable route, IPv6", "[2001:db8:3::3]:80", Unreachable, nil},
	{"throw route", "203.0.113.4:80", NoRoute, nil},
	{"throw route, IPv6", "[2001:db8:3::4]:80", NoRoute, nil},

	{"dead neighbour", "192.0.2.99:80", Unreachable, sentBy(ours4, 3, 1)},
	{"dead neighbour, IPv6", "[2001:db8:1::99]:80", Unreachable, sentBy(ours6, 1, 3)},
}

func TestDialTCPThatFails(t *testing.T) {
	_, user := internet(t)
	for _, test := range failures {
		t.Run(test.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			var conn net.Conn
			var err error
			user.do(func() { conn, err = Host{}.DialTCP(ctx, netip.MustParseAddrPort(test.to)) })
			require.Error(t, err)
			assert.Nil(t, conn)
			fault := NewFault(ctx, "connect", err)
			assert.Equal(t, test.kind, fault.Kind, "%v", err)
			assert.Equal(t, test.icmp, fault.ICMP)
			if test.icmp != nil {
				assert.Contains(t, fault.Message, test.icmp.Error())
			}
		})
	}
}

// patience is more than anything needs in these tests.
const patience = 20 * time.Second

func TestDialTCPIntoSilence(t *testing.T) {
	_, user := internet(t)
	for _, to := range []string{server4 + ":29", "[" + server6 + "]:29", server4 + ":39", server4 + ":19"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		var err error
		user.do(func() { _, err = Host{}.DialTCP(ctx, netip.MustParseAddrPort(to)) })
		cancel()
		fault := NewFault(t.Context(), "connect", err)
		assert.True(t, fault.Of(Timeout), "%s: %v", to, err)
		assert.Nil(t, fault.ICMP, to)
	}
}

// The SYN is sent again after a second (RFC 6298 §2.1): that it cannot be is counted where our own firewall drops it, and only there.
func TestDialTCPThatWeDropOurselves(t *testing.T) {
	_, user := internet(t)
	for to, failures := range map[string]uint64{server4 + ":19": 1, server4 + ":29": 0} {
		ctx, cancel := context.WithTimeout(t.Context(), 1200*time.Millisecond)
		var err error
		user.do(func() { _, err = Host{}.DialTCP(ctx, netip.MustParseAddrPort(to)) })
		cancel()
		var dialErr *DialError
		require.ErrorAs(t, err, &dialErr)
		assert.Equal(t, failures, dialErr.Transport.LocalFailures, to)
		assert.Equal(t, uint32(1), dialErr.Transport.Retransmits, to)
	}
}

func TestDialTCPThatTheUserEnds(t *testing.T) {
	_, user := internet(t)
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(20*time.Millisecond, cancel)
	var err error
	user.do(func() { _, err = Host{}.DialTCP(ctx, netip.MustParseAddrPort(server4+":29")) })
	assert.True(t, NewFault(ctx, "connect", err).Of(Interrupted), "%v", err)
}

// The kernel has two ports to give, and both are in use: the dialer tries more than once.
func TestDialTCPWithoutAPort(t *testing.T) {
	us, user := internet(t)
	us.run(t, "sysctl -q net.ipv4.ip_local_port_range=40000\t40001")
	var listener net.Listener
	var err error
	us.do(func() { listener, err = net.Listen("tcp4", ours4+":80") })
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	dial := func() (net.Conn, error) {
		var conn net.Conn
		var err error
		user.do(func() { conn, err = Host{}.DialTCP(t.Context(), AddrPortOf(listener.Addr())) })
		return conn, err
	}
	for range 2 {
		conn, err := dial()
		require.NoError(t, err)
		defer func() { _ = conn.Close() }()
	}
	before := openDescriptors(t)
	_, err = dial()
	assert.True(t, NewFault(t.Context(), "connect", err).Of(NoAddress), "%v", err)
	assert.Equal(t, before, openDescriptors(t), "no socket stays open")
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	descriptors, err := os.ReadDir("/proc/self/fd")
	require.NoError(t, err)
	return len(descriptors)
}

func TestUDPToWhereNobodyListens(t *testing.T) {
	_, user := internet(t)
	for to, icmp := range map[string]*ICMP{
		server4 + ":53":         sentBy(server4, 3, 3),
		"[" + server6 + "]:53":  sentBy(server6, 1, 4),
		"192.0.2.99:53":         sentBy(ours4, 3, 1),
		"[2001:db8:3:8::9]:53":  sentBy(router6, 1, 0),
		"[2001:db8:1::99]:5353": sentBy(ours6, 1, 3),
	} {
		var conn net.Conn
		var err error
		user.do(func() { conn, err = Host{}.DialUDP(t.Context(), netip.MustParseAddrPort(to)) })
		require.NoError(t, err)
		defer Within(t.Context(), conn, patience)()
		_, err = conn.Write([]byte("anybody there?"))
		require.NoError(t, err)
		_, err = conn.Read(make([]byte, 1))
		assert.Equal(t, icmp, NewFault(t.Context(), "read", ErrorOf(conn, err)).ICMP, to)
		require.NoError(t, conn.Close())
	}
}

func TestErrorOfWithoutAnICMPError(t *testing.T) {
	conn, peer := net.Pipe()
	require.NoError(t, peer.Close())
	assert.NoError(t, ErrorOf(conn, nil))
	assert.Equal(t, io.EOF, ErrorOf(conn, io.EOF), "no socket")
	tcp, _ := connected(t)
	assert.Equal(t, io.EOF, ErrorOf(tcp, io.EOF), "an empty error queue")
	require.NoError(t, tcp.Close())
	assert.Equal(t, io.EOF, ErrorOf(tcp, io.EOF), "a closed socket")
}

// connected is a connection over the loopback, and its other end.
func connected(t *testing.T) (conn, peer net.Conn) {
	t.Helper()
	listener, err := Host{}.ListenTCP(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	conn, err = Host{}.DialTCP(t.Context(), AddrPortOf(listener.Addr()))
	require.NoError(t, err)
	peer, err = listener.Accept()
	require.NoError(t, err)
	t.Cleanup(func() { _, _ = conn.Close(), peer.Close() })
	return conn, peer
}

func TestTransportOf(t *testing.T) {
	conn, peer := connected(t)
	_, err := io.WriteString(conn, "12345")
	require.NoError(t, err)
	_, err = io.ReadFull(peer, make([]byte, 5))
	require.NoError(t, err)
	_, err = io.WriteString(peer, "123")
	require.NoError(t, err)
	_, err = io.ReadFull(conn, make([]byte, 3))
	require.NoError(t, err)

	seen := TransportOf(tls.Client(conn, &tls.Config{ServerName: "localhost"}))
	assert.Positive(t, seen.RTT)
	assert.Positive(t, seen.MinRTT)
	assert.Positive(t, seen.SendMSS)
	assert.Greater(t, seen.PathMTU, seen.SendMSS)
	seen.RTT, seen.RTTVar, seen.MinRTT, seen.SendMSS, seen.PathMTU = 0, 0, 0, 0, 0
	// The kernel counts the SYN as a byte that was acknowledged.
	assert.Equal(t, Transport{BytesAcked: 6, BytesReceived: 3}, seen, "below TLS")

	pipe, other := net.Pipe()
	defer func() { _, _ = pipe.Close(), other.Close() }()
	assert.Zero(t, TransportOf(pipe), "no socket")
	require.NoError(t, conn.Close())
	assert.Zero(t, TransportOf(conn), "a closed socket")
}

// queued are control messages as the kernel hands them out.
func queued(messages ...[]byte) []byte {
	var control []byte
	for _, m := range messages {
		control = append(control, m...)
	}
	return control
}

// control is one control message.
func control(level, kind int32, data []byte) []byte {
	m := make([]byte, unix.CmsgSpace(len(data)))
	binary.NativeEndian.PutUint64(m, uint64(unix.CmsgLen(len(data))))
	binary.NativeEndian.PutUint32(m[8:], uint32(level))
	binary.NativeEndian.PutUint32(m[12:], uint32(kind))
	copy(m[unix.CmsgLen(0):], data)
	return m
}

// extended is a struct sock_extended_err, and the offender's address behind it.
func extended(origin, kind, code byte, offender []byte) []byte {
	return append([]byte{111, 0, 0, 0, origin, kind, code, 0, 0, 0, 0, 0, 0, 0, 0, 0}, offender...)
}

func sockaddr(family uint16, rest ...byte) []byte {
	return append(binary.NativeEndian.AppendUint16(nil, family), rest...)
}

func TestParseErrorQueue(t *testing.T) {
	in := sockaddr(unix.AF_INET, 0, 0, 192, 0, 2, 1, 0, 0, 0, 0, 0, 0, 0, 0)
	addr6 := netip.MustParseAddr("2001:db8::1").As16()
	in6 := sockaddr(unix.AF_INET6, append(append(make([]byte, 6), addr6[:]...), 0, 0, 0, 0)...)
	mapped := netip.MustParseAddr("::ffff:192.0.2.1").As16()
	in6mapped := sockaddr(unix.AF_INET6, append(append(make([]byte, 6), mapped[:]...), 0, 0, 0, 0)...)
	refused := control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 3, in))
	for name, test := range map[string]struct {
		control []byte
		want    *ICMP
	}{
		"nothing":                       {nil, nil},
		"ICMP":                          {refused, sentBy("192.0.2.1", 3, 3)},
		"ICMPv6":                        {control(unix.SOL_IPV6, unix.IPV6_RECVERR, extended(originICMP6, 1, 4, in6)), sentBy("2001:db8::1", 1, 4)},
		"mapped address":                {control(unix.SOL_IPV6, unix.IPV6_RECVERR, extended(originICMP6, 1, 4, in6mapped)), sentBy("192.0.2.1", 1, 4)},
		"behind other messages":         {queued(control(unix.SOL_IP, unix.IP_TTL, []byte{64, 0, 0, 0}), refused), sentBy("192.0.2.1", 3, 3)},
		"of our own making, not ICMP":   {control(unix.SOL_IP, unix.IP_RECVERR, extended(1, 3, 3, in)), nil},
		"time stamp, not ICMP":          {control(unix.SOL_IP, unix.IP_RECVERR, extended(4, 0, 0, nil)), nil},
		"ICMP behind another error":     {queued(control(unix.SOL_IP, unix.IP_RECVERR, extended(1, 0, 0, in)), refused), sentBy("192.0.2.1", 3, 3)},
		"another level":                 {control(unix.SOL_SOCKET, unix.IP_RECVERR, extended(originICMP, 3, 3, in)), nil},
		"too short for an error":        {control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 3, nil)[:15]), nil},
		"without the offender":          {control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 13, nil)), &ICMP{Type: 3, Code: 13}},
		"offender without a family":     {control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 13, []byte{2})), &ICMP{Type: 3, Code: 13}},
		"offender of no known family":   {control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 13, sockaddr(99, 1, 2, 3, 4, 5, 6))), &ICMP{Type: 3, Code: 13}},
		"IPv4 offender cut short":       {control(unix.SOL_IP, unix.IP_RECVERR, extended(originICMP, 3, 13, in[:7])), &ICMP{Type: 3, Code: 13}},
		"IPv6 offender cut short":       {control(unix.SOL_IPV6, unix.IPV6_RECVERR, extended(originICMP6, 1, 1, in6[:23])), &ICMP{Type: 1, Code: 1}},
		"header cut short":              {refused[:10], nil},
		"body cut short":                {refused[:20], nil},
		"a length that is less than it": {append([]byte{1, 0, 0, 0, 0, 0, 0, 0}, refused[8:]...), nil},
		"a length beyond the end":       {append([]byte{255, 255, 255, 255, 255, 255, 255, 255}, refused[8:]...), nil},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, parseErrorQueue(test.control)) })
	}
}

// recordings are failures whose entry in the error queue is kept under testdata.
var recordings = []string{
	"router: port unreachable", "router: communication administratively prohibited", "router: no route, IPv6", "dead neighbour",
	"our own firewall: port unreachable, IPv6",
}

func recording(name string) string {
	return "error queue " + strings.NewReplacer(":", "", ",", "").Replace(name)
}

// readErrorQueue is the first entry in the error queue of a failed attempt, as the kernel gives it.
func readErrorQueue(ctx context.Context, to string) []byte {
	var twin socket
	defer func() { twin.close() }()
	dialer := net.Dialer{Control: func(network, _ string, raw syscall.RawConn) error {
		reportErrors(network, raw)
		twin = duplicate(raw)
		return nil
	}}
	_, _ = dialer.DialContext(ctx, "tcp", to) // fails
	buffer := make([]byte, 512)
	_, n, _, _, err := unix.Recvmsg(twin.fd, nil, buffer, unix.MSG_ERRQUEUE|unix.MSG_DONTWAIT)
	if err != nil {
		return nil
	}
	return buffer[:n]
}

func TestErrorQueueRecorded(t *testing.T) {
	for _, failure := range failures {
		for _, name := range recordings {
			if failure.name == name {
				assert.Equal(t, failure.icmp, parseErrorQueue(netlinktest.Recorded(t, recording(name))), name)
			}
		}
	}
}

func TestErrorQueueOfThisKernel(t *testing.T) {
	_, user := internet(t)
	for _, failure := range failures {
		for _, name := range recordings {
			if failure.name != name {
				continue
			}
			var queue []byte
			user.do(func() { queue = readErrorQueue(t.Context(), failure.to) })
			assert.Equal(t, failure.icmp, parseErrorQueue(queue), name)
			netlinktest.Record(t, recording(name), queue)
		}
	}
}

func FuzzErrorQueue(f *testing.F) {
	for _, name := range recordings {
		f.Add(netlinktest.Recorded(f, recording(name)))
	}
	f.Fuzz(func(t *testing.T, control []byte) {
		icmp := parseErrorQueue(control)
		if icmp != nil && icmp.From.IsValid() {
			require.False(t, icmp.From.Is4In6())
			require.Empty(t, icmp.From.Zone())
		}
	})
}
