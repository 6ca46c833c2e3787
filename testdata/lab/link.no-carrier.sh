# The cable is out: the other end of the client's link is down.
# target: ftp://files.example.com/
# flags: --timeout 3s
# verdict: fail
# cause: link.no-carrier fail proven eth0
# healthy: healthy-vsftpd

vsftpd server
on cpe ip link set lan down
