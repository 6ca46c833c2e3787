# The client's own network: IPv4 only, as many are.
# target: -
# verdict: ok
# check: dns pass

on client ip -6 address flush dev eth0 scope global
on client ip -6 route delete default
