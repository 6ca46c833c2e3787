package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/checks/demo"
	"github.com/rung-cli/rung/output"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

var update = flag.Bool("update", false, "write the transcripts instead of comparing with them")

// asProgram makes the test binary behave as the program does.
const asProgram = "RUNG_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(inEmptyHome(m.Run))
}

// inEmptyHome runs the tests as a user with no settings of their own.
func inEmptyHome(tests func() int) int {
	home, err := os.MkdirTemp("", "rung-test")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(home) }()
	for name, value := range map[string]string{
		"HOME": home, "USERPROFILE": home, "LC_ALL": "C.UTF-8", "NO_COLOR": "", "CLICOLOR_FORCE": "", "RUNG_PASSWORD": "",
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	return tests()
}

// outcome is what came of a command line.
type outcome struct {
	stdout, stderr string
	status         int
}

func rung(args ...string) outcome { return rungReading("", args...) }

func rungReading(stdin string, args ...string) outcome {
	var stdout, stderr bytes.Buffer
	status := run(args, strings.NewReader(stdin), &stdout, &stderr)
	return outcome{stdout.String(), stderr.String(), status}
}

// report is the report on standard output.
func (o outcome) report(t *testing.T) *checks.Report {
	t.Helper()
	all := o.reports(t)
	require.Len(t, all, 1)
	return all[0]
}

func (o outcome) reports(t *testing.T) []*checks.Report {
	t.Helper()
	require.Empty(t, o.stderr)
	all, err := output.Read(strings.NewReader(o.stdout))
	require.NoError(t, err)
	return all
}

// lines are those of some text.
func lines(text string) []string { return slices.Collect(strings.Lines(text)) }

// TestTranscripts runs the command lines in testdata/transcripts and compares what comes of them with what stands there: first
// standard output, then standard error behind "! ", then the exit status in brackets where it is not 0.
func TestTranscripts(t *testing.T) {
	t.Chdir(filepath.Join("testdata", "transcripts"))
	files, err := filepath.Glob("*.txt")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, file := range files {
		want, err := os.ReadFile(file)
		require.NoError(t, err)
		got := transcript(string(want))
		if *update {
			require.NoError(t, os.WriteFile(file, []byte(got), 0o644)) //nolint:gosec // it is source
		}
		assert.Equal(t, string(want), got, file)
	}
}

// transcript is what comes of the command lines in another transcript.
func transcript(old string) string {
	var b strings.Builder
	for line := range strings.Lines(old) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ rung")
		if !ok {
			continue
		}
		o := rung(strings.Fields(command)...)
		b.WriteString(line + o.stdout)
		for said := range strings.Lines(o.stderr) {
			b.WriteString("! " + said)
		}
		if o.status != 0 {
			fmt.Fprintf(&b, "[%d]\n", o.status)
		}
		b.WriteString("\n")
	}
	return b.String()
}

// TestBadUsage makes sure that whatever is wrong with a command line takes one line and no verdict.
func TestBadUsage(t *testing.T) {
	text, err := os.ReadFile("testdata/transcripts/usage.txt")
	require.NoError(t, err)
	t.Chdir("testdata/transcripts")
	n := 0
	for line := range strings.Lines(string(text)) {
		command, ok := strings.CutPrefix(strings.TrimSpace(line), "$ rung")
		if !ok {
			continue
		}
		n++
		o := rung(strings.Fields(command)...)
		assert.Equal(t, 3, o.status, command)
		assert.Empty(t, o.stdout, command)
		assert.Len(t, lines(o.stderr), 1, command)
		assert.True(t, strings.HasPrefix(o.stderr, "rung: ") && strings.HasSuffix(o.stderr, "\n"), o.stderr)
	}
	assert.Greater(t, n, 30)
	for _, hostile := range []string{"ftp://a\nb", "ftp://\x1b[2J", "\u202egnp.exe", "-\x1b[2J", "x\ny"} {
		o := rung("check", hostile)
		assert.Equal(t, 3, o.status, "%q", hostile)
		assert.Len(t, lines(o.stderr), 1, "%q", hostile)
		assert.NotContains(t, o.stderr, hostile)
	}
}

// compiledSchema is the schema that `rung report --schema` prints.
func compiledSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	o := rung("report", "--schema")
	require.Zero(t, o.status, o.stderr)
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(o.stdout))
	require.NoError(t, err)
	compiler := jsonschema.NewCompiler()
	require.NoError(t, compiler.AddResource("schema.json", document))
	schema, err := compiler.Compile("schema.json")
	require.NoError(t, err)
	return schema
}

