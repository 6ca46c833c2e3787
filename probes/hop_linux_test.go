package probes

import (
	"context"
	"net"
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// dialHop dials as an ordinary user, and closes what it got.
func dialHop(ctx context.Context, user *place, to string, ttl int) (err error) {
	user.do(func() {
		var conn net.Conn
		if conn, err = (Host{}).DialHop(ctx, netip.MustParseAddrPort(to), ttl); err == nil {
			_ = conn.Close()
		}
	})
	return err
}

// The server is two hops away.
func TestDialHop(t *testing.T) {
	_, user := internet(t)
	for name, test := range map[string]struct {
		to   string
		ttl  int
		kind Kind
		icmp *ICMP
	}{
		"ends at the router":                    {server4 + ":80", 1, Unreachable, sentBy(router4, 11, 0)},
		"ends at the router, IPv6":              {"[" + server6 + "]:80", 1, Unreachable, sentBy(router6, 3, 0)},
		"ends at the router, mapped address":    {"[::ffff:" + server4 + "]:80", 1, Unreachable, sentBy(router4, 11, 0)},
		"reaches the server":                    {server4 + ":80", 2, Refused, nil},
		"reaches the server, IPv6":              {"[" + server6 + "]:80", 2, Refused, nil},
		"reaches the router's firewall":         {server4 + ":22", 2, Unreachable, sentBy(router4, 3, 13)},
		"reaches the server, longest life":      {server4 + ":80", 255, Refused, nil},
		"reaches the server, longest life IPv6": {"[" + server6 + "]:80", 255, Refused, nil},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			fault := NewFault(ctx, "SYN", dialHop(ctx, user, test.to, test.ttl))
			require.NotNil(t, fault)
			assert.Equal(t, test.kind, fault.Kind, "%v", fault)
			assert.Equal(t, test.icmp, fault.ICMP)
		})
	}
}

func TestDialHopLeavesNoDescriptor(t *testing.T) {
	_, user := internet(t)
	before := openDescriptors(t)
	for to, ttl := range map[string]int{server4 + ":80": 1, server4 + ":81": 2, server4 + ":29": 3} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		require.Error(t, dialHop(ctx, user, to, ttl))
		cancel()
	}
	assert.Equal(t, before, openDescriptors(t))
}

func TestDialHopThatConnects(t *testing.T) {
	listener, err := Host{}.ListenTCP(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	hop, err := Host{}.DialHop(t.Context(), AddrPortOf(listener.Addr()), 1)
	require.NoError(t, err)
	defer func() { _ = hop.Close() }()
	assert.Equal(t, AddrPortOf(listener.Addr()), AddrPortOf(hop.RemoteAddr()))
}
