package checks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// The alerts that say what is wrong (RFC 8446 §6, RFC 5246 §7.2).
const (
	alertCloseNotify           = 0
	alertHandshakeFailure      = 40
	alertBadCertificate        = 42
	alertCertificateUnknown    = 46
	alertUnknownCA             = 48
	alertAccessDenied          = 49
	alertProtocolVersion       = 70
	alertInsufficientSecurity  = 71
	alertUnrecognizedName      = 112
	alertCertificateRequired   = 116
	alertNoApplicationProtocol = 120
)

func (b *bench) judgeHandshake() {
	r := b.s.Handshake.result("tls.handshake", Application)
	h := seen(b.s.Handshake)
	switch {
	case h == nil:
		b.badTLS = b.beforeTLS()
		b.skipUpper(r, "no connection to speak TLS on", b.badTLS...)
	case h.Fault == nil:
		b.found(r, Pass, describeHandshake(h))
	case h.Fault.Of(probes.Interrupted):
		b.cutShort(r)
	case b.portal != nil && (b.portalStands() || lastWord(h) == nil) && speaksTLS(b.e.Target): // an alert is a server's word
		b.caught("the TLS handshake failed: " + ending(h))
		b.badTLS = []string{b.portal.ID}
		b.follows(r, Fail, "the TLS handshake failed: "+ending(h), b.badTLS)
	default:
		cause := b.handshakeCause(h)
		if cause == nil {
			b.found(r, Fail, "the TLS handshake failed: "+ending(h))
			b.badTLS = []string{unexplained + ".tls.handshake"}
			return
		}
		for _, t := range h.Trials {
			if !t.Answer.Fault.Of(probes.Interrupted) {
				cause.with(experimentOf(h, t))
			}
		}
		cause.restsOn("tls.handshake")
		b.badTLS = []string{cause.ID}
		b.found(r, Fail, cause.Summary, cause)
	}
}

func describeHandshake(h *tls.Handshake) string {
	text := strings.TrimSuffix(fmt.Sprintf("%s, %s, %s", h.Version, h.Suite, h.Group), ", ")
	switch c := h.ClientCertificate; {
	case c == nil || c.Sent != "":
	case c.Answered:
		text += "; the server asks for a client certificate, and goes on without one"
	default:
		text += "; the server asks for a client certificate, and has not said whether it insists"
	}
	return text
}

// beforeTLS is why FTP did not come as far as a handshake: nothing, where the target does not speak FTP.
func (b *bench) beforeTLS() []string {
	security := seen(b.s.Security)
	if security == nil || security.Fault == nil || security.Fault.Of(probes.Interrupted) {
		return b.noLogin
	}
	if cause := b.securityCause(security); cause != nil {
		return []string{cause.ID}
	}
	return []string{unexplained + ".ftp.tls"}
}

// handshakeCause says why a handshake failed. What the server says outranks what the trials show, and that outranks how the connection
// ended.
func (b *bench) handshakeCause(h *tls.Handshake) *Cause {
	for _, judge := range []func(*tls.Handshake) *Cause{
		comesAndGoes, inClear, clientCertificateCause, protocolCause, signatureCause, retiredVersionCause, nameCauseOfAlert, suiteCause, filterCause,
	} {
		if cause := judge(h); cause != nil {
			return cause
		}
	}
	return nil
}

// inClear is a server that does not speak TLS.
func inClear(h *tls.Handshake) *Cause {
	where := h.Address.String()
	switch {
	case strings.HasPrefix(h.Plaintext, "500 OOPS"):
		return newCause("ftp.server-misconfigured", where, "the FTP server breaks down where TLS should begin",
			fmt.Sprintf("in place of a ServerHello came the text %q", h.Plaintext)).
			mend("read the server's log: its TLS configuration (certificate, key, permissions) is broken")
	case isText(h.Plaintext):
		return newCause("tls.plaintext-peer", where, fmt.Sprintf("%s does not speak TLS", where),
			fmt.Sprintf("in answer to the ClientHello came %q", firstLine(h.Plaintext))).
			mend("use the port on which the service speaks TLS from the first byte, " +
				"or ask for TLS in the protocol's own way (ftpes:// for FTP)")
	}
	return nil
}

