package route

import (
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"

	"github.com/rung-cli/rung/probes"
)

// The messages of the routing socket of macOS and the BSDs (route(4); net/route.h, net/if_dl.h) are read here, apart from the asking, so that
// it is tested on every system. The kernels differ in the numbers of a dialect; all of them run on little-endian machines.

// dialect is what differs between the kernels.
type dialect struct {
	header int   // the size of struct rt_msghdr
	align  int   // to which a socket address in a message is padded
	inet6  uint8 // AF_INET6
}

var (
	darwin  = dialect{header: 92, align: 4, inet6: 30}
	freeBSD = dialect{header: 152, align: 8, inet6: 28} // of 64 bits
)

// The flags of a route, and the number and places of addresses in a message.
const (
	flagGateway   = 0x2
	flagHost      = 0x4
	flagReject    = 0x8
	flagNeighbour = 0x400 // RTF_LLINFO, RTF_LLDATA
	flagStatic    = 0x800
	flagBlackhole = 0x1000
	flagCloned    = 0x20000 // RTF_WASCLONED of macOS: made for one destination

	placeDestination = 0
	placeGateway     = 1
	placeNetmask     = 2
	placeInterface   = 4 // RTAX_IFP
	placeSource      = 5 // RTAX_IFA
	places           = 8

	familyINET = 2
	familyLink = 18
)

var errMalformed = errors.New("malformed message of the routing socket")

// message is what a struct rt_msghdr and the addresses behind it say.
type message struct {
	typ       uint8
	index     int // of the interface
	flags     uint32
	pid       uint32
	seq       uint32
	errno     uint32
	addresses [places][]byte // struct sockaddr, empty where there is none
}

// nextMessage takes a message off a stream of them.
func (d dialect) nextMessage(stream []byte) (m message, rest []byte, err error) {
	const indexAt, flagsAt, addressesAt, pidAt, seqAt, errnoAt = 4, 8, 12, 16, 20, 24
	if len(stream) < d.header {
		return m, nil, fmt.Errorf("%w: %d bytes", errMalformed, len(stream))
	}
	length := int(binary.LittleEndian.Uint16(stream))
	if length < d.header || length > len(stream) {
		return m, nil, fmt.Errorf("%w: a length of %d", errMalformed, length)
	}
	number := func(at int) uint32 { return binary.LittleEndian.Uint32(stream[at:]) }
	m = message{
		typ: stream[3], index: int(binary.LittleEndian.Uint16(stream[indexAt:])), flags: number(flagsAt), pid: number(pidAt), seq: number(seqAt),
		errno: number(errnoAt),
	}
	err = m.readAddresses(stream[d.header:length], number(addressesAt), d.align)
	return m, stream[length:], err
}

// readAddresses takes the addresses that a mask says are there, in order.
func (m *message) readAddresses(body []byte, present uint32, align int) error {
	for place := range places {
		if present&(1<<place) == 0 || len(body) == 0 { // macOS leaves away what is empty at the end
			continue
		}
		length := int(body[0])
		if length > len(body) {
			return fmt.Errorf("%w: an address of %d bytes where %d are left", errMalformed, length, len(body))
		}
		m.addresses[place] = body[:length]
		space := max(align, (length+align-1)/align*align)
		body = body[min(space, len(body)):]
	}
	return nil
}

// addr is the address in a sockaddr_in or sockaddr_in6; invalid where it is of another kind. The kernels put the zone of a link-local
// address into its second group.
func (d dialect) addr(sa []byte) netip.Addr {
	const v4At, v4End, v6At, v6End = 4, 8, 8, 24
	switch {
	case len(sa) < 2:
	case sa[1] == familyINET && len(sa) >= v4End:
		return netip.AddrFrom4([4]byte(sa[v4At:]))
	case sa[1] == d.inet6 && len(sa) >= v6End:
		bytes := [16]byte(sa[v6At:])
		addr := netip.AddrFrom16(bytes)
		if !addr.IsLinkLocalUnicast() {
			return addr
		}
		zone := binary.BigEndian.Uint16(bytes[2:])
		bytes[2], bytes[3] = 0, 0
		if addr = netip.AddrFrom16(bytes); zone != 0 {
			addr = addr.WithZone(strconv.Itoa(int(zone)))
		}
		return addr
	}
	return netip.Addr{}
}

