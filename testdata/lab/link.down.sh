# Somebody took the client's interface down.
# target: ftp://files.example.com/
# verdict: fail
# cause: link.down fail proven eth0
# healthy: healthy-vsftpd

vsftpd server
on client ip link set eth0 down
