package checks

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// internet is a network in memory, for time that does not pass by itself. Whatever is not on it is silent. All of its addresses
// are loopback addresses, to which every kernel has a route.
type internet struct {
	// services answer connections.
	services map[netip.AddrPort]func(net.Conn)
	// delays are how long the way to an address and back takes; half a millisecond where it is not said.
	delays map[netip.Addr]time.Duration
	// names are what the system knows; a nil slice is silence.
	names map[string][]netip.Addr
	// records are what the servers answer; nil is silence.
	records map[netip.Addr][]netip.Addr

	serving   sync.WaitGroup // the services' goroutines, which end some time after their connections
	mu        sync.Mutex
	listeners map[netip.AddrPort]*listener
	nextPort  uint16
	open      int // connections of the client's that are not closed
	dialed    []netip.AddrPort
}

const roundTrip = 500 * time.Microsecond

func newInternet() *internet {
	return &internet{
		services: map[netip.AddrPort]func(net.Conn){}, delays: map[netip.Addr]time.Duration{}, names: map[string][]netip.Addr{},
		records: map[netip.Addr][]netip.Addr{}, listeners: map[netip.AddrPort]*listener{}, nextPort: 40000,
	}
}

func (i *internet) host() probes.Host {
	return probes.Host{Dial: i.dial, Listen: i.listen, Exchange: i.exchange, Lookup: i.lookup}
}

func (i *internet) delay(to netip.Addr) time.Duration {
	if d, ok := i.delays[to]; ok {
		return d
	}
	return roundTrip
}

// silence lasts until the wait is over.
func silence(ctx context.Context) error {
	<-ctx.Done()
	return ctx.Err()
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func (i *internet) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	i.mu.Lock()
	i.dialed = append(i.dialed, to)
	service := i.services[to]
	i.mu.Unlock()
	if service == nil {
		return nil, silence(ctx)
	}
	if err := wait(ctx, i.delay(to.Addr())); err != nil {
		return nil, err
	}
	client, server := i.pipe(addr("127.0.0.1"), to)
	i.serving.Go(func() { service(server) })
	return client, nil
}

// pipe is a connection between the client and a peer, each with its addresses.
func (i *internet) pipe(own netip.Addr, peer netip.AddrPort) (client, server net.Conn) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.nextPort++
	i.open++
	local := netip.AddrPortFrom(own, i.nextPort)
	near, far := net.Pipe()
	closed := sync.OnceFunc(func() {
		i.mu.Lock()
		defer i.mu.Unlock()
		i.open--
	})
	return &end{Conn: near, local: local, remote: peer, closed: closed}, &end{Conn: far, local: peer, remote: local, closed: func() {}}
}

// end is one end of a connection.
type end struct {
	net.Conn

	local, remote netip.AddrPort
	closed        func()
}

func (e *end) LocalAddr() net.Addr  { return net.TCPAddrFromAddrPort(e.local) }
func (e *end) RemoteAddr() net.Addr { return net.TCPAddrFromAddrPort(e.remote) }
func (e *end) Close() error {
	e.closed()
	return e.Conn.Close()
}

// listener waits for the connections that servers make.
type listener struct {
	on    netip.AddrPort
	conns chan net.Conn
	done  chan struct{}
	close func()
}

func (i *internet) listen(_ context.Context, on netip.AddrPort) (net.Listener, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.nextPort++
	l := &listener{on: netip.AddrPortFrom(on.Addr(), i.nextPort), conns: make(chan net.Conn), done: make(chan struct{})}
	l.close = sync.OnceFunc(func() { close(l.done) })
	i.listeners[l.on] = l
	return l, nil
}

func (l *listener) Accept() (net.Conn, error) {
	select {
	case conn := <-l.conns:
		return conn, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *listener) Close() error {
	l.close()
	return nil
}

func (l *listener) Addr() net.Addr { return net.TCPAddrFromAddrPort(l.on) }

// connectBack is a server's connection to a listener of the client's.
func (i *internet) connectBack(from netip.AddrPort, to netip.AddrPort) (net.Conn, error) {
	i.mu.Lock()
	l := i.listeners[to]
	i.mu.Unlock()
	if l == nil {
		return nil, errors.New("nothing listens")
	}
	client, server := i.pipe(to.Addr(), from)
	select {
	case l.conns <- client:
		return server, nil
	case <-l.done:
		_ = client.Close()
		return nil, net.ErrClosed
	}
}

func (i *internet) lookup(ctx context.Context, name string) ([]netip.Addr, error) {
	addresses, known := i.names[name]
	switch {
	case !known:
		return nil, &net.DNSError{Err: "no such host", Name: name, IsNotFound: true}
	case addresses == nil:
		return nil, silence(ctx)
	}
	return addresses, wait(ctx, roundTrip)
}

func (i *internet) exchange(ctx context.Context, _ string, server netip.AddrPort, query []byte) ([]byte, error) {
	addresses := i.records[server.Addr()]
	if addresses == nil {
		return nil, silence(ctx)
	}
	var message dnsmessage.Message
	if err := message.Unpack(query); err != nil {
		return nil, err
	}
	message.Response, message.RecursionAvailable, message.Additionals = true, true, nil
	question := message.Questions[0]
	for _, a := range addresses {
		if question.Type == dnsmessage.TypeA {
			header := dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 60}
			message.Answers = append(message.Answers, dnsmessage.Resource{Header: header, Body: &dnsmessage.AResource{A: a.As4()}})
		}
	}
	answer, err := message.Pack()
	return answer, errors.Join(err, wait(ctx, roundTrip))
}

