package dns

import (
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/net/dns/dnsmessage"

	"github.com/rung-cli/rung/probes"
)

func aQuery(qtype dnsmessage.Type) dnsmessage.Message {
	name := dnsmessage.MustNewName("ftp.example.")
	return dnsmessage.Message{Questions: []dnsmessage.Question{{Name: name, Type: qtype, Class: dnsmessage.ClassINET}}}
}

func TestReadAnswer(t *testing.T) {
	chain := func(n int) (records []dnsmessage.Resource) {
		owner := "ftp.example."
		for i := range n {
			next := fmt.Sprintf("a%d.example.", i)
			records = append(records, alias(owner, next))
			owner = next
		}
		return append(records, address(owner, "192.0.2.1"))
	}
	backwards := func(records []dnsmessage.Resource) []dnsmessage.Resource {
		slices.Reverse(records)
		return records
	}
	chaos := address("ftp.example.", "192.0.2.66")
	chaos.Header.Class = dnsmessage.ClassCHAOS
	tests := []struct {
		name    string
		records []dnsmessage.Resource
		addrs   []netip.Addr
		aliases int
	}{
		{"addresses in the server's order", []dnsmessage.Resource{address("ftp.example.", "192.0.2.2"), address("ftp.example.", "192.0.2.1")},
			addrs("192.0.2.2", "192.0.2.1"), 0},
		{"the same address twice", []dnsmessage.Resource{address("ftp.example.", "192.0.2.2"), address("ftp.example.", "192.0.2.2")},
			addrs("192.0.2.2"), 0},
		{"both families", []dnsmessage.Resource{address("ftp.example.", "2001:db8::1"), address("ftp.example.", "::ffff:192.0.2.1")},
			addrs("2001:db8::1", "192.0.2.1"), 0},
		{"another case", []dnsmessage.Resource{address("FTP.Example.", "192.0.2.1")}, addrs("192.0.2.1"), 0},
		{"another name's address", []dnsmessage.Resource{address("www.example.", "192.0.2.1")}, nil, 0},
		{"another class", []dnsmessage.Resource{chaos}, nil, 0},
		{"an alias", chain(1), addrs("192.0.2.1"), 1},
		{"aliases out of order", backwards(chain(3)), addrs("192.0.2.1"), 3},
		{"as many aliases as are followed", chain(maxAliases), addrs("192.0.2.1"), maxAliases},
		{"one alias more", chain(maxAliases + 1), nil, maxAliases},
		{"an alias of itself", []dnsmessage.Resource{alias("ftp.example.", "ftp.example.")}, nil, 1},
		{"a loop of two", []dnsmessage.Resource{alias("ftp.example.", "a.example."), alias("a.example.", "FTP.example.")}, nil, 2},
		{"an alias to nothing", []dnsmessage.Resource{alias("ftp.example.", "a.example.")}, nil, 1},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			a := Answer{Name: "ftp.example."}
			a.read(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeSuccess, test.records...))
			assert.Nil(t, a.Fault)
			assert.Equal(t, "NOERROR", a.Code)
			assert.Equal(t, test.addrs, a.Addresses)
			assert.Len(t, a.Aliases, test.aliases)
		})
	}
}

func TestReadNegativeAnswer(t *testing.T) {
	a := Answer{Name: "ftp.example."}
	a.read(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeNameError, soa("example.")))
	assert.Equal(t, "NXDOMAIN", a.Code)
	assert.Equal(t, "example. ns1.example.", a.SOA)
	assert.Nil(t, a.Fault)
}

func TestReadExtendedErrors(t *testing.T) {
	option := func(code uint16, data string) dnsmessage.Option {
		return dnsmessage.Option{Code: code, Data: []byte(data)}
	}
	a := Answer{Name: "ftp.example."}
	a.read(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeServerFailure, opt(0,
		option(10, "cookie"), option(extendedErrorOption, "\x00\x06no signature\x00"), option(extendedErrorOption, "\x00\x16"),
		option(extendedErrorOption, "\xc0\x00private"), option(extendedErrorOption, "\x00"),
	)))
	assert.Equal(t, "SERVFAIL", a.Code)
	assert.Equal(t, []string{"6 DNSSEC Bogus: no signature", "22 No Reachable Authority", "49152: private"}, a.Extended)
}

func TestReadExtendedCode(t *testing.T) {
	for code, want := range map[dnsmessage.RCode]string{16: "BADVERS", 23: "BADCOOKIE", 17: "RCODE17", 0: "NOERROR"} {
		a := Answer{Name: "ftp.example."}
		a.read(reply(aQuery(dnsmessage.TypeA), code&0xf, opt(code)))
		assert.Equal(t, want, a.Code)
	}
}

