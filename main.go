// Command rung finds out why a connection fails: it climbs the TCP/IP stack rung by rung and names the first that is broken,
// the root cause, the proof, and what to do about it.
package main

import (
	"bytes"
	"cmp"
	"context"
	stdtls "crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/checks/demo"
	"github.com/rung-cli/rung/output"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/proxy"
)

// version is set by the release build.
var version = ""

// badUsage is the exit status of a command line that cannot be carried out: there is no verdict.
const badUsage = 3

func main() { os.Exit(run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }

// run runs one command line, and gives the exit status.
func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	a := &app{stdout: stdout, stdin: stdin, stderr: stderr}
	root := a.root()
	args, err := shorthand(root, args)
	if err == nil {
		root.SetArgs(args)
		err = root.Execute()
	}
	if err != nil {
		_, _ = fmt.Fprintln(stderr, "rung:", output.Escape(err.Error()))
		return badUsage
	}
	return a.status
}

// shorthand lets `rung TARGET` stand for `rung check TARGET`. A word that looks like a misspelt command is taken for one.
func shorthand(root *cobra.Command, args []string) ([]string, error) {
	if len(args) == 0 || args[0] == "-h" || args[0] == "--help" || strings.HasPrefix(args[0], "__") {
		return args, nil
	}
	if strings.HasPrefix(args[0], "-") {
		return append([]string{"check"}, args...), nil
	}
	if found, _, err := root.Find(args); err == nil && found != root {
		return args, nil
	}
	if meant := root.SuggestionsFor(args[0]); len(meant) > 0 && !strings.ContainsAny(args[0], ".:/") {
		return nil, fmt.Errorf("unknown command %q: did you mean `rung %s`? a host of that name is `rung check %s`", args[0], meant[0], args[0])
	}
	return append([]string{"check"}, args...), nil
}

// app is what the commands share: the streams, the exit status, and the flags about output.
type app struct {
	stdin          io.Reader
	stdout, stderr io.Writer
	status         int

	format  string
	color   string
	verbose bool
	trace   bool
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "rung",
		Short: "Find out why a connection fails",
		Long: "rung climbs the TCP/IP stack rung by rung, from the network interface to FTP's data channels, and names the first\n" +
			"rung that is broken, the root cause, the proof, and what to do about it.\n\n`rung TARGET` is short for `rung check TARGET`.",
		SilenceUsage: true, SilenceErrors: true,
		SuggestionsMinimumDistance: 2,
	}
	root.SetOut(a.stdout)
	root.SetErr(a.stderr)
	root.SetFlagErrorFunc(func(c *cobra.Command, err error) error {
		return fmt.Errorf("%w; `%s --help` lists the flags", err, c.CommandPath())
	})
	root.AddCommand(a.check(), a.demo(), a.report(), a.explain(), a.version())
	root.InitDefaultHelpCmd() // by now, so that shorthand does not take them for hosts
	root.InitDefaultCompletionCmd()
	return root
}

// outputFlags are those of every command that shows a report.
func (a *app) outputFlags(c *cobra.Command) {
	c.Flags().StringVarP(&a.format, "output", "o", "human", "form of the report: human, json or jsonl")
	c.Flags().StringVar(&a.color, "color", "auto", "colour: auto, always or never")
	c.Flags().BoolVarP(&a.verbose, "verbose", "v", false, "show everything: what was not needed, what works, handshakes, dialogues")
	c.Flags().BoolVar(&a.trace, "trace", false, "show every handshake message and every line of the dialogues, with its time")
}

func (a *app) checkOutputFlags(*cobra.Command, []string) error {
	if err := oneOf("output", a.format, "human", "json", "jsonl"); err != nil {
		return err
	}
	return oneOf("color", a.color, output.ColorModes...)
}

func oneOf(flag, value string, accepted ...string) error {
	if slices.Contains(accepted, value) {
		return nil
	}
	return fmt.Errorf("--%s %q is not known; it is one of %s", flag, value, strings.Join(accepted, ", "))
}

