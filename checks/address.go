package checks

import (
	"fmt"
	"net/netip"
	"slices"

	"github.com/rung-cli/rung/probes"
	"github.com/rung-cli/rung/probes/ftp"
)

// Networks that the Internet does not route (RFC 1918 §3, RFC 6598 §7, RFC 3927, RFC 4193).
var privateNetworks = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"),
	netip.MustParsePrefix("100.64.0.0/10"), netip.MustParsePrefix("169.254.0.0/16"),
	netip.MustParsePrefix("fc00::/7"), netip.MustParsePrefix("fe80::/10"),
}

func isPrivate(addr netip.Addr) bool {
	return slices.ContainsFunc(privateNetworks, func(p netip.Prefix) bool { return p.Contains(addr.Unmap().WithZone("")) })
}

// isNowhere says that no data connection can lead to the address from another host.
func isNowhere(addr netip.Addr) bool {
	return addr.IsUnspecified() || addr.IsLoopback() || addr.IsMulticast() || addr == netip.AddrFrom4([4]byte{255, 255, 255, 255})
}

// announcedElsewhere is the address in the reply to PASV, where it is not the control connection's peer; else invalid.
func (b *bench) announcedElsewhere() netip.Addr {
	p := seen(b.s.Passive)
	if p == nil || p.PASV == nil || p.PASV.Announced.Addr() == p.Peer {
		return netip.Addr{}
	}
	return p.PASV.Announced.Addr()
}

// addressOfReply judges the address in the 227: nobody connects to it, and what clients that follow it will see is plain from
// the address itself. Where EPSV works, clients that use it are well.
func (b *bench) addressOfReply(p *ftp.Passive) *Cause {
	if p.PASV == nil || !p.PASV.Announced.IsValid() || p.PASV.Announced.Addr() == p.Peer {
		return nil
	}
	announced, peer := p.PASV.Announced.Addr(), p.Peer.String()
	evidence := []string{quoted("PASV", p.PASV.Reply), "the control connection goes to " + peer}
	if p.EPSV.Reply != nil && p.EPSV.Fault.Of(probes.Negative) {
		evidence = append(evidence, quoted("EPSV", p.EPSV.Reply))
	}
	if cause := algRewrites(p, evidence); cause != nil {
		return cause
	}
	var cause *Cause
	switch {
	case p.Peer.Is6():
		cause = newCause("ftp.passive.pasv-on-ipv6", peer, "the server answers PASV over IPv6, with an IPv4 address", evidence...).
			mend("enable EPSV on the server: over IPv6 nothing else serves (RFC 2428)")
	case isNowhere(announced):
		cause = newCause("ftp.passive.unspecified-address", peer,
			fmt.Sprintf("the server announces %s for its data connections, where no host is", announced), evidence...).
			mend("bind the server to a real address, or set the address that it announces " +
				"(vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd -P)")
	case isPrivate(announced) && !isPrivate(p.Peer):
		cause = newCause("ftp.passive.private-address", peer,
			fmt.Sprintf("FTP passive mode fails: the server advertises the private address %s", announced), evidence...).
			mend("set the server's public address %s in its configuration (vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd "+
				"-P), or let clients use EPSV", peer)
		if network := b.ownRouteTo(announced); network != "" {
			cause.Evidence = append(cause.Evidence, fmt.Sprintf("this machine has a route of its own to %s: %s", announced, network))
			cause.likely(fmt.Sprintf("whether the server can be reached at %s from here, as inside its own network or over a VPN", announced))
		}
	default:
		return foreignAddress(p, evidence)
	}
	if p.EPSV.Connected {
		cause.as(SeverityWarn)
		cause.Summary = fmt.Sprintf("the reply to PASV names the address %s, where nobody can connect; EPSV works", announced)
	}
	return cause.with(p.Experiments...)
}

