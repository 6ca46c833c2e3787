// Package tls measures a TLS handshake (RFC 8446, RFC 5246), message by message. Certificates are not verified here: package pki
// reads what they are worth.
package tls

import (
	"net/netip"

	"github.com/rung-cli/rung/probes"
)

// Handshake is what was seen of one handshake.
type Handshake struct {
	// Address is the peer.
	Address netip.AddrPort `json:"address"`
	// ServerName is what we sent as SNI (RFC 6066 §3); empty where none was sent, as for an address.
	ServerName string `json:"server_name,omitempty"`
	// Offered are the versions that we offered, lowest first.
	Offered []string `json:"offered,omitempty"`
	// Version is the negotiated version: "TLS 1.3".
	Version string `json:"version,omitempty"`
	// Suite is the registered name of the cipher suite that the server chose, even where the handshake failed then.
	Suite string `json:"suite,omitempty"`
	// Group is the key exchange group that it chose: "X25519MLKEM768".
	Group string `json:"group,omitempty"`
	// ALPN is the application protocol agreed on (RFC 7301).
	ALPN string `json:"alpn,omitempty"`
	// Resumed says that an earlier session was resumed.
	Resumed bool `json:"resumed,omitempty"`
	// Took is the time from the ClientHello to the end of the handshake, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// ServerHello is the version that the server chose, even where we did not accept it.
	ServerHello string `json:"server_hello,omitempty"`
	// Alert is the last alert that the peer sent before the handshake ended. A warning may stand here after a good one.
	Alert *Alert `json:"alert,omitempty"`
	// Plaintext is the beginning of what the peer sent where that was not TLS.
	Plaintext string `json:"plaintext,omitempty"`
	// HelloSize is the length of our first ClientHello in bytes, its header included.
	HelloSize int `json:"hello_size,omitempty"`
	// Received counts the bytes that the peer sent during the handshake.
	Received int `json:"received"`
	// Last is when the peer's last byte came, counted from the ClientHello; 0 where none did.
	Last probes.Millis `json:"last_ms,omitempty"`
	// Acknowledged counts our bytes that the peer acknowledged during the handshake (TCP_INFO, tcp(7)); 0 where the kernel does not tell.
	Acknowledged uint64 `json:"acknowledged,omitempty"`
	// ClientCertificate is what the server asked of us, and what came of it; nil where it asked for none.
	ClientCertificate *ClientCertificate `json:"client_certificate,omitempty"`
	// Messages are what was said in both directions, in the order of their times. At most MaxMessages are kept.
	Messages []Message `json:"messages,omitempty"`
	// Transport is the kernel's account of the connection at the end of a handshake that failed.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is what went wrong: step "handshake".
	Fault *probes.Fault `json:"fault,omitempty"`
	// Trials are the handshakes repeated with one thing changed.
	Trials []Trial `json:"trials,omitempty"`
}

// Alert is a TLS alert (RFC 8446 §6).
type Alert struct {
	// Level is 1 (warning) or 2 (fatal).
	Level uint8 `json:"level"`
	// Description is the registered number.
	Description uint8 `json:"description"`
	// Name is the registered name: "protocol_version".
	Name string `json:"name"`
}

// ClientCertificate is a server's demand for a certificate of ours (CertificateRequest, RFC 8446 §4.3.2, RFC 5246 §7.4.4).
type ClientCertificate struct {
	// Authorities are the distinguished names of the CAs that the server would accept, as far as it says; at most MaxAuthorities.
	Authorities []string `json:"authorities,omitempty"`
	// Named counts the authorities that the server named.
	Named int `json:"named"`
	// Sent is the subject of the certificate that we sent, empty where we sent none.
	Sent string `json:"sent,omitempty"`
	// Answered says that the server went on after our Finished: what it sent then was no alert. Only then is it known that it is
	// content: TLS 1.3 says so after the handshake, and may stay silent.
	Answered bool `json:"answered,omitempty"`
}

