package tls

import (
	"crypto/ecdh"
	"crypto/mlkem"
	"crypto/rand"
	"crypto/tls"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/crypto/cryptobyte"
)

// Offer is a ClientHello of our own making: it can say what crypto/tls never would. The zero Offer is what a client of today says:
// TLS 1.2 and 1.3 with the suites and groups that crypto/tls offers, and one small key share. A list that is nil is filled in so; one
// that is empty stays empty.
type Offer struct {
	// ServerName is sent as SNI where it is a name: an address is never sent (RFC 6066 §3).
	ServerName string
	// ALPN are the application protocols offered.
	ALPN []string
	// Version is the message's own version field: the highest version offered, up to TLS 1.2. A hello of SSLv3 has no extensions.
	// Zero is TLS 1.2, with Versions filled in.
	Version uint16
	// Versions are those in supported_versions (RFC 8446 §4.2.1), which is left out where there are none.
	Versions []uint16
	// Suites are the cipher suites.
	Suites []uint16
	// Groups are the key exchange groups (RFC 8446 §4.2.7).
	Groups []uint16
	// KeyShares are the groups for which a fresh key of ours goes along, where TLS 1.3 is offered. A group for which we cannot make
	// one is passed over.
	KeyShares []uint16
	// Schemes are the signature schemes (RFC 8446 §4.2.3).
	Schemes []uint16
	// HelloOnly says that nothing is read beyond the ServerHello.
	HelloOnly bool
}

// Everything offers TLS 1.0 to 1.3 with every registered suite, group and signature scheme.
func Everything() Offer {
	return Offer{
		Version:   tls.VersionTLS12,
		Versions:  []uint16{tls.VersionTLS13, tls.VersionTLS12, tls.VersionTLS11, tls.VersionTLS10},
		Suites:    everySuite(),
		Groups:    everyGroup(),
		KeyShares: []uint16{groupX25519, groupP256},
		Schemes:   everyScheme(),
	}
}

// EveryScheme offers what crypto/tls does, with every registered signature scheme.
func EveryScheme() Offer {
	return Offer{KeyShares: []uint16{groupX25519MLKEM768, groupX25519}, Schemes: everyScheme()}
}

// Retired offers SSLv3 to TLS 1.1, which RFC 7568 and RFC 8996 have retired, with every suite that they can use.
func Retired() Offer {
	return Offer{
		Version: tls.VersionTLS11,
		Suites:  suitesFor(tls.VersionTLS11),
		Groups:  everyGroup(),
		Schemes: everyScheme(),
	}
}

// everySuite lists every suite that can be negotiated: those of crypto/tls in its order of preference, then the others with the
// newest first, so that a server that follows the client's order chooses a decent one.
func everySuite() []uint16 {
	suites := preferring(commonSuites(), numbersOf(suiteNames))
	return slices.DeleteFunc(suites, func(suite uint16) bool {
		return suite == suiteNull || suite == suiteFallback || suite == suiteRenegotiation
	})
}

// Numbers in the registry of suites that are not for choosing.
const (
	suiteNull          = 0x0000 // TLS_NULL_WITH_NULL_NULL: what a connection begins with (RFC 5246 §A.5)
	suiteRenegotiation = 0x00ff // TLS_EMPTY_RENEGOTIATION_INFO_SCSV: we know secure renegotiation (RFC 5746 §3.3)
	suiteFallback      = 0x5600 // TLS_FALLBACK_SCSV: we have tried a higher version before (RFC 7507)
)

// commonSuites are the suites that crypto/tls knows: authenticated encryption first, weak ones last.
func commonSuites() []uint16 {
	var suites []uint16
	for _, suite := range slices.Concat(tls.CipherSuites(), tls.InsecureCipherSuites()) {
		suites = append(suites, suite.ID)
	}
	secure := suites[:len(tls.CipherSuites())]
	slices.SortStableFunc(secure, func(a, b uint16) int { return chained(a) - chained(b) })
	return suites
}

// chained is 1 for a suite of cipher block chaining, which TLS 1.3 has done away with (RFC 9325 §4.2.1), else 0.
func chained(suite uint16) int { return strings.Count(suiteName(suite), "_CBC_") }

// suitesFor are the suites that can be chosen in one version.
func suitesFor(version uint16) []uint16 { return usableIn(everySuite(), version) }

// usableIn leaves those suites that can be chosen in one version.
func usableIn(suites []uint16, version uint16) []uint16 {
	return slices.DeleteFunc(suites, func(suite uint16) bool { return ofTLS13(suite) != (version == tls.VersionTLS13) })
}

