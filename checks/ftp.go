package checks

import (
	"cmp"
	"context"
	stdtls "crypto/tls"
	"net"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/tls"
)

// anonymousPassword is what RFC 1635 §3.2 asks of anonymous users, with no person in it.
const anonymousPassword = "anonymous@"

// idleWait is how long active mode is waited for where it is not needed: long enough for a SYN of the server's to be lost and
// sent again (after 1 s, RFC 6298 §2.1), and not as long as a network event on which the verdict depends.
const idleWait = 3 * time.Second

// speakFTP logs in, tries both data modes at once, and looks closer where one of them failed.
func (v *visit) speakFTP(ctx context.Context) {
	var modes sync.WaitGroup
	modes.Go(func() { v.openControl(ctx) })
	modes.Go(func() { v.tryPassive(ctx) })
	modes.Go(func() { v.tryActive(ctx) })
	modes.Wait()
	v.investigate(ctx)
	v.lookAround(ctx)
	v.service.Control.Seen.Sessions = append(v.service.Control.Seen.Sessions, v.sessions...)
}

// openControl takes the target's own connection from the greeting to the login, hands it on to passive mode, and ends it when
// both modes are through.
func (v *visit) openControl(ctx context.Context) {
	defer v.client.keep(nil)
	defer v.login.keep(false)
	defer v.vetted.keep(struct{}{})
	o := v.ftpOptions(v.protection(), true)
	o.Experiment = true
	o.AfterLogin = v.login.keep
	o.Alone = func(ctx context.Context) { v.withoutSecond(ctx) }
	var client *ftp.Client
	var sessions []ftp.Session
	m := measure(ctx, v.Climb, v.service.At, func() ftp.Control {
		client = ftp.Open(ctx, o, "passive", v.conn)
		v.login.keep(false)
		v.vetted.keep(struct{}{})
		v.hearWhatFollowed(ctx, client)
		if again := v.openAlone(ctx, o, client); again != nil {
			sessions = client.Dialogues()
			client = again
		}
		return client.Control
	})
	v.client.keep(client)
	<-v.passive.made
	<-v.active.made
	v.tryAlone(ctx, client)
	client.Close()
	v.keepControl(m, client, sessions)
}

// hearWhatFollowed hears from a server that asked for a certificate whether it is content: by what came of the next command, or by waiting
// where there was none.
func (v *visit) hearWhatFollowed(ctx context.Context, client *ftp.Client) {
	if fault := client.Control.Fault; fault.Of(probes.Withheld) || fault == nil && !client.Control.LoggedIn {
		v.hearTheRest(ctx)
		return
	}
	v.hearTheRest(ctx, client.Control.Fault)
}

// tryAlone repeats a failed data connection when the first control connection is the only one that is left: a firewall may allow a
// client no more than a few connections at once, and the others were ours.
func (v *visit) tryAlone(ctx context.Context, client *ftp.Client) {
	p := seen(v.service.Passive)
	if p != nil && portFailed(p) && !portsDiffer(p) && client.Ready() {
		p.Compared = append(p.Compared, client.Attempt(ctx, decisiveAttempt(p).Command, ftp.Alone))
	}
}

// keepControl keeps what was learned on the control connections: the client's, those before it, and the second one.
func (v *visit) keepControl(m *Measured[ftp.Control], client *ftp.Client, before []ftp.Session) {
	m.Seen = client.Control // the data modes have learned more
	m.Seen.Sessions = slices.Concat(before, client.Dialogues())
	if second := v.active.v; second != nil {
		m.Seen.Sessions = append(m.Seen.Sessions, second.Dialogues()...)
		if !second.Control.Greeting.Done() {
			m.Seen.Second = second.Control.Greeting
		}
		m.Seen.Desync = cmp.Or(m.Seen.Desync, second.Control.Desync)
	}
	v.service.Control = m
	if client.Security != nil {
		v.service.Security = &Measured[ftp.Security]{
			Seen: *client.Security, Address: m.Address, Started: m.Started, Duration: m.Duration, Finished: m.Finished,
		}
	}
}

// tryPassive tries passive mode on the first control connection.
func (v *visit) tryPassive(ctx context.Context) {
	defer v.passive.keep(struct{}{})
	client, _ := v.client.wait(ctx)
	if client == nil || !client.Ready() {
		return
	}
	v.service.Passive = measure(ctx, v.Climb, v.service.At, func() ftp.Passive { return client.Passive(ctx, v.aids()) })
	pasv := v.service.Passive.Seen.PASV
	if v.first && pasv != nil && isPrivate(pasv.Announced.Addr()) && pasv.Announced.Addr() != v.peer.Addr() {
		v.announced.keep(pasv.Announced.Addr())
	}
}

// aids are what passive mode may ask for.
func (v *visit) aids() ftp.Aids {
	return ftp.Aids{
		Session: func(ctx context.Context, purpose string) *ftp.Client {
			return v.openFurther(ctx, purpose, v.protection())
		},
		Silent: v.traceDataPort,
		Follow: v.Options.FollowPASV,
	}
}

