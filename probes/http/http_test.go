package http

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"io"
	"log"
	"net"
	stdhttp "net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/rung-cli/rung/probes"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait is the longest wait for one network event in fake time, patience what is more than enough on this machine.
const (
	wait     = 10 * time.Second
	patience = 20 * time.Second
)

// quiet is for servers that are to complain.
var quiet = log.New(io.Discard, "", 0)

// dial connects to a server.
func dial(t *testing.T, server *httptest.Server) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", server.Listener.Addr().String())
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func TestRequestAsAServerReadsIt(t *testing.T) {
	for name, test := range map[string]struct {
		options Options
		method  string
		uri     string
	}{
		"a page":            {Options{Path: "/a/b%20c", Query: "q=1&r=%20"}, "GET", "/a/b%20c?q=1&r=%20"},
		"the root":          {Options{}, "GET", "/"},
		"a query alone":     {Options{Query: "token=hunter2"}, "GET", "/?token=hunter2"},
		"the time, no more": {Options{Method: "HEAD", Path: "/"}, "HEAD", "/"},
	} {
		t.Run(name, func(t *testing.T) {
			var seen *stdhttp.Request
			server := httptest.NewServer(stdhttp.HandlerFunc(func(w stdhttp.ResponseWriter, r *stdhttp.Request) {
				seen = r
				w.Header().Set("Server", "test/1.0")
				w.WriteHeader(stdhttp.StatusTeapot)
				_, _ = io.WriteString(w, strings.Repeat("a body that nobody reads ", 100))
			}))
			defer server.Close()
			o := test.options
			o.Host, o.Agent, o.Wait = "www.example.org:8080", "rung/1.2.3 (a test)", patience
			conn := dial(t, server)
			r := Ask(t.Context(), conn, o)
			require.Nil(t, r.Fault)
			assert.Equal(t, test.method, seen.Method)
			assert.Equal(t, test.uri, seen.RequestURI)
			assert.Equal(t, "www.example.org:8080", seen.Host)
			assert.Equal(t, stdhttp.Header{"User-Agent": {"rung/1.2.3 (a test)"}, "Accept": {"*/*"}, "Connection": {"close"}}, seen.Header)

			path, _, _ := strings.Cut(test.uri, "?")
			assert.Equal(t, probes.AddrPortOf(conn.RemoteAddr()), r.Address)
			assert.Equal(t, [4]string{test.method, path, "HTTP/1.1", "I'm a teapot"}, [4]string{r.Method, r.Path, r.Version, r.Reason})
			assert.Equal(t, 418, r.Status)
			assert.Equal(t, "test/1.0", r.Server)
			assert.False(t, r.Date.Before(r.Sent.Truncate(time.Second)), "%s is between %s and %s", r.Date, r.Sent, r.Answered)
			assert.False(t, r.Date.After(r.Answered), "%s is between %s and %s", r.Date, r.Sent, r.Answered)
			assert.Positive(t, r.Took)
			assert.Zero(t, r.Transport)
			assertKeeps(t, r, "hunter2")
		})
	}
}

// assertKeeps asserts that a result is the same after a way through JSON, that its texts are bounded, and that it keeps no secret.
func assertKeeps(t *testing.T, r Result, secret string) {
	t.Helper()
	written, err := json.Marshal(r)
	require.NoError(t, err)
	assert.NotContains(t, string(written), secret)
	var read Result
	require.NoError(t, json.Unmarshal(written, &read))
	again, err := json.Marshal(read)
	require.NoError(t, err)
	assert.JSONEq(t, string(written), string(again))
	for _, text := range []string{r.Path, r.Host, r.Version, r.Reason, r.Location, r.Server, r.Text} {
		assert.True(t, utf8.ValidString(text), "%q", text)
		assert.LessOrEqual(t, len(text), probes.MaxText)
	}
}

// answered asks a server that has said all of this, and then closes.
func answered(t *testing.T, o Options, raw string) Result {
	t.Helper()
	o.Host, o.Agent, o.Wait = "www.example.org", "rung/0", wait
	r := Ask(t.Context(), &said{in: strings.NewReader(raw)}, o)
	assertKeeps(t, r, "hunter2")
	return r
}

