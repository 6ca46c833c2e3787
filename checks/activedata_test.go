package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// onceMore is one more attempt at active mode, with one thing different; as it is made, it works.
func onceMore(variant ftp.Variant, changes ...func(*ftp.ActiveAttempt)) func(*ftp.Active) {
	return func(a *ftp.Active) {
		attempt := active().Attempts[0]
		attempt.Announced, attempt.Variant, attempt.OverTLS = netip.AddrPortFrom(a.Local, 40002), variant, variant != ftp.InClear
		for _, c := range changes {
			c(&attempt)
		}
		a.Compared = append(a.Compared, attempt)
	}
}

// notReached is an attempt in which nothing connected.
func notReached(a *ftp.ActiveAttempt) {
	a.From, a.Fault = netip.AddrPort{}, fault("data connection", probes.Timeout)
	cutOff(a.Transfer, fault("LIST", probes.Timeout))
	a.Transfer.Opening = nil
}

// notAccepted is a PORT that was refused.
func notAccepted(code int, text string) func(*ftp.ActiveAttempt) {
	return func(a *ftp.ActiveAttempt) {
		r := reply(code, text)
		*a = ftp.ActiveAttempt{Command: a.Command, Variant: a.Variant, OverTLS: a.OverTLS, Announced: a.Announced, Reply: r, Fault: said(a.Command, r)}
	}
}

// first changes the first attempt.
func first(changes ...func(*ftp.ActiveAttempt)) func(*ftp.Active) {
	return func(a *ftp.Active) {
		for _, c := range changes {
			c(&a.Attempts[0])
		}
	}
}

// visited are others that connected to our listener.
func visited(by ...string) func(*ftp.ActiveAttempt) {
	return func(a *ftp.ActiveAttempt) {
		for _, text := range by {
			a.Others = append(a.Others, netip.MustParseAddrPort(text))
		}
	}
}

func dropped(n uint64) func(*ftp.ActiveAttempt) { return func(a *ftp.ActiveAttempt) { a.Dropped = n } }

// overIPv6 is active mode over IPv6, which has EPRT alone.
func overIPv6(changes ...func(*ftp.ActiveAttempt)) change {
	return func(e *Evidence) {
		e.Passive.Seen.Peer, e.Passive.Seen.Local, e.Passive.Seen.PASV = serverIPv6, ownIPv6, nil
		a := &e.Active.Seen
		a.Peer, a.Local = serverIPv6, ownIPv6
		a.Attempts[0].Command, a.Attempts[0].Announced = "EPRT", netip.AddrPortFrom(ownIPv6, 40001)
		a.Attempts[0].From = netip.AddrPortFrom(serverIPv6, 20)
		first(changes...)(a)
	}
}

