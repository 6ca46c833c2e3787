package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
)

// maxSaved is the size of the largest saved document that is read, in bytes.
const maxSaved = 64 << 20

// What to do about a file that cannot be read.
const (
	mendFile    = "give a file that `rung check -o json` wrote"
	mendSave    = "save the report again with `rung check -o json`"
	mendVersion = "use the rung that wrote it, or save the report again with this one"
)

// Read reads what JSON or JSONLine wrote: one report, an array of them, or one a line; at most 64 MiB. The error is the reader's,
// or says in one line where the document is at fault, why, and what to do about it.
func Read(r io.Reader) ([]*checks.Report, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxSaved+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxSaved {
		return nil, fmt.Errorf("the file is larger than %d MiB; %s", maxSaved>>20, mendFile)
	}
	documents, err := split(data)
	if err != nil {
		return nil, err
	}
	reports := make([]*checks.Report, len(documents))
	for i, d := range documents {
		if reports[i], err = d.report(); err != nil {
			return nil, err
		}
	}
	return reports, nil
}

// document is the JSON text of one report within the whole file.
type document struct {
	file  []byte
	start int
	text  json.RawMessage
}

// split finds the reports in a file, one after another or in an array.
func split(file []byte) ([]document, error) {
	var documents []document
	decoder := json.NewDecoder(bytes.NewReader(file))
	for {
		var text json.RawMessage
		err := decoder.Decode(&text)
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, broken(file, err)
		}
		d := document{file: file, start: int(decoder.InputOffset()) - len(text), text: text}
		if d.isArray() {
			documents = append(documents, d.elements()...)
		} else {
			documents = append(documents, d)
		}
	}
	if len(documents) == 0 {
		return nil, at(file, 0, "there is no report here", mendSave)
	}
	return documents, nil
}

// broken is the error for a file that is not JSON.
func broken(file []byte, err error) error {
	if syntax, ok := errors.AsType[*json.SyntaxError](err); ok {
		return at(file, int(syntax.Offset)-1, "this is not JSON: "+escape(syntax.Error(), false), mendSave)
	}
	return at(file, len(file), "the file ends in the middle of a report", mendSave)
}

func (d document) isArray() bool { return bytes.HasPrefix(d.text, []byte("[")) }

// elements are the elements of an array.
func (d document) elements() []document {
	var texts []json.RawMessage
	_ = json.Unmarshal(d.text, &texts) // the decoder has accepted it as JSON, and JSON of any kind is a RawMessage
	documents := make([]document, len(texts))
	end := 0
	for i, text := range texts {
		end += bytes.Index(d.text[end:], text) // before it there is only space, and a comma or the bracket
		documents[i] = document{file: d.file, start: d.start + end, text: text}
		end += len(text)
	}
	return documents
}

// report reads the document.
func (d document) report() (*checks.Report, error) {
	var version struct {
		Schema *string `json:"schema"`
	}
	if err := json.Unmarshal(d.text, &version); err != nil || version.Schema == nil {
		return nil, at(d.file, d.start, "this is not a report of rung: it names no schema", mendFile)
	}
	if *version.Schema != checks.Schema {
		saved := escape(probes.Bound(*version.Schema), false)
		return nil, at(d.file, d.start, fmt.Sprintf("this file is %s; this rung reads %s", saved, checks.Schema), mendVersion)
	}
	report := new(checks.Report)
	if err := json.Unmarshal(d.text, report); err != nil {
		return nil, d.misfit(err)
	}
	return report, nil
}

// misfit is the error for JSON that is not a report. What is wrong within a check is reported where the check begins, since the
// decoder counts its offsets from there.
func (d document) misfit(err error) error {
	var report struct {
		Checks json.RawMessage `json:"checks"`
	}
	_ = json.Unmarshal(d.text, &report) // it is an object, since its schema was read
	list := document{file: d.file, start: d.start + bytes.Index(d.text, report.Checks), text: report.Checks}
	if list.isArray() {
		for _, check := range list.elements() {
			if wrong := json.Unmarshal(check.text, new(checks.Result)); wrong != nil {
				return at(d.file, check.start, reason(wrong), mendSave)
			}
		}
	}
	offset := 0
	if misplaced, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		offset = max(0, int(misplaced.Offset)-1)
	}
	return at(d.file, d.start+offset, reason(err), mendSave)
}

// reason says what the decoder disliked, without the names of Go's types.
func reason(err error) string {
	misplaced, ok := errors.AsType[*json.UnmarshalTypeError](err)
	if !ok {
		return escape(err.Error(), false)
	}
	field := misplaced.Field
	if field == "" {
		field = "this"
	}
	return field + " cannot be a JSON " + misplaced.Value
}

// at makes an error of the byte at offset: its line and column, both from 1 and the column in characters, what is wrong there,
// and what to do about it.
func at(file []byte, offset int, reason, mend string) error {
	before := file[:min(offset, len(file))]
	line := before[bytes.LastIndexByte(before, '\n')+1:]
	return fmt.Errorf("line %d, column %d: %s; %s", bytes.Count(before, []byte("\n"))+1, utf8.RuneCount(line)+1, reason, mend)
}
