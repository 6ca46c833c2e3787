# There is no default route, and the resolver is a stub on the client itself, which answers SERVFAIL.
# target: ftp://files.example.com/
# verdict: fail
# cause: route.none fail proven
# healthy: healthy-stub-resolver

stub
on client ip route delete default
on client ip -6 route delete default
