package checks

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"unicode"
)

// Login is where the login of a target may come from: never from the words of the command line alone.
type Login struct {
	// User is the name that the user gave; empty for the target's own, or anonymous.
	User string
	// Password is the content of the environment's RUNG_PASSWORD.
	Password string
	// PasswordFile is a file whose first line is the password.
	PasswordFile string
	// Netrc is the path of the user's .netrc; empty for none.
	Netrc string
}

// DefaultNetrc is the path of the user's own .netrc; empty where there is no home directory.
func DefaultNetrc() string {
	home, err := os.UserHomeDir()
	if err != nil {
		return ""
	}
	return filepath.Join(home, ".netrc")
}

// maxSecretFile bounds what is read of a password file or .netrc.
const maxSecretFile = 64 << 10

// Find finds the login for a target, in this order: the user's own words and the password beside them; the target's; the
// entry of .netrc for the host. An empty user is an anonymous login. The warning, if any, is for the user's eyes.
func (l Login) Find(t *Target) (user, password, warning string, err error) {
	user, password = t.user, t.password
	if password != "" {
		warning = "a password inside a URL is seen by others (process list, shell history): use RUNG_PASSWORD or --password-file"
	}
	if !speaksFTP(t) {
		return "", "", warning, nil
	}
	if l.User != "" && l.User != user {
		if user != "" {
			password = "" // it is another user's
		}
		user = l.User
	}
	switch {
	case l.PasswordFile != "":
		password, err = firstLineOf(l.PasswordFile)
	case l.Password != "" && user != "":
		password = l.Password
	case password == "" && l.Netrc != "":
		user, password, err = fromNetrc(l.Netrc, t.Host, user)
	}
	switch {
	case err != nil:
		return "", "", "", err
	case user == "anonymous" && password == "":
		return "", "", warning, nil
	case user != "" && password == "":
		return "", "", "", fmt.Errorf("no password for the user %q: set RUNG_PASSWORD, or give --password-file FILE", user)
	case user == "" && l.PasswordFile != "":
		return "", "", "", errors.New("--password-file without a user: give --user NAME too")
	case user == "":
		return "", "", warning, nil
	case strings.ContainsFunc(user+password, unicode.IsControl):
		return "", "", "", errors.New("the user or the password holds a control character, which no FTP command can carry")
	}
	return user, password, warning, nil
}

func firstLineOf(path string) (string, error) {
	data, err := readSecret(path)
	if err != nil {
		return "", err
	}
	line, _, _ := strings.Cut(string(data), "\n")
	line = strings.TrimSuffix(line, "\r")
	if line == "" {
		return "", fmt.Errorf("%s: its first line, which should be the password, is empty", path)
	}
	return line, nil
}

func readSecret(path string) ([]byte, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return io.ReadAll(io.LimitReader(file, maxSecretFile))
}

// fromNetrc looks up a host in a .netrc file, as ftp(1) does; a file that is not there has nothing to say. A password in a
// file that others may read is not used.
func fromNetrc(path, host, user string) (foundUser, password string, err error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrPermission) { // where the home directory is another's
		return user, "", nil
	}
	if err != nil {
		return user, "", err
	}
	data, err := readSecret(path)
	if err != nil {
		return user, "", err
	}
	foundUser, password = parseNetrc(string(data), host, user)
	if password != "" && runtime.GOOS != "windows" && info.Mode().Perm()&0o077 != 0 { // Windows keeps permissions elsewhere
		return user, "", fmt.Errorf("%s holds the password for %s and others may read it: chmod 600 %s", path, host, path)
	}
	if password == "" {
		foundUser = user
	}
	return foundUser, password, nil
}

// parseNetrc finds the first entry ("machine" or "default") for a host, and for the user where one is wanted.
func parseNetrc(text, host, user string) (foundUser, password string) {
	words := bufio.NewScanner(strings.NewReader(text))
	words.Split(bufio.ScanWords)
	next := func() string {
		words.Scan()
		return words.Text()
	}
	matches := false
	fits := func() bool { return matches && password != "" && (user == "" || user == foundUser) }
	for words.Scan() {
		switch words.Text() {
		case "machine", "default":
			if fits() {
				return foundUser, password
			}
			matches = words.Text() == "default" || strings.EqualFold(next(), host)
			foundUser, password = "", ""
		case "login":
			foundUser = next()
		case "password":
			password = next()
		case "account":
			next()
		}
	}
	if fits() {
		return foundUser, password
	}
	return "", ""
}
