package checks

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/dns"
)

// realZone is a zone in which names made up at random do not exist: the top-level domain of a name, where it is one of those whose
// operators have promised not to answer for what is not there (ICANN's agreements with generic ones, specification 6 §2.2), and "com"
// otherwise. It is empty for names that are nobody's.
func realZone(name string) string {
	domain := registrable(name)
	if domain == "" {
		return ""
	}
	tld := domain[strings.LastIndex(domain, ".")+1:]
	if len(tld) == 2 || tld == "arpa" || strings.HasPrefix(tld, "xn--") { // of a country, which has rules of its own
		tld = "com"
	}
	return tld + "."
}

func answersOfServer(answers []dns.Answer, server netip.AddrPort) []dns.Answer {
	return slices.DeleteFunc(slices.Clone(answers), func(a dns.Answer) bool { return a.Server != server })
}

// variant says in what way a question was not an ordinary one.
func variant(a dns.Answer) string {
	switch {
	case a.CheckingDisabled:
		return " with checking disabled"
	case a.WithoutEDNS:
		return " without EDNS"
	}
	return ""
}

// extended are the extended errors of answers, for a summary.
func extended(answers []dns.Answer) string {
	for _, a := range answers {
		if len(a.Extended) > 0 {
			return ": " + strings.Join(a.Extended, ", ")
		}
	}
	return ""
}

// ownClock is for signatures that have expired, or are not valid yet (RFC 8914 §4.8, §4.9), in the eyes of a validator on this machine.
func ownClock(server netip.Addr, answers []dns.Answer) string {
	byTime := slices.ContainsFunc(answers, func(a dns.Answer) bool {
		return slices.ContainsFunc(a.Extended, func(e string) bool {
			code, _, _ := strings.Cut(e, " ")
			return code == "7" || code == "8"
		})
	})
	if byTime && server.IsLoopback() {
		return ", which is this machine's (timedatectl)"
	}
	return ""
}

// sourceOf says where the system's answer came from, as far as that can be told: the line of the hosts file, the server that answers
// the same, and the name that it has answered to where a suffix was added.
func sourceOf(result *dns.Result, addresses []netip.Addr) string {
	if i := slices.IndexFunc(result.Hosts, func(h dns.HostsEntry) bool { return slices.Contains(addresses, h.Address) }); i >= 0 {
		return fmt.Sprintf(", from %s line %d", result.Hosts[i].File, result.Hosts[i].Line)
	}
	for _, server := range serversAsked(result) {
		answers := answersOfServer(result.Direct, server)
		for _, name := range namesAsked(answers) {
			if !isSubset(addresses, addressesOf(absolute(answers, name))) {
				continue
			}
			if len(absolute(answers, result.Name)) > 0 && strings.EqualFold(strings.TrimSuffix(name, "."), strings.TrimSuffix(result.Name, ".")) {
				return fmt.Sprintf(", as %s answers", server.Addr())
			}
			return fmt.Sprintf(", as %s answers for %s", server.Addr(), name)
		}
	}
	if beyond := sourcesBeyond(result.Config); result.Own != nil && len(beyond) > 0 {
		return fmt.Sprintf(", from another source than DNS (nsswitch.conf: %s)", strings.Join(beyond, ", "))
	}
	return ""
}

// sourcesBeyond are the sources of names that are neither the hosts file nor DNS.
func sourcesBeyond(config dns.Config) []string {
	return slices.DeleteFunc(slices.Clone(config.Sources), func(s string) bool { return s == "files" || s == "dns" })
}

// serversAsked are all servers that were asked directly, the configured ones first.
func serversAsked(result *dns.Result) []netip.AddrPort {
	servers := slices.Clone(result.Config.Servers)
	for _, a := range result.Direct {
		if !slices.Contains(servers, a.Server) {
			servers = append(servers, a.Server)
		}
	}
	return servers
}

func namesAsked(answers []dns.Answer) (names []string) {
	for _, a := range answers {
		if !slices.Contains(names, a.Name) {
			names = append(names, a.Name)
		}
	}
	return names
}

// addressesOf are the addresses in answers that programs would get.
func addressesOf(answers []dns.Answer) (addresses []netip.Addr) {
	for _, a := range answers {
		if !a.CheckingDisabled {
			addresses = append(addresses, a.Addresses...)
		}
	}
	return addresses
}

