package pki

import (
	"bytes"
	"context"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"
	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// internet is a network with one server, which has every name but some.
type internet struct {
	*http.ServeMux
	server *httptest.Server
	// dials counts the connections asked for.
	dials atomic.Int32
}

func newInternet(t *testing.T) *internet {
	i := &internet{ServeMux: http.NewServeMux()}
	i.server = httptest.NewServer(i)
	t.Cleanup(i.server.Close)
	return i
}

// is lets an address answer with a body.
func (i *internet) is(path string, body []byte) {
	i.HandleFunc(path, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(body) })
}

func (i *internet) host() probes.Host {
	return probes.Host{
		Lookup: func(_ context.Context, name string) ([]netip.Addr, error) {
			switch name {
			case "missing.example":
				return nil, &net.DNSError{Name: name, IsNotFound: true}
			case "empty.example":
				return nil, nil
			case "two.example":
				return []netip.Addr{netip.MustParseAddr("192.0.2.66"), netip.MustParseAddr("192.0.2.1")}, nil
			}
			return []netip.Addr{netip.MustParseAddr("192.0.2.1")}, nil
		},
		Dial: func(ctx context.Context, to netip.AddrPort) (net.Conn, error) {
			i.dials.Add(1)
			switch to.String() {
			case "192.0.2.66:80": // a host that does not answer
				<-ctx.Done()
				return nil, ctx.Err()
			case "192.0.2.1:80":
				var d net.Dialer
				return d.DialContext(ctx, "tcp", i.server.Listener.Addr().String())
			}
			return nil, &net.OpError{Op: "dial", Err: io.ErrClosedPipe}
		},
	}
}

const patience = time.Minute

// certsOnlyMessage is a certs-only CMS message, as RFC 5280 §4.2.2.1 has it.
func certsOnlyMessage(certificates ...*x509.Certificate) []byte {
	var b cryptobyte.Builder
	explicit := cryptobyteasn1.Tag(0).ContextSpecific().Constructed()
	b.AddASN1(cryptobyteasn1.SEQUENCE, func(info *cryptobyte.Builder) {
		info.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 2})
		info.AddASN1(explicit, func(content *cryptobyte.Builder) {
			content.AddASN1(cryptobyteasn1.SEQUENCE, func(data *cryptobyte.Builder) {
				data.AddASN1Int64(1)
				data.AddASN1(cryptobyteasn1.SET, func(*cryptobyte.Builder) {})
				data.AddASN1(cryptobyteasn1.SEQUENCE, func(inner *cryptobyte.Builder) {
					inner.AddASN1ObjectIdentifier(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1})
				})
				data.AddASN1(explicit, func(set *cryptobyte.Builder) {
					for _, c := range certificates {
						set.AddBytes(c.Raw)
					}
				})
				data.AddASN1(cryptobyteasn1.SET, func(*cryptobyte.Builder) {})
			})
		})
	})
	return b.BytesOrPanic()
}

// inBER is a certs-only message with indefinite lengths, as some tools write them.
func inBER(certificates ...*x509.Certificate) []byte {
	end := []byte{0, 0}
	signedData := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02}
	data := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	b := append([]byte{0x30, 0x80}, signedData...)
	b = append(b, 0xa0, 0x80, 0x30, 0x80, 0x02, 0x01, 0x01, 0x31, 0x00, 0x30, 0x80)
	b = append(append(b, data...), end...)
	b = append(b, 0xa0, 0x80)
	for _, c := range certificates {
		b = append(b, c.Raw...)
	}
	b = append(append(b, end...), 0x31, 0x00)
	return append(b, bytes.Repeat(end, 3)...)
}