func (a *app) check() *cobra.Command {
	o := checks.Options{Version: versionName(), Proxies: proxy.FromEnvironment()}
	login := checks.Login{Password: os.Getenv("RUNG_PASSWORD"), Netrc: checks.DefaultNetrc()}
	var words flagWords
	c := &cobra.Command{
		Use:   "check [TARGET...]",
		Short: "Diagnose targets, layer by layer, or this machine's own network",
		Long: "A target is ftp://, ftpes:// (AUTH TLS), ftps:// (implicit TLS), https://, http://,\ntls:// or tcp://HOST[:PORT], HOST:PORT, or HOST.\n\n" +
			"Without a target, check looks at this machine's own network: interfaces, routes, gateways, resolvers and clock. It\n" +
			"contacts nobody else then but the hosts that --anchor and --ntp name.",
		Example: "  rung check ftp://files.example.com\n  RUNG_PASSWORD=... rung check --user alice ftpes://files.example.com -o json\n" +
			"  rung check --anchor www.example.com",
		PreRunE: a.checkOutputFlags,
		RunE: func(c *cobra.Command, args []string) error {
			if err := words.finish(&o); err != nil {
				return err
			}
			if len(args) == 0 {
				return a.checkMachine(c.Flags(), o)
			}
			return a.checkAll(args, o, login)
		},
	}
	f := c.Flags()
	f.SortFlags = false // they stand in the order of their use
	a.outputFlags(c)
	f.DurationVar(&o.Timeout, "timeout", 10*time.Second, "longest wait for one network event")
	f.DurationVar(&o.Deadline, "deadline", 30*time.Second, "longest time for one target, --hold not counted")
	f.StringVar(&o.Require, "require", "passive", "FTP data modes that must work: passive, active, both or any")
	f.StringVar(&login.User, "user", "", "FTP user; the password comes from RUNG_PASSWORD, --password-file or ~/.netrc")
	f.StringVar(&login.PasswordFile, "password-file", "", "file whose first line is the password")
	f.IntVar(&o.Samples, "passive-samples", 0, "passive ports to try even where all is well; 8 are tried where one failed")
	f.BoolVar(&o.FollowPASV, "follow-pasv", false, "connect to the address in the reply to PASV too, whatever it is")
	f.StringVar(&words.activeAddress, "active-address", "", "address to announce in active mode, such as the router's public one")
	f.StringVar(&words.activePorts, "active-ports", "", "ports for active mode, such as those that the router forwards: A-B")
	f.StringVar(&words.prot, "prot", "private", "protection of data connections over TLS: private or clear")
	f.BoolVar(&o.FullTLS, "no-session-reuse", false, "do not resume the control connection's TLS session on data connections")
	f.BoolVar(&o.ClearLogin, "clear-login", false, "let the login cross the network in clear too, to compare")
	f.BoolVar(&o.Transfer, "transfer", false, "upload a small file, download it, list twice, and remove the file")
	f.DurationVar(&o.Hold, "hold", 0, "leave the control connection idle for so long beside an open data connection")
	f.BoolVar(&o.SecondOpinion, "second-opinion", false, "let a stock FTP client log in and list, even where all is well")
	f.BoolVar(&o.AllAddresses, "all-addresses", false, "try the upper layers at each of the target's addresses")
	f.BoolVar(&o.NoLogin, "no-login", false, "stop after the greeting, FEAT and TLS")
	f.BoolVar(&o.InsecureLogin, "insecure-login", false, "send the login over a certificate that was judged bad")
	f.StringVar(&words.caFile, "ca-file", "", "file of further trusted certificates, in PEM")
	f.StringVar(&words.cert, "cert", "", "file with the client's certificate and its chain, in PEM")
	f.StringVar(&words.key, "key", "", "file with the client certificate's private key, in PEM; the same as --cert where not given")
	f.Var(newDays(&o.CertWarn, 21), "cert-warn", "warn of a certificate with less time left, such as 21d")
	f.Var(newDays(&o.CertFail, 0), "cert-fail", "fail on a certificate with less time left")
	f.BoolVar(&o.Survey, "tls-survey", false, "find out which versions, suites and groups the server accepts")
	f.BoolVar(&o.FetchIssuers, "fetch-issuers", false, "fetch missing intermediates from where the certificates point")
	f.BoolVar(&o.CheckRevocation, "check-revocation", false, "ask the issuers (OCSP, CRL) whether the certificates still stand")
	f.StringVar(&o.NTP, "ntp", "", "time server to check this machine's clock against: HOST or HOST:PORT")
	f.StringArrayVar(&words.anchors, "anchor", nil, "another host, HOST or HOST:PORT, to compare with; repeatable")
	f.StringVar(&words.iface, "interface", "", "interface to leave by, by its name or one of its addresses")
	f.StringVar(&words.source, "source", "", "address of this machine to come from")
	f.BoolVar(&o.TracePath, "trace-path", false, "trace the way to the target even where all is well")
	f.StringVar(&o.ServerName, "sni", "", "server name to ask for in TLS, and to verify")
	f.BoolVarP(&words.ipv4, "ipv4", "4", false, "use IPv4 only")
	f.BoolVarP(&words.ipv6, "ipv6", "6", false, "use IPv6 only")
	c.MarkFlagsMutuallyExclusive("ipv4", "ipv6")
	return c
}

