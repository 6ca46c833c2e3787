package checks

import (
	"context"
	"net"
	"net/netip"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// TestConnectionsToWhatRefusedOnce counts what a refusal costs: an "r" is a connection that is refused, an "a" one that is accepted, and
// the last of them is what all further ones are.
func TestConnectionsToWhatRefusedOnce(t *testing.T) {
	const target = "tcp://127.0.0.11:22"
	for outcomes, c := range map[string]struct {
		dialed, before, again int
		causes                []string
	}{
		"a":    {dialed: 1},
		"r":    {dialed: mostRefusals, before: mostRefusals - 1, causes: []string{"tcp.refused"}},
		"ra":   {dialed: 2 + afterRefusals, before: 1, again: afterRefusals},
		"rra":  {dialed: 3 + afterRefusals, before: 2, again: afterRefusals},
		"rar":  {dialed: 3, before: 1, again: 1, causes: []string{"tcp.partial-backends"}},
		"raar": {dialed: 4, before: 1, again: 2, causes: []string{"tcp.partial-backends"}},
	} {
		t.Run(outcomes, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				i := newInternet()
				dialed := 0
				var mutex sync.Mutex
				host := i.host()
				host.Dial = func(_ context.Context, to netip.AddrPort) (net.Conn, error) {
					mutex.Lock()
					defer mutex.Unlock()
					outcome := outcomes[min(dialed, len(outcomes)-1)]
					dialed++
					if outcome == 'r' {
						return nil, &probes.Fault{Step: "connect", Kind: probes.Refused}
					}
					client, server := i.pipe(addr("127.0.0.1"), to)
					return client, server.Close()
				}
				parsed, err := ParseTarget(target)
				require.NoError(t, err)
				report := Diagnose(t.Context(), parsed, Options{Host: host})
				assertSound(t, report)
				assert.Zero(t, i.open, "connections left open")
				seen := EvidenceOf(report).TCP[0].Seen
				assert.Equal(t, c.dialed, dialed)
				assert.Len(t, seen.Before, c.before)
				assert.Len(t, seen.Again, c.again)
				var causes []string
				for _, cause := range report.Causes {
					causes = append(causes, cause.ID)
				}
				assert.Equal(t, c.causes, causes)
			})
		})
	}
}