func assertValid(t *testing.T, schema *jsonschema.Schema, saved string) {
	t.Helper()
	document, err := jsonschema.UnmarshalJSON(strings.NewReader(saved))
	require.NoError(t, err)
	assert.NoError(t, schema.Validate(document))
}

// TestDemos runs every demo, and shows its report again in every way.
func TestDemos(t *testing.T) {
	schema := compiledSchema(t)
	for _, fault := range demo.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			skipUnlessShown(t, fault)
			shown := rung("demo", fault.Name, "-o", "json")
			report := shown.report(t)
			assert.ElementsMatch(t, fault.Causes, causesOf(report))
			assert.Equal(t, report.Verdict.ExitStatus(), shown.status)
			if len(fault.Causes) == 0 {
				assert.Equal(t, checks.VerdictOK, report.Verdict)
			}
			assertValid(t, schema, shown.stdout)

			assert.Equal(t, shown, rungReading(shown.stdout, "report", "-", "-o", "json"), "saved and shown again")
			again := rungReading(shown.stdout, "report", "-", "-o", "json", "--judge")
			assert.Equal(t, shown, again, "saved and judged again")

			line := rungReading(shown.stdout, "report", "-", "-o", "jsonl")
			assert.Len(t, lines(line.stdout), 1)
			assertValid(t, schema, line.stdout)
			assert.Equal(t, []*checks.Report{report}, line.reports(t))

			page := rungReading(shown.stdout, "report", "-")
			assert.Equal(t, shown.status, page.status)
			assert.Contains(t, strings.Join(strings.Fields(page.stdout), " "), report.Summary)
			for _, id := range fault.Causes {
				assert.Contains(t, page.stdout, id)
			}
		})
	}
}

// skipUnlessShown skips a test where this system cannot show a fault.
func skipUnlessShown(t *testing.T, fault demo.Fault) {
	t.Helper()
	d, err := fault.Start()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	d.Close()
}

func causesOf(r *checks.Report) (ids []string) {
	for _, c := range r.Causes {
		ids = append(ids, c.ID)
	}
	return ids
}

func TestListOfDemos(t *testing.T) {
	o := rung("demo", "--list")
	assert.Zero(t, o.status)
	listed := lines(o.stdout)
	require.Len(t, listed, len(demo.Faults()))
	for i, fault := range demo.Faults() {
		assert.Regexp(t, "^"+fault.Name+" +"+regexp.QuoteMeta(fault.Story)+"\n$", listed[i])
	}
}

func TestDemoWithoutAName(t *testing.T) {
	o := rung("demo")
	assert.Zero(t, o.status)
	assert.Contains(t, o.stdout, "every layer works")
}

// TestSavedReports judges the reports in testdata again.
func TestSavedReports(t *testing.T) {
	files, err := filepath.Glob("testdata/reports/*.json")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	schema := compiledSchema(t)
	for _, file := range files {
		for _, judge := range []string{"--judge=false", "--judge"} {
			o := rung("report", judge, "-o", "json", file)
			assertValid(t, schema, o.stdout)
			report := o.report(t)
			assert.Equal(t, checks.ExitStatus([]*checks.Report{report}), o.status, file)
		}
	}
}

func TestPageOfASavedReport(t *testing.T) {
	want, err := os.ReadFile("testdata/reports/private-address.golden")
	require.NoError(t, err)
	o := rung("report", "testdata/reports/private-address.json")
	assert.Equal(t, outcome{string(want), "", 2}, o)

	assert.Contains(t, rung("report", "-v", "testdata/reports/private-address.json").stdout, "> PASS")
	assert.Contains(t, rung("report", "--color", "always", "testdata/reports/private-address.json").stdout, "\x1b[")
	assert.Equal(t, o, rung("report", "--color", "never", "testdata/reports/private-address.json"))
}

