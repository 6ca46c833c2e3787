// Package proxy measures whether a proxy opens a tunnel to a host (CONNECT, RFC 9110 §9.3.6).
package proxy

import (
	"bufio"
	"context"
	"encoding/base64"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Result is one request for a tunnel, and what the proxy answered.
type Result struct {
	// Proxy is the proxy's URL, without its login.
	Proxy string `json:"proxy"`
	// Address is where the proxy was reached, or tried last.
	Address netip.AddrPort `json:"address,omitzero"`
	// To is where the tunnel was to lead: "HOST:PORT". The proxy looks the name up by itself.
	To string `json:"to"`
	// LoginSent says that a login was sent with the request (RFC 7617). It is shown nowhere.
	LoginSent bool `json:"login_sent,omitempty"`
	// Status is the status code; 0 where none came. Any of 2xx says that there is a tunnel.
	Status int `json:"status,omitempty"`
	// Reason is the reason phrase.
	Reason string `json:"reason,omitempty"`
	// Answer is what the target said through the tunnel, in a few words: "220", "TLS 1.3", "HTTP 204". It is empty where nothing came,
	// and where the target's protocol has the client speak first in words that are not known.
	Answer string `json:"answer,omitempty"`
	// Took is the time from the first packet to the proxy's answer, or to the failure.
	Took probes.Millis `json:"took_ms"`
	// Fault is why there is no tunnel: step "proxy" where it is of a kind that is not spoken here, "lookup", "connect", "request" or
	// "response". It is Negative where the proxy refused.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Options say what is asked of whom.
type Options struct {
	// Proxy is the proxy. Its login is sent to it.
	Proxy *url.URL
	// To is where the tunnel is to lead: "HOST:PORT".
	To string
	// Agent is the User-Agent header's value.
	Agent string
	// Wait is the longest time for the lookup, for the connection and for the answer, each.
	Wait time.Duration
}

// Bounds on what a proxy may make us read and try.
const (
	maxHead      = 64 << 10 // bytes of all heads
	maxInterim   = 8        // responses before the final one (RFC 9110 §15.2)
	maxAddresses = 3        // of the proxy's name
)

// Connect asks a proxy for a tunnel. The connection is nil where the result has a Fault; otherwise it leads through the tunnel, and is
// the caller's to close.
func Connect(ctx context.Context, host probes.Host, o Options) (Result, net.Conn) {
	start := time.Now()
	r := Result{Proxy: o.Proxy.Scheme + "://" + o.Proxy.Host, To: o.To, LoginSent: o.Proxy.User != nil}
	conn, fault := r.open(ctx, host, o)
	if fault != nil && conn != nil {
		_ = conn.Close()
		conn = nil
	}
	r.Took, r.Fault = probes.Since(start), fault
	r.hide(o.Proxy.User)
	return r, conn
}

// hide masks a login in what the proxy said: some repeat the request that they complain of.
func (r *Result) hide(login *url.Userinfo) {
	if login == nil {
		login = url.User("")
	}
	texts := []*string{&r.Reason}
	if r.Fault != nil {
		texts = append(texts, &r.Fault.Message)
	}
	password, _ := login.Password()
	for _, text := range texts {
		for _, secret := range []string{basic(login), login.String(), password} {
			if secret != "" {
				*text = strings.ReplaceAll(*text, secret, "****")
			}
		}
		*text = probes.Bound(*text)
	}
}

// basic is a login as the header carries it (RFC 7617 §2).
func basic(login *url.Userinfo) string {
	password, _ := login.Password()
	return base64.StdEncoding.EncodeToString([]byte(login.Username() + ":" + password))
}

func (r *Result) open(ctx context.Context, host probes.Host, o Options) (net.Conn, *probes.Fault) {
	if o.Proxy.Scheme != "http" {
		return nil, &probes.Fault{Step: "proxy", Kind: probes.Unsupported, Message: "proxies of the kind " + o.Proxy.Scheme + ":// are not asked"}
	}
	conn, fault := r.dial(ctx, host, o)
	if fault != nil {
		return nil, fault
	}
	defer probes.Within(ctx, conn, o.Wait)()
	if _, err := io.WriteString(conn, request(o)); err != nil {
		return conn, probes.NewFault(ctx, "request", probes.ErrorOf(conn, err))
	}
	limited := &io.LimitedReader{R: conn, N: maxHead}
	in := bufio.NewReader(limited)
	if err := r.read(in); err != nil {
		return conn, faultOf(ctx, conn, limited, err)
	}
	if r.Status/100 != 2 {
		return conn, &probes.Fault{Step: "response", Kind: probes.Negative, Message: fmt.Sprintf("%d %s", r.Status, r.Reason)}
	}
	limited.N = math.MaxInt64
	return &tunnel{Conn: conn, in: in}, nil
}

// tunnel is a connection whose peer may have spoken right behind the proxy's answer.
type tunnel struct {
	net.Conn

	in *bufio.Reader
}

// Read reads what came through the tunnel.
func (t *tunnel) Read(b []byte) (int, error) { return t.in.Read(b) }

// dial connects to the proxy, at one of its addresses after the other.
func (r *Result) dial(ctx context.Context, host probes.Host, o Options) (conn net.Conn, fault *probes.Fault) {
	const portHTTP = "80"
	port := o.Proxy.Port()
	if port == "" {
		port = portHTTP
	}
	waiting, cancel := context.WithTimeout(ctx, o.Wait)
	defer cancel()
	addresses, err := addressesOf(waiting, host, o.Proxy.Hostname())
	if err != nil {
		return nil, probes.NewFault(ctx, "lookup", err)
	}
	for _, address := range addresses {
		if r.Address, err = netip.ParseAddrPort(net.JoinHostPort(address.String(), port)); err != nil {
			return nil, probes.NewFault(ctx, "proxy", err)
		}
		dialing, cancel := context.WithTimeout(ctx, o.Wait/time.Duration(len(addresses)))
		conn, err = host.DialTCP(dialing, r.Address)
		cancel()
		if err == nil {
			return conn, nil
		}
		fault = probes.NewFault(ctx, "connect", err)
	}
	return nil, fault
}

func addressesOf(ctx context.Context, host probes.Host, name string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(name); err == nil {
		return []netip.Addr{address.Unmap()}, nil
	}
	addresses, err := host.Resolve(ctx, name)
	if err == nil && len(addresses) == 0 {
		err = &probes.Fault{Step: "lookup", Kind: probes.NotFound, Message: "the name has no address"}
	}
	return addresses[:min(len(addresses), maxAddresses)], err
}

func request(o Options) string {
	lines := []string{"CONNECT " + o.To + " HTTP/1.1", "Host: " + o.To, "User-Agent: " + o.Agent}
	if o.Proxy.User != nil {
		lines = append(lines, "Proxy-Authorization: Basic "+basic(o.Proxy.User))
	}
	return strings.Join(lines, "\r\n") + "\r\n\r\n"
}

// read reads heads until one is that of the final response.
func (r *Result) read(in *bufio.Reader) error {
	reader := textproto.NewReader(in)
	for range maxInterim + 1 {
		line, err := reader.ReadLine()
		if err != nil {
			return err
		}
		status, reason, ok := parseStatus(line)
		if !ok {
			return &probes.Fault{Step: "response", Kind: probes.Malformed, Message: fmt.Sprintf("what came is not HTTP: %.100q", line)}
		}
		if _, err := reader.ReadMIMEHeader(); err != nil {
			return err
		}
		if status >= http.StatusOK {
			r.Status, r.Reason = status, reason
			return nil
		}
	}
	return &probes.Fault{Step: "response", Kind: probes.TooLong, Message: fmt.Sprintf("more than %d interim responses came", maxInterim)}
}

// parseStatus reads the first line of a response (RFC 9112 §4).
func parseStatus(line string) (status int, reason string, ok bool) {
	version, rest, _ := strings.Cut(line, " ")
	code, reason, _ := strings.Cut(strings.TrimLeft(rest, " "), " ")
	status, err := strconv.Atoi(code)
	return status, strings.TrimSpace(reason), strings.HasPrefix(version, "HTTP/") && err == nil && len(code) == 3 && status >= http.StatusContinue
}

// faultOf classifies an error of the connection, or of what came over it.
func faultOf(ctx context.Context, conn net.Conn, limited *io.LimitedReader, err error) *probes.Fault {
	if limited.N <= 0 {
		return &probes.Fault{Step: "response", Kind: probes.TooLong, Message: fmt.Sprintf("the head did not end within %d bytes", maxHead)}
	}
	f := probes.NewFault(ctx, "response", probes.ErrorOf(conn, err))
	if f.Kind == probes.Other { // a header that is none
		f.Kind = probes.Malformed
	}
	return f
}
