package output

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
)

// channel is a cell of the matrix: "EPSV, clear, TLS" is a command, the control connection's protection and the data connection's.
func channel(command, control, data string, status checks.Status, outcome probes.Outcome) checks.DataChannel {
	return checks.DataChannel{
		Command: command, Control: control, Protection: data, Family: 4, Server: "203.0.113.10", Status: status, Outcome: outcome,
	}
}

const registered = "connected, then 425 Unable to build data connection: Connection refused by the server's own firewall"

func TestMatrix(t *testing.T) {
	other := channel("EPSV", "clear", "clear", checks.Fail, "timeout")
	other.Server = "2001:db8::1"
	for name, c := range map[string]struct {
		cells []checks.DataChannel
		width int
		ascii bool
		lines string
	}{
		"one protection": {
			cells: []checks.DataChannel{
				channel("PORT", "clear", "clear", checks.Fail, "timeout"), channel("EPSV", "clear", "clear", checks.Pass, "listing"),
				channel("PASV", "clear", "clear", checks.Skip, "not tried: EPSV tells enough"),
				channel("EPRT", "clear", "clear", checks.Skip, "not tried: PORT tells enough"),
			},
			lines: `
Data connections with 203.0.113.10
        clear
  EPSV  ✓ listing
  PASV  – not tried: EPSV tells enough
  EPRT  – not tried: PORT tells enough
  PORT  ✗ timeout
`,
		},
		"all protections, most of them untried": {
			cells: []checks.DataChannel{
				channel("EPSV", "TLS", "TLS, resumed", checks.Pass, "listing"), channel("EPSV", "TLS", "TLS", checks.Fail, "522 reuse required"),
				channel("PASV", "TLS", "clear", checks.Fail, "521 PROT P required"), channel("PORT", "clear", "clear", checks.Pass, "listing"),
			},
			lines: `
Data connections with 203.0.113.10
        clear      clear, control TLS     TLS                   TLS, resumed
  EPSV  –          –                      ✗ 522 reuse required  ✓ listing
  PASV  –          ✗ 521 PROT P required  –                     –
  PORT  ✓ listing  –                      –                     –
`,
		},
		"two of a kind": {
			cells: []checks.DataChannel{
				channel("EPSV", "clear", "clear", checks.Fail, "timeout"), channel("EPSV", "TLS", "TLS", checks.Pass, "listing"),
				channel("EPSV", "TLS", "TLS", checks.Fail, "refused"),
			},
			lines: `
Data connections with 203.0.113.10
        clear      TLS
  EPSV  ✗ timeout  ✓ listing
                   ✗ refused
`,
		},
		"too wide": {
			cells: []checks.DataChannel{
				channel("EPSV", "TLS", "TLS", checks.Fail, registered), channel("EPSV", "TLS", "TLS, resumed", checks.Fail, registered),
			},
			width: 80,
			lines: `
Data connections with 203.0.113.10
        TLS                                  TLS, resumed
  EPSV  ✗ connected, then …r's own firewall  ✗ connected, then …r's own firewall
`,
		},
		"in ASCII": {
			cells: []checks.DataChannel{
				channel("EPSV", "TLS", "TLS", checks.Fail, "timeout"), channel("PASV", "TLS", "clear", checks.Pass, "listing"),
			},
			ascii: true,
			lines: `
Data connections with 203.0.113.10
        clear, control TLS  TLS
  EPSV  --                  XX timeout
  PASV  ok listing          --
`,
		},
		"two addresses": {
			cells: []checks.DataChannel{channel("EPSV", "clear", "clear", checks.Pass, "listing"), other},
			lines: `
Data connections with 203.0.113.10
        clear
  EPSV  ✓ listing

Data connections with 2001:db8::1
        clear
  EPSV  ✗ timeout
`,
		},
		"nothing tried": {
			cells: []checks.DataChannel{channel("EPSV", "clear", "clear", checks.Skip, "not tried")},
			lines: `
Data connections with 203.0.113.10
  EPSV  – not tried
`,
		},
		"no cells": {lines: ""},
	} {
		p := newPage(c.width, false, c.ascii)
		p.matrix(&checks.Report{}, c.cells)
		assert.Equal(t, c.lines, p.b.String(), name)
	}
}

func TestMatrixIsShownBesideTrouble(t *testing.T) {
	report := savedReport(t, "private-address")
	report.DataChannels = []checks.DataChannel{
		channel("EPSV", "clear", "clear", checks.Fail, "550 Permission denied."), channel("PORT", "clear", "clear", checks.Fail, "timeout"),
		channel("PORT", "clear", "clear", checks.Fail, "timeout"), channel("EPRT", "clear", "clear", checks.Skip, "not tried: PORT tells enough"),
	}
	page := human(t, report, HumanOptions{Width: 80, Color: true})
	assert.Equal(t, 1, strings.Count(page, "Data connections"))
	assert.Contains(t, page, "PORT  ✗ timeout", "not needed, and not red")
	assert.Equal(t, 1, strings.Count(page, "✗ timeout"), "the same once more says nothing more")
	assert.NotContains(t, page, "PORT tells enough", "what was not tried helps nobody")
	assert.Contains(t, human(t, report, HumanOptions{Width: 80, Verbose: true}), "PORT tells enough")
	report.DataChannels[0].Status = checks.Pass
	assert.Contains(t, human(t, report, HumanOptions{Width: 80}), "Data connections", "one failed, if only for information")
	for i := range report.Checks {
		report.Checks[i].Status = checks.Pass
	}
	assert.NotContains(t, human(t, report, HumanOptions{Width: 80}), "Data connections")
	assert.Contains(t, human(t, report, HumanOptions{Width: 80, Verbose: true}), "Data connections")
}

func TestMatrixIsHostile(t *testing.T) {
	p := newPage(80, false, false)
	cell := channel(hostile, hostile, hostile, checks.Pass, hostile)
	cell.Server = hostile
	p.matrix(&checks.Report{}, []checks.DataChannel{cell})
	assert.Empty(t, notShown(p.b.String()))
}
