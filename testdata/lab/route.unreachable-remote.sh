# The provider has lost its route to the server's network and says so.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.unreachable-remote fail proven 198.51.100.1
# healthy: healthy-vsftpd

vsftpd server
on isp ip route delete 203.0.113.0/24
