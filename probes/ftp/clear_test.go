package ftp

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// Text that comes past TLS is kept whole, in however many pieces it comes, as far as its line goes.
func TestTextInClear(t *testing.T) {
	const oops = "500 OOPS: priv_sock_get_cmd\r\n"
	for name, test := range map[string]struct {
		pieces []string
		end    bool // the connection's
		pause  time.Duration
		want   string
		took   time.Duration
	}{
		"in one piece":                           {[]string{oops}, true, 0, oops, 0},
		"in one piece, left open":                {[]string{oops}, false, 0, oops, 0},
		"in two pieces":                          {[]string{oops[:20], oops[20:]}, true, 100 * time.Millisecond, oops, 100 * time.Millisecond},
		"the first shorter than a record header": {[]string{oops[:2], oops[2:]}, true, 0, oops, 0},
		"a byte at a time":                       {strings.Split(oops, ""), true, time.Millisecond, oops, 28 * time.Millisecond},
		"without an end of line":                 {[]string{"500 OOPS: x"}, true, 0, "500 OOPS: x", 0},
		"and the connection stays":               {[]string{"500 OOPS: x"}, false, 0, "500 OOPS: x", time.Second},
		"the rest too late":                      {[]string{"500 OOPS: x", "y\r\n"}, false, 3 * time.Second, "500 OOPS: x", time.Second},
		"a line without end":                     {[]string{"500 " + strings.Repeat("x", 1<<16)}, true, 0, "500 " + strings.Repeat("x", probes.MaxText-7) + "…", 0},
		"with the password":                      {[]string{"500 OOPS: hun", "ter2\r\n"}, true, 0, "500 OOPS: ****\r\n", 0},
		"with a reply before it":                 {[]string{"TLS 220 soon\r\n", oops}, true, 0, oops, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.tls = serverTLS()
				var began time.Time
				n.script = func(raw net.Conn) {
					secured := tls.Server(raw, n.tls)
					if secured.Handshake() != nil {
						return
					}
					began = time.Now()
					for _, piece := range test.pieces {
						if text, ok := strings.CutPrefix(piece, "TLS "); ok {
							_, _ = io.WriteString(secured, strings.Replace(text, "220", "120", 1))
						} else {
							_, _ = io.WriteString(raw, piece)
						}
						time.Sleep(test.pause)
					}
					if !test.end {
						_, _ = io.Copy(io.Discard, raw)
					}
				}
				w := onFake(n)
				client := open(t.Context(), withTLS(options(w, wait), Implicit), "passive", n.control())
				took := time.Since(began)
				client.Close()
				n.running.Wait()
				assert.Empty(t, w.stillOpen())
				fails(client.Control.Fault, "greeting", probes.Malformed)(t)
				assert.Equal(t, test.want, client.Control.InClear)
				assert.Equal(t, test.took, took)
			})
		})
	}
}

// The same from a server, in place of one reply or another.
func TestTextInClearFromAServer(t *testing.T) {
	const oops = "500 OOPS: vsftpd: refusing to run with writable root inside chroot()\r\n"
	for _, drip := range []time.Duration{0, 50 * time.Microsecond} {
		for _, verb := range []string{"USER", "PASS", "PBSZ", "EPSV", "LIST"} {
			t.Run(verb+" "+drip.String(), func(t *testing.T) {
				t.Parallel()
				server := &ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{Drip: drip, PlainReplies: map[string]string{verb: oops}}}
				m := measureServer(t, start(t, server), patience)
				assert.Equal(t, oops, m.Control.InClear)
				assert.Contains(t, kinds(t, m), probes.Malformed)
			})
		}
	}
}

// A listing over TLS that ends with TCP's end alone, and one that does as it should; an upload has no such end to see.
func TestCloseNotify(t *testing.T) {
	for name, test := range map[string]struct {
		version uint16
		entries int
		lacks   bool
	}{
		"TLS 1.2":                   {tls.VersionTLS12, 0, false},
		"TLS 1.3":                   {tls.VersionTLS13, 0, false},
		"TLS 1.3, a longer listing": {tls.VersionTLS13, 300, false},
		"TLS 1.2, none":             {tls.VersionTLS12, 0, true},
		"TLS 1.3, none":             {tls.VersionTLS13, 0, true},
		"TLS 1.3, none, long":       {tls.VersionTLS13, 300, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			config := serverTLS()
			config.MaxVersion = test.version
			server := &ftptest.Server{TLS: config, Entries: test.entries, Faults: ftptest.Faults{NoCloseNotify: test.lacks}}
			onServer(t, server, Explicit, func(c *Client, aids Aids) {
				p := c.Passive(t.Context(), aids)
				assert.True(t, p.EPSV.Worked(), "it is no failure")
				assert.Equal(t, test.lacks, p.EPSV.Transfer.NoCloseNotify)
				a := c.Active(t.Context(), func(context.Context) *Client { return nil })
				assert.Equal(t, test.lacks, a.Attempts[0].Transfer.NoCloseNotify)
				for _, a := range c.Series(t.Context()).Transfers {
					assert.Equal(t, test.lacks && a.Transfer.Command != "STOR", a.Transfer.NoCloseNotify, a.Transfer.Command)
				}
			})
		})
	}
}

// In clear there is no close_notify to miss.
func TestNoCloseNotifyInClear(t *testing.T) {
	onServer(t, &ftptest.Server{Faults: ftptest.Faults{NoCloseNotify: true}}, Clear, func(c *Client, aids Aids) {
		p := c.Passive(t.Context(), aids)
		assert.True(t, p.EPSV.Worked())
		assert.False(t, p.EPSV.Transfer.NoCloseNotify)
	})
}

