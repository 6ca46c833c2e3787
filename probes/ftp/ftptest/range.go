package ftptest

import (
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
)

// passiveRange is a server's only passive ports. The dead ones are held all the time, the others while they are given.
type passiveRange struct {
	first  uint16
	faults []PortFault
	dead   []*DeadPort
	mu     sync.Mutex
	next   int
}

// openRange finds as many consecutive ports as there are faults. They are below those that systems give to outgoing connections,
// so that no such connection takes a port that is free for the moment.
func openRange(addr netip.Addr, faults []PortFault) (*passiveRange, error) {
	const attempts, from, to = 20, 10_000, 30_000
	var err error
	for range attempts {
		r := &passiveRange{first: from + rand.N[uint16](to-from), faults: slices.Clone(faults)}
		if err = r.open(addr); err == nil {
			return r, nil
		}
		r.close()
	}
	return nil, err
}

func (r *passiveRange) open(addr netip.Addr) error {
	for i, fault := range r.faults {
		on := netip.AddrPortFrom(addr, r.first+uint16(i))
		if fault == Working {
			listener, err := listen(on)
			if err != nil {
				return err
			}
			_ = listener.Close() // it was only to see whether the port is free
			continue
		}
		port, err := fault.open(on)
		if err != nil {
			return err
		}
		r.dead = append(r.dead, port)
	}
	return nil
}

func (r *passiveRange) close() {
	for _, port := range r.dead {
		port.Close()
	}
}

// take is the next port, and what is wrong with it.
func (r *passiveRange) take() (uint16, PortFault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := r.next % len(r.faults)
	r.next++
	return r.first + uint16(i), r.faults[i]
}
