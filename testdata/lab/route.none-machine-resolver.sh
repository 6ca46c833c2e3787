# The client alone: one of its resolvers has an IPv6 address, and the client speaks IPv4 only.
# target: -
# verdict: warn
# cause: route.none warn proven 2001:db8:53::53
# check: dns warn
# healthy: healthy-machine-ipv4-only

nameservers 2001:db8:53::53 198.51.100.53
on client ip -6 address flush dev eth0 scope global
on client ip -6 route delete default
