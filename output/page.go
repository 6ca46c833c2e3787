package output

import (
	"strings"

	"github.com/fatih/color"
)

// ink is text that may be written as it is: escaped, and perhaps coloured.
type ink string

// page collects lines for a terminal. Whatever is written on it goes through ink, and so is escaped.
type page struct {
	b     strings.Builder
	width int
	ascii bool
	said  []string // what is not to be said twice

	bold, faint, red, yellow, green, cyan *color.Color
}

func newPage(width int, colored, asciiOnly bool) *page {
	style := func(attributes ...color.Attribute) *color.Color {
		c := color.New(attributes...)
		if colored {
			c.EnableColor()
		} else {
			c.DisableColor() // the caller has decided, not the environment
		}
		return c
	}
	return &page{
		width: width,
		ascii: asciiOnly,
		bold:  style(color.Bold),
		faint: style(color.Faint),
		red:   style(color.FgRed, color.Bold), yellow: style(color.FgYellow, color.Bold),
		green: style(color.FgGreen), cyan: style(color.FgCyan),
	}
}

// ink makes text fit to be written, in a style; a nil style is the terminal's own.
func (p *page) ink(style *color.Color, text string) ink {
	text = escape(text, p.ascii)
	if style == nil || text == "" {
		return ink(text)
	}
	return ink(style.Sprint(text))
}

// columns is how many columns text takes on this page.
func (p *page) columns(text string) int { return columns(escape(text, p.ascii)) }

// cell is text in a column of a table: as wide as the column, and two spaces more.
func (p *page) cell(style *color.Color, text string, width int) ink {
	const gap = 2
	return p.ink(style, text) + blank(width-p.columns(text)) + blank(gap)
}

// line writes one line, without the spaces at its end.
func (p *page) line(parts ...ink) {
	var line strings.Builder
	for _, part := range parts {
		line.WriteString(string(part))
	}
	p.b.WriteString(strings.TrimRight(line.String(), " "))
	p.b.WriteByte('\n')
}

// heading writes the name of what follows, after an empty line, and what is to be said of all of it.
func (p *page) heading(name, rest string) {
	p.line()
	p.paragraph(p.ink(p.bold, name)+" ", causeIndent, rest)
}

// paragraph writes text behind lead. What does not fit goes on below, behind indent spaces.
func (p *page) paragraph(lead ink, indent int, text string) {
	for _, line := range p.wrap(text, columns(string(lead)), indent) {
		p.line(lead, p.ink(nil, line))
		lead = blank(indent)
	}
}

// narrowest is the width that text is given even where the page has no room for it.
const narrowest = 20

// wrap breaks text, escaped, into lines that leave so many columns of the page to others: on the first line, and on the rest.
func (p *page) wrap(text string, first, rest int) []string {
	text = escape(text, p.ascii)
	if p.width <= 0 {
		return []string{text}
	}
	return wrap(text, max(narrowest, p.width-first), max(narrowest, p.width-rest))
}

// shorten escapes text, and leaves out the middle of what is too long: the end of a reply has the port.
func (p *page) shorten(text string, width int) string {
	text = escape(text, p.ascii)
	if columns(text) <= width {
		return text
	}
	gap := p.word("…", "...")
	room := max(0, width-columns(gap))
	head, _ := cutColumns(text, room/2)
	_, tail := cutColumns(text, columns(text)-(room-room/2))
	if columns(tail) > room-room/2 { // a wide character lay across the cut
		_, tail = cutColumns(tail, 2)
	}
	return head + gap + tail
}

// blank is that many spaces; none where it is negative.
func blank(columns int) ink { return ink(strings.Repeat(" ", max(0, columns))) }

// word is the first word where the page has more than ASCII, else the second.
func (p *page) word(unicode, ascii string) string {
	if p.ascii {
		return ascii
	}
	return unicode
}
