# The client alone: its own resolver, which resolv.conf names, does not run.
# target: -
# verdict: fail
# cause: dns.no-resolver fail proven 127.0.0.53
# healthy: healthy-machine-stub

nameservers 127.0.0.53
