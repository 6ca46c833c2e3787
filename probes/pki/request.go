package pki

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/rung-cli/rung/probes"
)

// request is one HTTP request to an address that a certificate names. Such addresses are of http, since what is there is signed, and
// https would need the very chain that is in question (RFC 5280 §8).
type request struct {
	method, url, contentType string
	body                     []byte
	// limit is the longest answer that is read, in bytes.
	limit int64
	// wait bounds the whole request.
	wait time.Duration
}

// The bounds of what an answer may ask for beside its body.
const (
	maxHead      = 64 << 10
	maxRedirects = 3
	maxAddresses = 4
)

// answerOf makes the request. It opens one connection for it, and follows redirects within the same host alone.
func answerOf(ctx context.Context, host probes.Host, r request) ([]byte, *probes.Fault) {
	limited, cancel := context.WithTimeout(ctx, r.wait)
	defer cancel()
	target, fault := plainHTTP(r.url)
	for range maxRedirects {
		if fault != nil {
			return nil, fault
		}
		var body []byte
		var next *url.URL
		if body, next, fault = r.exchange(ctx, limited, host, target); next == nil {
			return body, fault
		}
		if next.Scheme != target.Scheme || next.Host != target.Host {
			return nil, &probes.Fault{Step: "answer", Kind: probes.Withheld, Message: "the answer leads elsewhere, to " + probes.Bound(next.Host)}
		}
		target = next
	}
	return nil, &probes.Fault{Step: "answer", Kind: probes.Malformed, Message: "the answer leads from one redirect to the next"}
}

// plainHTTP reads an address, and refuses those that are not of http.
func plainHTTP(address string) (*url.URL, *probes.Fault) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, &probes.Fault{Step: "request", Kind: probes.Malformed, Message: "the address cannot be read"}
	}
	if u.Scheme != "http" || u.Hostname() == "" || u.User != nil {
		return nil, &probes.Fault{Step: "request", Kind: probes.Withheld, Message: "only http:// is asked for what a certificate names"}
	}
	return u, nil
}

// exchange sends the request over a connection of its own, which ends with limited; the end of ctx tells an interruption from silence.
func (r request) exchange(ctx, limited context.Context, host probes.Host, to *url.URL) ([]byte, *url.URL, *probes.Fault) {
	conn, err := dial(limited, host, to)
	if err != nil {
		return nil, nil, probes.NewFault(ctx, "dial", err)
	}
	defer func() { _ = conn.Close() }()
	release := probes.Within(limited, conn, 0)
	defer release()
	sent, err := http.NewRequestWithContext(limited, r.method, to.String(), bytes.NewReader(r.body))
	if err != nil {
		return nil, nil, probes.NewFault(ctx, "request", err)
	}
	sent.Close = true
	if r.contentType != "" {
		sent.Header.Set("Content-Type", r.contentType)
	}
	if err := sent.Write(conn); err != nil {
		return nil, nil, probes.NewFault(ctx, "request", err)
	}
	received := &io.LimitedReader{R: conn, N: r.limit + maxHead}
	response, err := http.ReadResponse(bufio.NewReader(received), sent)
	if err != nil {
		return nil, nil, r.answerFault(ctx, err, received)
	}
	defer func() { _ = response.Body.Close() }()
	return r.read(ctx, response, received)
}

// read reads an answer: its body, or where it leads to.
func (r request) read(ctx context.Context, response *http.Response, received *io.LimitedReader) ([]byte, *url.URL, *probes.Fault) {
	if next, err := response.Location(); err == nil && response.StatusCode/100 == 3 {
		return nil, next, nil
	}
	if response.StatusCode != http.StatusOK {
		return nil, nil, &probes.Fault{Step: "answer", Kind: probes.Negative, Message: probes.Bound("HTTP " + response.Status)}
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, r.limit+1))
	if err != nil {
		return nil, nil, r.answerFault(ctx, err, received)
	}
	if int64(len(body)) > r.limit {
		return nil, nil, r.tooLong()
	}
	return body, nil, nil
}

func (r request) tooLong() *probes.Fault {
	return &probes.Fault{Step: "answer", Kind: probes.TooLong, Message: fmt.Sprintf("the answer is longer than %d bytes", r.limit)}
}

// answerFault tells an answer that is not HTTP, and one that we did not read to its end, from a connection that failed.
func (r request) answerFault(ctx context.Context, err error, received *io.LimitedReader) *probes.Fault {
	if received.N <= 0 {
		return r.tooLong()
	}
	fault := probes.NewFault(ctx, "answer", err)
	if _, ofNetwork := errors.AsType[net.Error](err); fault.Kind == probes.Other && !ofNetwork {
		fault.Kind = probes.Malformed
	}
	return fault
}

// dial connects to the host of an address, over the first of its addresses that answers within its share of the time.
func dial(ctx context.Context, host probes.Host, to *url.URL) (net.Conn, error) {
	port := to.Port()
	if port == "" {
		port = "80"
	}
	addresses, err := lookup(ctx, host, to.Hostname())
	if err != nil {
		return nil, err
	}
	addresses = addresses[:min(len(addresses), maxAddresses)]
	for i, address := range addresses {
		var peer netip.AddrPort
		if peer, err = netip.ParseAddrPort(net.JoinHostPort(address.String(), port)); err != nil {
			return nil, err
		}
		var conn net.Conn
		if conn, err = dialShare(ctx, host, peer, len(addresses)-i); err == nil {
			return conn, nil
		}
	}
	return nil, err
}

// dialShare connects within an equal share of what is left of the time.
func dialShare(ctx context.Context, host probes.Host, to netip.AddrPort, shares int) (net.Conn, error) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/time.Duration(shares))
		defer cancel()
	}
	return host.DialTCP(ctx, to)
}

// lookup finds the addresses of a name; there is at least one where err is nil.
func lookup(ctx context.Context, host probes.Host, name string) ([]netip.Addr, error) {
	if address, err := netip.ParseAddr(name); err == nil && host.Wants(address) {
		return []netip.Addr{address}, nil
	}
	addresses, err := host.Resolve(ctx, name) // of an address of the other family, none
	missing := &probes.Fault{Step: "dial", Kind: probes.NotFound, Message: "there is no address of " + probes.Bound(name)}
	if unknown, ok := errors.AsType[*net.DNSError](err); ok && unknown.IsNotFound || err == nil && len(addresses) == 0 {
		return nil, missing
	}
	return addresses, err
}
