package checks

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// netrc has an entry of each kind. The first one that fits counts.
const netrc = `
machine files.example.com login alice password ALICES-1
machine files.example.com
	login bob
	password BOBS-2
	account unused
default login anyone password DEFAULTS-4
machine after.default.example login never password NEVER-5
`

// secretFile writes a file that its owner alone may read.
func secretFile(t *testing.T, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "secret")
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
	return path
}

func target(t *testing.T, text string) *Target {
	t.Helper()
	parsed, err := ParseTarget(text)
	require.NoError(t, err)
	return parsed
}

func TestWhoLogsIn(t *testing.T) {
	entries := secretFile(t, netrc)
	file := secretFile(t, "FILES-6\nwhat follows is a comment\n")
	for name, c := range map[string]struct {
		target         string
		login          Login
		user, password string
	}{
		"nobody":                                             {"ftp://h.example", Login{}, "", ""},
		"anonymous by name":                                  {"ftp://anonymous@h.example", Login{}, "", ""},
		"anonymous with a password":                          {"ftp://anonymous@h.example", Login{Password: "ENV-7"}, "anonymous", "ENV-7"},
		"the user flag and the environment":                  {"ftp://h.example", Login{User: "alice", Password: "ENV-7"}, "alice", "ENV-7"},
		"the user flag and a file":                           {"ftp://h.example", Login{User: "alice", PasswordFile: file}, "alice", "FILES-6"},
		"a file before the environment":                      {"ftp://h.example", Login{User: "alice", PasswordFile: file, Password: "ENV-7"}, "alice", "FILES-6"},
		"the target":                                         {"ftp://alice:URLS-8@h.example", Login{}, "alice", "URLS-8"},
		"the target's user and the environment":              {"ftp://alice@h.example", Login{Password: "ENV-7"}, "alice", "ENV-7"},
		"the environment before the target":                  {"ftp://alice:URLS-8@h.example", Login{Password: "ENV-7"}, "alice", "ENV-7"},
		"a file before the target":                           {"ftp://alice:URLS-8@h.example", Login{PasswordFile: file}, "alice", "FILES-6"},
		"the target before netrc":                            {"ftp://alice:URLS-8@files.example.com", Login{Netrc: entries}, "alice", "URLS-8"},
		"the environment before netrc":                       {"ftp://alice@files.example.com", Login{Password: "ENV-7", Netrc: entries}, "alice", "ENV-7"},
		"the user flag before the target's":                  {"ftp://alice@h.example", Login{User: "bob", Password: "ENV-7"}, "bob", "ENV-7"},
		"the user flag as the target's":                      {"ftp://alice:URLS-8@h.example", Login{User: "alice"}, "alice", "URLS-8"},
		"a password in the URL without a user":               {"ftp://:URLS-8@h.example", Login{User: "alice"}, "alice", "URLS-8"},
		"netrc's first entry":                                {"ftp://files.example.com", Login{Netrc: entries}, "alice", "ALICES-1"},
		"netrc's entry in capitals":                          {"ftp://FILES.example.com", Login{Netrc: entries}, "alice", "ALICES-1"},
		"netrc's entry for the target's user":                {"ftp://bob@files.example.com", Login{Netrc: entries}, "bob", "BOBS-2"},
		"netrc's entry for the user flag":                    {"ftp://files.example.com", Login{User: "bob", Netrc: entries}, "bob", "BOBS-2"},
		"netrc's default":                                    {"ftp://other.example", Login{Netrc: entries}, "anyone", "DEFAULTS-4"},
		"netrc's default comes first":                        {"ftp://after.default.example", Login{Netrc: entries}, "anyone", "DEFAULTS-4"},
		"netrc where the environment has no user to go with": {"ftp://files.example.com", Login{Password: "ENV-7", Netrc: entries}, "alice", "ALICES-1"},
		"no netrc":                            {"ftp://h.example", Login{Netrc: filepath.Join(t.TempDir(), "none")}, "", ""},
		"the environment alone":               {"ftp://h.example", Login{Password: "ENV-7"}, "", ""},
		"a file that ends without a line end": {"ftp://h.example", Login{User: "alice", PasswordFile: secretFile(t, " a b ")}, "alice", " a b "},
		"a file of Windows":                   {"ftp://h.example", Login{User: "alice", PasswordFile: secretFile(t, "FILES-6\r\n")}, "alice", "FILES-6"},
		"FTP over implicit TLS":               {"ftps://alice@h.example", Login{Password: "ENV-7"}, "alice", "ENV-7"},
		"no FTP: the login has no use":        {"https://alice@files.example.com", Login{User: "alice", Netrc: entries}, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			user, password, _, err := c.login.Find(target(t, c.target))
			require.NoError(t, err)
			assert.Equal(t, c.user, user)
			assert.Equal(t, c.password, password)
		})
	}
}

