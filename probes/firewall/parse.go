package firewall

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// ruleset is what "nft --json list ruleset" prints (libnftables-json(5)).
type ruleset struct {
	bases  []*chain // by priority
	chains map[place]*chain
	sets   map[place][]json.RawMessage
}

// place is where a chain or a set is.
type place struct{ family, table, name string }

type chain struct {
	Chain

	devices []string
	rules   []rule
}

type rule struct {
	handle int
	parts  []part
}

// part is one match or statement of a rule: its key, and what belongs to it.
type part struct {
	key   string
	value json.RawMessage
}

var errMalformed = errors.New("not what nft prints")

// object is one of the list, of which only the member that is there is set.
type object struct {
	Table *struct {
		Family string `json:"family"`
		Name   string `json:"name"`
		Flags  words  `json:"flags"`
	} `json:"table"`
	Chain *struct {
		Family string `json:"family"`
		Table  string `json:"table"`
		Name   string `json:"name"`
		Type   string `json:"type"`
		Hook   string `json:"hook"`
		Prio   int    `json:"prio"`
		Policy string `json:"policy"`
		Dev    words  `json:"dev"`
	} `json:"chain"`
	Rule *struct {
		Family string                       `json:"family"`
		Table  string                       `json:"table"`
		Chain  string                       `json:"chain"`
		Handle int                          `json:"handle"`
		Expr   []map[string]json.RawMessage `json:"expr"`
	} `json:"rule"`
	Set *struct {
		Family string            `json:"family"`
		Table  string            `json:"table"`
		Name   string            `json:"name"`
		Elem   []json.RawMessage `json:"elem"`
	} `json:"set"`
}

// words is a list of words that nft prints without brackets where there is one.
type words []string

func (w *words) UnmarshalJSON(data []byte) error {
	var one string
	if json.Unmarshal(data, &one) == nil {
		*w = words{one}
		return nil
	}
	return json.Unmarshal(data, (*[]string)(w))
}

// parse reads the rules.
func parse(text []byte) (*ruleset, error) {
	var list struct {
		Objects []object `json:"nftables"`
	}
	if err := json.Unmarshal(text, &list); err != nil {
		return nil, fmt.Errorf("%w: %w", errMalformed, err)
	}
	r := &ruleset{chains: map[place]*chain{}, sets: map[place][]json.RawMessage{}}
	asleep := map[place]bool{}
	for _, o := range list.Objects { // tables come before their chains, and those before their rules
		switch {
		case o.Table != nil:
			asleep[place{o.Table.Family, o.Table.Name, ""}] = slices.Contains(o.Table.Flags, "dormant")
		case o.Chain != nil:
			r.addChain(o, asleep[place{o.Chain.Family, o.Chain.Table, ""}])
		case o.Set != nil:
			r.sets[place{o.Set.Family, o.Set.Table, o.Set.Name}] = o.Set.Elem
		case o.Rule != nil:
			if err := r.addRule(o); err != nil {
				return nil, err
			}
		}
	}
	slices.SortStableFunc(r.bases, byPriority)
	return r, nil
}

func (r *ruleset) addChain(o object, asleep bool) {
	from := o.Chain
	c := &chain{
		Chain: Chain{
			Family: from.Family, Table: from.Table, Name: from.Name, Type: from.Type, Hook: from.Hook, Priority: from.Prio, Policy: from.Policy,
		},
		devices: from.Dev,
	}
	r.chains[place{from.Family, from.Table, from.Name}] = c
	if c.Hook != "" && !asleep {
		r.bases = append(r.bases, c)
	}
}

func (r *ruleset) addRule(o object) error {
	c := r.chains[place{o.Rule.Family, o.Rule.Table, o.Rule.Chain}]
	if c == nil {
		return fmt.Errorf("%w: a rule of a chain that is not there", errMalformed)
	}
	added := rule{handle: o.Rule.Handle}
	for _, expression := range o.Rule.Expr {
		if len(expression) != 1 {
			return fmt.Errorf("%w: an expression of %d words", errMalformed, len(expression))
		}
		for key, value := range expression {
			added.parts = append(added.parts, part{key, value})
		}
	}
	c.rules, c.Rules = append(c.rules, added), c.Rules+1
	return nil
}
