package output

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadErrors(t *testing.T) {
	again := "; save the report again with `rung check -o json`"
	whole := "{\n  \"schema\": \"rung.report/v1\"\n}\n"
	for name, c := range map[string]struct{ file, message string }{
		"an empty file":   {"", "line 1, column 1: there is no report here" + again},
		"an empty array":  {"[]", "line 1, column 1: there is no report here" + again},
		"not JSON at all": {"FAIL ftp://…", "line 1, column 1: this is not JSON: invalid character 'F' looking for beginning of value" + again},
		"a brace too many": {
			"{}\n }",
			"line 2, column 2: this is not JSON: invalid character '}' looking for beginning of value" + again,
		},
		"a comma too few": {
			"{\n  \"schema\": \"ü\" \"tool\": {}\n}",
			"line 2, column 17: this is not JSON: invalid character '\"' after object key:value pair" + again,
		},
		"a comma too few in an array": {
			"[{}\n{}]",
			"line 2, column 1: this is not JSON: invalid character '{' after array element" + again,
		},
		"cut in the middle":          {whole[:len(whole)-2], "line 3, column 1: the file ends in the middle of a report" + again},
		"an array that does not end": {"[" + whole, "line 4, column 1: the file ends in the middle of a report" + again},
		"text after the array": {
			"[" + whole + "] report",
			"line 4, column 3: this is not JSON: invalid character 'r' looking for beginning of value" + again,
		},
		"the second line is broken": {
			whole + "{\"schema\"; 1}",
			"line 4, column 10: this is not JSON: invalid character ';' after object key" + again,
		},
		"the second of an array": {
			"[" + whole + ",{\"schema\": \"rung.report/v2\"}]",
			"line 4, column 2: this file is rung.report/v2; this rung reads rung.report/v1; " +
				"use the rung that wrote it, or save the report again with this one",
		},
		"a raw escape character": {
			"{\"schema\": \"\x1b[31m\"}",
			`line 1, column 13: this is not JSON: invalid character '\x1b' in string literal` + again,
		},
		"another version": {
			`{"schema": "rung.report/v9", "causes": {}}`,
			"line 1, column 1: this file is rung.report/v9; this rung reads rung.report/v1; " +
				"use the rung that wrote it, or save the report again with this one",
		},
		"another version, hostile": {
			`{"schema": "\u001b[31m"}`,
			`line 1, column 1: this file is \x1b[31m; this rung reads rung.report/v1; ` +
				"use the rung that wrote it, or save the report again with this one",
		},
		"JSON of another program": {
			"{}",
			"line 1, column 1: this is not a report of rung: it names no schema; give a file that `rung check -o json` wrote",
		},
		"a number": {
			"\n  42",
			"line 2, column 3: this is not a report of rung: it names no schema; give a file that `rung check -o json` wrote",
		},
		"null": {
			"null",
			"line 1, column 1: this is not a report of rung: it names no schema; give a file that `rung check -o json` wrote",
		},
		"the second of two lines": {
			"{\"schema\":\"rung.report/v1\"}\n{\"schema\":\"rung.report/v2\"}\n",
			"line 2, column 1: this file is rung.report/v2; this rung reads rung.report/v1; " +
				"use the rung that wrote it, or save the report again with this one",
		},
		"a field of another type": {
			"{\"schema\": \"rung.report/v1\",\n \"causes\": [{\"summary\": 12}]}",
			"line 2, column 26: causes.summary cannot be a JSON number" + again,
		},
		"an unknown check with an observation": {
			"{\"schema\": \"rung.report/v1\",\n \"checks\": [{\"id\": \"tcp\"},\n  {\"id\": \"telepathy\", \"observation\": {}}]}",
			"line 3, column 3: check \"telepathy\" is not one that this version knows" + again,
		},
		"an observation of another type": {
			"{\"schema\": \"rung.report/v1\", \"checks\": [\n{\"id\": \"tcp\", \"observation\": {\"took_ms\": \"12\"}}]}",
			"line 2, column 1: took_ms cannot be a JSON string" + again,
		},
		"a check that is a number": {
			"{\"schema\": \"rung.report/v1\", \"checks\": [\n1]}",
			"line 2, column 1: this cannot be a JSON number" + again,
		},
		"checks that are a number": {
			"{\"schema\": \"rung.report/v1\", \"checks\":\n1}",
			"line 2, column 1: checks cannot be a JSON number" + again,
		},
		"a start that is no time": {
			"{\"schema\": \"rung.report/v1\", \"started\": \"today\"}",
			"line 1, column 1: parsing time \"today\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"today\" as \"2006\"" + again,
		},
		"an address that is none": {
			"{\"schema\": \"rung.report/v1\", \"checks\": [\n{\"id\": \"tcp\", \"observation\": {\"address\": \"here\"}}]}",
			"line 2, column 1: observation of check \"tcp\": not an ip:port" + again,
		},
	} {
		_, err := Read(strings.NewReader(c.file))
		assert.EqualError(t, err, c.message, name)
	}
}

func TestReadIsBounded(t *testing.T) {
	_, err := Read(io.LimitReader(endless{}, 2*maxSaved))
	assert.EqualError(t, err, "the file is larger than 64 MiB; give a file that `rung check -o json` wrote")
}

// endless is a file of spaces.
type endless struct{}

func (endless) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestReadPassesTheReadersErrorOn(t *testing.T) {
	gone := errors.New("input/output error")
	_, err := Read(iotest.ErrReader(gone))
	assert.ErrorIs(t, err, gone)
}

// FuzzRead begins with whole reports; as the fuzzer would spend its time on shortening them, run it with -fuzzminimizetime=5x.
func FuzzRead(f *testing.F) {
	files, err := filepath.Glob(filepath.Join(reports, "*.json"))
	require.NoError(f, err)
	for _, file := range files {
		content, err := os.ReadFile(file)
		require.NoError(f, err)
		f.Add(content)
	}
	f.Add([]byte(`[{"schema":"rung.report/v1"},{"schema":"rung.report/v1","checks":[{"id":"tcp","observation":null}]}]`))
	f.Fuzz(func(t *testing.T, file []byte) {
		read, err := Read(bytes.NewReader(file))
		if err != nil {
			assert.Empty(t, notShown(err.Error()))
			return
		}
		again, err := Read(bytes.NewReader(written(t, read...)))
		require.NoError(t, err)
		assert.Equal(t, written(t, read...), written(t, again...))
		for _, report := range read {
			var page bytes.Buffer
			require.NoError(t, Human(&page, report, HumanOptions{Width: 80, Verbose: true}))
			assert.Empty(t, notShown(page.String()))
		}
	})
}
