package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/link"
	"github.com/rung-cli/rung/probes/route"
)

func readLinks(ctx context.Context, c *Climb) {
	c.evidence.Link = measure(ctx, c, "", func() link.Result { return link.Read(ctx) })
	if c.Options.Host.Dial == nil { // or that one's network is not this machine's
		c.askWhoHasOurs(ctx)
	}
}

// askWhoHasOurs asks the links that the traffic leaves by who has our own IPv4 addresses, and who has the gateway's, as soon as the
// silence is worth a doubt.
func (c *Climb) askWhoHasOurs(ctx context.Context) {
	select {
	case <-c.connected.made:
		return
	case <-ctx.Done():
		return
	case <-time.After(probes.Doubt(0)):
	}
	const patience = time.Second
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	links := &c.evidence.Link.Seen
	questions := c.doubtful(ctx, links)
	claims := make([]link.Claim, len(questions))
	var asking sync.WaitGroup
	for i, q := range questions {
		asking.Go(func() { claims[i] = links.WhoHas(ctx, q.Interface, q.Address) })
	}
	asking.Go(func() {
		select {
		case <-c.connected.made: // there is nothing to doubt any more
			cancel()
		case <-ctx.Done():
		}
	})
	asking.Wait()
	links.Claims = claims
}

// doubtful are the addresses of which somebody else may think that they are his: those that our packets come from and, where those go
// by a gateway, that one's. On each link one is asked for that nobody has, too: whoever answers for it answers for everything.
func (c *Climb) doubtful(ctx context.Context, links *link.Result) (questions []link.Claim) {
	const few = 8
	ask := func(name string, address netip.Addr) {
		known := func(q link.Claim) bool { return q.Interface == name && q.Address == address }
		if address.Is4() && len(questions) < few && !slices.ContainsFunc(questions, known) {
			questions = append(questions, link.Claim{Interface: name, Address: address})
		}
	}
	for _, to := range c.destinations() {
		r := route.Lookup(ctx, c.flow(to, "target"), "target")
		i, _ := links.ByName(r.Interface)
		if r.Type != "unicast" || i.HardwareAddress == "" || !r.Source.Is4() {
			continue
		}
		ask(i.Name, r.Source)
		ask(i.Name, r.Gateway)
		if !slices.ContainsFunc(i.Addresses, func(a link.Address) bool { return a.Prefix.Contains(someIPv4) }) {
			ask(i.Name, someIPv4)
		}
	}
	return questions
}

// destinations are the addresses that packets are sent to, as far as they are known by now.
func (c *Climb) destinations() (all []netip.Addr) {
	for _, server := range c.config.Servers {
		all = append(all, server.Addr())
	}
	addresses, _ := c.addresses.now()
	return append(all, addresses...)
}

// countLinksAgain reads the interfaces' counters once more, when everything else is done: one question to the kernel, which is worth
// asking where the user has not the patience to wait for the rest, too.
func (c *Climb) countLinksAgain(ctx context.Context) {
	if c.evidence.Link == nil {
		return
	}
	const patience = 100 * time.Millisecond
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	c.evidence.Link.Seen.CountAgain(ctx)
}

// judgeLink says which interfaces there are. What is wrong with them matters only where something leaves by them: the routes
// tell (linkTrouble).
func (b *bench) judgeLink() {
	r := b.e.Link.result("link", Link)
	if b.unfinished(r) {
		return
	}
	links := seen(b.e.Link)
	switch {
	case links == nil:
		b.found(r, Skip, "not measured")
	case links.Fault != nil:
		b.found(r, Skip, "the interfaces could not be read: "+links.Fault.Message)
	default:
		if cause := b.linkTrouble(links); cause != nil {
			b.found(r, Fail, cause.Summary, cause)
			b.blockEverythingBeyond(cause.ID)
			return
		}
		if cause := b.linkWarning(links); cause != nil {
			b.found(r, map[Severity]Status{SeverityWarn: Warn, SeverityFail: Fail}[cause.Severity], cause.Summary, cause)
			return
		}
		b.found(r, Pass, b.describeLinks(links))
	}
}

