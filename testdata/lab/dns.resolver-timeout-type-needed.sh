# Questions for A are dropped, over UDP and over TCP, and the name has nothing but an A record.
# target: https://www.example.com/
# verdict: fail
# cause: dns.resolver-timeout fail likely 198.51.100.53
# check: dns fail
# healthy: healthy-content-network

website server 443 ssl good
mangle cpe 'udp dport 53 @th,296,16 1 drop' 'tcp dport 53 drop'
