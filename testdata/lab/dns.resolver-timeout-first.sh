# The first of two resolvers is down: every program waits for it before it asks the second.
# target: https://www.example.com/
# verdict: warn
# cause: dns.resolver-timeout warn proven 198.51.100.99
# check: dns warn
# healthy: healthy-content-network

website server 443 ssl good
nameservers 198.51.100.99 198.51.100.53
mangle isp 'ip daddr 198.51.100.99 drop'
on isp ip route add 198.51.100.99/32 via 198.51.100.18
