package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/link"
)

func readLinks(ctx context.Context, c *Climb) {
	c.evidence.Link = measure(ctx, c, "", func() link.Result { return link.Read(ctx) })
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
		b.found(r, Pass, b.describeLinks(links))
	}
}

// describeLinks names the interface that the traffic leaves by, or all that are up.
func (b *bench) describeLinks(links *link.Result) string {
	var used []string
	for _, route := range b.e.Routes {
		if name := route.Seen.Interface; name != "" && route.Seen.Purpose != "announced" && !slices.Contains(used, name) {
			used = append(used, name)
		}
	}
	var parts []string
	for _, i := range links.Interfaces {
		if len(used) == 0 && i.Up && !i.Loopback || slices.Contains(used, i.Name) {
			parts = append(parts, describeInterface(i))
		}
	}
	if len(parts) == 0 {
		return "no interface is up but the loopback"
	}
	return strings.Join(parts, "; ")
}

// minimumIPv6MTU is the MTU that every link must have which carries IPv6 (RFC 8200 §5).
const minimumIPv6MTU = 1280

func describeInterface(i link.Interface) string {
	parts := []string{i.Name + " up", fmt.Sprintf("MTU %d", i.MTU)}
	if i.MTU > 0 && i.MTU < minimumIPv6MTU {
		parts[1] += " (too small for IPv6)"
	}
	for _, address := range i.Addresses {
		if !address.Addr().IsLinkLocalUnicast() {
			parts = append(parts, address.String())
		}
	}
	return strings.Join(parts, ", ")
}

// linkTrouble is what is wrong with the interfaces where that explains why packets do not leave: the kernel refuses every
// route that this target needs for want of one, or the route leads out of an interface without a carrier and nothing came
// back.
func (b *bench) linkTrouble(links *link.Result) *Cause {
	if b.anythingAnswered() {
		return nil
	}
	if i, ok := b.deadRouteInterface(links); ok {
		return newCause("link.no-carrier", i.Name, fmt.Sprintf("the interface %s has no carrier", i.Name),
			fmt.Sprintf("%s is administratively up and has no carrier", i.Name), "the kernel's route leaves by "+i.Name).
			restsOn("link", "route").
			mend("plug in the cable of %s, or join its wireless network, and look at the other end of the link", i.Name)
	}
	if !b.everyRouteMissing() {
		return nil
	}
	return b.amongOthers(missingLink(links, b.refusedFamilies()), links)
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

func darkCause(interfaces []link.Interface) *Cause {
	names := namesOf(interfaces)
	return newCause("link.no-carrier", names, fmt.Sprintf("the interface %s has no carrier", names),
		names+" is administratively up and has no carrier", "no interface that works has a global address").
		restsOn("link", "route").
		mend("plug in the cable of %s, or join its wireless network, and look at the other end of the link", interfaces[0].Name)
}

// addressCause tells an interface without any global address from one that lacks the target's family alone, which is a matter
// of routing, and from one that gave itself an address because no DHCP server answered (RFC 3927).
func addressCause(lit []link.Interface, families []int) *Cause {
	if slices.ContainsFunc(lit, func(i link.Interface) bool { return hasGlobal(i, []int{4, 6}) }) {
		return nil
	}
	names := namesOf(lit)
	autoconfigured := slices.ContainsFunc(lit, func(i link.Interface) bool {
		return slices.ContainsFunc(i.Addresses, func(p netip.Prefix) bool { return p.Addr().Is4() && p.Addr().IsLinkLocalUnicast() })
	})
	if autoconfigured && slices.Contains(families, 4) {
		return newCause("link.autoconf-only", names, fmt.Sprintf("%s has only an address that it gave itself", names),
			"the only IPv4 address is from 169.254.0.0/16").restsOn("link", "route").
			mend("repair the DHCP server of this network, or the VLAN that leads to it, and renew the lease")
	}
	return newCause("link.no-address", names, fmt.Sprintf("the interface %s has no address", names),
		names+" is up and has a carrier", "no interface has a global unicast address, IPv4 or IPv6").restsOn("link", "route").
		mend("give %s an address: look why DHCP or router advertisements give none, or configure a static one", lit[0].Name)
}

// hasGlobal says that an interface has an address of one of the families that is worth more than its own link.
func hasGlobal(i link.Interface, families []int) bool {
	return slices.ContainsFunc(i.Addresses, func(p netip.Prefix) bool {
		addr := p.Addr()
		return slices.Contains(families, familyOf(addr)) && !addr.IsLinkLocalUnicast() && !addr.IsLoopback() && !addr.IsUnspecified()
	})
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
