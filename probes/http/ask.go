package http

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Options say what is asked. None of the texts may hold control characters, and only Agent may hold spaces.
type Options struct {
	// Method is "GET" or "HEAD"; empty is "GET".
	Method string
	// Host is the Host header's value: the name, and the port where it is not the scheme's own (RFC 9110 §7.2).
	Host string
	// Path is the path as it is sent, percent-encoded; empty is "/".
	Path string
	// Query is the query as it is sent, without the question mark; empty for none.
	Query string
	// Agent is the User-Agent header's value (RFC 9110 §10.1.5).
	Agent string
	// Wait is the longest time for the request, and again for the whole head of the response.
	Wait time.Duration
}

// Bounds on what a server may make us read.
const (
	maxHead    = 64 << 10 // bytes of all heads, the interim responses' among them
	maxFields  = 256      // lines of a header
	maxInterim = 8        // interim responses
)

// Ask sends one request over conn and reads the head of the response, never its body. The connection is of no use for another
// request; it stays the caller's to close.
func Ask(ctx context.Context, conn net.Conn, o Options) Result {
	if o.Method == "" {
		o.Method = "GET"
	}
	if o.Path == "" {
		o.Path = "/"
	}
	r := Result{
		Address: probes.AddrPortOf(conn.RemoteAddr()),
		Method:  o.Method, Path: probes.Bound(o.Path), Host: probes.Bound(o.Host),
	}
	start := time.Now()
	r.Sent = wallClock(start)
	if r.Fault = send(ctx, conn, o); r.Fault == nil {
		r.Fault = r.read(ctx, conn, o)
	}
	r.Took = probes.Since(start)
	if r.Fault != nil {
		r.Transport = probes.TransportOf(conn)
	}
	r.tidy(o)
	return r
}

// tidy makes the peer's texts fit for a result: bounded, and without the query, which many peers repeat where they complain of the
// request.
func (r *Result) tidy(o Options) {
	for _, text := range []*string{&r.Reason, &r.Location, &r.Server, &r.Text} {
		if o.Query != "" {
			*text = strings.ReplaceAll(*text, o.Query, "****")
		}
		*text = probes.Bound(*text)
	}
}

// wallClock is the time in UTC as the clock on the wall has it, which may be set at any moment: without the monotonic clock's reading.
func wallClock(t time.Time) time.Time { return t.Round(0).UTC() }

// send writes the request (RFC 9112 §3). It says that nothing else will follow, so that no server waits for more.
func send(ctx context.Context, conn net.Conn, o Options) *probes.Fault {
	target := o.Path
	if o.Query != "" {
		target += "?" + o.Query
	}
	lines := []string{o.Method + " " + target + " HTTP/1.1", "Host: " + o.Host, "User-Agent: " + o.Agent, "Accept: */*", "Connection: close"}
	defer probes.Within(ctx, conn, o.Wait)()
	_, err := io.WriteString(conn, strings.Join(lines, "\r\n")+"\r\n\r\n")
	return faultOf(ctx, "request", conn, err)
}

// read reads heads until one is that of the final response.
func (r *Result) read(ctx context.Context, conn net.Conn, o Options) *probes.Fault {
	defer probes.Within(ctx, conn, o.Wait)()
	h := &headReader{in: bufio.NewReader(conn)}
	for range maxInterim + 1 {
		final, err := r.readHead(h)
		r.Received = h.read
		switch {
		case errors.Is(err, errNotHTTP):
			r.Text = h.opening(ctx, conn, min(aMoment, o.Wait))
			r.Received += h.in.Buffered()
			return faultOf(ctx, "response", conn, err)
		case err != nil:
			return faultOf(ctx, "response", conn, err)
		case final:
			r.Answered = wallClock(time.Now())
			return nil
		}
	}
	return faultOf(ctx, "response", conn, errManyInterim)
}

