package checks

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// shaken is a data connection over TLS, of a new session or of one that was resumed.
func shaken(t *ftp.Transfer, resumed bool) {
	t.Secured, t.Resumed, t.Offered = true, resumed, resumed
	if !resumed {
		t.Leaf = goodChain(serverName).Certificates[0].SHA256
	}
}

// overTLSData is passive mode whose listing goes over TLS.
func overTLSData(resumed bool) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		p.EPSV.OverTLS, p.PASV.OverTLS = true, true
		shaken(p.EPSV.Transfer, resumed)
	}
}

// refusedAfter is a transfer that began, and that the final reply refused.
func refusedAfter(t *ftp.Transfer, code int, text string) {
	r := reply(code, text)
	cutOff(t, said("final reply", r))
	t.End, t.Final = "eof", r
}

// refusedBefore is a transfer that the server refused at once.
func refusedBefore(t *ftp.Transfer, code int, text string) {
	r := reply(code, text)
	cutOff(t, said(t.Command, r))
	t.Opening, t.Secured, t.Resumed, t.Leaf = r, false, false, ""
}

// again is one more attempt at EPSV, with one thing different.
func again(variant ftp.Variant, changes ...func(*ftp.PassiveAttempt)) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		a := *passive().EPSV
		a.Variant = variant
		a.OverTLS = variant != ftp.InClear
		if a.OverTLS && variant != ftp.OverTLS {
			shaken(a.Transfer, variant == ftp.ResumedTLS)
		}
		for _, c := range changes {
			c(&a)
		}
		p.Compared = append(p.Compared, a)
	}
}

// askedAgain is one more answer to PASV, which announces this address.
func askedAgain(variant ftp.Variant, address string) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		p.Compared = append(p.Compared, ftp.PassiveAttempt{
			Command: "PASV", Variant: variant, OverTLS: variant == ftp.OverTLS, Announced: netip.AddrPortFrom(addr(address), 50009),
			Reply: reply(227, "Entering Passive Mode ("+address+")"),
		})
	}
}

// series are transfers of one session, one after the other.
func series(changes ...func(*ftp.Transfer)) func(*ftp.Passive) {
	return func(p *ftp.Passive) {
		p.Series = &ftp.Series{File: "rung-x.tmp", Removed: reply(250, "gone")}
		for i, command := range []string{"STOR", "RETR", "LIST", "LIST"}[:len(changes)] {
			a := *passive().EPSV
			a.OverTLS, a.Transfer.Command = true, command
			shaken(a.Transfer, true)
			changes[i](a.Transfer)
			p.Series.Transfers = append(p.Series.Transfers, a)
		}
	}
}

func resumes(*ftp.Transfer) {}

// resumesNot is a data connection that did not resume a session; the transfer works.
func resumesNot(t *ftp.Transfer) { shaken(t, false) }

// refuses is one that did not, and was refused.
func refuses(code int, text string) func(*ftp.Transfer) {
	return func(t *ftp.Transfer) { shaken(t, false); refusedAfter(t, code, text) }
}

