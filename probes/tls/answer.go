package tls

import "slices"

// Answer is the handshake seen as the answer to its ClientHello.
func (h Handshake) Answer() Answer {
	return Answer{
		HelloSize: h.HelloSize, Version: h.ServerHello, Suite: h.Suite, Group: h.Group, Complete: h.Fault == nil, Alert: h.Alert,
		Retry: h.Fault != nil && h.stoppedAtRetry(), Plaintext: h.Plaintext, Received: h.Received, Acknowledged: h.Acknowledged, Took: h.Took, Transport: h.Transport,
		Fault: h.Fault,
	}
}

// stoppedAtRetry says that the server's last hello was a HelloRetryRequest.
func (h Handshake) stoppedAtRetry() bool {
	for _, m := range slices.Backward(h.Messages) {
		if m.From == "server" && (m.Name == "ServerHello" || m.Name == "HelloRetryRequest") && !m.Cut {
			return m.Name == "HelloRetryRequest"
		}
	}
	return false
}

// Answered says that the server said something in TLS: it got the ClientHello, and its answer came.
func (a Answer) Answered() bool { return a.Complete || a.Version != "" || a.Alert != nil }
