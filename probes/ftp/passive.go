package ftp

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Aids are what a client of passive mode asks others for.
type Aids struct {
	// Session opens a further control connection, logged in, or gives nil where the server does not want one.
	Session func(ctx context.Context, purpose string) *Client
	// Silent is told of a data port from which nothing came back, while it is waited for; nil for nobody.
	Silent func(ctx context.Context, port netip.AddrPort)
	// Follow makes a data connection to the address that the reply to PASV announces, too.
	Follow bool
}

// Passive tries passive mode: EPSV with a listing, then PASV. Where EPSV's data connection is silent, PASV is tried meanwhile
// on a control connection of its own, since a second command may close the first one's listener. PASV's port is connected to only
// where EPSV failed or the address differs, and at the control connection's peer: an address that a server hands us is followed only
// where the user says so. Where a data connection failed, a number of further ports is tried.
func (c *Client) Passive(ctx context.Context, aids Aids) Passive {
	s := c.session
	p := Passive{Peer: s.peer.Addr(), Local: s.local.Addr()}
	p.EPSV = s.askPassive(ctx, "EPSV")
	if p.EPSV.Used.IsValid() {
		c.connectEPSV(ctx, &p, aids)
	}
	c.tryOtherCommand(ctx, &p, aids)
	if aids.Follow && p.PASV != nil && p.PASV.Used.IsValid() && p.PASV.Announced.Addr() != p.Peer && !s.gone {
		p.Followed = s.follow(ctx)
	}
	if p.Sampling == nil && p.dataFailed() {
		c.Sample(ctx, &p, aids, Samples)
	}
	p.compare()
	return p
}

// tryOtherCommand tries PASV, where it was not tried meanwhile. PASV has no room for an IPv6 address: over IPv6 it is asked only in
// EPSV's place.
func (c *Client) tryOtherCommand(ctx context.Context, p *Passive, aids Aids) {
	s := c.session
	if p.EPSV.Used.IsValid() && p.EPSV.Fault.Of(probes.Timeout) {
		aids.Silent = nil // it was told of EPSV's port
	}
	switch {
	case p.PASV != nil, p.EPSV.Used.IsValid() && p.Peer.Is6():
	case !s.gone:
		p.PASV = s.tryPASV(ctx, p.EPSV, s.pasvWait(p.EPSV), aids.Silent)
		if p.Alive == nil && p.PASV.Fault.Of(probes.Timeout) && !s.gone {
			p.Alive, _ = s.command(ctx, "NOOP")
		}
	case p.EPSV.Reply != nil: // the listing took the control connection with it, and most of the time
		c.tryElsewhere(ctx, p, aids, time.Now(), s.doubt())
	case !p.EPSV.Fault.Of(probes.Interrupted): // the word EPSV alone ended it
		c.tryElsewhere(ctx, p, aids, time.Now().Add(s.o.Wait), s.o.Wait)
	}
	if p.EPSV.Reply == nil && (p.PASV == nil || p.PASV.Reply == nil) {
		p.Fault = p.EPSV.Fault
	}
}

// connectEPSV makes EPSV's data connection and lists through it. The control connection is idle while the SYN travels: FEAT
// costs nothing there.
func (c *Client) connectEPSV(ctx context.Context, p *Passive, aids Aids) {
	s := c.session
	until := time.Now().Add(s.o.Wait)
	dialed := make(chan dialing, 1)
	go func() { dialed <- s.dialData(ctx, p.EPSV.Used, s.o.Wait) }()
	_ = c.askFeatures(ctx) // it is asked for what it may tell, and no more
	doubt := time.NewTimer(s.doubt())
	defer doubt.Stop()
	var came dialing
	select {
	case came = <-dialed:
	case <-doubt.C:
		came = c.doubtEPSV(ctx, p, aids, until, dialed)
	}
	p.EPSV.ControlLost = s.gone && came.conn == nil
	s.listThrough(ctx, p.EPSV, p.EPSV.take(came))
}

// doubtEPSV finds out what it can about EPSV's silent data port while that is waited for. It is all moot where the connection comes.
func (c *Client) doubtEPSV(ctx context.Context, p *Passive, aids Aids, until time.Time, dialed <-chan dialing) dialing {
	s := c.session
	if !s.gone {
		p.Alive, _ = s.command(ctx, "NOOP")
	}
	doubting, moot := context.WithCancel(ctx)
	defer moot()
	var aside sync.WaitGroup
	defer aside.Wait()
	if aids.Silent != nil {
		aside.Go(func() { aids.Silent(doubting, p.EPSV.Used) })
	}
	var other Passive // apart from p as long as it may prove moot
	asked := make(chan struct{})
	go func() {
		defer close(asked)
		other = Passive{Peer: p.Peer, EPSV: p.EPSV}
		c.tryElsewhere(doubting, &other, Aids{Session: aids.Session}, until, s.o.Wait)
	}()
	came := <-dialed
	if came.conn != nil {
		moot()
	}
	<-asked
	if came.conn == nil {
		p.PASV, p.Sampling = other.PASV, other.Sampling
	}
	return came
}

