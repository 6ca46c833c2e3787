package dns

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// maxDatagram is the longest UDP answer that is read: servers may send more than we said we take.
const maxDatagram = 4096

// maxForeign is how many messages on a TCP connection may belong to somebody else's question.
const maxForeign = 16

// exchange sends a query to a server and returns the raw message that answers it. What does not answer it is passed over, for
// anybody may have sent it. The wait ends with ctx. connected says that there was a TCP connection.
func exchange(
	ctx context.Context, host probes.Host, network string, server netip.AddrPort, query []byte,
) (reply []byte, connected bool, err error) {
	switch {
	case host.Exchange != nil:
		reply, err = host.Exchange(ctx, network, server, query)
		if err == nil && !isReply(query, reply) {
			err = malformed(errForeign)
		}
		return reply, err == nil && network == "tcp", err
	case network == "tcp":
		return exchangeTCP(ctx, host, server, query)
	}
	reply, err = exchangeUDP(ctx, host, server, query)
	return reply, false, err
}

var errForeign = errors.New("what came does not answer the question")

// exchangeUDP takes answers from the server's address alone: the socket is connected.
func exchangeUDP(ctx context.Context, host probes.Host, server netip.AddrPort, query []byte) ([]byte, error) {
	conn, err := host.DialUDP(ctx, server)
	if err != nil {
		return nil, err
	}
	defer func() { _ = conn.Close() }() // nothing more is expected of it
	defer probes.Within(ctx, conn, 0)()
	if _, err := conn.Write(query); err != nil {
		return nil, probes.ErrorOf(conn, err)
	}
	buffer := make([]byte, maxDatagram)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			return nil, probes.ErrorOf(conn, err)
		}
		if isReply(query, buffer[:n]) {
			return buffer[:n], nil
		}
	}
}

// exchangeTCP puts the length before each message (RFC 1035 §4.2.2), in one segment with it (RFC 7766 §8).
func exchangeTCP(
	ctx context.Context, host probes.Host, server netip.AddrPort, query []byte,
) (reply []byte, connected bool, err error) {
	conn, err := host.DialTCP(ctx, server)
	if err != nil {
		return nil, false, err
	}
	defer func() { _ = conn.Close() }() // nothing more is expected of it
	defer probes.Within(ctx, conn, 0)()
	framed := binary.BigEndian.AppendUint16(nil, uint16(len(query)))
	if _, err := conn.Write(append(framed, query...)); err != nil {
		return nil, true, probes.ErrorOf(conn, err)
	}
	for range maxForeign {
		reply, err := readFramed(conn)
		if err != nil {
			return nil, true, probes.ErrorOf(conn, err)
		}
		if isReply(query, reply) {
			return reply, true, nil
		}
	}
	return nil, true, malformed(errForeign)
}

func readFramed(conn net.Conn) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(conn, length[:]); err != nil {
		return nil, fmt.Errorf("length of the answer: %w", err)
	}
	message := make([]byte, binary.BigEndian.Uint16(length[:]))
	if _, err := io.ReadFull(conn, message); err != nil {
		return nil, fmt.Errorf("answer of %d bytes: %w", len(message), err)
	}
	return message, nil
}
