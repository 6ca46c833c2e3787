package probes

import (
	"context"
	"io"
	"net"
	"net/netip"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A peer that never says a word is read from, in fake time.
func TestWithin(t *testing.T) {
	const never = time.Hour
	for name, test := range map[string]struct {
		wait        time.Duration
		cancelAfter time.Duration
		endsAt      time.Duration
	}{
		"the wait ends it":                        {wait: 10 * time.Second, cancelAfter: never, endsAt: 10 * time.Second},
		"the context ends it":                     {wait: 10 * time.Second, cancelAfter: 3 * time.Second, endsAt: 3 * time.Second},
		"without a wait the context alone":        {wait: 0, cancelAfter: 25 * time.Second, endsAt: 25 * time.Second},
		"the context had ended before it started": {wait: 10 * time.Second, cancelAfter: 0, endsAt: 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				defer time.AfterFunc(test.cancelAfter, cancel).Stop()
				synctest.Wait()
				conn, peer := net.Pipe()
				defer func() { _, _ = conn.Close(), peer.Close() }()
				start := time.Now()
				defer Within(ctx, conn, test.wait)()
				_, err := conn.Read(make([]byte, 1))
				require.ErrorIs(t, err, os.ErrDeadlineExceeded)
				assert.Equal(t, test.endsAt, time.Since(start))
			})
		})
	}
}

func TestWithinDoesNotOutliveItsRelease(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		defer func() { _, _ = conn.Close(), peer.Close() }()
		ctx, cancel := context.WithCancel(t.Context())
		release := Within(ctx, conn, time.Minute)
		cancel()
		release()
		require.NoError(t, conn.SetDeadline(time.Now().Add(time.Second))) // of who comes next
		go func() { _, _ = io.WriteString(peer, "x") }()
		synctest.Wait()
		_, err := conn.Read(make([]byte, 1))
		assert.NoError(t, err)
	})
}

func TestAddrPortOf(t *testing.T) {
	for name, test := range map[string]struct {
		addr net.Addr
		want string
	}{
		"TCP over IPv4":          {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1).To4(), Port: 21}, "192.0.2.1:21"},
		"TCP over mapped IPv4":   {&net.TCPAddr{IP: net.IPv4(192, 0, 2, 1), Port: 21}, "192.0.2.1:21"},
		"UDP over IPv6":          {&net.UDPAddr{IP: net.ParseIP("2001:db8::1"), Port: 53}, "[2001:db8::1]:53"},
		"link-local, with zone":  {&net.TCPAddr{IP: net.ParseIP("fe80::1"), Port: 21, Zone: "eth0"}, "[fe80::1%eth0]:21"},
		"what has no port":       {&net.IPAddr{IP: net.IPv4(192, 0, 2, 1)}, "invalid AddrPort"},
		"what is not on the net": {&net.UnixAddr{Name: "/run/x"}, "invalid AddrPort"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, AddrPortOf(test.addr).String()) })
	}
}

func TestHostOfAnother(t *testing.T) {
	to := netip.MustParseAddrPort("192.0.2.1:21")
	conn, peer := net.Pipe()
	defer func() { _, _ = conn.Close(), peer.Close() }()
	host := Host{
		Dial: func(_ context.Context, asked netip.AddrPort) (net.Conn, error) {
			assert.Equal(t, to, asked)
			return conn, nil
		},
		Listen: func(_ context.Context, asked netip.AddrPort) (net.Listener, error) {
			assert.Equal(t, to, asked)
			return nil, os.ErrPermission
		},
	}
	dialed, err := host.DialTCP(t.Context(), to)
	require.NoError(t, err)
	assert.Same(t, conn, dialed)
	_, err = host.ListenTCP(t.Context(), to)
	require.ErrorIs(t, err, os.ErrPermission)
}
