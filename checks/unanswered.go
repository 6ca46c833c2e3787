package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// trials is what the trials of a failed handshake showed. A trial was answered, it failed as the handshake did, or it tells nothing: there
// was no connection for it, or it failed in another way, as where a server has no place for so many.
type trials struct {
	h                      *tls.Handshake
	where                  string
	silent, reset, closed  bool
	size, mss              tls.Answer
	answered, failed, mute map[tls.Change]int
	neutral                bool // a ClientHello with a name that nobody knows was answered
	outOfOrder             bool // segments came ahead of others that did not
	acknowledged           bool // the ClientHello of some trial was acknowledged
	byChance               bool // trials that were the same ended differently
}

func readTrials(h *tls.Handshake) trials {
	t := trials{
		h: h, where: h.Address.String(), silent: h.Fault.Of(probes.Timeout), reset: h.Fault.Of(probes.Reset),
		closed:     h.Fault.Of(probes.Closed) || h.Alert != nil && h.Alert.Description == alertCloseNotify,
		answered:   map[tls.Change]int{},
		failed:     map[tls.Change]int{},
		mute:       map[tls.Change]int{},
		outOfOrder: h.Transport.OutOfOrder > 0,
	}
	type sent struct {
		changed tls.Change
		name    string
	}
	further := map[sent]bool{}
	for _, trial := range h.Trials {
		if trial.Changed == tls.ChangedPacket { // made where small ones are known to pass
			continue
		}
		a := trial.Answer
		what := sent{trial.Changed, trial.ServerName}
		t.acknowledged = t.acknowledged || a.Acknowledged > 0
		switch came, again := further[what]; {
		case furtherThan(h, a):
			t.answered[trial.Changed]++
			t.neutral = t.neutral || trial.Changed == tls.ChangedName && trial.ServerName != ""
			t.byChance = t.byChance || again && !came
			further[what] = true
		case a.HelloSize > 0 && failsAlike(h, a):
			t.failed[trial.Changed]++
			t.byChance = t.byChance || again && came
			further[what] = false
		default:
			t.mute[trial.Changed]++
		}
		t.outOfOrder = t.outOfOrder || a.Transport.OutOfOrder > 0
		switch trial.Changed {
		case tls.ChangedSize:
			t.size = a
		case tls.ChangedMSS:
			t.mss = a
		}
	}
	return t
}

// furtherThan says that a trial came further than the handshake did: to an answer where that had none, and to its end where the server had
// begun to answer. A close_notify is no answer.
func furtherThan(h *tls.Handshake, a tls.Answer) bool {
	switch said := lastWord(h); {
	case a.Alert != nil && a.Alert.Description == alertCloseNotify:
		return false
	case a.Complete:
		return true
	case said != nil && said.Description != alertCloseNotify:
		return h.ServerHello == "" && a.Version != "" && !a.Retry && (a.Alert == nil || a.Alert.Description != said.Description)
	}
	return h.Received == 0 && a.Answered()
}

// failsAlike says that a trial failed as the handshake did.
func failsAlike(h *tls.Handshake, a tls.Answer) bool {
	said := lastWord(h)
	const roundTrips = 2 // less is no time for an answer
	switch {
	case a.Fault == nil, a.Fault.Of(probes.Timeout) && a.Took < roundTrips*a.Transport.RTT:
		return false
	case said != nil && a.Alert != nil:
		return said.Description == a.Alert.Description
	case h.ClientCertificate != nil: // a server that turns a client away resets now, and ends then
		return a.Fault.Of(probes.Timeout) == h.Fault.Of(probes.Timeout)
	}
	return a.Fault.Kind == h.Fault.Kind
}

// onlyAnswered says that trials of that kind were answered, and none failed.
func (t trials) onlyAnswered(c tls.Change) bool { return t.answered[c] > 0 && t.failed[c] == 0 }

// onlyFailed says that trials of that kind failed, and none was answered.
func (t trials) onlyFailed(c tls.Change) bool { return t.failed[c] > 0 && t.answered[c] == 0 }

