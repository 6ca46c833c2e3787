//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"net/url"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
)

var update = flag.Bool("update", false, "write docs/symptoms.md anew: run ping, curl and nc in its scenarios")

// symptomsFile is the table that compares what the usual tools print with what rung says.
const symptomsFile = "../../docs/symptoms.md"

// symptoms are the scenarios of that table, in its order.
var symptoms = []string{
	"link.no-carrier", "link.autoconf-only", "link.duplicate-address", "route.none", "route.local-policy-prohibit", "route.gateway-unreachable",
	"route.wrong-interface", "route.unreachable-remote", "route.admin-prohibited", "route.loop", "path.no-egress", "path.captive-portal",
	"path.proxy-only", "path.lossy", "dns.nxdomain", "dns.nodata-alias", "dns.resolver-timeout", "dns.edns-dropped",
	"dns.split-horizon", "dns.dnssec-bogus", "tcp.refused", "tcp.filtered", "tcp.local-firewall", "tcp.reset-on-accept", "tcp.partial-backends",
	"tcp.ports-exhausted", "ip6.target-broken", "path.pmtu-blackhole-inbound",
}

const symptomsHead = `# What the usual tools print, and what rung says

Each row is a fault that the lab builds of real parts; ` + "`go run ./checks/lab NAME`" + ` enters it. The tools ran there, in the client's place,
and of what they print the last line stands here:

    ping -n -c 1 -W 2 HOST
    curl -sS --max-time 5 --output /dev/null URL
    nc -vz -w 3 HOST PORT

The last column is rung's headline. ` + "`go test ./checks/lab -run Symptoms -update`" + ` makes the table anew; the scenarios' own test fails where the
last column is no longer true.

| fault | ping | curl | nc | rung |
| --- | --- | --- | --- | --- |
`

// TestSymptoms writes the table, when it is asked to; otherwise it makes sure that every row is there.
func TestSymptoms(t *testing.T) {
	if !*update {
		for _, name := range symptoms {
			assert.Contains(t, string(readSymptoms(t)), rowStart(name), "go test ./checks/lab -run Symptoms -update makes it")
		}
		return
	}
	rung := needLab(t)
	rows := make([]string, len(symptoms))
	var running sync.WaitGroup
	for i, name := range symptoms {
		s, err := parse(testScenarios + "/" + name + ".sh")
		require.NoError(t, err)
		running.Go(func() { rows[i] = row(t, rung, s) })
	}
	running.Wait()
	require.NoError(t, os.WriteFile(symptomsFile, []byte(symptomsHead+strings.Join(rows, "")), 0o644))
}

func readSymptoms(t *testing.T) []byte {
	t.Helper()
	table, err := os.ReadFile(symptomsFile)
	require.NoError(t, err)
	return table
}

// rowStart begins the row of a scenario.
func rowStart(name string) string { return "| `" + name + "` " }

// row runs the tools and rung in a scenario.
func row(t *testing.T, rung string, s *Scenario) string {
	target, err := checks.ParseTarget(s.Target)
	require.NoError(t, err)
	host, port := target.Host, fmt.Sprint(target.Port)
	url := &url.URL{Scheme: target.Scheme, Host: host + ":" + port, Path: "/"}
	switch target.Scheme {
	case "tcp":
		url.Scheme = "telnet"
	case "tls":
		url.Scheme = "https"
	case "ftpes":
		url.Scheme = "ftp"
	}
	cells := []string{
		lastLine(t, rung, s, "ping", "-n", "-c", "1", "-W", "2", host),
		lastLine(t, rung, s, "curl", "-sS", "--max-time", "5", "--output", "/dev/null", url.String()),
		lastLine(t, rung, s, "nc", "-vz", "-w", "3", host, port),
	}
	saved, _ := runRung(t.Context(), t, rung, s)
	return fmt.Sprintf("%s<br>%s | %s | %s |\n", rowStart(s.Name), s.Story, strings.Join(cells, " | "), headline(read(t, saved)))
}

// headline is what rung says above everything else.
func headline(report *checks.Report) string {
	return fmt.Sprintf("**%s**: %s", report.Verdict, cell(report.Summary))
}

// lastLine is the last line that a tool prints in a scenario, or how it ended where it prints none.
func lastLine(t *testing.T, rung string, s *Scenario, command ...string) string {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	cmd := s.Command(ctx, rung, command...)
	var printed bytes.Buffer
	cmd.Stdout, cmd.Stderr = &printed, &printed
	cmd.Stdin = bytes.NewReader(nil)
	err := cmd.Run()
	if _, exited := errors.AsType[*exec.ExitError](err); !exited {
		require.NoError(t, err)
	}
	switch last := conclusion(printed.String()); {
	case last != "":
		return cell(last)
	case err == nil:
		return "(nothing: all is well)"
	}
	return fmt.Sprintf("(nothing; exit status %d)", cmd.ProcessState.ExitCode())
}

// conclusion is the last line of what a tool prints. Of ping's it is the error that came back, or the count of packets; of curl's
// its error, which advice may follow.
func conclusion(printed string) (last string) {
	for line := range strings.Lines(printed) {
		line = strings.TrimSpace(line)
		if strings.HasPrefix(line, "From ") || strings.HasPrefix(line, "curl: (") {
			return line
		}
		if line != "" && !strings.HasPrefix(line, "rtt ") {
			last = line
		}
	}
	return last
}

// changing are the parts of a line that differ from run to run: times, the addresses that interfaces gave
// themselves, and which of its reasons a resolver tells first.
var changing = regexp.MustCompile(`\d+(\.\d+)? ?(ms|milliseconds)|fe80::[0-9a-f:]+|\d+ DNS(SEC Bogus|KEY Missing)`)

// cell makes a line fit for a cell of the table.
func cell(line string) string {
	return strings.ReplaceAll(changing.ReplaceAllString(line, "…"), "|", `\|`)
}

// assertSymptom asserts that the table says of a scenario what rung says.
func assertSymptom(t *testing.T, s *Scenario, report *checks.Report) {
	t.Helper()
	for line := range strings.Lines(string(readSymptoms(t))) {
		if strings.HasPrefix(line, rowStart(s.Name)) {
			assert.Contains(t, line, "| "+headline(report)+" |", "docs/symptoms.md; go test ./checks/lab -run Symptoms -update makes it anew")
		}
	}
}
