package dns

import (
	"net/netip"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// systemd252 is the state that systemd-resolved and systemd-networkd of that version leave: a VPN's link that NetworkManager has
// configured, and one of networkd's own. Interface 1 is the loopback interface everywhere.
var systemd252 = fstest.MapFS{
	"run/systemd/resolve/resolv.conf": {Data: []byte(`# This is /run/systemd/resolve/resolv.conf managed by man:systemd-resolved(8).
# Do not edit.

nameserver 192.0.2.1
nameserver 10.8.0.1
nameserver fe80::1%2
nameserver 127.0.0.53
# Too many DNS servers configured, the following entries may be ignored.
nameserver 192.0.2.4
search corp.example home.example
`)},
	"run/systemd/resolve/netif/1": {Data: []byte(`# This is private data. Do not parse.
LLMNR=yes
MDNS=no
DNSOVERTLS=no
DEFAULT_ROUTE=no
SERVERS=10.8.0.1#vpn.example [fe80::1]:53%2
DOMAINS=corp.example ~10.in-addr.arpa
`)},
	"run/systemd/netif/links/1": {Data: []byte(`ADMIN_STATE=configured
OPER_STATE=routable
DNS=192.0.2.4
DOMAINS=home.example
ROUTE_DOMAINS=.
DNS_DEFAULT_ROUTE=yes
DNS_OVER_TLS=yes
`)},
	"run/systemd/netif/links/77777": {Data: []byte("DNS=192.0.2.1:5353 not-an-address\n")},
	"run/systemd/netif/links/x":     {Data: []byte("DNS=192.0.2.9\n")},
}

func stubbed() Config {
	return Config{Servers: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.53:53")}}
}

func TestUpstreamsOfSystemdResolved(t *testing.T) {
	config := stubbed()
	config.readUpstreams(systemd252)
	assert.Nil(t, config.UpstreamsFault)
	require.Len(t, config.Upstreams, 4)
	loopback, from := interfaceOf("1"), "/run/systemd/resolve/resolv.conf"
	require.NotEmpty(t, loopback)
	vpn := Upstream{
		Server: netip.MustParseAddrPort("10.8.0.1:53"), Interface: loopback, Domains: []string{"corp.example", "~10.in-addr.arpa"},
		NoDefault: true, From: from,
	}
	assert.Equal(t, Upstream{Server: server1, From: from}, config.Upstreams[0], "of an interface that is gone")
	assert.Equal(t, vpn, config.Upstreams[1])
	assert.Equal(t, "fe80::1%2", config.Upstreams[2].Server.Addr().String())
	assert.Equal(t, Upstream{
		Server: netip.MustParseAddrPort("192.0.2.4:53"), Interface: loopback, Domains: []string{"home.example", "~."}, OverTLS: true, From: from,
	}, config.Upstreams[3])
}

func TestUpstreamsThatAreNotRead(t *testing.T) {
	other := Config{Servers: []netip.AddrPort{server1}}
	other.readUpstreams(systemd252)
	assert.Empty(t, other.Upstreams, "no stub is configured")
	missing := stubbed()
	missing.readUpstreams(fstest.MapFS{})
	assert.Empty(t, missing.Upstreams)
	require.NotNil(t, missing.UpstreamsFault)
	assert.Equal(t, "read", missing.UpstreamsFault.Step)
}

func TestUpstreamsOverTLS(t *testing.T) {
	servers := &fstest.MapFile{Data: []byte("nameserver 192.0.2.1\n")}
	for name, test := range map[string]struct {
		config string
		want   []netip.AddrPort
	}{
		"not said":      {"[Resolve]\n#DNSOverTLS=yes\n", []netip.AddrPort{server1}},
		"opportunistic": {"[Resolve]\nDNSOverTLS=opportunistic\n", []netip.AddrPort{server1}},
		"strict":        {"[Resolve]\nDNSOverTLS = yes\n", nil},
	} {
		t.Run(name, func(t *testing.T) {
			config := stubbed()
			config.readUpstreams(fstest.MapFS{
				"run/systemd/resolve/resolv.conf":       servers,
				"etc/systemd/resolved.conf":             {Data: []byte("[Resolve]\nDNSOverTLS=no\n")},
				"etc/systemd/resolved.conf.d/site.conf": {Data: []byte(test.config)},
			})
			assert.Equal(t, test.want, config.upstreamsFor("ftp.example"))
		})
	}
}

func TestWhichUpstreamsAreAskedForAName(t *testing.T) {
	upstream := func(server netip.AddrPort, noDefault bool, domains ...string) Upstream {
		return Upstream{Server: server, Domains: domains, NoDefault: noDefault}
	}
	config := Config{Servers: []netip.AddrPort{netip.MustParseAddrPort("127.0.0.53:53")}, Upstreams: []Upstream{
		upstream(server1, false), upstream(server2, false, "example"), upstream(server3, true, "~Corp.Example."),
	}}
	for name, want := range map[string][]netip.AddrPort{
		"ftp.corp.example.": {server3}, "corp.example": {server3}, "ftp.example": {server2}, "ftp.notcorp.example": {server2},
		"ftp.other": {server1, server2}, "ftp.myexample": {server1, server2}, ".": {server1, server2},
	} {
		assert.Equal(t, want, config.upstreamsFor(name), name)
	}
	config.Upstreams = append(config.Upstreams, upstream(netip.MustParseAddrPort("192.0.2.4:53"), false, "~."))
	assert.Equal(t, addrs("192.0.2.4")[0], config.upstreamsFor("ftp.other")[0].Addr(), "a link for everything comes before those by default")
	assert.Equal(t, []netip.AddrPort{server2}, config.upstreamsFor("ftp.example"), "but not before those for the name")
}

func FuzzResolved(f *testing.F) {
	for _, file := range systemd252 {
		f.Add(string(file.Data))
	}
	f.Fuzz(func(t *testing.T, text string) {
		config := stubbed()
		config.readUpstreams(fstest.MapFS{
			"run/systemd/resolve/resolv.conf": {Data: []byte(text)}, "run/systemd/resolve/netif/1": {Data: []byte(text)},
		})
		assert.LessOrEqual(t, len(config.Upstreams), maxUpstreams)
		assert.LessOrEqual(t, len(config.upstreamsFor("ftp.example")), len(config.Upstreams))
	})
}

func TestParseSwitch(t *testing.T) {
	for text, want := range map[string][]string{
		"passwd: files\nhosts: files dns\n":                                        {"files", "dns"},
		"hosts:  files mdns4_minimal [NOTFOUND=return] dns myhostname # as Debian": {"files", "mdns4_minimal", "dns", "myhostname"},
		"hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns":         {"mymachines", "resolve", "files", "myhostname", "dns"},
		"#hosts: wins\n hosts :files":                                              {"files"},
		"passwd: files":                                                            nil, "": nil, "hosts:": nil, "hosts: files [broken dns": {"files"},
	} {
		assert.Equal(t, want, parseSwitch(strings.NewReader(text)), text)
	}
	assert.False(t, Config{Sources: []string{"files", "dns"}}.beyondDNS())
	assert.False(t, Config{}.beyondDNS())
	assert.True(t, Config{Sources: []string{"files", "resolve", "dns"}}.beyondDNS())
}

func FuzzSwitch(f *testing.F) {
	f.Add("hosts: mymachines resolve [!UNAVAIL=return] files myhostname dns")
	f.Fuzz(func(t *testing.T, text string) {
		sources := parseSwitch(strings.NewReader(text))
		assert.LessOrEqual(t, len(sources), maxSources)
		for _, source := range sources {
			assert.NotContains(t, source, "[")
		}
	})
}

func TestParseGetent(t *testing.T) {
	text := "192.0.2.7       STREAM ftp.example\n192.0.2.7       DGRAM  \n192.0.2.7       RAW    \n::ffff:192.0.2.8 STREAM\n2001:db8::1     STREAM \nbroken\n"
	assert.Equal(t, addrs("192.0.2.7", "192.0.2.8", "2001:db8::1"), parseGetent(strings.NewReader(text)))
	assert.Len(t, parseGetent(strings.NewReader(strings.Repeat("192.0.2.1 STREAM\n", 1000))), 1)
}

func TestNamesThatGetentIsAskedFor(t *testing.T) {
	for name, want := range map[string]bool{
		"ftp.example": true, "xn--bcher-kva.example.": true, "_sip.example": true, "": false, "-s": false, "a b": false, "a\nb": false,
		"$(id)": false, "bücher": false, strings.Repeat("a", 300): false,
	} {
		assert.Equal(t, want, isHostName(name), name)
	}
	answer := getent(t.Context(), Options{Timeout: wait}, "-s files")
	assert.True(t, answer.Fault.Of(probes.Unsupported))
}

func TestGetentIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	assert.True(t, getent(t.Context(), Options{Timeout: wait}, "localhost").Fault.Of(probes.Unsupported))
}
