package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/link"
)

// describeLinks names the interfaces that the traffic leaves by, or all that are up, and after them those that could carry it and
// do not.
func (b *bench) describeLinks(links *link.Result) string {
	used := b.usedInterfaces()
	var parts, idle []string
	for _, i := range links.Interfaces {
		switch {
		case len(used) == 0 && i.Up && !i.Loopback, slices.Contains(used, i.Name):
			parts = append(parts, describeInterface(i))
		case i.Up && i.Carrier && !i.Loopback && hasGlobal(i, []int{4, 6}):
			idle = append(idle, i.Name+describeMedium(i))
		}
	}
	if len(parts) == 0 {
		return "no interface is up but the loopback"
	}
	if len(idle) > 0 {
		parts = append(parts, "not used: "+someOf(idle, 3))
	}
	return strings.Join(parts, "; ")
}

// someOf are the first few of a list, and how many more there are.
func someOf(list []string, few int) string {
	if len(list) <= few {
		return strings.Join(list, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(list[:few], ", "), len(list)-few)
}

// minimumIPv6MTU is the MTU that every link must have which carries IPv6 (RFC 8200 §5).
const minimumIPv6MTU = 1280

// describeInterface tells of an interface what a reader may have to know of it.
func describeInterface(i link.Interface) string {
	parts := []string{i.Name + describeMedium(i) + " up", fmt.Sprintf("MTU %d", i.MTU)}
	if i.MTU > 0 && i.MTU < minimumIPv6MTU {
		parts[1] += " (too small for IPv6)"
	}
	if i.Duplex == "half" {
		parts = append(parts, strings.TrimSpace("half duplex "+describeSpeed(i)))
	}
	if i.State == "dormant" {
		parts = append(parts, "dormant")
	}
	for _, a := range i.Addresses {
		if !a.Addr().IsLinkLocalUnicast() {
			parts = append(parts, a.Prefix.String()+describeState(a))
		}
	}
	return strings.Join(parts, ", ")
}

func describeSpeed(i link.Interface) string {
	if i.Speed == 0 {
		return ""
	}
	return fmt.Sprintf("%d Mb/s", i.Speed)
}

// describeMedium names what is not just a cable.
func describeMedium(i link.Interface) string {
	words := map[string]string{
		"wifi": "Wi-Fi", "ppp": "PPP", "vpn": "VPN", "tunnel": "tunnel", "bridge": "bridge", "bond": "bond", "vlan": "VLAN", "virtual": "virtual",
	}
	word := words[i.Medium]
	switch {
	case word == "" || i.Kind == "veth": // what is an Ethernet to whoever lives in a container
		return ""
	case i.Kind == "" || strings.EqualFold(i.Kind, word):
		return " (" + word + ")"
	}
	return " (" + word + ", " + i.Kind + ")"
}

// describeState is the state of an address that is not simply there to be used.
func describeState(a link.Address) string {
	switch {
	case a.Duplicate:
		return " (duplicate)"
	case a.Tentative:
		return " (tentative)"
	case a.Deprecated:
		return " (deprecated)"
	}
	return ""
}

// describeDark tells of interfaces without a carrier what the kernel knows of the reason.
func describeDark(interfaces []link.Interface) string {
	text := namesOf(interfaces) + " is administratively up and has no carrier"
	for _, i := range interfaces {
		switch {
		case i.State == "lowerlayerdown":
			return text + ": the interface that it stands on, or its other end, is down"
		case i.Medium == "bridge":
			return text + ": the bridge has no port that is up"
		}
	}
	return text
}

// countedErrors is what an interface counted while the probes ran.
func countedErrors(i link.Interface) []string {
	rose := i.Rose
	var lines []string
	if n := rose.Damaged(); n > 0 {
		lines = append(lines, fmt.Sprintf("while the probes ran, %s counted %d damaged packets%s, and %d good ones", i.Name, n,
			reasons(rose.CRCErrors, "with a wrong check sum", rose.FrameErrors, "badly framed", rose.LengthErrors, "of a wrong length"), rose.Received))
	}
	if n := rose.Unsent(); n > 0 {
		lines = append(lines, fmt.Sprintf("while the probes ran, %s counted %d packets that it could not send%s, and %d that it sent", i.Name, n,
			reasons(rose.CarrierErrors, "for want of a carrier", rose.WindowErrors, "for a late collision", rose.Collisions, "collisions"), rose.Sent))
	}
	if i.Duplex == "half" {
		lines = append(lines, i.Name+" is in half duplex")
	}
	return lines
}

// reasons are counts and what they count, those that are not zero.
func reasons(a uint64, ofA string, b uint64, ofB string, c uint64, ofC string) string {
	var parts []string
	for _, r := range []struct {
		n    uint64
		what string
	}{{a, ofA}, {b, ofB}, {c, ofC}} {
		if r.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", r.n, r.what))
		}
	}
	if parts == nil {
		return ""
	}
	return " (" + strings.Join(parts, ", ") + ")"
}
