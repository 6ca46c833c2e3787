package link

import (
	"net"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getIfEntry2 = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetIfEntry2")

// refine asks for the administrative state and that of the medium, each by itself (GetIfEntry2), and for the state of each address.
func refine(i *Interface, known net.Interface) {
	row := windows.MibIfRow2{InterfaceIndex: uint32(known.Index)}
	if getIfEntry2.Find() != nil {
		return
	}
	if status, _, _ := getIfEntry2.Call(uintptr(unsafe.Pointer(&row))); windows.Errno(status) == windows.ERROR_SUCCESS {
		i.Up, i.Carrier = stateOf(row.AdminStatus, row.MediaConnectState)
		i.Medium = mediumOf(row.Type)
	}
	for n := range i.Addresses {
		refineAddress(&i.Addresses[n], known.Index)
	}
}

// refineAddress asks for the state of an address (GetUnicastIpAddressEntry).
func refineAddress(a *Address, index int) {
	row := windows.MibUnicastIpAddressRow{InterfaceIndex: uint32(index)}
	if addr := a.Addr(); addr.Is4() {
		row.Address.Family = windows.AF_INET
		*(*[4]byte)(unsafe.Pointer(&row.Address.Flowinfo)) = addr.As4() // where sockaddr_in has its address
	} else {
		row.Address.Family, row.Address.Addr = windows.AF_INET6, addr.As16()
	}
	if windows.GetUnicastIpAddressEntry(&row) == nil {
		a.takeState(row.DadState, row.PrefixOrigin, row.SuffixOrigin, row.PreferredLifetime, row.ValidLifetime)
	}
}
