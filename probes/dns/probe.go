package dns

import (
	"context"
	"crypto/rand"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// Probe asks every configured server, and those that a stub on this machine asks, for something harmless that all resolvers know (NS of
// the root), to see which of them answers; one that has no answer to that, for something that every resolver has to look up. The result's
// name is "."; its Direct and Invented answers are all there is in it. Probe ends when all is in, with o.Timeout at the latest; and when a
// configured server has answered, a doubt after the last news, and not before programs would give the others up. What answers a stub does
// not say that the stub does.
func Probe(ctx context.Context, o Options, config Config) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, errSilence)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c := collector{
		names: []string{root}, servers: config.ServersFor(root), doubt: o.doubt(), through: map[netip.AddrPort]bool{},
		start: time.Now(), anyAnswerWillDo: config.Servers,
	}
	events := make(chan event)
	a := asker{host: o.Host, types: []dnsmessage.Type{dnsmessage.TypeNS}, doubt: o.doubt(), events: events}
	var asking sync.WaitGroup
	for _, server := range c.servers {
		asking.Go(func() { a.probeServer(ctx, server) })
	}
	go func() {
		asking.Wait()
		close(events)
	}()
	c.collect(events, stop)
	return Result{Name: root, Config: config, Direct: c.inOrder(c.direct), Invented: c.inOrder(c.invented)}
}

// probeServer asks one server for the root's name servers. Some answer addresses alone, and drop or refuse all other questions: where
// nothing else has come of it, a name that nobody has tells whether the server works. It is of two labels: many a forwarder answers those of
// one by itself, also where it has lost its own resolvers.
func (a *asker) probeServer(ctx context.Context, server netip.AddrPort) {
	settle := probes.OnDoubt(ctx, a.doubt, func(ctx context.Context) {
		answer := a.askUDP(ctx, invent(server, strings.ToLower(rand.Text()[:randomLabel])+".", dnsmessage.TypeA))
		if !answer.Fault.Of(probes.Interrupted) {
			a.events <- event{invented: &answer}
		}
	})
	last := lastAnswered(a.askName(ctx, server, root))
	settle(last == nil || slices.Contains([]string{"NOERROR", "NXDOMAIN", "SERVFAIL"}, last.Code))
	a.events <- event{through: server}
}
