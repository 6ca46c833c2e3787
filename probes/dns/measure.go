package dns

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// resolutionDelay is how long the other family's addresses are waited for once one family's are there (RFC 8305 §3).
const resolutionDelay = 50 * time.Millisecond

// Measure resolves name the system's way and asks every configured server directly, all at once. It calls found once if there
// are any addresses, and as soon as they can be trusted, while the measuring goes on: with the system's, or where the system
// fails or is silent for a doubt (and the hosts file, which would overrule them, does not have the name), with those of the
// first configured server that gave any. found must return at once. Measure ends when all is in, with o.Timeout at the latest;
// and when the system has found the name, a doubt after the last news.
func Measure(ctx context.Context, o Options, config Config, name string, found func([]netip.Addr)) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, errSilence)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	hosts := readHosts(o.HostsFile, name)
	c := collector{
		found:    found,
		names:    config.candidates(name),
		from:     o.Host.From,
		servers:  config.ServersFor(name),
		inHosts:  slices.ContainsFunc(hosts, func(entry HostsEntry) bool { return o.Host.Wants(entry.Address) }),
		doubt:    o.doubt(),
		through:  map[netip.AddrPort]bool{},
		patience: time.After(o.doubt()),
	}
	c.collect(askAll(ctx, o, config, &c, name), stop)
	return Result{
		Name: name, Hosts: hosts, Config: config, System: c.system.Lookup, Own: c.system.own, Getent: c.system.getent,
		Direct: c.inOrder(c.direct), Control: c.inOrder(c.control), Invented: c.inOrder(c.invented),
	}
}

// ServersFor are the servers that Measure asks for a name: those that are configured, and those that a stub on this machine would ask.
func (c Config) ServersFor(name string) []netip.AddrPort {
	return append(slices.Clip(c.Servers), c.upstreamsFor(name)...)
}

// askAll starts all that asks. The channel is closed when they are all through; it must be read until then.
func askAll(ctx context.Context, o Options, config Config, c *collector, name string) <-chan event {
	events := make(chan event)
	a := asker{host: o.Host, types: o.types(), doubt: o.doubt(), events: events}
	var asking sync.WaitGroup
	asking.Go(func() { lookUp(ctx, o, config, name, events) })
	for _, server := range c.servers {
		asking.Go(func() { a.askServer(ctx, server, c.names) })
		if o.Zone != "" {
			asking.Go(func() {
				a.askInvented(ctx, server, o.Zone)
				a.askInvented(ctx, server, o.Zone)
			})
		}
	}
	go func() {
		asking.Wait()
		close(events)
	}()
	return events
}

// types are the types of records that are asked for.
func (o Options) types() []dnsmessage.Type {
	switch o.Host.Family {
	case 4:
		return []dnsmessage.Type{dnsmessage.TypeA}
	case 6:
		return []dnsmessage.Type{dnsmessage.TypeAAAA}
	}
	return []dnsmessage.Type{dnsmessage.TypeA, dnsmessage.TypeAAAA}
}

// collector gathers what comes in, and decides when the addresses are known and when the rest is not worth waiting for.
type collector struct {
	found           func([]netip.Addr) // nil once it was called
	names           []string           // that are tried, in order
	from            probes.Origin      // where our packets leave by
	servers         []netip.AddrPort
	inHosts         bool
	doubt           time.Duration
	start           time.Time        // of the measurement, where that matters
	anyAnswerWillDo []netip.AddrPort // servers of which an answer of any kind is as good as the name found

	system   systemAnswer
	direct   []Answer
	control  []Answer
	invented []Answer
	through  map[netip.AddrPort]bool // servers of which nothing more about the same name is to come

	directWillDo bool             // the system failed or is silent: the servers' own answers are as good
	patience     <-chan time.Time // until the servers' own answers will do, or those of one family
	grace        <-chan time.Time // until what is still silent is given up; nil while the system has not found the name
}

// collect takes in events until there are no more. It calls stop when the rest is not worth waiting for.
func (c *collector) collect(events <-chan event, stop context.CancelCauseFunc) {
	for {
		select {
		case e, open := <-events:
			if !open {
				c.settle(true)
				return
			}
			c.take(e)
		case <-c.patience:
			c.losePatience()
		case <-c.grace:
			stop(c.reasonToStop())
		}
	}
}

