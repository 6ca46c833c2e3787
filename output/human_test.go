package output

import (
	"bytes"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
	"github.com/rung-cli/rung/probes/route"
)

// pageKinds are the ways in which a page can look, by the ends of their golden files' names.
var pageKinds = map[string]HumanOptions{
	"":           {Width: 80},
	".verbose":   {Width: 80, Verbose: true},
	".color":     {Width: 80, Verbose: true, Color: true},
	".ascii":     {Width: 80, ASCII: true},
	".narrow":    {Width: 40},
	".unwrapped": {},
}

func TestPages(t *testing.T) {
	pages := map[string]HumanOptions{}
	for name := range savedReports(t) {
		pages[name] = pageKinds[""]
	}
	for _, name := range []string{
		"private-address.verbose", "private-address.color", "expired-certificate.color", "two-causes.ascii", "two-causes.narrow",
		"two-causes.unwrapped", "hostile.verbose", "expired-certificate.verbose", "healthy-ftp.verbose",
	} {
		pages[name] = pageKinds[filepath.Ext(name)]
	}
	for _, name := range slices.Sorted(maps.Keys(pages)) {
		report, _, _ := strings.Cut(name, ".")
		golden(t, filepath.Join(reports, name+".golden"), []byte(human(t, savedReport(t, report), pages[name])))
	}
}

func TestColourIsAllThatColourAdds(t *testing.T) {
	sequence := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for name, report := range savedReports(t) {
		plain := human(t, report, HumanOptions{Width: 80, Verbose: true})
		colored := human(t, report, HumanOptions{Width: 80, Verbose: true, Color: true})
		assert.NotContains(t, plain, "\x1b", name)
		assert.Contains(t, colored, "\x1b[", name)
		assert.Equal(t, plain, sequence.ReplaceAllString(colored, ""), name)
	}
}

func TestPageIgnoresTheEnvironment(t *testing.T) {
	report := savedReport(t, "nxdomain")
	before := human(t, report, HumanOptions{Color: true})
	t.Setenv("NO_COLOR", "1")
	assert.Equal(t, before, human(t, report, HumanOptions{Color: true}), "whether to colour is decided by the caller alone")
}

func TestNothingHostileReachesTheTerminal(t *testing.T) {
	everything := reportOfEverything()
	for i := range everything.Checks {
		everything.Checks[i].ID += hostile // as a forged file may
	}
	for kind, o := range pageKinds {
		o.Color, o.Verbose = false, true
		page := human(t, everything, o)
		assert.Empty(t, notShown(page), kind)
		assert.Contains(t, page, `\x1b[31mred`, kind)
		assert.NotRegexp(t, "(?m)^ *✓ tcp  all is well", page, kind)
	}
	for _, r := range human(t, everything, HumanOptions{ASCII: true, Verbose: true}) {
		require.Less(t, r, rune(0x7f))
	}
}

func TestOnlyCommandsPassTheWidth(t *testing.T) {
	all := savedReports(t)
	all["long words"] = reportOfLongWords()
	for name, report := range all {
		for _, width := range []int{72, 80, 132} {
			for line := range strings.SplitSeq(human(t, report, HumanOptions{Width: width, Verbose: true, Trace: true}), "\n") {
				assert.True(t, columns(line) <= width || strings.Contains(line, "`"), "%s at %d columns: %q", name, width, line)
				assert.Equal(t, strings.TrimRight(line, " "), line)
			}
		}
	}
}

// reportOfLongWords is a report of what has no spaces: the longest name that DNS knows, and binary data.
func reportOfLongWords() *checks.Report {
	name := strings.Repeat(strings.Repeat("a", 62)+".", 4)
	binary := strings.Repeat("\x00\u202e\xff", 100)
	failed := checks.Result{
		ID: "tls.handshake", Address: name, Status: checks.Fail, Summary: binary,
		Observation: spoken(fault("handshake", probes.Malformed, binary), certificates(said(1, "Certificate", 9), "CN="+name)),
	}
	anchor := checks.Result{ID: "anchor", Address: name, Status: checks.Skip, Summary: name, Observation: &checks.Anchor{
		Name: name, Fault: fault("dial", probes.Refused, "dial tcp: "+name),
	}}
	chain := hostileChain()
	chain.Certificates[0].Subject, chain.Certificates[0].DNSNames = "CN="+name, []string{name}
	return &checks.Report{
		Target: &checks.Target{URL: "ftps://" + name}, Summary: binary, Causes: []checks.Cause{{
			ID: "tls.not-tls", Severity: checks.SeverityFail, Where: name, Summary: binary, Evidence: []string{binary, name}, Remedy: name,
			Experiments: []probes.Experiment{{Variable: name, A: name, B: binary, OutcomeA: probes.Outcome(binary), OutcomeB: "-"}},
		}},
		Checks: []checks.Result{failed, failed, anchor, anchor, chainReport(chain).Checks[0]},
	}
}

