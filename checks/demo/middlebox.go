package demo

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/netip"
	"regexp"
	"strconv"
	"sync"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// middlebox stands between a client and an FTP server, as a firewall or a router does that inspects FTP: it relays control
// connections, and what is in clear there it reads and rewrites. TLS it passes on as it is.
type middlebox struct {
	at      netip.Addr // where clients come to; the zero Addr is 127.0.0.1
	command rewriter   // of what the client says; nil to leave it
	reply   rewriter   // of what the server says; nil to leave it
	server  netip.AddrPort

	ctx     context.Context
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// rewriter is given what one end said, and gives what the other is to hear.
type rewriter func(m *middlebox, said string) string

// behind starts an FTP server and a middlebox before it.
func (d *Demo) behind(m *middlebox, scheme string, server *ftptest.Server) error {
	if err := d.serveFTP(scheme, server); err != nil {
		return err
	}
	m.server = server.Addr
	m.ctx, m.cancel = context.WithCancel(context.Background())
	d.stop = append(d.stop, m.close)
	if !m.at.IsValid() {
		m.at = loopback
	}
	at, err := m.listen(m.at, m.relayControl)
	if err != nil {
		return err
	}
	d.Target = fmt.Sprintf("%s://%s/", scheme, at)
	return nil
}

// close breaks off all connections, and returns when all goroutines have ended.
func (m *middlebox) close() {
	m.cancel()
	m.running.Wait()
}

// listen serves connections to a free port of an address.
func (m *middlebox) listen(on netip.Addr, serve func(net.Conn)) (netip.AddrPort, error) {
	listener, err := net.ListenTCP("tcp", net.TCPAddrFromAddrPort(netip.AddrPortFrom(on, 0)))
	if err != nil {
		return netip.AddrPort{}, err
	}
	done := m.hold(listener)
	m.running.Go(func() {
		defer done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			m.running.Go(func() {
				defer m.hold(conn)()
				serve(conn)
			})
		}
	})
	return probes.AddrPortOf(listener.Addr()), nil
}

// hold closes c when it is done with, or when the middlebox is closed.
func (m *middlebox) hold(c io.Closer) (done func()) {
	ctx, done := context.WithCancel(m.ctx)
	m.running.Go(func() {
		<-ctx.Done()
		_ = c.Close() // the error has no one to go to
	})
	return done
}

// relayControl relays a control connection.
func (m *middlebox) relayControl(client net.Conn) { m.relay(client, m.server, m.command, m.reply) }

// forward makes a listener from which connections are relayed to another address.
func (m *middlebox) forward(on netip.Addr, to netip.AddrPort) (netip.AddrPort, error) {
	return m.listen(on, func(conn net.Conn) { m.relay(conn, to, nil, nil) })
}

// relay passes on what both ends of a connection say, until both have ended.
func (m *middlebox) relay(client net.Conn, to netip.AddrPort, command, reply rewriter) {
	var dialer net.Dialer
	server, err := dialer.DialContext(m.ctx, "tcp", to.String())
	if err != nil {
		return
	}
	defer m.hold(server)()
	var back sync.WaitGroup
	defer back.Wait()
	back.Go(func() { m.pass(client, server, reply) })
	m.pass(server, client, command)
}

// pass passes on what comes from one end to the other. Commands and replies come as they were sent, one at a time, since each waits
// for the other.
func (m *middlebox) pass(to, from net.Conn, rewrite rewriter) {
	defer func() { _ = to.(*net.TCPConn).CloseWrite() }() // fails where that end has gone
	buffer := make([]byte, 16<<10)
	for {
		n, err := from.Read(buffer)
		if err != nil {
			return
		}
		said := string(buffer[:n])
		if rewrite != nil {
			said = rewrite(m, said)
		}
		if _, err := to.Write([]byte(said)); err != nil {
			return
		}
	}
}

// The commands and replies that name a port, as far as a middlebox can read them.
var (
	portCommand = regexp.MustCompile(`^PORT (\d+,\d+,\d+,\d+),(\d+),(\d+)\r\n$`)
	pasvReply   = regexp.MustCompile(`^227 [^\r\n(]*\((\d+,\d+,\d+,\d+),(\d+),(\d+)\)\.\r\n$`)
	epsvReply   = regexp.MustCompile(`^229 [^\r\n(]*\(\|{3}(\d+)\|\)\r\n$`)
)

// number is a port in decimal digits, in one field or, high byte first, in two.
func number(fields ...string) (port uint16) {
	for _, field := range fields {
		n, _ := strconv.ParseUint(field, 10, 16) // the pattern lets digits through, and nobody but our own client and server speaks here
		port = port<<8 | uint16(n)
	}
	return port
}
