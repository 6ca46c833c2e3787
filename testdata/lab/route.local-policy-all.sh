# The kill switch covers everything, the resolver too.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-vsftpd

vsftpd server
on client ip route add unreachable 0.0.0.0/1
on client ip route add unreachable 128.0.0.0/1
on client ip route add unreachable 2000::/3