// said is a connection whose other end has said everything already.
type said struct {
	in io.Reader
}

func (s *said) Read(p []byte) (int, error)     { return s.in.Read(p) }
func (*said) Write(p []byte) (int, error)      { return len(p), nil }
func (*said) Close() error                     { return nil }
func (*said) LocalAddr() net.Addr              { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 2} }
func (*said) RemoteAddr() net.Addr             { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 1} }
func (*said) SetDeadline(time.Time) error      { return nil }
func (*said) SetReadDeadline(time.Time) error  { return nil }
func (*said) SetWriteDeadline(time.Time) error { return nil }

var date = time.Date(2026, 7, 4, 12, 30, 59, 0, time.UTC)

// nginxLike is a redirect as nginx sends it.
const nginxLike = "HTTP/1.1 301 Moved Permanently\r\nServer: nginx/1.27.3\r\nDate: Sat, 04 Jul 2026 12:30:59 GMT\r\nContent-Type: text/html\r\n" +
	"Content-Length: 169\r\nConnection: close\r\nLocation: https://www.example.org/\r\n\r\n<html>..."

func TestResponses(t *testing.T) {
	for name, test := range map[string]struct {
		raw  string
		want Result
	}{
		"a redirect": {nginxLike, Result{
			Version: "HTTP/1.1", Status: 301, Reason: "Moved Permanently", Server: "nginx/1.27.3", Date: date, Location: "https://www.example.org/",
		}},
		"HTTP/1.0":             {"HTTP/1.0 200 OK\r\n\r\n", Result{Version: "HTTP/1.0", Status: 200, Reason: "OK"}},
		"line feeds alone":     {"HTTP/1.1 200 OK\nServer: x\n\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Server: "x"}},
		"no reason":            {"HTTP/1.1 404 \r\n\r\n", Result{Version: "HTTP/1.1", Status: 404}},
		"nor its space":        {"HTTP/1.1 404\r\n\r\n", Result{Version: "HTTP/1.1", Status: 404}},
		"wide spaces":          {"HTTP/1.1 \t 200  All  well \r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "All  well"}},
		"a version of its own": {"HTTP/2 200\r\n\r\n", Result{Version: "HTTP/2", Status: 200}},
		"an unknown status":    {"HTTP/1.1 999 Request denied\r\n\r\n", Result{Version: "HTTP/1.1", Status: 999, Reason: "Request denied"}},
		"no header":            {"HTTP/1.1 503 Busy\r\n\r\n", Result{Version: "HTTP/1.1", Status: 503, Reason: "Busy"}},
		"interim responses first": {"HTTP/1.1 100 Continue\r\nServer: a\r\nAge: 1\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\nHTTP/1.1 200 OK\r\nServer: b\r\n\r\n",
			Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Server: "b"}},
		"another protocol": {"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\n\r\n", Result{Version: "HTTP/1.1", Status: 101, Reason: "Switching Protocols"}},
		"any case and space": {"HTTP/1.1 200 OK\r\nSERVER : x \r\ndate:Saturday, 04-Jul-26 12:30:59 GMT\r\n\r\n",
			Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Server: "x", Date: date}},
		"fields that come twice": {"HTTP/1.1 200 OK\r\nServer: a\r\nServer: b\r\nDate: Sat, 04 Jul 2026 12:30:59 GMT\r\nDate: Sun, 05 Jul 2026 12:30:59 GMT\r\n\r\n",
			Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Server: "a", Date: date}},
		"lines that are no fields": {"HTTP/1.1 200 OK\r\nX: a\r\n Server: b\r\n\tServer: c\r\nServer\r\n: d\r\nServer: e\r\n\r\n",
			Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Server: "e"}},
		"a date that is none":     {"HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK"}},
		"an Age":                  {"HTTP/1.1 200 OK\r\nAge: 0\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Cached: true}},
		"a Via":                   {"HTTP/1.1 200 OK\r\nVia: 1.1 varnish\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Cached: true}},
		"an X-Cache":              {"HTTP/1.1 200 OK\r\nx-cache: HIT\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Cached: true}},
		"a Warning":               {"HTTP/1.1 200 OK\r\nWarning: 110 - stale\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "OK", Cached: true}},
		"NULs and escape codes":   {"HTTP/1.1 200 \x00\x1b[31m\r\nServer: \x00\x00\r\n\r\n", Result{Version: "HTTP/1.1", Status: 200, Reason: "\x00\x1b[31m", Server: "\x00\x00"}},
		"Latin-1":                 {"HTTP/1.1 404 N\xe3o encontrado\r\n\r\n", Result{Version: "HTTP/1.1", Status: 404, Reason: "Não encontrado"}},
		"secrets in the redirect": {"HTTP/1.1 302 Found\r\nLocation: //u:hunter2@h/p?hunter2#hunter2\r\n\r\n", Result{Version: "HTTP/1.1", Status: 302, Reason: "Found", Location: "//h/p"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := answered(t, Options{}, test.raw)
			require.Nil(t, r.Fault)
			head := strings.LastIndex(test.raw, "\r\n\r\n") + len("\r\n\r\n")
			if !strings.Contains(test.raw, "\r") {
				head = len(test.raw)
			}
			assert.Equal(t, head, r.Received)
			assert.False(t, r.Answered.Before(r.Sent))
			want := test.want
			want.Address, want.Method, want.Path, want.Host = r.Address, "GET", "/", "www.example.org"
			want.Sent, want.Answered, want.Took, want.Received = r.Sent, r.Answered, r.Took, r.Received
			assert.Equal(t, want, r)
		})
	}
}

func TestWhatIsNotHTTP(t *testing.T) {
	for name, test := range map[string]struct{ raw, text string }{
		"SSH":                        {"SSH-2.0-OpenSSH_9.9\r\n", "SSH-2.0-OpenSSH_9.9"},
		"SMTP, many lines":           {"220-mail.example.org ESMTP\r\n220 ready\r\n", "220-mail.example.org ESMTP"},
		"ICY":                        {"ICY 200 OK\r\nicy-name: radio\r\n\r\n", "ICY 200 OK"},
		"HTTP/0.9":                   {"<html>\nhello\n", "<html>"},
		"small letters":              {"http/1.1 200 OK\r\n\r\n", "http/1.1 200 OK"},
		"no status":                  {"HTTP/1.1 OK\r\n\r\n", "HTTP/1.1 OK"},
		"a status of two digits":     {"HTTP/1.1 20 OK\r\n\r\n", "HTTP/1.1 20 OK"},
		"a status of four":           {"HTTP/1.1 2000 OK\r\n\r\n", "HTTP/1.1 2000 OK"},
		"a status below all":         {"HTTP/1.1 099 OK\r\n\r\n", "HTTP/1.1 099 OK"},
		"a status with a sign":       {"HTTP/1.1 +20 OK\r\n\r\n", "HTTP/1.1 +20 OK"},
		"no version":                 {"HTTP/ 200 OK\r\n\r\n", "HTTP/ 200 OK"},
		"an odd version":             {"HTTP/1.x 200 OK\r\n\r\n", "HTTP/1.x 200 OK"},
		"an empty line first":        {"\r\nHTTP/1.1 200 OK\r\n\r\n", ""},
		"a TLS alert":                {"\x15\x03\x01\x00\x02\x02\x46", "TLS alert 70 (level 2)"},
		"one that holds a line feed": {"\x15\x03\x03\x00\x02\x02\x0a", "TLS alert 10 (level 2)"},
		"part of one":                {"\x15\x03\x03\x00\x02", "\x15\x03\x03\x00\x02"},
		"another TLS record":         {"\x16\x03\x03\x00\x02\x02\x00", "\x16\x03\x03\x00\x02\x02\x00"},
		"HTTP/2 frames":              {"\x00\x00\x00\x04\x00\x00\x00\x00\x00", "\x00\x00\x00\x04\x00\x00\x00\x00\x00"},
		"a line that does not end":   {strings.Repeat("x", 1000), strings.Repeat("x", probes.MaxText-3) + "…"},
		"nothing but NULs":           {strings.Repeat("\x00", 100_000), strings.Repeat("\x00", probes.MaxText-3) + "…"},
		"no HTTP after a 100":        {"HTTP/1.1 100 Continue\r\n\r\nwhat?\r\n", "what?"},
		"the request repeated":       {"-ERR unknown command 'GET /?token=hunter2'\r\n", "-ERR unknown command 'GET /?****'"},
	} {
		t.Run(name, func(t *testing.T) {
			r := answered(t, Options{Query: "token=hunter2"}, test.raw)
			assert.Equal(t, &probes.Fault{Step: "response", Kind: probes.Malformed, Message: "what came is not HTTP"}, r.Fault)
			assert.Equal(t, test.text, r.Text)
			assert.Zero(t, r.Status)
			assert.Zero(t, r.Answered)
			assert.LessOrEqual(t, r.Received, min(len(test.raw), 4096))
			assert.Positive(t, r.Received)
		})
	}
}

// A head that does not come to its end is kept as far as it came.
func TestHeadsWithoutEnd(t *testing.T) {
	many := func(n int, line string) string { return strings.Repeat(line, n) }
	const begin = "HTTP/1.1 200 OK\r\nServer: x\r\n"
	for name, test := range map[string]struct {
		raw    string
		status int
		server string
		kind   probes.Kind
	}{
		"closed at once":             {"", 0, "", probes.Closed},
		"closed within HTTP/":        {"HTT", 0, "", probes.Closed},
		"closed within the status":   {"HTTP/1.1 20", 0, "", probes.Closed},
		"closed within the header":   {begin + "Locat", 200, "x", probes.Closed},
		"closed after a 100":         {"HTTP/1.1 100 Continue\r\n\r\n", 0, "", probes.Closed},
		"closed within a 100":        {"HTTP/1.1 100 Continue\r\nServer: x\r\n", 0, "", probes.Closed},
		"as many lines as are read":  {begin + many(maxFields-1, "a: b\r\n") + "\r\n", 200, "x", ""},
		"one line more":              {begin + many(maxFields, "a: b\r\n") + "\r\n", 200, "x", probes.TooLong},
		"as long as is read":         {begin + "a: " + many(maxHead-len(begin)-7, "b") + "\r\n\r\n", 200, "x", ""},
		"a byte longer":              {begin + "a: " + many(maxHead-len(begin)-6, "b") + "\r\n\r\n", 200, "x", probes.TooLong},
		"a status line without end":  {"HTTP/1.1 200 " + many(maxHead, "K"), 0, "", probes.TooLong},
		"a field without end":        {begin + "Location: " + many(1<<20, "/"), 200, "x", probes.TooLong},
		"interim responses, bounded": {many(maxInterim, "HTTP/1.1 102 Processing\r\n\r\n") + begin + "\r\n", 200, "x", ""},
		"one too many":               {many(maxInterim+1, "HTTP/1.1 102 Processing\r\n\r\n") + begin + "\r\n", 0, "", probes.TooLong},
		"interim ones, and long":     {many(maxInterim, "HTTP/1.1 102 Processing\r\na: "+many(maxHead/maxInterim, "b")+"\r\n\r\n"), 0, "", probes.TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			r := answered(t, Options{}, test.raw)
			if test.kind == "" {
				require.Nil(t, r.Fault)
			} else {
				require.NotNil(t, r.Fault)
				assert.Equal(t, "response", r.Fault.Step)
				assert.Equal(t, test.kind, r.Fault.Kind)
				assert.Zero(t, r.Answered)
			}
			assert.Equal(t, test.status, r.Status)
			assert.Equal(t, test.server, r.Server)
			assert.LessOrEqual(t, r.Received, maxHead+4096)
			assert.Empty(t, r.Text)
		})
	}
}

// speaking is a server in fake time that reads the request, says one text after the other with pauses between them, and then nothing more.
func speaking(t *testing.T, pause time.Duration, texts ...string) (conn net.Conn, done func()) {
	t.Helper()
	conn, peer := net.Pipe()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = peer.Read(make([]byte, 4096))
		for _, text := range texts {
			time.Sleep(pause)
			if _, err := io.WriteString(peer, text); err != nil {
				return
			}
		}
		_, _ = io.Copy(io.Discard, peer)
	}()
	return conn, func() {
		_ = conn.Close()
		<-ended
		_ = peer.Close()
	}
}

