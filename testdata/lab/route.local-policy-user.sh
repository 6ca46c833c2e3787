# A rule of the routing policy swallows what this user sends, as policies for applications do.
# target: ftp://203.0.113.10/
# verdict: fail
# cause: route.local-policy fail proven
# healthy: healthy-policy-port

vsftpd server
on client ip rule add uidrange 65534-65534 priority 50 blackhole
