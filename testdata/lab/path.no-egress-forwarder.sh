# The resolver runs on the client itself and answers SERVFAIL: it cannot get out, either.
# target: tcp://files.example.com:21
# flags: --anchor 198.51.100.88 --anchor 192.0.2.88:80 --timeout 3s
# verdict: fail
# cause: path.no-egress fail proven
# check: dns fail
# healthy: healthy-stub-resolver

anchor_hosts
stub
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access drop
