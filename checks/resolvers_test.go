package checks

import (
	"maps"
	"net/netip"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
)

var (
	privateIPv4 = addr("10.20.30.40")
	searchPage  = addr("198.51.100.66")
)

// askedToo is a server with its answers, configured before or behind those that are.
func askedToo(server netip.Addr, first bool, answers ...dns.Answer) change {
	return func(e *Evidence) {
		servers := &e.DNS.Seen.Config.Servers
		ap := netip.AddrPortFrom(server, 53)
		if first {
			*servers = append([]netip.AddrPort{ap}, *servers...)
		} else {
			*servers = append(*servers, ap)
		}
		e.Routes = append(e.Routes, routeTo(server, "resolver"))
		e.DNS.Seen.Direct = append(e.DNS.Seen.Direct, answers...)
	}
}

// dead is a server that was given its time and its chances, and answered nothing.
func dead(server netip.Addr, first bool) change { return deadFor(server, first, programsWait) }

// deadFor is a server that answered nothing for that long.
func deadFor(server netip.Addr, first bool, wait time.Duration) change {
	answers := unanswered(server, probes.Timeout)
	for i := range answers {
		answers[i].Attempts, answers[i].Took = 2, probes.Millis(wait)
	}
	return all(askedToo(server, first, answers...), forTheRoot(server, ""))
}

// forTheRoot is the answer to the question for the root; no code is none.
func forTheRoot(server netip.Addr, code string) change {
	a := answer(server, "NS", code)
	a.Name, a.WithoutEDNS = ".", true
	if code == "" {
		a.Fault = fault("query", probes.Timeout)
	}
	return func(e *Evidence) { e.DNS.Seen.Control = append(e.DNS.Seen.Control, a) }
}

func withoutEDNS(a dns.Answer) dns.Answer {
	a.WithoutEDNS = true
	return a
}

func silentTo(server netip.Addr, attempts int) dns.Answer {
	a := answer(server, "A", "")
	a.Attempts, a.Fault = attempts, fault("query", probes.Timeout)
	return a
}

// silentFor is a question for records of a type that was sent so often, without an answer.
func silentFor(qtype string, attempts int) dns.Answer {
	a := silentTo(resolver, attempts)
	a.Type = qtype
	return a
}

func systemTook(d time.Duration) change {
	return func(e *Evidence) { e.DNS.Seen.System.Took = probes.Millis(d) }
}

// sources are where the system looks names up.
func sources(all ...string) change {
	return func(e *Evidence) { e.DNS.Seen.Config.Sources = all }
}

func called(a dns.Answer, name string) dns.Answer {
	a.Name = name
	return a
}

// direct are the answers of the servers in place of what they were.
func direct(answers ...dns.Answer) change {
	return func(e *Evidence) { e.DNS.Seen.Direct = answers }
}

func invented(answers ...dns.Answer) change {
	return func(e *Evidence) { e.DNS.Seen.Invented = answers }
}

// cutAndLost is an answer that did not fit, and what came of asking over TCP.
func cutAndLost(server netip.Addr, kind probes.Kind) []dns.Answer {
	short, long := answer(server, "A", "NOERROR"), answer(server, "A", "")
	short.Truncated = true
	long.Transport, long.Fault = "tcp", fault("query", kind)
	return []dns.Answer{short, long}
}

func inHosts(address netip.Addr) change {
	return func(e *Evidence) {
		e.DNS.Seen.Hosts = []dns.HostsEntry{{Address: address, File: "/etc/hosts", Line: 7}}
	}
}

// behindStub are the servers that systemd-resolved asks, in place of the one that was configured.
func behindStub(answers ...dns.Answer) change {
	stub := addr("127.0.0.53")
	return func(e *Evidence) {
		e.DNS.Seen.Config.Servers = []netip.AddrPort{netip.AddrPortFrom(stub, 53)}
		e.DNS.Seen.Config.Upstreams = []dns.Upstream{{Server: netip.AddrPortFrom(resolver, 53), From: "/run/systemd/resolve/resolv.conf"}}
		e.DNS.Seen.Direct = append(append(answersOf(stub, "SERVFAIL"), notChecking(answersOf(stub, "SERVFAIL"))...), answers...)
	}
}

