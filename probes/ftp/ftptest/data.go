package ftptest

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"

	"github.com/rung-cli/rung/probes"
)

// channel is a data connection that was agreed on and may not be there yet.
type channel struct {
	// open waits for the connection, or makes it.
	open func(ctx context.Context) (net.Conn, error)
	// close gives up what was prepared; a connection that open has returned stays.
	close func()
}

// dead is a channel that never opens.
var dead = &channel{
	open: func(ctx context.Context) (net.Conn, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	},
	close: func() {},
}

// dropData gives up the channel that was prepared, if there is one.
func (c *session) dropData() {
	if c.data != nil {
		c.data.close()
		c.data = nil
	}
}

// extendedPassive is EPSV (RFC 2428 §3).
func (c *session) extendedPassive(_ context.Context, arg string) string {
	if own := c.protocol(); arg != "" && arg != own {
		return "522 Network protocol not supported, use (" + own + ")"
	}
	port, err := c.listenForData("EPSV")
	if err != nil {
		return "425 Can't open a data port."
	}
	return fmt.Sprintf("229 Entering Extended Passive Mode (|||%d|)", port)
}

// passive is PASV (RFC 959 §4.1.2), which has no room for an IPv6 address.
func (c *session) passive(context.Context, string) string {
	if c.local.Is6() {
		return "425 PASV is for IPv4, use EPSV."
	}
	port, err := c.listenForData("PASV")
	if err != nil {
		return "425 Can't open a data port."
	}
	announced := c.local
	if c.server.Faults.PassiveAddress.Is4() {
		announced = c.server.Faults.PassiveAddress
	}
	h := announced.As4()
	return fmt.Sprintf("227 Entering Passive Mode (%d,%d,%d,%d,%d,%d).", h[0], h[1], h[2], h[3], port>>8, port&0xff)
}

// protocol is the control connection's network protocol as RFC 2428 §2 numbers it.
func (c *session) protocol() string {
	if c.local.Is6() {
		return "2"
	}
	return "1"
}

// listenForData prepares a passive data connection and returns its port; for a command whose port is to be dead, a dead one.
func (c *session) listenForData(command string) (uint16, error) {
	c.dropData()
	if port, ok := c.server.dead[command]; ok {
		c.data = dead
		return port.Addr.Port(), nil
	}
	if c.server.ports == nil {
		return c.listenAt(0)
	}
	var err error
	for range c.server.Faults.PassiveRange {
		port, fault := c.server.ports.take()
		if fault != Working {
			c.data = dead
			return port, nil
		}
		if port, err = c.listenAt(port); err == nil {
			return port, nil
		}
	}
	return 0, err
}

// listenAt prepares a passive data connection to a port, to any free one where it is 0, and returns it.
func (c *session) listenAt(port uint16) (uint16, error) {
	addrs := c.server.Faults.PassiveOn
	if len(addrs) == 0 {
		addrs = []netip.Addr{c.local}
	}
	listeners, err := listenOn(addrs, port)
	if err != nil {
		return 0, err
	}
	c.data = c.await(listeners)
	return probes.AddrPortOf(listeners[0].Addr()).Port(), nil
}

// listenOn opens the same port at every address, any that is free there where it is 0.
func listenOn(addrs []netip.Addr, port uint16) (listeners []net.Listener, err error) {
	const attempts = 5 // a port that is free at one address may be in use at another
	for range attempts {
		if listeners, err = listenAll(addrs, port); err == nil || port != 0 {
			break
		}
	}
	return listeners, err
}

func listenAll(addrs []netip.Addr, port uint16) ([]net.Listener, error) {
	var listeners []net.Listener
	for _, addr := range addrs {
		listener, err := listen(netip.AddrPortFrom(addr, port))
		if err != nil {
			for _, listener := range listeners {
				_ = listener.Close() // the first error is the one that matters
			}
			return nil, err
		}
		listeners = append(listeners, listener)
		port = probes.AddrPortOf(listener.Addr()).Port()
	}
	return listeners, nil
}

// waiter waits for a passive data connection from before the client is told its port, so that every connection is counted.
type waiter struct {
	listeners []net.Listener
	conn      chan net.Conn // the first connection; closed when no other will come
}

// await begins to wait at all of the listeners.
func (c *session) await(listeners []net.Listener) *channel {
	w := &waiter{listeners: listeners, conn: make(chan net.Conn, 1)}
	var waiting sync.WaitGroup
	for _, listener := range listeners {
		waiting.Go(func() { w.accept(listener, c) })
	}
	go func() {
		waiting.Wait()
		close(w.conn)
	}()
	return &channel{open: w.take, close: w.close}
}

