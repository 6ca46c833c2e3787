package output

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net/netip"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	generate "github.com/invopop/jsonschema"
	validate "github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
)

const (
	module   = "github.com/rung-cli/rung"
	schemaID = "https://" + module + "/report.v1.schema.json"
)

func TestSchemaIsMadeFromTheTypes(t *testing.T) {
	generated, err := json.MarshalIndent(generateSchema(t), "", "  ")
	require.NoError(t, err)
	golden(t, "report.schema.json", append(generated, '\n'))
}

// generateSchema makes the schema of a report, or an array of reports, from the Go types and their comments.
func generateSchema(t *testing.T) *generate.Schema {
	r := reflector(t)
	whole := r.Reflect(checks.Report{})
	root := &generate.Schema{
		Version:     generate.Version,
		ID:          schemaID,
		Title:       checks.Schema,
		Description: "What rung writes as JSON: the report of one target, or an array of reports.",
		If:          &generate.Schema{Type: "array"},
		Then:        &generate.Schema{Items: ref("Report")},
		Else:        ref("Report"),
		Definitions: whole.Definitions,
	}
	addObservations(r, root)
	addTexts(t, r, root)

	report := root.Definitions["Report"].Properties
	report.Value("schema").Const = checks.Schema
	target := report.Value("target")
	report.Set("target", &generate.Schema{
		Description: target.Description,
		OneOf:       []*generate.Schema{ref("Target"), {Type: "null"}},
	})
	return root
}

func ref(name string) *generate.Schema { return &generate.Schema{Ref: "#/$defs/" + name} }

// reflector names types as "Report" and "tcp.Result", and gives every field its comment.
func reflector(t *testing.T) *generate.Reflector {
	r := &generate.Reflector{Anonymous: true, Mapper: mapType, Namer: typeName}
	for _, dir := range []string{"../checks", "../probes"} {
		require.NoError(t, r.AddGoComments(module+"/output", dir, generate.WithFullComment()))
	}
	r.LookupComment = func(typ reflect.Type, field string) string { return comment(r, typ, field) }
	return r
}

func typeName(t reflect.Type) string {
	switch pkg := path.Base(t.PkgPath()); {
	case t.Name() == "", pkg == "checks":
		return t.Name()
	default:
		return pkg + "." + t.Name()
	}
}

// comment is the comment of a type or field on one line, with the field's name in JSON where it begins with the one in Go.
func comment(r *generate.Reflector, t reflect.Type, field string) string {
	key := t.PkgPath() + "." + t.Name()
	if field == "" {
		return oneLine(r.CommentMap[key])
	}
	text := oneLine(r.CommentMap[key+"."+field])
	structField, _ := t.FieldByName(field)
	name, _, _ := strings.Cut(structField.Tag.Get("json"), ",")
	if rest, ok := strings.CutPrefix(text, field+" "); ok {
		return name + " " + rest
	}
	return text
}

func oneLine(text string) string { return strings.Join(strings.Fields(text), " ") }

// texts are the types that JSON carries as text of a certain form.
var texts = map[reflect.Type]*generate.Schema{
	reflect.TypeFor[netip.Addr](): {
		Type:        "string",
		Description: "An IPv4 or IPv6 address, with its zone where it has one; empty where it is not known.",
		Pattern:     `^([0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*(%.+)?)?$`,
	},
	reflect.TypeFor[netip.AddrPort](): {
		Type:        "string",
		Description: "An address and a port, the IPv6 address in brackets; empty where it is not known.",
		Pattern:     `^(([0-9.]+|\[[0-9a-f:.]*:[0-9a-f:.]*(%.+)?\]):[0-9]+)?$`,
	},
	reflect.TypeFor[netip.Prefix](): {
		Type:        "string",
		Description: "An address and the length of its network's prefix in bits.",
		Pattern:     `^([0-9.]+|[0-9a-f:.]*:[0-9a-f:.]*)/[0-9]+$`,
	},
	reflect.TypeFor[probes.Millis](): {
		Type:        "number",
		Description: "A length of time in milliseconds, to the microsecond.",
	},
}