// isSubset says that there are values, and that all are among the others.
func isSubset[T comparable](values, others []T) bool {
	return len(values) > 0 && !slices.ContainsFunc(values, func(v T) bool { return !slices.Contains(others, v) })
}

func overlap[T comparable](values, others []T) bool {
	return slices.ContainsFunc(values, func(v T) bool { return slices.Contains(others, v) })
}

// behindStub is why a stub on this machine could not tell, by what the servers answer that it asks: none where one of them could, or where
// they are not known. The stub's own stands where it does not run, or disbelieves what it is told.
func (b *bench) behindStub(result *dns.Result, stub netip.AddrPort, own *Cause) (causes []*Cause) {
	if !stub.Addr().IsLoopback() || own != nil && (own.ID == "dns.no-resolver" || own.ID == "dns.dnssec-bogus") {
		return nil
	}
	for _, upstream := range result.Config.Upstreams {
		answers := answersOfServer(result.Direct, upstream.Server)
		if len(answers) == 0 || slices.Contains(result.Config.Servers, upstream.Server) || len(b.blocked[upstream.Server.Addr()]) > 0 {
			continue
		}
		cause := cmp.Or(b.serverCause(result, upstream.Server, answers), b.ednsCause(result, upstream.Server))
		switch {
		case cause == nil && own != nil && own.ID == "dns.resolver-timeout": // it may still wait for the others
			continue
		case cause == nil:
			return nil
		}
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%s asks %s (%s)", stub.Addr(), upstream.Server.Addr(), upstream.From))
		causes = append(causes, cause.as(SeverityFail))
	}
	return causes
}

// systemCauses are why programs do not find a name that a server has, when it is asked in a way that they do not use, or that they do not
// ask.
func (b *bench) systemCauses(result *dns.Result) (causes []*Cause) {
	for _, server := range serversAsked(result) {
		for _, cause := range []*Cause{b.ednsCause(result, server), b.truncatedCause(result, server), b.tcpOnlyCause(result, server)} {
			if cause != nil {
				causes = append(causes, cause)
			}
		}
	}
	if cause := b.splitHorizonCause(result); cause != nil {
		causes = append(causes, cause)
	}
	if cause := b.disagreementCause(result); cause != nil && len(causes) == 0 {
		causes = append(causes, cause)
	}
	if cause := switchCause(result); cause != nil && len(causes) == 0 {
		causes = append(causes, cause)
	}
	if len(causes) == 0 && !slices.ContainsFunc(result.Direct, func(a dns.Answer) bool { return isFinal(a) && programsGet(result.Config, a) }) {
		causes = b.nameCauses(result) // others than the configured servers have the name
	}
	for _, cause := range causes {
		cause.as(SeverityFail)
	}
	return causes
}

// switchCause is a name service switch that does not lead to DNS, neither by itself nor by a service that asks it: programs look the name up
// in the hosts file alone, whatever the resolvers know.
func switchCause(result *dns.Result) *Cause {
	sources := result.Config.Sources
	local := []string{"files", "myhostname", "mymachines"}
	if len(sources) == 0 || slices.ContainsFunc(sources, func(s string) bool { return !slices.Contains(local, s) }) {
		return nil
	}
	line := "hosts: " + strings.Join(sources, " ")
	return newCause("dns.no-resolver", "nsswitch.conf", fmt.Sprintf("programs on this machine do not ask DNS: nsswitch.conf says %q", line),
		append([]string{"nsswitch.conf: " + line}, evidenceOf(withCode(result.Direct))...)...).restsOn("dns").
		mend("add dns to the line \"hosts:\" of /etc/nsswitch.conf (hosts: %s dns)", strings.Join(sources, " "))
}

