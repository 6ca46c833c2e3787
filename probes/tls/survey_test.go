package tls

import (
	"bufio"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"io"
	"net"
	"net/netip"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/cryptobyte"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// surveyed enumerates what a server accepts.
func surveyed(t *testing.T, address netip.AddrPort, change func(*SurveyOptions)) Survey {
	t.Helper()
	o := SurveyOptions{
		Address: address, ServerName: "localhost", Wait: patience,
		Dial: func(ctx context.Context) (net.Conn, *probes.Fault) {
			conn, err := probes.Host{}.DialTCP(ctx, address)
			return conn, probes.NewFault(ctx, "dial", err)
		},
	}
	if change != nil {
		change(&o)
	}
	survey := Enumerate(t.Context(), o)
	assert.Equal(t, address, survey.Address)
	require.Len(t, survey.Versions, 5)
	return survey
}

// openSSL runs openssl s_server until the test ends.
func openSSL(t *testing.T, identity tls.Certificate, arguments ...string) netip.AddrPort {
	t.Helper()
	needOpenSSL(t)
	arguments = append([]string{"s_server", "-accept", "127.0.0.1:0", "-www", "-cert", inFile(t, identity)}, arguments...)
	ctx, cancel := context.WithCancel(context.Background()) // the test's own ends before its cleanup
	command := exec.CommandContext(ctx, "openssl", arguments...)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	t.Cleanup(func() {
		cancel()
		_ = command.Wait()
	})
	for lines := bufio.NewScanner(output); lines.Scan(); {
		if _, address, ok := strings.Cut(lines.Text(), "ACCEPT "); ok {
			return netip.MustParseAddrPort(address)
		}
	}
	t.Fatal("openssl does not listen")
	return netip.AddrPort{}
}

// inFile writes a certificate and its key to a file.
func inFile(t *testing.T, identity tls.Certificate) string {
	t.Helper()
	key, err := x509.MarshalPKCS8PrivateKey(identity.PrivateKey)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "identity.pem")
	require.NoError(t, os.WriteFile(file, slices.Concat(
		pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: identity.Certificate[0]}),
		pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: key}),
	), 0o600))
	return file
}

// findings is what a survey is compared by.
type findings struct {
	versions   []string // accepted
	suites     []string // of the highest version
	preference string
	complete   bool
	groups     []string // accepted
}

func findingsOf(s Survey) (f findings) {
	for _, v := range s.Versions {
		if v.Accepted {
			f.versions = append(f.versions, v.Version)
			f.suites, f.preference, f.complete = v.Suites, v.Preference, v.Complete
		}
	}
	for _, g := range s.Groups {
		if g.Accepted {
			f.groups = append(f.groups, g.Group)
		}
	}
	return f
}

