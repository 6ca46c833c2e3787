package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/crypto/x509roots/fallback/bundle"
)

// Roots are the certificates that this machine trusts, and where they came from.
type Roots struct {
	// Pool holds them.
	Pool *x509.CertPool
	// From says where they came from: "system", "system and FILE".
	From string
	// Empty says that the machine's own store has none.
	Empty bool
	// List gives those of the Pool that can be had one by one, as far as that is known: a pool gives none back. What is listed and not
	// in the Pool is not trusted. It may be nil.
	List func() []*x509.Certificate
	// Extra are certificates at hand that are not trusted themselves, but may complete a chain.
	Extra []Addition
	// AskPublic asks whether the root of a path is one of those that browsers trust (Trust.Public).
	AskPublic bool
}

// named are the roots of that subject, as far as they can be listed.
func (r Roots) named(subject []byte) []*x509.Certificate {
	if r.List == nil {
		return nil
	}
	return slices.DeleteFunc(slices.Clone(r.List()), func(c *x509.Certificate) bool { return !bytes.Equal(c.RawSubject, subject) })
}

// LoadRoots reads the roots of this machine, and adds those of a file in PEM, which came from there. The environment's SSL_CERT_FILE and
// SSL_CERT_DIR stand in for the system's file and directories, or on macOS and Windows for the system's roots, where they are set. Of the
// file's other certificates, an intermediate whose root is not trusted is trusted itself, as OpenSSL does with -partial_chain and curl
// always; one that leads to a trusted root is kept as Extra.
func LoadRoots(file []byte, from string) Roots {
	roots := systemRoots()
	given := parsePEM(file)
	if len(given) == 0 {
		return roots
	}
	roots.From += " and " + from
	system := roots.List
	roots.List = func() []*x509.Certificate { return slices.Concat(given, system()) }
	var others []*x509.Certificate
	for _, c := range given {
		if selfSigned(c) {
			roots.Pool.AddCert(c)
		} else {
			others = append(others, c)
		}
	}
	roots.sort(others, from)
	return roots
}

// sort makes Extra of those that lead to a trusted root, and roots of the others.
func (r *Roots) sort(others []*x509.Certificate, from string) {
	var anchors []*x509.Certificate
	for _, c := range others {
		b := newBuilder(c, *r, time.Now())
		if slices.ContainsFunc(b.paths(others), func(p path) bool { return p.rooted }) {
			r.Extra = append(r.Extra, Addition{Certificate: c, From: from})
		} else {
			anchors = append(anchors, c)
		}
	}
	for _, c := range anchors {
		r.Pool.AddCert(c)
	}
}

// systemRoots are those of the environment, or else the system's.
func systemRoots() Roots {
	const fileVariable, directoriesVariable = "SSL_CERT_FILE", "SSL_CERT_DIR"
	file, directories := os.Getenv(fileVariable), os.Getenv(directoriesVariable)
	if file == "" && directories == "" {
		return defaultRoots()
	}
	var from []string
	var all []*x509.Certificate
	switch {
	case file != "":
		from = append(from, fileVariable+" "+file)
		all = append(all, parseFile(file)...)
	case keepsFiles():
		all = append(all, parseBundles()...)
	}
	switch {
	case directories != "":
		from = append(from, directoriesVariable+" "+directories)
		all = append(all, parseDirectories(filepath.SplitList(directories)...)...)
	case keepsFiles():
		all = append(all, parseDirectories("/etc/ssl/certs", "/etc/pki/tls/certs")...)
	}
	words := strings.Join(from, " and ")
	if len(all) == 0 {
		words = "none: no certificate in " + words
	}
	return Roots{Pool: poolOf(all), From: words, Empty: len(all) == 0, List: func() []*x509.Certificate { return all }}
}

// keepsFiles says that this system's roots are in files and directories, of which each variable replaces its own half alone, as with
// OpenSSL. On macOS and Windows they are elsewhere.
func keepsFiles() bool { return !slices.Contains([]string{"darwin", "ios", "windows"}, runtime.GOOS) }

// bundles are where systems keep all their roots in one file.
var bundles = []string{
	"/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/ca-bundle.pem",
	"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", "/etc/ssl/cert.pem", "/usr/local/etc/ssl/cert.pem",
}

func parseBundles() (all []*x509.Certificate) {
	for _, file := range bundles {
		all = append(all, parseFile(file)...)
	}
	return all
}

func parseDirectories(directories ...string) (all []*x509.Certificate) {
	for _, directory := range directories {
		all = append(all, parseDirectory(directory)...)
	}
	return all
}

func defaultRoots() Roots {
	roots := Roots{From: "system", List: sync.OnceValue(parseBundles)}
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool, roots.From = x509.NewCertPool(), "none: "+err.Error()
	}
	roots.Pool, roots.Empty = pool, pool.Equal(x509.NewCertPool())
	return roots
}

// parseFile reads the certificates of a file in PEM; none where it cannot be read. Only files are read: a device may have no end.
func parseFile(name string) []*x509.Certificate {
	if info, err := os.Stat(name); err != nil || !info.Mode().IsRegular() {
		return nil
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return nil
	}
	return parsePEM(text)
}

// parseDirectory reads the certificates of all files of a directory, each once: c_rehash makes links to them.
func parseDirectory(directory string) (all []*x509.Certificate) {
	entries, err := os.ReadDir(directory)
	if err != nil {
		return nil
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		for _, c := range parseFile(filepath.Join(directory, entry.Name())) {
			if !seen[string(c.Raw)] {
				seen[string(c.Raw)] = true
				all = append(all, c)
			}
		}
	}
	return all
}

// parsePEM reads the certificates in a text (RFC 7468 §5), and passes over what else is in it. The byte order marks of UTF-8 are removed:
// editors write one before the first certificate, and files put together have them further down.
func parsePEM(text []byte) (all []*x509.Certificate) {
	text = bytes.ReplaceAll(text, []byte("\ufeff"), []byte("\n"))
	for {
		var block *pem.Block
		if block, text = pem.Decode(text); block == nil {
			return all
		}
		if block.Type != "CERTIFICATE" {
			continue
		}
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			all = append(all, c)
		}
	}
}

// publicRoots are the roots that Mozilla's browsers trust, or did until a date, by their subject. A root may come in several certificates.
var publicRoots = sync.OnceValue(func() map[string][]*x509.Certificate {
	roots := map[string][]*x509.Certificate{}
	for root := range bundle.Roots() {
		if c, err := x509.ParseCertificate(root.Certificate); err == nil {
			roots[string(c.RawSubject)] = append(roots[string(c.RawSubject)], c)
		}
	}
	return roots
})

// isPublic says that browsers trust the root, or did until a date: whoever made it, it is no private one.
func isPublic(root *x509.Certificate) bool {
	return slices.ContainsFunc(publicRoots()[string(root.RawSubject)], func(c *x509.Certificate) bool { return sameNameAndKey(c, root) })
}

func contains(all []*x509.Certificate, c *x509.Certificate) bool {
	return slices.ContainsFunc(all, c.Equal)
}
