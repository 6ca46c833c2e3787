# The client alone: a VPN that has gone left a "blackhole" in the place of the default route. IPv6 it never had.
# target: -
# verdict: fail
# cause: route.local-policy fail proven
# check: dns fail
# healthy: healthy-machine-ipv4-only

on client ip -6 address flush dev eth0 scope global
on client ip -6 route delete default
on client ip route replace blackhole default
