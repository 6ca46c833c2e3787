# The provider has lost its IPv6 route to the server's network.
# target: ftp://files6.example.com/
# verdict: fail
# cause: route.unreachable-remote fail proven 2001:db8:a::1
# healthy: healthy-ipv6-only

vsftpd6 server
on isp ip -6 route delete 2001:db8:2::/64
