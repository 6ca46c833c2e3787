package checks

import (
	"encoding/json"
	"maps"
	"net/netip"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
	"github.com/rung-cli/rung/probes/tls"
)

// The small internet of these tests: a client with public addresses, its gateways, a resolver and a server beyond them.
var (
	ownIPv4      = addr("192.0.2.5")
	ownIPv6      = addr("2001:db8:1::5")
	gatewayIPv4  = addr("192.0.2.1")
	gatewayIPv6  = addr("2001:db8:1::1")
	resolver     = addr("198.51.100.53")
	secondServer = addr("198.51.100.54")
	serverIPv4   = addr("203.0.113.10")
	otherIPv4    = addr("203.0.113.11")
	serverIPv6   = addr("2001:db8:2::10")
	otherIPv6    = addr("2001:db8:2::11")
	router       = addr("198.51.100.1")
	routerIPv6   = addr("2001:db8:9::1")
)

const serverName = "files.example.com"

func addr(text string) netip.Addr { return netip.MustParseAddr(text) }

// change makes evidence of another case out of the evidence of one where all is well.
type change = func(*Evidence)

// given is what is seen of a target at which all is well, with changes.
func given(target string, changes ...change) *Evidence {
	parsed, err := ParseTarget(target)
	if err != nil {
		panic(err)
	}
	e := &Evidence{
		Tool: Tool{Name: "rung", Version: "1.0.0", OS: "linux", Arch: "amd64"}, Target: parsed, Vantage: Vantage{Hostname: "client"},
		Settings: Settings{Timeout: seconds(10), Deadline: seconds(30)},
		Started:  time.Date(2026, 11, 22, 13, 24, 33, 0, time.UTC), Duration: seconds(1),
		Link: done(link.Result{Interfaces: []link.Interface{loopback, ethernet}}),
	}
	if parsed.Addr().IsValid() {
		addresses(parsed.Addr())(e)
	} else {
		e.DNS = done(dns.Result{
			Name: parsed.Host, Config: dns.Config{File: "/etc/resolv.conf", Servers: []netip.AddrPort{netip.AddrPortFrom(resolver, 53)}},
		})
		e.Routes = append(e.Routes, routeTo(resolver, "resolver"))
		addresses(serverIPv4)(e)
		answered(serverIPv4)(e)
	}
	e.Gateways = []gatewayMeasured{*done(hop(gatewayIPv4, "reachable"))}
	if speaksTLS(parsed) || speaksFTPS(parsed) {
		secured(e)
	}
	if speaksTLS(parsed) || speaksFTPS(parsed) {
		e.Settings.CertWarn = seconds(21 * 24 * 3600)
	}
	if speaksHTTP(parsed) {
		e.HTTP = done(page(e))
	}
	if speaksFTP(parsed) {
		e.Settings.Require = "passive"
		e.Control = done(ftp.Control{
			Peer: e.TCP[0].Seen.Address, Local: netip.AddrPortFrom(ownIPv4, 40000), Greeting: reply(220, "ready"),
			GreetingTook: seconds(0.1), User: "anonymous", UserReply: reply(331, "go on"), PassReply: reply(230, "welcome"), LoggedIn: true,
		})
		e.Passive = done(passive())
		e.Active = done(active())
	}
	for _, c := range changes {
		c(e)
	}
	return e
}

var (
	loopback = link.Interface{Name: "lo", Index: 1, Loopback: true, Up: true, Carrier: true, MTU: 65536, Addresses: prefixes("127.0.0.1/8", "::1/128")}
	ethernet = link.Interface{
		Name: "eth0", Index: 2, Up: true, Carrier: true, MTU: 1500, HardwareAddress: "02:00:00:00:00:05",
		Addresses: prefixes("192.0.2.5/24", "2001:db8:1::5/64", "fe80::5/64"),
	}
)

func prefixes(texts ...string) (all []link.Address) {
	for _, text := range texts {
		all = append(all, link.Address{Prefix: netip.MustParsePrefix(text)})
	}
	return all
}

