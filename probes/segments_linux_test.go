package probes

import (
	"net"
	"net/netip"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// The kernel says at both ends how long a segment is; options of TCP (RFC 7323's time stamps: 12 bytes) take their part of the MSS.
func TestDialSegments(t *testing.T) {
	const options = 12
	for name, test := range map[string]struct {
		on  string
		mss int
	}{
		"IPv4": {"127.0.0.1:0", 1200},
		"IPv6": {"[::1]:0", 1200},
		"tiny": {"127.0.0.1:0", 88},
	} {
		t.Run(name, func(t *testing.T) {
			listener, err := Host{}.ListenTCP(t.Context(), netip.MustParseAddrPort(test.on))
			require.NoError(t, err)
			defer func() { _ = listener.Close() }()
			conn, err := Host{}.DialSegments(t.Context(), AddrPortOf(listener.Addr()), test.mss)
			require.NoError(t, err)
			defer func() { _ = conn.Close() }()
			peer, err := listener.Accept()
			require.NoError(t, err)
			defer func() { _ = peer.Close() }()
			for end, c := range map[string]net.Conn{"ours": conn, "the peer's": peer} {
				mss := segmentOf(t, c)
				assert.LessOrEqual(t, mss, test.mss, end)
				assert.GreaterOrEqual(t, mss, test.mss-options, end)
			}
		})
	}
}

// segmentOf is the longest segment that the kernel sends on conn.
func segmentOf(t *testing.T, conn net.Conn) (mss int) {
	t.Helper()
	raw, err := conn.(syscall.Conn).SyscallConn()
	require.NoError(t, err)
	require.NoError(t, raw.Control(func(fd uintptr) {
		mss, err = unix.GetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_MAXSEG)
	}))
	require.NoError(t, err)
	return mss
}

func TestDialSegmentsIsRefusedAnMSS(t *testing.T) {
	for _, mss := range []int{1, 87, 32768} {
		before := openDescriptors(t)
		conn, err := Host{}.DialSegments(t.Context(), netip.MustParseAddrPort("127.0.0.1:9"), mss)
		assert.Nil(t, conn)
		require.ErrorIs(t, err, unix.EINVAL, "MSS %d", mss)
		assert.Equal(t, before, openDescriptors(t))
	}
}
