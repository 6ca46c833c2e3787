package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes/ftp"
)

func TestSavedReportsComeBackAsTheyWere(t *testing.T) {
	for name, report := range savedReports(t) {
		golden(t, filepath.Join(reports, name+".json"), written(t, report))
	}
}

func TestRoundTripOfEverything(t *testing.T) {
	report := reportOfEverything()
	read, err := Read(bytes.NewReader(written(t, report)))
	require.NoError(t, err)
	assert.Equal(t, []*checks.Report{report}, read)
}

func TestOneReportIsAnObjectSeveralAreAnArray(t *testing.T) {
	a, b := savedReport(t, "healthy-ftp"), savedReport(t, "nxdomain")
	assert.True(t, strings.HasPrefix(string(written(t, a)), "{\n  \"schema\": \"rung.report/v1\","))
	assert.True(t, strings.HasPrefix(string(written(t, a, b)), "[\n  {\n    \"schema\": \"rung.report/v1\","))
	assert.Equal(t, "[]\n", string(written(t)))
	for _, several := range [][]*checks.Report{{a}, {a, b}} {
		read, err := Read(bytes.NewReader(written(t, several...)))
		require.NoError(t, err)
		assert.Equal(t, several, read)
	}
}

func TestJSONLine(t *testing.T) {
	var b bytes.Buffer
	all := []*checks.Report{savedReport(t, "healthy-ftp"), savedReport(t, "hostile"), reportOfEverything()}
	for _, report := range all {
		require.NoError(t, JSONLine(&b, report))
	}
	assert.Equal(t, len(all), strings.Count(b.String(), "\n"))
	read, err := Read(&b)
	require.NoError(t, err)
	assert.Equal(t, all, read)
}

func TestNoListIsNull(t *testing.T) {
	report := reportOfNothing()
	report.Checks = append(report.Checks, checks.Result{ID: "ftp.control", Observation: &ftp.Control{Sessions: []ftp.Session{{}}}})
	document := string(written(t, report))
	assert.NotContains(t, strings.Replace(document, `"target": null`, "", 1), "null")
	assert.Contains(t, document, `"evidence": []`)
	assert.Contains(t, document, `"interfaces": []`)
	assert.Nil(t, report.Causes[0].Evidence, "the report itself is left alone")

	none := string(written(t, &checks.Report{}))
	assert.Contains(t, none, `"causes": []`)
	assert.Contains(t, none, `"checks": []`)
}

func TestHostileTextStaysEscapedInJSON(t *testing.T) {
	report := reportOfEverything()
	for name, document := range map[string][]byte{"json": written(t, report), "jsonl": line(t, report)} {
		assert.Empty(t, notShown(string(document)), name)
		assert.Contains(t, string(document), `\u001b[31mred`)
		assert.Contains(t, string(document), `\u007f\u009b2J \u202egnp.exe\u202c`)
		assert.Contains(t, string(document), `\udb40\udc41 \udbff\udffd`)
		assert.Contains(t, string(document), `<b>&amp; ü 日本`)
		var value struct{ Summary string }
		require.NoError(t, json.Unmarshal(document, &value))
		assert.Equal(t, sample, value.Summary, "the value is the same")
	}
}

func TestBytesThatAreNotUTF8(t *testing.T) {
	document := written(t, &checks.Report{Summary: "caf\xe9"})
	assert.True(t, utf8.Valid(document))
	assert.Contains(t, string(document), `caf\ufffd`)
}

func TestWriterThatFails(t *testing.T) {
	full := errors.New("disk full")
	report := savedReport(t, "nxdomain")
	w := failingWriter{full}
	require.ErrorIs(t, JSON(w, []*checks.Report{report}), full)
	require.ErrorIs(t, JSONLine(w, report), full)
	require.ErrorIs(t, Human(w, report, HumanOptions{}), full)
	require.ErrorIs(t, Explain(w, "text", 80, false), full)
}

type failingWriter struct{ err error }

func (w failingWriter) Write([]byte) (int, error) { return 0, w.err }

// notShown are the runes of text that should not reach a reader, line feeds aside.
func notShown(text string) (found []string) {
	for _, r := range text {
		if r != '\n' && !shown(r) {
			found = append(found, string(r))
		}
	}
	return found
}

func written(t *testing.T, all ...*checks.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, JSON(&b, all))
	return b.Bytes()
}

func line(t *testing.T, report *checks.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, JSONLine(&b, report))
	return b.Bytes()
}
