# The client alone: it has no network interface.
# target: -
# verdict: fail
# cause: link.none fail proven
# check: dns fail
# healthy: healthy-machine

on client ip link delete eth0
