package tls

import (
	"bytes"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"iter"
	"math/big"
	"strings"

	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
)

// Types of handshake messages whose content is read (RFC 8446 §4, RFC 5246 §7.4).
const (
	messageClientHello         = 1
	messageServerHello         = 2
	messageNewSessionTicket    = 4
	messageEncryptedExtensions = 8
	messageCertificate         = 11
	messageServerKeyExchange   = 12
	messageCertificateRequest  = 13
	messageCertificateVerify   = 15
	messageFinished            = 20
	messageKeyUpdate           = 24
)

// Extensions that are read (RFC 8446 §4.2, RFC 6066 §3, RFC 5077 §3.2).
const (
	extensionServerName   = 0
	extensionGroups       = 10
	extensionALPN         = 16
	extensionTicket       = 35
	extensionPreSharedKey = 41
	extensionVersions     = 43
	extensionAuthorities  = 47
	extensionKeyShare     = 51
)

const (
	randomLength = 32
	maxSubjects  = 16
)

// messageNames is the registry of handshake messages.
var messageNames = map[uint8]string{
	0: "HelloRequest", 1: "ClientHello", 2: "ServerHello", 3: "HelloVerifyRequest", 4: "NewSessionTicket", 5: "EndOfEarlyData",
	8: "EncryptedExtensions", 11: "Certificate", 12: "ServerKeyExchange", 13: "CertificateRequest", 14: "ServerHelloDone",
	15: "CertificateVerify", 16: "ClientKeyExchange", 20: "Finished", 21: "CertificateURL", 22: "CertificateStatus",
	23: "SupplementalData", 24: "KeyUpdate", 25: "CompressedCertificate", 67: "NextProtocol", 254: "MessageHash",
}

func messageName(kind uint8) string {
	if name, ok := messageNames[kind]; ok {
		return name
	}
	return fmt.Sprintf("message %d", kind)
}

// retryRandom is the random that makes a ServerHello a HelloRetryRequest (RFC 8446 §4.1.3).
var retryRandom = sha256.Sum256([]byte("HelloRetryRequest"))

// hello is a Hello with what the decoder needs of it.
type hello struct {
	Hello

	version, suite uint16 // of a server; the version is 0 where it could not be read
	random         [randomLength]byte
	session        []byte
	retry          bool
}

// readClientHello reads a ClientHello (RFC 8446 §4.1.2), as far as it is well-formed.
func readClientHello(body cryptobyte.String) (h hello) {
	var version uint16
	var session, suites, compressions cryptobyte.String
	if !body.ReadUint16(&version) || !body.CopyBytes(h.random[:]) || !body.ReadUint8LengthPrefixed(&session) ||
		!body.ReadUint16LengthPrefixed(&suites) || !body.ReadUint8LengthPrefixed(&compressions) {
		return h
	}
	h.session = bytes.Clone(session)
	h.Suites = namesIn(suites, suiteName)
	for kind, data := range extensionsIn(body) {
		h.offer(kind, data)
	}
	if h.Versions == nil { // before TLS 1.3, the client names the highest one alone
		h.Versions = []string{versionName(version)}
		h.Resumes = h.Resumes || len(session) > 0 // TLS 1.3 makes one up (RFC 8446 §D.4)
	}
	return h
}

// offer reads an extension of a ClientHello.
func (h *hello) offer(kind uint16, data cryptobyte.String) {
	var list cryptobyte.String
	switch kind {
	case extensionServerName:
		h.ServerName = readServerName(data)
	case extensionGroups:
		_ = data.ReadUint16LengthPrefixed(&list) // what cannot be read is left out, here and below
		h.Groups = namesIn(list, groupName)
	case extensionALPN:
		h.ALPN = readProtocols(data)
	case extensionVersions:
		_ = data.ReadUint8LengthPrefixed(&list)
		h.Versions = namesIn(list, versionName)
	case extensionKeyShare:
		_ = data.ReadUint16LengthPrefixed(&list)
		h.KeyShares = readKeyShares(list)
	case extensionTicket:
		h.Resumes = h.Resumes || len(data) > 0
	case extensionPreSharedKey:
		h.Resumes = true
	}
}