// withoutTarget are the flags of check that mean something where there is no target.
var withoutTarget = []string{
	"output", "color", "verbose", "trace", "timeout", "deadline", "ntp", "anchor", "interface", "source", "ipv4", "ipv6",
}

// checkMachine diagnoses this machine's own network.
func (a *app) checkMachine(flags *pflag.FlagSet, o checks.Options) error {
	var needless error
	flags.Visit(func(f *pflag.Flag) {
		if needless == nil && !slices.Contains(withoutTarget, f.Name) {
			needless = fmt.Errorf("--%s means nothing without a target, such as ftp://files.example.com", f.Name)
		}
	})
	if needless != nil {
		return needless
	}
	return a.diagnose([]*checks.Target{nil}, []checks.Options{o})
}

// flagWords are the flags whose words stand for something else in the options.
type flagWords struct {
	ipv4, ipv6                 bool
	caFile                     string
	activeAddress, activePorts string
	prot                       string
	cert, key                  string
	anchors                    []string
	iface, source              string
}

// finish puts into the options what the flags say in another form, and refuses what makes no sense.
func (w *flagWords) finish(o *checks.Options) error {
	switch {
	case w.ipv4:
		o.Family = 4
	case w.ipv6:
		o.Family = 6
	}
	if o.Timeout <= 0 || o.Deadline <= 0 {
		return errors.New("--timeout and --deadline must be longer than nothing, such as 10s")
	}
	if o.Hold < 0 || o.Hold > maxHold {
		return fmt.Errorf("--hold %s is not between 0s and %s", o.Hold, maxHold)
	}
	if o.Samples < 0 || o.Samples > maxSamples {
		return fmt.Errorf("--passive-samples %d is not between 0 and %d", o.Samples, maxSamples)
	}
	if err := oneOf("require", o.Require, "passive", "active", "both", "any"); err != nil {
		return err
	}
	if err := oneOf("prot", w.prot, "private", "clear"); err != nil {
		return err
	}
	o.ClearData = w.prot == "clear"
	for _, finish := range []func(*checks.Options) error{w.finishActive, w.finishOrigin, w.readAuthorities, w.readCertificate, w.readAnchors, readNames} {
		if err := finish(o); err != nil {
			return err
		}
	}
	return nil
}

// Bounds on what a user may ask of a server.
const (
	maxHold    = 24 * time.Hour
	maxSamples = 100
)

