package route

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/rung-cli/rung/probes"
)

var (
	iphlpapi       = windows.NewLazySystemDLL("iphlpapi.dll")
	getBestRoute2  = iphlpapi.NewProc("GetBestRoute2")
	getIPNetTable2 = iphlpapi.NewProc("GetIpNetTable2")
)

// ask asks Windows which route it would take and from which address it would send (GetBestRoute2), which needs no right. No route at all is
// told in several ways.
func (r *Result) ask(_ context.Context, from probes.Origin) error {
	if err := getBestRoute2.Find(); err != nil {
		return err
	}
	to, err := sockaddrOf(r.Destination)
	if err != nil {
		return err
	}
	var row [sizeofForwardRow]byte
	var source [probes.SizeofSockaddrInet]byte
	index, by, err := origin(from)
	if err != nil {
		return err
	}
	status, _, _ := getBestRoute2.Call(0, uintptr(index), uintptr(unsafe.Pointer(by)), uintptr(unsafe.Pointer(&to)), 0, uintptr(unsafe.Pointer(&row)), uintptr(unsafe.Pointer(&source)))
	switch errno := windows.Errno(status); errno {
	case windows.ERROR_SUCCESS:
		return r.takeRow(row[:], probes.SockaddrInet(source[:]), interfaceName)
	case windows.ERROR_NOT_FOUND, windows.ERROR_FILE_NOT_FOUND, windows.ERROR_NETWORK_UNREACHABLE, windows.ERROR_HOST_UNREACHABLE:
		return fmt.Errorf("no such route: %w", windows.WSAENETUNREACH)
	default:
		return fmt.Errorf("GetBestRoute2: %w", errno)
	}
}

// origin is the index of the interface to leave by, 0 for any, and the address to come from, nil for any.
func origin(from probes.Origin) (index int, by *windows.RawSockaddrInet6, err error) {
	if from.Interface != "" {
		if index, err = interfaceIndex(from.Interface); err != nil {
			return 0, nil, err
		}
	}
	if from.Source.IsValid() {
		source, err := sockaddrOf(from.Source)
		return index, &source, err
	}
	return index, nil, nil
}

// sockaddrOf is the SOCKADDR_INET of an address.
func sockaddrOf(addr netip.Addr) (sa windows.RawSockaddrInet6, err error) {
	if addr.Is4() {
		sa.Family = windows.AF_INET
		*(*[4]byte)(unsafe.Pointer(&sa.Flowinfo)) = addr.As4() // where sockaddr_in has its address
		return sa, nil
	}
	sa.Family, sa.Addr = windows.AF_INET6, addr.As16()
	if addr.Zone() != "" {
		index, err := interfaceIndex(addr.Zone())
		if err != nil {
			return sa, err
		}
		sa.Scope_id = uint32(index)
	}
	return sa, nil
}

func (n *Neighbour) read() error {
	index, err := interfaceIndex(n.Interface)
	if err != nil {
		return err
	}
	family := uintptr(windows.AF_INET)
	if n.Address.Is6() {
		family = windows.AF_INET6
	}
	if err := getIPNetTable2.Find(); err != nil {
		return err
	}
	var table *struct {
		entries uint32
		rows    [1]uint64 // aligned as MIB_IPNET_ROW2 is
	}
	status, _, _ := getIPNetTable2.Call(family, uintptr(unsafe.Pointer(&table)))
	switch errno := windows.Errno(status); {
	case errors.Is(errno, windows.ERROR_NOT_FOUND), errors.Is(errno, windows.ERROR_FILE_NOT_FOUND): // an empty table
		return nil
	case errno != windows.ERROR_SUCCESS:
		return fmt.Errorf("GetIpNetTable2: %w", errno)
	}
	defer windows.FreeMibTable(unsafe.Pointer(table))
	n.takeNeighbour(unsafe.Slice((*byte)(unsafe.Pointer(&table.rows)), int(table.entries)*sizeofNetRow), index)
	return nil
}
