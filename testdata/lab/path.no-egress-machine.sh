# This machine alone: the resolver is beyond the gateway, and nothing gets there.
# target: -
# flags: --anchor 198.51.100.88 --anchor 192.0.2.88:80 --timeout 3s
# verdict: fail
# cause: path.no-egress fail proven 192.168.1.1
# healthy: healthy-machine-anchors

anchor_hosts
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access drop