// isText says that what came begins as text does: what is neither TLS nor text tells nothing of who sent it.
func isText(plain string) bool {
	const enough = 5
	begin := plain[:min(len(plain), enough)]
	return begin != "" && !strings.ContainsFunc(begin, func(r rune) bool { return r != '\r' && r != '\n' && r != '\t' && (r < ' ' || r > '~') })
}

// clientCertificateCause is a server that wants a certificate of ours: it asked for one, and ended the handshake when it had seen what it
// got. TLS 1.3 has an alert for the one that is missing; before, servers use several (RFC 5246 §7.4.6).
func clientCertificateCause(h *tls.Handshake) *Cause {
	asked := h.ClientCertificate
	where := h.Address.String()
	said := lastWord(h)
	required := said != nil && said.Description == alertCertificateRequired
	if asked == nil && !required || h.Fault.Of(probes.Timeout) { // silence refuses nothing
		return nil
	}
	if t := readTrials(h); t.failed[tls.ChangedCertificate] > 0 {
		return nil // without our certificate it fails as well
	}
	if again := trialOf(h, tls.ChangedNothing); said == nil && again.Alert != nil {
		said = again.Alert // a connection that was reset may have lost the alert before
		required = said.Description == alertCertificateRequired
	}
	var evidence []string
	if asked != nil {
		evidence = append(evidence, "the server sent a CertificateRequest"+acceptable(asked))
	}
	evidence = append(evidence, ending(h))
	if asked != nil && asked.Sent != "" && !required {
		return rejectedCertificate(h, evidence)
	}
	cause := newCause("tls.client-cert-required", where, where+" wants a client certificate", append(evidence, "we sent none")...).
		mend("give rung, and the client, the certificate and the key that the server's operator has issued (--cert FILE --key FILE)")
	if required || said != nil && (refusesCertificate(said.Description) || said.Description == alertHandshakeFailure) {
		return cause
	}
	return cause.likely("the handshake with a certificate that the server accepts (--cert, --key)")
}

func acceptable(asked *tls.ClientCertificate) string {
	if len(asked.Authorities) == 0 {
		return ""
	}
	return fmt.Sprintf(", which accepts certificates of %s", strings.Join(asked.Authorities[:min(3, len(asked.Authorities))], "; "))
}

// refusesCertificate says that an alert speaks of the client's certificate.
func refusesCertificate(description uint8) bool {
	return description >= alertBadCertificate && description <= alertCertificateUnknown || description == alertUnknownCA ||
		description == alertAccessDenied
}

// rejectedCertificate is a server that has seen our certificate and does not take it.
func rejectedCertificate(h *tls.Handshake, evidence []string) *Cause {
	where, sent := h.Address.String(), h.ClientCertificate.Sent
	evidence = append(evidence, "we sent the certificate of "+sent)
	reasons := map[uint8]string{
		alertBadCertificate: "it cannot be verified", 43: "it is of a kind that the server does not support", 44: "it is revoked",
		45: "it is outside its dates", alertCertificateUnknown: "for a reason that the server keeps to itself",
		alertUnknownCA: "its CA is not one that the server trusts", alertAccessDenied: "its owner is not allowed in",
	}
	said := lastWord(h)
	if said == nil {
		return newCause("tls.client-cert-rejected", where, where+" ends the connection on our client certificate", evidence...).
			likely("the server's log").mend("ask the server's operator which client certificates it accepts, and look into its log")
	}
	reason, known := reasons[said.Description]
	cause := newCause("tls.client-cert-rejected", where, where+" rejects our client certificate: "+reason, evidence...).
		mend("use a certificate that the server's operator has issued for clients: issuer, dates and usage (clientAuth) must fit")
	if !known {
		cause.Summary = where + " rejects the handshake with our client certificate"
		return cause.likely("the server's log")
	}
	return cause
}

// saysOldVersion says that the server speaks no version that we offered: it sent the alert protocol_version, or chose a
// version below ours (RFC 8446 §6.2, RFC 8996).
func saysOldVersion(h *tls.Handshake) bool {
	if said := lastWord(h); said != nil {
		return said.Description == alertProtocolVersion
	}
	return isRetired(h.ServerHello) && h.Fault != nil
}