// linkTrouble is what is wrong with the interfaces where that explains why packets do not leave: the kernel refuses every
// route that this target needs for want of one, or the route leads out of an interface without a carrier and nothing came
// back.
func (b *bench) linkTrouble(links *link.Result) *Cause {
	if b.anythingAnswered() || b.proxyOnly != "" {
		return nil
	}
	if i, ok := b.deadRouteInterface(links); ok {
		return darkRouteCause(i)
	}
	if cause := b.claimedAddress(links); cause != nil {
		return cause
	}
	if !b.everyRouteMissing() {
		return nil
	}
	return b.amongOthers(missingLink(b.usable(links), b.refusedFamilies()), links)
}

// linkWarning is what is wrong with the interfaces that the traffic leaves by, or should, where something else works.
func (b *bench) linkWarning(links *link.Result) *Cause {
	if cause := b.claimedAddress(links); cause != nil {
		return cause.as(SeverityWarn)
	}
	if cause := b.unusedAddress(links); cause != nil {
		return cause
	}
	if cause := b.claimedGateway(links); cause != nil {
		return cause
	}
	return b.damage(links)
}

// unusedAddress is an address of ours that would be the source of what is sent to an address of the target, if the kernel used it.
// Nothing gets there, or back from there, without.
func (b *bench) unusedAddress(links *link.Result) (found *Cause) {
	for _, m := range b.e.Routes {
		to := m.Seen.Destination
		if m.Seen.Purpose != "target" || !m.Seen.Fault.Of(probes.NoRoute) && !withoutSource(m.Seen) {
			continue
		}
		cause := takenAddress(litOf(links), familyOf(to))
		if cause == nil || found != nil && found.ID != cause.ID {
			continue
		}
		b.block(to, cause.ID)
		if b.reachedOtherwise(to) {
			cause.as(SeverityWarn)
		}
		found = cause
	}
	return found
}

// Errors of an interface are worth a word where there are more than a stray one, and enough to be felt.
const (
	fewErrors   = 3
	feltPercent = 1
)

// damage is an interface of ours that damages packets: its error counters rose while the probes ran. Those of dropped packets rise
// on healthy networks, too, and say nothing.
func (b *bench) damage(links *link.Result) *Cause {
	for _, name := range b.usedInterfaces() {
		i, _ := links.ByName(name)
		if i.Rose == nil {
			continue
		}
		received, sent := i.Rose.Damaged(), i.Rose.Unsent()
		if !felt(received, i.Rose.Received) && !felt(sent, i.Rose.Sent) {
			continue
		}
		return newCause("link.errors", i.Name, fmt.Sprintf("the interface %s loses packets to errors", i.Name), countedErrors(i)...).
			restsOn("link", "route").
			mend("change the cable of %[1]s or its port on the switch, see that both ends agree on speed and duplex (ethtool %[1]s), and look for "+
				"the driver's own words (ethtool -S %[1]s, dmesg)", i.Name)
	}
	return nil
}

func felt(errors, packets uint64) bool {
	return errors >= fewErrors && errors*100 >= packets*feltPercent
}

// usedInterfaces are the names of those that the traffic leaves by.
func (b *bench) usedInterfaces() (used []string) {
	for _, route := range b.e.Routes {
		if name := route.Seen.Interface; name != "" && route.Seen.Purpose != "announced" && !slices.Contains(used, name) {
			used = append(used, name)
		}
	}
	return used
}

// usable are the interfaces that may carry the traffic: all, or the one that the user wants.
func (b *bench) usable(links *link.Result) *link.Result {
	if i, named := links.ByName(b.e.Settings.Interface); named {
		return &link.Result{Interfaces: []link.Interface{i}}
	}
	return links
}

// deadRouteInterface is the interface without carrier by which every route of the target leaves.
func (b *bench) deadRouteInterface(links *link.Result) (dead link.Interface, ok bool) {
	for _, route := range b.e.Routes {
		if route.Seen.Fault != nil || route.Seen.Type == "local" || route.Seen.Purpose == "announced" {
			continue
		}
		i, known := links.ByName(route.Seen.Interface)
		if !known || i.Loopback || !i.Up || i.Carrier {
			return link.Interface{}, false
		}
		dead, ok = i, true
	}
	return dead, ok
}

