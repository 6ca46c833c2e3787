package checks

import (
	"context"
	"errors"
	"os"
	"runtime"
	"sync"

	"github.com/rung-cli/rung/probes"
)

// Check is one question about a target: what it stands on, and how it is measured.
type Check struct {
	// ID is the check's stable name.
	ID string
	// Layer is where in the stack it belongs.
	Layer Layer
	// Needs are the checks that it stands on: what fails there is never blamed here. It is for the reader, and a test keeps it free of
	// circles; Run and the judges know it by themselves.
	Needs []string
	// When says whether the check makes sense for a target; nil is for every target.
	When func(*Target) bool
	// Run measures, and writes its own fields of the evidence and no other. It begins at once and waits for what it needs by
	// itself, piece by piece: a connection to the first address must not wait for the last answer of the resolvers.
	Run func(context.Context, *Climb)
}

// Ladder is the whole plan, lowest rung first.
var Ladder = []Check{
	{ID: "clock", Layer: Host, Run: readClock},
	{ID: "firewall", Layer: Host, Needs: []string{"dns", "tcp"}, When: asksFirewall, Run: readFirewall},
	{ID: "link", Layer: Link, Run: readLinks},
	{ID: "route", Layer: Internet, Needs: []string{"link", "dns"}, Run: lookUpRoutes},
	{ID: "gateway", Layer: Internet, Needs: []string{"route"}, Run: readGateways},
	{ID: "dns", Layer: Application, When: needsResolvers, Run: resolve},
	{ID: "anchor", Layer: Application, Run: askAnchors},
	{ID: "nowhere", Layer: Transport, Needs: []string{"route"}, When: hasPort, Run: askNowhere},
	{ID: "proxy", Layer: Application, Needs: []string{"dns", "tcp"}, When: hasPort, Run: askProxy},
	{ID: "path", Layer: Internet, Needs: []string{"dns", "route", "gateway"}, When: hasPort, Run: tracePaths},
	{ID: "tcp", Layer: Transport, Needs: []string{"dns", "route", "gateway"}, When: hasPort, Run: connect},
	{ID: "tls.handshake", Layer: Application, Needs: []string{"tcp"}, When: speaksTLS, Run: atEachAddress((*visit).shakeHands)},
	{ID: "tls.certificate", Layer: Application, Needs: []string{"tls.handshake"}, When: speaksTLS},
	{ID: "tls.revocation", Layer: Application, Needs: []string{"tls.certificate"}, When: speaksTLS},
	{ID: "tls.survey", Layer: Application, Needs: []string{"tcp"}, When: speaksTLS},
	{ID: "http", Layer: Application, Needs: []string{"tcp"}, When: speaksHTTP, Run: askInClear},
	{ID: "ftp.control", Layer: Application, Needs: []string{"tcp"}, When: speaksFTP, Run: atEachAddress((*visit).speakFTP)},
	{ID: "ftp.tls", Layer: Application, Needs: []string{"ftp.control"}, When: speaksFTPS},
	{ID: "ftp.passive", Layer: Application, Needs: []string{"ftp.control", "ftp.tls"}, When: speaksFTP},
	{ID: "ftp.active", Layer: Application, Needs: []string{"ftp.control", "ftp.tls"}, When: speaksFTP},
	{ID: "ftp.client", Layer: Application, Needs: []string{"ftp.control", "ftp.tls"}, When: speaksFTP},
}

// Diagnose measures one target, or this machine's own network where it is nil, and judges what was seen. It returns when the ladder is
// climbed, when the deadline has passed or when ctx ends, whichever comes first, with what is known by then.
func Diagnose(ctx context.Context, target *Target, o Options) *Report {
	return Judge(Measure(ctx, Ladder, target, o))
}

// What Report.Interrupted says: that the user ended the diagnosis, or that the time for the whole target was over.
const (
	Interrupted    = "interrupted"
	DeadlinePassed = "deadline"
)

// errDeadline is the cause of a context that ended because the time for the whole target was over.
var errDeadline = errors.New(DeadlinePassed)

// Measure runs the checks of a target, or of this machine's own network where it is nil, all at once.
func Measure(ctx context.Context, ladder []Check, target *Target, o Options) *Evidence {
	o = o.withDefaults()
	ctx, cancel := context.WithTimeoutCause(ctx, o.Deadline, errDeadline)
	defer cancel()
	c := newClimb(target, o)
	var running sync.WaitGroup
	for _, check := range ladder {
		if check.Run != nil && (check.When == nil || check.When(target)) {
			running.Go(func() { check.Run(ctx, c) })
		}
	}
	running.Wait()
	c.again.tellOf(c.evidence.TCP)
	for _, conn := range append(c.others.v, c.chosen.v) {
		if conn != nil {
			_ = conn.Close() // where nobody spoke over it, or came to
		}
	}
	c.countLinksAgain(ctx)
	c.evidence.Duration = probes.Since(c.start)
	c.loading.Wait()
	if ctx.Err() != nil {
		c.evidence.Interrupted = Interrupted
		if errors.Is(context.Cause(ctx), errDeadline) {
			c.evidence.Interrupted = DeadlinePassed
		}
	}
	return c.evidence
}

// promise is a value that one check makes and others wait for.
type promise[T any] struct {
	once sync.Once
	made chan struct{}
	v    T
}

func newPromise[T any]() *promise[T] { return &promise[T]{made: make(chan struct{})} }

// keep makes the value; only the first call counts. Whoever promises keeps it in every outcome, with a zero value at the
// worst, so that nobody waits in vain.
func (p *promise[T]) keep(v T) {
	p.once.Do(func() {
		p.v = v
		close(p.made)
	})
}

// wait gives the value, or ok false where ctx ended first.
func (p *promise[T]) wait(ctx context.Context) (v T, ok bool) {
	select {
	case <-p.made:
		return p.v, true
	case <-ctx.Done():
		return v, false
	}
}

// now gives the value, or ok false where it is not made yet.
func (p *promise[T]) now() (v T, ok bool) {
	select {
	case <-p.made:
		return p.v, true
	default:
		return v, false
	}
}

// measure runs one measurement and keeps when it was made.
func measure[T any](ctx context.Context, c *Climb, address string, run func() T) *Measured[T] {
	m := &Measured[T]{Address: address, Started: probes.Since(c.start)}
	m.Seen = run()
	m.Duration = probes.Since(c.start) - m.Started
	m.Finished = ctx.Err() == nil
	return m
}

// thisTool and thisVantage say what measured, and where.
func thisTool(version string) Tool {
	return Tool{Name: "rung", Version: version, OS: runtime.GOOS, Arch: runtime.GOARCH}
}

func thisVantage() Vantage {
	name, err := os.Hostname()
	if err != nil {
		name = "unknown"
	}
	return Vantage{Hostname: name, Privileged: os.Geteuid() == 0}
}
