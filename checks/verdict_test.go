package checks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// stopped is a check that the end of the diagnosis came before.
func stopped[T any](m *Measured[T]) { m.Finished = false }

// stoppedAtGreeting is a control connection that the end came before.
func stoppedAtGreeting(e *Evidence) {
	noGreeting(probes.Interrupted, "")(e)
	stopped(e.Control)
}

// stoppedInPassive and stoppedInActive are data modes that the end came before.
func stoppedInPassive(e *Evidence) {
	noData(e.Passive.Seen.EPSV, fault("data connection", probes.Interrupted))
	e.Passive.Seen.PASV = nil
	stopped(e.Passive)
}

func stoppedInActive(e *Evidence) {
	unreachedMode(&e.Active.Seen)
	e.Active.Seen.Attempts[0].Fault = fault("data connection", probes.Interrupted)
	stopped(e.Active)
}

// nothingYet is a diagnosis that ended before anything was measured.
func nothingYet(e *Evidence) {
	nothingAbove(e)
	e.Link, e.Routes, e.Gateways, e.DNS, e.TCP = nil, nil, nil, nil, nil
}

func verdictCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	expired := given("ftpes://"+serverName, expiredYesterday, passiveMode(eachPort(fault("data connection", probes.Timeout))))
	stoppedTCP := unconnected(serverIPv4, fault("connect", probes.Interrupted))
	return map[string]verdictCase{
		"the deadline, before anything": {
			evidence: given(byName, interruptedBy("deadline", nothingYet)), verdict: VerdictUnknown, says: "no verdict: the deadline of 30.0 s passed",
			checks: []string{"link skip", "route skip", "gateway skip", "dns skip", "tcp skip", "ftp.control skip", "ftp.passive skip", "ftp.active skip"},
		},
		"Ctrl-C, before anything": {
			evidence: given("ftps://"+serverName, interruptedBy(Interrupted, nothingYet)), verdict: VerdictUnknown, says: "no verdict: interrupted",
			checks: []string{"tls.handshake skip", "tls.certificate skip", "ftp.tls skip"},
		},
		"Ctrl-C while connecting": {
			evidence: given(byName, interruptedBy(Interrupted, stoppedTCP)), verdict: VerdictUnknown, checks: []string{"dns pass", "tcp skip", "ftp.control skip"},
		},
		"Ctrl-C while the server is silent": {
			evidence: given(byName, interruptedBy(Interrupted, stoppedAtGreeting)), verdict: VerdictUnknown, checks: []string{"tcp pass", "ftp.control skip", "ftp.passive skip"},
		},
		"Ctrl-C at AUTH TLS": {
			evidence: given("ftpes://"+serverName, interruptedBy(Interrupted, withoutTLS(fault("AUTH TLS", probes.Interrupted), nil))), verdict: VerdictUnknown,
			checks: []string{"ftp.tls skip", "tls.handshake skip", "ftp.passive skip"},
		},
		"Ctrl-C in the TLS handshake": {
			evidence: given("tls://"+serverName+":853", interruptedBy(Interrupted, failedHandshake(probes.Interrupted))), verdict: VerdictUnknown,
			checks: []string{"tls.handshake skip", "tls.certificate skip"},
		},
		"the deadline in passive mode":                {evidence: given(byName, interruptedBy("deadline", stoppedInPassive)), verdict: VerdictUnknown, checks: []string{"ftp.passive skip", "ftp.active pass"}},
		"the deadline in active mode, not needed":     {evidence: given(byName, interruptedBy("deadline", stoppedInActive)), verdict: VerdictOK, checks: []string{"ftp.passive pass", "ftp.active skip"}},
		"the deadline in active mode, both needed":    {evidence: given(byName, requires("both"), interruptedBy("deadline", stoppedInActive)), verdict: VerdictUnknown},
		"the deadline in active mode, passive enough": {evidence: given(byName, requires("any"), interruptedBy("deadline", stoppedInActive)), verdict: VerdictOK},
		"the deadline in both modes, one is enough":   {evidence: given(byName, requires("any"), interruptedBy("deadline", stoppedInActive, stoppedInPassive)), verdict: VerdictUnknown},
		"the deadline in PASV, where EPSV is not known": {
			evidence: given(byName, passiveMode(noEPSV), interruptedBy("deadline", func(e *Evidence) {
				noData(e.Passive.Seen.PASV, fault("data connection", probes.Interrupted))
				stopped(e.Passive)
			})), verdict: VerdictUnknown, checks: []string{"ftp.passive skip"},
		},
		"the deadline after a failure": {
			evidence: given(byName, interruptedBy("deadline", unconnected(serverIPv4, fault("connect", probes.Refused)))), causes: []string{"tcp.refused fail proven"},
		},
		"the deadline in passive mode, after a warning": {
			evidence: given(byName, addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4), unconnected(serverIPv6, fault("connect", probes.Refused)), interruptedBy("deadline", stoppedInPassive)),
			causes:   []string{"ip6.target-broken warn proven"}, verdict: VerdictUnknown,
		},
		"the deadline for a silent address, and another works": {
			evidence: given(byName, addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4), interruptedBy("deadline", unconnected(otherIPv4, fault("connect", probes.Interrupted)))),
			verdict:  VerdictUnknown, checks: []string{"tcp 203.0.113.11 skip", "ftp.passive pass"},
		},
		"a needed check was not made":      {evidence: given(byName, func(e *Evidence) { e.Link = nil }), verdict: VerdictUnknown, says: "could not be made", checks: []string{"link skip"}},
		"a check not needed was not made":  {evidence: given(byName, func(e *Evidence) { e.Active = nil }), verdict: VerdictOK, checks: []string{"ftp.active skip"}},
		"a needed mode was not tried":      {evidence: given(byName, func(e *Evidence) { e.Passive = nil }), verdict: VerdictUnknown, checks: []string{"ftp.passive skip"}},
		"two faults in two places are two": {evidence: expired, causes: []string{"cert.expired fail likely", "ftp.passive.port-filtered fail likely"}},
		"IPv6 does not explain a fault over IPv4": {
			evidence: given(byName, addresses(serverIPv6, serverIPv4), answered(serverIPv6, serverIPv4), unconnected(serverIPv6, fault("connect", probes.Timeout)), passiveMode(eachPort(fault("data connection", probes.Refused)))),
			causes:   []string{"ip6.target-broken warn likely", "ftp.passive.port-refused fail proven"}, verdict: VerdictFail, says: "the connection to the data port",
		},
		"a failure outranks a warning in the summary": {
			evidence: given(byName, passiveMode(announces("10.88.1.2")), requires("both"), activeMode(refusedMode(550, "no"))),
			causes:   []string{"ftp.passive.private-address warn proven", "ftp.active.refused-by-policy fail proven"}, says: "refuses active mode",
		},
		"without TLS to protect the data": {
			evidence: given("ftpes://"+serverName, func(e *Evidence) {
				e.Security.Seen.PbszReply, e.Security.Seen.ProtReply, e.Security.Seen.Fault = reply(500, "what?"), nil, said("PBSZ", reply(500, "what?"))
				e.Passive, e.Active = nil, nil
			}), causes: []string{"ftps.prot-refused fail proven"},
		},
		"what was not wanted is not missed": {
			evidence: given("ftpes://"+serverName, withoutLogin, func(e *Evidence) { e.Security.Seen.PbszReply, e.Security.Seen.ProtReply = nil, nil }),
			verdict:  VerdictOK, checks: []string{"ftp.control pass", "ftp.tls pass", "ftp.active skip"},
		},
		"--no-login, and the server is silent": {
			evidence: given(byName, withoutLogin, noGreeting(probes.Timeout, "")), causes: []string{"tcp.silent fail likely"}, checks: []string{"ftp.passive skip < tcp.silent"},
		},
	}
}

