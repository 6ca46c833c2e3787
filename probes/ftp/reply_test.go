package ftp

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
)

// replies227 are texts of replies to PASV; "" is one that has no address and port in it.
var replies227 = map[string]struct{ text, want string }{
	"vsftpd":                            {"Entering Passive Mode (192,0,2,1,195,80).", "192.0.2.1:50000"},
	"ProFTPD":                           {"Entering Passive Mode (192,0,2,1,195,80).", "192.0.2.1:50000"},
	"Pure-FTPd":                         {"Entering Passive Mode (192,0,2,1,195,80)", "192.0.2.1:50000"},
	"FileZilla":                         {"Entering Passive Mode (192,0,2,1,195,80)", "192.0.2.1:50000"},
	"IIS":                               {"Entering Passive Mode (192,0,2,1,195,80).", "192.0.2.1:50000"},
	"wu-ftpd":                           {"Entering Passive Mode (192,0,2,1,195,80)", "192.0.2.1:50000"},
	"publicfile, without words":         {"=192,0,2,1,195,80", "192.0.2.1:50000"},
	"without parentheses":               {"Entering Passive Mode. 192,0,2,1,195,80", "192.0.2.1:50000"},
	"without parentheses, with a comma": {"Passive mode OK, 192,0,2,1,195,80,", "192.0.2.1:50000"},
	"other numbers before":              {"Session 12, mode 3: (192,0,2,1,195,80)", "192.0.2.1:50000"},
	"in a later line":                   {"Passive mode\n on this machine\n(192,0,2,1,195,80)", "192.0.2.1:50000"},
	"leading zeros":                     {"(192,000,002,001,195,080)", "192.0.2.1:50000"},
	"highest port":                      {"(192,0,2,1,255,255)", "192.0.2.1:65535"},
	"lowest port":                       {"(192,0,2,1,0,1)", "192.0.2.1:1"},
	"private address":                   {"(10,88,1,2,195,80)", "10.88.1.2:50000"},
	"unspecified address":               {"(0,0,0,0,195,80)", "0.0.0.0:50000"},
	"two of them":                       {"(192,0,2,1,195,80) (198,51,100,9,1,1)", "192.0.2.1:50000"},
	"a port above 65535 before another": {"(192,0,2,1,256,80) (192,0,2,1,195,80)", "192.0.2.1:50000"},
	"bytes that are not text around":    {"\x00\xff(192,0,2,1,195,80)\x1b[31m", "192.0.2.1:50000"},

	"empty":                    {"", ""},
	"parentheses reversed":     {"oops )(", ""},
	"nothing in parentheses":   {"Entering Passive Mode ()", ""},
	"commas alone":             {"(,,,,,)", ""},
	"port above 65535":         {"(192,0,2,1,256,0)", ""},
	"low byte above 255":       {"(192,0,2,1,195,256)", ""},
	"address byte above 255":   {"(300,0,2,1,195,80)", ""},
	"port 0":                   {"(192,0,2,1,0,0)", ""},
	"five numbers":             {"(192,0,2,1,195)", ""},
	"seven numbers":            {"(192,0,2,1,195,80,1)", ""},
	"a number missing":         {"(192,0,,1,195,80)", ""},
	"negative":                 {"(192,0,2,1,195,-80)", ""},
	"digits of another script": {"(١٩٢,٠,٢,١,١٩٥,٨٠)", ""},
	"NUL between":              {"(192,0,2,1\x00,195,80)", ""},
	"escape between":           {"(192,0,2,1,\x1b[31m195,80)", ""},
	"very many digits":         {strings.Repeat("9", 60000) + ",0,2,1,195,80", ""},
	"very many numbers":        {strings.Repeat("1,", 30000) + "1", ""},
	"as EPSV has it":           {"Entering Extended Passive Mode (|||50000|)", ""},
	"an address in dots":       {"192.0.2.1 port 50000", ""},
}

