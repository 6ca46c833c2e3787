package link

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// sysfs is where the kernel tells more of each interface than by netlink.
const sysfs = "/sys/class/net"

// device adds what sysfs knows of the interface: that it is wireless, and the rate of an Ethernet with a device of its own.
func (i *Interface) device(root string) {
	directory := filepath.Join(root, i.Name)
	if i.Name != filepath.Base(i.Name) || firstLine(directory, "ifindex") != strconv.Itoa(i.Index) ||
		!strings.EqualFold(firstLine(directory, "address"), i.HardwareAddress) {
		return // another machine's: a container may see the sysfs of its host
	}
	switch {
	case i.Kind != "" || i.Medium != ethernet:
		return
	case exists(directory, "wireless"), exists(directory, "phy80211"):
		i.Medium = "wifi"
		return
	case !exists(directory, "device"):
		return
	}
	if duplex := firstLine(directory, "duplex"); duplex == "full" || duplex == "half" {
		i.Duplex = duplex
	}
	if speed, err := strconv.Atoi(firstLine(directory, "speed")); err == nil && speed > 0 { // -1 is unknown
		i.Speed = speed
	}
}

// firstLine is what a file of sysfs says; empty where it says nothing, as of an interface that is down.
func firstLine(directory, file string) string {
	text, _ := os.ReadFile(filepath.Join(directory, file))
	line, _, _ := strings.Cut(string(text), "\n")
	return line
}

func exists(directory, file string) bool {
	_, err := os.Stat(filepath.Join(directory, file))
	return err == nil
}
