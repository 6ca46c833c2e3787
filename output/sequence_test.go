package output

import (
	"net/netip"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/path"
)

const pictures = "testdata/pictures"

func ms(n float64) probes.Millis { return probes.Millis(n * float64(time.Millisecond)) }

func address(text string) netip.Addr { return netip.MustParseAddr(text) }

func port(text string) netip.AddrPort { return netip.MustParseAddrPort(text) }

func reply(code int, text string) *ftp.Reply { return &ftp.Reply{Code: code, Text: text} }

func fault(step string, kind probes.Kind, message string) *probes.Fault {
	return &probes.Fault{Step: step, Kind: kind, Message: message}
}

// control is a control connection from a private address.
func control() *ftp.Control {
	return &ftp.Control{Local: port("192.168.1.20:41872"), Peer: port("203.0.113.10:21")}
}

// controlOfTwo is one beside which another was opened, whose port is not known.
func controlOfTwo() *ftp.Control {
	c := control()
	c.Sessions = []ftp.Session{{Purpose: "passive"}, {Purpose: "active"}, {Purpose: "PASV"}}
	return c
}

// listed is a listing that went through.
func listed() *ftp.Transfer {
	return &ftp.Transfer{
		Command: "LIST", Opening: reply(150, "Here comes the directory listing."), Bytes: 1534, End: "eof",
		Final: reply(226, "Directory send OK."),
	}
}

// epsv is an attempt with EPSV whose data connection was made.
func epsv(t *ftp.Transfer) *ftp.PassiveAttempt {
	return &ftp.PassiveAttempt{
		Command: "EPSV", Reply: reply(229, "Entering Extended Passive Mode (|||50212|)"), Announced: port("203.0.113.10:50212"),
		Used: port("203.0.113.10:50212"), Connected: true, ConnectTook: ms(34.9), Transfer: t,
	}
}

// unconnected is an attempt with EPSV whose data connection was not made.
func unconnected(took probes.Millis, fault *probes.Fault) *ftp.PassiveAttempt {
	a := epsv(nil)
	a.Connected, a.ConnectTook, a.Fault = false, took, fault
	return a
}

// pasv is an attempt with PASV whose reply announces an address, and whose data connection was made to the control connection's peer.
func pasv(announced netip.AddrPort, text string) *ftp.PassiveAttempt {
	return &ftp.PassiveAttempt{
		Command: "PASV", Reply: reply(227, text), Announced: announced, Used: netip.AddrPortFrom(address("203.0.113.10"), announced.Port()),
		Connected: true, ConnectTook: ms(35.2),
	}
}

func passive(epsv, pasv *ftp.PassiveAttempt) *ftp.Passive {
	return &ftp.Passive{Local: address("192.168.1.20"), Peer: address("203.0.113.10"), EPSV: epsv, PASV: pasv}
}

func active(attempts ...ftp.ActiveAttempt) *ftp.Active {
	return &ftp.Active{Local: address("192.168.1.20"), Peer: address("203.0.113.10"), Attempts: attempts}
}

// announced is an attempt with PORT that the server accepted and whose data connection never came.
func announced(took probes.Millis, transfer *ftp.Transfer) ftp.ActiveAttempt {
	return ftp.ActiveAttempt{
		Command: "PORT", Announced: port("192.168.1.20:37215"), Reply: reply(200, "PORT command successful. Consider using PASV."),
		ConnectTook: took, Transfer: transfer, Fault: fault("data connection", probes.Timeout, "nothing connected to our listener"),
	}
}

func reached(from netip.AddrPort, transfer *ftp.Transfer) ftp.ActiveAttempt {
	a := announced(ms(69.8), transfer)
	a.From, a.Fault = from, nil
	return a
}

// refusedPort is an attempt whose command the server refused.
func refusedPort(command string, code int, text string) ftp.ActiveAttempt {
	return ftp.ActiveAttempt{
		Command: command, Announced: port("192.168.1.20:37215"), Reply: reply(code, text), Fault: fault(command, probes.Negative, text),
	}
}

func secured(t *ftp.Transfer) *ftp.Transfer {
	t.Secured = true
	return t
}