func TestPasswordInURLIsWarnedOf(t *testing.T) {
	for text, warned := range map[string]bool{
		"ftp://alice:URLS-8@h.example":   true,
		"https://alice:URLS-8@h.example": true,
		"ftp://anonymous@h.example":      false,
		"ftp://h.example":                false,
	} {
		_, _, warning, err := Login{}.Find(target(t, text))
		require.NoError(t, err)
		assert.Equal(t, warned, strings.Contains(warning, "RUNG_PASSWORD"), text)
		assert.NotContains(t, warning, "URLS-8")
	}
}

func TestLoginsThatCannotBe(t *testing.T) {
	open := secretFile(t, netrc)
	require.NoError(t, os.Chmod(open, 0o640))
	for name, c := range map[string]struct {
		target string
		login  Login
		says   string
	}{
		"no password":                     {"ftp://alice@h.example", Login{}, `no password for the user "alice": set RUNG_PASSWORD`},
		"no password in netrc":            {"ftp://alice@h.example", Login{Netrc: secretFile(t, "machine h.example login alice")}, "no password for the user"},
		"no entry for the user in netrc":  {"ftp://dora@files.example.com", Login{Netrc: secretFile(t, netrc)}, `no password for the user "dora"`},
		"another user's password":         {"ftp://alice:URLS-8@h.example", Login{User: "bob"}, `no password for the user "bob"`},
		"a file without a user":           {"ftp://h.example", Login{PasswordFile: secretFile(t, "FILES-6")}, "--password-file without a user"},
		"a file that is not there":        {"ftp://alice@h.example", Login{PasswordFile: "/nowhere/secret"}, "/nowhere/secret: no such file"},
		"an empty file":                   {"ftp://alice@h.example", Login{PasswordFile: secretFile(t, "\nFILES-6")}, "its first line, which should be the password, is empty"},
		"a netrc that others may read":    {"ftp://files.example.com", Login{Netrc: open}, "others may read it: chmod 600 " + open},
		"a netrc that is a directory":     {"ftp://files.example.com", Login{Netrc: t.TempDir()}, "is a directory"},
		"a line end in the password":      {"ftp://alice@h.example", Login{Password: "ENV-7\r\nDELE x"}, "holds a control character"},
		"a line end in the user":          {"ftp://h.example", Login{User: "alice\r\nDELE x", Password: "ENV-7"}, "holds a control character"},
		"a control character in the file": {"ftp://alice@h.example", Login{PasswordFile: secretFile(t, "FILES-6\x00\n")}, "holds a control character"},
	} {
		t.Run(name, func(t *testing.T) {
			user, password, warning, err := c.login.Find(target(t, c.target))
			require.ErrorContains(t, err, c.says)
			assert.Empty(t, user+password+warning)
			assert.NotRegexp(t, `[A-Z]+-\d`, err.Error(), "a secret of this test")
			assert.NotContains(t, err.Error(), "\n")
		})
	}
}

func TestOnlyThePasswordThatIsUsedMustBePrivate(t *testing.T) {
	open := secretFile(t, "machine files.example.com login alice password ALICES-1")
	require.NoError(t, os.Chmod(open, 0o644))

	_, _, _, err := Login{Netrc: open}.Find(target(t, "ftp://other.example"))
	require.NoError(t, err)
	_, _, _, err = Login{Netrc: open, User: "alice", Password: "ENV-7"}.Find(target(t, "ftp://files.example.com"))
	require.NoError(t, err)
}

func TestSecretsAreReadInBounds(t *testing.T) {
	endless := secretFile(t, strings.Repeat("x", 2*maxSecretFile))
	_, password, _, err := Login{User: "alice", PasswordFile: endless}.Find(target(t, "ftp://h.example"))
	require.NoError(t, err)
	assert.Len(t, password, maxSecretFile)
}
