# This machine alone: IPv6 leads nowhere.
# target: -
# flags: --anchor anchor.example.net --anchor anchor.example.org --timeout 3s
# verdict: warn
# cause: ip6.egress-broken warn proven 2001:db8:1::1
# healthy: healthy-machine-anchors

anchor_hosts
on isp nft add table inet outage
on isp nft add chain inet outage prerouting '{ type filter hook prerouting priority raw; }'
on isp nft add rule inet outage prerouting iifname access meta nfproto ipv6 drop
on isp nft insert rule inet outage prerouting icmpv6 type '{ nd-neighbor-solicit, nd-neighbor-advert }' accept
