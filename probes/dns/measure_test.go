package dns

import (
	"cmp"
	"context"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

const wait = 10 * time.Second

var (
	server1 = netip.MustParseAddrPort("192.0.2.1:53")
	server2 = netip.MustParseAddrPort("192.0.2.2:53")
	server3 = netip.MustParseAddrPort("192.0.2.3:53")
)

// healthy is a server that knows our name.
var healthy = has(map[string][]string{"ftp.example.": {"203.0.113.5", "203.0.113.6"}})

// overTCPOnly is a server that no UDP reaches.
func overTCPOnly(network string, query dnsmessage.Message) [][]byte {
	if network == "udp" {
		return nil
	}
	return healthy(network, query)
}

// system is a fake of the system's own way.
type system func(ctx context.Context, name string) ([]netip.Addr, error)

func finds(after time.Duration, texts ...string) system {
	return func(ctx context.Context, _ string) ([]netip.Addr, error) {
		time.Sleep(after)
		return addrs(texts...), ctx.Err()
	}
}

func fails(after time.Duration, err error) system {
	return func(context.Context, string) ([]netip.Addr, error) {
		time.Sleep(after)
		return nil, err
	}
}

func hangs(ctx context.Context, name string) ([]netip.Addr, error) {
	<-ctx.Done()
	return nil, &net.DNSError{Err: "i/o timeout", Name: name, IsTimeout: true}
}

var noSuchHost = &net.DNSError{Err: "no such host", Name: "ftp.example", IsNotFound: true}

// world is what a measurement in fake time meets.
type world struct {
	system  system
	servers []fakeServer
	hosts   string
	family  int
	search  []string
	wait    time.Duration
	zone    string
	ndots   int
	cancel  time.Duration // when the user loses patience
}

// outcome is what came of a measurement, and when.
type outcome struct {
	Result
	took    time.Duration
	found   []netip.Addr
	foundAt time.Duration
	calls   int
}

// measure measures ftp.example in fake time.
func (w world) measure(t *testing.T) (o outcome) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "hosts")
	require.NoError(t, os.WriteFile(file, []byte(w.hosts), 0o600))
	synctest.Test(t, func(t *testing.T) {
		network, config := fakeNetwork{}, Config{Ndots: cmp.Or(w.ndots, 1), Search: w.search}
		for i, server := range w.servers {
			addr := []netip.AddrPort{server1, server2, server3}[i]
			network[addr] = server
			config.Servers = append(config.Servers, addr)
		}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		if w.cancel > 0 {
			time.AfterFunc(w.cancel, cancel)
		}
		start := time.Now()
		o.Result = Measure(ctx, Options{
			Host:      probes.Host{Exchange: network.exchange, Lookup: w.system, Family: w.family},
			Timeout:   cmp.Or(w.wait, wait),
			HostsFile: file,
			Zone:      w.zone,
		}, config, "ftp.example", func(addrs []netip.Addr) {
			o.found, o.foundAt = addrs, time.Since(start)
			o.calls++
		})
		o.took = time.Since(start)
	})
	return o
}

func TestAllResolversDead(t *testing.T) {
	dead := fakeServer{handle: silent}
	o := world{system: hangs, servers: []fakeServer{dead, dead, dead}}.measure(t)
	assert.Equal(t, wait, o.took)
	assert.Zero(t, o.calls)
	assert.True(t, o.System.Fault.Of(probes.Timeout))
	assert.Equal(t, probes.Millis(wait), o.System.Took)
	require.Len(t, o.Direct, 18)
	for i, answer := range o.Direct {
		assert.Equal(t, []netip.AddrPort{server1, server2, server3}[i/6], answer.Server)
		assert.Equal(t, []string{
			"udp ftp.example. A timeout", "tcp ftp.example. A timeout", "udp ftp.example. A plain timeout",
			"udp ftp.example. AAAA timeout", "tcp ftp.example. AAAA timeout", "udp ftp.example. AAAA plain timeout",
		}[i%6], in(answer))
	}
	assert.Equal(t, []string{"udp . NS plain timeout", "udp . NS plain timeout", "udp . NS plain timeout"}, lines(o.Control))
	assert.Equal(t, probes.Millis(wait), o.Direct[0].Took)
	assert.Equal(t, probes.Millis(wait-time.Second), o.Direct[1].Took)
}

