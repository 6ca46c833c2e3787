package checks

import (
	"fmt"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftpclient"
)

// judgeClient tells what a stock client made of the server, and where that differs from what was measured, why. It decides nothing:
// what is wrong, the other checks know.
func (b *bench) judgeClient() {
	r := b.s.Client.result("ftp.client", Application)
	seen := seen(b.s.Client)
	if seen == nil {
		b.needless(r, "not asked: the other checks tell enough")
		return
	}
	works := b.passiveWorks()
	switch {
	case seen.Fault.Of(probes.Interrupted) && b.e.Interrupted != "":
		b.cutShort(r)
	case seen.Fault.Of(probes.Interrupted):
		b.needless(r, "not finished: the connection that it was asked about came late")
	case seen.Listed && works:
		b.found(r, Pass, seen.Library+" lists too"+b.repairs(seen))
	case seen.Listed:
		b.found(r, Pass, seen.Library+" lists, where passive mode failed"+b.repairs(seen))
	case len(b.noPassive) > 0:
		b.follows(r, Fail, describeClient(seen), b.noPassive)
	default:
		b.found(r, Warn, describeClient(seen)+b.clientsReason(seen))
	}
}

// repairs says what the client does in silence that others do not.
func (b *bench) repairs(seen *ftpclient.Result) string {
	p := b.announcedElsewhere()
	switch {
	case !p.IsValid(), b.givesEPSV(): // it never read the address
		return ""
	case len(seen.Dialed) > 1 && seen.Dialed[len(seen.Dialed)-1].Connected:
		return fmt.Sprintf(": it goes to the control connection's peer, whatever the reply to PASV announces (%s)", p)
	}
	return ""
}

// givesEPSV says that the server answers EPSV, which the client asks first.
func (b *bench) givesEPSV() bool {
	p := seen(b.s.Passive)
	return p != nil && p.EPSV != nil && p.EPSV.Announced.IsValid()
}

func (b *bench) worksByEPSV() bool {
	p := seen(b.s.Passive)
	return p != nil && p.EPSV.Worked()
}

func describeClient(seen *ftpclient.Result) string {
	if seen.Panicked {
		return seen.Library + " crashes on what the server says"
	}
	if seen.Fault == nil {
		return seen.Library + " fails"
	}
	return fmt.Sprintf("%s fails at %s: %s", seen.Library, seen.Fault.Step, seen.Fault.Message)
}

// clientsReason says why the client may fail where nothing else does.
func (b *bench) clientsReason(seen *ftpclient.Result) string {
	switch fault := seen.Fault; {
	case fault == nil, seen.Panicked:
		return ""
	case fault.Of(probes.TooLong):
		return " (rung reads no more than a bounded amount for it)"
	case fault.Of(probes.Withheld):
		return " (it wanted to connect where rung does not go without --follow-pasv)"
	case seen.Code > 0 && seen.Code < 400:
		return fmt.Sprintf(" (it takes one code a step, and not %d, which is positive too)", seen.Code)
	case fault.Step == "list" && (fault.Of(probes.Timeout) || fault.Of(probes.Refused)) && !b.worksByEPSV():
		return " (it does not try PASV where EPSV's data connection fails)"
	}
	return ""
}
