package checks

import (
	"fmt"
	"slices"

	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/tcp"
)

// tellsICMP says that the system tells every ICMP error that ended an attempt: only then does a RST, or silence, exclude one. Windows tells
// some, and only newer versions do.
func (b *bench) tellsICMP() bool { return b.e.Tool.OS == "linux" }

// sentOnce says that the SYN which brought nothing back is known not to have been sent again: a single packet may just be lost. Other
// systems do not tell, of an attempt that failed.
func (b *bench) sentOnce(seen tcp.Result) bool {
	return b.e.Tool.OS == "linux" && seen.Transport.Retransmits == 0
}

// unlessICMP are the causes whose proof includes that no ICMP error came, or that nothing of our own gave the same error number.
var unlessICMP = []string{
	"tcp.refused", "tcp.filtered", "tcp.partial-backends", "ip6.target-broken", "dns.resolver-refused", "dns.resolver-timeout",
	"ftp.passive.port-refused", "ftp.passive.port-filtered", "ftp.passive.range-partial",
}

// unlessManaged are the causes whose proof is in a file that, beyond Linux, is but a copy of the resolvers' configuration.
var unlessManaged = []string{"dns.no-resolver"}

// lowerWhatTheSystemHides makes likely what is proven on Linux alone, where the system does not tell what excludes the look-alikes.
func (b *bench) lowerWhatTheSystemHides() {
	if b.tellsICMP() {
		return
	}
	for _, cause := range b.causes {
		switch {
		case cause.Confidence != Proven:
		case slices.Contains(unlessICMP, cause.ID):
			cause.likely("the ICMP errors on this path, of which this system does not tell all: the same from a Linux machine of this network")
		case slices.Contains(unlessManaged, cause.ID):
			cause.likely("what the system's own resolver is configured with (macOS: scutil --dns; Windows: Get-DnsClientServerAddress)")
		}
	}
}

// nothingElse adds that no ICMP error came, where the system would have told.
func (b *bench) nothingElse(evidence, without string) []string {
	if b.tellsICMP() {
		return []string{evidence, without}
	}
	return []string{evidence}
}

// amongOthers lowers what is wrong with an interface where the system keeps several of its own (macOS: awdl0, utun0, bridge0; Windows: virtual
// adapters), of which nobody expects a carrier or an address.
func (b *bench) amongOthers(cause *Cause, links *link.Result) *Cause {
	count := 0
	for _, i := range links.Interfaces {
		if !i.Loopback {
			count++
		}
	}
	if cause == nil || b.e.Tool.OS == "linux" || count < 2 || cause.Confidence != Proven {
		return cause
	}
	return cause.likely("which interface is meant to carry the traffic: this system keeps several of its own that never do")
}

// unreachableCause is an error number that says "no way there", and not whose word that is: an ICMP error of a router, the silence of the
// next hop on our own link and a rule of this machine give the same beyond Linux. Behind a gateway a router's word is the likely one; on our
// own link nothing is.
func (b *bench) unreachableCause(seen tcp.Result) *Cause {
	addr := seen.Address.Addr()
	way := b.routeTo(addr)
	if !way.Gateway.IsValid() {
		return nil
	}
	return newCause("route.unreachable-remote", addr.String(), fmt.Sprintf("the network says that %s cannot be reached", addr),
		describeAttempt(seen), fmt.Sprintf("this machine has a route to it, by the gateway %s", way.Gateway)).restsOn("tcp", "route").
		likely("whose word that is, which this system does not tell: a router's, or that of a firewall on this machine").
		mend("make sure that the host %s is up and that its network is routed; look at this machine's own firewall and VPN, too", addr)
}
