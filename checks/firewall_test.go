package checks

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/firewall"
)

// ruled is what this machine's filter says of what goes to the server's port 21, and of what comes back.
func ruled(out, in firewall.Answer) change {
	return func(e *Evidence) {
		to := netip.AddrPortFrom(serverIPv4, 21)
		packet := firewall.Packet{
			Protocol: "tcp", Source: netip.AddrPortFrom(ownIPv4, 0), Destination: to, Interface: "eth0", User: 1000,
		}
		out.Packet, in.Packet = packet, packet.Reply()
		e.Firewall = done(firewall.Result{
			Chains:  []firewall.Chain{{Family: "inet", Table: "filter", Name: "output", Type: "filter", Hook: "output", Policy: "accept", Rules: 2}},
			Answers: []firewall.Answer{out, in},
		})
	}
}

func firewallCases() map[string]verdictCase {
	const byName = "ftp://" + serverName
	mute := unresolved(probes.Timeout, unanswered(resolver, probes.Timeout)...)
	const byAddress = "ftp://203.0.113.10"
	says := func(action firewall.Action) firewall.Answer {
		if action == firewall.Accept {
			return firewall.Answer{Action: action}
		}
		return firewall.Answer{Action: action, Family: "inet", Table: "filter", Chain: "output", Handle: 7, Text: "tcp dport 21 " + string(action)}
	}
	ok := says(firewall.Accept)
	rejected := unconnected(serverIPv4, byICMP("connect", probes.Refused, 3, 3, ownIPv4))
	const named = "tcp.local-firewall fail proven @ inet filter output"
	return map[string]verdictCase{
		"a rule rejects": {
			evidence: given(byAddress, rejected, ruled(says(firewall.Reject), ok)), causes: []string{named},
			checks: []string{"firewall fail < tcp.local-firewall", "tcp fail < tcp.local-firewall"},
		},
		"a rule drops": {evidence: given(byAddress, filtered, ruled(says(firewall.Drop), ok)), causes: []string{named}},
		"a policy drops": {
			evidence: given(byAddress, filtered, ruled(firewall.Answer{Action: firewall.Drop, Family: "inet", Table: "filter", Chain: "output", Text: "policy drop"}, ok)),
			causes:   []string{named},
		},
		"a rule drops the answers":   {evidence: given(byAddress, filtered, ruled(ok, says(firewall.Drop))), causes: []string{named}},
		"a rule rejects the answers": {evidence: given(byAddress, filtered, ruled(ok, says(firewall.Reject))), causes: []string{named}},
		"the rules let all through": {
			evidence: given(byAddress, filtered, ruled(ok, ok)), causes: []string{"tcp.filtered fail likely"}, checks: []string{"firewall pass"},
		},
		"what the rules do is not known": {
			evidence: given(byAddress, filtered, ruled(says(firewall.Unknown), ok)), causes: []string{"tcp.filtered fail likely"},
			checks: []string{"firewall pass"},
		},
		"a rule that drops, and an answer from the server": {
			evidence: given(byAddress, unconnected(serverIPv4, fault("connect", probes.Refused)), ruled(says(firewall.Drop), ok)),
			causes:   []string{"tcp.refused fail proven"}, checks: []string{"firewall pass"},
		},
		"a rule that drops, and no cable": {
			evidence: given(byAddress, filtered, interfaces(as(ethernet, "eth0", true, false, "192.0.2.5/24")), ruled(says(firewall.Drop), ok)),
			causes:   []string{"link.no-carrier fail proven @ eth0"}, checks: []string{"firewall warn", "tcp fail < link.no-carrier"},
		},
		"a rule that rejects, and silence": {
			evidence: given(byAddress, filtered, ruled(says(firewall.Reject), ok)), causes: []string{"tcp.filtered fail likely"},
		},
		"this user may not read the rules": {
			evidence: given(byAddress, filtered, func(e *Evidence) {
				e.TCP[0].Seen.Transport.LocalFailures = 3
				e.Firewall = done(firewall.Result{Fault: fault("rules", probes.Prohibited)})
			}),
			causes: []string{"tcp.local-firewall fail likely"}, checks: []string{"firewall skip"},
		},
		"a rule drops questions to the resolver": {
			evidence: given(byName, mute, rules(firewall.Drop)), causes: []string{named}, checks: []string{"firewall fail < tcp.local-firewall", "dns fail < tcp.local-firewall"},
		},
		"a rule drops the answers of the resolver": {
			evidence: given(byName, mute, rules(firewall.Drop), func(e *Evidence) {
				answer := &e.Firewall.Seen.Answers[0]
				answer.Packet = answer.Packet.Reply()
			}), causes: []string{named}, says: "stops the answers of the resolver",
		},
		"a rule drops questions to a resolver that answers": {
			evidence: given(byName, rules(firewall.Drop)), causes: nil,
		},
		"there is no firewall": {
			evidence: given(byAddress, filtered, func(e *Evidence) { e.Firewall = done(firewall.Result{}) }),
			causes:   []string{"tcp.filtered fail likely"}, checks: []string{"firewall pass"},
		},
		"this system has no such rules": {
			evidence: given(byAddress, filtered, func(e *Evidence) { e.Firewall = done(firewall.Result{Fault: fault("rules", probes.Unsupported)}) }),
			causes:   []string{"tcp.filtered fail likely"}, checks: []string{"firewall skip"},
		},
	}
}
