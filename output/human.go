package output

import (
	"io"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/fatih/color"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/path"
)

// The rules of the terminal:
//
//   - The first line is the answer: the verdict, the target, and what is wrong in one sentence. Who reads no further knows it.
//   - Then the ladder, bottom to top of the stack, one line a check: its mark, its name, what was found, and on the right how
//     long it took, where that is a millisecond or more. The eye finds the broken rung by the column of marks.
//   - Then each root cause: what and where, the proof, the experiment that told it from its look-alikes, and after an arrow what
//     to do. What is only for information takes a line or two, after the others.
//   - Between the two, what the eye compares, where it shows something that matters: the TLS handshake up to the message where it
//     stopped, and what came when it was tried again; the certificates that are not as they should be; the table of the FTP data
//     connections that were tried, where one of a mode in trouble failed; a picture of each exchange in which a cause shows; the hops on
//     the way to a silent port. What works, or fails without being needed, is not drawn. What only a flag asks for, as a survey, always is.
//   - Last what was not tested and why, and where to read more. A check that nothing asked for is not there at all.
//   - What the headline or the footer says is not said again. Nothing is drawn but those pictures: no boxes, no rules, and no
//     headings but the names of the layers, of tables and pictures and, where they are asked for, of the dialogues.
//   - A picture has two lifelines and time runs downwards. Its text begins on the left whatever way an arrow points, every arrow has
//     the ports at its ends, one that never arrived ends in the mark of a failed check, and what is known beside stands below it. A
//     port that nobody saw has a question mark. It is 48 columns wide at least and 76 at most, whatever the page.
//   - A handshake is told as a textbook tells one: a line a message, with when it came, an arrow for the way it went, its name and size,
//     and in plain words what it means with the values of this connection; messages that say the same share a line. Where it stopped, the
//     last line has the mark of a failed check, what was waited for and what came instead. An experiment is told once: below the
//     handshake, or in the cause that rests on it.
//   - A certificate is a number, its place in the chain as sent, and its subject, with the facts below.
//   - Colour repeats what a mark or a word says, and never says anything alone: red failed, yellow warned, green passed, faint of
//     less weight.
//   - Text is wrapped at spaces, under its own beginning; an address is never split. Only a word that is longer than a whole line is
//     cut. A command to be copied goes on beyond the edge instead.
//   - Every piece of text is escaped, whoever wrote it: nothing in a report can move the cursor, turn a line around, or pass for
//     a line of ours.

// HumanOptions say how a page is to look.
type HumanOptions struct {
	// Color allows the sequences that colour a terminal.
	Color bool
	// Width is the number of columns at which text is wrapped; 0 wraps nothing.
	Width int
	// Verbose adds the checks that nothing asked for, the pictures, tables and paths of what works, the facts of TLS handshakes, of
	// certificates and of FTP's data modes, the dialogues of control connections, and when and where it was measured.
	Verbose bool
	// Trace tells every TLS handshake message by message, and adds the certificates.
	Trace bool
	// ASCII writes nothing beyond ASCII.
	ASCII bool
}

// Human writes the report as a page for people. The error is the writer's.
func Human(w io.Writer, report *checks.Report, o HumanOptions) error {
	p := newPage(o.Width, o.Color, o.ASCII)
	p.headline(report)
	results := report.Checks
	if !o.Verbose {
		results = slices.DeleteFunc(slices.Clone(results), needless)
	}
	p.ladder(results, report.Causes)
	p.firstConnection(report.FirstConnection, o.Verbose)
	p.security(report, o)
	p.dataChannels(report, o.Verbose)
	p.paths(report, o.Verbose || report.Settings.TracePath || losesOrDelays(report.Causes))
	if o.Verbose {
		p.details(report)
	}
	p.causes(report)
	p.footer(report, results, o.Verbose)
	_, err := io.WriteString(w, p.b.String())
	return err
}

// headline is the answer: on one line where it fits.
func (p *page) headline(report *checks.Report) {
	lead := p.ink(p.verdictStyle(report.Verdict), strings.ToUpper(string(report.Verdict))) + "  "
	target := p.ink(p.bold, targetName(report.Target))
	oneLine := lead + target + "  " + p.ink(nil, report.Summary)
	if p.width <= 0 || columns(string(oneLine)) <= p.width {
		p.line(oneLine)
		return
	}
	indent := columns(string(lead))
	for _, line := range p.wrap(targetName(report.Target), indent, indent) {
		p.line(lead, p.ink(p.bold, line))
		lead = blank(indent)
	}
	p.paragraph(blank(indent), indent, report.Summary)
}

