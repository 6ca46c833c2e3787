package checks

import (
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sections are the headings of every description, in their order.
var sections = []string{"What it means", "On the wire", "How it is proven", "Mistaken for", "Mend"}

func TestDescriptions(t *testing.T) {
	files, err := prose.ReadDir("causes")
	require.NoError(t, err)
	assert.Len(t, Catalogue(), len(files))
	for _, file := range files {
		id := strings.TrimSuffix(file.Name(), ".md")
		t.Run(id, func(t *testing.T) {
			entry := Catalogue()[id]
			require.Equal(t, id, entry.ID)
			assert.Regexp(t, `^[A-Z].*[^.]\.$`, entry.Title)
			assert.Contains(t, Layers, entry.Layer)
			assert.Contains(t, []Severity{SeverityFail, SeverityWarn, SeverityInfo}, entry.Severity)
			assert.Equal(t, sections, headings(t, entry.Text))
		})
	}
}

// headings are the headings of a description's sections, none of which may be empty.
func headings(t *testing.T, text string) (all []string) {
	t.Helper()
	for _, section := range strings.Split(text, "\n## ")[1:] {
		heading, body, _ := strings.Cut(section, "\n")
		all = append(all, heading)
		assert.NotEmpty(t, strings.TrimSpace(body), heading)
	}
	return all
}

func TestDescriptionsMentionKnownCauses(t *testing.T) {
	known := slices.Sorted(maps.Keys(Catalogue()))
	var families []string
	for _, id := range known {
		family, _, _ := strings.Cut(id, ".")
		families = append(families, family)
	}
	mention := regexp.MustCompile("`(?:rung explain )?((?:" + strings.Join(slices.Compact(families), "|") + `)\.[a-z0-9.-]+)` + "`")
	mentions := 0
	for id, entry := range Catalogue() {
		for _, match := range mention.FindAllStringSubmatch(strings.Join(strings.Fields(entry.Text), " "), -1) {
			mentions++
			if family, _, _ := strings.Cut(match[1], "."); family != unexplained {
				assert.Contains(t, known, match[1], "mentioned by %s", id)
			}
		}
	}
	assert.NotZero(t, mentions)
}

func TestJudgesNameTheCausesOfTheCatalogue(t *testing.T) {
	assert.Equal(t, slices.Sorted(maps.Keys(Catalogue())), causesNamed(t))
}

// causesNamed are the ids that the package's sources pass to newCause, sorted.
func causesNamed(t *testing.T) []string {
	t.Helper()
	names, err := filepath.Glob("*.go")
	require.NoError(t, err)
	files := token.NewFileSet()
	ids := map[string]bool{}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		require.NoError(t, err)
		ast.Inspect(file, func(node ast.Node) bool {
			if id := idNamed(node); id != nil {
				text, ok := idOf(id)
				assert.True(t, ok, "%s: the id of a cause is a literal, so that it can be checked here", files.Position(id.Pos()))
				ids[text] = true
			}
			return true
		})
	}
	return slices.Sorted(maps.Keys(ids))
}

// idNamed is the id in a call of newCause; nil where the node is none.
func idNamed(node ast.Node) ast.Expr {
	call, ok := node.(*ast.CallExpr)
	if !ok || len(call.Args) == 0 {
		return nil
	}
	if name, ok := call.Fun.(*ast.Ident); !ok || name.Name != "newCause" {
		return nil
	}
	return call.Args[0]
}

// idOf is the cause, or the family of causes, that an expression stands for.
func idOf(expr ast.Expr) (id string, ok bool) {
	switch e := expr.(type) {
	case *ast.BasicLit:
		id, err := strconv.Unquote(e.Value)
		return id, err == nil
	case *ast.BinaryExpr: // unexplained+"."+CHECK
		return idOf(e.X)
	case *ast.Ident:
		return unexplained, e.Name == "unexplained"
	}
	return "", false
}
