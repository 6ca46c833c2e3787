//go:build linux

package main

import (
	"errors"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// A kernel without netem knows no delay. A line with one is therefore two TUN devices and a process that carries the packets
// of each to the other, every one of them the same time after it came.

const (
	// inFlight is how many packets are on their way in one direction, at most; a reader waits where there are more, and the
	// device's queue drops.
	inFlight = 4096
	// longestPacket is more than any interface of the lab carries.
	longestPacket = 4096
	// segmentationAt is where a struct virtio_net_hdr has the kind of segmentation; there is none of that number.
	segmentationAt = 1
	noSegmentation = 0x7f
)

// packet is one that is on its way.
type packet struct {
	bytes []byte
	// due is when it arrives, on the monotonic clock.
	due time.Duration
}

// delay is a process: it makes a line's two interfaces and carries its packets until it is killed. Its arguments are a
// namespace and an interface, another namespace and its interface, the time that a packet takes, and which packets arrive damaged at the
// first interface: every so manieth, or none where that is 0. The last is how much longer every third packet takes to there; what comes
// behind it does not wait.
func delay(args []string) error {
	if len(args) != 7 {
		return errors.New("needs NAMESPACE INTERFACE NAMESPACE INTERFACE DELAY DAMAGED LONGER")
	}
	damaged, err := strconv.Atoi(args[5])
	if err != nil {
		return err
	}
	takes, err := time.ParseDuration(args[4])
	if err != nil {
		return err
	}
	longer, err := time.ParseDuration(args[6])
	if err != nil {
		return err
	}
	a, err := openTUN(args[0], args[1], unix.IFF_VNET_HDR)
	if err != nil {
		return err
	}
	b, err := openTUN(args[2], args[3], unix.IFF_VNET_HDR)
	if err != nil {
		return err
	}
	var running sync.WaitGroup
	carry := func(from, to, damaged int, longer time.Duration) {
		packets, late := make(chan packet, inFlight), make(chan packet, inFlight)
		running.Go(func() { send(from, takes, longer, packets, late) })
		running.Go(func() { deliver(to, packets, damaged) })
		running.Go(func() { deliver(to, late, damaged) })
	}
	carry(a, b, 0, 0)
	carry(b, a, damaged, longer)
	running.Wait()
	return errors.New("the line is gone")
}

// openTUN makes a TUN device in a namespace. The thread that enters the namespace is not used again.
func openTUN(namespace, name string, flags uint16) (int, error) {
	var device int
	var err error
	var opening sync.WaitGroup
	opening.Go(func() {
		runtime.LockOSThread()
		device, err = enterAndOpen(namespace, name, flags)
	})
	opening.Wait()
	if err != nil {
		return 0, fmt.Errorf("interface %s in %s: %w", name, namespace, err)
	}
	return device, nil
}

func enterAndOpen(namespace, name string, flags uint16) (int, error) {
	ns, err := unix.Open("/run/netns/"+namespace, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(ns)
	if err := unix.Setns(ns, unix.CLONE_NEWNET); err != nil {
		return 0, err
	}
	device, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	request, err := unix.NewIfreq(name)
	if err != nil {
		return 0, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI | flags)
	return device, unix.IoctlIfreq(device, unix.TUNSETIFF, request)
}

// send puts every packet that leaves by the device on its way; every third takes longer, if any does.
func send(device int, takes, longer time.Duration, packets, late chan<- packet) {
	defer close(packets)
	defer close(late)
	inRealTime()
	for sent := 1; ; sent++ {
		buffer := make([]byte, longestPacket)
		n, err := unix.Read(device, buffer)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return
		}
		if longer > 0 && sent%3 == 0 {
			late <- packet{bytes: buffer[:n], due: monotonic() + takes + longer}
			continue
		}
		packets <- packet{bytes: buffer[:n], due: monotonic() + takes}
	}
}

// deliver hands every packet to the device when it is due, and every so manieth with a header that no packet can have: the kernel
// counts it as badly framed, as it does what a cable has damaged. Each packet has a struct virtio_net_hdr before it (IFF_VNET_HDR).
func deliver(device int, packets <-chan packet, damaged int) {
	inRealTime()
	delivered := 0
	for p := range packets {
		due := unix.NsecToTimespec(int64(p.due))
		for unix.ClockNanosleep(unix.CLOCK_MONOTONIC, unix.TIMER_ABSTIME, &due, nil) != nil {
			continue // a signal came
		}
		delivered++
		if damaged > 0 && delivered%damaged == 0 && len(p.bytes) > segmentationAt {
			p.bytes[segmentationAt] = noSegmentation
		}
		_, _ = unix.Write(device, p.bytes) // an interface that is down loses packets
	}
}

// inRealTime gives this goroutine a thread of its own that the scheduler prefers to all others, or packets would be late on a
// busy machine.
func inRealTime() {
	runtime.LockOSThread()
	_ = unix.SchedSetAttr(0, &unix.SchedAttr{Size: unix.SizeofSchedAttr, Policy: unix.SCHED_FIFO, Priority: 50}, 0)
}

func monotonic() time.Duration {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_MONOTONIC, &now) // a clock that every kernel has
	return time.Duration(now.Nano())
}