// scenes are the exchanges that are drawn in the golden files.
func scenes() map[string][]any {
	resumed := secured(listed())
	resumed.Offered, resumed.Resumed = true, true
	reuse := secured(listed())
	reuse.Bytes, reuse.End, reuse.Final = 0, "eof", reply(522, "SSL connection failed: session reuse required")
	reuse.Fault = fault("final reply", probes.Negative, "522 SSL connection failed: session reuse required")
	handshake := listed()
	handshake.Bytes, handshake.End, handshake.Final, handshake.Offered = 0, "", reply(425, "Unable to build data connection"), true
	handshake.Fault = fault("data TLS handshake", probes.Closed, "EOF")
	cutOff := listed()
	cutOff.Bytes, cutOff.End, cutOff.Final = 0, "", nil
	cutOff.Fault = fault("data", probes.Timeout, "i/o timeout")

	silent := passive(unconnected(ms(10000), fault("data connection", probes.Timeout, "i/o timeout")), nil)
	silent.EPSV.Transport.Retransmits = 3
	silent.Alive = reply(200, "NOOP ok.")
	rejected := fault("data connection", probes.Unreachable, "no route to host")
	rejected.ICMP = &probes.ICMP{Type: 3, Code: 13, From: address("198.51.100.1")}
	own := fault("data connection", probes.Prohibited, "operation not permitted")
	refused := fault("data connection", probes.Refused, "connection refused")

	private := passive(epsv(listed()), pasv(port("10.88.1.2:50000"), "Entering Passive Mode (10,88,1,2,195,80)."))
	followed := passive(epsv(listed()), pasv(port("10.88.1.2:50000"), "Entering Passive Mode (10,88,1,2,195,80)."))
	followed.Followed = pasv(port("10.88.1.2:50001"), "Entering Passive Mode (10,88,1,2,195,81).")
	followed.Followed.Used, followed.Followed.Connected = followed.Followed.Announced, false
	followed.Followed.ConnectTook, followed.Followed.Fault = ms(10000), fault("data connection", probes.Timeout, "i/o timeout")
	noEPSV := passive(&ftp.PassiveAttempt{
		Command: "EPSV", Reply: reply(500, "EPSV not understood"), Fault: fault("EPSV", probes.Negative, "500 EPSV not understood"),
	}, pasv(port("203.0.113.10:50000"), "Entering Passive Mode (203,0,113,10,195,80)."))
	noEPSV.PASV.Transfer = listed()

	six := passive(epsv(listed()), nil)
	six.Local, six.Peer = address("2001:db8:1234:5678:9abc:def0:1234:5678"), address("2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")
	six.EPSV.Announced = netip.AddrPortFrom(six.Peer, 50212)
	six.EPSV.Used = six.EPSV.Announced
	sixRejected := passive(unconnected(ms(12), fault("data connection", probes.Prohibited, "permission denied")), nil)
	sixRejected.Local, sixRejected.Peer = six.Local, six.Peer
	sixRejected.EPSV.Announced, sixRejected.EPSV.Used = six.EPSV.Announced, six.EPSV.Used
	sixRejected.EPSV.Fault.ICMP = &probes.ICMP{Type: 1, Code: 1, From: address("2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff")}

	nat := active(announced(ms(10000), &ftp.Transfer{Command: "LIST", Opening: reply(425, "Failed to establish connection.")}))
	nat.Seen, nat.SeenIn = address("198.51.100.2"), reply(211, "Connected to 198.51.100.2")
	lost := active(announced(ms(10000), &ftp.Transfer{Command: "LIST", Opening: reply(150, "Opening ASCII mode data connection.")}))
	lost.Attempts[0].Dropped, lost.Attempts[0].Others = 4, []netip.AddrPort{port("192.168.1.7:50022")}

	hostilePassive := passive(epsv(listed()), nil)
	hostilePassive.EPSV.Reply.Text = hostile + strings.Repeat(" and so on", 40) + " (|||50212|)"
	hostilePassive.EPSV.Transfer.InClear, hostilePassive.EPSV.Transfer.Secured = hostile, true
	hostilePassive.EPSV.Transfer.Final = reply(550, strings.Repeat("日本", 80)+"\n"+hostile)

	return map[string][]any{
		"passive-ok":                 {control(), passive(epsv(listed()), nil)},
		"passive-silent":             {control(), silent},
		"passive-silent-traced":      {control(), silent, traceToSilentPort()},
		"passive-refused":            {control(), passive(unconnected(ms(34.8), refused), nil)},
		"passive-icmp":               {control(), passive(unconnected(ms(20.1), rejected), nil)},
		"passive-icmp-ipv6":          {control(), sixRejected},
		"passive-own-firewall":       {control(), passive(unconnected(ms(0.1), own), nil)},
		"passive-private-address":    {control(), private},
		"passive-followed":           {control(), followed},
		"passive-without-epsv":       {control(), noEPSV},
		"passive-ipv6":               {control(), six},
		"passive-tls-resumed":        {control(), passive(epsv(resumed), nil)},
		"passive-tls-reuse-required": {control(), passive(epsv(reuse), nil)},
		"passive-tls-failed":         {control(), passive(epsv(handshake), nil)},
		"passive-no-data":            {control(), passive(epsv(cutOff), nil)},
		"passive-hostile":            {control(), hostilePassive},
		"active-ok":                  {control(), active(reached(port("203.0.113.10:20"), listed()))},
		"active-lost":                {controlOfTwo(), lost},
		"active-nat":                 {controlOfTwo(), nat},
		"active-refused": {control(), active(refusedPort("PORT", 500, "Illegal PORT command."),
			refusedPort("EPRT", 522, "Network protocol not supported, use (2)"))},
	}
}

