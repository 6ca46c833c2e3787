# The client's own network: its IPv6 addresses are for the house alone, and no IPv6 leads out.
# target: -
# verdict: ok
# check: dns pass

on client ip -6 route delete default
on client ip -6 address flush dev eth0 scope global
on client ip address add fd00:1::10/64 dev eth0
