package checks

import (
	"slices"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// DataChannel is one cell of the matrix of FTP data connections: a command, a protection, an address family; and what came of it.
type DataChannel struct {
	// Command is the command that arranges the data connection: "EPSV", "PASV", "EPRT" or "PORT".
	Command string `json:"command"`
	// Protection is that of the data connection: "clear", "TLS" (a full handshake), "TLS, resumed"; where none was made, what it
	// would have been: "clear" or "TLS".
	Protection string `json:"protection"`
	// Control is the protection of the control connection: "clear" or "TLS".
	Control string `json:"control"`
	// Family is 4 or 6.
	Family int `json:"family"`
	// Server is the server's address on the control connection.
	Server string `json:"server"`
	// Status is "pass", "fail", or "skip" where it was not tried.
	Status Status `json:"status"`
	// Outcome says what came of it, or why it was not tried.
	Outcome probes.Outcome `json:"outcome"`
}

// dataChannels is the matrix of one service: what was tried, and the commands that were not, with the reason.
func dataChannels(s *Service) []DataChannel {
	p, a := seen(s.Passive), seen(s.Active)
	var cells []DataChannel
	if p != nil && p.EPSV != nil {
		cells = append(cells, passiveChannels(p, s.protected())...)
	}
	if a != nil && len(a.Attempts) > 0 {
		cells = append(cells, activeChannels(a, s.protected())...)
	}
	return cells
}

// protected says that data connections were to be protected by TLS.
func (s *Service) protected() bool {
	security := seen(s.Security)
	return security != nil && security.ProtReply.Done() && security.Level != "C"
}

func passiveChannels(p *ftp.Passive, protected bool) []DataChannel {
	var cells []DataChannel
	attempts := []*ftp.PassiveAttempt{p.EPSV, p.PASV}
	for i := range p.Compared {
		attempts = append(attempts, &p.Compared[i])
	}
	for _, attempt := range attempts {
		if attempt == nil {
			continue
		}
		cell := DataChannel{Command: attempt.Command, Server: p.Peer.String(), Family: familyOf(p.Peer), Outcome: attempt.Outcome()}
		cell.protect(attempt.OverTLS, protected && attempt.OverTLS, attempt.Transfer)
		cell.judge(attempt.Worked(), attempt.Fault == nil && !attempt.Connected || interrupted(attempt.Fault, attempt.Transfer))
		cells = append(cells, cell)
	}
	if p.PASV == nil && p.Peer.Is4() {
		reason := probes.Outcome("not tried: EPSV tells enough")
		if !p.EPSV.Worked() {
			reason = "not tried: the control connection was of no further use"
		}
		cells = append(cells, untried("PASV", cells[0], reason))
	}
	if p.PASV == nil && p.Peer.Is6() {
		cells = append(cells, untried("PASV", cells[0], "not tried: PASV has no room for an IPv6 address"))
	}
	return cells
}

func activeChannels(a *ftp.Active, protected bool) []DataChannel {
	var cells []DataChannel
	tried := map[string]bool{}
	for i, attempt := range slices.Concat(a.Attempts, a.Compared) {
		cell := DataChannel{Command: attempt.Command, Server: a.Peer.String(), Family: familyOf(a.Peer), Outcome: attempt.Outcome()}
		cell.protect(attempt.OverTLS, protected && attempt.OverTLS, attempt.Transfer)
		cell.judge(attempt.Worked(), interrupted(attempt.Fault, attempt.Transfer))
		cells = append(cells, cell)
		tried[attempt.Command] = tried[attempt.Command] || i < len(a.Attempts)
	}
	switch {
	case !tried["EPRT"]:
		cells = append(cells, untried("EPRT", cells[0], "not tried: PORT tells enough"))
	case !tried["PORT"]:
		cells = append(cells, untried("PORT", cells[0], "not tried: PORT has no room for an IPv6 address"))
	}
	return cells
}

// untried is the cell of a command that was not tried where another was.
func untried(command string, beside DataChannel, reason probes.Outcome) DataChannel {
	beside.Command, beside.Status, beside.Outcome = command, Skip, reason
	return beside
}

func (d *DataChannel) protect(overTLS, protected bool, t *ftp.Transfer) {
	d.Control, d.Protection = "clear", "clear"
	if overTLS {
		d.Control = "TLS"
	}
	switch {
	case t != nil && t.Secured && t.Resumed:
		d.Protection = "TLS, resumed"
	case protected, t != nil && t.Secured:
		d.Protection = "TLS"
	}
}

func (d *DataChannel) judge(worked, untried bool) {
	switch {
	case worked:
		d.Status = Pass
	case untried:
		d.Status = Skip
	default:
		d.Status = Fail
	}
}