func seconds(s float64) probes.Millis { return probes.Millis(s * float64(time.Second)) }

// done is a measurement that came to its end.
func done[T any](seen T) *Measured[T] {
	return &Measured[T]{Seen: seen, Started: seconds(0.01), Duration: seconds(0.1), Finished: true}
}

// addresses are those of the target: each has a route and a connection.
func addresses(all ...netip.Addr) change {
	return func(e *Evidence) {
		e.Routes = slices.DeleteFunc(e.Routes, func(m routeMeasured) bool { return m.Seen.Purpose == "target" })
		e.TCP = nil
		for _, to := range all {
			e.Routes = append(e.Routes, routeTo(to, "target"))
			if hasPort(e.Target) {
				e.TCP = append(e.TCP, connectedTo(netip.AddrPortFrom(to, e.Target.Port)))
			}
		}
	}
}

func routeTo(to netip.Addr, purpose string) routeMeasured {
	r := route.Result{
		Destination: to, Purpose: purpose, Type: "unicast", Interface: "eth0", Source: ownIPv4, Gateway: gatewayIPv4,
		Network: netip.MustParsePrefix("0.0.0.0/0"),
	}
	if to.Is6() {
		r.Source, r.Gateway, r.Network = ownIPv6, gatewayIPv6, netip.MustParsePrefix("::/0")
	}
	m := done(r)
	m.Address = to.String()
	return *m
}

func hop(address netip.Addr, state string) route.Neighbour {
	n := route.Neighbour{Address: address, Interface: "eth0", State: state}
	if !n.Failed() && state != "none" {
		n.HardwareAddress = "02:00:00:00:00:01"
	}
	return n
}

func connectedTo(to netip.AddrPort) tcpMeasured {
	local := netip.AddrPortFrom(ownIPv4, 40000)
	if to.Addr().Is6() {
		local = netip.AddrPortFrom(ownIPv6, 40000)
	}
	m := done(tcp.Result{Address: to, Local: local, Took: seconds(0.03)})
	m.Address = to.Addr().String()
	return *m
}

func reply(code int, text string) *ftp.Reply {
	return &ftp.Reply{Code: code, Text: text, At: seconds(0.2)}
}

func fault(step string, kind probes.Kind) *probes.Fault {
	return &probes.Fault{Step: step, Kind: kind, Message: "what went wrong: " + string(kind)}
}

// said is the fault of a step to which the server said no.
func said(step string, r *ftp.Reply) *probes.Fault {
	return &probes.Fault{Step: step, Kind: probes.Negative, Message: r.Text}
}

// byICMP is the fault of a step that an ICMP error ended.
func byICMP(step string, kind probes.Kind, typ, code uint8, from netip.Addr) *probes.Fault {
	return &probes.Fault{Step: step, Kind: kind, Message: "no", ICMP: &probes.ICMP{Type: typ, Code: code, From: from}}
}

// all makes one change of several.
func all(changes ...change) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(e)
		}
	}
}

// interruptedBy ends the diagnosis, with these checks unfinished.
func interruptedBy(why string, changes ...change) change {
	return func(e *Evidence) {
		e.Interrupted = why
		all(changes...)(e)
	}
}

// verdictCase is evidence and what it leads to.
type verdictCase struct {
	evidence *Evidence
	// causes are "ID severity confidence", all of them, in order; what is after an @ is where.
	causes []string
	// verdict is the verdict; where it is empty, it is that of the worst cause.
	verdict Verdict
	// checks are some of the checks: "ID status", or "ID status < CAUSE" with what they follow from, or "ID ADDRESS status".
	checks []string
	// says is in the report's summary.
	says string
}

