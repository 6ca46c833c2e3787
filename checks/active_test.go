package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// activeMode changes what was seen of active mode.
func activeMode(changes ...func(*ftp.Active)) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(&e.Active.Seen)
		}
	}
}

// unreachedMode is an active mode in which nothing connected to us.
func unreachedMode(a *ftp.Active) {
	last := &a.Attempts[len(a.Attempts)-1]
	last.From, last.ConnectTook = netip.AddrPort{}, seconds(10)
	last.Fault = fault("data connection", probes.Timeout)
	cutOff(last.Transfer, fault("LIST", probes.Timeout))
	last.Transfer.Opening = nil
}

// fromPrivate is a client with a private address.
func fromPrivate(a *ftp.Active) { a.Local = addr("192.168.1.5") }

// seenAs is our address in the server's words.
func seenAs(address string, code int) func(*ftp.Active) {
	return func(a *ftp.Active) { a.Seen, a.SeenIn = addr(address), reply(code, "Connected to "+address) }
}

// unchecked is the server's reply to an address that is not ours.
func unchecked(code int) func(*ftp.Active) {
	return func(a *ftp.Active) { a.Unchecked = reply(code, "PORT") }
}

// refusedMode is a server that answers PORT and EPRT with a refusal.
func refusedMode(code int, text string) func(*ftp.Active) {
	return func(a *ftp.Active) {
		a.Attempts = nil
		for _, command := range []string{"PORT", "EPRT"} {
			r := reply(code, text)
			a.Attempts = append(a.Attempts, ftp.ActiveAttempt{Command: command, Announced: netip.AddrPortFrom(a.Local, 40001), Reply: r, Fault: said(command, r)})
		}
	}
}

func activeCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	needed := func(changes ...func(*ftp.Active)) *Evidence {
		return given(byName, requires("active"), activeMode(changes...))
	}
	return map[string]verdictCase{
		"behind NAT, by the addresses": {
			evidence: needed(fromPrivate, unreachedMode), causes: []string{"ftp.active.blocked-by-nat fail likely @ 192.168.1.5"}, checks: []string{"ftp.active fail", "ftp.passive pass"},
		},
		"behind NAT, and the server takes any address": {
			evidence: needed(fromPrivate, unreachedMode, unchecked(200)), causes: []string{"ftp.active.blocked-by-nat fail likely @ 192.168.1.5"},
		},
		"behind NAT, and a helper translates what the server looks at": {
			evidence: needed(fromPrivate, unreachedMode, unchecked(500)), causes: []string{"ftp.active.blocked fail likely @ 192.168.1.5"},
		},
		"behind NAT, and the server breaks down on the way back": {
			evidence: needed(fromPrivate, unreachedMode, func(a *ftp.Active) {
				opening := reply(500, "OOPS: vsf_sysutil_connect")
				a.Attempts[0].Transfer.Opening, a.Attempts[0].Fault = opening, said("data connection", opening)
			}, unchecked(200)), causes: []string{"ftp.active.blocked-by-nat fail likely"},
		},
		"the server breaks down": {
			evidence: needed(func(a *ftp.Active) {
				t := a.Attempts[0].Transfer
				cutOff(t, fault("data", probes.Reset))
				t.Final = reply(500, "OOPS: child died")
			}), causes: []string{"ftp.server-misconfigured fail proven"},
		},
		"another public address of ours, by the server's words": {
			evidence: needed(unreachedMode, seenAs("203.0.113.99", 211)), causes: []string{"ftp.active.blocked fail likely @ 192.0.2.5"},
		},
		"no NAT, by the server's words": {
			evidence: needed(unreachedMode, seenAs("192.0.2.5", 211)), causes: []string{"ftp.active.blocked fail likely @ 192.0.2.5"},
		},
		"no NAT, though our address is private": {
			evidence: needed(fromPrivate, unreachedMode, seenAs("192.168.1.5", 211)), causes: []string{"ftp.active.blocked fail likely"},
		},
		"nothing is known of NAT":               {evidence: needed(unreachedMode), causes: []string{"ftp.active.blocked fail likely"}},
		"a private server and a private client": {evidence: given("ftp://10.0.0.9", privatePeer, requires("active"), activeMode(unreachedMode)), causes: []string{"ftp.active.blocked fail likely"}},
		"the server gives up first": {
			evidence: needed(unreachedMode, func(a *ftp.Active) { a.Attempts[0].Transfer.Opening = reply(425, "Failed to establish connection") }),
			causes:   []string{"ftp.active.blocked fail likely"},
		},
		"our private address is refused": {
			evidence: needed(fromPrivate, refusedMode(500, "Illegal PORT command"), seenAs("203.0.113.99", 211)), causes: []string{"ftp.active.private-address fail proven @ 192.168.1.5"},
		},
		"our private address is refused, and nothing says how we are seen": {
			evidence: needed(fromPrivate, refusedMode(501, "no")), causes: []string{"ftp.active.private-address fail likely"},
		},
		"our private address is quoted in a refusal of policy": {
			evidence: needed(fromPrivate, refusedMode(550, "only to 203.0.113.99"), seenAs("203.0.113.99", 550)), causes: []string{"ftp.active.private-address fail proven"},
		},
		"our public address is refused, since another is seen": {
			evidence: needed(refusedMode(500, "I won't open a connection to 192.0.2.5 (only to 10.1.1.1)"), seenAs("10.1.1.1", 500)),
			causes:   []string{"ftp.active.peer-mismatch fail proven @ 203.0.113.10"},
		},
		"the mode is refused":                      {evidence: needed(refusedMode(550, "Permission denied")), causes: []string{"ftp.active.refused-by-policy fail proven"}},
		"the mode is refused to a private address": {evidence: needed(fromPrivate, refusedMode(550, "Permission denied")), causes: []string{"ftp.active.refused-by-policy fail proven"}},
		"the mode is refused, and we are seen as we are": {
			evidence: needed(refusedMode(500, "what?"), seenAs("192.0.2.5", 211)), causes: []string{"ftp.active.refused-by-policy fail proven"},
		},
		"PORT is refused, EPRT works": {
			evidence: needed(func(a *ftp.Active) {
				r := reply(500, "Illegal PORT command")
				works := a.Attempts[0]
				works.Command = "EPRT"
				a.Attempts = []ftp.ActiveAttempt{{Command: "PORT", Announced: works.Announced, Reply: r, Fault: said("PORT", r)}, works}
			}), causes: []string{"ftp.active.alg-rewrite warn likely"}, checks: []string{"ftp.active warn"},
		},
		"another port than 20": {evidence: needed(func(a *ftp.Active) { a.Attempts[0].From = netip.AddrPortFrom(serverIPv4, 43210) }), causes: nil},
		"another address than the server's": {
			evidence: needed(func(a *ftp.Active) { a.Attempts[0].From = netip.AddrPortFrom(otherIPv4, 20) }), causes: []string{"ftp.active.wrong-source warn proven @ 203.0.113.11"},
			checks: []string{"ftp.active warn"},
		},
		"the listing stalls as in passive mode, and comes there in small segments": {
			evidence: given(byName, requires("active"), passiveMode(stalledPassive, again(ftp.SmallSegments, unsecured)),
				activeMode(func(a *ftp.Active) { cutOff(a.Attempts[0].Transfer, fault("data", probes.Timeout)) })),
			causes: []string{"path.pmtu-blackhole-inbound fail likely"}, checks: []string{"ftp.active fail < path.pmtu-blackhole-inbound"},
		},
		"the listing stalls": {
			evidence: needed(func(a *ftp.Active) { cutOff(a.Attempts[0].Transfer, fault("data", probes.Timeout)) }), causes: []string{"ftp.active.stalled fail likely @ 203.0.113.10:20"},
		},
		"the listing is broken off": {
			evidence: needed(func(a *ftp.Active) { cutOff(a.Attempts[0].Transfer, fault("data", probes.Reset)) }), causes: []string{"unexplained.ftp.active fail unknown"},
		},
		"the control connection breaks": {
			evidence: needed(func(a *ftp.Active) {
				a.Attempts[0] = ftp.ActiveAttempt{Command: "PORT", Announced: a.Attempts[0].Announced, Fault: fault("PORT", probes.Closed)}
			}), causes: []string{"unexplained.ftp.active fail unknown"},
		},
		"a drop box": {
			evidence: needed(func(a *ftp.Active) {
				cutOff(a.Attempts[0].Transfer, nil)
				a.Attempts[0].Transfer.Final = reply(550, "no")
			}), causes: nil, checks: []string{"ftp.active pass"},
		},
		"a drop box that refuses before it connects": {
			evidence: needed(unreachedMode, func(a *ftp.Active) { a.Attempts[0].Transfer.Opening = reply(550, "no") }), causes: nil, verdict: VerdictUnknown, checks: []string{"ftp.active skip"},
		},
		"no listener": {
			evidence: needed(func(a *ftp.Active) { a.Attempts, a.Fault = nil, fault("listen", probes.NoAddress) }), causes: nil, checks: []string{"ftp.active skip"},
		},
	}
}

