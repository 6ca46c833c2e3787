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
	result := Lookup(t.Context(), Flow{To: loopback}, "target")
	assert.Nil(t, result.Fault)
	assert.Equal(t, loopback, result.Source)
	assert.Equal(t, "local", result.Type)
	assert.NotEmpty(t, result.Interface)
	assert.False(t, result.NextHop().IsValid())
}

func TestLookupOfNothing(t *testing.T) {
	result := Lookup(t.Context(), Flow{}, "target")
	assert.True(t, result.Fault.Of(probes.Malformed), "%v", result.Fault)
}

func TestNeighbourOfThisMachine(t *testing.T) {
	loopback := netip.MustParseAddr("127.0.0.1")
	result := NeighbourOf(t.Context(), loopback, Lookup(t.Context(), Flow{To: loopback}, "target").Interface)
	assert.False(t, result.Failed())
	if result.Fault != nil { // a system that does not tell
		assert.True(t, result.Fault.Of(probes.Unsupported), "%v", result.Fault)
	}
}

func TestNeighbourOnNoInterface(t *testing.T) {
	result := NeighbourOf(t.Context(), netip.MustParseAddr("192.0.2.1"), "no such interface")
	assert.Equal(t, "none", result.State)
	assert.NotNil(t, result.Fault)
}
