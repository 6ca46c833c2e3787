//go:build linux

package main

import (
	"bytes"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"maps"
	"math/big"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// offices are the authorities of the lab's internet. The client trusts the root, and nobody the private one.
type offices struct {
	root, intermediate        *identity
	privateRoot, privateBelow *identity
	stranger                  *identity   // has the name of the intermediate, and not its key
	revoked                   []*identity // and what else there is only in some scenarios
	old                       []*identity
}

func openOffices() *offices {
	lab, private := root("Lab Root"), root("Private Root")
	return &offices{
		root: lab, intermediate: lab.authority("Lab Intermediate"),
		privateRoot: private, privateBelow: private.authority("Private Intermediate", atPKI("private-root.cer")),
		stranger: root("Lab Intermediate"),
	}
}

// recipe makes a server's certificate, and gives what the server sends after it.
type recipe func() (server *identity, chain []*identity)

// certificates writes what the servers present that a scenario names, each a PEM file with the private key and the chain: making
// all that there is would take longer than all else. Beside that is what the authorities publish, and ca.pem, the root that the
// client trusts.
func certificates(directory, scenario string) error {
	text, err := os.ReadFile(scenario)
	if err != nil {
		return err
	}
	text = append(text, internet...)
	o := openOffices()
	recipes := o.recipes()
	var made []*identity
	for _, name := range slices.Sorted(maps.Keys(recipes)) {
		if !bytes.Contains(text, []byte(name)) {
			continue
		}
		server, chain := recipes[name]()
		if err := server.write(filepath.Join(directory, name+".pem"), chain...); err != nil {
			return err
		}
		if strings.HasPrefix(name, "revoked") {
			o.revoked = append(o.revoked, server)
		}
		made = append(made, server)
	}
	return o.publish(directory, made)
}

// recipes say how the certificates are made. A name that begins with "revoked" says that the authority has revoked it.
func (o *offices) recipes() map[string]recipe {
	recipes := map[string]recipe{}
	for _, kind := range []map[string]recipe{o.ofServers(), o.chains(), o.constrained(), o.weak(), o.ofOtherRoots()} {
		maps.Copy(recipes, kind)
	}
	return recipes
}

// ofServers are certificates of the intermediate, which is sent with them.
func (o *offices) ofServers() map[string]recipe {
	recipes := map[string]recipe{}
	for name, changes := range map[string][]change{
		"good":                   {},
		"other-good":             {},
		"expired":                {valid(-92, -2)},
		"not-yet-valid":          {valid(2, 92)},
		"expiring":               {valid(-80, 10)},
		"other-name":             {named("shop.example.net")},
		"expired-other-name":     {valid(-92, -2), named("shop.example.net")},
		"wildcard":               {named("*.example.com")},
		"no-address":             {func(c *x509.Certificate) { c.IPAddresses = nil }},
		"thousand-names":         {func(c *x509.Certificate) { c.DNSNames = append(c.DNSNames, thousandNames()...) }},
		"no-subject":             {func(c *x509.Certificate) { c.Subject = pkix.Name{} }},
		"no-san":                 {named("www.example.com"), func(c *x509.Certificate) { c.DNSNames = nil }},
		"umlaut":                 {named("xn--bcher-kva.example.com")},
		"umlaut-lost":            {named("bucher.example.com")},
		"for-clients":            {forClients},
		"logged":                 {logged(-24 * time.Hour)},
		"logged-tomorrow":        {valid(2, 92), logged(49 * time.Hour)},
		"asked":                  {atResponder},
		"revoked":                {},
		"revoked-asked":          {atResponder},
		"revoked-listed":         {atList("intermediate.crl")},
		"listed":                 {atList("intermediate.crl")},
		"listed-by-stranger":     {atList("stranger.crl")},
		"listed-long-ago":        {atList("stale.crl")},
		"listed-nowhere":         {atList("nowhere.crl")},
		"must-staple":            {mustStaple},
		"other-name-for-clients": {named("shop.example.net"), forClients},
		"tomorrow-other-name":    {valid(2, 92), named("shop.example.net")},
	} {
		recipes[name] = func() (*identity, []*identity) { return o.intermediate.server(changes...), chain(o.intermediate) }
	}
	return recipes
}

func thousandNames() (names []string) {
	for i := range 1000 {
		names = append(names, fmt.Sprintf("customer%d.example.net", i))
	}
	return names
}

// chains are chains that are not as they should be, and some that are unusual.
func (o *offices) chains() map[string]recipe {
	recipes := map[string]recipe{
		"with-root":     func() (*identity, []*identity) { return o.intermediate.server(), chain(o.intermediate, o.root) },
		"with-stranger": func() (*identity, []*identity) { return o.intermediate.server(), chain(o.intermediate, o.privateBelow) },
		"two-in-order": func() (*identity, []*identity) {
			below := o.intermediate.authority("Lab Issuer")
			return below.server(), chain(below, o.intermediate)
		},
		"two-disordered": func() (*identity, []*identity) {
			below := o.intermediate.authority("Lab Issuer")
			return below.server(), chain(o.intermediate, below)
		},
		"private-root": func() (*identity, []*identity) { return o.privateBelow.server(), chain(o.privateBelow, o.privateRoot) },
		"private-expired": func() (*identity, []*identity) {
			return o.privateBelow.server(valid(-92, -2)), chain(o.privateBelow, o.privateRoot)
		},
		"private-no-root": func() (*identity, []*identity) { return o.privateBelow.server(), chain(o.privateBelow) },
		"private-alone":   func() (*identity, []*identity) { return o.privateBelow.server(atPKI("private-intermediate.cer")), nil },
		"self-signed":     func() (*identity, []*identity) { return selfSigned(serverTemplate(), newKey()), nil },
		"self-signed-localhost": func() (*identity, []*identity) {
			return selfSigned(serverTemplate(named("localhost.localdomain"), valid(-400, -35)), rsaKey(1024)), nil
		},
	}
	for name, changes := range map[string][]change{
		"leaf-alone": {},
		"leaf-der":   {atPKI("intermediate.cer")},
		"leaf-pem":   {atPKI("intermediate.pem")},
		"leaf-pkcs7": {atPKI("intermediate.p7c")},
		"leaf-404":   {atPKI("nowhere.cer")},
		"leaf-wrong": {atPKI("private-root.cer")},
	} {
		recipes[name] = func() (*identity, []*identity) { return o.intermediate.server(changes...), nil }
	}
	return recipes
}

// constrained are certificates whose issuers have limits: of time, of names, of what is below them.
func (o *offices) constrained() map[string]recipe {
	recipes := map[string]recipe{
		"by-no-authority": func() (*identity, []*identity) {
			shop := o.intermediate.server(named("shop.example.net"))
			return shop.server(), chain(shop, o.intermediate)
		},
		"path-too-long": func() (*identity, []*identity) {
			last := o.root.authority("Lab Last Intermediate", func(c *x509.Certificate) { c.MaxPathLenZero = true })
			below := last.authority("Lab Issuer")
			return below.server(), chain(below, last)
		},
		"expired-cross":       func() (*identity, []*identity) { return o.intermediate.server(), o.crossSigned(valid(-900, -30)) },
		"cross-of-an-expired": func() (*identity, []*identity) { return o.intermediate.server(), o.crossSigned() },
		"revoked-above": func() (*identity, []*identity) {
			above := o.root.authority("Lab Intermediate 2", atList("root.crl"))
			o.revoked = append(o.revoked, above)
			return above.server(), chain(above)
		},
	}
	for name, changes := range map[string][]change{
		"expired-intermediate": {valid(-900, -30)},
		"path-long-enough":     {func(c *x509.Certificate) { c.MaxPathLenZero = true }},
		"outside-constraint":   {permitted("example.net")},
		"inside-constraint":    {permitted("example.com")},
		"listed-above":         {atList("root.crl")},
	} {
		recipes[name] = func() (*identity, []*identity) {
			above := o.root.authority("Lab Intermediate 2", changes...)
			return above.server(named("www.example.com", "files.example.com")), chain(above)
		}
	}
	return recipes
}

// weak are certificates with a key or a signature that counts for little, and two with keys of RSA that do count.
func (o *offices) weak() map[string]recipe {
	const both = x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment
	recipes := map[string]recipe{
		"sha1-leaf": func() (*identity, []*identity) { return o.intermediate.server(withSHA1), chain(o.intermediate) },
		"sha1-intermediate": func() (*identity, []*identity) {
			above := o.root.authority("SHA-1 Intermediate", withSHA1)
			return above.server(), chain(above)
		},
	}
	for name, key := range map[string]struct {
		bits  int
		usage x509.KeyUsage
	}{"rsa1024": {1024, both}, "rsa2048": {2048, both}, "rsa2048-encipherment": {2048, x509.KeyUsageKeyEncipherment}} {
		recipes[name] = func() (*identity, []*identity) {
			template := serverTemplate(func(c *x509.Certificate) { c.KeyUsage = key.usage })
			return o.intermediate.sign(template, rsaKey(key.bits)), chain(o.intermediate)
		}
	}
	return recipes
}

// ofOtherRoots are certificates that lead to a root which is sent along, and which the client trusts where the scenario has it so.
func (o *offices) ofOtherRoots() map[string]recipe {
	recipes := map[string]recipe{}
	for name, change := range map[string]change{"under-sha1-root": withSHA1, "under-expired-root": valid(-9000, -30)} {
		recipes[name] = func() (*identity, []*identity) {
			old := root("Old Root", change)
			o.old = append(o.old, old)
			below := old.authority("Old Intermediate")
			return below.server(), chain(below, old)
		}
	}
	return recipes
}

func chain(above ...*identity) []*identity { return above }

// crossSigned is the intermediate, and the new root's name and key as an older root, which has expired since, once signed them.
func (o *offices) crossSigned(changes ...change) []*identity {
	old := root("Old Root", valid(-9000, -30))
	o.old = append(o.old, old)
	return chain(o.intermediate, old.sign(authorityTemplate("Lab Root", changes...), o.root.key))
}

// publish writes what the client is given (ca.pem and others that a flag may name), what the web server pki.example.com has, and what
// an OCSP responder needs.
func (o *offices) publish(directory string, made []*identity) error {
	if err := os.MkdirAll(filepath.Join(directory, "pki"), 0o755); err != nil {
		return err
	}
	lastWeek, longAgo := time.Now().AddDate(0, 0, -7), time.Now().AddDate(0, 0, -60)
	for name, content := range map[string][]byte{
		"ca.pem":                       inPEM(o.root),
		"intermediate.pem":             inPEM(o.intermediate),
		"old-roots.pem":                inPEM(o.old...),
		"private-ca.pem":               inPEM(o.privateRoot),
		"root-and-intermediate.pem":    inPEM(o.root, o.intermediate),
		"index.txt":                    o.index(made),
		"pki/intermediate.cer":         o.intermediate.certificate.Raw,
		"pki/intermediate.pem":         inPEM(o.intermediate),
		"pki/private-intermediate.cer": o.privateBelow.certificate.Raw,
		"pki/private-root.cer":         o.privateRoot.certificate.Raw,
		"pki/root.crl":                 o.root.list(lastWeek, o.revoked),
		"pki/intermediate.crl":         o.intermediate.list(lastWeek, o.revoked),
		"pki/stale.crl":                o.intermediate.list(longAgo, nil),
		"pki/stranger.crl":             o.stranger.list(lastWeek, made),
	} {
		if err := os.WriteFile(filepath.Join(directory, name), content, 0o644); err != nil {
			return err
		}
	}
	if err := o.stranger.write(filepath.Join(directory, "stranger.pem")); err != nil {
		return err
	}
	return o.intermediate.write(filepath.Join(directory, "responder.pem"))
}

// list is a revocation list with those certificates, good for 30 days. One that names certificates of another issuer is no worse: its
// serial numbers are its own issuer's.
func (i *identity) list(since time.Time, revoked []*identity) []byte {
	template := &x509.RevocationList{Number: big.NewInt(1), ThisUpdate: since, NextUpdate: since.AddDate(0, 0, 30)}
	for _, r := range revoked {
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{
			SerialNumber: r.certificate.SerialNumber, RevocationTime: since, ReasonCode: 1, // keyCompromise
		})
	}
	return must(x509.CreateRevocationList(rand.Reader, template, i.certificate, i.key))
}

// index is what openssl-ocsp(1) knows of the certificates that were issued: the file that openssl-ca(1) keeps.
func (o *offices) index(made []*identity) []byte {
	const seconds = "060102150405Z"
	var text []byte
	for _, i := range made {
		status, revocation := "V", ""
		if slices.Contains(o.revoked, i) {
			status, revocation = "R", time.Now().AddDate(0, 0, -7).UTC().Format(seconds)+",keyCompromise"
		}
		text = fmt.Appendf(text, "%[1]s\t%[2]s\t%[3]s\t%[4]X\tunknown\t/CN=%[4]X\n",
			status, i.certificate.NotAfter.UTC().Format(seconds), revocation, i.certificate.SerialNumber.Bytes())
	}
	return text
}
