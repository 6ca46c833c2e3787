package tls

import (
	"bytes"
	"crypto/tls"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// sealed is a record of TLS 1.3 that holds the content, the type behind it, and the padding behind that.
func sealed(k *keys, padded []byte) record {
	length := len(padded) + k.cipher.Overhead()
	header := [recordHeader]byte{recordApplicationData, 3, 3, byte(length >> 8), byte(length)}
	nonce, _ := k.nonce(nil)
	return record{header, k.cipher.Seal(nil, nonce, padded, header[:])}
}

func testKeys(t *testing.T, suite uint16) *keys {
	t.Helper()
	p, ok := protectionOf(suite)
	require.True(t, ok)
	k := p.trafficKeys(bytes.Repeat([]byte{7}, p.hash().Size()))
	require.NotNil(t, k)
	return k
}

func TestOpen(t *testing.T) {
	for name, test := range map[string]struct {
		padded  []byte
		kind    uint8
		content []byte
		opens   bool
	}{
		"content":            {[]byte{1, 2, recordHandshake}, recordHandshake, []byte{1, 2}, true},
		"padding behind it":  {[]byte{1, 0, recordAlert, 0, 0, 0}, recordAlert, []byte{1, 0}, true},
		"no content":         {[]byte{recordApplicationData}, recordApplicationData, []byte{}, true},
		"padding alone":      {make([]byte, 10), 0, nil, false},
		"nothing whatsoever": {nil, 0, nil, false},
	} {
		for _, suite := range []uint16{tls.TLS_AES_128_GCM_SHA256, tls.TLS_AES_256_GCM_SHA384, tls.TLS_CHACHA20_POLY1305_SHA256} {
			kind, content, ok := testKeys(t, suite).open(sealed(testKeys(t, suite), test.padded))
			assert.Equal(t, test.opens, ok, name)
			assert.Equal(t, test.kind, kind, name)
			assert.Equal(t, test.content, content, name)
		}
	}
}

func TestWhatDoesNotOpenDoesNotCount(t *testing.T) {
	sender, receiver := testKeys(t, tls.TLS_AES_128_GCM_SHA256), testKeys(t, tls.TLS_AES_128_GCM_SHA256)
	first := sealed(sender, []byte{1, recordHandshake})
	forged := record{first.header, bytes.Clone(first.body)}
	forged.body[0] ^= 1
	for name, r := range map[string]record{
		"forged": forged, "short": {first.header, first.body[:8]}, "empty": {first.header, nil},
	} {
		_, _, ok := receiver.open(r)
		assert.False(t, ok, name)
	}
	_, _, ok := receiver.open(first)
	assert.True(t, ok)
	_, _, ok = receiver.open(first)
	assert.False(t, ok, "a second time")
	_, _, ok = (*keys)(nil).open(first)
	assert.False(t, ok, "without keys")
}

func TestShortRecordBeforeTLS13(t *testing.T) {
	d := newDecoder(nil)
	d.suite = tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256
	d.secrets = secrets{{"CLIENT_RANDOM", d.clientRandom}: bytes.Repeat([]byte{7}, 48)}
	k := d.keysOfMaster(true)
	require.NotNil(t, k)
	for length := range 24 { // the nonce and the tag are as long
		_, _, ok := k.open(record{body: make([]byte, length)})
		assert.False(t, ok, length)
	}
}

func TestKeysOfSuitesThatAreNotRead(t *testing.T) {
	for _, suite := range []uint16{0, tls.TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA, 0x1304, 0xffff} {
		_, ok := protectionOf(suite)
		assert.False(t, ok, suiteName(suite))
	}
}
