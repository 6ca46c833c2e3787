package ftptest

import (
	"crypto/tls"
	"net/netip"
	"time"
)

// Faults is what a Server does wrong. The zero Faults is nothing. Commands are named in capitals.
type Faults struct {
	// MaxClients is how many control connections are served at once: one too many is greeted with 421 and closed. Zero stands
	// for the server's own bound, which a client in its right mind does not reach.
	MaxClients int
	// GreetingDelay is how late the greeting comes.
	GreetingDelay time.Duration
	// GreetingLines makes the greeting so many lines long, as RFC 959 §4.2 allows.
	GreetingLines int
	// NoGreeting accepts connections and never sends a byte.
	NoGreeting bool
	// EndlessGreeting sends lines of a greeting that never comes to its end.
	EndlessGreeting bool
	// Greeting is sent in place of the greeting, byte for byte. The server answers nothing after one that does not begin with
	// 220, and closes after 421.
	Greeting string
	// Drip is the pause after every single byte of a reply.
	Drip time.Duration

	// Replies are sent in place of the reply to a command, byte for byte; the command then has no effect. An empty string is
	// silence. FEAT does not list these commands.
	Replies map[string]string
	// PlainReplies are as Replies, on a control connection over TLS: they come in clear, as from a process that does not know of
	// the TLS around it, and the server then closes. "ClientHello" stands for what comes in place of the ServerHello.
	PlainReplies map[string]string
	// ExtraReplies are sent behind the last reply to a command, byte for byte. The greeting's is a part of Greeting.
	ExtraReplies map[string]string
	// CloseAfter is the command after whose reply the server closes the connection; "greeting" stands for the greeting.
	CloseAfter string
	// TLSRequired answers 530 to a USER that comes without TLS.
	TLSRequired bool
	// EchoPassword repeats the password in the reply to PASS.
	EchoPassword bool
	// Behind sends one reply too many after the login: from then on each reply is the one to the command before.
	Behind bool
	// SeenAs is the client's address as the server sees it, behind a translation: STAT shows it, and PORT and EPRT for another
	// one are refused with a text that names both.
	SeenAs netip.Addr
	// ClockSkew is how far the server's clock is ahead, as MDTM shows.
	ClockSkew time.Duration
	// IdleCut cuts off the control connection of a client that has sent no command for so long while a data connection is
	// prepared or open, as a middlebox does whose table has forgotten it. IdleReply says how.
	IdleCut time.Duration
	// IdleReply is the last that the server sends there, byte for byte, before it closes. Where it is empty, the control connection
	// is neither answered nor closed any more, and the transfer goes on.
	IdleReply string

	// Ports makes the port that the reply to "EPSV" or "PASV" announces a dead one.
	Ports map[string]PortFault
	// PassiveRange are all passive ports that the server has, one for each, with consecutive numbers: they are given in turn,
	// the first again after the last. A port in use is left out.
	PassiveRange []PortFault
	// PassiveAddress is announced by PASV in place of the server's own address; the port is right.
	PassiveAddress netip.Addr
	// PassiveOn are the addresses at which a passive port works; none stands for that of the control connection.
	PassiveOn []netip.Addr
	// DeadBackend resets every other connection to a passive port, from the first on, and keeps the port open for the next: as a
	// balancer does that relays connections to two backends in turn, where one knows nothing of the port. A client may see the
	// reset before its connect(2) has returned.
	DeadBackend bool
	// NeverConnect accepts PORT and EPRT and never connects; it answers 425 after DataWait.
	NeverConnect bool
	// ConnectFrom is the local address, and the port if it is not 0, that active data connections come from.
	ConnectFrom netip.AddrPort
	// DataRefusal is sent in place of 150, byte for byte, when the data connection is there; the server has closed it then.
	DataRefusal string

	// ProtRequired is sent, byte for byte, in place of every reply to a transfer whose data connection would not be protected.
	ProtRequired string
	// DataPlain sends and reads data in clear after PROT P.
	DataPlain bool
	// DataTLSSilent never answers the ClientHello on a data connection.
	DataTLSSilent bool
	// DataTLS is used on data connections in place of Server.TLS, such as with another certificate. It knows nothing of the
	// sessions of control connections.
	DataTLS *tls.Config
	// HandshakeFirst takes the TLS handshake on a data connection before it sends 150.
	HandshakeFirst bool
	// NoCloseNotify ends data connections over TLS without a close_notify alert.
	NoCloseNotify bool
	// ReuseDemanded refuses data connections over TLS that do not resume a session of their control connection. Sessions are
	// resumed by ticket: where Server.TLS disables tickets, no client is good enough.
	ReuseDemanded bool
	// ReuseRefusal is sent there, byte for byte, in place of 522.
	ReuseRefusal string
	// ReuseRefusalCloses closes the control connection after it.
	ReuseRefusalCloses bool
	// TicketUses is how many resumptions a ticket is good for; zero stands for any number. Each connection brings one new ticket.
	// A client that only uploads over TLS 1.3 and does not read has none but the first.
	TicketUses int

	// Stall opens the data connection, answers 150, and sends nothing until the client gives up.
	Stall bool
	// Final is sent in place of the final reply of a transfer, byte for byte.
	Final string
	// NoFinal leaves the final reply of a transfer out.
	NoFinal bool
}

// PortFault is why no connection to a port can be made.
type PortFault string

// The reasons, and none.
const (
	Working  PortFault = ""
	Silent   PortFault = "silent"   // SYNs are dropped; Linux only
	Refusing PortFault = "refusing" // SYNs are answered with RST
)

func (f PortFault) open(on netip.AddrPort) (*DeadPort, error) {
	if f == Silent {
		return silentPort(on)
	}
	return refusingPort(on)
}
