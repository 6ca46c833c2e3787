package link

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