func TestSurveyOfOpenSSL(t *testing.T) {
	for name, c := range map[string]struct {
		arguments string
		ecdsa     bool
		want      findings
	}{
		"TLS 1.2, and the server's order counts": {
			arguments: "-tls1_2 -serverpref -groups P-384:X25519 -cipher " +
				"AES128-SHA:ECDHE-RSA-CHACHA20-POLY1305:DHE-RSA-CAMELLIA256-SHA:ECDHE-RSA-AES256-GCM-SHA384",
			want: findings{
				versions: []string{"TLS 1.2"},
				suites: []string{
					"TLS_RSA_WITH_AES_128_CBC_SHA", "TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256",
					"TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384",
				},
				preference: "server", complete: true,
				groups: []string{"X25519", "CurveP384", "DHE 2048"},
			},
		},
		"TLS 1.2, and the client's order counts": {
			arguments: "-tls1_2 -groups brainpoolP256r1 -cipher AES128-SHA:ECDHE-RSA-AES256-GCM-SHA384",
			want: findings{
				versions:   []string{"TLS 1.2"},
				suites:     []string{"TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", "TLS_RSA_WITH_AES_128_CBC_SHA"},
				preference: "client", complete: true,
				groups: []string{"brainpoolP256r1"},
			},
		},
		"TLS 1.3 alone, with groups of which we have no key": {
			arguments: "-tls1_3 -ciphersuites TLS_CHACHA20_POLY1305_SHA256:TLS_AES_128_CCM_SHA256 -groups P-521:X448:ffdhe3072",
			want: findings{
				versions:   []string{"TLS 1.3"},
				suites:     []string{"TLS_CHACHA20_POLY1305_SHA256", "TLS_AES_128_CCM_SHA256"},
				preference: "client", complete: true,
				groups: []string{"X448", "CurveP521", "ffdhe3072"},
			},
		},
		"TLS 1.0 alone, without elliptic curves": {
			arguments: "-tls1 -cipher DHE-RSA-AES128-SHA:AES256-SHA:@SECLEVEL=0",
			want: findings{
				versions:   []string{"TLS 1.0"},
				suites:     []string{"TLS_RSA_WITH_AES_256_CBC_SHA", "TLS_DHE_RSA_WITH_AES_128_CBC_SHA"},
				preference: "client", complete: true,
				groups: []string{"DHE 2048"},
			},
		},
		"every version that it has, with one suite": {
			arguments: "-cipher AES128-SHA:@SECLEVEL=0 -ciphersuites TLS_AES_256_GCM_SHA384 -serverpref -groups X25519:P-256",
			want: findings{
				versions: []string{"TLS 1.0", "TLS 1.1", "TLS 1.2", "TLS 1.3"},
				suites:   []string{"TLS_AES_256_GCM_SHA384"},
				complete: true,
				groups:   []string{"X25519", "CurveP256"},
			},
		},
		"TLS 1.2 with an ECDSA certificate, whose curve must be offered too": {
			arguments: "-tls1_2 -groups P-256:P-384:X25519 -cipher ECDHE-ECDSA-AES256-GCM-SHA384", ecdsa: true,
			want: findings{
				versions: []string{"TLS 1.2"},
				suites:   []string{"TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384"},
				complete: true,
				groups:   []string{"X25519", "CurveP256", "CurveP384"},
			},
		},
		"suites without authentication or encryption": {
			arguments: "-tls1_2 -cipher NULL-SHA256:AECDH-NULL-SHA:ADH-AES128-SHA:@SECLEVEL=0",
			want: findings{
				versions:   []string{"TLS 1.2"},
				suites:     []string{"TLS_ECDH_anon_WITH_NULL_SHA", "TLS_RSA_WITH_NULL_SHA256", "TLS_DH_anon_WITH_AES_128_CBC_SHA"},
				preference: "client", complete: true,
				groups: []string{"X25519", "X448", "CurveP256", "CurveP384", "CurveP521", "DHE 1024"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			identity := rsaCertificate()
			if c.ecdsa {
				identity = tlstest.NewCA("test root").Issue(tlstest.Leaf{})
			}
			survey := surveyed(t, openSSL(t, identity, strings.Fields(c.arguments)...), nil)
			assert.Nil(t, survey.Fault)
			assert.Equal(t, c.want, findingsOf(survey))
		})
	}
}

func TestSurveyOfGo(t *testing.T) {
	everything := findings{
		versions:   []string{"TLS 1.2", "TLS 1.3"},
		suites:     []string{"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384", "TLS_CHACHA20_POLY1305_SHA256"},
		preference: "server", complete: true,
		groups: []string{
			"X25519MLKEM768", "SecP256r1MLKEM768", "SecP384r1MLKEM1024", "X25519", "CurveP256", "CurveP384", "CurveP521",
		},
	}
	t.Run("TLS 1.3, post-quantum groups included", func(t *testing.T) {
		survey := surveyed(t, start(t, tlstest.Handshake(serverConfig(nil))).Addr, nil)
		found := findingsOf(survey)
		found.preference = everything.preference // Go has its own, unless the client's first suite decides
		assert.ElementsMatch(t, everything.suites, found.suites)
		found.suites = everything.suites
		assert.Equal(t, everything, found)
		for _, g := range survey.Groups[:8] {
			assert.True(t, g.PostQuantum, g.Group)
		}
		for _, g := range survey.Groups[8:] {
			assert.False(t, g.PostQuantum, g.Group)
		}
		for _, g := range survey.Groups {
			assert.Equal(t, g.Accepted, g.Refusal != "alert handshake_failure", g.Group)
		}
		assert.Equal(t, "alert protocol_version", survey.Versions[0].Refusal)
	})
	t.Run("TLS 1.2", func(t *testing.T) {
		found := findingsOf(surveyed(t, start(t, tlstest.Handshake(serverConfig(func(c *tls.Config) {
			c.MaxVersion, c.CurvePreferences = tls.VersionTLS12, []tls.CurveID{tls.X25519, tls.CurveP384}
		}))).Addr, nil))
		assert.Equal(t, []string{"X25519", "CurveP384"}, found.groups)
		assert.True(t, found.complete)
	})
}

// tiny is a server that answers the hellos of some versions with a suite of its own list, and refuses the others in its own way.
type tiny struct {
	versions []uint16
	suites   []uint16 // in its order of preference
	refuse   tlstest.Handler
	longest  int // the longest ClientHello that it reads; zero for any
}

func (s tiny) handle(conn net.Conn) {
	version, suites, length := readOffer(conn)
	chosen := slices.IndexFunc(s.suites, func(suite uint16) bool { return slices.Contains(suites, suite) })
	if chosen < 0 || !slices.Contains(s.versions, version) || s.longest > 0 && length > s.longest {
		s.refuse(conn)
		return
	}
	_, _ = conn.Write(recordOf(recordHandshake, append(helloChoosing(version, s.suites[chosen]), messageOf(14)...)...))
}

// readOffer reads the version field, the suites and the length of a ClientHello.
func readOffer(conn net.Conn) (version uint16, suites []uint16, length int) {
	header := make([]byte, recordHeader)
	if _, err := io.ReadFull(conn, header); err != nil {
		return 0, nil, 0
	}
	raw := make([]byte, binary.BigEndian.Uint16(header[3:]))
	if _, err := io.ReadFull(conn, raw); err != nil {
		return 0, nil, 0
	}
	body := cryptobyte.String(raw[messageHeader:])
	var session, list cryptobyte.String
	var suite uint16
	_ = body.ReadUint16(&version) && body.Skip(randomLength) && body.ReadUint8LengthPrefixed(&session) && body.ReadUint16LengthPrefixed(&list)
	for list.ReadUint16(&suite) {
		suites = append(suites, suite)
	}
	return version, suites, len(raw)
}

// afterHello does it when the ClientHello was read, so that nothing is left unread at the end.
func afterHello(handle tlstest.Handler) tlstest.Handler {
	return func(conn net.Conn) {
		_, _, _ = readOffer(conn)
		handle(conn)
	}
}

func stop(net.Conn) {}

func alerting(description byte) tlstest.Handler {
	return func(conn net.Conn) { _, _ = conn.Write(recordOf(recordAlert, 2, description)) }
}

func resetting(conn net.Conn) {
	_ = conn.(*net.TCPConn).SetLinger(0)
	_ = conn.Close()
}

// TestSurveyTellsRefusalsApart has servers that refuse all but one version in different ways.
func TestSurveyTellsRefusalsApart(t *testing.T) {
	for refusal, refuse := range map[string]tlstest.Handler{
		"alert protocol_version": alerting(alertProtocolVersion),
		"alert internal_error":   alerting(80),
		"closed":                 stop,
		"reset":                  resetting,
	} {
		t.Run(refusal, func(t *testing.T) {
			server := tiny{versions: []uint16{0x0300}, suites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA, 0x000a}, refuse: refuse}
			assertOnlySSLv3(t, surveyed(t, start(t, server.handle).Addr, nil), refusal)
		})
	}
}

