package netlink

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

const (
	// patience is the longest wait for the kernel, which answers at once.
	patience = 5 * time.Second
	// attempts is how often a dump is asked for while the tables change under it.
	attempts = 3
	// maxDatagram is more than the kernel puts in one datagram of a dump (32 KiB).
	maxDatagram = 64 << 10
	// maxAnswer is the longest answer we read: that of a machine with some ten thousand interfaces.
	maxAnswer = 16 << 20
)

// ErrTooLong says that an answer was longer than we are willing to read.
var ErrTooLong = errors.New("the kernel's answer is too long")

// Ask sends one request to the kernel's routing socket and returns all of the answer, a refusal included: Messages takes it
// apart. The kind and flags are those of the message header (NLM_F_REQUEST is added), the body is what follows it. The error
// is for a socket that does not work. The wait ends with ctx.
func Ask(ctx context.Context, kind, flags uint16, body []byte) (stream []byte, err error) {
	for range attempts {
		stream, err = ask(ctx, request(kind, flags, body), patience)
		if err != nil || !interrupted(stream) {
			break
		}
	}
	return stream, err
}

func ask(ctx context.Context, request []byte, patience time.Duration) (stream []byte, err error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	socket, err := open(0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = socket.Close() }() // nothing is buffered that a failed close could lose
	if err := socket.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	defer context.AfterFunc(ctx, func() { _ = socket.SetDeadline(time.Unix(1, 0)) })()
	if _, err := socket.Write(request); err != nil {
		return nil, err
	}
	return read(socket)
}

// read collects datagrams to the end of the answer. A datagram that did not fit is cut, which Messages calls malformed.
func read(socket *os.File) (stream []byte, err error) {
	datagram := make([]byte, maxDatagram)
	for {
		n, err := socket.Read(datagram)
		if err != nil {
			return nil, err
		}
		if len(stream)+n > maxAnswer {
			return nil, fmt.Errorf("%w: more than %d bytes", ErrTooLong, maxAnswer)
		}
		stream = append(stream, datagram[:n]...)
		if last(datagram[:n]) {
			return stream, nil
		}
	}
}

// request is one message with its header (struct nlmsghdr). Its sequence number and port are zero: the socket is used once.
func request(kind, flags uint16, body []byte) []byte {
	message := make([]byte, 0, unix.SizeofNlMsghdr+len(body))
	message = binary.NativeEndian.AppendUint32(message, uint32(unix.SizeofNlMsghdr+len(body)))
	message = binary.NativeEndian.AppendUint16(message, kind)
	message = binary.NativeEndian.AppendUint16(message, unix.NLM_F_REQUEST|flags)
	message = append(message, make([]byte, 8)...)
	return append(message, body...)
}

// AppendAttribute adds an attribute to the body of a request: an address or a number in the machine's own order.
func AppendAttribute(body []byte, kind uint16, value []byte) []byte {
	body = binary.NativeEndian.AppendUint16(body, uint16(unix.SizeofNlAttr+len(value)))
	body = binary.NativeEndian.AppendUint16(body, kind)
	body = append(body, value...)
	return append(body, make([]byte, align(len(value))-len(value))...)
}

// Fault is err as the fault of a probe in step; nil where err is nil.
func Fault(ctx context.Context, step string, err error) *probes.Fault {
	fault := probes.NewFault(ctx, step, err)
	switch {
	case errors.Is(err, ErrMalformed):
		fault.Kind = probes.Malformed
	case errors.Is(err, ErrTooLong):
		fault.Kind = probes.TooLong
	}
	return fault
}
