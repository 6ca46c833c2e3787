package checks

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
)

// maxAddresses is how many of a name's addresses are tried.
const maxAddresses = 16

// resolve finds the target's addresses, and hands them on as soon as they can be trusted. Without a target it asks every resolver
// whether it is there.
func resolve(ctx context.Context, c *Climb) {
	defer c.resolved.keep(struct{}{})
	defer c.addresses.keep(nil)
	options := dns.Options{Host: c.Options.Host, Timeout: c.Options.Timeout, HostsFile: c.Options.HostsFile}
	if c.Target != nil && len(c.Options.Anchors) > 0 {
		options.Zone = realZone(c.Target.Host)
	}
	var elsewhere []dns.Elsewhere
	settle := probes.OnDoubt(ctx, probes.Doubt(0), c.askElsewhere(&elsewhere))
	c.evidence.DNS = measure(ctx, c, "", func() dns.Result {
		if c.Target == nil {
			return dns.Probe(ctx, options, c.config)
		}
		return dns.Measure(ctx, options, c.config, c.Target.Host, func(addresses []netip.Addr) {
			addresses = slices.DeleteFunc(slices.Clone(addresses), netip.Addr.IsUnspecified) // a blocking resolver's way to say no
			c.addresses.keep(addresses[:min(len(addresses), maxAddresses)])
		})
	})
	result := &c.evidence.DNS.Seen
	moot := len(result.System.Addresses) > 0 || slices.ContainsFunc(result.Direct, func(a dns.Answer) bool { return !a.Fault.Of(probes.Timeout) })
	settle(moot)
	if !moot {
		result.Elsewhere = elsewhere
	}
}

// targetAddresses are the addresses that were tried.
func (b *bench) targetAddresses() (addresses []netip.Addr) {
	for _, m := range b.e.Routes {
		if m.Seen.Purpose == "target" {
			addresses = append(addresses, m.Seen.Destination)
		}
	}
	return addresses
}

// answeringResolvers are the servers that answered anything at all, be it an error.
func (b *bench) answeringResolvers() []netip.Addr {
	return serversOf(withCode(slices.Concat(b.dnsSeen().Direct, b.dnsSeen().Invented)))
}

// withCode are the answers that a server gave, be it an error: what is none has no code.
func withCode(answers []dns.Answer) []dns.Answer {
	return slices.DeleteFunc(slices.Clone(answers), func(a dns.Answer) bool { return a.Code == "" })
}

func (b *bench) judgeDNS() {
	r := b.e.DNS.result("dns", Application)
	result := seen(b.e.DNS)
	if result == nil {
		if !b.unfinished(r) {
			b.found(r, Skip, "not measured")
		}
		return
	}
	addresses := b.targetAddresses()
	switch {
	case len(addresses) > 0 && (len(result.System.Addresses) > 0 || systemWouldFind(result)):
		b.found(r, Pass, describeAnswer(result, addresses)+b.lookupAtLarge())
		return
	case len(addresses) > 0 && result.System.Fault != nil && !result.System.Fault.Of(probes.Interrupted):
		b.found(r, Fail, fmt.Sprintf("this system's own way does not find %s (%s), though a resolver asked directly does",
			result.Name, result.System.Fault.Kind), b.systemCauses(result)...)
		return
	case len(result.System.Addresses) > 0 && b.unfinished(r):
		return
	case len(result.System.Addresses) > 0:
		b.noName = []string{unexplained + ".dns"}
		b.found(r, Fail, fmt.Sprintf("%s resolves to %s, which is no host's address: resolvers that block a name answer so",
			result.Name, severalOf(result.System.Addresses)))
		return
	}
	if b.unfinished(r) {
		return
	}
	b.judgeNoAddress(r, result)
}