// oneByOne is a server in fake time that serves one connection after another, and takes its time for each.
type oneByOne struct {
	handle  tlstest.Handler
	takes   time.Duration
	place   chan struct{} // held while a connection is served
	serving sync.WaitGroup
	started time.Time
	open    atomic.Int32 // connections that the client holds
	late    atomic.Int32 // the most of them when it made one that was not among the first
}

func (s *oneByOne) dial(context.Context) (net.Conn, *probes.Fault) {
	client, other := net.Pipe()
	s.serving.Go(func() {
		s.place <- struct{}{}
		time.Sleep(s.takes)
		s.handle(other)
		_ = other.Close()
		<-s.place
	})
	if open := s.open.Add(1); time.Since(s.started) > 3*time.Second {
		s.late.Store(max(s.late.Load(), open))
	}
	return &counted{Conn: client, open: &s.open}, nil
}

// survey is that of such a server, which another client keeps busy at first.
func (s *oneByOne) survey(ctx context.Context, busy time.Duration) Survey {
	s.started, s.place = time.Now(), make(chan struct{}, 1)
	s.place <- struct{}{}
	s.serving.Go(func() {
		time.Sleep(busy)
		<-s.place
	})
	defer s.serving.Wait()
	return Enumerate(ctx, SurveyOptions{Wait: 10 * time.Second, Dial: s.dial})
}