// ofTLS13 says that a suite is one of TLS 1.3 (RFC 8446 §B.4, RFC 8998, RFC 9150, RFC 9367), which no other version can use.
func ofTLS13(suite uint16) bool {
	return suite>>8 == 0x13 || suite == 0x00c6 || suite == 0x00c7 || suite == 0xc0b4 || suite == 0xc0b5 || suite >= 0xc103 && suite <= 0xc106
}

// everyGroup lists every group that has a name and needs no parameters, those in use first.
func everyGroup() []uint16 {
	groups := preferring([]uint16{groupX25519, groupP256, groupP384, groupP521, groupX25519MLKEM768}, numbersOf(groupNames))
	return slices.DeleteFunc(groups, func(group uint16) bool { return group >= 0xff00 })
}

// everyScheme lists every signature scheme, those in use first.
func everyScheme() []uint16 { return preferring(todaysSchemes, numbersOf(schemeNames)) }

// preferring is all, with the preferred ones moved to the front and the others from the highest number down.
func preferring(preferred, all []uint16) []uint16 {
	list := slices.Clone(preferred)
	for _, number := range slices.Backward(all) {
		if !slices.Contains(preferred, number) {
			list = append(list, number)
		}
	}
	return list
}

var (
	todaysGroups = []uint16{
		groupX25519MLKEM768, groupP256MLKEM768, groupP384MLKEM1024, groupX25519, groupP256, groupP384, groupP521,
	}
	todaysSchemes = []uint16{
		0x0403, 0x0804, 0x0401, 0x0503, 0x0805, 0x0501, 0x0806, 0x0601, 0x0603, 0x0807, // ECDSA, RSA-PSS, RSA, Ed25519
		0x0201, 0x0203, // with SHA-1, for TLS 1.2
	}
)

// complete fills in what was left out.
func (o Offer) complete() Offer {
	if o.Version == 0 {
		o.Version = tls.VersionTLS12
		if o.Versions == nil {
			o.Versions = []uint16{tls.VersionTLS13, tls.VersionTLS12}
		}
	}
	if o.Suites == nil {
		o.Suites = commonSuites()[:len(tls.CipherSuites())]
	}
	if o.Groups == nil {
		o.Groups = todaysGroups
	}
	if o.KeyShares == nil {
		o.KeyShares = []uint16{groupX25519}
	}
	if o.Schemes == nil {
		o.Schemes = todaysSchemes
	}
	o.ServerName = SNI(o.ServerName)
	return o
}

// maxHello is the longest ClientHello that we make: what one record carries (RFC 8446 §5.1).
const maxHello = 1 << 14

var errLongHello = fmt.Errorf("the ClientHello is longer than %d bytes", maxHello)

// message is the ClientHello (RFC 8446 §4.1.2). It fails where a value does not fit its field, or all of them not into a record.
func (o Offer) message() ([]byte, error) {
	o = o.complete()
	front, extensions := o.front(), &cryptobyte.Builder{}
	if o.Version > tls.VersionSSL30 { //nolint:staticcheck // a server that speaks nothing newer may trip over extensions
		o.addExtensions(extensions)
	}
	body, err := extensions.Bytes()
	if err != nil {
		return nil, err
	}
	var b cryptobyte.Builder
	b.AddUint8(messageClientHello)
	b.AddUint24LengthPrefixed(func(b *cryptobyte.Builder) {
		b.AddBytes(front)
		if len(body) > 0 {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(body) })
		}
	})
	message, err := b.Bytes()
	if err == nil && len(message) > maxHello {
		return nil, errLongHello
	}
	return message, err
}

// front is the message up to its extensions.
func (o Offer) front() []byte {
	b := cryptobyte.NewBuilder(nil)
	b.AddUint16(o.Version)
	b.AddBytes(random(randomLength))
	b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) {
		if o.offersTLS13() {
			b.AddBytes(random(randomLength)) // middleboxes expect a session to be resumed (RFC 8446 §D.4)
		}
	})
	b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
		addAll(b, o.Suites)
		b.AddUint16(suiteRenegotiation) // some servers speak with nobody else
	})
	b.AddBytes([]byte{1, 0}) // no compression
	return b.BytesOrPanic()  // the registry of suites fits
}

func random(length int) []byte {
	b := make([]byte, length)
	_, _ = rand.Read(b) // never fails
	return b
}

func (o Offer) offersTLS13() bool { return slices.Contains(o.Versions, tls.VersionTLS13) }

// Extensions that we send and never read (RFC 8422 §5.1.2, RFC 8446 §4.2.3, RFC 7627).
const (
	extensionPointFormats = 11
	extensionSchemes      = 13
	extensionMasterSecret = 23
)

