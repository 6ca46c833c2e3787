# No default route for IPv6, and the target has no other address.
# target: ftp://files6.example.com/
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-ipv6-only

vsftpd6 server
on client ip -6 route delete default
