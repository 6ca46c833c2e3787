//go:build !linux

package firewall

import (
	"context"
	"math"

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

// OwnPorts are all ports: these systems are not asked.
func OwnPorts() Ports { return Ports{0, math.MaxUint16} }
