package checks

import (
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

const tlsTarget = "tls://" + serverName + ":853"

// withTrials adds the answers to trials.
func withTrials(all ...tls.Trial) func(*tls.Handshake) {
	return func(h *tls.Handshake) { h.Trials = append(h.Trials, all...) }
}

func answers(changed tls.Change, name string, a tls.Answer) tls.Trial {
	if a.HelloSize == 0 && a.Fault == nil {
		a.HelloSize = 1500
	}
	return tls.Trial{Changed: changed, With: "something else", ServerName: name, Answer: a}
}

var (
	completedAnswer   = tls.Answer{HelloSize: 1500, Version: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Complete: true, Received: 2500}
	takenHello        = tls.Answer{HelloSize: 1500, Version: "TLS 1.2", Suite: "TLS_DHE_RSA_WITH_AES_128_CBC_SHA", Received: 90}
	oldHello          = tls.Answer{HelloSize: 200, Version: "TLS 1.0", Suite: "TLS_RSA_WITH_AES_128_CBC_SHA", Received: 90}
	noAnswer          = tls.Answer{HelloSize: 1500, Fault: fault("handshake", probes.Timeout)}
	refused40         = tls.Answer{HelloSize: 1500, Alert: alertOf(40), Fault: fault("handshake", probes.Alert)}
	resetAnswer       = tls.Answer{HelloSize: 1500, Fault: fault("handshake", probes.Reset)}
	ended             = tls.Answer{HelloSize: 1500, Fault: fault("handshake", probes.Closed)}
	tooShort          = tls.Answer{HelloSize: 1500, Took: seconds(0.8), Transport: probes.Transport{RTT: seconds(1.2)}, Fault: fault("handshake", probes.Timeout)}
	acknowledgedHello = tls.Answer{HelloSize: 1500, Acknowledged: 1500, Fault: fault("handshake", probes.Timeout)}
	noDial            = tls.Answer{Fault: fault("dial", probes.Timeout)}
	unknownSNI        = tls.Answer{HelloSize: 1500, Alert: alertOf(112), Fault: fault("handshake", probes.Alert)}
)

func alertOf(number uint8) *tls.Alert {
	return &tls.Alert{Level: 2, Description: number, Name: "alert of the test"}
}

// alerted is a handshake that an alert ended.
func alerted(number uint8, changes ...func(*tls.Handshake)) change {
	return failedHandshake(probes.Alert, append(changes, func(h *tls.Handshake) { h.Alert, h.HelloSize = alertOf(number), 1500 })...)
}

// swallowed is a handshake that nothing answered, or that the connection's end cut off, with the answers to trials with another size, with
// other segments, without a name and with a neutral one.
func swallowed(kind probes.Kind, size, mss, none, neutral tls.Answer, changes ...func(*tls.Handshake)) change {
	again := tls.Answer{HelloSize: 1500, Fault: fault("handshake", kind)}
	return swallowedTwice(again, again, kind, size, mss, none, neutral, changes...)
}

// swallowedTwice is the same with answers to the same ClientHello once more, and again.
func swallowedTwice(again, andAgain tls.Answer, kind probes.Kind, size, mss, none, neutral tls.Answer, changes ...func(*tls.Handshake)) change {
	return failedHandshake(kind, append(changes, func(h *tls.Handshake) {
		h.HelloSize = 1500
		withTrials(answers(tls.ChangedSize, serverName, size), answers(tls.ChangedMSS, serverName, mss), answers(tls.ChangedName, "", none),
			answers(tls.ChangedName, neutralName, neutral), answers(tls.ChangedNothing, serverName, again), answers(tls.ChangedNothing, serverName, andAgain))(h)
	})...)
}

// kernel is what the kernel knew at the end.
func kernel(t probes.Transport) func(*tls.Handshake) {
	return func(h *tls.Handshake) { h.Transport = t }
}

// taken is a ClientHello that the other end acknowledged.
func taken(h *tls.Handshake) {
	h.Acknowledged, h.Transport = 1500, probes.Transport{RTT: seconds(0.01), BytesAcked: 1500}
}

func got(bytes int) func(*tls.Handshake) { return func(h *tls.Handshake) { h.Received = bytes } }

func trialCases() map[string]verdictCase {
	none := got(0)
	unexplainedHandshake := []string{"unexplained.tls.handshake fail unknown"}
	cases := map[string]struct {
		seen   change
		causes []string
	}{
		"silence whatever is said": {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none), []string{"tls.handshake-stall fail proven @ 203.0.113.10:853"}},
		"a ServerHello, then silence": {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, got(100), func(h *tls.Handshake) { h.ServerHello = "TLS 1.3" }),
			[]string{"tls.handshake-stall fail proven"}},
		"silence, and no connection for trials": {swallowed(probes.Timeout, noDial, noDial, noDial, noDial, none), []string{"tls.handshake-stall fail likely"}},
		"reset whatever is said":                {swallowed(probes.Reset, resetAnswer, resetAnswer, resetAnswer, resetAnswer, none), []string{"tls.reset fail proven"}},
		"closed whatever is said":               {swallowed(probes.Closed, ended, ended, ended, ended, none), []string{"tls.closed fail proven"}},
		"close_notify whatever is said": {swallowed(probes.Closed, ended, ended, ended, ended, got(7), func(h *tls.Handshake) {
			h.Alert = &tls.Alert{Level: 1, Name: "close_notify"}
		}), []string{"tls.closed fail proven"}},
		"a name that is swallowed":               {swallowed(probes.Timeout, noAnswer, noAnswer, completedAnswer, completedAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"tls.sni-filtered fail proven"}},
		"a name that is taken, and not answered": {swallowed(probes.Timeout, noAnswer, noAnswer, completedAnswer, completedAnswer, none, taken), []string{"tls.sni-filtered fail likely"}},
		"a name that is reset":                   {swallowed(probes.Reset, resetAnswer, resetAnswer, completedAnswer, completedAnswer, none, kernel(probes.Transport{RTT: seconds(0.01)})), []string{"tls.sni-filtered fail proven"}},
		"a name that is taken, and reset":        {swallowed(probes.Reset, resetAnswer, resetAnswer, completedAnswer, completedAnswer, none, taken), []string{"tls.sni-filtered fail likely"}},
		"a name that is reset, others unknown":   {swallowed(probes.Reset, resetAnswer, resetAnswer, completedAnswer, unknownSNI, none, kernel(probes.Transport{RTT: seconds(0.01)})), []string{"tls.sni-filtered fail proven"}},
		"every name is reset, none is answered":  {swallowed(probes.Reset, resetAnswer, resetAnswer, completedAnswer, resetAnswer, none), []string{"tls.sni-filtered fail likely"}},
		"a filter that small segments evade":     {swallowed(probes.Timeout, noAnswer, completedAnswer, completedAnswer, completedAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"tls.sni-filtered fail proven"}},
		"a large ClientHello is swallowed":       {swallowed(probes.Timeout, completedAnswer, noAnswer, noAnswer, noAnswer, none), []string{"tls.clienthello-too-large fail proven"}},
		"a large ClientHello is reset":           {swallowed(probes.Reset, completedAnswer, resetAnswer, resetAnswer, resetAnswer, none), []string{"tls.clienthello-too-large fail proven"}},
		"large packets vanish on their way out": {
			swallowed(probes.Timeout, completedAnswer, completedAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})),
			[]string{"path.pmtu-blackhole-outbound fail proven"},
		},
		"large packets vanish on their way here": {
			swallowed(probes.Timeout, noAnswer, completedAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{BytesAcked: 1500, OutOfOrder: 1})),
			[]string{"path.pmtu-blackhole-inbound fail proven"},
		},
		"everything is answered the second time":   {swallowed(probes.Timeout, completedAnswer, completedAnswer, completedAnswer, completedAnswer, none), unexplainedHandshake},
		"a small one and other names are answered": {swallowed(probes.Reset, completedAnswer, resetAnswer, completedAnswer, completedAnswer, none), unexplainedHandshake},
		"no name to change, silence": {failedHandshake(probes.Timeout, none, withTrials(answers(tls.ChangedSize, "", noAnswer), answers(tls.ChangedMSS, "", noAnswer),
			answers(tls.ChangedNothing, "", noAnswer))), []string{"tls.handshake-stall fail proven"}},
		"no name to change, and it comes and goes": {failedHandshake(probes.Timeout, none, withTrials(answers(tls.ChangedSize, "", completedAnswer), answers(tls.ChangedMSS, "", completedAnswer),
			answers(tls.ChangedNothing, "", completedAnswer))), []string{"tls.intermittent fail proven"}},
		"the same once more is answered": {swallowedTwice(completedAnswer, noAnswer, probes.Timeout, noAnswer, completedAnswer, noAnswer, completedAnswer, none), []string{"tls.intermittent fail proven"}},
		"the same, of which the path has been learned": {
			swallowedTwice(completedAnswer, completedAnswer, probes.Timeout, completedAnswer, completedAnswer, completedAnswer, completedAnswer, none, kernel(probes.Transport{BytesAcked: 1500, OutOfOrder: 1})),
			[]string{"path.pmtu-blackhole-inbound fail likely"},
		},
		"one trial, made twice, ends in two ways": {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none, withTrials(answers(tls.ChangedSize, serverName, completedAnswer))),
			[]string{"tls.intermittent fail proven"}},
		"it comes and goes, and segments were lost":           {swallowedTwice(completedAnswer, noAnswer, probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"tls.intermittent fail likely"}},
		"large ClientHellos do not arrive, small segments do": {swallowed(probes.Timeout, noAnswer, acknowledgedHello, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"path.pmtu-blackhole-outbound fail likely"}},
		"a small ClientHello arrives, and is not answered":    {swallowed(probes.Timeout, acknowledgedHello, noAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), unexplainedHandshake},
		"nothing small was tried":                             {swallowed(probes.Timeout, noDial, noDial, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), unexplainedHandshake},
		"no time for an answer":                               {swallowedTwice(tooShort, tooShort, probes.Timeout, tooShort, tooShort, tooShort, tooShort, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), unexplainedHandshake},
		"nothing leaves this machine":                         {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{RTT: seconds(0.01), BytesAcked: 1})), unexplainedHandshake},
		"large ClientHellos are lost until the server has learned": {swallowedTwice(noAnswer, completedAnswer, probes.Timeout, completedAnswer, completedAnswer, completedAnswer, noAnswer, none,
			kernel(probes.Transport{Unacked: 2, Retransmits: 5})), []string{"path.pmtu-blackhole-outbound fail likely"}},
		"no ClientHello arrives":                         {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"tls.filtered fail proven"}},
		"no ClientHello arrives, and little was tried":   {swallowed(probes.Timeout, noDial, noAnswer, noDial, noAnswer, none, kernel(probes.Transport{Unacked: 1, Retransmits: 3})), []string{"tls.filtered fail likely"}},
		"the middle of an answer arrives":                {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none, kernel(probes.Transport{BytesAcked: 1500, OutOfOrder: 1})), unexplainedHandshake},
		"a limit on connections, and a hung one":         {swallowedTwice(noDial, noDial, probes.Timeout, noDial, completedAnswer, noDial, noDial, none), unexplainedHandshake},
		"a server without a place for the trials":        {swallowedTwice(resetAnswer, resetAnswer, probes.Timeout, resetAnswer, completedAnswer, resetAnswer, resetAnswer, none), unexplainedHandshake},
		"a large ClientHello, and no place for the rest": {swallowed(probes.Timeout, completedAnswer, noAnswer, noDial, noDial, none), []string{"tls.clienthello-too-large fail likely"}},

		"a suite that clients no longer offer": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, takenHello), answers(tls.ChangedVersions, serverName, refused40),
			answers(tls.ChangedName, "", refused40))), []string{"tls.no-common-cipher fail proven"}},
		"an alert now and then": {alerted(40, withTrials(answers(tls.ChangedNothing, serverName, completedAnswer), answers(tls.ChangedSuites, serverName, takenHello))), []string{"tls.intermittent fail proven"}},
		"a key that signs otherwise": {alerted(40, withTrials(answers(tls.ChangedNothing, serverName, refused40), answers(tls.ChangedSuites, serverName, takenHello),
			answers(tls.ChangedSchemes, serverName, takenHello))), []string{"tls.no-common-signature fail proven"}},
		"a key too small to sign": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, refused40), answers(tls.ChangedVersions, serverName,
			tls.Answer{HelloSize: 200, Version: "TLS 1.1", Key: "RSA 512"}))), []string{"tls.no-common-signature fail likely"}},
		"what was taken had been offered": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, completedAnswer)), func(h *tls.Handshake) {
			h.Messages = []tls.Message{{From: "client", Name: "ClientHello", Hello: &tls.Hello{Suites: []string{"TLS_AES_128_GCM_SHA256"}}}}
		}), unexplainedHandshake},
		"an old version, and the oldest refused alike": {alerted(70, withTrials(answers(tls.ChangedVersions, serverName, tls.Answer{HelloSize: 200, Alert: alertOf(70), Fault: fault("handshake", probes.Alert)}))),
			[]string{"tls.no-common-version fail proven"}},
		"insufficient security": {alerted(71, withTrials(answers(tls.ChangedSuites, serverName, takenHello))), []string{"tls.no-common-cipher fail proven"}},
		"an old server that says handshake_failure": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, refused40), answers(tls.ChangedVersions, serverName, oldHello))),
			[]string{"tls.no-common-version fail proven"}},
		"an old server that takes the lowest of all": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, oldHello), answers(tls.ChangedVersions, serverName, oldHello))),
			[]string{"tls.no-common-version fail proven"}},
		"refused whatever is offered": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, refused40), answers(tls.ChangedVersions, serverName, refused40),
			answers(tls.ChangedName, "", refused40))), unexplainedHandshake},
		"a name that the server does not know": {alerted(112, withTrials(answers(tls.ChangedName, "", completedAnswer), answers(tls.ChangedName, neutralName, unknownSNI))),
			[]string{"tls.sni-unknown fail proven"}},
		"a name that the server refuses without a word": {alerted(40, withTrials(answers(tls.ChangedSuites, serverName, refused40), answers(tls.ChangedName, "", completedAnswer))),
			[]string{"tls.sni-unknown fail likely"}},
		"another application protocol":    {alerted(120, withTrials(answers(tls.ChangedALPN, serverName, completedAnswer))), []string{"tls.alpn-refused fail proven"}},
		"no application protocol will do": {alerted(120, withTrials(answers(tls.ChangedALPN, serverName, refused40))), []string{"tls.alpn-refused fail likely"}},
		"an internal error":               {alerted(80, withTrials(answers(tls.ChangedSuites, serverName, refused40))), unexplainedHandshake},
		"a warning, and then silence": {swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, got(7), func(h *tls.Handshake) {
			h.Alert, h.ServerHello = &tls.Alert{Level: 1, Description: 112, Name: "unrecognized_name"}, "TLS 1.2"
		}), []string{"tls.handshake-stall fail proven"}},
	}
	all := map[string]verdictCase{}
	for name, c := range cases {
		all[name] = verdictCase{evidence: given(tlsTarget, c.seen), causes: c.causes, checks: []string{"tls.handshake fail"}}
	}
	all["an address, and the server wants a name"] = verdictCase{
		evidence: given("tls://203.0.113.10:853", alerted(112, func(h *tls.Handshake) { h.ServerName = "" }, withTrials(answers(tls.ChangedName, neutralName, unknownSNI)))),
		causes:   []string{"tls.sni-required fail proven"},
	}
	all["an address, and nothing is taken"] = verdictCase{
		evidence: given("tls://203.0.113.10:853", alerted(40, func(h *tls.Handshake) { h.ServerName = "" }, withTrials(answers(tls.ChangedSuites, "", refused40),
			answers(tls.ChangedName, neutralName, refused40)))),
		causes: []string{"unexplained.tls.handshake fail unknown"},
	}
	all["an address, and another name is taken"] = verdictCase{
		evidence: given("tls://203.0.113.10:853", alerted(40, func(h *tls.Handshake) { h.ServerName = "" }, withTrials(answers(tls.ChangedSuites, "", refused40),
			answers(tls.ChangedName, neutralName, completedAnswer)))),
		causes: []string{"tls.sni-required fail proven"},
	}
	all["over FTP, a stall is the control connection's"] = verdictCase{
		evidence: given("ftps://"+serverName, swallowed(probes.Timeout, noAnswer, noAnswer, noAnswer, noAnswer, none), func(e *Evidence) {
			e.Control.Seen.LoggedIn, e.Passive, e.Active = false, nil, nil
			e.Security.Seen.Secured, e.Security.Seen.Fault = false, fault("TLS handshake", probes.Timeout)
			e.Control.Seen.Fault = fault("TLS handshake", probes.Timeout)
		}),
		causes: []string{"tls.handshake-stall fail proven"},
	}
	return all
}

