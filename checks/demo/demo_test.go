package demo_test

import (
	"bytes"
	"cmp"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/jlaffaye/ftp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/checks/demo"
	"github.com/rung-cli/rung/probes/pki"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start runs a demo until the test ends. The test is skipped where this system cannot show the fault.
func start(t *testing.T, fault demo.Fault) *demo.Demo {
	t.Helper()
	d, err := fault.Start()
	if errors.Is(err, errors.ErrUnsupported) {
		t.Skip(err)
	}
	require.NoError(t, err)
	t.Cleanup(d.Close)
	return d
}

func address(t *testing.T, d *demo.Demo) string {
	t.Helper()
	target, err := url.Parse(d.Target)
	require.NoError(t, err)
	return target.Host
}

func dial(t *testing.T, d *demo.Demo) net.Conn {
	t.Helper()
	conn, err := net.Dial("tcp", address(t, d))
	require.NoError(t, err)
	t.Cleanup(func() { _ = conn.Close() })
	require.NoError(t, conn.SetDeadline(time.Now().Add(10*time.Second)))
	return conn
}

func TestTable(t *testing.T) {
	faults := demo.Faults()
	assert.GreaterOrEqual(t, len(faults), 60)
	names := make(map[string]bool)
	healthy := true
	for _, fault := range faults {
		assert.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)*$`, fault.Name)
		assert.False(t, names[fault.Name], "%s appears twice", fault.Name)
		names[fault.Name] = true
		assert.True(t, strings.HasSuffix(fault.Story, "."), "%s: the story is a sentence", fault.Name)
		assert.True(t, healthy || len(fault.Causes) > 0, "%s: healthy ones come first", fault.Name)
		healthy = len(fault.Causes) == 0
	}
}

// What each demo shows to clients other than rung: every fault of the table has its witness here.
func TestEveryFaultIsOnTheWire(t *testing.T) {
	witnesses := map[string]func(*testing.T, *demo.Demo){
		"healthy":       func(t *testing.T, d *demo.Demo) { listing(t, d) },
		"healthy-ftpes": func(t *testing.T, d *demo.Demo) { listing(t, d, ftp.DialWithExplicitTLS(verifying(d))) },
		"healthy-tls":   func(t *testing.T, d *demo.Demo) { require.NoError(t, handshake(t, d)) },

		"healthy-https": func(t *testing.T, d *demo.Demo) { assert.Equal(t, http.StatusOK, get(t, d)) },

		"tcp-refused": func(t *testing.T, d *demo.Demo) {
			_, err := net.Dial("tcp", address(t, d))
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		},
		"tcp-filtered": func(t *testing.T, d *demo.Demo) { assertSilent(t, address(t, d)) },
		"tcp-silent": func(t *testing.T, d *demo.Demo) {
			conn := dial(t, d)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
			_, err := conn.Read(make([]byte, 1))
			assertTimeout(t, err)
		},

		"not-ftp": says("SSH-2.0-OpenSSH_9.9"),
		"too-many-users": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{421, ""})
		},
		"auth-rejected": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{220, ""}, exchange{331, "USER " + d.User}, exchange{530, "PASS " + d.Password})
		},
		"tls-required": func(t *testing.T, d *demo.Demo) {
			assert.Contains(t, speak(t, d, exchange{220, ""}, exchange{530, "USER anonymous"}, exchange{211, "FEAT"}), "AUTH TLS")
			listing(t, d, ftp.DialWithExplicitTLS(verifying(d)))
		},
		"auth-tls-unsupported": func(t *testing.T, d *demo.Demo) {
			speak(t, d, exchange{220, ""}, exchange{500, "AUTH TLS"})
			listing(t, d)
		},

		"implicit-tls-port": func(t *testing.T, d *demo.Demo) {
			listing(t, d, ftp.DialWithTLS(verifying(d)))
		},
		"banner-slow": func(t *testing.T, d *demo.Demo) {
			conn := dial(t, d)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
			_, err := conn.Read(make([]byte, 1))
			assertTimeout(t, err)
			require.NoError(t, conn.SetReadDeadline(time.Now().Add(20*time.Second)))
			ask(t, textproto.NewConn(conn), exchange{220, ""})
		},
		"service-unavailable": func(t *testing.T, d *demo.Demo) { speak(t, d, exchange{421, ""}) },
		"server-misconfigured": func(t *testing.T, d *demo.Demo) {
			assert.Contains(t, speak(t, d, exchange{220, ""}, exchange{331, "USER anonymous"}, exchange{500, "PASS guest@"}), "OOPS")
		},
		"listing-denied": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			data, err := net.Dial("tcp", dataPort(t, c, "EPSV").String())
			require.NoError(t, err)
			ask(t, c, exchange{550, "LIST"})
			require.NoError(t, data.Close())
		},
		"path-not-found": func(t *testing.T, d *demo.Demo) {
			target, err := url.Parse(d.Target)
			require.NoError(t, err)
			c := loggedIn(t, d)
			ask(t, c, exchange{550, "CWD " + target.Path})
			ask(t, c, exchange{550, "LIST " + target.Path})
		},
		"auth-tls-stripped": func(t *testing.T, d *demo.Demo) {
			assert.Contains(t, speak(t, d, exchange{220, ""}, exchange{500, "AUTH TLS"}), "XXXX XXX")
		},
		"control-desync": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			ask(t, c, exchange{200, "PWD"})
			ask(t, c, exchange{257, "NOOP"})
		},
		"control-idle-dropped": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			dataPort(t, c, "EPSV")
			ask(t, c, exchange{421, ""})
		},

		"passive-private-address": announces("10.88.1.2"),
		"passive-foreign-address": announces("198.51.100.77"),
		"passive-port-filtered": func(t *testing.T, d *demo.Demo) {
			for _, command := range []string{"EPSV", "PASV"} {
				assertSilent(t, dataPort(t, loggedIn(t, d), command).String())
			}
		},
		"passive-port-refused": func(t *testing.T, d *demo.Demo) {
			for _, command := range []string{"EPSV", "PASV"} {
				_, err := net.Dial("tcp", dataPort(t, loggedIn(t, d), command).String())
				assert.ErrorIs(t, err, syscall.ECONNREFUSED)
			}
		},
		"passive-refused-by-policy": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			ask(t, c, exchange{550, "EPSV"})
			ask(t, c, exchange{550, "PASV"})
		},
		"passive-unspecified-address": announces("0.0.0.0"),
		"passive-range-partly-open": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			first := dataPort(t, c, "EPSV")
			assertSilent(t, first.String())
			open := 0
			for range 7 {
				at := dataPort(t, c, "PASV")
				assert.LessOrEqual(t, at.Port()-first.Port(), uint16(7))
				if data, err := net.DialTimeout("tcp", at.String(), 50*time.Millisecond); err == nil {
					require.NoError(t, data.Close())
					open++
				}
			}
			assert.Equal(t, 6, open)
		},
		"passive-special-port-blocked": func(t *testing.T, d *demo.Demo) {
			_, err := net.Dial("tcp", dataPort(t, loggedIn(t, d), "EPSV").String())
			require.ErrorIs(t, err, syscall.ECONNREFUSED)
			listing(t, d)
		},
		"passive-wrong-backend": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			to := dataPort(t, c, "EPSV").String()
			if lost, err := net.Dial("tcp", to); err == nil { // the reset may come before connect(2) returns
				_, err = lost.Read(make([]byte, 1))
				require.ErrorIs(t, err, syscall.ECONNRESET)
				require.NoError(t, lost.Close())
			}
			assert.NotEmpty(t, listingThrough(t, c, to))
		},
		"passive-malformed-reply": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			assert.NotContains(t, ask(t, c, exchange{229, "EPSV"}), "|")
			assert.Len(t, numbers.FindAllString(ask(t, c, exchange{227, "PASV"}), -1), 5)
		},
		"passive-ports-exhausted": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			ask(t, c, exchange{425, "EPSV"})
			ask(t, c, exchange{425, "PASV"})
		},
		"passive-peer-mismatch": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			data, err := net.Dial("tcp", dataPort(t, c, "EPSV").String())
			require.NoError(t, err)
			ask(t, c, exchange{425, "LIST"})
			require.NoError(t, data.Close())
		},
		"passive-alg-rewrite": func(t *testing.T, d *demo.Demo) {
			assert.Equal(t, "10.88.1.2", dataPort(t, loggedIn(t, d), "PASV").Addr().String())
			assert.Equal(t, "127.0.0.1", dataPort(t, loggedInOverTLS(t, d), "PASV").Addr().String())
		},
		"passive-alg-blind-to-tls": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			assert.NotEmpty(t, listingThrough(t, c, dataPort(t, c, "EPSV").String()))
			_, err := net.Dial("tcp", dataPort(t, loggedInOverTLS(t, d), "EPSV").String())
			assert.ErrorIs(t, err, syscall.ECONNREFUSED)
		},
		"epsv-unsupported": func(t *testing.T, d *demo.Demo) {
			ask(t, loggedIn(t, d), exchange{500, "EPSV"})
			listing(t, d)
		},
		"epsv-blocked": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			assertSilent(t, dataPort(t, c, "EPSV").String())
			assert.NotEmpty(t, listingThrough(t, c, dataPort(t, c, "PASV").String()))
		},
		"pasv-on-ipv6": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			ask(t, c, exchange{502, "EPSV"})
			announced := dataPort(t, c, "PASV")
			assert.Equal(t, "0.0.0.0", announced.Addr().String())
			assert.NotEmpty(t, listingThrough(t, c, netip.AddrPortFrom(netip.IPv6Loopback(), announced.Port()).String()))
		},
		"data-stalled": func(t *testing.T, d *demo.Demo) {
			c := loggedIn(t, d)
			data, err := net.Dial("tcp", dataPort(t, c, "EPSV").String())
			require.NoError(t, err)
			ask(t, c, exchange{150, "LIST"})
			require.NoError(t, data.SetReadDeadline(time.Now().Add(50*time.Millisecond)))
			_, err = data.Read(make([]byte, 1))
			assertTimeout(t, err)
			require.NoError(t, data.Close())
		},
		"active-blocked": func(t *testing.T, d *demo.Demo) {
			listing(t, d)
			listener := listen(t)
			c := loggedIn(t, d)
			ask(t, c, exchange{200, portCommand(listener)})
			require.NoError(t, c.PrintfLine("LIST"))
			require.NoError(t, listener.SetDeadline(time.Now().Add(50*time.Millisecond)))
			_, err := listener.Accept()
			assertTimeout(t, err)
		},
		"active-refused-by-policy": func(t *testing.T, d *demo.Demo) {
			listing(t, d)
			c := loggedIn(t, d)
			ask(t, c, exchange{550, portCommand(listen(t))})
			ask(t, c, exchange{550, "EPRT |1|127.0.0.1|10000|"})
		},
		"active-peer-mismatch": func(t *testing.T, d *demo.Demo) {
			listing(t, d)
			assert.Contains(t, ask(t, loggedIn(t, d), exchange{500, portCommand(listen(t))}), "only to 203.0.113.9")
		},
		"active-wrong-source": func(t *testing.T, d *demo.Demo) {
			assert.Equal(t, "127.0.0.2", calledBack(t, loggedIn(t, d)).String())
		},
		"active-alg-rewrite": func(t *testing.T, d *demo.Demo) {
			c, listener := loggedIn(t, d), listen(t)
			ask(t, c, exchange{500, portCommand(listener)})
			ask(t, c, exchange{200, "EPRT |1|127.0.0.1|10000|"})
		},
		"active-alg-blind-to-tls": func(t *testing.T, d *demo.Demo) {
			assert.Equal(t, "127.0.0.1", calledBack(t, loggedIn(t, d)).String())
			ask(t, loggedInOverTLS(t, d), exchange{500, portCommand(listen(t))})
			listing(t, d, ftp.DialWithExplicitTLS(verifying(d)))
		},
		"eprt-unsupported": func(t *testing.T, d *demo.Demo) {
			ask(t, loggedIn(t, d), exchange{500, "EPRT |2|::1|10000|"})
			listing(t, d)
		},

		"tls-plaintext-peer": func(t *testing.T, d *demo.Demo) {
			var header tls.RecordHeaderError
			require.ErrorAs(t, handshake(t, d), &header)
			assert.True(t, bytes.HasPrefix(header.RecordHeader[:], []byte("220 ")))
		},
		"tls-no-common-version": func(t *testing.T, d *demo.Demo) {
			require.Error(t, handshake(t, d))
			config := verifying(d)
			config.MinVersion = tls.VersionTLS10
			require.NoError(t, tls.Client(dial(t, d), config).Handshake(), "an old client is served")
		},
		"cert-expired": func(t *testing.T, d *demo.Demo) {
			assertOutOfDate(t, handshake(t, d))
			assert.NoError(t, handshakeAt(t, d, time.Now().AddDate(0, 0, -4)), "all was well four days ago")
		},
		"cert-not-yet-valid": func(t *testing.T, d *demo.Demo) {
			assertOutOfDate(t, handshake(t, d))
			assert.NoError(t, handshakeAt(t, d, time.Now().AddDate(0, 0, 2)), "all will be well in two days")
		},
		"cert-name-mismatch": func(t *testing.T, d *demo.Demo) {
			var hostname x509.HostnameError
			require.ErrorAs(t, handshake(t, d), &hostname)
			config := verifying(d)
			config.ServerName = "www.example.com"
			assert.NoError(t, tls.Client(dial(t, d), config).Handshake(), "all is well under the other name")
		},
		"cert-self-signed": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 1)
			assert.Equal(t, chain[0].RawSubject, chain[0].RawIssuer)
		},
		"cert-untrusted-root": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 2)
			assert.NoError(t, chain[0].CheckSignatureFrom(chain[1]))
			assert.NoError(t, chain[1].CheckSignatureFrom(chain[1]))
		},
		"cert-incomplete-chain": func(t *testing.T, d *demo.Demo) {
			chain := untrusted(t, d)
			require.Len(t, chain, 1)
			assert.NotEqual(t, chain[0].RawSubject, chain[0].RawIssuer)
		},
		"tls-no-common-cipher": func(t *testing.T, d *demo.Demo) {
			assertAlert(t, handshake(t, d))
			config := verifying(d)
			config.CipherSuites = []uint16{tls.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256}
			config.MaxVersion = tls.VersionTLS12
			assert.NoError(t, tls.Client(dial(t, d), config).Handshake(), "a client that offers the suite is served")
		},
		"tls-sni-unknown": func(t *testing.T, d *demo.Demo) {
			assertAlert(t, handshakeFor(t, d, d.Flags.ServerName))
			assert.NoError(t, handshakeFor(t, d, "www.example.com"))
			assert.NoError(t, handshakeFor(t, d, ""))
		},
		"tls-sni-filtered": func(t *testing.T, d *demo.Demo) {
			require.ErrorIs(t, handshakeFor(t, d, d.Flags.ServerName), syscall.ECONNRESET)
			assert.NoError(t, handshakeFor(t, d, "www.example.com"))
		},
		"tls-closed": func(t *testing.T, d *demo.Demo) { assert.ErrorIs(t, handshake(t, d), io.EOF) },
		"tls-reset":  func(t *testing.T, d *demo.Demo) { assert.ErrorIs(t, handshake(t, d), syscall.ECONNRESET) },
		"tls-handshake-stall": func(t *testing.T, d *demo.Demo) {
			assertTimeout(t, impatient(t, d, verifying(d)))
		},
		"tls-clienthello-too-large": func(t *testing.T, d *demo.Demo) {
			config := verifying(d)
			assertTimeout(t, impatient(t, d, config))
			config.CurvePreferences = []tls.CurveID{tls.X25519}
			assert.NoError(t, tls.Client(dial(t, d), config).Handshake(), "without a post-quantum key all is well")
		},
		"tls-client-cert-required": func(t *testing.T, d *demo.Demo) {
			assert.Nil(t, d.Flags.Certificate)
			assertAlert(t, firstRead(t, d, nil))
		},
		"tls-client-cert-rejected": func(t *testing.T, d *demo.Demo) {
			assertAlert(t, firstRead(t, d, d.Flags.Certificate))
		},
		"tls-alpn-refused": func(t *testing.T, d *demo.Demo) {
			config := verifying(d)
			require.NoError(t, tls.Client(dial(t, d), config).Handshake(), "a client that offers nothing is served")
			config.NextProtos = []string{"http/1.1"}
			assertAlert(t, tls.Client(dial(t, d), config).Handshake())
		},
		"cert-expiring": func(t *testing.T, d *demo.Demo) {
			require.NoError(t, handshake(t, d))
			assertOutOfDate(t, handshakeAt(t, d, time.Now().Add(d.Flags.CertWarn)))
		},
		"cert-chain-disordered": func(t *testing.T, d *demo.Demo) {
			chain := presented(t, d)
			require.Len(t, chain, 3)
			require.Error(t, chain[0].CheckSignatureFrom(chain[1]))
			assert.NoError(t, chain[0].CheckSignatureFrom(chain[2]))
			assert.NoError(t, handshake(t, d), "a client that looks further finds the path")
		},
		"cert-intermediate-expired": func(t *testing.T, d *demo.Demo) {
			chain := presented(t, d)
			require.Len(t, chain, 2)
			assert.True(t, chain[0].NotAfter.After(time.Now()))
			assert.True(t, chain[1].NotAfter.Before(time.Now()))
			assertInvalid(t, handshake(t, d), x509.Expired)
		},
		"cert-wrong-usage":   func(t *testing.T, d *demo.Demo) { assertInvalid(t, handshake(t, d), x509.IncompatibleUsage) },
		"cert-ca-constraint": func(t *testing.T, d *demo.Demo) { assertInvalid(t, handshake(t, d), x509.CANotAuthorizedForThisName) },
		"cert-weak": func(t *testing.T, d *demo.Demo) {
			key, ok := presented(t, d)[0].PublicKey.(*rsa.PublicKey)
			require.True(t, ok)
			assert.Equal(t, 1024, key.N.BitLen())
			assert.NoError(t, handshake(t, d), "Go bears it")
		},
		"cert-revoked": func(t *testing.T, d *demo.Demo) { assert.Equal(t, ocsp.Revoked, staple(t, d).Status) },
		"clock-local-skew": func(t *testing.T, d *demo.Demo) {
			assertOutOfDate(t, handshake(t, d))
			vouched := staple(t, d).ThisUpdate
			assert.True(t, vouched.After(time.Now()))
			assert.NoError(t, handshakeAt(t, d, vouched), "all is well by the issuer's clock")
		},
		"http-server-error": func(t *testing.T, d *demo.Demo) { assert.Equal(t, http.StatusServiceUnavailable, get(t, d)) },
		"http-not-http":     says("SSH-2.0-OpenSSH_9.9"),
		"ftpes-cert-expired": func(t *testing.T, d *demo.Demo) {
			conn := dial(t, d)
			c := textproto.NewConn(conn)
			ask(t, c, exchange{220, ""})
			ask(t, c, exchange{234, "AUTH TLS"})
			assertOutOfDate(t, tls.Client(conn, verifying(d)).Handshake())
		},
		"ftps-session-reuse-required": func(t *testing.T, d *demo.Demo) {
			assert.True(t, d.Flags.FullTLS)
			assert.Equal(t, 522, listProtected(t, d, verifying(d)).final)
			resumed := listProtected(t, d, resuming(d))
			assert.Equal(t, 226, resumed.final)
			assert.True(t, resumed.state.DidResume)
		},
		"ftps-session-reuse-impossible": func(t *testing.T, d *demo.Demo) {
			got := listProtected(t, d, resuming(d))
			assert.Equal(t, 522, got.final)
			assert.False(t, got.state.DidResume)
		},
		"ftps-ticket-exhausted": func(t *testing.T, d *demo.Demo) {
			assert.True(t, d.Flags.Transfer)
			assert.Equal(t, 226, listProtected(t, d, resuming(d)).final)
		},
		"ftps-prot-required": func(t *testing.T, d *demo.Demo) {
			ask(t, loggedIn(t, d), exchange{522, "LIST"})
			listing(t, d, ftp.DialWithExplicitTLS(verifying(d)))
		},
		"ftps-prot-refused": func(t *testing.T, d *demo.Demo) {
			c := loggedInOverTLS(t, d)
			ask(t, c, exchange{200, "PBSZ 0"})
			ask(t, c, exchange{536, "PROT P"})
		},
		"ftps-data-not-tls": func(t *testing.T, d *demo.Demo) {
			var header tls.RecordHeaderError
			require.ErrorAs(t, listProtected(t, d, verifying(d)).err, &header)
			assert.Equal(t, "-rw-r", string(header.RecordHeader[:]))
		},
		"ftps-data-stall": func(t *testing.T, d *demo.Demo) {
			assertTimeout(t, listProtected(t, d, verifying(d)).err)
		},
		"ftps-data-cert-mismatch": func(t *testing.T, d *demo.Demo) {
			got := listProtected(t, d, verifying(d))
			assert.Equal(t, 226, got.final)
			control := tlsControl(t, d, verifying(d)).ConnectionState()
			assert.NotEqual(t, control.PeerCertificates[0].Raw, got.state.PeerCertificates[0].Raw)
			assert.False(t, got.cut, "the data end as they should")
		},
		"ftps-no-close-notify": func(t *testing.T, d *demo.Demo) {
			got := listProtected(t, d, verifying(d))
			require.NoError(t, got.err)
			assert.Equal(t, 226, got.final)
			assert.True(t, got.cut)
		},
	}
	for _, fault := range demo.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			require.Contains(t, witnesses, fault.Name)
			witnesses[fault.Name](t, start(t, fault))
		})
	}
}

// TestDiagnosis has every fault diagnosed, by exactly its causes.
func TestDiagnosis(t *testing.T) {
	for _, fault := range demo.Faults() {
		t.Run(fault.Name, func(t *testing.T) {
			t.Parallel()
			d := start(t, fault)
			target, err := checks.ParseTarget(d.Target)
			require.NoError(t, err)
			report := checks.Diagnose(t.Context(), target, checks.Options{
				Timeout: cmp.Or(d.Flags.Timeout, time.Second), User: d.User, Password: d.Password,
				Roots:   pki.Roots{Pool: d.Roots, From: "demo"},
				Require: d.Flags.Require, FullTLS: d.Flags.FullTLS, Transfer: d.Flags.Transfer, Hold: d.Flags.Hold,
				ServerName: d.Flags.ServerName, Certificate: d.Flags.Certificate, CertWarn: d.Flags.CertWarn,
			})
			var causes []string
			for _, cause := range report.Causes {
				causes = append(causes, cause.ID)
			}
			assert.ElementsMatch(t, fault.Causes, causes)
		})
	}
}

// verifying is what a client needs that trusts the demo's roots.
func verifying(d *demo.Demo) *tls.Config {
	return &tls.Config{RootCAs: rootsOf(d), ServerName: "127.0.0.1"}
}

// rootsOf is never nil, which would stand for the roots of this machine.
func rootsOf(d *demo.Demo) *x509.CertPool {
	if d.Roots == nil {
		return x509.NewCertPool()
	}
	return d.Roots
}

func handshake(t *testing.T, d *demo.Demo) error {
	t.Helper()
	return tls.Client(dial(t, d), verifying(d)).Handshake()
}

// handshakeAt is the handshake of a client whose clock shows another time.
func handshakeAt(t *testing.T, d *demo.Demo, at time.Time) error {
	t.Helper()
	config := verifying(d)
	config.Time = func() time.Time { return at }
	return tls.Client(dial(t, d), config).Handshake()
}

// handshakeFor is the handshake of a client that asks for a name, and does not verify.
func handshakeFor(t *testing.T, d *demo.Demo, name string) error {
	t.Helper()
	return tls.Client(dial(t, d), &tls.Config{ServerName: name, InsecureSkipVerify: true}).Handshake()
}

// impatient is the handshake of a client that does not wait long.
func impatient(t *testing.T, d *demo.Demo, config *tls.Config) error {
	t.Helper()
	conn := dial(t, d)
	require.NoError(t, conn.SetDeadline(time.Now().Add(50*time.Millisecond)))
	return tls.Client(conn, config).Handshake()
}

// firstRead is how the first read ends of a client that has a certificate, or none: only then TLS 1.3 says what it thinks of it.
func firstRead(t *testing.T, d *demo.Demo, certificate *tls.Certificate) error {
	t.Helper()
	config := verifying(d)
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
		return cmp.Or(certificate, new(tls.Certificate)), nil
	}
	client := tls.Client(dial(t, d), config)
	require.NoError(t, client.Handshake())
	_, err := client.Read(make([]byte, 1))
	return err
}

// presented is the chain as sent.
func presented(t *testing.T, d *demo.Demo) []*x509.Certificate {
	t.Helper()
	return unverified(t, d).PeerCertificates
}

func unverified(t *testing.T, d *demo.Demo) tls.ConnectionState {
	t.Helper()
	client := tls.Client(dial(t, d), &tls.Config{InsecureSkipVerify: true})
	require.NoError(t, client.Handshake())
	return client.ConnectionState()
}

// staple is what the issuer says of the certificate, its signature verified.
func staple(t *testing.T, d *demo.Demo) *ocsp.Response {
	t.Helper()
	state := unverified(t, d)
	path, err := state.PeerCertificates[0].Verify(x509.VerifyOptions{Roots: d.Roots, CurrentTime: time.Now().AddDate(0, 0, 3)})
	require.NoError(t, err)
	response, err := ocsp.ParseResponseForCert(state.OCSPResponse, state.PeerCertificates[0], path[0][1])
	require.NoError(t, err)
	return response
}

// get is the status of a web server's answer.
func get(t *testing.T, d *demo.Demo) int {
	t.Helper()
	client := http.Client{Transport: &http.Transport{TLSClientConfig: verifying(d), DisableKeepAlives: true}, Timeout: 10 * time.Second}
	answer, err := client.Get(d.Target)
	require.NoError(t, err)
	require.NoError(t, answer.Body.Close())
	return answer.StatusCode
}

// untrusted asserts that no path to a trusted root is found, and returns the chain as sent.
func untrusted(t *testing.T, d *demo.Demo) []*x509.Certificate {
	t.Helper()
	var unknown x509.UnknownAuthorityError
	require.ErrorAs(t, handshake(t, d), &unknown)
	return presented(t, d)
}

func assertOutOfDate(t *testing.T, err error) {
	t.Helper()
	assertInvalid(t, err, x509.Expired)
}

func assertInvalid(t *testing.T, err error, reason x509.InvalidReason) {
	t.Helper()
	var invalid x509.CertificateInvalidError
	require.ErrorAs(t, err, &invalid)
	assert.Equal(t, reason, invalid.Reason)
}

// assertAlert asserts that the server has sent a fatal alert.
func assertAlert(t *testing.T, err error) {
	t.Helper()
	var remote *net.OpError
	require.ErrorAs(t, err, &remote)
	assert.Equal(t, "remote error", remote.Op)
}

// listing logs in and lists with a stock client.
func listing(t *testing.T, d *demo.Demo, options ...ftp.DialOption) {
	t.Helper()
	client, err := ftp.Dial(address(t, d), options...)
	require.NoError(t, err)
	require.NoError(t, client.Login("anonymous", "guest@"))
	entries, err := client.List("/")
	require.NoError(t, err)
	assert.NotEmpty(t, entries)
	require.NoError(t, client.Quit())
}

// exchange is a command, none for the greeting, and the code of its reply.
type exchange struct {
	code    int
	command string
}

// ask sends the command and returns the reply's text.
func ask(t *testing.T, c *textproto.Conn, e exchange) string {
	t.Helper()
	if e.command != "" {
		require.NoError(t, c.PrintfLine("%s", e.command))
	}
	_, text, err := c.ReadResponse(e.code)
	require.NoError(t, err)
	return text
}

// speak is a whole dialogue; it returns the text of the last reply.
func speak(t *testing.T, d *demo.Demo, dialogue ...exchange) string {
	t.Helper()
	c := textproto.NewConn(dial(t, d))
	last := ""
	for _, e := range dialogue {
		last = ask(t, c, e)
	}
	return last
}

func loggedIn(t *testing.T, d *demo.Demo) *textproto.Conn {
	t.Helper()
	c := textproto.NewConn(dial(t, d))
	ask(t, c, exchange{220, ""})
	return logIn(t, c)
}

func logIn(t *testing.T, c *textproto.Conn) *textproto.Conn {
	t.Helper()
	ask(t, c, exchange{331, "USER anonymous"})
	ask(t, c, exchange{230, "PASS guest@"})
	return c
}

// tlsControl is a control connection over TLS, where nobody has logged in yet.
func tlsControl(t *testing.T, d *demo.Demo, config *tls.Config) *tls.Conn {
	t.Helper()
	conn := dial(t, d)
	c := textproto.NewConn(conn)
	ask(t, c, exchange{220, ""})
	ask(t, c, exchange{234, "AUTH TLS"})
	secured := tls.Client(conn, config)
	require.NoError(t, secured.Handshake())
	return secured
}

func loggedInOverTLS(t *testing.T, d *demo.Demo) *textproto.Conn {
	t.Helper()
	return logIn(t, textproto.NewConn(tlsControl(t, d, verifying(d))))
}

// resuming is what a client needs that trusts the demo's roots and resumes sessions.
func resuming(d *demo.Demo) *tls.Config {
	config := verifying(d)
	config.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	return config
}

// protectedListing is what became of a listing over a data connection under TLS.
type protectedListing struct {
	err   error // of the handshake
	state tls.ConnectionState
	cut   bool // the data ended with the TCP connection, without a close_notify
	final int  // the code of the final reply
}

func listProtected(t *testing.T, d *demo.Demo, config *tls.Config) (got protectedListing) {
	t.Helper()
	c := logIn(t, textproto.NewConn(tlsControl(t, d, config)))
	ask(t, c, exchange{200, "PBSZ 0"})
	ask(t, c, exchange{200, "PROT P"})
	tcp, err := net.Dial("tcp", dataPort(t, c, "EPSV").String())
	require.NoError(t, err)
	defer func() { assert.NoError(t, tcp.Close()) }()
	require.NoError(t, tcp.SetDeadline(time.Now().Add(time.Second)))
	ask(t, c, exchange{150, "LIST"})
	below := &endWatch{Conn: tcp}
	data := tls.Client(below, config)
	if got.err = data.Handshake(); got.err != nil {
		return got
	}
	_, err = io.Copy(io.Discard, data)
	require.NoError(t, err)
	got.state, got.cut = data.ConnectionState(), below.ended
	got.final, _, _ = c.ReadResponse(0) // 0 where there is none
	return got
}

// endWatch knows whether the other end has closed the connection.
type endWatch struct {
	net.Conn

	ended bool
}

func (w *endWatch) Read(p []byte) (int, error) {
	n, err := w.Conn.Read(p)
	w.ended = w.ended || errors.Is(err, io.EOF)
	return n, err
}

// listingThrough lists over a data connection in clear.
func listingThrough(t *testing.T, c *textproto.Conn, to string) string {
	t.Helper()
	data, err := net.Dial("tcp", to)
	require.NoError(t, err)
	require.NoError(t, data.SetDeadline(time.Now().Add(10*time.Second)))
	ask(t, c, exchange{150, "LIST"})
	listing, err := io.ReadAll(data)
	require.NoError(t, err)
	require.NoError(t, data.Close())
	ask(t, c, exchange{226, ""})
	return string(listing)
}

// calledBack is where the connection comes from that a PORT and a LIST bring about.
func calledBack(t *testing.T, c *textproto.Conn) netip.Addr {
	t.Helper()
	listener := listen(t)
	ask(t, c, exchange{200, portCommand(listener)})
	require.NoError(t, c.PrintfLine("LIST"))
	require.NoError(t, listener.SetDeadline(time.Now().Add(10*time.Second)))
	conn, err := listener.Accept()
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	return netip.MustParseAddrPort(conn.RemoteAddr().String()).Addr()
}

// says is the witness of a server whose first line is line.
func says(line string) func(*testing.T, *demo.Demo) {
	return func(t *testing.T, d *demo.Demo) {
		got, err := textproto.NewConn(dial(t, d)).ReadLine()
		require.NoError(t, err)
		assert.Equal(t, line, got)
	}
}

// announces is the witness of a server that knows no EPSV and announces a wrong address in PASV, while the port works.
func announces(address string) func(*testing.T, *demo.Demo) {
	return func(t *testing.T, d *demo.Demo) {
		c := loggedIn(t, d)
		ask(t, c, exchange{500, "EPSV"})
		announced := dataPort(t, c, "PASV")
		assert.Equal(t, address, announced.Addr().String())
		data, err := net.Dial("tcp", netip.AddrPortFrom(netip.MustParseAddr("127.0.0.1"), announced.Port()).String())
		require.NoError(t, err)
		assert.NoError(t, data.Close())
	}
}

var numbers = regexp.MustCompile(`\d+`)

// dataPort asks with "EPSV" or "PASV" and returns what was announced.
func dataPort(t *testing.T, c *textproto.Conn, command string) netip.AddrPort {
	t.Helper()
	code := map[string]int{"EPSV": 229, "PASV": 227}[command]
	found := numbers.FindAllString(ask(t, c, exchange{code, command}), -1)
	octets := []string{"127", "0", "0", "1"}
	if command == "PASV" {
		require.Len(t, found, 6)
		octets, found = found[:4], found[4:]
	}
	port := 0
	for _, digits := range found {
		n, err := strconv.Atoi(digits)
		require.NoError(t, err)
		port = port<<8 | n
	}
	return netip.AddrPortFrom(netip.MustParseAddr(strings.Join(octets, ".")), uint16(port))
}

func listen(t *testing.T) *net.TCPListener {
	t.Helper()
	listener, err := net.ListenTCP("tcp", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)})
	require.NoError(t, err)
	t.Cleanup(func() { _ = listener.Close() })
	return listener
}

func portCommand(listener net.Listener) string {
	port := listener.Addr().(*net.TCPAddr).Port
	return "PORT 127,0,0,1," + strconv.Itoa(port>>8) + "," + strconv.Itoa(port&0xff)
}

// assertSilent asserts that nothing answers a SYN for a short while.
func assertSilent(t *testing.T, to string) {
	t.Helper()
	_, err := net.DialTimeout("tcp", to, 50*time.Millisecond)
	assertTimeout(t, err)
}

func assertTimeout(t *testing.T, err error) {
	t.Helper()
	var netErr net.Error
	require.ErrorAs(t, err, &netErr)
	assert.True(t, netErr.Timeout(), "%v", err)
}