// lookupAtLarge is a word on what --interface and --source do not hold for: who resolves for the system sends its own packets.
func (b *bench) lookupAtLarge() string {
	if b.e.Settings.Interface == "" && !b.e.Settings.Source.IsValid() {
		return ""
	}
	return " (the system's own lookup leaves by what it likes)"
}

// systemWouldFind says that the system's own way was only slow, or was not waited for: a resolver that it asks has the name, over
// UDP as it asks.
func systemWouldFind(result *dns.Result) bool {
	return !result.System.Fault.Of(probes.NotFound) && slices.ContainsFunc(result.Direct, func(a dns.Answer) bool {
		return len(a.Addresses) > 0 && programsGet(result.Config, a) && !a.CheckingDisabled && !a.WithoutEDNS
	})
}

// programsGet says that programs get such an answer: from a configured server, and over UDP where they do not use TCP alone.
func programsGet(config dns.Config, a dns.Answer) bool {
	return (a.Transport == "udp" || config.OverTCP) && slices.Contains(config.Servers, a.Server)
}

// isFinal says that an answer settles whether the name has addresses: whoever gave it had reached the zone, or a cache of it.
func isFinal(a dns.Answer) bool {
	return a.Fault == nil && !a.Truncated && !a.NoRecursion && (a.Code == "NOERROR" || a.Code == "NXDOMAIN") && !ownWayOut(a)
}

// ownWayOut says that the resolver itself names its way to the zone as the reason (RFC 8914 §4: 14 Not Ready, 22 No Reachable
// Authority, 23 Network Error).
func ownWayOut(a dns.Answer) bool {
	return slices.ContainsFunc(a.Extended, func(e string) bool {
		code, _, _ := strings.Cut(e, " ")
		return code == "14" || code == "22" || code == "23"
	})
}

func describeAnswer(result *dns.Result, used []netip.Addr) string {
	addresses := result.System.Addresses
	if len(addresses) == 0 {
		addresses = used
	}
	text := fmt.Sprintf("%s is %s", result.Name, severalOf(addresses))
	return text + sourceOf(result, addresses)
}

func joined[T fmt.Stringer](values []T) string { return strings.Join(texts(values), ", ") }

func texts[T fmt.Stringer](values []T) (texts []string) {
	for _, v := range values {
		texts = append(texts, v.String())
	}
	return texts
}

// manyAddresses is how many addresses a line has room for: an answer over TCP may have thousands.
const manyAddresses = 8

// severalOf names the first few addresses.
func severalOf(addresses []netip.Addr) string { return someOf(texts(addresses), manyAddresses) }

// judgeNoAddress says why the name has no address: what lies below the resolvers first, then what they answered.
func (b *bench) judgeNoAddress(r Result, result *dns.Result) {
	summary := fmt.Sprintf("the name %s does not resolve", result.Name)
	below := b.belowResolvers()
	if b.proxyOnly != "" {
		below = []string{b.proxyOnly}
	}
	if len(below) == 0 && !slices.ContainsFunc(result.Direct, isFinal) {
		below = b.cutOff()
	}
	if len(below) > 0 {
		b.noName = below
		b.follows(r, Fail, summary+": no resolver can be reached", below)
		return
	}
	causes := b.nameCauses(result)
	if b.portalStands() && !slices.ContainsFunc(result.Direct, isFinal) {
		b.caught("its name does not resolve, so that nothing of it was reached")
	}
	for _, cause := range causes {
		b.noName = append(b.noName, cause.ID)
	}
	if len(causes) == 1 {
		summary = causes[0].Summary
	}
	if len(causes) == 0 {
		b.noName = []string{unexplained + ".dns"}
	}
	b.found(r, Fail, summary, causes...)
}

// belowResolvers are the causes for which no resolver can be reached, nor any that this machine's own one asks: none where a
// way is open.
func (b *bench) belowResolvers() (causes []string) {
	if b.anythingAnswered() {
		return nil
	}
	for _, m := range b.decisiveRoutes() {
		blocking := b.blocked[m.Seen.Destination]
		if len(blocking) == 0 && m.Seen.Purpose != "default" { // of the two families one is enough for a way out, and to lose it
			return nil
		}
		causes = append(causes, blocking...)
	}
	return causes
}

