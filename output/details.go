package output

import (
	"net/netip"
	"strings"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
	"github.com/rung-cli/rung/probes/tls"
)

// details writes what a page says only when asked: the facts of TLS handshakes and of FTP's data modes, and then the dialogues of control
// connections, which are long.
func (p *page) details(report *checks.Report) {
	p.translation(report.Translation)
	for _, r := range report.Checks {
		switch observation := r.Observation.(type) {
		case *ftp.Passive:
			p.sampling(observation.Sampling)
			p.series(observation.Series)
		case *ftpclient.Result:
			p.stockClient(observation)
		case *tls.Handshake:
			p.handshake(observation)
		case *ftp.Control:
			p.hold(observation.Hold)
		}
	}
	for _, control := range observed[ftp.Control](report.Checks) {
		for _, session := range control.Sessions {
			p.dialogue(session, control.Peer)
		}
	}
}

// handshake writes what was offered and agreed on, without what did not come about.
func (p *page) handshake(h *tls.Handshake) {
	p.line()
	p.line(p.ink(p.bold, "TLS handshake"), p.ink(nil, " with "+h.Address.String()))
	facts := [][2]string{
		{"SNI", h.ServerName},
		{"offered", strings.Join(h.Offered, ", ")},
		{"version", h.Version},
		{"suite", h.Suite},
		{"group", h.Group},
		{"ALPN", h.ALPN},
		{"answered", h.ServerHello},
		{"alert", alertName(h.Alert)},
		{"received", h.Plaintext},
		{"fault", faultText(h.Fault)},
	}
	p.facts(facts)
}

// facts writes what there is, each behind its label.
func (p *page) facts(facts [][2]string) {
	for _, fact := range facts {
		if fact[1] != "" {
			p.labelled(fact[0], fact[1])
		}
	}
}

func alertName(alert *tls.Alert) string {
	if alert == nil {
		return ""
	}
	return alert.Name
}

func faultText(fault *probes.Fault) string {
	if fault == nil {
		return ""
	}
	return fault.Error()
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
