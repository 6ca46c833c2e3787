package output

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// namesTold is how many names of a list a sentence has room for.
const namesTold = 3

// enumerated are the first things of so many, as a sentence names them: "a, b and c", "a, b, c and 97 more".
func enumerated(things []string, total, most int) string {
	if len(things) > most {
		things = things[:most:most]
	}
	if more := total - len(things); more > 0 {
		things = append(slices.Clone(things), fmt.Sprintf("%d more", more))
	}
	if len(things) < 2 {
		return strings.Join(things, "")
	}
	last := len(things) - 1
	return strings.Join(things[:last], ", ") + " and " + things[last]
}

// subjectList are the first of so many distinguished names, which have commas of their own.
func subjectList(subjects []string, total int) string {
	shown := subjects[:min(len(subjects), namesTold)]
	list := strings.Join(shown, "; ")
	if more := total - len(shown); more > 0 {
		list += fmt.Sprintf("; and %d more", more)
	}
	return list
}

// counted is "1 byte", "2 bytes", "3 entries".
func counted[N int | int64 | uint32 | uint64](n N, thing string) string {
	stem, endsInY := strings.CutSuffix(thing, "y")
	switch {
	case n == 1:
		return "1 " + thing
	case endsInY:
		return fmt.Sprintf("%d %sies", n, stem)
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// repeated says how often something was done, where that is more than once.
func repeated(times int) string {
	switch {
	case times < 2:
		return ""
	case times == 2:
		return " (twice)"
	}
	return fmt.Sprintf(" (%d times)", times)
}

// groupText is a group's name as people write it: TLS's registry and Go have others for NIST's curves.
func groupText(name string) string {
	if curve, isCurve := strings.CutPrefix(name, "CurveP"); isCurve {
		return "P-" + curve
	}
	return name
}

func groupTexts(names []string) []string {
	texts := make([]string, len(names))
	for i, name := range names {
		texts[i] = groupText(name)
	}
	return texts
}

func either(yes bool, this, that string) string {
	if yes {
		return this
	}
	return that
}

// ifAny is the text behind a blank and words before it, or nothing.
func ifAny(text, before string, there bool) string {
	if !there {
		return ""
	}
	return " " + before + text
}

// followed is the text with more behind it, or nothing.
func followed(text, more string) string {
	if text == "" {
		return ""
	}
	return text + more
}

func inBrackets(text string) string { return ifAny(text+")", "(", text != "") }

// quoted is the first line of a text, and no more of that than it takes to know it.
func (p *page) quoted(text string) string {
	const enough = 60
	line, _, _ := strings.Cut(text, "\n")
	return `"` + p.shorten(strings.TrimRight(line, "\r"), enough) + `"`
}

// span is a length of time that a person counts in days or hours.
func span(d time.Duration) string {
	d = d.Abs()
	switch {
	case d >= 48*time.Hour:
		return fmt.Sprintf("%d days", d/(24*time.Hour))
	case d >= 2*time.Hour:
		return fmt.Sprintf("%d hours", d/time.Hour)
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d minutes", d/time.Minute)
	}
	return counted(int(d/time.Second), "second")
}
