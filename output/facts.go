package output

import (
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
	"github.com/rung-cli/rung/probes/ftpclient"
)

// sampling writes the passive ports that were tried, those of like outcome together.
func (p *page) sampling(s *ftp.Sampling) {
	if s == nil {
		return
	}
	p.line()
	count := fmt.Sprint(len(s.Samples))
	if len(s.Samples) != s.Wanted {
		count += fmt.Sprintf(" of %d", s.Wanted)
	}
	p.line(p.ink(p.bold, "Passive ports"), p.ink(nil, "  "+count+" tried, each before the next was asked for"))
	var outcomes []string
	of := map[string][]uint16{}
	for _, sample := range s.Samples {
		outcome := sampleOutcome(sample)
		if _, known := of[outcome]; !known {
			outcomes = append(outcomes, outcome)
		}
		of[outcome] = append(of[outcome], sample.Announced.Port())
	}
	for _, outcome := range outcomes {
		slices.Sort(of[outcome])
		p.paragraph(blank(causeIndent), 2*causeIndent, portList(slices.Compact(of[outcome]))+" "+outcome)
	}
	if s.Fault != nil {
		p.paragraph(blank(causeIndent), 2*causeIndent, "then "+faultText(s.Fault))
	}
}

func portList(numbers []uint16) string {
	return strings.Trim(strings.ReplaceAll(fmt.Sprint(numbers), " ", ", "), "[]")
}

// sampleOutcome is what came of a port, in words that are the same for like outcomes.
func sampleOutcome(s ftp.Sample) string {
	if len(s.Tries) == 0 {
		return "not tried"
	}
	var words []string
	for _, try := range s.Tries {
		words = append(words, tryWord(try))
	}
	count := len(words)
	switch words = slices.Compact(words); {
	case len(words) > 1:
		return strings.Join(words, ", then ") + fmt.Sprintf(" (tried %d times)", count)
	case count > 1:
		return fmt.Sprintf("%s (tried %d times)", words[0], count)
	}
	return words[0]
}

func tryWord(try ftp.Try) string {
	switch {
	case try.Fault == nil:
		return "connected"
	case try.Fault.Of(probes.Timeout):
		return "silent"
	case try.Fault.ICMP != nil:
		return try.Fault.ICMP.Error()
	}
	return string(try.Fault.Kind)
}

// series writes the transfers of one session.
func (p *page) series(s *ftp.Series) {
	if s == nil {
		return
	}
	p.line()
	p.line(p.ink(p.bold, "Transfers"), p.ink(nil, "  one after the other, with the file "+s.File))
	for i := range s.Transfers {
		p.transferFact(&s.Transfers[i])
	}
	switch {
	case s.Left:
		p.labelled("left", s.File+" may still be on the server")
	case s.Removed != nil:
		p.labelled("DELE", replyText(s.Removed))
	}
}

func (p *page) transferFact(a *ftp.PassiveAttempt) {
	t := a.Transfer
	if t == nil {
		p.labelled(a.Command, faultText(a.Fault))
		return
	}
	parts := []string{counted(t.Bytes, "byte")}
	switch {
	case t.Secured && t.Resumed:
		parts = append(parts, "TLS resumed")
	case t.Secured:
		parts = append(parts, "TLS with a full handshake")
	}
	switch last := t.Last(); {
	case t.Fault != nil:
		parts = append(parts, faultText(t.Fault))
	case last != nil:
		parts = append(parts, replyText(last))
	}
	p.labelled(t.Command, strings.Join(parts, ", "))
}

// translation writes whether something translates our address on the way to the server.
func (p *page) translation(t *checks.Translation) {
	if t == nil {
		return
	}
	text := "perhaps behind NAT"
	switch t.Translated {
	case "yes":
		text = "behind NAT"
	case "no":
		text = "not behind NAT"
	}
	p.line()
	p.paragraph(p.ink(p.bold, "Our address")+"  ", causeIndent, addressText(t.Local)+", "+text+": "+t.Because)
}

// firstConnection writes what clients meet at several addresses, where those that race them do not notice that some are dead.
func (p *page) firstConnection(f *checks.FirstConnection, all bool) {
	if f == nil || len(f.Dead) == 0 || !f.Racing.Address.IsValid() || !f.Hidden() && !all {
		return
	}
	text := fmt.Sprintf("who races the addresses, as browsers do, connects to %s after %s", f.Racing.Address, f.Racing.After)
	if f.Hidden() {
		text = fmt.Sprintf("a browser would hide this: it connects to %s after %s", f.Racing.Address, f.Racing.After)
	}
	p.line()
	p.paragraph(p.ink(p.bold, "First connection")+"  ", causeIndent, fmt.Sprintf("%s; a client that tries the addresses in order waits %s%s", text,
		f.InOrder.After, ifAny("or more", "", f.InOrder.AtLeast)))
}

// hold writes what became of a control connection left idle.
func (p *page) hold(h *ftp.Hold) {
	if h == nil {
		return
	}
	text := "idle for " + h.For.String() + " beside a data connection, then "
	switch {
	case h.Fault != nil:
		text += faultText(h.Fault)
	case h.Reply != nil:
		text += replyText(h.Reply)
	default:
		text += "nothing"
	}
	p.line()
	p.paragraph(p.ink(p.bold, "Control connection")+"  ", causeIndent, text)
}

// stockClient writes what a stock client did.
func (p *page) stockClient(r *ftpclient.Result) {
	p.line()
	p.line(p.ink(p.bold, "Second opinion"), p.ink(nil, "  "+r.Library))
	for _, dial := range r.Dialed {
		p.labelled(dial.Purpose, dialText(dial))
	}
	switch {
	case r.Panicked:
		p.labelled("crashed", faultText(r.Fault))
	case r.Listed:
		p.labelled("listed", counted(r.Entries, "entry")+" in "+r.Took.String())
	default:
		p.labelled("failed", faultText(r.Fault))
	}
}

func dialText(d ftpclient.Dial) string {
	to := d.Asked
	if d.To.IsValid() {
		to = d.To.String()
	}
	parts := []string{to}
	switch {
	case d.Connected:
		parts = append(parts, "connected after "+d.ConnectTook.String(), counted(d.Bytes, "byte"))
	case d.Fault != nil:
		parts = append(parts, faultText(d.Fault))
	}
	switch {
	case d.Resumed:
		parts = append(parts, "TLS resumed")
	case d.Secured:
		parts = append(parts, "TLS")
	}
	return strings.Join(parts, ", ")
}
