package probes

import (
	"runtime"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestLocalPorts(t *testing.T) {
	first, last, ok := LocalPorts()
	assert.Equal(t, runtime.GOOS == "linux", ok)
	if ok {
		assert.Positive(t, first)
		assert.GreaterOrEqual(t, last, first)
	}
}
