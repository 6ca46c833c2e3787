package ftp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// half is one direction of a connection in fake time: it has room for a window of bytes, as TCP has.
type half struct {
	mu       sync.Mutex
	changed  sync.Cond
	sent     bytes.Buffer
	finished bool // the sender has closed
	gone     bool // the receiver has closed
	until    time.Time
}

const window = 64 << 10

func newHalf() *half {
	h := &half{}
	h.changed.L = &h.mu
	return h
}

// await waits until ready, or until the end of the receiver, or a deadline.
func (h *half) await(until *time.Time, ready func() bool) error {
	for {
		switch {
		case h.gone:
			return net.ErrClosed
		case !until.IsZero() && !time.Now().Before(*until):
			return os.ErrDeadlineExceeded
		case ready():
			return nil
		}
		h.changed.Wait()
	}
}

func (h *half) read(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if err := h.await(&h.until, func() bool { return h.sent.Len() > 0 || h.finished }); err != nil {
		return 0, err
	}
	h.changed.Broadcast()
	return h.sent.Read(p)
}

func (h *half) write(p []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	var never time.Time // a sender without a deadline: ours never fill the window
	if err := h.await(&never, func() bool { return h.sent.Len() < window }); err != nil || h.finished {
		return 0, syscall.EPIPE
	}
	h.changed.Broadcast()
	return h.sent.Write(p)
}

func (h *half) change(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	h.changed.Broadcast()
}

func (h *half) setDeadline(t time.Time) {
	h.change(func() { h.until = t })
	if d := time.Until(t); d > 0 {
		time.AfterFunc(d, func() { h.change(func() {}) })
	}
}

// wire is one end of a connection in fake time.
type wire struct {
	in, out       *half
	local, remote netip.AddrPort
}

func newWire(local, remote netip.AddrPort) (ours, theirs *wire) {
	to, from := newHalf(), newHalf()
	return &wire{from, to, local, remote}, &wire{to, from, remote, local}
}

func (w *wire) Read(p []byte) (int, error)       { return w.in.read(p) }
func (w *wire) Write(p []byte) (int, error)      { return w.out.write(p) }
func (w *wire) LocalAddr() net.Addr              { return net.TCPAddrFromAddrPort(w.local) }
func (w *wire) RemoteAddr() net.Addr             { return net.TCPAddrFromAddrPort(w.remote) }
func (w *wire) SetDeadline(t time.Time) error    { w.in.setDeadline(t); return nil }
func (w *wire) SetReadDeadline(time.Time) error  { panic("not used") }
func (w *wire) SetWriteDeadline(time.Time) error { return nil } // of close_notify: the window has room for it

func (w *wire) Close() error {
	w.out.change(func() { w.out.finished = true })
	w.in.change(func() { w.in.gone = true })
	return nil
}

// internet is a server in fake time, and the network between it and us.
type internet struct {
	// server is the server's address, ours is our own.
	server, ours netip.Addr
	// replies replace the server's own, by verb; "greeting" is the greeting, "150" and "226" those of a listing. An empty one is
	// silence, and what begins with "cut " is the rest of it, after which the server closes.
	replies map[string]string
	// slow delays the reply to a verb.
	slow map[string]time.Duration
	// script is a server of its own; it replaces all that.
	script func(conn net.Conn)
	// silent are the ports on which nobody answers: "control" for further control connections, "EPSV", "PASV".
	silent map[string]bool
	// deaf says that the server never connects in active mode.
	deaf bool
	// tls is the server's TLS; with implicit, from the first byte on.
	tls      *tls.Config
	implicit bool
	// listing is what the server lists, trickle is the pause after each of its lines; abrupt cuts off the last
	// bytes of what crosses the wire.
	listing string
	trickle time.Duration
	abrupt  bool
	// unasked is called when a port was given.
	unasked func(*serving)

	start     time.Time
	mu        sync.Mutex // guards what follows
	files     map[string]string
	stored    time.Time // the last of them
	notified  bool      // the last upload ended with close_notify
	sessions  int
	log       []string // what the server was told, with its time
	said      []string // the verbs to which it answered
	data      map[uint16]chan *wire
	listeners map[uint16]*listener
	running   sync.WaitGroup
}

