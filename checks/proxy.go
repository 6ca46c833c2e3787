package checks

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	nethttp "net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/proxy"
	"github.com/rung-cli/rung/probes/tls"
)

// doubtOfDirect is how long the direct way may take until a proxy is asked: a moment of doubt for the name, and one for the connection.
const doubtOfDirect = 2 * time.Second

// askProxy asks the proxy that the environment names for a tunnel to the target, where the direct way fails or is silent. Nothing is kept
// where that turns out to work.
func askProxy(ctx context.Context, c *Climb) {
	to := net.JoinHostPort(c.Target.Host, strconv.Itoa(int(c.Target.Port)))
	via := c.Options.Proxies.For(to)
	if via == nil {
		return
	}
	settle := probes.OnDoubt(ctx, doubtOfDirect, func(ctx context.Context) {
		c.evidence.Proxy = measure(ctx, c, "", func() proxy.Result {
			result, conn := proxy.Connect(ctx, c.Options.Host, proxy.Options{
				Proxy: via, To: to, Agent: "rung/" + c.Options.Version, Wait: c.Options.Timeout,
			})
			if conn != nil {
				result.Answer = c.hearThrough(ctx, conn)
				_ = conn.Close()
			}
			return result
		})
	})
	direct, _ := c.chosen.wait(ctx)
	settle(direct != nil)
	if direct != nil {
		c.evidence.Proxy = nil
	}
}

// hearThrough is what the target says over a connection, in a few words: that there is a tunnel does not mean that it is at its end.
func (c *Climb) hearThrough(ctx context.Context, conn net.Conn) string {
	switch {
	case speaksTLS(c.Target), c.Target.Scheme == "ftps":
		h, secured := tls.Shake(ctx, conn, tls.Options{ServerName: c.serverName(), Wait: c.Options.Timeout})
		if secured == nil {
			return ""
		}
		return h.Version
	case speaksHTTP(c.Target):
		answer := http.Ask(ctx, conn, http.Options{
			Method: nethttp.MethodHead, Host: bracketed(c.Target.Host), Agent: "rung/" + c.Options.Version, Wait: c.Options.Timeout,
		})
		if answer.Status == 0 {
			return ""
		}
		return "HTTP " + strconv.Itoa(answer.Status)
	case c.Target.Scheme == "tcp": // who speaks first is not known
		return ""
	}
	defer probes.Within(ctx, conn, c.Options.Timeout)()
	const code = 3 // digits, in front of an FTP server's greeting (RFC 959 §4.2)
	begin := make([]byte, code)
	if _, err := io.ReadFull(bufio.NewReader(conn), begin); err != nil {
		return ""
	}
	return probes.Bound(strings.TrimSpace(string(begin)))
}

// judgeProxy says whether the target is reached through the proxy where the direct way fails. It comes before all else: that nothing gets
// out directly is how such a network is meant to be, and whatever says so there is no cause.
func (b *bench) judgeProxy() {
	r := b.e.Proxy.result("proxy", Application)
	p := seen(b.e.Proxy)
	switch {
	case p == nil:
		b.needless(r, "not asked: the environment names none for this target, or the direct way works")
	case p.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	case p.Fault.Of(probes.Negative):
		b.needless(r, fmt.Sprintf("%s does not lead to %s: it answers %s", p.Proxy, p.To, p.Fault.Message))
	case p.Fault != nil:
		b.needless(r, fmt.Sprintf("%s does not lead to %s: %s", p.Proxy, p.To, p.Fault.Message))
	case p.Answer == "" && b.e.Target != nil && b.e.Target.Scheme != "tcp":
		b.needless(r, fmt.Sprintf("%s opens a tunnel to %s, and nothing comes through it", p.Proxy, p.To))
	case p.Status/100 != 2, !b.directFails():
		b.needless(r, "not needed: the direct way works")
	default:
		cause := b.proxyCause(p)
		b.proxyOnly = cause.ID
		for _, m := range b.e.Routes {
			if m.Seen.Purpose != "announced" {
				b.block(m.Seen.Destination, cause.ID)
			}
		}
		for _, try := range b.anchorTries() {
			if try.TCP.Fault != nil {
				b.block(try.TCP.Address.Addr(), cause.ID)
			}
		}
		b.found(r, Pass, fmt.Sprintf("%s leads to %s", p.Proxy, p.To), cause)
	}
}

// directFails says that no address of the target was connected to, as far as any was tried, and that this is known.
func (b *bench) directFails() bool {
	return !slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return m.Seen.Fault == nil || m.Seen.Fault.Of(probes.Interrupted) }) &&
		(len(b.e.TCP) > 0 || hasName(b.e.Target) && b.e.DNS != nil && len(b.dnsSeen().System.Addresses) == 0 && len(b.targetAddresses()) == 0)
}

// proxyCause says that the proxy is the only way. To FTP the proxy is half a way at the best: its data connections go to ports that few
// proxies lead to, and nobody asks for a tunnel from the server to us.
func (b *bench) proxyCause(p *proxy.Result) *Cause {
	cause := newCause("path.proxy-only", p.Proxy, fmt.Sprintf("%s is reached through the proxy %s alone", p.To, p.Proxy),
		fmt.Sprintf("CONNECT %s through %s: %d %s", p.To, p.Proxy, p.Status, p.Reason)).
		mend("have the program use the proxy %s, or ask the network's operator to let %s through directly", p.Proxy, p.To)
	checks := []string{"proxy"}
	if p.Answer != "" {
		cause.Evidence = append(cause.Evidence, "through the tunnel comes "+p.Answer)
	}
	for _, m := range b.e.TCP {
		cause.Evidence = append(cause.Evidence, "directly: "+describeAttempt(m.Seen))
	}
	if len(b.e.TCP) > 0 {
		checks = append(checks, "tcp")
	} else {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("directly: the name %s does not resolve here; the proxy resolves it by itself", hostOf(b.e.Target)))
		checks = append(checks, "dns")
	}
	if speaksFTP(b.e.Target) {
		cause.as(SeverityFail).mend("ask the network's operator to let %s through directly: FTP's data connections go to ports that proxies "+
			"usually do not lead to (CONNECT), and active mode cannot pass at all; SFTP or HTTPS get by with the proxy", p.To)
	}
	if slices.ContainsFunc(b.e.TCP, func(m tcpMeasured) bool { return turnedAway(m.Seen.Fault) }) {
		cause.likely("who sends the RST: a firewall in the name of the target, or the target itself, which may know the proxy's address alone")
	}
	return cause.restsOn(checks...)
}
