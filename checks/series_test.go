package checks

import (
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

func seriesCases() map[string]verdictCase {
	mode := func(changes ...func(*ftp.Passive)) *Evidence {
		return given("ftpes://"+serverName, passiveMode(append([]func(*ftp.Passive){overTLSData(true)}, changes...)...))
	}
	timeout := fault("data connection", probes.Timeout)
	stuck := func(t *ftp.Transfer) { cutOff(t, fault("final reply", probes.Timeout)) }
	inSmall := func(change func(*ftp.Transfer)) func(*ftp.Passive) {
		return func(p *ftp.Passive) {
			large := p.Series
			series(change)(p)
			p.SmallSeries, p.Series = p.Series, large
		}
	}
	return map[string]verdictCase{
		"a file that the server does not take": {
			evidence: mode(series(func(t *ftp.Transfer) { refusedBefore(t, 550, "Permission denied.") })),
			causes:   []string{"ftp.transfer-refused info proven @ 203.0.113.10"}, verdict: VerdictOK, checks: []string{"ftp.passive pass"},
		},
		"a file that the server does not give back": {
			evidence: mode(series(resumes, func(t *ftp.Transfer) { refusedBefore(t, 550, "Permission denied.") })), causes: []string{"ftp.transfer-refused info proven"}, verdict: VerdictOK,
		},
		"a quota that is used up in the middle": {
			evidence: mode(series(func(t *ftp.Transfer) { refusedAfter(t, 552, "Quota exceeded.") })), causes: []string{"ftp.transfer-refused info proven"}, verdict: VerdictOK,
		},
		"a file that a drop box does not take": {
			evidence: mode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 550, "no") }, series(func(t *ftp.Transfer) { refusedBefore(t, 553, "no") })),
			causes:   []string{"ftp.listing-denied info proven", "ftp.transfer-refused info proven"}, verdict: VerdictOK,
		},
		"an upload without an end": {
			evidence: mode(series(func(t *ftp.Transfer) { cutOff(t, fault("final reply", probes.Timeout)) })),
			causes:   []string{"unexplained.ftp.passive fail unknown @ 203.0.113.10"}, checks: []string{"ftp.passive fail < unexplained.ftp.passive"},
		},
		"an upload that goes through in small segments": {
			evidence: mode(series(stuck), inSmall(resumes)), causes: []string{"path.pmtu-blackhole-outbound fail likely"}, checks: []string{"ftp.passive fail"},
		},
		"an upload that stands still in small segments too": {
			evidence: mode(series(stuck), inSmall(stuck)), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"an upload that is cut": {
			evidence: mode(series(func(t *ftp.Transfer) { cutOff(t, fault("data", probes.Reset)) })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"an upload that the server broke off": {
			evidence: mode(series(func(t *ftp.Transfer) { refusedAfter(t, 426, "Failure reading network stream.") })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"an upload for which the server has no data connection": {
			evidence: mode(series(func(t *ftp.Transfer) { refusedBefore(t, 425, "Can't open data connection.") })),
			causes:   []string{"unexplained.ftp.passive warn unknown"}, verdict: VerdictWarn, checks: []string{"ftp.passive warn < unexplained.ftp.passive"},
		},
		"a port of the series that cannot be reached": {
			evidence: mode(series(resumes, resumes), func(p *ftp.Passive) { noData(&p.Series.Transfers[1], timeout) }),
			causes:   []string{"unexplained.ftp.passive warn unknown"}, verdict: VerdictWarn,
		},
		"an upload from another address of ours": {
			evidence: mode(series(func(t *ftp.Transfer) { refusedBefore(t, 425, "Security: Bad IP connecting.") })), causes: []string{"ftp.passive.peer-mismatch fail proven"},
		},
		"a series that the end of the diagnosis broke off": {
			evidence: mode(series(func(t *ftp.Transfer) { cutOff(t, fault("data", probes.Interrupted)) })), causes: nil, verdict: VerdictOK,
		},
		"a series where passive mode does not work anyway": {
			evidence: mode(eachPort(timeout), series(func(t *ftp.Transfer) { cutOff(t, fault("data", probes.Reset)) })), causes: []string{"ftp.passive.port-filtered fail likely"},
		},
	}
}
