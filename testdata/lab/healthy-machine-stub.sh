# The client's own network: its resolver is a stub on the client itself.
# target: -
# verdict: ok
# check: gateway 192.168.1.1 pass
# check: gateway 2001:db8:1::1 pass
# check: dns pass

stub
