package checks

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
)

// secondResolver is a further configured server that gave no answer.
func secondResolver(kind probes.Kind) change {
	return func(e *Evidence) {
		e.DNS.Seen.Config.Servers = append(e.DNS.Seen.Config.Servers, netip.AddrPortFrom(secondServer, 53))
		e.DNS.Seen.Direct = append(e.DNS.Seen.Direct, unanswered(secondServer, kind)...)
	}
}

// answersOf are a server's equal answers to both questions.
func answersOf(server netip.Addr, code string) []dns.Answer {
	return []dns.Answer{answer(server, "A", code), answer(server, "AAAA", code)}
}

// notChecking are the answers to the same questions with checking disabled.
func notChecking(answers []dns.Answer) []dns.Answer {
	answers = slices.Clone(answers)
	for i := range answers {
		answers[i].CheckingDisabled = true
	}
	return answers
}

// aliased are answers that lead along these aliases.
func aliased(answers []dns.Answer, names ...string) []dns.Answer {
	for i := range answers {
		answers[i].Aliases = names
	}
	return answers
}

// byICMPFrom are answers that an ICMP error came in place of.
func byICMPFrom(server netip.Addr, kind probes.Kind, code uint8, from netip.Addr) []dns.Answer {
	answers := unanswered(server, kind)
	for i := range answers {
		answers[i].Fault = byICMP("query", kind, 3, code, from)
	}
	return answers
}

func dnsCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	follow := []string{"dns fail", "tcp skip < dns.nxdomain", "ftp.control skip < dns.nxdomain", "ftp.active skip < dns.nxdomain"}
	found := answer(resolver, "A", "NOERROR", serverIPv4)
	ours := all(gateways(hop(resolver, "reachable")), onLink(resolver))
	return map[string]verdictCase{
		"no such name": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...)),
			causes:   []string{"dns.nxdomain fail proven @ " + serverName}, checks: follow,
		},
		"no such name, and a second server is silent": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...), secondResolver(probes.Timeout)),
			causes:   []string{"dns.nxdomain fail likely"},
		},
		"no address": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NOERROR")...)), causes: []string{"dns.nodata fail proven"},
		},
		"no address, though its suffix has no such name": {
			evidence: given(byName, unresolved(probes.NotFound, answer(resolver, "A", "NXDOMAIN"), answer(resolver, "A", "NOERROR"))),
			causes:   []string{"dns.nodata fail proven"},
		},
		"an alias of a name that does not exist": {
			evidence: given(byName, unresolved(probes.NotFound, aliased(answersOf(resolver, "NXDOMAIN"), "gone.hosting.example.")...)),
			causes:   []string{"dns.nxdomain fail proven @ gone.hosting.example"},
			says:     serverName + " is an alias of gone.hosting.example, which does not exist",
		},
		"an alias of a name without an address": {
			evidence: given(byName, unresolved(probes.NotFound, aliased(answersOf(resolver, "NOERROR"), "mail.hosting.example.")...)),
			causes:   []string{"dns.nodata fail proven @ mail.hosting.example"}, says: "is an alias of mail.hosting.example, which has no address",
		},
		"aliases in a circle": {
			evidence: given(byName, unresolved(probes.NotFound, aliased(answersOf(resolver, "NOERROR"), "a.example.", "Files.Example.com.")...)),
			causes:   []string{"dns.nodata fail proven @ " + serverName}, says: "go round in a circle",
		},
		"the server fails": {
			evidence: given(byName, unresolved(probes.Other, append(answersOf(resolver, "SERVFAIL"), notChecking(answersOf(resolver, "SERVFAIL"))...)...)),
			causes:   []string{"dns.servfail fail proven @ 198.51.100.53"},
		},
		"the server fails, and was not asked again": {
			evidence: given(byName, unresolved(probes.Other, answersOf(resolver, "SERVFAIL")...)), causes: []string{"dns.servfail fail likely"},
		},
		"signatures that do not verify": {
			evidence: given(byName, unresolved(probes.Other, append(answersOf(resolver, "SERVFAIL"), notChecking([]dns.Answer{found})...)...)),
			causes:   []string{"dns.dnssec-bogus fail proven"},
		},
		"the server refuses": {
			evidence: given(byName, unresolved(probes.Other, answersOf(resolver, "REFUSED")...)), causes: []string{"dns.refused fail proven @ 198.51.100.53"},
		},
		"this machine itself keeps the questions back": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Prohibited)...)),
			causes:   []string{"tcp.local-firewall fail likely @ 198.51.100.53"}, checks: []string{"dns fail", "tcp skip < tcp.local-firewall"},
		},
		"silent, and where no neighbour has a link-layer address": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...), onLink(resolver), gateways(hop(resolver, "noarp"))),
			causes:   []string{"dns.resolver-timeout fail likely"},
		},
		"the list of servers may not be read": {
			evidence: given(byName, unresolved(probes.Other), func(e *Evidence) {
				e.DNS.Seen.Config.Servers, e.DNS.Seen.Config.Fault, e.Routes, e.Gateways = nil, fault("read", probes.Prohibited), nil, nil
			}),
			causes: []string{"dns.no-resolver fail proven @ /etc/resolv.conf"}, says: "cannot be read",
		},
		"no server": {
			evidence: given(byName, unresolved(probes.Other), func(e *Evidence) { e.DNS.Seen.Config.Servers, e.Routes, e.Gateways = nil, nil, nil }),
			causes:   []string{"dns.no-resolver fail proven @ /etc/resolv.conf"}, checks: []string{"tcp skip < dns.no-resolver"},
		},
		"the server is silent": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)),
			causes:   []string{"dns.resolver-timeout fail likely @ 198.51.100.53"},
		},
		"the server is silent, and alive on our own network": {
			evidence: given(byName, ours, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)), causes: []string{"dns.resolver-timeout fail proven"},
		},
		"two servers are silent": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...), secondResolver(probes.Timeout)),
			causes:   []string{"dns.resolver-timeout fail likely @ 198.51.100.53, 198.51.100.54"},
		},
		"nothing listens at the server": {
			evidence: given(byName, unresolved(probes.Other, byICMPFrom(resolver, probes.Refused, 3, resolver)...)),
			causes:   []string{"dns.resolver-refused fail proven @ 198.51.100.53"},
		},
		"a device refuses the server's port": {
			evidence: given(byName, unresolved(probes.Other, byICMPFrom(resolver, probes.Refused, 3, router)...)),
			causes:   []string{"tcp.refused-by-middlebox fail proven @ 198.51.100.1"}, checks: []string{"dns fail < tcp.refused-by-middlebox"},
		},
		"a router cannot reach the server": {
			evidence: given(byName, unresolved(probes.Other, byICMPFrom(resolver, probes.Unreachable, 1, router)...)),
			causes:   []string{"route.unreachable-remote fail proven @ 198.51.100.1"},
		},
		"one server refuses its port, another is silent": {
			evidence: given(byName, unresolved(probes.Other, byICMPFrom(resolver, probes.Refused, 3, resolver)...), secondResolver(probes.Timeout)),
			causes:   []string{"dns.resolver-refused fail proven", "dns.resolver-timeout fail likely"},
		},
		"servers that disagree": {
			evidence: given(byName, unresolved(probes.Other, answersOf(resolver, "SERVFAIL")...), secondResolver(probes.Timeout), func(e *Evidence) {
				e.DNS.Seen.Direct = append(e.DNS.Seen.Direct, answersOf(secondServer, "REFUSED")...)
			}),
			causes: []string{"dns.servfail fail likely", "dns.refused fail likely"}, checks: []string{"dns fail < dns.refused", "tcp skip < dns.servfail"},
		},
		"a server that does not answer as servers do": {
			evidence: given(byName, unresolved(probes.Other, answersOf(resolver, "NOTIMP")...)),
			causes:   []string{"unexplained.dns fail unknown"}, checks: []string{"dns fail < unexplained.dns", "tcp skip < unexplained.dns"},
		},
	}
}

func resolvedCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	return map[string]verdictCase{
		"a second server is silent": {evidence: given(byName, secondResolver(probes.Timeout)), causes: nil, checks: []string{"dns pass"}},
		"a second server refuses its port": {
			evidence: given(byName, secondResolver(probes.Refused)), causes: []string{"dns.resolver-refused info proven @ 198.51.100.54"},
			checks: []string{"dns pass"},
		},
		"the only server is silent to us, and not to the system": {
			evidence: given(byName, func(e *Evidence) { e.DNS.Seen.Direct = unanswered(resolver, probes.Timeout) }), causes: nil,
		},
		"the system is silent, and a server is not": {
			evidence: given(byName, func(e *Evidence) { e.DNS.Seen.System = dns.Lookup{Fault: fault("lookup", probes.Timeout)} }), causes: nil,
		},
		"the hosts file": {
			evidence: given(byName, func(e *Evidence) {
				e.DNS.Seen.Hosts = []dns.HostsEntry{{Address: serverIPv4, File: "/etc/hosts", Line: 7}}
				e.DNS.Seen.Direct = answersOf(resolver, "NXDOMAIN")
			}), causes: nil, checks: []string{"dns pass"},
		},
	}
}

func TestStrangeAnswersAreQuotedForWhoRunsTheResolver(t *testing.T) {
	t.Parallel()
	malformed := answer(resolver, "AAAA", "")
	malformed.Fault = fault("query", probes.Malformed)

	cause := strangeCause([]dns.Answer{answer(resolver, "A", "FORMERR"), malformed, answer(secondServer, "A", "NOTAUTH")})

	assert.Equal(t, "198.51.100.53, 198.51.100.54", cause.Where)
	assert.Contains(t, cause.Remedy, "the operator of the resolver 198.51.100.53, 198.51.100.54")
	require.Len(t, cause.Evidence, 3)
	assert.Contains(t, cause.Evidence[0], "FORMERR")
	assert.Contains(t, cause.Evidence[1], "malformed")
	assert.Contains(t, cause.Evidence[2], "NOTAUTH")
}