func activeDataCases() map[string]verdictCase {
	const byName, target, ipv6 = "ftp://" + serverName, "ftpes://" + serverName, "ftp://[2001:db8:2::10]"
	needed := func(target string, changes ...func(*ftp.Active)) *Evidence {
		return given(target, requires("active"), activeMode(changes...))
	}
	const blind, rewrite, nat = "ftp.active.alg-blind-to-tls fail ", "ftp.active.alg-rewrite ", "ftp.active.blocked-by-nat fail "
	const egress, local, blocked = "ftp.active.server-egress-filtered fail ", "ftp.active.blocked-by-local-firewall fail ", "ftp.active.blocked fail "
	secure := func(a *ftp.ActiveAttempt) { a.OverTLS = true; shaken(a.Transfer, true) }
	full := func(a *ftp.ActiveAttempt) {
		a.OverTLS = true
		shaken(a.Transfer, false)
		refusedAfter(a.Transfer, 522, "session reuse required")
	}
	return map[string]verdictCase{
		"it works in clear and not over TLS": {evidence: needed(target, fromPrivate, unreachedMode, onceMore(ftp.InClear)), causes: []string{blind + "proven @ 192.168.1.5"}, checks: []string{"ftp.active fail"}},
		"our address is refused over TLS":    {evidence: needed(target, fromPrivate, first(notAccepted(500, "Illegal PORT command.")), onceMore(ftp.InClear)), causes: []string{blind + "proven"}},
		"it works neither way":               {evidence: needed(target, fromPrivate, unreachedMode, onceMore(ftp.InClear, notReached)), causes: []string{nat + "likely"}},
		"it works over TLS":                  {evidence: needed(target, fromPrivate, first(secure)), causes: nil},
		"the server reached us over TLS as well": {
			evidence: needed(target, fromPrivate, first(secure, func(a *ftp.ActiveAttempt) { cutOff(a.Transfer, fault("data", probes.Reset)) }), onceMore(ftp.InClear)),
			causes:   []string{"unexplained.ftp.active fail unknown"},
		},

		"PORT is refused in clear and not over TLS": {
			evidence: needed(byName, first(notAccepted(500, "Illegal PORT command.")), onceMore(ftp.OverTLS)), causes: []string{rewrite + "fail proven @ 203.0.113.10"},
		},
		"PORT is refused both ways": {
			evidence: needed(byName, refusedMode(500, "Illegal PORT command."), onceMore(ftp.OverTLS, notAccepted(500, "Illegal PORT command."))), causes: []string{"ftp.active.refused-by-policy fail proven"},
		},
		"PORT is refused as a matter of policy, in clear only": {
			evidence: needed(byName, refusedMode(550, "Permission denied."), onceMore(ftp.OverTLS)), causes: []string{"ftp.active.refused-by-policy fail proven"},
		},
		"PORT is refused behind NAT, and EPRT is not looked at": {
			evidence: needed(byName, fromPrivate, seenAs("198.51.100.7", 211), func(a *ftp.Active) {
				reached := a.Attempts[0]
				reached.Command = "EPRT"
				refused := reached
				refused.Command = "PORT"
				notAccepted(500, "Illegal PORT command.")(&refused)
				notReached(&reached)
				a.Attempts = []ftp.ActiveAttempt{refused, reached}
			}), causes: []string{nat + "likely"},
		},

		"EPRT is not known": {evidence: given(ipv6, requires("active"), overIPv6(notAccepted(500, "what?"))), causes: []string{"ftp.active.eprt-unsupported fail proven @ 2001:db8:2::10"}},
		"EPRT is not known, and not needed": {
			evidence: given(ipv6, overIPv6(notAccepted(522, "Network protocol not supported, use (1)"))), causes: []string{"ftp.active.eprt-unsupported info proven"}, verdict: VerdictOK,
		},
		"EPRT is refused as a matter of policy": {evidence: given(ipv6, requires("active"), overIPv6(notAccepted(550, "no"))), causes: []string{"ftp.active.refused-by-policy fail proven"}},
		"EPRT works":                            {evidence: given(ipv6, requires("active"), overIPv6()), causes: nil},

		"others from afar reach us": {
			evidence: needed(byName, unreachedMode, seenAs("192.0.2.5", 211), first(visited("198.51.100.200:5555"))), causes: []string{egress + "proven @ 203.0.113.10"}, checks: []string{"ftp.active fail"},
		},
		"a neighbour on our link reaches us": {evidence: needed(byName, unreachedMode, seenAs("192.0.2.5", 211), first(visited("192.0.2.77:5555"))), causes: []string{blocked + "likely"}},
		"this machine reaches itself":        {evidence: needed(byName, unreachedMode, seenAs("192.0.2.5", 211), first(visited("127.0.0.1:5555"))), causes: []string{blocked + "likely"}},
		"others reach us, behind NAT":        {evidence: needed(byName, fromPrivate, unreachedMode, first(visited("198.51.100.200:5555"))), causes: []string{nat + "likely"}},
		"packets die on this machine":        {evidence: needed(byName, unreachedMode, first(dropped(4))), causes: []string{local + "likely @ 192.0.2.5"}},
		"one packet died on this machine":    {evidence: needed(byName, unreachedMode, first(dropped(1))), causes: []string{blocked + "likely"}},
		"packets die on this machine, behind NAT": {
			evidence: needed(byName, fromPrivate, unreachedMode, first(dropped(4))), causes: []string{nat + "likely"},
		},

		"reuse is required, in active mode": {
			evidence: given(target, requires("active"), passiveMode(overTLSData(true)), func(e *Evidence) { e.Settings.FullTLS = true }, activeMode(first(full), onceMore(ftp.ResumedTLS, secure))),
			causes:   []string{"ftps.session-reuse-required fail proven @ 203.0.113.10"},
		},
		"data in clear, in active mode": {
			evidence: needed(target, first(func(a *ftp.ActiveAttempt) {
				cutOff(a.Transfer, fault("data TLS handshake", probes.Malformed))
				a.Transfer.InClear = "total 0"
			})), causes: []string{"ftps.data-not-tls fail proven"},
		},
		"data are to be protected, in both modes": {
			evidence: given(byName, requires("both"), passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 522, "encrypt") }, again(ftp.PrivateData)),
				activeMode(first(func(a *ftp.ActiveAttempt) { refusedBefore(a.Transfer, 522, "encrypt") }))),
			causes: []string{"ftps.prot-required fail proven"}, checks: []string{"ftp.passive fail < ftps.prot-required", "ftp.active fail < ftps.prot-required"},
		},
	}
}
