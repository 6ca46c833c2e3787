package ftp

import (
	"bytes"
	"context"
	"crypto/rand"
	"net"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Series makes several data connections on one session, one after the other: an upload of a small file, which reads nothing from its
// data connection; the same file back, and two listings. The server is asked when it was stored, by its clock, and the file is removed
// in the end, whatever came before. What resumes a TLS session once need not do so again (RFC 8446 App. C.4).
func (c *Client) Series(ctx context.Context) Series {
	s := c.session
	series := Series{File: newFile()}
	content := bytes.Repeat([]byte("a file of rung's, a tool that finds out why connections fail: it may be removed\r\n"), linesOfFile)
	steps := []struct {
		words []string
		move  mover
	}{
		{[]string{"STOR", series.File}, upload(content, s.o.Wait)},
		{[]string{"RETR", series.File}, s.receive},
		{[]string{"LIST"}, s.receive},
		{[]string{"LIST"}, s.receive},
	}
	for _, step := range steps {
		began := time.Now()
		a := s.transferPassive(ctx, step.words, step.move)
		series.Transfers = append(series.Transfers, *a)
		if a.Transfer.Worked() && a.Transfer.Command == "STOR" {
			series.Modified = &Modified{Asked: wallClock(began), Stored: wallClock(time.Now())}
		}
		if s.gone || !a.Worked() {
			break
		}
	}
	series.askModified(ctx, s)
	series.remove(ctx, s)
	return series
}

// linesOfFile makes the file fill two segments of Ethernet's size: a path that loses large packets loses it.
const linesOfFile = 40

// wallClock is the time in UTC as the clock on the wall has it, which may be set at any moment: without the monotonic clock's reading.
func wallClock(t time.Time) time.Time { return t.Round(0).UTC() }

// askModified asks when the file was stored. It comes behind the transfers: a server that does not answer it has done all else.
func (t *Series) askModified(ctx context.Context, s *session) {
	if t.Modified == nil || s.gone {
		t.Modified = nil
		return
	}
	t.Modified.Reply, t.Modified.Fault = s.command(ctx, "MDTM", t.File)
	if !t.Modified.Reply.Done() {
		return
	}
	var err error
	if t.Modified.Time, err = parseTimeVal(s.raw); err != nil {
		t.Modified.Fault = &probes.Fault{Step: "MDTM", Kind: probes.Malformed, Message: err.Error()}
	}
}

// remove removes the file, if the server may have it.
func (t *Series) remove(ctx context.Context, s *session) {
	stored := t.Transfers[0].Transfer
	if stored == nil || stored.Opening != nil && !stored.Opening.Positive() { // without a reply, the file may have been made
		return
	}
	t.Left = true
	if s.gone {
		return
	}
	t.Removed, _ = s.command(ctx, "DELE", t.File)
	t.Left = !t.Removed.Done()
}

// Remove removes the file on another session, where the one that stored it is gone.
func (c *Client) Remove(ctx context.Context, series *Series) { series.remove(ctx, c.session) }

// askPassiveEither asks for a passive port by EPSV, or by PASV where the server does not know that.
func (s *session) askPassiveEither(ctx context.Context) *PassiveAttempt {
	a := s.askPassive(ctx, "EPSV")
	if a.Fault.Of(probes.Negative) && s.peer.Addr().Is4() {
		a = s.askPassive(ctx, "PASV")
	}
	return a
}

// newFile is the name of a file that no other has.
func newFile() string { return "rung-" + rand.Text()[:12] + ".tmp" }

// transferPassive makes one transfer in passive mode.
func (s *session) transferPassive(ctx context.Context, words []string, move mover) *PassiveAttempt {
	a := s.askPassiveEither(ctx)
	if !a.Used.IsValid() {
		return a
	}
	conn := a.take(s.dialData(ctx, a.Used, s.o.Wait))
	if conn == nil {
		return a
	}
	a.Transfer = s.transfer(ctx, words, func(context.Context) (net.Conn, *probes.Fault) { return conn, nil }, move)
	return a
}

// Hold leaves the control connection idle for so long beside an open data connection, as it is during a long transfer, and says
// whether it lived through that. With upload, the data connection is that of an upload of a byte a second, whose file is removed;
// otherwise it waits for a command.
func (c *Client) Hold(ctx context.Context, length time.Duration, upload bool) Hold {
	s := c.session
	hold := Hold{For: probes.Millis(length), Uploading: upload}
	a := s.askPassiveEither(ctx)
	if hold.Fault = a.Fault; hold.Fault != nil {
		return hold
	}
	conn := a.take(s.dialData(ctx, a.Used, s.o.Wait))
	if hold.Fault = a.Fault; conn == nil {
		return hold
	}
	defer func() { _ = conn.Close() }()
	start := time.Now()
	if upload {
		s.holdUpload(ctx, &hold, conn, length)
	} else {
		hold.Reply, hold.Fault = s.holdIdle(ctx, length)
	}
	hold.Took = probes.Since(start)
	if hold.Fault != nil {
		hold.Transport = probes.TransportOf(s.conn)
	}
	return hold
}

// holdUpload uploads a byte a second.
func (s *session) holdUpload(ctx context.Context, hold *Hold, conn net.Conn, length time.Duration) {
	hold.File = newFile()
	words := []string{"STOR", hold.File}
	t := s.transfer(ctx, words, func(context.Context) (net.Conn, *probes.Fault) { return conn, nil }, trickle(length))
	series := Series{File: hold.File, Transfers: []PassiveAttempt{{Transfer: t}}}
	series.remove(ctx, s)
	hold.Left, hold.Reply, hold.Fault = series.Left, t.Last(), t.Fault
}

// trickle is a move that writes a byte a second for so long.
func trickle(length time.Duration) mover {
	return func(ctx context.Context, t *Transfer, conn net.Conn, _ time.Time) {
		defer probes.Within(ctx, conn, 2*length)()
		second := time.NewTicker(time.Second)
		defer second.Stop()
		over := time.After(length)
		for {
			n, err := conn.Write([]byte("."))
			t.Bytes += int64(n)
			if err != nil {
				t.Fault = probes.NewFault(ctx, "data", probes.ErrorOf(conn, err))
				return
			}
			select {
			case <-second.C:
			case <-over:
				t.End = "sent"
				return
			case <-ctx.Done():
				t.Fault = probes.NewFault(ctx, "data", ctx.Err())
				return
			}
		}
	}
}

// holdIdle says nothing for so long, and then NOOP. A server that ends the control connection meanwhile (421) ends the wait.
func (s *session) holdIdle(ctx context.Context, length time.Duration) (*Reply, *probes.Fault) {
	reply, fault := s.read(ctx, "idle", length)
	if !fault.Of(probes.Timeout) {
		return reply, fault
	}
	s.gone = false // silence is what was wanted
	return s.command(ctx, "NOOP")
}
