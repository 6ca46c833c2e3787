# The client alone: the resolver that DHCP named is in its own network, and off.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.unreachable-remote fail likely 192.168.1.53
# check: gateway 192.168.1.1 pass
# check: dns fail
# healthy: healthy-machine

nameservers 192.168.1.53
