//go:build linux

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/output"
)

const (
	// testScenarios is where the scenarios are, from this directory.
	testScenarios = "../../" + scenarios
	// atOnce is how many scenarios run at once: most of their time they wait for a timeout.
	atOnce = 12
	// patience is more than any scenario takes, on any machine.
	patience = 2 * time.Minute
)

func TestMain(m *testing.M) {
	if stage() {
		return
	}
	os.Exit(m.Run())
}

// TestScenarios runs rung in every scenario and compares its report with the truth.
func TestScenarios(t *testing.T) {
	rung := needLab(t)
	var running sync.WaitGroup
	places := make(chan struct{}, atOnce)
	for _, s := range allScenarios(t) {
		places <- struct{}{}
		running.Go(func() {
			t.Run(s.Name, func(t *testing.T) { testScenario(t, rung, s) })
			<-places
		})
	}
	running.Wait()
}

// TestEveryFaultHasAHealthyTwin makes sure that rung is content where only the fault is missing.
func TestEveryFaultHasAHealthyTwin(t *testing.T) {
	healthy := map[string]bool{}
	for _, s := range allScenarios(t) {
		healthy[s.Name] = s.Verdict == "ok"
	}
	for _, s := range allScenarios(t) {
		if !strings.HasPrefix(s.Name, "healthy-") {
			assert.True(t, healthy[s.Healthy], "%s: the twin %q is no healthy scenario", s.Name, s.Healthy)
		}
	}
}

// TestEveryCauseHasAScenario keeps the catalogue honest: what no scenario shows says why.
func TestEveryCauseHasAScenario(t *testing.T) {
	shown := map[string]bool{
		// No server that is at hand behaves so: the demonstration and the judges' tables show these.
		"cert.ca-constraint":   true,
		"cert.wrong-usage":     true,
		"ftp.active.stalled":   true,
		"ftp.control.desync":   true,
		"ftp.passive.stalled":  true,
		"ftps.no-close-notify": true,
		"unexplained":          true,
	}
	for _, s := range allScenarios(t) {
		for _, cause := range s.Causes {
			id, _, _ := strings.Cut(cause, " ")
			shown[id] = true
		}
	}
	for _, entry := range checks.Entries() {
		assert.True(t, shown[entry.ID], "no scenario shows %s", entry.ID)
	}
}

// needLab gives rung's binary, or skips the test where there can be no laboratory. In CI there must be one.
func needLab(t testing.TB) string {
	t.Helper()
	if err := ready(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal(err)
		}
		t.Skip(err)
	}
	binary := filepath.Join("..", "..", "tmp", "rung")
	require.NoError(t, build(binary))
	return binary
}

func allScenarios(t testing.TB) []*Scenario {
	t.Helper()
	all, err := parseAll(testScenarios)
	require.NoError(t, err)
	require.NotEmpty(t, all)
	return all
}

func testScenario(t *testing.T, rung string, s *Scenario) {
	saved, status := runRung(t.Context(), t, rung, s)
	report := read(t, saved)
	t.Cleanup(func() {
		if t.Failed() {
			show(t, report)
		}
	})

	assert.Equal(t, s.Verdict, string(report.Verdict))
	assert.Equal(t, map[string]int{"ok": 0, "warn": 1, "fail": 2, "unknown": 3}[s.Verdict], status, "exit status")
	assert.ElementsMatch(t, s.Causes, causes(report, s.Causes), "causes")
	for _, check := range s.Checks {
		assert.Contains(t, statuses(report), check, "status of a check")
	}
	for _, text := range s.Says {
		assert.Contains(t, said(report), text, "evidence and remedies")
	}
	assert.False(t, report.Vantage.Privileged, "rung ran with the rights of root")

	assertValid(t, saved)
	assertSameVerdictAgain(t, report)
	assertProofs(t, saved, report)
	assertSymptom(t, s, report)
}

// said is what the causes say, a line each.
func said(r *checks.Report) string {
	var lines []string
	for _, cause := range r.Causes {
		lines = append(append(lines, cause.Evidence...), cause.Remedy)
	}
	return strings.Join(lines, "\n")
}

