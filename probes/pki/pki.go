// Package pki reads what a peer's certificates say (RFC 5280) and what they are worth: the chain as it was sent, the path from the
// leaf to a root that this machine trusts, and what those who issued them say of them since.
package pki

import (
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Chain is the certificates that the peer presented, as sent, and what building a path to a trusted root gave.
type Chain struct {
	// Name is what the certificate is to be valid for: the host of the target, a name or an address.
	Name string `json:"name"`
	// Certificates are in the order sent: the leaf first. The first MaxCertificates are kept; path building takes them all.
	Certificates []Certificate `json:"certificates,omitempty"`
	// Sent counts the certificates that the peer sent.
	Sent int `json:"sent"`
	// At is this machine's time at the start of the diagnosis, by which the chain is judged.
	At time.Time `json:"at"`
	// Trust is what path building gave.
	Trust Trust `json:"trust"`
	// Staple is the OCSP response that came with the chain (RFC 6066 §8); nil where none did.
	Staple *OCSP `json:"staple,omitempty"`
	// SCTs are the signed certificate timestamps of the leaf and of the handshake (RFC 6962 §3.3); at most MaxSCTs.
	SCTs []SCT `json:"scts,omitempty"`
	// Sibling is what the same host presents on the port of HTTPS, asked where the leaf's time is over or nearly so.
	Sibling *Sibling `json:"sibling,omitempty"`
}

// Sibling is the leaf of another service of the same host.
type Sibling struct {
	// Address is the other service.
	Address netip.AddrPort `json:"address"`
	// Leaf is its certificate; nil where none was seen.
	Leaf *Certificate `json:"leaf,omitempty"`
	// Good says that nothing is wrong with its chain.
	Good bool `json:"good,omitempty"`
	// Fault is why not.
	Fault *probes.Fault `json:"fault,omitempty"`
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
	// Message is the reason in words.
	Message string `json:"message,omitempty"`
	// Flaws are all that is wrong with the path that comes nearest, and with the completed one where there is one; the first of them is
	// the Reason. The leaf's own dates are not among them. At most 16 are kept.
	Flaws []Flaw `json:"flaws,omitempty"`
	// Vouched says that good signatures lead from the leaf to a trusted root, with certificates of any source, whatever the dates and
	// the purposes say: what stands in the leaf is what a trusted CA has said.
	Vouched bool `json:"vouched,omitempty"`
	// NoRoots says that this machine's own store is empty, as in a container without the package ca-certificates.
	NoRoots bool `json:"no_roots,omitempty"`
	// Namesake is the subject of a certificate that has the name of the missing issuer and another key, where no path was found for want
	// of an issuer: a trusted root, or one that was sent. The CA was made anew, and one side has that of before.
	Namesake string `json:"namesake,omitempty"`
	// PublicRoot is the subject of the root of Mozilla's set that has signed the top of the chain, where no path was found for want of a
	// root: this machine's store is old or incomplete.
	PublicRoot string `json:"public_root,omitempty"`
	// Public says whether the root of the path, or of the completed one, is one of those that browsers trust (Mozilla's); nil where
	// there is no path or nobody asked.
	Public *bool `json:"public,omitempty"`
	// Completed is how a better path was found with certificates that the peer did not send, or at least one that is complete; nil where
	// none was looked for or found. What is wrong with that path is among the Flaws.
	Completed *Completion `json:"completed,omitempty"`
	// Issuers are the attempts to fetch the issuers' certificates (caIssuers, RFC 5280 §4.2.2.1).
	Issuers []Fetch `json:"issuers,omitempty"`
}

// Flaw is one thing that is wrong on a path.
type Flaw struct {
	// Reason is its class.
	Reason Reason `json:"reason"`
	// Rule is the field or extension that is violated, in the words of RFC 5280: "basicConstraints" (an issuer that is no CA),
	// "keyUsage", "pathLenConstraint", "nameConstraints", "extKeyUsage"; empty where the Reason says it all.
	Rule string `json:"rule,omitempty"`
	// Culprit is the subject of the certificate that is at fault: the one whose constraint is violated, or which is out of date,
	// lacks the usage, carries the weak signature, or has no known issuer.
	Culprit string `json:"culprit"`
	// NotBefore is the first second of the culprit's validity, where the reason is ExpiredIssuer.
	NotBefore time.Time `json:"not_before,omitzero"`
	// NotAfter is the last second of it.
	NotAfter time.Time `json:"not_after,omitzero"`
	// Message says what is wrong, in words.
	Message string `json:"message"`
}

// maxFlaws is the number of flaws that a result keeps.
const maxFlaws = 16

// Completion is a path that takes certificates which the peer did not send.
type Completion struct {
	// From says where the first of them came from: a file's name, or the address that the certificate itself names.
	From string `json:"from"`
	// Added are the subjects of those that the peer should have sent, the one next to the leaf first; a root is not among them.
	Added []string `json:"added,omitempty"`
	// Rooted says that the path leads to a root that this machine trusts; without, it ends at a self-signed root of others.
	Rooted bool `json:"rooted"`
	// Path is the subjects of the path found, leaf first.
	Path []string `json:"path"`
}

// Fetch is one request to an address that a certificate names.
type Fetch struct {
	// URL is the address.
	URL string `json:"url"`
	// For is the subject of the certificate that names it.
	For string `json:"for"`
	// Took is the time of the whole request.
	Took probes.Millis `json:"took_ms"`
	// Size is the length of the answer's body in bytes.
	Size int `json:"size,omitempty"`
	// Found are the subjects of the certificates in the answer; at most MaxCertificates.
	Found []string `json:"found,omitempty"`
	// Fault is why there is no usable answer: step "dial", "request" or "answer". That no certificate in the answer is the issuer's is
	// a fault of kind "other"; an address that is not of http is "withheld".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// OCSP is what a responder says of a certificate (RFC 6960).
type OCSP struct {
	// Status is "good", "revoked" or "unknown"; empty where the response could not be read.
	Status string `json:"status,omitempty"`
	// Serial is the serial number that it speaks of, in hexadecimal.
	Serial string `json:"serial,omitempty"`
	// Matches says that it speaks of the leaf.
	Matches bool `json:"matches"`
	// Signed says that the issuer's signature, or that of a responder which the issuer has named, was verified.
	Signed bool `json:"signed"`
	// ProducedAt is when the response was signed.
	ProducedAt time.Time `json:"produced_at,omitzero"`
	// ThisUpdate is the time at which the statement is known to be right.
	ThisUpdate time.Time `json:"this_update,omitzero"`
	// NextUpdate is when a newer one is to be had; zero where it always is.
	NextUpdate time.Time `json:"next_update,omitzero"`
	// RevokedAt is when the certificate was revoked.
	RevokedAt time.Time `json:"revoked_at,omitzero"`
	// Reason is the registered name of the reason (RFC 5280 §5.3.1): "keyCompromise".
	Reason string `json:"reason,omitempty"`
	// Fault is why the response is no statement: step "OCSP". It cannot be read ("malformed"), the responder refuses ("negative"), the
	// signature is not the issuer's ("prohibited"), it speaks of another certificate ("not-found"), or of another time ("other"). A
	// revocation that cannot be taken back holds though it be stale: see NextUpdate.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// SCT is a log's promise to have included a certificate (RFC 6962 §3.2).
type SCT struct {
	// Log is the log's id, in hexadecimal.
	Log string `json:"log"`
	// Time is when the log saw the certificate.
	Time time.Time `json:"time"`
	// Source is "certificate", "handshake" or "staple".
	Source string `json:"source"`
	// Signed says that the time stands in a leaf for which a trusted root vouches (Trust.Vouched).
	Signed bool `json:"signed"`
}

// MaxSCTs is the number of timestamps that a result keeps.
const MaxSCTs = 16

// Revocation is what those who issued a chain's certificates say of them now.
type Revocation struct {
	// Answers are one a certificate and source.
	Answers []RevocationAnswer `json:"answers"`
}

// RevocationAnswer is what one source says of one certificate.
type RevocationAnswer struct {
	// Subject is the certificate's.
	Subject string `json:"subject"`
	// Leaf says that it is the peer's own certificate.
	Leaf bool `json:"leaf"`
	// Method is "OCSP" or "CRL".
	Method string `json:"method"`
	// URL is where it was asked.
	URL string `json:"url"`
	// Took is the time of the whole request.
	Took probes.Millis `json:"took_ms"`
	// Says is what came, for CRLs too, whose own times are ThisUpdate and NextUpdate; nil where nothing signed and current did. A
	// revocation that cannot be taken back counts as current.
	Says *OCSP `json:"says,omitempty"`
	// Fault is why nothing usable came: step "dial", "request" or "answer", the latter of the kinds that OCSP.Fault has.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Reason is why a path is not trusted.
type Reason string

// The reasons.
const (
	UnknownAuthority Reason = "unknown-authority" // no trusted root signed the chain, as far as it was sent
	WeakSignature    Reason = "weak-signature"    // a path is there, but for a signature with MD5 or SHA-1
	ExpiredIssuer    Reason = "expired"           // a certificate other than the leaf is outside its dates
	WrongUsage       Reason = "usage"             // extended key usage without serverAuth, of the leaf or of an issuer
	Constraint       Reason = "constraint"        // an issuer is no CA or may not sign, its path length or its name constraints are violated
	OtherReason      Reason = "other"             // see Message
)

// MaxCertificates is the number of certificates of a chain that a result keeps, and the length of the longest path.
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
	// Size is the length of the DER in bytes.
	Size int `json:"size"`
	// Names is the number of subject alternative names that are a dNSName or an iPAddress; the lists of them are cut at 100 each.
	Names int `json:"names"`
	// DNSNames are the dNSName subject alternative names.
	DNSNames []string `json:"dns_names,omitempty"`
	// IPAddresses are the iPAddress subject alternative names.
	IPAddresses []netip.Addr `json:"ip_addresses,omitempty"`
	// CA says that it may sign others (basicConstraints).
	CA bool `json:"ca,omitempty"`
	// SelfSigned says that issuer and subject are the same and the signature verifies with its own key.
	SelfSigned bool `json:"self_signed,omitempty"`
	// SignedBy is the place, counted from 1, of the sent certificate whose name is its issuer's and whose key made its signature; 0
	// where none of those in the result did, or it did itself.
	SignedBy int `json:"signed_by,omitempty"`
	// Key is the public key's algorithm and size: "RSA 2048", "ECDSA P-256", "Ed25519".
	Key string `json:"key"`
	// Signature is the signature algorithm: "SHA256-RSA".
	Signature string `json:"signature"`
	// SHA256 is the fingerprint of the whole certificate in hexadecimal.
	SHA256 string `json:"sha256"`
	// IssuerURLs are the addresses at which the issuer's certificate is to be had (caIssuers, RFC 5280 §4.2.2.1).
	IssuerURLs []string `json:"issuer_urls,omitempty"`
	// OCSPServers are the addresses of the issuer's OCSP responders (RFC 5280 §4.2.2.1).
	OCSPServers []string `json:"ocsp_servers,omitempty"`
	// CRLs are the addresses of the issuer's revocation lists (RFC 5280 §4.2.1.13).
	CRLs []string `json:"crls,omitempty"`
	// MustStaple says that the certificate asks for a stapled OCSP response (RFC 7633).
	MustStaple bool `json:"must_staple,omitempty"`
	// Usages are the key usages (RFC 5280 §4.2.1.3), in the RFC's words: "digitalSignature"; empty where the extension is absent.
	Usages []string `json:"usages,omitempty"`
	// Purposes are the extended key usages (RFC 5280 §4.2.1.12): "serverAuth", or an OID; empty where the extension is absent.
	Purposes []string `json:"purposes,omitempty"`
	// Weakness says what is weak about its key, empty where nothing is: "RSA 1024 is shorter than 2048 bits".
	Weakness string `json:"weakness,omitempty"`
	// WeakSignature says that it was signed with MD2, MD5 or SHA-1.
	WeakSignature bool `json:"weak_signature,omitempty"`
}
