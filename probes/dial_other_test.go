//go:build !linux

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

func TestDialOnLoopback(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	to := AddrPortOf(listener.Addr())
	conn, err := Host{}.DialTCP(t.Context(), to)
	require.NoError(t, err)
	if told := TransportOf(conn); told != (Transport{}) {
		assert.True(t, told.Partial)
	}
	require.NoError(t, conn.Close())
	require.NoError(t, listener.Close())

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err = Host{}.DialTCP(ctx, to)
	fault := NewFault(ctx, "connect", err)
	assert.True(t, fault.Of(Refused), "%v", fault)
	assert.Nil(t, fault.ICMP)
}

func TestDialHopWhereTheSystemTellsOrNot(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, listener.Close()) }()
	conn, err := Host{}.DialHop(t.Context(), AddrPortOf(listener.Addr()), 1)
	if err != nil {
		assert.True(t, NewFault(t.Context(), "SYN", err).Of(Unsupported), "%v", err)
		return
	}
	require.NoError(t, conn.Close())
}

func TestDialOfNothing(t *testing.T) {
	_, err := Host{}.DialTCP(t.Context(), netip.AddrPort{})
	require.Error(t, err)
}
