package output

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/rung-cli/rung/probes/tls"
)

// survey writes what a server would accept: a line a version, its suites in the order of preference below, and then a line a group.
func (p *page) survey(s *tls.Survey) {
	p.heading("TLS survey", "of "+s.Address.String()+", by "+counted(s.Connections, "connection"))
	width := 0
	for _, v := range s.Versions {
		width = max(width, p.columns(v.Version))
	}
	highest := -1 // of the versions accepted so far
	for i, v := range s.Versions {
		var below *tls.SurveyedVersion
		if highest >= 0 {
			below = &s.Versions[highest]
		}
		p.surveyedVersion(v, below, width)
		if v.Accepted {
			highest = i
		}
	}
	if len(s.Groups) > 0 {
		p.surveyedGroups(s.Groups, highest, s.Versions)
	}
	if s.Fault != nil {
		p.paragraph(blank(causeIndent), causeIndent, "it ended early: "+faultText(s.Fault))
	}
}

// surveyRow is the mark of what is accepted or not, between a name and what is to be said of it.
func (p *page) surveyRow(name string, width int, accepted bool, text string) (indent int) {
	mark := p.word("–", "--")
	if accepted {
		mark = p.word("✓", "ok")
	}
	lead := blank(causeIndent) + p.cell(nil, name, width) + p.cell(nil, mark, 0)
	indent = columns(string(lead))
	p.paragraph(lead, indent, text)
	return indent
}

// surveyedVersion writes a version and its suites, but not those of the version below once more.
func (p *page) surveyedVersion(v tls.SurveyedVersion, below *tls.SurveyedVersion, width int) {
	if !v.Accepted {
		p.surveyRow(v.Version, width, false, cmp.Or(v.Refusal, "not accepted"))
		return
	}
	text := counted(len(v.Suites), "suite")
	same := below != nil && len(v.Suites) > 1 && slices.Equal(v.Suites, below.Suites)
	if same {
		text = fmt.Sprintf("the same %s as %s", text, below.Version)
	}
	if v.Preference != "" && len(v.Suites) > 1 {
		text += ", in the " + v.Preference + "'s order"
	}
	if !v.Complete {
		text += "; not all were asked for"
	}
	indent := p.surveyRow(v.Version, width, true, text)
	if same {
		return
	}
	for _, suite := range v.Suites {
		p.paragraph(blank(indent), indent, suite)
	}
}

func (p *page) surveyedGroups(groups []tls.SurveyedGroup, highest int, versions []tls.SurveyedVersion) {
	title := "groups for the key exchange"
	if highest >= 0 {
		title += " of " + versions[highest].Version
	}
	p.paragraph(blank(causeIndent), causeIndent, title)
	width := 0
	for _, g := range groups {
		width = max(width, p.columns(groupText(g.Group)))
	}
	for _, g := range groups {
		text := cmp.Or(g.Refusal, "not accepted")
		if g.Accepted {
			text = ""
		}
		if g.PostQuantum {
			text = strings.TrimSuffix("post-quantum; "+text, "; ")
		}
		p.surveyRow(groupText(g.Group), width, g.Accepted, text)
	}
}
