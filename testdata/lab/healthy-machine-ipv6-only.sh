# The client's own network: IPv6 only.
# target: -
# verdict: ok
# check: gateway 2001:db8:1::1 pass
# check: dns pass

nameservers 2001:db8:53::53
on client ip -4 address flush dev eth0
