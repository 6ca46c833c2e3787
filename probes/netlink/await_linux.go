package netlink

import (
	"context"
	"errors"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Await calls done at once, and again whenever the kernel tells the groups (RTMGRP_…, rtnetlink(7)) that something has changed, until
// done says true. What the kernel tells is not looked at: it is for done to ask. The error is for a socket that does not work, and for
// the end of ctx.
func Await(ctx context.Context, groups uint32, done func() bool) error {
	socket, err := open(groups)
	if err != nil {
		return err
	}
	defer func() { _ = socket.Close() }() // nothing is written to it
	defer context.AfterFunc(ctx, func() { _ = socket.SetDeadline(time.Unix(1, 0)) })()
	news := make([]byte, maxDatagram)
	for !done() {
		if _, err := socket.Read(news); err != nil && !errors.Is(err, unix.ENOBUFS) { // more news than we could take is news, too
			return errors.Join(ctx.Err(), err)
		}
	}
	return nil
}

// open makes a routing socket that hears the groups. It is connected to the kernel, so that nobody else's messages reach it.
func open(groups uint32) (*os.File, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := subscribe(fd, groups); err != nil {
		_ = unix.Close(fd) // why it failed is what matters
		return nil, err
	}
	return os.NewFile(uintptr(fd), "netlink"), nil
}

func subscribe(fd int, groups uint32) error {
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK, Groups: groups}); err != nil {
		return os.NewSyscallError("bind", err)
	}
	return os.NewSyscallError("connect", unix.Connect(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
}