// readHead reads the head of one response, and keeps it where it is that of the final one.
func (r *Result) readHead(h *headReader) (final bool, err error) {
	if err := h.expectProtocol(); err != nil {
		return false, err
	}
	line, err := h.line()
	if err != nil {
		return false, err
	}
	status, ok := parseStatusLine(line)
	if !ok {
		h.rejected = line
		return false, errNotHTTP
	}
	if final = status.isFinal(); final {
		r.Version, r.Status, r.Reason = status.version, status.code, status.reason
	}
	for range maxFields + 1 {
		line, err := h.line()
		if err != nil || line == "" {
			return final, err
		}
		if final {
			r.field(line)
		}
	}
	return final, errManyFields
}

var (
	errNotHTTP     = errors.New("what came is not HTTP")
	errManyFields  = fmt.Errorf("the header has more than %d lines", maxFields)
	errLongHead    = fmt.Errorf("the head did not end within %d bytes", maxHead)
	errManyInterim = fmt.Errorf("more than %d interim responses came", maxInterim)
)

// faultOf classifies an error of the connection, or of what came over it.
func faultOf(ctx context.Context, step string, conn net.Conn, err error) *probes.Fault {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, errNotHTTP):
		return &probes.Fault{Step: step, Kind: probes.Malformed, Message: err.Error()}
	case errors.Is(err, errLongHead), errors.Is(err, errManyFields), errors.Is(err, errManyInterim):
		return &probes.Fault{Step: step, Kind: probes.TooLong, Message: err.Error()}
	}
	f := probes.NewFault(ctx, step, probes.ErrorOf(conn, err))
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "remote error" { // how crypto/tls tells of an alert, as to a client without a certificate
		f.Kind = probes.Alert
	}
	return f
}

// headReader reads lines of a head, and counts their bytes.
type headReader struct {
	in       *bufio.Reader
	read     int
	rejected string // the line that was no status line
}

// protocol begins every response (RFC 9112 §2.3). It is case-sensitive.
const protocol = "HTTP/"

// expectProtocol is errNotHTTP where what comes next does not begin as a response does: a peer that says anything else is not waited
// for until the end of a line. It is the connection's error where that ends first.
func (h *headReader) expectProtocol() error {
	for n := 1; n <= len(protocol); n++ {
		begin, err := h.in.Peek(n)
		if string(begin) != protocol[:len(begin)] {
			return errNotHTTP
		}
		if err != nil { // the connection tells it once
			h.read += len(begin)
			return err
		}
	}
	return nil
}

// line reads one line without its end: CR LF, or LF alone (RFC 9112 §2.2).
func (h *headReader) line() (string, error) {
	var line []byte
	for {
		part, err := h.in.ReadSlice('\n')
		h.read += len(part)
		line = append(line, part...)
		switch {
		case h.read > maxHead:
			return "", errLongHead
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil:
			return "", err
		}
		return strings.TrimSuffix(strings.TrimSuffix(string(line), "\n"), "\r"), nil
	}
}

// aMoment is how long the rest of a text is waited for that is known not to be HTTP.
const aMoment = time.Second

// opening is the beginning of what came where that was not HTTP: its first line, or as much of that as comes within a moment.
func (h *headReader) opening(ctx context.Context, conn net.Conn, wait time.Duration) string {
	if h.rejected != "" {
		return h.rejected
	}
	defer probes.Within(ctx, conn, wait)()
	for {
		begin, _ := h.in.Peek(h.in.Buffered())
		if alert, ok := tlsAlert(begin); ok {
			return alert
		}
		if line, _, ended := strings.Cut(string(begin), "\n"); ended {
			return strings.TrimSuffix(line, "\r")
		}
		if _, err := h.in.Peek(len(begin) + 1); err != nil { // the end, the moment is over, or the buffer is full
			return string(begin)
		}
	}
}

// tlsAlert reads a record that holds a TLS alert in clear (RFC 8446 §5.1, §6): so says a server that expects TLS.
func tlsAlert(record []byte) (string, bool) {
	const typeAlert, majorVersion, alertSize, recordSize = 21, 3, 2, 7
	if len(record) < recordSize || record[0] != typeAlert || record[1] != majorVersion || record[3] != 0 || record[4] != alertSize {
		return "", false
	}
	return fmt.Sprintf("TLS alert %d (level %d)", record[6], record[5]), true
}