// asked is a server that asked for a certificate of ours.
func asked(sent string) func(*tls.Handshake) {
	return func(h *tls.Handshake) {
		h.ClientCertificate = &tls.ClientCertificate{Authorities: []string{"CN=Clients' CA"}, Named: 1, Sent: sent}
	}
}

func clientCertificateCases() map[string]verdictCase {
	return map[string]verdictCase{
		"required, TLS 1.3":          {evidence: given(tlsTarget, alerted(116, asked(""))), causes: []string{"tls.client-cert-required fail proven"}},
		"required, TLS 1.2":          {evidence: given(tlsTarget, alerted(40, asked(""))), causes: []string{"tls.client-cert-required fail proven"}},
		"required, bad_certificate":  {evidence: given(tlsTarget, alerted(42, asked(""))), causes: []string{"tls.client-cert-required fail proven"}},
		"required, without an alert": {evidence: given(tlsTarget, failedHandshake(probes.Reset, asked(""))), causes: []string{"tls.client-cert-required fail likely"}},
		"required, the alert was lost once": {evidence: given(tlsTarget, failedHandshake(probes.Reset, asked(""), withTrials(answers(tls.ChangedNothing, serverName,
			tls.Answer{Alert: alertOf(116), Fault: fault("handshake", probes.Alert)})))), causes: []string{"tls.client-cert-required fail proven"}},
		"required, and the second alert was lost to a RST": {evidence: given(tlsTarget, alerted(116, asked(""), func(h *tls.Handshake) { h.ServerHello = "TLS 1.3" }, withTrials(answers(
			tls.ChangedNothing, serverName, tls.Answer{HelloSize: 1500, Version: "TLS 1.3", Received: 2500, Fault: fault("handshake", probes.Reset)})))),
			causes: []string{"tls.client-cert-required fail proven"}},
		"silence refuses nothing": {evidence: given(tlsTarget, failedHandshake(probes.Timeout, asked(""))), causes: []string{"unexplained.tls.handshake fail unknown"}},
		"without ours it fails as well": {evidence: given(tlsTarget, failedHandshake(probes.Reset, asked("CN=us"), withTrials(answers(tls.ChangedCertificate, serverName, resetAnswer)))),
			causes: []string{"unexplained.tls.handshake fail unknown"}},
		"an unknown CA":             {evidence: given(tlsTarget, alerted(48, asked("CN=us"))), causes: []string{"tls.client-cert-rejected fail proven"}, says: "its CA is not one that the server trusts"},
		"an expired one":            {evidence: given(tlsTarget, alerted(45, asked("CN=us"))), causes: []string{"tls.client-cert-rejected fail proven"}},
		"rejected without a reason": {evidence: given(tlsTarget, alerted(40, asked("CN=us"))), causes: []string{"tls.client-cert-rejected fail likely"}},
		"rejected without an alert": {evidence: given(tlsTarget, failedHandshake(probes.Closed, asked("CN=us"))), causes: []string{"tls.client-cert-rejected fail likely"}},
		"asked for and done without": {
			evidence: given(tlsTarget, func(e *Evidence) { asked("")(&e.Handshake.Seen) }), causes: nil, checks: []string{"tls.handshake pass"},
		},
	}
}
