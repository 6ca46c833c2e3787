package ftpclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// dialFunc is how the library asks for a connection.
type dialFunc = func(network, address string) (net.Conn, error)

// guard makes the library's connections and keeps them within bounds. Like the library's, its work is that of one goroutine.
type guard struct {
	o      Options
	user   context.Context // of whoever asked for the second opinion
	ctx    context.Context // ends with user, or when the attempt has taken long enough
	left   int             // bytes that may still be read
	dialed []*connection
}

// connection is one that the library asked for.
type connection struct {
	net.Conn // nil where it was not made

	guard *guard
	seen  Dial
	tls   *tls.Conn // over Conn, where we speak it in the library's place
}

// dial makes a connection for the library: the first is the control connection.
func (g *guard) dial(_, address string) (net.Conn, error) {
	c := &connection{guard: g, seen: Dial{At: probes.Since(g.o.Start), Purpose: "data"}}
	step := "data connection"
	if len(g.dialed) == 0 {
		c.seen.Purpose, step = "control", "connect"
	}
	g.dialed = append(g.dialed, c)
	if fault := c.allow(step, address); fault != nil {
		c.seen.Fault = fault
		return nil, fault
	}
	if err := c.connect(step); err != nil {
		return nil, err
	}
	if g.o.TLS != nil && (g.o.Implicit || c.seen.Purpose == "data") {
		c.tls = tls.Client(c, g.o.TLS) // the handshake comes with the first read or write, as the library does it itself
		return c.tls, nil
	}
	return c, nil
}

// allow reads the address, and withholds the connection where the user did not allow it. Names are never looked up: the server put
// them there. The unspecified address would be this machine.
func (c *connection) allow(step, address string) *probes.Fault {
	to, err := netip.ParseAddrPort(address)
	if err != nil {
		c.seen.Asked = probes.Bound(c.guard.mask(address))
		return &probes.Fault{Step: step, Kind: probes.Malformed, Message: "no address and port: " + c.seen.Asked}
	}
	c.seen.To = netip.AddrPortFrom(to.Addr().Unmap(), to.Port())
	addr := c.seen.To.Addr()
	peer := c.guard.o.To.Addr().Unmap()
	isPeer := addr.WithZone("") == peer.WithZone("") // the library forgets the zone
	if isPeer || c.guard.o.FollowPASV && !addr.IsUnspecified() {
		return nil
	}
	return &probes.Fault{
		Step: step, Kind: probes.Withheld, Message: fmt.Sprintf("%s is not the control connection's address, %s", addr, peer),
	}
}

func (c *connection) connect(step string) error {
	ctx, cancel := context.WithTimeout(c.guard.ctx, c.guard.o.Wait)
	defer cancel()
	start := time.Now()
	conn, err := c.guard.o.Host.DialTCP(ctx, c.seen.To)
	c.seen.ConnectTook = probes.Since(start)
	c.seen.Fault = probes.NewFault(c.guard.user, step, err)
	if err != nil {
		return err
	}
	c.Conn, c.seen.Connected = conn, true
	return nil
}

// Read reads within the bounds of time and size.
func (c *connection) Read(p []byte) (int, error) {
	g := c.guard
	if g.left == 0 {
		return 0, &probes.Fault{Step: "read", Kind: probes.TooLong, Message: fmt.Sprintf("more than the %d bytes that we read", maxBytes)}
	}
	if err := g.ctx.Err(); err != nil { // what has arrived already would be read in spite of it
		return 0, err
	}
	defer probes.Within(g.ctx, c.Conn, g.o.Wait)()
	n, err := c.Conn.Read(p[:min(len(p), g.left)])
	g.left -= n
	c.seen.Bytes += n
	return n, probes.ErrorOf(c.Conn, err)
}

// Write writes within the bounds of time.
func (c *connection) Write(p []byte) (int, error) {
	if err := c.guard.ctx.Err(); err != nil {
		return 0, err
	}
	defer probes.Within(c.guard.ctx, c.Conn, c.guard.o.Wait)()
	n, err := c.Conn.Write(p)
	return n, probes.ErrorOf(c.Conn, err)
}

// end closes whatever the library left open, and tells what it had asked for.
func (g *guard) end() []Dial {
	var dialed []Dial
	for _, c := range g.dialed {
		if c.tls != nil {
			state := c.tls.ConnectionState()
			c.seen.Secured, c.seen.Resumed = state.HandshakeComplete, state.DidResume
		}
		if c.Conn != nil {
			_ = c.Close() // most are closed already
		}
		dialed = append(dialed, c.seen)
	}
	return dialed
}
