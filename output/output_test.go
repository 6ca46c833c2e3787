package output

import (
	"bytes"
	"flag"
	"net/netip"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
)

var update = flag.Bool("update", false, "write the golden files instead of comparing with them")

const reports = "../testdata/reports"

// hostile is text as a peer may send it to mislead a terminal and its reader: colours, a bell, a backspace, a C1 sequence, bidi
// controls, characters of no width, line ends of every kind, a forged line, a tag, a private character, markup.
const hostile = "\x1b[31mred\x1b[0m \x07\b\x7f\u009b2J \u202egnp.exe\u202c \u2066x\u2069 a\u200bb\ufeffc\ufe0f \u2028\u2029 " +
	"\r\n✓ tcp  all is well\t\U000e0041 \U0010fffd \u00a0 <b>&amp; ü 日本 \\x1b"

// sample is the text in every field of a report of everything.
const sample = "text with `code` and " + hostile

// samples are the values of the types that not every text or number fits.
var samples = map[reflect.Type]any{
	reflect.TypeFor[checks.Verdict]():    checks.VerdictFail,
	reflect.TypeFor[checks.Layer]():      checks.Transport,
	reflect.TypeFor[checks.Status]():     checks.Fail,
	reflect.TypeFor[checks.Severity]():   checks.SeverityFail,
	reflect.TypeFor[checks.Confidence](): checks.Likely,
	reflect.TypeFor[probes.Kind]():       probes.Refused,
	reflect.TypeFor[probes.Millis]():     probes.Millis(1234567 * time.Microsecond),
	reflect.TypeFor[netip.Addr]():        netip.MustParseAddr("fe80::1%eth0"),
	reflect.TypeFor[netip.AddrPort]():    netip.MustParseAddrPort("[2001:db8::1]:21"),
	reflect.TypeFor[netip.Prefix]():      netip.MustParsePrefix("192.0.2.0/24"),
	reflect.TypeFor[time.Time]():         time.Date(2026, 11, 22, 13, 24, 33, 120_000_000, time.UTC),
}

// savedReports are the reports in testdata, by name.
func savedReports(t *testing.T) map[string]*checks.Report {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(reports, "*.json"))
	require.NoError(t, err)
	require.NotEmpty(t, files)
	saved := map[string]*checks.Report{}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".json")
		saved[name] = savedReport(t, name)
	}
	return saved
}

func savedReport(t *testing.T, name string) *checks.Report {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(reports, name+".json"))
	require.NoError(t, err)
	read, err := Read(bytes.NewReader(content))
	require.NoError(t, err, name)
	require.Len(t, read, 1, name)
	return read[0]
}

// golden compares content with the file, or writes the file where the test runs with -update.
func golden(t *testing.T, file string, content []byte) {
	t.Helper()
	if *update {
		require.NoError(t, os.WriteFile(file, content, 0o600))
	}
	expected, err := os.ReadFile(file)
	require.NoError(t, err, "go test ./output -update makes it")
	assert.Equal(t, string(expected), string(content), "see what changed after go test ./output -update")
}
