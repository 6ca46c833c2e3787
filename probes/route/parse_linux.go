package route

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/bits"
	"net"
	"net/netip"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// types are the kernel's types of routes by number, as ip-route(8) names them.
var types = [...]string{
	unix.RTN_UNICAST:     "unicast",
	unix.RTN_LOCAL:       "local",
	unix.RTN_BROADCAST:   "broadcast",
	unix.RTN_ANYCAST:     "anycast",
	unix.RTN_MULTICAST:   "multicast",
	unix.RTN_BLACKHOLE:   "blackhole",
	unix.RTN_UNREACHABLE: "unreachable",
	unix.RTN_PROHIBIT:    "prohibit",
	unix.RTN_THROW:       "throw",
	unix.RTN_NAT:         "nat",
	unix.RTN_XRESOLVE:    "xresolve",
}

// refusals are the types of routes that end in an errno, which is all that the kernel tells of them. A rule of ip-rule(8) of
// the same type gives the same errno, except "unreachable": that one says ENETUNREACH, as if there were no route.
var refusals = map[unix.Errno]string{
	unix.EHOSTUNREACH: "unreachable",
	unix.EACCES:       "prohibit",
	unix.EINVAL:       "blackhole",
}

// Offsets in the kernel's structures.
const (
	tableAt     = 4  // rtmsg.rtm_table, fib_rule_hdr.table
	protocolAt  = 5  // rtmsg.rtm_protocol
	typeAt      = 7  // rtmsg.rtm_type
	flagsAt     = 8  // rtmsg.rtm_flags
	interfaceAt = 4  // ndmsg.ndm_ifindex
	stateAt     = 8  // ndmsg.ndm_state
	errorAt     = 12 // rta_cacheinfo.rta_error
)

// entry is a route as the kernel tells it.
type entry struct {
	kind    string // "unicast"
	index   int    // of the interface
	source  netip.Addr
	gateway netip.Addr
	network netip.Prefix // invalid where the entry is a way rather than a route

	table    uint32 // 0 where it is not told
	metric   uint32
	protocol string // who has set it
	hops     []hop  // of a route that has several
}

// hop is one way of a route that has several.
type hop struct {
	index   int // of the interface
	gateway netip.Addr
}

// parseRoute reads the answer to one question. The error is the kernel's refusal, whose type the entry then has, or
// ErrMalformed.
func parseRoute(stream []byte) (entry, error) {
	for message, err := range netlink.Messages(stream) {
		switch {
		case err != nil:
			return refused(err)
		case message.Type == unix.RTM_NEWROUTE:
			return parseEntry(message)
		}
	}
	return entry{}, fmt.Errorf("%w: no route in the answer", netlink.ErrMalformed)
}

func refused(err error) (entry, error) {
	var errno unix.Errno
	if errors.As(err, &errno) && errno == unix.EOPNOTSUPP {
		err = fmt.Errorf("this kernel does not speak IPv6: %w", unix.ENETUNREACH)
	}
	return entry{kind: refusals[errno]}, err
}

// parseEntry reads a struct rtmsg and its attributes.
func parseEntry(message netlink.Message) (entry, error) {
	attributes, err := message.Attributes(unix.SizeofRtMsg)
	if err != nil {
		return entry{}, err
	}
	if err := refusal(attributes[unix.RTA_CACHEINFO]); err != nil {
		return refused(err)
	}
	index, err := attributes.Uint32(unix.RTA_OIF)
	if err != nil {
		return entry{}, err
	}
	source, err := attributes.Addr(unix.RTA_PREFSRC)
	if err != nil {
		return entry{}, err
	}
	gateway, err := nextHop(attributes)
	if err != nil {
		return entry{}, err
	}
	network, err := prefix(message.Data, attributes)
	if err != nil {
		return entry{}, err
	}
	e := entry{kind: typeName(message.Data[typeAt]), index: int(index), source: source, gateway: gateway, network: network}
	err = e.fillPolicy(message.Data, attributes)
	return e, err
}

// fillPolicy reads what tells a route from others that lead to the same network.
func (e *entry) fillPolicy(header []byte, attributes netlink.Attributes) (err error) {
	if e.table, err = attributes.Uint32(unix.RTA_TABLE); err != nil {
		return err
	}
	if e.metric, err = attributes.Uint32(unix.RTA_PRIORITY); err != nil {
		return err
	}
	e.protocol = protocolName(header[protocolAt])
	e.hops, err = parseHops(attributes[unix.RTA_MULTIPATH])
	return err
}

// protocols are who sets routes (RTPROT_*), as ip-route(8) names them (/etc/iproute2/rt_protos).
var protocols = map[uint8]string{
	unix.RTPROT_REDIRECT: "redirect", unix.RTPROT_KERNEL: "kernel", unix.RTPROT_BOOT: "boot", unix.RTPROT_STATIC: "static",
	unix.RTPROT_RA: "ra", unix.RTPROT_ZEBRA: "zebra", unix.RTPROT_BIRD: "bird", unix.RTPROT_DHCP: "dhcp", unix.RTPROT_BGP: "bgp",
	unix.RTPROT_OSPF: "ospf",
}

