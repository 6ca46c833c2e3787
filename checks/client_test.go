package checks

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
)

// secondOpinion is what a stock client made of the server; without changes, all went well.
func secondOpinion(changes ...func(*ftpclient.Result)) change {
	return func(e *Evidence) {
		r := ftpclient.Result{
			Library: ftpclient.Library, LoggedIn: true, Listed: true, Entries: 3, Took: seconds(0.3),
			Dialed: []ftpclient.Dial{
				{Purpose: "control", To: netip.AddrPortFrom(serverIPv4, 21), Connected: true},
				{Purpose: "data", To: netip.AddrPortFrom(serverIPv4, 50009), Connected: true},
			},
		}
		for _, c := range changes {
			c(&r)
		}
		e.Client = done(r)
	}
}

// failsAt is a client that does not come further.
func failsAt(step string, kind probes.Kind) func(*ftpclient.Result) {
	return func(r *ftpclient.Result) {
		r.Listed, r.Entries, r.Fault = false, 0, fault(step, kind)
		r.LoggedIn = step == "list"
	}
}

func crashes(r *ftpclient.Result) { r.Listed, r.Panicked = false, true }

func clientCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	silent := passiveMode(eachPort(fault("data connection", probes.Timeout)))
	const filtered = "ftp.passive.port-filtered fail proven"
	return map[string]verdictCase{
		"nobody asked":       {evidence: given(byName), causes: nil, checks: []string{"ftp.client skip"}},
		"it lists too":       {evidence: given(byName, secondOpinion()), causes: nil, checks: []string{"ftp.client pass"}},
		"it fails alone":     {evidence: given(byName, secondOpinion(failsAt("list", probes.Malformed))), causes: nil, checks: []string{"ftp.client warn"}, verdict: VerdictOK},
		"it crashes":         {evidence: given(byName, secondOpinion(crashes)), causes: nil, checks: []string{"ftp.client warn"}},
		"it fails as we did": {evidence: given(byName, silent, secondOpinion(failsAt("list", probes.Timeout))), causes: []string{filtered}, checks: []string{"ftp.client fail < ftp.passive.port-filtered"}},
		"it fails in a mode that nobody needs": {
			evidence: given(byName, requires("active"), silent, secondOpinion(failsAt("list", probes.Timeout))), causes: []string{"ftp.passive.port-filtered info proven"}, verdict: VerdictOK,
		},
		"it lists where we did not": {evidence: given(byName, silent, secondOpinion()), causes: []string{"ftp.passive.port-filtered fail likely"}, checks: []string{"ftp.client pass", "ftp.passive fail"}},
		"it fails as we did, and nobody knows why": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { cutOff(p.EPSV.Transfer, fault("data", probes.Reset)) }), secondOpinion(failsAt("list", probes.Reset))),
			causes:   []string{"unexplained.ftp.passive fail unknown"}, checks: []string{"ftp.client fail < unexplained.ftp.passive"},
		},
		"it was cut short": {
			evidence: given(byName, interruptedBy("deadline", secondOpinion(failsAt("list", probes.Interrupted)))), causes: nil, verdict: VerdictOK, checks: []string{"ftp.client skip"},
		},
	}
}

// TestWhyTheClientDiffers has the reason named for which a stock client sees something else.
func TestWhyTheClientDiffers(t *testing.T) {
	const byName = "ftp://" + serverName
	const repairs, noPASV = "it goes to the control connection's peer, whatever", "it does not try PASV"
	epsvDead := passiveMode(tried, func(p *ftp.Passive) { noData(p.EPSV, fault("data connection", probes.Timeout)) })
	for name, c := range map[string]struct {
		evidence *Evidence
		says     string
		not      []string
	}{
		"a private address, which it does not follow": {given(byName, passiveMode(noEPSV, announces("10.88.1.2")), secondOpinion()), repairs, nil},
		"a private address, which it never read":      {given(byName, passiveMode(announces("10.88.1.2")), secondOpinion()), "lists too", []string{repairs}},
		"EPSV's data connection fails":                {given(byName, epsvDead, secondOpinion(failsAt("list", probes.Timeout))), noPASV, nil},
		"EPSV works, for us":                          {given(byName, secondOpinion(failsAt("list", probes.Timeout))), "fails at list", []string{noPASV}},
		"a positive code that it does not expect": {
			given(byName, secondOpinion(failsAt("login", probes.Other), func(r *ftpclient.Result) { r.Code = 232 })), "not 232, which is positive too", nil,
		},
		"more than we read for it":    {given(byName, secondOpinion(failsAt("list", probes.TooLong))), "no more than a bounded amount", nil},
		"where we do not let it go":   {given(byName, secondOpinion(failsAt("list", probes.Withheld))), "--follow-pasv", nil},
		"a crash":                     {given(byName, secondOpinion(crashes)), "crashes on what the server says", nil},
		"nothing is known of a fault": {given(byName, secondOpinion(func(r *ftpclient.Result) { r.Listed = false })), "fails", nil},
	} {
		for _, check := range Judge(c.evidence).Checks {
			if check.ID != "ftp.client" {
				continue
			}
			assert.Contains(t, check.Summary, c.says, name)
			for _, not := range c.not {
				assert.NotContains(t, check.Summary, not, name)
			}
		}
	}
}
