package ftp

import (
	"context"
	"encoding/json"
	"io"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// forever makes a script that says something first, and then something else without end.
func forever(first, then string) func(net.Conn) {
	return func(conn net.Conn) {
		_, err := io.WriteString(conn, first)
		for err == nil {
			_, err = io.WriteString(conn, then)
		}
	}
}

// However much a server sends, little is read of it and less is kept, and no time is lost.
func TestMuchIsSent(t *testing.T) {
	const megabytes = 10 << 20
	for name, test := range map[string]struct {
		script func(net.Conn)
		kind   probes.Kind
		said   string // what the server said first
	}{
		"greeting without end":         {forever("", "220-welcome\r\n"), probes.TooLong, "220-welcome"},
		"greeting of NUL bytes":        {forever("220-welcome\r\n", strings.Repeat("\x00", 50)+"\r\n"), probes.TooLong, "220-welcome"},
		"line without end":             {forever("220 ", strings.Repeat("welcome", 100)), probes.TooLong, "220 welcome"},
		"line of NUL bytes":            {forever("", strings.Repeat("\x00", 100)), probes.TooLong, "\x00"},
		"line of 10 MB":                {forever("220 "+strings.Repeat("x", megabytes)+"\r\n", "220 ready\r\n"), probes.TooLong, "220 xxx"},
		"line of 10 MB within a reply": {forever("220-welcome\r\n"+strings.Repeat("x", megabytes)+"\r\n", "220 ready\r\n"), probes.TooLong, "220-welcome"},
		"text that is no reply":        {forever("", "hello\r\n"), probes.Malformed, "hello"},
		"replies without end":          {forever("", "220 ready\r\n"), "", "220 ready"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.script = test.script
				m, took, w := measureWatched(t, n, Clear)
				if test.kind != "" {
					assert.Zero(t, took)
				}
				assert.Less(t, w.read, 4*maxReply, "bytes read over two sessions")
				kept, err := json.Marshal(m)
				require.NoError(t, err)
				assert.Less(t, len(kept), 8*maxReply)
				assert.Contains(t, lines(m.Control.Sessions[0], "server")[0], test.said)
				if test.kind != "" {
					controlFails("greeting", test.kind)(t, m)
					assert.Contains(t, m.Control.Unparsed, test.said)
				}
			})
		})
	}
}

// measureWatched is measureFake that keeps what was watched as well.
func measureWatched(t *testing.T, n *internet, protection Protection) (measured, time.Duration, *watched) {
	t.Helper()
	w := onFake(n)
	if protection != Clear {
		n.tls, n.implicit = serverTLS(), protection == Implicit
	}
	m := measure(t.Context(), withTLS(options(w, wait), protection), n.control())
	took := time.Since(n.start)
	assert.Empty(t, w.stillOpen())
	assertJSON(t, m)
	n.running.Wait()
	return m, took, w
}

func TestListingWithoutEnd(t *testing.T) {
	for _, protection := range []Protection{Clear, Explicit} {
		synctest.Test(t, func(t *testing.T) {
			n := healthy()
			n.listing = strings.Repeat("-rw-r--r--   1 ftp ftp 5 Nov 22 13:24 README\r\n", 1<<13)
			m, took, w := measureWatched(t, n, protection)
			assert.Zero(t, took)
			for _, transfer := range []*Transfer{m.Passive.EPSV.Transfer, m.Active.Attempts[0].Transfer} {
				assert.True(t, transfer.Worked())
				assert.Equal(t, "cut", transfer.End)
				assert.Equal(t, 226, transfer.Final.Code)
			}
			assert.Less(t, w.read, 8*maxListing)
		})
	}
}

// Whatever the server sends after its reply to AUTH TLS came from who knows whom, and is not taken for what comes over TLS.
func TestClearTextAfterAUTH(t *testing.T) {
	for name, reply := range map[string]string{
		"in the same segment": "234 go on\r\n331 and your password?\r\n",
		"a byte of it":        "234 go on\r\n2",
		"an empty line":       "234 go on\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.replies["AUTH"] = reply
				m, took, _ := measureWatched(t, n, Explicit)
				assert.Zero(t, took)
				securityFails("TLS handshake", probes.Malformed)(t, m)
				assert.NotContains(t, strings.Join(n.log, "\n"), "PASS")
			})
		})
	}
}

