# The same over IPv6.
# target: ftp://files6.example.com/
# flags: --timeout 3s
# network: client-public
# verdict: fail
# cause: path.pmtu-blackhole-inbound fail proven
# check: ftp.active fail
# healthy: healthy-small-mtu-listing

for i in {1..60}; do : >"$ftp/the-minutes-of-the-meeting-of-the-committee-of-the-year-$((1960 + i)).txt"; done
narrow 1400 edge
mute edge
proftpd server
