package checks

import (
	"context"
	stdtls "crypto/tls"
	"errors"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/pki"
)

// investigate looks closer at what failed, by experiments whose outcome would change the verdict; and does what the user asks for
// beside. The two sessions of the data modes are over by now, so that a server with few places has one.
func (v *visit) investigate(ctx context.Context) {
	control := v.service.Control.Seen
	if !control.LoggedIn || v.service.Passive == nil && v.service.Active == nil {
		return
	}
	v.traceRefusedPort(ctx)
	v.findFirstRouter(ctx)
	v.compare(ctx)
	var looking sync.WaitGroup
	looking.Go(func() { v.doAsAsked(ctx) })
	if v.service.Client == nil && (v.Options.SecondOpinion || v.passiveDiffers() && v.mayLogIn()) {
		looking.Go(func() { v.askClient(ctx) })
	}
	looking.Wait()
}

// compare repeats what failed on a control connection that is protected otherwise, or with data connections that are.
func (v *visit) compare(ctx context.Context) {
	p, a := seen(v.service.Passive), seen(v.service.Active)
	passive, active := p != nil && v.protectionMatters(decisiveTransfer(p)), v.activeFailed(a) && lastAttempt(a).From.IsValid() && v.protectionMatters(lastAttempt(a).Transfer)
	switch {
	case p != nil && stalled(decisiveTransfer(p)) && v.listInSmallSegments(ctx, p):
	case passive || active || v.onlyPrivate():
		v.compareData(ctx, p, a)
	case p != nil && (portFailed(p) || otherAddress(p)), v.activeFailed(a):
		v.compareControl(ctx, p, a)
	}
}

// listInSmallSegments repeats a listing that stands still with segments that any path carries whole, and says whether it came.
func (v *visit) listInSmallSegments(ctx context.Context, p *ftp.Passive) bool {
	if !v.mayLogIn() {
		return false
	}
	o := v.ftpOptions(v.protection(), false)
	o.DataMSS, o.Wait = smallMSS(v.peer.Addr()), min(v.Options.Timeout, 3*probes.Doubt(v.rtt))
	other := v.open(ctx, string(ftp.SmallSegments), o)
	if other == nil {
		return false
	}
	defer v.finish(other)
	if !other.Ready() {
		return false
	}
	again := other.Attempt(ctx, decisiveAttempt(p).Command, ftp.SmallSegments)
	p.Compared = append(p.Compared, again)
	return again.Worked()
}

// removeLeft removes the file of a series whose own session was gone.
func (v *visit) removeLeft(ctx context.Context, series *ftp.Series) {
	if series != nil && series.Left && series.Removed == nil {
		v.onSession(ctx, "removal", func(client *ftp.Client) { client.Remove(ctx, series) })
	}
}

// uploadInSmallSegments repeats the transfers of which the upload stood still with segments that any path carries whole.
func (v *visit) uploadInSmallSegments(ctx context.Context, p *ftp.Passive) {
	if !v.mayLogIn() {
		return
	}
	o := v.ftpOptions(v.protection(), false)
	o.DataMSS, o.Wait = smallMSS(v.peer.Addr()), min(v.Options.Timeout, 3*probes.Doubt(v.rtt))
	other := v.open(ctx, string(ftp.SmallSegments), o)
	if other == nil {
		return
	}
	defer v.finish(other)
	if other.Ready() {
		small := other.Series(ctx)
		p.SmallSeries = &small
	}
}

// portFailed says that no data connection could be made to the ports of a server that gave some.
func portFailed(p *ftp.Passive) bool {
	last := decisiveAttempt(p)
	return last.Fault != nil && last.Used.IsValid() && !last.ControlLost && !p.EPSV.Connected && (p.PASV == nil || !p.PASV.Connected) && !worksAlone(p)
}

// otherAddress says that the server announces an address that is not the control connection's.
func otherAddress(p *ftp.Passive) bool {
	return p.PASV != nil && p.PASV.Announced.IsValid() && p.PASV.Announced.Addr() != p.Peer && p.Peer.Is4()
}

// activeFailed says that active mode does not work, and is needed.
func (v *visit) activeFailed(a *ftp.Active) bool {
	if a == nil || len(a.Attempts) == 0 || lastAttempt(a).Worked() {
		return false
	}
	passive := seen(v.service.Passive)
	passiveWorks := passive != nil && (passive.EPSV.Worked() || passive.PASV.Worked())
	return v.Options.Require == "active" || v.Options.Require == "both" || v.Options.Require == "any" && !passiveWorks
}

