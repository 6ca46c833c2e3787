package tcp

import (
	"encoding/binary"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// sockets are tables as a little-endian machine prints them: a listener at 40000, a connection from 40001 and one that is over from 40002
// to 203.0.113.10:443, one to another port from 40003, and one out of the range.
const (
	sockets = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 00000000:9C40 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 1 1
   1: 0501A8C0:9C41 0A7100CB:01BB 01 00000000:00000000 00:00000000 00000000     0        0 2 1
   2: 0501A8C0:9C42 0A7100CB:01BB 06 00000000:00000000 03:00000000 00000000     0        0 0 3
   3: 0501A8C0:9C43 0A7100CB:01BC 01 00000000:00000000 00:00000000 00000000     0        0 3 1
   4: 0501A8C0:2710 0A7100CB:01BB 01 00000000:00000000 00:00000000 00000000     0        0 4 1
   5: nonsense
   6: 0501A8C0:9C41 xyz:01BB 01
`
	sockets6 = `  sl  local_address                         remote_address                        st
   0: 0000000000000000FFFF00000501A8C0:9C44 0000000000000000FFFF00000A7100CB:01BB 01 00000000:00000000
   1: B80D0120000000000000000005000000:9C45 B80D0120020000000000000010000000:01BB 01 00000000:00000000
`
)

var littleEndian = binary.NativeEndian.Uint16([]byte{1, 0}) == 1

func TestPortsTaken(t *testing.T) {
	if !littleEndian {
		t.Skip("the tables are those of a little-endian machine")
	}
	for name, c := range map[string]struct {
		table, to       string
		taken, timeWait int
	}{
		"IPv4":                     {sockets, "203.0.113.10:443", 3, 1},
		"another port":             {sockets, "203.0.113.10:444", 2, 0},
		"another address":          {sockets, "203.0.113.11:443", 1, 0},
		"IPv4 on an IPv6 socket":   {sockets6, "203.0.113.10:443", 1, 0},
		"IPv6":                     {sockets6, "[2001:db8:0:2::10]:443", 1, 0},
		"an empty table":           {"", "203.0.113.10:443", 0, 0},
		"a line longer than a row": {strings.Repeat("x", 1<<17), "203.0.113.10:443", 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			p, taken := Ports{First: 40000, Last: 40009}, map[uint16]bool{}
			p.count(strings.NewReader(c.table), netip.MustParseAddrPort(c.to), taken)
			assert.Len(t, taken, c.taken)
			assert.Equal(t, c.timeWait, p.TimeWait)
		})
	}
}

func TestParseEnd(t *testing.T) {
	if !littleEndian {
		t.Skip("the text is that of a little-endian machine")
	}
	end, ok := parseEnd("B80D01200000000000000000100000000:01BB")
	assert.False(t, ok, "half a byte too many: %s", end)
	end, ok = parseEnd("B80D0120020000000000000010000000:01BB")
	assert.True(t, ok)
	assert.Equal(t, "[2001:db8:0:2::10]:443", end.String())
}

func TestReservedPorts(t *testing.T) {
	for list, want := range map[string]int{
		"": 0, "\n": 0, "40000\n": 1, "8080,40001-40003,40005": 4, "39000-41000": 10, "40009-50000": 1, "x,1-y,99999": 0,
	} {
		assert.Equal(t, want, countReserved(list, 40000, 40009), "%q", list)
	}
}

func TestExhausted(t *testing.T) {
	assert.False(t, (*Ports)(nil).Exhausted())
	assert.False(t, (&Ports{}).Exhausted())
	assert.False(t, (&Ports{First: 40000, Last: 40009, Taken: 9}).Exhausted())
	assert.True(t, (&Ports{First: 40000, Last: 40009, Taken: 9, Reserved: 1}).Exhausted())
}

func TestTry(t *testing.T) {
	listener, err := thisMachine.ListenTCP(t.Context(), netip.MustParseAddrPort("127.0.0.1:0"))
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	attempts := Try(t.Context(), thisMachine, probes.AddrPortOf(listener.Addr()), patience, 3)
	assert.Len(t, attempts, 3)
	for _, a := range attempts {
		assert.Nil(t, a.Fault)
		assert.Positive(t, a.Took)
	}
}

func FuzzSockets(f *testing.F) {
	f.Add(sockets)
	f.Add(sockets6)
	f.Fuzz(func(t *testing.T, table string) {
		p, taken := Ports{First: 40000, Last: 40009}, map[uint16]bool{}
		p.count(strings.NewReader(table), netip.MustParseAddrPort("203.0.113.10:443"), taken)
		require.LessOrEqual(t, len(taken), 10)
		require.LessOrEqual(t, p.TimeWait, len(taken))
	})
}
