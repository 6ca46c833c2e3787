package checks

import (
	"net/netip"
	"strconv"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// samples are passive ports that were tried, each "COMMAND PORT" and what came of each try: "open", or the kind of its fault.
func samples(texts ...string) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		p.Sampling = &ftp.Sampling{Wanted: len(texts)}
		for _, text := range texts {
			p.Sampling.Samples = append(p.Sampling.Samples, sampleOf(strings.Fields(text)))
		}
	}
}

func sampleOf(words []string) ftp.Sample {
	number, err := strconv.ParseUint(words[1], 10, 16)
	if err != nil {
		panic(err)
	}
	s := ftp.Sample{Command: words[0], Announced: netip.AddrPortFrom(serverIPv4, uint16(number))}
	for _, word := range words[2:] {
		try := ftp.Try{Took: seconds(0.03)}
		if word != "open" {
			try.Took, try.Fault = seconds(1), fault("data connection", probes.Kind(word))
		}
		s.Tries = append(s.Tries, try)
	}
	return s
}

// wellBut are a number of open ports, and some others.
func wellBut(others ...string) func(*ftp.Passive) {
	return samples(append([]string{
		"EPSV 50010 open", "PASV 50011 open", "EPSV 50012 open", "PASV 50013 open", "EPSV 50014 open", "PASV 50015 open", "EPSV 50016 open",
	}, others...)...)
}

