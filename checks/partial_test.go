package checks

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestPartialEvidence takes any one thing out of what was seen, as a report of another version or one that somebody has edited
// may lack it: there is still a verdict.
func TestPartialEvidence(t *testing.T) {
	for about, table := range tables() {
		for _, name := range slices.Sorted(maps.Keys(table)) {
			c := table[name]
			text, err := json.Marshal(Judge(c.evidence))
			require.NoError(t, err)
			withoutAny(t, about+"/"+name, text)
		}
	}
}

// sample is how many parts there are to one that is taken out: they are many, and each table has the same ones again and again.
const sample = 37

// withoutAny judges a report without any one part of its observations.
func withoutAny(t *testing.T, name string, report []byte) {
	t.Helper()
	for n := len(name) % sample; ; n += sample {
		var tree map[string]any
		require.NoError(t, json.Unmarshal(report, &tree))
		left := n
		removed := ""
		for _, check := range tree["checks"].([]any) {
			id := check.(map[string]any)["id"].(string)
			if removed = remove(check.(map[string]any)["observation"], &left); removed != "" {
				removed = id + removed
				break
			}
		}
		if removed == "" {
			return
		}
		text, err := json.Marshal(tree)
		require.NoError(t, err)
		partial := new(Report)
		if json.Unmarshal(text, partial) != nil {
			continue
		}
		assert.NotPanics(t, func() { Rejudge(partial) }, "%s: without %s", name, removed)
	}
}

// TestForgedReports judges reports that no rung wrote: there is still a verdict.
func TestForgedReports(t *testing.T) {
	for name, text := range map[string]string{
		"no target":                 `{"checks": []}`,
		"a signer beyond the last":  chainSignedBy(3),
		"a signer before the first": chainSignedBy(-1),
		"ports of no attempt":       samplesOfNothing(`{"command": "EPSV"}`, "null"),
		"ports of one command":      samplesOfNothing(`{"command": "EPSV", "fault": {"step": "EPSV"}}`, "null"),
	} {
		t.Run(name, func(t *testing.T) {
			report := new(Report)
			require.NoError(t, json.Unmarshal([]byte(text), report))
			assert.NotPanics(t, func() { report = Rejudge(report) })
			assert.NotEqual(t, VerdictOK, report.Verdict)
		})
	}
}

// chainSignedBy is a report of two certificates, the first of which is said to be signed by the one in that place.
func chainSignedBy(place int) string {
	return fmt.Sprintf(`{"target": {"scheme": "tls", "host": "192.0.2.1", "port": 443}, "checks": [{"id": "tls.certificate", "observation":
		{"certificates": [{"signed_by": %d}, {}], "trust": {"reason": "unknown-authority"}}}]}`, place)
}

// samplesOfNothing is a report in which EPSV's samples failed and PASV's worked, after these attempts.
func samplesOfNothing(epsv, pasv string) string {
	return fmt.Sprintf(`{"target": {"scheme": "ftp", "host": "192.0.2.1", "port": 21}, "checks": [
		{"id": "ftp.control", "observation": {"logged_in": true}},
		{"id": "ftp.passive", "observation": {"epsv": %s, "pasv": %s, "sampling": {"samples": [
			{"command": "EPSV", "announced": "192.0.2.1:1024", "tries": [{"fault": {"kind": "timeout"}}]},
			{"command": "PASV", "announced": "192.0.2.1:1025", "tries": [{}]}]}}}]}`, epsv, pasv)
}

// remove takes the n-th part out of a tree, and says which one it was; n counts down.
func remove(tree any, n *int) string {
	switch tree := tree.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(tree)) {
			if *n == 0 {
				delete(tree, key)
				return "." + key
			}
			*n--
			if path := remove(tree[key], n); path != "" {
				return "." + key + path
			}
		}
	case []any:
		for i := range tree {
			if path := remove(tree[i], n); path != "" {
				return fmt.Sprintf("[%d]%s", i, path)
			}
		}
	}
	return ""
}