func TestPatience(t *testing.T) {
	letters := func(text string) []string { return strings.Split(text, "") }
	for name, test := range map[string]struct {
		pause  time.Duration
		texts  []string
		took   time.Duration
		kind   probes.Kind
		status int
		text   string
	}{
		"silence":                  {0, nil, wait, probes.Timeout, 0, ""},
		"late, but in time":        {wait - 1, []string{nginxLike}, wait - 1, "", 301, ""},
		"too late":                 {wait + 1, []string{nginxLike}, wait, probes.Timeout, 0, ""},
		"a byte a second":          {time.Second, letters(nginxLike), wait, probes.Timeout, 0, ""},
		"a byte now and then":      {100 * time.Millisecond, letters("HTTP/1.1 200 OK\r\nServer: x\r\nX: " + strings.Repeat("x", 100)), wait, probes.Timeout, 200, ""},
		"slow, but in time":        {10 * time.Millisecond, letters("HTTP/1.1 200 OK\r\n\r\n"), 190 * time.Millisecond, "", 200, ""},
		"a banner":                 {0, []string{"SSH-2.0-x\r\n"}, 0, probes.Malformed, 0, "SSH-2.0-x"},
		"a banner in pieces":       {time.Second / 10, []string{"SSH", "-2.0", "-x\r\n"}, 3 * time.Second / 10, probes.Malformed, 0, "SSH-2.0-x"},
		"a word that has no end":   {0, []string{"hello"}, aMoment, probes.Malformed, 0, "hello"},
		"words that never end":     {time.Second / 4, letters(strings.Repeat("a", 100)), time.Second/4 + aMoment, probes.Malformed, 0, "aaaa"},
		"an alert in pieces":       {time.Second / 10, []string{"\x15\x03", "\x03\x00\x02\x02", "\x28"}, 3 * time.Second / 10, probes.Malformed, 0, "TLS alert 40 (level 2)"},
		"silence after a redirect": {0, []string{nginxLike}, 0, "", 301, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, done := speaking(t, test.pause, test.texts...)
				defer done()
				start := time.Now()
				r := Ask(t.Context(), conn, Options{Wait: wait})
				assert.Equal(t, test.took, time.Since(start))
				assert.Equal(t, probes.Millis(test.took), r.Took)
				assert.Equal(t, test.status, r.Status)
				assert.True(t, strings.HasPrefix(r.Text, test.text), r.Text)
				assert.Equal(t, test.text == "", r.Text == "")
				if test.kind == "" {
					assert.Nil(t, r.Fault)
					assert.Equal(t, test.took, r.Answered.Sub(r.Sent))
					return
				}
				require.NotNil(t, r.Fault)
				assert.Equal(t, test.kind, r.Fault.Kind, "%v", r.Fault)
				assert.Equal(t, "response", r.Fault.Step)
			})
		})
	}
}

