package link

import (
	"context"
	"encoding/binary"
	"net"
	"net/netip"
	"os"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

// ARP for IPv4 over Ethernet (RFC 826).
const (
	arpLength      = 28
	arpRequest     = 1
	arpReply       = 2
	arpOperationAt = 6
	arpSenderAt    = 8
	arpSenderIPAt  = 14
	macLength      = 6
	// askAgain is how long after a question comes the next.
	askAgain = 400 * time.Millisecond
	// maxClaims bounds who is kept of those that answer.
	maxClaims = 8
	// maxAnswers bounds the packets that are read after one question: a link may be full of ARP.
	maxAnswers = 1024
)

// WhoHas asks the link of an interface who has an IPv4 address, and keeps the link-layer addresses of all that answer while ctx
// lasts, but those of this machine. The question has no sender, so that no neighbour learns anything of it: it is the ARP Probe of RFC
// 5227 §2.1.1, repeated, since packets get lost. It needs the right to open packet sockets (CAP_NET_RAW).
func (r *Result) WhoHas(ctx context.Context, iface string, address netip.Addr) (claim Claim) {
	claim = Claim{Interface: iface, Address: address}
	start := time.Now()
	defer func() { claim.Took = probes.Since(start) }()
	i, _ := r.ByName(iface)
	own, err := net.ParseMAC(i.HardwareAddress)
	if err != nil || len(own) != macLength || !address.Is4() {
		claim.Fault = &probes.Fault{Step: "ARP", Kind: probes.Unsupported, Message: iface + " does not ask for link-layer addresses"}
		return claim
	}
	socket, err := openARP(i.Index)
	if err != nil {
		claim.Fault = probes.NewFault(ctx, "ARP", err)
		return claim
	}
	defer func() { _ = socket.Close() }() // nothing is buffered that a failed close could lose
	defer context.AfterFunc(ctx, func() { _ = socket.SetReadDeadline(time.Unix(1, 0)) })()
	for ctx.Err() == nil {
		if err := broadcast(socket, i.Index, probe(own, address)); err != nil {
			claim.Fault = probes.NewFault(ctx, "ARP", err)
			break
		}
		_ = socket.SetReadDeadline(time.Now().Add(askAgain))
		if ctx.Err() == nil { // or its end came before that deadline, which would outlast it
			claim.By = r.merge(claim.By, answers(socket, address))
		}
	}
	return claim
}

// openARP makes a packet socket that has the ARP packets of one interface.
func openARP(index int) (*os.File, error) {
	protocol := int(bigEndian(unix.ETH_P_ARP))
	fd, err := unix.Socket(unix.AF_PACKET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
	if err != nil {
		return nil, os.NewSyscallError("socket", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrLinklayer{Protocol: uint16(protocol), Ifindex: index}); err != nil {
		_ = unix.Close(fd) // the failed bind is what matters
		return nil, os.NewSyscallError("bind", err)
	}
	return os.NewFile(uintptr(fd), "arp"), nil
}

// bigEndian is a number of packet(7) in the order of the network.
func bigEndian(n uint16) uint16 {
	return binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, n))
}

func broadcast(socket *os.File, index int, packet []byte) error {
	to := &unix.SockaddrLinklayer{Protocol: bigEndian(unix.ETH_P_ARP), Ifindex: index, Halen: macLength}
	copy(to.Addr[:], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
	raw, err := socket.SyscallConn()
	if err != nil {
		return err
	}
	var sent error
	if err := raw.Write(func(fd uintptr) bool {
		sent = unix.Sendto(int(fd), packet, 0, to)
		return sent != unix.EAGAIN
	}); err != nil {
		return err
	}
	return os.NewSyscallError("sendto", sent)
}

// probe is an ARP Probe for an address.
func probe(own net.HardwareAddr, address netip.Addr) []byte {
	packet := []byte{0, 1, 0x08, 0, macLength, 4, 0, arpRequest} // Ethernet, IPv4
	packet = append(packet, own...)
	packet = append(packet, make([]byte, 4+macLength)...)
	return append(packet, address.AsSlice()...)
}

// answers are the link-layer addresses that claim an address, until the socket's deadline.
func answers(socket *os.File, address netip.Addr) (claimed []string) {
	packet := make([]byte, 128)
	for range maxAnswers {
		n, err := socket.Read(packet)
		if err != nil {
			break
		}
		if mac := claimant(packet[:n], address); mac != "" {
			claimed = append(claimed, mac)
		}
	}
	return claimed
}

// claimant is the link-layer address that an ARP packet gives an address: as a reply or as an announcement; empty where it speaks of something else.
func claimant(packet []byte, address netip.Addr) string {
	if len(packet) < arpLength || string(packet[:arpOperationAt]) != "\x00\x01\x08\x00\x06\x04" {
		return ""
	}
	sender := packet[arpSenderIPAt : arpSenderIPAt+4]
	operation := binary.BigEndian.Uint16(packet[arpOperationAt:])
	if operation != arpReply && operation != arpRequest || netip.AddrFrom4([4]byte(sender)) != address {
		return ""
	}
	return net.HardwareAddr(packet[arpSenderAt : arpSenderAt+macLength]).String()
}

// merge adds to the link-layer addresses that are known those that are new, and that no interface of this machine has: it may have
// two on the same network.
func (r *Result) merge(known, claimed []string) []string {
	for _, mac := range claimed {
		own := slices.ContainsFunc(r.Interfaces, func(i Interface) bool { return i.HardwareAddress == mac })
		if !own && !slices.Contains(known, mac) && len(known) < maxClaims {
			known = append(known, mac)
		}
	}
	return known
}
