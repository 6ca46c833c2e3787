package dns

import (
	"context"
	"errors"
	"net/netip"
	"strconv"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/rung-cli/rung/probes"
)

// systemConfig asks Windows for the resolvers of its adapters (GetAdaptersAddresses), which are in no file.
func systemConfig() (config Config, ok bool) {
	adapters, err := readAdapters()
	config = configOf(adapters, ownDomain())
	config.Fault = probes.NewFault(context.Background(), "read", err)
	return config, true
}

// readAdapters are the adapters that work.
func readAdapters() ([]adapter, error) {
	buffer, err := adapterAddresses()
	if err != nil || len(buffer) == 0 {
		return nil, err
	}
	var adapters []adapter
	for a := (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0])); a != nil; a = a.Next {
		if a.OperStatus != windows.IfOperStatusUp || a.IfType == windows.IF_TYPE_SOFTWARE_LOOPBACK {
			continue
		}
		adapters = append(adapters, adapter{metric: a.Ipv4Metric, servers: serversOf(a), suffixes: suffixesOf(a)})
	}
	return adapters, nil
}

// adapterAddresses is the list as Windows writes it, aligned as it needs. It may grow between two calls.
func adapterAddresses() ([]uint64, error) {
	const flags = windows.GAA_FLAG_SKIP_UNICAST | windows.GAA_FLAG_SKIP_ANYCAST | windows.GAA_FLAG_SKIP_MULTICAST
	const tries, most = 4, 16 << 20
	size := uint32(15 << 10) // what the documentation recommends
	for range tries {
		buffer := make([]uint64, (size+7)/8)
		err := windows.GetAdaptersAddresses(windows.AF_UNSPEC, flags, 0, (*windows.IpAdapterAddresses)(unsafe.Pointer(&buffer[0])), &size)
		switch {
		case err == nil && size == 0, errors.Is(err, windows.ERROR_NO_DATA), errors.Is(err, windows.ERROR_ADDRESS_NOT_ASSOCIATED):
			return nil, nil
		case !errors.Is(err, windows.ERROR_BUFFER_OVERFLOW) || size > most:
			return buffer, err
		}
	}
	return nil, windows.ERROR_BUFFER_OVERFLOW
}

func serversOf(a *windows.IpAdapterAddresses) (servers []netip.Addr) {
	for server := a.FirstDnsServerAddress; server != nil; server = server.Next {
		addr, ok := netip.AddrFromSlice(server.Address.IP())
		if !ok {
			continue
		}
		if addr = addr.Unmap(); addr.IsLinkLocalUnicast() && addr.Is6() {
			addr = addr.WithZone(strconv.FormatUint(uint64(a.Ipv6IfIndex), 10))
		}
		servers = append(servers, addr)
	}
	return servers
}

func suffixesOf(a *windows.IpAdapterAddresses) (suffixes []string) {
	suffixes = append(suffixes, windows.UTF16PtrToString(a.DnsSuffix))
	for suffix := a.FirstDnsSuffix; suffix != nil; suffix = suffix.Next {
		suffixes = append(suffixes, windows.UTF16ToString(suffix.String[:]))
	}
	return suffixes
}

// ownDomain is the primary suffix of this machine; empty where it has none.
func ownDomain() string {
	var name [windows.MAX_DNS_SUFFIX_STRING_LENGTH]uint16
	size := uint32(len(name))
	if windows.GetComputerNameEx(windows.ComputerNameDnsDomain, &name[0], &size) != nil {
		return ""
	}
	return windows.UTF16ToString(name[:size])
}