func TestHowOftenASilentServerIsAsked(t *testing.T) {
	var overUDP, overTCP atomic.Int32
	count := map[string]*atomic.Int32{"udp": &overUDP, "tcp": &overTCP}
	o := world{family: 4, system: hangs, servers: []fakeServer{{handle: func(network string, _ dnsmessage.Message) [][]byte {
		count[network].Add(1)
		return nil
	}}}}.measure(t)
	assert.EqualValues(t, 4+4+4, overUDP.Load(), "at once and after 1, 3 and 7 s; without EDNS, and for the root, a second later")
	assert.EqualValues(t, 1, overTCP.Load())
	assert.Equal(t, 4, o.Direct[0].Attempts)
}

func TestShortTimeoutLeavesTimeForTCP(t *testing.T) {
	o := world{system: hangs, servers: []fakeServer{{handle: silent}}, wait: 300 * time.Millisecond}.measure(t)
	assert.Equal(t, 300*time.Millisecond, o.took)
	assert.Equal(t, []string{
		"udp ftp.example. A timeout", "tcp ftp.example. A timeout", "udp ftp.example. A plain timeout",
		"udp ftp.example. AAAA timeout", "tcp ftp.example. AAAA timeout", "udp ftp.example. AAAA plain timeout",
	}, lines(o.Direct))
}

func TestWhenAddressesAreFound(t *testing.T) {
	dead, fast := fakeServer{handle: silent}, fakeServer{20 * time.Millisecond, healthy}
	aaaaLost := func(network string, query dnsmessage.Message) [][]byte {
		if query.Questions[0].Type == dnsmessage.TypeAAAA {
			return nil
		}
		return healthy(network, query)
	}
	unchecked := func(network string, query dnsmessage.Message) [][]byte {
		if !query.CheckingDisabled {
			return [][]byte{reply(query, dnsmessage.RCodeServerFailure)}
		}
		return healthy(network, query)
	}
	direct := []string{"203.0.113.5", "203.0.113.6"}
	tests := []struct {
		name  string
		world world
		found []string
		at    time.Duration
	}{
		{"the system finds them", world{system: finds(30*time.Millisecond, "198.51.100.1", "2001:db8::1"), servers: []fakeServer{fast}},
			[]string{"198.51.100.1", "2001:db8::1"}, 30 * time.Millisecond},
		{"the system is late, but there is nobody else", world{system: finds(3*time.Second, "198.51.100.1")},
			[]string{"198.51.100.1"}, 3 * time.Second},
		{"the system is silent: the first server's, after a doubt", world{system: hangs, servers: []fakeServer{fast, fast}}, direct, time.Second},
		{"the system and the first server are silent", world{system: hangs, servers: []fakeServer{dead, fast}}, direct, time.Second},
		{"the system is silent and the server slow", world{system: hangs, servers: []fakeServer{{1500 * time.Millisecond, healthy}}},
			direct, 1500 * time.Millisecond},
		{"the system is silent and AAAA is lost", world{system: hangs, servers: []fakeServer{{20 * time.Millisecond, aaaaLost}}}, direct, time.Second},
		{"the system is silent, the server slow, AAAA lost", world{system: hangs, servers: []fakeServer{{1500 * time.Millisecond, aaaaLost}}},
			direct, 1500*time.Millisecond + resolutionDelay},
		{"the system is silent and UDP is lost", world{system: hangs, servers: []fakeServer{{20 * time.Millisecond, overTCPOnly}}},
			direct, 1020*time.Millisecond + resolutionDelay},
		{"the system fails", world{system: fails(0, noSuchHost), servers: []fakeServer{fast}}, direct, 20 * time.Millisecond},
		{"the system fails, AAAA is lost", world{system: fails(0, noSuchHost), servers: []fakeServer{{20 * time.Millisecond, aaaaLost}}},
			direct, 20*time.Millisecond + resolutionDelay},
		{"the hosts file overrules the servers", world{system: finds(2*time.Second, "10.0.0.1"), hosts: "10.0.0.1 ftp.example", servers: []fakeServer{fast}},
			[]string{"10.0.0.1"}, 2 * time.Second},
		{"the hosts file has the other family only",
			world{system: hangs, family: 4, hosts: "2001:db8::9 ftp.example", servers: []fakeServer{fast}}, direct, time.Second},
		{"only with checking disabled", world{system: fails(0, noSuchHost), servers: []fakeServer{{20 * time.Millisecond, unchecked}}}, nil, 0},
		{"nowhere", world{system: fails(0, noSuchHost), servers: []fakeServer{{handle: says(dnsmessage.RCodeNameError)}}}, nil, 0},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := test.world.measure(t)
			assert.Equal(t, addrs(test.found...), o.found)
			assert.Equal(t, test.at, o.foundAt)
			assert.Equal(t, min(1, len(test.found)), o.calls)
		})
	}
}