func (o Offer) addExtensions(b *cryptobyte.Builder) {
	if o.ServerName != "" {
		addExtension(b, extensionServerName, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				b.AddUint8(0) // host_name
				b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(o.ServerName)) })
			})
		})
	}
	addExtension(b, extensionMasterSecret, func(*cryptobyte.Builder) {})
	addList(b, extensionGroups, o.Groups)
	addExtension(b, extensionPointFormats, func(b *cryptobyte.Builder) { b.AddBytes([]byte{1, 0}) }) // uncompressed
	addList(b, extensionSchemes, o.Schemes)
	if len(o.ALPN) > 0 {
		addExtension(b, extensionALPN, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) {
				for _, protocol := range o.ALPN {
					b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes([]byte(protocol)) })
				}
			})
		})
	}
	if len(o.Versions) > 0 {
		addExtension(b, extensionVersions, func(b *cryptobyte.Builder) {
			b.AddUint8LengthPrefixed(func(b *cryptobyte.Builder) { addAll(b, o.Versions) })
		})
	}
	if o.offersTLS13() {
		addExtension(b, extensionKeyShare, func(b *cryptobyte.Builder) { b.AddUint16LengthPrefixed(o.addKeyShares) })
	}
}

func (o Offer) addKeyShares(b *cryptobyte.Builder) {
	for _, group := range o.KeyShares {
		key, err := publicKey(group)
		if err != nil {
			b.SetError(err)
		}
		if len(key) == 0 {
			continue
		}
		b.AddUint16(group)
		b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { b.AddBytes(key) })
	}
}

func addExtension(b *cryptobyte.Builder, kind uint16, content cryptobyte.BuilderContinuation) {
	b.AddUint16(kind)
	b.AddUint16LengthPrefixed(content)
}

// addList adds an extension that is a list of numbers, where there are any: an empty list is not allowed.
func addList(b *cryptobyte.Builder, kind uint16, numbers []uint16) {
	if len(numbers) > 0 {
		addExtension(b, kind, func(b *cryptobyte.Builder) {
			b.AddUint16LengthPrefixed(func(b *cryptobyte.Builder) { addAll(b, numbers) })
		})
	}
}

func addAll(b *cryptobyte.Builder, numbers []uint16) {
	for _, number := range numbers {
		b.AddUint16(number)
	}
}

// publicKey is the public half of a fresh key, in the form of a client's key share (RFC 8446 §4.2.8.2, and for ML-KEM
// draft-ietf-tls-ecdhe-mlkem §4.1); nil for a group for which we have no means. The other half is forgotten: the handshake goes no
// further than the server's answer.
func publicKey(group uint16) ([]byte, error) {
	switch group {
	case groupX25519:
		return publicECDH(ecdh.X25519())
	case groupP256:
		return publicECDH(ecdh.P256())
	case groupP384:
		return publicECDH(ecdh.P384())
	case groupP521:
		return publicECDH(ecdh.P521())
	case groupMLKEM768:
		return publicMLKEM768()
	case groupMLKEM1024:
		return publicMLKEM1024()
	case groupX25519MLKEM768: // the one hybrid that has ML-KEM in front
		return both(publicMLKEM768, func() ([]byte, error) { return publicECDH(ecdh.X25519()) })
	case groupX25519Kyber768: // Kyber's keys have the form of ML-KEM's
		return both(func() ([]byte, error) { return publicECDH(ecdh.X25519()) }, publicMLKEM768)
	case groupP256MLKEM768, groupP256Kyber768:
		return both(func() ([]byte, error) { return publicECDH(ecdh.P256()) }, publicMLKEM768)
	case groupP384MLKEM1024:
		return both(func() ([]byte, error) { return publicECDH(ecdh.P384()) }, publicMLKEM1024)
	}
	return nil, nil
}

func both(first, second func() ([]byte, error)) ([]byte, error) {
	a, err := first()
	if err != nil {
		return nil, err
	}
	b, err := second()
	return slices.Concat(a, b), err
}

func publicECDH(curve ecdh.Curve) ([]byte, error) {
	key, err := curve.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return key.PublicKey().Bytes(), nil
}

func publicMLKEM768() ([]byte, error) {
	key, err := mlkem.GenerateKey768()
	if err != nil {
		return nil, err
	}
	return key.EncapsulationKey().Bytes(), nil
}

func publicMLKEM1024() ([]byte, error) {
	key, err := mlkem.GenerateKey1024()
	if err != nil {
		return nil, err
	}
	return key.EncapsulationKey().Bytes(), nil
}
