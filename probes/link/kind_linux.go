package link

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// ethernet is the medium of which sysfs may know more.
const ethernet = "ethernet"

// IFLA_TUN_TYPE (linux/if_link.h), and its value for a device of whole Ethernet frames.
const (
	tunTypeAttribute = 3
	tunTypeTAP       = unix.IFF_TAP
)

// mediums are those of the kinds of interface that programs make. A kind that is not here is called virtual.
var mediums = map[string]string{
	"wireguard": "vpn", "xfrm": "vpn", "vti": "vpn", "vti6": "vpn", "ovpn": "vpn", "ovpn-dco": "vpn",
	"tun": "tunnel", "ipip": "tunnel", "sit": "tunnel", "gre": "tunnel", "ip6gre": "tunnel", "ip6tnl": "tunnel", "gretap": "tunnel",
	"ip6gretap": "tunnel", "vxlan": "tunnel", "geneve": "tunnel", "erspan": "tunnel", "gtp": "tunnel", "l2tpeth": "tunnel",
	"ppp": "ppp", "bridge": "bridge", "bond": "bond", "team": "bond", "vlan": "vlan",
}

// medium is what packets travel by, by the type of the hardware (ARPHRD_*, linux/if_arp.h) and the kind.
func medium(hardware uint16, kind string) string {
	switch known, ok := mediums[kind]; {
	case ok:
		return known
	case hardware == unix.ARPHRD_LOOPBACK:
		return "loopback"
	case kind != "":
		return "virtual"
	case hardware == unix.ARPHRD_ETHER:
		return ethernet
	case hardware == unix.ARPHRD_PPP:
		return "ppp"
	case hardware == unix.ARPHRD_TUNNEL, hardware == unix.ARPHRD_TUNNEL6, hardware == unix.ARPHRD_SIT, hardware == unix.ARPHRD_IPGRE:
		return "tunnel"
	}
	return ""
}

// kindOf reads IFLA_LINKINFO: the kernel's word for the kind, and "tap" for a tun device of whole frames.
func kindOf(info []byte) (string, error) {
	attributes, err := netlink.Nested(info)
	if err != nil {
		return "", err
	}
	kind := name(attributes[unix.IFLA_INFO_KIND])
	if kind != "tun" {
		return kind, nil
	}
	data, err := netlink.Nested(attributes[unix.IFLA_INFO_DATA])
	if value := data[tunTypeAttribute]; err == nil && len(value) == 1 && value[0] == tunTypeTAP {
		return "tap", nil
	}
	return kind, err
}

// state is the word of RFC 2863 for IFLA_OPERSTATE (IF_OPER_*, linux/if.h); empty for one that is not known.
func state(value []byte) string {
	words := []string{"", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"}
	if len(value) != 1 || int(value[0]) >= len(words) {
		return ""
	}
	return words[value[0]]
}

// parseCounters reads a struct rtnl_link_stats64, of which newer kernels have longer ones; nil where it is absent.
func parseCounters(value []byte) (*Counters, error) {
	const known = 21 // fields that every kernel has
	switch {
	case value == nil:
		return nil, nil //nolint:nilnil // counters that are absent are no error
	case len(value) < 8*known:
		return nil, fmt.Errorf("%w: counters of %d bytes", netlink.ErrMalformed, len(value))
	}
	field := func(n int) uint64 { return binary.NativeEndian.Uint64(value[8*n:]) }
	return &Counters{
		Received: field(0), Sent: field(1), ReceiveErrors: field(4), TransmitErrors: field(5),
		ReceiveDropped: field(6), TransmitDropped: field(7), Collisions: field(9),
		LengthErrors: field(10), CRCErrors: field(12), FrameErrors: field(13), CarrierErrors: field(17), WindowErrors: field(20),
	}, nil
}
