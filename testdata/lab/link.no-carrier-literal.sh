# The cable is out, and the target is an address: no name is in the way.
# target: ftp://203.0.113.10/
# flags: --timeout 4s
# verdict: fail
# cause: link.no-carrier fail proven eth0
# healthy: healthy-literal

vsftpd server
on cpe ip link set lan down
