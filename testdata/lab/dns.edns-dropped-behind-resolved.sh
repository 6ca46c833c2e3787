# The resolver is systemd-resolved, whose questions have an OPT record, and the home router's DNS inspection drops those.
# target: https://www.example.com/
# flags: --timeout 6s
# verdict: fail
# cause: dns.edns-dropped fail proven 198.51.100.53
# check: dns fail
# healthy: healthy-systemd-resolved

website server 443 ssl good
resolved 198.51.100.53
mangle cpe 'udp dport 53 @th,144,16 != 0 drop'