// lastAttempt is the attempt that active mode is judged by.
func lastAttempt(a *ftp.Active) ftp.ActiveAttempt { return a.Attempts[len(a.Attempts)-1] }

// compareControl repeats what failed with the control connection in clear where it was protected, and protected where it was clear:
// what reads the control connection on the way sees it in clear alone.
func (v *visit) compareControl(ctx context.Context, p *ftp.Passive, a *ftp.Active) {
	protection, variant, ok := v.otherProtection(&v.service.Control.Seen)
	if !ok {
		return
	}
	other := v.openFurther(ctx, string(variant), protection)
	if other == nil {
		return
	}
	defer v.finish(other)
	if !other.Ready() {
		return
	}
	for i := 0; p != nil && portFailed(p) && i < comparedPorts && other.Ready(); i++ { // one port alone may be an exception
		p.Compared = append(p.Compared, other.Attempt(ctx, decisiveAttempt(p).Command, variant))
	}
	if p != nil && otherAddress(p) && other.Ready() {
		p.Compared = append(p.Compared, other.Ask(ctx, "PASV", variant))
	}
	if v.activeFailed(a) && other.Ready() {
		a.Compared = append(a.Compared, other.AttemptActive(ctx, a.Attempts[0].Command, variant))
	}
}

// comparedPorts is how many data connections are made for a comparison.
const comparedPorts = 2

// otherProtection is the other protection of the control connection; not ok where the server has none, or the login may not be sent
// so.
func (v *visit) otherProtection(control *ftp.Control) (ftp.Protection, ftp.Variant, bool) {
	switch v.protection() {
	case ftp.Explicit:
		return ftp.Clear, ftp.InClear, v.Options.User == "" || v.Options.ClearLogin
	case ftp.Clear:
		return ftp.Explicit, ftp.OverTLS, control.HasFeature("AUTH TLS")
	}
	return "", "", false // port 990 speaks TLS only
}

// mayCompare says that the control connection can be protected otherwise, to compare.
func (v *visit) mayCompare(control *ftp.Control) bool {
	_, _, ok := v.otherProtection(control)
	return ok
}

// finish ends a further control connection and keeps its dialogue.
func (v *visit) finish(client *ftp.Client) {
	client.Close()
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.sessions = append(v.sessions, client.Dialogues()...)
}

// onlyPrivate says that the server refused to leave data connections unprotected.
func (v *visit) onlyPrivate() bool {
	security := seen(v.service.Security)
	return security != nil && security.Private.Done()
}

// protectionMatters says that a transfer may have failed for the protection of its data connection.
func (v *visit) protectionMatters(t *ftp.Transfer) bool {
	if t == nil || t.Fault == nil || t.Fault.Of(probes.Interrupted) || t.Fault.Step == "data connection" {
		return false
	}
	return v.protection() != ftp.Clear || wantsProtection(t)
}

// decisiveTransfer is the transfer that passive mode is judged by.
func decisiveTransfer(p *ftp.Passive) *ftp.Transfer {
	if p.EPSV.Transfer == nil && p.PASV != nil {
		return p.PASV.Transfer
	}
	return p.EPSV.Transfer
}

// wantsProtection says that a server refused a transfer before it began, as one does that wants data protected (RFC 4217 §10.2).
func wantsProtection(t *ftp.Transfer) bool {
	return t.Opening != nil && slices.Contains([]int{521, 522, 534, 550}, t.Opening.Code)
}

// compareData repeats the transfer with another protection of its data connection: protected where it was clear; with the control
// connection's session resumed where the handshake was a full one, and with a full handshake where it was resumed.
func (v *visit) compareData(ctx context.Context, p *ftp.Passive, a *ftp.Active) {
	protection, variant := v.protection(), ftp.ResumedTLS
	switch {
	case v.protection() == ftp.Clear && !v.service.Control.Seen.HasFeature("AUTH TLS"):
		return
	case v.protection() == ftp.Clear:
		protection, variant = ftp.Explicit, ftp.PrivateData
	case v.Options.ClearData:
		variant = ftp.PrivateData
	case p != nil && triedToResume(decisiveTransfer(p)):
		variant = ftp.FullTLS
	}
	if !v.mayLogIn() {
		return
	}
	o := v.ftpOptions(protection, false)
	o.ClearData, o.FullTLS = false, variant == ftp.FullTLS
	other := v.open(ctx, string(variant), o)
	if other == nil {
		return
	}
	defer v.finish(other)
	if p != nil && decisiveAttempt(p).Used.IsValid() && other.Ready() {
		p.Compared = append(p.Compared, other.Attempt(ctx, decisiveAttempt(p).Command, variant))
	}
	if v.activeFailed(a) && other.Ready() {
		a.Compared = append(a.Compared, other.AttemptActive(ctx, a.Attempts[0].Command, variant))
	}
}

