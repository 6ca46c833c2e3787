# The resolver is systemd-resolved, and nothing listens at the address that it asks.
# target: https://www.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: dns.resolver-refused fail proven 198.51.100.1
# healthy: healthy-systemd-resolved

resolved 198.51.100.1
