package link

import (
	"net"
	"unsafe"

	"golang.org/x/sys/windows"
)

var getIfEntry2 = windows.NewLazySystemDLL("iphlpapi.dll").NewProc("GetIfEntry2")

// refine asks for the administrative state and that of the medium, each by itself (GetIfEntry2).
func refine(i *Interface, known net.Interface) {
	row := windows.MibIfRow2{InterfaceIndex: uint32(known.Index)}
	if getIfEntry2.Find() != nil {
		return
	}
	if status, _, _ := getIfEntry2.Call(uintptr(unsafe.Pointer(&row))); windows.Errno(status) == windows.ERROR_SUCCESS {
		i.Up, i.Carrier = stateOf(row.AdminStatus, row.MediaConnectState)
	}
}
