package ftp

import (
	"cmp"
	"context"
	"fmt"
	"net"
	"net/netip"
	"slices"
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
	listener, err := s.listen(ctx)
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

// AttemptActive tries active mode once more with one thing different, which variant names.
func (c *Client) AttemptActive(ctx context.Context, command string, variant Variant) ActiveAttempt {
	s := c.session
	listener, err := s.listen(ctx)
	if err != nil {
		return ActiveAttempt{Command: command, Variant: variant, Fault: probes.NewFault(ctx, "listen", err)}
	}
	defer func() { _ = listener.Close() }()
	a := s.tryActive(ctx, command, listener)
	a.Variant = variant
	return a
}

// listen opens a listener on our end of the control connection, on the first free one of the ports that the user allows.
func (s *session) listen(ctx context.Context) (net.Listener, error) {
	first, last := s.o.ActivePorts[0], s.o.ActivePorts[1]
	for port := first; ; port++ {
		listener, err := s.o.Host.ListenTCP(ctx, netip.AddrPortFrom(s.local.Addr(), port))
		if err == nil || port >= last {
			return listener, err
		}
	}
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
	a.askUnchecked(ctx, s)
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
	if refused {
		a.askUnchecked(ctx, s)
	}
}

// askUnchecked announces a private address that is not ours.
func (a *Active) askUnchecked(ctx context.Context, s *session) {
	if a.Local.Is4() && !s.gone && a.Unchecked == nil {
		a.Unchecked, _ = s.command(ctx, "PORT", argument("PORT", netip.AddrPortFrom(notOurs(a.Local), unprivilegedPort)))
	}
}

// tryActive announces the listener and asks for a listing through the connection that the server makes to it.
func (s *session) tryActive(ctx context.Context, command string, listener net.Listener) ActiveAttempt {
	a := ActiveAttempt{Command: command, OverTLS: s.wire != nil, Announced: s.announced(listener)}
	if a.Reply, a.Fault = s.demand(ctx, command, argument(command, a.Announced)); a.Fault != nil {
		return a
	}
	start := time.Now()
	dropped := probes.CountDropped(a.Announced.Addr())
	a.Transfer = s.list(ctx, func(ctx context.Context) (net.Conn, *probes.Fault) {
		conn, fault := s.accept(ctx, &a, listener)
		a.ConnectTook = probes.Since(start)
		if conn != nil {
			a.From = probes.AddrPortOf(conn.RemoteAddr())
		}
		return conn, fault
	})
	a.takeOther(s.peer.Addr())
	if !a.From.IsValid() {
		a.Dropped = dropped()
		a.Fault = a.unreached()
	}
	return a
}

// takeOther decides about a connection from another address than the server's: one that brought the listing was the server's all
// the same, and any other was anybody's.
func (a *ActiveAttempt) takeOther(peer netip.Addr) {
	switch {
	case !a.From.IsValid() || a.From.Addr() == peer:
	case a.Transfer.Worked() || a.Transfer.Bytes > 0:
		a.Others = slices.DeleteFunc(a.Others, func(other netip.AddrPort) bool { return other == a.From })
	default:
		a.From = netip.AddrPort{}
	}
}

// announced is where the server is told to connect: to our listener, or to the address that the user wants announced, from where
// the same port leads to it.
func (s *session) announced(listener net.Listener) netip.AddrPort {
	addr := s.local.Addr().WithZone("")
	if s.o.ActiveAddress.IsValid() {
		addr = s.o.ActiveAddress
	}
	return netip.AddrPortFrom(addr, probes.AddrPortOf(listener.Addr()).Port())
}

// unreached is the fault of an attempt in which nothing connected to our listener: that it was waited for in vain, or why it
// was not.
func (a *ActiveAttempt) unreached() *probes.Fault {
	why := a.Transfer.Fault
	if why == nil || why.Of(probes.Timeout) {
		return &probes.Fault{Step: stepData, Kind: probes.Timeout, Message: unreached}
	}
	return &probes.Fault{Step: stepData, Kind: why.Kind, Message: why.Message}
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

// accept waits for the server's connection to the listener. One from another address may be the server's, which has several, or
// anybody's: it is taken where none comes from the server's own soon after.
func (s *session) accept(ctx context.Context, a *ActiveAttempt, listener net.Listener) (net.Conn, *probes.Fault) {
	rtt := time.Duration(probes.TransportOf(s.conn).RTT) // the command takes one, and the connection another
	accepting, cancel := context.WithTimeout(ctx, cmp.Or(s.o.ActiveWait, s.o.Wait)+2*rtt)
	defer cancel()
	stop := context.AfterFunc(accepting, func() { _ = listener.Close() })
	defer stop()
	var other net.Conn
	for {
		conn, err := listener.Accept()
		if err != nil && other != nil {
			return other, nil
		}
		if err != nil {
			return nil, unaccepted(ctx, accepting, err)
		}
		if from := probes.AddrPortOf(conn.RemoteAddr()); from.Addr() == s.peer.Addr() || len(a.Others) >= maxOthers {
			if other != nil {
				_ = other.Close()
			}
			return conn, nil
		}
		if a.Others = append(a.Others, probes.AddrPortOf(conn.RemoteAddr())); other != nil {
			_ = conn.Close()
			continue
		}
		other = conn
		time.AfterFunc(s.doubt(), cancel) // which does no harm once we have returned
	}
}

// maxOthers bounds how many connections are put aside while the server's is waited for.
const maxOthers = 8

func unaccepted(ctx, accepting context.Context, err error) *probes.Fault {
	f := probes.NewFault(ctx, stepData, err)
	if ctx.Err() == nil && accepting.Err() != nil {
		f.Kind, f.Message = probes.Timeout, unreached
	}
	return f
}
