package output

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/rung-cli/rung/probes/tls"
)

func alertText(alert *tls.Alert) string {
	if alert == nil {
		return ""
	}
	return fmt.Sprintf("%s (%d)", alert.Name, alert.Description)
}

// serverAlerts say what a server means by an alert (RFC 8446 §6.2, RFC 5246 §7.2.2).
var serverAlerts = map[uint8]string{
	0: "ends the connection in good order", 10: "did not expect this message here", 20: "cannot decrypt what came",
	22: "got a record that is too long", 40: "refuses what we offered", 42: "cannot make use of our certificate",
	43: "does not take certificates of such a kind as our", 44: "says that our certificate is revoked",
	45: "says that our certificate is outside its dates", 46: "does not accept our certificate, and does not say why",
	47: "finds a value in our messages that makes no sense", 48: "does not know the CA of our certificate",
	49: "knows our certificate, and gives it no access", 50: "cannot read our message", 51: "cannot verify what we signed",
	70: "does not speak the versions that we offered", 71: "wants better suites than we offered", 80: "has a fault of its own",
	86: "knows a higher version than we offered", 90: "was told to give up", 100: "will not have another handshake",
	109: "misses an extension in our message", 110: "got an extension that was not asked for",
	113: "cannot use the stapled OCSP response", 115: "does not know the session that we would resume",
	116: "demands a certificate, and got none", 120: "speaks none of the protocols (ALPN) that we offered",
}

// ourAlerts say what we mean by those that we send.
var ourAlerts = map[uint8]string{
	0: "we end the connection in good order", 10: "we did not expect this message here", 20: "we cannot decrypt what came",
	22: "we got a record that is too long", 40: "we cannot accept what the server chose", 42: "we cannot make use of the server's certificate",
	43: "we have no use for a certificate of such a kind", 47: "we find a value that makes no sense in what came",
	50: "we cannot read what came", 51: "what the server signed, or its checksum, is not right",
	70: "we do not speak the version that the server chose", 71: "what the server chose is too weak for us",
	80: "we give up: something on our side cannot go on", 90: "we give up: we were told to", 100: "we will not have another handshake",
	109: "we miss an extension in the server's message", 110: "we got an extension that we did not ask for",
	120: "we did not offer the protocol (ALPN) that the server chose",
}

// alertWords say what an alert means on this connection.
func (n *narration) alertWords(a *tls.Alert, client bool) string {
	const warning, closeNotify, handshakeFailure, unrecognizedName = 1, 0, 40, 112
	if a == nil {
		return unread
	}
	meaning := serverAlerts[a.Description]
	switch {
	case client:
		meaning = ourAlerts[a.Description]
	case a.Description == unrecognizedName:
		meaning = "does not know the name " + cmp.Or(n.seen.ServerName, "that was asked for")
	case a.Description == handshakeFailure && n.answered:
		meaning = "refuses to go on" // what we offered, it has accepted
	}
	if a.Level == warning && a.Description != closeNotify {
		meaning = strings.TrimSuffix("only a warning: "+meaning, ": ")
	}
	return meaning
}
