# The client alone: systemd-resolved asks a dead server before another one answers. rung must not take the wait for the stub's silence.
# target: -
# verdict: warn
# cause: dns.resolver-timeout warn proven 198.51.100.99
# check: dns warn
# healthy: healthy-machine-stub

resolved 198.51.100.99 198.51.100.53
mangle isp 'ip daddr 198.51.100.99 drop'
on isp ip route add 198.51.100.99/32 via 198.51.100.18