// typeCause is a server that answers one of the questions for A and AAAA, and is silent over UDP about the other however often it is asked:
// programs ask both, and wait for the one until they give up. The zone's own servers may be those that are silent (RFC 4074 §4.1), unless
// the same question is answered over TCP.
func (b *bench) typeCause(result *dns.Result, server netip.AddrPort) *Cause {
	waited := time.Duration(result.System.Took).Round(time.Second) >= programsWait
	asked := absolute(answersOfServer(result.Direct, server), result.Name)
	ofType := func(qtype string) []dns.Answer {
		return slices.DeleteFunc(slices.Clone(asked), func(a dns.Answer) bool { return a.Type != qtype })
	}
	for silent, other := range map[string]string{"A": "AAAA", "AAAA": "A"} {
		unheard, overTCP := split(ofType(silent), func(a dns.Answer) bool { return a.Transport == "udp" })
		heard := slices.DeleteFunc(ofType(other), func(a dns.Answer) bool { return a.Transport != "udp" || !isFinal(a) })
		if !waited || result.Config.OverTCP || len(heard) == 0 || !isUnheard(unheard) {
			continue
		}
		where := server.Addr().String()
		cause := newCause("dns.resolver-timeout", where,
			fmt.Sprintf("the resolver %s answers questions for %s, and not those for %s: programs wait for both", where, other, silent),
			evidenceOf(slices.Concat(heard, unheard, overTCP))...).restsOn("dns").
			with(probes.Experiment{Variable: "type of the question", A: silent, OutcomeA: saidOf(unheard[0]), B: other, OutcomeB: saidOf(heard[0])}).
			mend("have %s answer questions for %s too, if only that there is no such record, and let them pass on the way there", where, silent)
		if !slices.ContainsFunc(overTCP, isFinal) {
			cause.likely(fmt.Sprintf("a question for %s of another name to %s: the servers of the zone may be those that do not answer", silent, where))
		}
		return cause
	}
	return nil
}

// isUnheard says that a question was sent three times or more over UDP, and never answered.
func isUnheard(answers []dns.Answer) bool {
	sent := 0
	for _, a := range answers {
		if a.Code != "" || !a.Fault.Of(probes.Timeout) {
			return false
		}
		sent += a.Attempts
	}
	return sent >= 3
}

// judgeResolving names what is wrong with the resolvers though they answer: what programs get along with, and what leads them elsewhere
// than they should go.
func (b *bench) judgeResolving() {
	result := seen(b.e.DNS)
	if result == nil || b.e.Target != nil && !hasName(b.e.Target) {
		return
	}
	var causes []*Cause
	for _, server := range result.Config.Servers {
		causes = append(causes, b.rewritingCause(result, server))
	}
	switch {
	case b.e.Target == nil && slices.ContainsFunc(result.Config.Servers, b.resolvesNames):
		causes = append(causes, b.hamperedCauses(result, SeverityWarn)...)
	case b.e.Target != nil && len(b.targetAddresses()) > 0 && len(b.noName) == 0:
		causes = append(causes, b.hamperedCauses(result, SeverityInfo)...)
		for i := range result.Config.Servers {
			causes = append(causes, b.uselessCause(result, result.Config.Servers, i))
		}
		causes = append(causes, b.splitHorizonCause(result), hostsCause(result), captureCause(result))
	}
	for _, cause := range causes {
		if cause != nil && !slices.ContainsFunc(b.causes, func(c *Cause) bool { return c.ID == cause.ID && c.Severity == SeverityFail }) {
			b.blame(cause)
			b.warnOfResolving(cause)
		}
	}
}

// hamperedCauses are what keeps servers from answering in every way that programs may ask, and those whom a stub on this machine asks in
// vain beside others: these are as bad as given.
func (b *bench) hamperedCauses(result *dns.Result, inVain Severity) (causes []*Cause) {
	servers := serversAsked(result)
	for i, server := range servers {
		causesHere := []*Cause{b.ednsCause(result, server), b.truncatedCause(result, server)}
		if i == 0 { // whom programs ask first, and wait for
			causesHere = append(causesHere, b.typeCause(result, server))
		}
		for _, cause := range causesHere {
			if cause != nil {
				causes = append(causes, cause.as(SeverityWarn))
			}
		}
	}
	upstreams := servers[len(result.Config.Servers):]
	for i := range upstreams {
		if cause := b.uselessCause(result, upstreams, i); cause != nil {
			causes = append(causes, cause.as(inVain))
		}
	}
	return causes
}

// warnOfResolving lowers the check that a warning rests on, where it passed.
func (b *bench) warnOfResolving(cause *Cause) {
	i := slices.IndexFunc(b.results, func(r Result) bool { return r.ID == "dns" })
	if i < 0 || cause.Severity == SeverityInfo {
		return
	}
	if r := &b.results[i]; r.Status == Pass || r.Status == Warn {
		r.Status = Warn
		if !slices.Contains(r.CausedBy, cause.ID) {
			r.CausedBy = append(r.CausedBy, cause.ID)
		}
	}
}

