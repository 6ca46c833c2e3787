package checks

import (
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// control changes what was seen of a control connection that is well.
func control(changes ...func(*ftp.Control)) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(&e.Control.Seen)
		}
	}
}

// greetedAfter is a greeting that came so many seconds late, and a next reply so many after it.
func greetedAfter(late, later float64) change {
	return control(func(c *ftp.Control) {
		c.GreetingTook = seconds(late)
		c.Greeting.At = seconds(late)
		c.UserReply.At = seconds(late + later)
	})
}

// held is a control connection that was left idle.
func held(r *ftp.Reply, f *probes.Fault) change {
	return control(func(c *ftp.Control) { c.Hold = &ftp.Hold{For: seconds(300), Reply: r, Fault: f} })
}

func mannersCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	const idle = "ftp.control.idle-dropped fail proven @ 203.0.113.10:21"
	well := func(changes ...change) verdictCase {
		return verdictCase{evidence: given(byName, changes...), causes: nil, checks: []string{"ftp.control pass", "ftp.passive pass"}}
	}
	broken := func(cause string, status string, changes ...change) verdictCase {
		return verdictCase{evidence: given(byName, changes...), causes: []string{cause}, checks: []string{"ftp.control " + status, "ftp.passive pass"}}
	}
	return map[string]verdictCase{
		"a late greeting":                    broken("ftp.banner-slow warn proven @ 203.0.113.10:21", "warn", greetedAfter(7, 0.1)),
		"a greeting that is not yet late":    well(greetedAfter(4.9, 0.1)),
		"a server that is slow in all":       well(greetedAfter(7, 3)),
		"a late greeting, and nothing after": broken("ftp.banner-slow warn likely", "warn", greetedAfter(7, 0), control(func(c *ftp.Control) { c.UserReply, c.FeatReply = nil, nil })),
		"replies lag behind": broken("ftp.control.desync fail proven @ 203.0.113.10:21", "fail", control(func(c *ftp.Control) {
			c.Desync = &ftp.Desync{Command: "EPSV", Early: reply(230, "welcome"), Right: reply(229, "(|||50000|)")}
		})),
		"the server ends what is idle":           broken(strings.Replace(idle, "proven", "likely", 1), "fail", held(reply(421, "Timeout."), nil)),
		"the server ends what is idle, and says": broken(strings.Replace(idle, "proven", "likely", 1), "fail", held(nil, fault("idle", probes.Closed))),
		"a device forgets what is idle":          broken(idle, "fail", held(nil, fault("NOOP", probes.Timeout))),
		"a device resets what it forgot":         broken(idle, "fail", held(nil, fault("NOOP", probes.Reset))),
		"an idle connection lives":               well(held(reply(200, "NOOP ok"), nil)),
		"an idle connection, and a refusal":      well(held(reply(500, "what?"), nil)),
		"an idle connection, and our deadline":   well(held(nil, fault("idle", probes.Interrupted))),
		"a hold that could not begin":            well(held(nil, fault("EPSV", probes.Closed))),
		"a hold without its data connection":     well(held(nil, fault("data connection", probes.Timeout))),
		"no hold":                                well(),
	}
}

func strippedCases() map[string]verdictCase {
	const target = "ftpes://" + serverName
	const unsupported = "ftp.auth-tls-unsupported fail proven"
	refused := func(cause string, changes ...change) verdictCase {
		return verdictCase{evidence: given(target, changes...), causes: []string{cause}, checks: []string{"ftp.tls fail", "ftp.control pass"}}
	}
	prot := func(level string, inClear, private *ftp.Reply) change {
		return func(e *Evidence) {
			s := &e.Security.Seen
			s.Level, s.ProtReply, s.Private, s.Fault = level, inClear, private, said("PROT", inClear)
			e.Passive, e.Active = nil, nil
		}
	}
	return map[string]verdictCase{
		"the server quotes what it got":      refused("ftp.auth-tls-stripped fail proven @ 203.0.113.10:21", refusedAuth(500, "'XXXX XXX': command not understood")),
		"every letter of the greeting":       refused("ftp.auth-tls-stripped fail likely", refusedAuth(500, "what?"), greeted("*********************2******0*00")),
		"the server quotes what we sent":     refused(unsupported, refusedAuth(500, "AUTH TLS: command not understood")),
		"an ornament in the refusal":         refused(unsupported, refusedAuth(500, "*** Command not understood ***")),
		"an ornament in the greeting":        refused(unsupported, refusedAuth(502, "no"), greeted("****** Welcome to our server ******")),
		"a greeting of stars and of letters": refused(unsupported, refusedAuth(502, "no"), greeted("***********************\nfiles.example.com FTP\n***********************")),

		"PROT C is refused, and PROT P is not": refused("ftps.prot-required fail proven @ 203.0.113.10:21", prot("C", reply(534, "no"), reply(200, "P"))),
		"PROT C is refused, and PROT P too":    refused("ftps.prot-refused fail proven", prot("C", reply(534, "no"), reply(534, "no"))),
		"PROT C is refused, and then silence":  refused("ftps.prot-required fail likely", prot("C", reply(534, "no"), nil)),
	}
}
