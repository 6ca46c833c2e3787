// Package ftp measures an FTP server (RFC 959, RFC 2428 for EPSV and EPRT, RFC 4217 for TLS): the control connection's
// dialogue, and data connections in passive and active mode.
package ftp

import (
	"cmp"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// Reply is a reply on the control connection (RFC 959 §4.2).
type Reply struct {
	// Code is the three digits.
	Code int `json:"code"`
	// Text is the text of all lines, joined by line feeds, bounded.
	Text string `json:"text"`
	// At is when its last line had arrived, counted from the start of the target's check.
	At probes.Millis `json:"at_ms"`
}

// Positive says that the reply is preliminary, complete or intermediate (1yz, 2yz, 3yz).
func (r *Reply) Positive() bool { return r != nil && r.Code < 400 }

// Done says that the reply is a positive completion (2yz).
func (r *Reply) Done() bool { return r != nil && r.Code/100 == 2 }

// Control is the control connection from the greeting to the login (RFC 959 §5.4).
type Control struct {
	// Peer is the server's end of the control connection.
	Peer netip.AddrPort `json:"peer,omitzero"`
	// Local is our end.
	Local netip.AddrPort `json:"local,omitzero"`
	// Greeting is the first reply.
	Greeting *Reply `json:"greeting,omitempty"`
	// GreetingTook is the time from the connection to the greeting's end.
	GreetingTook probes.Millis `json:"greeting_took_ms,omitempty"`
	// Unparsed is the beginning of what came instead of a reply.
	Unparsed string `json:"unparsed,omitempty"`
	// Transport is what the kernel says of the connection where no greeting came.
	Transport probes.Transport `json:"transport,omitzero"`
	// User is the name that the login used.
	User string `json:"user,omitempty"`
	// UserReply is the reply to USER.
	UserReply *Reply `json:"user_reply,omitempty"`
	// PassReply is the reply to PASS; nil where USER alone was enough, or PASS was not sent.
	PassReply *Reply `json:"pass_reply,omitempty"`
	// LoggedIn says that the server accepted the login (230, or 232).
	LoggedIn bool `json:"logged_in"`
	// Features are the lines of the FEAT reply (RFC 2389 §3.2), without the leading space.
	Features []string `json:"features,omitempty"`
	// FeatReply is the reply to FEAT, where it was asked.
	FeatReply *Reply `json:"feat_reply,omitempty"`
	// UserAfterTLS is the reply to the same USER on another connection after AUTH TLS: asked where USER was refused in clear.
	UserAfterTLS *Reply `json:"user_after_tls,omitempty"`
	// AuthOffered is the reply to AUTH TLS on that other connection.
	AuthOffered *Reply `json:"auth_offered,omitempty"`
	// ImplicitTLS is the greeting that came after a TLS handshake on another connection: tried where the server was silent.
	ImplicitTLS *Reply `json:"implicit_tls,omitempty"`
	// SilentToTLS says that the server did not answer the ClientHello of that other connection either.
	SilentToTLS bool `json:"silent_to_tls,omitempty"`
	// TLSTransport is what the kernel says of that other connection: whether the ClientHello was acknowledged.
	TLSTransport probes.Transport `json:"tls_transport,omitzero"`
	// Second is the first reply of the second control connection where that was not a greeting: a server that limits
	// connections.
	Second *Reply `json:"second,omitempty"`
	// Desync is the first reply that answered no command, where one did.
	Desync *Desync `json:"desync,omitempty"`
	// InClear is what came in clear text where TLS was spoken already.
	InClear string `json:"in_clear,omitempty"`
	// Hold is the control connection left idle beside a data connection, where that was asked for.
	Hold *Hold `json:"hold,omitempty"`
	// Sessions is the dialogue of every control connection.
	Sessions []Session `json:"sessions,omitempty"`
	// Fault is what went wrong: step "greeting", "USER" or "PASS"; of the kind withheld where we did not send the login.
	Fault *probes.Fault `json:"fault,omitempty"`
	// Experiments are the attempts repeated with one variable changed.
	Experiments []probes.Experiment `json:"experiments,omitempty"`
}

// Desync is a reply that the command before it cannot have (RFC 959 §5.4), with the right one after it: the replies lag behind.
type Desync struct {
	// Command is the command that the reply came after.
	Command string `json:"command"`
	// Early is that reply.
	Early *Reply `json:"early"`
	// Right is the reply that was read after it.
	Right *Reply `json:"right"`
}

// Hold is a control connection that was left idle beside an open data connection, as it is during a long transfer.
type Hold struct {
	// For is how long it was to be idle.
	For probes.Millis `json:"for_ms"`
	// Took is how long it was, when the reply came or was missed.
	Took probes.Millis `json:"took_ms"`
	// Uploading says that an upload went on meanwhile, a byte a second; otherwise the data connection was idle too.
	Uploading bool `json:"uploading,omitempty"`
	// File is the name of the file that was uploaded.
	File string `json:"file,omitempty"`
	// Left says that the file may still be there.
	Left bool `json:"left,omitempty"`
	// Reply is the first reply after it.
	Reply *Reply `json:"reply,omitempty"`
	// Transport is what the kernel says of the control connection where no reply came.
	Transport probes.Transport `json:"transport,omitzero"`
	// Fault is why there was no reply.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Session is the dialogue of one control connection, secrets masked.
type Session struct {
	// Purpose is what the connection was for: "passive", "active", "PASV", "AUTH TLS", "implicit TLS"; or "passive, alone" where the
	// first one was opened again, since the server had refused it beside the second.
	Purpose string `json:"purpose"`
	// Exchanges counts the replies that came.
	Exchanges int `json:"exchanges,omitempty"`
	// Resent counts those among them before which the kernel had to send a segment again: a command, or the acknowledgement of it, was lost.
	Resent int `json:"resent,omitempty"`
	// Transport is what the kernel says of the connection at its end, where that was ours.
	Transport probes.Transport `json:"transport,omitzero"`
	// Lines are its lines, in order.
	Lines []probes.Line `json:"lines"`
}

// Security is TLS on the control connection as FTP asks for it (RFC 4217 §4).
type Security struct {
	// Mechanism is "AUTH TLS" or "implicit".
	Mechanism string `json:"mechanism"`
	// AuthReply is the reply to AUTH TLS.
	AuthReply *Reply `json:"auth_reply,omitempty"`
	// Secured says that the TLS handshake was completed.
	Secured bool `json:"secured"`
	// PbszReply is the reply to PBSZ 0.
	PbszReply *Reply `json:"pbsz_reply,omitempty"`
	// ProtReply is the reply to PROT.
	ProtReply *Reply `json:"prot_reply,omitempty"`
	// Level is the argument of PROT: "P" (private), or "C" (clear) where the user wants it.
	Level string `json:"level,omitempty"`
	// Unknown is the reply to a command that no server knows, asked where AUTH TLS was refused.
	Unknown *Reply `json:"unknown,omitempty"`
	// Private is the reply to PROT P where PROT C, which the user wants, was refused.
	Private *Reply `json:"private,omitempty"`
	// Fault is what went wrong: step "AUTH TLS", "TLS handshake", "PBSZ", "PROT".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Refusal is the last reply, where the server refused something; nil where it did not.
func (t *Security) Refusal() *Reply {
	if !t.Fault.Of(probes.Negative) {
		return nil
	}
	return cmp.Or(t.ProtReply, t.PbszReply, t.AuthReply)
}

// Passive is passive mode (RFC 959 §4.1.2 PASV; RFC 2428 §3 EPSV).
type Passive struct {
	// Peer is the server's address on the control connection.
	Peer netip.Addr `json:"peer,omitzero"`
	// Local is our address on the control connection.
	Local netip.Addr `json:"local,omitzero"`
	// EPSV is the attempt with EPSV.
	EPSV *PassiveAttempt `json:"epsv,omitempty"`
	// PASV is the attempt with PASV: not asked over IPv6 unless EPSV was refused.
	PASV *PassiveAttempt `json:"pasv,omitempty"`
	// Followed is the data connection to the address that the reply to PASV announced, where the user wants it followed.
	Followed *PassiveAttempt `json:"followed,omitempty"`
	// Compared are further attempts in which one thing differs from the first, which their Variant names.
	Compared []PassiveAttempt `json:"compared,omitempty"`
	// Sampling is a number of passive ports asked for one after the other, where a data connection had failed.
	Sampling *Sampling `json:"sampling,omitempty"`
	// Series are data connections of one session one after the other, an upload among them, where the user wants it.
	Series *Series `json:"series,omitempty"`
	// SmallSeries are the same on another session in small segments, where the upload stood still.
	SmallSeries *Series `json:"small_series,omitempty"`
	// Alive is the reply to NOOP while a data connection was silent: the control connection is well.
	Alive *Reply `json:"alive,omitempty"`
	// Fault is what kept passive mode from being tried: the control connection broke.
	Fault *probes.Fault `json:"fault,omitempty"`
	// Experiments are the attempts repeated with one variable changed.
	Experiments []probes.Experiment `json:"experiments,omitempty"`
}

// Variant says what differs in an attempt that is made for comparison.
type Variant string

// The variants.
const (
	Alone       Variant = "no other connection of ours"
	InClear     Variant = "control connection in clear"
	OverTLS     Variant = "control connection over TLS"
	FullTLS     Variant = "full TLS handshake"
	ResumedTLS  Variant = "resumed TLS session"
	PrivateData Variant = "PROT P"
	// SmallSegments are those that any path carries whole.
	SmallSegments Variant = "small segments"
)

// Sampling is a number of passive ports that the server gave on one session, each tried before the next was asked for.
type Sampling struct {
	// Samples are the ports in the order in which they were asked for.
	Samples []Sample `json:"samples,omitempty"`
	// Wanted is how many were to be asked for; the time may not have sufficed.
	Wanted int `json:"wanted"`
	// Fault is what ended the sampling before its time.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Sample is one passive port.
type Sample struct {
	// Command is "EPSV" or "PASV".
	Command string `json:"command"`
	// Announced is the address and port in the reply.
	Announced netip.AddrPort `json:"announced,omitzero"`
	// Tries are the attempts to connect to the port, at the control connection's peer: one, and more where that failed.
	Tries []Try `json:"tries,omitempty"`
	// Fault is why there is no port: step "EPSV" or "PASV".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Connected says that the last try made the connection.
func (s Sample) Connected() bool {
	return len(s.Tries) > 0 && s.Tries[len(s.Tries)-1].Fault == nil
}

// Try is one attempt to connect to a port.
type Try struct {
	// Took is the time from the SYN to the connection, or to its failure.
	Took probes.Millis `json:"took_ms"`
	// Fault is why there is no connection.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Series are transfers of one session, each over a data connection of its own, with a small file that is removed in the end.
type Series struct {
	// File is the name of the file.
	File string `json:"file"`
	// Transfers are the transfers in order: STOR, RETR, LIST.
	Transfers []PassiveAttempt `json:"transfers"`
	// Modified is when the server says that the file was stored; nil where it was not, or could not be asked.
	Modified *Modified `json:"modified,omitempty"`
	// Removed is the reply to DELE; nil where there was nothing to remove.
	Removed *Reply `json:"removed,omitempty"`
	// Left says that the file may still be there.
	Left bool `json:"left,omitempty"`
}

// Uploaded says that the file was stored.
func (t *Series) Uploaded() bool { return t != nil && len(t.Transfers) > 0 && t.Transfers[0].Worked() }

// UploadStalled says that the server was ready for the file, and neither took it whole nor spoke again.
func (t *Series) UploadStalled() bool {
	if len(t.Transfers) == 0 {
		return false
	}
	stored := t.Transfers[0].Transfer
	return stored.Began() && stored.Command == "STOR" && stored.Fault.Of(probes.Timeout) &&
		(stored.Fault.Step == "data" || stored.Fault.Step == "final reply")
}

// Modified is when a file of ours was stored, by the server's clock (RFC 3659 §3) and by this machine's. A server whose own clock is
// right may tell its local time for UTC, against RFC 3659 §2.3: it is then off by its offset from UTC.
type Modified struct {
	// Asked is this machine's time, in UTC, before the upload was prepared.
	Asked time.Time `json:"asked"`
	// Stored is this machine's time, in UTC, when the server had confirmed it.
	Stored time.Time `json:"stored"`
	// Reply is the reply to MDTM: many servers refuse it (500, 502, 550).
	Reply *Reply `json:"reply,omitempty"`
	// Time is what the reply says, in UTC, most often to the second; zero where it does not say.
	Time time.Time `json:"time,omitzero"`
	// Fault is why there is no reply, or none that can be read: step "MDTM". A refusal is none.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// PassiveAttempt is one attempt at a passive data connection.
type PassiveAttempt struct {
	// Command is "EPSV" or "PASV".
	Command string `json:"command"`
	// Variant says what differs from the first attempt, where it is made for comparison.
	Variant Variant `json:"variant,omitempty"`
	// OverTLS says that the control connection was protected by TLS.
	OverTLS bool `json:"over_tls,omitempty"`
	// Reply is the reply as it came.
	Reply *Reply `json:"reply,omitempty"`
	// Announced is the address and port in the reply; EPSV announces the port alone, and the address is the control peer's.
	Announced netip.AddrPort `json:"announced,omitzero"`
	// Used is where the data connection was tried: always at the control connection's peer, unless the user wants the announced
	// address followed. Invalid where none was tried.
	Used netip.AddrPort `json:"used,omitzero"`
	// Connected says that the data connection was made.
	Connected bool `json:"connected"`
	// ControlLost says that the control connection ended before the data connection was made: the port went with it.
	ControlLost bool `json:"control_lost,omitempty"`
	// ConnectTook is the time from the SYN to the connection, or to its failure.
	ConnectTook probes.Millis `json:"connect_took_ms,omitempty"`
	// Transport is what the kernel says of an attempt that failed.
	Transport probes.Transport `json:"transport,omitzero"`
	// Transfer is the listing through the data connection, where one was asked for.
	Transfer *Transfer `json:"transfer,omitempty"`
	// Fault is what went wrong: step "EPSV", "PASV" (a negative or malformed reply), "data connection".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Worked says that the data connection was made and, where a listing was asked for, that it went through.
func (a *PassiveAttempt) Worked() bool {
	return a != nil && a.Connected && a.Fault == nil && (a.Transfer == nil || a.Transfer.Worked())
}

// EndedUnused says that the data connection was made, and that its other end closed it without a byte, while the server never spoke of
// it. A server that ends the control connection ends its data connections with it, and is not meant.
func (a *PassiveAttempt) EndedUnused() bool {
	if a == nil || !a.Connected || a.Transfer == nil {
		return false
	}
	t := a.Transfer
	return t.Opening == nil && t.Fault.Of(probes.Timeout) && t.Bytes == 0 && t.End == "eof"
}

// Transfer is a listing, or a file, through a data connection.
type Transfer struct {
	// Command is the transfer command: "LIST", "STOR", "RETR".
	Command string `json:"command"`
	// Opening is the preliminary reply (125, 150), or the reply that refused the command.
	Opening *Reply `json:"opening,omitempty"`
	// Bytes counts what came over the data connection, or was sent over it.
	Bytes int64 `json:"bytes"`
	// FirstByteTook is the time from the command to the first byte; zero where none came.
	FirstByteTook probes.Millis `json:"first_byte_took_ms,omitempty"`
	// Silence is how long nothing had come over the data connection when we gave it up.
	Silence probes.Millis `json:"silence_ms,omitempty"`
	// End is how the data connection ended: "eof" (the server closed it), "truncated" (it closed it within a TLS record),
	// "cut" (we had read enough, or waited long enough, and closed it), "sent" (we had sent all), or empty where it did not end.
	End string `json:"end,omitempty"`
	// Secured says that TLS was spoken on the data connection.
	Secured bool `json:"secured,omitempty"`
	// Resumed says that it resumed the control connection's TLS session.
	Resumed bool `json:"resumed,omitempty"`
	// Offered says that we offered to resume a session: the server had given us a ticket.
	Offered bool `json:"offered,omitempty"`
	// Leaf is the SHA-256 fingerprint of the server's certificate on the data connection, in hexadecimal; empty where none was
	// sent, as where the session was resumed.
	Leaf string `json:"leaf,omitempty"`
	// InClear is what came in clear text where a ServerHello should have come.
	InClear string `json:"in_clear,omitempty"`
	// NoCloseNotify says that the server closed the data connection without TLS's close_notify (RFC 8446 §6.1).
	NoCloseNotify bool `json:"no_close_notify,omitempty"`
	// Transport is what the kernel says of a data connection over which nothing came.
	Transport probes.Transport `json:"transport,omitzero"`
	// Final is the final reply (226, 250, 4yz, 5yz).
	Final *Reply `json:"final,omitempty"`
	// Fault is what went wrong: step "LIST", "data connection" (active mode's), "data TLS handshake", "data", "final reply".
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Refused says that the server refused the listing itself, before or after opening the data connection (450, 550): the
// channel is judged by the connection, the listing is not.
func (t *Transfer) Refused() bool {
	if t == nil {
		return false
	}
	last := t.Last()
	return last != nil && (last.Code == 450 || last.Code == 550)
}

// Began says that the server announced the data: it had, or was about to have, a data connection.
func (t *Transfer) Began() bool { return t != nil && t.Opening.Positive() }

// Last is the last reply to the transfer command; nil where none came.
func (t *Transfer) Last() *Reply { return cmp.Or(t.Final, t.Opening) }

// Worked says that the data arrived and the final reply confirmed it.
func (t *Transfer) Worked() bool {
	return t != nil && t.Fault == nil && (t.Final.Done() || t.End == "cut")
}

// Active is active mode (RFC 959 §3.2 PORT; RFC 2428 §2 EPRT).
type Active struct {
	// Peer is the server's address on the control connection.
	Peer netip.Addr `json:"peer,omitzero"`
	// Local is our address on the control connection.
	Local netip.Addr `json:"local,omitzero"`
	// Attempts are the attempts in order: PORT, then EPRT where PORT was refused; over IPv6 EPRT alone.
	Attempts []ActiveAttempt `json:"attempts,omitempty"`
	// Seen is our address as the server sees it: from the text of its replies (STAT, a refused PORT). Invalid where it did not
	// tell.
	Seen netip.Addr `json:"seen,omitzero"`
	// SeenIn is the reply that told.
	SeenIn *Reply `json:"seen_in,omitempty"`
	// Compared are further attempts in which one thing differs from the first, which their Variant names.
	Compared []ActiveAttempt `json:"compared,omitempty"`
	// Unchecked is the reply to a PORT with a private address that is not ours, asked where nothing connected to our listener, on
	// another control connection, or where our own address was refused: a positive one says that the server does not look at private
	// addresses.
	Unchecked *Reply `json:"unchecked,omitempty"`
	// Fault is what kept active mode from being tried: step "listen", no listener could be opened.
	Fault *probes.Fault `json:"fault,omitempty"`
}

// ActiveAttempt is one attempt at an active data connection.
type ActiveAttempt struct {
	// Command is "PORT" or "EPRT".
	Command string `json:"command"`
	// Variant says what differs from the first attempt, where it is made for comparison.
	Variant Variant `json:"variant,omitempty"`
	// OverTLS says that the control connection was protected by TLS.
	OverTLS bool `json:"over_tls,omitempty"`
	// Announced is the address and port of our listener, as announced: the user may have given another address than our own.
	Announced netip.AddrPort `json:"announced"`
	// Reply is the reply to the command.
	Reply *Reply `json:"reply,omitempty"`
	// From is the address that connected to our listener; invalid where nothing did.
	From netip.AddrPort `json:"from,omitzero"`
	// Others are the addresses that connected to our listener and were not the server: the listener can be reached.
	Others []netip.AddrPort `json:"others,omitempty"`
	// Dropped counts the packets that reached this machine meanwhile, and nothing on it (Ip InReceives without InDelivers,
	// /proc/net/snmp): its own firewall drops them. The count is of the whole machine.
	Dropped uint64 `json:"dropped,omitempty"`
	// ConnectTook is the time from the transfer command to the server's connection, or to giving up.
	ConnectTook probes.Millis `json:"connect_took_ms,omitempty"`
	// Transfer is the listing.
	Transfer *Transfer `json:"transfer,omitempty"`
	// Fault is what went wrong: step "PORT", "EPRT" (a negative reply), "data connection" (nothing connected).
	Fault *probes.Fault `json:"fault,omitempty"`
}

// Worked says that the server connected and the listing went through.
func (a ActiveAttempt) Worked() bool {
	return a.From.IsValid() && a.Fault == nil && a.Transfer.Worked()
}
