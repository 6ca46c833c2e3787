package output

import (
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

const narrations = "testdata/security"

// said is a message of the server, heard one of ours, at so many milliseconds.
func said(at float64, name string, size int) tls.Message {
	return tls.Message{At: ms(at), From: "server", Name: name, Size: size}
}

func ours(at float64, name string, size int) tls.Message {
	return tls.Message{At: ms(at), From: "client", Name: name, Size: size}
}

func sealed(m tls.Message) tls.Message {
	m.Encrypted = true
	return m
}

// hello gives a message what it says.
func hello(m tls.Message, says tls.Hello) tls.Message {
	m.Hello = &says
	return m
}

// alert is an alert from the server.
func alert(at float64, description uint8, name string) tls.Message {
	m := said(at, "Alert", 2)
	m.Alert = &tls.Alert{Level: 2, Description: description, Name: name}
	return m
}

func certificates(m tls.Message, subjects ...string) tls.Message {
	m.Subjects, m.Count = subjects, len(subjects)
	return m
}

func schemed(m tls.Message, group, scheme string) tls.Message {
	m.Group, m.Scheme = group, scheme
	return m
}

// clientHello is our usual first message.
func clientHello() tls.Message {
	return hello(ours(0, "ClientHello", 1510), tls.Hello{
		Versions: []string{"TLS 1.3", "TLS 1.2"}, ServerName: "www.example.com", ALPN: []string{"http/1.1"},
		Suites: []string{"TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "TLS_AES_128_GCM_SHA256",
			"TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"},
		Groups:    []string{"X25519MLKEM768", "X25519", "P-256", "P-384", "P-521"},
		KeyShares: []string{"X25519MLKEM768", "X25519"},
	})
}

// spoken is a handshake of these messages, after the ClientHello.
func spoken(fault *probes.Fault, messages ...tls.Message) *tls.Handshake {
	h := &tls.Handshake{
		Address: port("203.0.113.10:443"), ServerName: "www.example.com", Offered: []string{"TLS 1.2", "TLS 1.3"}, HelloSize: 1510,
		Messages: append([]tls.Message{clientHello()}, messages...), Fault: fault,
	}
	for _, m := range messages {
		h.Took = m.At
		if m.From == "server" {
			h.Received += m.Size
		}
		if m.Alert != nil && m.From == "server" {
			h.Alert = m.Alert
		}
	}
	return h
}

var (
	refusal  = fault("handshake", probes.Alert, "remote error: tls: handshake failure")
	noAnswer = fault("handshake", probes.Timeout, "i/o timeout")
)

// tls13 are the messages of a whole handshake, after the ClientHello, the first of the server's at so many milliseconds.
func tls13(at float64) []tls.Message {
	tickets := said(2*at, "NewSessionTicket", 57)
	tickets.Lifetime = 7200
	return []tls.Message{
		hello(said(at, "ServerHello", 1210), tls.Hello{
			Versions: []string{"TLS 1.3"}, Suites: []string{"TLS_AES_128_GCM_SHA256"}, KeyShares: []string{"X25519MLKEM768"},
		}),
		said(at, "ChangeCipherSpec", 1),
		hello(sealed(said(at, "EncryptedExtensions", 10)), tls.Hello{ALPN: []string{"http/1.1"}}),
		certificates(sealed(said(at, "Certificate", 2840)), "CN=www.example.com", "CN=R11,O=Let's Encrypt,C=US"),
		schemed(sealed(said(at, "CertificateVerify", 264)), "", "rsa_pss_rsae_sha256"),
		sealed(said(at, "Finished", 36)),
		ours(at+0.6, "ChangeCipherSpec", 1),
		sealed(ours(at+0.6, "Finished", 36)),
		sealed(tickets), sealed(tickets),
	}
}

// tls12 are the messages of a handshake in which the server wants a certificate, which it does not get.
func tls12() []tls.Message {
	request := said(36.4, "CertificateRequest", 312)
	request.Authorities, request.Count = []string{
		"CN=Example Clients,O=Example Trust", "CN=Example Partners,O=Example Trust", "CN=Old Clients", "CN=Older Clients",
	}, 40
	return []tls.Message{
		hello(said(36.1, "ServerHello", 92), tls.Hello{
			Versions: []string{"TLS 1.2"}, Suites: []string{"TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"}, ALPN: []string{"http/1.1"},
		}),
		certificates(said(36.2, "Certificate", 1204), "CN=www.example.com"),
		said(36.2, "CertificateStatus", 475),
		schemed(said(36.4, "ServerKeyExchange", 300), "X25519", "rsa_pss_rsae_sha256"),
		request,
		said(36.4, "ServerHelloDone", 4),
		ours(37.9, "Certificate", 7),
		ours(37.9, "ClientKeyExchange", 37),
		ours(37.9, "ChangeCipherSpec", 1),
		sealed(ours(37.9, "Finished", 16)),
		alert(72.1, 40, "handshake_failure"),
	}
}

// tellings are the handshakes that are told in the golden files.
func tellings() map[string]*tls.Handshake {
	refused := spoken(refusal, alert(35.2, 40, "handshake_failure"))
	refused.Trials = []tls.Trial{
		{Changed: tls.ChangedName, With: "no server name", Answer: tls.Answer{HelloSize: 1488, Took: ms(34.9), Received: 7, Alert: refused.Alert}},
		{Changed: tls.ChangedSuites, With: "every registered suite", Answer: tls.Answer{
			HelloSize: 1900, Took: ms(36.1), Version: "TLS 1.2", Suite: "TLS_RSA_WITH_3DES_EDE_CBC_SHA",
		}},
	}
	silent := spoken(noAnswer)
	silent.Took, silent.Transport = ms(10000), probes.Transport{RTT: ms(34), BytesAcked: 1511}
	silent.Trials = []tls.Trial{
		{Changed: tls.ChangedSize, With: "a small ClientHello", Answer: tls.Answer{
			HelloSize: 268,
			Complete:  true, Version: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Group: "X25519", Leaf: "0123456789abcdef", Took: ms(35.9),
		}},
		{Changed: tls.ChangedMSS, With: "segments of 1200 bytes", Answer: tls.Answer{Took: ms(3000), Fault: noAnswer}},
		{Changed: tls.ChangedName, With: "no server name", Answer: tls.Answer{Took: ms(35), Fault: fault("handshake", probes.Reset, "reset")}},
		{Changed: tls.ChangedNothing, With: "the same once more", Answer: tls.Answer{Fault: fault("dial", probes.Refused, "connection refused")}},
	}
	retry := spoken(nil, append([]tls.Message{
		hello(said(35.2, "HelloRetryRequest", 92), tls.Hello{Versions: []string{"TLS 1.3"}, Groups: []string{"P-256"}}),
		ours(35.6, "ChangeCipherSpec", 1),
		hello(ours(35.6, "ClientHello", 323), tls.Hello{Versions: []string{"TLS 1.3", "TLS 1.2"}, KeyShares: []string{"P-256"}}),
	}, tls13(70.8)...)...)
	retry.Messages[4].Hello.KeyShares = []string{"P-256"}
	text := spoken(fault("handshake", probes.Malformed, "first record does not look like a TLS handshake"))
	text.Plaintext, text.Received, text.Took = "220 (vsFTPd 3.0.5)\r\n530 Please login with USER and PASS.\r\n", 58, ms(35.7)
	old := spoken(fault("handshake", probes.Other, "tls: server selected unsupported protocol version 302"),
		hello(said(35.2, "ServerHello", 81), tls.Hello{Versions: []string{"TLS 1.1"}, Suites: []string{"TLS_RSA_WITH_AES_128_CBC_SHA"}}),
		alert(35.3, 70, "protocol_version"))
	old.Messages[2].From, old.Alert = "client", nil
	blackhole := spoken(noAnswer, tls13(35.2)[0])
	blackhole.Took, blackhole.Transport = ms(10000), probes.Transport{RTT: ms(34), OutOfOrder: 2}
	return map[string]*tls.Handshake{
		"tls13":                 spoken(nil, tls13(35.2)...),
		"tls13-retry":           retry,
		"tls12-no-certificate":  spoken(refusal, tls12()...),
		"refused":               refused,
		"silent":                silent,
		"text":                  text,
		"old-version":           old,
		"lost-on-the-way-to-us": blackhole,
		"hostile":               hostileHandshake(),
	}
}

// hostileHandshake has the worst text in every place, and repeats itself without end.
func hostileHandshake() *tls.Handshake {
	long := strings.Repeat("long name ", 20) + hostile
	list := []string{hostile, long, hostile, hostile, long}
	says := tls.Hello{Versions: list, ServerName: hostile, ALPN: list, Suites: list, Groups: list, KeyShares: list, Resumes: true}
	h := spoken(fault(hostile, probes.Malformed, hostile), hello(said(1, "ServerHello", 9), says), hello(said(1, "HelloRetryRequest", 9), says),
		hello(said(1, "EncryptedExtensions", 9), says), certificates(said(1, "Certificate", 9), list...),
		schemed(said(1, "CertificateVerify", 1), hostile, hostile),
		schemed(said(1, "ServerKeyExchange", 9), hostile, hostile), said(1, hostile, 1<<30), alert(1, 255, hostile))
	request := said(1, "CertificateRequest", 9)
	request.Authorities, request.Count = list, 1000
	h.Messages = append(h.Messages, request)
	for len(h.Messages) < tls.MaxMessages {
		h.Messages = append(h.Messages, said(2, "HelloRequest", 4))
	}
	h.Plaintext, h.ServerName = hostile, hostile
	h.Trials = []tls.Trial{{Changed: hostile, With: long, Answer: tls.Answer{Plaintext: hostile + long}}, {Changed: hostile, Answer: tls.Answer{
		Version: hostile, Suite: hostile, Group: hostile, Leaf: hostile,
	}}}
	return h
}

// handshakeReport is a report of one handshake, which failed where it has a fault.
func handshakeReport(h *tls.Handshake) *checks.Report {
	r := checks.Result{ID: "tls.handshake", Status: checks.Pass, Observation: h}
	if h.Fault != nil {
		r.Status = checks.Fail
	}
	return &checks.Report{Started: time.Date(2026, 11, 22, 13, 24, 33, 0, time.UTC), Checks: []checks.Result{r}}
}

// securityOf is what a page has of TLS.
func securityOf(report *checks.Report, o HumanOptions) string {
	p := newPage(o.Width, o.Color, o.ASCII)
	p.security(report, o)
	return p.b.String()
}

func TestNarrations(t *testing.T) {
	for name, h := range tellings() {
		report := handshakeReport(h)
		golden(t, filepath.Join(narrations, name+".golden"), []byte(securityOf(report, HumanOptions{Width: 80})))
		golden(t, filepath.Join(narrations, name+".trace.golden"), []byte(securityOf(report, HumanOptions{Width: 80, Trace: true})))
	}
	for _, name := range []string{"silent", "tls12-no-certificate", "hostile"} {
		report := handshakeReport(tellings()[name])
		golden(t, filepath.Join(narrations, name+".ascii.golden"), []byte(securityOf(report, HumanOptions{Width: 80, ASCII: true})))
		golden(t, filepath.Join(narrations, name+".narrow.golden"), []byte(securityOf(report, HumanOptions{Width: 44})))
		golden(t, filepath.Join(narrations, name+".unwrapped.golden"), []byte(securityOf(report, HumanOptions{})))
	}
}

func TestSecurityOnAnyPage(t *testing.T) {
	var all []*checks.Report
	for name, h := range tellings() {
		if name != "hostile" { // which has words without end
			all = append(all, handshakeReport(h))
		}
	}
	for name, chain := range chains() {
		if name != "chain-hostile" {
			all = append(all, chainReport(chain))
		}
	}
	sequence := regexp.MustCompile("\x1b\\[[0-9;]*m")
	for _, report := range all {
		for _, width := range []int{79, 80, 132} {
			plain := securityOf(report, HumanOptions{Width: width, Trace: true})
			colored := securityOf(report, HumanOptions{Width: width, Trace: true, Color: true})
			assert.NotEqual(t, plain, colored)
			assert.Equal(t, plain, sequence.ReplaceAllString(colored, ""), "colour says nothing alone")
			for line := range strings.SplitSeq(plain, "\n") {
				assert.LessOrEqual(t, columns(line), width, line)
				assert.Equal(t, strings.TrimRight(line, " "), line)
			}
		}
	}
}

func TestNarrationIsShownWhereItHelps(t *testing.T) {
	failed := handshakeReport(tellings()["refused"])
	fine := handshakeReport(tellings()["tls13"])
	fine.Checks[0].Observation.(*tls.Handshake).Trials = tellings()["refused"].Trials
	bare := handshakeReport(&tls.Handshake{Address: port("203.0.113.10:443"), Fault: refusal})
	for name, c := range map[string]struct {
		report                 *checks.Report
		o                      HumanOptions
		narrated, facts, again bool
	}{
		"failed":                       {failed, HumanOptions{}, true, false, true},
		"failed, in full":              {failed, HumanOptions{Verbose: true}, true, false, true},
		"complete":                     {fine, HumanOptions{}, false, false, false},
		"complete, in full":            {fine, HumanOptions{Verbose: true}, false, true, true},
		"complete, traced":             {fine, HumanOptions{Trace: true}, true, false, true},
		"nothing was recorded":         {bare, HumanOptions{}, false, false, false},
		"nothing was recorded, traced": {bare, HumanOptions{Trace: true}, false, true, false},
	} {
		page := securityOf(c.report, c.o)
		assert.Equal(t, c.narrated, strings.Contains(page, "→ from us"), name)
		assert.Equal(t, c.facts, strings.Contains(page, "TLS handshake with 203.0.113.10:443\n"), name)
		assert.Equal(t, c.again, strings.Contains(page, "one thing changed"), name)
	}
}

func TestNarrationOfAHandshakeThatWeEnded(t *testing.T) {
	report := handshakeReport(spoken(fault("handshake", probes.Interrupted, "context canceled"), tls13(35.2)[0]))
	report.Checks[0].Status = checks.Skip
	const told = "we stopped waiting for the rest of what the server has to say"
	for name, c := range map[string]struct {
		verdict checks.Verdict
		o       HumanOptions
		told    bool
	}{
		"nothing is known":         {checks.VerdictUnknown, HumanOptions{}, true},
		"something else is broken": {checks.VerdictFail, HumanOptions{}, false},
		"in full":                  {checks.VerdictFail, HumanOptions{Verbose: true}, true},
		"traced":                   {checks.VerdictFail, HumanOptions{Trace: true}, true},
	} {
		report.Verdict = c.verdict
		assert.Equal(t, c.told, strings.Contains(securityOf(report, c.o), told), name)
	}
}

func TestEqualMessagesShareALine(t *testing.T) {
	again := slices.Repeat([]tls.Message{tls13(35.2)[0]}, 10)
	again[9] = hello(said(36, "ServerHello", 1210), tls.Hello{Versions: []string{"TLS 1.2"}})
	page := securityOf(handshakeReport(spoken(refusal, again...)), HumanOptions{})
	assert.Contains(t, page, "  9 × ServerHello, 10890 bytes: chooses TLS 1.3")
	assert.Contains(t, page, "  ServerHello, 1210 bytes: chooses TLS 1.2")
}

func TestFactsOfAHandshakeAreSaidOnce(t *testing.T) {
	fine := spoken(nil)
	fine.Version, fine.ServerHello, fine.Group = "TLS 1.3", "TLS 1.3", "CurveP384"
	page := securityOf(handshakeReport(fine), HumanOptions{Verbose: true})
	assert.Equal(t, 1, strings.Count(page, "  TLS 1.3\n"))
	assert.Contains(t, page, "  group     P-384\n")
	fine.Version = ""
	assert.Contains(t, securityOf(handshakeReport(fine), HumanOptions{Verbose: true}), "  answered  TLS 1.3\n")
}

func TestTrials(t *testing.T) {
	again := func(a tls.Answer) tls.Trial {
		return tls.Trial{Changed: tls.ChangedNothing, With: "the same once more", Answer: a}
	}
	silent := again(tls.Answer{Took: ms(3000), Fault: noAnswer})
	late := again(tls.Answer{Took: ms(3001), Fault: noAnswer})
	complete := again(tls.Answer{Took: ms(35), Complete: true, Version: "TLS 1.3", Group: "CurveP521"})
	everything := tls.Trial{Changed: tls.ChangedSuites, With: "every suite"}
	tried := func(a tls.Answer) tls.Trial {
		everything.Answer = a
		return everything
	}
	for name, c := range map[string]struct {
		trials []tls.Trial
		lines  []string
	}{
		"twice the same":       {[]tls.Trial{silent, late}, []string{"the same once more (twice)  ✗ nothing after 3.0 s"}},
		"three times the same": {[]tls.Trial{silent, late, silent}, []string{"the same once more (3 times)  ✗ nothing after 3.0 s"}},
		"not the same": {[]tls.Trial{silent, complete, late}, []string{
			"the same once more (twice)  ✗ nothing after 3.0 s", "the same once more          ✓ complete, TLS 1.3, P-521 after 35 ms",
		}},
		"a retry that goes no further": {
			[]tls.Trial{tried(tls.Answer{Retry: true, Version: "TLS 1.3", Group: "CurveP256", Took: ms(9)})},
			[]string{"every suite  – HelloRetryRequest, TLS 1.3, P-256 after 9.0 ms"},
		},
		"a retry and all the rest": {
			[]tls.Trial{tried(tls.Answer{Retry: true, Complete: true, Version: "TLS 1.3", Took: ms(9)})},
			[]string{"every suite  ✓ complete, TLS 1.3 after 9.0 ms"},
		},
		"a ServerHello, and then an alert": {
			[]tls.Trial{tried(tls.Answer{Version: "TLS 1.2", Took: ms(9), Fault: refusal, Alert: alert(9, 40, "handshake_failure").Alert})},
			[]string{"every suite  – ServerHello, TLS 1.2, then alert handshake_failure (40) after 9.0 ms"},
		},
		"a ServerHello, and then silence": {
			[]tls.Trial{tried(tls.Answer{Version: "TLS 1.2", Took: ms(3000), Received: 90, Fault: noAnswer})},
			[]string{"every suite  – ServerHello, TLS 1.2, then nothing more after 3.0 s"},
		},
		"another certificate": {
			[]tls.Trial{tried(tls.Answer{Version: "TLS 1.2", Leaf: "0123456789abcdef", Key: "RSA 512", Took: ms(9)})},
			[]string{"every suite  ✓ ServerHello, TLS 1.2, certificate 01234567 (RSA 512) after 9.0 ms"},
		},
		"not sent": {
			[]tls.Trial{tried(tls.Answer{Fault: fault("dial", probes.Refused, "dial tcp 203.0.113.10:443: connection refused")})},
			[]string{"every suite  ✗ not sent: dial tcp 203.0.113.10:443: connection refused"},
		},
	} {
		p := newPage(0, false, false)
		p.trials(c.trials, nil)
		assert.Equal(t, "  once more, each time with one thing changed:\n    "+strings.Join(c.lines, "\n    ")+"\n", p.b.String(), name)
	}
}

func TestTrialsThatDifferAreBothTold(t *testing.T) {
	silent := tls.Trial{Changed: tls.ChangedNothing, With: "the same once more", Answer: tls.Answer{Fault: noAnswer}}
	complete := silent
	complete.Answer = tls.Answer{Complete: true, Version: "TLS 1.3"}
	told := []checks.Cause{{Experiments: []probes.Experiment{{Variable: string(tls.ChangedNothing), B: "the same once more"}}}}
	p := newPage(0, false, false)
	assert.Len(t, p.outcomes([]tls.Trial{silent, complete}, told), 2)
	assert.Empty(t, p.outcomes([]tls.Trial{silent, silent}, told))
}

func TestOneCauseIsNarratedOnce(t *testing.T) {
	report := handshakeReport(tellings()["refused"])
	report.Checks[0].CausedBy = []string{"tls.no-common-cipher"}
	second := report.Checks[0]
	report.Checks = append(report.Checks, second)
	assert.Equal(t, 1, strings.Count(securityOf(report, HumanOptions{}), "ClientHello, 1510"))
	assert.Equal(t, 2, strings.Count(securityOf(report, HumanOptions{Trace: true}), "ClientHello, 1510"))
	report.Checks[1].CausedBy = []string{"tls.sni-unknown"}
	assert.Equal(t, 2, strings.Count(securityOf(report, HumanOptions{}), "ClientHello, 1510"))
}

func TestTrialThatACauseTells(t *testing.T) {
	report := handshakeReport(tellings()["refused"])
	report.Causes = []checks.Cause{{Experiments: []probes.Experiment{{
		Variable: string(tls.ChangedSuites), A: "Go's suites", B: "every registered suite",
	}}}}
	page := securityOf(report, HumanOptions{})
	assert.NotContains(t, page, "every registered suite")
	assert.Contains(t, page, "no server name", "which no cause tells")
	assert.Contains(t, securityOf(report, HumanOptions{Trace: true}), "every registered suite")
	small := handshakeReport(tellings()["silent"])
	small.Causes = []checks.Cause{{Experiments: []probes.Experiment{{Variable: string(tls.ChangedSize), A: "1510 bytes", B: "268 bytes"}}}}
	assert.NotContains(t, securityOf(small, HumanOptions{}), "a small ClientHello")
	report.Causes[0].Experiments = append(report.Causes[0].Experiments, probes.Experiment{Variable: string(tls.ChangedName), B: "no server name"})
	assert.NotContains(t, securityOf(report, HumanOptions{}), "one thing changed")
}

// lastLine is the last line of a narration, without its time and its mark.
func lastLine(t *testing.T, h *tls.Handshake) string {
	t.Helper()
	lines := strings.Split(strings.TrimSpace(securityOf(handshakeReport(h), HumanOptions{})), "\n")
	_, words, found := strings.Cut(lines[len(lines)-1], "✗  ")
	require.True(t, found, lines)
	return words
}

func TestWhereAHandshakeStopped(t *testing.T) {
	with := func(h *tls.Handshake, change func(*tls.Handshake)) *tls.Handshake {
		change(h)
		return h
	}
	closed := fault("handshake", probes.Closed, "EOF")
	for name, c := range map[string]struct {
		seen *tls.Handshake
		says string
	}{
		"silence, and the kernel does not tell": {
			with(spoken(noAnswer), func(h *tls.Handshake) { h.Took = ms(3000) }),
			"we waited for a ServerHello: nothing came within 3.0 s",
		},
		"silence, our hello lost": {
			with(spoken(noAnswer), func(h *tls.Handshake) { h.Took, h.Transport = ms(3000), probes.Transport{Unacked: 1, Retransmits: 4} }),
			"we waited for a ServerHello: nothing came within 3.0 s; 1 segment of ours got no acknowledgement, sent again 4 times",
		},
		"half a ServerHello": {
			with(spoken(noAnswer), func(h *tls.Handshake) { h.Took, h.Received = ms(3000), 1 }),
			"we waited for a ServerHello: nothing more came within 3.0 s after 1 byte of an unfinished message",
		},
		"a byte a second": {
			with(spoken(noAnswer), func(h *tls.Handshake) { h.Took, h.Last, h.Received = ms(3000), ms(2900), 12 }),
			"we waited for a ServerHello: 12 bytes in 3.0 s, the last after 2.9 s",
		},
		"bytes, and then silence": {
			with(spoken(noAnswer), func(h *tls.Handshake) { h.Took, h.Last, h.Received = ms(3000), ms(1400), 12 }),
			"we waited for a ServerHello: nothing more came within 3.0 s after 12 bytes of an unfinished message",
		},
		"silence after our Finished": {
			with(spoken(noAnswer, tls12()[:10]...), func(h *tls.Handshake) { h.Transport.RTT = ms(35) }),
			"we waited for the server's Finished: nothing more came within 37 ms; all that we sent was acknowledged",
		},
		"closed at once": {spoken(closed), "we waited for a ServerHello: the server closed the connection (FIN)"},
		"closed after some bytes": {
			with(spoken(closed), func(h *tls.Handshake) { h.Received = 5 }),
			"we waited for a ServerHello: the server closed the connection (FIN) after 5 bytes of an unfinished message",
		},
		"reset in the middle": {
			spoken(fault("handshake", probes.Reset, "reset"), tls13(35)[:3]...),
			"we waited for the rest of what the server has to say: the connection was reset (RST)",
		},
		"refused after the end": {
			spoken(refusal, append(tls13(35)[:8:8], alert(70, 116, "certificate_required"))...),
			"we waited for what comes after the handshake: the alert came instead",
		},
		"alert that is not decoded": {
			with(spoken(refusal), func(h *tls.Handshake) { h.Alert = &tls.Alert{Level: 2, Description: 112, Name: "unrecognized_name"} }),
			"we waited for a ServerHello: the alert unrecognized_name (112) came instead: does not know the name www.example.com",
		},
		"alert that nobody could read": {spoken(refusal), "we waited for a ServerHello: remote error: tls: handshake failure"},
		"a fault without words":        {spoken(fault("handshake", probes.TooLong, "")), "we waited for a ServerHello: too-long"},
		"we stopped":                   {spoken(fault("handshake", probes.Interrupted, "canceled")), "we stopped waiting for a ServerHello"},
	} {
		assert.Equal(t, c.says, lastLine(t, c.seen), name)
	}
}

func TestWhatMessagesMean(t *testing.T) {
	resumed := hello(said(1, "ServerHello", 90), tls.Hello{
		Versions: []string{"TLS 1.2"}, Suites: []string{"TLS_RSA_WITH_AES_128_CBC_SHA"}, Resumes: true,
	})
	one := said(1, "CertificateRequest", 90)
	one.Authorities, one.Count = []string{"CN=Clients"}, 1
	warning := alert(1, 112, "unrecognized_name")
	warning.Alert.Level = 1
	goodbye := alert(1, 0, "close_notify")
	goodbye.Alert.Level = 1
	mine, faulty, odd := alert(1, 50, "decode_error"), alert(1, 80, "internal_error"), alert(1, 48, "unknown_ca")
	mine.From, faulty.From, odd.From = "client", "client", "client"
	whole := said(1, "Certificate", 10485760)
	whole.Cut = true
	for name, c := range map[string]struct {
		m    tls.Message
		says string
	}{
		"a hello without a name": {
			hello(ours(1, "ClientHello", 90), tls.Hello{Versions: []string{"TLS 1.2"}, Resumes: true}),
			"offers TLS 1.2, names no server (no SNI), would resume an earlier session",
		},
		"a hello of old": {
			hello(ours(1, "ClientHello", 90), tls.Hello{Versions: []string{"TLS 1.1", "TLS 1.0", "SSLv3"}, ServerName: "a"}),
			"offers TLS 1.1, 1.0 and SSLv3, asks for a",
		},
		"a hello that is not read":  {said(1, "ServerHello", 90), "ServerHello, 90 bytes"},
		"a session resumed":         {resumed, "chooses TLS 1.2 and TLS_RSA_WITH_AES_128_CBC_SHA, and resumes the session"},
		"a retry for a cookie":      {said(1, "HelloRetryRequest", 90), "wants the ClientHello once more, which costs"},
		"no extensions":             {said(1, "EncryptedExtensions", 6), "has nothing to add"},
		"any client certificate":    {said(1, "CertificateRequest", 90), "wants a certificate of ours, from whatever CA"},
		"client certificate of one": {one, "wants a certificate of ours, from the CA CN=Clients"},
		"our certificate": {
			certificates(ours(1, "Certificate", 90), "CN=us", "CN=Clients"),
			"shows ours, CN=us, with 1 more: CN=Clients",
		},
		"our signature": {
			schemed(ours(1, "CertificateVerify", 90), "", "ed25519"),
			"signs all that was said so far with our certificate's key (ed25519)\n",
		},
		"no certificate":            {said(1, "Certificate", 7), "shows none"},
		"an unsigned key":           {schemed(said(1, "ServerKeyExchange", 90), "DHE 1024", ""), "brings the server's key for DHE 1024\n"},
		"a ticket for as long":      {said(1, "NewSessionTicket", 90), "lets us resume this session\n"},
		"other keys":                {said(1, "KeyUpdate", 5), "with a new key"},
		"what nobody can read":      {sealed(said(1, "Encrypted", 90)), "encrypted, and we have no key to read it"},
		"an alert nobody can read":  {sealed(said(1, "Alert", 2)), "  alert: encrypted, and we have no key to read it"},
		"a warning":                 {warning, "alert unrecognized_name (112): only a warning: does not know the name www.example.com"},
		"the end":                   {goodbye, "alert close_notify (0): ends the connection in good order"},
		"an alert of ours":          {mine, "alert decode_error (50): we cannot read what came\n"},
		"an alert of our own fault": {faulty, "alert internal_error (80): we give up: something on our side cannot go on\n"},
		"an alert we do not send":   {odd, "alert unknown_ca (48)\n"},
		"a message that is cut":     {whole, "Certificate, 10485760 bytes: not all of it came, or it is longer than we read\n"},
		"the server's signature": {
			schemed(said(1, "CertificateVerify", 90), "", "ed25519"),
			"signs all that was said so far with the certificate's key (ed25519)\n",
		},
		"a signed key": {
			schemed(said(1, "ServerKeyExchange", 90), "CurveP256", "ed25519"), "for P-256, and a signature over it (ed25519)\n",
		},
		"an alert from the future":  {alert(1, 200, "0xc8"), "alert 0xc8 (200)\n"},
		"a message from the future": {said(1, "Surprise", 1), "Surprise, 1 byte\n"},
	} {
		page := securityOf(handshakeReport(spoken(nil, c.m)), HumanOptions{Trace: true}) + "\n"
		assert.Contains(t, page, c.says, name)
	}
	rsa := spoken(nil, resumed, ours(2, "ClientKeyExchange", 262))
	assert.Contains(t, securityOf(handshakeReport(rsa), HumanOptions{Trace: true}), "locked with the key of the server's certificate\n")
}

func TestHostileHandshake(t *testing.T) {
	report := handshakeReport(hostileHandshake())
	for _, o := range []HumanOptions{{Width: 80}, {Width: 80, Trace: true}, {Trace: true}, {Width: 20, Verbose: true}} {
		page := securityOf(report, o)
		assert.Empty(t, notShown(page))
		assert.Contains(t, page, `\x1b[31mred`)
		assert.NotRegexp(t, "(?m)^✓ tcp", page)
		assert.Less(t, strings.Count(page, "HelloRequest"), 2, "what repeats itself takes a line")
	}
	for _, r := range securityOf(report, HumanOptions{ASCII: true, Trace: true}) {
		require.Less(t, r, rune(0x7f))
	}
}
