package main

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pkg is what `go list` says of a package.
type pkg struct {
	ImportPath string
	Imports    []string
}

// name is the package's path within the module; empty for the program itself.
func (p pkg) name() string { return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/") }

const module = "github.com/rung-cli/rung"

// TestImportsRunOneWay keeps the rule that the rest hangs on: main → output → checks → probes, and a probe knows no other.
func TestImportsRunOneWay(t *testing.T) {
	for _, p := range packages(t) {
		for _, imported := range p.Imports {
			if imported != module && !strings.HasPrefix(imported, module+"/") {
				continue
			}
			to := pkg{ImportPath: imported}.name()
			assert.True(t, mayImport(p.name(), to), "%s imports %s", p.ImportPath, imported)
		}
	}
}

// mayImport says that a package may import another of the project.
func mayImport(from, to string) bool {
	isTest := strings.HasSuffix(from, "test")
	switch room, rest, _ := strings.Cut(from, "/"); room {
	case "":
		return !strings.HasSuffix(to, "test")
	case "output":
		return to == "checks" || strings.HasPrefix(to, "probes")
	case "checks":
		isTool := rest == "demo" || rest == "lab" // they show and try the checks, with the servers that misbehave
		return strings.HasPrefix(to, "probes") && (isTool || !strings.HasSuffix(to, "test")) || isTool && (to == "checks" || to == "output")
	case "probes":
		isKernel := rest == "link" || rest == "route"
		return to == "probes" || isKernel && to == "probes/netlink" || isTest && strings.HasPrefix(to, "probes/")
	}
	return false
}

// TestRuleOfImports makes sure that the rule forbids what it is to forbid.
func TestRuleOfImports(t *testing.T) {
	for _, forbidden := range [][2]string{
		{"checks", "output"}, {"probes", "checks"}, {"probes/dns", "checks"}, {"probes/ftp", "probes/tls"}, {"probes/tcp", "probes/netlink"},
		{"output", ""}, {"checks", "probes/ftp/ftptest"}, {"probes", "probes/dns"}, {"elsewhere", "probes"}, {"", "probes/tls/tlstest"},
	} {
		assert.False(t, mayImport(forbidden[0], forbidden[1]), "%s imports %s", forbidden[0], forbidden[1])
	}
}

// packages are all packages of the module, without their tests.
func packages(t *testing.T) (all []pkg) {
	t.Helper()
	listed, err := exec.CommandContext(t.Context(), "go", "list", "-json=ImportPath,Imports", module+"/...").Output()
	require.NoError(t, err)
	for decoder := json.NewDecoder(strings.NewReader(string(listed))); ; {
		var p pkg
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			assert.Greater(t, len(all), 10)
			return all
		}
		require.NoError(t, err)
		all = append(all, p)
	}
}
