# The client alone: it has addresses, and no default route of either family.
# target: -
# verdict: fail
# cause: route.none fail proven
# check: route 198.51.100.53 fail
# check: dns fail
# healthy: healthy-machine

on client ip route delete default
on client ip -6 route delete default
