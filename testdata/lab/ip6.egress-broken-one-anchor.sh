# The same with a single anchor: it is likely.
# target: tcp://files46.example.com:21
# flags: --anchor anchor.example.net --timeout 3s
# verdict: warn
# cause: ip6.egress-broken warn likely
# healthy: healthy-anchors

anchor_hosts
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access meta nfproto ipv6 drop
on isp nft insert rule inet outage prerouting icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }' accept
pureftpd server
