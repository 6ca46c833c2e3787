# The client alone, two faults: at the first resolver nothing answers for DNS, and the second is switched off in the client's own network.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: dns.resolver-refused fail proven 198.51.100.1
# cause: route.unreachable-remote fail likely 192.168.1.53
# healthy: healthy-machine

nameservers 198.51.100.1 192.168.1.53
