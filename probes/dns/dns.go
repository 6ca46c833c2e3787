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
	// Host is the machine that measures: its Lookup is the system's way, its Exchange carries the direct questions.
	Host probes.Host
	// Timeout is the longest wait for one network event. All questions start at once and share it, so that it bounds the whole
	// measurement too.
	Timeout time.Duration
	// HostsFile is the hosts file; empty is the system's.
	HostsFile string
	// Family is 4 or 6 where only addresses of that family are wanted, otherwise 0.
	Family int
}

// doubt is how long silence lasts before a question is sent again and other ways are tried. A short timeout must leave time
// for them, too.
func (o Options) doubt() time.Duration { return min(probes.Doubt(0), o.Timeout/6) }

// wants says that the address is of a family that is wanted.
func (o Options) wants(addr netip.Addr) bool {
	switch o.Family {
	case 4:
		return addr.Unmap().Is4()
	case 6:
		return !addr.Unmap().Is4()
	}
	return true
}

// Result is all that was learned of one name.
type Result struct {
	// Name is what was asked for.
	Name string `json:"name"`
	// Hosts are the lines of the hosts file that have the name (hosts(5)).
	Hosts []HostsEntry `json:"hosts,omitempty"`
	// Config is what resolv.conf(5) says.
	Config Config `json:"config"`
	// System is the answer of the system's own way.
	System Lookup `json:"system"`
	// Direct are the answers of the configured servers, asked one by one and directly: for each server A and AAAA over UDP, and
	// whatever that gave reason to ask (TCP after truncation or silence, the query again with checking disabled after SERVFAIL).
	Direct []Answer `json:"direct,omitempty"`
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
	// Fault is set where the file could not be read.
	Fault *probes.Fault `json:"fault,omitempty"`
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
	// Fault is why there are no addresses: step "lookup".
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
	// Type is "A" or "AAAA".
	Type string `json:"type"`
	// CheckingDisabled says that the query had the CD bit set (RFC 4035 §3.2.2).
	CheckingDisabled bool `json:"checking_disabled,omitempty"`
	// WithoutEDNS says that the query had no OPT record, since the server did not know what to make of one (RFC 6891 §6.2.2).
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
	// Truncated is the TC bit of a UDP answer (RFC 1035 §4.1.1).
	Truncated bool `json:"truncated,omitempty"`
	// Attempts is how often the question was sent.
	Attempts int `json:"attempts,omitempty"`
	// Took is the time from the first query to the answer, or to giving up.
	Took probes.Millis `json:"took_ms"`
	// Fault is why there is no answer: step "query"; timeout, refused (ICMP port unreachable, or RST over TCP), unreachable, …
	// A timeout may be shorter than the longest wait where the name was found otherwise: Took says how long it was; a wait too
	// short to mean anything is interrupted. Where the answer is malformed, what was read of it stands beside the Fault.
	Fault *probes.Fault `json:"fault,omitempty"`
}
