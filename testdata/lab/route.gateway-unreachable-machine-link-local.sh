# The client alone, with IPv6 only: the router that advertised itself, by its link-local address, has gone.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven fe80::1
# check: dns fail
# healthy: healthy-machine-link-local

nameservers 2001:db8:53::53
on client ip -4 address flush dev eth0
on client ip -6 route replace default via fe80::1 dev eth0
