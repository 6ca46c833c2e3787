package probes

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Origin is the interface that packets are to leave by and the address that they are to come from. What is zero is left to the
// system's routing.
type Origin struct {
	// Interface is the name of an interface of this machine (SO_BINDTODEVICE, socket(7)).
	Interface string
	// Source is an address of this machine.
	Source netip.Addr
}

// ParseOrigin finds an interface of this machine by its name or one of its addresses, and an address of this machine; either text may
// be empty. A link-local address is taken together with its interface (RFC 4007 §6).
func ParseOrigin(iface, source string) (from Origin, err error) {
	own, err := ownAddresses()
	if err != nil {
		return from, err
	}
	if iface != "" {
		if from.Interface, err = own.interfaceNamed(iface); err != nil {
			return from, err
		}
	}
	if source != "" {
		from.Source, err = own.source(source, from.Interface)
	}
	return from, err
}

// Toward is the origin as far as it holds for packets to an address: a source address for its own family alone, and neither for what
// never leaves this machine.
func (o Origin) Toward(to netip.Addr) Origin {
	switch {
	case to.IsLoopback():
		return Origin{}
	case o.Source.IsValid() && o.Source.Is4() != to.Unmap().Is4():
		o.Source = netip.Addr{}
	}
	return o
}

// Try says why no socket can be bound to the origin. Nothing is sent.
func (o Origin) Try(ctx context.Context) error {
	network, on := "udp4", netip.AddrPortFrom(o.Source, 0)
	switch {
	case !o.Source.IsValid():
		on = netip.AddrPortFrom(netip.IPv4Unspecified(), 0)
	case o.Source.Is6():
		network = "udp6"
	}
	config := net.ListenConfig{Control: o.bind}
	conn, err := config.ListenPacket(ctx, network, on.String())
	if err != nil {
		return err
	}
	return conn.Close()
}

// SourceTo is the address that the system would send from, found by connecting a UDP socket, which sends nothing.
func (o Origin) SourceTo(ctx context.Context, to netip.AddrPort) (netip.Addr, error) {
	dialer := o.dialer("udp", to.Addr(), nil)
	conn, err := dialer.DialContext(ctx, "udp", to.String())
	if err != nil {
		return netip.Addr{}, err
	}
	return AddrPortOf(conn.LocalAddr()).Addr(), conn.Close() // nothing was sent
}

// dialer connects sockets of the origin to an address, on which ICMP errors are reported. Each is shown to made before it connects.
func (o Origin) dialer(network string, to netip.Addr, made func(network string, raw syscall.RawConn) error) *net.Dialer {
	o = o.Toward(to)
	return &net.Dialer{LocalAddr: o.local(network, to), ControlContext: func(_ context.Context, network, address string, raw syscall.RawConn) error {
		reportErrors(network, raw)
		if err := o.bind(network, address, raw); err != nil || made == nil {
			return err
		}
		return made(network, raw)
	}}
}

// local is the end of a connection as net.Dialer wants it; nil where the system chooses.
func (o Origin) local(network string, to netip.Addr) net.Addr {
	source := o.Source
	if !source.IsValid() && o.Interface != "" && !bindsInterfaces {
		source = addressOn(o.Interface, to)
	}
	switch on := netip.AddrPortFrom(source, 0); {
	case !source.IsValid():
		return nil
	case network == "udp":
		return net.UDPAddrFromAddrPort(on)
	default:
		return net.TCPAddrFromAddrPort(on)
	}
}

// bind makes a socket that is not yet bound send by the interface alone.
func (o Origin) bind(network, _ string, raw syscall.RawConn) (err error) {
	if o.Interface == "" || !bindsInterfaces {
		return nil
	}
	closed := raw.Control(func(fd uintptr) { err = bindInterface(fd, strings.HasSuffix(network, "6"), o.Interface) })
	if err != nil {
		err = fmt.Errorf("interface %s: %w", o.Interface, err)
	}
	return errors.Join(closed, err)
}

