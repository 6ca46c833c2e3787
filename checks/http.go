package checks

import (
	"cmp"
	"context"
	stdtls "crypto/tls"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	httpprobe "github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/tls"
)

// askInClear asks a target that speaks HTTP without TLS; with TLS, the page is asked for where the handshake was made.
func askInClear(ctx context.Context, c *Climb) {
	if !speaksTLS(c.Target) {
		atEachAddress((*visit).askHTTP)(ctx, c)
	}
}

// askHTTP asks for the target's page over a connection in clear.
func (v *visit) askHTTP(ctx context.Context) {
	defer func() { _ = v.conn.Close() }()
	v.request(ctx, v.conn, v.pageRequest())
	if r := &v.service.HTTP.Seen; r.Fault != nil && r.Text == "" {
		v.lookCloser(ctx, r)
	}
}

// lookCloser tries on further connections what would explain that a request got no response: TLS, and small segments.
func (v *visit) lookCloser(ctx context.Context, r *httpprobe.Result) {
	wait := min(v.Options.Timeout, probes.Doubt(v.rtt))
	var trying sync.WaitGroup
	trying.Go(func() {
		r.OverTLS = v.try(ctx, time.Now().Add(wait), v.shaking(tls.ChangedNothing, "", v.tlsOptions())).Answer.Version
	})
	if r.Fault.Of(probes.Timeout) {
		trying.Go(func() { r.Again = v.requestAgain(ctx, 0, wait) })
		trying.Go(func() { r.InSmallSegments = v.requestAgain(ctx, smallMSS(v.peer.Addr()), wait) })
	}
	trying.Wait()
}

// requestAgain makes the request on a further connection, with segments of mss bytes at the most, and gives the status; 0 where none comes.
func (v *visit) requestAgain(ctx context.Context, mss int, wait time.Duration) int {
	conn, fault := v.dialForTLS(ctx, v.peer, mss, wait)
	if fault != nil {
		return 0
	}
	defer func() { _ = conn.Close() }()
	o := v.pageRequest()
	o.Host, o.Agent, o.Wait = v.hostHeader(), "rung/"+v.Options.Version, wait
	return httpprobe.Ask(ctx, conn, o).Status
}

// askHTTPS asks for the target's page where the certificate is good, or the user insists. Where its dates are all that is wrong with it,
// a request that says nothing of the user reads the server's clock.
func (v *visit) askHTTPS(ctx context.Context, secured *stdtls.Conn) {
	chain := &v.service.Chain.Seen
	switch {
	case ctx.Err() != nil: // nothing is sent any more
	case v.Options.InsecureLogin || v.isGood(secured.ConnectionState(), chain):
		v.request(ctx, secured, v.pageRequest())
	case v.onlyDatesAreWrong(chain), chainIsGood(chain) && v.outOfDate(chain):
		v.request(ctx, secured, httpprobe.Options{Method: http.MethodHead, Path: "/"})
	}
}

func (c *Climb) pageRequest() httpprobe.Options {
	path := cmp.Or(c.Target.Path, "/")
	return httpprobe.Options{Method: http.MethodGet, Path: (&url.URL{Path: path}).EscapedPath(), Query: c.Target.query}
}

func (v *visit) request(ctx context.Context, conn net.Conn, o httpprobe.Options) {
	o.Host, o.Agent, o.Wait = v.hostHeader(), "rung/"+v.Options.Version, v.Options.Timeout
	v.service.HTTP = measure(ctx, v.Climb, v.service.At, func() httpprobe.Result { return httpprobe.Ask(ctx, conn, o) })
	v.hearTheRest(ctx, v.service.HTTP.Seen.Fault)
}

// hostHeader is the host that the request is for (RFC 9110 §7.2): without the port where that is the scheme's own.
func (c *Climb) hostHeader() string {
	host := c.serverName()
	if addr := c.Target.Addr(); addr.Is6() && c.Options.ServerName == "" {
		host = "[" + addr.WithZone("").String() + "]"
	}
	if schemes[c.Target.Scheme] == c.Target.Port {
		return host
	}
	return fmt.Sprintf("%s:%d", host, c.Target.Port)
}

