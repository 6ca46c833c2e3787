package route

import (
	"net/netip"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
	"github.com/rung-cli/rung/probes/netlink/netlinktest"
)

const user = 65534 // who asks, here and in the recordings

// policies are machines whose rules of routing differ, what is asked of them, and what the answer says of the rule and its table.
var policies = []struct {
	name     string
	commands []string
	flow     Flow
	want     Result
}{
	{"main table", behindGateway(), Flow{To: address(far4), Port: 21}, Result{Table: "main", Protocol: "boot", Rule: &Rule{32766, "from all lookup main"}}},
	{"main table IPv6", behindGateway(), Flow{To: address(far6)}, Result{Table: "main", Protocol: "boot", Metric: 1024, Rule: &Rule{32766, "from all lookup main"}}},
	{
		"by DHCP, with a metric", machine("ip route add default via 192.0.2.1 proto dhcp metric 100", "ip route add default via 192.0.2.3 metric 200"),
		Flow{To: address(far4)}, Result{Table: "main", Protocol: "dhcp", Metric: 100, Rule: &Rule{32766, "from all lookup main"}},
	},
	{
		"by source", behindGateway("ip route add default via 192.0.2.3 table 100", "ip rule add from 192.0.2.2 priority 50 lookup 100"),
		Flow{To: address(far4)}, Result{Table: "100", Protocol: "boot", Rule: &Rule{50, "from 192.0.2.2 lookup 100"}},
	},
	{
		"by source that was not the first choice", behindGateway("ip address add 192.0.2.20/24 dev eth0", "ip route add default via 192.0.2.3 table 100",
			"ip rule add from 192.0.2.20 priority 50 lookup 100"),
		Flow{To: address(far4), From: probes.Origin{Source: address("192.0.2.20")}},
		Result{Table: "100", Protocol: "boot", Rule: &Rule{50, "from 192.0.2.20 lookup 100"}},
	},
	{
		"by source alone IPv6", machine("ip -6 route add default via 2001:db8::1 table 100", "ip -6 rule add from 2001:db8::/64 priority 50 lookup 100"),
		Flow{To: address(far6)}, Result{Table: "100", Protocol: "boot", Metric: 1024, Rule: &Rule{50, "from 2001:db8::/64 lookup 100"}},
	},
	{
		"a mark that we do not have", behindGateway("ip rule add fwmark 0x1 priority 50 prohibit"),
		Flow{To: address(far4)}, Result{Table: "main", Protocol: "boot", Rule: &Rule{32766, "from all lookup main"}},
	},
	{
		"not marked, as wg-quick has it", behindGateway("ip route add default dev eth0 table 51820",
			"ip rule add not fwmark 0xca6c priority 60 lookup 51820", "ip rule add priority 50 lookup main suppress_prefixlength 0"),
		Flow{To: address(far4)}, Result{Table: "51820", Protocol: "boot", Rule: &Rule{60, "not from all fwmark 0xca6c lookup 51820"}},
	},
	{
		"a longer prefix is not suppressed", behindGateway("ip route add default dev eth0 table 51820",
			"ip rule add not fwmark 0xca6c priority 60 lookup 51820", "ip rule add priority 50 lookup main suppress_prefixlength 0"),
		Flow{To: address("192.0.2.9")}, Result{Table: "main", Protocol: "kernel", Rule: &Rule{50, "from all lookup main suppress_prefixlength 0"}},
	},
	{
		"by the port", behindGateway("ip rule add ipproto tcp dport 21 priority 50 prohibit"), Flow{To: address(far4), Port: 21},
		Result{Type: "prohibit", Rule: &Rule{50, "from all ipproto tcp dport 21 prohibit"}, Fault: &probes.Fault{Kind: probes.Prohibited}},
	},
	{
		"by another port", behindGateway("ip rule add ipproto tcp dport 20-22 priority 50 prohibit"), Flow{To: address(far4), Port: 443},
		Result{Table: "main", Protocol: "boot", Rule: &Rule{32766, "from all lookup main"}},
	},
	{
		"by the protocol", behindGateway("ip rule add ipproto udp dport 53 priority 50 blackhole"), Flow{To: address(far4), Port: 53, UDP: true},
		Result{Type: "blackhole", Rule: &Rule{50, "from all ipproto udp dport 53 blackhole"}, Fault: &probes.Fault{Kind: probes.Blackhole}},
	},
	{
		"by the user", behindGateway("ip rule add uidrange 65534-65534 priority 50 prohibit"), Flow{To: address(far4)},
		Result{Type: "prohibit", Rule: &Rule{50, "from all uidrange 65534-65534 prohibit"}, Fault: &probes.Fault{Kind: probes.Prohibited}},
	},
	{
		"unreachable by rule", behindGateway("ip rule add to 198.51.100.0/24 priority 50 unreachable"), Flow{To: address(far4)},
		Result{Type: "unreachable", Rule: &Rule{50, "from all to 198.51.100.0/24 unreachable"}, Fault: &probes.Fault{Kind: probes.NoRoute}},
	},
	{
		"unreachable after every table", machine("ip rule add priority 40000 unreachable"), Flow{To: address(far4)},
		Result{Searched: []string{"main"}, Fault: &probes.Fault{Kind: probes.NoRoute}},
	},
	{
		"no route in two tables", machine("ip rule add priority 50 lookup 100"), Flow{To: address(far4)},
		Result{Searched: []string{"100", "main"}, Fault: &probes.Fault{Kind: probes.NoRoute}},
	},
	{
		"refusing route in another table", behindGateway("ip route add blackhole default table 100", "ip rule add from 192.0.2.2 priority 50 lookup 100"),
		Flow{To: address(far4)},
		Result{Type: "blackhole", Table: "100", Rule: &Rule{50, "from 192.0.2.2 lookup 100"}, Fault: &probes.Fault{Kind: probes.Blackhole}},
	},
	{
		"refusing route in another table IPv6", behindGateway("ip -6 route add prohibit 2001:db8:1::/48"), Flow{To: address(far6)},
		Result{Type: "prohibit", Table: "main", Rule: &Rule{32766, "from all lookup main"}, Fault: &probes.Fault{Kind: probes.Prohibited}},
	},
	{
		"several next hops", machine("ip route add default nexthop via 192.0.2.1 nexthop via 192.0.2.3"), Flow{To: address(far4)},
		Result{
			Table: "main", Protocol: "boot", Rule: &Rule{32766, "from all lookup main"},
			NextHops: []NextHop{{address("192.0.2.1"), "eth0"}, {address("192.0.2.3"), "eth0"}},
		},
	},
	{
		"by an interface that leads nowhere", behindGateway("ip address add 203.0.113.1/24 dev eth1"), Flow{To: address(far4), From: probes.Origin{Interface: "eth1"}},
		Result{Assumed: true},
	},
	{
		"by an interface with a worse route", behindGateway("ip address add 203.0.113.1/24 dev eth1", "ip route add default via 203.0.113.2 metric 50"),
		Flow{To: address(far4), From: probes.Origin{Interface: "eth1"}},
		Result{Table: "main", Metric: 50, Protocol: "boot", Rule: &Rule{32766, "from all lookup main"}},
	},
	{
		"past a goto", behindGateway("ip rule add priority 50 goto 70", "ip rule add priority 60 prohibit", "ip rule add priority 70 lookup main"),
		Flow{To: address(far4)}, Result{Table: "main", Protocol: "boot", Rule: &Rule{70, "from all lookup main"}},
	},
}

