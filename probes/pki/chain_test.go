package pki

import (
	"crypto/x509"
	"testing"

	"github.com/stretchr/testify/assert"
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
