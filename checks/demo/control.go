package demo

import (
	"time"

	"github.com/rung-cli/rung/probes/ftp/ftptest"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ofControl are demos of the dialogue on the control connection.
func ofControl() []Fault {
	return []Fault{
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
			Name:   "implicit-tls-port",
			Story:  "The port speaks TLS from the first byte, as port 990 does, and the client plain FTP.",
			Causes: []string{"ftp.implicit-tls-port"},
			start: func(d *Demo) error {
				return d.serveFTP("ftp", &ftptest.Server{TLS: trusted(tlstest.Leaf{})(d), Implicit: true})
			},
		},
		{
			Name:   "banner-slow",
			Story:  "The server looks up its client's name for 5 seconds before it greets.",
			Causes: []string{"ftp.banner-slow"},
			start: func(d *Demo) error {
				d.Flags.Timeout = 10 * time.Second
				return plainFTP(ftptest.Faults{GreetingDelay: 5100 * time.Millisecond})(d)
			},
		},
		{
			Name:   "service-unavailable",
			Story:  "The server turns every client away.",
			Causes: []string{"ftp.service-unavailable"},
			start:  plainFTP(ftptest.Faults{Greeting: "421 Service not available, the server is shutting down.\r\n"}),
		},
		{
			Name:   "server-misconfigured",
			Story:  "The server breaks down after the login, for an error in its configuration.",
			Causes: []string{"ftp.server-misconfigured"},
			start: plainFTP(ftptest.Faults{Replies: map[string]string{
				"PASS": "500 OOPS: vsftpd: refusing to run with writable root inside chroot()\r\n",
			}}),
		},
		{
			Name:   "listing-denied",
			Story:  "The server takes files and lists none, as a drop box does.",
			Causes: []string{"ftp.listing-denied"},
			start:  plainFTP(ftptest.Faults{Replies: map[string]string{"LIST": "550 Permission denied.\r\n"}}),
		},
		{
			Name:   "path-not-found",
			Story:  "The directory that the client asks for does not exist.",
			Causes: []string{"ftp.path-not-found"},
			start: func(d *Demo) error {
				err := d.serveFTP("ftp", &ftptest.Server{})
				d.Target += "missing"
				return err
			},
		},
		{
			Name:   "auth-tls-stripped",
			Story:  "A firewall masks the greeting and the command AUTH TLS, so that nothing can be protected.",
			Causes: []string{"ftp.auth-tls-stripped"},
			start: func(d *Demo) error {
				return d.serveFTP("ftpes", &ftptest.Server{Faults: ftptest.Faults{
					Greeting: "220 ************************\r\n",
					Replies:  map[string]string{"AUTH": "500 'XXXX XXX': command not understood.\r\n"},
				}})
			},
		},
		{
			Name:   "control-desync",
			Story:  "The server sends one reply too many: from then on each is the one to the command before.",
			Causes: []string{"ftp.control.desync"},
			start:  plainFTP(ftptest.Faults{Behind: true}),
		},
		{
			Name:   "control-idle-dropped",
			Story:  "The control connection is cut off for being idle during a transfer.",
			Causes: []string{"ftp.control.idle-dropped"},
			start: func(d *Demo) error {
				d.Flags.Hold = time.Second
				return plainFTP(ftptest.Faults{IdleCut: 500 * time.Millisecond, IdleReply: "421 Timeout.\r\n"})(d)
			},
		},
	}
}