// runRung runs rung in the scenario as an ordinary user, and gives its report and exit status.
func runRung(ctx context.Context, t testing.TB, rung string, s *Scenario) (report []byte, status int) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	command := asNobody(s.Rights, slices.Concat([]string{"rung", "check", "-o", "json"}, s.target(), s.Flags)...)
	cmd := s.Command(ctx, rung, command...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	require.NotEmpty(t, stdout.Bytes(), "no report (%v):\n%s", err, &stderr)
	return stdout.Bytes(), cmd.ProcessState.ExitCode()
}

func read(t testing.TB, saved []byte) *checks.Report {
	t.Helper()
	reports, err := output.Read(bytes.NewReader(saved))
	require.NoError(t, err)
	require.Len(t, reports, 1)
	return reports[0]
}

// show prints the report with every dialogue, for whoever has to find out what went wrong.
func show(t *testing.T, report *checks.Report) {
	var text strings.Builder
	require.NoError(t, output.Human(&text, report, output.HumanOptions{Width: 140, Verbose: true}))
	t.Log("\n" + text.String())
}

// causes are the report's causes in the words of a scenario: with "where" if the scenario says it.
func causes(report *checks.Report, truth []string) []string {
	lines := []string{}
	for _, c := range report.Causes {
		line := strings.Join([]string{c.ID, string(c.Severity), string(c.Confidence)}, " ")
		if slices.Contains(truth, line+" "+c.Where) {
			line += " " + c.Where
		}
		lines = append(lines, line)
	}
	return lines
}

// statuses are the statuses of the report's checks in the words of a scenario, each with and without its address.
func statuses(report *checks.Report) []string {
	var lines []string
	for _, c := range report.Checks {
		lines = append(lines, c.ID+" "+string(c.Status), c.ID+" "+c.Address+" "+string(c.Status))
	}
	return lines
}

// assertValid asserts that a saved report is what the JSON Schema allows.
func assertValid(t *testing.T, saved []byte) {
	t.Helper()
	schema, err := compiledSchema()
	require.NoError(t, err)
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(saved))
	require.NoError(t, err)
	assert.NoError(t, schema.Validate(document))
}

var compiledSchema = sync.OnceValues(func() (*jsonschema.Schema, error) {
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(output.Schema()))
	if err != nil {
		return nil, err
	}
	const name = "report.schema.json"
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource(name, document); err != nil {
		return nil, err
	}
	return compiler.Compile(name)
})

// assertSameVerdictAgain asserts that the evidence in the report is complete: judged anew, it leads to the same causes.
func assertSameVerdictAgain(t *testing.T, report *checks.Report) {
	t.Helper()
	again := checks.Rejudge(report)
	assert.Equal(t, report.Verdict, again.Verdict, "verdict, judged anew")
	assert.Equal(t, report.Causes, again.Causes, "causes, judged anew")
}

// assertProofs asserts that "proven" means something: without the observations of the checks that it rests on, a proven cause is
// gone, or proven no longer.
func assertProofs(t *testing.T, saved []byte, report *checks.Report) {
	t.Helper()
	for _, cause := range report.Causes {
		if cause.Confidence != checks.Proven {
			continue
		}
		assert.NotEmpty(t, cause.Checks, "%s rests on no check", cause.ID)
		again := checks.Rejudge(without(t, saved, cause.Checks...))
		assert.NotContains(t, proven(again), cause.ID+" "+cause.Where, "%s is proven without %s", cause.ID, cause.Checks)
	}
}

// without is the report as it would be had the checks of those ids not been made.
func without(t *testing.T, saved []byte, ids ...string) *checks.Report {
	t.Helper()
	report := read(t, saved)
	for i := range report.Checks {
		if c := &report.Checks[i]; slices.Contains(ids, c.ID) {
			c.Observation, c.Finished, c.Status = nil, false, checks.Skip
		}
	}
	return report
}

// proven are the report's proven causes, each with its place.
func proven(report *checks.Report) []string {
	var lines []string
	for _, c := range report.Causes {
		if c.Confidence == checks.Proven {
			lines = append(lines, c.ID+" "+c.Where)
		}
	}
	return lines
}
