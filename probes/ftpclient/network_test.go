package ftpclient

import (
	"bufio"
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// server is where the server of a fake network listens; its data port is the one that follows.
var server = netip.MustParseAddrPort("192.0.2.1:21")

// fake is a network with one FTP server, in memory: what it says is what the test wants it to say.
type fake struct {
	greeting string            // byte for byte
	replies  map[string]string // by command, in place of the ones below; an empty one is silence
	listing  func(net.Conn)    // sends the listing and returns; the data connection is closed then
	final    string            // after the listing
	silent   bool              // the data port is

	mu      sync.Mutex
	data    net.Conn
	running sync.WaitGroup
}

// well are the replies of a server that is well.
var well = map[string]string{
	"USER": "331 Password?\r\n", "PASS": "230 Welcome.\r\n", "FEAT": "211-Features:\r\n UTF8\r\n EPSV\r\n211 End\r\n", "TYPE": "200 OK.\r\n",
	"OPTS": "200 OK.\r\n", "EPSV": "229 Here (|||22|)\r\n", "PASV": "227 Here (192,0,2,1,0,22)\r\n", "LIST": "150 Coming.\r\n",
	"QUIT": "221 Bye.\r\n",
}

const line = "-rw-r--r--   1 ftp      ftp            27 Jan  2 15:04 a.txt\r\n"

func newFake() *fake {
	return &fake{
		greeting: "220 Hello.\r\n", final: "226 Done.\r\n",
		listing: func(data net.Conn) { _, _ = io.WriteString(data, line) },
	}
}

func (f *fake) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if to.Port() != server.Port() && f.silent {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	ours, theirs := net.Pipe()
	if to.Port() == server.Port() {
		f.running.Go(func() { f.serve(theirs) })
		return &located{ours, to}, nil
	}
	f.mu.Lock()
	f.data = theirs
	f.mu.Unlock()
	return &located{ours, to}, nil
}

// serve is one control connection.
func (f *fake) serve(control net.Conn) {
	defer func() { _ = control.Close() }()
	say(control, f.greeting)
	for commands := bufio.NewScanner(control); commands.Scan(); {
		verb, _, _ := strings.Cut(commands.Text(), " ")
		reply, replaced := f.replies[verb]
		if !replaced {
			reply = well[verb]
		}
		say(control, reply)
		if verb == "LIST" && strings.HasPrefix(reply, "150") {
			f.list()
			say(control, f.final)
		}
	}
}

// say sends a reply; a client that has gone shows at the next read.
func say(to net.Conn, reply string) {
	if reply != "" { // a pipe blocks on nothing, too
		_, _ = io.WriteString(to, reply)
	}
}

func (f *fake) list() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.listing(f.data)
	_ = f.data.Close()
}

// located is a connection of a fake network: it has an address.
type located struct {
	net.Conn
	at netip.AddrPort
}

func (l *located) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(l.at) }

// watched keeps count of the connections that a network makes.
type watched struct {
	dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	each func() // called at everything that happens, before we see it

	mu    sync.Mutex
	to    []netip.AddrPort
	open  int
	said  strings.Builder
	bytes int
}

func onThisMachine() *watched { return &watched{dial: probes.Host{}.DialTCP} }

func (w *watched) host() probes.Host { return probes.Host{Dial: w.dialTCP} }

func (w *watched) dialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	w.mu.Lock()
	w.to = append(w.to, to)
	w.mu.Unlock()
	conn, err := w.dial(ctx, to)
	w.happened(func() {
		if err == nil {
			w.open++
		}
	})
	if err != nil {
		return nil, err
	}
	return &watchedConn{Conn: conn, watched: w}, nil
}

func (w *watched) happened(what func()) {
	w.mu.Lock()
	what()
	w.mu.Unlock()
	if w.each != nil {
		w.each()
	}
}

type watchedConn struct {
	net.Conn
	watched *watched
	once    sync.Once
}

func (c *watchedConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if n > 0 || errors.Is(err, io.EOF) {
		c.watched.happened(func() { c.watched.bytes += n })
	}
	return n, err
}

func (c *watchedConn) Write(p []byte) (int, error) {
	c.watched.happened(func() { c.watched.said.Write(p) })
	return c.Conn.Write(p)
}

func (c *watchedConn) Close() error {
	c.once.Do(func() { c.watched.open-- })
	return c.Conn.Close()
}

// played is a connection on which a recording is played: what we say changes nothing.
type played struct {
	located
	recording io.Reader
}

func play(text string, to netip.AddrPort) *played {
	return &played{located{nil, to}, strings.NewReader(text)}
}

func (p *played) Read(b []byte) (int, error)       { return p.recording.Read(b) }
func (p *played) Write(b []byte) (int, error)      { return len(b), nil }
func (p *played) Close() error                     { return nil }
func (p *played) SetDeadline(time.Time) error      { return nil }
func (p *played) SetReadDeadline(time.Time) error  { return nil }
func (p *played) SetWriteDeadline(time.Time) error { return nil }
func (p *played) LocalAddr() net.Addr              { return p.RemoteAddr() }