// nameCauses says why the name has no address: because of the name itself, where any server could tell, and otherwise because of
// each server that could not.
func (b *bench) nameCauses(result *dns.Result) []*Cause {
	if len(result.Config.Servers) == 0 {
		return []*Cause{noResolverCause(result.Config)}
	}
	if cause := b.missingName(result); cause != nil {
		return []*Cause{cause}
	}
	var causes []*Cause
	for _, server := range result.Config.Servers {
		if len(answersOfServer(result.Direct, server)) == 0 || len(b.blocked[server.Addr()]) > 0 {
			continue
		}
		ofServer := b.serverCauses(result, server)
		if len(ofServer) == 0 { // what one server does not explain, the others do not either
			return []*Cause{strangeCause(absolute(answersOfServer(result.Direct, server), result.Name))}
		}
		causes = append(causes, ofServer...)
	}
	return allSilent(causes)
}

// strangeCause is servers whose answers are none of those that have a known reason: they are quoted, for who runs the servers.
func strangeCause(answers []dns.Answer) *Cause {
	where := joined(serversOf(answers))
	cause := newCause(unexplained+".dns", where, fmt.Sprintf("the resolver %s gives no usable answer", where), evidenceOf(answers)...).restsOn("dns").
		mend("attach this report to a question to the operator of the resolver %s, or configure another resolver", where)
	cause.Layer, cause.Confidence, cause.Settle = Application, Unknown, "the resolver's own log of these questions"
	return cause.as(SeverityFail)
}

// allSilent says of several servers in one sentence that they do not answer, where that is what is wrong with all.
func allSilent(causes []*Cause) []*Cause {
	var servers []string
	for _, cause := range causes {
		if cause.ID != "dns.resolver-timeout" {
			return causes
		}
		servers = append(servers, cause.Where)
	}
	if len(servers) > 1 {
		causes[0].Summary = fmt.Sprintf("none of the resolvers %s answers", strings.Join(servers, ", "))
	}
	return causes
}

func noResolverCause(config dns.Config) *Cause {
	if config.Fault != nil {
		return newCause("dns.no-resolver", config.File, "which resolvers this machine has cannot be read, by rung or by other programs of this user",
			config.File+" could not be read: "+config.Fault.Message).
			restsOn("dns").
			mend("let there be a file %[1]s that every user may read (ls -lL %[1]s), or repair what writes it (DHCP client, systemd-resolved, NetworkManager)",
				config.File)
	}
	return newCause("dns.no-resolver", config.File, "this machine has no resolver configured", config.File+" names no server").
		restsOn("dns").
		mend("name a resolver in %s, or repair what writes it (DHCP client, systemd-resolved, NetworkManager)", config.File)
}

// serverCauses is why one server could not tell, where it is a stub on this machine, because of those that it asks.
func (b *bench) serverCauses(result *dns.Result, server netip.AddrPort) []*Cause {
	cause := b.serverCause(result, server, answersOfServer(result.Direct, server))
	if behind := b.behindStub(result, server, cause); len(behind) > 0 {
		return behind
	}
	if cause == nil {
		return nil
	}
	if fault := result.Config.UpstreamsFault; fault != nil && server.Addr().IsLoopback() {
		cause.Evidence = append(cause.Evidence, "whom it asks could not be read: "+fault.Message)
	}
	return []*Cause{cause}
}

