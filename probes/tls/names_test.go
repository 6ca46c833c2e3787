package tls

import (
	"crypto/tls"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestNamesAgreeWithGo compares the registries with those of crypto/tls, which decoded and measured names must equal.
func TestNamesAgreeWithGo(t *testing.T) {
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		assert.Equal(t, suite.Name, suiteName(suite.ID))
	}
	for group, name := range groupNames {
		if id := tls.CurveID(group); !strings.HasPrefix(id.String(), "CurveID(") {
			assert.Equal(t, id.String(), name)
		}
	}
	assert.Equal(t, "SSLv3", versionName(0x0300))
	assert.Equal(t, "TLS 1.3", versionName(tls.VersionTLS13))
}

// TestSuiteNamesAgreeWithOpenSSL compares every suite that OpenSSL knows.
func TestSuiteNamesAgreeWithOpenSSL(t *testing.T) {
	needOpenSSL(t)
	listed, err := exec.CommandContext(t.Context(), "openssl", "ciphers", "-V", "-stdname", "ALL:COMPLEMENTOFALL:@SECLEVEL=0").Output()
	require.NoError(t, err)
	known := 0
	for line := range strings.Lines(string(listed)) {
		fields := strings.Fields(line) // 0xC0,0x2C - TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384 - …
		number, err := strconv.ParseUint(strings.Replace(strings.TrimPrefix(fields[0], "0x"), ",0x", "", 1), 16, 16)
		require.NoError(t, err, line)
		assert.Equal(t, fields[2], suiteName(uint16(number)))
		known++
	}
	assert.Greater(t, known, 100)
}

func TestNamesOfWhatIsNotRegistered(t *testing.T) {
	assert.Equal(t, "0x1a2b", suiteName(0x1a2b))
	assert.Equal(t, "0x1a2b", groupName(0x1a2b))
	assert.Equal(t, "0x1a2b", schemeName(0x1a2b))
	assert.Equal(t, "0x1A2B", versionName(0x1a2b))
	assert.Equal(t, "alert 200", alertName(200))
}

// TestNamesAreUnique keeps names usable as keys: the survey finds the number of a suite by its name.
func TestNamesAreUnique(t *testing.T) {
	for _, names := range []map[uint16]string{suiteNames, groupNames, schemeNames} {
		numbers := map[string]uint16{}
		for number, name := range names {
			assert.NotContains(t, numbers, name)
			numbers[name] = number
		}
	}
}

// needOpenSSL skips a test where there is no openssl; the project's own checks must have it.
func needOpenSSL(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("openssl"); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("openssl is missing")
		}
		t.Skip("openssl is not installed")
	}
}
