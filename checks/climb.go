package checks

import (
	stdtls "crypto/tls"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
	"github.com/rung-cli/rung/probes/pki"
	"github.com/rung-cli/rung/probes/proxy"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// Options say how a target is measured.
type Options struct {
	// Version is the program's version, for the report.
	Version string
	// Timeout is the longest wait for one network event; zero is 10 s.
	Timeout time.Duration
	// Deadline is the longest time for the whole target, to which Hold is added; zero is 30 s.
	Deadline time.Duration
	// Require names the FTP data modes that must work: "passive" (the default), "active", "both" or "any".
	Require string
	// User and Password are the login; an empty User is anonymous.
	User, Password string
	// NoLogin stops after the greeting, FEAT and TLS.
	NoLogin bool
	// InsecureLogin sends the login over a certificate that was judged bad.
	InsecureLogin bool
	// ClearLogin sends the login in clear as well, to compare with what happens over TLS; an anonymous one needs no leave.
	ClearLogin bool
	// AllAddresses tries the upper layers at each of the target's addresses, and not at the first alone.
	AllAddresses bool
	// Samples is how many passive ports are tried, also where all is well; zero is 8 where a data connection failed, and none
	// otherwise.
	Samples int
	// FollowPASV makes a data connection to the address that the server announces, too.
	FollowPASV bool
	// ActiveAddress is announced in active mode in place of our own address, where it is valid; ActivePorts are the first and the last
	// port for our listener, zero for any.
	ActiveAddress netip.Addr
	ActivePorts   [2]uint16
	// ClearData leaves data connections unprotected beside a protected control connection (PROT C).
	ClearData bool
	// FullTLS makes full TLS handshakes on data connections, instead of resuming the control connection's session.
	FullTLS bool
	// Transfer uploads a small file, downloads it and removes it.
	Transfer bool
	// Hold leaves the control connection idle for so long beside an open data connection.
	Hold time.Duration
	// SecondOpinion asks a stock FTP client, also where all is well.
	SecondOpinion bool
	// ServerName is sent as SNI in place of the target's host.
	ServerName string
	// Certificate is ours, for servers that ask for one; nil for none.
	Certificate *stdtls.Certificate
	// CertWarn and CertFail are how much of its time a certificate must have left not to be a warning or a failure.
	CertWarn, CertFail time.Duration
	// FetchIssuers asks for missing intermediates where the certificates themselves say that they are to be had.
	FetchIssuers bool
	// CheckRevocation asks those who issued the certificates whether they still stand by them.
	CheckRevocation bool
	// Survey enumerates what the server would accept.
	Survey bool
	// NTP is the time server to be asked, HOST or HOST:PORT; empty for none.
	NTP string
	// Anchors are other hosts that tell what is true of the target from what is true of everything.
	Anchors []*Target
	// Proxies are what the environment says of proxies; the zero value names none.
	Proxies proxy.Environment
	// Family is 4 or 6 to use that family alone.
	Family int
	// TracePath traces the way to the target even where all is well.
	TracePath bool
	// Authorities are certificates, in PEM, that are trusted in addition to the system's; AuthoritiesFrom says where they came
	// from.
	Authorities     []byte
	AuthoritiesFrom string
	// Roots are trusted in place of the system's and the Authorities, where its pool is not nil.
	Roots pki.Roots
	// Host is the machine that measures; the zero Host is this one.
	Host probes.Host
	// ResolvConf and HostsFile stand in for the system's files; empty for those.
	ResolvConf, HostsFile string
}

func (o Options) withDefaults() Options {
	if o.Timeout == 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Deadline == 0 {
		o.Deadline = 30 * time.Second
	}
	o.Deadline += o.Hold
	if o.Require == "" {
		o.Require = "passive"
	}
	if source := o.Host.From.Source; source.IsValid() && o.Family == 0 {
		o.Family = familyOf(source) // the other one cannot be spoken from there
	}
	o.Host.Family = o.Family
	return o
}

// Climb is one target, or this machine's own network (nil), on its way up the ladder: what the checks hand to one another while they run,
// and the evidence that they leave.
type Climb struct {
	Target  *Target
	Options Options

	start    time.Time
	evidence *Evidence
	config   dns.Config // of the system's stub resolver; read where resolvers are asked

	addresses *promise[[]netip.Addr]   // the target's addresses, as soon as they are known
	resolved  *promise[struct{}]       // the resolvers have been asked
	routed    *promise[[]route.Result] // the routes to the resolvers and the addresses
	dialed    *promise[[]dialed]       // the attempts at the target's addresses
	chosen    *promise[net.Conn]       // the connection that the upper layers speak over; nil for none
	others    *promise[[]net.Conn]     // those to further addresses, where all are to be tried
	connected *promise[struct{}]       // every address was tried
	anchored  *promise[[]route.Result] // the routes to the anchors, which were tried
	announced *promise[netip.Addr]     // the private address in the server's 227, where it is not its own; invalid otherwise

	refusing  sync.Mutex         // held while an address is tried again that refused at once
	again     furtherTries       // of connections, on doubt
	timed     *promise[struct{}] // the time server that the user has named was asked
	clockOnce sync.Once          // of the clock's measurement
	roots     func() pki.Roots
	loading   sync.WaitGroup // of the roots, ahead of their use
	tracing   sync.Mutex     // of the ways in the evidence
}

func newClimb(target *Target, o Options) *Climb {
	start := time.Now()
	c := &Climb{
		Target: target, Options: o, start: start,
		addresses: newPromise[[]netip.Addr](), resolved: newPromise[struct{}](), routed: newPromise[[]route.Result](),
		dialed: newPromise[[]dialed](), chosen: newPromise[net.Conn](), others: newPromise[[]net.Conn](), connected: newPromise[struct{}](),
		anchored: newPromise[[]route.Result](), announced: newPromise[netip.Addr](), timed: newPromise[struct{}](),
		again: furtherTries{attempts: map[netip.AddrPort][]tcp.Attempt{}, mtu: map[netip.AddrPort]uint32{}},
	}
	c.roots = sync.OnceValue(c.loadRoots)
	c.skipWhatIsKnown()
	c.evidence = &Evidence{
		Tool: thisTool(o.Version), Target: target, Vantage: thisVantage(), Started: start.UTC(),
		Settings: Settings{
			Timeout: probes.Millis(o.Timeout), Deadline: probes.Millis(o.Deadline), LoginGiven: o.User != "",
			NoLogin: o.NoLogin, Family: o.Family, Survey: o.Survey, CheckRevocation: o.CheckRevocation,
			ClearLogin: o.ClearLogin, ClearData: o.ClearData, FullTLS: o.FullTLS, FollowPASV: o.FollowPASV,
			Interface: o.Host.From.Interface, Source: o.Host.From.Source, TracePath: o.TracePath,
		},
	}
	if speaksTLS(target) || speaksFTPS(target) {
		c.evidence.Settings.CertWarn, c.evidence.Settings.CertFail = probes.Millis(o.CertWarn), probes.Millis(o.CertFail)
	}
	if speaksFTP(target) {
		c.evidence.Settings.Require = o.Require
	}
	return c
}

// skipWhatIsKnown keeps the promises of the checks that this target has no need of.
func (c *Climb) skipWhatIsKnown() {
	if needsResolvers(c.Target) {
		c.config = dns.ReadConfig(c.Options.ResolvConf)
	} else {
		c.addresses.keep([]netip.Addr{c.Target.Addr()})
		c.resolved.keep(struct{}{})
	}
	if c.Target == nil {
		c.addresses.keep(nil)
	}
	if !speaksFTP(c.Target) {
		c.announced.keep(netip.Addr{})
	}
	if !hasPort(c.Target) {
		c.connected.keep(struct{}{})
	}
}

// loadRoots reads the certificates that are trusted: the system's, and those of the options. It is slow (the parsing of some
// 140 certificates), and so done only where a chain is to be verified, while the network is being waited for.
func (c *Climb) loadRoots() pki.Roots {
	if c.Options.Roots.Pool != nil {
		return c.Options.Roots
	}
	roots := pki.LoadRoots(c.Options.Authorities, c.Options.AuthoritiesFrom)
	roots.AskPublic = len(c.Options.Anchors) > 0 // who vouches for all of them may be one that browsers trust
	return roots
}