func TestReportsThatCannotBeRead(t *testing.T) {
	for name, c := range map[string]struct{ saved, says string }{
		"empty":                {"", "there is no report here"},
		"not JSON":             {"hello", "this is not JSON"},
		"cut off":              {`{"schema": "rung.report/v1", `, "ends in the middle"},
		"another program's":    {`{"hosts": []}`, "names no schema"},
		"another version":      {`{"schema": "rung.report/v9"}`, "this rung reads rung.report/v1"},
		"a check from nowhere": {`{"schema": "rung.report/v1", "checks": [{"id": "psychic", "observation": {}}]}`, `check "psychic"`},
	} {
		o := rungReading(c.saved, "report", "-")
		assert.Equal(t, 3, o.status, name)
		assert.Contains(t, o.stderr, "rung: standard input: ", name)
		assert.Contains(t, o.stderr, c.says, name)
		assert.Len(t, lines(o.stderr), 1, name)
		assert.Empty(t, o.stdout, name)
	}
}

func TestExplain(t *testing.T) {
	list := rung("explain")
	assert.Zero(t, list.status)
	assert.Len(t, lines(list.stdout), len(checks.Catalogue()))
	for id, entry := range checks.Catalogue() {
		assert.Contains(t, list.stdout, id+" ")
		o := rung("explain", id)
		assert.Zero(t, o.status, id)
		assert.Contains(t, o.stdout, id)
		assert.Contains(t, strings.Join(strings.Fields(o.stdout), " "), strings.Join(strings.Fields(entry.Title), " "), id)
	}
	assert.Equal(t, rung("explain", "unexplained"), rung("explain", "unexplained.tcp"))
}

func TestCompletion(t *testing.T) {
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		o := rung("completion", shell)
		assert.Zero(t, o.status, shell)
		assert.Empty(t, o.stderr, shell)
		assert.Positive(t, strings.Count(o.stdout, "__rung_debug"), shell)
	}
	faults := rung("__complete", "demo", "").stdout
	for _, fault := range demo.Faults() {
		assert.Contains(t, faults, fault.Name+"\n")
	}
	assert.Contains(t, rung("__complete", "check", "--req").stdout, "--require\t")
}

var loopback = netip.AddrFrom4([4]byte{127, 0, 0, 1})

// refusing is an address at which nothing listens.
func refusing(t *testing.T) string {
	t.Helper()
	port, err := ftptest.RefusingPort(loopback)
	require.NoError(t, err)
	t.Cleanup(port.Close)
	return port.Addr.String()
}

func TestCheckMayBeLeftOut(t *testing.T) {
	nobody := refusing(t)
	for _, args := range [][]string{{"check", nobody, "-o", "json"}, {nobody, "-o", "json"}, {"tcp://" + nobody, "-o", "json"}} {
		o := rung(args...)
		assert.Equal(t, 2, o.status)
		assert.Equal(t, []string{"tcp.refused"}, causesOf(o.report(t)), args)
	}
}

func TestSeveralTargets(t *testing.T) {
	nobody, healthy := "ftp://"+refusing(t), "ftp://"+serve(t, &ftptest.Server{}).Addr.String()
	schema := compiledSchema(t)

	whole := rung("check", "-o", "json", healthy, nobody)
	assert.Equal(t, 2, whole.status, "the worst one decides")
	assertValid(t, schema, whole.stdout)
	all := whole.reports(t)
	require.Len(t, all, 2)
	assert.Equal(t, checks.VerdictOK, all[0].Verdict)
	assert.Equal(t, checks.VerdictFail, all[1].Verdict)

	byLine := rung("check", "-o", "jsonl", nobody, healthy)
	assert.Equal(t, 2, byLine.status)
	assert.Len(t, lines(byLine.stdout), 2)
	assert.Len(t, byLine.reports(t), 2)

	pages := rung("check", healthy, nobody)
	assert.Regexp(t, `(?s)^OK .*\n\nFAIL  ftp://`, pages.stdout)

	assert.Equal(t, 3, rung("check", healthy, "ftp://192.0.2.1:0").status, "all are read before the first is checked")
}

