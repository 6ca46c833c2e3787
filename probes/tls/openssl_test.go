package tls

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// pemFiles writes certificates and keys where openssl finds them: as server.pem (ECDSA), rsa.pem and client.pem.
func pemFiles(t *testing.T) string {
	t.Helper()
	folder := t.TempDir()
	for name, certificate := range map[string]tls.Certificate{
		"server.pem": serverConfig(nil).Certificates[0], "rsa.pem": rsaCertificate(), "client.pem": *clientCertificate(),
	} {
		var text bytes.Buffer
		for _, der := range certificate.Certificate {
			require.NoError(t, pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
		}
		key, err := x509.MarshalPKCS8PrivateKey(certificate.PrivateKey)
		require.NoError(t, err)
		require.NoError(t, pem.Encode(&text, &pem.Block{Type: "PRIVATE KEY", Bytes: key}))
		require.NoError(t, os.WriteFile(filepath.Join(folder, name), text.Bytes(), 0o600))
	}
	return folder
}

// openssl prepares a program that ends with the test.
func openssl(t *testing.T, folder string, arguments ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, "openssl", arguments...)
	command.Dir = folder
	return command
}

// serveOpenSSL runs openssl s_server until the test ends, and tells its address. It writes what -msg tells to server.txt.
func serveOpenSSL(t *testing.T, folder string, arguments ...string) string {
	t.Helper()
	listening := []string{"s_server", "-accept", "127.0.0.1:0", "-www", "-msg", "-msgfile", "server.txt"}
	command := openssl(t, folder, append(listening, arguments...)...)
	output, err := command.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, command.Start())
	var running sync.WaitGroup
	t.Cleanup(func() {
		_ = command.Process.Kill()
		running.Wait()
		_ = command.Wait()
	})
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		if address, ok := strings.CutPrefix(lines.Text(), "ACCEPT "); ok {
			running.Go(func() { _, _ = io.Copy(io.Discard, output) })
			return address
		}
	}
	require.Fail(t, "s_server does not listen", "%v", arguments)
	return ""
}

// relay stands between a client and a server and records what passes.
type relay struct {
	listener net.Listener
	running  sync.WaitGroup
	mu       sync.Mutex
	segments []Segment
	grown    chan struct{} // holds a value when there is more
}

// newRelay starts a relay for one connection to a server.
func newRelay(t *testing.T, server string) *relay {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	r := &relay{listener: listener, grown: make(chan struct{}, 1)}
	r.running.Go(func() {
		defer func() { _ = listener.Close() }()
		client, err := listener.Accept()
		if err != nil {
			return
		}
		defer func() { _ = client.Close() }()
		upstream, err := net.Dial("tcp", server)
		if err != nil {
			return
		}
		defer func() { _ = upstream.Close() }()
		_, _ = client.SetDeadline(time.Now().Add(patience)), upstream.SetDeadline(time.Now().Add(patience))
		var back sync.WaitGroup
		back.Go(func() { r.pass(client, upstream, true) })
		r.pass(upstream, client, false)
		back.Wait()
	})
	t.Cleanup(func() {
		_ = listener.Close()
		r.running.Wait()
	})
	return r
}

// pass records what comes before it passes it on, and what cannot be passed on any more as well.
func (r *relay) pass(to, from net.Conn, fromServer bool) {
	piece := make([]byte, 4096)
	for {
		n, err := from.Read(piece)
		if n > 0 {
			r.mu.Lock()
			r.segments = append(r.segments, Segment{FromServer: fromServer, Bytes: slices.Clone(piece[:n])})
			r.mu.Unlock()
			_, _ = to.Write(piece[:n])
			select {
			case r.grown <- struct{}{}:
			default:
			}
		}
		if err != nil {
			_ = to.(*net.TCPConn).CloseWrite()
			return
		}
	}
}

func (r *relay) recorded() []Segment {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.segments)
}