// tryElsewhere tries PASV on a control connection of its own, and then as many more ports as the time allows until then and a little
// longer. It waits for any event but a data connection for wait.
func (c *Client) tryElsewhere(ctx context.Context, p *Passive, aids Aids, until time.Time, wait time.Duration) {
	other := aids.Session(ctx, "PASV")
	if other == nil {
		return
	}
	defer func() {
		other.Close()
		c.others = append(c.others, other.Dialogues()...)
	}()
	if !other.Ready() {
		return
	}
	s := other.session
	s.o.Wait = wait
	if p.Peer.Is4() {
		p.PASV = s.tryPASV(ctx, &PassiveAttempt{Command: "EPSV"}, s.patience(), aids.Silent)
	}
	if p.EPSV.Used.IsValid() && !p.EPSV.Connected {
		sampling, stop := context.WithDeadline(ctx, until.Add(s.spare()))
		defer stop()
		p.Sampling = s.sample(sampling, p, Samples)
	}
}

// follow asks for a port once more and connects to the address announced, as clients do that believe it.
func (s *session) follow(ctx context.Context) *PassiveAttempt {
	a := s.askPassive(ctx, "PASV")
	if a.Used.IsValid() {
		a.Used = a.Announced
		s.listThrough(ctx, a, a.take(s.dialData(ctx, a.Used, s.o.Wait)))
	}
	return a
}

// Attempt tries passive mode once more with one thing different, which variant names. The data connection is waited for as long
// as makes a silence worth a doubt: the first attempt has waited long enough for both.
func (c *Client) Attempt(ctx context.Context, command string, variant Variant) PassiveAttempt {
	s := c.session
	a := s.askPassive(ctx, command)
	a.Variant = variant
	if a.Used.IsValid() {
		s.listThrough(ctx, a, a.take(s.dialData(ctx, a.Used, s.doubt())))
	}
	return *a
}

// Ask asks for a passive port and leaves it alone.
func (c *Client) Ask(ctx context.Context, command string, variant Variant) PassiveAttempt {
	a := c.session.askPassive(ctx, command)
	a.Variant, a.Used = variant, netip.AddrPort{}
	return *a
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
func (s *session) tryPASV(
	ctx context.Context, epsv *PassiveAttempt, wait time.Duration, silent func(context.Context, netip.AddrPort),
) *PassiveAttempt {
	a := s.askPassive(ctx, "PASV")
	if !a.Used.IsValid() {
		return a
	}
	if epsv.Worked() && a.Announced.Addr() == s.peer.Addr() {
		a.Used = netip.AddrPort{}
		return a
	}
	conn := a.take(s.dialTelling(ctx, a.Used, wait, silent))
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
	a := &PassiveAttempt{Command: command, OverTLS: s.wire != nil}
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
	conn, err := s.o.Host.DialSegments(limited, to, s.o.DataMSS)
	came := dialing{conn: conn, took: probes.Since(start), fault: probes.NewFault(ctx, stepData, err)}
	if dialErr, ok := errors.AsType[*probes.DialError](err); ok {
		came.transport = dialErr.Transport
	}
	return came
}

// dialTelling is dialData where somebody is told of a silent port; nil is nobody.
func (s *session) dialTelling(
	ctx context.Context, to netip.AddrPort, wait time.Duration, silent func(context.Context, netip.AddrPort),
) dialing {
	if silent == nil {
		return s.dialData(ctx, to, wait)
	}
	settle := probes.OnDoubt(ctx, s.doubt(), func(ctx context.Context) { silent(ctx, to) })
	came := s.dialData(ctx, to, wait)
	settle(!came.fault.Of(probes.Timeout))
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
		a.Transfer = &Transfer{Command: "LIST", Fault: s.lost}
		if s.lost == nil {
			err := fmt.Errorf("the control connection was lost before the transfer: %w", cmp.Or(ctx.Err(), io.EOF))
			a.Transfer.Fault = probes.NewFault(ctx, "LIST", err)
		}
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
			Variable: "passive command", A: "EPSV", OutcomeA: p.EPSV.Outcome(), B: "PASV", OutcomeB: p.PASV.Outcome(),
		})
	}
	if p.PASV.Announced.IsValid() && p.PASV.Announced.Addr() != p.Peer {
		announced := probes.NotTried
		if p.Followed != nil {
			announced = p.Followed.Outcome()
		}
		p.Experiments = append(p.Experiments, probes.Experiment{
			Variable: "data address",
			A:        p.PASV.Announced.String() + " (as announced)", OutcomeA: announced,
			B: p.PASV.Used.String() + " (control peer)", OutcomeB: p.PASV.Outcome(),
		})
	}
}

// Outcome is what came of the attempt, in a few words.
func (a *PassiveAttempt) Outcome() probes.Outcome {
	switch {
	case a.Fault.Of(probes.Negative):
		return outcome(a.Reply)
	case a.Fault != nil:
		return probes.Outcome(a.Fault.Kind)
	case a.Transfer != nil:
		return a.Transfer.outcome()
	case a.Connected:
		return "connected"
	}
	return probes.NotTried
}

// Outcome is what came of the attempt, in a few words.
func (a ActiveAttempt) Outcome() probes.Outcome {
	switch {
	case a.Fault.Of(probes.Negative) && a.Fault.Step == a.Command:
		return outcome(a.Reply)
	case a.Fault != nil:
		return probes.Outcome(a.Fault.Kind)
	}
	return a.Transfer.outcome()
}

func (t *Transfer) outcome() probes.Outcome {
	switch {
	case t == nil:
		return probes.NotTried
	case t.Fault.Of(probes.Negative):
		return outcome(t.Last())
	case t.Fault != nil:
		return "connected, then " + probes.Outcome(t.Fault.Kind)
	}
	return "listing"
}
