package ftptest

import (
	"errors"
	"net"
	"os"
	"time"
)

// waitAtMost sets the deadline of the next read, unless the dialogue has been ended meanwhile.
func (c *session) waitAtMost(d time.Duration) error {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	if c.ended {
		return net.ErrClosed
	}
	return c.conn.SetReadDeadline(time.Now().Add(d))
}

// end makes the dialogue end, now or as soon as the next command is waited for. It may be called from a transfer.
func (c *session) end() {
	c.outMu.Lock()
	defer c.outMu.Unlock()
	c.ended = true
	_ = c.conn.SetReadDeadline(time.Now()) // the read in progress fails
}

// awaitCommand waits for the first byte of a command where the client may be cut off meanwhile.
func (c *session) awaitCommand() error {
	patience := c.server.Faults.IdleCut
	if patience == 0 || !c.inDataPhase() {
		return nil
	}
	if err := c.waitAtMost(patience); err != nil {
		return err
	}
	_, err := c.in.Peek(1)
	switch {
	case !errors.Is(err, os.ErrDeadlineExceeded):
		return err
	case !c.inDataPhase():
		return nil
	}
	c.cutOff()
	return err
}

// inDataPhase says whether a data connection is prepared or open.
func (c *session) inDataPhase() bool {
	if c.data != nil || c.transfer == nil {
		return c.data != nil
	}
	select {
	case <-c.transfer.done:
		return false
	default:
		return true
	}
}

// cutOff does what the fault says to a client that was idle for too long; the transfer may go on.
func (c *session) cutOff() {
	last := c.server.Faults.IdleReply
	if last != "" {
		_ = c.send(last) // the dialogue ends here in any case
	}
	c.outMu.Lock()
	c.mute = true
	c.outMu.Unlock()
	if last == "" {
		c.ignore()
	}
}