// complete says that every trial tells something.
func (t trials) complete() bool { return len(t.mute) == 0 && len(t.h.Trials) > 0 }

// comesAndGoes is a server, or what stands before it, that fails and answers the very same handshake.
func comesAndGoes(h *tls.Handshake) *Cause {
	t := readTrials(h)
	works := t.answered[tls.ChangedNothing]
	if works == 0 && !t.byChance || t.learned() || t.learnedThere() {
		return nil
	}
	cause := newCause("tls.intermittent", t.where, fmt.Sprintf("%s fails some handshakes and completes others that are the same", t.where), ending(h)).
		mend("look at each server behind %s by itself: a balancer with one sick backend, a limit on connections, or a server that breaks down "+
			"now and then", t.where)
	if works > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("of %d handshakes that were the same %d came further",
			1+works+t.failed[tls.ChangedNothing]+t.mute[tls.ChangedNothing], works))
	} else {
		cause.Evidence = append(cause.Evidence, "trials that were made twice in the same way ended differently")
	}
	if k := h.Transport; t.silent && (k.Partial || k.Retransmits > 0 || k.Unacked > 0 || k.OutOfOrder > 0) {
		cause.likely("where segments were lost: the failed one had some, and the path may be what comes and goes")
	}
	return cause
}

// learned says that the handshake broke on a path that this machine has learned of since: what came first came without its head, and all
// that was tried later, in smaller segments, came.
func (t trials) learned() bool {
	return t.silent && t.h.Transport.OutOfOrder > 0 && t.h.Transport.Unacked == 0 && t.mss.Complete
}

// learnedThere says that only large ClientHellos were lost, and that some came later: the server has learned of the path's MTU from its own
// large packets, and announces smaller segments since.
func (t trials) learnedThere() bool {
	return t.silent && t.h.Transport.Unacked > 0 && t.mss.Complete && t.onlyAnswered(tls.ChangedSize) && t.failed[tls.ChangedMSS] == 0 &&
		t.answered[tls.ChangedNothing] > 0
}

// filterCause explains a handshake that nothing answered, or that the connection's end cut short, by what the trials changed.
func filterCause(h *tls.Handshake) *Cause {
	if said := lastWord(h); said != nil && said.Description != alertCloseNotify {
		return nil
	}
	t := readTrials(h)
	named := t.answered[tls.ChangedName]+t.failed[tls.ChangedName] > 0
	switch {
	case !t.silent && !t.reset && !t.closed:
		return nil
	case t.mss.Complete && t.failed[tls.ChangedName] > 0 && t.answered[tls.ChangedName] == 0, t.mss.Complete && !named && t.failed[tls.ChangedNothing] > 0:
		return t.asFarAsTried(t.blackHole())
	case t.learnedThere():
		return t.blackHole().likely("the same where nothing has been sent for ten minutes: some large ClientHellos came later, as where one end has " +
			"learned of the path's MTU meanwhile")
	case t.learned():
		return t.inbound().likely("the same from a machine that has sent nothing there for ten minutes: what this one has learned of the path's " +
			"MTU since makes the server send smaller segments")
	case t.silent && h.Transport.Unacked > 0 && t.answered[tls.ChangedMSS] > 0 && t.failed[tls.ChangedNothing] > 0 && !t.onlyAnswered(tls.ChangedName):
		return t.asFarAsTried(t.blackHole())
	case t.silent && h.Transport.Unacked > 0 && t.mss.Acknowledged > 0 && t.answered[tls.ChangedMSS] == 0 && t.failed[tls.ChangedNothing] > 0:
		return t.blackHole().likely("the same with a server that has a place for it: small segments arrive, and were not answered")
	case t.onlyAnswered(tls.ChangedName) && t.onlyFailed(tls.ChangedSize):
		return t.asFarAsTried(t.nameFiltered())
	case t.answered[tls.ChangedName] > 0 && t.onlyFailed(tls.ChangedSize) && t.onlyFailed(tls.ChangedMSS):
		return t.nameFiltered()
	case t.onlyAnswered(tls.ChangedSize) && t.answered[tls.ChangedMSS] == 0 && t.answered[tls.ChangedName] == 0 && t.failed[tls.ChangedNothing] > 0 &&
		(t.failed[tls.ChangedMSS] > 0 || t.mss.Fault.Of(probes.Unsupported)):
		return t.asFarAsTried(t.tooLarge())
	case len(t.answered) == 0:
		return t.nobodyAnswered()
	}
	return nil // two things are wrong, or the server had no place for the trials: nothing that was changed tells
}

