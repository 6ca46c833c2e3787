package ftp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Passive tries passive mode: EPSV with a listing, then PASV. Where EPSV's data connection is silent, PASV is tried meanwhile
// on a control connection of its own, since a second command may close the first one's listener; elsewhere opens it, logged
// in, or returns nil where the server does not want it. PASV's port is connected to only where EPSV failed or the address
// differs, and always at the control connection's peer: an address that a server hands us is never followed.
func (c *Client) Passive(ctx context.Context, elsewhere func(context.Context) *Client) Passive {
	s := c.session
	p := Passive{Peer: s.peer.Addr(), Local: s.local.Addr()}
	p.EPSV = s.askPassive(ctx, "EPSV")
	if p.EPSV.Used.IsValid() {
		c.connectEPSV(ctx, &p, elsewhere)
	}
	if p.EPSV.Used.IsValid() && p.Peer.Is6() { // PASV has no room for an IPv6 address: it is asked only in EPSV's place
		return p
	}
	switch {
	case p.PASV != nil:
	case !s.gone:
		p.PASV = s.tryPASV(ctx, p.EPSV, s.pasvWait(p.EPSV))
		if p.Alive == nil && p.PASV.Fault.Of(probes.Timeout) && !s.gone {
			p.Alive, _ = s.command(ctx, "NOOP")
		}
	case p.EPSV.Reply != nil: // the listing took the control connection with it, and most of the time
		c.tryElsewhere(ctx, &p, elsewhere, time.Now(), s.doubt())
	default:
		p.Fault = p.EPSV.Fault
	}
	p.compare()
	return p
}

// connectEPSV makes EPSV's data connection and lists through it. The control connection is idle while the SYN travels: FEAT
// costs nothing there.
func (c *Client) connectEPSV(ctx context.Context, p *Passive, elsewhere func(context.Context) *Client) {
	s := c.session
	until := time.Now().Add(s.o.Wait)
	dialed := make(chan dialing, 1)
	go func() { dialed <- s.dialData(ctx, p.EPSV.Used, s.o.Wait) }()
	c.askFeatures(ctx)
	doubt := time.NewTimer(s.doubt())
	defer doubt.Stop()
	var came dialing
	select {
	case came = <-dialed:
	case <-doubt.C:
		if !s.gone {
			p.Alive, _ = s.command(ctx, "NOOP")
		}
		if p.Peer.Is4() {
			c.tryElsewhere(ctx, p, elsewhere, until, s.o.Wait)
		}
		came = <-dialed
	}
	s.listThrough(ctx, p.EPSV, p.EPSV.take(came))
}

// tryElsewhere tries PASV on a control connection of its own. It waits for the data connection until then at the latest, but not for
// less than what makes a silence worth a doubt, however long the other connection took; and for any other event for wait.
func (c *Client) tryElsewhere(
	ctx context.Context, p *Passive, elsewhere func(context.Context) *Client, until time.Time, wait time.Duration,
) {
	other := elsewhere(ctx)
	if other == nil {
		return
	}
	if other.Ready() {
		other.session.o.Wait = wait
		p.PASV = other.session.tryPASV(ctx, p.EPSV, max(time.Until(until), other.session.doubt()))
	}
	other.Close()
	c.others = append(c.others, other.Dialogues()...)
}

// pasvWait is how long PASV's data connection is waited for on the same control connection: where EPSV's was silent for the
// whole wait, PASV's need not be as long in doubt.
func (s *session) pasvWait(epsv *PassiveAttempt) time.Duration {
	if epsv.Fault.Of(probes.Timeout) {
		return s.spare()
	}
	return s.o.Wait
}

// tryPASV asks for PASV's port, and connects to it where that can tell something: EPSV did not work, or the address differs.
func (s *session) tryPASV(ctx context.Context, epsv *PassiveAttempt, wait time.Duration) *PassiveAttempt {
	a := s.askPassive(ctx, "PASV")
	if !a.Used.IsValid() {
		return a
	}
	if epsv.Worked() && a.Announced.Addr() == s.peer.Addr() {
		a.Used = netip.AddrPort{}
		return a
	}
	conn := a.take(s.dialData(ctx, a.Used, wait))
	if epsv.Worked() {
		if conn != nil {
			_ = conn.Close()
		}
		return a
	}
	s.listThrough(ctx, a, conn)
	return a
}