// await waits until the client has sent a message that many times.
func (r *relay) await(t *testing.T, keyLog, name string, times int) {
	t.Helper()
	for timeout := time.After(patience); ; {
		secrets, _ := os.ReadFile(keyLog)
		sent := 0
		for _, m := range Decode(r.recorded(), secrets).Messages {
			if m.From == "client" && m.Name == name {
				sent++
			}
		}
		if sent >= times {
			return
		}
		select {
		case <-r.grown:
		case <-timeout:
			require.Fail(t, "the client did not send it", name)
		}
	}
}

// exchange is what openssl s_client and s_server are told to do.
type exchange struct {
	server, client string
	command        string // of s_client, and the message to wait for then
	sent           string
	times          int
	blind          bool // alerts behind the ChangeCipherSpec cannot be read: the suite is no AEAD one
	resume         bool // a second time, with the session of the first
	stops          bool // the client reads no further than the message that it objects to
	contains       string
}

const request = "GET / HTTP/1.0\r\n\r\n"

// run lets s_client speak with a server through a relay, and returns what crossed the wire, the key log and what -msg told.
func (e exchange) run(t *testing.T, folder, server string, arguments ...string) (segments []Segment, keyLog, told []byte) {
	t.Helper()
	r := newRelay(t, server)
	log, messages := filepath.Join(folder, "keys.txt"), filepath.Join(folder, "client.txt")
	_, _ = os.Remove(log), os.Remove(messages)
	client := openssl(t, folder, slices.Concat([]string{"s_client", "-connect", r.listener.Addr().String(), "-msg", "-msgfile", messages,
		"-keylogfile", log}, arguments, strings.Fields(e.client))...)
	input, err := client.StdinPipe()
	require.NoError(t, err)
	require.NoError(t, client.Start())
	if e.command != "" {
		_, _ = io.WriteString(input, e.command+"\n")
		r.await(t, log, e.sent, e.times)
	}
	_, _ = io.WriteString(input, request) // a handshake that fails does not need it
	_ = client.Wait()
	r.running.Wait()
	keyLog, _ = os.ReadFile(log)
	told, err = os.ReadFile(messages)
	require.NoError(t, err)
	return r.recorded(), keyLog, told
}

var toldMessage = regexp.MustCompile(`^(<<<|>>>) .*?, (RecordHeader|Handshake|Alert|ChangeCipherSpec) \[length ([0-9a-f]+)\](?:, (.*))?$`)

// told is one message as -msg prints it.
type told struct {
	sent       bool
	kind, name string
	length     int
	raw        []byte
}

// readTold reads the messages that -msg prints, with the bytes below each. A change of cipher that TLS 1.3 ignores is there as the
// header of its record alone.
func readTold(t *testing.T, text []byte) (all []told) {
	t.Helper()
	for line := range strings.Lines(string(text)) {
		if parts := toldMessage.FindStringSubmatch(strings.TrimSpace(line)); parts != nil {
			length, err := strconv.ParseUint(parts[3], 16, 32)
			require.NoError(t, err)
			all = append(all, told{sent: parts[1] == ">>>", kind: parts[2], name: parts[4], length: int(length)})
			continue
		}
		if strings.HasPrefix(line, "<<<") || strings.HasPrefix(line, ">>>") {
			all = append(all, told{kind: "other"})
			continue
		}
		last := &all[len(all)-1]
		last.raw = append(last.raw, unhex(strings.ReplaceAll(strings.TrimSpace(line), " ", ""))...)
	}
	return all
}