// healthy is a network with a healthy server.
func healthy() *internet {
	return &internet{
		server: netip.MustParseAddr("203.0.113.7"), ours: netip.MustParseAddr("198.51.100.2"),
		replies: map[string]string{}, slow: map[string]time.Duration{}, silent: map[string]bool{},
		listing: "-rw-r--r--   1 ftp ftp 5 Nov 22 13:24 README\r\n",
		start:   time.Now(), data: make(map[uint16]chan *wire), listeners: make(map[uint16]*listener), files: make(map[string]string),
	}
}

// over IPv6, where that is to be.
func (n *internet) overIPv6() *internet {
	n.server, n.ours = netip.MustParseAddr("2001:db8:2::7"), netip.MustParseAddr("2001:db8:1::2")
	return n
}

// control is the server's control port.
func (n *internet) control() netip.AddrPort { return netip.AddrPortFrom(n.server, 21) }

// note keeps what the server saw: "1.0s 2 PASV" is a PASV on the second session after a second.
func (n *internet) note(session int, what string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.log = append(n.log, fmt.Sprintf("%.1fs %d %s", time.Since(n.start).Seconds(), session, what))
}

func (n *internet) answered(verb string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.said = append(n.said, verb)
}

// port is the port of a session's data connections after a command.
func port(session int, command string) uint16 {
	if command == "EPSV" {
		return uint16(50000 + 2*session)
	}
	return uint16(50001 + 2*session)
}

func (n *internet) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	n.mu.Lock()
	command := map[bool]string{true: "control", false: map[uint16]string{0: "EPSV", 1: "PASV"}[to.Port()%2]}[to.Port() == 21]
	silent := n.silent[command] && (command != "control" || n.sessions > 0)
	waiting, known := n.data[to.Port()]
	n.mu.Unlock()
	switch {
	case silent:
		<-ctx.Done()
		return nil, ctx.Err()
	case to.Addr() != n.server || command != "control" && !known:
		return nil, os.NewSyscallError("connect", syscall.ECONNREFUSED)
	}
	ours, theirs := newWire(netip.AddrPortFrom(n.ours, 40000), to)
	if command == "control" {
		n.mu.Lock()
		n.sessions++
		s := &serving{internet: n, number: n.sessions, conn: theirs}
		n.mu.Unlock()
		n.running.Go(s.run)
		return ours, nil
	}
	waiting <- theirs
	return ours, nil
}

// listener is one of ours, to which the server connects.
type listener struct {
	on     netip.AddrPort
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func (n *internet) listen(_ context.Context, on netip.AddrPort) (net.Listener, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	l := &listener{netip.AddrPortFrom(on.Addr(), uint16(40001+len(n.listeners))), make(chan net.Conn, 1), make(chan struct{}), sync.Once{}}
	n.listeners[l.on.Port()] = l
	return l, nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.once.Do(func() { close(l.closed) })
	l.reset()
	return nil
}

// reset ends the connection that nobody has accepted.
func (l *listener) reset() {
	select {
	case conn := <-l.conns:
		_ = conn.Close()
	default:
	}
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.on) }

// serving is one control connection as the server sees it.
type serving struct {
	*internet

	number  int
	conn    net.Conn
	private bool
	open    func() net.Conn // of the data connection that was agreed on
}

func (s *serving) run() {
	defer func() { _ = s.conn.Close() }()
	if s.script != nil {
		s.script(s.conn)
		return
	}
	if s.implicit {
		s.conn = tls.Server(s.conn, s.tls)
	}
	if !s.answer("greeting", "") {
		return
	}
	reader := bufio.NewReader(s.conn)
	for {
		line, err := reader.ReadString('\n')
		if err != nil {
			return
		}
		verb, arg, _ := strings.Cut(strings.TrimSpace(line), " ")
		s.note(s.number, strings.TrimSpace(line))
		if !s.answer(verb, arg) || verb == "QUIT" {
			return
		}
		if s.unasked != nil && verb == "EPSV" {
			s.unasked(s)
		}
		if verb == "AUTH" && s.conn.(*wire) != nil && s.tls != nil && s.replies["AUTH"] == "" {
			s.conn = tls.Server(s.conn, s.tls)
			reader.Reset(s.conn)
		}
	}
}

