# The client alone, asked for IPv6: it has no way out by that.
# target: -
# flags: -6
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-machine

on client ip -6 route delete default