// The peer takes no byte of the request.
func TestRequestThatIsNotTaken(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		conn, peer := net.Pipe()
		defer func() { _, _ = conn.Close(), peer.Close() }()
		r := Ask(t.Context(), conn, Options{Wait: wait})
		require.NotNil(t, r.Fault)
		assert.Equal(t, [2]string{"request", string(probes.Timeout)}, [2]string{r.Fault.Step, string(r.Fault.Kind)})
		assert.Equal(t, probes.Millis(wait), r.Took)
	})
}

func TestCancelled(t *testing.T) {
	for name, texts := range map[string][]string{
		"in silence":           {},
		"within the head":      {"HTTP/1.1 200 OK\r\n"},
		"within the status":    {"HTTP"},
		"after an interim one": {"HTTP/1.1 100 Continue\r\n\r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				conn, done := speaking(t, 0, texts...)
				defer done()
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				r := Ask(ctx, conn, Options{Wait: wait})
				require.NotNil(t, r.Fault)
				assert.Equal(t, probes.Interrupted, r.Fault.Kind)
				assert.Equal(t, probes.Millis(time.Second), r.Took)
			})
		})
	}
}

// The peer reads the request and resets the connection: the kernel's account of it is kept.
func TestReset(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	peer, err := listener.Accept()
	require.NoError(t, err)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_, _ = peer.Read(make([]byte, 4096))
		_ = peer.(*net.TCPConn).SetLinger(0)
		_ = peer.Close()
	}()
	r := Ask(t.Context(), conn, Options{Wait: patience})
	<-ended
	require.NotNil(t, r.Fault)
	assert.Equal(t, probes.Reset, r.Fault.Kind, "%v", r.Fault)
	assert.Equal(t, probes.TransportOf(conn), r.Transport)
}

