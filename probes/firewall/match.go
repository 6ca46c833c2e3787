package firewall

import (
	"encoding/json"
	"net/netip"
	"os/user"
	"slices"
	"strconv"
	"strings"
)

// truth is what is known of a question.
type truth int

const (
	no truth = iota
	maybe
	yes
)

// both is what is known of two questions at once.
func both(a, b truth) truth { return min(a, b) }

func not(t truth) truth { return yes - t }

func known(is bool) truth {
	if is {
		return yes
	}
	return no
}

// match holds one match against a packet.
func (r *ruleset) match(c *chain, value json.RawMessage, p Packet) truth {
	var m struct {
		Op    string          `json:"op"`
		Left  json.RawMessage `json:"left"`
		Right json.RawMessage `json:"right"`
	}
	if json.Unmarshal(value, &m) != nil {
		return maybe
	}
	f, there := fieldOf(m.Left, p)
	switch {
	case there != yes: // a rule that asks for what a packet has not does not match it, whatever it compares with
		return there
	case m.Op == "==" || m.Op == "in":
		return r.equals(c, f, m.Right)
	case m.Op == "!=":
		return not(r.equals(c, f, m.Right))
	}
	var number int
	if f.kind != aNumber || json.Unmarshal(m.Right, &number) != nil {
		return maybe
	}
	switch m.Op {
	case "<":
		return f.below(number)
	case ">=":
		return not(f.below(number))
	case "<=":
		return f.below(number + 1)
	case ">":
		return not(f.below(number + 1))
	}
	return maybe
}

// lookUp finds a packet's verdict in a map of verdicts.
func (r *ruleset) lookUp(c *chain, value json.RawMessage, p Packet) (word string, argument json.RawMessage, answer truth) {
	var m struct {
		Key  json.RawMessage `json:"key"`
		Data struct {
			Set [][2]json.RawMessage `json:"set"`
		} `json:"data"`
	}
	if json.Unmarshal(value, &m) != nil {
		return "", nil, maybe
	}
	f, there := fieldOf(m.Key, p)
	if there != yes {
		return "vmap", nil, there
	}
	for _, entry := range m.Data.Set {
		var verdict map[string]json.RawMessage
		switch r.equals(c, f, entry[0]) {
		case no:
			continue
		case maybe:
			return "", nil, maybe
		}
		if json.Unmarshal(entry[1], &verdict) != nil || len(verdict) != 1 {
			return "", nil, maybe
		}
		for word, argument := range verdict {
			return word, argument, yes
		}
	}
	return "vmap", nil, no
}

// field is a value of a packet.
type field struct {
	kind      kindOfField
	low, high int // between which the number is, both included
	address   netip.Addr
	words     []string // any of which it is called by
	ofUser    bool
}

type kindOfField int

const (
	aNumber kindOfField = iota
	anAddress
	aWord
	aName // of an interface: what it is compared with may end in *
)

// fieldOf is what a packet has of what an expression asks for: yes with its value, no where such a packet has none, maybe where it
// is not known.
func fieldOf(expression json.RawMessage, p Packet) (field, truth) {
	var e struct {
		Meta *struct {
			Key string `json:"key"`
		} `json:"meta"`
		Payload *struct {
			Protocol string `json:"protocol"`
			Field    string `json:"field"`
		} `json:"payload"`
		CT *struct {
			Key string `json:"key"`
		} `json:"ct"`
	}
	if json.Unmarshal(expression, &e) != nil {
		return field{}, maybe
	}
	switch {
	case e.Meta != nil:
		return metaOf(e.Meta.Key, p)
	case e.Payload != nil:
		return payloadOf(e.Payload.Protocol, e.Payload.Field, p)
	case e.CT != nil && e.CT.Key == "state":
		return field{kind: aWord, words: []string{map[bool]string{false: "new", true: "established"}[p.Answer]}}, yes
	}
	return field{}, maybe
}

func metaOf(key string, p Packet) (field, truth) {
	out := map[string]bool{"oif": true, "oifname": true}[key]
	switch key {
	case "oif", "oifname", "iif", "iifname":
		return field{kind: aName, words: []string{p.Interface}}, known(out != p.Answer)
	case "l4proto":
		return field{kind: aWord, words: protocolWords(p.Protocol)}, yes
	case "nfproto":
		return field{kind: aWord, words: familyWords(p)}, yes
	case "protocol":
		return field{kind: aWord, words: map[bool][]string{true: {"ip"}, false: {"ip6"}}[p.Destination.Addr().Is4()]}, yes
	case "skuid":
		if p.Answer {
			return field{}, maybe
		}
		return field{kind: aNumber, low: p.User, high: p.User, ofUser: true}, yes
	}
	return field{}, maybe
}

func protocolWords(name string) []string {
	return []string{name, map[string]string{"tcp": "6", "udp": "17"}[name]}
}

func familyWords(p Packet) []string {
	if p.Destination.Addr().Is4() {
		return []string{"ipv4", "2"}
	}
	return []string{"ipv6", "10"}
}

