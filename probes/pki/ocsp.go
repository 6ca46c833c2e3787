package pki

import (
	"bytes"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes"
)

// maxOCSP is the longest OCSP response that is read: one certificate's takes 500 to 2,500 bytes.
const maxOCSP = 64 << 10

// clockSlack is how far a responder's clock may be ahead of ours before its answer is one from the future.
const clockSlack = 5 * time.Minute

// readStaple reads the OCSP response that came with a chain, whose path starts with the leaf and its issuer; nil where none came.
func readStaple(raw []byte, path []*x509.Certificate, now time.Time) *OCSP {
	if len(raw) == 0 {
		return nil
	}
	var issuer *x509.Certificate
	if len(path) > 1 {
		issuer = path[1]
	}
	return readOCSP(raw, path[0], issuer, now)
}

// readOCSP reads what a response says of a certificate, and whether it counts as a statement (RFC 6960 §3.2). The issuer may be nil,
// where it is not known: then no signature can be verified.
func readOCSP(raw []byte, c, issuer *x509.Certificate, now time.Time) *OCSP {
	fault := func(kind probes.Kind, message string) *probes.Fault {
		return &probes.Fault{Step: "OCSP", Kind: kind, Message: probes.Bound(message)}
	}
	if len(raw) > maxOCSP {
		return &OCSP{Fault: fault(probes.TooLong, fmt.Sprintf("the response has %d bytes", len(raw)))}
	}
	response, matches, err := parseOCSP(raw, c, issuer)
	if refusal, ok := errors.AsType[ocsp.ResponseError](err); ok {
		return &OCSP{Fault: fault(probes.Negative, "the responder answers: "+refusal.Status.String())}
	}
	if err != nil {
		return &OCSP{Fault: fault(probes.Malformed, err.Error())}
	}
	read := &OCSP{
		Status: statusName(response.Status), Serial: serialText(response.SerialNumber), Matches: matches,
		ProducedAt: response.ProducedAt.UTC(), ThisUpdate: response.ThisUpdate.UTC(), NextUpdate: response.NextUpdate.UTC(),
	}
	if response.Status == ocsp.Revoked {
		read.RevokedAt, read.Reason = response.RevokedAt.UTC(), reasonName(response.RevocationReason)
	}
	unsigned := checkResponder(response, issuer)
	read.Signed = unsigned == ""
	switch {
	case !matches:
		read.Fault = fault(probes.NotFound, "it speaks of the serial number "+read.Serial+", or of another issuer's certificate")
	case !read.Signed:
		read.Fault = fault(probes.Prohibited, unsigned)
	default:
		read.Fault = read.currency(now)
	}
	return read
}

// currency is the fault of a statement that is not one for now.
func (o *OCSP) currency(now time.Time) *probes.Fault {
	fault := func(message string, when time.Time) *probes.Fault {
		return &probes.Fault{Step: "OCSP", Kind: probes.Other, Message: message + when.Format(time.RFC3339)}
	}
	switch {
	case o.ThisUpdate.After(now.Add(clockSlack)):
		return fault("it is from the future: thisUpdate is ", o.ThisUpdate)
	case !o.NextUpdate.IsZero() && o.NextUpdate.Before(now) && !o.final():
		return fault("it is stale: nextUpdate was ", o.NextUpdate)
	}
	return nil
}

// final says that a later statement can only be the same: a revocation is not taken back, but for a certificate that was on hold
// (RFC 5280 §5.3.1).
func (o *OCSP) final() bool {
	return o.Status == "revoked" && o.Reason != "certificateHold" && o.Reason != "removeFromCRL"
}

// parseOCSP reads the response on a certificate, or else the one on another certificate that came in its place.
func parseOCSP(raw []byte, c, issuer *x509.Certificate) (response *ocsp.Response, matches bool, err error) {
	response, err = ocsp.ParseResponseForCert(raw, c, nil)
	if err == nil {
		return response, issuer == nil || identifies(response, c, issuer), nil
	}
	if other, otherErr := ocsp.ParseResponse(raw, nil); otherErr == nil {
		return other, false, nil
	}
	return nil, false, err
}