func dataCases() map[string]verdictCase {
	const byName, target = "ftp://" + serverName, "ftpes://" + serverName
	mode := func(changes ...func(*ftp.Passive)) *Evidence {
		return given(target, passiveMode(append([]func(*ftp.Passive){overTLSData(true)}, changes...)...))
	}
	unresumed := func(code int, text string) func(*ftp.Passive) {
		return func(p *ftp.Passive) { overTLSData(false)(p); refusedAfter(p.EPSV.Transfer, code, text) }
	}
	handshake := func(kind probes.Kind, changes ...func(*ftp.Transfer)) func(*ftp.Passive) {
		return func(p *ftp.Passive) {
			t := p.EPSV.Transfer
			cutOff(t, fault("data TLS handshake", kind))
			t.Secured, t.Resumed = false, false
			for _, c := range changes {
				c(t)
			}
		}
	}
	acknowledged := func(t *ftp.Transfer) { t.Transport = probes.Transport{RTT: seconds(0.03), BytesAcked: 518} }
	fullTLS := func(e *Evidence) { e.Settings.FullTLS = true }
	works := again(ftp.ResumedTLS)
	const required = "ftps.session-reuse-required "
	return map[string]verdictCase{
		"resumed sessions":      {evidence: mode(), causes: nil, checks: []string{"ftp.passive pass"}},
		"full handshakes":       {evidence: mode(overTLSData(false)), causes: nil},
		"a series that resumes": {evidence: mode(series(resumes, resumes, resumes, resumes)), causes: nil},

		"reuse is required, and rung does not": {
			evidence: given(target, fullTLS, passiveMode(unresumed(522, "SSL connection failed: session reuse required"), works)), causes: []string{required + "fail proven @ 203.0.113.10"},
			checks: []string{"ftp.passive fail < ftps.session-reuse-required", "ftp.control pass"},
		},
		"reuse is required, and rung gets through": {
			evidence: mode(unresumed(522, "session reuse required"), works), causes: []string{required + "info proven"}, checks: []string{"ftp.passive pass"}, verdict: VerdictOK,
		},
		"reuse is required, in the words of ProFTPD": {
			evidence: given(target, fullTLS, passiveMode(unresumed(425, "Unable to build data connection: Operation not permitted"))), causes: []string{required + "fail likely"},
		},
		"reuse is required, and resuming was tried in vain": {
			evidence: given(target, fullTLS, passiveMode(unresumed(522, "session reuse required"), again(ftp.ResumedTLS, func(a *ftp.PassiveAttempt) { resumesNot(a.Transfer); refusedAfter(a.Transfer, 522, "reuse") }))),
			causes:   []string{required + "fail likely"},
		},
		"the server breaks the handshake off, which it does not where the session is resumed": {
			evidence: given(target, fullTLS, passiveMode(handshake(probes.Closed), works)), verdict: VerdictFail, causes: []string{required + "fail likely"},
		},
		"a disk error, and the next listing works": {
			evidence: given(target, fullTLS, passiveMode(unresumed(451, "Local error in processing"), works)), causes: []string{required + "fail likely"},
		},
		"EPERM before any handshake": {
			evidence: mode(func(p *ftp.Passive) {
				refusedBefore(p.EPSV.Transfer, 425, "Unable to build data connection: Operation not permitted")
			}),
			causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"EPERM where the session is resumed": {
			evidence: mode(func(p *ftp.Passive) {
				refusedAfter(p.EPSV.Transfer, 425, "Unable to build data connection: Operation not permitted")
			}),
			causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"a refusal without a word about sessions": {evidence: mode(unresumed(426, "Failure writing network stream.")), causes: []string{"unexplained.ftp.passive fail unknown"}},
		"a directory that the user may not read": {
			evidence: mode(unresumed(550, ".: Operation not permitted")), causes: []string{"ftp.listing-denied info proven"}, verdict: VerdictOK,
		},
		"reuse is required, and there is no ticket": {
			evidence: mode(unresumed(522, "session reuse required")), causes: []string{"ftps.session-reuse-impossible warn proven"}, checks: []string{"ftp.passive fail"},
		},
		"reuse is required, and the ticket is of no use": {
			evidence: mode(unresumed(522, "session reuse required"), func(p *ftp.Passive) { p.EPSV.Transfer.Offered = true }), causes: []string{required + "fail likely"},
		},

		"tickets run out": {
			evidence: mode(series(resumes, resumes, refuses(425, "Operation not permitted"))), causes: []string{"ftps.ticket-exhausted fail proven @ 203.0.113.10"},
			says: "of its data connections 2 resume, and the next is refused",
		},
		"tickets run out, and nobody minds":             {evidence: mode(series(resumes, resumesNot, resumesNot, resumesNot)), causes: nil},
		"the first of a series is refused":              {evidence: mode(series(refuses(522, "session reuse required"))), causes: []string{"ftps.ticket-exhausted fail likely"}},
		"a resumed transfer of a series is refused":     {evidence: mode(series(resumes, func(t *ftp.Transfer) { refusedAfter(t, 451, "disk error") })), causes: []string{"unexplained.ftp.passive fail unknown"}},
		"a series is cut short":                         {evidence: mode(series(resumes, func(t *ftp.Transfer) { cutOff(t, fault("data", probes.Interrupted)) })), causes: nil},
		"a drop box lets nobody read what was uploaded": {evidence: mode(series(resumes, refuses(550, "Failed to open file."))), causes: []string{"ftp.transfer-refused info proven"}},

		"the server wants data protected": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 522, "Data connections must be encrypted.") }, again(ftp.PrivateData))),
			causes:   []string{"ftps.prot-required fail proven @ 203.0.113.10"},
		},
		"the server wants data protected, and calls it a matter of permission": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 550, "SSL required") }, again(ftp.PrivateData))),
			causes:   []string{"ftps.prot-required fail proven", "ftp.listing-denied info proven"},
		},
		"the server wants data protected, by its code alone": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 521, "no") })), causes: []string{"ftps.prot-required fail likely"},
		},
		"a code that means anything": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 534, "no") })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"protection makes no difference": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 522, "no") }, again(ftp.PrivateData, func(a *ftp.PassiveAttempt) { refusedBefore(a.Transfer, 522, "no") }))),
			causes:   []string{"unexplained.ftp.passive fail unknown"},
		},
		"EPSV over IPv4 is answered with 522": {
			evidence: given(byName, passiveMode(noEPSV, func(p *ftp.Passive) { no(p.EPSV, 522, "use (1)") })), causes: []string{"ftp.passive.epsv-unsupported info proven"},
		},

		"data in clear": {
			evidence: mode(handshake(probes.Malformed, func(t *ftp.Transfer) { t.InClear = "-rw-r--r-- 1 ftp ftp 5 a.txt" })), causes: []string{"ftps.data-not-tls fail proven @ 203.0.113.10"},
		},
		"the ClientHello is not answered": {evidence: mode(handshake(probes.Timeout, acknowledged)), causes: []string{"ftps.data-stall fail likely"}},
		"the ClientHello is not acknowledged": {
			evidence: mode(handshake(probes.Timeout, acknowledged, func(t *ftp.Transfer) { t.Transport.Unacked = 2 })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"the head of the ServerHello is lost": {
			evidence: mode(handshake(probes.Timeout, acknowledged, func(t *ftp.Transfer) { t.Transport.OutOfOrder = 1 })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"nobody knows whether the ClientHello came": {evidence: mode(handshake(probes.Timeout)), causes: []string{"unexplained.ftp.passive fail unknown"}},
		"the server says no before it shakes hands": {
			evidence: mode(handshake(probes.Timeout, acknowledged, func(t *ftp.Transfer) { t.Opening = reply(451, "no"); t.Fault = said("LIST", t.Opening) })),
			causes:   []string{"unexplained.ftp.passive fail unknown"},
		},
		"the server's alert": {evidence: mode(handshake(probes.Alert)), causes: []string{"unexplained.ftp.passive fail unknown"}},

		"another certificate for data": {
			evidence: mode(overTLSData(false), func(p *ftp.Passive) { p.EPSV.Transfer.Leaf = "bb" }), causes: []string{"ftps.data-cert-mismatch warn proven"}, checks: []string{"ftp.passive warn"},
		},
		"a machine with a certificate of its own for each session": {
			evidence: mode(series(func(t *ftp.Transfer) { shaken(t, false); t.Leaf = "bb" })), causes: nil,
		},
		"no close_notify": {
			evidence: mode(func(p *ftp.Passive) { p.EPSV.Transfer.NoCloseNotify = true }), causes: []string{"ftps.no-close-notify warn proven"}, checks: []string{"ftp.passive warn"},
		},
		"no close_notify at a transfer that was cut off": {
			evidence: mode(func(p *ftp.Passive) {
				refusedAfter(p.EPSV.Transfer, 426, "Connection closed")
				p.EPSV.Transfer.NoCloseNotify = true
			}),
			causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"an upload, which we end": {evidence: mode(series(func(t *ftp.Transfer) { t.End, t.FirstByteTook = "sent", 0 })), causes: nil},

		"the server breaks down within TLS": {
			evidence: given(target, passiveMode(overTLSData(true), func(p *ftp.Passive) { cutOff(p.EPSV.Transfer, fault("data", probes.Closed)) }), diesOf("500 OOPS: child died")),
			causes:   []string{"ftp.server-misconfigured fail proven"},
		},
		"the server breaks down after we gave up": {
			evidence: given(target, passiveMode(overTLSData(true), stalledPassive), diesOf("500 OOPS: vsf_sysutil_recv_peek")), causes: []string{"ftp.passive.stalled fail likely"},
		},
		"the server breaks down in active mode": {
			evidence: given(target, passiveMode(overTLSData(true)), activeMode(fromPrivate, unreachedMode), diesOf("500 OOPS: vsf_sysutil_connect")),
			causes:   []string{"ftp.active.blocked-by-nat info likely"}, checks: []string{"ftp.passive pass"},
		},
	}
}

// diesOf is what came in clear where TLS was spoken.
func diesOf(text string) change { return func(e *Evidence) { e.Control.Seen.InClear = text } }

// otherAddressCases are data connections that depend on who reads the control connection, and on where we are.
func otherAddressCases() map[string]verdictCase {
	const byName, target = "ftp://" + serverName, "ftpes://" + serverName
	timeout := fault("data connection", probes.Timeout)
	dead := func(a *ftp.PassiveAttempt) { noData(a, timeout) }
	private := func(p *ftp.Passive) { announces("10.88.1.2")(p) }
	silent := passiveMode(eachPort(timeout))
	return map[string]verdictCase{
		"ports open in clear and not over TLS": {
			evidence: given(target, passiveMode(eachPort(timeout), samples("EPSV 50002 timeout", "PASV 50003 timeout", "EPSV 50004 timeout"), again(ftp.InClear), again(ftp.InClear), again(ftp.InClear))),
			causes:   []string{"ftp.passive.alg-blind-to-tls fail proven @ 203.0.113.10"}, checks: []string{"ftp.passive fail"},
		},
		"one of three ports open in clear": {
			evidence: given(target, passiveMode(eachPort(timeout), again(ftp.InClear), again(ftp.InClear, dead), again(ftp.InClear, dead))), causes: []string{"ftp.passive.range-partly-open fail likely"},
		},
		"two ports silent over TLS, and one open in clear": {
			evidence: given(target, passiveMode(eachPort(timeout), again(ftp.InClear))), causes: []string{"ftp.passive.alg-blind-to-tls fail likely"},
		},
		"ports silent in clear too":       {evidence: given(target, passiveMode(eachPort(timeout), again(ftp.InClear, dead))), causes: []string{"ftp.passive.port-filtered fail proven"}},
		"ports silent, and clear untried": {evidence: given(target, silent), causes: []string{"ftp.passive.port-filtered fail likely"}},
		"ports silent, and clear cut short": {
			evidence: given(target, passiveMode(eachPort(timeout), again(ftp.InClear, func(a *ftp.PassiveAttempt) { noData(a, fault("data connection", probes.Interrupted)) }))),
			causes:   []string{"ftp.passive.port-filtered fail likely"},
		},

		"an address rewritten in clear": {
			evidence: given(byName, passiveMode(noEPSV, private, askedAgain(ftp.OverTLS, serverIPv4.String()))),
			causes:   []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.alg-rewrite fail proven @ 203.0.113.10"}, checks: []string{"ftp.passive fail"},
		},
		"an address rewritten in clear, and EPSV works": {
			evidence: given(byName, passiveMode(private, askedAgain(ftp.OverTLS, serverIPv4.String()))), causes: []string{"ftp.passive.alg-rewrite warn proven"},
		},
		"an address mended in clear": {
			evidence: given(target, passiveMode(overTLSData(true), private, askedAgain(ftp.InClear, serverIPv4.String()))),
			causes:   []string{"ftp.passive.private-address warn proven", "ftp.passive.alg-rewrite warn proven"}, checks: []string{"ftp.passive warn"},
		},
		"the same wrong address both ways": {
			evidence: given(byName, passiveMode(private, askedAgain(ftp.OverTLS, "10.88.1.2"))), causes: []string{"ftp.passive.private-address warn proven"},
		},
		"the address of another machine behind the same name": {
			evidence: given(byName, passiveMode(private, askedAgain(ftp.OverTLS, "10.88.1.3"))), causes: []string{"ftp.passive.private-address warn proven"},
		},

		"inside the server's own network": {
			evidence: given(byName, silent, traced("control port", 21, 1, serverIPv4.String())),
			causes:   []string{"ftp.passive.hairpin fail likely @ 203.0.113.10"}, checks: []string{"ftp.passive fail"},
		},
		"on the server itself": {
			evidence: given(byName, silent, activeMode(func(a *ftp.Active) { a.Local = serverIPv4 }, seenAs(serverIPv4.String(), 211))), causes: []string{"ftp.passive.port-filtered fail proven"},
		},
		"inside, and data connections are turned back": {evidence: given(byName, traced("control port", 21, 1, serverIPv4.String())), causes: nil},
		"seen from another address":                    {evidence: given(byName, silent, activeMode(fromPrivate, seenAs("192.0.2.99", 211))), causes: []string{"ftp.passive.port-filtered fail proven"}},

		"another address of ours is seen for data": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 425, "Security: Bad IP connecting.") })),
			causes:   []string{"ftp.passive.peer-mismatch fail proven @ 203.0.113.10"},
		},
		"the server cannot open the data connection": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 425, "Can't open data connection.") })), causes: []string{"unexplained.ftp.passive fail unknown"},
		},
		"a listing that the security policy denies": {
			evidence: given(byName, passiveMode(func(p *ftp.Passive) { refusedBefore(p.EPSV.Transfer, 550, "Denied by the security policy") })),
			causes:   []string{"ftp.listing-denied info proven"}, verdict: VerdictOK,
		},

		"the announced address works for those who follow it": {
			evidence: given(byName, passiveMode(noEPSV, announces("198.51.100.77"), func(p *ftp.Passive) {
				noData(p.PASV, timeout)
				followed := *passive().PASV
				followed.Announced, followed.Reply = p.PASV.Announced, p.PASV.Reply
				followed.Used, followed.Connected, followed.Transfer = followed.Announced, true, listing()
				p.Followed = &followed
			}), func(e *Evidence) { e.Settings.FollowPASV = true }),
			causes: []string{"ftp.passive.epsv-unsupported info proven", "ftp.passive.foreign-address warn proven"}, checks: []string{"ftp.passive warn"},
		},
	}
}

// TestWhatWouldSettleBlindness has the flag named that would tell a filtered range from a firewall that is blind to TLS.
func TestWhatWouldSettleBlindness(t *testing.T) {
	const target = "ftpes://" + serverName
	silent := passiveMode(eachPort(fault("data connection", probes.Timeout)))
	assert.Contains(t, Judge(given(target, silent, asAlice)).Causes[0].Settle, "--clear-login")
	for _, tried := range []*Evidence{given(target, silent), given(target, silent, asAlice, func(e *Evidence) { e.Settings.ClearLogin = true })} {
		assert.NotContains(t, Judge(tried).Causes[0].Settle, "--clear-login")
	}
}
