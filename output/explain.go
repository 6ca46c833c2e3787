package output

import (
	"io"
	"regexp"
	"strings"
)

// Explain writes prose in Markdown for a terminal: headings, paragraphs, lists, `code` and fenced blocks, wrapped at width (0
// wraps nothing), in ASCII where the locale has no more. What else Markdown knows stays as it is written. The error is the writer's.
func Explain(w io.Writer, markdown string, width int, colored bool) error {
	e := explainer{page: newPage(width, colored, !utf8Locale())}
	for line := range strings.Lines(strings.TrimRight(markdown, " \t\r\n")) {
		e.add(strings.TrimRight(line, " \t\r\n"))
	}
	e.flush()
	_, err := io.WriteString(w, e.page.b.String())
	return err
}

// explainer collects the lines of a paragraph until it is complete.
type explainer struct {
	page   *page
	lead   string // what stands before the paragraph: the mark of a list's item
	text   []string
	fenced bool
}

// listItem is the mark of a list's item, and what follows it.
var listItem = regexp.MustCompile(`^(\s*(?:[-*+]|\d{1,9}[.)]) +)(.*)$`)

func (e *explainer) add(line string) {
	item := listItem.FindStringSubmatch(line)
	switch {
	case strings.HasPrefix(line, "```"):
		e.flush()
		e.fenced = !e.fenced
	case e.fenced:
		e.page.line(blank(4), e.page.ink(e.page.cyan, line))
	case line == "":
		e.flush()
		e.page.line()
	case strings.HasPrefix(line, "#"):
		e.flush()
		e.page.line(e.page.ink(e.page.bold, heading(line)))
	case item != nil:
		e.flush()
		e.lead, e.text = item[1], []string{item[2]}
	default:
		e.text = append(e.text, strings.TrimSpace(line))
	}
}

// heading is the text of a heading: as it is for the first level, in capitals below, which serve where there is no bold.
func heading(line string) string {
	text := strings.TrimSpace(strings.TrimLeft(line, "#"))
	if strings.HasPrefix(line, "##") {
		return strings.ToUpper(text)
	}
	return text
}

// flush writes the paragraph, if there is one.
func (e *explainer) flush() {
	if len(e.text) == 0 {
		return
	}
	p := e.page
	lead := p.ink(nil, e.lead)
	indent := columns(string(lead))
	for _, line := range p.wrap(strings.Join(e.text, " "), indent, indent) {
		p.line(lead, p.withCode(line))
		lead = blank(indent)
	}
	e.lead, e.text = "", nil
}

// withCode colours what stands between backquotes.
func (p *page) withCode(line string) ink {
	var whole ink
	for {
		before, rest, _ := strings.Cut(line, "`")
		code, after, quoted := strings.Cut(rest, "`")
		if !quoted {
			return whole + p.ink(nil, line)
		}
		whole += p.ink(nil, before+"`") + p.ink(p.cyan, code) + "`"
		line = after
	}
}
