package ftp

import (
	"maps"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp/ftptest"
)

// A reply too many, wherever it comes, is found at the next command, and does not mislead.
func TestOneReplyTooMany(t *testing.T) {
	for name, test := range map[string]struct {
		after, reply string
		command      string // at which it is found
		early, right int
	}{
		"after the greeting":        {"greeting", "220 Once more.\r\n", "USER", 220, 331},
		"after USER":                {"USER", "200 Hello.\r\n", "PASS", 200, 230},
		"after PASS":                {"PASS", "200 Hello.\r\n", "EPSV", 200, 229},
		"after PASS, the same":      {"PASS", "230 Once more.\r\n", "EPSV", 230, 229},
		"after PASS, of many lines": {"PASS", "230-Once\r\n229 Not this.\r\n230 more.\r\n", "EPSV", 230, 229},
		"after PASS, negative":      {"PASS", "550 No.\r\n", "PASV", 229, 227},
		"after EPSV":                {"EPSV", "200 Hello.\r\n", "FEAT", 200, 211},
		"after EPSV, the same":      {"EPSV", "229 Once more (|||1|)\r\n", "FEAT", 229, 211},
		"after FEAT":                {"FEAT", "200 Hello.\r\n", "LIST", 200, 150},
		"after LIST":                {"LIST", "226 Once more.\r\n", "PASV", 226, 227},
		"after LIST, another":       {"LIST", "200 Hello.\r\n", "PASV", 200, 227},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			faults := ftptest.Faults{ExtraReplies: map[string]string{test.after: test.reply}}
			if test.after == "greeting" {
				faults = ftptest.Faults{Greeting: "220 Hello.\r\n" + test.reply}
			}
			m := measureServer(t, start(t, &ftptest.Server{Faults: faults}), patience)
			require.NotNil(t, m.Control.Desync)
			assert.Equal(t, test.command, m.Control.Desync.Command)
			assert.Equal(t, test.early, m.Control.Desync.Early.Code)
			assert.Equal(t, test.right, m.Control.Desync.Right.Code)
			assert.True(t, m.Control.LoggedIn)
			passiveWorks(t, m)
			activeWorks(t, m)
		})
	}
}

// Replies that no command of the standard has, and no other after them: it is the server's way, which costs a doubt at most.
func TestOddReplies(t *testing.T) {
	for name, test := range map[string]struct {
		replies map[string]string
		took    time.Duration
	}{
		"to none":               {nil, 0},
		"to PASS":               {map[string]string{"PASS": "200 ok\r\n"}, time.Second},
		"to all":                {map[string]string{"PASS": "200 ok\r\n", "FEAT": "200 none\r\n", "NOOP": "250 ok\r\n"}, time.Second},
		"to LIST":               {map[string]string{"150": "200 here it comes\r\n"}, 0},
		"to LIST, a first":      {map[string]string{"150": "151 here it comes\r\n"}, 0},
		"to LIST, 226 at once":  {map[string]string{"150": "226 done\r\n"}, 0},
		"to LIST, 250 in end":   {map[string]string{"226": "250 done\r\n"}, 0},
		"to LIST, 200 in end":   {map[string]string{"226": "200 done\r\n"}, 0},
		"to FEAT, a negative":   {map[string]string{"FEAT": "599 what?\r\n"}, 0},
		"to USER, in one go":    {map[string]string{"USER": "230 come in\r\n"}, 0},
		"to USER, 200 in one":   {map[string]string{"USER": "200 come in\r\n"}, time.Second},
		"to AUTH, which is not": {map[string]string{"AUTH": "200 what?\r\n"}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				maps.Copy(n.replies, test.replies)
				onNetwork(t, n, Clear, func(c *Client, aids Aids) {
					p := c.Passive(t.Context(), aids)
					assert.True(t, p.EPSV.Worked(), "%v", p.EPSV.Transfer)
					assert.Equal(t, 227, p.PASV.Reply.Code)
					c.Close()
					assert.Nil(t, c.Control.Desync)
				})
				assert.LessOrEqual(t, time.Since(n.start), test.took)
			})
		})
	}
}

// A reply that is odd, and then what is no reply, or the end: the session is of no further use.
func TestOddReplyAndNothing(t *testing.T) {
	for name, reply := range map[string]string{"the end": "cut 200 ok\r\n", "no reply": "200 ok\r\nwhat?\r\n", "half a line": "cut 200 ok\r\n22"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				n := healthy()
				n.replies["EPSV"] = reply
				onNetwork(t, n, Clear, func(c *Client, aids Aids) {
					p := c.Passive(t.Context(), aids)
					assert.Zero(t, time.Since(n.start))
					fails(p.EPSV.Fault, "EPSV", probes.Malformed)(t)
					assert.Equal(t, 200, p.EPSV.Reply.Code)
					assert.False(t, c.Ready())
					assert.True(t, p.PASV.Worked(), "on a control connection of its own")
					c.Close()
					assert.Nil(t, c.Control.Desync)
				})
			})
		})
	}
}