// tables are all cases, by what they are about.
func tables() map[string]map[string]verdictCase {
	return map[string]map[string]verdictCase{
		"healthy": healthyCases(), "link": linkCases(), "innocent link": innocentLinkCases(), "address state": addressStateCases(), "link errors": errorCases(), "claims": claimCases(), "firewall": firewallCases(), "route": routeCases(), "gateway": gatewayCases(),
		"policy":                        policyCases(),
		"wrong interface":               wrongInterfaceCases(),
		"wrong interface to a resolver": wrongInterfaceToResolverCases(),
		"dns":                           dnsCases(),
		"resolved":                      resolvedCases(),
		"tcp":                           tcpCases(),
		"broken IPv6":                   brokenIPv6Cases(),
		"control":                       controlCases(),
		"resolvers":                     resolversCases(),
		"security":                      securityCases(), "handshake": handshakeCases(), "chain": chainCases(), "passive": passiveCases(), "active": activeCases(),
		"need": needCases(), "verdict": verdictCases(), "ports": portsCases(), "path": pathCases(), "data": dataCases(), "series": seriesCases(),
		"other address": otherAddressCases(), "active data": activeDataCases(), "manners": mannersCases(), "stripped": strippedCases(),
		"client": clientCases(), "services": servicesCases(), "trials": trialCases(), "client certificate": clientCertificateCases(),
		"clock": clockCases(), "http": httpCases(), "revocation": revocationCases(), "anchor": anchorCases(), "more chain": moreChainCases(),
		"machine":        machineCases(),
		"other systems":  systemsCases(),
		"egress":         egressCases(),
		"egress of IPv6": egressIPv6Cases(),
		"portal":         portalCases(),
		"nowhere":        nowhereCases(),
		"proxy":          proxyCases(),
		"way":            wayCases(),
		"circle":         circleCases(),
		"forged":         forgedCases(),
		"loss":           lossCases(),
		"backends":       backendCases(),
		"local ports":    portsExhaustedCases(),
	}
}

func TestJudge(t *testing.T) {
	for about, table := range tables() {
		for name, c := range table {
			t.Run(about+"/"+name, func(t *testing.T) { c.test(t) })
		}
	}
}

// TestEveryCauseIsJudged makes sure that the tables have every cause of the catalogue.
func TestEveryCauseIsJudged(t *testing.T) {
	judged := map[string]bool{}
	for _, table := range tables() {
		for _, c := range table {
			for _, cause := range c.causes {
				id, _, _ := strings.Cut(cause, " ")
				if strings.HasPrefix(id, unexplained+".") {
					id = unexplained
				}
				judged[id] = true
			}
		}
	}
	assert.ElementsMatch(t, slices.Collect(maps.Keys(Catalogue())), slices.Collect(maps.Keys(judged)))
}

func (c *verdictCase) test(t *testing.T) {
	t.Helper()
	report := judge(t, c.evidence)
	assert.Equal(t, c.causes, causesOf(report, c.causes))
	want := c.verdict
	if want == "" {
		want = worst(report.Causes)
	}
	assert.Equal(t, want, report.Verdict)
	assert.Contains(t, report.Summary, c.says)
	for _, check := range c.checks {
		assert.Contains(t, checkLines(report), check)
	}
	if t.Failed() {
		t.Log(strings.Join(checkLines(report), "\n"))
	}
}

func causesOf(r *Report, wanted []string) (lines []string) {
	for i, c := range r.Causes {
		line := strings.Join([]string{c.ID, string(c.Severity), string(c.Confidence)}, " ")
		if i < len(wanted) && strings.Contains(wanted[i], "@") {
			line += " @ " + c.Where
		}
		lines = append(lines, line)
	}
	return lines
}

// worst is the verdict that causes lead to where every check is finished.
func worst(causes []Cause) Verdict {
	verdict := VerdictOK
	for _, c := range causes {
		switch c.Severity {
		case SeverityFail:
			return VerdictFail
		case SeverityWarn:
			verdict = VerdictWarn
		}
	}
	return verdict
}

func checkLines(r *Report) (lines []string) {
	for _, c := range r.Checks {
		line := c.ID + " " + string(c.Status)
		lines = append(lines, line)
		if c.Address != "" {
			lines = append(lines, c.ID+" "+c.Address+" "+string(c.Status))
		}
		for _, cause := range c.CausedBy {
			lines = append(lines, line+" < "+cause)
		}
	}
	return lines
}

