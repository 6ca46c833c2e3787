# IPv4 does not get out. IPv6 does, and reaches the target.
# target: tcp://files46.example.com:21
# flags: --anchor anchor.example.net --anchor anchor.example.org:80 --timeout 3s
# verdict: warn
# cause: path.no-egress warn proven
# healthy: healthy-anchors

anchor_hosts
nameservers 2001:db8:53::53
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access meta nfproto ipv4 drop
pureftpd server
