//go:build !linux

package route

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
)

func TestLookupOfLoopback(t *testing.T) {
	loopback := netip.MustParseAddr("127.0.0.1")
	result := Lookup(t.Context(), loopback, "target")
	assert.Nil(t, result.Fault)
	assert.Equal(t, loopback, result.Source)
	assert.Equal(t, "local", result.Type)
	assert.NotEmpty(t, result.Interface)
	assert.False(t, result.NextHop().IsValid())
}

func TestLookupOfNothing(t *testing.T) {
	result := Lookup(t.Context(), netip.Addr{}, "target")
	assert.True(t, result.Fault.Of(probes.Malformed), "%v", result.Fault)
}

func TestNeighbourOfLoopback(t *testing.T) {
	result := NeighbourOf(t.Context(), netip.MustParseAddr("127.0.0.1"), "lo0")
	assert.Equal(t, "none", result.State)
	assert.True(t, result.Fault.Of(probes.Unsupported), "%v", result.Fault)
}