func TestVerdictsHaveExitStatuses(t *testing.T) {
	for verdict, status := range map[Verdict]int{VerdictOK: 0, VerdictWarn: 1, VerdictFail: 2, VerdictUnknown: 3, "": 3} {
		assert.Equal(t, status, verdict.ExitStatus(), "%q", verdict)
	}
}

func TestTheWorstTargetDecides(t *testing.T) {
	of := func(verdicts ...Verdict) (reports []*Report) {
		for _, v := range verdicts {
			reports = append(reports, &Report{Verdict: v})
		}
		return reports
	}
	for name, c := range map[string]struct {
		reports []*Report
		status  int
	}{
		"none":                            {nil, 0},
		"well":                            {of(VerdictOK, VerdictOK), 0},
		"a warning":                       {of(VerdictOK, VerdictWarn, VerdictOK), 1},
		"a failure":                       {of(VerdictFail, VerdictWarn), 2},
		"unknown beside a warning":        {of(VerdictWarn, VerdictUnknown), 3},
		"unknown beside a failure":        {of(VerdictUnknown, VerdictFail), 2},
		"a failure before the deadline":   {[]*Report{{Verdict: VerdictFail, Interrupted: "deadline"}}, 2},
		"a failure before Ctrl-C":         {[]*Report{{Verdict: VerdictFail, Interrupted: Interrupted}}, 3},
		"Ctrl-C when only rest was to do": {[]*Report{{Verdict: VerdictOK, Interrupted: Interrupted}}, 3},
	} {
		assert.Equal(t, c.status, ExitStatus(c.reports), name)
	}
}

func TestUnknownChecksAreRefused(t *testing.T) {
	var r Result
	require.ErrorContains(t, r.UnmarshalJSON([]byte(`{"id": "psychic", "observation": {}}`)), `check "psychic"`)
	require.ErrorContains(t, r.UnmarshalJSON([]byte(`{"id": "tcp", "observation": {"address": 7}}`)), `observation of check "tcp"`)
	require.NoError(t, r.UnmarshalJSON([]byte(`{"id": "psychic"}`)))
	require.NoError(t, r.UnmarshalJSON([]byte(`{"id": "ftp.active", "observation": {"attempts": null}}`)))
	assert.Equal(t, &ftp.Active{}, r.Observation)
}
