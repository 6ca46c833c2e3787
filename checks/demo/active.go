package demo

import (
	"fmt"
	"net/netip"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ofActive are demos of data connections that the server makes.
func ofActive() []Fault {
	return []Fault{
		{
			Name:   "active-blocked",
			Story:  "The server's connections in active mode do not arrive; passive mode works.",
			Causes: []string{"ftp.active.blocked"},
			start:  plainFTP(ftptest.Faults{NeverConnect: true}),
		},
		{
			Name:   "active-refused-by-policy",
			Story:  "Active mode is switched off at the server; passive mode works.",
			Causes: []string{"ftp.active.refused-by-policy"},
			start: plainFTP(ftptest.Faults{Replies: map[string]string{
				"EPRT": "550 Permission denied.\r\n",
				"PORT": "550 Permission denied.\r\n",
			}}),
		},
		{
			Name:   "active-peer-mismatch",
			Story:  "A load balancer hides the client's address from the server, which refuses the client's own in active mode.",
			Causes: []string{"ftp.active.peer-mismatch"},
			start:  plainFTP(ftptest.Faults{SeenAs: netip.AddrFrom4([4]byte{203, 0, 113, 9})}),
		},
		{
			Name:   "active-alg-rewrite",
			Story:  "A firewall on the way rewrites the address in PORT, which the server then refuses; EPRT gets through.",
			Causes: []string{"ftp.active.alg-rewrite"},
			start: func(d *Demo) error {
				return d.behind(&middlebox{command: announceOther}, "ftp", &ftptest.Server{})
			},
		},
		{
			Name:   "active-alg-blind-to-tls",
			Story:  "A router translates the client's address in PORT, and TLS keeps it from reading that.",
			Causes: []string{"ftp.active.alg-blind-to-tls"},
			start:  needing(elsewhere, behindBlindRouter),
		},
		{
			Name:   "active-wrong-source",
			Story:  "The server has two addresses, and connects from the one that is not the control connection's.",
			Causes: []string{"ftp.active.wrong-source"},
			start:  needing(elsewhere, plainFTP(ftptest.Faults{ConnectFrom: netip.AddrPortFrom(elsewhere, 0)})),
		},
		{
			Name:   "eprt-unsupported",
			Story:  "The server does not know EPRT, without which there is no active mode over IPv6.",
			Causes: []string{"ftp.active.eprt-unsupported"},
			start:  overIPv6(ftptest.Faults{Replies: map[string]string{"EPRT": "500 EPRT not understood.\r\n"}}),
		},
	}
}

// announceOther puts an address that is not the client's into PORT.
func announceOther(_ *middlebox, command string) string {
	if at := portCommand.FindStringSubmatchIndex(command); at != nil {
		return command[:at[2]] + "10,88,1,2" + command[at[3]:]
	}
	return command
}

// behindBlindRouter has a server that sees the client at the router's address, and no other.
func behindBlindRouter(d *Demo) error {
	d.Flags.Require = "both"
	return d.behind(&middlebox{command: translatePort}, "ftpes", &ftptest.Server{
		TLS: trusted(tlstest.Leaf{})(d), Faults: ftptest.Faults{SeenAs: elsewhere},
	})
}

// translatePort makes a listener of the router's for the client's one.
func translatePort(m *middlebox, command string) string {
	found := portCommand.FindStringSubmatch(command)
	if found == nil {
		return command
	}
	opened, err := m.forward(elsewhere, netip.AddrPortFrom(loopback, number(found[2:]...)))
	if err != nil {
		return command
	}
	return fmt.Sprintf("PORT 127,0,0,2,%d,%d\r\n", opened.Port()>>8, opened.Port()&0xff)
}
