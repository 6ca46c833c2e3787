package demo

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync/atomic"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ofPassive are demos of data connections that the client makes.
func ofPassive() []Fault {
	return []Fault{
		{
			Name:   "passive-private-address",
			Story:  "The server announces its address behind NAT, which nobody outside can reach.",
			Causes: []string{"ftp.passive.epsv-unsupported", "ftp.passive.private-address"},
			start: plainFTP(ftptest.Faults{
				Replies:        map[string]string{"EPSV": "500 EPSV not understood.\r\n"},
				PassiveAddress: netip.AddrFrom4([4]byte{10, 88, 1, 2}),
			}),
		},
		{
			Name:   "passive-foreign-address",
			Story:  "The server announces a public address that is not its own.",
			Causes: []string{"ftp.passive.epsv-unsupported", "ftp.passive.foreign-address"},
			start: plainFTP(ftptest.Faults{
				Replies:        map[string]string{"EPSV": "500 EPSV not understood.\r\n"},
				PassiveAddress: netip.AddrFrom4([4]byte{198, 51, 100, 77}),
			}),
		},
		{
			Name:   "passive-port-filtered",
			Story:  "A firewall in front of the server drops what is sent to its passive ports.",
			Causes: []string{"ftp.passive.port-filtered"},
			start:  plainFTP(ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Silent, "PASV": ftptest.Silent}}),
		},
		{
			Name:   "passive-port-refused",
			Story:  "Nothing listens on the passive ports that the server announces, as where a container does not publish them.",
			Causes: []string{"ftp.passive.port-refused"},
			start:  plainFTP(ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Refusing, "PASV": ftptest.Refusing}}),
		},
		{
			Name:   "passive-refused-by-policy",
			Story:  "Passive mode is switched off at the server.",
			Causes: []string{"ftp.passive.refused-by-policy"},
			start: plainFTP(ftptest.Faults{Replies: map[string]string{
				"EPSV": "550 Permission denied.\r\n",
				"PASV": "550 Permission denied.\r\n",
			}}),
		},
		{
			Name:   "passive-unspecified-address",
			Story:  "The server announces 0.0.0.0 for its data connections.",
			Causes: []string{"ftp.passive.epsv-unsupported", "ftp.passive.unspecified-address"},
			start: plainFTP(ftptest.Faults{
				Replies:        map[string]string{"EPSV": "500 EPSV not understood.\r\n"},
				PassiveAddress: netip.IPv4Unspecified(),
			}),
		},
		{
			Name:   "passive-range-partly-open",
			Story:  "The firewall before the server lets only a part of its passive ports through.",
			Causes: []string{"ftp.passive.range-partly-open"},
			start: plainFTP(ftptest.Faults{PassiveRange: []ftptest.PortFault{
				ftptest.Silent, ftptest.Silent, ftptest.Working, ftptest.Working, ftptest.Working, ftptest.Working, ftptest.Working, ftptest.Working,
			}}),
		},
		{
			Name:   "passive-alg-rewrite",
			Story:  "A firewall on the way rewrites the address in the reply to PASV, where it can read it.",
			Causes: []string{"ftp.passive.alg-rewrite"},
			start: func(d *Demo) error {
				return d.behind(&middlebox{reply: announceInner}, "ftp", &ftptest.Server{TLS: trusted(tlstest.Leaf{})(d)})
			},
		},
		{
			Name:   "passive-alg-blind-to-tls",
			Story:  "A firewall opens the passive ports that it reads of, and TLS keeps it from reading.",
			Causes: []string{"ftp.passive.alg-blind-to-tls"},
			start:  needing(elsewhere, behindBlindFirewall),
		},
		{
			Name:   "passive-special-port-blocked",
			Story:  "A firewall on the way blocks one of the server's passive ports, which is known for another protocol.",
			Causes: []string{"ftp.passive.special-port-blocked"},
			start:  behindFirewallOfH323,
		},
		{
			Name:   "passive-wrong-backend",
			Story:  "A load balancer sends every other data connection to a server that knows nothing of it.",
			Causes: []string{"ftp.passive.wrong-backend"},
			start:  plainFTP(ftptest.Faults{DeadBackend: true}),
		},
		{
			Name:   "epsv-unsupported",
			Story:  "The server does not know EPSV; PASV serves.",
			Causes: []string{"ftp.passive.epsv-unsupported"},
			start:  plainFTP(ftptest.Faults{Replies: map[string]string{"EPSV": "500 EPSV not understood.\r\n"}}),
		},
		{
			Name:   "epsv-blocked",
			Story:  "A firewall opens the ports that it reads in replies to PASV, and does not know EPSV.",
			Causes: []string{"ftp.passive.epsv-blocked"},
			start:  plainFTP(ftptest.Faults{Ports: map[string]ftptest.PortFault{"EPSV": ftptest.Silent}}),
		},
		{
			Name:   "pasv-on-ipv6",
			Story:  "The server knows PASV alone, which cannot serve over IPv6.",
			Causes: []string{"ftp.passive.pasv-on-ipv6"},
			start:  needing(netip.IPv6Loopback(), withPASVAlone),
		},
		{
			Name:   "passive-malformed-reply",
			Story:  "The server's replies to EPSV and PASV break the protocol.",
			Causes: []string{"ftp.passive.malformed-reply"},
			start: plainFTP(ftptest.Faults{Replies: map[string]string{
				"EPSV": "229 Entering Extended Passive Mode.\r\n",
				"PASV": "227 Entering Passive Mode (127,0,0,1,200).\r\n",
			}}),
		},
		{
			Name:   "passive-ports-exhausted",
			Story:  "All of the server's passive ports are in use.",
			Causes: []string{"ftp.passive.ports-exhausted"},
			start: plainFTP(ftptest.Faults{Replies: map[string]string{
				"EPSV": "425 No free passive port.\r\n",
				"PASV": "425 No free passive port.\r\n",
			}}),
		},
		{
			Name:   "data-stalled",
			Story:  "Data connections are made in both modes, and nothing comes through them.",
			Causes: []string{"ftp.passive.stalled", "ftp.active.stalled"},
			start:  plainFTP(ftptest.Faults{Stall: true}),
		},
		{
			Name:   "passive-peer-mismatch",
			Story:  "The client is behind a NAT with several addresses: the server takes its data connections for somebody else's.",
			Causes: []string{"ftp.passive.peer-mismatch", "ftp.active.blocked"},
			start:  plainFTP(ftptest.Faults{DataRefusal: "425 Security: Bad IP connecting.\r\n", NeverConnect: true}),
		},
	}
}

