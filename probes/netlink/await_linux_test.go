package netlink

import (
	"context"
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

func TestAwaitNews(t *testing.T) {
	netlinktest.Namespace(t, "ip link set lo up")
	asked := 0
	err := Await(t.Context(), unix.RTMGRP_LINK, func() bool {
		asked++
		if asked == 1 { // the news comes from what happens after the socket listens
			require.NoError(t, exec.Command("ip", "link", "add", "dummy0", "type", "veth").Run())
		}
		return asked > 1
	})
	require.NoError(t, err)
	assert.Equal(t, 2, asked)
}

func TestAwaitNothing(t *testing.T) {
	asked := 0
	require.NoError(t, Await(t.Context(), unix.RTMGRP_NEIGH, func() bool { asked++; return true }))
	assert.Equal(t, 1, asked)
}

func TestAwaitEndsWithContext(t *testing.T) {
	netlinktest.Namespace(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	err := Await(ctx, unix.RTMGRP_NEIGH, func() bool { return false })
	assert.ErrorIs(t, err, context.DeadlineExceeded)
}