// readServerHello reads a ServerHello or HelloRetryRequest (RFC 8446 §4.1.3), as far as it is well-formed.
func readServerHello(body cryptobyte.String) (h hello) {
	var session cryptobyte.String
	var version, suite uint16
	var compression uint8
	if !body.ReadUint16(&version) || !body.CopyBytes(h.random[:]) || !body.ReadUint8LengthPrefixed(&session) ||
		!body.ReadUint16(&suite) || !body.ReadUint8(&compression) {
		return h
	}
	h.version, h.suite, h.session = version, suite, bytes.Clone(session)
	h.Suites = []string{suiteName(suite)}
	h.retry = h.random == retryRandom
	for kind, data := range extensionsIn(body) {
		h.choose(kind, data)
	}
	h.Versions = []string{versionName(h.version)}
	return h
}

// choose reads an extension of a ServerHello.
func (h *hello) choose(kind uint16, data cryptobyte.String) {
	var group uint16
	switch kind {
	case extensionVersions:
		_ = data.ReadUint16(&h.version)
	case extensionALPN:
		h.ALPN = readProtocols(data)
	case extensionKeyShare:
		switch {
		case !data.ReadUint16(&group):
		case h.retry:
			h.Groups = []string{groupName(group)}
		default:
			h.KeyShares = []string{groupName(group)}
		}
	case extensionPreSharedKey:
		h.Resumes = true
	}
}

// readEncryptedExtensions reads the rest of what a server of TLS 1.3 chose (RFC 8446 §4.3.1).
func readEncryptedExtensions(body cryptobyte.String) *Hello {
	var h Hello
	for kind, data := range extensionsIn(body) {
		if kind == extensionALPN {
			h.ALPN = readProtocols(data)
		}
	}
	return &h
}

// extensionsIn are the extensions in the list that body begins with, up to the first one that is malformed.
func extensionsIn(body cryptobyte.String) iter.Seq2[uint16, cryptobyte.String] {
	return func(yield func(uint16, cryptobyte.String) bool) {
		var list, data cryptobyte.String
		var kind uint16
		if !body.ReadUint16LengthPrefixed(&list) {
			return
		}
		for list.ReadUint16(&kind) && list.ReadUint16LengthPrefixed(&data) && yield(kind, data) {
			continue
		}
	}
}

// namesIn are the names of the numbers in a list.
func namesIn(list cryptobyte.String, name func(uint16) string) (names []string) {
	var number uint16
	for len(names) < maxList && list.ReadUint16(&number) {
		names = append(names, name(number))
	}
	return names
}

// readServerName is the host name in a server_name extension (RFC 6066 §3).
func readServerName(data cryptobyte.String) string {
	var list, name cryptobyte.String
	var kind uint8
	if !data.ReadUint16LengthPrefixed(&list) || !list.ReadUint8(&kind) || kind != 0 || !list.ReadUint16LengthPrefixed(&name) {
		return ""
	}
	return probes.Bound(string(name))
}

// readProtocols are the names in an ALPN extension (RFC 7301 §3.1).
func readProtocols(data cryptobyte.String) (names []string) {
	var list, name cryptobyte.String
	_ = data.ReadUint16LengthPrefixed(&list) // none where it cannot be read
	for len(names) < maxList && list.ReadUint8LengthPrefixed(&name) {
		names = append(names, probes.Bound(string(name)))
	}
	return names
}

// readKeyShares are the groups of a client's key shares (RFC 8446 §4.2.8).
func readKeyShares(list cryptobyte.String) (groups []string) {
	var group uint16
	var key cryptobyte.String
	for len(groups) < maxList && list.ReadUint16(&group) && list.ReadUint16LengthPrefixed(&key) {
		groups = append(groups, groupName(group))
	}
	return groups
}