// losesOrDelays says that a cause is one that the hops of a way tell more about, though it arrives.
func losesOrDelays(causes []checks.Cause) bool {
	return slices.ContainsFunc(causes, func(c checks.Cause) bool { return c.ID == "path.lossy" || c.ID == "path.slow" })
}

func targetName(target *checks.Target) string {
	if target == nil {
		return "this machine's network"
	}
	return target.URL
}

func (p *page) verdictStyle(v checks.Verdict) *color.Color {
	switch v {
	case checks.VerdictOK:
		return p.green
	case checks.VerdictFail:
		return p.red
	}
	return p.yellow
}

// ladder writes the checks, grouped by layer.
func (p *page) ladder(results []checks.Result, causes []checks.Cause) {
	results = slices.Clone(results)
	slices.SortStableFunc(results, func(a, b checks.Result) int { return height(a.Layer) - height(b.Layer) })
	widths := p.ladderWidths(results, causes)
	for i, result := range results {
		if i == 0 {
			p.line()
		}
		if i == 0 || result.Layer != results[i-1].Layer {
			p.line(p.ink(p.faint, string(result.Layer)))
		}
		p.rung(result, causes, widths)
	}
}

// whereNeeded are the checks that are made only where others leave a question.
var whereNeeded = []string{"clock", "firewall", "gateway", "path", "anchor", "nowhere", "tls.revocation", "tls.survey", "ftp.client", "proxy"}

// needless says that a check was not made because nothing asked for it, or not any more. One that could not be made is another matter.
func needless(r checks.Result) bool {
	if r.Status != checks.Skip || !r.Finished || len(r.CausedBy) > 0 || !slices.Contains(whereNeeded, r.ID) {
		return false
	}
	way, traced := r.Observation.(*path.Result)
	return r.Observation == nil || traced && way.Fault.Of(probes.Interrupted)
}

// height is the place of a layer in the stack; what is not a layer comes on top.
func height(layer checks.Layer) int {
	if i := slices.Index(checks.Layers, layer); i >= 0 {
		return i
	}
	return len(checks.Layers)
}

// ladderWidths are the widths of the ladder's columns.
type ladderWidths struct {
	id int
	// address has the longest address of each check id that occurs more than once, unless what is said of it names the address
	// in every case.
	address map[string]int
}

func (p *page) ladderWidths(results []checks.Result, causes []checks.Cause) ladderWidths {
	w := ladderWidths{address: map[string]int{}}
	count, longest := map[string]int{}, map[string]int{}
	for _, r := range results {
		w.id = max(w.id, p.columns(r.ID))
		count[r.ID]++
		longest[r.ID] = max(longest[r.ID], p.columns(p.addressCell(r.Address)))
	}
	for _, r := range results {
		if count[r.ID] > 1 && !strings.Contains(found(r, causes), r.Address) {
			w.address[r.ID] = longest[r.ID]
		}
	}
	return w
}

// addressCell is an address for the ladder, which has room for any address, but not for any name.
func (p *page) addressCell(address string) string {
	if _, err := netip.ParseAddr(address); err == nil || p.width <= 0 {
		return address
	}
	return p.shorten(address, p.width/4)
}

// rung writes the line of one check.
func (p *page) rung(r checks.Result, causes []checks.Cause, widths ladderWidths) {
	lead := blank(2) + p.mark(r, causes) + " " + p.cell(nil, r.ID, widths.id)
	if width := widths.address[r.ID]; width > 0 {
		lead += p.cell(nil, p.addressCell(r.Address), width)
	}
	took := p.ink(p.faint, rungTime(r))
	if took != "" {
		took = blank(2) + took
	}
	indent := columns(string(lead))
	taken := indent + columns(string(took))
	for i, line := range p.wrap(found(r, causes), taken, taken) {
		text := p.ink(p.foundStyle(r), line)
		if i > 0 {
			p.line(blank(indent), text)
			continue
		}
		p.line(lead, text, blank(p.width-taken-columns(line)), took)
	}
}

