package dns

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net/netip"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/rung-cli/rung/probes"
)

// The bounds of resolv.conf(5): those of the system's resolver, and our own where it has none.
const (
	maxConfigSize = 64 << 10
	maxServers    = 3  // MAXNS
	maxNdots      = 15 // RES_MAXNDOTS
	maxSearch     = 32
	defaultNdots  = 1
	dnsPort       = 53
)

// maxCandidates is how many names are tried for the one that was asked for.
const maxCandidates = 4

// maxName is the length of the longest name in its text form with the final dot (RFC 1035 §2.3.4).
const maxName = 254

// ReadConfig reads resolv.conf(5); an empty name means /etc/resolv.conf, or what the system says where it has none. Without a search
// list, the domain of this machine's own name is the search list, as for the system's resolver. A file that cannot be read is told in the configuration's Fault,
// and no server is invented for it. Of the system's own file, what nsswitch.conf(5) and systemd-resolved add to it is read, too.
func ReadConfig(file string) Config {
	if file != "" {
		return readResolvConf(file)
	}
	if config, ok := systemConfig(); ok {
		return config
	}
	config := readResolvConf("/etc/resolv.conf")
	config.Sources = readSwitch("/etc/nsswitch.conf")
	config.readUpstreams(os.DirFS("/"))
	return config
}

// openConfiguration opens a file of the system's. A named pipe in its place would be waited for without an end.
func openConfiguration(file string) (*os.File, error) {
	if info, err := os.Stat(file); err == nil && info.Mode()&fs.ModeNamedPipe != 0 {
		return nil, &fs.PathError{Op: "open", Path: file, Err: errors.New("it is a named pipe")}
	}
	return os.Open(file)
}

func readResolvConf(file string) Config {
	f, err := openConfiguration(file)
	if err != nil {
		return Config{File: file, Ndots: defaultNdots, Fault: probes.NewFault(context.Background(), "read", err)}
	}
	defer func() { _ = f.Close() }() // only read from
	config, err := parseConfig(io.LimitReader(f, maxConfigSize))
	config.File, config.Fault = file, probes.NewFault(context.Background(), "read", err)
	if hostname, err := os.Hostname(); err == nil && len(config.Search) == 0 {
		config.Search = domainOf(hostname)
	}
	return config
}

// domainOf is the search list that follows from a machine's name: what is after its first dot.
func domainOf(hostname string) []string {
	_, domain, _ := strings.Cut(hostname, ".")
	return searchList([]string{domain})
}

func parseConfig(r io.Reader) (Config, error) {
	config := Config{Ndots: defaultNdots}
	lines := bufio.NewScanner(r)
	for lines.Scan() {
		config.parseLine(lines.Text())
	}
	return config, lines.Err()
}

// parseLine takes over one line. A comment starts in the first column only; what is not known is for others.
func (c *Config) parseLine(line string) {
	if strings.HasPrefix(line, "#") || strings.HasPrefix(line, ";") {
		return
	}
	fields := strings.Fields(line)
	if len(fields) < 2 {
		return
	}
	switch values := fields[1:]; fields[0] {
	case "nameserver":
		c.addServer(values[0])
	case "domain":
		c.Search = searchList(values[:1])
	case "search":
		c.Search = searchList(values)
	case "options":
		c.parseOptions(values)
	}
}

func parseServer(text string) (netip.AddrPort, bool) {
	addr, err := netip.ParseAddr(text)
	return netip.AddrPortFrom(addr.Unmap(), dnsPort), err == nil
}

func (c *Config) addServer(text string) {
	server, ok := parseServer(text)
	if ok && len(c.Servers) < maxServers && !slices.Contains(c.Servers, server) {
		c.Servers = append(c.Servers, server)
	}
}

func (c *Config) parseOptions(options []string) {
	for _, option := range options {
		c.OverTCP = c.OverTCP || option == "use-vc" || option == "usevc"
		value, ok := strings.CutPrefix(option, "ndots:")
		if !ok {
			continue
		}
		if ndots, err := strconv.Atoi(value); err == nil {
			c.Ndots = min(max(ndots, 0), maxNdots)
		}
	}
}

// searchList keeps the suffixes that add something to a name, without their dots at the ends.
func searchList(suffixes []string) []string {
	var list []string
	for _, suffix := range suffixes[:min(len(suffixes), maxSearch)] {
		if suffix = strings.Trim(suffix, "."); suffix != "" && len(suffix) < maxName {
			list = append(list, suffix)
		}
	}
	return list
}

// candidates are the fully qualified names that the stub resolver tries for name, in its order (resolv.conf(5), search and
// ndots; RFC 1535).
func (c Config) candidates(name string) []string {
	if strings.HasSuffix(name, ".") {
		return []string{name}
	}
	absolute := name + "."
	var searched []string
	for _, suffix := range c.Search {
		full := absolute + suffix + "."
		if len(full) <= maxName && len(searched) < maxCandidates-1 {
			searched = append(searched, full)
		}
	}
	if strings.Count(name, ".") >= c.Ndots {
		return append([]string{absolute}, searched...)
	}
	return append(searched, absolute)
}
