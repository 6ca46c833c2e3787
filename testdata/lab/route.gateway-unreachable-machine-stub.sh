# The client alone: the gateway is dead, and the resolver is a stub on the client, which finds nobody to ask.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.1.254
# check: dns fail
# healthy: healthy-machine-stub

stub
on client ip -6 route delete default
on client ip route replace default via 192.168.1.254
