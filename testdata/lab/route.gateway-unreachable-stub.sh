# The gateway is not there, and the resolver is a stub on the client itself, which finds nobody to ask.
# target: ftp://files.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: route.gateway-unreachable fail proven
# healthy: healthy-stub-resolver

stub
on client ip route replace default via 192.168.1.254
