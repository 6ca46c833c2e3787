# The same, and the target is an address.
# target: ftp://203.0.113.10/
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven 192.168.1.254
# healthy: healthy-literal

vsftpd server
on client ip route replace default via 192.168.1.254
