package ftp

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/rung-cli/rung/probes"
)

// opener gives the data connection of a transfer: in passive mode it is there already, in active mode the server makes it.
type opener func(context.Context) (net.Conn, *probes.Fault)

// mover moves the data of a transfer whose command was sent at start.
type mover func(ctx context.Context, t *Transfer, conn net.Conn, start time.Time)

// list asks for a listing and reads it.
func (s *session) list(ctx context.Context, connect opener) *Transfer {
	words := []string{"LIST"}
	if s.o.Path != "" {
		words = append(words, s.o.Path)
	}
	return s.transfer(ctx, words, connect, s.receive)
}

// transfer sends a transfer command and moves the data. The data connection comes from connect, which runs while the reply to the
// command is waited for. The final reply is always read before the transfer is believed.
func (s *session) transfer(ctx context.Context, words []string, connect opener, move mover) *Transfer {
	t := &Transfer{Command: words[0]}
	start := time.Now()
	if t.Fault = s.send(ctx, words...); t.Fault != nil {
		return t
	}
	conn, dataFault := s.openTransfer(ctx, t, connect)
	switch {
	case t.Fault == nil && !t.Opening.Positive():
		t.Fault = negative(t.Command, t.Opening)
	case t.Fault.Of(probes.Interrupted) && ctx.Err() == nil && dataFault != nil:
		t.Fault = dataFault
	case t.Fault == nil && dataFault != nil:
		t.Fault = dataFault
	case t.Fault == nil:
		move(ctx, t, conn, start)
	}
	if conn != nil {
		if t.Fault != nil && t.End == "" && endedEarly(ctx, conn, time.Millisecond) != nil {
			t.End = "eof"
		}
		_ = conn.Close() // some servers (vsftpd) send their final reply only after our end is closed too
	}
	s.conclude(ctx, t)
	return t
}

// openTransfer waits for the opening reply and for the data connection at once. Where the one will not come, the other is no
// longer waited for.
func (s *session) openTransfer(ctx context.Context, t *Transfer, connect opener) (conn net.Conn, fault *probes.Fault) {
	preparing, stopPreparing := context.WithCancel(ctx)
	defer stopPreparing()
	reading, stopReading := context.WithCancel(ctx)
	defer stopReading()
	prepared := make(chan struct{})
	go func() {
		defer close(prepared)
		conn, fault = s.prepare(preparing, t, connect)
		if conn == nil { // no reply can make up for a data connection that never came
			stopReading()
		}
	}()
	rtt := time.Duration(probes.TransportOf(s.conn).RTT) // in active mode the server connects between the command and its reply
	t.Opening, t.Fault = s.answer(reading, t.Command, s.o.Wait+2*rtt)
	if t.Fault != nil || !t.Opening.Positive() {
		stopPreparing()
	}
	<-prepared
	return conn, fault
}

// prepare gets the data connection and speaks TLS on it where data are protected (RFC 4217 §9): the FTP client is the TLS client
// in active mode too (§7).
func (s *session) prepare(ctx context.Context, t *Transfer, connect opener) (net.Conn, *probes.Fault) {
	conn, fault := connect(ctx)
	if fault != nil || !s.private {
		return conn, fault
	}
	watched := &finWatch{Conn: conn}
	seen, fault := s.o.SecureData(ctx, watched, s.o.Wait, s.o.FullTLS)
	t.Resumed, t.Offered, t.Leaf, t.InClear = seen.Resumed, seen.Offered, seen.Leaf, s.mask(seen.InClear)
	if fault != nil {
		t.Transport = probes.TransportOf(conn)
		return conn, &probes.Fault{Step: "data TLS handshake", Kind: fault.Kind, Message: s.mask(fault.Message), ICMP: fault.ICMP}
	}
	t.Secured = true
	return securedConn{Conn: seen.Conn, watched: watched}, nil
}

// finWatch knows whether the peer has ended the connection itself, below TLS.
type finWatch struct {
	net.Conn

	ended bool
}

func (w *finWatch) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.ended = w.ended || errors.Is(err, io.EOF)
	return n, err
}

// NetConn gives the connection below, for what only a socket can tell.
func (w *finWatch) NetConn() net.Conn { return w.Conn }

// securedConn is a TLS connection over one that is watched.
type securedConn struct {
	net.Conn

	watched *finWatch
}

// NetConn gives the connection below.
func (c securedConn) NetConn() net.Conn { return c.watched }

// lacksCloseNotify says that the end of conn was TCP's alone: crypto/tls takes a FIN between two records for the end of the
// data, with or without close_notify before it.
func lacksCloseNotify(conn net.Conn) bool {
	secured, ok := conn.(securedConn)
	return ok && secured.watched.ended
}

// receive reads the data until the server ends them, until they are longer than needed to prove the data connection, or until
// the wait is over.
func (s *session) receive(ctx context.Context, t *Transfer, conn net.Conn, start time.Time) {
	defer probes.Within(ctx, conn, s.o.Wait)()
	buffer := make([]byte, 16<<10)
	last := time.Now()
	for t.Bytes < maxListing {
		n, err := conn.Read(buffer)
		if n > 0 && t.Bytes == 0 {
			t.FirstByteTook = probes.Since(start)
		}
		if n > 0 {
			last = time.Now()
		}
		t.Bytes += int64(n)
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.ErrUnexpectedEOF): // within a TLS record
			t.End = "truncated"
		case errors.Is(err, io.EOF):
			t.End, t.NoCloseNotify = "eof", lacksCloseNotify(conn)
		default:
			t.Fault = probes.NewFault(ctx, "data", probes.ErrorOf(conn, err))
			t.Transport = probes.TransportOf(conn)
		}
		break
	}
	flows := t.Bytes > 0 && t.Fault.Of(probes.Timeout) && time.Since(last) < s.patience()
	if t.End == "" && t.Fault == nil || flows { // long, or slow
		t.End, t.Fault = "cut", nil
	}
	if t.Fault.Of(probes.Timeout) {
		t.Silence = probes.Since(last)
	}
}

// upload is a move that writes the content and ends the data connection from our side. Like most clients it reads nothing from it.
func upload(content []byte, wait time.Duration) mover {
	return func(ctx context.Context, t *Transfer, conn net.Conn, _ time.Time) {
		defer probes.Within(ctx, conn, wait)()
		n, err := conn.Write(content)
		t.Bytes = int64(n)
		if err != nil {
			t.Fault = probes.NewFault(ctx, "data", probes.ErrorOf(conn, err))
			return
		}
		t.End = "sent"
	}
}

// conclude reads the final reply. Where the data did not come to its end, the reply adds to what is known but is not worth the
// whole wait.
func (s *session) conclude(ctx context.Context, t *Transfer) {
	if s.gone || t.Opening == nil || !t.Opening.Positive() {
		return
	}
	if t.Opening.Done() { // a server that leaves out the preliminary reply
		t.Final = t.Opening
		return
	}
	wait := s.o.Wait
	if t.Fault != nil || t.End == "cut" {
		wait = s.spare()
	}
	final, fault := s.read(ctx, "final reply", wait)
	t.Final = final
	switch {
	case t.Fault != nil || t.End == "cut":
	case fault != nil:
		t.Fault = fault
	case !final.Done():
		t.Fault = negative("final reply", final)
	}
}