// triedToResume says that a transfer resumed the control connection's session, or did not come as far as to know whether it may.
func triedToResume(t *ftp.Transfer) bool { return t != nil && (t.Resumed || t.Offered && !t.Secured) }

// doAsAsked does what only a flag asks for, on sessions of their own.
func (v *visit) doAsAsked(ctx context.Context) {
	p := seen(v.service.Passive)
	if p == nil {
		return
	}
	if v.Options.Samples > 0 && (p.Sampling == nil || len(p.Sampling.Samples) < v.Options.Samples) {
		v.onSession(ctx, "samples", func(client *ftp.Client) { client.SampleHere(ctx, p, v.Options.Samples) })
	}
	if v.Options.Transfer {
		v.onSession(ctx, "transfers", func(client *ftp.Client) {
			series := client.Series(ctx)
			p.Series = &series
		})
		v.removeLeft(ctx, p.Series)
		if p.Series != nil && p.Series.UploadStalled() {
			v.uploadInSmallSegments(ctx, p)
			v.removeLeft(ctx, p.SmallSeries)
		}
	}
	if v.Options.Hold > 0 {
		v.service.Control.Seen.Hold = &ftp.Hold{
			For: probes.Millis(v.Options.Hold), Fault: &probes.Fault{Step: "login", Kind: probes.Other, Message: "the server gave no further session"},
		}
		v.onSession(ctx, "hold", func(client *ftp.Client) {
			hold := client.Hold(ctx, v.Options.Hold, v.Options.Transfer)
			v.service.Control.Seen.Hold = &hold
		})
	}
}

// onSession does something on a session that a flag asks for. A server with few places may need a moment to see that the sessions before
// are gone.
func (v *visit) onSession(ctx context.Context, purpose string, do func(*ftp.Client)) {
	for _, pause := range []time.Duration{0, probes.Doubt(0)} {
		select {
		case <-time.After(pause):
		case <-ctx.Done():
			return
		}
		client := v.open(ctx, purpose, v.ftpOptions(v.protection(), false))
		if client == nil {
			continue
		}
		ready := client.Ready()
		if ready {
			do(client)
		}
		v.finish(client)
		if ready || !meetsLimit(&client.Control) {
			return
		}
	}
}

// passiveDiffers says that passive mode failed, or that it announces an address at which clients may fail that we did not.
func (v *visit) passiveDiffers() bool {
	p := seen(v.service.Passive)
	return p != nil && p.EPSV != nil && (otherAddress(p) || !p.EPSV.Worked() && !p.PASV.Worked() && !worksAlone(p))
}

// askClient lets a stock client log in and list. Where the certificate is not good, the user's login is not given to it either.
func (v *visit) askClient(ctx context.Context) {
	o := v.ftpOptions(v.protection(), false)
	ask := ftpclient.Options{
		Host: v.Options.Host, Start: v.start, To: v.peer, Wait: v.Options.Timeout, User: o.User, Password: o.Password, Secret: o.Secret,
		Path: v.Target.Path, Implicit: o.Protection == ftp.Implicit, FollowPASV: v.Options.FollowPASV,
	}
	if !v.Options.SecondOpinion {
		ask.Wait = min(ask.Wait, probes.Doubt(v.rtt))
	}
	if o.Protection != ftp.Clear {
		chain := seen(v.service.Chain)
		if o.Secret && !v.Options.InsecureLogin && (v.secured == nil || !v.isGood(v.secured.ConnectionState(), chain)) {
			return
		}
		ask.TLS = v.clientTLS(o.Secret)
	}
	v.service.Client = measure(ctx, v.Climb, v.service.At, func() ftpclient.Result { return ftpclient.Try(ctx, ask) })
}

// clientTLS is how the stock client speaks TLS: as rung does, except that it verifies by itself the chain that it sends a user's
// login to, since another connection may find another server.
func (v *visit) clientTLS(verify bool) *stdtls.Config {
	config := &stdtls.Config{
		ServerName: v.serverName(), ClientSessionCache: stdtls.NewLRUClientSessionCache(1), MinVersion: stdtls.VersionTLS12,
		InsecureSkipVerify: true, //nolint:gosec // VerifyConnection does, where something secret depends on it
	}
	if ours := v.Options.Certificate; ours != nil {
		config.Certificates = []stdtls.Certificate{*ours}
	}
	if verify && !v.Options.InsecureLogin {
		config.VerifyConnection = v.verifyChain
	}
	return config
}

