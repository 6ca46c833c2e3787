// Package probes holds the words that every probe shares: what went wrong (Fault), what was tried both ways (Experiment),
// how long it took (Millis), and the machine that measures (Host).
//
// A probe measures and reports facts; it never judges. Its result says what was asked, what was seen, how long it took and
// what went wrong, in that order, and a failure is a result like any other. A Go error is for "the program could not do its
// work", never for "the network said no".
package probes

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"net/netip"
	"os"
	"strings"
	"time"
	"unicode/utf8"
)

// Kind classifies what went wrong in words that are the same on every system.
type Kind string

// The kinds of fault. Those of the operating system are found in one file a platform (errno_*.go), and nowhere else.
const (
	Refused     Kind = "refused"     // a RST answered our SYN, or an ICMP port unreachable did (see Fault.ICMP)
	Reset       Kind = "reset"       // the peer cut an established connection with a RST
	Closed      Kind = "closed"      // the peer closed an established connection (FIN) in the middle of something
	Timeout     Kind = "timeout"     // nothing came within the longest wait for one network event
	NoRoute     Kind = "no-route"    // no route to the network (ENETUNREACH)
	Unreachable Kind = "unreachable" // host unreachable (EHOSTUNREACH)
	Prohibited  Kind = "prohibited"  // forbidden by policy (EACCES, EPERM)
	Blackhole   Kind = "blackhole"   // the kernel's own blackhole route (EINVAL on Linux)
	NoAddress   Kind = "no-address"  // the local address or port is not available (EADDRNOTAVAIL)
	Malformed   Kind = "malformed"   // what came breaks its protocol
	TooLong     Kind = "too-long"    // what came is longer than we are willing to read
	Negative    Kind = "negative"    // the peer understood and answered no (an FTP reply 4yz or 5yz, a DNS response code)
	Alert       Kind = "alert"       // the peer sent a TLS alert
	Interrupted Kind = "interrupted" // we stopped: the target's deadline or the user; says nothing about the network
	Withheld    Kind = "withheld"    // we did not go on, for the user's safety
	Unsupported Kind = "unsupported" // this system does not tell an ordinary user
	NotFound    Kind = "not-found"   // no such name, as the system's resolver sees it
	Other       Kind = "other"       // anything else; Message has the raw error
)

// Fault is what went wrong in a probe: the step in the protocol's own words ("greeting", "AUTH TLS", "data connection"), a
// stable kind, the raw error's text, and the ICMP error where one was the reason.
type Fault struct {
	// Step is what was being done, in the protocol's own words.
	Step string `json:"step"`
	// Kind is the stable class of the fault.
	Kind Kind `json:"kind"`
	// Message is the raw error's text, bounded, for people.
	Message string `json:"message,omitempty"`
	// ICMP is the ICMP error that the kernel reports as the reason, if one was.
	ICMP *ICMP `json:"icmp,omitempty"`
}

// Error makes a Fault usable as an error.
func (f *Fault) Error() string {
	if f.Message == "" {
		return fmt.Sprintf("%s: %s", f.Step, f.Kind)
	}
	return fmt.Sprintf("%s: %s", f.Step, f.Message)
}

// Of reports whether the fault is of the kind; a nil Fault is of none.
func (f *Fault) Of(kind Kind) bool { return f != nil && f.Kind == kind }

// Because is the ICMP error that was the reason of the fault; nil where none was, and for a nil Fault.
func (f *Fault) Because() *ICMP {
	if f == nil {
		return nil
	}
	return f.ICMP
}

// NewFault classifies err, which went wrong in step. A deadline of ctx itself, or its cancellation, is Interrupted: we
// stopped. A deadline that only the operation had is Timeout: the network was silent. It returns nil for a nil err.
func NewFault(ctx context.Context, step string, err error) *Fault {
	if err == nil {
		return nil
	}
	if fault, ok := errors.AsType[*Fault](err); ok {
		return fault
	}
	f := &Fault{Step: step, Kind: kindOf(err), Message: Bound(err.Error())}
	if icmp, ok := errors.AsType[*ICMP](err); ok {
		f.ICMP = icmp
	}
	if over(ctx) && (f.Kind == Timeout || f.Kind == Interrupted || f.Kind == Other) {
		f.Kind = Interrupted
	}
	return f
}

// over says that ctx has ended, or is about to: a deadline that a socket took over from ctx may come before ctx's own timer does.
func over(ctx context.Context) bool {
	deadline, ok := ctx.Deadline()
	return ctx.Err() != nil || ok && !time.Now().Before(deadline)
}

func kindOf(err error) Kind {
	if kind, ok := kindOfErrno(err); ok {
		return kind
	}
	switch {
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return Timeout
	case errors.Is(err, context.Canceled):
		return Interrupted
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.ErrClosedPipe):
		return Closed
	}
	var timeout interface{ Timeout() bool }
	if errors.As(err, &timeout) && timeout.Timeout() {
		return Timeout
	}
	return Other
}

