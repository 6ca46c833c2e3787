package checks

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestTranslation(t *testing.T) {
	const byName = "ftp://" + serverName
	for name, test := range map[string]struct {
		changes []change
		want    string
	}{
		"the server connected to our own address": {nil, "no"},
		"a private address, and a helper":         {[]change{activeMode(fromPrivate)}, "yes"},
		"the server sees another":                 {[]change{activeMode(unreachedMode, seenAs("198.51.100.2", 211))}, "yes"},
		"the server sees our own":                 {[]change{activeMode(unreachedMode, seenAs("192.0.2.5", 211))}, "no"},
		"nothing reached us, and nobody told":     {[]change{activeMode(unreachedMode)}, "unknown"},
	} {
		t.Run(name, func(t *testing.T) {
			report := Judge(given(byName, test.changes...))
			require.NotNil(t, report.Translation)
			assert.Equal(t, test.want, report.Translation.Translated, report.Translation.Because)
			assert.Equal(t, report.Translation, Rejudge(report).Translation)
		})
	}
	assert.Nil(t, Judge(given(byName, func(e *Evidence) { e.Active = nil })).Translation)
}