// ednsCause is where nothing answers questions with EDNS, and the same without are answered, each tried again. A server that is too old
// for EDNS says FORMERR (RFC 6891 §7), and all is well.
func (b *bench) ednsCause(result *dns.Result, server netip.AddrPort) *Cause {
	overUDP := func(a dns.Answer) bool { return a.Transport == "udp" && !a.CheckingDisabled }
	asked := absolute(answersOfServer(result.Direct, server), result.Name)
	with := slices.DeleteFunc(slices.Clone(asked), func(a dns.Answer) bool { return !overUDP(a) || a.WithoutEDNS })
	without := slices.DeleteFunc(slices.Clone(asked), func(a dns.Answer) bool { return !overUDP(a) || !a.WithoutEDNS || a.Code == "" })
	good := slices.DeleteFunc(slices.Clone(without), func(a dns.Answer) bool { return a.Code != "NOERROR" && a.Code != "NXDOMAIN" })
	sent := 0
	for _, a := range with {
		if a.Code != "" && a.Code != "SERVFAIL" || a.Fault != nil && !a.Fault.Of(probes.Timeout) {
			return nil
		}
		sent += a.Attempts
	}
	if len(good) < 2 || sent < 3 {
		return nil
	}
	where := server.Addr().String()
	cause := newCause("dns.edns-dropped", where,
		fmt.Sprintf("questions with EDNS get %s from %s, the same without are answered", unhelpful(with), where), evidenceOf(slices.Concat(with, without))...).
		restsOn("dns").with(probes.Experiment{
		Variable: "EDNS (an OPT record in the question)", A: "with", OutcomeA: saidOf(with[0]), B: "without", OutcomeB: saidOf(good[0]),
	}).mend("replace or update what stands before %s and drops questions with EDNS (a router's DNS proxy, a firewall's DNS inspection), "+
		"or configure another resolver", where)
	if slices.ContainsFunc(good, func(a dns.Answer) bool { return a.Truncated }) {
		cause.likely("a short answer: this one is long, and long datagrams may be what is dropped")
	}
	return cause.as(SeverityWarn)
}

// unhelpful is what questions with EDNS got.
func unhelpful(with []dns.Answer) string {
	if toldAlike(with, "SERVFAIL") {
		return "SERVFAIL"
	}
	return "no answer"
}

func saidOf(a dns.Answer) probes.Outcome {
	switch {
	case a.Fault != nil:
		return probes.Outcome(a.Fault.Kind)
	case len(a.Addresses) > 0:
		return probes.Outcome(a.Code + " " + severalOf(a.Addresses))
	}
	return probes.Outcome(a.Code)
}

// truncatedCause is where an answer did not fit into a datagram (RFC 7766 §5), and the server cannot be asked over TCP. Where the system
// found the name all the same, it is a warning.
func (b *bench) truncatedCause(result *dns.Result, server netip.AddrPort) *Cause {
	var lost []dns.Answer
	for _, short := range answersOfServer(result.Direct, server) {
		if !short.Truncated {
			continue
		}
		for _, a := range answersOfServer(result.Direct, server) {
			failed := a.Transport == "tcp" && !a.Connected && (a.Fault.Of(probes.Refused) || a.Fault.Of(probes.Timeout))
			if failed && a.Name == short.Name && a.Type == short.Type {
				lost = append(lost, short, a)
			}
		}
	}
	if len(lost) == 0 {
		return nil
	}
	where := server.Addr().String()
	cause := newCause("dns.tcp-blocked", where,
		fmt.Sprintf("the answer of %s is too long for UDP, and TCP port 53 of it cannot be reached", where), evidenceOf(lost)...).restsOn("dns").
		with(probes.Experiment{
			Variable: "transport", A: "UDP", OutcomeA: saidOf(lost[0]) + ", truncated", B: "TCP", OutcomeB: saidOf(lost[1]),
		}).mend("open TCP port 53 to %s, on the way and on the server itself", where)
	if len(result.System.Addresses) == 0 {
		cause.as(SeverityFail)
	}
	return cause
}

