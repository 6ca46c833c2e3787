# The client alone: at the address of the resolver nothing answers for DNS.
# target: -
# verdict: fail
# cause: dns.resolver-refused fail proven 198.51.100.1
# healthy: healthy-machine

nameservers 198.51.100.1
