package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/binary"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// pemOf is the text of a file with these certificates, and with what else such files have.
func pemOf(certificates ...*x509.Certificate) []byte {
	text := bytes.NewBufferString("# a comment\n")
	_ = pem.Encode(text, &pem.Block{Type: "PRIVATE KEY", Bytes: []byte("not a certificate")})
	_ = pem.Encode(text, &pem.Block{Type: "CERTIFICATE", Bytes: []byte("not one either")})
	for _, c := range certificates {
		_ = pem.Encode(text, &pem.Block{Type: "CERTIFICATE", Bytes: c.Raw})
	}
	return text.Bytes()
}

// fileOf is such a file.
func fileOf(t *testing.T, certificates ...*x509.Certificate) string {
	name := filepath.Join(t.TempDir(), "roots.pem")
	require.NoError(t, os.WriteFile(name, pemOf(certificates...), 0o600))
	return name
}

// presentedBy is what a server with that certificate sends.
func presentedBy(ca *tlstest.CA, leaf tlstest.Leaf) Presented {
	var p Presented
	for _, raw := range ca.Issue(leaf).Certificate {
		c, err := x509.ParseCertificate(raw)
		if err != nil {
			panic(err)
		}
		p.Certificates = append(p.Certificates, c)
	}
	return p
}

func TestLoadRoots(t *testing.T) {
	root, other, stranger := tlstest.NewCA("root"), tlstest.NewCA("other root"), tlstest.NewCA("stranger")
	middle, lost := root.Intermediate("middle"), stranger.Intermediate("lost")
	lower, lostLower := middle.Intermediate("lower"), lost.Intermediate("lost lower")
	alone := tlstest.Leaf{Send: tlstest.SendLeaf}
	self, err := x509.ParseCertificate(tlstest.SelfSigned(alone).Certificate[0])
	require.NoError(t, err)
	for name, test := range map[string]struct {
		file      []*x509.Certificate
		presented Presented
		trusted   bool
		completed []string
	}{
		"no file":                            {nil, presentedBy(root, alone), true, nil},
		"root in the file":                   {chainOfCAs(stranger), presentedBy(stranger, alone), true, nil},
		"another root in the file":           {chainOfCAs(other), presentedBy(stranger, alone), false, nil},
		"self-signed leaf in the file":       {[]*x509.Certificate{self}, Presented{Certificates: []*x509.Certificate{self}}, true, nil},
		"intermediate of an unknown root":    {chainOfCAs(lost), presentedBy(lost, alone), true, nil},
		"chain of an unknown root":           {chainOfCAs(lostLower, lost), presentedBy(lostLower, alone), true, nil},
		"intermediate and its root":          {chainOfCAs(lost, stranger), presentedBy(lost, alone), false, []string{"CN=lost"}},
		"intermediate of a known root":       {chainOfCAs(middle), presentedBy(middle, alone), false, []string{"CN=middle"}},
		"two intermediates of a known root":  {chainOfCAs(lower, middle), presentedBy(lower, alone), false, []string{"CN=lower", "CN=middle"}},
		"intermediate of a known root, sent": {chainOfCAs(middle), presentedBy(middle, tlstest.Leaf{}), true, nil},
		"the upper of two, the lower was sent": {
			chainOfCAs(middle), Presented{Certificates: presentedBy(lower, tlstest.Leaf{}).Certificates[:2]}, false, []string{"CN=middle"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSL_CERT_FILE", fileOf(t, root.Certificate))
			file := pemOf(test.file...)
			if test.file == nil {
				file = nil
			}
			roots := LoadRoots(file, "ca.pem")
			trust := ReadChain(test.presented, "localhost", roots, time.Now()).Trust
			assert.Equal(t, test.trusted, trust.Trusted)
			if test.completed == nil {
				assert.Nil(t, trust.Completed)
				return
			}
			assert.Equal(t, UnknownAuthority, trust.Reason)
			assert.Equal(t, test.completed, trust.Completed.Added)
			assert.Equal(t, "ca.pem", trust.Completed.From)
		})
	}
}

func chainOfCAs(all ...*tlstest.CA) (certificates []*x509.Certificate) {
	for _, ca := range all {
		certificates = append(certificates, ca.Certificate)
	}
	return certificates
}

