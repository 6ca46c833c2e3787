# The client alone: the home router's DNS inspection drops every question that has an OPT record.
# target: -
# verdict: warn
# cause: dns.edns-dropped warn proven 198.51.100.53
# check: dns warn
# healthy: healthy-machine

mangle cpe 'udp dport 53 @th,144,16 != 0 drop'
