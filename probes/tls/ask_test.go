package tls

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/binary"
	"encoding/hex"
	"io"
	"net"
	"net/netip"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// ask asks a server over a connection of its own.
func ask(t *testing.T, address netip.AddrPort, o Offer) Answer {
	t.Helper()
	conn, err := probes.Host{}.DialTCP(t.Context(), address)
	require.NoError(t, err)
	defer func() { _ = conn.Close() }()
	return Ask(t.Context(), conn, o, patience)
}

// answering reads the ClientHello and answers with these records.
func answering(records ...[]byte) tlstest.Handler {
	return func(conn net.Conn) {
		consume(conn)
		_, _ = conn.Write(slices.Concat(records...))
	}
}

// helloChoosing is a ServerHello that chooses these, without extensions.
func helloChoosing(version, suite uint16) []byte {
	body := binary.BigEndian.AppendUint16(nil, version)
	body = append(body, make([]byte, randomLength+1)...)
	body = binary.BigEndian.AppendUint16(body, suite)
	return messageOf(messageServerHello, append(body, 0)...)
}

// exchangeOf is a ServerKeyExchange with a named curve, as far as its signature.
func exchangeOf(group uint16) []byte {
	return messageOf(messageServerKeyExchange, 3, byte(group>>8), byte(group), 1, 4)
}

func TestAskGoServers(t *testing.T) {
	identity := tlstest.NewCA("test root").Issue(tlstest.Leaf{})
	sum := sha256.Sum256(identity.Certificate[0])
	leaf := hex.EncodeToString(sum[:])
	for name, c := range map[string]struct {
		config *tls.Config
		offer  Offer
		want   Answer
	}{
		"TLS 1.3, and its group is that of our key share": {
			config: &tls.Config{},
			offer:  Offer{Groups: []uint16{groupX25519, groupP256}},
			want:   Answer{Version: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Group: "X25519"},
		},
		"TLS 1.3 with a group of which there is no share": {
			config: &tls.Config{CurvePreferences: []tls.CurveID{tls.CurveP521}},
			want:   Answer{Version: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Group: "CurveP521", Retry: true},
		},
		"TLS 1.3 with a post-quantum group": {
			config: &tls.Config{},
			offer:  Offer{KeyShares: []uint16{groupX25519MLKEM768}},
			want:   Answer{Version: "TLS 1.3", Suite: "TLS_AES_128_GCM_SHA256", Group: "X25519MLKEM768"},
		},
		"TLS 1.2, up to the ServerKeyExchange": {
			config: &tls.Config{MaxVersion: tls.VersionTLS12, CurvePreferences: []tls.CurveID{tls.CurveP384}},
			offer:  Everything(),
			want:   Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256", Group: "CurveP384", Leaf: leaf, Key: "ECDSA P-256"},
		},
		"a retired version": {
			config: &tls.Config{MinVersion: tls.VersionTLS10},
			offer:  Retired(),
			want:   Answer{Version: "TLS 1.1", Suite: "TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA", Group: "X25519", Leaf: leaf, Key: "ECDSA P-256"},
		},
		"no version in common": {
			config: &tls.Config{},
			offer:  Retired(),
			want: Answer{
				Alert: &Alert{Level: 2, Description: 70, Name: "protocol_version"},
				Fault: &probes.Fault{Step: "handshake", Kind: probes.Alert, Message: "alert protocol_version"},
			},
		},
		"no suite in common": {
			config: &tls.Config{MaxVersion: tls.VersionTLS12},
			offer:  Offer{Suites: []uint16{0x0001}},
			want: Answer{
				Alert: &Alert{Level: 2, Description: 40, Name: "handshake_failure"},
				Fault: &probes.Fault{Step: "handshake", Kind: probes.Alert, Message: "alert handshake_failure"},
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			c.config.Certificates = []tls.Certificate{identity}
			answer := ask(t, start(t, tlstest.Handshake(c.config)).Addr, c.offer)
			assert.Greater(t, answer.HelloSize, 150)
			assert.Positive(t, answer.Took)
			assert.Positive(t, answer.Received)
			c.want.HelloSize, c.want.Took, c.want.Received, c.want.Transport = answer.HelloSize, answer.Took, answer.Received, answer.Transport
			assert.Equal(t, c.want, answer)
		})
	}
}