// assertPolicy compares what says by which rule and table.
func assertPolicy(t *testing.T, want, got Result) {
	t.Helper()
	if want.Type != "" || want.Fault != nil {
		assert.Equal(t, want.Type, got.Type)
	}
	if want.Fault == nil {
		assert.Nil(t, got.Fault)
	} else {
		assert.True(t, got.Fault.Of(want.Fault.Kind), "%v", got.Fault)
	}
	assert.Equal(t, want.Rule, got.Rule)
	assert.Equal(t, want.Table, got.Table)
	assert.Equal(t, want.Metric, got.Metric)
	assert.Equal(t, want.Protocol, got.Protocol)
	assert.Equal(t, want.NextHops, got.NextHops)
	assert.Equal(t, want.Searched, got.Searched)
	assert.Equal(t, want.Assumed, got.Assumed)
}

// settlePolicy waits as settle does.
func settlePolicy(t *testing.T, flow Flow, want Result) {
	for range 500 {
		if got := Lookup(t.Context(), flow, "target"); got.Table == want.Table && (got.Fault == nil) == (want.Fault == nil) {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func TestPolicy(t *testing.T) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			netlinktest.Namespace(t, p.commands...)
			settlePolicy(t, p.flow, p.want)
			netlinktest.Unprivileged(t)
			assertPolicy(t, p.want, Lookup(t.Context(), p.flow, "target"))
		})
	}
}

