package checks

import (
	"embed"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/rung-cli/rung/probes"
)

// Cause is a root cause: what is broken, where, how that was proven and what to do about it.
type Cause struct {
	// ID is the cause's stable name in the catalogue: "ftp.passive.private-address".
	ID string `json:"id"`
	// Layer is where in the stack it belongs.
	Layer Layer `json:"layer"`
	// Severity is "fail", "warn" or "info".
	Severity Severity `json:"severity"`
	// Confidence is "proven" (the evidence excludes the others), "likely" or "unknown".
	Confidence Confidence `json:"confidence"`
	// Summary says what is broken, in a sentence.
	Summary string `json:"summary"`
	// Where names the device, interface, hop, resolver or address to blame, when it is known.
	Where string `json:"where,omitempty"`
	// Evidence is what was seen, a fact a line.
	Evidence []string `json:"evidence"`
	// Remedy says what to do and who can.
	Remedy string `json:"remedy"`
	// Settle says what would settle it, where the confidence is not "proven".
	Settle string `json:"settle,omitempty"`
	// Checks are the checks whose observations the cause rests on.
	Checks []string `json:"checks"`
	// Experiments are the probes repeated with one variable changed that tell the cause from its look-alikes.
	Experiments []probes.Experiment `json:"experiments,omitempty"`
}

// Severity is how bad a cause is.
type Severity string

// The severities.
const (
	SeverityFail Severity = "fail"
	SeverityWarn Severity = "warn"
	SeverityInfo Severity = "info"
)

// Confidence is how far the evidence carries a cause.
type Confidence string

// The confidences.
const (
	Proven  Confidence = "proven"
	Likely  Confidence = "likely"
	Unknown Confidence = "unknown"
)

// unexplained is the family of causes for a failed check that nothing explains: "unexplained.CHECK".
const unexplained = "unexplained"

//go:embed causes/*.md
var prose embed.FS

// Entry is one cause of the catalogue, as its file in causes/ describes it.
type Entry struct {
	// ID is the cause's stable name.
	ID string `json:"id"`
	// Title says in a sentence what is broken.
	Title string `json:"title"`
	// Layer is where in the stack the cause belongs.
	Layer Layer `json:"layer"`
	// Severity is the severity it has where nothing works around it.
	Severity Severity `json:"severity"`
	// Text is the whole description, in Markdown.
	Text string `json:"text"`
}

// Catalogue is every cause that can be named, by id.
var Catalogue = sync.OnceValue(readCatalogue)

func readCatalogue() map[string]Entry {
	files, err := prose.ReadDir("causes")
	if err != nil {
		panic(err) // the files are part of the program
	}
	catalogue := make(map[string]Entry, len(files))
	for _, file := range files {
		text, err := prose.ReadFile("causes/" + file.Name())
		if err != nil {
			panic(err)
		}
		entry, err := parseEntry(string(text))
		if err != nil {
			panic(fmt.Sprintf("causes/%s: %v", file.Name(), err))
		}
		catalogue[entry.ID] = entry
	}
	return catalogue
}

// parseEntry reads the head of a description: "# ID", a title, and "layer: L · severity: S", a paragraph each.
func parseEntry(text string) (Entry, error) {
	head := strings.SplitN(text, "\n\n", 4)
	if len(head) < 4 || !strings.HasPrefix(head[0], "# ") {
		return Entry{}, fmt.Errorf("the head is not three paragraphs: # ID, a title, layer and severity")
	}
	var layer, severity string
	facts := strings.NewReplacer("layer: ", "", " · severity: ", " ").Replace(strings.TrimSpace(head[2]))
	if _, err := fmt.Sscan(facts, &layer, &severity); err != nil {
		return Entry{}, fmt.Errorf("%q does not tell layer and severity", head[2])
	}
	return Entry{
		ID: strings.TrimSpace(strings.TrimPrefix(head[0], "# ")), Title: strings.Join(strings.Fields(head[1]), " "),
		Layer: Layer(layer), Severity: Severity(severity), Text: text,
	}, nil
}

// Entries are the causes of the catalogue in the order of the layers, and by id within.
func Entries() []Entry {
	return slices.SortedFunc(maps.Values(Catalogue()), func(a, b Entry) int {
		if d := slices.Index(Layers, a.Layer) - slices.Index(Layers, b.Layer); d != 0 {
			return d
		}
		return strings.Compare(a.ID, b.ID)
	})
}

// newCause begins a cause of the catalogue: proven and of its default severity, until the judge knows better.
func newCause(id, where, summary string, evidence ...string) *Cause {
	family := id
	if strings.HasPrefix(id, unexplained+".") {
		family = unexplained
	}
	entry, ok := Catalogue()[family]
	if !ok {
		panic("no cause " + id + " in the catalogue") // a judge's slip: the tests go through every row
	}
	return &Cause{
		ID: id, Layer: entry.Layer, Severity: entry.Severity, Confidence: Proven, Where: where, Summary: summary,
		Evidence: append([]string{}, evidence...),
	}
}

// restsOn names the checks whose observations prove the cause.
func (c *Cause) restsOn(checks ...string) *Cause {
	c.Checks = checks
	return c
}

// mend sets the remedy.
func (c *Cause) mend(format string, args ...any) *Cause {
	c.Remedy = fmt.Sprintf(format, args...)
	return c
}

// likely lowers the confidence, and says what would settle it.
func (c *Cause) likely(settle string) *Cause {
	c.Confidence, c.Settle = Likely, settle
	return c
}

// proven raises the confidence: what would settle it has.
func (c *Cause) proven() { c.Confidence, c.Settle = Proven, "" }

// as sets the severity.
func (c *Cause) as(severity Severity) *Cause {
	c.Severity = severity
	return c
}

// with adds experiments.
func (c *Cause) with(experiments ...probes.Experiment) *Cause {
	c.Experiments = append(c.Experiments, experiments...)
	return c
}

// merge takes in another cause of the same id: one thing is broken, seen twice. What is proven in one place proves nothing in another: that
// one is mentioned as likely.
func (c *Cause) merge(other *Cause) {
	if c.Where != other.Where && other.Where != "" && (c.Confidence == Proven) != (other.Confidence == Proven) {
		if other.Confidence == Proven {
			*c, *other = *other, *c
		}
		c.Evidence = append(c.Evidence, "the same is likely at "+other.Where)
		if severityRank(other.Severity) > severityRank(c.Severity) {
			c.Severity = other.Severity
		}
		return
	}
	if other.Where != "" && !slices.Contains(strings.Split(c.Where, ", "), other.Where) {
		c.Where = strings.TrimPrefix(c.Where+", "+other.Where, ", ")
	}
	for _, check := range other.Checks {
		if !slices.Contains(c.Checks, check) {
			c.Checks = append(c.Checks, check)
		}
	}
	for _, line := range other.Evidence {
		if !slices.Contains(c.Evidence, line) {
			c.Evidence = append(c.Evidence, line)
		}
	}
	if severityRank(other.Severity) > severityRank(c.Severity) {
		c.Severity = other.Severity
	}
	if other.Confidence == Proven {
		c.proven()
	}
}

func severityRank(s Severity) int {
	return slices.Index([]Severity{SeverityInfo, SeverityWarn, SeverityFail}, s)
}
