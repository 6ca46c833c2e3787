# The provider's router takes what the client sends, and sends nothing on: it answers for itself when a TTL runs out.
# target: tcp://203.0.113.10:21
# flags: --anchor 8.8.4.4 --anchor 9.9.9.9:80 --timeout 3s
# verdict: fail
# cause: path.no-egress fail likely 198.51.100.1
# healthy: healthy-anchors

vsftpd server
on isp ip route add default via 198.51.100.18
on isp nft add table inet outage
on isp nft add chain inet outage forward '{ type filter hook forward priority filter; }'
on isp nft add rule inet outage forward iifname access drop
