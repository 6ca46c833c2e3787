package dns

import (
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestParseHosts(t *testing.T) {
	entry := func(line int, addr string) HostsEntry {
		return HostsEntry{Address: netip.MustParseAddr(addr), File: "hosts", Line: line}
	}
	tests := []struct {
		name string
		text string
		want []HostsEntry
	}{
		{"empty", "", nil},
		{"other names", "127.0.0.1 localhost\n192.0.2.1 ftp.example.com ftp\n", nil},
		{"first name", "127.0.0.1 localhost\n\n192.0.2.1\tftp.example\n", []HostsEntry{entry(3, "192.0.2.1")}},
		{"alias in another case", "192.0.2.1 www.example FTP.Example", []HostsEntry{entry(1, "192.0.2.1")}},
		{"final dot", "192.0.2.1 ftp.example.", []HostsEntry{entry(1, "192.0.2.1")}},
		{"several lines", "192.0.2.1 ftp.example\n2001:db8::1 ftp.example\n", []HostsEntry{entry(1, "192.0.2.1"), entry(2, "2001:db8::1")}},
		{"comments", "#192.0.2.1 ftp.example\n192.0.2.2 www.example # ftp.example\n192.0.2.3 ftp.example#old", []HostsEntry{entry(3, "192.0.2.3")}},
		{"carriage returns", "192.0.2.1 ftp.example\r\n", []HostsEntry{entry(1, "192.0.2.1")}},
		{"link-local with its zone", "fe80::1%eth0 ftp.example", []HostsEntry{entry(1, "fe80::1%eth0")}},
		{"no address", "ftp.example ftp.example\n192.0.2.300 ftp.example\n", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			assert.Equal(t, test.want, parseHosts(strings.NewReader(test.text), "hosts", "ftp.example"))
		})
	}
}

func TestParseHostsBounds(t *testing.T) {
	text := strings.Repeat("192.0.2.1 ftp.example\n", 2*maxHostsEntries)
	assert.Len(t, parseHosts(strings.NewReader(text), "hosts", "ftp.example"), maxHostsEntries)
}

func TestReadHosts(t *testing.T) {
	file := filepath.Join(t.TempDir(), "hosts")
	require.NoError(t, os.WriteFile(file, []byte("192.0.2.1 ftp.example\n"), 0o600))
	want := []HostsEntry{{Address: netip.MustParseAddr("192.0.2.1"), File: file, Line: 1}}
	assert.Equal(t, want, readHosts(file, "ftp.example."))
	assert.Nil(t, readHosts(file+".missing", "ftp.example"))
}

func FuzzHosts(f *testing.F) {
	f.Add("192.0.2.1 ftp.example # comment\nfe80::1%eth0 FTP.EXAMPLE.\n", "ftp.example")
	f.Add("::ffff:192.0.2.1\tx\r\n", "x.")
	f.Fuzz(func(t *testing.T, text, name string) {
		entries := parseHosts(strings.NewReader(text), "hosts", name)
		assert.LessOrEqual(t, len(entries), maxHostsEntries)
		last := 0
		for _, entry := range entries {
			assert.True(t, entry.Address.IsValid())
			assert.Greater(t, entry.Line, last)
			last = entry.Line
		}
		assert.LessOrEqual(t, last, strings.Count(text, "\n")+1)
	})
}
