package clock

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Bounds on an inquiry.
const (
	maxAddresses = 4               // of a name
	maxForeign   = 64              // packets that do not answer the request
	again        = 2 * time.Second // after which the request is repeated, as in a burst (RFC 5905 §13)
)

// ntpPort is the one of RFC 5905 §7.2.
const ntpPort = 123

// askServer asks the addresses of a time server at once.
func askServer(ctx context.Context, host probes.Host, o Options) []NTP {
	addresses, fault := resolve(ctx, host, o)
	if fault != nil {
		return []NTP{{Server: o.NTP, Fault: fault}}
	}
	answers := make([]NTP, len(addresses))
	var asking sync.WaitGroup
	for i, to := range addresses {
		asking.Go(func() {
			answers[i] = NTP{Server: o.NTP, Address: to}
			answers[i].ask(ctx, host, o.Wait)
		})
	}
	asking.Wait()
	return answers
}

// resolve finds the addresses of the time server.
func resolve(ctx context.Context, host probes.Host, o Options) ([]netip.AddrPort, *probes.Fault) {
	name, port, ok := splitServer(o.NTP)
	if !ok {
		return nil, &probes.Fault{Step: "lookup", Kind: probes.Malformed, Message: "neither HOST nor HOST:PORT"}
	}
	if addr, err := netip.ParseAddr(name); err == nil {
		return []netip.AddrPort{netip.AddrPortFrom(addr.Unmap(), port)}, nil
	}
	looking, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	addrs, err := host.Resolve(looking, name)
	if fault := lookupFault(ctx, err); fault != nil {
		return nil, fault
	}
	var found []netip.AddrPort
	for _, addr := range addrs {
		to := netip.AddrPortFrom(addr, port)
		if !slices.Contains(found, to) && len(found) < maxAddresses {
			found = append(found, to)
		}
	}
	if len(found) == 0 {
		return nil, &probes.Fault{Step: "lookup", Kind: probes.NotFound, Message: "no address"}
	}
	return found, nil
}

// lookupFault tells a name that does not exist from a lookup that did not work.
func lookupFault(ctx context.Context, err error) *probes.Fault {
	fault := probes.NewFault(ctx, "lookup", err)
	if dnsError, ok := errors.AsType[*net.DNSError](err); ok && dnsError.IsNotFound {
		fault.Kind = probes.NotFound
	}
	return fault
}

// splitServer takes HOST or HOST:PORT apart; an IPv6 address may stand in brackets, and must where a port follows.
func splitServer(text string) (host string, port uint16, ok bool) {
	if _, err := netip.ParseAddr(text); err == nil {
		return text, ntpPort, true
	}
	if inner, ok := strings.CutPrefix(text, "["); ok && strings.HasSuffix(inner, "]") {
		inner = strings.TrimSuffix(inner, "]")
		addr, err := netip.ParseAddr(inner)
		return inner, ntpPort, err == nil && addr.Is6()
	}
	if !strings.ContainsAny(text, ":[]") {
		return text, ntpPort, text != ""
	}
	host, number, err := net.SplitHostPort(text)
	value, bad := strconv.ParseUint(number, 10, 16)
	return host, uint16(value), err == nil && bad == nil && host != "" && value != 0
}

// inquiry is what was asked of one address.
type inquiry struct {
	conn    net.Conn
	sent    map[uint64]time.Time // when each request was, by the number in it
	foreign int                  // packets that answer none
}

// ask makes one exchange, and sends the request a second time where nothing answers the first.
func (n *NTP) ask(ctx context.Context, host probes.Host, wait time.Duration) {
	conn, err := host.DialUDP(ctx, n.Address)
	if n.Fault = probes.NewFault(ctx, "request", err); n.Fault != nil {
		return
	}
	defer func() { _ = conn.Close() }() // nothing more is expected of it
	q := &inquiry{conn: conn, sent: make(map[uint64]time.Time)}
	first := min(again, wait/2)
	for _, patience := range []time.Duration{first, wait - first} {
		if n.Fault = q.send(ctx); n.Fault != nil {
			return
		}
		n.Fault = n.receive(ctx, q, patience)
		if !n.Fault.Of(probes.Timeout) {
			return
		}
	}
	if q.foreign > 0 {
		n.Fault = foreign(q.foreign)
	}
}

