package ftp

import (
	"context"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Samples is how many passive ports are tried where a data connection has failed.
const Samples = 8

// maxRetries is how often ports are tried again, all together: behind a load balancer without affinity, the next connection may reach
// the backend that listens.
const maxRetries = 2

// Sample asks for n passive ports on a session of its own, or on this one where the server wants no other, and tries each before it
// asks for the next: the next would close the listener of the one before.
func (c *Client) Sample(ctx context.Context, p *Passive, aids Aids, n int) {
	other := c
	if further := aids.Session(ctx, "samples"); further != nil {
		defer func() {
			further.Close()
			c.others = append(c.others, further.Dialogues()...)
		}()
		if further.Ready() {
			other = further
		}
	}
	other.SampleHere(ctx, p, n)
}

// SampleHere asks for n passive ports on this session, as Sample does.
func (c *Client) SampleHere(ctx context.Context, p *Passive, n int) {
	if !c.Ready() {
		return
	}
	limit := min(c.session.o.Wait, 4*c.session.doubt())
	switch {
	case n > Samples: // the user wants to know, whatever time it takes
		limit = time.Duration(n) * 2 * c.session.doubt()
	case p.EPSV.Fault.Of(probes.Timeout):
		limit = c.session.spare()
	}
	sampling, stop := context.WithTimeout(ctx, limit)
	defer stop()
	p.Sampling = c.session.sample(sampling, p, n)
}

// sample asks for n ports; for as many by EPSV as by PASV where both gave one. It ends early with ctx.
func (s *session) sample(ctx context.Context, p *Passive, n int) *Sampling {
	sampling := &Sampling{Wanted: n}
	commands := p.sampleCommands()
	mixed := p.EPSV.Connected || p.PASV != nil && p.PASV.Connected
	linger := time.Duration(0)
	if p.EPSV.EndedUnused() || p.PASV.EndedUnused() || p.EPSV.Worked() {
		linger = min(200*time.Millisecond+2*time.Duration(probes.TransportOf(s.conn).RTT), s.o.Wait/2)
	}
	retries := maxRetries
	if n > Samples { // the user wants to know, whatever it takes
		retries = n
	}
	for i := 0; i < n && len(commands) > 0 && !s.gone && ctx.Err() == nil; i++ {
		sample := s.samplePort(ctx, commands[i%len(commands)], mixed, retries, linger)
		retries -= max(len(sample.Tries)-1, 0)
		mixed = mixed || sample.Connected()
		if sample.Fault != nil {
			sampling.Fault = sample.Fault
			break
		}
		if len(sample.Tries) == 0 {
			break // it was cut short, and says nothing
		}
		sampling.Samples = append(sampling.Samples, sample)
	}
	return sampling
}

// sampleCommands are the commands that gave a port.
func (p *Passive) sampleCommands() (commands []string) {
	for _, a := range []*PassiveAttempt{p.EPSV, p.PASV} {
		if a != nil && a.Announced.IsValid() {
			commands = append(commands, a.Command)
		}
	}
	return commands
}

// samplePort asks for a port and tries it; more than once where it is refused, or where it is silent and another port is not:
// whether the same port works by turns tells a load balancer from a range that is open in parts.
func (s *session) samplePort(ctx context.Context, command string, mixed bool, retries int, linger time.Duration) Sample {
	a := s.askPassive(ctx, command)
	sample := Sample{Command: command, Announced: a.Announced, Fault: a.Fault}
	if !a.Used.IsValid() {
		return sample
	}
	for range 1 + retries {
		try := s.tryPort(ctx, a.Used, linger)
		if try.Fault.Of(probes.Interrupted) { // it says nothing
			break
		}
		sample.Tries = append(sample.Tries, try)
		if try.Fault == nil || try.Fault.Of(probes.Timeout) && (!mixed || len(sample.Tries) > 1) {
			break
		}
	}
	return sample
}

// tryPort makes one connection to a passive port. It lingers for its end, which no server has a reason for before the transfer
// command: something on the way accepts connections in the server's place then, and does not reach it.
func (s *session) tryPort(ctx context.Context, to netip.AddrPort, linger time.Duration) Try {
	came := s.dialData(ctx, to, s.patience())
	if came.conn == nil {
		return Try{Took: came.took, Fault: came.fault}
	}
	defer func() { _ = came.conn.Close() }()
	if linger == 0 {
		return Try{Took: came.took}
	}
	return Try{Took: came.took, Fault: endedEarly(ctx, came.conn, linger)}
}

// endedEarly is the fault of a connection that its peer ends within the wait, before anything was asked for.
func endedEarly(ctx context.Context, conn net.Conn, wait time.Duration) *probes.Fault {
	defer probes.Within(ctx, conn, wait)()
	_, err := conn.Read(make([]byte, 1))
	if fault := probes.NewFault(ctx, stepData, err); fault.Of(probes.Closed) || fault.Of(probes.Reset) {
		return fault
	}
	return nil
}

// dataFailed says that a data connection could not be made to a port that the server gave.
func (p *Passive) dataFailed() bool {
	for _, a := range []*PassiveAttempt{p.EPSV, p.PASV} {
		if a == nil || !a.Used.IsValid() || a.ControlLost {
			continue
		}
		if a.Fault != nil && a.Fault.Step == stepData && !a.Fault.Of(probes.Interrupted) || a.EndedUnused() {
			return true
		}
	}
	return false
}