// announceInner puts a private address into the reply to PASV.
func announceInner(_ *middlebox, reply string) string {
	if at := pasvReply.FindStringSubmatchIndex(reply); at != nil {
		return reply[:at[2]] + "10,88,1,2" + reply[at[3]:]
	}
	return reply
}

// behindBlindFirewall has a server whose passive ports are at an address that the client does not know. The firewall before it
// opens ports of its own that lead to them, and announces those.
func behindBlindFirewall(d *Demo) error {
	return d.behind(&middlebox{reply: openPort}, "ftpes", &ftptest.Server{
		Addr: netip.AddrPortFrom(elsewhere, 0), TLS: trusted(tlstest.Leaf{})(d),
		Faults: ftptest.Faults{PassiveAddress: loopback, PassiveRange: make([]ftptest.PortFault, 16)},
	})
}

// openPort opens a port for the one in the reply to EPSV.
func openPort(m *middlebox, reply string) string {
	found := epsvReply.FindStringSubmatch(reply)
	if found == nil {
		return reply
	}
	opened, err := m.forward(loopback, netip.AddrPortFrom(m.server.Addr(), number(found[1])))
	if err != nil {
		return reply
	}
	return epsvAnswer(opened.Port())
}

func epsvAnswer(port uint16) string {
	return fmt.Sprintf("229 Entering Extended Passive Mode (|||%d|)\r\n", port)
}

// behindFirewallOfH323 has a server whose range of passive ports includes one that the firewall blocks: it is the first that the
// server gives.
func behindFirewallOfH323(d *Demo) error {
	blocked := netip.AddrPortFrom(loopback, 1720) // H.323
	if conn, err := net.DialTCP("tcp", nil, net.TCPAddrFromAddrPort(blocked)); err == nil {
		_ = conn.Close() // nothing was ever sent
		return fmt.Errorf("port %d of this machine is in use: %w", blocked.Port(), errors.ErrUnsupported)
	}
	var given atomic.Bool
	announce := func(_ *middlebox, reply string) string {
		if epsvReply.MatchString(reply) && given.CompareAndSwap(false, true) {
			return epsvAnswer(blocked.Port())
		}
		return reply
	}
	return d.behind(&middlebox{reply: announce}, "ftp", &ftptest.Server{})
}

// withPASVAlone has a server whose PASV opens a port for IPv6 too, as that of vsftpd does where EPSV is forbidden.
func withPASVAlone(d *Demo) error {
	commands := map[string]string{"EPSV\r\n": "XPSV\r\n", "PASV\r\n": "EPSV\r\n"}
	m := &middlebox{
		at:      netip.IPv6Loopback(),
		command: func(_ *middlebox, said string) string { return cmp.Or(commands[said], said) },
		reply: func(_ *middlebox, said string) string {
			found := epsvReply.FindStringSubmatch(said)
			if found == nil {
				return said
			}
			return fmt.Sprintf("227 Entering Passive Mode (0,0,0,0,%d,%d).\r\n", number(found[1])>>8, number(found[1])&0xff)
		},
	}
	return d.behind(m, "ftp", &ftptest.Server{Addr: netip.AddrPortFrom(netip.IPv6Loopback(), 0)})
}
