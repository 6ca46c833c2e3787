package clock

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
)

func TestKernelOf(t *testing.T) {
	for name, test := range map[string]struct {
		state unix.Timex
		want  Kernel
	}{
		"kept":     {unix.Timex{Status: unix.STA_PLL | unix.STA_NANO, Maxerror: 12500, Esterror: 40}, Kernel{true, micros(12500), micros(40)}},
		"not kept": {unix.Timex{Status: unix.STA_UNSYNC, Maxerror: 16_000_000, Esterror: 16_000_000}, Kernel{false, micros(16_000_000), micros(16_000_000)}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, &test.want, kernelOf(&test.state)) })
	}
}

// micros is a number of microseconds.
func micros(n int64) probes.Millis { return probes.Millis(time.Duration(n) * time.Microsecond) }

func TestKernelOfThisMachine(t *testing.T) {
	var state unix.Timex
	if _, err := unix.Adjtimex(&state); err != nil {
		t.Skip("forbidden here:", err)
	}
	k := kernel()
	require.NotNil(t, k)
	assert.Equal(t, state.Status&unix.STA_UNSYNC == 0, k.Synchronized)
	assert.Positive(t, k.MaxError)
}
