//go:build !linux && !windows

package path

import (
	"net/netip"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
)

func TestTraceWhereTheSystemDoesNotTell(t *testing.T) {
	for _, oneByOne := range []bool{false, true} {
		result := Trace(t.Context(), Options{To: netip.MustParseAddrPort("127.0.0.1:9"), OneByOne: oneByOne, Wait: time.Minute})
		assert.True(t, result.Fault.Of(probes.Unsupported), "%v", result.Fault)
		assert.Equal(t, "SYN", result.Fault.Step)
		assert.Empty(t, result.Hops)
		assert.False(t, result.Reached)
	}
}
