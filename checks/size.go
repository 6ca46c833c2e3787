package checks

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/tls"
)

// packetSizes are those that are tried to find what a path carries, in bytes: what the usual tunnels leave of 1500. PPPoE 1492 (RFC 2516
// §7), IP in IP 1480 (RFC 2003), VXLAN 1450 (RFC 7348 §4.3), WireGuard 1420 or 1440, IPv6's smallest MTU 1280 (RFC 8200 §5). The coarse
// ones come first, all at once, and then those between the largest that passed and the smallest that did not.
var (
	coarseSizes = []int{1280, 1380, 1420, 1460}
	fineSizes   = []int{600, 800, 1100, 1300, 1320, 1350, 1390, 1400, 1410, 1430, 1440, 1450, 1472, 1480, 1492}
)

// headers is the length of the IP and TCP headers without options, in bytes.
func headers(to netip.Addr) int {
	if to.Is4() {
		return 40
	}
	return 60
}

// findSize tries what packets pass, where small ones do and others do not seem to, in two rounds. Who waits for more silence than the
// doubt asks for waits with the trials that are under way all the same.
func (v *visit) findSize(ctx context.Context, end time.Time, ofSize func(int) trial) []tls.Trial {
	round := min(v.tlsDoubt(), time.Until(end)/3)
	select {
	case <-time.After(round): // large packets may come after all, and what there is to find out is moot then
	case <-ctx.Done():
		return nil
	}
	coarse := v.trySizes(ctx, time.Now().Add(round), coarseSizes, ofSize)
	found := sizeIn(coarse)
	smallest := max(found.passes, smallMSS(v.peer.Addr())+headers(v.peer.Addr()))
	between := func(size int) bool { return size > smallest && (found.fails == 0 || size < found.fails) }
	fine := slices.DeleteFunc(slices.Clone(fineSizes), func(size int) bool { return !between(size) })
	if ctx.Err() != nil || found.fails > 0 && found.passes > found.fails {
		return coarse
	}
	return append(coarse, v.trySizes(ctx, time.Now().Add(round), fine, ofSize)...)
}

func (v *visit) trySizes(ctx context.Context, end time.Time, sizes []int, ofSize func(int) trial) []tls.Trial {
	made := make([]tls.Trial, len(sizes))
	var trying sync.WaitGroup
	for i, size := range sizes {
		trying.Go(func() { made[i] = v.try(ctx, end, ofSize(size)) })
	}
	trying.Wait()
	return made
}

// packetSize is what is known of the longest packet that a path carries, in bytes: the longest that passed, and the shortest longer one
// that did not; 0 where none was seen.
type packetSize struct{ passes, fails int }

// sizeIn reads trials of sizes. One for which the kernel knew of a smaller path tells nothing of its size.
func sizeIn(trials []tls.Trial) (s packetSize) {
	for _, t := range trials {
		a := t.Answer
		switch {
		case t.Changed != tls.ChangedPacket, a.Transport.PathMTU > 0 && int(a.Transport.PathMTU) < t.Packet:
		case a.Complete:
			s.passes = max(s.passes, t.Packet)
		case a.Fault.Of(probes.Timeout) && a.HelloSize > 0 && (s.fails == 0 || t.Packet < s.fails):
			s.fails = t.Packet
		}
	}
	return s
}

// packets is what the trials tell of the longest packet that passes.
func (t trials) packets() packetSize { return sizeIn(t.h.Trials) }

// clamping adds the size to a cause, and to its remedy the segments that fit, where the trials agree on it.
func (s packetSize) clamping(cause *Cause, to netip.Addr) *Cause {
	if s.passes == 0 || s.fails > 0 && s.fails < s.passes {
		return cause
	}
	fact := fmt.Sprintf("packets of up to %d bytes pass", s.passes)
	if s.fails > 0 {
		fact += fmt.Sprintf(", those of %d bytes do not", s.fails)
	}
	cause.Evidence = append(cause.Evidence, fact)
	cause.Remedy += fmt.Sprintf("; segments of %d bytes fit (MSS %d over IPv%d)", s.passes-headers(to), s.passes-headers(to), familyOf(to))
	return cause
}