// openAlone opens the first control connection again where the server refused it for a limit while the second one had been
// greeted: the fault was our own. A server that needs a moment to see that the second one is gone is asked once more after it.
func (v *visit) openAlone(ctx context.Context, o ftp.Options, refused *ftp.Client) *ftp.Client {
	if !meetsLimit(&refused.Control) {
		return nil
	}
	refused.Close()
	if second := v.withoutSecond(ctx); second == nil || !second.Control.Greeting.Done() {
		return nil
	}
	for _, pause := range []time.Duration{0, probes.Doubt(0)} {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return nil
		}
		conn, err := v.dial(ctx)
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
func (v *visit) withoutSecond(ctx context.Context) *ftp.Client {
	waiting, cancel := context.WithTimeout(ctx, probes.Doubt(0))
	defer cancel()
	second, _ := v.second.wait(waiting)
	return second
}

// tryActive tries active mode on a control connection of its own, which comes up beside the first one and sends its password
// when that one's was accepted. A server that does not want two is asked on the first one, after passive mode.
func (v *visit) tryActive(ctx context.Context) {
	var second *ftp.Client
	defer func() { v.active.keep(second) }()
	defer func() { v.second.keep(second) }()
	if second = v.openSecond(ctx); second != nil {
		defer second.Close()
	}
	if second != nil && second.Ready() {
		v.service.Active = measure(ctx, v.Climb, v.service.At, func() ftp.Active { return second.Active(ctx, v.firstAside) })
		return
	}
	if second != nil {
		second.Close()
	}
	v.second.keep(second)
	first, _ := v.client.wait(ctx)
	<-v.passive.made // until then it is passive mode's, whatever becomes of ctx
	if first == nil || !first.Ready() {
		return
	}
	v.service.Active = measure(ctx, v.Climb, v.service.At, func() ftp.Active {
		return first.Active(ctx, func(context.Context) *ftp.Client { return nil })
	})
}

// openSecond opens the second control connection. One that the server lets wait is given up a doubt after passive mode is
// through: the first one is free then.
func (v *visit) openSecond(ctx context.Context) *ftp.Client {
	if v.Options.NoLogin {
		return nil
	}
	opening, giveUp := context.WithCancel(ctx)
	var watching sync.WaitGroup
	defer watching.Wait()
	defer giveUp()
	watching.Go(func() {
		if _, through := v.passive.wait(opening); !through {
			return
		}
		select {
		case <-time.After(probes.Doubt(0)):
			giveUp()
		case <-opening.Done():
		}
	})
	o := v.ftpOptions(v.protection(), false)
	o.BeforePass = v.afterFirstLogin
	return v.open(opening, "active", o)
}

// firstAside is the first control connection, when passive mode is through with it; nil where it is of no further use.
func (v *visit) firstAside(ctx context.Context) *ftp.Client {
	first, _ := v.client.wait(ctx)
	if _, through := v.passive.wait(ctx); !through {
		return nil
	}
	return first
}

// afterFirstLogin holds a password back until the first control connection's was accepted: a rejected login is never repeated.
func (v *visit) afterFirstLogin(ctx context.Context) *probes.Fault {
	if accepted, _ := v.login.wait(ctx); !accepted {
		return &probes.Fault{Step: "PASS", Kind: probes.Withheld, Message: "the first control connection's login was not accepted"}
	}
	return nil
}

// openFurther opens one more control connection, when the login is known to be accepted; nil where the server does not accept one
// soon, or where we have logged in as often as we may without being asked to.
func (v *visit) openFurther(ctx context.Context, purpose string, protection ftp.Protection) *ftp.Client {
	if !v.mayLogIn() {
		return nil
	}
	return v.open(ctx, purpose, v.ftpOptions(protection, false))
}

// maxFurtherLogins is how often rung logs in to a server beside the two sessions of the data modes, unless a flag asks for more.
const maxFurtherLogins = 2

// mayLogIn says that one more login is within the bounds, and counts it.
func (v *visit) mayLogIn() bool {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.logins++
	return v.logins <= maxFurtherLogins
}

// open opens a further control connection to a server that has accepted one already; nil where it does not accept another soon.
func (v *visit) open(ctx context.Context, purpose string, o ftp.Options) *ftp.Client {
	conn, err := v.dial(ctx)
	if err != nil {
		return nil
	}
	return ftp.Open(ctx, o, purpose, conn)
}

// dial makes a further connection to a server that has accepted one already, and should accept another soon.
func (v *visit) dial(ctx context.Context) (net.Conn, error) {
	dialing, cancel := context.WithTimeout(ctx, min(v.Options.Timeout, probes.Doubt(0)))
	defer cancel()
	return v.Options.Host.DialTCP(dialing, v.peer)
}

// protection is how the target's scheme wants the control connection protected.
func (c *Climb) protection() ftp.Protection {
	switch c.Target.Scheme {
	case "ftpes":
		return ftp.Explicit
	case "ftps":
		return ftp.Implicit
	}
	return ftp.Clear
}

// ftpOptions are those of one control connection. Only the first one's handshake and chain become evidence; but each one's
// chain is judged before the user's login is sent over it, since another connection may have found another server.
func (v *visit) ftpOptions(protection ftp.Protection, first bool) ftp.Options {
	o := ftp.Options{
		Host: v.Options.Host, Start: v.start, Wait: v.Options.Timeout, NoLogin: v.Options.NoLogin, Path: v.Target.Path,
		User: v.Options.User, Password: v.Options.Password, Secret: true, ActiveWait: v.Options.Timeout, Protection: protection,
		ActiveAddress: v.Options.ActiveAddress, ActivePorts: v.Options.ActivePorts,
		ClearData: v.Options.ClearData, FullTLS: v.Options.FullTLS,
	}
	if v.Options.Require == "passive" {
		o.ActiveWait = min(o.ActiveWait, idleWait)
	}
	if o.User == "" {
		o.User, o.Password, o.Secret = "anonymous", anonymousPassword, false
	}
	v.protect(&o, first && o.Protection != ftp.Clear)
	return o
}

// protect gives a control connection its TLS: one cache of sessions for it and its data connections, which servers (vsftpd,
// ProFTPD) want resumed from it, and the judgement of its chain.
func (v *visit) protect(o *ftp.Options, keep bool) {
	options := v.tlsOptions()
	options.Sessions = keptSessions{stdtls.NewLRUClientSessionCache(1)}
	var chain pki.Chain
	var state stdtls.ConnectionState
	o.Secure = func(ctx context.Context, conn net.Conn, wait time.Duration) (net.Conn, *probes.Fault) {
		once := options
		once.Wait = wait
		var secured *stdtls.Conn
		var fault *probes.Fault
		if keep {
			secured, fault = v.secure(ctx, conn, once)
		} else {
			_, secured, fault = shake(ctx, conn, once)
		}
		if fault != nil {
			return nil, fault
		}
		if state = secured.ConnectionState(); state.HelloRetryRequest { // what this handshake learned, the next ones need not
			options.Group = state.CurveID
		}
		if o.Protection != ftp.Clear {
			chain = v.readChain(secured)
			options.Now = whenValid(&chain)
		}
		return secured, nil
	}
	o.SecureData = func(ctx context.Context, conn net.Conn, wait time.Duration, full bool) (ftp.DataTLS, *probes.Fault) {
		once := options
		once.Wait = wait
		if full {
			once.Sessions = nil
		}
		return secureData(ctx, conn, once)
	}
	if o.Protection == ftp.Clear || !o.Secret || v.Options.InsecureLogin {
		return
	}
	o.BeforeUser = func() *probes.Fault {
		if v.isGood(state, &chain) {
			return nil
		}
		return &probes.Fault{Step: "USER", Kind: probes.Withheld, Message: "the certificate is not good: the login was not sent"}
	}
}

// keptSessions keeps a session for which a handshake failed: crypto/tls forgets it then, though it failed for the data connection's
// reasons (a server that refuses a transfer leaves its handshake unanswered), and the next data connection is to resume it.
type keptSessions struct{ stdtls.ClientSessionCache }

// Put keeps a session.
func (k keptSessions) Put(key string, session *stdtls.ClientSessionState) {
	if session != nil {
		k.ClientSessionCache.Put(key, session)
	}
}

// secureData makes the handshake of a data connection.
func secureData(ctx context.Context, conn net.Conn, o tls.Options) (ftp.DataTLS, *probes.Fault) {
	var data ftp.DataTLS
	if o.Sessions != nil {
		_, data.Offered = o.Sessions.Get(o.ServerName)
	}
	seen, secured, fault := shake(ctx, conn, o)
	data.InClear = seen.Plaintext
	if fault != nil {
		return data, fault
	}
	data.Conn, data.Resumed = secured, seen.Resumed
	if chain := secured.ConnectionState().PeerCertificates; len(chain) > 0 && !seen.Resumed {
		data.Leaf = pki.Fingerprint(chain[0])
	}
	return data, nil
}

// shake makes a handshake that does not become evidence of its own.
func shake(ctx context.Context, conn net.Conn, o tls.Options) (tls.Handshake, *stdtls.Conn, *probes.Fault) {
	seen, secured := tls.Shake(ctx, conn, o)
	return seen, secured, seen.Fault
}

// whenValid is a time at which the leaf of the chain was valid, where it has expired: Go resumes no session of an expired
// certificate, and a server that demands resumption must not be blamed for that. It is zero where the present will do.
func whenValid(chain *pki.Chain) time.Time {
	if len(chain.Certificates) > 0 && chain.At.After(chain.Certificates[0].NotAfter) {
		return chain.Certificates[0].NotAfter
	}
	return time.Time{}
}
