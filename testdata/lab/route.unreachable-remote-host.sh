# The server is off: the last router asks for it in vain, and says so after three seconds.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: route.unreachable-remote fail proven 198.51.100.18
# healthy: healthy-vsftpd

on server ip link set eth0 down
