//go:build !linux

package link

import (
	"net/netip"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestReadFindsLoopback(t *testing.T) {
	result := Read(t.Context())
	require.Nil(t, result.Fault)
	for _, i := range result.Interfaces {
		if i.Loopback {
			assert.True(t, i.Up)
			assert.Positive(t, i.Index)
			assert.True(t, slices.ContainsFunc(i.Addresses, func(a Address) bool { return a.Prefix == netip.MustParsePrefix("127.0.0.1/8") }))
			return
		}
	}
	t.Fatal("no loopback interface")
}