func TestRootsOfTheEnvironment(t *testing.T) {
	inFile, inDirectory, inSecond, nowhere := tlstest.NewCA("a"), tlstest.NewCA("b"), tlstest.NewCA("c"), tlstest.NewCA("d")
	file := fileOf(t, inFile.Certificate)
	directory, second := filepath.Dir(fileOf(t, inDirectory.Certificate)), filepath.Dir(fileOf(t, inSecond.Certificate))
	require.NoError(t, os.Symlink("roots.pem", filepath.Join(directory, "5f1e2d3c.0")))
	require.NoError(t, os.Mkdir(filepath.Join(directory, "sub"), 0o700))
	both := directory + string(os.PathListSeparator) + second
	missing, empty := file+"x", t.TempDir()
	for name, test := range map[string]struct {
		file, directories string
		want              []*tlstest.CA
		from              string
	}{
		"a file":          {file, "", []*tlstest.CA{inFile}, "SSL_CERT_FILE " + file},
		"a directory":     {"", directory, []*tlstest.CA{inDirectory}, "SSL_CERT_DIR " + directory},
		"two directories": {"", both, []*tlstest.CA{inDirectory, inSecond}, "SSL_CERT_DIR " + both},
		"both": {
			file, directory, []*tlstest.CA{inFile, inDirectory}, "SSL_CERT_FILE " + file + " and SSL_CERT_DIR " + directory,
		},
		"a file that is missing": {missing, empty, nil, "none: no certificate in SSL_CERT_FILE " + missing + " and SSL_CERT_DIR " + empty},
		"a device":               {os.DevNull, empty, nil, "none: no certificate in SSL_CERT_FILE " + os.DevNull + " and SSL_CERT_DIR " + empty},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv("SSL_CERT_FILE", test.file)
			t.Setenv("SSL_CERT_DIR", test.directories)
			roots := LoadRoots(nil, "")
			assert.Equal(t, test.from, roots.From)
			assert.Equal(t, test.want == nil, roots.Empty)
			if test.file != "" && test.directories != "" || !keepsFiles() { // otherwise the system's other half is there, too
				assert.Len(t, roots.List(), len(test.want))
			}
			for _, ca := range []*tlstest.CA{inFile, inDirectory, inSecond, nowhere} {
				trust := ReadChain(presentedBy(ca, tlstest.Leaf{}), "localhost", roots, time.Now()).Trust
				assert.Equal(t, contains(chainOfCAs(test.want...), ca.Certificate), trust.Trusted, ca.Certificate.Subject)
			}
			assert.Equal(t, test.from+" and ca.pem", LoadRoots(pemOf(nowhere.Certificate), "ca.pem").From)
			assert.Equal(t, test.from, LoadRoots([]byte("no PEM"), "ca.pem").From)
		})
	}
}

func TestRootsOfTheSystem(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", "")
	t.Setenv("SSL_CERT_DIR", "")
	roots := LoadRoots(nil, "")
	assert.NotNil(t, roots.Pool)
	assert.Equal(t, keepsFiles() && len(roots.List()) == 0, roots.Empty)
	for _, c := range roots.List() {
		b := newBuilder(c, roots, c.NotBefore)
		assert.True(t, b.trusts(c), "%s is listed, and not in the pool", c.Subject)
	}
}

// An empty store stays one when the user gives a file, and so a chain under a public root lacks what the machine should have.
func TestEmptyStore(t *testing.T) {
	t.Setenv("SSL_CERT_FILE", filepath.Join(t.TempDir(), "missing"))
	t.Setenv("SSL_CERT_DIR", t.TempDir())
	given, other := tlstest.NewCA("given"), tlstest.NewCA("other")
	roots := LoadRoots(pemOf(given.Certificate), "ca.pem")
	for _, ca := range []*tlstest.CA{given, other} {
		trust := ReadChain(presentedBy(ca, tlstest.Leaf{}), "localhost", roots, time.Now()).Trust
		assert.True(t, trust.NoRoots)
		assert.Equal(t, ca == given, trust.Trusted)
	}
	assert.True(t, ReadChain(Presented{}, "localhost", roots, time.Now()).Trust.NoRoots)
	t.Setenv("SSL_CERT_FILE", fileOf(t, other.Certificate))
	assert.False(t, ReadChain(presentedBy(given, tlstest.Leaf{}), "localhost", LoadRoots(nil, ""), time.Now()).Trust.NoRoots)
}

func TestByteOrderMarks(t *testing.T) {
	one, two := tlstest.NewCA("one").Certificate, tlstest.NewCA("two").Certificate
	bare := func(c *x509.Certificate) string {
		return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: c.Raw}))
	}
	utf16Text := func(order binary.AppendByteOrder) (text []byte) {
		for _, unit := range utf16.Encode([]rune("\ufeff" + bare(one))) {
			text = order.AppendUint16(text, unit)
		}
		return text
	}
	both := []*x509.Certificate{one, two}
	for name, test := range map[string]struct {
		text []byte
		want []*x509.Certificate
	}{
		"none":                          {[]byte(bare(one) + bare(two)), both},
		"at the start":                  {[]byte("\ufeff" + bare(one) + bare(two)), both},
		"of a file appended":            {[]byte(bare(one) + "\ufeff" + bare(two)), both},
		"of one appended to a line":     {[]byte(strings.TrimSpace(bare(one)) + "\ufeff" + bare(two)), both},
		"with the ends of DOS lines":    {[]byte("\ufeff" + strings.ReplaceAll(bare(one)+bare(two), "\n", "\r\n")), both},
		"of UTF-16, the low end first":  {utf16Text(binary.LittleEndian), nil},
		"of UTF-16, the high end first": {utf16Text(binary.BigEndian), nil},
		"alone":                         {[]byte("\ufeff"), nil},
	} {
		t.Run(name, func(t *testing.T) {
			assert.Equal(t, test.want, parsePEM(test.text))
			roots := LoadRoots(test.text, "ca.pem")
			for _, c := range test.want {
				assert.True(t, newBuilder(c, roots, time.Now()).trusts(c))
			}
			assert.Equal(t, test.want != nil, strings.HasSuffix(roots.From, " and ca.pem"))
		})
	}
}
