package dns

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/net/dns/dnsmessage"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// handler makes a server's replies to a query that came over "udp" or "tcp"; none is silence.
type handler func(network string, query dnsmessage.Message) [][]byte

// silent is a server that answers nothing.
func silent(string, dnsmessage.Message) [][]byte { return nil }

// says is a server that answers everything with a code and nothing else.
func says(code dnsmessage.RCode) handler {
	return func(_ string, query dnsmessage.Message) [][]byte { return [][]byte{reply(query, code)} }
}

// has is a server that knows the addresses of some names, and that there are no others.
func has(zone map[string][]string) handler {
	return func(_ string, query dnsmessage.Message) [][]byte {
		q := query.Questions[0]
		addrs, ok := zone[strings.ToLower(q.Name.String())]
		if !ok {
			return [][]byte{reply(query, dnsmessage.RCodeNameError, soa("example."))}
		}
		var records []dnsmessage.Resource
		for _, addr := range addrs {
			if r := address(q.Name.String(), addr); r.Header.Type == q.Type {
				records = append(records, r)
			}
		}
		return [][]byte{reply(query, dnsmessage.RCodeSuccess, records...)}
	}
}

// reply packs a message that answers the query.
func reply(query dnsmessage.Message, code dnsmessage.RCode, answers ...dnsmessage.Resource) []byte {
	m := dnsmessage.Message{
		Header:    dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true, RCode: code},
		Questions: query.Questions,
	}
	for _, r := range answers {
		switch r.Header.Type {
		case dnsmessage.TypeSOA:
			m.Authorities = append(m.Authorities, r)
		case dnsmessage.TypeOPT:
			m.Additionals = append(m.Additionals, r)
		default:
			m.Answers = append(m.Answers, r)
		}
	}
	return pack(m)
}

func pack(m dnsmessage.Message) []byte {
	packed, err := m.Pack()
	if err != nil {
		panic(err)
	}
	return packed
}

func header(name string, kind dnsmessage.Type) dnsmessage.ResourceHeader {
	return dnsmessage.ResourceHeader{Name: dnsmessage.MustNewName(name), Type: kind, Class: dnsmessage.ClassINET, TTL: 60}
}

func address(name, addr string) dnsmessage.Resource {
	ip := netip.MustParseAddr(addr)
	if ip.Is4() {
		return dnsmessage.Resource{Header: header(name, dnsmessage.TypeA), Body: &dnsmessage.AResource{A: ip.As4()}}
	}
	return dnsmessage.Resource{Header: header(name, dnsmessage.TypeAAAA), Body: &dnsmessage.AAAAResource{AAAA: ip.As16()}}
}

func alias(name, target string) dnsmessage.Resource {
	body := &dnsmessage.CNAMEResource{CNAME: dnsmessage.MustNewName(target)}
	return dnsmessage.Resource{Header: header(name, dnsmessage.TypeCNAME), Body: body}
}

func soa(zone string) dnsmessage.Resource {
	body := &dnsmessage.SOAResource{NS: dnsmessage.MustNewName("ns1." + zone), MBox: dnsmessage.MustNewName("admin." + zone)}
	return dnsmessage.Resource{Header: header(zone, dnsmessage.TypeSOA), Body: body}
}

func opt(extended dnsmessage.RCode, options ...dnsmessage.Option) dnsmessage.Resource {
	r := dnsmessage.Resource{Body: &dnsmessage.OPTResource{Options: options}}
	_ = r.Header.SetEDNS0(udpPayload, extended, false)
	return r
}

func hasOPT(query dnsmessage.Message) bool { return len(query.Additionals) > 0 }

// serve runs a handler on a loopback port, over UDP and TCP, until the test ends.
func serve(t *testing.T, handle handler) netip.AddrPort {
	t.Helper()
	udp, tcp := listenBoth(t)
	var serving sync.WaitGroup
	serving.Go(func() { serveUDP(udp, handle) })
	serving.Go(func() { serveTCP(tcp, handle) })
	t.Cleanup(func() {
		_, _ = udp.Close(), tcp.Close()
		serving.Wait()
	})
	return udp.LocalAddr().(*net.UDPAddr).AddrPort()
}

// listenBoth finds a port that is free for UDP and TCP.
func listenBoth(t *testing.T) (*net.UDPConn, net.Listener) {
	t.Helper()
	for range 20 {
		udp, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)})
		require.NoError(t, err)
		tcp, err := net.Listen("tcp4", udp.LocalAddr().String())
		if err == nil {
			return udp, tcp
		}
		_ = udp.Close()
	}
	t.Fatal("no port is free for both UDP and TCP")
	return nil, nil
}

func serveUDP(conn *net.UDPConn, handle handler) {
	buffer := make([]byte, maxDatagram)
	for {
		n, client, err := conn.ReadFromUDP(buffer)
		if err != nil {
			return
		}
		for _, message := range replies("udp", buffer[:n], handle) {
			_, _ = conn.WriteToUDP(message, client)
		}
	}
}

func serveTCP(listener net.Listener, handle handler) {
	var serving sync.WaitGroup
	defer serving.Wait()
	for {
		conn, err := listener.Accept()
		if err != nil {
			return
		}
		serving.Go(func() {
			defer func() { _ = conn.Close() }()
			query, err := readFramed(conn)
			if err != nil {
				return
			}
			for _, message := range replies("tcp", query, handle) {
				_, _ = conn.Write(append(binary.BigEndian.AppendUint16(nil, uint16(len(message))), message...))
			}
			_, _ = io.Copy(io.Discard, conn) // until the client is done
		})
	}
}

func replies(network string, raw []byte, handle handler) [][]byte {
	var query dnsmessage.Message
	if err := query.Unpack(raw); err != nil {
		panic(fmt.Sprintf("the query cannot be read: %v", err))
	}
	return handle(network, query)
}

// fakeNetwork carries questions in fake time to servers that answer after a while.
type fakeNetwork map[netip.AddrPort]fakeServer

type fakeServer struct {
	after  time.Duration
	handle handler
}

func (n fakeNetwork) exchange(ctx context.Context, network string, to netip.AddrPort, raw []byte) ([]byte, error) {
	server := n[to]
	messages := replies(network, raw, server.handle)
	if len(messages) == 0 {
		<-ctx.Done()
		return nil, ctx.Err()
	}
	select {
	case <-time.After(server.after):
		return messages[0], nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// in puts an answer into a line: "udp ftp.example. A NOERROR 192.0.2.1".
func in(a Answer) string {
	words := []string{a.Transport, a.Name, a.Type}
	if a.CheckingDisabled {
		words = append(words, "CD")
	}
	if a.WithoutEDNS {
		words = append(words, "plain")
	}
	if a.Code != "" {
		words = append(words, a.Code)
	}
	if a.Truncated {
		words = append(words, "TC")
	}
	for _, addr := range a.Addresses {
		words = append(words, addr.String())
	}
	if a.Fault != nil {
		words = append(words, string(a.Fault.Kind))
	}
	return strings.Join(words, " ")
}

// lines are the answers, one line each.
func lines(answers []Answer) []string {
	var all []string
	for _, a := range answers {
		all = append(all, in(a))
	}
	return all
}

func addrs(texts ...string) []netip.Addr {
	var all []netip.Addr
	for _, text := range texts {
		all = append(all, netip.MustParseAddr(text))
	}
	return all
}