// TestSurveyOfServerThatServesOneByOne must not take for a refusal that the server was busy, with us or with others.
func TestSurveyOfServerThatServesOneByOne(t *testing.T) {
	for name, c := range map[string]struct {
		takes, busy time.Duration
		late        int32
	}{
		"at once":                                {0, 0, 0},
		"slower than four of ours can wait for":  {400 * time.Millisecond, 0, 1},
		"slower than one of ours waits at first": {1200 * time.Millisecond, 0, 1},
		"busy with another client at first":      {100 * time.Millisecond, 5 * time.Second, 1},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server := oneByOne{takes: c.takes, handle: tiny{
					versions: []uint16{0x0300}, suites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA, 0x000a}, refuse: alerting(alertProtocolVersion),
				}.handle}
				assertOnlySSLv3(t, server.survey(t.Context(), c.busy), "alert protocol_version")
				assert.Equal(t, c.late, server.late.Load())
			})
		})
	}
}

// TestSurveyOfOpenSSLThatSomebodyHolds has a server that serves one connection at a time, which another client lets go of when the first
// of ours have waited in vain.
func TestSurveyOfOpenSSLThatSomebodyHolds(t *testing.T) {
	address := openSSL(t, rsaCertificate(), "-tls1_3", "-groups", "X25519")
	holder, err := probes.Host{}.DialTCP(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = holder.Close() }()
	var dialed atomic.Int32
	survey := surveyed(t, address, func(o *SurveyOptions) {
		dial := o.Dial
		o.Dial = func(ctx context.Context) (net.Conn, *probes.Fault) {
			if dialed.Add(1) == parallel+1 {
				_ = holder.Close()
			}
			return dial(ctx)
		}
	})
	assert.Nil(t, survey.Fault)
	found := findingsOf(survey)
	assert.Equal(t, []string{"TLS 1.3"}, found.versions)
	assert.Equal(t, []string{"X25519"}, found.groups)
	assert.True(t, found.complete)
	for _, v := range survey.Versions[:4] {
		assert.Contains(t, v.Refusal, "alert ", v.Version)
	}
}

// TestSurveyOfSilentServer must end without a word of refusal.
func TestSurveyOfSilentServer(t *testing.T) {
	for name, versions := range map[string][]uint16{
		"whatever is asked": nil,
		"but for SSLv3":     {0x0300},
		"but for TLS 1.0":   {tls.VersionTLS10},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				hold := make(chan struct{})
				server := tiny{versions: versions, suites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA}, refuse: func(net.Conn) { <-hold }}
				var serving sync.WaitGroup
				survey := Enumerate(t.Context(), SurveyOptions{Wait: 10 * time.Second, Dial: func(context.Context) (net.Conn, *probes.Fault) {
					client, other := net.Pipe()
					serving.Go(func() {
						server.handle(other)
						_ = other.Close()
					})
					return client, nil
				}})
				close(hold)
				serving.Wait()
				require.True(t, survey.Fault.Of(probes.Timeout), "%v", survey.Fault)
				assert.LessOrEqual(t, survey.Connections, 2*len(survey.Versions))
				unanswered := 0
				for i, v := range survey.Versions {
					assert.Equal(t, slices.Contains(versions, versionsSurveyed[i]), v.Accepted, v.Version)
					assert.Contains(t, []string{"", notAsked, noAnswer}, v.Refusal)
					if v.Refusal == noAnswer {
						unanswered++
					}
				}
				assert.Equal(t, 1, unanswered, "the one that it ended with")
			})
		})
	}
}

// TestSurveyDialsAgainAlone has a server that lets no second connection of ours in.
func TestSurveyDialsAgainAlone(t *testing.T) {
	server := start(t, tiny{
		versions: []uint16{0x0300}, suites: []uint16{tls.TLS_RSA_WITH_RC4_128_SHA, 0x000a}, refuse: alerting(alertProtocolVersion),
	}.handle)
	var open atomic.Int32
	survey := surveyed(t, server.Addr, func(o *SurveyOptions) {
		dial := o.Dial
		o.Dial = func(ctx context.Context) (net.Conn, *probes.Fault) {
			if open.Add(1) > 1 {
				open.Add(-1)
				return nil, &probes.Fault{Step: "AUTH TLS", Kind: probes.Timeout}
			}
			conn, fault := dial(ctx)
			return &counted{Conn: conn, open: &open}, fault
		}
	})
	assertOnlySSLv3(t, survey, "alert protocol_version")
}

