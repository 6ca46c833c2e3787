package tls

// Answer is the handshake seen as the answer to its ClientHello.
func (h Handshake) Answer() Answer {
	return Answer{
		HelloSize: h.HelloSize, Version: h.ServerHello, Suite: h.Suite, Group: h.Group, Complete: h.Fault == nil, Alert: h.Alert,
		Plaintext: h.Plaintext, Received: h.Received, Took: h.Took, Transport: h.Transport, Fault: h.Fault,
	}
}

// Answered says that the server said something in TLS: it got the ClientHello, and its answer came.
func (a Answer) Answered() bool { return a.Complete || a.Version != "" || a.Alert != nil }
