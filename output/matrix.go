package output

import (
	"cmp"
	"slices"

	"github.com/rung-cli/rung/checks"
)

// protection is a column of the matrix: how both connections were protected.
type protection struct{ control, data string }

// name is the data connection's protection; the control connection's is named where it is another.
func (c protection) name() string {
	if c.data == "clear" && c.control != "clear" {
		return "clear, control " + c.control
	}
	return c.data
}

// protections are the columns in their order, and commands the rows in theirs; what is not among them comes after.
var (
	protections = []protection{{"clear", "clear"}, {"TLS", "clear"}, {"TLS", "TLS"}, {"TLS", "TLS, resumed"}}
	commands    = []string{"EPSV", "PASV", "EPRT", "PORT"}
)

// distinct are what key makes of the cells, each once, in the order of a list.
func distinct[T comparable](cells []checks.DataChannel, list []T, key func(checks.DataChannel) T) (found []T) {
	for _, c := range cells {
		if k := key(c); !slices.Contains(found, k) {
			found = append(found, k)
		}
	}
	place := func(item T) int {
		if i := slices.Index(list, item); i >= 0 {
			return i
		}
		return len(list)
	}
	slices.SortStableFunc(found, func(a, b T) int { return cmp.Compare(place(a), place(b)) })
	return found
}

func commandOf(c checks.DataChannel) string { return c.Command }

func serverOf(c checks.DataChannel) string { return c.Server }

func protectionOf(c checks.DataChannel) protection { return protection{c.Control, c.Protection} }

// those are the cells that fit.
func those(cells []checks.DataChannel, fits func(checks.DataChannel) bool) []checks.DataChannel {
	return slices.DeleteFunc(slices.Clone(cells), func(c checks.DataChannel) bool { return !fits(c) })
}

func wasTried(c checks.DataChannel) bool { return c.Status != checks.Skip }

// matrix is a table of data connections under way to a page.
type matrix struct {
	page    *page
	report  *checks.Report
	columns []protection
	widths  []int
	command int // the width of the column of commands
}

// matrix writes data connections as a table for each of the server's addresses: a row a command, a column a protection.
func (p *page) matrix(report *checks.Report, channels []checks.DataChannel) {
	for _, server := range distinct(channels, nil, serverOf) {
		cells := those(channels, func(c checks.DataChannel) bool { return c.Server == server })
		p.line()
		p.line(p.ink(p.bold, "Data connections"), p.ink(nil, " with "+server))
		m := matrix{page: p, report: report, columns: distinct(those(cells, wasTried), protections, protectionOf)}
		m.fit(cells)
		m.header()
		for _, command := range distinct(cells, commands, commandOf) {
			m.row(command, those(cells, func(c checks.DataChannel) bool { return c.Command == command }))
		}
	}
}

// fit gives every column the width that it wants, or its share of the page where that is too narrow for all.
func (m *matrix) fit(cells []checks.DataChannel) {
	const gap = 2
	p := m.page
	for _, c := range cells {
		m.command = max(m.command, p.columns(c.Command))
	}
	wanted := 0
	for _, column := range m.columns {
		width := p.columns(column.name())
		for _, c := range those(cells, func(c checks.DataChannel) bool { return wasTried(c) && protectionOf(c) == column }) {
			width = max(width, columns(string(m.mark(c)))+1+p.columns(string(c.Outcome)))
		}
		m.widths = append(m.widths, width)
		wanted += width + gap
	}
	room := p.width - gap - m.command - gap
	if p.width <= 0 || wanted-gap <= room {
		return
	}
	for i := range m.widths {
		m.widths[i] = max(min(m.widths[i], (room+gap)/len(m.widths)-gap), len("clear"))
	}
}

func (m *matrix) header() {
	if len(m.columns) == 0 {
		return
	}
	p := m.page
	line := blank(2) + p.cell(nil, "", m.command)
	for i, column := range m.columns {
		line += p.cell(p.faint, p.shorten(column.name(), m.widths[i]), m.widths[i])
	}
	p.line(line)
}

// row writes the cells of a command; on more lines than one where a cell was tried more than once. What was not tried at all has
// the reason instead.
func (m *matrix) row(command string, cells []checks.DataChannel) {
	p := m.page
	lead := blank(2) + p.cell(nil, command, m.command)
	tried := those(cells, wasTried)
	if len(tried) == 0 {
		p.paragraph(lead+m.mark(cells[0])+" ", columns(string(lead))+2, string(cells[0].Outcome))
		return
	}
	for again := 0; ; again++ {
		line, more := lead, false
		for i, column := range m.columns {
			place := those(tried, func(c checks.DataChannel) bool { return protectionOf(c) == column })
			more = more || len(place) > again+1
			switch {
			case again < len(place):
				line += m.cell(place[again], m.widths[i])
			case again == 0:
				line += m.untried(m.widths[i])
			default:
				line += blank(m.widths[i] + 2)
			}
		}
		p.line(line)
		if !more {
			return
		}
		lead = blank(columns(string(lead)))
	}
}

// cell is what came of one data connection.
func (m *matrix) cell(c checks.DataChannel, width int) ink {
	mark := m.mark(c) + " "
	room := width - columns(string(mark))
	return mark + m.page.cell(nil, m.page.shorten(string(c.Outcome), room), room)
}

func (m *matrix) untried(width int) ink {
	mark := m.mark(checks.DataChannel{Status: checks.Skip})
	return mark + blank(width-columns(string(mark))+2)
}

// mark is the mark of the cell's status. As in the ladder, what failed without being needed is not red.
func (m *matrix) mark(c checks.DataChannel) ink {
	r := checks.Result{Status: c.Status}
	for _, result := range m.report.Checks {
		if ofMode(c, result) {
			r.CausedBy = result.CausedBy
		}
	}
	return m.page.mark(r, m.report.Causes)
}

// ofMode says that a data connection belongs to a check of a data mode.
func ofMode(c checks.DataChannel, r checks.Result) bool {
	return r.ID == modeOf(c.Command) && (r.Address == "" || r.Address == c.Server)
}

// modeOf is the check that a command belongs to.
func modeOf(command string) string {
	if command == "PORT" || command == "EPRT" {
		return "ftp.active"
	}
	return "ftp.passive"
}