// finishActive reads the address and the ports of active mode.
func (w *flagWords) finishActive(o *checks.Options) error {
	if w.activeAddress != "" {
		addr, err := netip.ParseAddr(w.activeAddress)
		if err != nil || addr.Zone() != "" || addr.IsUnspecified() {
			return fmt.Errorf("--active-address %q is not an address that a server can connect to, such as 203.0.113.7", w.activeAddress)
		}
		o.ActiveAddress = addr.Unmap()
	}
	if w.activePorts == "" {
		return nil
	}
	first, last, isRange := strings.Cut(w.activePorts, "-")
	if !isRange {
		last = first
	}
	a, errA := strconv.ParseUint(first, 10, 16)
	b, errB := strconv.ParseUint(last, 10, 16)
	if errA != nil || errB != nil || a == 0 || b < a {
		return fmt.Errorf("--active-ports %q is not a range of ports, such as 50000-50009", w.activePorts)
	}
	o.ActivePorts = [2]uint16{uint16(a), uint16(b)}
	return nil
}

// finishOrigin finds the interface to leave by and the address to come from, and makes sure that a socket can be bound to them.
func (w *flagWords) finishOrigin(o *checks.Options) error {
	from, err := probes.ParseOrigin(w.iface, "")
	if err != nil {
		return fmt.Errorf("--interface: %w", err)
	}
	if from, err = probes.ParseOrigin(from.Interface, w.source); err != nil {
		return fmt.Errorf("--source: %w", err)
	}
	if from.Source.IsValid() && o.Family != 0 && from.Source.Is4() != (o.Family == 4) {
		return fmt.Errorf("--source %s is an address of the other family than -%d asks for", from.Source, o.Family)
	}
	if err := from.Try(context.Background()); err != nil {
		return fmt.Errorf("no socket can be bound to --interface %q --source %q: %w", w.iface, w.source, err)
	}
	o.Host.From = from
	return nil
}

// readAuthorities reads the further trusted certificates.
func (w *flagWords) readAuthorities(o *checks.Options) error {
	if w.caFile == "" {
		return nil
	}
	pem, err := os.ReadFile(w.caFile)
	if err != nil {
		return fmt.Errorf("--ca-file: %w", err)
	}
	if !x509.NewCertPool().AppendCertsFromPEM(pem) {
		return fmt.Errorf("--ca-file: %s holds no certificate in PEM (-----BEGIN CERTIFICATE-----)", w.caFile)
	}
	o.Authorities, o.AuthoritiesFrom = pem, w.caFile
	return nil
}

// readCertificate reads the client's own certificate.
func (w *flagWords) readCertificate(o *checks.Options) error {
	if w.cert == "" {
		if w.key != "" {
			return errors.New("--key needs the certificate that it belongs to: --cert FILE")
		}
		return nil
	}
	chain, err := os.ReadFile(w.cert)
	if err != nil {
		return fmt.Errorf("--cert: %w", err)
	}
	key, err := os.ReadFile(cmp.Or(w.key, w.cert))
	switch {
	case err != nil:
		return fmt.Errorf("--key: %w", err)
	case bytes.Contains(key, []byte("ENCRYPTED")):
		return fmt.Errorf("the private key in %s is encrypted; `openssl pkey -in %[1]s -out FILE` decrypts it, and --key FILE uses it", cmp.Or(w.key, w.cert))
	case !bytes.Contains(key, []byte("PRIVATE KEY-----")):
		return fmt.Errorf("there is no private key in PEM in %s; --key FILE names the file that has it", cmp.Or(w.key, w.cert))
	}
	certificate, err := stdtls.X509KeyPair(chain, key)
	if err != nil {
		return fmt.Errorf("--cert %s, --key %s: %w", w.cert, cmp.Or(w.key, w.cert), err)
	}
	o.Certificate = &certificate
	return nil
}

