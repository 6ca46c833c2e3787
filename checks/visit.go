package checks

import (
	"context"
	stdtls "crypto/tls"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// visit is one address of the target at which the upper layers are tried: what its checks hand to one another while they run.
type visit struct {
	*Climb

	service *Service     // its evidence
	conn    net.Conn     // the connection that the tcp check made
	secured *stdtls.Conn // TLS over it, once the handshake was made
	peer    netip.AddrPort
	began   probes.Transport // of that connection, as it was made
	rtt     time.Duration    // by it
	first   bool             // it is the one that the target is judged by where only one is tried

	vetted  *promise[struct{}]    // whatever there is to be asked about the chain has been
	login   *promise[bool]        // whether the server accepted the login
	client  *promise[*ftp.Client] // ready for transfers, or not; nil where there is no control connection
	second  *promise[*ftp.Client] // the second control connection: ready, or closed again; nil where there is none
	passive *promise[struct{}]    // passive mode no longer uses the client
	active  *promise[*ftp.Client] // the client of active mode, no longer used; nil where it was the first one

	mutex    sync.Mutex
	logins   int           // further logins so far, beside the first two
	sessions []ftp.Session // the dialogues of further control connections
	paths    []pathMeasured
}

func newVisit(c *Climb, service *Service, conn net.Conn) *visit {
	v := &visit{
		Climb: c, service: service, conn: conn, peer: probes.AddrPortOf(conn.RemoteAddr()), first: service == &c.evidence.Service,
		began:  probes.TransportOf(conn),
		vetted: newPromise[struct{}](), login: newPromise[bool](), client: newPromise[*ftp.Client](), second: newPromise[*ftp.Client](),
		passive: newPromise[struct{}](), active: newPromise[*ftp.Client](),
	}
	v.rtt = time.Duration(v.began.RTT)
	if c.Options.AllAddresses {
		service.At = v.peer.Addr().String()
	}
	return v
}

// atEachAddress takes a step at the address that connected first, or at each that did.
func atEachAddress(step func(*visit, context.Context)) func(context.Context, *Climb) {
	return func(ctx context.Context, c *Climb) {
		defer c.announced.keep(netip.Addr{})
		if speaksTLS(c.Target) || speaksFTPS(c.Target) {
			c.loading.Go(func() { c.roots() }) // slow, and wanted by the time the chain has come
		}
		first, _ := c.chosen.wait(ctx)
		if first == nil {
			return
		}
		var visiting sync.WaitGroup
		all := []*visit{newVisit(c, &c.evidence.Service, first)}
		visiting.Go(func() { step(all[0], ctx) })
		others, _ := c.others.wait(ctx)
		c.evidence.Others = make([]Service, len(others))
		for i, conn := range others {
			v := newVisit(c, &c.evidence.Others[i], conn)
			all = append(all, v)
			visiting.Go(func() { step(v, ctx) })
		}
		visiting.Wait()
		for _, v := range all {
			c.keepPaths(v.paths)
		}
	}
}