func TestWhatIsSilentIsNotAwaitedForLong(t *testing.T) {
	dead, fast := fakeServer{handle: silent}, fakeServer{20 * time.Millisecond, healthy}
	good := finds(20*time.Millisecond, "203.0.113.5")
	tests := []struct {
		name  string
		world world
		took  time.Duration
		last  string // of the questions for A
	}{
		{"all healthy", world{system: good, servers: []fakeServer{fast}}, 20 * time.Millisecond, "udp ftp.example. A NOERROR 203.0.113.5 203.0.113.6"},
		{"one of two servers is silent: asked again, then a doubt more", world{system: good, servers: []fakeServer{fast, dead}},
			2 * time.Second, "udp ftp.example. A plain timeout"},
		{"a slow server has time from the last news on", world{system: good, servers: []fakeServer{{1500 * time.Millisecond, healthy}, dead}},
			2500 * time.Millisecond, "udp ftp.example. A plain timeout"},
		{"a server too slow for that", world{system: good, servers: []fakeServer{{2500 * time.Millisecond, healthy}}},
			2 * time.Second, "udp ftp.example. A plain timeout"},
		{"the hosts file has the name: a doubt in all", world{system: good, servers: []fakeServer{dead}, hosts: "203.0.113.5 ftp.example"},
			1020 * time.Millisecond, "udp ftp.example. A plain interrupted"},
		{"only TCP answers", world{system: fails(0, noSuchHost), servers: []fakeServer{{20 * time.Millisecond, overTCPOnly}}},
			2020 * time.Millisecond, "udp ftp.example. A plain timeout"},
		{"the user loses patience", world{system: hangs, servers: []fakeServer{dead}, cancel: 1500 * time.Millisecond},
			1500 * time.Millisecond, "udp ftp.example. A plain interrupted"},
	}
	for _, test := range tests {
		test.world.family = 4
		t.Run(test.name, func(t *testing.T) {
			o := test.world.measure(t)
			assert.Equal(t, test.took, o.took)
			assert.Equal(t, test.last, in(o.Direct[len(o.Direct)-1]))
		})
	}
}

func TestInterruptedBeforeAnything(t *testing.T) {
	o := world{system: hangs, servers: []fakeServer{{handle: silent}}, cancel: 10 * time.Millisecond}.measure(t)
	assert.Equal(t, 10*time.Millisecond, o.took)
	assert.Equal(t, []string{"udp ftp.example. A interrupted", "udp ftp.example. AAAA interrupted"}, lines(o.Direct))
	assert.True(t, o.System.Fault.Of(probes.Interrupted))
}

