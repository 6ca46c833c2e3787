package output

import (
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
)

func sampled(number uint16, faults ...*probes.Fault) ftp.Sample {
	s := ftp.Sample{Command: "EPSV", Announced: netip.AddrPortFrom(address("203.0.113.10"), number)}
	for _, fault := range faults {
		s.Tries = append(s.Tries, ftp.Try{Fault: fault})
	}
	return s
}

func TestFacts(t *testing.T) {
	refused := fault("data connection", probes.Refused, "connection refused")
	silent := fault("data connection", probes.Timeout, "i/o timeout")
	rejected := fault("data connection", probes.Unreachable, "no route to host")
	rejected.ICMP = &probes.ICMP{Type: 3, Code: 13, From: address("198.51.100.1")}
	upload := epsv(&ftp.Transfer{
		Command: "STOR", Opening: reply(150, "Ok to send data."), Bytes: 81, End: "sent", Secured: true, Final: reply(226, "Transfer complete."),
	})
	download := epsv(&ftp.Transfer{
		Command: "RETR", Opening: reply(150, "Opening."), Secured: true, Resumed: true, Final: reply(522, "reuse required"),
		Fault: fault("final reply", probes.Negative, "522 reuse required"),
	})
	noPort := &ftp.PassiveAttempt{Command: "EPSV", Fault: fault("EPSV", probes.Negative, "500 what?")}
	for name, c := range map[string]struct {
		seen  any
		lines string
	}{
		"ports, and one that a load balancer spreads": {
			&ftp.Passive{Sampling: &ftp.Sampling{Wanted: 8, Samples: []ftp.Sample{
				sampled(50017, nil), sampled(50060, refused, refused, refused, refused), sampled(50003, nil), sampled(50017, nil),
				sampled(50001, silent), sampled(50002, refused, refused, nil), sampled(50005, rejected), sampled(50006),
			}}}, `
Passive ports  8 tried, each before the next was asked for
  50003, 50017 connected
  50060 refused (tried 4 times)
  50001 silent
  50002 refused, then connected (tried 3 times)
  50005 ICMP 3/13 from 198.51.100.1
  50006 not tried
`},
		"ports, fewer than wanted": {
			&ftp.Passive{Sampling: &ftp.Sampling{Wanted: 8, Samples: []ftp.Sample{sampled(50017, nil)},
				Fault: fault("EPSV", probes.Closed, "EOF")}}, `
Passive ports  1 of 8 tried, each before the next was asked for
  50017 connected
  then EPSV: EOF
`},
		"a series of transfers": {
			&ftp.Passive{Series: &ftp.Series{
				File: "rung-1.tmp", Transfers: []ftp.PassiveAttempt{*upload, *download, *noPort}, Removed: reply(250, "Deleted."),
			}}, `
Transfers  one after the other, with the file rung-1.tmp
  STOR      81 bytes, TLS with a full handshake, 226 Transfer complete.
  RETR      0 bytes, TLS resumed, final reply: 522 reuse required
  EPSV      EPSV: 500 what?
  DELE      250 Deleted.
`},
		"a file that is left": {
			&ftp.Passive{Series: &ftp.Series{File: "rung-1.tmp", Left: true}}, `
Transfers  one after the other, with the file rung-1.tmp
  left      rung-1.tmp may still be on the server
`},
		"idle and alive": {
			&ftp.Control{Hold: &ftp.Hold{For: ms(120000), Reply: reply(200, "NOOP ok.")}}, `
Control connection  idle for 120.0 s beside a data connection, then 200 NOOP ok.
`},
		"idle and dropped": {
			&ftp.Control{Hold: &ftp.Hold{For: ms(120000), Fault: fault("NOOP", probes.Timeout, "i/o timeout")}}, `
Control connection  idle for 120.0 s beside a data connection, then NOOP: i/o
  timeout
`},
		"a stock client that follows": {
			&ftpclient.Result{
				Library: "github.com/jlaffaye/ftp v0", LoggedIn: true, Fault: fault("list", probes.Timeout, "i/o timeout"),
				Dialed: []ftpclient.Dial{
					{Purpose: "control", To: port("203.0.113.10:21"), Connected: true, ConnectTook: ms(34.9), Bytes: 1200},
					{Purpose: "data", To: port("10.88.1.2:50000"), Fault: fault("data connection", probes.Withheld, "not the control peer")},
				},
			}, `
Second opinion  github.com/jlaffaye/ftp v0
  control   203.0.113.10:21, connected after 34 ms, 1200 bytes
  data      10.88.1.2:50000, data connection: not the control peer
  failed    list: i/o timeout
`},
		"a stock client that lists": {
			&ftpclient.Result{Library: "L", Listed: true, Entries: 12, Took: ms(250), Dialed: []ftpclient.Dial{
				{Purpose: "data", To: port("203.0.113.10:50000"), Connected: true, ConnectTook: ms(12), Bytes: 90, Secured: true, Resumed: true},
				{Purpose: "data", Asked: "nowhere:99999", Fault: fault("data connection", probes.Malformed, "no such port")},
				{Purpose: "data", To: port("203.0.113.10:50000"), Connected: true, ConnectTook: ms(12), Secured: true},
			}}, `
Second opinion  L
  data      203.0.113.10:50000, connected after 12 ms, 90 bytes, TLS resumed
  data      nowhere:99999, data connection: no such port
  data      203.0.113.10:50000, connected after 12 ms, 0 bytes, TLS
  listed    12 entries in 250 ms
`},
		"a stock client that crashes": {
			&ftpclient.Result{Library: "L", Panicked: true, Fault: fault("list", probes.Other, "panic: index out of range")}, `
Second opinion  L
  crashed   list: panic: index out of range
`},
	} {
		p := newPage(80, false, false)
		p.details(sceneReport(c.seen))
		assert.Equal(t, strings.TrimPrefix(c.lines, "\n"), strings.TrimPrefix(p.b.String(), "\n"), name)
	}
}

