package tlstest

import (
	"bytes"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"slices"
)

// Filter says of a ClientHello whether it is one to be treated differently. It is given the records as they came.
type Filter func(hello []byte) bool

// LargerThan is a Filter of ClientHellos that are longer than this many bytes, the headers of their records included.
func LargerThan(size int) Filter {
	return func(hello []byte) bool { return len(hello) > size }
}

// Naming is a Filter of ClientHellos that ask for name (server_name, RFC 6066 §3).
func Naming(name string) Filter {
	return func(hello []byte) bool { return serverName(hello) == name }
}

// StallOn makes a server that does not answer the ClientHellos that filter matches, and treats others as otherwise does.
func StallOn(filter Filter, otherwise Handler) Handler { return either(filter, Silent(), otherwise) }

// ResetOn makes a server that resets the connection for the ClientHellos that filter matches, and treats others as otherwise does.
func ResetOn(filter Filter, otherwise Handler) Handler { return either(filter, reset, otherwise) }

// StrictName makes a server that treats ClientHellos for one of names as known does, and refuses others with the alert
// unrecognized_name (RFC 6066 §3). The name "" stands for those that ask for none.
func StrictName(known Handler, names ...string) Handler {
	foreign := func(hello []byte) bool { return !slices.Contains(names, serverName(hello)) }
	return either(foreign, func(conn net.Conn) { sendAlert(conn, fatal, unrecognizedName) }, known)
}

// either makes a server that goes on as matched does where filter matches the ClientHello, and else as otherwise does, which
// has the ClientHello before it.
func either(filter Filter, matched, otherwise Handler) Handler {
	return func(conn net.Conn) {
		hello, err := readHello(conn)
		switch {
		case err != nil:
		case filter(hello):
			matched(conn)
		default:
			otherwise(&replayed{Conn: conn, all: io.MultiReader(bytes.NewReader(hello), conn)})
		}
	}
}

// replayed is a connection of which something was read that is to be read again.
type replayed struct {
	net.Conn

	all io.Reader
}

func (r *replayed) Read(p []byte) (int, error) { return r.all.Read(p) }

// serverName is what a ClientHello asks for, as crypto/tls reads it; empty where it asks for nothing or is no ClientHello.
func serverName(hello []byte) (name string) {
	config := &tls.Config{GetConfigForClient: func(info *tls.ClientHelloInfo) (*tls.Config, error) {
		name = info.ServerName
		return nil, errors.New("nothing more is wanted")
	}}
	_ = tls.Server(&replayed{Conn: nowhere{}, all: bytes.NewReader(hello)}, config).Handshake() // it fails in any case
	return name
}

// nowhere is a connection at whose other end is nobody.
type nowhere struct{ net.Conn }

func (nowhere) Write(p []byte) (int, error) { return len(p), nil }