// tcpOnlyCause is a server that answers over TCP, and not at all over UDP, by which programs ask first.
func (b *bench) tcpOnlyCause(result *dns.Result, server netip.AddrPort) *Cause {
	overUDP, overTCP := split(answersOfServer(result.Direct, server), func(a dns.Answer) bool { return a.Transport == "udp" })
	overTCP = slices.DeleteFunc(overTCP, not(isFinal))
	if result.Config.OverTCP || len(overUDP) == 0 || len(overTCP) == 0 || len(withCode(overUDP)) > 0 {
		return nil
	}
	cause := b.noUDPCause(server, overUDP, evidenceOf(slices.Concat(overUDP, overTCP)))
	if cause == nil {
		return nil
	}
	return cause.restsOn("dns").
		with(probes.Experiment{Variable: "transport", A: "UDP", OutcomeA: saidOf(overUDP[0]), B: "TCP", OutcomeB: saidOf(overTCP[0])})
}

// noUDPCause is why a server that is there gave no answer over UDP: something says so, or nothing came back. Who says so may not say it
// every time (RFC 1812 §4.3.2.8).
func (b *bench) noUDPCause(server netip.AddrPort, overUDP []dns.Answer, evidence []string) *Cause {
	if cause := b.keptBackCause(server, overUDP, evidence); cause != nil {
		return cause
	}
	where, sent := server.Addr().String(), 0
	for _, a := range overUDP {
		sent += a.Attempts
	}
	switch {
	case slices.ContainsFunc(overUDP, func(a dns.Answer) bool { return a.Fault.Of(probes.Refused) }):
		return newCause("dns.resolver-refused", where, fmt.Sprintf("the resolver %s refuses questions over UDP; over TCP it answers", where), evidence...).
			mend("have the resolver at %s listen on UDP port 53, too, or let its own firewall admit it", where)
	case sent < 3 || !isSilent(overUDP):
		return nil
	}
	return newCause("dns.resolver-timeout", where, fmt.Sprintf("the resolver %s does not answer over UDP; over TCP it does", where), evidence...).
		mend("let UDP port 53 of %s pass, and the answers back, on the way and on the server itself", where)
}

// uselessCause is one of several servers that does not answer while another does: a warning where it is asked first, since every program
// waits for it, and good to know where it is only the reserve.
func (b *bench) uselessCause(result *dns.Result, servers []netip.AddrPort, place int) *Cause {
	server := servers[place]
	helps := func(s netip.AddrPort) bool { return slices.ContainsFunc(answersOfServer(result.Direct, s), isFinal) }
	working := slices.IndexFunc(servers, helps)
	if working < 0 || helps(server) || len(b.blocked[server.Addr()]) > 0 || b.routeTo(server.Addr()).Fault != nil {
		return nil
	}
	if server.Addr().Is6() && slices.ContainsFunc(b.causes, func(c *Cause) bool { return strings.HasPrefix(c.ID, "ip6.") }) {
		return nil // a consequence
	}
	answers := answersOfServer(result.Direct, server)
	cause := b.serverCause(result, server, answers)
	switch {
	case cause == nil:
		return nil
	case cause.ID == "dns.resolver-timeout":
		if !isSilent(answers) || result.Name != "." && !isSilent(answersOfServer(result.Control, server)) {
			return nil
		}
	case cause.ID != "dns.resolver-refused" && cause.ID != "dns.refused":
		return nil
	}
	cause.Evidence = append(cause.Evidence, fmt.Sprintf("%s answers", servers[working].Addr()))
	doubtShortWait(cause, result.Direct)
	if place > working {
		return cause.as(SeverityInfo)
	}
	if cause.ID == "dns.resolver-timeout" && slices.Contains(result.Config.Servers, server) {
		cause.Summary += ": every program waits for it before it asks the next"
		if result.System.Took > 0 && len(result.System.Addresses) > 0 {
			cause.Evidence = append(cause.Evidence, fmt.Sprintf("this machine's own lookup took %s", result.System.Took))
		}
	}
	return cause.as(SeverityWarn)
}

// programsWait is how long programs wait for a server before they ask the next (resolv.conf(5), timeout).
const programsWait = 5 * time.Second

