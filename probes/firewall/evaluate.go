package firewall

import "encoding/json"

// fate is how a packet's way through a chain ended. Its action is empty where it came to the end of the chain.
type fate struct {
	action Action
	chain  string
	handle int
	policy bool
}

// text names a policy; a rule's words are the kernel's to tell.
func (f fate) text() string {
	if f.policy && f.action != Accept {
		return "policy " + string(f.action)
	}
	return ""
}

// deepest is how many chains may lead into one another: the kernel allows no more (NFT_JUMP_STACK_SIZE).
const deepest = 16

// pass leads a packet through a base chain.
func (r *ruleset) pass(c *chain, p Packet) fate {
	end := r.walk(c, p, deepest)
	if end.action != "" {
		return end
	}
	policy := Accept
	if c.Policy == "drop" {
		policy = Drop
	}
	return fate{action: policy, chain: c.Name, policy: true}
}

func (r *ruleset) walk(c *chain, p Packet, depth int) fate {
	for _, rule := range c.rules {
		if end, returned := r.apply(c, rule, p, depth); end.action != "" || returned {
			return end
		}
	}
	return fate{}
}

// apply holds a rule against a packet. It gives the packet's fate where that is decided, and says whether the chain is left.
func (r *ruleset) apply(c *chain, rule rule, p Packet, depth int) (end fate, returned bool) {
	matches := yes
	for _, part := range rule.parts {
		word, value, answer := r.read(c, part, p)
		if matches = both(matches, answer); matches == no {
			return fate{}, false
		}
		switch kind := kindOf(c, word, value); {
		case kind == harmless:
		case kind == asks:
			matches = maybe
		case kind == ends && matches == yes:
			return r.carryOut(c, rule.handle, word, value, p, depth)
		default:
			return fate{action: Unknown, chain: c.Name, handle: rule.handle}, false
		}
	}
	return fate{}, false
}

// read is a part of a rule as it concerns a packet: a map of verdicts is the verdict that it has for it. The answer is yes where the
// part asks nothing.
func (r *ruleset) read(c *chain, part part, p Packet) (word string, value json.RawMessage, answer truth) {
	switch part.key {
	case "match":
		return part.key, part.value, r.match(c, part.value, p)
	case "vmap":
		return r.lookUp(c, part.value, p)
	}
	return part.key, part.value, yes
}

// carryOut does what a verdict says.
func (r *ruleset) carryOut(c *chain, handle int, word string, value json.RawMessage, p Packet, depth int) (end fate, returned bool) {
	here := func(action Action) fate { return fate{action: action, chain: c.Name, handle: handle} }
	switch word {
	case "drop":
		return here(Drop), false
	case "reject":
		return here(Reject), false
	case "return":
		return fate{}, true
	case "jump", "goto":
		var to struct {
			Target string `json:"target"`
		}
		next := (*chain)(nil)
		if json.Unmarshal(value, &to) == nil {
			next = r.chains[place{c.Family, c.Table, to.Target}]
		}
		if next == nil || depth == 0 {
			return here(Unknown), false
		}
		return r.walk(next, p, depth-1), word == "goto"
	}
	return here(Accept), false
}

// kind is what a statement of a rule means for a packet's way.
type kind int

const (
	beyond   kind = iota // it changes the packet or its way, in a manner that is not followed here
	ends                 // a verdict
	asks                 // it lets some packets through to what follows, and which is not known
	harmless             // the packet goes on as it was
)

// kinds are those of the words of libnftables-json(5). What is not here is beyond.
var kinds = map[string]kind{
	"accept": ends, "drop": ends, "reject": ends, "return": ends, "jump": ends, "goto": ends,
	"masquerade": ends, "snat": ends, // the source changes where nothing asks for it any more
	"limit": asks, "quota": asks, "ct count": asks,
	"match": harmless, "vmap": harmless, "counter": harmless, "log": harmless, "comment": harmless, "meter": harmless,
	"ct helper": harmless, "ct timeout": harmless, "ct expectation": harmless, "flow": harmless, "set": harmless, "last": harmless,
}

// kindOf is what a word means in a chain. A mark is not followed: who asks for it gets no answer. It may send the packet another way
// from a chain of type route.
func kindOf(c *chain, word string, value json.RawMessage) kind {
	var mangled struct {
		Key struct {
			Meta, CT json.RawMessage
		} `json:"key"`
	}
	if word == "mangle" && c.Type != "route" && json.Unmarshal(value, &mangled) == nil && (mangled.Key.Meta != nil || mangled.Key.CT != nil) {
		return harmless
	}
	return kinds[word]
}
