package link

import (
	"context"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink"
)

// Read asks the kernel for all interfaces of this machine, with their state, their addresses and their counters.
func Read(ctx context.Context) Result {
	links, addresses, err := dump(ctx)
	if err != nil {
		return Result{Interfaces: []Interface{}, Fault: netlink.Fault(ctx, "interfaces", err)}
	}
	interfaces, err := parse(links, addresses)
	for i := range interfaces {
		interfaces[i].device(sysfs)
	}
	return Result{Interfaces: interfaces, Fault: netlink.Fault(ctx, "interfaces", err)}
}

// CountAgain reads the counters once more, and keeps how far they rose. It is one question to the kernel.
func (r *Result) CountAgain(ctx context.Context) {
	if stream, err := dumpLinks(ctx); err == nil {
		later, _ := parseLinks(stream) // what could be read of them counts
		r.rose(later)
	}
}

// dump is the kernel's list of links, and its list of the addresses of both families.
func dump(ctx context.Context) (links, addresses []byte, err error) {
	links, err = dumpLinks(ctx)
	if err != nil {
		return nil, nil, err
	}
	addresses, err = netlink.Ask(ctx, unix.RTM_GETADDR, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfAddrmsg))
	return links, addresses, err
}

func dumpLinks(ctx context.Context) ([]byte, error) {
	return netlink.Ask(ctx, unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg))
}
