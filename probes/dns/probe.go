package dns

import (
	"context"
	"net/netip"
	"sync"

	"golang.org/x/net/dns/dnsmessage"
)

// Probe asks every configured server, and those that a stub on this machine asks, for something harmless that all resolvers know (NS of
// the root), to see which of them answers. The result's name is "."; its Direct answers are all there is in it. Probe ends when all is in,
// with o.Timeout at the latest; and when a server has answered, a doubt after the last news.
func Probe(ctx context.Context, o Options, config Config) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, errSilence)
	defer cancel()
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	c := collector{
		names: []string{root}, servers: config.ServersFor(root), doubt: o.doubt(), through: map[netip.AddrPort]bool{},
		anyAnswerWillDo: true,
	}
	events := make(chan event)
	a := asker{host: o.Host, types: []dnsmessage.Type{dnsmessage.TypeNS}, doubt: o.doubt(), events: events}
	var asking sync.WaitGroup
	for _, server := range c.servers {
		asking.Go(func() { a.askServer(ctx, server, c.names) })
	}
	go func() {
		asking.Wait()
		close(events)
	}()
	c.collect(events, stop)
	return Result{Name: root, Config: config, Direct: c.inOrder(c.direct)}
}
