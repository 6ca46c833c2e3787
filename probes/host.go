package probes

import (
	"context"
	"net"
	"net/netip"
	"time"
)

// Host is the machine that measures. The zero Host is this machine; tests put functions of their own in its fields.
type Host struct {
	// From is where packets are to leave by, and from; it holds for whatever the functions below do not stand in for.
	From Origin
	// Family is 4 or 6 where that family alone is to be used; 0 for both.
	Family int
	// Dial connects to a TCP address, as DialTCP does.
	Dial func(ctx context.Context, to netip.AddrPort) (net.Conn, error)
	// DialTTL connects to a TCP address with packets of that TTL, as DialHop does.
	DialTTL func(ctx context.Context, to netip.AddrPort, ttl int) (net.Conn, error)
	// DialMSS connects to a TCP address with segments of at most mss bytes, as DialSegments does.
	DialMSS func(ctx context.Context, to netip.AddrPort, mss int) (net.Conn, error)
	// Listen opens a TCP listener on a local address.
	Listen func(ctx context.Context, on netip.AddrPort) (net.Listener, error)
	// Exchange sends one DNS message to a server over "udp" or "tcp" and returns the raw answer.
	Exchange func(ctx context.Context, network string, server netip.AddrPort, query []byte) ([]byte, error)
	// Lookup resolves a name the system's way.
	Lookup func(ctx context.Context, name string) ([]netip.Addr, error)
}

// DialTCP connects to an address: over h.Dial, or from this machine. Where an ICMP error was the reason of a failure, it is in
// the error's chain (errors.As with *ICMP). The wait ends with ctx.
func (h Host) DialTCP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	if h.Dial != nil {
		return h.Dial(ctx, to)
	}
	return h.From.dialTCP(ctx, to)
}

// DialHop tries a connection whose packets live for ttl hops, from 1 to 255, and no longer: over h.DialTTL, or from this machine. That
// the TTL ran out on the way is an error with the device that said so (*ICMP) in its chain. The connection, where there is one, keeps
// its TTL. The wait ends with ctx. On systems other than Linux and Windows, and over an h.Dial alone, the error is a *Fault of kind
// Unsupported.
func (h Host) DialHop(ctx context.Context, to netip.AddrPort, ttl int) (net.Conn, error) {
	if h.DialTTL != nil {
		return h.DialTTL(ctx, to, ttl)
	}
	if h.Dial != nil { // that one's network is not this machine's
		return nil, &Fault{Step: "SYN", Kind: Unsupported, Message: "this machine does not send packets of a given TTL"}
	}
	return h.From.dial(ctx, to, packets{ttl: ttl})
}

// DialSegments connects as DialTCP does, with segments of at most mss bytes both ways, from 88 to 32767: over h.DialMSS, or from this
// machine. Zero leaves that to the system, and is DialTCP. An MSS of 1200 fits into every packet that IPv6 promises to carry (RFC 8200
// §5), so that such a connection does without path MTU discovery. On systems other than Linux, and over an h.Dial alone, the error is a
// *Fault of kind Unsupported.
func (h Host) DialSegments(ctx context.Context, to netip.AddrPort, mss int) (net.Conn, error) {
	if mss == 0 {
		return h.DialTCP(ctx, to)
	}
	if h.DialMSS != nil {
		return h.DialMSS(ctx, to, mss)
	}
	if h.Dial != nil { // that one's network is not this machine's
		return nil, &Fault{Step: "connect", Kind: Unsupported, Message: "this machine does not choose the length of its segments"}
	}
	return h.From.dial(ctx, to, packets{mss: mss})
}

// DialUDP connects a UDP socket, on which ICMP errors are reported: a read or write that fails gets its reason from ErrorOf.
func (h Host) DialUDP(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	return h.From.dialer("udp", to.Addr(), nil).DialContext(ctx, "udp", to.String())
}

// Wants says that an address is of a family that is to be used.
func (h Host) Wants(addr netip.Addr) bool {
	return h.Family == 0 || addr.Unmap().Is4() == (h.Family == 4)
}

// Resolve gives the addresses of a name that are of a wanted family, IPv4 in its plain form: over h.Lookup, or the system's way, which
// asks by whatever interface it likes.
func (h Host) Resolve(ctx context.Context, name string) ([]netip.Addr, error) {
	look := h.Lookup
	if look == nil {
		network := map[int]string{0: "ip", 4: "ip4", 6: "ip6"}[h.Family]
		look = func(ctx context.Context, name string) ([]netip.Addr, error) {
			return net.DefaultResolver.LookupNetIP(ctx, network, name)
		}
	}
	found, err := look(ctx, name)
	var addrs []netip.Addr
	for _, addr := range found {
		if h.Wants(addr) {
			addrs = append(addrs, addr.Unmap())
		}
	}
	return addrs, err
}

