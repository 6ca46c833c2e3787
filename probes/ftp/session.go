package ftp

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Options say how a server is measured.
type Options struct {
	// Host is the machine that measures.
	Host probes.Host
	// Start is the start of the target's check, from which the times of replies count.
	Start time.Time
	// Wait is the longest wait for one network event: a whole reply line, a connection.
	Wait time.Duration
	// ActiveWait is how long the server's connection is waited for in active mode; zero is Wait.
	ActiveWait time.Duration
	// User and Password are the login. Neither may hold control characters.
	User, Password string
	// Secret says that Password is to be masked wherever the server repeats it. An anonymous password is none.
	Secret bool
	// NoLogin stops after the greeting and TLS.
	NoLogin bool
	// Protection is how the control connection is protected.
	Protection Protection
	// Secure makes a TLS handshake over a control connection; needed with any Protection, and for the experiments without.
	Secure func(ctx context.Context, conn net.Conn, wait time.Duration) (net.Conn, *probes.Fault)
	// SecureData makes a TLS handshake over a data connection, resuming the control connection's session unless it is to be full.
	SecureData func(ctx context.Context, conn net.Conn, wait time.Duration, full bool) (DataTLS, *probes.Fault)
	// ClearData asks for data connections in clear (PROT C) where the control connection is protected.
	ClearData bool
	// FullTLS makes full TLS handshakes on data connections: nothing is resumed.
	FullTLS bool
	// DataMSS is the longest segment on data connections in passive mode, both ways, in bytes; zero leaves that to the system.
	DataMSS int
	// ActiveAddress is announced in active mode in place of our own address, where it is valid.
	ActiveAddress netip.Addr
	// ActivePorts are the first and the last port on which our listener may be; zero for any.
	ActivePorts [2]uint16
	// BeforeUser is asked before the login's first word; a fault withholds it.
	BeforeUser func() *probes.Fault
	// BeforePass is waited for before the password is sent; a fault withholds it.
	BeforePass func(ctx context.Context) *probes.Fault
	// AfterLogin is told, once, whether the server accepted the login.
	AfterLogin func(accepted bool)
	// Experiment makes the experiments that a doubt gives reason for; a client's further sessions leave them to the first.
	Experiment bool
	// Alone is waited for before an experiment that needs the server's place for another connection: until no other session of
	// ours takes it.
	Alone func(context.Context)
	// Path is what is listed; empty is the directory of the login.
	Path string
}

// DataTLS is what was seen of a TLS handshake on a data connection.
type DataTLS struct {
	// Conn is the protected connection; nil where the handshake failed.
	Conn net.Conn
	// Offered says that we offered to resume a session, Resumed that it was.
	Offered, Resumed bool
	// Leaf is the SHA-256 fingerprint of the certificate, in hexadecimal, where one was sent.
	Leaf string
	// InClear is what came in clear text in place of a ServerHello.
	InClear string
}

// Protection is how a control connection is protected.
type Protection string

// The ways of RFC 4217: not at all, by AUTH TLS, or from the first byte on, which is not in it but common on port 990.
const (
	Clear    Protection = ""
	Explicit Protection = "AUTH TLS"
	Implicit Protection = "implicit"
)

// stepData is the step of a fault in which a data connection is made.
const stepData = "data connection"

// Bounds on what a server may make us read.
const (
	maxLine    = 8 << 10  // bytes of a reply line
	maxReply   = 64 << 10 // bytes of a reply
	maxSession = 500      // lines of a dialogue that a result keeps
	maxListing = 64 << 10 // bytes of a listing, after which the data connection has proven itself
)

// session is one control connection and what was said on it.
type session struct {
	o       Options
	purpose string
	conn    net.Conn
	reader  *bufio.Reader
	lines   []probes.Line
	peer    netip.AddrPort
	local   netip.AddrPort
	raw     string        // the text of the last reply as it came, for what is read out of it: neither masked nor bounded as in a result
	gone    bool          // the control connection is of no further use
	lost    *probes.Fault // what made it so, where that was a fault
	private bool          // data connections are protected by TLS
	desync  *Desync

	odd     int  // a code that this server uses where it does not belong
	wire    *tap // below TLS; nil in clear
	inClear string

	exchanges, resent int              // replies, and those among them before which a segment of ours had to be sent again
	retransmits       uint32           // of segments, by the last reply
	last              probes.Transport // the kernel's account at the end
}

func newSession(o Options, purpose string, conn net.Conn) *session {
	return &session{
		o: o, purpose: purpose, conn: conn, reader: bufio.NewReader(conn),
		peer: probes.AddrPortOf(conn.RemoteAddr()), local: probes.AddrPortOf(conn.LocalAddr()),
		retransmits: probes.TransportOf(conn).Retransmits,
	}
}