func TestParseIssuers(t *testing.T) {
	one, two := tlstest.NewCA("one").Certificate, tlstest.NewCA("two").Certificate
	var many []*x509.Certificate
	for range 3 * MaxCertificates {
		many = append(many, one)
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: one.Raw})
	for name, test := range map[string]struct {
		answer []byte
		want   []string
	}{
		"DER":                         {one.Raw, []string{"CN=one"}},
		"PEM":                         {text, []string{"CN=one"}},
		"PEM with Windows' line ends": {bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")), []string{"CN=one"}},
		"certs-only":                  {certsOnlyMessage(one, two), []string{"CN=one", "CN=two"}},
		"certs-only in BER":           {inBER(one, two), []string{"CN=one", "CN=two"}},
		"certs-only without any":      {certsOnlyMessage(), nil},
		"another CMS message":         {bytes.Replace(certsOnlyMessage(one), []byte{0x01, 0x07, 0x02}, []byte{0x01, 0x07, 0x03}, 1), nil},
		"cut short":                   {certsOnlyMessage(one)[:200], nil},
		"a page":                      {[]byte("<html>not found</html>"), nil},
		"nothing":                     {nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := parseIssuers(test.answer)
			assert.Equal(t, test.want, subjects(got))
			assert.Equal(t, test.want == nil, err != nil)
		})
	}
	for name, answer := range map[string][]byte{"certs-only": certsOnlyMessage(many...), "PEM": bytes.Repeat(text, len(many))} {
		got, err := parseIssuers(answer)
		require.NoError(t, err)
		assert.Len(t, got, MaxCertificates, name)
	}
}

func FuzzParseIssuers(f *testing.F) {
	one := tlstest.NewCA("one").Certificate
	for _, seed := range [][]byte{
		one.Raw, certsOnlyMessage(one, one), inBER(one), pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: one.Raw}),
		bytes.Repeat([]byte{0x30, 0x80}, 40), {0x30, 0x84, 0xff, 0xff, 0xff, 0xff}, {0x30, 0x85, 0, 0, 0, 0, 0},
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, answer []byte) {
		all, err := parseIssuers(answer)
		assert.Equal(t, err != nil, len(all) == 0)
		assert.LessOrEqual(t, len(all), MaxCertificates)
		for _, c := range all {
			assert.True(t, bytes.Contains(answer, c.Raw) || bytes.Contains(answer, []byte("-----BEGIN")))
		}
	})
}