// readNames refuses a time server and a server name that nobody can be asked for.
func readNames(o *checks.Options) (err error) {
	if o.NTP != "" {
		server, err := checks.ParseAnchor(o.NTP)
		if err != nil {
			return fmt.Errorf("--ntp %w", err)
		}
		if err := ofFamily("--ntp", server, o); err != nil {
			return err
		}
	}
	if o.ServerName != "" {
		if o.ServerName, err = checks.ParseServerName(o.ServerName); err != nil {
			return fmt.Errorf("--sni: %w", err)
		}
	}
	return nil
}

// ofFamily refuses a host that is an address of the family that is not to be used; what leads the complaint.
func ofFamily(what string, host *checks.Target, o *checks.Options) error {
	addr, source := host.Addr(), o.Host.From.Source
	switch {
	case !addr.IsValid():
		return nil
	case o.Family != 0 && addr.Is4() != (o.Family == 4):
		return fmt.Errorf("%s %s is an address of the other family than -%d asks for", what, host.Host, o.Family)
	case source.IsValid() && !addr.IsLoopback() && addr.Is4() != source.Is4():
		return fmt.Errorf("%s %s is an address of the other family than --source %s", what, host.Host, source)
	}
	return nil
}

// maxAnchors bounds how many hosts are asked beside the target.
const maxAnchors = 8

// readAnchors reads the hosts to compare with.
func (w *flagWords) readAnchors(o *checks.Options) error {
	if len(w.anchors) > maxAnchors {
		return fmt.Errorf("--anchor is given %d times, and %d are the most", len(w.anchors), maxAnchors)
	}
	for _, text := range w.anchors {
		anchor, err := checks.ParseAnchor(text)
		if err != nil {
			return fmt.Errorf("--anchor %w", err)
		}
		if err := ofFamily("--anchor", anchor, o); err != nil {
			return err
		}
		o.Anchors = append(o.Anchors, anchor)
	}
	return nil
}

// days is a length of time that may be given in days: 21d, or as any other duration.
type days time.Duration

// newDays makes a flag of that many days.
func newDays(into *time.Duration, n int) *days {
	*into = time.Duration(n) * day
	return (*days)(into)
}

const day = 24 * time.Hour

// Set reads a length of time.
func (d *days) Set(text string) error {
	length, err := time.ParseDuration(text)
	if number, ok := strings.CutSuffix(text, "d"); ok {
		var n float64
		n, err = strconv.ParseFloat(number, 64)
		length = time.Duration(n * float64(day))
	}
	if err != nil || length < 0 || length > 100*365*day {
		return fmt.Errorf("%q is not a length of time, such as 21d or 36h", text)
	}
	*d = days(length)
	return nil
}

// String is the length of time as Set reads it.
func (d *days) String() string {
	if length := time.Duration(*d); length%day != 0 {
		return length.String()
	}
	return fmt.Sprintf("%dd", time.Duration(*d)/day)
}

// Type names the flag's kind in the help.
func (d *days) Type() string { return "duration" }

// checkAll diagnoses the targets. All are read before the first packet is sent.
func (a *app) checkAll(args []string, o checks.Options, login checks.Login) error {
	targets := make([]*checks.Target, len(args))
	options := make([]checks.Options, len(args))
	for i, arg := range args {
		var err error
		if targets[i], options[i], err = a.readTarget(arg, o, login); err != nil {
			return err
		}
	}
	return a.diagnose(targets, options)
}

// diagnose diagnoses targets, one after the other, each with its options, and shows what came of it. After an interruption each of the
// others has a report that says so.
func (a *app) diagnose(targets []*checks.Target, options []checks.Options) error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, func() { time.AfterFunc(time.Second, stop) }) // a second Ctrl-C ends the program at once; one that came with the first does not
	var reports []*checks.Report
	for i, target := range targets {
		report := checks.Diagnose(ctx, target, options[i])
		reports = append(reports, report)
		if a.format != "json" {
			if err := a.show(report, i > 0); err != nil {
				return err
			}
		}
	}
	a.status = checks.ExitStatus(reports)
	if a.format == "json" {
		return output.JSON(a.stdout, reports)
	}
	return nil
}