func assertOnlySSLv3(t *testing.T, survey Survey, refusal string) {
	t.Helper()
	assert.Nil(t, survey.Fault)
	assert.Empty(t, survey.Groups)
	require.Len(t, survey.Versions, 5)
	assert.Equal(t, SurveyedVersion{
		Version: "SSLv3", Accepted: true, Preference: "server", Complete: true,
		Suites: []string{"TLS_RSA_WITH_RC4_128_SHA", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"},
	}, survey.Versions[0])
	for _, v := range survey.Versions[1:] {
		assert.Equal(t, SurveyedVersion{Version: v.Version, Refusal: refusal}, v)
	}
}

// TestSurveyOfServerThatReadsLittle has a server that hangs up on a long ClientHello.
func TestSurveyOfServerThatReadsLittle(t *testing.T) {
	server := tiny{versions: []uint16{tls.VersionTLS10}, suites: []uint16{0x002f, 0x0041}, refuse: stop, longest: 300}
	survey := surveyed(t, start(t, server.handle).Addr, nil)
	assert.Nil(t, survey.Fault)
	assert.Equal(t, SurveyedVersion{
		Version: "TLS 1.0", Accepted: true, Suites: []string{"TLS_RSA_WITH_AES_128_CBC_SHA"},
	}, survey.Versions[1], "not all suites were asked for")
}

// TestSurveyOfServerThatChoosesWhatItWants must not go round in circles.
func TestSurveyOfServerThatChoosesWhatItWants(t *testing.T) {
	survey := surveyed(t, start(t, func(conn net.Conn) {
		version, _, _ := readOffer(conn)
		_, _ = conn.Write(recordOf(recordHandshake, helloChoosing(version, 0x002f)...))
	}).Addr, nil)
	assert.Nil(t, survey.Fault)
	for _, v := range survey.Versions[:4] {
		assert.Equal(t, SurveyedVersion{Version: v.Version, Accepted: true, Suites: []string{"TLS_RSA_WITH_AES_128_CBC_SHA"}}, v)
	}
	assert.Equal(t, "chose TLS 1.2", survey.Versions[4].Refusal)
}

// TestSurveyOfServerThatHasEnough must not take for a refusal that the server wants no more of us.
func TestSurveyOfServerThatHasEnough(t *testing.T) {
	healthy := tiny{versions: []uint16{0x0300, tls.VersionTLS10}, suites: suitesFor(tls.VersionTLS10), refuse: alerting(alertProtocolVersion)}
	limited := func(t *testing.T, limit int32, otherwise tlstest.Handler) netip.AddrPort {
		var count atomic.Int32
		return start(t, func(conn net.Conn) {
			if count.Add(1) > limit {
				otherwise(conn)
				return
			}
			healthy.handle(conn)
		}).Addr
	}
	assertEnded := func(t *testing.T, survey Survey, step string, kind probes.Kind) {
		require.NotNil(t, survey.Fault)
		assert.Equal(t, step, survey.Fault.Step)
		assert.Equal(t, kind, survey.Fault.Kind)
		for _, v := range survey.Versions[:2] {
			assert.False(t, v.Complete, v.Version)
			assert.Empty(t, v.Preference)
			assert.Equal(t, v.Accepted, v.Refusal != notAsked)
		}
	}
	t.Run("connections are refused", func(t *testing.T) {
		address := limited(t, 1000, stop)
		var count atomic.Int32
		survey := surveyed(t, address, func(o *SurveyOptions) {
			dial := o.Dial
			o.Dial = func(ctx context.Context) (net.Conn, *probes.Fault) {
				if count.Add(1) > 20 {
					return nil, &probes.Fault{Step: "AUTH TLS", Kind: probes.Negative, Message: "421 Too many connections"}
				}
				return dial(ctx)
			}
		})
		assertEnded(t, survey, "AUTH TLS", probes.Negative)
		assert.GreaterOrEqual(t, survey.Connections, 20)
		assert.LessOrEqual(t, survey.Connections, 24, "what was under way is let finish")
	})
	t.Run("connections are closed", func(t *testing.T) {
		assertEnded(t, surveyed(t, limited(t, 20, afterHello(stop)), nil), "handshake", probes.Closed)
	})
	t.Run("connections are reset", func(t *testing.T) {
		assertEnded(t, surveyed(t, limited(t, 20, tlstest.Reset()), nil), "handshake", probes.Reset)
	})
	t.Run("connections are closed, with words", func(t *testing.T) {
		address := limited(t, 20, afterHello(tlstest.Banner("421 Too many connections\r\n")))
		assertEnded(t, surveyed(t, address, nil), "handshake", probes.Malformed)
	})
}

// TestSurveyLosesAConnection has a server that cuts one connection, which is then made once more.
func TestSurveyLosesAConnection(t *testing.T) {
	healthy := tlstest.Handshake(serverConfig(func(c *tls.Config) { c.MinVersion = tls.VersionTLS13 }))
	want := findingsOf(surveyed(t, start(t, healthy).Addr, nil))
	require.True(t, want.complete)
	for lost, end := range map[int32]tlstest.Handler{
		1: stop, 8: stop, 20: stop, 31: stop,
		29: alerting(80), // among those that ask for suites
	} {
		var count atomic.Int32
		survey := surveyed(t, start(t, func(conn net.Conn) {
			if count.Add(1) == lost {
				afterHello(end)(conn)
				return
			}
			healthy(conn)
		}).Addr, nil)
		assert.Nil(t, survey.Fault)
		assert.Greater(t, survey.Connections, int(lost))
		assert.Equal(t, want, findingsOf(survey), "connection %d", lost)
	}
}

func TestSurveyKeepsItsBounds(t *testing.T) {
	everything := tiny{
		versions: []uint16{tls.VersionTLS10, tls.VersionTLS11}, suites: suitesFor(tls.VersionTLS10), refuse: alerting(alertProtocolVersion),
	}
	t.Run("96 connections, 4 at a time", func(t *testing.T) {
		var now, most atomic.Int32
		survey := surveyed(t, start(t, everything.handle).Addr, func(o *SurveyOptions) {
			dial := o.Dial
			o.Dial = func(ctx context.Context) (net.Conn, *probes.Fault) {
				conn, fault := dial(ctx)
				for n, seen := now.Add(1), most.Load(); n > seen && !most.CompareAndSwap(seen, n); seen = most.Load() {
					continue
				}
				return &counted{Conn: conn, open: &now}, fault
			}
		})
		assert.Nil(t, survey.Fault)
		assert.Equal(t, 95, survey.Connections, "one was kept for a control that was not needed")
		assert.LessOrEqual(t, most.Load(), int32(4))
		for _, v := range survey.Versions[1:3] {
			assert.True(t, v.Accepted)
			assert.False(t, v.Complete)
			assert.Greater(t, len(v.Suites), 10) // how they share the connections is chance
		}
	})
}

// counted is a connection that is counted while it is open.
type counted struct {
	net.Conn

	open *atomic.Int32
}

func (c *counted) Close() error {
	c.open.Add(-1)
	return c.Conn.Close()
}

func TestSurveyThatIsStopped(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := start(t, tlstest.Silent())
	survey := Enumerate(ctx, SurveyOptions{Dial: func(ctx context.Context) (net.Conn, *probes.Fault) {
		defer cancel()
		conn, err := probes.Host{}.DialTCP(ctx, server.Addr)
		return conn, probes.NewFault(ctx, "dial", err)
	}})
	require.NotNil(t, survey.Fault)
	assert.Equal(t, probes.Interrupted, survey.Fault.Kind)
	for _, v := range survey.Versions {
		assert.Equal(t, notAsked, v.Refusal)
	}
}

func TestSurveyOfWhatIsNotTLS(t *testing.T) {
	survey := surveyed(t, start(t, tlstest.Banner("220 FTP\r\n")).Addr, nil)
	require.NotNil(t, survey.Fault)
	assert.Equal(t, probes.Malformed, survey.Fault.Kind)
	for _, v := range survey.Versions {
		assert.Equal(t, notAsked, v.Refusal)
	}
}
