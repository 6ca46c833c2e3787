package tls

import "time"

// Segment is a piece of what crossed the wire, as it was written or read.
type Segment struct {
	// At is when, counted from the first byte of the handshake.
	At time.Duration
	// FromServer says which way.
	FromServer bool
	// Bytes is the piece.
	Bytes []byte
}

// Transcript is what Decode makes of segments.
type Transcript struct {
	// Messages are what was said in both directions, in the order of their last bytes. At most MaxMessages are kept.
	Messages []Message
	// ServerHello is the version that the server chose, in a ServerHello or a HelloRetryRequest.
	ServerHello string
	// Alert is the last alert from the server that could be read.
	Alert *Alert
	// Plaintext is the beginning of what the server sent where that was not TLS.
	Plaintext string
	// Answered says that the server's first record after the client's Finished was no alert.
	Answered bool
	// Leaf is the certificate in DER that the server presented first.
	Leaf []byte
}