// ICMP is an ICMP or ICMPv6 error and the device that sent it, as the socket's error queue tells it (IP_RECVERR, ip(7);
// IPV6_RECVERR, ipv6(7)), and as Windows tells of an attempt at a connection (TCP_ICMP_ERROR_INFO).
type ICMP struct {
	// Type is the ICMP type (RFC 792), or the ICMPv6 type (RFC 4443) where From is an IPv6 address.
	Type uint8 `json:"type"`
	// Code is the code within the type.
	Code uint8 `json:"code"`
	// From is the device that sent the error: the offender's address. It is our own address where our own kernel gave up.
	From netip.Addr `json:"from"`
}

// Error makes an ICMP error usable in a chain of errors.
func (i *ICMP) Error() string {
	return fmt.Sprintf("%s %d/%d from %s", i.Protocol(), i.Type, i.Code, i.From)
}

// Protocol is "ICMP" or "ICMPv6".
func (i *ICMP) Protocol() string {
	if i.From.Is6() {
		return "ICMPv6"
	}
	return "ICMP"
}

// Outcome is what came of one side of an experiment, in a few words ("connected", "timeout", "not tried").
type Outcome string

// NotTried is the outcome of the side that was left out, for a reason that the experiment's variable makes plain.
const NotTried Outcome = "not tried"

// Experiment is a probe repeated with exactly one variable changed, both outcomes kept, so that a reader can repeat it.
type Experiment struct {
	// Variable is the one thing that differs between A and B.
	Variable string `json:"variable"`
	// A is the first setting of the variable.
	A string `json:"a"`
	// B is the second setting of the variable.
	B string `json:"b"`
	// OutcomeA is what came of A.
	OutcomeA Outcome `json:"outcome_a"`
	// OutcomeB is what came of B.
	OutcomeB Outcome `json:"outcome_b"`
}

// Line is one line of a dialogue as it crossed the wire, secrets masked.
type Line struct {
	// At is when it was sent or had arrived, counted from the start of the target's check.
	At Millis `json:"at_ms"`
	// From is "client" or "server".
	From string `json:"from"`
	// Text is the line without its line end, bounded in length.
	Text string `json:"text"`
}

// Millis is a length of time that JSON carries as a number of milliseconds, to the microsecond.
type Millis time.Duration

// Since is the time from start to now.
func Since(start time.Time) Millis { return Millis(time.Since(start)) }

// MarshalJSON writes the number of milliseconds.
func (m Millis) MarshalJSON() ([]byte, error) {
	return json.Marshal(float64(time.Duration(m).Microseconds()) / 1000)
}

// UnmarshalJSON reads a number of milliseconds.
func (m *Millis) UnmarshalJSON(data []byte) error {
	var ms float64
	if err := json.Unmarshal(data, &ms); err != nil {
		return err
	}
	*m = Millis(math.Round(ms*1000)) * Millis(time.Microsecond)
	return nil
}

// String is the time as a person reads it: "0.4 ms", "120 ms", "3.0 s".
func (m Millis) String() string {
	d := time.Duration(m)
	switch {
	case d < 10*time.Millisecond:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	case d < time.Second:
		return fmt.Sprintf("%d ms", d.Milliseconds())
	}
	return fmt.Sprintf("%.1f s", d.Seconds())
}

// MaxText is the longest piece of text from the network that a result keeps, in bytes.
const MaxText = 512

// Bound makes text from outside fit for a result: valid UTF-8 of at most MaxText bytes, with a mark where it was cut.
// Control characters stay: it is for the printer to escape them.
func Bound(text string) string {
	if !utf8.ValidString(text) {
		text = latin1(text)
	}
	if len(text) <= MaxText {
		return text
	}
	cut := MaxText - len("…")
	for !utf8.RuneStart(text[cut]) {
		cut--
	}
	return text[:cut] + "…"
}

// latin1 reads bytes that are not UTF-8 as ISO 8859-1, the usual encoding of servers older than RFC 2640, so that no byte is
// lost.
func latin1(text string) string {
	if len(text) > MaxText {
		text = text[:MaxText+1] // one too many, so that the cut is marked
	}
	var b strings.Builder
	for i := range len(text) {
		b.WriteRune(rune(text[i]))
	}
	return b.String()
}

// Doubt is how long silence lasts before it is worth an experiment: a second, or three round trips where those are longer.
func Doubt(rtt time.Duration) time.Duration { return max(time.Second, 3*rtt) }

// OnDoubt runs f once, as soon as the doubt has lasted for so long. What it returns settles the doubt: with moot, what f was to
// find out is no longer of interest, and f's context ends at once; without, f runs now if it has not begun. It returns when f
// has ended.
func OnDoubt(ctx context.Context, after time.Duration, f func(context.Context)) (settle func(moot bool)) {
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	timer := time.AfterFunc(after, func() {
		defer close(done)
		f(ctx)
	})
	return func(moot bool) {
		defer cancel()
		if moot {
			cancel()
		}
		switch begun := !timer.Stop(); {
		case begun:
			<-done
		case !moot:
			f(ctx)
		}
	}
}
