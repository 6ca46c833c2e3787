package checks

import (
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// dialogue is a control connection that broke off.
func dialogue(changes ...func(*ftp.Control)) change {
	return func(e *Evidence) {
		c := &e.Control.Seen
		c.LoggedIn, c.PassReply = false, nil
		for _, change := range changes {
			change(c)
		}
		e.Passive, e.Active = nil, nil
	}
}

// noGreeting is what came in place of the greeting.
func noGreeting(kind probes.Kind, unparsed string) change {
	return dialogue(func(c *ftp.Control) {
		c.Greeting, c.User, c.UserReply, c.Unparsed = nil, "", nil, unparsed
		c.GreetingTook, c.Fault = seconds(10), fault("greeting", kind)
	})
}

func badGreeting(code int, text string) change {
	return dialogue(func(c *ftp.Control) {
		c.Greeting, c.User, c.UserReply = reply(code, text), "", nil
		c.Fault = said("greeting", c.Greeting)
	})
}

// rejectedAt is a login that ended with the reply to USER or PASS.
func rejectedAt(step string, code int, text string) change {
	return dialogue(func(c *ftp.Control) {
		r := reply(code, text)
		c.Fault = said(step, r)
		if step == "PASS" {
			c.PassReply = r
			return
		}
		c.UserReply = r
	})
}

// brokenAt is a login that the end of the connection, or silence, ended.
func brokenAt(step string, kind probes.Kind) change {
	return dialogue(func(c *ftp.Control) { c.Fault = fault(step, kind) })
}

// overTLS is what the same USER met after AUTH TLS.
func overTLS(auth, user *ftp.Reply) change {
	return func(e *Evidence) {
		c := &e.Control.Seen
		c.AuthOffered, c.UserAfterTLS = auth, user
		c.Experiments = []probes.Experiment{{Variable: "protection of USER", A: "in clear", OutcomeA: "530", B: "after AUTH TLS", OutcomeB: "…"}}
	}
}

// asAlice is a login that the user gave.
func asAlice(e *Evidence) {
	e.Settings.LoginGiven = true
	e.Control.Seen.User = "alice"
}

func controlCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	greetedBefore := dialogue(func(c *ftp.Control) {
		c.TLSTransport.BytesReceived = 172
		c.Sessions = []ftp.Session{{Purpose: "passive"}, {Purpose: "active", Lines: []probes.Line{{From: "server", Text: "220 ready"}}}}
	})
	answeredTLS := dialogue(func(c *ftp.Control) { c.ImplicitTLS = reply(220, "ready over TLS") })
	ignoredTLS := dialogue(func(c *ftp.Control) {
		c.SilentToTLS, c.TLSTransport = true, probes.Transport{BytesAcked: 518, RTT: seconds(0.03)}
	})
	return map[string]verdictCase{
		"SSH": {
			evidence: given(byName, noGreeting(probes.Malformed, "SSH-2.0-OpenSSH_9.9")), causes: []string{"ftp.not-ftp fail proven @ 203.0.113.10:21"},
			checks: []string{"ftp.control fail", "ftp.passive skip < ftp.not-ftp", "ftp.active skip < ftp.not-ftp"},
		},
		"HTTP":                        {evidence: given(byName, noGreeting(probes.Malformed, "HTTP/1.1 400 Bad Request")), causes: []string{"ftp.not-ftp fail proven"}},
		"POP3":                        {evidence: given(byName, noGreeting(probes.Malformed, "+OK ready")), causes: []string{"ftp.not-ftp fail proven"}},
		"IMAP":                        {evidence: given(byName, noGreeting(probes.Malformed, "* OK ready")), causes: []string{"ftp.not-ftp fail proven"}},
		"a service that nobody knows": {evidence: given(byName, noGreeting(probes.Malformed, "hello")), causes: []string{"ftp.not-ftp fail likely"}},
		"SMTP":                        {evidence: given(byName, greeted("mail.example.com ESMTP"), rejectedAt("USER", 500, "what?")), causes: []string{"ftp.not-ftp fail proven"}},
		"a server that only names its operator's mail": {evidence: given(byName, greeted("mail to smtp@example.com"), rejectedAt("USER", 530, "no")), causes: []string{"ftp.auth-rejected warn likely"}},
		"no greeting, and another connection is greeted": {
			evidence: given(byName, noGreeting(probes.Timeout, ""), greetedBefore), causes: []string{"unexplained.ftp.control fail unknown"},
		},
		"TLS from the first byte":    {evidence: given(byName, noGreeting(probes.Timeout, ""), answeredTLS), causes: []string{"ftp.implicit-tls-port fail proven"}},
		"silence":                    {evidence: given(byName, noGreeting(probes.Timeout, ""), ignoredTLS), causes: []string{"tcp.silent fail proven @ 203.0.113.10:21"}, checks: []string{"tcp pass", "ftp.control fail"}},
		"silence, and nothing tried": {evidence: given(byName, noGreeting(probes.Timeout, "")), causes: []string{"tcp.silent fail likely"}},
		"silence, and what was sent is not acknowledged": {
			evidence: given(byName, noGreeting(probes.Timeout, ""), ignoredTLS, dialogue(func(c *ftp.Control) { c.TLSTransport.Unacked = 2 })),
			causes:   []string{"tcp.silent fail likely"},
		},
		"the head of something is lost": {
			evidence: given(byName, noGreeting(probes.Timeout, ""), dialogue(func(c *ftp.Control) { c.Transport.OutOfOrder = 1 })),
			causes:   []string{"unexplained.ftp.control fail unknown"},
		},
		"closed at once":   {evidence: given(byName, noGreeting(probes.Closed, "")), causes: []string{"tcp.reset-on-accept fail proven"}},
		"reset at once":    {evidence: given(byName, noGreeting(probes.Reset, "")), causes: []string{"tcp.reset-on-accept fail proven"}},
		"closed in a line": {evidence: given(byName, noGreeting(probes.Closed, "22")), causes: []string{"unexplained.ftp.control fail unknown"}},
		"endless greeting": {evidence: given(byName, noGreeting(probes.TooLong, "220-")), causes: []string{"unexplained.ftp.control fail unknown"}},

		"too many users at the greeting":  {evidence: given(byName, badGreeting(421, "Too many users, try again later")), causes: []string{"ftp.too-many-users fail proven"}},
		"too many users, by another code": {evidence: given(byName, badGreeting(530, "Sorry, the maximum number of clients is connected")), causes: []string{"ftp.too-many-users fail proven"}},
		"too many users at USER":          {evidence: given(byName, rejectedAt("USER", 530, "Sorry, max connection limit reached")), causes: []string{"ftp.too-many-users fail proven"}},
		"too many users at PASS":          {evidence: given(byName, rejectedAt("PASS", 530, "Too many users in your class")), causes: []string{"ftp.too-many-users fail proven"}},
		"turned away at the greeting":     {evidence: given(byName, badGreeting(421, "Service not available")), causes: []string{"ftp.service-unavailable fail proven"}},
		"turned away at PASS":             {evidence: given(byName, rejectedAt("PASS", 421, "Going down")), causes: []string{"ftp.service-unavailable fail proven"}},
		"a limited offer is no limit":     {evidence: given(byName, rejectedAt("PASS", 530, "Unlimited access is for members")), causes: []string{"ftp.auth-rejected warn proven"}},
		"broken at the greeting":          {evidence: given(byName, badGreeting(500, "OOPS: cannot read the configuration")), causes: []string{"ftp.server-misconfigured fail proven"}},
		"broken at PASS":                  {evidence: given(byName, rejectedAt("PASS", 500, "OOPS: refusing to run with writable root inside chroot()")), causes: []string{"ftp.server-misconfigured fail proven"}},
		"gone after PASS":                 {evidence: given(byName, brokenAt("PASS", probes.Closed)), causes: []string{"ftp.server-misconfigured fail likely"}},
		"silent after PASS":               {evidence: given(byName, brokenAt("PASS", probes.Timeout)), causes: []string{"unexplained.ftp.control fail unknown"}},
		"gone after USER":                 {evidence: given(byName, brokenAt("USER", probes.Closed)), causes: []string{"unexplained.ftp.control fail unknown"}},

		"anonymous is refused at PASS": {
			evidence: given(byName, rejectedAt("PASS", 530, "Login incorrect")), causes: []string{"ftp.auth-rejected warn proven"},
			checks: []string{"ftp.control warn", "ftp.passive skip < ftp.auth-rejected", "ftp.active skip < ftp.auth-rejected"},
		},
		"anonymous is refused at USER":                        {evidence: given(byName, rejectedAt("USER", 530, "No anonymous users"), overTLS(reply(500, "what?"), nil)), causes: []string{"ftp.auth-rejected warn proven"}},
		"anonymous is refused at USER, and TLS was not tried": {evidence: given(byName, rejectedAt("USER", 530, "No anonymous users")), causes: []string{"ftp.auth-rejected warn likely"}},
		"TLS is asked for at USER, and was not tried":         {evidence: given(byName, rejectedAt("USER", 530, "Use TLS first")), causes: []string{"ftp.tls-required fail likely"}},
		"silence for a short while":                           {evidence: given(byName, noGreeting(probes.Timeout, ""), ignoredTLS, func(e *Evidence) { e.Control.Seen.GreetingTook = seconds(1) }), causes: []string{"tcp.silent fail likely"}},
		"an FTP server that is also a mail server's":          {evidence: given(byName, greeted("mail.example.com ESMTP"), rejectedAt("USER", 530, "no"), overTLS(reply(500, "what?"), nil)), causes: []string{"ftp.auth-rejected warn proven"}},
		"turned away at USER":                                 {evidence: given(byName, rejectedAt("USER", 421, "Going down")), causes: []string{"ftp.service-unavailable fail proven"}},
		"broken at USER":                                      {evidence: given(byName, rejectedAt("USER", 500, "OOPS: x")), causes: []string{"ftp.server-misconfigured fail proven"}},
		"a wrong password":                                    {evidence: given(byName, rejectedAt("PASS", 530, "Login incorrect"), asAlice), causes: []string{"ftp.auth-rejected fail proven"}, checks: []string{"ftp.control fail"}},
		"an unknown user":                                     {evidence: given(byName, rejectedAt("USER", 530, "No such user"), asAlice, overTLS(reply(234, "go on"), reply(530, "No such user"))), causes: []string{"ftp.auth-rejected fail proven"}},
		"an unknown user, and no TLS":                         {evidence: given(byName, rejectedAt("USER", 530, "No such user"), asAlice, overTLS(reply(500, "what?"), nil)), causes: []string{"ftp.auth-rejected fail proven"}},
		"TLS is required": {
			evidence: given(byName, rejectedAt("USER", 530, "Please use TLS"), asAlice, overTLS(reply(234, "go on"), reply(331, "go on"))),
			causes:   []string{"ftp.tls-required fail proven @ 203.0.113.10:21"}, checks: []string{"ftp.passive skip < ftp.tls-required"},
		},
		"TLS is required of anonymous users too": {
			evidence: given(byName, rejectedAt("USER", 503, "Use AUTH first"), overTLS(reply(234, "go on"), reply(331, "go on"))),
			causes:   []string{"ftp.tls-required fail proven"},
		},
	}
}

func greeted(text string) change {
	return func(e *Evidence) { e.Control.Seen.Greeting = reply(220, text) }
}
