//go:build darwin || freebsd

package route

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"time"

	"golang.org/x/net/route"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

// thisDialect is that of this kernel; the header's size depends on the processor, too.
func thisDialect() dialect {
	d := freeBSD
	if runtime.GOOS == "darwin" {
		d = darwin
	}
	d.header = unix.SizeofRtMsghdr
	return d
}

// ask asks the kernel over a routing socket which route it would take (RTM_GET, route(4)), which needs no right; and by connecting a UDP
// socket, which sends nothing, from which address it would send. The question names no interface: where the user does, and the kernel
// would take another, its answer is of no use.
func (r *Result) ask(ctx context.Context, from probes.Origin) error {
	answer, err := getRoute(ctx, r.Destination)
	if errors.Is(err, unix.ESRCH) {
		return fmt.Errorf("no such route: %w", unix.ENETUNREACH)
	}
	if err != nil {
		return err
	}
	if err := r.takeAnswer(thisDialect(), answer, interfaceName); err != nil {
		return err
	}
	if from.Interface != "" && r.Interface != from.Interface {
		*r = Result{Destination: r.Destination, Purpose: r.Purpose}
		return &probes.Fault{Step: "route", Kind: probes.Unsupported, Message: "this system's route by a given interface is not asked for"}
	}
	if source, err := from.SourceTo(ctx, netip.AddrPortFrom(r.Destination, discard)); err == nil {
		r.Source = source.WithZone("")
		if r.Source == r.Destination.WithZone("") {
			r.Type = "local"
		}
	} else if r.Destination.Is6() {
		r.Source = netip.Addr{} // RTAX_IFA is an address of the interface, and not the one that would be chosen
	}
	return nil
}

// question is the message that asks for a route. That the interface is asked for makes the kernel tell the address, too.
func question(destination netip.Addr) ([]byte, error) {
	var to route.Addr
	if destination.Is4() {
		to = &route.Inet4Addr{IP: destination.As4()}
	} else {
		inet6 := &route.Inet6Addr{IP: destination.As16()}
		if zone := destination.Zone(); zone != "" {
			index, err := interfaceIndex(zone)
			if err != nil {
				return nil, err
			}
			inet6.ZoneID = index
		}
		to = inet6
	}
	question := route.RouteMessage{
		Version: unix.RTM_VERSION, Type: unix.RTM_GET, Flags: unix.RTF_UP | unix.RTF_HOST, ID: uintptr(os.Getpid()), Seq: 1,
		Addrs: []route.Addr{placeDestination: to, placeInterface: &route.LinkAddr{}},
	}
	return question.Marshal()
}

// getRoute is the kernel's answer. Others' messages come over the same socket.
func getRoute(ctx context.Context, destination netip.Addr) (message, error) {
	text, err := question(destination)
	if err != nil {
		return message{}, err
	}
	fd, err := unix.Socket(unix.AF_ROUTE, unix.SOCK_RAW, unix.AF_UNSPEC)
	if err != nil {
		return message{}, os.NewSyscallError("socket", err)
	}
	defer func() { _ = unix.Close(fd) }() // it holds nothing that could be lost
	unix.CloseOnExec(fd)
	wait := unix.NsecToTimeval(int64(100 * time.Millisecond))
	if err := unix.SetsockoptTimeval(fd, unix.SOL_SOCKET, unix.SO_RCVTIMEO, &wait); err != nil {
		return message{}, os.NewSyscallError("setsockopt", err)
	}
	if _, err := unix.Write(fd, text); err != nil {
		return message{}, os.NewSyscallError("write", err)
	}
	return readAnswer(ctx, fd)
}

func readAnswer(ctx context.Context, fd int) (message, error) {
	const maxOthers = 1000 // messages about changes, on a machine whose routes are in turmoil
	buffer := make([]byte, 2048)
	for range maxOthers {
		if ctx.Err() != nil {
			return message{}, ctx.Err()
		}
		n, err := unix.Read(fd, buffer)
		if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return message{}, os.NewSyscallError("read", err)
		}
		m, _, err := thisDialect().nextMessage(buffer[:n])
		switch {
		case err != nil, m.typ != unix.RTM_GET, m.pid != uint32(os.Getpid()), m.seq != 1:
			continue // of another kind, with another header
		case m.errno != 0:
			return message{}, os.NewSyscallError("route", unix.Errno(m.errno))
		}
		return m, nil
	}
	return message{}, errMalformed
}

func (n *Neighbour) read() error {
	index, err := interfaceIndex(n.Interface)
	if err != nil {
		return err
	}
	family := unix.AF_INET
	if n.Address.Is6() {
		family = unix.AF_INET6
	}
	dump, err := route.FetchRIB(family, route.RIBType(unix.NET_RT_FLAGS), unix.RTF_LLINFO)
	if err != nil {
		return err
	}
	return n.findNeighbour(thisDialect(), dump, index)
}
