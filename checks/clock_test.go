package checks

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/pki"
)

const httpsTarget = "https://" + serverName + "/"

// page is a response to a request for the target's page, by a server whose clock is right.
func page(e *Evidence) http.Result {
	sent := e.Started.Add(100 * time.Millisecond)
	return http.Result{
		Address: e.TCP[0].Seen.Address, Method: "GET", Path: "/", Host: e.Target.Host, Version: "HTTP/1.1", Status: 200, Reason: "OK",
		Server: "nginx", Date: sent.Truncate(time.Second), Sent: sent, Answered: sent.Add(30 * time.Millisecond), Took: seconds(0.03), Received: 200,
	}
}

// days is a number of them.
func days(n float64) time.Duration { return time.Duration(n * 24 * float64(time.Hour)) }

// dateHeader lets the server's Date be off.
func dateHeader(off time.Duration) change {
	return func(e *Evidence) { e.HTTP.Seen.Date = e.HTTP.Seen.Date.Add(off) }
}

// timeServer lets a time server say how far it is ahead of this machine.
func timeServer(ahead time.Duration) change {
	return func(e *Evidence) {
		e.Clock = done(clock.Result{Now: e.Started, NTP: []clock.NTP{{
			Server: "time.example.com", Offset: probes.Millis(ahead), RoundTrip: seconds(0.02), Stratum: 2, Usable: true,
		}}})
	}
}

// validFrom moves the leaf's validity: it begins so long after now, and lasts 90 days.
func validFrom(after time.Duration) change {
	return certificate(func(c *pki.Chain) {
		c.Certificates[0].NotBefore = c.At.Add(after)
		c.Certificates[0].NotAfter = c.At.Add(after + days(90))
	})
}

func stapled(status string, age time.Duration, changes ...func(*pki.OCSP)) change {
	return certificate(func(c *pki.Chain) {
		c.Staple = &pki.OCSP{
			Status: status, Serial: c.Certificates[0].Serial, Matches: true, Signed: true, ProducedAt: c.At.Add(-age), ThisUpdate: c.At.Add(-age),
			NextUpdate: c.At.Add(days(7) - age),
		}
		for _, change := range changes {
			change(c.Staple)
		}
	})
}

func timestamped(age time.Duration, signed bool) change {
	return certificate(func(c *pki.Chain) {
		c.SCTs = []pki.SCT{{Log: "aa", Time: c.At.Add(-age), Source: "certificate", Signed: signed}}
	})
}