func TestDatagramsLost(t *testing.T) {
	var sent atomic.Int32
	o := world{family: 4, system: fails(0, noSuchHost), servers: []fakeServer{{
		20 * time.Millisecond, func(network string, query dnsmessage.Message) [][]byte {
			if network == "tcp" || !hasOPT(query) {
				return nil
			}
			if sent.Add(1) == 1 {
				return nil
			}
			return healthy(network, query)
		},
	}}}.measure(t)
	require.Equal(t, []string{"udp ftp.example. A NOERROR 203.0.113.5 203.0.113.6"}, lines(o.Direct), "the attempt over TCP is not worth telling")
	assert.Equal(t, 2, o.Direct[0].Attempts)
	assert.Equal(t, probes.Millis(1020*time.Millisecond), o.Direct[0].Took)
}

func TestSystemFaults(t *testing.T) {
	tests := []struct {
		name string
		err  error
		kind probes.Kind
	}{
		{"no such name", noSuchHost, probes.NotFound},
		{"its servers were silent", &net.DNSError{Err: "i/o timeout", IsTimeout: true, IsTemporary: true}, probes.Timeout},
		{"its server failed", &net.DNSError{Err: "server misbehaving", IsTemporary: true}, probes.Other},
		{"no address of any family", nil, probes.NotFound},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			o := world{system: fails(0, test.err)}.measure(t)
			require.NotNil(t, o.System.Fault)
			assert.Equal(t, "lookup", o.System.Fault.Step)
			assert.Equal(t, test.kind, o.System.Fault.Kind)
			assert.Empty(t, o.System.Addresses)
		})
	}
}

func TestSystemAddresses(t *testing.T) {
	w := world{system: finds(0, "::ffff:192.0.2.7", "2001:db8::1", "192.0.2.7", "192.0.2.3")}
	assert.Equal(t, addrs("192.0.2.7", "2001:db8::1", "192.0.2.3"), w.measure(t).System.Addresses, "in the system's order")
	w.family = 6
	assert.Equal(t, addrs("2001:db8::1"), w.measure(t).System.Addresses)
}

func TestSystemsOwnWay(t *testing.T) {
	got := lookup(t.Context(), Options{Timeout: wait, Host: probes.Host{Family: 4}}, "localhost")
	assert.Equal(t, addrs("127.0.0.1"), got.Addresses)
	assert.Nil(t, got.Fault)
}

func TestNamesTriedInTheResolversOrder(t *testing.T) {
	searched := has(map[string][]string{"ftp.example.b.example.": {"203.0.113.7"}})
	o := world{family: 4, search: []string{"a.example", "b.example", "c.example"}, system: fails(100*time.Millisecond, noSuchHost), servers: []fakeServer{
		{20 * time.Millisecond, searched}, {20 * time.Millisecond, healthy}, {handle: says(dnsmessage.RCodeServerFailure)},
	}}.measure(t)
	assert.Equal(t, []string{
		"udp ftp.example. A NXDOMAIN",
		"udp ftp.example.a.example. A NXDOMAIN",
		"udp ftp.example.b.example. A NOERROR 203.0.113.7",
		"udp ftp.example. A NOERROR 203.0.113.5 203.0.113.6",
		"udp ftp.example. A SERVFAIL", "udp ftp.example. A CD SERVFAIL", "udp ftp.example. A plain SERVFAIL",
		"udp ftp.example.a.example. A SERVFAIL", "udp ftp.example.a.example. A CD SERVFAIL", "udp ftp.example.a.example. A plain SERVFAIL",
		"udp ftp.example.b.example. A SERVFAIL", "udp ftp.example.b.example. A CD SERVFAIL", "udp ftp.example.b.example. A plain SERVFAIL",
		"udp ftp.example.c.example. A SERVFAIL", "udp ftp.example.c.example. A CD SERVFAIL", "udp ftp.example.c.example. A plain SERVFAIL",
	}, lines(o.Direct))
	assert.Equal(t, addrs("203.0.113.7"), o.found, "those of the first server, not of the fastest")
}