// lastWord is the alert that ended the handshake, nil where none did: after a warning a server may go on (RFC 6066 §3), and silence
// after one has another reason.
func lastWord(h *tls.Handshake) *tls.Alert {
	if h.Fault.Of(probes.Timeout) {
		return nil
	}
	return h.Alert
}

func isRetired(version string) bool {
	return slices.Contains([]string{"SSLv3", "TLS 1.0", "TLS 1.1"}, version)
}

// retiredVersionCause is a server that speaks only versions that nobody should (RFC 8996).
func retiredVersionCause(h *tls.Handshake) *Cause {
	offered := strings.Join(h.Offered, " and ")
	var said string
	switch {
	case saysOldVersion(h) && isRetired(h.ServerHello):
		said = "the server chose " + h.ServerHello + ", though " + offered + " were offered"
	case saysOldVersion(h):
		said = "the server answered " + offered + " with the alert protocol_version (70)"
	case lastWord(h) != nil && isRetired(trialOf(h, tls.ChangedVersions).Version) && trialOf(h, tls.ChangedSuites).Version == "":
		said = "the server refuses " + offered + " and takes " + trialOf(h, tls.ChangedVersions).Version
	default:
		return nil
	}
	where := h.Address.String()
	if key := trialOf(h, tls.ChangedVersions).Key; tooSmallToSign(key) {
		return newCause("tls.no-common-signature", where, fmt.Sprintf("the key of %s is too small for the signatures of TLS 1.2 and 1.3", where),
			ending(h), "the key of its certificate is "+key).
			likely("the same with another key").mend(otherKey)
	}
	cause := newCause("tls.no-common-version", where, fmt.Sprintf("%s speaks none of the TLS versions in use", where), said).
		mend("enable TLS 1.2 and 1.3 on the server: versions below are retired (RFC 8996)")
	if retired := readTrials(h).failed[tls.ChangedVersions]; retired > 0 && !isRetired(h.ServerHello) {
		cause.Evidence = append(cause.Evidence, "the retired versions are refused in the same way: no version at all is left")
	}
	return cause
}

// trialOf is the answer to the first trial of that kind that had one; zero where none had.
func trialOf(h *tls.Handshake, changed tls.Change) tls.Answer {
	for _, t := range h.Trials {
		if t.Changed == changed && t.Answer.Answered() {
			return t.Answer
		}
	}
	return tls.Answer{}
}

// protocolCause is a server that speaks no application protocol that we offered (RFC 7301 §3.2).
func protocolCause(h *tls.Handshake) *Cause {
	if said := lastWord(h); said == nil || said.Description != alertNoApplicationProtocol {
		return nil
	}
	where := h.Address.String()
	cause := newCause("tls.alpn-refused", where, where+" does not speak the application protocol that we offer",
		ending(h)).mend("enable HTTP/1.1 beside what the server offers (ALPN http/1.1), or use a client that speaks what it does")
	if trialOf(h, tls.ChangedALPN).Version == "" {
		cause.likely("the same handshake without ALPN")
	}
	return cause
}

// nameCauseOfAlert is a server that refuses the name that we ask for, or that we ask for none (RFC 6066 §3).
func nameCauseOfAlert(h *tls.Handshake) *Cause {
	said := lastWord(h)
	switch {
	case said == nil, said.Description != alertUnrecognizedName && !refusesOffer(h), trialOf(h, tls.ChangedSuites).Version != "":
		return nil
	case h.ServerName == "":
		return nameMissing(h, said)
	case said.Description != alertUnrecognizedName && namedNeutrally(h):
		return nameRefusedOnTheWay(h)
	case said.Description != alertUnrecognizedName && trialOf(h, tls.ChangedName).Version == "":
		return nil
	}
	where := h.Address.String()
	cause := newCause("tls.sni-unknown", where, fmt.Sprintf("%s refuses the name %s", where, h.ServerName), ending(h),
		"the ClientHello asked for "+h.ServerName).
		mend("correct the name, or configure the server for it (nginx server_name, haproxy's certificates), or let DNS point at the right host")
	if said.Description != alertUnrecognizedName {
		cause.likely("the server's log: the alert does not say what it refuses, and no name at all is not refused")
	}
	return cause
}