// answer sends the reply to a verb, and says whether the dialogue goes on.
func (s *serving) answer(verb, arg string) bool {
	time.Sleep(s.slow[verb])
	s.answered(verb)
	raw, replaced := s.replies[verb]
	if !replaced && slices.Contains([]string{"LIST", "RETR", "STOR"}, verb) {
		return s.transfer(verb, arg)
	}
	if !replaced {
		raw = s.reply(verb, arg) + "\r\n"
	}
	return s.say(raw)
}

func (s *serving) say(raw string) bool {
	raw, cut := strings.CutPrefix(raw, "cut ")
	_, err := io.WriteString(s.conn, raw)
	return err == nil && !cut
}

func (s *serving) reply(verb, arg string) string {
	fixed := map[string]string{
		"greeting": "220 ready", "USER": "331 password?", "PASS": "230 welcome", "FEAT": "211-Features:\r\n EPSV\r\n AUTH TLS\r\n211 End",
		"NOOP": "200 here", "PBSZ": "200 PBSZ=0", "AUTH": "234 go on", "QUIT": "221 bye", "STAT": "211-Status\r\n Connected to " + s.ours.String() + "\r\n211 End",
	}
	switch verb {
	case "EPSV", "PASV":
		return s.passive(verb)
	case "PORT", "EPRT":
		to := listenerOf(arg)
		s.open = func() net.Conn { return s.connect(to) }
		return "200 noted"
	case "PROT":
		s.private = true
		return "200 private"
	}
	if text, ok := fixed[verb]; ok {
		return text
	}
	if verb == "DELE" && s.keep(arg, nil) {
		return "250 removed"
	}
	if verb == "MDTM" {
		return "213 " + s.stored.UTC().Format("20060102150405.000")
	}
	return "502 what?"
}

func (s *serving) passive(verb string) string {
	waiting, p := make(chan *wire, 2), port(s.number, verb)
	s.mu.Lock()
	s.data[p] = waiting
	s.mu.Unlock()
	s.open = func() net.Conn { return <-waiting }
	if verb == "EPSV" {
		return fmt.Sprintf("229 extended (|||%d|)", p)
	}
	h := s.server.As4()
	return fmt.Sprintf("227 passive (%d,%d,%d,%d,%d,%d)", h[0], h[1], h[2], h[3], p>>8, p&0xff)
}

// listenerOf is the port of the listener that PORT or EPRT announces.
func listenerOf(arg string) uint16 {
	var high, low, p uint16
	if fields := strings.Split(arg, "|"); len(fields) == 5 {
		_, _ = fmt.Sscan(fields[3], &p)
		return p
	}
	fields := strings.Split(arg, ",")
	_, _ = fmt.Sscan(fields[4], &high)
	_, _ = fmt.Sscan(fields[5], &low)
	return high<<8 | low
}

// connect connects to a listener of ours; nil where the way is barred.
func (n *internet) connect(to uint16) net.Conn {
	if n.deaf {
		return nil
	}
	n.mu.Lock()
	l := n.listeners[to]
	n.mu.Unlock()
	ours, theirs := newWire(l.on, netip.AddrPortFrom(n.server, 20))
	l.conns <- ours
	select {
	case <-l.closed:
		l.reset()
	default:
	}
	return theirs
}

// keep keeps a file, or removes it where content is nil; and says whether it was there.
func (n *internet) keep(name string, content *string) (had bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if _, had = n.files[name]; content == nil {
		delete(n.files, name)
	} else {
		n.files[name], n.stored = *content, time.Now()
	}
	return had
}