// doubtShortWait lowers the confidence in the silence of a server that was not waited for as long as programs would: one that is slow is
// not dead. The wait counts in whole seconds, as --timeout does.
func doubtShortWait(cause *Cause, answers []dns.Answer) {
	var waited time.Duration
	for _, a := range answers {
		if a.Server.Addr().String() != cause.Where {
			continue
		}
		if a.Code != "" { // it is there, and silent in one way alone
			return
		}
		waited = max(waited, time.Duration(a.Took))
	}
	if cause.ID != "dns.resolver-timeout" || cause.Confidence != Proven || waited.Round(time.Second) >= programsWait {
		return
	}
	cause.Summary = fmt.Sprintf("the resolver %s has not answered within %s", cause.Where, waited.Round(100*time.Millisecond))
	cause.likely(fmt.Sprintf("a wait of %s, as programs wait: a slow resolver looks the same until then", programsWait))
}

// isSilent says that a server had its time: the wait was long enough, questions were sent again, and where TCP was tried, not even a
// connection came about.
func isSilent(answers []dns.Answer) bool {
	sent := 0
	for _, a := range answers {
		if a.Connected || !a.Fault.Of(probes.Timeout) {
			return false
		}
		sent += a.Attempts
	}
	return len(answers) > 0 && (sent > 1 || answers[0].Type == "NS")
}

// splitHorizonCause is where one configured server knows a private address and another a public one, or no such name: what programs get
// depends on whom they ask. Different public answers are how the Internet shares its load.
func (b *bench) splitHorizonCause(result *dns.Result) *Cause {
	final := slices.DeleteFunc(absolute(result.Direct, result.Name), func(a dns.Answer) bool {
		return !isFinal(a) || a.CheckingDisabled || !slices.Contains(result.Config.Servers, a.Server)
	})
	for _, inside := range final {
		if len(inside.Addresses) == 0 || slices.ContainsFunc(inside.Addresses, func(a netip.Addr) bool { return !isPrivate(a) }) {
			continue
		}
		for _, outside := range final {
			if outside.Server == inside.Server || outside.Type != inside.Type || !saysElsewhere(outside) {
				continue
			}
			return newCause("dns.split-horizon", outside.Server.Addr().String(),
				fmt.Sprintf("the resolvers disagree: %s is %s inside, as %s answers, and %s does not know that",
					result.Name, severalOf(inside.Addresses), inside.Server.Addr(), outside.Server.Addr()),
				evidenceOf([]dns.Answer{inside, outside})...).restsOn("dns").
				mend("configure %s alone, or have this machine ask it for that domain (a VPN's split DNS, resolvectl domain)", inside.Server.Addr())
		}
	}
	return nil
}

// disagreementCause is where the system was told that there is no such name, or no such address, by one configured server, and another
// has public addresses: who of them is right cannot be seen from here.
func (b *bench) disagreementCause(result *dns.Result) *Cause {
	final := slices.DeleteFunc(absolute(result.Direct, result.Name), func(a dns.Answer) bool {
		return !isFinal(a) || a.CheckingDisabled || !programsGet(result.Config, a)
	})
	for _, no := range final {
		yes := slices.IndexFunc(final, func(a dns.Answer) bool { return a.Type == no.Type && len(a.Addresses) > 0 })
		if !result.System.Fault.Of(probes.NotFound) || len(no.Addresses) > 0 || yes < 0 {
			continue
		}
		return newCause("dns.split-horizon", no.Server.Addr().String(), fmt.Sprintf("the resolvers disagree: %s is %s, as %s answers, and %s says %s",
			result.Name, joined(final[yes].Addresses), final[yes].Server.Addr(), no.Server.Addr(), saidOf(no)),
			evidenceOf([]dns.Answer{no, final[yes]})...).restsOn("dns").
			likely("what the zone's own servers say: one of the two may filter the name, be out of date, or serve another network").
			mend("configure the one of %s and %s that is right alone", no.Server.Addr(), final[yes].Server.Addr())
	}
	return nil
}

// saysElsewhere says that an answer knows no such name, or public addresses alone.
func saysElsewhere(a dns.Answer) bool {
	if len(a.Addresses) == 0 {
		return a.Code == "NXDOMAIN"
	}
	return !slices.ContainsFunc(a.Addresses, func(addr netip.Addr) bool { return isPrivate(addr) || isNowhere(addr) })
}

