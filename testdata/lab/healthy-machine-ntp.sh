# The client's own network and its clock, which a time server finds right.
# target: -
# flags: --ntp 198.51.100.123
# verdict: ok
# check: clock pass

timeserver 0s
