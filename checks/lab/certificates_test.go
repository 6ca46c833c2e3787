//go:build linux

package main

import (
	"crypto/tls"
	"crypto/x509"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestRecipes makes every certificate, and makes sure that those which OpenSSL's servers are to read can be read.
func TestRecipes(t *testing.T) {
	directory := t.TempDir()
	scenario := filepath.Join(directory, "scenario.sh")
	names := openOffices().recipes()
	var text strings.Builder
	for name := range names {
		text.WriteString(name + "\n")
	}
	require.NoError(t, os.WriteFile(scenario, []byte(text.String()), 0o600))
	require.NoError(t, certificates(directory, scenario))

	for name := range names {
		file := filepath.Join(directory, name+".pem")
		_, err := tls.LoadX509KeyPair(file, file)
		require.NoError(t, err, name)
	}
	for _, list := range []string{"root", "intermediate", "stale", "stranger"} {
		content, err := os.ReadFile(filepath.Join(directory, "pki", list+".crl"))
		require.NoError(t, err)
		_, err = x509.ParseRevocationList(content)
		require.NoError(t, err, list)
	}
}

// TestCertificatesOnDemand makes sure that a scenario does not wait for certificates that it does not name.
func TestCertificatesOnDemand(t *testing.T) {
	directory := t.TempDir()
	scenario := filepath.Join(directory, "scenario.sh")
	require.NoError(t, os.WriteFile(scenario, []byte("website server 443 ssl rsa1024\n"), 0o600))
	require.NoError(t, certificates(directory, scenario))

	assert.FileExists(t, filepath.Join(directory, "good.pem"), "what the lab's words name")
	assert.FileExists(t, filepath.Join(directory, "rsa1024.pem"))
	assert.NoFileExists(t, filepath.Join(directory, "rsa2048.pem"))
}
