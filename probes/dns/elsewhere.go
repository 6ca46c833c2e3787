package dns

import (
	"context"
	"net/netip"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

// Elsewhere is what a server answered that was asked by another interface than the one which the system's routing prefers.
type Elsewhere struct {
	// Interface is the one that the question was bound to.
	Interface string `json:"interface"`
	// Source is the address that it came from there.
	Source netip.Addr `json:"source,omitzero"`
	// Gateway is the next hop there; invalid where there is none.
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Network is the prefix of the route by that interface.
	Network netip.Prefix `json:"network,omitzero"`
	// Metric is the metric of that route.
	Metric uint32 `json:"metric,omitempty"`
	// Answer is the answer to a question that every resolver can answer: for the servers of the root, over UDP, without EDNS.
	Answer Answer `json:"answer"`
}

// Ask asks a server for the servers of the root, over UDP and without EDNS, until it answers or ctx ends.
func Ask(ctx context.Context, o Options, server netip.AddrPort) Answer {
	ctx, stop := context.WithTimeoutCause(ctx, o.Timeout, errSilence)
	defer stop()
	a := asker{host: o.Host, doubt: probes.Doubt(0)}
	return a.askUDP(ctx, question{server: server, transport: "udp", name: root, qtype: dnsmessage.TypeNS})
}
