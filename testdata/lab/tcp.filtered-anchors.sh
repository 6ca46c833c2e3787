# The target is silent, and so is one of two anchors. The other answers: the way out is open.
# target: tcp://203.0.113.10:21
# flags: --anchor anchor.example.org --anchor 198.51.100.99 --timeout 3s
# verdict: fail
# cause: tcp.filtered fail proven
# healthy: healthy-anchor-down

anchor_hosts
vsftpd server
on edge nft delete element inet firewall open '{ 21 }'
on isp nft add table inet hole
on isp nft add chain inet hole forward '{ type filter hook prerouting priority filter; }'
on isp nft add rule inet hole forward ip daddr 198.51.100.99 drop