// transfer is a listing or a file, over the data connection that was agreed on.
func (s *serving) transfer(verb, arg string) bool {
	if s.open == nil {
		return s.say("425 EPSV or PORT first\r\n")
	}
	s.answered("150")
	opening, ok := s.replies["150"]
	if ok {
		if !s.say(opening) || opening == "" || opening > "3" {
			return !strings.HasPrefix(opening, "cut ")
		}
	} else if !s.say("150 here it comes\r\n") {
		return false
	}
	conn := s.open()
	if conn == nil {
		return true
	}
	if verb == "STOR" {
		s.keep(arg, new("")) // servers make the file before there is data
	}
	if verb == "STOR" {
		s.receive(arg, conn)
	} else {
		s.send(conn)
	}
	if strings.HasPrefix(opening, "226") {
		return true
	}
	time.Sleep(s.slow["226"])
	s.answered("226")
	if final, ok := s.replies["226"]; ok {
		return s.say(final)
	}
	return s.say("226 done\r\n")
}

// receive takes a file.
func (s *serving) receive(name string, raw net.Conn) {
	defer func() { _ = raw.Close() }()
	watched := &finWatch{Conn: raw}
	conn := net.Conn(watched)
	if s.private {
		conn = tls.Server(watched, s.tls)
	}
	content, err := io.ReadAll(conn)
	if err != nil {
		return
	}
	s.keep(name, new(string(content)))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.notified = s.private && !watched.ended
}

// send sends the listing.
func (s *serving) send(raw net.Conn) {
	defer func() { _ = raw.Close() }()
	held := &holding{Conn: raw}
	conn := net.Conn(held)
	if s.private {
		secured := tls.Server(held, s.tls)
		if secured.Handshake() != nil {
			return
		}
		conn = secured
	}
	held.active = s.abrupt
	for line := range strings.Lines(s.listing) {
		if _, err := io.WriteString(conn, line); err != nil {
			return
		}
		time.Sleep(s.trickle)
	}
	if s.abrupt {
		_, _ = raw.Write(held.sent.Bytes()[:held.sent.Len()-5])
		return
	}
	_ = conn.Close()
}

// holding is a connection that holds back what is sent.
type holding struct {
	net.Conn
	active bool
	sent   bytes.Buffer
}

func (h *holding) Write(p []byte) (int, error) {
	if h.active {
		return h.sent.Write(p)
	}
	return h.Conn.Write(p)
}

// watched keeps count of what we open and read, on whatever network.
type watched struct {
	dial   func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	listen func(ctx context.Context, on netip.AddrPort) (net.Listener, error)
	// each is called at everything that happens, before we see it.
	each func()

	mu   sync.Mutex
	open map[io.Closer]string
	read int
}

// onFake is what we have of a fake network, onThisMachine of the real one.
func onFake(n *internet) *watched { return &watched{dial: n.dial, listen: n.listen} }

func onThisMachine() *watched {
	var here probes.Host
	return &watched{dial: here.DialTCP, listen: here.ListenTCP}
}

func (w *watched) host() probes.Host { return probes.Host{Dial: w.dialTCP, Listen: w.listenTCP} }

// stillOpen are the connections and listeners that nobody closed.
func (w *watched) stillOpen() map[io.Closer]string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.open)
}

func (w *watched) happened(read int) {
	w.mu.Lock()
	w.read += read
	w.mu.Unlock()
	if w.each != nil {
		w.each()
	}
}

func (w *watched) keep(c io.Closer, what string) {
	w.mu.Lock()
	if w.open == nil {
		w.open = make(map[io.Closer]string)
	}
	w.open[c] = what
	w.mu.Unlock()
	w.happened(0)
}

func (w *watched) closed(c io.Closer) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
}

func (w *watched) dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	conn, err := w.dial(ctx, to)
	if err != nil {
		w.happened(0)
		return nil, err
	}
	c := &watchedConn{conn, w}
	w.keep(c, "connection to "+to.String())
	return c, nil
}

func (w *watched) listenTCP(ctx context.Context, on netip.AddrPort) (net.Listener, error) {
	l, err := w.listen(ctx, on)
	if err != nil {
		return nil, err
	}
	c := &watchedListener{l, w}
	w.keep(c, "listener on "+l.Addr().String())
	return c, nil
}

type watchedConn struct {
	net.Conn
	watched *watched
}

