package checks

import (
	"net/netip"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tcp"
)

// attempted is an attempt that took so many seconds; kind is why there is no connection, empty where there is one.
func attempted(to netip.Addr, took float64, kind probes.Kind) tcpMeasured {
	m := connectedTo(netip.AddrPortFrom(to, 443))
	m.Seen.Took = seconds(took)
	if kind != "" {
		m.Seen.Fault, m.Seen.Local = fault("connect", kind), netip.AddrPort{}
	}
	return m
}

func TestFirstConnection(t *testing.T) {
	at := func(to netip.Addr, after float64) Arrival {
		return Arrival{Address: netip.AddrPortFrom(to, 443), After: seconds(after)}
	}
	atLeast := func(a Arrival) Arrival {
		a.AtLeast = true
		return a
	}
	for name, c := range map[string]struct {
		tried           []tcpMeasured
		racing, inOrder Arrival
		hidden          bool
	}{
		"all is well": {
			[]tcpMeasured{attempted(serverIPv6, 0.03, ""), attempted(serverIPv4, 0.02, "")}, at(serverIPv6, 0.03), at(serverIPv6, 0.03), false,
		},
		"the first family is silent": {
			[]tcpMeasured{attempted(serverIPv6, 10, probes.Timeout), attempted(serverIPv4, 0.02, "")}, at(serverIPv4, 0.27), atLeast(at(serverIPv4, 10.02)), true,
		},
		"the first family refuses": {
			[]tcpMeasured{attempted(serverIPv6, 0.03, probes.Refused), attempted(serverIPv4, 0.02, "")}, at(serverIPv4, 0.05), at(serverIPv4, 0.05), false,
		},
		"the families take turns": {
			[]tcpMeasured{attempted(serverIPv6, 10, probes.Timeout), attempted(otherIPv6, 10, probes.Timeout), attempted(serverIPv4, 0.02, "")},
			at(serverIPv4, 0.27), atLeast(at(serverIPv4, 20.02)), true,
		},
		"a slow one is overtaken": {
			[]tcpMeasured{attempted(serverIPv6, 0.6, ""), attempted(serverIPv4, 0.1, "")}, at(serverIPv4, 0.35), at(serverIPv6, 0.6), false,
		},
		"a slow one is there first": {
			[]tcpMeasured{attempted(serverIPv6, 0.3, ""), attempted(serverIPv4, 0.1, "")}, at(serverIPv6, 0.3), at(serverIPv6, 0.3), false,
		},
		"the last of one family": {
			[]tcpMeasured{attempted(serverIPv4, 10, probes.Timeout), attempted(otherIPv4, 0.02, "")}, at(otherIPv4, 0.27), atLeast(at(otherIPv4, 10.02)), true,
		},
		"none is left": {
			[]tcpMeasured{attempted(serverIPv6, 10, probes.Timeout), attempted(serverIPv4, 10, probes.Timeout)},
			Arrival{After: seconds(10.25), AtLeast: true}, Arrival{After: seconds(20), AtLeast: true}, false,
		},
	} {
		t.Run(name, func(t *testing.T) {
			first := firstConnection(c.tried)
			assert.Equal(t, c.racing, first.Racing, "racing")
			assert.Equal(t, c.inOrder, first.InOrder, "in order")
			assert.Equal(t, c.hidden, first.Hidden())
		})
	}
}

func TestNoFirstConnectionToTellOf(t *testing.T) {
	for name, all := range map[string][]tcpMeasured{
		"no address":         nil,
		"one address":        {attempted(serverIPv4, 0.02, "")},
		"one was cut short":  {attempted(serverIPv6, 1, probes.Interrupted), attempted(serverIPv4, 0.02, "")},
		"one is not told of": {{Seen: tcp.Result{}}, attempted(serverIPv4, 0.02, "")},
	} {
		assert.Nil(t, firstConnection(all), name)
	}
}
