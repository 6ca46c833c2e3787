package ftptest

import (
	"crypto/rand"
	"crypto/tls"
	"sync"
)

// tickets are the TLS sessions that may be resumed of one control connection and its data connections. The tickets on the wire
// are only handles of them, so that each can be counted, and no other control connection's is good.
type tickets struct {
	uses   int // resumptions that a ticket is good for; 0 is any number
	mu     sync.Mutex
	issued map[string]*ticket
}

type ticket struct {
	state *tls.SessionState
	used  int
}

// maxTickets is how many tickets are kept of one control connection.
const maxTickets = 1000

// newTickets makes base issue and take these tickets.
func newTickets(base *tls.Config, uses int) *tls.Config {
	t := &tickets{uses: uses, issued: make(map[string]*ticket)}
	config := base.Clone()
	config.WrapSession, config.UnwrapSession = t.wrap, t.unwrap
	return config
}

// wrap issues a ticket (tls.Config.WrapSession).
func (t *tickets) wrap(_ tls.ConnectionState, state *tls.SessionState) ([]byte, error) {
	handle := rand.Text()
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.issued) < maxTickets {
		t.issued[handle] = &ticket{state: state}
	}
	return []byte(handle), nil
}

// unwrap is the session that a ticket stands for; nil makes a full handshake of it (tls.Config.UnwrapSession).
func (t *tickets) unwrap(handle []byte, _ tls.ConnectionState) (*tls.SessionState, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	ticket, ok := t.issued[string(handle)]
	if !ok || t.uses > 0 && ticket.used >= t.uses {
		return nil, nil
	}
	ticket.used++
	return ticket.state, nil
}