// addressesAlone is a server that answers questions for addresses, and does something else with others.
func addressesAlone(others handler) handler {
	return func(network string, query dnsmessage.Message) [][]byte {
		if query.Questions[0].Type == dnsmessage.TypeA {
			return healthy(network, query)
		}
		return others(network, query)
	}
}

func TestProbe(t *testing.T) {
	tests := []struct {
		name    string
		servers []fakeServer
		took    time.Duration
		want    []string
	}{
		{"all answer", []fakeServer{{20 * time.Millisecond, healthy}, {30 * time.Millisecond, says(dnsmessage.RCodeRefused)}}, 60 * time.Millisecond,
			[]string{"udp . NS NXDOMAIN", "udp . NS REFUSED"}},
		{"one of two is silent", []fakeServer{{handle: silent}, {20 * time.Millisecond, healthy}}, 5 * time.Second,
			[]string{"udp . NS timeout", "tcp . NS timeout", "udp . NS plain timeout", "udp . NS NXDOMAIN"}},
		{"all are silent", []fakeServer{{handle: silent}}, wait, []string{"udp . NS timeout", "tcp . NS timeout", "udp . NS plain timeout"}},
		{"none is configured", nil, 0, nil},
		{"addresses alone are told, and others refused", []fakeServer{{20 * time.Millisecond, addressesAlone(says(dnsmessage.RCodeRefused))}},
			40 * time.Millisecond, []string{"udp . NS REFUSED", "udp RANDOM. A NXDOMAIN"}},
		{"addresses alone are told, and others dropped", []fakeServer{{20 * time.Millisecond, addressesAlone(silent)}},
			2020 * time.Millisecond, []string{"udp . NS timeout", "tcp . NS timeout", "udp . NS plain timeout", "udp RANDOM. A NXDOMAIN"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				network, config := fakeNetwork{}, Config{Ndots: 1, Search: []string{"a.example"}}
				for i, server := range test.servers {
					config.Servers = append(config.Servers, []netip.AddrPort{server1, server2, server3}[i])
					network[config.Servers[i]] = server
				}
				start := time.Now()
				got := Probe(t.Context(), Options{Host: probes.Host{Exchange: network.exchange}, Timeout: wait}, config)
				assert.Equal(t, test.took, time.Since(start))
				told := slices.DeleteFunc(got.Invented, func(a Answer) bool { return a.Code != "NXDOMAIN" })
				for i := range told {
					assert.Len(t, told[i].Name, 2*(randomLabel+1))
					told[i].Name = "RANDOM."
				}
				assert.Equal(t, test.want, append(lines(got.Direct), lines(told)...))
				assert.Empty(t, got.Control)
			})
		})
	}
}

// withoutEDNSOnly is a server behind something that drops questions with EDNS.
func withoutEDNSOnly(network string, query dnsmessage.Message) [][]byte {
	if hasOPT(query) {
		return nil
	}
	return healthy(network, query)
}

func TestEDNSDropped(t *testing.T) {
	plain := "udp ftp.example. A plain NOERROR 203.0.113.5 203.0.113.6"
	o := world{family: 4, system: hangs, servers: []fakeServer{{20 * time.Millisecond, withoutEDNSOnly}}}.measure(t)
	assert.Equal(t, []string{
		plain, plain, "udp ftp.example. A timeout", "tcp ftp.example. A timeout", "udp ftp.example. A timeout",
	}, lines(o.Direct))
	assert.GreaterOrEqual(t, o.Direct[2].Attempts+o.Direct[4].Attempts, 3)
	assert.Equal(t, 1040*time.Millisecond+resolutionDelay, o.foundAt)
	assert.Equal(t, []string{"udp . NS plain NXDOMAIN"}, lines(o.Control))
}