// What is seen of TLS on a data connection.
func TestDataTLSFacts(t *testing.T) {
	own := serverTLS()
	other := &tls.Config{Certificates: []tls.Certificate{authority.Issue(tlstest.Leaf{Names: []string{"other.test"}})}}
	without := serverTLS()
	without.SessionTicketsDisabled = true
	leaf := func(c *tls.Config) string { return fingerprint(c.Certificates[0].Certificate[0]) }
	for name, test := range map[string]struct {
		server  *ftptest.Server
		full    bool
		want    Transfer
		step    string
		kind    probes.Kind
		neither bool
	}{
		"resumed":                    {server: &ftptest.Server{TLS: own}, want: Transfer{Secured: true, Offered: true, Resumed: true}},
		"a full handshake is wanted": {server: &ftptest.Server{TLS: own}, full: true, want: Transfer{Secured: true, Leaf: leaf(own)}},
		"no tickets":                 {server: &ftptest.Server{TLS: without}, want: Transfer{Secured: true, Leaf: leaf(without)}},
		"another certificate":        {server: &ftptest.Server{TLS: own, Faults: ftptest.Faults{DataTLS: other}}, want: Transfer{Secured: true, Offered: true, Leaf: leaf(other)}},
		"resumption is demanded":     {server: &ftptest.Server{TLS: own, Faults: ftptest.Faults{ReuseDemanded: true}}, want: Transfer{Secured: true, Offered: true, Resumed: true}},
		"and not offered": {
			server: &ftptest.Server{TLS: own, Faults: ftptest.Faults{ReuseDemanded: true}}, full: true,
			want: Transfer{Secured: true, Leaf: leaf(own)}, step: "final reply", kind: probes.Negative,
		},
		"and not offered, before 150": {
			server: &ftptest.Server{TLS: own, Faults: ftptest.Faults{ReuseDemanded: true, HandshakeFirst: true}}, full: true,
			want: Transfer{Secured: true, Leaf: leaf(own)}, step: "LIST", kind: probes.Negative,
		},
		"in clear": {
			server: &ftptest.Server{TLS: own, Faults: ftptest.Faults{DataPlain: true}},
			want:   Transfer{Offered: true, InClear: "-rw-r"}, step: "data TLS handshake", kind: probes.Other,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := onThisMachine()
			o := withTLS(options(w, patience), Explicit)
			o.FullTLS = test.full
			withClient(t, w, o, start(t, test.server).Addr, func(c *Client) {
				got := c.Attempt(t.Context(), "EPSV", FullTLS).Transfer
				require.NotNil(t, got)
				assert.Equal(t, test.want, Transfer{
					Secured: got.Secured, Offered: got.Offered, Resumed: got.Resumed, Leaf: got.Leaf, InClear: got.InClear,
				})
				if test.step == "" {
					assert.True(t, got.Worked(), "%v", got.Fault)
					return
				}
				fails(got.Fault, test.step, test.kind)(t)
			})
		})
	}
}

// A server that leaves the ClientHello of a data connection unanswered, and one that has the listing refused by then.
func TestSilentDataTLSAtAServer(t *testing.T) {
	t.Parallel()
	server := start(t, &ftptest.Server{TLS: serverTLS(), Faults: ftptest.Faults{DataTLSSilent: true}})
	w := onThisMachine()
	withClient(t, w, withTLS(options(w, briefly), Explicit), server.Addr, func(c *Client) {
		got := c.Attempt(t.Context(), "EPSV", ResumedTLS).Transfer
		fails(got.Fault, "data TLS handshake", probes.Timeout)(t)
		assert.Equal(t, 150, got.Opening.Code)
		assert.Equal(t, 426, got.Final.Code, "after our close")
		assert.False(t, got.Secured)
		assert.True(t, c.Ready())
	})
}

// A handshake on a data connection that fails: its fault, and what was seen, are the transfer's; the final reply is read all the same.
func TestFaultOfDataTLS(t *testing.T) {
	for name, kind := range map[string]probes.Kind{"an alert": probes.Alert, "a reset": probes.Reset, "no TLS": probes.Malformed} {
		t.Run(name, func(t *testing.T) {
			server := start(t, &ftptest.Server{TLS: serverTLS()})
			w := onThisMachine()
			o := withTLS(options(w, patience), Explicit)
			o.SecureData = func(context.Context, net.Conn, time.Duration, bool) (DataTLS, *probes.Fault) {
				seen := DataTLS{Offered: true, InClear: "hunter2 in clear"}
				return seen, &probes.Fault{Step: "handshake", Kind: kind, Message: "hunter2", ICMP: &probes.ICMP{From: netip.MustParseAddr("192.0.2.1")}}
			}
			withClient(t, w, o, server.Addr, func(c *Client) {
				for _, got := range []*Transfer{
					c.Attempt(t.Context(), "EPSV", FullTLS).Transfer, c.AttemptActive(t.Context(), "PORT", FullTLS).Transfer,
				} {
					fails(got.Fault, "data TLS handshake", kind)(t)
					assert.Equal(t, "****", got.Fault.Message)
					assert.Equal(t, "192.0.2.1", got.Fault.ICMP.From.String())
					assert.Equal(t, "**** in clear", got.InClear)
					assert.True(t, got.Offered)
					assert.Equal(t, 150, got.Opening.Code)
					assert.Equal(t, 522, got.Final.Code)
				}
				assert.True(t, c.Ready())
			})
		})
	}
}
