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

func TestParseConfig(t *testing.T) {
	servers := func(texts ...string) (all []netip.AddrPort) {
		for _, text := range texts {
			all = append(all, netip.AddrPortFrom(netip.MustParseAddr(text), 53))
		}
		return all
	}
	tests := []struct {
		name string
		text string
		want Config
	}{
		{"nothing", "", Config{Ndots: 1}},
		{"one server", "nameserver 192.0.2.1\n", Config{Ndots: 1, Servers: servers("192.0.2.1")}},
		{"comments and blanks", "# a\n; b\n\n  \nnameserver\t192.0.2.1  # ours\n#nameserver 192.0.2.2\n", Config{Ndots: 1, Servers: servers("192.0.2.1")}},
		{"no line end, carriage returns", "nameserver 192.0.2.1\r\nnameserver 192.0.2.2", Config{Ndots: 1, Servers: servers("192.0.2.1", "192.0.2.2")}},
		{"the fourth server is not used", "nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4",
			Config{Ndots: 1, Servers: servers("192.0.2.1", "192.0.2.2", "192.0.2.3")}},
		{"the same server twice", "nameserver 192.0.2.1\nnameserver 192.0.2.1", Config{Ndots: 1, Servers: servers("192.0.2.1")}},
		{"link-local with its zone", "nameserver fe80::1%eth0", Config{Ndots: 1, Servers: servers("fe80::1%eth0")}},
		{"IPv4 in IPv6", "nameserver ::ffff:192.0.2.1", Config{Ndots: 1, Servers: servers("192.0.2.1")}},
		{"not an address", "nameserver dns.example\nnameserver 192.0.2.300\nnameserver", Config{Ndots: 1}},
		{"search", "search a.example. .b.example .", Config{Ndots: 1, Search: []string{"a.example", "b.example"}}},
		{"the last of search and domain counts", "search a.example\ndomain b.example c.example", Config{Ndots: 1, Search: []string{"b.example"}}},
		{"ndots", "options timeout:1 ndots:5 rotate", Config{Ndots: 5}},
		{"no dots needed", "options ndots:0", Config{Ndots: 0}},
		{"too many dots", "options ndots:99", Config{Ndots: 15}},
		{"not a number of dots", "options ndots:many ndots", Config{Ndots: 1}},
		{"negative", "options ndots:-3", Config{Ndots: 0}},
		{"unknown words", "family inet4\nnameserverx 192.0.2.1", Config{Ndots: 1}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := parseConfig(strings.NewReader(test.text))
			require.NoError(t, err)
			assert.Equal(t, test.want, got)
		})
	}
}

func TestReadConfig(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	require.NoError(t, os.WriteFile(file, []byte("nameserver 192.0.2.1\nsearch a.example\n"), 0o600))
	want := Config{File: file, Servers: []netip.AddrPort{server1}, Search: []string{"a.example"}, Ndots: 1}
	assert.Equal(t, want, ReadConfig(file))
}

func TestReadConfigThatCannotBeRead(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "resolv.conf")
	for _, file := range []string{missing, t.TempDir()} {
		got := ReadConfig(file)
		assert.Equal(t, file, got.File)
		assert.Empty(t, got.Servers)
		require.NotNil(t, got.Fault)
		assert.Equal(t, "read", got.Fault.Step)
	}
}

func TestReadConfigWithLineWithoutEnd(t *testing.T) {
	file := filepath.Join(t.TempDir(), "resolv.conf")
	require.NoError(t, os.WriteFile(file, []byte("nameserver 192.0.2.1\nsearch "+strings.Repeat("x", 2*maxConfigSize)), 0o600))
	got := ReadConfig(file)
	assert.Equal(t, []netip.AddrPort{server1}, got.Servers, "what came before it counts")
	assert.NotContains(t, got.Search, strings.Repeat("x", 2*maxConfigSize))
}

func TestDomainOfHostname(t *testing.T) {
	for hostname, want := range map[string][]string{"build-7": nil, "build-7.corp.example": {"corp.example"}, "": nil, "x.": nil} {
		assert.Equal(t, want, domainOf(hostname), hostname)
	}
}

func TestCandidates(t *testing.T) {
	long := strings.Repeat("label-of-20-letters.", 12) + "example"
	tests := []struct {
		name   string
		config Config
		asked  string
		want   []string
	}{
		{"no search list", Config{Ndots: 1}, "ftp", []string{"ftp."}},
		{"short name", Config{Ndots: 1, Search: []string{"a.example", "b.example"}}, "ftp", []string{"ftp.a.example.", "ftp.b.example.", "ftp."}},
		{"name with dots", Config{Ndots: 1, Search: []string{"a.example"}}, "ftp.example", []string{"ftp.example.", "ftp.example.a.example."}},
		{"too few dots", Config{Ndots: 2, Search: []string{"a.example"}}, "ftp.example", []string{"ftp.example.a.example.", "ftp.example."}},
		{"enough dots", Config{Ndots: 2, Search: []string{"a.example"}}, "ftp.b.example", []string{"ftp.b.example.", "ftp.b.example.a.example."}},
		{"no dots needed", Config{Ndots: 0, Search: []string{"a.example"}}, "ftp", []string{"ftp.", "ftp.a.example."}},
		{"final dot", Config{Ndots: 5, Search: []string{"a.example"}}, "ftp.", []string{"ftp."}},
		{"long search list", Config{Ndots: 1, Search: []string{"a", "b", "c", "d", "e"}}, "ftp", []string{"ftp.a.", "ftp.b.", "ftp.c.", "ftp."}},
		{"too long with the suffix", Config{Ndots: 1, Search: []string{"a.example", "b"}}, long, []string{long + ".", long + ".b."}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { assert.Equal(t, test.want, test.config.candidates(test.asked)) })
	}
}

func FuzzConfig(f *testing.F) {
	f.Add("nameserver fe80::1%eth0\nsearch a.example b.example\noptions ndots:2\n", "ftp")
	f.Add("; comment\ndomain .\nnameserver ::ffff:1.2.3.4", "ftp.example.")
	f.Fuzz(func(t *testing.T, text, name string) {
		config, _ := parseConfig(strings.NewReader(text))
		assert.LessOrEqual(t, len(config.Servers), maxServers)
		assert.LessOrEqual(t, len(config.Search), maxSearch)
		assert.LessOrEqual(t, config.Ndots, maxNdots)
		assert.GreaterOrEqual(t, config.Ndots, 0)
		names := config.candidates(name)
		assert.NotEmpty(t, names)
		assert.LessOrEqual(t, len(names), maxCandidates)
		for _, candidate := range names {
			assert.True(t, strings.HasPrefix(candidate, name) && strings.HasSuffix(candidate, "."), candidate)
		}
	})
}
