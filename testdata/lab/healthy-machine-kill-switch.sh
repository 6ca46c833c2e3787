# The client's own network: a VPN without IPv6 forbids that, and sends IPv4 by two halves. Other blackholes lead nowhere that matters.
# target: -
# verdict: ok

on client ip -6 route replace unreachable default
on client ip route add 0.0.0.0/1 via 192.168.1.1
on client ip route add 128.0.0.0/1 via 192.168.1.1
on client ip route add blackhole 10.0.0.0/8