// take adds an event to what is known. Once the system has found the name, every news gives the rest another doubt; the hosts
// file needs no confirmation, and the rest gets one doubt in all.
func (c *collector) take(e event) {
	switch {
	case e.lookup != nil:
		c.takeLookup(*e.lookup)
	case e.answer != nil:
		c.direct = append(c.direct, *e.answer)
		c.through[e.answer.Server] = false
	case e.control != nil:
		c.control = append(c.control, *e.control)
	case e.invented != nil:
		c.invented = append(c.invented, *e.invented)
	case e.through.IsValid():
		c.through[e.through] = true
	}
	if c.directWillDo {
		c.settle(false)
	}
	if c.known() && (c.grace == nil || !c.inHosts) {
		c.grace = time.After(c.patienceWithTheRest())
	}
}

// systemsWait is how long the system's resolver waits for one server before it asks the next (resolv.conf(5), timeout).
const systemsWait = 5 * time.Second

// patienceWithTheRest is how long what is still silent is waited for, after some news: where it is the servers themselves that matter,
// for as long as programs would.
func (c *collector) patienceWithTheRest() time.Duration {
	if !slices.ContainsFunc(c.anyAnswerWillDo, func(s netip.AddrPort) bool { return !c.through[s] && !c.alive(s) }) {
		return c.doubt
	}
	return max(c.doubt, systemsWait-time.Since(c.start))
}

// alive says that a server answered for a name that nobody has, whatever else it leaves unanswered.
func (c *collector) alive(server netip.AddrPort) bool {
	return slices.ContainsFunc(c.invented, func(a Answer) bool { return a.Server == server && a.Code != "" })
}

// known says that what is still silent decides nothing any more.
func (c *collector) known() bool {
	return len(c.system.Addresses) > 0 || slices.ContainsFunc(slices.Concat(c.direct, c.invented), func(a Answer) bool {
		return a.Code != "" && slices.Contains(c.anyAnswerWillDo, a.Server)
	})
}

func (c *collector) takeLookup(system systemAnswer) {
	c.system = system
	c.directWillDo = len(system.Addresses) == 0
	c.tell(system.Addresses)
}

// losePatience is for when nothing was told for a doubt, or one family's addresses have waited for the other's.
func (c *collector) losePatience() {
	if c.inHosts && !c.directWillDo {
		return
	}
	c.directWillDo = true
	c.settle(true)
}

// settle tells the servers' addresses, where there are any: at once when both families are in or have been waited for.
func (c *collector) settle(waited bool) {
	addrs, whole := c.trusted()
	switch {
	case len(addrs) == 0 || c.found == nil:
	case whole || waited:
		Sort(c.from, addrs)
		c.tell(addrs)
	default:
		c.patience = time.After(resolutionDelay)
	}
}

// trusted are the addresses of the first server that gave any, and whether it has given all.
func (c *collector) trusted() (addrs []netip.Addr, whole bool) {
	for _, server := range c.servers {
		for _, name := range c.names {
			if addrs := addressesOf(c.answersOf(server, name)); len(addrs) > 0 {
				return addrs, c.through[server]
			}
		}
	}
	return nil, false
}

func (c *collector) answersOf(server netip.AddrPort, name string) []Answer {
	var answers []Answer
	for _, answer := range c.direct {
		if answer.Server == server && answer.Name == name {
			answers = append(answers, answer)
		}
	}
	return answers
}

// tell hands over the addresses, if there are any and none were before.
func (c *collector) tell(addrs []netip.Addr) {
	if c.found == nil || len(addrs) == 0 {
		return
	}
	c.found(slices.Clone(addrs))
	c.found = nil
}

// reasonToStop is what ends the waits that are left over. Behind a hosts file they had no chance to become timeouts.
func (c *collector) reasonToStop() error {
	if c.inHosts {
		return context.Canceled
	}
	return errSilence
}

// inOrder are answers by server and type; those to the same question stay in the order of time.
func (c *collector) inOrder(answers []Answer) []Answer {
	slices.SortStableFunc(answers, func(a, b Answer) int {
		return cmp.Or(
			cmp.Compare(slices.Index(c.servers, a.Server), slices.Index(c.servers, b.Server)),
			strings.Compare(a.Type, b.Type),
		)
	})
	return answers
}