func TestParse227(t *testing.T) {
	for name, test := range replies227 {
		t.Run(name, func(t *testing.T) {
			announced, err := parse227(test.text)
			if test.want == "" {
				require.ErrorIs(t, err, errNo227)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, test.want, announced.String())
		})
	}
}

func Fuzz227(f *testing.F) {
	for _, reply := range replies227 {
		f.Add(reply.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		announced, err := parse227(text)
		if err != nil {
			require.Zero(t, announced.Port()) // nothing that could be taken for an answer
			return
		}
		require.True(t, announced.Addr().Is4())
		require.NotZero(t, announced.Port())
		h, p := announced.Addr().As4(), announced.Port()
		again, err := parse227(fmt.Sprintf("(%d,%d,%d,%d,%d,%d)", h[0], h[1], h[2], h[3], p>>8, p&0xff))
		require.NoError(t, err)
		require.Equal(t, announced, again)
	})
}

// replies229 are texts of replies to EPSV; 0 is one that has no port in it.
var replies229 = map[string]struct {
	text string
	want uint16
}{
	"vsftpd":                     {"Entering Extended Passive Mode (|||50000|).", 50000},
	"vsftpd, without the dot":    {"Entering Extended Passive Mode (|||50000|)", 50000},
	"ProFTPD":                    {"Entering Extended Passive Mode (|||50000|)", 50000},
	"Pure-FTPd":                  {"Extended Passive mode OK (|||50000|)", 50000},
	"FileZilla":                  {"Entering Extended Passive Mode (|||50000|)", 50000},
	"IIS":                        {"Entering Extended Passive Mode (|||50000|)", 50000},
	"another delimiter":          {"Entering Extended Passive Mode (!!!50000!)", 50000},
	"a parenthesis as delimiter": {"((((50000()", 50000},
	"other parentheses before":   {"Extended (RFC 2428) (a) (|||50000|)", 50000},
	"in a later line":            {"Extended\n(|||50000|)", 50000},
	"shortest":                   {"(|||1|)", 1},
	"highest":                    {"(|||65535|)", 65535},
	"one above 65535 before":     {"(|||65536|) (|||50000|)", 50000},

	"empty":                    {"", 0},
	"parentheses reversed":     {"oops )(", 0},
	"nothing in parentheses":   {"()", 0},
	"delimiters alone":         {"(||||)", 0},
	"never closed":             {"(|||50000|", 0},
	"never opened":             {"|||50000|)", 0},
	"above 65535":              {"(|||65536|)", 0},
	"very many digits":         {"(|||" + strings.Repeat("9", 60000) + "|)", 0},
	"0":                        {"(|||0|)", 0},
	"negative":                 {"(|||-1|)", 0},
	"with a sign":              {"(|||+50000|)", 0},
	"no number":                {"(|||port|)", 0},
	"last delimiter missing":   {"(|||50000)", 0},
	"a delimiter missing":      {"(||50000|)", 0},
	"delimiters differ":        {"(|!|50000|)", 0},
	"last delimiter differs":   {"(|||50000!)", 0},
	"blank as delimiter":       {"(   50000 )", 0},
	"NUL as delimiter":         {"(\x00\x00\x0050000\x00)", 0},
	"escape in the number":     {"(|||500\x1b00|)", 0},
	"an address in the reply":  {"(|1|192.0.2.1|50000|)", 0},
	"as PASV has it":           {"Entering Passive Mode (192,0,2,1,195,80)", 0},
	"very many parentheses":    {strings.Repeat("(", 60000), 0},
	"very many opened, one is": {strings.Repeat("(|||", 10000) + "1|)", 1},
}

func TestParse229(t *testing.T) {
	for name, test := range replies229 {
		t.Run(name, func(t *testing.T) {
			port, err := parse229(test.text)
			assert.Equal(t, test.want, port)
			assert.Equal(t, test.want == 0, errors.Is(err, errNo229))
		})
	}
}

