# Two faults: the IPv6 gateway is not there, and the service does not run.
# target: ftp://files46.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven fe80::dead
# cause: tcp.refused fail proven 203.0.113.10:21
# healthy: healthy-dual-stack

on client ip -6 route replace default via fe80::dead dev eth0
