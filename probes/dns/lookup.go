package dns

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"time"

	"github.com/rung-cli/rung/probes"
)

// lookup asks the system's own way. It keeps the order of the addresses, which is that of RFC 6724 already.
func lookup(ctx context.Context, o Options, name string) Lookup {
	start := time.Now()
	addrs, err := systemLookup(ctx, o, name)
	waited := time.Since(start)
	result := Lookup{Took: probes.Millis(waited)}
	for _, addr := range addrs {
		if o.wants(addr) {
			result.Addresses = append(result.Addresses, addr.Unmap())
		}
	}
	result.Addresses = unique(result.Addresses)
	switch {
	case err != nil:
		result.Fault = lookupFault(ctx, err, waited >= o.doubt()/2)
	case len(result.Addresses) == 0:
		result.Fault = &probes.Fault{Step: "lookup", Kind: probes.NotFound, Message: "no address of the wanted family"}
	}
	return result
}

func systemLookup(ctx context.Context, o Options, name string) ([]netip.Addr, error) {
	if o.Host.Lookup != nil {
		return o.Host.Lookup(ctx, name)
	}
	network := map[int]string{4: "ip4", 6: "ip6"}[o.Family]
	if network == "" {
		network = "ip"
	}
	return net.DefaultResolver.LookupNetIP(ctx, network, name)
}

// lookupFault tells a name that does not exist from a lookup that did not work.
func lookupFault(ctx context.Context, err error, hadTime bool) *probes.Fault {
	fault := faultOf(ctx, "lookup", err, hadTime)
	var dnsError *net.DNSError
	if errors.As(err, &dnsError) && dnsError.IsNotFound {
		fault.Kind = probes.NotFound
	}
	return fault
}