// readCertificates reads a Certificate message (RFC 8446 §4.4.2, RFC 5246 §7.4.2), and returns a copy of its first certificate.
func readCertificates(m *Message, version uint16, body cryptobyte.String) (leaf []byte) {
	var list, certificate, ignored cryptobyte.String
	if version == tls.VersionTLS13 && !body.ReadUint8LengthPrefixed(&ignored) || !body.ReadUint24LengthPrefixed(&list) {
		return nil
	}
	for list.ReadUint24LengthPrefixed(&certificate) {
		m.Count++
		if leaf == nil {
			leaf = bytes.Clone(certificate)
		}
		if len(m.Subjects) < maxSubjects {
			m.Subjects = append(m.Subjects, subject(certificate))
		}
		if version == tls.VersionTLS13 && !list.ReadUint16LengthPrefixed(&ignored) {
			break
		}
	}
	return leaf
}

// subject is the subject of a certificate, in the words of package x509.
func subject(der []byte) string {
	certificate, err := x509.ParseCertificate(der)
	if err != nil {
		return "unreadable"
	}
	return probes.Bound(certificate.Subject.String())
}

// readCertificateRequest reads the CAs that a server accepts (RFC 8446 §4.2.4, RFC 5246 §7.4.4).
func readCertificateRequest(m *Message, version uint16, body cryptobyte.String) {
	var ignored cryptobyte.String
	if !body.ReadUint8LengthPrefixed(&ignored) {
		return
	}
	switch version {
	case tls.VersionTLS13:
		for kind, data := range extensionsIn(body) {
			if kind == extensionAuthorities {
				readAuthorities(m, data)
			}
		}
	case tls.VersionTLS12:
		if body.ReadUint16LengthPrefixed(&ignored) {
			readAuthorities(m, body)
		}
	default:
		readAuthorities(m, body)
	}
}

func readAuthorities(m *Message, data cryptobyte.String) {
	var list, name cryptobyte.String
	_ = data.ReadUint16LengthPrefixed(&list) // none where it cannot be read
	for list.ReadUint16LengthPrefixed(&name) {
		m.Count++
		if len(m.Authorities) < MaxAuthorities {
			m.Authorities = append(m.Authorities, distinguishedName(name))
		}
	}
}

// distinguishedName is a name in DER, in the words of package x509.
func distinguishedName(der []byte) string {
	var parts pkix.RDNSequence
	if rest, err := asn1.Unmarshal(der, &parts); err != nil || len(rest) > 0 {
		return "unreadable"
	}
	var name pkix.Name
	name.FillFromRDNSequence(&parts)
	return probes.Bound(name.String())
}

// readServerKeyExchange reads the group of an ephemeral key exchange and what signs it (RFC 8422 §5.4, RFC 5246 §7.4.3).
func readServerKeyExchange(m *Message, version uint16, suite string, body cryptobyte.String) {
	var prime, key cryptobyte.String
	switch {
	case strings.Contains(suite, "_PSK_"): // begins with a hint, and the group is of no use here
		return
	case strings.HasPrefix(suite, "TLS_ECDH"):
		const namedCurve = 3
		var kind uint8
		var group uint16
		if !body.ReadUint8(&kind) || kind != namedCurve || !body.ReadUint16(&group) || !body.ReadUint8LengthPrefixed(&key) {
			return
		}
		m.Group = groupName(group)
	case strings.HasPrefix(suite, "TLS_DH"):
		if !body.ReadUint16LengthPrefixed(&prime) || !body.ReadUint16LengthPrefixed(&key) || !body.ReadUint16LengthPrefixed(&key) {
			return
		}
		m.Group = fmt.Sprintf("DHE %d", new(big.Int).SetBytes(prime).BitLen())
	default:
		return
	}
	if version >= tls.VersionTLS12 && !strings.Contains(suite, "_anon_") {
		m.Scheme = readScheme(&body)
	}
}

func readScheme(body *cryptobyte.String) string {
	var scheme uint16
	if !body.ReadUint16(&scheme) {
		return ""
	}
	return schemeName(scheme)
}
