//go:build linux

package main

import (
	"net"
	"time"

	"golang.org/x/sys/unix"
)

// experimental is an EtherType for experiments (IEEE 802 §9.2.4), which no host speaks.
const experimental = 0x88b5

// chatter is a process: it sends frames of an unknown protocol to everyone on the link of eth0, a hundred a second, until it is killed.
func chatter() error {
	eth0, err := net.InterfaceByName("eth0")
	if err != nil {
		return err
	}
	socket, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	everyone := &unix.SockaddrLinklayer{
		Protocol: experimental>>8 | experimental&0xff<<8, Ifindex: eth0.Index, Halen: 6, Addr: [8]byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
	}
	for {
		if err := unix.Sendto(socket, make([]byte, 46), 0, everyone); err != nil {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}
