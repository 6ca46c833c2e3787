package output

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// outcome is what came of trials that sent the same and got the same.
type outcome struct {
	tls.Trial
	times int
}

// outcomes puts trials together that changed the same and came to the same end, without those that the causes tell. Where two of a
// change came to another end each, a cause tells half of it, and both are here.
func (p *page) outcomes(trials []tls.Trial, causes []checks.Cause) (all []outcome) {
	ends := map[string]int{} // by change
	for _, t := range trials {
		same := func(o outcome) bool {
			return changeText(o.Trial) == changeText(t) && p.endText(o.Answer) == p.endText(t.Answer)
		}
		if i := slices.IndexFunc(all, same); i >= 0 {
			all[i].times++
			continue
		}
		ends[changeText(t)]++
		all = append(all, outcome{t, 1})
	}
	return slices.DeleteFunc(all, func(o outcome) bool { return ends[changeText(o.Trial)] == 1 && toldBy(causes, o.Trial) })
}

// change says what was changed, and how often.
func (o outcome) change() string {
	return changeText(o.Trial) + repeated(o.times)
}

// trials writes what came of handshakes with one thing changed, without those that the causes tell.
func (p *page) trials(trials []tls.Trial, causes []checks.Cause) {
	all := p.outcomes(trials, causes)
	if len(all) == 0 {
		return
	}
	width := 0
	for _, o := range all {
		width = max(width, p.columns(o.change()))
	}
	if p.width > 0 {
		width = min(width, p.width/2)
	}
	p.paragraph(blank(causeIndent), causeIndent, "once more, each time with one thing changed:")
	for _, o := range all {
		lead := blank(2*causeIndent) + p.cell(nil, p.shorten(o.change(), width), width) + p.answerMark(o.Answer) + " "
		p.paragraph(lead, columns(string(lead)), p.shorten(p.answerText(o.Answer), longestStep))
	}
}

// answerMark tells what was accepted from what was not, and from what is open: an answer came, and not all of the handshake.
func (p *page) answerMark(a tls.Answer) ink {
	switch {
	case a.Complete, a.Version != "" && !a.Retry && a.Fault == nil:
		return p.ink(p.green, p.word("✓", "ok"))
	case a.Version != "" || a.Retry:
		return p.ink(nil, p.word("–", "--"))
	}
	return p.ink(nil, p.word("✗", "XX"))
}

// toldBy says that an experiment of a cause is the trial.
func toldBy(causes []checks.Cause, t tls.Trial) bool {
	return slices.ContainsFunc(causes, func(c checks.Cause) bool {
		return slices.ContainsFunc(c.Experiments, func(e probes.Experiment) bool {
			return e.Variable == string(t.Changed) && (e.B == t.With || e.B == counted(t.Answer.HelloSize, "byte"))
		})
	})
}

// changeText says what was changed, for people; the size of a ClientHello in numbers.
func changeText(t tls.Trial) string {
	text := cmp.Or(t.With, string(t.Changed))
	if t.Changed == tls.ChangedSize && t.Answer.HelloSize > 0 {
		text += ", " + counted(t.Answer.HelloSize, "byte")
	}
	return text
}

// answerText is what came of a ClientHello, and when.
func (p *page) answerText(a tls.Answer) string {
	if notSent(a) {
		return p.endText(a)
	}
	return p.endText(a) + " after " + a.Took.String()
}

// notSent says that the connection for a ClientHello could not be made.
func notSent(a tls.Answer) bool {
	return a.Version == "" && a.Fault != nil && a.Fault.Step != "handshake"
}

// endText is what came of a ClientHello.
func (p *page) endText(a tls.Answer) string {
	var words string
	switch {
	case a.Complete:
		words = "complete"
	case a.Retry:
		words = "HelloRetryRequest"
	case a.Version != "":
		words = "ServerHello"
	case notSent(a):
		return "not sent: " + faultText(a.Fault)
	default:
		return p.noAnswer(a)
	}
	for _, part := range []string{a.Version, a.Suite, groupText(a.Group)} {
		if part != "" {
			words += ", " + part
		}
	}
	if a.Leaf != "" {
		words += ", certificate " + a.Leaf[:min(len(a.Leaf), 8)] + inBrackets(a.Key) // enough to compare
	}
	switch {
	case a.Fault.Of(probes.Timeout):
		words += ", then nothing more"
	case a.Fault != nil:
		words += ", then " + p.noAnswer(a)
	}
	return words
}

func (p *page) noAnswer(a tls.Answer) string {
	switch {
	case a.Alert != nil:
		return "alert " + alertText(a.Alert)
	case a.Plaintext != "":
		return "no TLS but the text " + p.quoted(a.Plaintext)
	case a.Fault == nil:
		return "nothing"
	case a.Fault.Of(probes.Timeout) && a.Received > 0:
		return fmt.Sprintf("no more than %s", counted(a.Received, "byte"))
	case a.Fault.Of(probes.Timeout):
		return "nothing"
	case a.Fault.Of(probes.Closed):
		return "closed (FIN)"
	case a.Fault.Of(probes.Reset):
		return "reset (RST)"
	}
	return cmp.Or(a.Fault.Message, string(a.Fault.Kind))
}