// foundStyle gives what was not tested less weight.
func (p *page) foundStyle(r checks.Result) *color.Color {
	if r.Status == checks.Skip {
		return p.faint
	}
	return nil
}

// mark is the sign of a check's status. What failed without being needed is not red.
func (p *page) mark(r checks.Result, causes []checks.Cause) ink {
	switch r.Status {
	case checks.Pass:
		return p.ink(p.green, p.word("✓", "ok"))
	case checks.Warn:
		return p.ink(p.yellow, p.word("!", "!!"))
	case checks.Fail:
		if onlyInfo(r, causes) {
			return p.ink(nil, p.word("✗", "XX"))
		}
		return p.ink(p.red, p.word("✗", "XX"))
	}
	return p.ink(p.faint, p.word("–", "--"))
}

// onlyInfo says that all causes of the check are for information.
func onlyInfo(r checks.Result, causes []checks.Cause) bool {
	known := 0
	for _, c := range causes {
		if slices.Contains(r.CausedBy, c.ID) {
			known++
			if c.Severity != checks.SeverityInfo {
				return false
			}
		}
	}
	return known > 0
}

// found is what the ladder says of a check. Why one was not tested is said in the footer, once for all that share the reason.
func found(r checks.Result, causes []checks.Cause) string {
	if r.Status == checks.Skip {
		return "not tested"
	}
	if origin := follows(r, causes); origin != "" {
		return r.Summary + " (follows from " + origin + ")"
	}
	return r.Summary
}

// follows names the causes of a check on whose observation none of them rests: it merely follows from them.
func follows(r checks.Result, causes []checks.Cause) string {
	for _, c := range causes {
		if slices.Contains(r.CausedBy, c.ID) && slices.Contains(c.Checks, r.ID) {
			return ""
		}
	}
	return strings.Join(r.CausedBy, ", ")
}

// rungTime is how long a check took, where that means something: what takes less than a millisecond never left the machine.
func rungTime(r checks.Result) string {
	if r.Status == checks.Skip || time.Duration(r.Duration) < time.Millisecond {
		return ""
	}
	return r.Duration.String()
}

// causes writes the root causes, what is for information after the others.
func (p *page) causes(report *checks.Report) {
	var info []checks.Cause
	for _, c := range report.Causes {
		if c.Severity == checks.SeverityInfo {
			info = append(info, c)
			continue
		}
		p.line()
		p.cause(c, report.Summary)
	}
	if len(info) > 0 {
		p.line()
	}
	for _, c := range info {
		p.paragraph(p.causeName(c), len("info  "), c.Summary)
	}
}

// causeIndent is where the text of a cause begins.
const causeIndent = 2

// cause writes one root cause in full, but for what the headline has said.
func (p *page) cause(c checks.Cause, headline string) {
	p.paragraph(p.causeName(c), len("FAIL  "), whereAndHowSure(c))
	if c.Summary != headline {
		p.paragraph(blank(causeIndent), causeIndent, c.Summary)
	}
	if c.Confidence == checks.Proven {
		p.labelled("proof", c.Evidence...)
	} else {
		p.labelled("evidence", c.Evidence...)
	}
	p.experiments(c.Experiments)
	if c.Settle != "" {
		p.labelled("settle", c.Settle)
	}
	arrow := blank(causeIndent) + p.ink(p.bold, p.word("→", "->")) + " "
	p.paragraph(arrow, columns(string(arrow)), c.Remedy)
}

// causeName is the severity and the name of a cause.
func (p *page) causeName(c checks.Cause) ink {
	severity := p.ink(nil, string(c.Severity))
	switch c.Severity {
	case checks.SeverityFail:
		severity = p.ink(p.red, "FAIL")
	case checks.SeverityWarn:
		severity = p.ink(p.yellow, "WARN")
	}
	return severity + "  " + p.ink(p.bold, c.ID) + "  "
}

func whereAndHowSure(c checks.Cause) string {
	var parts []string
	if c.Where != "" {
		parts = append(parts, atPlace(c.Where))
	}
	if c.Confidence != checks.Proven {
		parts = append(parts, "("+string(c.Confidence)+")")
	}
	return strings.Join(parts, " ")
}

// atPlace is "at" a place, unless the place says itself how it lies ("behind 198.51.100.1").
func atPlace(where string) string {
	if strings.HasPrefix(where, "behind ") {
		return where
	}
	return "at " + where
}

