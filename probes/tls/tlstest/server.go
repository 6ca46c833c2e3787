// Package tlstest has TLS servers on a loopback address, healthy ones and others that misbehave on purpose, and the
// certificates for them: for tests, as net/http/httptest is for HTTP, and for demonstrations.
package tlstest

import (
	"bufio"
	"context"
	"crypto/tls"
	"io"
	"maps"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

const (
	// maxRead is how many bytes a handler reads from one client, at most.
	maxRead = 1 << 20
	// idle is how long a server waits for its client, at most.
	idle = 5 * time.Minute
	// linger is how long a server that has said its last word waits for the client to close.
	linger = 2 * time.Second
)

// Server is a TCP server on a free port of the IPv4 loopback address.
type Server struct {
	// Addr is where it listens.
	Addr    netip.AddrPort
	handle  Handler
	cancel  context.CancelFunc
	running sync.WaitGroup
}

// Handler speaks with one client. The server ends the connection in good order when the handler returns, and breaks it off
// when the server itself is closed.
type Handler func(conn net.Conn)

// NewServer starts a server. The caller closes it.
func NewServer(handle Handler) (*Server, error) {
	ctx, cancel := context.WithCancel(context.Background())
	var config net.ListenConfig
	config.SetMultipathTCP(false) // the client's kernel tells more of plain TCP
	listener, err := config.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		cancel()
		return nil, err
	}
	s := &Server{Addr: probes.AddrPortOf(listener.Addr()), handle: handle, cancel: cancel}
	s.running.Go(func() { s.accept(ctx, listener) })
	return s, nil
}

// Close stops the server and breaks off its connections. When it returns, all of the server's goroutines have ended.
func (s *Server) Close() {
	s.cancel()
	s.running.Wait()
}

func (s *Server) accept(ctx context.Context, listener net.Listener) {
	defer closeWith(ctx, listener)()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.running.Go(func() { s.serve(ctx, conn) })
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	defer closeWith(ctx, conn)()
	_ = conn.SetDeadline(time.Now().Add(idle)) // a connection that has ended fails at its first read
	s.handle(conn)
	hangUp(conn)
}

// hangUp says that nothing more will come, and reads what is still on its way: unread bytes would turn the end of the
// connection into a reset, which can overtake the last words.
func hangUp(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite() // fails where the client has broken off
	}
	_ = conn.SetReadDeadline(time.Now().Add(linger))
	drain(conn)
}

// closeWith closes c when ctx ends or when the returned function is called, whichever comes first; that function returns when
// c is closed.
func closeWith(ctx context.Context, c io.Closer) (done func()) {
	closed := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = c.Close() // the error has no one to go to
		close(closed)
	})
	return func() {
		if !stop() {
			<-closed
			return
		}
		_ = c.Close()
	}
}

// Handshake makes a server that speaks TLS as config says, and reads on in silence after the handshake. A config whose
// MaxVersion is tls.VersionTLS11 makes a server that today's clients have no version in common with; its MinVersion must then
// be given as well.
func Handshake(config *tls.Config) Handler { return Secured(config, Silent()) }

// Secured makes a server that speaks TLS as config says, and inside it as handle does.
func Secured(config *tls.Config, handle Handler) Handler {
	return func(conn net.Conn) {
		secured := tls.Server(conn, config)
		if secured.Handshake() != nil {
			return
		}
		handle(secured)
		_ = secured.CloseWrite() // sends close_notify; a client that has gone does not need it
	}
}

// LongChain is identity with a chain of size certificates: its own, over and over again.
func LongChain(identity tls.Certificate, size int) tls.Certificate {
	identity.Certificate = slices.Repeat(identity.Certificate, size/len(identity.Certificate)+1)[:size]
	return identity
}

// HTTP makes a server that answers one HTTP/1.1 request with this status and header and without content, and closes. Where the
// header has no Date, it is the present time.
func HTTP(status int, header http.Header) Handler {
	return func(conn net.Conn) {
		request, err := http.ReadRequest(bufio.NewReader(io.LimitReader(conn, maxRead)))
		if err != nil {
			return
		}
		sent := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}}
		maps.Copy(sent, header)
		answer := http.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: sent, Request: request, Close: true}
		_ = answer.Write(conn) // a client that has gone does not need it
	}
}

// Banner makes a server that sends text in plain as soon as a client has connected, as FTP, SSH or SMTP servers do.
func Banner(text string) Handler {
	return func(conn net.Conn) {
		if _, err := io.WriteString(conn, text); err == nil {
			drain(conn)
		}
	}
}

// Alert makes a server that answers the ClientHello with a fatal alert of this description (RFC 8446 §6), and closes.
func Alert(description uint8) Handler {
	return func(conn net.Conn) {
		if _, err := readRecord(conn); err == nil {
			sendAlert(conn, fatal, description)
		}
	}
}

// HangUp makes a server that closes the connection as soon as it has the ClientHello.
func HangUp() Handler {
	return func(conn net.Conn) { _, _ = readRecord(conn) } // it hangs up in any case
}

// CloseNotify makes a server that closes the connection as soon as it has the ClientHello, and says so in TLS's own way
// (RFC 8446 §6.1).
func CloseNotify() Handler {
	return func(conn net.Conn) {
		const closeNotify = 0
		if _, err := readRecord(conn); err == nil {
			sendAlert(conn, warning, closeNotify)
		}
	}
}

// Reset makes a server that resets the connection as soon as it has the ClientHello.
func Reset() Handler {
	return func(conn net.Conn) {
		if _, err := readRecord(conn); err == nil {
			reset(conn)
		}
	}
}

// Silent makes a server that accepts and never sends a byte.
func Silent() Handler {
	return func(conn net.Conn) { drain(conn) }
}

// reset breaks a connection off with a RST.
func reset(conn net.Conn) {
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // fails where the client has broken off
	}
	_ = conn.Close()
}

// drain reads until the client has closed.
func drain(conn io.Reader) {
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, maxRead)) // how it ends does not matter
}