// ftpService is an FTP server on the internet.
type ftpService struct {
	i  *internet
	on netip.AddrPort
	// replies are sent in place of the reply to a command; an empty one is silence.
	replies map[string]string
	// silentData and silentBack let no data connection come about, in passive and in active mode.
	silentData, silentBack bool
	// stall sends nothing over data connections.
	stall bool
	// limit is how many sessions are served at once; zero is any number.
	limit int

	mu       sync.Mutex
	sessions int
}

// serveFTP puts an FTP server on the internet.
func (i *internet) serveFTP(on netip.AddrPort, changes ...func(*ftpService)) {
	s := &ftpService{i: i, on: on, replies: map[string]string{}}
	for _, c := range changes {
		c(s)
	}
	i.services[on] = s.serve
}

func (s *ftpService) serve(conn net.Conn) {
	defer func() { _ = conn.Close() }()
	if !s.admit() {
		_, _ = io.WriteString(conn, "421 Too many connections\r\n")
		return
	}
	defer s.leave()
	session := &ftpSession{ftpService: s, conn: conn}
	session.say("220 ready", "")
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		verb, argument, _ := strings.Cut(lines.Text(), " ")
		if verb == "QUIT" {
			return
		}
		session.obey(verb, argument)
	}
}

func (s *ftpService) admit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions++
	if s.limit > 0 && s.sessions > s.limit {
		s.sessions--
		return false
	}
	return true
}

func (s *ftpService) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sessions--
}

// ftpSession is one control connection.
type ftpSession struct {
	*ftpService

	conn net.Conn
	data func() (net.Conn, error)
}

// say sends a reply, or what is to be sent to the command in its place, when the way to the client has passed.
func (s *ftpSession) say(reply, verb string) {
	if other, ok := s.replies[verb]; ok {
		reply = other
	}
	if reply == "" {
		return
	}
	time.Sleep(s.i.delay(s.on.Addr()))
	_, _ = io.WriteString(s.conn, reply+"\r\n") // a client that has gone shows at the next read
}

func (s *ftpSession) obey(verb, argument string) {
	switch verb {
	case "USER":
		s.say("331 go on", verb)
	case "PASS":
		s.say("230 welcome", verb)
	case "FEAT":
		s.say("211-Features:\r\n EPSV\r\n211 End", verb)
	case "EPSV":
		s.say(fmt.Sprintf("229 Extended (|||%d|)", s.openPort()), verb)
	case "PASV":
		port := s.openPort()
		s.say(fmt.Sprintf("227 Passive (%s,%d,%d)", strings.ReplaceAll(s.on.Addr().String(), ".", ","), port>>8, port&0xff), verb)
	case "PORT":
		s.data = func() (net.Conn, error) { return s.connectBack(argument) }
		s.say("200 ok", verb)
	case "LIST":
		s.list(verb)
	default:
		s.say("200 ok", verb)
	}
}

// openPort prepares a passive data connection.
func (s *ftpSession) openPort() uint16 {
	s.i.mu.Lock()
	defer s.i.mu.Unlock()
	s.i.nextPort++
	conns := make(chan net.Conn, 1)
	if !s.silentData {
		s.i.services[netip.AddrPortFrom(s.on.Addr(), s.i.nextPort)] = func(conn net.Conn) { conns <- conn }
	}
	s.data = func() (net.Conn, error) {
		select {
		case conn := <-conns:
			return conn, nil
		case <-time.After(time.Minute):
			return nil, errors.New("nobody came")
		}
	}
	return s.i.nextPort
}

func (s *ftpSession) connectBack(argument string) (net.Conn, error) {
	if s.silentBack {
		time.Sleep(time.Minute)
		return nil, errors.New("no way")
	}
	var h [4]byte
	var high, low int
	if _, err := fmt.Sscanf(argument, "%d,%d,%d,%d,%d,%d", &h[0], &h[1], &h[2], &h[3], &high, &low); err != nil {
		return nil, err
	}
	return s.i.connectBack(netip.AddrPortFrom(s.on.Addr(), 20), netip.AddrPortFrom(netip.AddrFrom4(h), uint16(high<<8|low)))
}

func (s *ftpSession) list(verb string) {
	if _, other := s.replies[verb]; other {
		s.say("", verb)
		return
	}
	data, err := s.data()
	if err != nil {
		s.say("425 no data connection", verb)
		return
	}
	defer func() { _ = data.Close() }()
	s.say("150 here it comes", verb)
	if s.stall {
		_, _ = io.Copy(io.Discard, data) // until the client gives up
		return
	}
	time.Sleep(s.i.delay(s.on.Addr()))
	_, _ = io.WriteString(data, "-rw-r--r-- 1 ftp ftp 1 Jan 1 2026 readme\r\n")
	_ = data.Close()
	s.say("226 done", verb)
}

// resolvConf is a file that names these servers.
func resolvConf(t *testing.T, servers ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "resolv.conf")
	text := ""
	for _, server := range servers {
		text += "nameserver " + server + "\n"
	}
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}
