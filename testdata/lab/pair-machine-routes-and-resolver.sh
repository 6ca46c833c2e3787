# The client alone, two faults: no default route, and a resolver in its own network that is off.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.none fail proven
# cause: route.unreachable-remote fail likely 192.168.1.53
# healthy: healthy-machine

nameservers 192.168.1.53
on client ip route delete default
on client ip -6 route delete default