func TestFlagsReachTheDiagnosis(t *testing.T) {
	ca := tlstest.NewCA("a private root")
	config := &tls.Config{Certificates: []tls.Certificate{ca.Issue(tlstest.Leaf{Names: []string{"www.example.com"}})}}
	server := serve(t, &ftptest.Server{TLS: config, User: "alice", Password: secret})
	roots := filepath.Join(t.TempDir(), "root.pem")
	require.NoError(t, os.WriteFile(roots, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: ca.Certificate.Raw}), 0o600))
	t.Setenv("RUNG_PASSWORD", secret)
	for name, c := range map[string]struct {
		args   string
		causes []string
		status int
	}{
		"none":               {"", []string{"cert.name-mismatch", "cert.incomplete-chain"}, 2},
		"a root and a name":  {"--ca-file " + roots + " --sni www.example.com", nil, 0},
		"a root":             {"--ca-file " + roots, []string{"cert.name-mismatch"}, 2},
		"a login":            {"--ca-file " + roots + " --sni www.example.com --user alice", nil, 0},
		"another's login":    {"--ca-file " + roots + " --sni www.example.com --user bob", []string{"ftp.auth-rejected"}, 2},
		"an insecure login":  {"--ca-file " + roots + " --user bob --insecure-login", []string{"ftp.auth-rejected", "cert.name-mismatch"}, 2},
		"a login held back":  {"--ca-file " + roots + " --user bob", []string{"cert.name-mismatch"}, 2},
		"no login":           {"--ca-file " + roots + " --sni www.example.com --user bob --no-login", nil, 0},
		"the family it is":   {"-4 --ca-file " + roots + " --sni www.example.com", nil, 0},
		"both modes, please": {"--require both --ca-file " + roots + " --sni www.example.com", nil, 0},
	} {
		o := rung(append([]string{"check", "-o", "json", "ftpes://" + server.Addr.String()}, strings.Fields(c.args)...)...)
		report := o.report(t)
		assert.ElementsMatch(t, c.causes, causesOf(report), name)
		assert.Equal(t, c.status, o.status, name)
		assert.Equal(t, strings.Contains(c.args, "--user"), report.Settings.LoginGiven, name)
		assert.Equal(t, strings.Contains(c.args, "--no-login"), report.Settings.NoLogin, name)
	}
	o := rung("check", "-o", "json", "--require", "active", "--timeout", "3s", "--deadline", "4s", "-6", "ftp://[::1]:1")
	settings := o.report(t).Settings
	assert.Equal(t, checks.Settings{Require: "active", Timeout: 3_000_000_000, Deadline: 4_000_000_000, Family: 6}, settings)

	source := netip.MustParseAddr("127.0.0.1")
	settings = rung("check", "-o", "json", "--interface", "127.0.0.1", "--source", "127.0.0.1", "--timeout", "3s", "--deadline", "4s", "ftp://127.0.0.1:1").report(t).Settings
	assert.NotEmpty(t, settings.Interface)
	settings.Interface = ""
	assert.Equal(t, checks.Settings{Require: "passive", Timeout: 3_000_000_000, Deadline: 4_000_000_000, Family: 4, Source: source}, settings)
}

// TestOriginOfThisMachine refuses what no packet can leave by, or come from, before any is sent.
func TestOriginOfThisMachine(t *testing.T) {
	for args, says := range map[string]string{
		"--interface nosuch0":        `--interface: there is no interface "nosuch0"; there are `,
		"--interface 192.0.2.99":     "--interface: no interface has the address 192.0.2.99; there are ",
		"--interface 127.0.0.1":      "is the loopback, by which nothing leaves this machine",
		"--source 127.0.0.1":         "--source 127.0.0.1 is a loopback address, from which nothing leaves this machine",
		"--source 192.0.2.99":        "--source: 192.0.2.99 is not an address of this machine; there are ",
		"--source files.example.com": `--source: "files.example.com" is not an address; there are `,
	} {
		o := rung(append(strings.Fields(args), "ftp://192.0.2.1")...)
		assert.Equal(t, badUsage, o.status, args)
		assert.Contains(t, o.stderr, says)
	}
}

// serve runs an FTP server until the test ends.
func serve(t *testing.T, server *ftptest.Server) *ftptest.Server {
	t.Helper()
	require.NoError(t, server.Start())
	t.Cleanup(server.Close)
	return server
}

// secret is a password that is found nowhere else.
const secret = "ZKQ7-wJv%ZX/K9@QJ"

