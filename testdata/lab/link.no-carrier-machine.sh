# The client alone: the cable is out.
# target: -
# flags: --timeout 4s
# verdict: fail
# cause: link.no-carrier fail proven eth0
# check: dns fail
# healthy: healthy-machine

on cpe ip link set lan down
