package output

import (
	"strings"

	"github.com/fatih/color"

	"github.com/rung-cli/rung/checks"
)

// The columns of a picture. Between the ports on both sides is the lane of the arrows, as wide as the page allows.
const (
	widestPicture    = 76
	narrowestPicture = 48
	leftPorts        = 2 + len(":65535") + 1
	rightPorts       = 1 + len(":65535?")
)

// drawing is a picture on its way to a page.
type drawing struct {
	page  *page
	lane  int          // columns between the lifelines
	alarm *color.Color // of the mark of what went wrong
}

// alarm is the colour of what went wrong in a check: as strong as its mark in the ladder.
func (p *page) alarm(r checks.Result, causes []checks.Cause) *color.Color {
	switch {
	case r.Status == checks.Warn:
		return p.yellow
	case r.Status == checks.Fail && !onlyInfo(r, causes):
		return p.red
	}
	return nil
}

// pictureWidth is that of the page, within limits.
func (p *page) pictureWidth() int {
	if p.width <= 0 {
		return widestPicture
	}
	return max(narrowestPicture, min(p.width, widestPicture))
}

func (p *page) draw(drawn picture, alarm *color.Color) {
	width := p.pictureWidth()
	d := drawing{page: p, lane: width - leftPorts - rightPorts - 2, alarm: alarm}
	p.line()
	p.line(p.ink(p.bold, drawn.title), p.ink(p.faint, "  "+d.stroke(false, 2)+" control connection  "+d.stroke(true, 2)+" data connection"))
	for i := range max(len(drawn.client), len(drawn.server)) {
		d.heads(lineAt(drawn.client, i), lineAt(drawn.server, i), width)
	}
	d.row("", "", ink(""), 0)
	for _, a := range drawn.arrows {
		d.arrow(a)
	}
}

// lineAt is a line of a list, or nothing beyond its end.
func lineAt(lines []string, i int) string {
	if i < len(lines) {
		return lines[i]
	}
	return ""
}

// heads writes what stands above the lifelines, on two lines where one has no room for both.
func (d drawing) heads(client, server string, width int) {
	p := d.page
	const indent = 2
	left, right := p.columns(client), p.columns(server)
	if server != "" && indent+left+indent+right > width {
		p.line(blank(indent), p.ink(nil, client))
		client, left = "", 0
	}
	p.line(blank(indent), p.ink(nil, client), blank(width-indent-left-right), p.ink(nil, server))
}

// row writes what is between the lifelines, so many columns wide, with the ports at both ends.
func (d drawing) row(client, server string, between ink, columns int) {
	p := d.page
	bar := p.ink(p.faint, p.word("│", "|"))
	left := blank(leftPorts-1-p.columns(client)) + p.ink(nil, client) + " " + bar
	if columns > d.lane { // it pushes the other lifeline aside
		p.line(left, between)
		return
	}
	p.line(left, between, blank(d.lane-columns), bar, " ", p.ink(nil, server))
}

// arrow writes an arrow, and below it what is to be said of it.
func (d drawing) arrow(a arrow) {
	p := d.page
	before, mark, after := d.shape(a)
	text := p.ink(nil, before) + p.ink(d.alarm, mark) + p.ink(nil, after)
	d.row(a.client, a.server, text, p.columns(before+mark+after))
	const indent = 3
	for _, note := range a.notes {
		note = d.page.shorten(note, 4*d.lane)
		for _, line := range wrap(note, d.lane-indent-1, d.lane-indent-1) {
			d.row("", "", blank(indent)+p.ink(nil, line), indent+columns(line))
		}
	}
}

// stroke is a piece of an arrow's shaft.
func (d drawing) stroke(data bool, columns int) string {
	shaft := d.page.word("─", "-")
	if data {
		shaft = d.page.word("═", "=")
	}
	return strings.Repeat(shaft, max(0, columns))
}

// shape is an arrow, parted where it has a mark of what went wrong. The text begins on the left, whatever way the arrow points: it is
// read down the page.
func (d drawing) shape(a arrow) (before, mark, after string) {
	left, right := d.stroke(a.data, 2), d.stroke(a.data, 1)
	switch a.way {
	case toServer:
		right = d.head(toServer)
	case toClient:
		left = d.head(toClient) + d.stroke(a.data, 1)
	case bothWays:
		left, right = d.head(toClient)+d.stroke(a.data, 1), d.head(toServer)
	}
	const ends = len("-- ") + len(" --")
	switch a.fate {
	case lost:
		return d.lostShape(a)
	case stopped, sentBack:
		return d.deviceShape(a), "", ""
	case denied:
		mark = d.cross()
		before = left + " " + d.page.shorten(a.text, d.lane-ends-len(" X")) + " "
		after = " "
	case unsent:
		return d.stroke(a.data, 2) + " " + d.page.shorten(a.text, d.lane-ends) + " ", d.cross(), ""
	default:
		before = left + " " + d.page.shorten(a.text, d.lane-ends) + " "
	}
	return before, mark, after + d.stroke(a.data, d.lane-columns(before+mark+after)-columns(right)) + right
}

// lostShape is an arrow that ends on the way.
func (d drawing) lostShape(a arrow) (before, mark, after string) {
	text := d.page.shorten(a.text, d.lane/2)
	if a.way == toClient {
		before = strings.Repeat(" ", d.lane/3)
		after = " " + d.stroke(a.data, 2) + " " + text + " "
		return before, d.cross(), after + d.stroke(a.data, d.lane-d.lane/3-1-columns(after))
	}
	before = d.stroke(a.data, 2) + " " + text + " "
	if device := escape(a.device, d.page.ascii); device != "" && columns(before)+columns(device)+len("-- "+" -- X") < d.lane {
		before += d.stroke(a.data, max(2, d.lane/2-columns(before)-columns(device)/2)) + " " + device + " "
	}
	before += d.stroke(a.data, max(2, d.lane*2/3-columns(before))) + " "
	return before, d.cross(), ""
}

// deviceShape is an arrow to or from a device on the way: in the middle, where there is room for what the arrow says before it.
func (d drawing) deviceShape(a arrow) string {
	const room = len("<- ICMPv6 1/1 ")
	device := escape(a.device, d.page.ascii)
	if room+1+columns(device) > d.lane {
		device = "a device" // which the notes name
	}
	from := max(room+1, (d.lane-columns(device))/2) // its column
	if a.way == toClient {
		text := d.head(toClient) + d.stroke(a.data, 1) + " " + a.text + " "
		return text + d.stroke(a.data, from-1-columns(text)) + " " + device
	}
	text := d.stroke(a.data, 2) + " " + a.text + " "
	return text + d.stroke(a.data, from-2-columns(text)) + d.head(toServer) + " " + device
}

func (d drawing) head(w way) string {
	if w == toClient {
		return d.page.word("←", "<")
	}
	return d.page.word("→", ">")
}

func (d drawing) cross() string { return d.page.word("✗", "X") }
