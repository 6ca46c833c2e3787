# A VPN's kill switch left a route "unreachable" for the server's network.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-vsftpd

vsftpd server
on client ip route add unreachable 203.0.113.0/24