func TestRungs(t *testing.T) {
	causes := []checks.Cause{
		{ID: "dns.nxdomain", Severity: checks.SeverityFail, Checks: []string{"dns"}},
		{ID: "ftp.active.blocked", Severity: checks.SeverityInfo, Checks: []string{"ftp.active"}},
	}
	for name, c := range map[string]struct {
		result checks.Result
		line   string
	}{
		"passed": {
			checks.Result{Status: checks.Pass, Summary: "connected", Duration: 35_000_000},
			"✓ tcp  connected  35 ms",
		},
		"a time that means nothing": {
			checks.Result{Status: checks.Pass, Summary: "connected", Duration: 999_000},
			"✓ tcp  connected",
		},
		"failed by itself": {
			checks.Result{ID: "dns", Status: checks.Fail, Summary: "no such name", CausedBy: []string{"dns.nxdomain"}},
			"✗ dns  no such name",
		},
		"failed because another did": {
			checks.Result{Status: checks.Fail, Summary: "no address", CausedBy: []string{"dns.nxdomain"}},
			"✗ tcp  no address (follows from dns.nxdomain)",
		},
		"failed, and nothing explains it": {
			checks.Result{Status: checks.Fail, Summary: "no address"},
			"✗ tcp  no address",
		},
		"warned":                   {checks.Result{Status: checks.Warn, Summary: "slow"}, "! tcp  slow"},
		"skipped":                  {checks.Result{Status: checks.Skip, Summary: "no port"}, "– tcp  not tested"},
		"cut off":                  {checks.Result{Status: checks.Skip, Summary: "interrupted", Duration: 2_000_000}, "– tcp  not tested"},
		"a status from the future": {checks.Result{Status: "odd", Summary: "?"}, "– tcp  ?"},
	} {
		if c.result.ID == "" {
			c.result.ID = "tcp"
		}
		page := human(t, &checks.Report{Causes: causes, Checks: []checks.Result{c.result}}, HumanOptions{})
		assert.Contains(t, page, "\n  "+c.line+"\n", name)
	}
}

func TestAddressesTellResultsApart(t *testing.T) {
	v4 := checks.Result{ID: "tcp", Address: "192.0.2.1", Status: checks.Pass, Summary: "connected"}
	v6 := checks.Result{ID: "tcp", Address: "2001:db8::1", Status: checks.Fail, Summary: "refused"}
	named := checks.Result{ID: "tcp", Address: "192.0.2.2", Status: checks.Pass, Summary: "connected to 192.0.2.2"}
	skipped := checks.Result{ID: "tcp", Address: "192.0.2.3", Status: checks.Skip, Summary: "192.0.2.3 was not needed"}
	for name, c := range map[string]struct {
		results []checks.Result
		lines   string
	}{
		"one result":              {[]checks.Result{v4}, "  ✓ tcp  connected\n"},
		"two results":             {[]checks.Result{v4, v6}, "  ✓ tcp  192.0.2.1    connected\n  ✗ tcp  2001:db8::1  refused\n"},
		"all say their addresses": {[]checks.Result{named, named}, "  ✓ tcp  connected to 192.0.2.2\n  ✓ tcp  connected to 192.0.2.2\n"},
		"not all say their addresses": {
			[]checks.Result{named, skipped},
			"  ✓ tcp  192.0.2.2  connected to 192.0.2.2\n  – tcp  192.0.2.3  not tested\n",
		},
	} {
		assert.Contains(t, human(t, &checks.Report{Checks: c.results}, HumanOptions{}), c.lines, name)
	}
}

func TestWhatIsNotNeededIsNotRed(t *testing.T) {
	report := savedReport(t, "private-address")
	page := human(t, report, HumanOptions{Color: true})
	assert.Contains(t, page, "  \x1b[31;1m✗\x1b[0;22m ftp.passive")
	assert.Contains(t, page, "  ✗ ftp.active")
}

func TestFooter(t *testing.T) {
	for name, c := range map[string]struct {
		report checks.Report
		footer string
	}{
		"nothing to add": {checks.Report{Summary: "all is well"}, "all is well"},
		"skipped for one reason": {
			checks.Report{Checks: []checks.Result{
				{ID: "tcp", Address: "192.0.2.1", Status: checks.Skip, Summary: "no route"},
				{ID: "tcp", Address: "192.0.2.2", Status: checks.Skip, Summary: "no route"},
				{ID: "http", Status: checks.Skip, Summary: "no route"},
			}},
			"\n\nnot tested  tcp, http: no route",
		},
		"skipped for two reasons": {
			checks.Report{Checks: []checks.Result{
				{ID: "tcp", Status: checks.Skip, Summary: "no route"},
				{ID: "dns", Status: checks.Skip, Summary: "not tested: an address needs no name"},
			}},
			"\n\nnot tested  tcp: no route\n            dns: an address needs no name",
		},
		"the worst cause is to be read about": {
			checks.Report{Causes: []checks.Cause{
				{ID: "a", Severity: checks.SeverityInfo}, {ID: "b", Severity: checks.SeverityWarn}, {ID: "c", Severity: checks.SeverityFail},
			}},
			"\n\nread more  rung explain c",
		},
	} {
		page := human(t, &c.report, HumanOptions{})
		assert.True(t, strings.HasSuffix(page, c.footer+"\n"), "%s:\n%s", name, page)
	}
}

