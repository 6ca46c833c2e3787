# A firewall on the way lets DNS through over TCP alone, and programs ask over UDP.
# target: https://www.example.com/
# flags: --timeout 6s
# verdict: fail
# cause: dns.resolver-timeout fail proven 198.51.100.53
# check: dns fail
# healthy: healthy-udp-not-needed

website server 443 ssl good
mangle cpe 'udp dport 53 drop'