func TestOverTLS(t *testing.T) {
	for name, test := range map[string]struct {
		change func(*tls.Config)
		status int
		kind   probes.Kind
	}{
		"a page":                         {func(*tls.Config) {}, 200, ""},
		"a client certificate is wanted": {func(c *tls.Config) { c.ClientAuth = tls.RequireAnyClientCert }, 0, probes.Alert},
	} {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewUnstartedServer(stdhttp.HandlerFunc(func(stdhttp.ResponseWriter, *stdhttp.Request) {}))
			server.TLS = &tls.Config{MinVersion: tls.VersionTLS13}
			server.Config.ErrorLog = quiet
			test.change(server.TLS)
			server.StartTLS()
			defer server.Close()
			conn := tls.Client(dial(t, server), &tls.Config{InsecureSkipVerify: true})
			require.NoError(t, conn.HandshakeContext(t.Context()))
			r := Ask(t.Context(), conn, Options{Host: "example.org", Wait: patience})
			assert.Equal(t, test.status, r.Status)
			if test.kind != "" {
				require.NotNil(t, r.Fault)
				assert.Equal(t, test.kind, r.Fault.Kind, "%v", r.Fault)
				assert.Equal(t, "response", r.Fault.Step)
			}
		})
	}
}

// A request in clear to a port where TLS is spoken: Go's server answers in HTTP, others with an alert, in clear.
func TestClearToTLS(t *testing.T) {
	server := httptest.NewUnstartedServer(nil)
	server.Config.ErrorLog = quiet
	server.StartTLS()
	defer server.Close()
	r := Ask(t.Context(), dial(t, server), Options{Host: "example.org", Wait: patience})
	require.Nil(t, r.Fault)
	assert.Equal(t, "HTTP/1.0", r.Version)
	assert.Equal(t, 400, r.Status)
}

