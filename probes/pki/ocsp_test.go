package pki

import (
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/crypto/ocsp"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls/tlstest"
)

// responder is a certificate for an OCSP responder.
func responder(ca *tlstest.CA, change func(*x509.Certificate)) *tls.Certificate {
	c := ca.Issue(tlstest.Leaf{Change: func(c *x509.Certificate) {
		c.Subject = pkix.Name{CommonName: "responder"}
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageOCSPSigning}
		if change != nil {
			change(c)
		}
	}})
	return &c
}

func TestStaple(t *testing.T) {
	root, stranger := tlstest.NewCA("root"), tlstest.NewCA("stranger")
	namesake := tlstest.NewCA("root")
	renamed := stranger.CrossSign(root, tlstest.Authority{Name: "renamed"}) // the root's key under another name
	one, another := presentedBy(root, tlstest.Leaf{}), presentedBy(root, tlstest.Leaf{})
	c := one.Certificates[0]
	now := time.Now()
	ago := func(hours int) time.Time {
		return now.Add(-time.Duration(hours) * time.Hour).UTC().Truncate(time.Second)
	}
	forServers := func(c *x509.Certificate) { c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth} }
	stale := func(reason int) tlstest.Status {
		return tlstest.Status{RevokedAt: ago(99), Reason: reason, ThisUpdate: ago(9), NextUpdate: ago(2)}
	}
	sign := func(c *x509.Certificate, s tlstest.Status) []byte { return root.OCSP(c, s) }
	for name, test := range map[string]struct {
		staple          []byte
		status          string
		matches, signed bool
		fault           probes.Kind
	}{
		"good":                         {sign(c, tlstest.Status{}), "good", true, true, ""},
		"revoked":                      {sign(c, tlstest.Status{RevokedAt: ago(5), Reason: ocsp.KeyCompromise}), "revoked", true, true, ""},
		"not known there":              {sign(c, tlstest.Status{Unknown: true}), "unknown", true, true, ""},
		"stale":                        {sign(c, tlstest.Status{ThisUpdate: ago(9), NextUpdate: ago(2)}), "good", true, true, probes.Other},
		"stale, and revoked":           {sign(c, stale(ocsp.Superseded)), "revoked", true, true, ""},
		"stale, revoked for no reason": {sign(c, stale(ocsp.Unspecified)), "revoked", true, true, ""},
		"stale, and on hold":           {sign(c, stale(ocsp.CertificateHold)), "revoked", true, true, probes.Other},
		"stale, and on hold no more":   {sign(c, stale(ocsp.RemoveFromCRL)), "revoked", true, true, probes.Other},
		"on hold":                      {sign(c, tlstest.Status{RevokedAt: ago(5), Reason: ocsp.CertificateHold}), "revoked", true, true, ""},
		"stale, revoked by a stranger": {stranger.OCSP(c, stale(ocsp.KeyCompromise)), "revoked", false, false, probes.NotFound},
		"revoked, from the future": {
			sign(c, tlstest.Status{RevokedAt: ago(5), Reason: ocsp.KeyCompromise, ThisUpdate: ago(-2)}), "revoked", true, true, probes.Other,
		},
		"from the future":                 {sign(c, tlstest.Status{ThisUpdate: ago(-2)}), "good", true, true, probes.Other},
		"a little ahead":                  {sign(c, tlstest.Status{ThisUpdate: now.Add(time.Minute)}), "good", true, true, ""},
		"of another certificate":          {sign(another.Certificates[0], tlstest.Status{}), "good", false, true, probes.NotFound},
		"signed by a stranger":            {stranger.OCSP(c, tlstest.Status{}), "good", false, false, probes.NotFound},
		"signed by a namesake":            {namesake.OCSP(c, tlstest.Status{}), "good", false, false, probes.NotFound},
		"of another issuer with this key": {renamed.OCSP(c, tlstest.Status{}), "good", false, true, probes.NotFound},
		"by a responder":                  {sign(c, tlstest.Status{Responder: responder(root, nil)}), "good", true, true, ""},
		"by a responder of another CA":    {sign(c, tlstest.Status{Responder: responder(stranger, nil)}), "good", true, false, probes.Prohibited},
		"by a responder of a namesake":    {sign(c, tlstest.Status{Responder: responder(namesake, nil)}), "good", true, false, probes.Prohibited},
		"by a responder that had expired": {
			sign(c, tlstest.Status{Responder: responder(root, func(c *x509.Certificate) { c.NotAfter = ago(9) })}), "good", true, false,
			probes.Prohibited,
		},
		"by another server's certificate": {
			sign(c, tlstest.Status{Responder: responder(root, forServers)}),
			"good", true, false, probes.Prohibited,
		},
		"with the issuer's certificate": {
			sign(c, tlstest.Status{Responder: &tls.Certificate{Leaf: root.Certificate, PrivateKey: root.Key()}}), "good", true, true, "",
		},
		"the responder is busy": {ocsp.TryLaterErrorResponse, "", false, false, probes.Negative},
		"no response":           {[]byte("<html>"), "", false, false, probes.Malformed},
		"cut short":             {sign(c, tlstest.Status{})[:100], "", false, false, probes.Malformed},
		"a megabyte":            {make([]byte, 1<<20), "", false, false, probes.TooLong},
	} {
		t.Run(name, func(t *testing.T) {
			one.Staple = test.staple
			got := ReadChain(one, "localhost", Roots{Pool: root.Pool()}, now).Staple
			require.NotNil(t, got)
			assert.Equal(t, test.status, got.Status)
			assert.Equal(t, test.matches, got.Matches)
			assert.Equal(t, test.signed, got.Signed)
			if test.fault == "" {
				require.Nil(t, got.Fault)
				return
			}
			require.NotNil(t, got.Fault)
			assert.Equal(t, "OCSP", got.Fault.Step)
			assert.Equal(t, test.fault, got.Fault.Kind)
		})
	}
	one.Staple = sign(c, tlstest.Status{RevokedAt: ago(5), Reason: ocsp.KeyCompromise, ThisUpdate: ago(3), NextUpdate: ago(-3)})
	got := ReadChain(one, "localhost", Roots{Pool: root.Pool()}, now).Staple
	assert.WithinDuration(t, now, got.ProducedAt, 2*time.Minute)
	got.ProducedAt = time.Time{}
	assert.Equal(t, &OCSP{
		Status: "revoked", Serial: c.SerialNumber.Text(16), Matches: true, Signed: true, RevokedAt: ago(5), Reason: "keyCompromise",
		ThisUpdate: ago(3), NextUpdate: ago(-3),
	}, got)
}