// labelled writes texts, one below the other, behind a label that stands once. What goes on below stands further in, to part
// it from the next text.
func (p *page) labelled(label string, texts ...string) { p.labelledAt(causeIndent, label, texts...) }

// labelledAt is labelled, so many columns from the left.
func (p *page) labelledAt(indent int, label string, texts ...string) {
	for _, text := range texts {
		lead := blank(indent) + p.cell(p.faint, label, len("evidence"))
		p.paragraph(lead, columns(string(lead))+2, text)
		label = ""
	}
}

// experiments writes them; those that put other settings of a variable beside the same one as a single table.
func (p *page) experiments(all []probes.Experiment) {
	times := map[probes.Experiment]int{}
	for _, e := range all {
		times[e]++
	}
	for i, e := range all {
		alike := func(o probes.Experiment) bool {
			return o == e || times[e] == 1 && times[o] == 1 && o.Variable == e.Variable && o.A == e.A && o.OutcomeA == e.OutcomeA
		}
		if slices.ContainsFunc(all[:i], alike) {
			continue // it is told
		}
		settings := slices.DeleteFunc(slices.Clone(all), func(o probes.Experiment) bool { return !alike(o) })
		p.experiment(settings[:len(settings)/times[e]], times[e])
	}
}

// letters are the names of an experiment's settings.
const letters = "abcdefghijklmnopqrstuvwxyz"

// experiment writes the variable, and below it each of its settings with what came of them, so many times. The first is common to all.
func (p *page) experiment(settings []probes.Experiment, times int) {
	first := settings[0]
	width := p.columns(first.A)
	for _, e := range settings {
		width = max(width, p.columns(e.B))
	}
	lines := []string{first.Variable + repeated(times), string("a  "+p.cell(nil, first.A, width)) + string(first.OutcomeA)}
	for i, e := range settings {
		lines = append(lines, string(letters[min(i+1, len(letters)-1)])+string("  "+p.cell(nil, e.B, width))+string(e.OutcomeB))
	}
	p.labelled("varied", lines...)
}

// footer says what was not tested and why, where to read more, and when and where it was measured.
func (p *page) footer(report *checks.Report, results []checks.Result, verbose bool) {
	notes := untested(results)
	if id := worstCause(report.Causes); id != "" {
		notes = append(notes, note{"read more", "rung explain " + id})
	}
	if verbose {
		notes = append(notes, note{"measured", provenance(report)})
	}
	if len(notes) == 0 {
		return
	}
	p.line()
	width := 0
	for _, n := range notes {
		width = max(width, p.columns(n.label))
	}
	for _, n := range notes {
		lead := p.cell(p.faint, n.label, width)
		p.paragraph(lead, columns(string(lead)), n.text)
	}
}

// note is a line of the footer.
type note struct{ label, text string }

// untested makes a note of each reason for which checks were skipped.
func untested(results []checks.Result) []note {
	var notes []note
	place := map[string]int{} // of each reason's note
	named := map[[2]string]bool{}
	for _, r := range results {
		reason := strings.TrimPrefix(r.Summary, "not tested: ") // which the label says
		if r.Status != checks.Skip || named[[2]string{r.ID, reason}] {
			continue
		}
		named[[2]string{r.ID, reason}] = true
		if i, ok := place[reason]; ok {
			notes[i].text += ", " + r.ID
			continue
		}
		place[reason] = len(notes)
		notes = append(notes, note{text: r.ID})
	}
	for reason, i := range place {
		notes[i].text += ": " + reason
	}
	if len(notes) > 0 {
		notes[0].label = "not tested"
	}
	return notes
}

// worstCause is the cause to read about first.
func worstCause(causes []checks.Cause) string {
	for _, severity := range []checks.Severity{checks.SeverityFail, checks.SeverityWarn, checks.SeverityInfo} {
		for _, c := range causes {
			if c.Severity == severity {
				return c.ID
			}
		}
	}
	return ""
}

func provenance(r *checks.Report) string {
	return r.Started.UTC().Format("2006-01-02 15:04:05 UTC") + " on " + r.Vantage.Hostname + " in " + r.Duration.String() +
		", " + r.Tool.Name + " " + r.Tool.Version + " (" + r.Tool.OS + "/" + r.Tool.Arch + ")"
}