// enums are the types of which the source has all values, as constants.
var enums = []reflect.Type{
	reflect.TypeFor[checks.Verdict](), reflect.TypeFor[checks.Layer](), reflect.TypeFor[checks.Status](),
	reflect.TypeFor[checks.Severity](), reflect.TypeFor[checks.Confidence](), reflect.TypeFor[probes.Kind](),
}

// mapType refers to the definitions that addTexts adds, and keeps numbers without a sign so.
func mapType(t reflect.Type) *generate.Schema {
	if texts[t] != nil || slices.Contains(enums, t) {
		return ref(typeName(t))
	}
	if t.Kind() >= reflect.Uint && t.Kind() <= reflect.Uint64 {
		return &generate.Schema{Type: "integer", Minimum: "0"}
	}
	return nil
}

func addTexts(t *testing.T, r *generate.Reflector, root *generate.Schema) {
	for typ, definition := range texts {
		root.Definitions[typeName(typ)] = definition
	}
	for _, typ := range enums {
		values, meanings := constants(t, typ)
		description := strings.TrimSpace(comment(r, typ, "") + " " + meanings)
		root.Definitions[typeName(typ)] = &generate.Schema{Type: "string", Description: description, Enum: values}
	}
}

// constants finds the values of a string type in its source, and what their comments say of them.
func constants(t *testing.T, typ reflect.Type) (values []any, meanings string) {
	dir := filepath.Join("..", strings.TrimPrefix(typ.PkgPath(), module))
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	require.NoError(t, err)
	var comments []string
	for _, name := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, parser.ParseComments)
		require.NoError(t, err)
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || fmt.Sprint(spec.Type) != typ.Name() || len(spec.Values) != 1 {
				return true
			}
			literal, ok := spec.Values[0].(*ast.BasicLit)
			if !ok {
				return true
			}
			value, err := strconv.Unquote(literal.Value)
			require.NoError(t, err)
			values = append(values, value)
			if meaning := oneLine(spec.Comment.Text()); meaning != "" {
				comments = append(comments, value+": "+meaning)
			}
			return true
		})
	}
	require.NotEmpty(t, values, "constants of %s", typ)
	return values, strings.Join(comments, "; ")
}

// addObservations closes the list of check ids, and ties to each the type of its observation.
func addObservations(r *generate.Reflector, root *generate.Schema) {
	result := root.Definitions["Result"]
	for _, id := range slices.Sorted(maps.Keys(checks.Observations)) {
		typ := reflect.TypeOf(checks.Observations[id]()).Elem()
		maps.Copy(root.Definitions, r.ReflectFromType(typ).Definitions)
		result.Properties.Value("id").Enum = append(result.Properties.Value("id").Enum, id)
		result.AllOf = append(result.AllOf, &generate.Schema{
			If:   properties("id", &generate.Schema{Const: id}),
			Then: properties("observation", ref(typeName(typ))),
		})
	}
}

func properties(name string, schema *generate.Schema) *generate.Schema {
	p := generate.NewProperties()
	p.Set(name, schema)
	return &generate.Schema{Properties: p}
}

func TestSchemaDescribesEveryFieldAndIsClosed(t *testing.T) {
	var document struct {
		Definitions map[string]struct {
			Description          string
			Type                 string
			AdditionalProperties *bool
			Properties           map[string]struct{ Description string }
		} `json:"$defs"`
	}
	require.NoError(t, json.Unmarshal(Schema(), &document))
	require.Contains(t, document.Definitions, "Report")
	for name, definition := range document.Definitions {
		assert.NotEmpty(t, definition.Description, name)
		if definition.Type != "object" {
			continue
		}
		if assert.NotNil(t, definition.AdditionalProperties, name) {
			assert.False(t, *definition.AdditionalProperties, name)
		}
		for field, property := range definition.Properties {
			assert.NotEmpty(t, property.Description, "%s of %s", field, name)
		}
	}
}

func TestReportsAreValid(t *testing.T) {
	schema := compileSchema(t)
	for name, report := range savedReports(t) {
		require.NoError(t, schema.Validate(asJSON(t, report)), name)
	}
	filled, empty := reportOfEverything(), reportOfNothing()
	require.NoError(t, schema.Validate(asJSON(t, filled)), "every field has a value")
	require.NoError(t, schema.Validate(asJSON(t, empty)), "no field has a value")
	require.NoError(t, schema.Validate(asJSON(t, filled, empty)), "an array")
	require.NoError(t, schema.Validate(asJSON(t)), "an empty array")
}

