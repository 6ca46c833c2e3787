package dns

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/net/dns/dnsmessage"
)

// Probe asks every configured server for the name servers of the root, all at once: a question that needs no name of the user's, and
// that every resolver answers from its own cache or hints. It ends with o.Timeout at the latest.
func Probe(ctx context.Context, o Options, config Config) Result {
	ctx, cancel := context.WithTimeoutCause(ctx, o.Timeout, errSilence)
	defer cancel()
	events := make(chan event)
	a := asker{host: o.Host, types: []dnsmessage.Type{dnsmessage.TypeNS}, doubt: o.doubt(), events: events}
	var asking sync.WaitGroup
	for _, server := range config.Servers {
		asking.Go(func() { a.askServer(ctx, server, []string{"."}) })
	}
	go func() {
		asking.Wait()
		close(events)
	}()
	c := collector{servers: config.Servers, through: map[netip.AddrPort]bool{}, patience: make(chan time.Time)}
	c.collect(events, func(error) {})
	return Result{Name: ".", Config: config, Direct: c.inOrder()}
}