func payloadOf(protocol, name string, p Packet) (field, truth) {
	switch {
	case protocol == "ip" || protocol == "ip6":
		if (protocol == "ip") != p.Destination.Addr().Is4() {
			return field{}, no
		}
		return headerOf(name, p)
	case protocol == "th" || protocol == p.Protocol:
		return portOf(name, p)
	case slices.Contains([]string{"tcp", "udp", "icmp", "icmpv6", "sctp", "dccp", "udplite", "esp", "ah", "comp", "arp"}, protocol):
		return field{}, no
	}
	return field{}, maybe
}

func headerOf(name string, p Packet) (field, truth) {
	switch name {
	case "saddr":
		return field{kind: anAddress, address: p.Source.Addr()}, known(p.Source.Addr().IsValid())
	case "daddr":
		return field{kind: anAddress, address: p.Destination.Addr()}, yes
	case "protocol", "nexthdr":
		return field{kind: aWord, words: protocolWords(p.Protocol)}, yes
	}
	return field{}, maybe
}

func portOf(name string, p Packet) (field, truth) {
	if name != "sport" && name != "dport" {
		return field{}, maybe
	}
	port := map[string]uint16{"sport": p.Source.Port(), "dport": p.Destination.Port()}[name]
	if port == 0 {
		return field{low: p.OwnPorts.First, high: p.OwnPorts.Last}, yes
	}
	return field{low: int(port), high: int(port)}, yes
}

// equals says whether a value is the one that a rule compares with, or one of them: a word, a number, a prefix, a range, a list, a set.
func (r *ruleset) equals(c *chain, f field, right json.RawMessage) truth {
	var several []json.RawMessage
	var text string
	var number int
	var of struct {
		Set    []json.RawMessage `json:"set"`
		Prefix *struct {
			Addr string `json:"addr"`
			Len  int    `json:"len"`
		} `json:"prefix"`
		Range []json.RawMessage `json:"range"`
		Elem  *struct {
			Val json.RawMessage `json:"val"`
		} `json:"elem"`
	}
	switch {
	case json.Unmarshal(right, &number) == nil:
		return f.isNumber(number)
	case json.Unmarshal(right, &text) == nil:
		if name, isSet := strings.CutPrefix(text, "@"); isSet {
			elements, ok := r.sets[place{c.Family, c.Table, name}]
			if !ok {
				return maybe
			}
			return r.any(c, f, elements)
		}
		return f.isText(text)
	case json.Unmarshal(right, &several) == nil:
		return r.any(c, f, several)
	case json.Unmarshal(right, &of) != nil:
		return maybe
	case of.Set != nil:
		return r.any(c, f, of.Set)
	case of.Prefix != nil:
		return f.isIn(of.Prefix.Addr, of.Prefix.Len)
	case len(of.Range) == 2:
		return f.isBetween(of.Range[0], of.Range[1])
	case of.Elem != nil:
		return r.equals(c, f, of.Elem.Val)
	}
	return maybe
}

// any says whether a value is one of several.
func (r *ruleset) any(c *chain, f field, elements []json.RawMessage) truth {
	answer := no
	for _, element := range elements {
		answer = max(answer, r.equals(c, f, element))
	}
	return answer
}

func (f field) isNumber(number int) truth {
	switch f.kind {
	case aNumber:
		return f.isWithin(number, number)
	case aWord:
		return known(slices.Contains(f.words, strconv.Itoa(number)))
	}
	return maybe
}

func (f field) isText(text string) truth {
	switch {
	case f.kind == aWord:
		return known(slices.Contains(f.words, text))
	case f.kind == aName:
		start, wildcard := strings.CutSuffix(text, "*")
		return known(f.words[0] == text || wildcard && strings.HasPrefix(f.words[0], start))
	case f.kind == anAddress:
		address, err := netip.ParseAddr(text)
		if err != nil {
			return maybe
		}
		return known(address == f.address)
	case f.ofUser:
		account, err := user.Lookup(text)
		if err != nil {
			return maybe
		}
		return known(account.Uid == strconv.Itoa(f.low))
	}
	return maybe
}

func (f field) isIn(text string, bits int) truth {
	address, err := netip.ParseAddr(text)
	if err != nil || f.kind != anAddress {
		return maybe
	}
	return known(netip.PrefixFrom(address, bits).Contains(f.address))
}

func (f field) isBetween(from, to json.RawMessage) truth {
	var low, high int
	var first, last netip.Addr
	switch {
	case f.kind == aNumber && json.Unmarshal(from, &low) == nil && json.Unmarshal(to, &high) == nil:
		return f.isWithin(low, high)
	case f.kind == anAddress && json.Unmarshal(from, &first) == nil && json.Unmarshal(to, &last) == nil:
		return known(first.Compare(f.address) <= 0 && f.address.Compare(last) <= 0)
	}
	return maybe
}

// below says whether a number is less than another.
func (f field) below(number int) truth {
	switch {
	case f.high < number:
		return yes
	case f.low >= number:
		return no
	}
	return maybe
}

// isWithin says whether a number is between two others, both included.
func (f field) isWithin(low, high int) truth { return both(not(f.below(low)), f.below(high+1)) }
