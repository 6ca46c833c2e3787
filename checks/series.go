package checks

import (
	"fmt"
	"slices"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// seriesCause says why a transfer that the user asked for beside the listing did not go through, where passive mode works and nothing
// that is known already tells it.
func (b *bench) seriesCause(p *ftp.Passive, known []*Cause) *Cause {
	at := failedInSeries(p)
	if at < 0 || !decisiveAttempt(p).Worked() && !listingRefused(p) ||
		slices.ContainsFunc(known, func(c *Cause) bool { return c.ID == "ftps.ticket-exhausted" }) {
		return nil
	}
	a := &p.Series.Transfers[at]
	if a.Transfer == nil {
		return b.brokenSeries(p, at)
	}
	peer, t := p.Peer.String(), a.Transfer
	if ofTheFile(t) {
		return refusedFile(peer, t)
	}
	made := []string{quoted(a.Command, a.Reply), fmt.Sprintf("the connection to %s was made in %s", a.Used, a.ConnectTook)}
	if cause := b.transferCause(peer, t, made); cause != nil {
		return cause
	}
	if cause := strangerToServer(peer, t, made); cause != nil {
		return cause
	}
	if p.Series.UploadStalled() && p.SmallSeries.Uploaded() {
		return uploadBlackHole(p, made)
	}
	if cause := b.lostOnTheWay(t); cause != nil {
		return cause
	}
	return b.brokenSeries(p, at)
}

// uploadBlackHole is a path that loses the large segments of an upload, which goes through in small ones. The server may have been slow
// once, too.
func uploadBlackHole(p *ftp.Passive, made []string) *Cause {
	t := p.Series.Transfers[0].Transfer
	return newCause("path.pmtu-blackhole-outbound", "", fmt.Sprintf("large packets from here to %s vanish on the way", p.Peer),
		append(made, quoted(t.Command, t.Opening), fmt.Sprintf("%d bytes were sent, and nothing came at the %s", t.Bytes, t.Fault.Step),
			fmt.Sprintf("with %s the file is stored", inSmallSegments(p.Peer)))...).
		with(probes.Experiment{
			Variable: "segments of the data connection", A: "the system's", OutcomeA: "connected, then timeout",
			B: inSmallSegments(p.Peer), OutcomeB: p.SmallSeries.Transfers[0].Outcome(),
		}).
		likely("the same upload several times, with large and with small segments").
		mend("let ICMP \"packet too big\" (IPv4 3/4, IPv6 2) through on the way, or clamp the MSS on the router before the narrow link " +
			"(nft: tcp option maxseg size set rt mtu)")
}

// failedInSeries is the place of the transfer that the series broke off at; negative where none failed, or the diagnosis ended.
func failedInSeries(p *ftp.Passive) int {
	if p.Series == nil {
		return -1
	}
	return slices.IndexFunc(p.Series.Transfers, func(a ftp.PassiveAttempt) bool {
		return !a.Worked() && !interrupted(a.Fault, a.Transfer)
	})
}

// ofTheFile says that the server does not want a transfer, because of the file or the user: every other negative reply is of the data
// connection, or of what broke on the way (RFC 959 §4.2.1).
func ofTheFile(t *ftp.Transfer) bool {
	last := t.Last()
	return t.Fault.Of(probes.Negative) && last != nil && slices.Contains([]int{450, 452, 500, 501, 502, 504, 530, 532, 550, 551, 552, 553}, last.Code)
}

// refusedFile is a server that does not take a file, or does not give it back. Many are meant so.
func refusedFile(peer string, t *ftp.Transfer) *Cause {
	return newCause("ftp.transfer-refused", peer, fmt.Sprintf("the server refuses %s; passive mode itself works", t.Command), quoted(t.Command, t.Last())).
		mend("nothing needs to be done where files are not to be stored there; else let the user write to its directory, and look at its quota")
}

// brokenSeries is a transfer that something broke which nothing tells of. A file that was under way and did not arrive is what the user
// asked about; a port that cannot be reached, beside one that could, may come by turns, as may a listing.
func (b *bench) brokenSeries(p *ftp.Passive, at int) *Cause {
	a := &p.Series.Transfers[at]
	command, fault, severity := a.Command, a.Fault, SeverityWarn
	evidence := []string{quoted(a.Command, a.Reply)}
	if t := a.Transfer; t != nil {
		command, fault = t.Command, t.Fault
		evidence = append(evidence, quoted(t.Command, t.Opening), fmt.Sprintf("%d bytes went into the data connection, or came out of it", t.Bytes))
		if t.Final != nil {
			evidence = append(evidence, quoted("final reply", t.Final))
		}
		if t.Began() && t.Command != "LIST" {
			severity = SeverityFail
		}
	}
	if fault == nil || fault.Of(probes.Timeout) && b.blamed("path.lossy") {
		return nil
	}
	what := fmt.Sprintf("passive mode works, and transfer %d of those asked for (%s) fails at its %s: %s", at+1, command, fault.Step, fault.Kind)
	cause := newCause(unexplained+".ftp.passive", p.Peer.String(), what, append(evidence, fault.Step+": "+fault.Message)...).as(severity).restsOn("ftp.passive").
		mend("attach this report to a question to the operator of %s: the listing goes through, and this transfer does not", hostOf(b.e.Target))
	cause.Layer, cause.Confidence, cause.Settle = Application, Unknown, "the dialogue of the same transfer as the other side logged it"
	return cause
}
