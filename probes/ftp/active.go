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
// listener, or the server refuses our address, seen asks the server how it sees us, while the wait goes on: the control
// connection of the listing itself is busy.
func (c *Client) Active(ctx context.Context, seen func(context.Context) *Reply) Active {
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
	settle := probes.OnDoubt(ctx, s.doubt(), func(ctx context.Context) { a.learn(seen(ctx)) })
	for _, command := range commands {
		attempt := s.tryActive(ctx, command, listener)
		a.Attempts = append(a.Attempts, attempt)
		if s.gone || !attempt.Fault.Of(probes.Negative) || attempt.Fault.Step != command {
			break
		}
	}
	last := a.Attempts[len(a.Attempts)-1]
	settle(last.Worked())
	a.learnFromRefusals(ctx, s)
	return a
}

// Stat asks for the server's status (RFC 959 §4.1.3), in which some servers tell the client's address as they see it. It
// returns nil where no reply came.
func (c *Client) Stat(ctx context.Context) *Reply {
	if c.session.gone {
		return nil
	}
	reply, _ := c.session.command(ctx, "STAT")
	return reply
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
