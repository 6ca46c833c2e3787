package checks

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// FuzzRejudge judges reports that somebody has edited. The first argument is the report; the second is what the edits are made by, a
// few bytes each.
func FuzzRejudge(f *testing.F) {
	random := rand.New(rand.NewPCG(1, 2))
	all := tables()
	for _, about := range slices.Sorted(maps.Keys(all)) {
		table := all[about]
		for _, name := range slices.Sorted(maps.Keys(table)) {
			text, err := json.Marshal(Judge(table[name].evidence))
			require.NoError(f, err)
			for n := range 4 {
				f.Add(text, someBytes(random, 4*n))
			}
		}
	}
	f.Fuzz(func(t *testing.T, text, edits []byte) {
		var tree any
		if json.Unmarshal(text, &tree) != nil {
			return
		}
		for ; len(edits) >= 4; edits = edits[4:] {
			edit(tree, int(edits[0])<<8|int(edits[1]), oddValue(edits[2], edits[3]))
		}
		edited, err := json.Marshal(tree)
		require.NoError(t, err)
		report, untouched := new(Report), new(Report)
		if json.Unmarshal(edited, report) != nil || json.Unmarshal(text, untouched) != nil {
			return
		}
		report.Target = untouched.Target // another would need other evidence than there is
		judged := Rejudge(report)
		assert.Equal(t, judged.Verdict, Rejudge(saved(t, judged)).Verdict, "the verdict, judged anew")
		assert.Empty(t, failedForNothing(judged))
	})
}

func someBytes(random *rand.Rand, n int) []byte {
	bytes := make([]byte, n)
	for i := range bytes {
		bytes[i] = byte(random.Uint32())
	}
	return bytes
}

// failedForNothing are the checks that have failed without a cause.
func failedForNothing(r *Report) (ids []string) {
	for _, c := range r.Checks {
		if c.Status == Fail && len(c.CausedBy) == 0 {
			ids = append(ids, c.ID)
		}
	}
	return ids
}

// oddWords are words that mean something in some place, and numbers that do.
var (
	oddWords = []string{
		"", "EPSV", "PASV", "PORT", "EPRT", "LIST", "STOR", "data connection", "data", "data TLS handshake", "final reply", "NOOP", "idle",
		"greeting", "USER", "PASS", "AUTH TLS", "PROT", "TLS handshake", "timeout", "refused", "reset", "closed", "negative", "malformed",
		"interrupted", "withheld", "unsupported", "control connection in clear", "control connection over TLS", "resumed TLS session",
		"full TLS handshake", "PROT P", "deadline", "203.0.113.10", "203.0.113.10:50000", "10.0.0.1:1", "2001:db8::1", "fe80::1%eth0",
		"500 OOPS: x", "OOPS: x", "Operation not permitted", "eof", "cut", "connected", "exceeded", "data port", "control port", "ftpes", "ftp",
	}
	oddNumbers = []int{0, 1, 2, -1, 21, 150, 220, 226, 229, 421, 425, 450, 522, 550, 50000, 60000}
)

// oddValue is what an edit puts in place of a part, chosen by two bytes.
func oddValue(kind, which byte) any {
	switch kind % 6 {
	case 0:
		return oddNumbers[int(which)%len(oddNumbers)]
	case 1:
		return map[string]any{}
	case 2:
		return []any{map[string]any{}}
	case 3:
		return which%2 == 0
	case 4:
		return nil
	}
	return oddWords[int(which)%len(oddWords)]
}

// edit puts a value in place of one part of the observations in a report, or of the target or the settings: the one at place, counted
// round and round.
func edit(tree any, place int, value any) {
	var places []func()
	report, ok := tree.(map[string]any)
	if !ok {
		return
	}
	for _, key := range []string{"target", "settings", "interrupted", "checks"} {
		collect(report, key, value, &places)
	}
	if len(places) > 0 {
		places[place%len(places)]()
	}
}

// collect finds every part below a key, and how to replace it.
func collect(parent map[string]any, key string, value any, places *[]func()) {
	*places = append(*places, func() { parent[key] = value })
	switch child := parent[key].(type) {
	case map[string]any:
		for _, below := range slices.Sorted(maps.Keys(child)) {
			collect(child, below, value, places)
		}
	case []any:
		for i := range child {
			*places = append(*places, func() { child[i] = value })
			if below, ok := child[i].(map[string]any); ok {
				for _, key := range slices.Sorted(maps.Keys(below)) {
					collect(below, key, value, places)
				}
			}
		}
	}
}