// Every machine's rules, and the routes of all its tables, as the kernel dumps them.
func TestRecordPolicies(t *testing.T) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			netlinktest.Namespace(t, p.commands...)
			settlePolicy(t, p.flow, p.want)
			rules, routes := dumps(t, p.flow.To)
			all, err := parseRules(rules)
			require.NoError(t, err)
			assert.NotEmpty(t, all)
			netlinktest.Record(t, "policy "+p.name+" rules", rules)
			netlinktest.Record(t, "policy "+p.name+" routes", routes)
		})
	}
}

func dumps(t *testing.T, to netip.Addr) (rules, routes []byte) {
	body := make([]byte, unix.SizeofRtMsg)
	body[0] = family(to)
	rules, err := netlink.Ask(t.Context(), unix.RTM_GETRULE, unix.NLM_F_DUMP, body)
	require.NoError(t, err)
	routes, err = netlink.Ask(t.Context(), unix.RTM_GETROUTE, unix.NLM_F_DUMP, body)
	require.NoError(t, err)
	return rules, routes
}

func TestDecideRecorded(t *testing.T) {
	for _, p := range policies {
		t.Run(p.name, func(t *testing.T) {
			got := p.want
			got.Rule, got.Searched = nil, nil
			if p.want.Fault != nil {
				got.Table = ""
			}
			if p.want.Fault.Of(probes.NoRoute) {
				got.Type = ""
			}
			flow := p.flow
			if flow.To.Is4() && !flow.From.Source.IsValid() {
				flow.From.Source = address("192.0.2.2")
			} else if flow.To.Is6() {
				flow.From.Source = address("2001:db8::2")
			}
			if p.want.Table != "" && p.want.Fault == nil && p.want.NextHops == nil {
				got.Network = networkOf("0.0.0.0/0")
			}
			if p.name == "a longer prefix is not suppressed" {
				got.Network = networkOf("192.0.2.0/24")
			}
			rules, routes := netlinktest.Recorded(t, "policy "+p.name+" rules"), netlinktest.Recorded(t, "policy "+p.name+" routes")
			require.NoError(t, got.decide(flow, user, rules, routes))
			assertPolicy(t, p.want, got)
		})
	}
}

func TestRulesThatBreakTheProtocol(t *testing.T) {
	for name, values := range map[string]map[uint16][]byte{
		"priority of one byte":    {unix.FRA_PRIORITY: {1}},
		"source of five bytes":    {unix.FRA_SRC: make([]byte, 5)},
		"destination of 200 bits": {unix.FRA_DST: make([]byte, 4)},
	} {
		t.Run(name, func(t *testing.T) {
			body := attributes(sizeofRule, values)
			body[toLenAt] = 200
			_, err := parseRules(netlinktest.Message(unix.RTM_NEWRULE, body))
			assert.ErrorIs(t, err, netlink.ErrMalformed)
		})
	}
}

func TestTablesByName(t *testing.T) {
	names := map[uint32]string{}
	readTables("# reserved\n\n255\tlocal\n0x64 vpn # of the office\n200\nnonsense name\n", names)
	assert.Equal(t, map[uint32]string{255: "local", 100: "vpn"}, names)
}

func FuzzRules(f *testing.F) {
	for _, p := range policies {
		f.Add(netlinktest.Recorded(f, "policy "+p.name+" rules"), netlinktest.Recorded(f, "policy "+p.name+" routes"))
	}
	flow := Flow{To: address(far4), Port: 21}
	f.Fuzz(func(t *testing.T, rules, routes []byte) {
		for _, got := range []Result{{Table: "main"}, {Type: "prohibit", Fault: &probes.Fault{}}, {Fault: &probes.Fault{Kind: probes.NoRoute}}} {
			if got.decide(flow, uint32(os.Getuid()), rules, routes) != nil {
				require.Nil(t, got.Rule)
			}
		}
	})
}
