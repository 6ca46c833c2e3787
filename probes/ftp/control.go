package ftp

import (
	"bytes"
	"context"
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Client is a logged-in user of a server, or what became of the attempt: the control connection, and what was learned on it.
// The further data modes are tried through it.
type Client struct {
	// Control is the control connection's facts.
	Control Control
	// Security is TLS on it; nil in clear.
	Security *Security

	session *session
	others  []Session // the dialogues of the experiments
}

// Open takes a fresh control connection from the greeting to the login, and through TLS where o asks for it. It owns conn
// from here on; Close ends it.
func Open(ctx context.Context, o Options, purpose string, conn net.Conn) *Client {
	c := &Client{session: newSession(o, purpose, conn)}
	c.Control.Peer, c.Control.Local = c.session.peer, c.session.local
	c.Control.Fault = c.climb(ctx)
	return c
}

// Close ends the control connection with QUIT, and keeps what was odd on it. It may be called more than once.
func (c *Client) Close() {
	c.session.close()
	c.Control.Desync, c.Control.InClear = c.session.desync, c.session.inClear
}

// Dialogues is what was said on the control connection so far, and on the connections of its experiments.
func (c *Client) Dialogues() []Session {
	return append([]Session{c.session.dialogue()}, c.others...)
}

// Ready says that transfers can be asked for.
func (c *Client) Ready() bool {
	return c.Control.LoggedIn && !c.session.gone && (c.Security == nil || c.Security.Fault == nil)
}

func (c *Client) climb(ctx context.Context) *probes.Fault {
	s := c.session
	if s.o.Protection == Implicit {
		c.Security = &Security{Mechanism: string(Implicit)}
		if c.Security.Fault = s.secure(ctx); c.Security.Fault != nil {
			return nil
		}
		c.Security.Secured = true
	}
	if fault := c.greet(ctx); fault != nil {
		return fault
	}
	if s.o.Protection == Explicit {
		c.Security = s.authTLS(ctx)
		if c.Security.Fault != nil {
			_ = c.askFeatures(ctx) // what is wrong is known already
			c.askUnknown(ctx)
			return nil
		}
	}
	if s.o.NoLogin {
		return c.askFeatures(ctx)
	}
	fault := c.login(ctx)
	if s.o.AfterLogin != nil {
		s.o.AfterLogin(c.Control.LoggedIn)
	}
	if fault != nil {
		if s.o.Experiment && s.o.Protection == Clear && fault.Step == "USER" && fault.Of(probes.Negative) {
			c.tryUserAfterTLS(ctx)
		}
		return fault
	}
	if c.Security != nil {
		c.Security.protect(ctx, s)
	}
	return nil
}

// greet reads the greeting: 220 says that the server is ready; 120, that it soon will be (RFC 959 §5.4).
func (c *Client) greet(ctx context.Context) *probes.Fault {
	s := c.session
	start := time.Now()
	settle := func(bool) {}
	if s.o.Experiment && s.o.Protection == Clear {
		doubt := s.doubt()
		settle = probes.OnDoubt(ctx, doubt, func(ctx context.Context) { c.tryImplicitTLS(ctx, s.o.Wait-doubt) })
	}
	reply, fault := s.read(ctx, "greeting", s.o.Wait+s.spare()) // two lookups of 5 s each, as resolvers make them, take a whole wait
	settle(!fault.Of(probes.Timeout))
	if fault == nil { // it was late: whatever the experiment saw, there is no doubt left
		c.Control.Experiments = nil
	}
	if fault == nil && reply.Code == 120 {
		reply, fault = s.read(ctx, "greeting", s.o.Wait)
	}
	c.Control.Greeting, c.Control.GreetingTook = reply, probes.Since(start)
	switch {
	case fault == nil && !reply.Positive():
		s.gone = true
		return negative("greeting", reply)
	case fault != nil:
		c.Control.Unparsed = unparsed(s.lines)
		c.Control.Transport = probes.TransportOf(s.conn)
	}
	return fault
}

// unparsed is what the server said first, where that was no reply.
func unparsed(lines []probes.Line) string {
	for _, line := range lines {
		if line.From == "server" {
			return line.Text
		}
	}
	return ""
}

// login sends USER, and PASS where the server wants it. A rejected login is never repeated.
func (c *Client) login(ctx context.Context) (fault *probes.Fault) {
	s := c.session
	if fault := withheld(s.o.BeforeUser); fault != nil {
		return fault
	}
	c.Control.User = s.o.User
	if c.Control.UserReply, fault = s.demand(ctx, "USER", s.o.User); fault != nil {
		return fault
	}
	if c.Control.UserReply.Code != 331 && c.Control.UserReply.Code != 332 {
		c.Control.LoggedIn = c.Control.UserReply.Done()
		return nil
	}
	if s.o.BeforePass != nil {
		if fault := s.o.BeforePass(ctx); fault != nil {
			return fault
		}
	}
	if c.Control.PassReply, fault = s.demand(ctx, "PASS", s.o.Password); fault != nil {
		return fault
	}
	c.Control.LoggedIn = c.Control.PassReply.Done()
	if !c.Control.LoggedIn { // 332: the server wants an ACCT too (RFC 959 §4.1.1)
		return negative("PASS", c.Control.PassReply)
	}
	return nil
}

func withheld(ask func() *probes.Fault) *probes.Fault {
	if ask == nil {
		return nil
	}
	return ask()
}

// askFeatures asks for the server's extensions (RFC 2389 §3), once. A refusal is an answer; the fault is why there was none.
func (c *Client) askFeatures(ctx context.Context) *probes.Fault {
	s := c.session
	if s.gone || c.Control.FeatReply != nil {
		return nil
	}
	reply, fault := s.command(ctx, "FEAT")
	if fault != nil {
		return fault
	}
	c.Control.FeatReply = reply
	if !reply.Done() {
		return nil
	}
	for line := range strings.Lines(s.mask(s.raw)) {
		if strings.HasPrefix(line, " ") {
			c.Control.Features = append(c.Control.Features, probes.Bound(strings.TrimSpace(line)))
		}
	}
	return nil
}

// askUnknown sends a command that no server knows, where AUTH TLS was refused: a server that lists AUTH and answers it as this one did
// not get it.
func (c *Client) askUnknown(ctx context.Context) {
	if s := c.session; !s.gone && c.Security.AuthReply != nil {
		c.Security.Unknown, _ = s.command(ctx, "XRNG")
	}
}

// authTLS asks for TLS on the control connection (RFC 4217 §4.1).
func (s *session) authTLS(ctx context.Context) *Security {
	security := &Security{Mechanism: string(Explicit)}
	if security.AuthReply, security.Fault = s.demand(ctx, "AUTH", "TLS"); security.Fault != nil {
		security.Fault.Step = "AUTH TLS"
		return security
	}
	if security.Fault = s.secure(ctx); security.Fault == nil {
		security.Secured = true
	}
	return security
}

// secure makes the TLS handshake over the control connection. What was read in clear before it is never taken for what comes
// after it.
func (s *session) secure(ctx context.Context) *probes.Fault {
	early, _ := s.reader.Peek(s.reader.Buffered()) // no more than is there
	if len(early) > 0 && !beginsRecord(early) {
		s.gone = true
		return &probes.Fault{
			Step: "TLS handshake", Kind: probes.Malformed, Message: "the server went on in clear text after its reply to AUTH TLS",
		}
	}
	s.wire = &tap{Conn: s.conn, early: bytes.Clone(early)}
	conn, fault := s.o.Secure(ctx, s.wire, s.o.Wait)
	if fault != nil {
		s.gone = true
		return &probes.Fault{Step: "TLS handshake", Kind: fault.Kind, Message: s.mask(fault.Message), ICMP: fault.ICMP}
	}
	s.conn = conn
	s.reader.Reset(conn)
	return nil
}

// beginsRecord says that bytes look like the beginning of a TLS record (RFC 8446 §5.1): a server whose TLS cannot work (Pure-FTPd without a
// usable version) sends its alert right behind the reply, before it has seen a ClientHello.
func beginsRecord(b []byte) bool {
	const changeCipherSpec, applicationData, majorVersion = 20, 23, 3
	return b[0] >= changeCipherSpec && b[0] <= applicationData && (len(b) == 1 || b[1] == majorVersion)
}

// protect asks for protected data connections (RFC 2228 §3: PBSZ before PROT; RFC 4217 §9: PBSZ 0); or for none, where the user
// wants that. A server that refuses to leave them unprotected is asked for the other.
func (t *Security) protect(ctx context.Context, s *session) {
	if t.PbszReply, t.Fault = s.demand(ctx, "PBSZ", "0"); t.Fault != nil {
		return
	}
	t.Level = "P"
	if s.o.ClearData {
		t.Level = "C"
	}
	t.ProtReply, t.Fault = s.demand(ctx, "PROT", t.Level)
	if t.Level == "C" && t.Fault.Of(probes.Negative) && !s.gone {
		t.Private, _ = s.command(ctx, "PROT", "P")
	}
	s.private = t.Level == "P" && t.Fault == nil
}

// tryUserAfterTLS repeats the USER that was refused in clear after AUTH TLS: on the same connection where the server left it
// open, and else on another.
func (c *Client) tryUserAfterTLS(ctx context.Context) {
	_ = c.askFeatures(ctx) // it is asked for what it may tell, and no more
	s := c.session
	if s.gone {
		other, fault := c.anotherAlone(ctx, "AUTH TLS")
		if fault != nil {
			return
		}
		defer func() { c.others = append(c.others, other.dialogue()) }()
		defer other.close()
		s = other
	}
	security := s.authTLS(ctx)
	c.Control.AuthOffered = security.AuthReply
	if security.Fault == nil {
		c.Control.UserAfterTLS, _ = s.command(ctx, "USER", s.o.User)
	}
	c.Control.Experiments = append(c.Control.Experiments, probes.Experiment{
		Variable: "protection of USER " + s.o.User,
		A:        "in clear", OutcomeA: outcome(c.Control.UserReply),
		B: "after AUTH TLS", OutcomeB: outcome(c.Control.UserAfterTLS),
	})
}

// anotherAlone opens a further control connection while none of our others takes the server's place for it, up to its greeting.
func (c *Client) anotherAlone(ctx context.Context, purpose string) (*session, *probes.Fault) {
	if c.session.o.Alone != nil {
		c.session.o.Alone(ctx)
	}
	s, fault := c.another(ctx, purpose, c.session.o.Wait)
	if fault != nil {
		return nil, fault
	}
	reply, fault := s.read(ctx, "greeting", s.o.Wait)
	if fault == nil && !reply.Done() {
		fault = negative("greeting", reply)
	}
	if fault != nil {
		s.close()
		c.others = append(c.others, s.dialogue())
	}
	return s, fault
}

// tryImplicitTLS greets with a ClientHello, on another connection, a server that has not greeted us: it may be waiting for one.
func (c *Client) tryImplicitTLS(ctx context.Context, wait time.Duration) {
	s, fault := c.another(ctx, "implicit TLS", wait)
	if fault != nil {
		return
	}
	defer func() { c.others = append(c.others, s.dialogue()) }()
	defer s.close()
	s.o.Wait = wait
	var result probes.Outcome
	if fault := s.secure(ctx); fault != nil {
		c.Control.SilentToTLS = fault.Kind == probes.Timeout
		c.Control.TLSTransport = probes.TransportOf(s.conn)
		result = probes.Outcome(fault.Kind)
	} else if c.Control.ImplicitTLS, fault = s.read(ctx, "greeting", wait); fault != nil {
		result = "TLS, then " + probes.Outcome(fault.Kind)
	} else {
		result = outcome(c.Control.ImplicitTLS)
	}
	c.Control.Experiments = append(c.Control.Experiments, probes.Experiment{
		Variable: "first word", A: "none: wait for the greeting", OutcomeA: probes.Outcome(probes.Timeout),
		B: "a TLS ClientHello", OutcomeB: result,
	})
}

// another opens a further control connection to the same server, within wait.
func (c *Client) another(ctx context.Context, purpose string, wait time.Duration) (*session, *probes.Fault) {
	s := c.session
	dialing, cancel := context.WithTimeout(ctx, wait)
	defer cancel()
	conn, err := s.o.Host.DialTCP(dialing, s.peer)
	if err != nil {
		return nil, probes.NewFault(ctx, "connect", err)
	}
	return newSession(s.o, purpose, conn), nil
}

func outcome(reply *Reply) probes.Outcome {
	if reply == nil {
		return "no answer"
	}
	first, _, _ := strings.Cut(reply.Text, "\n")
	return probes.Outcome(strings.TrimSpace(strconv.Itoa(reply.Code) + " " + first))
}

// HasFeature says that FEAT listed the feature.
func (c *Control) HasFeature(name string) bool {
	return slices.ContainsFunc(c.Features, func(f string) bool {
		return strings.EqualFold(f, name) || strings.HasPrefix(strings.ToUpper(f), name+" ")
	})
}
