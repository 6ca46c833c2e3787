package ftptest

import (
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"time"
)

// transfer is one that is going on, or has ended.
type transfer struct {
	abort context.CancelFunc
	done  chan struct{} // closed at its end
}

// endTransfer aborts the transfer, if there is one, and returns when it has ended.
func (c *session) endTransfer() {
	if c.transfer != nil {
		c.transfer.abort()
		<-c.transfer.done
		c.transfer = nil
	}
}

// abort is ABOR (RFC 959 §4.1.3): the transfer, if one is going on, answers 426 before ABOR's own 226.
func (c *session) abort(context.Context, string) string {
	c.endTransfer()
	return "226 ABOR command successful."
}

func (c *session) list(ctx context.Context, arg string) string {
	return c.listWith(ctx, arg, longLine)
}

func (c *session) nameList(ctx context.Context, arg string) string {
	return c.listWith(ctx, arg, nameLine)
}

func (c *session) listWith(ctx context.Context, arg string, line func(string, file) string) string {
	if strings.HasPrefix(arg, "-") { // options of ls, which many clients send
		_, arg, _ = strings.Cut(arg, " ")
	}
	if fileName(arg) != "" {
		if _, ok := c.server.disk.get(arg); !ok {
			return "550 No such file or directory."
		}
	}
	return c.start(ctx, func(data net.Conn) error { return c.server.disk.list(data, arg, line) })
}

func (c *session) retrieve(ctx context.Context, arg string) string {
	f, ok := c.server.disk.get(arg)
	if !ok {
		return "550 No such file."
	}
	return c.start(ctx, func(data net.Conn) error {
		_, err := io.WriteString(data, f.content)
		return err
	})
}

func (c *session) store(ctx context.Context, arg string) string {
	if fileName(arg) == "" || strings.Contains(fileName(arg), "/") {
		return "553 No such directory."
	}
	return c.start(ctx, func(data net.Conn) error { return c.server.disk.put(arg, data) })
}

// start begins a transfer over the channel that was prepared, which serves once. Everything that it needs of the session is
// read before it runs beside it.
func (c *session) start(ctx context.Context, move func(net.Conn) error) string {
	if required := c.server.Faults.ProtRequired; required != "" && !c.private {
		_ = c.send(required) // a client that has gone shows at the next read
		return ""
	}
	if c.data == nil {
		return "425 Use EPSV, PASV, EPRT or PORT first."
	}
	ctx, abort := context.WithCancel(ctx)
	c.transfer = &transfer{abort: abort, done: make(chan struct{})}
	channel, private, done := c.data, c.private, c.transfer.done
	c.data = nil
	go func() {
		defer close(done)
		defer abort()
		defer channel.close()
		c.carry(ctx, channel, private, move)
	}()
	return ""
}

// carry opens the data connection, moves the data and sends the replies: the preliminary one when the connection is there,
// the final one when the data connection is closed.
func (c *session) carry(ctx context.Context, channel *channel, private bool, move func(net.Conn) error) {
	opening, cancel := context.WithTimeout(ctx, cmp.Or(c.server.DataWait, defaultDataWait))
	defer cancel()
	conn, err := channel.open(opening)
	if err != nil {
		c.reply("425 Can't open the data connection.")
		return
	}
	if refusal := c.server.Faults.DataRefusal; refusal != "" {
		_ = conn.Close() // nothing was ever sent
		_ = c.send(refusal)
		return
	}
	c.finish(c.moveOver(ctx, conn, private, move))
}

// finish sends the final reply. A client that has gone shows at the next read.
func (c *session) finish(err error) {
	faults := &c.server.Faults
	switch {
	case errors.Is(err, errNotResumed):
		_ = c.send(cmp.Or(faults.ReuseRefusal, "522 SSL connection failed; session reuse required.\r\n"))
		if faults.ReuseRefusalCloses {
			c.end()
		}
	case faults.NoFinal:
	case faults.Final != "":
		_ = c.send(faults.Final)
	default:
		c.reply(finalReply(err))
	}
}

// errNotResumed says that a data connection did not resume a session of its control connection, and should have.
var errNotResumed = errors.New("session not resumed")

// errTLS says that TLS could not be started on the data connection.
var errTLS = errors.New("no TLS on the data connection")

func finalReply(err error) string {
	switch {
	case err == nil:
		return "226 Transfer complete."
	case errors.Is(err, errTLS):
		return "522 The TLS handshake on the data connection failed."
	case errors.Is(err, errFull):
		return "452 The disk is full."
	}
	return "426 The data connection broke, transfer aborted."
}

// preliminary is what the client reads before the data moves.
const preliminary = "150 Here comes the data."

// moveOver moves the data over conn, over TLS if it is to be private, and closes it.
func (c *session) moveOver(ctx context.Context, conn net.Conn, private bool, move func(net.Conn) error) error {
	defer closeWith(ctx, conn)()
	if err := conn.SetDeadline(time.Now().Add(idle)); err != nil {
		return err
	}
	faults, tcp := &c.server.Faults, conn
	if !faults.HandshakeFirst {
		c.reply(preliminary)
	}
	if private && !faults.DataPlain {
		var err error
		if conn, err = c.protect(ctx, conn); err != nil {
			return err
		}
	}
	if faults.HandshakeFirst {
		c.reply(preliminary)
	}
	if faults.Stall {
		return stall(conn)
	}
	if err := move(conn); err != nil {
		return err
	}
	if faults.NoCloseNotify {
		return tcp.Close()
	}
	return conn.Close()
}

// protect is TLS over a data connection. The server is the TLS server in both modes (RFC 4217 §7).
func (c *session) protect(ctx context.Context, tcp net.Conn) (net.Conn, error) {
	faults := &c.server.Faults
	if faults.DataTLSSilent {
		return nil, stall(tcp)
	}
	config := c.tls
	if faults.DataTLS != nil {
		config = faults.DataTLS
	}
	conn := tls.Server(tcp, config)
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, errTLS
	}
	if faults.ReuseDemanded && !conn.ConnectionState().DidResume {
		return nil, errNotResumed
	}
	return conn, nil
}

// stall waits until the client has had enough.
func stall(conn net.Conn) error {
	const enough = 1 << 20
	_, _ = io.Copy(io.Discard, io.LimitReader(conn, enough)) // how it ends does not matter
	return net.ErrClosed
}
