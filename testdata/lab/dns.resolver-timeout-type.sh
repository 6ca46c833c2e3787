# What stands before the resolver drops questions for AAAA: A is answered at once, and every program waits for both.
# target: https://www.example.com/
# verdict: warn
# cause: dns.resolver-timeout warn proven 198.51.100.53
# check: dns warn
# healthy: healthy-content-network

website server 443 ssl good
mangle cpe 'udp dport 53 @th,296,16 28 drop'
