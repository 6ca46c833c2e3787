package pki

import (
	"encoding/asn1"
	"encoding/hex"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"
)

// timestamps are the signed certificate timestamps of all sources (RFC 6962 §3.3): the leaf, which a trusted root may vouch for, the
// handshake, and the stapled OCSP response.
func timestamps(p Presented, vouched bool) (all []SCT) {
	embedded := extensionOf(p.Certificates[0].Extensions, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2})
	for _, raw := range timestampList(embedded) {
		all = appendTimestamp(all, raw, SCT{Source: "certificate", Signed: vouched})
	}
	for _, raw := range p.SCTs {
		all = appendTimestamp(all, raw, SCT{Source: "handshake"})
	}
	if response, err := ocsp.ParseResponseForCert(p.Staple, p.Certificates[0], nil); err == nil {
		stapled := extensionOf(response.Extensions, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5})
		for _, raw := range timestampList(stapled) {
			all = appendTimestamp(all, raw, SCT{Source: "staple"})
		}
	}
	return all
}

// timestampList takes a SignedCertificateTimestampList apart, within its OCTET STRING (RFC 6962 §3.3).
func timestampList(extension []byte) (all [][]byte) {
	input := cryptobyte.String(extension)
	var octets, list, one cryptobyte.String
	if !input.ReadASN1(&octets, cryptobyteasn1.OCTET_STRING) || !octets.ReadUint16LengthPrefixed(&list) {
		return nil
	}
	for len(all) < MaxSCTs && list.ReadUint16LengthPrefixed(&one) {
		all = append(all, one)
	}
	return all
}

// appendTimestamp adds a SignedCertificateTimestamp of version 1 (RFC 6962 §3.2); any other is left out.
func appendTimestamp(all []SCT, raw []byte, s SCT) []SCT {
	const v1, idLength = 0, 32
	input := cryptobyte.String(raw)
	var version uint8
	var id []byte
	var millis uint64
	if len(all) == MaxSCTs || !input.ReadUint8(&version) || version != v1 || !input.ReadBytes(&id, idLength) || !input.ReadUint64(&millis) {
		return all
	}
	const endOfYear9999 = 253402300799999 // the last that JSON can carry
	if millis > endOfYear9999 {
		return all
	}
	s.Log, s.Time = hex.EncodeToString(id), time.UnixMilli(int64(millis)).UTC()
	return append(all, s)
}