// missingName is the cause where servers could tell that the name does not exist, or has no address; nil where none could.
func (b *bench) missingName(result *dns.Result) *Cause {
	final := slices.DeleteFunc(slices.Clone(result.Direct), func(a dns.Answer) bool {
		return !isFinal(a) || a.CheckingDisabled || !slices.Contains(result.Config.Servers, a.Server)
	})
	full := absolute(final, result.Name)
	if len(full) == 0 || slices.ContainsFunc(final, func(a dns.Answer) bool { return len(a.Addresses) > 0 }) {
		return nil
	}
	for _, server := range serversOf(full) { // a server that says NXDOMAIN speaks of every type; otherwise each type must be known
		if !slices.ContainsFunc(full, func(a dns.Answer) bool { return a.Server.Addr() == server && a.Code == "NXDOMAIN" }) &&
			slices.ContainsFunc(absolute(result.Direct, result.Name), func(a dns.Answer) bool {
				return a.Server.Addr() == server && !a.CheckingDisabled && !isFinal(a) && !answeredSince(a, full)
			}) {
			return nil
		}
	}
	cause := b.lackCause(result.Name, lastAlias(full), final)
	if others := len(result.Config.Servers) - len(serversOf(full)); others > 0 {
		cause.likely(fmt.Sprintf("an answer from the %d configured server(s) that gave none", others))
	}
	return cause.restsOn("dns")
}

// lackCause names what lacks an address: the name itself or, where it is an alias, the name at the end of the chain (RFC 2308 §2.1).
func (b *bench) lackCause(name, alias string, final []dns.Answer) *Cause {
	evidence := evidenceOf(final)
	lacking, subject := name, "the name "+name
	if alias != "" {
		lacking, subject = alias, fmt.Sprintf("%s is an alias of %s, which", name, alias)
	}
	switch {
	case !slices.ContainsFunc(final, func(a dns.Answer) bool { return a.Code == "NOERROR" }):
		cause := newCause("dns.nxdomain", lacking, subject+" does not exist", evidence...)
		if alias != "" {
			return cause.mend("correct the alias (CNAME) of %s in its zone, or create %s%s", name, alias, zoneOf(final))
		}
		return cause.mend("correct the name, or create its record in the zone%s", zoneOf(final))
	case goesInCircle(final):
		return newCause("dns.nodata", name, fmt.Sprintf("the aliases of %s go round in a circle, and lead to no address", name), evidence...).
			mend("correct the aliases (CNAME) of %s in its zone", name)
	case b.e.Settings.Family != 0:
		subject += fmt.Sprintf(" has no IPv%d address, and only such are wanted", b.e.Settings.Family)
	case alias != "":
		subject += " has no address"
	default:
		subject += " exists and has no address"
	}
	cause := newCause("dns.nodata", lacking, subject, evidence...)
	if alias != "" {
		return cause.mend("correct the alias (CNAME) of %s in its zone, or add an A or AAAA record for %s", name, alias)
	}
	return cause.mend("add an A or AAAA record for %s to the zone%s", name, zoneOf(final))
}

// lastAlias is the name at which a chain of aliases ends; empty where the answers have none.
func lastAlias(answers []dns.Answer) string {
	for _, a := range answers {
		if len(a.Aliases) > 0 {
			return strings.TrimSuffix(a.Aliases[len(a.Aliases)-1], ".")
		}
	}
	return ""
}

// goesInCircle says that the aliases in an answer lead back to a name that stands before.
func goesInCircle(answers []dns.Answer) bool {
	return slices.ContainsFunc(answers, func(a dns.Answer) bool {
		if len(a.Aliases) == 0 {
			return false
		}
		last := len(a.Aliases) - 1
		return slices.ContainsFunc(append([]string{a.Name}, a.Aliases[:last]...), func(name string) bool {
			return strings.EqualFold(name, a.Aliases[last])
		})
	})
}

// answeredSince says that the question of an answer that settles nothing was settled by another of the same server.
func answeredSince(open dns.Answer, final []dns.Answer) bool {
	return slices.ContainsFunc(final, func(a dns.Answer) bool { return a.Server == open.Server && a.Type == open.Type })
}

