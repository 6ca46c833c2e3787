package firewall

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

// filter are commands that make a filter which rejects what goes to port 21.
var filter = []string{
	"nft add table inet filter",
	"nft add chain inet filter output { type filter hook output priority filter ; }",
	"nft add rule inet filter output ct state established accept",
	"nft add rule inet filter output tcp dport 21 counter reject",
}

func TestRead(t *testing.T) {
	if find() == "" {
		t.Skip("nft(8) is not installed: apt-get install nftables")
	}
	netlinktest.Namespace(t, filter...)
	result := Read(t.Context())
	require.Nil(t, result.Fault)
	assert.Equal(t, []Chain{{
		Family: "inet", Table: "filter", Name: "output", Type: "filter", Hook: "output", Policy: "accept", Rules: 2,
	}}, result.Chains)

	result.Ask(t.Context(), toPort("203.0.113.10:21"), toPort("203.0.113.10:22"), toPort("203.0.113.10:21").Reply())

	require.Len(t, result.Answers, 3)
	assert.Equal(t, Reject, result.Answers[0].Action)
	assert.True(t, result.Answers[0].Stops())
	assert.Equal(t, "tcp dport 21 counter packets 0 bytes 0 reject", result.Answers[0].Text)
	assert.Equal(t, Accept, result.Answers[1].Action)
	assert.Equal(t, Accept, result.Answers[2].Action)
}

func TestReadWithoutTheRight(t *testing.T) {
	netlinktest.Namespace(t)
	netlinktest.Unprivileged(t)
	result := Read(t.Context())
	assert.True(t, result.Fault.Of(probes.Prohibited), "%v", result.Fault)
}

func TestReadAfterTheEnd(t *testing.T) {
	if find() == "" || !mayRead() {
		t.Skip("needs nft(8) and the right to ask it")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	result := Read(ctx)
	assert.True(t, result.Fault.Of(probes.Interrupted), "%v", result.Fault)
}
