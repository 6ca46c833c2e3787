package dns

import (
	"bufio"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/netip"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/rung-cli/rung/probes"
)

// Where systemd-resolved tells whom it asks (systemd-resolved.service(8), "/etc/resolv.conf"): the file is its public interface and has
// the servers of all links. Which link they belong to is told by its own state of links and by that of systemd-networkd.
const resolvedServers = "run/systemd/resolve/resolv.conf"

var linkStates = []string{"run/systemd/resolve/netif", "run/systemd/netif/links"}

// Where its configuration may be (resolved.conf(5)); what comes later counts.
var resolvedConfigs = []string{
	"usr/lib/systemd/resolved.conf.d/*.conf", "etc/systemd/resolved.conf", "run/systemd/resolved.conf.d/*.conf",
	"etc/systemd/resolved.conf.d/*.conf",
}

// The bounds of what is read of its state.
const (
	maxStateSize  = 64 << 10
	maxLinks      = 64
	maxUpstreams  = 8
	maxStateWords = 64
)

// resolvedStubs are the addresses at which systemd-resolved listens: the stub, and the proxy that leaves answers as they are.
var resolvedStubs = []netip.Addr{netip.MustParseAddr("127.0.0.53"), netip.MustParseAddr("127.0.0.54")}

// readUpstreams finds whom systemd-resolved asks, where it is the configured resolver. Of other resolvers on this machine nobody tells an
// ordinary user.
func (c *Config) readUpstreams(system fs.FS) {
	if !slices.ContainsFunc(c.Servers, func(s netip.AddrPort) bool { return slices.Contains(resolvedStubs, s.Addr()) }) {
		return
	}
	lines, err := readState(system, resolvedServers)
	if err != nil {
		c.UpstreamsFault = probes.NewFault(context.Background(), "read", err)
		return
	}
	links, overTLS := readLinks(system), onlyOverTLS(system)
	for _, line := range lines {
		fields := strings.Fields(line)
		if len(fields) < 2 || fields[0] != "nameserver" || len(c.Upstreams) == maxUpstreams {
			continue
		}
		server, ok := parseServer(fields[1])
		if !ok || slices.ContainsFunc(c.Upstreams, func(u Upstream) bool { return u.Server == server }) ||
			slices.Contains(resolvedStubs, server.Addr()) {
			continue
		}
		upstream := links[server.Addr().WithZone("")]
		upstream.Server, upstream.From, upstream.OverTLS = server, "/"+resolvedServers, upstream.OverTLS || overTLS
		c.Upstreams = append(c.Upstreams, upstream)
	}
}

func readState(system fs.FS, name string) (lines []string, err error) {
	f, err := system.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }() // only read from
	scanner := bufio.NewScanner(io.LimitReader(f, maxStateSize))
	for scanner.Scan() {
		lines = append(lines, scanner.Text())
	}
	if errors.Is(scanner.Err(), bufio.ErrTooLong) { // what came before it counts
		return lines, nil
	}
	return lines, scanner.Err()
}

// readLinks finds what is known of the links that servers belong to, by the server's address. A server of several links has no link that
// could be named, and no limits.
func readLinks(system fs.FS) map[netip.Addr]Upstream {
	links := map[netip.Addr]Upstream{}
	for _, directory := range linkStates {
		files, err := fs.ReadDir(system, directory)
		if err != nil {
			continue // that one is not there, or not for us
		}
		for _, file := range files[:min(len(files), maxLinks)] {
			lines, err := readState(system, path.Join(directory, file.Name()))
			if err != nil {
				continue
			}
			link, servers := parseLink(lines)
			link.Interface = interfaceOf(file.Name())
			for _, server := range servers {
				if known, twice := links[server]; twice && known.Interface != link.Interface {
					link = Upstream{OverTLS: known.OverTLS && link.OverTLS}
				}
				links[server] = link
			}
		}
	}
	return links
}

// interfaceOf is the name of the interface with that index; empty where there is none.
func interfaceOf(index string) string {
	number, err := strconv.Atoi(index)
	if err != nil {
		return ""
	}
	i, err := net.InterfaceByIndex(number)
	if err != nil {
		return ""
	}
	return i.Name
}

// parseLink reads the state of a link, in the words of either service: KEY=VALUE, lists separated by blanks.
func parseLink(lines []string) (link Upstream, servers []netip.Addr) {
	for _, line := range lines {
		key, value, _ := strings.Cut(line, "=")
		words := strings.Fields(value)
		words = words[:min(len(words), maxStateWords)]
		switch key {
		case "SERVERS", "DNS":
			for _, word := range words {
				if server, ok := parseLinkServer(word); ok {
					servers = append(servers, server)
				}
			}
		case "DOMAINS":
			link.Domains = append(link.Domains, words...)
		case "ROUTE_DOMAINS":
			for _, word := range words {
				link.Domains = append(link.Domains, "~"+strings.TrimPrefix(word, "~"))
			}
		case "DEFAULT_ROUTE", "DNS_DEFAULT_ROUTE":
			link.NoDefault = value == "no"
		case "DNSOVERTLS", "DNS_OVER_TLS":
			link.OverTLS = value == "yes"
		}
	}
	return link, servers
}

// parseLinkServer reads a server as resolved.conf(5) writes it: ADDRESS[:PORT][%INTERFACE][#NAME], an IPv6 address with a port in brackets.
func parseLinkServer(word string) (netip.Addr, bool) {
	word, _, _ = strings.Cut(word, "#")
	word, _, _ = strings.Cut(word, "%")
	if ap, err := netip.ParseAddrPort(word); err == nil {
		return ap.Addr().Unmap(), true
	}
	addr, err := netip.ParseAddr(strings.Trim(word, "[]"))
	return addr.Unmap(), err == nil
}

// onlyOverTLS says that the configuration has all servers asked over TLS and in no other way.
func onlyOverTLS(system fs.FS) (strict bool) {
	for _, pattern := range resolvedConfigs {
		files, _ := fs.Glob(system, pattern) // the patterns are well-formed
		for _, file := range files[:min(len(files), maxLinks)] {
			lines, _ := readState(system, file) // what cannot be read is as good as not there
			for _, line := range lines {
				if key, value, ok := strings.Cut(line, "="); ok && strings.TrimSpace(key) == "DNSOverTLS" {
					strict = slices.Contains([]string{"yes", "true", "1", "on"}, strings.ToLower(strings.TrimSpace(value)))
				}
			}
		}
	}
	return strict
}

// upstreamsFor are the servers that systemd-resolved may ask for a name over port 53: those of the links that have the longest domain
// which the name is in, or, where none has any, those of all links that are not for their own domains alone.
func (c Config) upstreamsFor(name string) (servers []netip.AddrPort) {
	longest := 0
	for _, u := range c.Upstreams {
		longest = max(longest, u.covers(name))
	}
	for _, u := range c.Upstreams {
		if !u.OverTLS && !slices.Contains(c.Servers, u.Server) && (longest > 0 && u.covers(name) == longest || longest == 0 && !u.NoDefault) {
			servers = append(servers, u.Server)
		}
	}
	return servers
}

// covers is the length of the longest domain of the link that the name is in; the root ("~.") has one of 1.
func (u Upstream) covers(name string) (longest int) {
	name = "." + strings.ToLower(strings.TrimSuffix(name, "."))
	for _, domain := range u.Domains {
		domain = strings.ToLower(strings.Trim(strings.TrimPrefix(domain, "~"), "."))
		if domain == "" || strings.HasSuffix(name, "."+domain) {
			longest = max(longest, 1+len(domain))
		}
	}
	return longest
}
