package output

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const prose = "# ftp.sample\n\nA sentence that is\nbroken in its source.\n\n## What it means\n\nSee `ip route add default via GATEWAY dev eth0`, " +
	"or do without.\n\n- one item, long enough\n  for two lines of forty\n- another\n\n1. first\n10. tenth\n\n```\n$ rung  check \\\n    ftp://host\n```\n"

func TestExplain(t *testing.T) {
	assert.Equal(t, strings.TrimLeft(`
ftp.sample

A sentence that is broken in its source.

WHAT IT MEANS

See
`+"`ip route add default via GATEWAY dev eth0`"+`,
or do without.

- one item, long enough for two lines of
  forty
- another

1. first
10. tenth

    $ rung  check \
        ftp://host
`, "\n"), explain(t, prose, 40, false))
}

func TestExplainInColour(t *testing.T) {
	page := explain(t, "# title\n\nsee `one two` or `three`; a lone ` is text\n", 80, true)
	assert.Equal(t, "\x1b[1mtitle\x1b[22m\n\nsee `\x1b[36mone two\x1b[0m` or `\x1b[36mthree\x1b[0m`; a lone ` is text\n", page)
}

func TestExplainWithoutWidth(t *testing.T) {
	assert.Equal(t, strings.Repeat("word ", 99)+"word\n", explain(t, strings.Repeat("word\n", 100), 0, false))
}

func TestExplainEscapes(t *testing.T) {
	assert.Empty(t, notShown(explain(t, "# "+hostile+"\n\n"+hostile+"\n\n- "+hostile+"\n\n```\n"+hostile+"\n```\n", 80, false)))
}

func TestExplainNothing(t *testing.T) {
	assert.Empty(t, explain(t, "", 80, false))
}

func explain(t *testing.T, markdown string, width int, colored bool) string {
	t.Helper()
	var page bytes.Buffer
	t.Setenv("LC_ALL", "C.UTF-8")
	require.NoError(t, Explain(&page, markdown, width, colored))
	return page.String()
}

func TestExplainInASCII(t *testing.T) {
	t.Setenv("LC_ALL", "C")
	var page strings.Builder
	require.NoError(t, Explain(&page, "# Grüße\n\nsee RFC 9325 §4.2 …\n\n```\na → b\n```", 80, false))
	assert.Equal(t, "Gr\\u00fc\\u00dfe\n\nsee RFC 9325 section 4.2 ...\n\n    a -> b\n", page.String())
}
