# The resolver is systemd-resolved, and the provider's resolver that it asks is down.
# target: https://www.example.com/
# flags: --timeout 5s
# verdict: fail
# cause: dns.resolver-timeout fail likely 198.51.100.99
# healthy: healthy-systemd-resolved

resolved 198.51.100.99
mangle isp 'ip daddr 198.51.100.99 drop'
on isp ip route add 198.51.100.99/32 via 198.51.100.18