// readTarget reads a target, and puts its login into the options.
func (a *app) readTarget(arg string, o checks.Options, login checks.Login) (*checks.Target, checks.Options, error) {
	target, err := checks.ParseTarget(arg)
	if err != nil {
		return nil, o, err
	}
	if err := ofFamily("target", target, &o); err != nil {
		return nil, o, err
	}
	if err := suitsOrigin(target, o.Host.From); err != nil {
		return nil, o, err
	}
	if o.TracePath && target.Port == 0 {
		return nil, o, fmt.Errorf("--trace-path follows SYNs to a port, and %s names none", target.URL)
	}
	user, password, warning, err := login.Find(target)
	if err != nil {
		return nil, o, err
	}
	if warning != "" {
		_, _ = fmt.Fprintln(a.stderr, "rung: warning:", warning)
	}
	o.User, o.Password = user, password
	return target, o, nil
}

// isLoopback says that an interface is this machine's loopback.
func isLoopback(name string) bool {
	i, err := net.InterfaceByName(name)
	return err == nil && i.Flags&net.FlagLoopback != 0
}

// suitsOrigin says why a target cannot be reached from there, whatever the network is like.
func suitsOrigin(target *checks.Target, from probes.Origin) error {
	addr := target.Addr()
	switch {
	case addr.IsLoopback():
		return nil
	case from.Source.IsLoopback():
		return fmt.Errorf("--source %s is a loopback address, from which nothing leaves this machine", from.Source)
	case isLoopback(from.Interface):
		return fmt.Errorf("--interface %s is the loopback, by which nothing leaves this machine", from.Interface)
	case addr.Zone() != "" && from.Interface != "" && addr.Zone() != from.Interface:
		return fmt.Errorf("target %s is on another interface than --interface %s", target.Host, from.Interface)
	}
	return nil
}

// show prints one report in a form that can be streamed.
func (a *app) show(report *checks.Report, further bool) error {
	if a.format == "jsonl" {
		return output.JSONLine(a.stdout, report)
	}
	if further {
		_, _ = fmt.Fprintln(a.stdout)
	}
	return output.Human(a.stdout, report, a.page())
}

// page is how a report looks where it goes.
func (a *app) page() output.HumanOptions {
	o := output.HumanOptionsFor(a.stdout, a.color)
	o.Verbose, o.Trace = a.verbose || a.trace, a.trace
	return o
}

func (a *app) demo() *cobra.Command {
	var list bool
	c := &cobra.Command{
		Use:   "demo [FAULT]",
		Short: "Diagnose a built-in server, healthy or with a fault",
		Long: "demo starts an FTP or TLS server on the loopback address, healthy or with the named fault, and diagnoses it for real.\n" +
			"It needs neither a network nor privileges. `rung demo --list` names the faults.",
		Args:    cobra.MaximumNArgs(1),
		PreRunE: a.checkOutputFlags,
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return faultNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(_ *cobra.Command, args []string) error {
			if list {
				return a.listFaults()
			}
			name := demo.Faults()[0].Name
			if len(args) > 0 {
				name = args[0]
			}
			return a.runDemo(name)
		},
	}
	a.outputFlags(c)
	c.Flags().BoolVar(&list, "list", false, "name the faults")
	return c
}

func faultNames() (names []string) {
	for _, fault := range demo.Faults() {
		names = append(names, fault.Name)
	}
	return names
}

func (a *app) listFaults() error {
	var items [][2]string
	for _, fault := range demo.Faults() {
		items = append(items, [2]string{fault.Name, fault.Story})
	}
	return output.List(a.stdout, items)
}

