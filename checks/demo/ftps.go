package demo

import (
	"crypto/tls"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ofProtected are demos of FTP over TLS.
func ofProtected() []Fault {
	return []Fault{
		{
			Name:   "ftpes-cert-expired",
			Story:  "The FTP server's certificate expired three days ago.",
			Causes: []string{"cert.expired"},
			start:  ftpWithTLS("ftpes", expired, ftptest.Faults{}),
		},
		{
			Name:   "ftps-session-reuse-required",
			Story:  "Data connections are to resume the control connection's TLS session, and the client does not.",
			Causes: []string{"ftps.session-reuse-required"},
			start: func(d *Demo) error {
				d.Flags.FullTLS = true
				return protectedFTP(ftptest.Faults{ReuseDemanded: true})(d)
			},
		},
		{
			Name:   "ftps-session-reuse-impossible",
			Story:  "Data connections are to resume the control connection's TLS session, for which the server gives no ticket.",
			Causes: []string{"ftps.session-reuse-impossible"},
			start:  ftpWithTLS("ftpes", withoutTickets, ftptest.Faults{ReuseDemanded: true}),
		},
		{
			Name:   "ftps-ticket-exhausted",
			Story:  "Data connections are to resume the control connection's TLS session, and the server's tickets run out.",
			Causes: []string{"ftps.ticket-exhausted"},
			start: func(d *Demo) error {
				d.Flags.Transfer = true
				return protectedFTP(ftptest.Faults{ReuseDemanded: true, TicketUses: 1})(d)
			},
		},
		{
			Name:   "ftps-prot-required",
			Story:  "The server wants data connections protected, and the client leaves them in clear.",
			Causes: []string{"ftps.prot-required"},
			start: ftpWithTLS("ftp", trusted(tlstest.Leaf{}), ftptest.Faults{
				ProtRequired: "522 Data connections must be encrypted.\r\n",
			}),
		},
		{
			Name:   "ftps-prot-refused",
			Story:  "The server protects the control connection, and no data connection.",
			Causes: []string{"ftps.prot-refused"},
			start:  protectedFTP(ftptest.Faults{Replies: map[string]string{"PROT": "536 PROT P is not supported.\r\n"}}),
		},
		{
			Name:   "ftps-data-not-tls",
			Story:  "The server agrees to protect data connections, and sends the data in clear.",
			Causes: []string{"ftps.data-not-tls"},
			start:  protectedFTP(ftptest.Faults{DataPlain: true}),
		},
		{
			Name:   "ftps-data-stall",
			Story:  "The server does not begin TLS on data connections.",
			Causes: []string{"ftps.data-stall"},
			start:  protectedFTP(ftptest.Faults{DataTLSSilent: true}),
		},
		{
			Name:   "ftps-data-cert-mismatch",
			Story:  "Data connections have another certificate than the control connection.",
			Causes: []string{"ftps.data-cert-mismatch"},
			start: func(d *Demo) error {
				ca := d.trust()
				return d.serveFTP("ftpes", &ftptest.Server{
					TLS: identified(ca.Issue(tlstest.Leaf{})), Faults: ftptest.Faults{DataTLS: identified(ca.Issue(tlstest.Leaf{}))},
				})
			},
		},
		{
			Name:   "ftps-no-close-notify",
			Story:  "The server ends data over TLS as if the connection had been cut.",
			Causes: []string{"ftps.no-close-notify"},
			start:  protectedFTP(ftptest.Faults{NoCloseNotify: true}),
		},
	}
}

// withoutTickets is a good certificate on a server from which no session can be resumed.
func withoutTickets(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.SessionTicketsDisabled = true
	return config
}
