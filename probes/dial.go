package probes

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"syscall"
)

// DialError is an error of a socket, most often a failed attempt at a connection, with what the kernel knows of it.
type DialError struct {
	// Err is the error of the attempt.
	Err error
	// ICMP is the ICMP error that ended the attempt, if one did.
	ICMP *ICMP
	// Transport is the kernel's account of the attempt: how often the SYN was sent again.
	Transport Transport
}

// Error is the text of the attempt's error, and of the ICMP error behind it.
func (e *DialError) Error() string {
	if e.ICMP == nil {
		return e.Err.Error()
	}
	return e.Err.Error() + " (" + e.ICMP.Error() + ")"
}

// Unwrap gives the attempt's error and the ICMP error.
func (e *DialError) Unwrap() []error {
	if e.ICMP == nil {
		return []error{e.Err}
	}
	return []error{e.Err, e.ICMP}
}

// dialTCP connects from this machine.
func (o Origin) dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	failures, dropped := retransmitFailures(), CountDropped(to.Addr())
	conn, err := o.dial(ctx, to, packets{})
	if dialErr, ok := errors.AsType[*DialError](err); ok && kindOf(dialErr.Err) == Timeout {
		dialErr.Transport.LocalFailures = retransmitFailures() - failures
		dialErr.Transport.LocalDrops = dropped()
	}
	return conn, err
}

// packets is how the packets of a connection are to be. What is zero is left to the system.
type packets struct {
	ttl int // hops that they live for, from 1 to 255
	mss int // bytes of the longest segment, both ways
}

// limit makes the packets of a socket so, before it connects.
func (p packets) limit(network string, raw syscall.RawConn) error {
	if p.ttl != 0 {
		if err := limitHops(network, raw, p.ttl); err != nil {
			return err
		}
	}
	if p.mss != 0 {
		return limitSegments(raw, p.mss)
	}
	return nil
}

// dial connects from this machine with such packets. The socket's duplicate outlives the dialer's own, so that a failed attempt can
// still be asked why it failed; both are closed when it returns an error, which is a *DialError.
func (o Origin) dial(ctx context.Context, to netip.AddrPort, sent packets) (net.Conn, error) {
	var twin socket
	defer func() { twin.close() }()
	dialer := o.dialer("tcp", to.Addr(), func(network string, raw syscall.RawConn) error {
		twin.close() // the dialer tries again where the kernel had no port to give
		twin = duplicate(raw)
		return sent.limit(network, raw)
	})
	dialer.SetMultipathTCP(false) // TCP_INFO and the error queue are those of a single path
	conn, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, &DialError{Err: err, ICMP: twin.icmp(), Transport: twin.transport()}
	}
	return conn, nil
}

// ErrorOf adds to an error of conn the ICMP error that was its reason, where the socket's error queue has one. It returns nil
// for a nil err.
func ErrorOf(conn net.Conn, err error) error {
	if err == nil {
		return nil
	}
	var icmp *ICMP
	onSocket(conn, func(s socket) { icmp = s.icmp() })
	if icmp == nil {
		return err
	}
	return &DialError{Err: err, ICMP: icmp}
}

// TransportOf is what the kernel knows of conn now; zero where it does not tell. A TLS connection is asked for the TCP
// connection below it.
func TransportOf(conn net.Conn) (t Transport) {
	onSocket(conn, func(s socket) { t = s.transport() })
	return t
}

// onSocket calls f with the socket below conn, if there is one that can be reached.
func onSocket(conn net.Conn, f func(socket)) {
	for {
		wrapper, ok := conn.(interface{ NetConn() net.Conn })
		if !ok {
			break
		}
		conn = wrapper.NetConn()
	}
	sc, ok := conn.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return
	}
	_ = raw.Control(func(fd uintptr) { f(socket{fd: int(fd), open: true}) }) // a closed connection has nothing to tell
}

// socket is a system's socket. The zero value is none: it knows nothing.
type socket struct {
	fd   int
	open bool
}
