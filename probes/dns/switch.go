package dns

import (
	"bufio"
	"io"
	"slices"
	"strings"
)

// The bounds of nsswitch.conf(5).
const (
	maxSwitchSize = 64 << 10
	maxSources    = 16
)

// readSwitch finds where the system looks host names up; nothing where there is no such file, as on systems without a name service
// switch.
func readSwitch(file string) []string {
	f, err := openConfiguration(file)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // only read from
	return parseSwitch(io.LimitReader(f, maxSwitchSize))
}

// parseSwitch reads the sources of the line "hosts:"; actions in brackets ("[NOTFOUND=return]") are left out.
func parseSwitch(r io.Reader) []string {
	for lines := bufio.NewScanner(r); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		database, sources, found := strings.Cut(line, ":")
		if found && strings.TrimSpace(database) == "hosts" {
			return sourcesOf(sources)
		}
	}
	return nil
}

func sourcesOf(text string) (sources []string) {
	for len(sources) < maxSources {
		before, rest, bracket := strings.Cut(text, "[")
		sources = append(sources, strings.Fields(before)...)
		_, text, _ = strings.Cut(rest, "]")
		if !bracket {
			break
		}
	}
	return sources[:min(len(sources), maxSources)]
}

// beyondDNS says that the system looks names up elsewhere than in the hosts file and DNS, too: where this program does not.
func (c Config) beyondDNS() bool {
	return slices.ContainsFunc(c.Sources, func(source string) bool { return source != "files" && source != "dns" })
}