// missingLink explains by the interfaces why the kernel has no route for addresses of these families: from "there is none" up
// to "none has an address". It is nil where an interface is well and only the route is missing.
func missingLink(links *link.Result, families []int) *Cause {
	var all, down, dark, lit []link.Interface
	for _, i := range links.Interfaces {
		switch {
		case i.Loopback:
			continue
		case !i.Up:
			down = append(down, i)
		case !i.Carrier:
			dark = append(dark, i)
		default:
			lit = append(lit, i)
		}
		all = append(all, i)
	}
	usable := slices.ContainsFunc(lit, func(i link.Interface) bool { return hasGlobal(i, families) })
	for _, family := range families {
		if cause := takenAddress(lit, family); cause != nil && !usable && cause.ID == "link.duplicate-address" {
			return cause
		}
	}
	downWithAddress, darkWithAddress := withAddress(down), withAddress(dark)
	switch {
	case len(all) == 0:
		return newCause("link.none", "", "this machine has no network interface but the loopback", "no interface but the loopback exists").
			restsOn("link", "route").mend("add a network interface, or load its driver")
	case usable && len(downWithAddress) > 0: // the usable one may be a container bridge's, and lead nowhere
		return unless(true, downCause(downWithAddress))
	case usable:
		return nil
	case len(downWithAddress) > 0:
		return unless(len(lit) > 0, downCause(downWithAddress))
	case len(lit) > 0:
		return unless(len(darkWithAddress) > 0, addressCause(lit, families))
	case len(darkWithAddress) > 0:
		return darkCause(darkWithAddress)
	case len(dark) > 0:
		return darkCause(dark)
	}
	return downCause(down)
}

// withAddress are the interfaces with a global address of any family.
func withAddress(interfaces []link.Interface) (with []link.Interface) {
	for _, i := range interfaces {
		if hasGlobal(i, []int{4, 6}) {
			with = append(with, i)
		}
	}
	return with
}

// unless lowers a cause where another interface may be the one that should carry the traffic.
func unless(another bool, cause *Cause) *Cause {
	if another && cause != nil {
		cause.likely("which interface is meant to carry the traffic: another one is not usable either")
	}
	return cause
}

func downCause(interfaces []link.Interface) *Cause {
	names := namesOf(interfaces)
	return newCause("link.down", names, fmt.Sprintf("the interface %s is down", names),
		names+" is administratively down", "no interface that works has a global address").
		restsOn("link", "route").mend("bring the interface up: ip link set %s up", interfaces[0].Name)
}

// darkRouteCause blames an interface by which the kernel sends packets, and which has no carrier.
func darkRouteCause(i link.Interface) *Cause {
	cause := darkCause([]link.Interface{i})
	cause.Evidence = []string{describeDark([]link.Interface{i}), "the kernel's route leaves by " + i.Name}
	return cause
}

func darkCause(interfaces []link.Interface) *Cause {
	names := namesOf(interfaces)
	return newCause("link.no-carrier", names, fmt.Sprintf("the interface %s has no carrier", names),
		describeDark(interfaces), "no interface that works has a global address").
		restsOn("link", "route").
		mend("plug in the cable of %s, or join its wireless network, and look at the other end of the link", interfaces[0].Name)
}

// takenAddress is an address of that family that the kernel does not use, since it found another host with it or still looks for one,
// where no interface with a carrier has another one.
func takenAddress(lit []link.Interface, family int) *Cause {
	if slices.ContainsFunc(lit, func(i link.Interface) bool { return hasGlobal(i, []int{family}) }) {
		return nil
	}
	for _, i := range lit {
		for _, a := range i.Addresses {
			if a.Usable() || familyOf(a.Addr()) != family || !beyondLink(a) {
				continue
			}
			if a.Duplicate {
				return duplicateCause(i, a)
			}
			return newCause("link.no-address", i.Name, fmt.Sprintf("the interface %s has no IPv%d address that it may use yet", i.Name, family),
				notYet(lit)...).restsOn("link", "route").
				mend("wait a few seconds and try again; where it stays tentative, look why duplicate address detection does not end on %s", i.Name)
		}
	}
	return nil
}