// TestPasswordsAreShownNowhere logs in by a password that comes from everywhere, at servers that repeat it wherever they can.
func TestPasswordsAreShownNowhere(t *testing.T) {
	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte(secret+"\n"), 0o600))
	echo := func(code string) string { return code + " you say " + secret + " and " + secret + "\r\n" }
	everywhere := map[string]string{
		"FEAT": "211-Features:\r\n " + secret + "\r\n" + echo("211"), "EPSV": echo("500"), "PASV": echo("227"), "PORT": echo("500"),
		"EPRT": echo("500"), "STAT": "211-Connected to " + secret + "\r\n" + echo("211"), "NOOP": echo("200"),
	}
	for name, server := range map[string]*ftptest.Server{
		"after the login":   {Faults: ftptest.Faults{EchoPassword: true, Replies: everywhere}},
		"in the greeting":   {Faults: ftptest.Faults{EchoPassword: true, Greeting: echo("220")}},
		"in the listing":    {Faults: ftptest.Faults{EchoPassword: true, Final: echo("451")}},
		"in a refusal":      {Faults: ftptest.Faults{Replies: map[string]string{"PASS": echo("530")}}},
		"at USER":           {Faults: ftptest.Faults{Replies: map[string]string{"USER": echo("530")}}},
		"as no reply":       {Faults: ftptest.Faults{Replies: map[string]string{"PASS": secret + "\r\n"}}},
		"in a reply to end": {Faults: ftptest.Faults{Replies: map[string]string{"PASS": "230 " + secret}, CloseAfter: "PASS"}},
		"in place of FTP":   {Faults: ftptest.Faults{Greeting: secret + "\r\n"}},
	} {
		server.User, server.Password = "alice", secret
		address := serve(t, server).Addr.String()
		for from, c := range map[string]struct {
			target, env, netrc string
			flags              []string
			warned             bool
		}{
			"the environment":    {target: "ftp://" + address, env: secret, flags: []string{"--user", "alice"}},
			"a file":             {target: "ftp://alice@" + address, flags: []string{"--password-file", file}},
			"netrc":              {target: "ftp://" + address, netrc: "machine 127.0.0.1 login alice password " + secret},
			"the URL":            {target: "ftp://alice:" + inURL(secret) + "@" + address, warned: true},
			"the URL, as it was": {target: "ftp://alice:" + strings.ReplaceAll(inURL(secret), "%40", "@") + "@" + address, warned: true},
		} {
			t.Run(name+", from "+from, func(t *testing.T) {
				home := t.TempDir()
				t.Setenv("HOME", home)
				t.Setenv("RUNG_PASSWORD", c.env)
				if c.netrc != "" {
					require.NoError(t, os.WriteFile(filepath.Join(home, ".netrc"), []byte(c.netrc), 0o600))
				}
				for _, form := range []string{"human", "json", "jsonl"} {
					args := append([]string{"check", c.target, "-v", "-o", form, "--require", "both", "--timeout", "5s"}, c.flags...)
					o := rung(args...)
					assertNoSecret(t, o.stdout)
					assertNoSecret(t, o.stderr)
					assert.Equal(t, c.warned, o.stderr != "", o.stderr)
					assert.LessOrEqual(t, len(lines(o.stderr)), 1)
					assert.Positive(t, strings.Count(o.stdout, "****"), "the server has repeated it")
				}
			})
		}
	}
}

// inURL writes a password as a URL has it.
func inURL(password string) string {
	return strings.NewReplacer("%", "%25", "/", "%2F", "@", "%40").Replace(password)
}

func assertNoSecret(t *testing.T, text string) {
	t.Helper()
	inJSON, err := json.Marshal(secret)
	require.NoError(t, err)
	for _, form := range []string{secret, inURL(secret), strings.Trim(string(inJSON), `"`), secret[:8], secret[9:]} {
		assert.Zero(t, strings.Count(text, form), "%q is shown", form)
	}
}

func TestErrorsHoldNoPassword(t *testing.T) {
	for name, args := range map[string][]string{
		"a bad target":       {"check", "ftp://alice:" + inURL(secret) + "@192.0.2.1:70000"},
		"as it was":          {"check", "ftp://alice:" + secret + "@192.0.2.1:70000"},
		"a scheme misspelt":  {"ftb://alice:" + inURL(secret) + "@192.0.2.1"},
		"a scheme forgotten": {"alice:" + secret + "@192.0.2.1"},
		"another target":     {"check", "ftp://192.0.2.1:0", "ftp://alice:" + inURL(secret) + "@192.0.2.1"},
		"another's password": {"check", "--user", "bob", "ftp://alice:" + inURL(secret) + "@192.0.2.1"},
		"no family":          {"check", "-6", "ftp://alice:" + inURL(secret) + "@192.0.2.1"},
	} {
		o := rung(args...)
		assert.Equal(t, 3, o.status, name)
		assertNoSecret(t, o.stdout+o.stderr)
		assert.Len(t, lines(o.stderr), 1, name)
	}
}