// ownRouteTo is the network by which this machine knows a way to the address that is more than the default route; empty where
// it knows none.
func (b *bench) ownRouteTo(addr netip.Addr) string {
	for _, m := range b.e.Routes {
		if r := m.Seen; r.Destination == addr && r.Fault == nil && r.Network.IsValid() && r.Network.Bits() > 0 {
			return r.Network.String()
		}
	}
	return ""
}

// foreignAddress is an address that could be right: of another machine of the server's, or of another network that it believes
// itself in. rung does not go there.
func foreignAddress(p *ftp.Passive, evidence []string) *Cause {
	announced, peer := p.PASV.Announced.Addr(), p.Peer.String()
	cause := newCause("ftp.passive.foreign-address", peer,
		fmt.Sprintf("the server advertises the address %s for its data connections, and not its own", announced), evidence...).
		with(p.Experiments...).
		mend("announce the address that clients connect to, %s (vsftpd pasv_address, ProFTPD MasqueradeAddress, Pure-FTPd -P)", peer)
	if isPrivate(p.Peer) && !isPrivate(announced) && p.EPSV.Worked() { // we are inside, and the address is for those outside
		return cause.as(SeverityInfo).likely("whether the announced address is meant for clients outside of this network").
			mend("nothing needs to be done where %s is the server's public address; clients inside may use EPSV", announced)
	}
	if !p.EPSV.Worked() && !p.PASV.Worked() && !p.Followed.Worked() {
		cause.as(SeverityFail).likely(fmt.Sprintf("a connection to %s: rung does not follow an address that a server hands it", p.PASV.Announced))
	}
	return cause
}

// algRewrites is an address in the reply to PASV that differs between a control connection in clear and one over TLS: a device on
// the way rewrites what it can read. What the server itself says is what TLS protects.
func algRewrites(p *ftp.Passive, evidence []string) *Cause {
	protected := comparedAddress(p, ftp.OverTLS)
	if p.PASV.OverTLS || protected == nil || protected.Announced.Addr() != p.Peer { // yet another address may be another machine's
		return nil
	}
	cause := algRewrite(p, evidence, p.PASV, protected).as(SeverityFail)
	if p.EPSV.Worked() {
		cause.as(SeverityWarn)
	}
	return cause
}

// algRepairs is the same where it mends what the server says wrongly: it works as long as it can read.
func algRepairs(p *ftp.Passive) *Cause {
	if p.PASV == nil || !p.PASV.OverTLS {
		return nil
	}
	inClear := comparedAddress(p, ftp.InClear)
	if inClear == nil || inClear.Announced.Addr() == p.PASV.Announced.Addr() {
		return nil
	}
	return algRewrite(p, nil, inClear, p.PASV)
}

// comparedAddress is an answer to PASV that was asked for to compare.
func comparedAddress(p *ftp.Passive, variant ftp.Variant) *ftp.PassiveAttempt {
	for i := range p.Compared {
		if a := &p.Compared[i]; a.Variant == variant && a.Command == "PASV" && a.Announced.IsValid() {
			return a
		}
	}
	return nil
}

func algRewrite(p *ftp.Passive, evidence []string, inClear, protected *ftp.PassiveAttempt) *Cause {
	return newCause("ftp.passive.alg-rewrite", p.Peer.String(),
		fmt.Sprintf("a device on the way rewrites the address in the server's replies: %s where it can read them, %s where TLS keeps it from that",
			inClear.Announced.Addr(), protected.Announced.Addr()),
		append(evidence, quoted("PASV, control connection in clear", inClear.Reply), quoted("PASV, control connection over TLS", protected.Reply))...).
		with(probes.Experiment{
			Variable: "control connection", A: "in clear", OutcomeA: outcomeOf(inClear.Reply), B: "over TLS", OutcomeB: outcomeOf(protected.Reply),
		}).
		mend("turn off FTP inspection (the FTP helper, ALG) on the firewall or router on the way, and let the server itself announce %s", p.Peer)
}
