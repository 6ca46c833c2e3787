package link

import (
	"time"

	"github.com/rung-cli/rung/probes"
)

// active reads the status of a medium (IFM_AVALID and IFM_ACTIVE, net/if_media.h of macOS and FreeBSD); where the driver knows none, the
// interface's flags stand.
func active(status uint32, flags bool) bool {
	const valid, isActive = 1, 2
	if status&valid == 0 {
		return flags
	}
	return status&isActive != 0
}

// stateOf reads the state of an interface of Windows (NET_IF_ADMIN_STATUS, NET_IF_MEDIA_CONNECT_STATE; ifdef.h): what Go calls up is only that
// both are well. Of an interface that is down nobody knows whether it is connected.
func stateOf(adminStatus, mediaState uint32) (up, carrier bool) {
	const adminUp, disconnected = 1, 2
	up = adminStatus == adminUp
	return up, up && mediaState != disconnected
}

// mediumOf is the medium of a type of interface of Windows, a number of the IANA's (ifType); a VPN's and other virtual ones have numbers of
// real ones.
func mediumOf(ifType uint32) string {
	return map[uint32]string{6: "ethernet", 23: "ppp", 24: "loopback", 71: "wifi", 131: "tunnel"}[ifType]
}

// takeState reads the state of an address of Windows (NL_DAD_STATE, NL_PREFIX_ORIGIN, NL_SUFFIX_ORIGIN; nldef.h) and its lifetimes in seconds.
func (a *Address) takeState(dadState, prefixOrigin, suffixOrigin, preferred, valid uint32) {
	const tentative, duplicate, deprecated = 1, 2, 3
	const dhcp, advertised, random = 3, 4, 5
	a.Tentative, a.Duplicate, a.Deprecated = dadState == tentative, dadState == duplicate, dadState == deprecated
	a.Dynamic = prefixOrigin == dhcp || prefixOrigin == advertised
	a.Temporary = suffixOrigin == random && prefixOrigin == advertised
	a.Preferred, a.Valid = lifetime(preferred), lifetime(valid)
}

// lifetime is one that ends; 0 for one that does not.
func lifetime(seconds uint32) probes.Millis {
	const infinite = 0xffffffff
	if seconds == infinite {
		return 0
	}
	return probes.Millis(time.Duration(seconds) * time.Second)
}