func (b *bench) judgeHTTP() {
	r := b.s.HTTP.result("http", Application)
	seen := seen(b.s.HTTP)
	switch {
	case seen == nil && b.s.Chain != nil && len(b.badChain) > 0:
		b.follows(r, Skip, "nothing was asked: the certificate is not good (--insecure-login asks all the same)", b.badChain)
	case seen == nil:
		b.skipUpper(r, "there was nothing to ask over", b.badTLS...)
	case seen.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	case seen.Fault != nil && len(b.badTLS) > 0:
		b.follows(r, Fail, "no response: the TLS handshake failed", b.badTLS)
	case seen.Fault != nil:
		b.judgeNoResponse(r, seen)
	case b.portalAnswered(seen) && !b.portalStands(): // the target may well send its visitors there itself
		b.portal.as(SeverityWarn)
		b.follows(r, Warn, describeResponse(seen)+": the answer may be the network's", []string{b.portal.ID})
	case b.portalAnswered(seen):
		b.caught("it answers " + statusLine(seen))
		b.follows(r, Fail, describeResponse(seen)+": the answer is the network's, and not the target's", []string{b.portal.ID})
	case seen.Method == http.MethodHead && len(b.badChain) == 0:
		b.needless(r, "only the server's time was asked for: by the time server the certificate is not valid")
	case seen.Method == http.MethodHead:
		b.follows(r, Skip, "only the server's time was asked for: the certificate is not good (--insecure-login asks for the page)", b.badChain)
	case seen.Status >= 500:
		cause := newCause("http.server-error", seen.Address.String(), fmt.Sprintf("the server answers with an error of its own: %s", statusLine(seen)),
			fmt.Sprintf("%s %s was answered %s", seen.Method, seen.Path, statusLine(seen))).restsOn("http").
			mend("look into the log of the web server, and of what stands behind it, at %s", seen.Answered.UTC().Format("15:04:05 UTC"))
		b.found(r, Warn, cause.Summary, cause)
	default:
		b.found(r, Pass, describeResponse(seen)+b.missesCertificate(seen))
	}
}

func (b *bench) judgeNoResponse(r Result, seen *httpprobe.Result) {
	where := seen.Address.String()
	switch {
	case seen.OverTLS != "":
		cause := newCause("http.not-http", where, where+" speaks TLS, and not HTTP in clear",
			fmt.Sprintf("the request in clear got no response (%s)", seen.Fault.Message),
			"a ClientHello to the same port is answered with "+seen.OverTLS).restsOn("http").
			mend("use https:// for this port")
		b.found(r, Fail, cause.Summary, cause)
	case seen.Text != "":
		cause := newCause("http.not-http", where, where+" does not speak HTTP",
			fmt.Sprintf("in answer to the request came %q", firstLine(seen.Text))).restsOn("http").
			mend("correct the port or the scheme: a service of another kind answers there")
		b.found(r, Fail, cause.Summary, cause)
	case seen.Again > 0:
		b.found(r, Fail, fmt.Sprintf("the request got no response, and the same once more is answered with status %d: it comes and goes", seen.Again))
	case seen.InSmallSegments > 0:
		cause := newCause("path.pmtu-blackhole-inbound", "", "large packets from "+where+" vanish on the way here",
			fmt.Sprintf("no response came within %s, and none to the same request once more", seen.Took),
			fmt.Sprintf("with small segments it is answered with status %d", seen.InSmallSegments)).restsOn("http").
			likely("the same request several times, with large and with small segments").mend(letLargePacketsIn)
		b.found(r, Fail, cause.Summary, cause)
	case seen.Fault.Of(probes.Timeout) && seen.Received == 0 && b.s.Handshake == nil && seen.Transport.BytesAcked > 0 && seen.Transport.Unacked == 0 &&
		seen.Transport.OutOfOrder == 0:
		cause := newCause("tcp.silent", where, where+" accepts connections and says nothing",
			fmt.Sprintf("the request was acknowledged, and nothing came within %s", seen.Took)).restsOn("http").
			mend("look at the service on %s: it hangs, or the port is another's", where)
		b.found(r, Fail, cause.Summary, cause)
	default:
		b.found(r, Fail, "the request got no response: "+howItEnded(seen.Fault))
	}
}

// missesCertificate says that the server asked for a certificate of ours, got none, and refuses the request: nginx answers so.
func (b *bench) missesCertificate(r *httpprobe.Result) string {
	h := seen(b.s.Handshake)
	if h == nil || h.ClientCertificate == nil || h.ClientCertificate.Sent != "" || r.Status < 400 {
		return ""
	}
	return "; it had asked for a client certificate (--cert), and got none"
}

func statusLine(r *httpprobe.Result) string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.Status, r.Reason))
}

func describeResponse(r *httpprobe.Result) string {
	text := fmt.Sprintf("%s %s: %s", r.Method, r.Path, statusLine(r))
	if r.Location != "" {
		text += ", to " + r.Location
	}
	if r.Server != "" {
		text += " (" + r.Server + ")"
	}
	return text
}

// howItEnded is a fault of a connection in words.
func howItEnded(f *probes.Fault) string {
	switch f.Kind {
	case probes.Closed:
		return "the server ended the connection (FIN)"
	case probes.Reset:
		return "the connection was reset (RST)"
	case probes.Timeout:
		return "nothing came in time"
	}
	return f.Message
}