func TestClearToTLSWithAlert(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = listener.Close() }()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		_, _ = conn.Read(make([]byte, 4096))
		_, _ = io.WriteString(conn, "\x15\x03\x01\x00\x02\x02\x46")
		_ = conn.Close()
	}()
	conn, err := net.Dial("tcp", listener.Addr().String())
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	r := Ask(t.Context(), conn, Options{Host: "example.org", Wait: patience})
	<-ended
	assert.Equal(t, "TLS alert 70 (level 2)", r.Text)
	assert.True(t, r.Fault.Of(probes.Malformed), "%v", r.Fault)
}

func TestWithoutSecrets(t *testing.T) {
	for reference, want := range map[string]string{
		"":                                   "",
		"/":                                  "/",
		"/login?next=/secret":                "/login",
		"/page#secret":                       "/page",
		"?secret":                            "",
		"https://h/":                         "https://h/",
		"https://user:secret@h/p":            "https://h/p",
		"https://user@h:8443/p?q":            "https://h:8443/p",
		"https://a@secret@h/":                "https://h/",
		"//user:secret@h":                    "//h",
		"https:/user:secret@h/":              "https:/h/",
		"https:user:secret@h/":               "https:h/",
		`https:\\user:secret@h\p`:            `https:\\h\p`,
		`/\user:secret@h`:                    `/\h`,
		"https://h/@user/p@q":                "https://h/@user/p@q",
		"/@user":                             "/@user",
		"a/b:c@d":                            "a/b:c@d",
		"https://[2001:db8::1]:443/":         "https://[2001:db8::1]:443/",
		"https://user:secret@[2001:db8::1]/": "https://[2001:db8::1]/",
		"https://h/a b\x00":                  "https://h/a b\x00",
		"https://h?a@b":                      "https://h",
	} {
		assert.Equal(t, want, withoutSecrets(reference), reference)
	}
}