func protocolName(number uint8) string {
	switch name, known := protocols[number]; {
	case known:
		return name
	case number == unix.RTPROT_UNSPEC:
		return ""
	}
	return strconv.Itoa(int(number))
}

// maxHops bounds how many ways of a route are told.
const maxHops = 16

// parseHops reads a list of struct rtnexthop, each with attributes of its own.
func parseHops(data []byte) (hops []hop, err error) {
	const indexAt = 4 // rtnexthop.rtnh_ifindex
	for len(data) > 0 && len(hops) < maxHops {
		length := 0
		if len(data) >= unix.SizeofRtNexthop {
			length = int(binary.NativeEndian.Uint16(data))
		}
		if length < unix.SizeofRtNexthop || length > len(data) {
			return nil, fmt.Errorf("%w: a next hop of %d of %d bytes", netlink.ErrMalformed, length, len(data))
		}
		attributes, err := netlink.Message{Data: data[:length]}.Attributes(unix.SizeofRtNexthop)
		if err != nil {
			return nil, err
		}
		gateway, err := nextHop(attributes)
		if err != nil {
			return nil, err
		}
		hops = append(hops, hop{int(int32(binary.NativeEndian.Uint32(data[indexAt:]))), gateway})
		data = data[min((length+unix.RTNH_ALIGNTO-1)&^(unix.RTNH_ALIGNTO-1), len(data)):]
	}
	return hops, nil
}

// refusal is the errno in a struct rta_cacheinfo: kernels before 4.13 answer for an IPv6 destination that they refuse with a
// route that has the error inside.
func refusal(cacheinfo []byte) error {
	if len(cacheinfo) < errorAt+4 {
		return nil
	}
	err := netlink.Errno(cacheinfo[errorAt:])
	if errors.Is(err, unix.EAGAIN) {
		return unix.ENETUNREACH // a throw route, and nothing after it
	}
	return err
}

// nextHop is the gateway. One of the other family is in a struct rtvia, the family before the address (RFC 8950 has such).
func nextHop(attributes netlink.Attributes) (netip.Addr, error) {
	const familySize = 2
	via, ok := attributes[unix.RTA_VIA]
	if !ok {
		return attributes.Addr(unix.RTA_GATEWAY)
	}
	addr, ok := netip.AddrFromSlice(via[min(familySize, len(via)):])
	if !ok {
		return netip.Addr{}, fmt.Errorf("%w: a gateway of %d bytes", netlink.ErrMalformed, len(via))
	}
	return addr, nil
}

// prefix is the network of a route. A way has none: it is a copy of its route made for one destination.
func prefix(header []byte, attributes netlink.Attributes) (netip.Prefix, error) {
	if binary.NativeEndian.Uint32(header[flagsAt:])&unix.RTM_F_CLONED != 0 {
		return netip.Prefix{}, nil
	}
	addr, err := attributes.Addr(unix.RTA_DST)
	if err != nil {
		return netip.Prefix{}, err
	}
	if !addr.IsValid() { // a default route
		addr = unspecified(header[0])
	}
	network := netip.PrefixFrom(addr, int(header[1])).Masked()
	if !network.IsValid() {
		return netip.Prefix{}, fmt.Errorf("%w: a network of %d bits of address %s", netlink.ErrMalformed, header[1], addr)
	}
	return network, nil
}

func unspecified(family uint8) netip.Addr {
	if family == unix.AF_INET {
		return netip.IPv4Unspecified()
	}
	return netip.IPv6Unspecified()
}

func typeName(number uint8) string {
	if int(number) < len(types) {
		return types[number]
	}
	return ""
}

// states are the states of a neighbour by the number of their bit (NUD_*), as ip-neighbour(8) prints them.
var states = [...]string{"incomplete", "reachable", "stale", "delay", "probe", "failed", "noarp", "permanent"}

// maxHardwareAddress is the kernel's MAX_ADDR_LEN.
const maxHardwareAddress = 32

// find looks for the neighbour in a dump of the table and takes over its state and its link-layer address. An address that
// the table does not have changes nothing and is no error.
func (n *Neighbour) find(table []byte, index int) error {
	for message, err := range netlink.Messages(table) {
		if err != nil {
			return err
		}
		if message.Type != unix.RTM_NEWNEIGH {
			continue
		}
		attributes, err := message.Attributes(unix.SizeofNdMsg)
		if err != nil {
			return err
		}
		address, err := attributes.Addr(unix.NDA_DST)
		if err != nil {
			return err
		}
		if address == n.Address.WithZone("") && int(binary.NativeEndian.Uint32(message.Data[interfaceAt:])) == index {
			n.State = stateName(binary.NativeEndian.Uint16(message.Data[stateAt:]))
			n.HardwareAddress = hardwareAddress(attributes[unix.NDA_LLADDR])
		}
	}
	return nil
}

// stateName is the word for a state; "none" for NUD_NONE, that of an entry which nobody has asked for yet.
func stateName(state uint16) string {
	if bit := bits.TrailingZeros16(state); bit < len(states) {
		return states[bit]
	}
	return "none"
}

func hardwareAddress(value []byte) string {
	if len(value) > maxHardwareAddress {
		return ""
	}
	return net.HardwareAddr(value).String()
}
