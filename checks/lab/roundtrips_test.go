//go:build linux

package main

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// BenchmarkRoundTrips counts what a diagnosis takes in round trips, over the line of every scenario with a delay of 50 or 150 ms in
// each direction. It prints when each line of each dialogue was sent or had arrived, counted in round trips from the start.
//
//	go test ./checks/lab -run - -bench RoundTrips -benchtime 1x
func BenchmarkRoundTrips(b *testing.B) {
	rung := needLab(b)
	for _, s := range allScenarios(b) {
		_, takes, _ := strings.Cut(s.Delay, " ")
		if takes != "50ms" && takes != "150ms" {
			continue
		}
		b.Run(s.Name, func(b *testing.B) {
			delay, err := time.ParseDuration(takes)
			require.NoError(b, err)
			roundTrip := 2 * delay
			var whole []float64
			for b.Loop() {
				saved, _ := runRung(b.Context(), b, rung, s)
				report := read(b, saved)
				whole = append(whole, trips(report.Duration, roundTrip))
				if len(whole) == 1 {
					fmt.Printf("%s\n%s\n", s.Name, timetable(report, roundTrip)) // b.Log cuts off after ten lines
				}
			}
			slices.Sort(whole)
			b.ReportMetric(whole[len(whole)/2], "round-trips")
		})
	}
}

func trips(m probes.Millis, roundTrip time.Duration) float64 { return float64(m) / float64(roundTrip) }

// step is something that had happened at a time.
type step struct {
	at   probes.Millis
	text string
}

// timetable lists all that the report dates, in the order of time.
func timetable(report *checks.Report, roundTrip time.Duration) string {
	var steps []step
	for _, c := range report.Checks {
		if c.Finished {
			steps = append(steps, step{c.Started + c.Duration, fmt.Sprintf("%s %s: %s", c.ID, c.Address, c.Status)})
		}
		if control, ok := c.Observation.(*ftp.Control); ok {
			steps = append(steps, dialogue(control)...)
		}
	}
	steps = append(steps, step{report.Duration, "the whole"})
	slices.SortStableFunc(steps, func(a, b step) int { return cmp.Compare(a.at, b.at) })
	var text strings.Builder
	for _, s := range steps {
		_, _ = fmt.Fprintf(&text, "%6.2f  %s\n", trips(s.at, roundTrip), s.text)
	}
	return text.String()
}

func dialogue(control *ftp.Control) []step {
	var steps []step
	for _, session := range control.Sessions {
		for _, line := range session.Lines {
			mark := ">"
			if line.From == "server" {
				mark = "<"
			}
			steps = append(steps, step{line.At, fmt.Sprintf("  %s %s %s", session.Purpose, mark, line.Text)})
		}
	}
	return steps
}