// Bounds on what a result keeps.
const (
	MaxMessages    = 64
	MaxAuthorities = 16
	maxList        = 100 // entries of one list in a message
)

// Message is one handshake message, alert or ChangeCipherSpec, as it crossed the wire.
type Message struct {
	// At is when its last byte was sent, or had arrived, counted from the ClientHello.
	At probes.Millis `json:"at_ms"`
	// From is "client" or "server".
	From string `json:"from"`
	// Name is its name in the RFCs: "ClientHello", "HelloRetryRequest", "NewSessionTicket", "Alert". A record that we have no key for
	// is "Encrypted", unless its place tells what it is: before TLS 1.3, a Finished and an Alert are known without one.
	Name string `json:"name"`
	// Size is its length in bytes, the header of the message included, that of the record not.
	Size int `json:"size"`
	// Encrypted says that it crossed the wire encrypted.
	Encrypted bool `json:"encrypted,omitempty"`
	// Hello is what a ClientHello, ServerHello, HelloRetryRequest or EncryptedExtensions says.
	Hello *Hello `json:"hello,omitempty"`
	// Subjects are the subjects of the certificates in a Certificate message, the leaf first; at most 16.
	Subjects []string `json:"subjects,omitempty"`
	// Count is how many entries the message's list has: certificates, or authorities in a CertificateRequest.
	Count int `json:"count,omitempty"`
	// Authorities are the CAs that a CertificateRequest names; at most MaxAuthorities.
	Authorities []string `json:"authorities,omitempty"`
	// Group is the group of a ServerKeyExchange (RFC 8422 §5.4), or "DHE 2048" and the like.
	Group string `json:"group,omitempty"`
	// Scheme is the signature scheme of a CertificateVerify or ServerKeyExchange: "ecdsa_secp256r1_sha256".
	Scheme string `json:"scheme,omitempty"`
	// Lifetime is how long a NewSessionTicket may be used, in seconds.
	Lifetime uint32 `json:"lifetime_s,omitempty"`
	// Alert is what an alert says; nil where that could not be read.
	Alert *Alert `json:"alert,omitempty"`
	// Cut says that not all of it came, or that it is larger than we read: its name and its size are then all that is known.
	Cut bool `json:"cut,omitempty"`
}

// Hello is what the messages say that open a handshake (RFC 8446 §4.1, §4.3.1).
type Hello struct {
	// Versions are those offered, in the order of preference, or the one chosen.
	Versions []string `json:"versions,omitempty"`
	// ServerName is the SNI.
	ServerName string `json:"server_name,omitempty"`
	// ALPN are the protocols offered, or the one chosen.
	ALPN []string `json:"alpn,omitempty"`
	// Suites are the cipher suites offered, or the one chosen.
	Suites []string `json:"suites,omitempty"`
	// Groups are the groups offered (supported_groups), or the one that a HelloRetryRequest asks for.
	Groups []string `json:"groups,omitempty"`
	// KeyShares are the groups for which a key was sent along.
	KeyShares []string `json:"key_shares,omitempty"`
	// Resumes says that the client offers a session for resumption, or that the server resumes it.
	Resumes bool `json:"resumes,omitempty"`
}

// Change names the one thing in which a trial differs from the handshake that failed.
type Change string

// The changes.
const (
	ChangedSize        Change = "size of the ClientHello" // fewer key shares
	ChangedName        Change = "server name"             // none, or a neutral one
	ChangedVersions    Change = "versions offered"        // those that RFC 8996 has retired
	ChangedSuites      Change = "suites offered"          // every registered one
	ChangedSchemes     Change = "signature schemes"       // every registered one
	ChangedMSS         Change = "segment size"            // small segments (TCP_MAXSEG)
	ChangedPacket      Change = "packet size"             // segments for packets of a given size, to find what passes
	ChangedALPN        Change = "application protocols"   // none
	ChangedNothing     Change = "attempt"                 // once more
	ChangedCertificate Change = "client certificate"      // none
)

