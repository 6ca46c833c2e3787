package tcp

import (
	"context"
	"encoding/json"
	"net"
	"net/netip"
	"runtime"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// thisMachine is the zero Host.
var thisMachine probes.Host

const patience = 20 * time.Second

// loopbacks are the loopback addresses that this machine has.
func loopbacks(t *testing.T) []netip.Addr {
	t.Helper()
	addrs := []netip.Addr{netip.MustParseAddr("127.0.0.1")}
	listener, err := net.Listen("tcp6", "[::1]:0")
	if err != nil {
		t.Log("without IPv6: ", err)
		return addrs
	}
	require.NoError(t, listener.Close())
	return append(addrs, netip.IPv6Loopback())
}

func TestConnected(t *testing.T) {
	for _, addr := range loopbacks(t) {
		listener, err := thisMachine.ListenTCP(t.Context(), netip.AddrPortFrom(addr, 0))
		require.NoError(t, err)
		to := probes.AddrPortOf(listener.Addr())

		result, conn := Dial(t.Context(), thisMachine, to, patience)
		require.NotNil(t, conn)
		assert.True(t, result.Connected())
		assert.Nil(t, result.Fault)
		assert.Equal(t, to, result.Address)
		assert.Equal(t, addr, result.Local.Addr())
		assert.Equal(t, probes.AddrPortOf(conn.LocalAddr()), result.Local)
		assert.Positive(t, result.Took)
		if runtime.GOOS == "linux" {
			assert.Positive(t, result.Transport.RTT)
		}
		require.NoError(t, conn.Close())
		require.NoError(t, listener.Close())
	}
}

func TestRefused(t *testing.T) {
	for _, addr := range loopbacks(t) {
		port, err := ftptest.RefusingPort(addr)
		require.NoError(t, err)
		defer port.Close()
		result, conn := Dial(t.Context(), thisMachine, port.Addr, patience)
		assert.Nil(t, conn)
		assert.False(t, result.Connected())
		assert.False(t, result.Local.IsValid())
		assert.Equal(t, "connect", result.Fault.Step)
		assert.Equal(t, probes.Refused, result.Fault.Kind)
		assert.Nil(t, result.Fault.ICMP, "it was a RST")
	}
}

// silentPort is a port that answers no SYN.
func silentPort(t *testing.T, addr netip.Addr) netip.AddrPort {
	t.Helper()
	if runtime.GOOS != "linux" {
		t.Skip("only Linux drops SYNs at a full backlog")
	}
	port, err := ftptest.SilentPort(addr)
	require.NoError(t, err)
	t.Cleanup(port.Close)
	return port.Addr
}

func TestSilent(t *testing.T) {
	for _, addr := range loopbacks(t) {
		result, conn := Dial(t.Context(), thisMachine, silentPort(t, addr), 100*time.Millisecond)
		assert.Nil(t, conn)
		assert.False(t, result.Connected())
		assert.Equal(t, "connect", result.Fault.Step)
		assert.Equal(t, probes.Timeout, result.Fault.Kind)
		assert.Nil(t, result.Fault.ICMP)
		assert.Equal(t, uint32(1), result.Transport.Unacked, "the SYN")
	}
}

func TestInterrupted(t *testing.T) {
	to := silentPort(t, netip.MustParseAddr("127.0.0.1"))
	t.Run("by the user", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(20*time.Millisecond, cancel)
		result, conn := Dial(ctx, thisMachine, to, patience)
		assert.Nil(t, conn)
		assert.Equal(t, probes.Interrupted, result.Fault.Kind)
	})
	t.Run("by the target's deadline", func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		defer cancel()
		result, conn := Dial(ctx, thisMachine, to, patience)
		assert.Nil(t, conn)
		assert.Equal(t, probes.Interrupted, result.Fault.Kind)
	})
	t.Run("before it began", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		result, conn := Dial(ctx, thisMachine, to, patience)
		assert.Nil(t, conn)
		assert.Equal(t, probes.Interrupted, result.Fault.Kind)
	})
}

var somewhere = netip.MustParseAddrPort("192.0.2.1:21")

// silence is a network that answers nothing, in fake time.
func silence(ctx context.Context, _ netip.AddrPort) (net.Conn, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func TestHowLongSilenceIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		wait, deadline time.Duration
		took           time.Duration
		kind           probes.Kind
	}{
		"to the end of the wait":                {10 * time.Second, time.Minute, 10 * time.Second, probes.Timeout},
		"to the target's deadline, if earlier":  {10 * time.Second, 4 * time.Second, 4 * time.Second, probes.Interrupted},
		"not at all, if that has passed before": {10 * time.Second, -time.Second, 0, probes.Interrupted},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), test.deadline)
				defer cancel()
				result, _ := Dial(ctx, probes.Host{Dial: silence}, somewhere, test.wait)
				assert.Equal(t, probes.Millis(test.took), result.Took)
				assert.Equal(t, test.kind, result.Fault.Kind)
			})
		})
	}
}

func TestResultKeepsWhatTheKernelSays(t *testing.T) {
	icmp := &probes.ICMP{Type: 3, Code: 13, From: netip.MustParseAddr("192.0.2.254")}
	host := probes.Host{Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
		return nil, &net.OpError{Op: "dial", Err: &probes.DialError{
			Err: syscall.EHOSTUNREACH, ICMP: icmp, Transport: probes.Transport{Retransmits: 2},
		}}
	}}
	result, _ := Dial(t.Context(), host, somewhere, patience)
	assert.Equal(t, probes.Unreachable, result.Fault.Kind)
	assert.Equal(t, icmp, result.Fault.ICMP)
	assert.Equal(t, probes.Transport{Retransmits: 2}, result.Transport)

	written, err := json.Marshal(result)
	require.NoError(t, err)
	var read Result
	require.NoError(t, json.Unmarshal(written, &read))
	read.Took = result.Took // to the microsecond in JSON
	assert.Equal(t, result, read)
}