// rewritingCause is a server that has an address for names that nobody has: two of them, made up at random, have the same one.
func (b *bench) rewritingCause(result *dns.Result, server netip.AddrPort) *Cause {
	invented := slices.DeleteFunc(answersOfServer(result.Invented, server), func(a dns.Answer) bool {
		return strings.Count(a.Name, ".") != 2 || len(a.Addresses) == 0 || slices.ContainsFunc(a.Addresses, netip.Addr.IsUnspecified)
	})
	for i, first := range invented {
		second := slices.IndexFunc(invented[i:], func(a dns.Answer) bool {
			return a.Name != first.Name && a.Type == first.Type && overlap(a.Addresses, first.Addresses)
		})
		if second < 0 {
			continue
		}
		where := server.Addr().String()
		cause := newCause("dns.hijacked", where, fmt.Sprintf("the resolver %s makes up addresses for names that do not exist", where),
			evidenceOf([]dns.Answer{first, invented[i+second]})...).restsOn("dns").
			mend("configure a resolver that passes on that a name does not exist, or have the operator of %s switch its redirection off", where)
		ours := overlap(addressesOf(answersOfServer(result.Direct, server)), first.Addresses)
		if b.answersInClear(first.Addresses) {
			b.leadToPortal(cause, ours)
			return nil
		}
		if ours {
			cause.Evidence = append(cause.Evidence, fmt.Sprintf("%s gets the same address: it may not exist either", result.Name))
		}
		return cause
	}
	return nil
}

// hostsCause is a line of the hosts file that says something else than DNS does.
func hostsCause(result *dns.Result) *Cause {
	for _, family := range []string{"A", "AAAA"} {
		ours := slices.DeleteFunc(slices.Clone(result.Hosts), func(h dns.HostsEntry) bool { return h.Address.Is6() != (family == "AAAA") })
		theirs := slices.DeleteFunc(absolute(result.Direct, result.Name), func(a dns.Answer) bool {
			return a.Type != family || !isFinal(a) || a.CheckingDisabled || len(a.Addresses) == 0
		})
		if len(ours) == 0 || len(theirs) == 0 || slices.ContainsFunc(ours, func(h dns.HostsEntry) bool {
			return slices.Contains(addressesOf(theirs), h.Address)
		}) {
			continue
		}
		line := fmt.Sprintf("%s line %d", ours[0].File, ours[0].Line)
		return newCause("dns.hosts-override", line, fmt.Sprintf("%s says that %s is %s, and DNS says %s",
			line, result.Name, ours[0].Address, severalOf(theirs[0].Addresses)),
			append([]string{fmt.Sprintf("%s: %s", line, ours[0].Address)}, evidenceOf(theirs)...)...).restsOn("dns").
			mend("remove line %d from %s, where it is out of date", ours[0].Line, ours[0].File)
	}
	return nil
}

// captureCause is a name with dots that a suffix of the search list has led elsewhere: under that suffix every name has the address,
// and without it the name does not exist, or has other addresses (RFC 1535).
func captureCause(result *dns.Result) *Cause {
	if registrable(result.Name) == "" { // short on purpose: suffixes are for such names
		return nil
	}
	for _, a := range result.Direct {
		suffix, searched := strings.CutPrefix(a.Name, strings.TrimSuffix(result.Name, ".")+".")
		if !searched || suffix == "" || a.CheckingDisabled || !isSubset(a.Addresses, result.System.Addresses) {
			continue
		}
		everywhere := slices.IndexFunc(result.Invented, func(i dns.Answer) bool {
			return i.Server == a.Server && i.Type == a.Type && strings.HasSuffix(i.Name, "."+suffix) && overlap(i.Addresses, a.Addresses)
		})
		whole := slices.IndexFunc(absolute(result.Direct, result.Name), func(w dns.Answer) bool {
			return w.Server == a.Server && w.Type == a.Type && isFinal(w) && !overlap(w.Addresses, a.Addresses)
		})
		if everywhere < 0 || whole < 0 {
			continue
		}
		return newCause("dns.search-capture", suffix,
			fmt.Sprintf("%s was found as %s, where every name has an address", result.Name, a.Name),
			evidenceOf([]dns.Answer{a, absolute(result.Direct, result.Name)[whole], result.Invented[everywhere]})...).restsOn("dns").
			mend("write the name with a final dot (%s.), correct it, or take %s off the search list in %s (or lower ndots there)",
				strings.TrimSuffix(result.Name, "."), strings.TrimSuffix(suffix, "."), result.Config.File)
	}
	return nil
}
