// Package clock measures how far this machine's clock may be trusted: what the kernel says of it (adjtimex(2)), and what time
// servers say (NTP, RFC 5905), where the user names any.
package clock

import (
	"context"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Options say what is asked besides the kernel.
type Options struct {
	// NTP is a time server: HOST or HOST:PORT, an IPv6 address with a port in brackets; empty for none.
	NTP string
	// Wait is the longest wait for the server's addresses, and then for its answers.
	Wait time.Duration
}

// Measure reads the kernel's clock, and asks the time server, at up to four of its addresses at once.
func Measure(ctx context.Context, host probes.Host, o Options) Result {
	r := Result{Now: time.Now().Round(0).UTC(), Kernel: kernel()}
	if o.NTP != "" {
		r.NTP = askServer(ctx, host, o)
	}
	return r
}

// Result is what was learned of this machine's clock without asking the target.
type Result struct {
	// Now is this machine's time at the measurement, in UTC.
	Now time.Time `json:"now"`
	// Kernel is the state of the kernel's clock; nil where the system does not tell: Linux alone does.
	Kernel *Kernel `json:"kernel,omitempty"`
	// NTP is what the time server said that the user named; one entry an address that was asked.
	NTP []NTP `json:"ntp,omitempty"`
}

// Kernel is the state of the kernel's clock (adjtimex(2)).
type Kernel struct {
	// Synchronized says that something keeps the clock (STA_UNSYNC is not set). A container's host may keep it unseen.
	Synchronized bool `json:"synchronized"`
	// MaxError is the largest error that the kernel expects.
	MaxError probes.Millis `json:"max_error_ms"`
	// EstimatedError is the error that it estimates.
	EstimatedError probes.Millis `json:"estimated_error_ms"`
}

// NTP is one exchange with a time server (RFC 5905 §8, as a client that keeps no state: RFC 4330).
type NTP struct {
	// Server is the name that the user gave.
	Server string `json:"server"`
	// Address is the one asked; invalid where the name has none.
	Address netip.AddrPort `json:"address,omitzero"`
	// Offset is how far its clock is ahead of ours: negative where ours is ahead.
	Offset probes.Millis `json:"offset_ms"`
	// RoundTrip is the time of the exchange; half of it bounds the offset's error.
	RoundTrip probes.Millis `json:"round_trip_ms"`
	// Stratum is its distance from a reference clock (RFC 5905 §7.3).
	Stratum uint8 `json:"stratum"`
	// Usable says that the server calls itself synchronized (leap indicator not 3, stratum 1 to 15, an error of less than 16 s) and
	// answered our own request. Offset and RoundTrip are measured then.
	Usable bool `json:"usable"`
	// Fault is why there is no usable answer: step "lookup", "request" or "answer". It is Negative where the server says itself that it is
	// of no use, or wants us to stay away (a kiss-o'-death, RFC 5905 §7.4), and Malformed where nothing that came answers our request.
	Fault *probes.Fault `json:"fault,omitempty"`
}
