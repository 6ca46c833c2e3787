// Package ftptest is an FTP server (RFC 959, RFC 2428, RFC 4217) for loopback addresses that behaves well, or misbehaves on
// purpose: for tests, as net/http/httptest is for HTTP, and for demonstrations.
//
// The zero Server is a healthy one:
//
//	server := &ftptest.Server{}
//	if err := server.Start(); err != nil { … }
//	defer server.Close()
//	// ftp://server.Addr/
//
// It keeps a few small files in memory, in its only directory. In its Faults is what is to go wrong. Whatever a client sends,
// the server reads no more than a bounded part of it and keeps no more than a bounded part of that.
package ftptest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

const (
	// maxClients is how many control connections the server serves at once.
	maxClients = 100
	// maxLine is the longest command line that the server reads, in bytes.
	maxLine = 4096
	// idle is how long the server waits for a client that does nothing.
	idle = 5 * time.Minute
	// linger is how long the server waits for the client to close, when it has said its last word.
	linger = 2 * time.Second
	// defaultDataWait is how long a data connection may take where the Server does not say.
	defaultDataWait = 10 * time.Second
)

// Server is an FTP server. Its exported fields are set before Start and not changed after it.
type Server struct {
	// Addr is the address to listen on; the zero Addr is a free port of 127.0.0.1. Start fills in the address it got.
	Addr netip.AddrPort
	// TLS makes AUTH TLS available; nil is a server without TLS. Data connections may resume the sessions of control
	// connections, as tls.Config allows by default.
	TLS *tls.Config
	// Implicit makes the server speak TLS from the first byte, as is usual on port 990.
	Implicit bool
	// User is the one account beside "anonymous" and "ftp", which accept every password; empty for none.
	User string
	// Password is the account's password.
	Password string
	// Files are the directory's files, content by name; nil stands for a few small ones, an empty map for an empty directory.
	Files map[string]string
	// Entries adds so many generated files to the directory's listings.
	Entries int
	// DataWait is how long the server waits for a data connection before it answers 425; zero stands for 10 s.
	DataWait time.Duration
	// Faults are what is to go wrong.
	Faults Faults

	disk    *disk
	dead    map[string]*DeadPort // by the command that announces it
	ports   *passiveRange        // nil where any free port will do
	cancel  context.CancelFunc
	running sync.WaitGroup
	mu      sync.Mutex // guards what follows
	counts  Counts
	astray  bool // the last passive data connection went to the dead backend
	clients int
}

// Counts is what clients did so far.
type Counts struct {
	Connections     int // control connections accepted
	Passwords       int // PASS commands received
	Logins          int // logins accepted
	DataConnections int // data connections established, in either mode; those asked for and not made are none
	Files           int // files that clients have stored, and that are still there
}

// Start listens and serves. The caller closes the server after a Start that returned no error. The error is that of the
// listener, or errors.ErrUnsupported in its chain where this system cannot produce one of the Faults.
func (s *Server) Start() error {
	if s.Implicit && s.TLS == nil {
		return errors.New("ftptest: implicit TLS without a TLS configuration")
	}
	if !s.Addr.IsValid() {
		s.Addr = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), 0)
	}
	listener, err := listen(s.Addr)
	if err != nil {
		return err
	}
	s.Addr = probes.AddrPortOf(listener.Addr())
	if err := s.openPorts(); err != nil {
		_ = listener.Close() // the first error is the one that matters
		return err
	}
	s.disk = newDisk(s.Files, s.Entries)
	ctx, cancel := context.WithCancel(context.Background())
	s.cancel = cancel
	s.running.Go(func() { s.accept(ctx, listener) })
	return nil
}

// Close stops the server and breaks off its connections. When it returns, all goroutines have ended and all ports are free.
func (s *Server) Close() {
	s.cancel()
	s.running.Wait()
	s.closePorts()
}

// Counts says what clients did so far. A data connection counts from when the server has accepted it, which may be a moment
// after the client sees it connected.
func (s *Server) Counts() Counts {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := s.counts
	counts.Files = s.disk.stored()
	return counts
}

func (s *Server) count(update func(*Counts)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	update(&s.counts)
}

// admit takes a place for one more control connection, if there is one.
func (s *Server) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.clients >= cmp.Or(s.Faults.MaxClients, maxClients) {
		return false
	}
	s.clients++
	return true
}

// leave gives the place back.
func (s *Server) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.clients--
}

func (s *Server) openPorts() error {
	s.dead = make(map[string]*DeadPort)
	for command, fault := range s.Faults.Ports {
		port, err := fault.open(netip.AddrPortFrom(s.Addr.Addr(), 0))
		if err != nil {
			s.closePorts()
			return fmt.Errorf("ftptest: %s port for %s: %w", fault, command, err)
		}
		s.dead[command] = port
	}
	if len(s.Faults.PassiveRange) == 0 {
		return nil
	}
	var err error
	if s.ports, err = openRange(s.Addr.Addr(), s.Faults.PassiveRange); err != nil {
		s.closePorts()
		return fmt.Errorf("ftptest: a range of %d passive ports: %w", len(s.Faults.PassiveRange), err)
	}
	return nil
}

func (s *Server) closePorts() {
	for _, port := range s.dead {
		port.Close()
	}
	if s.ports != nil {
		s.ports.close()
	}
}

func (s *Server) accept(ctx context.Context, listener net.Listener) {
	defer closeWith(ctx, listener)()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		s.count(func(c *Counts) { c.Connections++ })
		s.running.Go(func() { s.serve(ctx, conn) })
	}
}

func (s *Server) serve(ctx context.Context, conn net.Conn) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer closeWith(ctx, conn)()
	newSession(ctx, s, conn).run(ctx)
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

// listen opens a plain TCP listener: with MPTCP the kernels at both ends would tell less of a connection.
func listen(on netip.AddrPort) (*net.TCPListener, error) {
	var config net.ListenConfig
	config.SetMultipathTCP(false)
	listener, err := config.Listen(context.Background(), "tcp", on.String())
	if err != nil {
		return nil, err
	}
	return listener.(*net.TCPListener), nil
}

// pause waits, and says whether it waited to the end.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