// judge reaches the verdict, and holds it against what is true of all verdicts.
func judge(t *testing.T, e *Evidence) *Report {
	t.Helper()
	before := clone(t, e)
	report := Judge(e)
	require.True(t, reflect.DeepEqual(before, e), "the evidence is as it was")
	require.Equal(t, report, Judge(e), "the same evidence leads to the same verdict")
	assertSound(t, report)
	assertSameAgain(t, report)
	assertProofs(t, report)
	return report
}

// clone copies evidence by way of the report that carries it, and what no report carries by hand.
func clone(t *testing.T, e *Evidence) *Evidence {
	t.Helper()
	same := *e
	for _, field := range []any{
		&same.Firewall, &same.Link, &same.Routes, &same.Gateways, &same.DNS, &same.TCP, &same.Paths, &same.Handshake, &same.Chain, &same.Control,
		&same.Security, &same.Passive, &same.Active, &same.Client, &same.Others, &same.Clock, &same.Anchors, &same.Revocation, &same.Survey, &same.HTTP,
		&same.Proxy, &same.Nowhere,
	} {
		text, err := json.Marshal(field)
		require.NoError(t, err)
		fresh := reflect.New(reflect.TypeOf(field).Elem())
		require.NoError(t, json.Unmarshal(text, fresh.Interface()))
		reflect.ValueOf(field).Elem().Set(fresh.Elem())
	}
	return &same
}

// assertSound asserts what is true of every report.
func assertSound(t *testing.T, r *Report) {
	t.Helper()
	ids := map[string]bool{}
	for _, c := range r.Causes {
		assert.False(t, ids[c.ID], "%s is named once", c.ID)
		ids[c.ID] = true
		assert.NotEmpty(t, c.Summary, c.ID)
		assert.NotEmpty(t, c.Remedy, c.ID)
		assert.NotEmpty(t, c.Checks, "%s rests on a check", c.ID)
		assert.NotEmpty(t, c.Evidence, c.ID)
		assert.NotContains(t, c.Evidence, "", c.ID)
		assert.Equal(t, c.Confidence == Proven, c.Settle == "", "%s: what is not proven says what would settle it", c.ID)
		assert.Contains(t, Layers, c.Layer, c.ID)
		assert.NotContains(t, strings.Join(append(c.Evidence, c.Summary, c.Remedy, c.Settle), " "), "%!", c.ID)
	}
	assert.True(t, slices.IsSortedFunc(r.Causes, func(x, y Cause) int {
		return slices.Index(Layers, x.Layer) - slices.Index(Layers, y.Layer)
	}), "the lowest layer comes first")
	assert.NotEmpty(t, r.Summary)
	seen := map[string]bool{}
	for _, c := range r.Checks {
		seen[c.ID] = true
		assert.NotEmpty(t, c.Summary, c.ID)
		assert.NotEmpty(t, c.Layer, c.ID)
		for _, id := range c.CausedBy {
			assert.True(t, ids[id], "%s is caused by %s, which is no cause", c.ID, id)
		}
		if c.Status == Fail {
			assert.NotEmpty(t, c.CausedBy, "%s has failed for some reason", c.ID)
			assert.True(t, r.Verdict != VerdictOK || !needed(r, c.ID), "%s has failed, and the verdict is ok", c.ID)
		}
	}
	for _, check := range Ladder {
		overFTP := speaksFTPS(r.Target) && check.Layer == Application && strings.HasPrefix(check.ID, "tls.")
		assert.Equal(t, check.When == nil || check.When(r.Target) || overFTP, seen[check.ID], "%s is in the report", check.ID)
	}
}

// needed says that a target is not well without the check.
func needed(r *Report, check string) bool {
	if slices.Contains([]string{"path", "ftp.client", "clock", "anchor", "nowhere", "proxy", "tls.survey", "tls.revocation"}, check) {
		return false
	}
	mode, isMode := strings.CutPrefix(check, "ftp.")
	if !isMode || mode != "passive" && mode != "active" {
		return true
	}
	return r.Settings.Require == mode || r.Settings.Require == "both" || r.Settings.Require == "any"
}

