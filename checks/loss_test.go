package checks

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/tcp"
)

// sentAgain is a transport whose first segment was sent again so many times.
func sentAgain(times uint32) probes.Transport {
	return probes.Transport{RTT: seconds(0.02), MinRTT: seconds(0.02), Retransmits: times}
}

// exchanged is a first connection whose SYN was sent twice, and so many further ones: some of which went the same way, and some of which
// were never made.
func exchanged(made, resent, unanswered int) change {
	return func(e *Evidence) {
		seen := &e.TCP[0].Seen
		seen.Transport = sentAgain(1)
		for i := range made {
			a := tcp.Attempt{Took: seconds(0.02), Transport: sentAgain(0)}
			switch {
			case i < resent:
				a.Took, a.Transport = seconds(1.02), sentAgain(1)
			case i < resent+unanswered:
				a.Took, a.Transport, a.Fault = seconds(10), sentAgain(3), fault("connect", probes.Timeout)
			}
			seen.Again = append(seen.Again, a)
		}
	}
}

// spoken is an FTP dialogue of exchanges, some of which needed a segment again.
func spoken(exchanges, resent int, transport probes.Transport) change {
	return func(e *Evidence) {
		e.Control.Seen.Sessions = append(e.Control.Seen.Sessions, ftp.Session{
			Purpose: "passive", Exchanges: exchanges, Resent: resent, Transport: transport,
		})
	}
}

// handshakes are further connections that took so long.
func handshakes(took ...float64) change {
	return func(e *Evidence) {
		for _, s := range took {
			e.TCP[0].Seen.Again = append(e.TCP[0].Seen.Again, tcp.Attempt{Took: seconds(s), Transport: sentAgain(0)})
		}
	}
}

func lossCases() map[string]verdictCase {
	const byName, overFTP = "tcp://" + serverName + ":443", "ftp://" + serverName
	const lossy = "path.lossy warn likely @ 203.0.113.10:443"
	well := func(target string, changes ...change) verdictCase {
		return verdictCase{evidence: given(target, changes...), causes: nil, checks: []string{"tcp pass"}}
	}
	steady := probes.Transport{RTT: seconds(0.6), RTTVar: seconds(0.02), MinRTT: seconds(0.6)}
	return map[string]verdictCase{
		"a SYN was lost, and nothing since":      well(byName, exchanged(12, 0, 0)),
		"a SYN was lost, and one since":          well(byName, exchanged(12, 1, 0)),
		"a SYN was lost, and two since":          {evidence: given(byName, exchanged(12, 2, 0)), causes: []string{lossy}, checks: []string{"tcp warn < path.lossy"}},
		"half of the SYNs were lost":             {evidence: given(byName, exchanged(12, 6, 0)), causes: []string{lossy}},
		"some connections were never made":       {evidence: given(byName, exchanged(12, 2, 3)), causes: []string{"path.lossy warn likely"}},
		"a SYN was lost, and a limit takes more": well(byName, exchanged(12, 1, 7)),
		"a way so long that SYNs are sent twice": well(byName, exchanged(12, 12, 0), farAway),
		"three of many commands":                 well(overFTP, spoken(30, 2, steady), spoken(15, 1, steady)),
		"many commands":                          {evidence: given(overFTP, spoken(15, 2, steady), spoken(15, 3, steady)), causes: []string{"path.lossy warn proven @ 203.0.113.10:21"}},
		"many commands, and the listing waits": {
			evidence: given(overFTP, spoken(15, 2, steady), spoken(15, 3, steady), passiveMode(stalledPassive)),
			causes:   []string{"path.lossy fail proven @ 203.0.113.10:21"}, checks: []string{"ftp.passive fail < path.lossy"},
		},
		"a SYN and commands":                      {evidence: given(overFTP, exchanged(0, 0, 0), spoken(12, 2, steady)), causes: []string{"path.lossy warn proven"}},
		"a long way, and steady":                  well(overFTP, spoken(15, 0, steady)),
		"a dialogue whose round trips differ":     {evidence: given(overFTP, spoken(15, 0, jittery)), causes: []string{"path.slow info likely @ 203.0.113.10:21"}},
		"few round trips that differ":             well(overFTP, spoken(5, 0, jittery)),
		"round trips that differ by lost packets": well(overFTP, spoken(15, 1, jittery)),
		"handshakes that differ":                  {evidence: given(byName, handshakes(0.02, 0.3, 0.4, 0.1, 0.2, 0.2, 0.3, 0.1)), causes: []string{"path.slow info proven"}},
		"handshakes that differ a little":         well(byName, handshakes(0.02, 0.1, 0.1, 0.1, 0.2, 0.2, 0.1, 0.1)),
		"few handshakes":                          well(byName, handshakes(0.02, 0.4)),
		"handshakes that are slow and steady":     well(byName, handshakes(0.6, 0.61, 0.6, 0.7, 0.6, 0.6, 0.6, 0.62), farAway),
	}
}

var jittery = probes.Transport{RTT: seconds(0.3), RTTVar: seconds(0.31), MinRTT: seconds(0.02)}

