package output

import (
	"io"
	"os"
	"strings"

	"golang.org/x/term"
)

// ColorModes are the values that HumanOptionsFor knows for color.
var ColorModes = []string{"auto", "always", "never"}

// HumanOptionsFor fits a page to where it goes, a terminal of some width or a file, and to the environment. Automatic colour
// goes to terminals; NO_COLOR forbids it, and CLICOLOR_FORCE wants it everywhere.
func HumanOptionsFor(w io.Writer, color string) HumanOptions {
	o := HumanOptions{Width: 80, ASCII: !utf8Locale()}
	width, terminal := terminalWidth(w)
	if width > 0 {
		o.Width = width
	}
	switch {
	case color != "auto":
		o.Color = color == "always"
	case os.Getenv("NO_COLOR") != "":
	case os.Getenv("CLICOLOR_FORCE") != "" && os.Getenv("CLICOLOR_FORCE") != "0":
		o.Color = true
	default:
		o.Color = terminal && os.Getenv("TERM") != "dumb"
	}
	return o
}

// terminalWidth is how many columns a terminal has; 0 where it does not tell.
func terminalWidth(w io.Writer) (width int, terminal bool) {
	file, isFile := w.(*os.File)
	if !isFile || !term.IsTerminal(int(file.Fd())) {
		return 0, false
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return 0, true
	}
	return width, true
}

// List writes names, each with what is to be said of it: one line each, for other programs to read; on a terminal too narrow for that,
// wrapped. The error is the writer's.
func List(w io.Writer, items [][2]string) error {
	width, _ := terminalWidth(w)
	p := newPage(width, false, !utf8Locale())
	names := 0
	for _, item := range items {
		names = max(names, p.columns(item[0]))
	}
	for _, item := range items {
		lead := p.cell(nil, item[0], names)
		p.paragraph(lead, columns(string(lead)), item[1])
	}
	_, err := io.WriteString(w, p.b.String())
	return err
}

// utf8Locale says that the environment's character set is UTF-8, as locale(7) decides it. Without any word about it, it is.
func utf8Locale() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if value := os.Getenv(name); value != "" {
			upper := strings.ToUpper(value)
			return strings.Contains(upper, "UTF-8") || strings.Contains(upper, "UTF8")
		}
	}
	return true
}
