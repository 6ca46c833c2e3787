package dns

import (
	"context"
	"net"
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// ask measures the IPv4 addresses of ftp.example with real sockets at one server alone.
func ask(t *testing.T, server netip.AddrPort, timeout time.Duration) []Answer {
	t.Helper()
	return measureAt(t, server, "ftp.example", Options{Timeout: timeout, Host: probes.Host{Family: 4}})
}

// measureAt measures a name with real sockets at one server alone.
func measureAt(t *testing.T, server netip.AddrPort, name string, o Options) []Answer {
	t.Helper()
	o.Host.Lookup = fails(0, noSuchHost)
	o.HostsFile = filepath.Join(t.TempDir(), "none")
	config := Config{Servers: []netip.AddrPort{server}, Ndots: 1}
	return Measure(t.Context(), o, config, name, func([]netip.Addr) {}).Direct
}

// exchangeOnce asks for the IPv4 addresses of a name with one real socket.
func exchangeOnce(t *testing.T, network string, server netip.AddrPort, name string) (Answer, error) {
	t.Helper()
	q := question{server: server, transport: network, name: name, qtype: dnsmessage.TypeA, edns: true}
	query, err := q.pack()
	require.NoError(t, err)
	answer := q.answer()
	raw, _, err := exchange(t.Context(), probes.Host{}, network, server, query)
	if err == nil {
		answer.read(raw)
	}
	return answer, err
}

func TestServersOverRealSockets(t *testing.T) {
	ok := "udp ftp.example. A NOERROR 203.0.113.5 203.0.113.6"
	tests := []struct {
		name   string
		server handler
		want   []string
	}{
		{"healthy", healthy, []string{ok}},
		{"no such name", has(nil), []string{"udp ftp.example. A NXDOMAIN"}},
		{"no address", has(map[string][]string{"ftp.example.": {"2001:db8::1"}}), []string{"udp ftp.example. A NOERROR"}},
		{"refused", says(dnsmessage.RCodeRefused), []string{"udp ftp.example. A REFUSED"}},
		{"fails", says(dnsmessage.RCodeServerFailure), []string{"udp ftp.example. A SERVFAIL", "udp ftp.example. A CD SERVFAIL", "udp ftp.example. A plain SERVFAIL"}},
		{"fails only when it checks", func(n string, q dnsmessage.Message) [][]byte {
			if q.CheckingDisabled {
				return healthy(n, q)
			}
			return [][]byte{reply(q, dnsmessage.RCodeServerFailure)}
		}, []string{"udp ftp.example. A SERVFAIL", "udp ftp.example. A CD NOERROR 203.0.113.5 203.0.113.6"}},
		{"does not know EDNS", func(n string, q dnsmessage.Message) [][]byte {
			if !hasOPT(q) {
				return healthy(n, q)
			}
			q.Questions = nil
			return [][]byte{reply(q, dnsmessage.RCodeFormatError)}
		}, []string{"udp ftp.example. A FORMERR", "udp ftp.example. A plain NOERROR 203.0.113.5 203.0.113.6"}},
		{"truncates over UDP", func(n string, q dnsmessage.Message) [][]byte {
			if n == "tcp" {
				return healthy(n, q)
			}
			q.Truncated = true
			return [][]byte{truncated(q)}
		}, []string{"udp ftp.example. A NOERROR TC", "tcp ftp.example. A NOERROR 203.0.113.5 203.0.113.6"}},
		{"truncates, and fails over TCP", func(n string, q dnsmessage.Message) [][]byte {
			if n == "tcp" {
				return [][]byte{reply(q, dnsmessage.RCodeServerFailure)}
			}
			return [][]byte{truncated(q)}
		}, []string{"udp ftp.example. A NOERROR TC", "tcp ftp.example. A SERVFAIL", "tcp ftp.example. A CD SERVFAIL"}},
		{"others' answers come first", func(n string, q dnsmessage.Message) [][]byte {
			return append(forgeries(q), healthy(n, q)...)
		}, []string{ok}},
		{"others' answers come first over TCP", func(n string, q dnsmessage.Message) [][]byte {
			if n == "udp" {
				return [][]byte{truncated(q)}
			}
			return append(forgeries(q), healthy(n, q)...)
		}, []string{"udp ftp.example. A NOERROR TC", "tcp ftp.example. A NOERROR 203.0.113.5 203.0.113.6"}},
		{"others' answers without end over TCP", func(n string, q dnsmessage.Message) [][]byte {
			if n == "udp" {
				return [][]byte{truncated(q)}
			}
			return append(append(forgeries(q), forgeries(q)...), forgeries(q)...)
		}, []string{"udp ftp.example. A NOERROR TC", "tcp ftp.example. A malformed"}},
		{"an answer that breaks off", func(n string, q dnsmessage.Message) [][]byte {
			whole := healthy(n, q)[0]
			return [][]byte{whole[:len(whole)-2]}
		}, []string{"udp ftp.example. A NOERROR 203.0.113.5 malformed"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, lines(ask(t, serve(t, test.server), wait)))
		})
	}
}