// doubt is how long this server may be silent before that is worth an experiment.
func (s *session) doubt() time.Duration {
	rtt := time.Duration(probes.TransportOf(s.conn).RTT)
	return min(probes.Doubt(rtt), s.o.Wait/3)
}

// patience is how long a data connection is waited for where others are tried too: long enough for a SYN to be lost, and sent again
// after a second (RFC 6298 §2.1).
func (s *session) patience() time.Duration { return s.doubt() * 5 / 4 }

// spare is how much longer something is waited for where a whole wait has passed in vain: the verdict is not to come much later.
func (s *session) spare() time.Duration { return min(s.doubt(), s.o.Wait/5) }

// count counts an exchange, as of now, when a reply has come.
func (s *session) count() {
	s.exchanges++
	if now := probes.TransportOf(s.conn).Retransmits; now > s.retransmits {
		s.retransmits = now
		s.resent++
	}
}

// dialogue is the session's lines as a result keeps them.
func (s *session) dialogue() Session {
	return Session{
		Purpose: s.purpose, Exchanges: s.exchanges, Resent: s.resent, Transport: s.last, Lines: s.lines,
	}
}

// close ends the session politely, as far as that needs no waiting: QUIT's reply changes nothing.
func (s *session) close() {
	if !s.gone {
		_ = s.conn.SetDeadline(time.Now().Add(time.Second)) // a full send buffer must not hold us
		s.note("client", "QUIT")
		_, _ = io.WriteString(s.conn, "QUIT\r\n")
		s.gone = true
	}
	s.last = probes.TransportOf(s.conn)
	_ = s.conn.Close()
}

// command sends one command and reads its reply. The fault, if any, is of the transport or of the reply's form; a negative
// reply is no fault here.
func (s *session) command(ctx context.Context, words ...string) (*Reply, *probes.Fault) {
	if fault := s.send(ctx, words...); fault != nil {
		return nil, fault
	}
	return s.answer(ctx, words[0], s.o.Wait)
}

// answer reads the reply to a command. A positive one that the command cannot have is put aside where the right one follows: the replies
// lag behind the commands.
func (s *session) answer(ctx context.Context, command string, wait time.Duration) (*Reply, *probes.Fault) {
	reply, fault := s.read(ctx, command, wait)
	if fault != nil || s.desync != nil || s.gone || !reply.Positive() || reply.Code == s.odd || belongsTo(command, reply) {
		return reply, fault
	}
	raw := s.raw
	right, fault := s.read(ctx, command, s.doubt())
	switch {
	case fault != nil || right.Positive() && !belongsTo(command, right):
	case moves(command) && right.Done(): // the transfer began with the one and ended with the other
		return right, nil
	default:
		s.desync = &Desync{Command: command, Early: reply, Right: right}
		return right, nil
	}
	s.raw = raw
	if fault.Of(probes.Timeout) { // nothing is owed to us: it was this command's, however wrong
		s.gone, s.odd = false, reply.Code
	}
	return reply, nil
}

// demand is a command whose negative reply is a fault.
func (s *session) demand(ctx context.Context, words ...string) (*Reply, *probes.Fault) {
	reply, fault := s.command(ctx, words...)
	if fault == nil && !reply.Positive() {
		fault = negative(words[0], reply)
	}
	return reply, fault
}

func negative(step string, reply *Reply) *probes.Fault {
	return &probes.Fault{Step: step, Kind: probes.Negative, Message: fmt.Sprintf("%d %s", reply.Code, reply.Text)}
}

// send writes one command line.
func (s *session) send(ctx context.Context, words ...string) *probes.Fault {
	line := strings.Join(words, " ")
	shown := line
	if words[0] == "PASS" && s.o.Secret {
		shown = "PASS ****"
	}
	s.note("client", shown)
	defer probes.Within(ctx, s.conn, s.o.Wait)()
	if _, err := io.WriteString(s.conn, line+"\r\n"); err != nil {
		s.gone = true
		return s.fault(ctx, words[0], err)
	}
	return nil
}

// fault is a transport error in a step, free of what must not be shown.
func (s *session) fault(ctx context.Context, step string, err error) *probes.Fault {
	f := probes.NewFault(ctx, step, probes.ErrorOf(s.conn, err))
	f.Step = step
	f.Message = s.mask(f.Message)
	return f
}

