package dns

import (
	"bytes"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestDnsmasq asks a real server on loopback.
func TestDnsmasq(t *testing.T) {
	program := "/usr/sbin/dnsmasq"
	if _, err := os.Stat(program); err != nil {
		skip := t.Skipf
		if os.Getenv("CI") == "true" {
			skip = t.Fatalf
		}
		skip("dnsmasq is not here: apt-get install dnsmasq-base")
	}
	server := startDnsmasq(t, program,
		"--host-record=ftp.example,203.0.113.5,2001:db8::5", "--cname=www.example,ftp.example", "--local=/example/",
		"--host-record=only4.example,203.0.113.4")
	tests := []struct {
		name string
		want []string
	}{
		{"ftp.example.", []string{"udp ftp.example. A NOERROR 203.0.113.5", "udp ftp.example. AAAA NOERROR 2001:db8::5"}},
		{"www.example.", []string{"udp www.example. A NOERROR 203.0.113.5", "udp www.example. AAAA NOERROR 2001:db8::5"}},
		{"only4.example.", []string{"udp only4.example. A NOERROR 203.0.113.4", "udp only4.example. AAAA NOERROR"}},
		{"none.example.", []string{"udp none.example. A NXDOMAIN", "udp none.example. AAAA NXDOMAIN"}},
		{"ftp.elsewhere.", []string{"udp ftp.elsewhere. A REFUSED", "udp ftp.elsewhere. AAAA REFUSED"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := measureAt(t, server, test.name, Options{Timeout: wait})
			assert.Equal(t, test.want, lines(got))
		})
	}
	overTCP, err := exchangeOnce(t, "tcp", server, "ftp.example.")
	require.NoError(t, err)
	assert.Equal(t, "tcp ftp.example. A NOERROR 203.0.113.5", in(overTCP))
}

// startDnsmasq runs the server on a free port of loopback and returns when it answers.
func startDnsmasq(t *testing.T, program string, options ...string) netip.AddrPort {
	t.Helper()
	udp, tcp := listenBoth(t)
	server := udp.LocalAddr().(interface{ AddrPort() netip.AddrPort }).AddrPort()
	_, _ = udp.Close(), tcp.Close()
	var output bytes.Buffer
	command := exec.CommandContext(t.Context(), program, append([]string{
		"--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--user=", "--group=", "--pid-file=",
		"--log-facility=-", "--bind-interfaces", "--listen-address=127.0.0.1", "--port=" + strconv.Itoa(int(server.Port())),
	}, options...)...)
	command.Stderr = &output
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill(); _ = command.Wait() })
	require.Eventually(t, func() bool {
		_, err := exchangeOnce(t, "udp", server, "ftp.example.")
		return err == nil
	}, wait, 20*time.Millisecond, "dnsmasq does not answer: %s", &output)
	return server
}