// demoTimeout is enough on the loopback address, where an answer takes microseconds.
const demoTimeout = time.Second

func (a *app) runDemo(name string) error {
	i := slices.Index(faultNames(), name)
	if i < 0 {
		return fmt.Errorf("demo has no fault %q; `rung demo --list` names them", name)
	}
	d, err := demo.Faults()[i].Start()
	if err != nil {
		return err
	}
	defer d.Close()
	target, err := checks.ParseTarget(d.Target)
	if err != nil {
		return err
	}
	o := checks.Options{
		Version: versionName(), Timeout: cmp.Or(d.Flags.Timeout, demoTimeout), User: d.User, Password: d.Password,
		Roots: pki.Roots{Pool: d.Roots, From: "demo"}, Require: d.Flags.Require, FullTLS: d.Flags.FullTLS, Transfer: d.Flags.Transfer,
		Hold: d.Flags.Hold, ServerName: d.Flags.ServerName, Certificate: d.Flags.Certificate, CertWarn: d.Flags.CertWarn,
	}
	return a.showAll([]*checks.Report{checks.Diagnose(context.Background(), target, o)})
}

// showAll shows finished reports, and concludes from them.
func (a *app) showAll(reports []*checks.Report) error {
	a.status = checks.ExitStatus(reports)
	if a.format == "json" {
		return output.JSON(a.stdout, reports)
	}
	for i, report := range reports {
		if err := a.show(report, i > 0); err != nil {
			return err
		}
	}
	return nil
}

func (a *app) report() *cobra.Command {
	var judge, schema bool
	c := &cobra.Command{
		Use:     "report FILE",
		Short:   "Show a saved JSON report again",
		Long:    "report shows what `rung check -o json` or `-o jsonl` saved; - reads standard input.",
		Args:    cobra.MaximumNArgs(1),
		PreRunE: a.checkOutputFlags,
		RunE: func(_ *cobra.Command, args []string) error {
			if schema {
				_, err := a.stdout.Write(output.Schema())
				return err
			}
			if len(args) == 0 {
				return errors.New("report needs a file, or - for standard input")
			}
			reports, err := a.read(args[0])
			if err != nil {
				return err
			}
			if judge {
				for i, report := range reports {
					reports[i] = checks.Rejudge(report)
				}
			}
			return a.showAll(reports)
		},
	}
	a.outputFlags(c)
	c.Flags().BoolVar(&judge, "judge", false, "reach the verdict anew from the report's evidence")
	c.Flags().BoolVar(&schema, "schema", false, "print the JSON Schema of reports")
	return c
}

func (a *app) read(path string) ([]*checks.Report, error) {
	if path == "-" {
		reports, err := output.Read(a.stdin)
		if err != nil {
			return nil, fmt.Errorf("standard input: %w", err)
		}
		return reports, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	reports, err := output.Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return reports, nil
}

func (a *app) explain() *cobra.Command {
	return &cobra.Command{
		Use:   "explain [CAUSE]",
		Short: "Explain a cause: what it means, how it is proven, how to mend it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listCauses()
			}
			id := args[0]
			if strings.HasPrefix(id, "unexplained.") {
				id = "unexplained"
			}
			entry, ok := checks.Catalogue()[id]
			if !ok {
				return fmt.Errorf("%q is not a cause; `rung explain` lists them", args[0])
			}
			o := output.HumanOptionsFor(a.stdout, "auto")
			return output.Explain(a.stdout, entry.Text, o.Width, o.Color)
		},
	}
}

func (a *app) listCauses() error {
	var items [][2]string
	for _, entry := range checks.Entries() {
		items = append(items, [2]string{entry.ID, entry.Title})
	}
	return output.List(a.stdout, items)
}

func (a *app) version() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(a.stdout, "rung", versionName())
			return err
		},
	}
}

// versionName is the release's version, or what the build knows of itself.
func versionName() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" && info.Main.Version != "(devel)" {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "devel"
}
