package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/tls"
)

// withoutTLS is a control connection on which TLS could not be spoken.
func withoutTLS(f *probes.Fault, auth *ftp.Reply) change {
	return func(e *Evidence) {
		e.Security.Seen = ftp.Security{Mechanism: e.Security.Seen.Mechanism, AuthReply: auth, Fault: f}
		e.Control.Seen.Fault, e.Control.Seen.LoggedIn, e.Control.Seen.User = nil, false, ""
		e.Handshake, e.Chain, e.Passive, e.Active = nil, nil, nil, nil
	}
}

// refusedAuth is a server's answer to AUTH TLS.
func refusedAuth(code int, text string) change {
	r := reply(code, text)
	return withoutTLS(said("AUTH TLS", r), r)
}

func securityCases() map[string]verdictCase {
	const target = "ftpes://" + serverName
	badHandshake := all(withoutTLS(fault("TLS handshake", probes.Malformed), reply(234, "go on")), func(e *Evidence) {
		e.Handshake = done(tls.Handshake{Address: e.TCP[0].Seen.Address, Plaintext: "500 OOPS: no certificate", Fault: fault("handshake", probes.Malformed)})
	})
	cases := map[string]verdictCase{
		"closed at AUTH": {
			evidence: given(target, withoutTLS(fault("AUTH TLS", probes.Closed), nil)), causes: []string{"unexplained.ftp.tls fail unknown"},
			checks: []string{"ftp.passive skip < unexplained.ftp.tls", "tls.handshake skip < unexplained.ftp.tls"},
		},
		"an unknown refusal": {evidence: given(target, refusedAuth(550, "no")), causes: []string{"unexplained.ftp.tls fail unknown"}},
		"a masked greeting": {
			evidence: given(target, refusedAuth(500, "what?"), greeted("**************")), causes: []string{"ftp.auth-tls-stripped fail likely"},
		},
		"PROT is refused": {
			evidence: given(target, func(e *Evidence) {
				e.Security.Seen.ProtReply = reply(534, "no")
				e.Security.Seen.Fault = said("PROT", e.Security.Seen.ProtReply)
				e.Passive, e.Active = nil, nil
			}), causes: []string{"ftps.prot-refused fail proven"}, checks: []string{"ftp.control pass", "ftp.passive skip < ftps.prot-refused"},
		},
		"the server breaks down at the handshake": {
			evidence: given(target, badHandshake), causes: []string{"ftp.server-misconfigured fail proven"},
			checks: []string{"ftp.tls fail < ftp.server-misconfigured", "tls.certificate skip < ftp.server-misconfigured", "ftp.active skip < ftp.server-misconfigured"},
		},
		"implicit TLS, and the server speaks in clear": {
			evidence: given("ftps://"+serverName, withoutTLS(fault("TLS handshake", probes.Malformed), nil), func(e *Evidence) {
				e.Control.Seen.Greeting = nil
				e.Handshake = done(tls.Handshake{Address: e.TCP[0].Seen.Address, Plaintext: "220 ready", Fault: fault("handshake", probes.Malformed)})
			}), causes: []string{"tls.plaintext-peer fail proven"}, checks: []string{"ftp.tls fail < tls.plaintext-peer", "ftp.passive skip < tls.plaintext-peer"},
		},
		"the greeting is that of SSH": {
			evidence: given(target, noGreeting(probes.Malformed, "SSH-2.0-x"), func(e *Evidence) { e.Security, e.Handshake, e.Chain = nil, nil, nil }),
			causes:   []string{"ftp.not-ftp fail proven"}, checks: []string{"ftp.tls skip < ftp.not-ftp", "tls.handshake skip < ftp.not-ftp", "tls.certificate skip < ftp.not-ftp"},
		},
		"the login is withheld from a peer with a bad certificate": {
			evidence: given(target, expiredYesterday, asAlice, dialogue(func(c *ftp.Control) {
				c.Fault, c.UserReply, c.User = fault("USER", probes.Withheld), nil, ""
			}), func(e *Evidence) { e.Security.Seen.PbszReply, e.Security.Seen.ProtReply = nil, nil }),
			causes: []string{"cert.expired fail likely"},
			checks: []string{"ftp.control skip < cert.expired", "ftp.passive skip < cert.expired", "ftp.tls pass", "tls.handshake pass"},
		},
		"an anonymous login is not": {
			evidence: given(target, expiredYesterday), causes: []string{"cert.expired fail likely"}, checks: []string{"ftp.control pass", "ftp.passive pass"},
		},
	}
	for _, code := range []int{431, 500, 501, 502, 503, 504, 530, 534} {
		cases[fmt.Sprintf("AUTH is answered with %d", code)] = verdictCase{
			evidence: given(target, refusedAuth(code, "no")), causes: []string{"ftp.auth-tls-unsupported fail proven @ 203.0.113.10:21"},
			checks: []string{"ftp.tls fail", "ftp.control pass", "ftp.passive skip < ftp.auth-tls-unsupported", "tls.handshake skip < ftp.auth-tls-unsupported", "tls.certificate skip < ftp.auth-tls-unsupported"},
		}
	}
	return cases
}
