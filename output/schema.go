package output

import (
	_ "embed"
	"slices"
)

//go:embed report.schema.json
var schema []byte

// Schema is the JSON Schema (2020-12) of what JSON and JSONLine write. It is closed, with one type of observation for each check,
// and describes every field. It is made from the Go types and their comments.
func Schema() []byte { return slices.Clone(schema) }
