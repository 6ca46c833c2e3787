# Nothing listens at the first of two resolvers.
# target: https://www.example.com/
# verdict: warn
# cause: dns.resolver-refused warn proven 198.51.100.1
# healthy: healthy-content-network

website server 443 ssl good
nameservers 198.51.100.1 198.51.100.53
