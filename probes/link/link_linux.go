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

// since is how far the counters rose from earlier ones. One that a driver has set back did not rise.
func (c Counters) since(earlier Counters) Counters {
	rise := func(now, then uint64) uint64 { return now - min(now, then) }
	return Counters{
		Received: rise(c.Received, earlier.Received), Sent: rise(c.Sent, earlier.Sent),
		ReceiveErrors: rise(c.ReceiveErrors, earlier.ReceiveErrors), TransmitErrors: rise(c.TransmitErrors, earlier.TransmitErrors),
		ReceiveDropped: rise(c.ReceiveDropped, earlier.ReceiveDropped), TransmitDropped: rise(c.TransmitDropped, earlier.TransmitDropped),
		Collisions: rise(c.Collisions, earlier.Collisions), LengthErrors: rise(c.LengthErrors, earlier.LengthErrors),
		CRCErrors: rise(c.CRCErrors, earlier.CRCErrors), FrameErrors: rise(c.FrameErrors, earlier.FrameErrors),
		CarrierErrors: rise(c.CarrierErrors, earlier.CarrierErrors), WindowErrors: rise(c.WindowErrors, earlier.WindowErrors),
	}
}

// rose keeps how far the counters of each interface rose since, by a later reading of the same interfaces.
func (r *Result) rose(later []Interface) {
	byIndex := make(map[int]*Counters, len(later))
	for _, i := range later {
		byIndex[i.Index] = i.Counters
	}
	for n := range r.Interfaces {
		i := &r.Interfaces[n]
		if now := byIndex[i.Index]; now != nil && i.Counters != nil {
			rise := now.since(*i.Counters)
			i.Rose = &rise
		}
	}
}
