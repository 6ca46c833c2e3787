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

func TestDialHopOfAnotherHost(t *testing.T) {
	to := netip.MustParseAddrPort("192.0.2.1:21")
	host := Host{DialTTL: func(_ context.Context, asked netip.AddrPort, ttl int) (net.Conn, error) {
		assert.Equal(t, to, asked)
		assert.Equal(t, 7, ttl)
		return nil, os.ErrPermission
	}}
	_, err := host.DialHop(t.Context(), to, 7)
	require.ErrorIs(t, err, os.ErrPermission)
}

func TestDialHopWhereTheSystemDoesNotTell(t *testing.T) {
	if runtime.GOOS == "linux" || runtime.GOOS == "windows" {
		t.Skip("Linux tells")
	}
	conn, err := Host{}.DialHop(t.Context(), netip.MustParseAddrPort("127.0.0.1:9"), 1)
	assert.Nil(t, conn)
	assert.True(t, NewFault(t.Context(), "SYN", err).Of(Unsupported), "%v", err)
}