func Fuzz229(f *testing.F) {
	for _, reply := range replies229 {
		f.Add(reply.text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		port, err := parse229(text)
		require.Equal(t, err != nil, port == 0)
		if err == nil {
			require.Contains(t, text, "(")
			again, err := parse229(fmt.Sprintf("(|||%d|)", port))
			require.NoError(t, err)
			require.Equal(t, port, again)
		}
	})
}

// told are texts in which servers tell the client's address, and others that look like it.
var told = map[string]struct{ text, want string }{
	"vsftpd's STAT": {"FTP server status:\n     Connected to 203.0.113.1\n     Logged in as ftp\n     TYPE: ASCII\n" +
		"     At session startup, client count was 1\nEnd of status", "203.0.113.1"},
	"vsftpd's STAT over IPv6":                    {"FTP server status:\n     Connected to 2001:db8::9\n", "2001:db8::9"},
	"vsftpd's STAT of IPv4 on a socket for both": {"FTP server status:\n     Connected to ::ffff:203.0.113.1\n", "203.0.113.1"},
	"ProFTPD's STAT": {"Status of 'Debian'\n Connected from 203.0.113.1 (203.0.113.1)\n Logged in as ftp\n" +
		" TYPE: ASCII, STRUcture: File, Mode: Stream\n No data connection\nEnd of status", "203.0.113.1"},
	"ProFTPD's STAT with a name": {"Status of 'Debian'\n Connected from client.example (203.0.113.1)\n", ""},
	"Pure-FTPd's refusal":        {"I won't open a connection to 192.168.1.2 (only to 203.0.113.1)", "203.0.113.1"},
	"wu-ftpd's STAT": {"server.example FTP server status:\n     Version wu-2.6.2\n     Connected to client.example (203.0.113.1)\n" +
		"     Logged in anonymously\n", ""},
	"in brackets":                  {"Connected from [2001:db8::9].", "2001:db8::9"},
	"in capitals":                  {"YOUR ADDRESS IS 203.0.113.1;", "203.0.113.1"},
	"your IP":                      {"Your IP is 203.0.113.1, welcome", "203.0.113.1"},
	"after a line that tells none": {"Connected to nobody\nconnected from 203.0.113.1", "203.0.113.1"},
	"the server's own as well":     {"Connected to 192.0.2.7\nConnected from 203.0.113.1", "203.0.113.1"},

	"empty":                   {"", ""},
	"the mark alone":          {"Connected to ", ""},
	"the server's own":        {"Connected to 192.0.2.7", ""},
	"the server's own, mixed": {"Connected to ::ffff:192.0.2.7", ""},
	"an address without mark": {"Server 203.0.113.1 ready", ""},
	"five numbers":            {"Connected to 203.0.113.1.5", ""},
	"a number above 255":      {"Connected to 203.0.113.256", ""},
	"NUL behind it":           {"Connected to 203.0.113.1\x00", ""},
	"escape behind it":        {"Connected to 203.0.113.1\x1b[31m", ""},
	"bytes that are not text": {"Connected to \xff\xfe", ""},
	"masked by a firewall":    {"Connected to ****", ""},
	"a zone with an escape":   {"Connected to fe80::9%\x1b[31m", "fe80::9"},
	"mapped, with a zone":     {"Connected to ::ffff:203.0.113.1%x", "203.0.113.1"},
}

func TestAddressTold(t *testing.T) {
	server := netip.MustParseAddr("192.0.2.7")
	for name, test := range told {
		t.Run(name, func(t *testing.T) {
			got := addressTold(test.text, server)
			if test.want == "" {
				assert.False(t, got.IsValid(), "%v", got)
				return
			}
			assert.Equal(t, netip.MustParseAddr(test.want), got)
		})
	}
}

func FuzzAddressTold(f *testing.F) {
	for _, text := range told {
		f.Add(text.text)
	}
	server := netip.MustParseAddr("192.0.2.7")
	f.Fuzz(func(t *testing.T, text string) {
		got := addressTold(text, server)
		require.NotEqual(t, server, got)
		require.Empty(t, got.Zone())
		require.False(t, got.Is4In6())
	})
}

