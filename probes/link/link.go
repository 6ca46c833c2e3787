// Package link measures the link layer of this machine: its interfaces, their state and their addresses (RFC 1122 §2).
package link

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Result is what the kernel says of every interface of this machine.
type Result struct {
	// Interfaces are all interfaces, the loopback among them, in the kernel's order.
	Interfaces []Interface `json:"interfaces"`
	// Fault is set where the interfaces could not be read.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Interface is one network interface.
type Interface struct {
	// Name is the kernel's name of it: "eth0".
	Name string `json:"name"`
	// Index is the kernel's number of it.
	Index int `json:"index"`
	// Loopback is set on the interface that leads back to this machine.
	Loopback bool `json:"loopback,omitempty"`
	// PointToPoint is set where there is one neighbour and no link-layer address (a tunnel, a modem).
	PointToPoint bool `json:"point_to_point,omitempty"`
	// Up says that it is administratively up (IFF_UP; Windows: AdminStatus).
	Up bool `json:"up"`
	// Carrier says that the link below is there (IFF_LOWER_UP; macOS and FreeBSD: SIOCGIFMEDIA; Windows: MediaConnectState; IFF_RUNNING
	// where a system knows no better).
	Carrier bool `json:"carrier"`
	// MTU is the longest packet that it carries, in bytes.
	MTU int `json:"mtu"`
	// HardwareAddress is its link-layer address, where it has one.
	HardwareAddress string `json:"hardware_address,omitempty"`
	// Addresses are its addresses with their prefix lengths.
	Addresses []netip.Prefix `json:"addresses,omitempty"`
}

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