// toldNames are the messages as -msg prints them, sent and received.
func toldNames(t *testing.T, text []byte, blind bool) (sent, received []string) {
	t.Helper()
	all := readTold(t, text)
	for i, m := range all {
		var name string
		switch m.kind {
		case "Handshake":
			name = m.name
			if len(m.raw) > 38 && [randomLength]byte(m.raw[6:]) == retryRandom {
				name = "HelloRetryRequest"
			}
		case "Alert":
			name = "Alert"
			if !blind {
				name = fmt.Sprintf("Alert %v", m.raw)
			}
		case "ChangeCipherSpec":
			name = "ChangeCipherSpec"
		case "RecordHeader":
			if m.raw[0] != recordChangeCipherSpec || i+1 < len(all) && all[i+1].kind == "ChangeCipherSpec" {
				continue
			}
			name, m.length = "ChangeCipherSpec", changeSize // in a renegotiation, its record is encrypted
		default:
			continue
		}
		name = fmt.Sprint(name, " ", m.length)
		if m.sent {
			sent = append(sent, name)
		} else {
			received = append(received, name)
		}
	}
	return sent, received
}

// decodedNames are the messages in the same form.
func decodedNames(messages []Message, blind bool) (client, server []string) {
	for _, m := range messages {
		name := m.Name
		if m.Alert != nil && !blind {
			name = fmt.Sprintf("Alert [%d %d]", m.Alert.Level, m.Alert.Description)
		}
		name = fmt.Sprint(name, " ", m.Size)
		if m.From == "client" {
			client = append(client, name)
		} else {
			server = append(server, name)
		}
	}
	return client, server
}

const weak = " -cipher ALL:@SECLEVEL=0"

