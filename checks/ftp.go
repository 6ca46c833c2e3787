package checks

import (
	"context"
	stdtls "crypto/tls"
	"net"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/tls"
)

// anonymousPassword is what RFC 1635 §3.2 asks of anonymous users, with no person in it.
const anonymousPassword = "anonymous@"

// idleWait is how long active mode is waited for where it is not needed: long enough for a SYN of the server's to be lost and
// sent again (after 1 s, RFC 6298 §2.1), and not as long as a network event on which the verdict depends.
const idleWait = 3 * time.Second

// openControl takes the target's own connection from the greeting to the login, hands it on to passive mode, and ends it when
// both modes are through.
func openControl(ctx context.Context, c *Climb) {
	defer c.client.keep(nil)
	defer c.login.keep(false)
	if speaksFTPS(c.Target) {
		c.loading.Go(func() { c.roots() }) // slow, and wanted by the time the chain has come
	}
	conn, _ := c.connection.wait(ctx)
	if conn.Conn == nil {
		return
	}
	o := c.ftpOptions(true)
	o.Experiment = true
	o.AfterLogin = c.login.keep
	o.Alone = func(ctx context.Context) { c.withoutSecond(ctx) }
	var client *ftp.Client
	var sessions []ftp.Session
	m := measure(ctx, c, "", func() ftp.Control {
		client = ftp.Open(ctx, o, "passive", conn.Conn)
		c.login.keep(false)
		if again := c.openAlone(ctx, o, client); again != nil {
			sessions = client.Dialogues()
			client = again
		}
		return client.Control
	})
	c.client.keep(client)
	<-c.passive.made
	<-c.active.made
	client.Close()
	c.keepControl(m, client, sessions)
}

// keepControl keeps what was learned on the control connections: the client's, those before it, and the second one.
func (c *Climb) keepControl(m *Measured[ftp.Control], client *ftp.Client, before []ftp.Session) {
	m.Seen = client.Control // the data modes have learned more
	m.Seen.Sessions = slices.Concat(before, client.Dialogues())
	if second := c.active.v; second != nil {
		m.Seen.Sessions = append(m.Seen.Sessions, second.Dialogues()...)
		if !second.Control.Greeting.Done() {
			m.Seen.Second = second.Control.Greeting
		}
	}
	c.evidence.Control = m
	if client.Security != nil {
		c.evidence.Security = &Measured[ftp.Security]{
			Seen: *client.Security, Started: m.Started, Duration: m.Duration, Finished: m.Finished,
		}
	}
}

// tryPassive tries passive mode on the first control connection.
func tryPassive(ctx context.Context, c *Climb) {
	defer c.passive.keep(struct{}{})
	defer c.announced.keep(netip.Addr{})
	client, _ := c.client.wait(ctx)
	if client == nil || !client.Ready() {
		return
	}
	c.evidence.Passive = measure(ctx, c, "", func() ftp.Passive {
		return client.Passive(ctx, func(ctx context.Context) *ftp.Client {
			return c.openFurther(ctx, client.Control.Peer, "PASV", nil)
		})
	})
	if pasv := c.evidence.Passive.Seen.PASV; pasv != nil && isPrivate(pasv.Announced.Addr()) &&
		pasv.Announced.Addr() != client.Control.Peer.Addr() {
		c.announced.keep(pasv.Announced.Addr())
	}
}

// openAlone opens the first control connection again where the server refused it for a limit while the second one had been
// greeted: the fault was our own. A server that needs a moment to see that the second one is gone is asked once more after it.
func (c *Climb) openAlone(ctx context.Context, o ftp.Options, refused *ftp.Client) *ftp.Client {
	if !meetsLimit(&refused.Control) {
		return nil
	}
	refused.Close()
	if second := c.withoutSecond(ctx); second == nil || !second.Control.Greeting.Done() {
		return nil
	}
	for _, pause := range []time.Duration{0, probes.Doubt(0)} {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		conn, err := c.dial(ctx, refused.Control.Peer)
		if err != nil {
			continue
		}
		again := ftp.Open(ctx, o, "passive, alone", conn)
		if !meetsLimit(&again.Control) {
			return again
		}
		again.Close()
	}
	return nil
}

// withoutSecond waits until the second control connection is closed, and gives it; but no longer than a doubt, since one that a server
// logged in without a password is in use, and waits for the first.
func (c *Climb) withoutSecond(ctx context.Context) *ftp.Client {
	waiting, cancel := context.WithTimeout(ctx, probes.Doubt(0))
	defer cancel()
	second, _ := c.second.wait(waiting)
	return second
}

// tryActive tries active mode on a control connection of its own, which comes up beside the first one and sends its password
// when that one's was accepted. A server that does not want two is asked on the first one, after passive mode.
func tryActive(ctx context.Context, c *Climb) {
	var second *ftp.Client
	defer func() { c.active.keep(second) }()
	defer func() { c.second.keep(second) }()
	conn, _ := c.connection.wait(ctx)
	if conn.Conn == nil {
		return
	}
	if second = c.openSecond(ctx, probes.AddrPortOf(conn.RemoteAddr())); second != nil {
		defer second.Close()
	}
	if second != nil && second.Ready() {
		c.evidence.Active = measure(ctx, c, "", func() ftp.Active { return second.Active(ctx, c.firstAside) })
		return
	}
	if second != nil {
		second.Close()
	}
	c.second.keep(second)
	first, _ := c.client.wait(ctx)
	<-c.passive.made // until then it is passive mode's, whatever becomes of ctx
	if first == nil || !first.Ready() {
		return
	}
	c.evidence.Active = measure(ctx, c, "", func() ftp.Active {
		return first.Active(ctx, func(context.Context) *ftp.Client { return nil })
	})
}

