//go:build !linux

package firewall

import (
	"context"

	"github.com/rung-cli/rung/probes"
)

// Read reads nothing: these systems' filters do not tell which rule a packet meets.
func Read(context.Context) Result {
	return Result{Fault: &probes.Fault{Step: "rules", Kind: probes.Unsupported, Message: "this system's rules are not read"}}
}

// Ask adds that nothing is known.
func (r *Result) Ask(_ context.Context, packets ...Packet) {
	for _, p := range packets {
		r.Answers = append(r.Answers, r.Verdict(p))
	}
}
