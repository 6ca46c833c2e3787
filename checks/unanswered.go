package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// filterCause explains a handshake that nothing answered, or that the connection's end cut short, by what the trials changed.
func filterCause(h *tls.Handshake) *Cause {
	if said := lastWord(h); said != nil && said.Description != alertCloseNotify {
		return nil
	}
	t := readTrials(h)
	switch {
	case !t.silent && !t.reset && !t.closed:
		return nil
	case t.nameAnswered && !t.sizeAnswered && !t.sameAnswered:
		return t.nameFiltered()
	case t.mss.Complete && !t.nameAnswered && !t.sameAnswered:
		return t.blackHole()
	case t.sizeAnswered && !t.mss.Answered() && !t.nameAnswered && !t.sameAnswered:
		return t.tooLarge()
	case !t.anyAnswered:
		return t.nobodyAnswered()
	case t.silent && h.Transport.OutOfOrder > 0 && h.Transport.Unacked == 0 && t.mss.Complete:
		return t.inbound().likely("the same from a machine that has sent nothing there for ten minutes: what this one has learned of the path's " +
			"MTU since makes the server send smaller segments")
	}
	return nil // it comes and goes, or two things are wrong: nothing that was changed tells
}

// trials is what the trials of an unanswered handshake showed.
type trials struct {
	h                                        *tls.Handshake
	where                                    string
	silent, reset, closed                    bool
	size, mss                                tls.Answer
	named                                    []tls.Trial
	neutralAnswered                          bool
	nameAnswered, sizeAnswered, sameAnswered bool
	anyAnswered                              bool
	made                                     int // trials that had a connection
}

func readTrials(h *tls.Handshake) trials {
	t := trials{h: h, where: h.Address.String(), silent: h.Fault.Of(probes.Timeout), reset: h.Fault.Of(probes.Reset)}
	t.closed = h.Fault.Of(probes.Closed) || h.Alert != nil && h.Alert.Description == alertCloseNotify
	for _, trial := range h.Trials {
		a := trial.Answer
		answered := furtherThan(h, a)
		t.anyAnswered = t.anyAnswered || answered
		if a.HelloSize > 0 {
			t.made++
		}
		switch trial.Changed {
		case tls.ChangedSize:
			t.size, t.sizeAnswered = a, answered
		case tls.ChangedMSS:
			t.mss = a
		case tls.ChangedNothing:
			t.sameAnswered = answered
		case tls.ChangedName:
			t.named = append(t.named, trial)
			t.nameAnswered = t.nameAnswered || answered
			t.neutralAnswered = t.neutralAnswered || answered && trial.ServerName != ""
		}
	}
	return t
}

// furtherThan says that a trial came further than the handshake did: to an answer where that had none, and to its end where the server had
// begun to answer. A close_notify is no answer.
func furtherThan(h *tls.Handshake, a tls.Answer) bool {
	if a.Alert != nil && a.Alert.Description == alertCloseNotify {
		return false
	}
	return a.Complete || h.Received == 0 && a.Answered()
}

// nameFiltered is something that answers, or lets through, other names than ours.
func (t trials) nameFiltered() *Cause {
	cause := newCause("tls.sni-filtered", t.where, fmt.Sprintf("something on the way to %s %s TLS that asks for %s", t.where, t.does(), t.h.ServerName),
		ending(t.h), "the same address answers a ClientHello with another name, or with none").
		mend("ask whoever runs the network on the way (a firewall, a filter of names, the provider) to let %s through", t.h.ServerName)
	const aProxy = "the log of the server, or of the proxy before it, which may itself "
	switch acknowledged := t.h.Transport.BytesAcked > 0 && t.h.Transport.Unacked == 0; {
	case !t.neutralAnswered:
		return cause.likely(aProxy + "turn away every name that it does not know")
	case t.closed, t.silent && acknowledged:
		return cause.likely(aProxy + "have no live backend for this name")
	}
	return cause
}

