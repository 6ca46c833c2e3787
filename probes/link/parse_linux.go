package link

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
)

// Offsets in the kernel's structures.
const (
	linkIndexAt    = 4 // ifinfomsg.ifi_index
	linkFlagsAt    = 8 // ifinfomsg.ifi_flags
	prefixLengthAt = 1 // ifaddrmsg.ifa_prefixlen
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
		index, prefix, err := parseAddress(message)
		if err != nil {
			return err
		}
		if owner, ok := byIndex[index]; ok {
			owner.Addresses = append(owner.Addresses, prefix)
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
	return Interface{
		Name:            name(attributes[unix.IFLA_IFNAME]),
		Index:           int(binary.NativeEndian.Uint32(message.Data[linkIndexAt:])),
		Loopback:        flags&unix.IFF_LOOPBACK != 0,
		PointToPoint:    flags&unix.IFF_POINTOPOINT != 0,
		Up:              flags&unix.IFF_UP != 0,
		Carrier:         flags&unix.IFF_LOWER_UP != 0,
		MTU:             int(mtu),
		HardwareAddress: hardwareAddress(attributes[unix.IFLA_ADDRESS]),
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
func parseAddress(message netlink.Message) (index int, prefix netip.Prefix, err error) {
	attributes, err := message.Attributes(unix.SizeofIfAddrmsg)
	if err != nil {
		return 0, netip.Prefix{}, err
	}
	// On a point-to-point link IFA_ADDRESS is the other end; IPv6 has IFA_LOCAL there alone.
	kind := uint16(unix.IFA_LOCAL)
	if _, ok := attributes[kind]; !ok {
		kind = unix.IFA_ADDRESS
	}
	addr, err := attributes.Addr(kind)
	if err != nil {
		return 0, netip.Prefix{}, err
	}
	bits := int(message.Data[prefixLengthAt])
	if prefix = netip.PrefixFrom(addr, bits); !prefix.IsValid() {
		return 0, netip.Prefix{}, fmt.Errorf("%w: a prefix of %d bits of address %s", netlink.ErrMalformed, bits, addr)
	}
	return int(binary.NativeEndian.Uint32(message.Data[addressIndexAt:])), prefix, nil
}
