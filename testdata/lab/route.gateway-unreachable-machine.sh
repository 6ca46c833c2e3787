# The client alone: nobody answers at the address of its default gateway, and there is no IPv6.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.1.254
# check: dns fail
# healthy: healthy-machine-ipv4-only

on client ip -6 route delete default
on client ip route replace default via 192.168.1.254
