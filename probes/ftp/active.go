package ftp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Active tries active mode: PORT, then EPRT where PORT was refused; over IPv6 EPRT alone. Where nothing connects to our
// listener, the server is asked aside, on another control connection and while the wait goes on, how it sees us and whether it
// looks at the addresses that it is given: aside gives that connection, or nil where there is none.
func (c *Client) Active(ctx context.Context, aside func(context.Context) *Client) Active {
	s := c.session
	a := Active{Peer: s.peer.Addr(), Local: s.local.Addr()}
	commands := []string{"PORT", "EPRT"}
	if a.Local.Is6() {
		commands = []string{"EPRT"}
	}
	listener, err := s.o.Host.ListenTCP(ctx, netip.AddrPortFrom(a.Local, 0))
	if err != nil {
		a.Fault = probes.NewFault(ctx, "listen", err)
		return a
	}
	defer func() { _ = listener.Close() }()
	settle := probes.OnDoubt(ctx, s.doubt(), func(ctx context.Context) { a.askAside(ctx, aside(ctx)) })
	for _, command := range commands {
		attempt := s.tryActive(ctx, command, listener)
		a.Attempts = append(a.Attempts, attempt)
		if s.gone || !attempt.Fault.Of(probes.Negative) || attempt.Fault.Step != command {
			break
		}
	}
	last := a.Attempts[len(a.Attempts)-1]
	refused := last.Fault.Of(probes.Negative) && last.Fault.Step == last.Command
	settle(last.Worked() || refused) // a refusal leaves this control connection free to ask on
	a.learnFromRefusals(ctx, s)
	return a
}

// askAside asks for the server's status (RFC 959 §4.1.3), in which some servers tell the client's address as they see it; and
// announces a private address that is not ours. A server that accepts that does not look at addresses, and says nothing by
// accepting ours; from one that refuses it, ours was accepted because something on the way had translated it. No transfer
// follows: nothing is ever sent there.
func (a *Active) askAside(ctx context.Context, other *Client) {
	if other == nil || other.session.gone {
		return
	}
	s := other.session
	status, _ := s.command(ctx, "STAT")
	a.learn(status)
	if a.Local.Is4() && !s.gone {
		a.Unchecked, _ = s.command(ctx, "PORT", argument("PORT", netip.AddrPortFrom(notOurs(a.Local), unprivilegedPort)))
	}
}

// unprivilegedPort is one that servers do not refuse for its number (RFC 2577 §3 has them refuse those below 1024).
const unprivilegedPort = 50021

// notOurs is a private address other than the one given.
func notOurs(ours netip.Addr) netip.Addr {
	other := netip.AddrFrom4([4]byte{10, 255, 255, 254})
	if other == ours {
		return other.Prev()
	}
	return other
}

// learn finds our address as the server sees it in a reply.
func (a *Active) learn(reply *Reply) {
	if reply == nil || a.Seen.IsValid() {
		return
	}
	if seen := addressTold(reply.Text, a.Peer); seen.IsValid() {
		a.Seen, a.SeenIn = seen, reply
	}
}

// learnFromRefusals finds it in the texts of refused commands, which name our own address too, and else asks on this control
// connection, which a refusal leaves free.
func (a *Active) learnFromRefusals(ctx context.Context, s *session) {
	refused := false
	for _, attempt := range a.Attempts {
		if !attempt.Fault.Of(probes.Negative) {
			continue
		}
		refused = true
		if reply := attempt.Reply; reply != nil && !a.Seen.IsValid() {
			if seen := addressTold(reply.Text, a.Peer, a.Local); seen.IsValid() {
				a.Seen, a.SeenIn = seen, reply
			}
		}
	}
	if refused && !a.Seen.IsValid() && !s.gone {
		reply, _ := s.command(ctx, "STAT")
		a.learn(reply)
	}
}

// tryActive announces the listener and asks for a listing through the connection that the server makes to it.
func (s *session) tryActive(ctx context.Context, command string, listener net.Listener) ActiveAttempt {
	port := probes.AddrPortOf(listener.Addr()).Port()
	a := ActiveAttempt{Command: command, Announced: netip.AddrPortFrom(s.local.Addr().WithZone(""), port)}
	if a.Reply, a.Fault = s.demand(ctx, command, argument(command, a.Announced)); a.Fault != nil {
		return a
	}
	start := time.Now()
	a.Transfer = s.list(ctx, func(ctx context.Context) (net.Conn, *probes.Fault) {
		conn, fault := accept(ctx, listener, cmp.Or(s.o.ActiveWait, s.o.Wait))
		a.ConnectTook = probes.Since(start)
		if conn != nil {
			a.From = probes.AddrPortOf(conn.RemoteAddr())
		}
		return conn, fault
	})
	if !a.From.IsValid() {
		a.Fault = a.unreached()
	}
	return a
}

// unreached is the fault of an attempt in which nothing connected to our listener: that it was waited for in vain, or why it
// was not.
func (a *ActiveAttempt) unreached() *probes.Fault {
	why := a.Transfer.Fault
	if why.Of(probes.Timeout) {
		return &probes.Fault{Step: "data connection", Kind: probes.Timeout, Message: unreached}
	}
	return &probes.Fault{Step: "data connection", Kind: why.Kind, Message: why.Message}
}

const unreached = "nothing connected to our listener"

// argument is the listener's address as the command wants it: h1,h2,h3,h4,p1,p2 for PORT (RFC 959 §4.1.2), |family|address|port|
// for EPRT (RFC 2428 §2).
func argument(command string, announced netip.AddrPort) string {
	addr, port := announced.Addr(), announced.Port()
	if command == "PORT" {
		return fmt.Sprintf("%s,%d,%d", strings.ReplaceAll(addr.String(), ".", ","), port>>8, port&0xff)
	}
	family := 1
	if addr.Is6() {
		family = 2
	}
	return fmt.Sprintf("|%d|%s|%d|", family, addr, port)
}

// accept waits for one connection to the listener.
func accept(ctx context.Context, listener net.Listener, wait time.Duration) (net.Conn, *probes.Fault) {
	accepting, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	stop := context.AfterFunc(accepting, func() { _ = listener.Close() })
	defer stop()
	conn, err := listener.Accept()
	if err == nil {
		return conn, nil
	}
	f := probes.NewFault(ctx, "data connection", err)
	if ctx.Err() == nil && accepting.Err() != nil {
		f.Kind, f.Message = probes.Timeout, unreached
	}
	return nil, f
}
