package tls

import (
	"crypto/tls"
	"fmt"

	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
)

// Content types of TLS records (RFC 8446 §5.1) and what is read inside them.
const (
	recordChangeCipherSpec  = 20
	recordAlert             = 21
	recordHandshake         = 22
	recordApplicationData   = 23
	messageServerHello      = 2
	extensionVersions       = 43
	serverHelloRandomLength = 32
)

// readFlight reads the beginning of what a server sent: the version in its ServerHello, its alert in clear, or, where it is not
// TLS at all, the text.
func readFlight(first []byte) (serverHello string, alert *Alert, plaintext string) {
	if len(first) > 0 && (first[0] < recordChangeCipherSpec || first[0] > recordApplicationData) {
		return "", nil, probes.Bound(string(first))
	}
	input := cryptobyte.String(first)
	for {
		var kind uint8
		var version, length uint16
		if !input.ReadUint8(&kind) || !input.ReadUint16(&version) || !input.ReadUint16(&length) {
			return serverHello, alert, ""
		}
		body := input[:min(int(length), len(input))] // the last record may be cut short, with a whole ServerHello at its start
		input.Skip(len(body))
		switch kind {
		case recordAlert:
			var a Alert
			if length == 2 && body.ReadUint8(&a.Level) && body.ReadUint8(&a.Description) { // longer: it is encrypted
				a.Name = alertName(a.Description)
				alert = &a // a warning may come before the one that ends it all
			}
		case recordHandshake:
			if version := helloVersion(body); version != 0 {
				serverHello = tls.VersionName(version)
			}
		case recordChangeCipherSpec, recordApplicationData:
			return serverHello, alert, "" // what follows is encrypted
		}
	}
}

// helloVersion is the version that a ServerHello chooses (RFC 8446 §4.1.3), 0 where the message is none.
func helloVersion(record cryptobyte.String) uint16 {
	var kind uint8
	var body, session cryptobyte.String
	var version uint16
	if !record.ReadUint8(&kind) || kind != messageServerHello || !record.ReadUint24LengthPrefixed(&body) ||
		!body.ReadUint16(&version) || !body.Skip(serverHelloRandomLength) || !body.ReadUint8LengthPrefixed(&session) ||
		!body.Skip(2) || !body.Skip(1) {
		return 0
	}
	var extensions cryptobyte.String
	if body.Empty() || !body.ReadUint16LengthPrefixed(&extensions) {
		return version
	}
	for !extensions.Empty() {
		var kind uint16
		var data cryptobyte.String
		if !extensions.ReadUint16(&kind) || !extensions.ReadUint16LengthPrefixed(&data) {
			return version
		}
		if kind == extensionVersions && data.ReadUint16(&version) {
			return version
		}
	}
	return version
}

// alertName is the registered name of an alert (RFC 8446 §6, RFC 5246 §7.2).
func alertName(description uint8) string {
	names := map[uint8]string{
		0: "close_notify", 10: "unexpected_message", 20: "bad_record_mac", 22: "record_overflow", 40: "handshake_failure",
		42: "bad_certificate", 43: "unsupported_certificate", 44: "certificate_revoked", 45: "certificate_expired",
		46: "certificate_unknown", 47: "illegal_parameter", 48: "unknown_ca", 49: "access_denied", 50: "decode_error",
		51: "decrypt_error", 70: "protocol_version", 71: "insufficient_security", 80: "internal_error",
		86: "inappropriate_fallback", 90: "user_canceled", 109: "missing_extension", 110: "unsupported_extension",
		112: "unrecognized_name", 113: "bad_certificate_status_response", 115: "unknown_psk_identity",
		116: "certificate_required", 120: "no_application_protocol",
	}
	if name, ok := names[description]; ok {
		return name
	}
	return fmt.Sprintf("alert %d", description)
}