func portsCases() map[string]verdictCase {
	const byName, partly, backend = "ftp://" + serverName, "ftp.passive.range-partly-open fail ", "ftp.passive.wrong-backend fail "
	timeout, refused := fault("data connection", probes.Timeout), fault("data connection", probes.Refused)
	mode := func(changes ...func(*ftp.Passive)) *Evidence { return given(byName, passiveMode(changes...)) }
	onlyEPSV := func(f *probes.Fault) func(*ftp.Passive) {
		return func(p *ftp.Passive) { tried(p); noData(p.EPSV, f) }
	}
	return map[string]verdictCase{
		"the beginning of the range is shut": {
			evidence: mode(eachPort(timeout), samples("EPSV 50002 timeout", "PASV 50003 timeout", "EPSV 50010 open", "PASV 50011 open", "EPSV 50004 timeout timeout", "PASV 50005 timeout timeout")),
			causes:   []string{partly + "proven @ 203.0.113.10"}, checks: []string{"ftp.passive fail < ftp.passive.range-partly-open"},
			says: "some of the server's passive ports are open and others are not: 50010, 50011 connected; 50000, 50001, 50002, 50003, 50004, 50005 silent",
		},
		"a part of the range refuses, though the first port works": {
			evidence: mode(wellBut("EPSV 50020 refused refused refused", "PASV 50021 refused refused", "EPSV 50022 refused refused")), causes: []string{partly + "proven"},
			checks: []string{"ftp.passive fail"},
		},
		"open and shut ports in no order": {
			evidence: mode(eachPort(refused), samples("EPSV 50002 open", "PASV 50003 refused", "EPSV 50004 open", "PASV 50005 refused", "EPSV 50006 refused", "PASV 50007 open")),
			causes:   []string{partly + "likely"},
		},
		"one port is shut, which nobody knows":      {evidence: mode(wellBut("PASV 50020 timeout timeout")), causes: []string{partly + "likely"}},
		"one port is shut, which firewalls know":    {evidence: mode(wellBut("PASV 5060 timeout timeout")), causes: []string{"ftp.passive.special-port-blocked warn likely @ port 5060"}},
		"it is shut whenever it comes":              {evidence: mode(wellBut("PASV 5060 timeout timeout", "EPSV 5060 timeout")), causes: []string{"ftp.passive.special-port-blocked warn likely"}},
		"it is not the only one":                    {evidence: mode(wellBut("PASV 5060 timeout timeout", "PASV 5061 timeout timeout")), causes: []string{partly + "proven"}},
		"it is shut, and hardly any other is known": {evidence: mode(samples("PASV 50011 open", "PASV 5060 timeout timeout")), causes: []string{partly + "likely"}},

		"every port is open":   {evidence: mode(wellBut()), causes: nil},
		"every port is silent": {evidence: mode(eachPort(timeout), samples("EPSV 50002 timeout", "PASV 50003 timeout")), causes: []string{"ftp.passive.port-filtered fail proven"}},
		"every port refuses":   {evidence: mode(eachPort(refused), samples("EPSV 50002 refused refused", "PASV 50003 refused")), causes: []string{"ftp.passive.port-refused fail proven"}},
		"no sample could be had": {
			evidence: mode(eachPort(timeout), func(p *ftp.Passive) { p.Sampling = &ftp.Sampling{Wanted: 8, Fault: fault("EPSV", probes.Closed)} }),
			causes:   []string{"ftp.passive.port-filtered fail proven"},
		},
		"a sample without a try": {evidence: mode(wellBut("EPSV 50020")), causes: nil},
		"a sample cut short":     {evidence: mode(wellBut("EPSV 50020 interrupted")), causes: nil},
		"a sample cut short at its second try": {
			evidence: mode(eachPort(timeout), samples("EPSV 50002 timeout", "PASV 50003 timeout interrupted")), causes: []string{"ftp.passive.port-filtered fail proven"},
		},
		"the deadline in PASV, where EPSV works": {
			evidence: given(byName, passiveMode(announces("10.88.1.2")), interruptedBy("deadline", func(e *Evidence) {
				noData(e.Passive.Seen.PASV, fault("data connection", probes.Interrupted))
			})), causes: []string{"ftp.passive.private-address warn proven"}, verdict: VerdictWarn,
		},

		"ports work by turns": {
			evidence: mode(eachPort(refused), samples("EPSV 50002 refused open", "PASV 50003 open", "EPSV 50004 refused refused open", "PASV 50005 open")),
			causes:   []string{backend + "proven @ 203.0.113.10"}, says: "only by chance",
		},
		"ports that nobody answers work by turns": {
			evidence: mode(eachPort(timeout), samples("EPSV 50002 open", "PASV 50003 timeout open", "EPSV 50004 timeout open", "PASV 50005 open")),
			causes:   []string{backend + "likely"},
		},
		"one port works at the second try": {evidence: mode(onlyEPSV(refused), samples("EPSV 50002 refused open", "PASV 50003 open")), causes: []string{backend + "likely"}},
		"every port works at the second try: the server may listen late": {
			evidence: mode(eachPort(refused), samples("EPSV 50002 refused open", "PASV 50003 refused open", "EPSV 50004 refused open", "PASV 50005 refused open")),
			causes:   []string{backend + "likely"},
		},
		"a SYN is lost on the line": {evidence: mode(wellBut("PASV 50020 timeout open")), causes: nil, checks: []string{"ftp.passive pass"}},
		"a range of one port, which works by turns": {
			evidence: mode(eachPort(refused), func(p *ftp.Passive) {
				p.PASV.Announced, p.PASV.Used = p.EPSV.Announced, p.EPSV.Used
			}, samples("EPSV 50000 open", "PASV 50000 refused", "EPSV 50000 open", "PASV 50000 refused")),
			causes: []string{backend + "likely"},
		},

		"PASV's ports are open, and EPSV's are not": {
			evidence: mode(onlyEPSV(timeout), samples("EPSV 50002 timeout", "PASV 50003 open", "EPSV 50004 timeout", "PASV 50005 open", "EPSV 50006 timeout", "PASV 50007 open")),
			causes:   []string{"ftp.passive.epsv-blocked warn proven"}, checks: []string{"ftp.passive warn"},
		},
		"PASV's ports are open, and EPSV's are not, and few were tried": {
			evidence: mode(onlyEPSV(timeout), samples("EPSV 50002 timeout", "PASV 50003 open")), causes: []string{"ftp.passive.epsv-blocked warn likely"},
		},
		"one of EPSV's ports is open": {
			evidence: mode(onlyEPSV(timeout), samples("EPSV 49998 timeout timeout", "PASV 50003 open", "EPSV 49999 timeout timeout", "EPSV 50004 open")), causes: []string{partly + "proven"},
		},
		"one of PASV's ports is shut": {
			evidence: mode(onlyEPSV(timeout), samples("EPSV 50002 timeout", "PASV 50003 timeout", "EPSV 50004 timeout", "PASV 50005 open")), causes: []string{partly + "likely"},
		},
	}
}
