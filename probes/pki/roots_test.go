package pki

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"os"
	"path/filepath"
	"testing"
	"time"

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
	for _, c := range roots.List() {
		b := newBuilder(c, roots, c.NotBefore)
		assert.True(t, b.trusts(c), "%s is listed, and not in the pool", c.Subject)
	}
}
