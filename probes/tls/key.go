package tls

import (
	"encoding/asn1"
	"fmt"
	"math/big"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/rung-cli/rung/probes"
)

// keyName is the algorithm and the size of a certificate's key: "RSA 512", "ECDSA P-256", "Ed448"; the OID of an algorithm without a name.
// It reads the fields itself: package x509 refuses a certificate whose curve it does not know. It is empty for what is no certificate.
func keyName(der []byte) string {
	var identifier cryptobyte.String
	var algorithm asn1.ObjectIdentifier
	var bits asn1.BitString
	info := keyInfo(der)
	if !info.ReadASN1(&identifier, cryptobyteasn1.SEQUENCE) || !identifier.ReadASN1ObjectIdentifier(&algorithm) ||
		!info.ReadASN1BitString(&bits) {
		return ""
	}
	oid := algorithm.String()
	name := keyNames[oid]
	switch oid {
	case oidRSA, oidPSS:
		return sized(name, firstNumber(bits.Bytes))
	case oidDSA:
		return sized(name, firstNumber(identifier))
	case oidEC:
		return name + " " + curveName(identifier)
	}
	if name == "" {
		return probes.Bound(oid)
	}
	return name
}

// keyInfo is what stands in the SubjectPublicKeyInfo of a certificate (RFC 5280 §4.1); nothing where it cannot be read.
func keyInfo(der []byte) (info cryptobyte.String) {
	input := cryptobyte.String(der)
	var certificate, body cryptobyte.String
	version := cryptobyteasn1.Tag(0).ContextSpecific().Constructed()
	_ = input.ReadASN1(&certificate, cryptobyteasn1.SEQUENCE) && certificate.ReadASN1(&body, cryptobyteasn1.SEQUENCE) &&
		body.SkipOptionalASN1(version) &&
		body.SkipASN1(cryptobyteasn1.INTEGER) && // serialNumber
		body.SkipASN1(cryptobyteasn1.SEQUENCE) && // signature
		body.SkipASN1(cryptobyteasn1.SEQUENCE) && // issuer
		body.SkipASN1(cryptobyteasn1.SEQUENCE) && // validity
		body.SkipASN1(cryptobyteasn1.SEQUENCE) && // subject
		body.ReadASN1(&info, cryptobyteasn1.SEQUENCE)
	return info
}

// firstNumber is the first number in a SEQUENCE: an RSA key's modulus (RFC 8017 §A.1.1), a DSA key's prime (RFC 3279 §2.3.2). It is nil
// where it cannot be read.
func firstNumber(input cryptobyte.String) *big.Int {
	var numbers cryptobyte.String
	number := new(big.Int)
	if !input.ReadASN1(&numbers, cryptobyteasn1.SEQUENCE) || !numbers.ReadASN1Integer(number) {
		return nil
	}
	return number
}

func sized(name string, number *big.Int) string {
	if number == nil {
		return name
	}
	return fmt.Sprintf("%s %d", name, number.BitLen())
}

// curveName is the curve in the parameters of an EC key (RFC 5480 §2.1.1).
func curveName(parameters cryptobyte.String) string {
	var curve asn1.ObjectIdentifier
	if !parameters.ReadASN1ObjectIdentifier(&curve) {
		return "with a curve of its own"
	}
	if name, ok := curveNames[curve.String()]; ok {
		return name
	}
	return probes.Bound(curve.String())
}

// Algorithms of keys that have a size or a curve.
const (
	oidRSA = "1.2.840.113549.1.1.1"
	oidPSS = "1.2.840.113549.1.1.10"
	oidDSA = "1.2.840.10040.4.1"
	oidEC  = "1.2.840.10045.2.1"
)

// keyNames are the algorithms of keys by their OID (RFC 3279, RFC 4055, RFC 5480, RFC 8410, RFC 9881).
var keyNames = map[string]string{
	oidRSA: "RSA", oidPSS: "RSA-PSS", oidDSA: "DSA", oidEC: "ECDSA",
	"1.3.101.110": "X25519", "1.3.101.111": "X448", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448",
	"2.16.840.1.101.3.4.3.17": "ML-DSA-44", "2.16.840.1.101.3.4.3.18": "ML-DSA-65", "2.16.840.1.101.3.4.3.19": "ML-DSA-87",
}

// curveNames are the elliptic curves by their OID (RFC 5480, RFC 5639, SEC 2), those of NIST with its names.
var curveNames = map[string]string{
	"1.2.840.10045.3.1.1": "P-192", "1.3.132.0.33": "P-224", "1.2.840.10045.3.1.7": "P-256", "1.3.132.0.34": "P-384", "1.3.132.0.35": "P-521",
	"1.3.132.0.10": "secp256k1", "1.2.156.10197.1.301": "SM2",
	"1.3.36.3.3.2.8.1.1.1": "brainpoolP160r1", "1.3.36.3.3.2.8.1.1.3": "brainpoolP192r1", "1.3.36.3.3.2.8.1.1.5": "brainpoolP224r1",
	"1.3.36.3.3.2.8.1.1.7": "brainpoolP256r1", "1.3.36.3.3.2.8.1.1.9": "brainpoolP320r1", "1.3.36.3.3.2.8.1.1.11": "brainpoolP384r1",
	"1.3.36.3.3.2.8.1.1.13": "brainpoolP512r1",
}