func TestReportsThatAreNotValid(t *testing.T) {
	schema := compileSchema(t)
	check := func(report map[string]any) map[string]any { return report["checks"].([]any)[0].(map[string]any) }
	for name, spoil := range map[string]func(report map[string]any){
		"another version":                    func(r map[string]any) { r["schema"] = "rung.report/v9" },
		"an unknown field":                   func(r map[string]any) { r["mood"] = "good" },
		"an unknown field of a check":        func(r map[string]any) { check(r)["mood"] = "good" },
		"an unknown field of an observation": func(r map[string]any) { check(r)["observation"] = map[string]any{"interfaces": []any{}, "mood": 1} },
		"an unknown check":                   func(r map[string]any) { check(r)["id"] = "ftp.telepathy" },
		"an observation of another check":    func(r map[string]any) { check(r)["id"] = "tcp" },
		"an unknown status":                  func(r map[string]any) { check(r)["status"] = "maybe" },
		"a time as text":                     func(r map[string]any) { r["duration_ms"] = "12 ms" },
		"a list that is null":                func(r map[string]any) { r["causes"] = nil },
		"a missing field":                    func(r map[string]any) { delete(r, "verdict") },
		"a start that is no time":            func(r map[string]any) { r["started"] = "yesterday" },
	} {
		report := asJSON(t, savedReport(t, "healthy-ftp")).(map[string]any)
		require.NoError(t, schema.Validate(report))
		spoil(report)
		assert.Error(t, schema.Validate(report), name)
	}
}

func compileSchema(t *testing.T) *validate.Schema {
	t.Helper()
	file, err := os.ReadFile("report.schema.json") // as Schema, but with -update in the form just written
	require.NoError(t, err)
	document, err := validate.UnmarshalJSON(bytes.NewReader(file))
	require.NoError(t, err)
	compiler := validate.NewCompiler()
	compiler.AssertFormat()
	require.NoError(t, compiler.AddResource(schemaID, document))
	schema, err := compiler.Compile(schemaID)
	require.NoError(t, err)
	return schema
}

// asJSON is what a program reads of the reports.
func asJSON(t *testing.T, reports ...*checks.Report) any {
	t.Helper()
	var b bytes.Buffer
	require.NoError(t, JSON(&b, reports))
	document, err := validate.UnmarshalJSON(&b)
	require.NoError(t, err)
	return document
}

// reportOfNothing has a check of each id whose observation was left as it was made.
func reportOfNothing() *checks.Report {
	report := &checks.Report{Schema: checks.Schema, Verdict: checks.VerdictUnknown, Causes: []checks.Cause{{
		Layer: checks.Link, Severity: checks.SeverityInfo, Confidence: checks.Unknown,
	}}}
	for id, observation := range checks.Observations {
		report.Checks = append(report.Checks, checks.Result{ID: id, Layer: checks.Link, Status: checks.Skip, Observation: observation()})
	}
	slices.SortFunc(report.Checks, func(a, b checks.Result) int { return cmp.Compare(a.ID, b.ID) })
	return report
}

// reportOfEverything has a check of each id, and a value in every field of everything.
func reportOfEverything() *checks.Report {
	report := reportOfNothing()
	for i := range report.Checks {
		r := &report.Checks[i]
		id, observation := r.ID, r.Observation
		fill(reflect.ValueOf(r).Elem())
		fill(reflect.ValueOf(observation).Elem())
		r.ID, r.Observation = id, observation
	}
	checked := report.Checks
	fill(reflect.ValueOf(report).Elem())
	report.Schema, report.Checks = checks.Schema, checked
	return report
}

// fill gives every exported field a value, lists one of each.
func fill(v reflect.Value) {
	if value, ok := samples[v.Type()]; ok {
		v.Set(reflect.ValueOf(value))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(sample)
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64:
		v.SetInt(21)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(21)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(v.Index(0))
	case reflect.Struct:
		for _, field := range v.Fields() {
			if field.CanSet() && field.Kind() != reflect.Interface {
				fill(field)
			}
		}
	default:
		panic("no sample of " + v.Type().String())
	}
}
