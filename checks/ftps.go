package checks

import (
	"fmt"
	"regexp"
	"slices"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

func (b *bench) judgeSecurity() {
	r := b.s.Security.result("ftp.tls", Application)
	security := seen(b.s.Security)
	if security == nil {
		b.skipUpper(r, "no control connection to protect", b.noLogin...)
		return
	}
	fault := security.Fault
	switch {
	case security.Secured && len(b.badTLS) > 0, fault != nil && fault.Step == "TLS handshake" && b.s.Handshake != nil && !fault.Of(probes.Interrupted):
		b.noLogin = append(b.noLogin, b.badTLS...)
		b.follows(r, Fail, "the TLS handshake on the control connection failed", b.badTLS)
	case fault == nil && security.Secured:
		b.found(r, Pass, describeSecurity(security))
	case fault == nil:
		b.skipUpper(r, "the dialogue ended before TLS", b.noLogin...)
	case fault.Of(probes.Interrupted):
		b.cutShort(r)
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
	switch {
	case security.ProtReply.Done() && security.Level == "C":
		return "; data connections in clear (PROT C)"
	case security.ProtReply.Done():
		return "; data connections protected (PROT P)"
	}
	return ""
}

// securityCause says why the server would not protect the connection.
func (b *bench) securityCause(security *ftp.Security) *Cause {
	control := seen(b.s.Control)
	if control == nil || !security.Fault.Of(probes.Negative) {
		return nil
	}
	peer := control.Peer.String()
	if cause := givesUp(peer, security.Fault.Step, security.Refusal()); cause != nil {
		return cause
	}
	switch step := security.Fault.Step; {
	case step == "AUTH TLS" && security.AuthReply != nil:
		return authCause(control, security)
	case step == "PROT" && security.Level == "C" && security.Private.Done():
		return newCause("ftps.prot-required", peer, peer+" wants data connections protected",
			quoted("PROT C", security.ProtReply), quoted("PROT P", security.Private)).
			mend("protect data connections: leave out --prot clear, and let clients send PBSZ 0 and PROT P")
	case step == "PROT" && security.Level == "C" && security.Private == nil:
		return newCause("ftps.prot-required", peer, peer+" refuses to leave data connections unprotected", quoted("PROT C", security.ProtReply)).
			likely("the reply to PROT P, which did not come").
			mend("protect data connections: leave out --prot clear, and let clients send PBSZ 0 and PROT P")
	case step == "PBSZ", step == "PROT":
		return newCause("ftps.prot-refused", peer, peer+" does not protect data connections", security.Fault.Error()).
			mend("enable TLS for data connections on the server")
	}
	return nil
}

// authCause tells a server without TLS from one whose AUTH TLS a device on the way keeps from it.
func authCause(control *ftp.Control, security *ftp.Security) *Cause {
	reply := security.AuthReply
	reasons := map[int]string{
		500: "it does not know the command", 501: "it does not know the command", 502: "it does not know the command",
		530: "TLS is not enabled", 503: "TLS is not enabled", 504: "it does not know the mechanism TLS",
		534: "its policy forbids it", 431: "a resource is missing, such as its certificate",
	}
	reason, known := reasons[reply.Code]
	if !known {
		return nil
	}
	if cause := strippedAuth(control, security); cause != nil {
		return cause
	}
	peer := control.Peer.String()
	return newCause("ftp.auth-tls-unsupported", peer, fmt.Sprintf("%s does not offer TLS: %s", peer, reason), quoted("AUTH TLS", reply)).
		mend("enable TLS on the server (vsftpd ssl_enable, ProFTPD TLSEngine, Pure-FTPd TLS), or use ftp:// where clear text is acceptable")
}

// maskedCommand is a command of which only its length is left, as inspecting firewalls leave it.
var maskedCommand = regexp.MustCompile(`(?:^|['"\s])(?:X{4} X{3}|X{4,8}|\*{4} \*{3})(?:['"\s:]|$)`)

// strippedAuth is an AUTH TLS that did not come to the server as it was sent: the server quotes it otherwise, or its FEAT is masked, or it
// lists AUTH and answers it as a word that it does not know (that it lists it alone means nothing: Pure-FTPd without TLS does too).
// It is likely where only the greeting is masked.
func strippedAuth(control *ftp.Control, security *ftp.Security) *Cause {
	peer, reply := control.Peer.String(), security.AuthReply
	evidence := []string{quoted("AUTH TLS", reply)}
	masks := control.Greeting != nil && masked.MatchString(control.Greeting.Text)
	maskedFeature := slices.IndexFunc(control.Features, maskedCommand.MatchString)
	unknown := security.Unknown
	proven := true
	switch {
	case maskedCommand.MatchString(reply.Text): // it quotes what it got
	case maskedFeature >= 0:
		evidence = append(evidence, "FEAT lists "+control.Features[maskedFeature])
	case control.HasFeature("AUTH TLS") && unknown != nil && unknown.Code == reply.Code && unknown.Text == reply.Text:
		evidence = append(evidence, "FEAT lists AUTH TLS", "a command that no server knows is answered the same: "+quoted("XRNG", unknown))
	case masks:
		proven = false
	default:
		return nil
	}
	if masks {
		evidence = append(evidence, quoted("greeting", control.Greeting))
	}
	cause := newCause("ftp.auth-tls-stripped", peer, "a device on the way keeps AUTH TLS from the server: nothing can be protected", evidence...).
		mend("turn off FTP inspection on the firewall on the way (Cisco \"inspect ftp strict\", FortiGate and other application level " +
			"gateways), or use a path without it")
	if !proven {
		cause.likely("AUTH TLS sent to the server by another path")
	}
	return cause
}

// loginMissing is why the data modes could not be tried; ok is false where they could.
func (b *bench) loginMissing() (reason string, causes []string, missing bool) {
	control := seen(b.s.Control)
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
