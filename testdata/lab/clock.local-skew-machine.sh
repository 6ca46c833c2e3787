# The client alone: its clock is an hour slow, by the time server that it is asked to compare with.
# target: -
# flags: --ntp 198.51.100.123
# verdict: warn
# cause: clock.local-skew warn proven
# check: dns pass
# healthy: healthy-machine-ntp

timeserver 1h
