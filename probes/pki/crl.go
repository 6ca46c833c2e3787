package pki

import (
	"bytes"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/rung-cli/rung/probes"
)

// maxCRL is the longest revocation list that is read: the largest of public CAs have some 10 MB.
const maxCRL = 20 << 20

// readCRL reads what a revocation list says of a certificate (RFC 5280 §6.3.3), in the words of OCSP: "good" where a list that covers it
// leaves it out. The fault says why it is no statement.
func readCRL(raw []byte, c, issuer *x509.Certificate, now time.Time) (*OCSP, *probes.Fault) {
	fault := func(kind probes.Kind, message string) (*OCSP, *probes.Fault) {
		return nil, &probes.Fault{Step: "answer", Kind: kind, Message: message}
	}
	list, err := parseList(raw)
	if err != nil {
		return fault(probes.Malformed, probes.Bound(err.Error()))
	}
	if !bytes.Equal(list.RawIssuer, c.RawIssuer) || list.CheckSignatureFrom(issuer) != nil {
		return fault(probes.Prohibited, "the issuer has not signed the list")
	}
	if message := uncovered(list.Extensions, c); message != "" {
		return fault(probes.NotFound, message)
	}
	says := &OCSP{
		Status: "good", Serial: serialText(c.SerialNumber), Matches: true, Signed: true,
		ThisUpdate: list.ThisUpdate.UTC(), NextUpdate: list.NextUpdate.UTC(),
	}
	is := func(e x509.RevocationListEntry) bool { return e.SerialNumber.Cmp(c.SerialNumber) == 0 }
	if i := slices.IndexFunc(list.RevokedCertificateEntries, is); i >= 0 {
		entry := list.RevokedCertificateEntries[i]
		says.Status, says.RevokedAt, says.Reason = "revoked", entry.RevocationTime.UTC(), reasonName(entry.ReasonCode)
	}
	if old := says.currency(now); old != nil {
		return fault(old.Kind, old.Message)
	}
	return says, nil
}

// parseList reads a revocation list in DER (RFC 5280 §4.2.1.13), or in PEM (RFC 7468 §6), as some servers have it.
func parseList(raw []byte) (*x509.RevocationList, error) {
	list, err := x509.ParseRevocationList(raw)
	if err == nil {
		return list, nil
	}
	for block, rest := pem.Decode(raw); block != nil; block, rest = pem.Decode(rest) {
		if block.Type == "X509 CRL" {
			return x509.ParseRevocationList(block.Bytes)
		}
	}
	return nil, err
}

// uncovered says why a list does not speak of a certificate; empty where it does (RFC 5280 §5.2.4, §5.2.5).
func uncovered(extensions []pkix.Extension, c *x509.Certificate) string {
	deltaCRLIndicator := asn1.ObjectIdentifier{2, 5, 29, 27}
	issuingDistributionPoint := asn1.ObjectIdentifier{2, 5, 29, 28}
	for _, extension := range extensions {
		switch {
		case !extension.Critical:
		case extension.Id.Equal(deltaCRLIndicator):
			return "the list has changes alone (delta CRL)"
		case extension.Id.Equal(issuingDistributionPoint):
			if !coversAll(extension.Value, c) {
				return "the list is for other certificates (issuingDistributionPoint)"
			}
		default:
			return "the list has a critical extension that is not known here: " + extension.Id.String()
		}
	}
	return ""
}

// coversAll says that a list with that IssuingDistributionPoint covers the certificate, for every reason, and no other issuer's
// (RFC 5280 §5.2.5).
func coversAll(value []byte, c *x509.Certificate) bool {
	const distributionPoint, onlyUsers, onlyCAs, onlySomeReasons, indirect, onlyAttributes = 0, 1, 2, 3, 4, 5
	input := cryptobyte.String(value)
	var point, field cryptobyte.String
	if !input.ReadASN1(&point, cryptobyteasn1.SEQUENCE) {
		return false
	}
	isCA := c.BasicConstraintsValid && c.IsCA
	for !point.Empty() {
		var tag cryptobyteasn1.Tag
		if !point.ReadAnyASN1(&field, &tag) {
			return false
		}
		isSet := !bytes.Equal(field, []byte{0})
		switch tag &^ 0xe0 {
		case distributionPoint:
			if !names(field, c.CRLDistributionPoints) {
				return false
			}
		case onlyUsers:
			if isSet && isCA {
				return false
			}
		case onlyCAs:
			if isSet && !isCA {
				return false
			}
		case onlySomeReasons, indirect, onlyAttributes:
			if isSet {
				return false
			}
		}
	}
	return true
}

// names says that a DistributionPointName has one of the addresses (RFC 5280 §4.2.1.13). Names relative to the issuer's are not read.
func names(point cryptobyte.String, addresses []string) bool {
	var fullName, name cryptobyte.String
	context := func(n uint8) cryptobyteasn1.Tag { return cryptobyteasn1.Tag(n).ContextSpecific() }
	const uniformResourceIdentifier = 6
	if !point.ReadASN1(&fullName, context(0).Constructed()) {
		return false
	}
	for !fullName.Empty() {
		var tag cryptobyteasn1.Tag
		if !fullName.ReadAnyASN1(&name, &tag) {
			return false
		}
		if tag == context(uniformResourceIdentifier) && slices.Contains(addresses, string(name)) {
			return true
		}
	}
	return false
}
