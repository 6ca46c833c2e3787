// Package route measures the Internet layer of this machine: which way the kernel sends packets to a destination, and the
// state of the next hop.
package route

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Flow is packets of ours that a route is asked for, as far as rules of routing may look at them.
type Flow struct {
	// To is the destination.
	To netip.Addr
	// Port is the port there; 0 where no rule by port is to match.
	Port uint16
	// UDP says that they are no TCP segments.
	UDP bool
	// From is where they are to leave by, and from.
	From probes.Origin
}

// Result is the kernel's own answer to "how do you reach this address": its route, or its refusal.
type Result struct {
	// Destination is the address asked for.
	Destination netip.Addr `json:"destination"`
	// Purpose is what the destination stands for: "target", "resolver", "announced" for the address that an FTP server announces for
	// its data connections, "anchor" for a host to compare with, or "default" for whatever has no route of its own.
	Purpose string `json:"purpose"`
	// Type is the kernel's type of route, as ip-route(8) names it: "unicast", "local", "broadcast", "unreachable", "prohibit",
	// "blackhole", "throw".
	Type string `json:"type,omitempty"`
	// Interface is the one that packets leave by.
	Interface string `json:"interface,omitempty"`
	// Source is the address that packets are sent from.
	Source netip.Addr `json:"source,omitzero"`
	// Gateway is the next hop; invalid where the destination is on the link itself.
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Network is the prefix of the matching route; 0.0.0.0/0 or ::/0 is the default route. Invalid where the kernel did not say.
	Network netip.Prefix `json:"network,omitzero"`
	// Table is the routing table with that route, by its name in rt_tables or its number: "main". Linux alone tells, this and what follows.
	Table string `json:"table,omitempty"`
	// Metric is the route's; of equal routes the one with the least is taken.
	Metric uint32 `json:"metric,omitempty"`
	// Protocol is who has set the route, as ip-route(8) names it: "kernel", "boot", "static", "dhcp", "ra".
	Protocol string `json:"protocol,omitempty"`
	// NextHops are the next hops of a route that has several, among which connections are spread.
	NextHops []NextHop `json:"next_hops,omitempty"`
	// Assumed says that no route leads to the destination by the interface that was asked for: the kernel takes it for on the link then.
	Assumed bool `json:"assumed,omitempty"`
	// Rule is the rule of the routing policy that decided: by which the table was looked up, or which refuses by itself.
	Rule *Rule `json:"rule,omitempty"`
	// Searched are the tables that were looked up in vain, where there is no route.
	Searched []string `json:"searched,omitempty"`
	// Fault is the kernel's refusal: step "route", kind no-route, unreachable, prohibited or blackhole.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// NextHop is one way of a route that has several.
type NextHop struct {
	// Gateway is the router; invalid where the destination is on the link.
	Gateway netip.Addr `json:"gateway,omitzero"`
	// Interface is the one that packets leave by.
	Interface string `json:"interface"`
}

// Rule is a rule of the routing policy, as ip-rule(8) prints it.
type Rule struct {
	// Priority is its place: the rule with the least comes first.
	Priority uint32 `json:"priority"`
	// Text is what it says: "from all lookup main".
	Text string `json:"text"`
}

// NextHop is the address that the link layer must resolve: the gateway, or the destination itself on the link. It is invalid
// where there is nothing to resolve (a local destination, a refusal, a destination that only stands for others).
func (r Result) NextHop() netip.Addr {
	switch {
	case r.Fault != nil || r.Type == "local":
		return netip.Addr{}
	case r.Gateway.IsValid():
		return r.Gateway
	case r.Purpose == "default":
		return netip.Addr{}
	}
	return r.Destination
}

// Neighbour is an entry of the kernel's neighbour table (ARP, RFC 826; Neighbor Discovery, RFC 4861 §7.3).
type Neighbour struct {
	// Address is the Internet address of the neighbour.
	Address netip.Addr `json:"address"`
	// Interface is the one it is reached by.
	Interface string `json:"interface"`
	// State is the kernel's word, as ip-neighbour(8) prints it: "reachable", "stale", "delay", "probe", "permanent", "noarp",
	// "incomplete", "failed"; "none" where the table has no entry.
	State string `json:"state"`
	// HardwareAddress is its link-layer address, where it is known.
	HardwareAddress string `json:"hardware_address,omitempty"`
	// Asked says that an empty datagram was sent to its discard port, since nothing else went by it.
	Asked bool `json:"asked,omitempty"`
	// Answered says that it answered that datagram with an ICMP error: it is there.
	Answered bool `json:"answered,omitempty"`
	// Fault is set where the table could not be read.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Failed says that the kernel asked for the neighbour's link-layer address and nobody answered.
func (n Neighbour) Failed() bool { return n.State == "failed" || n.State == "incomplete" }
