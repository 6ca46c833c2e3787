package probes

import (
	"context"
	"net"
	"net/netip"
	"os"
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestDialSegmentsOfAnotherHost(t *testing.T) {
	to := netip.MustParseAddrPort("192.0.2.1:443")
	host := Host{DialMSS: func(_ context.Context, asked netip.AddrPort, mss int) (net.Conn, error) {
		assert.Equal(t, to, asked)
		assert.Equal(t, 1200, mss)
		return nil, os.ErrPermission
	}}
	_, err := host.DialSegments(t.Context(), to, 1200)
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestDialSegmentsOverADialAlone(t *testing.T) {
	host := Host{Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { panic("asked for an ordinary connection") }}
	conn, err := host.DialSegments(t.Context(), netip.MustParseAddrPort("192.0.2.1:443"), 1200)
	assert.Nil(t, conn)
	assert.True(t, NewFault(t.Context(), "connect", err).Of(Unsupported), "%v", err)
}

func TestDialSegmentsOfAnyLength(t *testing.T) {
	for name, host := range map[string]Host{
		"over a Dial alone": {Dial: func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, os.ErrPermission }},
		"over both": {
			Dial:    func(context.Context, netip.AddrPort) (net.Conn, error) { return nil, os.ErrPermission },
			DialMSS: func(context.Context, netip.AddrPort, int) (net.Conn, error) { panic("asked for segments of a length") },
		},
	} {
		_, err := host.DialSegments(t.Context(), netip.MustParseAddrPort("192.0.2.1:443"), 0)
		require.ErrorIs(t, err, os.ErrPermission, name)
	}
}

func TestDialSegmentsWhereTheSystemDoesNot(t *testing.T) {
	if runtime.GOOS == "linux" {
		t.Skip("Linux does")
	}
	conn, err := Host{}.DialSegments(t.Context(), netip.MustParseAddrPort("127.0.0.1:9"), 1200)
	assert.Nil(t, conn)
	assert.True(t, NewFault(t.Context(), "connect", err).Of(Unsupported), "%v", err)
}