// nameMissing is a server that wants to be asked for by name: it says so, or takes a ClientHello that asks for any.
func nameMissing(h *tls.Handshake, said *tls.Alert) *Cause {
	if said.Description != alertUnrecognizedName && !namedNeutrally(h) {
		return nil
	}
	where := h.Address.String()
	return newCause("tls.sni-required", where, where+" wants to be asked for by name", ending(h),
		"the ClientHello asked for no name: a literal address is none").
		mend("use the host's name as the target, or give it with --sni NAME")
}

// namedNeutrally says that the server took a ClientHello which asked for a name that no server can know.
func namedNeutrally(h *tls.Handshake) bool {
	return slices.ContainsFunc(h.Trials, func(t tls.Trial) bool {
		return t.Changed == tls.ChangedName && t.ServerName != "" && t.Answer.Version != ""
	})
}

// nameRefusedOnTheWay is a name that is refused where one that nobody knows is not: a server that is particular about names would refuse
// both.
func nameRefusedOnTheWay(h *tls.Handshake) *Cause {
	where := h.Address.String()
	return newCause("tls.sni-filtered", where, fmt.Sprintf("TLS that asks for %s is refused on the way to %s", h.ServerName, where), ending(h),
		"the same address takes a ClientHello that asks for a name which no server knows").
		likely("the server's log: an alert that a filter forged is not in it").
		mend("ask whoever runs the network on the way (a firewall, a filter of names, the provider) to let %s through", h.ServerName)
}

// signatureCause is a server whose key can make no signature that clients verify today (RFC 8446 §4.2.3): it takes the same offer where that
// lists every signature scheme.
func signatureCause(h *tls.Handshake) *Cause {
	taken := trialOf(h, tls.ChangedSchemes)
	if !refusesOffer(h) || taken.Version == "" || isRetired(taken.Version) || trialOf(h, tls.ChangedName).Version != "" {
		return nil // with another name and the schemes of today it goes: they are not the reason
	}
	where := h.Address.String()
	cause := newCause("tls.no-common-signature", where,
		fmt.Sprintf("the certificate of %s is of no kind that clients verify today: its key, or the signature on it", where), ending(h),
		fmt.Sprintf("offered every registered signature scheme, and all else the same, it takes %s", taken.Version)).mend(otherKey)
	if taken.Key != "" {
		cause.Evidence = append(cause.Evidence, "the key of its certificate is "+taken.Key)
	}
	return cause
}

// refusesOffer says that an alert may speak of what was offered: others say that something broke.
func refusesOffer(h *tls.Handshake) bool {
	said := lastWord(h)
	return said != nil && (said.Description == alertHandshakeFailure || said.Description == alertInsufficientSecurity)
}

const otherKey = "give the server a certificate with a key that all know, ECDSA P-256 or RSA of 2048 bits or more, signed with SHA-256 or better"

// tooSmallToSign says that a key cannot make the signatures of TLS 1.2 and 1.3: an RSA key too small for PSS with SHA-256.
func tooSmallToSign(key string) bool {
	var bits int
	n, err := fmt.Sscanf(key, "RSA %d", &bits)
	return n == 1 && err == nil && bits < 1024
}

// offeredAlready says that a suite and a group were in the ClientHello that was refused: they are not what was missing.
func offeredAlready(h *tls.Handshake, taken tls.Answer) bool {
	for _, m := range h.Messages {
		if m.Hello != nil && m.Name == "ClientHello" {
			return slices.Contains(m.Hello.Suites, taken.Suite) && (taken.Group == "" || slices.Contains(m.Hello.Groups, taken.Group)) &&
				slices.Contains(h.Offered, taken.Version)
		}
	}
	return false
}

