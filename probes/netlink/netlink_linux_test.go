package netlink

import (
	"bytes"
	"context"
	"encoding/binary"
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// message is one of the kernel's, padded.
func message(kind, flags uint16, body []byte) []byte {
	m := request(kind, flags, body)
	return append(m, make([]byte, align(len(m))-len(m))...)
}

// onWire is an error number as the kernel sends it, negative.
func onWire(errno unix.Errno) []byte { return binary.NativeEndian.AppendUint32(nil, -uint32(errno)) }

// refusal is the error that an answer ends with.
func refusal(stream []byte) (err error) {
	for _, err = range Messages(stream) {
	}
	return err
}

func TestAskForADump(t *testing.T) {
	stream, err := Ask(t.Context(), unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
	require.NoError(t, err)
	count := 0
	for m, err := range Messages(stream) {
		require.NoError(t, err)
		assert.EqualValues(t, unix.RTM_NEWLINK, m.Type)
		count++
	}
	assert.Positive(t, count, "lo at least")
}

func TestAskForWhatTheKernelDoesNotHave(t *testing.T) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0] = unix.AF_APPLETALK // no routes by netlink: what a kernel without IPv6 says of AF_INET6
	stream, err := Ask(t.Context(), unix.RTM_GETROUTE, 0, body)
	require.NoError(t, err)
	assert.ErrorIs(t, refusal(stream), unix.EOPNOTSUPP)
}

// unanswered is a request that the kernel ignores.
var unanswered = request(unix.NLMSG_NOOP, 0, nil)

func TestAskIsCancelled(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()
	_, err := ask(ctx, unanswered, time.Hour)
	assert.True(t, Fault(ctx, "route", err).Of(probes.Interrupted), "%v", err)
}

func TestAskLosesPatience(t *testing.T) {
	_, err := ask(t.Context(), unanswered, 20*time.Millisecond)
	assert.True(t, Fault(t.Context(), "route", err).Of(probes.Timeout), "%v", err)
}

func TestAskAfterTheEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := Ask(ctx, unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
	assert.ErrorIs(t, err, context.Canceled)
}

// sockets are two ends of a local line that keeps the bounds of datagrams, as netlink does.
func sockets(t *testing.T) (ours, theirs *os.File) {
	t.Helper()
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	require.NoError(t, err)
	ours, theirs = os.NewFile(uintptr(fds[0]), "ours"), os.NewFile(uintptr(fds[1]), "theirs")
	t.Cleanup(func() {
		_ = ours.Close()
		_ = theirs.Close()
	})
	return ours, theirs
}

func TestReadWithoutEnd(t *testing.T) {
	ours, theirs := sockets(t)
	done := make(chan struct{})
	go func() {
		defer close(done)
		datagram := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, make([]byte, 32<<10))
		for err := error(nil); err == nil; {
			_, err = theirs.Write(datagram)
		}
	}()
	_, err := read(ours)
	require.ErrorIs(t, err, ErrTooLong)
	assert.True(t, Fault(t.Context(), "interfaces", err).Of(probes.TooLong))
	require.NoError(t, ours.Close())
	<-done
}

func TestReadSeveralDatagrams(t *testing.T) {
	ours, theirs := sockets(t)
	first := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, []byte("first"))
	second := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, []byte("second"))
	end := message(unix.NLMSG_DONE, unix.NLM_F_MULTI, make([]byte, 4))
	for _, datagram := range [][]byte{append(first, second...), end, []byte("the next answer")} {
		_, err := theirs.Write(datagram)
		require.NoError(t, err)
	}
	stream, err := read(ours)
	require.NoError(t, err)
	assert.Equal(t, bytes.Join([][]byte{first, second, end}, nil), stream)
}

func TestReadDatagramThatDoesNotFit(t *testing.T) {
	ours, theirs := sockets(t)
	_, err := theirs.Write(message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, make([]byte, maxDatagram)))
	require.NoError(t, err)
	stream, err := read(ours)
	require.NoError(t, err)
	assert.ErrorIs(t, refusal(stream), ErrMalformed)
}

func TestMessages(t *testing.T) {
	one := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, []byte("one"))
	two := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, []byte("two"))
	short := message(unix.RTM_NEWLINK, 0, nil)
	binary.NativeEndian.PutUint32(short, unix.SizeofNlMsghdr-1)
	long := message(unix.RTM_NEWLINK, 0, nil)
	binary.NativeEndian.PutUint32(long, 1<<31)
	for name, test := range map[string]struct {
		stream []byte
		want   []string
		err    error
	}{
		"nothing":                     {nil, nil, nil},
		"two and the end":             {join(one, two, message(unix.NLMSG_DONE, 0, make([]byte, 4))), []string{"one", "two"}, nil},
		"an end without a number":     {join(one, message(unix.NLMSG_DONE, 0, nil)), []string{"one"}, nil},
		"nothing counts after an end": {join(one, message(unix.NLMSG_DONE, 0, nil), two), []string{"one"}, nil},
		"an end that is a refusal":    {join(one, message(unix.NLMSG_DONE, 0, onWire(unix.EMSGSIZE))), []string{"one"}, unix.EMSGSIZE},
		"a refusal":                   {message(unix.NLMSG_ERROR, 0, onWire(unix.EACCES)), nil, unix.EACCES},
		"an acknowledgement":          {message(unix.NLMSG_ERROR, 0, make([]byte, 4)), nil, nil},
		"a refusal cut short":         {message(unix.NLMSG_ERROR, 0, []byte{1, 2, 3}), nil, ErrMalformed},
		"a refusal without a number":  {message(unix.NLMSG_ERROR, 0, nil), nil, ErrMalformed},
		"a header cut short":          {join(one, two[:15]), []string{"one"}, ErrMalformed},
		"a message cut short":         {join(one, two[:18]), []string{"one"}, ErrMalformed},
		"padding that is not there":   {join(one, two[:19]), []string{"one", "two"}, nil},
		"a length below the header's": {join(one, short), []string{"one"}, ErrMalformed},
		"a length of two gigabytes":   {join(one, long), []string{"one"}, ErrMalformed},
	} {
		t.Run(name, func(t *testing.T) {
			var got []string
			var err error
			for m, failure := range Messages(test.stream) {
				if err = failure; err == nil {
					got = append(got, string(m.Data))
				}
			}
			assert.Equal(t, test.want, got)
			assert.ErrorIs(t, err, test.err)
		})
	}
}