// Trial is a handshake repeated with one thing changed.
type Trial struct {
	// Changed is what differs.
	Changed Change `json:"changed"`
	// With says in words what was sent: "no server name", "segments of 1200 bytes".
	With string `json:"with"`
	// ServerName is the SNI that was sent.
	ServerName string `json:"server_name,omitempty"`
	// Packet is the longest packet both ways, in bytes, where that is what differs.
	Packet int `json:"packet,omitempty"`
	// Answer is what came back.
	Answer Answer `json:"answer"`
}

// Answer is what a server first said to a ClientHello.
type Answer struct {
	// HelloSize is the length of the ClientHello in bytes; 0 where none was sent.
	HelloSize int `json:"hello_size"`
	// Version is the version that the server chose.
	Version string `json:"version,omitempty"`
	// Suite is the suite that it chose.
	Suite string `json:"suite,omitempty"`
	// Group is the group of its key share, or the one that its HelloRetryRequest or ServerKeyExchange names.
	Group string `json:"group,omitempty"`
	// Retry says that the answer was a HelloRetryRequest.
	Retry bool `json:"retry,omitempty"`
	// Leaf is the SHA-256 fingerprint of the leaf that it presented, where the handshake went so far.
	Leaf string `json:"leaf,omitempty"`
	// Key is the algorithm and the size of that leaf's key: "RSA 512", "ECDSA P-256", "Ed448"; the OID of an algorithm without a name.
	Key string `json:"key,omitempty"`
	// Complete says that the handshake was brought to its end.
	Complete bool `json:"complete,omitempty"`
	// Alert is the alert that it sent.
	Alert *Alert `json:"alert,omitempty"`
	// Plaintext is the beginning of what it sent where that was not TLS.
	Plaintext string `json:"plaintext,omitempty"`
	// Received counts the bytes that it sent.
	Received int `json:"received"`
	// Acknowledged is how many of our bytes the server acknowledged; 0 where that is not known.
	Acknowledged uint64 `json:"acknowledged,omitempty"`
	// Took is the time from the ClientHello to the answer, or to the failure.
	Took probes.Millis `json:"took_ms"`
	// Transport is the kernel's account of the connection at its end.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is why there is no ServerHello, or why the connection could not be made: step "dial", "AUTH TLS" or "handshake".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Survey is what a server would accept, asked by ClientHellos of one version, suite or group at a time.
type Survey struct {
	// Address is the server.
	Address netip.AddrPort `json:"address"`
	// Versions are the versions from SSLv3 to TLS 1.3, lowest first.
	Versions []SurveyedVersion `json:"versions"`
	// Groups are the groups for the key exchange of the highest version that is accepted.
	Groups []SurveyedGroup `json:"groups,omitempty"`
	// Connections counts the connections that were made.
	Connections int `json:"connections"`
	// Fault is why the survey ended early.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// SurveyedVersion is what is known of one version.
type SurveyedVersion struct {
	// Version is "SSLv3", "TLS 1.0" and so on.
	Version string `json:"version"`
	// Accepted says that the server chose it when nothing higher was offered.
	Accepted bool `json:"accepted"`
	// Suites are those accepted, in the order in which the server chose them.
	Suites []string `json:"suites,omitempty"`
	// Preference says whose order counts: "server" or "client"; empty where that is unknown.
	Preference string `json:"preference,omitempty"`
	// Complete says that all suites were asked for.
	Complete bool `json:"complete"`
	// Refusal is how the server refused the version, or why that is not known: "alert protocol_version", "closed", "no answer", "not asked".
	Refusal string `json:"refusal,omitempty"`
}

// SurveyedGroup is what is known of one group.
type SurveyedGroup struct {
	// Group is its registered name: "X25519MLKEM768".
	Group string `json:"group"`
	// Accepted says that the server chose it when nothing else was offered.
	Accepted bool `json:"accepted"`
	// PostQuantum says that it withstands a quantum computer.
	PostQuantum bool `json:"post_quantum,omitempty"`
	// Refusal is how the server refused it, or why that is not known.
	Refusal string `json:"refusal,omitempty"`
}
