package output

import (
	"cmp"
	"fmt"
	"net/netip"
	"strings"
	"time"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/proxy"
	"github.com/rung-cli/rung/probes/tcp"
)

// details writes what a page says only when asked: the facts of the clock, of HTTP and of FTP's data modes, and then the dialogues of
// control connections, which are long.
func (p *page) details(report *checks.Report) {
	p.translation(report.Translation)
	for _, r := range report.Checks {
		switch observation := r.Observation.(type) {
		case *tcp.Result:
			p.learned(observation)
		case *ftp.Passive:
			p.sampling(observation.Sampling)
			p.series(observation.Series)
		case *ftpclient.Result:
			p.stockClient(observation)
		case *ftp.Control:
			p.hold(observation.Hold)
		case *http.Result:
			p.request(observation)
		case *clock.Result:
			p.clock(observation)
		case *checks.Anchor:
			p.anchor(observation)
		case *proxy.Result:
			p.proxy(observation)
		case *dns.Result:
			p.resolution(observation)
		}
	}
	for _, control := range observed[ftp.Control](report.Checks) {
		for _, session := range control.Sessions {
			p.dialogue(session, control.Peer)
		}
	}
}

// learned writes of a narrow path that it is no fault: the kernel was told what fits.
func (p *page) learned(r *tcp.Result) {
	if r.LearnedMTU == 0 {
		return
	}
	p.line()
	p.paragraph(p.ink(p.bold, "Path MTU")+"  ", causeIndent, fmt.Sprintf("packets to %s may have %d bytes, which the kernel has learned: path MTU "+
		"discovery works", r.Address, r.LearnedMTU))
}

// facts writes what there is, each behind its label.
func (p *page) facts(facts [][2]string) {
	for _, fact := range facts {
		if fact[1] != "" {
			p.labelled(fact[0], fact[1])
		}
	}
}

// faultText is what went wrong, and in which step: once, where the system's words begin with the step too ("dial tcp …").
func faultText(fault *probes.Fault) string {
	if fault == nil {
		return ""
	}
	if rest, named := strings.CutPrefix(fault.Message, fault.Step); named && strings.IndexAny(rest, " :") == 0 {
		return fault.Message
	}
	return fault.Error()
}

// moment is a point in time as the pages write it.
func moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format("2006-01-02 15:04:05 UTC")
}

// request writes an HTTP request and its answer.
func (p *page) request(r *http.Result) {
	p.heading("HTTP", "with "+r.Address.String())
	var answer string
	if r.Status > 0 {
		answer = fmt.Sprintf("%s %d %s after %s, %s", r.Version, r.Status, r.Reason, r.Took, counted(r.Received, "byte"))
	}
	p.facts([][2]string{
		{"request", r.Method + " " + r.Path + ifAny(r.Host, "of ", r.Host != "")},
		{"answer", answer},
		{"to", r.Location},
		{"server", r.Server},
		{"Date", dateText(r)},
		{"received", r.Text},
		{"fault", faultText(r.Fault)},
	})
}

// dateText compares the server's time, which has whole seconds, with ours.
func dateText(r *http.Result) string {
	if r.Date.IsZero() {
		return ""
	}
	text := moment(r.Date)
	if r.Answered.IsZero() {
		return text
	}
	switch ahead := r.Date.Sub(r.Answered.Truncate(time.Second)); {
	case ahead.Abs() <= time.Second:
		text += ", as this machine's clock"
	case ahead > 0:
		text += ", " + span(ahead) + " ahead of this machine's clock"
	default:
		text += ", " + span(ahead) + " behind this machine's clock"
	}
	if r.Cached {
		text += "; it may come out of a cache"
	}
	return text
}

// anchor writes what is known of another host, and who vouches for it.
func (p *page) anchor(a *checks.Anchor) {
	p.heading("Anchor", a.Name)
	var address string
	if a.Address.IsValid() {
		address = a.Address.String() + either(a.Connected, ", connected", ", not connected")
	}
	p.facts([][2]string{{"address", address}, {"fault", faultText(a.Fault)}})
	for _, try := range a.Tries {
		if try.TCP.Address != a.Address {
			p.labelled("tried", try.TCP.Address.String()+either(try.TCP.Connected(), ", connected", ", not connected"))
		}
	}
	if a.HTTP != nil && a.HTTP.Status != 0 {
		p.facts([][2]string{{"answer", strings.TrimSpace(fmt.Sprintf("%d %s", a.HTTP.Status, a.HTTP.Reason))}, {"sent to", a.HTTP.Location}})
	}
	if a.Chain == nil || len(a.Chain.Certificates) == 0 {
		return
	}
	leaf := a.Chain.Certificates[0]
	p.facts([][2]string{{"subject", leaf.Subject}, {"issuer", leaf.Issuer}, {"valid", validity(leaf, a.Chain.At)}})
	p.trust(a.Chain.Trust)
}

// proxy writes what came of asking a proxy for a tunnel.
func (p *page) proxy(r *proxy.Result) {
	p.heading("Proxy", r.Proxy)
	var address, answer string
	if r.Address.IsValid() {
		address = r.Address.String() + either(r.LoginSent, ", with a login", "")
	}
	if r.Status != 0 {
		answer = fmt.Sprintf("%d %s after %s", r.Status, r.Reason, r.Took)
	}
	p.facts([][2]string{
		{"address", address}, {"request", "CONNECT " + r.To}, {"answer", answer}, {"through it", r.Answer}, {"fault", faultText(r.Fault)},
	})
}

// clock writes what is known of this machine's clock.
func (p *page) clock(c *clock.Result) {
	p.heading("Clock", moment(c.Now))
	if k := c.Kernel; k != nil {
		text := "nothing keeps the clock, as far as the kernel knows"
		if k.Synchronized {
			text = fmt.Sprintf("synchronized; off by %s at most, by %s as it estimates", k.MaxError, k.EstimatedError)
		}
		p.labelled("kernel", text)
	}
	for _, server := range c.NTP {
		p.labelled("NTP", ntpText(server))
	}
}

func ntpText(n clock.NTP) string {
	text := n.Server
	if n.Address.IsValid() {
		text += " (" + n.Address.String() + ")"
	}
	if n.Fault != nil {
		return text + ": " + faultText(n.Fault)
	}
	offset := cmp.Compare(n.Offset, 0)
	text += ": " + [...]string{"behind ours by ", "", "ahead of ours by "}[offset+1] + probes.Millis(time.Duration(n.Offset).Abs()).String()
	text += fmt.Sprintf(", measured over a round trip of %s; stratum %d", n.RoundTrip, n.Stratum)
	if !n.Usable {
		text += "; it does not call itself synchronized"
	}
	return text
}

// dialogue writes the lines of one control connection, with the time at which each was sent or had arrived.
func (p *page) dialogue(session ftp.Session, peer netip.AddrPort) {
	p.line()
	p.line(p.ink(p.bold, "Control connection"), p.ink(nil, " with "+peer.String()+" ("+session.Purpose+")"))
	width := 0
	for _, line := range session.Lines {
		width = max(width, columns(line.At.String()))
	}
	for _, line := range session.Lines {
		at := line.At.String()
		lead := blank(2+width-columns(at)) + p.cell(p.faint, at, 0) + p.ink(p.faint, direction(line)+" ")
		p.paragraph(lead, columns(string(lead)), line.Text)
	}
}

func direction(line probes.Line) string {
	if line.From == "client" {
		return ">"
	}
	return "<"
}
