package pki

import (
	"context"
	"crypto/x509"
	"net/http"
	"sync"
	"time"

	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes"
)

const (
	// maxSubjects is the number of certificates of a path that are asked about: the leaf and the intermediates above it.
	maxSubjects = 4
	// maxSources is the number of addresses of one method that are asked about one certificate.
	maxSources = 2
)

// The methods of a RevocationAnswer.
const (
	methodOCSP = "OCSP"
	methodCRL  = "CRL"
)

// CheckRevocation asks those who issued the certificates of a path (see BestPath) what they say of them now: the OCSP responders and
// revocation lists that the certificates name, all at once, each within wait. Only what the issuer has signed and is current is a
// statement. The last certificate of the path is not asked about, for want of an issuer.
func CheckRevocation(ctx context.Context, host probes.Host, path []*x509.Certificate, wait time.Duration) Revocation {
	var questions []question
	for i := 0; i+1 < len(path) && i < maxSubjects; i++ {
		about := question{certificate: path[i], issuer: path[i+1], leaf: i == 0}
		questions = append(questions, about.at(methodOCSP, path[i].OCSPServer)...)
		questions = append(questions, about.at(methodCRL, path[i].CRLDistributionPoints)...)
	}
	answers := make([]RevocationAnswer, len(questions))
	var all sync.WaitGroup
	for i, q := range questions {
		all.Go(func() { answers[i] = q.ask(ctx, host, wait) })
	}
	all.Wait()
	return Revocation{Answers: answers}
}

// question is to one source about one certificate.
type question struct {
	certificate, issuer *x509.Certificate
	leaf                bool
	method, url         string
}

func (q question) at(method string, addresses []string) (all []question) {
	for _, address := range addresses[:min(len(addresses), maxSources)] {
		q.method, q.url = method, address
		all = append(all, q)
	}
	return all
}

func (q question) ask(ctx context.Context, host probes.Host, wait time.Duration) RevocationAnswer {
	answer := RevocationAnswer{
		Subject: distinguished(q.certificate.Subject), Leaf: q.leaf, Method: q.method, URL: probes.Bound(q.url),
	}
	start := time.Now()
	if q.method == methodCRL {
		answer.Says, answer.Fault = q.askCRL(ctx, host, wait)
	} else {
		answer.Says, answer.Fault = q.askOCSP(ctx, host, wait)
	}
	answer.Took = probes.Since(start)
	return answer
}

// askOCSP asks a responder over POST (RFC 6960 §A.1), which all of them answer.
func (q question) askOCSP(ctx context.Context, host probes.Host, wait time.Duration) (*OCSP, *probes.Fault) {
	body, err := ocsp.CreateRequest(q.certificate, q.issuer, nil)
	if err != nil {
		return nil, probes.NewFault(ctx, "request", err)
	}
	raw, fault := answerOf(ctx, host, request{
		method: http.MethodPost, url: q.url, contentType: "application/ocsp-request", body: body, limit: maxOCSP, wait: wait,
	})
	if fault != nil {
		return nil, fault
	}
	says := readOCSP(raw, q.certificate, q.issuer, time.Now())
	if says.Fault != nil {
		says.Fault.Step = "answer"
		return nil, says.Fault
	}
	return says, nil
}

func (q question) askCRL(ctx context.Context, host probes.Host, wait time.Duration) (*OCSP, *probes.Fault) {
	raw, fault := answerOf(ctx, host, request{method: http.MethodGet, url: q.url, limit: maxCRL, wait: wait})
	if fault != nil {
		return nil, fault
	}
	return readCRL(raw, q.certificate, q.issuer, time.Now())
}
