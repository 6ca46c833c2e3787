package checks

import (
	"context"
	"fmt"
	"net/netip"
	"os"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/firewall"
	"github.com/rung-cli/rung/probes/route"
	"github.com/rung-cli/rung/probes/tcp"
)

// readFirewall asks this machine's own packet filter, where an address of the target was not reached, what it does to what was sent there,
// and to what would come back.
func readFirewall(ctx context.Context, c *Climb) {
	routes, _ := c.routed.wait(ctx)
	switch {
	case c.Options.Host.Dial != nil: // that one's filter is not this machine's
	case c.Target == nil:
		c.readOwnFirewall(ctx, routes)
	default:
		c.readFirewallBefore(ctx, routes)
	}
}

// readFirewallBefore asks what stands, on this machine, before the addresses that were not reached.
func (c *Climb) readFirewallBefore(ctx context.Context, routes []route.Result) {
	all, _ := c.dialed.wait(ctx)
	var packets []firewall.Packet
	smells := false
	for _, d := range all {
		seen, settled := d.settled.wait(ctx)
		if !settled || seen.Connected() || seen.Fault.Of(probes.Interrupted) {
			continue
		}
		for _, r := range routes {
			if r.Destination == seen.Address.Addr() && r.Fault == nil {
				syn := synTo(seen.Address, r)
				packets = append(packets, syn, syn.Reply())
				smells = smells || smellsLocal(seen.Fault, r.Source) || seen.Looped > 0
			}
		}
	}
	if len(all) == 0 && hasName(c.Target) {
		c.resolved.wait(ctx)
		packets = c.unheardQueries(routes)
		smells = len(packets) > 0
	}
	if len(packets) == 0 || ctx.Err() != nil {
		return
	}
	read := c.askFirewall(ctx, packets)
	if smells || read.Seen.Fault == nil { // who may not read the rules need not be told so without a reason
		c.evidence.Firewall = read
	}
}

func (c *Climb) askFirewall(ctx context.Context, packets []firewall.Packet) *Measured[firewall.Result] {
	return measure(ctx, c, "", func() firewall.Result {
		result := firewall.Read(ctx)
		if result.Fault == nil {
			result.Ask(ctx, packets...)
		}
		return result
	})
}

// smellsLocal says that a fault may be this machine's own doing: silence, an error that it sent itself, or its refusal to send. A RST may
// be, too, and is the other side's as a rule.
func smellsLocal(fault *probes.Fault, own netip.Addr) bool {
	return fault.Of(probes.Timeout) || fault.Of(probes.Prohibited) || fault != nil && fault.ICMP != nil && fault.ICMP.From == own
}

// synTo is the first packet of a connection of ours by a route.
func synTo(to netip.AddrPort, r route.Result) firewall.Packet {
	return firewall.Packet{
		Protocol: "tcp", Source: netip.AddrPortFrom(r.Source, 0), Destination: to, Interface: r.Interface, User: os.Geteuid(),
		OwnPorts: firewall.OwnPorts(),
	}
}

// judgeFirewall says whether this machine's own rules explain what was not reached.
func (b *bench) judgeFirewall() {
	r := b.e.Firewall.result("firewall", Host)
	filter := seen(b.e.Firewall)
	switch {
	case filter == nil && b.unfinished(r):
	case filter == nil:
		b.needless(r, "not read: no connection failed")
	case filter.Fault.Of(probes.Prohibited):
		b.found(r, Skip, "needs the right to read the firewall's rules")
	case filter.Fault != nil:
		b.found(r, Skip, "the firewall's rules could not be read: "+filter.Fault.Message)
	default:
		b.judgeRules(r, filter)
	}
}

func (b *bench) judgeRules(r Result, filter *firewall.Result) {
	for _, m := range b.e.TCP {
		if stop := b.stoppedHere(m.Seen); stop != nil {
			b.judgeStop(r, stop)
			return
		}
	}
	for _, answer := range filter.Answers {
		if stop := b.stoppedQuery(farEnd(answer.Packet)); stop != nil {
			b.judgeStop(r, stop)
			return
		}
	}
	switch {
	case len(filter.Chains) == 0:
		b.found(r, Pass, "this machine has no firewall rules (nftables)")
	case slices.ContainsFunc(filter.Answers, func(a firewall.Answer) bool { return a.Action == firewall.Unknown }):
		b.found(r, Pass, "no rule surely stops the connection; some ask for what is not known here")
	default:
		b.found(r, Pass, "no rule of this machine stops the connection, nor the answers to it")
	}
}

