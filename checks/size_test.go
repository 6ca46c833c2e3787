package checks

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// sized is a trial with packets of at most so many bytes, which passed or did not.
func sized(size int, passes bool, knownMTU uint32) tls.Trial {
	t := tls.Trial{Changed: tls.ChangedPacket, Packet: size, Answer: tls.Answer{
		HelloSize: 1500, Complete: passes, Transport: probes.Transport{PathMTU: knownMTU},
	}}
	if !passes {
		t.Answer.Fault = fault("handshake", probes.Timeout)
	}
	return t
}

func TestPacketSize(t *testing.T) {
	for name, c := range map[string]struct {
		trials         []tls.Trial
		passes, fails  int
		evidence, mend string
	}{
		"between two": {
			[]tls.Trial{sized(1280, true, 1500), sized(1380, true, 1500), sized(1420, false, 1500), sized(1400, true, 1500), sized(1410, false, 1500)},
			1400, 1410, "packets of up to 1400 bytes pass, those of 1410 bytes do not", "MSS 1360 over IPv4",
		},
		"all that were tried pass":       {[]tls.Trial{sized(1480, true, 1500), sized(1492, true, 1500)}, 1492, 0, "packets of up to 1492 bytes pass", "MSS 1452"},
		"none passes":                    {[]tls.Trial{sized(1280, false, 1500)}, 0, 1280, "", ""},
		"they do not agree":              {[]tls.Trial{sized(1280, false, 1500), sized(1420, true, 1500)}, 1420, 1280, "", ""},
		"the kernel has learned of less": {[]tls.Trial{sized(1280, true, 1400), sized(1492, true, 1400)}, 1280, 0, "packets of up to 1280 bytes pass", "MSS 1240"},
		"there was no connection":        {[]tls.Trial{{Changed: tls.ChangedPacket, Packet: 1280, Answer: tls.Answer{Fault: fault("dial", probes.Timeout)}}}, 0, 0, "", ""},
		"no trial":                       {nil, 0, 0, "", ""},
	} {
		t.Run(name, func(t *testing.T) {
			found := sizeIn(c.trials)
			assert.Equal(t, packetSize{c.passes, c.fails}, found)
			cause := found.clamping(&Cause{}, serverIPv4)
			assert.Equal(t, c.evidence, strings.Join(cause.Evidence, "; "))
			assert.Contains(t, cause.Remedy, c.mend)
			assert.Equal(t, c.mend == "", cause.Remedy == "")
		})
	}
}