func TestFetchIssuers(t *testing.T) {
	root := tlstest.NewCA("root")
	middle := root.Authorize(tlstest.Authority{Name: "middle", IssuerURL: "http://ca.example/root.der"})
	lower := middle.Authorize(tlstest.Authority{Name: "lower", IssuerURL: "http://ca.example/middle.p7c"})
	namesake := tlstest.NewCA("lower")
	net := newInternet(t)
	net.is("/root.der", root.Certificate.Raw)
	net.is("/middle.p7c", certsOnlyMessage(tlstest.NewCA("another").Certificate, middle.Certificate))
	net.is("/lower.pem", pemOf(lower.Certificate))
	net.is("/namesake.der", namesake.Certificate.Raw)
	net.is("/page", []byte("<html>"))
	net.is("/long", make([]byte, maxIssuers+1))
	net.HandleFunc("/moved", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/lower.pem", http.StatusFound) })
	net.HandleFunc("/away", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://other.example/lower.pem", http.StatusFound)
	})
	net.HandleFunc("/secure", func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://ca.example/lower.pem", http.StatusFound)
	})
	net.HandleFunc("/round", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/round", http.StatusFound) })
	net.HandleFunc("/cut", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("0"))
	})
	net.HandleFunc("/noise", func(w http.ResponseWriter, _ *http.Request) {
		conn, _, _ := w.(http.Hijacker).Hijack()
		_, _ = conn.Write([]byte("220 FTP server ready.\r\n"))
		_ = conn.Close()
	})
	at := func(urls ...string) func(*x509.Certificate) {
		return func(c *x509.Certificate) { c.IssuingCertificateURL = urls }
	}
	whole := []string{"CN=lower", "CN=middle", "CN=another", "CN=root"}
	for name, test := range map[string]struct {
		urls  []string
		send  tlstest.Send
		found []string
		// first is the fault of the first request: its step and kind.
		first   string
		fetches int
	}{
		"all but the leaf missing":     {[]string{"http://ca.example/lower.pem"}, tlstest.SendLeaf, whole, "", 3},
		"nothing missing but the root": {nil, tlstest.SendIntermediates, []string{"CN=root"}, "", 1},
		"nothing missing":              {nil, tlstest.SendRoot, nil, "", 0},
		"no address":                   {nil, tlstest.SendLeaf, nil, "", 0},
		"moved":                        {[]string{"http://ca.example/moved"}, tlstest.SendLeaf, whole, "", 3},
		"moved to another host":        {[]string{"http://ca.example/away"}, tlstest.SendLeaf, nil, "answer withheld", 1},
		"moved to https":               {[]string{"http://ca.example/secure"}, tlstest.SendLeaf, nil, "answer withheld", 1},
		"moved in a circle":            {[]string{"http://ca.example/round"}, tlstest.SendLeaf, nil, "answer malformed", 1},
		"over LDAP, and over HTTP": {
			[]string{"ldap:///CN=lower", "http://ca.example/lower.pem"}, tlstest.SendLeaf, whole, "request withheld", 4,
		},
		"over https":                        {[]string{"https://ca.example/lower.pem"}, tlstest.SendLeaf, nil, "request withheld", 1},
		"a file":                            {[]string{"file:///etc/passwd"}, tlstest.SendLeaf, nil, "request withheld", 1},
		"with a password":                   {[]string{"http://u:p@ca.example/lower.pem"}, tlstest.SendLeaf, nil, "request withheld", 1},
		"no address of a host":              {[]string{"http:///lower.pem"}, tlstest.SendLeaf, nil, "request withheld", 1},
		"no URL":                            {[]string{"http://ca.example:port/"}, tlstest.SendLeaf, nil, "request malformed", 1},
		"a port that is none":               {[]string{"http://ca.example:99999/"}, tlstest.SendLeaf, nil, "dial other", 1},
		"the wrong certificate":             {[]string{"http://ca.example/namesake.der"}, tlstest.SendLeaf, nil, "answer other", 1},
		"a page":                            {[]string{"http://ca.example/page"}, tlstest.SendLeaf, nil, "answer malformed", 1},
		"not there":                         {[]string{"http://ca.example/none"}, tlstest.SendLeaf, nil, "answer negative", 1},
		"too long":                          {[]string{"http://ca.example/long"}, tlstest.SendLeaf, nil, "answer too-long", 1},
		"cut short":                         {[]string{"http://ca.example/cut"}, tlstest.SendLeaf, nil, "answer closed", 1},
		"not HTTP":                          {[]string{"http://ca.example/noise"}, tlstest.SendLeaf, nil, "answer malformed", 1},
		"no such name":                      {[]string{"http://missing.example/"}, tlstest.SendLeaf, nil, "dial not-found", 1},
		"a name without addresses":          {[]string{"http://empty.example/"}, tlstest.SendLeaf, nil, "dial not-found", 1},
		"the first address does not answer": {[]string{"http://two.example/lower.pem"}, tlstest.SendLeaf, whole, "", 3},
		"an address in the address":         {[]string{"http://192.0.2.1/lower.pem"}, tlstest.SendLeaf, whole, "", 3},
		"IPv6, where nobody listens":        {[]string{"http://[2001:db8::1]/"}, tlstest.SendLeaf, nil, "dial closed", 1},
		"a hundred addresses":               {manyURLs(100), tlstest.SendLeaf, nil, "answer negative", maxFetches},
	} {
		t.Run(name, func(t *testing.T) {
			p := presentedBy(lower, tlstest.Leaf{Send: test.send, Change: at(test.urls...)})
			wait := patience
			if strings.Contains(strings.Join(test.urls, " "), "two.example") {
				wait = 2 * time.Second // the first address takes half of it
			}
			found, fetches := FetchIssuers(t.Context(), net.host(), p.Certificates, wait)
			var got []string
			for _, a := range found {
				got = append(got, a.Certificate.Subject.String())
			}
			assert.Equal(t, test.found, got)
			require.Len(t, fetches, test.fetches)
			if len(fetches) == 0 {
				return
			}
			fault := ""
			if fetches[0].Fault != nil {
				fault = fetches[0].Fault.Step + " " + string(fetches[0].Fault.Kind)
			}
			assert.Equal(t, test.first, fault)
			p.Fetched = found
			trust := ReadChain(p, "localhost", Roots{Pool: root.Pool()}, time.Now()).Trust
			assert.Equal(t, trust.Trusted || test.found != nil, trust.Vouched)
		})
	}
	p := presentedBy(lower, tlstest.Leaf{Send: tlstest.SendLeaf, IssuerURL: "http://ca.example/lower.pem"})
	found, fetches := FetchIssuers(t.Context(), net.host(), p.Certificates, patience)
	assert.Equal(t, "http://ca.example/lower.pem", found[0].From)
	assert.Positive(t, fetches[0].Took)
	fetches[0].Took = 0
	assert.Equal(t, Fetch{
		URL: "http://ca.example/lower.pem", For: "CN=localhost", Size: len(pemOf(lower.Certificate)), Found: []string{"CN=lower"},
	}, fetches[0])
	found, fetches = FetchIssuers(t.Context(), net.host(), nil, patience)
	assert.Empty(t, found)
	assert.Empty(t, fetches)
}

