package tls

import (
	"bufio"
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/tls"
	"net"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// read is a ClientHello as our decoder reads it.
func (o Offer) read(t *testing.T) Hello {
	t.Helper()
	message, err := o.message()
	require.NoError(t, err)
	transcript := Decode([]Segment{{Bytes: asRecord(o.complete().Version, message)}}, nil)
	require.Len(t, transcript.Messages, 1)
	assert.Equal(t, "ClientHello", transcript.Messages[0].Name)
	assert.Equal(t, len(message), transcript.Messages[0].Size)
	return *transcript.Messages[0].Hello
}

func TestOffers(t *testing.T) {
	t.Run("the zero offer is a client of today", func(t *testing.T) {
		hello := Offer{ServerName: "ftp.example", ALPN: []string{"h2", "http/1.1"}}.read(t)
		assert.Equal(t, []string{"TLS 1.3", "TLS 1.2"}, hello.Versions)
		assert.Equal(t, "ftp.example", hello.ServerName)
		assert.Equal(t, []string{"h2", "http/1.1"}, hello.ALPN)
		assert.Equal(t, []string{"X25519"}, hello.KeyShares)
		assert.Contains(t, hello.Groups, "X25519MLKEM768")
		assert.Contains(t, hello.Suites, "TLS_AES_128_GCM_SHA256")
		assert.NotContains(t, hello.Suites, "TLS_RSA_WITH_RC4_128_SHA")
		assert.Contains(t, hello.Suites, "TLS_EMPTY_RENEGOTIATION_INFO_SCSV")
	})
	t.Run("everything", func(t *testing.T) {
		hello := Everything().read(t)
		assert.Equal(t, []string{"TLS 1.3", "TLS 1.2", "TLS 1.1", "TLS 1.0"}, hello.Versions)
		assert.Empty(t, hello.ServerName)
		assert.Len(t, Everything().Suites, len(suiteNames)-3)
		assert.NotContains(t, Everything().Suites, uint16(suiteFallback))
		assert.Len(t, hello.Groups, len(groupNames)-2)
	})
	t.Run("every scheme, and else what crypto/tls offers", func(t *testing.T) {
		seen, _ := shake(t, start(t, tlstest.Alert(40)), Options{ServerName: "localhost", ALPN: []string{"ftp"}})
		o := EveryScheme()
		o.ServerName, o.ALPN = "localhost", []string{"ftp"}
		hello, own := o.read(t), seen.Messages[0].Hello
		hello.Suites = slices.DeleteFunc(hello.Suites, func(suite string) bool { return suite == suiteName(suiteRenegotiation) })
		slices.Sort(hello.Suites) // the order of crypto/tls depends on the machine
		slices.Sort(own.Suites)
		own.Resumes = hello.Resumes
		assert.Equal(t, *own, hello)
	})
	t.Run("every scheme is every registered one", func(t *testing.T) {
		for _, scheme := range []uint16{
			0x0101, 0x0103, 0x0201, 0x0202, 0x0203, 0x0301, 0x0303, 0x0708, 0x0804, 0x0807, 0x0808, 0x0809, 0x080a, 0x080b,
			0x081a, 0x081b, 0x081c, 0x0904, 0x0905, 0x0906,
		} {
			assert.Contains(t, Everything().Schemes, scheme)
			assert.Contains(t, EveryScheme().Schemes, scheme)
		}
		assert.Len(t, EveryScheme().Schemes, len(schemeNames))
	})
	t.Run("the retired versions", func(t *testing.T) {
		hello := Retired().read(t)
		assert.Equal(t, []string{"TLS 1.1"}, hello.Versions)
		assert.Empty(t, hello.KeyShares)
		assert.NotContains(t, Retired().Suites, tls.TLS_AES_128_GCM_SHA256)
		assert.Contains(t, Retired().Suites, tls.TLS_RSA_WITH_RC4_128_SHA)
	})
	t.Run("an address is no server name", func(t *testing.T) {
		assert.Empty(t, Offer{ServerName: "192.0.2.1"}.read(t).ServerName)
	})
	t.Run("lists that are empty stay so", func(t *testing.T) {
		hello := Offer{Groups: []uint16{}, KeyShares: []uint16{}}.read(t)
		assert.Empty(t, hello.Groups)
		assert.Empty(t, hello.KeyShares)
	})
	t.Run("SSLv3 has no extensions", func(t *testing.T) {
		o := Offer{Version: 0x0300, ServerName: "ftp.example"}
		hello := o.read(t)
		assert.Equal(t, []string{"SSLv3"}, hello.Versions)
		assert.Empty(t, hello.ServerName)
		message, err := o.message()
		require.NoError(t, err)
		assert.Equal(t, byte(0), asRecord(o.Version, message)[2], "the record is of SSLv3 too")
	})
	t.Run("what stands outside of TLS 1.3's own extensions", func(t *testing.T) {
		const sessionAt = messageHeader + 2 + randomLength
		for length, o := range map[byte]Offer{32: {}, 0: Retired()} {
			message, err := o.message()
			require.NoError(t, err)
			assert.Equal(t, length, message[sessionAt], "a session where TLS 1.3 is offered (RFC 8446 §D.4)")
			assert.Equal(t, []byte{3, 1}, asRecord(o.complete().Version, message)[1:3], "a record of TLS 1.0")
		}
	})
	t.Run("what does not fit is an error", func(t *testing.T) {
		_, err := Offer{ALPN: []string{strings.Repeat("a", 256)}}.message()
		require.Error(t, err)
		_, err = Offer{ServerName: strings.Repeat("a", maxHello)}.message()
		require.ErrorIs(t, err, errLongHello)
	})
}

// TestKeySharesAreGenuine reads the keys back: a server that checks them must find nothing wrong.
func TestKeySharesAreGenuine(t *testing.T) {
	curve := func(curve ecdh.Curve) func([]byte) error {
		return func(key []byte) error { _, err := curve.NewPublicKey(key); return err }
	}
	mlkem768 := func(key []byte) error { _, err := mlkem.NewEncapsulationKey768(key); return err }
	mlkem1024 := func(key []byte) error { _, err := mlkem.NewEncapsulationKey1024(key); return err }
	for group, parts := range map[uint16][]struct {
		length int
		read   func([]byte) error
	}{
		groupX25519:         {{32, curve(ecdh.X25519())}},
		groupP256:           {{65, curve(ecdh.P256())}},
		groupP384:           {{97, curve(ecdh.P384())}},
		groupP521:           {{133, curve(ecdh.P521())}},
		groupMLKEM768:       {{1184, mlkem768}},
		groupMLKEM1024:      {{1568, mlkem1024}},
		groupX25519MLKEM768: {{1184, mlkem768}, {32, curve(ecdh.X25519())}},
		groupX25519Kyber768: {{32, curve(ecdh.X25519())}, {1184, mlkem768}},
		groupP256MLKEM768:   {{65, curve(ecdh.P256())}, {1184, mlkem768}},
		groupP256Kyber768:   {{65, curve(ecdh.P256())}, {1184, mlkem768}},
		groupP384MLKEM1024:  {{97, curve(ecdh.P384())}, {1568, mlkem1024}},
	} {
		t.Run(groupName(group), func(t *testing.T) {
			key, err := publicKey(group)
			require.NoError(t, err)
			for _, part := range parts {
				require.GreaterOrEqual(t, len(key), part.length)
				require.NoError(t, part.read(key[:part.length]))
				key = key[part.length:]
			}
			assert.Empty(t, key)
		})
	}
	t.Run("a group that we have no means for is passed over", func(t *testing.T) {
		assert.Equal(t, []string{"CurveP256"}, Offer{KeyShares: []uint16{0x0100, groupP256}}.read(t).KeyShares)
	})
}

// TestOfferAsGoReadsIt has crypto/tls read a ClientHello of ours.
func TestOfferAsGoReadsIt(t *testing.T) {
	var seen tls.ClientHelloInfo
	server := start(t, tlstest.Handshake(serverConfig(func(c *tls.Config) {
		c.GetConfigForClient = func(info *tls.ClientHelloInfo) (*tls.Config, error) {
			seen = *info
			return nil, nil
		}
	})))
	o := Everything()
	o.ServerName, o.ALPN = "localhost", []string{"ftp"}
	answer := ask(t, server.Addr, o)
	require.Nil(t, answer.Fault)
	server.Close()
	assert.Equal(t, "localhost", seen.ServerName)
	assert.Equal(t, []string{"ftp"}, seen.SupportedProtos)
	assert.Equal(t, o.Versions, seen.SupportedVersions)
	assert.Equal(t, append(slices.Clone(o.Suites), suiteRenegotiation), seen.CipherSuites)
	assert.Len(t, seen.SupportedCurves, len(o.Groups))
	assert.Len(t, seen.SignatureSchemes, len(o.Schemes))
	assert.Equal(t, []uint16{0, 23, 10, 11, 13, 16, 43, 51}, seen.Extensions)
}

// consume reads the one record that a ClientHello of ours is, and discards it.
func consume(conn net.Conn) {
	r := bufio.NewReader(conn)
	header, err := r.Peek(recordHeader)
	if err == nil {
		_, _ = r.Discard(recordHeader + int(header[3])<<8 + int(header[4]))
	}
}
