package checks

import (
	"net/netip"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/path"
)

// provider is the router behind ours, and farRouter the one before the server.
var provider, farRouter = addr("198.51.100.9"), addr("203.0.113.1")

// traced is the way to a port of the server's, from a first TTL on: each hop is an address, "*" for silence, or an address and what
// came from it ("203.0.113.10 connected").
func traced(purpose string, port uint16, first int, hops ...string) change {
	return func(e *Evidence) {
		r := path.Result{To: netip.AddrPortFrom(serverIPv4, port), Purpose: purpose, LastTTL: first + len(hops) - 1, Took: seconds(2)}
		for i, text := range hops {
			hop := path.Hop{TTL: first + i, Outcome: path.Silent, Took: seconds(2), SYNs: 2}
			if from, outcome, _ := strings.Cut(text, " "); from != "*" {
				hop.From, hop.Outcome = addr(from), path.Outcome(outcome)
			}
			if hop.Outcome == "" {
				hop.Outcome = path.Exceeded
			}
			r.Reached = r.Reached || hop.Outcome == path.Connected || hop.Outcome == path.Refused
			r.Hops = append(r.Hops, hop)
		}
		m := done(r)
		m.Address = serverIPv4.String()
		e.Paths = append(e.Paths, *m)
	}
}

// untraced is a way that was not measured to its end.
func untraced(kind probes.Kind, hops ...string) change {
	return all(traced("data port", 50000, 1, hops...), func(e *Evidence) { e.Paths[len(e.Paths)-1].Seen.Fault = fault("SYN", kind) })
}

func pathCases() map[string]verdictCase {
	const byName, filtered = "ftp://" + serverName, "ftp.passive.port-filtered fail proven @ "
	silent := passiveMode(eachPort(fault("data connection", probes.Timeout)))
	ours, next, far := gatewayIPv4.String(), provider.String(), farRouter.String()
	server := serverIPv4.String() + " connected"
	dies := func(where string, changes ...change) verdictCase {
		return verdictCase{
			evidence: given(byName, append([]change{silent}, changes...)...), causes: []string{filtered + where},
			checks: []string{"path fail < ftp.passive.port-filtered", "ftp.passive fail"},
		}
	}
	noRouterKnown := dies("203.0.113.10:50000", untraced(probes.Unsupported))
	noRouterKnown.checks = []string{"path skip"}
	mootTrace := dies("203.0.113.10:50000", untraced(probes.Interrupted))
	mootTrace.checks = []string{"path skip"}
	cutShort := dies("203.0.113.10:50000", untraced(probes.Interrupted, ours), traced("control port", 21, 2, next))
	cutShort.checks = []string{"ftp.passive fail"}
	arrives := dies("203.0.113.10:50000", traced("data port", 50000, 1, ours, server))
	arrives.causes, arrives.checks = []string{"ftp.passive.wrong-backend fail likely @ 203.0.113.10"}, []string{"path pass"}
	return map[string]verdictCase{
		"our own router drops them":             dies(ours+" or "+next, traced("data port", 50000, 1, ours), traced("control port", 21, 2, next)),
		"the first router drops them, silently": dies(ours, traced("data port", 50000, 1), traced("control port", 21, 1, ours)),
		"the provider drops them":               dies(next+" or "+far, traced("data port", 50000, 1, ours, next), traced("control port", 21, 3, far)),
		"the server's network drops them":       dies("203.0.113.1 or 203.0.113.10 or the way back", traced("data port", 50000, 1, ours, next, far), traced("control port", 21, 4, server)),
		"a router on the way says nothing":      dies("between "+far+" and 198.51.100.20", traced("data port", 50000, 1, ours, "*", far), traced("control port", 21, 4, "*", "198.51.100.20")),
		"no router behind tells":                dies("203.0.113.10:50000", traced("data port", 50000, 1, ours, next), traced("control port", 21, 3, "*", "*", "*", "*")),
		"no router tells at all":                dies("203.0.113.10:50000", traced("data port", 50000, 1), traced("control port", 21, 1, "*", "*")),
		"the routers of another port say nothing": {
			evidence: given(byName, silent, traced("data port", 50009, 1, ours), traced("control port", 21, 2, next)), causes: []string{filtered + "203.0.113.10:50000"},
		},
		"routers are not told to an ordinary user":    noRouterKnown,
		"what it was for is known":                    mootTrace,
		"the SYNs arrive, and the connection did not": arrives,
		"the SYNs are refused on the way":             dies("203.0.113.10:50000", traced("data port", 50000, 1, ours), traced("control port", 22, 2, "*")),

		"the way was cut short after our router": cutShort,
		"a far router is not on our side":        dies("before "+far, traced("data port", 50000, 1), traced("control port", 21, 1, "*", "*", far)),
		"another flaw is no reason for a way that was cut short": {
			evidence: given(byName, passiveMode(announces("10.88.1.2")), untraced(probes.Interrupted, ours)), causes: []string{"ftp.passive.private-address warn proven"},
			checks: []string{"path pass"},
		},
		"an ICMP error outranks a way": {
			evidence: given(byName, passiveMode(eachPort(byICMP("data connection", probes.Unreachable, 3, 13, router))), traced("data port", 50000, 1, ours), traced("control port", 21, 2, next)),
			causes:   []string{"ftp.passive.port-rejected fail proven @ 198.51.100.1"},
		},
		"all is well, and nothing is traced": {evidence: given(byName), causes: nil, checks: []string{"path skip"}},
		"the port came late":                 {evidence: given(byName, traced("data port", 50000, 1, ours, server)), causes: nil, checks: []string{"path pass"}},
		"PASV's port is the one that counts": {
			evidence: given(byName, passiveMode(noEPSV, func(p *ftp.Passive) {
				noData(p.PASV, fault("data connection", probes.Timeout))
				p.Alive = reply(200, "ok")
			}),
				traced("data port", 50000, 1, ours), traced("control port", 21, 2, next)),
			causes: []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.port-filtered fail proven @ 203.0.113.10:50001"},
		},
	}
}