// stubSays is why the stub on this machine gives no answer.
func stubSays(kind probes.Kind) change {
	return func(e *Evidence) {
		e.DNS.Seen.Direct = append(unanswered(addr("127.0.0.53"), kind), slices.DeleteFunc(e.DNS.Seen.Direct, func(a dns.Answer) bool {
			return a.Server.Addr().IsLoopback()
		})...)
	}
}

func aloof(a dns.Answer) dns.Answer {
	a.NoRecursion = true
	return a
}

func overTCP(a dns.Answer) dns.Answer {
	a.Transport, a.Connected = "tcp", true
	return a
}

func resolversCases() map[string]verdictCase {
	const byName, captured = "ftp://" + serverName, serverName + ".corp.example.net."
	good := answer(resolver, "A", "NOERROR", serverIPv4)
	overEDNS := []dns.Answer{silentTo(resolver, 2), withoutEDNS(good), withoutEDNS(good), silentTo(resolver, 1)}
	late := answer(resolver, "A", "NOERROR", serverIPv4)
	two := []dns.Answer{
		called(answer(resolver, "A", "NOERROR", searchPage), "abcdefgh.com."), called(answer(resolver, "A", "NOERROR", searchPage), "ijklmnop.com."),
	}
	wildcard := called(answer(resolver, "A", "NOERROR", serverIPv4), "abcdefgh.corp.example.net.")
	cases := map[string]verdictCase{
		"the first server is dead": {evidence: given(byName, dead(secondServer, true)), causes: []string{"dns.resolver-timeout warn proven @ 198.51.100.54"},
			checks: []string{"dns warn < dns.resolver-timeout"}, says: "every program waits for it"},
		"the second server is dead": {evidence: given(byName, dead(secondServer, false)), causes: []string{"dns.resolver-timeout info proven @ 198.51.100.54"}},
		"the second server has not answered for a while": {
			evidence: given(byName, deadFor(secondServer, false, 2*time.Second)), causes: []string{"dns.resolver-timeout info likely @ 198.51.100.54"},
		},
		"the first server is dead for this name alone": {
			evidence: given(byName, askedToo(secondServer, true, unanswered(secondServer, probes.Timeout)...), forTheRoot(secondServer, "NOERROR")), causes: nil,
		},
		"the first server was not asked for the root": {
			evidence: given(byName, askedToo(secondServer, true, unanswered(secondServer, probes.Timeout)...)), causes: nil,
		},
		"the first server accepts connections, and was not waited for": {
			evidence: given(byName, dead(secondServer, true), func(e *Evidence) {
				e.DNS.Seen.Direct[len(e.DNS.Seen.Direct)-1].Connected = true
			}), causes: nil,
		},
		"the first server is dead, and its address is of the other family": {
			evidence: given(byName, dead(otherIPv6, true)), causes: []string{"dns.resolver-timeout warn likely"},
		},
		"the first server has an address to which there is no route": {
			evidence: given(byName, askedToo(otherIPv6, true, unanswered(otherIPv6, probes.NoRoute)...)), causes: nil,
		},
		"the first server refuses to serve us": {
			evidence: given(byName, askedToo(secondServer, true, answersOf(secondServer, "REFUSED")...)), causes: []string{"dns.refused warn proven @ 198.51.100.54"},
		},
		"the first server cannot find out": {
			evidence: given(byName, askedToo(secondServer, true, answersOf(secondServer, "SERVFAIL")...)), causes: nil,
		},
		"questions for one type are never answered": {
			evidence: given(byName, direct(good, silentFor("AAAA", 3)), systemTook(10*time.Second)),
			causes:   []string{"dns.resolver-timeout warn likely @ 198.51.100.53"}, checks: []string{"dns warn < dns.resolver-timeout"},
			says: "answers questions for A, and not those for AAAA",
		},
		"questions for one type are answered over TCP alone": {
			evidence: given(byName, direct(good, silentFor("AAAA", 3), overTCP(answer(resolver, "AAAA", "NOERROR"))), systemTook(10*time.Second)),
			causes:   []string{"dns.resolver-timeout warn proven @ 198.51.100.53"},
		},
		"questions for one type are never answered, and no program waited": {
			evidence: given(byName, direct(good, silentFor("AAAA", 3)), systemTook(time.Second)), causes: nil,
		},
		"two questions for one type were lost": {
			evidence: given(byName, direct(good, silentFor("AAAA", 2)), systemTook(10*time.Second)), causes: nil,
		},
		"questions for the type that the name has are never answered": {
			evidence: given(byName, unresolved(probes.Timeout, silentFor("A", 4), answer(resolver, "AAAA", "NOERROR")), systemTook(10*time.Second)),
			causes:   []string{"dns.resolver-timeout fail likely @ 198.51.100.53"}, says: "answers questions for AAAA, and not those for A",
		},
		"programs do not ask DNS": {
			evidence: given(byName, unresolved(probes.NotFound, good), addresses(serverIPv4), sources("files")),
			causes:   []string{"dns.no-resolver fail proven @ nsswitch.conf"}, checks: []string{"dns fail < dns.no-resolver"},
		},
		"questions with EDNS are dropped": {
			evidence: given(byName, direct(overEDNS...)), causes: []string{"dns.edns-dropped warn proven @ 198.51.100.53"},
		},
		"questions with EDNS are dropped, and programs use it": {
			evidence: given(byName, direct(overEDNS...), func(e *Evidence) {
				e.DNS.Seen.System = dns.Lookup{Fault: fault("lookup", probes.Timeout)}
			}), causes: []string{"dns.edns-dropped fail proven"}, checks: []string{"dns fail < dns.edns-dropped"},
		},
		"a question with EDNS was lost": {
			evidence: given(byName, direct(silentTo(resolver, 2), withoutEDNS(good), withoutEDNS(good), late)), causes: nil,
		},
		"two questions with EDNS were lost": {evidence: given(byName, direct(silentTo(resolver, 2), withoutEDNS(good), withoutEDNS(good))), causes: nil},
		"questions with EDNS are dropped, it seems, and the answer is long": {
			evidence: given(byName, direct(silentTo(resolver, 2), withoutEDNS(cutAndLost(resolver, probes.Refused)[0]), withoutEDNS(good), silentTo(resolver, 1))),
			causes:   []string{"dns.edns-dropped warn likely"},
		},
		"a server older than EDNS": {
			evidence: given(byName, direct(answer(resolver, "A", "FORMERR"), withoutEDNS(good))), causes: nil,
		},
		"a long answer, and no TCP": {
			evidence: given(byName, unresolved(probes.Other, cutAndLost(resolver, probes.Refused)...)), causes: []string{"dns.tcp-blocked fail proven @ 198.51.100.53"},
		},
		"a long answer, and no TCP with one server of two": {
			evidence: given(byName, askedToo(secondServer, true, cutAndLost(secondServer, probes.Timeout)...)),
			causes:   []string{"dns.tcp-blocked warn proven @ 198.51.100.54"},
		},
		"a long answer over TCP": {
			evidence: given(byName, direct(cutAndLost(resolver, probes.Refused)[0], func() dns.Answer {
				a := good
				a.Transport, a.Connected = "tcp", true
				return a
			}())), causes: nil,
		},
	}
	maps.Copy(cases, map[string]verdictCase{
		"one server knows a private address": {
			evidence: given(byName, askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", privateIPv4))),
			causes:   []string{"dns.split-horizon warn proven @ 198.51.100.53"},
		},
		"one server knows a private address, and programs ask the other": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...), addresses(serverIPv4),
				askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", privateIPv4))),
			causes: []string{"dns.split-horizon fail proven @ 198.51.100.53"}, checks: []string{"dns fail < dns.split-horizon"},
		},
		"the servers know different public addresses": {
			evidence: given(byName, askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", otherIPv4))), causes: nil,
		},
		"the servers know different private addresses": {
			evidence: given(byName, direct(answer(resolver, "A", "NOERROR", addr("10.0.0.1"))),
				askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", privateIPv4))), causes: nil,
		},
		"one server blocks the name": {
			evidence: given(byName, askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", addr("0.0.0.0")))), causes: nil,
		},
		"made-up names have an address": {evidence: given(byName, invented(two...)), causes: []string{"dns.hijacked warn proven @ 198.51.100.53"}},
		"a made-up name has an address": {evidence: given(byName, invented(two[0])), causes: nil},
		"made-up names have different addresses": {
			evidence: given(byName, invented(two[0], called(good, "ijklmnop.com."))), causes: nil,
		},
		"made-up names do not exist": {
			evidence: given(byName, invented(called(answer(resolver, "A", "NXDOMAIN"), "abcdefgh.com."))), causes: nil,
		},
		"the hosts file says something else": {
			evidence: given(byName, inHosts(serverIPv4), direct(answer(resolver, "A", "NOERROR", otherIPv4))),
			causes:   []string{"dns.hosts-override info proven @ /etc/hosts line 7"}, checks: []string{"dns pass"},
		},
		"the hosts file says the same": {evidence: given(byName, inHosts(serverIPv4)), causes: nil},
		"the hosts file has the other family": {
			evidence: given(byName, inHosts(serverIPv6), func(e *Evidence) {
				e.DNS.Seen.System.Addresses = append(e.DNS.Seen.System.Addresses, serverIPv6)
			}), causes: nil,
		},
		"a suffix with a wildcard has the name, which does not exist": {
			evidence: given(byName, direct(answer(resolver, "A", "NXDOMAIN"), called(good, captured)), invented(wildcard)),
			causes:   []string{"dns.search-capture warn proven @ corp.example.net."},
		},
		"a suffix with a wildcard has the name, which has another address": {
			evidence: given(byName, direct(called(good, captured), answer(resolver, "A", "NOERROR", otherIPv4)), invented(wildcard)),
			causes:   []string{"dns.search-capture warn proven"},
		},
		"a suffix without a wildcard has the name": {
			evidence: given(byName, direct(answer(resolver, "A", "NXDOMAIN"), called(good, captured)),
				invented(called(answer(resolver, "A", "NXDOMAIN"), "abcdefgh.corp.example.net."))), causes: nil,
		},
		"what a stub asks is silent": {
			evidence: given(byName, unresolved(probes.Other), behindStub(unanswered(resolver, probes.Timeout)...)),
			causes:   []string{"dns.resolver-timeout fail likely @ 198.51.100.53"},
		},
		"what a stub asks fails too": {
			evidence: given(byName, unresolved(probes.Other),
				behindStub(append(answersOf(resolver, "SERVFAIL"), notChecking(answersOf(resolver, "SERVFAIL"))...)...)),
			causes: []string{"dns.servfail fail proven @ 198.51.100.53"},
		},
		"what a stub asks was not found": {
			evidence: given(byName, unresolved(probes.Other), behindStub()), causes: []string{"dns.servfail fail proven @ 127.0.0.53"},
		},
		"what a stub asks answers without EDNS alone": {
			evidence: given(byName, unresolved(probes.Timeout), behindStub(overEDNS...), stubSays(probes.Timeout)),
			causes:   []string{"dns.edns-dropped fail proven @ 198.51.100.53"}, checks: []string{"dns fail < dns.edns-dropped"},
		},
		"what a stub asks answers, and the stub does not run": {
			evidence: given(byName, unresolved(probes.Other), behindStub(good), stubSays(probes.Refused)),
			causes:   []string{"dns.no-resolver fail proven @ 127.0.0.53"}, checks: []string{"dns fail < dns.no-resolver"},
		},
		"a stub closes connections without an answer": {
			evidence: given(byName, unresolved(probes.Timeout), behindStub(), stubSays(probes.Timeout), func(e *Evidence) {
				e.DNS.Seen.Config.Upstreams = nil
				closed := answer(addr("127.0.0.53"), "A", "")
				closed.Transport, closed.Connected, closed.Fault = "tcp", true, fault("query", probes.Other)
				e.DNS.Seen.Direct = append(e.DNS.Seen.Direct, closed)
			}),
			causes: []string{"dns.resolver-timeout fail likely @ 127.0.0.53"},
		},
		"a device refuses questions over UDP, and not those over TCP": {
			evidence: given(byName, unresolved(probes.Other, append(byICMPFrom(resolver, probes.Refused, 3, router)[:1], silentTo(resolver, 2), overTCP(good))...)),
			causes:   []string{"tcp.refused-by-middlebox fail proven @ 198.51.100.1"},
		},
		"the server refuses questions over UDP, and not those over TCP": {
			evidence: given(byName, unresolved(probes.Other, append(byICMPFrom(resolver, probes.Refused, 3, resolver), overTCP(good))...)),
			causes:   []string{"dns.resolver-refused fail proven @ 198.51.100.53"}, says: "over TCP it answers",
		},
		"this machine keeps questions over UDP back, and not those over TCP": {
			evidence: given(byName, unresolved(probes.Other, append(unanswered(resolver, probes.Prohibited), overTCP(good))...)),
			causes:   []string{"tcp.local-firewall fail likely @ 198.51.100.53"},
		},
		"one question of two is refused over UDP": {
			evidence: given(byName, unresolved(probes.Other, append(byICMPFrom(resolver, probes.Refused, 3, router)[:1], good, overTCP(good))...)),
			causes:   []string{"unexplained.dns fail unknown"},
		},
		"nothing answers over UDP": {
			evidence: given(byName, unresolved(probes.Timeout, silentTo(resolver, 2), overTCP(good), silentTo(resolver, 2))),
			causes:   []string{"dns.resolver-timeout fail proven @ 198.51.100.53"}, says: "over TCP it does",
		},
		"nothing answers over UDP, and two were sent": {
			evidence: given(byName, unresolved(probes.Timeout, silentTo(resolver, 2), overTCP(good))), causes: []string{"unexplained.dns fail unknown"},
		},
		"our own firewall keeps questions back": {
			evidence: given(byName, unresolved(probes.Other, unanswered(resolver, probes.Prohibited)...)),
			causes:   []string{"tcp.local-firewall fail likely @ 198.51.100.53"}, checks: []string{"dns fail < tcp.local-firewall"},
		},
		"the first server denies the name, and the second has it": {
			evidence: given(byName, unresolved(probes.NotFound, answersOf(resolver, "NXDOMAIN")...), addresses(serverIPv4),
				askedToo(secondServer, false, answer(secondServer, "A", "NOERROR", serverIPv4))),
			causes: []string{"dns.split-horizon fail likely @ 198.51.100.53"}, checks: []string{"dns fail < dns.split-horizon"},
		},
		"a server that looks nothing up": {
			evidence: given(byName, unresolved(probes.NotFound, aloof(answer(resolver, "A", "NOERROR")), aloof(answer(resolver, "AAAA", "NOERROR")))),
			causes:   []string{"dns.refused fail likely @ 198.51.100.53"}, checks: []string{"dns fail < dns.refused"},
		},
		"the gateway to the first server is dead": {
			evidence: given(byName, dead(otherIPv6, true), gateways(hop(gatewayIPv4, "reachable"), hop(gatewayIPv6, "failed"))),
			causes:   []string{"route.gateway-unreachable warn proven @ 2001:db8:1::1"},
		},
		"three servers are dead": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...), dead(secondServer, true), dead(otherIPv4, false)),
			causes:   []string{"dns.resolver-timeout fail likely"}, says: "none of the resolvers 198.51.100.54, 198.51.100.53, 203.0.113.11 answers",
		},
		"the server is silent about the name, and answers otherwise": {
			evidence: given(byName, unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...), forTheRoot(resolver, "NOERROR")),
			causes:   []string{"dns.servfail fail likely @ 198.51.100.53"},
		},
	})
	return cases
}