// send sends a request with a number that nobody can guess who does not see it, and that tells nobody our time.
func (q *inquiry) send(ctx context.Context) *probes.Fault {
	number := make([]byte, 8)
	_, _ = rand.Read(number) // never fails
	cookie := binary.BigEndian.Uint64(number)
	defer probes.Within(ctx, q.conn, time.Second)() // a datagram does not wait
	q.sent[cookie] = time.Now()
	_, err := q.conn.Write(newRequest(cookie))
	return probes.NewFault(ctx, "request", probes.ErrorOf(q.conn, err))
}

// receive takes the first packet that answers one of our requests. What does not is passed over, for anybody may have sent it.
func (n *NTP) receive(ctx context.Context, q *inquiry, wait time.Duration) *probes.Fault {
	defer probes.Within(ctx, q.conn, wait)()
	packet := make([]byte, 512)
	for q.foreign < maxForeign {
		size, err := q.conn.Read(packet)
		arrived := time.Now()
		if err != nil {
			return probes.NewFault(ctx, "answer", probes.ErrorOf(q.conn, err))
		}
		a, err := parseAnswer(packet[:size])
		sent, ours := q.sent[a.origin]
		if err == nil && ours {
			return n.take(a, sent, arrived.Sub(sent))
		}
		q.foreign++
	}
	return foreign(q.foreign)
}

func foreign(count int) *probes.Fault {
	return &probes.Fault{Step: "answer", Kind: probes.Malformed, Message: fmt.Sprintf("%d packets came, and none answers the request", count)}
}

// take measures by an answer to a request that was sent at a time of this machine's clock, and took so long.
func (n *NTP) take(a answer, sent time.Time, took time.Duration) *probes.Fault {
	n.Stratum = a.stratum
	if reason := a.refusal(); reason != "" {
		return &probes.Fault{Step: "answer", Kind: probes.Negative, Message: reason}
	}
	// The formulae of RFC 5905 §8, by this machine's wall clock at the start and its monotonic clock from there on.
	departed := sent.Round(0)
	arrived := departed.Add(took)
	held := a.transmit.Sub(a.receive)
	if a.transmit.IsZero() || a.receive.IsZero() || held < 0 || held > took+time.Second {
		return &probes.Fault{Step: "answer", Kind: probes.Malformed, Message: "the server's times contradict each other"}
	}
	n.Offset = probes.Millis((a.receive.Sub(departed) + a.transmit.Sub(arrived)) / 2)
	n.RoundTrip = probes.Millis(max(took-held, 0)) // clocks that run at different speeds may come out below zero
	n.Usable = true
	return nil
}

// maxDistance is the error from which on a server counts as not synchronized (RFC 5905 §7.2 MAXDISP, §A.5.1.1).
const maxDistance = 16 * time.Second

// refusal is why the server says itself that its time is of no use; empty where it does not.
func (a answer) refusal() string {
	switch {
	case a.stratum == 0 && isKissCode(a.referenceID):
		return "the server sends the kiss code " + string(a.referenceID[:])
	case a.stratum == 0 || a.stratum > 15:
		return fmt.Sprintf("the server is not synchronized (stratum %d)", a.stratum)
	case a.leap == leapAlarm:
		return "the server is not synchronized (leap indicator 3)"
	case a.rootDistance >= maxDistance:
		return fmt.Sprintf("the server's own clock may be wrong by %s", a.rootDistance.Round(time.Second))
	}
	return ""
}

// isKissCode says that a reference identifier is a kiss code (RFC 5905 §7.4): four letters, such as RATE and DENY.
func isKissCode(id [4]byte) bool {
	return !slices.ContainsFunc(id[:], func(b byte) bool { return b < 'A' || b > 'Z' })
}