func (c *watchedConn) NetConn() net.Conn { return c.Conn }

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 || errors.Is(err, io.EOF) {
		c.watched.happened(n)
	}
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	c.watched.happened(0)
	return c.Conn.Write(p)
}

func (c *watchedConn) Close() error {
	c.watched.closed(c)
	return c.Conn.Close()
}

type watchedListener struct {
	net.Listener
	watched *watched
}

func (l *watchedListener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	c := &watchedConn{conn, l.watched}
	l.watched.keep(c, "connection from "+conn.RemoteAddr().String())
	return c, nil
}

func (l *watchedListener) Close() error {
	l.watched.closed(l)
	return l.Listener.Close()
}

// authority signs the certificates of all servers in these tests.
var authority = tlstest.NewCA("test root")

func serverTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{authority.Issue(tlstest.Leaf{})}}
}

// withTLS adds TLS of our side to the options.
func withTLS(o Options, protection Protection) Options {
	config := &tls.Config{InsecureSkipVerify: true, ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(0)}
	o.Protection = protection
	o.Secure = func(ctx context.Context, conn net.Conn, wait time.Duration) (net.Conn, *probes.Fault) {
		secured := tls.Client(conn, config)
		defer probes.Within(ctx, conn, wait)()
		if err := secured.Handshake(); err != nil {
			return nil, probes.NewFault(ctx, "handshake", err)
		}
		return secured, nil
	}
	o.SecureData = func(ctx context.Context, conn net.Conn, wait time.Duration, full bool) (DataTLS, *probes.Fault) {
		once := config.Clone()
		seen := DataTLS{}
		if full {
			once.ClientSessionCache = nil
		} else {
			_, seen.Offered = config.ClientSessionCache.Get(config.ServerName)
		}
		secured := tls.Client(conn, once)
		defer probes.Within(ctx, conn, wait)()
		err := secured.Handshake()
		if header, ok := errors.AsType[tls.RecordHeaderError](err); ok {
			seen.InClear = string(header.RecordHeader[:])
		}
		if err != nil {
			return seen, probes.NewFault(ctx, "handshake", err)
		}
		seen.Conn, seen.Resumed = secured, secured.ConnectionState().DidResume
		if !seen.Resumed {
			seen.Leaf = fingerprint(secured.ConnectionState().PeerCertificates[0].Raw)
		}
		return seen, nil
	}
	return o
}

// fingerprint is a certificate's SHA-256 in hexadecimal.
func fingerprint(certificate []byte) string { return fmt.Sprintf("%x", sha256.Sum256(certificate)) }

// measured is all that is measured of a server.
type measured struct {
	Control  Control
	Security *Security
	Passive  *Passive
	Active   *Active
}

// measure measures a server with two control connections, one for each data mode.
func measure(ctx context.Context, o Options, to netip.AddrPort) (m measured) {
	o.Experiment = true
	first := open(ctx, o, "passive", to)
	if first == nil {
		return m
	}
	if first.Ready() {
		p := first.Passive(ctx, Aids{Session: func(ctx context.Context, purpose string) *Client { return open(ctx, further(o), purpose, to) }})
		m.Passive = &p
	}
	if second := open(ctx, further(o), "active", to); second != nil {
		if second.Ready() {
			a := second.Active(ctx, func(context.Context) *Client { return first })
			m.Active = &a
		}
		second.Close()
		m.Control.Sessions = second.Dialogues()
	}
	first.Close()
	sessions := append(first.Dialogues(), m.Control.Sessions...)
	m.Control, m.Security = first.Control, first.Security
	m.Control.Sessions = sessions
	return m
}

// further is for a control connection beside the first.
func further(o Options) Options {
	o.Experiment = false
	return o
}

// open opens a control connection; nil where that fails.
func open(ctx context.Context, o Options, purpose string, to netip.AddrPort) *Client {
	dialing, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	conn, err := o.Host.DialTCP(dialing, to)
	if err != nil {
		return nil
	}
	return Open(ctx, o, purpose, conn)
}

// options are those of a login as bob.
func options(w *watched, wait time.Duration) Options {
	return Options{Host: w.host(), Start: time.Now(), Wait: wait, User: "bob", Password: "hunter2", Secret: true}
}