// farAway is a target to which a round trip takes 1.1 s.
func farAway(e *Evidence) {
	seen := &e.TCP[0].Seen
	seen.Took, seen.Transport.MinRTT = seconds(1.1), seconds(1.1)
	for i := range seen.Again {
		seen.Again[i].Transport.MinRTT = seconds(1.1)
		seen.Again[i].Took = seconds(1.1)
	}
}

func backendCases() map[string]verdictCase {
	const byName, service = "ftp://" + serverName, "tcp://" + serverName + ":443"
	three := all(addresses(serverIPv4, otherIPv4, serverIPv6), answered(serverIPv4, otherIPv4, serverIPv6))
	two := all(addresses(serverIPv4, otherIPv4), answered(serverIPv4, otherIPv4))
	silent, refused := fault("connect", probes.Timeout), fault("connect", probes.Refused)
	turns := func(again ...*probes.Fault) change {
		return func(e *Evidence) {
			e.TCP[0].Seen.Before = []tcp.Attempt{{Fault: refused}}
			for _, f := range again {
				e.TCP[0].Seen.Again = append(e.TCP[0].Seen.Again, tcp.Attempt{Fault: f})
			}
		}
	}
	return map[string]verdictCase{
		"one address refuses": {
			evidence: given(byName, two, unconnected(otherIPv4, refused)), causes: []string{"tcp.partial-backends warn proven @ 203.0.113.11"},
			checks: []string{"tcp 203.0.113.11 fail", "tcp 203.0.113.10 pass", "ftp.passive pass"}, says: "1 of 2 IPv4 addresses",
		},
		"one address of the family is silent": {
			evidence: given(byName, three, unconnected(otherIPv4, silent)), causes: []string{"tcp.partial-backends warn proven @ 203.0.113.11"},
		},
		"the other address is of the other family": {
			evidence: given(byName, all(addresses(serverIPv4, serverIPv6), answered(serverIPv4, serverIPv6)), unconnected(serverIPv4, refused)),
			causes:   []string{"tcp.refused warn proven"},
		},
		"one address is silent, and packets to the other are lost": {
			evidence: given(byName, two, unconnected(otherIPv4, silent), exchanged(0, 0, 0)), causes: []string{"tcp.partial-backends warn likely"},
		},
		"one address is forbidden by a device on the way": {
			evidence: given(byName, two, unconnected(otherIPv4, byICMP("connect", probes.Unreachable, 3, 13, router))),
			causes:   []string{"route.admin-prohibited warn proven"},
		},
		"refused, accepted, refused": {
			evidence: given(service, turns(nil, refused)), causes: []string{"tcp.partial-backends warn proven @ 203.0.113.10:443"},
			checks: []string{"tcp warn < tcp.partial-backends"}, says: "refuses 2 of 4 connections",
		},
		"refused, and accepted since": {evidence: given(service, turns(nil, nil, nil)), causes: nil, checks: []string{"tcp warn"}},
		"refused every time": {
			evidence: given(service, unconnected(serverIPv4, refused), turns()), causes: []string{"tcp.refused fail proven"},
		},
	}
}

// noPortLeft is an attempt for which the kernel had no port, and what is known of the ports.
func noPortLeft(ports *tcp.Ports) change {
	return all(unconnected(serverIPv4, fault("connect", probes.NoAddress)), func(e *Evidence) { e.TCP[0].Seen.Ports = ports })
}

func portsExhaustedCases() map[string]verdictCase {
	const target = "tcp://" + serverName + ":443"
	full := &tcp.Ports{First: 40000, Last: 40009, Taken: 9, Reserved: 1, TimeWait: 4}
	return map[string]verdictCase{
		"every port is taken":    {evidence: given(target, noPortLeft(full)), causes: []string{"tcp.ports-exhausted fail proven"}, checks: []string{"tcp fail"}},
		"nearly every port is":   {evidence: given(target, noPortLeft(&tcp.Ports{First: 40000, Last: 40009, Taken: 9})), causes: []string{"tcp.ports-exhausted fail likely"}},
		"there are ports enough": {evidence: given(target, noPortLeft(&tcp.Ports{First: 40000, Last: 40009, Taken: 1})), causes: []string{"unexplained.tcp fail unknown"}},
		"nothing is known":       {evidence: given(target, noPortLeft(nil)), causes: []string{"unexplained.tcp fail unknown"}},
		"the source is not ours": {
			evidence: given(target, noPortLeft(full), func(e *Evidence) { e.Settings.Source = addr("192.0.2.77") }), causes: []string{"unexplained.tcp fail unknown"},
		},
		"the source is ours": {
			evidence: given(target, noPortLeft(full), func(e *Evidence) { e.Settings.Source = ownIPv4 }), causes: []string{"tcp.ports-exhausted fail proven"},
		},
	}
}

func TestChance(t *testing.T) {
	for name, c := range map[string]struct {
		n, k int
		want float64
	}{
		"any of them": {13, 0, 1}, "one of one": {1, 1, 0.02}, "none of none": {0, 1, 0},
		"3 of 13": {13, 3, 0.0020}, "4 of 24": {24, 4, 0.0012},
	} {
		assert.InDelta(t, c.want, chance(c.n, c.k, ordinaryLoss), 0.0001, name)
	}
}