// traceToSilentPort is the way to a data port that a router's filter drops SYNs to.
func traceToSilentPort() *path.Result {
	return &path.Result{To: port("203.0.113.10:50212"), Purpose: "data port", LastTTL: 30, Hops: []path.Hop{
		{TTL: 1, Outcome: path.Exceeded, From: address("192.168.1.1"), Took: ms(0.4)},
		{TTL: 2, Outcome: path.Exceeded, From: address("198.51.100.1"), Took: ms(11.6)},
	}}
}

// sceneReport is a report of what was observed.
func sceneReport(observations ...any) *checks.Report {
	report := &checks.Report{}
	for _, seen := range observations {
		r := checks.Result{Status: checks.Fail, Observation: seen}
		switch seen.(type) {
		case *ftp.Control:
			r.ID, r.Status = "ftp.control", checks.Pass
		case *ftp.Passive:
			r.ID = "ftp.passive"
		case *ftp.Active:
			r.ID = "ftp.active"
		case *path.Result:
			r.ID = "path"
		}
		report.Checks = append(report.Checks, r)
	}
	return report
}

// drawnOn is what a page of some width has of the data modes.
func drawnOn(p *page, report *checks.Report, all bool) string {
	p.dataChannels(report, all)
	return p.b.String()
}

func TestPictures(t *testing.T) {
	for name, observations := range scenes() {
		report := sceneReport(observations...)
		golden(t, filepath.Join(pictures, name+".golden"), []byte(drawnOn(newPage(80, false, false), report, true)))
		golden(t, filepath.Join(pictures, name+".ascii.golden"), []byte(drawnOn(newPage(80, false, true), report, true)))
	}
	for width, suffix := range map[int]string{0: "", 60: ".narrow", 200: ""} { // no wider than at 80
		for _, name := range []string{"passive-silent-traced", "active-nat", "passive-ipv6"} {
			page := drawnOn(newPage(width, false, false), sceneReport(scenes()[name]...), true)
			golden(t, filepath.Join(pictures, name+suffix+".golden"), []byte(page))
		}
	}
}

func TestLifelinesAreStraight(t *testing.T) {
	for name, observations := range scenes() {
		for _, width := range []int{48, 60, 72, 80} {
			page := drawnOn(newPage(width, false, false), sceneReport(observations...), true)
			for line := range strings.SplitSeq(page, "\n") {
				bar := strings.Index(line, "│")
				if bar < 0 {
					continue
				}
				assert.Equal(t, leftPorts, columns(line[:bar]), "%s at %d columns: %s", name, width, line)
				if end := strings.LastIndex(line, "│"); end != bar {
					assert.Equal(t, min(width, widestPicture)-rightPorts-1, columns(line[:end]), "%s at %d columns: %s", name, width, line)
				}
			}
		}
	}
}

func TestPicturesStayWithinThePage(t *testing.T) {
	for name, observations := range scenes() {
		for _, width := range []int{60, 80} {
			for line := range strings.SplitSeq(drawnOn(newPage(width, false, true), sceneReport(observations...), true), "\n") {
				if name != "passive-hostile" { // of which a note may be one word without end
					assert.LessOrEqual(t, columns(line), width, "%s: %s", name, line)
				}
			}
		}
	}
}

