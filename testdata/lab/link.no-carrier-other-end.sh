# The switch's port is shut down: the cable is in, and nobody is at its other end.
# target: tcp://203.0.113.10:21
# flags: --timeout 4s
# verdict: fail
# cause: link.no-carrier fail proven eth0
# healthy: healthy-two-interfaces

vsftpd server
on cpe ip link set lan down