// duplicateCause is an address for which duplicate address detection failed.
func duplicateCause(i link.Interface, a link.Address) *Cause {
	return newCause("link.duplicate-address", i.Name, fmt.Sprintf("another host on the network of %s has our address %s", i.Name, a.Addr()),
		fmt.Sprintf("duplicate address detection failed for %s on %s (dadfailed): the kernel does not use it", a.Prefix, i.Name),
		fmt.Sprintf("no interface has another IPv%d address that reaches beyond its link", familyOf(a.Addr()))).restsOn("link", "route").
		mend("give this machine or the other one another address; where both made theirs by themselves, look for machines that were cloned with "+
			"their identity (ip neighbour on a third machine tells the other's link-layer address), then: ip address delete %s dev %s, and add "+
			"the new one", a.Prefix, i.Name)
}

// litOf are the interfaces that are up and have a carrier, the loopback aside.
func litOf(links *link.Result) (lit []link.Interface) {
	for _, i := range links.Interfaces {
		if i.Up && i.Carrier && !i.Loopback {
			lit = append(lit, i)
		}
	}
	return lit
}

// addressCause tells an interface without any global address from one that lacks the target's family alone, which is a matter
// of routing, and from one that gave itself an address because no DHCP server answered (RFC 3927).
func addressCause(lit []link.Interface, families []int) *Cause {
	if slices.ContainsFunc(lit, func(i link.Interface) bool { return hasGlobal(i, []int{4, 6}) }) {
		return nil
	}
	names := namesOf(lit)
	autoconfigured := slices.ContainsFunc(lit, func(i link.Interface) bool {
		return slices.ContainsFunc(i.Addresses, func(a link.Address) bool { return a.Addr().Is4() && a.Addr().IsLinkLocalUnicast() })
	})
	if autoconfigured && slices.Contains(families, 4) {
		return newCause("link.autoconf-only", names, fmt.Sprintf("%s has only an address that it gave itself", names),
			"the only IPv4 address is from 169.254.0.0/16").restsOn("link", "route").
			mend("repair the DHCP server of this network, or the VLAN that leads to it, and renew the lease")
	}
	evidence := append([]string{names + " is up and has a carrier", "no interface has a global unicast address, IPv4 or IPv6"}, notYet(lit)...)
	return newCause("link.no-address", names, fmt.Sprintf("the interface %s has no address", names), evidence...).restsOn("link", "route").
		mend("give %s an address: look why DHCP or router advertisements give none, or configure a static one", lit[0].Name)
}

// notYet says what keeps interfaces from an address that they may still get.
func notYet(lit []link.Interface) (evidence []string) {
	for _, i := range lit {
		if i.State == "dormant" {
			evidence = append(evidence, i.Name+" is dormant: it waits to be let in, by 802.1X or by a wireless network")
		}
		for _, a := range i.Addresses {
			if a.Tentative && beyondLink(a) {
				evidence = append(evidence, fmt.Sprintf("%s has %s, which is tentative: duplicate address detection has not ended, and it is not used before",
					i.Name, a.Addr()))
			}
		}
	}
	return evidence
}

// hasGlobal says that an interface has an address of one of the families that can be used, and is worth more than its own link.
func hasGlobal(i link.Interface, families []int) bool {
	return slices.ContainsFunc(i.Addresses, func(a link.Address) bool {
		return a.Usable() && slices.Contains(families, familyOf(a.Addr())) && beyondLink(a)
	})
}

func beyondLink(a link.Address) bool {
	addr := a.Addr()
	return !addr.IsLinkLocalUnicast() && !addr.IsLoopback() && !addr.IsUnspecified()
}

func namesOf(interfaces []link.Interface) string {
	var names []string
	for _, i := range interfaces {
		names = append(names, i.Name)
	}
	return strings.Join(names, ", ")
}

func familyOf(addr netip.Addr) int {
	if addr.Unmap().Is4() {
		return 4
	}
	return 6
}
