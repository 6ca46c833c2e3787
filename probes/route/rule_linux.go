package route

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/netlink"
)

// explain finds the rule that decided, and where there is no route the tables that were looked up. What cannot be read stays unknown.
func (r *Result) explain(ctx context.Context, flow Flow) {
	body := make([]byte, sizeofRule)
	body[0] = family(flow.To)
	rules, err := netlink.Ask(ctx, unix.RTM_GETRULE, unix.NLM_F_DUMP, body)
	if err != nil {
		return
	}
	var routes []byte
	if r.Fault != nil && r.Type != "" {
		dump := make([]byte, unix.SizeofRtMsg)
		dump[0] = family(flow.To)
		if routes, err = netlink.Ask(ctx, unix.RTM_GETROUTE, unix.NLM_F_DUMP, dump); err != nil {
			return
		}
	}
	_ = r.decide(flow, uint32(os.Getuid()), rules, routes)
}

// decide reads the rules, and the routes of all tables where one of them refused.
func (r *Result) decide(flow Flow, uid uint32, rules, routes []byte) error {
	all, err := parseRules(rules)
	if err != nil {
		return err
	}
	met := all.met(flow, uid)
	switch {
	case r.Fault == nil:
		r.decideBy(met, func(p policyRule) bool {
			return p.action == unix.FR_ACT_TO_TBL && r.Table == tableName(p.table) && !p.suppresses(r.Network)
		})
		return nil
	case r.Type != "":
		refusing, err := refusingTables(routes, flow.To.WithZone(""), r.Type)
		if err != nil {
			return err
		}
		r.decideBy(met, func(p policyRule) bool {
			return refusingActions[p.action] == r.Type || p.action == unix.FR_ACT_TO_TBL && slices.Contains(refusing, p.table)
		})
	case r.Fault.Of(probes.NoRoute):
		r.decideMissing(met)
	}
	return nil
}

func (r *Result) decideBy(met []policyRule, decides func(policyRule) bool) {
	i := slices.IndexFunc(met, decides)
	if i < 0 {
		return
	}
	r.Rule = met[i].told()
	if met[i].action == unix.FR_ACT_TO_TBL {
		r.Table = tableName(met[i].table)
	}
}

// decideMissing tells a rule that says "unreachable" from a route that is missing, which end in the same error: the rule counts where the
// table of all that is ordinary was not looked up before it.
func (r *Result) decideMissing(met []policyRule) {
	for _, p := range met {
		switch {
		case p.action == unix.FR_ACT_UNREACHABLE && !slices.Contains(r.Searched, tableName(unix.RT_TABLE_MAIN)):
			r.Type, r.Rule = "unreachable", p.told()
			return
		case p.action == unix.FR_ACT_UNREACHABLE:
			return
		case p.action == unix.FR_ACT_TO_TBL && p.table != unix.RT_TABLE_LOCAL && p.table != unix.RT_TABLE_DEFAULT:
			if name := tableName(p.table); !slices.Contains(r.Searched, name) {
				r.Searched = append(r.Searched, name)
			}
		}
	}
}

// refusingActions are what rules of their own do to a packet.
var refusingActions = map[uint8]string{
	unix.FR_ACT_UNREACHABLE: "unreachable", unix.FR_ACT_PROHIBIT: "prohibit", unix.FR_ACT_BLACKHOLE: "blackhole",
}

// sizeofRule is the length of a struct fib_rule_hdr; the offsets are within it.
const (
	sizeofRule  = 12
	toLenAt     = 1
	fromLenAt   = 2
	tosAt       = 3
	actionAt    = 7
	ruleFlagsAt = 8
)

// policyRule is a rule of the routing policy, with what it looks at.
type policyRule struct {
	priority   uint32
	from, to   netip.Prefix // invalid for all
	iif, oif   string
	mark, mask uint32
	other      string // what is looked at that no packet of ours has, or that is not known before it is sent
	tos        uint8
	uids       *[2]uint32
	protocol   uint8
	ports      *[2]uint16 // the destination's
	invert     bool
	action     uint8
	table      uint32
	target     uint32 // of a goto
	suppress   int    // the longest prefix that is passed over; -1 for none
}

type policy []policyRule

// parseRules reads a dump of the rules, which is in their order.
func parseRules(dump []byte) (all policy, err error) {
	for message, err := range netlink.Messages(dump) {
		if err != nil {
			return nil, err
		}
		if message.Type != unix.RTM_NEWRULE {
			continue
		}
		p, err := parseRule(message)
		if err != nil {
			return nil, err
		}
		all = append(all, p)
	}
	return all, nil
}