func TestServerFailsOverEDNS(t *testing.T) {
	o := world{family: 4, system: fails(0, noSuchHost), servers: []fakeServer{{0, func(network string, query dnsmessage.Message) [][]byte {
		if hasOPT(query) {
			return [][]byte{reply(query, dnsmessage.RCodeServerFailure)}
		}
		return healthy(network, query)
	}}}}.measure(t)
	plain := "udp ftp.example. A plain NOERROR 203.0.113.5 203.0.113.6"
	assert.ElementsMatch(t, []string{
		"udp ftp.example. A SERVFAIL", "udp ftp.example. A CD SERVFAIL", plain, plain, "udp ftp.example. A SERVFAIL",
	}, lines(o.Direct))
}

func TestSilentAboutTheNameAlone(t *testing.T) {
	o := world{family: 4, system: hangs, servers: []fakeServer{{0, func(network string, query dnsmessage.Message) [][]byte {
		if query.Questions[0].Type != dnsmessage.TypeNS {
			return nil
		}
		return healthy(network, query)
	}}}}.measure(t)
	assert.Equal(t, []string{"udp . NS plain NXDOMAIN"}, lines(o.Control))
	assert.Equal(t, wait, o.took)
}

// madeUp are the answers about invented names, with "?" for what was made up.
func madeUp(t *testing.T, answers []Answer) (all []string) {
	t.Helper()
	for _, a := range answers {
		label, zone, _ := strings.Cut(a.Name, ".")
		assert.Regexp(t, "^[a-z2-7]{16}$", label)
		a.Name = "?." + zone
		all = append(all, in(a))
	}
	return all
}

func TestNamesMadeUp(t *testing.T) {
	rewrites := func(_ string, query dnsmessage.Message) [][]byte {
		return [][]byte{reply(query, dnsmessage.RCodeSuccess, address(query.Questions[0].Name.String(), "198.51.100.66"))}
	}
	o := world{
		family: 4, zone: "com.", system: finds(0, "203.0.113.5"),
		servers: []fakeServer{{20 * time.Millisecond, rewrites}, {20 * time.Millisecond, healthy}},
	}.measure(t)
	assert.Equal(t, []string{
		"udp ?.com. A NOERROR 198.51.100.66", "udp ?.com. A NOERROR 198.51.100.66", "udp ?.com. A NXDOMAIN", "udp ?.com. A NXDOMAIN",
	}, madeUp(t, o.Invented))
	assert.NotEqual(t, o.Invented[0].Name, o.Invented[1].Name)
	assert.Equal(t, 40*time.Millisecond, o.took)
}

func TestNameFoundWithASuffix(t *testing.T) {
	suffixed := has(map[string][]string{"ftp.example.a.example.": {"203.0.113.7"}, "ftp.example.": {"203.0.113.5"}})
	captured := "udp ftp.example.a.example. A NOERROR 203.0.113.7"
	for name, test := range map[string]struct {
		ndots    int
		server   handler
		direct   []string
		invented []string
	}{
		"as it is": {1, suffixed, []string{"udp ftp.example. A NOERROR 203.0.113.5"}, nil},
		"suffix first: the name as it is is asked for, too": {
			5, suffixed, []string{captured, "udp ftp.example. A NOERROR 203.0.113.5"}, []string{"udp ?.a.example. A NXDOMAIN"},
		},
		"suffix last": {
			1, has(map[string][]string{"ftp.example.a.example.": {"203.0.113.7"}}),
			[]string{"udp ftp.example. A NXDOMAIN", captured}, []string{"udp ?.a.example. A NXDOMAIN"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			o := world{
				family: 4, ndots: test.ndots, search: []string{"a.example"}, system: fails(0, noSuchHost),
				servers: []fakeServer{{20 * time.Millisecond, test.server}},
			}.measure(t)
			assert.Equal(t, test.direct, lines(o.Direct))
			assert.Equal(t, test.invented, madeUp(t, o.Invented))
			assert.Equal(t, test.direct[0] == captured || len(test.direct) > 1, slices.Equal(o.found, addrs("203.0.113.7")))
		})
	}
}
