# The same over IPv6.
# target: ftp://files6.example.com/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-ipv6-only

vsftpd6 server
on client ip route add prohibit 2001:db8:2::/48
