# The client alone: the resolver has lost its own way to the root.
# target: -
# flags: --timeout 5s
# verdict: fail
# cause: dns.servfail fail proven 198.51.100.54
# healthy: healthy-machine

recursive_resolver 198.51.100.54
nameservers 198.51.100.54