func TestReadBounds(t *testing.T) {
	var many []dnsmessage.Resource
	for i := range 2 * maxRecords {
		many = append(many, address("ftp.example.", netip.AddrFrom4([4]byte{10, 0, byte(i >> 8), byte(i)}).String()))
	}
	var options []dnsmessage.Option
	for range 2 * maxExtended {
		options = append(options, dnsmessage.Option{Code: extendedErrorOption, Data: append([]byte{0, 0}, strings.Repeat("x", 2*probes.MaxText)...)})
	}
	a := Answer{Name: "ftp.example."}
	a.read(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeSuccess, append(many, opt(0, options...))...))
	assert.Nil(t, a.Fault)
	assert.Len(t, a.Addresses, maxRecords)
	require.Len(t, a.Extended, maxExtended, "what follows the answers is read")
	assert.LessOrEqual(t, len(a.Extended[0]), probes.MaxText)
}

func TestReadMalformed(t *testing.T) {
	whole := reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeSuccess, address("ftp.example.", "192.0.2.1"), address("ftp.example.", "192.0.2.2"))
	wrongLength := slices.Clone(whole)
	wrongLength[len(wrongLength)-5]-- // the length of the last address
	for name, message := range map[string][]byte{"breaks off": whole[:len(whole)-1], "an address of three bytes": wrongLength} {
		a := Answer{Name: "ftp.example."}
		a.read(message)
		assert.True(t, a.Fault.Of(probes.Malformed), name)
		assert.Equal(t, "NOERROR", a.Code, name)
		assert.Equal(t, addrs("192.0.2.1"), a.Addresses, name)
	}
}

func TestNextQuestion(t *testing.T) {
	udp := question{transport: "udp", name: "ftp.example.", edns: true}
	tests := []struct {
		name   string
		q      question
		answer Answer
		want   question
	}{
		{"an answer", udp, Answer{Transport: "udp", Code: "NOERROR"}, question{}},
		{"no such name", udp, Answer{Transport: "udp", Code: "NXDOMAIN"}, question{}},
		{"truncated", udp, Answer{Transport: "udp", Code: "NOERROR", Truncated: true}, question{transport: "tcp", name: "ftp.example.", edns: true}},
		{"truncated over TCP", udp, Answer{Transport: "tcp", Code: "NOERROR", Truncated: true}, question{}},
		{"not implemented", udp, Answer{Transport: "udp", Code: "NOTIMP"}, question{transport: "udp", name: "ftp.example."}},
		{"not implemented, without EDNS", question{transport: "udp"}, Answer{Transport: "udp", Code: "NOTIMP"}, question{}},
		{"fails over TCP, where UDP was silent", udp, Answer{Transport: "tcp", Code: "SERVFAIL"},
			question{transport: "tcp", name: "ftp.example.", edns: true, checkingDisabled: true}},
		{"fails unchecked too", question{transport: "udp", checkingDisabled: true}, Answer{Transport: "udp", Code: "SERVFAIL"}, question{}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			next, more := test.q.next(test.answer)
			assert.Equal(t, test.want, next)
			assert.Equal(t, test.want != question{}, more)
		})
	}
}

func TestQueryOnTheWire(t *testing.T) {
	raw, err := question{name: "ftp.example.", qtype: dnsmessage.TypeAAAA, edns: true, checkingDisabled: true}.pack()
	require.NoError(t, err)
	var query dnsmessage.Message
	require.NoError(t, query.Unpack(raw))
	assert.True(t, query.RecursionDesired)
	assert.True(t, query.CheckingDisabled)
	assert.Equal(t, aQuery(dnsmessage.TypeAAAA).Questions, query.Questions)
	require.Len(t, query.Additionals, 1)
	assert.Equal(t, dnsmessage.Class(udpPayload), query.Additionals[0].Header.Class, "the size of UDP answers")
}

func FuzzAnswer(f *testing.F) {
	query := pack(aQuery(dnsmessage.TypeA))
	f.Add(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeSuccess, alias("ftp.example.", "a.example."), address("a.example.", "192.0.2.1")))
	f.Add(reply(aQuery(dnsmessage.TypeA), dnsmessage.RCodeNameError, soa("example."), opt(0, dnsmessage.Option{Code: 15, Data: []byte{0, 6, 'x'}})))
	f.Add([]byte("220 this is not DNS\r\n"))
	f.Fuzz(func(t *testing.T, message []byte) {
		if isReply(query, message) {
			require.NotEmpty(t, message)
		}
		a := Answer{Name: "ftp.example."}
		a.read(message)
		assert.True(t, a.Code != "" || a.Fault.Of(probes.Malformed))
		assert.LessOrEqual(t, len(a.Aliases), maxAliases)
		assert.LessOrEqual(t, len(a.Addresses), maxRecords)
		assert.LessOrEqual(t, len(a.Extended), maxExtended)
		for _, text := range append(append([]string{a.SOA}, a.Aliases...), a.Extended...) {
			assert.LessOrEqual(t, len(text), probes.MaxText)
		}
		written, err := json.Marshal(a)
		require.NoError(t, err)
		var again Answer
		require.NoError(t, json.Unmarshal(written, &again))
		assert.Equal(t, a, again)
	})
}
