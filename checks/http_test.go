package checks

import (
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/http"
)

// response changes the response.
func response(changes ...func(*http.Result)) change {
	return func(e *Evidence) {
		for _, c := range changes {
			c(&e.HTTP.Seen)
		}
	}
}

func status(code int) func(*http.Result) {
	return func(r *http.Result) { r.Status, r.Reason = code, "" }
}

// noResponse is a request that failed.
func noResponse(kind probes.Kind, text string) func(*http.Result) {
	return func(r *http.Result) {
		r.Status, r.Version, r.Text, r.Date, r.Answered, r.Received = 0, "", text, time.Time{}, time.Time{}, len(text)
		r.Fault, r.Transport = fault("response", kind), probes.Transport{BytesAcked: 100}
	}
}

func httpCases() map[string]verdictCase {
	const plain = "http://" + serverName + "/"
	return map[string]verdictCase{
		"fine":                  {evidence: given(httpsTarget), causes: nil, checks: []string{"http pass"}},
		"in clear":              {evidence: given(plain), causes: nil, checks: []string{"http pass"}},
		"not found":             {evidence: given(plain, response(status(404))), causes: nil, checks: []string{"http pass"}},
		"a redirect":            {evidence: given(plain, response(status(301), func(r *http.Result) { r.Location = httpsTarget })), causes: nil, checks: []string{"http pass"}},
		"an error":              {evidence: given(httpsTarget, response(status(502))), causes: []string{"http.server-error warn proven"}, checks: []string{"http warn"}},
		"another protocol":      {evidence: given(plain, response(noResponse(probes.Malformed, "220 FTP\r\n"))), causes: []string{"http.not-http fail proven"}, says: "does not speak HTTP"},
		"silence":               {evidence: given(plain, response(noResponse(probes.Timeout, ""))), causes: []string{"tcp.silent fail proven"}},
		"silence behind TLS":    {evidence: given(httpsTarget, response(noResponse(probes.Timeout, ""))), causes: []string{"unexplained.http fail unknown"}},
		"the connection's end":  {evidence: given(plain, response(noResponse(probes.Closed, ""))), causes: []string{"unexplained.http fail unknown"}},
		"small segments help":   {evidence: given(plain, response(noResponse(probes.Timeout, ""), func(r *http.Result) { r.InSmallSegments = 200 })), causes: []string{"path.pmtu-blackhole-inbound fail likely"}},
		"it comes and goes":     {evidence: given(plain, response(noResponse(probes.Timeout, ""), func(r *http.Result) { r.Again, r.InSmallSegments = 200, 200 })), causes: []string{"unexplained.http fail unknown"}},
		"TLS is spoken there":   {evidence: given(plain, response(noResponse(probes.Closed, ""), func(r *http.Result) { r.OverTLS = "TLS 1.3" })), causes: []string{"http.not-http fail proven"}, says: "speaks TLS"},
		"no connection":         {evidence: given(plain, unconnected(serverIPv4, fault("connect", probes.Refused)), unasked), causes: []string{"tcp.refused fail proven"}, checks: []string{"http skip < tcp.refused"}},
		"nothing was asked":     {evidence: given(httpsTarget, expiredYesterday, certificate(sent(1), selfSigned(0), untrusted("unknown-authority")), unasked), causes: []string{"cert.expired fail likely", "cert.self-signed fail proven"}, checks: []string{"http skip < cert.self-signed"}},
		"only the time was":     {evidence: given(httpsTarget, expiredYesterday, response(func(r *http.Result) { r.Method = "HEAD" })), causes: []string{"cert.expired fail proven"}, checks: []string{"http skip < cert.expired"}},
		"the handshake failed":  {evidence: given(httpsTarget, alerted(70), unasked), causes: []string{"tls.no-common-version fail proven"}, checks: []string{"http skip < tls.no-common-version"}},
		"interrupted before it": {evidence: given(httpsTarget, interruptedBy(Interrupted, response(noResponse(probes.Interrupted, "")))), causes: nil, verdict: VerdictUnknown, checks: []string{"http skip"}},
	}
}

func unasked(e *Evidence) { e.HTTP = nil }