// read reads one reply, waiting for at most wait for each of its lines.
func (s *session) read(ctx context.Context, step string, wait time.Duration) (*Reply, *probes.Fault) {
	parser := replyParser{}
	for size := 0; size < maxReply; {
		line, err := s.readLine(ctx, wait)
		size += len(line) + 1 // an empty line is one more, too
		if err != nil {
			s.gone = true
			if line != "" {
				s.note("server", line)
			}
			s.lost = s.lineFault(ctx, step, err)
			return nil, s.lost
		}
		s.note("server", line)
		done, ok := parser.add(line)
		if !ok {
			s.gone = true
			return nil, &probes.Fault{Step: step, Kind: probes.Malformed, Message: "not an FTP reply: " + probes.Bound(s.mask(line))}
		}
		if done {
			if parser.code == 421 { // the server closes the control connection (RFC 959 §5.4)
				s.gone = true
			}
			s.raw = parser.text()
			s.count()
			return &Reply{Code: parser.code, Text: probes.Bound(s.mask(s.raw)), At: probes.Since(s.o.Start)}, nil
		}
	}
	s.gone = true
	return nil, &probes.Fault{
		Step: step, Kind: probes.TooLong, Message: fmt.Sprintf("the reply did not end within %d bytes", maxReply),
	}
}

func (s *session) lineFault(ctx context.Context, step string, err error) *probes.Fault {
	if header, ok := errors.AsType[tls.RecordHeaderError](err); ok && s.wire != nil {
		s.inClear = probes.Bound(s.mask(s.wire.textFrom(ctx, header.RecordHeader[:], s.spare())))
		return &probes.Fault{Step: step, Kind: probes.Malformed, Message: "text in clear where a TLS record should be"}
	}
	if errors.Is(err, errLongLine) {
		return &probes.Fault{Step: step, Kind: probes.TooLong, Message: errLongLine.Error()}
	}
	return s.fault(ctx, step, err)
}

var errLongLine = fmt.Errorf("the reply has a line of more than %d bytes", maxLine)

// readLine reads one line without its end. With an error comes what there was of the line.
func (s *session) readLine(ctx context.Context, wait time.Duration) (string, error) {
	defer probes.Within(ctx, s.conn, wait)()
	var line []byte
	for {
		part, err := s.reader.ReadSlice('\n')
		line = append(line, part...)
		switch {
		case len(line) > maxLine:
			return string(line), errLongLine
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return string(line), err
		}
		return strings.TrimRight(string(line), "\r\n"), ctx.Err() // what comes after our own end may come of it
	}
}

// note keeps a line of the dialogue.
func (s *session) note(from, text string) {
	if len(s.lines) < maxSession {
		s.lines = append(s.lines, probes.Line{At: probes.Since(s.o.Start), From: from, Text: probes.Bound(s.mask(text))})
	}
}

// mask hides the password in text that the server sent: some repeat it, as they got it or in ISO 8859-1.
func (s *session) mask(text string) string {
	if !s.o.Secret || s.o.Password == "" {
		return text
	}
	password := s.o.Password
	for _, echo := range []string{password, latin1(password), strings.ToUpper(password), strings.ToLower(password)} {
		text = strings.ReplaceAll(text, echo, "****")
	}
	return text
}

// latin1 is the text in ISO 8859-1, or as it was where that does not have all of its characters.
func latin1(text string) string {
	var raw []byte
	for _, r := range text {
		if r > 0xff {
			return text
		}
		raw = append(raw, byte(r))
	}
	return string(raw)
}

// tap keeps the end of what was read: text in clear within a TLS stream is lost to whoever reads records.
type tap struct {
	net.Conn

	early []byte // what had come before, and is to be read first
	last  []byte
}

// maxTap bounds what a tap keeps: more than one read of crypto/tls, so that what begins in it is there.
const maxTap = 40 << 10

func (t *tap) Read(p []byte) (int, error) {
	var n int
	var err error
	if len(t.early) > 0 {
		n = copy(p, t.early)
		t.early = t.early[n:]
	} else {
		n, err = t.Conn.Read(p)
	}
	t.last = append(t.last, p[:n]...)
	t.last = t.last[max(len(t.last)-maxTap, 0):]
	return n, err
}

// NetConn gives the connection below, for what only a socket can tell.
func (t *tap) NetConn() net.Conn { return t.Conn }

// textFrom is the text in clear that begins so. It may come in pieces: it is read on to the end of its line, of the connection, or of
// a short wait.
func (t *tap) textFrom(ctx context.Context, begin []byte, wait time.Duration) string {
	defer probes.Within(ctx, t.Conn, wait)()
	for {
		text := t.last[max(bytes.Index(t.last, begin), 0):]
		if bytes.ContainsRune(text, '\n') || len(text) >= probes.MaxText {
			return string(text)
		}
		if _, err := t.Read(make([]byte, probes.MaxText)); err != nil {
			return string(text)
		}
	}
}