// suiteCause is a server that finds nothing in what we offer, and something where everything is offered.
func suiteCause(h *tls.Handshake) *Cause {
	taken := trialOf(h, tls.ChangedSuites)
	if !refusesOffer(h) || taken.Version == "" || offeredAlready(h, taken) {
		return nil
	}
	where := h.Address.String()
	says := fmt.Sprintf("offered every registered suite and group, it takes %s with %s", strings.TrimSuffix(taken.Suite+", "+taken.Group, ", "), taken.Version)
	if isRetired(taken.Version) {
		return newCause("tls.no-common-version", where, fmt.Sprintf("%s speaks none of the TLS versions in use", where), ending(h), says).
			mend("enable TLS 1.2 and 1.3 on the server: versions below are retired (RFC 8996)")
	}
	cause := newCause("tls.no-common-cipher", where, fmt.Sprintf("%s accepts no cipher suite or group that clients offer today", where), ending(h), says).
		mend("enable suites with ECDHE and AEAD on the server (RFC 9325), such as ECDHE with AES-GCM, and the groups X25519 and P-256")
	if trialOf(h, tls.ChangedName).Version != "" {
		cause.likely("what is configured for this name: for another the suites of today will do")
	}
	return cause
}

// ending is how the handshake ended, in a sentence.
func ending(h *tls.Handshake) string {
	hello := "the ClientHello"
	if h.HelloSize > 0 {
		hello = fmt.Sprintf("the ClientHello of %d bytes", h.HelloSize)
	}
	switch {
	case lastWord(h) != nil:
		return fmt.Sprintf("the server sent the alert %s (%d) after %s", h.Alert.Name, h.Alert.Description, h.Took)
	case h.Fault == nil:
		return "the handshake was completed"
	case h.Fault.Of(probes.Timeout) && h.Received == 0 && h.Acknowledged >= uint64(h.HelloSize) && h.HelloSize > 0:
		return fmt.Sprintf("%s was acknowledged, and nothing came within %s", hello, h.Took)
	case h.Fault.Of(probes.Timeout) && h.Received == 0:
		return fmt.Sprintf("nothing answered %s within %s", hello, h.Took)
	case h.Fault.Of(probes.Timeout) && h.Last > h.Took/2:
		return fmt.Sprintf("the server sent %d bytes in %s, the last after %s, and they did not end the handshake", h.Received, h.Took, h.Last)
	case h.Fault.Of(probes.Timeout):
		return fmt.Sprintf("after %d bytes of the server's nothing more came within %s", h.Received, h.Took)
	case h.Fault.Of(probes.Reset) && h.Received == 0:
		return fmt.Sprintf("a RST answered %s after %s", hello, h.Took)
	case h.Fault.Of(probes.Closed) && h.Received == 0:
		return fmt.Sprintf("a FIN answered %s after %s, without an alert", hello, h.Took)
	}
	return fmt.Sprintf("it ended after %d bytes of the server's: %s", h.Received, howItEnded(h.Fault))
}

// experimentOf is a trial beside the handshake that it changes one thing of.
func experimentOf(h *tls.Handshake, t tls.Trial) probes.Experiment {
	e := probes.Experiment{Variable: string(t.Changed), B: t.With, OutcomeA: answerOutcome(h.Answer()), OutcomeB: answerOutcome(t.Answer)}
	switch t.Changed {
	case tls.ChangedSize:
		e.A, e.B = fmt.Sprintf("%d bytes", h.HelloSize), fmt.Sprintf("%d bytes", t.Answer.HelloSize)
		if t.Answer.HelloSize == 0 {
			e.B = t.With
		}
	case tls.ChangedName:
		e.A = "the server name " + h.ServerName
		if h.ServerName == "" {
			e.A = "no server name"
		}
	case tls.ChangedVersions:
		e.A = strings.Join(h.Offered, " and ")
	case tls.ChangedSchemes:
		e.A = "those that clients verify today"
	case tls.ChangedSuites:
		e.A = "those that clients offer today"
	case tls.ChangedMSS:
		e.A = "segments of the path's size"
	case tls.ChangedALPN:
		e.A = "http/1.1"
	case tls.ChangedCertificate:
		e.A = "our client certificate"
	default:
		e.A = "the first time"
	}
	return e
}

func answerOutcome(a tls.Answer) probes.Outcome {
	switch {
	case a.Complete:
		return probes.Outcome(a.Version)
	case a.Alert != nil:
		return probes.Outcome("alert " + a.Alert.Name)
	case a.Version != "":
		return probes.Outcome("ServerHello with " + a.Version)
	case a.Fault != nil:
		return probes.Outcome(a.Fault.Kind)
	}
	return "no answer"
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return strings.TrimRight(line, "\r")
}
