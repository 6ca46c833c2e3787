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
	file, isFile := w.(*os.File)
	terminal := isFile && term.IsTerminal(int(file.Fd()))
	if terminal {
		if width, _, err := term.GetSize(int(file.Fd())); err == nil {
			o.Width = width
		}
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
