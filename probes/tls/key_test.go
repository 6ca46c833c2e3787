package tls

import (
	"encoding/asn1"
	"net/netip"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"
	cryptobyteasn1 "golang.org/x/crypto/cryptobyte/asn1"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// TestKeysOfOpenSSL asks with every scheme for certificates most of which a client written in Go cannot use.
func TestKeysOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for want, kind := range map[string]string{
		"RSA 512":               "rsa:512",
		"RSA-PSS 2048":          "rsa-pss -pkeyopt rsa_keygen_bits:2048",
		"Ed25519":               "ed25519",
		"Ed448":                 "ed448",
		"ECDSA P-384":           "ec -pkeyopt ec_paramgen_curve:P-384",
		"ECDSA brainpoolP256r1": "ec -pkeyopt ec_paramgen_curve:brainpoolP256r1",
	} {
		t.Run(want, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			request := strings.Fields("req -x509 -nodes -subj /CN=localhost -keyout key.pem -out certificate.pem -newkey " + kind)
			told, err := openssl(t, folder, request...).CombinedOutput()
			require.NoError(t, err, "%s", told)
			server := serveOpenSSL(t, folder, strings.Fields("-cert certificate.pem -key key.pem -tls1_2 -cipher ALL:@SECLEVEL=0")...)
			offer := EveryScheme()
			if strings.Contains(want, "brainpool") {
				offer = Everything() // before TLS 1.3, the certificate's curve must be among the groups (RFC 8422 §5.1)
			}
			answer := ask(t, netip.MustParseAddrPort(server), offer)
			assert.Nil(t, answer.Fault)
			assert.Equal(t, want, answer.Key)
			assert.NotEmpty(t, answer.Leaf)
		})
	}
}

// certificateFor is as much of a certificate as leads to its key.
func certificateFor(algorithm asn1.ObjectIdentifier, parameters cryptobyte.BuilderContinuation, key []byte) []byte {
	var b cryptobyte.Builder
	sequence := func(b *cryptobyte.Builder, content cryptobyte.BuilderContinuation) {
		b.AddASN1(cryptobyteasn1.SEQUENCE, content)
	}
	nothing := func(*cryptobyte.Builder) {}
	sequence(&b, func(b *cryptobyte.Builder) {
		sequence(b, func(b *cryptobyte.Builder) {
			b.AddASN1Int64(1)
			for range 4 {
				sequence(b, nothing)
			}
			sequence(b, func(b *cryptobyte.Builder) {
				sequence(b, func(b *cryptobyte.Builder) {
					b.AddASN1ObjectIdentifier(algorithm)
					parameters(b)
				})
				b.AddASN1BitString(key)
			})
		})
	})
	return b.BytesOrPanic()
}

func TestNamesOfKeys(t *testing.T) {
	rsa, dsa := asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, asn1.ObjectIdentifier{1, 2, 840, 10040, 4, 1}
	ec := asn1.ObjectIdentifier{1, 2, 840, 10045, 2, 1}
	nothing := func(*cryptobyte.Builder) {}
	prime := func(b *cryptobyte.Builder) {
		b.AddASN1(cryptobyteasn1.SEQUENCE, func(b *cryptobyte.Builder) { b.AddASN1Uint64(1 << 40) })
	}
	curve := func(numbers ...int) cryptobyte.BuilderContinuation {
		return func(b *cryptobyte.Builder) { b.AddASN1ObjectIdentifier(numbers) }
	}
	whole := tlstest.NewCA("test root").Issue(tlstest.Leaf{}).Certificate[0]
	for name, test := range map[string]struct {
		certificate []byte
		want        string
	}{
		"a whole certificate":         {whole, "ECDSA P-256"},
		"half of one":                 {whole[:len(whole)/2], ""},
		"no certificate":              {[]byte("no certificate"), ""},
		"nothing":                     {nil, ""},
		"DSA":                         {certificateFor(dsa, prime, nil), "DSA 41"},
		"RSA without a key":           {certificateFor(rsa, nothing, nil), "RSA"},
		"a curve without a name":      {certificateFor(ec, curve(1, 2, 3), nil), "ECDSA 1.2.3"},
		"a curve of its own":          {certificateFor(ec, prime, nil), "ECDSA with a curve of its own"},
		"SM2":                         {certificateFor(ec, curve(1, 2, 156, 10197, 1, 301), nil), "ECDSA SM2"},
		"ML-DSA":                      {certificateFor(asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 3, 18}, nothing, nil), "ML-DSA-65"},
		"an algorithm without a name": {certificateFor(asn1.ObjectIdentifier{1, 2, 643, 7, 1, 1, 1, 1}, nothing, nil), "1.2.643.7.1.1.1.1"},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, keyName(test.certificate)) })
	}
}

func FuzzKeyName(f *testing.F) {
	f.Add(tlstest.NewCA("test root").Issue(tlstest.Leaf{}).Certificate[0])
	f.Add(certificateFor(asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, 1}, func(*cryptobyte.Builder) {}, []byte{0x30, 3, 2, 1, 5}))
	f.Fuzz(func(t *testing.T, der []byte) { assert.LessOrEqual(t, len(keyName(der)), 1024) })
}
