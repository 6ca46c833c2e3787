package firewall

import (
	"net/netip"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// toPort is a SYN of nobody's from a client to a server.
func toPort(destination string) Packet {
	to := netip.MustParseAddrPort(destination)
	from := netip.MustParseAddr("192.0.2.5")
	if to.Addr().Is6() {
		from = netip.MustParseAddr("2001:db8:1::5")
	}
	return Packet{Protocol: "tcp", Source: netip.AddrPortFrom(from, 0), Destination: to, Interface: "eth0", User: 1001, OwnPorts: Ports{32768, 60999}}
}

// decided are the parts of an answer that a test speaks of.
type decided struct {
	action Action
	chain  string
	handle int
}

func of(a Answer) decided { return decided{a.Action, a.Chain, a.Handle} }

// TestVerdictOfManyKinds holds packets against a recorded list of rules of many kinds: testdata/many-kinds.json, printed by nft 1.0.6.
func TestVerdictOfManyKinds(t *testing.T) {
	text, err := os.ReadFile("testdata/many-kinds.json")
	require.NoError(t, err)
	rules, err := parse(text)
	require.NoError(t, err)
	result := Result{rules: rules}
	as := func(user int, p Packet) Packet {
		p.User = user
		return p
	}
	by := func(device string, p Packet) Packet {
		p.Interface = device
		return p
	}
	for name, test := range map[string]struct {
		packet Packet
		want   decided
	}{
		"a port that a rule for the interface rejects": {toPort("203.0.113.10:25"), decided{Reject, "output", 15}},
		"the same by another interface":                {by("wlan0", toPort("203.0.113.10:25")), decided{Unknown, "output", 23}},
		"an address outside the set":                   {toPort("203.0.113.11:21"), decided{Drop, "output", 17}},
		"an address in a network that is let through":  {toPort("192.0.2.77:21"), decided{action: Accept}},
		"an address in a network of the set":           {toPort("10.1.2.3:22"), decided{action: Accept}},
		"a user that is let through":                   {as(1000, toPort("203.0.113.11:21")), decided{action: Accept}},
		"another user that is let through":             {as(65534, toPort("203.0.113.11:21")), decided{action: Accept}},
		"the loopback interface":                       {by("lo", toPort("203.0.113.11:21")), decided{action: Accept}},
		"a port of the set, whose chain comes back":    {toPort("203.0.113.10:50001"), decided{Unknown, "output", 23}},
		"IPv6 to a port that is let through":           {toPort("[2001:db8:2::10]:443"), decided{action: Accept}},
		"IPv6 to another port, past a limit":           {toPort("[2001:db8:2::10]:80"), decided{Unknown, "output", 23}},
		"a port in a map":                              {toPort("203.0.113.10:22"), decided{action: Accept}},
		"an answer":                                    {toPort("203.0.113.11:21").Reply(), decided{action: Accept}},
	} {
		t.Run(name, func(t *testing.T) { assert.Equal(t, test.want, of(result.Verdict(test.packet))) })
	}
}

// chainOf is a list with one base chain of these rules, each a list of expressions.
func chainOf(hook, policy string, rules ...string) string {
	text := `{"nftables": [{"table": {"family": "inet", "name": "t"}}, {"chain": {"family": "inet", "table": "t", "name": "c", "type": "filter",
		"hook": "` + hook + `", "prio": 0, "policy": "` + policy + `"}}, {"chain": {"family": "inet", "table": "t", "name": "more"}}`
	for _, rule := range rules {
		text += `, {"rule": {"family": "inet", "table": "t", "chain": "c", "handle": 7, "expr": [` + rule + `]}}`
	}
	return text + `, {"rule": {"family": "inet", "table": "t", "chain": "more", "handle": 8, "expr": [{"drop": null}]}}]}`
}

func TestVerdict(t *testing.T) {
	const drop = `{"drop": null}`
	packet := toPort("203.0.113.10:21")
	dport := func(op, right string) string {
		return `{"match": {"op": "` + op + `", "left": {"payload": {"protocol": "tcp", "field": "dport"}}, "right": ` + right + `}}, ` + drop
	}
	meta := func(key, right string) string {
		return `{"match": {"op": "==", "left": {"meta": {"key": "` + key + `"}}, "right": ` + right + `}}, ` + drop
	}
	for name, test := range map[string]struct {
		rules  string
		packet Packet
		want   decided
	}{
		"no rules, and a policy that drops":        {chainOf("output", "drop"), packet, decided{Drop, "c", 0}},
		"no rules, and a policy that accepts":      {chainOf("output", "accept"), packet, decided{action: Accept}},
		"the other direction's policy":             {chainOf("input", "drop"), packet, decided{action: Accept}},
		"the answer meets the other direction":     {chainOf("input", "drop"), packet.Reply(), decided{Drop, "c", 0}},
		"what is forwarded is not ours":            {chainOf("forward", "drop"), packet, decided{action: Accept}},
		"everything is dropped":                    {chainOf("output", "accept", drop), packet, decided{Drop, "c", 7}},
		"a counter before":                         {chainOf("output", "accept", `{"counter": {"packets": 1, "bytes": 60}}, `+drop), packet, decided{Drop, "c", 7}},
		"the port":                                 {chainOf("output", "accept", dport("==", "21")), packet, decided{Drop, "c", 7}},
		"another port":                             {chainOf("output", "accept", dport("==", "22")), packet, decided{action: Accept}},
		"not another port":                         {chainOf("output", "accept", dport("!=", "22")), packet, decided{Drop, "c", 7}},
		"ports in a range":                         {chainOf("output", "accept", dport("==", `{"range": [20, 30]}`)), packet, decided{Drop, "c", 7}},
		"ports in a set":                           {chainOf("output", "accept", dport("==", `{"set": [20, {"range": [21, 30]}]}`)), packet, decided{Drop, "c", 7}},
		"ports above":                              {chainOf("output", "accept", dport(">", "21")), packet, decided{action: Accept}},
		"ports from here on":                       {chainOf("output", "accept", dport(">=", "21")), packet, decided{Drop, "c", 7}},
		"ports below":                              {chainOf("output", "accept", dport("<", "22")), packet, decided{Drop, "c", 7}},
		"ports up to here":                         {chainOf("output", "accept", dport("<=", "20")), packet, decided{action: Accept}},
		"a set that is not there":                  {chainOf("output", "accept", dport("==", `"@gone"`)), packet, decided{Unknown, "c", 7}},
		"a port of ours that is not known":         {chainOf("output", "accept", `{"match": {"op": "==", "left": {"payload": {"protocol": "tcp", "field": "sport"}}, "right": 40000}}, `+drop), packet, decided{Unknown, "c", 7}},
		"a port that is never ours":                {chainOf("input", "drop", dport("==", "22")), packet.Reply(), decided{Drop, "c", 0}},
		"ports that are all ours":                  {chainOf("input", "accept", dport(">=", "32768")), packet.Reply(), decided{Drop, "c", 7}},
		"ports some of which are":                  {chainOf("input", "accept", dport("==", `{"range": [1024, 40000]}`)), packet.Reply(), decided{Unknown, "c", 7}},
		"ports above all of ours":                  {chainOf("input", "accept", dport(">", "60999")), packet.Reply(), decided{action: Accept}},
		"another protocol":                         {chainOf("output", "accept", `{"match": {"op": "!=", "left": {"payload": {"protocol": "udp", "field": "dport"}}, "right": 9}}, `+drop), packet, decided{action: Accept}},
		"another family":                           {chainOf("output", "accept", `{"match": {"op": "!=", "left": {"payload": {"protocol": "ip6", "field": "daddr"}}, "right": "::1"}}, `+drop), packet, decided{action: Accept}},
		"a mark, which is not known":               {chainOf("output", "accept", meta("mark", "1")), packet, decided{Unknown, "c", 7}},
		"a group of processes, which is not known": {chainOf("output", "accept", meta("cgroup", "1")), packet, decided{Unknown, "c", 7}},
		"a mark that only counts":                  {chainOf("output", "drop", `{"match": {"op": "==", "left": {"meta": {"key": "mark"}}, "right": 1}}, {"counter": {"packets": 1}}`), packet, decided{Drop, "c", 0}},
		"a mark that is set":                       {chainOf("output", "accept", `{"mangle": {"key": {"meta": {"key": "mark"}}, "value": 1}}`, drop), packet, decided{Drop, "c", 7}},
		"an address that is changed":               {chainOf("output", "accept", `{"mangle": {"key": {"payload": {"protocol": "ip", "field": "daddr"}}, "value": "192.0.2.1"}}`, drop), packet, decided{Unknown, "c", 7}},
		"the user":                                 {chainOf("output", "accept", meta("skuid", "1001")), packet, decided{Drop, "c", 7}},
		"the user's name":                          {chainOf("output", "accept", meta("skuid", `"root"`)), packet, decided{action: Accept}},
		"the protocol's number":                    {chainOf("output", "accept", meta("l4proto", "6")), packet, decided{Drop, "c", 7}},
		"interfaces of a kind":                     {chainOf("output", "accept", meta("oifname", `"et*"`)), packet, decided{Drop, "c", 7}},
		"a way in, of what goes out":               {chainOf("output", "accept", meta("iifname", `"eth0"`)), packet, decided{action: Accept}},
		"a limit may let it through":               {chainOf("output", "drop", `{"limit": {"rate": 5, "per": "second"}}, {"accept": null}`), packet, decided{Unknown, "c", 7}},
		"an extension of iptables":                 {chainOf("output", "accept", `{"xt": {"type": "match", "name": "owner"}}, `+drop), packet, decided{Unknown, "c", 7}},
		"another chain":                            {chainOf("output", "accept", `{"jump": {"target": "more"}}`), packet, decided{Drop, "more", 8}},
		"a chain that is not there":                {chainOf("output", "accept", `{"goto": {"target": "gone"}}`), packet, decided{Unknown, "c", 7}},
		"a chain that leads to itself":             {chainOf("output", "accept", `{"jump": {"target": "c"}}`), packet, decided{Unknown, "c", 7}},
		"the rest is left out":                     {chainOf("output", "accept", `{"return": null}`, drop), packet, decided{action: Accept}},
		"a map that has not the port":              {chainOf("output", "accept", `{"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": {"set": [[22, {"drop": null}]]}}}`), packet, decided{action: Accept}},
		"a map elsewhere":                          {chainOf("output", "accept", `{"vmap": {"key": {"payload": {"protocol": "tcp", "field": "dport"}}, "data": "@ports"}}`), packet, decided{Unknown, "c", 7}},
	} {
		t.Run(name, func(t *testing.T) {
			rules, err := parse([]byte(test.rules))
			require.NoError(t, err)
			result := Result{rules: rules}
			assert.Equal(t, test.want, of(result.Verdict(test.packet)))
		})
	}
}

func TestATableThatSleeps(t *testing.T) {
	rules, err := parse([]byte(`{"nftables": [{"table": {"family": "inet", "name": "t", "flags": "dormant"}}, {"chain": {"family": "inet",
		"table": "t", "name": "c", "type": "filter", "hook": "output", "prio": 0, "policy": "drop"}}]}`))
	require.NoError(t, err)
	result := Result{rules: rules}
	assert.Equal(t, Accept, result.Verdict(toPort("203.0.113.10:21")).Action)
}

func TestParseWhatIsNoList(t *testing.T) {
	for name, text := range map[string]string{
		"nothing":                    "",
		"a rule without its chain":   `{"nftables": [{"rule": {"family": "inet", "table": "t", "chain": "c", "expr": []}}]}`,
		"an expression of two words": chainOf("output", "accept", `{"accept": null, "drop": null}`),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := parse([]byte(text))
			assert.ErrorIs(t, err, errMalformed)
		})
	}
}

func TestVerdictWithoutRules(t *testing.T) {
	var result Result
	assert.Equal(t, Unknown, result.Verdict(toPort("203.0.113.10:21")).Action)
}

func FuzzVerdict(f *testing.F) {
	text, err := os.ReadFile("testdata/many-kinds.json")
	require.NoError(f, err)
	f.Add(text)
	f.Add([]byte(chainOf("output", "drop", `{"jump": {"target": "c"}}`)))
	f.Fuzz(func(t *testing.T, text []byte) {
		rules, err := parse(text)
		if err != nil {
			return
		}
		result := Result{rules: rules}
		answer := result.Verdict(toPort("203.0.113.10:21"))
		require.Contains(t, []Action{Accept, Drop, Reject, Unknown}, answer.Action)
	})
}
