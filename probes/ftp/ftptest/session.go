package ftptest

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

// session is one control connection. Its fields belong to the goroutine that reads the commands; only replies come from a
// transfer as well.
type session struct {
	server      *Server
	tcp         net.Conn
	conn        net.Conn // tcp, or TLS over it
	in          *bufio.Reader
	out         io.Writer
	outMu       sync.Mutex
	peer, local netip.Addr
	admitted    bool // holds a place among the clients
	secured     bool
	pbsz        bool // PBSZ was given, so that PROT may come (RFC 4217 §9)
	private     bool // PROT P
	binary      bool // TYPE I
	user        string
	loggedIn    bool
	data        *channel  // what the last EPSV, PASV, EPRT or PORT prepared
	transfer    *transfer // the last one, perhaps ended
	over        bool
	tls         *tls.Config // of this connection and its data connections; nil without TLS
	mute        bool        // nothing is sent any more; guarded by outMu
	ended       bool        // nothing is read any more; guarded by outMu
}

func newSession(ctx context.Context, s *Server, tcp net.Conn) *session {
	c := &session{
		server: s,
		tcp:    tcp,
		peer:   probes.AddrPortOf(tcp.RemoteAddr()).Addr(),
		local:  probes.AddrPortOf(tcp.LocalAddr()).Addr(),
		tls:    s.TLS,
	}
	if s.TLS != nil && (s.Faults.ReuseDemanded || s.Faults.TicketUses > 0) {
		c.tls = newTickets(s.TLS, s.Faults.TicketUses)
	}
	c.use(ctx, tcp)
	return c
}

// use makes conn the one that commands and replies go over.
func (c *session) use(ctx context.Context, conn net.Conn) {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	c.conn = conn
	c.in = bufio.NewReaderSize(conn, maxLine)
	c.out = conn
	if interval := c.server.Faults.Drip; interval > 0 {
		c.out = &dripper{ctx: ctx, to: conn, interval: interval}
	}
}

// dripper writes byte by byte.
type dripper struct {
	ctx      context.Context
	to       io.Writer
	interval time.Duration
}

func (d *dripper) Write(p []byte) (int, error) {
	for i := range p {
		if _, err := d.to.Write(p[i : i+1]); err != nil {
			return i, err
		}
		if !pause(d.ctx, d.interval) {
			return i + 1, d.ctx.Err()
		}
	}
	return len(p), nil
}

// run is the whole dialogue.
func (c *session) run(ctx context.Context) {
	c.admitted = c.server.admit()
	defer c.depart()
	if c.open(ctx) {
		c.obey(ctx)
	}
	c.endTransfer()
	c.dropData()
	c.hangUp()
}

// open is what comes before the first command; it says whether the dialogue goes on.
func (c *session) open(ctx context.Context) bool {
	if c.server.Implicit && c.secure(ctx) != nil {
		return false
	}
	return c.greet(ctx) && c.server.Faults.CloseAfter != "greeting"
}

// obey reads and carries out commands until either side has had enough.
func (c *session) obey(ctx context.Context) {
	for !c.over {
		verb, arg, err := c.readCommand()
		if errors.Is(err, bufio.ErrBufferFull) {
			c.reply("500 The line is too long.")
			return
		}
		if err != nil {
			return
		}
		c.answer(ctx, verb, arg)
		c.over = c.over || verb != "" && verb == c.server.Faults.CloseAfter
	}
}

// greet sends what the client sees first; it says whether the dialogue goes on.
func (c *session) greet(ctx context.Context) bool {
	faults := &c.server.Faults
	switch {
	case !c.admitted:
		c.reply("421 Too many users are connected, please try again later.")
		return false
	case !pause(ctx, faults.GreetingDelay):
		return false
	case faults.NoGreeting:
		c.ignore()
		return false
	case faults.EndlessGreeting:
		for c.send("220-There is more to say.\r\n") == nil {
			continue
		}
		return false
	case faults.Greeting != "":
		return c.greetWith(faults.Greeting)
	}
	for i := 1; i < faults.GreetingLines; i++ {
		c.reply("220-Line " + strconv.Itoa(i) + " of the greeting.")
	}
	c.reply("220 FTP server ready.")
	return true
}

func (c *session) greetWith(greeting string) bool {
	if c.send(greeting) != nil || strings.HasPrefix(greeting, "421") {
		return false
	}
	if !strings.HasPrefix(greeting, "220") && c.server.Faults.CloseAfter != "greeting" {
		c.ignore()
		return false
	}
	return true
}

// ignore reads until the client has gone.
func (c *session) ignore() {
	const enough = 1 << 20
	_ = c.conn.SetReadDeadline(time.Now().Add(idle))           // fails at the read
	_, _ = io.Copy(io.Discard, io.LimitReader(c.conn, enough)) // how it ends does not matter
}