// program starts the program itself. It is ended by force where it has not ended by itself in a time that is ample.
func program(t *testing.T, args ...string) (*exec.Cmd, io.Reader, *bytes.Buffer) {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("there are no signals to send to another process")
	}
	const ample = time.Minute
	ctx, cancel := context.WithTimeout(t.Context(), ample)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, os.Args[0], args...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	stderr := new(bytes.Buffer)
	cmd.Stderr = stderr
	require.NoError(t, cmd.Start())
	return cmd, stdout, stderr
}

// silent is a server that never says a word, and tells when somebody has connected.
func silent(t *testing.T) (address string, connected <-chan struct{}) {
	t.Helper()
	came := make(chan struct{}, 100)
	server, err := tlstest.NewServer(func(conn net.Conn) {
		came <- struct{}{}
		tlstest.Silent()(conn)
	})
	require.NoError(t, err)
	t.Cleanup(server.Close)
	return server.Addr.String(), came
}

func TestInterrupt(t *testing.T) {
	schema := compiledSchema(t)
	for name, c := range map[string]struct {
		form    string
		targets int
	}{"json": {"json", 1}, "json of several": {"json", 3}, "jsonl of several": {"jsonl", 3}} {
		address, connected := silent(t)
		targets := slices.Repeat([]string{"ftp://" + address}, c.targets)
		cmd, stdout, stderr := program(t, append([]string{"check", "-o", c.form}, targets...)...)
		<-connected
		require.NoError(t, cmd.Process.Signal(os.Interrupt))
		printed, err := io.ReadAll(stdout)
		require.NoError(t, err)
		_ = cmd.Wait() // its error is the exit status
		assert.Equal(t, 3, cmd.ProcessState.ExitCode(), name)
		assert.Empty(t, stderr.String(), name)

		reports := outcome{stdout: string(printed)}.reports(t)
		require.Len(t, reports, c.targets, name)
		if c.form == "json" {
			assertValid(t, schema, string(printed))
			assert.Equal(t, c.targets > 1, strings.HasPrefix(string(printed), "["), "%s: an array where there are several", name)
		}
		for _, report := range reports {
			assert.Equal(t, checks.VerdictUnknown, report.Verdict, name)
			assert.Equal(t, checks.Interrupted, report.Interrupted, name)
			assert.Subset(t, unfinished(report), []string{"ftp.control", "ftp.passive", "ftp.active"}, name)
		}
	}
}

// unfinished are the checks that the end came before.
func unfinished(r *checks.Report) (ids []string) {
	for _, c := range r.Checks {
		if !c.Finished && c.Status == checks.Skip && c.Summary == "not finished: interrupted" {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

func TestInterruptedPage(t *testing.T) {
	address, connected := silent(t)
	cmd, stdout, _ := program(t, "check", "ftp://"+address)
	<-connected
	require.NoError(t, cmd.Process.Signal(syscall.SIGTERM))
	printed, err := io.ReadAll(stdout)
	require.NoError(t, err)
	_ = cmd.Wait() // its error is the exit status
	assert.Equal(t, 3, cmd.ProcessState.ExitCode())
	assert.Contains(t, string(printed), "UNKNOWN  ftp://"+address)
	assert.Regexp(t, `not tested .*ftp\.control, ftp\.passive, ftp\.active: not finished: interrupted`, strings.Join(strings.Fields(string(printed)), " "))
}

// TestSecondInterrupt has a program that cannot come to its end: nobody reads what it has to say.
func TestSecondInterrupt(t *testing.T) {
	long := strings.Repeat("220-"+strings.Repeat("x", 500)+"\r\n", 200)
	server := serve(t, &ftptest.Server{Faults: ftptest.Faults{Greeting: long + "220 ready\r\n"}})
	cmd, stdout, _ := program(t, append([]string{"check", "-o", "json"}, slices.Repeat([]string{"ftp://" + server.Addr.String()}, 20)...)...)
	_, err := io.ReadFull(stdout, make([]byte, 1))
	require.NoError(t, err)

	ended := make(chan syscall.WaitStatus, 1)
	go func() {
		_ = cmd.Wait() // its error is in the status
		ended <- cmd.ProcessState.Sys().(syscall.WaitStatus)
	}()
	for again := time.NewTicker(10 * time.Millisecond); ; {
		select {
		case status := <-ended:
			assert.Equal(t, syscall.SIGINT, status.Signal(), "it was not the signal that ended it")
			return
		case <-again.C: // the first one asks, the next one ends it; two that come together are one
			_ = cmd.Process.Signal(os.Interrupt) // it fails where the program has ended
		}
	}
}