// network is the prefix of the route that matched. The sockaddr of a mask ends with its last byte that is not zero. It is invalid for a
// route that was made for one destination, of which the kernel does not tell whence.
func (d dialect) network(m message, destination netip.Addr) netip.Prefix {
	const v4At, v6At = 4, 8
	base := d.addr(m.addresses[placeDestination]).WithZone("")
	switch mask := m.addresses[placeNetmask]; {
	case m.flags&flagCloned != 0, m.flags&(flagHost|flagNeighbour) == flagHost|flagNeighbour:
		return netip.Prefix{}
	case m.flags&flagHost != 0 && base.IsValid():
		return netip.PrefixFrom(base, base.BitLen())
	default:
		at := v4At
		if destination.Is6() {
			at = v6At
		}
		full := make(net.IPMask, destination.BitLen()/8)
		copy(full, mask[min(at, len(mask)):])
		bits, size := full.Size()
		if size == 0 { // a mask with holes
			return netip.Prefix{}
		}
		if !base.IsValid() { // the kernel shortens the address of a default route, too
			base = netip.IPv4Unspecified()
			if destination.Is6() {
				base = netip.IPv6Unspecified()
			}
		}
		return netip.PrefixFrom(base, bits).Masked()
	}
}

// takeAnswer takes over a kernel's answer to RTM_GET. That a neighbour does not answer is for the neighbour table to say: the kernels reject what
// is sent to such a one, as if a route said so.
func (r *Result) takeAnswer(d dialect, m message, nameOf func(index int) (string, error)) (err error) {
	r.Type = "unicast"
	r.Network = d.network(m, r.Destination)
	if r.Interface, err = nameOf(m.index); err != nil {
		return err
	}
	if m.flags&flagGateway != 0 {
		r.Gateway = d.addr(m.addresses[placeGateway])
	}
	r.Source = d.addr(m.addresses[placeSource]).WithZone("")
	switch {
	case m.flags&flagBlackhole != 0:
		r.Type, r.Fault = "blackhole", &probes.Fault{Step: "route", Kind: probes.Blackhole, Message: "the route is a blackhole"}
	case m.flags&flagReject != 0 && m.flags&flagNeighbour == 0:
		r.Type, r.Fault = "unreachable", &probes.Fault{Step: "route", Kind: probes.Unreachable, Message: "the route rejects"}
	case r.Destination.IsLoopback(), r.Source == r.Destination.WithZone(""):
		r.Type = "local"
	}
	return nil
}

// findNeighbour looks for the neighbour in a dump of the table (NET_RT_FLAGS with RTF_LLINFO). The kernels say of an entry whether it has a
// link-layer address, and not when that was last confirmed.
func (n *Neighbour) findNeighbour(d dialect, dump []byte, index int) error {
	for len(dump) > 0 {
		m, rest, err := d.nextMessage(dump)
		if err != nil {
			return err
		}
		dump = rest
		if d.addr(m.addresses[placeDestination]).WithZone("") != n.Address.WithZone("") || m.index != index {
			continue
		}
		n.State, n.HardwareAddress = d.state(m)
		return nil
	}
	return nil
}

// state is what an entry says in the words of ip-neighbour(8), and its link-layer address.
func (d dialect) state(m message) (state, hardwareAddress string) {
	switch address := linkAddress(m.addresses[placeGateway]); {
	case len(address) > 0 && m.flags&flagStatic != 0:
		return "permanent", net.HardwareAddr(address).String()
	case len(address) > 0:
		return "stale", net.HardwareAddr(address).String()
	case m.flags&flagReject != 0:
		return "failed", ""
	}
	return "incomplete", ""
}

// linkAddress is the link-layer address in a struct sockaddr_dl: behind the name of the interface, each with its length.
func linkAddress(sa []byte) []byte {
	const nameLengthAt, addressLengthAt, dataAt = 5, 6, 8
	if len(sa) < dataAt || sa[1] != familyLink {
		return nil
	}
	start := dataAt + int(sa[nameLengthAt])
	end := start + int(sa[addressLengthAt])
	if end > len(sa) {
		return nil
	}
	return sa[start:end]
}
