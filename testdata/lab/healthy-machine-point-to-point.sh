# The client's own network: a line with one other end, as PPP's, that takes everything and needs no gateway.
# target: -
# delay: lan 1ms
# verdict: ok
# check: dns pass

on client ip route replace default dev eth0
on client ip -6 route replace default dev eth0
