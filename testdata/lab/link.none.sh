# The client has no network interface.
# target: ftp://files.example.com/
# verdict: fail
# cause: link.none fail proven
# healthy: healthy-vsftpd

vsftpd server
on client ip link delete eth0