func TestParseDate(t *testing.T) {
	now := time.Date(2026, 7, 4, 0, 0, 0, 0, time.UTC)
	for value, want := range map[string]string{
		"Sun, 06 Nov 1994 08:49:37 GMT":    "1994-11-06T08:49:37Z",
		"Sun Nov  6 08:49:37 1994":         "1994-11-06T08:49:37Z",
		"Sunday, 06-Nov-94 08:49:37 GMT":   "1994-11-06T08:49:37Z",
		"Saturday, 04-Jul-26 00:00:00 GMT": "2026-07-04T00:00:00Z",
		"Saturday, 04-Jul-76 00:00:00 GMT": "2076-07-04T00:00:00Z",
		"Monday, 05-Jul-76 00:00:00 GMT":   "1976-07-05T00:00:00Z",
		"Thursday, 01-Jan-70 00:00:00 GMT": "2070-01-01T00:00:00Z",
		"Saturday, 01-Jan-00 00:00:00 GMT": "2000-01-01T00:00:00Z",
		"Friday, 31-Dec-99 23:59:59 GMT":   "1999-12-31T23:59:59Z",
	} {
		assert.Equal(t, want, parseDate(value, now).Format(time.RFC3339), value)
	}
	for _, value := range []string{"", "0", "-1", "Sun, 06 Nov 1994 08:49:37", "Sun, 06 Nov 1994 08:49:37 CEST", "Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 31 Feb 1994 08:49:37 GMT", "1994-11-06T08:49:37Z", "Sunday, 06-Nov-94 08:49:37 CET"} {
		assert.Zero(t, parseDate(value, now), value)
	}
}

// What net/http reads as a response is read alike here.
func TestAsTheStandardLibraryReadsIt(t *testing.T) {
	at := &url.URL{Scheme: "https", Host: "h.example", Path: "/a/b c"}
	for _, status := range []int{200, 204, 301, 404, 500, 599} {
		var raw bytes.Buffer
		response := stdhttp.Response{StatusCode: status, ProtoMajor: 1, ProtoMinor: 1, Header: stdhttp.Header{
			"Server": {"x/1 (y)"}, "Location": {at.String()}, "Date": {date.Format(stdhttp.TimeFormat)}, "Age": {"1"},
		}}
		require.NoError(t, response.Write(&raw))
		r := answered(t, Options{}, raw.String())
		require.Nil(t, r.Fault)
		assert.Equal(t, status, r.Status)
		assert.Equal(t, []string{"x/1 (y)", at.String(), date.String()}, []string{r.Server, r.Location, r.Date.String()})
		assert.True(t, r.Cached)
	}
}

// pieces is a reader that gives at most so many bytes at once.
type pieces struct {
	in   io.Reader
	most int
}

func (p *pieces) Read(b []byte) (int, error) { return p.in.Read(b[:min(len(b), p.most)]) }

func FuzzResponse(f *testing.F) {
	for _, raw := range []string{
		nginxLike, "", "HTTP/1.1 100 Continue\r\n\r\n" + nginxLike, "\x15\x03\x01\x00\x02\x02\x46", "SSH-2.0-x\r\n", "HTTP/1.0 200\n\n",
		"HTTP/1.1 302 x\r\nLocation: https://u:p@h/?q=secret#f\r\nAge: 1\r\nDate: Sunday, 06-Nov-94 08:49:37 GMT\r\n\r\n",
	} {
		f.Add([]byte(raw), uint16(1))
		f.Add([]byte(raw), uint16(4096))
	}
	f.Fuzz(func(t *testing.T, raw []byte, most uint16) {
		in := &pieces{bytes.NewReader(raw), int(most)%4096 + 1}
		r := Ask(t.Context(), &said{in: in}, Options{Query: "q=secret", Wait: time.Minute})
		assertKeeps(t, r, "q=secret")
		require.Equal(t, r.Fault == nil, !r.Answered.IsZero())
		require.Equal(t, r.Version == "", r.Status == 0)
		require.False(t, strings.ContainsAny(r.Location, "?#"), r.Location)
		require.LessOrEqual(t, r.Received, min(len(raw), maxHead+4096))
		if r.Fault != nil {
			require.Contains(t, []probes.Kind{probes.Closed, probes.Malformed, probes.TooLong}, r.Fault.Kind)
			return
		}
		require.GreaterOrEqual(t, r.Status, 101)
	})
}