// identifies says that the response has a CertID of the certificate (RFC 6960 §4.1.1): the hashes of the issuer's name and key, and the
// serial number, which is the issuer's own choice and says nothing alone.
func identifies(response *ocsp.Response, c, issuer *x509.Certificate) bool {
	raw, err := ocsp.CreateRequest(c, issuer, &ocsp.RequestOptions{Hash: response.IssuerHash})
	if err != nil {
		return false
	}
	wanted, err := ocsp.ParseRequest(raw)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(certIDs(response.TBSResponseData), func(id certID) bool {
		return bytes.Equal(id.name, wanted.IssuerNameHash) && bytes.Equal(id.key, wanted.IssuerKeyHash) && id.serial.Cmp(c.SerialNumber) == 0
	})
}

// certID is the identity of a certificate in an OCSP response, the hash algorithm left out.
type certID struct {
	name, key []byte
	serial    *big.Int
}

// certIDs are those of all answers in a ResponseData (RFC 6960 §4.2.1).
func certIDs(responseData []byte) (all []certID) {
	input := cryptobyte.String(responseData)
	var data, responses, response, id cryptobyte.String
	version := cryptobyteasn1.Tag(0).ContextSpecific().Constructed()
	if !input.ReadASN1(&data, cryptobyteasn1.SEQUENCE) || !data.SkipOptionalASN1(version) ||
		!data.ReadAnyASN1(&response, nil) || !data.SkipASN1(cryptobyteasn1.GeneralizedTime) ||
		!data.ReadASN1(&responses, cryptobyteasn1.SEQUENCE) {
		return nil
	}
	for responses.ReadASN1(&response, cryptobyteasn1.SEQUENCE) && response.ReadASN1(&id, cryptobyteasn1.SEQUENCE) {
		one := certID{serial: new(big.Int)}
		if id.SkipASN1(cryptobyteasn1.SEQUENCE) && id.ReadASN1Bytes(&one.name, cryptobyteasn1.OCTET_STRING) &&
			id.ReadASN1Bytes(&one.key, cryptobyteasn1.OCTET_STRING) && id.ReadASN1Integer(one.serial) {
			all = append(all, one)
		}
	}
	return all
}

// checkResponder says why the signature on a response does not count; empty where it does: it is the issuer's own, or that of a
// responder whose certificate the issuer has signed for this purpose (RFC 6960 §4.2.2.2).
func checkResponder(response *ocsp.Response, issuer *x509.Certificate) string {
	if issuer == nil {
		return "the issuer's certificate is not known, and so neither is whether it signed"
	}
	if response.CheckSignatureFrom(issuer) == nil {
		return ""
	}
	responder := response.Certificate // the parser has verified its signature on the response
	switch {
	case responder == nil:
		return "the issuer has not signed it"
	case linkOf(responder, issuer) != goodLink:
		return "its signer " + distinguished(responder.Subject) + " has no certificate of the issuer"
	case !slices.Contains(responder.ExtKeyUsage, x509.ExtKeyUsageOCSPSigning):
		return "its signer " + distinguished(responder.Subject) + " is not meant for that (extended key usage OCSPSigning)"
	case response.ProducedAt.Before(responder.NotBefore) || response.ProducedAt.After(responder.NotAfter):
		return "the certificate of its signer " + distinguished(responder.Subject) + " was out of date when it was made"
	}
	return ""
}

func statusName(status int) string {
	switch status {
	case ocsp.Good:
		return "good"
	case ocsp.Revoked:
		return "revoked"
	}
	return "unknown"
}

// reasonName is the registered name of a CRLReason (RFC 5280 §5.3.1).
func reasonName(reason int) string {
	names := [...]string{
		"unspecified", "keyCompromise", "cACompromise", "affiliationChanged", "superseded", "cessationOfOperation", "certificateHold", "",
		"removeFromCRL", "privilegeWithdrawn", "aACompromise",
	}
	if reason < 0 || reason >= len(names) || names[reason] == "" {
		return fmt.Sprintf("reason %d", reason)
	}
	return names[reason]
}