// secure makes the control connection a TLS connection.
func (c *session) secure(ctx context.Context) error {
	_ = c.tcp.SetDeadline(time.Now().Add(idle)) // fails at the read
	if raw, ok := c.server.Faults.PlainReplies["ClientHello"]; ok {
		return c.answerHello(raw)
	}
	conn := tls.Server(c.tcp, c.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		return err
	}
	c.secured = true
	c.use(ctx, conn)
	return nil
}

// errNoTLS says that a fault has taken the place of a TLS handshake.
var errNoTLS = errors.New("the handshake was answered in clear")

// answerHello answers a ClientHello, or the part of it that comes first, in clear.
func (c *session) answerHello(raw string) error {
	if _, err := c.tcp.Read(make([]byte, maxLine)); err != nil {
		return err
	}
	_ = c.send(raw) // the dialogue ends here in any case
	return errNoTLS
}

// answerPlain sends a reply past TLS and ends the dialogue.
func (c *session) answerPlain(ctx context.Context, raw string) {
	c.use(ctx, c.tcp)
	_ = c.send(raw) // the dialogue ends here in any case
	c.over = true
}

// readCommand reads one line and takes it apart. Its verb is in capitals.
func (c *session) readCommand() (verb, arg string, err error) {
	if err := c.awaitCommand(); err != nil {
		return "", "", err
	}
	if err := c.waitAtMost(idle); err != nil {
		return "", "", err
	}
	line, err := c.in.ReadSlice('\n')
	if err != nil {
		return "", "", err
	}
	// A client may put Telnet's "interrupt process" and "synch" before ABOR (RFC 959 §4).
	line = bytes.TrimLeftFunc(line, func(r rune) bool { return r > 'z' || r < 'A' })
	verb, arg, _ = strings.Cut(strings.TrimRight(string(line), "\r\n"), " ")
	return strings.ToUpper(verb), arg, nil
}

// answer carries out a command and sends its reply, unless a fault has another one for it.
func (c *session) answer(ctx context.Context, verb, arg string) {
	if verb == "PASS" {
		c.server.count(func(n *Counts) { n.Passwords++ })
	}
	command, known := commands[verb]
	if c.transfer != nil && !command.amid {
		<-c.transfer.done // a transfer that nothing aborts ends by itself, with the client or with the server
	}
	faults := &c.server.Faults
	if raw, replaced := faults.PlainReplies[verb]; replaced && c.secured {
		c.answerPlain(ctx, raw)
		return
	}
	if raw, replaced := faults.Replies[verb]; replaced {
		_ = c.send(raw) // a client that has gone shows at the next read
	} else {
		c.carryOut(ctx, command, known, arg)
	}
	c.sendExtra(verb, command)
}

// carryOut does what a command asks for.
func (c *session) carryOut(ctx context.Context, command command, known bool, arg string) {
	switch {
	case !known:
		c.reply("502 Command not implemented.")
	case !command.early && !c.loggedIn:
		c.reply("530 Please log in with USER and PASS.")
	default:
		if reply := command.run(c, ctx, arg); reply != "" {
			c.reply(reply)
		}
	}
}

// sendExtra sends what a fault has behind the last reply to a command: that of a transfer is its final one.
func (c *session) sendExtra(verb string, command command) {
	extra, ok := c.server.Faults.ExtraReplies[verb]
	if !ok {
		return
	}
	if c.transfer != nil && !command.amid {
		<-c.transfer.done
	}
	_ = c.send(extra) // a client that has gone shows at the next read
}

// reply sends the lines of a reply. A client that has gone shows at the next read.
func (c *session) reply(lines ...string) { _ = c.send(strings.Join(lines, "\r\n") + "\r\n") }

func (c *session) send(raw string) error {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if c.mute {
		return net.ErrClosed
	}
	if err := c.conn.SetWriteDeadline(time.Now().Add(idle)); err != nil {
		return err
	}
	_, err := io.WriteString(c.out, raw)
	return err
}

// depart gives the session's place among the clients back, once.
func (c *session) depart() {
	if c.admitted {
		c.server.leave()
		c.admitted = false
	}
}

// hangUp ends the connection in good order: unread bytes would turn its end into a reset, which can overtake the last reply.
func (c *session) hangUp() {
	_ = c.conn.SetDeadline(time.Now().Add(linger)) // fails at the read
	if secured, ok := c.conn.(*tls.Conn); ok {
		_ = secured.CloseWrite() // sends close_notify; a client that has gone does not need it
	}
	if tcp, ok := c.tcp.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // fails where the client has broken off
	}
	const enough = 1 << 16
	_, _ = io.Copy(io.Discard, io.LimitReader(c.tcp, enough)) // how it ends does not matter
}
