package route

import (
	"net"
	"strconv"
)

func interfaceName(index int) (string, error) {
	i, err := net.InterfaceByIndex(index)
	if err != nil {
		return "", err
	}
	return i.Name, nil
}

// interfaceIndex is the index of the interface that a zone names, by name or by number (RFC 4007 §11.2).
func interfaceIndex(zone string) (int, error) {
	i, err := net.InterfaceByName(zone)
	if err == nil {
		return i.Index, nil
	}
	if index, notNumber := strconv.ParseUint(zone, 10, 31); notNumber == nil {
		return int(index), nil
	}
	return 0, err
}
