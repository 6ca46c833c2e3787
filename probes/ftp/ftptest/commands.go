package ftptest

import (
	"context"
	"fmt"
	"net/netip"
	"strings"
)

// command is what the server does for a verb.
type command struct {
	// run returns the reply's lines without the last line end; empty where it has sent what was to be sent.
	run func(c *session, ctx context.Context, arg string) string
	// early says that the command may come before the login.
	early bool
	// amid says that the command is answered while a transfer is going on; the others wait for its end.
	amid bool
}

// commands are all that the server knows.
var commands = map[string]command{
	"USER": {run: (*session).userName, early: true},
	"PASS": {run: (*session).password, early: true},
	"QUIT": {run: (*session).quit, early: true},
	"AUTH": {run: (*session).auth, early: true},
	"PBSZ": {run: (*session).protectionBuffer, early: true},
	"PROT": {run: (*session).protection, early: true},
	"FEAT": {run: (*session).features, early: true},
	"OPTS": {run: (*session).options, early: true},
	"SYST": {run: always("215 UNIX Type: L8"), early: true},
	"NOOP": {run: always("200 NOOP ok."), early: true, amid: true},
	"STAT": {run: (*session).status, amid: true},
	"ABOR": {run: (*session).abort, amid: true},
	"TYPE": {run: (*session).representation},
	"PWD":  {run: always(`257 "/" is the current directory.`)},
	"CWD":  {run: (*session).changeDirectory},
	"SIZE": {run: (*session).size},
	"MDTM": {run: (*session).modified},
	"EPSV": {run: (*session).extendedPassive},
	"PASV": {run: (*session).passive},
	"EPRT": {run: (*session).extendedPort},
	"PORT": {run: (*session).port},
	"LIST": {run: (*session).list},
	"NLST": {run: (*session).nameList},
	"DELE": {run: (*session).remove},
	"RETR": {run: (*session).retrieve},
	"STOR": {run: (*session).store},
}

func always(reply string) func(*session, context.Context, string) string {
	return func(*session, context.Context, string) string { return reply }
}

func (c *session) userName(_ context.Context, arg string) string {
	c.loggedIn, c.user = false, ""
	switch {
	case c.server.Faults.TLSRequired && !c.secured:
		return "530 Please use AUTH TLS before you log in."
	case arg == "":
		return "501 USER needs a name."
	}
	c.user = arg
	return "331 Please give the password."
}

func (c *session) password(_ context.Context, arg string) string {
	if c.user == "" {
		return "503 Log in with USER first."
	}
	echo := ""
	if c.server.Faults.EchoPassword {
		echo = " The password was " + arg + "."
	}
	if !c.accepts(c.user, arg) {
		c.user = ""
		return "530 Login incorrect." + echo
	}
	c.loggedIn = true
	c.server.count(func(n *Counts) { n.Logins++ })
	if c.server.Faults.Behind {
		return "230 Login successful." + echo + "\r\n200 One reply too many."
	}
	return "230 Login successful." + echo
}

func (c *session) accepts(user, password string) bool {
	if user == "anonymous" || user == "ftp" {
		return true
	}
	return user == c.server.User && password == c.server.Password
}

// quit gives the place among the clients back before the reply, so that a client that has read it may come again at once.
func (c *session) quit(context.Context, string) string {
	c.depart()
	c.over = true
	return "221 Goodbye."
}

// auth starts TLS (RFC 4217 §4). Bytes that came with the command were sent in plain by who knows whom: they end the dialogue.
func (c *session) auth(ctx context.Context, arg string) string {
	mechanism := strings.ToUpper(arg)
	switch {
	case c.server.TLS == nil:
		return "500 AUTH not understood."
	case c.secured:
		return "503 TLS is in use already."
	case mechanism != "TLS" && mechanism != "TLS-C" && mechanism != "SSL":
		return "504 Unknown security mechanism."
	case c.in.Buffered() > 0:
		c.over = true
		return "421 Data came before the TLS handshake."
	}
	c.reply("234 Go on with the TLS handshake.")
	c.loggedIn, c.user = false, "" // the client logs in anew (RFC 2228 §3)
	c.over = c.secure(ctx) != nil
	return ""
}

func (c *session) protectionBuffer(context.Context, string) string {
	if !c.secured {
		return "503 AUTH TLS comes first."
	}
	c.pbsz = true
	return "200 PBSZ=0"
}

func (c *session) protection(_ context.Context, arg string) string {
	if !c.pbsz {
		return "503 PBSZ comes first."
	}
	switch level := strings.ToUpper(arg); level {
	case "C", "P":
		c.private = level == "P"
		return "200 PROT " + level + " is in use."
	case "S", "E":
		return "536 TLS has no such protection level."
	}
	return "504 Unknown protection level."
}

// features lists what RFC 2389 asks for: the commands beyond RFC 959.
func (c *session) features(context.Context, string) string {
	lines := []string{"211-Features:"}
	for _, feature := range []string{"AUTH TLS", "EPRT", "EPSV", "MDTM", "PBSZ", "PROT", "SIZE", "UTF8"} {
		verb, _, _ := strings.Cut(feature, " ")
		if _, replaced := c.server.Faults.Replies[verb]; replaced {
			continue
		}
		if c.server.TLS == nil && (verb == "AUTH" || verb == "PBSZ" || verb == "PROT") {
			continue
		}
		lines = append(lines, " "+feature)
	}
	return strings.Join(append(lines, "211 End"), "\r\n")
}

func (c *session) options(_ context.Context, arg string) string {
	if strings.EqualFold(arg, "UTF8 ON") {
		return "200 UTF8 is always on."
	}
	return "501 Unknown option."
}

// status tells the client's address as the server sees it.
func (c *session) status(_ context.Context, arg string) string {
	if arg != "" {
		return "504 STAT takes no argument here."
	}
	lines := []string{
		"211-Status of the FTP server:",
		" Connected to " + c.seenAs().String(),
		" Logged in as " + c.user,
		" TYPE: " + c.typeName(),
		"211 End",
	}
	return strings.Join(lines, "\r\n")
}

// seenAs is the client's address in what the server says.
func (c *session) seenAs() netip.Addr {
	if seen := c.server.Faults.SeenAs; seen.IsValid() {
		return seen
	}
	return c.peer
}

func (c *session) typeName() string {
	if c.binary {
		return "BINARY"
	}
	return "ASCII"
}

// representation takes the type of RFC 959 §3.1.1. Files keep their bytes in both.
func (c *session) representation(_ context.Context, arg string) string {
	switch strings.ToUpper(arg) {
	case "A", "A N":
		c.binary = false
	case "I", "L 8":
		c.binary = true
	default:
		return "504 Unknown type."
	}
	return "200 The type is " + c.typeName() + "."
}

func (c *session) changeDirectory(_ context.Context, arg string) string {
	if fileName(arg) != "" {
		return "550 No such directory."
	}
	return "250 The directory is /."
}

func (c *session) size(_ context.Context, arg string) string {
	f, ok := c.server.disk.get(arg)
	if !ok {
		return "550 No such file."
	}
	return fmt.Sprintf("213 %d", len(f.content))
}

func (c *session) remove(_ context.Context, arg string) string {
	if !c.server.disk.remove(arg) {
		return "550 No such file."
	}
	return "250 The file is removed."
}

// modified tells a file's time in UTC (RFC 3659 §3).
func (c *session) modified(_ context.Context, arg string) string {
	f, ok := c.server.disk.get(arg)
	if !ok {
		return "550 No such file."
	}
	return "213 " + f.modified.Add(c.server.Faults.ClockSkew).Format("20060102150405")
}
