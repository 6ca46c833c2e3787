# The client alone, two faults: its clock is slow, and one of its resolvers is not there.
# target: -
# flags: --ntp 198.51.100.123 --timeout 5s
# verdict: warn
# cause: clock.local-skew warn proven
# cause: dns.resolver-refused warn proven 198.51.100.1
# healthy: healthy-machine-ntp

timeserver 72h
nameservers 198.51.100.53 198.51.100.1
