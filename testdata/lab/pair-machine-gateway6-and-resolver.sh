# The client alone, two faults: the IPv6 gateway is dead, and at the resolver's address nothing answers for DNS.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable warn proven 2001:db8:1::fe
# cause: dns.resolver-refused fail proven 198.51.100.1
# healthy: healthy-machine

nameservers 198.51.100.1
on client ip -6 route replace default via 2001:db8:1::fe