// assertSameAgain asserts that a report holds all that its verdict rests on.
func assertSameAgain(t *testing.T, r *Report) {
	t.Helper()
	before := saved(t, r)
	Rejudge(r)
	assert.Equal(t, before, saved(t, r), "judging leaves the evidence as it is")
	again := Rejudge(saved(t, r))
	assert.Equal(t, r.Verdict, again.Verdict, "verdict, judged anew")
	assert.Equal(t, r.Summary, again.Summary, "summary, judged anew")
	assert.Equal(t, r.Causes, again.Causes, "causes, judged anew")
	assert.Equal(t, checkLines(r), checkLines(again), "checks, judged anew")
	assert.Equal(t, r.DataChannels, again.DataChannels, "matrix, judged anew")
	assert.Equal(t, r.FirstConnection, again.FirstConnection, "first connection, judged anew")
}

// saved is a report as it comes back from a file.
func saved(t *testing.T, r *Report) *Report {
	t.Helper()
	text, err := json.Marshal(r)
	require.NoError(t, err)
	read := new(Report)
	require.NoError(t, json.Unmarshal(text, read))
	return read
}

// assertProofs asserts that without the observations of a check that it rests on, a proven cause is gone, or proven no longer; or that
// it rests on others alone then, where two checks prove the same.
func assertProofs(t *testing.T, r *Report) {
	t.Helper()
	for _, cause := range r.Causes {
		if cause.Confidence != Proven {
			continue
		}
		for _, id := range cause.Checks {
			less := saved(t, r)
			for i := range less.Checks {
				if less.Checks[i].ID == id {
					less.Checks[i].Observation, less.Checks[i].Finished = nil, false
				}
			}
			for _, left := range Rejudge(less).Causes {
				same := left.ID == cause.ID && left.Where == cause.Where && left.Confidence == Proven
				assert.False(t, same && slices.Contains(left.Checks, id), "%s is proven without %s", cause.ID, id)
			}
		}
	}
}

// answered is a name that resolves: the system's answer and the first server's.
func answered(all ...netip.Addr) change {
	return func(e *Evidence) {
		e.DNS.Seen.System = dns.Lookup{Addresses: all, Took: seconds(0.02)}
		byType := map[string][]netip.Addr{}
		for _, a := range all {
			byType[map[bool]string{true: "AAAA", false: "A"}[a.Is6()]] = append(byType[map[bool]string{true: "AAAA", false: "A"}[a.Is6()]], a)
		}
		e.DNS.Seen.Direct = []dns.Answer{
			answer(resolver, "A", "NOERROR", byType["A"]...), answer(resolver, "AAAA", "NOERROR", byType["AAAA"]...),
		}
	}
}

func answer(from netip.Addr, typ, code string, all ...netip.Addr) dns.Answer {
	return dns.Answer{
		Server: netip.AddrPortFrom(from, 53), Transport: "udp", Name: serverName + ".", Type: typ, Code: code, Addresses: all, Attempts: 1,
		Took: seconds(0.02),
	}
}

// secured is TLS with a good certificate; over FTP, with protected data connections.
func secured(e *Evidence) {
	e.Handshake = done(tls.Handshake{
		Address: e.TCP[0].Seen.Address, ServerName: e.Target.Host, Offered: []string{"TLS 1.2", "TLS 1.3"}, Version: "TLS 1.3",
		ServerHello: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768", Took: seconds(0.05), Received: 2500,
	})
	e.Chain = done(goodChain(e.Target.Host))
	if speaksFTPS(e.Target) {
		mechanism := map[string]ftp.Protection{"ftpes": ftp.Explicit, "ftps": ftp.Implicit}[e.Target.Scheme]
		security := ftp.Security{Mechanism: string(mechanism), Secured: true, PbszReply: reply(200, "PBSZ=0"), ProtReply: reply(200, "P")}
		if mechanism == ftp.Explicit {
			security.AuthReply = reply(234, "go on")
		}
		e.Security = done(security)
	}
}

