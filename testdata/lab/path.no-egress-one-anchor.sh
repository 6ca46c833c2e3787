# One anchor alone is silent beside the target: it may be down by chance.
# target: tcp://203.0.113.10:21
# flags: --anchor 198.51.100.88 --timeout 3s
# verdict: fail
# cause: path.no-egress fail likely
# healthy: healthy-anchors

anchor_hosts
vsftpd server
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access drop
