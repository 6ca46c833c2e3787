package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// passiveMode changes what was seen of passive mode.
func passiveMode(changes ...func(*ftp.Passive)) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(&e.Passive.Seen)
		}
	}
}

// requires names the data modes that must work.
func requires(modes string) change { return func(e *Evidence) { e.Settings.Require = modes } }

// noData is a data connection that was not made.
func noData(a *ftp.PassiveAttempt, f *probes.Fault) {
	a.Used, a.Connected, a.Transfer, a.Fault, a.ConnectTook = netip.AddrPortFrom(serverIPv4, a.Announced.Port()), false, nil, f, seconds(10)
}

// eachPort is the same fault of both data ports; NOOP was answered meanwhile.
func eachPort(f *probes.Fault) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		noData(p.EPSV, f)
		noData(p.PASV, f)
		p.Alive = reply(200, "NOOP ok")
		p.Experiments = []probes.Experiment{{Variable: "passive command", A: "EPSV", OutcomeA: "timeout", B: "PASV", OutcomeB: "timeout"}}
	}
}

// no is a refused command.
func no(a *ftp.PassiveAttempt, code int, text string) {
	r := reply(code, text)
	*a = ftp.PassiveAttempt{Command: a.Command, Reply: r, Fault: said(a.Command, r)}
}

func noEPSV(p *ftp.Passive) {
	no(p.EPSV, 500, "what?")
	tried(p)
}

// tried is a data connection to the port of PASV that worked.
func tried(p *ftp.Passive) {
	p.PASV.Used, p.PASV.Connected = netip.AddrPortFrom(serverIPv4, p.PASV.Announced.Port()), true
	p.PASV.Transfer, p.PASV.ConnectTook = listing(), seconds(0.03)
}

// announces is a 227 with another address than the server's.
func announces(address string) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		p.PASV.Announced = netip.AddrPortFrom(addr(address), 50001)
		p.PASV.Reply = reply(227, "Entering Passive Mode ("+address+")")
		p.PASV.Used, p.PASV.Connected = netip.AddrPortFrom(serverIPv4, 50001), true
		p.Experiments = []probes.Experiment{{Variable: "data address", A: address, OutcomeA: probes.NotTried, B: serverIPv4.String(), OutcomeB: "connected"}}
	}
}

// cutOff is a transfer that ended with a fault.
func cutOff(t *ftp.Transfer, f *probes.Fault) {
	t.Bytes, t.FirstByteTook, t.End, t.Final, t.Fault = 0, 0, "", nil, f
}

// stalledTwice is a listing of which the end arrives and the rest does not, after EPSV and after PASV.
func stalledTwice(p *ftp.Passive) {
	stalledPassive(p)
	p.EPSV.Transfer.Transport.OutOfOrder = 1
	t := *p.EPSV.Transfer
	p.PASV.Used, p.PASV.Connected, p.PASV.Fault, p.PASV.Transfer = p.EPSV.Used, true, nil, &t
}

// unsecured has an attempt go without TLS.
func unsecured(a *ftp.PassiveAttempt) {
	a.OverTLS, a.Transfer.Secured, a.Transfer.Leaf = false, false, ""
}

func stalledPassive(p *ftp.Passive) { cutOff(p.EPSV.Transfer, fault("data", probes.Timeout)) }

// unlisted is a listing that the server refused, over a data connection that was made.
func unlisted(p *ftp.Passive) {
	t := p.EPSV.Transfer
	cutOff(t, said("LIST", reply(550, "no")))
	t.Opening = reply(550, "Permission denied")
}

func passiveCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	timeout, refused := fault("data connection", probes.Timeout), fault("data connection", probes.Refused)
	mode := func(changes ...func(*ftp.Passive)) *Evidence { return given(byName, passiveMode(changes...)) }
	return map[string]verdictCase{
		"the data ports are silent": {
			evidence: mode(eachPort(timeout)), causes: []string{"ftp.passive.port-filtered fail proven @ 203.0.113.10:50000"},
			checks: []string{"ftp.passive fail", "ftp.control pass", "ftp.active pass"},
		},
		"the data ports are silent, and so is the control connection": {
			evidence: mode(eachPort(timeout), func(p *ftp.Passive) { p.Alive = nil }), causes: []string{"ftp.passive.port-filtered fail likely"},
		},
		"the data ports refuse": {evidence: mode(eachPort(refused)), causes: []string{"ftp.passive.port-refused fail proven @ 203.0.113.10:50000"}},
		"a device refuses the data ports": {
			evidence: mode(eachPort(byICMP("data connection", probes.Refused, 3, 3, router))), causes: []string{"ftp.passive.port-refused fail proven @ 198.51.100.1"},
		},
		"a device forbids the data ports": {
			evidence: mode(eachPort(byICMP("data connection", probes.Unreachable, 3, 13, router))), causes: []string{"ftp.passive.port-rejected fail proven @ 198.51.100.1"},
		},
		"the server's own firewall forbids them": {
			evidence: mode(eachPort(byICMP("data connection", probes.Unreachable, 3, 10, serverIPv4))), causes: []string{"ftp.passive.port-rejected fail proven @ 203.0.113.10"},
		},
		"our own firewall refuses them": {
			evidence: mode(eachPort(byICMP("data connection", probes.Refused, 3, 3, ownIPv4))), causes: []string{"tcp.local-firewall fail proven @ 192.0.2.5"},
		},
		"an error without a reason": {evidence: mode(eachPort(fault("data connection", probes.Prohibited))), causes: []string{"unexplained.ftp.passive fail unknown"}},

		"a private address": {
			evidence: mode(announces("10.88.1.2"), noEPSV, announces("10.88.1.2")),
			causes:   []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.private-address fail proven @ 203.0.113.10"},
			checks:   []string{"ftp.passive fail"}, says: "10.88.1.2",
		},
		"a private address, and EPSV works":                 {evidence: mode(announces("192.168.1.2")), causes: []string{"ftp.passive.private-address warn proven"}, checks: []string{"ftp.passive warn"}},
		"a carrier's address":                               {evidence: mode(announces("100.64.1.2")), causes: []string{"ftp.passive.private-address warn proven"}},
		"an address that a link gave itself":                {evidence: mode(announces("169.254.1.2")), causes: []string{"ftp.passive.private-address warn proven"}},
		"no address":                                        {evidence: mode(announces("0.0.0.0")), causes: []string{"ftp.passive.unspecified-address warn proven"}},
		"the loopback address":                              {evidence: mode(announces("127.0.0.1")), causes: []string{"ftp.passive.unspecified-address warn proven"}},
		"a multicast address":                               {evidence: mode(announces("224.0.0.1")), causes: []string{"ftp.passive.unspecified-address warn proven"}},
		"another public address, and EPSV works":            {evidence: mode(announces("198.51.100.77")), causes: []string{"ftp.passive.foreign-address warn proven"}},
		"another public address, and its port works for us": {evidence: mode(noEPSV, announces("198.51.100.77")), causes: []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.foreign-address warn proven"}},
		"another public address, and its port does not": {
			evidence: mode(noEPSV, announces("198.51.100.77"), func(p *ftp.Passive) { noData(p.PASV, timeout) }),
			causes:   []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.foreign-address fail likely"},
		},
		"a private address, and filtered ports": {
			evidence: mode(eachPort(timeout), announces("10.88.1.2"), eachPort(timeout)),
			causes:   []string{"ftp.passive.private-address fail proven", "ftp.passive.port-filtered fail proven"},
		},
		"a private address of a private server": {evidence: given("ftp://10.0.0.9", privatePeer, passiveMode(announces("10.88.1.2"))), causes: []string{"ftp.passive.foreign-address warn proven"}},
		"a private address that we have a route to": {
			evidence: given(byName, passiveMode(noEPSV, announces("10.88.1.2")), func(e *Evidence) {
				m := routeTo(addr("10.88.1.2"), "announced")
				m.Seen.Network = netip.MustParsePrefix("10.88.0.0/16")
				e.Routes = append(e.Routes, m)
			}), causes: []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.private-address fail likely"},
		},

		"both commands are refused": {
			evidence: mode(func(p *ftp.Passive) { no(p.EPSV, 550, "no"); no(p.PASV, 550, "no") }), causes: []string{"ftp.passive.refused-by-policy fail proven"},
		},
		"no port is left": {
			evidence: mode(func(p *ftp.Passive) { no(p.EPSV, 425, "no port"); no(p.PASV, 421, "no port") }), causes: []string{"ftp.passive.ports-exhausted fail proven"},
		},
		"no port is left, and EPSV is not known": {
			evidence: mode(func(p *ftp.Passive) { no(p.EPSV, 500, "what?"); no(p.PASV, 425, "no port") }), causes: []string{"ftp.passive.ports-exhausted fail proven"},
		},
		"the server hangs up": {
			evidence: mode(func(p *ftp.Passive) { no(p.EPSV, 421, "bye"); no(p.PASV, 421, "bye") }), causes: []string{"ftp.passive.ports-exhausted fail likely"},
		},
		"replies that say nothing": {
			evidence: mode(func(p *ftp.Passive) { no(p.EPSV, 551, "x"); no(p.PASV, 551, "x") }), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"EPSV is not known": {evidence: mode(noEPSV), causes: []string{"ftp.passive.epsv-unsupported info proven"}, verdict: VerdictOK, checks: []string{"ftp.passive pass"}},
		"EPSV is not known, and PASV's port is silent": {
			evidence: mode(noEPSV, func(p *ftp.Passive) { noData(p.PASV, timeout); p.Alive = reply(200, "ok") }),
			causes:   []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.port-filtered fail proven @ 203.0.113.10:50001"},
		},
		"EPSV is not known, and PASV's listing fails for a reason of its own": {
			evidence: mode(noEPSV, func(p *ftp.Passive) { cutOff(p.PASV.Transfer, said("final reply", reply(451, "disk error"))) }),
			causes:   []string{"ftp.passive.epsv-unsupported info proven", "unexplained.ftp.passive fail unknown"}, checks: []string{"ftp.passive fail < unexplained.ftp.passive"},
		},
		"PASV works where EPSV does not": {
			evidence: mode(tried, func(p *ftp.Passive) { noData(p.EPSV, timeout) }), causes: []string{"ftp.passive.epsv-blocked warn likely"}, checks: []string{"ftp.passive warn"},
		},
		"a reply to EPSV that cannot be read": {
			evidence: mode(tried, func(p *ftp.Passive) { unreadable(p.EPSV, 229) }), causes: []string{"ftp.passive.malformed-reply warn proven"},
		},
		"a reply to PASV that cannot be read": {
			evidence: mode(func(p *ftp.Passive) { unreadable(p.PASV, 227) }), causes: []string{"ftp.passive.malformed-reply warn proven"},
		},
		"replies that cannot be read": {
			evidence: mode(func(p *ftp.Passive) { unreadable(p.EPSV, 229); unreadable(p.PASV, 227) }), causes: []string{"ftp.passive.malformed-reply fail proven"},
		},
		"no reply to EPSV": {
			evidence: mode(func(p *ftp.Passive) {
				*p.EPSV = ftp.PassiveAttempt{Command: "EPSV", Fault: fault("EPSV", probes.Timeout)}
				p.PASV, p.Fault = nil, p.EPSV.Fault
			}),
			causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"PASV over IPv6": {
			evidence: given("ftp://[2001:db8:2::10]", func(e *Evidence) { e.Passive.Seen.Peer, e.Passive.Seen.Local = serverIPv6, ownIPv6 }, passiveMode(noEPSV)),
			causes:   []string{"ftp.passive.pasv-on-ipv6 fail proven"},
		},

		"the listing stalls, and comes in small segments": {
			evidence: mode(stalledPassive, again(ftp.SmallSegments, unsecured)), causes: []string{"path.pmtu-blackhole-inbound fail likely"},
		},
		"the listing stalls twice ahead of what came, and comes in small segments": {
			evidence: mode(stalledTwice, again(ftp.SmallSegments, unsecured)), causes: []string{"path.pmtu-blackhole-inbound fail proven"},
		},
		"the listing stalls in small segments, too": {
			evidence: mode(stalledPassive, again(ftp.SmallSegments, unsecured, func(a *ftp.PassiveAttempt) { cutOff(a.Transfer, fault("data", probes.Timeout)) })),
			causes:   []string{"ftp.passive.stalled fail likely @ 203.0.113.10:50000"},
		},
		"the listing stalls":        {evidence: mode(stalledPassive), causes: []string{"ftp.passive.stalled fail likely @ 203.0.113.10:50000"}},
		"the listing is broken off": {evidence: mode(func(p *ftp.Passive) { cutOff(p.EPSV.Transfer, fault("data", probes.Reset)) }), causes: []string{"unexplained.ftp.passive fail unknown"}},
		"the final reply is a refusal": {evidence: mode(func(p *ftp.Passive) {
			p.EPSV.Transfer.Final = reply(426, "no")
			p.EPSV.Transfer.Fault = said("final reply", p.EPSV.Transfer.Final)
		}), causes: []string{"unexplained.ftp.passive fail unknown"}},
		"a drop box": {evidence: mode(unlisted), causes: []string{"ftp.listing-denied info proven"}, verdict: VerdictOK, checks: []string{"ftp.passive pass"}},
		"an empty directory answered with 450": {evidence: mode(func(p *ftp.Passive) {
			unlisted(p)
			p.EPSV.Transfer.Opening, p.EPSV.Transfer.Final = reply(150, "go"), reply(450, "No files found")
		}), causes: []string{"ftp.listing-denied info proven"}},
		"a path that is not there": {evidence: given(byName+"/pub/x", passiveMode(unlisted)), causes: []string{"ftp.path-not-found warn proven"}, checks: []string{"ftp.passive warn"}},
		"a long directory":         {evidence: mode(func(p *ftp.Passive) { p.EPSV.Transfer.End, p.EPSV.Transfer.Final = "cut", nil }), causes: nil},
		"an empty directory":       {evidence: mode(func(p *ftp.Passive) { p.EPSV.Transfer.Bytes = 0 }), causes: nil},
	}
}

// unreadable is a positive reply that says nothing.
func unreadable(a *ftp.PassiveAttempt, code int) {
	*a = ftp.PassiveAttempt{Command: a.Command, Reply: reply(code, "oops )("), Fault: fault(a.Command, probes.Malformed)}
}

// privatePeer is a server within our own private network.
func privatePeer(e *Evidence) {
	e.Passive.Seen.Peer, e.Passive.Seen.Local = addr("10.0.0.9"), addr("10.0.0.5")
	e.Passive.Seen.PASV.Announced = netip.MustParseAddrPort("10.0.0.9:50001")
	e.Active.Seen.Peer, e.Active.Seen.Local = addr("10.0.0.9"), addr("10.0.0.5")
	e.Active.Seen.Attempts[0].From = netip.MustParseAddrPort("10.0.0.9:20")
}