func manyURLs(n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = "http://ca.example/none"
	}
	return all
}

// Two authorities that have signed each other lead from one to the other no more than four times.
func TestFetchInACircle(t *testing.T) {
	net := newInternet(t)
	a, b := tlstest.NewCA("a"), tlstest.NewCA("b")
	net.is("/a", b.CrossSign(a, tlstest.Authority{Name: "a", IssuerURL: "http://ca.example/b"}).Certificate.Raw)
	net.is("/b", a.CrossSign(b, tlstest.Authority{Name: "b", IssuerURL: "http://ca.example/a"}).Certificate.Raw)
	p := presentedBy(a, tlstest.Leaf{IssuerURL: "http://ca.example/a"})
	_, fetches := FetchIssuers(t.Context(), net.host(), p.Certificates, patience)
	assert.Len(t, fetches, maxFetches)
}

func TestFetchInterrupted(t *testing.T) {
	net := newInternet(t)
	ctx, cancel := context.WithCancel(t.Context())
	arrived := make(chan struct{})
	net.HandleFunc("/", func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
	})
	go func() {
		<-arrived
		cancel()
	}()
	p := presentedBy(tlstest.NewCA("root"), tlstest.Leaf{Change: func(c *x509.Certificate) { c.IssuingCertificateURL = manyURLs(3) }})
	_, fetches := FetchIssuers(ctx, net.host(), p.Certificates, time.Hour)
	require.Len(t, fetches, 1)
	assert.True(t, fetches[0].Fault.Of(probes.Interrupted))
}