// verifyChain judges the chain of a connection as it judges the target's own.
func (v *visit) verifyChain(state stdtls.ConnectionState) error {
	chain := pki.ReadChain(presentedIn(state), v.nameToVerify(), v.roots(), v.evidence.Started)
	if v.isGood(state, &chain) {
		return nil
	}
	return errors.New("the certificate is not good: the login is not sent")
}

// traceDataPort finds out how far the SYNs to a silent data port come, and how far those to the control port: first the control port's,
// one by one up to the first that arrives, and then the data port's as far as that and no further, all at once. It leaves the kernel
// the time for a second SYN before: the first may just be lost.
func (v *visit) traceDataPort(ctx context.Context, port netip.AddrPort) {
	wait := 2*v.rtt + secondSYN
	select {
	case <-time.After(min(wait, v.Options.Timeout/8)):
	case <-ctx.Done():
		return
	}
	var asking sync.WaitGroup
	defer asking.Wait()
	if client, _ := v.client.wait(ctx); client != nil && !v.mayCompare(&client.Control) && v.mayLogIn() { // there is no better use for a login
		asking.Go(func() { v.askClient(ctx) })
	}
	limited, cancel := context.WithTimeout(ctx, min(traceTime, v.Options.Timeout))
	defer cancel()
	control := v.trace(limited, path.Options{Host: v.Options.Host, To: v.peer, Purpose: toControlPort, OneByOne: true, Wait: wait})
	if control.Fault != nil || ctx.Err() != nil {
		return
	}
	v.trace(limited, path.Options{
		Host: v.Options.Host, To: port, Purpose: toDataPort, Last: control.LastTTL, Wait: time.Second + wait,
	})
}

// traceRefusedPort finds out who refuses a data port: a RST in the server's name that comes before the control port's SYNs arrive there is
// a device's on the way.
func (v *visit) traceRefusedPort(ctx context.Context) {
	p := seen(v.service.Passive)
	if p == nil || !portFailed(p) || !decisiveAttempt(p).Fault.Of(probes.Refused) {
		return
	}
	limited, cancel := context.WithTimeout(ctx, min(traceTime, v.Options.Timeout))
	defer cancel()
	wait := 2*v.rtt + secondSYN
	data := v.trace(limited, path.Options{
		Host: v.Options.Host, To: decisiveAttempt(p).Used, Purpose: toDataPort, OneByOne: true, Wait: wait,
	})
	if data.Reached {
		v.trace(limited, path.Options{
			Host: v.Options.Host, To: v.peer, Purpose: toControlPort, First: data.LastTTL, Last: data.LastTTL, OneByOne: true, Wait: wait,
		})
	}
}

// findFirstRouter learns who the first router on the way is, where no trace has told it: one that has the server's own address turns
// back what comes from inside. Such a router tells that only when nothing of ours has passed it for a second: what it forwards where
// it came from counts against its rate of ICMP messages (the kernel's redirects do).
func (v *visit) findFirstRouter(ctx context.Context) {
	known := slices.ContainsFunc(v.paths, func(m pathMeasured) bool {
		return len(m.Seen.Hops) > 0 && m.Seen.Hops[0].TTL == 1 && m.Seen.Hops[0].Outcome == path.Exceeded
	})
	p := seen(v.service.Passive)
	if known || p == nil || !portFailed(p) || !isPrivate(p.Local) || isPrivate(p.Peer) {
		return
	}
	v.trace(ctx, path.Options{
		Host: v.Options.Host, To: v.peer, Purpose: toControlPort, First: 1, Last: 1, OneByOne: true,
		Wait: min(probes.Doubt(v.rtt)+secondSYN, v.Options.Timeout/2),
	})
}

const (
	secondSYN = 200 * time.Millisecond // beyond the second after which the kernel sends one again, RFC 6298 §2.1
	traceTime = 4 * time.Second
)

// trace measures one way and keeps it.
func (v *visit) trace(ctx context.Context, o path.Options) path.Result {
	m := measure(ctx, v.Climb, v.peer.Addr().String(), func() path.Result { return path.Trace(ctx, o) })
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.paths = append(v.paths, *m)
	return m.Seen
}
