// Package ftpclient asks a stock FTP client, the library github.com/jlaffaye/ftp, for a second opinion on a server: what programs
// built on it will see. It logs in and lists, over connections that rung makes for it: none lasts longer or carries more than it
// may, and none goes where the user did not allow.
package ftpclient

import (
	"context"
	"crypto/tls"
	"fmt"
	"net/netip"
	"time"

	"github.com/jlaffaye/ftp"

	"github.com/rung-cli/rung/probes"
)

// Library is the stock client, and the version of it that this program is built with.
const Library = "github.com/jlaffaye/ftp v0.2.4"

// Options say how the stock client is used.
type Options struct {
	// Host is the machine that measures. Its connections have a *net.TCPAddr as their remote address, which the library relies on.
	Host probes.Host
	// Start is the start of the target's check, from which times count.
	Start time.Time
	// To is the server's control port.
	To netip.AddrPort
	// Wait is the longest wait for one network event. The whole attempt takes at most four of it.
	Wait time.Duration
	// User and Password are the login. Neither may hold control characters.
	User, Password string
	// Secret says that Password is to be masked wherever the server repeats it. An anonymous password is none.
	Secret bool
	// Path is what is listed; empty is the directory of the login.
	Path string
	// TLS is how TLS is spoken, on the control connection and on data connections; nil is FTP in clear. The password goes to
	// whomever it lets pass. With its ServerName and ClientSessionCache set, data connections resume the control connection's
	// session.
	TLS *tls.Config
	// Implicit is TLS from the first byte on; otherwise it begins with AUTH TLS.
	Implicit bool
	// FollowPASV lets the library connect to the address in the reply to PASV. It uses the control connection's otherwise, and even
	// so where the one is private (RFC 1918) or loopback and the other is not.
	FollowPASV bool
}

// Result is what the stock client made of the server.
type Result struct {
	// Library is the client, and its version.
	Library string `json:"library"`
	// Dialed are the connections that the library asked for, in order: the control connection, then the data connection.
	Dialed []Dial `json:"dialed,omitempty"`
	// LoggedIn says that the library took its login for accepted, settings (FEAT, TYPE, OPTS, PBSZ, PROT) included.
	LoggedIn bool `json:"logged_in"`
	// Listed says that the library returned the listing without an error.
	Listed bool `json:"listed"`
	// Entries counts the lines of the listing that the library understood; it drops the others without a word.
	Entries int `json:"entries"`
	// Panicked says that the library crashed, and a program built on it with it.
	Panicked bool `json:"panicked,omitempty"`
	// Code is the code of the reply that the library stumbled over, where it tells. It takes no other code than the one it expects,
	// so that a positive one may end it too.
	Code int `json:"code,omitempty"`
	// Fault is what went wrong: step "connect" (as far as the greeting and AUTH TLS), "login" or "list". It is of the kind too-long where
	// we had read enough, which says nothing against the server.
	Fault *probes.Fault `json:"fault,omitempty"`
	// Took is how long it all took.
	Took probes.Millis `json:"took_ms"`
}

// Dial is a connection that the library asked for.
type Dial struct {
	// At is when it asked, counted from the start of the target's check.
	At probes.Millis `json:"at_ms"`
	// Purpose is "control" or "data".
	Purpose string `json:"purpose"`
	// To is where it wanted to connect to.
	To netip.AddrPort `json:"to,omitzero"`
	// Asked is what it wanted to connect to instead of an address and port.
	Asked string `json:"asked,omitempty"`
	// Connected says that the connection was made.
	Connected bool `json:"connected"`
	// ConnectTook is the time from the SYN to the connection, or to its failure.
	ConnectTook probes.Millis `json:"connect_took_ms,omitempty"`
	// Bytes counts what came over it, TLS included.
	Bytes int `json:"bytes"`
	// Secured says that TLS was spoken on it. After AUTH TLS the library does not tell it of the control connection.
	Secured bool `json:"secured,omitempty"`
	// Resumed says that it resumed an earlier TLS session.
	Resumed bool `json:"resumed,omitempty"`
	// Fault is why it was not made: step "connect" or "data connection"; of the kind withheld where we did not let the library connect
	// there, of the kind malformed where there is no such address and port.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Bounds on what a server may make us read, and on how long it may make us wait.
const (
	maxBytes = 1 << 20 // bytes read, all connections together
	maxWaits = 4       // Waits that the whole attempt may take
)

// Try logs in and lists with the stock client, on a control connection of its own, and ends what it began before it returns. Where
// the server is known to reject the login, do not ask it again.
func Try(ctx context.Context, o Options) Result {
	limited, cancel := context.WithTimeout(ctx, maxWaits*o.Wait)
	defer cancel()
	g := &guard{o: o, user: ctx, ctx: limited, left: maxBytes}
	r := Result{Library: Library}
	start := time.Now()
	step, err := r.use(g)
	r.Dialed = g.end()
	r.Took = probes.Since(start)
	r.Code = codeOf(err)
	r.Fault = g.fault(step, err)
	return r
}

// use does what a program built on the library does. A panic of the library ends it as an error does.
func (r *Result) use(g *guard) (step string, err error) {
	defer func() {
		if reason := recover(); reason != nil {
			r.Panicked, err = true, fmt.Errorf("panic: %v", reason)
		}
	}()
	step = "connect"
	client, err := ftp.Dial(g.o.To.String(), g.o.options(g.dial)...)
	if err != nil {
		return step, err
	}
	defer func() { _ = client.Quit() }() // sends QUIT and waits for nothing
	step = "login"
	if err := client.Login(g.o.User, g.o.Password); err != nil {
		return step, err
	}
	r.LoggedIn = true
	step = "list"
	entries, err := client.List(g.o.Path)
	r.Listed, r.Entries = err == nil, len(entries)
	return step, err
}

// options are the library's. With a dial function of ours it has no timeouts, and speaks TLS on no connection but the control
// connection after AUTH TLS: both are for that function to do. Its debug output, which would hold the password, stays off.
func (o Options) options(dial dialFunc) []ftp.DialOption {
	options := []ftp.DialOption{ftp.DialWithDialFunc(dial), ftp.DialWithTrustPasvIP(o.FollowPASV)}
	switch {
	case o.TLS == nil:
		return options
	case o.Implicit:
		return append(options, ftp.DialWithTLS(o.TLS))
	}
	return append(options, ftp.DialWithExplicitTLS(o.TLS))
}