func TestFetchWithoutEnd(t *testing.T) {
	net := newInternet(t)
	net.HandleFunc("/endless", func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil { // each byte in a chunk of its own
			_, _ = w.Write([]byte{'.'})
			_ = http.NewResponseController(w).Flush()
		}
	})
	net.HandleFunc("/silent", func(w http.ResponseWriter, r *http.Request) {
		_, _ = w.Write([]byte{'.'})
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	for path, test := range map[string]struct {
		wait time.Duration
		want probes.Kind
	}{"/endless": {patience, probes.TooLong}, "/silent": {time.Second / 4, probes.Timeout}} {
		t.Run(path, func(t *testing.T) {
			p := presentedBy(tlstest.NewCA("root"), tlstest.Leaf{IssuerURL: "http://ca.example" + path})
			_, fetches := FetchIssuers(t.Context(), net.host(), p.Certificates, test.wait)
			require.Len(t, fetches, 1)
			assert.True(t, fetches[0].Fault.Of(test.want), "%v", fetches[0].Fault)
		})
	}
}

// said is what an answer says, or why not, in short.
func said(a RevocationAnswer) string {
	if a.Fault != nil {
		return a.Fault.Step + " " + string(a.Fault.Kind)
	}
	return a.Says.Status
}

func TestCheckRevocation(t *testing.T) {
	root, stranger := tlstest.NewCA("root"), tlstest.NewCA("stranger")
	middle := root.Authorize(tlstest.Authority{Name: "middle", OCSPServer: "http://ocsp.example/root", CRL: "http://crl.example/root.crl"})
	one := presentedBy(middle, tlstest.Leaf{OCSPServer: "http://ocsp.example/middle", CRL: "http://crl.example/middle.crl"})
	c := one.Certificates[0]
	namesake := tlstest.NewCA("middle")
	renamed := root.CrossSign(middle, tlstest.Authority{Name: "renamed"}) // with the key of the issuer
	long := time.Now().Add(-48 * time.Hour)
	revoked := tlstest.Status{RevokedAt: long, Reason: ocsp.Superseded}
	stale := tlstest.Status{ThisUpdate: long, NextUpdate: long.Add(time.Hour)}
	staleRevoked := func(reason int) tlstest.Status {
		return tlstest.Status{RevokedAt: long, Reason: reason, ThisUpdate: long, NextUpdate: long.Add(time.Hour)}
	}
	list := pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: middle.CRL(c, revoked)})
	point := func(parts ...byte) tlstest.Status {
		return tlstest.Status{Change: func(list *x509.RevocationList) {
			value := append([]byte{0x30, byte(len(parts))}, parts...)
			list.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{2, 5, 29, 28}, Critical: true, Value: value}}
		}}
	}
	named := func(url string) tlstest.Status {
		n := byte(len(url))
		return point(append([]byte{0xa0, n + 4, 0xa0, n + 2, 0x86, n}, url...)...)
	}
	critical := func(id ...int) tlstest.Status {
		return tlstest.Status{Change: func(list *x509.RevocationList) {
			list.ExtraExtensions = []pkix.Extension{{Id: id, Critical: true, Value: []byte{2, 1, 1}}}
		}}
	}
	for name, test := range map[string]struct {
		ocsp, crl         []byte
		wantOCSP, wantCRL string
	}{
		"good":    {middle.OCSP(c, tlstest.Status{}), middle.CRL(c, tlstest.Status{}), "good", "good"},
		"revoked": {middle.OCSP(c, revoked), middle.CRL(c, revoked), "revoked", "revoked"},
		"stale":   {middle.OCSP(c, stale), middle.CRL(c, stale), "answer other", "answer other"},
		"stale, and revoked": {
			middle.OCSP(c, staleRevoked(ocsp.KeyCompromise)), middle.CRL(c, staleRevoked(ocsp.KeyCompromise)), "revoked", "revoked",
		},
		"stale, and on hold": {
			middle.OCSP(c, staleRevoked(ocsp.CertificateHold)), middle.CRL(c, staleRevoked(ocsp.CertificateHold)), "answer other", "answer other",
		},
		"stale, revoked by another": {
			stranger.OCSP(c, staleRevoked(ocsp.KeyCompromise)), stranger.CRL(c, staleRevoked(ocsp.KeyCompromise)),
			"answer not-found", "answer prohibited",
		},
		"of another authority":     {stranger.OCSP(c, revoked), stranger.CRL(c, revoked), "answer not-found", "answer prohibited"},
		"of a namesake":            {namesake.OCSP(c, revoked), namesake.CRL(c, revoked), "answer not-found", "answer prohibited"},
		"of another with this key": {renamed.OCSP(c, revoked), renamed.CRL(c, revoked), "answer not-found", "answer prohibited"},
		"of the authority above":   {root.OCSP(c, revoked), root.CRL(c, revoked), "answer not-found", "answer prohibited"},
		"of another certificate": {
			middle.OCSP(root.Certificate, revoked), middle.CRL(root.Certificate, revoked), "answer not-found", "good",
		},
		"of a responder": {middle.OCSP(c, tlstest.Status{Responder: responder(middle, nil)}), nil, "good", "answer malformed"},
		"of a responder of another": {
			middle.OCSP(c, tlstest.Status{Responder: responder(root, nil)}), nil, "answer prohibited", "answer malformed",
		},
		"not known":                   {middle.OCSP(c, tlstest.Status{Unknown: true}), nil, "unknown", "answer malformed"},
		"rubbish":                     {[]byte("<html>"), []byte("<html>"), "answer malformed", "answer malformed"},
		"a refusal":                   {ocsp.UnauthorizedErrorResponse, nil, "answer negative", "answer malformed"},
		"too long":                    {make([]byte, maxOCSP+1), nil, "answer too-long", "answer malformed"},
		"list for end entities":       {nil, middle.CRL(c, point(0x81, 0x01, 0xff)), "answer malformed", "good"},
		"list for authorities":        {nil, middle.CRL(c, point(0x82, 0x01, 0xff)), "answer malformed", "answer not-found"},
		"list for all but these":      {nil, middle.CRL(c, point(0x82, 0x01, 0x00)), "answer malformed", "good"},
		"list for some reasons":       {nil, middle.CRL(c, point(0x83, 0x02, 0x01, 0x06)), "answer malformed", "answer not-found"},
		"list of several authorities": {nil, middle.CRL(c, point(0x84, 0x01, 0xff)), "answer malformed", "answer not-found"},
		"list of this address":        {nil, middle.CRL(c, named("http://crl.example/middle.crl")), "answer malformed", "good"},
		"list of another address":     {nil, middle.CRL(c, named("http://crl.example/others.crl")), "answer malformed", "answer not-found"},
		"list with a broken scope":    {nil, middle.CRL(c, point(0x81, 0x09, 0xff)), "answer malformed", "answer not-found"},
		"list in PEM":                 {nil, list, "answer malformed", "revoked"},
		"list in PEM with a preface":  {nil, append(pemOf(root.Certificate), list...), "answer malformed", "revoked"},
		"PEM without a list":          {nil, pemOf(root.Certificate), "answer malformed", "answer malformed"},
		"PEM without end":             {nil, list[:len(list)/2], "answer malformed", "answer malformed"},
		"PEM of a broken list": {
			nil, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: []byte{0x30}}), "answer malformed", "answer malformed",
		},
		"changes alone":           {nil, middle.CRL(c, critical(2, 5, 29, 27)), "answer malformed", "answer not-found"},
		"list with unknown rules": {nil, middle.CRL(c, critical(1, 2, 3, 4)), "answer malformed", "answer not-found"},
	} {
		t.Run(name, func(t *testing.T) {
			net := newInternet(t)
			net.HandleFunc("POST /middle", func(w http.ResponseWriter, r *http.Request) {
				asked, _ := io.ReadAll(r.Body)
				request, err := ocsp.ParseRequest(asked)
				assert.NoError(t, err)
				assert.Equal(t, c.SerialNumber, request.SerialNumber)
				assert.Equal(t, "application/ocsp-request", r.Header.Get("Content-Type"))
				_, _ = w.Write(test.ocsp)
			})
			net.is("/middle.crl", test.crl)
			net.is("/root", root.OCSP(middle.Certificate, tlstest.Status{}))
			net.is("/root.crl", root.CRL(middle.Certificate, revoked))
			path := BestPath(one, Roots{Pool: root.Pool()}, time.Now())
			answers := CheckRevocation(t.Context(), net.host(), path, patience).Answers
			require.Len(t, answers, 4)
			var got []string
			for _, a := range answers {
				got = append(got, said(a))
			}
			assert.Equal(t, []string{test.wantOCSP, test.wantCRL, "good", "revoked"}, got)
			for i, want := range []RevocationAnswer{
				{Subject: "CN=localhost", Leaf: true, Method: "OCSP", URL: "http://ocsp.example/middle"},
				{Subject: "CN=localhost", Leaf: true, Method: "CRL", URL: "http://crl.example/middle.crl"},
				{Subject: "CN=middle", Method: "OCSP", URL: "http://ocsp.example/root"},
				{Subject: "CN=middle", Method: "CRL", URL: "http://crl.example/root.crl"},
			} {
				assert.Positive(t, answers[i].Took)
				want.Took, want.Says, want.Fault = answers[i].Took, answers[i].Says, answers[i].Fault
				assert.Equal(t, want, answers[i])
			}
			if name == "stale, and revoked" {
				for _, a := range answers[:2] {
					assert.WithinDuration(t, long.Add(time.Hour), a.Says.NextUpdate, time.Second, "its age shows")
					assert.True(t, a.Says.Signed)
				}
			}
			assert.Equal(t, "superseded", answers[3].Says.Reason)
			assert.WithinDuration(t, long, answers[3].Says.RevokedAt, time.Second)
		})
	}
}