func TestAskOtherServers(t *testing.T) {
	warning := recordOf(recordAlert, 1, 112)
	unrecognized := &Alert{Level: 1, Description: 112, Name: "unrecognized_name"}
	ssl3 := helloChoosing(0x0300, tls.TLS_RSA_WITH_RC4_128_SHA)
	tls12 := helloChoosing(tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)
	huge := []byte{messageServerHello, 0xa0, 0, 0, 3, 3} // 10 MB
	for name, c := range map[string]struct {
		handle tlstest.Handler
		want   Answer
		kind   probes.Kind
	}{
		"SSLv3": {
			handle: answering(recordOf(recordHandshake, slices.Concat(ssl3, messageOf(14))...)),
			want:   Answer{Version: "SSLv3", Suite: "TLS_RSA_WITH_RC4_128_SHA"},
		},
		"a ServerHello in fragments": {
			handle: answering(recordOf(recordHandshake, tls12[:2]...), recordOf(recordHandshake, tls12[2:30]...),
				recordOf(recordHandshake, slices.Concat(tls12[30:], exchangeOf(groupP256))...)),
			want: Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Group: "CurveP256"},
		},
		"a ServerHello after a warning, and then the end": {
			handle: answering(warning, recordOf(recordHandshake, tls12...)),
			want:   Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", Alert: unrecognized},
		},
		"a ServerHello in a record that is cut short": {
			handle: answering([]byte{recordHandshake, 3, 3, 0x10, 0}, tls12),
			want:   Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		},
		"a ServerHello, and then nothing that is understood": {
			handle: answering(recordOf(recordHandshake, tls12...), []byte("500 OOPS: child died\r\n")),
			want:   Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		},
		"a certificate of 10 MB": {
			handle: answering(recordOf(recordHandshake, slices.Concat(tls12, []byte{messageCertificate, 0xa0, 0, 0})...), make([]byte, 1<<20)),
			want:   Answer{Version: "TLS 1.2", Suite: "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"},
		},
		"a warning, and then the end": {
			handle: answering(warning), want: Answer{Alert: unrecognized}, kind: probes.Alert,
		},
		"warnings without end": {
			handle: answering(bytes.Repeat(warning, 100_000)), want: Answer{Alert: unrecognized}, kind: probes.Malformed,
		},
		"heartbeats, and then the end": {handle: answering(recordOf(recordHeartbeat, 1)), kind: probes.Closed},
		"requests for a hello without end": {
			handle: answering(bytes.Repeat(recordOf(recordHandshake, messageOf(0)...), 100_000)), kind: probes.Malformed,
		},
		"application data without end": {
			handle: answering(bytes.Repeat(recordOf(recordApplicationData, make([]byte, 16000)...), 100)), kind: probes.TooLong,
		},
		"a leave": {
			handle: tlstest.CloseNotify(), want: Answer{Alert: &Alert{Level: 1, Name: "close_notify"}}, kind: probes.Closed,
		},
		"a FIN":                  {handle: tlstest.HangUp(), kind: probes.Closed},
		"a RST":                  {handle: tlstest.Reset(), kind: probes.Reset},
		"text":                   {handle: tlstest.Banner("220 FTP\r\n"), want: Answer{Plaintext: "220 FTP\r\n"}, kind: probes.Malformed},
		"a ServerHello of 10 MB": {handle: answering(recordOf(recordHandshake, huge...)), kind: probes.Malformed},
		"a record of 64 KB":      {handle: answering([]byte{recordHandshake, 3, 3, 0xff, 0xff}, make([]byte, 70_000)), kind: probes.Malformed},
		"a ServerHello too short": {
			handle: answering(recordOf(recordHandshake, messageOf(messageServerHello, 3, 3, 0)...)), kind: probes.Malformed,
		},
		"another message":             {handle: answering(recordOf(recordHandshake, exchangeOf(groupP256)...)), kind: probes.Malformed},
		"our own ClientHello, echoed": {handle: func(conn net.Conn) { _, _ = io.Copy(conn, io.LimitReader(conn, 6)) }, kind: probes.Closed},
	} {
		t.Run(name, func(t *testing.T) {
			answer := ask(t, start(t, c.handle).Addr, Offer{})
			if c.kind != "" {
				require.NotNil(t, answer.Fault)
				assert.Equal(t, probes.Fault{Step: "handshake", Kind: c.kind, Message: answer.Fault.Message}, *answer.Fault)
				assert.NotEmpty(t, answer.Fault.Message)
			}
			assert.Less(t, answer.Received, maxAnswer+4096)
			c.want.HelloSize, c.want.Took, c.want.Received = answer.HelloSize, answer.Took, answer.Received
			c.want.Transport, c.want.Fault = answer.Transport, answer.Fault
			assert.Equal(t, c.want, answer)
			assert.Equal(t, c.kind == "", answer.Fault == nil)
		})
	}
}

