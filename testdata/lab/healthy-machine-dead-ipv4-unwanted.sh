# The client's own network, asked for IPv6 alone: that the IPv4 gateway is dead is not the question.
# target: -
# flags: -6
# verdict: ok
# check: gateway 2001:db8:1::1 pass

nameservers 2001:db8:53::53
on client ip route replace default via 192.168.1.254