// absolute are the answers about the name as it is, without a suffix of the search list.
func absolute(answers []dns.Answer, name string) []dns.Answer {
	return slices.DeleteFunc(slices.Clone(answers), func(a dns.Answer) bool {
		return !strings.EqualFold(strings.TrimSuffix(a.Name, "."), strings.TrimSuffix(name, "."))
	})
}

// serverCause is why one server could not tell.
func (b *bench) serverCause(result *dns.Result, server netip.AddrPort, answers []dns.Answer) *Cause {
	checked, unchecked := split(absolute(answers, result.Name), func(a dns.Answer) bool { return !a.CheckingDisabled })
	told := withCode(checked)
	if cause := b.truncatedCause(result, server); cause != nil {
		return cause
	}
	switch {
	case len(told) == 0:
		return b.deadResolver(server, answers)
	case toldAlike(told, "SERVFAIL") && result.Name == ".":
		return rootlessCause(server.Addr(), told, unchecked)
	case toldAlike(told, "SERVFAIL"):
		return servfailCause(result.Name, server.Addr(), told, unchecked)
	case toldAlike(told, "REFUSED"):
		return b.refusedCause(result, server.Addr(), told)
	}
	if slices.ContainsFunc(told, func(a dns.Answer) bool { return a.NoRecursion }) {
		return aloofCause(server.Addr(), told)
	}
	return cmp.Or(b.tcpOnlyCause(result, server), b.typeCause(result, server))
}

// aloofCause is a server that tells what it has by itself, and looks nothing up for this machine.
func aloofCause(server netip.Addr, told []dns.Answer) *Cause {
	return newCause("dns.refused", server.String(), fmt.Sprintf("the resolver %s has no answer, and looks none up for this machine", server),
		append(evidenceOf(told), "the answer is neither authoritative, nor is recursion available (AA and RA are 0)")...).restsOn("dns").
		likely("the server's configuration: it may look names up for nobody, or not for this machine's address").
		mend("have %s look names up for this machine's address (recursion), or configure the resolver that is meant for this network", server)
}

// refusedCause is a server that refuses. A question for the root does not tell whether it refuses whatever it is asked.
func (b *bench) refusedCause(result *dns.Result, server netip.Addr, told []dns.Answer) *Cause {
	cause := newCause("dns.refused", server.String(), fmt.Sprintf("the resolver %s refuses to answer this machine%s", server, extended(told)),
		evidenceOf(told)...).restsOn("dns").
		mend("ask the operator of %s to let this machine's address query it, or configure the resolver that is meant for this network", server)
	switch {
	case result.Name == ".":
		cause.likely("the resolver's own log, or a name that it is meant to know: a server that answers for its own names alone, " +
			"or that has lost its own resolvers, refuses too")
	case !slices.ContainsFunc(told, not(ownWayOut)) || !b.routeTo(server).Gateway.IsValid(): // a forwarder that has lost its own refuses too
		cause.likely("the resolver's own log: a forwarder (dnsmasq) that cannot reach its own resolvers answers so too")
	}
	return cause
}

// servfailCause tells a zone whose signatures do not verify from one whose servers fail: with checking disabled (RFC 4035
// §3.2.2) the first one answers.
func servfailCause(name string, server netip.Addr, told, unchecked []dns.Answer) *Cause {
	where, evidence := server.String(), evidenceOf(told)
	answered := slices.ContainsFunc(unchecked, func(a dns.Answer) bool { return a.Code == "NOERROR" && len(a.Addresses) > 0 })
	outcome := probes.Outcome("no answer")
	if len(unchecked) > 0 {
		outcome = probes.Outcome(strings.Join(evidenceOf(unchecked), "; "))
	}
	experiment := probes.Experiment{
		Variable: "DNSSEC checking by the resolver", A: "enabled", OutcomeA: "SERVFAIL", B: "disabled (CD=1)", OutcomeB: outcome,
	}
	if answered {
		return newCause("dns.dnssec-bogus", where, fmt.Sprintf("the signatures of %s do not verify%s", name, extended(told)), evidence...).
			restsOn("dns").with(experiment).mend("sign the zone of %s again, or set the resolver's clock right%s", name, ownClock(server, told))
	}
	cause := newCause("dns.servfail", where, fmt.Sprintf("the resolver %s cannot find out about %s (SERVFAIL)%s", where, name, extended(told)),
		evidence...).restsOn("dns").
		with(experiment).
		mend("repair the authoritative servers of the zone of %s, or the resolver's way to them", name)
	if !slices.ContainsFunc(unchecked, func(a dns.Answer) bool { return a.Code == "SERVFAIL" }) {
		cause.likely("the answer to the same query with checking disabled (CD=1)")
	}
	return cause
}

