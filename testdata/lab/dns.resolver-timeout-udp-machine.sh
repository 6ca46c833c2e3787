# The client alone: a firewall on the way lets DNS through over TCP alone, and programs ask over UDP.
# target: -
# flags: --timeout 6s
# verdict: fail
# cause: dns.resolver-timeout fail proven 198.51.100.53
# healthy: healthy-udp-not-needed

mangle cpe 'udp dport 53 drop'