var exchanges = map[string]exchange{
	"TLS 1.3, AES-128": {
		server: "-tls1_3", client: "-ciphersuites TLS_AES_128_GCM_SHA256", contains: "NewSessionTicket",
	},
	"TLS 1.3, AES-256": {
		server: "-tls1_3", client: "-ciphersuites TLS_AES_256_GCM_SHA384", contains: "NewSessionTicket",
	},
	"TLS 1.3, ChaCha20": {
		server: "-tls1_3", client: "-ciphersuites TLS_CHACHA20_POLY1305_SHA256", contains: "NewSessionTicket",
	},
	"TLS 1.3, RSA key": {server: "-tls1_3 -cert rsa.pem", contains: "CertificateVerify"},
	"TLS 1.3, ALPN, SNI": {
		server: "-alpn ftp", client: "-alpn ftp,http/1.1 -servername localhost", contains: "EncryptedExtensions",
	},
	"TLS 1.3, no middlebox mode": {server: "-tls1_3 -no_middlebox", client: "-no_middlebox", contains: "NewSessionTicket"},
	"TLS 1.3, padded records": {
		server: "-tls1_3 -record_padding 512", client: "-record_padding 300", contains: "NewSessionTicket",
	},
	"TLS 1.3, small records": {
		server: "-tls1_3 -max_send_frag 512", client: "-max_send_frag 512", contains: "NewSessionTicket",
	},
	"TLS 1.3, another group": {server: "-groups P-256", client: "-groups X25519:P-256", contains: "HelloRetryRequest"},
	"TLS 1.3, another group, small records": {
		server: "-groups P-256 -max_send_frag 512", client: "-groups X25519:P-256", contains: "HelloRetryRequest",
	},
	"TLS 1.3, resumption": {server: "-tls1_3", resume: true, contains: "NewSessionTicket"},
	"TLS 1.3, resumption, another group": {
		server: "-groups P-256", client: "-groups X25519:P-256", resume: true, contains: "HelloRetryRequest",
	},
	"TLS 1.3, key update":                 {server: "-tls1_3", command: "K", sent: "KeyUpdate", times: 1, contains: "KeyUpdate"},
	"TLS 1.3, client certificate":         {server: "-tls1_3 -Verify 1", client: "-cert client.pem", contains: "CertificateRequest"},
	"TLS 1.3, client certificate missing": {server: "-tls1_3 -Verify 1", contains: "Alert [2 116]"},
	"TLS 1.3, client certificate rejected": {
		server: "-tls1_3 -Verify 1 -verify_return_error", client: "-cert client.pem", contains: "Alert [2",
	},
	"TLS 1.3, server certificate rejected": {server: "-tls1_3", client: "-verify_return_error", stops: true, contains: "Alert [2"},

	"TLS 1.2, ECDHE, AES-128": {
		server: "-tls1_2", client: "-cipher ECDHE-ECDSA-AES128-GCM-SHA256", contains: "ServerKeyExchange",
	},
	"TLS 1.2, ECDHE, AES-256": {
		server: "-tls1_2", client: "-cipher ECDHE-ECDSA-AES256-GCM-SHA384", contains: "ServerKeyExchange",
	},
	"TLS 1.2, ECDHE, ChaCha20": {
		server: "-tls1_2", client: "-cipher ECDHE-ECDSA-CHACHA20-POLY1305", contains: "ServerKeyExchange",
	},
	"TLS 1.2, ECDHE, CBC": {
		server: "-tls1_2", client: "-cipher ECDHE-ECDSA-AES128-SHA", blind: true, contains: "ServerKeyExchange",
	},
	"TLS 1.2, DHE": {
		server: "-tls1_2 -cert rsa.pem", client: "-cipher DHE-RSA-AES128-GCM-SHA256", contains: "ServerKeyExchange",
	},
	"TLS 1.2, RSA key exchange": {
		server: "-tls1_2 -cert rsa.pem", client: "-cipher AES256-GCM-SHA384", contains: "ClientKeyExchange",
	},
	"TLS 1.2, anonymous": {
		server: "-tls1_2 -nocert" + weak, client: "-cipher ADH-AES128-GCM-SHA256:@SECLEVEL=0", contains: "ServerKeyExchange",
	},
	"TLS 1.2, small records": {server: "-tls1_2 -max_send_frag 512", contains: "ServerKeyExchange"},
	"TLS 1.2, resumption":    {server: "-tls1_2", resume: true, contains: "Finished"},
	"TLS 1.2, resumption by ID": {
		server: "-tls1_2 -no_ticket", client: "-tls1_2 -no_ticket", resume: true, contains: "Finished",
	},
	"TLS 1.2, renegotiation": {
		server: "-tls1_2 -client_renegotiation", command: "R", sent: "Finished", times: 2, contains: "ClientKeyExchange",
	},
	"TLS 1.2, client certificate":         {server: "-tls1_2 -Verify 1", client: "-cert client.pem", contains: "CertificateVerify"},
	"TLS 1.2, client certificate missing": {server: "-tls1_2 -Verify 1", contains: "Alert [2 40]"},
	"TLS 1.2, client certificate rejected": {
		server: "-tls1_2 -Verify 1 -verify_return_error", client: "-cert client.pem", contains: "Alert [2",
	},
	"TLS 1.2, server certificate rejected": {server: "-tls1_2", client: "-verify_return_error", stops: true, contains: "Alert [2"},
	"TLS 1.2, name unknown, a warning": {
		server: "-tls1_2 -servername good.example -cert2 rsa.pem -key2 rsa.pem", client: "-servername other.example", contains: "Alert [1 112]",
	},
	"TLS 1.2, name unknown": {
		server: "-tls1_2 -servername good.example -cert2 rsa.pem -key2 rsa.pem -servername_fatal", client: "-servername other.example", contains: "Alert [2 112]",
	},
	"TLS 1.1": {
		server: "-tls1_1" + weak, client: "-tls1_1" + weak, blind: true, contains: "ServerKeyExchange",
	},
	"TLS 1.0": {server: "-tls1" + weak, client: "-tls1" + weak, blind: true, contains: "ServerKeyExchange"},
	"TLS 1.0, client certificate": {
		server: "-tls1 -Verify 1" + weak, client: "-tls1 -cert client.pem" + weak, blind: true, contains: "CertificateVerify",
	},
	"no version in common":  {server: "-tls1_3", client: "-tls1_2", contains: "Alert [2 70]"},
	"no suite in common":    {server: "-tls1_2 -cipher AES128-SHA", client: "-cipher AES256-SHA", contains: "Alert [2 40]"},
	"no protocol in common": {server: "-alpn ftp", client: "-alpn http/1.1", contains: "Alert"},
}