// ListenTCP opens a listener on a local address: over h.Listen, or on this machine, where it hears what comes by h.From's interface.
func (h Host) ListenTCP(ctx context.Context, on netip.AddrPort) (net.Listener, error) {
	if h.Listen != nil {
		return h.Listen(ctx, on)
	}
	config := net.ListenConfig{Control: h.From.Toward(on.Addr()).bind}
	config.SetMultipathTCP(false)
	return config.Listen(ctx, "tcp", on.String())
}

// Transport is what the kernel knows of a TCP connection (TCP_INFO, tcp(7); macOS: TCP_CONNECTION_INFO, netinet/tcp.h; Windows:
// SIO_TCP_INFO, mstcpip.h). Its zero value says that it does not tell.
type Transport struct {
	// Partial says that the system tells RTT and Retransmits alone: where the others are zero, that means nothing. Linux tells all.
	Partial bool `json:"partial,omitempty"`
	// RTT is the kernel's smoothed round-trip time.
	RTT Millis `json:"rtt_ms,omitzero"`
	// RTTVar is the kernel's mean deviation of round-trip times. After a single one, as of a handshake, it is half of that (RFC 6298 §2.2).
	RTTVar Millis `json:"rttvar_ms,omitzero"`
	// MinRTT is the shortest round-trip time that the kernel has seen on the connection.
	MinRTT Millis `json:"min_rtt_ms,omitzero"`
	// SendMSS is the longest segment that we send, in bytes.
	SendMSS uint32 `json:"send_mss,omitempty"`
	// PathMTU is the longest packet that the path carries as far as the kernel knows, in bytes: that of the interface, where nobody told
	// of less (RFC 1191, RFC 8201).
	PathMTU uint32 `json:"path_mtu,omitempty"`
	// Retransmits counts all segments that were sent again.
	Retransmits uint32 `json:"retransmits,omitempty"`
	// Unacked counts segments sent that the peer has not acknowledged.
	Unacked uint32 `json:"unacked,omitempty"`
	// BytesAcked counts our bytes that the peer has acknowledged.
	BytesAcked uint64 `json:"bytes_acked,omitempty"`
	// BytesReceived counts the bytes that the peer sent and we acknowledged.
	BytesReceived uint64 `json:"bytes_received,omitempty"`
	// LocalFailures is how far the kernel's count of segments that it could not send again (TCPRetransFail, /proc/net/netstat) rose
	// during an attempt that timed out: this machine drops them itself. The count is of the whole machine.
	LocalFailures uint64 `json:"local_failures,omitempty"`
	// LocalDrops is how many packets came in during an attempt that timed out and were delivered to nobody (CountDropped): this machine
	// drops them itself. The count is of the whole machine.
	LocalDrops uint64 `json:"local_drops,omitempty"`
	// OutOfOrder counts segments that arrived before their turn: the tail of a flight whose head was lost.
	OutOfOrder uint32 `json:"out_of_order,omitempty"`
}

// Counts says that the kernel tells all that is asked: a zero is a count, and not silence.
func (t Transport) Counts() bool { return t != (Transport{}) && !t.Partial }

// AddrPortOf is the address of one end of a connection, IPv4 in its plain form. It is invalid for what is not TCP or UDP.
func AddrPortOf(addr net.Addr) netip.AddrPort {
	var ap netip.AddrPort
	switch a := addr.(type) {
	case *net.TCPAddr:
		ap = a.AddrPort()
	case *net.UDPAddr:
		ap = a.AddrPort()
	default:
		return ap
	}
	return netip.AddrPortFrom(ap.Addr().Unmap(), ap.Port())
}

// Within bounds every read and write on conn by wait from now, and by ctx until the returned function is called, once. The zero
// wait means that only ctx bounds them. The deadline stays on conn: whoever uses it next sets another.
func Within(ctx context.Context, conn net.Conn, wait time.Duration) (release func()) {
	deadline := time.Time{}
	if wait > 0 {
		deadline = time.Now().Add(wait)
	}
	_ = conn.SetDeadline(deadline) // a connection without deadlines fails at its next read or write
	ended := make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		_ = conn.SetDeadline(time.Unix(1, 0))
		close(ended)
	})
	return func() {
		if !stop() {
			<-ended // or it could end what comes after on conn
		}
	}
}