// openSecond opens the second control connection. One that the server lets wait is given up a doubt after passive mode is
// through: the first one is free then.
func (c *Climb) openSecond(ctx context.Context, to netip.AddrPort) *ftp.Client {
	if c.Options.NoLogin {
		return nil
	}
	opening, giveUp := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer giveUp()
	watching.Go(func() {
		if _, through := c.passive.wait(opening); !through {
			return
		}
		select {
		case <-time.After(probes.Doubt(0)):
			giveUp()
		case <-opening.Done():
		}
	})
	return c.openFurther(opening, to, "active", c.afterFirstLogin)
}

// firstAside is the first control connection, when passive mode is through with it; nil where it is of no further use.
func (c *Climb) firstAside(ctx context.Context) *ftp.Client {
	first, _ := c.client.wait(ctx)
	if _, through := c.passive.wait(ctx); !through {
		return nil
	}
	return first
}

// afterFirstLogin holds a password back until the first control connection's was accepted: a rejected login is never repeated.
func (c *Climb) afterFirstLogin(ctx context.Context) *probes.Fault {
	if accepted, _ := c.login.wait(ctx); !accepted {
		return &probes.Fault{Step: "PASS", Kind: probes.Withheld, Message: "the first control connection's login was not accepted"}
	}
	return nil
}

// openFurther opens one more control connection; nil where the server does not accept one soon.
func (c *Climb) openFurther(
	ctx context.Context, to netip.AddrPort, purpose string, beforePass func(context.Context) *probes.Fault,
) *ftp.Client {
	conn, err := c.dial(ctx, to)
	if err != nil {
		return nil
	}
	o := c.ftpOptions(false)
	o.BeforePass = beforePass
	return ftp.Open(ctx, o, purpose, conn)
}

// dial makes a further connection to a server that has accepted one already, and should accept another soon.
func (c *Climb) dial(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
	dialing, cancel := context.WithTimeout(ctx, min(c.Options.Timeout, probes.Doubt(0)))
	defer cancel()
	return c.Options.Host.DialTCP(dialing, to)
}

// ftpOptions are those of one control connection. Only the first one's handshake and chain become evidence; but each one's
// chain is judged before the user's login is sent over it, since another connection may have found another server.
func (c *Climb) ftpOptions(first bool) ftp.Options {
	o := ftp.Options{
		Host: c.Options.Host, Start: c.start, Wait: c.Options.Timeout, NoLogin: c.Options.NoLogin, Path: c.Target.Path,
		User: c.Options.User, Password: c.Options.Password, Secret: true, ActiveWait: c.Options.Timeout,
	}
	if c.Options.Require == "passive" {
		o.ActiveWait = min(o.ActiveWait, idleWait)
	}
	if o.User == "" {
		o.User, o.Password, o.Secret = "anonymous", anonymousPassword, false
	}
	switch c.Target.Scheme {
	case "ftpes":
		o.Protection = ftp.Explicit
	case "ftps":
		o.Protection = ftp.Implicit
	}
	c.protect(&o, first && o.Protection != ftp.Clear)
	return o
}

// protect gives a control connection its TLS: one cache of sessions for it and its data connections, which servers (vsftpd,
// ProFTPD) want resumed from it, and the judgement of its chain.
func (c *Climb) protect(o *ftp.Options, keep bool) {
	options := c.tlsOptions()
	options.Sessions = stdtls.NewLRUClientSessionCache(1)
	var chain tls.Chain
	o.Secure = func(ctx context.Context, conn net.Conn, wait time.Duration) (net.Conn, *probes.Fault) {
		once := options
		once.Wait = wait
		var secured *stdtls.Conn
		var fault *probes.Fault
		if keep {
			secured, fault = c.secure(ctx, conn, once)
		} else {
			secured, fault = shake(ctx, conn, once)
		}
		if fault != nil {
			return nil, fault
		}
		if o.Protection != ftp.Clear {
			chain = c.readChain(secured)
			options.Now = whenValid(&chain)
		}
		return secured, nil
	}
	o.SecureData = func(ctx context.Context, conn net.Conn, wait time.Duration) (net.Conn, bool, *probes.Fault) {
		once := options
		once.Wait = wait
		secured, fault := shake(ctx, conn, once)
		if fault != nil {
			return nil, false, fault
		}
		return secured, secured.ConnectionState().DidResume, nil
	}
	if o.Protection == ftp.Clear || !o.Secret || c.Options.InsecureLogin {
		return
	}
	o.BeforeUser = func() *probes.Fault {
		if chainIsGood(&chain) {
			return nil
		}
		return &probes.Fault{Step: "USER", Kind: probes.Withheld, Message: "the certificate is not good: the login was not sent"}
	}
}

// shake makes a handshake of which nothing but the connection is of interest.
func shake(ctx context.Context, conn net.Conn, o tls.Options) (*stdtls.Conn, *probes.Fault) {
	seen, secured := tls.Shake(ctx, conn, o)
	return secured, seen.Fault
}

// whenValid is a time at which the leaf of the chain was valid, where it has expired: Go resumes no session of an expired
// certificate, and a server that demands resumption must not be blamed for that. It is zero where the present will do.
func whenValid(chain *tls.Chain) time.Time {
	if len(chain.Certificates) > 0 && chain.At.After(chain.Certificates[0].NotAfter) {
		return chain.Certificates[0].NotAfter
	}
	return time.Time{}
}
