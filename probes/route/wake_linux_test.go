package route

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

func TestWake(t *testing.T) {
	netlinktest.Namespace(t, machine(
		"ip address add fe80::2/64 dev eth0 nodad",
		"ip ntable change name arp_cache dev eth0 retrans 10",
		"ip ntable change name ndisc_cache dev eth0 retrans 10",
		"ip neigh add 192.0.2.11 lladdr "+hardware+" nud permanent dev eth0",
		"ip neigh add 192.0.2.13 lladdr "+hardware+" nud stale dev eth0",
	)...)
	netlinktest.Unprivileged(t)
	elsewhere := probes.Host{Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { panic("not asked for") }}
	for name, c := range map[string]struct {
		host    probes.Host
		address string
		want    Neighbour
	}{
		"nobody is there":            {probes.Host{}, "192.0.2.77", Neighbour{State: "failed", Asked: true}},
		"nobody is there, IPv6":      {probes.Host{}, "2001:db8::77", Neighbour{State: "failed", Asked: true}},
		"nobody is there, the link":  {probes.Host{}, "fe80::77", Neighbour{State: "failed", Asked: true}},
		"known for good":             {probes.Host{}, "192.0.2.11", Neighbour{State: "permanent", HardwareAddress: hardware, Asked: true}},
		"known once, and silent":     {probes.Host{}, "192.0.2.13", Neighbour{State: "delay", HardwareAddress: hardware, Asked: true}},
		"no way there":               {probes.Host{}, "203.0.113.1", Neighbour{State: "none"}},
		"a host of another network":  {elsewhere, "192.0.2.78", Neighbour{State: "none"}},
		"the host is known for good": {elsewhere, "192.0.2.11", Neighbour{State: "permanent", HardwareAddress: hardware}},
	} {
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // the kernel waits for 5 s before it asks for a stale one again
		c.want.Address, c.want.Interface = netip.MustParseAddr(c.address), "eth0"
		assert.Equal(t, c.want, Wake(ctx, c.host, c.want.Address, "eth0"), name)
		cancel()
	}
}

func TestReplies(t *testing.T) {
	listener, err := net.ListenPacket("udp", "127.0.0.1:0")
	require.NoError(t, err)
	to := probes.AddrPortOf(listener.LocalAddr())
	written := func() net.Conn {
		conn, err := probes.Host{}.DialUDP(t.Context(), to)
		require.NoError(t, err)
		t.Cleanup(func() { _ = conn.Close() })
		_, err = conn.Write(nil)
		require.NoError(t, err)
		return conn
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	assert.False(t, replies(ended, written(), to.Addr()), "silence")

	talking := written()
	_, err = listener.WriteTo([]byte("who is there?"), talking.LocalAddr())
	require.NoError(t, err)
	assert.True(t, replies(t.Context(), talking, to.Addr()), "it talks")

	require.NoError(t, listener.Close())
	assert.True(t, replies(t.Context(), written(), to.Addr()), "it says that nothing listens")
	assert.False(t, replies(t.Context(), written(), netip.MustParseAddr("192.0.2.1")), "another says so")
}
