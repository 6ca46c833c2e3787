package pki

import (
	"crypto/x509"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestSignedBy(t *testing.T) {
	root := issued(t, authority("root"), nil)
	middle := issued(t, authority("middle"), root)
	namesake := issued(t, authority("middle"), root) // with a key of its own
	one := issued(t, leaf(), middle)
	for name, test := range map[string]struct {
		sent []*x509.Certificate
		want []int
	}{
		"in order":                 {chainOf(one, middle, root), []int{2, 3, 0}},
		"root twice":               {chainOf(one, middle, root, root), []int{2, 3, 0, 0}},
		"in another order":         {chainOf(one, root, middle), []int{3, 0, 2}},
		"another of the same name": {chainOf(one, namesake, middle), []int{3, 0, 0}},
		"leaf alone":               {chainOf(one), []int{0}},
	} {
		t.Run(name, func(t *testing.T) {
			var got []int
			for _, c := range ReadChain(Presented{Certificates: test.sent}, "ftp.example.com", trusting(root), now).Certificates {
				got = append(got, c.SignedBy)
			}
			assert.Equal(t, test.want, got)
		})
	}
}

func TestReadChainOfNothing(t *testing.T) {
	chain := ReadChain(Presented{}, "ftp.example.com", trusting(), now)
	assert.Equal(t, Chain{Name: "ftp.example.com", At: now, Trust: Trust{Roots: "system"}}, chain)
}

func TestThousandCertificates(t *testing.T) {
	root := issued(t, authority("root"), nil)
	presented := chainOf(issued(t, leaf(), root))
	for len(presented) < 1000 {
		presented = append(presented, root.Certificate)
	}
	chain := ReadChain(Presented{Certificates: presented}, "ftp.example.com", trusting(root), now)
	assert.Equal(t, 1000, chain.Sent)
	assert.Len(t, chain.Certificates, MaxCertificates)
	assert.True(t, chain.Trust.Trusted)
}

// namesakes are certificates of one name, each signed by itself.
func namesakes(t *testing.T, name string, n int) (all []*identity) {
	for range n {
		all = append(all, issued(t, authority(name), nil))
	}
	return all
}

// What a result keeps of a chain does not bound what a path is built of.
func TestIntermediateFarBehind(t *testing.T) {
	root := issued(t, authority("root"), nil)
	middle := changed(authority("middle"), func(c *x509.Certificate) { c.IssuingCertificateURL = []string{"http://ca.example/root.der"} })
	needed := issued(t, middle, root)
	one := issued(t, leaf(), needed)
	for name, others := range map[string][]*identity{
		"behind others":       append(namesakes(t, "other", 10), namesakes(t, "another", 10)...),
		"behind its namesake": namesakes(t, "middle", 20),
	} {
		t.Run(name, func(t *testing.T) {
			presented := Presented{Certificates: chainOf(slices.Concat([]*identity{one}, others, []*identity{needed})...)}
			chain := ReadChain(presented, "ftp.example.com", trusting(root), now)
			assert.Equal(t, []string{"CN=leaf", "CN=middle", "CN=root"}, chain.Trust.Path)
			assert.Equal(t, 22, chain.Sent)
			require.Len(t, chain.Certificates, MaxCertificates)
			assert.Zero(t, chain.Certificates[0].SignedBy, "the 22nd is not in the result")
			assert.Equal(t, chainOf(one, needed, root), BestPath(presented, trusting(root), now))

			untrusted := ReadChain(presented, "ftp.example.com", trusting(), now).Trust
			assert.Equal(t, []string{"unknown-authority @ CN=middle"}, flawsOf(untrusted))

			net := newInternet(t)
			net.is("/root.der", root.Raw)
			found, _ := FetchIssuers(t.Context(), net.host(), presented.Certificates, time.Minute)
			assert.Equal(t, []Addition{{Certificate: root.Certificate, From: "http://ca.example/root.der"}}, found)
		})
	}
}

// A thousand authorities of one name, each of which may have signed any other, are not compared each with each.
func TestThousandNamesakes(t *testing.T) {
	all := namesakes(t, "same", 1000)
	presented := Presented{Certificates: chainOf(append([]*identity{issued(t, leaf(), all[999])}, all...)...)}
	b := newBuilder(presented.Certificates[0], trusting(), now)
	b.build(presented)
	for _, c := range presented.Certificates {
		b.links.signer(c, presented.Certificates)
	}
	assert.Len(t, b.links, maxChecks)
	assert.Equal(t, UnknownAuthority, ReadChain(presented, "", trusting(), now).Trust.Reason)
}
