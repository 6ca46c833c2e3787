package probes

import (
	"net"
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

// An ordinary user's packets leave by the interface that is asked for, whatever the better route says, and come from the address.
func TestOriginOnThisKernel(t *testing.T) {
	netlinktest.Namespace(
		t, "ip link set lo up", "ip link add eth0 type veth peer name peer0", "ip link add eth1 type veth peer name peer1",
		"ip link set peer0 up", "ip link set peer1 up", "ip link set eth0 up", "ip link set eth1 up",
		"ip address add 192.0.2.10/24 dev eth0", "ip address add 192.0.2.20/24 dev eth0", "ip address add 198.51.100.10/24 dev eth1",
		"ip route add default via 192.0.2.1 metric 10", "ip route add default via 198.51.100.1 metric 20",
	)
	netlinktest.Unprivileged(t)
	far := netip.MustParseAddrPort("203.0.113.10:21")
	for name, test := range map[string]struct {
		from Origin
		want string
	}{
		"as the routes say":         {Origin{}, "192.0.2.10"},
		"by the other interface":    {Origin{Interface: "eth1"}, "198.51.100.10"},
		"from the other address":    {Origin{Source: netip.MustParseAddr("192.0.2.20")}, "192.0.2.20"},
		"the other's, by the first": {Origin{Interface: "eth0", Source: netip.MustParseAddr("198.51.100.10")}, "198.51.100.10"},
	} {
		require.NoError(t, test.from.Try(t.Context()), name)
		source, err := test.from.SourceTo(t.Context(), far)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, source.String(), name)

		conn, err := Host{From: test.from}.DialUDP(t.Context(), far)
		require.NoError(t, err, name)
		assert.Equal(t, test.want, AddrPortOf(conn.LocalAddr()).Addr().String(), name)
		require.NoError(t, conn.Close())
	}
	loopback, err := Host{From: Origin{Interface: "eth1"}}.ListenTCP(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	require.NoError(t, err)
	conn, err := Host{From: Origin{Interface: "eth1"}}.DialTCP(t.Context(), AddrPortOf(loopback.Addr()))
	require.NoError(t, err, "what stays on this machine is bound to nothing")
	assert.NoError(t, conn.Close())
	assert.NoError(t, loopback.Close())
	_, err = ParseOrigin("eth2", "")
	require.ErrorContains(t, err, "there are lo, peer0, eth0, peer1, eth1")
	var none *net.OpError
	assert.ErrorAs(t, Origin{Interface: "eth2"}.Try(t.Context()), &none)
}