// judgeStop adds the result of a rule that stops what was sent. Where something below is to blame already, the rule comes next.
func (b *bench) judgeStop(r Result, stop *firewall.Answer) {
	if b.blamed("tcp.local-firewall") {
		b.follows(r, Fail, describeStop(stop), []string{"tcp.local-firewall"})
		return
	}
	b.found(r, Warn, describeStop(stop)+"; that nothing gets there has another reason already")
}

// stoppedHere is the rule of this machine that stops what was sent to an address, or what came back from there, where what was seen is
// what such a rule does; nil where there is none.
func (b *bench) stoppedHere(attempt tcp.Result) *firewall.Answer {
	filter := seen(b.e.Firewall)
	if filter == nil || attempt.Connected() {
		return nil
	}
	for i := range filter.Answers {
		answer := &filter.Answers[i]
		if farEnd(answer.Packet) == attempt.Address && answer.Stops() && b.looksLike(attempt, answer) {
			return answer
		}
	}
	return nil
}

// farEnd is the other side of what a packet belongs to.
func farEnd(p firewall.Packet) netip.AddrPort {
	if p.Answer {
		return p.Source
	}
	return p.Destination
}

// looksLike says that an attempt ended as it does by such a rule: a rule that drops leaves silence, one that rejects what leaves is heard
// at once, and one that rejects what comes back tells the other side.
func (b *bench) looksLike(attempt tcp.Result, answer *firewall.Answer) bool {
	fault := attempt.Fault
	if answer.Action == firewall.Drop || answer.Packet.Answer {
		return fault.Of(probes.Timeout) || fault.Of(probes.Prohibited)
	}
	return fault != nil && (fault.ICMP != nil && b.ownAddress(fault.ICMP.From) || fault.ICMP == nil && fault.Of(probes.Refused))
}

// ruleCause names the rule.
func (b *bench) ruleCause(attempt tcp.Result, answer *firewall.Answer) *Cause {
	to := attempt.Address.String()
	summary := "this machine's own firewall stops the connection to " + to
	if answer.Packet.Answer {
		summary = fmt.Sprintf("this machine's own firewall stops the answers from %s", to)
	}
	cause := newCause("tcp.local-firewall", ruleName(answer), summary, describeAttempt(attempt), describeStop(answer)).restsOn("tcp", "firewall")
	if answer.Handle == 0 {
		return cause.mend("add a rule to the chain that lets it through: nft add rule %s %s %s %s accept", answer.Family, answer.Table, answer.Chain,
			letThrough(answer))
	}
	return cause.mend("remove the rule, or let this connection through before it: nft insert rule %s %s %s position %d %s accept", answer.Family,
		answer.Table, answer.Chain, answer.Handle, letThrough(answer))
}

// letThrough is a match of nft for one connection.
func letThrough(answer *firewall.Answer) string {
	if answer.Packet.Answer {
		return "ct state established,related"
	}
	to := answer.Packet.Destination
	family := map[bool]string{true: "ip", false: "ip6"}[to.Addr().Is4()]
	return fmt.Sprintf("%s daddr %s tcp dport %d", family, to.Addr(), to.Port())
}

func ruleName(answer *firewall.Answer) string {
	return strings.Join([]string{answer.Family, answer.Table, answer.Chain}, " ")
}

// describeStop is the rule in the words of nft.
func describeStop(answer *firewall.Answer) string {
	does := map[firewall.Action]string{firewall.Drop: "drops", firewall.Reject: "rejects"}[answer.Action]
	what := "what is sent to " + answer.Packet.Destination.String()
	if answer.Packet.Answer {
		what = "what comes from " + answer.Packet.Source.String()
	}
	switch {
	case answer.Handle == 0:
		return fmt.Sprintf("the chain %s of this machine's firewall %s %s: no rule lets it through, and its policy is %s",
			ruleName(answer), does, what, answer.Action)
	case answer.Text == "":
		return fmt.Sprintf("the rule %d of the chain %s of this machine's firewall %s %s", answer.Handle, ruleName(answer), does, what)
	}
	return fmt.Sprintf("the rule %d of the chain %s of this machine's firewall %s %s: %s", answer.Handle, ruleName(answer), does, what, answer.Text)
}

// whyNoRules says why a rule is not named, where this user may not read them.
func (b *bench) whyNoRules() string {
	if filter := seen(b.e.Firewall); filter != nil && filter.Fault.Of(probes.Prohibited) {
		return "; this user may not read them, and rung as root does"
	}
	return ""
}
