package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"encoding/asn1"
	"errors"
	"net/http"
	"slices"
	"time"

	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/rung-cli/rung/probes"
)

const (
	// maxFetches bounds the requests for issuers, and so the certificates that a chain is made longer by.
	maxFetches = 4
	// maxIssuers is the longest answer that is read: one certificate takes 1 to 2 KB, a bundle some.
	maxIssuers = 64 << 10
)

// FetchIssuers asks for the certificates that the peer did not send, at the addresses which the certificates themselves name
// (caIssuers, RFC 5280 §4.2.2.1): from the top of the chain upwards, up to a self-signed certificate, in at most four requests each of
// which may take wait. What it returns has signed the certificate below, or came with what has; it is not trusted for that.
func FetchIssuers(ctx context.Context, host probes.Host, presented []*x509.Certificate, wait time.Duration) ([]Addition, []Fetch) {
	var found []Addition
	var fetches []Fetch
	if len(presented) == 0 {
		return nil, nil
	}
	top := topOf(presented)
	for top != nil && !selfSigned(top) {
		below := top
		top = nil
		for _, address := range below.IssuingCertificateURL {
			if len(fetches) == maxFetches || ctx.Err() != nil {
				return found, fetches
			}
			issuers, fetch := fetchIssuer(ctx, host, below, address, wait)
			fetches = append(fetches, fetch)
			if fetch.Fault == nil {
				found = append(found, issuers...)
				top = issuers[0].Certificate
				break
			}
		}
	}
	return found, fetches
}

// topOf is the last certificate of the chain from the leaf up, as far as issuers were sent.
func topOf(presented []*x509.Certificate) *x509.Certificate {
	signed := links{}
	top := presented[0]
	for range MaxCertificates {
		by := signed.signer(top, presented)
		if by == 0 || selfSigned(top) {
			return top
		}
		top = presented[by-1]
	}
	return top
}

// fetchIssuer makes one request. The certificates come with the one that has signed the certificate first.
func fetchIssuer(ctx context.Context, host probes.Host, below *x509.Certificate, address string, wait time.Duration) ([]Addition, Fetch) {
	fetch := Fetch{URL: probes.Bound(address), For: distinguished(below.Subject)}
	start := time.Now()
	body, fault := answerOf(ctx, host, request{method: http.MethodGet, url: address, limit: maxIssuers, wait: wait})
	fetch.Took, fetch.Size, fetch.Fault = probes.Since(start), len(body), fault
	if fault != nil {
		return nil, fetch
	}
	certificates, err := parseIssuers(body)
	if err != nil {
		fetch.Fault = &probes.Fault{Step: "answer", Kind: probes.Malformed, Message: probes.Bound(err.Error())}
		return nil, fetch
	}
	fetch.Found = subjects(certificates)
	signer := slices.IndexFunc(certificates, func(c *x509.Certificate) bool { return linkOf(below, c) != noLink })
	if signer < 0 {
		fetch.Fault = &probes.Fault{Step: "answer", Kind: probes.Other, Message: "what is there has not signed " + fetch.For}
		return nil, fetch
	}
	certificates[0], certificates[signer] = certificates[signer], certificates[0]
	var issuers []Addition
	for _, c := range certificates {
		issuers = append(issuers, Addition{Certificate: c, From: fetch.URL})
	}
	return issuers, fetch
}

// parseIssuers reads an answer: a certificate in DER, a certs-only CMS message in DER or BER (RFC 5280 §4.2.2.1), or what servers send
// in their place, a text in PEM. There is at least one certificate where err is nil; at most MaxCertificates are read.
func parseIssuers(answer []byte) ([]*x509.Certificate, error) {
	if c, err := x509.ParseCertificate(answer); err == nil {
		return []*x509.Certificate{c}, nil
	}
	if bytes.Contains(answer, []byte("-----BEGIN ")) {
		if all := parsePEM(answer); len(all) > 0 {
			return all[:min(len(all), MaxCertificates)], nil
		}
	}
	var all []*x509.Certificate
	for _, raw := range certsOnly(answer) {
		if c, err := x509.ParseCertificate(raw); err == nil && len(all) < MaxCertificates {
			all = append(all, c)
		}
	}
	if len(all) == 0 {
		return nil, errors.New("the answer is no certificate in DER or PEM, and no certs-only message (RFC 5280 §4.2.2.1)")
	}
	return all, nil
}

// certsOnly are the certificates of a ContentInfo with SignedData (RFC 5652 §3, §5.1), in DER; none where it is anything else.
func certsOnly(message []byte) (certificates [][]byte) {
	info, _, ok := readBER(message, sequence)
	if !ok {
		return nil
	}
	signedData := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2}
	var id asn1.ObjectIdentifier
	input := cryptobyte.String(info)
	if !input.ReadASN1ObjectIdentifier(&id) || !id.Equal(signedData) {
		return nil
	}
	content, _, ok := readBER(input, explicit0)
	if !ok {
		return nil
	}
	if content, _, ok = readBER(content, sequence); !ok {
		return nil
	}
	for _, before := range []uint8{integer, set, sequence} { // version, digestAlgorithms, encapContentInfo
		if _, content, ok = readBER(content, before); !ok {
			return nil
		}
	}
	content, _, _ = readBER(content, explicit0)
	for len(certificates) < MaxCertificates && len(content) > 0 {
		var one cryptobyte.String
		input := cryptobyte.String(content)
		if !input.ReadASN1Element(&one, cryptobyteasn1.SEQUENCE) {
			break
		}
		certificates, content = append(certificates, one), input
	}
	return certificates
}

// The tags of a SignedData (X.690 §8.1.2).
const (
	integer   = 0x02
	sequence  = 0x30
	set       = 0x31
	explicit0 = 0xa0
)

// readBER takes an element with that tag from the front, its length in the definite or the indefinite form (X.690 §8.1.3).
func readBER(input []byte, tag uint8) (content, rest []byte, ok bool) {
	const maxDepth = 16
	got, content, rest, ok := readElement(input, maxDepth)
	return content, rest, ok && got == tag
}

// readElement reads an element of any tag of one octet. The content of an element of indefinite length ends with the end-of-contents
// octets that are its own, after whole elements.
func readElement(input []byte, depth int) (tag uint8, content, rest []byte, ok bool) {
	const indefinite, longTag = 0x80, 0x1f
	if len(input) < 2 || input[0]&longTag == longTag || depth == 0 {
		return 0, nil, nil, false
	}
	if input[1] != indefinite {
		content, rest, ok = readDefinite(input[1:])
		return input[0], content, rest, ok
	}
	inside := input[2:]
	for !bytes.HasPrefix(inside, []byte{0, 0}) {
		if _, _, inside, ok = readElement(inside, depth-1); !ok {
			return 0, nil, nil, false
		}
	}
	return input[0], input[2 : len(input)-len(inside)], inside[2:], true
}

// readDefinite reads a length in the definite form, of up to four octets, and so many octets.
func readDefinite(input []byte) (content, rest []byte, ok bool) {
	const long, maxOctets = 0x80, 4
	length, input := uint64(input[0]), input[1:]
	if length >= long {
		octets := int(length - long)
		if octets > maxOctets || octets > len(input) {
			return nil, nil, false
		}
		length = 0
		for _, octet := range input[:octets] {
			length = length<<8 | uint64(octet)
		}
		input = input[octets:]
	}
	if length > uint64(len(input)) {
		return nil, nil, false
	}
	return input[:length], input[length:], true
}
