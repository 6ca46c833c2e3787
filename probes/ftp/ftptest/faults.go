package ftptest

import (
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
	// CloseAfter is the command after whose reply the server closes the connection; "greeting" stands for the greeting.
	CloseAfter string
	// TLSRequired answers 530 to a USER that comes without TLS.
	TLSRequired bool
	// EchoPassword repeats the password in the reply to PASS.
	EchoPassword bool
	// Behind sends one reply too many after the login: from then on each reply is the one to the command before.
	Behind bool

	// Ports makes the port that the reply to "EPSV" or "PASV" announces a dead one.
	Ports map[string]PortFault
	// PassiveAddress is announced by PASV in place of the server's own address; the port is right.
	PassiveAddress netip.Addr
	// NeverConnect accepts PORT and EPRT and never connects; it answers 425 after DataWait.
	NeverConnect bool
	// ConnectFrom is the local address, and the port if it is not 0, that active data connections come from.
	ConnectFrom netip.AddrPort

	// Stall opens the data connection, answers 150, and sends nothing until the client gives up.
	Stall bool
	// Final is sent in place of the final reply of a transfer, byte for byte.
	Final string
	// NoFinal leaves the final reply of a transfer out.
	NoFinal bool
}

// PortFault is why no connection to a port can be made.
type PortFault string

// The reasons.
const (
	Silent   PortFault = "silent"   // SYNs are dropped; Linux only
	Refusing PortFault = "refusing" // SYNs are answered with RST
)

func (f PortFault) open(addr netip.Addr) (*DeadPort, error) {
	if f == Silent {
		return SilentPort(addr)
	}
	return RefusingPort(addr)
}
