# The client alone: somebody took its interface down.
# target: -
# verdict: fail
# cause: link.down fail proven eth0
# healthy: healthy-machine

on client ip link set eth0 down
