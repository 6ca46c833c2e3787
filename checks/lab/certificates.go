//go:build linux

package main

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// certificates writes what the scenarios' servers present, each a PEM file with the private key and the chain, and in ca.pem
// the root that the client trusts.
func certificates(directory string) error {
	root := tlstest.NewCA("Lab Root")
	intermediate := root.Intermediate("Lab Intermediate")
	private := tlstest.NewCA("Private Root").Intermediate("Private Intermediate")
	server := tlstest.Leaf{
		Names: []string{"files.example.com", "files6.example.com", "files46.example.com", "www.example.com"},
		IPs:   []netip.Addr{netip.MustParseAddr("203.0.113.10"), netip.MustParseAddr("2001:db8:2::10")},
	}
	expired, future, named, alone, rooted := server, server, server, server, server
	expired.NotBefore, expired.NotAfter = time.Now().AddDate(0, 0, -92), time.Now().AddDate(0, 0, -2)
	future.NotBefore = time.Now().AddDate(0, 0, 2)
	named.Names, named.IPs = []string{"shop.example.net"}, nil
	alone.Send = tlstest.SendLeaf
	rooted.Send = tlstest.SendRoot
	rootedExpired := expired
	rootedExpired.Send = tlstest.SendRoot
	for name, certificate := range map[string]tls.Certificate{
		"good":            intermediate.Issue(server),
		"expired":         intermediate.Issue(expired),
		"not-yet-valid":   intermediate.Issue(future),
		"other-name":      intermediate.Issue(named),
		"leaf-alone":      intermediate.Issue(alone),
		"private-root":    private.Issue(rooted),
		"private-expired": private.Issue(rootedExpired),
		"self-signed":     tlstest.SelfSigned(server),
	} {
		if err := writeCertificate(filepath.Join(directory, name+".pem"), certificate); err != nil {
			return err
		}
	}
	trusted := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: root.Certificate.Raw})
	return os.WriteFile(filepath.Join(directory, "ca.pem"), trusted, 0o644)
}

func writeCertificate(file string, certificate tls.Certificate) error {
	key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
	if err != nil {
		return err
	}
	var text bytes.Buffer
	_ = pem.Encode(&text, &pem.Block{Type: "PRIVATE KEY", Bytes: key}) // a buffer takes all
	for _, der := range certificate.Certificate {
		_ = pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der})
	}
	return os.WriteFile(file, text.Bytes(), 0o600)
}
