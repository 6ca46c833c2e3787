package checks

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/route"
)

// readOwnFirewall reads this machine's own packet filter, and asks it what it does to what was sent to resolvers that did not answer.
func (c *Climb) readOwnFirewall(ctx context.Context, routes []route.Result) {
	if _, ok := c.resolved.wait(ctx); !ok {
		return
	}
	c.evidence.Firewall = c.askFirewall(ctx, c.unheardQueries(routes))
}

// unheardQueries are the questions to resolvers that did not answer, and the answers that would come.
func (c *Climb) unheardQueries(routes []route.Result) (packets []firewall.Packet) {
	for _, server := range c.config.Servers {
		i := slices.IndexFunc(routes, func(r route.Result) bool { return r.Destination == server.Addr() && r.Fault == nil })
		if i >= 0 && !c.heard(server) {
			query := queryTo(server, routes[i])
			packets = append(packets, query, query.Reply())
		}
	}
	return packets
}

// heard says that a resolver answered.
func (c *Climb) heard(server netip.AddrPort) bool {
	return slices.Contains(serversOf(withCode(c.evidence.DNS.Seen.Direct)), server.Addr())
}

// queryTo is a question to a resolver by a route.
func queryTo(to netip.AddrPort, r route.Result) firewall.Packet {
	packet := synTo(to, r)
	packet.Protocol, packet.User = "udp", os.Geteuid()
	return packet
}

// judgeOwnFirewall says what this machine's rules are, as far as a user may see them.
func (b *bench) judgeOwnFirewall() {
	r := b.e.Firewall.result("firewall", Host)
	filter := seen(b.e.Firewall)
	switch {
	case filter == nil && b.unfinished(r):
	case filter == nil:
		b.needless(r, "not read")
	case filter.Fault != nil:
		b.judgeFirewall()
	default:
		b.judgeOwnRules(r, filter)
	}
}

func (b *bench) judgeOwnRules(r Result, filter *firewall.Result) {
	for _, answer := range filter.Answers {
		if stop := b.stoppedQuery(farEnd(answer.Packet)); stop != nil {
			b.judgeStop(r, stop)
			return
		}
	}
	var closed []string
	for _, c := range filter.Chains {
		if c.Policy == "drop" {
			closed = append(closed, fmt.Sprintf("%s policy drop in %s %s", c.Hook, c.Family, c.Table))
		}
	}
	switch {
	case len(filter.Chains) == 0:
		b.found(r, Pass, "this machine has no firewall rules (nftables)")
	case len(closed) == 0:
		b.found(r, Pass, "nftables: what no rule speaks of passes")
	default:
		b.found(r, Pass, "nftables: "+strings.Join(closed, ", "))
	}
}

// stoppedQuery is the rule of this machine that stops what is sent to a resolver of which nothing was heard, or what comes from there; nil
// where there is none.
func (b *bench) stoppedQuery(server netip.AddrPort) *firewall.Answer {
	filter := seen(b.e.Firewall)
	if filter == nil || slices.Contains(b.answeringResolvers(), server.Addr()) {
		return nil
	}
	for i := range filter.Answers {
		if answer := &filter.Answers[i]; answer.Packet.Protocol == "udp" && farEnd(answer.Packet) == server && answer.Stops() {
			return answer
		}
	}
	return nil
}

// stoppedQueryCause names that rule.
func stoppedQueryCause(server netip.AddrPort, stop *firewall.Answer, evidence []string) *Cause {
	what, through := "what is sent to the resolver ", "port 53 of "+server.Addr().String()+" through, UDP and TCP,"
	if stop.Packet.Answer {
		what, through = "the answers of the resolver ", "answers through (ct state established,related accept)"
	}
	return newCause("tcp.local-firewall", ruleName(stop), "this machine's own firewall stops "+what+server.Addr().String(),
		append(evidence, describeStop(stop))...).restsOn("dns", "firewall").
		mend("let %s in the chain %s", through, ruleName(stop))
}
