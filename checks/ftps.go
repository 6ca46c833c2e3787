package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

func (b *bench) judgeSecurity() {
	r := b.e.Security.result("ftp.tls", Application)
	security := seen(b.e.Security)
	if security == nil {
		b.skipUpper(r, "no control connection to protect", b.noLogin...)
		return
	}
	fault := security.Fault
	switch {
	case fault == nil && security.Secured:
		b.found(r, Pass, describeSecurity(security))
	case fault == nil:
		b.skipUpper(r, "the dialogue ended before TLS", b.noLogin...)
	case fault.Of(probes.Interrupted):
		b.cutShort(r)
	case fault.Step == "TLS handshake":
		b.noLogin = append(b.noLogin, b.badTLS...)
		b.follows(r, Fail, "the TLS handshake on the control connection failed", b.badTLS)
	default:
		b.judgeRefusedSecurity(r, security)
	}
}

func (b *bench) judgeRefusedSecurity(r Result, security *ftp.Security) {
	cause := b.securityCause(security)
	if cause == nil {
		b.noLogin = append(b.noLogin, unexplained+".ftp.tls")
		b.found(r, Fail, "TLS failed at "+security.Fault.Step+": "+security.Fault.Message)
		return
	}
	cause.restsOn("ftp.tls")
	b.noLogin = append(b.noLogin, cause.ID)
	b.found(r, Fail, cause.Summary, cause)
}

func describeSecurity(security *ftp.Security) string {
	if security.Mechanism == string(ftp.Implicit) {
		return "TLS from the first byte" + protection(security)
	}
	return "AUTH TLS accepted" + protection(security)
}

func protection(security *ftp.Security) string {
	if security.ProtReply.Done() {
		return "; data connections protected (PROT P)"
	}
	return ""
}

// securityCause says why the server would not protect the connection.
func (b *bench) securityCause(security *ftp.Security) *Cause {
	peer := ""
	masks := false
	if control := seen(b.e.Control); control != nil {
		peer = control.Peer.String()
		masks = control.Greeting != nil && masked.MatchString(control.Greeting.Text)
	}
	if !security.Fault.Of(probes.Negative) {
		return nil
	}
	switch step := security.Fault.Step; {
	case step == "AUTH TLS" && security.AuthReply != nil:
		return authCause(peer, security.AuthReply, masks)
	case step == "PBSZ", step == "PROT":
		return newCause("ftps.prot-refused", peer, peer+" does not protect data connections", security.Fault.Error()).
			mend("enable TLS for data connections on the server")
	}
	return nil
}

func authCause(peer string, reply *ftp.Reply, masks bool) *Cause {
	reasons := map[int]string{
		500: "it does not know the command", 501: "it does not know the command", 502: "it does not know the command",
		530: "TLS is not enabled", 503: "TLS is not enabled", 504: "it does not know the mechanism TLS",
		534: "its policy forbids it", 431: "a resource is missing, such as its certificate",
	}
	reason, known := reasons[reply.Code]
	if !known {
		return nil
	}
	cause := newCause("ftp.auth-tls-unsupported", peer, fmt.Sprintf("%s does not offer TLS: %s", peer, reason), quoted("AUTH TLS", reply)).
		mend("enable TLS on the server (vsftpd ssl_enable, ProFTPD TLSEngine, Pure-FTPd TLS), or use ftp:// where clear text is acceptable")
	if masks {
		cause.likely("AUTH TLS sent to the server by another path: the greeting looks masked, as inspecting firewalls do")
	}
	return cause
}

// loginMissing is why the data modes could not be tried; ok is false where they could.
func (b *bench) loginMissing() (reason string, causes []string, missing bool) {
	control := seen(b.e.Control)
	switch {
	case control == nil:
		return "no control connection", b.noLogin, true
	case !control.LoggedIn && b.e.Settings.NoLogin && len(b.noLogin) == 0:
		return "not tested: --no-login", nil, true
	case !control.LoggedIn:
		return "not tested: there is no login", b.noLogin, true
	case len(b.noLogin) > 0:
		return "not tested: data connections would not be protected", b.noLogin, true
	}
	return "", nil, false
}