func TestWhatIsDrawn(t *testing.T) {
	refused := passive(unconnected(ms(34.8), fault("data connection", probes.Refused, "connection refused")), nil)
	unlisted := active(refusedPort("PORT", 500, "Illegal PORT command."))
	info := checks.Cause{ID: "mode", Severity: checks.SeverityInfo}
	failed := checks.Result{Status: checks.Fail, CausedBy: []string{"mode"}}
	grave := checks.Cause{ID: "mode", Severity: checks.SeverityFail}
	for name, c := range map[string]struct {
		passive, active checks.Result
		causes          []checks.Cause
		drawn           []string
	}{
		"all is well":        {passive: checks.Result{Status: checks.Pass}, active: checks.Result{Status: checks.Pass}},
		"one warns":          {checks.Result{Status: checks.Pass}, checks.Result{Status: checks.Warn}, nil, []string{"Active"}},
		"both fail":          {checks.Result{Status: checks.Fail}, checks.Result{Status: checks.Fail}, nil, []string{"Passive", "Active"}},
		"one is not needed":  {checks.Result{Status: checks.Fail}, failed, []checks.Cause{info}, []string{"Passive", "Active"}},
		"a cause is not new": {failed, failed, []checks.Cause{grave}, []string{"Passive"}},
		"another cause is new": {
			failed, checks.Result{Status: checks.Fail, CausedBy: []string{"mode", "other"}},
			[]checks.Cause{grave}, []string{"Passive", "Active"},
		},
	} {
		c.passive.ID, c.passive.Observation = "ftp.passive", refused
		c.active.ID, c.active.Observation = "ftp.active", unlisted
		report := &checks.Report{Checks: []checks.Result{c.passive, c.active}, Causes: c.causes}
		assert.Equal(t, c.drawn, modesDrawn(drawnOn(newPage(80, false, false), report, false)), name)
		assert.Equal(t, []string{"Passive", "Active"}, modesDrawn(drawnOn(newPage(80, false, false), report, true)), name)
	}
	healthy := sceneReport(control(), passive(epsv(listed()), nil))
	assert.Empty(t, drawnOn(newPage(80, false, false), healthy, false), "nothing of the fault shows in the exchange")
	assert.Empty(t, drawnOn(newPage(80, false, false), sceneReport(&ftp.Passive{}, &ftp.Active{}), true), "nothing was asked")
}

// modesDrawn are the data modes of which a page has a picture.
func modesDrawn(page string) (modes []string) {
	for line := range strings.SplitSeq(page, "\n") {
		if mode, _, found := strings.Cut(line, " mode  "); found {
			modes = append(modes, mode)
		}
	}
	return modes
}

func TestPictureOfOneOfSeveralAddresses(t *testing.T) {
	report := sceneReport(control(), control(), passive(epsv(listed()), nil))
	report.Checks[1].Observation.(*ftp.Control).Local = port("192.168.1.20:49999")
	report.Checks[0].Address, report.Checks[1].Address, report.Checks[2].Address = "203.0.113.9", "203.0.113.10", "203.0.113.10"
	assert.Contains(t, drawnOn(newPage(80, false, false), report, true), ":49999 │── EPSV ──")
	report.Checks[2].Address = "203.0.113.11"
	assert.Contains(t, drawnOn(newPage(80, false, false), report, true), "         │── EPSV ──", "whose port it was is not known")
}

func TestAlarmIsAsLoudAsTheCheck(t *testing.T) {
	refused := passive(unconnected(ms(34.8), fault("data connection", probes.Refused, "connection refused")), nil)
	for name, c := range map[string]struct {
		status   checks.Status
		severity checks.Severity
		mark     string
	}{
		"failed":     {checks.Fail, checks.SeverityFail, "\x1b[31;1m✗\x1b[0;22m"},
		"warned":     {checks.Warn, checks.SeverityWarn, "\x1b[33;1m✗\x1b[0;22m"},
		"not needed": {checks.Fail, checks.SeverityInfo, "34 ms ✗ ═"},
	} {
		report := sceneReport(control(), refused)
		report.Checks[1].Status, report.Checks[1].CausedBy = c.status, []string{"a"}
		report.Causes = []checks.Cause{{ID: "a", Severity: c.severity}}
		assert.Contains(t, drawnOn(newPage(80, true, false), report, true), c.mark, name)
	}
}

func TestHostileTextInPictures(t *testing.T) {
	p := newPage(80, false, false)
	page := drawnOn(p, sceneReport(scenes()["passive-hostile"]...), false)
	assert.Empty(t, notShown(page))
	assert.Contains(t, page, `\x1b[31mred`)
	for line := range strings.SplitSeq(strings.Trim(page, "\n"), "\n") {
		assert.False(t, strings.HasPrefix(line, "✓"), line)
	}
	for _, r := range drawnOn(newPage(80, false, true), sceneReport(scenes()["passive-hostile"]...), false) {
		require.Less(t, r, rune(0x7f))
	}
}