func (b *bench) deadResolver(server netip.AddrPort, answers []dns.Answer) *Cause {
	where := server.Addr().String()
	control := answersOfServer(b.dnsSeen().Control, server)
	evidence := evidenceOf(slices.Concat(answers, control))
	if cause := b.keptBackCause(server, answers, evidence); cause != nil {
		return cause
	}
	switch {
	case slices.ContainsFunc(control, func(a dns.Answer) bool { return a.Code != "" }):
		return newCause("dns.servfail", where, fmt.Sprintf("the resolver %s answers, and not about %s", where, b.dnsSeen().Name), evidence...).
			restsOn("dns").likely("a longer wait: some resolvers try for more than ten seconds before they say SERVFAIL").
			mend("repair the authoritative servers of the zone of %s, or the resolver's way to them", b.dnsSeen().Name)
	case slices.ContainsFunc(answers, func(a dns.Answer) bool { return a.Fault.Of(probes.Refused) }) && server.Addr().IsLoopback():
		return newCause("dns.no-resolver", where, fmt.Sprintf("this machine's own resolver %s does not run", where), evidence...).
			restsOn("dns").mend("start the resolver on this machine (systemctl start systemd-resolved), or name another in %s", b.dnsSeen().Config.File)
	case slices.ContainsFunc(answers, func(a dns.Answer) bool { return a.Fault.Of(probes.Refused) }):
		return newCause("dns.resolver-refused", where, fmt.Sprintf("nothing answers for DNS at %s", where), evidence...).restsOn("dns").
			mend("start the resolver at %s, or correct the address in the configuration", where)
	case !slices.ContainsFunc(answers, not(isUnanswered)):
		return b.silentCause(server.Addr(), evidence)
	}
	return nil
}

// keptBackCause is what keeps questions from a server and says so: this machine, or a device on the way; nil where nothing does.
func (b *bench) keptBackCause(server netip.AddrPort, answers []dns.Answer, evidence []string) *Cause {
	where := server.Addr().String()
	if stop := b.stoppedQuery(server); stop != nil {
		return stoppedQueryCause(server, stop, evidence)
	}
	for _, answer := range answers {
		if fault := answer.Fault; fault != nil && fault.ICMP != nil && (!isPortUnreachable(fault.ICMP) || fault.ICMP.From != server.Addr()) {
			if cause := b.icmpCause(server.Addr(), fault.ICMP); cause != nil {
				return cause.restsOn("dns")
			}
		}
	}
	if !slices.ContainsFunc(answers, func(a dns.Answer) bool { return a.Fault.Of(probes.Prohibited) && a.Fault.ICMP == nil }) {
		return nil
	}
	return newCause("tcp.local-firewall", where, "this machine itself keeps back what is sent to the resolver "+where, evidence...).
		restsOn("dns").likely("the rules of this machine (nft list ruleset, ip rule): its routes would let it through"+b.whyNoRules()).
		mend("allow port 53 of %s, UDP and TCP, in this machine's firewall", where)
}

