# The client's own network, where all is well. IPv6 has a gateway that only its default route goes by.
# target: -
# verdict: ok
# check: gateway 192.168.1.1 pass
# check: gateway 2001:db8:1::1 pass
# check: dns pass