func TestRealZone(t *testing.T) {
	for name, want := range map[string]string{
		"files.example.com": "com.", "example.org": "org.", "files.example.de": "com.", "files.example.co.uk": "com.", "files.github.io": "com.",
		"files.lan": "", "files.internal": "", "files": "", "192.0.2.1": "", "localhost": "", "files.example": "",
	} {
		assert.Equal(t, want, realZone(name), name)
	}
}

func TestWhereTheSystemsAnswerCameFrom(t *testing.T) {
	const byName = "ftp://" + serverName
	suffix := called(answer(resolver, "A", "NOERROR", serverIPv4), serverName+".corp.example.net.")
	for name, c := range map[string]struct {
		change change
		want   string
	}{
		"a server":       {direct(answer(resolver, "A", "NOERROR", serverIPv4)), ", as 198.51.100.53 answers"},
		"the hosts file": {inHosts(serverIPv4), ", from /etc/hosts line 7"},
		"a suffix":       {direct(answer(resolver, "A", "NXDOMAIN"), suffix), ", as 198.51.100.53 answers for files.example.com.corp.example.net."},
		"nobody knows":   {direct(answer(resolver, "A", "NOERROR", otherIPv4)), ""},
		"the name service switch": {func(e *Evidence) {
			e.DNS.Seen.Direct, e.DNS.Seen.Own = nil, &dns.Lookup{Fault: fault("lookup", probes.NotFound)}
			e.DNS.Seen.Config.Sources = []string{"files", "mdns4_minimal", "dns"}
		}, ", from another source than DNS (nsswitch.conf: mdns4_minimal)"},
	} {
		t.Run(name, func(t *testing.T) {
			e := given(byName, c.change)
			assert.Equal(t, c.want, sourceOf(&e.DNS.Seen, e.DNS.Seen.System.Addresses))
		})
	}
}
