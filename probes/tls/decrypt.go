package tls

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"strings"

	"golang.org/x/crypto/chacha20poly1305"
	"golang.org/x/crypto/cryptobyte"
)

// secrets are the lines of a key log (RFC 9850 §2): secrets by their label and the client's random.
type secrets map[secretName][]byte

type secretName struct {
	label  string
	random [randomLength]byte
}

func parseKeyLog(keyLog []byte) secrets {
	found := secrets{}
	for line := range bytes.Lines(keyLog) {
		fields := strings.Fields(string(line))
		if len(fields) != 3 {
			continue
		}
		random, err := hex.DecodeString(fields[1])
		secret, err2 := hex.DecodeString(fields[2])
		if err == nil && err2 == nil && len(random) == randomLength {
			found[secretName{fields[0], [randomLength]byte(random)}] = secret
		}
	}
	return found
}

// protection is the way in which a suite encrypts.
type protection struct {
	suffix    string // of the suite's name
	keyLength int
	hash      func() hash.Hash
	aead      func(key []byte) (cipher.AEAD, error)
	salt      int // bytes of the nonce that TLS 1.2 takes from the key block; the rest is in the record (RFC 5288 §3, RFC 7905 §2)
}

var protections = []protection{
	{"_AES_128_GCM_SHA256", 16, sha256.New, newGCM, 4},
	{"_AES_256_GCM_SHA384", 32, sha512.New384, newGCM, 4},
	{"_CHACHA20_POLY1305_SHA256", 32, sha256.New, chacha20poly1305.New, nonceLength},
}

func newGCM(key []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

func protectionOf(suite uint16) (protection, bool) {
	for _, p := range protections {
		if strings.HasSuffix(suiteName(suite), p.suffix) {
			return p, true
		}
	}
	return protection{}, false
}

const nonceLength = 12 // of all three

// keys open the records of one direction. Nil opens none.
type keys struct {
	protection

	secret   []byte // of TLS 1.3; nil before
	cipher   cipher.AEAD
	iv       []byte
	sequence uint64
}

// keysOf are the keys of TLS 1.3 that come from a secret in the key log.
func (d *decoder) keysOf(label string) *keys {
	p, ok := protectionOf(d.suite)
	secret := d.secrets[secretName{label, d.clientRandom}]
	if !ok || secret == nil {
		return nil
	}
	return p.trafficKeys(secret)
}

// trafficKeys follow from a traffic secret (RFC 8446 §7.3).
func (p protection) trafficKeys(secret []byte) *keys {
	key, iv := p.expandLabel(secret, "key", p.keyLength), p.expandLabel(secret, "iv", nonceLength)
	aead, err := p.aead(key)
	if err != nil || len(iv) != nonceLength {
		return nil
	}
	return &keys{protection: p, secret: secret, cipher: aead, iv: iv}
}

// updated are the keys after a KeyUpdate (RFC 8446 §7.2).
func (k *keys) updated() *keys {
	if k == nil || k.secret == nil {
		return k
	}
	return k.trafficKeys(k.expandLabel(k.secret, "traffic upd", len(k.secret)))
}

// expandLabel is HKDF-Expand-Label without a context (RFC 8446 §7.1); nil where the secret will not do.
func (p protection) expandLabel(secret []byte, label string, length int) []byte {
	var info cryptobyte.Builder
	info.AddUint16(uint16(length)) //nolint:gosec // at most the length of a hash
	info.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte("tls13 " + label)) })
	info.AddUint8(0)
	expanded, err := hkdf.Expand(p.hash, secret, string(info.BytesOrPanic()), length)
	if err != nil {
		return nil
	}
	return expanded
}

// keysOfMaster are the keys of TLS 1.2, from the master secret in the key log (RFC 5246 §6.3).
func (d *decoder) keysOfMaster(server bool) *keys {
	p, ok := protectionOf(d.suite)
	master := d.secrets[secretName{"CLIENT_RANDOM", d.clientRandom}]
	if !ok || master == nil {
		return nil
	}
	seed := "key expansion" + string(d.serverRandom[:]) + string(d.clientRandom[:])
	block := cryptobyte.String(p.expandMaster(master, seed, 2*(p.keyLength+p.salt)))
	var clientKey, serverKey, clientIV, serverIV []byte
	_ = block.ReadBytes(&clientKey, p.keyLength) && block.ReadBytes(&serverKey, p.keyLength) &&
		block.ReadBytes(&clientIV, p.salt) && block.ReadBytes(&serverIV, p.salt) // the block is as long as that
	key, iv := clientKey, clientIV
	if server {
		key, iv = serverKey, serverIV
	}
	aead, err := p.aead(key)
	if err != nil {
		return nil
	}
	return &keys{protection: p, cipher: aead, iv: iv}
}

// expandMaster is P_hash (RFC 5246 §5).
func (p protection) expandMaster(secret []byte, seed string, length int) []byte {
	mac := func(parts ...string) string {
		h := hmac.New(p.hash, secret)
		for _, part := range parts {
			h.Write([]byte(part))
		}
		return string(h.Sum(nil))
	}
	var expanded string
	for a := mac(seed); len(expanded) < length; a = mac(a) {
		expanded += mac(a, seed)
	}
	return []byte(expanded[:length])
}

// open decrypts a record. One that cannot be opened does not count: a server skips early data in this way too (RFC 8446 §4.2.10).
func (k *keys) open(r record) (kind uint8, content []byte, ok bool) {
	if k == nil {
		return 0, nil, false
	}
	nonce, sealed := k.nonce(r.body)
	if len(nonce) != nonceLength || len(sealed) < k.cipher.Overhead() {
		return 0, nil, false
	}
	content, err := k.cipher.Open(nil, nonce, sealed, k.additionalData(r.header, len(sealed)-k.cipher.Overhead()))
	if err != nil {
		return 0, nil, false
	}
	k.sequence++
	if k.secret == nil {
		return r.kind(), content, true
	}
	return inner(content)
}

// nonce is that of the next record, and what of the record is sealed.
func (k *keys) nonce(body []byte) (nonce, sealed []byte) {
	if explicit := nonceLength - len(k.iv); explicit > 0 {
		explicit = min(explicit, len(body))
		return append(bytes.Clone(k.iv), body[:explicit]...), body[explicit:]
	}
	nonce = binary.BigEndian.AppendUint64(make([]byte, nonceLength-8, nonceLength), k.sequence)
	for i, b := range k.iv {
		nonce[i] ^= b
	}
	return nonce, body
}

// additionalData is what is authenticated beside the content (RFC 8446 §5.2, RFC 5246 §6.2.3.3).
func (k *keys) additionalData(header [recordHeader]byte, length int) []byte {
	if k.secret != nil {
		return header[:]
	}
	data := binary.BigEndian.AppendUint64(nil, k.sequence)
	data = append(data, header[:3]...)
	return binary.BigEndian.AppendUint16(data, uint16(length)) //nolint:gosec // a record's length has 16 bits
}

// inner takes the padding off a TLSInnerPlaintext (RFC 8446 §5.4). A record of padding alone has no type.
func inner(padded []byte) (kind uint8, content []byte, ok bool) {
	content = bytes.TrimRight(padded, "\x00")
	if len(content) == 0 {
		return 0, nil, false
	}
	last := len(content) - 1
	return content[last], content[:last], true
}
