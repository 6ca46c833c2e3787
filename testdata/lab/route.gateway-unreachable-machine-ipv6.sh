# The client alone: the IPv6 gateway is dead, and nothing but what the client sends to it shows that. IPv4 works.
# target: -
# flags: --timeout 5s
# verdict: warn
# cause: route.gateway-unreachable warn proven 2001:db8:1::fe
# check: gateway 192.168.1.1 pass
# check: dns pass
# healthy: healthy-machine

on client ip -6 route replace default via 2001:db8:1::fe