// addressOn is an address of the interface from which another can be spoken with, one that is good for its own link alone at the last;
// invalid where there is none.
func addressOn(iface string, to netip.Addr) (found netip.Addr) {
	own, _ := ownAddresses() // without any, the system chooses
	for _, a := range own {
		if a.iface != iface || a.addr.Is4() != to.Is4() {
			continue
		}
		if found = a.addr; a.addr.IsLinkLocalUnicast() == to.IsLinkLocalUnicast() {
			return found
		}
	}
	return found
}

// ownAddress is an address of this machine; invalid for an interface that has none. A link-local address of IPv6 has its zone.
type ownAddress struct {
	iface string
	addr  netip.Addr
}

type addressTable []ownAddress

func ownAddresses() (own addressTable, err error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	for _, i := range all {
		own = append(own, ownAddress{iface: i.Name})
		addrs, err := i.Addrs()
		if err != nil {
			return nil, err
		}
		for _, a := range addrs {
			network, ok := a.(*net.IPNet)
			if !ok {
				continue
			}
			addr, _ := netip.AddrFromSlice(network.IP)
			if addr = addr.Unmap(); addr.Is6() && addr.IsLinkLocalUnicast() {
				addr = addr.WithZone(i.Name)
			}
			own = append(own, ownAddress{i.Name, addr})
		}
	}
	return own, nil
}

// interfaceNamed is the name of the interface that is meant by a name or an address.
func (own addressTable) interfaceNamed(text string) (string, error) {
	if slices.ContainsFunc(own, func(a ownAddress) bool { return a.iface == text }) {
		return text, nil
	}
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return "", fmt.Errorf("there is no interface %q; there are %s", Bound(text), own.interfaces())
	}
	with := own.having(addr)
	switch len(with) {
	case 0:
		return "", fmt.Errorf("no interface has the address %s; there are %s", addr, own.addresses())
	case 1:
		return with[0].iface, nil
	}
	return "", fmt.Errorf("several interfaces have the address %s: %s", addr, with.interfaces())
}

// source is the address that is meant, with the zone that it needs. Every address of 127.0.0.0/8 is this machine's own.
func (own addressTable) source(text, iface string) (netip.Addr, error) {
	addr, err := netip.ParseAddr(text)
	if err != nil {
		return addr, fmt.Errorf("%q is not an address; there are %s", Bound(text), own.addresses())
	}
	if addr = addr.Unmap(); addr.Is4() && addr.IsLoopback() {
		return addr, nil
	}
	with := own.having(addr)
	on := slices.IndexFunc(with, func(a ownAddress) bool { return a.iface == iface })
	switch {
	case len(with) == 0:
		return addr, fmt.Errorf("%s is not an address of this machine; there are %s", addr, own.addresses())
	case on >= 0:
		return with[on].addr, nil
	case with[0].addr.Zone() == "":
		return addr, nil
	case iface != "":
		return addr, fmt.Errorf("the link-local address %s is not one of %s, but of %s", addr, iface, with.interfaces())
	case len(with) > 1:
		return addr, fmt.Errorf("several interfaces have the address %s: %s; a zone says which is meant, as in %s", addr,
			with.interfaces(), with[0].addr)
	}
	return with[0].addr, nil
}

// having are the entries with the address, in whatever zone where it names none.
func (own addressTable) having(addr netip.Addr) (with addressTable) {
	for _, a := range own {
		if a.addr == addr.Unmap() || a.addr.IsValid() && addr.Zone() == "" && a.addr.WithZone("") == addr.Unmap() {
			with = append(with, a)
		}
	}
	return with
}

// maxListed is how many interfaces or addresses a message names.
const maxListed = 16

func (own addressTable) interfaces() string {
	var names []string
	for _, a := range own {
		if !slices.Contains(names, a.iface) {
			names = append(names, a.iface)
		}
	}
	return listed(names)
}

func (own addressTable) addresses() string {
	var texts []string
	for _, a := range own {
		if a.addr.IsValid() && !a.addr.IsLoopback() {
			texts = append(texts, fmt.Sprintf("%s (%s)", a.addr.WithZone(""), a.iface))
		}
	}
	return listed(texts)
}

func listed(texts []string) string {
	switch {
	case len(texts) == 0:
		return "none"
	case len(texts) > maxListed:
		return strings.Join(texts[:maxListed], ", ") + " …"
	}
	return strings.Join(texts, ", ")
}
