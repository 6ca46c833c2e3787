package link

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
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

func TestTakeState(t *testing.T) {
	const infinite = 0xffffffff
	hour := probes.Millis(time.Hour)
	for name, test := range map[string]struct {
		dad, prefix, suffix, preferred, valid uint32
		want                                  Address
	}{
		"by hand":                     {4, 1, 1, infinite, infinite, Address{}},
		"by DHCP":                     {4, 3, 3, 3600, 3600, Address{Dynamic: true, Preferred: hour, Valid: hour}},
		"advertised, for privacy":     {4, 4, 5, 3600, infinite, Address{Dynamic: true, Temporary: true, Preferred: hour}},
		"not yet used":                {1, 3, 3, infinite, infinite, Address{Dynamic: true, Tentative: true}},
		"another host's":              {2, 1, 1, infinite, infinite, Address{Duplicate: true}},
		"past its preferred lifetime": {3, 4, 4, 0, 3600, Address{Dynamic: true, Deprecated: true, Valid: hour}},
	} {
		t.Run(name, func(t *testing.T) {
			var got Address
			got.takeState(test.dad, test.prefix, test.suffix, test.preferred, test.valid)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestMediumOf(t *testing.T) {
	assert.Equal(t, "wifi", mediumOf(71))
	assert.Empty(t, mediumOf(53))
}
