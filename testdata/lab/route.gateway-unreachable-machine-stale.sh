# The client alone: the IPv6 gateway died a moment ago, and the client's neighbour table still knows it.
# target: -
# flags: --timeout 12s
# verdict: warn
# cause: route.gateway-unreachable warn proven 2001:db8:1::fe
# healthy: healthy-machine

on client ip -6 route replace default via 2001:db8:1::fe
on client ip -6 neighbour add 2001:db8:1::fe lladdr 02:00:00:00:00:fe dev eth0 nud stale
