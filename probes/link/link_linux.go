package link

import (
	"context"
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// withoutStatistics leaves the counters out of a dump of links (RTEXT_FILTER_SKIP_STATS), more than half of its length.
const withoutStatistics = 1 << 3

// Read asks the kernel for all interfaces of this machine, with their state and their addresses.
func Read(ctx context.Context) Result {
	links, addresses, err := dump(ctx)
	if err != nil {
		return Result{Interfaces: []Interface{}, Fault: netlink.Fault(ctx, "interfaces", err)}
	}
	interfaces, err := parse(links, addresses)
	return Result{Interfaces: interfaces, Fault: netlink.Fault(ctx, "interfaces", err)}
}

// dump is the kernel's list of links, and its list of the addresses of both families.
func dump(ctx context.Context) (links, addresses []byte, err error) {
	filter := binary.NativeEndian.AppendUint32(nil, withoutStatistics)
	request := netlink.AppendAttribute(make([]byte, unix.SizeofIfInfomsg), unix.IFLA_EXT_MASK, filter)
	links, err = netlink.Ask(ctx, unix.RTM_GETLINK, unix.NLM_F_DUMP, request)
	if err != nil {
		return nil, nil, err
	}
	addresses, err = netlink.Ask(ctx, unix.RTM_GETADDR, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfAddrmsg))
	return links, addresses, err
}