func TestNeedlessChecksAreNotShown(t *testing.T) {
	for name, c := range map[string]struct {
		result checks.Result
		shown  bool
	}{
		"nothing was silent":      {checks.Result{ID: "path", Finished: true}, false},
		"nobody asked the client": {checks.Result{ID: "ftp.client", Finished: true}, false},
		"no next hop":             {checks.Result{ID: "gateway", Finished: true}, false},
		"the port answered after all": {
			checks.Result{ID: "path", Finished: true, Observation: &path.Result{Fault: fault("trace", probes.Interrupted, "canceled")}}, false,
		},
		"traces are not to be had here": {
			checks.Result{ID: "path", Finished: true, Observation: &path.Result{Fault: fault("trace", probes.Unsupported, "not on this system")}}, true,
		},
		"the neighbours could not be read":  {checks.Result{ID: "gateway", Finished: true, Observation: &route.Neighbour{}}, true},
		"the diagnosis ended first":         {checks.Result{ID: "path"}, true},
		"something below is broken":         {checks.Result{ID: "ftp.client", Finished: true, CausedBy: []string{"tcp.refused"}}, true},
		"a check that the target speaks of": {checks.Result{ID: "ftp.active", Finished: true}, true},
	} {
		c.result.Status, c.result.Summary = checks.Skip, "for this reason"
		report := &checks.Report{Checks: []checks.Result{c.result}}
		page := human(t, report, HumanOptions{Width: 80})
		assert.Equal(t, c.shown, strings.Contains(page, "– "+c.result.ID), name)
		assert.Equal(t, c.shown, strings.Contains(page, "for this reason"), name)
		assert.Contains(t, human(t, report, HumanOptions{Width: 80, Verbose: true}), "not tested  "+c.result.ID+": for this reason", name)
	}
}

func TestEqualExperimentsAreToldOnce(t *testing.T) {
	again := probes.Experiment{Variable: "attempt", A: "the first time", B: "the same once more", OutcomeA: "timeout", OutcomeB: "timeout"}
	other := again
	other.OutcomeB = "complete"
	page := human(t, &checks.Report{Causes: []checks.Cause{{
		ID: "a", Severity: checks.SeverityFail, Experiments: []probes.Experiment{again, other, again},
	}}}, HumanOptions{})
	assert.Equal(t, 1, strings.Count(page, "attempt (twice)\n"))
	assert.Equal(t, 1, strings.Count(page, "attempt\n"))
}

func TestSettingsOfAVariableStandInOneTable(t *testing.T) {
	size := func(bytes, outcome string) probes.Experiment {
		return probes.Experiment{Variable: "packet size", A: "the first time", B: bytes, OutcomeA: "timeout", OutcomeB: probes.Outcome(outcome)}
	}
	page := human(t, &checks.Report{Causes: []checks.Cause{{
		ID: "a", Severity: checks.SeverityFail, Experiments: []probes.Experiment{size("1280 bytes", "TLS 1.3"), size("1400 bytes", "timeout")},
	}}}, HumanOptions{})
	assert.Contains(t, page, "a  the first time  timeout\n")
	assert.Contains(t, page, "b  1280 bytes      TLS 1.3\n")
	assert.Contains(t, page, "c  1400 bytes      timeout\n")
}

func TestPlaces(t *testing.T) {
	page := human(t, &checks.Report{Causes: []checks.Cause{
		{ID: "a", Severity: checks.SeverityFail, Where: "192.0.2.1"}, {ID: "b", Severity: checks.SeverityFail, Where: "behind 192.0.2.1"},
	}}, HumanOptions{})
	assert.Contains(t, page, "FAIL  a  at 192.0.2.1")
	assert.Contains(t, page, "FAIL  b  behind 192.0.2.1")
}

func TestList(t *testing.T) {
	var b strings.Builder
	require.NoError(t, List(&b, [][2]string{{"a", "one"}, {"long\x1b", strings.Repeat("word ", 50) + "end"}}))
	assert.Equal(t, "a         one\nlong\\x1b  "+strings.Repeat("word ", 50)+"end\n", b.String(), "a line each, where no terminal is")
}

func TestThisMachineIsATarget(t *testing.T) {
	page := human(t, &checks.Report{Verdict: checks.VerdictOK, Summary: "the network is well"}, HumanOptions{Width: 80})
	assert.Equal(t, "OK  this machine's network  the network is well\n", page)
}

func human(t *testing.T, report *checks.Report, o HumanOptions) string {
	t.Helper()
	var page bytes.Buffer
	require.NoError(t, Human(&page, report, o))
	return page.String()
}