// askPassive sends EPSV or PASV and reads the port, and the address, in the reply.
func (s *session) askPassive(ctx context.Context, command string) *PassiveAttempt {
	a := &PassiveAttempt{Command: command}
	if a.Reply, a.Fault = s.demand(ctx, command); a.Fault != nil {
		return a
	}
	var err error
	switch {
	case command == "EPSV" && a.Reply.Code == 229:
		var port uint16
		port, err = parse229(s.raw)
		a.Announced = netip.AddrPortFrom(s.peer.Addr(), port)
	case command == "PASV" && a.Reply.Code == 227:
		a.Announced, err = parse227(s.raw)
	default:
		err = fmt.Errorf("%d is no reply to %s", a.Reply.Code, command)
	}
	if err != nil {
		a.Announced = netip.AddrPort{}
		a.Fault = &probes.Fault{Step: command, Kind: probes.Malformed, Message: err.Error()}
		return a
	}
	a.Used = netip.AddrPortFrom(s.peer.Addr(), a.Announced.Port())
	return a
}

// dialing is what came of dialling a data connection.
type dialing struct {
	conn      net.Conn // nil where there is a fault
	took      probes.Millis
	fault     *probes.Fault
	transport probes.Transport
}

func (s *session) dialData(ctx context.Context, to netip.AddrPort, wait time.Duration) dialing {
	limited, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	start := time.Now()
	conn, err := s.o.Host.DialTCP(limited, to)
	came := dialing{conn: conn, took: probes.Since(start), fault: probes.NewFault(ctx, "data connection", err)}
	if dialErr, ok := errors.AsType[*probes.DialError](err); ok {
		came.transport = dialErr.Transport
	}
	return came
}

// take keeps what came of the attempt's data connection, and gives the connection.
func (a *PassiveAttempt) take(came dialing) net.Conn {
	a.Connected, a.ConnectTook, a.Fault, a.Transport = came.fault == nil, came.took, came.fault, came.transport
	return came.conn
}

// listThrough asks for a listing through the data connection, if there is one.
func (s *session) listThrough(ctx context.Context, a *PassiveAttempt, conn net.Conn) {
	if conn == nil {
		return
	}
	defer func() { _ = conn.Close() }() // also where the command cannot even be sent
	if s.gone {
		err := fmt.Errorf("the control connection was lost before the transfer: %w", cmp.Or(ctx.Err(), io.EOF))
		a.Transfer = &Transfer{Command: "LIST", Fault: probes.NewFault(ctx, "LIST", err)}
		return
	}
	a.Transfer = s.list(ctx, func(context.Context) (net.Conn, *probes.Fault) { return conn, nil })
}

// compare keeps the two comparisons that tell look-alikes apart: one command against the other, and the address announced
// against the control connection's peer.
func (p *Passive) compare() {
	if p.PASV == nil {
		return
	}
	if !p.EPSV.Worked() {
		p.Experiments = append(p.Experiments, probes.Experiment{
			Variable: "passive command", A: "EPSV", OutcomeA: p.EPSV.outcome(), B: "PASV", OutcomeB: p.PASV.outcome(),
		})
	}
	if p.PASV.Announced.IsValid() && p.PASV.Announced.Addr() != p.Peer {
		p.Experiments = append(p.Experiments, probes.Experiment{
			Variable: "data address",
			A:        p.PASV.Announced.String() + " (as announced)", OutcomeA: probes.NotTried,
			B: p.PASV.Used.String() + " (control peer)", OutcomeB: p.PASV.outcome(),
		})
	}
}

func (a *PassiveAttempt) outcome() probes.Outcome {
	switch {
	case a.Fault.Of(probes.Negative):
		return outcome(a.Reply)
	case a.Fault != nil:
		return probes.Outcome(a.Fault.Kind)
	case a.Transfer != nil && a.Transfer.Fault != nil:
		return "connected, then " + probes.Outcome(a.Transfer.Fault.Kind)
	case a.Transfer != nil:
		return "listing"
	case a.Connected:
		return "connected"
	}
	return probes.NotTried
}
