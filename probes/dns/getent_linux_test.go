package dns

import (
	"context"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// program puts a script into the PATH in the place of getent.
func program(t *testing.T, script string) {
	t.Helper()
	directory := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(directory, "getent"), []byte("#!/bin/sh\n"+script), 0o700))
	t.Setenv("PATH", directory+":"+os.Getenv("PATH"))
}

// system4 is what the system says of a name whose IPv4 addresses are wanted, and how often it spoke.
func system4(t *testing.T, config Config, name string) (last systemAnswer, said int) {
	t.Helper()
	events := make(chan event)
	go func() {
		defer close(events)
		lookUp(t.Context(), Options{Timeout: 3 * time.Second, Host: probes.Host{Family: 4}}, config, name, events)
	}()
	for e := range events {
		if e.lookup != nil {
			last = *e.lookup
			said++
		}
	}
	return last, said
}

func TestGetentIsNotAskedWhereNothingIsBeyondDNS(t *testing.T) {
	program(t, "echo 192.0.2.99 STREAM")
	got, said := system4(t, Config{Sources: []string{"files", "dns"}}, "localhost")
	assert.Equal(t, addrs("127.0.0.1"), got.Addresses)
	assert.Nil(t, got.getent)
	assert.Nil(t, got.own)
	assert.Equal(t, 1, said)
}

func TestGetentIsWhatProgramsGet(t *testing.T) {
	program(t, `test "$1 $2" = "ahosts localhost" && echo "192.0.2.99 STREAM other"`)
	got, _ := system4(t, Config{Sources: []string{"files", "mymachines", "dns"}}, "localhost")
	assert.Equal(t, addrs("192.0.2.99"), got.Addresses)
	require.NotNil(t, got.own)
	assert.Equal(t, addrs("127.0.0.1"), got.own.Addresses)
}

func TestGetentFindsNothing(t *testing.T) {
	program(t, "exit 2")
	got, _ := system4(t, Config{Sources: []string{"files", "mymachines", "dns"}}, "localhost")
	assert.Equal(t, addrs("127.0.0.1"), got.Addresses, "what was found stays")
	require.NotNil(t, got.getent)
	assert.True(t, got.getent.Fault.Of(probes.Other))
	assert.Nil(t, got.own)
}

func TestGetentHangs(t *testing.T) {
	program(t, "exec sleep 60")
	got, _ := system4(t, Config{Sources: []string{"files", "wins", "dns"}}, "localhost")
	assert.Equal(t, addrs("127.0.0.1"), got.Addresses)
	require.NotNil(t, got.getent)
	assert.True(t, got.getent.Fault.Of(probes.Timeout), got.getent.Fault)
}

func TestGetentIsEndedWithItsContext(t *testing.T) {
	program(t, "exec sleep 60")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	assert.True(t, getent(ctx, Options{Timeout: wait}, "localhost").Fault.Of(probes.Interrupted))
}

func TestGetentSaysTooMuch(t *testing.T) {
	program(t, "yes '192.0.2.1 STREAM' | head -c 1000000; echo 192.0.2.2 STREAM")
	assert.Equal(t, addrs("192.0.2.1"), getent(t.Context(), Options{Timeout: wait}, "localhost").Addresses)
}