func TestRevocationIsBounded(t *testing.T) {
	net := newInternet(t)
	endless := tlstest.NewCA("endless")
	var path []*x509.Certificate
	for range 50 {
		path = append(path, presentedBy(endless, tlstest.Leaf{Change: func(c *x509.Certificate) {
			c.OCSPServer, c.CRLDistributionPoints = manyURLs(50), manyURLs(50)
		}}).Certificates[0])
	}
	answers := CheckRevocation(t.Context(), net.host(), path, patience).Answers
	assert.Len(t, answers, maxSubjects*2*maxSources)
	assert.LessOrEqual(t, int(net.dials.Load()), len(answers))
	assert.Empty(t, CheckRevocation(t.Context(), net.host(), path[:1], patience).Answers, "a root alone")
	assert.Empty(t, CheckRevocation(t.Context(), net.host(), nil, patience).Answers)
}

// All sources are asked at once: each answers when all have been asked.
func TestRevocationAtOnce(t *testing.T) {
	net := newInternet(t)
	var asked atomic.Int32
	all := make(chan struct{})
	net.HandleFunc("/", func(http.ResponseWriter, *http.Request) {
		if asked.Add(1) == 4 {
			close(all)
		}
		<-all
	})
	root := tlstest.NewCA("root")
	middle := root.Authorize(tlstest.Authority{Name: "middle", OCSPServer: "http://ca.example/1", CRL: "http://ca.example/2"})
	one := presentedBy(middle, tlstest.Leaf{OCSPServer: "http://ca.example/3", CRL: "http://ca.example/4"})
	path := append(one.Certificates, root.Certificate)
	for _, a := range CheckRevocation(t.Context(), net.host(), path, time.Minute).Answers {
		assert.True(t, a.Fault.Of(probes.Malformed), "%v", a.Fault)
	}
}

