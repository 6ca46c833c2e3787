# The client has no default route.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-vsftpd

vsftpd server
on client ip route delete default
on client ip -6 route delete default
