package netlink

import (
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"net/netip"

	"golang.org/x/sys/unix"
)

// ErrMalformed says that a message breaks the protocol.
var ErrMalformed = errors.New("malformed netlink message")

// Message is one message of an answer.
type Message struct {
	// Type is what it tells, RTM_NEWLINK for example.
	Type uint16
	// Flags are those of its header.
	Flags uint16
	// Data is what follows the header.
	Data []byte
}

// Messages takes an answer apart. It ends at NLMSG_DONE, or with an error: the errno with which the kernel refused, or
// ErrMalformed.
func Messages(stream []byte) iter.Seq2[Message, error] {
	return func(yield func(Message, error) bool) {
		for len(stream) > 0 {
			message, rest, err := next(stream)
			if err == nil {
				err = message.refusal()
			}
			if err != nil {
				yield(Message{}, err)
				return
			}
			if message.ends() || !yield(message, nil) {
				return
			}
			stream = rest
		}
	}
}

// next cuts the first message off a stream that is not empty.
func next(stream []byte) (message Message, rest []byte, err error) {
	if len(stream) < unix.SizeofNlMsghdr {
		return Message{}, nil, fmt.Errorf("%w: %d bytes are no header", ErrMalformed, len(stream))
	}
	length := binary.NativeEndian.Uint32(stream)
	if length < unix.SizeofNlMsghdr || uint64(length) > uint64(len(stream)) {
		return Message{}, nil, fmt.Errorf("%w: its length is %d of %d bytes", ErrMalformed, length, len(stream))
	}
	message = Message{
		Type:  binary.NativeEndian.Uint16(stream[4:]),
		Flags: binary.NativeEndian.Uint16(stream[6:]),
		Data:  stream[unix.SizeofNlMsghdr:length],
	}
	return message, stream[min(align(int(length)), len(stream)):], nil
}

// ends says that the message closes the answer and tells nothing else.
func (m Message) ends() bool { return m.Type == unix.NLMSG_DONE || m.Type == unix.NLMSG_ERROR }

// refusal is the errno in a closing message, negative on the wire; a dump that broke off has one in its NLMSG_DONE.
func (m Message) refusal() error {
	switch {
	case !m.ends() || m.Type == unix.NLMSG_DONE && len(m.Data) == 0:
		return nil
	case len(m.Data) < 4:
		return fmt.Errorf("%w: an errno of %d bytes", ErrMalformed, len(m.Data))
	}
	return Errno(m.Data)
}

// Errno is the error number, negative on the wire, that data begins with, which are 4 bytes at least; nil for zero.
func Errno(data []byte) error {
	if errno := -int32(binary.NativeEndian.Uint32(data)); errno != 0 {
		return unix.Errno(uint32(errno))
	}
	return nil
}

// last says that a datagram closes the answer: nothing is to be waited for after it. So does a malformed one.
func last(datagram []byte) bool {
	for len(datagram) > 0 {
		message, rest, err := next(datagram)
		if err != nil || message.ends() || message.Flags&unix.NLM_F_MULTI == 0 {
			return true
		}
		datagram = rest
	}
	return false
}

// interrupted says that a table changed while the kernel dumped it, so that entries may be missing.
func interrupted(stream []byte) bool {
	for message, err := range Messages(stream) {
		if err == nil && message.Flags&unix.NLM_F_DUMP_INTR != 0 {
			return true
		}
	}
	return false
}

// Attributes are those of one message, by type. Of several of one type the last counts, as for the kernel.
type Attributes map[uint16][]byte

// Attributes are those that follow the fixed part of the message, a struct of size bytes.
func (m Message) Attributes(size int) (Attributes, error) {
	if len(m.Data) < size {
		return nil, fmt.Errorf("%w: %d bytes of type %d", ErrMalformed, len(m.Data), m.Type)
	}
	return Nested(m.Data[min(align(size), len(m.Data)):])
}

// Nested are the attributes that follow one another in data, as they do in an attribute that holds others.
func Nested(data []byte) (Attributes, error) {
	attributes := Attributes{}
	for len(data) >= unix.SizeofNlAttr {
		length := int(binary.NativeEndian.Uint16(data))
		if length < unix.SizeofNlAttr || length > len(data) {
			return nil, fmt.Errorf("%w: an attribute of %d of %d bytes", ErrMalformed, length, len(data))
		}
		kind := binary.NativeEndian.Uint16(data[2:]) &^ (unix.NLA_F_NESTED | unix.NLA_F_NET_BYTEORDER)
		attributes[kind] = data[unix.SizeofNlAttr:length]
		data = data[min(align(length), len(data)):]
	}
	return attributes, nil
}

// Uint32 is a number in the machine's own order; zero where the attribute is absent.
func (a Attributes) Uint32(kind uint16) (uint32, error) {
	value, ok := a[kind]
	switch {
	case !ok:
		return 0, nil
	case len(value) != 4:
		return 0, fmt.Errorf("%w: attribute %d is a number of %d bytes", ErrMalformed, kind, len(value))
	}
	return binary.NativeEndian.Uint32(value), nil
}

// Addr is an Internet address; invalid where the attribute is absent.
func (a Attributes) Addr(kind uint16) (netip.Addr, error) {
	value, ok := a[kind]
	if !ok {
		return netip.Addr{}, nil
	}
	addr, ok := netip.AddrFromSlice(value)
	if !ok {
		return netip.Addr{}, fmt.Errorf("%w: attribute %d is an address of %d bytes", ErrMalformed, kind, len(value))
	}
	return addr, nil
}

// align is a length with its padding to NLMSG_ALIGNTO, which is that of attributes too.
func align(length int) int { return (length + unix.NLMSG_ALIGNTO - 1) &^ (unix.NLMSG_ALIGNTO - 1) }