func TestStapleWithoutIssuer(t *testing.T) {
	ca := tlstest.NewCA("root")
	p := presentedBy(ca, tlstest.Leaf{})
	assert.Nil(t, ReadChain(p, "localhost", trusting(), time.Now()).Staple, "none came")
	p.Staple = ca.OCSP(p.Certificates[0], tlstest.Status{})
	got := ReadChain(p, "localhost", trusting(), time.Now()).Staple
	assert.True(t, got.Matches)
	assert.False(t, got.Signed)
	assert.True(t, got.Fault.Of(probes.Prohibited))
	p.Certificates = append(p.Certificates, ca.Certificate)
	assert.True(t, ReadChain(p, "localhost", trusting(), time.Now()).Staple.Signed, "the issuer was sent, if not trusted")
}

func TestReasonNames(t *testing.T) {
	for reason, want := range map[int]string{
		-1: "reason -1", 0: "unspecified", 2: "cACompromise", 7: "reason 7", 8: "removeFromCRL", 10: "aACompromise", 11: "reason 11",
	} {
		assert.Equal(t, want, reasonName(reason))
	}
}

func TestTimestamps(t *testing.T) {
	root := tlstest.NewCA("root")
	at := func(day int) time.Time { return time.Date(2026, 3, day, 1, 2, 3, 4e6, time.UTC) }
	p := presentedBy(root, tlstest.Leaf{Logged: []time.Time{at(1), at(2)}})
	p.SCTs = [][]byte{tlstest.Timestamp(at(3)), nil, {1}, tlstest.Timestamp(at(3))[:40], append([]byte{9}, tlstest.Timestamp(at(3))[1:]...)}
	const log = "1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d"
	want := []SCT{
		{Log: log, Time: at(1), Source: "certificate", Signed: true}, {Log: log, Time: at(2), Source: "certificate", Signed: true},
		{Log: log, Time: at(3), Source: "handshake"},
	}
	assert.Equal(t, want, ReadChain(p, "localhost", Roots{Pool: root.Pool()}, time.Now()).SCTs)
	before := ReadChain(p, "localhost", Roots{Pool: root.Pool()}, at(1).AddDate(-50, 0, 0))
	assert.Equal(t, ExpiredIssuer, before.Trust.Reason, "a clock that is 50 years slow")
	assert.Equal(t, want, before.SCTs, "a trusted CA says that the clock is slow")
	for i := range want {
		want[i].Signed = false
	}
	assert.Equal(t, want, ReadChain(p, "localhost", trusting(), time.Now()).SCTs, "anybody may have written these")
}

func TestTimestampsOfTheStaple(t *testing.T) {
	root := tlstest.NewCA("root")
	p := presentedBy(root, tlstest.Leaf{Logged: []time.Time{time.UnixMilli(1)}})
	embedded := extensionOf(p.Certificates[0].Extensions, asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 2})
	stapled := pkix.Extension{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11129, 2, 4, 5}, Value: embedded}
	p.Staple = root.OCSP(p.Certificates[0], tlstest.Status{Extensions: []pkix.Extension{stapled}})
	got := ReadChain(p, "localhost", Roots{Pool: root.Pool()}, time.Now()).SCTs
	require.Len(t, got, 2)
	assert.Equal(t, SCT{Log: got[0].Log, Time: time.UnixMilli(1).UTC(), Source: "staple"}, got[1])
}

func TestThousandTimestamps(t *testing.T) {
	p := presentedBy(tlstest.NewCA("root"), tlstest.Leaf{Logged: make([]time.Time, 1000)})
	assert.Empty(t, ReadChain(p, "localhost", trusting(), time.Now()).SCTs, "of the year 1, which is none that counts")
	p = presentedBy(tlstest.NewCA("root"), tlstest.Leaf{Logged: append(make([]time.Time, 3), manyTimes(1000)...)})
	assert.Len(t, ReadChain(p, "localhost", trusting(), time.Now()).SCTs, MaxSCTs-3)
}

func manyTimes(n int) (all []time.Time) {
	for i := range n {
		all = append(all, time.UnixMilli(int64(i)))
	}
	return all
}
