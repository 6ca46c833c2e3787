# An anchor does not answer. That is nothing to the target.
# target: tcp://files.example.com:21
# flags: --anchor anchor.example.net --anchor 192.0.2.99 --timeout 3s
# verdict: ok
# check: anchor 192.0.2.99 skip

anchor_hosts
on isp nft add table inet hole
on isp nft add chain inet hole forward '{ type filter hook prerouting priority filter; }'
on isp nft add rule inet hole forward ip daddr 192.0.2.99 drop
vsftpd server