// asFarAsTried lowers the confidence in a cause where some trials tell nothing.
func (t trials) asFarAsTried(cause *Cause) *Cause {
	if cause != nil && cause.Confidence == Proven && !t.complete() {
		cause.likely("the same handshake with what could not be tried, for want of a connection")
	}
	return cause
}

// nameFiltered is something that answers, or lets through, other names than ours.
func (t trials) nameFiltered() *Cause {
	cause := newCause("tls.sni-filtered", t.where, fmt.Sprintf("something on the way to %s %s TLS that asks for %s", t.where, t.does(), t.h.ServerName),
		ending(t.h), "the same address answers a ClientHello with another name, or with none").
		mend("ask whoever runs the network on the way (a firewall, a filter of names, the provider) to let %s through", t.h.ServerName)
	const aProxy = "the log of the server, or of the proxy before it, which may itself "
	switch swallowed := t.h.Acknowledged == 0 && t.h.Transport.Counts(); {
	case !t.neutral:
		return cause.likely(aProxy + "turn away every name that it does not know")
	case t.closed, !swallowed: // the other end has got it
		return cause.likely(aProxy + "have no live backend for this name")
	}
	cause.Evidence = append(cause.Evidence, "nobody acknowledged the ClientHello")
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

// blackHole is a path that loses large segments and says nothing (RFC 2923 §2.1): with small ones the same handshake comes further.
func (t trials) blackHole() *Cause {
	if !t.silent {
		return nil
	}
	kernel := t.h.Transport
	if kernel.Unacked > 0 {
		return t.packets().clamping(newCause("path.pmtu-blackhole-outbound", "", "large packets from here to "+t.where+" vanish on the way", ending(t.h),
			fmt.Sprintf("the kernel sent %d segment(s) again, and %d are still unacknowledged", kernel.Retransmits, kernel.Unacked),
			"with "+t.smallSegments()+" at the most the ClientHello is "+t.fate()).
			mend("let ICMP \"packet too big\" (IPv4 3/4, IPv6 2) through on the way, or clamp the MSS on the router before the narrow link "+
				"(nft: tcp option maxseg size set rt mtu)"), t.h.Address.Addr())
	}
	cause := t.inbound()
	if !t.outOfOrder {
		cause.likely("the same handshake several times, with large and with small segments")
	}
	return cause
}

// fate is what became of the ClientHello in small segments.
func (t trials) fate() string {
	if t.answered[tls.ChangedMSS] > 0 {
		return "answered"
	}
	return "acknowledged"
}

// smallSegments is what the trial with small segments sent, in words.
func (t trials) smallSegments() string {
	return fmt.Sprintf("segments of %d bytes", smallMSS(t.h.Address.Addr()))
}

// inbound is a path that loses the server's large segments.
func (t trials) inbound() *Cause {
	cause := newCause("path.pmtu-blackhole-inbound", "", "large packets from "+t.where+" vanish on the way here", ending(t.h),
		"the server's kernel acknowledged all that we sent", "with "+t.smallSegments()+" at the most the handshake is completed").
		mend(letLargePacketsIn)
	if out := t.h.Transport.OutOfOrder; out > 0 {
		cause.Evidence = append(cause.Evidence, fmt.Sprintf("%d segment(s) arrived ahead of what is missing", out))
	}
	return t.packets().clamping(cause, t.h.Address.Addr())
}

const letLargePacketsIn = "let ICMP \"packet too big\" (IPv4 3/4, IPv6 2) through to the server, or clamp the MSS on the server's side of " +
	"the narrow link"

// tooLarge is a device, or a server, that cannot take a ClientHello of more than one segment (RFC 8446 §9.3 has room for it).
func (t trials) tooLarge() *Cause {
	cause := newCause("tls.clienthello-too-large", t.where,
		fmt.Sprintf("something on the way to %s, or the server, cannot take a ClientHello of %d bytes", t.where, t.h.HelloSize), ending(t.h),
		fmt.Sprintf("a ClientHello of %d bytes is answered", t.size.HelloSize)).
		mend("update the firewall or the load balancer before %s; until then let clients offer no post-quantum key (X25519MLKEM768)", t.where)
	if t.failed[tls.ChangedMSS] > 0 {
		cause.Evidence = append(cause.Evidence, "small segments do not help: it is not the path's MTU")
	}
	return cause
}

// nobodyAnswered is a service that answers no ClientHello, whatever it says, or one that no ClientHello reaches.
func (t trials) nobodyAnswered() *Cause {
	var cause *Cause
	switch {
	case t.silent && t.outOfOrder:
		return nil // something did come, and it was not the beginning
	case t.silent && t.h.Received == 0 && t.h.Acknowledged == 0 && t.h.Transport.Counts() && t.h.Transport.RTT > 0 && t.h.Transport.Unacked == 0:
		return nil // nothing was sent: a firewall of this machine's own and a server that opens no window look alike
	case t.silent && t.h.Received == 0 && t.h.Transport.Unacked > 0 && (t.acknowledged || t.failed[tls.ChangedSize]+t.failed[tls.ChangedMSS] == 0):
		return nil // some ClientHello did arrive, or none was small
	case t.silent && t.h.Received == 0 && t.h.Transport.Unacked > 0:
		cause = newCause("tls.filtered", t.where, "something on the way to "+t.where+" lets TCP pass, and drops TLS", ending(t.h),
			fmt.Sprintf("the kernel sent %d segment(s) of the ClientHello again, and nobody acknowledged them", t.h.Transport.Retransmits)).
			mend("ask whoever runs the network on the way, or the firewall of %s, to let TLS through on this port", t.where)
	case t.silent && t.h.ServerHello != "":
		cause = newCause("tls.handshake-stall", t.where, t.where+" begins the TLS handshake and does not go on", ending(t.h)).
			mend("look at the service on %s and what it waits for: a hung process, a key store or backend that does not answer", t.where)
	case t.silent && t.h.Received == 0:
		cause = newCause("tls.handshake-stall", t.where, t.where+" accepts connections and never answers the ClientHello", ending(t.h)).
			mend("look at the service on %s: it hangs, waits for another protocol, or for a key store or backend; where its log shows answers, "+
				"something drops them on their way back", t.where)
	case t.reset && t.h.Received == 0:
		cause = newCause("tls.reset", t.where, t.where+" resets the connection on the ClientHello", ending(t.h)).
			mend("make sure that the service on %s speaks TLS, and that no firewall on the way refuses TLS as such", t.where)
	case t.closed && t.h.ServerHello == "":
		cause = newCause("tls.closed", t.where, t.where+" ends the connection on the ClientHello, and does not say why", ending(t.h)).
			mend("make sure that the service on %s speaks TLS, and that the proxy or balancer there has a live backend", t.where)
	default:
		return nil
	}
	switch {
	case !t.complete():
		return cause.likely("the same handshake with another name and another size, for which there was no connection")
	case t.silent && t.h.Transport.Partial:
		return cause.likely("whether the ClientHello was acknowledged, which this system does not tell")
	}
	cause.Evidence = append(cause.Evidence, "neither another server name nor another size of the ClientHello or of the segments makes a difference")
	return cause
}