// played is the connection to a server that says what it says, and takes every word.
type played struct {
	io.Reader
}

func (played) Write(p []byte) (int, error)      { return len(p), nil }
func (played) Close() error                     { return nil }
func (played) LocalAddr() net.Addr              { return nil }
func (played) RemoteAddr() net.Addr             { return nil }
func (played) SetDeadline(time.Time) error      { return nil }
func (played) SetReadDeadline(time.Time) error  { return nil }
func (played) SetWriteDeadline(time.Time) error { return nil }

// said is a session with a server that says these bytes and closes.
func said(raw []byte) *session {
	o := Options{Start: time.Now(), Wait: time.Minute, Password: "hunter2", Secret: true}
	return newSession(o, "passive", played{bytes.NewReader(raw)})
}

// replies are what comes on a control connection, and how it is read.
var replies = map[string]struct {
	raw  string
	code int // 0: it is a fault
	text string
	kind probes.Kind
	rest string // what was not read
}{
	"vsftpd's greeting":    {raw: "220 (vsFTPd 3.0.5)\r\n", code: 220, text: "(vsFTPd 3.0.5)"},
	"ProFTPD's greeting":   {raw: "220 ProFTPD Server (Debian) [::ffff:192.0.2.7]\r\n", code: 220, text: "ProFTPD Server (Debian) [::ffff:192.0.2.7]"},
	"IIS's greeting":       {raw: "220 Microsoft FTP Service\r\n", code: 220, text: "Microsoft FTP Service"},
	"FileZilla's greeting": {raw: "220-FileZilla Server 1.8.1\r\n220 Please visit https://filezilla-project.org/\r\n", code: 220, text: "FileZilla Server 1.8.1\nPlease visit https://filezilla-project.org/"},
	"Pure-FTPd's greeting": {
		raw: "220---------- Welcome to Pure-FTPd [privsep] [TLS] ----------\r\n220-You are user number 1 of 50 allowed.\r\n" +
			"220-Local time is now 13:24. Server port: 21.\r\n220 You will be disconnected after 15 minutes of inactivity.\r\n",
		code: 220,
		text: "--------- Welcome to Pure-FTPd [privsep] [TLS] ----------\nYou are user number 1 of 50 allowed.\n" +
			"Local time is now 13:24. Server port: 21.\nYou will be disconnected after 15 minutes of inactivity.",
	},
	"wu-ftpd's login": {
		raw:  "230-Please read the file README\r\n230-  it was last modified on Mon Feb  4 11:00:00 2002\r\n230 User ftp logged in.\r\n",
		code: 230, text: "Please read the file README\n  it was last modified on Mon Feb  4 11:00:00 2002\nUser ftp logged in.",
	},
	"vsftpd's features":  {raw: "211-Features:\r\n EPRT\r\n EPSV\r\n MDTM\r\n211 End\r\n", code: 211, text: "Features:\n EPRT\n EPSV\n MDTM\nEnd"},
	"ProFTPD's features": {raw: "211-Features:\r\n AUTH TLS\r\n CCC\r\n211 End\r\n", code: 211, text: "Features:\n AUTH TLS\n CCC\nEnd"},
	"vsftpd's breakdown": {raw: "500 OOPS: vsftpd: refusing to run with writable root inside chroot()\r\n", code: 500, text: "OOPS: vsftpd: refusing to run with writable root inside chroot()"},

	"line feeds alone":                      {raw: "220-a\n220 b\n", code: 220, text: "a\nb"},
	"without a text":                        {raw: "220 \r\n", code: 220},
	"without a blank":                       {raw: "220\r\n", code: 220},
	"other codes between":                   {raw: "220-a\r\n331 b\r\n220\tc\r\n 220 d\r\n220 e\r\n", code: 220, text: "a\n331 b\n220\tc\n 220 d\ne"},
	"empty lines between":                   {raw: "220-\r\n\r\n\r\n220 \r\n", code: 220, text: "\n\n\n"},
	"what follows is left":                  {raw: "230 a\r\n200 b\r\n", code: 230, text: "a", rest: "200 b\r\n"},
	"NUL and escape bytes":                  {raw: "220 \x00\x1b[2J\x7f\r\n", code: 220, text: "\x00\x1b[2J\x7f"},
	"Latin-1":                               {raw: "220 Gr\xfc\xdfe\r\n", code: 220, text: "Grüße"},
	"a carriage return within":              {raw: "220 a\rb\r\r\n", code: 220, text: "a\rb"},
	"a text that is too long":               {raw: "220 " + strings.Repeat("x", 5000) + "\r\n", code: 220, text: strings.Repeat("x", 509) + "…"},
	"a line as long as may be":              {raw: "220 " + strings.Repeat("x", maxLine-6) + "\r\n", code: 220, text: strings.Repeat("x", 509) + "…"},
	"the password in it":                    {raw: "530 hunter2: no\r\n", code: 530, text: "****: no"},
	"the password across the bound":         {raw: "530 " + strings.Repeat("x", 505) + "hunter2\r\n", code: 530, text: strings.Repeat("x", 505) + "****"},
	"the password, cut by the bound":        {raw: "530 " + strings.Repeat("x", 506) + "hunter2yyy\r\n", code: 530, text: strings.Repeat("x", 506) + "***…"},
	"the password, and more than the bound": {raw: "530 " + strings.Repeat("x", 509) + "hunter2\r\n", code: 530, text: strings.Repeat("x", 509) + "…"},

	"nothing":                       {raw: "", kind: probes.Closed},
	"cut in a line":                 {raw: "220 Wel", kind: probes.Closed},
	"cut in a reply":                {raw: "220-Welcome\r\n", kind: probes.Closed},
	"an empty line":                 {raw: "\r\n", kind: probes.Malformed},
	"SSH":                           {raw: "SSH-2.0-OpenSSH_9.2\r\n", kind: probes.Malformed},
	"HTTP":                          {raw: "HTTP/1.1 400 Bad Request\r\n", kind: probes.Malformed},
	"POP3":                          {raw: "+OK ready\r\n", kind: probes.Malformed},
	"a TLS alert":                   {raw: "\x15\x03\x03\x00\x02\x02\x28\n", kind: probes.Malformed},
	"two digits":                    {raw: "22 a\r\n", kind: probes.Malformed},
	"four digits":                   {raw: "2200 a\r\n", kind: probes.Malformed},
	"a code above 599":              {raw: "600 a\r\n", kind: probes.Malformed},
	"a code below 100":              {raw: "099 a\r\n", kind: probes.Malformed},
	"a sign before the code":        {raw: "+22 a\r\n", kind: probes.Malformed},
	"a blank before the code":       {raw: " 220 a\r\n", kind: probes.Malformed},
	"another separator":             {raw: "220:a\r\n", kind: probes.Malformed},
	"a line that is too long":       {raw: "220 " + strings.Repeat("x", 10<<20) + "\r\n", kind: probes.TooLong},
	"a line without end":            {raw: strings.Repeat("2", 10<<20), kind: probes.TooLong},
	"a reply that is too long":      {raw: "220-a\r\n" + strings.Repeat("220-b\r\n", 1<<20), kind: probes.TooLong},
	"empty lines that never end":    {raw: "220-a\r\n" + strings.Repeat("\n", 10<<20), kind: probes.TooLong},
	"a reply in another's, no ends": {raw: strings.Repeat("220-a\r\n230-b\r\n", 1<<20), kind: probes.TooLong},
}

