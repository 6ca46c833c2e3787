package demo

import (
	"crypto/tls"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// Faults are all demos: the healthy ones first, then by layer from the bottom up.
func Faults() []Fault {
	return []Fault{
		{
			Name:  "healthy",
			Story: "An FTP server at which everything works.",
			start: plainFTP(ftptest.Faults{}),
		},
		{
			Name:  "healthy-ftpes",
			Story: "An FTP server at which everything works over explicit TLS.",
			start: ftpWithTLS("ftpes", trusted(tlstest.Leaf{}), ftptest.Faults{}),
		},
		{
			Name:  "healthy-tls",
			Story: "A TLS server with a good certificate.",
			start: tlsServer(trusted(tlstest.Leaf{})),
		},

		{
			Name:   "tcp-refused",
			Story:  "Nothing listens on the port.",
			Causes: []string{"tcp.refused"},
			start:  deadPort(ftptest.RefusingPort),
		},
		{
			Name:   "tcp-filtered",
			Story:  "Whatever is sent to the port vanishes, as behind a firewall that drops it.",
			Causes: []string{"tcp.filtered"},
			start:  deadPort(ftptest.SilentPort),
		},
		{
			Name:   "tcp-silent",
			Story:  "The server accepts connections and never says a word.",
			Causes: []string{"tcp.silent"},
			start:  plainFTP(ftptest.Faults{NoGreeting: true}),
		},

		{
			Name:   "not-ftp",
			Story:  "An SSH server listens on the port.",
			Causes: []string{"ftp.not-ftp"},
			start:  plainFTP(ftptest.Faults{Greeting: "SSH-2.0-OpenSSH_9.9\r\n"}),
		},
		{
			Name:   "too-many-users",
			Story:  "The server has as many users as it allows.",
			Causes: []string{"ftp.too-many-users"},
			start:  plainFTP(ftptest.Faults{Greeting: "421 Too many users are connected, please try again later.\r\n"}),
		},
		{
			Name:   "auth-rejected",
			Story:  "The password is wrong.",
			Causes: []string{"ftp.auth-rejected"},
			start: func(d *Demo) error {
				d.User, d.Password = "alice", "an old password"
				return d.serveFTP("ftp", &ftptest.Server{User: "alice", Password: "the new password"})
			},
		},
		{
			Name:   "tls-required",
			Story:  "The server accepts logins over TLS only, and the client does not use it.",
			Causes: []string{"ftp.tls-required"},
			start:  ftpWithTLS("ftp", trusted(tlstest.Leaf{}), ftptest.Faults{TLSRequired: true}),
		},
		{
			Name:   "auth-tls-unsupported",
			Story:  "The client wants explicit TLS, and the server has none.",
			Causes: []string{"ftp.auth-tls-unsupported"},
			start:  func(d *Demo) error { return d.serveFTP("ftpes", &ftptest.Server{}) },
		},

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
			Name:   "tls-plaintext-peer",
			Story:  "The port speaks plain FTP, and the client wants TLS from the first byte.",
			Causes: []string{"tls.plaintext-peer"},
			start:  func(d *Demo) error { return d.serveTLS(tlstest.Banner("220 FTP server ready.\r\n")) },
		},
		{
			Name:   "tls-no-common-version",
			Story:  "The server knows nothing newer than TLS 1.1.",
			Causes: []string{"tls.no-common-version"},
			start:  tlsServer(old),
		},
		{
			Name:   "cert-expired",
			Story:  "The certificate expired three days ago.",
			Causes: []string{"cert.expired"},
			start:  tlsServer(expired),
		},
		{
			Name:   "cert-not-yet-valid",
			Story:  "The certificate is valid from tomorrow on.",
			Causes: []string{"cert.not-yet-valid"},
			start:  tlsServer(notYetValid),
		},
		{
			Name:   "cert-name-mismatch",
			Story:  "The certificate is for another server.",
			Causes: []string{"cert.name-mismatch"},
			start:  tlsServer(trusted(tlstest.Leaf{Names: []string{"www.example.com"}})),
		},
		{
			Name:   "cert-self-signed",
			Story:  "The server signed its certificate itself.",
			Causes: []string{"cert.self-signed"},
			start:  tlsServer(selfSigned),
		},
		{
			Name:   "cert-untrusted-root",
			Story:  "The certificate is from an authority that this machine does not know.",
			Causes: []string{"cert.untrusted-root"},
			start:  tlsServer(unknownRoot),
		},
		{
			Name:   "cert-incomplete-chain",
			Story:  "The server does not send the intermediate certificate.",
			Causes: []string{"cert.incomplete-chain"},
			start:  tlsServer(incompleteChain),
		},
		{
			Name:   "ftpes-cert-expired",
			Story:  "The FTP server's certificate expired three days ago.",
			Causes: []string{"cert.expired"},
			start:  ftpWithTLS("ftpes", expired, ftptest.Faults{}),
		},
	}
}

// expired was valid for 90 days, and is no longer.
func expired(d *Demo) *tls.Config {
	now := time.Now()
	return trusted(tlstest.Leaf{NotBefore: now.AddDate(0, 0, -93), NotAfter: now.AddDate(0, 0, -3)})(d)
}

func notYetValid(d *Demo) *tls.Config {
	return trusted(tlstest.Leaf{NotBefore: time.Now().AddDate(0, 0, 1)})(d)
}

// old is a good certificate on a server of ten years ago.
func old(d *Demo) *tls.Config {
	config := trusted(tlstest.Leaf{})(d)
	config.MinVersion, config.MaxVersion = tls.VersionTLS10, tls.VersionTLS11
	return config
}

func selfSigned(*Demo) *tls.Config { return identified(tlstest.SelfSigned(tlstest.Leaf{})) }

// unknownRoot sends its chain up to the root, so that nothing is missing but the trust.
func unknownRoot(*Demo) *tls.Config {
	return identified(tlstest.NewCA("rung demo root of nobody").Issue(tlstest.Leaf{Send: tlstest.SendRoot}))
}

func incompleteChain(d *Demo) *tls.Config {
	root := tlstest.NewCA("rung demo root")
	d.Roots = root.Pool()
	return identified(root.Intermediate("rung demo intermediate").Issue(tlstest.Leaf{Send: tlstest.SendLeaf}))
}
