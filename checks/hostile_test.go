package checks

import (
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// TestHostileServers has servers that break the protocol in ways that break programs: each leads to one finding, and to no great
// expense.
func TestHostileServers(t *testing.T) {
	replies := func(command, raw string) ftptest.Faults {
		return ftptest.Faults{Replies: map[string]string{command: raw}}
	}
	withoutEPSV := func(pasv string) ftptest.Faults {
		return ftptest.Faults{Replies: map[string]string{"EPSV": "500 what?\r\n", "PASV": pasv}}
	}
	endless := strings.Repeat("x", 10<<20)
	for name, c := range map[string]struct {
		faults ftptest.Faults
		cause  string
	}{
		"a greeting without end":       {ftptest.Faults{EndlessGreeting: true}, "unexplained.ftp.control"},
		"a greeting of 10 MB":          {ftptest.Faults{Greeting: "220 " + endless + "\r\n"}, "unexplained.ftp.control"},
		"a line of 10 MB":              {ftptest.Faults{Greeting: endless}, "unexplained.ftp.control"},
		"a byte now and then":          {ftptest.Faults{Drip: 100 * time.Millisecond}, "unexplained.ftp.control"},
		"bytes of all kinds":           {ftptest.Faults{Greeting: "\x00\x1b[2J\xff\xfe\u202e\r\n"}, "ftp.not-ftp"},
		"a code above all":             {ftptest.Faults{Greeting: "999 ready\r\n"}, "ftp.not-ftp"},
		"a greeting cut off":           {ftptest.Faults{Greeting: "22", CloseAfter: "greeting"}, "unexplained.ftp.control"},
		"a reply cut off":              {ftptest.Faults{Replies: map[string]string{"PASS": "230 Wel"}, CloseAfter: "PASS"}, "ftp.server-misconfigured"},
		"a reply without an end":       {replies("PASS", "230-Welcome\r\n"), "unexplained.ftp.control"},
		"a reply without end":          {replies("PASS", strings.Repeat("230-Welcome\r\n", 100_000)), "unexplained.ftp.control"},
		"a reply to EPSV in a mess":    {withoutEPSV("227 oops )(\r\n"), "ftp.passive.malformed-reply"},
		"a byte above 255":             {withoutEPSV("227 (127,0,0,1,999,1)\r\n"), "ftp.passive.malformed-reply"},
		"port 0":                       {withoutEPSV("227 (127,0,0,1,0,0)\r\n"), "ftp.passive.malformed-reply"},
		"a port above 65535":           {ftptest.Faults{Replies: map[string]string{"EPSV": "229 (|||70000|)\r\n", "PASV": "227 x\r\n"}}, "ftp.passive.malformed-reply"},
		"a final reply without an end": {ftptest.Faults{Final: "226-Done\r\n"}, "unexplained.ftp.passive"},
		"a final reply of another":     {ftptest.Faults{Final: "hello\r\n"}, "unexplained.ftp.passive"},
		"a reply for each of the last": {ftptest.Faults{Behind: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, _ := server(t, &ftptest.Server{Faults: c.faults})
			report := check(t, "ftp://"+s.Addr.String(), Options{Timeout: time.Second})
			assert.Equal(t, VerdictFail, report.Verdict)
			assert.Empty(t, report.Interrupted)
			if c.cause != "" {
				assert.Equal(t, []string{c.cause}, failures(report))
			}
			assert.Len(t, failures(report), 1)
		})
	}
}

// failures are the causes that make the verdict.
func failures(r *Report) (ids []string) {
	for _, c := range r.Causes {
		if c.Severity == SeverityFail {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestHostileServersTakeNoMemory(t *testing.T) {
	s, _ := server(t, &ftptest.Server{Faults: ftptest.Faults{EndlessGreeting: true}})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	check(t, "ftp://"+s.Addr.String(), Options{})
	runtime.ReadMemStats(&after)
	assert.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(32<<20))
}
