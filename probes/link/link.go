// Package link measures the link layer of this machine: its interfaces, their state, their addresses and their counters
// (RFC 1122 §2).
package link

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Result is what the kernel says of every interface of this machine.
type Result struct {
	// Interfaces are all interfaces, the loopback among them, in the kernel's order.
	Interfaces []Interface `json:"interfaces"`
	// Claims are what came of asking a link who has an address of ours; absent where nothing gave reason to ask, or this user may not.
	Claims []Claim `json:"claims,omitempty"`
	// Fault is set where the interfaces could not be read.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Interface is one network interface.
type Interface struct {
	// Name is the kernel's name of it: "eth0".
	Name string `json:"name"`
	// Index is the kernel's number of it.
	Index int `json:"index"`
	// Medium is what packets travel by, as far as the system tells: "loopback", "ethernet", "wifi", "ppp", "vpn", "tunnel", "bridge",
	// "bond", "vlan", "virtual".
	Medium string `json:"medium,omitempty"`
	// Kind is the kernel's word for an interface that a program made (IFLA_INFO_KIND): "veth", "bridge", "wireguard", "tun", "tap".
	Kind string `json:"kind,omitempty"`
	// Loopback is set on the interface that leads back to this machine.
	Loopback bool `json:"loopback,omitempty"`
	// PointToPoint is set where there is one neighbour and no link-layer address (a tunnel, a modem).
	PointToPoint bool `json:"point_to_point,omitempty"`
	// Up says that it is administratively up (IFF_UP; Windows: AdminStatus).
	Up bool `json:"up"`
	// Carrier says that the link below is there (IFF_LOWER_UP; macOS and FreeBSD: SIOCGIFMEDIA; Windows: MediaConnectState; IFF_RUNNING
	// where a system knows no better).
	Carrier bool `json:"carrier"`
	// State is the state of RFC 2863 §3.1.14: "up", "down", "dormant" (waits for 802.1X, say), "lowerlayerdown" (the interface below it
	// is down), "testing", "notpresent"; empty where the driver does not tell.
	State string `json:"state,omitempty"`
	// MTU is the longest packet that it carries, in bytes.
	MTU int `json:"mtu"`
	// Duplex is "full" or "half", on an Ethernet with a device of its own.
	Duplex string `json:"duplex,omitempty"`
	// Speed is the rate of an Ethernet with a device of its own, in Mb/s.
	Speed int `json:"speed_mbps,omitempty"`
	// HardwareAddress is its link-layer address, where it has one.
	HardwareAddress string `json:"hardware_address,omitempty"`
	// Addresses are its addresses with their state.
	Addresses []Address `json:"addresses,omitempty"`
	// Counters are the kernel's, since the interface was made; absent where they were not read.
	Counters *Counters `json:"counters,omitempty"`
	// Rose is how far the counters rose to the end of the run; absent where they were not read again.
	Rose *Counters `json:"rose,omitempty"`
}

// Address is an address of an interface, and its state (RFC 4862 §2).
type Address struct {
	// Prefix is the address with its prefix length.
	Prefix netip.Prefix `json:"address"`
	// Peer is the other end of a point-to-point link, where the address is told apart from it.
	Peer netip.Addr `json:"peer,omitzero"`
	// Tentative says that duplicate address detection has not ended: the address is not used yet (RFC 4862 §5.4).
	Tentative bool `json:"tentative,omitempty"`
	// Duplicate says that duplicate address detection found another host with it: it is not used (IFA_F_DADFAILED).
	Duplicate bool `json:"duplicate,omitempty"`
	// Deprecated says that its preferred lifetime is over: new connections use it only where there is no other.
	Deprecated bool `json:"deprecated,omitempty"`
	// Temporary says that it was made up for privacy (RFC 8981).
	Temporary bool `json:"temporary,omitempty"`
	// Dynamic says that it came with a lifetime, from DHCP or from router advertisements, and was not configured for good.
	Dynamic bool `json:"dynamic,omitempty"`
	// Preferred is what is left of a preferred lifetime that ends.
	Preferred probes.Millis `json:"preferred_ms,omitempty"`
	// Valid is what is left of a valid lifetime that ends.
	Valid probes.Millis `json:"valid_ms,omitempty"`
}

// Addr is the address without its prefix length.
func (a Address) Addr() netip.Addr { return a.Prefix.Addr() }

// Usable says that packets can come from the address: it is neither tentative nor another host's.
func (a Address) Usable() bool { return !a.Tentative && !a.Duplicate }

// Counters are an interface's (struct rtnl_link_stats64, linux/if_link.h).
type Counters struct {
	// Received counts packets that came in.
	Received uint64 `json:"received,omitempty"`
	// Sent counts packets that went out.
	Sent uint64 `json:"sent,omitempty"`
	// ReceiveErrors counts packets that came in damaged, for whatever reason.
	ReceiveErrors uint64 `json:"receive_errors,omitempty"`
	// TransmitErrors counts packets that could not be sent, for whatever reason.
	TransmitErrors uint64 `json:"transmit_errors,omitempty"`
	// ReceiveDropped counts good packets that were dropped, for want of room or of anyone who wanted them: healthy networks have some.
	ReceiveDropped uint64 `json:"receive_dropped,omitempty"`
	// TransmitDropped counts packets that were dropped before they were sent.
	TransmitDropped uint64 `json:"transmit_dropped,omitempty"`
	// Collisions counts those of a half-duplex Ethernet.
	Collisions uint64 `json:"collisions,omitempty"`
	// LengthErrors counts received packets of a length that is not allowed.
	LengthErrors uint64 `json:"length_errors,omitempty"`
	// CRCErrors counts received packets whose check sum is wrong.
	CRCErrors uint64 `json:"crc_errors,omitempty"`
	// FrameErrors counts received packets that are badly framed.
	FrameErrors uint64 `json:"frame_errors,omitempty"`
	// CarrierErrors counts packets during whose sending the carrier was lost.
	CarrierErrors uint64 `json:"carrier_errors,omitempty"`
	// WindowErrors counts late collisions: one side is in full duplex and the other in half.
	WindowErrors uint64 `json:"window_errors,omitempty"`
}

// Damaged is how many packets came in damaged: some drivers count the reason, and not the sum.
func (c Counters) Damaged() uint64 {
	return max(c.ReceiveErrors, c.LengthErrors+c.CRCErrors+c.FrameErrors)
}

// Unsent is how many packets could not be sent: some drivers count the reason, and not the sum.
func (c Counters) Unsent() uint64 { return max(c.TransmitErrors, c.CarrierErrors+c.WindowErrors) }

// ByName is the interface of that name; ok is false where there is none.
func (r *Result) ByName(name string) (i Interface, ok bool) {
	if r == nil {
		return Interface{}, false
	}
	for _, i := range r.Interfaces {
		if i.Name == name {
			return i, true
		}
	}
	return Interface{}, false
}

// Claim is what came of asking a link who has an address (ARP, RFC 826; as an ARP Probe, RFC 5227 §2.1.1).
type Claim struct {
	// Interface is the one by which was asked.
	Interface string `json:"interface"`
	// Address is the address that was asked for.
	Address netip.Addr `json:"address"`
	// By are the link-layer addresses of other machines that answered, in the order of their answers.
	By []string `json:"by,omitempty"`
	// Took is how long answers were waited for.
	Took probes.Millis `json:"took_ms"`
	// Fault is set where nothing could be asked, for want of the right to.
	Fault *probes.Fault `json:"fault,omitempty"`
}
