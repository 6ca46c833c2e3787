package ftptest

import (
	"io"
	"net"
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// DeadPort is a TCP port to which no connection can be made, and which no other program can get while it is held.
type DeadPort struct {
	// Addr is the address and the port.
	Addr netip.AddrPort
	held []io.Closer
}

// RefusingPort finds a port of addr at which SYNs are answered with RST.
//
// It is the local end of a connection that stays open: nobody listens there, and the kernel gives the port to nobody else. A
// port that was merely free a moment ago could be in use by the time a client tries it.
func RefusingPort(addr netip.Addr) (*DeadPort, error) {
	return refusingPort(netip.AddrPortFrom(addr, 0))
}

// refusingPort does so at a given port; 0 is any.
func refusingPort(on netip.AddrPort) (*DeadPort, error) {
	listener, err := listen(netip.AddrPortFrom(on.Addr(), 0))
	if err != nil {
		return nil, err
	}
	dialer := net.Dialer{LocalAddr: net.TCPAddrFromAddrPort(on)}
	conn, err := dialer.Dial("tcp", listener.Addr().String())
	if err != nil {
		_ = listener.Close() // the first error is the one that matters
		return nil, err
	}
	return &DeadPort{Addr: probes.AddrPortOf(conn.LocalAddr()), held: []io.Closer{conn, listener}}, nil
}

// Close gives the port back.
func (p *DeadPort) Close() {
	for _, held := range p.held {
		_ = held.Close() // it never carried anything
	}
}
