package proxy

import (
	"bufio"
	"context"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

const (
	target = "files.example.com:21"
	wait   = 10 * time.Second
	secret = "sw0rd"
)

// saying is a machine on which every address is a proxy that reads a request, gives the answer and leaves the connection open.
func saying(t *testing.T, answer string, requests chan<- string) probes.Host {
	t.Helper()
	return probes.Host{
		Dial: func(context.Context, netip.AddrPort) (net.Conn, error) {
			near, far := net.Pipe()
			t.Cleanup(func() { _ = near.Close(); _ = far.Close() })
			go func() {
				request, err := http.ReadRequest(bufio.NewReader(far))
				if err != nil {
					return
				}
				requests <- request.Method + " " + request.Host + " " + request.Header.Get("Proxy-Authorization")
				_, _ = io.WriteString(far, answer)
			}()
			return near, nil
		},
		Lookup: func(context.Context, string) ([]netip.Addr, error) {
			return []netip.Addr{netip.MustParseAddr("192.0.2.9")}, nil
		},
	}
}

func options(t *testing.T, via string) Options {
	t.Helper()
	parsed, err := url.Parse(via)
	require.NoError(t, err)
	return Options{Proxy: parsed, To: target, Agent: "rung/test", Wait: wait}
}

func TestAnswers(t *testing.T) {
	for name, test := range map[string]struct {
		answer string
		status int
		kind   probes.Kind
	}{
		"a tunnel":                      {"HTTP/1.1 200 Connection established\r\nVia: x\r\n\r\n220 ready\r\n", 200, ""},
		"a tunnel, with another status": {"HTTP/1.0 204 \r\n\r\n220 ready\r\n", 204, ""},
		"an interim response first":     {"HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\n\r\n220 ready\r\n", 200, ""},
		"a login is wanted":             {"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=x\r\n\r\n", 407, probes.Negative},
		"forbidden":                     {"HTTP/1.1 403 Forbidden\r\nContent-Length: 1000\r\n\r\n", 403, probes.Negative},
		"no target":                     {"HTTP/1.1 502 Bad Gateway\r\n\r\n", 502, probes.Negative},
		"a redirect is no tunnel":       {"HTTP/1.1 302 Found\r\nLocation: http://x/\r\n\r\n", 302, probes.Negative},
		"another protocol":              {"220 ready\r\n\r\n", 0, probes.Malformed},
		"a header that is none":         {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", 0, probes.Malformed},
		"interim responses for ever":    {strings.Repeat("HTTP/1.1 100 Continue\r\n\r\n", 20), 0, probes.TooLong},
		"a line for ever":               {"HTTP/1.1 200 " + strings.Repeat("x", 1<<17), 0, probes.TooLong},
		"silence":                       {"", 0, probes.Timeout},
		"silence in the header":         {"HTTP/1.1 200 OK\r\n", 0, probes.Timeout},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := make(chan string, 1)
				r, conn := Connect(t.Context(), saying(t, test.answer, requests), options(t, "http://proxy.example.com:3128"))
				assert.Equal(t, "CONNECT "+target+" ", <-requests)
				assert.Equal(t, "http://proxy.example.com:3128", r.Proxy)
				assert.Equal(t, netip.MustParseAddrPort("192.0.2.9:3128"), r.Address)
				assert.Equal(t, test.status, r.Status)
				assert.False(t, r.LoginSent)
				if test.kind != "" {
					require.NotNil(t, r.Fault)
					assert.Equal(t, [2]string{"response", string(test.kind)}, [2]string{r.Fault.Step, string(r.Fault.Kind)}, "%v", r.Fault)
					assert.Nil(t, conn)
					return
				}
				require.Nil(t, r.Fault)
				line, err := bufio.NewReader(conn).ReadString('\n')
				require.NoError(t, err)
				assert.Equal(t, "220 ready\r\n", line, "what came right behind the answer is the target's")
			})
		})
	}
}

// The login goes to the proxy, and into no result, also where the proxy repeats it.
func TestLogin(t *testing.T) {
	const encoded = "c29tZW9uZTpzdzByZA=="
	for name, answer := range map[string]string{
		"a tunnel":           "HTTP/1.1 200 OK\r\n\r\n",
		"repeated":           "HTTP/1.1 407 not someone:" + secret + " nor " + encoded + "\r\n\r\n",
		"repeated as a line": "Basic " + encoded + " " + secret + "\r\n\r\n",
		"repeated as header": "HTTP/1.1 200 OK\r\n" + encoded + "\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				requests := make(chan string, 1)
				r, _ := Connect(t.Context(), saying(t, answer, requests), options(t, "http://someone:"+secret+"@proxy.example.com:3128"))
				assert.Equal(t, "CONNECT "+target+" Basic "+encoded, <-requests)
				assert.True(t, r.LoginSent)
				text, err := json.Marshal(r)
				require.NoError(t, err)
				assert.NotContains(t, string(text), secret)
				assert.NotContains(t, string(text), encoded)
			})
		})
	}
}