// does is what happens to the ClientHello.
func (t trials) does() string {
	switch {
	case t.silent:
		return "swallows"
	case t.reset:
		return "resets"
	}
	return "ends"
}

// blackHole is a path that loses large segments and says nothing (RFC 2923 §2.1): with small ones the same handshake is completed.
func (t trials) blackHole() *Cause {
	if !t.silent {
		return nil
	}
	kernel := t.h.Transport
	if kernel.Unacked > 0 {
		return newCause("path.pmtu-blackhole-outbound", "", "large packets from here to "+t.where+" vanish on the way", ending(t.h),
			fmt.Sprintf("the kernel sent %d segment(s) again, and %d are still unacknowledged", kernel.Retransmits, kernel.Unacked),
			fmt.Sprintf("with segments of %d bytes at the most the handshake is completed", smallMSS)).
			mend("let ICMP \"packet too big\" (IPv4 3/4, IPv6 2) through on the way, or clamp the MSS on the router before the narrow link " +
				"(nft: tcp option maxseg size set rt mtu)")
	}
	return t.inbound()
}

// inbound is a path that loses the server's large segments.
func (t trials) inbound() *Cause {
	kernel := t.h.Transport
	cause := newCause("path.pmtu-blackhole-inbound", "", "large packets from "+t.where+" vanish on the way here", ending(t.h),
		"the server's kernel acknowledged all that we sent", fmt.Sprintf("with segments of %d bytes at the most the handshake is completed", smallMSS)).
		mend("let ICMP \"packet too big\" (IPv4 3/4, IPv6 2) through to the server, or clamp the MSS on the server's side of the narrow link")
	if kernel.OutOfOrder > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d segment(s) arrived ahead of what is missing", kernel.OutOfOrder))
	}
	return cause
}

// tooLarge is a device, or a server, that cannot take a ClientHello of more than one segment (RFC 8446 §9.3 has room for it).
func (t trials) tooLarge() *Cause {
	return newCause("tls.clienthello-too-large", t.where,
		fmt.Sprintf("something on the way to %s, or the server, cannot take a ClientHello of %d bytes", t.where, t.h.HelloSize), ending(t.h),
		fmt.Sprintf("a ClientHello of %d bytes is answered", t.size.HelloSize), "small segments do not help: it is not the path's MTU").
		mend("update the firewall or the load balancer before %s; until then let clients offer no post-quantum key (X25519MLKEM768)", t.where)
}

// nobodyAnswered is a service that answers no ClientHello, whatever it says.
func (t trials) nobodyAnswered() *Cause {
	var cause *Cause
	switch {
	case t.h.ServerHello != "" && t.silent:
		cause = newCause("tls.handshake-stall", t.where, t.where+" begins the TLS handshake and does not go on", ending(t.h)).
			mend("look at the service on %s and what it waits for: a hung process, a key store or backend that does not answer", t.where)
	case t.silent && t.h.Received == 0:
		cause = newCause("tls.handshake-stall", t.where, t.where+" accepts connections and never answers the ClientHello", ending(t.h)).
			mend("look at the service on %s: it hangs, waits for another protocol, or for a key store or backend that does not answer", t.where)
	case t.reset && t.h.Received == 0:
		cause = newCause("tls.reset", t.where, t.where+" resets the connection on the ClientHello", ending(t.h)).
			mend("make sure that the service on %s speaks TLS, and that no firewall on the way refuses TLS as such", t.where)
	case t.closed && t.h.ServerHello == "":
		cause = newCause("tls.closed", t.where, t.where+" ends the connection on the ClientHello, and does not say why", ending(t.h)).
			mend("make sure that the service on %s speaks TLS, and that the proxy or balancer there has a live backend", t.where)
	default:
		return nil
	}
	if t.made < len(t.h.Trials) || t.made == 0 {
		return cause.likely("the same handshake with another name and another size, for which there was no connection")
	}
	cause.Evidence = append(cause.Evidence, "neither another server name nor another size of the ClientHello or of the segments makes a difference")
	return cause
}