func clockCases() map[string]verdictCase {
	slow, fast, old, early := validFrom(days(3)), validFrom(days(-93)), validFrom(days(-93)), validFrom(days(3))
	likelySkew, provenSkew := []string{"clock.local-skew fail likely"}, []string{"clock.local-skew fail proven"}
	return map[string]verdictCase{
		"slow, the target is the witness":       {evidence: given(httpsTarget, slow, dateHeader(days(4))), causes: likelySkew, checks: []string{"clock fail < clock.local-skew", "tls.certificate fail < clock.local-skew"}},
		"fast, the target is the witness":       {evidence: given(httpsTarget, fast, dateHeader(days(-5))), causes: likelySkew},
		"slow, a staple of the future":          {evidence: given(httpsTarget, slow, stapled("good", days(-4))), causes: provenSkew},
		"slow, a timestamp of the future":       {evidence: given(httpsTarget, slow, timestamped(days(-3.1), true)), causes: provenSkew},
		"slow, a timestamp that nobody signed":  {evidence: given(tlsTarget, slow, timestamped(days(-3.1), false)), causes: []string{"cert.not-yet-valid fail likely"}},
		"slow, a time server":                   {evidence: given(tlsTarget, slow, timeServer(days(4))), causes: provenSkew},
		"fast, a time server":                   {evidence: given(tlsTarget, fast, timeServer(days(-4))), causes: provenSkew},
		"slow, not slow enough":                 {evidence: given(tlsTarget, early, timeServer(days(1))), causes: []string{"clock.local-skew warn proven", "cert.not-yet-valid fail proven"}},
		"expired, nobody tells the time":        {evidence: given(tlsTarget, old), causes: []string{"cert.expired fail likely"}},
		"expired, and the server says so":       {evidence: given(httpsTarget, old), causes: []string{"cert.expired fail proven"}},
		"expired, and a time server says so":    {evidence: given(tlsTarget, old, timeServer(0)), causes: []string{"cert.expired fail proven"}},
		"expired, and a signed staple is later": {evidence: given(tlsTarget, old, stapled("good", time.Hour)), causes: []string{"cert.expired fail proven"}},
		"expired, and the server is ahead":      {evidence: given(httpsTarget, old, dateHeader(days(5))), causes: []string{"cert.expired fail likely"}},
		"not yet valid, by a server of 1970":    {evidence: given(httpsTarget, early, dateHeader(-days(20000))), causes: []string{"cert.not-yet-valid fail likely"}},
		"expired, by a server of 1970":          {evidence: given(httpsTarget, old, dateHeader(-days(20000))), causes: []string{"cert.expired fail likely"}},
		"expired, a time server that a staple refutes": {
			evidence: given(tlsTarget, old, stapled("good", days(1)), timeServer(-days(10))), causes: []string{"cert.expired fail proven"},
		},
		"a time server that all others contradict":              {evidence: given(httpsTarget, timeServer(days(10))), causes: []string{"clock.local-skew warn likely"}},
		"a staple of the future, and the server agrees with us": {evidence: given(httpsTarget, stapled("good", -days(2))), causes: nil},
		"a staple of the future, by a little":                   {evidence: given(tlsTarget, stapled("good", -3*time.Minute)), causes: nil},
		"slow, and the certificate has expired in truth": {
			evidence: given(tlsTarget, endsIn(days(4)), timeServer(days(10))), causes: []string{"clock.local-skew warn proven", "cert.expired fail proven"},
		},
		"fast, and the certificate ends later in truth": {evidence: given(tlsTarget, endsIn(days(15)), timeServer(-days(10))), causes: []string{"clock.local-skew warn proven"}},
		"expired, the server lags, a time server does not": {
			evidence: given(httpsTarget, old, dateHeader(days(-5)), timeServer(0)), causes: []string{"clock.server-skew warn proven", "cert.expired fail proven"},
		},
		"not yet valid, a cached Date":        {evidence: given(httpsTarget, early, dateHeader(-days(9)), cached), causes: []string{"cert.not-yet-valid fail likely"}},
		"expired, a cached Date":              {evidence: given(httpsTarget, old, dateHeader(-days(9)), cached), causes: []string{"cert.expired fail likely"}},
		"the server's clock, nobody verifies": {evidence: given(httpsTarget, dateHeader(days(1))), causes: nil},
		"the server's clock, verified":        {evidence: given(httpsTarget, dateHeader(days(1)), timeServer(0)), causes: []string{"clock.server-skew warn proven"}},
		"the server's clock, old but cached":  {evidence: given(httpsTarget, dateHeader(days(-1)), timeServer(0), cached), causes: nil},
		"a lying time server, and a certificate that would end": {
			evidence: given(httpsTarget, timeServer(days(400))), causes: []string{"clock.local-skew warn likely"},
		},
		"a time server that would excuse an expired certificate, and the server's Date does not": {
			evidence: given(httpsTarget, old, timeServer(-days(10))), causes: []string{"clock.local-skew fail likely"},
		},
		"both are right": {evidence: given(httpsTarget, timeServer(time.Second)), causes: nil, checks: []string{"clock pass"}},
		"ours is off, and nothing comes of it": {
			evidence: given(tlsTarget, timeServer(time.Hour)), causes: []string{"clock.local-skew warn proven"},
		},
		"a staple of the future, and our clock is verified": {evidence: given(tlsTarget, stapled("good", -days(1)), timeServer(0)), causes: nil},
		"a time server without an answer": {
			evidence: given(tlsTarget, func(e *Evidence) {
				e.Clock = done(clock.Result{NTP: []clock.NTP{{Server: "x", Fault: fault("request", probes.Timeout)}}})
			}), causes: nil, checks: []string{"clock pass"},
		},
		"an intermediate that is not yet valid, and a slow clock": {
			evidence: given(httpsTarget, dateHeader(days(4)), certificate(untrusted(pki.ExpiredIssuer), func(c *pki.Chain) {
				c.Certificates[1].NotBefore, c.Certificates[1].NotAfter = c.At.Add(days(3)), c.At.Add(days(900))
			})), causes: likelySkew,
		},
		"over FTP, a fresh file tells the time": {
			evidence: given("ftpes://"+serverName, slow, func(e *Evidence) {
				e.Passive.Seen.Series = &ftp.Series{File: "x", Removed: reply(250, "gone"), Modified: &ftp.Modified{
					Time: e.Started.Add(days(4)), Asked: e.Started, Stored: e.Started.Add(time.Second),
				}}
			}), causes: likelySkew,
		},
	}
}

func cached(e *Evidence) { e.HTTP.Seen.Cached = true }

func TestWeigh(t *testing.T) {
	now := time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)
	slow := witness{standing: theTarget, low: days(4), high: days(4)}
	for name, c := range map[string]struct {
		witnesses []witness
		from, to  time.Duration
		want      dateVerdict
	}{
		"nobody":                    {nil, days(3), days(90), undecided},
		"it explains":               {[]witness{slow}, days(3), days(90), contradicted},
		"the sign does not agree":   {[]witness{slow}, days(-90), days(-3), undecided},
		"the wrong end":             {[]witness{{standing: independent, low: days(100), high: days(100)}}, days(3), days(90), undecided},
		"not enough":                {[]witness{{low: days(1), high: days(1)}}, days(3), days(90), confirmed},
		"two of a kind differ":      {[]witness{slow, {low: 0, high: 0}}, days(3), days(90), undecided},
		"the stronger one counts":   {[]witness{{standing: independent}, slow}, days(3), days(90), confirmed},
		"a bound that says nothing": {[]witness{{standing: signed, low: days(-1), high: forever}}, days(3), days(90), undecided},
		"a bound that says it all":  {[]witness{{standing: signed, low: days(-1), high: forever}}, days(-90), days(-3), confirmed},
	} {
		t.Run(name, func(t *testing.T) {
			got, _ := weigh(c.witnesses, now, now.Add(c.from), now.Add(c.to))
			assert.Equal(t, c.want, got)
		})
	}
}
