# The IPv6 gateway does not exist. The resolver is asked over IPv4.
# target: ftp://files6.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 2001:db8:1::fe
# healthy: healthy-ipv6-only

vsftpd6 server
on client ip -6 route replace default via 2001:db8:1::fe