func TestUnreachableProxies(t *testing.T) {
	host := probes.Host{
		Dial:   func(ctx context.Context, _ netip.AddrPort) (net.Conn, error) { <-ctx.Done(); return nil, ctx.Err() },
		Lookup: func(context.Context, string) ([]netip.Addr, error) { return nil, nil },
	}
	for via, want := range map[string]probes.Fault{
		"socks5://192.0.2.9:1080":     {Step: "proxy", Kind: probes.Unsupported},
		"https://someone:x@192.0.2.9": {Step: "proxy", Kind: probes.Unsupported},
		"http://proxy.example.com":    {Step: "lookup", Kind: probes.NotFound},
		"http://192.0.2.9":            {Step: "connect", Kind: probes.Timeout},
	} {
		t.Run(via, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				start := time.Now()
				r, conn := Connect(t.Context(), host, options(t, via))
				assert.Nil(t, conn)
				require.NotNil(t, r.Fault)
				assert.Equal(t, [2]string{want.Step, string(want.Kind)}, [2]string{r.Fault.Step, string(r.Fault.Kind)}, "%v", r.Fault)
				assert.LessOrEqual(t, time.Since(start), wait)
				assert.NotContains(t, r.Proxy, "someone")
			})
		})
	}
}

func TestCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		r, conn := Connect(ctx, saying(t, "", make(chan string, 1)), options(t, "http://192.0.2.9:3128"))
		assert.Nil(t, conn)
		require.NotNil(t, r.Fault)
		assert.Equal(t, probes.Interrupted, r.Fault.Kind)
		assert.Equal(t, time.Second, time.Since(start))
	})
}

// What the standard library's client takes for a tunnel is taken for one here.
func TestAsTheStandardLibraryAsks(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != http.MethodConnect || r.Host != target || r.RequestURI != target {
			w.WriteHeader(http.StatusBadRequest)
		}
	}))
	defer server.Close()
	r, conn := Connect(t.Context(), probes.Host{}, options(t, server.URL))
	require.Nil(t, r.Fault)
	assert.Equal(t, 200, r.Status)
	assert.Equal(t, "OK", r.Reason)
	assert.NoError(t, conn.Close())
}

func TestEnvironment(t *testing.T) {
	all := []string{"HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "no_proxy", "REQUEST_METHOD"}
	for name, test := range map[string]struct {
		env  map[string]string
		to   string
		want string
	}{
		"nothing":                  {nil, target, ""},
		"for HTTPS":                {map[string]string{"HTTPS_PROXY": "http://p:1", "HTTP_PROXY": "http://q:1"}, target, "http://p:1"},
		"in small letters":         {map[string]string{"https_proxy": "p:1"}, target, "http://p:1"},
		"for everything":           {map[string]string{"ALL_PROXY": "socks5://p:1", "HTTP_PROXY": "http://q:1"}, target, "socks5://p:1"},
		"in small, for everything": {map[string]string{"all_proxy": "http://p:1"}, target, "http://p:1"},
		"for HTTP alone":           {map[string]string{"HTTP_PROXY": "http://p:1"}, target, "http://p:1"},
		"excepted by name":         {map[string]string{"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.com"}, target, ""},
		"excepted by network":      {map[string]string{"HTTPS_PROXY": "http://p:1", "no_proxy": "192.0.2.0/24"}, "192.0.2.7:21", ""},
		"another is excepted":      {map[string]string{"HTTPS_PROXY": "http://p:1", "NO_PROXY": "example.org"}, target, "http://p:1"},
		"over IPv6":                {map[string]string{"HTTPS_PROXY": "http://p:1"}, "[2001:db8::1]:21", "http://p:1"},
		"this machine itself":      {map[string]string{"HTTPS_PROXY": "http://p:1"}, "127.0.0.1:21", ""},
		"no URL":                   {map[string]string{"HTTPS_PROXY": "http://a b:%zz"}, target, ""},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range all {
				t.Setenv(variable, test.env[variable])
			}
			via := FromEnvironment().For(test.to)
			if test.want == "" {
				assert.Nil(t, via)
				return
			}
			require.NotNil(t, via)
			assert.Equal(t, test.want, via.String())
		})
	}
	assert.Nil(t, Environment{}.For(target))
}

func FuzzStatus(f *testing.F) {
	for _, line := range []string{"HTTP/1.1 200 OK", "HTTP/1.0 407", "HTTP/2 200", "220 ready", "HTTP/1.1  200  x", "HTTP/1.1 -12 x"} {
		f.Add(line)
	}
	f.Fuzz(func(t *testing.T, line string) {
		status, reason, ok := parseStatus(line)
		if ok {
			assert.True(t, status >= 100 && status <= 999, "%d", status)
			assert.Contains(t, line, reason)
		}
	})
}