func join(parts ...[]byte) []byte { return bytes.Join(parts, nil) }

func TestMessagesLeftEarly(t *testing.T) {
	stream := join(message(unix.RTM_NEWLINK, 0, []byte("one")), message(unix.RTM_NEWLINK, 0, []byte("two")))
	for m, err := range Messages(stream) {
		require.NoError(t, err)
		assert.Equal(t, "one", string(m.Data))
		break
	}
}

func TestLast(t *testing.T) {
	part := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, nil)
	for name, test := range map[string]struct {
		datagram []byte
		want     bool
	}{
		"part of a dump":  {join(part, part), false},
		"end of a dump":   {join(part, message(unix.NLMSG_DONE, unix.NLM_F_MULTI, nil)), true},
		"a single answer": {message(unix.RTM_NEWROUTE, 0, nil), true},
		"a refusal":       {message(unix.NLMSG_ERROR, 0, onWire(unix.EACCES)), true},
		"malformed":       {part[:15], true},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, last(test.datagram))
		})
	}
}

func TestInterrupted(t *testing.T) {
	part := message(unix.RTM_NEWLINK, unix.NLM_F_MULTI, nil)
	assert.False(t, interrupted(join(part, part)))
	assert.True(t, interrupted(join(part, message(unix.RTM_NEWLINK, unix.NLM_F_MULTI|unix.NLM_F_DUMP_INTR, nil))))
	assert.False(t, interrupted(message(unix.NLMSG_ERROR, 0, onWire(unix.EACCES))))
}

func TestAttributes(t *testing.T) {
	fixed := []byte("fixed") // its padding counts
	body := append(bytes.Clone(fixed), 0, 0, 0)
	body = AppendAttribute(body, 1, []byte{192, 0, 2, 1})
	body = AppendAttribute(body, 2, binary.NativeEndian.AppendUint32(nil, 1500))
	body = AppendAttribute(body, 3|unix.NLA_F_NESTED, []byte("five!"))
	body = AppendAttribute(body, 4, nil)
	body = append(body, 0, 0, 0) // less than an attribute: left alone, as the kernel does

	attributes, err := Message{Data: body}.Attributes(len(fixed))
	require.NoError(t, err)

	addr, err := attributes.Addr(1)
	require.NoError(t, err)
	assert.Equal(t, netip.MustParseAddr("192.0.2.1"), addr)
	number, err := attributes.Uint32(2)
	require.NoError(t, err)
	assert.EqualValues(t, 1500, number)
	assert.Equal(t, "five!", string(attributes[3]))
	assert.Contains(t, attributes, uint16(4))
	assert.Len(t, attributes, 4)

	addr, err = attributes.Addr(9)
	require.NoError(t, err)
	assert.False(t, addr.IsValid(), "absent")
	number, err = attributes.Uint32(9)
	require.NoError(t, err)
	assert.Zero(t, number, "absent")
	_, err = attributes.Addr(3)
	require.ErrorIs(t, err, ErrMalformed)
	_, err = attributes.Uint32(3)
	assert.ErrorIs(t, err, ErrMalformed)
}

func TestAttributesMalformed(t *testing.T) {
	header := func(length uint16) []byte {
		return append(binary.NativeEndian.AppendUint16(make([]byte, 8), length), 1, 1)
	}
	for name, data := range map[string][]byte{
		"no fixed part":             make([]byte, 7),
		"a length below the header": header(3),
		"a length beyond the end":   header(5),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := Message{Data: data}.Attributes(8)
			assert.ErrorIs(t, err, ErrMalformed)
		})
	}
}

func TestFault(t *testing.T) {
	assert.Nil(t, Fault(t.Context(), "route", nil))
	assert.True(t, Fault(t.Context(), "route", unix.ENETUNREACH).Of(probes.NoRoute))
	assert.True(t, Fault(t.Context(), "route", ErrMalformed).Of(probes.Malformed))
}

func FuzzMessages(f *testing.F) {
	body := AppendAttribute(make([]byte, unix.SizeofRtMsg), unix.RTA_DST, []byte{192, 0, 2, 1})
	f.Add(join(message(unix.RTM_NEWROUTE, unix.NLM_F_MULTI, body), message(unix.NLMSG_DONE, 0, make([]byte, 4))))
	f.Add(message(unix.NLMSG_ERROR, 0, onWire(unix.EACCES)))
	f.Fuzz(func(t *testing.T, stream []byte) {
		length := 0
		for m, err := range Messages(stream) {
			length += unix.SizeofNlMsghdr + len(m.Data)
			if err != nil {
				return
			}
			attributes, err := m.Attributes(unix.SizeofRtMsg)
			if err != nil {
				continue
			}
			for kind := range attributes {
				_, _ = attributes.Addr(kind)
				_, _ = attributes.Uint32(kind)
			}
		}
		require.LessOrEqual(t, length, len(stream))
		_ = last(stream)
	})
}
