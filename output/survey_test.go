package output

import (
	"net/netip"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/clock"
	"github.com/rung-cli/rung/probes/http"
	"github.com/rung-cli/rung/probes/tls"
)

// surveys are those in the golden files.
func surveys() map[string]*tls.Survey {
	old := []string{"TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"}
	newer := append([]string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, old...)
	return map[string]*tls.Survey{
		"survey": {
			Address: port("203.0.113.10:443"), Connections: 37, Versions: []tls.SurveyedVersion{
				{Version: "SSLv3", Refusal: "alert protocol_version"},
				{Version: "TLS 1.0", Accepted: true, Suites: old, Preference: "server", Complete: true},
				{Version: "TLS 1.1", Accepted: true, Suites: old, Preference: "server", Complete: true},
				{Version: "TLS 1.2", Accepted: true, Suites: newer, Preference: "client", Complete: true},
				{Version: "TLS 1.3", Accepted: true, Suites: []string{"TLS_AES_256_GCM_SHA384"}, Preference: "server", Complete: true},
			},
			Groups: []tls.SurveyedGroup{
				{Group: "X25519MLKEM768", Accepted: true, PostQuantum: true}, {Group: "X25519", Accepted: true},
				{Group: "SecP256r1MLKEM768", PostQuantum: true, Refusal: "alert handshake_failure"}, {Group: "P-521"},
			},
		},
		"survey-cut-short": {
			Address: port("[2001:db8::10]:443"), Connections: 1, Versions: []tls.SurveyedVersion{
				{Version: "SSLv3", Refusal: "timeout"}, {Version: "TLS 1.0"},
				{Version: "TLS 1.2", Accepted: true, Suites: old[:2]},
			},
			Groups: []tls.SurveyedGroup{{Group: "X25519", Refusal: "timeout"}},
			Fault:  fault("dial", probes.Refused, "connection refused"),
		},
		"survey-hostile": {
			Address: port("203.0.113.10:443"),
			Versions: []tls.SurveyedVersion{
				{Version: hostile, Refusal: hostile}, {Version: hostile, Accepted: true, Suites: []string{hostile, hostile}, Preference: hostile},
			},
			Groups: []tls.SurveyedGroup{{Group: hostile, Refusal: hostile}}, Fault: fault(hostile, hostile, hostile),
		},
	}
}

func TestSurveys(t *testing.T) {
	for name, survey := range surveys() {
		report := &checks.Report{Checks: []checks.Result{{ID: "tls.survey", Status: checks.Pass, Observation: survey}}}
		page := securityOf(report, HumanOptions{Width: 80})
		golden(t, filepath.Join(narrations, name+".golden"), []byte(page))
		golden(t, filepath.Join(narrations, name+".ascii.golden"), []byte(securityOf(report, HumanOptions{Width: 80, ASCII: true})))
		assert.Empty(t, notShown(page))
	}
}

func TestSurveyOfNothing(t *testing.T) {
	p := newPage(80, false, false)
	p.survey(&tls.Survey{Groups: []tls.SurveyedGroup{{Group: "X25519", Accepted: true}}})
	assert.Contains(t, p.b.String(), "  groups for the key exchange\n  X25519  ✓\n")
}

func TestFactsOfHTTPAndClock(t *testing.T) {
	answer := http.Result{
		Address: port("203.0.113.10:80"), Method: "GET", Path: "/", Host: "www.example.com", Version: "HTTP/1.1", Status: 301,
		Reason: "Moved Permanently", Location: "https://www.example.com/", Server: "nginx", Date: today, Answered: today.Add(700 * time.Millisecond),
		Took: ms(35.2), Received: 312,
	}
	dated := func(ahead time.Duration, cached bool) *http.Result {
		r := answer
		r.Date, r.Cached = today.Add(ahead), cached
		return &r
	}
	server := clock.NTP{Server: "pool.ntp.org", Address: port("192.0.2.7:123"), Offset: ms(-1.2), RoundTrip: ms(24), Stratum: 2, Usable: true}
	ahead, silent := server, server
	ahead.Offset, ahead.Usable, ahead.Address = ms(3600_000), false, netip.AddrPort{}
	silent.Fault = fault("answer", probes.Timeout, "i/o timeout")
	kept := &clock.Kernel{Synchronized: true, MaxError: ms(12), EstimatedError: ms(0.3)}
	for name, c := range map[string]struct {
		seen any
		says string
	}{
		"a redirect": {&answer, `
HTTP with 203.0.113.10:80
  request   GET / of www.example.com
  answer    HTTP/1.1 301 Moved Permanently after 35 ms, 312 bytes
  to        https://www.example.com/
  server    nginx
  Date      2026-11-22 13:24:33 UTC, as this machine's clock
`},
		"a clock ahead":    {dated(time.Hour, false), "  Date      2026-11-22 14:24:33 UTC, 60 minutes ahead of this machine's clock\n"},
		"a page of old":    {dated(-72*time.Hour, true), ", 3 days behind this machine's clock; it may come out of a cache\n"},
		"not when it came": {&http.Result{Date: today}, "  Date      2026-11-22 13:24:33 UTC\n"},
		"no HTTP": {
			&http.Result{Method: "GET", Path: "/", Text: "220 hello", Fault: fault("response", probes.Malformed, "no status line")},
			"  received  220 hello\n  fault     response: no status line\n",
		},
		"a clock": {&clock.Result{Now: today, Kernel: kept, NTP: []clock.NTP{server, ahead, silent}}, `
Clock 2026-11-22 13:24:33 UTC
  kernel    synchronized; off by 12 ms at most, by 0.3 ms as it estimates
  NTP       pool.ntp.org (192.0.2.7:123): behind ours by 1.2 ms, measured over a round trip of 24 ms; stratum 2
  NTP       pool.ntp.org: ahead of ours by 3600.0 s, measured over a round trip of 24 ms; stratum 2; it does not call itself synchronized
  NTP       pool.ntp.org (192.0.2.7:123): answer: i/o timeout
`},
		"a clock that nothing keeps": {&clock.Result{Now: today, Kernel: &clock.Kernel{}}, "nothing keeps the clock, as far as the kernel knows"},
	} {
		p := newPage(0, false, false)
		p.details(&checks.Report{Checks: []checks.Result{{Observation: c.seen}}})
		assert.Contains(t, p.b.String(), c.says, name)
	}
}