// isUnanswered says that a question got no answer: none came in time, or the server closed the connection without one.
func isUnanswered(a dns.Answer) bool {
	return a.Fault.Of(probes.Timeout) || a.Transport == "tcp" && a.Connected && a.Code == "" && a.Fault != nil
}

// silentCause is a server that does not answer. It takes something that answered on the same way for its own silence to be proven.
func (b *bench) silentCause(server netip.Addr, evidence []string) *Cause {
	cause := newCause("dns.resolver-timeout", server.String(), fmt.Sprintf("the resolver %s does not answer", server), evidence...).restsOn("dns").
		mend("configure another resolver, or let this machine reach port 53 of %s over UDP and TCP", server)
	switch anchor := b.anchor(server); {
	case b.portalStands() && beyond(b.routeTo(server)):
		cause.likely("the same question after the login: the network that asks for one may keep questions to other resolvers inside")
	case anchor != "":
		cause.Evidence = append(cause.Evidence, anchor)
	case server.IsLoopback():
		cause.likely("whom it asks in turn (its configuration or its log), and whether that can be reached").
			mend("look at whom this machine's own resolver %s asks in turn, and at the way there", server)
	default:
		cause.likely("a connection to any other host beyond the gateway: where that fails too, the whole way out is broken")
	}
	return cause
}

// neighbourAnswers says that an address is on our own link and its link-layer address is known: it is alive.
func (b *bench) neighbourAnswers(addr netip.Addr) bool {
	neverAsked := []string{"stale", "permanent", "noarp"} // known once, configured, or none of a neighbour's own, as in a tunnel
	return slices.ContainsFunc(b.e.Gateways, func(m gatewayMeasured) bool {
		return m.Seen.Address == addr && m.Seen.HardwareAddress != "" && !m.Seen.Failed() && !slices.Contains(neverAsked, m.Seen.State)
	})
}

func serversOf(answers []dns.Answer) (servers []netip.Addr) {
	for _, a := range answers {
		if !slices.Contains(servers, a.Server.Addr()) {
			servers = append(servers, a.Server.Addr())
		}
	}
	return servers
}

// evidenceOf is one line an answer.
func evidenceOf(answers []dns.Answer) (lines []string) {
	for _, a := range answers {
		line := fmt.Sprintf("%s %s from %s over %s%s: ", a.Name, a.Type, a.Server.Addr(), strings.ToUpper(a.Transport), variant(a))
		switch {
		case a.Fault != nil && a.Fault.ICMP != nil:
			line += a.Fault.ICMP.Error()
		case a.Fault.Of(probes.Timeout):
			line += fmt.Sprintf("no answer within %s", a.Took)
		case a.Fault != nil:
			line += string(a.Fault.Kind)
		case a.Truncated:
			line += a.Code + ", truncated (TC)"
		case a.Code == "NOERROR" && a.Type == "NS":
			line += a.Code
		case a.Code == "NOERROR" && len(a.Addresses) == 0:
			line += "NOERROR, no address"
		case len(a.Addresses) > 0:
			line += a.Code + " " + severalOf(a.Addresses)
		default:
			line += a.Code
		}
		if end := lastAlias([]dns.Answer{a}); end != "" && len(a.Addresses) == 0 {
			line += ", alias of " + end
		}
		if a.SOA != "" {
			line += ", zone " + a.SOA
		}
		lines = append(lines, strings.Join(append([]string{line}, a.Extended...), ", "))
	}
	return lines
}

func zoneOf(answers []dns.Answer) string {
	for _, a := range answers {
		if zone, _, _ := strings.Cut(a.SOA, " "); zone != "" {
			return " " + zone
		}
	}
	return ""
}

func split[T any](values []T, in func(T) bool) (yes, no []T) {
	for _, v := range values {
		if in(v) {
			yes = append(yes, v)
		} else {
			no = append(no, v)
		}
	}
	return yes, no
}

func not[T any](f func(T) bool) func(T) bool { return func(v T) bool { return !f(v) } }
