package ftp

import (
	"context"
	"errors"
	"io"
	"net"
	"time"

	"github.com/rung-cli/rung/probes"
)

// list asks for a listing and reads it. The data connection comes from connect, which runs while the reply to the command is
// waited for: in passive mode it is there already, in active mode the server makes it. The final reply is always read before
// the listing is believed.
func (s *session) list(ctx context.Context, connect func(context.Context) (net.Conn, *probes.Fault)) *Transfer {
	t := &Transfer{Command: "LIST"}
	words := []string{"LIST"}
	if s.o.Path != "" {
		words = append(words, s.o.Path)
	}
	start := time.Now()
	if t.Fault = s.send(ctx, words...); t.Fault != nil {
		return t
	}
	conn, dataFault := s.openTransfer(ctx, t, connect)
	switch {
	case t.Fault == nil && !t.Opening.Positive():
		t.Fault = negative("LIST", t.Opening)
	case t.Fault.Of(probes.Interrupted) && ctx.Err() == nil && dataFault != nil:
		t.Fault = dataFault
	case t.Fault == nil && dataFault != nil:
		t.Fault = dataFault
	case t.Fault == nil:
		t.readData(ctx, conn, start, s.o.Wait)
	}
	if conn != nil {
		_ = conn.Close() // some servers (vsftpd) send their final reply only after our end is closed too
	}
	s.conclude(ctx, t)
	return t
}

// openTransfer waits for the opening reply and for the data connection at once. Where the one will not come, the other is no
// longer waited for.
func (s *session) openTransfer(
	ctx context.Context, t *Transfer, connect func(context.Context) (net.Conn, *probes.Fault),
) (conn net.Conn, fault *probes.Fault) {
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
	t.Opening, t.Fault = s.read(reading, "LIST", s.o.Wait)
	if t.Fault != nil || !t.Opening.Positive() {
		stopPreparing()
	}
	<-prepared
	return conn, fault
}

// prepare gets the data connection and speaks TLS on it where the control connection does (RFC 4217 §9): the FTP client is
// the TLS client in active mode too (§7).
func (s *session) prepare(
	ctx context.Context, t *Transfer, connect func(context.Context) (net.Conn, *probes.Fault),
) (net.Conn, *probes.Fault) {
	conn, fault := connect(ctx)
	if fault != nil || s.o.Protection == Clear {
		return conn, fault
	}
	secured, resumed, fault := s.o.SecureData(ctx, conn, s.o.Wait)
	if fault != nil {
		return conn, &probes.Fault{Step: "data TLS handshake", Kind: fault.Kind, Message: s.mask(fault.Message), ICMP: fault.ICMP}
	}
	t.Secured, t.Resumed = true, resumed
	return secured, nil
}

// readData reads the listing until the server ends it, until it is longer than needed to prove the data connection, or until
// the wait is over.
func (t *Transfer) readData(ctx context.Context, conn net.Conn, start time.Time, wait time.Duration) {
	defer probes.Within(ctx, conn, wait)()
	buffer := make([]byte, 16<<10)
	for t.Bytes < maxListing {
		n, err := conn.Read(buffer)
		if n > 0 && t.Bytes == 0 {
			t.FirstByteTook = probes.Since(start)
		}
		t.Bytes += int64(n)
		switch {
		case err == nil:
			continue
		case errors.Is(err, io.ErrUnexpectedEOF): // within a TLS record; between two, a missing close_notify is not told
			t.End = "truncated"
		case errors.Is(err, io.EOF):
			t.End = "eof"
		default:
			t.Fault = probes.NewFault(ctx, "data", probes.ErrorOf(conn, err))
		}
		break
	}
	if t.End == "" && t.Fault == nil || t.Bytes > 0 && t.Fault.Of(probes.Timeout) { // it flows: long, or slow
		t.End, t.Fault = "cut", nil
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
