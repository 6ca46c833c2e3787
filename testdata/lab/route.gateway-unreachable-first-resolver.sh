# The first of two resolvers has an IPv6 address, and the IPv6 gateway is dead: every program waits before it asks the second.
# target: https://www.example.com/
# verdict: warn
# cause: route.gateway-unreachable warn proven 2001:db8:1::fe
# healthy: healthy-ipv6-resolver-unreachable

website server 443 ssl good
nameservers 2001:db8:53::53 198.51.100.53
on client ip -6 route replace default via 2001:db8:1::fe
