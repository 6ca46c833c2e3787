package dns

import (
	"bufio"
	"io"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// The bounds of a hosts file. Lists of blocked names run to some hundred thousand lines.
const (
	maxHostsSize    = 32 << 20
	maxHostsLine    = 1 << 20
	maxHostsEntries = 64
)

// readHosts finds the lines of a hosts file that have the name. A file that cannot be read has none, as for the system.
func readHosts(file, name string) []HostsEntry {
	if file == "" {
		file = systemHosts()
	}
	f, err := openConfiguration(file)
	if err != nil {
		return nil
	}
	defer func() { _ = f.Close() }() // only read from
	return parseHosts(io.LimitReader(f, maxHostsSize), file, name)
}

func systemHosts() string {
	if runtime.GOOS == "windows" {
		return filepath.Join(os.Getenv("SystemRoot"), "System32", "drivers", "etc", "hosts")
	}
	return "/etc/hosts"
}

func parseHosts(r io.Reader, file, name string) []HostsEntry {
	name = strings.TrimSuffix(name, ".")
	var entries []HostsEntry
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxHostsLine)
	for number := 1; lines.Scan() && len(entries) < maxHostsEntries; number++ {
		if addr, ok := parseHostsLine(lines.Text(), name); ok {
			entries = append(entries, HostsEntry{Address: addr, File: file, Line: number})
		}
	}
	return entries
}

// parseHostsLine is the address of a line that has the name.
func parseHostsLine(line, name string) (netip.Addr, bool) {
	line, _, _ = strings.Cut(line, "#")
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return netip.Addr{}, false
	}
	isName := func(alias string) bool { return strings.EqualFold(strings.TrimSuffix(alias, "."), name) }
	if !slices.ContainsFunc(fields[1:], isName) {
		return netip.Addr{}, false
	}
	addr, err := netip.ParseAddr(fields[0])
	return addr.Unmap(), err == nil
}
