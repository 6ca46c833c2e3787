package tls

import (
	"bytes"
	"io"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRecorderKeepsBothDirectionsWithTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		done := make(chan struct{})
		go func() {
			defer close(done)
			_, _ = io.ReadFull(peer, make([]byte, 5))
			time.Sleep(time.Second)
			_, _ = peer.Write([]byte("answer"))
		}()
		recorded := &recorder{Conn: conn}
		time.Sleep(time.Second)
		_, err := recorded.Write([]byte("hello"))
		require.NoError(t, err)
		_, err = io.ReadFull(recorded, make([]byte, 3))
		require.NoError(t, err)
		_, err = io.ReadFull(recorded, make([]byte, 3))
		require.NoError(t, err)
		<-done
		assert.Equal(t, []Segment{
			{Bytes: []byte("hello")},
			{At: time.Second, FromServer: true, Bytes: []byte("ans")},
			{At: time.Second, FromServer: true, Bytes: []byte("wer")},
		}, recorded.segments)
		assert.Equal(t, 6, recorded.received)
		assert.Same(t, conn, recorded.NetConn())
	})
}

func TestPeekedBytesAreReadOnce(t *testing.T) {
	conn := peerOf(t, func(peer net.Conn) {
		_, _ = peer.Write([]byte("first"))
		_, _ = peer.Write([]byte("second"))
		_ = peer.Close()
	})
	recorded := &recorder{Conn: conn}
	next, err := recorded.peek()
	require.NoError(t, err)
	assert.Equal(t, []byte("first"), next.Bytes)
	text, err := io.ReadAll(recorded)
	require.NoError(t, err)
	assert.Equal(t, "firstsecond", string(text))
	assert.Len(t, recorded.segments, 2)
	_, err = recorded.peek()
	require.ErrorIs(t, err, io.EOF)
}

func TestRecorderIsBounded(t *testing.T) {
	for name, test := range map[string]struct {
		pieces, size, kept int
	}{
		"much":          {100, 10000, maxRecorded},
		"byte by byte":  {maxSegments + 1000, 1, maxSegments},
		"less than all": {10, 10, 100},
	} {
		t.Run(name, func(t *testing.T) {
			recorded := &recorder{Conn: peerOf(t, func(peer net.Conn) {
				for range test.pieces {
					_, _ = peer.Write(make([]byte, test.size))
				}
				_ = peer.Close()
			})}
			_, err := io.CopyBuffer(io.Discard, struct{ io.Reader }{recorded}, make([]byte, 1<<15))
			require.NoError(t, err)
			assert.Equal(t, test.pieces*test.size, recorded.received)
			kept := 0
			for _, s := range recorded.segments {
				kept += len(s.Bytes)
			}
			assert.Equal(t, test.kept, kept)
		})
	}
}

func TestPeekingIsBounded(t *testing.T) {
	recorded := &recorder{Conn: peerOf(t, func(peer net.Conn) { _, _ = peer.Write(make([]byte, 2*maxAhead)) })}
	peeked := 0
	next, err := recorded.peek()
	for ; err == nil; next, err = recorded.peek() {
		peeked += len(next.Bytes)
	}
	require.ErrorIs(t, err, errAhead)
	assert.Equal(t, maxAhead, peeked)
	_, err = io.ReadFull(recorded, make([]byte, 2*maxAhead))
	require.NoError(t, err)
}

func TestStoppedRecorderKeepsNothing(t *testing.T) {
	recorded := &recorder{Conn: peerOf(t, func(peer net.Conn) { _, _ = peer.Write([]byte("more")) })}
	recorded.stop(nil)
	_, err := recorded.Write(bytes.Repeat([]byte("x"), 100))
	require.NoError(t, err)
	_, err = io.ReadFull(recorded, make([]byte, 4))
	require.NoError(t, err)
	assert.Empty(t, recorded.segments)
}