// TestNeed has one broken mode, or two, against what the target needs.
func needCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	filteredPorts := passiveMode(eachPort(fault("data connection", probes.Timeout)))
	behindNAT := activeMode(fromPrivate, unreachedMode)
	policy := activeMode(refusedMode(550, "no"))
	const passive, active, refused = "ftp.passive.port-filtered ", "ftp.active.blocked-by-nat ", "ftp.active.refused-by-policy "
	cases := map[string]verdictCase{}
	for name, c := range map[string]struct {
		broken  change
		require string
		causes  []string
		verdict Verdict
	}{
		"passive":                           {filteredPorts, "passive", []string{passive + "fail"}, VerdictFail},
		"passive, not needed":               {filteredPorts, "active", []string{passive + "info"}, VerdictOK},
		"passive, both needed":              {filteredPorts, "both", []string{passive + "fail"}, VerdictFail},
		"passive, any will do":              {filteredPorts, "any", []string{passive + "warn"}, VerdictWarn},
		"active, behind NAT":                {behindNAT, "passive", []string{active + "info"}, VerdictOK},
		"active, needed":                    {behindNAT, "active", []string{active + "fail"}, VerdictFail},
		"active, both needed":               {behindNAT, "both", []string{active + "fail"}, VerdictFail},
		"active, any will do":               {behindNAT, "any", []string{active + "warn"}, VerdictWarn},
		"active, refused":                   {policy, "passive", []string{refused + "info"}, VerdictOK},
		"active, refused and needed":        {policy, "active", []string{refused + "fail"}, VerdictFail},
		"active, refused, any will do":      {policy, "any", []string{refused + "warn"}, VerdictWarn},
		"both, passive needed":              {all(filteredPorts, behindNAT), "passive", []string{passive + "fail", active + "info"}, VerdictFail},
		"both, active needed":               {all(filteredPorts, behindNAT), "active", []string{passive + "info", active + "fail"}, VerdictFail},
		"both, any would have done":         {all(filteredPorts, behindNAT), "any", []string{passive + "fail", active + "fail"}, VerdictFail},
		"both, and both are needed":         {all(filteredPorts, behindNAT), "both", []string{passive + "fail", active + "fail"}, VerdictFail},
		"a flaw of what is not needed":      {passiveMode(announces("10.88.1.2")), "active", []string{"ftp.passive.private-address info"}, VerdictOK},
		"a flaw of one of two":              {passiveMode(announces("10.88.1.2")), "any", []string{"ftp.passive.private-address warn"}, VerdictWarn},
		"unexplained and not needed":        {activeMode(func(a *ftp.Active) { cutOff(a.Attempts[0].Transfer, fault("data", probes.Reset)) }), "passive", []string{"unexplained.ftp.active info"}, VerdictOK},
		"unexplained, one of two is enough": {activeMode(func(a *ftp.Active) { cutOff(a.Attempts[0].Transfer, fault("data", probes.Reset)) }), "any", []string{"unexplained.ftp.active warn"}, VerdictWarn},
	} {
		e := given(byName, requires(c.require), c.broken)
		var causes []string
		for i, cause := range Judge(e).Causes {
			if i < len(c.causes) {
				causes = append(causes, c.causes[i]+" "+string(cause.Confidence)) // other tests look at the confidence
			}
		}
		for i := len(causes); i < len(c.causes); i++ {
			causes = append(causes, c.causes[i])
		}
		cases[name] = verdictCase{evidence: e, causes: causes, verdict: c.verdict}
	}
	return cases
}