// accept keeps the first connection from the client and closes all others. Those from elsewhere are not the client's
// (RFC 2577 §8).
func (w *waiter) accept(listener net.Listener, c *session) {
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		if probes.AddrPortOf(conn.RemoteAddr()).Addr() == c.peer && c.server.reaches(conn) {
			select {
			case w.conn <- conn:
				continue
			default:
			}
		}
		_ = conn.Close() // nothing was ever sent
	}
}

// reaches counts a data connection, and says whether it gets through to this backend; the other one has reset it then.
func (s *Server) reaches(conn net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.counts.DataConnections++
	if !s.Faults.DeadBackend {
		return true
	}
	s.astray = !s.astray
	if s.astray {
		_ = conn.(*net.TCPConn).SetLinger(0) // makes a reset of the end
	}
	return !s.astray
}

func (w *waiter) take(ctx context.Context) (net.Conn, error) {
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case conn, ok := <-w.conn:
		if !ok {
			return nil, net.ErrClosed
		}
		return conn, nil
	}
}

// close ends the wait and returns when accept has.
func (w *waiter) close() {
	for _, listener := range w.listeners {
		_ = listener.Close() // ends accept in any case
	}
	for conn := range w.conn {
		_ = conn.Close() // nothing was ever sent
	}
}

// extendedPort is EPRT (RFC 2428 §2).
func (c *session) extendedPort(_ context.Context, arg string) string {
	protocol, to, ok := parseEPRT(arg)
	if !ok {
		return "501 EPRT needs a protocol, an address and a port between four equal delimiters."
	}
	if own := c.protocol(); protocol != own {
		return "522 Network protocol not supported, use (" + own + ")"
	}
	return c.connectForData("EPRT", to)
}

// port is PORT (RFC 959 §4.1.2).
func (c *session) port(_ context.Context, arg string) string {
	to, ok := parsePORT(arg)
	if !ok {
		return "501 PORT needs six numbers from 0 to 255."
	}
	return c.connectForData("PORT", to)
}

// connectForData prepares an active data connection. Addresses other than the client's and ports of system services are
// refused: they would make the server attack others (RFC 2577 §3).
func (c *session) connectForData(command string, to netip.AddrPort) string {
	const firstUserPort = 1024
	if seen := c.server.Faults.SeenAs; seen.IsValid() && to.Addr() != seen {
		return fmt.Sprintf("500 I won't open a connection to %s (only to %s)", to.Addr(), seen)
	}
	if to.Addr() != c.seenAs() || to.Port() < firstUserPort {
		return "500 Illegal " + command + " command."
	}
	c.dropData()
	if c.server.Faults.NeverConnect {
		c.data = dead
	} else {
		c.data = &channel{
			open:  func(ctx context.Context) (net.Conn, error) { return c.server.connect(ctx, to) },
			close: func() {},
		}
	}
	return "200 " + command + " command successful."
}

// connect makes an active data connection.
func (s *Server) connect(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	var dialer net.Dialer
	if from := s.Faults.ConnectFrom; from.IsValid() {
		dialer.LocalAddr = net.TCPAddrFromAddrPort(from)
	}
	conn, err := dialer.DialContext(ctx, "tcp", to.String())
	if err != nil {
		return nil, err
	}
	s.count(func(n *Counts) { n.DataConnections++ })
	return conn, nil
}

// parsePORT reads "h1,h2,h3,h4,p1,p2".
func parsePORT(arg string) (netip.AddrPort, bool) {
	fields := strings.Split(arg, ",")
	if len(fields) != 6 {
		return netip.AddrPort{}, false
	}
	var octets [6]byte
	for i, field := range fields {
		octet, err := strconv.ParseUint(field, 10, 8)
		if err != nil {
			return netip.AddrPort{}, false
		}
		octets[i] = byte(octet)
	}
	addr := netip.AddrFrom4([4]byte(octets[:4]))
	return netip.AddrPortFrom(addr, uint16(octets[4])<<8|uint16(octets[5])), true
}

// parseEPRT reads "|protocol|address|port|", where the bar stands for any delimiter.
func parseEPRT(arg string) (protocol string, to netip.AddrPort, ok bool) {
	if arg == "" {
		return "", to, false
	}
	fields := strings.Split(arg, arg[:1])
	if len(fields) != 5 || fields[4] != "" {
		return "", to, false
	}
	addr, addrErr := netip.ParseAddr(fields[2])
	port, portErr := strconv.ParseUint(fields[3], 10, 16)
	if addrErr != nil || portErr != nil || addr.Zone() != "" {
		return "", to, false
	}
	return fields[1], netip.AddrPortFrom(addr, uint16(port)), true
}