// FuzzPeer reads whatever a peer may send in one piece: its staple, and what is fetched for it.
func FuzzPeer(f *testing.F) {
	root := tlstest.NewCA("root")
	one := presentedBy(root, tlstest.Leaf{Logged: manyTimes(2), CRL: "http://ca.example/"})
	c := one.Certificates[0]
	f.Add(root.OCSP(c, tlstest.Status{}), root.CRL(c, tlstest.Status{}), tlstest.Timestamp(time.UnixMilli(1)))
	f.Add([]byte{}, pem.EncodeToMemory(&pem.Block{Type: "X509 CRL", Bytes: root.CRL(c, tlstest.Status{})}), []byte{})
	f.Add(ocsp.TryLaterErrorResponse, []byte{0x30, 0x80}, []byte{0})
	f.Fuzz(func(t *testing.T, staple, list, sct []byte) {
		one.Staple, one.SCTs = staple, [][]byte{sct}
		chain := ReadChain(one, "localhost", Roots{Pool: root.Pool()}, time.Now())
		assert.LessOrEqual(t, len(chain.SCTs), MaxSCTs)
		if chain.Staple != nil && chain.Staple.Fault == nil {
			assert.True(t, chain.Staple.Signed && chain.Staple.Matches)
		}
		says, fault := readCRL(list, c, root.Certificate, time.Now())
		assert.Equal(t, says == nil, fault != nil)
	})
}

func FuzzReadChain(f *testing.F) {
	root := tlstest.NewCA("root")
	one := presentedBy(root, tlstest.Leaf{MustStaple: true, Logged: manyTimes(1)}).Certificates[0]
	f.Add(one.Raw, root.Certificate.Raw)
	f.Fuzz(func(t *testing.T, leaf, issuer []byte) {
		c, err := x509.ParseCertificate(leaf)
		if err != nil {
			return
		}
		p := Presented{Certificates: []*x509.Certificate{c}}
		if by, err := x509.ParseCertificate(issuer); err == nil {
			p.Certificates = append(p.Certificates, by)
		}
		chain := ReadChain(p, "localhost", Roots{Pool: root.Pool()}, time.Now())
		assert.Equal(t, chain.Trust.Trusted, len(chain.Trust.Flaws) == 0)
		assert.LessOrEqual(t, len(chain.Certificates[0].Subject), probes.MaxText)
		assert.LessOrEqual(t, len(chain.Trust.Flaws), maxFlaws)
	})
}
