// Package http measures one HTTP/1.1 request (RFC 9110, RFC 9112) over a connection that is already there.
package http

import (
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Result is one request and what was answered.
type Result struct {
	// Address is the peer.
	Address netip.AddrPort `json:"address"`
	// Method is the request's: "GET".
	Method string `json:"method"`
	// Path is the path that was asked for. The query is sent and never kept.
	Path string `json:"path"`
	// Host is the Host header's value.
	Host string `json:"host"`
	// Version is the version of the status line: "HTTP/1.1". It and what follows are those of the final response; interim ones (1xx, RFC
	// 9110 §15.2) are passed over.
	Version string `json:"version,omitempty"`
	// Status is the status code; 0 where none came.
	Status int `json:"status,omitempty"`
	// Reason is the reason phrase.
	Reason string `json:"reason,omitempty"`
	// Location is where a redirect points; its user, query and fragment are left out.
	Location string `json:"location,omitempty"`
	// Server is the Server header's value.
	Server string `json:"server,omitempty"`
	// Date is the Date header's time (RFC 9110 §6.6.1), zero where there is none or it cannot be read.
	Date time.Time `json:"date,omitzero"`
	// Cached says that the response may come out of a cache, so that Date may be older than the answer: it has an Age, Via, X-Cache
	// or Warning header.
	Cached bool `json:"cached,omitempty"`
	// Sent is this machine's time, in UTC, when the request was about to be sent.
	Sent time.Time `json:"sent,omitzero"`
	// Answered is this machine's time, in UTC, when the head of the response had come: what Date says was so at some moment since Sent.
	Answered time.Time `json:"answered,omitzero"`
	// Took is the time from the request to the end of the response's head, or to the failure.
	Took probes.Millis `json:"took_ms"`
	// Received counts the bytes that came, up to the end of the response's head.
	Received int `json:"received"`
	// Text is the beginning of what came where that was not HTTP. Of a TLS alert in clear it says which: "TLS alert 70 (level 2)".
	Text string `json:"text,omitempty"`
	// OverTLS is the version of TLS in which the same port answers a ClientHello, asked where a request in clear got no response.
	OverTLS string `json:"over_tls,omitempty"`
	// Again is the status with which the same request is answered when it is made once more, asked where nothing came; 0 for none.
	Again int `json:"again,omitempty"`
	// InSmallSegments is the status with which the same request is answered over a connection with small segments, asked where nothing
	// came; 0 for none.
	InSmallSegments int `json:"in_small_segments,omitempty"`
	// Transport is the kernel's account of the connection after a failure.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is what went wrong: step "request" or "response". It is Malformed where what came is not HTTP, TooLong where the head is
	// longer than we read, and what had come of the head is kept.
	Fault *probes.Fault `json:"fault,omitempty"`
}