// shortened is a connection that ends when so many bytes were read, of it and of all others that share the count.
type shortened struct {
	net.Conn
	left *int
}

func (s shortened) Read(p []byte) (int, error) {
	if *s.left == 0 {
		return 0, io.EOF
	}
	n, err := s.Conn.Read(p[:min(len(p), *s.left)])
	*s.left -= n
	return n, err
}

// measureCut measures a healthy server whose first control connection ends after so many bytes, and tells how many were read.
func measureCut(t *testing.T, cut int) (m measured, read int) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		n, left := healthy(), cut
		w := onFake(n)
		first := true
		w.dial = func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			conn, err := n.dial(ctx, to)
			if first {
				first = false
				return shortened{conn, &left}, err
			}
			return conn, err
		}
		m = measure(t.Context(), options(w, wait), n.control())
		assert.Zero(t, time.Since(n.start), "the end of a connection is seen at once")
		assert.Empty(t, w.stillOpen())
		assertJSON(t, m)
		n.running.Wait()
		read = cut - left
	})
	return m, read
}

func TestCutAfterEachByte(t *testing.T) {
	m, total := measureCut(t, 1<<20)
	assert.Empty(t, kinds(t, m))
	for cut := range total {
		m, _ := measureCut(t, cut)
		assert.Contains(t, kinds(t, m), probes.Closed, "after %d bytes", cut)
		assert.NotContains(t, kinds(t, m), probes.Interrupted)
		assert.Equal(t, m.Control.Fault == nil, m.Control.LoggedIn)
	}
}

// kinds are the kinds of all faults in a result.
func kinds(t *testing.T, m measured) []probes.Kind {
	t.Helper()
	written, err := json.Marshal(m)
	require.NoError(t, err)
	var tree any
	require.NoError(t, json.Unmarshal(written, &tree))
	return kindsIn(tree)
}

func kindsIn(tree any) (all []probes.Kind) {
	switch node := tree.(type) {
	case []any:
		for _, child := range node {
			all = append(all, kindsIn(child)...)
		}
	case map[string]any:
		for key, child := range node {
			if kind, ok := child.(string); ok && key == "kind" {
				all = append(all, probes.Kind(kind))
			}
			all = append(all, kindsIn(child)...)
		}
	}
	return all
}

// A server, or who sits before it, repeats the password in one of its replies: it is nowhere in what is kept.
func TestPasswordIsRepeated(t *testing.T) {
	texts := map[string]string{
		"in a good reply":          "CODE hunter2\r\n",
		"in a refusal":             "530 the password hunter2 is wrong, hunter2!\r\n",
		"in what is no reply":      "hunter2: what?\r\n",
		"in a line that is cut":    "cut CODE hunter2",
		"in lines":                 "CODE-hunter2\r\n hunter2\r\nCODE hunter2\r\n",
		"in features":              "CODE-Features\r\n hunter2 x\r\n x hunter2\r\nCODE end\r\n",
		"in a line that is long":   "CODE " + strings.Repeat("hunter2", 5000) + "\r\n",
		"as an address":            "CODE connected to hunter2 (hunter2,0,0,1,1,1) (|||hunter2|)\r\n",
		"then a cut":               "cut CODE hunter2\r\n",
		"in a reply without end":   "CODE-x\r\n" + strings.Repeat(strings.Repeat("hunter2 ", 500)+"\r\n", 50),
		"with bytes of another":    "CODE \xff hunter2 \xff\r\n",
		"just before the bound":    "CODE " + strings.Repeat("x", 504) + "hunter2\r\n",
		"across the bound":         "CODE " + strings.Repeat("x", 507) + "hunter2\r\n",
		"across the bound, and on": "CODE " + strings.Repeat("x", 507) + strings.Repeat("hunter2", 50) + "\r\n",
	}
	codes := map[string]int{
		"greeting": 220, "USER": 331, "PASS": 230, "FEAT": 211, "EPSV": 229, "PASV": 227, "NOOP": 200, "150": 150, "226": 226,
		"PORT": 200, "EPRT": 200, "STAT": 211, "AUTH": 234, "PBSZ": 200, "PROT": 200, "QUIT": 221,
	}
	for name, text := range texts {
		t.Run(name, func(t *testing.T) {
			for verb, code := range codes {
				protection := Clear
				if verb == "AUTH" || verb == "PBSZ" || verb == "PROT" {
					protection = Explicit
				}
				synctest.Test(t, func(t *testing.T) {
					n := healthy()
					n.deaf = verb == "STAT" // which is asked only then
					n.silent["EPSV"] = verb == "NOOP"
					if verb == "EPRT" {
						n.replies["PORT"] = "500 no\r\n"
					}
					n.replies[verb] = strings.ReplaceAll(text, "CODE", strconv.Itoa(code))
					m, _, _ := measureWatched(t, n, protection)
					kept, err := json.Marshal(m)
					require.NoError(t, err)
					assert.Contains(t, n.said, verb, "the server came to it")
					for _, part := range []string{"hunt", "ter2"} {
						require.NotContains(t, string(kept), part, verb)
					}
				})
			}
		})
	}
}

func TestPasswordInAnErrorOfTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		fault := &probes.Fault{Step: "handshake", Kind: probes.Other, Message: "x509: cannot parse dnsName \"hunter2\""}
		m, _ := measureFake(t, n, func(o *Options) {
			o.Protection = Explicit
			o.Secure = func(context.Context, net.Conn, time.Duration) (net.Conn, *probes.Fault) { return nil, fault }
		})
		assert.Equal(t, `x509: cannot parse dnsName "****"`, m.Security.Fault.Message)
	})
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		n.tls = serverTLS()
		fault := &probes.Fault{Step: "handshake", Kind: probes.Other, Message: "x509: cannot parse dnsName \"hunter2\""}
		m, _ := measureFake(t, n, func(o *Options) {
			*o = withTLS(*o, Explicit)
			o.SecureData = func(context.Context, net.Conn, time.Duration, bool) (DataTLS, *probes.Fault) {
				return DataTLS{}, fault
			}
		})
		fails(m.Passive.EPSV.Transfer.Fault, "data TLS handshake", probes.Other)(t)
		assert.Equal(t, `x509: cannot parse dnsName "****"`, m.Passive.EPSV.Transfer.Fault.Message)
	})
}

// TestSilentDataTLS has a server that leaves the ClientHello of a data connection unanswered: the network was silent, we did not
// stop.
func TestSilentDataTLS(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		n := healthy()
		n.tls = serverTLS()
		m, _ := measureFake(t, n, func(o *Options) {
			*o = withTLS(*o, Explicit)
			o.SecureData = func(ctx context.Context, conn net.Conn, wait time.Duration, _ bool) (DataTLS, *probes.Fault) {
				defer probes.Within(ctx, conn, wait)()
				_, err := conn.Read(make([]byte, 1)) // the server waits for our ClientHello, and so is as silent
				time.Sleep(time.Microsecond)         // of fake time: whatever else ends with the wait has ended
				return DataTLS{}, probes.NewFault(ctx, "handshake", err)
			}
		})
		fails(m.Passive.EPSV.Transfer.Fault, "data TLS handshake", probes.Timeout)(t)
	})
}

func TestMask(t *testing.T) {
	for name, test := range map[string]struct{ password, text, want string }{
		"as it is":                      {"hunter2", "hunter2 and hunter2", "**** and ****"},
		"in UTF-8":                      {"pässwört", "pässwört", "****"},
		"in Latin-1":                    {"pässwört", "p\xe4ssw\xf6rt", "****"},
		"beyond Latin-1":                {"pä€", "pä€ p\xe4", "**** p\xe4"},
		"bytes that are not UTF-8":      {"p\xe4ss", "p\xe4ss", "****"},
		"none, which is not looked for": {"", "nothing", "nothing"},
	} {
		t.Run(name, func(t *testing.T) {
			s := session{o: Options{Password: test.password, Secret: true}}
			assert.Equal(t, test.want, s.mask(test.text))
			s.o.Secret = false
			assert.Equal(t, test.text, s.mask(test.text))
		})
	}
}
