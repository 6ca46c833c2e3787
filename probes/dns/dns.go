// Package dns measures name resolution: what the system's own way says, and what each configured server says when it is asked
// directly (RFC 1035), both kept.
package dns

import (
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Options say how a name is measured.
type Options struct {
	// Host is the machine that measures: its Lookup is the system's way, its Exchange carries the direct questions, and addresses of
	// its Family alone are wanted.
	Host probes.Host
	// Timeout is the longest wait for one network event. All questions start at once and share it, so that it bounds the whole
	// measurement too.
	Timeout time.Duration
	// HostsFile is the hosts file; empty is the system's.
	HostsFile string
	// Zone is a zone in which names made up at random do not exist, as "com.": every server is asked for two of them, and one that
	// knows an address for both makes answers up. Empty where that is not to be found out.
	Zone string
}

// doubt is how long silence lasts before a question is sent again and other ways are tried. A short timeout must leave time
// for them, too.
func (o Options) doubt() time.Duration { return min(probes.Doubt(0), o.Timeout/6) }

// Result is all that was learned of one name.
type Result struct {
	// Name is what was asked for.
	Name string `json:"name"`
	// Hosts are the lines of the hosts file that have the name (hosts(5)).
	Hosts []HostsEntry `json:"hosts,omitempty"`
	// Config is what resolv.conf(5) says.
	Config Config `json:"config"`
	// System is the answer of the system's own way, as every program here gets it: that of getent(1) where it was asked and found
	// the name, otherwise what this program's own resolver makes of the hosts file and of DNS.
	System Lookup `json:"system"`
	// Own is the answer of this program's own resolver, where that of getent(1) stands in its place.
	Own *Lookup `json:"own,omitempty"`
	// Getent is what came of asking through the name service switch (getent(1)): asked where nsswitch.conf(5) names sources beyond
	// the hosts file and DNS, or where this program's own resolver fails or is silent for a doubt.
	Getent *Lookup `json:"getent,omitempty"`
	// Direct are the answers of the configured servers and of those that stubs on this machine ask, asked one by one and directly:
	// for each server A and AAAA over UDP, and whatever that gave reason to ask (TCP after truncation or silence, without EDNS after
	// silence, with checking disabled after SERVFAIL).
	Direct []Answer `json:"direct,omitempty"`
	// Control are answers to a question that has nothing to do with the name (NS of the root, without EDNS): it is put to servers
	// that were silent about the name for a doubt, and tells a dead one from one that cannot find out.
	Control []Answer `json:"control,omitempty"`
	// Elsewhere are answers of servers that were silent, by other interfaces that have a route to them.
	Elsewhere []Elsewhere `json:"elsewhere,omitempty"`
	// Invented are answers about names made up at random, which should not exist: under a top-level domain, where that was asked for,
	// beside a name that a suffix of the search list has led to, and under one that is made up as well, of a server that did not tell of the root.
	Invented []Answer `json:"invented,omitempty"`
}

// Config is the configuration of the system's stub resolver.
type Config struct {
	// File is where it was read; on Windows, where it is in none, what stands for it.
	File string `json:"file"`
	// Servers are the configured servers, in order.
	Servers []netip.AddrPort `json:"servers,omitempty"`
	// Search are the suffixes tried for a short name.
	Search []string `json:"search,omitempty"`
	// Ndots is the number of dots from which a name is tried as it is, first.
	Ndots int `json:"ndots,omitempty"`
	// OverTCP says that the system asks over TCP alone (resolv.conf(5), use-vc).
	OverTCP bool `json:"over_tcp,omitempty"`
	// Sources are where the system looks names up, in order: the hosts line of nsswitch.conf(5), without its actions.
	Sources []string `json:"sources,omitempty"`
	// Upstreams are the servers that a stub on this machine asks, as systemd-resolved tells them.
	Upstreams []Upstream `json:"upstreams,omitempty"`
	// UpstreamsFault says why they could not be read, where such a stub is configured: step "read".
	UpstreamsFault *probes.Fault `json:"upstreams_fault,omitempty"`
	// Fault is set where the file could not be read.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Upstream is a server that a stub on this machine asks.
type Upstream struct {
	// Server is its address.
	Server netip.AddrPort `json:"server"`
	// Interface is the link that it belongs to, where that is known.
	Interface string `json:"interface,omitempty"`
	// Domains are what that link is asked for, where that is known; with a "~" in front, they are no suffixes for short names
	// (systemd-resolved(8), routing domains).
	Domains []string `json:"domains,omitempty"`
	// NoDefault says that the link is asked for its domains alone.
	NoDefault bool `json:"no_default,omitempty"`
	// OverTLS says that it is asked over TLS alone (RFC 7858): what port 53 does there means nothing, and it is not asked.
	OverTLS bool `json:"over_tls,omitempty"`
	// From is the file that names it.
	From string `json:"from"`
}

// HostsEntry is a line of the hosts file.
type HostsEntry struct {
	// Address is what the line says.
	Address netip.Addr `json:"address"`
	// File is the hosts file.
	File string `json:"file"`
	// Line is the number of the line, from 1.
	Line int `json:"line"`
}

// Lookup is the system's answer.
type Lookup struct {
	// Addresses are the addresses in the order of RFC 6724, IPv4 in plain form.
	Addresses []netip.Addr `json:"addresses,omitempty"`
	// Took is how long the answer took.
	Took probes.Millis `json:"took_ms"`
	// Fault is why there are no addresses: step "lookup"; unsupported where getent(1) is missing.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Answer is one server's answer to one question.
type Answer struct {
	// Server is who was asked.
	Server netip.AddrPort `json:"server"`
	// Transport is "udp" or "tcp".
	Transport string `json:"transport"`
	// Name is the fully qualified name asked for, with its final dot.
	Name string `json:"name"`
	// Type is "A" or "AAAA"; "NS" in a question about the root.
	Type string `json:"type"`
	// CheckingDisabled says that the query had the CD bit set (RFC 4035 §3.2.2).
	CheckingDisabled bool `json:"checking_disabled,omitempty"`
	// WithoutEDNS says that the query had no OPT record: since the server did not know what to make of one (RFC 6891 §6.2.2), or to
	// compare.
	WithoutEDNS bool `json:"without_edns,omitempty"`
	// Code is the response code's name ("NOERROR", "NXDOMAIN", "SERVFAIL", "REFUSED", …); empty where no answer came.
	Code string `json:"code,omitempty"`
	// Addresses are the addresses in the answer section that belong to the name, aliases followed.
	Addresses []netip.Addr `json:"addresses,omitempty"`
	// Aliases are the names on the way (CNAME), in order.
	Aliases []string `json:"aliases,omitempty"`
	// SOA is the zone that the negative answer names (RFC 2308 §2), as "zone. mname.".
	SOA string `json:"soa,omitempty"`
	// Extended are the extended errors (RFC 8914), as "6 DNSSEC Bogus: text".
	Extended []string `json:"extended,omitempty"`
	// NoRecursion says that the server has no answer and looks none up for us: neither AA nor RA is set (RFC 1035 §4.1.1).
	NoRecursion bool `json:"no_recursion,omitempty"`
	// Truncated is the TC bit of a UDP answer (RFC 1035 §4.1.1).
	Truncated bool `json:"truncated,omitempty"`
	// Attempts is how often the question was sent.
	Attempts int `json:"attempts,omitempty"`
	// Connected says that a TCP connection was made.
	Connected bool `json:"connected,omitempty"`
	// Took is the time from the first query to the answer, or to giving up.
	Took probes.Millis `json:"took_ms"`
	// Fault is why there is no answer: step "query"; timeout, refused (ICMP port unreachable, or RST over TCP), unreachable, …
	// A timeout may be shorter than the longest wait where the name was found otherwise: Took says how long it was; a wait too
	// short to mean anything is interrupted. Where the answer is malformed, what was read of it stands beside the Fault.
	Fault *probes.Fault `json:"fault,omitempty"`
}