func parseRule(message netlink.Message) (p policyRule, err error) {
	attributes, err := message.Attributes(sizeofRule)
	if err != nil {
		return p, err
	}
	p = policyRule{
		iif: text(attributes[unix.FRA_IIFNAME]), oif: text(attributes[unix.FRA_OIFNAME]), tos: message.Data[tosAt],
		action: message.Data[actionAt], table: uint32(message.Data[tableAt]), suppress: -1,
		invert: binary.NativeEndian.Uint32(message.Data[ruleFlagsAt:])&unix.FIB_RULE_INVERT != 0,
	}
	suppress := uint32(0xffffffff)
	numbers := map[uint16]*uint32{
		unix.FRA_PRIORITY: &p.priority, unix.FRA_FWMARK: &p.mark, unix.FRA_FWMASK: &p.mask, unix.FRA_TABLE: &p.table,
		unix.FRA_GOTO: &p.target, unix.FRA_SUPPRESS_PREFIXLEN: &suppress,
	}
	for kind, into := range numbers {
		if _, told := attributes[kind]; !told {
			continue
		}
		if *into, err = attributes.Uint32(kind); err != nil {
			return p, err
		}
	}
	p.suppress = int(int32(suppress))
	if p.from, err = rulePrefix(attributes, unix.FRA_SRC, message.Data[fromLenAt]); err != nil {
		return p, err
	}
	if p.to, err = rulePrefix(attributes, unix.FRA_DST, message.Data[toLenAt]); err != nil {
		return p, err
	}
	p.readSelectors(attributes)
	return p, nil
}

// readSelectors reads what newer kernels look at.
func (p *policyRule) readSelectors(attributes netlink.Attributes) {
	if uids := attributes[unix.FRA_UID_RANGE]; len(uids) >= 8 {
		p.uids = &[2]uint32{binary.NativeEndian.Uint32(uids), binary.NativeEndian.Uint32(uids[4:])}
	}
	if protocol := attributes[unix.FRA_IP_PROTO]; len(protocol) >= 1 {
		p.protocol = protocol[0]
	}
	if ports := attributes[unix.FRA_DPORT_RANGE]; len(ports) >= 4 {
		p.ports = &[2]uint16{binary.NativeEndian.Uint16(ports), binary.NativeEndian.Uint16(ports[2:])}
	}
	tunnel := attributes[unix.FRA_TUN_ID]
	switch {
	case attributes[unix.FRA_SPORT_RANGE] != nil:
		p.other = "sport"
	case slices.ContainsFunc(tunnel, func(b byte) bool { return b != 0 }):
		p.other = "tun_id"
	case slices.ContainsFunc(attributes[unix.FRA_L3MDEV], func(b byte) bool { return b != 0 }):
		p.other = "l3mdev"
	}
}

func rulePrefix(attributes netlink.Attributes, kind uint16, bits uint8) (netip.Prefix, error) {
	addr, err := attributes.Addr(kind)
	if err != nil || !addr.IsValid() {
		return netip.Prefix{}, err
	}
	network := netip.PrefixFrom(addr, int(bits)).Masked()
	if !network.IsValid() {
		return network, fmt.Errorf("%w: a rule for %d bits of address %s", netlink.ErrMalformed, bits, addr)
	}
	return network, nil
}

// text is a string that may end in a zero byte.
func text(value []byte) string { return strings.TrimRight(string(value), "\x00") }

// met are the rules that match a flow, in the order in which the kernel comes to them (fib_rules_lookup); a goto passes over others.
func (all policy) met(flow Flow, uid uint32) (met []policyRule) {
	from := uint32(0)
	for _, p := range all {
		if p.priority < from || !p.matches(flow, uid) {
			continue
		}
		if p.action == unix.FR_ACT_GOTO && p.target > p.priority {
			from = p.target
			continue
		}
		met = append(met, p)
	}
	return met
}

// matches says what the kernel's fib_rule_match says of a packet that begins on this machine, unmarked.
func (p policyRule) matches(flow Flow, uid uint32) bool {
	yes := (p.iif == "" || p.iif == "lo") && (p.oif == "" || p.oif == flow.outgoing()) && p.mark&p.mask == 0 && p.tos == 0 && p.other == "" &&
		(p.uids == nil || p.uids[0] <= uid && uid <= p.uids[1]) &&
		(p.protocol == 0 || p.protocol == flow.protocol()) &&
		(p.ports == nil || p.ports[0] <= flow.Port && flow.Port <= p.ports[1]) &&
		(!p.to.IsValid() || p.to.Contains(flow.To.WithZone(""))) &&
		(!p.from.IsValid() || p.from.Contains(flow.From.Source.WithZone("")))
	return yes != p.invert
}

// suppresses says that the rule passes over a route of that network.
func (p policyRule) suppresses(network netip.Prefix) bool {
	return network.IsValid() && network.Bits() <= p.suppress
}