// TestAskReadsNoFurtherThanAsked leaves the connection open behind the ServerHello: to wait for more would take the whole patience.
func TestAskReadsNoFurtherThanAsked(t *testing.T) {
	hello := helloChoosing(tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)
	for name, c := range map[string]struct {
		offer  Offer
		before []byte
		next   []byte
		took   time.Duration
	}{
		"the ServerHello alone":       {offer: Offer{HelloOnly: true}},
		"behind a HelloRequest":       {offer: Offer{HelloOnly: true}, before: recordOf(recordHandshake, messageOf(0)...)},
		"up to the ServerKeyExchange": {next: exchangeOf(groupP256)},
		"up to the ServerHelloDone":   {next: messageOf(14)},
		"neither comes":               {took: time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, server := net.Pipe()
				var serving sync.WaitGroup
				serving.Go(func() {
					consume(server)
					_, _ = server.Write(c.before)
					_, _ = server.Write(recordOf(recordHandshake, slices.Concat(hello, c.next)...))
				})
				answer := Ask(t.Context(), client, c.offer, time.Minute)
				assert.Equal(t, "TLS 1.2", answer.Version)
				assert.Nil(t, answer.Fault)
				assert.Equal(t, probes.Millis(c.took), answer.Took)
				_, _ = client.Close(), server.Close()
				serving.Wait()
			})
		})
	}
}

func TestAskEndsInTime(t *testing.T) {
	trickle := func(server net.Conn) {
		for _, err := server.Write([]byte{recordHandshake}); err == nil; _, err = server.Write([]byte{3}) {
			time.Sleep(time.Second)
		}
	}
	for name, c := range map[string]struct {
		serve  func(net.Conn)
		cancel time.Duration
		took   time.Duration
		kind   probes.Kind
	}{
		"silence":                 {serve: func(net.Conn) {}, took: time.Minute, kind: probes.Timeout},
		"a byte a second":         {serve: trickle, took: time.Minute, kind: probes.Timeout},
		"a byte of text a minute": {serve: func(server net.Conn) { _, _ = server.Write([]byte("2")) }, took: time.Minute, kind: probes.Malformed},
		"we were stopped":         {serve: trickle, cancel: 90 * time.Millisecond, took: 90 * time.Millisecond, kind: probes.Interrupted},
		"we were stopped after a warning": {
			serve:  func(server net.Conn) { _, _ = server.Write(recordOf(recordAlert, 1, 112)) },
			cancel: time.Second, took: time.Second, kind: probes.Interrupted,
		},
		"a warning, and silence": {
			serve: func(server net.Conn) { _, _ = server.Write(recordOf(recordAlert, 1, 112)) }, took: time.Minute, kind: probes.Timeout,
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				if c.cancel > 0 {
					time.AfterFunc(c.cancel, cancel)
				}
				client, server := net.Pipe()
				var serving sync.WaitGroup
				serving.Go(func() {
					consume(server)
					c.serve(server)
				})
				answer := Ask(ctx, client, Offer{}, time.Minute)
				require.NotNil(t, answer.Fault)
				assert.Equal(t, c.kind, answer.Fault.Kind)
				assert.Equal(t, probes.Millis(c.took), answer.Took)
				_, _ = client.Close(), server.Close()
				serving.Wait()
			})
		})
	}
}

func TestAskWhatCannotBeSaid(t *testing.T) {
	client, server := net.Pipe()
	defer func() { _, _ = client.Close(), server.Close() }()
	answer := Ask(t.Context(), client, Offer{ALPN: []string{string(make([]byte, 300))}}, time.Minute)
	assert.Zero(t, answer.HelloSize)
	require.NotNil(t, answer.Fault)
	assert.Equal(t, probes.Other, answer.Fault.Kind)
}

// FuzzAnswer reads an answer that comes in pieces.
func FuzzAnswer(f *testing.F) {
	tls12 := helloChoosing(tls.VersionTLS12, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256)
	f.Add(recordOf(recordHandshake, slices.Concat(tls12, exchangeOf(groupP256))...), 7)
	f.Add(slices.Concat(recordOf(recordAlert, 1, 112), recordOf(recordHandshake, tls12...)), 1)
	f.Add(recordOf(recordAlert, 2, 40), 3)
	f.Add([]byte("220 FTP\r\n"), 2)
	f.Add([]byte{recordHandshake, 3, 3, 0xff, 0xff, messageServerHello, 0xa0, 0, 0}, 4096)
	f.Fuzz(func(t *testing.T, sent []byte, size int) {
		l := &listener{decoder: newDecoder(nil)}
		for piece := range slices.Chunk(sent, max(size, 1)) {
			if l.done {
				break
			}
			l.take(piece)
		}
		answer := l.heard()
		fault := l.fault(t.Context(), nil)
		assert.Equal(t, answer.Version == "", fault != nil)
		assert.Equal(t, answer.Version == "", answer.Suite == "")
		assert.LessOrEqual(t, len(answer.Plaintext), probes.MaxText)
		assert.LessOrEqual(t, answer.Received, len(sent))
	})
}
