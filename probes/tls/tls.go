// Package tls measures a TLS handshake (RFC 8446, RFC 5246) and the certificates that the peer presents. Verification is off
// while measuring: the chain is kept and judged elsewhere, so that name, dates and trust are all reported.
package tls

import (
	"net/netip"
	"time"

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
	// Suite is the cipher suite's registered name.
	Suite string `json:"suite,omitempty"`
	// Group is the key exchange group: "X25519MLKEM768".
	Group string `json:"group,omitempty"`
	// ALPN is the application protocol agreed on (RFC 7301).
	ALPN string `json:"alpn,omitempty"`
	// Resumed says that an earlier session was resumed.
	Resumed bool `json:"resumed,omitempty"`
	// Took is the time from the ClientHello to the end of the handshake, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// ServerHello is the version that the server chose, even where we did not accept it.
	ServerHello string `json:"server_hello,omitempty"`
	// Alert is the alert that the peer sent in clear.
	Alert *Alert `json:"alert,omitempty"`
	// Plaintext is the beginning of what the peer sent where that was not TLS.
	Plaintext string `json:"plaintext,omitempty"`
	// Received counts the bytes that the peer sent during the handshake.
	Received int `json:"received"`
	// Fault is what went wrong: step "handshake".
	Fault *probes.Fault `json:"fault,omitempty"`
	// Experiments are the handshakes repeated with one variable changed.
	Experiments []probes.Experiment `json:"experiments,omitempty"`
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

// Chain is the certificates that the peer presented, as sent, and what building a path to a trusted root gave.
type Chain struct {
	// Name is what the certificate is to be valid for: the host of the target, a name or an address.
	Name string `json:"name"`
	// Certificates are in the order sent: the leaf first. At most MaxCertificates are kept.
	Certificates []Certificate `json:"certificates,omitempty"`
	// Sent counts the certificates that the peer sent.
	Sent int `json:"sent"`
	// At is this machine's time at the start of the diagnosis, by which the chain is judged.
	At time.Time `json:"at"`
	// Trust is what path building gave.
	Trust Trust `json:"trust"`
}

// Trust is the outcome of building a path from the leaf to a root that this machine trusts (RFC 5280 §6.1), at a time at which
// the leaf is valid and without a look at its name, so that it speaks of trust alone.
type Trust struct {
	// Roots says where the roots came from: "system", "system and FILE".
	Roots string `json:"roots"`
	// Trusted says that a path was found.
	Trusted bool `json:"trusted"`
	// Path is the subjects of the path found, leaf first.
	Path []string `json:"path,omitempty"`
	// Reason is why none was found.
	Reason Reason `json:"reason,omitempty"`
	// Culprit is the subject of the certificate that the reason speaks of.
	Culprit string `json:"culprit,omitempty"`
	// Message is the reason in the words of the library that built the path.
	Message string `json:"message,omitempty"`
}

// Reason is why no path to a trusted root was found.
type Reason string

// The reasons.
const (
	UnknownAuthority Reason = "unknown-authority" // no trusted root signed the chain, as far as it was sent
	ExpiredIssuer    Reason = "expired"           // a certificate other than the leaf is outside its dates
	WrongUsage       Reason = "usage"             // extended key usage without serverAuth
	Constraint       Reason = "constraint"        // an issuer is no CA, its path length or its name constraints are violated
	OtherReason      Reason = "other"             // see Message
)

// MaxCertificates is the number of certificates of a chain that a result keeps.
const MaxCertificates = 16

// Certificate is what matters in an X.509 certificate (RFC 5280 §4.1).
type Certificate struct {
	// Subject is the distinguished name of who it is for (RFC 4514).
	Subject string `json:"subject"`
	// Issuer is the distinguished name of who signed it.
	Issuer string `json:"issuer"`
	// Serial is the serial number in hexadecimal.
	Serial string `json:"serial"`
	// NotBefore is the first second of its validity.
	NotBefore time.Time `json:"not_before"`
	// NotAfter is the last second of its validity.
	NotAfter time.Time `json:"not_after"`
	// DNSNames are the dNSName subject alternative names.
	DNSNames []string `json:"dns_names,omitempty"`
	// IPAddresses are the iPAddress subject alternative names.
	IPAddresses []netip.Addr `json:"ip_addresses,omitempty"`
	// CA says that it may sign others (basicConstraints).
	CA bool `json:"ca,omitempty"`
	// SelfSigned says that issuer and subject are the same and the signature verifies with its own key.
	SelfSigned bool `json:"self_signed,omitempty"`
	// SignedBy is the place, counted from 1, of the sent certificate whose name is its issuer's and whose key made its signature; 0
	// where none of those sent did, or it did itself.
	SignedBy int `json:"signed_by,omitempty"`
	// Key is the public key's algorithm and size: "RSA 2048", "ECDSA P-256", "Ed25519".
	Key string `json:"key"`
	// Signature is the signature algorithm: "SHA256-RSA".
	Signature string `json:"signature"`
	// SHA256 is the fingerprint of the whole certificate in hexadecimal.
	SHA256 string `json:"sha256"`
	// IssuerURLs are the addresses at which the issuer's certificate is to be had (caIssuers, RFC 5280 §4.2.2.1).
	IssuerURLs []string `json:"issuer_urls,omitempty"`
}