func TestShorten(t *testing.T) {
	for name, c := range map[string]struct {
		text  string
		width int
		short string
	}{
		"fits":                   {"229 Entering (|||50212|)", 24, "229 Entering (|||50212|)"},
		"the end is kept":        {"229 Entering (|||50212|)", 22, "229 Enteri…(|||50212|)"},
		"wide characters":        {"日本日本日本", 8, "日…日本"},
		"no room":                {"229 Entering", 1, "…"},
		"less than no room":      {"229 Entering", -5, "…"},
		"controls count escaped": {"\x1b\x1b\x1b", 8, `\x1…\x1b`},
	} {
		short := newPage(80, false, false).shorten(c.text, c.width)
		assert.Equal(t, c.short, short, name)
		if c.width > 0 {
			assert.LessOrEqual(t, columns(short), c.width, name)
		}
	}
}

func TestWhatArrowsSay(t *testing.T) {
	listing := func(change func(*ftp.Transfer)) *ftp.Passive {
		transfer := listed()
		change(transfer)
		return passive(epsv(transfer), nil)
	}
	noReply := epsv(nil)
	noReply.Reply, noReply.Used, noReply.Fault = nil, netip.AddrPort{}, fault("EPSV", probes.Interrupted, "context canceled")
	garbled := epsv(nil)
	garbled.Reply, garbled.Used, garbled.Fault = reply(229, "ok"), netip.AddrPort{}, fault("EPSV", probes.Malformed, "no port in it")
	gone := unconnected(ms(3000), fault("data connection", probes.Interrupted, ""))
	odd := unconnected(ms(3), fault("data connection", probes.NoAddress, ""))
	rejected := fault("data connection", probes.Refused, "connection refused")
	rejected.ICMP = &probes.ICMP{Type: 3, Code: 1, From: address("192.168.1.20")}

	elsewhere := reached(port("203.0.113.99:20"), listed())
	upload := reached(port("203.0.113.10:20"), &ftp.Transfer{Command: "STOR", Opening: reply(226, "Done."), Bytes: 7, Final: reply(226, "Done.")})
	given := announced(ms(10000), &ftp.Transfer{Command: "LIST"})
	given.Announced = port("198.51.100.7:37215")
	six := announced(ms(10000), &ftp.Transfer{Command: "LIST", Opening: reply(550, "No such file.")})
	six.Command, six.Announced, six.Fault = "EPRT", port("[2001:db8::2]:37215"), nil

	for name, c := range map[string]struct {
		seen  any
		lines []string
		never string
	}{
		"a listing cut within TLS": {
			listing(func(t *ftp.Transfer) { t.End = "truncated" }),
			[]string{"listing, 1534 bytes ✗ ═", "ended within a TLS record"}, "",
		},
		"a listing longer than we read": {listing(func(t *ftp.Transfer) { t.End = "cut" }), []string{"we read no further"}, "✗"},
		"no close_notify": {
			listing(func(t *ftp.Transfer) { t.NoCloseNotify = true }), []string{"without TLS's close_notify"}, "✗",
		},
		"a listing cut by a RST": {
			listing(func(t *ftp.Transfer) { t.Fault = fault("data", probes.Reset, "reset") }),
			[]string{"listing, 1534 bytes ✗ ═", "the connection was cut (RST)"}, "",
		},
		"no final reply": {
			listing(func(t *ftp.Transfer) { t.Final, t.Fault = nil, fault("final reply", probes.Timeout, "i/o timeout") }),
			[]string{"✗ ── final reply ─", "nothing came back"}, "226",
		},
		"no reply to EPSV":            {passive(noReply, nil), []string{"✗ ── reply to EPSV ─", "we stopped waiting"}, "SYN"},
		"a reply without a port":      {passive(garbled, nil), []string{"229 ok ✗ ─", "no port in it"}, "SYN"},
		"we stopped":                  {passive(gone, nil), []string{"══ SYN ═", "we stopped waiting after 3.0 s"}, "✗ ═"},
		"no port of ours":             {passive(odd, nil), []string{"══ SYN ✗ ", "no-address"}, "RST"},
		"no neighbour":                {passive(unconnected(0, rejected), nil), []string{"→ this machine", "this machine answered: host unreachable"}, "RST"},
		"the server's second address": {active(elsewhere), []string{"from 203.0.113.99:20, which is not"}, "✗"},
		"an upload":                   {active(upload), []string{"══ file, 7 bytes ═", "226 Done."}, "final"},
		"an address of the user's":    {active(given), []string{"PORT 198,51,100,7,145,95", "the server was given 198.51.100.7"}, "sees"},
		"a listing refused":           {active(six), []string{"EPRT |2|2001:db8::2|37215|", "550 No such file. ✗"}, "SYN"},
	} {
		page := drawnOn(newPage(80, false, false), sceneReport(c.seen), true)
		for _, line := range c.lines {
			assert.Contains(t, page, line, name)
		}
		if c.never != "" {
			assert.NotContains(t, page, c.never, name)
		}
	}
}
