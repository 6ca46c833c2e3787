package output

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/rung-cli/rung/checks"
	"github.com/rung-cli/rung/probes/path"
)

// paths writes the hops of the ways that were traced: of those to an address to which one failed, or of all. The ways to the same
// address stand side by side where there is room: what passes on the one and not on the other tells who filters.
func (p *page) paths(report *checks.Report, all bool) {
	var ways []*path.Result
	wanted, failed := map[*path.Result]bool{}, map[*path.Result]bool{}
	for _, r := range report.Checks {
		if way, ok := r.Observation.(*path.Result); ok && len(way.Hops) > 0 {
			ways = append(ways, way)
			failed[way] = troubled(r)
			wanted[way] = all || failed[way]
		}
	}
	for len(ways) > 0 {
		addr := ways[0].To.Addr()
		elsewhere := func(w *path.Result) bool { return w.To.Addr() != addr }
		same := slices.DeleteFunc(slices.Clone(ways), elsewhere)
		ways = slices.DeleteFunc(ways, func(w *path.Result) bool { return !elsewhere(w) })
		if slices.ContainsFunc(same, func(w *path.Result) bool { return wanted[w] }) {
			p.line()
			p.line(p.ink(p.bold, "Path"), p.ink(nil, " of SYNs to "+addressText(addr)+", by TTL"))
			p.ways(same, failed)
		}
	}
}

// trace is a column of a table of paths.
type trace struct {
	head  string
	width int
	hops  map[int]string // by TTL
}

// ways writes ways as one table, or as a table each where the page is too narrow for that. Those that failed have a mark where they end.
func (p *page) ways(ways []*path.Result, failed map[*path.Result]bool) {
	const number = len("255")
	var columns []trace
	width := 2 + number
	ttls := map[int]bool{}
	for _, way := range ways {
		column := p.traceOf(way, failed[way])
		columns = append(columns, column)
		width += 2 + column.width
		for ttl := range column.hops {
			ttls[ttl] = true
		}
	}
	if len(ways) > 1 && p.width > 0 && width > p.width {
		for _, way := range ways {
			p.ways([]*path.Result{way}, failed)
		}
		return
	}
	head := blank(2 + number + 2)
	for _, column := range columns {
		head += p.cell(p.faint, column.head, column.width)
	}
	p.line(head)
	for _, ttl := range slices.Sorted(maps.Keys(ttls)) {
		at := strconv.Itoa(ttl)
		line := blank(2+number-len(at)) + p.cell(nil, at, 0)
		for _, column := range columns {
			line += p.cell(nil, column.hops[ttl], column.width)
		}
		p.line(line)
	}
}

// traceOf is a way as a column: what it leads to, and what came of each TTL.
func (p *page) traceOf(way *path.Result, failed bool) trace {
	t := trace{head: fmt.Sprintf("%s %d", way.Purpose, way.To.Port()), hops: map[int]string{}}
	widest := 0
	for _, hop := range way.Hops {
		widest = max(widest, p.columns(addressText(hop.From)))
	}
	last := 0
	for _, hop := range twiceRound(way) {
		t.hops[hop.TTL] = hopText(hop, widest)
		last = max(last, hop.TTL)
	}
	if way.LastTTL > last {
		t.hops[last+1] = p.silentText(way, failed, way.LastTTL > last+1)
	}
	t.width = p.columns(t.head)
	for _, text := range t.hops {
		t.width = max(t.width, p.columns(text))
	}
	return t
}

// silentText is what came of the TTLs that no line is made for, which may be many.
func (p *page) silentText(way *path.Result, failed, many bool) string {
	text := "silent"
	if len(way.Loop) > 0 {
		text = "the same again"
	}
	if many {
		text += fmt.Sprintf(", and so on to %d", way.LastTTL)
	}
	if failed {
		text = p.word("✗", "XX") + " " + text
	}
	return text
}

// twiceRound are the hops to be shown: of a circle no more than it takes to see one.
func twiceRound(way *path.Result) []path.Hop {
	if len(way.Loop) == 0 {
		return way.Hops
	}
	last := way.Loop[len(way.Loop)-1]
	seen := 0
	for i, hop := range way.Hops {
		if hop.From == last {
			seen++
		}
		if seen == 2 {
			return way.Hops[:i+1]
		}
	}
	return way.Hops
}

// hopText is what came of a TTL: who answered, when, and what, where that was not that the TTL had run out.
func hopText(hop path.Hop, widest int) string {
	if !hop.From.IsValid() {
		return string(hop.Outcome)
	}
	from := hop.From.String()
	text := from + strings.Repeat(" ", max(0, widest-len(from))) + "  " + triesText(hop)
	switch {
	case hop.Outcome == path.Exceeded:
		return text
	case hop.Outcome == path.Rejected && hop.ICMP != nil:
		return fmt.Sprintf("%s  %s %d/%d", text, hop.ICMP.Protocol(), hop.ICMP.Type, hop.ICMP.Code)
	}
	return text + "  " + string(hop.Outcome)
}

// triesText is how long the answers took, how many tries were answered where not all were, and who else answered. That some were not says
// nothing of the hops behind: routers limit how much ICMP they send.
func triesText(hop path.Hop) string {
	text := hop.Took.String()
	if hop.Best > 0 {
		text = hop.Best.String()
		if worst := hop.Worst.String(); worst != text {
			text += " to " + worst
		}
	}
	if hop.Answered < hop.Sent {
		text += fmt.Sprintf("  %d of %d", hop.Answered, hop.Sent)
	}
	for _, other := range hop.Others {
		text += "  also " + addressText(other)
	}
	return text
}