func TestRead(t *testing.T) {
	for name, test := range replies {
		t.Run(name, func(t *testing.T) {
			raw := strings.NewReader(test.raw)
			s := said(nil)
			s.reader.Reset(raw)
			reply, fault := s.read(t.Context(), "greeting", time.Minute)
			assert.LessOrEqual(t, len(test.raw)-raw.Len(), maxReply+maxLine+2*s.reader.Size(), "bytes read")
			assert.LessOrEqual(t, len(s.lines), maxSession)
			if test.code == 0 {
				assert.Nil(t, reply)
				require.NotNil(t, fault)
				assert.Equal(t, "greeting", fault.Step)
				assert.Equal(t, test.kind, fault.Kind)
				assert.LessOrEqual(t, len(fault.Message), probes.MaxText+len("not an FTP reply: "))
				assert.True(t, s.gone, "nothing more is to be had of it")
				return
			}
			require.Nil(t, fault)
			assert.Equal(t, test.code, reply.Code)
			assert.Equal(t, test.text, reply.Text)
			assert.Equal(t, test.code == 421, s.gone)
			rest, err := io.ReadAll(s.reader)
			require.NoError(t, err)
			assert.Equal(t, test.rest, string(rest))
		})
	}
}

func FuzzReply(f *testing.F) {
	for _, reply := range replies {
		f.Add([]byte(reply.raw[:min(len(reply.raw), 10000)]))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		s := said(raw)
		reply, fault := s.read(t.Context(), "greeting", time.Minute)
		require.NotEqual(t, reply == nil, fault == nil, "one of the two")
		if reply != nil {
			require.GreaterOrEqual(t, reply.Code, 100)
			require.Less(t, reply.Code, 600)
			require.True(t, utf8.ValidString(reply.Text))
			require.LessOrEqual(t, len(reply.Text), probes.MaxText)
		}
		require.LessOrEqual(t, len(s.lines), maxSession)
		kept, err := json.Marshal([]any{reply, fault, s.dialogue()})
		require.NoError(t, err)
		require.NotContains(t, string(kept), s.o.Password)
	})
}