func goodChain(name string) pki.Chain {
	at := time.Date(2026, 11, 22, 13, 24, 33, 0, time.UTC)
	leaf := pki.Certificate{
		Subject: "CN=" + name, Issuer: "CN=An Intermediate", Serial: "1", NotBefore: at.AddDate(0, -1, 0), NotAfter: at.AddDate(0, 2, 0),
		DNSNames: []string{name}, Key: "ECDSA P-256", Signature: "ECDSA-SHA256", SHA256: "aa",
	}
	intermediate := leaf
	leaf.SignedBy = 2
	intermediate.Subject, intermediate.Issuer, intermediate.DNSNames, intermediate.CA = "CN=An Intermediate", "CN=A Root", nil, true
	return pki.Chain{
		Name: name, Certificates: []pki.Certificate{leaf, intermediate}, Sent: 2, At: at,
		Trust: pki.Trust{Roots: "system", Trusted: true, Path: []string{leaf.Subject, intermediate.Subject, "CN=A Root"}},
	}
}

// passive is a passive mode that works: EPSV with a listing; PASV asked, and not tried.
func passive() ftp.Passive {
	return ftp.Passive{
		Peer: serverIPv4, Local: ownIPv4,
		EPSV: &ftp.PassiveAttempt{
			Command: "EPSV", Reply: reply(229, "Entering Extended Passive Mode (|||50000|)"), Announced: netip.AddrPortFrom(serverIPv4, 50000),
			Used: netip.AddrPortFrom(serverIPv4, 50000), Connected: true, ConnectTook: seconds(0.03), Transfer: listing(),
		},
		PASV: &ftp.PassiveAttempt{
			Command: "PASV", Reply: reply(227, "Entering Passive Mode (203,0,113,10,195,81)."), Announced: netip.AddrPortFrom(serverIPv4, 50001),
		},
	}
}

func listing() *ftp.Transfer {
	return &ftp.Transfer{
		Command: "LIST", Opening: reply(150, "here it comes"), Bytes: 1000, FirstByteTook: seconds(0.04), End: "eof", Final: reply(226, "done"),
	}
}

// active is an active mode that works.
func active() ftp.Active {
	return ftp.Active{
		Peer: serverIPv4, Local: ownIPv4,
		Attempts: []ftp.ActiveAttempt{{
			Command: "PORT", Announced: netip.AddrPortFrom(ownIPv4, 40001), Reply: reply(200, "PORT ok"), From: netip.AddrPortFrom(serverIPv4, 20),
			ConnectTook: seconds(0.05), Transfer: listing(),
		}},
	}
}

func healthyCases() map[string]verdictCase {
	nothing := []string(nil)
	return map[string]verdictCase{
		"ftp by name":     {evidence: given("ftp://" + serverName), causes: nothing, says: "every layer works"},
		"ftp by address":  {evidence: given("ftp://203.0.113.10"), causes: nothing},
		"ftpes":           {evidence: given("ftpes://" + serverName), causes: nothing},
		"ftps":            {evidence: given("ftps://" + serverName), causes: nothing},
		"https":           {evidence: given("https://" + serverName), causes: nothing},
		"tls":             {evidence: given("tls://" + serverName + ":853"), causes: nothing},
		"tcp":             {evidence: given("tcp://" + serverName + ":22"), causes: nothing},
		"a name alone":    {evidence: given(serverName), causes: nothing, says: "without a port nothing was tried beyond the Internet layer"},
		"an address":      {evidence: given("203.0.113.10"), causes: nothing},
		"no login wanted": {evidence: given("ftp://"+serverName, withoutLogin), causes: nothing, checks: []string{"ftp.passive skip"}},
	}
}

// withoutLogin is a dialogue that ended before the login, as the user wanted it.
func withoutLogin(e *Evidence) {
	e.Settings.NoLogin = true
	c := &e.Control.Seen
	c.User, c.UserReply, c.PassReply, c.LoggedIn = "", nil, nil, false
	e.Passive, e.Active = nil, nil
}
