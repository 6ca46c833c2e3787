# The second of two resolvers is down. Nobody has noticed yet.
# target: https://www.example.com/
# verdict: ok
# cause: dns.resolver-timeout info likely 198.51.100.99
# healthy: healthy-content-network

website server 443 ssl good
nameservers 198.51.100.53 198.51.100.99
mangle isp 'ip daddr 198.51.100.99 drop'
on isp ip route add 198.51.100.99/32 via 198.51.100.18