func TestArgument(t *testing.T) {
	for command, test := range map[string]struct{ announced, want string }{
		"PORT":      {"192.0.2.1:50000", "192,0,2,1,195,80"},
		"EPRT":      {"192.0.2.1:50000", "|1|192.0.2.1|50000|"},
		"EPRT IPv6": {"[2001:db8::1]:50000", "|2|2001:db8::1|50000|"},
	} {
		verb, _, _ := strings.Cut(command, " ")
		assert.Equal(t, test.want, argument(verb, netip.MustParseAddrPort(test.announced)))
	}
}

func TestHasFeature(t *testing.T) {
	control := Control{Features: []string{"AUTH TLS", "auth ssl", "EPSV", "MLST modify*;perm*;"}}
	for name, want := range map[string]bool{
		"AUTH TLS": true, "AUTH SSL": true, "epsv": true, "MLST": true, "EPS": false, "SIZE": false,
	} {
		assert.Equal(t, want, control.HasFeature(name), name)
	}
}

func TestParseTimeVal(t *testing.T) {
	for text, want := range map[string]string{
		"20260704120000":             "2026-07-04T12:00:00Z",
		" 20260704120000 \n":         "2026-07-04T12:00:00Z",
		"20260704120000.5":           "2026-07-04T12:00:00.5Z",
		"20260704120000.12345678901": "2026-07-04T12:00:00.123456789Z",
		"20240229000000":             "2024-02-29T00:00:00Z",
	} {
		at, err := parseTimeVal(text)
		require.NoError(t, err, text)
		assert.Equal(t, want, at.Format(time.RFC3339Nano), text)
	}
	for _, text := range []string{"", "yesterday", "2026070412000", "202607041200000", "20260230000000", "20261301000000", "2026-07-04 12:00:00",
		"191260704120000", "20260704120000 UTC", "20260704120000.", "20260704250000"} {
		at, err := parseTimeVal(text)
		require.ErrorIs(t, err, errNoTimeVal, text)
		assert.Zero(t, at)
	}
}