func truncated(query dnsmessage.Message) []byte {
	return pack(dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, Truncated: true},
		Questions: query.Questions,
		Answers:   []dnsmessage.Resource{address("ftp.example.", "203.0.113.66")},
	})
}

// forgeries are messages that do not answer the query, each for a reason of its own.
func forgeries(query dnsmessage.Message) [][]byte {
	forged := address("ftp.example.", "203.0.113.66")
	change := func(f func(m *dnsmessage.Message)) []byte {
		m := dnsmessage.Message{
			Header:    dnsmessage.Header{ID: query.ID, Response: true},
			Questions: []dnsmessage.Question{query.Questions[0]},
			Answers:   []dnsmessage.Resource{forged},
		}
		f(&m)
		return pack(m)
	}
	return [][]byte{
		change(func(m *dnsmessage.Message) { m.ID++ }),
		change(func(m *dnsmessage.Message) { m.Response = false }),
		change(func(m *dnsmessage.Message) { m.Questions[0].Name = dnsmessage.MustNewName("other.example.") }),
		change(func(m *dnsmessage.Message) { m.Questions[0].Type = dnsmessage.TypeAAAA }),
		change(func(m *dnsmessage.Message) { m.Questions[0].Class = dnsmessage.ClassCHAOS }),
		change(func(m *dnsmessage.Message) { m.Questions = nil }),
		[]byte("220 this is not DNS\r\n"),
		{},
	}
}

func TestSilentServerOverRealSockets(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, silent), 1500*time.Millisecond)
	assert.Equal(t, []string{"udp ftp.example. A timeout", "tcp ftp.example. A timeout", "udp ftp.example. A plain timeout"}, lines(got))
	assert.Equal(t, "query", got[0].Fault.Step)
}

func TestOnlyTCPAnswersOverRealSockets(t *testing.T) {
	t.Parallel()
	got := ask(t, serve(t, overTCPOnly), 3*time.Second)
	assert.Equal(t, []string{"tcp ftp.example. A NOERROR 203.0.113.5 203.0.113.6", "udp ftp.example. A timeout", "udp ftp.example. A plain timeout"}, lines(got))
}

func TestConnectionCutOverTCP(t *testing.T) {
	for name, sent := range map[string][]byte{"before the length": {}, "within the length": {1}, "within the message": {0, 40, 7}} {
		t.Run(name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			require.NoError(t, err)
			defer func() { _ = listener.Close() }()
			go func() {
				conn, err := listener.Accept()
				if err != nil {
					return
				}
				_, _ = readFramed(conn)
				_, _ = conn.Write(sent)
				_ = conn.Close()
			}()
			_, err = exchangeOnce(t, "tcp", probes.AddrPortOf(listener.Addr()), "ftp.example.")
			assert.Equal(t, probes.Closed, probes.NewFault(t.Context(), "query", err).Kind)
		})
	}
}

func TestNothingListens(t *testing.T) {
	for _, loopback := range []string{"127.0.0.1", "::1"} {
		t.Run(loopback, func(t *testing.T) {
			closed, err := net.ListenUDP("udp", net.UDPAddrFromAddrPort(netip.AddrPortFrom(netip.MustParseAddr(loopback), 0)))
			if err != nil {
				t.Skip("this machine has no IPv6 on loopback")
			}
			server := probes.AddrPortOf(closed.LocalAddr())
			require.NoError(t, closed.Close())
			got := ask(t, server, wait)
			require.Equal(t, []string{"udp ftp.example. A refused"}, lines(got), "TCP has nothing to add")
			want := map[string]probes.ICMP{
				"127.0.0.1": {Type: 3, Code: 3, From: server.Addr()},
				"::1":       {Type: 1, Code: 4, From: server.Addr()},
			}[loopback]
			assert.Equal(t, &want, got[0].Fault.ICMP)
		})
	}
}

func TestUserStopsOverRealSockets(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := serve(t, func(string, dnsmessage.Message) [][]byte { cancel(); return nil })
	o := Options{Host: probes.Host{Lookup: hangs}, Timeout: time.Hour, HostsFile: filepath.Join(t.TempDir(), "none")}
	got := Measure(ctx, o, Config{Servers: []netip.AddrPort{server}, Ndots: 1}, "ftp.example", nil)
	assert.Equal(t, []string{"udp ftp.example. A interrupted", "udp ftp.example. AAAA interrupted"}, lines(got.Direct))
	assert.True(t, got.System.Fault.Of(probes.Interrupted))
}

func TestNameThatCannotBeAsked(t *testing.T) {
	_, err := question{name: "ftp..example.", qtype: dnsmessage.TypeA}.pack()
	require.Error(t, err)
	_, err = question{name: strings.Repeat("x", 256), qtype: dnsmessage.TypeA}.pack()
	require.Error(t, err)
}
