# The client alone, two faults: a VPN's kill switch forbids IPv4, by which the resolver is reached, and the cable by which IPv6 leaves is out.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: route.local-policy fail proven 198.51.100.53
# cause: link.no-carrier fail proven eth0
# healthy: healthy-machine

on client ip route replace prohibit default
on cpe ip link set lan down
