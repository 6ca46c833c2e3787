package ftptest

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

// SilentPort finds a port of addr at which SYNs are dropped, as behind a firewall that drops them, without any privilege.
//
// It is a listener that never accepts, with a backlog of one, filled with connections of our own: Linux then answers no
// further SYN (listen(2); a queue is full when it is longer than its backlog, so that two connections fill it).
func SilentPort(addr netip.Addr) (*DeadPort, error) {
	return silentPort(netip.AddrPortFrom(addr, 0))
}

// silentPort does so at a given port; 0 is any.
func silentPort(on netip.AddrPort) (*DeadPort, error) {
	listener, err := listen(on)
	if err != nil {
		return nil, err
	}
	port := &DeadPort{Addr: probes.AddrPortOf(listener.Addr()), held: []io.Closer{listener}}
	if err := port.fill(listener); err != nil {
		port.Close()
		return nil, err
	}
	return port, nil
}

// fill connects to the listener until the kernel says that its queue is full. Two connections do, unless the kernel is still
// busy with the handshake of one when it sees the other, or is asked.
func (p *DeadPort) fill(listener *net.TCPListener) error {
	const attempts = 8
	if err := setBacklog(listener, 1); err != nil {
		return err
	}
	for range attempts {
		conn, err := dialBriefly(p.Addr)
		var netErr net.Error
		switch {
		case err == nil:
			p.held = append(p.held, conn)
		case !errors.As(err, &netErr) || !netErr.Timeout():
			return err
		}
		if full, err := queueIsFull(listener); full || err != nil {
			return err
		}
	}
	return errors.New("the listener's queue does not fill")
}

func dialBriefly(to netip.AddrPort) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	var dialer net.Dialer
	return dialer.DialContext(ctx, "tcp", to.String())
}

// setBacklog changes the backlog of a listener: listen(2) may be called again.
func setBacklog(listener *net.TCPListener, backlog int) error {
	var listenErr error
	err := onDescriptor(listener, func(fd int) { listenErr = unix.Listen(fd, backlog) })
	return errors.Join(err, listenErr)
}

// queueIsFull asks the kernel: on a listening socket, TCP_INFO has the queue's length in tcpi_unacked and the backlog in
// tcpi_sacked.
func queueIsFull(listener *net.TCPListener) (bool, error) {
	var info *unix.TCPInfo
	var infoErr error
	err := onDescriptor(listener, func(fd int) { info, infoErr = unix.GetsockoptTCPInfo(fd, unix.IPPROTO_TCP, unix.TCP_INFO) })
	if err := errors.Join(err, infoErr); err != nil {
		return false, err
	}
	return info.Unacked > info.Sacked, nil
}

func onDescriptor(listener *net.TCPListener, do func(fd int)) error {
	raw, err := listener.SyscallConn()
	if err != nil {
		return err
	}
	return raw.Control(func(fd uintptr) { do(int(fd)) })
}