// Our decoder, in the middle, and openssl's own client tell of the same messages.
func TestDecodedMessagesAreThoseOfOpenSSL(t *testing.T) {
	needOpenSSL(t)
	for name, e := range exchanges {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := pemFiles(t)
			server := serveOpenSSL(t, folder, slices.Concat([]string{"-cert", "server.pem"}, strings.Fields(e.server))...)
			var session []string
			if e.resume {
				_, _, _ = e.run(t, folder, server, "-sess_out", "session.txt")
				session = []string{"-sess_in", "session.txt"}
			}
			segments, keyLog, told := e.run(t, folder, server, session...)
			wantClient, wantServer := toldNames(t, told, e.blind)
			for _, raw := range [][]Segment{segments, byteByByte(segments)} {
				said := Decode(raw, keyLog)
				client, server := decodedNames(said.Messages, e.blind)
				if e.stops {
					server = server[:min(len(wantServer), len(server))]
				}
				assert.Equal(t, wantClient, client)
				assert.Equal(t, wantServer, server)
				assert.Contains(t, strings.Join(append(client, server...), ", "), e.contains)
				if e.resume {
					assert.Equal(t, []bool{true, true}, lastTwo(resumes(said.Messages)))
				}
			}
		})
	}
}

func lastTwo(all []bool) []bool { return all[max(0, len(all)-2):] }

// What Shake tells is what openssl's server tells, up to where the handshake ends.
func TestShakeTellsWhatOpenSSLTells(t *testing.T) {
	needOpenSSL(t)
	for name, test := range map[string]struct {
		server  string
		options Options
		alert   string
	}{
		"TLS 1.3":                             {"-tls1_3", Options{}, ""},
		"TLS 1.3, another group":              {"-groups P-384", Options{}, ""},
		"TLS 1.3, client certificate":         {"-tls1_3 -Verify 1", Options{Certificate: clientCertificate()}, ""},
		"TLS 1.3, client certificate missing": {"-tls1_3 -Verify 1", Options{}, "certificate_required"},
		"TLS 1.2":                             {"-tls1_2", Options{}, ""},
		"TLS 1.2, client certificate":         {"-tls1_2 -Verify 1", Options{Certificate: clientCertificate()}, ""},
		"TLS 1.2, client certificate missing": {"-tls1_2 -Verify 1", Options{}, "handshake_failure"},
		"TLS 1.0":                             {"-tls1" + weak, Options{MinVersion: tls.VersionTLS10}, ""},
		"TLS 1.0, not offered":                {"-tls1" + weak, Options{}, "protocol_version"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := pemFiles(t)
			address := serveOpenSSL(t, folder, slices.Concat([]string{"-cert", "server.pem"}, strings.Fields(test.server))...)
			conn, err := net.Dial("tcp", address)
			require.NoError(t, err)
			require.NoError(t, conn.SetDeadline(time.Now().Add(patience)))
			test.options.Wait, test.options.Await = patience, true
			seen, secured := Shake(t.Context(), conn, test.options)
			if secured != nil {
				_, _ = io.WriteString(secured, request)
				_, _ = io.Copy(io.Discard, secured)
				_ = secured.CloseWrite()
			}
			_, _ = io.Copy(io.Discard, conn) // until the server has closed, and written all
			require.NoError(t, conn.Close())
			told, err := os.ReadFile(filepath.Join(folder, "server.txt"))
			require.NoError(t, err)
			sent, received := toldNames(t, told, false)
			client, server := decodedNames(seen.Messages, false)
			assert.Equal(t, test.alert == "", seen.Fault == nil)
			assert.Equal(t, sent[:min(len(server), len(sent))], server)
			if test.alert != "" { // the server reads no further than the message that it objects to
				assert.Equal(t, test.alert, seen.Alert.Name)
				client = client[:min(len(received), len(client))]
			}
			assert.Equal(t, received[:min(len(client), len(received))], client)
			assert.NotEmpty(t, client)
			assert.NotEmpty(t, server)
		})
	}
}