func TestTranslation(t *testing.T) {
	for translated, line := range map[string]string{
		"yes":     "Our address  192.168.1.20, behind NAT: so it says",
		"no":      "Our address  192.168.1.20, not behind NAT: so it says",
		"unknown": "Our address  192.168.1.20, perhaps behind NAT: so it says",
	} {
		report := &checks.Report{Translation: &checks.Translation{
			Local: address("192.168.1.20"), Translated: translated, Because: "so it says",
		}}
		assert.Contains(t, human(t, report, HumanOptions{Width: 80, Verbose: true}), "\n"+line+"\n", translated)
		assert.NotContains(t, human(t, report, HumanOptions{Width: 80}), "Our address", translated)
	}
	assert.NotContains(t, human(t, &checks.Report{}, HumanOptions{Width: 80, Verbose: true}), "Our address", "no FTP was spoken")
}

func TestFaultText(t *testing.T) {
	for says, f := range map[string]*probes.Fault{
		"":                               nil,
		"dial tcp 192.0.2.1:21: refused": fault("dial", probes.Refused, "dial tcp 192.0.2.1:21: refused"),
		"lookup: no such host":           fault("lookup", probes.NotFound, "no such host"),
		"data: database is gone":         fault("data", probes.Other, "database is gone"),
		"data: data":                     fault("data", probes.Other, "data"),
		"dial: timeout":                  fault("dial", probes.Timeout, ""),
		": odd":                          fault("", probes.Other, "odd"),
	} {
		assert.Equal(t, says, faultText(f))
	}
}

func TestCounted(t *testing.T) {
	assert.Equal(t, "0 bytes, 1 suite, 2 suites, 1 entry, 12 entries", strings.Join([]string{
		counted(0, "byte"), counted(1, "suite"), counted(2, "suite"), counted(1, "entry"), counted(int64(12), "entry"),
	}, ", "))
}

func TestAnchor(t *testing.T) {
	reached := &checks.Anchor{Name: "www.example.com", Address: port("203.0.113.10:443"), Connected: true, Chain: chains()["chain"]}
	lost := &checks.Anchor{Name: "example.net", Address: port("203.0.113.11:443")}
	lost.Fault = fault("dial", probes.Timeout, "dial tcp: i/o timeout")
	nameless := &checks.Anchor{Name: "example.org", Fault: fault("lookup", probes.NotFound, "no such host")}
	p := newPage(80, false, false)
	p.details(sceneReport(reached, lost, nameless))
	assert.Equal(t, `
Anchor www.example.com
  address   203.0.113.10:443, connected
  subject   CN=www.example.com
  issuer    CN=R11,O=Let's Encrypt,C=US
  valid     2026-08-31 to 2027-02-20 13:24:33 UTC, 90 days left
  path      CN=www.example.com → CN=R11,O=Let's Encrypt,C=US → CN=ISRG Root
              X1,O=Internet Security Research Group,C=US, a root of this machine
              (system), which browsers trust too

Anchor example.net
  address   203.0.113.11:443, not connected
  fault     dial tcp: i/o timeout

Anchor example.org
  fault     lookup: no such host
`, p.b.String())
}
