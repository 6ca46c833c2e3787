package link

import (
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestActive(t *testing.T) {
	for name, test := range map[string]struct {
		status      uint32
		flags, want bool
	}{
		"active":                          {3, true, true},
		"no cable, though the flags say":  {1, true, false},
		"the driver does not know":        {0, true, true},
		"the driver does not know either": {0, false, false},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, active(test.status, test.flags)) })
	}
}

func TestStateOf(t *testing.T) {
	for name, test := range map[string]struct {
		admin, media uint32
		up, carrier  bool
	}{
		"connected":                   {1, 1, true, true},
		"no cable":                    {1, 2, true, false},
		"a tunnel, which has no such": {1, 0, true, true},
		"disabled":                    {2, 2, false, false},
		"disabled, and connected":     {2, 1, false, false},
	} {
		t.Run(name, func(t *testing.T) {
			up, carrier := stateOf(test.admin, test.media)
			assert.Equal(t, test.up, up)
			assert.Equal(t, test.carrier, carrier)
		})
	}
}
