// Package firewall reads the rules of this machine's own packet filter (nftables, nft(8)) and says of a packet which of them would stop
// it. It needs the right to read them (CAP_NET_ADMIN); nothing is changed, and nothing is sent.
package firewall

import (
	"cmp"
	"math"
	"net/netip"
	"slices"

	"github.com/rung-cli/rung/probes"
)

// Result is the packet filter of this machine.
type Result struct {
	// Chains are the chains that packets are led through, in the order of their hooks' priority; what they hold is not kept.
	Chains []Chain `json:"chains,omitempty"`
	// Answers are what it does to the packets that were asked about.
	Answers []Answer `json:"answers,omitempty"`
	// Took is how long the rules took to read.
	Took probes.Millis `json:"took_ms"`
	// Fault is set where the rules could not be read: prohibited for want of the right, unsupported on a system or machine without nft.
	Fault *probes.Fault `json:"fault,omitempty"`

	rules *ruleset
}

// Chain is a base chain: one that a hook of the kernel leads packets through.
type Chain struct {
	// Family is "ip", "ip6", "inet", "netdev".
	Family string `json:"family"`
	// Table is the name of its table.
	Table string `json:"table"`
	// Name is its own name.
	Name string `json:"name"`
	// Type is "filter", "nat" or "route".
	Type string `json:"type"`
	// Hook is where packets come by: "output", "input", "forward", "prerouting", "postrouting", "ingress", "egress".
	Hook string `json:"hook"`
	// Priority is its place among the chains of the hook, lowest first.
	Priority int `json:"priority"`
	// Policy is what becomes of a packet of which no rule says anything: "accept" or "drop".
	Policy string `json:"policy,omitempty"`
	// Rules is how many rules it has.
	Rules int `json:"rules"`
}

// Packet is the first packet of a connection, or the answer to it, as far as it is known.
type Packet struct {
	// Answer says that it comes in, as the answer to a packet of ours.
	Answer bool `json:"answer,omitempty"`
	// Protocol is "tcp" or "udp".
	Protocol string `json:"protocol"`
	// Source is where it comes from; a port of 0 is one of OwnPorts.
	Source netip.AddrPort `json:"source"`
	// Destination is where it goes; a port of 0 is one of OwnPorts.
	Destination netip.AddrPort `json:"destination"`
	// OwnPorts are the first and the last port that the kernel gives connections of ours (net.ipv4.ip_local_port_range).
	OwnPorts Ports `json:"own_ports"`
	// Interface is the one that it leaves or comes in by.
	Interface string `json:"interface"`
	// User is the number of the user who sends it.
	User int `json:"user"`
}

// Ports are all ports from one to another.
type Ports struct {
	// First is the lowest.
	First int `json:"first"`
	// Last is the highest.
	Last int `json:"last"`
}

// OwnPorts are the ports that the kernel gives connections of ours; all there are where it does not tell.
func OwnPorts() Ports {
	first, last, ok := probes.LocalPorts()
	if !ok {
		return Ports{0, math.MaxUint16}
	}
	return Ports{int(first), int(last)}
}

// Reply is the packet that answers this one.
func (p Packet) Reply() Packet {
	p.Answer, p.Source, p.Destination = !p.Answer, p.Destination, p.Source
	return p
}

// Action is what the filter does to a packet.
type Action string

// The actions. Unknown is the answer where a rule on the way asks for what is not known of the packet.
const (
	Accept  Action = "accept"
	Drop    Action = "drop"
	Reject  Action = "reject"
	Unknown Action = "unknown"
)

// Answer is what the filter does to a packet, and the rule that says so where it stops it.
type Answer struct {
	// Packet is the one that was asked about.
	Packet Packet `json:"packet"`
	// Action is "accept", "drop", "reject" or "unknown".
	Action Action `json:"action"`
	// Family is that of the table.
	Family string `json:"family,omitempty"`
	// Table is the table of the rule that stops it, or that cannot be judged.
	Table string `json:"table,omitempty"`
	// Chain is the chain of that rule.
	Chain string `json:"chain,omitempty"`
	// Handle is the number of that rule (nft --handle); 0 where the chain's policy says it.
	Handle int `json:"handle,omitempty"`
	// Text is the rule as nft prints it, or the policy.
	Text string `json:"text,omitempty"`
}

// Stops says that the packet does not pass.
func (a Answer) Stops() bool { return a.Action == Drop || a.Action == Reject }

// hooks are those that a packet passes, in their order: one that leaves, and one that comes in for this machine.
func hooks(answer bool) []string {
	if answer {
		return []string{"ingress", "prerouting", "input"}
	}
	return []string{"output", "postrouting", "egress"}
}

// Verdict is what the filter does to a packet. A rule is named only where it matches by what is known of the packet, and all before it
// surely let it pass.
func (r *Result) Verdict(p Packet) Answer {
	if r.rules == nil {
		return Answer{Packet: p, Action: Unknown}
	}
	for _, hook := range hooks(p.Answer) {
		for _, c := range r.rules.bases {
			if c.Hook != hook || !c.sees(p) {
				continue
			}
			if end := r.rules.pass(c, p); end.action != Accept {
				return Answer{
					Packet: p, Action: end.action, Family: c.Family, Table: c.Table, Chain: end.chain, Handle: end.handle, Text: end.text(),
				}
			}
		}
	}
	return Answer{Packet: p, Action: Accept}
}

// sees says that packets of this kind come by the chain.
func (c *chain) sees(p Packet) bool {
	if p.Answer && c.Type == "nat" { // which sees the first packet of a connection alone
		return false
	}
	switch c.Family {
	case "ip":
		return p.Destination.Addr().Is4()
	case "ip6":
		return p.Destination.Addr().Is6()
	case "inet":
		return c.Hook != "ingress" || c.on(p.Interface)
	case "netdev":
		return c.on(p.Interface)
	}
	return false
}

func (c *chain) on(device string) bool { return slices.Contains(c.devices, device) }

// byPriority sorts base chains as the kernel calls them.
func byPriority(a, b *chain) int { return cmp.Compare(a.Priority, b.Priority) }