// told is the rule as ip-rule(8) prints it.
func (p policyRule) told() *Rule {
	var words []string
	add := func(is bool, format string, args ...any) {
		if is {
			words = append(words, fmt.Sprintf(format, args...))
		}
	}
	add(p.invert, "not")
	add(!p.from.IsValid(), "from all")
	add(p.from.IsValid(), "from %s", prefixText(p.from))
	add(p.to.IsValid(), "to %s", prefixText(p.to))
	add(p.tos != 0, "tos %#x", p.tos)
	add(p.mask == 0xffffffff, "fwmark %#x", p.mark)
	add(p.mask != 0 && p.mask != 0xffffffff, "fwmark %#x/%#x", p.mark, p.mask)
	add(p.iif != "", "iif %s", p.iif)
	add(p.oif != "", "oif %s", p.oif)
	if p.uids != nil {
		add(true, "uidrange %d-%d", p.uids[0], p.uids[1])
	}
	add(p.protocol != 0, "ipproto %s", protocolText(p.protocol))
	if p.ports != nil {
		add(p.ports[0] == p.ports[1], "dport %d", p.ports[0])
		add(p.ports[0] != p.ports[1], "dport %d-%d", p.ports[0], p.ports[1])
	}
	add(p.other != "", "%s", p.other)
	refuses, isRefusal := refusingActions[p.action]
	add(isRefusal, "%s", refuses)
	add(p.action == unix.FR_ACT_TO_TBL, "lookup %s", tableName(p.table))
	add(p.suppress >= 0, "suppress_prefixlength %d", p.suppress)
	return &Rule{Priority: p.priority, Text: strings.Join(words, " ")}
}

func prefixText(network netip.Prefix) string {
	if network.IsSingleIP() {
		return network.Addr().String()
	}
	return network.String()
}

func protocolText(number uint8) string {
	names := map[uint8]string{unix.IPPROTO_TCP: "tcp", unix.IPPROTO_UDP: "udp", unix.IPPROTO_ICMP: "icmp", unix.IPPROTO_ICMPV6: "ipv6-icmp"}
	if name, known := names[number]; known {
		return name
	}
	return strconv.Itoa(int(number))
}

// refusingTables are the tables with a route of that type that covers the destination.
func refusingTables(dump []byte, to netip.Addr, kind string) (tables []uint32, err error) {
	for message, err := range netlink.Messages(dump) {
		if err != nil {
			return nil, err
		}
		if message.Type != unix.RTM_NEWROUTE || len(message.Data) < unix.SizeofRtMsg || typeName(message.Data[typeAt]) != kind {
			continue
		}
		attributes, err := message.Attributes(unix.SizeofRtMsg)
		if err != nil {
			return nil, err
		}
		network, err := prefix(message.Data, attributes)
		if err != nil {
			return nil, err
		}
		table, err := attributes.Uint32(unix.RTA_TABLE)
		if err != nil {
			return nil, err
		}
		if network.IsValid() && network.Contains(to) && !slices.Contains(tables, table) {
			tables = append(tables, table)
		}
	}
	return tables, nil
}

// tableName is the name of a routing table, or its number where it has none; empty for 0, which is none.
func tableName(id uint32) string {
	switch id {
	case unix.RT_TABLE_UNSPEC:
		return ""
	case unix.RT_TABLE_DEFAULT:
		return "default"
	case unix.RT_TABLE_MAIN:
		return "main"
	case unix.RT_TABLE_LOCAL:
		return "local"
	}
	if name, named := namedTables()[id]; named {
		return name
	}
	return strconv.FormatUint(uint64(id), 10)
}

// namedTables are the names that the administrator has given to tables, in the files where ip(8) looks for them.
var namedTables = sync.OnceValue(func() map[uint32]string {
	names := map[uint32]string{}
	for _, pattern := range []string{
		"/usr/share/iproute2/rt_tables", "/usr/lib/iproute2/rt_tables", "/etc/iproute2/rt_tables", "/etc/iproute2/rt_tables.d/*.conf",
	} {
		files, _ := filepath.Glob(pattern) // the pattern is a good one
		for _, file := range files {
			if content, err := os.ReadFile(file); err == nil {
				readTables(string(content), names)
			}
		}
	}
	return names
})

// readTables reads lines of a number and a name; a # begins a comment.
func readTables(content string, into map[uint32]string) {
	for lines := bufio.NewScanner(strings.NewReader(content)); lines.Scan(); {
		line, _, _ := strings.Cut(lines.Text(), "#")
		words := strings.Fields(line)
		if len(words) != 2 {
			continue
		}
		if id, err := strconv.ParseUint(words[0], 0, 32); err == nil {
			into[uint32(id)] = probes.Bound(words[1])
		}
	}
}
