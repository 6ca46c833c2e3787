package http

import (
	"strconv"
	"strings"
	"time"
)

// statusLine is the first line of a response (RFC 9112 §4).
type statusLine struct {
	version string
	code    int
	reason  string
}

// switchingProtocols is the one interim status that no response follows (RFC 9110 §15.2.2).
const switchingProtocols = 101

// isFinal says that no response to the same request follows.
func (s statusLine) isFinal() bool { return s.code >= 200 || s.code == switchingProtocols }

// parseStatusLine takes what servers send: any version, any white space between the parts, and none where the reason is left out.
func parseStatusLine(line string) (statusLine, bool) {
	version, rest := cutField(line)
	code, reason := cutField(rest)
	if !isVersion(version) || len(code) != 3 || !isDigits(code) || code < "100" {
		return statusLine{}, false
	}
	number, err := strconv.Atoi(code)
	return statusLine{version: version, code: number, reason: reason}, err == nil
}

// cutField cuts a line at its first white space.
func cutField(line string) (before, after string) {
	i := strings.IndexAny(line, " \t")
	if i < 0 {
		return line, ""
	}
	return line[:i], strings.Trim(line[i:], " \t")
}

// isVersion says that text is HTTP/x.y (RFC 9112 §2.3), or HTTP/x, which some servers write.
func isVersion(text string) bool {
	numbers, ok := strings.CutPrefix(text, protocol)
	major, minor, dotted := strings.Cut(numbers, ".")
	isNumber := func(n string) bool { return len(n) == 1 && isDigits(n) }
	return ok && isNumber(major) && (!dotted || isNumber(minor))
}

func isDigits(text string) bool { return strings.Trim(text, "0123456789") == "" }

// field keeps what matters in a line of the header (RFC 9112 §5). A line without a colon is passed over, and so is one that continues the
// line before (obs-fold, §5.2).
func (r *Result) field(line string) {
	name, value, ok := strings.Cut(line, ":")
	if !ok || strings.HasPrefix(line, " ") || strings.HasPrefix(line, "\t") {
		return
	}
	value = strings.Trim(value, " \t")
	switch strings.ToLower(strings.TrimRight(name, " \t")) {
	case "location":
		keep(&r.Location, withoutSecrets(value))
	case "server":
		keep(&r.Server, value)
	case "date":
		if r.Date.IsZero() {
			r.Date = parseDate(value, time.Now())
		}
	case "age", "via", "x-cache", "warning":
		r.Cached = true
	}
}

// keep keeps the first value that a field has.
func keep(field *string, value string) {
	if *field == "" {
		*field = value
	}
}

// withoutSecrets is a URI reference (RFC 3986 §4.1) without user information, query and fragment. It takes for an authority whatever a
// browser would, which reads a backslash as a slash, and any number of slashes behind a scheme as two.
func withoutSecrets(reference string) string {
	if i := strings.IndexAny(reference, "?#"); i >= 0 {
		reference = reference[:i]
	}
	slashed := strings.ReplaceAll(reference, `\`, "/")
	begin := schemeLength(slashed)
	if begin == 0 && !strings.HasPrefix(slashed, "//") {
		return reference
	}
	begin += len(slashed[begin:]) - len(strings.TrimLeft(slashed[begin:], "/"))
	authority, _, _ := strings.Cut(slashed[begin:], "/")
	return reference[:begin] + reference[begin+strings.LastIndex(authority, "@")+1:]
}

// schemeLength is the length of the scheme that a URI begins with, the colon among it; 0 where there is none.
func schemeLength(uri string) int {
	colon := strings.Index(uri, ":")
	if colon < 1 || strings.Contains(uri[:colon], "/") {
		return 0
	}
	return colon + 1
}

// The formats of a date (RFC 9110 §5.6.7): the preferred one, and two that are obsolete and must be understood. All are in UTC.
const (
	fixDate    = "Mon, 02 Jan 2006 15:04:05 GMT"
	rfc850Date = "Monday, 02-Jan-06 15:04:05 GMT"
)

// parseDate reads a date; it is zero where it is in none of the formats.
func parseDate(value string, now time.Time) time.Time {
	for _, layout := range []string{fixDate, time.ANSIC} {
		if date, err := time.Parse(layout, value); err == nil {
			return date
		}
	}
	date, err := time.Parse(rfc850Date, value)
	if err != nil {
		return time.Time{}
	}
	return inCenturyOf(now, date)
}

// inCenturyOf gives a year of two digits its century: the latest that is not more than fifty years in the future (RFC 9110 §5.6.7).
func inCenturyOf(now, date time.Time) time.Time {
	latest := now.AddDate(50, 0, 0)
	century := latest.Year() - latest.Year()%100
	date = date.AddDate(century+date.Year()%100-date.Year(), 0, 0)
	if date.After(latest) {
		date = date.AddDate(-100, 0, 0)
	}
	return date
}
