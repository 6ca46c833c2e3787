package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"net"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
)

// Offsets in the kernel's structures.
const (
	linkTypeAt     = 2 // ifinfomsg.ifi_type
	linkIndexAt    = 4 // ifinfomsg.ifi_index
	linkFlagsAt    = 8 // ifinfomsg.ifi_flags
	prefixLengthAt = 1 // ifaddrmsg.ifa_prefixlen
	addressFlagsAt = 2 // ifaddrmsg.ifa_flags
	addressIndexAt = 4 // ifaddrmsg.ifa_index
)

// maxHardwareAddress is the kernel's MAX_ADDR_LEN.
const maxHardwareAddress = 32

// parse reads a dump of links and one of addresses, in the kernel's order. What was read before an error is kept.
func parse(links, addresses []byte) ([]Interface, error) {
	interfaces, err := parseLinks(links)
	if err != nil {
		return interfaces, err
	}
	return interfaces, parseAddresses(interfaces, addresses)
}

func parseLinks(stream []byte) ([]Interface, error) {
	interfaces := []Interface{}
	for message, err := range netlink.Messages(stream) {
		if err != nil {
			return interfaces, err
		}
		if message.Type != unix.RTM_NEWLINK {
			continue
		}
		i, err := parseLink(message)
		if err != nil {
			return interfaces, err
		}
		interfaces = append(interfaces, i)
	}
	return interfaces, nil
}

// parseAddresses gives each address to its interface. One whose interface came after the links were read is left out.
func parseAddresses(interfaces []Interface, stream []byte) error {
	byIndex := make(map[int]*Interface, len(interfaces))
	for i := range interfaces {
		byIndex[interfaces[i].Index] = &interfaces[i]
	}
	for message, err := range netlink.Messages(stream) {
		if err != nil {
			return err
		}
		if message.Type != unix.RTM_NEWADDR {
			continue
		}
		index, address, err := parseAddress(message)
		if err != nil {
			return err
		}
		if owner, ok := byIndex[index]; ok {
			owner.Addresses = append(owner.Addresses, address)
		}
	}
	return nil
}

// parseLink reads a struct ifinfomsg and its attributes.
func parseLink(message netlink.Message) (Interface, error) {
	attributes, err := message.Attributes(unix.SizeofIfInfomsg)
	if err != nil {
		return Interface{}, err
	}
	mtu, err := attributes.Uint32(unix.IFLA_MTU)
	if err != nil {
		return Interface{}, err
	}
	flags := binary.NativeEndian.Uint32(message.Data[linkFlagsAt:])
	kind, err := kindOf(attributes[unix.IFLA_LINKINFO])
	if err != nil {
		return Interface{}, err
	}
	counters, err := parseCounters(attributes[unix.IFLA_STATS64])
	if err != nil {
		return Interface{}, err
	}
	return Interface{
		Name:            name(attributes[unix.IFLA_IFNAME]),
		Index:           int(binary.NativeEndian.Uint32(message.Data[linkIndexAt:])),
		Medium:          medium(binary.NativeEndian.Uint16(message.Data[linkTypeAt:]), kind),
		Kind:            kind,
		Loopback:        flags&unix.IFF_LOOPBACK != 0,
		PointToPoint:    flags&unix.IFF_POINTOPOINT != 0,
		Up:              flags&unix.IFF_UP != 0,
		Carrier:         flags&unix.IFF_LOWER_UP != 0,
		State:           state(attributes[unix.IFLA_OPERSTATE]),
		MTU:             int(mtu),
		HardwareAddress: hardwareAddress(attributes[unix.IFLA_ADDRESS]),
		Counters:        counters,
	}, nil
}

// name is a string that the kernel ends with a NUL.
func name(value []byte) string {
	value, _, _ = bytes.Cut(value, []byte{0})
	return probes.Bound(string(value))
}

// hardwareAddress is a link-layer address as people write it, empty where there is none: the loopback's is all zero, a
// tunnel's is the Internet address of its own end.
func hardwareAddress(value []byte) string {
	switch {
	case len(value) == 4, len(value) == 16, len(value) > maxHardwareAddress:
		return ""
	case len(bytes.Trim(value, "\x00")) == 0:
		return ""
	}
	return net.HardwareAddr(value).String()
}

// parseAddress reads a struct ifaddrmsg and its attributes.
func parseAddress(message netlink.Message) (index int, address Address, err error) {
	attributes, err := message.Attributes(unix.SizeofIfAddrmsg)
	if err != nil {
		return 0, Address{}, err
	}
	// On a point-to-point link IFA_ADDRESS is the other end; IPv6 has IFA_LOCAL there alone.
	kind := uint16(unix.IFA_LOCAL)
	if _, ok := attributes[kind]; !ok {
		kind = unix.IFA_ADDRESS
	}
	own, err := attributes.Addr(kind)
	if err != nil {
		return 0, Address{}, err
	}
	peer, err := attributes.Addr(unix.IFA_ADDRESS)
	if err != nil {
		return 0, Address{}, err
	}
	bits := int(message.Data[prefixLengthAt])
	if address.Prefix = netip.PrefixFrom(own, bits); !address.Prefix.IsValid() {
		return 0, Address{}, fmt.Errorf("%w: a prefix of %d bits of address %s", netlink.ErrMalformed, bits, own)
	}
	if peer != own {
		address.Peer = peer
	}
	flags := uint32(message.Data[addressFlagsAt])
	if _, ok := attributes[unix.IFA_FLAGS]; ok { // has what does not fit in the other
		flags, err = attributes.Uint32(unix.IFA_FLAGS)
	}
	address.setFlags(flags)
	address.setLifetimes(attributes[unix.IFA_CACHEINFO])
	return int(binary.NativeEndian.Uint32(message.Data[addressIndexAt:])), address, err
}

func (a *Address) setFlags(flags uint32) {
	a.Duplicate = flags&unix.IFA_F_DADFAILED != 0
	// An optimistic address is used while its duplicates are still looked for (RFC 4429).
	a.Tentative = flags&unix.IFA_F_TENTATIVE != 0 && flags&unix.IFA_F_OPTIMISTIC == 0 && !a.Duplicate
	a.Deprecated = flags&unix.IFA_F_DEPRECATED != 0
	a.Temporary = flags&unix.IFA_F_TEMPORARY != 0 && a.Addr().Is6() // IPv4 calls its secondary addresses by the same bit
	a.Dynamic = flags&unix.IFA_F_PERMANENT == 0
}

// setLifetimes reads a struct ifa_cacheinfo: the preferred and the valid lifetime in seconds, all ones for one that never ends.
func (a *Address) setLifetimes(info []byte) {
	if !a.Dynamic || len(info) < 8 {
		return
	}
	lifetime := func(seconds uint32) probes.Millis {
		if seconds == math.MaxUint32 {
			return 0
		}
		return probes.Millis(time.Duration(seconds) * time.Second)
	}
	a.Preferred = lifetime(binary.NativeEndian.Uint32(info))
	a.Valid = lifetime(binary.NativeEndian.Uint32(info[4:]))
}
